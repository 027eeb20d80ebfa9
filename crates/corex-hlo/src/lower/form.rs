//! The lowered form as plain data. What it means is in `docs/spec/lowering.md`; what may stand in it, in
//! [`super::check`].

use crate::ir::*;

/// A lowered program: one function and what its loops and branches run.
///
/// A function stands behind the functions that it names, so the last one is the program itself, and none can recur.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Lowered {
    /// The functions; the last one is what a task calls.
    pub funcs: Vec<LoweredFunc>,
    /// Constants whose elements differ: the bytes of a blob each, by position in [`Source::Constant`].
    pub constants: Vec<Constant>,
}

/// A constant as a blob, which is hashed once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Constant {
    ty: TensorType,
    bytes: Vec<u8>,
    id: [u8; 32],
}

impl Constant {
    /// The elements of `ty`, little-endian, row-major.
    pub fn new(ty: TensorType, bytes: Vec<u8>) -> Self {
        let id = *blake3::hash(&bytes).as_bytes();
        Self { ty, bytes, id }
    }

    /// Type of the tensor.
    pub fn ty(&self) -> &TensorType {
        &self.ty
    }

    /// The blob.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The blob's id: BLAKE3 of the bytes.
    pub fn id(&self) -> [u8; 32] {
        self.id
    }
}

/// A straight line of operators.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct LoweredFunc {
    /// Types of the parameters.
    pub params: Vec<TensorType>,
    /// The operators, in order. Their positions are what a trace and a dispute speak of.
    pub ops: Vec<LoweredOp>,
    /// What the function returns.
    pub results: Vec<Operand>,
}

/// One operator, with everything that its evaluation needs to know beside the operands' elements.
#[derive(Clone, PartialEq, Debug)]
pub struct LoweredOp {
    /// What it computes.
    pub kind: Kind,
    /// Whole tensors that it may read.
    pub operands: Vec<Operand>,
    /// Types of the results.
    pub results: Vec<TensorType>,
}

/// A tensor that is read or returned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operand {
    /// Where it comes from.
    pub source: Source,
    /// Its type.
    pub ty: TensorType,
}

/// Where a tensor comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// A parameter of the function.
    Param(u32),
    /// A result of an earlier operator of the function.
    Op {
        /// Position of the operator.
        op: u32,
        /// Which of its results.
        result: u32,
    },
    /// One of [`Lowered::constants`].
    Constant(u32),
}

/// What an operator computes.
#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    /// Every element is one scalar function of elements that [`Read`]s find.
    Map {
        /// Sizes of the indices `i`, which count through the result in row-major order.
        space: Vec<u64>,
        /// The function.
        function: Scalar,
        /// Its arguments.
        reads: Vec<Read>,
    },
    /// Every element is the end of a chain of steps.
    Fold(Fold),
    /// One pass of a merge sort: neighbouring runs of `width` elements become one.
    Merge(Merge),
    /// The operand's bytes as another type: result and operand are the same blob.
    Reinterpret,
    /// Evaluates function `body` while function `cond` returns 1. Both take all operands; the first ones, as many as
    /// there are results, are replaced by what `body` returns.
    While {
        /// Position of the condition in [`Lowered::funcs`].
        cond: u32,
        /// Position of the body.
        body: u32,
    },
    /// Evaluates the branch whose number operand 0 is, the last one if there is none such, with the other operands.
    Case {
        /// Positions in [`Lowered::funcs`], at least one.
        branches: Vec<u32>,
    },
}

/// See [`Kind::Fold`]. The indices of reads are `i`, the result's, followed by `k`, the chain's.
#[derive(Clone, PartialEq, Debug)]
pub struct Fold {
    /// Sizes of the indices `i`, which count through the results in row-major order.
    pub space: Vec<u64>,
    /// Sizes of the indices `k`, which count through the chain in row-major order.
    pub over: Vec<u64>,
    /// What a step takes. A step in which any of them finds a hole is left out.
    pub reads: Vec<Read>,
    /// What the accumulators start with, one per result; none for [`Combine::Contract`]. They see `i` only.
    pub inits: Vec<Read>,
    /// What a step does.
    pub combine: Combine,
}

/// What a step of a chain does.
#[derive(Clone, PartialEq, Debug)]
pub enum Combine {
    /// The product of two reads is added (docs/spec/arithmetic.md, section 5).
    Contract,
    /// Floats are summed in so many lanes, 1 or 32, from +0, and the initial value is added at the end (section 6).
    Sum {
        /// Element `k` goes to lane `k mod lanes`.
        lanes: u8,
    },
    /// A binary function of the accumulator and the element read, from the initial value; f16 and bf16 in f32.
    Chain(BinaryOp),
    /// A function of all accumulators and all elements read; its results are the next accumulators.
    Body(Body),
}

/// See [`Kind::Merge`]. All operands and results have `outer * length * inner` elements, of which those that differ
/// in the middle index only are sorted.
#[derive(Clone, PartialEq, Debug)]
pub struct Merge {
    /// Elements before the sorted dimension.
    pub outer: u64,
    /// Elements of the sorted dimension.
    pub length: u64,
    /// Elements behind the sorted dimension.
    pub inner: u64,
    /// Length of the sorted runs.
    pub width: u64,
    /// Whether the first of two elements stands before the second; takes both of operand 0, both of operand 1, ….
    pub comparator: Body,
}

/// How an argument is found from the indices.
#[derive(Clone, PartialEq, Debug)]
pub struct Read {
    /// Type of the element.
    pub dtype: DType,
    /// The first of these that is no hole is read.
    pub places: Vec<Place>,
}

/// A place to read from.
#[derive(Clone, PartialEq, Debug)]
pub enum Place {
    /// An element of an operand: the sum over the axes of stride times position. A hole if any axis is.
    Element {
        /// Which operand.
        operand: u32,
        /// How its elements are reached.
        axes: Vec<Axis>,
    },
    /// These bits.
    Literal(u64),
    /// A number that is computed from the indices; the read is of type ui64, and the number modulo 2^64.
    Index(Affine),
}

/// One axis of an access. The position is `at`, plus or minus what `start` reads, divided by `divisor`. It is a hole if
/// the division leaves a rest, or if the position is not below `size`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Axis {
    /// Positions from 0 up to here are elements.
    pub size: u64,
    /// Elements of the operand between neighbouring positions.
    pub stride: u64,
    /// The position before division, without `start`.
    pub at: Affine,
    /// The distance at which elements stand (base dilation, interior padding), at least 1.
    pub divisor: u64,
    /// A computed index.
    pub start: Option<Start>,
}

/// An index that is an element of an operand. A hole in its own access makes a hole of the axis.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Start {
    /// Which operand; it holds integers.
    pub operand: u32,
    /// How its element is reached. These axes have no starts.
    pub axes: Vec<Axis>,
    /// The element is limited to 0 up to this, if there is a limit.
    pub most: Option<u64>,
    /// The element is subtracted instead of added.
    pub negative: bool,
}

/// `offset + sum of coefficient * index`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Affine {
    /// The constant part.
    pub offset: i64,
    /// Positions of indices, ascending, with their coefficients, which are not 0.
    pub terms: Vec<(u32, i64)>,
}

/// A function of scalars: a straight line. Registers are the parameters, then one per step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Body {
    /// The steps.
    pub steps: Vec<Step>,
    /// Registers that are returned.
    pub results: Vec<u32>,
}

/// One step of a [`Body`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// A constant.
    Literal {
        /// Its type.
        dtype: DType,
        /// Its bits.
        bits: u64,
    },
    /// A function of earlier registers.
    Apply {
        /// The function.
        function: Scalar,
        /// The type it works on: that of its last argument.
        dtype: DType,
        /// Registers.
        args: Vec<u32>,
    },
}

/// A scalar function of the arithmetic law.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scalar {
    /// The bits of the argument.
    Copy,
    /// The bits of the argument as an element of this type, which is as large.
    Bitcast(DType),
    /// A function of one number.
    Unary(UnaryOp),
    /// A function of two numbers.
    Binary(BinaryOp),
    /// A comparison.
    Compare(CompareDir),
    /// A comparison by IEEE 754's total order.
    CompareTotal(CompareDir),
    /// The second argument if the first, an i1, is 1, else the third.
    Select,
    /// `clamp(min, x, max)`.
    Clamp,
    /// Conversion to this type.
    Convert(DType),
    /// Rounding to a format; widths beyond those of the operand's change nothing.
    ReducePrecision {
        /// Width of the exponent field, at least 1.
        exponent_bits: u8,
        /// Width of the fraction field.
        mantissa_bits: u8,
    },
}

impl Affine {
    /// Always this.
    pub fn constant(offset: i64) -> Self {
        Self { offset, terms: Vec::new() }
    }

    /// The index at that position.
    pub fn index(position: usize) -> Self {
        Self::default().plus(position, 1)
    }

    /// `self + coefficient * index`; positions must be added in ascending order.
    #[must_use]
    pub fn plus(mut self, position: usize, coefficient: i64) -> Self {
        if coefficient != 0 {
            self.terms.push((position as u32, coefficient));
        }
        self
    }

    /// `self + offset`.
    #[must_use]
    pub fn offset(mut self, offset: i64) -> Self {
        self.offset += offset;
        self
    }
}

impl Scalar {
    /// Number of arguments.
    pub fn arity(self) -> usize {
        match self {
            Self::Copy
            | Self::Bitcast(_)
            | Self::Unary(_)
            | Self::Convert(_)
            | Self::ReducePrecision { .. } => 1,
            Self::Binary(_) | Self::Compare(_) | Self::CompareTotal(_) => 2,
            Self::Select | Self::Clamp => 3,
        }
    }

    /// The operation of the IR that applies the function to every element; `None` for [`Scalar::Copy`].
    pub fn kind(self) -> Option<OpKind> {
        Some(match self {
            Self::Copy => return None,
            Self::Bitcast(to) => OpKind::BitcastConvert(to),
            Self::Unary(op) => OpKind::Unary(op),
            Self::Binary(op) => OpKind::Binary(op),
            Self::Compare(dir) => OpKind::Compare(dir),
            Self::CompareTotal(dir) => OpKind::CompareTotal(dir),
            Self::Select => OpKind::Select,
            Self::Clamp => OpKind::Clamp,
            Self::Convert(to) => OpKind::Convert(to),
            Self::ReducePrecision { exponent_bits, mantissa_bits } => OpKind::ReducePrecision {
                exponent_bits: exponent_bits.into(),
                mantissa_bits: mantissa_bits.into(),
            },
        })
    }

    /// The function that an elementwise operation of the IR applies; `None` for others, and for bitcasts, which move
    /// whole tensors.
    pub fn of(kind: &OpKind) -> Option<Self> {
        Some(match kind {
            OpKind::Unary(op) => Self::Unary(*op),
            OpKind::Binary(op) => Self::Binary(*op),
            OpKind::Compare(dir) => Self::Compare(*dir),
            OpKind::CompareTotal(dir) => Self::CompareTotal(*dir),
            OpKind::Select => Self::Select,
            OpKind::Clamp => Self::Clamp,
            OpKind::Convert(to) => Self::Convert(*to),
            // Verified: at most 64 bits each.
            OpKind::ReducePrecision { exponent_bits, mantissa_bits } => Self::ReducePrecision {
                exponent_bits: *exponent_bits as u8,
                mantissa_bits: *mantissa_bits as u8,
            },
            _ => return None,
        })
    }
}
