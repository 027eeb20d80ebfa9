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

    /// @dev Ends of the last pause of each scope, as it was asked for, counted apart from the guard.
    mapping(uint8 scope => uint256) public until;
    mapping(uint8 scope => uint256) public lifted;
    mapping(uint8 scope => bool) public pausedOnce;
    string[] internal _wrong;

    function wrong() external view returns (string[] memory) {
        return _wrong;
    }

    /// @dev A pause succeeds exactly if its scope can be paused, it is not too long, and the scope has run for long enough since the
    /// last one was to end.
    function pause(uint8 scope, uint64 duration) external {
        // Mostly scopes that there are.
        if (scope >= 8) scope %= SCOPES;
        duration = uint64(bound(duration, 0, 2 * guard.maxPauseSeconds()));
        bool may = scope < SCOPES && guard.scopes() & (1 << scope) != 0 && duration <= guard.maxPauseSeconds()
            && (!pausedOnce[scope] || block.timestamp >= until[scope] + guard.cooldownSeconds());
        (bool ok,) = address(guard).call(abi.encodeCall(guard.pause, (scope, duration)));
        if (ok != may) _wrong.push("a pause");
        if (!ok) return;
        (until[scope], lifted[scope], pausedOnce[scope]) = (block.timestamp + duration, 0, true);
    }

    /// @dev Only what is paused can be lifted, and then is.
    function lift(uint8 scope) external {
        scope %= SCOPES;
        bool may = pausedNow(scope);
        (bool ok,) = address(guard).call(abi.encodeCall(guard.lift, (scope)));
        if (ok != may) _wrong.push("a lift");
        if (ok) lifted[scope] = block.timestamp;
    }

    /// @dev Who has no role can do neither.
    function overstep(uint8 scope, uint64 duration, address stranger) external {
        if (stranger == address(this)) return;
        vm.prank(stranger);
        (bool ok,) = address(guard).call(abi.encodeCall(guard.pause, (scope % SCOPES, duration % 1 days)));
        if (ok) _wrong.push("a stranger's pause");
        vm.prank(stranger);
        (ok,) = address(guard).call(abi.encodeCall(guard.lift, (scope % SCOPES)));
        if (ok) _wrong.push("a stranger's lift");
    }

    function pausedNow(uint8 scope) public view returns (bool) {
        return block.timestamp < until[scope] && lifted[scope] == 0;
    }

    function pass(uint256 time) external {
        time = bound(time, 0, 3 days);
        for (uint8 scope; scope < SCOPES; ++scope) {
            if (pausedNow(scope)) stopped[scope] += Math.min(time, until[scope] - block.timestamp);
        }
        vm.warp(block.timestamp + time);
    }
}

contract GuardInvariants is Test {
    uint64 internal constant LONGEST = 2 days;

    Pauser internal pauser;
    Guard internal guard;

    function setUp() public {
        pauser = new Pauser(IEmergencyGuard.Params(LONGEST, 3 * LONGEST / 2, 3));
        guard = pauser.guard();
        bytes4[] memory actions = new bytes4[](4);
        (actions[0], actions[1], actions[2]) = (Pauser.pause.selector, Pauser.lift.selector, Pauser.pass.selector);
        actions[3] = Pauser.overstep.selector;
        targetContract(address(pauser));
        targetSelector(FuzzSelector(address(pauser), actions));
    }

    function invariant_strictScopesAndBoundedTime() public view {
        string[] memory wrong = pauser.wrong();
        if (wrong.length > 0) revert(string.concat("not as it must be: ", wrong[0]));
        for (uint8 scope = SCOPE_REWARDS; scope < 8; ++scope) {
            assertFalse(guard.paused(scope), "paused what cannot be paused");
        }
        uint256 passed = block.timestamp - pauser.began();
        for (uint8 scope; scope < SCOPE_REWARDS; ++scope) {
            assertEq(guard.paused(scope), pauser.pausedNow(scope), "paused by nobody, or not as asked");
            assertLe(guard.pausedUntil(scope), block.timestamp + LONGEST, "a pause without an end");
            assertLe(pauser.stopped(scope), passed / 2 + LONGEST, "paused more than half of the time");
        }
    }
}
