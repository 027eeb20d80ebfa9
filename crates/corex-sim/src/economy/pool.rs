//! The mining pool: eras, epochs, shares, rates.

use super::formulas::{
    BPS, demand_share_bps, epoch_emission, epoch_rate, mul_div, reward, validate_share_bps,
};
use super::settings::Mining;

/// Requesters pay for the first two engines, coordinators for the third.
pub(crate) const COMPUTE: usize = 0;
pub(crate) const MODEL: usize = 1;
pub(crate) const VALIDATE: usize = 2;

/// Schedule and shares; who earned what is kept with the nodes.
#[derive(Clone, Debug)]
pub(crate) struct MiningPool {
    rules: Mining,
    pooled: u128,
    accrued: u128,
    epoch: u128,
    emission: u128,
    compute_bps: u128,
    shares: [u128; 3],
    weighted: [u128; 3],
    fees: [u128; 2],
}

/// What an epoch gave.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    /// What a weighted unit earned its node, per engine.
    pub(crate) rates: [u128; 3],
    /// What the incentive fund earned.
    pub(crate) incentive: u128,
}

impl MiningPool {
    pub(crate) fn new(rules: &Mining, pooled: u128, verifier_stake: u128) -> MiningPool {
        let mut pool = MiningPool {
            rules: rules.clone(),
            pooled,
            accrued: 0,
            epoch: 0,
            emission: epoch_emission(pooled, rules.epochs_per_era),
            compute_bps: BPS / 2,
            shares: [0; 3],
            weighted: [0; 3],
            fees: [0; 2],
        };
        pool.open(verifier_stake);
        pool
    }

    /// Records work, with the fees that were paid for it.
    pub(crate) fn record(&mut self, engine: usize, weighted: u128, fees: u128) {
        self.weighted[engine] += weighted;
        if let Some(sum) = self.fees.get_mut(engine) {
            *sum += fees;
        }
    }

    /// Closes the epoch and opens the next one.
    pub(crate) fn close(&mut self, verifier_stake: u128) -> Closed {
        let mut closed = Closed { rates: [0; 3], incentive: 0 };
        for engine in [COMPUTE, MODEL, VALIDATE] {
            let weighted = self.weighted[engine];
            let rate = epoch_rate(self.emission, self.shares[engine], weighted, self.rules.cap_per_unit);
            let to_nodes = mul_div(rate, BPS - self.rules.incentive_bps, BPS);
            let to_fund = mul_div(reward(weighted, rate), self.rules.incentive_bps, BPS);
            closed.rates[engine] = to_nodes;
            closed.incentive += to_fund;
            self.accrued += reward(weighted, to_nodes) + to_fund;
        }
        assert!(self.accrued <= self.pooled, "the pool never owes more than it had");
        let fees = [self.fees[COMPUTE], self.fees.iter().sum()];
        self.compute_bps =
            demand_share_bps(self.compute_bps, fees, self.rules.step_bps, self.rules.compute_bps);
        self.epoch += 1;
        if self.epoch.is_multiple_of(self.rules.epochs_per_era) {
            self.emission = epoch_emission(self.pooled - self.accrued, self.rules.epochs_per_era);
        }
        (self.weighted, self.fees) = ([0; 3], [0; 2]);
        self.open(verifier_stake);
        closed
    }

    fn open(&mut self, verifier_stake: u128) {
        let [least, most] = self.rules.validate_bps;
        let validate = validate_share_bps(least, most, verifier_stake, self.rules.target_stake);
        let compute = mul_div(BPS - validate, self.compute_bps, BPS);
        self.shares = [compute, BPS - validate - compute, validate];
    }

    #[cfg(test)]
    pub(crate) fn emission(&self) -> u128 {
        self.emission
    }
}

#[cfg(test)]
mod tests {
    use super::super::formulas::weigh;
    use super::super::settings::Settings;
    use super::*;

    fn pool(epochs_per_era: u128, pooled: u128) -> MiningPool {
        let rules = Settings::cx().mining.expect("cx mines");
        MiningPool::new(&Mining { epochs_per_era, cap_per_unit: u128::MAX >> 64, ..rules }, pooled, 0)
    }

    #[test]
    fn eras_halve_if_everything_is_earned_and_the_sum_never_exceeds_the_pool() {
        let mut pool = pool(10, 1_000_000_000);
        let first = pool.emission();
        for epoch in 0..40u128 {
            assert!(pool.emission() <= first >> (epoch / 10));
            assert!(pool.emission() + 100 >= first >> (epoch / 10));
            for engine in [COMPUTE, MODEL, VALIDATE] {
                pool.record(engine, weigh(1, [BPS; 4]), 1);
            }
            pool.close(0);
        }
        assert!(pool.accrued <= pool.pooled);
    }

    #[test]
    fn what_is_not_earned_stays_for_later_eras() {
        let mut pool = pool(10, 1_000_000_000);
        let first = pool.emission();
        (0..35).for_each(|_| _ = pool.close(0));
        assert_eq!(pool.emission(), first);
    }

    #[test]
    fn the_shares_follow_fees_within_bounds_and_validators_are_paid_more_when_few() {
        let mut pool = pool(1_000, 1_000_000_000);
        let few = pool.shares[VALIDATE];
        for _ in 0..100 {
            pool.record(COMPUTE, weigh(1, [BPS; 4]), 1);
            pool.close(u128::MAX >> 8);
        }
        assert_eq!(pool.compute_bps, pool.rules.compute_bps[1]);
        assert!(pool.shares[VALIDATE] < few);
        assert_eq!(pool.shares.iter().sum::<u128>(), BPS);
    }
}
