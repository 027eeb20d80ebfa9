//! One test body, two chains: the embedded one with a clock that tests move, and `anvil` where there is one.
#![allow(dead_code)] // Each test file uses its part.

use corex_chain::{Chain, Clock, EmbeddedChain, EmbeddedConfig, ManualClock};
use corex_work::{Address, OperatorKey};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

pub const GAS: u128 = 1_000 * 10u128.pow(18);

pub fn key(n: u8) -> OperatorKey {
    OperatorKey::from_bytes([n; 32]).unwrap()
}

pub enum Backend {
    Embedded {
        node: Option<EmbeddedChain>,
        clock: ManualClock,
        config: EmbeddedConfig,
        dir: tempfile::TempDir,
    },
    Anvil {
        child: Child,
        url: String,
    },
}

impl Backend {
    /// An embedded chain on which `rich` accounts have gas. It starts at the present: signatures do not care,
    /// but deadlines in tests read better.
    pub async fn embedded(rich: &[Address]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::manual(1_800_000_000);
        let genesis = rich.iter().map(|a| (*a, GAS)).collect();
        let config = EmbeddedConfig { clock, ..EmbeddedConfig::new(dir.path().join("chain.redb"), genesis) };
        let node = EmbeddedChain::start(config.clone()).await.unwrap();
        Self::Embedded { node: Some(node), clock: hand, config, dir }
    }

    /// `anvil`: the one that `COREX_ANVIL` names, which must then exist, or the one in the contracts' npm
    /// packages if they are installed.
    pub async fn anvil(rich: &[Address]) -> Option<Self> {
        let installed =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../contracts/node_modules/.bin/anvil");
        let binary = match std::env::var_os("COREX_ANVIL") {
            Some(path) => PathBuf::from(path),
            None => installed,
        };
        let mut command = Command::new(&binary);
        command.args(["--port", "0", "--hardfork", "osaka", "--chain-id", "31337"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        // npm's `anvil` is a script that starts the program, so that both are ended together.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let spawned = command.spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(e) => {
                assert!(std::env::var_os("COREX_ANVIL").is_none(), "COREX_ANVIL={}: {e}", binary.display());
                println!("no anvil at {} ({e}): this test ran on the embedded chain only", binary.display());
                return None;
            }
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = lines.find_map(|l| l.unwrap().strip_prefix("Listening on ").map(str::to_string));
        let url = format!("http://{}", listening.expect("anvil says where it listens"));
        // Whoever stops reading a pipe blocks its writer.
        std::thread::spawn(move || lines.for_each(drop));
        for address in rich {
            rpc(&url, "anvil_setBalance", json!([address, format!("{GAS:#x}")])).await;
        }
        Some(Self::Anvil { child, url })
    }

    pub fn url(&self) -> String {
        match self {
            Self::Embedded { node, .. } => node.as_ref().unwrap().url(),
            Self::Anvil { url, .. } => url.clone(),
        }
    }

    pub async fn connect(&self, n: u8) -> Chain {
        Chain::connect(&self.url(), key(n), None).await.unwrap()
    }

    /// Block time.
    pub async fn now(&self) -> u64 {
        match self {
            Self::Embedded { clock, .. } => clock.now(),
            Self::Anvil { url, .. } => {
                let block = rpc(url, "eth_getBlockByNumber", json!(["latest", false])).await;
                u64::from_str_radix(block["timestamp"].as_str().unwrap().trim_start_matches("0x"), 16)
                    .unwrap()
            }
        }
    }

    /// Moves block time forward.
    pub async fn advance(&self, seconds: u64) {
        match self {
            Self::Embedded { clock, .. } => clock.advance(seconds),
            Self::Anvil { url, .. } => {
                rpc(url, "evm_increaseTime", json!([seconds])).await;
                rpc(url, "evm_mine", json!([])).await;
            }
        }
    }

    /// The chain as it is, to come back to; `anvil` only.
    pub async fn snapshot(&self) -> Value {
        rpc(&self.url(), "evm_snapshot", json!([])).await
    }

    /// Takes back all blocks since a snapshot, as a reorganisation does.
    pub async fn reorganise(&self, snapshot: Value) {
        assert_eq!(rpc(&self.url(), "evm_revert", json!([snapshot])).await, json!(true));
    }

    /// Stops the chain and starts it again from its file, at the same address; `false` where that cannot be
    /// done.
    pub async fn restart(&mut self) -> bool {
        match self {
            Self::Embedded { node, config, .. } => {
                let old = node.take().unwrap();
                let listen = old.address();
                old.shutdown().await;
                let again = EmbeddedConfig { listen, genesis: Vec::new(), ..config.clone() };
                *node = Some(EmbeddedChain::start(again).await.unwrap());
                true
            }
            Self::Anvil { .. } => false,
        }
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Self::Anvil { child, .. } = self {
            #[cfg(unix)]
            Command::new("kill").args(["-9", "--", &format!("-{}", child.id())]).status().ok();
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// One JSON-RPC call, by hand; its result.
pub async fn rpc(url: &str, method: &str, params: Value) -> Value {
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let (_, answer) = post(url, call.to_string()).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert!(answer.get("error").is_none(), "{method}: {answer}");
    answer["result"].clone()
}

/// An HTTP POST, by hand: status and body.
pub async fn post(url: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
    rustls::crypto::ring::default_provider().install_default().ok();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response =
        client.post(url).header("content-type", "application/json").body(body).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}
