// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "./Work.sol";
import {IArbiter, IDisputeSource} from "./interfaces/IArbiter.sol";
import {ICredentials} from "./interfaces/ICredentials.sol";
import {IInsurancePool} from "./interfaces/IInsurancePool.sol";
import {IJobEscrow} from "./interfaces/IJobEscrow.sol";
import {IMiningPool} from "./interfaces/IMiningPool.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {ISettled} from "./interfaces/ISettled.sol";
import {ISettlement} from "./interfaces/ISettlement.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {AUDIT, BPS, Leaf, Payout, Ruling, VERIFIER} from "./interfaces/Types.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Rounds: from committed to paid
/// @dev See `ISettlement`. Every contract called is part of the network and calls nothing but the token and its own kind;
/// state is still written before any call.
contract Settlement is ISettlement, EIP712 {
    using SafeCast for uint256;

    /// @notice Most nodes paid by one round, so that settling it always fits into one transaction (2^24 gas).
    uint256 public constant MAX_PAYOUTS = 40;
    /// @notice Most verifiers paid in the same transaction. `settleAudits` pays as many more as `MAX_PAYOUTS` at once.
    uint256 public constant MAX_AUDITS = 8;

    INodeRegistry public immutable registry;
    IStakeVault public immutable vault;
    IJobEscrow public immutable escrow;
    /// @notice Zero if the network mines nothing.
    IMiningPool public immutable pool;
    ICredentials public immutable credentials;
    IInsurancePool public immutable insurance;
    IArbiter public immutable arbiter;
    IArbiter public immutable game;
    uint64 public immutable challengeSeconds;
    uint128 public immutable challengeBond;
    uint16 public immutable slashBps;

    /// @inheritdoc ISettlement
    uint256 public disputeCount;

    mapping(bytes32 job => Round[]) private _rounds;

    /// @dev What became of a leaf.
    struct LeafRecord {
        LeafState state;
        bool convicted;
        uint32 disputes;
        mapping(address challenger => bool) challenging;
    }

    mapping(bytes32 job => mapping(uint64 round => mapping(bytes32 leafHash => LeafRecord))) private _leaves;

    /// @dev What a node is not paid for. Leaves are signed by their node, so a stranger cannot make the sum overflow.
    struct Voided {
        uint128 units;
        uint32 tasks;
    }

    mapping(bytes32 job => mapping(uint64 round => mapping(address node => Voided))) private _voided;
    mapping(uint256 dispute => Dispute) private _disputes;

    constructor(Parts memory parts, Params memory params) EIP712("corex", "1") {
        require(params.challengeSeconds > 0, InvalidParams("challengeSeconds must be positive"));
        require(params.challengeBond > 0, InvalidParams("challengeBond must be positive"));
        require(params.slashBps > 0 && params.slashBps <= BPS, InvalidParams("slashBps must be 1 to 10000"));
        _checkWiring(parts.registry);
        _checkWiring(parts.vault);
        _checkWiring(parts.escrow);
        if (address(parts.pool) != address(0)) _checkWiring(parts.pool);
        _checkWiring(parts.credentials);
        _checkWiring(parts.insurance);
        _checkWiring(parts.arbiter);
        _checkWiring(parts.game);
        uint256 ruling = Math.max(parts.arbiter.maxSeconds(), parts.game.maxSeconds());
        require(
            parts.vault.unbondingSeconds() > params.challengeSeconds + ruling,
            InvalidParams("stake must unbond slower than a challenge is ruled on")
        );
        registry = parts.registry;
        vault = parts.vault;
        escrow = parts.escrow;
        pool = parts.pool;
        credentials = parts.credentials;
        insurance = parts.insurance;
        arbiter = parts.arbiter;
        game = parts.game;
        challengeSeconds = params.challengeSeconds;
        challengeBond = params.challengeBond;
        slashBps = params.slashBps;
    }

    /// @inheritdoc ISettlement
    function commitRound(bytes32 job, uint64 round, bytes32 root, uint32 leafCount, Payout[] calldata payouts)
        external
    {
        Round[] storage rounds = _rounds[job];
        require(round == rounds.length, WrongRoundIndex(job, round, rounds.length.toUint64()));
        require(leafCount > 0, EmptyRound());
        uint64 units = _checkCommitted(payouts, leafCount);

        Round storage r = rounds.push();
        r.root = root;
        r.payoutsHash = Work.payoutsHash(payouts);
        r.drawBlock = block.number.toUint64();
        r.units = units;
        r.leafCount = leafCount;
        emit RoundCommitted(job, round, root, leafCount, units, payouts);
        r.baseFee = escrow.reserve(job, msg.sender, units);
    }

    /// @inheritdoc ISettlement
    function drawBeacon(bytes32 job, uint64 round) external {
        Round storage r = _round(job, round);
        require(r.beacon == 0, BeaconAlreadyDrawn(job, round));
        require(block.number > r.drawBlock, BeaconTooEarly(r.drawBlock));
        bytes32 drawBlockHash = blockhash(r.drawBlock);
        if (drawBlockHash == 0) {
            r.drawBlock = block.number.toUint64();
            emit BeaconPostponed(job, round, r.drawBlock);
            return;
        }
        r.beacon = Work.beacon(drawBlockHash, r.root, job, round);
        r.challengeDeadline = block.timestamp.toUint64() + challengeSeconds;
        emit BeaconDrawn(job, round, r.beacon, r.challengeDeadline);
    }

    /// @inheritdoc ISettlement
    function challenge(
        bytes32 job,
        uint64 round,
        Leaf calldata leaf,
        bytes32[] calldata proof,
        bytes calldata receiptSignature
    ) external returns (uint256 dispute) {
        bytes32 leafHash = _provenLeaf(job, round, leaf, proof);
        _checkChallenge(job, round, leaf, leafHash);
        address signer = ECDSA.recover(receiptDigest(job, leaf), receiptSignature);
        require(signer == leaf.node, WrongReceiptSigner(signer, leaf.node));
        return _openDispute(job, round, leaf, leafHash);
    }

    /// @inheritdoc IDisputeSource
    function rule(uint256 dispute, Ruling ruling) external {
        Dispute memory d = _openDisputeOf(dispute);
        LeafRecord storage leaf = _leaves[d.job][d.round][d.leafHash];
        if (leaf.convicted) ruling = Ruling.Dismissed;
        _disputes[dispute].open = false;
        _disputes[dispute].ruling = ruling;
        --_rounds[d.job][d.round].openDisputes;
        --leaf.disputes;
        leaf.challenging[d.challenger] = false;
        emit DisputeResolved(dispute, d.job, d.round, d.task, d.accused, d.challenger, ruling);

        if (ruling == Ruling.Guilty) {
            leaf.convicted = true;
            _void(d.job, d.round, d.leafHash, d.accused, d.units);
            registry.recordFault(d.accused);
            vault.releaseBond(d.challenger, d.bond);
            _convict(dispute, d);
            return;
        }
        if (leaf.state != LeafState.Voided && leaf.disputes == 0) {
            leaf.state = ruling == Ruling.Innocent ? LeafState.Cleared : LeafState.Clean;
        }
        if (ruling == Ruling.Innocent) {
            escrow.credit(d.job, vault.forfeitBond(d.challenger, d.bond, d.accused, address(escrow)));
        } else {
            vault.releaseBond(d.challenger, d.bond);
        }
    }

    /// @inheritdoc IDisputeSource
    function raiseBond(uint256 dispute, uint128 amount) external {
        Dispute memory d = _openDisputeOf(dispute);
        _disputes[dispute].bond = d.bond + amount;
        emit BondRaised(dispute, d.bond + amount);
        vault.bond(d.challenger, amount);
    }

    /// @inheritdoc ISettlement
    function proveDuplicate(bytes32 job, Entry calldata original, Entry calldata duplicate) external {
        Round storage first = _round(job, original.round);
        Round storage second = _round(job, duplicate.round);
        require(!second.settled, AlreadySettled(job, duplicate.round));
        bytes32 firstHash = _provenLeaf(job, original.round, original.leaf, original.proof);
        bytes32 secondHash = _provenLeaf(job, duplicate.round, duplicate.leaf, duplicate.proof);

        bool precedes = original.round == duplicate.round
            ? firstHash < secondHash
            : original.round < duplicate.round || first.settled;
        require(precedes && original.leaf.task == duplicate.leaf.task, NotADuplicate(firstHash, secondHash));
        LeafState state = _leaves[job][original.round][firstHash].state;
        require(state == LeafState.Clean || state == LeafState.Cleared, LeafNotOpen(firstHash, state));
        state = _leaves[job][duplicate.round][secondHash].state;
        require(state != LeafState.Voided, LeafNotOpen(secondHash, state));

        _void(job, duplicate.round, secondHash, duplicate.leaf.node, duplicate.leaf.units);
        emit DuplicateVoided(
            job, duplicate.round, duplicate.leaf.task, duplicate.leaf.node, duplicate.leaf.units, original.round
        );
    }

    /// @inheritdoc ISettlement
    function settleRound(bytes32 job, uint64 round, Payout[] calldata payouts, Payout[] calldata audits) external {
        Round storage r = _drawnRound(job, round);
        require(!r.settled, AlreadySettled(job, round));
        require(block.timestamp > r.challengeDeadline, ChallengeWindowOpen(r.challengeDeadline));
        require(r.openDisputes == 0, DisputesOpen(job, round, r.openDisputes));
        if (msg.sender != escrow.coordinatorOf(job)) {
            require(audits.length == 0, NotCoordinator(msg.sender, job));
            uint256 until = uint256(r.challengeDeadline) + challengeSeconds;
            require(block.timestamp > until, CoordinatorFirst(until));
        }
        bytes32 given = Work.payoutsHash(payouts);
        require(given == r.payoutsHash, WrongPayouts(given, r.payoutsHash));

        r.settled = true;
        r.payoutsHash = 0;
        (Payout[] memory work, uint64 paidUnits) = _withoutVoided(job, round, payouts);
        emit RoundSettled(job, round, paidUnits, r.units - paidUnits);
        (uint8 kind, uint256 fees) = escrow.pay(job, r.baseFee, work, r.units);
        _record(job, kind, work, fees);
        if (audits.length == 0) return;

        _checkAudits(audits, MAX_AUDITS);
        if (audits.length == MAX_AUDITS) r.auditedUpTo = audits[MAX_AUDITS - 1].node;
        _payAudits(job, round, r.baseFee, audits);
    }

    /// @inheritdoc ISettlement
    function settleAudits(bytes32 job, uint64 round, Payout[] calldata audits) external {
        Round storage r = _round(job, round);
        require(r.auditedUpTo != address(0) && audits.length > 0, NoMoreAudits(job, round));
        require(msg.sender == escrow.coordinatorOf(job), NotCoordinator(msg.sender, job));
        require(audits[0].node > r.auditedUpTo, PayoutsNotAscending(r.auditedUpTo, audits[0].node));
        _checkAudits(audits, MAX_PAYOUTS);
        r.auditedUpTo = audits.length == MAX_PAYOUTS ? audits[MAX_PAYOUTS - 1].node : address(0);
        _payAudits(job, round, r.baseFee, audits);
    }

    /// @inheritdoc ISettlement
    function roundOf(bytes32 job, uint64 round) external view returns (Round memory) {
        return _round(job, round);
    }

    /// @inheritdoc ISettlement
    function roundCount(bytes32 job) external view returns (uint64) {
        return _rounds[job].length.toUint64();
    }

    /// @inheritdoc ISettlement
    function disputeOf(uint256 dispute) external view returns (Dispute memory) {
        return _disputes[dispute];
    }

    /// @inheritdoc IDisputeSource
    function isConvicted(uint256 dispute) external view returns (bool) {
        Dispute storage d = _disputes[dispute];
        return _leaves[d.job][d.round][d.leafHash].convicted;
    }

    /// @inheritdoc ISettlement
    function leafStateOf(bytes32 job, uint64 round, bytes32 leafHash) external view returns (LeafState) {
        return _leaves[job][round][leafHash].state;
    }

    /// @inheritdoc ISettlement
    function voidedUnits(bytes32 job, uint64 round, address node) external view returns (uint256) {
        return _voided[job][round][node].units;
    }

    /// @inheritdoc ISettlement
    function receiptDigest(bytes32 job, Leaf calldata leaf) public view returns (bytes32) {
        return _hashTypedDataV4(Work.receiptHash(job, leaf));
    }

    function _checkWiring(ISettled part) private view {
        require(part.settlement() == address(this), Miswired(address(part)));
    }

    /// @dev Checks what `settleRound` relies on: ascending (so one entry per node), registered (so that there is an owner
    /// to pay), few enough.
    function _checkCommitted(Payout[] calldata payouts, uint32 leafCount) private view returns (uint64 units) {
        require(payouts.length > 0, EmptyRound());
        _checkPayouts(payouts, MAX_PAYOUTS);
        uint256 tasks;
        for (uint256 i; i < payouts.length; ++i) {
            require(registry.ownerOf(payouts[i].node) != address(0), UnknownNode(payouts[i].node));
            units += payouts[i].units;
            tasks += payouts[i].tasks;
        }
        require(tasks <= leafCount, TooManyTasks(tasks, leafCount));
    }

    function _checkAudits(Payout[] calldata audits, uint256 most) private view {
        _checkPayouts(audits, most);
        for (uint256 i; i < audits.length; ++i) {
            require(vault.isEligible(audits[i].node, VERIFIER), NotEligible(audits[i].node));
        }
    }

    function _checkPayouts(Payout[] calldata payouts, uint256 most) private pure {
        require(payouts.length <= most, TooManyPayouts(payouts.length, most));
        address previous;
        for (uint256 i; i < payouts.length; ++i) {
            Payout calldata payout = payouts[i];
            require(payout.node > previous, PayoutsNotAscending(previous, payout.node));
            require(payout.units > 0, ZeroUnits(payout.node));
            require(payout.tasks > 0, ZeroTasks(payout.node));
            previous = payout.node;
        }
    }

    /// @dev Payouts less what is voided, without nodes that are left with nothing. Voided units beyond what the coordinator
    /// put down for the node have no effect.
    function _withoutVoided(bytes32 job, uint64 round, Payout[] calldata payouts)
        private
        view
        returns (Payout[] memory work, uint64 total)
    {
        work = new Payout[](payouts.length);
        uint256 count;
        for (uint256 i; i < payouts.length; ++i) {
            Payout memory payout = payouts[i];
            Voided memory voided = _voided[job][round][payout.node];
            if (voided.units >= payout.units) continue;
            payout.units -= uint64(voided.units);
            payout.tasks = payout.tasks > voided.tasks ? payout.tasks - voided.tasks : 0;
            work[count] = payout;
            total += payout.units;
            ++count;
        }
        assembly ("memory-safe") {
            mstore(work, count)
        }
    }

    function _payAudits(bytes32 job, uint64 round, uint128 baseFee, Payout[] calldata audits) private {
        emit AuditsSettled(job, round, audits);
        uint256 fees = escrow.payAudits(job, baseFee, audits);
        _record(job, AUDIT, audits, fees);
    }

    /// @dev Writes work that was paid down wherever it counts.
    function _record(bytes32 job, uint8 kind, Payout[] memory work, uint256 fees) private {
        registry.recordWork(work);
        credentials.record(job, kind, work);
        if (address(pool) != address(0)) pool.record(kind, work, fees);
    }

    /// @dev Slashes the accused, and compensates the job.
    function _convict(uint256 dispute, Dispute memory d) private {
        (uint256 toJob, uint256 burned) = vault.slash(d.accused, slashBps, d.challenger, address(escrow));
        escrow.credit(d.job, toJob);
        if (!escrow.insured(d.job)) return;
        uint256 paid = insurance.compensate(d.job, Math.min(uint256(d.units) * escrow.priceOf(d.job), burned));
        emit Compensated(dispute, d.job, paid);
        escrow.credit(d.job, paid);
    }

    function _checkChallenge(bytes32 job, uint64 round, Leaf calldata leaf, bytes32 leafHash) private view {
        uint64 deadline = _drawnRound(job, round).challengeDeadline;
        require(block.timestamp <= deadline, ChallengeWindowOver(deadline));
        require(msg.sender != leaf.node, OwnLeaf(msg.sender));
        require(registry.ownerOf(leaf.node) != address(0), UnknownNode(leaf.node));
        LeafRecord storage record = _leaves[job][round][leafHash];
        if (escrow.programsOf(job) == 0) {
            require(vault.isEligible(msg.sender, VERIFIER), NotEligible(msg.sender));
            require(record.state == LeafState.Clean, LeafNotOpen(leafHash, record.state));
        } else {
            require(record.state != LeafState.Voided, LeafNotOpen(leafHash, record.state));
            require(!record.challenging[msg.sender], AlreadyChallenging(leafHash, msg.sender));
        }
    }

    function _openDispute(bytes32 job, uint64 round, Leaf calldata leaf, bytes32 leafHash)
        private
        returns (uint256 dispute)
    {
        Round storage r = _rounds[job][round];
        LeafRecord storage record = _leaves[job][round][leafHash];
        dispute = ++disputeCount;
        record.state = LeafState.Disputed;
        record.challenging[msg.sender] = true;
        ++record.disputes;
        ++r.openDisputes;
        _disputes[dispute] = Dispute({
            job: job,
            leafHash: leafHash,
            task: leaf.task,
            accused: leaf.node,
            round: round,
            challenger: msg.sender,
            units: leaf.units,
            open: true,
            ruling: Ruling.Dismissed,
            bond: challengeBond
        });
        emit Challenged(dispute, job, round, leaf, msg.sender);
        vault.bond(msg.sender, challengeBond);
        IArbiter.Case memory details = IArbiter.Case({
            job: job,
            round: round,
            challenger: msg.sender,
            beacon: r.beacon,
            programs: escrow.programsOf(job),
            leaf: leaf
        });
        _arbiterOf(job).open(dispute, details);
    }

    /// @dev An open dispute, for its arbiter.
    function _openDisputeOf(uint256 dispute) private view returns (Dispute memory d) {
        d = _disputes[dispute];
        require(msg.sender == address(_arbiterOf(d.job)), NotArbiter(msg.sender));
        require(d.open, DisputeNotOpen(dispute));
    }

    function _arbiterOf(bytes32 job) private view returns (IArbiter) {
        return escrow.programsOf(job) == 0 ? arbiter : game;
    }

    function _void(bytes32 job, uint64 round, bytes32 leafHash, address node, uint64 units) private {
        // A leaf under dispute can have been voided as a duplicate in the meantime: its units count once.
        if (_leaves[job][round][leafHash].state == LeafState.Voided) return;
        _leaves[job][round][leafHash].state = LeafState.Voided;
        Voided storage voided = _voided[job][round][node];
        voided.units += units;
        ++voided.tasks;
    }

    function _provenLeaf(bytes32 job, uint64 round, Leaf calldata leaf, bytes32[] calldata proof)
        private
        view
        returns (bytes32 leafHash)
    {
        leafHash = Work.leafHash(leaf);
        require(MerkleProof.verifyCalldata(proof, _round(job, round).root, leafHash), NotInRound(leafHash, round));
    }

    function _drawnRound(bytes32 job, uint64 round) private view returns (Round storage r) {
        r = _round(job, round);
        require(r.beacon != 0, BeaconNotDrawn(job, round));
    }

    function _round(bytes32 job, uint64 round) private view returns (Round storage) {
        require(round < _rounds[job].length, UnknownRound(job, round));
        return _rounds[job][round];
    }
}
