//! The economic simulation plays against the values that the profiles ship.

use corex_chain::{Profile, Scope, Tokens};
use corex_sim::economy::Settings;

#[test]
fn the_simulation_plays_against_the_shipped_profiles() {
    for name in Profile::names() {
        let profile = Profile::builtin(name, Scope::Public).unwrap();
        let settings = Settings::named(name).expect("every profile is simulated");
        let same = |what: &str, shipped: u128, played: u128| assert_eq!(shipped, played, "{name}: {what}");
        let amount = |what: &str, shipped: Tokens, played: u128| same(what, shipped.0, played);
        let bps = |what: &str, shipped: u16, played: u128| same(what, shipped.into(), played);

        amount("supply", profile.token.supply, settings.supply);
        amount("provider_min", profile.stake.provider_min, settings.stake.provider_min);
        amount("verifier_min", profile.stake.verifier_min, settings.stake.verifier_min);
        amount("challenge_bond", profile.settlement.challenge_bond, settings.challenge_bond);
        bps("slash_bps", profile.settlement.slash_bps, settings.slash_bps);
        bps("burn_bps of slashes", profile.stake.burn_bps, settings.stake.burn_bps);
        bps("finder_bps", profile.stake.finder_bps, settings.stake.finder_bps);
        let cap = u128::from(profile.stake.delegation_cap_bps);
        same("delegation_cap_bps", cap, settings.stake.delegation_cap * 10_000);
        bps("commission", profile.delegation.max_commission_bps, settings.stake.commission_bps);

        let fees = &settings.fees;
        amount("price", profile.escrow.usual_price(), settings.market.price);
        amount("base_fee_floor", profile.escrow.base_fee_floor, fees.base_floor);
        amount("base_fee_ceiling", profile.escrow.base_fee_ceiling, fees.base_ceiling);
        bps("fee_bps", profile.escrow.fee_bps, fees.fee_bps);
        bps("referral_bps", profile.escrow.referral_bps, fees.referral_bps);
        bps("premium_bps", profile.escrow.premium_bps, fees.premium_bps);
        bps("burn_bps of fees", profile.fees.burn_bps, fees.burn_bps);
        bps("insurance_bps", profile.fees.insurance_bps, fees.insurance_bps);
        bps("cover_bps", profile.insurance.cover_bps, fees.cover_bps);
        bps("cap_bps", profile.insurance.cap_bps, fees.claim_bps);

        assert_eq!(profile.mining.is_some(), settings.mining.is_some(), "{name}");
        assert_eq!(profile.token.burnable, settings.is_burnable(), "{name}: whether the base fee is burned");
        let (Some(shipped), Some(played)) = (&profile.mining, &settings.mining) else { continue };
        let day = u128::from(shipped.epoch_seconds);
        same("epochs_per_era", shipped.epochs_per_era.into(), played.epochs_per_era);
        same("unbonding", u128::from(profile.stake.unbonding_seconds) / day, settings.stake.unbonding.into());
        same("full lock", u128::from(profile.stake.boost_full_lock_seconds) / day, played.full_lock);
        amount("full stake", profile.stake.boost_full_stake, played.full_stake);
        amount("reward_cap_per_unit", shipped.reward_cap_per_unit, played.cap_per_unit);
        amount("target_verifier_stake", shipped.target_verifier_stake, played.target_stake);
        bps("step_bps", shipped.step_bps, played.step_bps);
        bps("incentive_bps", shipped.incentive_bps, played.incentive_bps);
        for end in 0..2 {
            bps("validate_range_bps", shipped.validate_range_bps[end], played.validate_bps[end]);
            bps("poc_range_bps", shipped.poc_range_bps[end], played.compute_bps[end]);
        }
        for (tier, weight) in profile.weights.tier_bps.iter().zip(played.tier_bps) {
            bps("tier_bps", *tier, weight);
        }
        // Training, inference and audits, the kinds that are played.
        let kinds = &profile.weights.kind_bps;
        assert_eq!([kinds[2], kinds[0], kinds[5]].map(u128::from), played.kind_bps, "{name}");
        same("fault_units", profile.registry.fault_units.into(), played.fault_units);
        for (shipped, played) in profile.registry.tiers.iter().zip(played.tiers) {
            let shipped = [shipped.units_per_day.into(), shipped.history.into(), shipped.stake.0];
            assert_eq!(shipped, played, "{name}: tiers");
        }
    }
}
