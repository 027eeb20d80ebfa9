//! The matrix product: every path, shape, layout and cut gives the bits of the reference chain.

mod common;
use common::{Rng, assert_bits};
use corex_num::{
    Epilogue, EpilogueOp, FLUSH_BELOW, GemmOptions, Isa, MatRef, Stretch, gemm, gemm_batch, gemm_raw,
    gemm_stretch, reference, scalar,
};

/// A matrix in one of four layouts: rows or columns contiguous, dense or with gaps.
struct Matrix {
    data: Vec<f32>,
    row_stride: usize,
    col_stride: usize,
}

impl Matrix {
    fn new(rows: usize, cols: usize, layout: usize, value: &mut dyn FnMut() -> f32) -> Self {
        let gap = if layout & 2 == 0 { 0 } else { 3 };
        let (row_stride, col_stride) = if layout & 1 == 0 { (cols + gap, 1) } else { (1, rows + gap) };
        let length = if rows * cols == 0 { 0 } else { (rows - 1) * row_stride + (cols - 1) * col_stride + 1 };
        Self { data: (0..length).map(|_| value()).collect(), row_stride, col_stride }
    }

    fn view(&self) -> MatRef<'_> {
        MatRef::new(&self.data, self.row_stride, self.col_stride)
    }

    fn at(&self, i: usize, j: usize) -> f32 {
        self.data[i * self.row_stride + j * self.col_stride]
    }
}

/// What is flushed, and what would bring it up to where it is seen.
const TINY: f32 = f32::from_bits(FLUSH_BELOW.to_bits() - 1);
const HUGE: f32 = f32::from_bits(0x7180_0000); // 2^100

fn expected(m: usize, n: usize, k: usize, a: &Matrix, b: &Matrix) -> Vec<f32> {
    let element = |i, j| reference::dot((0..k).map(|p| (a.at(i, p), b.at(p, j))));
    (0..m * n).map(|x| element(x / n, x % n)).collect()
}

fn check(m: usize, n: usize, k: usize, layouts: (usize, usize), value: &mut dyn FnMut() -> f32) {
    let a = Matrix::new(m, k, layouts.0, value);
    let b = Matrix::new(k, n, layouts.1, value);
    let expect = expected(m, n, k, &a, &b);
    for isa in Isa::available() {
        let mut c = vec![f32::NAN; m * n];
        gemm(isa, m, n, k, a.view(), b.view(), &mut c, n);
        assert_bits(&|x| format!("{m}x{n}x{k} {layouts:?} on {isa}, ({}, {})", x / n, x % n), &c, &expect);
    }
}

#[test]
fn all_small_shapes_and_layouts_equal_the_reference() {
    let mut rng = Rng(1);
    for m in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 17] {
        for n in [0, 1, 3, 8, 15, 16, 31, 33, 48, 50, 70, 130] {
            for k in [0, 1, 2, 7, 8, 19] {
                let layouts = (rng.below(4), rng.below(4));
                check(m, n, k, layouts, &mut || rng.unit());
            }
        }
    }
}

#[test]
fn random_shapes_equal_the_reference() {
    let mut rng = Rng(2);
    for round in 0..16 {
        let (m, n, k) = (rng.below(70), rng.below(130), rng.below(70));
        check(m, n, k, (round & 3, round >> 2), &mut || rng.unit());
    }
}

#[test]
fn wild_values_equal_the_reference() {
    let mut rng = Rng(3);
    for round in 0..64 {
        let (m, n, k) = (1 + rng.below(20), 1 + rng.below(60), rng.below(12));
        match round % 4 {
            0 => check(m, n, k, (rng.below(4), rng.below(4)), &mut || rng.wild()),
            1 => check(m, n, k, (rng.below(4), rng.below(4)), &mut || rng.any()),
            2 => check(m, n, k, (rng.below(4), rng.below(4)), &mut || rng.edge()),
            // Around the threshold, where partial sums can cancel to subnormals and to -0.
            _ => check(m, n, k, (rng.below(4), rng.below(4)), &mut || {
                let low = FLUSH_BELOW.to_bits() - 2 + rng.below(5) as u32;
                f32::from_bits(low | (rng.next() as u32) << 31)
            }),
        }
    }
}

#[test]
fn several_blocks_equal_the_reference() {
    let mut rng = Rng(4);
    // Longer than one stretch, taller than one block of rows.
    check(270, 49, 390, (0, 1), &mut || rng.unit());
    check(7, 17, 1200, (1, 0), &mut || rng.unit());
    check(19, 17, 500, (1, 0), &mut || rng.unit());
    // Long rows read where they are, in two stretches.
    check(14, 33, 530, (0, 0), &mut || rng.unit());
    // Wider than one block of columns.
    check(3, 3100, 5, (0, 0), &mut || rng.unit());
}

/// What the operands of a product with few rows are.
#[derive(Clone, Copy, Debug)]
enum Numbers {
    Ordinary,
    /// NaN and negative zeros here and there.
    Special,
    /// In this step many are to be flushed, and what they meet is so large that it would be seen in the sum.
    TinyInStep(usize),
    /// Some are to be flushed, all near the threshold.
    NearThreshold,
}

/// Few rows are read where they are, by cache lines, which the right operand may begin anywhere in.
#[test]
fn few_rows_equal_the_reference_wherever_lines_begin() {
    use Numbers::*;
    let mut rng = Rng(11);
    // Widths with and without a common place in a line; rows a period of the cache apart; near operands and far ones.
    for (n, k) in [(160, 21), (150, 20), (1024, 19), (400, 350)] {
        for m in [1, 2, 3, 4, 5, 8] {
            // One row has kernels that look at several steps at once.
            let tiny = (0..if m == 1 { 8 } else { 1 }).map(TinyInStep);
            for numbers in [Ordinary, Special, NearThreshold].into_iter().chain(tiny) {
                check_few_rows(m, n, k, numbers, false, &mut rng);
                check_few_rows(m, n, k, numbers, true, &mut rng);
            }
        }
    }
}

fn power_of_two(exponent: i32) -> f32 {
    f32::from_bits(((exponent + 127) as u32) << 23)
}

fn check_few_rows(m: usize, n: usize, k: usize, numbers: Numbers, transposed: bool, rng: &mut Rng) {
    let begin = rng.below(16);
    let mut left = |p: usize| match numbers {
        Numbers::TinyInStep(step) if p == step => rng.unit() * power_of_two(60),
        Numbers::NearThreshold => rng.unit() * power_of_two(58),
        _ => rng.unit(),
    };
    let a: Vec<f32> = (0..m * k).map(|x| left(x % k)).collect();
    let mut right = |p: usize| match numbers {
        Numbers::Special if rng.below(1000) == 0 => {
            [-0.0, f32::NAN, f32::from_bits(0x7F80_0001)][rng.below(3)]
        }
        Numbers::TinyInStep(step) if p == step && rng.below(4) == 0 => {
            f32::from_bits([0x2100_0000, 0x9FFF_FFFF, 0x1F80_0000, 1][rng.below(4)])
        }
        Numbers::NearThreshold => rng.unit() * power_of_two(-58),
        _ => rng.unit(),
    };
    let (row_stride, col_stride) = if transposed { (1, k) } else { (n, 1) };
    let step = |x: usize| if transposed { x % k } else { x / n };
    let mut data = vec![0.0; begin];
    data.extend((0..n * k).map(|x| right(step(x))));
    let b = MatRef::new(&data[begin..], row_stride, col_stride);
    let at = |p: usize, j: usize| b.data[p * row_stride + j * col_stride];
    let some = || (0..m * n).step_by(if n * k > 10_000 { 7 } else { 1 });
    let element = |x: usize| reference::dot((0..k).map(|p| (a[x / n * k + p], at(p, x % n))));
    let expect: Vec<f32> = some().map(element).collect();
    for isa in Isa::available() {
        let mut c = vec![f32::NAN; m * n];
        gemm(isa, m, n, k, MatRef::row_major(&a, k), b, &mut c, n);
        let found: Vec<f32> = some().map(|x| c[x]).collect();
        let name =
            |x| format!("{m}x{n}x{k} {numbers:?}, transposed: {transposed}, from {begin} on {isa}, {x}");
        assert_bits(&name, &found, &expect);
    }
}

/// As [`check`], for every 29th element: so many prove as much about blocks and panels, and the reference is slow.
fn check_some(m: usize, n: usize, k: usize, layouts: (usize, usize), value: &mut dyn FnMut() -> f32) {
    let a = Matrix::new(m, k, layouts.0, value);
    let b = Matrix::new(k, n, layouts.1, value);
    let some = || (0..m * n).step_by(29);
    let element = |x: usize| reference::dot((0..k).map(|p| (a.at(x / n, p), b.at(p, x % n))));
    let expect: Vec<f32> = some().map(element).collect();
    for isa in Isa::available() {
        let mut c = vec![f32::NAN; m * n];
        gemm(isa, m, n, k, a.view(), b.view(), &mut c, n);
        let found: Vec<f32> = some().map(|x| c[x]).collect();
        assert_bits(&|x| format!("{m}x{n}x{k} {layouts:?} on {isa}, element {}", x * 29), &found, &expect);
    }
}

#[test]
fn large_products_equal_the_reference() {
    let mut rng = Rng(7);
    // Some rows, wherever they are read, have something to flush.
    let mut value = || if rng.below(5000) == 0 { f32::from_bits(0x2100_0000) } else { rng.unit() };
    // Several blocks of columns and stretches, rows in place and packed; every second row of tiles in part.
    check_some(21, 400, 530, (0, 1), &mut value);
    check_some(21, 400, 530, (1, 0), &mut value);
    check_some(21, 700, 530, (0, 1), &mut value);
    check_some(21, 700, 530, (1, 0), &mut value);
    // One block of columns, both packed two panels at a time and one.
    check_some(37, 200, 700, (3, 2), &mut value);
    // Rows that fall on the same sets of the cache.
    check_some(11, 130, 1024, (0, 0), &mut value);
    // More rows than are kept.
    check_some(2070, 3, 270, (1, 0), &mut value);
}

#[test]
fn cuts_of_rows_columns_and_steps_change_nothing() {
    let mut rng = Rng(5);
    let (m, n, k) = (45, 101, 60);
    for layouts in [(0, 0), (1, 1)] {
        let a = Matrix::new(m, k, layouts.0, &mut || rng.unit());
        let b = Matrix::new(k, n, layouts.1, &mut || rng.unit());
        let (a, b) = (a.view(), b.view());
        for isa in Isa::available() {
            let mut whole = vec![0.0; m * n];
            gemm(isa, m, n, k, a, b, &mut whole, n);
            let mut cut = vec![f32::NAN; m * n];
            for p in (0..k).step_by(13) {
                let steps = 13.min(k - p);
                let part = Stretch { first: p == 0, last: p + steps == k };
                gemm_stretch(isa, 20, n, steps, a.at(0, p), b.at(p, 0), &mut cut, n, part);
            }
            for (j, cols) in [(0, 33), (33, 68)] {
                // SAFETY: rows 20.. and columns j..j + cols lie within `cut`; nothing else runs.
                unsafe {
                    let c = cut.as_mut_ptr().add(20 * n + j);
                    let options = GemmOptions::default();
                    gemm_raw(isa, m - 20, cols, k, a.at(20, 0), b.at(0, j), c, n, options);
                }
            }
            assert_bits(&|x| format!("{layouts:?} on {isa} at {x}"), &cut, &whole);
        }
    }
}

/// What is below a diagonal is right, what is between the rows untouched, and most of what is above is left out.
#[test]
fn what_is_seen_below_a_diagonal_is_computed() {
    let mut rng = Rng(8);
    let shapes =
        [(40, 40, 9), (70, 170, 30), (130, 300, 64), (20, 2100, 70), (90, 20, 1), (1, 30, 4), (50, 1, 4)];
    for (m, n, k) in shapes {
        for (layouts, tiny) in [((0, 0), false), ((0, 1), false), ((0, 0), true), ((1, 1), false)] {
            let mut a = Matrix::new(m, k, layouts.0, &mut || rng.unit());
            if tiny {
                // The rows around it are packed.
                a.data[m / 2 * k] = power_of_two(-70);
            }
            let b = Matrix::new(k, n, layouts.1, &mut || rng.unit());
            let whole = expected(m, n, k, &a, &b);
            for seen in [0, 5, -7, n as isize, isize::MAX, -(m as isize), isize::MIN] {
                let is_seen = |i: usize, j: usize| j as isize <= seen.saturating_add_unsigned(i);
                for isa in Isa::available() {
                    let ldc = n + 3;
                    let mut c = vec![f32::INFINITY; m * ldc];
                    let options = GemmOptions { seen, ..GemmOptions::default() };
                    // SAFETY: `c` holds the result; nothing else runs.
                    unsafe { gemm_raw(isa, m, n, k, a.view(), b.view(), c.as_mut_ptr(), ldc, options) };
                    for (i, row) in c.chunks(ldc).enumerate() {
                        let what = format!("{m}x{n}x{k} {layouts:?}, seen {seen} on {isa}, row {i}");
                        let columns = (0..n).take_while(|j| is_seen(i, *j)).count();
                        let (got, expect) = (&row[..columns], &whole[i * n..][..columns]);
                        assert_bits(&|j| format!("{what}, column {j}"), got, expect);
                        let is_left_out = |x: &f32| *x == f32::INFINITY;
                        assert!(row[n..].iter().all(is_left_out), "{what}: gap");
                        // No more than the tile that the last column is in, for the last row of the same tile.
                        let beyond = (columns + 64 + 12).min(n);
                        let is_thin = m <= 8 || n <= 1;
                        assert!(is_thin || row[beyond..].iter().all(is_left_out), "{what}: beyond {beyond}");
                    }
                }
            }
        }
    }
}

/// Whatever way a product is computed, each element meets the operand's once, when its chain has ended.
#[test]
fn epilogues_follow_whole_chains() {
    let mut rng = Rng(9);
    let shapes =
        [(40, 40, 9), (21, 700, 530), (9, 500, 2100), (70, 1, 20), (1, 300, 70), (3, 100, 40), (9, 9, 0)];
    for (m, n, k) in shapes {
        for layouts in [(0, 0), (1, 1), (2, 3)] {
            // Of long chains of wild values nothing would be left but NaN.
            let mut value = || if k > 100 { rng.unit() } else { rng.wild() };
            let a = Matrix::new(m, k, layouts.0, &mut value);
            let b = Matrix::new(k, n, layouts.1, &mut value);
            let product = expected(m, n, k, &a, &b);
            let full = Matrix::new(m, n, layouts.0, &mut || rng.wild());
            let row: Vec<f32> = (0..n).map(|_| rng.wild()).collect();
            let operands = [full.view(), MatRef::new(&row, 0, 1), MatRef::new(&row[n - 1..], 0, 0)];
            for (operand, op) in
                operands.into_iter().flat_map(|x| [(x, EpilogueOp::Add), (x, EpilogueOp::Multiply)])
            {
                let f = if op == EpilogueOp::Add { scalar::add } else { scalar::multiply };
                let at = |x: usize| operand.data[x / n * operand.row_stride + x % n * operand.col_stride];
                let expect: Vec<f32> = product.iter().enumerate().map(|(x, c)| f(*c, at(x))).collect();
                for isa in Isa::available() {
                    let mut c = vec![f32::NAN; m * n];
                    for p in (0..k.max(1)).step_by(k.max(2) / 2) {
                        let steps = k.saturating_sub(p).min(k.max(2) / 2);
                        let stretch = Stretch { first: p == 0, last: p + steps == k };
                        let options = GemmOptions {
                            stretch,
                            epilogue: Some(Epilogue { op, operand }),
                            ..Default::default()
                        };
                        let (a, b) = if k == 0 {
                            (a.view(), b.view())
                        } else {
                            (a.view().at(0, p), b.view().at(p, 0))
                        };
                        // SAFETY: `c` holds the result; nothing else runs.
                        unsafe { gemm_raw(isa, m, n, steps, a, b, c.as_mut_ptr(), n, options) };
                    }
                    assert_bits(&|x| format!("{m}x{n}x{k} {layouts:?} {op:?} on {isa}, {x}"), &c, &expect);
                }
            }
        }
    }
}

#[test]
#[should_panic(expected = "epilogue's operand is too short")]
fn an_epilogue_with_a_short_operand_is_refused() {
    let (x, mut c) = ([1.0; 6], [0.0; 4]);
    let (a, operand) = (MatRef::row_major(&x, 2), MatRef::row_major(&x[..3], 2));
    let epilogue = Some(Epilogue { op: EpilogueOp::Add, operand });
    let options = GemmOptions { epilogue, ..GemmOptions::default() };
    // SAFETY: `c` holds the result; nothing else runs.
    unsafe { gemm_raw(Isa::Portable, 2, 2, 2, a, a, c.as_mut_ptr(), 2, options) };
}

#[test]
fn batches_are_independent_and_gaps_untouched() {
    let mut rng = Rng(6);
    let (batch, m, n, k, ldc) = (3, 4, 5, 6, 7);
    let a: Vec<f32> = (0..batch * m * k).map(|_| rng.unit()).collect();
    let b: Vec<f32> = (0..k * n).map(|_| rng.unit()).collect();
    for isa in Isa::available() {
        let mut c = vec![9.0; batch * m * ldc];
        // A batch stride of 0 shares the right operand.
        let (a_view, b_view) = (MatRef::row_major(&a, k), MatRef::row_major(&b, n));
        gemm_batch(isa, batch, [m, n, k], (a_view, m * k), (b_view, 0), (&mut c, m * ldc), ldc);
        for (x, &got) in c.iter().enumerate() {
            let (i, j) = (x / ldc, x % ldc);
            let expect =
                if j < n { reference::dot((0..k).map(|p| (a[i * k + p], b[p * n + j]))) } else { 9.0 };
            assert_eq!(got.to_bits(), expect.to_bits());
        }
    }
}

/// Zeros at the ends of rows are skipped, as causal attention has them, but not where they meet what is not finite.
#[test]
fn zero_ends_count_where_they_meet_infinity() {
    let mut rng = Rng(7);
    for (m, n, k) in [(40, 20, 90), (70, 70, 70), (14, 33, 530), (50, 300, 500)] {
        for (layout, lower) in [(0, true), (0, false), (1, true), (1, false)] {
            let mut a = Matrix::new(m, k, layout, &mut || rng.unit());
            for i in 0..m {
                let edge = i * k / m;
                for p in (0..k).filter(|p| (*p > edge) == lower) {
                    // Either zero, and what counts as one.
                    a.data[i * a.row_stride + p * a.col_stride] = [0.0, -0.0, 1e-40][(i / 16 + p / 64) % 3];
                }
            }
            for special in [1.0, f32::INFINITY, f32::NAN] {
                let mut b = Matrix::new(k, n, 0, &mut || rng.unit());
                for p in [0, k / 2, k - 1] {
                    b.data[p * n + p % n] = special;
                }
                let expect = expected(m, n, k, &a, &b);
                for isa in Isa::available() {
                    let mut c = vec![f32::NAN; m * n];
                    gemm(isa, m, n, k, a.view(), b.view(), &mut c, n);
                    let at = |x| format!("{m}x{n}x{k} {layout} {lower} {special} on {isa} at {x}");
                    assert_bits(&at, &c, &expect);
                }
            }
        }
    }
}

#[test]
fn negative_zero_never_leaves() {
    // (1 + 2^-22) 2^-120 - (1 + 2^-23)^2 2^-120 underflows to -0.
    let unit = |ulps: u32| f32::from_bits(FLUSH_BELOW.to_bits() + ulps);
    let (a, b) = ([unit(2), -unit(1)], [FLUSH_BELOW, unit(1)]);
    assert_eq!(a[1].mul_add(b[1], a[0] * b[0]).to_bits(), 0x8000_0000, "the case is one");
    for isa in Isa::available() {
        let mut c = [1.0];
        gemm(isa, 1, 1, 2, MatRef::row_major(&a, 2), MatRef::row_major(&b, 1), &mut c, 1);
        assert_eq!(c[0].to_bits(), 0);
    }
}

#[test]
fn operands_below_the_threshold_count_as_zero() {
    for (value, counts) in [(f32::from_bits(1), false), (TINY, false), (-TINY, false), (FLUSH_BELOW, true)] {
        let product = if counts { value * HUGE } else { 0.0 };
        // One such element among zeros, anywhere: every way of reading an operand must find it. In the second product
        // it is on the right.
        for (m, n, k) in [(13, 70, 40), (1, 40, 9), (40, 1, 9)] {
            for at in (0..m * k).step_by(7) {
                for layout in 0..2 {
                    let mut one = Matrix::new(m, k, layout, &mut || 0.0);
                    one.data[at] = value;
                    let bigs = Matrix::new(k, n, 0, &mut || HUGE);
                    let hit = (0..m).find(|&i| (0..k).any(|p| one.at(i, p) != 0.0));
                    for isa in Isa::available() {
                        let (mut c, mut t) = (vec![f32::NAN; m * n], vec![f32::NAN; m * n]);
                        gemm(isa, m, n, k, one.view(), bigs.view(), &mut c, n);
                        gemm(isa, n, m, k, bigs.view().transposed(), one.view().transposed(), &mut t, m);
                        for (x, got) in c.iter().enumerate() {
                            let (i, j) = (x / n, x % n);
                            let expect = if Some(i) == hit { product } else { 0.0 };
                            assert_eq!(got.to_bits(), expect.to_bits(), "{value:e} at {at} on {isa}, left");
                            assert_eq!(
                                t[j * m + i].to_bits(),
                                expect.to_bits(),
                                "{value:e} at {at} on {isa}, right"
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Numbers to be flushed in any row of the left operand, and in the first one besides; among zeros, too. Kernels look at rows that come
/// later.
#[test]
fn what_is_flushed_is_found_in_every_row() {
    let mut rng = Rng(21);
    // Widths of one panel and of several; the last tile with as many rows as others, with fewer, with one; few rows in all; more
    // than are looked at in one go, of which the last one counts.
    let shapes =
        [(25, 32, 32), (38, 30, 48), (13, 64, 48), (26, 48, 64), (21, 112, 32), (14, 48, 16), (269, 32, 32)];
    for (m, n, k) in shapes {
        for (layout, zeros) in [(0, 0), (1, 0), (0, k / 4 * 3), (1, k / 4 * 3)] {
            for step in [0, 7, 15, 16, k - 1].map(|p| p.min(k - 1)) {
                // This step's others are zeros, too, and would meet something huge: it would be seen.
                let mut a = Matrix::new(m, k, layout, &mut || rng.unit());
                let mut b = Matrix::new(k, n, 0, &mut || rng.unit());
                let at = |i: usize, p: usize| i * a.row_stride + p * a.col_stride;
                let zeros = (0..m).flat_map(|i| (0..zeros).chain([step]).map(move |p| (i, p)));
                zeros.for_each(|(i, p)| a.data[at(i, p)] = 0.0);
                b.data[step * n..][..n].fill(HUGE);
                let expect = expected(m, n, k, &a, &b);
                let rows = if m > 100 { m - 1..m } else { 0..m };
                for (row, first) in rows.flat_map(|row| [(row, row), (row, 0)]) {
                    [row, first].into_iter().for_each(|i| a.data[at(i, step)] = TINY);
                    for isa in Isa::available() {
                        let mut c = vec![f32::NAN; m * n];
                        gemm(isa, m, n, k, a.view(), b.view(), &mut c, n);
                        let case = format!(
                            "{m}x{n}x{k} on {isa}, layout {layout}, rows {first}, {row}, step {step}"
                        );
                        assert_bits(&|x| format!("{case}: ({}, {})", x / n, x % n), &c, &expect);
                    }
                    [row, first].into_iter().for_each(|i| a.data[at(i, step)] = 0.0);
                }
            }
        }
    }
}

/// The same in any column of the right operand, which is read where it is if it is as wide as a panel.
#[test]
fn what_is_flushed_is_found_in_every_column() {
    let mut rng = Rng(22);
    for (m, n, k) in [(13, 32, 20), (13, 48, 33), (13, 64, 17), (13, 62, 16)] {
        for step in [0, 7, k - 1] {
            let mut a = Matrix::new(m, k, 0, &mut || rng.unit());
            let mut b = Matrix::new(k, n, 0, &mut || rng.unit());
            (0..m).for_each(|i| a.data[i * k + step] = HUGE);
            b.data[step * n..][..n].fill(0.0);
            let expect = expected(m, n, k, &a, &b);
            for column in 0..n {
                b.data[step * n + column] = TINY;
                for isa in Isa::available() {
                    let mut c = vec![f32::NAN; m * n];
                    gemm(isa, m, n, k, a.view(), b.view(), &mut c, n);
                    let case = format!("{m}x{n}x{k} on {isa}, column {column}, step {step}");
                    assert_bits(&|x| format!("{case}: ({}, {})", x / n, x % n), &c, &expect);
                }
                b.data[step * n + column] = 0.0;
            }
        }
    }
}

#[test]
#[should_panic(expected = "left operand")]
fn a_short_operand_is_refused() {
    gemm(
        Isa::detect(),
        2,
        2,
        2,
        MatRef::row_major(&[1.0; 3], 2),
        MatRef::row_major(&[1.0; 4], 2),
        &mut [0.0; 4],
        2,
    );
}

#[test]
#[should_panic(expected = "right operand")]
fn an_overflowing_stride_is_refused() {
    let b = MatRef::new(&[1.0; 4], usize::MAX, 1);
    gemm(Isa::detect(), 2, 2, 3, MatRef::row_major(&[1.0; 6], 3), b, &mut [0.0; 4], 2);
}
