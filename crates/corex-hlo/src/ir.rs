//! The intermediate representation: a typed StableHLO module as plain data.
//!
//! A [`Module`] is a list of functions; a [`Func`] is a straight-line list of operations in SSA form over a
//! table of typed values. There are no nested regions: where StableHLO has one, a recognised reducer is an
//! attribute ([`Reducer`]), and any other region is a private function of the module that the operation names
//! ([`OpKind::callees`]). Nothing here checks anything; see [`crate::infer`] for the typing rules and
//! [`crate::verify`] for the module rules.

use std::fmt;

/// Element type of a tensor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum DType {
    /// Boolean, stored as one byte, 0 or 1.
    I1,
    /// Signed 8-bit integer.
    I8,
    /// Signed 16-bit integer.
    I16,
    /// Signed 32-bit integer.
    I32,
    /// Signed 64-bit integer.
    I64,
    /// Unsigned 8-bit integer.
    U8,
    /// Unsigned 16-bit integer.
    U16,
    /// Unsigned 32-bit integer.
    U32,
    /// Unsigned 64-bit integer.
    U64,
    /// IEEE 754 binary16: a storage format, converted exactly to f32 for arithmetic.
    F16,
    /// bfloat16: a storage format, converted exactly to f32 for arithmetic.
    BF16,
    /// IEEE 754 binary32.
    F32,
}

impl DType {
    /// Size of one element in bytes.
    pub const fn size(self) -> usize {
        match self {
            DType::I1 | DType::I8 | DType::U8 => 1,
            DType::I16 | DType::U16 | DType::F16 | DType::BF16 => 2,
            DType::I32 | DType::U32 | DType::F32 => 4,
            DType::I64 | DType::U64 => 8,
        }
    }

    /// True for f32 and the storage formats f16 and bf16.
    pub const fn is_float(self) -> bool {
        matches!(self, DType::F16 | DType::BF16 | DType::F32)
    }

    /// True for signed and unsigned integers; i1 is not an integer here.
    pub const fn is_int(self) -> bool {
        !self.is_float() && !matches!(self, DType::I1)
    }

    /// True for the signed integer types.
    pub const fn is_signed_int(self) -> bool {
        matches!(self, DType::I8 | DType::I16 | DType::I32 | DType::I64)
    }

    /// The MLIR spelling, e.g. `ui8`.
    pub const fn name(self) -> &'static str {
        match self {
            DType::I1 => "i1",
            DType::I8 => "i8",
            DType::I16 => "i16",
            DType::I32 => "i32",
            DType::I64 => "i64",
            DType::U8 => "ui8",
            DType::U16 => "ui16",
            DType::U32 => "ui32",
            DType::U64 => "ui64",
            DType::F16 => "f16",
            DType::BF16 => "bf16",
            DType::F32 => "f32",
        }
    }
}

/// Shape and element type. Row-major; rank 0 is a scalar; a dimension may be 0.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TensorType {
    /// Element type.
    pub dtype: DType,
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
}

impl TensorType {
    /// A tensor type.
    pub fn new(dtype: DType, shape: impl Into<Vec<usize>>) -> Self {
        Self { dtype, shape: shape.into() }
    }
    /// A scalar type.
    pub fn scalar(dtype: DType) -> Self {
        Self::new(dtype, [])
    }
    /// An f32 tensor type.
    pub fn f32(shape: impl Into<Vec<usize>>) -> Self {
        Self::new(DType::F32, shape)
    }
    /// Number of dimensions.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }
    /// Number of elements. [`crate::verify`] rejects types whose product overflows.
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }
    /// Size of the canonical blob in bytes: elements, little-endian, row-major.
    pub fn bytes(&self) -> usize {
        self.elements() * self.dtype.size()
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tensor<")?;
        for d in &self.shape {
            write!(f, "{d}x")?;
        }
        write!(f, "{}>", self.dtype.name())
    }
}

/// Index into [`Func::values`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ValueId(pub u32);

impl ValueId {
    /// The index as `usize`.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A program: functions of which `main` (or any other public one) may be called by a task.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Module {
    /// The symbol after `module @`.
    pub name: String,
    /// Functions in source order.
    pub funcs: Vec<Func>,
}

impl Module {
    /// The function of that name.
    pub fn func(&self, name: &str) -> Option<&Func> {
        self.funcs.iter().find(|f| f.name == name)
    }
}

/// One function in SSA form: every value is a parameter or the result of exactly one earlier op.
#[derive(Clone, PartialEq, Debug)]
pub struct Func {
    /// The symbol, without `@`.
    pub name: String,
    /// Public functions may be called by tasks, private ones only by `func.call`.
    pub public: bool,
    /// Types of all values; `ValueId` indexes this table.
    pub values: Vec<TensorType>,
    /// Parameters, in order.
    pub params: Vec<ValueId>,
    /// Operations, in order.
    pub ops: Vec<Op>,
    /// Returned values, in order; a value may be returned more than once, and a parameter may be returned.
    pub results: Vec<ValueId>,
}

impl Func {
    /// Type of a value.
    pub fn ty(&self, v: ValueId) -> &TensorType {
        &self.values[v.index()]
    }
}

/// One operation.
#[derive(Clone, PartialEq, Debug)]
pub struct Op {
    /// What it does, with its attributes.
    pub kind: OpKind,
    /// Operand values, in StableHLO's order.
    pub operands: Vec<ValueId>,
    /// Result values. Most kinds have one; calls, control flow and operations on several tensors at once may
    /// have any number.
    pub results: Vec<ValueId>,
}

/// A constant tensor, as little-endian bytes.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Literal {
    /// Its type.
    pub ty: TensorType,
    /// One element if all elements are equal (`splat`), else all elements, row-major.
    pub data: LiteralData,
}

/// See [`Literal`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LiteralData {
    /// The bytes of the one element that fills the tensor.
    Splat(Vec<u8>),
    /// The bytes of all elements.
    Dense(Vec<u8>),
}

/// Elementwise function of one operand. Result type = operand type unless said.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Negate,
    Abs,
    Sign,
    Not,
    Sqrt,
    Rsqrt,
    Exp,
    Log,
    Tanh,
    Logistic,
    Sine,
    Cosine,
    /// `chlo.erf`.
    Erf,
    Floor,
    Ceil,
    /// Result is i1.
    IsFinite,
    ExpMinusOne,
    LogPlusOne,
    Cbrt,
    Tan,
    /// Ties to even.
    RoundNearestEven,
    /// Ties away from zero.
    RoundNearestAfz,
    Popcnt,
    CountLeadingZeros,
    /// `chlo.erfc`.
    Erfc,
    /// `chlo.erf_inv`.
    ErfInv,
    /// `chlo.asin`.
    Asin,
    /// `chlo.acos`.
    Acos,
    /// `chlo.atan`.
    Atan,
    /// `chlo.sinh`.
    Sinh,
    /// `chlo.cosh`.
    Cosh,
    /// `chlo.asinh`.
    Asinh,
    /// `chlo.acosh`.
    Acosh,
    /// `chlo.atanh`.
    Atanh,
}

impl UnaryOp {
    /// All of them.
    pub const ALL: [Self; 34] = [
        Self::Negate,
        Self::Abs,
        Self::Sign,
        Self::Not,
        Self::Sqrt,
        Self::Rsqrt,
        Self::Exp,
        Self::Log,
        Self::Tanh,
        Self::Logistic,
        Self::Sine,
        Self::Cosine,
        Self::Erf,
        Self::Floor,
        Self::Ceil,
        Self::IsFinite,
        Self::ExpMinusOne,
        Self::LogPlusOne,
        Self::Cbrt,
        Self::Tan,
        Self::RoundNearestEven,
        Self::RoundNearestAfz,
        Self::Popcnt,
        Self::CountLeadingZeros,
        Self::Erfc,
        Self::ErfInv,
        Self::Asin,
        Self::Acos,
        Self::Atan,
        Self::Sinh,
        Self::Cosh,
        Self::Asinh,
        Self::Acosh,
        Self::Atanh,
    ];
}

/// Elementwise function of two operands of one type.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Maximum,
    Minimum,
    Power,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRightLogical,
    ShiftRightArithmetic,
    /// Operands: y, x.
    Atan2,
}

impl BinaryOp {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Remainder,
        Self::Maximum,
        Self::Minimum,
        Self::Power,
        Self::And,
        Self::Or,
        Self::Xor,
        Self::ShiftLeft,
        Self::ShiftRightLogical,
        Self::ShiftRightArithmetic,
        Self::Atan2,
    ];
}

/// Direction of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
pub enum CompareDir {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// The combining function of `reduce` and `scatter`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reducer {
    /// Addition.
    Add,
    /// Multiplication.
    Mul,
    /// Maximum.
    Max,
    /// Minimum.
    Min,
    /// Logical or bitwise and.
    And,
    /// Logical or bitwise or.
    Or,
    /// `scatter` only: the update replaces the operand's element.
    Assign,
}

/// Dimension numbers of `dot_general`. Result dims: batch, lhs free, rhs free.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
#[allow(missing_docs)]
pub struct DotDims {
    pub lhs_batch: Vec<usize>,
    pub rhs_batch: Vec<usize>,
    pub lhs_contract: Vec<usize>,
    pub rhs_contract: Vec<usize>,
}

/// Dimension numbers of `gather` (StableHLO spec, section "gather"). Start indices are clamped.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
#[allow(missing_docs)]
pub struct GatherDims {
    pub offset_dims: Vec<usize>,
    pub collapsed_slice_dims: Vec<usize>,
    pub operand_batching_dims: Vec<usize>,
    pub start_indices_batching_dims: Vec<usize>,
    pub start_index_map: Vec<usize>,
    pub index_vector_dim: usize,
    pub slice_sizes: Vec<usize>,
}

/// Dimension numbers of `scatter` (StableHLO spec, section "scatter"). Updates out of bounds are skipped.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
#[allow(missing_docs)]
pub struct ScatterDims {
    pub update_window_dims: Vec<usize>,
    pub inserted_window_dims: Vec<usize>,
    pub input_batching_dims: Vec<usize>,
    pub scatter_indices_batching_dims: Vec<usize>,
    pub scatter_dims_to_operand_dims: Vec<usize>,
    pub index_vector_dim: usize,
}

/// How one dimension of a window moves over one dimension of a tensor.
///
/// The tensor is first dilated (`base_dilation - 1` holes between neighbours), then padded, then visited at every
/// multiple of `stride`; element `i` of the window lies `i * window_dilation` behind its first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct WindowDim {
    /// Elements of the window.
    pub size: usize,
    /// Distance between windows.
    pub stride: usize,
    /// Places added before the tensor; negative ones crop it.
    pub low: i64,
    /// Places added behind the tensor; negative ones crop it.
    pub high: i64,
    /// Distance between neighbours of the tensor, at least 1.
    pub base_dilation: usize,
    /// Distance between neighbours of the window, at least 1.
    pub window_dilation: usize,
}

impl WindowDim {
    /// A window of one element: the dimension is left as it is.
    pub const UNIT: Self = Self::dense(1);

    /// A window of `size` neighbours that moves by 1, without padding.
    pub const fn dense(size: usize) -> Self {
        Self { size, stride: 1, low: 0, high: 0, base_dilation: 1, window_dilation: 1 }
    }
}

/// Everything that `convolution` says beside its operands.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConvDims {
    /// The left operand's batch, feature and spatial dimensions.
    pub lhs: ConvLayout,
    /// The right operand's output-feature (`batch`), input-feature and spatial dimensions.
    pub rhs: ConvLayout,
    /// The result's batch, feature and spatial dimensions.
    pub result: ConvLayout,
    /// One per spatial dimension; `size` is the kernel's.
    pub window: Vec<WindowDim>,
    /// Per spatial dimension, whether the kernel is reversed.
    pub reversal: Vec<bool>,
    /// Input and output features are cut into so many groups that do not see each other.
    pub feature_groups: usize,
    /// The batch and the output features are cut into so many groups that do not see each other.
    pub batch_groups: usize,
}

/// Which dimension of a tensor plays which part in a convolution.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct ConvLayout {
    /// The batch; of a kernel, the output features.
    pub batch: usize,
    /// The features; of a kernel, the input features.
    pub feature: usize,
    /// The spatial dimensions, in the order of the window's.
    pub spatial: Vec<usize>,
}

/// What an operation does. Operand order is StableHLO's.
#[derive(Clone, PartialEq, Debug)]
pub enum OpKind {
    /// A constant.
    Constant(Literal),
    /// Counts up along one dimension of the given type.
    Iota {
        /// Result type.
        ty: TensorType,
        /// The dimension counted along.
        dim: usize,
    },
    /// Elementwise, one operand.
    Unary(UnaryOp),
    /// Elementwise, two operands.
    Binary(BinaryOp),
    /// Elementwise comparison; result i1. Floats compare as IEEE 754 (every comparison with NaN is false but `Ne`).
    Compare(CompareDir),
    /// Comparison of floats by IEEE 754's total order, NaN and zeros with their signs; result i1.
    CompareTotal(CompareDir),
    /// `select(pred, on_true, on_false)`; `pred` has the same shape or is a scalar.
    Select,
    /// `clamp(min, operand, max)`; min and max have the operand's shape or are scalars.
    Clamp,
    /// Conversion to another element type (see docs/spec/arithmetic.md).
    Convert(DType),
    /// Floats rounded to what a format with these fields can hold; the element type stays.
    ReducePrecision {
        /// Width of the exponent field, at least 1.
        exponent_bits: u32,
        /// Width of the fraction field.
        mantissa_bits: u32,
    },
    /// Reinterpretation of bits. Between element sizes the minor-most dimension counts the smaller elements in one
    /// larger, least significant first.
    BitcastConvert(DType),
    /// `broadcast_in_dim`: operand dim `i` becomes result dim `dims[i]`.
    BroadcastInDim {
        /// Result shape.
        shape: Vec<usize>,
        /// Where each operand dimension goes; ascending order is not required.
        dims: Vec<usize>,
    },
    /// Same elements, other shape.
    Reshape {
        /// Result shape.
        shape: Vec<usize>,
    },
    /// Result dim `i` is operand dim `perm[i]`.
    Transpose {
        /// The permutation.
        perm: Vec<usize>,
    },
    /// Strided slice; per dimension.
    Slice {
        /// First index.
        start: Vec<usize>,
        /// One past the last index.
        limit: Vec<usize>,
        /// Step.
        strides: Vec<usize>,
    },
    /// `dynamic_slice(operand, start_0, …)`, starts scalar integers, clamped.
    DynamicSlice {
        /// Size of the slice per dimension.
        sizes: Vec<usize>,
    },
    /// `dynamic_update_slice(operand, update, start_0, …)`, starts clamped.
    DynamicUpdateSlice,
    /// Concatenation along one dimension.
    Concatenate {
        /// The dimension.
        dim: usize,
    },
    /// `pad(operand, value)`: low/high may be negative (cropping), interior is not.
    Pad {
        /// Elements added before each dimension.
        low: Vec<i64>,
        /// Elements added after each dimension.
        high: Vec<i64>,
        /// Elements added between neighbours of each dimension.
        interior: Vec<usize>,
    },
    /// Reverses the given dimensions.
    Reverse {
        /// The dimensions.
        dims: Vec<usize>,
    },
    /// `reduce(operand, init)`: the given dimensions are folded (order: docs/spec/arithmetic.md).
    Reduce {
        /// Dimensions folded, ascending.
        dims: Vec<usize>,
        /// The combining function.
        reducer: Reducer,
    },
    /// Generalised matrix product.
    DotGeneral(DotDims),
    /// `gather(operand, start_indices)`.
    Gather(GatherDims),
    /// `scatter(operand, scatter_indices, updates)`, one operand; updates applied in ascending order.
    Scatter(ScatterDims, Reducer),
    /// Call of another function of the module.
    Call {
        /// The function's symbol.
        callee: String,
    },
    /// Evaluates `body` again and again while `cond` is true. Operands: the carried values, of which there are as
    /// many as results, then values that both functions only read. Both functions take all of these.
    While {
        /// Returns one `tensor<i1>`.
        cond: String,
        /// Returns the next carried values.
        body: String,
    },
    /// Evaluates the branch that operand 0, a `tensor<i32>`, counts out; the last one if there is none of that
    /// number. Every branch takes the other operands.
    Case {
        /// At least one function, all with the same types.
        branches: Vec<String>,
    },
    /// `reduce` of several tensors at once or with a body that is no [`Reducer`]. Operands: `n` tensors of one
    /// shape, then `n` initial values. The body maps `n` results so far and `n` elements to `n` results.
    ReduceWith {
        /// Dimensions folded, ascending.
        dims: Vec<usize>,
        /// A scalar function.
        body: String,
    },
    /// `scatter` into several tensors at once or with a body that is no [`Reducer`]. Operands: `n` tensors, the
    /// indices, `n` updates. The body maps `n` old elements and `n` updates to `n` new elements.
    ScatterWith {
        /// As for [`OpKind::Scatter`].
        dims: ScatterDims,
        /// A scalar function.
        body: String,
    },
    /// `sort(x_0, …)`: all operands are put into the order of the comparator along one dimension. Always stable.
    Sort {
        /// The dimension.
        dim: usize,
        /// A scalar function of a left and a right element of every operand in turn; returns whether the left
        /// ones come first.
        comparator: String,
    },
    /// `convolution(lhs, rhs)`.
    Convolution(Box<ConvDims>),
    /// `reduce_window(operand, init)`: folds every window.
    ReduceWindow {
        /// One per dimension.
        window: Vec<WindowDim>,
        /// The combining function.
        reducer: Reducer,
    },
    /// `reduce_window` of several tensors at once or with a body that is no [`Reducer`]; see
    /// [`OpKind::ReduceWith`].
    ReduceWindowWith {
        /// One per dimension.
        window: Vec<WindowDim>,
        /// A scalar function.
        body: String,
    },
    /// `select_and_scatter(operand, source, init)`: the element of every window that stands first in the order
    /// `select` takes the window's element of `source`.
    SelectAndScatter {
        /// One per dimension; without dilation.
        window: Vec<WindowDim>,
        /// `select(a, b)`: whether the element found so far is kept.
        select: CompareDir,
        /// How several elements that go to one place combine, from `init`.
        scatter: Reducer,
    },
}

impl OpKind {
    /// The functions that the operation names, in order.
    pub fn callees(&self) -> Vec<&str> {
        match self {
            OpKind::Call { callee: body }
            | OpKind::ReduceWith { body, .. }
            | OpKind::ScatterWith { body, .. }
            | OpKind::ReduceWindowWith { body, .. }
            | OpKind::Sort { comparator: body, .. } => vec![body],
            OpKind::While { cond, body } => vec![cond, body],
            OpKind::Case { branches } => branches.iter().map(|name| &name[..]).collect(),
            _ => Vec::new(),
        }
    }

    /// [`OpKind::callees`], to be renamed.
    pub fn callees_mut(&mut self) -> Vec<&mut String> {
        match self {
            OpKind::Call { callee: body }
            | OpKind::ReduceWith { body, .. }
            | OpKind::ScatterWith { body, .. }
            | OpKind::ReduceWindowWith { body, .. }
            | OpKind::Sort { comparator: body, .. } => vec![body],
            OpKind::While { cond, body } => vec![cond, body],
            OpKind::Case { branches } => branches.iter_mut().collect(),
            _ => Vec::new(),
        }
    }

    /// True if the function it names must be a scalar one: elementwise operations on scalars only, so that it can
    /// be evaluated per element.
    pub fn has_scalar_body(&self) -> bool {
        matches!(
            self,
            OpKind::ReduceWith { .. }
                | OpKind::ScatterWith { .. }
                | OpKind::ReduceWindowWith { .. }
                | OpKind::Sort { .. }
        )
    }
}
