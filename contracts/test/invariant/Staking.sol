// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {SCOPE_REWARDS} from "../../src/interfaces/IGuard.sol";
import {IMiningPool} from "../../src/interfaces/IMiningPool.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVotingPower} from "../../src/interfaces/IVotingPower.sol";
import {ENGINES, PROVIDER, VERIFIER} from "../../src/interfaces/Types.sol";
import {GuardDouble} from "../support/Doubles.sol";
import {Ledger} from "./Ledger.sol";

/// @dev Nodes that stake and leave, change hands and roles, and delegators that come and go.
abstract contract Staking is Ledger {
    uint256 internal constant DELEGATORS = 3;
    /// @dev A part smaller than this would make a share worth a lot of tokens, and the virtual share with it.
    uint256 internal constant LEAST_DELEGATION = 1e15;

    address[] public delegators;

    // What must be true, counted apart from the contracts.
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

    function _populate() internal {
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
        power = _power();
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

    // --- inside

    function _stake(address node, uint256 amount) internal {
        ownFlow[node].put += amount;
        stakeFor(node, amount);
    }

    function _delegate(address node, address delegator, uint256 amount) internal {
        delegatedFlow[node].put += amount;
        uint256 before = lentStake(node);
        vm.startPrank(delegator);
        token.approve(address(delegation), amount);
        delegation.delegate(node, amount);
        vm.stopPrank();
        delegatedFlow[node].rewarded += lentStake(node) - before - amount;
    }

    /// @dev What a node earned, paused or not.
    function _claimable(address node) internal returns (uint256 amount) {
        bool paused = guardDouble.paused(SCOPE_REWARDS);
        guardDouble.set(SCOPE_REWARDS, false);
        amount = pool.claimable(node);
        guardDouble.set(SCOPE_REWARDS, paused);
    }

    function _withdraw(address node) internal {
        IStakeVault.Unbonding[] memory requests = vault.requestsOf(node);
        if (requests.length == 0 || block.timestamp < requests[0].releaseAt) return;
        ownFlow[node].taken += vault.withdraw(node);
    }

    function _withdrawDelegation(address node, address delegator) internal {
        IDelegation.Unbonding[] memory requests = delegation.requestsOf(node, delegator);
        if (requests.length == 0 || block.timestamp < requests[0].releaseAt) return;
        delegatedFlow[node].taken += delegation.withdraw(node, delegator);
    }

    function _claim(address node) internal {
        if (pool.claimable(node) == 0) return;
        uint256 before = delegation.delegatedOf(node);
        pool.claim(node);
        delegatedFlow[node].rewarded += delegation.delegatedOf(node) - before;
    }

    function _node(uint256 seed) internal view returns (address) {
        return nodes[seed % NODES];
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

    // --- for the invariants

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

    /// @dev Everybody who may hold tokens besides the contracts that hold them for others.
    function people() public view virtual returns (address[] memory);

    function verifiedUnits(uint256 node) external view returns (uint256) {
        return registry.nodeOf(nodes[node]).verifiedUnits;
    }

    function stakedBy(address owner_) external view returns (uint256 sum) {
        for (uint256 i; i < NODES; ++i) {
            if (owner(nodes[i]) == owner_) sum += ownStake(nodes[i]);
        }
    }
}
