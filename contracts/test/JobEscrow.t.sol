// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "../src/interfaces/IJobEscrow.sol";
import {AUDIT, PROVIDER, Payout, TRAINING} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";

contract JobEscrowTest is Network {
    address internal node;

    function setUp() public override {
        super.setUp();
        node = provider("node");
    }

    function reserve(bytes32 job, uint256 units) internal {
        vm.prank(address(settlement));
        escrow.reserve(job, coordinator, units);
    }

    function pay(bytes32 job, uint64 units, uint256 reservedUnits) internal returns (uint8 kind) {
        vm.prank(address(settlement));
        (kind,) = escrow.pay(job, 0, only(node, units), reservedUnits);
    }

    function test_open() public {
        bytes32 expected = keccak256(abi.encode(block.chainid, escrow, requester, 0));
        assertEq(escrow.nextJobId(requester), expected);
        uint256 before = token.balanceOf(requester);
        bytes32 job = openJob();
        assertEq(job, expected);
        assertNotEq(openJob(), job);

        IJobEscrow.Job memory j = escrow.jobOf(job);
        assertEq(j.requester, requester);
        assertEq(j.coordinator, coordinator);
        assertEq(j.pricePerUnit, PRICE);
        assertEq(j.balance, BUDGET);
        assertEq(j.reserved, 0);
        assertEq(j.spec, terms().spec);
        assertEq(j.kind, TRAINING);
        assertFalse(j.closed);
        assertEq(token.balanceOf(requester), before - 2 * BUDGET);
        assertEq(escrow.totalHeld(), 2 * BUDGET);
    }

    function test_openRefusesBadInput() public {
        IJobEscrow.Terms memory t = terms();
        vm.expectRevert(IJobEscrow.ZeroAmount.selector);
        escrow.open(t, 0);

        t.coordinator = address(0);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.InvalidCoordinator.selector, address(0)));
        escrow.open(t, 1);

        t = terms();
        t.pricePerUnit = MIN_PRICE - 1;
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.PriceTooLow.selector, MIN_PRICE - 1, MIN_PRICE));
        escrow.open(t, 1);

        t = terms();
        t.kind = AUDIT;
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.NoJobKind.selector, AUDIT));
        escrow.open(t, 1);

        t = terms();
        t.deadline = uint64(block.timestamp);
        vm.expectPartialRevert(IJobEscrow.DeadlinePassed.selector);
        escrow.open(t, 1);
    }

    function test_topUpByAnyone() public {
        bytes32 job = openJob();
        vm.startPrank(treasury);
        token.approve(address(escrow), 5);
        escrow.topUp(job, 5);
        assertEq(escrow.freeBalance(job), BUDGET + 5);

        vm.expectRevert(IJobEscrow.ZeroAmount.selector);
        escrow.topUp(job, 0);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.UnknownJob.selector, bytes32("none")));
        escrow.topUp("none", 1);
    }

    function test_setCoordinator() public {
        bytes32 job = openJob();
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.NotRequester.selector, coordinator, job));
        vm.prank(coordinator);
        escrow.setCoordinator(job, stranger);

        vm.startPrank(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.InvalidCoordinator.selector, address(0)));
        escrow.setCoordinator(job, address(0));
        escrow.setCoordinator(job, stranger);
        vm.stopPrank();

        vm.startPrank(address(settlement));
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.NotCoordinator.selector, coordinator, job));
        escrow.reserve(job, coordinator, 1);
        escrow.reserve(job, stranger, 1);
    }

    function test_reserveNeverExceedsTheBudget() public {
        bytes32 job = openJob();
        reserve(job, BUDGET / PRICE - 1);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.InsufficientBudget.selector, job, PRICE, 2 * uint256(PRICE)));
        reserve(job, 2);
        reserve(job, 1);
        assertEq(escrow.freeBalance(job), 0);
    }

    function test_reserveNeedsAnOpenJobInTime() public {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.UnknownJob.selector, bytes32("none")));
        reserve("none", 1);
        bytes32 job = openJob();
        uint64 deadline = terms().deadline;
        vm.warp(deadline);
        reserve(job, 1);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.DeadlinePassed.selector, job, deadline));
        reserve(job, 1);
        escrow.close(job);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobIsClosed.selector, job));
        reserve(job, 1);
    }

    /// forge-config: default.fuzz.runs = 512
    function testFuzz_paySplitsExactly(uint64 reserved, uint64 paid, uint128 price) public {
        price = uint128(bound(price, MIN_PRICE, 1e18));
        reserved = uint64(bound(reserved, 1, 1000));
        paid = uint64(bound(paid, 1, reserved));
        IJobEscrow.Terms memory t = terms();
        t.pricePerUnit = price;
        bytes32 job = openJob(t, BUDGET);
        reserve(job, reserved);
        assertEq(pay(job, paid, reserved), TRAINING);

        uint256 gross = uint256(paid) * price;
        uint256 fee = SUPPLY - token.totalSupply();
        assertEq(token.balanceOf(ownerOf("node")) + fee, gross);
        assertGe(fee * 10_000, gross * FEE_BPS, "the fee is rounded up");
        assertLt((fee - 1) * 10_000, gross * FEE_BPS, "by less than one");
        assertEq(escrow.freeBalance(job), BUDGET - gross, "what was reserved and not paid is free again");
        assertEq(escrow.totalHeld(), BUDGET - gross);
        assertEq(token.balanceOf(address(escrow)), escrow.totalHeld());
    }

    function test_closeReturnsWhatIsFreeNowAndTheRestLater() public {
        bytes32 job = openJob();
        reserve(job, 10);
        uint256 before = token.balanceOf(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobNotClosed.selector, job));
        escrow.refund(job);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.NotRequester.selector, stranger, job));
        vm.prank(stranger);
        escrow.close(job);

        vm.prank(requester);
        escrow.close(job);
        assertEq(token.balanceOf(requester), before + BUDGET - 10 * uint256(PRICE));
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobIsClosed.selector, job));
        vm.prank(requester);
        escrow.close(job);
        assertEq(escrow.refund(job), 0);

        pay(job, 4, 10);
        vm.prank(stranger);
        assertEq(escrow.refund(job), 6 * uint256(PRICE));
        assertEq(token.balanceOf(requester), before + BUDGET - 4 * uint256(PRICE));
        assertEq(escrow.totalHeld(), 0);
    }

    function test_anyoneClosesAfterTheDeadline() public {
        bytes32 job = openJob();
        vm.warp(terms().deadline + 1);
        uint256 before = token.balanceOf(requester);
        vm.prank(stranger);
        escrow.close(job);
        assertEq(token.balanceOf(requester), before + BUDGET);
    }

    function test_creditGoesToTheJob() public {
        bytes32 job = openJob();
        fund(address(escrow), 9);
        vm.prank(address(settlement));
        escrow.credit(job, 9);
        assertEq(escrow.freeBalance(job), BUDGET + 9);
        assertEq(token.balanceOf(address(escrow)), escrow.totalHeld());
    }

    function test_payOnlyBySettlement() public {
        expectNotSettlement(coordinator);
        escrow.pay(0, 0, new Payout[](0), 0);
    }
}
