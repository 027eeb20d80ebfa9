// A sort of two tensors: one merge per pass, the last of a short right run.
func.func @main(%x: tensor<5x2xf32>, %n: tensor<5x2xi32>) -> (tensor<5x2xf32>, tensor<5x2xi32>) {
  %s:2 = "stablehlo.sort"(%x, %n) <{dimension = 0 : i64, is_stable = true}> ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<i32>, %d: tensor<i32>):
    %l = stablehlo.compare LT, %a, %b : (tensor<f32>, tensor<f32>) -> tensor<i1>
    stablehlo.return %l : tensor<i1>
  }) : (tensor<5x2xf32>, tensor<5x2xi32>) -> (tensor<5x2xf32>, tensor<5x2xi32>)
  return %s#0, %s#1 : tensor<5x2xf32>, tensor<5x2xi32>
}
