"builtin.module"() <{sym_name = "jit_functions"}> ({
  "sdy.mesh"() <{mesh = #sdy.mesh<["x"=1]>, sym_name = "mesh"}> {stablehlo.mesh = {axes = [{name = "x", size = 1 : i64}]}} : () -> ()
  "func.func"() <{arg_attrs = [{}, {}, {}, {}, {}, {}, {}], function_type = (tensor<18xf32>, tensor<18xf32>, tensor<18xi32>, tensor<3x4xui8>, tensor<3x4xbf16>, tensor<4x2xbf16>, tensor<2xui64>) -> (tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<f32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<3x4xbf16>, tensor<18xi32>, tensor<18xi32>, tensor<3x4xui8>, tensor<18x4xui8>, tensor<3xf32>, tensor<18x2xi16>, tensor<3x2xf32>, tensor<3x3xui32>, tensor<18xi32>, tensor<3x4xui8>, tensor<18xi32>, tensor<2xui64>, tensor<4x3xui32>, tensor<2xui64>, tensor<5xui8>), res_attrs = [{jax.result_info = "result[0][0]"}, {jax.result_info = "result[0][1]"}, {jax.result_info = "result[0][2]"}, {jax.result_info = "result[0][3]"}, {jax.result_info = "result[0][4]"}, {jax.result_info = "result[0][5]"}, {jax.result_info = "result[0][6]"}, {jax.result_info = "result[0][7]"}, {jax.result_info = "result[0][8]"}, {jax.result_info = "result[0][9]"}, {jax.result_info = "result[0][10]"}, {jax.result_info = "result[0][11]"}, {jax.result_info = "result[0][12]"}, {jax.result_info = "result[0][13]"}, {jax.result_info = "result[0][14]"}, {jax.result_info = "result[0][15]"}, {jax.result_info = "result[0][16]"}, {jax.result_info = "result[0][17]"}, {jax.result_info = "result[0][18]"}, {jax.result_info = "result[1][0]"}, {jax.result_info = "result[1][1]"}, {jax.result_info = "result[1][2]"}, {jax.result_info = "result[1][3]"}, {jax.result_info = "result[1][4]"}, {jax.result_info = "result[1][5]"}, {jax.result_info = "result[1][6]"}, {jax.result_info = "result[1][7]"}, {jax.result_info = "result[1][8]"}, {jax.result_info = "result[1][9]"}, {jax.result_info = "result[1][10]"}, {jax.result_info = "result[1][11]"}, {jax.result_info = "result[1][12]"}, {jax.result_info = "result[1][13]"}, {jax.result_info = "result[1][14]"}, {jax.result_info = "result[1][15]"}, {jax.result_info = "result[1][16]"}, {jax.result_info = "result[1][17]"}, {jax.result_info = "result[1][18]"}, {jax.result_info = "result[1][19]"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg4: tensor<18xf32>, %arg5: tensor<18xf32>, %arg6: tensor<18xi32>, %arg7: tensor<3x4xui8>, %arg8: tensor<3x4xbf16>, %arg9: tensor<4x2xbf16>, %arg10: tensor<2xui64>):
    %10 = "stablehlo.constant"() <{value = dense<-1> : tensor<i64>}> : () -> tensor<i64>
    %11 = "stablehlo.constant"() <{value = dense<1> : tensor<i64>}> : () -> tensor<i64>
    %12 = "func.call"(%arg4, %10, %11) <{callee = @clip}> : (tensor<18xf32>, tensor<i64>, tensor<i64>) -> tensor<18xf32>
    %13 = "stablehlo.tan"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %14 = "chlo.atan"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %15 = "chlo.sinh"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %16 = "chlo.cosh"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %17 = "chlo.asinh"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %18 = "chlo.erf"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %19 = "chlo.erfc"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %20 = "stablehlo.cbrt"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %21 = "stablehlo.exponential_minus_one"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %22 = "chlo.square"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %23 = "chlo.asin"(%12) : (tensor<18xf32>) -> tensor<18xf32>
    %24 = "chlo.acos"(%12) : (tensor<18xf32>) -> tensor<18xf32>
    %25 = "chlo.atanh"(%12) : (tensor<18xf32>) -> tensor<18xf32>
    %26 = "chlo.erf_inv"(%12) : (tensor<18xf32>) -> tensor<18xf32>
    %27 = "stablehlo.log_plus_one"(%12) : (tensor<18xf32>) -> tensor<18xf32>
    %28 = "stablehlo.abs"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %29 = "stablehlo.constant"() <{value = dense<1.500000e+00> : tensor<f32>}> : () -> tensor<f32>
    %30 = "stablehlo.broadcast_in_dim"(%29) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<18xf32>
    %31 = "stablehlo.add"(%28, %30) : (tensor<18xf32>, tensor<18xf32>) -> tensor<18xf32>
    %32 = "chlo.acosh"(%31) : (tensor<18xf32>) -> tensor<18xf32>
    %33 = "stablehlo.atan2"(%arg4, %arg5) : (tensor<18xf32>, tensor<18xf32>) -> tensor<18xf32>
    %34 = "stablehlo.composite"(%arg4) <{composite_attributes = {}, decomposition = @my.twice_sine, name = "my.twice_sine", version = 0 : i32}> : (tensor<18xf32>) -> tensor<18xf32>
    %35 = "stablehlo.dot_general"(%arg4, %arg5) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [0], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision HIGHEST>, #stablehlo<precision HIGHEST>]}> : (tensor<18xf32>, tensor<18xf32>) -> tensor<f32>
    %36 = "stablehlo.round_nearest_afz"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %37 = "stablehlo.round_nearest_even"(%arg4) : (tensor<18xf32>) -> tensor<18xf32>
    %38 = "stablehlo.reduce_precision"(%arg4) <{exponent_bits = 5 : i32, mantissa_bits = 10 : i32}> : (tensor<18xf32>) -> tensor<18xf32>
    %39 = "stablehlo.reduce_precision"(%arg4) <{exponent_bits = 8 : i32, mantissa_bits = 7 : i32}> : (tensor<18xf32>) -> tensor<18xf32>
    %40 = "stablehlo.reduce_precision"(%arg8) <{exponent_bits = 4 : i32, mantissa_bits = 3 : i32}> : (tensor<3x4xbf16>) -> tensor<3x4xbf16>
    %41 = "stablehlo.popcnt"(%arg6) : (tensor<18xi32>) -> tensor<18xi32>
    %42 = "stablehlo.count_leading_zeros"(%arg6) : (tensor<18xi32>) -> tensor<18xi32>
    %43 = "stablehlo.popcnt"(%arg7) : (tensor<3x4xui8>) -> tensor<3x4xui8>
    %44 = "stablehlo.bitcast_convert"(%arg4) : (tensor<18xf32>) -> tensor<18x4xui8>
    %45 = "stablehlo.bitcast_convert"(%arg7) : (tensor<3x4xui8>) -> tensor<3xf32>
    %46 = "stablehlo.bitcast_convert"(%arg6) : (tensor<18xi32>) -> tensor<18x2xi16>
    %47 = "stablehlo.dot_general"(%arg8, %arg9) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]}> : (tensor<3x4xbf16>, tensor<4x2xbf16>) -> tensor<3x2xf32>
    %48 = "stablehlo.dot_general"(%arg7, %arg7) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]}> : (tensor<3x4xui8>, tensor<3x4xui8>) -> tensor<3x3xui32>
    %49:2 = "stablehlo.optimization_barrier"(%arg6, %arg7) : (tensor<18xi32>, tensor<3x4xui8>) -> (tensor<18xi32>, tensor<3x4xui8>)
    %50 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    %51 = "stablehlo.broadcast_in_dim"(%50) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<18xi32>
    %52 = "stablehlo.add"(%arg6, %51) : (tensor<18xi32>, tensor<18xi32>) -> tensor<18xi32>
    %53 = "sdy.sharding_constraint"(%52) <{sharding = #sdy.sharding<@mesh, [{"x"}]>}> : (tensor<18xi32>) -> tensor<18xi32>
    %54:2 = "stablehlo.rng_bit_generator"(%arg10) <{rng_algorithm = #stablehlo<rng_algorithm PHILOX>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4x3xui32>)
    %55:2 = "stablehlo.rng_bit_generator"(%arg10) <{rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>}> : (tensor<2xui64>) -> (tensor<2xui64>, tensor<5xui8>)
    "func.return"(%13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, %48, %49#0, %49#1, %53, %54#0, %54#1, %55#0, %55#1) : (tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<f32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<18xf32>, tensor<3x4xbf16>, tensor<18xi32>, tensor<18xi32>, tensor<3x4xui8>, tensor<18x4xui8>, tensor<3xf32>, tensor<18x2xi16>, tensor<3x2xf32>, tensor<3x3xui32>, tensor<18xi32>, tensor<3x4xui8>, tensor<18xi32>, tensor<2xui64>, tensor<4x3xui32>, tensor<2xui64>, tensor<5xui8>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}, {}], function_type = (tensor<18xf32>, tensor<i64>, tensor<i64>) -> tensor<18xf32>, res_attrs = [{}], sym_name = "clip", sym_visibility = "private"}> ({
  ^bb0(%arg1: tensor<18xf32>, %arg2: tensor<i64>, %arg3: tensor<i64>):
    %4 = "stablehlo.convert"(%arg2) : (tensor<i64>) -> tensor<f32>
    %5 = "stablehlo.broadcast_in_dim"(%4) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<18xf32>
    %6 = "stablehlo.maximum"(%5, %arg1) : (tensor<18xf32>, tensor<18xf32>) -> tensor<18xf32>
    %7 = "stablehlo.convert"(%arg3) : (tensor<i64>) -> tensor<f32>
    %8 = "stablehlo.broadcast_in_dim"(%7) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<18xf32>
    %9 = "stablehlo.minimum"(%8, %6) : (tensor<18xf32>, tensor<18xf32>) -> tensor<18xf32>
    "func.return"(%9) : (tensor<18xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<18xf32>) -> tensor<18xf32>, res_attrs = [{}], sym_name = "my.twice_sine", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<18xf32>):
    %0 = "stablehlo.sine"(%arg0) : (tensor<18xf32>) -> tensor<18xf32>
    %1 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %2 = "stablehlo.broadcast_in_dim"(%1) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<18xf32>
    %3 = "stablehlo.multiply"(%0, %2) : (tensor<18xf32>, tensor<18xf32>) -> tensor<18xf32>
    "func.return"(%3) : (tensor<18xf32>) -> ()
  }) : () -> ()
}) {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} : () -> ()

