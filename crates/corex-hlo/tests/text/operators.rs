//! One case per operator and per spelling: what is read, and how it is written again.

use corex_hlo::{OpKind, parse, print};

/// The one operation after a prelude of values `%x: 4x6xf32, %i: 4x6xi32, %b: 4x6xi1, %s: f32, %n: i32,
/// %ix: 3x1xi32, %u: 3x6xf32, %h: 4xf16`, numbered 0 to 7, reads and prints as expected.
fn check(op: &str, expected: &str) {
    let printed = print(&parse(&program(op)).unwrap_or_else(|e| panic!("{op}: {e}")));
    let body: Vec<_> = printed.lines().skip(2).take_while(|l| !l.starts_with("    return")).collect();
    let body = body.iter().map(|l| l.strip_prefix("    ").unwrap_or(l)).collect::<Vec<_>>().join("\n");
    assert_eq!(body, expected, "{op}");
    assert_eq!(print(&parse(&printed).unwrap()), printed, "{op}");
}

/// The error for that operation, without its place.
pub fn error(op: &str) -> String {
    match parse(&program(op)).map(|m| print(&m)) {
        Err(corex_hlo::HloError::Parse { line, column, message }) => {
            assert!(line >= 2 && column >= 1, "{line}:{column}");
            message
        }
        other => panic!("{op}: expected a parse error, got {other:?}"),
    }
}

fn program(op: &str) -> String {
    format!(
        "func.func @main(%x: tensor<4x6xf32>, %i: tensor<4x6xi32>, %b: tensor<4x6xi1>, %s: tensor<f32>, \
         %n: tensor<i32>, %ix: tensor<3x1xi32>, %u: tensor<3x6xf32>, %h: tensor<4xf16>) {{\n{op}\nreturn }}"
    )
}

#[test]
fn elementwise() {
    let same = |op: &str, ty: &str, operands: &str, numbers: &str| {
        check(&format!("%r = {op} {operands} : {ty}"), &format!("%8 = {op} {numbers} : {ty}"));
    };
    for op in ["negate", "abs", "sign", "sqrt", "rsqrt", "exponential", "log", "tanh", "logistic"] {
        same(&format!("stablehlo.{op}"), "tensor<4x6xf32>", "%x", "%0");
    }
    for op in ["sine", "cosine", "floor", "ceil"] {
        same(&format!("stablehlo.{op}"), "tensor<4xf16>", "%h", "%7");
    }
    for op in ["add", "subtract", "multiply", "divide", "remainder", "maximum", "minimum", "power"] {
        same(&format!("stablehlo.{op}"), "tensor<4x6xf32>", "%x, %x", "%0, %0");
    }
    for op in ["and", "or", "xor", "shift_left", "shift_right_logical", "shift_right_arithmetic"] {
        same(&format!("stablehlo.{op}"), "tensor<4x6xi32>", "%i, %i", "%1, %1");
    }
    same("stablehlo.not", "tensor<4x6xi1>", "%b", "%2");
    for op in
        ["exponential_minus_one", "log_plus_one", "cbrt", "tan", "round_nearest_even", "round_nearest_afz"]
    {
        same(&format!("stablehlo.{op}"), "tensor<4x6xf32>", "%x", "%0");
    }
    for op in ["popcnt", "count_leading_zeros"] {
        same(&format!("stablehlo.{op}"), "tensor<4x6xi32>", "%i", "%1");
    }
    same("stablehlo.atan2", "tensor<4x6xf32>", "%x, %x", "%0, %0");
    for op in ["erfc", "erf_inv", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh"] {
        let ty = "tensor<4x6xf32>";
        check(&format!("%r = chlo.{op} %x : {ty} -> {ty}"), &format!("%8 = chlo.{op} %0 : {ty} -> {ty}"));
    }
    let reduced = "%8 = stablehlo.reduce_precision %0, format = e5m10 : tensor<4x6xf32>";
    check("%r = stablehlo.reduce_precision %x, format = e5m10 : tensor<4x6xf32>", reduced);
    check(
        "%r = \"stablehlo.reduce_precision\"(%x) <{exponent_bits = 5 : i32, mantissa_bits = 10 : i32}> : (tensor<4x6xf32>) -> tensor<4x6xf32>",
        reduced,
    );
    same("stablehlo.clamp", "tensor<4x6xf32>", "%x, %x, %x", "%0, %0, %0");
    check(
        "%r = stablehlo.clamp %s, %x, %s : (tensor<f32>, tensor<4x6xf32>, tensor<f32>) -> tensor<4x6xf32>",
        "%8 = stablehlo.clamp %3, %0, %3 : (tensor<f32>, tensor<4x6xf32>, tensor<f32>) -> tensor<4x6xf32>",
    );
    check(
        "%r = stablehlo.is_finite %x : (tensor<4x6xf32>) -> tensor<4x6xi1>",
        "%8 = stablehlo.is_finite %0 : (tensor<4x6xf32>) -> tensor<4x6xi1>",
    );
    let erf = "%8 = chlo.erf %0 : tensor<4x6xf32> -> tensor<4x6xf32>";
    check("%r = chlo.erf %x : tensor<4x6xf32> -> tensor<4x6xf32>", erf);
    check("%r = chlo.erf %x : tensor<4x6xf32>", erf);
    check("%r = \"chlo.erf\"(%x) : (tensor<4x6xf32>) -> (tensor<4x6xf32>)", erf);
    check(
        "%r = stablehlo.exponential %x {result_accuracy = #stablehlo.result_accuracy<mode = #stablehlo.result_accuracy_mode<DEFAULT>>} : tensor<4x6xf32> loc(\"a.py\":3:4)",
        "%8 = stablehlo.exponential %0 : tensor<4x6xf32>",
    );
}

#[test]
fn compare_select_convert() {
    let lt =
        "%8 = stablehlo.compare LT, %0, %0, FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>";
    check(
        "%r = stablehlo.compare  LT, %x, %x,  FLOAT : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>",
        lt,
    );
    check("%r = stablehlo.compare LT, %x, %x : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>", lt);
    check(
        "%r = \"stablehlo.compare\"(%x, %x) {comparison_direction = #stablehlo<comparison_direction LT>, compare_type = #stablehlo<comparison_type FLOAT>} : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>",
        lt,
    );
    let total = "%8 = stablehlo.compare GE, %0, %0, TOTALORDER : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>";
    check(
        "%r = stablehlo.compare GE, %x, %x, TOTALORDER : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>",
        total,
    );
    check(
        "%r = stablehlo.select %b, %x, %x : tensor<4x6xi1>, tensor<4x6xf32>",
        "%8 = stablehlo.select %2, %0, %0 : tensor<4x6xi1>, tensor<4x6xf32>",
    );
    check(
        "%r = stablehlo.convert %n : tensor<i32>",
        "%8 = stablehlo.convert %4 : (tensor<i32>) -> tensor<i32>",
    );
    check(
        "%r = stablehlo.convert %x : (tensor<4x6xf32>) -> tensor<4x6xbf16>",
        "%8 = stablehlo.convert %0 : (tensor<4x6xf32>) -> tensor<4x6xbf16>",
    );
    check(
        "%r = stablehlo.bitcast_convert %x : (tensor<4x6xf32>) -> tensor<4x6xui32>",
        "%8 = stablehlo.bitcast_convert %0 : (tensor<4x6xf32>) -> tensor<4x6xui32>",
    );
}

/// A result wider than the operands: what storage types mean in a product anyway.
#[test]
fn widening_products() {
    check(
        "%r = stablehlo.dot_general %h, %h, contracting_dims = [0] x [0], precision = [DEFAULT, DEFAULT] : (tensor<4xf16>, tensor<4xf16>) -> tensor<f32>",
        "%8 = stablehlo.convert %7 : (tensor<4xf16>) -> tensor<4xf32>
%9 = stablehlo.convert %7 : (tensor<4xf16>) -> tensor<4xf32>
%10 = stablehlo.dot_general %8, %9, contracting_dims = [0] x [0] : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32>",
    );
    check(
        "%r = stablehlo.dot_general %x, %x, contracting_dims = [1] x [1], algorithm = <lhs_precision_type = bf16, rhs_precision_type = bf16, accumulation_type = f32, lhs_component_count = 1, rhs_component_count = 1, num_primitive_operations = 3, allow_imprecise_accumulation = false> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x4xf32>",
        "%8 = stablehlo.dot_general %0, %0, contracting_dims = [1] x [1] : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x4xf32>",
    );
}

/// Where values live is not what they are; a composite of a known name is that operation, any other a call.
#[test]
fn annotations_and_composites() {
    let after = |op: &str| {
        check(
            &format!("{op}\n%q = stablehlo.abs %r : tensor<4x6xf32>"),
            "%8 = stablehlo.abs %0 : tensor<4x6xf32>",
        );
    };
    after(
        "%r = stablehlo.custom_call @Sharding(%x) {backend_config = \"\", mhlo.sharding = \"{devices=[2]0,1}\"} : (tensor<4x6xf32>) -> tensor<4x6xf32>",
    );
    after(
        "%r = \"stablehlo.custom_call\"(%x) <{call_target_name = \"annotate_device_placement\", has_side_effect = true}> : (tensor<4x6xf32>) -> tensor<4x6xf32>",
    );
    after("%r = sdy.sharding_constraint %x <@mesh, [{\"x\"}, {?}]> : tensor<4x6xf32>");
    check(
        "%r = stablehlo.composite \"chlo.asin\" %x {decomposition = @missing, version = 1 : i32} : (tensor<4x6xf32>) -> tensor<4x6xf32>",
        "%8 = chlo.asin %0 : tensor<4x6xf32> -> tensor<4x6xf32>",
    );
    let module = parse(
        "func.func @main(%x: tensor<f32>) -> tensor<f32> {
           %0 = stablehlo.composite \"my.op\" %x {composite_attributes = {a = 1 : i64}, decomposition = @my.op.impl} : (tensor<f32>) -> tensor<f32>
           return %0 : tensor<f32>
         }
         func.func private @my.op.impl(%x: tensor<f32>) -> tensor<f32> {
           %0 = stablehlo.sine %x : tensor<f32>
           return %0 : tensor<f32>
         }",
    )
    .unwrap();
    assert!(print(&module).contains("%1 = call @my.op.impl(%0) : (tensor<f32>) -> tensor<f32>"));
}

/// Read as something simpler.
#[test]
fn sugar() {
    let square = "%8 = stablehlo.multiply %0, %0 : tensor<4x6xf32>";
    check("%r = chlo.square %x : tensor<4x6xf32> -> tensor<4x6xf32>", square);
    check("%r = \"chlo.square\"(%x) : (tensor<4x6xf32>) -> tensor<4x6xf32>", square);
    check(
        "%r:2 = stablehlo.optimization_barrier %x, %n : tensor<4x6xf32>, tensor<i32>
         %q = stablehlo.abs %r#1 : tensor<i32>",
        "%8 = stablehlo.abs %4 : tensor<i32>",
    );
    check(
        "%r = \"stablehlo.optimization_barrier\"(%n) : (tensor<i32>) -> tensor<i32>
         %q = stablehlo.abs %r : tensor<i32>",
        "%8 = stablehlo.abs %4 : tensor<i32>",
    );
}

#[test]
fn movement() {
    let kept = |op: &str| {
        let numbered = op.replace("%x", "%0").replace("%s", "%3").replace("%n", "%4").replace("%u", "%6");
        check(&format!("%r = {op}"), &format!("%8 = {numbered}"));
    };
    kept("stablehlo.broadcast_in_dim %s, dims = [] : (tensor<f32>) -> tensor<4x6xf32>");
    kept("stablehlo.broadcast_in_dim %x, dims = [2, 0] : (tensor<4x6xf32>) -> tensor<6x2x4xf32>");
    kept("stablehlo.reshape %x : (tensor<4x6xf32>) -> tensor<24xf32>");
    kept("stablehlo.transpose %x, dims = [1, 0] : (tensor<4x6xf32>) -> tensor<6x4xf32>");
    kept("stablehlo.slice %x [1:3, 0:6:4] : (tensor<4x6xf32>) -> tensor<2x2xf32>");
    kept("stablehlo.slice %s [] : (tensor<f32>) -> tensor<f32>");
    kept(
        "stablehlo.dynamic_slice %x, %n, %n, sizes = [1, 2] : (tensor<4x6xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>",
    );
    kept(
        "stablehlo.dynamic_update_slice %x, %u, %n, %n : (tensor<4x6xf32>, tensor<3x6xf32>, tensor<i32>, tensor<i32>) -> tensor<4x6xf32>",
    );
    kept("stablehlo.concatenate %x, %u, dim = 0 : (tensor<4x6xf32>, tensor<3x6xf32>) -> tensor<7x6xf32>");
    kept(
        "stablehlo.pad %x, %s, low = [-1, 0], high = [2, 1], interior = [0, 3] : (tensor<4x6xf32>, tensor<f32>) -> tensor<5x22xf32>",
    );
    kept("stablehlo.iota dim = 1 : tensor<2x0xui8>");
    check(
        "%r = stablehlo.reverse %x, dims = [1, 0] : tensor<4x6xf32>",
        "%8 = stablehlo.reverse %0, dims = [0, 1] : tensor<4x6xf32>",
    );
}

#[test]
fn contraction() {
    let sum = "%8 = stablehlo.reduce(%0 init: %3) applies stablehlo.add across dimensions = [0, 1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>";
    check(
        "%r = stablehlo.reduce(%x init: %s) applies stablehlo.add across dimensions = [1, 0] : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>",
        sum,
    );
    check(
        "%r = stablehlo.reduce(%x init: %s) across dimensions = [0, 1] : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>
          reducer(%a: tensor<f32> loc(unknown), %c: tensor<f32>) {
            %1 = stablehlo.add %c, %a : tensor<f32> loc(#loc3)
            stablehlo.return %1 : tensor<f32>
          }",
        sum,
    );
    check(
        "%r = \"stablehlo.reduce\"(%x, %s) <{dimensions = array<i64: 0, 1>}> ({
          ^bb0(%a: tensor<f32>, %c: tensor<f32>):
            %1 = \"stablehlo.add\"(%a, %c) : (tensor<f32>, tensor<f32>) -> tensor<f32>
            \"stablehlo.return\"(%1) : (tensor<f32>) -> ()
          }) : (tensor<4x6xf32>, tensor<f32>) -> tensor<f32>",
        sum,
    );
    let dot = "%8 = stablehlo.dot_general %0, %6, contracting_dims = [1] x [1] : (tensor<4x6xf32>, tensor<3x6xf32>) -> tensor<4x3xf32>";
    check(
        "%r = stablehlo.dot_general %x, %u, contracting_dims = [1] x [1], precision = [DEFAULT, HIGHEST] : (tensor<4x6xf32>, tensor<3x6xf32>) -> tensor<4x3xf32>",
        dot,
    );
    check(
        "%r = \"stablehlo.dot_general\"(%x, %u) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [1]>, precision_config = [#stablehlo<precision DEFAULT>, #stablehlo<precision DEFAULT>]}> : (tensor<4x6xf32>, tensor<3x6xf32>) -> tensor<4x3xf32>",
        dot,
    );
    check(
        "%r = stablehlo.dot_general %x, %x, batching_dims = [0] x [0], contracting_dims = [1] x [1], precision = [DEFAULT, DEFAULT] : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4xf32>",
        "%8 = stablehlo.dot_general %0, %0, batching_dims = [0] x [0], contracting_dims = [1] x [1] : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4xf32>",
    );
}

#[test]
fn indexed() {
    check(
        "%r = \"stablehlo.gather\"(%x, %ix) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 6>, indices_are_sorted = true}> : (tensor<4x6xf32>, tensor<3x1xi32>) -> tensor<3x6xf32>",
        "%8 = \"stablehlo.gather\"(%0, %5) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 6>}> : (tensor<4x6xf32>, tensor<3x1xi32>) -> tensor<3x6xf32>",
    );
    let scatter = |body: &str| {
        format!(
            "\"stablehlo.scatter\"(%0, %5, %6) <{{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}}> ({{\n^bb0(%old: tensor<f32>, %update: tensor<f32>):\n{body} : tensor<f32>\n}}) : (tensor<4x6xf32>, tensor<3x1xi32>, tensor<3x6xf32>) -> tensor<4x6xf32>"
        )
    };
    for body in [
        "  %new = stablehlo.add %old, %update : tensor<f32>\n  stablehlo.return %new",
        "  stablehlo.return %update",
    ] {
        let expected = scatter(body);
        let written = expected.replace("%0", "%x").replace("%5", "%ix").replace("%6", "%u");
        check(&format!("%r = {written}"), &format!("%8 = {expected}"));
    }
}

#[test]
fn constants() {
    let number = |written: &str, ty: &str, expected: &str| {
        check(
            &format!("%c = stablehlo.constant dense<{written}> : tensor<{ty}>"),
            &format!("%8 = stablehlo.constant dense<{expected}> : tensor<{ty}>"),
        );
    };
    number("1", "f32", "1.000000e+00");
    number("-0.0", "f32", "-0.000000e+00");
    number("0.1", "f32", "1.000000e-01");
    number("0.699999988", "f32", "7.000000e-01");
    number("16777216.0", "f32", "0x4B800000");
    number("1.000530e-42", "f32", "1.000527e-42");
    number("0x7FC00000", "f32", "0x7FC00000");
    number("0xFF800000", "f32", "0xFF800000");
    number("9.997550e-02", "f16", "9.997559e-02");
    number("0x7C00", "f16", "0x7C00");
    number("1.000980e-01", "bf16", "1.000977e-01");
    number("-128", "i8", "-128");
    number("0xFF", "i8", "-1");
    number("4000000000", "ui32", "4000000000");
    number("18446744073709551615", "ui64", "18446744073709551615");
    number("-9223372036854775808", "i64", "-9223372036854775808");
    number("true", "2x2xi1", "true");
    number("[[1, 2], [3, 4]]", "2x2xi16", "[[1, 2], [3, 4]]");
    number("[7, 7, 7]", "3xui8", "7");
    number("[[], []]", "2x0xf32", "");
    number("", "0x3xf32", "");
    number("5", "0xi32", "");
    number("\"0x0000803F00000040\"", "2xf32", "[1.000000e+00, 2.000000e+00]");
    number("\"0x0000803F\"", "5xf32", "1.000000e+00");
    number("\"0x010001\"", "3xi1", "[true, false, true]");
    number("\"0x05\"", "3xi1", "[true, false, true]");
    number("\"0xFF\"", "20xi1", "true");
    check(
        "%c = \"stablehlo.constant\"() <{value = dense<[1, 2]> : tensor<2xi64>}> : () -> tensor<2xi64>",
        "%8 = stablehlo.constant dense<[1, 2]> : tensor<2xi64>",
    );
}

#[test]
fn long_constants_are_dumped_as_bytes() {
    let values: Vec<_> = (0..101).map(|i| i.to_string()).collect();
    let text = program(&format!("%c = stablehlo.constant dense<[{}]> : tensor<101xui8>", values.join(",")));
    let module = parse(&text).unwrap();
    assert!(print(&module).contains("dense<\"0x000102030405"));
    assert_eq!(parse(&print(&module)).unwrap(), module);
    let OpKind::Constant(literal) = &module.funcs[0].ops[0].kind else { panic!() };
    assert_eq!(literal.data, corex_hlo::LiteralData::Dense((0..101).collect()));
}
