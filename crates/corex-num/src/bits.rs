//! f32 as integers: taken apart exactly, put together with one rounding.

/// `|x| = significand * 2^exponent` for finite `x`; significand < 2^24, exponent from -149 to 104.
pub(crate) fn decompose(x: f32) -> (u32, i32) {
    let bits = x.to_bits();
    let fraction = bits & 0x007F_FFFF;
    match (bits >> 23 & 0xFF) as i32 {
        0 => (fraction, -149),
        biased => (fraction | 0x0080_0000, biased - 150),
    }
}

/// `significand * 2^exponent` rounded to nearest even: subnormals, zero and infinity included.
pub(crate) fn round(significand: u128, exponent: i32) -> f32 {
    if significand == 0 {
        return 0.0;
    }
    let top = exponent + 127 - significand.leading_zeros() as i32;
    if top > 127 {
        return f32::INFINITY;
    }
    // The weight of the result's last place: 24 bits below the top, but never below 2^-149.
    let last = (top - 23).max(-149);
    let drop = last - exponent;
    let quotient = if drop <= 0 {
        (significand << -drop) as u32
    } else if drop > 128 {
        0
    } else {
        // One more bit than a shift by 128 can drop: halve first.
        let kept = (significand >> (drop - 1)) >> 1;
        let half_bit = significand >> (drop - 1) & 1;
        let below = significand & ((1 << (drop - 1)) - 1);
        kept as u32 + u32::from(half_bit == 1 && (below != 0 || kept & 1 == 1))
    };
    // `quotient` is at most 2^24, where the carry into the exponent field is just what is wanted.
    let biased = (last + 149) as u32;
    f32::from_bits((biased << 23) + quotient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finite_numbers_survive_both_ways() {
        for bits in (0..0x7F80_0000u32).step_by(9973).chain([1, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF]) {
            let (significand, exponent) = decompose(f32::from_bits(bits));
            assert_eq!(round(u128::from(significand), exponent).to_bits(), bits);
        }
    }

    #[test]
    fn ties_go_to_even_and_ends_saturate() {
        assert_eq!(round((1 << 24) + 1, 0), 16_777_216.0);
        assert_eq!(round((1 << 24) + 3, 0), 16_777_220.0);
        assert_eq!(round(((1 << 24) + 1) << 40 | 1, -40), 16_777_218.0);
        assert_eq!(round(1, -150).to_bits(), 0);
        assert_eq!(round(3, -150).to_bits(), 2);
        assert_eq!(round(3, -151).to_bits(), 1);
        assert_eq!(round(u128::MAX, -280).to_bits(), 0);
        assert_eq!(round(u128::MAX, -277).to_bits(), 1);
        assert_eq!(round((1 << 25) - 1, 103), f32::INFINITY);
        assert_eq!(round((1 << 24) - 1, 104), f32::MAX);
    }
}
