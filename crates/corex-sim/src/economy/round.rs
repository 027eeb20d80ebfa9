//! A round of a job: work, audits as the protocol draws them, convictions, payment.

use std::collections::{BTreeMap, BTreeSet};

use corex_protocol::{BlindLeaf, COVERED, Duty, Verifier, audit_plan, draw_verifier};
use corex_work::{Address, Beacon, Hash32, Leaf, TaskId};

use super::formulas::{BPS, mul_div};
use super::pool::VALIDATE;
use super::strategy::{Checker, Worker};
use super::world::{LEAVES, World};

/// A result, and whether it is wrong.
#[derive(Clone, Debug)]
struct Outcome {
    leaf: Leaf,
    node: usize,
    wrong: bool,
    void: bool,
}

impl World<'_> {
    /// Plays one round of a job; gives the units committed.
    pub(crate) fn round(&mut self, job: usize) -> u64 {
        if self.jobs[job].price < self.base_fee {
            return 0;
        }
        let mut results = self.work(job);
        let units = results.iter().map(|result| result.leaf.units).sum();
        let leaves: Vec<BlindLeaf> = results.iter().map(|result| BlindLeaf::from(&result.leaf)).collect();
        let verifiers: Vec<Verifier> = (self.nodes.iter().filter(|node| self.is_verifier(node)))
            .map(|node| Verifier { node: node.address, stake: self.draw_weight(node) })
            .collect();
        let rates: BTreeMap<Address, u32> =
            (results.iter().map(|result| result.node).collect::<BTreeSet<_>>())
                .into_iter()
                .map(|node| {
                    let reputation = self.jobs[job].reputations.get(&node).copied().unwrap_or_default();
                    (self.nodes[node].address, reputation.audit_rate_ppm(&self.settings.audit))
                })
                .collect();
        let beacon = Beacon(self.random_hash());
        let is_covered = |result: &Outcome| {
            let value = u128::from(result.leaf.units) * self.jobs[job].price;
            value * COVERED <= self.nodes[result.node].stake
        };
        let uncovered = results.iter().filter(|result| !is_covered(result)).map(|result| result.leaf.task);
        let plan = audit_plan(beacon, &leaves, &verifiers, &rates, &uncovered.collect());
        let mut audited: BTreeSet<TaskId> = plan.iter().map(|duty| duty.task).collect();
        let mut convicted = BTreeSet::new();
        let mut audits = Vec::new();
        for duty in plan {
            audits.extend(self.audit(job, beacon, &mut results, duty, &verifiers, &mut convicted));
        }
        // Everything else of a convicted node is audited, too.
        let rest: Vec<BlindLeaf> = (results.iter())
            .filter(|result| convicted.contains(&result.node) && audited.insert(result.leaf.task))
            .map(|result| BlindLeaf::from(&result.leaf))
            .collect();
        let forced = rest.iter().map(|leaf| leaf.task).collect();
        for duty in audit_plan(beacon, &rest, &verifiers, &rates, &forced) {
            audits.extend(self.audit(job, beacon, &mut results, duty, &verifiers, &mut convicted));
        }
        for (node, units) in audits {
            self.pay(job, node, VALIDATE, units);
        }
        for result in results.iter().filter(|result| !result.void) {
            self.pay(job, result.node, self.jobs[job].engine, result.leaf.units.into());
        }
        units
    }

    fn random_hash(&mut self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&self.rng.bits().to_le_bytes()));
        hash
    }

    /// Every machine does its part of the demand, which varies, with one of its nodes for each leaf.
    fn work(&mut self, job: usize) -> Vec<Outcome> {
        let leaves = LEAVES - 1 + self.rng.below(3);
        let mut results = Vec::new();
        for machine in 0..self.machines.len() {
            let is_player = machine + 1 == self.machines.len();
            if is_player {
                self.come_back(job);
            }
            let usable = |node: &&usize| {
                let faults = self.jobs[job].reputations.get(node).map_or(0, |reputation| reputation.faults);
                faults == 0 && self.nodes[**node].stake >= self.settings.stake.provider_min
            };
            let nodes: Vec<usize> = self.machines[machine].iter().filter(usable).copied().collect();
            for n in 0..leaves {
                let task = TaskId(self.random_hash());
                let chance = self.rng.below(1_000_000);
                let Some(&node) = nodes.get(n as usize % nodes.len().max(1)) else { continue };
                let (wrong, cost_bps) = match self.nodes[node].worker {
                    Worker::Stall => continue,
                    Worker::Guess { percent, patient, cost_bps }
                        if chance < percent * 10_000 && (!patient || self.is_trusted(job, node)) =>
                    {
                        (true, cost_bps)
                    }
                    _ => (!is_player && chance < self.setup.fault_ppm, BPS),
                };
                if is_player {
                    self.guesses += u64::from(wrong);
                    self.cost += mul_div(self.settings.leaf_cost(), cost_bps, BPS);
                }
                let leaf = Leaf {
                    task,
                    outputs_hash: Hash32::default(),
                    node: self.nodes[node].address,
                    units: self.settings.market.leaf_units,
                };
                results.push(Outcome { leaf, node, wrong, void: false });
            }
        }
        results
    }

    /// Whether a node is audited almost as rarely as any: to wait longer takes as many audits again.
    fn is_trusted(&self, job: usize, node: usize) -> bool {
        let reputation = self.jobs[job].reputations.get(&node).copied().unwrap_or_default();
        reputation.audit_rate_ppm(&self.settings.audit) <= 2 * self.settings.audit.floor_ppm
    }

    /// A player whose nodes are all banned or broke registers another one while it has the money.
    fn come_back(&mut self, job: usize) {
        let least = self.settings.stake.provider_min;
        let worker = self.setup.play.worker;
        let usable = self.machines.last().into_iter().flatten().any(|node| {
            let faults = self.jobs[job].reputations.get(node).map_or(0, |reputation| reputation.faults);
            faults == 0 && self.nodes[*node].stake >= least
        });
        if !usable && self.bank.balance(self.player) >= least {
            let node = self.register(self.player, worker, None, least);
            if let Some(machine) = self.machines.last_mut() {
                machine.push(node);
            }
        }
    }

    /// Has a leaf audited; gives the verifier and the units to pay it for.
    fn audit(
        &mut self,
        job: usize,
        beacon: Beacon,
        results: &mut [Outcome],
        duty: Duty,
        verifiers: &[Verifier],
        convicted: &mut BTreeSet<usize>,
    ) -> Option<(usize, u128)> {
        let place = results.iter().position(|result| result.leaf.task == duty.task)?;
        let Outcome { ref leaf, node: accused, wrong, void } = results[place];
        if void {
            return None;
        }
        let by_address = |address| self.nodes.iter().position(|node| node.address == address);
        let mut verifier = by_address(duty.verifier?)?;
        if self.nodes[verifier].checker == Some(Checker::Stamp) && self.settings.rules.blind_verdicts {
            // A guess contradicts the leaf, and no dispute follows: it is not paid, and others are asked.
            let others: Vec<Verifier> =
                verifiers.iter().filter(|v| v.node != self.nodes[verifier].address).copied().collect();
            verifier = by_address(draw_verifier(beacon, &BlindLeaf::from(leaf), 1, &others)?)?;
        }
        let (owner, units) = (self.nodes[verifier].owner, u128::from(leaf.units));
        let is_mine = owner == self.player;
        let found = match self.nodes[verifier].checker? {
            Checker::Honest => wrong,
            Checker::Collude => wrong && self.nodes[accused].owner != owner,
            Checker::Stamp => false,
            Checker::Accuse if !wrong => {
                self.lose_challenge(job, verifier, accused);
                false
            }
            Checker::Accuse => true,
        };
        // Who did the work itself need not do it again.
        let computes = match self.nodes[verifier].checker? {
            Checker::Honest | Checker::Collude => self.nodes[accused].owner != owner,
            Checker::Stamp | Checker::Accuse => false,
        };
        if is_mine && computes {
            self.cost += self.settings.leaf_cost();
        }
        let reputation = self.jobs[job].reputations.entry(accused).or_default();
        if !found {
            reputation.confirmed += 1;
            return Some((verifier, units));
        }
        // Where others are at fault the job goes on with them, so that there is always something to find.
        let is_player = self.nodes[accused].owner == self.player;
        reputation.faults += u32::from(is_player);
        results[place].void = true;
        convicted.insert(accused);
        // An accomplice copies the last move of the game, and is the finder.
        let finder = if is_player { self.accomplice } else { owner };
        self.convict(job, accused, finder, units);
        Some((verifier, units))
    }
}
