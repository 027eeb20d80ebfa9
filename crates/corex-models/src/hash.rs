//! The integer hash behind initialisation, batch sampling and text sampling.
//!
//! A counter-based generator: random numbers are hashes of where they are used, so any of them can be
//! recomputed alone and nothing carries a generator state. Quality matters, secrecy does not.

use corex_hlo::{FuncBuilder, ValueId};

const MULTIPLIERS: [u32; 2] = [0x7feb_352d, 0x846c_a68b];
const SHIFTS: [u32; 3] = [16, 15, 16];
/// 2³² divided by the golden ratio: keeps small integers from starting as zero bits.
const GOLDEN: u32 = 0x9e37_79b9;

/// A bijection of 32 bits that spreads every input bit over the output: xor-shift, multiply, xor-shift,
/// multiply, xor-shift, with the constants found by C. Wellons' search for low bias ("lowbias32", 2018).
pub(crate) fn mix(mut x: u32) -> u32 {
    for round in 0..2 {
        x = (x ^ (x >> SHIFTS[round])).wrapping_mul(MULTIPLIERS[round]);
    }
    x ^ (x >> SHIFTS[2])
}

/// Hash of a list of words: each one is added to what came before, and mixed.
pub(crate) fn hash(words: &[u32]) -> u32 {
    words.iter().fold(0, |h, &w| mix(h.wrapping_add(w).wrapping_add(GOLDEN)))
}

/// [`mix`] of every element of a ui32 tensor.
fn mix_in_program(b: &mut FuncBuilder, mut x: ValueId) -> ValueId {
    let shape = b.shape(x);
    let xor_shift = |b: &mut FuncBuilder, x, by: u32| {
        let by = b.full(by, &shape);
        let shifted = b.shr(x, by);
        b.xor(x, shifted)
    };
    for round in 0..2 {
        let shifted = xor_shift(b, x, SHIFTS[round]);
        let multiplier = b.full(MULTIPLIERS[round], &b.shape(x));
        x = b.mul(shifted, multiplier);
    }
    xor_shift(b, x, SHIFTS[2])
}

/// [`hash`] of ui32 values of one shape or scalars, elementwise; scalars are hashed as scalars as long as
/// possible. Starts from the hash so far.
pub(crate) fn hash_in_program(b: &mut FuncBuilder, words: &[ValueId]) -> ValueId {
    let mut h = b.scalar(0u32);
    for &word in words {
        let shape = b.shape(word);
        if b.ty(h).rank() == 0 {
            h = b.fill(h, &shape);
        }
        let sum = b.add(h, word);
        let golden = b.full(GOLDEN, &shape);
        let start = b.add(sum, golden);
        h = mix_in_program(b, start);
    }
    h
}
