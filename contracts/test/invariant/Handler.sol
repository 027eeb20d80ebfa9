// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SCOPE_REWARDS} from "../../src/interfaces/IGuard.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {GuardDouble} from "../support/Doubles.sol";
import {Burning} from "./Burning.sol";

/// @dev Everybody on the network at once, and time that passes in seconds or in eras. Each action does something valid or nothing, so
/// that any revert is a finding.
abstract contract Handler is Burning {
    function setUp() public override {}

    constructor() {
        _rehearse();
        guardDouble = new GuardDouble();
        _expectBurner();
        super.setUp();
        _deployBurner();
        _populate();
        fund(address(insurance), 1e18);
        _open(BUDGET, 0, true);
        _open(BUDGET, 2, false);
        _openExact(true);
        _openExact(false);
    }

    function pass(uint256 seconds_) external {
        // Even the fuzzer's small numbers let some time pass.
        _goTo(block.timestamp + 1 + uint256(keccak256(abi.encode(seconds_))) % CHALLENGE_SECONDS);
        vm.roll(block.number + 1);
    }

    /// @dev Over epochs, now and then over eras; not too often, or no window would be open.
    function leap(uint256 epochs, uint256 seldom) external {
        if (seldom % 3 != 0) return;
        uint256 most = seldom % 8 == 0 ? 3 * EPOCHS_PER_ERA : 30;
        _goTo(block.timestamp + bound(epochs, 1, most) * EPOCH);
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
            if (block.timestamp <= poll.deadline) _goTo(poll.deadline + 1);
            arbiter.expire(d);
        }
        _finishGames();
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
        _sellOff();
    }

    // --- for the invariants

    function network() external view returns (ISettlement.Parts memory, address token_, address delegation_) {
        return (parts(), address(token), address(delegation));
    }

    function people() public view override returns (address[] memory all) {
        all = new address[](NODES + DELEGATORS + 7);
        uint256 count;
        for (uint256 i; i < NODES; ++i) {
            all[count++] = owners[i];
        }
        for (uint256 i; i < DELEGATORS; ++i) {
            all[count++] = delegators[i];
        }
        (all[count], all[count + 1], all[count + 2]) = (treasury, requester, incentiveFund);
        (all[count + 3], all[count + 4]) = (address(insurance), address(splitter));
        (all[count + 5], all[count + 6]) = (address(burner), buyer);
    }

    function counts() external view returns (uint256 nodes_, uint256 jobs_) {
        return (NODES, jobs.length);
    }

    /// @dev All tasks that a leaf may be of.
    function tasks() external view returns (bytes32[] memory all) {
        all = new bytes32[](TASKS + stories.length);
        for (uint256 i; i < all.length; ++i) {
            all[i] = i < TASKS ? keccak256(abi.encode("task", i)) : stories[i - TASKS].task;
        }
    }
}
