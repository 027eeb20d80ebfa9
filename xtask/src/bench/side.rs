//! One side of a comparison: a process that trains when told to.
//!
//! Sides are bound to the same processor (JAX cannot be told otherwise to use one thread) and take turns, so that all
//! meet the same noise. They answer in CPU seconds, so that what else runs on the machine counts little.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use crate::shell;

/// A GPT and its batch.
#[derive(Clone, Copy)]
pub struct Sizes {
    pub layers: usize,
    pub width: usize,
    pub heads: usize,
    pub context: usize,
    pub batch: usize,
}

/// Scores per position: tokens are bytes.
const VOCAB: usize = 256;

impl Sizes {
    /// Tokens that a step trains on.
    pub fn tokens(&self) -> usize {
        self.batch * self.context
    }

    /// Multiplications and additions of the step's matrix products, attention in full: 2 per weight and token forward,
    /// 4 backward; scores and values likewise.
    pub fn flops(&self) -> f64 {
        let Self { layers, width, context, .. } = *self;
        let weights = 12 * layers * width * width + VOCAB * width;
        self.tokens() as f64 * (6 * weights + 12 * layers * context * width) as f64
    }

    /// The arguments of a side.
    pub fn args(&self, data: &Path) -> Vec<String> {
        let sizes = [self.layers, self.width, self.heads, self.context, self.batch];
        sizes.iter().map(usize::to_string).chain([data.display().to_string()]).collect()
    }
}

/// A process that trains.
pub struct Side {
    pub name: &'static str,
    child: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    /// CPU seconds of compilation, where that is apart from the first step.
    pub compile_seconds: f64,
    /// CPU seconds per step, by turn.
    pub seconds: Vec<f64>,
    pub loss: f64,
}

impl Side {
    /// Starts the process and waits until it is ready.
    pub fn start(name: &'static str, command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{name} could not be started: {e}"))?;
        let commands = child.stdin.take().ok_or("no stdin")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no stdout")?).lines();
        let mut side =
            Self { name, child, commands, answers, compile_seconds: 0.0, seconds: vec![], loss: f64::NAN };
        let ready = side.answer()?;
        side.compile_seconds = ready[0];
        Ok(side)
    }

    /// The numbers of the next answer; there is at least one.
    fn answer(&mut self) -> Result<Vec<f64>, String> {
        let failed = |what: String| format!("{}: {what}", self.name);
        let line =
            self.answers.next().ok_or_else(|| failed("ended early (its messages are above)".into()))?;
        let line = line.map_err(|e| failed(e.to_string()))?;
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        if numbers.is_empty() { Err(failed(format!("answered {line:?}"))) } else { Ok(numbers) }
    }

    /// Sends a command; the numbers of the answer.
    pub fn ask(&mut self, command: &str) -> Result<Vec<f64>, String> {
        writeln!(self.commands, "{command}").map_err(|e| format!("{}: {e}", self.name))?;
        self.answer()
    }

    /// Trains some steps, measured.
    pub fn turn(&mut self, steps: usize) -> Result<(), String> {
        match self.ask(&steps.to_string())?[..] {
            [seconds, loss] => {
                self.seconds.push(seconds / steps as f64);
                self.loss = loss;
                Ok(())
            }
            ref other => Err(format!("{}: answered {other:?}", self.name)),
        }
    }

    /// Trains a step that does not count: it compiles and touches memory.
    pub fn warm_up(&mut self) -> Result<(), String> {
        let start = Instant::now();
        self.turn(1)?;
        let cpu = self.seconds.drain(..).sum::<f64>();
        eprintln!("{}: first step after {cpu:.1} CPU seconds, {:.1?}", self.name, start.elapsed());
        Ok(())
    }

    /// CPU seconds of a step in the best turn.
    pub fn best(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// CPU seconds of a step in the worst turn.
    pub fn worst(&self) -> f64 {
        self.seconds.iter().copied().fold(0.0, f64::max)
    }

    /// Our speed divided by a peer's: the median over turns, whose two sides are neighbours in time.
    pub fn speed_over(&self, peer: &Self) -> f64 {
        let mut ratios: Vec<f64> = peer.seconds.iter().zip(&self.seconds).map(|(p, s)| p / s).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Most memory that the process has had, in bytes.
    pub fn peak_memory(&self) -> Result<f64, String> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(|e| format!("{path}: {e}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
        kib.map(|kib| kib * 1024.0).ok_or_else(|| format!("{path} has no VmHWM"))
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // It is idle by now, or something went wrong; an error here changes nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds our sides, once and before anything is measured. Not `-p`: its dependencies are built with the features of the
/// whole workspace.
pub fn build() -> Result<(), String> {
    let examples = ["--example", "train_speed", "--example", "program_speed"];
    let mut cargo = shell::command("cargo", &["build", "--release", "--quiet", "--workspace"]);
    shell::run(cargo.args(examples))
}

/// Our side; see [`build`].
pub fn corex(sizes: &Sizes, data: &Path) -> Result<Side, String> {
    Side::start(
        "corex",
        on_one_processor(&shell::target().join("release/examples/train_speed"))?.args(sizes.args(data)),
    )
}

/// Our side with the step that JAX's script exports; see [`build`].
pub fn imported(python: &Path, sizes: &Sizes, data: &Path) -> Result<Side, String> {
    let path = shell::root().join("target/bench-imported");
    let script = shell::root().join("xtask/src/bench/train_jax.py");
    let mut export = Command::new(python);
    shell::run(export.arg(script).args(sizes.args(data)).arg(&path).stdout(std::io::stderr()))?;
    let program = shell::target().join("release/examples/program_speed");
    Side::start("imported", on_one_processor(&program)?.arg(path))
}

/// A peer's side: a script of this folder.
pub fn script(
    name: &'static str,
    python: &Path,
    file: &str,
    sizes: &Sizes,
    data: &Path,
) -> Result<Side, String> {
    let script = shell::root().join("xtask/src/bench").join(file);
    Side::start(name, on_one_processor(python)?.arg(script).args(sizes.args(data)))
}

/// candle's side, given its program.
pub fn candle(program: &Path, sizes: &Sizes, data: &Path) -> Result<Side, String> {
    let mut command = on_one_processor(program)?;
    Side::start("candle", command.args(sizes.args(data)).env("RAYON_NUM_THREADS", "1"))
}

/// A command bound to the first processor that we may use. The C library keeps what is freed for the next step: by default it gives
/// large blocks back to the system, which doubles the time of candle and adds some percent to that of PyTorch.
fn on_one_processor(program: &Path) -> Result<Command, String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let first = allowed.and_then(|list| list.trim().split([',', '-']).next());
    let Some(processor) = first.filter(|_| shell::available("taskset")) else {
        return Err("binding a process to one processor takes Linux and taskset (package util-linux)".into());
    };
    let mut command = Command::new("taskset");
    command.args(["-c", processor]).arg(program);
    command.env("MALLOC_MMAP_THRESHOLD_", "4294967296").env("MALLOC_TRIM_THRESHOLD_", "17179869184");
    Ok(command)
}

/// The text files that git tracks here, as one file.
pub fn corpus() -> Result<PathBuf, String> {
    let mut text = Vec::new();
    let list = shell::command("git", &["ls-files", "-z", "*.rs", "*.md", "*.sol"])
        .output()
        .map_err(|e| format!("git ls-files: {e}"))?;
    for file in String::from_utf8_lossy(&list.stdout).split('\0').filter(|f| !f.is_empty()) {
        text.extend(std::fs::read(shell::root().join(file)).unwrap_or_default());
    }
    let folder = shell::root().join("target");
    let path = folder.join("bench-train.txt");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, text))
        .map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}
