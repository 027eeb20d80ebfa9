//! Plain loops over tiles: one per operator, element type and instruction set.
//!
//! Each is compiled once per instruction set; the compiler vectorises it. What it computes is written with the same scalar
//! functions as the reference.

use corex_hlo::ir::{BinaryOp, CompareDir, DType, UnaryOp};
use corex_num::{Isa, accumulator, scalar};

use super::kernel::MapOp;

/// Elements of a block: results are computed so many at a time, with operands that move on or stay.
pub(super) const BLOCK: usize = accumulator::BLOCK;

/// `n` elements from up to three operands. Of each block of results the operands are the next [`BLOCK`] elements where their
/// step is that, the same ones again where it is 0. Operands must be valid for all elements, or for those of a block, and
/// not overlap the result.
pub(super) type Loop = unsafe fn([*const u8; 3], [usize; 3], *mut u8, usize);

/// A [`Loop`] computing `$body` of the elements, in the version for `$isa`.
macro_rules! kernel {
    ($isa:expr, |$($x:ident: $X:ty),+| -> $R:ty { $body:expr }) => {{
        #[inline(always)]
        unsafe fn generic(args: [*const u8; 3], steps: [usize; 3], out: *mut u8, n: usize) {
            // The compiler knows of a function's arguments that they do not overlap, and what is known survives inlining.
            #[inline(always)]
            fn block($($x: &[$X; BLOCK],)+ out: &mut [$R; BLOCK]) {
                for i in 0..BLOCK {
                    $(let $x = $x[i];)+
                    out[i] = $body;
                }
            }
            let mut operands = args.into_iter().zip(steps);
            $(let $x = operands.next().map_or((std::ptr::null(), 0), |(x, step)| (x.cast::<$X>(), step));)+
            let out = out.cast::<$R>();
            // SAFETY: `Loop`'s contract; a block's operands lie `step` elements per block from the first.
            unsafe {
                for at in 0..n / BLOCK {
                    block($(&*$x.0.add(at * $x.1).cast(),)+ &mut *out.add(at * BLOCK).cast());
                }
                let done = n / BLOCK;
                for i in 0..n % BLOCK {
                    $(let $x = *$x.0.add(done * $x.1 + i);)+
                    *out.add(done * BLOCK + i) = $body;
                }
            }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
        unsafe fn avx512(args: [*const u8; 3], steps: [usize; 3], out: *mut u8, n: usize) {
            // SAFETY: the caller's promise.
            unsafe { generic(args, steps, out, n) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma")]
        unsafe fn avx2(args: [*const u8; 3], steps: [usize; 3], out: *mut u8, n: usize) {
            // SAFETY: the caller's promise.
            unsafe { generic(args, steps, out, n) }
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
pub(super) fn fast(isa: Isa, op: MapOp, from: DType, to: DType) -> Option<Loop> {
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
pub(super) fn binary_any_nan(isa: Isa, op: BinaryOp) -> Option<Loop> {
    Some(match op {
        BinaryOp::Add => kernel!(isa, |x: f32, y: f32| -> f32 { x + y }),
        BinaryOp::Subtract => kernel!(isa, |x: f32, y: f32| -> f32 { x - y }),
        BinaryOp::Multiply => kernel!(isa, |x: f32, y: f32| -> f32 { x * y }),
        BinaryOp::Divide => kernel!(isa, |x: f32, y: f32| -> f32 { x / y }),
        _ => return None,
    })
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
