//! Folds: the accumulators of one element, step by step.

use corex_hlo::ir::{BinaryOp, DType};
use corex_hlo::lower::{Combine, Fold, LoweredOp};
use corex_num::{flush, reference as num};

use super::access::{indices, read};
use super::{Fetch, RefereeError, scalar};
use crate::reference::{binary, decode_float, decode_int, encode_float, encode_int};

/// The type of the accumulators: floats are combined in f32.
fn wide(dtype: DType) -> DType {
    if dtype.is_float() { DType::F32 } else { dtype }
}

/// An element in the accumulators' type.
fn widened(dtype: DType, word: u64) -> u64 {
    if dtype.is_float() { u64::from(decode_float(dtype, word).to_bits()) } else { word }
}

/// An accumulator as an element: one rounding, canonical NaN.
fn narrowed(dtype: DType, word: u64) -> u64 {
    if dtype.is_float() { encode_float(dtype, f32::from_bits(word as u32)) } else { word }
}

fn result_type(op: &LoweredOp) -> Result<DType, RefereeError> {
    op.results.first().map(|ty| ty.dtype).ok_or(RefereeError::Malformed)
}

/// The initial values, as elements.
fn inits(op: &LoweredOp, fold: &Fold, index: u64, fetch: &mut Fetch<'_>) -> Result<Vec<u64>, RefereeError> {
    let at = indices(&fold.space, index);
    let init = |r| read(op, r, &at, fetch)?.ok_or(RefereeError::Malformed);
    fold.inits.iter().map(init).collect()
}

pub(super) fn begin(
    op: &LoweredOp,
    fold: &Fold,
    index: u64,
    fetch: &mut Fetch<'_>,
) -> Result<Vec<u64>, RefereeError> {
    match &fold.combine {
        Combine::Contract => Ok(vec![0]),
        Combine::Sum { lanes } => Ok(vec![0; usize::from(*lanes)]),
        Combine::Chain(_) => {
            let dtype = result_type(op)?;
            Ok(inits(op, fold, index, fetch)?.into_iter().map(|word| widened(dtype, word)).collect())
        }
        Combine::Body(_) => inits(op, fold, index, fetch),
    }
}

pub(super) fn step(
    op: &LoweredOp,
    fold: &Fold,
    index: u64,
    position: u64,
    state: &mut [u64],
    fetch: &mut Fetch<'_>,
) -> Result<(), RefereeError> {
    let mut at = indices(&fold.space, index);
    at.extend(indices(&fold.over, position));
    let mut args = Vec::with_capacity(fold.reads.len());
    for r in &fold.reads {
        let Some(word) = read(op, r, &at, fetch)? else { return Ok(()) };
        args.push(word);
    }
    let dtype = result_type(op)?;
    let combined = |function, acc, x| {
        binary(function, wide(dtype), acc, widened(dtype, x)).ok_or(RefereeError::Malformed)
    };
    match (&fold.combine, &args[..], state) {
        (Combine::Contract, &[a, b], [acc]) => *acc = contracted(dtype, *acc, a, b),
        (Combine::Sum { .. }, &[x], lanes) if !lanes.is_empty() => {
            let lane = (position % lanes.len() as u64) as usize;
            lanes[lane] = combined(BinaryOp::Add, lanes[lane], x)?;
        }
        (Combine::Chain(function), &[x], [acc]) => *acc = combined(*function, *acc, x)?,
        (Combine::Body(body), _, state) if state.len() == fold.inits.len() => {
            let next = scalar::run(body, [&*state, &args[..]].concat())?;
            state.iter_mut().zip(next).for_each(|(acc, word)| *acc = word);
        }
        _ => return Err(RefereeError::State),
    }
    Ok(())
}

/// One product of section 5 of the arithmetic law.
fn contracted(dtype: DType, acc: u64, a: u64, b: u64) -> u64 {
    if !dtype.is_float() {
        let product = decode_int(dtype, a).wrapping_mul(decode_int(dtype, b));
        return encode_int(dtype, decode_int(dtype, acc).wrapping_add(product));
    }
    let factor = |word| flush(decode_float(dtype, word));
    u64::from(num::fma(factor(a), factor(b), f32::from_bits(acc as u32)).to_bits())
}

pub(super) fn finish(
    op: &LoweredOp,
    fold: &Fold,
    index: u64,
    state: &[u64],
    fetch: &mut Fetch<'_>,
) -> Result<Vec<u64>, RefereeError> {
    let dtype = result_type(op)?;
    let float = |word: u64| f32::from_bits(word as u32);
    match (&fold.combine, state) {
        (Combine::Contract, &[acc]) if dtype.is_float() => {
            Ok(vec![encode_float(dtype, num::add(float(acc), 0.0))])
        }
        (Combine::Contract, &[acc]) => Ok(vec![acc]),
        (Combine::Sum { lanes }, state) if state.len() == usize::from(*lanes) && !state.is_empty() => {
            let mut lanes: Vec<f32> = state.iter().map(|&word| float(word)).collect();
            while lanes.len() > 1 {
                let upper = lanes.split_off(lanes.len() / 2);
                lanes.iter_mut().zip(upper).for_each(|(lane, other)| *lane = num::add(*lane, other));
            }
            let init = inits(op, fold, index, fetch)?.first().map_or(0, |&word| widened(dtype, word));
            Ok(vec![encode_float(dtype, num::add(lanes[0], float(init)))])
        }
        (Combine::Chain(_), &[acc]) => Ok(vec![narrowed(dtype, acc)]),
        (Combine::Body(_), state) if state.len() == op.results.len() => Ok(state.to_vec()),
        _ => Err(RefereeError::State),
    }
}
