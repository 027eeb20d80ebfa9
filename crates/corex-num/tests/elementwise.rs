//! Every path gives the bits of the scalar functions, and the basic operations those of integer arithmetic.

mod common;
use common::{Rng, assert_bits, edges};
use corex_num::{
    Arg, BinaryFn, Isa, UnaryFn, binary, binary_in_place, convert, reference, scalar, unary, unary_in_place,
};

fn inputs(count: usize) -> Vec<f32> {
    let mut rng = Rng(7);
    let mut x = edges();
    x.extend((0..count).map(|i| if i % 2 == 0 { rng.any() } else { rng.unit() * 20.0 }));
    x
}

#[test]
fn unary_paths_agree_with_the_scalar_functions() {
    let x = inputs(20_000);
    let mut y = vec![0.0; x.len()];
    for f in UnaryFn::ALL {
        let expect: Vec<f32> = x.iter().map(|&v| f.scalar()(v)).collect();
        for isa in Isa::available() {
            unary(isa, f, &x, &mut y);
            assert_bits(&|i| format!("{f:?}({}) on {isa}", x[i]), &y, &expect);
            y.copy_from_slice(&x);
            unary_in_place(isa, f, &mut y);
            assert_bits(&|i| format!("{f:?}({}) in place on {isa}", x[i]), &y, &expect);
        }
    }
}

/// Where many in a row have the exponential +0, none is computed: each place of such a row is another number once.
#[test]
fn exponentials_of_what_is_far_below_are_zero_but_for_others() {
    const N: usize = 150;
    let others = [0.0, -87.0, f32::from_bits((-87f32).to_bits() - 1), f32::NAN, f32::INFINITY];
    for isa in Isa::available() {
        for at in 0..N {
            for other in others {
                let mut x = [-100.0; N];
                x[at] = other;
                x[N - 1 - at] = f32::NEG_INFINITY;
                let mut y = [1.0; N];
                unary(isa, UnaryFn::Exp, &x, &mut y);
                assert_bits(&|i| format!("{other} at {at} on {isa}, element {i}"), &y, &x.map(scalar::exp));
            }
        }
    }
}

#[test]
fn binary_paths_agree_with_the_scalar_functions() {
    let mut rng = Rng(8);
    let edges = edges();
    let (mut a, mut b) = (vec![], vec![]);
    for &p in edges.iter().step_by(2) {
        for &q in edges.iter().step_by(3) {
            a.push(p);
            b.push(q);
        }
    }
    for _ in 0..20_000 {
        a.push(rng.wild());
        b.push(rng.wild());
    }
    let mut y = vec![0.0; a.len()];
    for f in BinaryFn::ALL {
        let g = f.scalar();
        let expect: Vec<f32> = a.iter().zip(&b).map(|(&p, &q)| g(p, q)).collect();
        for isa in Isa::available() {
            binary(isa, f, Arg::Slice(&a), Arg::Slice(&b), &mut y);
            assert_bits(&|i| format!("{f:?}({}, {}) on {isa}", a[i], b[i]), &y, &expect);
            y.copy_from_slice(&a);
            binary_in_place(isa, f, &mut y, Arg::Slice(&b));
            assert_bits(&|i| format!("{f:?}({}, {}) in place on {isa}", a[i], b[i]), &y, &expect);
            for s in [0.75, -0.0, f32::NAN] {
                binary(isa, f, Arg::Slice(&a), Arg::Scalar(s), &mut y);
                assert_bits(
                    &|i| format!("{f:?}({}, {s})", a[i]),
                    &y,
                    &a.iter().map(|&p| g(p, s)).collect::<Vec<_>>(),
                );
                binary(isa, f, Arg::Scalar(s), Arg::Slice(&b), &mut y);
                assert_bits(
                    &|i| format!("{f:?}({s}, {})", b[i]),
                    &y,
                    &b.iter().map(|&q| g(s, q)).collect::<Vec<_>>(),
                );
            }
        }
    }
}

#[test]
fn basic_operations_equal_integer_arithmetic() {
    let mut rng = Rng(9);
    let edges = edges();
    let check = |a: f32, b: f32, c: f32| {
        let pairs = [
            ("fma", scalar::fma(a, b, c), reference::fma(a, b, c)),
            ("add", scalar::add(a, b), reference::add(a, b)),
            ("subtract", scalar::subtract(a, b), reference::subtract(a, b)),
            ("multiply", scalar::multiply(a, b), reference::multiply(a, b)),
            ("divide", scalar::divide(a, b), reference::divide(a, b)),
            ("sqrt", scalar::sqrt(a), reference::sqrt(a)),
            ("mul_add", scalar::canonical(a.mul_add(b, c)), reference::fma(a, b, c)),
        ];
        for (name, got, expect) in pairs {
            assert!(
                got.to_bits() == expect.to_bits(),
                "{name}({a:e}, {b:e}, {c:e}): {:08x} is not {:08x}",
                got.to_bits(),
                expect.to_bits()
            );
        }
    };
    for &a in &edges {
        for &b in &edges {
            check(a, b, edges[rng.below(edges.len())]);
        }
    }
    for _ in 0..200_000 {
        let (a, b) = (rng.wild(), rng.wild());
        // An addend near the product makes cancellation and ties.
        let c = match rng.below(3) {
            0 => rng.wild(),
            1 => -a * b,
            _ => -a * b * (1.0 + rng.unit() * 1e-6),
        };
        check(a, b, c);
    }
}

#[test]
fn remainder_power_and_rounding_know_the_special_cases() {
    let nan = f32::NAN;
    let inf = f32::INFINITY;
    let cases = [
        (0.0, 0.0, 1.0),
        (nan, 0.0, 1.0),
        (1.0, nan, 1.0),
        (nan, 1.0, nan),
        (0.0, -3.0, inf),
        (-0.0, -3.0, -inf),
        (-0.0, -2.0, inf),
        (-0.0, 3.0, -0.0),
        (-0.0, 2.5, 0.0),
        (-1.0, inf, 1.0),
        (-1.0, -inf, 1.0),
        (0.5, -inf, inf),
        (-0.5, inf, 0.0),
        (2.0, inf, inf),
        (-2.0, -inf, 0.0),
        (-inf, 3.0, -inf),
        (-inf, -3.0, -0.0),
        (-inf, 2.0, inf),
        (inf, -0.5, 0.0),
        (-8.0, 1.0 / 3.0, nan),
        (-2.0, 3.0, -8.0),
        (3.0, 2.0, 9.0),
        (10.0, -1.0, 0.1),
        (2.0, 0.5, std::f32::consts::SQRT_2),
        (2.0, -149.0, f32::from_bits(1)),
        (2.0, -151.0, 0.0),
        (2.0, 128.0, inf),
        (f32::MAX, f32::MAX, inf),
        (f32::from_bits(1), 2.0, 0.0),
        (-1.0, 16_777_216.0, 1.0),
        (-1.0, 16_777_215.0, -1.0),
    ];
    for (x, y, expect) in cases {
        let got = scalar::power(x, y);
        assert!(
            got.to_bits() == scalar::canonical(expect).to_bits(),
            "power({x}, {y}) = {got}, not {expect}"
        );
    }
    let mut rng = Rng(3);
    for _ in 0..50_000 {
        let (a, b) = (rng.any(), rng.any());
        // Rust's % is C's fmod, exact by definition.
        assert_eq!(scalar::remainder(a, b).to_bits(), scalar::canonical(a % b).to_bits(), "{a:e} rem {b:e}");
        assert_eq!(scalar::floor(a).to_bits(), scalar::canonical(a.floor()).to_bits(), "floor({a:e})");
        assert_eq!(scalar::ceil(a).to_bits(), scalar::canonical(a.ceil()).to_bits(), "ceil({a:e})");
    }
    for x in [-0.5f32, 0.5, -0.0, 0.0, -1.5, 1.5, 8_388_607.5, -8_388_607.5] {
        assert_eq!(scalar::floor(x).to_bits(), x.floor().to_bits());
        assert_eq!(scalar::ceil(x).to_bits(), x.ceil().to_bits());
    }
    assert_eq!(scalar::max(-0.0, 0.0).to_bits(), 0);
    assert_eq!(scalar::min(0.0, -0.0).to_bits(), 0x8000_0000);
    assert_eq!(scalar::max(1.0, nan).to_bits(), 0x7FC0_0000);
    assert_eq!(scalar::sign(-0.0).to_bits(), 0x8000_0000);
}

#[test]
fn functions_know_the_special_cases() {
    use scalar::*;
    use std::f32::consts::{FRAC_PI_2, FRAC_PI_4, PI};
    let (nan, inf) = (f32::NAN, f32::INFINITY);
    let tiny = f32::from_bits(1);
    let cases: &[(&str, f32, f32)] = &[
        ("round_nearest_even 0.5", round_nearest_even(0.5), 0.0),
        ("round_nearest_even -0.5", round_nearest_even(-0.5), -0.0),
        ("round_nearest_even 2.5", round_nearest_even(2.5), 2.0),
        ("round_nearest_even -3.5", round_nearest_even(-3.5), -4.0),
        ("round_nearest_even 2^23 - 0.5", round_nearest_even(8_388_607.5), 8_388_608.0),
        ("round_nearest_afz 0.5", round_nearest_afz(0.5), 1.0),
        ("round_nearest_afz just below 0.5", round_nearest_afz(0.499_999_97), 0.0),
        ("round_nearest_afz -0.2", round_nearest_afz(-0.2), -0.0),
        ("round_nearest_afz -2.5", round_nearest_afz(-2.5), -3.0),
        ("cbrt -0", cbrt(-0.0), -0.0),
        ("cbrt -27", cbrt(-27.0), -3.0),
        ("cbrt least", cbrt(tiny), 1.119_034_7e-15),
        ("cbrt -inf", cbrt(-inf), -inf),
        ("expm1 -0", expm1(-0.0), -0.0),
        ("expm1 least", expm1(tiny), tiny),
        ("expm1 -inf", expm1(-inf), -1.0),
        ("expm1 100", expm1(100.0), inf),
        ("log1p -0", log1p(-0.0), -0.0),
        ("log1p least", log1p(-tiny), -tiny),
        ("log1p -1", log1p(-1.0), -inf),
        ("log1p below -1", log1p(-1.000_000_1), nan),
        ("log1p inf", log1p(inf), inf),
        ("tan -0", tan(-0.0), -0.0),
        ("tan inf", tan(inf), nan),
        ("erfc -inf", erfc(-inf), 2.0),
        ("erfc inf", erfc(inf), 0.0),
        ("erfc 0", erfc(-0.0), 1.0),
        ("erf_inv 1", erf_inv(1.0), inf),
        ("erf_inv -1", erf_inv(-1.0), -inf),
        ("erf_inv beyond", erf_inv(1.000_000_1), nan),
        ("erf_inv -0", erf_inv(-0.0), -0.0),
        ("asin 1", asin(1.0), FRAC_PI_2),
        ("asin -0", asin(-0.0), -0.0),
        ("asin beyond", asin(-1.000_000_1), nan),
        ("acos 1", acos(1.0), 0.0),
        ("acos -1", acos(-1.0), PI),
        ("acos 0", acos(-0.0), FRAC_PI_2),
        ("atan -inf", atan(-inf), -FRAC_PI_2),
        ("atan -0", atan(-0.0), -0.0),
        ("atan2 0 0", atan2(0.0, 0.0), 0.0),
        ("atan2 -0 0", atan2(-0.0, 0.0), -0.0),
        ("atan2 0 -0", atan2(0.0, -0.0), PI),
        ("atan2 -0 -1", atan2(-0.0, -1.0), -PI),
        ("atan2 1 0", atan2(1.0, -0.0), FRAC_PI_2),
        ("atan2 inf inf", atan2(inf, inf), FRAC_PI_4),
        ("atan2 -inf -inf", atan2(-inf, -inf), -3.0 * FRAC_PI_4),
        ("atan2 1 inf", atan2(1.0, inf), 0.0),
        ("atan2 -1 -inf", atan2(-1.0, -inf), -PI),
        ("atan2 inf 1", atan2(inf, -1.0), FRAC_PI_2),
        ("atan2 nan", atan2(nan, 1.0), nan),
        ("atan2 nan", atan2(1.0, -nan), nan),
        ("sinh -inf", sinh(-inf), -inf),
        ("sinh 89.4", sinh(89.4), 3.348_862_7e38),
        ("cosh -inf", cosh(-inf), inf),
        ("cosh 0", cosh(-0.0), 1.0),
        ("asinh -inf", asinh(-inf), -inf),
        ("asinh -0", asinh(-0.0), -0.0),
        ("acosh 1", acosh(1.0), 0.0),
        ("acosh below 1", acosh(0.999_999_94), nan),
        ("acosh inf", acosh(inf), inf),
        ("acosh -inf", acosh(-inf), nan),
        ("atanh -1", atanh(-1.0), -inf),
        ("atanh beyond", atanh(2.0), nan),
        ("atanh -0", atanh(-0.0), -0.0),
    ];
    for (name, got, expect) in cases {
        let near = got.to_bits().abs_diff(canonical(*expect).to_bits());
        // Values written in decimal may be off by the function's own error; special ones may not.
        let special = !expect.is_normal() || expect.fract() == 0.0;
        assert!(near <= if special { 0 } else { 1 }, "{name} = {got:e}, not {expect:e}");
    }
}

#[test]
fn reduced_precision_is_that_of_the_narrower_format() {
    use convert::{Format, f16_to_f32, f32_to_f16, reduce_precision};
    let mut rng = Rng(4);
    let values =
        edges().into_iter().chain((0..100_000).map(|i| if i % 2 == 0 { rng.any() } else { rng.wild() }));
    for x in values {
        let to = |format| f32::from_bits(reduce_precision(Format::F32, x.to_bits(), format));
        assert_eq!(to(Format::F32).to_bits(), scalar::canonical(x).to_bits());
        let brain = convert::bf16_to_f32(convert::f32_to_bf16(x));
        assert_eq!(to(Format::BF16).to_bits(), brain.to_bits(), "{x:e} to bfloat16");
        // binary16 without its subnormal numbers.
        let half = f16_to_f32(f32_to_f16(x));
        let normal = |h: f32| if h.abs() < 6.103_515_6e-5 { 0f32.copysign(h) } else { h };
        // Just below 2^-14 rounding decides: the fraction is rounded before the exponent is looked at.
        if !(5e-5..6.2e-5).contains(&x.abs()) {
            assert_eq!(to(Format::F16).to_bits(), normal(half).to_bits(), "{x:e} to binary16");
        }
    }
    let narrow = |x: f32, exponent_bits, mantissa_bits| {
        f32::from_bits(reduce_precision(Format::F32, x.to_bits(), Format { exponent_bits, mantissa_bits }))
    };
    assert_eq!(narrow(1.75, 8, 0), 2.0);
    assert_eq!(narrow(1.5, 8, 0), 2.0);
    assert_eq!(narrow(2.5, 8, 1), 2.0);
    assert_eq!(narrow(-f32::NAN, 8, 0).to_bits(), f32::NEG_INFINITY.to_bits());
    assert_eq!(narrow(f32::NAN, 5, 1).to_bits(), 0x7FC0_0000);
    assert_eq!(
        (narrow(-240.0, 4, 3), narrow(-249.0, 4, 3), narrow(0.015, 4, 3)),
        (-240.0, f32::NEG_INFINITY, 0.0)
    );
    assert_eq!((narrow(3.0, 1, 0), narrow(1.0, 1, 0)), (f32::INFINITY, 0.0));
    // In a half's own format: 2^-24, the least subnormal, is kept while the exponent keeps its width.
    assert_eq!(reduce_precision(Format::F16, 1, Format { exponent_bits: 5, mantissa_bits: 10 }), 1);
    assert_eq!(reduce_precision(Format::F16, 1, Format { exponent_bits: 4, mantissa_bits: 10 }), 0);
    assert_eq!(reduce_precision(Format::F16, 0xFE01, Format { exponent_bits: 8, mantissa_bits: 7 }), 0x7E00);
}

#[test]
fn every_half_converts_exactly_and_back() {
    let value = |bits: u16, exponent_bits: u32, fraction_bits: u32| -> f64 {
        let fraction = f64::from(bits & ((1 << fraction_bits) - 1));
        let exponent = i32::from(bits >> fraction_bits) & ((1 << exponent_bits) - 1);
        let bias = (1 << (exponent_bits - 1)) - 1;
        let unit = 2f64.powi(exponent.max(1) - bias - fraction_bits as i32);
        let magnitude =
            if exponent == 0 { fraction } else { fraction + 2f64.powi(fraction_bits as i32) } * unit;
        if bits & 0x8000 != 0 { -magnitude } else { magnitude }
    };
    for bits in 0..=u16::MAX {
        let half = convert::f16_to_f32(bits);
        if bits & 0x7FFF <= 0x7C00 {
            assert!(half.is_infinite() || f64::from(half) == value(bits, 5, 10), "f16 {bits:04x}: {half}");
            assert_eq!(convert::f32_to_f16(half), bits);
        } else {
            assert_eq!((half.to_bits(), convert::f32_to_f16(half)), (0x7FC0_0000, 0x7E00));
        }
        let brain = convert::bf16_to_f32(bits);
        if bits & 0x7FFF <= 0x7F80 {
            assert!(brain.is_infinite() || f64::from(brain) == value(bits, 8, 7), "bf16 {bits:04x}: {brain}");
            assert_eq!(convert::f32_to_bf16(brain), bits);
        } else {
            assert_eq!((brain.to_bits(), convert::f32_to_bf16(brain)), (0x7FC0_0000, 0x7FC0));
        }
    }
}

#[test]
fn narrowing_rounds_to_the_nearest_half() {
    // Between neighbours h and h + 1: below the middle, the middle, above it.
    for bits in (0..0x7BFFu16).step_by(7).chain(0..64).chain(0x03F0..0x0410) {
        let (low, high) = (convert::f16_to_f32(bits), convert::f16_to_f32(bits + 1));
        let middle = (low + high) / 2.0;
        let even = bits + (bits & 1);
        assert_eq!(convert::f32_to_f16(middle), even, "middle above {bits:04x}");
        assert_eq!(convert::f32_to_f16(f32::from_bits(middle.to_bits() - 1)), bits);
        assert_eq!(convert::f32_to_f16(-f32::from_bits(middle.to_bits() + 1)), 0x8000 | (bits + 1));
    }
    for (x, expect) in [(65519.996, 0x7BFF), (65520.0, 0x7C00), (1e9, 0x7C00), (-1e9, 0xFC00), (1e-9, 0)] {
        assert_eq!(convert::f32_to_f16(x), expect, "{x}");
    }
    for bits in (0..0x7F7Fu16).step_by(11) {
        let middle = f32::from_bits(u32::from(bits) << 16 | 0x8000);
        assert_eq!(convert::f32_to_bf16(middle), bits + (bits & 1));
        assert_eq!(convert::f32_to_bf16(f32::from_bits(middle.to_bits() - 1)), bits);
        assert_eq!(convert::f32_to_bf16(f32::from_bits(middle.to_bits() + 1)), bits + 1);
    }
}

#[test]
fn slices_of_halves_convert_alike_on_every_path() {
    let halves: Vec<u16> = (0..=u16::MAX).collect();
    let floats = inputs(5_000);
    let mut y = vec![0.0; halves.len()];
    let mut h = vec![0; floats.len()];
    for isa in Isa::available() {
        convert::f16_slice_to_f32(isa, &halves, &mut y);
        assert_bits(
            &|i| format!("f16 {i:04x}"),
            &y,
            &halves.iter().map(|&b| convert::f16_to_f32(b)).collect::<Vec<_>>(),
        );
        convert::bf16_slice_to_f32(isa, &halves, &mut y);
        assert_bits(
            &|i| format!("bf16 {i:04x}"),
            &y,
            &halves.iter().map(|&b| convert::bf16_to_f32(b)).collect::<Vec<_>>(),
        );
        convert::f32_slice_to_f16(isa, &floats, &mut h);
        assert!(floats.iter().zip(&h).all(|(&x, &b)| convert::f32_to_f16(x) == b));
        convert::f32_slice_to_bf16(isa, &floats, &mut h);
        assert!(floats.iter().zip(&h).all(|(&x, &b)| convert::f32_to_bf16(x) == b));
    }
}

#[test]
fn float_to_integer_saturates() {
    use convert::{FromF32, ToF32};
    assert_eq!((i8::from_f32(-129.5), i8::from_f32(127.9), u8::from_f32(-0.9)), (-128, 127, 0));
    assert_eq!(
        (i32::from_f32(2e9), i32::from_f32(-3e9), i32::from_f32(f32::NAN)),
        (2_000_000_000, i32::MIN, 0)
    );
    assert_eq!((u64::from_f32(f32::INFINITY), i64::from_f32(f32::NEG_INFINITY)), (u64::MAX, i64::MIN));
    assert_eq!((16_777_217i32.to_f32(), 16_777_219u64.to_f32()), (16_777_216.0, 16_777_220.0));
    assert!(convert::f32_to_bool(f32::NAN) && !convert::f32_to_bool(-0.0));
}
