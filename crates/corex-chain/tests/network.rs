//! The life of a network on its real contracts: deploy, register, stake, open a job, commit, draw, challenge,
//! vote, slash, settle, claim. The same body runs on the embedded chain and on anvil.

mod common;

use common::{Backend, GAS, key};
use corex_chain::{
    Accounts, ChainEvent, Contracts, JobTerms, NodeProfile, PROVIDER, Profile, ProvenLeaf, Ruling, Scope,
    Tokens, VERIFIER, WorkKind,
};
use corex_work::{
    BlobId, Hash32, JobId, Leaf, MerkleTree, Payout, Receipt, SignedReceipt, TaskId, beacon, outputs_hash,
};
use std::time::Duration;

const TREASURY: u8 = 1;
const HONEST: u8 = 2;
const CHEAT: u8 = 3;
const VERIFIERS: [u8; 3] = [4, 5, 6];
const UNITS: u64 = 1_000_000;

/// A network with one honest provider, one cheat and three verifiers, all registered and staked.
struct Net {
    backend: Backend,
    treasury: Contracts,
    nodes: Vec<(u8, Contracts)>,
}

impl Net {
    async fn start(backend: Backend) -> Self {
        let chain = backend.connect(TREASURY).await;
        let profile = Profile::builtin("cx", Scope::Local).unwrap();
        let owner = chain.address();
        let treasury =
            Contracts::deploy(chain, profile.clone(), Accounts::all(owner, &profile)).await.unwrap();
        assert_eq!(treasury.balance(owner).await.unwrap(), profile.treasury());

        let mut net = Self { backend, treasury, nodes: Vec::new() };
        for n in [HONEST, CHEAT].into_iter().chain(VERIFIERS) {
            net.join(n, if VERIFIERS.contains(&n) { VERIFIER } else { PROVIDER }).await;
        }
        net
    }

    /// A new node, with just enough stake for its role.
    async fn join(&mut self, n: u8, roles: u8) {
        let node = self.treasury.with_chain(self.backend.connect(n).await);
        let address = node.chain().address();
        let stake = self.treasury.book().profile.stake.min_for(roles);
        self.treasury.chain().send_gas(address, GAS / 100).await.unwrap();
        self.treasury.transfer(address, stake).await.unwrap();
        let claims =
            NodeProfile { endpoint: Hash32([n; 32]), hardware: Hash32([0xaa; 32]), capability: 1_000, roles };
        assert!(node.register(address, claims).await.unwrap().is_some());
        assert_eq!(node.register(address, claims).await.unwrap(), None, "registering again is no error");
        assert!(!node.is_eligible(address, roles).await.unwrap(), "not before it has staked");
        node.stake_up_to(address, stake).await.unwrap();
        assert!(node.is_eligible(address, roles).await.unwrap());
        self.nodes.push((n, node));
    }

    fn node(&self, n: u8) -> &Contracts {
        &self.nodes.iter().find(|(m, _)| *m == n).unwrap().1
    }

    async fn open_job(&self, budget: Tokens) -> JobId {
        let terms = JobTerms {
            spec: BlobId([9; 32]),
            coordinator: self.treasury.chain().address(),
            price_per_unit: "0.001".parse().unwrap(),
            deadline: self.backend.now().await + 86_400,
            kind: WorkKind::Training,
            programs: Hash32::default(),
            referrer: None,
            insured: false,
        };
        let (job, _) = self.treasury.open_job(terms, budget).await.unwrap();
        let info = self.treasury.job(job).await.unwrap().unwrap();
        assert_eq!((info.balance, info.spec, info.closed), (budget, terms.spec, false));
        job
    }

    fn receipt(&self, job: JobId, task: u8, node: u8) -> SignedReceipt {
        let receipt = Receipt {
            job,
            task: TaskId([task; 32]),
            outputs: vec![BlobId([task ^ node; 32])],
            node: key(node).address(),
            units: UNITS,
        };
        receipt.sign(&key(node), &self.treasury.domain())
    }

    async fn check_conservation(&self) {
        let supply = self.treasury.supply().await.unwrap();
        let mut accounts = vec![self.treasury.chain().address()];
        accounts.extend(self.nodes.iter().map(|(_, node)| node.chain().address()));
        let mut held = Tokens::default();
        for account in accounts {
            held = held + self.treasury.balance(account).await.unwrap();
        }
        assert_eq!(held, supply.circulating, "nobody else has tokens");
        let parts =
            [supply.pool, supply.escrow, supply.staked, supply.funds, supply.burned, supply.circulating];
        assert_eq!(parts.into_iter().sum::<Tokens>(), supply.initial);
    }
}

fn payouts(leaves: &[Leaf]) -> Option<Vec<Payout>> {
    corex_work::payouts(leaves.iter().map(|leaf| (leaf.node, leaf.units)))
}

/// A round's receipts as the coordinator keeps them.
struct Round {
    index: u64,
    receipts: Vec<SignedReceipt>,
    leaves: Vec<Leaf>,
    tree: MerkleTree,
}

impl Round {
    fn new(index: u64, mut receipts: Vec<SignedReceipt>) -> Self {
        receipts.sort_by_key(|r| r.receipt.task);
        let leaves: Vec<Leaf> = receipts.iter().map(|r| Leaf::from(&r.receipt)).collect();
        let tree = MerkleTree::new(leaves.iter().map(Leaf::hash).collect());
        Self { index, receipts, leaves, tree }
    }

    fn proven(&self, index: usize) -> ProvenLeaf {
        ProvenLeaf { round: self.index, leaf: self.leaves[index], proof: self.tree.proof(index).unwrap() }
    }

    async fn commit(&self, net: &Net, job: JobId) -> Option<corex_chain::Mined> {
        let (root, count) = (self.tree.root(), self.leaves.len() as u32);
        let paid = payouts(&self.leaves).unwrap();
        net.treasury.commit_round(job, self.index, root, count, &paid).await.unwrap()
    }
}

/// Everything that must hold, in the order it happens.
async fn scenario(backend: Backend) {
    let mut net = Net::start(backend).await;
    let window = net.treasury.book().profile.settlement.challenge_seconds;
    let mut verifiers = VERIFIERS.map(|n| key(n).address());
    verifiers.sort();
    let found = net.treasury.verifiers().await.unwrap();
    assert_eq!(found.iter().map(|(v, _)| *v).collect::<Vec<_>>(), verifiers);
    assert!(found.iter().all(|(_, stake)| *stake == net.treasury.book().profile.stake.verifier_min));
    net.check_conservation().await;

    let from = net.treasury.chain().block_number().await.unwrap() + 1;
    let mut events = net.treasury.watch(from);
    let job = net.open_job(Tokens::whole(10_000)).await;
    let round = Round::new(
        0,
        vec![net.receipt(job, 1, HONEST), net.receipt(job, 2, CHEAT), net.receipt(job, 3, HONEST)],
    );

    // Commit; again after a crash; a different round in its place.
    let mined = round.commit(&net, job).await.expect("new");
    println!("gas: commit {}", mined.gas_used);
    assert_eq!(round.commit(&net, job).await, None);
    let paid = payouts(&round.leaves).unwrap();
    let other = net.treasury.commit_round(job, 0, Hash32([1; 32]), 3, &paid).await.unwrap_err();
    assert!(other.to_string().contains("round 0 of job"), "{other}");
    let gap = net.treasury.commit_round(job, 5, round.tree.root(), 3, &paid).await.unwrap_err();
    let job_hex = job.to_string();
    assert_eq!(gap.to_string(), format!("commitRound: Settlement: WrongRoundIndex({job_hex}, 5, 1)"));

    if net.backend.restart().await {
        assert_eq!(net.treasury.round_count(job).await.unwrap(), 1, "a restart loses nothing");
    }

    // The beacon binds the block hash, which is the chain's own.
    let drawn = net.treasury.draw_beacon(job, 0).await.unwrap();
    println!("gas: beacon {}", drawn.mined.expect("new").gas_used);
    let number = serde_json::json!([format!("{:#x}", mined.block), false]);
    let block = common::rpc(&net.backend.url(), "eth_getBlockByNumber", number).await;
    let hash: Hash32 = block["hash"].as_str().unwrap().parse().unwrap();
    assert_eq!(drawn.beacon, beacon(hash, round.tree.root(), job, 0));
    let again = net.node(HONEST).draw_beacon(job, 0).await.unwrap();
    assert_eq!((again.beacon, again.mined), (drawn.beacon, None));

    let early = net.treasury.settle_round(job, 0, &paid, &[]).await.unwrap_err();
    assert!(early.is_revert("ChallengeWindowOpen"), "{early}");

    // A verifier finds the cheat's leaf wrong. The two others vote; who is not drawn may not.
    let finder = VERIFIERS[0];
    let wrong = round.receipts[1].clone();
    let accuser = net.node(finder);
    let forged = accuser.challenge(job, &round.proven(1), &round.receipts[0].signature).await.unwrap_err();
    assert!(forged.is_revert("WrongReceiptSigner"), "{forged}");
    let outsider = net.node(HONEST).challenge(job, &round.proven(1), &wrong.signature).await.unwrap_err();
    assert!(outsider.is_revert("NotEligible"), "{outsider}");
    let (dispute, mined) = accuser.challenge(job, &round.proven(1), &wrong.signature).await.unwrap();
    println!("gas: challenge {}", mined.gas_used);
    let profile = &net.treasury.book().profile;
    let open = net.treasury.dispute(dispute).await.unwrap().unwrap();
    assert_eq!((open.task, open.accused, open.ruling), (TaskId([2; 32]), key(CHEAT).address(), None));
    assert_eq!(net.treasury.dispute(dispute + 1).await.unwrap(), None);
    assert_eq!(
        accuser.stake_of(key(finder).address()).await.unwrap().bonded,
        profile.settlement.challenge_bond
    );

    let poll = net.treasury.poll(dispute).await.unwrap();
    assert_eq!((poll.accused, poll.open), (wrong.receipt.outputs_hash(), true));
    assert_eq!(poll.seats.len(), 2, "the two verifiers that are not party");
    let truth = outputs_hash(&[BlobId([0x77; 32])]);
    let unseated = accuser.vote(dispute, truth).await.unwrap_err();
    assert!(unseated.is_revert("NotInCommittee"), "{unseated}");
    for n in [VERIFIERS[1], VERIFIERS[2]] {
        let mined = net.node(n).vote(dispute, truth).await.unwrap().expect("new");
        println!("gas: vote {}", mined.gas_used);
        assert_eq!(net.node(n).vote(dispute, truth).await.unwrap(), None, "once");
    }
    let decided = net.treasury.dispute(dispute).await.unwrap().unwrap();
    assert_eq!(decided.ruling, Some(Ruling::Guilty));
    assert!(net.treasury.leaf_is_voided(job, 0, round.leaves[1].hash()).await.unwrap());
    let stake = net.treasury.stake_of(key(CHEAT).address()).await.unwrap();
    assert_eq!(stake.counting(), Tokens::whole(500), "half of it is slashed");
    assert!(!net.treasury.is_eligible(key(CHEAT).address(), PROVIDER).await.unwrap());
    assert_eq!(net.treasury.balance(key(finder).address()).await.unwrap(), Tokens::whole(150));
    net.check_conservation().await;

    // Settle: the honest node is paid for its two leaves, the cheat for none.
    net.backend.advance(window + 1).await;
    // And a verifier that did one of the leaves again, as for that leaf.
    let auditor = net.node(VERIFIERS[1]).chain().address();
    let audits = [Payout { node: auditor, units: UNITS, tasks: 1 }];
    let before = net.treasury.balance(auditor).await.unwrap();
    let stranger = net.node(HONEST).settle_round(job, 0, &paid, &audits).await.unwrap_err();
    assert!(stranger.is_revert("NotCoordinator"), "{stranger}");
    let burned = net.treasury.supply().await.unwrap().burned;
    let mined = net.treasury.settle_round(job, 0, &paid, &audits).await.unwrap().expect("new");
    println!("gas: settle {}", mined.gas_used);
    assert_eq!(net.treasury.settle_round(job, 0, &paid, &audits).await.unwrap(), None);
    // A tenth of the price is the base fee here, of the rest two percent are the fee.
    let escrow = &net.treasury.book().profile.escrow;
    let rest = "0.001".parse::<Tokens>().unwrap().saturating_sub(escrow.base_fee_floor);
    let net_of_fees = |units| {
        let rest = rest.checked_mul(units).unwrap();
        rest.saturating_sub(rest.share_down(escrow.fee_bps))
    };
    let honest = key(HONEST).address();
    assert_eq!(net.treasury.balance(honest).await.unwrap(), net_of_fees(2 * UNITS));
    assert_eq!(net.treasury.balance(auditor).await.unwrap(), before + net_of_fees(UNITS));
    let supply = net.treasury.supply().await.unwrap();
    let base_fees = escrow.base_fee_floor.checked_mul(3 * UNITS).unwrap();
    assert_eq!(supply.burned, burned + base_fees, "all of the base fee is burned at once");
    assert!(supply.funds > Tokens::default(), "other fees wait to be divided");
    net.treasury.flush_fees().await.unwrap().expect("something was burned");
    assert!(net.treasury.supply().await.unwrap().burned > supply.burned);
    assert_eq!(net.treasury.balance(key(CHEAT).address()).await.unwrap(), Tokens::default());
    let info = net.treasury.node(honest).await.unwrap().unwrap();
    assert_eq!((info.verified_units, info.faults), (2 * u128::from(UNITS), 0));
    assert_eq!(net.treasury.node(key(CHEAT).address()).await.unwrap().unwrap().faults, 1);

    // A task paid in round 0 cannot be paid again in round 1: anyone voids the second leaf.
    let second = Round::new(1, vec![net.receipt(job, 3, HONEST), net.receipt(job, 4, HONEST)]);
    second.commit(&net, job).await.unwrap();
    net.treasury.draw_beacon(job, 1).await.unwrap();
    let copy = net.node(CHEAT).prove_duplicate(job, &round.proven(2), &second.proven(0)).await.unwrap();
    println!("gas: duplicate {}", copy.expect("new").gas_used);
    let again = net.treasury.prove_duplicate(job, &round.proven(2), &second.proven(0)).await.unwrap();
    assert_eq!(again, None);
    net.backend.advance(window + 1).await;
    net.treasury.settle_round(job, 1, &payouts(&second.leaves).unwrap(), &[]).await.unwrap();
    assert_eq!(net.treasury.node(honest).await.unwrap().unwrap().verified_units, 3 * u128::from(UNITS));

    // What was mined is claimed once the epoch is over; the rest of the job returns.
    let mining = net.treasury.book().profile.mining.clone().expect("cx is mined");
    net.backend.advance(mining.epoch_seconds).await;
    let expected = net.treasury.claimable(honest).await.unwrap();
    let cap = mining.reward_cap_per_unit.checked_mul(3 * UNITS).unwrap();
    assert!(expected > Tokens::default() && expected <= cap, "{expected}: capped per unit");
    let before = net.treasury.balance(honest).await.unwrap();
    let (amount, mined) = net.treasury.claim(honest).await.unwrap().expect("something");
    println!("gas: claim {}", mined.gas_used);
    assert_eq!((amount, before + amount), (expected, net.treasury.balance(honest).await.unwrap()));
    assert!(net.treasury.claim(honest).await.unwrap().is_none(), "once");
    assert!(net.treasury.close_job(job).await.unwrap().is_some());
    assert_eq!(net.treasury.close_job(job).await.unwrap(), None);
    assert_eq!(net.treasury.job(job).await.unwrap().unwrap().balance, Tokens::default());
    assert_eq!(net.treasury.supply().await.unwrap().escrow, Tokens::default());
    net.check_conservation().await;

    // And all of it was announced, in order.
    let seen = events.next(Duration::from_millis(10)).await.unwrap();
    assert!(events.poll().await.unwrap().is_empty(), "nothing twice");
    let names: Vec<_> = seen.iter().map(|e| kind(&e.event)).collect();
    let told: Vec<&str> = names.iter().copied().filter(|n| *n != "other").collect();
    assert_eq!(
        told,
        [
            "opened",
            "committed",
            "beacon",
            "challenged",
            "committee",
            "voted",
            "voted",
            "resolved",
            "slashed",
            "settled",
            "paid",
            "paid",
            "committed",
            "beacon",
            "duplicate",
            "settled",
            "paid",
            "claimed",
            "closed",
            "refunded"
        ]
    );
    let resolved = seen.iter().find_map(|e| match &e.event {
        ChainEvent::DisputeResolved { ruling, task, .. } => Some((*ruling, *task)),
        _ => None,
    });
    assert_eq!(resolved, Some((Ruling::Guilty, TaskId([2; 32]))));
}

fn kind(event: &ChainEvent) -> &'static str {
    match event {
        ChainEvent::JobOpened { .. } => "opened",
        ChainEvent::RoundCommitted { .. } => "committed",
        ChainEvent::BeaconDrawn { .. } => "beacon",
        ChainEvent::Challenged { .. } => "challenged",
        ChainEvent::CommitteeDrawn { .. } => "committee",
        ChainEvent::Voted { .. } => "voted",
        ChainEvent::DisputeResolved { .. } => "resolved",
        ChainEvent::Slashed { .. } => "slashed",
        ChainEvent::RoundSettled { .. } => "settled",
        ChainEvent::Paid { .. } => "paid",
        ChainEvent::DuplicateVoided { .. } => "duplicate",
        ChainEvent::Claimed { .. } => "claimed",
        ChainEvent::JobClosed { .. } => "closed",
        ChainEvent::Refunded { .. } => "refunded",
        _ => "other",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_lives_on_the_embedded_chain() {
    scenario(Backend::embedded(&[key(TREASURY).address()]).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_lives_on_anvil() {
    if let Some(backend) = Backend::anvil(&[key(TREASURY).address()]).await {
        scenario(backend).await;
    }
}

/// A false accusation, and a vote that nobody takes part in.
#[tokio::test(flavor = "multi_thread")]
async fn the_innocent_keep_their_stake() {
    let net = Net::start(Backend::embedded(&[key(TREASURY).address()]).await).await;
    let profile = net.treasury.book().profile.clone();
    let job = net.open_job(Tokens::whole(10_000)).await;
    let round = Round::new(0, vec![net.receipt(job, 1, HONEST), net.receipt(job, 2, HONEST)]);
    round.commit(&net, job).await;
    net.treasury.draw_beacon(job, 0).await.unwrap();

    let liar = net.node(VERIFIERS[0]);
    let (first, _) = liar.challenge(job, &round.proven(0), &round.receipts[0].signature).await.unwrap();
    for n in [VERIFIERS[1], VERIFIERS[2]] {
        net.node(n).vote(first, round.leaves[0].outputs_hash).await.unwrap();
    }
    assert_eq!(net.treasury.dispute(first).await.unwrap().unwrap().ruling, Some(Ruling::Innocent));
    let stake = liar.stake_of(liar.chain().address()).await.unwrap().counting();
    assert_eq!(stake, profile.stake.verifier_min.saturating_sub(profile.settlement.challenge_bond));
    let honest = key(HONEST).address();
    assert_eq!(liar.stake_of(honest).await.unwrap().counting(), profile.stake.provider_min);

    let other = net.node(VERIFIERS[1]);
    let (second, _) = other.challenge(job, &round.proven(1), &round.receipts[1].signature).await.unwrap();
    let early = net.treasury.expire(second).await.unwrap_err();
    assert!(early.is_revert("VotingNotOver"), "{early}");
    net.backend.advance(profile.settlement.challenge_seconds + profile.arbiter.vote_seconds + 1).await;
    let paid = payouts(&round.leaves).unwrap();
    let open = net.treasury.settle_round(job, 0, &paid, &[]).await.unwrap_err();
    assert!(open.is_revert("DisputesOpen"), "{open}");
    net.treasury.expire(second).await.unwrap();
    assert_eq!(net.treasury.expire(second).await.unwrap(), None);
    assert_eq!(net.treasury.dispute(second).await.unwrap().unwrap().ruling, Some(Ruling::Dismissed));
    net.treasury.settle_round(job, 0, &paid, &[]).await.unwrap();
    net.check_conservation().await;
}

/// All verifiers of a round are paid, however many: eight with the round, the others in further transactions.
#[tokio::test(flavor = "multi_thread")]
async fn more_verifiers_than_a_transaction_pays_are_paid_page_by_page() {
    let backend = Backend::embedded(&[key(TREASURY).address()]).await;
    let mut net = Net::start(backend).await;
    for n in 100..107 {
        net.join(n, VERIFIER).await;
    }
    let job = net.open_job(Tokens::whole(1_000_000)).await;
    let round = Round::new(0, vec![net.receipt(job, 1, HONEST)]);
    round.commit(&net, job).await.unwrap();
    net.treasury.draw_beacon(job, 0).await.unwrap();
    net.backend.advance(net.treasury.book().profile.settlement.challenge_seconds + 1).await;
    let verifiers: Vec<_> = net.nodes[2..].iter().map(|(_, node)| node.chain().address()).collect();
    assert_eq!(verifiers.len(), 10);
    let audits = corex_work::payouts(verifiers.iter().map(|node| (*node, UNITS))).unwrap();
    let paid = payouts(&round.leaves).unwrap();
    assert!(net.treasury.settle_round(job, 0, &paid, &audits).await.unwrap().is_some());
    let verified = async |node| net.treasury.node(node).await.unwrap().unwrap().verified_units;
    for verifier in &verifiers {
        assert_eq!(verified(*verifier).await, u128::from(UNITS));
    }
    // Again: nothing is paid twice.
    assert_eq!(net.treasury.settle_round(job, 0, &paid, &audits).await.unwrap(), None);
    for verifier in &verifiers {
        assert_eq!(verified(*verifier).await, u128::from(UNITS));
    }
}
