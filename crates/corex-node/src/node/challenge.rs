//! Putting a bond on the claim that a leaf is wrong. When that is wise, [`Prospect`] says.

use corex_chain::ProvenLeaf;
use corex_protocol::dispute::{Moment, Prospect};
use corex_work::{Address, JobId, Signature, TaskId};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Context;
use crate::error::NodeError;

/// How often a challenge that waits is looked at.
const POLL: Duration = Duration::from_millis(500);

/// A leaf that is wrong.
pub struct Claim {
    /// The job.
    pub job: JobId,
    /// The leaf, and that it stands in its round.
    pub at: ProvenLeaf,
    /// The accused's signature of its receipt.
    pub receipt: Signature,
    /// The dispute is a game, not a vote.
    pub is_game: bool,
}

/// An open dispute, anybody's.
#[derive(Clone, Copy)]
struct Open {
    job: JobId,
    round: u64,
    task: TaskId,
    challenger: Address,
}

/// The open disputes on chain, as far as this node has seen them.
#[derive(Default)]
pub struct Docket(Mutex<BTreeMap<u64, Open>>);

impl Docket {
    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A dispute was opened.
    pub fn opened(&self, dispute: u64, job: JobId, round: u64, task: TaskId, challenger: Address) {
        self.open().insert(dispute, Open { job, round, task, challenger });
    }

    /// A dispute has ended.
    pub fn ended(&self, dispute: u64) {
        self.open().remove(&dispute);
    }

    /// Disputes that a node has opened.
    fn of(&self, challenger: Address) -> usize {
        self.open().values().filter(|open| open.challenger == challenger).count()
    }

    /// Whether others than `me` dispute a leaf.
    fn is_disputed(&self, job: JobId, round: u64, task: TaskId, me: Address) -> bool {
        let about = |open: &&Open| (open.job, open.round, open.task) == (job, round, task);
        self.open().values().filter(about).any(|open| open.challenger != me)
    }
}

/// Challenges a leaf, as soon as that is wise and until the window closes.
pub async fn challenge(context: Arc<Context>, claim: Claim) {
    let leaf = claim.at.leaf;
    loop {
        match attempt(&context, &claim).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(NodeError::Chain(error)) if error.is_transient() => {
                tracing::info!(%error, "cannot challenge yet")
            }
            Err(error) => return tracing::warn!(task = %leaf.task, %error, "cannot challenge"),
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Says whether that is settled.
async fn attempt(context: &Context, claim: &Claim) -> Result<bool, NodeError> {
    let Claim { job, at, receipt, is_game } = claim;
    let (contracts, me) = (&context.contracts, context.operator.address());
    // One at a time, so that each sees the stake that the one before it left.
    let _turn = context.challenging.lock().await;
    let round = contracts.round(*job, at.round).await?;
    let profile = &contracts.book().profile;
    let prospect = Prospect {
        now: contracts.chain().time().await?,
        deadline: round.and_then(|round| round.challenge_deadline).unwrap_or_default(),
        window: profile.settlement.challenge_seconds,
        is_disputed: *is_game && context.docket.is_disputed(*job, at.round, at.leaf.task, me),
        stake: contracts.stake_of(me).await?.active.0,
        bond: profile.settlement.challenge_bond.0,
        most_added: if *is_game { profile.game.max_bond().0 } else { 0 },
        games: context.docket.of(me) as u64,
    };
    match prospect.moment() {
        Moment::Now => {}
        Moment::Later => return Ok(false),
        Moment::Never => {
            return Err(NodeError::Refused("the window for challenges has closed".into()));
        }
    }
    match contracts.challenge(*job, at, receipt).await {
        Ok((dispute, mined)) => {
            context.docket.opened(dispute, *job, at.round, at.leaf.task, me);
            let leaf = &at.leaf;
            tracing::info!(dispute, task = %leaf.task, accused = %leaf.node, tx = %mined.tx, "challenged");
            Ok(true)
        }
        // Someone else was faster, which serves the same end; or this node itself, before it was started again.
        Err(error) if error.is_revert("LeafNotOpen") || error.is_revert("AlreadyChallenging") => Ok(true),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_docket_knows_whose_disputes_are_open() {
        let (me, other) = (Address([1; 20]), Address([2; 20]));
        let (job, task) = (JobId([3; 32]), TaskId([4; 32]));
        let docket = Docket::default();
        docket.opened(1, job, 7, task, me);
        assert_eq!((docket.of(me), docket.is_disputed(job, 7, task, me)), (1, false));
        docket.opened(2, job, 7, task, other);
        assert!(docket.is_disputed(job, 7, task, me) && !docket.is_disputed(job, 8, task, me));
        docket.ended(2);
        docket.ended(1);
        assert_eq!((docket.of(me), docket.is_disputed(job, 7, task, me)), (0, false));
    }
}
