//! The lowered program: buffers, and the few kinds of node that compute them.
//!
//! Operands are [`View`]s, so data movement that strides can express has disappeared. Every node computes one or
//! more whole buffers, row-major.

use corex_hlo::ir::{DType, GatherDims, Reducer, ScatterDims, TensorType};

use super::bodies::{FoldNode, ScatterNode};
use super::compiled::Compiled;
use super::control::{CaseNode, LoopNode};
use super::convolution::ConvNode;
use super::epilogue::DotEpilogue;
use super::grouped::GroupedNode;
use super::kernel::MapOp;
use super::select::SelectNode;
use super::sort::SortNode;
use super::view::{BufferId, View};
use super::window::PoolNode;
use super::window_body::WindowNode;
use super::{column_fold, select, window};

/// A buffer and who owns its bytes.
#[derive(Debug)]
pub(super) struct BufferInfo {
    pub dtype: DType,
    pub elements: usize,
    pub owner: Owner,
}

impl BufferInfo {
    pub fn bytes(&self) -> usize {
        self.elements * self.dtype.size()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    /// The caller's input at that position.
    Input(usize),
    /// Constant data of the plan at that position.
    Constant(usize),
    /// Computed by a node; becomes the result at that position.
    Output(usize),
    /// Computed by a node; lives in the arena.
    Temporary,
}

/// One computation.
pub(super) struct Node {
    pub out: BufferId,
    /// Other buffers that the node writes: further results, and room that it needs while it runs. Empty for maps
    /// and row folds.
    pub more: Vec<BufferId>,
    pub kind: NodeKind,
}

impl Node {
    /// Every buffer that the node writes.
    pub fn outs(&self) -> impl Iterator<Item = BufferId> {
        std::iter::once(self.out).chain(self.more.iter().copied())
    }

    /// Operands that the node only changes in some places, each with the result that it becomes: if nothing else
    /// needs the operand, both may be one buffer.
    pub fn updates(&self) -> Vec<(&View, BufferId)> {
        match &self.kind {
            NodeKind::DynamicUpdateSlice { x, .. } | NodeKind::Scatter { x, .. } => vec![(x, self.out)],
            NodeKind::While(node) => node.updates(),
            NodeKind::ScatterWith(node) => node.xs.iter().zip(node.outs.iter().copied()).collect(),
            _ => Vec::new(),
        }
    }
}

pub(super) enum NodeKind {
    /// Elementwise; every operand view has as many elements as the result.
    Map {
        op: MapOp,
        from: DType,
        args: Vec<View>,
    },
    /// Folds rows: the view's elements in linear order are rows of `cols >= 2` elements each.
    RowFold {
        reducer: Reducer,
        x: View,
        cols: usize,
        init: View,
    },
    /// Folds `count` elements of every result in linear order of `folded`, where the result's minor-most
    /// dimension is the operand's: `x` has the shape kept ++ folded ++ [minor].
    ColumnFold {
        reducer: Reducer,
        x: View,
        kept: usize,
        minor: usize,
        init: View,
    },
    /// The view's bytes, row-major, as elements of another size.
    Bitcast {
        x: View,
        from: DType,
    },
    /// One matrix product per batch index.
    Dot(DotNode),
    /// Pieces of operands laid side by side.
    Concatenate {
        parts: Vec<View>,
        shape: Vec<usize>,
        dim: usize,
    },
    /// The result is filled with `value`, then gets `x` from `start` in steps of `step`.
    Pad {
        x: View,
        value: View,
        shape: Vec<usize>,
        start: Vec<usize>,
        step: Vec<usize>,
    },
    DynamicSlice {
        x: View,
        starts: Vec<(View, DType)>,
        shape: Vec<usize>,
    },
    DynamicUpdateSlice {
        x: View,
        update: View,
        starts: Vec<(View, DType)>,
    },
    Gather {
        x: View,
        indices: View,
        index_type: DType,
        dims: GatherDims,
        shape: Vec<usize>,
    },
    Scatter {
        x: View,
        indices: View,
        index_type: DType,
        updates: View,
        dims: ScatterDims,
        reducer: Reducer,
    },
    While(LoopNode),
    Case(CaseNode),
    Fold(FoldNode),
    FoldWindow(WindowNode),
    ScatterWith(ScatterNode),
    Sort(SortNode),
    Conv(ConvNode),
    Grouped(GroupedNode),
    Pool(PoolNode),
    Select(SelectNode),
}

/// `c[b, i, j] = sum over k of lhs[b, i, k] * rhs[b, k, j]`.
#[derive(Debug)]
pub(super) struct DotNode {
    pub dtype: DType,
    pub lhs: View,
    pub rhs: View,
    /// Shape of the batch; both views begin with it.
    pub batch: Vec<usize>,
    pub m: usize,
    pub n: usize,
    pub k: usize,
    /// (row, column) strides of one matrix of each side, in elements.
    pub lhs_strides: (isize, isize),
    pub rhs_strides: (isize, isize),
    /// Strides of the batch dimensions and of the rows in the result, in elements; columns are adjacent.
    pub out_strides: (Vec<usize>, usize),
    /// If set, elements (i, j) with `j - i` above this may be left as they are: nobody sees them ([`super::hidden`]).
    pub seen: Option<i64>,
    pub epilogue: Option<DotEpilogue>,
}

impl DotNode {
    /// Matrices of the batch.
    pub fn batches(&self) -> usize {
        self.batch.iter().product()
    }

    /// True if the result's matrices lie one behind the other, without gaps.
    pub fn is_dense(&self) -> bool {
        let (batch, row) = &self.out_strides;
        let mut next = self.m * self.n;
        *row == self.n
            && self.batch.iter().zip(batch).rev().all(|(size, stride)| {
                let fits = *size == 1 || *stride == next;
                next *= size;
                fits
            })
    }
}

impl NodeKind {
    /// Maps and row folds are computed in groups, tile by tile.
    pub fn is_fusible(&self) -> bool {
        matches!(self, Self::Map { .. } | Self::RowFold { .. })
    }

    /// Scratch bytes that every thread needs.
    pub fn scratch(&self) -> usize {
        match self {
            Self::ColumnFold { .. } => column_fold::SCRATCH,
            Self::Fold(node) => node.scratch(),
            Self::FoldWindow(node) => node.scratch(),
            Self::Sort(node) => node.scratch(),
            Self::Conv(node) => node.scratch(),
            Self::Grouped(node) => node.scratch(),
            Self::Pool(_) => window::SCRATCH,
            Self::Select(_) => select::SCRATCH,
            _ => 0,
        }
    }

    /// Every view that the node reads.
    pub fn views(&self) -> Vec<&View> {
        match self {
            Self::Map { args, .. } => args.iter().collect(),
            Self::RowFold { x, init, .. } | Self::ColumnFold { x, init, .. } => vec![x, init],
            Self::Bitcast { x, .. } => vec![x],
            Self::Dot(dot) => {
                let epilogue = dot.epilogue.as_ref().map(|epilogue| &epilogue.operand);
                [&dot.lhs, &dot.rhs].into_iter().chain(epilogue).collect()
            }
            Self::Concatenate { parts, .. } => parts.iter().collect(),
            Self::Pad { x, value, .. } => vec![x, value],
            Self::DynamicSlice { x, starts, .. } => starts.iter().map(|s| &s.0).chain([x]).collect(),
            Self::DynamicUpdateSlice { x, update, starts } => {
                starts.iter().map(|s| &s.0).chain([x, update]).collect()
            }
            Self::Gather { x, indices, .. } => vec![x, indices],
            Self::Scatter { x, indices, updates, .. } => vec![x, indices, updates],
            Self::While(node) => node.views(),
            Self::Case(node) => node.views(),
            Self::Fold(node) => node.xs.iter().chain(&node.inits).collect(),
            Self::FoldWindow(node) => node.xs.iter().chain(&node.inits).collect(),
            Self::ScatterWith(node) => node.xs.iter().chain([&node.indices]).chain(&node.updates).collect(),
            Self::Sort(node) => node.xs.iter().collect(),
            Self::Conv(node) => vec![&node.lhs, &node.rhs],
            Self::Grouped(node) => vec![&node.lhs, &node.rhs],
            Self::Pool(node) => vec![&node.x, &node.init],
            Self::Select(node) => vec![&node.x, &node.source, &node.init],
        }
    }
}

/// The lowered function.
#[derive(Default)]
pub(super) struct Lowered {
    pub buffers: Vec<BufferInfo>,
    pub nodes: Vec<Node>,
    /// Bytes of constants, until they are copied to where they stay.
    pub constants: Vec<Vec<u8>>,
    /// Where each result is, with its type.
    pub results: Vec<(TensorType, BufferId)>,
    /// What loops and branches run.
    pub programs: Vec<Compiled>,
}

impl Lowered {
    /// A node in words: what it does and how large it is.
    pub fn describe(&self, at: usize) -> String {
        let node = &self.nodes[at];
        let elements = self.buffers[node.out].elements;
        let strides = |v: &View| format!("{:?}", v.collapsed());
        match &node.kind {
            NodeKind::Dot(dot) => {
                let DotNode { batch, m, n, k, lhs_strides: l, rhs_strides: r, .. } = dot;
                let batch: usize = batch.iter().product();
                let seen = if dot.seen.is_some() { ", below a diagonal" } else { "" };
                let epilogue =
                    dot.epilogue.as_ref().map(|e| format!(", then {:?}", e.op)).unwrap_or_default();
                let row = dot.out_strides.1;
                let apart = if row == *n { String::new() } else { format!(", rows {row} apart") };
                format!("dot_general {batch} x ({m} x {n} x {k}), strides {l:?} {r:?}{apart}{seen}{epilogue}")
            }
            NodeKind::ColumnFold { x, .. } => format!("column fold of {}", strides(x)),
            NodeKind::Bitcast { .. } => format!("bitcast_convert, {elements}"),
            NodeKind::Concatenate { parts, .. } => format!("concatenate {} parts, {elements}", parts.len()),
            NodeKind::Pad { .. } => format!("pad, {elements}"),
            NodeKind::DynamicSlice { .. } => format!("dynamic_slice, {elements}"),
            NodeKind::DynamicUpdateSlice { .. } => format!("dynamic_update_slice, {elements}"),
            NodeKind::Gather { .. } => format!("gather, {elements}"),
            NodeKind::Scatter { updates, .. } => format!("scatter of {}, {elements}", updates.elements()),
            NodeKind::While(_) => "while".to_owned(),
            NodeKind::Case(_) => "case".to_owned(),
            NodeKind::Fold(_) => format!("reduce with a body, {elements}"),
            NodeKind::FoldWindow(_) => format!("reduce_window with a body, {elements}"),
            NodeKind::ScatterWith(_) => format!("scatter with a body, {elements}"),
            NodeKind::Sort(_) => format!("sort, {elements}"),
            NodeKind::Conv(_) => format!("convolution, {elements}"),
            NodeKind::Grouped(_) => format!("convolution in groups, {elements}"),
            NodeKind::Pool(_) => format!("reduce_window, {elements}"),
            NodeKind::Select(_) => format!("select_and_scatter, {elements}"),
            NodeKind::Map { op, .. } => format!("{op:?}, {elements}"),
            NodeKind::RowFold { cols, .. } => format!("row fold of {cols}, {elements}"),
        }
    }
}
