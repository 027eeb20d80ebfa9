//! Products of neighbours: many contractions side by side that share nothing, as in a depthwise convolution.

use crate::dispatch::per_isa;
use crate::fma::Fma;
use crate::gemm::flush;
use crate::scalar::canonical;

/// Most chains that [`multiply_lanes`] continues at once: they stay in registers.
pub const MOST_LANES: usize = 64;

/// Where one operand's row of lanes lies at step (outer, inner): `data + outer * outer_stride + inner * inner_stride`.
#[derive(Clone, Copy, Debug)]
pub struct LaneRows {
    /// The row of the first step.
    pub data: *const f32,
    /// Elements between rows of neighbouring outer steps.
    pub outer_stride: isize,
    /// Elements between rows of neighbouring inner steps.
    pub inner_stride: isize,
}

/// Continues one chain of the law's contraction per lane: for every outer step and in it every inner step, ascending,
/// `acc[j] = fma(flush(a[j]), flush(b[j]), acc[j])`. A chain begins with +0.0 in `acc` and ends with [`end_lanes`].
///
/// # Safety
/// `acc` has at most [`MOST_LANES`] elements, and both operands a row as long at each of the `outer` times `inner` steps,
/// readable and not written meanwhile.
pub unsafe fn multiply_lanes(
    isa: crate::Isa,
    acc: &mut [f32],
    [outer, inner]: [usize; 2],
    a: LaneRows,
    b: LaneRows,
) {
    debug_assert!(acc.len() <= MOST_LANES);
    multiply(isa, acc, outer, inner, a, b);
}

/// Ends the chains: +0.0 is added, NaN made canonical.
pub fn end_lanes(acc: &mut [f32]) {
    acc.iter_mut().for_each(|x| *x = canonical(*x + 0.0));
}

per_isa! {
    fn multiply(acc: &mut [f32], outer: usize, inner: usize, a: LaneRows, b: LaneRows) = multiply_generic;
}

#[inline(always)]
fn multiply_generic<F: Fma>(acc: &mut [f32], outer: usize, inner: usize, a: LaneRows, b: LaneRows) {
    let mut done = 0;
    while done < acc.len() {
        let rest = &mut acc[done..];
        // SAFETY: the caller of `multiply_lanes` answers for the rows; the width does not exceed the lanes left.
        unsafe {
            done += match rest.len() {
                64.. => block::<F, 64>(rest, outer, inner, a, b, done),
                32.. => block::<F, 32>(rest, outer, inner, a, b, done),
                16.. => block::<F, 16>(rest, outer, inner, a, b, done),
                8.. => block::<F, 8>(rest, outer, inner, a, b, done),
                _ => block::<F, 1>(rest, outer, inner, a, b, done),
            };
        }
    }
}

/// `N` lanes from lane `first` on; returns their number.
#[inline(always)]
unsafe fn block<F: Fma, const N: usize>(
    acc: &mut [f32],
    outer: usize,
    inner: usize,
    a: LaneRows,
    b: LaneRows,
    first: usize,
) -> usize {
    let mut chains = [0.0; N];
    chains.copy_from_slice(&acc[..N]);
    for o in 0..outer as isize {
        for i in 0..inner as isize {
            // SAFETY: the caller's promise: both rows have these lanes.
            let (a, b) = unsafe {
                let row = |x: LaneRows| x.data.offset(o * x.outer_stride + i * x.inner_stride).add(first);
                (&*row(a).cast::<[f32; N]>(), &*row(b).cast::<[f32; N]>())
            };
            for j in 0..N {
                chains[j] = F::fma(flush(a[j]), flush(b[j]), chains[j]);
            }
        }
    }
    acc[..N].copy_from_slice(&chains);
    N
}
