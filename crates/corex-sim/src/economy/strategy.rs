//! What the player may do instead of what it should.

/// A way to try to gain by not being honest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strategy {
    /// Guesses outputs; an accomplice convicts it first, and it comes back under another name.
    Lazy,
    /// Hands in results of other nodes for other tasks; as a guess, but bringing them costs something.
    Copying,
    /// Pays itself for work that nobody does, to mine.
    SelfDealing,
    /// Guesses, and has a share of the verifiers confirm it.
    Colluding,
    /// Confirms audits without computing.
    RubberStamp,
    /// One machine and one stake as many nodes.
    Sybil,
    /// Challenges right results.
    ChallengeGriefing,
    /// Takes tasks and does nothing.
    Stalling,
    /// Stake without work; stake delegated to itself.
    Whale,
    /// Joins a node's delegators, or raises its own stake, only when rewards are shared out.
    DelegationTiming,
    /// Convicts itself in an insured job of its own.
    InsuranceFraud,
    /// A requester that refers itself.
    ReferralFarming,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Strategy; 12] = [
        Strategy::Lazy,
        Strategy::Copying,
        Strategy::SelfDealing,
        Strategy::Colluding,
        Strategy::RubberStamp,
        Strategy::Sybil,
        Strategy::ChallengeGriefing,
        Strategy::Stalling,
        Strategy::Whale,
        Strategy::DelegationTiming,
        Strategy::InsuranceFraud,
        Strategy::ReferralFarming,
    ];

    /// The strategy of that name.
    pub fn named(name: &str) -> Option<Strategy> {
        Strategy::ALL.into_iter().find(|strategy| strategy.name() == name)
    }

    /// Name for people and machines.
    pub fn name(self) -> &'static str {
        match self {
            Strategy::Lazy => "lazy",
            Strategy::Copying => "copying",
            Strategy::SelfDealing => "self_dealing",
            Strategy::Colluding => "colluding_verifiers",
            Strategy::RubberStamp => "rubber_stamp",
            Strategy::Sybil => "sybil_swarm",
            Strategy::ChallengeGriefing => "challenge_griefing",
            Strategy::Stalling => "stalling",
            Strategy::Whale => "stake_whale",
            Strategy::DelegationTiming => "delegation_timing",
            Strategy::InsuranceFraud => "insurance_fraud",
            Strategy::ReferralFarming => "referral_farming",
        }
    }

    /// What the strategy's player has, and would do with it honestly.
    fn honest(self) -> Play {
        let play = Play::default();
        match self {
            Strategy::RubberStamp | Strategy::ChallengeGriefing => {
                Play { checker: Some(Checker::Honest), ..play }
            }
            // Who risks its stake has no more than it must; who mines has what counts.
            Strategy::Lazy | Strategy::Copying => Play { stake_factor: 1, ..play },
            Strategy::Colluding => Play { stake_factor: 1, checker: Some(Checker::Honest), ..play },
            Strategy::SelfDealing => Play { stake_factor: 10, ..play },
            Strategy::Sybil => Play { stake_factor: SWARM, ..play },
            Strategy::Whale => Play { stake_factor: 20, ..play },
            Strategy::DelegationTiming => Play { extra: Extra::Delegate, ..play },
            Strategy::ReferralFarming => Play { extra: Extra::Request, ..play },
            _ => play,
        }
    }

    /// What it does instead, after what it would do honestly; the best pair counts.
    pub(crate) fn variants(self) -> Vec<(Play, Play)> {
        let honest = self.honest();
        let mut pairs: Vec<(Play, Play)> =
            self.plays(honest).into_iter().map(|play| (honest, play)).collect();
        if self == Strategy::DelegationTiming {
            let lent = Play { extra: Extra::Borrow, ..honest };
            pairs.push((lent, Play { extra: Extra::BorrowAndStakeLate, ..honest }));
        }
        pairs
    }

    fn plays(self, honest: Play) -> Vec<Play> {
        let guess =
            |percent, patient| Play { worker: Worker::Guess { percent, patient, cost_bps: 0 }, ..honest };
        match self {
            Strategy::Lazy => vec![guess(100, false), guess(10, false), guess(100, true)],
            Strategy::Copying => [(100, false), (10, false), (100, true)]
                .map(|(percent, patient)| Play {
                    worker: Worker::Guess { percent, patient, cost_bps: 200 },
                    ..honest
                })
                .to_vec(),
            Strategy::SelfDealing => [Dealt::Compute, Dealt::Model, Dealt::Audits]
                .into_iter()
                .flat_map(|what| [(2, u64::MAX), (8, 8)].map(|at| (what, at)))
                .map(|(what, (times, epochs))| Play { extra: Extra::Deal { what, times, epochs }, ..honest })
                .collect(),
            Strategy::Colluding => [(100, false), (10, false), (100, true)]
                .map(|(percent, patient)| Play { checker: Some(Checker::Collude), ..guess(percent, patient) })
                .to_vec(),
            Strategy::RubberStamp => vec![Play { checker: Some(Checker::Stamp), ..honest }],
            Strategy::Sybil => vec![
                Play { nodes: SWARM as u32, ..honest },
                Play { nodes: SWARM as u32 / 2, ..honest },
                Play { nodes: SWARM as u32, ..guess(10, false) },
            ],
            Strategy::ChallengeGriefing => vec![Play { checker: Some(Checker::Accuse), ..honest }],
            Strategy::Stalling => vec![Play { worker: Worker::Stall, ..honest }],
            Strategy::Whale => {
                vec![
                    Play { worker: Worker::Stall, ..honest },
                    Play { extra: Extra::DelegateToItself, ..honest },
                ]
            }
            Strategy::DelegationTiming => vec![Play { extra: Extra::DelegateLate, ..honest }],
            Strategy::InsuranceFraud => vec![Play { extra: Extra::ConvictItself, ..honest }],
            Strategy::ReferralFarming => vec![Play { extra: Extra::RequestReferred, ..honest }],
        }
    }
}

/// Nodes of a swarm.
const SWARM: u128 = 8;

/// What the player does with its machine and capital.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Play {
    pub(crate) worker: Worker,
    /// Nodes on the player's one machine.
    pub(crate) nodes: u32,
    /// Own stake of all nodes together, in a provider's least stakes.
    pub(crate) stake_factor: u128,
    /// Whether the player has a verifier, and what that does.
    pub(crate) checker: Option<Checker>,
    pub(crate) extra: Extra,
}

impl Default for Play {
    fn default() -> Play {
        Play { worker: Worker::Honest, nodes: 1, stake_factor: 4, checker: None, extra: Extra::None }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worker {
    Honest,
    /// Hands in something wrong so often, at a cost relative to the work's; if patient, only while it is hardly audited.
    Guess {
        percent: u64,
        patient: bool,
        cost_bps: u128,
    },
    Stall,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checker {
    Honest,
    /// Confirms its owner's leaves, computes the others'.
    Collude,
    /// Computes nothing and confirms.
    Stamp,
    /// Computes nothing and challenges.
    Accuse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    None,
    /// Opens jobs for itself, of so many times its machine's work, for so many epochs.
    Deal {
        what: Dealt,
        times: u32,
        epochs: u64,
    },
    ConvictItself,
    /// Has a part of the real demand; without and with naming itself as referrer.
    Request,
    RequestReferred,
    /// Delegates to somebody else's node, at once and whenever that claims.
    Delegate,
    DelegateLate,
    /// Others delegate to its node; it raises its own stake, or not, whenever that claims.
    Borrow,
    BorrowAndStakeLate,
    /// Own stake least, the rest delegated to the own node.
    DelegateToItself,
}

/// What a self-dealer claims to have done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dealt {
    Compute,
    Model,
    Audits,
}
