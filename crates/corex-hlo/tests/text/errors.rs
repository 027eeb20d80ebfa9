//! What is outside the subset is refused by name, with its place.

use corex_hlo::{HloError, MAX_CALL_DEPTH, parse};

use crate::operators::error;

/// The operation is refused with a message that contains this.
fn refused(op: &str, message: &str) {
    let got = error(op);
    assert!(got.contains(message), "{op}\n  expected: {message}\n  got: {got}");
}

#[test]
fn operations_and_attributes() {
    refused(
        "%r = stablehlo.cholesky %x : tensor<4x6xf32>",
        "`stablehlo.cholesky` is not supported; supported: chlo.acos, chlo.acosh, chlo.asin",
    );
    refused("%r:2 = stablehlo.while(%a = %x) : tensor<4x6xf32>", "expected `cond`");
    refused(
        "%r = stablehlo.abs %x {mode = 3 : i32} : tensor<4x6xf32>",
        "attribute `mode` of stablehlo.abs is not supported",
    );
    refused(
        "%r = stablehlo.compare LT, %i, %i, TOTALORDER : (tensor<4x6xi32>, tensor<4x6xi32>) -> tensor<4x6xi1>",
        "comparison type TOTALORDER",
    );
    refused(
        "%r = stablehlo.compare XX, %x, %x : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x6xi1>",
        "none of EQ",
    );
    refused(
        "%r = stablehlo.transpose %x : (tensor<4x6xf32>) -> tensor<6x4xf32>",
        "needs attribute `permutation`",
    );
    refused(
        "%r = stablehlo.transpose %x, dims = [-1, 0] : (tensor<4x6xf32>) -> tensor<6x4xf32>",
        "negative -1",
    );
    refused(
        "%r = \"stablehlo.reduce\"(%x, %s) <{dimensions = array<i64: 0>}> : (tensor<4x6xf32>, tensor<f32>) -> tensor<6xf32>",
        "needs a body",
    );
    refused(
        "%r = stablehlo.reduce(%x init: %s) applies stablehlo.abs across dimensions = [0] : (tensor<4x6xf32>, tensor<f32>) -> tensor<6xf32>",
        "`applies stablehlo.abs` is not supported; supported: stablehlo.add",
    );
    refused(
        "%r = \"stablehlo.gather\"(%x, %ix) <{dimension_numbers = #stablehlo.gather<offset_dim = [1]>, slice_sizes = array<i64: 1, 6>}> : (tensor<4x6xf32>, tensor<3x1xi32>) -> tensor<3x6xf32>",
        "dimension numbers `offset_dim`",
    );
}

#[test]
fn what_is_read_as_other_operations() {
    let custom = |target: &str, to: &str| {
        format!(
            "%r = stablehlo.custom_call @{target}(%x) {{backend_config = \"\"}} : (tensor<4x6xf32>) -> {to}"
        )
    };
    refused(
        &custom("lapack_spotrf_ffi", "tensor<4x6xf32>"),
        "custom call of `lapack_spotrf_ffi` is not supported",
    );
    refused(&custom("lapack_spotrf_ffi", "tensor<4x6xf32>"), "\nhint: write it with operations");
    refused(&custom("Sharding", "tensor<6x4xf32>"), "must return the types it takes");
    refused(
        "%r = sdy.sharding_constraint %x <@mesh, [{}]> : (tensor<4x6xf32>) -> tensor<4xf32>",
        "must return the types it takes",
    );
    refused(
        "%r = stablehlo.composite \"my.op\" %x {version = 1 : i32} : tensor<4x6xf32>",
        "needs a decomposition",
    );
    refused(
        "%r = stablehlo.composite \"chlo.erf\" %i {decomposition = @f} : (tensor<4x6xi32>) -> tensor<4x6xi32>",
        "chlo.erf of (tensor<4x6xi32>): takes floats",
    );
    refused(
        "%r = stablehlo.composite \"chlo.erf\" %x {decomposition = @f} : (tensor<4x6xf32>) -> tensor<4xf32>",
        "the result is a tensor<4x6xf32>, but the text says another type",
    );
    let rng = |algorithm: &str, to: &str| {
        format!(
            "%z = stablehlo.constant dense<0> : tensor<2xui64>
             %s2, %r = stablehlo.rng_bit_generator %z, algorithm = {algorithm} : (tensor<2xui64>) -> {to}"
        )
    };
    refused(&rng("FAST", "(tensor<2xui64>, tensor<5xui32>)"), "THREE_FRY, PHILOX or DEFAULT");
    refused(&rng("DEFAULT", "(tensor<2xui64>, tensor<5xf32>)"), "random bits are integers, not f32");
    refused(&rng("DEFAULT", "(tensor<2xui32>, tensor<5xui32>)"), "returns a state of the type it takes");
    refused(
        "%s2, %r = stablehlo.rng_bit_generator %i, algorithm = PHILOX : (tensor<4x6xi32>) -> (tensor<4x6xi32>, tensor<5xui32>)",
        "the state must be a tensor<2xui64>",
    );
    let dot = |algorithm: &str, to: &str| {
        format!(
            "%r = stablehlo.dot_general %x, %x, contracting_dims = [1] x [1], algorithm = <{algorithm}> : (tensor<4x6xf32>, tensor<4x6xf32>) -> tensor<4x4x{to}>"
        )
    };
    refused(&dot("lhs_precision_type = f64, accumulation_type = f64", "f32"), "a dot algorithm with f64");
    refused(&dot("lhs_precision_type = tf32", "bf16"), "the result is a tensor<4x4xf32>");
    refused("%r = stablehlo.real %x : tensor<4x6xf32>", "\nhint: complex numbers are not supported");
    refused("%r = stablehlo.reduce_precision %x, format = 5m10 : tensor<4x6xf32>", "expected a format");
    refused("%r = stablehlo.reduce_precision %x, format = e5x10 : tensor<4x6xf32>", "`e5x10` is no format");
    refused("%r = stablehlo.reduce_precision %x, format = e0m10 : tensor<4x6xf32>", "e0m10 is no format");
}

#[test]
fn types() {
    refused(
        "%r = stablehlo.abs %x : tensor<4x6xf64>",
        "element type `f64` is not supported; supported: i1, i8",
    );
    refused("%r = stablehlo.abs %x : tensor<4x6xf64>", "\nhint: export with jax_enable_x64 off");
    refused("%r = stablehlo.abs %x : tensor<complex<f32>>", "\nhint: compute with real and imaginary parts");
    refused("%r = stablehlo.abs %x : tensor<complex<f32>>", "element type `complex<f32` is not supported");
    refused("%r = stablehlo.abs %x : tensor<?x6xf32>", "dynamic dimension");
    refused(
        "%r = stablehlo.abs %x : tensor<4294967296x4294967296x1xf32>",
        "more bytes than can be addressed",
    );
    refused(
        "%r = stablehlo.abs %x : tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>",
        "more than 16 dimensions",
    );
    refused(
        "%r = stablehlo.abs %x : tensor<4x5xf32>",
        "%x is a tensor<4x6xf32>, but the text says tensor<4x5xf32>",
    );
    refused(
        "%r = stablehlo.reshape %x : (tensor<4x6xf32>) -> tensor<25xf32>",
        "stablehlo.reshape of (tensor<4x6xf32>)",
    );
    refused("%r = stablehlo.iota dim = 3 : tensor<4xf32>", "dimension 3");
    refused(
        "%r = stablehlo.transpose %x, dims = [1, 0] : (tensor<4x6xf32>) -> tensor<4x6xf32>",
        "the result is a tensor<6x4xf32>, but the text says tensor<4x6xf32>",
    );
    refused("%r = stablehlo.abs %x, %x : tensor<4x6xf32>", "takes 1 operand(s), got 2");
}

#[test]
fn constants() {
    let constant = |value: &str, ty: &str, message: &str| {
        refused(&format!("%r = stablehlo.constant dense<{value}> : tensor<{ty}>"), message);
    };
    constant("[1, 2]", "3xi32", "do not have the shape of a tensor<3xi32>");
    constant("[[1, 2], [3]]", "2x2xi32", "do not have the shape");
    constant("[[[1]]]", "1xi32", "do not have the shape");
    constant("[1, 2,]", "2xi32", "do not have the shape");
    constant("[1 2]", "2xi32", "`1 2` is not a constant");
    constant("256", "ui8", "`256` is not a constant of type ui8");
    constant("-1", "ui8", "`-1` is not a constant");
    constant("128", "i8", "`128` is not a constant");
    constant("inf", "f32", "`inf` is not a constant of type f32");
    constant("1e39", "f32", "`1e39` is not a constant");
    constant("65520.0", "f16", "`65520.0` is not a constant of type f16");
    constant("0x100000000", "f32", "is not a constant");
    constant("\"0x0000\"", "f32", "2 bytes do not fill a tensor<f32>");
    constant("\"0x0\"", "ui8", "pairs of hexadecimal digits");
    constant("\"00\"", "ui8", "must start with 0x");
    constant("", "2xf32", "no elements");
    constant("(1.0, 2.0)", "f32", "is not a constant of type f32");
}

#[test]
fn names_and_syntax() {
    refused("%r = stablehlo.abs %y : tensor<4x6xf32>", "%y is not defined here");
    refused("%x = stablehlo.abs %x : tensor<4x6xf32>", "%x is defined twice");
    refused("%r:2 = stablehlo.abs %x : tensor<4x6xf32>", "2 name(s) for 1 result(s)");
    refused("%r#1 = stablehlo.abs %x : tensor<4x6xf32>", "names one result of several");
    refused("%r = stablehlo.abs %x#1 : tensor<4x6xf32>", "%x#1 is not defined here");
    refused("%r = stablehlo.abs %x :", "expected a tensor type");
    refused("%r = stablehlo.abs é", "does not belong to StableHLO text");
    refused("%r = stablehlo.abs %x : tensor<4x6xf32> loc(((", "never closed");
    refused("\"", "this string does not end");
}

#[test]
fn errors_say_where() {
    let text = "// é\nfunc.func @main() {\n  /* */";
    let Err(HloError::Parse { line, column, .. }) = parse(text) else { panic!() };
    assert_eq!((line, column), (3, 3));
    let text = "func.func @main() { return } é";
    let Err(HloError::Parse { line, column, .. }) = parse(text) else { panic!() };
    assert_eq!((line, column), (1, 30));
}

/// The module is refused with a message that contains this.
fn module_refused(text: &str, message: &str) {
    let got = parse(text).unwrap_err().to_string();
    assert!(got.contains(message), "{text}\n  expected: {message}\n  got: {got}");
}

#[test]
fn module_rules() {
    module_refused("", "no public function");
    module_refused("module { } }", "expected the end of the text, found `}`");
    module_refused("func.func @a() { return } func.func @a() { return }", "function @a is defined twice");
    module_refused("func.func private @a() { return }", "no public function");
    module_refused("func.func @a() { call @a() : () -> () return }", "@a calls itself");
    module_refused("func.func @a() { call @b() : () -> () return }", "@b, which does not exist");
    module_refused(
        "func.func @a() { call @b() : () -> () return } func.func private @b() { call @a() : () -> () return }",
        "calls itself, directly or through others",
    );
    module_refused(
        "func.func @a() { %0 = call @b() : () -> tensor<f32> return } func.func private @b() { return }",
        "func.call in @a must have the result type(s) ",
    );
    module_refused(
        "func.func @a(%x: tensor<f32>) -> tensor<i32> { return %x : tensor<f32> }",
        "returns other types than it declares",
    );
    module_refused("func.func private @a(tensor<f32>)", "expected a value");
    module_refused("func.func @\"a b\"() { return }", "expected a symbol");
    module_refused("func.func @a(%x: tensor<99999999999xf32>) { return }", "larger than");
    module_refused("#map = affine_map<(d0) -> (d0)>", "no other attribute alias");
}

/// Each function calls the one before it twice: 2^n operations when inlined.
fn doubling(levels: usize) -> String {
    let mut text = "func.func @f0(%x: tensor<f32>) -> tensor<f32> { return %x : tensor<f32> }\n".to_owned();
    for i in 1..levels {
        let call = |r: &str, x: &str| format!("{r} = call @f{}({x}) : (tensor<f32>) -> tensor<f32> ", i - 1);
        text += &format!(
            "func.func @f{i}(%x: tensor<f32>) -> tensor<f32> {{ {}{}return %2 : tensor<f32> }}\n",
            call("%1", "%x"),
            call("%2", "%1")
        );
    }
    text
}

#[test]
fn calls_cannot_blow_up() {
    parse(&doubling(10)).unwrap();
    module_refused(&doubling(MAX_CALL_DEPTH), "operations and values with its calls inlined, the limit is");
}

#[test]
fn bytes_are_limited_after_inlining() {
    // 60 GiB a value.
    let value = "tensor<16106127360xf32>";
    let text = |n: usize| {
        let ops: String = (0..n).map(|i| format!("%{i} = stablehlo.iota dim = 0 : {value}\n")).collect();
        format!("func.func @main() {{\n{ops}return\n}}")
    };
    parse(&text(100)).unwrap();
    module_refused(&text(300), "bytes of values with its calls inlined");
}
