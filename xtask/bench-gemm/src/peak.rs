//! What the processor can do at best: fused multiply-adds on registers.

use super::thread_seconds;

/// Independent chains: two units of four cycles' latency need eight; a few more hide other instructions.
const CHAINS: usize = 12;
const STEPS: usize = 1 << 20;

/// GFLOP/s of a loop of fused multiply-adds with the machine's widest vectors, the best of a few attempts.
pub fn fma_gflops() -> f64 {
    let attempt = || {
        let start = thread_seconds();
        let lanes = run();
        (2 * lanes * CHAINS * STEPS) as f64 / (thread_seconds() - start) / 1e9
    };
    (0..5).map(|_| attempt()).fold(0.0, f64::max)
}

/// Runs the loop; the width of a vector.
fn run() -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            // SAFETY: the feature is there.
            std::hint::black_box(unsafe { avx512() });
            return 16;
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the features are there.
            std::hint::black_box(unsafe { chains::<8>() });
            return 8;
        }
    }
    std::hint::black_box(baseline());
    4
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn avx512() -> f32 {
    use std::arch::x86_64::*;
    let (x, y) = (_mm512_set1_ps(std::hint::black_box(0.5)), _mm512_set1_ps(1.0));
    let mut acc = [_mm512_setzero_ps(); CHAINS];
    for _ in 0..STEPS {
        for a in &mut acc {
            *a = _mm512_fmadd_ps(*a, x, y);
        }
    }
    acc.iter().map(|a| _mm512_reduce_add_ps(*a)).sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn chains<const LANES: usize>() -> f32 {
    multiply_add::<LANES>()
}

/// For processors whose baseline has the instruction.
fn baseline() -> f32 {
    multiply_add::<4>()
}

#[inline(always)]
fn multiply_add<const LANES: usize>() -> f32 {
    let x = std::hint::black_box(0.5_f32);
    let mut acc = [[0_f32; LANES]; CHAINS];
    for _ in 0..STEPS {
        for a in &mut acc {
            for lane in a {
                *lane = lane.mul_add(x, 1.0);
            }
        }
    }
    acc.iter().flatten().sum()
}
