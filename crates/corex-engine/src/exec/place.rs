//! Products that write their results where they are wanted: in the order of dimensions in which their only reader sees
//! them. A copy whose only purpose is that order (heads side by side again, after attention) disappears. A product whose
//! readers all see it transposed, as the gradients of JAX's products are, is computed transposed: its operands change
//! places.

use std::collections::BTreeSet;

use super::kernel::MapOp;
use super::node::{DotNode, Lowered, NodeKind, Owner};
use super::view::{BufferId, View, dense_strides};

/// Lets products write in the order in which they are read.
pub(super) fn place(lowered: &mut Lowered) {
    exchange(lowered);
    let mut readers = vec![0_usize; lowered.buffers.len()];
    let mut producer = vec![None; lowered.buffers.len()];
    for (at, node) in lowered.nodes.iter().enumerate() {
        node.kind.views().iter().for_each(|v| readers[v.buffer] += 1);
        producer[node.out] = Some(at);
    }
    let mut is_gone = vec![false; lowered.nodes.len()];
    for at in 0..lowered.nodes.len() {
        let NodeKind::Map { op, args, .. } = &lowered.nodes[at].kind else { continue };
        let is_copy = matches!(op, MapOp::Copy);
        let out = lowered.nodes[at].out;
        let found = args.iter().enumerate().find_map(|(arg, view)| {
            let info = &lowered.buffers[view.buffer];
            let is_only_reader = readers[view.buffer] == 1 && info.owner == Owner::Temporary;
            if !is_only_reader || view.elements() != info.elements || view.is_dense() {
                return None;
            }
            let dot_at = producer[view.buffer]?;
            let NodeKind::Dot(dot) = &lowered.nodes[dot_at].kind else { return None };
            Some((arg, dot_at, strides_in_copy(dot, view)?))
        });
        let Some((arg, dot_at, strides)) = found else { continue };
        let view = args[arg].clone();
        if let NodeKind::Dot(dot) = &mut lowered.nodes[dot_at].kind {
            dot.out_strides = strides;
        }
        if is_copy && lowered.buffers[view.buffer].dtype == lowered.buffers[out].dtype {
            lowered.nodes[dot_at].out = out;
            producer[out] = Some(dot_at);
            is_gone[at] = true;
        } else if let NodeKind::Map { args, .. } = &mut lowered.nodes[at].kind {
            args[arg] = View::dense(view.buffer, &view.shape);
        }
    }
    let mut at = 0..;
    lowered.nodes.retain(|_| !at.next().is_some_and(|at| is_gone[at]));
}

/// Exchanges the operands of products that are only read transposed. Each element keeps its chain: a product of two
/// numbers is the same either way.
fn exchange(lowered: &mut Lowered) {
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); lowered.buffers.len()];
    for (at, node) in lowered.nodes.iter().enumerate() {
        let buffers: BTreeSet<BufferId> = node.kind.views().iter().map(|v| v.buffer).collect();
        buffers.into_iter().for_each(|b| readers[b].push(at));
    }
    for at in 0..lowered.nodes.len() {
        let out = lowered.nodes[at].out;
        let NodeKind::Dot(dot) = &lowered.nodes[at].kind else { continue };
        let (m, n) = (dot.m, dot.n);
        let is_transposed = |reader: &usize| {
            let elements = lowered.buffers[out].elements;
            let reads = |v: &View| v.buffer != out || (v.elements() == elements && reads_transposed(v, m, n));
            match &lowered.nodes[*reader].kind {
                NodeKind::Map { args, .. } => args.iter().all(|v| reads(&parted(v, m, n))),
                NodeKind::Concatenate { parts, .. } => parts.iter().all(reads),
                _ => false,
            }
        };
        let is_temporary = lowered.buffers[out].owner == Owner::Temporary;
        if !is_temporary || readers[out].is_empty() || !readers[out].iter().all(is_transposed) {
            continue;
        }
        for reader in &readers[out] {
            let views = match &mut lowered.nodes[*reader].kind {
                NodeKind::Map { args, .. } => {
                    args.iter_mut().filter(|v| v.buffer == out).for_each(|v| *v = parted(v, m, n));
                    args
                }
                NodeKind::Concatenate { parts, .. } => parts,
                _ => continue,
            };
            let strides = views.iter_mut().filter(|v| v.buffer == out).flat_map(|v| &mut v.strides);
            for stride in strides {
                match stride.unsigned_abs() {
                    1 => *stride = m as isize,
                    row if row == n => *stride = 1,
                    _ => {}
                }
            }
        }
        if let NodeKind::Dot(dot) = &mut lowered.nodes[at].kind {
            std::mem::swap(&mut dot.lhs, &mut dot.rhs);
            let turned = |(row, column): (isize, isize)| (column, row);
            (dot.lhs_strides, dot.rhs_strides) = (turned(dot.rhs_strides), turned(dot.lhs_strides));
            (dot.m, dot.n, dot.out_strides.1) = (n, m, m);
        }
    }
}

/// The view with dimensions that run through the rows of several matrices of `m` x `n` elements parted into two.
fn parted(view: &View, m: usize, n: usize) -> View {
    let dims = view.shape.iter().zip(&view.strides).flat_map(|(size, stride)| {
        let runs_on = *stride == n as isize && *size > m && size.is_multiple_of(m);
        let outer = runs_on.then(|| (size / m, (m * n) as isize));
        outer.into_iter().chain([(if runs_on { m } else { *size }, *stride)])
    });
    let (shape, strides) = dims.unzip();
    View { shape, strides, ..*view }
}

/// Whether the view reads whole matrices of `m` x `n` elements column by column.
fn reads_transposed(view: &View, m: usize, n: usize) -> bool {
    let mut dims =
        view.shape.iter().zip(&view.strides).filter(|(size, _)| **size > 1).map(|(size, s)| (*size, *s));
    let (row, column) = ((m, n as isize), (n, 1));
    let is_last = dims.clone().next_back() == Some(row);
    let matrix = (m * n) as isize;
    m > 1
        && n > 1
        && view.offset == 0
        && is_last
        && dims.clone().any(|d| d == column)
        && dims.all(|d| d == row || d == column || d.1 % matrix == 0)
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
