//! Any text is an error or a verified module that survives printing and whose canonical form is a fixed point.

#![no_main]

use corex_hlo::{canonical_text, parse, print, verify};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(module) = parse(text) else { return };
    verify(&module).expect("what is read is verified");
    assert_eq!(parse(&print(&module)).as_ref(), Ok(&module), "printed text reads as the same module");
    let canonical = canonical_text(&module);
    let again = parse(&canonical).expect("canonical text can be read");
    assert_eq!(canonical_text(&again), canonical, "the canonical form is a fixed point");
});
