//! Text from strangers: an error or a verified module, never a panic, and in linear time.

use corex_hlo::{HloError, canonical_text, parse, verify};
use proptest::prelude::*;

use crate::random::{Choices, random_module};

/// Reading ends, and what is read is verified and survives printing.
fn check(text: &str) {
    if let Ok(module) = parse(text) {
        verify(&module).unwrap();
        let canonical = canonical_text(&module);
        assert_eq!(canonical_text(&parse(&canonical).unwrap()), canonical);
    }
}

const SEEDS: [&str; 6] = [
    include_str!("../data/ops_pretty.mlir"),
    include_str!("../data/ops_generic.mlir"),
    include_str!("../data/jax/scan.mlir"),
    include_str!("../data/jax/switch.mlir"),
    include_str!("../data/jax/sort_float_keys.mlir"),
    include_str!("../data/jax/conv_grad.mlir"),
];

/// Words that matter to the parser.
const WORDS: [&str; 34] = [
    "%0",
    "%arg0",
    "%",
    "@main",
    "#loc",
    "^bb0",
    "\"",
    "\"0x00\"",
    "dense<",
    ">",
    "<",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    ",",
    "->",
    "=",
    "tensor<4x6xf32>",
    "tensor<0x-1xf32>",
    "99999999999999999999",
    "-1",
    "0x",
    "loc(",
    "array<i64: ",
    "stablehlo.reduce",
    "\"stablehlo.scatter\"",
    "return",
    "func.func",
    "é",
    "//",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn garbage(text in "\\PC{0,200}") {
        check(&text);
    }

    #[test]
    fn words_in_any_order(seed: u64) {
        let c = &mut Choices(seed);
        let words: Vec<_> = (0..c.below(60)).map(|_| WORDS[c.below(WORDS.len())]).collect();
        check(&format!("func.func @main(%0: tensor<4xf32>) {{ {} return }}", words.join(" ")));
    }

    /// A few lines of a JAX export, in the long and short forms, with a few places damaged.
    #[test]
    fn damaged_exports(seed: u64) {
        let c = &mut Choices(seed);
        let lines: Vec<&str> = SEEDS[c.below(SEEDS.len())].lines().collect();
        let from = c.below(lines.len() - 8);
        let head = "func.func @main(%arg0: tensor<4x6xf32>, %arg1: tensor<4x6xi32>, %arg6: tensor<3xi32>) {";
        let text = format!("{head}\n{}\nreturn }}", lines[from..from + 1 + c.below(8)].join("\n"));
        let places = 1 + c.below(4);
        check(&damaged(c, text, places));
    }

    /// A valid module with one place damaged: many of these are still modules.
    #[test]
    fn damaged_modules(seed: u64) {
        let c = &mut Choices(seed);
        let text = canonical_text(&random_module(seed));
        check(&damaged(c, text, 1));
    }
}

/// The text with this many places cut, doubled, overwritten by a word, or with a digit changed.
fn damaged(c: &mut Choices, mut text: String, places: usize) -> String {
    for _ in 0..places {
        let place = c.below(text.len() + 1);
        let boundary =
            |at: usize| (at..=text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len());
        let (from, to) = (boundary(place), boundary((place + c.below(30)).min(text.len())));
        match c.below(4) {
            0 => text.replace_range(from..to, ""),
            1 => text.replace_range(from..to, WORDS[c.below(WORDS.len())]),
            2 => {
                let doubled = text[from..to].to_owned();
                text.insert_str(from, &doubled);
            }
            _ => {
                let digit = text[from..].find(|b: char| b.is_ascii_digit()).map(|i| from + i);
                digit.into_iter().for_each(|i| text.replace_range(i..i + 1, &c.below(10).to_string()));
            }
        }
    }
    text
}

#[test]
fn deep_nesting_is_refused_without_recursion() {
    for open in ["(", "[", "{", "<", "loc(", "{a = [", "dense<[", "({"] {
        let text = format!("func.func @main() attributes {{x = {} }}", open.repeat(200_000));
        assert!(matches!(parse(&text), Err(HloError::Parse { .. })), "{open}");
    }
    let brackets = format!("dense<{}", "[".repeat(500_000));
    let text = format!("func.func @main() {{ %0 = stablehlo.constant {brackets}> : tensor<1xf32> return }}");
    assert!(matches!(parse(&text), Err(HloError::Parse { .. })));
}

/// A megabyte of each of these takes well under a second; quadratic time would be minutes.
#[test]
fn large_texts_take_linear_time() {
    let many = |item: &str| item.repeat((1 << 20) / item.len());
    let func = |body: &str| format!("func.func @main() {{\n{body}\nreturn }}");
    let numbers = vec!["1"; 400_000].join(", ");
    parse(&func(&format!("%0 = stablehlo.constant dense<[{numbers}]> : tensor<400000xi8>"))).unwrap();
    let dense: String =
        (0..15_000).map(|i| format!("%{i} = stablehlo.constant dense<1> : tensor<i32>\n")).collect();
    parse(&func(&dense)).unwrap();
    let funcs: String = (0..15_000).map(|i| format!("func.func @f{i}() {{ return }}\n")).collect();
    parse(&funcs).unwrap();
    parse(&format!("{}{}", many("// comment\n"), func(""))).unwrap();
    for item in ["%a, ", "\"", "dense<", "tensor<", "#l = loc(", "%0 = ", "0", "-", "{a = 1, "] {
        assert!(parse(&func(&many(item))).is_err(), "{item}");
    }
    let attributes = many("a = 1, ");
    assert!(parse(&func(&format!("%0 = stablehlo.iota {{{attributes}b}} dim = 0 : tensor<1xi8>"))).is_err());
    let names: String = (0..150_000).map(|i| format!("%{i}, ")).collect();
    assert!(parse(&func(&format!("{names}%x = stablehlo.iota dim = 0 : tensor<1xi8>"))).is_err());
}
