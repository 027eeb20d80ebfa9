//! `cargo xtask bench train`: tokens per second of a small training step against JAX, one thread each.

use super::peers;
use super::side::{self, Sizes};

/// The preset `nano` with the batch of a whole step.
const SIZES: Sizes = Sizes { layers: 4, width: 128, heads: 4, context: 128, batch: 32 };
const TURNS: usize = 7;
const STEPS_PER_TURN: usize = 3;

/// Measures; a table goes to stderr and with `json` one JSON object to stdout: `tokens_per_s` (ours), `vs_jax`
/// (our speed divided by JAX's), `jax_tokens_per_s` and the last losses of both.
///
/// # Errors
/// If Python or JAX cannot be had, or one side fails.
pub fn run(json: bool) -> Result<(), String> {
    side::build()?;
    let python = peers::jax()?;
    let data = side::corpus()?;
    let mut ours = side::corex(&SIZES, &data)?;
    let mut jax = side::script("JAX", &python, "train_jax.py", &SIZES, &data)?;
    ours.warm_up()?;
    jax.warm_up()?;
    for _ in 0..TURNS {
        ours.turn(STEPS_PER_TURN)?;
        jax.turn(STEPS_PER_TURN)?;
    }
    let ratio = ours.speed_over(&jax);
    let tokens_per_s = |best: f64| SIZES.tokens() as f64 / best;
    let Sizes { layers, width, heads, context, batch } = SIZES;
    eprintln!("GPT training step, f32, one thread: L{layers} d{width} h{heads} T{context} B{batch}");
    eprintln!("{:8} {:>10} {:>10}", "", "tokens/s", "last loss");
    for side in [&ours, &jax] {
        eprintln!("{:8} {:10.0} {:10.3}", side.name, tokens_per_s(side.best()), side.loss);
    }
    eprintln!("corex / JAX: {ratio:.2} (median of {TURNS} turns of {STEPS_PER_TURN} steps, CPU time)");
    if json {
        let result = serde_json::json!({
            "tokens_per_s": tokens_per_s(ours.best()),
            "vs_jax": ratio,
            "jax_tokens_per_s": tokens_per_s(jax.best()),
            "loss": ours.loss,
            "jax_loss": jax.loss,
        });
        println!("{result}");
    }
    Ok(())
}
