//! Chains: neighbouring steps computed block by block, so that what flows between them stays in cache.
//!
//! Attention is the pattern: a product per head, passes over its rows, further products per head. Computed step by
//! step, every intermediate value of every head goes to memory and back. Here all steps are computed for one head
//! before the next is begun, and values that nobody else reads never need more room than one block of them.
//!
//! A block is one batch index of the products. Every value made within the chain is cut into as many equal stretches
//! as there are blocks, and block `i` reads only stretch `i` of it.

use super::fuse::{Group, LONGEST_ROW};
use super::node::{DotNode, Lowered, NodeKind, Owner};
use super::view::{BufferId, View};
use crate::buffer::ALIGN;

/// Room for one block's values, at most: some must be left of the caches.
const LARGEST_BLOCK: usize = 16 << 20;

/// Groups computed block by block.
pub(super) struct Chain {
    /// Positions of the groups.
    pub groups: std::ops::Range<usize>,
    pub blocks: usize,
    /// Values that live only while a block is computed.
    pub locals: Vec<Local>,
    /// Bytes of all locals of a block.
    pub bytes: usize,
}

/// A buffer of which only one block exists at a time.
pub(super) struct Local {
    pub buffer: BufferId,
    /// Offset in the scratch area.
    pub offset: usize,
    /// Elements of a block.
    pub elements: usize,
}

/// Finds the chains among ordered groups, for `threads` that share out the blocks. `stored` tells which buffers are in
/// memory.
pub(super) fn chains(lowered: &Lowered, groups: &[Group], stored: &[bool], threads: usize) -> Vec<Chain> {
    let mut first_reader = vec![usize::MAX; lowered.buffers.len()];
    let mut last_reader = vec![0; lowered.buffers.len()];
    for (at, group) in groups.iter().enumerate() {
        for view in group.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views()) {
            first_reader[view.buffer] = first_reader[view.buffer].min(at);
            last_reader[view.buffer] = at;
        }
    }
    let mut found = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        let blocks = product(lowered, &groups[at]).map_or(0, DotNode::batches);
        if blocks < 2 * threads && (blocks < 2 || !blocks.is_multiple_of(threads)) {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < groups.len() && joins(lowered, &groups[at..end], &groups[end], blocks) {
            end += 1;
        }
        let made = |g: usize| groups[g].nodes.iter().map(|n| lowered.nodes[*n].out).filter(|b| stored[*b]);
        let is_read_within = |b: BufferId| first_reader[b] < end;
        if !(at..end).any(|g| made(g).any(is_read_within)) {
            at = end;
            continue;
        }
        let mut chain = Chain { groups: at..end, blocks, locals: Vec::new(), bytes: 0 };
        for buffer in (at..end).flat_map(made) {
            let info = &lowered.buffers[buffer];
            if info.owner == Owner::Temporary && is_read_within(buffer) && last_reader[buffer] < end {
                let elements = info.elements / blocks;
                chain.locals.push(Local { buffer, offset: chain.bytes, elements });
                chain.bytes += (elements * info.dtype.size()).next_multiple_of(ALIGN);
            }
        }
        if chain.bytes <= LARGEST_BLOCK {
            found.push(chain);
        }
        at = end;
    }
    found
}

fn product<'a>(lowered: &'a Lowered, group: &Group) -> Option<&'a DotNode> {
    match &lowered.nodes[*group.nodes.first()?].kind {
        NodeKind::Dot(dot) => Some(dot),
        _ => None,
    }
}

/// True if block `i` of `next` reads only block `i` of what `chain` makes, and is a block of its own.
fn joins(lowered: &Lowered, chain: &[Group], next: &Group, blocks: usize) -> bool {
    let scattered = chain.iter().filter(|g| product(lowered, g).is_some_and(|dot| !dot.is_dense()));
    let scattered: Vec<BufferId> = scattered.map(|g| lowered.nodes[g.nodes[0]].out).collect();
    let reads = next.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views());
    if reads.map(|v| v.buffer).any(|b| scattered.contains(&b)) {
        return false;
    }
    let made: Vec<BufferId> =
        chain.iter().flat_map(|g| g.nodes.iter().map(|n| lowered.nodes[*n].out)).collect();
    let block_of = |view: &View| lowered.buffers[view.buffer].elements / blocks;
    if let Some(dot) = product(lowered, next) {
        if dot.epilogue.as_ref().is_some_and(|epilogue| made.contains(&epilogue.operand.buffer)) {
            return false;
        }
        let mut sides = [&dot.lhs, &dot.rhs].into_iter().filter(|v| made.contains(&v.buffer));
        return dot.batches() == blocks && sides.all(|v| is_blockwise(v, dot.batch.len(), block_of(v)));
    }
    let mut views = next.nodes.iter().flat_map(|n| lowered.nodes[*n].kind.views());
    let (block, cols) = (next.elements / blocks, next.cols.unwrap_or(1));
    let reads_chain = views.clone().any(|v| made.contains(&v.buffer));
    // Dense views read each element where it is; the values of rows go with their rows.
    let in_place = |v: &View| v.is_dense() || next.is_row_broadcast(v);
    // What repeats must begin anew with every block.
    let repeats = |v: &View| match v.collapsed()[..] {
        [(_, 0), (period, 1)] => block.is_multiple_of(period),
        _ => true,
    };
    reads_chain
        && next.nodes.iter().all(|n| lowered.nodes[*n].kind.is_fusible())
        && next.elements.is_multiple_of(blocks)
        && cols <= LONGEST_ROW
        && block.is_multiple_of(cols)
        && views.clone().all(repeats)
        && views.all(|v| !made.contains(&v.buffer) || (in_place(v) && v.buffer_is_whole(lowered)))
}

/// True if batch index `i` of the view, whose first `batch` dimensions are the batch, lies in stretch `i` of the buffer.
fn is_blockwise(view: &View, batch: usize, block: usize) -> bool {
    let dims = |range: std::ops::Range<usize>| range.map(|d| (view.shape[d], view.strides[d]));
    let outer = super::view::collapse(dims(0..batch));
    let reach = |(size, stride): (usize, isize)| (size.max(1) - 1) as isize * stride;
    let inner: Vec<isize> = dims(batch..view.shape.len()).map(reach).collect();
    matches!(outer[..], [(_, stride)] if stride == block as isize)
        && inner.iter().all(|r| *r >= 0)
        && view.offset + inner.iter().sum::<isize>().unsigned_abs() < block
}

impl View {
    /// True if the view reads as many elements as the buffer has, or one value per row of them.
    fn buffer_is_whole(&self, lowered: &Lowered) -> bool {
        let elements = lowered.buffers[self.buffer].elements;
        self.elements() == elements || !self.is_dense()
    }
}
