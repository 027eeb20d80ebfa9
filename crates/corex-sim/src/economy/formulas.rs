//! The formulas of the economy, each once, in the integers that the contracts use. `docs/economics.md` says where they come
//! from and works an example of each, which a test recomputes; `vectors/economy` holds cases for other implementations.
//!
//! Amounts are in the token's smallest part (10^-18), shares in basis points (1/10000), rates in 1/[`WAD`] of that smallest
//! part per unit. Divisions round down unless a name or comment says otherwise.

/// A whole share, in basis points.
pub const BPS: u128 = 10_000;
/// One, in fixed point with 18 decimals. Also one token in its smallest part.
pub const WAD: u128 = 1_000_000_000_000_000_000;
/// What part of itself the base fee moves by at most: EIP-1559's `BASE_FEE_MAX_CHANGE_DENOMINATOR`.
pub const BASE_FEE_CHANGE: u128 = 8;
/// Least quality of a node, however many faults it has.
pub const QUALITY_FLOOR_BPS: u128 = 1_000;

/// `a * b / c`, rounded down, without overflow in between; 0 if `c` is 0, all ones if the result does not fit.
pub fn mul_div(a: u128, b: u128, c: u128) -> u128 {
    wide_div(a, b, c).0
}

/// [`mul_div`], rounded up.
pub fn mul_div_up(a: u128, b: u128, c: u128) -> u128 {
    let (quotient, exact) = wide_div(a, b, c);
    if exact { quotient } else { quotient.saturating_add(1) }
}

/// Quotient of the product, and whether nothing is left.
fn wide_div(a: u128, b: u128, c: u128) -> (u128, bool) {
    if c == 0 {
        return (0, true);
    }
    if let Some(product) = a.checked_mul(b) {
        return (product / c, product % c == 0);
    }
    let (mut high, mut low) = wide_mul(a, b);
    if high >= c {
        return (u128::MAX, true);
    }
    // Long division in base 2: `high` is the remainder, quotient bits enter `low` from below.
    for _ in 0..128 {
        let carry = high >> 127 == 1;
        high = high << 1 | low >> 127;
        low <<= 1;
        if carry || high >= c {
            high = high.wrapping_sub(c);
            low |= 1;
        }
    }
    (low, high == 0)
}

/// High and low half of the product.
fn wide_mul(a: u128, b: u128) -> (u128, u128) {
    const HALF: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & HALF, b >> 64, b & HALF);
    let (low, middle, other) = (a0 * b0, a1 * b0, a0 * b1);
    let carry = (low >> 64) + (middle & HALF) + (other & HALF);
    (a1 * b1 + (middle >> 64) + (other >> 64) + (carry >> 64), carry << 64 | low & HALF)
}

/// Base fee per unit after a window in which `used` units were paid: EIP-1559's rule between two bounds. It rises by at least
/// one and its falls are rounded up, so that it never sticks.
pub fn base_fee_after(fee: u128, used: u128, target: u128, floor: u128, ceiling: u128) -> u128 {
    let used = used.min(2 * target);
    if used > target {
        fee.saturating_add(mul_div(fee, used - target, BASE_FEE_CHANGE * target).max(1)).min(ceiling)
    } else {
        (fee - mul_div_up(fee, target - used, BASE_FEE_CHANGE * target)).max(floor)
    }
}

/// Base fee after `windows` empty ones: falls by an eighth each. Stops at the floor, so absent windows cost no time.
pub fn base_fee_idle(fee: u128, windows: u64, floor: u128) -> u128 {
    let mut fee = fee;
    for _ in 0..windows {
        let next = (fee - fee.div_ceil(BASE_FEE_CHANGE)).max(floor);
        if next == fee {
            break;
        }
        fee = next;
    }
    fee
}

/// Fees of a payment: the base fee and, rounded up so that small payments do not avoid it, a share of the rest.
pub fn fees(units: u128, price: u128, base_fee: u128, fee_bps: u128) -> (u128, u128) {
    let base = units * base_fee.min(price);
    (base, mul_div_up(units * price - base, fee_bps, BPS))
}

/// Splits the percentage fee, and with it the base fee where that is not burned, into what is burned, what insures, and what is
/// the ecosystem's. What the divisions leave goes to the first of them that has a share.
pub fn fee_split(fees: u128, burn_bps: u128, insurance_bps: u128) -> [u128; 3] {
    let shares = [burn_bps, insurance_bps, BPS - burn_bps - insurance_bps];
    let mut parts = shares.map(|bps| mul_div(fees, bps, BPS));
    let dust = fees - parts.iter().sum::<u128>();
    if let Some(first) = shares.iter().position(|bps| *bps > 0) {
        parts[first] += dust;
    }
    parts
}

/// Splits slashed stake into what is burned (rounded up), the finder's part, and the job's.
pub fn slash_split(amount: u128, burn_bps: u128, finder_bps: u128) -> [u128; 3] {
    let burned = mul_div_up(amount, burn_bps, BPS);
    let finder = mul_div(amount, finder_bps, BPS).min(amount - burned);
    [burned, finder, amount - burned - finder]
}

/// What the insurance pays for a voided leaf: a share of its price, but never of more than was burned for it, and never more
/// than a share of what the pool has.
pub fn compensation(value: u128, burned: u128, cover_bps: u128, pool: u128, pool_bps: u128) -> u128 {
    mul_div(value.min(burned), cover_bps, BPS).min(mul_div(pool, pool_bps, BPS))
}

/// Stake-boost in basis points: half for work without stake, all for `full_stake` locked for `full_lock` or longer; the
/// square root makes it concave, so that stake is best kept on one node.
pub fn boost_bps(own: u128, lock_left: u128, full_lock: u128, full_stake: u128) -> u128 {
    let part = mul_div(own * (full_lock + lock_left.min(full_lock)), BPS * BPS, 2 * full_lock * full_stake);
    (BPS + part.min(BPS * BPS).isqrt()) / 2
}

/// Quality from history: verified units against faults, each of which weighs like `fault_units`.
pub fn quality_bps(verified: u128, faults: u128, fault_units: u128) -> u128 {
    let against = faults * fault_units;
    if against == 0 { BPS } else { mul_div(BPS, verified, verified + against).max(QUALITY_FLOOR_BPS) }
}

/// One unit at full weight: four factors of [`BPS`].
pub const WEIGHED_UNIT: u128 = BPS * BPS * BPS * BPS;

/// Weighted units as the mining pool counts them, in 1/[`WEIGHED_UNIT`] of a unit: by kind of work, tier, quality and boost. No
/// factor exceeds [`BPS`], so never more than the units.
pub fn weigh(units: u128, factors_bps: [u128; 4]) -> u128 {
    units * factors_bps.iter().map(|factor| (*factor).min(BPS)).product::<u128>()
}

/// Emission of each epoch of an era that begins with so much not yet owed: half of it over the era.
pub fn epoch_emission(unowed: u128, epochs_per_era: u128) -> u128 {
    unowed / 2 / epochs_per_era.max(1)
}

/// Share of Stake-to-Validate: the less verifiers have at stake, the more their work earns.
pub fn validate_share_bps(min: u128, max: u128, stake: u128, target: u128) -> u128 {
    min + mul_div(max - min, target.saturating_sub(stake), target)
}

/// Compute-PoC's part of what Stake-to-Validate leaves, after an epoch: towards its part of the fees (its own and those of both
/// engines), by at most a step, within bounds. Without fees nothing moves.
pub fn demand_share_bps(share: u128, fees: [u128; 2], step: u128, bounds: [u128; 2]) -> u128 {
    let target = if fees[1] == 0 { share } else { mul_div(BPS, fees[0], fees[1]) };
    target.clamp(share.saturating_sub(step), share + step).clamp(bounds[0], bounds[1])
}

/// What a whole weighted unit of an engine earns in an epoch, in 1/[`WAD`]: the engine's share of the emission over all its
/// weighted units, at most the cap.
pub fn epoch_rate(emission: u128, share_bps: u128, weighted: u128, cap_per_unit: u128) -> u128 {
    let cap = cap_per_unit.saturating_mul(WAD);
    if weighted == 0 {
        0
    } else {
        mul_div(mul_div(emission, share_bps, BPS), WAD * WEIGHED_UNIT, weighted).min(cap)
    }
}

/// What weighted units earn at a rate.
pub fn reward(weighted: u128, rate: u128) -> u128 {
    mul_div(weighted, rate, WAD * WEIGHED_UNIT)
}

/// Splits a node's reward between its owner and its delegators: in proportion to own stake and what is delegated, of which at
/// most a multiple (`cap_bps`) of the own stake counts; the owner takes a commission of the delegators' part.
pub fn delegation_split(
    reward: u128,
    own: u128,
    delegated: u128,
    cap_bps: u128,
    commission_bps: u128,
) -> [u128; 2] {
    let counted = delegated.min(mul_div(own, cap_bps, BPS));
    let delegators = mul_div(mul_div(reward, counted, own + counted), BPS - commission_bps, BPS);
    [reward - delegators, delegators]
}

/// Votes of verified work: so many per unit (in 1/[`WAD`]), and all contribution together at most `contribution_bps` of stake and
/// contribution together.
pub fn contribution_votes(
    units: u128,
    total_units: u128,
    stake: u128,
    votes_per_unit: u128,
    contribution_bps: u128,
) -> u128 {
    let limit = mul_div(stake, contribution_bps, BPS - contribution_bps);
    mul_div(units, votes_per_unit, WAD).min(mul_div(limit, units, total_units))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    #[test]
    fn wide_division_agrees_with_schoolbook_identities() {
        assert_eq!(mul_div(u128::MAX, u128::MAX, u128::MAX), u128::MAX);
        assert_eq!(mul_div(u128::MAX, 2, 4), u128::MAX / 2);
        assert_eq!(mul_div_up(u128::MAX, 2, 4), u128::MAX / 2 + 1);
        assert_eq!(mul_div(u128::MAX, u128::MAX, 1), u128::MAX);
        assert_eq!(mul_div(5, 5, 0), 0);
        let mut rng = Rng::new(1);
        for _ in 0..2_000 {
            let mut wide = || u128::from(rng.bits()) << 64 | u128::from(rng.bits());
            // So that the quotient fits.
            let c = wide() | 1 << 127;
            let (a, b) = (wide() % c, wide());
            // a * b = q * c + r with r < c, all in 256 bits.
            let q = mul_div(a, b, c);
            let (high, low) = wide_mul(a, b);
            let (q_high, q_low) = wide_mul(q, c);
            let (r, borrow) = low.overflowing_sub(q_low);
            assert_eq!(high - q_high - u128::from(borrow), 0);
            assert!(r < c);
        }
    }

    #[test]
    fn an_idle_base_fee_is_the_rule_applied_to_empty_windows() {
        let mut fee = 1_000_000;
        for windows in 0..200 {
            assert_eq!(base_fee_idle(1_000_000, windows, 77), fee);
            fee = base_fee_after(fee, 0, 50, 77, 2_000_000);
        }
        assert_eq!(base_fee_idle(u128::MAX / 16, u64::MAX, 5), 5);
    }

    #[test]
    fn splitting_stake_over_nodes_never_raises_their_weight() {
        let mut rng = Rng::new(2);
        for _ in 0..2_000 {
            let (stake, nodes) = (u128::from(rng.below(40_000)) * WAD, 2 + u128::from(rng.below(30)));
            let lock = u128::from(rng.below(200));
            let whole = boost_bps(stake, lock, 100, 10_000 * WAD);
            assert!(boost_bps(stake / nodes, lock, 100, 10_000 * WAD) <= whole);
            assert!((5_000..=BPS).contains(&whole));
        }
    }

    #[test]
    fn a_rate_never_gives_more_than_the_share_or_the_cap() {
        let mut rng = Rng::new(3);
        for _ in 0..2_000 {
            let emission = u128::from(rng.bits()) * 1_000;
            let (share, cap) = (u128::from(rng.below(10_001)), u128::from(rng.below(1 << 40)));
            let mut weigh = || weigh(1 + u128::from(rng.below(1 << 40)), [BPS, 9_000, 8_000, 7_777]);
            let parts: Vec<u128> = (0..5).map(|_| weigh()).collect();
            let weighted: u128 = parts.iter().sum();
            let rate = epoch_rate(emission, share, weighted, cap);
            let given: u128 = parts.iter().map(|part| reward(*part, rate)).sum();
            assert!(
                given <= mul_div(emission, share, BPS) && given <= mul_div(weighted, cap, WEIGHED_UNIT) + 1
            );
        }
    }
}
