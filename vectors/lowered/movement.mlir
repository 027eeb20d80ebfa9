// Operators that only move elements: what they become is in their accesses.
func.func @main(%x: tensor<2x3xf32>, %v: tensor<f32>, %i: tensor<i32>, %j: tensor<i32>, %at: tensor<2x2xi32>, %u: tensor<1x2xf32>) -> (tensor<3x2xf32>, tensor<4x7xf32>, tensor<2x2xf32>, tensor<1x2xf32>, tensor<2x3xf32>, tensor<2x1x2xf32>, tensor<2x3x4xui8>, tensor<6xf32>, tensor<2x3xi16>) {
  %t = stablehlo.transpose %x, dims = [1, 0] : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %p = stablehlo.pad %x, %v, low = [1, -1], high = [1, 2], interior = [0, 2] : (tensor<2x3xf32>, tensor<f32>) -> tensor<4x8xf32>
  %s = stablehlo.slice %p [0:4, 0:7] : (tensor<4x8xf32>) -> tensor<4x7xf32>
  %k = stablehlo.slice %x [0:2, 0:3:2] : (tensor<2x3xf32>) -> tensor<2x2xf32>
  %r = stablehlo.reverse %k, dims = [1] : tensor<2x2xf32>
  %d = stablehlo.dynamic_slice %x, %i, %j, sizes = [1, 2] : (tensor<2x3xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>
  %e = stablehlo.dynamic_update_slice %x, %u, %i, %j : (tensor<2x3xf32>, tensor<1x2xf32>, tensor<i32>, tensor<i32>) -> tensor<2x3xf32>
  %g = "stablehlo.gather"(%x, %at) <{dimension_numbers = #stablehlo.gather<offset_dims = [1, 2], start_index_map = [1, 0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 2>}> : (tensor<2x3xf32>, tensor<2x2xi32>) -> tensor<2x1x2xf32>
  %b = stablehlo.bitcast_convert %x : (tensor<2x3xf32>) -> tensor<2x3x4xui8>
  %w = stablehlo.broadcast_in_dim %v, dims = [] : (tensor<f32>) -> tensor<3xf32>
  %h = stablehlo.reshape %u : (tensor<1x2xf32>) -> tensor<2xf32>
  %o = stablehlo.slice %h [0:1] : (tensor<2xf32>) -> tensor<1xf32>
  %c = stablehlo.concatenate %w, %o, %h, dim = 0 : (tensor<3xf32>, tensor<1xf32>, tensor<2xf32>) -> tensor<6xf32>
  %n = stablehlo.iota dim = 1 : tensor<2x3xi16>
  return %t, %s, %r, %d, %e, %g, %b, %c, %n : tensor<3x2xf32>, tensor<4x7xf32>, tensor<2x2xf32>, tensor<1x2xf32>, tensor<2x3xf32>, tensor<2x1x2xf32>, tensor<2x3x4xui8>, tensor<6xf32>, tensor<2x3xi16>
}
