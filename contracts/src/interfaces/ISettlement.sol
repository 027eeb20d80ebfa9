// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter, IDisputeSource} from "./IArbiter.sol";
import {ICredentials} from "./ICredentials.sol";
import {IInsurancePool} from "./IInsurancePool.sol";
import {IJobEscrow} from "./IJobEscrow.sol";
import {IMiningPool} from "./IMiningPool.sol";
import {INodeRegistry} from "./INodeRegistry.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {Leaf, Payout, Ruling} from "./Types.sol";

/// @notice From committed work to paid work: round commitments, beacons, challenges, settlement.
/// @dev The life of a round: `commitRound` (coordinator) -> `drawBeacon` (anyone, from the next block on) -> audits and
/// challenges until the challenge window closes -> `settleRound` (the coordinator, or, one more window later, anyone; once no
/// dispute is open).
///
/// Safety: a leaf that lost a dispute, and the second of two leaves with one task, are not paid. A node cannot be convicted
/// for a leaf that it did not sign, and not twice for the same one. Money for a committed round is set aside at the commitment.
///
/// Audits are work, paid like work: the coordinator states them when it settles, and they come out of what the job has
/// free then. That is what the time between the coordinator's turn and everybody's is for. If there are more verifiers than one
/// transaction can pay, `settleAudits` pays the rest, page by page.
///
/// A conviction compensates the job with part of the slashed stake and, if it is insured, from the insurance pool: never more than
/// was burned of the node's own stake, so that nobody gains by convicting himself.
///
/// Work of jobs that commit to lowered programs is exact: disputes about it go to the dispute game, anyone with stake may
/// challenge, and any number of disputes about a leaf run side by side, so that nobody can shield a leaf by challenging it and
/// losing. Other work is judged by a vote: one dispute at a time, by verifiers, and an acquittal is final.
/// Liveness: everything after the commitment can be done by anyone from what the chain has logged, and every window ends.
interface ISettlement is IDisputeSource {
    /// @notice The contracts of the network, each of which must name this one as its Settlement.
    /// @param pool Zero if the network mines nothing.
    struct Parts {
        INodeRegistry registry;
        IStakeVault vault;
        IJobEscrow escrow;
        IMiningPool pool;
        ICredentials credentials;
        IInsurancePool insurance;
        IArbiter arbiter;
        IArbiter game;
    }

    /// @param challengeSeconds Time for challenges, from the beacon, and then for the coordinator to settle.
    /// @param challengeBond Tokens of the challenger's stake held until the ruling, forfeited if the accused is innocent.
    /// @param slashBps Part of its whole stake that a convicted node loses.
    struct Params {
        uint64 challengeSeconds;
        uint128 challengeBond;
        uint16 slashBps;
    }

    /// @param payoutsHash keccak256(abi.encode(Payout[])) of what the round pays; zero once settled.
    /// @param beacon Zero until drawn.
    /// @param drawBlock The beacon comes from the hash of this block.
    /// @param challengeDeadline Unix time up to which challenges are taken (inclusive); zero until the beacon is drawn.
    /// @param units Sum of the payouts' units.
    /// @param baseFee Base fee per unit when the round was committed; its work and its audits pay it.
    /// @param auditedUpTo The last verifier of a full page of audits, which the next page goes on from; zero if no page can follow.
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

    /// @notice What became of a leaf. `Clean` unless someone objected.
    enum LeafState {
        Clean,
        Disputed,
        Cleared,
        Voided
    }

    /// @param bond Tokens of the challenger's stake that are held.
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

    /// @notice A leaf with the proof that it stands in a round.
    struct Entry {
        uint64 round;
        Leaf leaf;
        bytes32[] proof;
    }

    event RoundCommitted(
        bytes32 indexed job, uint64 indexed round, bytes32 root, uint32 leafCount, uint64 units, Payout[] payouts
    );
    /// @notice The block whose hash was to give the beacon is too old; the beacon now comes from `drawBlock`.
    event BeaconPostponed(bytes32 indexed job, uint64 indexed round, uint64 drawBlock);
    event BeaconDrawn(bytes32 indexed job, uint64 indexed round, bytes32 beacon, uint64 challengeDeadline);
    event Challenged(uint256 indexed dispute, bytes32 indexed job, uint64 indexed round, Leaf leaf, address challenger);
    /// @param bond All that is held of the challenger's stake now.
    event BondRaised(uint256 indexed dispute, uint256 bond);
    event DisputeResolved(
        uint256 indexed dispute,
        bytes32 indexed job,
        uint64 indexed round,
        bytes32 task,
        address accused,
        address challenger,
        Ruling ruling
    );
    /// @param task Task that was committed twice.
    event DuplicateVoided(
        bytes32 indexed job,
        uint64 indexed round,
        bytes32 task,
        address indexed node,
        uint64 units,
        uint64 originalRound
    );
    /// @param paidUnits Units paid and recorded.
    /// @param voidedUnits Units that went back to the job.
    event RoundSettled(bytes32 indexed job, uint64 indexed round, uint64 paidUnits, uint64 voidedUnits);
    /// @notice Verifiers were paid for leaves of the round that they did again.
    event AuditsSettled(bytes32 indexed job, uint64 indexed round, Payout[] audits);
    /// @param amount Paid by the insurance pool, on top of the job's part of the slash.
    event Compensated(uint256 indexed dispute, bytes32 indexed job, uint256 amount);

    error InvalidParams(string what);
    error Miswired(address part);
    error WrongRoundIndex(bytes32 job, uint64 given, uint64 expected);
    error UnknownRound(bytes32 job, uint64 round);
    error EmptyRound();
    error TooManyPayouts(uint256 count, uint256 most);
    error PayoutsNotAscending(address previous, address next);
    error ZeroUnits(address node);
    error ZeroTasks(address node);
    error TooManyTasks(uint256 tasks, uint32 leafCount);
    error UnknownNode(address node);
    error BeaconTooEarly(uint64 drawBlock);
    error BeaconAlreadyDrawn(bytes32 job, uint64 round);
    error BeaconNotDrawn(bytes32 job, uint64 round);
    error ChallengeWindowOver(uint64 deadline);
    error ChallengeWindowOpen(uint64 deadline);
    error CoordinatorFirst(uint256 until);
    error NotCoordinator(address caller, bytes32 job);
    error NotEligible(address node);
    error OwnLeaf(address node);
    error NotInRound(bytes32 leafHash, uint64 round);
    error AlreadyChallenging(bytes32 leafHash, address challenger);
    error LeafNotOpen(bytes32 leafHash, LeafState state);
    error WrongReceiptSigner(address recovered, address node);
    error NotArbiter(address caller);
    error DisputeNotOpen(uint256 dispute);
    error DisputesOpen(bytes32 job, uint64 round, uint256 count);
    error AlreadySettled(bytes32 job, uint64 round);
    error NotADuplicate(bytes32 original, bytes32 duplicate);
    error WrongPayouts(bytes32 given, bytes32 committed);
    error NoMoreAudits(bytes32 job, uint64 round);

    /// @notice Commits the job's next round. By the job's coordinator.
    /// @param round Index of the round: 0, 1, 2, ...
    /// @param root Merkle root of the round's leaves (OpenZeppelin: leaves hashed twice, pairs sorted).
    /// @param leafCount Number of leaves, at least 1.
    /// @param payouts Units and tasks per node, ascending by node, at least one of each, at most `MAX_PAYOUTS` nodes, all
    /// registered, together not more tasks than leaves. They are logged, so that anyone can settle the round without the
    /// coordinator.
    function commitRound(bytes32 job, uint64 round, bytes32 root, uint32 leafCount, Payout[] calldata payouts) external;

    /// @notice Fixes the round's beacon, keccak256(abi.encode(blockhash(drawBlock), root, job, round)), and starts the
    /// challenge window. By anyone, in a later block than the commitment. A block hash is on hand for 256 blocks; a call that
    /// comes later picks the current block instead, and the next call draws from that one.
    function drawBeacon(bytes32 job, uint64 round) external;

    /// @notice Says that `leaf` is wrong. By the operator key of a node, not the accused, within the window: for exact work of any
    /// node that has the bond at stake, one dispute at a time, else of an eligible verifier, if nobody disputes the leaf.
    /// @param receiptSignature The accused node's EIP-712 signature of
    /// `Receipt(bytes32 job,bytes32 task,bytes32[] outputs,address node,uint64 units)`: 65 bytes r, s, v.
    function challenge(
        bytes32 job,
        uint64 round,
        Leaf calldata leaf,
        bytes32[] calldata proof,
        bytes calldata receiptSignature
    ) external returns (uint256 dispute);

    /// @notice Voids the second of two leaves with one task. By anyone, until the round of `duplicate` is settled.
    /// `original` counts as the first if its round is earlier or settled or, in one round, if its leaf hash is smaller.
    /// It must be neither voided nor under dispute: a task may be redone after its first result was convicted.
    function proveDuplicate(bytes32 job, Entry calldata original, Entry calldata duplicate) external;

    /// @notice Pays the round and records the work. When no dispute is open: by the job's coordinator after the window, by
    /// anyone `challengeSeconds` later.
    /// @param payouts As committed (the event `RoundCommitted` has them).
    /// @param audits What verifiers did again, ascending by node, at most `MAX_AUDITS`; empty unless the coordinator calls. The
    /// call reverts if the job's free balance does not suffice for them.
    function settleRound(bytes32 job, uint64 round, Payout[] calldata payouts, Payout[] calldata audits) external;

    /// @notice Pays more verifiers of a settled round, if the page before was full. By the job's coordinator.
    /// @param audits As above, ascending from the last verifier that was paid, so that nobody is paid twice; 1 to `MAX_PAYOUTS`. A
    /// page that is not full is the last one.
    function settleAudits(bytes32 job, uint64 round, Payout[] calldata audits) external;

    function roundOf(bytes32 job, uint64 round) external view returns (Round memory);

    /// @notice Number of rounds committed, the index of the next one.
    function roundCount(bytes32 job) external view returns (uint64);

    function disputeOf(uint256 dispute) external view returns (Dispute memory);

    /// @notice Number of disputes ever opened; ids run from 1.
    function disputeCount() external view returns (uint256);

    function leafStateOf(bytes32 job, uint64 round, bytes32 leafHash) external view returns (LeafState);

    /// @notice Units of `node` in this round that lost a dispute or were duplicates. They are taken off its payout, down to
    /// nothing.
    function voidedUnits(bytes32 job, uint64 round, address node) external view returns (uint256);

    /// @notice What the node signs to state `leaf` for `job`.
    function receiptDigest(bytes32 job, Leaf calldata leaf) external view returns (bytes32);
}
