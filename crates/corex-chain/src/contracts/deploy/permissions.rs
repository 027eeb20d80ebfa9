//! Which functions belong to which role of the network's AccessManager. Who holds the roles is the business of `Stages` and
//! `GovernanceGenesis`; docs/economics.md has the table.

use super::{Deployment, Part};
use crate::{
    contracts::bindings::{
        JobEscrow,
        founding::Weights,
        governance::{EcosystemFund, Guard, NetworkGovernor, Permission},
        market::{Market, UpgradeableMarket},
    },
    convert::to_sol,
};
use alloy::sol_types::SolCall;

/// Roles, as in `contracts/src/interfaces/IStages.sol`.
mod role {
    pub const PARAMETERS: u64 = 1;
    pub const PAUSE: u64 = 2;
    pub const LIFT: u64 = 3;
    pub const RESET: u64 = 4;
    pub const TREASURY: u64 = 5;
    pub const INCENTIVES: u64 = 6;
    pub const UPGRADE: u64 = 7;
}

/// Everything that anybody may be allowed to do in this network. What is not here, nobody can.
pub(super) fn permissions(book: &Deployment) -> Vec<Permission> {
    let mut all = Vec::new();
    let mut allow = |part: Part, role: u64, selectors: &[[u8; 4]]| {
        if part.belongs_to(&book.profile) {
            let selectors = selectors.iter().map(|selector| (*selector).into()).collect();
            all.push(Permission { target: to_sol(book.contracts.at(part)), role, selectors });
        }
    };
    if book.is_tunable() {
        allow(Part::Escrow, role::PARAMETERS, &[JobEscrow::setFeeBpsCall::SELECTOR]);
        allow(Part::Market, role::PARAMETERS, &[Market::setFeeBpsCall::SELECTOR]);
        if book.profile.mining.as_ref().is_some_and(|mining| mining.adjustable) {
            allow(Part::Weights, role::PARAMETERS, &[Weights::tuneKindCall::SELECTOR]);
        }
    }
    allow(Part::Guard, role::PAUSE, &[Guard::pauseCall::SELECTOR]);
    allow(Part::Guard, role::LIFT, &[Guard::liftCall::SELECTOR]);
    if book.profile.governance.vote.as_ref().is_some_and(|vote| vote.reset_seconds > 0) {
        allow(Part::Governor, role::RESET, &[NetworkGovernor::resetVoteCall::SELECTOR]);
    }
    allow(Part::Ecosystem, role::TREASURY, &[EcosystemFund::spendCall::SELECTOR]);
    allow(Part::Incentive, role::INCENTIVES, &[EcosystemFund::spendCall::SELECTOR]);
    if book.profile.market.upgradeable {
        allow(Part::Market, role::UPGRADE, &[UpgradeableMarket::upgradeToAndCallCall::SELECTOR]);
    }
    all
}
