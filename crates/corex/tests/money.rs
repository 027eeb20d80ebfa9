//! Commands of money, run as a person runs them, against a chain whose clock the test moves.

mod common;

use common::Place;
use corex_chain::{
    Accounts, Chain, Clock, Contracts, EmbeddedChain, EmbeddedConfig, JobTerms, ManualClock, NodeProfile,
    Profile, ProvenLeaf, Scope, Tokens, WorkKind,
};
use corex_node::keys::Keys;
use corex_work::{Address, BlobId, Hash32, JobId, Leaf, MerkleTree, OperatorKey, Payout, Receipt, TaskId};
use serde_json::Value;
use std::process::Output;
use tokio::runtime::Runtime;

const START: u64 = 1_800_000_000;
const GAS: u128 = 1_000 * 10u128.pow(18);
const TREASURY: [u8; 32] = [1; 32];

/// A network on a chain of the test's own, and what the commands need to find it.
struct World {
    runtime: Runtime,
    _chain: EmbeddedChain,
    clock: ManualClock,
    place: Place,
    url: String,
    treasury: Contracts,
}

impl World {
    fn new() -> World {
        let runtime = Runtime::new().unwrap();
        let place = Place::new();
        let (clock, hand) = Clock::manual(START);
        let key = OperatorKey::from_bytes(TREASURY).unwrap();
        let genesis = vec![(key.address(), GAS)];
        let config = EmbeddedConfig { clock, ..EmbeddedConfig::new(place.path("chain.redb"), genesis) };
        let (chain, treasury) = runtime.block_on(async {
            let node = EmbeddedChain::start(config).await.unwrap();
            let chain = Chain::connect(&node.url(), key.clone(), None).await.unwrap();
            let profile = Profile::builtin("cx", Scope::Local).unwrap();
            let everybody = Accounts::all(key.address(), &profile);
            (node, Contracts::deploy(chain, profile, everybody).await.unwrap())
        });
        let world = World { runtime, url: chain.url(), _chain: chain, clock: hand, place, treasury };
        world.write_book("book.json", serde_json::to_value(world.treasury.book()).unwrap());
        world
    }

    fn write_book(&self, name: &str, book: Value) {
        std::fs::write(self.place.path(name), serde_json::to_vec(&book).unwrap()).unwrap();
    }

    /// A command on this network, as the account of a key file; nothing is asked.
    fn run(&self, key: &str, command: &[&str]) -> Output {
        let network = ["--rpc", &self.url, "--book", "book.json", "--key", key];
        self.place.corex(&[command, &network].concat()).output().expect("the program starts")
    }

    /// One that succeeds; its summary.
    fn ok(&self, key: &str, command: &[&str]) -> Value {
        common::parse(&self.run(key, &[command, &["--json"]].concat()))
    }

    /// One that signs, and does.
    fn sign(&self, key: &str, command: &[&str]) -> Value {
        self.ok(key, &[command, &["--yes"]].concat())
    }

    /// One that signs, without JSON: the one line that it prints.
    fn printed(&self, key: &str, command: &[&str]) -> String {
        let out = self.run(key, &[command, &["--yes"]].concat());
        assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }

    /// One that is refused: what it says.
    fn refused(&self, key: &str, command: &[&str], code: i32, says: &[&str]) -> String {
        let out = self.run(key, command);
        let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(code), "{command:?}: {stderr}");
        for words in says {
            assert!(stderr.contains(words), "{command:?}: '{words}' is not in: {stderr}");
        }
        stderr
    }

    fn wait<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// The contracts as the account of a key file.
    fn contracts(&self, file: &str) -> Contracts {
        let key =
            corex_node::wallet::read(&self.place.path(file), || unreachable!("it is not encrypted")).unwrap();
        self.treasury.with_chain(self.treasury.chain().with_key(key).unwrap())
    }

    fn balance(&self, account: Address) -> Tokens {
        self.wait(self.treasury.balance(account)).unwrap()
    }

    fn nonce(&self, account: Address) -> u64 {
        self.wait(self.treasury.chain().account_nonce(account)).unwrap()
    }

    /// Has a job of the treasury's done by `node`, and settled: paid, and mined for.
    fn work(&self, node: &OperatorKey, units: u64) {
        let contracts = &self.treasury;
        self.wait(async {
            let terms = JobTerms {
                spec: BlobId([9; 32]),
                coordinator: contracts.chain().address(),
                price_per_unit: "0.001".parse().unwrap(),
                deadline: self.clock.now() + 86_400,
                kind: WorkKind::Training,
                programs: Hash32::default(),
                referrer: None,
                insured: false,
            };
            let (job, _) = contracts.open_job(terms, Tokens::whole(10_000)).await.unwrap();
            let outputs = vec![BlobId([3; 32])];
            let receipt = Receipt { job, task: TaskId([1; 32]), outputs, node: node.address(), units };
            let leaf = Leaf::from(&receipt.sign(node, &contracts.domain()).receipt);
            let tree = MerkleTree::new(vec![leaf.hash()]);
            let paid: Vec<Payout> = corex_work::payouts([(leaf.node, leaf.units)]).unwrap();
            contracts.commit_round(job, 0, tree.root(), 1, &paid).await.unwrap();
            contracts.draw_beacon(job, 0).await.unwrap();
            self.clock.advance(contracts.book().profile.settlement.challenge_seconds + 1);
            contracts.settle_round(job, 0, &paid, &[]).await.unwrap();
            self.clock.advance(contracts.book().profile.mining.as_ref().unwrap().epoch_seconds + 1);
        });
    }
}

fn states(summary: &Value) -> Vec<&str> {
    summary["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect()
}

fn tokens(value: &Value) -> Tokens {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse().unwrap()
}

/// From a new wallet to withdrawn stake, and whatever may go wrong on the way.
#[test]
fn the_life_of_an_owner_and_of_a_delegator() {
    let world = World::new();
    let place = &world.place;
    let unbonding = world.treasury.book().profile.stake.unbonding_seconds;
    let treasury_key = Hash32(TREASURY).to_string();

    // A wallet: private, and never overwritten.
    let made = common::json(&mut place.corex(&[
        "wallet",
        "new",
        "--file",
        "owner.key",
        "--no-passphrase",
        "--json",
    ]));
    let owner: Address = made["address"].as_str().unwrap().parse().unwrap();
    let before = std::fs::read(place.path("owner.key")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(place.path("owner.key")).unwrap().permissions().mode() & 0o077, 0);
    }
    let again = place.corex(&["wallet", "new", "--file", "owner.key", "--no-passphrase"]).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&again.stderr).contains("overwritten"));
    assert_eq!(std::fs::read(place.path("owner.key")).unwrap(), before);
    let shown = common::json(&mut place.corex(&["wallet", "address", "--key", "owner.key", "--json"]));
    assert_eq!(shown["address"], made["address"]);

    // A passphrase is wanted unless it is refused, and needed to sign.
    let secret = |passphrase: Option<&str>, args: &[&str]| {
        let mut command = place.corex(args);
        passphrase.map(|passphrase| command.env("COREX_PASSPHRASE", passphrase));
        command.output().unwrap()
    };
    let new = ["wallet", "new", "--file", "secret.key", "--json"];
    assert_eq!(secret(None, &new).status.code(), Some(1));
    let sealed = common::parse(&secret(Some("correct horse"), &new));
    let address = ["wallet", "address", "--key", "secret.key", "--json"];
    assert_eq!(common::parse(&secret(Some("correct horse"), &address))["address"], sealed["address"]);
    for (passphrase, says) in [(Some("battery staple"), "the passphrase is wrong"), (None, "nobody to ask")] {
        let out = secret(passphrase, &address);
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success() && stderr.contains(says), "{stderr}");
    }

    // Without gas nothing can be sent; with gas and tokens, it can.
    let to = owner.to_string();
    world.refused("owner.key", &["wallet", "send", "1", &to, "--yes"], 1, &["hint:"]);
    world.sign(&treasury_key, &["wallet", "send", "5", &to, "--gas"]);
    world.sign(&treasury_key, &["wallet", "send", "20000.5", &to]);
    let balance = world.ok("owner.key", &["wallet", "balance"]);
    assert_eq!((balance["gas"].as_str(), balance["spendable"].as_str()), (Some("5"), Some("20000.5")));
    assert_eq!(
        world.ok(&treasury_key, &["wallet", "balance", "--of", &to])["spendable"],
        balance["spendable"]
    );

    // A node with an owner of its own: the operator's consent is an EIP-712 message.
    let operator = Keys::load_or_create(&place.path("node/keys.json")).unwrap();
    let operator = OperatorKey::from_bytes(operator.operator).unwrap();
    let node = operator.address().to_string();
    let register = ["stake", "node", "register", "--operator", "node/keys.json", "--capability", "1000"];
    let tried = world.ok("owner.key", &[&register[..], &["--dry-run"]].concat());
    assert!(tried["message"]["type"].as_str().unwrap().starts_with("Register(address node,address owner,"));
    let mut wallet = register;
    wallet[4] = "owner.key";
    world.refused(
        "owner.key",
        &[&wallet[..], &["--yes"]].concat(),
        1,
        &["holds no keys of a node", "hint: --operator is"],
    );
    world.sign("owner.key", &register);
    assert_eq!(states(&world.sign("owner.key", &register)), [""; 0], "registered once");

    // A dry run shows message and transaction, and changes nothing.
    let stake = ["stake", "add", &node, "2000.5"];
    let (balance, nonce) = (world.balance(owner), world.nonce(owner));
    let out = world.run("owner.key", &[&stake[..], &["--dry-run"]].concat());
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    for part in [
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)",
        "value     2000.5 cX",
        "(StakeVault, vault)",
        "stakeWithPermit",
        "(this account)",
        "2027-01-15 09:",
        "nothing was signed",
    ] {
        assert!(words.contains(part), "'{part}' is not in: {words}");
    }
    let vault = world.treasury.book().contracts.vault;
    // Nobody is there to agree.
    world.refused("owner.key", &stake, 4, &["there is nobody to ask", "--yes"]);
    let own = world.contracts("owner.key");
    let allowance = world.wait(own.intents().allowance(vault, Tokens(1))).unwrap();
    assert!(matches!(allowance, corex_chain::Allowance::Approve(_)), "nothing was allowed");
    assert_eq!((world.balance(owner), world.nonce(owner)), (balance, nonce));

    // Staked by one transaction, with exactly what is needed allowed.
    let staked = world.sign("owner.key", &stake);
    assert_eq!((states(&staked), world.nonce(owner)), (vec!["done"], nonce + 1));
    let step = &staked["steps"][0];
    assert_eq!(
        step["sent"]["events"].as_array().unwrap().iter().filter(|e| e["event"] == "Staked").count(),
        1
    );
    let allowance = world.wait(own.intents().allowance(vault, Tokens(1))).unwrap();
    assert!(matches!(allowance, corex_chain::Allowance::Approve(_)), "nothing stays allowed");

    // The same command after an interruption that came before its answer: it finds what it sent, and does it once.
    let folder = place.path("state/corex/signed");
    let name = format!("{}-{to}.json", world.treasury.chain().chain_id());
    let note = |command: &[&str]| {
        let network = ["--rpc", &world.url, "--book", "book.json", "--key", "owner.key"];
        let typed: String = [command, &network].concat().iter().map(|word| format!("{word}\0")).collect();
        serde_json::json!({
            "tx": step["sent"]["tx"], "to": step["transaction"]["to"], "words": step["transaction"]["words"],
            "function": step["transaction"]["function"], "content": Hash32([0; 32]),
            "command": Hash32(corex_work::keccak256(typed.as_bytes())),
        })
    };
    assert!(!folder.join(&name).exists(), "what is done is forgotten");
    std::fs::write(folder.join(&name), note(&["stake", "add", "another"]).to_string()).unwrap();
    let tried = world.ok("owner.key", &[&stake[..], &["--dry-run"]].concat());
    assert_eq!(states(&tried), ["tried in part"], "the same words do not make it the same");
    std::fs::write(folder.join(&name), note(&stake).to_string()).unwrap();
    let again = world.sign("owner.key", &stake);
    assert_eq!((states(&again), world.nonce(owner)), (vec!["done before"], nonce + 1));
    let of = |field: &str| world.ok("owner.key", &["stake", "show"])["nodes"][0]["stake"][field].clone();
    assert_eq!(of("active"), "2000.5");

    // Locked: too early to unbond, then too early to withdraw.
    let until = "2027-02-01T12:00";
    world.sign("owner.key", &["stake", "lock", &node, "--until", until]);
    assert_eq!(states(&world.sign("owner.key", &["stake", "lock", &node, "--until", until])), [""; 0]);
    let unbond = ["stake", "unbond", &node, "1000.5", "--yes"];
    world.refused(
        "owner.key",
        &unbond,
        1,
        &["is locked until 2027-02-01 12:00:00 UTC", "hint: wait until then"],
    );
    let stranger = ["stake", "unbond", &node, "1", "--yes"];
    world.refused(&treasury_key, &stranger, 1, &["is not the owner", "hint: use the owner's key"]);
    world.clock.advance(40 * 86_400);
    world.sign("owner.key", &unbond[..4]);
    world.refused(
        "owner.key",
        &["stake", "withdraw", &node, "--yes"],
        1,
        &["can be withdrawn from", "hint:"],
    );
    assert_eq!(states(&world.sign("owner.key", &["claim"])), [""; 0], "nothing waits yet");

    // A delegator.
    let small = common::json(&mut place.corex(&[
        "wallet",
        "new",
        "--file",
        "small.key",
        "--no-passphrase",
        "--json",
    ]));
    let small = small["address"].as_str().unwrap().to_owned();
    world.sign(&treasury_key, &["wallet", "send", "1", &small, "--gas"]);
    world.sign(&treasury_key, &["wallet", "send", "9000", &small]);
    let delegate = ["delegate", "to", &node, "300"];
    world.refused("small.key", &[&delegate[..], &["--yes"]].concat(), 1, &["does not accept delegations"]);
    world.sign("owner.key", &["stake", "node", "delegations", &node, "on"]);
    world.refused(
        "owner.key",
        &["stake", "node", "commission", &node, "55", "--yes"],
        1,
        &["too high: 10 %"],
    );
    world.sign("owner.key", &["stake", "node", "commission", &node, "7.5"]);
    let delegated = world.sign("small.key", &delegate);
    assert_eq!(states(&delegated), ["done", "done"], "an approval, and the delegation");
    assert_eq!(delegated["steps"][0]["transaction"]["arguments"][1]["shown"], "300 cX", "no more is allowed");
    let nonce = world.nonce(small.parse().unwrap());
    let full = ["delegate", "to", &node, "5000", "--yes"];
    world.refused("small.key", &full, 1, &["has room for 3700 cX more, not for 5000 cX"]);
    let more = ["delegate", "to", &node, "8700.1", "--yes"];
    world.refused("small.key", &more, 1, &["has 8700 cX, and 8700.1 cX are needed", "hint:"]);
    assert_eq!(world.nonce(small.parse().unwrap()), nonce, "nothing is allowed for what would be refused");
    let listed = world.ok(&treasury_key, &["delegate", "list"]);
    let listed = &listed["nodes"][0];
    assert_eq!(listed["node"].as_str(), Some(node.as_str()));
    assert_eq!(
        (tokens(&listed["room"]), &listed["conditions"]["commission_bps"]),
        (Tokens::whole(3_700), &750.into())
    );

    // Work is paid to the owner, and mined for; what is mined is claimed for both, once.
    let paid_before = world.balance(owner);
    world.work(&operator, 1_000_000);
    assert!(world.balance(owner) > paid_before, "wages need no claim");
    let tried = world.ok("owner.key", &["claim", "--dry-run"]);
    assert_eq!(states(&tried), ["tried"], "unbonding takes longer");
    assert_eq!(tried["steps"][0]["transaction"]["function"], "claim");
    world.clock.advance(unbonding);
    let before = world.balance(owner);
    let claimed = world.sign("owner.key", &["claim"]);
    assert_eq!(states(&claimed), ["done", "done"], "mined tokens and unbonded stake");
    let gained = world.balance(owner).saturating_sub(before);
    assert!(gained > "1000.5".parse().unwrap(), "{gained:?}");
    assert_eq!(states(&world.sign("owner.key", &["claim"])), [""; 0], "once");
    let position = world.ok("small.key", &["delegate", "show"]);
    let worth = tokens(&position["delegations"][0]["worth"]);
    assert!(worth > Tokens::whole(300), "rewards arrive: {worth:?}");

    // What anybody may do for the network.
    let burned = world.wait(world.treasury.supply()).unwrap().burned;
    assert_eq!(states(&world.sign("small.key", &["claim", "--fees"])), ["done"]);
    assert!(world.wait(world.treasury.supply()).unwrap().burned > burned);
    world.refused("small.key", &["claim", "--incentive"], 1, &["networks of profile cx have no incentive"]);

    // And out again.
    world.refused(
        "small.key",
        &["delegate", "remove", &node, "9000", "--yes"],
        1,
        &["has delegated", "hint:"],
    );
    world.sign("small.key", &["delegate", "remove", &node, "100"]);
    world.sign("small.key", &["delegate", "remove", &node, "--all"]);
    world.refused("small.key", &["delegate", "withdraw", &node, "--yes"], 1, &["can be withdrawn from"]);
    world.clock.advance(unbonding);
    world.sign("small.key", &["delegate", "withdraw", &node]);
    world.refused("small.key", &["delegate", "withdraw", &node, "--yes"], 1, &["nothing of", "is unbonding"]);
    world.sign("owner.key", &["stake", "unbond", &node, "0.5"]);
    world.clock.advance(unbonding);
    world.sign("owner.key", &["stake", "withdraw", &node]);
    let balance = world.ok("small.key", &["wallet", "balance"]);
    assert_eq!((balance["delegated"].as_str(), balance["unbonding"].as_str()), (Some("0"), Some("0")));
    assert!(tokens(&balance["spendable"]) > Tokens::whole(9_000), "with what was mined: {balance}");

    // Two steps to another owner.
    world.refused("small.key", &["stake", "node", "accept", &node, "--yes"], 1, &["was not offered to"]);
    world.sign("owner.key", &["stake", "node", "transfer", &node, &small]);
    world.sign("small.key", &["stake", "node", "accept", &node]);
    let shown = world.ok("owner.key", &["stake", "show", &node]);
    assert_eq!(shown["nodes"][0]["owner"].as_str(), Some(small.as_str()));
    world.sign("small.key", &["stake", "node", "update", &node, "--roles", "both", "--capability", "7"]);
    world.sign("small.key", &["stake", "node", "deactivate", &node]);
    let shown = world.ok("owner.key", &["stake", "show", &node]);
    assert_eq!((&shown["nodes"][0]["roles"], &shown["nodes"][0]["active"]), (&3.into(), &false.into()));

    // Out of service and into it again, by who may, and once.
    let activate = ["stake", "node", "activate", &node];
    world.refused(
        "owner.key",
        &[&activate[..], &["--yes"]].concat(),
        1,
        &["is neither owner nor operator of node"],
    );
    assert_eq!(states(&world.sign("small.key", &["stake", "node", "deactivate", &node])), [""; 0]);
    assert_eq!(states(&world.sign("small.key", &activate)), ["done"]);
    assert_eq!(world.ok("small.key", &["stake", "show", &node])["nodes"][0]["active"], true);
    assert_eq!(states(&world.sign("small.key", &activate)), [""; 0]);
    let nobody = ["stake", "node", "activate", &small, "--yes"];
    world.refused("small.key", &nobody, 1, &["there is no node", "hint: `corex delegate list`"]);
}

/// Two rounds with the same task: the second is not paid, and what was reserved for it returns to the requester of a closed job.
fn what_was_reserved_returns(world: &World, requester: &str, anybody: &str) {
    let (contracts, node) = (&world.treasury, OperatorKey::from_bytes(TREASURY).unwrap());
    let claims = NodeProfile {
        endpoint: Hash32([5; 32]),
        hardware: Hash32::default(),
        capability: 1,
        roles: corex_chain::PROVIDER,
    };
    world.wait(contracts.register(node.address(), claims)).unwrap();
    let spec = "cd".repeat(32);
    let open = ["escrow", "open", "100", "--spec", &spec, "--price", "0.002", "--for", "1d"];
    let number = world.printed(requester, &open);
    let job: JobId = number.parse().unwrap();
    let outputs = vec![BlobId([3; 32])];
    let receipt = Receipt { job, task: TaskId([1; 32]), outputs, node: node.address(), units: 1_000 };
    let leaf = Leaf::from(&receipt.sign(&node, &contracts.domain()).receipt);
    let paid: Vec<Payout> = corex_work::payouts([(leaf.node, leaf.units)]).unwrap();
    world.wait(async {
        for round in [0, 1] {
            contracts
                .commit_round(job, round, MerkleTree::new(vec![leaf.hash()]).root(), 1, &paid)
                .await
                .unwrap();
            contracts.draw_beacon(job, round).await.unwrap();
        }
    });

    world.refused(
        requester,
        &["escrow", "withdraw", &number, "--yes"],
        1,
        &["is not closed", "hint: close it"],
    );
    let before = world.balance(contracts.chain().address());
    world.sign(requester, &["escrow", "close", &number]);
    let now = world.balance(contracts.chain().address());
    assert_eq!(now.saturating_sub(before), Tokens::whole(96), "each round has reserved 2");
    let early = world.run(anybody, &["escrow", "withdraw", &number, "--yes"]);
    let words = String::from_utf8_lossy(&early.stderr);
    assert!(words.contains("nothing is free: 4 belongs to rounds that are not settled"), "{words}");

    world.wait(async {
        let [first, second] = [0, 1].map(|round| ProvenLeaf { round, leaf, proof: Vec::new() });
        contracts.prove_duplicate(job, &first, &second).await.unwrap();
        world.clock.advance(contracts.book().profile.settlement.challenge_seconds + 1);
        for round in [0, 1] {
            contracts.settle_round(job, round, &paid, &[]).await.unwrap();
        }
    });
    let shown = world.ok(anybody, &["escrow", "show", &number]);
    assert_eq!((&shown["free"], &shown["job"]["reserved"]), (&"2".into(), &"0".into()));
    // Whoever asks, its requester gets it.
    let before = world.balance(contracts.chain().address());
    assert_eq!(states(&world.sign(anybody, &["escrow", "withdraw", &number])), ["done"]);
    assert_eq!(world.balance(contracts.chain().address()), before + Tokens::whole(2));
    assert_eq!(
        states(&world.sign(anybody, &["escrow", "refund", &number])),
        [""; 0],
        "the same by its other name"
    );
}

/// A requester's escrow, by hand and by hot keys; and everything that must be refused before anything is signed.
#[test]
fn the_life_of_a_requester() {
    let world = World::new();
    let place = &world.place;
    let treasury_key = Hash32(TREASURY).to_string();
    let spec = "ab".repeat(32);

    // Open, top up, close: each once.
    let open = ["escrow", "open", "100", "--spec", &spec, "--price", "0.002", "--for", "1d12h"];
    world.refused(&treasury_key, &[&open[..4], &["ab"], &open[5..]].concat(), 2, &["--spec"]);
    let opened = world.sign(&treasury_key, &[&open[..], &["--insured"]].concat());
    assert_eq!(states(&opened), ["done", "done"]);
    let listed = world.ok(&treasury_key, &["escrow", "list"]);
    let job = listed["jobs"][0]["job"].as_str().unwrap().to_owned();
    assert_eq!((&listed["jobs"][0]["balance"], &listed["jobs"][0]["insured"]), (&"100".into(), &true.into()));
    world.sign(&treasury_key, &["escrow", "top-up", &job, "11"]);
    assert_eq!(world.ok(&treasury_key, &["escrow", "show", &job])["free"], "111");
    let hot =
        common::json(&mut place.corex(&["wallet", "new", "--file", "hot.key", "--no-passphrase", "--json"]));
    let hot = hot["address"].as_str().unwrap().to_owned();
    world.sign(&treasury_key, &["wallet", "send", "1", &hot, "--gas"]);
    world.refused("hot.key", &["escrow", "close", &job, "--yes"], 1, &["is not the requester", "hint:"]);
    world.refused(&treasury_key, &["escrow", "top-up", "0x77", "1"], 2, &["JobId"]);
    world.sign(&treasury_key, &["escrow", "coordinator", &job, &hot]);
    assert_eq!(states(&world.sign(&treasury_key, &["escrow", "coordinator", &job, &hot])), [""; 0]);
    let before = world.balance(world.treasury.chain().address());
    world.sign(&treasury_key, &["escrow", "close", &job]);
    let refund = world.balance(world.treasury.chain().address()).saturating_sub(before);
    assert_eq!(refund, Tokens::whole(111));
    assert_eq!(states(&world.sign(&treasury_key, &["escrow", "close", &job])), [""; 0]);
    assert_eq!(states(&world.sign(&treasury_key, &["escrow", "withdraw", &job])), [""; 0]);
    world.refused(&treasury_key, &["escrow", "top-up", &job, "1", "--yes"], 1, &["is closed", "hint:"]);

    what_was_reserved_returns(&world, &treasury_key, "hot.key");

    // A spending account: the hot key spends up to its limit, and nothing after it is revoked.
    let account = world.printed(&treasury_key, &["wallet", "account", "create"]);
    world.sign(&treasury_key, &["wallet", "send", "500", &account]);
    let vault = world.treasury.book().contracts.vault.to_string();
    world.refused(
        &treasury_key,
        &["wallet", "account", "show", &vault],
        1,
        &["is no spending account of this network"],
    );
    let limit =
        ["wallet", "account", "limit", &account, &hot, "--per-period", "60", "--total", "100", "--for", "1w"];
    world.sign(&treasury_key, &limit);
    let open = |budget: &'static str| {
        vec![
            "escrow",
            "open",
            budget,
            "--spec",
            &spec,
            "--price",
            "0.002",
            "--for",
            "1d",
            "--account",
            &account,
            "--yes",
        ]
    };
    world.refused("hot.key", &open("61"), 1, &["can spend 60 cX more in this period, not 61 cX", "hint:"]);
    let opened = common::parse(&world.run("hot.key", &[&open("50")[..], &["--json"]].concat()));
    assert_eq!(states(&opened), ["done"], "the account itself allows");
    let shown = world.ok("hot.key", &["wallet", "account", "show", &account, "--hot", &hot]);
    assert_eq!((&shown["balance"], &shown["key"]["spendable"]), (&"450".into(), &"10".into()));
    world.sign(&treasury_key, &["wallet", "account", "revoke", &account, &hot]);
    assert_eq!(states(&world.sign(&treasury_key, &["wallet", "account", "revoke", &account, &hot])), [""; 0]);
    world.refused("hot.key", &open("1"), 1, &["is no key of this spending account"]);
    world.sign(&treasury_key, &["wallet", "account", "withdraw", &account, "450"]);

    // Garbage is refused before anybody is asked, and a key never shows.
    let to = hot.as_str();
    let send =
        ["wallet", "send", "--rpc", &world.url, "--book", "book.json", "--key", &treasury_key, "--yes", "--"];
    for amount in ["0", "-1", "1e3", "abc", "1.0000000000000000001", "999999999999999999999999999", "١"] {
        let out = place.corex(&[&send[..], &[amount, to]].concat()).output().unwrap();
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{amount}: {stderr}");
        assert!(stderr.contains(&format!("invalid value '{amount}' for '<AMOUNT>'")), "{stderr}");
    }
    world.refused(&treasury_key, &["wallet", "send", "1", "0x12"], 2, &["Address"]);
    let slip = &treasury_key[..treasury_key.len() - 1];
    let said = world.refused(slip, &["wallet", "send", "1", to], 1, &["64 hex digits"]);
    assert!(!said.contains(&slip[2..20]), "{said}");
    world.refused(
        "nobody.key",
        &["wallet", "send", "1", to],
        1,
        &["there is no key file nobody.key", "hint:"],
    );
    std::fs::write(place.path("torn.key"), "0x1234").unwrap();
    world.refused("torn.key", &["wallet", "send", "1", to], 1, &["torn.key is damaged"]);
    world.refused(
        &treasury_key,
        &["wallet", "send", "99999999999", to, "--yes"],
        1,
        &["are needed", "hint:"],
    );

    // Books of other chains, other networks, or nothing at all.
    let book = serde_json::to_value(world.treasury.book()).unwrap();
    let mut elsewhere = book.clone();
    elsewhere["chain_id"] = 1.into();
    world.write_book("elsewhere.json", elsewhere);
    let mut moved = book;
    moved["contracts"]["vault"] = hot.clone().into();
    world.write_book("moved.json", moved);
    std::fs::write(place.path("garbage.json"), "{}").unwrap();
    for (file, says) in [
        ("elsewhere.json", "of a network on chain 1, but"),
        ("moved.json", "does not fit the chain: there is no StakeVault at"),
        ("garbage.json", "garbage.json is damaged or from another version"),
        ("missing.json", "there is no address book missing.json"),
    ] {
        let args = ["wallet", "balance", "--rpc", &world.url, "--book", file, "--key", &treasury_key];
        let out = place.corex(&args).output().unwrap();
        let stderr = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(says), "{stderr}");
    }
}
