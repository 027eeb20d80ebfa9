// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {PROVIDER, VERIFIER} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";

contract StakeVaultTest is Network {
    address internal node;
    address internal owner;
    address internal finder;

    function setUp() public override {
        super.setUp();
        node = registered("node", PROVIDER | VERIFIER);
        owner = ownerOf("node");
        finder = registered("finder", VERIFIER);
    }

    function unbond(uint256 amount) internal {
        vm.prank(owner);
        vault.requestUnbond(node, amount);
    }

    function members() internal view returns (address[] memory nodes) {
        (nodes,) = vault.verifiers();
    }

    function contains(address[] memory nodes, address wanted) internal pure returns (bool) {
        for (uint256 i; i < nodes.length; ++i) {
            if (nodes[i] == wanted) return true;
        }
        return false;
    }

    function test_stake() public {
        vm.startPrank(treasury);
        token.approve(address(vault), 10);
        vm.expectEmit(address(vault));
        emit IStakeVault.Staked(node, treasury, 10);
        vault.stake(node, 10);
        assertEq(vault.stakeOf(node), 10);
        assertEq(vault.totalHeld(), 10);
        assertEq(token.balanceOf(address(vault)), 10);
    }

    function test_stakeRefusesBadInput() public {
        vm.startPrank(treasury);
        vm.expectRevert(IStakeVault.ZeroAmount.selector);
        vault.stake(node, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.UnknownNode.selector, stranger));
        vault.stake(stranger, 1);
    }

    function permitted(uint256 key, address from, uint256 amount)
        internal
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 permit = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                from,
                vault,
                amount,
                token.nonces(from),
                block.timestamp
            )
        );
        return vm.sign(key, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), permit)));
    }

    function test_stakeWithPermit() public {
        (address holder, uint256 key) = makeAddrAndKey("holder");
        fund(holder, 100);
        (uint8 v, bytes32 r, bytes32 s) = permitted(key, holder, 60);
        vm.prank(holder);
        vault.stakeWithPermit(node, 60, block.timestamp, v, r, s);
        assertEq(vault.stakeOf(node), 60);

        // Someone else spends the permit first: the allowance stands, so staking still works.
        (v, r, s) = permitted(key, holder, 40);
        token.permit(holder, address(vault), 40, block.timestamp, v, r, s);
        vm.prank(holder);
        vault.stakeWithPermit(node, 40, block.timestamp, v, r, s);
        assertEq(vault.stakeOf(node), 100);
    }

    function test_unbondAndWithdraw() public {
        stakeFor(node, 100);
        unbond(30);
        assertEq(vault.stakeOf(node), 70);
        assertEq(vault.totalHeld(), 100);

        IStakeVault.Unbonding[] memory requests = vault.requestsOf(node);
        assertEq(requests.length, 1);
        assertEq(requests[0].amount, 30);
        uint64 releaseAt = requests[0].releaseAt;
        assertEq(releaseAt, block.timestamp + UNBONDING);
        vm.warp(releaseAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StillUnbonding.selector, node, releaseAt));
        vault.withdraw(node);

        vm.warp(releaseAt);
        vm.prank(stranger);
        assertEq(vault.withdraw(node), 30);
        assertEq(token.balanceOf(owner), 30);
        assertEq(vault.totalHeld(), 70);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingToWithdraw.selector, node));
        vault.withdraw(node);
    }

    function test_requestsAreIndependent() public {
        stakeFor(node, 100);
        unbond(30);
        vm.warp(block.timestamp + UNBONDING - 1);
        unbond(1);
        assertEq(vault.accountOf(node).unbonding, 31);
        vm.warp(block.timestamp + 1);
        assertEq(vault.withdraw(node), 30, "the first is not held up by the second");
        IStakeVault.Unbonding[] memory left = vault.requestsOf(node);
        assertEq(left.length, 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StillUnbonding.selector, node, left[0].releaseAt));
        vault.withdraw(node);
        vm.warp(left[0].releaseAt);
        assertEq(vault.withdraw(node), 1);
    }

    function test_manyRequestsArePaidInSeveralCalls() public {
        uint256 most = vault.MAX_WITHDRAWALS();
        stakeFor(node, 100);
        for (uint256 i; i < most + 3; ++i) {
            unbond(1);
        }
        vm.warp(block.timestamp + UNBONDING);
        assertEq(vault.withdraw(node), most);
        assertEq(vault.withdraw(node), 3);
        assertEq(vault.requestsOf(node).length, 0);
    }

    function test_aSlashReachesEveryRequestAlike() public {
        stakeFor(node, 1000);
        unbond(600);
        vm.warp(block.timestamp + 100);
        unbond(400);
        vm.prank(address(settlement));
        vault.slash(node, 5000, finder, stranger);
        IStakeVault.Unbonding[] memory requests = vault.requestsOf(node);
        assertEq(requests[0].amount, 300);
        assertEq(requests[1].amount, 200);

        // A request made later is not touched by an earlier slash.
        stakeFor(node, 77);
        unbond(77);
        assertApproxEqAbs(vault.requestsOf(node)[2].amount, 77, 1);
        vm.warp(block.timestamp + UNBONDING);
        assertEq(vault.withdraw(node), 577);
        assertEq(token.balanceOf(address(vault)), 0);
    }

    function test_aSlashOfEverythingVoidsTheRequestsAndNoLaterOne() public {
        stakeFor(node, 1000);
        unbond(1000);
        vm.prank(address(settlement));
        vault.slash(node, 10_000, finder, stranger);
        assertEq(vault.requestsOf(node)[0].amount, 0);
        stakeFor(node, 50);
        unbond(50);
        vm.warp(block.timestamp + UNBONDING);
        assertEq(vault.withdraw(node), 50);
    }

    // --- locks and boost

    function lock(uint64 until) internal {
        vm.prank(owner);
        vault.lock(node, until);
    }

    function test_lockedStakeDoesNotUnbond() public {
        stakeFor(node, 100);
        uint64 until = uint64(block.timestamp) + 10 days;
        vm.expectEmit(address(vault));
        emit IStakeVault.Locked(node, until);
        lock(until);
        assertEq(vault.accountOf(node).lockedUntil, until);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StillLocked.selector, node, until));
        unbond(1);
        vm.warp(until);
        unbond(1);
    }

    function test_locksOnlyGrowUpToTheLongest() public {
        uint64 now_ = uint64(block.timestamp);
        uint64 most = now_ + FULL_LOCK;
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotOwner.selector, node, node));
        vm.prank(node);
        vault.lock(node, most);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.LockOutOfBounds.selector, now_, now_ + 1, most));
        lock(now_);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.LockOutOfBounds.selector, most + 1, now_ + 1, most));
        lock(most + 1);
        lock(now_ + 100);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.LockOutOfBounds.selector, now_ + 100, now_ + 101, most));
        lock(now_ + 100);
        lock(most);
    }

    function test_boost() public {
        assertEq(vault.boostOf(node), 5000, "nothing at stake");
        stakeFor(node, FULL_STAKE / 4);
        // A quarter of the full stake, half of it for want of a lock.
        assertEq(vault.boostOf(node), 5000 + 1767);
        lock(uint64(block.timestamp) + FULL_LOCK);
        assertEq(vault.boostOf(node), 7500, "the root of a quarter");
        stakeFor(node, FULL_STAKE);
        assertEq(vault.boostOf(node), 10_000, "capped");
        vm.warp(block.timestamp + FULL_LOCK / 2);
        assertEq(vault.boostOf(node), 5000 + 4841, "5/4 of the full stake, 3/4 of it for half a lock");
        vm.warp(block.timestamp + FULL_LOCK);
        assertEq(vault.boostOf(node), 5000 + 3952);
    }

    /// @dev Work in proportion to stake, on one node or split over two: one node gets at least as much.
    function testFuzz_splittingStakeLoses(uint96 a, uint96 b, uint64 unitsA, uint64 unitsB) public {
        a = uint96(bound(a, 1, 2 * FULL_STAKE));
        b = uint96(bound(b, 1, 2 * FULL_STAKE));
        address other = registered("other", PROVIDER);
        stakeFor(node, a);
        stakeFor(other, b);
        uint256 apart = unitsA * vault.boostOf(node) + unitsB * vault.boostOf(other);
        stakeFor(node, b);
        uint256 together = (uint256(unitsA) + unitsB) * vault.boostOf(node);
        assertGe(together, apart);
    }

    // --- refusals, roles, the set

    function test_unbondRefusesBadInput() public {
        stakeFor(node, 100);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotOwner.selector, node, node));
        vm.prank(node);
        vault.requestUnbond(node, 1);
        vm.startPrank(owner);
        vm.expectRevert(IStakeVault.ZeroAmount.selector);
        vault.requestUnbond(node, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.InsufficientStake.selector, node, 100, 101));
        vault.requestUnbond(node, 101);
    }

    function test_eligibilityPerRole() public {
        assertFalse(vault.isEligible(node, PROVIDER));
        stakeFor(node, PROVIDER_STAKE);
        assertTrue(vault.isEligible(node, PROVIDER));
        assertFalse(vault.isEligible(node, VERIFIER));
        stakeFor(node, VERIFIER_STAKE - PROVIDER_STAKE);
        assertTrue(vault.isEligible(node, VERIFIER));
        vm.prank(node);
        registry.deactivate(node);
        assertFalse(vault.isEligible(node, VERIFIER));

        vm.expectRevert(abi.encodeWithSelector(IStakeVault.UnknownRole.selector, 3));
        vault.minStake(3);
    }

    function test_verifierSetFollowsStakeAndRole() public {
        assertEq(members().length, 0);
        stakeFor(node, VERIFIER_STAKE);
        assertEq(members().length, 1);
        assertEq(vault.totalVerifierStake(), VERIFIER_STAKE);

        // A change of role shows at once in the view, and in the set after a sync.
        vm.prank(node);
        registry.update(node, profile(PROVIDER));
        assertEq(members().length, 0);
        vm.expectEmit(address(vault));
        emit IStakeVault.VerifierLeft(node);
        vault.syncVerifier(node);

        vm.prank(node);
        registry.update(node, profile(VERIFIER));
        vault.syncVerifier(node);
        assertEq(members()[0], node);

        unbond(1);
        assertEq(members().length, 0);
    }

    function test_aFullSetAdmitsOnlyMoreStake() public {
        uint256 most = vault.MAX_VERIFIERS();
        address weakest = verifier("weakest", VERIFIER_STAKE + 1);
        for (uint256 i = 1; i < most; ++i) {
            verifier(vm.toString(i), VERIFIER_STAKE + 2);
        }
        assertEq(members().length, most);

        stakeFor(node, VERIFIER_STAKE + 1);
        assertEq(members().length, most);
        assertEq(members()[0], weakest, "no more stake than the weakest: not admitted");

        stakeFor(node, 1);
        assertEq(members().length, most);
        assertFalse(contains(members(), weakest));
        assertTrue(contains(members(), node));

        // The displaced one still has its stake and role, and can come back.
        assertTrue(vault.isEligible(weakest, VERIFIER));
        stakeFor(weakest, 2);
        assertTrue(contains(members(), weakest));
    }

    function test_bonds() public {
        stakeFor(node, VERIFIER_STAKE);
        vm.startPrank(address(settlement));
        vault.bond(node, BOND);
        assertEq(vault.accountOf(node).bonded, BOND);
        assertEq(vault.stakeOf(node), VERIFIER_STAKE, "a bond still counts");
        assertTrue(vault.isEligible(node, VERIFIER));
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.InsufficientStake.selector, node, VERIFIER_STAKE - BOND, VERIFIER_STAKE)
        );
        vault.bond(node, VERIFIER_STAKE);
        vault.releaseBond(node, BOND);
        assertEq(vault.accountOf(node).bonded, 0);
        assertEq(vault.accountOf(node).active, VERIFIER_STAKE);
    }

    /// forge-config: default.fuzz.runs = 512
    function testFuzz_slashTakesActiveThenUnbondingThenBonded(
        uint96 active,
        uint96 unbonding,
        uint96 bonded,
        uint16 bps,
        uint96 taken
    ) public {
        active = uint96(bound(active, 0, 1_000_000e18));
        unbonding = uint96(bound(unbonding, 0, 1_000_000e18));
        bonded = uint96(bound(bonded, 0, 1_000_000e18));
        bps = uint16(bound(bps, 0, 10_000));
        uint256 all = uint256(active) + unbonding + bonded;
        if (all == 0) return;
        stakeFor(node, all);
        if (unbonding > 0) unbond(unbonding);
        vm.startPrank(address(settlement));
        vault.bond(node, bonded);
        (uint256 toJob, uint256 ownBurned) = vault.slash(node, bps, finder, stranger);

        IStakeVault.Account memory a = vault.accountOf(node);
        uint256 amount = all - a.active - a.unbonding - a.bonded;
        assertGe(amount, all * bps / 10_000, "all of the slash");
        assertLe(amount - all * bps / 10_000, unbonding / 1e9, "and no more than dust on top");
        assertTrue(a.active == 0 || a.unbonding == unbonding, "active before unbonding");
        assertTrue(a.unbonding == 0 || a.bonded == bonded, "unbonding before bonded");

        uint256 burned = SUPPLY - token.totalSupply();
        uint256 toFinder = token.balanceOf(ownerOf("finder"));
        assertEq(ownBurned, burned);
        assertEq(burned + toFinder + toJob, amount);
        assertEq(token.balanceOf(stranger), toJob);
        assertGe(burned * 10_000, amount * BURN_BPS, "burn is rounded up");
        assertLe(toFinder * 10_000, amount * FINDER_BPS, "the finder's part is rounded down");
        assertEq(vault.totalHeld(), all - amount);
        assertEq(token.balanceOf(address(vault)), vault.totalHeld());

        // Whatever a slash left of a bond, freeing or forfeiting it takes no more than there is.
        taken = uint96(bound(taken, 0, type(uint96).max));
        if (bps % 2 == 0) vault.releaseBond(node, taken);
        else vault.forfeitBond(node, taken, finder, stranger);
        assertEq(token.balanceOf(address(vault)), vault.totalHeld());
    }

    function test_slashBelowTheMinimumLeavesTheSet() public {
        stakeFor(node, VERIFIER_STAKE);
        assertEq(members().length, 1);
        vm.prank(address(settlement));
        vault.slash(node, 1, finder, stranger);
        assertEq(members().length, 0);
    }

    function test_totalVerifierStakeFollowsTheSet() public {
        address other = verifier("other", 2 * VERIFIER_STAKE);
        stakeFor(node, VERIFIER_STAKE);
        assertEq(vault.totalVerifierStake(), 3 * VERIFIER_STAKE);
        stakeFor(node, 5);
        assertEq(vault.totalVerifierStake(), 3 * VERIFIER_STAKE + 5);
        vm.prank(address(settlement));
        vault.slash(other, 1000, finder, stranger);
        assertEq(vault.totalVerifierStake(), VERIFIER_STAKE + 5 + 2 * VERIFIER_STAKE * 9 / 10);
        vm.prank(node);
        registry.deactivate(node);
        vault.syncVerifier(node);
        assertEq(vault.totalVerifierStake(), 2 * VERIFIER_STAKE * 9 / 10);
    }

    function test_setDelegatedOnlyByTheDelegation() public {
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotDelegation.selector, owner));
        vm.prank(owner);
        vault.setDelegated(node, 1);
    }

    function test_delegatedStakeCountsUpToTheCapAndNeverForTheMinimum() public {
        stakeFor(node, VERIFIER_STAKE - 1);
        vm.startPrank(address(delegation));
        vault.setDelegated(node, 10 * VERIFIER_STAKE);
        assertFalse(vault.isEligible(node, VERIFIER), "own stake only");
        assertEq(vault.countedDelegationOf(node), 3 * (VERIFIER_STAKE - 1));
        vm.stopPrank();
        stakeFor(node, 1);
        assertEq(vault.stakeOf(node), 4 * VERIFIER_STAKE);
        (, uint256[] memory stakes) = vault.verifiers();
        assertEq(stakes[0], 4 * VERIFIER_STAKE);
        assertEq(vault.totalVerifierStake(), 4 * VERIFIER_STAKE);
    }
}

/// @dev A network whose token cannot be burned.
contract StakeVaultWithSinkTest is Network {
    address internal drain = makeAddr("sink");

    function sink() internal view override returns (address) {
        return drain;
    }

    function test_whatWouldBeBurnedGoesToTheSink() public {
        address node = provider("node");
        address finder = provider("finder");
        uint256 supply = token.totalSupply();
        vm.prank(address(settlement));
        (, uint256 burned) = vault.slash(node, 10_000, finder, stranger);
        assertEq(burned, PROVIDER_STAKE * uint256(BURN_BPS) / 10_000);
        assertEq(token.balanceOf(drain), burned);
        assertEq(token.totalSupply(), supply);
    }
}
