// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {SCOPE_REWARDS} from "../../src/interfaces/IGuard.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMiningPool} from "../../src/interfaces/IMiningPool.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {IVotingPower} from "../../src/interfaces/IVotingPower.sol";
import {AUDIT, ENGINES, Leaf, PROVIDER, Payout, VERIFIER} from "../../src/interfaces/Types.sol";
import {GuardDouble} from "../support/Doubles.sol";
import {Rounds} from "../support/Rounds.sol";
import {Ledger} from "./Ledger.sol";

/// @dev Everybody on the network at once: a requester, a coordinator that commits tasks twice, nodes that stake and leave,
/// delegators that come and go, verifiers that accuse and vote at random, a coordinator that reports every duplicate before it
/// settles a round and pays for audits, and time that passes in seconds or in eras. Each action does something valid or
/// nothing, so that any revert is a finding.
abstract contract Handler is Ledger {
    uint256 internal constant TASKS = 6;
    uint256 internal constant MAX_JOBS = 3;
    uint256 internal constant MAX_ROUNDS = 8;
    uint256 internal constant DELEGATORS = 3;
    /// @dev A part smaller than this would make a share worth a lot of tokens, and the virtual share with it.
    uint256 internal constant LEAST_DELEGATION = 1e15;

    address[] public delegators;
    bytes32[] public jobs;
    mapping(bytes32 job => mapping(uint64 round => Leaf[])) internal _leaves;

    // What must be true, counted apart from the contracts.
    mapping(bytes32 job => mapping(bytes32 task => uint256)) public timesPaid;
    uint256 public voidedAndPaid;
    uint256 public settledRounds;
    uint256 public poolShrank;
    uint256 public gainedByJoining;
    uint256 public keptByLeaving;
    GuardDouble internal guardDouble;
    VotingPower public power;

    /// @dev What went into and out of a node's stake.
    struct Flow {
        uint256 put;
        uint256 rewarded;
        uint256 taken;
        uint256 slashed;
    }

    mapping(address node => Flow) public ownFlow;
    mapping(address node => Flow) public delegatedFlow;

    /// @dev What is earned never becomes less, and the pool never becomes more.
    modifier watchesThePool() {
        (uint256 accrued, uint256 balance) = (pool.accrued(), token.balanceOf(address(pool)));
        _;
        if (pool.accrued() < accrued || token.balanceOf(address(pool)) > balance) ++poolShrank;
        if (pool.accrued() < pool.paid() || pool.accrued() > pool.pooled()) ++poolShrank;
    }

    function setUp() public override {}

    constructor() {
        guardDouble = new GuardDouble();
        super.setUp();
        for (uint256 i; i < NODES; ++i) {
            string memory name = string.concat("node ", vm.toString(i));
            nodes.push(registered(name, PROVIDER | VERIFIER));
            owners.push(owner(nodes[i]));
            _stake(nodes[i], (i + 1) * VERIFIER_STAKE / 2);
            address owner_ = owner(nodes[i]);
            vm.startPrank(owner_);
            delegation.setAccepting(nodes[i], true);
            delegation.setCommission(nodes[i], uint16(i * 300));
            vm.stopPrank();
        }
        for (uint256 i; i < DELEGATORS; ++i) {
            delegators.push(makeAddr(string.concat("delegator ", vm.toString(i))));
            fund(delegators[i], 1_000_000e18);
            // Twice what the node has of its own, so that a conviction reaches delegators.
            _delegate(nodes[2 * i], delegators[i], (2 * i + 1) * VERIFIER_STAKE);
        }
        fund(address(insurance), 1e18);
        power = _power();
        _open(BUDGET, 0, true);
        _open(BUDGET, 2, false);
    }

    function guard() internal view override returns (address) {
        return address(guardDouble);
    }

    function owner(address node) public view returns (address) {
        return registry.ownerOf(node);
    }

    // --- stake

    function stake(uint256 who, uint256 amount) external {
        _stake(_node(who), bound(amount, 1, 2 * VERIFIER_STAKE));
    }

    function lock(uint256 who, uint256 seconds_) external {
        address node = _node(who);
        uint256 until = block.timestamp + bound(seconds_, 1, 2 days);
        if (until <= vault.accountOf(node).lockedUntil) return;
        address owner_ = owner(node);
        vm.prank(owner_);
        vault.lock(node, uint64(until));
    }

    function requestUnbond(uint256 who, uint256 amount) external {
        address node = _node(who);
        IStakeVault.Account memory a = vault.accountOf(node);
        if (a.active == 0 || block.timestamp < a.lockedUntil) return;
        address owner_ = owner(node);
        vm.prank(owner_);
        vault.requestUnbond(node, bound(amount, 1, a.active));
    }

    function transferOwnership(uint256 who, uint256 to) external {
        address node = _node(who);
        address to_ = owner(_node(to));
        address owner_ = owner(node);
        vm.prank(owner_);
        registry.transferOwnership(node, to_);
        vm.prank(to_);
        registry.acceptOwnership(node);
    }

    // --- delegation

    /// @dev Who joins must gain nothing by what was earned before, whether claims are paused or not.
    function delegate(uint256 who, uint256 to, uint256 amount) external watchesThePool {
        address node = _node(to);
        uint256 most = vault.ownStakeOf(node) * DELEGATION_CAP_BPS / 10_000;
        // What delegators earned comes in first.
        uint256 held = delegation.delegatedOf(node) + _claimable(node);
        if (most < held + LEAST_DELEGATION) return;
        amount = bound(amount, LEAST_DELEGATION, most - held);
        address delegator = delegators[who % DELEGATORS];
        if (token.balanceOf(delegator) < amount) return;
        uint256 before = delegation.delegationOf(node, delegator);
        _delegate(node, delegator, amount);
        if (delegation.delegationOf(node, delegator) > before + amount && before == 0) ++gainedByJoining;
        // All that was earned in epochs that are over was shared out, or is the owner's.
        IMiningPool.Account memory account = pool.accountOf(node);
        if (account.epoch != pool.currentEpoch() || account.lentReward > 0) ++gainedByJoining;
    }

    function undelegate(uint256 who, uint256 from, uint256 shares) external watchesThePool {
        address delegator = delegators[who % DELEGATORS];
        address node = _node(from);
        uint256 most = delegation.sharesOf(node, delegator);
        if (delegation.delegationOf(node, delegator) < 2 * LEAST_DELEGATION) return;
        shares = bound(shares, most / 2, most);
        (uint256 all, uint256 before) = (delegation.totalSharesOf(node), lentStake(node));
        IMiningPool.Account memory mining = pool.accountOf(node);
        vm.prank(delegator);
        delegation.undelegate(node, shares);
        delegatedFlow[node].rewarded += lentStake(node) - before;
        if (mining.epoch != pool.currentEpoch()) return;
        for (uint256 e; e < ENGINES; ++e) {
            uint256 left = mining.lentWeighted[e] * (all - shares) / all;
            if (pool.accountOf(node).lentWeighted[e] != left) ++keptByLeaving;
        }
    }

    /// @dev Holds up claims, and nothing else.
    function pause(bool on) external {
        guardDouble.set(SCOPE_REWARDS, on);
    }

    function setCommission(uint256 who, uint16 bps) external {
        address node = _node(who);
        uint256 most = delegation.commissionOf(node) + COMMISSION_STEP_BPS;
        address owner_ = owner(node);
        vm.prank(owner_);
        delegation.setCommission(node, uint16(bound(bps, 0, most < MAX_COMMISSION_BPS ? most : MAX_COMMISSION_BPS)));
    }

    function changeRole(uint256 who, bool verifies, bool synced) external {
        address node = _node(who);
        vm.prank(node);
        registry.update(node, profile(verifies ? PROVIDER | VERIFIER : PROVIDER));
        if (synced) vault.syncVerifier(node);
    }

    /// @dev Names who votes with its tokens, stake and work: somebody else, itself, or nobody.
    function represent(uint256 who, uint256 by) external {
        address[] memory all = people();
        uint256 voters = NODES + DELEGATORS;
        vm.prank(all[who % voters]);
        token.delegate(by % 8 == 0 ? address(0) : all[by % voters]);
    }

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

    function drawBeacon(uint256 seed, uint256 wait) external {
        (bool found, bytes32 job, uint64 round) = _find(seed, Stage.Committed);
        if (!found) return;
        vm.roll(block.number + (wait % 4 == 0 ? 300 : wait % 200));
        draw(job, round);
    }

    function accuse(uint256 seed, uint256 who) external {
        (bool found, bytes32 job, uint64 round) = _find(seed, Stage.Drawn);
        if (!found) {
            (found, job, round) = _find(seed, Stage.Committed);
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
        challenge(challenger, job, round, leaves, index);
    }

    /// @dev The drawn verifiers vote: mostly the truth, sometimes for the accused, sometimes for a hash of their own, or not.
    function castVotes(uint256 which, uint256 honesty) external {
        uint256 dispute = _dispute(which);
        if (dispute == 0 || block.timestamp > arbiter.pollOf(dispute).deadline) return;
        Stakes memory before = beforeVotes(dispute);
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
        for (uint256 i; i < NODES; ++i) {
            ownFlow[nodes[i]].slashed += before.own[i] - ownStake(nodes[i]);
            delegatedFlow[nodes[i]].slashed += before.lent[i] - lentStake(nodes[i]);
        }
        checkRuling(dispute, before);
    }

    function expire(uint256 which) external {
        uint256 dispute = _dispute(which);
        if (dispute == 0) return;
        IVoteArbiter.Poll memory poll = arbiter.pollOf(dispute);
        if (poll.open && block.timestamp > poll.deadline) arbiter.expire(dispute);
    }

    function settleRound(uint256 seed, uint256 auditor) external watchesThePool {
        (bool found, bytes32 job, uint64 round) = _find(seed, Stage.Payable);
        if (!found) {
            (found, job, round) = _find(seed, Stage.Drawn);
            if (!found || settlement.roundOf(job, round).openDisputes > 0) return;
            vm.warp(settlement.roundOf(job, round).challengeDeadline + 1);
        }
        if (found) _settle(job, round, auditor);
    }

    function pass(uint256 seconds_) external {
        // Even the fuzzer's small numbers let some time pass.
        vm.warp(block.timestamp + 1 + uint256(keccak256(abi.encode(seconds_))) % CHALLENGE_SECONDS);
        vm.roll(block.number + 1);
    }

    /// @dev Over epochs, now and then over eras; not too often, or no window would be open.
    function leap(uint256 epochs, uint256 seldom) external {
        if (seldom % 3 != 0) return;
        uint256 most = seldom % 8 == 0 ? 3 * EPOCHS_PER_ERA : 30;
        vm.warp(block.timestamp + bound(epochs, 1, most) * EPOCH);
        vm.roll(block.number + 1);
    }

    /// @dev The small things that anyone can do at any time.
    function tidy(uint256 what, uint256 who, uint256 amount) external watchesThePool {
        what %= 6;
        if (what == 0) _withdraw(_node(who));
        if (what == 1) _withdrawDelegation(_node(who), delegators[amount % DELEGATORS]);
        if (what == 2 && pool.claimableIncentive() > 0) pool.claimIncentive();
        if (what == 3) pool.sync();
        if (what == 4 && escrow.jobOf(_job(who)).closed) escrow.refund(_job(who));
        if (what == 5) _claim(_node(who));
    }

    // --- the end of the network

    /// @dev Everybody leaves, by calls that anyone or each one alone can make. Nothing may be left behind.
    function windUp() external {
        guardDouble.set(SCOPE_REWARDS, false);
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
                _settle(job, r, r);
            }
            if (escrow.jobOf(job).closed) {
                escrow.refund(job);
            } else {
                vm.prank(requester);
                escrow.close(job);
            }
        }
        // All locks are over, and all that was ever earned is known.
        vm.warp(block.timestamp + 2 days);
        for (uint256 i; i < NODES; ++i) {
            _claim(nodes[i]);
            for (uint256 d; d < DELEGATORS; ++d) {
                uint256 shares = delegation.sharesOf(nodes[i], delegators[d]);
                if (delegation.delegationOf(nodes[i], delegators[d]) == 0) continue;
                vm.prank(delegators[d]);
                delegation.undelegate(nodes[i], shares);
            }
            uint256 active = vault.accountOf(nodes[i]).active;
            if (active == 0) continue;
            address owner_ = owner(nodes[i]);
            vm.prank(owner_);
            vault.requestUnbond(nodes[i], active);
        }
        if (pool.claimableIncentive() > 0) pool.claimIncentive();
        vm.warp(block.timestamp + UNBONDING);
        for (uint256 i; i < NODES; ++i) {
            while (vault.requestsOf(nodes[i]).length > 0) _withdraw(nodes[i]);
            for (uint256 d; d < DELEGATORS; ++d) {
                while (delegation.requestsOf(nodes[i], delegators[d]).length > 0) {
                    _withdrawDelegation(nodes[i], delegators[d]);
                }
            }
        }
    }

    // --- inside

    function _open(uint256 budget, uint8 kind, bool insured) private {
        IJobEscrow.Terms memory t = terms();
        (t.deadline, t.kind, t.insured) = (type(uint64).max, kind, insured);
        jobs.push(openJob(t, budget));
    }

    function _stake(address node, uint256 amount) private {
        ownFlow[node].put += amount;
        stakeFor(node, amount);
    }

    function _delegate(address node, address delegator, uint256 amount) private {
        delegatedFlow[node].put += amount;
        uint256 before = lentStake(node);
        vm.startPrank(delegator);
        token.approve(address(delegation), amount);
        delegation.delegate(node, amount);
        vm.stopPrank();
        delegatedFlow[node].rewarded += lentStake(node) - before - amount;
    }

    /// @dev What a node earned, paused or not.
    function _claimable(address node) private returns (uint256 amount) {
        bool paused = guardDouble.paused(SCOPE_REWARDS);
        guardDouble.set(SCOPE_REWARDS, false);
        amount = pool.claimable(node);
        guardDouble.set(SCOPE_REWARDS, paused);
    }

    function _withdraw(address node) private {
        IStakeVault.Unbonding[] memory requests = vault.requestsOf(node);
        if (requests.length == 0 || block.timestamp < requests[0].releaseAt) return;
        ownFlow[node].taken += vault.withdraw(node);
    }

    function _withdrawDelegation(address node, address delegator) private {
        IDelegation.Unbonding[] memory requests = delegation.requestsOf(node, delegator);
        if (requests.length == 0 || block.timestamp < requests[0].releaseAt) return;
        delegatedFlow[node].taken += delegation.withdraw(node, delegator);
    }

    /// @dev One audit, by a node that may, if there is money for it.
    function _audits(bytes32 job, uint256 auditor) private view returns (Payout[] memory) {
        address node = _node(auditor);
        bool may = vault.isEligible(node, VERIFIER) && escrow.freeBalance(job) >= 3 * PRICE;
        return may ? only(node, 3) : new Payout[](0);
    }

    /// @dev First reports the duplicates, then settles. Counts what is paid for which task.
    function _settle(bytes32 job, uint64 round, uint256 auditor) private {
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

    function _claim(address node) private {
        if (pool.claimable(node) == 0) return;
        uint256 before = delegation.delegatedOf(node);
        pool.claim(node);
        delegatedFlow[node].rewarded += delegation.delegatedOf(node) - before;
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

    function _node(uint256 seed) internal view returns (address) {
        return nodes[seed % NODES];
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

    /// @dev A round of that stage, if there is one.
    function _find(uint256 seed, Stage stage) private view returns (bool, bytes32 job, uint64 round) {
        for (uint256 i; i < jobs.length * MAX_ROUNDS; ++i) {
            uint256 place = (seed % 1e9 + i) % (jobs.length * MAX_ROUNDS);
            (job, round) = (jobs[place % jobs.length], uint64(place / jobs.length));
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

    // --- for the invariants

    function network() external view returns (ISettlement.Parts memory, address token_, address delegation_) {
        return (parts(), address(token), address(delegation));
    }

    /// @dev Of vault and credentials of this network; what is mined later does not vote.
    function _power() private returns (VotingPower) {
        address[] memory sources = new address[](1);
        address[] memory excluded = new address[](1);
        (sources[0], excluded[0]) = (address(vault), address(pool));
        IVotingPower.Params memory params = IVotingPower.Params({votesPerUnit: 1e36, contributionBps: 3333});
        bytes memory arguments = abi.encode(token, sources, credentials, excluded, params);
        return VotingPower(vm.deployCode(artifact("VotingPower"), arguments));
    }

    /// @dev All that `account` may show, ascending.
    function representedBy(address account) external view returns (address[] memory list) {
        address[] memory all = people();
        list = new address[](all.length);
        uint256 count;
        for (uint256 i; i < all.length; ++i) {
            if (all[i] == account || token.delegates(all[i]) != account) continue;
            uint256 place = count++;
            for (; place > 0 && list[place - 1] > all[i]; --place) {
                list[place] = list[place - 1];
            }
            list[place] = all[i];
        }
        assembly ("memory-safe") {
            mstore(list, count)
        }
    }

    function people() public view returns (address[] memory all) {
        all = new address[](NODES + DELEGATORS + 5);
        uint256 count;
        for (uint256 i; i < NODES; ++i) {
            all[count++] = owners[i];
        }
        for (uint256 i; i < DELEGATORS; ++i) {
            all[count++] = delegators[i];
        }
        (all[count], all[count + 1], all[count + 2]) = (treasury, requester, incentiveFund);
        (all[count + 3], all[count + 4]) = (address(insurance), address(splitter));
    }

    function verifiedUnits(uint256 node) external view returns (uint256) {
        return registry.nodeOf(nodes[node]).verifiedUnits;
    }

    function stakedBy(address owner_) external view returns (uint256 sum) {
        for (uint256 i; i < NODES; ++i) {
            if (owner(nodes[i]) == owner_) sum += ownStake(nodes[i]);
        }
    }

    function counts() external view returns (uint256 nodes_, uint256 jobs_, uint256 tasks_) {
        return (NODES, jobs.length, TASKS);
    }
}
