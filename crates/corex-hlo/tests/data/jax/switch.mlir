module @jit__lambda attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<i32>, %arg1: tensor<2x3xf32>) -> (tensor<2x3xf32> {jax.result_info = "result[0][0]"}, tensor<2x3xf32> {jax.result_info = "result[0][1]"}, tensor<2x3xf32> {jax.result_info = "result[1][0]"}, tensor<2x3xf32> {jax.result_info = "result[1][1]"}, tensor<2x3xf32> {jax.result_info = "result[2][0]"}, tensor<2x3xf32> {jax.result_info = "result[2][1]"}) {
    %c = stablehlo.constant dense<1> : tensor<i32>
    %0 = stablehlo.add %arg0, %c : tensor<i32>
    %c_0 = stablehlo.constant dense<9> : tensor<i32>
    %1 = stablehlo.subtract %arg0, %c_0 : tensor<i32>
    %c_1 = stablehlo.constant dense<0> : tensor<i32>
    %c_2 = stablehlo.constant dense<2> : tensor<i32>
    %2 = stablehlo.clamp %c_1, %arg0, %c_2 : tensor<i32>
    %3:2 = "stablehlo.case"(%2) ({
      %cst = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %8 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
      %9 = stablehlo.add %arg1, %8 : tensor<2x3xf32>
      stablehlo.return %9, %arg1 : tensor<2x3xf32>, tensor<2x3xf32>
    }, {
      %8 = stablehlo.multiply %arg1, %arg1 : tensor<2x3xf32>
      %cst = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %9 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
      %10 = stablehlo.multiply %arg1, %9 : tensor<2x3xf32>
      stablehlo.return %8, %10 : tensor<2x3xf32>, tensor<2x3xf32>
    }, {
      %8 = stablehlo.negate %arg1 : tensor<2x3xf32>
      stablehlo.return %8, %arg1 : tensor<2x3xf32>, tensor<2x3xf32>
    }) : (tensor<i32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
    %c_3 = stablehlo.constant dense<0> : tensor<i32>
    %c_4 = stablehlo.constant dense<2> : tensor<i32>
    %4 = stablehlo.clamp %c_3, %0, %c_4 : tensor<i32>
    %5:2 = "stablehlo.case"(%4) ({
      %cst = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %8 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
      %9 = stablehlo.add %arg1, %8 : tensor<2x3xf32>
      stablehlo.return %9, %arg1 : tensor<2x3xf32>, tensor<2x3xf32>
    }, {
      %8 = stablehlo.multiply %arg1, %arg1 : tensor<2x3xf32>
      %cst = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %9 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
      %10 = stablehlo.multiply %arg1, %9 : tensor<2x3xf32>
      stablehlo.return %8, %10 : tensor<2x3xf32>, tensor<2x3xf32>
    }, {
      %8 = stablehlo.negate %arg1 : tensor<2x3xf32>
      stablehlo.return %8, %arg1 : tensor<2x3xf32>, tensor<2x3xf32>
    }) : (tensor<i32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
    %c_5 = stablehlo.constant dense<0> : tensor<i32>
    %c_6 = stablehlo.constant dense<2> : tensor<i32>
    %6 = stablehlo.clamp %c_5, %1, %c_6 : tensor<i32>
    %7:2 = "stablehlo.case"(%6) ({
      %cst = stablehlo.constant dense<1.000000e+00> : tensor<f32>
      %8 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
      %9 = stablehlo.add %arg1, %8 : tensor<2x3xf32>
      stablehlo.return %9, %arg1 : tensor<2x3xf32>, tensor<2x3xf32>
    }, {
      %8 = stablehlo.multiply %arg1, %arg1 : tensor<2x3xf32>
      %cst = stablehlo.constant dense<2.000000e+00> : tensor<f32>
      %9 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
      %10 = stablehlo.multiply %arg1, %9 : tensor<2x3xf32>
      stablehlo.return %8, %10 : tensor<2x3xf32>, tensor<2x3xf32>
    }, {
      %8 = stablehlo.negate %arg1 : tensor<2x3xf32>
      stablehlo.return %8, %arg1 : tensor<2x3xf32>, tensor<2x3xf32>
    }) : (tensor<i32>) -> (tensor<2x3xf32>, tensor<2x3xf32>)
    return %3#0, %3#1, %5#0, %5#1, %7#0, %7#1 : tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
  }
}
