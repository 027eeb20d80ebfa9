module @jit__lambda attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4x7xi32>, %arg1: tensor<4x7xi32>) -> (tensor<4xi32> {jax.result_info = "result[0]"}, tensor<4xi32> {jax.result_info = "result[1]"}) {
    %c = stablehlo.constant dense<3> : tensor<i32>
    %c_0 = stablehlo.constant dense<1> : tensor<i32>
    %0:2 = stablehlo.reduce(%arg0 init: %c), (%arg1 init: %c_0) across dimensions = [1] : (tensor<4x7xi32>, tensor<4x7xi32>, tensor<i32>, tensor<i32>) -> (tensor<4xi32>, tensor<4xi32>)
     reducer(%arg2: tensor<i32>, %arg4: tensor<i32>) (%arg3: tensor<i32>, %arg5: tensor<i32>)  {
      %c_1 = stablehlo.constant dense<2> : tensor<i32>
      %1 = stablehlo.multiply %arg2, %c_1 : tensor<i32>
      %2 = stablehlo.add %1, %arg4 : tensor<i32>
      %3 = stablehlo.subtract %arg5, %arg2 : tensor<i32>
      %4 = stablehlo.maximum %arg3, %3 : tensor<i32>
      stablehlo.return %2, %4 : tensor<i32>, tensor<i32>
    }
    return %0#0, %0#1 : tensor<4xi32>, tensor<4xi32>
  }
}
