//! Chains side by side: every path gives the law's contraction, lane by lane.

mod common;
use common::{Rng, assert_bits};
use corex_num::{Isa, LaneRows, MOST_LANES, end_lanes, multiply_lanes, reference};

#[test]
fn lanes_equal_the_reference() {
    let mut rng = Rng(5);
    for lanes in [1, 2, 7, 8, 15, 16, 31, 33, 47, MOST_LANES] {
        for [outer, inner] in [[0, 3], [1, 1], [3, 5], [7, 1]] {
            let stride = lanes + 3;
            let mut numbers = |edges: bool| -> Vec<f32> {
                let number = |rng: &mut Rng| if edges && rng.below(9) == 0 { rng.edge() } else { rng.unit() };
                (0..(outer * inner + 1) * stride).map(|_| number(&mut rng)).collect()
            };
            for edges in [false, true] {
                let (a, b) = (numbers(edges), numbers(edges));
                // `a` walks its rows backwards in the outer steps.
                let a_row = |o: usize, i: usize| ((outer - 1 - o) * inner + i) * stride;
                let b_row = |o: usize, i: usize| (o * inner + i) * stride;
                let expect: Vec<f32> = (0..lanes)
                    .map(|lane| {
                        let steps = (0..outer).flat_map(|o| (0..inner).map(move |i| (o, i)));
                        let pairs = steps.map(|(o, i)| (a[a_row(o, i) + lane], b[b_row(o, i) + lane]));
                        reference::dot(pairs)
                    })
                    .collect();
                let stride = stride as isize;
                let step = inner as isize * stride;
                let last = outer.saturating_sub(1) * inner * stride as usize;
                let rows = |data: &[f32], outer_stride| LaneRows {
                    data: data.as_ptr(),
                    outer_stride,
                    inner_stride: stride,
                };
                for isa in Isa::available() {
                    let mut acc = vec![0.0; lanes];
                    let (a, b) = (rows(&a[last..], -step), rows(&b, step));
                    // SAFETY: the rows visited are those made above.
                    unsafe { multiply_lanes(isa, &mut acc, [outer, inner], a, b) }
                    end_lanes(&mut acc);
                    let what =
                        |lane: usize| format!("lane {lane} of {lanes}, {outer} x {inner} steps on {isa}");
                    assert_bits(&what, &acc, &expect);
                }
            }
        }
    }
}
