module @jit_step attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<128x32xf32>, %arg1: tensor<32xf32>, %arg2: tensor<32xf32>, %arg3: tensor<32xf32>, %arg4: tensor<32xf32>, %arg5: tensor<32x32xf32>, %arg6: tensor<32x96xf32>, %arg7: tensor<32x128xf32>, %arg8: tensor<128x32xf32>, %arg9: tensor<32xf32>, %arg10: tensor<32xf32>, %arg11: tensor<32xf32>, %arg12: tensor<32xf32>, %arg13: tensor<32x32xf32>, %arg14: tensor<32x96xf32>, %arg15: tensor<32x128xf32>, %arg16: tensor<64x32xf32>, %arg17: tensor<16x32xf32>, %arg18: tensor<128x32xf32>, %arg19: tensor<32xf32>, %arg20: tensor<32xf32>, %arg21: tensor<32xf32>, %arg22: tensor<32xf32>, %arg23: tensor<32x32xf32>, %arg24: tensor<32x96xf32>, %arg25: tensor<32x128xf32>, %arg26: tensor<128x32xf32>, %arg27: tensor<32xf32>, %arg28: tensor<32xf32>, %arg29: tensor<32xf32>, %arg30: tensor<32xf32>, %arg31: tensor<32x32xf32>, %arg32: tensor<32x96xf32>, %arg33: tensor<32x128xf32>, %arg34: tensor<64x32xf32>, %arg35: tensor<16x32xf32>, %arg36: tensor<128x32xf32>, %arg37: tensor<32xf32>, %arg38: tensor<32xf32>, %arg39: tensor<32xf32>, %arg40: tensor<32xf32>, %arg41: tensor<32x32xf32>, %arg42: tensor<32x96xf32>, %arg43: tensor<32x128xf32>, %arg44: tensor<128x32xf32>, %arg45: tensor<32xf32>, %arg46: tensor<32xf32>, %arg47: tensor<32xf32>, %arg48: tensor<32xf32>, %arg49: tensor<32x32xf32>, %arg50: tensor<32x96xf32>, %arg51: tensor<32x128xf32>, %arg52: tensor<64x32xf32>, %arg53: tensor<16x32xf32>, %arg54: tensor<f32>, %arg55: tensor<4x16xi32>, %arg56: tensor<4x16xi32>) -> (tensor<f32> {jax.result_info = "result[0]"}, tensor<128x32xf32> {jax.result_info = "result[1]['blocks'][0]['down']"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][0]['ln1'][0]"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][0]['ln1'][1]"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][0]['ln2'][0]"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][0]['ln2'][1]"}, tensor<32x32xf32> {jax.result_info = "result[1]['blocks'][0]['out']"}, tensor<32x96xf32> {jax.result_info = "result[1]['blocks'][0]['qkv']"}, tensor<32x128xf32> {jax.result_info = "result[1]['blocks'][0]['up']"}, tensor<128x32xf32> {jax.result_info = "result[1]['blocks'][1]['down']"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][1]['ln1'][0]"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][1]['ln1'][1]"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][1]['ln2'][0]"}, tensor<32xf32> {jax.result_info = "result[1]['blocks'][1]['ln2'][1]"}, tensor<32x32xf32> {jax.result_info = "result[1]['blocks'][1]['out']"}, tensor<32x96xf32> {jax.result_info = "result[1]['blocks'][1]['qkv']"}, tensor<32x128xf32> {jax.result_info = "result[1]['blocks'][1]['up']"}, tensor<64x32xf32> {jax.result_info = "result[1]['embed']"}, tensor<16x32xf32> {jax.result_info = "result[1]['pos']"}, tensor<128x32xf32> {jax.result_info = "result[2]['blocks'][0]['down']"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][0]['ln1'][0]"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][0]['ln1'][1]"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][0]['ln2'][0]"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][0]['ln2'][1]"}, tensor<32x32xf32> {jax.result_info = "result[2]['blocks'][0]['out']"}, tensor<32x96xf32> {jax.result_info = "result[2]['blocks'][0]['qkv']"}, tensor<32x128xf32> {jax.result_info = "result[2]['blocks'][0]['up']"}, tensor<128x32xf32> {jax.result_info = "result[2]['blocks'][1]['down']"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][1]['ln1'][0]"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][1]['ln1'][1]"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][1]['ln2'][0]"}, tensor<32xf32> {jax.result_info = "result[2]['blocks'][1]['ln2'][1]"}, tensor<32x32xf32> {jax.result_info = "result[2]['blocks'][1]['out']"}, tensor<32x96xf32> {jax.result_info = "result[2]['blocks'][1]['qkv']"}, tensor<32x128xf32> {jax.result_info = "result[2]['blocks'][1]['up']"}, tensor<64x32xf32> {jax.result_info = "result[2]['embed']"}, tensor<16x32xf32> {jax.result_info = "result[2]['pos']"}, tensor<128x32xf32> {jax.result_info = "result[3]['blocks'][0]['down']"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][0]['ln1'][0]"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][0]['ln1'][1]"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][0]['ln2'][0]"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][0]['ln2'][1]"}, tensor<32x32xf32> {jax.result_info = "result[3]['blocks'][0]['out']"}, tensor<32x96xf32> {jax.result_info = "result[3]['blocks'][0]['qkv']"}, tensor<32x128xf32> {jax.result_info = "result[3]['blocks'][0]['up']"}, tensor<128x32xf32> {jax.result_info = "result[3]['blocks'][1]['down']"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][1]['ln1'][0]"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][1]['ln1'][1]"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][1]['ln2'][0]"}, tensor<32xf32> {jax.result_info = "result[3]['blocks'][1]['ln2'][1]"}, tensor<32x32xf32> {jax.result_info = "result[3]['blocks'][1]['out']"}, tensor<32x96xf32> {jax.result_info = "result[3]['blocks'][1]['qkv']"}, tensor<32x128xf32> {jax.result_info = "result[3]['blocks'][1]['up']"}, tensor<64x32xf32> {jax.result_info = "result[3]['embed']"}, tensor<16x32xf32> {jax.result_info = "result[3]['pos']"}) {
    %c = stablehlo.constant dense<0> : tensor<i32>
    %0 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<i32>) -> tensor<4x16xi32>
    %1 = stablehlo.compare LT, %arg55, %0, SIGNED : (tensor<4x16xi32>, tensor<4x16xi32>) -> tensor<4x16xi1>
    %c_0 = stablehlo.constant dense<64> : tensor<i32>
    %2 = stablehlo.broadcast_in_dim %c_0, dims = [] : (tensor<i32>) -> tensor<4x16xi32>
    %3 = stablehlo.add %arg55, %2 : tensor<4x16xi32>
    %4 = stablehlo.select %1, %3, %arg55 : tensor<4x16xi1>, tensor<4x16xi32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1] : (tensor<4x16xi32>) -> tensor<4x16x1xi32>
    %6 = "stablehlo.gather"(%arg16, %5) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 32>}> : (tensor<64x32xf32>, tensor<4x16x1xi32>) -> tensor<4x16x32xf32>
    %7 = stablehlo.broadcast_in_dim %arg17, dims = [1, 2] : (tensor<16x32xf32>) -> tensor<1x16x32xf32>
    %8 = stablehlo.broadcast_in_dim %7, dims = [0, 1, 2] : (tensor<1x16x32xf32>) -> tensor<4x16x32xf32>
    %9 = stablehlo.add %6, %8 : tensor<4x16x32xf32>
    %c_1 = stablehlo.constant dense<true> : tensor<i1>
    %10 = stablehlo.broadcast_in_dim %c_1, dims = [] : (tensor<i1>) -> tensor<16x16xi1>
    %11 = call @tril(%10) : (tensor<16x16xi1>) -> tensor<16x16xi1>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %12 = stablehlo.reduce(%9 init: %cst) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %13 = stablehlo.broadcast_in_dim %12, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_2 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %14 = stablehlo.broadcast_in_dim %cst_2, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %15 = stablehlo.divide %13, %14 : tensor<4x16x1xf32>
    %16 = stablehlo.broadcast_in_dim %15, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %17 = stablehlo.subtract %9, %16 : tensor<4x16x32xf32>
    %18 = stablehlo.multiply %17, %17 : tensor<4x16x32xf32>
    %cst_3 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %19 = stablehlo.broadcast_in_dim %cst_3, dims = [] : (tensor<f32>) -> tensor<4x16x32xf32>
    %20 = stablehlo.multiply %19, %17 : tensor<4x16x32xf32>
    %cst_4 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %21 = stablehlo.reduce(%18 init: %cst_4) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %22 = stablehlo.broadcast_in_dim %21, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_5 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %23 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %24 = stablehlo.divide %22, %23 : tensor<4x16x1xf32>
    %cst_6 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %25 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %26 = stablehlo.add %24, %25 : tensor<4x16x1xf32>
    %27 = stablehlo.rsqrt %26 : tensor<4x16x1xf32>
    %28 = stablehlo.divide %27, %26 : tensor<4x16x1xf32>
    %cst_7 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %30 = stablehlo.multiply %29, %28 : tensor<4x16x1xf32>
    %31 = stablehlo.broadcast_in_dim %27, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %32 = stablehlo.multiply %17, %31 : tensor<4x16x32xf32>
    %33 = stablehlo.broadcast_in_dim %arg1, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %34 = stablehlo.broadcast_in_dim %33, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %35 = stablehlo.multiply %32, %34 : tensor<4x16x32xf32>
    %36 = stablehlo.broadcast_in_dim %arg2, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %37 = stablehlo.broadcast_in_dim %36, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %38 = stablehlo.add %35, %37 : tensor<4x16x32xf32>
    %39 = stablehlo.dot_general %38, %arg6, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x96xf32>) -> tensor<4x16x96xf32>
    %40 = stablehlo.reshape %39 : (tensor<4x16x96xf32>) -> tensor<4x16x12x8xf32>
    %41 = stablehlo.slice %40 [0:4, 0:16, 0:4, 0:8] : (tensor<4x16x12x8xf32>) -> tensor<4x16x4x8xf32>
    %42 = stablehlo.slice %40 [0:4, 0:16, 4:8, 0:8] : (tensor<4x16x12x8xf32>) -> tensor<4x16x4x8xf32>
    %43 = stablehlo.slice %40 [0:4, 0:16, 8:12, 0:8] : (tensor<4x16x12x8xf32>) -> tensor<4x16x4x8xf32>
    %44 = stablehlo.dot_general %41, %42, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3], precision = [DEFAULT, DEFAULT] : (tensor<4x16x4x8xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x16xf32>
    %cst_8 = stablehlo.constant dense<8.000000e+00> : tensor<f32>
    %45 = stablehlo.sqrt %cst_8 : tensor<f32>
    %46 = stablehlo.broadcast_in_dim %45, dims = [] : (tensor<f32>) -> tensor<4x4x16x16xf32>
    %47 = stablehlo.divide %44, %46 : tensor<4x4x16x16xf32>
    %cst_9 = stablehlo.constant dense<-1.000000e+30> : tensor<f32>
    %48:2 = call @_where(%11, %47, %cst_9) : (tensor<16x16xi1>, tensor<4x4x16x16xf32>, tensor<f32>) -> (tensor<4x4x16x16xf32>, tensor<4x4x16x16xi1>)
    %cst_10 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %49 = stablehlo.reduce(%48#0 init: %cst_10) applies stablehlo.maximum across dimensions = [3] : (tensor<4x4x16x16xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %cst_11 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %50 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f32>) -> tensor<4x4x16xf32>
    %51 = stablehlo.maximum %50, %49 : tensor<4x4x16xf32>
    %52 = stablehlo.broadcast_in_dim %51, dims = [0, 1, 2] : (tensor<4x4x16xf32>) -> tensor<4x4x16x1xf32>
    %53 = stablehlo.broadcast_in_dim %52, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %54 = stablehlo.subtract %48#0, %53 : tensor<4x4x16x16xf32>
    %55 = stablehlo.exponential %54 : tensor<4x4x16x16xf32>
    %cst_12 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %56 = stablehlo.reduce(%55 init: %cst_12) applies stablehlo.add across dimensions = [3] : (tensor<4x4x16x16xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %57 = stablehlo.broadcast_in_dim %56, dims = [0, 1, 2] : (tensor<4x4x16xf32>) -> tensor<4x4x16x1xf32>
    %58 = stablehlo.broadcast_in_dim %57, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %59 = stablehlo.divide %55, %58 : tensor<4x4x16x16xf32>
    %60 = stablehlo.multiply %57, %57 : tensor<4x4x16x1xf32>
    %cst_13 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %61 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f32>) -> tensor<4x4x16x1xf32>
    %62 = stablehlo.divide %61, %60 : tensor<4x4x16x1xf32>
    %63 = stablehlo.dot_general %43, %59, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3], precision = [DEFAULT, DEFAULT] : (tensor<4x16x4x8xf32>, tensor<4x4x16x16xf32>) -> tensor<4x4x8x16xf32>
    %64 = stablehlo.transpose %63, dims = [0, 3, 1, 2] : (tensor<4x4x8x16xf32>) -> tensor<4x16x4x8xf32>
    %65 = stablehlo.reshape %64 : (tensor<4x16x4x8xf32>) -> tensor<4x16x32xf32>
    %66 = stablehlo.dot_general %65, %arg5, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x32xf32>) -> tensor<4x16x32xf32>
    %67 = stablehlo.add %9, %66 : tensor<4x16x32xf32>
    %cst_14 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %68 = stablehlo.reduce(%67 init: %cst_14) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %69 = stablehlo.broadcast_in_dim %68, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_15 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %70 = stablehlo.broadcast_in_dim %cst_15, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %71 = stablehlo.divide %69, %70 : tensor<4x16x1xf32>
    %72 = stablehlo.broadcast_in_dim %71, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %73 = stablehlo.subtract %67, %72 : tensor<4x16x32xf32>
    %74 = stablehlo.multiply %73, %73 : tensor<4x16x32xf32>
    %cst_16 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %75 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f32>) -> tensor<4x16x32xf32>
    %76 = stablehlo.multiply %75, %73 : tensor<4x16x32xf32>
    %cst_17 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %77 = stablehlo.reduce(%74 init: %cst_17) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %78 = stablehlo.broadcast_in_dim %77, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_18 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %79 = stablehlo.broadcast_in_dim %cst_18, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %80 = stablehlo.divide %78, %79 : tensor<4x16x1xf32>
    %cst_19 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %81 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %82 = stablehlo.add %80, %81 : tensor<4x16x1xf32>
    %83 = stablehlo.rsqrt %82 : tensor<4x16x1xf32>
    %84 = stablehlo.divide %83, %82 : tensor<4x16x1xf32>
    %cst_20 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %85 = stablehlo.broadcast_in_dim %cst_20, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %86 = stablehlo.multiply %85, %84 : tensor<4x16x1xf32>
    %87 = stablehlo.broadcast_in_dim %83, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %88 = stablehlo.multiply %73, %87 : tensor<4x16x32xf32>
    %89 = stablehlo.broadcast_in_dim %arg3, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %90 = stablehlo.broadcast_in_dim %89, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %91 = stablehlo.multiply %88, %90 : tensor<4x16x32xf32>
    %92 = stablehlo.broadcast_in_dim %arg4, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %93 = stablehlo.broadcast_in_dim %92, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %94 = stablehlo.add %91, %93 : tensor<4x16x32xf32>
    %95 = stablehlo.dot_general %94, %arg7, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x128xf32>) -> tensor<4x16x128xf32>
    %96 = stablehlo.multiply %95, %95 : tensor<4x16x128xf32>
    %97 = stablehlo.multiply %96, %95 : tensor<4x16x128xf32>
    %98 = stablehlo.multiply %95, %95 : tensor<4x16x128xf32>
    %cst_21 = stablehlo.constant dense<3.000000e+00> : tensor<f32>
    %99 = stablehlo.broadcast_in_dim %cst_21, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %100 = stablehlo.multiply %99, %98 : tensor<4x16x128xf32>
    %cst_22 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %101 = stablehlo.broadcast_in_dim %cst_22, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %102 = stablehlo.multiply %101, %97 : tensor<4x16x128xf32>
    %103 = stablehlo.add %95, %102 : tensor<4x16x128xf32>
    %cst_23 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %104 = stablehlo.broadcast_in_dim %cst_23, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %105 = stablehlo.multiply %104, %103 : tensor<4x16x128xf32>
    %106 = stablehlo.tanh %105 : tensor<4x16x128xf32>
    %cst_24 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %107 = stablehlo.broadcast_in_dim %cst_24, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %108 = stablehlo.subtract %107, %106 : tensor<4x16x128xf32>
    %cst_25 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %109 = stablehlo.broadcast_in_dim %cst_25, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %110 = stablehlo.add %109, %106 : tensor<4x16x128xf32>
    %cst_26 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %111 = stablehlo.broadcast_in_dim %cst_26, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %112 = stablehlo.multiply %111, %110 : tensor<4x16x128xf32>
    %113 = stablehlo.multiply %95, %112 : tensor<4x16x128xf32>
    %114 = stablehlo.dot_general %113, %arg0, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x128xf32>, tensor<128x32xf32>) -> tensor<4x16x32xf32>
    %115 = stablehlo.add %67, %114 : tensor<4x16x32xf32>
    %cst_27 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %116 = stablehlo.reduce(%115 init: %cst_27) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %117 = stablehlo.broadcast_in_dim %116, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_28 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %118 = stablehlo.broadcast_in_dim %cst_28, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %119 = stablehlo.divide %117, %118 : tensor<4x16x1xf32>
    %120 = stablehlo.broadcast_in_dim %119, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %121 = stablehlo.subtract %115, %120 : tensor<4x16x32xf32>
    %122 = stablehlo.multiply %121, %121 : tensor<4x16x32xf32>
    %cst_29 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %123 = stablehlo.broadcast_in_dim %cst_29, dims = [] : (tensor<f32>) -> tensor<4x16x32xf32>
    %124 = stablehlo.multiply %123, %121 : tensor<4x16x32xf32>
    %cst_30 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %125 = stablehlo.reduce(%122 init: %cst_30) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %126 = stablehlo.broadcast_in_dim %125, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_31 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %127 = stablehlo.broadcast_in_dim %cst_31, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %128 = stablehlo.divide %126, %127 : tensor<4x16x1xf32>
    %cst_32 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %129 = stablehlo.broadcast_in_dim %cst_32, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %130 = stablehlo.add %128, %129 : tensor<4x16x1xf32>
    %131 = stablehlo.rsqrt %130 : tensor<4x16x1xf32>
    %132 = stablehlo.divide %131, %130 : tensor<4x16x1xf32>
    %cst_33 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %133 = stablehlo.broadcast_in_dim %cst_33, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %134 = stablehlo.multiply %133, %132 : tensor<4x16x1xf32>
    %135 = stablehlo.broadcast_in_dim %131, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %136 = stablehlo.multiply %121, %135 : tensor<4x16x32xf32>
    %137 = stablehlo.broadcast_in_dim %arg9, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %138 = stablehlo.broadcast_in_dim %137, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %139 = stablehlo.multiply %136, %138 : tensor<4x16x32xf32>
    %140 = stablehlo.broadcast_in_dim %arg10, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %141 = stablehlo.broadcast_in_dim %140, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %142 = stablehlo.add %139, %141 : tensor<4x16x32xf32>
    %143 = stablehlo.dot_general %142, %arg14, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x96xf32>) -> tensor<4x16x96xf32>
    %144 = stablehlo.reshape %143 : (tensor<4x16x96xf32>) -> tensor<4x16x12x8xf32>
    %145 = stablehlo.slice %144 [0:4, 0:16, 0:4, 0:8] : (tensor<4x16x12x8xf32>) -> tensor<4x16x4x8xf32>
    %146 = stablehlo.slice %144 [0:4, 0:16, 4:8, 0:8] : (tensor<4x16x12x8xf32>) -> tensor<4x16x4x8xf32>
    %147 = stablehlo.slice %144 [0:4, 0:16, 8:12, 0:8] : (tensor<4x16x12x8xf32>) -> tensor<4x16x4x8xf32>
    %148 = stablehlo.dot_general %145, %146, batching_dims = [0, 2] x [0, 2], contracting_dims = [3] x [3], precision = [DEFAULT, DEFAULT] : (tensor<4x16x4x8xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x16xf32>
    %cst_34 = stablehlo.constant dense<8.000000e+00> : tensor<f32>
    %149 = stablehlo.sqrt %cst_34 : tensor<f32>
    %150 = stablehlo.broadcast_in_dim %149, dims = [] : (tensor<f32>) -> tensor<4x4x16x16xf32>
    %151 = stablehlo.divide %148, %150 : tensor<4x4x16x16xf32>
    %cst_35 = stablehlo.constant dense<-1.000000e+30> : tensor<f32>
    %152:2 = call @_where(%11, %151, %cst_35) : (tensor<16x16xi1>, tensor<4x4x16x16xf32>, tensor<f32>) -> (tensor<4x4x16x16xf32>, tensor<4x4x16x16xi1>)
    %cst_36 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %153 = stablehlo.reduce(%152#0 init: %cst_36) applies stablehlo.maximum across dimensions = [3] : (tensor<4x4x16x16xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %cst_37 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %154 = stablehlo.broadcast_in_dim %cst_37, dims = [] : (tensor<f32>) -> tensor<4x4x16xf32>
    %155 = stablehlo.maximum %154, %153 : tensor<4x4x16xf32>
    %156 = stablehlo.broadcast_in_dim %155, dims = [0, 1, 2] : (tensor<4x4x16xf32>) -> tensor<4x4x16x1xf32>
    %157 = stablehlo.broadcast_in_dim %156, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %158 = stablehlo.subtract %152#0, %157 : tensor<4x4x16x16xf32>
    %159 = stablehlo.exponential %158 : tensor<4x4x16x16xf32>
    %cst_38 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %160 = stablehlo.reduce(%159 init: %cst_38) applies stablehlo.add across dimensions = [3] : (tensor<4x4x16x16xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %161 = stablehlo.broadcast_in_dim %160, dims = [0, 1, 2] : (tensor<4x4x16xf32>) -> tensor<4x4x16x1xf32>
    %162 = stablehlo.broadcast_in_dim %161, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %163 = stablehlo.divide %159, %162 : tensor<4x4x16x16xf32>
    %164 = stablehlo.multiply %161, %161 : tensor<4x4x16x1xf32>
    %cst_39 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %165 = stablehlo.broadcast_in_dim %cst_39, dims = [] : (tensor<f32>) -> tensor<4x4x16x1xf32>
    %166 = stablehlo.divide %165, %164 : tensor<4x4x16x1xf32>
    %167 = stablehlo.dot_general %147, %163, batching_dims = [0, 2] x [0, 1], contracting_dims = [1] x [3], precision = [DEFAULT, DEFAULT] : (tensor<4x16x4x8xf32>, tensor<4x4x16x16xf32>) -> tensor<4x4x8x16xf32>
    %168 = stablehlo.transpose %167, dims = [0, 3, 1, 2] : (tensor<4x4x8x16xf32>) -> tensor<4x16x4x8xf32>
    %169 = stablehlo.reshape %168 : (tensor<4x16x4x8xf32>) -> tensor<4x16x32xf32>
    %170 = stablehlo.dot_general %169, %arg13, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x32xf32>) -> tensor<4x16x32xf32>
    %171 = stablehlo.add %115, %170 : tensor<4x16x32xf32>
    %cst_40 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %172 = stablehlo.reduce(%171 init: %cst_40) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %173 = stablehlo.broadcast_in_dim %172, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_41 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %174 = stablehlo.broadcast_in_dim %cst_41, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %175 = stablehlo.divide %173, %174 : tensor<4x16x1xf32>
    %176 = stablehlo.broadcast_in_dim %175, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %177 = stablehlo.subtract %171, %176 : tensor<4x16x32xf32>
    %178 = stablehlo.multiply %177, %177 : tensor<4x16x32xf32>
    %cst_42 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %179 = stablehlo.broadcast_in_dim %cst_42, dims = [] : (tensor<f32>) -> tensor<4x16x32xf32>
    %180 = stablehlo.multiply %179, %177 : tensor<4x16x32xf32>
    %cst_43 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %181 = stablehlo.reduce(%178 init: %cst_43) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %182 = stablehlo.broadcast_in_dim %181, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %cst_44 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %183 = stablehlo.broadcast_in_dim %cst_44, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %184 = stablehlo.divide %182, %183 : tensor<4x16x1xf32>
    %cst_45 = stablehlo.constant dense<9.99999974E-6> : tensor<f32>
    %185 = stablehlo.broadcast_in_dim %cst_45, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %186 = stablehlo.add %184, %185 : tensor<4x16x1xf32>
    %187 = stablehlo.rsqrt %186 : tensor<4x16x1xf32>
    %188 = stablehlo.divide %187, %186 : tensor<4x16x1xf32>
    %cst_46 = stablehlo.constant dense<-5.000000e-01> : tensor<f32>
    %189 = stablehlo.broadcast_in_dim %cst_46, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %190 = stablehlo.multiply %189, %188 : tensor<4x16x1xf32>
    %191 = stablehlo.broadcast_in_dim %187, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %192 = stablehlo.multiply %177, %191 : tensor<4x16x32xf32>
    %193 = stablehlo.broadcast_in_dim %arg11, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %194 = stablehlo.broadcast_in_dim %193, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %195 = stablehlo.multiply %192, %194 : tensor<4x16x32xf32>
    %196 = stablehlo.broadcast_in_dim %arg12, dims = [2] : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %197 = stablehlo.broadcast_in_dim %196, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %198 = stablehlo.add %195, %197 : tensor<4x16x32xf32>
    %199 = stablehlo.dot_general %198, %arg15, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x128xf32>) -> tensor<4x16x128xf32>
    %200 = stablehlo.multiply %199, %199 : tensor<4x16x128xf32>
    %201 = stablehlo.multiply %200, %199 : tensor<4x16x128xf32>
    %202 = stablehlo.multiply %199, %199 : tensor<4x16x128xf32>
    %cst_47 = stablehlo.constant dense<3.000000e+00> : tensor<f32>
    %203 = stablehlo.broadcast_in_dim %cst_47, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %204 = stablehlo.multiply %203, %202 : tensor<4x16x128xf32>
    %cst_48 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %205 = stablehlo.broadcast_in_dim %cst_48, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %206 = stablehlo.multiply %205, %201 : tensor<4x16x128xf32>
    %207 = stablehlo.add %199, %206 : tensor<4x16x128xf32>
    %cst_49 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %208 = stablehlo.broadcast_in_dim %cst_49, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %209 = stablehlo.multiply %208, %207 : tensor<4x16x128xf32>
    %210 = stablehlo.tanh %209 : tensor<4x16x128xf32>
    %cst_50 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %211 = stablehlo.broadcast_in_dim %cst_50, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %212 = stablehlo.subtract %211, %210 : tensor<4x16x128xf32>
    %cst_51 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %213 = stablehlo.broadcast_in_dim %cst_51, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %214 = stablehlo.add %213, %210 : tensor<4x16x128xf32>
    %cst_52 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %215 = stablehlo.broadcast_in_dim %cst_52, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %216 = stablehlo.multiply %215, %214 : tensor<4x16x128xf32>
    %217 = stablehlo.multiply %199, %216 : tensor<4x16x128xf32>
    %218 = stablehlo.dot_general %217, %arg8, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x128xf32>, tensor<128x32xf32>) -> tensor<4x16x32xf32>
    %219 = stablehlo.add %171, %218 : tensor<4x16x32xf32>
    %220 = stablehlo.transpose %arg16, dims = [1, 0] : (tensor<64x32xf32>) -> tensor<32x64xf32>
    %221 = stablehlo.dot_general %219, %220, contracting_dims = [2] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x64xf32>) -> tensor<4x16x64xf32>
    %222:3 = call @log_softmax(%221) : (tensor<4x16x64xf32>) -> (tensor<4x16x64xf32>, tensor<4x16x64xf32>, tensor<4x16x1xf32>)
    %223 = stablehlo.broadcast_in_dim %arg56, dims = [0, 1] : (tensor<4x16xi32>) -> tensor<4x16x1xi32>
    %224:2 = call @take_along_axis(%222#0, %223) : (tensor<4x16x64xf32>, tensor<4x16x1xi32>) -> (tensor<4x16x1xf32>, tensor<4x16x1x1xi32>)
    %cst_53 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %225 = stablehlo.reduce(%224#0 init: %cst_53) applies stablehlo.add across dimensions = [0, 1, 2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<f32>
    %cst_54 = stablehlo.constant dense<6.400000e+01> : tensor<f32>
    %226 = stablehlo.divide %225, %cst_54 : tensor<f32>
    %227 = stablehlo.negate %226 : tensor<f32>
    %cst_55 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %228 = stablehlo.negate %cst_55 : tensor<f32>
    %cst_56 = stablehlo.constant dense<6.400000e+01> : tensor<f32>
    %229 = stablehlo.divide %228, %cst_56 : tensor<f32>
    %230 = stablehlo.broadcast_in_dim %229, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %231 = call @take_along_axis_0(%224#1, %230) : (tensor<4x16x1x1xi32>, tensor<4x16x1xf32>) -> tensor<4x16x64xf32>
    %232 = call @log_softmax_1(%222#1, %222#2, %231) : (tensor<4x16x64xf32>, tensor<4x16x1xf32>, tensor<4x16x64xf32>) -> tensor<4x16x64xf32>
    %233 = stablehlo.dot_general %232, %219, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x64xf32>, tensor<4x16x32xf32>) -> tensor<64x32xf32>
    %234 = stablehlo.transpose %233, dims = [1, 0] : (tensor<64x32xf32>) -> tensor<32x64xf32>
    %235 = stablehlo.dot_general %232, %220, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x64xf32>, tensor<32x64xf32>) -> tensor<4x16x32xf32>
    %236 = stablehlo.transpose %234, dims = [1, 0] : (tensor<32x64xf32>) -> tensor<64x32xf32>
    %237 = stablehlo.dot_general %235, %217, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<4x16x128xf32>) -> tensor<32x128xf32>
    %238 = stablehlo.transpose %237, dims = [1, 0] : (tensor<32x128xf32>) -> tensor<128x32xf32>
    %239 = stablehlo.dot_general %235, %arg8, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<128x32xf32>) -> tensor<4x16x128xf32>
    %240 = stablehlo.multiply %199, %239 : tensor<4x16x128xf32>
    %241 = stablehlo.multiply %239, %216 : tensor<4x16x128xf32>
    %cst_57 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %242 = stablehlo.broadcast_in_dim %cst_57, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %243 = stablehlo.multiply %242, %240 : tensor<4x16x128xf32>
    %244 = stablehlo.multiply %243, %212 : tensor<4x16x128xf32>
    %245 = stablehlo.multiply %244, %210 : tensor<4x16x128xf32>
    %246 = stablehlo.add %244, %245 : tensor<4x16x128xf32>
    %cst_58 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %247 = stablehlo.broadcast_in_dim %cst_58, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %248 = stablehlo.multiply %247, %246 : tensor<4x16x128xf32>
    %249 = stablehlo.add %241, %248 : tensor<4x16x128xf32>
    %cst_59 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %250 = stablehlo.broadcast_in_dim %cst_59, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %251 = stablehlo.multiply %250, %248 : tensor<4x16x128xf32>
    %252 = stablehlo.multiply %251, %204 : tensor<4x16x128xf32>
    %253 = stablehlo.add %249, %252 : tensor<4x16x128xf32>
    %254 = stablehlo.dot_general %253, %198, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x128xf32>, tensor<4x16x32xf32>) -> tensor<128x32xf32>
    %255 = stablehlo.transpose %254, dims = [1, 0] : (tensor<128x32xf32>) -> tensor<32x128xf32>
    %256 = stablehlo.dot_general %253, %arg15, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x128xf32>, tensor<32x128xf32>) -> tensor<4x16x32xf32>
    %cst_60 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %257 = stablehlo.reduce(%256 init: %cst_60) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %258 = stablehlo.reshape %257 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_61 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %259 = stablehlo.reduce(%258 init: %cst_61) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %260 = stablehlo.multiply %192, %256 : tensor<4x16x32xf32>
    %cst_62 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %261 = stablehlo.reduce(%260 init: %cst_62) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %262 = stablehlo.reshape %261 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %263 = stablehlo.broadcast_in_dim %193, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %264 = stablehlo.multiply %256, %263 : tensor<4x16x32xf32>
    %cst_63 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %265 = stablehlo.reduce(%262 init: %cst_63) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %266 = stablehlo.multiply %177, %264 : tensor<4x16x32xf32>
    %cst_64 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %267 = stablehlo.reduce(%266 init: %cst_64) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %268 = stablehlo.reshape %267 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %269 = stablehlo.broadcast_in_dim %187, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %270 = stablehlo.multiply %264, %269 : tensor<4x16x32xf32>
    %271 = stablehlo.multiply %268, %190 : tensor<4x16x1xf32>
    %cst_65 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %272 = stablehlo.broadcast_in_dim %cst_65, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %273 = stablehlo.divide %271, %272 : tensor<4x16x1xf32>
    %cst_66 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %274 = stablehlo.reduce(%273 init: %cst_66) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %275 = stablehlo.broadcast_in_dim %274, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %276 = stablehlo.multiply %275, %180 : tensor<4x16x32xf32>
    %277 = stablehlo.add %270, %276 : tensor<4x16x32xf32>
    %278 = stablehlo.negate %277 : tensor<4x16x32xf32>
    %cst_67 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %279 = stablehlo.reduce(%278 init: %cst_67) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %280 = stablehlo.reshape %279 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %281 = stablehlo.add %235, %277 : tensor<4x16x32xf32>
    %cst_68 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %282 = stablehlo.broadcast_in_dim %cst_68, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %283 = stablehlo.divide %280, %282 : tensor<4x16x1xf32>
    %cst_69 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %284 = stablehlo.reduce(%283 init: %cst_69) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %285 = stablehlo.broadcast_in_dim %284, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %286 = stablehlo.add %281, %285 : tensor<4x16x32xf32>
    %287 = stablehlo.dot_general %286, %169, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<4x16x32xf32>) -> tensor<32x32xf32>
    %288 = stablehlo.transpose %287, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %289 = stablehlo.dot_general %286, %arg13, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x32xf32>) -> tensor<4x16x32xf32>
    %290 = stablehlo.reshape %289 : (tensor<4x16x32xf32>) -> tensor<4x16x4x8xf32>
    %291 = stablehlo.transpose %290, dims = [0, 2, 3, 1] : (tensor<4x16x4x8xf32>) -> tensor<4x4x8x16xf32>
    %292 = stablehlo.dot_general %291, %147, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [3], precision = [DEFAULT, DEFAULT] : (tensor<4x4x8x16xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x16xf32>
    %293 = stablehlo.dot_general %291, %163, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2], precision = [DEFAULT, DEFAULT] : (tensor<4x4x8x16xf32>, tensor<4x4x16x16xf32>) -> tensor<4x4x8x16xf32>
    %294 = stablehlo.transpose %293, dims = [0, 3, 1, 2] : (tensor<4x4x8x16xf32>) -> tensor<4x16x4x8xf32>
    %295 = stablehlo.broadcast_in_dim %166, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %296 = stablehlo.multiply %292, %295 : tensor<4x4x16x16xf32>
    %297 = stablehlo.multiply %296, %159 : tensor<4x4x16x16xf32>
    %cst_70 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %298 = stablehlo.reduce(%297 init: %cst_70) applies stablehlo.add across dimensions = [3] : (tensor<4x4x16x16xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %299 = stablehlo.reshape %298 : (tensor<4x4x16xf32>) -> tensor<4x4x16x1xf32>
    %300 = stablehlo.negate %299 : tensor<4x4x16x1xf32>
    %301 = stablehlo.broadcast_in_dim %161, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %302 = stablehlo.divide %292, %301 : tensor<4x4x16x16xf32>
    %cst_71 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %303 = stablehlo.reduce(%300 init: %cst_71) applies stablehlo.add across dimensions = [3] : (tensor<4x4x16x1xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %304 = stablehlo.broadcast_in_dim %303, dims = [0, 1, 2] : (tensor<4x4x16xf32>) -> tensor<4x4x16x16xf32>
    %305 = stablehlo.add %302, %304 : tensor<4x4x16x16xf32>
    %306 = stablehlo.multiply %305, %159 : tensor<4x4x16x16xf32>
    %307 = call @_where_2(%152#1, %306) : (tensor<4x4x16x16xi1>, tensor<4x4x16x16xf32>) -> tensor<4x4x16x16xf32>
    %308 = stablehlo.broadcast_in_dim %149, dims = [] : (tensor<f32>) -> tensor<4x4x16x16xf32>
    %309 = stablehlo.divide %307, %308 : tensor<4x4x16x16xf32>
    %310 = stablehlo.dot_general %309, %145, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x4x16x16xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x8xf32>
    %311 = stablehlo.transpose %310, dims = [0, 2, 1, 3] : (tensor<4x4x16x8xf32>) -> tensor<4x16x4x8xf32>
    %312 = stablehlo.dot_general %309, %146, batching_dims = [0, 1] x [0, 2], contracting_dims = [3] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x4x16x16xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x8xf32>
    %313 = stablehlo.transpose %312, dims = [0, 2, 1, 3] : (tensor<4x4x16x8xf32>) -> tensor<4x16x4x8xf32>
    %314 = stablehlo.concatenate %313, %311, %294, dim = 2 : (tensor<4x16x4x8xf32>, tensor<4x16x4x8xf32>, tensor<4x16x4x8xf32>) -> tensor<4x16x12x8xf32>
    %315 = stablehlo.reshape %314 : (tensor<4x16x12x8xf32>) -> tensor<4x16x96xf32>
    %316 = stablehlo.dot_general %315, %142, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x96xf32>, tensor<4x16x32xf32>) -> tensor<96x32xf32>
    %317 = stablehlo.transpose %316, dims = [1, 0] : (tensor<96x32xf32>) -> tensor<32x96xf32>
    %318 = stablehlo.dot_general %315, %arg14, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x96xf32>, tensor<32x96xf32>) -> tensor<4x16x32xf32>
    %cst_72 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %319 = stablehlo.reduce(%318 init: %cst_72) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %320 = stablehlo.reshape %319 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_73 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %321 = stablehlo.reduce(%320 init: %cst_73) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %322 = stablehlo.multiply %136, %318 : tensor<4x16x32xf32>
    %cst_74 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %323 = stablehlo.reduce(%322 init: %cst_74) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %324 = stablehlo.reshape %323 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %325 = stablehlo.broadcast_in_dim %137, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %326 = stablehlo.multiply %318, %325 : tensor<4x16x32xf32>
    %cst_75 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %327 = stablehlo.reduce(%324 init: %cst_75) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %328 = stablehlo.multiply %121, %326 : tensor<4x16x32xf32>
    %cst_76 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %329 = stablehlo.reduce(%328 init: %cst_76) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %330 = stablehlo.reshape %329 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %331 = stablehlo.broadcast_in_dim %131, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %332 = stablehlo.multiply %326, %331 : tensor<4x16x32xf32>
    %333 = stablehlo.multiply %330, %134 : tensor<4x16x1xf32>
    %cst_77 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %334 = stablehlo.broadcast_in_dim %cst_77, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %335 = stablehlo.divide %333, %334 : tensor<4x16x1xf32>
    %cst_78 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %336 = stablehlo.reduce(%335 init: %cst_78) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %337 = stablehlo.broadcast_in_dim %336, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %338 = stablehlo.multiply %337, %124 : tensor<4x16x32xf32>
    %339 = stablehlo.add %332, %338 : tensor<4x16x32xf32>
    %340 = stablehlo.negate %339 : tensor<4x16x32xf32>
    %cst_79 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %341 = stablehlo.reduce(%340 init: %cst_79) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %342 = stablehlo.reshape %341 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %343 = stablehlo.add %286, %339 : tensor<4x16x32xf32>
    %cst_80 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %344 = stablehlo.broadcast_in_dim %cst_80, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %345 = stablehlo.divide %342, %344 : tensor<4x16x1xf32>
    %cst_81 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %346 = stablehlo.reduce(%345 init: %cst_81) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %347 = stablehlo.broadcast_in_dim %346, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %348 = stablehlo.add %343, %347 : tensor<4x16x32xf32>
    %349 = stablehlo.dot_general %348, %113, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<4x16x128xf32>) -> tensor<32x128xf32>
    %350 = stablehlo.transpose %349, dims = [1, 0] : (tensor<32x128xf32>) -> tensor<128x32xf32>
    %351 = stablehlo.dot_general %348, %arg0, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<128x32xf32>) -> tensor<4x16x128xf32>
    %352 = stablehlo.multiply %95, %351 : tensor<4x16x128xf32>
    %353 = stablehlo.multiply %351, %112 : tensor<4x16x128xf32>
    %cst_82 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %354 = stablehlo.broadcast_in_dim %cst_82, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %355 = stablehlo.multiply %354, %352 : tensor<4x16x128xf32>
    %356 = stablehlo.multiply %355, %108 : tensor<4x16x128xf32>
    %357 = stablehlo.multiply %356, %106 : tensor<4x16x128xf32>
    %358 = stablehlo.add %356, %357 : tensor<4x16x128xf32>
    %cst_83 = stablehlo.constant dense<0.797884583> : tensor<f32>
    %359 = stablehlo.broadcast_in_dim %cst_83, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %360 = stablehlo.multiply %359, %358 : tensor<4x16x128xf32>
    %361 = stablehlo.add %353, %360 : tensor<4x16x128xf32>
    %cst_84 = stablehlo.constant dense<4.471500e-02> : tensor<f32>
    %362 = stablehlo.broadcast_in_dim %cst_84, dims = [] : (tensor<f32>) -> tensor<4x16x128xf32>
    %363 = stablehlo.multiply %362, %360 : tensor<4x16x128xf32>
    %364 = stablehlo.multiply %363, %100 : tensor<4x16x128xf32>
    %365 = stablehlo.add %361, %364 : tensor<4x16x128xf32>
    %366 = stablehlo.dot_general %365, %94, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x128xf32>, tensor<4x16x32xf32>) -> tensor<128x32xf32>
    %367 = stablehlo.transpose %366, dims = [1, 0] : (tensor<128x32xf32>) -> tensor<32x128xf32>
    %368 = stablehlo.dot_general %365, %arg7, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x128xf32>, tensor<32x128xf32>) -> tensor<4x16x32xf32>
    %cst_85 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %369 = stablehlo.reduce(%368 init: %cst_85) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %370 = stablehlo.reshape %369 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_86 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %371 = stablehlo.reduce(%370 init: %cst_86) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %372 = stablehlo.multiply %88, %368 : tensor<4x16x32xf32>
    %cst_87 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %373 = stablehlo.reduce(%372 init: %cst_87) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %374 = stablehlo.reshape %373 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %375 = stablehlo.broadcast_in_dim %89, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %376 = stablehlo.multiply %368, %375 : tensor<4x16x32xf32>
    %cst_88 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %377 = stablehlo.reduce(%374 init: %cst_88) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %378 = stablehlo.multiply %73, %376 : tensor<4x16x32xf32>
    %cst_89 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %379 = stablehlo.reduce(%378 init: %cst_89) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %380 = stablehlo.reshape %379 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %381 = stablehlo.broadcast_in_dim %83, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %382 = stablehlo.multiply %376, %381 : tensor<4x16x32xf32>
    %383 = stablehlo.multiply %380, %86 : tensor<4x16x1xf32>
    %cst_90 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %384 = stablehlo.broadcast_in_dim %cst_90, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %385 = stablehlo.divide %383, %384 : tensor<4x16x1xf32>
    %cst_91 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %386 = stablehlo.reduce(%385 init: %cst_91) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %387 = stablehlo.broadcast_in_dim %386, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %388 = stablehlo.multiply %387, %76 : tensor<4x16x32xf32>
    %389 = stablehlo.add %382, %388 : tensor<4x16x32xf32>
    %390 = stablehlo.negate %389 : tensor<4x16x32xf32>
    %cst_92 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %391 = stablehlo.reduce(%390 init: %cst_92) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %392 = stablehlo.reshape %391 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %393 = stablehlo.add %348, %389 : tensor<4x16x32xf32>
    %cst_93 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %394 = stablehlo.broadcast_in_dim %cst_93, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %395 = stablehlo.divide %392, %394 : tensor<4x16x1xf32>
    %cst_94 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %396 = stablehlo.reduce(%395 init: %cst_94) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %397 = stablehlo.broadcast_in_dim %396, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %398 = stablehlo.add %393, %397 : tensor<4x16x32xf32>
    %399 = stablehlo.dot_general %398, %65, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<4x16x32xf32>) -> tensor<32x32xf32>
    %400 = stablehlo.transpose %399, dims = [1, 0] : (tensor<32x32xf32>) -> tensor<32x32xf32>
    %401 = stablehlo.dot_general %398, %arg5, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x32xf32>, tensor<32x32xf32>) -> tensor<4x16x32xf32>
    %402 = stablehlo.reshape %401 : (tensor<4x16x32xf32>) -> tensor<4x16x4x8xf32>
    %403 = stablehlo.transpose %402, dims = [0, 2, 3, 1] : (tensor<4x16x4x8xf32>) -> tensor<4x4x8x16xf32>
    %404 = stablehlo.dot_general %403, %43, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [3], precision = [DEFAULT, DEFAULT] : (tensor<4x4x8x16xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x16xf32>
    %405 = stablehlo.dot_general %403, %59, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2], precision = [DEFAULT, DEFAULT] : (tensor<4x4x8x16xf32>, tensor<4x4x16x16xf32>) -> tensor<4x4x8x16xf32>
    %406 = stablehlo.transpose %405, dims = [0, 3, 1, 2] : (tensor<4x4x8x16xf32>) -> tensor<4x16x4x8xf32>
    %407 = stablehlo.broadcast_in_dim %62, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %408 = stablehlo.multiply %404, %407 : tensor<4x4x16x16xf32>
    %409 = stablehlo.multiply %408, %55 : tensor<4x4x16x16xf32>
    %cst_95 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %410 = stablehlo.reduce(%409 init: %cst_95) applies stablehlo.add across dimensions = [3] : (tensor<4x4x16x16xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %411 = stablehlo.reshape %410 : (tensor<4x4x16xf32>) -> tensor<4x4x16x1xf32>
    %412 = stablehlo.negate %411 : tensor<4x4x16x1xf32>
    %413 = stablehlo.broadcast_in_dim %57, dims = [0, 1, 2, 3] : (tensor<4x4x16x1xf32>) -> tensor<4x4x16x16xf32>
    %414 = stablehlo.divide %404, %413 : tensor<4x4x16x16xf32>
    %cst_96 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %415 = stablehlo.reduce(%412 init: %cst_96) applies stablehlo.add across dimensions = [3] : (tensor<4x4x16x1xf32>, tensor<f32>) -> tensor<4x4x16xf32>
    %416 = stablehlo.broadcast_in_dim %415, dims = [0, 1, 2] : (tensor<4x4x16xf32>) -> tensor<4x4x16x16xf32>
    %417 = stablehlo.add %414, %416 : tensor<4x4x16x16xf32>
    %418 = stablehlo.multiply %417, %55 : tensor<4x4x16x16xf32>
    %419 = call @_where_2(%48#1, %418) : (tensor<4x4x16x16xi1>, tensor<4x4x16x16xf32>) -> tensor<4x4x16x16xf32>
    %420 = stablehlo.broadcast_in_dim %45, dims = [] : (tensor<f32>) -> tensor<4x4x16x16xf32>
    %421 = stablehlo.divide %419, %420 : tensor<4x4x16x16xf32>
    %422 = stablehlo.dot_general %421, %41, batching_dims = [0, 1] x [0, 2], contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x4x16x16xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x8xf32>
    %423 = stablehlo.transpose %422, dims = [0, 2, 1, 3] : (tensor<4x4x16x8xf32>) -> tensor<4x16x4x8xf32>
    %424 = stablehlo.dot_general %421, %42, batching_dims = [0, 1] x [0, 2], contracting_dims = [3] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x4x16x16xf32>, tensor<4x16x4x8xf32>) -> tensor<4x4x16x8xf32>
    %425 = stablehlo.transpose %424, dims = [0, 2, 1, 3] : (tensor<4x4x16x8xf32>) -> tensor<4x16x4x8xf32>
    %426 = stablehlo.concatenate %425, %423, %406, dim = 2 : (tensor<4x16x4x8xf32>, tensor<4x16x4x8xf32>, tensor<4x16x4x8xf32>) -> tensor<4x16x12x8xf32>
    %427 = stablehlo.reshape %426 : (tensor<4x16x12x8xf32>) -> tensor<4x16x96xf32>
    %428 = stablehlo.dot_general %427, %38, contracting_dims = [0, 1] x [0, 1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x96xf32>, tensor<4x16x32xf32>) -> tensor<96x32xf32>
    %429 = stablehlo.transpose %428, dims = [1, 0] : (tensor<96x32xf32>) -> tensor<32x96xf32>
    %430 = stablehlo.dot_general %427, %arg6, contracting_dims = [2] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x16x96xf32>, tensor<32x96xf32>) -> tensor<4x16x32xf32>
    %cst_97 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %431 = stablehlo.reduce(%430 init: %cst_97) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %432 = stablehlo.reshape %431 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %cst_98 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %433 = stablehlo.reduce(%432 init: %cst_98) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %434 = stablehlo.multiply %32, %430 : tensor<4x16x32xf32>
    %cst_99 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %435 = stablehlo.reduce(%434 init: %cst_99) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<32xf32>
    %436 = stablehlo.reshape %435 : (tensor<32xf32>) -> tensor<1x1x32xf32>
    %437 = stablehlo.broadcast_in_dim %33, dims = [0, 1, 2] : (tensor<1x1x32xf32>) -> tensor<4x16x32xf32>
    %438 = stablehlo.multiply %430, %437 : tensor<4x16x32xf32>
    %cst_100 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %439 = stablehlo.reduce(%436 init: %cst_100) applies stablehlo.add across dimensions = [0, 1] : (tensor<1x1x32xf32>, tensor<f32>) -> tensor<32xf32>
    %440 = stablehlo.multiply %17, %438 : tensor<4x16x32xf32>
    %cst_101 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %441 = stablehlo.reduce(%440 init: %cst_101) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %442 = stablehlo.reshape %441 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %443 = stablehlo.broadcast_in_dim %27, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x32xf32>
    %444 = stablehlo.multiply %438, %443 : tensor<4x16x32xf32>
    %445 = stablehlo.multiply %442, %30 : tensor<4x16x1xf32>
    %cst_102 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %446 = stablehlo.broadcast_in_dim %cst_102, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %447 = stablehlo.divide %445, %446 : tensor<4x16x1xf32>
    %cst_103 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %448 = stablehlo.reduce(%447 init: %cst_103) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %449 = stablehlo.broadcast_in_dim %448, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %450 = stablehlo.multiply %449, %20 : tensor<4x16x32xf32>
    %451 = stablehlo.add %444, %450 : tensor<4x16x32xf32>
    %452 = stablehlo.negate %451 : tensor<4x16x32xf32>
    %cst_104 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %453 = stablehlo.reduce(%452 init: %cst_104) applies stablehlo.add across dimensions = [2] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<4x16xf32>
    %454 = stablehlo.reshape %453 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %455 = stablehlo.add %398, %451 : tensor<4x16x32xf32>
    %cst_105 = stablehlo.constant dense<3.200000e+01> : tensor<f32>
    %456 = stablehlo.broadcast_in_dim %cst_105, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %457 = stablehlo.divide %454, %456 : tensor<4x16x1xf32>
    %cst_106 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %458 = stablehlo.reduce(%457 init: %cst_106) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %459 = stablehlo.broadcast_in_dim %458, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x32xf32>
    %460 = stablehlo.add %455, %459 : tensor<4x16x32xf32>
    %cst_107 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %461 = stablehlo.reduce(%460 init: %cst_107) applies stablehlo.add across dimensions = [0] : (tensor<4x16x32xf32>, tensor<f32>) -> tensor<16x32xf32>
    %462 = stablehlo.reshape %461 : (tensor<16x32xf32>) -> tensor<1x16x32xf32>
    %cst_108 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %463 = stablehlo.reduce(%462 init: %cst_108) applies stablehlo.add across dimensions = [0] : (tensor<1x16x32xf32>, tensor<f32>) -> tensor<16x32xf32>
    %cst_109 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %464 = stablehlo.broadcast_in_dim %cst_109, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %465 = "stablehlo.scatter"(%464, %5, %460) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [2], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 2>, unique_indices = false}> ({
    ^bb0(%arg57: tensor<f32>, %arg58: tensor<f32>):
      %1087 = stablehlo.add %arg57, %arg58 : tensor<f32>
      stablehlo.return %1087 : tensor<f32>
    }) : (tensor<64x32xf32>, tensor<4x16x1xi32>, tensor<4x16x32xf32>) -> tensor<64x32xf32>
    %466 = stablehlo.add %236, %465 : tensor<64x32xf32>
    %467 = stablehlo.reshape %350 : (tensor<128x32xf32>) -> tensor<4096xf32>
    %468 = stablehlo.reshape %350 : (tensor<128x32xf32>) -> tensor<4096xf32>
    %469 = stablehlo.dot_general %467, %468, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<f32>
    %cst_110 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %470 = stablehlo.add %cst_110, %469 : tensor<f32>
    %471 = stablehlo.dot_general %439, %439, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %472 = stablehlo.add %470, %471 : tensor<f32>
    %473 = stablehlo.dot_general %433, %433, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %474 = stablehlo.add %472, %473 : tensor<f32>
    %475 = stablehlo.dot_general %377, %377, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %476 = stablehlo.add %474, %475 : tensor<f32>
    %477 = stablehlo.dot_general %371, %371, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %478 = stablehlo.add %476, %477 : tensor<f32>
    %479 = stablehlo.reshape %400 : (tensor<32x32xf32>) -> tensor<1024xf32>
    %480 = stablehlo.reshape %400 : (tensor<32x32xf32>) -> tensor<1024xf32>
    %481 = stablehlo.dot_general %479, %480, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<1024xf32>, tensor<1024xf32>) -> tensor<f32>
    %482 = stablehlo.add %478, %481 : tensor<f32>
    %483 = stablehlo.reshape %429 : (tensor<32x96xf32>) -> tensor<3072xf32>
    %484 = stablehlo.reshape %429 : (tensor<32x96xf32>) -> tensor<3072xf32>
    %485 = stablehlo.dot_general %483, %484, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<3072xf32>, tensor<3072xf32>) -> tensor<f32>
    %486 = stablehlo.add %482, %485 : tensor<f32>
    %487 = stablehlo.reshape %367 : (tensor<32x128xf32>) -> tensor<4096xf32>
    %488 = stablehlo.reshape %367 : (tensor<32x128xf32>) -> tensor<4096xf32>
    %489 = stablehlo.dot_general %487, %488, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<f32>
    %490 = stablehlo.add %486, %489 : tensor<f32>
    %491 = stablehlo.reshape %238 : (tensor<128x32xf32>) -> tensor<4096xf32>
    %492 = stablehlo.reshape %238 : (tensor<128x32xf32>) -> tensor<4096xf32>
    %493 = stablehlo.dot_general %491, %492, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<f32>
    %494 = stablehlo.add %490, %493 : tensor<f32>
    %495 = stablehlo.dot_general %327, %327, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %496 = stablehlo.add %494, %495 : tensor<f32>
    %497 = stablehlo.dot_general %321, %321, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %498 = stablehlo.add %496, %497 : tensor<f32>
    %499 = stablehlo.dot_general %265, %265, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %500 = stablehlo.add %498, %499 : tensor<f32>
    %501 = stablehlo.dot_general %259, %259, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<32xf32>, tensor<32xf32>) -> tensor<f32>
    %502 = stablehlo.add %500, %501 : tensor<f32>
    %503 = stablehlo.reshape %288 : (tensor<32x32xf32>) -> tensor<1024xf32>
    %504 = stablehlo.reshape %288 : (tensor<32x32xf32>) -> tensor<1024xf32>
    %505 = stablehlo.dot_general %503, %504, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<1024xf32>, tensor<1024xf32>) -> tensor<f32>
    %506 = stablehlo.add %502, %505 : tensor<f32>
    %507 = stablehlo.reshape %317 : (tensor<32x96xf32>) -> tensor<3072xf32>
    %508 = stablehlo.reshape %317 : (tensor<32x96xf32>) -> tensor<3072xf32>
    %509 = stablehlo.dot_general %507, %508, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<3072xf32>, tensor<3072xf32>) -> tensor<f32>
    %510 = stablehlo.add %506, %509 : tensor<f32>
    %511 = stablehlo.reshape %255 : (tensor<32x128xf32>) -> tensor<4096xf32>
    %512 = stablehlo.reshape %255 : (tensor<32x128xf32>) -> tensor<4096xf32>
    %513 = stablehlo.dot_general %511, %512, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4096xf32>, tensor<4096xf32>) -> tensor<f32>
    %514 = stablehlo.add %510, %513 : tensor<f32>
    %515 = stablehlo.reshape %466 : (tensor<64x32xf32>) -> tensor<2048xf32>
    %516 = stablehlo.reshape %466 : (tensor<64x32xf32>) -> tensor<2048xf32>
    %517 = stablehlo.dot_general %515, %516, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<2048xf32>, tensor<2048xf32>) -> tensor<f32>
    %518 = stablehlo.add %514, %517 : tensor<f32>
    %519 = stablehlo.reshape %463 : (tensor<16x32xf32>) -> tensor<512xf32>
    %520 = stablehlo.reshape %463 : (tensor<16x32xf32>) -> tensor<512xf32>
    %521 = stablehlo.dot_general %519, %520, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<512xf32>, tensor<512xf32>) -> tensor<f32>
    %522 = stablehlo.add %518, %521 : tensor<f32>
    %523 = stablehlo.sqrt %522 : tensor<f32>
    %cst_111 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %524 = stablehlo.divide %cst_111, %523 : tensor<f32>
    %cst_112 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %525 = stablehlo.minimum %cst_112, %524 : tensor<f32>
    %cst_113 = stablehlo.constant dense<1.000000e+02> : tensor<f32>
    %526 = stablehlo.divide %arg54, %cst_113 : tensor<f32>
    %cst_114 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %527 = stablehlo.minimum %cst_114, %526 : tensor<f32>
    %cst_115 = stablehlo.constant dense<1.000000e-03> : tensor<f32>
    %528 = stablehlo.multiply %cst_115, %527 : tensor<f32>
    %529 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %530 = stablehlo.multiply %350, %529 : tensor<128x32xf32>
    %cst_116 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %531 = stablehlo.broadcast_in_dim %cst_116, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %532 = stablehlo.multiply %531, %arg18 : tensor<128x32xf32>
    %cst_117 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %533 = stablehlo.broadcast_in_dim %cst_117, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %534 = stablehlo.multiply %533, %530 : tensor<128x32xf32>
    %535 = stablehlo.add %532, %534 : tensor<128x32xf32>
    %cst_118 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %536 = stablehlo.broadcast_in_dim %cst_118, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %537 = stablehlo.multiply %536, %arg36 : tensor<128x32xf32>
    %cst_119 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %538 = stablehlo.broadcast_in_dim %cst_119, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %539 = stablehlo.multiply %538, %530 : tensor<128x32xf32>
    %540 = stablehlo.multiply %539, %530 : tensor<128x32xf32>
    %541 = stablehlo.add %537, %540 : tensor<128x32xf32>
    %cst_120 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %542 = stablehlo.power %cst_120, %arg54 : tensor<f32>
    %cst_121 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %543 = stablehlo.subtract %cst_121, %542 : tensor<f32>
    %544 = stablehlo.broadcast_in_dim %543, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %545 = stablehlo.divide %535, %544 : tensor<128x32xf32>
    %cst_122 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %546 = stablehlo.power %cst_122, %arg54 : tensor<f32>
    %cst_123 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %547 = stablehlo.subtract %cst_123, %546 : tensor<f32>
    %548 = stablehlo.broadcast_in_dim %547, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %549 = stablehlo.divide %541, %548 : tensor<128x32xf32>
    %550 = stablehlo.sqrt %549 : tensor<128x32xf32>
    %cst_124 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %551 = stablehlo.broadcast_in_dim %cst_124, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %552 = stablehlo.add %550, %551 : tensor<128x32xf32>
    %553 = stablehlo.divide %545, %552 : tensor<128x32xf32>
    %cst_125 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %554 = stablehlo.broadcast_in_dim %cst_125, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %555 = stablehlo.multiply %554, %arg0 : tensor<128x32xf32>
    %556 = stablehlo.add %553, %555 : tensor<128x32xf32>
    %557 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %558 = stablehlo.multiply %557, %556 : tensor<128x32xf32>
    %559 = stablehlo.subtract %arg0, %558 : tensor<128x32xf32>
    %560 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %561 = stablehlo.multiply %439, %560 : tensor<32xf32>
    %cst_126 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %562 = stablehlo.broadcast_in_dim %cst_126, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %563 = stablehlo.multiply %562, %arg19 : tensor<32xf32>
    %cst_127 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %564 = stablehlo.broadcast_in_dim %cst_127, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %565 = stablehlo.multiply %564, %561 : tensor<32xf32>
    %566 = stablehlo.add %563, %565 : tensor<32xf32>
    %cst_128 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %567 = stablehlo.broadcast_in_dim %cst_128, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %568 = stablehlo.multiply %567, %arg37 : tensor<32xf32>
    %cst_129 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %569 = stablehlo.broadcast_in_dim %cst_129, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %570 = stablehlo.multiply %569, %561 : tensor<32xf32>
    %571 = stablehlo.multiply %570, %561 : tensor<32xf32>
    %572 = stablehlo.add %568, %571 : tensor<32xf32>
    %cst_130 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %573 = stablehlo.power %cst_130, %arg54 : tensor<f32>
    %cst_131 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %574 = stablehlo.subtract %cst_131, %573 : tensor<f32>
    %575 = stablehlo.broadcast_in_dim %574, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %576 = stablehlo.divide %566, %575 : tensor<32xf32>
    %cst_132 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %577 = stablehlo.power %cst_132, %arg54 : tensor<f32>
    %cst_133 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %578 = stablehlo.subtract %cst_133, %577 : tensor<f32>
    %579 = stablehlo.broadcast_in_dim %578, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %580 = stablehlo.divide %572, %579 : tensor<32xf32>
    %581 = stablehlo.sqrt %580 : tensor<32xf32>
    %cst_134 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %582 = stablehlo.broadcast_in_dim %cst_134, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %583 = stablehlo.add %581, %582 : tensor<32xf32>
    %584 = stablehlo.divide %576, %583 : tensor<32xf32>
    %cst_135 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %585 = stablehlo.broadcast_in_dim %cst_135, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %586 = stablehlo.multiply %585, %arg1 : tensor<32xf32>
    %587 = stablehlo.add %584, %586 : tensor<32xf32>
    %588 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %589 = stablehlo.multiply %588, %587 : tensor<32xf32>
    %590 = stablehlo.subtract %arg1, %589 : tensor<32xf32>
    %591 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %592 = stablehlo.multiply %433, %591 : tensor<32xf32>
    %cst_136 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %593 = stablehlo.broadcast_in_dim %cst_136, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %594 = stablehlo.multiply %593, %arg20 : tensor<32xf32>
    %cst_137 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %595 = stablehlo.broadcast_in_dim %cst_137, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %596 = stablehlo.multiply %595, %592 : tensor<32xf32>
    %597 = stablehlo.add %594, %596 : tensor<32xf32>
    %cst_138 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %598 = stablehlo.broadcast_in_dim %cst_138, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %599 = stablehlo.multiply %598, %arg38 : tensor<32xf32>
    %cst_139 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %600 = stablehlo.broadcast_in_dim %cst_139, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %601 = stablehlo.multiply %600, %592 : tensor<32xf32>
    %602 = stablehlo.multiply %601, %592 : tensor<32xf32>
    %603 = stablehlo.add %599, %602 : tensor<32xf32>
    %cst_140 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %604 = stablehlo.power %cst_140, %arg54 : tensor<f32>
    %cst_141 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %605 = stablehlo.subtract %cst_141, %604 : tensor<f32>
    %606 = stablehlo.broadcast_in_dim %605, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %607 = stablehlo.divide %597, %606 : tensor<32xf32>
    %cst_142 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %608 = stablehlo.power %cst_142, %arg54 : tensor<f32>
    %cst_143 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %609 = stablehlo.subtract %cst_143, %608 : tensor<f32>
    %610 = stablehlo.broadcast_in_dim %609, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %611 = stablehlo.divide %603, %610 : tensor<32xf32>
    %612 = stablehlo.sqrt %611 : tensor<32xf32>
    %cst_144 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %613 = stablehlo.broadcast_in_dim %cst_144, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %614 = stablehlo.add %612, %613 : tensor<32xf32>
    %615 = stablehlo.divide %607, %614 : tensor<32xf32>
    %cst_145 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %616 = stablehlo.broadcast_in_dim %cst_145, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %617 = stablehlo.multiply %616, %arg2 : tensor<32xf32>
    %618 = stablehlo.add %615, %617 : tensor<32xf32>
    %619 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %620 = stablehlo.multiply %619, %618 : tensor<32xf32>
    %621 = stablehlo.subtract %arg2, %620 : tensor<32xf32>
    %622 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %623 = stablehlo.multiply %377, %622 : tensor<32xf32>
    %cst_146 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %624 = stablehlo.broadcast_in_dim %cst_146, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %625 = stablehlo.multiply %624, %arg21 : tensor<32xf32>
    %cst_147 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %626 = stablehlo.broadcast_in_dim %cst_147, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %627 = stablehlo.multiply %626, %623 : tensor<32xf32>
    %628 = stablehlo.add %625, %627 : tensor<32xf32>
    %cst_148 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %629 = stablehlo.broadcast_in_dim %cst_148, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %630 = stablehlo.multiply %629, %arg39 : tensor<32xf32>
    %cst_149 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %631 = stablehlo.broadcast_in_dim %cst_149, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %632 = stablehlo.multiply %631, %623 : tensor<32xf32>
    %633 = stablehlo.multiply %632, %623 : tensor<32xf32>
    %634 = stablehlo.add %630, %633 : tensor<32xf32>
    %cst_150 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %635 = stablehlo.power %cst_150, %arg54 : tensor<f32>
    %cst_151 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %636 = stablehlo.subtract %cst_151, %635 : tensor<f32>
    %637 = stablehlo.broadcast_in_dim %636, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %638 = stablehlo.divide %628, %637 : tensor<32xf32>
    %cst_152 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %639 = stablehlo.power %cst_152, %arg54 : tensor<f32>
    %cst_153 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %640 = stablehlo.subtract %cst_153, %639 : tensor<f32>
    %641 = stablehlo.broadcast_in_dim %640, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %642 = stablehlo.divide %634, %641 : tensor<32xf32>
    %643 = stablehlo.sqrt %642 : tensor<32xf32>
    %cst_154 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %644 = stablehlo.broadcast_in_dim %cst_154, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %645 = stablehlo.add %643, %644 : tensor<32xf32>
    %646 = stablehlo.divide %638, %645 : tensor<32xf32>
    %cst_155 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %647 = stablehlo.broadcast_in_dim %cst_155, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %648 = stablehlo.multiply %647, %arg3 : tensor<32xf32>
    %649 = stablehlo.add %646, %648 : tensor<32xf32>
    %650 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %651 = stablehlo.multiply %650, %649 : tensor<32xf32>
    %652 = stablehlo.subtract %arg3, %651 : tensor<32xf32>
    %653 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %654 = stablehlo.multiply %371, %653 : tensor<32xf32>
    %cst_156 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %655 = stablehlo.broadcast_in_dim %cst_156, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %656 = stablehlo.multiply %655, %arg22 : tensor<32xf32>
    %cst_157 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %657 = stablehlo.broadcast_in_dim %cst_157, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %658 = stablehlo.multiply %657, %654 : tensor<32xf32>
    %659 = stablehlo.add %656, %658 : tensor<32xf32>
    %cst_158 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %660 = stablehlo.broadcast_in_dim %cst_158, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %661 = stablehlo.multiply %660, %arg40 : tensor<32xf32>
    %cst_159 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %662 = stablehlo.broadcast_in_dim %cst_159, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %663 = stablehlo.multiply %662, %654 : tensor<32xf32>
    %664 = stablehlo.multiply %663, %654 : tensor<32xf32>
    %665 = stablehlo.add %661, %664 : tensor<32xf32>
    %cst_160 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %666 = stablehlo.power %cst_160, %arg54 : tensor<f32>
    %cst_161 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %667 = stablehlo.subtract %cst_161, %666 : tensor<f32>
    %668 = stablehlo.broadcast_in_dim %667, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %669 = stablehlo.divide %659, %668 : tensor<32xf32>
    %cst_162 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %670 = stablehlo.power %cst_162, %arg54 : tensor<f32>
    %cst_163 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %671 = stablehlo.subtract %cst_163, %670 : tensor<f32>
    %672 = stablehlo.broadcast_in_dim %671, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %673 = stablehlo.divide %665, %672 : tensor<32xf32>
    %674 = stablehlo.sqrt %673 : tensor<32xf32>
    %cst_164 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %675 = stablehlo.broadcast_in_dim %cst_164, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %676 = stablehlo.add %674, %675 : tensor<32xf32>
    %677 = stablehlo.divide %669, %676 : tensor<32xf32>
    %cst_165 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %678 = stablehlo.broadcast_in_dim %cst_165, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %679 = stablehlo.multiply %678, %arg4 : tensor<32xf32>
    %680 = stablehlo.add %677, %679 : tensor<32xf32>
    %681 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %682 = stablehlo.multiply %681, %680 : tensor<32xf32>
    %683 = stablehlo.subtract %arg4, %682 : tensor<32xf32>
    %684 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %685 = stablehlo.multiply %400, %684 : tensor<32x32xf32>
    %cst_166 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %686 = stablehlo.broadcast_in_dim %cst_166, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %687 = stablehlo.multiply %686, %arg23 : tensor<32x32xf32>
    %cst_167 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %688 = stablehlo.broadcast_in_dim %cst_167, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %689 = stablehlo.multiply %688, %685 : tensor<32x32xf32>
    %690 = stablehlo.add %687, %689 : tensor<32x32xf32>
    %cst_168 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %691 = stablehlo.broadcast_in_dim %cst_168, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %692 = stablehlo.multiply %691, %arg41 : tensor<32x32xf32>
    %cst_169 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %693 = stablehlo.broadcast_in_dim %cst_169, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %694 = stablehlo.multiply %693, %685 : tensor<32x32xf32>
    %695 = stablehlo.multiply %694, %685 : tensor<32x32xf32>
    %696 = stablehlo.add %692, %695 : tensor<32x32xf32>
    %cst_170 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %697 = stablehlo.power %cst_170, %arg54 : tensor<f32>
    %cst_171 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %698 = stablehlo.subtract %cst_171, %697 : tensor<f32>
    %699 = stablehlo.broadcast_in_dim %698, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %700 = stablehlo.divide %690, %699 : tensor<32x32xf32>
    %cst_172 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %701 = stablehlo.power %cst_172, %arg54 : tensor<f32>
    %cst_173 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %702 = stablehlo.subtract %cst_173, %701 : tensor<f32>
    %703 = stablehlo.broadcast_in_dim %702, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %704 = stablehlo.divide %696, %703 : tensor<32x32xf32>
    %705 = stablehlo.sqrt %704 : tensor<32x32xf32>
    %cst_174 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %706 = stablehlo.broadcast_in_dim %cst_174, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %707 = stablehlo.add %705, %706 : tensor<32x32xf32>
    %708 = stablehlo.divide %700, %707 : tensor<32x32xf32>
    %cst_175 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %709 = stablehlo.broadcast_in_dim %cst_175, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %710 = stablehlo.multiply %709, %arg5 : tensor<32x32xf32>
    %711 = stablehlo.add %708, %710 : tensor<32x32xf32>
    %712 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %713 = stablehlo.multiply %712, %711 : tensor<32x32xf32>
    %714 = stablehlo.subtract %arg5, %713 : tensor<32x32xf32>
    %715 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %716 = stablehlo.multiply %429, %715 : tensor<32x96xf32>
    %cst_176 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %717 = stablehlo.broadcast_in_dim %cst_176, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %718 = stablehlo.multiply %717, %arg24 : tensor<32x96xf32>
    %cst_177 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %719 = stablehlo.broadcast_in_dim %cst_177, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %720 = stablehlo.multiply %719, %716 : tensor<32x96xf32>
    %721 = stablehlo.add %718, %720 : tensor<32x96xf32>
    %cst_178 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %722 = stablehlo.broadcast_in_dim %cst_178, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %723 = stablehlo.multiply %722, %arg42 : tensor<32x96xf32>
    %cst_179 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %724 = stablehlo.broadcast_in_dim %cst_179, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %725 = stablehlo.multiply %724, %716 : tensor<32x96xf32>
    %726 = stablehlo.multiply %725, %716 : tensor<32x96xf32>
    %727 = stablehlo.add %723, %726 : tensor<32x96xf32>
    %cst_180 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %728 = stablehlo.power %cst_180, %arg54 : tensor<f32>
    %cst_181 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %729 = stablehlo.subtract %cst_181, %728 : tensor<f32>
    %730 = stablehlo.broadcast_in_dim %729, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %731 = stablehlo.divide %721, %730 : tensor<32x96xf32>
    %cst_182 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %732 = stablehlo.power %cst_182, %arg54 : tensor<f32>
    %cst_183 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %733 = stablehlo.subtract %cst_183, %732 : tensor<f32>
    %734 = stablehlo.broadcast_in_dim %733, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %735 = stablehlo.divide %727, %734 : tensor<32x96xf32>
    %736 = stablehlo.sqrt %735 : tensor<32x96xf32>
    %cst_184 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %737 = stablehlo.broadcast_in_dim %cst_184, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %738 = stablehlo.add %736, %737 : tensor<32x96xf32>
    %739 = stablehlo.divide %731, %738 : tensor<32x96xf32>
    %cst_185 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %740 = stablehlo.broadcast_in_dim %cst_185, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %741 = stablehlo.multiply %740, %arg6 : tensor<32x96xf32>
    %742 = stablehlo.add %739, %741 : tensor<32x96xf32>
    %743 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %744 = stablehlo.multiply %743, %742 : tensor<32x96xf32>
    %745 = stablehlo.subtract %arg6, %744 : tensor<32x96xf32>
    %746 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %747 = stablehlo.multiply %367, %746 : tensor<32x128xf32>
    %cst_186 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %748 = stablehlo.broadcast_in_dim %cst_186, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %749 = stablehlo.multiply %748, %arg25 : tensor<32x128xf32>
    %cst_187 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %750 = stablehlo.broadcast_in_dim %cst_187, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %751 = stablehlo.multiply %750, %747 : tensor<32x128xf32>
    %752 = stablehlo.add %749, %751 : tensor<32x128xf32>
    %cst_188 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %753 = stablehlo.broadcast_in_dim %cst_188, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %754 = stablehlo.multiply %753, %arg43 : tensor<32x128xf32>
    %cst_189 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %755 = stablehlo.broadcast_in_dim %cst_189, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %756 = stablehlo.multiply %755, %747 : tensor<32x128xf32>
    %757 = stablehlo.multiply %756, %747 : tensor<32x128xf32>
    %758 = stablehlo.add %754, %757 : tensor<32x128xf32>
    %cst_190 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %759 = stablehlo.power %cst_190, %arg54 : tensor<f32>
    %cst_191 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %760 = stablehlo.subtract %cst_191, %759 : tensor<f32>
    %761 = stablehlo.broadcast_in_dim %760, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %762 = stablehlo.divide %752, %761 : tensor<32x128xf32>
    %cst_192 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %763 = stablehlo.power %cst_192, %arg54 : tensor<f32>
    %cst_193 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %764 = stablehlo.subtract %cst_193, %763 : tensor<f32>
    %765 = stablehlo.broadcast_in_dim %764, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %766 = stablehlo.divide %758, %765 : tensor<32x128xf32>
    %767 = stablehlo.sqrt %766 : tensor<32x128xf32>
    %cst_194 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %768 = stablehlo.broadcast_in_dim %cst_194, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %769 = stablehlo.add %767, %768 : tensor<32x128xf32>
    %770 = stablehlo.divide %762, %769 : tensor<32x128xf32>
    %cst_195 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %771 = stablehlo.broadcast_in_dim %cst_195, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %772 = stablehlo.multiply %771, %arg7 : tensor<32x128xf32>
    %773 = stablehlo.add %770, %772 : tensor<32x128xf32>
    %774 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %775 = stablehlo.multiply %774, %773 : tensor<32x128xf32>
    %776 = stablehlo.subtract %arg7, %775 : tensor<32x128xf32>
    %777 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %778 = stablehlo.multiply %238, %777 : tensor<128x32xf32>
    %cst_196 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %779 = stablehlo.broadcast_in_dim %cst_196, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %780 = stablehlo.multiply %779, %arg26 : tensor<128x32xf32>
    %cst_197 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %781 = stablehlo.broadcast_in_dim %cst_197, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %782 = stablehlo.multiply %781, %778 : tensor<128x32xf32>
    %783 = stablehlo.add %780, %782 : tensor<128x32xf32>
    %cst_198 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %784 = stablehlo.broadcast_in_dim %cst_198, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %785 = stablehlo.multiply %784, %arg44 : tensor<128x32xf32>
    %cst_199 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %786 = stablehlo.broadcast_in_dim %cst_199, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %787 = stablehlo.multiply %786, %778 : tensor<128x32xf32>
    %788 = stablehlo.multiply %787, %778 : tensor<128x32xf32>
    %789 = stablehlo.add %785, %788 : tensor<128x32xf32>
    %cst_200 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %790 = stablehlo.power %cst_200, %arg54 : tensor<f32>
    %cst_201 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %791 = stablehlo.subtract %cst_201, %790 : tensor<f32>
    %792 = stablehlo.broadcast_in_dim %791, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %793 = stablehlo.divide %783, %792 : tensor<128x32xf32>
    %cst_202 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %794 = stablehlo.power %cst_202, %arg54 : tensor<f32>
    %cst_203 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %795 = stablehlo.subtract %cst_203, %794 : tensor<f32>
    %796 = stablehlo.broadcast_in_dim %795, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %797 = stablehlo.divide %789, %796 : tensor<128x32xf32>
    %798 = stablehlo.sqrt %797 : tensor<128x32xf32>
    %cst_204 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %799 = stablehlo.broadcast_in_dim %cst_204, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %800 = stablehlo.add %798, %799 : tensor<128x32xf32>
    %801 = stablehlo.divide %793, %800 : tensor<128x32xf32>
    %cst_205 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %802 = stablehlo.broadcast_in_dim %cst_205, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %803 = stablehlo.multiply %802, %arg8 : tensor<128x32xf32>
    %804 = stablehlo.add %801, %803 : tensor<128x32xf32>
    %805 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<128x32xf32>
    %806 = stablehlo.multiply %805, %804 : tensor<128x32xf32>
    %807 = stablehlo.subtract %arg8, %806 : tensor<128x32xf32>
    %808 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %809 = stablehlo.multiply %327, %808 : tensor<32xf32>
    %cst_206 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %810 = stablehlo.broadcast_in_dim %cst_206, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %811 = stablehlo.multiply %810, %arg27 : tensor<32xf32>
    %cst_207 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %812 = stablehlo.broadcast_in_dim %cst_207, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %813 = stablehlo.multiply %812, %809 : tensor<32xf32>
    %814 = stablehlo.add %811, %813 : tensor<32xf32>
    %cst_208 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %815 = stablehlo.broadcast_in_dim %cst_208, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %816 = stablehlo.multiply %815, %arg45 : tensor<32xf32>
    %cst_209 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %817 = stablehlo.broadcast_in_dim %cst_209, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %818 = stablehlo.multiply %817, %809 : tensor<32xf32>
    %819 = stablehlo.multiply %818, %809 : tensor<32xf32>
    %820 = stablehlo.add %816, %819 : tensor<32xf32>
    %cst_210 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %821 = stablehlo.power %cst_210, %arg54 : tensor<f32>
    %cst_211 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %822 = stablehlo.subtract %cst_211, %821 : tensor<f32>
    %823 = stablehlo.broadcast_in_dim %822, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %824 = stablehlo.divide %814, %823 : tensor<32xf32>
    %cst_212 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %825 = stablehlo.power %cst_212, %arg54 : tensor<f32>
    %cst_213 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %826 = stablehlo.subtract %cst_213, %825 : tensor<f32>
    %827 = stablehlo.broadcast_in_dim %826, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %828 = stablehlo.divide %820, %827 : tensor<32xf32>
    %829 = stablehlo.sqrt %828 : tensor<32xf32>
    %cst_214 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %830 = stablehlo.broadcast_in_dim %cst_214, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %831 = stablehlo.add %829, %830 : tensor<32xf32>
    %832 = stablehlo.divide %824, %831 : tensor<32xf32>
    %cst_215 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %833 = stablehlo.broadcast_in_dim %cst_215, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %834 = stablehlo.multiply %833, %arg9 : tensor<32xf32>
    %835 = stablehlo.add %832, %834 : tensor<32xf32>
    %836 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %837 = stablehlo.multiply %836, %835 : tensor<32xf32>
    %838 = stablehlo.subtract %arg9, %837 : tensor<32xf32>
    %839 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %840 = stablehlo.multiply %321, %839 : tensor<32xf32>
    %cst_216 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %841 = stablehlo.broadcast_in_dim %cst_216, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %842 = stablehlo.multiply %841, %arg28 : tensor<32xf32>
    %cst_217 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %843 = stablehlo.broadcast_in_dim %cst_217, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %844 = stablehlo.multiply %843, %840 : tensor<32xf32>
    %845 = stablehlo.add %842, %844 : tensor<32xf32>
    %cst_218 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %846 = stablehlo.broadcast_in_dim %cst_218, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %847 = stablehlo.multiply %846, %arg46 : tensor<32xf32>
    %cst_219 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %848 = stablehlo.broadcast_in_dim %cst_219, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %849 = stablehlo.multiply %848, %840 : tensor<32xf32>
    %850 = stablehlo.multiply %849, %840 : tensor<32xf32>
    %851 = stablehlo.add %847, %850 : tensor<32xf32>
    %cst_220 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %852 = stablehlo.power %cst_220, %arg54 : tensor<f32>
    %cst_221 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %853 = stablehlo.subtract %cst_221, %852 : tensor<f32>
    %854 = stablehlo.broadcast_in_dim %853, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %855 = stablehlo.divide %845, %854 : tensor<32xf32>
    %cst_222 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %856 = stablehlo.power %cst_222, %arg54 : tensor<f32>
    %cst_223 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %857 = stablehlo.subtract %cst_223, %856 : tensor<f32>
    %858 = stablehlo.broadcast_in_dim %857, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %859 = stablehlo.divide %851, %858 : tensor<32xf32>
    %860 = stablehlo.sqrt %859 : tensor<32xf32>
    %cst_224 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %861 = stablehlo.broadcast_in_dim %cst_224, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %862 = stablehlo.add %860, %861 : tensor<32xf32>
    %863 = stablehlo.divide %855, %862 : tensor<32xf32>
    %cst_225 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %864 = stablehlo.broadcast_in_dim %cst_225, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %865 = stablehlo.multiply %864, %arg10 : tensor<32xf32>
    %866 = stablehlo.add %863, %865 : tensor<32xf32>
    %867 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %868 = stablehlo.multiply %867, %866 : tensor<32xf32>
    %869 = stablehlo.subtract %arg10, %868 : tensor<32xf32>
    %870 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %871 = stablehlo.multiply %265, %870 : tensor<32xf32>
    %cst_226 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %872 = stablehlo.broadcast_in_dim %cst_226, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %873 = stablehlo.multiply %872, %arg29 : tensor<32xf32>
    %cst_227 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %874 = stablehlo.broadcast_in_dim %cst_227, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %875 = stablehlo.multiply %874, %871 : tensor<32xf32>
    %876 = stablehlo.add %873, %875 : tensor<32xf32>
    %cst_228 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %877 = stablehlo.broadcast_in_dim %cst_228, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %878 = stablehlo.multiply %877, %arg47 : tensor<32xf32>
    %cst_229 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %879 = stablehlo.broadcast_in_dim %cst_229, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %880 = stablehlo.multiply %879, %871 : tensor<32xf32>
    %881 = stablehlo.multiply %880, %871 : tensor<32xf32>
    %882 = stablehlo.add %878, %881 : tensor<32xf32>
    %cst_230 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %883 = stablehlo.power %cst_230, %arg54 : tensor<f32>
    %cst_231 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %884 = stablehlo.subtract %cst_231, %883 : tensor<f32>
    %885 = stablehlo.broadcast_in_dim %884, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %886 = stablehlo.divide %876, %885 : tensor<32xf32>
    %cst_232 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %887 = stablehlo.power %cst_232, %arg54 : tensor<f32>
    %cst_233 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %888 = stablehlo.subtract %cst_233, %887 : tensor<f32>
    %889 = stablehlo.broadcast_in_dim %888, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %890 = stablehlo.divide %882, %889 : tensor<32xf32>
    %891 = stablehlo.sqrt %890 : tensor<32xf32>
    %cst_234 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %892 = stablehlo.broadcast_in_dim %cst_234, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %893 = stablehlo.add %891, %892 : tensor<32xf32>
    %894 = stablehlo.divide %886, %893 : tensor<32xf32>
    %cst_235 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %895 = stablehlo.broadcast_in_dim %cst_235, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %896 = stablehlo.multiply %895, %arg11 : tensor<32xf32>
    %897 = stablehlo.add %894, %896 : tensor<32xf32>
    %898 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %899 = stablehlo.multiply %898, %897 : tensor<32xf32>
    %900 = stablehlo.subtract %arg11, %899 : tensor<32xf32>
    %901 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %902 = stablehlo.multiply %259, %901 : tensor<32xf32>
    %cst_236 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %903 = stablehlo.broadcast_in_dim %cst_236, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %904 = stablehlo.multiply %903, %arg30 : tensor<32xf32>
    %cst_237 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %905 = stablehlo.broadcast_in_dim %cst_237, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %906 = stablehlo.multiply %905, %902 : tensor<32xf32>
    %907 = stablehlo.add %904, %906 : tensor<32xf32>
    %cst_238 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %908 = stablehlo.broadcast_in_dim %cst_238, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %909 = stablehlo.multiply %908, %arg48 : tensor<32xf32>
    %cst_239 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %910 = stablehlo.broadcast_in_dim %cst_239, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %911 = stablehlo.multiply %910, %902 : tensor<32xf32>
    %912 = stablehlo.multiply %911, %902 : tensor<32xf32>
    %913 = stablehlo.add %909, %912 : tensor<32xf32>
    %cst_240 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %914 = stablehlo.power %cst_240, %arg54 : tensor<f32>
    %cst_241 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %915 = stablehlo.subtract %cst_241, %914 : tensor<f32>
    %916 = stablehlo.broadcast_in_dim %915, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %917 = stablehlo.divide %907, %916 : tensor<32xf32>
    %cst_242 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %918 = stablehlo.power %cst_242, %arg54 : tensor<f32>
    %cst_243 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %919 = stablehlo.subtract %cst_243, %918 : tensor<f32>
    %920 = stablehlo.broadcast_in_dim %919, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %921 = stablehlo.divide %913, %920 : tensor<32xf32>
    %922 = stablehlo.sqrt %921 : tensor<32xf32>
    %cst_244 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %923 = stablehlo.broadcast_in_dim %cst_244, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %924 = stablehlo.add %922, %923 : tensor<32xf32>
    %925 = stablehlo.divide %917, %924 : tensor<32xf32>
    %cst_245 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %926 = stablehlo.broadcast_in_dim %cst_245, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %927 = stablehlo.multiply %926, %arg12 : tensor<32xf32>
    %928 = stablehlo.add %925, %927 : tensor<32xf32>
    %929 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32xf32>
    %930 = stablehlo.multiply %929, %928 : tensor<32xf32>
    %931 = stablehlo.subtract %arg12, %930 : tensor<32xf32>
    %932 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %933 = stablehlo.multiply %288, %932 : tensor<32x32xf32>
    %cst_246 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %934 = stablehlo.broadcast_in_dim %cst_246, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %935 = stablehlo.multiply %934, %arg31 : tensor<32x32xf32>
    %cst_247 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %936 = stablehlo.broadcast_in_dim %cst_247, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %937 = stablehlo.multiply %936, %933 : tensor<32x32xf32>
    %938 = stablehlo.add %935, %937 : tensor<32x32xf32>
    %cst_248 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %939 = stablehlo.broadcast_in_dim %cst_248, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %940 = stablehlo.multiply %939, %arg49 : tensor<32x32xf32>
    %cst_249 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %941 = stablehlo.broadcast_in_dim %cst_249, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %942 = stablehlo.multiply %941, %933 : tensor<32x32xf32>
    %943 = stablehlo.multiply %942, %933 : tensor<32x32xf32>
    %944 = stablehlo.add %940, %943 : tensor<32x32xf32>
    %cst_250 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %945 = stablehlo.power %cst_250, %arg54 : tensor<f32>
    %cst_251 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %946 = stablehlo.subtract %cst_251, %945 : tensor<f32>
    %947 = stablehlo.broadcast_in_dim %946, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %948 = stablehlo.divide %938, %947 : tensor<32x32xf32>
    %cst_252 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %949 = stablehlo.power %cst_252, %arg54 : tensor<f32>
    %cst_253 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %950 = stablehlo.subtract %cst_253, %949 : tensor<f32>
    %951 = stablehlo.broadcast_in_dim %950, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %952 = stablehlo.divide %944, %951 : tensor<32x32xf32>
    %953 = stablehlo.sqrt %952 : tensor<32x32xf32>
    %cst_254 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %954 = stablehlo.broadcast_in_dim %cst_254, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %955 = stablehlo.add %953, %954 : tensor<32x32xf32>
    %956 = stablehlo.divide %948, %955 : tensor<32x32xf32>
    %cst_255 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %957 = stablehlo.broadcast_in_dim %cst_255, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %958 = stablehlo.multiply %957, %arg13 : tensor<32x32xf32>
    %959 = stablehlo.add %956, %958 : tensor<32x32xf32>
    %960 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32x32xf32>
    %961 = stablehlo.multiply %960, %959 : tensor<32x32xf32>
    %962 = stablehlo.subtract %arg13, %961 : tensor<32x32xf32>
    %963 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %964 = stablehlo.multiply %317, %963 : tensor<32x96xf32>
    %cst_256 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %965 = stablehlo.broadcast_in_dim %cst_256, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %966 = stablehlo.multiply %965, %arg32 : tensor<32x96xf32>
    %cst_257 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %967 = stablehlo.broadcast_in_dim %cst_257, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %968 = stablehlo.multiply %967, %964 : tensor<32x96xf32>
    %969 = stablehlo.add %966, %968 : tensor<32x96xf32>
    %cst_258 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %970 = stablehlo.broadcast_in_dim %cst_258, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %971 = stablehlo.multiply %970, %arg50 : tensor<32x96xf32>
    %cst_259 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %972 = stablehlo.broadcast_in_dim %cst_259, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %973 = stablehlo.multiply %972, %964 : tensor<32x96xf32>
    %974 = stablehlo.multiply %973, %964 : tensor<32x96xf32>
    %975 = stablehlo.add %971, %974 : tensor<32x96xf32>
    %cst_260 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %976 = stablehlo.power %cst_260, %arg54 : tensor<f32>
    %cst_261 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %977 = stablehlo.subtract %cst_261, %976 : tensor<f32>
    %978 = stablehlo.broadcast_in_dim %977, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %979 = stablehlo.divide %969, %978 : tensor<32x96xf32>
    %cst_262 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %980 = stablehlo.power %cst_262, %arg54 : tensor<f32>
    %cst_263 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %981 = stablehlo.subtract %cst_263, %980 : tensor<f32>
    %982 = stablehlo.broadcast_in_dim %981, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %983 = stablehlo.divide %975, %982 : tensor<32x96xf32>
    %984 = stablehlo.sqrt %983 : tensor<32x96xf32>
    %cst_264 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %985 = stablehlo.broadcast_in_dim %cst_264, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %986 = stablehlo.add %984, %985 : tensor<32x96xf32>
    %987 = stablehlo.divide %979, %986 : tensor<32x96xf32>
    %cst_265 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %988 = stablehlo.broadcast_in_dim %cst_265, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %989 = stablehlo.multiply %988, %arg14 : tensor<32x96xf32>
    %990 = stablehlo.add %987, %989 : tensor<32x96xf32>
    %991 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32x96xf32>
    %992 = stablehlo.multiply %991, %990 : tensor<32x96xf32>
    %993 = stablehlo.subtract %arg14, %992 : tensor<32x96xf32>
    %994 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %995 = stablehlo.multiply %255, %994 : tensor<32x128xf32>
    %cst_266 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %996 = stablehlo.broadcast_in_dim %cst_266, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %997 = stablehlo.multiply %996, %arg33 : tensor<32x128xf32>
    %cst_267 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %998 = stablehlo.broadcast_in_dim %cst_267, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %999 = stablehlo.multiply %998, %995 : tensor<32x128xf32>
    %1000 = stablehlo.add %997, %999 : tensor<32x128xf32>
    %cst_268 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %1001 = stablehlo.broadcast_in_dim %cst_268, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %1002 = stablehlo.multiply %1001, %arg51 : tensor<32x128xf32>
    %cst_269 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %1003 = stablehlo.broadcast_in_dim %cst_269, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %1004 = stablehlo.multiply %1003, %995 : tensor<32x128xf32>
    %1005 = stablehlo.multiply %1004, %995 : tensor<32x128xf32>
    %1006 = stablehlo.add %1002, %1005 : tensor<32x128xf32>
    %cst_270 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %1007 = stablehlo.power %cst_270, %arg54 : tensor<f32>
    %cst_271 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %1008 = stablehlo.subtract %cst_271, %1007 : tensor<f32>
    %1009 = stablehlo.broadcast_in_dim %1008, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %1010 = stablehlo.divide %1000, %1009 : tensor<32x128xf32>
    %cst_272 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %1011 = stablehlo.power %cst_272, %arg54 : tensor<f32>
    %cst_273 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %1012 = stablehlo.subtract %cst_273, %1011 : tensor<f32>
    %1013 = stablehlo.broadcast_in_dim %1012, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %1014 = stablehlo.divide %1006, %1013 : tensor<32x128xf32>
    %1015 = stablehlo.sqrt %1014 : tensor<32x128xf32>
    %cst_274 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %1016 = stablehlo.broadcast_in_dim %cst_274, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %1017 = stablehlo.add %1015, %1016 : tensor<32x128xf32>
    %1018 = stablehlo.divide %1010, %1017 : tensor<32x128xf32>
    %cst_275 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %1019 = stablehlo.broadcast_in_dim %cst_275, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %1020 = stablehlo.multiply %1019, %arg15 : tensor<32x128xf32>
    %1021 = stablehlo.add %1018, %1020 : tensor<32x128xf32>
    %1022 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<32x128xf32>
    %1023 = stablehlo.multiply %1022, %1021 : tensor<32x128xf32>
    %1024 = stablehlo.subtract %arg15, %1023 : tensor<32x128xf32>
    %1025 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1026 = stablehlo.multiply %466, %1025 : tensor<64x32xf32>
    %cst_276 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %1027 = stablehlo.broadcast_in_dim %cst_276, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1028 = stablehlo.multiply %1027, %arg34 : tensor<64x32xf32>
    %cst_277 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %1029 = stablehlo.broadcast_in_dim %cst_277, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1030 = stablehlo.multiply %1029, %1026 : tensor<64x32xf32>
    %1031 = stablehlo.add %1028, %1030 : tensor<64x32xf32>
    %cst_278 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %1032 = stablehlo.broadcast_in_dim %cst_278, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1033 = stablehlo.multiply %1032, %arg52 : tensor<64x32xf32>
    %cst_279 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %1034 = stablehlo.broadcast_in_dim %cst_279, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1035 = stablehlo.multiply %1034, %1026 : tensor<64x32xf32>
    %1036 = stablehlo.multiply %1035, %1026 : tensor<64x32xf32>
    %1037 = stablehlo.add %1033, %1036 : tensor<64x32xf32>
    %cst_280 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %1038 = stablehlo.power %cst_280, %arg54 : tensor<f32>
    %cst_281 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %1039 = stablehlo.subtract %cst_281, %1038 : tensor<f32>
    %1040 = stablehlo.broadcast_in_dim %1039, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1041 = stablehlo.divide %1031, %1040 : tensor<64x32xf32>
    %cst_282 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %1042 = stablehlo.power %cst_282, %arg54 : tensor<f32>
    %cst_283 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %1043 = stablehlo.subtract %cst_283, %1042 : tensor<f32>
    %1044 = stablehlo.broadcast_in_dim %1043, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1045 = stablehlo.divide %1037, %1044 : tensor<64x32xf32>
    %1046 = stablehlo.sqrt %1045 : tensor<64x32xf32>
    %cst_284 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %1047 = stablehlo.broadcast_in_dim %cst_284, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1048 = stablehlo.add %1046, %1047 : tensor<64x32xf32>
    %1049 = stablehlo.divide %1041, %1048 : tensor<64x32xf32>
    %cst_285 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %1050 = stablehlo.broadcast_in_dim %cst_285, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1051 = stablehlo.multiply %1050, %arg16 : tensor<64x32xf32>
    %1052 = stablehlo.add %1049, %1051 : tensor<64x32xf32>
    %1053 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<64x32xf32>
    %1054 = stablehlo.multiply %1053, %1052 : tensor<64x32xf32>
    %1055 = stablehlo.subtract %arg16, %1054 : tensor<64x32xf32>
    %1056 = stablehlo.broadcast_in_dim %525, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1057 = stablehlo.multiply %463, %1056 : tensor<16x32xf32>
    %cst_286 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %1058 = stablehlo.broadcast_in_dim %cst_286, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1059 = stablehlo.multiply %1058, %arg35 : tensor<16x32xf32>
    %cst_287 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %1060 = stablehlo.broadcast_in_dim %cst_287, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1061 = stablehlo.multiply %1060, %1057 : tensor<16x32xf32>
    %1062 = stablehlo.add %1059, %1061 : tensor<16x32xf32>
    %cst_288 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %1063 = stablehlo.broadcast_in_dim %cst_288, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1064 = stablehlo.multiply %1063, %arg53 : tensor<16x32xf32>
    %cst_289 = stablehlo.constant dense<5.000000e-02> : tensor<f32>
    %1065 = stablehlo.broadcast_in_dim %cst_289, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1066 = stablehlo.multiply %1065, %1057 : tensor<16x32xf32>
    %1067 = stablehlo.multiply %1066, %1057 : tensor<16x32xf32>
    %1068 = stablehlo.add %1064, %1067 : tensor<16x32xf32>
    %cst_290 = stablehlo.constant dense<0.899999976> : tensor<f32>
    %1069 = stablehlo.power %cst_290, %arg54 : tensor<f32>
    %cst_291 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %1070 = stablehlo.subtract %cst_291, %1069 : tensor<f32>
    %1071 = stablehlo.broadcast_in_dim %1070, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1072 = stablehlo.divide %1062, %1071 : tensor<16x32xf32>
    %cst_292 = stablehlo.constant dense<0.949999988> : tensor<f32>
    %1073 = stablehlo.power %cst_292, %arg54 : tensor<f32>
    %cst_293 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %1074 = stablehlo.subtract %cst_293, %1073 : tensor<f32>
    %1075 = stablehlo.broadcast_in_dim %1074, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1076 = stablehlo.divide %1068, %1075 : tensor<16x32xf32>
    %1077 = stablehlo.sqrt %1076 : tensor<16x32xf32>
    %cst_294 = stablehlo.constant dense<9.99999993E-9> : tensor<f32>
    %1078 = stablehlo.broadcast_in_dim %cst_294, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1079 = stablehlo.add %1077, %1078 : tensor<16x32xf32>
    %1080 = stablehlo.divide %1072, %1079 : tensor<16x32xf32>
    %cst_295 = stablehlo.constant dense<1.000000e-01> : tensor<f32>
    %1081 = stablehlo.broadcast_in_dim %cst_295, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1082 = stablehlo.multiply %1081, %arg17 : tensor<16x32xf32>
    %1083 = stablehlo.add %1080, %1082 : tensor<16x32xf32>
    %1084 = stablehlo.broadcast_in_dim %528, dims = [] : (tensor<f32>) -> tensor<16x32xf32>
    %1085 = stablehlo.multiply %1084, %1083 : tensor<16x32xf32>
    %1086 = stablehlo.subtract %arg17, %1085 : tensor<16x32xf32>
    return %227, %559, %590, %621, %652, %683, %714, %745, %776, %807, %838, %869, %900, %931, %962, %993, %1024, %1055, %1086, %535, %566, %597, %628, %659, %690, %721, %752, %783, %814, %845, %876, %907, %938, %969, %1000, %1031, %1062, %541, %572, %603, %634, %665, %696, %727, %758, %789, %820, %851, %882, %913, %944, %975, %1006, %1037, %1068 : tensor<f32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32x96xf32>, tensor<32x128xf32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32x96xf32>, tensor<32x128xf32>, tensor<64x32xf32>, tensor<16x32xf32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32x96xf32>, tensor<32x128xf32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32x96xf32>, tensor<32x128xf32>, tensor<64x32xf32>, tensor<16x32xf32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32x96xf32>, tensor<32x128xf32>, tensor<128x32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32xf32>, tensor<32x32xf32>, tensor<32x96xf32>, tensor<32x128xf32>, tensor<64x32xf32>, tensor<16x32xf32>
  }
  func.func private @tril(%arg0: tensor<16x16xi1>) -> tensor<16x16xi1> {
    %0 = stablehlo.iota dim = 0 : tensor<16x16xi32>
    %c = stablehlo.constant dense<0> : tensor<i32>
    %1 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<i32>) -> tensor<16x16xi32>
    %2 = stablehlo.add %0, %1 : tensor<16x16xi32>
    %3 = stablehlo.iota dim = 1 : tensor<16x16xi32>
    %4 = stablehlo.compare GE, %2, %3, SIGNED : (tensor<16x16xi32>, tensor<16x16xi32>) -> tensor<16x16xi1>
    %c_0 = stablehlo.constant dense<false> : tensor<i1>
    %5 = stablehlo.broadcast_in_dim %c_0, dims = [] : (tensor<i1>) -> tensor<16x16xi1>
    %6 = stablehlo.select %4, %arg0, %5 : tensor<16x16xi1>, tensor<16x16xi1>
    return %6 : tensor<16x16xi1>
  }
  func.func private @_where(%arg0: tensor<16x16xi1>, %arg1: tensor<4x4x16x16xf32>, %arg2: tensor<f32>) -> (tensor<4x4x16x16xf32>, tensor<4x4x16x16xi1>) {
    %0 = stablehlo.convert %arg2 : tensor<f32>
    %1 = stablehlo.broadcast_in_dim %arg0, dims = [2, 3] : (tensor<16x16xi1>) -> tensor<4x4x16x16xi1>
    %2 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<4x4x16x16xf32>
    %3 = stablehlo.select %1, %arg1, %2 : tensor<4x4x16x16xi1>, tensor<4x4x16x16xf32>
    return %3, %1 : tensor<4x4x16x16xf32>, tensor<4x4x16x16xi1>
  }
  func.func private @log_softmax(%arg0: tensor<4x16x64xf32>) -> (tensor<4x16x64xf32>, tensor<4x16x64xf32>, tensor<4x16x1xf32>) {
    %cst = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %0 = stablehlo.reduce(%arg0 init: %cst) applies stablehlo.maximum across dimensions = [2] : (tensor<4x16x64xf32>, tensor<f32>) -> tensor<4x16xf32>
    %cst_0 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %1 = stablehlo.broadcast_in_dim %cst_0, dims = [] : (tensor<f32>) -> tensor<4x16xf32>
    %2 = stablehlo.maximum %1, %0 : tensor<4x16xf32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x64xf32>
    %5 = stablehlo.subtract %arg0, %4 : tensor<4x16x64xf32>
    %6 = stablehlo.exponential %5 : tensor<4x16x64xf32>
    %cst_1 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %7 = stablehlo.reduce(%6 init: %cst_1) applies stablehlo.add across dimensions = [2] : (tensor<4x16x64xf32>, tensor<f32>) -> tensor<4x16xf32>
    %8 = stablehlo.broadcast_in_dim %7, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %9 = stablehlo.log %8 : tensor<4x16x1xf32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [0, 1, 2] : (tensor<4x16x1xf32>) -> tensor<4x16x64xf32>
    %11 = stablehlo.subtract %5, %10 : tensor<4x16x64xf32>
    return %11, %6, %8 : tensor<4x16x64xf32>, tensor<4x16x64xf32>, tensor<4x16x1xf32>
  }
  func.func private @take_along_axis(%arg0: tensor<4x16x64xf32>, %arg1: tensor<4x16x1xi32>) -> (tensor<4x16x1xf32>, tensor<4x16x1x1xi32>) {
    %c = stablehlo.constant dense<0> : tensor<i32>
    %0 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<i32>) -> tensor<4x16x1xi32>
    %1 = stablehlo.compare LT, %arg1, %0, SIGNED : (tensor<4x16x1xi32>, tensor<4x16x1xi32>) -> tensor<4x16x1xi1>
    %c_0 = stablehlo.constant dense<64> : tensor<i32>
    %2 = stablehlo.broadcast_in_dim %c_0, dims = [] : (tensor<i32>) -> tensor<4x16x1xi32>
    %3 = stablehlo.add %arg1, %2 : tensor<4x16x1xi32>
    %4 = stablehlo.select %1, %3, %arg1 : tensor<4x16x1xi1>, tensor<4x16x1xi32>
    %5 = stablehlo.reshape %4 : (tensor<4x16x1xi32>) -> tensor<4x16x1x1xi32>
    %c_1 = stablehlo.constant dense<63> : tensor<1xi32>
    %c_2 = stablehlo.constant dense<0> : tensor<i32>
    %6 = stablehlo.broadcast_in_dim %c_2, dims = [] : (tensor<i32>) -> tensor<4x16x1x1xi32>
    %7 = stablehlo.compare GE, %5, %6, SIGNED : (tensor<4x16x1x1xi32>, tensor<4x16x1x1xi32>) -> tensor<4x16x1x1xi1>
    %8 = stablehlo.broadcast_in_dim %c_1, dims = [3] : (tensor<1xi32>) -> tensor<1x1x1x1xi32>
    %9 = stablehlo.broadcast_in_dim %8, dims = [0, 1, 2, 3] : (tensor<1x1x1x1xi32>) -> tensor<4x16x1x1xi32>
    %10 = stablehlo.compare LE, %5, %9, SIGNED : (tensor<4x16x1x1xi32>, tensor<4x16x1x1xi32>) -> tensor<4x16x1x1xi1>
    %11 = stablehlo.and %7, %10 : tensor<4x16x1x1xi1>
    %c_3 = stablehlo.constant dense<true> : tensor<i1>
    %12 = stablehlo.reduce(%11 init: %c_3) applies stablehlo.and across dimensions = [3] : (tensor<4x16x1x1xi1>, tensor<i1>) -> tensor<4x16x1xi1>
    %13 = "stablehlo.gather"(%arg0, %5) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [2], operand_batching_dims = [0, 1], start_indices_batching_dims = [0, 1], start_index_map = [2], index_vector_dim = 3>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1, 1>}> : (tensor<4x16x64xf32>, tensor<4x16x1x1xi32>) -> tensor<4x16x1xf32>
    %cst = stablehlo.constant dense<0x7FC00000> : tensor<f32>
    %14 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<4x16x1xf32>
    %15 = stablehlo.select %12, %13, %14 : tensor<4x16x1xi1>, tensor<4x16x1xf32>
    return %15, %5 : tensor<4x16x1xf32>, tensor<4x16x1x1xi32>
  }
  func.func private @take_along_axis_0(%arg0: tensor<4x16x1x1xi32>, %arg1: tensor<4x16x1xf32>) -> tensor<4x16x64xf32> {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<4x16x64xf32>
    %1 = "stablehlo.scatter"(%0, %arg0, %arg1) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [2], input_batching_dims = [0, 1], scatter_indices_batching_dims = [0, 1], scatter_dims_to_operand_dims = [2], index_vector_dim = 3>, unique_indices = false}> ({
    ^bb0(%arg2: tensor<f32>, %arg3: tensor<f32>):
      %2 = stablehlo.add %arg2, %arg3 : tensor<f32>
      stablehlo.return %2 : tensor<f32>
    }) : (tensor<4x16x64xf32>, tensor<4x16x1x1xi32>, tensor<4x16x1xf32>) -> tensor<4x16x64xf32>
    return %1 : tensor<4x16x64xf32>
  }
  func.func private @log_softmax_1(%arg0: tensor<4x16x64xf32>, %arg1: tensor<4x16x1xf32>, %arg2: tensor<4x16x64xf32>) -> tensor<4x16x64xf32> {
    %0 = stablehlo.negate %arg2 : tensor<4x16x64xf32>
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %1 = stablehlo.reduce(%0 init: %cst) applies stablehlo.add across dimensions = [2] : (tensor<4x16x64xf32>, tensor<f32>) -> tensor<4x16xf32>
    %2 = stablehlo.reshape %1 : (tensor<4x16xf32>) -> tensor<4x16x1xf32>
    %3 = stablehlo.divide %2, %arg1 : tensor<4x16x1xf32>
    %cst_0 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %4 = stablehlo.reduce(%3 init: %cst_0) applies stablehlo.add across dimensions = [2] : (tensor<4x16x1xf32>, tensor<f32>) -> tensor<4x16xf32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1] : (tensor<4x16xf32>) -> tensor<4x16x64xf32>
    %6 = stablehlo.multiply %5, %arg0 : tensor<4x16x64xf32>
    %7 = stablehlo.add %arg2, %6 : tensor<4x16x64xf32>
    return %7 : tensor<4x16x64xf32>
  }
  func.func private @_where_2(%arg0: tensor<4x4x16x16xi1>, %arg1: tensor<4x4x16x16xf32>) -> tensor<4x4x16x16xf32> {
    %cst = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %0 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<4x4x16x16xf32>
    %1 = stablehlo.select %arg0, %arg1, %0 : tensor<4x4x16x16xi1>, tensor<4x4x16x16xf32>
    return %1 : tensor<4x4x16x16xf32>
  }
}
