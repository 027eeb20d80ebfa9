//! Sums and extrema: every path and every way of feeding pieces gives the specified order's bits.

mod common;
use common::{Rng, assert_bits};
use corex_num::{Isa, LaneSum, add_rows, fold_max, fold_min, reference, scalar, sum_lanes};

#[test]
fn lane_sums_equal_the_reference() {
    let mut rng = Rng(1);
    for length in (0..200).chain([1000, 4097]) {
        let tame: Vec<f32> = (0..length).map(|_| rng.unit()).collect();
        let wild: Vec<f32> =
            (0..length).map(|_| rng.unit() * f32::from_bits((rng.below(200) as u32 + 20) << 23)).collect();
        let special: Vec<f32> = (0..length).map(|_| rng.edge()).collect();
        for x in [tame, wild, special] {
            let expect = reference::sum_lanes(&x).to_bits();
            for isa in Isa::available() {
                assert_eq!(sum_lanes(isa, &x).to_bits(), expect, "{length} elements on {isa}");
                let mut pieces = LaneSum::new();
                let mut rest = &x[..];
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at(1 + rng.below(rest.len().min(90)));
                    pieces.extend(isa, piece);
                    rest = after;
                }
                assert_eq!(pieces.total().to_bits(), expect, "{length} elements in pieces on {isa}");
            }
        }
    }
}

#[test]
fn column_sums_equal_the_reference() {
    let mut rng = Rng(2);
    for (rows, cols, stride) in
        [(0, 5, 5), (1, 1, 1), (7, 63, 70), (33, 64, 64), (20, 200, 201), (5, 0, 3), (9, 130, 130)]
    {
        let x: Vec<f32> =
            (0..rows * stride).map(|i| if i % 50 == 0 { rng.edge() } else { rng.unit() }).collect();
        let expect: Vec<f32> =
            (0..cols).map(|j| reference::sum_chain((0..rows).map(|i| x[i * stride + j]))).collect();
        for isa in Isa::available() {
            let mut acc = vec![0.0; cols];
            let (upper, lower) = (rows / 2, rows - rows / 2);
            add_rows(isa, upper, &x, stride, &mut acc);
            add_rows(isa, lower, &x[upper * stride..], stride, &mut acc);
            assert_bits(&|j| format!("column {j} of {rows}x{cols} on {isa}"), &acc, &expect);
        }
    }
}

#[test]
fn extrema_equal_a_fold_of_the_scalar_functions() {
    let mut rng = Rng(3);
    for length in [0, 1, 2, 15, 16, 17, 100, 1000] {
        for round in 0..4 {
            let x: Vec<f32> = (0..length)
                .map(|_| match round {
                    0 => rng.unit(),
                    1 => {
                        if rng.below(2) == 0 {
                            0.0
                        } else {
                            -0.0
                        }
                    }
                    2 => rng.any(),
                    _ => rng.edge(),
                })
                .collect();
            for isa in Isa::available() {
                for init in [f32::NEG_INFINITY, f32::INFINITY, -0.0, f32::NAN] {
                    let (high, low) = (
                        x.iter().copied().fold(scalar::canonical(init), scalar::max),
                        x.iter().copied().fold(scalar::canonical(init), scalar::min),
                    );
                    assert_eq!(fold_max(isa, init, &x).to_bits(), high.to_bits());
                    assert_eq!(fold_min(isa, init, &x).to_bits(), low.to_bits());
                }
            }
        }
    }
}
