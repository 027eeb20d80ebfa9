//! `corex up`, `corex node`, `corex status`.

use crate::args::{NodeArgs, StatusArgs, UpArgs};
use crate::ui::Ui;
use crate::{Failure, compute, runtime, stop_signal};
use corex_node::network::{ChainChoice, LocalNetwork, NetworkFile, NetworkOptions};
use corex_node::node::NodeOptions;
use corex_node::status::Status;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tokio::sync::watch;

/// Where contracts live, from `--rpc` and `--rpc-port`.
pub fn chain_choice(rpc: Option<String>, rpc_port: u16) -> ChainChoice {
    match rpc {
        Some(url) => ChainChoice::Rpc { url },
        None => ChainChoice::Embedded { rpc_port },
    }
}

/// The account of `--key`.
pub fn account(key: Option<&str>) -> Result<Option<corex_work::OperatorKey>, Failure> {
    key.map(crate::sign::key_of).transpose()
}

pub fn up(args: UpArgs) -> Result<ExitCode, Failure> {
    let (ui, reporter) = Ui::new();
    let options = NetworkOptions {
        dir: args.dir,
        profile: args.profile,
        chain: chain_choice(args.rpc, args.rpc_port),
        key: account(args.key.as_deref())?,
        listen: args.listen,
        program: std::env::current_exe()?,
        providers: args.nodes,
        verifiers: args.verifiers,
        threads: args.threads.unwrap_or_else(|| corex_node::train::share_of_cores(args.nodes)),
        cheat: None,
        blobs: None,
    };
    runtime()?.block_on(async {
        let mut stop = stop_signal();
        let network = LocalNetwork::start(options, &reporter).await?;
        let file = network.file();
        ui.line(&format!("chain     {} (id {})", file.rpc, file.chain_id));
        ui.line(&format!("host      {}", file.host));
        ui.line(&format!("join it   corex node --join {}", file.host));
        ui.line(&format!("train     corex train --network {}", network.dir().display()));
        ui.line("running; Ctrl-C stops it, the same command starts it again");
        // The sender lives in the task that waits for the signal.
        let _ = stop.wait_for(|s| *s).await;
        ui.line("stopping");
        network.stop().await;
        ui.finish();
        Ok(ExitCode::SUCCESS)
    })
}

pub fn node(args: NodeArgs) -> Result<ExitCode, Failure> {
    let host = match &args.join {
        None => NetworkFile::latest()?.host()?,
        Some(text) if text.contains('@') => text.parse()?,
        Some(path) => NetworkFile::read(Path::new(path))?.host()?,
    };
    let role = if args.verify { "verifier" } else { "provider" };
    let name = args.name.unwrap_or_else(|| format!("{role}-{}", std::process::id()));
    let options = NodeOptions {
        host,
        dir: args.dir.unwrap_or_else(|| PathBuf::from("out/nodes").join(&name)),
        name,
        verifier: args.verify,
        compute: compute(args.threads)?,
        listen: args.listen,
        cheat: args.cheat.map(crate::train::cheat),
    };
    runtime()?.block_on(async {
        let stop = if args.owned { owner_gone() } else { stop_signal() };
        corex_node::node::run(options, stop).await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Becomes true when standard input closes, which it does when the parent process ends, however it ends. Signals of the
/// terminal are the parent's business.
fn owner_gone() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        // Nothing is ever written there; an error means the same as the end.
        let _ = std::io::stdin().lock().read_to_end(&mut rest);
        sender.send_replace(true);
        // A node that hangs must not outlive its owner.
        std::thread::sleep(std::time::Duration::from_secs(4));
        std::process::exit(1);
    });
    tokio::spawn(async { while tokio::signal::ctrl_c().await.is_ok() {} });
    receiver
}

pub fn status(args: StatusArgs) -> Result<ExitCode, Failure> {
    let file = match &args.network {
        Some(path) => NetworkFile::read(path)?,
        None => NetworkFile::latest()?,
    };
    let status = runtime()?.block_on(corex_node::status::status(&file))?;
    if args.json {
        println!("{}", serde_json::to_string(&status)?);
    } else {
        print!("{}", text(&status));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(s: &Status) -> String {
    let mut out = format!(
        "chain {} at {}, block {}\n{}: supply {:.0}, pool {:.3}, escrow {:.3}, staked {:.3}, funds {:.3}, burned {:.3}\n\n",
        s.chain_id, s.rpc, s.block, s.symbol, s.supply, s.pool, s.escrow, s.staked, s.funds, s.burned
    );
    out += "NODE                                        ROLE      UNITS/S   VERIFIED UNITS  FAULTS     STAKE     BALANCE\n";
    for n in &s.nodes {
        let left = if n.active { "" } else { "  left" };
        out += &format!(
            "{:<42}  {:<8} {:>8}  {:>15}  {:>6}  {:>8.1}  {:>10.3}{left}\n",
            n.node.to_string(),
            n.role,
            n.capability,
            n.verified_units,
            n.faults,
            n.stake,
            n.balance
        );
    }
    out += "\nJOB                                                                 ROUNDS      ESCROW\n";
    for j in &s.jobs {
        let state = if j.closed { "  closed" } else { "" };
        out += &format!("{}  {:>6}  {:>10.3}{state}\n", j.job, j.rounds, j.balance);
    }
    out
}
