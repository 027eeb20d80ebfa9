//! Windows, sorts, bodies and control flow, worked out by hand.

use corex_hlo::parse;

use super::{evaluate, merge_sort_in};
use crate::Tensor;

/// An f32 tensor: shape and elements.
type F32<'a> = (&'a [usize], &'a [f32]);

/// Evaluates a program.
fn check(text: &str, inputs: &[F32<'_>], expected: &[F32<'_>]) {
    let tensor = |(shape, x): &F32<'_>| Tensor::from_f32(shape, x).unwrap();
    let module = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let inputs: Vec<Tensor> = inputs.iter().map(tensor).collect();
    let expected: Vec<Tensor> = expected.iter().map(tensor).collect();
    assert_eq!(evaluate(&module, "main", &inputs, 1 << 20).unwrap(), expected);
}

/// A convolution along one dimension, of one image of one feature.
fn conv(window: &str, n: usize, k: usize, places: usize) -> String {
    format!(
        "func.func @main(%x: tensor<1x{n}x1xf32>, %k: tensor<{k}x1x1xf32>) -> tensor<1x{places}x1xf32> {{
           %r = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {{{window}}} : (tensor<1x{n}x1xf32>, tensor<{k}x1x1xf32>) -> tensor<1x{places}x1xf32>
           return %r : tensor<1x{places}x1xf32>
         }}"
    )
}

#[test]
fn convolutions_slide_without_turning_the_kernel() {
    let (x, k): (F32<'_>, F32<'_>) = ((&[1, 4, 1], &[1., 2., 3., 4.]), (&[2, 1, 1], &[10., 1.]));
    check(&conv("", 4, 2, 3), &[x, k], &[(&[1, 3, 1], &[12., 23., 34.])]);
    check(&conv("reverse = [true]", 4, 2, 3), &[x, k], &[(&[1, 3, 1], &[21., 32., 43.])]);
    check(&conv("stride = [2], pad = [[1, 1]]", 4, 2, 3), &[x, k], &[(&[1, 3, 1], &[1., 23., 40.])]);
    check(&conv("pad = [[-1, 0]]", 4, 2, 2), &[x, k], &[(&[1, 2, 1], &[23., 34.])]);
    check(&conv("rhs_dilate = [3]", 4, 2, 1), &[x, k], &[(&[1, 1, 1], &[14.])]);
    // 1 0 2 0 3 0 4
    check(&conv("lhs_dilate = [2]", 4, 2, 6), &[x, k], &[(&[1, 6, 1], &[10., 2., 20., 3., 30., 4.])]);
}

#[test]
fn padding_is_zeros_in_a_convolution_and_nothing_in_a_fold() {
    let infinite: F32<'_> = (&[2, 1, 1], &[f32::INFINITY, 1.]);
    let nan = f32::from_bits(0x7FC0_0000);
    check(
        &conv("pad = [[1, 0]]", 2, 2, 2),
        &[(&[1, 2, 1], &[1., 2.]), infinite],
        &[(&[1, 2, 1], &[nan, f32::INFINITY])],
    );
    let product = "func.func @main(%x: tensor<2xf32>, %i: tensor<f32>) -> tensor<3xf32> {
      %r = \"stablehlo.reduce_window\"(%x, %i) <{window_dimensions = array<i64: 2>, padding = dense<1> : tensor<1x2xi64>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %c = stablehlo.multiply %a, %b : tensor<f32>
        stablehlo.return %c : tensor<f32>
      }) : (tensor<2xf32>, tensor<f32>) -> tensor<3xf32>
      return %r : tensor<3xf32>
    }";
    check(product, &[(&[2], &[3., 5.]), (&[], &[2.])], &[(&[3], &[6., 30., 10.])]);
}

/// Windowed sums are one chain from the initial value: (1e8 + 1) - 1e8 is 0.
#[test]
fn windowed_sums_have_no_lanes() {
    let text = "func.func @main(%x: tensor<3xf32>, %i: tensor<f32>) -> tensor<3xf32> {
      %r = \"stablehlo.reduce_window\"(%x, %i) <{window_dimensions = array<i64: 3>, padding = dense<[[2, 0]]> : tensor<1x2xi64>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %c = stablehlo.add %a, %b : tensor<f32>
        stablehlo.return %c : tensor<f32>
      }) : (tensor<3xf32>, tensor<f32>) -> tensor<3xf32>
      return %r : tensor<3xf32>
    }";
    check(text, &[(&[3], &[1e8, 1., -1e8]), (&[], &[0.])], &[(&[3], &[1e8, 1e8, 0.])]);
}

#[test]
fn the_first_of_equals_is_selected() {
    let text = "func.func @main(%x: tensor<5xf32>, %s: tensor<2xf32>, %i: tensor<f32>) -> tensor<5xf32> {
      %r = \"stablehlo.select_and_scatter\"(%x, %s, %i) <{window_dimensions = array<i64: 3>, window_strides = array<i64: 2>}> ({
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %c = stablehlo.compare GE, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
        stablehlo.return %c : tensor<i1>
      }, {
      ^bb0(%a: tensor<f32>, %b: tensor<f32>):
        %c = stablehlo.add %a, %b : tensor<f32>
        stablehlo.return %c : tensor<f32>
      }) : (tensor<5xf32>, tensor<2xf32>, tensor<f32>) -> tensor<5xf32>
      return %r : tensor<5xf32>
    }";
    let x = [1., 4., 4., 0., 4.];
    check(text, &[(&[5], &x), (&[2], &[10., 20.]), (&[], &[0.5])], &[(&[5], &[0.5, 10.5, 20.5, 0.5, 0.5])]);
}

#[test]
fn a_merge_sort_defines_what_no_order_defines() {
    let sorted = |n: usize, precedes: &dyn Fn(usize, usize) -> bool| {
        let mut order: Vec<usize> = (0..n).collect();
        merge_sort_in(&mut order, &mut vec![0; n], precedes);
        order
    };
    // Everything precedes everything: the right run always goes first.
    assert_eq!(sorted(5, &|_, _| true), [4, 3, 2, 1, 0]);
    assert_eq!(sorted(5, &|_, _| false), [0, 1, 2, 3, 4]);
    let keys = [2, 1, 2, 0, 1, 1];
    assert_eq!(sorted(6, &|a, b| keys[a] < keys[b]), [3, 1, 4, 5, 0, 2]);
}

#[test]
fn bodies_fold_from_the_initial_value_upwards() {
    let text = "func.func @main(%x: tensor<2x3xf32>, %i: tensor<f32>) -> tensor<2xf32> {
      %r = stablehlo.reduce(%x init: %i) applies stablehlo.subtract across dimensions = [1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
      return %r : tensor<2xf32>
    }";
    check(text, &[(&[2, 3], &[1., 2., 3., 4., 5., 6.]), (&[], &[100.])], &[(&[2], &[94., 85.])]);
}

#[test]
fn a_choice_out_of_range_is_the_last() {
    let text = "func.func @main(%x: tensor<f32>) -> tensor<f32> {
      %i = stablehlo.convert %x : (tensor<f32>) -> tensor<i32>
      %r = \"stablehlo.case\"(%i) ({
        stablehlo.return %x : tensor<f32>
      }, {
        %n = stablehlo.negate %x : tensor<f32>
        stablehlo.return %n : tensor<f32>
      }) : (tensor<i32>) -> tensor<f32>
      return %r : tensor<f32>
    }";
    for (x, y) in [(0., 0.), (1., -1.), (2., -2.), (-5., 5.)] {
        check(text, &[(&[], &[x])], &[(&[], &[y])]);
    }
}
