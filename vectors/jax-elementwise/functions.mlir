module @jit_functions attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  sdy.mesh @mesh = <["x"=1]> {stablehlo.mesh = {axes = [{name = "x", size = 1 : i64}]}}
  func.func public @main(%arg0: tensor<18xf32>, %arg1: tensor<18xf32>, %arg2: tensor<18xi32>, %arg3: tensor<3x4xui8>, %arg4: tensor<3x4xbf16>, %arg5: tensor<4x2xbf16>, %arg6: tensor<2xui64>) -> (tensor<18xf32> {jax.result_info = "result[0][0]"}, tensor<18xf32> {jax.result_info = "result[0][1]"}, tensor<18xf32> {jax.result_info = "result[0][2]"}, tensor<18xf32> {jax.result_info = "result[0][3]"}, tensor<18xf32> {jax.result_info = "result[0][4]"}, tensor<18xf32> {jax.result_info = "result[0][5]"}, tensor<18xf32> {jax.result_info = "result[0][6]"}, tensor<18xf32> {jax.result_info = "result[0][7]"}, tensor<18xf32> {jax.result_info = "result[0][8]"}, tensor<18xf32> {jax.result_info = "result[0][9]"}, tensor<18xf32> {jax.result_info = "result[0][10]"}, tensor<18xf32> {jax.result_info = "result[0][11]"}, tensor<18xf32> {jax.result_info = "result[0][12]"}, tensor<18xf32> {jax.result_info = "result[0][13]"}, tensor<18xf32> {jax.result_info = "result[0][14]"}, tensor<18xf32> {jax.result_info = "result[0][15]"}, tensor<18xf32> {jax.result_info = "result[0][16]"}, tensor<18xf32> {jax.result_info = "result[0][17]"}, tensor<f32> {jax.result_info = "result[0][18]"}, tensor<18xf32> {jax.result_info = "result[1][0]"}, tensor<18xf32> {jax.result_info = "result[1][1]"}, tensor<18xf32> {jax.result_info = "result[1][2]"}, tensor<18xf32> {jax.result_info = "result[1][3]"}, tensor<3x4xbf16> {jax.result_info = "result[1][4]"}, tensor<18xi32> {jax.result_info = "result[1][5]"}, tensor<18xi32> {jax.result_info = "result[1][6]"}, tensor<3x4xui8> {jax.result_info = "result[1][7]"}, tensor<18x4xui8> {jax.result_info = "result[1][8]"}, tensor<3xf32> {jax.result_info = "result[1][9]"}, tensor<18x2xi16> {jax.result_info = "result[1][10]"}, tensor<3x2xf32> {jax.result_info = "result[1][11]"}, tensor<3x3xui32> {jax.result_info = "result[1][12]"}, tensor<18xi32> {jax.result_info = "result[1][13]"}, tensor<3x4xui8> {jax.result_info = "result[1][14]"}, tensor<18xi32> {jax.result_info = "result[1][15]"}, tensor<2xui64> {jax.result_info = "result[1][16]"}, tensor<4x3xui32> {jax.result_info = "result[1][17]"}, tensor<2xui64> {jax.result_info = "result[1][18]"}, tensor<5xui8> {jax.result_info = "result[1][19]"}) {
    %c = stablehlo.constant dense<-1> : tensor<i64>
    %c_0 = stablehlo.constant dense<1> : tensor<i64>
    %0 = call @clip(%arg0, %c, %c_0) : (tensor<18xf32>, tensor<i64>, tensor<i64>) -> tensor<18xf32>
    %1 = stablehlo.tan %arg0 : tensor<18xf32>
    %2 = chlo.atan %arg0 : tensor<18xf32> -> tensor<18xf32>
    %3 = chlo.sinh %arg0 : tensor<18xf32> -> tensor<18xf32>
    %4 = chlo.cosh %arg0 : tensor<18xf32> -> tensor<18xf32>
    %5 = chlo.asinh %arg0 : tensor<18xf32> -> tensor<18xf32>
    %6 = chlo.erf %arg0 : tensor<18xf32> -> tensor<18xf32>
    %7 = chlo.erfc %arg0 : tensor<18xf32> -> tensor<18xf32>
    %8 = stablehlo.cbrt %arg0 : tensor<18xf32>
    %9 = stablehlo.exponential_minus_one %arg0 : tensor<18xf32>
    %10 = chlo.square %arg0 : tensor<18xf32> -> tensor<18xf32>
    %11 = chlo.asin %0 : tensor<18xf32> -> tensor<18xf32>
    %12 = chlo.acos %0 : tensor<18xf32> -> tensor<18xf32>
    %13 = chlo.atanh %0 : tensor<18xf32> -> tensor<18xf32>
    %14 = chlo.erf_inv %0 : tensor<18xf32> -> tensor<18xf32>
    %15 = stablehlo.log_plus_one %0 : tensor<18xf32>
    %16 = stablehlo.abs %arg0 : tensor<18xf32>
    %cst = stablehlo.constant dense<1.500000e+00> : tensor<f32>
    %17 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<18xf32>
    %18 = stablehlo.add %16, %17 : tensor<18xf32>
    %19 = chlo.acosh %18 : tensor<18xf32> -> tensor<18xf32>
    %20 = stablehlo.atan2 %arg0, %arg1 : tensor<18xf32>
    %21 = stablehlo.composite "my.twice_sine" %arg0 {decomposition = @my.twice_sine} : (tensor<18xf32>) -> tensor<18xf32>
    %22 = stablehlo.dot_general %arg0, %arg1, contracting_dims = [0] x [0], precision = [HIGHEST, HIGHEST] : (tensor<18xf32>, tensor<18xf32>) -> tensor<f32>
    %23 = stablehlo.round_nearest_afz %arg0 : tensor<18xf32>
    %24 = stablehlo.round_nearest_even %arg0 : tensor<18xf32>
    %25 = stablehlo.reduce_precision %arg0, format = e5m10 : tensor<18xf32>
    %26 = stablehlo.reduce_precision %arg0, format = e8m7 : tensor<18xf32>
    %27 = stablehlo.reduce_precision %arg4, format = e4m3 : tensor<3x4xbf16>
    %28 = stablehlo.popcnt %arg2 : tensor<18xi32>
    %29 = stablehlo.count_leading_zeros %arg2 : tensor<18xi32>
    %30 = stablehlo.popcnt %arg3 : tensor<3x4xui8>
    %31 = stablehlo.bitcast_convert %arg0 : (tensor<18xf32>) -> tensor<18x4xui8>
    %32 = stablehlo.bitcast_convert %arg3 : (tensor<3x4xui8>) -> tensor<3xf32>
    %33 = stablehlo.bitcast_convert %arg2 : (tensor<18xi32>) -> tensor<18x2xi16>
    %34 = stablehlo.dot_general %arg4, %arg5, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<3x4xbf16>, tensor<4x2xbf16>) -> tensor<3x2xf32>
    %35 = stablehlo.dot_general %arg3, %arg3, contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<3x4xui8>, tensor<3x4xui8>) -> tensor<3x3xui32>
    %36:2 = stablehlo.optimization_barrier %arg2, %arg3 : tensor<18xi32>, tensor<3x4xui8>
    %c_1 = stablehlo.constant dense<1> : tensor<i32>
    %37 = stablehlo.broadcast_in_dim %c_1, dims = [] : (tensor<i32>) -> tensor<18xi32>
    %38 = stablehlo.add %arg2, %37 : tensor<18xi32>
    %39 = sdy.sharding_constraint %38 <@mesh, [{"x"}]> : tensor<18xi32>
    %output_state, %output = stablehlo.rng_bit_generator %arg6, algorithm = PHILOX : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4x3xui32>)
    %output_state_2, %output_3 = stablehlo.rng_bit_generator %arg6, algorithm = THREE_FRY : (tensor<2xui64>) -> (tensor<2xui64>, tensor<5xui8>)
    return %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36#0, %36#1, %39, %output_state, %output, %output_state_2, %output_3 : tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<f32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<3x4xbf16>, tensor<18xi32>, tensor<18xi32>, tensor<3x4xui8>, tensor<18x4xui8>, tensor<3xf32>, tensor<18x2xi16>, tensor<3x2xf32>, tensor<3x3xui32>, tensor<18xi32>, tensor<3x4xui8>, tensor<18xi32>, tensor<2xui64>, tensor<4x3xui32>, tensor<2xui64>, tensor<5xui8>
  }
  func.func private @clip(%arg0: tensor<18xf32>, %arg1: tensor<i64>, %arg2: tensor<i64>) -> tensor<18xf32> {
    %0 = stablehlo.convert %arg1 : (tensor<i64>) -> tensor<f32>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<18xf32>
    %2 = stablehlo.maximum %1, %arg0 : tensor<18xf32>
    %3 = stablehlo.convert %arg2 : (tensor<i64>) -> tensor<f32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<f32>) -> tensor<18xf32>
    %5 = stablehlo.minimum %4, %2 : tensor<18xf32>
    return %5 : tensor<18xf32>
  }
  func.func private @my.twice_sine(%arg0: tensor<18xf32>) -> tensor<18xf32> {
    %0 = stablehlo.sine %arg0 : tensor<18xf32>
    %cst = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %1 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<18xf32>
    %2 = stablehlo.multiply %0, %1 : tensor<18xf32>
    return %2 : tensor<18xf32>
  }
}
