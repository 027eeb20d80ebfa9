//! Contracts that a deployment creates and Rust hardly calls: money of the network, governance, distribution.

use alloy::sol;

sol! {
    #[derive(Debug)]
    struct WeightsParams { uint16[6] kindBps; uint16 minKindBps; uint16[4] tierBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Weights {
        constructor(address registry, address vault, address authority, WeightsParams params);
        function tuneKind(uint8 kind, uint16 bps) external;
    }

    #[derive(Debug)]
    struct SplitterParams { uint16 burnBps; uint16 insuranceBps; uint16 ecosystemBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface FeeSplitter {
        constructor(address token, address insurance, address ecosystem, SplitterParams params);
        event Flushed(uint256 burned, uint256 insured, uint256 toEcosystem);
        function flush() external returns (uint256 amount);
    }

    #[derive(Debug)]
    struct InsuranceParams { uint16 coverBps; uint16 capBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface InsurancePool {
        constructor(address token, address escrow, address settlement, InsuranceParams params);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Credentials {
        constructor(address registry, address settlement, string name, string symbol);
    }

    #[derive(Debug)]
    struct MarketParams {
        uint16 feeBps;
        uint16 feeMinBps;
        uint16 feeMaxBps;
        uint16 bondBps;
        uint64 noticeSeconds;
        uint64 challengeSeconds;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Market {
        constructor(address token, address registry, address splitter, address guard, address authority, MarketParams params);
        function totalHeld() external view returns (uint256);
        function setFeeBps(uint16 bps) external;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface UpgradeableMarket {
        constructor(address token, address registry, address splitter, address guard, address authority, MarketParams params);
        function upgradeToAndCall(address implementation, bytes data) external payable;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface MarketProxy {
        constructor(address implementation);
    }

    #[derive(Debug)]
    struct GuardParams { uint64 maxPauseSeconds; uint64 cooldownSeconds; uint8 scopes; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Guard {
        constructor(address manager, GuardParams params);
        function pause(uint8 scope, uint64 duration) external;
        function lift(uint8 scope) external;
        function paused(uint8 scope) external view returns (bool);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Committee {
        constructor(address controller, address[] members, uint256 threshold, uint64 proposalSeconds);
    }

    #[derive(Debug)]
    struct PowerParams { uint128 votesPerUnit; uint16 contributionBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface VotingPower {
        constructor(address token, address[] stakeSources, address contribution, address[] excluded, PowerParams params);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Timelock {
        constructor(uint256 minDelay, address[] proposers, address[] executors, address admin);
    }

    #[derive(Debug)]
    struct GovernorParams {
        uint48 votingDelay;
        uint32 votingPeriod;
        uint256 proposalThreshold;
        uint256 quorumPercent;
        uint16 participationMinBps;
        uint8 participationWindow;
        uint48 resetUntil;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface NetworkGovernor {
        constructor(string name, address power, address timelock, address stages, address manager, GovernorParams params);
        function resetVote(uint256 proposalId) external;
    }

    #[derive(Debug)]
    struct Seats { address executive; address operations; address security; address timelock; }

    #[derive(Debug)]
    enum Stage { Committees, Vote, Dao }

    #[derive(Debug)]
    struct StagesParams {
        uint48 voteAfter;
        uint128 voteMinStake;
        uint48 daoAfter;
        uint32 daoMinProposals;
        uint32 executiveDelay;
        bool daoIsAdmin;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Stages {
        constructor(address manager, address power, address governor, Seats seats, StagesParams params);
        function stage() external view returns (Stage);
        function holderOf(uint64 role, Stage stage) external view returns (address);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface EcosystemFund {
        constructor(address token, address manager, uint64 periodSeconds, uint16 capBps);
        function spend(address to, uint256 amount, string purpose) external;
    }

    #[derive(Debug)]
    struct GenesisParams {
        Seats seats;
        address stages;
        Stage stage;
        address governor;
        bool timelockIsAdmin;
        uint32 executiveDelay;
    }

    #[derive(Debug)]
    struct Permission { address target; uint64 role; bytes4[] selectors; }

    #[sol(abi)]
    #[derive(Debug)]
    interface GovernanceGenesis {
        constructor(GenesisParams params, Permission[] permissions);
        function manager() external view returns (address);
    }

    #[derive(Debug)]
    struct BurnerParams { uint128 floor; uint32 startFactorBps; uint32 halvingSeconds; }

    #[sol(abi)]
    #[derive(Debug)]
    interface FeeBurner {
        constructor(address token, BurnerParams params);
    }

    #[derive(Debug)]
    struct SaleParams { address payment; address treasury; address unsoldTo; uint256 softCap; }

    #[derive(Debug)]
    struct SaleStage {
        uint64 start;
        uint64 end;
        uint128 price;
        uint128 cap;
        uint128 capPerBuyer;
        bytes32 allowList;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface TokenSale {
        constructor(address token, SaleParams params, SaleStage[] stages);
    }

    #[derive(Debug)]
    struct Bucket { bytes32 name; uint16 bps; }

    #[derive(Debug)]
    struct AllocationGrant { bytes32 bucket; address to; uint256 amount; uint64 cliffSeconds; uint64 durationSeconds; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Allocation {
        constructor(address token, Bucket[] buckets, AllocationGrant[] grants);
    }
}
