// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {Allocation} from "../../src/distribution/Allocation.sol";
import {Vesting} from "../../src/distribution/Vesting.sol";
import {IAllocation} from "../../src/interfaces/IAllocation.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {IVesting} from "../../src/interfaces/IVesting.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Somebody else releases whenever it can.
contract Releaser is Test {
    Vesting internal immutable vesting;
    address internal immutable token;
    uint256 public wrong;

    constructor(Vesting vesting_, address token_) {
        (vesting, token) = (vesting_, token_);
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 0, 90 days));
    }

    /// @dev Each release brings exactly what the schedule says.
    function release() external {
        uint256 due = vesting.releasable(token);
        uint256 before = IERC20(token).balanceOf(vesting.owner());
        vesting.release(token);
        if (IERC20(token).balanceOf(vesting.owner()) != before + due || vesting.releasable(token) != 0) ++wrong;
    }

    /// @dev Nobody but the owner moves what is to come, and the owner cannot lock it for ever.
    function overstep(address stranger) external {
        address owner = vesting.owner();
        // Nobody calls from zero, which is whoever is not named.
        if (stranger == owner || stranger == address(0)) return;
        vm.startPrank(stranger);
        tryCall(abi.encodeCall(vesting.transferOwnership, (stranger)));
        tryCall(abi.encodeCall(vesting.acceptOwnership, ()));
        tryCall(abi.encodeCall(vesting.renounceOwnership, ()));
        vm.stopPrank();
        vm.prank(owner);
        tryCall(abi.encodeCall(vesting.renounceOwnership, ()));
    }

    function tryCall(bytes memory data) internal {
        (bool ok,) = address(vesting).call(data);
        if (ok) ++wrong;
    }
}

contract VestingTest is Test {
    uint256 internal constant AMOUNT = 24_000e18;
    uint64 internal constant MONTH = 365 days / 12;
    uint64 internal constant CLIFF = 6 * MONTH;
    uint64 internal constant DURATION = 24 * MONTH;

    ComputeToken internal token;
    Vesting internal vesting;
    Releaser internal releaser;
    uint64 internal began;
    address internal member = makeAddr("member");
    address internal other = makeAddr("other");

    function setUp() public {
        began = 1_800_000_000;
        vm.warp(began);
        address place = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](1);
        grants[0] = IComputeToken.Grant(place, AMOUNT);
        token = new ComputeToken("t", "t", AMOUNT, grants);
        vesting =
            Vesting(payable(vm.deployCode("out/Vesting.sol/Vesting.json", abi.encode(member, began, DURATION, CLIFF))));
        assertEq(address(vesting), place);
        releaser = new Releaser(vesting, address(token));
        bytes4[] memory actions = new bytes4[](3);
        (actions[0], actions[1]) = (Releaser.pass.selector, Releaser.release.selector);
        actions[2] = Releaser.overstep.selector;
        targetContract(address(releaser));
        targetSelector(FuzzSelector(address(releaser), actions));
    }

    function schedule(uint256 time) internal view returns (uint256) {
        if (time < began + CLIFF) return 0;
        if (time >= began + DURATION) return AMOUNT;
        return AMOUNT * (time - began) / DURATION;
    }

    function test_genesis() public view {
        assertEq(vesting.owner(), member);
        assertEq(vesting.start(), began);
        assertEq(vesting.cliff(), began + CLIFF);
        assertEq(vesting.end(), began + DURATION);
    }

    function test_nothingBeforeTheCliff() public {
        vm.warp(began + CLIFF - 1);
        assertEq(vesting.releasable(address(token)), 0);
        vesting.release(address(token));
        assertEq(token.balanceOf(member), 0);
        vm.warp(began + CLIFF);
        vesting.release(address(token));
        assertEq(token.balanceOf(member), AMOUNT / 4);
    }

    function test_everythingInTheEnd() public {
        vm.warp(began + DURATION);
        vesting.release(address(token));
        assertEq(token.balanceOf(member), AMOUNT);
    }

    function test_itCannotBeLockedForEver() public {
        vm.prank(member);
        vm.expectRevert(IVesting.CannotRenounce.selector);
        vesting.renounceOwnership();
    }

    function test_ownershipMovesInTwoSteps() public {
        vm.prank(member);
        vesting.transferOwnership(other);
        assertEq(vesting.owner(), member);
        vm.prank(other);
        vesting.acceptOwnership();
        vm.warp(began + DURATION);
        vesting.release(address(token));
        assertEq(token.balanceOf(other), AMOUNT);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, member));
        vm.prank(member);
        vesting.transferOwnership(member);
    }

    function test_noCliffBeyondTheEnd() public {
        vm.expectRevert(abi.encodeWithSelector(VestingWalletCliff.InvalidCliffDuration.selector, 11, 10));
        new Vesting(member, began, 10, 11);
    }

    function testFuzz_releasesTheSchedule(uint64[8] memory waits) public {
        for (uint256 i; i < waits.length; ++i) {
            vm.warp(block.timestamp + bound(waits[i], 0, 6 * MONTH));
            vesting.release(address(token));
            assertEq(token.balanceOf(member), schedule(block.timestamp));
        }
    }

    /// @dev Never early, and never more or less than all is here or released.
    function invariant_neverEarly() public view {
        assertEq(releaser.wrong(), 0, "something other than a release of what is due");
        assertEq(vesting.owner(), member);
        uint256 released = token.balanceOf(member);
        assertLe(released, schedule(block.timestamp));
        assertEq(released + vesting.releasable(address(token)), schedule(block.timestamp), "nor late");
        assertEq(released + token.balanceOf(address(vesting)), AMOUNT);
    }

    /// @dev Nor locked for ever.
    function afterInvariant() public {
        vm.warp(began + DURATION);
        vesting.release(address(token));
        assertEq(token.balanceOf(member), AMOUNT);
    }
}

contract AllocationTest is Test {
    uint256 internal constant SUPPLY = 1_000_000_000e18;
    uint64 internal constant MONTH = 365 days / 12;

    ComputeToken internal token;
    address internal sale = makeAddr("sale");
    address internal community = makeAddr("community");
    address internal ecosystem = makeAddr("ecosystem");
    address internal reserve = makeAddr("reserve");
    address internal marketing = makeAddr("marketing");
    address internal founder = makeAddr("founder");
    address internal advisor = makeAddr("advisor");

    function setUp() public {
        vm.warp(1_800_000_000);
    }

    function mintTo(address to) internal {
        IComputeToken.Grant[] memory all = new IComputeToken.Grant[](1);
        all[0] = IComputeToken.Grant(to, SUPPLY);
        token = new ComputeToken("AICompute", "AIC", SUPPLY, all);
    }

    /// @dev The shares of the profile aic.
    function buckets() internal pure returns (IAllocation.Bucket[] memory b) {
        b = new IAllocation.Bucket[](6);
        b[0] = IAllocation.Bucket("sale", 4000);
        b[1] = IAllocation.Bucket("community", 2000);
        b[2] = IAllocation.Bucket("ecosystem", 1500);
        b[3] = IAllocation.Bucket("team", 1000);
        b[4] = IAllocation.Bucket("reserve", 1000);
        b[5] = IAllocation.Bucket("marketing", 500);
    }

    function grants() internal view returns (IAllocation.Grant[] memory g) {
        uint256 percent = SUPPLY / 100;
        g = new IAllocation.Grant[](7);
        g[0] = IAllocation.Grant("sale", sale, 40 * percent, 0, 0);
        g[1] = IAllocation.Grant("community", community, 20 * percent, 0, 0);
        g[2] = IAllocation.Grant("ecosystem", ecosystem, 15 * percent, 0, 0);
        g[3] = IAllocation.Grant("team", founder, 8 * percent, 6 * MONTH, 24 * MONTH);
        g[4] = IAllocation.Grant("team", advisor, 2 * percent, 3 * MONTH, 12 * MONTH);
        g[5] = IAllocation.Grant("reserve", reserve, 10 * percent, 0, 0);
        g[6] = IAllocation.Grant("marketing", marketing, 5 * percent, 0, 0);
    }

    function next() internal view returns (address) {
        return vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
    }

    function test_everyBucketGetsItsShare() public {
        mintTo(next());
        Allocation allocation =
            Allocation(vm.deployCode("out/Allocation.sol/Allocation.json", abi.encode(token, buckets(), grants())));
        IAllocation.Grant[] memory g = grants();
        assertEq(allocation.grantCount(), g.length);
        for (uint256 i; i < g.length; ++i) {
            assertEq(token.balanceOf(allocation.holderOf(i)), g[i].amount);
            if (g[i].durationSeconds == 0) assertEq(allocation.holderOf(i), g[i].to);
        }
        assertEq(token.balanceOf(address(allocation)), 0);
        Vesting team = Vesting(payable(allocation.holderOf(3)));
        assertEq(team.owner(), founder);
        assertEq(team.start(), block.timestamp);
        assertEq(team.cliff(), block.timestamp + 6 * MONTH);
        assertEq(team.end(), block.timestamp + 24 * MONTH);
        assertEq(Vesting(payable(allocation.holderOf(4))).end(), block.timestamp + 12 * MONTH);
    }

    function check(IAllocation.Bucket[] memory b, IAllocation.Grant[] memory g, bytes memory reason) internal {
        mintTo(next());
        vm.expectRevert(reason);
        new Allocation(token, b, g);
    }

    function test_refusesWhatDoesNotAddUp() public {
        IAllocation.Bucket[] memory b = buckets();
        IAllocation.Grant[] memory g = grants();
        g[0].amount -= 1;
        check(
            b,
            g,
            abi.encodeWithSelector(IAllocation.BucketMismatch.selector, bytes32("sale"), g[0].amount, g[0].amount + 1)
        );

        g = grants();
        (b[0].bps, g[0].amount) = (3000, SUPPLY * 3 / 10);
        check(b, g, abi.encodeWithSelector(IAllocation.BucketsDoNotSum.selector, 9000));

        b = buckets();
        g = grants();
        (b[0].name, b[0].bps) = ("nothing", 0);
        b[1].bps = 6000;
        g[1].amount = SUPPLY * 6 / 10;
        check(b, g, abi.encodeWithSelector(IAllocation.GrantsOutsideBuckets.selector, 6, 7));

        b = buckets();
        g = grants();
        g[0].cliffSeconds = 1;
        check(b, g, abi.encodeWithSelector(IAllocation.CliffWithoutDuration.selector, 0));
    }

    function test_refusesToKeepTheDust() public {
        // A supply that the shares do not divide: a rest would stay here for ever.
        address place = next();
        IComputeToken.Grant[] memory all = new IComputeToken.Grant[](1);
        all[0] = IComputeToken.Grant(place, 10_001);
        token = new ComputeToken("t", "t", 10_001, all);
        IAllocation.Bucket[] memory b = new IAllocation.Bucket[](2);
        (b[0], b[1]) = (IAllocation.Bucket("a", 5000), IAllocation.Bucket("b", 5000));
        IAllocation.Grant[] memory g = new IAllocation.Grant[](2);
        g[0] = IAllocation.Grant("a", sale, 5000, 0, 0);
        g[1] = IAllocation.Grant("b", community, 5000, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IAllocation.GrantsDoNotSumToSupply.selector, 10_000, 10_001));
        new Allocation(token, b, g);
    }
}
