// A loop of three iterations with a branch in its body.
func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
  %zero = stablehlo.constant dense<0> : tensor<i32>
  %r:2 = stablehlo.while(%i = %zero, %c = %x) : tensor<i32>, tensor<3xf32>
  cond {
    %n = stablehlo.constant dense<3> : tensor<i32>
    %b = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %b : tensor<i1>
  } do {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %j = stablehlo.add %i, %one : tensor<i32>
    %d = "stablehlo.case"(%i) ({
      %e = stablehlo.add %c, %x : tensor<3xf32>
      stablehlo.return %e : tensor<3xf32>
    }, {
      %e = stablehlo.negate %c : tensor<3xf32>
      stablehlo.return %e : tensor<3xf32>
    }) : (tensor<i32>) -> tensor<3xf32>
    stablehlo.return %j, %d : tensor<i32>, tensor<3xf32>
  }
  return %r#1 : tensor<3xf32>
}
