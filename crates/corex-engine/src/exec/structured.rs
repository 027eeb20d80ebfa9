//! Lowering of operations with windows and bodies.

use corex_hlo::ir::{CompareDir, ConvDims, DType, DotDims, Op, OpKind, Reducer, TensorType, WindowDim};

use super::block_body::BlockBody;
use super::bodies::{FoldNode, ScatterNode};
use super::convolution::ConvNode;
use super::expression;
use super::grouped::GroupedNode;
use super::lower::Lowering;
use super::node::{Node, NodeKind, Owner};
use super::select::SelectNode;
use super::sort::SortNode;
use super::view::{BufferId, View, collapse};
use super::window::PoolNode;
use super::window_body::WindowNode;
use crate::error::EngineError;
use crate::prepare;
use crate::reference::{self, Body};

/// Input times output features of a group up to which a convolution is no matrix product. (Of groups of the batch,
/// whose input features may be many, output features squared.)
const SMALL_GROUP: usize = 16;

/// Whether arithmetic on the type takes place in f32, with one conversion at the end.
fn is_storage(dtype: DType) -> bool {
    dtype.is_float() && dtype != DType::F32
}

impl Lowering<'_> {
    fn operands(&self, op: &Op) -> (Vec<View>, Vec<DType>) {
        let views = op.operands.iter().map(|v| self.view(v.index())).collect();
        (views, op.operands.iter().map(|v| self.func.ty(*v).dtype).collect())
    }

    /// Operations whose body is a scalar function.
    pub(super) fn with_body(&mut self, op: &Op) -> Result<Vec<View>, EngineError> {
        let (mut xs, mut dtypes) = self.operands(op);
        let n = op.results.len();
        let Some(name) = op.kind.callees().first().copied().filter(|_| n > 0) else {
            return Err(prepare::unsupported(self.func, op));
        };
        let body = Body::new((*self.source.funcs.get(name)?).clone())?;
        let types: Vec<TensorType> = op.results.iter().map(|v| self.func.ty(*v).clone()).collect();
        let outs: Vec<BufferId> =
            types.iter().map(|ty| self.buffer(ty.dtype, ty.elements(), Owner::Temporary)).collect();
        let views = types.iter().zip(&outs).map(|(ty, out)| View::dense(*out, &ty.shape)).collect();
        if types[0].elements() == 0 {
            return Ok(views);
        }
        let rest = xs.split_off(n);
        let index_type = dtypes.get(n).copied().unwrap_or(DType::I32);
        dtypes.truncate(n);
        let block = |body: &Body| {
            BlockBody::new(self.source.isa, body.func()).ok_or_else(|| prepare::unsupported(self.func, op))
        };
        let kind = match &op.kind {
            OpKind::ReduceWith { dims, .. } => {
                let rank = xs[0].shape.len();
                let kept: Vec<usize> = (0..rank).filter(|d| !dims.contains(d)).collect();
                let order: Vec<usize> = kept.iter().chain(dims).copied().collect();
                let xs = xs.iter().map(|x| x.transpose(&order)).collect();
                let (outs, arg) = (outs.clone(), expression::arg_extremum(body.func()));
                let kept = kept.len();
                let block = block(&body)?;
                NodeKind::Fold(FoldNode { xs, inits: rest, kept, dtypes, outs, body, block, arg })
            }
            OpKind::ReduceWindowWith { window, .. } => {
                let (mut window, mut shape) = (window.clone(), types[0].shape.clone());
                if shape.is_empty() {
                    // A scalar is a row of one element.
                    xs.iter_mut().for_each(|x| *x = x.broadcast(&[1], &[]));
                    (window, shape) = (vec![WindowDim::UNIT], vec![1]);
                }
                let (outs, block) = (outs.clone(), block(&body)?);
                NodeKind::FoldWindow(WindowNode { xs, inits: rest, window, shape, dtypes, outs, body, block })
            }
            OpKind::ScatterWith { dims, .. } => {
                let (dims, outs, updates) = (dims.clone(), outs.clone(), rest[1..].to_vec());
                let indices = rest[0].clone();
                NodeKind::ScatterWith(ScatterNode {
                    xs,
                    indices,
                    index_type,
                    updates,
                    dims,
                    dtypes,
                    outs,
                    body,
                })
            }
            OpKind::Sort { dim, .. } => NodeKind::Sort(SortNode::new(xs, *dim, dtypes, outs.clone(), body)),
            _ => return Err(prepare::unsupported(self.func, op)),
        };
        self.out.nodes.push(Node { out: outs[0], more: outs[1..].to_vec(), kind });
        Ok(views)
    }

    pub(super) fn reduce_window(
        &mut self,
        ty: &TensorType,
        x: &[View],
        window: &[WindowDim],
        reducer: Reducer,
    ) -> View {
        if is_storage(ty.dtype) {
            let wide = [self.convert(x[0].clone(), DType::F32), self.convert(x[1].clone(), DType::F32)];
            let folded = self.reduce_window(&TensorType::f32(ty.shape.clone()), &wide, window, reducer);
            return self.convert(folded, ty.dtype);
        }
        let op = reference::reducer_op(reducer).expect("verified: the body combines its arguments");
        let (mut x, init) = (x[0].clone(), x[1].clone());
        let (mut window, mut shape) = (window.to_vec(), ty.shape.clone());
        if shape.is_empty() {
            // A scalar is a row of one element.
            (x, window, shape) = (x.broadcast(&[1], &[]), vec![WindowDim::UNIT], vec![1]);
        }
        let node = PoolNode { op, dtype: ty.dtype, x, init, window, shape };
        self.node(ty.dtype, &ty.shape, NodeKind::Pool(node))
    }

    pub(super) fn select_and_scatter(
        &mut self,
        ty: &TensorType,
        x: &[View],
        window: &[WindowDim],
        select: CompareDir,
        scatter: Reducer,
    ) -> View {
        if is_storage(ty.dtype) {
            let wide: Vec<View> = x.iter().map(|view| self.convert(view.clone(), DType::F32)).collect();
            let wide_type = TensorType::f32(ty.shape.clone());
            let sum = self.select_and_scatter(&wide_type, &wide, window, select, scatter);
            return self.convert(sum, ty.dtype);
        }
        let op = reference::reducer_op(scatter).expect("verified: the body combines its arguments");
        let node = SelectNode {
            dtype: ty.dtype,
            x: x[0].clone(),
            source: x[1].clone(),
            init: x[2].clone(),
            window: window.to_vec(),
            select,
            op,
        };
        self.node(ty.dtype, &ty.shape, NodeKind::Select(node))
    }

    pub(super) fn convolution(&mut self, ty: &TensorType, x: Vec<View>, c: &ConvDims) -> View {
        if is_storage(ty.dtype) {
            let wide = x.into_iter().map(|view| self.convert(view, DType::F32)).collect();
            let result = self.convolution(&TensorType::f32(ty.shape.clone()), wide, c);
            return self.convert(result, ty.dtype);
        }
        let spatial = c.window.len();
        let order = |batch: usize, dims: &[usize], feature: usize| -> Vec<usize> {
            [batch].iter().chain(dims).chain([&feature]).copied().collect()
        };
        let mut lhs = x[0].transpose(&order(c.lhs.batch, &c.lhs.spatial, c.lhs.feature));
        let reversed: Vec<usize> = c
            .rhs
            .spatial
            .iter()
            .zip(&c.reversal)
            .filter(|(_, reversed)| **reversed)
            .map(|(d, _)| *d)
            .collect();
        let kernel: Vec<usize> = c.rhs.spatial.iter().copied().chain([c.rhs.feature, c.rhs.batch]).collect();
        let mut rhs = x[1].reverse(&reversed).transpose(&kernel);
        // The result batch ++ spatial ++ features is computed; the layout asked for is a view of it.
        let to: Vec<usize> = order(c.result.batch, &c.result.spatial, c.result.feature);
        let shape: Vec<usize> = to.iter().map(|d| ty.shape[*d]).collect();
        let mut back = vec![0; to.len()];
        to.iter().enumerate().for_each(|(i, d)| back[*d] = i);
        if c.window.iter().all(|w| *w == WindowDim::UNIT) && c.feature_groups.max(c.batch_groups) == 1 {
            // Nothing but a product over the features.
            let dims =
                DotDims { lhs_contract: vec![1 + spatial], rhs_contract: vec![0], ..DotDims::default() };
            let matrix = rhs.slice(&vec![0; 2 + spatial], &rhs.shape, &vec![1; 2 + spatial]);
            if let Some(matrix) = matrix.reshape(&rhs.shape[spatial..]) {
                let flat = TensorType::new(ty.dtype, shape);
                return self.dot(&flat, vec![lhs, matrix], &dims).transpose(&back);
            }
        }
        if let Some(grouped) = self.grouped(ty.dtype, &shape, &lhs, &rhs, c) {
            return grouped.transpose(&back);
        }
        if lhs.strides[1 + spatial] != 1 {
            lhs = self.dense(&lhs);
        }
        let rows = |rhs: &View| match collapse(
            rhs.shape.iter().copied().zip(rhs.strides.iter().copied()).take(1 + spatial),
        )[..]
        {
            [] => Some(0),
            [(_, stride)] if stride >= 0 && rhs.strides[1 + spatial] >= 0 => Some(stride),
            _ => None,
        };
        let row = match rows(&rhs) {
            Some(row) => row,
            None => {
                rhs = self.dense(&rhs);
                rows(&rhs).unwrap_or(0)
            }
        };
        let rhs_strides = (row, rhs.strides[1 + spatial]);
        let node = ConvNode {
            dtype: ty.dtype,
            lhs,
            rhs,
            rhs_strides,
            window: c.window.clone(),
            places: shape[..1 + spatial].to_vec(),
            outputs: shape[1 + spatial],
            feature_groups: c.feature_groups,
            batch_groups: c.batch_groups,
        };
        self.node(ty.dtype, &shape, NodeKind::Conv(node)).transpose(&back)
    }

    /// A convolution of f32 in groups too small for matrix products; `None` for others. Takes the left operand as
    /// batch ++ spatial ++ features and the kernel as spatial ++ features ++ output features.
    fn grouped(
        &mut self,
        dtype: DType,
        shape: &[usize],
        lhs: &View,
        rhs: &View,
        c: &ConvDims,
    ) -> Option<View> {
        let spatial = c.window.len();
        let (groups, batch) = (c.feature_groups.max(c.batch_groups), shape[0]);
        let (features, outputs) = (rhs.shape[spatial], rhs.shape[1 + spatial]);
        let of_group = outputs / groups.max(1);
        if dtype != DType::F32 || groups == 1 || features == 0 || of_group == 0 {
            return None;
        }
        // Output features see what others of their group see, too, which is laid down once for each.
        let size = if c.feature_groups > 1 { features * of_group } else { of_group * of_group };
        if size > SMALL_GROUP {
            return None;
        }
        let (of_batch, of_feature) = (lhs.strides[0], lhs.strides[1 + spatial]);
        let next = match c.feature_groups {
            1 => of_batch * batch as isize,
            _ => of_feature * features as isize,
        };
        let sizes = [&[batch], &lhs.shape[1..=spatial], &[features, groups, of_group]].concat();
        let strides = [&[of_batch], &lhs.strides[1..=spatial], &[of_feature, next, 0]].concat();
        let mut seen = View { shape: sizes, strides, ..lhs.clone() };
        if next != 1 || of_group > 1 {
            seen = self.dense(&seen);
        }
        // Groups and the output features of a group are one dimension now.
        seen.shape.truncate(2 + spatial);
        seen.strides.truncate(2 + spatial);
        seen.shape.push(outputs);
        seen.strides.push(1);
        let rhs = if rhs.strides[1 + spatial] == 1 { rhs.clone() } else { self.dense(rhs) };
        let places = shape[..=spatial].to_vec();
        let node = GroupedNode { lhs: seen, rhs, window: c.window.clone(), places };
        Some(self.node(dtype, shape, NodeKind::Grouped(node)))
    }
}
