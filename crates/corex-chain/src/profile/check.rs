//! What a profile must keep to: what the contracts insist on, better said before than reverted, and what makes attacks lose.

use super::{GovernanceParams, Profile, ProfileError, Seat};
use crate::tokens::Tokens;

/// Basis points in a whole.
const BPS: u16 = 10_000;
/// Most members of a vote about a dispute.
const MAX_COMMITTEE: u16 = 31;
/// Most that the base fee can grow to, over its floor.
const MAX_BASE_FEE_FACTOR: u64 = 1_000_000;

/// Checks one value after another.
struct Checks<'p> {
    name: &'p str,
}

impl Checks<'_> {
    fn that(&self, ok: bool, field: &'static str, reason: &str) -> Result<(), ProfileError> {
        match ok {
            true => Ok(()),
            false => Err(ProfileError::Invalid { name: self.name.into(), field, reason: reason.into() }),
        }
    }

    /// A step of governance that takes longer than a year takes for ever.
    fn soon(&self, seconds: impl Into<u64>, field: &'static str) -> Result<(), ProfileError> {
        self.that(seconds.into() <= 31_536_000, field, "must be at most a year (31536000 seconds)")
    }

    fn positive(&self, value: impl Into<u128>, field: &'static str) -> Result<(), ProfileError> {
        self.that(value.into() > 0, field, "must be positive")
    }

    /// 1 to 10000.
    fn part(&self, bps: u16, field: &'static str) -> Result<(), ProfileError> {
        self.that((1..=BPS).contains(&bps), field, "must be 1 to 10000")
    }

    fn range(&self, [least, most]: [u16; 2], field: &'static str) -> Result<(), ProfileError> {
        self.that(least <= most && most <= BPS, field, "must be two ascending values up to 10000")
    }

    fn within(&self, value: u16, [least, most]: [u16; 2], field: &'static str) -> Result<(), ProfileError> {
        self.that((least..=most).contains(&value), field, "is outside of its range")
    }
}

impl Profile {
    pub(super) fn validate(&self) -> Result<(), ProfileError> {
        let check = Checks { name: &self.name };
        self.validate_words()?;
        self.validate_supply(&check)?;
        self.validate_mining(&check)?;
        self.validate_money(&check)?;
        self.validate_stake(&check)?;
        self.validate_disputes(&check)?;
        self.validate_governance(&check)
    }

    /// What people are shown beside amounts must be nothing but short words: it may come from somebody else's address book.
    pub(crate) fn validate_words(&self) -> Result<(), ProfileError> {
        // Not as given: it may be what is wrong.
        let check = Checks { name: &self.name.escape_default().to_string() };
        for (word, field, most) in [
            (&self.name, "name", 32),
            (&self.token.name, "token.name", 32),
            (&self.token.symbol, "token.symbol", 11),
        ] {
            let is_shown = word.chars().all(|c| c.is_ascii_graphic() || c == ' ');
            check.that(!word.trim().is_empty(), field, "is empty")?;
            check.that(is_shown, field, "must be printable ASCII")?;
            check.that(word.len() <= most, field, &format!("must have at most {most} characters"))?;
        }
        Ok(())
    }

    fn validate_supply(&self, check: &Checks<'_>) -> Result<(), ProfileError> {
        check.positive(self.token.supply.0, "token.supply")?;
        // The token counts votes in 208 bits and stakes in 96.
        check.that(self.token.supply.0 < 1 << 96, "token.supply", "must be below 2^96 base units")?;
        check.that(self.treasury_bps <= BPS, "local.treasury_bps", "must be at most 10000")?;
        let leaves = self.treasury_bps < BPS || (self.mining.is_none() && self.allocation.is_empty());
        check.that(leaves, "local.treasury_bps", "must leave something to the pool")?;
        check.that(
            self.token.burnable || (self.mining.is_none() && self.allocation.is_empty()),
            "token.burnable",
            "must be true: a token that the network does not mint can be neither mined nor allocated",
        )?;
        if self.allocation.is_empty() {
            return Ok(());
        }
        let sum: u32 = self.allocation.iter().map(|grant| u32::from(grant.bps)).sum();
        check.that(sum == u32::from(BPS), "allocation", "does not sum to 10000")?;
        for grant in &self.allocation {
            check.that(grant.bps > 0, "allocation.bps", "must be positive")?;
            let vests = grant.vesting_seconds > 0 || grant.cliff_seconds == 0;
            check.that(
                vests && grant.cliff_seconds <= grant.vesting_seconds,
                "allocation.cliff_seconds",
                "must be within vesting_seconds",
            )?;
            let own = matches!(grant.to.as_str(), "pool" | "ecosystem" | "sale");
            check.that(
                !(own && grant.vesting_seconds > 0),
                "allocation.vesting_seconds",
                "is for accounts, not contracts",
            )?;
        }
        let has = |to: &str| self.allocation.iter().any(|grant| grant.to == to);
        check.that(
            has("pool") == self.mining.is_some(),
            "allocation",
            "must have a part for the pool, if there is one",
        )?;
        check.that(
            has("sale") == self.sale.is_some(),
            "allocation",
            "must have a part for the sale, if there is one",
        )
    }

    fn validate_mining(&self, check: &Checks<'_>) -> Result<(), ProfileError> {
        let Some(mining) = &self.mining else { return Ok(()) };
        check.positive(mining.epoch_seconds, "mining.epoch_seconds")?;
        check.positive(mining.epochs_per_era, "mining.epochs_per_era")?;
        check.range(mining.poc_range_bps, "mining.poc_range_bps")?;
        check.within(mining.poc_bps, mining.poc_range_bps, "mining.poc_bps")?;
        check.range(mining.validate_range_bps, "mining.validate_range_bps")?;
        check.that(mining.step_bps <= BPS, "mining.step_bps", "must be at most 10000")?;
        check.positive(mining.target_verifier_stake.0, "mining.target_verifier_stake")?;
        check.that(mining.incentive_bps < BPS, "mining.incentive_bps", "must be below 10000")?;
        // All of the base fee is burned: what is mined is minted by a token that can burn.
        let lost = self.escrow.base_fee_floor;
        let self_dealing = "must be below escrow.base_fee_floor, or faked demand pays";
        check.that(mining.reward_cap_per_unit < lost, "mining.reward_cap_per_unit", self_dealing)?;
        let votes = self.governance.vote.as_ref().map_or(Tokens::default(), |vote| vote.votes_per_unit);
        let margin = lost.saturating_sub(mining.reward_cap_per_unit);
        let bought = "must not exceed escrow.base_fee_floor without mining.reward_cap_per_unit, or faked work is a cheap way to votes";
        check.that(votes <= margin, "governance.vote.votes_per_unit", bought)?;

        let weights = &self.weights;
        check.positive(weights.min_kind_bps, "weights.min_kind_bps")?;
        check.positive(weights.tier_bps[0], "weights.tier_bps")?;
        check.that(
            weights.kind_bps.iter().all(|bps| *bps <= BPS),
            "weights.kind_bps",
            "must be at most 10000",
        )?;
        let least = weights.kind_bps.iter().all(|bps| *bps >= weights.min_kind_bps);
        check.that(least, "weights.min_kind_bps", "exceeds a kind's weight")?;
        let ascending = weights.tier_bps.is_sorted() && weights.tier_bps[3] <= BPS;
        check.that(ascending, "weights.tier_bps", "must ascend, up to 10000")
    }

    fn validate_money(&self, check: &Checks<'_>) -> Result<(), ProfileError> {
        let (escrow, fees) = (&self.escrow, &self.fees);
        check.range(escrow.fee_range_bps, "escrow.fee_range_bps")?;
        check.within(escrow.fee_bps, escrow.fee_range_bps, "escrow.fee_bps")?;
        let taken = u32::from(escrow.fee_range_bps[1]) + u32::from(escrow.referral_bps);
        check.that(taken <= BPS.into(), "escrow.referral_bps", "and the fee exceed 10000")?;
        check.that((1..=5000).contains(&escrow.premium_bps), "escrow.premium_bps", "must be 1 to 5000")?;
        check.positive(escrow.window_seconds, "escrow.window_seconds")?;
        check.positive(escrow.target_units, "escrow.target_units")?;
        check.positive(escrow.base_fee_floor.0, "escrow.base_fee_floor")?;
        let most = escrow.base_fee_floor.checked_mul(MAX_BASE_FEE_FACTOR).unwrap_or(Tokens(u128::MAX));
        let ceiling = (escrow.base_fee_floor..=most).contains(&escrow.base_fee_ceiling);
        check.that(ceiling, "escrow.base_fee_ceiling", "must be base_fee_floor to a million times that")?;

        let sum = u32::from(fees.burn_bps) + u32::from(fees.insurance_bps) + u32::from(fees.ecosystem_bps);
        check.that(sum == u32::from(BPS), "fees", "do not sum to 10000")?;
        check.that(
            self.token.burnable || fees.burn_bps == 0,
            "fees.burn_bps",
            "must be 0: the token cannot be burned",
        )?;
        let fund = self.governance.fund.is_some();
        check.that(
            fund || fees.ecosystem_bps == 0,
            "fees.ecosystem_bps",
            "must be 0 without governance.fund",
        )?;
        let reason = "must be 1 to 8000, or convicting oneself costs nothing";
        check.that((1..=8000).contains(&self.insurance.cover_bps), "insurance.cover_bps", reason)?;
        check.part(self.insurance.cap_bps, "insurance.cap_bps")?;

        let market = &self.market;
        check.range(market.fee_range_bps, "market.fee_range_bps")?;
        check.within(market.fee_bps, market.fee_range_bps, "market.fee_bps")?;
        check.part(market.bond_bps, "market.bond_bps")?;
        check.that(market.challenge_seconds > 1, "market.challenge_seconds", "must be at least 2")?;
        let Some(burner) = &self.burner else { return Ok(()) };
        check.positive(burner.floor.0, "burner.floor")?;
        check.that(burner.start_factor_bps > BPS.into(), "burner.start_factor_bps", "must exceed 10000")?;
        check.positive(burner.halving_seconds, "burner.halving_seconds")
    }

    fn validate_stake(&self, check: &Checks<'_>) -> Result<(), ProfileError> {
        let stake = &self.stake;
        check.positive(stake.verifier_min.0, "stake.verifier_min")?;
        check.part(stake.burn_bps, "stake.burn_bps")?;
        let split = u32::from(stake.burn_bps) + u32::from(stake.finder_bps);
        check.that(split <= BPS.into(), "stake.finder_bps", "and burn_bps sum to more than 10000")?;
        check.positive(stake.boost_full_stake.0, "stake.boost_full_stake")?;
        check.positive(stake.boost_full_lock_seconds, "stake.boost_full_lock_seconds")?;
        check.positive(self.registry.fault_units, "registry.fault_units")?;
        let tiers = self.registry.tiers.windows(2).all(|pair| {
            pair[0].units_per_day <= pair[1].units_per_day
                && pair[0].history <= pair[1].history
                && pair[0].stake <= pair[1].stake
        });
        check.that(tiers, "registry.tiers", "must not fall from one to the next")?;
        check.that(
            self.delegation.max_commission_bps <= BPS,
            "delegation.max_commission_bps",
            "must be at most 10000",
        )?;
        check.part(self.delegation.max_commission_step_bps, "delegation.max_commission_step_bps")
    }

    fn validate_disputes(&self, check: &Checks<'_>) -> Result<(), ProfileError> {
        let (settlement, stake, game) = (&self.settlement, &self.stake, &self.game);
        check.positive(settlement.challenge_seconds, "settlement.challenge_seconds")?;
        check.positive(settlement.challenge_bond.0, "settlement.challenge_bond")?;
        let bond = "must not exceed stake.verifier_min, or a verifier could not challenge";
        check.that(settlement.challenge_bond <= stake.verifier_min, "settlement.challenge_bond", bond)?;
        check.part(settlement.slash_bps, "settlement.slash_bps")?;

        let committee = (1..=MAX_COMMITTEE).contains(&self.arbiter.committee_size);
        check.that(committee, "arbiter.committee_size", "must be 1 to 31")?;
        check.positive(self.arbiter.vote_seconds, "arbiter.vote_seconds")?;
        check.positive(game.clock_seconds, "game.clock_seconds")?;
        let extension = (1..=game.clock_seconds).contains(&game.extension_seconds);
        check.that(extension, "game.extension_seconds", "must be 1 to clock_seconds")?;
        let room = stake.verifier_min.saturating_sub(settlement.challenge_bond);
        let bond = "times 96 moves and settlement.challenge_bond exceed stake.verifier_min, or a verifier could not play to the end";
        check.that(game.max_bond() <= room, "game.move_bond", bond)?;

        let ruling = game.max_seconds().max(self.arbiter.vote_seconds);
        let dispute = settlement.challenge_seconds.saturating_add(ruling);
        let escape = &format!("must exceed {dispute}, the longest dispute, or a cheater could leave in time");
        check.that(stake.unbonding_seconds > dispute, "stake.unbonding_seconds", escape)
    }

    fn validate_governance(&self, check: &Checks<'_>) -> Result<(), ProfileError> {
        let GovernanceParams { seats, committee_seconds, executive_delay, pause, vote, stages, fund } =
            &self.governance;
        check.that(
            self.token.burnable || self.burner.is_none(),
            "burner",
            "needs a token that can be burned",
        )?;
        check.that(
            seats.is_empty() || *committee_seconds > 0,
            "governance.committee_seconds",
            "must be positive",
        )?;
        check.soon(*executive_delay, "governance.executive_delay")?;
        if let Some(pause) = pause {
            check.that(
                !pause.scopes.is_empty(),
                "governance.pause.scopes",
                "is empty: leave governance.pause out",
            )?;
            check.positive(pause.max_seconds, "governance.pause.max_seconds")?;
            let cooldown = pause.cooldown_seconds >= pause.max_seconds;
            check.that(cooldown, "governance.pause.cooldown_seconds", "must be at least max_seconds")?;
            let security = self.governance.has(Seat::Security);
            check.that(security, "governance.pause", "needs a security committee")?;
            let rewards = pause.scopes.contains(&super::PauseScope::Rewards);
            let adjustable = self.mining.as_ref().is_some_and(|mining| mining.adjustable);
            let reason = "must not have 'rewards': the pool is not adjustable";
            check.that(!rewards || adjustable, "governance.pause.scopes", reason)?;
        }
        if let Some(vote) = vote {
            check.that(self.token.burnable, "governance.vote", "needs a token with votes")?;
            check.positive(vote.period_seconds, "governance.vote.period_seconds")?;
            check.soon(vote.period_seconds, "governance.vote.period_seconds")?;
            check.soon(vote.delay_seconds, "governance.vote.delay_seconds")?;
            check.positive(vote.timelock_seconds, "governance.vote.timelock_seconds")?;
            check.soon(vote.timelock_seconds, "governance.vote.timelock_seconds")?;
            let few = vote.threshold <= self.token.supply.share_down(BPS / 100);
            let reason = "must be at most a hundredth of the supply, or nobody could propose";
            check.that(few, "governance.vote.threshold", reason)?;
            check.that(
                (1..=100).contains(&vote.quorum_percent),
                "governance.vote.quorum_percent",
                "must be 1 to 100",
            )?;
            check.that(
                vote.participation_min_bps <= BPS,
                "governance.vote.participation_min_bps",
                "must be at most 10000",
            )?;
            let window = (1..=16).contains(&vote.participation_window);
            check.that(window, "governance.vote.participation_window", "must be 1 to 16")?;
            check.that(
                vote.contribution_bps < BPS,
                "governance.vote.contribution_bps",
                "must be below 10000",
            )?;
        }
        check.that(stages.is_none() || vote.is_some(), "governance.stages", "needs governance.vote")?;
        if let Some(stages) = stages {
            let later = stages.dao_after_seconds >= stages.vote_after_seconds;
            check.that(later, "governance.stages.dao_after_seconds", "is before vote_after_seconds")?;
            check.positive(stages.dao_min_proposals, "governance.stages.dao_min_proposals")?;
        }
        check.that(
            fund.is_none() || vote.is_some(),
            "governance.fund",
            "needs governance.vote, which spends it",
        )?;
        if let Some(fund) = fund {
            check.positive(fund.period_seconds, "governance.fund.period_seconds")?;
            check.part(fund.cap_bps, "governance.fund.cap_bps")?;
        }
        let incentive = self.mining.as_ref().is_some_and(|mining| mining.incentive_bps > 0);
        check.that(!incentive || fund.is_some(), "mining.incentive_bps", "needs governance.fund")?;
        check.that(
            !self.market.upgradeable || vote.is_some(),
            "market.upgradeable",
            "needs governance.vote",
        )?;
        let Some(sale) = &self.sale else { return Ok(()) };
        check.that(fund.is_some(), "sale", "needs governance.fund, which gets what is not sold")?;
        check.that(!sale.stages.is_empty(), "sale.stages", "is empty")?;
        let mut end = 0;
        for stage in &sale.stages {
            let follows = stage.start_seconds >= end && stage.start_seconds < stage.end_seconds;
            check.that(follows, "sale.stages", "must follow each other")?;
            check.positive(stage.price.0, "sale.stages.price")?;
            check.positive(stage.cap.0, "sale.stages.cap")?;
            check.positive(stage.cap_per_buyer.0, "sale.stages.cap_per_buyer")?;
            let within = stage.cap_per_buyer <= stage.cap;
            check.that(within, "sale.stages.cap_per_buyer", "must be at most cap")?;
            end = stage.end_seconds;
        }
        let caps = sale.stages.iter().fold(0, |sum: u128, stage| sum.saturating_add(stage.cap.0));
        let bps: u16 = self.allocation.iter().filter(|grant| grant.to == "sale").map(|grant| grant.bps).sum();
        let sold = caps <= self.token.supply.share_down(bps).0;
        check.that(sold, "sale.stages.cap", "sum to more than what is allocated to the sale")
    }
}
