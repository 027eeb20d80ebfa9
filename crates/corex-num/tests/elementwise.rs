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
