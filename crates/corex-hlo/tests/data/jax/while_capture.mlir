module @jit__lambda attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<3xf32>, %arg1: tensor<3xf32>) -> (tensor<3xf32> {jax.result_info = "result"}) {
    %0:3 = stablehlo.while(%iterArg = %arg1, %iterArg_0 = %arg1, %iterArg_1 = %arg0) : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
    cond {
      %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
      %1 = stablehlo.reduce(%iterArg_1 init: %cst) applies stablehlo.add across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
      %2 = stablehlo.slice %iterArg [0:1] : (tensor<3xf32>) -> tensor<1xf32>
      %3 = stablehlo.reshape %2 : (tensor<1xf32>) -> tensor<f32>
      %4 = stablehlo.compare LT, %1, %3, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %4 : tensor<i1>
    } do {
      %1 = stablehlo.add %iterArg_1, %iterArg_0 : tensor<3xf32>
      stablehlo.return %iterArg, %iterArg_0, %1 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
    }
    return %0#2 : tensor<3xf32>
  }
}
