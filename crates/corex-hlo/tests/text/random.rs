//! Random modules: text and canonical form keep every one of them.

use corex_hlo::*;
use proptest::prelude::*;

/// A stream of decisions out of one seed (SplitMix64), so that a failing case is one number.
pub struct Choices(pub u64);

impl Choices {
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn indices(&mut self, len: usize, below: usize) -> Vec<usize> {
        (0..len).map(|_| self.below(below)).collect()
    }

    fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut items: Vec<_> = (0..n).collect();
        (1..n).for_each(|i| items.swap(i, self.below(i + 1)));
        items
    }
}

use DType::*;
const DTYPES: [DType; 12] = [I1, I8, I16, I32, I64, U8, U16, U32, U64, F16, BF16, F32];

fn random_type(c: &mut Choices) -> TensorType {
    let rank = c.below(4);
    TensorType { dtype: c.pick(&DTYPES), shape: (0..rank).map(|_| c.pick(&[0, 1, 2, 2, 3, 4])).collect() }
}

fn random_literal(c: &mut Choices) -> Literal {
    let ty = if c.below(8) == 0 { TensorType::new(c.pick(&DTYPES), [11, 13]) } else { random_type(c) };
    let round = c.below(2) == 0;
    let bytes: Vec<u8> = match ty.dtype {
        I1 => (0..ty.bytes()).map(|_| c.below(2) as u8).collect(),
        F32 if round => (0..ty.elements()).flat_map(|_| (c.below(1000) as f32 / 8.0).to_le_bytes()).collect(),
        _ => (0..ty.bytes()).map(|_| c.bits() as u8).collect(),
    };
    Literal { ty, data: LiteralData::Dense(bytes) }.normalised()
}

/// An operation for some of these operands. It may be ill typed: the caller asks [`infer`].
fn random_op(c: &mut Choices, func: &Func) -> (OpKind, Vec<ValueId>) {
    let any = |c: &mut Choices| ValueId(c.below(func.values.len()) as u32);
    let alike = |c: &mut Choices, ty: &TensorType| {
        let same: Vec<_> = (0..func.values.len()).filter(|&i| func.values[i] == *ty).collect();
        ValueId(c.pick(&same) as u32)
    };
    let x = any(c);
    let ty = func.ty(x).clone();
    let rank = ty.rank();
    match c.below(24) {
        0 => (OpKind::Constant(random_literal(c)), vec![]),
        1 => (OpKind::Iota { ty, dim: c.below(rank + 1) }, vec![]),
        2..=4 => (OpKind::Unary(c.pick(&UnaryOp::ALL)), vec![x]),
        5..=7 => (OpKind::Binary(c.pick(&BinaryOp::ALL)), vec![x, alike(c, &ty)]),
        8 => {
            let dir = c.pick(&[CompareDir::Lt, CompareDir::Ne, CompareDir::Ge]);
            let kind = if c.below(3) == 0 { OpKind::CompareTotal(dir) } else { OpKind::Compare(dir) };
            (kind, vec![x, alike(c, &ty)])
        }
        9 => {
            let pred = c.pick(&[TensorType::new(I1, ty.shape.clone()), TensorType::scalar(I1)]);
            match func.values.iter().position(|t| *t == pred) {
                Some(p) => (OpKind::Select, vec![ValueId(p as u32), x, alike(c, &ty)]),
                None => (OpKind::Clamp, vec![alike(c, &ty), x, alike(c, &ty)]),
            }
        }
        10 if c.below(3) == 0 => {
            let (exponent_bits, mantissa_bits) = (1 + c.below(12) as u32, c.below(30) as u32);
            (OpKind::ReducePrecision { exponent_bits, mantissa_bits }, vec![x])
        }
        10 => (OpKind::Convert(c.pick(&DTYPES)), vec![x]),
        11 => (OpKind::BitcastConvert(c.pick(&DTYPES)), vec![x]),
        12 => {
            let mut shape = ty.shape.clone();
            shape.insert(c.below(rank + 1), c.below(3));
            let skipped = c.below(rank + 1);
            let dims = (0..rank).map(|d| d + usize::from(d >= skipped)).collect();
            (OpKind::BroadcastInDim { shape, dims }, vec![x])
        }
        13 => (OpKind::Reshape { shape: vec![ty.elements()] }, vec![x]),
        14 => (OpKind::Transpose { perm: c.permutation(rank) }, vec![x]),
        15 => {
            let start = c.indices(rank, 2);
            let strides = c.indices(rank, 3).iter().map(|s| s + 1).collect();
            (OpKind::Slice { start, limit: ty.shape, strides }, vec![x])
        }
        16 => (OpKind::Concatenate { dim: c.below(rank + 1) }, vec![x, alike(c, &ty), x]),
        17 => {
            let edge = |c: &mut Choices| (0..rank).map(|_| c.below(4) as i64 - 1).collect();
            let (low, high) = (edge(c), edge(c));
            let scalar = func.values.iter().position(|t| *t == TensorType::scalar(ty.dtype));
            let interior = c.indices(rank, 3);
            (OpKind::Pad { low, high, interior }, vec![x, ValueId(scalar.unwrap_or(0) as u32)])
        }
        18 => (OpKind::Reverse { dims: (0..rank).filter(|_| c.below(2) == 0).collect() }, vec![x]),
        19 | 20 => {
            let reducer =
                c.pick(&[Reducer::Add, Reducer::Mul, Reducer::Max, Reducer::Min, Reducer::And, Reducer::Or]);
            let dims = (0..rank).filter(|_| c.below(2) == 0).collect();
            let init = func.values.iter().position(|t| *t == TensorType::scalar(ty.dtype)).unwrap_or(0);
            (OpKind::Reduce { dims, reducer }, vec![x, ValueId(init as u32)])
        }
        21 => {
            let dims = c.permutation(rank);
            let (batch, contract) = dims.split_at(c.below(rank + 1));
            let dims = DotDims {
                lhs_batch: batch.to_vec(),
                rhs_batch: batch.to_vec(),
                lhs_contract: contract.to_vec(),
                rhs_contract: contract.to_vec(),
            };
            (OpKind::DotGeneral(dims), vec![x, alike(c, &ty)])
        }
        22 => {
            let dims = GatherDims {
                offset_dims: (1..rank).collect(),
                collapsed_slice_dims: vec![0],
                start_index_map: vec![0],
                index_vector_dim: 1,
                slice_sizes: ty.shape.iter().enumerate().map(|(d, &n)| if d == 0 { 1 } else { n }).collect(),
                ..GatherDims::default()
            };
            (OpKind::Gather(dims), vec![x, any(c)])
        }
        _ => {
            let dims = ScatterDims {
                update_window_dims: (1..rank).collect(),
                inserted_window_dims: vec![0],
                scatter_dims_to_operand_dims: vec![0],
                index_vector_dim: 1,
                ..ScatterDims::default()
            };
            let reducer = c.pick(&[Reducer::Add, Reducer::Min, Reducer::Assign]);
            (OpKind::Scatter(dims, reducer), vec![x, any(c), any(c)])
        }
    }
}

/// The functions that loops, sorts and folds of random modules name.
fn helpers() -> Vec<Func> {
    let scalars = |dtypes: &[DType]| {
        let mut b = FuncBuilder::new("");
        let params: Vec<_> = dtypes.iter().map(|&dtype| b.param(TensorType::scalar(dtype))).collect();
        (b, params)
    };
    let finish = |b: FuncBuilder, name: &str, results: &[ValueId]| {
        let func = b.finish(results).unwrap();
        Func { name: name.to_owned(), public: false, ..func }
    };
    let (mut b, p) = scalars(&[F32, F32]);
    let less = b.compare(CompareDir::Lt, p[0], p[1]);
    let comparator = finish(b, "less", &[less]);
    let (mut b, p) = scalars(&[F32, F32]);
    let last = b.sub(p[0], p[1]);
    let body = finish(b, "minus", &[last]);
    let (mut b, p) = scalars(&[I32, F32]);
    let ten = b.scalar(10_i32);
    let goes_on = b.compare(CompareDir::Lt, p[0], ten);
    let cond = finish(b, "cond", &[goes_on]);
    let (mut b, p) = scalars(&[I32, F32]);
    let by = b.convert(p[1], I32);
    let next = b.add(p[0], by);
    vec![comparator, body, cond, finish(b, "step", &[next])]
}

/// An operation that names functions or has a window, its operands and result types.
fn random_region_op(
    c: &mut Choices,
    func: &Func,
    callees: &[Func],
) -> Option<(OpKind, Vec<ValueId>, Vec<TensorType>)> {
    let of = |ty: &TensorType| func.values.iter().position(|t| t == ty).map(|i| ValueId(i as u32));
    let scalar = |dtype| of(&TensorType::scalar(dtype));
    let x = ValueId(c.below(func.values.len()) as u32);
    let ty = func.ty(x).clone();
    let rank = ty.rank();
    let window = |c: &mut Choices, rank: usize| -> Vec<WindowDim> {
        let mut dim = || WindowDim {
            size: 1 + c.below(2),
            stride: 1 + c.below(2),
            low: c.below(3) as i64 - 1,
            high: c.below(3) as i64,
            base_dilation: 1 + c.below(2),
            window_dilation: 1 + c.below(2),
        };
        (0..rank).map(|_| dim()).collect()
    };
    let named = |name: &str| callees.iter().find(|f| f.name == name);
    let (kind, operands) = match c.below(8) {
        0 | 1 => {
            let branch = c.pick(callees);
            let shared: Option<Vec<_>> = branch.params.iter().map(|&p| of(branch.ty(p))).collect();
            let branches = vec![branch.name.clone(); 1 + c.below(2)];
            (OpKind::Case { branches }, [vec![scalar(I32)?], shared?].concat())
        }
        2 => {
            let kind = OpKind::While { cond: "cond".to_owned(), body: "step".to_owned() };
            (kind, vec![scalar(I32)?, scalar(F32)?])
        }
        3 => (OpKind::Sort { dim: c.below(rank + 1), comparator: "less".to_owned() }, vec![x]),
        4 => {
            let dims = (0..rank).filter(|_| c.below(2) == 0).collect();
            (OpKind::ReduceWith { dims, body: "minus".to_owned() }, vec![x, scalar(F32)?])
        }
        5 => (
            OpKind::ReduceWindow { window: window(c, rank), reducer: c.pick(&[Reducer::Add, Reducer::Max]) },
            vec![x, scalar(ty.dtype)?],
        ),
        6 => {
            let window = window(c, rank);
            (OpKind::ReduceWindowWith { window, body: "minus".to_owned() }, vec![x, scalar(F32)?])
        }
        _ if rank >= 2 => {
            let layout = |c: &mut Choices| {
                let order = c.permutation(rank);
                ConvLayout { batch: order[0], feature: order[1], spatial: order[2..].to_vec() }
            };
            let (lhs, rhs, result) = (layout(c), layout(c), layout(c));
            let sizes: Vec<_> = rhs.spatial.iter().map(|&d| ty.shape[d]).collect();
            let window = window(c, rank - 2).into_iter().zip(sizes);
            let window = window.map(|(w, size)| WindowDim { size, ..w }).collect();
            let reversal = (2..rank).map(|_| c.below(2) == 0).collect();
            let dims = ConvDims { lhs, rhs, result, window, reversal, feature_groups: 1, batch_groups: 1 };
            (OpKind::Convolution(Box::new(dims)), vec![x, x])
        }
        _ => return None,
    };
    let bodies: Option<Vec<_>> =
        kind.callees().into_iter().map(|name| Some(named(name)?.signature())).collect();
    let types: Vec<_> = operands.iter().map(|&v| func.ty(v)).collect();
    let types = infer_results(&kind, &types, &bodies?).ok()?;
    types.iter().all(|ty| ty.elements() <= 10_000).then_some((kind, operands, types))
}

/// A random function that calls some of `callees`.
fn random_func(c: &mut Choices, name: &str, public: bool, callees: &[Func]) -> Func {
    let mut func =
        Func { name: name.to_owned(), public, values: vec![], params: vec![], ops: vec![], results: vec![] };
    for _ in 0..1 + c.below(4) {
        func.params.push(ValueId(func.values.len() as u32));
        let ty = random_type(c);
        func.values.push(ty);
    }
    for _ in 0..c.below(40) {
        let (kind, operands, types) = if !callees.is_empty() && c.below(5) == 0 {
            let callee = c.pick(callees);
            let found = callee.params.iter().map(|&p| func.values.iter().position(|t| t == callee.ty(p)));
            let Some(operands) = found.collect::<Option<Vec<_>>>() else { continue };
            let types = callee.results.iter().map(|&r| callee.ty(r).clone()).collect();
            let operands = operands.into_iter().map(|i| ValueId(i as u32)).collect();
            (OpKind::Call { callee: callee.name }, operands, types)
        } else if c.below(6) == 0 {
            let Some(found) = random_region_op(c, &func, callees) else { continue };
            found
        } else {
            let (kind, operands) = random_op(c, &func);
            let types: Vec<_> = operands.iter().map(|&v| func.ty(v)).collect();
            let Ok(ty) = infer(&kind, &types) else { continue };
            if ty.elements() > 10_000 {
                continue;
            }
            (kind, operands, vec![ty])
        };
        let first = func.values.len() as u32;
        func.values.extend(types);
        let results = (first..func.values.len() as u32).map(ValueId).collect();
        func.ops.push(Op { kind, operands, results });
    }
    let results = c.below(4);
    func.results = c.indices(results, func.values.len()).into_iter().map(|i| ValueId(i as u32)).collect();
    func
}

/// A random module that [`verify`] accepts, constants normalised, values in order.
pub fn random_module(seed: u64) -> Module {
    let c = &mut Choices(seed);
    let mut funcs = helpers();
    for i in 0..c.below(4) {
        let public = c.below(3) == 0;
        funcs.push(random_func(c, &format!("f{i}"), public, &funcs));
    }
    funcs.push(random_func(c, "main", true, &funcs));
    Module { name: "random".to_owned(), funcs }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_undoes_printing(seed: u64) {
        let module = random_module(seed);
        verify(&module).unwrap();
        prop_assert_eq!(parse(&print(&module)).unwrap(), module);
    }

    #[test]
    fn canonical_form_is_a_fixed_point(seed: u64) {
        let module = random_module(seed);
        let canonical = canonicalize(&module);
        verify(&canonical).unwrap();
        prop_assert_eq!(&canonicalize(&canonical), &canonical);
        prop_assert_eq!(parse(&canonical_text(&module)).unwrap(), canonical);
    }

    /// Names and order of functions carry no meaning.
    #[test]
    fn canonical_form_ignores_private_names_and_order(seed: u64) {
        let module = random_module(seed);
        let mut other = module.clone();
        other.name = "other".to_owned();
        other.funcs.reverse();
        let private: Vec<_> = module.funcs.iter().filter(|f| !f.public).map(|f| f.name.clone()).collect();
        let rename = |name: &mut String| if private.contains(name) { *name = format!("{name}.renamed") };
        for func in &mut other.funcs {
            rename(&mut func.name);
            func.ops.iter_mut().flat_map(|op| op.kind.callees_mut()).for_each(rename);
        }
        prop_assert_eq!(program_id(&other), program_id(&module));
    }

    #[test]
    fn inlining_keeps_signatures_and_is_idempotent(seed: u64) {
        let module = random_module(seed);
        let main = module.func("main").unwrap();
        let flat = inline_calls(&module, "main").unwrap();
        let types = |f: &Func, values: &[ValueId]| values.iter().map(|&v| f.ty(v).clone()).collect::<Vec<_>>();
        prop_assert_eq!(types(&flat, &flat.params), types(main, &main.params));
        prop_assert_eq!(types(&flat, &flat.results), types(main, &main.results));
        let calls = flat.ops.iter().filter(|op| op.kind.name() == "func.call").count();
        prop_assert_eq!(calls, 0);
        let mut module = module.clone();
        module.funcs.iter_mut().filter(|f| f.name == "main").for_each(|f| *f = flat.clone());
        verify(&module).unwrap();
        prop_assert_eq!(inline_calls(&module, "main").unwrap(), flat);
    }
}

/// The generator writes what it claims to test.
#[test]
fn random_modules_hold_every_kind_of_operation() {
    let mut seen = std::collections::BTreeMap::new();
    for seed in 0..400 {
        for op in random_module(seed).funcs.iter().flat_map(|f| &f.ops) {
            *seen.entry(op.kind.name()).or_insert(0) += 1;
        }
    }
    for name in [
        "func.call",
        "stablehlo.pad",
        "stablehlo.dot_general",
        "stablehlo.gather",
        "stablehlo.reduce",
        "stablehlo.concatenate",
        "stablehlo.constant",
        "stablehlo.bitcast_convert",
        "stablehlo.reduce_precision",
        "chlo.erf_inv",
        "stablehlo.atan2",
    ] {
        assert!(seen.get(name).is_some_and(|&n| n > 5), "{name}: {seen:?}");
    }
}
