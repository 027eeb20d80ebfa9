//! The embedded chain by itself: JSON-RPC manners, real hashes and opcodes, durability, many senders.

mod common;

use alloy::{consensus::Header, primitives::B256};
use axum::{Router, http::StatusCode};
use common::{Backend, GAS, key, post, rpc};
use corex_chain::{Chain, ChainError, Clock, EmbeddedChain, EmbeddedConfig};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

/// Code of the error that a body is answered with.
async fn error_code(url: &str, body: &str) -> i64 {
    let (status, answer) = post(url, body.to_string()).await;
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["jsonrpc"], "2.0");
    answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("{body}: {answer}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_gets_the_error_code_that_names_it() {
    let backend = Backend::embedded(&[key(1).address()]).await;
    let url = &backend.url();
    let call = |method: &str, params: Value| {
        json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
    };
    for (body, code) in [
        ("", -32700),
        ("{", -32700),
        ("\u{1}\u{2}", -32700),
        ("[]", -32600),
        ("3", -32600),
        ("{}", -32600),
        ("{\"id\":{},\"method\":\"eth_chainId\"}", -32600),
        ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"eth_chainId\"}", -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_chainId\",\"params\":{\"a\":1}}", -32602),
        (&call("eth_mine", json!([])), -32601),
        (&call("eth_getBalance", json!([])), -32602),
        (&call("eth_getBalance", json!(["0x12", "latest"])), -32602),
        (&call("eth_getBalance", json!([key(1).address(), "0x10"])), -32000),
        (&call("eth_getStorageAt", json!([key(1).address(), "zero"])), -32602),
        (&call("eth_call", json!([{"to": 5}])), -32602),
        (&call("eth_call", json!([{}, "latest", {"0x00": {}}])), -32602),
        (&call("eth_call", json!([{"data": "0xfe"}])), -32000),
        (&call("eth_sendRawTransaction", json!(["0x"])), -32000),
        (&call("eth_sendRawTransaction", json!(["0xzz"])), -32602),
        (&call("eth_sendRawTransaction", json!([format!("0x02{}", "c0".repeat(99))])), -32000),
        (&call("eth_getFilterChanges", json!(["0x99"])), -32000),
        (&call("eth_getLogs", json!([{"fromBlock": "later"}])), -32602),
        (&call("eth_getLogs", json!([{"blockHash": B256::ZERO}])), -32000),
        (&call("eth_feeHistory", json!(["0x1", "0xffffff", []])), -32000),
    ] {
        assert_eq!(error_code(url, body).await, code, "{body}");
    }
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(error_code(url, &deep).await, -32700);
    let many = format!("[{}]", vec!["1"; 300].join(","));
    assert_eq!(error_code(url, &many).await, -32600);
    assert_eq!(post(url, vec![b' '; 2 << 20]).await.0, 413);

    // A batch answers each call and no notification; a batch of notifications is not answered at all.
    let notify = json!({ "jsonrpc": "2.0", "method": "eth_chainId" });
    let ask = json!({ "jsonrpc": "2.0", "id": "a", "method": "eth_chainId" });
    let (_, answer) = post(url, json!([notify, ask, 7]).to_string()).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer[0], json!({ "jsonrpc": "2.0", "id": "a", "result": "0x6b01" }));
    assert_eq!((answer.as_array().unwrap().len(), &answer[1]["error"]["code"]), (2, &json!(-32600)));
    assert_eq!(post(url, json!([notify]).to_string()).await, (204, String::new()));

    // Unknown things are null, not errors.
    for (method, params) in [
        ("eth_getTransactionByHash", json!([B256::ZERO])),
        ("eth_getTransactionReceipt", json!([B256::ZERO])),
        ("eth_getBlockByHash", json!([B256::ZERO, true])),
        ("eth_getBlockByNumber", json!(["0x99", true])),
    ] {
        assert_eq!(rpc(url, method, params).await, Value::Null, "{method}");
    }
}

/// Runs creation code by `eth_call`: what it returns.
async fn run(url: &str, code: &str) -> String {
    rpc(url, "eth_call", json!([{ "data": format!("0x{code}") }])).await.as_str().unwrap()[2..].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_linked_hashed_and_seen_by_the_evm() {
    let backend = Backend::embedded(&[key(1).address()]).await;
    let (url, chain) = (&backend.url(), backend.connect(1).await);
    for n in 2..5 {
        chain.send_gas(key(n).address(), 7).await.unwrap();
        backend.advance(10).await;
    }
    let mut parent = B256::ZERO;
    for number in 0..=3u64 {
        let block = rpc(url, "eth_getBlockByNumber", json!([format!("{number:#x}"), true])).await;
        let header: Header = serde_json::from_value(block.clone()).unwrap();
        let hash: B256 = serde_json::from_value(block["hash"].clone()).unwrap();
        assert_eq!(header.hash_slow(), hash, "anyone can recompute the hash");
        assert_eq!((header.number, header.parent_hash), (number, parent));
        assert_eq!(block["transactions"].as_array().unwrap().len(), usize::from(number > 0));
        parent = hash;
    }
    // PUSH1 n BLOCKHASH PUSH1 32 MSTORE PUSH1 64 PUSH0 RETURN, behind a zero word as code may not begin with 0xef.
    let hash = rpc(url, "eth_getBlockByNumber", json!(["0x2", false])).await["hash"].clone();
    let seen = run(url, "60024060205260405ff3").await;
    assert_eq!(format!("0x{}", &seen[64..]), hash.as_str().unwrap(), "BLOCKHASH is the real one");
    let future = run(url, "60634060205260405ff3").await;
    assert!(future.bytes().all(|b| b == b'0'));
    // PUSH1 1 CLZ PUSH1 32 MSTORE …: 255 leading zeros.
    assert!(run(url, "60011e60205260405ff3").await.ends_with("ff"), "CLZ, hence Osaka");
    // TIMESTAMP is now, not the head block's time: windows open while nothing happens.
    backend.advance(1_000).await;
    let now = backend.now().await;
    assert!(run(url, "4260205260405ff3").await.ends_with(&format!("{now:x}")));
}

/// Serves `url` at another one, badly: a transaction is lost at first, then only the answer to it.
async fn lossy(url: String) -> String {
    let seen = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let forward = move |body: String| async move {
        let call: Value = serde_json::from_str(&body).unwrap();
        let attempt = match call["method"] == "eth_sendRawTransaction" {
            true => {
                let mut seen = seen.lock().unwrap();
                let times = seen.entry(call["params"].to_string()).or_default();
                *times += 1;
                *times
            }
            false => usize::MAX,
        };
        if attempt == 1 {
            return Err(StatusCode::BAD_GATEWAY);
        }
        let (_, answer) = post(&url, body).await;
        if attempt == 2 { Err(StatusCode::BAD_GATEWAY) } else { Ok(answer) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = Router::new().route("/", axum::routing::post(forward));
    tokio::spawn(async move { axum::serve(listener, app).await });
    url
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tasks_send_from_one_account() {
    let backend = Backend::embedded(&[key(1).address()]).await;
    let chain = backend.connect(1).await;
    // A second connection with the same key competes for the same nonces with equal transactions, and cannot
    // tell whether those it repeats arrived before.
    let rival = Chain::connect(&lossy(backend.url()).await, key(1), None).await.unwrap();
    let target = key(9).address();
    let sends = (0..40).map(|i| {
        let chain = if i % 4 == 0 { rival.clone() } else { chain.clone() };
        tokio::spawn(async move { chain.send_gas(target, 1).await })
    });
    let sends: Vec<_> = sends.collect();
    let mut hashes = std::collections::HashSet::new();
    for send in sends {
        hashes.insert(send.await.unwrap().unwrap().tx);
    }
    assert_eq!(hashes.len(), 40);
    assert_eq!(chain.gas_balance(target).await.unwrap(), 40);
    assert_eq!(chain.account_nonce(chain.address()).await.unwrap(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_chain_comes_back_as_it_was() {
    let mut backend = Backend::embedded(&[key(1).address()]).await;
    let chain = backend.connect(1).await;
    let mined = chain.send_gas(key(2).address(), 5).await.unwrap();
    let url = backend.url();
    let before = rpc(&url, "eth_getBlockByNumber", json!(["latest", true])).await;
    assert!(backend.restart().await);
    assert_eq!(rpc(&url, "eth_getBlockByNumber", json!(["latest", true])).await, before);
    assert_eq!(chain.gas_balance(key(2).address()).await.unwrap(), 5);
    let receipt = rpc(&url, "eth_getTransactionReceipt", json!([mined.tx])).await;
    assert_eq!(receipt["status"], "0x1");
    chain.send_gas(key(2).address(), 5).await.unwrap();
    assert_eq!(chain.block_number().await.unwrap(), mined.block + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_start_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let config = EmbeddedConfig::new(dir.path().join("net/chain.redb"), vec![(key(1).address(), GAS)]);
    let running = EmbeddedChain::start(config.clone()).await.unwrap();
    let fails = async |config: EmbeddedConfig| match EmbeddedChain::start(config).await {
        Ok(_) => panic!("started"),
        Err(e) => e.to_string(),
    };
    let taken = EmbeddedConfig { listen: running.address(), ..config.clone() };
    let error = fails(taken).await;
    assert!(error.starts_with(&format!("cannot serve the chain on {}", running.address())), "{error}");
    assert!(fails(config.clone()).await.contains("another process has it open"));
    running.shutdown().await;

    let error = fails(EmbeddedConfig { chain_id: 7, ..config.clone() }).await;
    assert!(error.ends_with("it holds chain 27393, not chain 7"), "{error}");
    std::fs::write(dir.path().join("noise"), vec![7; 10_000]).unwrap();
    let error = fails(EmbeddedConfig { path: dir.path().join("noise"), ..config.clone() }).await;
    assert!(error.starts_with("chain file") && error.contains("noise"), "{error}");
    let below = dir.path().join("noise/chain.redb");
    let error = fails(EmbeddedConfig { path: below, ..config.clone() }).await;
    assert!(error.starts_with("cannot create"), "{error}");

    let again = EmbeddedChain::start(config).await.unwrap();
    let error = Chain::connect(&again.url(), key(1), Some(1)).await.unwrap_err();
    assert!(matches!(error, ChainError::WrongChain { expected: 1, found: 27_393, .. }), "{error}");
    let url = again.url();
    again.shutdown().await;
    let error = Chain::connect(&url, key(1), None).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot reach the chain at {url}")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn poor_accounts_and_passing_time_are_handled() {
    let backend = Backend::embedded(&[key(1).address()]).await;
    let poor = backend.connect(2).await;
    let error = poor.send_gas(key(1).address(), 1).await.unwrap_err().to_string();
    assert!(error.contains("insufficient funds"), "{error}");
    // A clock that goes back does not take block time with it.
    let dir = tempfile::tempdir().unwrap();
    let ticks = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(1_000));
    let hand = ticks.clone();
    let clock = Clock::from_fn(move || hand.fetch_sub(1, std::sync::atomic::Ordering::SeqCst));
    let genesis = vec![(key(1).address(), GAS)];
    let config = EmbeddedConfig { clock, ..EmbeddedConfig::new(dir.path().join("c.redb"), genesis) };
    let node = EmbeddedChain::start(config).await.unwrap();
    let chain = Chain::connect(&node.url(), key(1), None).await.unwrap();
    for _ in 0..3 {
        chain.send_gas(key(2).address(), 1).await.unwrap();
    }
    let block = rpc(&node.url(), "eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(block["timestamp"], "0x3e8");
}

/// Not a test by itself: the process that [`a_killed_chain_loses_nothing_acknowledged`] starts and kills.
#[tokio::test(flavor = "multi_thread")]
async fn serve_until_killed() {
    let Some(path) = std::env::var_os("COREX_TEST_CHAIN") else { return };
    let config = EmbeddedConfig::new(path, vec![(key(1).address(), GAS)]);
    let node = EmbeddedChain::start(config).await.unwrap();
    println!("serving {}", node.url());
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_chain_loses_nothing_acknowledged() {
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("chain.redb");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "serve_until_killed", "--nocapture"])
        .env("COREX_TEST_CHAIN", &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let url = lines.find_map(|l| l.unwrap().split_once("serving ").map(|(_, url)| url.to_string())).unwrap();
    let chain = Chain::connect(&url, key(1), None).await.unwrap();

    // Transactions keep coming while the process dies.
    let (told, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
    for _ in 0..4 {
        let (chain, told) = (chain.clone(), told.clone());
        tokio::spawn(async move {
            while let Ok(mined) = chain.send_gas(key(2).address(), 1).await {
                told.send(mined).ok();
            }
        });
    }
    let mut sealed = Vec::new();
    while sealed.len() < 20 {
        sealed.push(acknowledged.recv().await.unwrap());
    }
    child.kill().unwrap(); // SIGKILL
    child.wait().unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    while let Ok(mined) = acknowledged.try_recv() {
        sealed.push(mined);
    }

    let node = EmbeddedChain::start(EmbeddedConfig::new(path, Vec::new())).await.unwrap();
    let url = node.url();
    for mined in &sealed {
        let receipt = rpc(&url, "eth_getTransactionReceipt", json!([mined.tx])).await;
        assert_eq!(receipt["blockNumber"], format!("{:#x}", mined.block));
    }
    let chain = Chain::connect(&url, key(1), None).await.unwrap();
    let nonce = chain.account_nonce(key(1).address()).await.unwrap();
    assert!(nonce >= sealed.len() as u64);
    assert_eq!(chain.gas_balance(key(2).address()).await.unwrap(), u128::from(nonce), "whole blocks only");
    chain.send_gas(key(2).address(), 1).await.unwrap();
}

/// Whatever byte of the file is damaged, the chain is refused or is what it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("chain.redb");
    let config = EmbeddedConfig::new(&path, vec![(key(1).address(), GAS)]);
    let running = EmbeddedChain::start(config.clone()).await.unwrap();
    let chain = Chain::connect(&running.url(), key(1), None).await.unwrap();
    for n in 2..6 {
        chain.send_gas(key(n).address(), u128::from(n)).await.unwrap();
    }
    let (blocks, balance) =
        (chain.block_number().await.unwrap(), chain.gas_balance(key(2).address()).await.unwrap());
    running.shutdown().await;

    let sound = std::fs::read(&path).unwrap();
    let mut refused = 0;
    for at in (0..sound.len()).step_by(sound.len() / 100) {
        let mut damaged = sound.clone();
        damaged[at] ^= 0x40;
        std::fs::write(&path, &damaged).unwrap();
        match EmbeddedChain::start(config.clone()).await {
            Err(error) => {
                assert!(error.to_string().contains("chain.redb"), "byte {at}: {error}");
                refused += 1;
            }
            Ok(running) => {
                let chain = Chain::connect(&running.url(), key(1), None).await.unwrap();
                assert_eq!(chain.block_number().await.unwrap(), blocks, "byte {at}");
                assert_eq!(chain.gas_balance(key(2).address()).await.unwrap(), balance, "byte {at}");
                running.shutdown().await;
            }
        }
    }
    assert!(refused > 0, "no damage was seen");
}
