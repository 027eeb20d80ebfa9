//! The corex command line: reads arguments, shows progress, prints results. Everything else is in `corex-node`.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 a proof did not hold
//! (`corex verify`) or a promise (`corex deploy --check`), 4 nobody agreed to what was to be signed, 130 interrupted.

mod args;
mod claim;
mod delegate;
mod deploy;
mod dispute;
mod distribution;
mod escrow;
mod generate;
mod governance;
mod market;
mod model;
mod money;
mod network;
mod program;
mod sign;
mod stake;
mod train;
mod ui;
mod verify;
mod wallet;

use args::{Cli, Command};
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use corex_node::Compute;
use std::process::ExitCode;

/// A checked lineage turned out to be wrong.
pub const EXIT_DISPROVED: u8 = 3;
/// Nobody agreed to what was to be signed.
pub const EXIT_NOT_AGREED: u8 = 4;
/// Stopped by the user; the work can be resumed.
pub const EXIT_INTERRUPTED: u8 = 130;

/// Tensor memory of one evaluation.
const MEMORY_LIMIT: u64 = 16 << 30;

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let json = wants_json(&matches);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    // A node has nothing but its log to be understood by; the other commands have a person in front of them.
    let level =
        if matches!(cli.command, Command::Node(_)) { "warn,corex=info,corex_node=info" } else { "error" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("COREX_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).init();
    let result = match cli.command {
        Command::Train(args) => train::run(*args),
        Command::Generate(args) => generate::run(args),
        Command::Model(command) => model::run(command),
        Command::Verify(args) => verify::run(args),
        Command::Node(args) => network::node(args),
        Command::Up(args) => network::up(args),
        Command::Deploy(args) => deploy::run(args),
        Command::Status(args) => network::status(args),
        Command::Dispute(command) => dispute::run(command),
        Command::Wallet(command) => wallet::run(command),
        Command::Offer(command) => market::offer::run(command),
        Command::Rent(command) => market::rent::run(command),
        Command::Vote(command) => governance::vote::run(command),
        Command::Propose(command) => governance::propose::run(command),
        Command::Committee(command) => governance::committee::run(command),
        Command::Vest(command) => distribution::vest::run(command),
        Command::Sale(command) => distribution::sale::run(command),
        Command::Auction(command) => distribution::auction::run(command),
        Command::Stake(command) => stake::run(command),
        Command::Delegate(command) => delegate::run(command),
        Command::Claim(args) => claim::run(&args),
        Command::Escrow(command) => escrow::run(command),
        Command::Program(command) => program::run(command),
    };
    result.unwrap_or_else(|error| {
        let words = printable(&error.to_string());
        if json {
            println!("{}", failed(&words));
        }
        eprintln!("error: {words}");
        ExitCode::FAILURE
    })
}

/// Whether the command, or one within it, was asked for JSON.
fn wants_json(matches: &ArgMatches) -> bool {
    let asked = matches.try_get_one("json").ok().flatten().copied().unwrap_or(false);
    asked || matches.subcommand().is_some_and(|(_, inner)| wants_json(inner))
}

/// A failure for machines: what went wrong and, where there is one, what to do.
fn failed(words: &str) -> serde_json::Value {
    match words.split_once("\nhint: ") {
        Some((error, hint)) => serde_json::json!({ "error": error, "hint": hint }),
        None => serde_json::json!({ "error": words }),
    }
}

/// What went wrong, for people.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How this process computes: `COREX_ISA` forces an instruction set (`avx512`, `avx2`, `portable`), which changes no
/// bit of any result.
pub fn compute(threads: Option<usize>) -> Result<Compute, Failure> {
    let isa = match std::env::var("COREX_ISA") {
        Err(_) => corex_node::Isa::detect(),
        Ok(name) => {
            let wanted: corex_node::Isa = name
                .parse()
                .map_err(|_| format!("COREX_ISA is `{name}`\nhint: use avx512, avx2 or portable"))?;
            if !corex_node::Isa::available().contains(&wanted) {
                return Err(format!("COREX_ISA is `{name}`, which this processor does not have").into());
            }
            wanted
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = threads.unwrap_or(cores);
    if threads == 0 || threads > 1024 {
        return Err(format!("--threads {threads} is out of range\nhint: use 1 to {cores}").into());
    }
    Ok(Compute { isa, threads, memory_limit: MEMORY_LIMIT })
}

/// A runtime for the commands that talk to other processes.
pub fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

/// Becomes true when the user presses Ctrl-C or the system asks the process to end. A second Ctrl-C ends it at once.
/// Must be called within a runtime.
pub fn stop_signal() -> tokio::sync::watch::Receiver<bool> {
    let (sender, receiver) = tokio::sync::watch::channel(false);
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            asked_to_stop().await;
            eprintln!("stopping; press Ctrl-C again to stop at once");
            sender.send_replace(true);
            asked_to_stop().await;
            std::process::exit(i32::from(EXIT_INTERRUPTED));
        });
    });
    receiver
}

#[cfg(unix)]
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_stop() {
    // Without a signal handler Ctrl-C ends the process, which is a stop, too.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

/// Words that may be somebody else's, such as a contract's: without what moves a terminal's cursor or colours it.
fn printable(words: &str) -> String {
    words.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}
