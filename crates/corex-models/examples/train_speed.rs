//! Trains a GPT on one thread, as fast as it goes: our side of `cargo xtask bench train` and `bench engine`.
//!
//! `train_speed LAYERS WIDTH HEADS CONTEXT BATCH DATA_FILE` compiles the programs of a job with one shard, prints the
//! CPU seconds that took, and answers each line on stdin with one on stdout, numbers being CPU seconds of the process:
//!
//! - `N`: trains N steps (the tasks `grad` and `update`); seconds and the last loss.
//! - `hash`: trains some steps with programs that hash what they return, as providers do, and as many with programs that do
//!   not, by turns. Seconds of hashing within a step: of the plans' steps that hash, and by how much those become slower
//!   that hash beside what else they do, each at its best. Then seconds of hashing the same results afterwards.
//! - `fill BITS`: one step from parameters that all have these bits (hexadecimal), forgotten afterwards; seconds.
//! - `profile`: trains a step; the seconds of every step of the two plans, each plan followed by what it takes to end, one per line,
//!   then an empty line.

use std::hint::black_box;
use std::io::BufRead;
use std::sync::Mutex;

use corex_engine::{Options, Program, Tensor};
use corex_models::{
    BYTES, BatchSizes, DataSizes, GptConfig, Model, Optimizer, ProgramSet, Schedule, Start, TrainingJob,
};

type Failure = Box<dyn std::error::Error>;

/// CPU seconds of this process so far.
fn cpu_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a valid timespec to write to.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// The compiled tasks of a job.
struct Tasks {
    grad: Program,
    update: Program,
}

impl Tasks {
    fn compile(programs: &ProgramSet, hash_results: bool) -> Result<Self, Failure> {
        let options = Options { hash_results, ..Options::default() };
        let compile = |module| Program::compile(module, "main", &options);
        Ok(Self { grad: compile(&programs.grad)?, update: compile(&programs.update)? })
    }

    /// What the seconds of a profile are of.
    fn names(&self) -> impl Iterator<Item = String> {
        let end = || std::iter::once(END.to_owned());
        self.grad.steps().chain(end()).chain(self.update.steps()).chain(end())
    }
}

/// What happens behind the last step of a plan.
const END: &str = "end";

/// A training run.
struct Run {
    data: Tensor,
    seed: Tensor,
    shard: Tensor,
    /// Parameters and moments.
    state: Vec<Tensor>,
    step: u32,
}

impl Run {
    /// One step from `state`, which is updated in place if nobody else holds it; everything that its tasks return.
    /// `observe` is called after each step of the two plans, and behind the last of each.
    fn step(
        &self,
        tasks: &Tasks,
        state: Vec<Tensor>,
        observe: &(dyn Fn() + Sync),
    ) -> Result<Vec<Tensor>, Failure> {
        let step = Tensor::scalar_u32(self.step)?;
        let inputs =
            vec![state[0].clone(), self.data.clone(), self.seed.clone(), step.clone(), self.shard.clone()];
        let gradient = tasks.grad.run_observed(&inputs, Some(&|_| observe()))?;
        observe();
        drop(inputs);
        let mut inputs = state;
        inputs.push(step);
        inputs.extend(gradient.iter().cloned());
        let mut results = tasks.update.run_donated(inputs, Some(&|_| observe()))?;
        observe();
        results.extend(gradient);
        Ok(results)
    }

    /// Trains a step; the loss.
    fn train(&mut self, tasks: &Tasks, observe: &(dyn Fn() + Sync)) -> Result<f32, Failure> {
        let state = std::mem::take(&mut self.state);
        let mut results = self.step(tasks, state, observe)?;
        let metrics = results[3].to_f32().ok_or("update returns metrics")?;
        results.truncate(3);
        self.state = results;
        self.step += 1;
        Ok(metrics[0])
    }

    /// Trains a step; the seconds of every step of the plans, each plan followed by what it takes to end.
    fn profile(&mut self, tasks: &Tasks) -> Result<Vec<f64>, Failure> {
        let times = Mutex::new((cpu_seconds(), Vec::new()));
        let observe = || {
            let now = cpu_seconds();
            if let Ok(mut times) = times.lock() {
                let last = std::mem::replace(&mut times.0, now);
                times.1.push(now - last);
            }
        };
        self.train(tasks, &observe)?;
        Ok(times.into_inner()?.1)
    }

    /// See the command `hash`.
    fn hash(&mut self, plain: &Tasks, hashing: &Tasks) -> Result<String, Failure> {
        const TURNS: usize = 5;
        let mut least: [Vec<f64>; 2] = Default::default();
        for turn in 0..=TURNS {
            for (least, tasks) in least.iter_mut().zip([plain, hashing]) {
                let seconds = self.profile(tasks)?;
                // The first touches memory.
                if turn <= 1 {
                    *least = seconds;
                } else {
                    least.iter_mut().zip(seconds).for_each(|(least, s)| *least = least.min(s));
                }
            }
        }
        let [without, with] = least;
        let (steps, others): (Vec<_>, Vec<_>) =
            hashing.names().zip(with).partition(|(name, _)| name.starts_with("hash "));
        let steps: f64 = steps.iter().map(|(_, seconds)| seconds).sum();
        // Passes that hash behind their tiles have other names.
        let slower = others.iter().zip(plain.names().zip(without));
        let slower = slower.filter(|((name, _), (plain, _))| name != plain || name == END);
        let slower: f64 = slower.map(|((_, with), (_, without))| with - without).sum();
        let results = self.step(plain, self.state.clone(), &|| ())?;
        let afterwards = (0..TURNS).map(|_| {
            let start = cpu_seconds();
            results.iter().for_each(|t| _ = black_box(t.digest()));
            cpu_seconds() - start
        });
        let afterwards = afterwards.fold(f64::INFINITY, f64::min);
        Ok(format!("{} {afterwards}", steps + slower))
    }

    /// See the command `fill`.
    fn fill(&self, tasks: &Tasks, bits: &str) -> Result<String, Failure> {
        let value = f32::from_bits(u32::from_str_radix(bits, 16)?);
        let values = vec![value; self.state[0].ty().elements()];
        let mut state = self.state.clone();
        state[0] = Tensor::from_f32(&self.state[0].ty().shape, &values)?;
        let start = cpu_seconds();
        self.step(tasks, state, &|| ())?;
        Ok(format!("{}", cpu_seconds() - start))
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
    let tasks = Tasks::compile(&programs, false)?;
    println!("{}", cpu_seconds() - start);
    let data = Tensor::from_u8(&data)?;
    let [seed, shard] = [Tensor::scalar_u32(1)?, Tensor::scalar_u32(0)?];
    // Not kept: its memory would count as that of training.
    let state =
        Program::compile(&programs.init, "main", &Options::default())?.run(std::slice::from_ref(&seed))?;
    let mut run = Run { data, seed, shard, state, step: 0 };
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let answer = match line.trim() {
            "hash" => run.hash(&tasks, &Tasks::compile(&programs, true)?)?,
            "profile" => {
                let times = run.profile(&tasks)?;
                tasks.names().zip(times).map(|(name, t)| format!("{t:.6} {name}\n")).collect()
            }
            command => match command.strip_prefix("fill ") {
                Some(bits) => run.fill(&tasks, bits)?,
                None => {
                    let start = cpu_seconds();
                    let mut loss = f32::NAN;
                    for _ in 0..command.parse::<u32>()? {
                        loss = run.train(&tasks, &|| ())?;
                    }
                    format!("{} {loss}", cpu_seconds() - start)
                }
            },
        };
        println!("{answer}");
    }
    Ok(())
}
