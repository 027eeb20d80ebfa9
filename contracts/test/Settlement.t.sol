// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../src/Work.sol";
import {IJobEscrow} from "../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {AUDIT, Leaf, MODEL_POT, Payout, STAKE_TO_VALIDATE, TRAINING} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";
import {Rounds} from "./support/Rounds.sol";

/// @dev Rounds without objections: commit, draw, settle.
contract SettlementTest is Network {
    address internal a;
    address internal b;
    bytes32 internal job;

    uint256 internal constant MOST = 40;

    function setUp() public override {
        super.setUp();
        a = provider("a");
        b = provider("b");
        job = openJob();
    }

    function sample() internal view returns (Leaf[] memory) {
        return two(leafOf(1, a, 10), leafOf(2, b, 30));
    }

    function test_commit() public {
        Leaf[] memory leaves = sample();
        Payout[] memory payouts = Rounds.payouts(leaves);
        vm.expectEmit(address(settlement));
        emit ISettlement.RoundCommitted(job, 0, Rounds.root(leaves), 2, 40, payouts);
        commit(job, leaves);

        ISettlement.Round memory r = settlement.roundOf(job, 0);
        assertEq(r.root, Rounds.root(leaves));
        assertEq(r.payoutsHash, Work.payoutsHash(payouts));
        assertEq(r.drawBlock, block.number);
        assertEq(r.units, 40);
        assertEq(r.leafCount, 2);
        assertEq(r.beacon, 0);
        assertFalse(r.settled);
        assertEq(settlement.roundCount(job), 1);
        assertEq(escrow.jobOf(job).reserved, 40 * PRICE);
    }

    function expectCommitRevert(bytes memory wanted, uint64 round, uint32 leafCount, Payout[] memory payouts) internal {
        vm.expectRevert(wanted);
        vm.prank(coordinator);
        settlement.commitRound(job, round, "root", leafCount, payouts);
    }

    function pair(address first, uint64 u1, address second, uint64 u2) internal pure returns (Payout[] memory p) {
        p = new Payout[](2);
        (p[0], p[1]) = (Payout(first, u1, 1), Payout(second, u2, 1));
    }

    function test_commitRefusesBadInput() public {
        Payout[] memory good = Rounds.payouts(sample());
        (address low, address high) = a < b ? (a, b) : (b, a);
        expectCommitRevert(abi.encodeWithSelector(ISettlement.WrongRoundIndex.selector, job, 1, 0), 1, 2, good);
        expectCommitRevert(abi.encodeWithSelector(ISettlement.EmptyRound.selector), 0, 0, good);
        expectCommitRevert(abi.encodeWithSelector(ISettlement.EmptyRound.selector), 0, 1, new Payout[](0));
        expectCommitRevert(
            abi.encodeWithSelector(ISettlement.TooManyPayouts.selector, MOST + 1, MOST), 0, 41, new Payout[](MOST + 1)
        );
        expectCommitRevert(
            abi.encodeWithSelector(ISettlement.PayoutsNotAscending.selector, high, low), 0, 2, pair(high, 1, low, 1)
        );
        expectCommitRevert(
            abi.encodeWithSelector(ISettlement.PayoutsNotAscending.selector, low, low), 0, 2, pair(low, 1, low, 1)
        );
        expectCommitRevert(abi.encodeWithSelector(ISettlement.ZeroUnits.selector, high), 0, 2, pair(low, 1, high, 0));
        expectCommitRevert(abi.encodeWithSelector(ISettlement.UnknownNode.selector, stranger), 0, 1, only(stranger, 1));
        Payout[] memory payouts = pair(low, 1, high, 1);
        payouts[1].tasks = 0;
        expectCommitRevert(abi.encodeWithSelector(ISettlement.ZeroTasks.selector, high), 0, 2, payouts);
        payouts[1].tasks = 2;
        expectCommitRevert(abi.encodeWithSelector(ISettlement.TooManyTasks.selector, 3, 2), 0, 2, payouts);
    }

    function test_commitOnlyByTheCoordinatorOfAKnownJob() public {
        Payout[] memory payouts = Rounds.payouts(sample());
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.NotCoordinator.selector, requester, job));
        vm.prank(requester);
        settlement.commitRound(job, 0, "root", 2, payouts);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.UnknownJob.selector, bytes32("none")));
        settlement.commitRound("none", 0, "root", 2, payouts);
    }

    function test_commitNeedsBudget() public {
        uint64 tooMuch = uint64(BUDGET / PRICE) + 1;
        Leaf[] memory leaves = one(leafOf(1, a, tooMuch));
        Payout[] memory payouts = Rounds.payouts(leaves);
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.InsufficientBudget.selector, job, BUDGET, uint256(tooMuch) * PRICE)
        );
        vm.prank(coordinator);
        settlement.commitRound(job, 0, "root", 1, payouts);
        assertEq(settlement.roundCount(job), 0);
    }

    function test_beacon() public {
        Leaf[] memory leaves = sample();
        commit(job, leaves);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.BeaconTooEarly.selector, block.number));
        settlement.drawBeacon(job, 0);

        uint256 drawBlock = block.number;
        vm.roll(drawBlock + 1);
        vm.setBlockhash(drawBlock, keccak256("block"));
        bytes32 beacon = keccak256(abi.encode(keccak256("block"), Rounds.root(leaves), job, uint64(0)));
        vm.expectEmit(address(settlement));
        emit ISettlement.BeaconDrawn(job, 0, beacon, uint64(block.timestamp) + CHALLENGE_SECONDS);
        vm.prank(stranger);
        settlement.drawBeacon(job, 0);
        assertEq(settlement.roundOf(job, 0).beacon, beacon);

        vm.expectRevert(abi.encodeWithSelector(ISettlement.BeaconAlreadyDrawn.selector, job, 0));
        settlement.drawBeacon(job, 0);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.UnknownRound.selector, job, 1));
        settlement.drawBeacon(job, 1);
    }

    function test_aForgottenBeaconIsDrawnFromALaterBlock() public {
        Leaf[] memory leaves = sample();
        commit(job, leaves);
        uint64 later = uint64(block.number) + 257;
        vm.roll(later);
        vm.expectEmit(address(settlement));
        emit ISettlement.BeaconPostponed(job, 0, later);
        settlement.drawBeacon(job, 0);
        assertEq(settlement.roundOf(job, 0).beacon, 0);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.BeaconTooEarly.selector, later));
        settlement.drawBeacon(job, 0);
        draw(job, 0);
        assertNotEq(settlement.roundOf(job, 0).beacon, 0);
    }

    function test_settlePaysEscrowPoolAndRecord() public {
        Leaf[] memory leaves = sample();
        uint64 round = committedAndDrawn(job, leaves);
        passWindow();
        vm.expectEmit(address(settlement));
        emit ISettlement.RoundSettled(job, round, 40, 0);
        settle(job, round, leaves);

        assertEq(token.balanceOf(ownerOf("a")), net(10));
        assertEq(token.balanceOf(ownerOf("b")), net(30));
        uint256 fees = 40 * PRICE - net(10) - net(30);
        assertEq(token.initialSupply() - token.totalSupply(), 40 * BASE_FEE, "the base fee is burned");
        assertEq(token.balanceOf(address(splitter)), fees - 40 * BASE_FEE, "and nothing else");
        assertEq(escrow.freeBalance(job), BUDGET - 40 * PRICE);
        assertEq(registry.nodeOf(a).verifiedUnits, 10);
        assertEq(registry.nodeOf(b).verifiedUnits, 30);
        assertEq(pool.accountOf(b).weighted[MODEL_POT], 30 * weights.weightOf(TRAINING, b));
        assertEq(pool.weightedUnits(MODEL_POT), 40 * weights.weightOf(TRAINING, b));
        assertEq(pool.fees(MODEL_POT), fees);
        (uint256 units, uint256 tasks) = certified(job, TRAINING, b);
        assertEq(units, 30);
        assertEq(tasks, 1);
        assertTrue(settlement.roundOf(job, round).settled);
    }

    function test_settlesOnceAfterTheWindow() public {
        Leaf[] memory leaves = sample();
        Payout[] memory payouts = Rounds.payouts(leaves);
        Payout[] memory none = new Payout[](0);
        uint64 round = commit(job, leaves);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.BeaconNotDrawn.selector, job, round));
        settlement.settleRound(job, round, payouts, none);
        draw(job, round);
        uint64 deadline = settlement.roundOf(job, round).challengeDeadline;
        vm.warp(deadline);
        vm.startPrank(coordinator);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.ChallengeWindowOpen.selector, deadline));
        settlement.settleRound(job, round, payouts, none);
        vm.warp(deadline + 1);
        settlement.settleRound(job, round, payouts, none);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.AlreadySettled.selector, job, round));
        settlement.settleRound(job, round, payouts, none);
    }

    function test_anyoneSettlesOneWindowLater() public {
        Leaf[] memory leaves = sample();
        Payout[] memory payouts = Rounds.payouts(leaves);
        Payout[] memory none = new Payout[](0);
        uint64 round = committedAndDrawn(job, leaves);
        uint256 until = settlement.roundOf(job, round).challengeDeadline + CHALLENGE_SECONDS;
        vm.startPrank(stranger);
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.CoordinatorFirst.selector, until));
        settlement.settleRound(job, round, payouts, none);
        vm.warp(until + 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotCoordinator.selector, stranger, job));
        settlement.settleRound(job, round, payouts, only(a, 1));
        settlement.settleRound(job, round, payouts, none);
        assertEq(token.balanceOf(ownerOf("a")), net(10));
    }

    function test_settlesOnlyWhatWasCommitted() public {
        Leaf[] memory leaves = sample();
        uint64 round = committedAndDrawn(job, leaves);
        passWindow();
        Payout[] memory payouts = Rounds.payouts(leaves);
        payouts[0].units += 1;
        bytes32 committed = settlement.roundOf(job, round).payoutsHash;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.WrongPayouts.selector, Work.payoutsHash(payouts), committed));
        vm.prank(coordinator);
        settlement.settleRound(job, round, payouts, new Payout[](0));
    }

    // --- audits

    function test_auditsArePaidLikeWork() public {
        Leaf[] memory leaves = sample();
        address v = verifier("v", VERIFIER_STAKE);
        uint64 round = committedAndDrawn(job, leaves);
        passWindow();
        Payout[] memory audits = only(v, 7);
        vm.expectEmit(address(settlement));
        emit ISettlement.AuditsSettled(job, round, audits);
        settle(job, round, leaves, audits);

        assertEq(token.balanceOf(ownerOf("v")), net(7));
        assertEq(escrow.freeBalance(job), BUDGET - 47 * PRICE);
        assertEq(registry.nodeOf(v).verifiedUnits, 7);
        assertEq(pool.accountOf(v).weighted[STAKE_TO_VALIDATE], 7 * weights.weightOf(AUDIT, v));
        assertEq(pool.weightedUnits(MODEL_POT), 40 * weights.weightOf(TRAINING, b));
        (uint256 units,) = certified(job, AUDIT, v);
        assertEq(units, 7);
    }

    function expectAuditRevert(bytes memory wanted, uint64 round, Payout[] memory audits) internal {
        Payout[] memory payouts = Rounds.payouts(sample());
        vm.expectRevert(wanted);
        vm.prank(coordinator);
        settlement.settleRound(job, round, payouts, audits);
    }

    function test_auditsAreChecked() public {
        address v = verifier("v", VERIFIER_STAKE);
        uint64 round = committedAndDrawn(job, sample());
        passWindow();
        expectAuditRevert(abi.encodeWithSelector(ISettlement.NotEligible.selector, a), round, only(a, 1));
        expectAuditRevert(abi.encodeWithSelector(ISettlement.ZeroUnits.selector, v), round, only(v, 0));
        Payout[] memory audits = only(v, 1);
        audits[0].tasks = 0;
        expectAuditRevert(abi.encodeWithSelector(ISettlement.ZeroTasks.selector, v), round, audits);
        expectAuditRevert(
            abi.encodeWithSelector(ISettlement.PayoutsNotAscending.selector, v, v), round, pair(v, 1, v, 1)
        );
        uint256 most = settlement.MAX_AUDITS();
        expectAuditRevert(
            abi.encodeWithSelector(ISettlement.TooManyPayouts.selector, most + 1, most), round, new Payout[](most + 1)
        );
        // The round's own reservation is not there for audits.
        uint256 free = BUDGET - 40 * PRICE;
        uint64 tooMuch = uint64(free / PRICE) + 1;
        expectAuditRevert(
            abi.encodeWithSelector(IJobEscrow.InsufficientBudget.selector, job, free, uint256(tooMuch) * PRICE),
            round,
            only(v, tooMuch)
        );
        // The coordinator states fewer, and the round is settled.
        settle(job, round, sample(), only(v, tooMuch - 1));
        assertEq(escrow.freeBalance(job), 0);
    }

    /// @dev Verifiers, in ascending order.
    function verifiers(uint256 count) internal returns (Payout[] memory audits) {
        Leaf[] memory again = new Leaf[](count);
        for (uint256 i; i < count; ++i) {
            again[i] = leafOf(i, verifier(string.concat("v", vm.toString(i)), VERIFIER_STAKE), uint64(i + 1));
        }
        return Rounds.payouts(again);
    }

    function page(Payout[] memory audits, uint256 from, uint256 count) internal pure returns (Payout[] memory part) {
        part = new Payout[](count);
        for (uint256 i; i < count; ++i) {
            part[i] = audits[from + i];
        }
    }

    function settleAudits(Payout[] memory audits) internal {
        vm.prank(coordinator);
        settlement.settleAudits(job, 0, audits);
    }

    function test_moreVerifiersArePaidPageByPage() public {
        Payout[] memory audits = verifiers(60);
        committedAndDrawn(job, sample());
        passWindow();
        settle(job, 0, sample(), page(audits, 0, 8));
        assertEq(settlement.roundOf(job, 0).auditedUpTo, audits[7].node);

        // Nobody twice, no order but the one, by nobody else, and only verifiers.
        vm.expectRevert(
            abi.encodeWithSelector(ISettlement.PayoutsNotAscending.selector, audits[7].node, audits[7].node)
        );
        settleAudits(page(audits, 7, 1));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotCoordinator.selector, stranger, job));
        vm.prank(stranger);
        settlement.settleAudits(job, 0, page(audits, 8, 1));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NoMoreAudits.selector, job, 0));
        settleAudits(new Payout[](0));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.TooManyPayouts.selector, 41, 40));
        settleAudits(page(audits, 8, 41));
        Payout[] memory foreign = only(address(type(uint160).max), 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotEligible.selector, foreign[0].node));
        settleAudits(foreign);

        vm.expectEmit(address(settlement));
        emit ISettlement.AuditsSettled(job, 0, page(audits, 8, 40));
        settleAudits(page(audits, 8, 40));
        assertEq(settlement.roundOf(job, 0).auditedUpTo, audits[47].node);
        settleAudits(page(audits, 48, 12));
        for (uint256 i; i < audits.length; ++i) {
            assertEq(token.balanceOf(registry.ownerOf(audits[i].node)), net(audits[i].units));
            assertEq(registry.nodeOf(audits[i].node).verifiedUnits, audits[i].units);
        }
        assertEq(escrow.freeBalance(job), BUDGET - (40 + 60 * 61 / 2) * PRICE);

        // A page that is not full is the last one.
        assertEq(settlement.roundOf(job, 0).auditedUpTo, address(0));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NoMoreAudits.selector, job, 0));
        settleAudits(page(audits, 59, 1));
    }

    function test_noAuditsFollowWhereNoneWereStatedOrAPageWasNotFull() public {
        Payout[] memory audits = verifiers(9);
        committedAndDrawn(job, sample());
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NoMoreAudits.selector, job, 0));
        settleAudits(audits);
        passWindow();
        settle(job, 0, sample(), page(audits, 0, 7));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NoMoreAudits.selector, job, 0));
        settleAudits(page(audits, 7, 2));
    }

    function test_aFullPageOfAuditsFitsIntoATransaction() public {
        Payout[] memory audits = verifiers(48);
        committedAndDrawn(job, sample());
        passWindow();
        settle(job, 0, sample(), page(audits, 0, 8));
        vm.warp(block.timestamp + uint256(EPOCHS_PER_ERA) * EPOCH);
        Payout[] memory rest = page(audits, 8, 40);
        cool();
        settleAudits(rest);
        assertLt(vm.snapshotGasLastCall("largest round", "a page of audits"), 1 << 24);
    }

    function test_roundsSettleInAnyOrderAndAfterTheJobIsClosed() public {
        Leaf[] memory first = sample();
        Leaf[] memory second = one(leafOf(3, a, 5));
        committedAndDrawn(job, first);
        committedAndDrawn(job, second);
        vm.prank(requester);
        escrow.close(job);
        passWindow();
        settle(job, 1, second);
        settle(job, 0, first);
        assertEq(token.balanceOf(ownerOf("a")), net(10) + net(5));
        assertEq(escrow.totalHeld(), 0);
    }

    /// @dev Invariant: a round that could be committed can be settled, with as many audits as are allowed, within one
    /// transaction (2^24 gas).
    function test_theLargestRoundFitsIntoATransaction() public {
        uint256 most = settlement.MAX_PAYOUTS();
        Leaf[] memory leaves = new Leaf[](most);
        for (uint256 i; i < most; ++i) {
            leaves[i] = leafOf(i, registered(vm.toString(i), 1), 1);
        }
        uint256 audits = settlement.MAX_AUDITS();
        Leaf[] memory again = new Leaf[](audits);
        for (uint256 i; i < audits; ++i) {
            again[i] = leafOf(i, verifier(string.concat("v", vm.toString(i)), VERIFIER_STAKE), 1);
        }
        Payout[] memory payouts = Rounds.payouts(leaves);
        bytes32 root = Rounds.root(leaves);
        cool();
        vm.prank(coordinator);
        settlement.commitRound(job, 0, root, uint32(most), payouts);
        vm.snapshotGasLastCall("largest round", "commit");
        draw(job, 0);
        // Closes an epoch and opens an era on the way.
        vm.warp(block.timestamp + uint256(EPOCHS_PER_ERA) * EPOCH);
        cool();
        settle(job, 0, leaves, Rounds.payouts(again));
        uint256 gas = vm.snapshotGasLastCall("largest round", "settle");
        assertLt(gas, 1 << 24);
    }
}
