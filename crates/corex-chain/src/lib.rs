//! Contract bindings, wallet, the embedded chain, and any JSON-RPC chain.
//!
//! | to | use |
//! |---|---|
//! | run a chain of one's own | [`EmbeddedChain`] |
//! | act on a chain: embedded, `anvil`, public | [`Chain`] |
//! | deploy a network, register, stake, open jobs, commit and settle rounds, follow events | [`Contracts`] |
//! | play a dispute about exact work | [`Contracts::game_view`], [`Contracts::play`], and the players of `corex_protocol::dispute` |
//! | show people what they are about to sign | [`Intent`], [`Message`], [`Contracts::intents`] |
//! | know a network's parameters | [`Profile`] |
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use corex_chain::{Accounts, Chain, Contracts, EmbeddedChain, EmbeddedConfig, Profile, Scope};
//! use corex_work::OperatorKey;
//!
//! let key = OperatorKey::from_bytes([7; 32])?;
//! let genesis = vec![(key.address(), 10u128.pow(24))];
//! let node = EmbeddedChain::start(EmbeddedConfig::new("net/chain.redb", genesis)).await?;
//! let chain = Chain::connect(&node.url(), key.clone(), Some(node.chain_id())).await?;
//! let cx = Profile::builtin("cx", Scope::Local)?;
//! let everybody = Accounts::all(key.address(), &cx);
//! let network = Contracts::deploy(chain, cx, everybody).await?;
//! println!("{}", network.balance(key.address()).await?);
//! # Ok(()) }
//! ```
//!
//! **Architecture Invariant:** types of the chain SDK do not appear in this crate's interface. Nodes speak of
//! [`corex_work`] ids, [`Tokens`] and [`ChainEvent`]s, so another SDK, or another kind of chain, changes this
//! crate only.

mod client;
mod contracts;
mod convert;
mod embedded;
mod intent;
pub mod keystore;
mod profile;
mod time;
mod tokens;

pub use client::{Chain, ChainError, Mined, Revert};
pub use contracts::{
    ANY_TIER, Accounts, Action, ActionError, Addresses, AllowList, Allowance, AuctionInfo, ChainEvent,
    ClaimInfo, CommitteeInfo, CommitteeProposal, Conditions, Contracts, Deployment, DisputeInfo, DrawnBeacon,
    EventAt, EventStream, Holdings, Intents, JobInfo, JobTerms, LeaseAt, LeaseInfo, MAX_AUDITS, MarketDomain,
    MarketMessage, Members, Meter, NextStage, NodeInfo, NodeProfile, Offer, OfferStanding, Order, Outcome,
    Owed, OwnJob, OwnNode, PROVIDER, Part, PauseState, Played, PollInfo, Position, Power, Promise, Proposal,
    ProposalState, ProvenLeaf, Represented, Right, RoundInfo, Ruling, SaleInfo, SaleStageInfo, SignedTerms,
    SpendingKey, SpendingLimit, StageInfo, Stake, Standing, Standpoint, Supply, Support, Tally, Terms,
    TermsError, Trouble, Unbonding, VERIFIER, VestingInfo, Voucher, WorkKind, WrittenAction, lease_id,
};
pub use embedded::{
    BASE_FEE, BLOCK_GAS_LIMIT, Clock, DEFAULT_CHAIN_ID, EmbeddedChain, EmbeddedConfig, EmbeddedError,
    ManualClock, StoreError, TX_GAS_LIMIT,
};
pub use intent::{Announced, Fate, Field, Forecast, Intent, Message, Names, Sent, percent};
pub use profile::{
    ArbiterParams, BurnerParams, DelegationParams, EscrowParams, FeeParams, FundParams, GameParams,
    GovernanceParams, GrantParams, InsuranceParams, MarketParams, MiningParams, PauseParams, PauseScope,
    Profile, ProfileError, RegistryParams, SaleParams, SaleStage, Scope, Seat, SettlementParams, StageParams,
    StakeParams, TierParams, TokenParams, VoteParams, WeightParams,
};
pub use time::{Moment, ParseTimeError, Span};
pub use tokens::{ParseTokensError, Tokens};
