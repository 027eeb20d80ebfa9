// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Guard} from "../../src/governance/Guard.sol";
import {IEmergencyGuard} from "../../src/interfaces/IEmergencyGuard.sol";
import {SCOPES, SCOPE_REWARDS} from "../../src/interfaces/IGuard.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Holds every role, and does its worst: everything that can be paused, as long and as often as it can be.
contract Pauser is Test {
    Guard public immutable guard;
    uint256 public immutable began;
    /// @dev Seconds that each scope was paused for, as far as time has come.
    mapping(uint8 scope => uint256) public stopped;

    constructor(IEmergencyGuard.Params memory params) {
        vm.warp(1_800_000_000);
        began = block.timestamp;
        guard = Guard(vm.deployCode("out/Guard.sol/Guard.json", abi.encode(new AccessManager(address(this)), params)));
    }

    function pause(uint8 scope, uint64 duration) external {
        // Mostly scopes that there are.
        if (scope >= 8) scope %= SCOPES;
        try guard.pause(scope, uint64(bound(duration, 0, 2 * guard.maxPauseSeconds()))) {} catch {}
    }

    function lift(uint8 scope) external {
        try guard.lift(scope % SCOPES) {} catch {}
    }

    function pass(uint256 time) external {
        time = bound(time, 0, 3 days);
        for (uint8 scope; scope < SCOPES; ++scope) {
            uint256 until = guard.pausedUntil(scope);
            if (until > block.timestamp) stopped[scope] += Math.min(time, until - block.timestamp);
        }
        vm.warp(block.timestamp + time);
    }
}

contract GuardInvariants is Test {
    uint64 internal constant LONGEST = 2 days;

    Pauser internal pauser;
    Guard internal guard;

    function setUp() public {
        pauser = new Pauser(IEmergencyGuard.Params(LONGEST, LONGEST, 3));
        guard = pauser.guard();
        bytes4[] memory actions = new bytes4[](3);
        (actions[0], actions[1], actions[2]) = (Pauser.pause.selector, Pauser.lift.selector, Pauser.pass.selector);
        targetContract(address(pauser));
        targetSelector(FuzzSelector(address(pauser), actions));
    }

    function invariant_strictScopesAndBoundedTime() public view {
        for (uint8 scope = SCOPE_REWARDS; scope < 8; ++scope) {
            assertFalse(guard.paused(scope), "paused what cannot be paused");
        }
        uint256 passed = block.timestamp - pauser.began();
        for (uint8 scope; scope < SCOPE_REWARDS; ++scope) {
            assertLe(guard.pausedUntil(scope), block.timestamp + LONGEST, "a pause without an end");
            assertLe(pauser.stopped(scope), passed / 2 + LONGEST, "paused more than half of the time");
        }
    }
}
