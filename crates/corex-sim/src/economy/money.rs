//! Payments, slashes, compensation; and what the player does with money of its own.

use super::bank::{Account, ECOSYSTEM, ESCROW, INCENTIVES, INSURANCE, POOL, REST, VAULT};
use super::formulas::{
    BPS, compensation, delegation_split, fee_split, fees, mul_div, mul_div_up, reward, slash_split,
};
use super::pool::{COMPUTE, MODEL, VALIDATE};
use super::strategy::{Dealt, Extra};
use super::world::{JOBS, Job, LEAVES, ROUNDS, World};

impl World<'_> {
    /// Pays a node for verified work of a job, and records it.
    pub(crate) fn pay(&mut self, job: usize, node: usize, engine: usize, units: u128) {
        let rules = &self.settings.fees;
        let Job { price, requester, referrer, insured, .. } = self.jobs[job];
        let gross = units * price;
        let (base, percentage) = fees(units, price, self.base_fee, rules.fee_bps);
        let referral = referrer.map_or(0, |_| mul_div(gross - base, rules.referral_bps, BPS));
        let on_top = if self.settings.rules.referral_on_top { referral } else { 0 };
        let premium = if insured { mul_div_up(gross, rules.premium_bps, BPS) } else { 0 };
        let needed = gross + on_top + premium;
        let missing = needed.saturating_sub(self.jobs[job].balance);
        if self.bank.balance(requester) < missing {
            return;
        }
        self.bank.transfer(requester, ESCROW, missing);
        self.jobs[job].balance = self.jobs[job].balance + missing - needed;

        self.bank.transfer(ESCROW, self.nodes[node].owner, gross - base - percentage);
        self.bank.transfer(ESCROW, INSURANCE, premium);
        // The base fee is burned whole, where the token can be: whoever gets a part of it back deals with himself for less.
        let base_burned = if self.settings.is_burnable() { base } else { 0 };
        let total = base + percentage;
        let [burned, insurance, ecosystem] =
            fee_split(total - base_burned, rules.burn_bps, rules.insurance_bps);
        let from_ecosystem = (referral - on_top).min(ecosystem);
        self.bank.burn(ESCROW, base_burned + burned);
        self.bank.transfer(ESCROW, INSURANCE, insurance);
        self.bank.transfer(ESCROW, ECOSYSTEM, ecosystem - from_ecosystem);
        if let Some(referrer) = referrer {
            self.bank.transfer(ESCROW, referrer, on_top + from_ecosystem);
        }
        let weighted = self.weigh(&self.nodes[node], engine, units);
        let n = &mut self.nodes[node];
        n.verified += units;
        n.since_fault += units;
        n.recent += units;
        n.weighted[engine] += weighted;
        if let Some(pool) = &mut self.pool {
            pool.record(engine, weighted, total);
        }
    }

    /// A node lost a game about a leaf.
    pub(crate) fn convict(&mut self, job: usize, node: usize, finder: Account, units: u128) {
        self.convictions += u64::from(self.nodes[node].owner == self.player);
        let n = &mut self.nodes[node];
        n.faults += 1;
        n.since_fault = 0;
        let delegated: u128 = n.delegations.values().sum();
        let amount = mul_div(n.stake + n.bonded + delegated, self.settings.slash_bps, BPS);
        let own = amount.min(n.stake + n.bonded);
        let unbonded = own.min(n.stake);
        n.stake -= unbonded;
        n.bonded -= own - unbonded;
        let mut lent = 0;
        for part in n.delegations.values_mut() {
            let lost = mul_div(*part, amount - own, delegated);
            *part -= lost;
            lent += lost;
        }
        let burned = self.split_slash(job, own + lent, finder);
        if self.nodes[node].owner != self.player {
            // Where others are at fault they stay, so that there is always something to find.
            self.bank.transfer(REST, VAULT, own);
            self.nodes[node].stake += own;
        }
        if self.jobs[job].insured {
            let (value, fees) = (units * self.jobs[job].price, &self.settings.fees);
            let had = self.bank.balance(INSURANCE);
            let paid = compensation(value, burned, fees.cover_bps, had, fees.claim_bps);
            self.bank.transfer(INSURANCE, ESCROW, paid);
            self.jobs[job].balance += paid;
        }
    }

    /// Sends slashed stake where it goes; gives the part that is nobody's reward.
    fn split_slash(&mut self, job: usize, amount: u128, finder: Account) -> u128 {
        let stake = &self.settings.stake;
        let [burned, to_finder, to_job] = slash_split(amount, stake.burn_bps, stake.finder_bps);
        if self.settings.is_burnable() {
            self.bank.burn(VAULT, burned);
        } else {
            self.bank.transfer(VAULT, INSURANCE, burned);
        }
        self.bank.transfer(VAULT, finder, to_finder);
        self.bank.transfer(VAULT, ESCROW, to_job);
        self.jobs[job].balance += to_job;
        burned
    }

    /// A challenge of a right result: the bond goes the way of a slash, the accused being who was right.
    pub(crate) fn lose_challenge(&mut self, job: usize, challenger: usize, accused: usize) {
        let bond = self.settings.challenge_bond.min(self.nodes[challenger].stake);
        self.nodes[challenger].stake -= bond;
        self.split_slash(job, bond, self.nodes[accused].owner);
    }

    /// Lends tokens to a node.
    pub(crate) fn delegate(&mut self, node: usize, from: Account, amount: u128) {
        self.bank.transfer(from, VAULT, amount);
        *self.nodes[node].delegations.entry(from).or_default() += amount;
    }

    /// What the player does besides working; gives the units that its own jobs use.
    pub(crate) fn extra_round(&mut self) -> u64 {
        match self.setup.play.extra {
            Extra::Deal { what, times, epochs } if self.epoch < epochs => self.deal(what, times),
            Extra::ConvictItself if self.epoch.is_multiple_of(2) => {
                self.convict_itself();
                0
            }
            _ => 0,
        }
    }

    /// Pays itself as little as can be for work that nobody did. Its own coordinator orders no audits.
    fn deal(&mut self, what: Dealt, times: u32) -> u64 {
        let engine = match what {
            Dealt::Compute => COMPUTE,
            Dealt::Model => MODEL,
            Dealt::Audits => VALIDATE,
        };
        let Some(&node) = self.machines.last().and_then(|nodes| nodes.first()) else { return 0 };
        let units = LEAVES * JOBS as u64 * self.settings.market.leaf_units * u64::from(times);
        self.jobs.push(Job::new(self.player, engine, self.base_fee));
        self.pay(self.jobs.len() - 1, node, engine, units.into());
        self.close_job();
        units
    }

    /// A second node of the player's is wrong in an insured job of the player's, and an accomplice says so.
    fn convict_itself(&mut self) {
        let least = self.settings.stake.provider_min;
        if self.bank.balance(self.player) < 3 * least {
            return;
        }
        let node = self.register(self.player, self.setup.play.worker, None, 2 * least);
        let mut job = Job::new(self.player, COMPUTE, self.settings.market.price);
        job.insured = true;
        self.jobs.push(job);
        // One leaf that is worth all that the insurance could pay.
        let units = (2 * least / self.settings.market.price).max(1);
        self.convict(self.jobs.len() - 1, node, self.accomplice, units);
        self.close_job();
    }

    /// Refunds the job opened last.
    fn close_job(&mut self) {
        if let Some(job) = self.jobs.pop() {
            self.bank.transfer(ESCROW, job.requester, job.balance);
        }
    }

    /// Epoch's end: rewards, averages, delegations.
    pub(crate) fn close_epoch(&mut self) {
        let stake = self.verifier_stake();
        if let Some(closed) = self.pool.as_mut().map(|pool| pool.close(stake)) {
            for node in &mut self.nodes {
                for (weighted, rate) in node.weighted.iter_mut().zip(closed.rates) {
                    node.reward += reward(std::mem::take(weighted), rate);
                }
            }
            self.bank.transfer(POOL, INCENTIVES, closed.incentive);
        }
        for node in &mut self.nodes {
            // An exponential average over about ten epochs.
            node.average = (node.average * 9 + std::mem::take(&mut node.recent)) / 10;
        }
        let (epoch, player) = (self.epoch, self.player);
        let free = |(at, _): &(u64, u128)| *at <= epoch;
        let back = self.unbonding.iter().filter(|at| free(at)).map(|(_, amount)| amount).sum();
        self.unbonding.retain(|at| !free(at));
        self.bank.transfer(VAULT, player, back);
        for node in 0..self.nodes.len() {
            if self.settings.rules.delegation_checkpoints {
                self.share(node);
            }
            let claims = self.claims(node);
            self.lend(node, claims);
            if claims {
                self.claim(node);
            }
            self.take_back(node);
        }
    }

    /// Divides what a node earned between its owner and its delegators, as stakes are now.
    fn share(&mut self, node: usize) {
        let stake = &self.settings.stake;
        let n = &mut self.nodes[node];
        let delegated: u128 = n.delegations.values().sum();
        let split = delegation_split(
            n.reward,
            n.stake + n.bonded,
            delegated,
            stake.delegation_cap * BPS,
            stake.commission_bps,
        );
        n.reward = 0;
        let mut left = split[0] + split[1];
        for (delegator, part) in &n.delegations {
            let amount = mul_div(split[1], *part, delegated);
            *n.due.entry(*delegator).or_default() += amount;
            left -= amount;
        }
        *n.due.entry(n.owner).or_default() += left;
    }

    pub(crate) fn claim(&mut self, node: usize) {
        self.share(node);
        for (account, amount) in std::mem::take(&mut self.nodes[node].due) {
            self.bank.transfer(POOL, account, amount);
        }
    }

    /// The player adds to a node's stake what makes a difference: to somebody else's from the start, or when there is something
    /// to share; to its own when others have lent to it.
    fn lend(&mut self, node: usize, claims: bool) {
        let (others, own) = (node < 2, self.nodes[node].owner == self.player);
        let amount = self.nodes[node].stake * self.settings.stake.delegation_cap;
        if self.bank.balance(self.player) < amount {
            return;
        }
        match self.setup.play.extra {
            Extra::Delegate if node == 0 && self.epoch == 0 => self.delegate(node, self.player, amount),
            Extra::DelegateLate if others && claims => self.delegate(node, self.player, amount),
            Extra::BorrowAndStakeLate if own && claims => {
                self.bank.transfer(self.player, VAULT, amount);
                self.nodes[node].stake += amount;
            }
            _ => {}
        }
    }

    /// And takes it out again.
    fn take_back(&mut self, node: usize) {
        let n = &mut self.nodes[node];
        let amount = match self.setup.play.extra {
            Extra::DelegateLate => n.delegations.remove(&self.player).unwrap_or(0),
            Extra::BorrowAndStakeLate if n.owner == self.player => {
                let usual = self.setup.play.stake_factor * self.settings.stake.provider_min;
                let more = n.stake.saturating_sub(usual);
                n.stake -= more;
                more
            }
            _ => 0,
        };
        if amount > 0 {
            self.unbonding.push((self.epoch + self.settings.stake.unbonding, amount));
        }
    }
}

/// What a machine is paid, before fees, if it works all the time: the measure of every profit.
pub(crate) fn machine_revenue(world: &World<'_>) -> u128 {
    u128::from(LEAVES * ROUNDS * world.setup.epochs) * JOBS as u128 * world.settings.leaf_value()
}
