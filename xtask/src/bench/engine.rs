//! `cargo xtask bench engine`: every figure of speed that the engine promises, as ratios of one run.
//!
//! - `gemm`: `geomean_vs_best`, `worst_vs_best` (of OpenBLAS and the `gemm` crate), `geomean_vs_mkl`; see `bench gemm`.
//! - `gpt_l6`, `gpt2_124m`: a training step with AdamW, f32, one thread. `vs_jax`, `vs_torch`, `vs_candle`: our
//!   tokens per CPU second divided by the peer's (candle trains the first model only, and is null where it cannot be
//!   built). `of_floor`: the time that the step's matrix products would take at the measured peak of fused
//!   multiply-adds, divided by ours. `memory_vs_jax`: peak memory of our process divided by that of JAX's.
//!   `imported_vs_built_in`: the speed of the step that JAX exports, run by us, divided by that of ours.
//!   `compile_s`: CPU seconds from the model's description to the compiled programs. `worst_turn`: our slowest turn divided by
//!   our fastest; far from 1, other programs had the caches, and the ratios are those of the median turn.
//! - `worst_data_slowdown`: a step from parameters that are all subnormal, tiny, huge, infinite or NaN, divided by an
//!   ordinary one, at worst.
//! - `hash_fraction`: what hashing everything that its tasks return adds to a step of the first model, divided by the step.
//!   `gpt2_124m.hash_fraction` is that of the second, which has eight times the parameters and an eighth of the tokens.
//!
//! All keep their memory from step to step: candle takes twice the time otherwise.
//!
//! It takes ten minutes of CPU time, and as much longer as other programs take. Nobody should build or edit meanwhile: what is
//! built is built first.
//!
//! The model of `gpt2_124m` has the blocks and context of GPT-2 small, but a vocabulary of bytes: 86 million parameters.

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::side::{self, Side, Sizes};
use super::{gemm, peers};

const L6: Sizes = Sizes { layers: 6, width: 384, heads: 6, context: 256, batch: 16 };
const GPT2: Sizes = Sizes { layers: 12, width: 768, heads: 12, context: 512, batch: 1 };
/// For data that could slow a step down.
const SMALL: Sizes = Sizes { layers: 2, width: 128, heads: 4, context: 128, batch: 16 };
const TURNS: usize = 5;

/// Bits of parameters that could be slow: subnormals, numbers whose squares are subnormal, the largest, infinity, NaN.
const HOSTILE: [(&str, &str); 7] = [
    ("least subnormal", "00000001"),
    ("largest subnormal", "007fffff"),
    ("least normal", "00800000"),
    ("1e-20", "1e3ce508"),
    ("largest", "7f7fffff"),
    ("infinity", "7f800000"),
    ("NaN", "7fc00000"),
];

/// Measures everything: tables on stderr and, with `json`, one JSON object on stdout.
///
/// # Errors
/// If a peer cannot be had, or a side fails.
pub fn run(json: bool) -> Result<(), String> {
    side::build()?;
    let mkl = peers::mkl().map_err(|e| eprintln!("without MKL: {e}")).ok();
    let products = gemm::measure(mkl.as_deref())?;
    let peak = products["fma_peak_gflops"].as_f64().ok_or("bench gemm gives the peak")?;
    let data = side::corpus()?;
    let (jax, torch) = (peers::jax()?, peers::torch()?);
    let candle = peers::candle().map_err(|e| eprintln!("without candle: {e}")).ok();
    let model = |name: &str, sizes: &Sizes, candle: Option<&Path>| -> Result<(Value, Side), String> {
        let mut ours = side::corex(sizes, &data)?;
        let mut imported = side::imported(&jax, sizes, &data)?;
        let mut jax = side::script("JAX", &jax, "train_jax.py", sizes, &data)?;
        let mut torch = side::script("PyTorch", &torch, "train_torch.py", sizes, &data)?;
        let mut candle = candle.map(|program| side::candle(program, sizes, &data)).transpose()?;
        for side in [&mut ours, &mut imported, &mut jax, &mut torch].into_iter().chain(&mut candle) {
            side.warm_up()?;
        }
        for turn in 1..=TURNS {
            let start = Instant::now();
            let mut sides = vec![&mut ours, &mut imported, &mut jax, &mut torch];
            sides.extend(&mut candle);
            // There and back: what drifts is then as often for a side as against it.
            if turn % 2 == 0 {
                sides.reverse();
            }
            for side in sides {
                side.turn(1)?;
            }
            eprintln!("{name}: turn {turn} of {TURNS} took {:.1?}", start.elapsed());
        }
        let floor = sizes.flops() / (peak * 1e9);
        eprintln!("{name}: {:.1} GFLOP per step, {floor:.2} s at {peak:.0} GFLOP/s", sizes.flops() / 1e9);
        eprintln!(
            "{:8} {:>10} {:>10} {:>10} {:>10} {:>10}",
            "", "s/step", "worst", "tokens/s", "peak MiB", "last loss"
        );
        for side in [&ours, &imported, &jax, &torch].into_iter().chain(&candle) {
            let (best, worst, memory) = (side.best(), side.worst(), side.peak_memory()? / (1 << 20) as f64);
            let speed = sizes.tokens() as f64 / best;
            eprintln!(
                "{:8} {best:10.3} {worst:10.3} {speed:10.0} {memory:10.0} {:10.3}",
                side.name, side.loss
            );
        }
        let result = json!({
            "vs_jax": ours.speed_over(&jax),
            "vs_torch": ours.speed_over(&torch),
            "vs_candle": candle.as_ref().map(|candle| ours.speed_over(candle)),
            "imported_vs_built_in": imported.speed_over(&ours),
            "of_floor": floor / ours.best(),
            "memory_vs_jax": ours.peak_memory()? / jax.peak_memory()?,
            "compile_s": ours.compile_seconds,
            "tokens_per_s": sizes.tokens() as f64 / ours.best(),
            "worst_turn": ours.worst() / ours.best(),
        });
        eprintln!("{result}");
        Ok((result, ours))
    };
    let (l6, ours) = model("gpt_l6", &L6, candle.as_deref())?;
    let hash = hash_fraction(ours)?;
    let (mut gpt2, ours) = model("gpt2_124m", &GPT2, None)?;
    gpt2["hash_fraction"] = hash_fraction(ours)?.into();
    let slowdown = worst_slowdown(&mut side::corex(&SMALL, &data)?)?;
    if json {
        let result = json!({
            "gemm": products, "gpt_l6": l6, "gpt2_124m": gpt2,
            "worst_data_slowdown": slowdown, "hash_fraction": hash,
        });
        println!("{result}");
    }
    Ok(())
}

/// See the module's documentation.
fn hash_fraction(mut ours: Side) -> Result<f64, String> {
    let [within, afterwards] = ours.ask("hash")?[..] else { return Err("hash answers two numbers".into()) };
    let percent = |seconds: f64| 100.0 * seconds / ours.best();
    let (beside, alone) = (percent(within), percent(afterwards));
    eprintln!("hashing what a step returns adds {beside:.2} % to it; afterwards it would take {alone:.2} %");
    Ok(within / ours.best())
}

/// See the module's documentation.
fn worst_slowdown(ours: &mut Side) -> Result<f64, String> {
    const REPETITIONS: usize = 5;
    ours.warm_up()?;
    let mut time = |bits: &str| -> Result<f64, String> {
        let mut best = f64::INFINITY;
        for _ in 0..REPETITIONS {
            best = best.min(ours.ask(&format!("fill {bits}"))?[0]);
        }
        Ok(best)
    };
    let usual = time("3c23d70a")?; // 0.01
    let mut worst: f64 = 0.0;
    for (name, bits) in HOSTILE {
        let slowdown = time(bits)? / usual;
        eprintln!("parameters all {name}: {slowdown:.2} times an ordinary step");
        worst = worst.max(slowdown);
    }
    Ok(worst)
}
