//! Our matrix product against OpenBLAS and the `gemm` crate: one thread, shapes of a transformer, repetitions
//! interleaved so that a busy machine disturbs all alike, in CPU time of the thread. Speeds are those of the best
//! repetition; ratios are medians over repetitions of neighbours in time, because a shared machine changes its clock
//! for seconds. The table goes to stderr; with `--json` one JSON object goes to stdout.
//!
//! Usage: `bench-gemm [--json] [--isa avx512|avx2|portable] [--only PART-OF-A-NAME] PATH-OF-LIBOPENBLAS [PATH-OF-MKL]`

mod peak;
mod peers;

use std::process::ExitCode;

use corex_num::{Isa, MatRef};
use peers::Blas;

/// One product `m x n x k`; a transposed operand is stored column-major.
struct Shape {
    name: &'static str,
    m: usize,
    n: usize,
    k: usize,
    a_transposed: bool,
    b_transposed: bool,
}

const fn shape(name: &'static str, [m, n, k]: [usize; 3], layout: &[u8; 2]) -> Shape {
    Shape { name, m, n, k, a_transposed: layout[0] == b'T', b_transposed: layout[1] == b'T' }
}

/// Forward (NN), gradient of the input (NT) and of the weights (TN), for 1024 tokens.
const SHAPES: &[Shape] = &[
    shape("d128 projection", [1024, 128, 128], b"NN"),
    shape("d128 mlp up", [1024, 512, 128], b"NN"),
    shape("d128 mlp down", [1024, 128, 512], b"NN"),
    shape("d128 mlp input gradient", [1024, 128, 512], b"NT"),
    shape("d128 mlp weight gradient", [128, 512, 1024], b"TN"),
    shape("d128 down weight gradient", [512, 128, 1024], b"TN"),
    shape("d128 head", [1024, 256, 128], b"NT"),
    shape("attention scores", [128, 128, 32], b"NT"),
    shape("attention values", [128, 32, 128], b"NN"),
    shape("attention key gradient", [128, 32, 128], b"TN"),
    shape("one token", [1, 512, 128], b"NN"),
    shape("one token d768", [1, 3072, 768], b"NN"),
    shape("one token head", [1, 256, 384], b"NT"),
    shape("four tokens d768", [4, 768, 768], b"NN"),
    shape("eight tokens d768", [8, 768, 768], b"NN"),
    shape("one column", [1024, 1, 768], b"NN"),
    shape("ten classes", [128, 10, 784], b"NN"),
    shape("d384 mlp up", [4096, 1536, 384], b"NN"),
    shape("d384 mlp down", [4096, 384, 1536], b"NN"),
    shape("d384 mlp input gradient", [4096, 384, 1536], b"NT"),
    shape("d384 mlp weight gradient", [384, 1536, 4096], b"TN"),
    shape("d384 down weight gradient", [1536, 384, 4096], b"TN"),
    shape("d384 projection gradient", [384, 384, 4096], b"TN"),
    shape("d384 attention scores", [256, 256, 64], b"NT"),
    shape("d384 attention values", [256, 64, 256], b"NN"),
    shape("d384 attention key gradient", [256, 64, 256], b"TN"),
    shape("d768 projection", [1024, 768, 768], b"NN"),
    shape("d768 mlp up", [1024, 3072, 768], b"NN"),
    shape("d768 mlp down", [1024, 768, 3072], b"NN"),
    shape("d768 mlp input gradient", [1024, 768, 3072], b"NT"),
    shape("d768 mlp weight gradient", [768, 3072, 1024], b"TN"),
    shape("square", [512, 512, 512], b"NN"),
    shape("large square", [1024, 1024, 1024], b"NN"),
];

/// Seconds of CPU time of this thread.
fn thread_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid timespec to write to.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// What was measured for one shape.
struct Outcome {
    /// Best GFLOP/s: ours, OpenBLAS, the `gemm` crate.
    gflops: [f64; 3],
    /// Our speed divided by that of the faster of the two.
    vs_best: f64,
    /// Our speed divided by MKL's.
    vs_mkl: Option<f64>,
}

fn measure(shape: &Shape, isa: Isa, blas: &Blas, mkl: Option<&Blas>) -> Outcome {
    let &Shape { m, n, k, a_transposed, b_transposed, .. } = shape;
    let mut state = 1u64;
    let mut fill = |length: usize| -> Vec<f32> {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..length).map(|_| next()).collect()
    };
    let (a, b) = (fill(m * k), fill(k * n));
    let mut c = vec![0f32; m * n];
    let view = |data, rows, cols, transposed| match transposed {
        false => MatRef::row_major(data, cols),
        true => MatRef::row_major(data, rows).transposed(),
    };
    let (a_view, b_view) = (view(&a, m, k, a_transposed), view(&b, k, n, b_transposed));
    let flops = 2.0 * m as f64 * n as f64 * k as f64;
    let inner = (2e7 / flops).ceil() as usize;
    let rounds = (6e9 / (flops * inner as f64)).clamp(12.0, 150.0) as usize;
    let mut seconds = vec![[0f64; 4]; rounds];
    let contestants = if mkl.is_some() { 4 } else { 3 };
    for round in &mut seconds {
        for (contestant, seconds) in round.iter_mut().enumerate().take(contestants) {
            // Once unmeasured: the others' panels leave the cache.
            let mut start = 0.0;
            for repetition in 0..=inner {
                if repetition == 1 {
                    start = thread_seconds();
                }
                match contestant {
                    0 => corex_num::gemm(isa, m, n, k, a_view, b_view, &mut c, n),
                    1 => blas.gemm(shape, &a, &b, &mut c),
                    2 => peers::gemm_crate(shape, a_view, b_view, &mut c),
                    _ => mkl.iter().for_each(|mkl| mkl.gemm(shape, &a, &b, &mut c)),
                }
            }
            *seconds = (thread_seconds() - start) / inner as f64;
        }
    }
    let best = |contestant: usize| seconds.iter().map(|s| s[contestant]).fold(f64::INFINITY, f64::min);
    let ratio = |peer: usize| {
        let mut ratios: Vec<f64> = seconds.iter().map(|s| s[peer] / s[0]).collect();
        ratios.sort_by(f64::total_cmp);
        ratios[ratios.len() / 2]
    };
    Outcome {
        gflops: [0, 1, 2].map(|x| flops / best(x) / 1e9),
        vs_best: ratio(1).min(ratio(2)),
        vs_mkl: mkl.map(|_| ratio(3)),
    }
}

fn run() -> Result<(), String> {
    let (mut json, mut only, mut isa, mut libraries) = (false, String::new(), Isa::detect(), vec![]);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--json" => json = true,
            "--only" => only = arguments.next().ok_or("--only needs a value")?,
            "--isa" => {
                let name = arguments.next().ok_or("--isa needs a value")?;
                isa = name.parse().map_err(|e: corex_num::UnknownIsa| e.to_string())?;
            }
            _ => libraries.push(argument),
        }
    }
    let path = libraries.first().ok_or("the path of libopenblas.so.0 is missing")?;
    let blas = Blas::open(path, "openblas_set_num_threads")?;
    let mkl = libraries.get(1).map(|path| Blas::open(path, "MKL_Set_Num_Threads")).transpose()?;
    eprintln!("one thread, {isa}; GFLOP/s, best repetition");
    eprintln!(
        "{:27} {:>16} {:>7} {:>9} {:>7} {:>8} {:>7}",
        "", "m x n x k", "corex", "OpenBLAS", "gemm", "vs best", "vs MKL"
    );
    let (mut rows, mut log_sum, mut log_mkl, mut worst) = (vec![], 0.0, 0.0, f64::INFINITY);
    let mut peak: f64 = 0.0;
    for shape in SHAPES.iter().filter(|shape| shape.name.contains(&only)) {
        peak = peak.max(peak::fma_gflops());
        let outcome = measure(shape, isa, &blas, mkl.as_ref());
        let Outcome { gflops: [ours, openblas, gemm_crate], vs_best: ratio, vs_mkl } = outcome;
        log_sum += ratio.ln();
        log_mkl += vs_mkl.unwrap_or(f64::NAN).ln();
        worst = worst.min(ratio);
        let size = format!("{} x {} x {}", shape.m, shape.n, shape.k);
        let against_mkl = vs_mkl.map_or("-".to_owned(), |r| format!("{r:.2}"));
        eprintln!(
            "{:27} {size:>16} {ours:7.1} {openblas:9.1} {gemm_crate:7.1} {ratio:8.2} {against_mkl:>7}",
            shape.name
        );
        rows.push(serde_json::json!({
            "shape": shape.name, "m": shape.m, "n": shape.n, "k": shape.k,
            "corex_gflops": ours, "openblas_gflops": openblas, "gemm_crate_gflops": gemm_crate, "vs_best": ratio, "vs_mkl": vs_mkl,
        }));
    }
    if rows.is_empty() {
        return Err(format!("no shape is named like {only:?}"));
    }
    let geomean = (log_sum / rows.len() as f64).exp();
    let geomean_mkl = mkl.is_some().then(|| (log_mkl / rows.len() as f64).exp());
    let of_mkl = geomean_mkl.map_or(String::new(), |mean| format!("; geometric mean {mean:.3} of MKL"));
    eprintln!("geometric mean {geomean:.3}, worst {worst:.3} of the better peer{of_mkl}");
    eprintln!("peak of fused multiply-adds: {peak:.1} GFLOP/s");
    if json {
        let result = serde_json::json!({
            "bench": "gemm", "isa": isa.name(), "geomean_vs_best": geomean, "worst_vs_best": worst,
            "geomean_vs_mkl": geomean_mkl, "fma_peak_gflops": peak, "rows": rows,
        });
        println!("{result}");
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
