//! Nodes as processes of their own on this machine, started by one parent and ended with it.
//!
//! A child holds the read end of a pipe whose write end only the parent has. When the parent ends, however it ends,
//! the pipe closes and the child stops: nothing is left behind by `kill -9`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::report::{Report, Reporter};

/// A child that ends is started again after this pause, doubled each time up to the limit.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// A child that ran this long is taken for healthy: the next pause is short again.
const HEALTHY: Duration = Duration::from_secs(60);
/// Between asking a child to stop and killing it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What to start.
#[derive(Debug, Clone)]
pub struct ChildSpec {
    /// Shown to people; also the name of its folder.
    pub name: String,
    /// Folder of the node; its standard error goes to `log.txt` there.
    pub dir: PathBuf,
    /// Arguments after the program.
    pub args: Vec<String>,
}

/// Keeps children running until it is stopped.
pub struct Supervisor {
    stop: watch::Sender<bool>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Supervisor {
    /// Starts every child with `program`.
    pub fn start(program: &Path, children: Vec<ChildSpec>, reporter: &Reporter) -> Supervisor {
        let (stop, _) = watch::channel(false);
        let tasks = children
            .into_iter()
            .map(|spec| {
                tokio::spawn(keep_running(program.to_path_buf(), spec, stop.subscribe(), reporter.clone()))
            })
            .collect();
        Supervisor { stop, tasks }
    }

    /// Stops every child and waits until they are gone.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            // A panic of the watching task has been reported by the runtime; its child dies with the pipe.
            let _ = task.await;
        }
    }
}

async fn keep_running(
    program: PathBuf,
    spec: ChildSpec,
    mut stop: watch::Receiver<bool>,
    reporter: Reporter,
) {
    let mut pause = FIRST_PAUSE;
    while !*stop.borrow() {
        let started = Instant::now();
        match spawn(&program, &spec) {
            Err(e) => reporter(Report::Warning(format!("cannot start {}: {e}", spec.name))),
            Ok(mut child) => {
                // Held apart from the child: waiting for a child closes the pipe that it owns.
                let pipe = child.stdin.take();
                tokio::select! {
                    status = child.wait() => {
                        let how = status.map_or_else(|e| e.to_string(), |s| s.to_string());
                        let log = spec.dir.join("log.txt");
                        reporter(Report::Warning(format!("{} ended ({how}); its log is {}", spec.name, log.display())));
                    }
                    () = asked(&mut stop) => {
                        drop(pipe);
                        end(child).await;
                        return;
                    }
                }
            }
        }
        if started.elapsed() > HEALTHY {
            pause = FIRST_PAUSE;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = asked(&mut stop) => return,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Waits until the supervisor is stopped, or gone.
async fn asked(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|s| *s).await;
}

fn spawn(program: &Path, spec: &ChildSpec) -> std::io::Result<Child> {
    std::fs::create_dir_all(&spec.dir)?;
    let log = std::fs::OpenOptions::new().create(true).append(true).open(spec.dir.join("log.txt"))?;
    Command::new(program)
        .args(&spec.args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
}

/// Waits for a child whose pipe was closed, and kills it if it does not stop.
async fn end(mut child: Child) {
    if tokio::time::timeout(PATIENCE, child.wait()).await.is_err() {
        // It may have ended in this very moment, which is what we want.
        let _ = child.kill().await;
    }
}
