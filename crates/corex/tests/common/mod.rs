//! Running the real program, as a user would, with its processes, network and chain.

#![allow(dead_code)] // Each test file uses its part.

use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

/// A folder with a corpus, and room for results.
pub struct Place {
    dir: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Place {
        let place = Place { dir: tempfile::tempdir().expect("a temporary folder") };
        std::fs::write(place.path("corpus.txt"), corpus()).expect("the corpus is written");
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// `corex` with these arguments; its notes about running networks stay in this place.
    pub fn corex(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_corex"));
        c.args(args).current_dir(self.dir.path()).env("XDG_STATE_HOME", self.path("state"));
        c.env_remove("COREX_ISA").env_remove("COREX_KEY").stdin(Stdio::null());
        c
    }

    /// A training run of the acceptance test: always the same job, in the folder `out`.
    pub fn train(&self, out: &str, extra: &[&str]) -> Command {
        let job =
            ["train", "--preset", "tiny", "--steps", "24", "--data", "corpus.txt", "--json", "--out", out];
        self.corex(&[&job[..], extra].concat())
    }

    /// Processes that were started in this place and whose command line contains all of these words.
    #[cfg(target_os = "linux")]
    pub fn processes(&self, words: &[&str]) -> Vec<u32> {
        let here = self.dir.path().canonicalize().expect("the folder is there");
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").expect("Linux has /proc").flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse().ok()) else { continue };
            let Ok(line) = std::fs::read(entry.path().join("cmdline")) else { continue };
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            let is_here = std::fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == here);
            if is_here && words.iter().all(|w| line.contains(w)) {
                found.push(pid);
            }
        }
        found
    }
}

/// Text with structure, the same on every machine.
fn corpus() -> String {
    let words =
        ["the", "gradient", "of", "a", "node", "is", "checked", "by", "another", "and", "paid", "once"];
    let mut state = 1u32;
    let mut text = String::new();
    while text.len() < 200_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        text.push_str(words[(state >> 16) as usize % words.len()]);
        text.push(if state >> 28 == 0 { '\n' } else { ' ' });
    }
    text
}

/// Whole networks run here: one at a time, so that a small machine's audits are not late.
pub fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    // A test that failed has nothing to protect.
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(400);

/// Ends a process that hangs, so that the test which waits for it fails and says what was seen. Ends itself with the
/// value.
struct Watchdog(#[allow(dead_code)] mpsc::Sender<()>);

impl Watchdog {
    fn over(pid: u32) -> Watchdog {
        let (alive, waiting) = mpsc::channel();
        std::thread::spawn(move || {
            if waiting.recv_timeout(LONGEST) == Err(mpsc::RecvTimeoutError::Timeout) {
                kill(pid);
            }
        });
        Watchdog(alive)
    }
}

/// Runs to the end and reads the JSON object at the end of stdout.
pub fn json(command: &mut Command) -> Value {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let _watchdog = Watchdog::over(child.id());
    parse(&child.wait_with_output().expect("it ends"))
}

pub fn parse(out: &Output) -> Value {
    let stdout = String::from_utf8_lossy(&out.stdout);
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert!(out.status.success(), "{}\nstdout: {stdout}\nstderr: {stderr}", out.status);
    let last = stdout.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|e| panic!("{e}: {last}\nstderr: {stderr}"))
}

pub fn hash(summary: &Value) -> String {
    summary["model_hash"].as_str().expect("a hash").to_owned()
}

/// A program that is running, whose stderr is read as it comes.
pub struct Running {
    pub child: Child,
    _watchdog: Watchdog,
    lines: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Running {
    pub fn start(mut command: Command) -> Running {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("a pipe");
        let _watchdog = Watchdog::over(child.id());
        Running { child, _watchdog, lines: BufReader::new(stderr).lines() }
    }

    /// Waits for a line that contains the text, and gives it back.
    pub fn wait_for(&mut self, text: &str) -> String {
        let mut seen = String::new();
        for line in self.lines.by_ref() {
            let line = line.expect("UTF-8");
            if line.contains(text) {
                return line;
            }
            seen += &format!("{line}\n");
        }
        panic!("ended without saying {text:?}:\n{seen}");
    }

    /// Reads stderr to its end in the background, waits for the end, and gives the output back.
    pub fn finish(mut self) -> Output {
        let rest = std::thread::spawn(move || {
            self.lines.map_while(Result::ok).fold(String::new(), |all, line| all + &line + "\n")
        });
        let mut stdout = Vec::new();
        self.child.stdout.take().expect("a pipe").read_to_end(&mut stdout).expect("readable");
        let status = self.child.wait().expect("it ends");
        Output { status, stdout, stderr: rest.join().expect("read").into_bytes() }
    }
}

/// `kill -9`.
pub fn kill(pid: u32) {
    let status = Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill exists");
    assert!(status.success(), "process {pid} could not be killed");
}

/// Where `anvil` is: named by `COREX_ANVIL`, or brought by the contracts' npm packages.
pub fn anvil() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("COREX_ANVIL") {
        return Some(PathBuf::from(path));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/node_modules/.bin/anvil");
    root.exists().then_some(root)
}

/// A fresh chain. `anvil` of the npm packages is a script that starts the program, so that both are ended together.
/// Ends with the value.
pub struct Anvil {
    process: Child,
    pub url: String,
}

impl Anvil {
    /// The system chooses the port, and `anvil` says which. Looking for it by connecting would not do: on a port that
    /// nobody listens on yet, a connection from the same machine can meet itself and succeed.
    pub fn start(binary: &Path) -> Anvil {
        let mut command = Command::new(binary);
        command.args(["--port", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut process = command.spawn().expect("anvil starts");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let listening =
            lines.find_map(|l| l.expect("UTF-8").strip_prefix("Listening on ").map(str::to_owned));
        let url = format!("http://{}", listening.expect("anvil says where it listens"));
        // Whoever stops reading a pipe blocks its writer.
        std::thread::spawn(move || lines.for_each(drop));
        Anvil { process, url }
    }
}

impl Drop for Anvil {
    fn drop(&mut self) {
        #[cfg(unix)]
        let _ = Command::new("kill").args(["-9", "--", &format!("-{}", self.process.id())]).status();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
