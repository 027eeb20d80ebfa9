// Sums in lanes and in one chain, chains of other functions, a body of two accumulators, windows.
func.func @main(%x: tensor<3x35xf32>, %h: tensor<4x3xf16>, %n: tensor<6xi32>, %v: tensor<f32>, %w: tensor<f16>, %z: tensor<i32>) -> (tensor<3xf32>, tensor<35xf32>, tensor<3xf16>, tensor<i32>, tensor<3xf32>, tensor<3xi32>, tensor<2x17xf32>) {
  %a = stablehlo.reduce(%x init: %v) applies stablehlo.add across dimensions = [1] : (tensor<3x35xf32>, tensor<f32>) -> tensor<3xf32>
  %b = stablehlo.reduce(%x init: %v) applies stablehlo.add across dimensions = [0] : (tensor<3x35xf32>, tensor<f32>) -> tensor<35xf32>
  %c = stablehlo.reduce(%h init: %w) applies stablehlo.maximum across dimensions = [0] : (tensor<4x3xf16>, tensor<f16>) -> tensor<3xf16>
  %d = stablehlo.reduce(%n init: %z) applies stablehlo.multiply across dimensions = [0] : (tensor<6xi32>, tensor<i32>) -> tensor<i32>
  %i = stablehlo.iota dim = 1 : tensor<3x35xi32>
  %e:2 = "stablehlo.reduce"(%x, %i, %v, %z) <{dimensions = array<i64: 1>}> ({
  ^bb0(%p: tensor<f32>, %q: tensor<i32>, %r: tensor<f32>, %s: tensor<i32>):
    %g = stablehlo.compare GT, %p, %r : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %k = stablehlo.select %g, %p, %r : tensor<i1>, tensor<f32>
    %l = stablehlo.select %g, %q, %s : tensor<i1>, tensor<i32>
    stablehlo.return %k, %l : tensor<f32>, tensor<i32>
  }) : (tensor<3x35xf32>, tensor<3x35xi32>, tensor<f32>, tensor<i32>) -> (tensor<3xf32>, tensor<3xi32>)
  %f = "stablehlo.reduce_window"(%x, %v) <{padding = dense<[[1, 0], [0, 1]]> : tensor<2x2xi64>, window_dimensions = array<i64: 2, 3>, window_strides = array<i64: 2, 2>}> ({
  ^bb0(%p: tensor<f32>, %q: tensor<f32>):
    %s = stablehlo.add %p, %q : tensor<f32>
    stablehlo.return %s : tensor<f32>
  }) : (tensor<3x35xf32>, tensor<f32>) -> tensor<2x17xf32>
  return %a, %b, %c, %d, %e#0, %e#1, %f : tensor<3xf32>, tensor<35xf32>, tensor<3xf16>, tensor<i32>, tensor<3xf32>, tensor<3xi32>, tensor<2x17xf32>
}
