//! Elementwise kernels over tiles: one function per operator, element type and instruction set.
//!
//! Each is a plain loop, compiled once per instruction set; the compiler vectorises it. What a kernel computes is
//! written with the same scalar functions as the reference. Operators that a training step does not run over
//! large tensors take the reference's own path, element by element ([`Kernel::Slow`]).

use corex_hlo::ir::{BinaryOp, CompareDir, DType, UnaryOp};
use corex_num::{Isa, UnaryFn, scalar};

use crate::reference;

/// What a map node computes for each element.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum MapOp {
    Unary(UnaryOp),
    Binary(BinaryOp),
    Compare(CompareDir),
    CompareTotal(CompareDir),
    ReducePrecision {
        exponent_bits: u32,
        mantissa_bits: u32,
    },
    /// Operands: predicate, on true, on false.
    Select,
    /// Operands: low, x, high.
    Clamp,
    /// To the element type of the result.
    Convert,
    /// The bits as they are, also under another element type of the same size.
    Copy,
    /// No operands. Element `i` of the result in linear order is `i / inner % size`.
    Iota {
        size: usize,
        inner: usize,
    },
}

/// `n` elements from up to three operands. Pointers must be valid for `n` elements and not overlap the result.
pub(super) type Loop = unsafe fn([*const u8; 3], *mut u8, usize);

/// How a map node is computed over a tile.
#[derive(Clone, Copy)]
pub(super) enum Kernel {
    Fast(Loop),
    /// corex-num's slice function.
    Num(Isa, UnaryFn),
    /// The reference's function of one element; the types are the first value operand's and the result's.
    Slow(MapOp, DType, DType),
    Iota {
        size: usize,
        inner: usize,
        dtype: DType,
    },
}

impl Kernel {
    /// The kernel for operands of type `from` (of `select`: of its branches) and results of type `to`.
    pub fn new(isa: Isa, op: MapOp, from: DType, to: DType) -> Self {
        if let MapOp::Iota { size, inner } = op {
            return Self::Iota { size, inner, dtype: to };
        }
        if let (MapOp::Unary(f), DType::F32) = (op, from)
            && let Some(f) = num_function(f)
        {
            return Self::Num(isa, f);
        }
        fast(isa, op, from, to).map_or(Self::Slow(op, from, to), Self::Fast)
    }

    /// The kernel for a result that only operators see to which all NaN are alike: it may leave NaN as they come.
    pub fn any_nan(isa: Isa, op: MapOp, from: DType, to: DType) -> Self {
        let kernel = match (op, from) {
            (MapOp::Binary(op), DType::F32) => binary_any_nan(isa.supported(), op),
            _ => None,
        };
        kernel.map_or_else(|| Self::new(isa, op, from, to), Self::Fast)
    }

    /// `first` of the first two operands, then `second` of that and the third, on its left if `is_left`; `None` where that
    /// has no loop. With `any_nan` it may leave NaN as they come.
    pub fn pair(isa: Isa, first: BinaryOp, second: BinaryOp, is_left: bool, any_nan: bool) -> Option<Self> {
        pair_f32(isa.supported(), first, second, is_left, any_nan).map(Self::Fast)
    }

    /// The first operand, or the third where its magnitude is below the second.
    pub fn small(isa: Isa) -> Self {
        Self::Fast(small_f32(isa.supported()))
    }

    /// Computes elements `first..first + n` (only `iota` cares which).
    ///
    /// # Safety
    /// As [`Loop`], for the element types given to [`Kernel::new`].
    pub unsafe fn run(&self, args: [*const u8; 3], out: *mut u8, n: usize, first: usize) {
        match *self {
            // SAFETY: the caller's promise.
            Self::Fast(f) => unsafe { f(args, out, n) },
            Self::Num(isa, f) => {
                // SAFETY: the caller's promise; f32 tiles are 4-aligned because buffers and tiles are.
                let (x, y) = unsafe {
                    (
                        std::slice::from_raw_parts(args[0].cast(), n),
                        std::slice::from_raw_parts_mut(out.cast(), n),
                    )
                };
                corex_num::unary(isa, f, x, y);
            }
            // SAFETY: the caller's promise.
            Self::Slow(op, from, to) => unsafe { slow(op, from, to, args, out, n) },
            // SAFETY: the caller's promise.
            Self::Iota { size, inner, dtype } => unsafe { iota(size, inner, dtype, out, n, first) },
        }
    }
}

/// Elements `first..first + n` of an iota, in runs of `inner` equal ones.
unsafe fn iota(size: usize, inner: usize, dtype: DType, out: *mut u8, n: usize, first: usize) {
    let is_word = matches!(dtype, DType::I32 | DType::U32);
    let (mut value, mut at) = (first / inner % size, first % inner);
    let mut done = 0;
    while done < n {
        if inner == 1 && is_word {
            let run = (size - value).min(n - done);
            // SAFETY: the caller's promise: room for `n` elements of four bytes.
            let out = unsafe { std::slice::from_raw_parts_mut(out.cast::<u32>().add(done), run) };
            out.iter_mut().enumerate().for_each(|(i, o)| *o = (value + i) as u32);
            (done, value) = (done + run, 0);
            continue;
        }
        let run = (inner - at).min(n - done);
        let word = reference::index_value(dtype, value);
        for i in done..done + run {
            // SAFETY: the caller's promise.
            unsafe { write_word(dtype, out, i, word) }
        }
        (done, at) = (done + run, 0);
        value = if value + 1 == size { 0 } else { value + 1 };
    }
}

/// The functions that corex-num offers over slices.
fn num_function(op: UnaryOp) -> Option<UnaryFn> {
    Some(match op {
        UnaryOp::Exp => UnaryFn::Exp,
        UnaryOp::Log => UnaryFn::Log,
        UnaryOp::Tanh => UnaryFn::Tanh,
        UnaryOp::Logistic => UnaryFn::Logistic,
        UnaryOp::Erf => UnaryFn::Erf,
        UnaryOp::Sine => UnaryFn::Sin,
        UnaryOp::Cosine => UnaryFn::Cos,
        UnaryOp::Sqrt => UnaryFn::Sqrt,
        UnaryOp::Rsqrt => UnaryFn::Rsqrt,
        UnaryOp::RoundNearestEven => UnaryFn::RoundNearestEven,
        UnaryOp::RoundNearestAfz => UnaryFn::RoundNearestAfz,
        UnaryOp::ExpMinusOne => UnaryFn::Expm1,
        UnaryOp::LogPlusOne => UnaryFn::Log1p,
        UnaryOp::Cbrt => UnaryFn::Cbrt,
        UnaryOp::Tan => UnaryFn::Tan,
        UnaryOp::Erfc => UnaryFn::Erfc,
        UnaryOp::ErfInv => UnaryFn::ErfInv,
        UnaryOp::Asin => UnaryFn::Asin,
        UnaryOp::Acos => UnaryFn::Acos,
        UnaryOp::Atan => UnaryFn::Atan,
        UnaryOp::Sinh => UnaryFn::Sinh,
        UnaryOp::Cosh => UnaryFn::Cosh,
        UnaryOp::Asinh => UnaryFn::Asinh,
        UnaryOp::Acosh => UnaryFn::Acosh,
        UnaryOp::Atanh => UnaryFn::Atanh,
        _ => return None,
    })
}

/// Reads element `i` as the reference's word.
///
/// # Safety
/// `at` is valid and aligned for element `i`.
pub(super) unsafe fn read_word(dtype: DType, at: *const u8, i: usize) -> u64 {
    // SAFETY: the caller's pointer is valid and aligned for element `i`.
    unsafe {
        match dtype.size() {
            1 => u64::from(*at.add(i)),
            2 => u64::from(*at.cast::<u16>().add(i)),
            4 => u64::from(*at.cast::<u32>().add(i)),
            _ => *at.cast::<u64>().add(i),
        }
    }
}

/// Writes element `i` from the reference's word.
///
/// # Safety
/// As [`read_word`].
pub(super) unsafe fn write_word(dtype: DType, at: *mut u8, i: usize, word: u64) {
    // SAFETY: as in `read_word`.
    unsafe {
        match dtype.size() {
            1 => *at.add(i) = word as u8,
            2 => *at.cast::<u16>().add(i) = word as u16,
            4 => *at.cast::<u32>().add(i) = word as u32,
            _ => *at.cast::<u64>().add(i) = word,
        }
    }
}

unsafe fn slow(op: MapOp, from: DType, to: DType, args: [*const u8; 3], out: *mut u8, n: usize) {
    for i in 0..n {
        // SAFETY: the caller's promise; only the operands that the operator has are read.
        let x = |arg: usize| unsafe { read_word(from, args[arg], i) };
        let word = match op {
            MapOp::Unary(f) => reference::unary(f, from, x(0)).unwrap_or(0),
            MapOp::Binary(f) => reference::binary(f, from, x(0), x(1)).unwrap_or(0),
            MapOp::Compare(dir) => u64::from(reference::compare(dir, from, x(0), x(1))),
            MapOp::CompareTotal(dir) => u64::from(reference::compare_total(dir, from, x(0), x(1))),
            MapOp::ReducePrecision { exponent_bits, mantissa_bits } => {
                reference::reduce_precision(from, exponent_bits, mantissa_bits, x(0))
            }
            // SAFETY: as above; the predicate is one byte.
            MapOp::Select => x(if unsafe { *args[0].add(i) } == 1 { 1 } else { 2 }),
            MapOp::Clamp => reference::clamp(from, x(0), x(1), x(2)).unwrap_or(0),
            MapOp::Convert => reference::convert(from, to, x(0)),
            MapOp::Copy | MapOp::Iota { .. } => x(0),
        };
        // SAFETY: as above.
        unsafe { write_word(to, out, i, word) }
    }
}

/// A [`Loop`] computing `$body` of the elements, in the version for `$isa`.
macro_rules! kernel {
    ($isa:expr, |$a:ident: $A:ty| -> $R:ty { $body:expr }) => {
        kernel!($isa, |$a: $A, _b: u8; 1| -> $R { $body })
    };
    ($isa:expr, |$a:ident: $A:ty, $b:ident: $B:ty| -> $R:ty { $body:expr }) => {
        kernel!(@versions $isa, (args, out, n) {
            // SAFETY: `Loop`'s contract.
            unsafe {
                let a = std::slice::from_raw_parts(args[0].cast::<$A>(), n);
                let b = std::slice::from_raw_parts(args[1].cast::<$B>(), n);
                let out = std::slice::from_raw_parts_mut(out.cast::<$R>(), n);
                for i in 0..n {
                    let ($a, $b) = (a[i], b[i]);
                    out[i] = $body;
                }
            }
        })
    };
    ($isa:expr, |$a:ident: $A:ty, $b:ident: u8; 1| -> $R:ty { $body:expr }) => {
        kernel!(@versions $isa, (args, out, n) {
            // SAFETY: `Loop`'s contract.
            unsafe {
                let a = std::slice::from_raw_parts(args[0].cast::<$A>(), n);
                let out = std::slice::from_raw_parts_mut(out.cast::<$R>(), n);
                for i in 0..n {
                    let $a = a[i];
                    out[i] = $body;
                }
            }
        })
    };
    ($isa:expr, |$a:ident: $A:ty, $b:ident: $B:ty, $c:ident: $C:ty| -> $R:ty { $body:expr }) => {
        kernel!(@versions $isa, (args, out, n) {
            // SAFETY: `Loop`'s contract.
            unsafe {
                let a = std::slice::from_raw_parts(args[0].cast::<$A>(), n);
                let b = std::slice::from_raw_parts(args[1].cast::<$B>(), n);
                let c = std::slice::from_raw_parts(args[2].cast::<$C>(), n);
                let out = std::slice::from_raw_parts_mut(out.cast::<$R>(), n);
                for i in 0..n {
                    let ($a, $b, $c) = (a[i], b[i], c[i]);
                    out[i] = $body;
                }
            }
        })
    };
    (@versions $isa:expr, ($args:ident, $out:ident, $n:ident) $block:block) => {{
        #[inline(always)]
        unsafe fn generic($args: [*const u8; 3], $out: *mut u8, $n: usize) $block
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
        unsafe fn avx512(args: [*const u8; 3], out: *mut u8, n: usize) {
            // SAFETY: the caller's promise.
            unsafe { generic(args, out, n) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        unsafe fn avx2(args: [*const u8; 3], out: *mut u8, n: usize) {
            // SAFETY: the caller's promise.
            unsafe { generic(args, out, n) }
        }
        match $isa {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => avx512 as Loop,
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => avx2 as Loop,
            _ => generic as Loop,
        }
    }};
}

/// The vectorised loop for an operator, if there is one.
fn fast(isa: Isa, op: MapOp, from: DType, to: DType) -> Option<Loop> {
    // A version may only be handed out where the machine has its instructions.
    let isa = isa.supported();
    match (op, from) {
        (MapOp::Unary(op), DType::F32) => unary_f32(isa, op),
        (MapOp::Binary(op), DType::F32) => binary_f32(isa, op),
        (MapOp::Binary(op), DType::U32 | DType::I32) => binary_word(isa, op, from == DType::I32),
        (MapOp::Binary(op), DType::U64 | DType::I64) => binary_long(isa, op),
        (MapOp::Binary(op), DType::I1) => binary_i1(isa, op),
        (MapOp::Unary(UnaryOp::Not), DType::I1) => Some(kernel!(isa, |a: u8| -> u8 { a ^ 1 })),
        (MapOp::Compare(dir), DType::F32) => Some(compare_f32(isa, dir)),
        (MapOp::Compare(dir), DType::I32) => Some(compare_i32(isa, dir)),
        (MapOp::Compare(dir), DType::U32) => Some(compare_u32(isa, dir)),
        (MapOp::Select, _) => Some(select(isa, from.size())),
        (MapOp::Clamp, DType::F32) => Some(kernel!(isa, |low: f32, x: f32, high: f32| -> f32 {
            scalar::min(scalar::max(x, low), high)
        })),
        (MapOp::Copy, _) => Some(copy(isa, from.size())),
        (MapOp::Convert, _) => convert(isa, from, to),
        _ => None,
    }
}

fn unary_f32(isa: Isa, op: UnaryOp) -> Option<Loop> {
    Some(match op {
        UnaryOp::Negate => kernel!(isa, |x: f32| -> f32 { scalar::negate(x) }),
        UnaryOp::Abs => kernel!(isa, |x: f32| -> f32 { scalar::abs(x) }),
        UnaryOp::Sign => kernel!(isa, |x: f32| -> f32 { scalar::sign(x) }),
        UnaryOp::Floor => kernel!(isa, |x: f32| -> f32 { scalar::floor(x) }),
        UnaryOp::Ceil => kernel!(isa, |x: f32| -> f32 { scalar::ceil(x) }),
        UnaryOp::IsFinite => kernel!(isa, |x: f32| -> u8 { u8::from(x.abs() < f32::INFINITY) }),
        _ => return None,
    })
}

fn binary_f32(isa: Isa, op: BinaryOp) -> Option<Loop> {
    Some(match op {
        BinaryOp::Add => kernel!(isa, |x: f32, y: f32| -> f32 { scalar::add(x, y) }),
        BinaryOp::Subtract => kernel!(isa, |x: f32, y: f32| -> f32 { scalar::subtract(x, y) }),
        BinaryOp::Multiply => kernel!(isa, |x: f32, y: f32| -> f32 { scalar::multiply(x, y) }),
        BinaryOp::Divide => kernel!(isa, |x: f32, y: f32| -> f32 { scalar::divide(x, y) }),
        BinaryOp::Maximum => kernel!(isa, |x: f32, y: f32| -> f32 { scalar::max(x, y) }),
        BinaryOp::Minimum => kernel!(isa, |x: f32, y: f32| -> f32 { scalar::min(x, y) }),
        _ => return None,
    })
}

/// As [`binary_f32`] without making NaN canonical.
fn binary_any_nan(isa: Isa, op: BinaryOp) -> Option<Loop> {
    Some(match op {
        BinaryOp::Add => kernel!(isa, |x: f32, y: f32| -> f32 { x + y }),
        BinaryOp::Subtract => kernel!(isa, |x: f32, y: f32| -> f32 { x - y }),
        BinaryOp::Multiply => kernel!(isa, |x: f32, y: f32| -> f32 { x * y }),
        BinaryOp::Divide => kernel!(isa, |x: f32, y: f32| -> f32 { x / y }),
        _ => return None,
    })
}

/// See [`Kernel::small`].
fn small_f32(isa: Isa) -> Loop {
    kernel!(isa, |x: u32, limit: f32, other: u32| -> u32 {
        {
            let mask = u32::from(f32::from_bits(x & 0x7FFF_FFFF) < limit).wrapping_neg();
            (other & mask) | (x & !mask)
        }
    })
}

/// See [`Kernel::pair`].
fn pair_f32(isa: Isa, first: BinaryOp, second: BinaryOp, is_left: bool, any_nan: bool) -> Option<Loop> {
    use BinaryOp::{Add, Multiply, Subtract};
    macro_rules! pair {
        (|$a:ident, $b:ident, $c:ident| $body:expr) => {
            if any_nan {
                kernel!(isa, |$a: f32, $b: f32, $c: f32| -> f32 { $body })
            } else {
                kernel!(isa, |$a: f32, $b: f32, $c: f32| -> f32 { scalar::canonical($body) })
            }
        };
    }
    // Sums and products of two do not depend on their order.
    Some(match (first, second) {
        (Add, Add) => pair!(|a, b, c| (a + b) + c),
        (Add, Multiply) => pair!(|a, b, c| (a + b) * c),
        (Add, Subtract) if is_left => pair!(|a, b, c| (a + b) - c),
        (Add, Subtract) => pair!(|a, b, c| c - (a + b)),
        (Subtract, Add) => pair!(|a, b, c| (a - b) + c),
        (Subtract, Multiply) => pair!(|a, b, c| (a - b) * c),
        (Subtract, Subtract) if is_left => pair!(|a, b, c| (a - b) - c),
        (Subtract, Subtract) => pair!(|a, b, c| c - (a - b)),
        (Multiply, Add) => pair!(|a, b, c| (a * b) + c),
        (Multiply, Multiply) => pair!(|a, b, c| (a * b) * c),
        (Multiply, Subtract) if is_left => pair!(|a, b, c| (a * b) - c),
        (Multiply, Subtract) => pair!(|a, b, c| c - (a * b)),
        _ => return None,
    })
}

/// True if the operator's result is the same for every NaN operand.
pub(super) fn takes_any_nan(op: MapOp, from: DType) -> bool {
    use BinaryOp::{Add, Divide, Maximum, Minimum, Multiply, Subtract};
    use UnaryOp::{Abs, Exp, Log, Logistic, Negate, Rsqrt, Sqrt, Tanh};
    from == DType::F32
        && match op {
            MapOp::Unary(op) => matches!(op, Abs | Exp | Log | Logistic | Negate | Rsqrt | Sqrt | Tanh),
            MapOp::Binary(op) => matches!(op, Add | Divide | Maximum | Minimum | Multiply | Subtract),
            MapOp::Compare(_) => true,
            _ => false,
        }
}

/// ui32 and i32: operators that depend on the sign only where it matters.
fn binary_word(isa: Isa, op: BinaryOp, signed: bool) -> Option<Loop> {
    Some(match op {
        BinaryOp::Add => kernel!(isa, |x: u32, y: u32| -> u32 { x.wrapping_add(y) }),
        BinaryOp::Subtract => kernel!(isa, |x: u32, y: u32| -> u32 { x.wrapping_sub(y) }),
        BinaryOp::Multiply => kernel!(isa, |x: u32, y: u32| -> u32 { x.wrapping_mul(y) }),
        BinaryOp::And => kernel!(isa, |x: u32, y: u32| -> u32 { x & y }),
        BinaryOp::Or => kernel!(isa, |x: u32, y: u32| -> u32 { x | y }),
        BinaryOp::Xor => kernel!(isa, |x: u32, y: u32| -> u32 { x ^ y }),
        BinaryOp::ShiftLeft => {
            kernel!(isa, |x: u32, y: u32| -> u32 { if y < 32 { x << (y & 31) } else { 0 } })
        }
        BinaryOp::ShiftRightLogical => {
            kernel!(isa, |x: u32, y: u32| -> u32 { if y < 32 { x >> (y & 31) } else { 0 } })
        }
        BinaryOp::Maximum if signed => kernel!(isa, |x: i32, y: i32| -> i32 { x.max(y) }),
        BinaryOp::Minimum if signed => kernel!(isa, |x: i32, y: i32| -> i32 { x.min(y) }),
        BinaryOp::Maximum => kernel!(isa, |x: u32, y: u32| -> u32 { x.max(y) }),
        BinaryOp::Minimum => kernel!(isa, |x: u32, y: u32| -> u32 { x.min(y) }),
        BinaryOp::Remainder if !signed => {
            kernel!(isa, |x: u32, y: u32| -> u32 { x.checked_rem(y).unwrap_or(x) })
        }
        _ => return None,
    })
}

/// ui64 and i64, for counters and random bits: operators that do not depend on the sign.
fn binary_long(isa: Isa, op: BinaryOp) -> Option<Loop> {
    Some(match op {
        BinaryOp::Add => kernel!(isa, |x: u64, y: u64| -> u64 { x.wrapping_add(y) }),
        BinaryOp::Subtract => kernel!(isa, |x: u64, y: u64| -> u64 { x.wrapping_sub(y) }),
        BinaryOp::Multiply => kernel!(isa, |x: u64, y: u64| -> u64 { x.wrapping_mul(y) }),
        BinaryOp::And => kernel!(isa, |x: u64, y: u64| -> u64 { x & y }),
        BinaryOp::Or => kernel!(isa, |x: u64, y: u64| -> u64 { x | y }),
        BinaryOp::Xor => kernel!(isa, |x: u64, y: u64| -> u64 { x ^ y }),
        BinaryOp::ShiftLeft => {
            kernel!(isa, |x: u64, y: u64| -> u64 { if y < 64 { x << (y & 63) } else { 0 } })
        }
        BinaryOp::ShiftRightLogical => {
            kernel!(isa, |x: u64, y: u64| -> u64 { if y < 64 { x >> (y & 63) } else { 0 } })
        }
        _ => return None,
    })
}

fn binary_i1(isa: Isa, op: BinaryOp) -> Option<Loop> {
    Some(match op {
        BinaryOp::And | BinaryOp::Multiply | BinaryOp::Minimum => {
            kernel!(isa, |x: u8, y: u8| -> u8 { x & y })
        }
        BinaryOp::Or | BinaryOp::Add | BinaryOp::Maximum => kernel!(isa, |x: u8, y: u8| -> u8 { x | y }),
        BinaryOp::Xor => kernel!(isa, |x: u8, y: u8| -> u8 { x ^ y }),
        _ => return None,
    })
}

macro_rules! comparison {
    ($name:ident, $T:ty) => {
        fn $name(isa: Isa, dir: CompareDir) -> Loop {
            match dir {
                CompareDir::Eq => kernel!(isa, |x: $T, y: $T| -> u8 { u8::from(x == y) }),
                CompareDir::Ne => kernel!(isa, |x: $T, y: $T| -> u8 { u8::from(x != y) }),
                CompareDir::Lt => kernel!(isa, |x: $T, y: $T| -> u8 { u8::from(x < y) }),
                CompareDir::Le => kernel!(isa, |x: $T, y: $T| -> u8 { u8::from(x <= y) }),
                CompareDir::Gt => kernel!(isa, |x: $T, y: $T| -> u8 { u8::from(x > y) }),
                CompareDir::Ge => kernel!(isa, |x: $T, y: $T| -> u8 { u8::from(x >= y) }),
            }
        }
    };
}
comparison!(compare_f32, f32);
comparison!(compare_i32, i32);
comparison!(compare_u32, u32);

/// Bits move unchanged, so the element size says everything. Chosen by masks: from `if` the compiler makes a choice of
/// addresses and gathers element by element.
fn select(isa: Isa, size: usize) -> Loop {
    macro_rules! masked {
        ($T:ty) => {
            kernel!(isa, |p: u8, x: $T, y: $T| -> $T {
                {
                    let mask = <$T>::from(p == 1).wrapping_neg();
                    (x & mask) | (y & !mask)
                }
            })
        };
    }
    match size {
        1 => masked!(u8),
        2 => masked!(u16),
        4 => masked!(u32),
        _ => masked!(u64),
    }
}

fn copy(isa: Isa, size: usize) -> Loop {
    match size {
        1 => kernel!(isa, |x: u8| -> u8 { x }),
        2 => kernel!(isa, |x: u16| -> u16 { x }),
        4 => kernel!(isa, |x: u32| -> u32 { x }),
        _ => kernel!(isa, |x: u64| -> u64 { x }),
    }
}

fn convert(isa: Isa, from: DType, to: DType) -> Option<Loop> {
    Some(match (from, to) {
        (DType::F32, DType::F32) => kernel!(isa, |x: f32| -> f32 { scalar::canonical(x) }),
        (DType::I1 | DType::U8, DType::F32) => kernel!(isa, |x: u8| -> f32 { f32::from(x) }),
        (DType::I1 | DType::U8, DType::I32 | DType::U32) => kernel!(isa, |x: u8| -> u32 { u32::from(x) }),
        (DType::U32, DType::F32) => kernel!(isa, |x: u32| -> f32 { x as f32 }),
        (DType::I32, DType::F32) => kernel!(isa, |x: i32| -> f32 { x as f32 }),
        (DType::U32, DType::U64 | DType::I64) => kernel!(isa, |x: u32| -> u64 { u64::from(x) }),
        (DType::U64 | DType::I64, DType::U32 | DType::I32) => kernel!(isa, |x: u64| -> u32 { x as u32 }),
        (DType::I32 | DType::U32, DType::I32 | DType::U32) => kernel!(isa, |x: u32| -> u32 { x }),
        _ => return None,
    })
}
