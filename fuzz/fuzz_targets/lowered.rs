//! Any bytes are an error, or the encoding of a lowered program; and any bytes are an error, or an operator whose
//! elements are evaluated or refused, reading nothing that its operands do not have.

#![no_main]

use corex_engine::referee;
use corex_hlo::DType;
use corex_hlo::lower::{decode, decode_op, encode};

/// Longer chains take time and show nothing new.
const LONGEST: u64 = 200;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(program) = decode(bytes) {
        assert_eq!(encode(&program), bytes, "a program has one encoding");
    }
    let Ok((op, _)) = decode_op(bytes) else { return };
    let elements = op.results.first().map_or(0, |ty| ty.elements()) as u64;
    for index in [0, elements / 2, elements.saturating_sub(1), elements] {
        let mut salt = bytes.len() as u64;
        let mut fetch = |operand: u32, element: u64| {
            let ty = &op.operands[operand as usize].ty;
            assert!(element < ty.elements() as u64, "an access is within its tensor");
            salt = salt.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(element);
            let word = salt >> (64 - 8 * ty.dtype.size());
            Some(if ty.dtype == DType::I1 { word & 1 } else { word })
        };
        if referee::chain_length(&op, index).is_ok_and(|length| length < LONGEST) {
            _ = referee::evaluate_element(&op, index, &mut fetch);
            _ = referee::evaluate_element(&op, index, &mut |_, _| None);
        }
    }
});
