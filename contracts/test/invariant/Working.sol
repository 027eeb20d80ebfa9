// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {AUDIT, Leaf, Payout, VERIFIER} from "../../src/interfaces/Types.sol";
import {Rounds} from "../support/Rounds.sol";
import {Staking} from "./Staking.sol";

/// @dev A requester, a coordinator that commits tasks twice, verifiers that accuse and vote at random, and a coordinator that reports
/// every duplicate before it settles a round and pays for audits.
abstract contract Working is Staking {
    uint256 internal constant TASKS = 6;
    uint256 internal constant MAX_JOBS = 5;
    uint256 internal constant MAX_ROUNDS = 8;

    bytes32[] public jobs;
    mapping(bytes32 job => mapping(uint64 round => Leaf[])) internal _leaves;

    // What must be true, counted apart from the contracts.
    mapping(bytes32 job => mapping(bytes32 task => uint256)) public timesPaid;
    uint256 public voidedAndPaid;
    uint256 public settledRounds;

    // --- jobs

    function open(uint256 budget, uint8 kind, bool insured) external {
        if (jobs.length < MAX_JOBS) _open(bound(budget, 1e18, BUDGET), kind % AUDIT, insured);
    }

    function topUp(uint256 which, uint256 amount) external {
        bytes32 job = _job(which);
        if (escrow.jobOf(job).closed) return;
        amount = bound(amount, 1, 1e18);
        vm.startPrank(requester);
        token.approve(address(escrow), amount);
        escrow.topUp(job, amount);
        vm.stopPrank();
    }

    /// @dev Seldom, or there would be nothing to do.
    function close(uint256 which, uint256 seldom) external {
        if (seldom % 16 != 0) return;
        bytes32 job = _job(which);
        if (escrow.jobOf(job).closed) return;
        vm.prank(requester);
        escrow.close(job);
    }

    // --- rounds

    /// @dev Few different tasks, so that many leaves are duplicates, in one round and across rounds.
    function commitRound(uint256 which, uint256 seed) external {
        _commitRound(_job(which), seed);
    }

    function drawBeacon(uint256 seed, uint256 wait) external {
        (bool found, bytes32 job, uint64 round) = _find(seed, Stage.Committed, false);
        if (!found) return;
        vm.roll(block.number + (wait % 4 == 0 ? 300 : wait % 200));
        draw(job, round);
    }

    /// @dev A leaf of a job whose disputes are voted on.
    function accuse(uint256 seed, uint256 who) external {
        (bool found, bytes32 job, uint64 round) = _find(seed, Stage.Drawn, true);
        if (!found) {
            (found, job, round) = _find(seed, Stage.Committed, true);
            if (!found) return;
            draw(job, round);
            if (settlement.roundOf(job, round).beacon == 0) return;
        }
        Leaf[] memory leaves = _leaves[job][round];
        uint256 index = (seed >> 128) % leaves.length;
        address challenger = _node(who);
        if (challenger == leaves[index].node) return;
        if (!vault.isEligible(challenger, VERIFIER) || vault.accountOf(challenger).active < BOND) return;
        bytes32 hash = Work.leafHash(leaves[index]);
        if (settlement.leafStateOf(job, round, hash) != ISettlement.LeafState.Clean) return;
        if (!_someoneElse(leaves[index].node, challenger)) return;
        bondOf[challenge(challenger, job, round, leaves, index)] = BOND;
    }

    /// @dev The drawn verifiers vote: mostly the truth, sometimes for the accused, sometimes for a hash of their own, or not.
    function castVotes(uint256 which, uint256 honesty) external {
        uint256 dispute = _dispute(which);
        if (dispute == 0 || block.timestamp > arbiter.pollOf(dispute).deadline) return;
        Stakes memory before = beforeRuling(dispute);
        IVoteArbiter.Seat[] memory seats = arbiter.committeeOf(dispute);
        for (uint256 i; i < seats.length && arbiter.pollOf(dispute).open; ++i) {
            honesty = uint256(keccak256(abi.encode(honesty)));
            address node = seats[i].node;
            if (arbiter.voteOf(dispute, node) != 0 || honesty % 8 == 2) continue;
            bytes32 hash = keccak256("truth");
            if (honesty % 8 == 0) hash = arbiter.pollOf(dispute).accused;
            if (honesty % 16 == 1) hash = keccak256(abi.encode(node));
            vote(node, dispute, hash);
        }
        _noteRuling(dispute, before);
    }

    function expire(uint256 which) external {
        uint256 dispute = _dispute(which);
        if (dispute == 0) return;
        IVoteArbiter.Poll memory poll = arbiter.pollOf(dispute);
        if (poll.open && block.timestamp > poll.deadline) arbiter.expire(dispute);
    }

    function settleRound(uint256 seed, uint256 auditor) external watchesThePool {
        (bool found, bytes32 job, uint64 round) = _find(seed, Stage.Payable, false);
        if (!found) {
            (found, job, round) = _find(seed, Stage.Drawn, false);
            if (!found || settlement.roundOf(job, round).openDisputes > 0) return;
            _goTo(settlement.roundOf(job, round).challengeDeadline + 1);
        }
        if (found) _settle(job, round, auditor);
    }

    // --- inside

    /// @dev Lets time pass. Whoever plays a game may have to move before.
    function _goTo(uint256 time) internal virtual;

    function _open(uint256 budget, uint8 kind, bool insured) internal {
        IJobEscrow.Terms memory t = terms();
        (t.deadline, t.kind, t.insured) = (type(uint64).max, kind, insured);
        jobs.push(openJob(t, budget));
    }

    function _commitRound(bytes32 job, uint256 seed) internal {
        uint64 round = settlement.roundCount(job);
        if (escrow.jobOf(job).closed || round == MAX_ROUNDS) return;
        Leaf[] memory leaves = new Leaf[](1 + seed % 4);
        for (uint256 i; i < leaves.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            leaves[i] = _newLeaf(job, seed);
            for (uint256 j; j < i; ++j) {
                // The very same leaf twice cannot be told apart in a tree of sorted pairs.
                if (Work.leafHash(leaves[i]) == Work.leafHash(leaves[j])) return;
            }
        }
        if (uint256(Rounds.units(leaves)) * PRICE > escrow.freeBalance(job)) return;
        commit(job, leaves);
        for (uint256 i; i < leaves.length; ++i) {
            _leaves[job][round].push(leaves[i]);
        }
    }

    function _newLeaf(bytes32, uint256 seed) internal view virtual returns (Leaf memory leaf) {
        leaf = leafOf(seed % TASKS, _node(seed >> 8), uint64(1 + (seed >> 16) % 100));
        if ((seed >> 32) % 3 == 0) leaf.outputsHash = keccak256(abi.encode("wrong", seed));
    }

    /// @dev What votes or a game made of a dispute.
    function _noteRuling(uint256 dispute, Stakes memory before) internal {
        for (uint256 i; i < NODES; ++i) {
            ownFlow[nodes[i]].slashed += before.own[i] - ownStake(nodes[i]);
            delegatedFlow[nodes[i]].slashed += before.lent[i] - lentStake(nodes[i]);
        }
        checkRuling(dispute, before);
    }

    /// @dev One audit, by a node that may, if there is money for it.
    function _audits(bytes32 job, uint256 auditor) private view returns (Payout[] memory) {
        address node = _node(auditor);
        bool may = vault.isEligible(node, VERIFIER) && escrow.freeBalance(job) >= 3 * PRICE;
        return may ? only(node, 3) : new Payout[](0);
    }

    /// @dev First reports the duplicates, then settles. Counts what is paid for which task.
    function _settle(bytes32 job, uint64 round, uint256 auditor) internal {
        ISettlement.Round memory r = settlement.roundOf(job, round);
        if (r.beacon == 0 || r.settled || r.openDisputes > 0 || block.timestamp <= r.challengeDeadline) return;
        Leaf[] memory leaves = _leaves[job][round];
        for (uint256 i; i < leaves.length; ++i) {
            _reportIfDuplicate(job, round, leaves, i);
        }

        uint256[] memory verified = new uint256[](NODES);
        for (uint256 i; i < NODES; ++i) {
            verified[i] = registry.nodeOf(nodes[i]).verifiedUnits;
        }
        Before memory before = beforePayment();
        Payout[] memory audits = _audits(job, auditor);
        settle(job, round, leaves, audits);
        ++settledRounds;

        uint256[2][] memory units = new uint256[2][](NODES);
        for (uint256 n; n < NODES; ++n) {
            if (audits.length == 1 && audits[0].node == nodes[n]) units[n][1] = audits[0].units;
            for (uint256 i; i < leaves.length; ++i) {
                if (leaves[i].node != nodes[n] || _isVoided(job, round, leaves[i])) continue;
                units[n][0] += leaves[i].units;
                ++timesPaid[job][leaves[i].task];
            }
            uint256 due = units[n][0] + units[n][1];
            if (registry.nodeOf(nodes[n]).verifiedUnits - verified[n] != due) ++voidedAndPaid;
        }
        checkPayment(job, r.baseFee, units, before);
    }

    function _reportIfDuplicate(bytes32 job, uint64 round, Leaf[] memory leaves, uint256 index) private {
        for (uint64 other; other < settlement.roundCount(job); ++other) {
            Leaf[] memory others = _leaves[job][other];
            for (uint256 i; i < others.length; ++i) {
                if (others[i].task != leaves[index].task || _isVoided(job, round, leaves[index])) continue;
                bytes32 first = Work.leafHash(others[i]);
                ISettlement.LeafState state = settlement.leafStateOf(job, other, first);
                if (state == ISettlement.LeafState.Disputed || state == ISettlement.LeafState.Voided) continue;
                bool precedes = other == round
                    ? first < Work.leafHash(leaves[index])
                    : other < round || settlement.roundOf(job, other).settled;
                if (precedes) settlement.proveDuplicate(job, entry(other, others, i), entry(round, leaves, index));
            }
        }
    }

    function _isVoided(bytes32 job, uint64 round, Leaf memory leaf) private view returns (bool) {
        return settlement.leafStateOf(job, round, Work.leafHash(leaf)) == ISettlement.LeafState.Voided;
    }

    function _someoneElse(address accused, address challenger) private view returns (bool) {
        (address[] memory staked,) = vault.verifiers();
        for (uint256 i; i < staked.length; ++i) {
            if (staked[i] != accused && staked[i] != challenger) return true;
        }
        return false;
    }

    function _job(uint256 seed) internal view returns (bytes32) {
        return jobs[seed % jobs.length];
    }

    /// @dev Committed: without a beacon. Drawn: challenges are taken. Payable: no dispute is open any more.
    enum Stage {
        Committed,
        Drawn,
        Payable,
        Other
    }

    function _stageOf(bytes32 job, uint64 round) internal view returns (Stage) {
        ISettlement.Round memory r = settlement.roundOf(job, round);
        if (r.beacon == 0) return Stage.Committed;
        if (block.timestamp <= r.challengeDeadline) return Stage.Drawn;
        return r.settled || r.openDisputes > 0 ? Stage.Other : Stage.Payable;
    }

    /// @dev A round of that stage, if there is one; `voted`: of a job whose disputes are voted on.
    function _find(uint256 seed, Stage stage, bool voted) internal view returns (bool, bytes32 job, uint64 round) {
        for (uint256 i; i < jobs.length * MAX_ROUNDS; ++i) {
            uint256 place = (seed % 1e9 + i) % (jobs.length * MAX_ROUNDS);
            (job, round) = (jobs[place % jobs.length], uint64(place / jobs.length));
            if (voted && escrow.programsOf(job) != 0) continue;
            if (round < settlement.roundCount(job) && _stageOf(job, round) == stage) return (true, job, round);
        }
        return (false, 0, 0);
    }

    /// @dev An open one, zero if there is none.
    function _dispute(uint256 seed) internal view returns (uint256) {
        uint256 count = settlement.disputeCount();
        for (uint256 i; i < count; ++i) {
            uint256 dispute = 1 + (seed % 1e9 + i) % count;
            if (arbiter.pollOf(dispute).open) return dispute;
        }
        return 0;
    }
}
