// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {StakeVotes} from "../src/StakeVotes.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {PROVIDER, VERIFIER} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";

/// @dev Stake as votes read it: by owner, in the past.
contract StakeVotesTest is Network {
    address internal node;
    address internal owner;
    address internal finder;

    function setUp() public override {
        super.setUp();
        node = registered("node", PROVIDER | VERIFIER);
        owner = ownerOf("node");
        finder = registered("finder", VERIFIER);
        vm.startPrank(treasury);
        token.approve(address(vault), type(uint256).max);
        vault.stake(node, 1000);
        vm.stopPrank();
    }

    /// @dev What is now is the past a second later.
    function assertStake(address who, uint256 amount, uint256 total) internal {
        vm.warp(block.timestamp + 1);
        assertEq(vault.pastStake(who, block.timestamp - 1), amount);
        assertEq(vault.pastTotalStake(block.timestamp - 1), total);
    }

    function test_stakeCountsForTheOwnerWhoeverPaid() public {
        assertStake(owner, 1000, 1000);
        assertStake(treasury, 0, 1000);
        uint256 then_ = block.timestamp - 1;
        vm.prank(treasury);
        vault.stake(node, 500);
        assertStake(owner, 1500, 1500);
        assertEq(vault.pastStake(owner, then_), 1000, "the past stays");
    }

    function test_whatIsUnbondingCountsUntilItIsPaidOut() public {
        vm.prank(owner);
        vault.requestUnbond(node, 400);
        assertStake(owner, 1000, 1000);
        vm.warp(block.timestamp + vault.unbondingSeconds());
        vault.withdraw(node);
        assertStake(owner, 600, 600);
    }

    function test_aSlashTakesVotes() public {
        vm.prank(owner);
        vault.requestUnbond(node, 400);
        vm.prank(address(settlement));
        vault.slash(node, 5000, finder, stranger);
        assertStake(owner, 500, 500);
    }

    function test_votesGoWithTheNode() public {
        vm.prank(owner);
        vault.requestUnbond(node, 400);
        vm.prank(owner);
        registry.transferOwnership(node, stranger);
        assertStake(owner, 1000, 1000);
        vm.prank(stranger);
        registry.acceptOwnership(node);
        assertStake(owner, 0, 1000);
        assertStake(stranger, 1000, 1000);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotRegistry.selector, stranger));
        vm.prank(stranger);
        vault.ownerChanged(node, stranger, owner);
    }

    function test_onlyThePastIsTold() public {
        uint48 now_ = uint48(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(StakeVotes.FutureLookup.selector, now_, now_));
        vault.pastStake(owner, now_);
        vm.expectRevert(abi.encodeWithSelector(StakeVotes.FutureLookup.selector, now_, now_));
        vault.pastTotalStake(now_);
    }
}
