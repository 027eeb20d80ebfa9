//! Every elementwise operator and conversion on edge values and their combinations, and the sizes that random
//! programs are too small for: executor against reference, as in `equivalence.rs`.

mod common;

use common::check::check_with;
use common::{ALL_TYPES, COMPARE, REDUCERS, Rng, data};
use corex_engine::{EngineError, Options, Program, Tensor, reference};
use corex_hlo::ir::*;
use corex_hlo::{Dot, FuncBuilder, infer};

/// A function of inputs of these types, checked on random inputs.
fn check_func(
    name: &str,
    types: &[TensorType],
    body: impl FnOnce(&mut FuncBuilder, &[ValueId]) -> Vec<ValueId>,
) {
    let mut rng = Rng(7);
    let inputs: Vec<Tensor> = types.iter().map(|ty| data::tensor(&mut rng, ty)).collect();
    check_with(name, &inputs, body);
}

/// Whether the typing rules take this operator on these types.
fn takes(kind: &OpKind, types: &[&TensorType]) -> bool {
    infer(kind, types).is_ok()
}

#[test]
fn unary_operators_on_edges() {
    for dtype in ALL_TYPES {
        let [x, _] = data::edge_pairs(dtype);
        for op in UnaryOp::ALL.into_iter().map(OpKind::Unary).filter(|op| takes(op, &[x.ty()])) {
            check_with(&format!("{op:?} {dtype:?}"), std::slice::from_ref(&x), |b, x| {
                vec![b.op(op.clone(), x)]
            });
        }
    }
}

#[test]
fn binary_operators_on_edge_pairs() {
    for dtype in ALL_TYPES {
        let [x, y] = data::edge_pairs(dtype);
        let kinds = BinaryOp::ALL.map(OpKind::Binary).into_iter();
        let kinds = kinds.chain(COMPARE.map(OpKind::Compare)).chain(COMPARE.map(OpKind::CompareTotal));
        for op in kinds.filter(|op| takes(op, &[x.ty(), y.ty()])) {
            let inputs = [x.clone(), y.clone()];
            check_with(&format!("{op:?} {dtype:?}"), &inputs, |b, x| vec![b.op(op.clone(), x)]);
        }
    }
}

#[test]
fn conversions_between_all_types() {
    for from in ALL_TYPES {
        let [x, _] = data::edge_pairs(from);
        for to in ALL_TYPES {
            check_with(&format!("convert {from:?} {to:?}"), std::slice::from_ref(&x), |b, x| {
                vec![b.convert(x[0], to)]
            });
            if takes(&OpKind::BitcastConvert(to), &[x.ty()]) {
                check_with(&format!("bitcast {from:?} {to:?}"), std::slice::from_ref(&x), |b, x| {
                    vec![b.bitcast(x[0], to)]
                });
            }
        }
    }
}

#[test]
fn reduced_precision_of_all_floats() {
    for dtype in [DType::F32, DType::F16, DType::BF16] {
        let [x, _] = data::edge_pairs(dtype);
        for (exponent_bits, mantissa_bits) in
            [(8, 23), (5, 10), (8, 7), (4, 3), (5, 2), (8, 0), (1, 1), (11, 52)]
        {
            let name = format!("reduce_precision e{exponent_bits}m{mantissa_bits} {dtype:?}");
            check_with(&name, std::slice::from_ref(&x), |b, x| {
                vec![b.reduce_precision(x[0], exponent_bits, mantissa_bits)]
            });
        }
    }
}

/// Between element sizes, of operands that are views: a bitcast sees values in order, not memory.
#[test]
fn bitcasts_between_sizes() {
    let types = [TensorType::new(DType::U32, [3, 4]), TensorType::new(DType::U8, [4, 3, 2])];
    check_func("bitcasts", &types, |b, p| {
        let bytes = b.bitcast(p[0], DType::I8);
        let halves = b.transpose(p[0], &[1, 0]);
        let halves = b.bitcast(halves, DType::BF16);
        let part = b.slice(p[0], &[0, 1], &[3, 3]);
        let part = b.reverse(part, &[1]);
        let long = b.bitcast(part, DType::U64);
        let turned = b.transpose(p[1], &[1, 2, 0]);
        let words = b.bitcast(turned, DType::F32);
        let short = b.bitcast(p[1], DType::I16);
        let splat = b.scalar(0x0102_0304u32);
        let splat = b.broadcast(splat, &[5], &[]);
        let splat = b.bitcast(splat, DType::U8);
        vec![bytes, halves, long, words, short, splat]
    });
    let check = |x: Tensor, to: DType, expect: Tensor| {
        let mut b = FuncBuilder::new("main");
        let p = b.param(x.ty().clone());
        let y = b.bitcast(p, to);
        let module = Module::single("test", b.finish(&[y]).unwrap());
        assert_eq!(reference::evaluate(&module, "main", &[x], 1 << 20).unwrap(), [expect]);
    };
    let bytes: Vec<u8> = (1..=8).collect();
    let of = |dtype, shape: &[usize]| Tensor::from_bytes(TensorType::new(dtype, shape), &bytes).unwrap();
    check(of(DType::U32, &[2]), DType::U8, of(DType::U8, &[2, 4]));
    check(of(DType::U8, &[2, 4]), DType::U32, of(DType::U32, &[2]));
    check(of(DType::F16, &[4]), DType::I64, of(DType::I64, &[]));
}

#[test]
fn selections_and_clamps_of_all_types() {
    for dtype in ALL_TYPES {
        let [x, y] = data::edge_pairs(dtype);
        let ty = x.ty().clone();
        let pred = data::tensor(&mut Rng(3), &TensorType::new(DType::I1, ty.shape.clone()));
        let inputs = [x, y, pred];
        check_with(&format!("select {dtype:?}"), &inputs, |b, x| vec![b.select(x[2], x[0], x[1])]);
        if takes(&OpKind::Clamp, &[&ty, &ty, &ty]) {
            check_with(&format!("clamp {dtype:?}"), &inputs, |b, x| vec![b.clamp(x[0], x[1], x[1])]);
        }
    }
}

#[test]
fn reductions_of_all_types_along_every_dimension() {
    for dtype in ALL_TYPES {
        for reducer in REDUCERS {
            let types = [TensorType::new(dtype, [3, 37, 5]), TensorType::scalar(dtype)];
            for dims in [vec![0], vec![1], vec![2], vec![0, 2], vec![1, 2], vec![0, 1, 2], vec![]] {
                let kind = OpKind::Reduce { dims, reducer };
                if takes(&kind, &[&types[0], &types[1]]) {
                    check_func(&format!("{kind:?} {dtype:?}"), &types, |b, x| vec![b.op(kind.clone(), x)]);
                }
            }
        }
    }
}

/// Rows beyond what a tile holds are folded in pieces.
#[test]
fn long_rows() {
    let x = TensorType::f32([2, 40_001]);
    check_func("long rows", &[x.clone(), TensorType::scalar(DType::F32)], |b, p| {
        let square = b.mul(p[0], p[0]);
        let fold = |b: &mut FuncBuilder, v, reducer| b.reduce(v, p[1], &[1], reducer);
        let sum = fold(b, square, Reducer::Add);
        let max = fold(b, p[0], Reducer::Max);
        let product = fold(b, p[0], Reducer::Mul);
        let back = b.broadcast(sum, &x.shape, &[0]);
        let scaled = b.div(p[0], back);
        vec![sum, max, product, scaled]
    });
    let words = TensorType::new(DType::U32, [50_000]);
    check_func("long integer row", &[words, TensorType::scalar(DType::U32)], |b, p| {
        vec![b.reduce(p[0], p[1], &[0], Reducer::Add), b.reduce(p[0], p[1], &[0], Reducer::Min)]
    });
}

/// What a transformer does, over several tiles: softmax, normalisation with gain and bias, masks, batched products
/// of transposed views, and their values used again later.
#[test]
fn rows_over_many_tiles() {
    let types = [TensorType::f32([4, 33, 96]), TensorType::f32([96]), TensorType::f32([4, 96, 33])];
    check_func("rows", &types, |b, p| {
        let shape = [4, 33, 96];
        let parts = b.softmax(p[0], 2);
        let zero = b.scalar(0.0f32);
        let sum = b.reduce(p[0], zero, &[2], Reducer::Add);
        let mean = b.broadcast(sum, &shape, &[0, 1]);
        let centred = b.sub(p[0], mean);
        let gain = b.broadcast(p[1], &shape, &[2]);
        let scaled = b.mul(centred, gain);
        let biased = b.add(scaled, gain);
        let turned = b.transpose(p[2], &[0, 2, 1]);
        let mixed = b.mul(biased, turned);
        let product = b.dot_general(mixed, turned, Dot::contract(&[2], &[2]).batch(&[0], &[0]));
        let columns = b.reduce(mixed, zero, &[0, 1], Reducer::Add);
        let later = b.mul(biased, mixed);
        vec![parts, product, columns, later, scaled]
    });
}

/// Causal attention forward and backward: products and passes per head, which run head by head, with values that stay
/// within a head, values that are read later, and a mask and a gain that repeat over heads.
#[test]
fn attention_head_by_head() {
    for (heads, length, width) in [(6, 33, 8), (4, 64, 16), (2, 1, 4), (3, 40, 24)] {
        let tokens = TensorType::f32([heads, length, width]);
        let gain = TensorType::f32([length]);
        let types = [tokens.clone(), tokens.clone(), tokens.clone(), tokens, gain];
        check_func(&format!("attention {heads} x {length} x {width}"), &types, |b, p| {
            let shape = [heads, length, length];
            let over = |contract: usize| Dot::contract(&[2], &[contract]).batch(&[0], &[0]);
            let turned = Dot::contract(&[1], &[1]).batch(&[0], &[0]);
            let scores = b.dot_general(p[0], p[1], over(2));
            let scale = b.broadcast(p[4], &shape, &[2]);
            let scores = b.mul(scores, scale);
            let square = TensorType::new(DType::U32, [length, length]);
            let (row, column) = (b.iota(square.clone(), 0), b.iota(square, 1));
            let past = b.compare(CompareDir::Ge, row, column);
            let past = b.broadcast(past, &shape, &[1, 2]);
            let hidden = b.full(-1e30f32, &shape);
            let masked = b.select(past, scores, hidden);
            let weights = b.softmax(masked, 2);
            let mixed = b.dot_general(weights, p[2], over(1));
            let slope = b.dot_general(p[3], p[2], over(2));
            let product = b.mul(weights, slope);
            let sum = b.reduce_sum(product, &[2]);
            let sum = b.broadcast(sum, &shape, &[0, 1]);
            let centred = b.sub(slope, sum);
            let back = b.mul(weights, centred);
            let queries = b.dot_general(back, p[1], over(1));
            let keys = b.dot_general(back, p[0], turned.clone());
            let values = b.dot_general(weights, p[3], turned);
            let by_token = b.transpose(queries, &[1, 0, 2]);
            let by_token = b.reshape(by_token, &[length, heads * width]);
            vec![mixed, by_token, keys, values]
        });
    }
}

/// Values that nobody outside a pass sees may be any NaN; those that are seen, or chosen bit by bit, may not.
#[test]
fn hidden_values_hide_only_nan() {
    check_with("hidden", &data::edge_pairs(DType::F32), |b, p| {
        let sum = b.add(p[0], p[1]);
        let product = b.mul(sum, p[1]);
        let difference = b.sub(product, p[0]);
        let quotient = b.div(difference, sum);
        let larger = b.max(quotient, product);
        let negative = b.neg(sum);
        let is_larger = b.compare(CompareDir::Gt, quotient, negative);
        let ratio = b.div(p[1], p[0]);
        let chosen = b.select(is_larger, ratio, negative);
        let bits = b.bitcast(product, DType::U32);
        let total = b.reduce_sum(difference, &[0]);
        vec![larger, chosen, bits, total]
    });
}

/// Products that are read transposed: by copies of whole matrices and of heads side by side, in sums and concatenations; and
/// with another reader that sees them as they are.
#[test]
fn products_read_transposed() {
    for [batch, heads, m, n, k] in
        [[2, 3, 4, 5, 6], [1, 1, 8, 8, 3], [2, 2, 3, 3, 3], [3, 1, 5, 7, 1], [2, 2, 1, 4, 2]]
    {
        let types = [
            TensorType::f32([batch, heads, m, k]),
            TensorType::f32([batch, heads, k, n]),
            TensorType::f32([batch, heads, n, m]),
        ];
        check_func(&format!("{batch} x {heads} x ({m} x {n} x {k})"), &types, |b, p| {
            let product = |b: &mut FuncBuilder| {
                b.dot_general(p[0], p[1], Dot::contract(&[3], &[2]).batch(&[0, 1], &[0, 1]))
            };
            let by_head = product(b);
            let by_head = b.transpose(by_head, &[0, 3, 1, 2]);
            let by_head = b.reshape(by_head, &[batch * n, heads * m]);
            let turned = product(b);
            let turned = b.transpose(turned, &[0, 1, 3, 2]);
            let sum = b.add(turned, p[2]);
            let part = product(b);
            let part = b.transpose(part, &[0, 1, 3, 2]);
            let parts = b.concatenate(&[p[2], part, p[2]], 3);
            let both = product(b);
            let other = b.transpose(both, &[0, 1, 3, 2]);
            let other = b.mul(other, p[2]);
            let squared = product(b);
            let squared = b.transpose(squared, &[1, 0, 3, 2]);
            let squared = b.mul(squared, squared);
            vec![by_head, sum, parts, both, other, squared]
        });
    }
}

/// Parts are made where they lie in the whole: twice in one, of one that is a part itself, read and updated elsewhere.
#[test]
fn concatenated_parts() {
    let types = [TensorType::f32([40]), TensorType::f32([8, 8]), TensorType::scalar(DType::U32)];
    check_func("parts", &types, |b, p| {
        let (grown, product) = (b.exp(p[0]), b.matmul(p[1], p[1]));
        let flat = b.reshape(product, &[64]);
        let inner = b.concatenate(&[grown, flat, grown], 0);
        let sine = b.sin(p[0]);
        let updated = b.dynamic_update_slice(sine, p[0], &[p[2]]);
        let outer = b.concatenate(&[inner, sine, inner, updated], 0);
        let columns = b.concatenate(&[product, p[1]], 1);
        let rows = b.concatenate(&[product, p[1], product], 0);
        let sum = b.add(grown, p[0]);
        let doubled = b.add(outer, outer);
        vec![inner, doubled, columns, rows, sum]
    });
}

/// Inputs that are given away become results where that is possible, and give the same bits.
#[test]
fn donated_inputs() {
    let shape = [3000];
    let mut b = FuncBuilder::new("main");
    let p: Vec<ValueId> = (0..4).map(|_| b.param(TensorType::f32(shape))).collect();
    let grown = b.mul(p[0], p[3]);
    let mean = b.add(p[1], grown);
    // Reads the second input after its place is written, and the first backwards.
    let (later, turned) = (b.mul(grown, p[1]), b.reverse(p[0], &[0]));
    let later = b.sub(later, p[2]);
    let last = b.add(turned, p[3]);
    let module = Module::single("test", b.finish(&[mean, later, last, p[3]]).unwrap());
    let mut rng = Rng(5);
    let fresh = |rng: &mut Rng| -> Vec<Tensor> {
        (0..4).map(|_| data::tensor(rng, &TensorType::f32(shape))).collect()
    };
    for threads in 1..=3 {
        let program = Program::compile(&module, "main", &Options { threads, ..Options::default() }).unwrap();
        for _ in 0..2 {
            let inputs = fresh(&mut rng);
            let expected = reference::evaluate(&module, "main", &inputs, 1 << 20).unwrap();
            assert_eq!(program.run(&inputs).unwrap(), expected);
            // What somebody else holds stays as it is.
            let kept = inputs[1].bytes().to_vec();
            assert_eq!(program.run_donated(inputs.clone(), None).unwrap(), expected);
            assert_eq!(inputs[1].bytes(), kept);
            let places: Vec<*const u8> = inputs.iter().map(|x| x.bytes().as_ptr()).collect();
            let results = program.run_donated(inputs, None).unwrap();
            assert_eq!(results, expected);
            let reused = results.iter().filter(|x| places[1..3].contains(&x.bytes().as_ptr())).count();
            assert_eq!(reused, 2, "two inputs are read only where results are written");
        }
    }
}

/// More groups than fusion keeps open at once.
#[test]
fn programs_of_many_groups() {
    check_func("many groups", &[TensorType::f32([3, 5])], |b, p| {
        let mut x = p[0];
        for _ in 0..700 {
            let turned = b.reverse(x, &[1]);
            x = b.mul(x, turned);
            let half = b.scalar(0.5f32);
            let half = b.broadcast(half, &[3, 5], &[]);
            x = b.max(x, half);
        }
        vec![x]
    });
}

/// Sign and payload of NaN, and the sign of zero, survive movement and nothing else.
#[test]
fn movement_keeps_bits_and_arithmetic_canonicalises() {
    let payload = f32::from_bits(0xFFC1_2345);
    let x = Tensor::from_f32(&[2], &[payload, -0.0]).unwrap();
    let mut b = FuncBuilder::new("main");
    let p = b.param(x.ty().clone());
    let moved = b.reverse(p, &[0]);
    let negated = b.neg(p);
    let module = Module::single("test", b.finish(&[moved, negated]).unwrap());
    let got = reference::evaluate(&module, "main", &[x], 1 << 20).unwrap();
    let bits = |t: &Tensor| t.to_f32().unwrap().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&got[0]), [0x8000_0000, 0xFFC1_2345]);
    assert_eq!(bits(&got[1]), [0x7FC0_0000, 0]);
}

#[test]
fn programs_that_need_too_much_memory_are_refused_before_they_run() {
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::scalar(DType::F32));
    let huge = b.broadcast(x, &[1 << 16, 1 << 13], &[]);
    let turned = b.exp(huge);
    let module = Module::single("test", b.finish(&[turned]).unwrap());
    let options = Options { memory_limit: 1 << 30, ..Options::default() };
    let error = Program::compile(&module, "main", &options).err();
    assert!(matches!(error, Some(EngineError::Memory { limit: 0x4000_0000, .. })), "{error:?}");
    let input = Tensor::from_f32(&[], &[1.0]).unwrap();
    let error = reference::evaluate(&module, "main", &[input], 1 << 30).err();
    assert!(matches!(error, Some(EngineError::Memory { .. })), "{error:?}");
}

/// A collapsed dimension of slice size 0 would read an element that is not there.
#[test]
fn gathers_of_empty_slices_are_refused() {
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([0]));
    let at = b.param(TensorType::new(DType::I32, [2, 1]));
    let dims = GatherDims {
        collapsed_slice_dims: vec![0],
        start_index_map: vec![0],
        index_vector_dim: 1,
        slice_sizes: vec![0],
        ..GatherDims::default()
    };
    let y = b.gather(x, at, dims);
    assert!(b.finish(&[y]).is_err());
}
