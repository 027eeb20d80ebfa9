//! Elementwise kernels over tiles: what each operator is computed by.
//!
//! That is a vectorised loop ([`super::loops`]), or a function of corex-num over slices. Operators that a training step does
//! not run over large tensors take the reference's own path, element by element ([`Kernel::Slow`]).

use corex_hlo::ir::{BinaryOp, CompareDir, DType, UnaryOp};
use corex_num::{Isa, UnaryFn};

use super::loops::{BLOCK, Loop, binary_any_nan, fast};
use super::threshold::Threshold;
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
    /// Of the limit, of which only the first element is read.
    Threshold(Threshold),
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

    /// Whether operands may repeat.
    pub fn takes_repeated(&self) -> bool {
        matches!(self, Self::Fast(_) | Self::Threshold(_))
    }

    /// Computes elements `first..first + n` (only `iota` and what is made of it care which) of operands that do not repeat.
    ///
    /// # Safety
    /// As [`Loop`], for the element types given to [`Kernel::new`].
    pub unsafe fn run(&self, args: [*const u8; 3], out: *mut u8, n: usize, first: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.run_steps(args, [BLOCK; 3], out, n, first) }
    }

    /// [`Kernel::run`] of operands with these steps, which must not be 0 unless the kernel takes repeated ones.
    ///
    /// # Safety
    /// As [`Kernel::run`].
    pub unsafe fn run_steps(
        &self,
        args: [*const u8; 3],
        steps: [usize; 3],
        out: *mut u8,
        n: usize,
        first: usize,
    ) {
        match *self {
            // SAFETY: the caller's promise.
            Self::Fast(f) => unsafe { f(args, steps, out, n) },
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
            // SAFETY: the caller's promise; a predicate's elements are bytes.
            Self::Threshold(threshold) => unsafe { threshold.run(args[0], out, n, first) },
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
