module @jit__lambda attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4x7xui32>) -> (tensor<4x7xui32> {jax.result_info = "result[0]"}, tensor<4x7xui32> {jax.result_info = "result[1]"}) {
    %c = stablehlo.constant dense<1> : tensor<ui32>
    %0 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<ui32>) -> tensor<4x7xui32>
    %1 = stablehlo.add %arg0, %0 : tensor<4x7xui32>
    %2:2 = "stablehlo.sort"(%arg0, %1) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%arg1: tensor<ui32>, %arg2: tensor<ui32>, %arg3: tensor<ui32>, %arg4: tensor<ui32>):
      %3 = stablehlo.compare LT, %arg1, %arg2, UNSIGNED : (tensor<ui32>, tensor<ui32>) -> tensor<i1>
      stablehlo.return %3 : tensor<i1>
    }) : (tensor<4x7xui32>, tensor<4x7xui32>) -> (tensor<4x7xui32>, tensor<4x7xui32>)
    return %2#0, %2#1 : tensor<4x7xui32>, tensor<4x7xui32>
  }
}
