// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../src/interfaces/IMarket.sol";
import {ISpendingAccount} from "../src/interfaces/ISpendingAccount.sol";
import {Money, RefusingToken} from "./support/Money.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

contract SpendingAccountTest is Money {
    ISpendingAccount internal account;
    address internal cold = makeAddr("cold");
    address internal hot;
    uint256 internal hotKey;

    function setUp() public override {
        super.setUp();
        (hot, hotKey) = makeAddrAndKey("hot");
        account = newAccount(cold);
        fund(address(account), 1000 ether);
        setLimit(100 ether, 250 ether, 1 days, uint64(block.timestamp + 30 days));
    }

    function setLimit(uint128 perPeriod, uint128 total, uint64 period, uint64 expiry) internal {
        vm.prank(cold);
        account.setLimit(hot, ISpendingAccount.Limit(perPeriod, total, period, expiry));
    }

    function order() internal view returns (IMarket.Order memory o) {
        o = orderOf(IMarket.Meter.Seconds);
        (o.requester, o.signer) = (address(account), hot);
    }

    function test_aKeyOpensJobs() public {
        vm.startPrank(hot);
        bytes32 job = account.openJob(terms(), 60 ether);
        assertEq(escrow.jobOf(job).requester, address(account));
        assertEq(escrow.jobOf(job).balance, 60 ether);
        account.topUpJob(job, 30 ether);
        assertEq(account.spendable(hot), 10 ether);
        account.setCoordinator(job, stranger);
        assertEq(escrow.coordinatorOf(job), stranger);
        account.closeJob(job);
        assertEq(token.balanceOf(address(account)), 1000 ether, "what is left returns here");
        assertEq(account.spendable(hot), 10 ether, "and does not refill the limit");
        assertEq(token.allowance(address(account), address(escrow)), 0);
    }

    function test_limitPerPeriodAndInTotal() public {
        vm.startPrank(hot);
        account.openJob(terms(), 100 ether);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.ExceedsPeriod.selector, hot, 1, 0));
        account.openJob(terms(), 1);
        skip(1 days);
        assertEq(account.spendable(hot), 100 ether);
        vm.expectEmit();
        emit ISpendingAccount.Spent(hot, 100 ether);
        account.openJob(terms(), 100 ether);
        skip(1 days);
        assertEq(account.spendable(hot), 50 ether);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.ExceedsTotal.selector, hot, 51 ether, 50 ether));
        account.openJob(terms(), 51 ether);
        account.openJob(terms(), 50 ether);
        ISpendingAccount.Key memory k = account.keyOf(hot);
        assertEq(k.spent, 250 ether);
        assertEq(k.spentInPeriod, 50 ether);
    }

    /// @dev Whatever a key does, it spends at most its limits.
    function testFuzz_aKeySpendsAtMostItsLimit(uint64[12] memory amounts, uint32[12] memory waits) public {
        uint256 first = block.timestamp / 1 days;
        for (uint256 i; i < amounts.length; ++i) {
            uint256 amount = bound(amounts[i], 1, 15 ether) * 5;
            uint256 spendable = account.spendable(hot);
            vm.prank(hot);
            try account.openJob(terms(), amount) {
                assertLe(amount, spendable);
            } catch {
                assertGt(amount, spendable);
            }
            skip(waits[i] % 1 days);
        }
        uint256 spent = 1000 ether - token.balanceOf(address(account));
        assertLe(spent, 250 ether);
        assertLe(spent, (block.timestamp / 1 days - first + 1) * 100 ether);
    }

    function test_expiryAndRevocation() public {
        uint64 expiry = account.keyOf(hot).limit.expiry;
        vm.warp(expiry);
        vm.startPrank(hot);
        account.openJob(terms(), 1);
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.NotKey.selector, hot));
        account.openJob(terms(), 1);
        vm.stopPrank();
        assertEq(account.spendable(hot), 0);

        setLimit(5, 5, 1, uint64(block.timestamp));
        assertEq(account.spendable(hot), 5, "a new limit forgets what was spent");
        vm.prank(cold);
        account.revoke(hot);
        assertEq(account.spendable(hot), 0);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.NotKey.selector, hot));
        vm.prank(hot);
        account.closeJob("job");
    }

    function test_whoIsNoKeyCanDoNothing() public {
        IMarket.Order memory o = order();
        bytes memory refusal = abi.encodeWithSelector(ISpendingAccount.NotKey.selector, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(refusal);
        account.openJob(terms(), 1);
        vm.expectRevert(refusal);
        account.topUpJob("job", 1);
        vm.expectRevert(refusal);
        account.setCoordinator("job", stranger);
        vm.expectRevert(refusal);
        account.closeJob("job");
        vm.expectRevert(refusal);
        account.placeOrder(o);
        vm.expectRevert(refusal);
        account.cancelOrder(o);
        vm.expectRevert(refusal);
        account.topUpLease("lease", 1);
        IMarket.Offer memory offer = offerOf(IMarket.Meter.Seconds);
        vm.expectRevert(refusal);
        account.extendLease("lease", offer, 1, 1);
        vm.expectRevert(refusal);
        account.endLease("lease");
    }

    function test_onlyTheOwnerRules() public {
        bytes memory refusal = abi.encodeWithSelector(ISpendingAccount.NotOwner.selector, hot);
        vm.startPrank(hot);
        vm.expectRevert(refusal);
        account.setLimit(hot, ISpendingAccount.Limit(1, 1, 1, type(uint64).max));
        vm.expectRevert(refusal);
        account.revoke(hot);
        vm.expectRevert(refusal);
        account.withdraw(token, 1);
    }

    function test_setLimitRefusesNonsense() public {
        vm.startPrank(cold);
        vm.expectRevert(
            abi.encodeWithSelector(ISpendingAccount.InvalidLimit.selector, "periodSeconds must be positive")
        );
        account.setLimit(hot, ISpendingAccount.Limit(1, 1, 0, type(uint64).max));
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.InvalidLimit.selector, "expiry is in the past"));
        account.setLimit(hot, ISpendingAccount.Limit(1, 1, 1, uint64(block.timestamp - 1)));
        vm.expectEmit();
        emit ISpendingAccount.LimitSet(hot, ISpendingAccount.Limit(0, 0, 0, 0));
        account.revoke(hot);
    }

    function test_theOwnerTakesOutAnything() public {
        RefusingToken other = new RefusingToken(address(account), 7);
        vm.startPrank(cold);
        vm.expectEmit();
        emit ISpendingAccount.Withdrawn(token, 400 ether);
        account.withdraw(token, 400 ether);
        account.withdraw(other, 7);
        assertEq(token.balanceOf(cold), 400 ether);
        assertEq(other.balanceOf(cold), 7);
        account.openJob(terms(), 600 ether);
    }

    /// @dev Or a key could give away more than its limit, to somebody's job.
    function test_onlyToItsOwnJobsAndLeases() public {
        bytes32 job = openJob();
        bytes32 lease = openLease(IMarket.Meter.Seconds);
        vm.startPrank(hot);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.NotOurJob.selector, job));
        account.topUpJob(job, 1);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.NotOurLease.selector, lease));
        account.topUpLease(lease, 1);
        IMarket.Offer memory offer = offerOf(IMarket.Meter.Seconds);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.NotOurLease.selector, lease));
        account.extendLease(lease, offer, 1, 1);
        IMarket.Order memory o = orderOf(IMarket.Meter.Seconds);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.NotOurOrder.selector, requester));
        account.placeOrder(o);
        vm.expectPartialRevert(IJobEscrow.NotRequester.selector);
        account.closeJob(job);
        vm.expectPartialRevert(IMarket.NotParty.selector);
        account.endLease(lease);
    }

    function test_aLease() public {
        IMarket.Offer memory offer = offerOf(IMarket.Meter.Seconds);
        IMarket.Order memory o = order();
        o.deposit = 8 ether;
        bytes32 hash = market.orderDigest(o);
        bytes memory signature = signedBy(nodeKey, market.offerDigest(offer));
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, address(account)));
        market.openLease(offer, signature, o, "");
        vm.startPrank(hot);
        vm.expectEmit();
        emit ISpendingAccount.OrderPlaced(hash, hot);
        assertEq(account.placeOrder(o), hash);
        vm.expectRevert(abi.encodeWithSelector(ISpendingAccount.AlreadyPlaced.selector, hash));
        account.placeOrder(o);
        vm.stopPrank();
        assertEq(account.spendable(hot), 92 ether);

        bytes32 lease = market.openLease(offer, signature, o, "");
        assertEq(market.leaseOf(lease).requester, address(account));
        market.redeem(lease, 1 ether, signedBy(hotKey, market.voucherDigest(lease, 1 ether)));
        vm.startPrank(hot);
        account.topUpLease(lease, 2 ether);
        assertEq(market.leaseOf(lease).deposit, 10 ether);
        account.extendLease(lease, offer, 1000, 1000);
        assertEq(market.leaseOf(lease).deposit, 11 ether);
        assertEq(account.spendable(hot), 89 ether);
        account.endLease(lease);
        vm.stopPrank();
        assertEq(token.allowance(address(account), address(market)), 0);
        vm.prank(node);
        market.close(lease);
        assertEq(token.balanceOf(address(account)), 999 ether);
    }

    function test_ordersDoNotTakeEachOthersAllowance() public {
        IMarket.Offer memory offer = offerOf(IMarket.Meter.Seconds);
        bytes memory signature = signedBy(nodeKey, market.offerDigest(offer));
        IMarket.Order memory first = order();
        IMarket.Order memory second = order();
        (first.deposit, second.deposit, second.nonce) = (8 ether, 5 ether, 1);
        vm.startPrank(hot);
        account.placeOrder(first);
        account.placeOrder(second);
        bytes32 lease = market.openLease(offer, signature, second, "");
        account.topUpLease(lease, 1 ether);
        account.extendLease(lease, offer, 1000, 1000);
        vm.stopPrank();
        assertEq(token.allowance(address(account), address(market)), 8 ether);
        lease = market.openLease(offer, signature, first, "");
        assertEq(market.leaseOf(lease).deposit, 8 ether);
    }

    function test_cancelOrder() public {
        IMarket.Order memory o = order();
        vm.startPrank(hot);
        account.placeOrder(o);
        account.cancelOrder(o);
        vm.stopPrank();
        IMarket.Offer memory offer = offerOf(IMarket.Meter.Seconds);
        bytes memory signature = signedBy(nodeKey, market.offerDigest(offer));
        vm.expectRevert(abi.encodeWithSelector(IMarket.NothingLeft.selector, market.orderDigest(o)));
        market.openLease(offer, signature, o, "");
    }

    function test_anOrderNamesAVoucherKey() public {
        IMarket.Order memory o = order();
        o.signer = address(0);
        vm.expectRevert(ISpendingAccount.NoVoucherKey.selector);
        vm.prank(hot);
        account.placeOrder(o);
    }

    function test_signsNothingButOrders() public {
        vm.prank(hot);
        bytes32 hash = account.placeOrder(order());
        assertEq(account.isValidSignature(hash, ""), IERC1271.isValidSignature.selector);
        assertEq(account.isValidSignature(hash, "x"), bytes4(0));
        assertEq(account.isValidSignature("voucher", ""), bytes4(0));
    }

    function test_needsAnOwner() public {
        refusesToDeploy(
            code("SpendingAccount", abi.encode(address(0), token, escrow, market)),
            abi.encodeWithSelector(ISpendingAccount.NotOwner.selector, address(0))
        );
        assertEq(account.owner(), cold);
    }
}
