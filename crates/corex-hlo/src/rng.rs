//! `rng_bit_generator` as operations of its own: integer arithmetic on counters, nothing hidden.
//!
//! Both generators encrypt a counter with a key, so that element `i` depends on nothing but the state and `i` (Salmon,
//! Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011). What StableHLO leaves open (the
//! layout of the state, which counter gives which element) follows XLA, so that the bits are JAX's.

use crate::builder::FuncBuilder;
use crate::error::HloError;
use crate::ir::*;

/// The algorithms that StableHLO names; its `DEFAULT` is Philox, as on XLA's CPU and GPU.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RngAlgorithm {
    /// Threefry-2x32 with 20 rounds. State: key, counter.
    ThreeFry,
    /// Philox-4x32 with 10 rounds. State: key, low and high half of the counter; where the high half is missing the
    /// key stands for it.
    Philox,
}

/// A function from the state (`ui64[2]`, for Philox also `ui64[3]`) to the next state and a tensor of random bits.
///
/// # Errors
/// [`HloError::Type`] for a state of another type, and for results that are not integers.
pub fn rng_bit_generator(
    algorithm: RngAlgorithm,
    state: &TensorType,
    bits: &TensorType,
) -> Result<Func, HloError> {
    let fits = match algorithm {
        RngAlgorithm::ThreeFry => state.shape == [2],
        RngAlgorithm::Philox => state.shape == [2] || state.shape == [3],
    };
    let refused = |message: &str| HloError::Type {
        op: "stablehlo.rng_bit_generator".to_owned(),
        operands: vec![state.clone()],
        message: message.to_owned(),
    };
    if !fits || state.dtype != DType::U64 {
        return Err(refused(
            "the state must be a tensor<2xui64>, for PHILOX and DEFAULT also tensor<3xui64>",
        ));
    }
    if !bits.dtype.is_int() {
        return Err(refused(&format!("random bits are integers, not {}", bits.dtype.name())));
    }
    let mut b = FuncBuilder::new("rng_bit_generator");
    let param = b.param(state.clone());
    let words: Vec<ValueId> = (0..state.shape[0])
        .map(|i| {
            let word = b.slice(param, &[i], &[i + 1]);
            b.reshape(word, &[])
        })
        .collect();
    let (next, result) = match algorithm {
        RngAlgorithm::ThreeFry => threefry(&mut b, &words, bits),
        RngAlgorithm::Philox => philox(&mut b, &words, bits),
    };
    let next: Vec<ValueId> = next.into_iter().map(|word| b.reshape(word, &[1])).collect();
    let next = b.concatenate(&next, 0);
    b.finish(&[next, result])
}

/// The low and the high half of 64-bit words.
fn halves(b: &mut FuncBuilder, x: ValueId) -> [ValueId; 2] {
    let shape = b.shape(x);
    let width = b.full(32u64, &shape);
    let high = b.shr(x, width);
    [b.convert(x, DType::U32), b.convert(high, DType::U32)]
}

/// 64-bit words from their low and high halves.
fn joined(b: &mut FuncBuilder, [low, high]: [ValueId; 2]) -> ValueId {
    let shape = b.shape(low);
    let width = b.full(32u64, &shape);
    let (low, high) = (b.convert(low, DType::U64), b.convert(high, DType::U64));
    let high = b.shl(high, width);
    b.or(low, high)
}

/// `start`, `start + 1`, …
fn counters(b: &mut FuncBuilder, start: ValueId, count: usize) -> ValueId {
    let steps = b.iota(TensorType::new(DType::U64, [count]), 0);
    let start = b.fill(start, &[count]);
    b.add(start, steps)
}

fn threefry(b: &mut FuncBuilder, state: &[ValueId], bits: &TensorType) -> (Vec<ValueId>, ValueId) {
    let (key, counter) = (state[0], state[1]);
    let mut shape = bits.shape.clone();
    // Up to 32 bits, one counter gives two neighbours along the first even dimension, else along the largest one.
    let even = shape.iter().position(|n| n.is_multiple_of(2));
    let largest = (0..shape.len()).rev().max_by_key(|&d| shape[d]);
    let split = if bits.dtype.size() == 8 { None } else { even.or(largest) };
    if let Some(d) = split {
        shape[d] = shape[d].div_ceil(2);
    }
    let count: usize = shape.iter().product();
    let counted = counters(b, counter, count);
    let block = halves(b, counted);
    let key_words = halves(b, key);
    let [x, y] = threefry_2x32(b, key_words, block, count);
    let result = match split {
        Some(d) => {
            shape.insert(d + 1, 1);
            let (x, y) = (b.reshape(x, &shape), b.reshape(y, &shape));
            let pairs = b.concatenate(&[x, y], d + 1);
            shape.remove(d + 1);
            shape[d] *= 2;
            let whole = b.reshape(pairs, &shape);
            b.slice(whole, &vec![0; shape.len()], &bits.shape)
        }
        None => {
            let word = if bits.dtype.size() == 8 { joined(b, [x, y]) } else { x };
            b.reshape(word, &bits.shape)
        }
    };
    let used = b.scalar(count as u64);
    let next = b.add(counter, used);
    (vec![key, next], b.convert(result, bits.dtype))
}

/// Threefry-2x32-20 of `count` blocks.
fn threefry_2x32(b: &mut FuncBuilder, key: [ValueId; 2], block: [ValueId; 2], count: usize) -> [ValueId; 2] {
    const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];
    let parity = b.scalar(0x1BD1_1BDAu32);
    let both = b.xor(key[0], key[1]);
    let third = b.xor(both, parity);
    let schedule = [key[0], key[1], third].map(|word| b.fill(word, &[count]));
    let [mut x, mut y] = block;
    (x, y) = (b.add(x, schedule[0]), b.add(y, schedule[1]));
    for round in 0..5 {
        for by in ROTATIONS[round % 2] {
            x = b.add(x, y);
            let (left, right) = (b.full(by, &[count]), b.full(32 - by, &[count]));
            let (high, low) = (b.shl(y, left), b.shr(y, right));
            let rotated = b.or(high, low);
            y = b.xor(rotated, x);
        }
        x = b.add(x, schedule[(round + 1) % 3]);
        y = b.add(y, schedule[(round + 2) % 3]);
        let number = b.full(round as u32 + 1, &[count]);
        y = b.add(y, number);
    }
    [x, y]
}

fn philox(b: &mut FuncBuilder, state: &[ValueId], bits: &TensorType) -> (Vec<ValueId>, ValueId) {
    let (key, low) = (state[0], state[1]);
    let high = state.get(2).copied().unwrap_or(key);
    let elements = bits.elements();
    let wide = bits.dtype.size() == 8;
    // Words of 32 bits, four per counter. `infer` refuses tensors so large that doubling could overflow.
    let words = if wide { elements.saturating_mul(2) } else { elements };
    let count = words.div_ceil(4);
    // The counter has 128 bits: where the low half wrapped around, the high half is one more.
    let lows = counters(b, low, count);
    let first = b.fill(low, &[count]);
    let wrapped = b.lt(lows, first);
    let carry = b.convert(wrapped, DType::U64);
    let highs = b.fill(high, &[count]);
    let highs = b.add(highs, carry);
    let ([x0, x1], [x2, x3]) = (halves(b, lows), halves(b, highs));
    let key_words = halves(b, key);
    let block = philox_4x32(b, key_words, [x0, x1, x2, x3], count);
    let columns = block.map(|word| b.reshape(word, &[count, 1]));
    let rows = b.concatenate(&columns, 1);
    let flat = b.reshape(rows, &[count * 4]);
    let flat = b.slice(flat, &[0], &[words]);
    let flat = if wide {
        let pairs = b.reshape(flat, &[elements, 2]);
        let parts = [0, 1].map(|i| {
            let part = b.slice_dim(pairs, 1, i, i + 1);
            b.reshape(part, &[elements])
        });
        joined(b, parts)
    } else {
        flat
    };
    let result = b.reshape(flat, &bits.shape);
    let used = b.scalar(count as u64);
    let next = b.add(low, used);
    let mut state = vec![key, next];
    if high != key {
        let wrapped = b.lt(next, low);
        let carry = b.convert(wrapped, DType::U64);
        state.push(b.add(high, carry));
    }
    (state, b.convert(result, bits.dtype))
}

/// Philox-4x32-10 of `count` blocks.
fn philox_4x32(
    b: &mut FuncBuilder,
    mut key: [ValueId; 2],
    mut x: [ValueId; 4],
    count: usize,
) -> [ValueId; 4] {
    const FACTORS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
    const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
    for _ in 0..10 {
        let products = [(x[0], FACTORS[0]), (x[2], FACTORS[1])].map(|(word, factor)| {
            let word = b.convert(word, DType::U64);
            let factor = b.full(factor, &[count]);
            let product = b.mul(word, factor);
            halves(b, product)
        });
        let keys = key.map(|word| b.fill(word, &[count]));
        let mut mixed = |high, other, key| {
            let both = b.xor(high, other);
            b.xor(both, key)
        };
        let (y0, y2) = (mixed(products[1][1], x[1], keys[0]), mixed(products[0][1], x[3], keys[1]));
        x = [y0, products[1][0], y2, products[0][0]];
        for (word, step) in key.iter_mut().zip(WEYL) {
            let step = b.scalar(step);
            *word = b.add(*word, step);
        }
    }
    x
}
