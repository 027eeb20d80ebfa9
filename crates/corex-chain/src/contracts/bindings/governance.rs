//! Votes, committees, and what they may do.

use alloy::sol;

sol! {
    #[derive(Debug)]
    struct GuardParams { uint64 maxPauseSeconds; uint64 cooldownSeconds; uint8 scopes; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Guard {
        constructor(address manager, GuardParams params);
        function pause(uint8 scope, uint64 duration) external;
        function lift(uint8 scope) external;
        function paused(uint8 scope) external view returns (bool);
        function pausedUntil(uint8 scope) external view returns (uint64);
        function nextPauseFrom(uint8 scope) external view returns (uint64);
        function maxPauseSeconds() external view returns (uint64);
        function scopes() external view returns (uint8);
    }

    #[derive(Debug)]
    struct CommitteeProposal {
        address target;
        uint64 expiresAt;
        uint32 confirmations;
        bool executed;
        uint64 composition;
        uint256 value;
        bytes data;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Committee {
        constructor(address controller, address[] members, uint256 threshold, uint64 proposalSeconds);
        event Proposed(uint256 indexed id, address indexed by, address target, uint256 value, bytes data, uint64 expiresAt);
        function propose(address target, uint256 value, bytes data) external returns (uint256 id);
        function confirm(uint256 id) external;
        function revoke(uint256 id) external;
        function execute(uint256 id) external returns (bytes memory result);
        function seat(address[] members, uint256 threshold) external;
        function controller() external view returns (address);
        function members() external view returns (address[] memory);
        function threshold() external view returns (uint256);
        function composition() external view returns (uint64);
        function proposalCount() external view returns (uint256);
        function proposalOf(uint256 id) external view returns (CommitteeProposal memory);
        function hasConfirmed(uint256 id, address member) external view returns (bool);
    }

    #[derive(Debug)]
    struct PowerParams { uint128 votesPerUnit; uint16 contributionBps; }

    #[sol(abi)]
    #[derive(Debug)]
    interface VotingPower {
        constructor(address token, address[] stakeSources, address contribution, address[] excluded, PowerParams params);
        function getPastVotes(address account, uint256 timepoint) external view returns (uint256);
        function getPastVotesFor(address account, uint256 timepoint, address[] represented) external view returns (uint256);
        function getPastTotalSupply(uint256 timepoint) external view returns (uint256);
        function stakeSources() external view returns (address[] memory);
        function recordSupply() external;
    }

    /// What votes are counted from: a token that remembers delegates, stake, and verified work.
    #[derive(Debug)]
    interface VoteSource {
        event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);
        function delegate(address delegatee) external;
        function delegates(address account) external view returns (address);
        function getPastVotes(address account, uint256 timepoint) external view returns (uint256);
        function getPastDelegate(address account, uint256 timepoint) external view returns (address);
        function pastStake(address owner, uint256 timepoint) external view returns (uint256);
        function pastContribution(address owner, uint256 timepoint) external view returns (uint256);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Timelock {
        constructor(uint256 minDelay, address[] proposers, address[] executors, address admin);
        function getMinDelay() external view returns (uint256);
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
        event VoteCast(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason);
        event VoteCastWithParams(address indexed voter, uint256 proposalId, uint8 support, uint256 weight, string reason, bytes params);
        event ProposalCreated(
            uint256 proposalId,
            address proposer,
            address[] targets,
            uint256[] values,
            string[] signatures,
            bytes[] calldatas,
            uint256 voteStart,
            uint256 voteEnd,
            string description
        );
        function propose(address[] targets, uint256[] values, bytes[] calldatas, string description) external returns (uint256);
        function castVoteWithReason(uint256 proposalId, uint8 support, string reason) external returns (uint256);
        function castVoteWithReasonAndParams(uint256 proposalId, uint8 support, string reason, bytes params) external returns (uint256);
        function queue(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) external returns (uint256);
        function execute(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) external payable returns (uint256);
        function cancel(address[] targets, uint256[] values, bytes[] calldatas, bytes32 descriptionHash) external returns (uint256);
        function resetVote(uint256 proposalId) external;
        function state(uint256 proposalId) external view returns (uint8);
        function proposalVotes(uint256 proposalId) external view returns (uint256 againstVotes, uint256 forVotes, uint256 abstainVotes);
        function proposalSnapshot(uint256 proposalId) external view returns (uint256);
        function proposalDeadline(uint256 proposalId) external view returns (uint256);
        function proposalEta(uint256 proposalId) external view returns (uint256);
        function proposalThreshold() external view returns (uint256);
        function votingDelay() external view returns (uint256);
        function votingPeriod() external view returns (uint256);
        function quorum(uint256 timepoint) external view returns (uint256);
        function hasVoted(uint256 proposalId, address account) external view returns (bool);
        function participationBps(address account, uint256 timepoint) external view returns (uint256);
        function decisiveProposals() external view returns (uint256);
        function isReset(uint256 proposalId) external view returns (bool);
        function resetUntil() external view returns (uint48);
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
        function params() external view returns (StagesParams memory);
        function advance() external;
    }

    /// OpenZeppelin's AccessManager, which `GovernanceGenesis` creates.
    #[sol(abi)]
    #[derive(Debug)]
    interface AccessManager {
        function hasRole(uint64 roleId, address account) external view returns (bool isMember, uint32 executionDelay);
        function getTargetFunctionRole(address target, bytes4 selector) external view returns (uint64);
        function canCall(address caller, address target, bytes4 selector) external view returns (bool immediate, uint32 delay);
        function schedule(address target, bytes data, uint48 when) external returns (bytes32 operationId, uint32 nonce);
        function execute(address target, bytes data) external payable returns (uint32);
        function cancel(address caller, address target, bytes data) external returns (uint32);
        function hashOperation(address caller, address target, bytes data) external view returns (bytes32);
        function getSchedule(bytes32 id) external view returns (uint48);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface EcosystemFund {
        constructor(address token, address manager, uint64 periodSeconds, uint16 capBps);
        function spend(address to, uint256 amount, string purpose) external;
        function spendable() external view returns (uint256);
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
}
