"builtin.module"() <{sym_name = "jit_operators"}> ({
  "func.func"() <{arg_attrs = [{}, {}, {}, {}, {}, {}, {}], function_type = (tensor<4x6xf32>, tensor<4x6xi32>, tensor<4xui32>, tensor<4x6xi1>, tensor<4xf16>, tensor<4xbf16>, tensor<3xi32>) -> (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4x6xi8>, tensor<4x6xui8>, tensor<4xi1>, tensor<4x6xi32>, tensor<4xf32>, tensor<4xf16>, tensor<4xbf16>, tensor<4xui32>, tensor<4x6xi32>, tensor<5xui8>, tensor<2x3xf32>, tensor<4x2x6xf32>, tensor<2x12xf32>, tensor<6x4xf32>, tensor<2x3xf32>, tensor<4x6xf32>, tensor<4x12xf32>, tensor<2x3xf32>, tensor<4x6xf32>, tensor<4x13xf32>, tensor<f32>, tensor<6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i1>, tensor<6xi1>, tensor<i32>, tensor<i32>, tensor<6xi32>, tensor<4x4xf32>, tensor<2x2x2xf32>, tensor<3x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<3xi1>, tensor<7xf32>, tensor<128xf32>, tensor<2x2xi8>, tensor<150xf32>, tensor<130xi1>, tensor<120xui16>, tensor<0x3xf32>), res_attrs = [{jax.result_info = "result[0]"}, {jax.result_info = "result[1]"}, {jax.result_info = "result[2]"}, {jax.result_info = "result[3]"}, {jax.result_info = "result[4]"}, {jax.result_info = "result[5]"}, {jax.result_info = "result[6]"}, {jax.result_info = "result[7]"}, {jax.result_info = "result[8]"}, {jax.result_info = "result[9]"}, {jax.result_info = "result[10]"}, {jax.result_info = "result[11]"}, {jax.result_info = "result[12]"}, {jax.result_info = "result[13]"}, {jax.result_info = "result[14]"}, {jax.result_info = "result[15]"}, {jax.result_info = "result[16]"}, {jax.result_info = "result[17]"}, {jax.result_info = "result[18]"}, {jax.result_info = "result[19]"}, {jax.result_info = "result[20]"}, {jax.result_info = "result[21]"}, {jax.result_info = "result[22]"}, {jax.result_info = "result[23]"}, {jax.result_info = "result[24]"}, {jax.result_info = "result[25]"}, {jax.result_info = "result[26]"}, {jax.result_info = "result[27]"}, {jax.result_info = "result[28]"}, {jax.result_info = "result[29]"}, {jax.result_info = "result[30]"}, {jax.result_info = "result[31]"}, {jax.result_info = "result[32]"}, {jax.result_info = "result[33]"}, {jax.result_info = "result[34]"}, {jax.result_info = "result[35]"}, {jax.result_info = "result[36]"}, {jax.result_info = "result[37]"}, {jax.result_info = "result[38]"}, {jax.result_info = "result[39]"}, {jax.result_info = "result[40]"}, {jax.result_info = "result[41]"}, {jax.result_info = "result[42]"}, {jax.result_info = "result[43]"}, {jax.result_info = "result[44]"}, {jax.result_info = "result[45]"}, {jax.result_info = "result[46]"}, {jax.result_info = "result[47]"}, {jax.result_info = "result[48]"}, {jax.result_info = "result[49]"}, {jax.result_info = "result[50]"}, {jax.result_info = "result[51]"}, {jax.result_info = "result[52]"}, {jax.result_info = "result[53]"}, {jax.result_info = "result[54]"}, {jax.result_info = "result[55]"}, {jax.result_info = "result[56]"}, {jax.result_info = "result[57]"}, {jax.result_info = "result[58]"}, {jax.result_info = "result[59]"}, {jax.result_info = "result[60]"}, {jax.result_info = "result[61]"}, {jax.result_info = "result[62]"}, {jax.result_info = "result[63]"}, {jax.result_info = "result[64]"}, {jax.result_info = "result[65]"}, {jax.result_info = "result[66]"}, {jax.result_info = "result[67]"}, {jax.result_info = "result[68]"}, {jax.result_info = "result[69]"}, {jax.result_info = "result[70]"}, {jax.result_info = "result[71]"}, {jax.result_info = "result[72]"}, {jax.result_info = "result[73]"}, {jax.result_info = "result[74]"}, {jax.result_info = "result[75]"}, {jax.result_info = "result[76]"}, {jax.result_info = "result[77]"}, {jax.result_info = "result[78]"}, {jax.result_info = "result[79]"}, {jax.result_info = "result[80]"}, {jax.result_info = "result[81]"}, {jax.result_info = "result[82]"}, {jax.result_info = "result[83]"}, {jax.result_info = "result[84]"}, {jax.result_info = "result[85]"}, {jax.result_info = "result[86]"}, {jax.result_info = "result[87]"}, {jax.result_info = "result[88]"}, {jax.result_info = "result[89]"}, {jax.result_info = "result[90]"}], sym_name = "main", sym_visibility = "public"}> ({
  ^bb0(%arg7: tensor<4x6xf32>, %arg8: tensor<4x6xi32>, %arg9: tensor<4xui32>, %arg10: tensor<4x6xi1>, %arg11: tensor<4xf16>, %arg12: tensor<4xbf16>, %arg13: tensor<3xi32>):
    %26 = "stablehlo.constant"() <{value = dense<[true, false, true]> : tensor<3xi1>}> : () -> tensor<3xi1>
    %27 = "stablehlo.constant"() <{value = dense<[1.000000e+00, 0x7F800000, 0xFF800000, 0x7FC00000, 1.000530e-42, 1.000000e-01, 0x4B800000]> : tensor<7xf32>}> : () -> tensor<7xf32>
    %28 = "stablehlo.constant"() <{value = dense<[[1, -2], [3, 4]]> : tensor<2x2xi8>}> : () -> tensor<2x2xi8>
    %29 = "stablehlo.constant"() <{value = dense<"0x00000000A46A573FB7C7683FC381103ECFBD41BF107C75BF8C0F8FBE4630283F95467D3F3201D33EF8440BBF5CFF7FBFD85C09BF2220D73E72987D3F4479263F106893BE251E76BFB34040BF6979193EC8B6693F102F563F150511BCE7A158BFFCD367BF388707BE0837433F0ED5743F2AB48A3EE9E329BFA4EF7CBF06DECEBE4D2A0D3F39FA7F3FF771073FC23ADBBE38E57DBFEABE24BF9FBD973E4BBB763FBCBF3E3FFB6D22BE28A16ABF31EF54BFA103913CD0D4593F9ADB663FE813FD3D56AC44BF222974BFFF5586BE24942B3FA0937C3FB4B6CA3ECD0C0FBFF4EF7FBF5E8405BFFD50DF3EE72C7E3F4301233F23109CBE7F5377BFF23A3DBF4B5F2B3ED4866B3F0BAB533FCE81D9BC5B035BBF97DE65BF4D14EBBDB31D463F5178733F23F5813EED402DBF8C327CBF518BC6BE6EEC103F8EE07F3F1894033FBC62E3BE7D6F7EBF574021BF865FA03EBCE6773F5CB23B3F2B4D34BEC6676CBFA76252BFD0FD103D822D5C3FF7DC643FFB0FD93D178B47BF9EC272BF56237BBE3DEA2E3F68CC7B3FF25BC23E28C912BF05CC7FBF2EA101BFED6FE73EF8AC7E3F2F7C1F3FB1ABA4BE007578BF03263ABF6D373D3EFA436D3F0B16513FCF3735BD3E535DBFC0D663BF4F07C7BD7AF4483F0D08723F5D57723E0B9030BF38617BBFAE28BEBEEFA2143F5BB27F3F5557FF3E7878EBBE58E57EBFD4B41DBF8FF4A83E49FE783FED95383FE41D46BE6C1B6EBF3DC54FBF2D6E593D8A745E3FF8CB623FA4FAB43DD5594ABFA14871BF888669BE4F32323FFCF07A3F99F1B93EBC7916BF90937FBF2F67FBBE4B7CEF3E9B187F3F4FEA1B3F093AADBE938279BF"> : tensor<150xf32>}> : () -> tensor<150xf32>
    %30 = "stablehlo.constant"() <{value = dense<"0x01000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001000001"> : tensor<130xi1>}> : () -> tensor<130xi1>
    %31 = "stablehlo.constant"() <{value = dense<"0x000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000010002000300040005000600000001000200030004000500060000000100020003000400050006000000"> : tensor<120xui16>}> : () -> tensor<120xui16>
    %32 = "stablehlo.constant"() <{value = dense<> : tensor<0x3xf32>}> : () -> tensor<0x3xf32>
    %33 = "stablehlo.negate"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %34 = "stablehlo.abs"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %35 = "stablehlo.sign"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %36 = "stablehlo.sqrt"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %37 = "stablehlo.rsqrt"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %38 = "stablehlo.exponential"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %39 = "stablehlo.log"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %40 = "stablehlo.tanh"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %41 = "stablehlo.negate"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %42 = "stablehlo.exponential"(%41) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %43 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %44 = "stablehlo.broadcast_in_dim"(%43) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %45 = "stablehlo.add"(%44, %42) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %46 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %47 = "stablehlo.broadcast_in_dim"(%46) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %48 = "stablehlo.divide"(%47, %45) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %49 = "stablehlo.sine"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %50 = "stablehlo.cosine"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %51 = "chlo.erf"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %52 = "stablehlo.floor"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %53 = "stablehlo.ceil"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %54 = "stablehlo.is_finite"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xi1>
    %55 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %56 = "stablehlo.broadcast_in_dim"(%55) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %57 = "stablehlo.add"(%arg7, %56) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %58 = "stablehlo.subtract"(%arg7, %57) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %59 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %60 = "stablehlo.broadcast_in_dim"(%59) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %61 = "stablehlo.add"(%arg7, %60) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %62 = "stablehlo.multiply"(%arg7, %61) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %63 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %64 = "stablehlo.broadcast_in_dim"(%63) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %65 = "stablehlo.add"(%arg7, %64) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %66 = "stablehlo.divide"(%arg7, %65) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %67 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %68 = "stablehlo.broadcast_in_dim"(%67) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %69 = "stablehlo.add"(%arg7, %68) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %70 = "stablehlo.remainder"(%arg7, %69) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %71 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %72 = "stablehlo.broadcast_in_dim"(%71) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %73 = "stablehlo.add"(%arg7, %72) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %74 = "stablehlo.maximum"(%arg7, %73) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %75 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %76 = "stablehlo.broadcast_in_dim"(%75) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %77 = "stablehlo.add"(%arg7, %76) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %78 = "stablehlo.minimum"(%arg7, %77) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %79 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %80 = "stablehlo.broadcast_in_dim"(%79) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %81 = "stablehlo.add"(%arg7, %80) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %82 = "stablehlo.power"(%arg7, %81) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %83 = "stablehlo.and"(%arg8, %arg8) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %84 = "stablehlo.or"(%arg8, %arg8) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %85 = "stablehlo.xor"(%arg8, %arg8) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %86 = "stablehlo.shift_left"(%arg8, %arg8) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %87 = "stablehlo.shift_right_logical"(%arg8, %arg8) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %88 = "stablehlo.shift_right_arithmetic"(%arg8, %arg8) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %89 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %90 = "stablehlo.broadcast_in_dim"(%89) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %91 = "stablehlo.multiply"(%90, %arg7) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %92 = "stablehlo.compare"(%arg7, %91) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction EQ>}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %93 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %94 = "stablehlo.broadcast_in_dim"(%93) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %95 = "stablehlo.multiply"(%94, %arg7) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %96 = "stablehlo.compare"(%arg7, %95) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %97 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %98 = "stablehlo.broadcast_in_dim"(%97) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %99 = "stablehlo.multiply"(%98, %arg7) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %100 = "stablehlo.compare"(%arg7, %99) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %101 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %102 = "stablehlo.broadcast_in_dim"(%101) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %103 = "stablehlo.multiply"(%102, %arg7) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %104 = "stablehlo.compare"(%arg7, %103) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %105 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %106 = "stablehlo.broadcast_in_dim"(%105) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %107 = "stablehlo.multiply"(%106, %arg7) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %108 = "stablehlo.compare"(%arg7, %107) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %109 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %110 = "stablehlo.broadcast_in_dim"(%109) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %111 = "stablehlo.multiply"(%110, %arg7) : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %112 = "stablehlo.compare"(%arg7, %111) <{compare_type = #stablehlo<comparison_type FLOAT>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>
    %113 = "stablehlo.compare"(%arg8, %arg8) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi1>
    %114 = "stablehlo.compare"(%arg9, %arg9) <{compare_type = #stablehlo<comparison_type UNSIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xi1>
    %115 = "stablehlo.not"(%arg10) : (tensor<4x6xi1>) -> tensor<4x6xi1>
    %116 = "stablehlo.and"(%arg10, %arg10) : (tensor<4x6xi1>, tensor<4x6xi1>) -> tensor<4x6xi1>
    %117 = "stablehlo.negate"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %118 = "stablehlo.select"(%arg10, %arg7, %117) : (tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %119 = "stablehlo.constant"() <{value = dense<5.000000e-01> : tensor<f32>}> : () -> tensor<f32>
    %120 = "stablehlo.constant"() <{value = dense<1.500000e+00> : tensor<f32>}> : () -> tensor<f32>
    %121 = "stablehlo.broadcast_in_dim"(%119) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %122 = "stablehlo.broadcast_in_dim"(%120) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %123 = "stablehlo.clamp"(%121, %arg7, %122) : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %124 = "stablehlo.clamp"(%arg7, %arg7, %arg7) : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    %125 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %126 = "func.call"(%arg10, %arg7, %125) <{callee = @_where}> : (tensor<4x6xi1>, tensor<4x6xf32>, tensor<i32>) -> tensor<4x6xf32>
    %127 = "stablehlo.convert"(%arg11) : (tensor<4xf16>) -> tensor<4xf32>
    %128 = "stablehlo.convert"(%arg12) : (tensor<4xbf16>) -> tensor<4xf32>
    %129 = "stablehlo.convert"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xi8>
    %130 = "stablehlo.convert"(%arg8) : (tensor<4x6xi32>) -> tensor<4x6xui8>
    %131 = "stablehlo.constant"() <{value = dense<0> : tensor<ui32>}> : () -> tensor<ui32>
    %132 = "stablehlo.broadcast_in_dim"(%131) <{broadcast_dimensions = array<i64>}> : (tensor<ui32>) -> tensor<4xui32>
    %133 = "stablehlo.compare"(%arg9, %132) <{compare_type = #stablehlo<comparison_type UNSIGNED>, comparison_direction = #stablehlo<comparison_direction NE>}> : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xi1>
    %134 = "stablehlo.convert"(%133) : (tensor<4xi1>) -> tensor<4xi1>
    %135 = "stablehlo.bitcast_convert"(%arg7) : (tensor<4x6xf32>) -> tensor<4x6xi32>
    %136 = "stablehlo.bitcast_convert"(%arg9) : (tensor<4xui32>) -> tensor<4xf32>
    %137 = "stablehlo.constant"() <{value = dense<9.997550e-02> : tensor<f16>}> : () -> tensor<f16>
    %138 = "stablehlo.broadcast_in_dim"(%137) <{broadcast_dimensions = array<i64>}> : (tensor<f16>) -> tensor<4xf16>
    %139 = "stablehlo.multiply"(%arg11, %138) : (tensor<4xf16>, tensor<4xf16>) -> tensor<4xf16>
    %140 = "stablehlo.constant"() <{value = dense<1.000980e-01> : tensor<bf16>}> : () -> tensor<bf16>
    %141 = "stablehlo.broadcast_in_dim"(%140) <{broadcast_dimensions = array<i64>}> : (tensor<bf16>) -> tensor<4xbf16>
    %142 = "stablehlo.multiply"(%arg12, %141) : (tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xbf16>
    %143 = "stablehlo.constant"() <{value = dense<4000000000> : tensor<ui32>}> : () -> tensor<ui32>
    %144 = "stablehlo.broadcast_in_dim"(%143) <{broadcast_dimensions = array<i64>}> : (tensor<ui32>) -> tensor<4xui32>
    %145 = "stablehlo.add"(%arg9, %144) : (tensor<4xui32>, tensor<4xui32>) -> tensor<4xui32>
    %146 = "stablehlo.constant"() <{value = dense<-7> : tensor<i32>}> : () -> tensor<i32>
    %147 = "stablehlo.broadcast_in_dim"(%146) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x6xi32>
    %148 = "stablehlo.add"(%arg8, %147) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %149 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<5xui8>
    %150 = "stablehlo.iota"() <{iota_dimension = 1 : i64}> : () -> tensor<2x3xf32>
    %151 = "stablehlo.broadcast_in_dim"(%arg7) <{broadcast_dimensions = array<i64: 0, 2>}> : (tensor<4x6xf32>) -> tensor<4x2x6xf32>
    %152 = "stablehlo.reshape"(%arg7) : (tensor<4x6xf32>) -> tensor<2x12xf32>
    %153 = "stablehlo.transpose"(%arg7) <{permutation = array<i64: 1, 0>}> : (tensor<4x6xf32>) -> tensor<6x4xf32>
    %154 = "stablehlo.slice"(%arg7) <{limit_indices = array<i64: 3, 6>, start_indices = array<i64: 1, 0>, strides = array<i64: 1, 2>}> : (tensor<4x6xf32>) -> tensor<2x3xf32>
    %155 = "stablehlo.reverse"(%arg7) <{dimensions = array<i64: 0>}> : (tensor<4x6xf32>) -> tensor<4x6xf32>
    %156 = "stablehlo.concatenate"(%arg7, %arg7) <{dimension = 1 : i64}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x12xf32>
    %157 = "stablehlo.slice"(%arg13) <{limit_indices = array<i64: 1>, start_indices = array<i64: 0>, strides = array<i64: 1>}> : (tensor<3xi32>) -> tensor<1xi32>
    %158 = "stablehlo.reshape"(%157) : (tensor<1xi32>) -> tensor<i32>
    %159 = "stablehlo.slice"(%arg13) <{limit_indices = array<i64: 2>, start_indices = array<i64: 1>, strides = array<i64: 1>}> : (tensor<3xi32>) -> tensor<1xi32>
    %160 = "stablehlo.reshape"(%159) : (tensor<1xi32>) -> tensor<i32>
    %161 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %162 = "stablehlo.compare"(%158, %161) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %163 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %164 = "stablehlo.add"(%158, %163) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %165 = "stablehlo.select"(%162, %164, %158) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    %166 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %167 = "stablehlo.compare"(%160, %166) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %168 = "stablehlo.constant"() <{value = dense<6> : tensor<i32>}> : () -> tensor<i32>
    %169 = "stablehlo.add"(%160, %168) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %170 = "stablehlo.select"(%167, %169, %160) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    %171 = "stablehlo.dynamic_slice"(%arg7, %165, %170) <{slice_sizes = array<i64: 2, 3>}> : (tensor<4x6xf32>, tensor<i32>, tensor<i32>) -> tensor<2x3xf32>
    %172 = "stablehlo.slice"(%arg7) <{limit_indices = array<i64: 2, 2>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<4x6xf32>) -> tensor<2x2xf32>
    %173 = "stablehlo.slice"(%arg13) <{limit_indices = array<i64: 1>, start_indices = array<i64: 0>, strides = array<i64: 1>}> : (tensor<3xi32>) -> tensor<1xi32>
    %174 = "stablehlo.reshape"(%173) : (tensor<1xi32>) -> tensor<i32>
    %175 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %176 = "stablehlo.compare"(%174, %175) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1>
    %177 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %178 = "stablehlo.add"(%174, %177) : (tensor<i32>, tensor<i32>) -> tensor<i32>
    %179 = "stablehlo.select"(%176, %178, %174) : (tensor<i1>, tensor<i32>, tensor<i32>) -> tensor<i32>
    %180 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> : () -> tensor<i32>
    %181 = "stablehlo.dynamic_update_slice"(%arg7, %172, %179, %180) : (tensor<4x6xf32>, tensor<2x2xf32>, tensor<i32>, tensor<i32>) -> tensor<4x6xf32>
    %182 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %183 = "stablehlo.pad"(%arg7, %182) <{edge_padding_high = array<i64: -1, 2>, edge_padding_low = array<i64: 1, 0>, interior_padding = array<i64: 0, 1>}> : (tensor<4x6xf32>, tensor<f32>) -> tensor<4x13xf32>
    %184 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %185 = "stablehlo.reduce"(%arg7, %184) <{dimensions = array<i64: 0, 1>}> ({
    ^bb0(%arg42: tensor<f32>, %arg43: tensor<f32>):
      %293 = "stablehlo.add"(%arg42, %arg43) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%293) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>
    %186 = "stablehlo.constant"() <{value = dense<0.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %187 = "stablehlo.reduce"(%arg7, %186) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg40: tensor<f32>, %arg41: tensor<f32>):
      %292 = "stablehlo.add"(%arg40, %arg41) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%292) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<f32>) -> tensor<6xf32>
    %188 = "stablehlo.constant"() <{value = dense<0xFF800000> : tensor<f32>}> : () -> tensor<f32>
    %189 = "stablehlo.reduce"(%arg7, %188) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg38: tensor<f32>, %arg39: tensor<f32>):
      %291 = "stablehlo.maximum"(%arg38, %arg39) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%291) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>
    %190 = "stablehlo.constant"() <{value = dense<0x7F800000> : tensor<f32>}> : () -> tensor<f32>
    %191 = "stablehlo.reduce"(%arg7, %190) <{dimensions = array<i64: 1>}> ({
    ^bb0(%arg36: tensor<f32>, %arg37: tensor<f32>):
      %290 = "stablehlo.minimum"(%arg36, %arg37) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%290) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<f32>) -> tensor<4xf32>
    %192 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %193 = "stablehlo.reduce"(%arg7, %192) <{dimensions = array<i64: 0, 1>}> ({
    ^bb0(%arg34: tensor<f32>, %arg35: tensor<f32>):
      %289 = "stablehlo.multiply"(%arg34, %arg35) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%289) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>
    %194 = "stablehlo.constant"() <{value = dense<false> : tensor<i1>}> : () -> tensor<i1>
    %195 = "stablehlo.reduce"(%arg10, %194) <{dimensions = array<i64: 0, 1>}> ({
    ^bb0(%arg32: tensor<i1>, %arg33: tensor<i1>):
      %288 = "stablehlo.or"(%arg32, %arg33) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%288) : (tensor<i1>) -> ()
    }) : (tensor<4x6xi1>, tensor<i1>) -> tensor<i1>
    %196 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %197 = "stablehlo.reduce"(%arg10, %196) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg30: tensor<i1>, %arg31: tensor<i1>):
      %287 = "stablehlo.and"(%arg30, %arg31) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%287) : (tensor<i1>) -> ()
    }) : (tensor<4x6xi1>, tensor<i1>) -> tensor<6xi1>
    %198 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %199 = "stablehlo.reduce"(%arg8, %198) <{dimensions = array<i64: 0, 1>}> ({
    ^bb0(%arg28: tensor<i32>, %arg29: tensor<i32>):
      %286 = "stablehlo.add"(%arg28, %arg29) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%286) : (tensor<i32>) -> ()
    }) : (tensor<4x6xi32>, tensor<i32>) -> tensor<i32>
    %200 = "stablehlo.constant"() <{value = dense<-2147483648> : tensor<i32>}> : () -> tensor<i32>
    %201 = "stablehlo.reduce"(%arg8, %200) <{dimensions = array<i64: 0, 1>}> ({
    ^bb0(%arg26: tensor<i32>, %arg27: tensor<i32>):
      %285 = "stablehlo.maximum"(%arg26, %arg27) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%285) : (tensor<i32>) -> ()
    }) : (tensor<4x6xi32>, tensor<i32>) -> tensor<i32>
    %202 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %203 = "stablehlo.reduce"(%arg8, %202) <{dimensions = array<i64: 0>}> ({
    ^bb0(%arg24: tensor<i32>, %arg25: tensor<i32>):
      %284 = "stablehlo.or"(%arg24, %arg25) : (tensor<i32>, tensor<i32>) -> tensor<i32>
      "stablehlo.return"(%284) : (tensor<i32>) -> ()
    }) : (tensor<4x6xi32>, tensor<i32>) -> tensor<6xi32>
    %204 = "stablehlo.transpose"(%arg7) <{permutation = array<i64: 1, 0>}> : (tensor<4x6xf32>) -> tensor<6x4xf32>
    %205 = "stablehlo.dot_general"(%arg7, %204) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]}> : (tensor<4x6xf32>, tensor<6x4xf32>) -> tensor<4x4xf32>
    %206 = "stablehlo.reshape"(%arg7) : (tensor<4x6xf32>) -> tensor<2x2x6xf32>
    %207 = "stablehlo.reshape"(%arg7) : (tensor<4x6xf32>) -> tensor<2x2x6xf32>
    %208 = "stablehlo.dot_general"(%206, %207) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [2]>, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]}> : (tensor<2x2x6xf32>, tensor<2x2x6xf32>) -> tensor<2x2x2xf32>
    %209 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %210 = "stablehlo.broadcast_in_dim"(%209) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %211 = "stablehlo.compare"(%arg13, %210) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %212 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %213 = "stablehlo.broadcast_in_dim"(%212) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %214 = "stablehlo.add"(%arg13, %213) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %215 = "stablehlo.select"(%211, %214, %arg13) : (tensor<3xi1>, tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %216 = "stablehlo.broadcast_in_dim"(%215) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xi32>) -> tensor<3x1xi32>
    %217 = "stablehlo.gather"(%arg7, %216) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 6>}> : (tensor<4x6xf32>, tensor<3x1xi32>) -> tensor<3x6xf32>
    %218 = "func.call"(%arg7, %arg8) <{callee = @take_along_axis}> : (tensor<4x6xf32>, tensor<4x6xi32>) -> tensor<4x6xf32>
    %219 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %220 = "stablehlo.broadcast_in_dim"(%219) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %221 = "stablehlo.compare"(%arg13, %220) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %222 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %223 = "stablehlo.broadcast_in_dim"(%222) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %224 = "stablehlo.add"(%arg13, %223) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %225 = "stablehlo.select"(%221, %224, %arg13) : (tensor<3xi1>, tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %226 = "stablehlo.broadcast_in_dim"(%225) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xi32>) -> tensor<3x1xi32>
    %227 = "stablehlo.constant"() <{value = dense<1.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %228 = "stablehlo.broadcast_in_dim"(%227) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<3x6xf32>
    %229 = "stablehlo.scatter"(%arg7, %226, %228) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg22: tensor<f32>, %arg23: tensor<f32>):
      %283 = "stablehlo.add"(%arg22, %arg23) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%283) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %230 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %231 = "stablehlo.broadcast_in_dim"(%230) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %232 = "stablehlo.compare"(%arg13, %231) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %233 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %234 = "stablehlo.broadcast_in_dim"(%233) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %235 = "stablehlo.add"(%arg13, %234) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %236 = "stablehlo.select"(%232, %235, %arg13) : (tensor<3xi1>, tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %237 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %238 = "stablehlo.broadcast_in_dim"(%237) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %239 = "stablehlo.convert"(%238) : (tensor<3xi32>) -> tensor<3xi32>
    %240 = "stablehlo.broadcast_in_dim"(%236) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xi32>) -> tensor<3x1xi32>
    %241 = "stablehlo.broadcast_in_dim"(%239) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xi32>) -> tensor<3x1xi32>
    %242 = "stablehlo.concatenate"(%240, %241) <{dimension = 1 : i64}> : (tensor<3x1xi32>, tensor<3x1xi32>) -> tensor<3x2xi32>
    %243 = "stablehlo.constant"() <{value = dense<2.000000e+00> : tensor<f32>}> : () -> tensor<f32>
    %244 = "stablehlo.broadcast_in_dim"(%243) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<3xf32>
    %245 = "stablehlo.scatter"(%arg7, %242, %244) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<inserted_window_dims = [0, 1], scatter_dims_to_operand_dims = [0, 1], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg20: tensor<f32>, %arg21: tensor<f32>):
      "stablehlo.return"(%arg21) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<3x2xi32>, tensor<3xf32>) -> tensor<4x6xf32>
    %246 = "stablehlo.slice"(%arg7) <{limit_indices = array<i64: 3, 6>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<4x6xf32>) -> tensor<3x6xf32>
    %247 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %248 = "stablehlo.broadcast_in_dim"(%247) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %249 = "stablehlo.compare"(%arg13, %248) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %250 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %251 = "stablehlo.broadcast_in_dim"(%250) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %252 = "stablehlo.add"(%arg13, %251) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %253 = "stablehlo.select"(%249, %252, %arg13) : (tensor<3xi1>, tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %254 = "stablehlo.broadcast_in_dim"(%253) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xi32>) -> tensor<3x1xi32>
    %255 = "stablehlo.scatter"(%arg7, %254, %246) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg18: tensor<f32>, %arg19: tensor<f32>):
      %282 = "stablehlo.maximum"(%arg18, %arg19) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%282) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %256 = "stablehlo.slice"(%arg7) <{limit_indices = array<i64: 3, 6>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<4x6xf32>) -> tensor<3x6xf32>
    %257 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %258 = "stablehlo.broadcast_in_dim"(%257) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %259 = "stablehlo.compare"(%arg13, %258) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %260 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %261 = "stablehlo.broadcast_in_dim"(%260) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %262 = "stablehlo.add"(%arg13, %261) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %263 = "stablehlo.select"(%259, %262, %arg13) : (tensor<3xi1>, tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %264 = "stablehlo.broadcast_in_dim"(%263) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xi32>) -> tensor<3x1xi32>
    %265 = "stablehlo.scatter"(%arg7, %264, %256) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg16: tensor<f32>, %arg17: tensor<f32>):
      %281 = "stablehlo.minimum"(%arg16, %arg17) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%281) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %266 = "stablehlo.slice"(%arg7) <{limit_indices = array<i64: 3, 6>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<4x6xf32>) -> tensor<3x6xf32>
    %267 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %268 = "stablehlo.broadcast_in_dim"(%267) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %269 = "stablehlo.compare"(%arg13, %268) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi1>
    %270 = "stablehlo.constant"() <{value = dense<4> : tensor<i32>}> : () -> tensor<i32>
    %271 = "stablehlo.broadcast_in_dim"(%270) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<3xi32>
    %272 = "stablehlo.add"(%arg13, %271) : (tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %273 = "stablehlo.select"(%269, %272, %arg13) : (tensor<3xi1>, tensor<3xi32>, tensor<3xi32>) -> tensor<3xi32>
    %274 = "stablehlo.broadcast_in_dim"(%273) <{broadcast_dimensions = array<i64: 0>}> : (tensor<3xi32>) -> tensor<3x1xi32>
    %275 = "stablehlo.scatter"(%arg7, %274, %266) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%arg14: tensor<f32>, %arg15: tensor<f32>):
      %280 = "stablehlo.multiply"(%arg14, %arg15) : (tensor<f32>, tensor<f32>) -> tensor<f32>
      "stablehlo.return"(%280) : (tensor<f32>) -> ()
    }) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>
    %276 = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<128xf32>
    %277 = "stablehlo.constant"() <{value = dense<0.699999988> : tensor<f32>}> : () -> tensor<f32>
    %278 = "stablehlo.broadcast_in_dim"(%277) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<128xf32>
    %279 = "stablehlo.multiply"(%276, %278) : (tensor<128xf32>, tensor<128xf32>) -> tensor<128xf32>
    "func.return"(%33, %34, %35, %36, %37, %38, %39, %40, %48, %49, %50, %51, %52, %53, %54, %58, %62, %66, %70, %74, %78, %82, %83, %84, %85, %86, %87, %88, %92, %96, %100, %104, %108, %112, %113, %114, %115, %116, %118, %123, %124, %126, %127, %128, %129, %130, %134, %135, %136, %139, %142, %145, %148, %149, %150, %151, %152, %153, %154, %155, %156, %171, %181, %183, %185, %187, %189, %191, %193, %195, %197, %199, %201, %203, %205, %208, %217, %218, %229, %245, %255, %265, %275, %26, %27, %279, %28, %29, %30, %31, %32) : (tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi32>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4xi1>, tensor<4x6xi1>, tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4x6xi8>, tensor<4x6xui8>, tensor<4xi1>, tensor<4x6xi32>, tensor<4xf32>, tensor<4xf16>, tensor<4xbf16>, tensor<4xui32>, tensor<4x6xi32>, tensor<5xui8>, tensor<2x3xf32>, tensor<4x2x6xf32>, tensor<2x12xf32>, tensor<6x4xf32>, tensor<2x3xf32>, tensor<4x6xf32>, tensor<4x12xf32>, tensor<2x3xf32>, tensor<4x6xf32>, tensor<4x13xf32>, tensor<f32>, tensor<6xf32>, tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<i1>, tensor<6xi1>, tensor<i32>, tensor<i32>, tensor<6xi32>, tensor<4x4xf32>, tensor<2x2x2xf32>, tensor<3x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>, tensor<3xi1>, tensor<7xf32>, tensor<128xf32>, tensor<2x2xi8>, tensor<150xf32>, tensor<130xi1>, tensor<120xui16>, tensor<0x3xf32>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}, {}], function_type = (tensor<4x6xi1>, tensor<4x6xf32>, tensor<i32>) -> tensor<4x6xf32>, res_attrs = [{}], sym_name = "_where", sym_visibility = "private"}> ({
  ^bb0(%arg4: tensor<4x6xi1>, %arg5: tensor<4x6xf32>, %arg6: tensor<i32>):
    %23 = "stablehlo.convert"(%arg6) : (tensor<i32>) -> tensor<f32>
    %24 = "stablehlo.broadcast_in_dim"(%23) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %25 = "stablehlo.select"(%arg4, %arg5, %24) : (tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    "func.return"(%25) : (tensor<4x6xf32>) -> ()
  }) : () -> ()
  "func.func"() <{arg_attrs = [{}, {}], function_type = (tensor<4x6xf32>, tensor<4x6xi32>) -> tensor<4x6xf32>, res_attrs = [{}], sym_name = "take_along_axis", sym_visibility = "private"}> ({
  ^bb0(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xi32>):
    %0 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %1 = "stablehlo.broadcast_in_dim"(%0) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x6xi32>
    %2 = "stablehlo.compare"(%arg1, %1) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi1>
    %3 = "stablehlo.constant"() <{value = dense<6> : tensor<i32>}> : () -> tensor<i32>
    %4 = "stablehlo.broadcast_in_dim"(%3) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x6xi32>
    %5 = "stablehlo.add"(%arg1, %4) : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %6 = "stablehlo.select"(%2, %5, %arg1) : (tensor<4x6xi1>, tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi32>
    %7 = "stablehlo.reshape"(%6) : (tensor<4x6xi32>) -> tensor<4x6x1xi32>
    %8 = "stablehlo.constant"() <{value = dense<5> : tensor<1xi32>}> : () -> tensor<1xi32>
    %9 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> : () -> tensor<i32>
    %10 = "stablehlo.broadcast_in_dim"(%9) <{broadcast_dimensions = array<i64>}> : (tensor<i32>) -> tensor<4x6x1xi32>
    %11 = "stablehlo.compare"(%7, %10) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<4x6x1xi32>, tensor<4x6x1xi32>) -> tensor<4x6x1xi1>
    %12 = "stablehlo.broadcast_in_dim"(%8) <{broadcast_dimensions = array<i64: 2>}> : (tensor<1xi32>) -> tensor<1x1x1xi32>
    %13 = "stablehlo.broadcast_in_dim"(%12) <{broadcast_dimensions = array<i64: 0, 1, 2>}> : (tensor<1x1x1xi32>) -> tensor<4x6x1xi32>
    %14 = "stablehlo.compare"(%7, %13) <{compare_type = #stablehlo<comparison_type SIGNED>, comparison_direction = #stablehlo<comparison_direction LE>}> : (tensor<4x6x1xi32>, tensor<4x6x1xi32>) -> tensor<4x6x1xi1>
    %15 = "stablehlo.and"(%11, %14) : (tensor<4x6x1xi1>, tensor<4x6x1xi1>) -> tensor<4x6x1xi1>
    %16 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
    %17 = "stablehlo.reduce"(%15, %16) <{dimensions = array<i64: 2>}> ({
    ^bb0(%arg2: tensor<i1>, %arg3: tensor<i1>):
      %22 = "stablehlo.and"(%arg2, %arg3) : (tensor<i1>, tensor<i1>) -> tensor<i1>
      "stablehlo.return"(%22) : (tensor<i1>) -> ()
    }) : (tensor<4x6x1xi1>, tensor<i1>) -> tensor<4x6xi1>
    %18 = "stablehlo.gather"(%arg0, %7) <{dimension_numbers = #stablehlo.gather<collapsed_slice_dims = [1], operand_batching_dims = [0], start_indices_batching_dims = [0], start_index_map = [1], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 1>}> : (tensor<4x6xf32>, tensor<4x6x1xi32>) -> tensor<4x6xf32>
    %19 = "stablehlo.constant"() <{value = dense<0x7FC00000> : tensor<f32>}> : () -> tensor<f32>
    %20 = "stablehlo.broadcast_in_dim"(%19) <{broadcast_dimensions = array<i64>}> : (tensor<f32>) -> tensor<4x6xf32>
    %21 = "stablehlo.select"(%17, %18, %20) : (tensor<4x6xi1>, tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xf32>
    "func.return"(%21) : (tensor<4x6xf32>) -> ()
  }) : () -> ()
}) {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} : () -> ()

