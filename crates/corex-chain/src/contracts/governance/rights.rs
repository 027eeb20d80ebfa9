//! Who may do what now: the AccessManager, the stages, the guard.

use crate::{
    client::ChainError,
    contracts::{
        Action, Contracts, Part,
        bindings::governance::{AccessManager, Guard, NetworkGovernor, Stage, Stages},
    },
    convert::to_sol,
    profile::PauseScope,
    tokens::Tokens,
};
use corex_work::Address;
use serde::Serialize;

/// Whether an account may make a call that is restricted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// At once. Also where the call is not restricted in this way.
    Now,
    /// After it was scheduled for so many seconds.
    AfterDelay(u32),
    /// Scheduled, and possible from this Unix time on.
    From(u64),
    /// Not at all.
    Never,
}

/// Where governance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StageInfo {
    /// `committees`, `vote` or `dao`.
    pub stage: &'static str,
    /// The next stage and what it needs; `None` in the last.
    pub next: Option<NextStage>,
}

/// What the next stage needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NextStage {
    /// Its name.
    pub stage: &'static str,
    /// Unix time before which it does not begin.
    pub not_before: u64,
    /// Tokens that must be staked.
    pub stake: Tokens,
    /// Proposals that must have reached their quorum.
    pub decisive_needed: u64,
    /// Those that have.
    pub decisive: u64,
}

/// A scope of the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PauseState {
    /// What is paused.
    pub scope: PauseScope,
    /// Unix time at which the pause ends; `None` if there is none.
    pub paused_until: Option<u64>,
    /// Unix time from which it can be paused again.
    pub next_pause_from: u64,
}

impl Contracts {
    /// Whether `caller` may do `action` on a contract that the AccessManager guards.
    pub async fn right(&self, caller: Address, action: &Action) -> Result<Right, ChainError> {
        if !self.book.profile.is_governed() {
            return Ok(Right::Now);
        }
        let manager = self.book.manager();
        let Some(selector) = action.data.first_chunk::<4>() else { return Ok(Right::Now) };
        let (who, target) = (to_sol(caller), to_sol(action.to));
        let role_call = AccessManager::getTargetFunctionRoleCall { target, selector: (*selector).into() };
        // What nobody restricted is nobody's but ADMIN's, which is role zero: then it is no call of the manager's at all.
        if self.chain.read(manager, &role_call).await? == 0 {
            return Ok(Right::Now);
        }
        let call = AccessManager::canCallCall { caller: who, target, selector: (*selector).into() };
        let may = self.chain.read(manager, &call).await?;
        if may.immediate {
            return Ok(Right::Now);
        }
        if may.delay == 0 {
            return Ok(Right::Never);
        }
        let call = AccessManager::hashOperationCall { caller: who, target, data: action.data.clone().into() };
        let id = self.chain.read(manager, &call).await?;
        let when: u64 = self.chain.read(manager, &AccessManager::getScheduleCall { id }).await?.to();
        Ok(if when == 0 { Right::AfterDelay(may.delay) } else { Right::From(when) })
    }

    /// Where governance is.
    pub async fn stage(&self) -> Result<StageInfo, ChainError> {
        let at = self.part(Part::Stages)?;
        let stage = self.chain.read(at, &Stages::stageCall {}).await?;
        let params = self.chain.read(at, &Stages::paramsCall {}).await?;
        let call = NetworkGovernor::decisiveProposalsCall {};
        let decisive = self.chain.read(self.part(Part::Governor)?, &call).await?.saturating_to();
        let next = |stage, not_before: u64, stake, decisive_needed| {
            Some(NextStage { stage, not_before, stake, decisive_needed, decisive })
        };
        let (stage, next) = match stage {
            Stage::Committees => {
                let stake = Tokens(params.voteMinStake);
                ("committees", next("vote", params.voteAfter.to(), stake, 0))
            }
            Stage::Vote => {
                let needed = params.daoMinProposals.into();
                ("vote", next("dao", params.daoAfter.to(), Tokens::default(), needed))
            }
            Stage::Dao => ("dao", None),
            Stage::__Invalid => {
                return Err(ChainError::Answer { call: "stage".into(), reason: "no such stage".into() });
            }
        };
        Ok(StageInfo { stage, next })
    }

    /// What can be paused, and what is.
    pub async fn pauses(&self) -> Result<Vec<PauseState>, ChainError> {
        let at = self.part(Part::Guard)?;
        let now = self.chain.time().await?;
        let pause = self.book.profile.governance.pause.as_ref();
        let mut found = Vec::new();
        for scope in pause.map_or(&[][..], |pause| &pause.scopes) {
            let code = *scope as u8;
            let until = self.chain.read(at, &Guard::pausedUntilCall { scope: code }).await?;
            let next = self.chain.read(at, &Guard::nextPauseFromCall { scope: code }).await?;
            let paused_until = (now < until).then_some(until);
            found.push(PauseState { scope: *scope, paused_until, next_pause_from: next });
        }
        Ok(found)
    }
}
