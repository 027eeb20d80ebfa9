// Contractions: batched, of a storage type, of integers, a convolution with groups, stride, padding, dilation, reversal.
func.func @main(%x: tensor<2x3x4xf32>, %y: tensor<2x4x2xf32>, %a: tensor<3x5xbf16>, %b: tensor<5xbf16>, %n: tensor<2x6xi16>, %m: tensor<6x2xi16>, %i: tensor<1x5x4xf32>, %k: tensor<2x2x4xf32>) -> (tensor<2x3x2xf32>, tensor<3xbf16>, tensor<2x2xi16>, tensor<1x5x4xf32>) {
  %p = stablehlo.dot_general %x, %y, batching_dims = [0] x [0], contracting_dims = [2] x [1] : (tensor<2x3x4xf32>, tensor<2x4x2xf32>) -> tensor<2x3x2xf32>
  %q = stablehlo.dot_general %a, %b, contracting_dims = [1] x [0] : (tensor<3x5xbf16>, tensor<5xbf16>) -> tensor<3xbf16>
  %r = stablehlo.dot_general %n, %m, contracting_dims = [1] x [0] : (tensor<2x6xi16>, tensor<6x2xi16>) -> tensor<2x2xi16>
  %c = stablehlo.convolution(%i, %k) dim_numbers = [b, 0, f]x[0, i, o]->[b, 0, f], window = {stride = [2], pad = [[1, 2]], lhs_dilate = [2], rhs_dilate = [2], reverse = [true]} {batch_group_count = 1 : i64, feature_group_count = 2 : i64} : (tensor<1x5x4xf32>, tensor<2x2x4xf32>) -> tensor<1x5x4xf32>
  return %p, %q, %r, %c : tensor<2x3x2xf32>, tensor<3xbf16>, tensor<2x2xi16>, tensor<1x5x4xf32>
}
