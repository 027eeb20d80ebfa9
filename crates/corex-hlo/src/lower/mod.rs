//! The lowered form: what traces speak of and what a referee can execute one element of.
//!
//! [`lower`] turns a function of a module into a [`Lowered`] program: calls are inlined, and every operation becomes
//! one of six kinds of operators (a few become two or more). How an operator's element depends on elements of its
//! operands is written out as affine maps ([`Read`]), so that broadcasts, transposes, slices, padding, gathers, products,
//! convolutions and windows are one idea. The specification is `docs/spec/lowering.md`; [`encode`] gives the bytes that
//! a program root commits to, [`decode`] takes bytes from anywhere, [`print`] writes for people.
//!
//! **Architecture Invariant:** the lowered program and the program it came from have the same results, bit for bit, and
//! every value of the one that the other has, too (`tests/lowered.rs` of corex-engine).

mod access;
mod check;
mod decode;
mod encode;
mod fold;
mod form;
mod indexed;
mod movement;
mod print;
mod scalar;
mod sort;
mod window;

use std::collections::HashMap;

use crate::canonical::canonicalize;
use crate::error::HloError;
use crate::inline::Inlined;
use crate::ir::*;
use crate::verify::{MAX_CALL_DEPTH, verify};

pub use check::check;
pub use decode::{DecodeError, decode, decode_op};
pub use encode::{FORMAT, encode, encode_header, encode_op};
pub use form::*;
pub use print::{print, print_op};

/// A lowered program with what it was made from. The default is the lowered form of nothing.
#[derive(Clone, Debug, Default)]
pub struct Lowering {
    /// The program.
    pub program: Lowered,
    /// Where each function of it comes from.
    pub origins: Vec<Origin>,
    /// The module in canonical form.
    pub module: Module,
}

/// Where a function of a lowered program comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The function, calls inlined.
    pub func: Func,
    /// For every lowered operator the position in [`Func::ops`] of the operation that it belongs to.
    pub ops: Vec<usize>,
}

/// Lowers the public function `func` and what its loops and branches run. Modules with the same canonical form have
/// the same lowered form.
///
/// # Errors
/// A module that does not verify, or that has no public function of that name.
pub fn lower(module: &Module, func: &str) -> Result<Lowering, HloError> {
    verify(module)?;
    if !module.func(func).is_some_and(|f| f.public) {
        return Err(HloError::Module(format!("the program has no public function @{func}")));
    }
    let module = canonicalize(module);
    let mut lowerer = Lowerer {
        inlined: Inlined::new(&module),
        known: HashMap::new(),
        program: Lowered::default(),
        origins: Vec::new(),
    };
    lowerer.func(func, 0)?;
    let Lowerer { program, origins, .. } = lowerer;
    check(&program)?;
    Ok(Lowering { program, origins, module })
}

struct Lowerer<'m> {
    inlined: Inlined<'m>,
    /// Positions of functions lowered so far, by name.
    known: HashMap<String, u32>,
    program: Lowered,
    origins: Vec<Origin>,
}

/// A function on the way from the IR to the lowered form.
struct Scope {
    /// Where each value of the function is found.
    values: Vec<Option<Operand>>,
    out: LoweredFunc,
    /// See [`Origin::ops`].
    origins: Vec<usize>,
}

impl Lowerer<'_> {
    /// The position of a function, which is lowered when it is first met, behind those that it names.
    fn func(&mut self, name: &str, depth: usize) -> Result<u32, HloError> {
        if let Some(&known) = self.known.get(name) {
            return Ok(known);
        }
        if depth >= MAX_CALL_DEPTH {
            return Err(HloError::Module(format!("loops nest more than {MAX_CALL_DEPTH} levels deep")));
        }
        let func = self.inlined.func(name)?;
        let mut scope = Scope {
            values: vec![None; func.values.len()],
            out: LoweredFunc::default(),
            origins: Vec::with_capacity(func.ops.len()),
        };
        for (i, &param) in func.params.iter().enumerate() {
            let ty = func.ty(param).clone();
            scope.out.params.push(ty.clone());
            scope.define(param, Operand { source: Source::Param(i as u32), ty });
        }
        for (at, op) in func.ops.iter().enumerate() {
            self.op(&mut scope, &func, op, depth)?;
            scope.origins.resize(scope.out.ops.len(), at);
        }
        scope.out.results = func.results.iter().map(|&v| scope.value(v)).collect::<Result<_, _>>()?;
        let position = self.program.funcs.len() as u32;
        self.program.funcs.push(scope.out);
        self.origins.push(Origin { func, ops: scope.origins });
        self.known.insert(name.to_owned(), position);
        Ok(position)
    }

    fn op(&mut self, scope: &mut Scope, func: &Func, op: &Op, depth: usize) -> Result<(), HloError> {
        let operands = op.operands.iter().map(|&v| scope.value(v)).collect::<Result<Vec<_>, _>>()?;
        let types: Vec<TensorType> = op.results.iter().map(|&v| func.ty(v).clone()).collect();
        let kind = match &op.kind {
            OpKind::Constant(Literal { ty, data: LiteralData::Dense(bytes) }) => {
                return scope.name(op, vec![self.constant(ty, bytes)]);
            }
            OpKind::Constant(Literal { ty, data: LiteralData::Splat(bytes) }) => Kind::Map {
                space: access::flat(ty),
                function: Scalar::Copy,
                reads: vec![access::literal(ty.dtype, word(bytes))],
            },
            OpKind::Sort { comparator, dim } => {
                let comparator = self.body(comparator)?;
                let sorted = sort::passes(scope, operands, *dim, &comparator);
                return scope.name(op, sorted);
            }
            OpKind::SelectAndScatter { window, select, scatter } => {
                return window::select_and_scatter(scope, op, operands, window, *select, *scatter);
            }
            OpKind::While { cond, body } => {
                Kind::While { cond: self.func(cond, depth + 1)?, body: self.func(body, depth + 1)? }
            }
            OpKind::Case { branches } => {
                let branches = branches.iter().map(|name| self.func(name, depth + 1));
                Kind::Case { branches: branches.collect::<Result<_, _>>()? }
            }
            kind if kind.has_scalar_body() => {
                let body = self.body(kind.callees().first().copied().unwrap_or_default())?;
                with_body(kind, &operands, &types, body)?
            }
            kind => simple(kind, &operands, &types)?,
        };
        scope.push(kind, operands, types);
        let at = scope.out.ops.len() as u32 - 1;
        let results = (0..op.results.len()).map(|i| scope.result(at, i)).collect();
        scope.name(op, results)
    }

    /// A constant whose elements differ, as a blob.
    fn constant(&mut self, ty: &TensorType, bytes: &[u8]) -> Operand {
        let position = self.program.constants.len() as u32;
        self.program.constants.push(Constant::new(ty.clone(), bytes.to_vec()));
        Operand { source: Source::Constant(position), ty: ty.clone() }
    }

    /// A scalar function that an operation names.
    fn body(&self, name: &str) -> Result<Body, HloError> {
        scalar::body(&self.inlined.func(name)?)
    }
}

impl Scope {
    fn define(&mut self, v: ValueId, operand: Operand) {
        if let Some(slot) = self.values.get_mut(v.index()) {
            *slot = Some(operand);
        }
    }

    fn value(&self, v: ValueId) -> Result<Operand, HloError> {
        let value = self.values.get(v.index()).cloned().flatten();
        value.ok_or_else(|| HloError::Module(format!("value %{} is used before it is defined", v.0)))
    }

    /// Appends an operator.
    fn push(&mut self, kind: Kind, operands: Vec<Operand>, results: Vec<TensorType>) {
        self.out.ops.push(LoweredOp { kind, operands, results });
    }

    /// A result of the operator at that position.
    fn result(&self, at: u32, result: usize) -> Operand {
        let source = Source::Op { op: at, result: result as u32 };
        Operand { source, ty: self.out.ops[at as usize].results[result].clone() }
    }

    /// Says where the results of an operation of the IR are.
    fn name(&mut self, op: &Op, results: Vec<Operand>) -> Result<(), HloError> {
        op.results.iter().zip(results).for_each(|(&v, operand)| self.define(v, operand));
        Ok(())
    }
}

/// Little-endian bytes (at most 8) as a word.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

fn type_of(operands: &[Operand], position: usize) -> Result<&TensorType, HloError> {
    let missing = || HloError::Module(format!("an operation lacks its operand {position}"));
    operands.get(position).map(|operand| &operand.ty).ok_or_else(missing)
}

/// Operations that become one operator and name no function.
fn simple(kind: &OpKind, operands: &[Operand], types: &[TensorType]) -> Result<Kind, HloError> {
    let ty = types.first().ok_or_else(|| HloError::Module(format!("{} has no result", kind.name())))?;
    let x = |position: usize| type_of(operands, position);
    if let Some(function) = Scalar::of(kind) {
        return Ok(scalar::map(function, operands, ty));
    }
    Ok(match kind {
        OpKind::BitcastConvert(_) | OpKind::Reshape { .. } => Kind::Reinterpret,
        OpKind::Iota { dim, .. } => movement::iota(ty, *dim),
        OpKind::BroadcastInDim { dims, .. } => movement::broadcast(x(0)?, ty, dims),
        OpKind::Transpose { perm } => movement::transpose(x(0)?, ty, perm),
        OpKind::Slice { start, strides, .. } => movement::slice(x(0)?, ty, start, strides),
        OpKind::Reverse { dims } => movement::reverse(x(0)?, ty, dims),
        OpKind::Pad { low, interior, .. } => movement::pad(x(0)?, ty, low, interior),
        OpKind::Concatenate { dim } => movement::concatenate(operands, ty, *dim),
        OpKind::DynamicSlice { .. } => indexed::dynamic_slice(x(0)?, ty),
        OpKind::DynamicUpdateSlice => indexed::dynamic_update_slice(x(0)?, x(1)?),
        OpKind::Gather(dims) => indexed::gather(x(0)?, x(1)?, ty, dims),
        OpKind::Scatter(dims, reducer) => {
            let (read, over) = indexed::updates(x(0)?, x(1)?, x(2)?, dims, 1, 0);
            indexed::scatter(x(0)?, over, read, *reducer)
        }
        OpKind::Reduce { dims, reducer } => fold::reduce(x(0)?, ty, dims, *reducer),
        OpKind::DotGeneral(dims) => fold::dot_general(x(0)?, x(1)?, ty, dims),
        OpKind::Convolution(dims) => window::convolution(x(0)?, x(1)?, ty, dims),
        OpKind::ReduceWindow { window, reducer } => window::reduce_window(x(0)?, ty, window, *reducer),
        _ => return Err(HloError::Module(format!("{} cannot be lowered", kind.name()))),
    })
}

/// Folds with a scalar function; `types` are those of the results.
fn with_body(
    kind: &OpKind,
    operands: &[Operand],
    types: &[TensorType],
    body: Body,
) -> Result<Kind, HloError> {
    let n = types.len();
    let x = type_of(operands, 0)?;
    let ty = types.first().unwrap_or(x);
    let combine = Combine::Body(body);
    let dtypes = || types.iter().map(|ty| ty.dtype).enumerate();
    Ok(match kind {
        OpKind::ReduceWith { dims, .. } => {
            let (space, over, axes) = fold::reduction(x, dims);
            let reads = dtypes().map(|(q, dtype)| access::element(dtype, q, axes.clone())).collect();
            let inits = dtypes().map(|(q, dtype)| access::element(dtype, n + q, Vec::new())).collect();
            Kind::Fold(Fold { space, over, reads, inits, combine })
        }
        OpKind::ReduceWindowWith { window, .. } => {
            let (over, axes) = window::seen(x, window);
            let reads = dtypes().map(|(q, dtype)| access::element(dtype, q, axes.clone())).collect();
            let inits = dtypes().map(|(q, dtype)| access::element(dtype, n + q, Vec::new())).collect();
            Kind::Fold(Fold { space: access::sizes(ty), over, reads, inits, combine })
        }
        OpKind::ScatterWith { dims, .. } => {
            let (indices, updates) = (type_of(operands, n)?, type_of(operands, n + 1)?);
            let part = |q: usize| indexed::updates(x, indices, updates, dims, n, q);
            let over = part(0).1;
            let reads = dtypes().map(|(q, dtype)| Read { dtype, places: vec![part(q).0] }).collect();
            let inits = dtypes().map(|(q, dtype)| access::element(dtype, q, access::whole(ty, 0))).collect();
            Kind::Fold(Fold { space: access::sizes(ty), over, reads, inits, combine })
        }
        _ => return Err(HloError::Module(format!("{} cannot be lowered", kind.name()))),
    })
}
