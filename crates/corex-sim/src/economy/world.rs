//! A network of one player and honest others: state, and what an epoch is.

use std::collections::BTreeMap;

use corex_protocol::Reputation;
use corex_work::{Address, keccak256};

use super::bank::{Account, Bank, INSURANCE, POOL, REST, VAULT};
use super::formulas::{base_fee_after, boost_bps, mul_div, quality_bps, weigh};
use super::pool::MiningPool;
use super::settings::Settings;
use super::strategy::{Checker, Extra, Play, Worker};
use crate::rng::Rng;

/// Rounds of each job in an epoch.
pub(crate) const ROUNDS: u64 = 4;
/// Jobs: training and inference.
pub(crate) const JOBS: usize = 2;
/// Leaves per machine and round, on average.
pub(crate) const LEAVES: u64 = 4;
/// Honest machines, each with one node.
pub(crate) const OTHERS: usize = 8;
/// Honest verifiers.
const VERIFIERS: u128 = 6;
/// Nodes claim what they mined every so many epochs, half of them at other times than the rest.
const CLAIM_EVERY: u64 = 32;
/// What fits into a window at a base fee that does not move, in percent of the usual demand: while there is room, nobody's
/// fee rises if somebody deals with itself.
const TARGET_PERCENT: u64 = 150;

/// What is played.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) seed: u64,
    pub(crate) epochs: u64,
    pub(crate) play: Play,
    /// The player's part of all verifiers' stake, in percent.
    pub(crate) verifier_percent: u128,
    /// The pool has so much left that the emission binds instead of the cap.
    pub(crate) scarce: bool,
    /// Results of the others that are wrong, in parts per million.
    pub(crate) fault_ppm: u64,
}

/// A node, or what somebody needs one for.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) address: Address,
    pub(crate) owner: Account,
    pub(crate) worker: Worker,
    pub(crate) checker: Option<Checker>,
    pub(crate) stake: u128,
    pub(crate) bonded: u128,
    pub(crate) delegations: BTreeMap<Account, u128>,
    pub(crate) verified: u128,
    pub(crate) since_fault: u128,
    pub(crate) faults: u128,
    /// Units of the running epoch, and their moving average.
    pub(crate) recent: u128,
    pub(crate) average: u128,
    /// Weighted units of the running epoch.
    pub(crate) weighted: [u128; 3],
    /// Earned and not claimed, not yet shared with delegators.
    pub(crate) reward: u128,
    /// Earned by delegators, not yet claimed.
    pub(crate) due: BTreeMap<Account, u128>,
}

/// A requester's job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) requester: Account,
    pub(crate) engine: usize,
    pub(crate) price: u128,
    pub(crate) insured: bool,
    pub(crate) referrer: Option<Account>,
    /// What the escrow holds for it.
    pub(crate) balance: u128,
    pub(crate) reputations: BTreeMap<usize, Reputation>,
}

impl Job {
    pub(crate) fn new(requester: Account, engine: usize, price: u128) -> Job {
        Job {
            requester,
            engine,
            price,
            insured: false,
            referrer: None,
            balance: 0,
            reputations: BTreeMap::new(),
        }
    }
}

/// A whole network in one value.
pub(crate) struct World<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) setup: Setup,
    pub(crate) rng: Rng,
    pub(crate) bank: Bank,
    pub(crate) pool: Option<MiningPool>,
    pub(crate) nodes: Vec<Node>,
    /// Nodes of each machine; the last machine is the player's.
    pub(crate) machines: Vec<Vec<usize>>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) base_fee: u128,
    pub(crate) epoch: u64,
    pub(crate) player: Account,
    /// A second name of the player's.
    pub(crate) accomplice: Account,
    /// What the player spent outside, on computing.
    pub(crate) cost: u128,
    /// What all delegations of the player's that are on their way back hold, and from when it is free.
    pub(crate) unbonding: Vec<(u64, u128)>,
    pub(crate) convictions: u64,
    /// Wrong results of the player's.
    pub(crate) guesses: u64,
}

impl<'a> World<'a> {
    pub(crate) fn new(settings: &'a Settings, setup: Setup) -> World<'a> {
        let min = settings.stake.provider_min;
        let per_epoch = OTHERS as u128 * u128::from(LEAVES * ROUNDS) * JOBS as u128;
        let units = per_epoch * u128::from(settings.market.leaf_units);
        // Half the supply; where the emission is to bind, as much as gives half of what the cap allows.
        let pooled = settings.mining.as_ref().map_or(0, |mining| {
            let scarce = mining.epochs_per_era * mining.cap_per_unit * units;
            if setup.scarce { scarce.min(settings.supply / 2) } else { settings.supply / 2 }
        });
        let mut bank = Bank::new(settings.supply, pooled);
        let (player, accomplice) = (bank.open(200 * min), bank.open(0));
        let budget = 4 * u128::from(setup.epochs) * units * settings.market.price;
        let jobs =
            (0..JOBS).map(|engine| Job::new(bank.open(budget), engine, settings.market.price)).collect();
        let mut world = World {
            settings,
            setup,
            rng: Rng::new(setup.seed),
            bank,
            pool: None,
            nodes: vec![],
            machines: vec![],
            jobs,
            base_fee: settings.fees.base_floor,
            epoch: 0,
            player,
            accomplice,
            cost: 0,
            unbonding: vec![],
            convictions: 0,
            guesses: 0,
        };
        world.populate();
        let stake = world.verifier_stake();
        world.pool = settings.mining.as_ref().map(|mining| MiningPool::new(mining, pooled, stake));
        world
    }

    fn populate(&mut self) {
        let (stake, play) = (&self.settings.stake, self.setup.play);
        // An insurance that is worth defrauding.
        self.bank.transfer(REST, INSURANCE, 1_000 * stake.provider_min);
        for _ in 0..OTHERS {
            let owner = self.bank.open(4 * stake.provider_min);
            let node = self.register(owner, Worker::Honest, None, 4 * stake.provider_min);
            self.machines.push(vec![node]);
        }
        for _ in 0..VERIFIERS {
            let owner = self.bank.open(2 * stake.verifier_min);
            self.register(owner, Worker::Stall, Some(Checker::Honest), 2 * stake.verifier_min);
        }
        let own = play.stake_factor * stake.provider_min;
        let nodes = u128::from(play.nodes);
        let mine = (0..nodes)
            .map(|_| {
                let part =
                    if play.extra == Extra::DelegateToItself { stake.provider_min } else { own / nodes };
                self.register(self.player, play.worker, None, part)
            })
            .collect::<Vec<_>>();
        if play.extra == Extra::DelegateToItself {
            self.delegate(mine[0], self.player, own - stake.provider_min);
        }
        if matches!(play.extra, Extra::Borrow | Extra::BorrowAndStakeLate) {
            let lender = self.bank.open(own * stake.delegation_cap);
            self.delegate(mine[0], lender, own * stake.delegation_cap);
        }
        self.machines.push(mine);
        if let Some(checker) = play.checker {
            let others = VERIFIERS * 2 * stake.verifier_min;
            let share = mul_div(others, self.setup.verifier_percent, 100 - self.setup.verifier_percent);
            let owner = self.player;
            self.bank.transfer(REST, owner, share);
            self.register(owner, Worker::Stall, Some(checker), share);
        }
        if matches!(play.extra, Extra::Request | Extra::RequestReferred) {
            let budget = self.bank.balance(self.jobs[0].requester);
            self.bank.transfer(self.jobs[0].requester, self.player, budget);
            self.jobs[0].requester = self.player;
            self.jobs[0].referrer = (play.extra == Extra::RequestReferred).then_some(self.accomplice);
        }
    }

    /// A new node with stake of its owner's.
    pub(crate) fn register(
        &mut self,
        owner: Account,
        worker: Worker,
        checker: Option<Checker>,
        stake: u128,
    ) -> usize {
        self.bank.transfer(owner, VAULT, stake);
        let hash = keccak256(&[self.setup.seed.to_le_bytes(), self.nodes.len().to_le_bytes()].concat());
        let mut address = [0; 20];
        address.copy_from_slice(&hash[..20]);
        self.nodes.push(Node {
            address: Address(address),
            owner,
            worker,
            checker,
            stake,
            bonded: 0,
            delegations: BTreeMap::new(),
            verified: 0,
            since_fault: 0,
            faults: 0,
            recent: 0,
            average: 0,
            weighted: [0; 3],
            reward: 0,
            due: BTreeMap::new(),
        });
        self.nodes.len() - 1
    }

    /// Plays all epochs.
    pub(crate) fn run(&mut self) {
        while self.epoch < self.setup.epochs {
            for _ in 0..ROUNDS {
                let used: u64 = (0..JOBS).map(|job| self.round(job)).sum();
                let used = used + self.extra_round();
                let usual = (OTHERS as u64 + 1) * LEAVES * JOBS as u64 * self.settings.market.leaf_units;
                let target = usual * TARGET_PERCENT / 100;
                let fees = &self.settings.fees;
                self.base_fee = base_fee_after(
                    self.base_fee,
                    used.into(),
                    target.into(),
                    fees.base_floor,
                    fees.base_ceiling,
                );
            }
            self.close_epoch();
            self.epoch += 1;
            self.bank.assert_conserved();
            self.assert_backed();
        }
        (0..self.nodes.len()).for_each(|node| self.claim(node));
    }

    /// Whether a node claims at the end of the running epoch.
    pub(crate) fn claims(&self, node: usize) -> bool {
        (self.epoch + 1 + CLAIM_EVERY / 2 * (node as u64 % 2)).is_multiple_of(CLAIM_EVERY)
    }

    /// The vault holds exactly what nodes and delegators have in it, the escrow what jobs have.
    fn assert_backed(&self) {
        let staked = self.nodes.iter().map(|n| n.stake + n.bonded + n.delegations.values().sum::<u128>());
        let held = staked.sum::<u128>() + self.unbonding.iter().map(|(_, amount)| amount).sum::<u128>();
        assert_eq!(self.bank.balance(VAULT), held, "the vault is solvent, and nothing is stuck in it");
        let jobs: u128 = self.jobs.iter().map(|job| job.balance).sum();
        assert_eq!(self.bank.balance(super::bank::ESCROW), jobs, "so is the escrow");
        let owed: u128 = self.nodes.iter().map(|n| n.reward + n.due.values().sum::<u128>()).sum();
        assert!(self.bank.balance(POOL) >= owed, "the pool holds what it owes");
    }

    /// All that the player has, less what it spent on computing.
    pub(crate) fn wealth(&self) -> i128 {
        let mine = [self.player, self.accomplice];
        let mut wealth: u128 = mine.iter().map(|account| self.bank.balance(*account)).sum();
        wealth += self.unbonding.iter().map(|(_, amount)| amount).sum::<u128>();
        for node in &self.nodes {
            if mine.contains(&node.owner) {
                wealth += node.stake + node.bonded + node.reward;
            }
            for account in mine {
                wealth += node.delegations.get(&account).unwrap_or(&0) + node.due.get(&account).unwrap_or(&0);
            }
        }
        wealth +=
            self.jobs.iter().filter(|job| mine.contains(&job.requester)).map(|job| job.balance).sum::<u128>();
        to_signed(wealth) - to_signed(self.cost)
    }

    /// Stake of all verifiers that may be drawn.
    pub(crate) fn verifier_stake(&self) -> u128 {
        self.nodes.iter().filter(|node| self.is_verifier(node)).map(|node| self.draw_weight(node)).sum()
    }

    pub(crate) fn is_verifier(&self, node: &Node) -> bool {
        node.checker.is_some() && node.stake + node.bonded >= self.settings.stake.verifier_min
    }

    /// Own stake and what counts of the delegated.
    pub(crate) fn draw_weight(&self, node: &Node) -> u128 {
        let own = node.stake + node.bonded;
        let delegated = node.delegations.values().sum::<u128>();
        own + delegated.min(own * self.settings.stake.delegation_cap)
    }

    /// Weighted units of work of an engine.
    pub(crate) fn weigh(&self, node: &Node, engine: usize, units: u128) -> u128 {
        let Some(mining) = &self.settings.mining else { return 0 };
        let own = node.stake + node.bonded;
        let tier = mining.tiers.iter().take_while(|[average, history, stake]| {
            node.average >= *average && node.since_fault >= *history && own >= *stake
        });
        let quality = quality_bps(node.verified, node.faults, mining.fault_units);
        let boost = boost_bps(own, mining.full_lock, mining.full_lock, mining.full_stake);
        weigh(units, [mining.kind_bps[engine], mining.tier_bps[tier.count()], quality, boost])
    }
}

/// Amounts are far below 2^127.
pub(crate) fn to_signed(amount: u128) -> i128 {
    i128::try_from(amount).unwrap_or(i128::MAX)
}
