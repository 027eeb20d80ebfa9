//! Any text between `dense<` and `>` is an error, or a constant whose elements survive printing.
//!
//! The first two bytes choose the type: element type and shape.

#![no_main]

use corex_hlo::{LiteralData, OpKind, parse, print};

const TYPES: [&str; 12] =
    ["i1", "i8", "i16", "i32", "i64", "ui8", "ui16", "ui32", "ui64", "f16", "bf16", "f32"];
const SHAPES: [&str; 6] = ["", "0x", "1x", "3x", "2x2x", "1x0x2x"];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let [ty, shape, text @ ..] = input else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let ty = TYPES[usize::from(*ty) % TYPES.len()];
    let shape = SHAPES[usize::from(*shape) % SHAPES.len()];
    let text = format!("func.func @main() {{ %0 = stablehlo.constant dense<{text}> : tensor<{shape}{ty}> return }}");
    let Ok(module) = parse(&text) else { return };
    for op in module.funcs.iter().flat_map(|func| &func.ops) {
        if let OpKind::Constant(literal) = &op.kind {
            let (elements, bytes) = match &literal.data {
                LiteralData::Splat(bytes) => (1, bytes),
                LiteralData::Dense(bytes) => (literal.ty.elements(), bytes),
            };
            assert_eq!(bytes.len(), elements * literal.ty.dtype.size(), "bytes of all elements");
        }
    }
    assert_eq!(parse(&print(&module)).as_ref(), Ok(&module), "printed text reads as the same module");
});
