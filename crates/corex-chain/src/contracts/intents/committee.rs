//! What members of committees do.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{
        Action,
        bindings::governance::{AccessManager, Committee, Guard},
    },
    convert::to_sol,
    intent::Intent,
    profile::{PauseScope, Seat},
};
use alloy::{
    primitives::{U256, Uint},
    sol_types::SolCall,
};
use corex_work::Address;

impl Intents {
    /// Proposes a call to a committee, and confirms it.
    pub fn committee_propose(&self, seat: Seat, action: &Action) -> Result<Intent, ChainError> {
        let words = format!(
            "propose to the {} committee, and agree to it: {}",
            seat.part().key(),
            self.action_in_words(action)
        );
        let call = Committee::proposeCall {
            target: to_sol(action.to),
            value: U256::from(action.value),
            data: action.data.clone().into(),
        };
        self.call(seat.part(), &call, words)
    }

    /// Agrees to a proposal of a committee.
    pub fn committee_confirm(&self, seat: Seat, id: u64, action: &Action) -> Result<Intent, ChainError> {
        let words = self.about("agree to", seat, id, action);
        self.call(seat.part(), &Committee::confirmCall { id: U256::from(id) }, words)
    }

    /// Takes the account's agreement back.
    pub fn committee_revoke(&self, seat: Seat, id: u64, action: &Action) -> Result<Intent, ChainError> {
        let words = self.about("no longer agree to", seat, id, action);
        self.call(seat.part(), &Committee::revokeCall { id: U256::from(id) }, words)
    }

    /// Does what enough members agreed to.
    pub fn committee_execute(&self, seat: Seat, id: u64, action: &Action) -> Result<Intent, ChainError> {
        let words = self.about("execute", seat, id, action);
        self.call(seat.part(), &Committee::executeCall { id: U256::from(id) }, words)
    }

    fn about(&self, what: &str, seat: Seat, id: u64, action: &Action) -> String {
        let call = self.action_in_words(action);
        format!("{what} proposal {id} of the {} committee: {call}", seat.part().key())
    }
}

/// What a committee may do.
impl Intents {
    /// Pauses something for a while.
    pub fn pause(&self, scope: PauseScope, seconds: u64) -> Result<Action, ChainError> {
        self.to_action(Part::Guard, &Guard::pauseCall { scope: scope as u8, duration: seconds })
    }

    /// Ends a pause.
    pub fn lift(&self, scope: PauseScope) -> Result<Action, ChainError> {
        self.to_action(Part::Guard, &Guard::liftCall { scope: scope as u8 })
    }

    /// Seats other members.
    pub fn seat(&self, seat: Seat, members: &[Address], threshold: u64) -> Result<Action, ChainError> {
        let members = members.iter().map(|member| to_sol(*member)).collect();
        self.to_action(seat.part(), &Committee::seatCall { members, threshold: U256::from(threshold) })
    }

    /// Announces an action that is possible only some time after that, as early as may be.
    pub fn schedule(&self, action: &Action) -> Action {
        let call = AccessManager::scheduleCall {
            target: to_sol(action.to),
            data: action.data.clone().into(),
            when: Uint::ZERO,
        };
        Action { to: self.contracts().book().manager(), value: 0, data: call.abi_encode() }
    }

    /// Does an action that was announced: contracts obey the AccessManager then, not who announced it.
    pub fn execute_scheduled(&self, action: &Action) -> Action {
        let call = AccessManager::executeCall { target: to_sol(action.to), data: action.data.clone().into() };
        Action { to: self.contracts().book().manager(), value: action.value, data: call.abi_encode() }
    }

    pub(super) fn to_action<C: SolCall>(&self, part: Part, call: &C) -> Result<Action, ChainError> {
        Ok(Action { to: self.part(part)?, value: 0, data: call.abi_encode() })
    }
}
