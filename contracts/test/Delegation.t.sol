// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Delegation} from "../src/Delegation.sol";
import {IDelegation} from "../src/interfaces/IDelegation.sol";
import {SCOPE_REWARDS} from "../src/interfaces/IGuard.sol";
import {IMiningPool} from "../src/interfaces/IMiningPool.sol";
import {PROVIDER, TRAINING} from "../src/interfaces/Types.sol";
import {GuardDouble} from "./support/Doubles.sol";
import {Network} from "./support/Network.sol";

/// @dev A node that has delegators.
abstract contract Delegating is Network {
    address internal node;
    address internal owner;
    address internal finder;
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");

    function setUp() public virtual override {
        super.setUp();
        node = verifier("node", VERIFIER_STAKE);
        owner = ownerOf("node");
        finder = registered("finder", PROVIDER);
        fund(alice, 10_000e18);
        fund(bob, 10_000e18);
        vm.prank(owner);
        delegation.setAccepting(node, true);
    }

    function delegate(address who, uint256 amount) internal returns (uint256 shares) {
        vm.startPrank(who);
        token.approve(address(delegation), amount);
        shares = delegation.delegate(node, amount);
        vm.stopPrank();
    }

    function undelegate(address who, uint256 shares) internal returns (uint256 amount) {
        vm.prank(who);
        return delegation.undelegate(node, shares);
    }

    function slash(uint16 bps) internal {
        vm.prank(address(settlement));
        vault.slash(node, bps, finder, stranger);
    }

    function setCommission(uint16 bps) internal {
        vm.prank(owner);
        delegation.setCommission(node, bps);
    }

    function mine(uint64 units) internal {
        vm.prank(address(settlement));
        pool.record(TRAINING, only(node, units), 0);
        vm.warp(block.timestamp + EPOCH);
    }
}

contract DelegationTest is Delegating {
    // --- joining and leaving

    function test_delegate() public {
        vm.startPrank(alice);
        token.approve(address(delegation), 100e18);
        vm.expectEmit(address(delegation));
        emit IDelegation.Delegated(node, alice, 100e18, 100e18);
        assertEq(delegation.delegate(node, 100e18), 100e18);
        vm.stopPrank();
        assertEq(delegation.delegatedOf(node), 100e18);
        assertEq(delegation.sharesOf(node, alice), 100e18);
        assertEq(delegation.delegationOf(node, alice), 100e18);
        assertEq(delegation.totalHeld(), 100e18);
        assertEq(vault.accountOf(node).delegated, 100e18);
        assertEq(vault.stakeOf(node), VERIFIER_STAKE + 100e18);
        assertEq(vault.totalVerifierStake(), VERIFIER_STAKE + 100e18);
    }

    function expectDelegateRevert(bytes memory wanted, address to, uint256 amount) internal {
        vm.startPrank(alice);
        token.approve(address(delegation), amount);
        vm.expectRevert(wanted);
        delegation.delegate(to, amount);
        vm.stopPrank();
    }

    function test_delegateRefusesBadInput() public {
        expectDelegateRevert(abi.encodeWithSelector(IDelegation.ZeroAmount.selector), node, 0);
        expectDelegateRevert(abi.encodeWithSelector(IDelegation.NotAccepting.selector, finder), finder, 1);
        uint256 room = 3 * VERIFIER_STAKE;
        expectDelegateRevert(
            abi.encodeWithSelector(IDelegation.DelegationFull.selector, node, room, room + 1), node, room + 1
        );
        delegate(alice, room);
        expectDelegateRevert(abi.encodeWithSelector(IDelegation.DelegationFull.selector, node, 0, 1), node, 1);
        vm.prank(owner);
        vault.requestUnbond(node, 1);
        expectDelegateRevert(abi.encodeWithSelector(IDelegation.DelegationFull.selector, node, 0, 1), node, 1);
        vm.prank(owner);
        delegation.setAccepting(node, false);
        expectDelegateRevert(abi.encodeWithSelector(IDelegation.NotAccepting.selector, node), node, 1);
    }

    function test_undelegateAndWithdraw() public {
        delegate(alice, 100);
        uint64 releaseAt = uint64(block.timestamp) + UNBONDING;
        vm.expectEmit(address(delegation));
        emit IDelegation.Undelegated(node, alice, 30, 30, releaseAt);
        assertEq(undelegate(alice, 30), 30);
        assertEq(delegation.delegatedOf(node), 70);
        assertEq(delegation.unbondingOf(node), 30);
        assertEq(vault.accountOf(node).delegated, 70, "stops to count at once");

        vm.warp(releaseAt - 1);
        undelegate(alice, 20);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.StillUnbonding.selector, node, alice, releaseAt));
        delegation.withdraw(node, alice);
        vm.warp(releaseAt);
        uint256 before = token.balanceOf(alice);
        vm.prank(stranger);
        assertEq(delegation.withdraw(node, alice), 30);
        assertEq(token.balanceOf(alice), before + 30);
        IDelegation.Unbonding[] memory left = delegation.requestsOf(node, alice);
        assertEq(left.length, 1);
        assertEq(left[0].amount, 20);
        vm.warp(left[0].releaseAt);
        assertEq(delegation.withdraw(node, alice), 20);
        assertEq(delegation.totalHeld(), 50);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NothingToWithdraw.selector, node, alice));
        delegation.withdraw(node, alice);
    }

    function test_undelegateRefusesBadInput() public {
        delegate(alice, 1000e18);
        vm.expectRevert(IDelegation.ZeroAmount.selector);
        undelegate(alice, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IDelegation.InsufficientShares.selector, node, alice, 1000e18, 1000e18 + 1)
        );
        undelegate(alice, 1000e18 + 1);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.InsufficientShares.selector, node, bob, 0, 1));
        undelegate(bob, 1);
        // Nearly everything is lost: a share is worth less than one token.
        slash(9999);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.AmountTooSmall.selector, 0));
        undelegate(alice, 1);
    }

    function test_leavingNeedsNobody() public {
        delegate(alice, 100);
        vm.prank(owner);
        delegation.setAccepting(node, false);
        vm.prank(node);
        registry.deactivate(node);
        undelegate(alice, 100);
        vm.warp(block.timestamp + UNBONDING);
        assertEq(delegation.withdraw(node, alice), 100);
    }

    // --- slashing

    function test_theOperatorPaysFirst() public {
        delegate(alice, VERIFIER_STAKE);
        slash(2500);
        assertEq(vault.ownStakeOf(node), VERIFIER_STAKE / 2, "a quarter of both");
        assertEq(delegation.delegationOf(node, alice), VERIFIER_STAKE);
        slash(5000);
        assertEq(vault.ownStakeOf(node), 0);
        assertEq(delegation.delegationOf(node, alice), VERIFIER_STAKE * 3 / 4, "the rest is the delegators'");
        assertEq(vault.accountOf(node).delegated, VERIFIER_STAKE * 3 / 4);
    }

    /// @dev What delegators lose is burned, all of it: an operator cannot have an accomplice find its faults.
    function test_noPartOfWhatDelegatorsLoseGoesToAnyone() public {
        vm.prank(owner);
        vault.requestUnbond(node, VERIFIER_STAKE - 1e18);
        vm.warp(block.timestamp + UNBONDING);
        vault.withdraw(node);
        delegate(alice, 3e18);
        uint256 supply = token.totalSupply();
        vm.prank(address(settlement));
        (uint256 toJob, uint256 burned) = vault.slash(node, 10_000, finder, stranger);
        uint256 toFinder = token.balanceOf(ownerOf("finder"));
        assertEq(toJob + burned + toFinder, 1e18, "own stake is split");
        assertEq(supply - token.totalSupply(), burned + 3e18, "delegated stake is burned");
        assertEq(delegation.totalHeld(), 0);
        assertEq(token.balanceOf(address(vault)), vault.totalHeld());
    }

    function test_aSlashReachesWhatIsUnbondingInProportion() public {
        delegate(alice, 600e18);
        delegate(bob, 400e18);
        undelegate(bob, 400e18);
        // 1500 in all, of which 500 are the operator's.
        vm.expectEmit(address(delegation));
        emit IDelegation.DelegatorsSlashed(node, 150e18, 100e18);
        slash(5000);
        assertEq(delegation.delegationOf(node, alice), 450e18);
        assertEq(delegation.requestsOf(node, bob)[0].amount, 300e18);
        vm.warp(block.timestamp + UNBONDING);
        assertEq(delegation.withdraw(node, bob), 300e18);
    }

    function test_afterALossOfEverythingTheNextBeginAnew() public {
        delegate(alice, 100e18);
        delegate(bob, 100e18);
        undelegate(bob, 50e18);
        slash(10_000);
        assertEq(delegation.sharesOf(node, alice), 0);
        assertEq(delegation.delegationOf(node, alice), 0);
        stakeFor(node, VERIFIER_STAKE);
        assertEq(delegate(alice, 7), 7);
        assertEq(delegation.delegationOf(node, alice), 7);
        assertEq(delegation.delegationOf(node, bob), 0);
        vm.warp(block.timestamp + UNBONDING);
        assertEq(delegation.withdraw(node, bob), 0, "its request is worth nothing, and gone");
    }

    function test_slashOnlyByTheVault() public {
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotVault.selector, address(settlement)));
        vm.prank(address(settlement));
        delegation.slash(node, 1);
    }

    /// @dev Whatever happens, the pools and the tokens agree, and all can leave.
    /// forge-config: default.fuzz.runs = 512
    function testFuzz_slashesAndExits(uint96 a, uint96 b, uint16[4] memory bps, uint96 part) public {
        a = uint96(bound(a, 1, 700e18));
        b = uint96(bound(b, 1, 700e18));
        delegate(alice, a);
        delegate(bob, b);
        part = uint96(bound(part, 1, b));
        undelegate(bob, part);
        for (uint256 i; i < bps.length; ++i) {
            slash(uint16(bound(bps[i], 0, 10_000)));
            assertEq(delegation.totalHeld(), delegation.delegatedOf(node) + delegation.unbondingOf(node));
            assertEq(token.balanceOf(address(delegation)), delegation.totalHeld());
            assertEq(vault.accountOf(node).delegated, delegation.delegatedOf(node));
            uint256 owned = delegation.delegationOf(node, alice) + delegation.delegationOf(node, bob);
            assertLe(owned, delegation.delegatedOf(node));
            IDelegation.Unbonding[] memory requests = delegation.requestsOf(node, bob);
            assertLe(requests[0].amount, delegation.unbondingOf(node));
        }
        if (delegation.delegationOf(node, alice) > 0) undelegate(alice, delegation.sharesOf(node, alice));
        if (delegation.delegationOf(node, bob) > 0) undelegate(bob, delegation.sharesOf(node, bob));
        vm.warp(block.timestamp + UNBONDING);
        if (delegation.requestsOf(node, alice).length > 0) delegation.withdraw(node, alice);
        delegation.withdraw(node, bob);
        // Less than what a share was worth can be left: a fraction of a token each, after a loss.
        assertLe(delegation.totalHeld(), 2);
    }

    // --- commission

    function test_commissionMayBeAnythingUpToTheMostWhileNobodyHasDelegated() public {
        setCommission(MAX_COMMISSION_BPS);
        assertEq(delegation.commissionOf(node), MAX_COMMISSION_BPS);
        vm.expectRevert(
            abi.encodeWithSelector(
                IDelegation.CommissionTooHigh.selector, MAX_COMMISSION_BPS + 1, uint256(MAX_COMMISSION_BPS)
            )
        );
        setCommission(MAX_COMMISSION_BPS + 1);
    }

    function test_aRiseIsSmallAndComesLater() public {
        setCommission(1000);
        delegate(alice, 1e18);
        vm.expectRevert(
            abi.encodeWithSelector(IDelegation.CommissionTooHigh.selector, 1501, uint256(1000 + COMMISSION_STEP_BPS))
        );
        setCommission(1501);
        uint64 from = uint64(block.timestamp) + UNBONDING;
        vm.expectEmit(address(delegation));
        emit IDelegation.CommissionChanged(node, 1500, from);
        setCommission(1500);
        vm.warp(from - 1);
        assertEq(delegation.commissionOf(node), 1000);
        vm.warp(from);
        assertEq(delegation.commissionOf(node), 1500);
        IDelegation.Conditions memory c = delegation.conditionsOf(node);
        assertTrue(c.accepting);
        assertEq(c.nextCommissionBps, 1500);

        // A second rise within the delay starts from what is in force, and the delay starts again.
        setCommission(2000);
        vm.warp(block.timestamp + UNBONDING - 1);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.CommissionTooHigh.selector, 2001, uint256(2000)));
        setCommission(2001);
        setCommission(1600);
        vm.warp(block.timestamp + 1);
        assertEq(delegation.commissionOf(node), 1500);
    }

    function test_aFallIsAtOnceAndDropsARise() public {
        setCommission(1000);
        delegate(alice, 1e18);
        setCommission(1200);
        setCommission(900);
        assertEq(delegation.commissionOf(node), 900);
        vm.warp(block.timestamp + UNBONDING);
        assertEq(delegation.commissionOf(node), 900);
    }

    function test_conditionsAreTheOwners() public {
        vm.startPrank(node);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotOwner.selector, node, node));
        delegation.setCommission(node, 1);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotOwner.selector, node, node));
        delegation.setAccepting(node, false);
    }

    // --- rewards

    function test_rewardsRaiseWhatSharesAreWorth() public {
        delegate(alice, 300e18);
        delegate(bob, 100e18);
        fund(address(delegation), 40e18);
        vm.expectEmit(address(delegation));
        emit IDelegation.Rewarded(node, 40e18);
        vm.prank(address(pool));
        delegation.reward(node, 40e18);
        assertApproxEqAbs(delegation.delegationOf(node, alice), 330e18, 1);
        assertApproxEqAbs(delegation.delegationOf(node, bob), 110e18, 1);
        assertEq(vault.accountOf(node).delegated, 440e18);

        vm.expectRevert(abi.encodeWithSelector(IDelegation.NotPool.selector, stranger));
        vm.prank(stranger);
        delegation.reward(node, 1);
    }

    function test_whoJoinsLaterHasNoPartInWhatWasEarned() public {
        delegate(alice, 100e18);
        mine(1000);
        uint256 due = pool.claimable(node);
        assertGt(due, 0);
        delegate(bob, 100e18);
        assertApproxEqAbs(pool.claimable(node), due * 5 / 6, 1, "the owner's part");
        assertApproxEqAbs(delegation.delegationOf(node, bob), 100e18, 1);
        assertApproxEqRel(delegation.delegationOf(node, alice), 100e18 + due / 6, 1e12);
    }

    function test_whoLeavesTakesWhatWasEarned() public {
        delegate(alice, 100e18);
        mine(1000);
        uint256 due = pool.claimable(node);
        uint256 amount = undelegate(alice, 100e18);
        assertApproxEqRel(amount, 100e18 + due / 6, 1e12);
    }

    // --- what was earned is divided as stakes were then

    /// @dev What an owner, the network or a stranger can do about the weights of owner and delegators, if it can be done.
    function changeWeights(uint256 how, uint256 amount) internal {
        how %= 6;
        uint256 active = vault.accountOf(node).active;
        bool locked = vault.accountOf(node).lockedUntil > block.timestamp;
        if (how == 0) stakeFor(node, bound(amount, 1, 100 * VERIFIER_STAKE));
        if (how == 1 && active > 0 && !locked) {
            vm.prank(owner);
            vault.requestUnbond(node, bound(amount, 1, active));
        }
        if (how == 2 && !locked) {
            vm.prank(owner);
            vault.lock(node, uint64(block.timestamp + bound(amount, 1, FULL_LOCK)));
        }
        if (how == 3 && active > 0) {
            vm.prank(address(settlement));
            vault.bond(node, bound(amount, 1, active));
        }
        if (how == 4) setCommission(uint16(bound(amount, 0, COMMISSION_STEP_BPS)));
        // So little that delegators lose none of their stake: it is compared.
        if (how == 5) slash(uint16(bound(amount, 0, 1000)));
    }

    /// @dev What alice's stake and the owner have when all is claimed.
    function claimed() internal returns (uint256 lent, uint256 owned) {
        if (pool.claimable(node) > 0) pool.claim(node);
        return (delegation.delegationOf(node, alice), token.balanceOf(owner));
    }

    /// @dev Whatever somebody does to the weights after work was recorded, in its epoch or later, changes nobody's part of it.
    /// forge-config: default.fuzz.runs = 512
    function testFuzz_nobodyGainsByChangingTheWeightsBeforeAClaim(
        uint256[3] memory how,
        uint256[3] memory amounts,
        uint64 units,
        bool inTheEpoch
    ) public {
        units = uint64(bound(units, 1, 1e12));
        delegate(alice, VERIFIER_STAKE);
        vm.prank(address(settlement));
        pool.record(TRAINING, only(node, units), 0);
        uint256 before = vm.snapshotState();
        vm.warp(block.timestamp + EPOCH);
        uint256 due = pool.claimable(node);
        (uint256 lent, uint256 owned) = claimed();
        assertEq(delegation.delegatedOf(node) - VERIFIER_STAKE + owned, due, "both get what the node earned");
        assertApproxEqAbs(owned, due / 2, 1, "by halves");

        assertTrue(vm.revertToState(before));
        if (!inTheEpoch) vm.warp(block.timestamp + EPOCH);
        for (uint256 i; i < how.length; ++i) {
            changeWeights(how[i], amounts[i]);
        }
        if (inTheEpoch) vm.warp(block.timestamp + EPOCH);
        (uint256 lentNow, uint256 ownedNow) = claimed();
        assertEq(lentNow, lent, "the delegator's part");
        assertEq(ownedNow, owned, "the owner's part");
    }

    function test_anOwnerThatStakesBeforeAClaimGainsNothing() public {
        delegate(alice, 3 * VERIFIER_STAKE);
        mine(1000);
        uint256 due = pool.claimable(node);
        stakeFor(node, 78 * VERIFIER_STAKE);
        pool.claim(node);
        assertApproxEqAbs(delegation.delegationOf(node, alice), 3 * VERIFIER_STAKE + due * 3 / 4, 2);
        assertApproxEqAbs(token.balanceOf(owner), due / 4, 2);
    }

    function test_aChangedCommissionIsForWorkToCome() public {
        delegate(alice, VERIFIER_STAKE);
        setCommission(500);
        mine(1000);
        vm.warp(block.timestamp + UNBONDING);
        assertEq(delegation.commissionOf(node), 500);
        uint256 due = pool.claimable(node);
        pool.claim(node);
        assertApproxEqAbs(delegation.delegationOf(node, alice), VERIFIER_STAKE + due / 2, 2);
    }

    /// @dev Who leaves in the middle of an epoch gives its part of that epoch to the owner, not to whoever is in at its end.
    function test_whoLeavesLeavesTheOpenEpochToTheOwner() public {
        delegate(alice, VERIFIER_STAKE);
        vm.prank(address(settlement));
        pool.record(TRAINING, only(node, 1000), 0);
        delegate(bob, 1e15);
        undelegate(alice, VERIFIER_STAKE);
        vm.warp(block.timestamp + EPOCH);
        uint256 due = pool.claimable(node);
        (, uint256 owned) = claimed();
        assertEq(delegation.delegationOf(node, alice), 0);
        assertLe(delegation.delegationOf(node, bob) - 1e15, due / 1e5, "by its share, and no more");
        assertApproxEqAbs(owned + delegation.delegationOf(node, bob) - 1e15, due, 1);
        assertEq(token.balanceOf(address(delegation)), delegation.totalHeld());
    }

    function test_ifNobodyIsLeftTheOwnerGetsAll() public {
        delegate(alice, VERIFIER_STAKE);
        vm.prank(address(settlement));
        pool.record(TRAINING, only(node, 1000), 0);
        // Everything is lost.
        slash(10_000);
        assertEq(delegation.sharesOf(node, alice), 0);
        uint256 before = vm.snapshotState();
        vm.warp(block.timestamp + EPOCH);
        uint256 due = pool.claimable(node);
        (, uint256 owned) = claimed();
        assertEq(owned, due);
        assertEq(delegation.delegatedOf(node), 0);

        // Whoever comes next begins anew.
        assertTrue(vm.revertToState(before));
        stakeFor(node, VERIFIER_STAKE);
        delegate(bob, 1e18);
        vm.warp(block.timestamp + EPOCH);
        (, owned) = claimed();
        assertEq(owned, due);
        assertEq(delegation.delegationOf(node, bob), 1e18);
    }

    /// @dev The attack on ERC-4626 vaults: a first delegator of one unit makes its share expensive, so that the next one's
    /// tokens are rounded away. The virtual share makes the attacker lose more than the victim.
    function testFuzz_inflationDoesNotPay(uint96 gift, uint96 amount) public {
        gift = uint96(bound(gift, 1, 700e18));
        amount = uint96(bound(amount, 2, 700e18));
        delegate(alice, 1);
        fund(address(delegation), gift);
        vm.prank(address(pool));
        delegation.reward(node, gift);
        vm.startPrank(bob);
        token.approve(address(delegation), amount);
        try delegation.delegate(node, amount) {
            vm.stopPrank();
            assertLe(delegation.delegationOf(node, alice), uint256(gift) + 1, "the attacker gained nothing");
            uint256 lost = amount - delegation.delegationOf(node, bob);
            uint256 cost = uint256(gift) + 1 - delegation.delegationOf(node, alice);
            assertLe(lost, cost + 1, "it cost the attacker at least as much");
        } catch {
            vm.stopPrank();
            assertGt(gift, amount / 2, "too small to be refused");
        }
    }

    // --- wiring

    function test_params() public {
        IDelegation.Params memory p = delegationParams();
        p.maxCommissionBps = 10_001;
        vm.expectRevert(abi.encodeWithSelector(IDelegation.InvalidParams.selector, "maxCommissionBps exceeds 10000"));
        new Delegation(token, registry, vault, pool, p);
        p = delegationParams();
        p.maxCommissionStepBps = 0;
        vm.expectRevert(
            abi.encodeWithSelector(IDelegation.InvalidParams.selector, "maxCommissionStepBps must be positive")
        );
        new Delegation(token, registry, vault, pool, p);
        vm.expectRevert(abi.encodeWithSelector(IDelegation.Miswired.selector, address(vault)));
        new Delegation(token, registry, vault, pool, delegationParams());
    }
}

/// @dev A pause of the rewards holds up what goes to owners. What delegators earned becomes stake of theirs all the same, before
/// anybody joins or leaves, and no stake leaves the network in less than an unbonding period.
contract PausedDelegationTest is Delegating {
    GuardDouble internal guard_;

    function setUp() public override {
        guard_ = new GuardDouble();
        super.setUp();
        delegate(alice, VERIFIER_STAKE);
        mine(1000);
        guard_.set(SCOPE_REWARDS, true);
    }

    function guard() internal view override returns (address) {
        return address(guard_);
    }

    function test_whoJoinsDuringAPauseHasNoPartInWhatWasEarned() public {
        guard_.set(SCOPE_REWARDS, false);
        uint256 due = pool.claimable(node);
        guard_.set(SCOPE_REWARDS, true);
        delegate(bob, VERIFIER_STAKE);
        assertApproxEqAbs(delegation.delegationOf(node, bob), VERIFIER_STAKE, 2);
        assertApproxEqAbs(delegation.delegationOf(node, alice), VERIFIER_STAKE + due / 2, 2);
        assertEq(token.balanceOf(owner), 0, "the owner waits");
        guard_.set(SCOPE_REWARDS, false);
        assertApproxEqAbs(pool.claim(node), due / 2, 1);
        assertApproxEqAbs(delegation.delegationOf(node, bob), VERIFIER_STAKE, 2);
        assertApproxEqAbs(token.balanceOf(owner), due / 2, 1);
    }

    function test_whoLeavesDuringAPauseTakesWhatWasEarnedAfterUnbonding() public {
        guard_.set(SCOPE_REWARDS, false);
        uint256 due = pool.claimable(node);
        guard_.set(SCOPE_REWARDS, true);
        uint256 amount = undelegate(alice, VERIFIER_STAKE);
        assertApproxEqAbs(amount, VERIFIER_STAKE + due / 2, 2);
        vm.warp(block.timestamp + UNBONDING - 1);
        vm.expectRevert();
        delegation.withdraw(node, alice);
        vm.warp(block.timestamp + 1);
        assertEq(delegation.withdraw(node, alice), amount);
    }

    function test_onlyTheDelegationDividesWhatIsEarned() public {
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.NotDelegation.selector, owner));
        vm.prank(owner);
        pool.checkpoint(node, 0, 1);
    }
}
