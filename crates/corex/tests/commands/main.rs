//! Commands of market, governance and distribution, run as people run them, against a chain whose clock the test moves.

#[path = "../common/mod.rs"]
mod common;
mod distribution;
mod governance;
mod leases;
mod named;
mod payments;

use common::Place;
use corex_chain::{
    Accounts, Chain, Clock, Contracts, EmbeddedChain, EmbeddedConfig, ManualClock, NodeProfile, PROVIDER,
    Profile, Scope, Tokens,
};
use corex_work::{Address, Hash32, OperatorKey};
use serde_json::Value;
use std::process::Output;
use tokio::runtime::Runtime;

const START: u64 = 1_800_000_000;
const DAY: u64 = 86_400;
const GAS: u128 = 1_000 * 10u128.pow(18);
/// Deploys, and is everybody that a deployment names.
const OWNER: u8 = 1;
const PROVIDER_KEY: u8 = 2;
const REQUESTER: u8 = 3;
const STRANGER: u8 = 4;

fn key(n: u8) -> OperatorKey {
    OperatorKey::from_bytes([n; 32]).expect("a small number is a key")
}

fn address(n: u8) -> Address {
    key(n).address()
}

/// A chain of the test's own with a clock that stands still, on which everybody has gas.
struct World {
    runtime: Runtime,
    _chain: EmbeddedChain,
    clock: ManualClock,
    place: Place,
    url: String,
}

/// A network on it.
struct Net<'w> {
    world: &'w World,
    book: String,
    owner: Contracts,
}

impl World {
    fn new() -> World {
        let runtime = Runtime::new().expect("a runtime");
        let place = Place::new();
        let (clock, hand) = Clock::manual(START);
        let genesis = (1..=9).map(|n| (address(n), GAS)).collect();
        let config = EmbeddedConfig { clock, ..EmbeddedConfig::new(place.path("chain.redb"), genesis) };
        let chain = runtime.block_on(EmbeddedChain::start(config)).expect("the chain starts");
        World { runtime, url: chain.url(), _chain: chain, clock: hand, place }
    }

    /// Deploys a profile, as `change` makes it.
    fn network(&self, name: &str, file: &str, change: impl FnOnce(&mut Profile, &mut Accounts)) -> Net<'_> {
        let mut profile = Profile::builtin(name, Scope::Local).expect("built in");
        let mut accounts = Accounts::all(address(OWNER), &profile);
        change(&mut profile, &mut accounts);
        let owner = self.wait(async {
            let chain = Chain::connect(&self.url, key(OWNER), None).await?;
            Contracts::deploy(chain, profile, accounts).await
        });
        let owner = owner.expect("deployed");
        let book = serde_json::to_vec(owner.book()).expect("a book");
        std::fs::write(self.place.path(file), book).expect("written");
        Net { world: self, book: file.to_owned(), owner }
    }

    fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    fn read(&self, file: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.place.path(file)).expect("it was written")).expect("JSON")
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.place.path(file), text).expect("written");
    }
}

impl Net<'_> {
    /// A command on this network, as the account of a key; nothing is asked.
    fn run(&self, who: u8, command: &[&str]) -> Output {
        let secret = format!("{who:02x}").repeat(32);
        let network = ["--rpc", &self.world.url, "--book", &self.book];
        let mut program = self.world.place.corex(&[command, &network].concat());
        program.env("COREX_KEY", secret).output().expect("the program starts")
    }

    /// One that succeeds; its summary.
    fn ok(&self, who: u8, command: &[&str]) -> Value {
        common::parse(&self.run(who, &[command, &["--json"]].concat()))
    }

    /// One that signs, and does: each of its steps has this state.
    fn sign(&self, who: u8, command: &[&str]) -> Value {
        let summary = self.ok(who, &[command, &["--yes"]].concat());
        for step in summary["steps"].as_array().into_iter().flatten() {
            assert_eq!(step["state"], "done", "{command:?}");
        }
        summary
    }

    /// One that finds nothing to do.
    fn idle(&self, who: u8, command: &[&str]) {
        let summary = self.sign(who, command);
        assert_eq!(summary["steps"], serde_json::json!([]), "{command:?}");
    }

    /// One that is refused: it says all of this.
    fn refused(&self, who: u8, command: &[&str], code: i32, says: &[&str]) {
        let out = self.run(who, command);
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(code), "{command:?}: {stderr}");
        for words in says {
            assert!(stderr.contains(words), "{command:?}: '{words}' is not in: {stderr}");
        }
    }

    /// A dry run: it can be done, and nothing changes.
    fn dry(&self, who: u8, command: &[&str]) -> Value {
        let before = (self.balance(who), self.nonce(who));
        let summary = self.ok(who, &[command, &["--dry-run"]].concat());
        assert_eq!((self.balance(who), self.nonce(who)), before, "a dry run changes nothing: {command:?}");
        assert_eq!(summary["dry_run"], true, "{summary}");
        summary
    }

    fn balance(&self, who: u8) -> Tokens {
        self.world.wait(self.owner.balance(address(who))).expect("a balance")
    }

    fn nonce(&self, who: u8) -> u64 {
        self.world.wait(self.owner.chain().account_nonce(address(who))).expect("a nonce")
    }

    fn give(&self, who: u8, whole: u64) {
        self.world
            .wait(self.owner.transfer(address(who), Tokens::whole(whole)))
            .expect("the owner has enough");
    }

    fn wait_seconds(&self, seconds: u64) {
        self.world.clock.advance(seconds);
    }

    /// Registers and stakes a provider.
    fn provider(&self, who: u8) {
        let min = self.owner.book().profile.stake.min_for(PROVIDER);
        self.world.wait(async {
            self.owner.transfer(address(who), min).await.expect("the owner has enough");
            let chain = self.owner.chain().with_key(key(who)).expect("the same chain");
            let node = self.owner.with_chain(chain);
            let claims = NodeProfile {
                endpoint: Hash32([who; 32]),
                hardware: Hash32([0xaa; 32]),
                capability: 1_000,
                roles: PROVIDER,
            };
            node.register(address(who), claims).await.expect("registered");
            node.stake_up_to(address(who), min).await.expect("staked");
        });
    }
}

/// A field of an event in a summary, as it is encoded.
fn event<'s>(summary: &'s Value, event: &str, field: &str) -> &'s str {
    let steps = summary["steps"].as_array().expect("steps");
    let events = steps.iter().flat_map(|step| step["sent"]["events"].as_array().into_iter().flatten());
    let mut fields = events
        .filter(|e| e["event"] == event)
        .flat_map(|e| e["fields"].as_array().into_iter().flatten())
        .filter(|f| f["name"] == field);
    fields.next_back().unwrap_or_else(|| panic!("no {event}.{field} in {summary}"))["value"]
        .as_str()
        .expect("text")
}

fn amount(value: &Value) -> Tokens {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse().expect("an amount")
}

fn tokens(text: &str) -> Tokens {
    text.parse().expect("an amount")
}
