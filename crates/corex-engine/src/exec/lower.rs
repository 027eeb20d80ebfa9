//! Lowering: operations of the IR become nodes over views.

use corex_hlo::ir::{BinaryOp, DType, DotDims, Func, Literal, LiteralData, Op, OpKind, Reducer, TensorType};

use super::compiled::Source;
use super::kernel::MapOp;
use super::node::{BufferInfo, DotNode, Lowered, Node, NodeKind, Owner};
use super::view::{BufferId, View, collapse, dense_strides};
use crate::error::EngineError;
use crate::{prepare, reference};

/// Lowers a flat, verified function. With `owns_results` every result gets a buffer that nothing else names.
pub(super) fn lower(source: &Source<'_>, func: &Func, owns_results: bool) -> Result<Lowered, EngineError> {
    let mut lowering = Lowering {
        source,
        func,
        out: Lowered::default(),
        views: vec![None; func.values.len()],
        owns_results,
    };
    for (i, param) in func.params.iter().enumerate() {
        let ty = func.ty(*param);
        let buffer = lowering.buffer(ty.dtype, ty.elements(), Owner::Input(i));
        lowering.views[param.index()] = Some(View::dense(buffer, &ty.shape));
    }
    for op in &func.ops {
        let views = match &op.kind {
            OpKind::While { cond, body } => lowering.while_loop(op, cond, body)?,
            OpKind::Case { branches } => lowering.case(op, branches)?,
            kind if kind.has_scalar_body() => lowering.with_body(op)?,
            _ => vec![lowering.op(op)?],
        };
        for (v, view) in op.results.iter().zip(views) {
            lowering.views[v.index()] = Some(view);
        }
    }
    for v in &func.results {
        lowering.result(func.ty(*v), lowering.view(v.index()));
    }
    Ok(lowering.out)
}

pub(super) struct Lowering<'a> {
    /// Where the functions come from that loops and branches name.
    pub(super) source: &'a Source<'a>,
    pub(super) func: &'a Func,
    pub(super) out: Lowered,
    /// Where each value of the function is.
    views: Vec<Option<View>>,
    owns_results: bool,
}

impl Lowering<'_> {
    pub(super) fn view(&self, at: usize) -> View {
        self.views[at].clone().expect("verified: every value is defined before its uses")
    }

    pub(super) fn buffer(&mut self, dtype: DType, elements: usize, owner: Owner) -> BufferId {
        self.out.buffers.push(BufferInfo { dtype, elements, owner });
        self.out.buffers.len() - 1
    }

    fn constant(&mut self, dtype: DType, bytes: &[u8]) -> BufferId {
        self.out.constants.push(bytes.to_vec());
        let owner = Owner::Constant(self.out.constants.len() - 1);
        self.buffer(dtype, bytes.len() / dtype.size(), owner)
    }

    /// A new node and the dense view of what it computes. A result without elements needs no node.
    pub(super) fn node(&mut self, dtype: DType, shape: &[usize], kind: NodeKind) -> View {
        let elements = shape.iter().product();
        let out = self.buffer(dtype, elements, Owner::Temporary);
        if elements > 0 {
            self.out.nodes.push(Node { out, more: Vec::new(), kind });
        }
        View::dense(out, shape)
    }

    fn map(&mut self, op: MapOp, from: DType, to: DType, shape: &[usize], args: Vec<View>) -> View {
        self.node(to, shape, NodeKind::Map { op, from, args })
    }

    /// The view if it is all of its buffer, row-major, else a copy that is.
    pub(super) fn whole(&mut self, view: View) -> View {
        let is_whole = view.is_dense() && view.elements() == self.out.buffers[view.buffer].elements;
        if is_whole { view } else { self.dense(&view) }
    }

    /// The same elements in a buffer of their own, row-major.
    pub(super) fn dense(&mut self, view: &View) -> View {
        let dtype = self.out.buffers[view.buffer].dtype;
        self.map(MapOp::Copy, dtype, dtype, &view.shape, vec![view.clone()])
    }

    pub(super) fn convert(&mut self, view: View, to: DType) -> View {
        let from = self.out.buffers[view.buffer].dtype;
        if from == to {
            return view;
        }
        let shape = view.shape.clone();
        self.map(MapOp::Convert, from, to, &shape, vec![view])
    }

    fn result(&mut self, ty: &TensorType, view: View) {
        let position = self.out.results.len();
        let mut view = self.whole(view);
        let is_free = match self.out.buffers[view.buffer].owner {
            Owner::Temporary => true,
            Owner::Constant(_) => false,
            Owner::Input(_) | Owner::Output(_) => !self.owns_results,
        };
        if !is_free {
            view = self.dense(&view);
        }
        let info = &mut self.out.buffers[view.buffer];
        if info.owner == Owner::Temporary {
            info.owner = Owner::Output(position);
        }
        self.out.results.push((ty.clone(), view.buffer));
    }

    fn op(&mut self, op: &Op) -> Result<View, EngineError> {
        let func = self.func;
        let ty = func.ty(op.results[0]);
        let shape = &ty.shape;
        let x: Vec<View> = op.operands.iter().map(|v| self.view(v.index())).collect();
        let types: Vec<DType> = op.operands.iter().map(|v| func.ty(*v).dtype).collect();
        let splat_scalar = |v: &View| if v.shape.is_empty() { v.broadcast(shape, &[]) } else { v.clone() };
        Ok(match &op.kind {
            OpKind::Constant(literal) => self.literal(literal),
            OpKind::Iota { dim, .. } => {
                let inner = shape[dim + 1..].iter().product::<usize>().max(1);
                let map = MapOp::Iota { size: shape[*dim].max(1), inner };
                self.map(map, ty.dtype, ty.dtype, shape, Vec::new())
            }
            OpKind::Unary(f) => self.map(MapOp::Unary(*f), types[0], ty.dtype, shape, x),
            OpKind::Binary(f) => self.map(MapOp::Binary(*f), types[0], ty.dtype, shape, x),
            OpKind::Compare(dir) => self.map(MapOp::Compare(*dir), types[0], ty.dtype, shape, x),
            OpKind::Select => {
                let args = vec![splat_scalar(&x[0]), x[1].clone(), x[2].clone()];
                self.map(MapOp::Select, types[1], ty.dtype, shape, args)
            }
            OpKind::Clamp => {
                let args = vec![splat_scalar(&x[0]), x[1].clone(), splat_scalar(&x[2])];
                self.map(MapOp::Clamp, types[1], ty.dtype, shape, args)
            }
            OpKind::Convert(to) => self.map(MapOp::Convert, types[0], *to, shape, x),
            OpKind::CompareTotal(dir) => self.map(MapOp::CompareTotal(*dir), types[0], ty.dtype, shape, x),
            OpKind::ReducePrecision { exponent_bits, mantissa_bits } => {
                let (exponent_bits, mantissa_bits) = (*exponent_bits, *mantissa_bits);
                let map = MapOp::ReducePrecision { exponent_bits, mantissa_bits };
                self.map(map, ty.dtype, ty.dtype, shape, x)
            }
            OpKind::BitcastConvert(to) if to.size() == types[0].size() => {
                self.map(MapOp::Copy, types[0], *to, shape, x)
            }
            OpKind::BitcastConvert(_) => {
                self.node(ty.dtype, shape, NodeKind::Bitcast { x: x[0].clone(), from: types[0] })
            }
            OpKind::BroadcastInDim { dims, .. } => x[0].broadcast(shape, dims),
            OpKind::Reshape { .. } => match x[0].reshape(shape) {
                Some(view) => view,
                None => View::dense(self.dense(&x[0]).buffer, shape),
            },
            OpKind::Transpose { perm } => x[0].transpose(perm),
            OpKind::Slice { start, strides, .. } => x[0].slice(start, shape, strides),
            OpKind::Reverse { dims } => x[0].reverse(dims),
            OpKind::DynamicSlice { .. } => {
                let starts = x[1..].iter().cloned().zip(types[1..].iter().copied()).collect();
                let kind = NodeKind::DynamicSlice { x: x[0].clone(), starts, shape: shape.clone() };
                self.node(ty.dtype, shape, kind)
            }
            OpKind::DynamicUpdateSlice => {
                let starts = x[2..].iter().cloned().zip(types[2..].iter().copied()).collect();
                let kind = NodeKind::DynamicUpdateSlice { x: x[0].clone(), update: x[1].clone(), starts };
                self.node(ty.dtype, shape, kind)
            }
            OpKind::Concatenate { dim } => {
                let kind = NodeKind::Concatenate { parts: x, shape: shape.clone(), dim: *dim };
                self.node(ty.dtype, shape, kind)
            }
            OpKind::Pad { low, interior, .. } => self.pad(ty, &x, low, interior),
            OpKind::Reduce { dims, reducer } => self.reduce(ty, &x, dims, *reducer),
            OpKind::DotGeneral(dims) => self.dot(ty, x, dims),
            OpKind::Gather(dims) => {
                let kind = NodeKind::Gather {
                    x: x[0].clone(),
                    indices: x[1].clone(),
                    index_type: types[1],
                    dims: dims.clone(),
                    shape: shape.clone(),
                };
                self.node(ty.dtype, shape, kind)
            }
            OpKind::Scatter(dims, reducer) => {
                if ty.dtype.is_float() && ty.dtype != DType::F32 && *reducer != Reducer::Assign {
                    let wide = self.convert(x[0].clone(), DType::F32);
                    let updates = self.convert(x[2].clone(), DType::F32);
                    let kind = NodeKind::Scatter {
                        x: wide,
                        indices: x[1].clone(),
                        index_type: types[1],
                        updates,
                        dims: dims.clone(),
                        reducer: *reducer,
                    };
                    let sum = self.node(DType::F32, shape, kind);
                    return Ok(self.convert(sum, ty.dtype));
                }
                let kind = NodeKind::Scatter {
                    x: x[0].clone(),
                    indices: x[1].clone(),
                    index_type: types[1],
                    updates: x[2].clone(),
                    dims: dims.clone(),
                    reducer: *reducer,
                };
                self.node(ty.dtype, shape, kind)
            }
            OpKind::Convolution(dims) => self.convolution(ty, x, dims),
            OpKind::ReduceWindow { window, reducer } => self.reduce_window(ty, &x, window, *reducer),
            OpKind::SelectAndScatter { window, select, scatter } => {
                self.select_and_scatter(ty, &x, window, *select, *scatter)
            }
            OpKind::Call { .. }
            | OpKind::While { .. }
            | OpKind::Case { .. }
            | OpKind::ReduceWith { .. }
            | OpKind::ScatterWith { .. }
            | OpKind::ReduceWindowWith { .. }
            | OpKind::Sort { .. } => return Err(prepare::unsupported(func, op)),
        })
    }

    fn literal(&mut self, literal: &Literal) -> View {
        let ty = &literal.ty;
        match &literal.data {
            LiteralData::Splat(one) => View::splat(self.constant(ty.dtype, one), &ty.shape),
            LiteralData::Dense(all) => View::dense(self.constant(ty.dtype, all), &ty.shape),
        }
    }

    /// Negative padding crops the operand first, so that what is left lies within the result.
    fn pad(&mut self, ty: &TensorType, x: &[View], low: &[i64], interior: &[usize]) -> View {
        let rank = ty.shape.len();
        let (mut first, mut size) = (vec![0; rank], vec![0; rank]);
        let (mut start, mut step) = (vec![0; rank], vec![1; rank]);
        for d in 0..rank {
            // Operand element i lands at low + i * step; keep those within 0..shape[d].
            let (at, by) = (i128::from(low[d]), interior[d] as i128 + 1);
            let bound = |limit: i128| ((limit - at + by - 1).div_euclid(by)).clamp(0, x[0].shape[d] as i128);
            let (from, to) = (bound(0), bound(ty.shape[d] as i128));
            first[d] = from as usize;
            size[d] = (to - from).max(0) as usize;
            start[d] = if size[d] == 0 { 0 } else { (at + from * by) as usize };
            step[d] = if size[d] <= 1 { 1 } else { by as usize };
        }
        let kept = x[0].slice(&first, &size, &vec![1; rank]);
        let value = x[1].clone();
        let kind = NodeKind::Pad { x: kept, value, shape: ty.shape.clone(), start, step };
        self.node(ty.dtype, &ty.shape, kind)
    }

    fn reduce(&mut self, ty: &TensorType, x: &[View], dims: &[usize], reducer: Reducer) -> View {
        if ty.dtype.is_float() && ty.dtype != DType::F32 {
            // Storage types: the whole reduction runs in f32.
            let wide = [self.convert(x[0].clone(), DType::F32), self.convert(x[1].clone(), DType::F32)];
            let sum = self.reduce(&TensorType::f32(ty.shape.clone()), &wide, dims, reducer);
            return self.convert(sum, ty.dtype);
        }
        let (x, init) = (&x[0], &x[1]);
        let rank = x.shape.len();
        let kept: Vec<usize> = (0..rank).filter(|d| !dims.contains(d)).collect();
        let count: usize = dims.iter().map(|d| x.shape[*d]).product();
        let splat = init.broadcast(&ty.shape, &[]);
        let op = reference::reducer_op(reducer).expect("verified: a reduction has a combining function");
        let dtype = ty.dtype;
        let is_sum = dtype == DType::F32 && reducer == Reducer::Add;
        if count <= 1 {
            // The law's sum starts from +0.0 before it takes the initial value.
            let zero = is_sum.then(|| {
                let bytes = 0_f32.to_le_bytes();
                View::splat(self.constant(dtype, &bytes), &ty.shape)
            });
            let mut binary =
                |a: View, b: View| self.map(MapOp::Binary(op), dtype, dtype, &ty.shape, vec![a, b]);
            let order: Vec<usize> = kept.iter().chain(dims).copied().collect();
            let only = (count == 1)
                .then(|| x.transpose(&order).reshape(&ty.shape).expect("dimensions of size 1 always drop"));
            return match (zero, only) {
                (Some(zero), Some(only)) => {
                    let sum = binary(zero, only);
                    binary(sum, splat)
                }
                (Some(zero), None) => binary(zero, splat),
                (None, Some(only)) => binary(splat, only),
                (None, None) if dtype.is_float() => binary_identity(self, dtype, &ty.shape, splat),
                (None, None) => self.map(MapOp::Copy, dtype, dtype, &ty.shape, vec![splat]),
            };
        }
        let minor_is_folded = dims.contains(&(rank - 1));
        if minor_is_folded {
            let order: Vec<usize> = kept.iter().chain(dims).copied().collect();
            let kind = NodeKind::RowFold { reducer, x: x.transpose(&order), cols: count, init: splat };
            return self.node(dtype, &ty.shape, kind);
        }
        let (minor, outer) = kept.split_last().expect("the minor-most dimension is kept");
        let order: Vec<usize> = outer.iter().chain(dims).chain([minor]).copied().collect();
        let kind = NodeKind::ColumnFold {
            reducer,
            x: x.transpose(&order),
            kept: outer.len(),
            minor: x.shape[*minor],
            init: init.clone(),
        };
        self.node(dtype, &ty.shape, kind)
    }

    pub(super) fn dot(&mut self, ty: &TensorType, x: Vec<View>, dims: &DotDims) -> View {
        if ty.dtype.is_float() && ty.dtype != DType::F32 {
            let wide = x.into_iter().map(|view| self.convert(view, DType::F32)).collect();
            let product = self.dot(&TensorType::f32(ty.shape.clone()), wide, dims);
            return self.convert(product, ty.dtype);
        }
        let (lhs, m, k, lhs_strides) = self.side(&x[0], &dims.lhs_batch, &dims.lhs_contract, false);
        let (rhs, n, _, rhs_strides) = self.side(&x[1], &dims.rhs_batch, &dims.rhs_contract, true);
        let batch = ty.shape[..dims.lhs_batch.len()].to_vec();
        let strides: Vec<usize> = dense_strides(&batch).iter().map(|s| s.unsigned_abs() * m * n).collect();
        let out_strides = (strides, n);
        let node = DotNode {
            dtype: ty.dtype,
            lhs,
            rhs,
            batch,
            m,
            n,
            k,
            lhs_strides,
            rhs_strides,
            out_strides,
            seen: None,
            epilogue: None,
        };
        self.node(ty.dtype, &ty.shape, NodeKind::Dot(node))
    }

    /// One operand of a product as batch dims ++ [rows, columns]: the left as (free, contracted), the right as
    /// (contracted, free). Returns the view, the free and contracted sizes and the (row, column) strides.
    /// Dimensions that one stride cannot walk cost a copy.
    fn side(
        &mut self,
        x: &View,
        batch: &[usize],
        contract: &[usize],
        is_rhs: bool,
    ) -> (View, usize, usize, (isize, isize)) {
        let free: Vec<usize> =
            (0..x.shape.len()).filter(|d| !batch.contains(d) && !contract.contains(d)).collect();
        let size = |dims: &[usize]| dims.iter().map(|d| x.shape[*d]).product::<usize>();
        let (frees, contracts) = (size(&free), size(contract));
        let (rows, cols) = if is_rhs { (contract, &free[..]) } else { (&free[..], contract) };
        let order: Vec<usize> = batch.iter().chain(rows).chain(cols).copied().collect();
        let mut view = x.transpose(&order);
        let stride_of = |view: &View, from: usize, to: usize| {
            let dims = (from..to).map(|d| (view.shape[d], view.strides[d]));
            match collapse(dims)[..] {
                [] => Some(0),
                // The matrix kernels walk forward only.
                [(_, stride)] if stride >= 0 => Some(stride),
                _ => None,
            }
        };
        let (first, middle, last) = (batch.len(), batch.len() + rows.len(), view.shape.len());
        let strides = |view: &View| Some((stride_of(view, first, middle)?, stride_of(view, middle, last)?));
        let found = strides(&view);
        let strides = match found {
            Some(found) => found,
            None => {
                view = self.dense(&view);
                strides(&view).unwrap_or((0, 0))
            }
        };
        (view, frees, contracts, strides)
    }
}

/// `x` with canonical NaN, as a fold of nothing returns its initial value.
fn binary_identity(lowering: &mut Lowering<'_>, dtype: DType, shape: &[usize], x: View) -> View {
    lowering.map(MapOp::Binary(BinaryOp::Maximum), dtype, dtype, shape, vec![x.clone(), x])
}
