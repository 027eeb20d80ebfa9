//! Random programs and inputs, reproducible from a seed.
//!
//! Programs are built from a pool of values: every step picks an operator, finds or makes operands for it, and adds
//! the result to the pool. Shapes come from a small family per program, so that values meet again and fusion has
//! something to do; sizes 0 and 1 are among them.

#![allow(dead_code)]

pub mod check;
pub mod data;
mod indexed;
pub mod programs;
mod structured;

use corex_engine::Tensor;
use corex_hlo::ir::*;
use corex_hlo::{Dot, FuncBuilder};

/// SplitMix64: small, and good enough to choose test cases.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
    /// Uniform below `n`, which must not be 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

pub const ALL_TYPES: [DType; 12] = [
    DType::I1,
    DType::I8,
    DType::I16,
    DType::I32,
    DType::I64,
    DType::U8,
    DType::U16,
    DType::U32,
    DType::U64,
    DType::F16,
    DType::BF16,
    DType::F32,
];

pub const COMPARE: [CompareDir; 6] =
    [CompareDir::Eq, CompareDir::Ne, CompareDir::Lt, CompareDir::Le, CompareDir::Gt, CompareDir::Ge];

pub const REDUCERS: [Reducer; 6] =
    [Reducer::Add, Reducer::Mul, Reducer::Max, Reducer::Min, Reducer::And, Reducer::Or];

/// Programs are kept small: the reference evaluates them element by element.
const MOST_ELEMENTS: usize = 6000;

/// A random module with a function `main`, and inputs for it.
pub fn program(seed: u64) -> (Module, Vec<Tensor>) {
    let mut rng = Rng(seed);
    let mut generator = Generator::new(&mut rng);
    let steps = 4 + generator.rng.below(40);
    for _ in 0..steps {
        generator.step();
    }
    let Generator { builder, pool, inputs, params, funcs, .. } = generator;
    // Results: values that nothing else reads, so that much of the program is live, and some others.
    let is_param = |v: &ValueId| params.contains(v);
    let mut results: Vec<ValueId> = pool
        .iter()
        .copied()
        .filter(|v| !is_param(v) && !builder.ops().iter().any(|op| op.operands.contains(v)))
        .filter(|_| !rng.one_in(3))
        .collect();
    while results.is_empty() || rng.one_in(3) {
        results.push(*rng.pick(&pool));
    }
    let func = builder.finish(&results).expect("generated programs are well typed");
    let mut module = Module::single("random", func);
    module.funcs.extend(funcs);
    (module, inputs)
}

pub struct Generator<'a> {
    pub rng: &'a mut Rng,
    pub builder: FuncBuilder,
    pub pool: Vec<ValueId>,
    pub inputs: Vec<Tensor>,
    params: Vec<ValueId>,
    /// Functions that loops, branches and bodies name.
    pub funcs: Vec<Func>,
    /// Dimension sizes of this program.
    sizes: Vec<usize>,
    /// Element types of this program.
    types: Vec<DType>,
}

impl<'a> Generator<'a> {
    fn new(rng: &'a mut Rng) -> Self {
        let sizes = (0..3)
            .map(|_| *rng.pick(&[1, 1, 2, 3, 3, 5, 7, 8, 16, 17, 31, 32, 33, 64, 65, 130, 300]))
            .collect();
        let mut types = vec![DType::F32, DType::F32, DType::F32];
        types.extend((0..2).map(|_| *rng.pick(&ALL_TYPES)));
        let mut generator = Self {
            params: Vec::new(),
            funcs: Vec::new(),
            rng,
            builder: FuncBuilder::new("main"),
            pool: Vec::new(),
            inputs: Vec::new(),
            sizes,
            types,
        };
        for _ in 0..1 + generator.rng.below(4) {
            let ty = generator.any_type();
            let value = generator.builder.param(ty.clone());
            generator.inputs.push(data::tensor(generator.rng, &ty));
            generator.pool.push(value);
            generator.params.push(value);
        }
        generator
    }

    pub fn ty(&self, v: ValueId) -> TensorType {
        self.builder.ty(v).clone()
    }

    pub fn any_size(&mut self) -> usize {
        if self.rng.one_in(12) { self.rng.below(10) } else { *self.rng.pick(&self.sizes) }
    }

    pub fn any_type(&mut self) -> TensorType {
        let dtype = *self.rng.pick(&self.types);
        loop {
            let rank = self.rng.below(4);
            let shape: Vec<usize> = (0..rank).map(|_| self.any_size()).collect();
            if shape.iter().product::<usize>() <= MOST_ELEMENTS / 2 {
                return TensorType::new(dtype, shape);
            }
        }
    }

    pub fn any_value(&mut self) -> ValueId {
        // Recent values are likelier, so that chains grow.
        if self.rng.one_in(3) {
            *self.rng.pick(&self.pool)
        } else {
            let from = self.pool.len().saturating_sub(4);
            *self.rng.pick(&self.pool[from..])
        }
    }

    /// A value of exactly that type: one of the pool, or a new one.
    pub fn value_of(&mut self, ty: &TensorType) -> ValueId {
        let fitting: Vec<ValueId> = self.pool.iter().copied().filter(|v| self.builder.ty(*v) == ty).collect();
        if !fitting.is_empty() && !self.rng.one_in(4) {
            return *self.rng.pick(&fitting);
        }
        match self.rng.below(5) {
            0 if ty.dtype != DType::I1 && !ty.shape.is_empty() => {
                let dim = self.rng.below(ty.shape.len());
                self.builder.iota(ty.clone(), dim)
            }
            1 => {
                let data = LiteralData::Splat(data::element(self.rng, ty.dtype));
                self.builder.constant(Literal { ty: ty.clone(), data })
            }
            2 => {
                // A smaller value broadcast: keep some of the dimensions.
                let dims: Vec<usize> = (0..ty.shape.len()).filter(|_| self.rng.one_in(2)).collect();
                let shape: Vec<usize> =
                    dims.iter().map(|d| if self.rng.one_in(6) { 1 } else { ty.shape[*d] }).collect();
                let small = TensorType::new(ty.dtype, shape);
                if small == *ty {
                    return self.input(ty);
                }
                let x = self.value_of(&small);
                self.builder.broadcast(x, &ty.shape, &dims)
            }
            3 => {
                let bytes = data::tensor(self.rng, ty).bytes().to_vec();
                self.builder.constant(Literal { ty: ty.clone(), data: LiteralData::Dense(bytes) })
            }
            _ => self.input(ty),
        }
    }

    fn input(&mut self, ty: &TensorType) -> ValueId {
        let value = self.builder.param(ty.clone());
        self.inputs.push(data::tensor(self.rng, ty));
        self.pool.push(value);
        self.params.push(value);
        value
    }

    /// Adds one operation; does nothing if the operands found do not suit it.
    fn step(&mut self) {
        let before = self.builder.clone();
        let (pool, inputs, funcs) = (self.pool.len(), self.inputs.len(), self.funcs.len());
        let value = match self.rng.below(36) {
            0..6 => self.binary(),
            6..10 => self.unary(),
            10 => self.compare_or_select(),
            11 => self.clamp(),
            12 => self.convert(),
            13 => self.broadcast(),
            14 => self.reshape(),
            15 => self.transpose(),
            16 => self.slice_or_reverse(),
            17 => self.concatenate(),
            18 => self.pad(),
            19..22 => self.reduce(),
            22..24 => self.dot(),
            24..26 => self.normalise(),
            26..30 => self.indexed(),
            _ => self.structured(),
        };
        let fits = self.builder.error().is_none()
            && value.is_some_and(|v| self.builder.ty(v).elements() <= MOST_ELEMENTS);
        match value {
            Some(value) if fits => self.pool.push(value),
            _ => {
                self.builder = before;
                self.pool.truncate(pool);
                self.inputs.truncate(inputs);
                self.params.truncate(inputs);
                self.funcs.truncate(funcs);
            }
        }
    }

    fn unary(&mut self) -> Option<ValueId> {
        let (op, x) = (*self.rng.pick(&UnaryOp::ALL), self.any_value());
        Some(self.builder.op(OpKind::Unary(op), &[x]))
    }

    fn binary(&mut self) -> Option<ValueId> {
        let (op, x) = (*self.rng.pick(&BinaryOp::ALL), self.any_value());
        let y = self.value_of(&self.ty(x));
        let operands = if self.rng.one_in(2) { [x, y] } else { [y, x] };
        Some(self.builder.op(OpKind::Binary(op), &operands))
    }

    fn compare_or_select(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let y = self.value_of(&ty);
        if self.rng.one_in(2) {
            let dir = *self.rng.pick(&COMPARE);
            let total = ty.dtype.is_float() && self.rng.one_in(3);
            return Some(match total {
                true => self.builder.compare_total(dir, x, y),
                false => self.builder.compare(dir, x, y),
            });
        }
        let shape = if self.rng.one_in(4) { Vec::new() } else { ty.shape };
        let pred = self.value_of(&TensorType::new(DType::I1, shape));
        Some(self.builder.select(pred, x, y))
    }

    fn clamp(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let mut bound = || {
            let scalar = self.rng.one_in(2);
            self.value_of(&if scalar { TensorType::scalar(ty.dtype) } else { ty.clone() })
        };
        let (low, high) = (bound(), bound());
        Some(self.builder.clamp(low, x, high))
    }

    fn convert(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let (from, to) = (self.ty(x), *self.rng.pick(&ALL_TYPES));
        if from.dtype.is_float() && self.rng.one_in(4) {
            let (exponent_bits, mantissa_bits) = (1 + self.rng.below(9), self.rng.below(25));
            return Some(self.builder.reduce_precision(x, exponent_bits as u32, mantissa_bits as u32));
        }
        if !self.rng.one_in(3) {
            return Some(self.builder.convert(x, to));
        }
        // To larger elements: the minor-most dimension counts the parts of one.
        let parts = to.size() / from.dtype.size();
        let x = match parts > 1 && from.elements().is_multiple_of(parts) {
            true => self.builder.reshape(x, &[from.elements() / parts, parts]),
            false => x,
        };
        Some(self.builder.bitcast(x, to))
    }

    fn broadcast(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let mut shape = self.ty(x).shape;
        let mut dims: Vec<usize> = (0..shape.len()).collect();
        let at = self.rng.below(shape.len() + 1);
        shape.insert(at, self.any_size());
        dims.iter_mut().for_each(|d| *d += usize::from(*d >= at));
        for (i, d) in dims.iter().enumerate() {
            if self.ty(x).shape[i] == 1 && self.rng.one_in(2) {
                shape[*d] = self.any_size();
            }
        }
        Some(self.builder.broadcast(x, &shape, &dims))
    }

    fn reshape(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let elements = self.ty(x).elements();
        let mut rest = elements;
        let mut shape = Vec::new();
        for _ in 0..self.rng.below(4) {
            let divisors: Vec<usize> = (1..=rest.clamp(1, 40)).filter(|d| rest.is_multiple_of(*d)).collect();
            let size = *self.rng.pick(&divisors);
            shape.push(size);
            rest /= size;
        }
        let at = self.rng.below(shape.len() + 1);
        shape.insert(at, rest);
        Some(self.builder.reshape(x, &shape))
    }

    fn transpose(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let mut perm: Vec<usize> = (0..self.ty(x).rank()).collect();
        for i in (1..perm.len()).rev() {
            perm.swap(i, self.rng.below(i + 1));
        }
        Some(self.builder.transpose(x, &perm))
    }

    fn slice_or_reverse(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let shape = self.ty(x).shape;
        if self.rng.one_in(3) {
            let dims: Vec<usize> = (0..shape.len()).filter(|_| self.rng.one_in(2)).collect();
            return Some(self.builder.reverse(x, &dims));
        }
        let start: Vec<usize> = shape.iter().map(|n| self.rng.below(n + 1)).collect();
        let limit: Vec<usize> =
            shape.iter().zip(&start).map(|(n, s)| s + self.rng.below(n - s + 1)).collect();
        let strides: Vec<usize> = shape.iter().map(|_| 1 + self.rng.below(4) / 2).collect();
        Some(self.builder.slice_strided(x, &start, &limit, &strides))
    }

    fn concatenate(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        if ty.shape.is_empty() {
            return None;
        }
        let dim = self.rng.below(ty.shape.len());
        let mut parts = vec![x];
        for _ in 0..self.rng.below(3) {
            let mut other = ty.clone();
            other.shape[dim] = self.any_size();
            if other.elements() > MOST_ELEMENTS {
                return None;
            }
            parts.push(self.value_of(&other));
        }
        Some(self.builder.concatenate(&parts, dim))
    }

    fn pad(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let value = self.value_of(&TensorType::scalar(ty.dtype));
        let mut edge = || -> Vec<i64> { ty.shape.iter().map(|_| self.rng.below(7) as i64 - 3).collect() };
        let (low, high) = (edge(), edge());
        let interior: Vec<usize> = ty.shape.iter().map(|_| self.rng.below(4) / 2).collect();
        Some(self.builder.pad(x, value, &low, &high, &interior))
    }

    pub fn some_dims(&mut self, rank: usize) -> Vec<usize> {
        match self.rng.below(4) {
            // The usual cases: trailing dimensions, leading dimensions.
            0 => (rank.saturating_sub(1)..rank).collect(),
            1 => (0..rank.min(1)).collect(),
            _ => (0..rank).filter(|_| self.rng.one_in(2)).collect(),
        }
    }

    fn reduce(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let dims = self.some_dims(ty.shape.len());
        let init = self.value_of(&TensorType::scalar(ty.dtype));
        let reducer = if self.rng.one_in(2) { Reducer::Add } else { *self.rng.pick(&REDUCERS) };
        Some(self.builder.reduce(x, init, &dims, reducer))
    }

    /// x combined with a reduction of itself along the last dimension: what softmax and layer norm do.
    fn normalise(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let (last, kept) = ty.shape.split_last().map(|(_, kept)| (kept.len(), kept.len()))?;
        let init = self.value_of(&TensorType::scalar(ty.dtype));
        let reducer = *self.rng.pick(&[Reducer::Add, Reducer::Max, Reducer::Min]);
        let folded = self.builder.reduce(x, init, &[last], reducer);
        let folded = if self.rng.one_in(2) {
            let op = *self.rng.pick(&[UnaryOp::Sqrt, UnaryOp::Negate, UnaryOp::Rsqrt]);
            self.builder.op(OpKind::Unary(op), &[folded])
        } else {
            folded
        };
        self.pool.push(folded);
        // On square shapes sometimes along the other dimension: same sizes, other elements.
        let is_square = ty.shape.len() == 2 && ty.shape[0] == ty.shape[1];
        let dims: Vec<usize> = if is_square && self.rng.one_in(2) { vec![1] } else { (0..kept).collect() };
        let back = self.builder.broadcast(folded, &ty.shape, &dims);
        let op = *self.rng.pick(&[BinaryOp::Subtract, BinaryOp::Multiply, BinaryOp::Divide]);
        Some(self.builder.op(OpKind::Binary(op), &[x, back]))
    }

    fn dot(&mut self) -> Option<ValueId> {
        let x = self.any_value();
        let ty = self.ty(x);
        let rank = ty.shape.len();
        let mut dims: Vec<usize> = (0..rank).collect();
        for i in (1..rank).rev() {
            dims.swap(i, self.rng.below(i + 1));
        }
        let contracted = self.rng.below(rank.min(2) + 1);
        let batched = self.rng.below(rank - contracted + 1);
        let (contract, rest) = dims.split_at(contracted);
        let batch = &rest[..batched];
        // The other side: the same sizes in another order, with free dimensions among them.
        let mut shared: Vec<(usize, bool, usize)> =
            contract.iter().map(|d| (*d, true, 0)).chain(batch.iter().map(|d| (*d, false, 0))).collect();
        for i in (1..shared.len()).rev() {
            shared.swap(i, self.rng.below(i + 1));
        }
        let mut shape = Vec::new();
        for entry in &mut shared {
            if self.rng.one_in(3) {
                shape.push(self.any_size());
            }
            entry.2 = shape.len();
            shape.push(ty.shape[entry.0]);
        }
        if self.rng.one_in(2) {
            shape.push(self.any_size());
        }
        let other = TensorType::new(ty.dtype, shape);
        if other.elements() > MOST_ELEMENTS {
            return None;
        }
        let y = self.value_of(&other);
        let position = |d: &usize| shared.iter().find(|s| s.0 == *d).map_or(0, |s| s.2);
        let of = |dims: &[usize]| dims.iter().map(position).collect::<Vec<_>>();
        let numbers = Dot::contract(contract, &of(contract)).batch(batch, &of(batch));
        let work: usize = contract.iter().map(|d| ty.shape[*d]).product();
        let result = self.builder.dot_general(x, y, numbers);
        (self.builder.ty(result).elements() * work <= 20 * MOST_ELEMENTS).then_some(result)
    }
}
