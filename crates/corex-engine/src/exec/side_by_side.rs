//! Products that are only made to be side by side in a concatenation, as the gradients of queries, keys and values are, are
//! made there: as some of its columns.

use super::epilogue::Reads;
use super::fuse::Group;
use super::in_place::Home;
use super::node::{DotNode, Lowered, NodeKind, Owner};
use super::view::BufferId;

/// Lets products write where concatenations want them, for groups in their final order.
pub(super) fn place(lowered: &mut Lowered, groups: &[Group], home: &mut [Home]) {
    for SideBySide { dot: at, whole, column, strides } in candidates(lowered, groups) {
        let part = lowered.nodes[at].out;
        let is_free =
            lowered.buffers[part].owner == Owner::Temporary && home[part] == Home { root: part, offset: 0 };
        // Whoever hashes a result takes each of its parts to be one stretch.
        if !is_free || lowered.buffers[home[whole].root].owner != Owner::Temporary {
            continue;
        }
        let size = lowered.buffers[whole].dtype.size();
        home[part] = Home { offset: home[whole].offset + column * size, ..home[whole] };
        if let NodeKind::Dot(dot) = &mut lowered.nodes[at].kind {
            dot.out_strides = strides;
        }
    }
}

/// A product that can be made as some of the columns of a concatenation.
struct SideBySide {
    /// The product's node.
    dot: usize,
    /// The concatenation's result.
    whole: BufferId,
    /// Elements before the product in each row of it.
    column: usize,
    /// What strides the product's result has there.
    strides: (Vec<usize>, usize),
}

/// Products that nobody reads but a concatenation, which has them side by side.
fn candidates(lowered: &Lowered, groups: &[Group]) -> Vec<SideBySide> {
    let mut readers = vec![0; lowered.buffers.len()];
    let mut dots = vec![None; lowered.buffers.len()];
    let nodes = || groups.iter().flat_map(|group| &group.nodes).map(|at| (*at, &lowered.nodes[*at]));
    for (at, node) in nodes() {
        node.kind.views().iter().for_each(|v| readers[v.buffer] += 1);
        if let NodeKind::Dot(dot) = &node.kind {
            dots[node.out] = Some((at, dot));
        }
    }
    let mut found = Vec::new();
    for (_, node) in nodes() {
        let NodeKind::Concatenate { parts, shape, dim } = &node.kind else { continue };
        let width = |shape: &[usize]| shape[*dim..].iter().product::<usize>();
        let mut column = 0;
        for part in parts {
            let fits = |(at, dot): (usize, &DotNode)| {
                let is_whole = part.is_dense() && part.elements() == lowered.buffers[part.buffer].elements;
                let strides = strides_in_columns(dot, width(&part.shape), width(shape))?;
                let is_only = is_whole && readers[part.buffer] == 1;
                is_only.then_some(SideBySide { dot: at, whole: node.out, column, strides })
            };
            found.extend(dots[part.buffer].and_then(fits));
            column += width(&part.shape);
        }
    }
    found
}

/// Strides of the product's result if its rows of `from` elements become parts of rows of `to`; `None` if some of its
/// own rows or matrices are not within one of them.
fn strides_in_columns(dot: &DotNode, from: usize, to: usize) -> Option<(Vec<usize>, usize)> {
    let (batch, row) = &dot.out_strides;
    let is_elsewhere = dot.epilogue.as_ref().is_some_and(|epilogue| epilogue.reads == Reads::Same);
    let sizes = dot.batch.iter().chain([&dot.m]);
    let strides = batch.iter().chain([row]);
    let mut last = dot.n.checked_sub(1)?;
    let mut moved = Vec::with_capacity(batch.len() + 1);
    for (size, stride) in sizes.zip(strides) {
        let is_within = !stride.is_multiple_of(from);
        if is_within {
            last += size.checked_sub(1)? * stride;
        }
        moved.push(if is_within || *size == 1 { *stride } else { stride / from * to });
    }
    let row = moved.pop()?;
    (last < from && !is_elsewhere).then_some((moved, row))
}
