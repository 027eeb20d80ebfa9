// Scatters that add (f32: elements without updates keep their bits; f16: in f32), replace, and the two operators of
// select_and_scatter.
func.func @main(%x: tensor<4x2xf32>, %h: tensor<4xf16>, %at: tensor<5x1xi32>, %u: tensor<5x2xf32>, %w: tensor<5xf16>, %y: tensor<3x5xf32>, %s: tensor<1x2xf32>, %v: tensor<f32>) -> (tensor<4x2xf32>, tensor<4xf16>, tensor<4x2xf32>, tensor<3x5xf32>) {
  %a = "stablehlo.scatter"(%x, %at, %u) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
  ^bb0(%p: tensor<f32>, %q: tensor<f32>):
    %r = stablehlo.add %p, %q : tensor<f32>
    stablehlo.return %r : tensor<f32>
  }) : (tensor<4x2xf32>, tensor<5x1xi32>, tensor<5x2xf32>) -> tensor<4x2xf32>
  %b = "stablehlo.scatter"(%h, %at, %w) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
  ^bb0(%p: tensor<f16>, %q: tensor<f16>):
    %r = stablehlo.add %p, %q : tensor<f16>
    stablehlo.return %r : tensor<f16>
  }) : (tensor<4xf16>, tensor<5x1xi32>, tensor<5xf16>) -> tensor<4xf16>
  %c = "stablehlo.scatter"(%x, %at, %u) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
  ^bb0(%p: tensor<f32>, %q: tensor<f32>):
    stablehlo.return %q : tensor<f32>
  }) : (tensor<4x2xf32>, tensor<5x1xi32>, tensor<5x2xf32>) -> tensor<4x2xf32>
  %d = "stablehlo.select_and_scatter"(%y, %s, %v) <{padding = dense<[[0, 0], [1, 0]]> : tensor<2x2xi64>, window_dimensions = array<i64: 3, 3>, window_strides = array<i64: 1, 2>}> ({
  ^bb0(%p: tensor<f32>, %q: tensor<f32>):
    %r = stablehlo.compare GE, %p, %q : (tensor<f32>, tensor<f32>) -> tensor<i1>
    stablehlo.return %r : tensor<i1>
  }, {
  ^bb0(%p: tensor<f32>, %q: tensor<f32>):
    %r = stablehlo.add %p, %q : tensor<f32>
    stablehlo.return %r : tensor<f32>
  }) : (tensor<3x5xf32>, tensor<1x2xf32>, tensor<f32>) -> tensor<3x5xf32>
  return %a, %b, %c, %d : tensor<4x2xf32>, tensor<4xf16>, tensor<4x2xf32>, tensor<3x5xf32>
}
