//! Trains a GPT on one thread, as fast as it goes: our side of `cargo xtask bench train` and `bench engine`.
//!
//! `train_speed LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE` compiles the programs of a job with one shard, prints the
//! CPU seconds that took, and answers each line on stdin with one on stdout, numbers being CPU seconds of the process:
//!
//! - `N`: trains N steps (the tasks `grad` and `update`); seconds and the last loss.
//! - `hash`: hashes everything that a step's tasks return, a few times; seconds of the fastest.
//! - `fill BITS`: one step from parameters that all have these bits (hexadecimal), forgotten afterwards; seconds.
//! - `profile`: one step; the seconds of every step of the two plans, one per line, then an empty line.

use std::hint::black_box;
use std::io::BufRead;
use std::sync::Mutex;

use corex_engine::{Options, Program, Tensor};
use corex_models::{BYTES, BatchSizes, DataSizes, GptConfig, Model, Optimizer, Schedule, Start, TrainingJob};

type Failure = Box<dyn std::error::Error>;

/// CPU seconds of this process so far.
fn cpu_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid timespec to write to.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// A training run: programs and state.
struct Run {
    grad: Program,
    update: Program,
    data: Tensor,
    seed: Tensor,
    shard: Tensor,
    /// Parameters and moments.
    state: Vec<Tensor>,
    step: u32,
}

impl Run {
    /// One step from `state`, which is updated in place if nobody else holds it; everything that its tasks return.
    /// `observe` is called after each step of the plan that it names.
    fn step(
        &self,
        state: Vec<Tensor>,
        observe: &(dyn Fn(&str, usize) + Sync),
    ) -> Result<Vec<Tensor>, Failure> {
        let step = Tensor::scalar_u32(self.step)?;
        let inputs =
            vec![state[0].clone(), self.data.clone(), self.seed.clone(), step.clone(), self.shard.clone()];
        let gradient = self.grad.run_observed(&inputs, Some(&|at| observe("grad", at)))?;
        drop(inputs);
        let mut inputs = state;
        inputs.push(step);
        inputs.extend(gradient.iter().cloned());
        let mut results = self.update.run_donated(inputs, Some(&|at| observe("update", at)))?;
        results.extend(gradient);
        Ok(results)
    }

    /// Trains a step; the loss.
    fn train(&mut self) -> Result<f32, Failure> {
        let state = std::mem::take(&mut self.state);
        let mut results = self.step(state, &|_, _| ())?;
        let metrics = results[3].to_f32().ok_or("update returns metrics")?;
        results.truncate(3);
        self.state = results;
        self.step += 1;
        Ok(metrics[0])
    }

    fn answer(&mut self, command: &str) -> Result<String, Failure> {
        let start = cpu_seconds();
        if let Some(bits) = command.strip_prefix("fill ") {
            let value = f32::from_bits(u32::from_str_radix(bits, 16)?);
            let values = vec![value; self.state[0].ty().elements()];
            let mut state = self.state.clone();
            state[0] = Tensor::from_f32(&self.state[0].ty().shape, &values)?;
            let start = cpu_seconds();
            self.step(state, &|_, _| ())?;
            return Ok(format!("{}", cpu_seconds() - start));
        }
        match command {
            "hash" => {
                let results = self.step(self.state.clone(), &|_, _| ())?;
                let seconds = (0..5).map(|_| {
                    let start = cpu_seconds();
                    results.iter().for_each(|t| _ = black_box(blake3::hash(t.bytes())));
                    cpu_seconds() - start
                });
                Ok(format!("{}", seconds.fold(f64::INFINITY, f64::min)))
            }
            "profile" => {
                let names: Vec<String> = self.grad.steps().chain(self.update.steps()).collect();
                let times = Mutex::new((cpu_seconds(), Vec::new()));
                let observe = |_: &str, _| {
                    let now = cpu_seconds();
                    if let Ok(mut times) = times.lock() {
                        let last = std::mem::replace(&mut times.0, now);
                        times.1.push(now - last);
                    }
                };
                self.step(self.state.clone(), &observe)?;
                let times = times.into_inner()?.1;
                Ok(names.iter().zip(times).map(|(name, t)| format!("{t:.6} {name}\n")).collect())
            }
            count => {
                let mut loss = f32::NAN;
                for _ in 0..count.parse::<u32>()? {
                    loss = self.train()?;
                }
                Ok(format!("{} {loss}", cpu_seconds() - start))
            }
        }
    }
}

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [layers, width, heads, context, batch, file] = &args[..] else {
        return Err("usage: train_speed LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE".into());
    };
    let model = Model::Gpt(GptConfig {
        vocab: BYTES,
        layers: layers.parse()?,
        width: width.parse()?,
        heads: heads.parse()?,
        context: context.parse()?,
        tied: true,
    });
    let data = std::fs::read(file)?;
    let usual = model.optimizer(1000);
    let schedule = Schedule { warmup_steps: 20, ..usual.schedule.clone() };
    let job = TrainingJob {
        model,
        optimizer: Optimizer { schedule, ..usual },
        start: Start::Random,
        data: DataSizes { train: data.len(), heldout: data.len() },
        batch: BatchSizes::new(batch.parse()?, 1),
    };
    let start = cpu_seconds();
    let programs = job.programs()?;
    let compile = |module| Program::compile(module, "main", &Options::default());
    let (grad, update) = (compile(&programs.grad)?, compile(&programs.update)?);
    println!("{}", cpu_seconds() - start);
    let data = Tensor::from_u8(&data)?;
    let [seed, shard] = [Tensor::scalar_u32(1)?, Tensor::scalar_u32(0)?];
    let state = compile(&programs.init)?.run(std::slice::from_ref(&seed))?;
    let mut run = Run { grad, update, data, seed, shard, state, step: 0 };
    for line in std::io::stdin().lock().lines() {
        println!("{}", run.answer(line?.trim())?);
    }
    Ok(())
}
