//! The parts of the contracts' interfaces that Rust uses, in Solidity. What each item promises is written in
//! `contracts/src/interfaces`; a test holds every item against the checked-in ABI of the compiled contracts.
#![allow(missing_docs)]

pub mod distribution;
pub mod founding;
pub mod game;
pub mod governance;
pub mod market;
pub mod money;
#[cfg(test)]
mod tests;

use alloy::sol;

sol! {
    #[derive(Debug, PartialEq, Eq)]
    struct Leaf { bytes32 task; bytes32 outputsHash; address node; uint64 units; }

    #[derive(Debug, PartialEq, Eq)]
    struct Payout { address node; uint64 units; uint32 tasks; }

    #[derive(Debug, PartialEq, Eq)]
    enum Ruling { Dismissed, Guilty, Innocent }

    #[derive(Debug)]
    struct Grant { address to; uint256 amount; }

    /// What every contract under the Settlement's orders answers.
    #[derive(Debug)]
    interface Settled {
        function settlement() external view returns (address);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface ComputeToken {
        constructor(string name, string symbol, uint256 supply, Grant[] grants);
        function approve(address spender, uint256 value) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
        function transfer(address to, uint256 value) external returns (bool);
        function balanceOf(address account) external view returns (uint256);
        function totalSupply() external view returns (uint256);
        function initialSupply() external view returns (uint256);
        function name() external view returns (string memory);
        function decimals() external view returns (uint8);
        function nonces(address owner) external view returns (uint256);
        function DOMAIN_SEPARATOR() external view returns (bytes32);
    }

    /// ERC-2612.
    #[derive(Debug)]
    struct Permit { address owner; address spender; uint256 value; uint256 nonce; uint256 deadline; }

    #[derive(Debug)]
    struct Profile { bytes32 endpoint; bytes32 hardware; uint64 capability; uint8 roles; }

    #[derive(Debug)]
    struct Node {
        address owner;
        bool active;
        uint8 roles;
        uint64 capability;
        uint128 verifiedUnits;
        uint32 faults;
        uint96 history;
        uint96 averageUnits;
        uint96 dayUnits;
        uint64 day;
        bytes32 endpoint;
        bytes32 hardware;
    }

    #[derive(Debug)]
    struct TierRule { uint96 unitsPerDay; uint96 history; uint128 stake; }

    #[derive(Debug)]
    struct RegistryParams { TierRule[3] tiers; uint64 faultUnits; }

    #[sol(abi)]
    #[derive(Debug)]
    interface NodeRegistry {
        constructor(address vault, address settlement, RegistryParams params);
        event NodeRegistered(address indexed node, address indexed owner, Profile profile);
        event NodeUpdated(address indexed node, Profile profile);
        event NodeActiveChanged(address indexed node, bool active);
        function register(address owner, Profile profile) external;
        function update(address node, Profile profile) external;
        function activate(address node) external;
        function deactivate(address node) external;
        function nodeOf(address node) external view returns (Node memory);
        function tierOf(address node) external view returns (uint8);
        function qualityOf(address node) external view returns (uint256);
        function measuredUnitsPerDay(address node) external view returns (uint256);
        function transferOwnership(address node, address to) external;
        function acceptOwnership(address node) external;
        function pendingOwnerOf(address node) external view returns (address);
        function registerFor(address node, Profile profile, uint256 deadline, bytes signature) external;
    }

    /// By which an operator key agrees to an owner: EIP-712.
    #[derive(Debug)]
    struct Register {
        address node;
        address owner;
        bytes32 endpoint;
        bytes32 hardware;
        uint64 capability;
        uint8 roles;
        uint256 deadline;
    }

    #[derive(Debug)]
    struct VaultParams {
        uint128 providerMinStake;
        uint128 verifierMinStake;
        uint64 unbondingSeconds;
        uint16 burnBps;
        uint16 finderBps;
        uint32 delegationCapBps;
        uint128 fullStake;
        uint64 fullLockSeconds;
    }

    #[derive(Debug)]
    struct Account { uint128 active; uint128 bonded; uint128 unbonding; uint128 delegated; uint64 lockedUntil; }

    #[derive(Debug)]
    struct Unbonding { uint256 amount; uint64 releaseAt; }

    #[sol(abi)]
    #[derive(Debug)]
    interface StakeVault {
        constructor(address token, address registry, address delegation, address sink, address settlement, VaultParams params);
        event Staked(address indexed node, address indexed from, uint256 amount);
        event UnbondRequested(address indexed node, uint256 amount, uint64 releaseAt);
        event Withdrawn(address indexed node, address indexed owner, uint256 amount);
        event Slashed(address indexed node, address indexed winner, uint256 burned, uint256 toFinder, uint256 toJob);
        function stake(address node, uint256 amount) external;
        function stakeWithPermit(address node, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
        function lock(address node, uint64 until) external;
        function requestUnbond(address node, uint256 amount) external;
        function withdraw(address node) external returns (uint256 amount);
        function syncVerifier(address node) external;
        function requestsOf(address node) external view returns (Unbonding[] memory requests);
        function countedDelegationOf(address node) external view returns (uint256);
        function boostOf(address node) external view returns (uint256);
        function accountOf(address node) external view returns (Account memory);
        function isEligible(address node, uint8 role) external view returns (bool);
        function verifiers() external view returns (address[] memory nodes, uint256[] memory stakes);
        function totalHeld() external view returns (uint256);
    }

    #[derive(Debug)]
    struct EscrowParams {
        uint16 feeBps;
        uint16 feeMinBps;
        uint16 feeMaxBps;
        uint16 referralBps;
        uint16 premiumBps;
        uint64 windowSeconds;
        uint64 targetUnits;
        uint128 baseFeeFloor;
        uint128 baseFeeCeiling;
        bool burnsBaseFee;
    }

    #[derive(Debug)]
    struct Terms {
        bytes32 spec;
        address coordinator;
        uint128 pricePerUnit;
        uint64 deadline;
        uint8 kind;
        bytes32 programs;
        address referrer;
        bool insured;
    }

    #[derive(Debug)]
    struct Job {
        address requester;
        uint64 deadline;
        uint8 kind;
        bool closed;
        bool insured;
        address coordinator;
        uint16 feeBps;
        address referrer;
        uint128 pricePerUnit;
        uint128 balance;
        uint128 reserved;
        bytes32 spec;
        bytes32 programs;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface JobEscrow {
        constructor(
            address token,
            address registry,
            address settlement,
            address splitter,
            address insurance,
            address guard,
            address authority,
            EscrowParams params
        );
        event JobOpened(bytes32 indexed job, address indexed requester, Terms terms, uint16 feeBps, uint256 budget);
        event ToppedUp(bytes32 indexed job, address indexed from, uint256 amount);
        event Paid(bytes32 indexed job, address indexed node, address indexed owner, uint8 kind, uint64 units, uint256 amount, uint256 fee);
        event JobClosed(bytes32 indexed job);
        event Refunded(bytes32 indexed job, address indexed requester, uint256 amount);
        function open(Terms terms, uint256 budget) external returns (bytes32 job);
        function topUp(bytes32 job, uint256 amount) external;
        function setCoordinator(bytes32 job, address coordinator) external;
        function close(bytes32 job) external;
        function refund(bytes32 job) external returns (uint256 amount);
        event FeesPaid(bytes32 indexed job, uint256 burned, uint256 toSplitter, uint256 premium, uint256 toReferrer);
        function jobOf(bytes32 job) external view returns (Job memory);
        function setFeeBps(uint16 bps) external;
        function totalHeld() external view returns (uint256);
    }

    #[derive(Debug)]
    struct PoolParams {
        uint64 epochSeconds;
        uint64 epochsPerEra;
        uint128 rewardCapPerUnit;
        uint16 pocBps;
        uint16 minPocBps;
        uint16 maxPocBps;
        uint16 stepBps;
        uint16 minValidateBps;
        uint16 maxValidateBps;
        uint128 targetVerifierStake;
        uint16 incentiveBps;
        address incentiveFund;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface MiningPool {
        constructor(
            address token,
            address registry,
            address vault,
            address delegation,
            address weights,
            address guard,
            address settlement,
            PoolParams params
        );
        event Recorded(uint64 indexed epoch, uint8 indexed engine, address indexed node, uint64 units, uint256 weighted);
        event Claimed(address indexed node, address indexed owner, uint256 amount, uint256 toDelegators);
        function claim(address node) external returns (uint256 amount);
        function claimable(address node) external view returns (uint256 amount);
        function claimIncentive() external returns (uint256 amount);
        function claimableIncentive() external view returns (uint256 amount);
        function pooled() external view returns (uint256);
    }

    #[derive(Debug)]
    struct ArbiterParams { uint16 committeeSize; uint64 voteSeconds; }

    #[derive(Debug)]
    struct Seat { address node; uint96 stake; }

    #[derive(Debug)]
    struct Poll { bytes32 accused; uint128 drawnStake; uint64 deadline; bool open; }

    #[sol(abi)]
    #[derive(Debug)]
    interface VoteArbiter {
        constructor(address vault, address settlement, ArbiterParams params);
        event CommitteeDrawn(uint256 indexed dispute, Seat[] seats, uint64 deadline);
        event Voted(uint256 indexed dispute, address indexed node, bytes32 outputsHash, uint256 stake);
        function vote(uint256 dispute, bytes32 outputsHash) external;
        function expire(uint256 dispute) external;
        function pollOf(uint256 dispute) external view returns (Poll memory);
        function committeeOf(uint256 dispute) external view returns (Seat[] memory);
        function voteOf(uint256 dispute, address node) external view returns (bytes32);
    }

    #[derive(Debug)]
    struct SettlementParts {
        address registry;
        address vault;
        address escrow;
        address pool;
        address credentials;
        address insurance;
        address arbiter;
        address game;
    }

    #[derive(Debug)]
    struct SettlementParams { uint64 challengeSeconds; uint128 challengeBond; uint16 slashBps; }

    #[derive(Debug)]
    struct Round {
        bytes32 root;
        bytes32 payoutsHash;
        bytes32 beacon;
        uint64 drawBlock;
        uint64 challengeDeadline;
        uint64 units;
        uint32 leafCount;
        uint16 openDisputes;
        bool settled;
        uint128 baseFee;
        address auditedUpTo;
    }

    #[derive(Debug)]
    enum LeafState { Clean, Disputed, Cleared, Voided }

    #[derive(Debug)]
    struct Dispute {
        bytes32 job;
        bytes32 leafHash;
        bytes32 task;
        address accused;
        uint64 round;
        address challenger;
        uint64 units;
        bool open;
        Ruling ruling;
        uint128 bond;
    }

    #[derive(Debug)]
    struct Entry { uint64 round; Leaf leaf; bytes32[] proof; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Settlement {
        constructor(SettlementParts parts, SettlementParams params);
        event RoundCommitted(bytes32 indexed job, uint64 indexed round, bytes32 root, uint32 leafCount, uint64 units, Payout[] payouts);
        event BeaconPostponed(bytes32 indexed job, uint64 indexed round, uint64 drawBlock);
        event BeaconDrawn(bytes32 indexed job, uint64 indexed round, bytes32 beacon, uint64 challengeDeadline);
        event Challenged(uint256 indexed dispute, bytes32 indexed job, uint64 indexed round, Leaf leaf, address challenger);
        event BondRaised(uint256 indexed dispute, uint256 bond);
        event DisputeResolved(uint256 indexed dispute, bytes32 indexed job, uint64 indexed round, bytes32 task, address accused, address challenger, Ruling ruling);
        event DuplicateVoided(bytes32 indexed job, uint64 indexed round, bytes32 task, address indexed node, uint64 units, uint64 originalRound);
        event AuditsSettled(bytes32 indexed job, uint64 indexed round, Payout[] audits);
        event RoundSettled(bytes32 indexed job, uint64 indexed round, uint64 paidUnits, uint64 voidedUnits);
        error WrongRoundIndex(bytes32 job, uint64 given, uint64 expected);
        error UnknownRound(bytes32 job, uint64 round);
        error LeafNotOpen(bytes32 leafHash, LeafState state);
        error AlreadyChallenging(bytes32 leafHash, address challenger);
        function commitRound(bytes32 job, uint64 round, bytes32 root, uint32 leafCount, Payout[] payouts) external;
        function drawBeacon(bytes32 job, uint64 round) external;
        function challenge(bytes32 job, uint64 round, Leaf leaf, bytes32[] proof, bytes receiptSignature) external returns (uint256 dispute);
        function proveDuplicate(bytes32 job, Entry original, Entry duplicate) external;
        function settleRound(bytes32 job, uint64 round, Payout[] payouts, Payout[] audits) external;
        function settleAudits(bytes32 job, uint64 round, Payout[] audits) external;
        function roundOf(bytes32 job, uint64 round) external view returns (Round memory);
        function roundCount(bytes32 job) external view returns (uint64);
        function disputeOf(uint256 dispute) external view returns (Dispute memory);
        function disputeCount() external view returns (uint256);
        function isConvicted(uint256 dispute) external view returns (bool);
        function leafStateOf(bytes32 job, uint64 round, bytes32 leafHash) external view returns (LeafState);
    }
}
