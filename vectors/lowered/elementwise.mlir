// Scalar functions of one, two and three arguments, a constant whose elements differ, a predicate that is a scalar.
func.func @main(%x: tensor<5xf32>, %y: tensor<5xf32>, %h: tensor<5xbf16>, %n: tensor<5xi8>, %m: tensor<5xi8>, %q: tensor<i1>) -> (tensor<5xf32>, tensor<5xi1>, tensor<5xi1>, tensor<5xf32>, tensor<5xf32>, tensor<5xi32>, tensor<5xf32>, tensor<5xbf16>, tensor<5xi8>, tensor<5xf32>) {
  %a = stablehlo.exponential %x : tensor<5xf32>
  %b = stablehlo.compare LT, %x, %y : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xi1>
  %c = stablehlo.compare LT, %x, %y, TOTALORDER : (tensor<5xf32>, tensor<5xf32>) -> tensor<5xi1>
  %d = stablehlo.select %q, %x, %y : tensor<i1>, tensor<5xf32>
  %e = stablehlo.clamp %x, %y, %a : tensor<5xf32>
  %f = stablehlo.convert %x : (tensor<5xf32>) -> tensor<5xi32>
  %g = stablehlo.reduce_precision %x, format = e5m10 : tensor<5xf32>
  %i = stablehlo.tanh %h : tensor<5xbf16>
  %j = stablehlo.divide %n, %m : tensor<5xi8>
  %k = stablehlo.constant dense<[1.0, -0.0, 2.5, 0x7FC00001, 1.0e-40]> : tensor<5xf32>
  %l = stablehlo.multiply %x, %k : tensor<5xf32>
  return %a, %b, %c, %d, %e, %f, %g, %i, %j, %l : tensor<5xf32>, tensor<5xi1>, tensor<5xi1>, tensor<5xf32>, tensor<5xf32>, tensor<5xi32>, tensor<5xf32>, tensor<5xbf16>, tensor<5xi8>, tensor<5xf32>
}
