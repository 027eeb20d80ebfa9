//! Random loops, branches, sorts, windows and convolutions.

use corex_hlo::FuncBuilder;
use corex_hlo::ir::*;

use super::{COMPARE, Generator, REDUCERS};

/// What `jnp.sort` compares in the place of a float.
fn merged(b: &mut FuncBuilder, x: ValueId) -> ValueId {
    let ty = b.ty(x).clone();
    let mut constant = |bits: u32| {
        let data = LiteralData::Splat(bits.to_le_bytes()[..ty.dtype.size()].to_vec());
        b.constant(Literal { ty: ty.clone(), data })
    };
    let zero = constant(0);
    let nan = constant(match ty.dtype {
        DType::F32 => 0x7FC0_0000,
        DType::BF16 => 0x7FC0,
        _ => 0x7E00,
    });
    let is_zero = b.compare(CompareDir::Eq, x, zero);
    let x_or_zero = b.select(is_zero, zero, x);
    let is_nan = b.compare(CompareDir::Ne, x, x);
    b.select(is_nan, nan, x_or_zero)
}

impl Generator<'_> {
    pub fn structured(&mut self) -> Option<ValueId> {
        match self.rng.below(9) {
            0 => self.while_loop(),
            1 => self.case(),
            2 => self.sort(),
            3 => self.reduce_with(),
            4 => self.reduce_window(),
            5 => self.select_and_scatter(),
            6 => self.reduce_window_with(),
            7 => self.scatter_with(),
            _ => self.convolution(),
        }
    }

    /// Keeps a function for the module.
    fn keep(&mut self, b: FuncBuilder, results: &[ValueId]) -> Option<Func> {
        let mut func = b.finish(results).ok()?;
        func.public = false;
        self.funcs.push(func.clone());
        Some(func)
    }

    fn new_func(&mut self) -> FuncBuilder {
        FuncBuilder::new(format!("f{}", self.funcs.len()))
    }

    /// One of several results; the others go to the pool.
    fn one_of(&mut self, results: Vec<ValueId>) -> Option<ValueId> {
        let value = *results.get(self.rng.below(results.len().max(1)))?;
        self.pool.extend(results.into_iter().filter(|v| *v != value));
        Some(value)
    }

    /// A value of a type that is computed from these, elementwise, if there is one; else one of them.
    fn combine(&mut self, b: &mut FuncBuilder, values: &[ValueId], dtype: DType) -> Option<ValueId> {
        let fitting: Vec<ValueId> = values.iter().copied().filter(|v| b.ty(*v).dtype == dtype).collect();
        let x = *fitting.get(self.rng.below(fitting.len().max(1)))?;
        let y = *self.rng.pick(&fitting);
        let before = b.clone();
        let value = match self.rng.below(5) {
            0 => x,
            1 => b.op(OpKind::Unary(*self.rng.pick(&UnaryOp::ALL)), &[x]),
            2 => {
                let dir = *self.rng.pick(&COMPARE);
                let pred = b.compare(dir, x, y);
                b.select(pred, y, x)
            }
            _ => b.op(OpKind::Binary(*self.rng.pick(&BinaryOp::ALL)), &[x, y]),
        };
        if b.error().is_some() || b.ty(value).dtype != dtype {
            *b = before;
            return Some(x);
        }
        Some(value)
    }

    /// A counter, two values that are exchanged, computed anew or kept, one that is updated in a slice.
    fn while_loop(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let count = TensorType::scalar(DType::I32);
        let (y, z, shared) = (self.value_of(&ty), self.value_of(&ty), self.value_of(&ty));
        let steps = self.rng.below(5) as i32;
        let zero = self.builder.scalar(0_i32);
        let types = [&count, &ty, &ty, &ty, &ty];
        let mut cond = self.new_func();
        let params: Vec<_> = types.iter().map(|ty| cond.param((*ty).clone())).collect();
        let bound = cond.scalar(steps);
        let goes_on = cond.compare(CompareDir::Lt, params[0], bound);
        let cond = self.keep(cond, &[goes_on])?;
        let mut body = self.new_func();
        let params: Vec<_> = types.iter().map(|ty| body.param((*ty).clone())).collect();
        let one = body.scalar(1_i32);
        let next = body.add(params[0], one);
        let a = self.combine(&mut body, &params[1..], ty.dtype)?;
        let c = self.combine(&mut body, &[a, params[1], params[2], params[4]], ty.dtype)?;
        let starts = vec![params[0]; ty.rank()];
        let sizes: Vec<usize> = ty.shape.iter().map(|n| self.rng.below(n + 1)).collect();
        let update = body.slice(c, &vec![0; ty.rank()], &sizes);
        let d = body.op(OpKind::DynamicUpdateSlice, &[&[params[3], update], &starts[..]].concat());
        let mut results = [a, c, d];
        if self.rng.one_in(4) {
            results.swap(0, 1);
        }
        if self.rng.one_in(6) {
            results[0] = params[1];
        }
        let body = self.keep(body, &[&[next], &results[..]].concat())?;
        let results = self.builder.while_loop(&cond, &body, &[zero, x, y, z], &[shared]);
        self.one_of(results)
    }

    fn case(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let y = self.value_of(&ty);
        let index = self.value_of(&TensorType::scalar(DType::I32));
        let mut branches = Vec::new();
        for _ in 0..1 + self.rng.below(3) {
            let mut b = self.new_func();
            let params = [b.param(ty.clone()), b.param(ty.clone())];
            let a = self.combine(&mut b, &params, ty.dtype)?;
            let c = self.combine(&mut b, &[a, params[1]], ty.dtype)?;
            branches.push(self.keep(b, &[a, c])?);
        }
        let branches: Vec<&Func> = branches.iter().collect();
        let results = self.builder.case(index, &branches, &[x, y]);
        self.one_of(results)
    }

    /// Values of one shape, the first one from the pool.
    fn alike(&mut self) -> (Vec<ValueId>, Vec<TensorType>) {
        let x = self.any_value();
        let mut types = vec![self.ty(x)];
        let mut values = vec![x];
        for _ in 0..self.rng.below(3) {
            let dtype = self.any_type().dtype;
            types.push(TensorType::new(dtype, types[0].shape.clone()));
            values.push(self.value_of(&types[types.len() - 1]));
        }
        (values, types)
    }

    /// Sometimes an order by one or two keys, sometimes none at all.
    fn sort(&mut self) -> Option<ValueId> {
        let (values, types) = self.alike();
        let rank = types[0].rank();
        if rank == 0 {
            return None;
        }
        let mut b = self.new_func();
        let element = |ty: &TensorType| TensorType::scalar(ty.dtype);
        let params: Vec<_> =
            types.iter().flat_map(|ty| [element(ty), element(ty)]).map(|ty| b.param(ty)).collect();
        let mut precedes = None;
        // The last key first: the others decide before it.
        for _ in 0..1 + self.rng.below(3) {
            let (operand, mode) = (self.rng.below(types.len()), self.rng.below(4));
            let dtype = types[operand].dtype;
            let [x, y] = [params[2 * operand], params[2 * operand + 1]];
            let total = dtype.is_float() && mode > 1;
            let [x, y] = if total && mode == 3 { [x, y].map(|v| merged(&mut b, v)) } else { [x, y] };
            let mut compare = |dir: CompareDir| {
                if total { b.compare_total(dir, x, y) } else { b.compare(dir, x, y) }
            };
            let dirs = [
                CompareDir::Lt,
                CompareDir::Gt,
                CompareDir::Lt,
                CompareDir::Gt,
                CompareDir::Le,
                CompareDir::Ne,
            ];
            let first = compare(*self.rng.pick(&dirs));
            precedes = Some(match precedes {
                None => first,
                Some(then) => {
                    let equal = compare(CompareDir::Eq);
                    let tie = b.op(OpKind::Binary(BinaryOp::And), &[equal, then]);
                    b.op(OpKind::Binary(BinaryOp::Or), &[first, tie])
                }
            });
        }
        let precedes = precedes?;
        let comparator = self.keep(b, &[precedes])?;
        let dim = self.rng.below(rank);
        let results = self.builder.sort(&values, dim, &comparator);
        self.one_of(results)
    }

    /// A body for tensors of these types.
    fn body(&mut self, types: &[TensorType]) -> Option<Func> {
        let mut b = self.new_func();
        let elements: Vec<_> = types.iter().map(|ty| TensorType::scalar(ty.dtype)).collect();
        let params: Vec<_> = elements.iter().chain(&elements).map(|ty| b.param(ty.clone())).collect();
        let results: Option<Vec<_>> =
            types.iter().map(|ty| self.combine(&mut b, &params, ty.dtype)).collect();
        self.keep(b, &results?)
    }

    fn inits(&mut self, types: &[TensorType]) -> Vec<ValueId> {
        types.iter().map(|ty| self.value_of(&TensorType::scalar(ty.dtype))).collect()
    }

    fn reduce_with(&mut self) -> Option<ValueId> {
        let (values, types) = self.alike();
        let inits = self.inits(&types);
        let body = if self.rng.one_in(2) { self.body(&types)? } else { self.arg_body(&types)? };
        let dims = self.some_dims(types[0].rank());
        let results = self.builder.reduce_with(&values, &inits, &dims, &body);
        self.one_of(results)
    }

    /// What `jnp.argmax` folds with, if the types are those.
    fn arg_body(&mut self, types: &[TensorType]) -> Option<Func> {
        let [value, index] = types else { return self.body(types) };
        if !index.dtype.is_int() {
            return self.body(types);
        }
        let mut b = self.new_func();
        let scalars = [value, index, value, index].map(|ty| TensorType::scalar(ty.dtype));
        let p = scalars.map(|ty| b.param(ty));
        let dir = *self.rng.pick(&[CompareDir::Gt, CompareDir::Lt]);
        let beats = b.compare(dir, p[0], p[2]);
        let is_nan = b.compare(CompareDir::Ne, p[0], p[0]);
        let wins = b.op(OpKind::Binary(BinaryOp::Or), &[beats, is_nan]);
        let equal = b.compare(CompareDir::Eq, p[0], p[2]);
        let first = b.compare(CompareDir::Lt, p[1], p[3]);
        let tie = b.op(OpKind::Binary(BinaryOp::And), &[equal, first]);
        let keeps = b.op(OpKind::Binary(BinaryOp::Or), &[wins, tie]);
        let results = [b.select(wins, p[0], p[2]), b.select(keeps, p[1], p[3])];
        self.keep(b, &results)
    }

    fn window(&mut self, rank: usize, dilates_base: bool) -> Vec<WindowDim> {
        let mut dim = || {
            if self.rng.one_in(3) {
                return WindowDim::UNIT;
            }
            WindowDim {
                size: 1 + if self.rng.one_in(8) { self.rng.below(40) } else { self.rng.below(3) },
                stride: 1 + self.rng.below(3),
                low: if self.rng.one_in(8) {
                    self.rng.below(30) as i64
                } else {
                    self.rng.below(5) as i64 - 1
                },
                high: self.rng.below(5) as i64 - 1,
                base_dilation: if dilates_base { 1 + self.rng.below(4) / 2 } else { 1 },
                window_dilation: if dilates_base { 1 + self.rng.below(4) / 2 } else { 1 },
            }
        };
        (0..rank).map(|_| dim()).collect()
    }

    /// Any window, or that of a cumulative fold from either end.
    fn fold_window(&mut self, shape: &[usize]) -> Vec<WindowDim> {
        if shape.is_empty() || !self.rng.one_in(3) {
            return self.window(shape.len(), true);
        }
        let d = self.rng.below(shape.len());
        let size = shape[d].max(1) + if self.rng.one_in(8) { 3 } else { 0 };
        let mut window = vec![WindowDim::UNIT; shape.len()];
        window[d] = WindowDim { size, low: size as i64 - 1, ..WindowDim::UNIT };
        if self.rng.one_in(2) {
            window[d] = WindowDim { low: 0, high: size as i64 - 1, ..window[d] };
        }
        window
    }

    fn reduce_window(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let init = self.value_of(&TensorType::scalar(ty.dtype));
        let window = self.fold_window(&ty.shape);
        let reducer = *self.rng.pick(&REDUCERS);
        Some(self.builder.reduce_window(x, init, &window, reducer))
    }

    fn reduce_window_with(&mut self) -> Option<ValueId> {
        let (values, types) = self.alike();
        let inits = self.inits(&types);
        let window = self.fold_window(&types[0].shape);
        let body = self.body(&types)?;
        let kind = OpKind::ReduceWindowWith { window, body: body.name.clone() };
        let results = self.builder.op_with(kind, &[values, inits].concat(), &[body.signature()]);
        self.one_of(results)
    }

    fn select_and_scatter(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let window = self.window(ty.rank(), false);
        let init = self.value_of(&TensorType::scalar(ty.dtype));
        let kind = OpKind::ReduceWindow { window: window.clone(), reducer: Reducer::Max };
        let scalar = TensorType::scalar(ty.dtype);
        let source_type = corex_hlo::infer(&kind, &[&ty, &scalar]).ok()?;
        if source_type.elements() > 3000 {
            return None;
        }
        let source = self.value_of(&source_type);
        let select = *self.rng.pick(&[CompareDir::Ge, CompareDir::Gt, CompareDir::Le, CompareDir::Lt]);
        let scatter = *self.rng.pick(&[Reducer::Add, Reducer::Add, Reducer::Max, Reducer::Mul]);
        Some(self.builder.select_and_scatter(x, source, init, &window, select, scatter))
    }

    /// Rows of several tensors.
    fn scatter_with(&mut self) -> Option<ValueId> {
        let (values, types) = self.alike();
        let (rows, rest) = types[0].shape.split_first()?;
        if *rows == 0 {
            return None;
        }
        let count = 1 + self.rng.below(5);
        let indices = self.value_of(&TensorType::new(DType::I32, [count]));
        let shape = [&[count], rest].concat();
        if shape.iter().product::<usize>() > 3000 {
            return None;
        }
        let updates: Vec<ValueId> =
            types.iter().map(|ty| self.value_of(&TensorType::new(ty.dtype, shape.clone()))).collect();
        let dims = ScatterDims {
            update_window_dims: (1..shape.len()).collect(),
            inserted_window_dims: vec![0],
            scatter_dims_to_operand_dims: vec![0],
            index_vector_dim: 1,
            ..ScatterDims::default()
        };
        let body = self.body(&types)?;
        let kind = OpKind::ScatterWith { dims, body: body.name.clone() };
        let operands = [&values[..], &[indices], &updates].concat();
        let results = self.builder.op_with(kind, &operands, &[body.signature()]);
        self.one_of(results)
    }

    fn convolution(&mut self) -> Option<ValueId> {
        let lhs = self.any_value();
        let ty = self.ty(lhs);
        let rank = ty.rank();
        if rank < 2 {
            return None;
        }
        let layout = |g: &mut Self| {
            let mut order: Vec<usize> = (0..rank).collect();
            (1..rank).rev().for_each(|i| order.swap(i, g.rng.below(i + 1)));
            ConvLayout { batch: order[0], feature: order[1], spatial: order[2..].to_vec() }
        };
        let layouts = [layout(self), layout(self), layout(self)];
        let window = self.window(rank - 2, true);
        let (features, batch) = (ty.shape[layouts[0].feature], ty.shape[layouts[0].batch]);
        let divisor = |g: &mut Self, n: usize| {
            let divisors: Vec<usize> = (1..=n.clamp(1, 8)).filter(|d| n.is_multiple_of(*d)).collect();
            *g.rng.pick(&divisors)
        };
        // Sometimes depthwise, and sometimes as the gradient of that.
        let groups = |g: &mut Self, n: usize| if g.rng.one_in(2) { n.max(1) } else { divisor(g, n) };
        let feature_groups = if self.rng.one_in(3) { groups(self, features) } else { 1 };
        let batch_groups = if feature_groups == 1 && self.rng.one_in(3) { groups(self, batch) } else { 1 };
        let mut shape = vec![0; rank];
        shape[layouts[1].feature] = features / feature_groups;
        shape[layouts[1].batch] = feature_groups.max(batch_groups) * (1 + self.rng.below(3));
        window.iter().zip(&layouts[1].spatial).for_each(|(w, d)| shape[*d] = w.size);
        if shape.iter().product::<usize>() > 2000 {
            return None;
        }
        let rhs = self.value_of(&TensorType::new(ty.dtype, shape));
        let reversal = (0..rank - 2).map(|_| self.rng.one_in(3)).collect();
        let [lhs_layout, rhs_layout, result] = layouts;
        let dims = ConvDims {
            lhs: lhs_layout,
            rhs: rhs_layout,
            result,
            window,
            reversal,
            feature_groups,
            batch_groups,
        };
        Some(self.builder.convolution(lhs, rhs, dims))
    }
}
