//! What a node's history says about how closely to watch it.

use crate::audit::ONE_PPM;
use crate::config::AuditPolicy;

/// History of one node in one job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reputation {
    /// Results that an audit or dispute found right.
    pub confirmed: u32,
    /// Results that were found wrong, or disputes lost as challenger.
    pub faults: u32,
    /// Verdicts that a majority of evaluations contradicted. That is weaker than a fault, for the majority may lie.
    pub outvoted: u32,
    /// Results accepted, audited or not.
    pub accepted: u32,
    /// Units of the accepted results.
    pub units: u64,
}

impl Reputation {
    /// Audit rate in parts per million: `start · h / (h + confirmed)`, never below the floor; certainty after
    /// any fault. It falls slowly enough that cheating pays less than the honest work it takes to get there.
    pub fn audit_rate_ppm(&self, policy: &AuditPolicy) -> u32 {
        if self.faults > 0 {
            return ONE_PPM;
        }
        let half = u64::from(policy.half_after.max(1));
        let rate = u64::from(policy.start_ppm) * half / (half + u64::from(self.confirmed));
        u32::try_from(rate).unwrap_or(ONE_PPM).clamp(policy.floor_ppm.min(ONE_PPM), ONE_PPM)
    }

    /// A number from 0 to 1 for people: the rule of succession over audited results, zero after a fault.
    pub fn trust(&self) -> f64 {
        if self.faults > 0 {
            return 0.0;
        }
        (f64::from(self.confirmed) + 1.0) / (f64::from(self.confirmed) + 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_falls_to_the_floor_and_a_fault_ends_that() {
        let policy = AuditPolicy { start_ppm: 500_000, floor_ppm: 50_000, half_after: 8 };
        let rate = |confirmed| Reputation { confirmed, ..Default::default() }.audit_rate_ppm(&policy);
        assert_eq!(rate(0), 500_000);
        assert_eq!(rate(8), 250_000);
        assert_eq!(rate(72), 50_000);
        assert_eq!(rate(u32::MAX), 50_000);
        assert!((0..200).all(|n| rate(n + 1) <= rate(n)));
        let faulty = Reputation { confirmed: 1000, faults: 1, ..Default::default() };
        assert_eq!(faulty.audit_rate_ppm(&policy), ONE_PPM);
        assert_eq!(faulty.trust(), 0.0);
    }

    #[test]
    fn absurd_policies_stay_in_range() {
        let policy = AuditPolicy { start_ppm: u32::MAX, floor_ppm: u32::MAX, half_after: 0 };
        assert_eq!(Reputation::default().audit_rate_ppm(&policy), ONE_PPM);
    }
}
