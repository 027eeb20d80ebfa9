// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../src/interfaces/IMarket.sol";
import {MarketScene} from "./support/MarketScene.sol";
import {RefusingToken} from "./support/Money.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev Leases that run: what accrues, vouchers, claims and objections, the end.
contract MarketLeasesTest is MarketScene {
    // --- a lease that runs

    function test_accrues() public {
        bytes32 lease = openLease(SECONDS);
        skip(60);
        assertEq(market.accrued(lease), 60 * uint256(PRICE));
        skip(1 days);
        assertEq(market.accrued(lease), 10 ether, "never beyond the end");
        bytes32 units = openLease(UNITS);
        skip(60);
        assertEq(market.accrued(units), 600 * uint256(PRICE), "at the order's rate");
        skip(1 days);
        assertEq(market.accrued(units), 10 ether, "never beyond the quantity");
        vm.expectRevert(abi.encodeWithSelector(IMarket.UnknownLease.selector, bytes32("none")));
        market.accrued("none");
    }

    function test_topUp() public {
        IMarket.Order memory order = orderOf(SECONDS);
        order.deposit = 1 ether;
        bytes32 lease = openLease(offerOf(SECONDS), order);
        skip(500);
        fund(stranger, 10 ether);
        allow(stranger);
        vm.prank(stranger);
        vm.expectEmit();
        emit IMarket.LeaseToppedUp(lease, stranger, 1 ether);
        market.topUp(lease, 1 ether);
        assertEq(market.leaseOf(lease).deposit, 2 ether);
        skip(2500);
        assertEq(market.accrued(lease), 2 ether);

        vm.startPrank(requester);
        vm.expectRevert(IMarket.ZeroAmount.selector);
        market.topUp(lease, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DepositExceedsPrice.selector, 10 ether + 1, 10 ether));
        market.topUp(lease, 8 ether + 1);
        market.topUp(lease, 8 ether);
        assertEq(market.accrued(lease), 2 ether, "the time without a deposit is not made up for");
        skip(100);
        assertEq(market.accrued(lease), 2.1 ether);
        skip(10_000);
        uint64 end = market.leaseOf(lease).end;
        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseOver.selector, lease, end));
        market.topUp(lease, 1);
        assertSolvent();
    }

    function test_extend() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        bytes32 lease = openLease(offer, orderOf(SECONDS));
        uint256 before = token.balanceOf(requester);
        vm.startPrank(requester);
        vm.expectEmit();
        emit IMarket.LeaseExtended(lease, 500, uint64(block.timestamp + 10_500));
        market.extend(lease, offer, 500, 500);
        assertEq(market.leaseOf(lease).most, 10_500 * uint256(PRICE));
        assertEq(market.leaseOf(lease).deposit, 10.5 ether, "paid in full");
        assertEq(before - token.balanceOf(requester), 0.5 ether);
        assertEq(market.filled(market.offerDigest(offer)), 10_500);
        assertSolvent();
        skip(10_499);
        assertEq(market.accrued(lease), 10.499 ether);

        vm.expectRevert(abi.encodeWithSelector(IMarket.InvalidTerms.selector, "term"));
        market.extend(lease, offer, 500, 501);
        vm.expectRevert(IMarket.ZeroAmount.selector);
        market.extend(lease, offer, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.QuantityExceedsOffer.selector, 89_501, 89_500));
        market.extend(lease, offer, 89_501, 89_501);
        skip(1);
        vm.expectPartialRevert(IMarket.LeaseOver.selector);
        market.extend(lease, offer, 1, 1);
    }

    function test_extendingMakesUpForNoTimeEither() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        order.deposit = 1 ether;
        bytes32 lease = openLease(offer, order);
        skip(5000);
        assertEq(market.accrued(lease), 1 ether);
        vm.prank(requester);
        market.extend(lease, offer, 500, 500);
        assertEq(market.accrued(lease), 1 ether);
        skip(100);
        assertEq(market.accrued(lease), 1.1 ether);
    }

    function test_extendKeepsToTheOffer() public {
        IMarket.Offer memory offer = offerOf(UNITS);
        bytes32 lease = openLease(offer, orderOf(UNITS));
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotRequester.selector, node, lease));
        vm.prank(node);
        market.extend(lease, offer, 1, 1);

        vm.startPrank(requester);
        market.extend(lease, offer, 100, 0);
        market.extend(lease, offer, 0, 28 days);
        assertEq(market.leaseOf(lease).end, block.timestamp + 30 days);
        vm.expectRevert(differs("term"));
        market.extend(lease, offer, 0, 1);
        IMarket.Offer memory cheaper = offerOf(UNITS);
        cheaper.price = 1;
        vm.expectRevert(
            abi.encodeWithSelector(IMarket.WrongOffer.selector, market.offerDigest(cheaper), market.offerDigest(offer))
        );
        market.extend(lease, cheaper, 1, 0);
        vm.stopPrank();

        vm.prank(node);
        market.cancelOffer(offer);
        vm.startPrank(requester);
        vm.expectRevert(abi.encodeWithSelector(IMarket.QuantityExceedsOffer.selector, 0, 0));
        market.extend(lease, offer, 0, 1);
        skip(8 days);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Expired.selector, offer.expiry));
        market.extend(lease, offer, 0, 1);
    }

    // --- vouchers

    function test_redeem() public {
        bytes32 lease = openLease(UNITS);
        uint256 before = token.balanceOf(owner);
        redeem(lease, 3 ether);
        assertEq(token.balanceOf(owner) - before, 3 ether - feeOf(3 ether));
        assertEq(token.balanceOf(address(splitter)), feeOf(3 ether));

        bytes memory signature = voucher(lease, 3 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.AlreadySettled.selector, 3 ether, 3 ether));
        market.redeem(lease, 3 ether, signature);
        vm.expectEmit();
        emit IMarket.ProviderPaid(lease, owner, 1 ether - feeOf(1 ether), feeOf(1 ether), 4 ether);
        redeem(lease, 4 ether);
        signature = voucher(lease, 10 ether + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ExceedsDeposit.selector, 10 ether + 1, 10 ether));
        market.redeem(lease, 10 ether + 1, signature);
        assertSolvent();
    }

    /// @dev Vouchers are paid to the highest one, whatever is redeemed in which order and how often.
    function testFuzz_vouchersArePaidOnce(uint128[8] memory amounts) public {
        bytes32 lease = openLease(UNITS);
        uint256 highest;
        uint256 before = token.balanceOf(owner);
        for (uint256 i; i < amounts.length; ++i) {
            uint128 amount = uint128(bound(amounts[i], 1, 10 ether));
            bytes memory signature = voucher(lease, amount);
            try market.redeem(lease, amount, signature) {
                assertGt(amount, highest);
                highest = amount;
            } catch {
                assertLe(amount, highest);
            }
        }
        uint256 paid = token.balanceOf(owner) - before + token.balanceOf(address(splitter));
        assertEq(paid, highest);
        assertEq(market.leaseOf(lease).settled, highest);
        assertSolvent();
    }

    function test_vouchersOfTheSignerOnly() public {
        (address hot, uint256 hotKey) = makeAddrAndKey("hot");
        IMarket.Order memory order = orderOf(UNITS);
        order.signer = hot;
        bytes32 lease = openLease(offerOf(UNITS), order);
        bytes memory cold = voucher(lease, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, hot));
        market.redeem(lease, 1 ether, cold);
        market.redeem(lease, 1 ether, signedBy(hotKey, market.voucherDigest(lease, 1 ether)));
        vm.prank(hot);
        market.redeem(lease, 2 ether, "");
        vm.prank(requester);
        market.redeem(lease, 3 ether, "");

        order.nonce = 1;
        bytes32 other = openLease(offerOf(UNITS), order);
        bytes memory signature = signedBy(hotKey, market.voucherDigest(lease, 4 ether));
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, hot));
        market.redeem(other, 4 ether, signature);
    }

    function test_aNodeThatChangesHandsPaysItsNewOwner() public {
        bytes32 lease = openLease(UNITS);
        registry.set(node, stranger, 1);
        redeem(lease, 1 ether);
        assertEq(token.balanceOf(stranger), 1 ether - feeOf(1 ether));
    }

    // --- claims

    function test_claimWithoutTheRequester() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotProvider.selector, stranger, node));
        vm.prank(stranger);
        market.claim(lease, 1 ether, 0);
        vm.startPrank(node);
        vm.expectRevert(abi.encodeWithSelector(IMarket.AlreadySettled.selector, 0, 0));
        market.claim(lease, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ExceedsAccrued.selector, 1 ether + 1, 1 ether));
        market.claim(lease, 1 ether + 1, 0);

        uint256 bond = bondFor(1 ether);
        uint64 deadline = uint64(block.timestamp + CHALLENGE);
        uint256 before = token.balanceOf(node);
        vm.expectEmit();
        emit IMarket.Claimed(lease, node, 1 ether, bond, deadline, "evidence");
        market.claim(lease, 1 ether, "evidence");
        assertEq(before - token.balanceOf(node), bond);
        assertSolvent();
        vm.expectRevert(abi.encodeWithSelector(IMarket.ClaimOpen.selector, lease, deadline));
        market.claim(lease, 1 ether, "evidence");
        vm.stopPrank();

        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ChallengeWindowOpen.selector, deadline));
        market.finalize(lease);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ChallengeWindowOver.selector, deadline));
        vm.prank(requester);
        market.object(lease, 0);
        uint256 ownerBefore = token.balanceOf(owner);
        vm.prank(stranger);
        market.finalize(lease);
        assertEq(token.balanceOf(owner) - ownerBefore, 1 ether - feeOf(1 ether));
        assertEq(token.balanceOf(node), before, "the bond is back");
        vm.expectRevert(abi.encodeWithSelector(IMarket.NoClaim.selector, lease));
        market.finalize(lease);
        assertSolvent();
    }

    function test_theOwnerClaimsToo() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        uint256 before = token.balanceOf(owner);
        vm.prank(owner);
        market.claim(lease, 1 ether, 0);
        assertEq(market.claimOf(lease).claimant, owner);
        skip(CHALLENGE + 1);
        market.finalize(lease);
        assertEq(token.balanceOf(owner), before + 1 ether - feeOf(1 ether));
    }

    function test_claimsEndWithTheWindowAfterTheEnd() public {
        bytes32 lease = openLease(SECONDS);
        uint64 end = market.leaseOf(lease).end;
        vm.warp(end + CHALLENGE);
        claim(lease, 10 ether);
        skip(CHALLENGE + 1);
        market.finalize(lease);
        lease = openLease(UNITS);
        vm.warp(market.leaseOf(lease).end + CHALLENGE + 1);
        vm.expectPartialRevert(IMarket.LeaseOver.selector);
        vm.prank(node);
        market.claim(lease, 1 ether, 0);
    }

    function test_withdrawClaimInTheFirstHalf() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        uint256 before = token.balanceOf(node);
        claim(lease, 1 ether);
        skip(CHALLENGE / 2 - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotProvider.selector, requester, node));
        vm.prank(requester);
        market.withdrawClaim(lease);
        vm.prank(owner);
        vm.expectEmit();
        emit IMarket.ClaimWithdrawn(lease, 1 ether);
        market.withdrawClaim(lease);
        assertEq(token.balanceOf(node), before, "to whom posted it");
        assertSolvent();

        vm.expectRevert(abi.encodeWithSelector(IMarket.NoClaim.selector, lease));
        vm.prank(node);
        market.withdrawClaim(lease);
        skip(CHALLENGE / 2);
        claim(lease, 1 ether);
        skip(CHALLENGE / 2);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ClaimStands.selector, block.timestamp));
        vm.prank(node);
        market.withdrawClaim(lease);
    }

    function test_aVoucherSettlesAClaim() public {
        bytes32 lease = openLease(SECONDS);
        skip(2000);
        uint256 before = token.balanceOf(node);
        claim(lease, 2 ether);
        redeem(lease, 1 ether);
        assertEq(market.claimOf(lease).amount, 2 ether, "not by a smaller one");
        redeem(lease, 2 ether);
        assertEq(market.claimOf(lease).claimant, address(0));
        assertEq(token.balanceOf(node), before);
        assertEq(market.leaseOf(lease).settled, 2 ether, "paid once");
        assertSolvent();
    }

    function test_object() public {
        bytes32 lease = openLease(SECONDS);
        skip(5000);
        redeem(lease, 1 ether);
        uint256 nodeBefore = token.balanceOf(node);
        uint256 ownerBefore = token.balanceOf(owner);
        uint256 feesBefore = token.balanceOf(address(splitter));
        claim(lease, 5 ether);

        vm.expectRevert(abi.encodeWithSelector(IMarket.NotRequester.selector, stranger, lease));
        vm.prank(stranger);
        market.object(lease, 2 ether);
        vm.startPrank(requester);
        vm.expectRevert(abi.encodeWithSelector(IMarket.InvalidAgreement.selector, 1 ether - 1, 1 ether, 5 ether));
        market.object(lease, 1 ether - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.InvalidAgreement.selector, 5 ether, 1 ether, 5 ether));
        market.object(lease, 5 ether);
        skip(CHALLENGE);
        uint256 lost = bondFor(3 ether);
        vm.expectEmit();
        emit IMarket.Objected(lease, requester, 2 ether, 3 ether, lost);
        market.object(lease, 2 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NoClaim.selector, lease));
        market.object(lease, 2 ether);
        vm.stopPrank();

        assertEq(token.balanceOf(owner) - ownerBefore, 1 ether - feeOf(1 ether), "what is agreed is paid");
        assertEq(nodeBefore - token.balanceOf(node), lost, "the rest of the bond is back");
        assertEq(token.balanceOf(address(splitter)) - feesBefore, 3 ether + lost + feeOf(1 ether));
        assertEq(market.leaseOf(lease).settled, 5 ether, "the disputed part is spent");
        assertSolvent();
    }

    function test_anObjectionEndsTheLease() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        claim(lease, 1 ether);
        skip(10);
        vm.prank(requester);
        market.object(lease, 0);
        assertEq(market.leaseOf(lease).end, block.timestamp);
        skip(100);
        assertEq(market.accrued(lease), 1.01 ether);
        // What accrued since the claim can still be claimed, and objected to.
        claim(lease, 1.01 ether);
        vm.prank(requester);
        market.object(lease, 1 ether);
    }

    /// @dev The argument of `IMarket`, in numbers. The requester's money does not depend on what it does about a claim; the
    /// provider's is the best where the claim stands and the worst where it is objected to.
    function testFuzz_nobodyGainsByLying(uint128 claimed, uint128 agreed) public {
        claimed = uint128(bound(claimed, 1, 5 ether));
        agreed = uint128(bound(agreed, 0, claimed - 1));
        bytes32 lease = openLease(SECONDS);
        skip(5000);
        uint256 provider = token.balanceOf(owner) + token.balanceOf(node);
        uint256 payer = token.balanceOf(requester);
        claim(lease, claimed);
        uint256 snapshot = vm.snapshotState();

        skip(CHALLENGE + 1);
        market.finalize(lease);
        vm.prank(node);
        market.close(lease);
        uint256 payerAccepting = token.balanceOf(requester) - payer;
        uint256 providerAccepted = token.balanceOf(owner) + token.balanceOf(node) - provider;

        vm.revertToState(snapshot);
        vm.prank(requester);
        market.object(lease, agreed);
        vm.prank(node);
        market.close(lease);
        assertEq(token.balanceOf(requester) - payer, payerAccepting, "an objection is neither a gain nor a cost");
        assertLt(token.balanceOf(owner) + token.balanceOf(node), provider + providerAccepted);
        // Less than to have claimed what was agreed: at most what an agreed claim pays, less the bond.
        assertEq(
            provider + agreed - feeOf(agreed) - bondFor(claimed - agreed),
            token.balanceOf(owner) + token.balanceOf(node)
        );
    }

    // --- the end

    function test_endWithNotice() public {
        bytes32 lease = openLease(SECONDS);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotParty.selector, stranger, lease));
        vm.prank(stranger);
        market.end(lease);
        vm.prank(node);
        vm.expectEmit();
        emit IMarket.LeaseEnding(lease, node, uint64(block.timestamp + NOTICE));
        market.end(lease);
        skip(60);
        vm.prank(requester);
        market.end(lease);
        assertEq(market.leaseOf(lease).end, block.timestamp - 60 + NOTICE, "a second notice gains no time");
        skip(NOTICE);
        assertEq(market.accrued(lease), NOTICE * uint256(PRICE));
        vm.expectPartialRevert(IMarket.LeaseOver.selector);
        vm.prank(owner);
        market.end(lease);
    }

    function test_closeByAnyoneAfterTheWindow() public {
        bytes32 lease = openLease(SECONDS);
        uint256 before = token.balanceOf(requester);
        redeem(lease, 1 ether);
        uint64 until = market.leaseOf(lease).end + CHALLENGE;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseNotOver.selector, lease, until));
        vm.prank(requester);
        market.close(lease);
        claim(lease, 2 ether);
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ClaimOpen.selector, lease, until + CHALLENGE));
        market.close(lease);
        skip(CHALLENGE);
        market.finalize(lease);
        vm.prank(stranger);
        vm.expectEmit();
        emit IMarket.LeaseClosed(lease, 8 ether);
        market.close(lease);
        assertEq(token.balanceOf(requester), before + 8 ether);
        assertEq(market.totalHeld(), 0);
        assertSolvent();

        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseIsClosed.selector, lease));
        market.close(lease);
        bytes memory signature = voucher(lease, 9 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseIsClosed.selector, lease));
        market.redeem(lease, 9 ether, signature);
    }

    function test_theProviderClosesAtOnce() public {
        bytes32 lease = openLease(SECONDS);
        uint256 before = token.balanceOf(requester);
        skip(100);
        vm.prank(node);
        market.close(lease);
        assertEq(token.balanceOf(requester), before + 10 ether);
        assertEq(market.leaseOf(lease).end, block.timestamp);
    }

    /// @dev A side that the token refuses holds up the other one in nothing.
    function test_aRefusedSideCannotHoldUpTheOther() public {
        RefusingToken refusing = new RefusingToken(treasury, SUPPLY);
        token = IERC20(address(refusing));
        market = newMarket(marketParams(), address(guard), address(manager));
        fund(requester, 100 ether);
        fund(node, 100 ether);
        allow(requester);
        allow(node);
        bytes32 lease = openLease(SECONDS);
        skip(5000);
        claim(lease, 5 ether);
        refusing.refuse(node, true);
        refusing.refuse(owner, true);
        refusing.refuse(requester, true);
        vm.prank(requester);
        market.object(lease, 2 ether);
        assertEq(market.owedTo(owner), 2 ether - feeOf(2 ether));
        assertEq(market.owedTo(node), bondFor(5 ether) - bondFor(3 ether));
        vm.prank(node);
        market.close(lease);
        assertEq(market.owedTo(requester), 5 ether);
        assertSolvent();
        refusing.refuse(requester, false);
        market.payOwed(requester);
        assertSolvent();
    }
}
