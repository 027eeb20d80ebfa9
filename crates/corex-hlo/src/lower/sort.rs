//! Sorting: one operator per pass of the merge sort.

use super::Scope;
use super::form::*;

/// The sorted operands: what the last pass returns, or the operands themselves if there is nothing to sort.
pub(super) fn passes(
    scope: &mut Scope,
    mut operands: Vec<Operand>,
    dim: usize,
    comparator: &Body,
) -> Vec<Operand> {
    let Some(first) = operands.first() else { return operands };
    let size = |dims: &[usize]| dims.iter().map(|&n| n as u64).product::<u64>();
    let shape = &first.ty.shape;
    let (outer, length, inner) = (size(&shape[..dim]), shape[dim] as u64, size(&shape[dim + 1..]));
    let types: Vec<_> = operands.iter().map(|operand| operand.ty.clone()).collect();
    let mut width = 1;
    while width < length {
        let merge = Merge { outer, length, inner, width, comparator: comparator.clone() };
        scope.push(Kind::Merge(merge), operands, types.clone());
        let at = scope.out.ops.len() as u32 - 1;
        operands = (0..types.len()).map(|i| scope.result(at, i)).collect();
        width *= 2;
    }
    operands
}
