//! The contracts that a network may have, in the order in which they are created.

use crate::profile::{Profile, Seat};
use corex_work::Address;
use serde::{Deserialize, Serialize};

macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident, $field:ident, $contract:literal;)*) => {
        /// A contract of a network.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Part {
            $($(#[$doc])* $part,)*
        }

        impl Part {
            /// All of them, in order of creation.
            pub const ALL: &'static [Part] = &[$(Part::$part),*];

            /// What it is called in an address book.
            pub fn key(self) -> &'static str {
                match self { $(Part::$part => stringify!($field)),* }
            }

            /// Name of its contract in `api/`. Several parts may be of one contract.
            pub fn contract(self, profile: &Profile) -> &'static str {
                match self {
                    Part::Market if profile.market.upgradeable => "MarketProxy",
                    $(Part::$part => $contract),*
                }
            }
        }

        /// Where a network's contracts are. Zero for those that its profile does not have.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Addresses {
            $($(#[$doc])* pub $field: Address,)*
        }

        impl Addresses {
            /// Where a part is; zero if the network has none.
            pub fn at(&self, part: Part) -> Address {
                match part { $(Part::$part => self.$field),* }
            }

            pub(in crate::contracts) fn set(&mut self, part: Part, address: Address) {
                match part { $(Part::$part => self.$field = address),* }
            }
        }
    };
}

parts! {
    /// The token: `ComputeToken`, or any ERC-20 where the profile says so.
    Token, token, "ComputeToken";
    /// Divides the supply; before those that count what they have got.
    Allocation, allocation, "Allocation";
    /// Who the nodes are.
    Registry, registry, "NodeRegistry";
    /// Stake of the nodes.
    Vault, vault, "StakeVault";
    /// Stake of those who trust a node.
    Delegation, delegation, "Delegation";
    /// What a unit of work weighs when it is mined for.
    Weights, weights, "Weights";
    /// Divides all fees.
    Fees, fees, "FeeSplitter";
    /// Compensates insured jobs.
    Insurance, insurance, "InsurancePool";
    /// Certificates of work done.
    Credentials, credentials, "Credentials";
    /// Money of the jobs.
    Escrow, escrow, "JobEscrow";
    /// The mined supply.
    Pool, pool, "MiningPool";
    /// Decides disputes by a vote.
    Arbiter, arbiter, "VoteArbiter";
    /// Scalar functions that are not rational.
    Transcendental, transcendental, "Transcendental";
    /// Scalar functions.
    Arithmetic, arithmetic, "Arithmetic";
    /// Chunks of blobs.
    Blake3, blake3, "Blake3";
    /// Nodes of blobs' trees.
    BlobTree, blob_tree, "BlobTree";
    /// Executes one step of one operator.
    Referee, referee, "Referee";
    /// Judges what a challenger shows.
    Evidence, evidence, "Evidence";
    /// Decides disputes by a game.
    Game, game, "DisputeGame";
    /// From committed to paid.
    Settlement, settlement, "Settlement";
    /// The market's code, where it can be replaced.
    MarketCode, market_code, "UpgradeableMarket";
    /// Leases of nodes. Where its code can be replaced, its proxy.
    Market, market, "Market";
    /// Auctions what the network receives, and burns what it is paid.
    Burner, burner, "FeeBurner";
    /// Committee that changes parameters.
    Executive, executive, "Committee";
    /// Committee that spends the incentive fund.
    Operations, operations, "Committee";
    /// Committee that pauses and resets votes.
    Security, security, "Committee";
    /// Executes what was voted.
    Timelock, timelock, "Timelock";
    /// Counts votes.
    Power, power, "VotingPower";
    /// Moves governance on, one way.
    Stages, stages, "Stages";
    /// Proposals and votes.
    Governor, governor, "NetworkGovernor";
    /// Emergency pauses.
    Guard, guard, "Guard";
    /// The ecosystem's fund.
    Ecosystem, ecosystem, "EcosystemFund";
    /// The incentive fund.
    Incentive, incentive, "EcosystemFund";
    /// Founds governance in one transaction.
    Genesis, genesis, "GovernanceGenesis";
    /// Staged sale of tokens.
    Sale, sale, "TokenSale";
}

impl Part {
    /// Those under the orders of the Settlement.
    pub(super) fn is_settled(self) -> bool {
        use Part::*;
        matches!(self, Registry | Vault | Escrow | Insurance | Credentials | Pool | Arbiter | Game)
    }

    /// Name in `api/` of the contract whose functions can be called there: of a proxy, the one behind it.
    pub(crate) fn interface(self, profile: &Profile) -> &'static str {
        match self.contract(profile) {
            "MarketProxy" => "UpgradeableMarket",
            contract => contract,
        }
    }

    /// Whether a network of this profile has it.
    pub fn belongs_to(self, profile: &Profile) -> bool {
        let governance = &profile.governance;
        match self {
            Part::Pool | Part::Weights => profile.mining.is_some(),
            Part::Burner => profile.burner.is_some(),
            Part::MarketCode => profile.market.upgradeable,
            Part::Genesis => profile.is_governed(),
            Part::Executive => governance.has(Seat::Executive),
            Part::Operations => governance.has(Seat::Operations),
            Part::Security => governance.has(Seat::Security),
            Part::Timelock | Part::Power | Part::Governor => governance.vote.is_some(),
            Part::Stages => governance.stages.is_some(),
            Part::Guard => governance.pause.is_some(),
            Part::Ecosystem => governance.fund.is_some(),
            Part::Incentive => profile.mining.as_ref().is_some_and(|mining| mining.incentive_bps > 0),
            Part::Sale => profile.sale.is_some(),
            Part::Allocation => !profile.allocation.is_empty(),
            _ => true,
        }
    }
}
