//! Votes and proposals.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{
        Action, Proposal,
        bindings::governance::{NetworkGovernor, Stages, VoteSource},
        governance::{Calldata, description_hash, number},
    },
    convert::to_sol,
    intent::{Intent, call_in_words},
};
use alloy::sol_types::SolValue;
use corex_work::{Address, Hash32};

/// How an account votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)] // OpenZeppelin's words and numbers.
pub enum Support {
    Against = 0,
    For = 1,
    Abstain = 2,
}

impl Support {
    /// Of the number on the chain.
    pub(crate) fn of(code: u8) -> Option<Self> {
        [Self::Against, Self::For, Self::Abstain].into_iter().find(|support| *support as u8 == code)
    }
}

impl std::fmt::Display for Support {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Against => "against",
            Self::For => "for",
            Self::Abstain => "abstain",
        })
    }
}

impl Intents {
    /// Names who votes for the account: with its tokens, and with its stake and work. Itself, to vote with its own tokens.
    pub fn delegate_votes(&self, to: Address) -> Result<Intent, ChainError> {
        // A token of somebody else's may know of no votes.
        self.part(Part::Power)?;
        let own = to == self.chain().address();
        let words = match own {
            true => "vote with the tokens of this account oneself".to_owned(),
            false => format!(
                "let {} vote with the tokens of this account, its stake and its work",
                self.names.address(to)
            ),
        };
        self.call(Part::Token, &VoteSource::delegateCall { delegatee: to_sol(to) }, words)
    }

    /// Casts the account's vote; `represented` are those whose stake and work it also votes with, ascending.
    pub fn cast_vote(
        &self,
        proposal: &Proposal,
        support: Support,
        reason: &str,
        represented: &[Address],
    ) -> Result<Intent, ChainError> {
        let how = match support {
            Support::Against => "vote against",
            Support::For => "vote for",
            Support::Abstain => "abstain from",
        };
        let others = match represented.len() {
            0 => String::new(),
            1 => ", also with the stake and work of one who is represented".into(),
            count => format!(", also with the stake and work of {count} who are represented"),
        };
        let words = format!(
            "{how} proposal {}, {:?}{others}; a vote cannot be changed",
            proposal.id,
            proposal.title()
        );
        let (id, support, reason) = (number(proposal.id), support as u8, reason.to_owned());
        if represented.is_empty() {
            let call = NetworkGovernor::castVoteWithReasonCall { proposalId: id, support, reason };
            return self.call(Part::Governor, &call, words);
        }
        let params: Vec<_> = represented.iter().map(|other| to_sol(*other)).collect();
        let params = params.abi_encode().into();
        let call =
            NetworkGovernor::castVoteWithReasonAndParamsCall { proposalId: id, support, reason, params };
        self.call(Part::Governor, &call, words)
    }

    /// Makes a proposal.
    pub fn propose(&self, actions: &[Action], description: &str) -> Result<Intent, ChainError> {
        let words = format!("propose to all who vote: {}", self.actions_in_words(actions));
        let Calldata { targets, values, calldatas } = Calldata::of(actions);
        let call =
            NetworkGovernor::proposeCall { targets, values, calldatas, description: description.to_owned() };
        self.call(Part::Governor, &call, words)
    }

    /// Hands an accepted proposal to the timelock.
    pub fn queue_proposal(&self, proposal: &Proposal) -> Result<Intent, ChainError> {
        let words = format!("queue proposal {}, {:?}: it was accepted", proposal.id, proposal.title());
        let Calldata { targets, values, calldatas } = Calldata::of(&proposal.actions);
        let hash = description_hash(&proposal.description);
        let call = NetworkGovernor::queueCall { targets, values, calldatas, descriptionHash: hash };
        self.call(Part::Governor, &call, words)
    }

    /// Does what was accepted.
    pub fn execute_proposal(&self, proposal: &Proposal) -> Result<Intent, ChainError> {
        let words = format!(
            "execute proposal {}, {:?}: {}",
            proposal.id,
            proposal.title(),
            self.actions_in_words(&proposal.actions)
        );
        let Calldata { targets, values, calldatas } = Calldata::of(&proposal.actions);
        let hash = description_hash(&proposal.description);
        let call = NetworkGovernor::executeCall { targets, values, calldatas, descriptionHash: hash };
        self.call(Part::Governor, &call, words)
    }

    /// Takes the account's own proposal back, before the vote on it begins.
    pub fn cancel_proposal(&self, proposal: &Proposal) -> Result<Intent, ChainError> {
        let words = format!("take proposal {}, {:?}, back", proposal.id, proposal.title());
        let Calldata { targets, values, calldatas } = Calldata::of(&proposal.actions);
        let hash = description_hash(&proposal.description);
        let call = NetworkGovernor::cancelCall { targets, values, calldatas, descriptionHash: hash };
        self.call(Part::Governor, &call, words)
    }

    /// Enters the next stage of governance.
    pub fn advance_stage(&self, next: &str) -> Result<Intent, ChainError> {
        let words = format!("enter the next stage of governance, {next}: no way leads back");
        self.call(Part::Stages, &Stages::advanceCall {}, words)
    }

    /// What actions do, one after another.
    pub fn actions_in_words(&self, actions: &[Action]) -> String {
        let each: Vec<String> = actions.iter().map(|action| self.action_in_words(action)).collect();
        each.join("; then ")
    }

    /// What an action does: `market.setFeeBps(newFeeBps = 1.5 %)`.
    pub fn action_in_words(&self, action: &Action) -> String {
        let call = call_in_words(&self.names, action.to, &action.data);
        match action.value {
            0 => call,
            wei => format!("{call} with {} ETH", crate::Tokens(wei)),
        }
    }

    /// The action of voiding the votes on a proposal.
    pub fn reset_vote(&self, proposal: Hash32) -> Result<Action, ChainError> {
        let call = NetworkGovernor::resetVoteCall { proposalId: number(proposal) };
        self.to_action(Part::Governor, &call)
    }
}
