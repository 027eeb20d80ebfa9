//! An accumulator machine: elementwise operators, one after the other, on a block of elements that stays in registers.
//!
//! Operators over whole arrays spend most of their time on bringing elements to the registers and back. Here a block stays
//! there through as many steps as there are; what to do next is found out once per block and step, which costs less than its
//! operations.

mod vector;
#[cfg(target_arch = "x86_64")]
mod vector_x86;

use vector::Vector;

use crate::{Isa, prefetch};

/// Elements of a block: on AVX-512 they take 8 of 32 registers, enough to hide how long an operation takes.
pub const BLOCK: usize = 128;

/// Position of an [`Operand`].
pub type Slot = u16;

/// What happens to every element of the accumulator. Operators are those of [`crate::scalar`], but for NaN: where nothing
/// else is said, it has whatever sign and payload the processor gives it, until [`Step::Canonical`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It becomes the operand.
    Load(Slot),
    /// The operand becomes it.
    Store(Slot),
    /// It plus the operand.
    Add(Slot),
    /// It minus the operand.
    Subtract(Slot),
    /// The operand minus it.
    SubtractFrom(Slot),
    /// It times the operand.
    Multiply(Slot),
    /// It divided by the operand.
    Divide(Slot),
    /// The operand divided by it.
    DivideInto(Slot),
    /// The larger of it and the operand, as [`crate::scalar::max`]: NaN is canonical.
    Max(Slot),
    /// The smaller of it and the operand, as [`crate::scalar::min`]: NaN is canonical.
    Min(Slot),
    /// Its sign changes.
    Negate,
    /// Its sign goes.
    Abs,
    /// Its square root.
    Sqrt,
    /// One divided by its square root: two roundings.
    Rsqrt,
    /// NaN becomes [`crate::scalar::NAN`].
    Canonical,
    /// Where its magnitude is below `limit`, it becomes `other`; both are operands.
    Small {
        /// The magnitude.
        limit: Slot,
        /// What takes the place of smaller ones.
        other: Slot,
    },
    /// Where `seen`, an operand of bytes, is not 1, it becomes `other`.
    Keep {
        /// 1 where it stays.
        seen: Slot,
        /// What takes its place elsewhere.
        other: Slot,
    },
    /// Where `seen`, an operand of bytes, is 1, it becomes `other`.
    Replace {
        /// 1 where it changes.
        seen: Slot,
        /// What takes its place there.
        other: Slot,
    },
}

impl Step {
    /// The operands that it names.
    pub fn slots(self) -> [Option<Slot>; 2] {
        match self {
            Self::Negate | Self::Abs | Self::Sqrt | Self::Rsqrt | Self::Canonical => [None; 2],
            Self::Load(slot)
            | Self::Store(slot)
            | Self::Add(slot)
            | Self::Subtract(slot)
            | Self::SubtractFrom(slot)
            | Self::Multiply(slot)
            | Self::Divide(slot)
            | Self::DivideInto(slot)
            | Self::Max(slot)
            | Self::Min(slot) => [Some(slot), None],
            Self::Small { limit, other } => [Some(limit), Some(other)],
            Self::Keep { seen, other } | Self::Replace { seen, other } => [Some(seen), Some(other)],
        }
    }
}

/// Where a step finds an element or puts it.
#[derive(Clone, Copy, Debug)]
pub struct Operand {
    /// The first one.
    pub at: *mut u8,
    /// Bytes from a block to the next; 0 if every block has the same elements.
    pub step: usize,
    /// All elements are the same number: it is read once per block.
    pub is_one: bool,
}

/// Runs the steps on `n` elements, block by block, the last of fewer than [`BLOCK`]. The accumulator begins each block with
/// zeros. A step sees what earlier ones stored. Of the operands in `ahead` the next `n` elements are fetched from memory
/// meanwhile.
///
/// # Safety
/// `operands` has every slot that the steps and `ahead` name. Each is valid for `n` elements (f32, 4-aligned, or bytes for
/// predicates) or, if its step is 0, for those of the longest block, and writable if a step stores to it; nobody else writes them
/// meanwhile.
pub unsafe fn accumulate(isa: Isa, steps: &[Step], operands: &[Operand], ahead: &[Slot], n: usize) {
    match isa.supported() {
        // SAFETY: the caller's promise; `supported` has just found these features on this machine.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { avx512(steps, operands, ahead, n) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { avx2(steps, operands, ahead, n) },
        // SAFETY: the caller's promise.
        _ => unsafe { all::<f32, BLOCK>(steps, operands, ahead, n) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
unsafe fn avx512(steps: &[Step], operands: &[Operand], ahead: &[Slot], n: usize) {
    // SAFETY: the caller's promise.
    unsafe { all::<std::arch::x86_64::__m512, { BLOCK / 16 }>(steps, operands, ahead, n) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
// Half a block at a time: all of it would take all 16 registers.
unsafe fn avx2(steps: &[Step], operands: &[Operand], ahead: &[Slot], n: usize) {
    // SAFETY: the caller's promise.
    unsafe { all::<std::arch::x86_64::__m256, { BLOCK / 16 }>(steps, operands, ahead, n) }
}

/// `V` vectors at a time, as many as the registers hold; of what is left single vectors, then single elements.
#[inline(always)]
unsafe fn all<X: Vector, const V: usize>(steps: &[Step], operands: &[Operand], ahead: &[Slot], n: usize) {
    const { assert!(BLOCK.is_multiple_of(V * X::LANES)) };
    let (blocks, rest) = (n / BLOCK, n % BLOCK);
    let vectors = rest / X::LANES * X::LANES;
    // SAFETY: the caller's promise: these are elements of a block that is among the `n`.
    unsafe {
        for block in 0..blocks {
            ahead.iter().for_each(|slot| fetch(operands.get_unchecked(usize::from(*slot)), block, n));
            for within in (0..BLOCK).step_by(V * X::LANES) {
                run::<X, V>(steps, operands, block, within);
            }
        }
        for within in (0..vectors).step_by(X::LANES) {
            run::<X, 1>(steps, operands, blocks, within);
        }
        for within in vectors..rest {
            run::<f32, 1>(steps, operands, blocks, within);
        }
    }
}

/// Fetches the elements `n` behind those of a block.
#[inline(always)]
fn fetch(operand: &Operand, block: usize, n: usize) {
    const LINE: usize = 64;
    let from = operand.at.wrapping_add(block * operand.step + n * operand.step / BLOCK);
    for line in 0..operand.step / LINE {
        prefetch(from.wrapping_add(line * LINE));
    }
}

/// `V` vectors from element `within` of a block on.
#[inline(always)]
unsafe fn run<X: Vector, const V: usize>(steps: &[Step], operands: &[Operand], block: usize, within: usize) {
    // SAFETY: the caller of `accumulate` answers for the operands, that of this function for the elements.
    unsafe {
        let operand = |slot: Slot| operands.get_unchecked(usize::from(slot));
        let at = |slot: Slot| operand(slot).at.add(block * operand(slot).step);
        let numbers = |slot: Slot| at(slot).cast::<f32>().add(within);
        let mut acc = [X::ZERO; V];
        macro_rules! each {
            (|$x:ident, $i:ident| $body:expr) => {
                for $i in 0..V {
                    let $x = acc[$i];
                    acc[$i] = $body;
                }
            };
            // `$y` is the operand's vector.
            ($slot:expr, |$x:ident, $y:ident, $i:ident| $body:expr) => {{
                let from = numbers($slot);
                if operand($slot).is_one {
                    let $y = X::splat(*from);
                    each!(|$x, $i| $body);
                } else {
                    each!(|$x, $i| {
                        let $y = X::load(from.add($i * X::LANES));
                        $body
                    });
                }
            }};
        }
        for step in steps {
            match *step {
                Step::Load(y) => each!(y, |_x, y, i| y),
                Step::Store(to) => {
                    let to = numbers(to);
                    for i in 0..V {
                        acc[i].store(to.add(i * X::LANES));
                    }
                }
                Step::Add(y) => each!(y, |x, y, i| x.add(y)),
                Step::Subtract(y) => each!(y, |x, y, i| x.subtract(y)),
                Step::SubtractFrom(y) => each!(y, |x, y, i| y.subtract(x)),
                Step::Multiply(y) => each!(y, |x, y, i| x.multiply(y)),
                Step::Divide(y) => each!(y, |x, y, i| x.divide(y)),
                Step::DivideInto(y) => each!(y, |x, y, i| y.divide(x)),
                Step::Max(y) => each!(y, |x, y, i| x.max(y)),
                Step::Min(y) => each!(y, |x, y, i| x.min(y)),
                Step::Negate => each!(|x, i| x.negate()),
                Step::Abs => each!(|x, i| x.abs()),
                Step::Sqrt => each!(|x, i| x.sqrt()),
                Step::Rsqrt => each!(|x, i| X::splat(1.0).divide(x.sqrt())),
                Step::Canonical => each!(|x, i| x.canonical()),
                Step::Small { limit, other } if operand(limit).is_one => {
                    let limit = X::splat(*numbers(limit));
                    each!(other, |x, y, i| x.unless_small(limit, y));
                }
                Step::Small { limit, other } => {
                    let limit = numbers(limit);
                    each!(other, |x, y, i| x.unless_small(X::load(limit.add(i * X::LANES)), y));
                }
                Step::Keep { seen, other } => {
                    let seen = at(seen).add(within).cast_const();
                    each!(other, |x, y, i| x.where_one(seen.add(i * X::LANES), y));
                }
                Step::Replace { seen, other } => {
                    let seen = at(seen).add(within).cast_const();
                    each!(other, |x, y, i| y.where_one(seen.add(i * X::LANES), x));
                }
            }
        }
    }
}
