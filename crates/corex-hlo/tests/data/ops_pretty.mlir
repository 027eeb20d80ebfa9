module @jit_operators attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xi32>, %arg2: tensor<4xui32>, %arg3: tensor<4x6xi1>, %arg4: tensor<4xf16>, %arg5: tensor<4xbf16>, %arg6: tensor<3xi32>) -> (tensor<4x6xf32> {jax.result_info = "result[0]"}, tensor<4x6xf32> {jax.result_info = "result[1]"}, tensor<4x6xf32> {jax.result_info = "result[2]"}, tensor<4x6xf32> {jax.result_info = "result[3]"}, tensor<4x6xf32> {jax.result_info = "result[4]"}, tensor<4x6xf32> {jax.result_info = "result[5]"}, tensor<4x6xf32> {jax.result_info = "result[6]"}, tensor<4x6xf32> {jax.result_info = "result[7]"}, tensor<4x6xf32> {jax.result_info = "result[8]"}, tensor<4x6xf32> {jax.result_info = "result[9]"}, tensor<4x6xf32> {jax.result_info = "result[10]"}, tensor<4x6xf32> {jax.result_info = "result[11]"}, tensor<4x6xf32> {jax.result_info = "result[12]"}, tensor<4x6xf32> {jax.result_info = "result[13]"}, tensor<4x6xi1> {jax.result_info = "result[14]"}, tensor<4x6xf32> {jax.result_info = "result[15]"}, tensor<4x6xf32> {jax.result_info = "result[16]"}, tensor<4x6xf32> {jax.result_info = "result[17]"}, tensor<4x6xf32> {jax.result_info = "result[18]"}, tensor<4x6xf32> {jax.result_info = "result[19]"}, tensor<4x6xf32> {jax.result_info = "result[20]"}, tensor<4x6xf32> {jax.result_info = "result[21]"}, tensor<4x6xi32> {jax.result_info = "result[22]"}, tensor<4x6xi32> {jax.result_info = "result[23]"}, tensor<4x6xi32> {jax.result_info = "result[24]"}, tensor<4x6xi32> {jax.result_info = "result[25]"}, tensor<4x6xi32> {jax.result_info = "result[26]"}, tensor<4x6xi32> {jax.result_info = "result[27]"}, tensor<4x6xi1> {jax.result_info = "result[28]"}, tensor<4x6xi1> {jax.result_info = "result[29]"}, tensor<4x6xi1> {jax.result_info = "result[30]"}, tensor<4x6xi1> {jax.result_info = "result[31]"}, tensor<4x6xi1> {jax.result_info = "result[32]"}, tensor<4x6xi1> {jax.result_info = "result[33]"}, tensor<4x6xi1> {jax.result_info = "result[34]"}, tensor<4xi1> {jax.result_info = "result[35]"}, tensor<4x6xi1> {jax.result_info = "result[36]"}, tensor<4x6xi1> {jax.result_info = "result[37]"}, tensor<4x6xf32> {jax.result_info = "result[38]"}, tensor<4x6xf32> {jax.result_info = "result[39]"}, tensor<4x6xf32> {jax.result_info = "result[40]"}, tensor<4x6xf32> {jax.result_info = "result[41]"}, tensor<4xf32> {jax.result_info = "result[42]"}, tensor<4xf32> {jax.result_info = "result[43]"}, tensor<4x6xi8> {jax.result_info = "result[44]"}, tensor<4x6xui8> {jax.result_info = "result[45]"}, tensor<4xi1> {jax.result_info = "result[46]"}, tensor<4x6xi32> {jax.result_info = "result[47]"}, tensor<4xf32> {jax.result_info = "result[48]"}, tensor<4xf16> {jax.result_info = "result[49]"}, tensor<4xbf16> {jax.result_info = "result[50]"}, tensor<4xui32> {jax.result_info = "result[51]"}, tensor<4x6xi32> {jax.result_info = "result[52]"}, tensor<5xui8> {jax.result_info = "result[53]"}, tensor<2x3xf32> {jax.result_info = "result[54]"}, tensor<4x2x6xf32> {jax.result_info = "result[55]"}, tensor<2x12xf32> {jax.result_info = "result[56]"}, tensor<6x4xf32> {jax.result_info = "result[57]"}, tensor<2x3xf32> {jax.result_info = "result[58]"}, tensor<4x6xf32> {jax.result_info = "result[59]"}, tensor<4x12xf32> {jax.result_info = "result[60]"}, tensor<2x3xf32> {jax.result_info = "result[61]"}, tensor<4x6xf32> {jax.result_info = "result[62]"}, tensor<4x13xf32> {jax.result_info = "result[63]"}, tensor<f32> {jax.result_info = "result[64]"}, tensor<6xf32> {jax.result_info = "result[65]"}, tensor<4xf32> {jax.result_info = "result[66]"}, tensor<4xf32> {jax.result_info = "result[67]"}, tensor<f32> {jax.result_info = "result[68]"}, tensor<i1> {jax.result_info = "result[69]"}, tensor<6xi1> {jax.result_info = "result[70]"}, tensor<i32> {jax.result_info = "result[71]"}, tensor<i32> {jax.result_info = "result[72]"}, tensor<6xi32> {jax.result_info = "result[73]"}, tensor<4x4xf32> {jax.result_info = "result[74]"}, tensor<2x2x2xf32> {jax.result_info = "result[75]"}, tensor<3x6xf32> {jax.result_info = "result[76]"}, tensor<4x6xf32> {jax.result_info = "result[77]"}, tensor<4x6xf32> {jax.result_info = "result[78]"}, tensor<4x6xf32> {jax.result_info = "result[79]"}, tensor<4x6xf32> {jax.result_info = "result[80]"}, tensor<4x6xf32> {jax.result_info = "result[81]"}, tensor<4x6xf32> {jax.result_info = "result[82]"}, tensor<3xi1> {jax.result_info = "result[83]"}, tensor<7xf32> {jax.result_info = "result[84]"}, tensor<128xf32> {jax.result_info = "result[85]"}, tensor<2x2xi8> {jax.result_info = "result[86]"}, tensor<150xf32> {jax.result_info = "result[87]"}, tensor<130xi1> {jax.result_info = "result[88]"}, tensor<120xui16> {jax.result_info = "result[89]"}, tensor<0x3xf32> {jax.result_info = "result[90]"}) {
    %c = stablehlo.constant dense<[true, false, true]> : tensor<3xi1>
    %cst = stablehlo.constant dense<[1.000000e+00, 0x7F800000, 0xFF800000, 0x7FC00000, 1.000530e-42, 1.000000e-01, 0x4B800000]> : tensor<7xf32>
    %c_0 = stablehlo.constant dense<[[1, -2], [3, 4]]> : tensor<2x2xi8>
    %cst_1 = stablehlo.constant dense<"0x00000000A46A573FB7C7683FC381103ECFBD41BF107C75BF8C0F8FBE4630283F95467D3F3201D33EF8440BBF5CFF7FBFD85C09BF2220D73E72987D3F4479263F106893BE251E76BFB34040BF6979193EC8B6693F102F563F150511BCE7A158BFFCD367BF388707BE0837433F0ED5743F2AB48A3EE9E329BFA4EF7CBF06DECEBE4D2A0D3F39FA7F3FF771073FC23ADBBE38E57DBFEABE24BF9FBD973E4BBB763FBCBF3E3FFB6D22BE28A16ABF31EF54BFA103913CD0D4593F9ADB663FE813FD3D56AC44BF222974BFFF5586BE24942B3FA0937C3FB4B6CA3ECD0C0FBFF4EF7FBF5E8405BFFD50DF3EE72C7E3F4301233F23109CBE7F5377BFF23A3DBF4B5F2B3ED4866B3F0BAB533FCE81D9BC5B035BBF97DE65BF4D14EBBDB31D463F5178733F23F5813EED402DBF8C327CBF518BC6BE6EEC103F8EE07F3F1894033FBC62E3BE7D6F7EBF574021BF865FA03EBCE6773F5CB23B3F2B4D34BEC6676CBFA76252BFD0FD103D822D5C3FF7DC643FFB0FD93D178B47BF9EC272BF56237BBE3DEA2E3F68CC7B3FF25BC23E28C912BF05CC7FBF2EA101BFED6FE73EF8AC7E3F2F7C1F3FB1ABA4BE007578BF03263ABF6D373D3EFA436D3F0B16513FCF3735BD3E535DBFC0D663BF4F07C7BD7AF4483F0D08723F5D57723E0B9030BF38617BBFAE28BEBEEFA2143F5BB27F3F5557FF3E7878EBBE58E57EBFD4B41DBF8FF4A83E49FE783FED95383FE41D46BE6C1B6EBF3DC54FBF2D6E593D8A745E3FF8CB623FA4FAB43DD5594ABFA14871BF888669BE4F32323FFCF07A3F99F1B93EBC7916BF90937FBF2F67FBBE4B7CEF3E9B187F3F4FEA1B3F093AADBE938279BF"> : tensor<150xf32>
    %c_2 = stablehlo.constant dense<"0x01000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001"> : tensor<130xi1>
    %c_3 = stablehlo.constant dense<"0x000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000"> : tensor<120xui16>
    %cst_4 = stablehlo.constant dense<> : tensor<0x3xf32>
    %0 = stablehlo.negate %arg0 : tensor<4x6xf32>
    %1 = stablehlo.abs %arg0 : tensor<4x6xf32>
    %2 = stablehlo.sign %arg0 : tensor<4x6xf32>
    %3 = stablehlo.sqrt %arg0 : tensor<4x6xf32>
    %4 = stablehlo.rsqrt %arg0 : tensor<4x6xf32>
    %5 = stablehlo.exponential %arg0 : tensor<4x6xf32>
    %6 = stablehlo.log %arg0 : tensor<4x6xf32>
    %7 = stablehlo.tanh %arg0 : tensor<4x6xf32>
    %8 = stablehlo.negate %arg0 : tensor<4x6xf32>
    %9 = stablehlo.exponential %8 : tensor<4x6xf32>
    %cst_5 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %10 = stablehlo.broadcast_in_dim %cst_5, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %11 = stablehlo.add %10, %9 : tensor<4x6xf32>
    %cst_6 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %12 = stablehlo.broadcast_in_dim %cst_6, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %13 = stablehlo.divide %12, %11 : tensor<4x6xf32>
    %14 = stablehlo.sine %arg0 : tensor<4x6xf32>
    %15 = stablehlo.cosine %arg0 : tensor<4x6xf32>
    %16 = chlo.erf %arg0 : tensor<4x6xf32> -> tensor<4x6xf32>
    %17 = stablehlo.floor %arg0 : tensor<4x6xf32>
    %18 = stablehlo.ceil %arg0 : tensor<4x6xf32>
    %19 = stablehlo.is_finite %arg0 : (tensor<4x6xf32>) -> tensor<4x6xi1>
    %cst_7 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %20 = stablehlo.broadcast_in_dim %cst_7, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %21 = stablehlo.add %arg0, %20 : tensor<4x6xf32>
    %22 = stablehlo.subtract %arg0, %21 : tensor<4x6xf32>
    %cst_8 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %23 = stablehlo.broadcast_in_dim %cst_8, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %24 = stablehlo.add %arg0, %23 : tensor<4x6xf32>
    %25 = stablehlo.multiply %arg0, %24 : tensor<4x6xf32>
    %cst_9 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %26 = stablehlo.broadcast_in_dim %cst_9, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %27 = stablehlo.add %arg0, %26 : tensor<4x6xf32>
    %28 = stablehlo.divide %arg0, %27 : tensor<4x6xf32>
    %cst_10 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %29 = stablehlo.broadcast_in_dim %cst_10, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %30 = stablehlo.add %arg0, %29 : tensor<4x6xf32>
    %31 = stablehlo.remainder %arg0, %30 : tensor<4x6xf32>
    %cst_11 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %32 = stablehlo.broadcast_in_dim %cst_11, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %33 = stablehlo.add %arg0, %32 : tensor<4x6xf32>
    %34 = stablehlo.maximum %arg0, %33 : tensor<4x6xf32>
    %cst_12 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %35 = stablehlo.broadcast_in_dim %cst_12, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %36 = stablehlo.add %arg0, %35 : tensor<4x6xf32>
    %37 = stablehlo.minimum %arg0, %36 : tensor<4x6xf32>
    %cst_13 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %38 = stablehlo.broadcast_in_dim %cst_13, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %39 = stablehlo.add %arg0, %38 : tensor<4x6xf32>
    %40 = stablehlo.power %arg0, %39 : tensor<4x6xf32>
    %41 = stablehlo.and %arg1, %arg1 : tensor<4x6xi32>
    %42 = stablehlo.or %arg1, %arg1 : tensor<4x6xi32>
    %43 = stablehlo.xor %arg1, %arg1 : tensor<4x6xi32>
    %44 = stablehlo.shift_left %arg1, %arg1 : tensor<4x6xi32>
    %45 = stablehlo.shift_right_logical %arg1, %arg1 : tensor<4x6xi32>
    %46 = stablehlo.shift_right_arithmetic %arg1, %arg1 : tensor<4x6xi32>
    %cst_14 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %47 = stablehlo.broadcast_in_dim %cst_14, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %48 = stablehlo.multiply %47, %arg0 : tensor<4x6xf32>
    %49 = stablehlo.compare EQ, %arg0, %48, FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %cst_15 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %50 = stablehlo.broadcast_in_dim %cst_15, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %51 = stablehlo.multiply %50, %arg0 : tensor<4x6xf32>
    %52 = stablehlo.compare NE, %arg0, %51, FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %cst_16 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %53 = stablehlo.broadcast_in_dim %cst_16, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %54 = stablehlo.multiply %53, %arg0 : tensor<4x6xf32>
    %55 = stablehlo.compare LT, %arg0, %54, FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %cst_17 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %56 = stablehlo.broadcast_in_dim %cst_17, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %57 = stablehlo.multiply %56, %arg0 : tensor<4x6xf32>
    %58 = stablehlo.compare LE, %arg0, %57, FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %cst_18 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %59 = stablehlo.broadcast_in_dim %cst_18, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %60 = stablehlo.multiply %59, %arg0 : tensor<4x6xf32>
    %61 = stablehlo.compare GT, %arg0, %60, FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %cst_19 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %62 = stablehlo.broadcast_in_dim %cst_19, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %63 = stablehlo.multiply %62, %arg0 : tensor<4x6xf32>
    %64 = stablehlo.compare GE, %arg0, %63, FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %65 = stablehlo.compare LT, %arg1, %arg1, SIGNED : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi1>
    %66 = stablehlo.compare LT, %arg2, %arg2, UNSIGNED : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xi1>
    %67 = stablehlo.not %arg3 : tensor<4x6xi1>
    %68 = stablehlo.and %arg3, %arg3 : tensor<4x6xi1>
    %69 = stablehlo.negate %arg0 : tensor<4x6xf32>
    %70 = stablehlo.select %arg3, %arg0, %69 : tensor<4x6xi1>, tensor<4x6xf32>
    %cst_20 = stablehlo.constant dense<5.000000e-01> : tensor<f32>
    %cst_21 = stablehlo.constant dense<1.500000e+00> : tensor<f32>
    %71 = stablehlo.broadcast_in_dim %cst_20, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %72 = stablehlo.broadcast_in_dim %cst_21, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %73 = stablehlo.clamp %71, %arg0, %72 : tensor<4x6xf32>
    %74 = stablehlo.clamp %arg0, %arg0, %arg0 : tensor<4x6xf32>
    %c_22 = stablehlo.constant dense<0> : tensor<i32>
    %75 = call @_where(%arg3, %arg0, %c_22) : (tensor<4x6xi1>, tensor<4x6xf32>, tensor<i32>) -> tensor<4x6xf32>
    %76 = stablehlo.convert %arg4 : (tensor<4xf16>) -> tensor<4xf32>
    %77 = stablehlo.convert %arg5 : (tensor<4xbf16>) -> tensor<4xf32>
    %78 = stablehlo.convert %arg0 : (tensor<4x6xf32>) -> tensor<4x6xi8>
    %79 = stablehlo.convert %arg1 : (tensor<4x6xi32>) -> tensor<4x6xui8>
    %c_23 = stablehlo.constant dense<0> : tensor<ui32>
    %80 = stablehlo.broadcast_in_dim %c_23, dims = [] : (tensor<ui32>) -> tensor<4xui32>
    %81 = stablehlo.compare NE, %arg2, %80, UNSIGNED : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xi1>
    %82 = stablehlo.convert %81 : tensor<4xi1>
    %83 = stablehlo.bitcast_convert %arg0 : (tensor<4x6xf32>) -> tensor<4x6xi32>
    %84 = stablehlo.bitcast_convert %arg2 : (tensor<4xui32>) -> tensor<4xf32>
    %cst_24 = stablehlo.constant dense<9.997550e-02> : tensor<f16>
    %85 = stablehlo.broadcast_in_dim %cst_24, dims = [] : (tensor<f16>) -> tensor<4xf16>
    %86 = stablehlo.multiply %arg4, %85 : tensor<4xf16>
    %cst_25 = stablehlo.constant dense<1.000980e-01> : tensor<bf16>
    %87 = stablehlo.broadcast_in_dim %cst_25, dims = [] : (tensor<bf16>) -> tensor<4xbf16>
    %88 = stablehlo.multiply %arg5, %87 : tensor<4xbf16>
    %c_26 = stablehlo.constant dense<4000000000> : tensor<ui32>
    %89 = stablehlo.broadcast_in_dim %c_26, dims = [] : (tensor<ui32>) -> tensor<4xui32>
    %90 = stablehlo.add %arg2, %89 : tensor<4xui32>
    %c_27 = stablehlo.constant dense<-7> : tensor<i32>
    %91 = stablehlo.broadcast_in_dim %c_27, dims = [] : (tensor<i32>) -> tensor<4x6xi32>
    %92 = stablehlo.add %arg1, %91 : tensor<4x6xi32>
    %93 = stablehlo.iota dim = 0 : tensor<5xui8>
    %94 = stablehlo.iota dim = 1 : tensor<2x3xf32>
    %95 = stablehlo.broadcast_in_dim %arg0, dims = [0, 2] : (tensor<4x6xf32>) -> tensor<4x2x6xf32>
    %96 = stablehlo.reshape %arg0 : (tensor<4x6xf32>) -> tensor<2x12xf32>
    %97 = stablehlo.transpose %arg0, dims = [1, 0] : (tensor<4x6xf32>) -> tensor<6x4xf32>
    %98 = stablehlo.slice %arg0 [1:3, 0:6:2] : (tensor<4x6xf32>) -> tensor<2x3xf32>
    %99 = stablehlo.reverse %arg0, dims = [0] : tensor<4x6xf32>
    %100 = stablehlo.concatenate %arg0, %arg0, dim = 1 : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x12xf32>
    %101 = stablehlo.slice %arg6 [0:1] : (tensor<3xi32>) -> tensor<1xi32>
    %102 = stablehlo.reshape %101 : (tensor<1xi32>) -> tensor<i32>
    %103 = stablehlo.slice %arg6 [1:2] : (tensor<3xi32>) -> tensor<1xi32>
    %104 = stablehlo.reshape %103 : (tensor<1xi32>) -> tensor<i32>
    %c_28 = stablehlo.constant dense<0> : tensor<i32>
    %105 = stablehlo.compare LT, %102, %c_28, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %c_29 = stablehlo.constant dense<4> : tensor<i32>
    %106 = stablehlo.add %102, %c_29 : tensor<i32>
    %107 = stablehlo.select %105, %106, %102 : tensor<i1>, tensor<i32>
    %c_30 = stablehlo.constant dense<0> : tensor<i32>
    %108 = stablehlo.compare LT, %104, %c_30, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %c_31 = stablehlo.constant dense<6> : tensor<i32>
    %109 = stablehlo.add %104, %c_31 : tensor<i32>
    %110 = stablehlo.select %108, %109, %104 : tensor<i1>, tensor<i32>
    %111 = stablehlo.dynamic_slice %arg0, %107, %110, sizes = [2, 3] : (tensor<4x6xf32>, tensor<i32>, tensor<i32>) -> tensor<2x3xf32>
    %112 = stablehlo.slice %arg0 [0:2, 0:2] : (tensor<4x6xf32>) -> tensor<2x2xf32>
    %113 = stablehlo.slice %arg6 [0:1] : (tensor<3xi32>) -> tensor<1xi32>
    %114 = stablehlo.reshape %113 : (tensor<1xi32>) -> tensor<i32>
    %c_32 = stablehlo.constant dense<0> : tensor<i32>
    %115 = stablehlo.compare LT, %114, %c_32, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %c_33 = stablehlo.constant dense<4> : tensor<i32>
    %116 = stablehlo.add %114, %c_33 : tensor<i32>
    %117 = stablehlo.select %115, %116, %114 : tensor<i1>, tensor<i32>
    %c_34 = stablehlo.constant dense<1> : tensor<i32>
    %118 = stablehlo.dynamic_update_slice %arg0, %112, %117, %c_34 : (tensor<4x6xf32>, tensor<2x2xf32>, tensor<i32>, tensor<i32>) -> tensor<4x6xf32>
    %cst_35 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %119 = stablehlo.pad %arg0, %cst_35, low = [1, 0], high = [-1, 2], interior = [0, 1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<4x13xf32>
    %cst_36 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %120 = stablehlo.reduce(%arg0 init: %cst_36) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>
    %cst_37 = stablehlo.constant dense<0.000000e+00> : tensor<f32>
    %121 = stablehlo.reduce(%arg0 init: %cst_37) applies stablehlo.add across dimensions = [0] : (tensor<4x6xf32>, tensor<f32>) -> tensor<6xf32>
    %cst_38 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %122 = stablehlo.reduce(%arg0 init: %cst_38) applies stablehlo.maximum across dimensions = [1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>
    %cst_39 = stablehlo.constant dense<0x7F800000> : tensor<f32>
    %123 = stablehlo.reduce(%arg0 init: %cst_39) applies stablehlo.minimum across dimensions = [1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>
    %cst_40 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %124 = stablehlo.reduce(%arg0 init: %cst_40) applies stablehlo.multiply across dimensions = [0, 1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>
    %c_41 = stablehlo.constant dense<false> : tensor<i1>
    %125 = stablehlo.reduce(%arg3 init: %c_41) applies stablehlo.or across dimensions = [0, 1] : (tensor<4x6xi1>, tensor<i1>) -> tensor<i1>
    %c_42 = stablehlo.constant dense<true> : tensor<i1>
    %126 = stablehlo.reduce(%arg3 init: %c_42) applies stablehlo.and across dimensions = [0] : (tensor<4x6xi1>, tensor<i1>) -> tensor<6xi1>
    %c_43 = stablehlo.constant dense<0> : tensor<i32>
    %127 = stablehlo.reduce(%arg1 init: %c_43) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x6xi32>, tensor<i32>) -> tensor<i32>
    %c_44 = stablehlo.constant dense<-2147483648> : tensor<i32>
    %128 = stablehlo.reduce(%arg1 init: %c_44) applies stablehlo.maximum across dimensions = [0, 1] : (tensor<4x6xi32>, tensor<i32>) -> tensor<i32>
    %c_45 = stablehlo.constant dense<0> : tensor<i32>
    %129 = stablehlo.reduce(%arg1 init: %c_45) applies stablehlo.or across dimensions = [0] : (tensor<4x6xi32>, tensor<i32>) -> tensor<6xi32>
    %130 = stablehlo.transpose %arg0, dims = [1, 0] : (tensor<4x6xf32>) -> tensor<6x4xf32>
    %131 = stablehlo.dot_general %arg0, %130, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4x6xf32>, tensor<6x4xf32>) -> tensor<4x4xf32>
    %132 = stablehlo.reshape %arg0 : (tensor<4x6xf32>) -> tensor<2x2x6xf32>
    %133 = stablehlo.reshape %arg0 : (tensor<4x6xf32>) -> tensor<2x2x6xf32>
    %134 = stablehlo.dot_general %132, %133, batching_dims = [0] x [0], contracting_dims = [2] x [2], precision = [DEFAULT, DEFAULT] : (tensor<2x2x6xf32>, tensor<2x2x6xf32>) -> tensor<2x2x2xf32>
    %c_46 = stablehlo.constant dense<0> : tensor<i32>
    %135 = stablehlo.broadcast_in_dim %c_46, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %136 = stablehlo.compare LT, %arg6, %135, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_47 = stablehlo.constant dense<4> : tensor<i32>
    %137 = stablehlo.broadcast_in_dim %c_47, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %138 = stablehlo.add %arg6, %137 : tensor<3xi32>
    %139 = stablehlo.select %136, %138, %arg6 : tensor<3xi1>, tensor<3xi32>
    %140 = stablehlo.broadcast_in_dim %139, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %141 = "stablehlo.gather"(%arg0, %140) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 6>}> : (tensor<4x6xf32>, tensor<3x1xi32>) -> tensor<3x6xf32>
    %142 = call @take_along_axis(%arg0, %arg1) : (tensor<4x6xf32>, tensor<4x6xi32>) -> tensor<4x6xf32>
    %c_48 = stablehlo.constant dense<0> : tensor<i32>
    %143 = stablehlo.broadcast_in_dim %c_48, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %144 = stablehlo.compare LT, %arg6, %143, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_49 = stablehlo.constant dense<4> : tensor<i32>
    %145 = stablehlo.broadcast_in_dim %c_49, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %146 = stablehlo.add %arg6, %145 : tensor<3xi32>
    %147 = stablehlo.select %144, %146, %arg6 : tensor<3xi1>, tensor<3xi32>
    %148 = stablehlo.broadcast_in_dim %147, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %cst_50 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %149 = stablehlo.broadcast_in_dim %cst_50, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %150 = "stablehlo.scatter"(%arg0, %148, %149) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %190 = stablehlo.add %arg7, %arg8 : tensor<f32>
      stablehlo.return %190 : tensor<f32>
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %c_51 = stablehlo.constant dense<0> : tensor<i32>
    %151 = stablehlo.broadcast_in_dim %c_51, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %152 = stablehlo.compare LT, %arg6, %151, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_52 = stablehlo.constant dense<4> : tensor<i32>
    %153 = stablehlo.broadcast_in_dim %c_52, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %154 = stablehlo.add %arg6, %153 : tensor<3xi32>
    %155 = stablehlo.select %152, %154, %arg6 : tensor<3xi1>, tensor<3xi32>
    %c_53 = stablehlo.constant dense<0> : tensor<i32>
    %156 = stablehlo.broadcast_in_dim %c_53, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %157 = stablehlo.convert %156 : tensor<3xi32>
    %158 = stablehlo.broadcast_in_dim %155, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %159 = stablehlo.broadcast_in_dim %157, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %160 = stablehlo.concatenate %158, %159, dim = 1 : (tensor<3x1xi32>, tensor<3x1xi32>) -> tensor<3x2xi32>
    %cst_54 = stablehlo.constant dense<2.000000e+00> : tensor<f32>
    %161 = stablehlo.broadcast_in_dim %cst_54, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %162 = "stablehlo.scatter"(%arg0, %160, %161) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0, 1], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      stablehlo.return %arg8 : tensor<f32>
    }) : (tensor<4x6xf32>, tensor<3x2xi32>, tensor<3xf32>) -> tensor<4x6xf32>
    %163 = stablehlo.slice %arg0 [0:3, 0:6] : (tensor<4x6xf32>) -> tensor<3x6xf32>
    %c_55 = stablehlo.constant dense<0> : tensor<i32>
    %164 = stablehlo.broadcast_in_dim %c_55, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %165 = stablehlo.compare LT, %arg6, %164, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_56 = stablehlo.constant dense<4> : tensor<i32>
    %166 = stablehlo.broadcast_in_dim %c_56, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %167 = stablehlo.add %arg6, %166 : tensor<3xi32>
    %168 = stablehlo.select %165, %167, %arg6 : tensor<3xi1>, tensor<3xi32>
    %169 = stablehlo.broadcast_in_dim %168, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %170 = "stablehlo.scatter"(%arg0, %169, %163) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %190 = stablehlo.maximum %arg7, %arg8 : tensor<f32>
      stablehlo.return %190 : tensor<f32>
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %171 = stablehlo.slice %arg0 [0:3, 0:6] : (tensor<4x6xf32>) -> tensor<3x6xf32>
    %c_57 = stablehlo.constant dense<0> : tensor<i32>
    %172 = stablehlo.broadcast_in_dim %c_57, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %173 = stablehlo.compare LT, %arg6, %172, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_58 = stablehlo.constant dense<4> : tensor<i32>
    %174 = stablehlo.broadcast_in_dim %c_58, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %175 = stablehlo.add %arg6, %174 : tensor<3xi32>
    %176 = stablehlo.select %173, %175, %arg6 : tensor<3xi1>, tensor<3xi32>
    %177 = stablehlo.broadcast_in_dim %176, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %178 = "stablehlo.scatter"(%arg0, %177, %171) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %190 = stablehlo.minimum %arg7, %arg8 : tensor<f32>
      stablehlo.return %190 : tensor<f32>
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %179 = stablehlo.slice %arg0 [0:3, 0:6] : (tensor<4x6xf32>) -> tensor<3x6xf32>
    %c_59 = stablehlo.constant dense<0> : tensor<i32>
    %180 = stablehlo.broadcast_in_dim %c_59, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %181 = stablehlo.compare LT, %arg6, %180, SIGNED : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %c_60 = stablehlo.constant dense<4> : tensor<i32>
    %182 = stablehlo.broadcast_in_dim %c_60, dims = [] : (tensor<i32>) -> tensor<3xi32>
    %183 = stablehlo.add %arg6, %182 : tensor<3xi32>
    %184 = stablehlo.select %181, %183, %arg6 : tensor<3xi1>, tensor<3xi32>
    %185 = stablehlo.broadcast_in_dim %184, dims = [0] : (tensor<3xi32>) -> tensor<3x1xi32>
    %186 = "stablehlo.scatter"(%arg0, %185, %179) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg7: tensor<f32>, %arg8: tensor<f32>):
      %190 = stablehlo.multiply %arg7, %arg8 : tensor<f32>
      stablehlo.return %190 : tensor<f32>
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %187 = stablehlo.iota dim = 0 : tensor<128xf32>
    %cst_61 = stablehlo.constant dense<0.699999988> : tensor<f32>
    %188 = stablehlo.broadcast_in_dim %cst_61, dims = [] : (tensor<f32>) -> tensor<128xf32>
    %189 = stablehlo.multiply %187, %188 : tensor<128xf32>
    return %0, %1, %2, %3, %4, %5, %6, %7, %13, %14, %15, %16, %17, %18, %19, %22, %25, %28, %31, %34, %37, %40, %41, %42, %43, %44, %45, %46, %49, %52, %55, %58, %61, %64, %65, %66, %67, %68, %70, %73, %74, %75, %76, %77, %78, %79, %82, %83, %84, %86, %88, %90, %92, %93, %94, %95, %96, %97, %98, %99, %100, %111, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127, %128, %129, %131, %134, %141, %142, %150, %162, %170, %178, %186, %c, %cst, %189, %c_0, %cst_1, %c_2, %c_3, %cst_4 : tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4x6xi8>, tensor<4x6xui8>, tensor<4xi1>, tensor<4x6xi32>, tensor<4xf32>, tensor<4xf16>, tensor<4xbf16>, tensor<4xui32>, tensor<4x6xi32>, tensor<5xui8>, tensor<2x3xf32>, tensor<4x2x6xf32>, tensor<2x12xf32>, tensor<6x4xf32>, tensor<2x3xf32>, tensor<4x6xf32>, tensor<4x12xf32>, tensor<2x3xf32>, tensor<4x6xf32>, tensor<4x13xf32>, tensor<f32>, tensor<6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i1>, tensor<6xi1>, tensor<i32>, tensor<i32>, tensor<6xi32>, tensor<4x4xf32>, tensor<2x2x2xf32>, tensor<3x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<3xi1>, tensor<7xf32>, tensor<128xf32>, tensor<2x2xi8>, tensor<150xf32>, tensor<130xi1>, tensor<120xui16>, tensor<0x3xf32>
  }
  func.func private @_where(%arg0: tensor<4x6xi1>, %arg1: tensor<4x6xf32>, %arg2: tensor<i32>) -> tensor<4x6xf32> {
    %0 = stablehlo.convert %arg2 : (tensor<i32>) -> tensor<f32>
    %1 = stablehlo.broadcast_in_dim %0, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %2 = stablehlo.select %arg0, %arg1, %1 : tensor<4x6xi1>, tensor<4x6xf32>
    return %2 : tensor<4x6xf32>
  }
  func.func private @take_along_axis(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xi32>) -> tensor<4x6xf32> {
    %c = stablehlo.constant dense<0> : tensor<i32>
    %0 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<i32>) -> tensor<4x6xi32>
    %1 = stablehlo.compare LT, %arg1, %0, SIGNED : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi1>
    %c_0 = stablehlo.constant dense<6> : tensor<i32>
    %2 = stablehlo.broadcast_in_dim %c_0, dims = [] : (tensor<i32>) -> tensor<4x6xi32>
    %3 = stablehlo.add %arg1, %2 : tensor<4x6xi32>
    %4 = stablehlo.select %1, %3, %arg1 : tensor<4x6xi1>, tensor<4x6xi32>
    %5 = stablehlo.reshape %4 : (tensor<4x6xi32>) -> tensor<4x6x1xi32>
    %c_1 = stablehlo.constant dense<5> : tensor<1xi32>
    %c_2 = stablehlo.constant dense<0> : tensor<i32>
    %6 = stablehlo.broadcast_in_dim %c_2, dims = [] : (tensor<i32>) -> tensor<4x6x1xi32>
    %7 = stablehlo.compare GE, %5, %6, SIGNED : (tensor<4x6x1xi32>, tensor<4x6x1xi32>) -> tensor<4x6x1xi1>
    %8 = stablehlo.broadcast_in_dim %c_1, dims = [2] : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %9 = stablehlo.broadcast_in_dim %8, dims = [0, 1, 2] : (tensor<1x1x1xi32>) -> tensor<4x6x1xi32>
    %10 = stablehlo.compare LE, %5, %9, SIGNED : (tensor<4x6x1xi32>, tensor<4x6x1xi32>) -> tensor<4x6x1xi1>
    %11 = stablehlo.and %7, %10 : tensor<4x6x1xi1>
    %c_3 = stablehlo.constant dense<true> : tensor<i1>
    %12 = stablehlo.reduce(%11 init: %c_3) applies stablehlo.and across dimensions = [2] : (tensor<4x6x1xi1>, tensor<i1>) -> tensor<4x6xi1>
    %13 = "stablehlo.gather"(%arg0, %5) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1>}> : (tensor<4x6xf32>, tensor<4x6x1xi32>) -> tensor<4x6xf32>
    %cst = stablehlo.constant dense<0x7FC00000> : tensor<f32>
    %14 = stablehlo.broadcast_in_dim %cst, dims = [] : (tensor<f32>) -> tensor<4x6xf32>
    %15 = stablehlo.select %12, %13, %14 : tensor<4x6xi1>, tensor<4x6xf32>
    return %15 : tensor<4x6xf32>
  }
}
