//! One pass of the merge sort: which element comes next depends on how many the left run has given.

use corex_hlo::lower::{LoweredOp, Merge};

use super::access::fetched;
use super::{Fetch, RefereeError, scalar};

/// Where an element of a merge's result lies.
pub(super) struct Position {
    /// Elements before this one in its pair of runs: the steps of its chain.
    pub within: u64,
    /// Position of the pair's first element on the sorted dimension.
    base: u64,
    /// Lengths of the left and the right run.
    left: u64,
    right: u64,
    /// Row-major element of position `p` on the sorted dimension: `first + p * inner`.
    first: u64,
}

pub(super) fn position(merge: &Merge, index: u64) -> Position {
    let (length, inner) = (merge.length.max(1), merge.inner.max(1));
    let on_dimension = index / inner % length;
    let pair = 2 * merge.width.max(1);
    let base = on_dimension / pair * pair;
    let both = pair.min(length - base);
    let left = merge.width.min(both);
    Position {
        within: on_dimension - base,
        base,
        left,
        right: both - left,
        first: index / (inner * length) * inner * length + index % inner,
    }
}

/// The element of the operands that comes behind `position` others, of which `taken` came from the left run, and
/// whether it is one of the left run's.
fn next(
    op: &LoweredOp,
    merge: &Merge,
    at: &Position,
    position: u64,
    taken: u64,
    fetch: &mut Fetch<'_>,
) -> Result<(u64, bool), RefereeError> {
    let from_right = position.checked_sub(taken).ok_or(RefereeError::State)?;
    if taken > at.left || from_right > at.right {
        return Err(RefereeError::State);
    }
    let element = |p: u64| at.first + p * merge.inner;
    let (left, right) = (element(at.base + taken), element(at.base + at.left + from_right));
    if taken == at.left {
        return Ok((right, false));
    }
    if from_right == at.right {
        return Ok((left, true));
    }
    let mut args = Vec::with_capacity(2 * op.operands.len());
    for operand in 0..op.operands.len() as u32 {
        // The right one is taken if it stands before the left one.
        args.push(fetched(operand, right, fetch)?);
        args.push(fetched(operand, left, fetch)?);
    }
    match scalar::run(&merge.comparator, args)?[..] {
        [1] => Ok((right, false)),
        [_] => Ok((left, true)),
        _ => Err(RefereeError::Malformed),
    }
}

/// The accumulator counts the elements that the left run has given.
pub(super) fn step(
    op: &LoweredOp,
    merge: &Merge,
    index: u64,
    step: u64,
    state: &mut [u64],
    fetch: &mut Fetch<'_>,
) -> Result<(), RefereeError> {
    let [taken] = state else { return Err(RefereeError::State) };
    let (_, from_left) = next(op, merge, &position(merge, index), step, *taken, fetch)?;
    *taken += u64::from(from_left);
    Ok(())
}

pub(super) fn finish(
    op: &LoweredOp,
    merge: &Merge,
    index: u64,
    state: &[u64],
    fetch: &mut Fetch<'_>,
) -> Result<Vec<u64>, RefereeError> {
    let &[taken] = state else { return Err(RefereeError::State) };
    let at = position(merge, index);
    let (element, _) = next(op, merge, &at, at.within, taken, fetch)?;
    (0..op.operands.len() as u32).map(|operand| fetched(operand, element, fetch)).collect()
}
