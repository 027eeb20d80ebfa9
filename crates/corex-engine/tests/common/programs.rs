//! Parts of programs, as text, that several tests use.

/// A loop `%r`, as `lax.scan` makes it: counts from `%zero` to `rows`, carries a multiple of the row `%x`, and stacks the
/// carried rows in a `rows x 1024` array.
pub fn stacking(rows: usize) -> String {
    let all = format!("tensor<{rows}x1024xf32>");
    format!(
        "%zero = stablehlo.constant dense<0> : tensor<i32>
         %empty = stablehlo.constant dense<0.0> : {all}
         %r:3 = stablehlo.while(%i = %zero, %c = %x, %ys = %empty) : tensor<i32>, tensor<1024xf32>, {all}
         cond {{
           %n = stablehlo.constant dense<{rows}> : tensor<i32>
           %b = stablehlo.compare LT, %i, %n : (tensor<i32>, tensor<i32>) -> tensor<i1>
           stablehlo.return %b : tensor<i1>
         }} do {{
           %one = stablehlo.constant dense<1> : tensor<i32>
           %j = stablehlo.add %i, %one : tensor<i32>
           %d = stablehlo.add %c, %x : tensor<1024xf32>
           %row = stablehlo.reshape %d : (tensor<1024xf32>) -> tensor<1x1024xf32>
           %zs = stablehlo.dynamic_update_slice %ys, %row, %i, %zero : ({all}, tensor<1x1024xf32>, tensor<i32>, tensor<i32>) -> {all}
           stablehlo.return %j, %d, %zs : tensor<i32>, tensor<1024xf32>, {all}
         }}"
    )
}
