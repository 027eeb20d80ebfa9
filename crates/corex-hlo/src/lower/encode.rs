//! The canonical bytes of a lowered program: what its root commits to and a contract reads.
//!
//! Numbers are big-endian and of fixed width; lists are a count of 4 bytes and their items. There is one encoding of
//! everything, and [`super::decode`] refuses any other. The layout is in `docs/spec/lowering.md`.

use super::form::*;
use crate::ir::*;

/// First byte of a program and of a function's header.
pub const FORMAT: u8 = 1;

/// The program: functions with their headers and operators, then constants.
pub fn encode(program: &Lowered) -> Vec<u8> {
    let mut out = Bytes(vec![FORMAT]);
    out.list(&program.funcs, |out, func| {
        out.list(&func.params, Bytes::ty);
        out.list(&func.results, |out, x| out.operand(program, x));
        out.list(&func.ops, |out, op| out.op(program, op));
    });
    out.list(&program.constants, |out, constant| {
        out.ty(constant.ty());
        out.0.extend_from_slice(constant.bytes());
    });
    out.0
}

/// What a function's leaf says beside the root of its operators: the types of its parameters and where its results
/// come from. `func` is one of `program`'s.
pub fn encode_header(program: &Lowered, func: &LoweredFunc) -> Vec<u8> {
    let mut out = Bytes(vec![FORMAT]);
    out.list(&func.params, Bytes::ty);
    out.list(&func.results, |out, x| out.operand(program, x));
    out.0
}

/// One operator of `program`.
pub fn encode_op(program: &Lowered, op: &LoweredOp) -> Vec<u8> {
    let mut out = Bytes(Vec::new());
    out.op(program, op);
    out.0
}

impl DType {
    /// The type's number in encodings.
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl Scalar {
    /// The function's number in encodings. [`Scalar::Convert`] and [`Scalar::Bitcast`] are followed by a type,
    /// [`Scalar::ReducePrecision`] by the two widths.
    pub fn code(self) -> u8 {
        let position = |found: Option<usize>| found.unwrap_or_default() as u8;
        match self {
            Self::Copy => 0,
            Self::Unary(op) => 1 + position(UnaryOp::ALL.iter().position(|&o| o == op)),
            Self::Binary(op) => BINARY + position(BinaryOp::ALL.iter().position(|&o| o == op)),
            Self::Compare(dir) => COMPARE + dir as u8,
            Self::CompareTotal(dir) => COMPARE_TOTAL + dir as u8,
            Self::Select => SELECT,
            Self::Clamp => CLAMP,
            Self::Convert(_) => CONVERT,
            Self::Bitcast(_) => BITCAST,
            Self::ReducePrecision { .. } => REDUCE_PRECISION,
        }
    }
}

/// Code of the first binary function; unary ones start at 1.
pub(super) const BINARY: u8 = 64;
/// Code of `compare EQ`.
pub(super) const COMPARE: u8 = 96;
/// Code of `compare EQ` by total order.
pub(super) const COMPARE_TOTAL: u8 = 104;
pub(super) const SELECT: u8 = 112;
pub(super) const CLAMP: u8 = 113;
pub(super) const CONVERT: u8 = 114;
pub(super) const BITCAST: u8 = 115;
pub(super) const REDUCE_PRECISION: u8 = 116;

const _: () = assert!(UnaryOp::ALL.len() < BINARY as usize);
const _: () = assert!(BINARY as usize + BinaryOp::ALL.len() <= COMPARE as usize);

struct Bytes(Vec<u8>);

impl Bytes {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Self, &T)) {
        self.u32(items.len() as u32);
        items.iter().for_each(|value| item(self, value));
    }

    fn sizes(&mut self, sizes: &[u64]) {
        self.list(sizes, |out, &size| out.u64(size));
    }

    fn ty(&mut self, ty: &TensorType) {
        self.u8(ty.dtype.code());
        self.list(&ty.shape, |out, &size| out.u64(size as u64));
    }

    /// A constant is named by its blob, so that an operator needs no table.
    fn operand(&mut self, program: &Lowered, operand: &Operand) {
        match operand.source {
            Source::Param(position) => {
                self.u8(0);
                self.u32(position);
            }
            Source::Op { op, result } => {
                self.u8(1);
                self.u32(op);
                self.u32(result);
            }
            Source::Constant(position) => {
                self.u8(2);
                self.u32(position);
                let id = program.constants.get(position as usize).map(Constant::id).unwrap_or_default();
                self.0.extend_from_slice(&id);
            }
        }
        self.ty(&operand.ty);
    }

    fn op(&mut self, program: &Lowered, op: &LoweredOp) {
        self.list(&op.operands, |out, operand| out.operand(program, operand));
        self.list(&op.results, Self::ty);
        match &op.kind {
            Kind::Map { space, function, reads } => {
                self.u8(0);
                self.sizes(space);
                self.scalar(*function);
                self.list(reads, Self::read);
            }
            Kind::Fold(fold) => {
                self.u8(1);
                self.sizes(&fold.space);
                self.sizes(&fold.over);
                self.list(&fold.reads, Self::read);
                self.list(&fold.inits, Self::read);
                self.combine(&fold.combine);
            }
            Kind::Merge(merge) => {
                self.u8(2);
                [merge.outer, merge.length, merge.inner, merge.width].iter().for_each(|&n| self.u64(n));
                self.body(&merge.comparator);
            }
            Kind::Reinterpret => self.u8(3),
            Kind::While { cond, body } => {
                self.u8(4);
                self.u32(*cond);
                self.u32(*body);
            }
            Kind::Case { branches } => {
                self.u8(5);
                self.list(branches, |out, &branch| out.u32(branch));
            }
        }
    }

    fn combine(&mut self, combine: &Combine) {
        match combine {
            Combine::Contract => self.u8(0),
            Combine::Sum { lanes } => {
                self.u8(1);
                self.u8(*lanes);
            }
            Combine::Chain(function) => {
                self.u8(2);
                self.scalar(Scalar::Binary(*function));
            }
            Combine::Body(body) => {
                self.u8(3);
                self.body(body);
            }
        }
    }

    fn scalar(&mut self, function: Scalar) {
        self.u8(function.code());
        match function {
            Scalar::Convert(to) | Scalar::Bitcast(to) => self.u8(to.code()),
            Scalar::ReducePrecision { exponent_bits, mantissa_bits } => {
                self.u8(exponent_bits);
                self.u8(mantissa_bits);
            }
            _ => {}
        }
    }

    fn read(&mut self, read: &Read) {
        self.u8(read.dtype.code());
        self.list(&read.places, |out, place| match place {
            Place::Element { operand, axes } => {
                out.u8(0);
                out.u32(*operand);
                out.list(axes, Self::axis);
            }
            Place::Literal(bits) => {
                out.u8(1);
                out.u64(*bits);
            }
            Place::Index(at) => {
                out.u8(2);
                out.affine(at);
            }
        });
    }

    fn axis(&mut self, axis: &Axis) {
        [axis.size, axis.stride, axis.divisor].iter().for_each(|&n| self.u64(n));
        self.affine(&axis.at);
        match &axis.start {
            None => self.u8(0),
            Some(start) => {
                // Bits: there is a start, it is subtracted, it is limited.
                self.u8(1 | u8::from(start.negative) << 1 | u8::from(start.most.is_some()) << 2);
                self.u32(start.operand);
                start.most.iter().for_each(|&most| self.u64(most));
                self.list(&start.axes, Self::axis);
            }
        }
    }

    fn affine(&mut self, at: &Affine) {
        self.u64(at.offset as u64);
        self.list(&at.terms, |out, &(index, coefficient)| {
            out.u32(index);
            out.u64(coefficient as u64);
        });
    }

    fn body(&mut self, body: &Body) {
        self.list(&body.steps, |out, step| match step {
            Step::Literal { dtype, bits } => {
                out.u8(0);
                out.u8(dtype.code());
                out.u64(*bits);
            }
            Step::Apply { function, dtype, args } => {
                out.u8(1);
                out.scalar(*function);
                out.u8(dtype.code());
                out.list(args, |out, &arg| out.u32(arg));
            }
        });
        self.list(&body.results, |out, &register| out.u32(register));
    }
}
