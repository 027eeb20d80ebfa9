//! Cases worked out by hand: the reference is the law, so nothing else could check it.

use corex_hlo::ir::{CompareDir, DType, GatherDims, Module, Reducer, ScatterDims, TensorType, ValueId};
use corex_hlo::{Dot, FuncBuilder};

use super::evaluate;
use crate::{EngineError, Tensor};

const NO_LIMIT: u64 = 1 << 30;

/// Evaluates a function of f32 inputs, given as (shape, elements).
fn run(
    inputs: &[(&[usize], &[f32])],
    body: impl FnOnce(&mut FuncBuilder, &[ValueId]) -> Vec<ValueId>,
) -> Result<Vec<Tensor>, EngineError> {
    let mut builder = FuncBuilder::new("main");
    let params: Vec<_> = inputs.iter().map(|(shape, _)| builder.param(TensorType::f32(*shape))).collect();
    let results = body(&mut builder, &params);
    let module = Module::single("test", builder.finish(&results)?);
    let inputs: Result<Vec<_>, _> = inputs.iter().map(|(shape, x)| Tensor::from_f32(shape, x)).collect();
    evaluate(&module, "main", &inputs?, NO_LIMIT)
}

fn check(
    inputs: &[(&[usize], &[f32])],
    body: impl FnOnce(&mut FuncBuilder, &[ValueId]) -> ValueId,
    shape: &[usize],
    expect: &[f32],
) {
    let results = run(inputs, |b, x| vec![body(b, x)]).unwrap();
    assert_eq!(results, [Tensor::from_f32(shape, expect).unwrap()]);
}

#[test]
fn products_follow_the_dimension_numbers() {
    let a: &[f32] = &[1., 2., 3., 4., 5., 6.];
    let b: &[f32] = &[1., 0., -1., 2., 0.5, 1.];
    let matrix = |b: &mut FuncBuilder, x: &[ValueId]| b.dot_general(x[0], x[1], Dot::contract(&[1], &[0]));
    check(&[(&[2, 3], a), (&[3, 2], b)], matrix, &[2, 2], &[0.5, 7., 2., 16.]);
    let inner =
        |b: &mut FuncBuilder, x: &[ValueId]| b.dot_general(x[0], x[1], Dot::contract(&[1, 0], &[1, 0]));
    check(&[(&[2, 3], a), (&[2, 3], b)], inner, &[], &[1. + 0. - 3. + 8. + 2.5 + 6.]);
    let batched = |b: &mut FuncBuilder, x: &[ValueId]| {
        b.dot_general(x[0], x[1], Dot::contract(&[], &[]).batch(&[0], &[1]))
    };
    check(&[(&[2], &[2., 3.]), (&[1, 2], &[5., 7.])], batched, &[2, 1], &[10., 21.]);
}

#[test]
fn products_flush_tiny_operands_and_lose_the_sign_of_zero() {
    let tiny = f32::from_bits(0x2180_0000) / 2.0;
    let dot = |b: &mut FuncBuilder, x: &[ValueId]| b.dot_general(x[0], x[1], Dot::contract(&[0], &[0]));
    check(&[(&[2], &[tiny, -0.0]), (&[2], &[1e30, 1.0])], dot, &[], &[0.0]);
    check(&[(&[0], &[]), (&[0], &[])], dot, &[], &[0.0]);
    check(&[(&[1], &[f32::NAN]), (&[1], &[-1.0])], dot, &[], &[f32::from_bits(0x7FC0_0000)]);
}

#[test]
fn sums_have_lanes_along_the_minor_dimension_only() {
    // 1e8 + 1 - 1e8 is 0 in one chain, but 1 if the 1 has a lane of its own.
    let x: &[f32] = &[1e8, 1.0, -1e8];
    let sum = |dims: &'static [usize]| {
        move |b: &mut FuncBuilder, x: &[ValueId]| {
            let zero = b.scalar(0.0_f32);
            b.reduce(x[0], zero, dims, Reducer::Add)
        }
    };
    check(&[(&[3], x)], sum(&[0]), &[], &[1.0]);
    check(&[(&[3, 1], x)], sum(&[0]), &[1], &[0.0]);
    let mut long = vec![0.0; 33];
    (long[0], long[1], long[32]) = (1e8, 1.0, -1e8);
    check(&[(&[33], &long)], sum(&[0]), &[], &[1.0]);
    check(&[(&[33, 1], &long)], sum(&[0]), &[1], &[0.0]);
    check(&[(&[2, 0], &[])], sum(&[1]), &[2], &[0.0, 0.0]);
}

#[test]
fn extrema_prefer_nan_and_order_zeros() {
    let nan = f32::from_bits(0x7FC0_0000);
    let max = |b: &mut FuncBuilder, x: &[ValueId]| b.max(x[0], x[1]);
    let a: &[f32] = &[-0.0, 0.0, f32::from_bits(0xFFC0_1234), 1.0];
    check(&[(&[4], a), (&[4], &[0.0, -0.0, 1.0, 2.0])], max, &[4], &[0.0, 0.0, nan, 2.0]);
    let min = |b: &mut FuncBuilder, x: &[ValueId]| b.min(x[0], x[1]);
    check(&[(&[4], a), (&[4], &[0.0, -0.0, 1.0, 2.0])], min, &[4], &[-0.0, -0.0, nan, 1.0]);
}

#[test]
fn movement_operators_index_as_specified() {
    let x: &[f32] = &[1., 2., 3., 4., 5., 6.];
    check(&[(&[2, 3], x)], |b, x| b.transpose(x[0], &[1, 0]), &[3, 2], &[1., 4., 2., 5., 3., 6.]);
    check(&[(&[6], x)], |b, x| b.slice_strided(x[0], &[1], &[6], &[2]), &[3], &[2., 4., 6.]);
    check(&[(&[2, 3], x)], |b, x| b.reverse(x[0], &[1]), &[2, 3], &[3., 2., 1., 6., 5., 4.]);
    check(&[(&[2], &[1., 2.])], |b, x| b.broadcast(x[0], &[2, 2], &[0]), &[2, 2], &[1., 1., 2., 2.]);
    let pad = |low: i64, high: i64, interior: usize| {
        move |b: &mut FuncBuilder, x: &[ValueId]| {
            let value = b.scalar(9.0_f32);
            b.pad(x[0], value, &[low], &[high], &[interior])
        }
    };
    check(&[(&[2], &[1., 2.])], pad(1, 2, 1), &[6], &[9., 1., 9., 2., 9., 9.]);
    check(&[(&[3], &[1., 2., 3.])], pad(-1, -1, 1), &[3], &[9., 2., 9.]);
    check(
        &[(&[1, 2], &[1., 2.]), (&[2, 2], &[3., 4., 5., 6.])],
        |b, x| b.concatenate(x, 0),
        &[3, 2],
        &[1., 2., 3., 4., 5., 6.],
    );
}

#[test]
fn gather_clamps_and_scatter_skips() {
    let x: &[f32] = &[1., 2., 3., 4., 5., 6.];
    let indices = |b: &mut FuncBuilder, x: ValueId| b.convert(x, DType::I32);
    let rows = GatherDims {
        offset_dims: vec![1],
        collapsed_slice_dims: vec![0],
        start_index_map: vec![0],
        index_vector_dim: 1,
        slice_sizes: vec![1, 2],
        ..GatherDims::default()
    };
    let gather = |b: &mut FuncBuilder, x: &[ValueId]| {
        let at = indices(b, x[1]);
        b.gather(x[0], at, rows)
    };
    check(&[(&[3, 2], x), (&[3], &[2., -5., 99.])], gather, &[3, 2], &[5., 6., 1., 2., 5., 6.]);
    let into_rows = ScatterDims {
        update_window_dims: vec![1],
        inserted_window_dims: vec![0],
        scatter_dims_to_operand_dims: vec![0],
        index_vector_dim: 1,
        ..ScatterDims::default()
    };
    let scatter = |b: &mut FuncBuilder, x: &[ValueId]| {
        let at = indices(b, x[1]);
        b.scatter(x[0], at, x[2], into_rows, Reducer::Add)
    };
    let updates: &[f32] = &[10., 20., 30., 40., 50., 60.];
    check(
        &[(&[2, 2], &[1., 2., 3., 4.]), (&[3], &[1., -1., 1.]), (&[3, 2], updates)],
        scatter,
        &[2, 2],
        &[1., 2., 63., 84.],
    );
}

#[test]
fn integers_wrap_and_have_defined_edges() {
    let mut b = FuncBuilder::new("main");
    let ty = TensorType::new(DType::I32, [4]);
    let (x, y) = (b.param(ty.clone()), b.param(ty.clone()));
    let results = [b.add(x, y), b.div(x, y), b.rem(x, y), b.shl(x, y), b.sar(x, y)];
    let less = b.compare(CompareDir::Lt, x, y);
    let results = [&results[..], &[less]].concat();
    let module = Module::single("test", b.finish(&results).unwrap());
    let tensor = |v: [i32; 4]| Tensor::from_bytes(ty.clone(), &v.map(i32::to_le_bytes).concat()).unwrap();
    let inputs = [tensor([i32::MAX, i32::MIN, 7, -8]), tensor([1, -1, 0, 33])];
    let got = evaluate(&module, "main", &inputs, NO_LIMIT).unwrap();
    let i1 = Tensor::from_bytes(TensorType::new(DType::I1, [4]), &[0, 1, 0, 1]).unwrap();
    let expect = [
        tensor([i32::MIN, i32::MAX, 7, 25]),
        tensor([i32::MAX, i32::MIN, -1, 0]),
        tensor([0, 0, 7, -8]),
        tensor([-2, 0, 7, 0]),
        tensor([i32::MAX >> 1, -1, 7, -1]),
        i1,
    ];
    assert_eq!(got, expect);
}

#[test]
fn mistakes_are_named() {
    let mut b = FuncBuilder::new("main");
    let x = b.param(TensorType::f32([2]));
    let y = b.exp(x);
    let module = Module::single("test", b.finish(&[y]).unwrap());
    let fail = |inputs: &[Tensor], limit| evaluate(&module, "main", inputs, limit).unwrap_err().to_string();
    let wrong = Tensor::from_f32(&[3], &[0.0; 3]).unwrap();
    assert_eq!(fail(&[wrong], NO_LIMIT), "@main, parameter 0: expected tensor<2xf32>, got tensor<3xf32>");
    assert_eq!(fail(&[], NO_LIMIT), "@main takes 1 inputs, 0 were given");
    let right = Tensor::from_f32(&[2], &[0.0; 2]).unwrap();
    assert_eq!(fail(&[right], 20), "the program needs 32 bytes of tensor memory, the limit is 20");
    let missing = evaluate(&module, "f", &[], NO_LIMIT).unwrap_err();
    assert_eq!(missing, EngineError::NoFunction("f".into()));
    let i1 = TensorType::new(DType::I1, [2]);
    let bad = Tensor::from_bytes(i1, &[1, 2]).unwrap_err().to_string();
    assert_eq!(bad, "not a tensor<2xi1>: byte 2 at offset 1 is neither 0 nor 1");
}
