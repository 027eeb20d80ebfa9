//! Runs an exported training step on one thread, as fast as it goes: a side of `cargo xtask bench engine`.
//!
//! `program_speed PATH` reads PATH.mlir, whose arguments are the state, what every step is given, and the step's number, and
//! whose results are the state and the loss; and PATH.bin, the bytes of the first step's arguments. It prints the CPU
//! seconds that compilation took and answers each line on stdin with one on stdout, in CPU seconds of the process:
//!
//! - `N`: runs N steps; seconds and the last loss.
//! - `profile`: one step; the seconds of every step of the plan, one per line, then an empty line.

use std::io::BufRead;
use std::sync::Mutex;

use corex_engine::{Options, Program, Tensor};
use corex_hlo::{TensorType, parse};

type Failure = Box<dyn std::error::Error>;

/// CPU seconds of this process so far.
fn cpu_seconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid clock and a place for its time.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}

/// A training run.
struct Run {
    program: Program,
    state: Vec<Tensor>,
    given: Vec<Tensor>,
    counter: TensorType,
    step: u32,
}

impl Run {
    /// One step, whose state is updated in place; the loss.
    fn train(&mut self, after_step: &(dyn Fn(usize) + Sync)) -> Result<f32, Failure> {
        let mut inputs = std::mem::take(&mut self.state);
        inputs.extend(self.given.iter().cloned());
        inputs.push(Tensor::from_bytes(self.counter.clone(), &self.step.to_le_bytes())?);
        self.state = self.program.run_donated(inputs, Some(&|at| after_step(at)))?;
        self.step += 1;
        let loss = self.state.pop().and_then(|loss| loss.to_f32()).ok_or("the last result is the loss")?;
        Ok(loss[0])
    }

    fn answer(&mut self, command: &str) -> Result<String, Failure> {
        let start = cpu_seconds();
        if command == "profile" {
            let names: Vec<String> = self.program.steps().collect();
            let times = Mutex::new((start, Vec::new()));
            let observe = |_| {
                let now = cpu_seconds();
                if let Ok(mut times) = times.lock() {
                    let last = std::mem::replace(&mut times.0, now);
                    times.1.push(now - last);
                }
            };
            self.train(&observe)?;
            let times = times.into_inner()?.1;
            return Ok(names.iter().zip(times).map(|(name, t)| format!("{t:.6} {name}\n")).collect());
        }
        let mut loss = f32::NAN;
        for _ in 0..command.parse::<u32>()? {
            loss = self.train(&|_| ())?;
        }
        Ok(format!("{} {loss}", cpu_seconds() - start))
    }
}

fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).ok_or("usage: program_speed PATH")?;
    let text = std::fs::read_to_string(format!("{path}.mlir"))?;
    let bytes = std::fs::read(format!("{path}.bin"))?;
    let start = cpu_seconds();
    let program = Program::compile(&parse(&text)?, "main", &Options::default())?;
    println!("{}", cpu_seconds() - start);
    let mut arguments = Vec::new();
    let mut rest = &bytes[..];
    for ty in program.inputs() {
        let (bytes, after) = rest.split_at_checked(ty.bytes()).ok_or("PATH.bin is too short")?;
        arguments.push(Tensor::from_bytes(ty.clone(), bytes)?);
        rest = after;
    }
    let counter = arguments.pop().ok_or("the last argument is the step's number")?.ty().clone();
    let given = arguments.split_off(arguments.len().checked_sub(1).ok_or("there is data")?);
    let mut run = Run { program, state: arguments, given, counter, step: 0 };
    for line in std::io::stdin().lock().lines() {
        println!("{}", run.answer(line?.trim())?);
    }
    Ok(())
}
