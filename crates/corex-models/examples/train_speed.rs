//! Trains a GPT on one thread, as fast as it goes: our side of `cargo xtask bench train`.
//!
//! `train_speed LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE`, then for every line with a number of steps on stdin
//! a line with seconds and the last loss on stdout. One step is the two tasks of a job with one shard: `grad`
//! and `update`.

use std::io::BufRead;
use std::time::Instant;

use corex_engine::{Options, Program, Tensor};
use corex_models::{AdamW, DataSizes, GptConfig, gpt_job_programs};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [layers, width, heads, context, batch, file] = &args[..] else {
        return Err("usage: train_speed LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE".into());
    };
    let gpt = GptConfig {
        layers: layers.parse()?,
        width: width.parse()?,
        heads: heads.parse()?,
        context: context.parse()?,
        tied: true,
    };
    let data = std::fs::read(file)?;
    let sizes = DataSizes { train_bytes: data.len(), heldout_bytes: data.len() };
    let opt = AdamW { warmup_steps: 20, ..gpt.optimizer(1000) };
    let programs = gpt_job_programs(&gpt, &opt, sizes, batch.parse()?, 1)?;
    let compile = |module| Program::compile(module, "main", &Options::default());
    let (grad, update) = (compile(&programs.grad)?, compile(&programs.update)?);
    let data = Tensor::from_u8(&data)?;
    let [seed, shard] = [Tensor::scalar_u32(1)?, Tensor::scalar_u32(0)?];
    let mut state = compile(&programs.init)?.run(std::slice::from_ref(&seed))?;
    let mut step = 0;
    for line in std::io::stdin().lock().lines() {
        let count: u32 = line?.trim().parse()?;
        let start = Instant::now();
        let mut loss = f32::NAN;
        for _ in 0..count {
            let step_tensor = Tensor::scalar_u32(step)?;
            let inputs = [state[0].clone(), data.clone(), seed.clone(), step_tensor.clone(), shard.clone()];
            let gradient = grad.run(&inputs)?;
            let inputs = [&state[..], &[step_tensor], &gradient[..]].concat();
            state = update.run(&inputs)?;
            let metrics = state.pop().and_then(|t| t.to_f32()).ok_or("update returns metrics")?;
            loss = metrics[0];
            step += 1;
        }
        println!("{} {loss}", start.elapsed().as_secs_f64());
    }
    Ok(())
}
