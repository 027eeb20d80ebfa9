//! Products that write their results where they are wanted: a copy whose only purpose is another order of dimensions
//! (heads side by side again, after attention) disappears.

use super::kernel::MapOp;
use super::node::{DotNode, Lowered, NodeKind, Owner};
use super::view::{BufferId, View, dense_strides};

/// Lets products write in the order of the only copy that reads them.
pub(super) fn place(lowered: &mut Lowered) {
    let mut readers = vec![0_usize; lowered.buffers.len()];
    let mut producer = vec![None; lowered.buffers.len()];
    for (at, node) in lowered.nodes.iter().enumerate() {
        node.kind.views().iter().for_each(|v| readers[v.buffer] += 1);
        producer[node.out] = Some(at);
    }
    let mut is_gone = vec![false; lowered.nodes.len()];
    for at in 0..lowered.nodes.len() {
        let NodeKind::Map { op: MapOp::Copy, args, .. } = &lowered.nodes[at].kind else { continue };
        let [view] = &args[..] else { continue };
        let (copied, out): (BufferId, BufferId) = (view.buffer, lowered.nodes[at].out);
        let (from, to) = (&lowered.buffers[copied], &lowered.buffers[out]);
        let only_reader = readers[copied] == 1 && from.owner == Owner::Temporary && from.dtype == to.dtype;
        let Some(dot_at) = producer[copied].filter(|_| only_reader && from.elements == to.elements) else {
            continue;
        };
        let NodeKind::Dot(dot) = &lowered.nodes[dot_at].kind else { continue };
        let Some(strides) = strides_in_copy(dot, view) else { continue };
        let node = &mut lowered.nodes[dot_at];
        if let NodeKind::Dot(dot) = &mut node.kind {
            dot.out_strides = strides;
            node.out = out;
            producer[out] = Some(dot_at);
            is_gone[at] = true;
        }
    }
    let mut at = 0..;
    lowered.nodes.retain(|_| !at.next().is_some_and(|at| is_gone[at]));
}

/// Strides of the product's batch dimensions and rows in a dense copy that reads it through `view`; `None` if its
/// columns would not be adjacent, or the view does not read every element once, by whole dimensions.
fn strides_in_copy(dot: &DotNode, view: &View) -> Option<(Vec<usize>, usize)> {
    let places = dense_strides(&view.shape);
    let place = |size: usize, stride: usize| {
        let found =
            (0..view.shape.len()).find(|d| view.shape[*d] == size && view.strides[*d] == stride as isize);
        if size == 1 { Some(0) } else { found.map(|d| places[d].unsigned_abs()) }
    };
    let (batch, row) = &dot.out_strides;
    let is_dense = view.offset == 0 && *row == dot.n;
    let batch: Option<Vec<usize>> = dot.batch.iter().zip(batch).map(|(n, s)| place(*n, *s)).collect();
    let rows = place(dot.m, *row)?;
    let columns = if dot.n == 1 { 1 } else { place(dot.n, 1)? };
    // Rows apart from each other, so that the product's kernels may store whole rows.
    (is_dense && columns == 1 && (rows >= dot.n || dot.m == 1)).then_some((batch?, rows.max(dot.n)))
}
