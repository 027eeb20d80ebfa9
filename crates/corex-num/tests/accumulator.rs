//! Steps of the accumulator machine compute what the scalar functions do, on every path, wherever a block ends.

mod common;
use common::{Rng, assert_bits, edges};
use corex_num::accumulator::{BLOCK, Operand, Slot, Step, accumulate};
use corex_num::{Isa, scalar};

const X: Slot = 0;
const Y: Slot = 1;
const SEEN: Slot = 2;
const OUT: Slot = 3;
/// A block that is there once, for all blocks.
const SAME: Slot = 4;
/// One number.
const ONE: Slot = 5;

/// Runs steps that read and write these operands; returns what they stored to `OUT`.
fn run(
    isa: Isa,
    steps: &[Step],
    [x, y]: [&[f32]; 2],
    seen: &[u8],
    same: &mut [f32; BLOCK],
    one: f32,
) -> Vec<f32> {
    assert!(x.len() == y.len() && x.len() == seen.len());
    let mut out = vec![f32::NAN; x.len()];
    let ones = [one; BLOCK];
    let moving =
        |at: *const f32| Operand { at: at.cast_mut().cast(), step: BLOCK * size_of::<f32>(), is_one: false };
    let staying = |at: *const f32, is_one| Operand { at: at.cast_mut().cast(), step: 0, is_one };
    let operands = [
        moving(x.as_ptr()),
        moving(y.as_ptr()),
        Operand { at: seen.as_ptr().cast_mut(), step: BLOCK, is_one: false },
        moving(out.as_mut_ptr()),
        staying(same.as_mut_ptr(), false),
        staying(ones.as_ptr(), true),
    ];
    // SAFETY: all have as many elements or a block; only `out` and `same` are stored to.
    unsafe { accumulate(isa, steps, &operands, &[X, OUT], x.len()) };
    out
}

/// A step on the accumulator, which has `x`, and an operand; and what it must give.
type Case = (fn(Slot) -> Step, fn(f32, f32, u8) -> f32);

const LIMIT: f32 = 1.5;
const CASES: [Case; 16] = [
    (Step::Load, |_, y, _| y),
    (Step::Add, |x, y, _| x + y),
    (Step::Subtract, |x, y, _| x - y),
    (Step::SubtractFrom, |x, y, _| y - x),
    (Step::Multiply, |x, y, _| x * y),
    (Step::Divide, |x, y, _| x / y),
    (Step::DivideInto, |x, y, _| y / x),
    (Step::Max, |x, y, _| scalar::max(x, y)),
    (Step::Min, |x, y, _| scalar::min(x, y)),
    (|_| Step::Negate, |x, _, _| scalar::negate(x)),
    (|_| Step::Abs, |x, _, _| scalar::abs(x)),
    (|_| Step::Sqrt, |x, _, _| scalar::sqrt(x)),
    (|_| Step::Rsqrt, |x, _, _| scalar::rsqrt(x)),
    (|other| Step::Small { limit: SAME, other }, |x, y, _| if x.abs() < LIMIT { y } else { x }),
    (|other| Step::Keep { seen: SEEN, other }, |x, y, seen| if seen == 1 { x } else { y }),
    (|other| Step::Replace { seen: SEEN, other }, |x, y, seen| if seen == 1 { y } else { x }),
];

/// All pairs of edge values and some random numbers, with predicates that change all the time.
fn inputs() -> (Vec<f32>, Vec<f32>, Vec<u8>) {
    let (edges, mut rng) = (edges(), Rng(11));
    let pairs = edges.iter().flat_map(|x| edges.iter().map(move |y| (*x, *y)));
    let random = (0..3 * BLOCK).map(|_| (rng.unit() * 4.0 - 2.0, rng.any()));
    let (x, y): (Vec<f32>, Vec<f32>) = pairs.chain(random).unzip();
    let seen = (0..x.len()).map(|i| [1, 0, 0, 1, 1][i % 5]).collect();
    (x, y, seen)
}

#[test]
fn every_step_gives_the_bits_of_its_scalar_function() {
    let (x, y, seen) = inputs();
    for (step, f) in CASES {
        let expected = |y: &dyn Fn(usize) -> f32| -> Vec<f32> {
            (0..x.len()).map(|i| scalar::canonical(f(x[i], y(i), seen[i]))).collect()
        };
        for isa in Isa::available() {
            let got = |operand: Slot, one: f32| {
                let steps = [Step::Load(X), step(operand), Step::Canonical, Step::Store(OUT)];
                run(isa, &steps, [&x, &y], &seen, &mut [LIMIT; BLOCK], one)
            };
            let name = step(Y);
            let context = |i: usize| format!("{name:?} of {} and {} on {isa}", x[i], y[i]);
            assert_bits(&context, &got(Y, 0.0), &expected(&|i| y[i]));
            for one in [0.0, -0.0, 3.0, f32::NAN, f32::NEG_INFINITY, 1e-40] {
                let context = |i: usize| format!("{name:?} of {} and always {one} on {isa}", x[i]);
                assert_bits(&context, &got(ONE, one), &expected(&|_| one));
            }
        }
    }
}

/// Extrema say canonical NaN themselves, and what only moves bits keeps those of NaN.
#[test]
fn nan_is_canonical_or_untouched_without_being_made_so() {
    const N: usize = BLOCK + 17;
    let odd = f32::from_bits(0xFFA1_2345);
    for isa in Isa::available() {
        for (step, expected) in [
            (Step::Max(Y), scalar::NAN),
            (Step::Min(Y), scalar::NAN),
            (Step::Small { limit: SAME, other: Y }, odd),
            (Step::Small { limit: ONE, other: Y }, odd),
            (Step::Keep { seen: SEEN, other: Y }, odd),
            (Step::Replace { seen: SEEN, other: X }, odd),
        ] {
            let steps = [Step::Load(X), step, Step::Store(OUT)];
            let got = run(isa, &steps, [&[odd; N], &[1.0; N]], &[1; N], &mut [LIMIT; BLOCK], LIMIT);
            assert_bits(&|i| format!("{step:?} on {isa}, element {i}"), &got, &[expected; N]);
        }
    }
}

/// Blocks, vectors and single elements, with a value that is put aside in a place that every block uses again.
#[test]
fn any_number_of_elements_is_computed_and_none_beyond() {
    let (x, y, seen) = inputs();
    let steps = [
        Step::Load(X),
        Step::Multiply(Y),
        Step::Store(SAME),
        Step::Abs,
        Step::Sqrt,
        Step::SubtractFrom(SAME),
        Step::Canonical,
        Step::Store(OUT),
    ];
    for isa in Isa::available() {
        for n in (0..40).chain([BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 23, 3 * BLOCK]) {
            let from = x.len() - n;
            let f = |x: f32, y: f32| scalar::canonical(x * y - (x * y).abs().sqrt());
            let expected: Vec<f32> = (from..x.len()).map(|i| f(x[i], y[i])).collect();
            let mut same = [7.0; BLOCK];
            let got = run(isa, &steps, [&x[from..], &y[from..]], &seen[from..], &mut same, 0.0);
            assert_bits(&|i| format!("element {i} of {n} on {isa}"), &got, &expected);
            let untouched = same[n.min(BLOCK)..].iter().all(|x| *x == 7.0);
            assert!(untouched, "{n} elements on {isa}: others were written");
        }
    }
}
