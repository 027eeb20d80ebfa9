// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guard} from "../../src/governance/Guard.sol";
import {IEmergencyGuard} from "../../src/interfaces/IEmergencyGuard.sol";
import {SCOPES, SCOPE_JOBS, SCOPE_MARKET, SCOPE_REWARDS} from "../../src/interfaces/IGuard.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Test} from "forge-std/Test.sol";

contract GuardTest is Test {
    uint64 internal constant LONGEST = 3 days;
    uint64 internal constant COOLDOWN = 5 days;
    uint64 internal constant PAUSE = 1;
    uint64 internal constant LIFT = 2;

    Guard internal guard;
    address internal security = makeAddr("security");
    address internal vote = makeAddr("vote");

    function setUp() public {
        vm.warp(1_800_000_000);
        guard = deployed(7);
    }

    function params(uint64 longest, uint64 cooldown, uint8 scopes)
        internal
        pure
        returns (IEmergencyGuard.Params memory)
    {
        return IEmergencyGuard.Params(longest, cooldown, scopes);
    }

    function deployed(uint8 scopes) internal returns (Guard g) {
        AccessManager manager = new AccessManager(address(this));
        g = Guard(vm.deployCode("out/Guard.sol/Guard.json", abi.encode(manager, params(LONGEST, COOLDOWN, scopes))));
        bytes4[] memory one = new bytes4[](1);
        one[0] = Guard.pause.selector;
        manager.setTargetFunctionRole(address(g), one, PAUSE);
        one[0] = Guard.lift.selector;
        manager.setTargetFunctionRole(address(g), one, LIFT);
        manager.grantRole(PAUSE, security, 0);
        manager.grantRole(LIFT, vote, 0);
    }

    function pause(uint8 scope, uint64 duration) internal {
        vm.prank(security);
        guard.pause(scope, duration);
    }

    function test_pausesItsScopeOnlyAndEndsByItself() public {
        vm.expectEmit(address(guard));
        emit IEmergencyGuard.Paused(SCOPE_MARKET, security, uint64(block.timestamp) + 1 hours);
        pause(SCOPE_MARKET, 1 hours);
        assertTrue(guard.paused(SCOPE_MARKET));
        assertFalse(guard.paused(SCOPE_JOBS));
        assertFalse(guard.paused(SCOPE_REWARDS));
        vm.warp(block.timestamp + 1 hours - 1);
        assertTrue(guard.paused(SCOPE_MARKET));
        vm.warp(block.timestamp + 1);
        assertFalse(guard.paused(SCOPE_MARKET));
    }

    function test_liftsEarlyButTheNextPauseIsNoNearer() public {
        pause(SCOPE_JOBS, LONGEST);
        uint64 next = guard.nextPauseFrom(SCOPE_JOBS);
        vm.expectEmit(address(guard));
        emit IEmergencyGuard.Lifted(SCOPE_JOBS, vote);
        vm.prank(vote);
        guard.lift(SCOPE_JOBS);
        assertFalse(guard.paused(SCOPE_JOBS));
        assertEq(guard.pausedUntil(SCOPE_JOBS), block.timestamp);
        assertEq(guard.nextPauseFrom(SCOPE_JOBS), next);
    }

    function test_coolsDownForEachScopeApart() public {
        pause(SCOPE_JOBS, 1 days);
        uint64 next = uint64(block.timestamp) + 1 days + COOLDOWN;
        vm.warp(next - 1);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyGuard.CoolingDown.selector, SCOPE_JOBS, next));
        pause(SCOPE_JOBS, 1);
        pause(SCOPE_REWARDS, 1);
        vm.warp(next);
        pause(SCOPE_JOBS, 1);
        assertTrue(guard.paused(SCOPE_JOBS));
    }

    function test_aRunningPauseCannotBeExtended() public {
        pause(SCOPE_JOBS, 1 days);
        vm.expectRevert(
            abi.encodeWithSelector(
                IEmergencyGuard.CoolingDown.selector, SCOPE_JOBS, uint64(block.timestamp) + 1 days + COOLDOWN
            )
        );
        pause(SCOPE_JOBS, 1 days);
    }

    function test_refusesLongPauses() public {
        vm.expectRevert(abi.encodeWithSelector(IEmergencyGuard.PauseTooLong.selector, LONGEST + 1, LONGEST));
        pause(SCOPE_JOBS, LONGEST + 1);
    }

    function testFuzz_nothingElseCanBePaused(uint8 scope, uint64 duration) public {
        scope = uint8(bound(scope, SCOPES, type(uint8).max));
        vm.expectRevert(abi.encodeWithSelector(IEmergencyGuard.ScopeNotPausable.selector, scope));
        pause(scope, duration);
        assertFalse(guard.paused(scope));
    }

    function test_onlyTheScopesOfTheProfile() public {
        guard = deployed(3);
        pause(SCOPE_JOBS, 1);
        pause(SCOPE_MARKET, 1);
        vm.expectRevert(abi.encodeWithSelector(IEmergencyGuard.ScopeNotPausable.selector, SCOPE_REWARDS));
        pause(SCOPE_REWARDS, 1);
    }

    function test_onlyTheRolePauses() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, vote));
        vm.prank(vote);
        guard.pause(SCOPE_JOBS, 1);
    }

    function test_onlyTheRoleLifts() public {
        pause(SCOPE_JOBS, 1 days);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, security));
        vm.prank(security);
        guard.lift(SCOPE_JOBS);
    }

    function test_liftsOnlyWhatIsPaused() public {
        vm.expectRevert(abi.encodeWithSelector(IEmergencyGuard.NotPaused.selector, SCOPE_JOBS));
        vm.prank(vote);
        guard.lift(SCOPE_JOBS);
    }

    function test_refusesBadParams() public {
        vm.expectRevert(
            abi.encodeWithSelector(IEmergencyGuard.InvalidParams.selector, "maxPauseSeconds must be positive")
        );
        new Guard(address(1), params(0, 1, 7));
        vm.expectRevert(
            abi.encodeWithSelector(
                IEmergencyGuard.InvalidParams.selector, "cooldownSeconds must be at least maxPauseSeconds"
            )
        );
        new Guard(address(1), params(10, 9, 7));
        bytes memory unknown =
            abi.encodeWithSelector(IEmergencyGuard.InvalidParams.selector, "scopes must be bits of known scopes");
        vm.expectRevert(unknown);
        new Guard(address(1), params(10, 10, 0));
        vm.expectRevert(unknown);
        new Guard(address(1), params(10, 10, 8));
    }

    /// @dev Whoever holds the roles and however they use them, a scope runs at least half of the time.
    function testFuzz_runsAtLeastHalfOfTheTime(uint64[16] memory durations, uint64[16] memory waits) public {
        uint256 began = block.timestamp;
        uint256 stopped;
        for (uint256 i; i < 16; ++i) {
            vm.warp(block.timestamp + bound(waits[i], 0, 8 days));
            uint64 duration = uint64(bound(durations[i], 0, LONGEST));
            if (block.timestamp < guard.nextPauseFrom(SCOPE_JOBS)) continue;
            pause(SCOPE_JOBS, duration);
            stopped += duration;
        }
        assertLe(stopped, LONGEST + (block.timestamp - began) / 2);
    }
}
