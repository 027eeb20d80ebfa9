// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {Leaf, PROVIDER, VERIFIER} from "../../src/interfaces/Types.sol";
import {Network} from "../support/Network.sol";
import {Rounds} from "../support/Rounds.sol";

/// @dev Everybody on the network at once: a requester, a coordinator that commits tasks twice, nodes that stake and leave,
/// verifiers that accuse and vote at random, and a watcher that reports every duplicate before a round is paid. Each
/// action does something valid or nothing, so that any revert is a finding.
contract Handler is Network {
    uint256 internal constant NODES = 8;
    uint256 internal constant TASKS = 6;
    uint256 internal constant MAX_JOBS = 3;
    uint256 internal constant MAX_ROUNDS = 6;

    address[] public nodes;
    bytes32[] public jobs;
    mapping(bytes32 job => mapping(uint64 round => Leaf[])) internal _leaves;

    // What must be true, counted apart from the contracts.
    mapping(bytes32 job => mapping(bytes32 task => uint256)) public timesPaid;
    uint256 public voidedAndPaid;
    uint256 public mined;
    uint256 public settledRounds;

    function setUp() public override {}

    constructor() {
        super.setUp();
        for (uint256 i; i < NODES; ++i) {
            string memory name = string.concat("node ", vm.toString(i));
            nodes.push(registered(name, PROVIDER | VERIFIER));
            stakeFor(nodes[i], (i + 1) * VERIFIER_STAKE / 2);
        }
    }

    function owner(address node) public view returns (address) {
        return registry.ownerOf(node);
    }

    // --- stake

    function stake(uint256 who, uint256 amount) external {
        stakeFor(_node(who), bound(amount, 1, 2 * VERIFIER_STAKE));
    }

    function requestUnbond(uint256 who, uint256 amount) external {
        address node = _node(who);
        uint256 active = vault.accountOf(node).active;
        if (active == 0) return;
        address owner_ = owner(node);
        vm.prank(owner_);
        vault.requestUnbond(node, bound(amount, 1, active));
    }

    function withdraw(uint256 who) external {
        address node = _node(who);
        IStakeVault.Account memory a = vault.accountOf(node);
        if (a.unbonding == 0 || block.timestamp < a.releaseAt) return;
        vault.withdraw(node);
    }

    function changeRole(uint256 who, bool verifies, bool sync) external {
        address node = _node(who);
        vm.prank(node);
        registry.update(node, profile(verifies ? PROVIDER | VERIFIER : PROVIDER));
        if (sync) vault.syncVerifier(node);
    }

    // --- jobs

    function open(uint256 budget) external {
        if (jobs.length == MAX_JOBS) return;
        IJobEscrow.Terms memory t = terms();
        t.deadline = type(uint64).max;
        jobs.push(openJob(t, bound(budget, 1e18, BUDGET)));
    }

    function topUp(uint256 which, uint256 amount) external {
        if (jobs.length == 0) return;
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
        if (jobs.length == 0 || seldom % 16 != 0) return;
        bytes32 job = _job(which);
        if (escrow.jobOf(job).closed) return;
        vm.prank(requester);
        escrow.close(job);
    }

    function refund(uint256 which) external {
        if (jobs.length == 0) return;
        bytes32 job = _job(which);
        if (escrow.jobOf(job).closed) escrow.refund(job);
    }

    // --- rounds

    /// @dev Few different tasks, so that many leaves are duplicates, in one round and across rounds.
    function commitRound(uint256 which, uint256 seed) external {
        if (jobs.length == 0) return;
        bytes32 job = _job(which);
        uint64 round = settlement.roundCount(job);
        if (escrow.jobOf(job).closed || round == MAX_ROUNDS) return;
        Leaf[] memory leaves = new Leaf[](1 + seed % 4);
        for (uint256 i; i < leaves.length; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            leaves[i] = leafOf(seed % TASKS, _node(seed >> 8), uint64(1 + (seed >> 16) % 100));
            if ((seed >> 32) % 3 == 0) leaves[i].outputsHash = keccak256(abi.encode("wrong", seed));
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

    function drawBeacon(uint256 which, uint256 seed, uint256 wait) external {
        (bool found, bytes32 job, uint64 round) = _round(which, seed);
        if (!found || settlement.roundOf(job, round).beacon != 0) return;
        vm.roll(block.number + bound(wait, 0, 300));
        draw(job, round);
    }

    function accuse(uint256 which, uint256 seed, uint256 who) external {
        (bool found, bytes32 job, uint64 round) = _round(which, seed);
        if (!found) return;
        ISettlement.Round memory r = settlement.roundOf(job, round);
        Leaf[] memory leaves = _leaves[job][round];
        uint256 index = (seed >> 128) % leaves.length;
        address challenger = _node(who);
        if (r.beacon == 0 || block.timestamp > r.challengeDeadline || challenger == leaves[index].node) return;
        if (!vault.isEligible(challenger, VERIFIER) || vault.accountOf(challenger).active < BOND) return;
        bytes32 hash = Work.leafHash(leaves[index]);
        if (settlement.leafStateOf(job, round, hash) != ISettlement.LeafState.Clean) return;
        if (!_someoneElse(leaves[index].node, challenger)) return;
        challenge(challenger, job, round, leaves, index);
    }

    /// @dev A drawn verifier votes: mostly the truth, sometimes for the accused, sometimes for a hash of its own.
    function castVote(uint256 which, uint256 who, uint256 honesty) external {
        uint256 dispute = _dispute(which);
        if (dispute == 0) return;
        IVoteArbiter.Poll memory poll = arbiter.pollOf(dispute);
        IVoteArbiter.Seat[] memory seats = arbiter.committeeOf(dispute);
        address node = seats[who % seats.length].node;
        if (!poll.open || block.timestamp > poll.deadline || arbiter.voteOf(dispute, node) != 0) return;
        bytes32 hash = keccak256("truth");
        if (honesty % 3 == 0) hash = poll.accused;
        if (honesty % 16 == 1) hash = keccak256(abi.encode(node));
        vote(node, dispute, hash);
    }

    function expire(uint256 which) external {
        uint256 dispute = _dispute(which);
        if (dispute == 0) return;
        IVoteArbiter.Poll memory poll = arbiter.pollOf(dispute);
        if (poll.open && block.timestamp > poll.deadline) arbiter.expire(dispute);
    }

    function settleRound(uint256 which, uint256 seed) external {
        (bool found, bytes32 job, uint64 round) = _round(which, seed);
        if (found) _settle(job, round);
    }

    function claim(uint256 who, uint64 epoch) external {
        uint64 running = pool.currentEpoch();
        if (running == 0) return;
        _claim(_node(who), uint64(bound(epoch, 0, running - 1)));
    }

    function pass(uint256 seconds_) external {
        vm.warp(block.timestamp + bound(seconds_, 1, CHALLENGE_SECONDS));
        vm.roll(block.number + 1);
    }

    // --- the end of the network

    /// @dev Everybody leaves, by calls that anyone or each one alone can make. Nothing may be left behind.
    function windUp() external {
        for (uint256 d = 1; d <= settlement.disputeCount(); ++d) {
            IVoteArbiter.Poll memory poll = arbiter.pollOf(d);
            if (!poll.open) continue;
            if (block.timestamp <= poll.deadline) vm.warp(poll.deadline + 1);
            arbiter.expire(d);
        }
        for (uint256 j; j < jobs.length; ++j) {
            uint64 rounds = settlement.roundCount(jobs[j]);
            for (uint64 r; r < rounds; ++r) {
                vm.roll(block.number + 257);
                if (settlement.roundOf(jobs[j], r).beacon == 0) settlement.drawBeacon(jobs[j], r);
                if (settlement.roundOf(jobs[j], r).beacon == 0) draw(jobs[j], r);
            }
        }
        passWindow();
        for (uint256 j; j < jobs.length; ++j) {
            bytes32 job = jobs[j];
            for (uint64 r; r < settlement.roundCount(job); ++r) {
                _settle(job, r);
            }
            if (escrow.jobOf(job).closed) {
                escrow.refund(job);
            } else {
                vm.prank(requester);
                escrow.close(job);
            }
        }
        for (uint256 i; i < nodes.length; ++i) {
            uint256 active = vault.accountOf(nodes[i]).active;
            if (active == 0) continue;
            address owner_ = owner(nodes[i]);
            vm.prank(owner_);
            vault.requestUnbond(nodes[i], active);
        }
        vm.warp(block.timestamp + UNBONDING);
        for (uint256 i; i < nodes.length; ++i) {
            if (vault.accountOf(nodes[i]).unbonding > 0) vault.withdraw(nodes[i]);
            for (uint64 e; e < pool.currentEpoch(); ++e) {
                _claim(nodes[i], e);
            }
        }
    }

    // --- inside

    /// @dev As an honest watcher would: first reports the duplicates, then settles. Counts what is paid for which task.
    function _settle(bytes32 job, uint64 round) private {
        ISettlement.Round memory r = settlement.roundOf(job, round);
        if (r.beacon == 0 || r.settled || r.openDisputes > 0 || block.timestamp <= r.challengeDeadline) return;
        Leaf[] memory leaves = _leaves[job][round];
        for (uint256 i; i < leaves.length; ++i) {
            _reportIfDuplicate(job, round, leaves, i);
        }

        uint256[] memory before = new uint256[](NODES);
        for (uint256 i; i < NODES; ++i) {
            before[i] = registry.nodeOf(nodes[i]).verifiedUnits;
        }
        settle(job, round, leaves);
        ++settledRounds;

        for (uint256 n; n < NODES; ++n) {
            uint256 due;
            for (uint256 i; i < leaves.length; ++i) {
                if (leaves[i].node != nodes[n] || _isVoided(job, round, leaves[i])) continue;
                due += leaves[i].units;
                ++timesPaid[job][leaves[i].task];
            }
            if (registry.nodeOf(nodes[n]).verifiedUnits - before[n] != due) ++voidedAndPaid;
        }
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

    function _claim(address node, uint64 epoch) private {
        uint64[] memory epochs = new uint64[](1);
        epochs[0] = epoch;
        if (pool.claimable(node, epochs) > 0) mined += pool.claim(node, epochs);
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

    function _node(uint256 seed) private view returns (address) {
        return nodes[seed % NODES];
    }

    function _job(uint256 seed) private view returns (bytes32) {
        return jobs[seed % jobs.length];
    }

    function _round(uint256 which, uint256 seed) private view returns (bool found, bytes32 job, uint64 round) {
        if (jobs.length == 0) return (false, 0, 0);
        job = _job(which);
        uint64 count = settlement.roundCount(job);
        if (count == 0) return (false, 0, 0);
        return (true, job, uint64(seed % count));
    }

    /// @dev Zero if there was never one.
    function _dispute(uint256 seed) private view returns (uint256) {
        uint256 count = settlement.disputeCount();
        return count == 0 ? 0 : 1 + seed % count;
    }

    // --- for the invariants

    function parts()
        external
        view
        returns (address token_, address vault_, address escrow_, address pool_, address arbiter_, address settlement_)
    {
        return (address(token), address(vault), address(escrow), address(pool), address(arbiter), address(settlement));
    }

    function people() external view returns (address[] memory all) {
        all = new address[](NODES + 2);
        for (uint256 i; i < NODES; ++i) {
            all[i] = owner(nodes[i]);
        }
        (all[NODES], all[NODES + 1]) = (treasury, requester);
    }

    function counts() external view returns (uint256 nodes_, uint256 jobs_, uint256 tasks_) {
        return (NODES, jobs.length, TASKS);
    }
}
