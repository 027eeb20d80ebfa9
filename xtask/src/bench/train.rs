//! `cargo xtask bench train`: tokens per second of a training step against JAX, one thread each.
//!
//! Both sides are processes that answer "so many steps" with "so many seconds". They are bound to the same
//! processor (JAX cannot be told otherwise to use one thread) and take turns, so that both meet the same noise;
//! the best turn of each counts. JAX lives in a scratch environment under `target/`.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::shell;

/// The preset `nano` with the batch of a whole step.
const SIZES: [(&str, usize); 5] =
    [("layers", 4), ("width", 128), ("heads", 4), ("context", 128), ("batch", 32)];
const TOKENS_PER_STEP: f64 = (128 * 32) as f64;
const TURNS: usize = 7;
const STEPS_PER_TURN: usize = 3;

/// Measures; a table goes to stderr and with `json` one JSON object to stdout: `tokens_per_s` (ours), `vs_jax`
/// (ours divided by JAX's), `jax_tokens_per_s` and the last losses of both.
///
/// # Errors
/// If Python or JAX cannot be had, or one side fails.
pub fn run(json: bool) -> Result<(), String> {
    let python = python_with_jax()?;
    let data = corpus()?;
    let mut args: Vec<String> = SIZES.iter().map(|(_, size)| size.to_string()).collect();
    args.push(data.display().to_string());

    shell::run(&mut shell::command(
        "cargo",
        &["build", "--release", "--quiet", "-p", "corex-models", "--example", "train_speed"],
    ))?;
    let mut ours = Side::start("corex", on_one_processor(&example("train_speed"))?.args(&args))?;
    let script = shell::root().join("xtask/src/bench/train_jax.py");
    let mut jax = Side::start("JAX", on_one_processor(&python)?.arg(script).args(&args))?;
    // The first step of each compiles and touches memory.
    ours.turn(1)?;
    jax.turn(1)?;
    for _ in 0..TURNS {
        ours.turn(STEPS_PER_TURN)?;
        jax.turn(STEPS_PER_TURN)?;
    }

    let ratio = ours.tokens_per_s() / jax.tokens_per_s();
    let sizes: Vec<String> = SIZES.iter().map(|(name, size)| format!("{name} {size}")).collect();
    eprintln!("GPT training step, f32, one thread: {}", sizes.join(", "));
    eprintln!("{:8} {:>10} {:>10}", "", "tokens/s", "last loss");
    for side in [&ours, &jax] {
        eprintln!("{:8} {:10.0} {:10.3}", side.name, side.tokens_per_s(), side.loss);
    }
    eprintln!("corex / JAX: {ratio:.2} (best of {TURNS} turns of {STEPS_PER_TURN} steps)");
    if json {
        let result = serde_json::json!({
            "tokens_per_s": ours.tokens_per_s(),
            "vs_jax": ratio,
            "jax_tokens_per_s": jax.tokens_per_s(),
            "loss": ours.loss,
            "jax_loss": jax.loss,
        });
        println!("{result}");
    }
    Ok(())
}

/// One process that trains.
struct Side {
    name: &'static str,
    child: Child,
    commands: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    best_seconds_per_step: f64,
    loss: f64,
}

impl Side {
    fn start(name: &'static str, command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{name} could not be started: {e}"))?;
        let commands = child.stdin.take().ok_or("no stdin")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no stdout")?).lines();
        Ok(Self { name, child, commands, answers, best_seconds_per_step: f64::INFINITY, loss: f64::NAN })
    }

    fn turn(&mut self, steps: usize) -> Result<(), String> {
        let failed = |what: String| format!("{}: {what}", self.name);
        writeln!(self.commands, "{steps}").map_err(|e| failed(e.to_string()))?;
        let answer =
            self.answers.next().ok_or_else(|| failed("ended early (its messages are above)".into()))?;
        let answer = answer.map_err(|e| failed(e.to_string()))?;
        let numbers: Vec<f64> = answer.split_whitespace().filter_map(|n| n.parse().ok()).collect();
        let [seconds, loss] = numbers[..] else { return Err(failed(format!("answered {answer:?}"))) };
        self.best_seconds_per_step = self.best_seconds_per_step.min(seconds / steps as f64);
        self.loss = loss;
        Ok(())
    }

    fn tokens_per_s(&self) -> f64 {
        TOKENS_PER_STEP / self.best_seconds_per_step
    }
}

impl Drop for Side {
    fn drop(&mut self) {
        // Both are idle by now, or something went wrong; an error here changes nothing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command bound to the first processor that we may use.
fn on_one_processor(program: &Path) -> Result<Command, String> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let first = allowed.and_then(|list| list.trim().split([',', '-']).next());
    let Some(processor) = first.filter(|_| shell::available("taskset")) else {
        return Err("binding a process to one processor takes Linux and taskset (package util-linux)".into());
    };
    let mut command = Command::new("taskset");
    command.args(["-c", processor]).arg(program);
    Ok(command)
}

/// Python of a scratch environment with JAX, made on first use.
fn python_with_jax() -> Result<PathBuf, String> {
    let venv = shell::root().join("target/bench-venv");
    let python = venv.join("bin/python");
    let has_jax = |python: &Path| {
        Command::new(python).args(["-c", "import jax"]).output().is_ok_and(|out| out.status.success())
    };
    if !has_jax(&python) {
        let folder = venv.display().to_string();
        shell::run(shell::command("python3", &["-m", "venv", &folder]).stdout(std::io::stderr()))?;
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "jax"]).stdout(std::io::stderr());
        shell::run(&mut install)
            .map_err(|e| format!("{e}\nhint: JAX comes from PyPI, which must be reachable"))?;
    }
    Ok(python)
}

/// The text files that git tracks here, as one file.
fn corpus() -> Result<PathBuf, String> {
    let mut text = Vec::new();
    let list = shell::command("git", &["ls-files", "-z", "*.rs", "*.md", "*.sol"])
        .output()
        .map_err(|e| format!("git ls-files: {e}"))?;
    for file in String::from_utf8_lossy(&list.stdout).split('\0').filter(|f| !f.is_empty()) {
        text.extend(std::fs::read(shell::root().join(file)).unwrap_or_default());
    }
    let path = shell::root().join("target/bench-train.txt");
    std::fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}

/// Where cargo puts a release example.
fn example(name: &str) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| shell::root().join("target"), PathBuf::from);
    target.join("release/examples").join(name)
}
