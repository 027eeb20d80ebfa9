// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFeeSplitter} from "../src/interfaces/IFeeSplitter.sol";
import {IGuard, SCOPE_JOBS} from "../src/interfaces/IGuard.sol";
import {IJobEscrow} from "../src/interfaces/IJobEscrow.sol";
import {IManaged} from "../src/interfaces/IManaged.sol";
import {IPayments} from "../src/interfaces/IPayments.sol";
import {IProtocolFee} from "../src/interfaces/IProtocolFee.sol";
import {AUDIT, Payout, TRAINING, UnknownKind} from "../src/interfaces/Types.sol";
import {Money, RefusingToken} from "./support/Money.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

contract JobEscrowTest is Money {
    bool internal burns = true;

    function test_open() public {
        bytes32 expected = keccak256(abi.encode(block.chainid, escrow, requester, 0));
        assertEq(escrow.nextJobId(requester), expected);
        uint256 before = token.balanceOf(requester);
        IJobEscrow.Terms memory t = terms();
        (t.referrer, t.insured, t.programs) = (referrer, true, "programs");
        vm.expectEmit();
        emit IJobEscrow.JobOpened(expected, requester, t, FEE_BPS, BUDGET);
        bytes32 job = openJob(t, BUDGET);
        assertEq(job, expected);
        assertNotEq(openJob(), job);

        IJobEscrow.Job memory j = escrow.jobOf(job);
        assertEq(j.requester, requester);
        assertEq(j.coordinator, coordinator);
        assertEq(j.pricePerUnit, PRICE);
        assertEq(j.balance, BUDGET);
        assertEq(j.reserved, 0);
        assertEq(j.spec, t.spec);
        assertEq(j.kind, TRAINING);
        assertEq(j.feeBps, FEE_BPS);
        assertEq(j.referrer, referrer);
        assertEq(j.deadline, t.deadline);
        assertFalse(j.closed);
        assertEq(escrow.programsOf(job), "programs");
        assertEq(escrow.coordinatorOf(job), coordinator);
        assertEq(escrow.priceOf(job), PRICE);
        assertTrue(escrow.insured(job));
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
        t.pricePerUnit = FLOOR - 1;
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.PriceTooLow.selector, FLOOR - 1, FLOOR));
        escrow.open(t, 1);

        t.insured = true;
        t.pricePerUnit = FLOOR;
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.PriceTooLow.selector, FLOOR, (uint256(FLOOR) * 10_000 + 9899) / 9900)
        );
        escrow.open(t, 1);

        t = terms();
        t.kind = AUDIT;
        vm.expectRevert(abi.encodeWithSelector(UnknownKind.selector, AUDIT));
        escrow.open(t, 1);

        t = terms();
        t.deadline = uint64(block.timestamp);
        vm.expectPartialRevert(IJobEscrow.DeadlinePassed.selector);
        escrow.open(t, 1);
    }

    /// @dev The lowest price of an insured job is one that a round can be committed at.
    function test_lowestPriceCanBeCommitted() public {
        IJobEscrow.Terms memory t = terms();
        t.insured = true;
        t.pricePerUnit = uint128(escrow.lowestPrice(true));
        bytes32 job = openJob(t, BUDGET);
        assertEq(reserve(job, 1), FLOOR);
        pay(job, FLOOR, 1, 1);
        assertEq(escrow.lowestPrice(false), FLOOR);
    }

    function test_onlyOpenCanBePaused() public {
        bytes32 job = openJob();
        guard.set(SCOPE_JOBS, true);
        vm.expectRevert(IJobEscrow.Paused.selector);
        openJob();

        vm.prank(requester);
        escrow.topUp(job, 1);
        uint128 baseFee = reserve(job, 10);
        pay(job, baseFee, 5, 10);
        vm.prank(requester);
        escrow.close(job);
        guard.set(SCOPE_JOBS, false);
        openJob();
    }

    function test_withoutAGuardNobodyCanPause() public {
        vm.mockCallRevert(address(0), abi.encodeWithSelector(IGuard.paused.selector), "asked nobody");
        redeploy(escrowParams(), address(0), address(0));
        openJob();
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

        vm.startPrank(settlement);
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

    // --- the base fee

    function test_baseFeeMovesWithUnitsPaidFor() public {
        bytes32 job = openJob();
        assertEq(escrow.baseFee(), FLOOR);
        reserve(job, 3000);
        skip(WINDOW);
        assertEq(escrow.baseFee(), FLOOR, "commitments do not move it");

        pay(job, FLOOR, 1500, 3000);
        assertEq(escrow.baseFee(), FLOOR, "not within the window");
        skip(WINDOW);
        assertEq(escrow.baseFee(), FLOOR + FLOOR / 16, "half a target above the target");
        vm.prank(settlement);
        vm.expectEmit();
        emit IJobEscrow.BaseFeeChanged(uint64(block.timestamp / WINDOW), FLOOR + FLOOR / 16);
        escrow.payAudits(job, FLOOR, payout(5000));
        skip(WINDOW);
        uint256 risen = FLOOR + FLOOR / 16;
        risen += risen / 8;
        assertEq(escrow.baseFee(), risen, "audits count");
        skip(2 * WINDOW);
        assertEq(escrow.baseFee(), FLOOR, "and falls when nobody comes");
    }

    /// @dev A round is paid at the base fee that it was committed with.
    function test_aRoundKeepsItsBaseFee() public {
        bytes32 job = openJob();
        uint128 baseFee = reserve(job, 5000);
        pay(job, baseFee, 4000, 4000);
        skip(WINDOW);
        assertGt(escrow.baseFee(), baseFee);
        Split memory s = split(1000, PRICE, baseFee, false, false);
        uint256 before = token.balanceOf(owner);
        (, uint256 fees) = pay(job, baseFee, 1000, 1000);
        assertEq(token.balanceOf(owner) - before, s.net);
        assertEq(fees, s.burned + s.toSplitter);
    }

    function test_aRoundAboveThePriceCannotBeCommitted() public {
        bytes32 busy = openJob();
        IJobEscrow.Terms memory t = terms();
        t.pricePerUnit = FLOOR;
        bytes32 cheap = openJob(t, BUDGET);
        reserve(cheap, 1);
        uint128 baseFee = reserve(busy, 5000);
        pay(busy, baseFee, 5000, 5000);
        skip(WINDOW);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.PriceBelowBaseFee.selector, cheap, FLOOR, FLOOR + FLOOR / 8));
        reserve(cheap, 1);
        // The premium comes first.
        (t.pricePerUnit, t.insured) = (FLOOR + FLOOR / 8, true);
        bytes32 insured = openJob(t, BUDGET);
        uint256 left = t.pricePerUnit * uint256(10_000 - PREMIUM_BPS) / 10_000;
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.PriceBelowBaseFee.selector, insured, left, t.pricePerUnit));
        reserve(insured, 1);
        skip(WINDOW);
        reserve(cheap, 1);
    }

    // --- payment

    struct Split {
        uint256 net;
        uint256 burned;
        uint256 toSplitter;
        uint256 premium;
        uint256 toReferrer;
    }

    /// @dev What a payment comes to, with rationals in place of the contract's order of steps.
    function split(uint256 units, uint256 price, uint256 baseFee, bool insured, bool referred)
        internal
        pure
        returns (Split memory s)
    {
        uint256 gross = units * price;
        if (insured) s.premium = (gross * PREMIUM_BPS + 9999) / 10_000;
        uint256 rest = gross - s.premium - units * baseFee;
        s.burned = units * baseFee;
        s.toSplitter = (rest * FEE_BPS + 9999) / 10_000;
        if (referred) s.toReferrer = rest * REFERRAL_BPS / 10_000;
        s.net = gross - s.premium - s.burned - s.toSplitter - s.toReferrer;
    }

    /// forge-config: default.fuzz.runs = 512
    function testFuzz_paySplitsExactly(uint64 reserved, uint64 paid, uint128 price, bool insured, bool referred)
        public
    {
        price = uint128(bound(price, escrow.lowestPrice(true), 1e18));
        reserved = uint64(bound(reserved, 1, 1000));
        paid = uint64(bound(paid, 1, reserved));
        IJobEscrow.Terms memory t = terms();
        (t.pricePerUnit, t.insured, t.referrer) = (price, insured, referred ? referrer : address(0));
        bytes32 job = openJob(t, BUDGET);
        uint128 baseFee = reserve(job, reserved);
        (uint8 kind, uint256 fees) = pay(job, baseFee, paid, reserved);

        Split memory s = split(paid, price, baseFee, insured, referred);
        assertEq(kind, TRAINING);
        assertEq(fees, s.burned + s.toSplitter);
        assertEq(token.balanceOf(owner), s.net);
        assertEq(SUPPLY - token.totalSupply(), s.burned);
        assertEq(token.balanceOf(address(splitter)), s.toSplitter);
        assertEq(token.balanceOf(address(insurance)), s.premium);
        assertEq(token.balanceOf(referrer), s.toReferrer);
        assertEq(s.net + s.burned + s.toSplitter + s.premium + s.toReferrer, uint256(paid) * price);
        assertEq(
            escrow.freeBalance(job), BUDGET - uint256(paid) * price, "what was reserved and not paid is free again"
        );
        assertEq(escrow.totalHeld(), BUDGET - uint256(paid) * price);
        assertEq(token.balanceOf(address(escrow)), escrow.totalHeld());
    }

    /// @dev With itself as referrer a requester gets back what it pays more, and nobody else gets less.
    function test_referringOneselfGainsNothing() public {
        IJobEscrow.Terms memory t = terms();
        bytes32 plain = openJob(t, BUDGET);
        t.referrer = requester;
        bytes32 referred = openJob(t, BUDGET);
        (uint256 net, uint256 burned, uint256 toSplitter,,) = escrow.quote(plain, FLOOR, 100);
        (uint256 lessNet, uint256 sameBurned, uint256 sameToSplitter,, uint256 back) =
            escrow.quote(referred, FLOOR, 100);
        assertEq(burned, sameBurned, "what is burned does not depend on it");
        assertEq(toSplitter, sameToSplitter, "nor does the percentage fee");
        assertEq(net - lessNet, back, "out of what the node would have got");
    }

    function test_quoteIsWhatIsPaid() public {
        IJobEscrow.Terms memory t = terms();
        (t.insured, t.referrer) = (true, referrer);
        bytes32 job = openJob(t, BUDGET);
        (uint256 net, uint256 burned, uint256 toSplitter, uint256 premium, uint256 toReferrer) =
            escrow.quote(job, FLOOR, 9);
        reserve(job, 9);
        vm.expectEmit();
        emit IJobEscrow.Paid(job, node, owner, TRAINING, 9, net, 9 * uint256(PRICE) - net);
        vm.expectEmit();
        emit IJobEscrow.FeesPaid(job, burned, toSplitter, premium, toReferrer);
        pay(job, FLOOR, 9, 9);
        assertEq(token.balanceOf(referrer), toReferrer);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.UnknownJob.selector, bytes32("none")));
        escrow.quote("none", FLOOR, 1);
    }

    function test_payAudits() public {
        bytes32 job = openJob();
        reserve(job, 10);
        vm.prank(settlement);
        uint256 fees = escrow.payAudits(job, FLOOR, payout(7));
        assertEq(token.balanceOf(owner), 7 * uint256(PRICE) - fees);
        assertEq(fees, SUPPLY - token.totalSupply() + token.balanceOf(address(splitter)));
        IJobEscrow.Job memory j = escrow.jobOf(job);
        assertEq(j.reserved, 10 * uint256(PRICE), "the reservation is not touched");
        assertEq(j.balance, BUDGET - 7 * uint256(PRICE));
    }

    function test_auditsCannotTakeWhatIsReserved() public {
        bytes32 job = openJob();
        reserve(job, BUDGET / PRICE - 3);
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.InsufficientBudget.selector, job, 3 * uint256(PRICE), 4 * uint256(PRICE))
        );
        vm.prank(settlement);
        escrow.payAudits(job, FLOOR, payout(4));
    }

    /// @dev One node that cannot be paid holds up nobody.
    function test_aRefusedReceiverIsOwed() public {
        RefusingToken refusing = new RefusingToken(treasury, SUPPLY);
        token = IERC20(address(refusing));
        redeployAll();
        IJobEscrow.Terms memory t = terms();
        t.referrer = referrer;
        bytes32 job = openJob(t, BUDGET);
        refusing.refuse(owner, true);
        refusing.refuse(referrer, true);
        refusing.refuse(requester, true);
        uint128 baseFee = reserve(job, 10);
        (uint256 net, uint256 burned, uint256 toSplitter,, uint256 toReferrer) = escrow.quote(job, baseFee, 10);
        assertEq(burned, 0, "a token that cannot burn");
        pay(job, baseFee, 10, 10);
        assertEq(token.balanceOf(address(splitter)), toSplitter, "the base fee goes the way of the other");
        assertGe(toSplitter, 10 * uint256(FLOOR));
        assertEq(escrow.owedTo(owner), net);
        assertEq(escrow.owedTo(referrer), toReferrer);
        vm.prank(requester);
        escrow.close(job);
        assertEq(escrow.owedTo(requester), BUDGET - 10 * uint256(PRICE));
        assertEq(token.balanceOf(address(escrow)), escrow.totalHeld());

        refusing.refuse(owner, false);
        vm.prank(stranger);
        assertEq(escrow.payOwed(owner), net);
        assertEq(token.balanceOf(owner), net);
        vm.expectRevert(abi.encodeWithSelector(IPayments.NothingOwed.selector, owner));
        escrow.payOwed(owner);
        assertEq(token.balanceOf(address(escrow)), escrow.totalHeld());
    }

    // --- the end

    function test_closeReturnsWhatIsFreeNowAndTheRestLater() public {
        bytes32 job = openJob();
        uint128 baseFee = reserve(job, 10);
        uint256 before = token.balanceOf(requester);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobNotClosed.selector, job));
        escrow.refund(job);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.NotRequester.selector, stranger, job));
        vm.prank(stranger);
        escrow.close(job);

        vm.prank(requester);
        escrow.close(job);
        assertEq(token.balanceOf(requester), before + BUDGET - 10 * uint256(PRICE));
        bytes memory closed = abi.encodeWithSelector(IJobEscrow.JobIsClosed.selector, job);
        vm.startPrank(requester);
        vm.expectRevert(closed);
        escrow.close(job);
        vm.expectRevert(closed);
        escrow.topUp(job, 1);
        vm.expectRevert(closed);
        escrow.setCoordinator(job, stranger);
        vm.stopPrank();
        assertEq(escrow.refund(job), 0);

        pay(job, baseFee, 4, 10);
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
        vm.prank(settlement);
        escrow.credit(job, 9);
        assertEq(escrow.freeBalance(job), BUDGET + 9);
        assertEq(token.balanceOf(address(escrow)), escrow.totalHeld());
    }

    // --- the authority

    function test_setFeeBps() public {
        bytes32 old = openJob();
        uint128 baseFee = reserve(old, 9);
        vm.expectEmit();
        emit IProtocolFee.FeeBpsChanged(FEE_MAX);
        vm.prank(tuner);
        escrow.setFeeBps(FEE_MAX);
        assertEq(escrow.feeBps(), FEE_MAX);
        assertEq(escrow.jobOf(old).feeBps, FEE_BPS, "an open job keeps its fee");
        (, uint256 fees) = pay(old, baseFee, 9, 9);
        Split memory s = split(9, PRICE, baseFee, false, false);
        assertEq(fees, s.burned + s.toSplitter, "and pays no other");
        assertEq(escrow.jobOf(openJob()).feeBps, FEE_MAX);

        vm.startPrank(tuner);
        escrow.setFeeBps(FEE_MIN);
        assertEq(escrow.feeBps(), FEE_MIN);
        vm.expectRevert(abi.encodeWithSelector(IProtocolFee.FeeOutOfBounds.selector, FEE_MIN - 1, FEE_MIN, FEE_MAX));
        escrow.setFeeBps(FEE_MIN - 1);
        vm.expectRevert(abi.encodeWithSelector(IProtocolFee.FeeOutOfBounds.selector, FEE_MAX + 1, FEE_MIN, FEE_MAX));
        escrow.setFeeBps(FEE_MAX + 1);
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(IManaged.NotAuthorized.selector, stranger));
        vm.prank(stranger);
        escrow.setFeeBps(FEE_MIN);
    }

    /// @dev A member whose role has a delay must announce the call.
    function test_setFeeBpsWithADelay() public {
        manager.grantRole(1, coordinator, 1 days);
        vm.startPrank(coordinator);
        vm.expectRevert(abi.encodeWithSelector(IManaged.NotAuthorized.selector, coordinator));
        escrow.setFeeBps(FEE_MAX);
        bytes memory call = abi.encodeCall(IProtocolFee.setFeeBps, (FEE_MAX));
        manager.schedule(address(escrow), call, 0);
        skip(1 days);
        manager.execute(address(escrow), call);
        assertEq(escrow.feeBps(), FEE_MAX);
    }

    function testFuzz_withoutAnAuthorityNobodyTunes(address caller) public {
        redeploy(escrowParams(), address(guard), address(0));
        vm.expectRevert(abi.encodeWithSelector(IManaged.NotAuthorized.selector, caller));
        vm.prank(caller);
        escrow.setFeeBps(FEE_BPS);
    }

    // --- wiring

    function test_onlySettlement() public {
        expectNotSettlement();
        escrow.pay(0, 0, new Payout[](0), 0);
        expectNotSettlement();
        escrow.payAudits(0, 0, new Payout[](0));
        expectNotSettlement();
        escrow.reserve(0, coordinator, 1);
        expectNotSettlement();
        escrow.credit(0, 1);
    }

    function test_refusesBadParams() public {
        // The insurance pays the first escrow, not this second one.
        refusesToDeploy(
            escrowCode(escrowParams(), address(guard), address(manager)),
            abi.encodeWithSelector(IJobEscrow.Miswired.selector, insurance)
        );
        IJobEscrow.Params memory p = escrowParams();
        p.feeMinBps = p.feeBps + 1;
        refused(p, abi.encodeWithSelector(IProtocolFee.InvalidFeeBounds.selector, FEE_BPS, FEE_BPS + 1, FEE_MAX));
        p = escrowParams();
        p.feeMaxBps = p.feeBps - 1;
        refused(p, abi.encodeWithSelector(IProtocolFee.InvalidFeeBounds.selector, FEE_BPS, FEE_MIN, FEE_BPS - 1));
        p = escrowParams();
        p.referralBps = 10_000 - FEE_MAX + 1;
        refused(
            p,
            abi.encodeWithSelector(IJobEscrow.InvalidParams.selector, "feeMaxBps and referralBps exceed 10000 together")
        );
        p = escrowParams();
        p.premiumBps = 0;
        refused(p, abi.encodeWithSelector(IJobEscrow.InvalidParams.selector, "premiumBps must be 1 to 5000"));
        p.premiumBps = 5001;
        refused(p, abi.encodeWithSelector(IJobEscrow.InvalidParams.selector, "premiumBps must be 1 to 5000"));
        p = escrowParams();
        p.targetUnits = 0;
        refused(p, abi.encodeWithSelector(IJobEscrow.InvalidParams.selector, "base fee"));
    }

    function test_aTokenThatCannotBurnIsFoundAtOnce() public {
        token = IERC20(address(new RefusingToken(treasury, SUPPLY)));
        refused(escrowParams(), "");
    }

    function refused(IJobEscrow.Params memory p, bytes memory reason) internal {
        pointInsuranceAtNext();
        refusesToDeploy(escrowCode(p, address(guard), address(manager)), reason);
    }

    function redeploy(IJobEscrow.Params memory p, address guard_, address authority) internal {
        pointInsuranceAtNext();
        escrow = newEscrow(p, guard_, authority);
        allow(requester);
    }

    /// @dev Deploys an insurance that takes the next contract for the escrow.
    function pointInsuranceAtNext() internal {
        address next = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        insurance = newInsurance(next);
    }

    /// @dev Everything with another token, one that cannot burn.
    function redeployAll() internal {
        burns = false;
        deploy(token);
        registry.set(node, owner, 1);
        fund(requester, 10 * BUDGET);
        allow(requester);
    }

    function splitterParams() internal view override returns (IFeeSplitter.Params memory) {
        return burns
            ? IFeeSplitter.Params(BURN_BPS, INSURANCE_BPS, ECOSYSTEM_BPS)
            : IFeeSplitter.Params(0, INSURANCE_BPS, 10_000 - INSURANCE_BPS);
    }
}
