// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SCOPE_REWARDS} from "../src/interfaces/IGuard.sol";
import {IMiningPool} from "../src/interfaces/IMiningPool.sol";
import {WEIGHT_ONE} from "../src/interfaces/IWeights.sol";
import {
    AUDIT,
    COMPUTE_POC,
    ENGINES,
    INFERENCE,
    KINDS,
    MODEL_POT,
    Payout,
    STAKE_TO_VALIDATE,
    TRAINING,
    UnknownKind,
    engineOf
} from "../src/interfaces/Types.sol";
import {GuardDouble} from "./support/Doubles.sol";
import {Network} from "./support/Network.sol";

/// @dev What several tests do with the pool.
abstract contract Mining is Network {
    /// @dev Units enough that the cap per unit does not bind.
    uint64 internal constant MANY = 1e9;

    function record(uint8 kind, address node, uint64 units, uint256 fees) internal {
        vm.prank(address(settlement));
        pool.record(kind, only(node, units), fees);
    }

    function record(uint8 kind, address node, uint64 units) internal {
        record(kind, node, units, 0);
    }

    function nextEpoch() internal {
        vm.warp(block.timestamp + EPOCH);
    }

    /// @dev What an engine can give to nodes in the open epoch.
    function engineEmission(uint8 engine) internal view returns (uint256) {
        return pool.emission() * pool.shares()[engine] / 10_000 * (10_000 - INCENTIVE_BPS) / 10_000;
    }
}

contract MiningPoolTest is Mining {
    address internal a;
    address internal b;

    function setUp() public override {
        super.setUp();
        a = provider("a");
        b = provider("b");
    }

    // --- emission

    function test_epochsRunFromDeployment() public {
        assertEq(pool.currentEpoch(), 0);
        vm.warp(pool.start() + EPOCH - 1);
        assertEq(pool.currentEpoch(), 0);
        vm.warp(pool.start() + EPOCH);
        assertEq(pool.currentEpoch(), 1);
        assertEq(pool.openEpoch(), 0, "opens at the first touch");
        vm.prank(stranger);
        pool.sync();
        assertEq(pool.openEpoch(), 1);
    }

    function test_ifAllIsEarnedErasHalve() public {
        uint256 first = POOLED / 2 / EPOCHS_PER_ERA;
        for (uint256 epoch; epoch < 2 * EPOCHS_PER_ERA; ++epoch) {
            assertEq(pool.emission(), pool.eraBudget() / EPOCHS_PER_ERA);
            assertApproxEqRel(pool.emission(), epoch < EPOCHS_PER_ERA ? first : first / 2, 1e9);
            record(TRAINING, a, MANY);
            record(INFERENCE, a, MANY);
            record(AUDIT, b, MANY);
            nextEpoch();
            pool.sync();
        }
        assertApproxEqRel(pool.emission(), first / 4, 1e9);
        assertApproxEqRel(pool.accrued(), POOLED * 3 / 4, 1e9);
        uint256 owed = pool.claimable(a) + pool.claimable(b) + pool.claimableIncentive();
        assertLe(owed, pool.accrued());
        assertApproxEqRel(owed, pool.accrued(), 1e6);
    }

    function test_whatIsNotEarnedStaysForLaterEras() public {
        record(TRAINING, a, MANY);
        uint256 earned = engineEmission(MODEL_POT) * 10_000 / (10_000 - INCENTIVE_BPS);
        vm.warp(pool.start() + 5 * uint256(EPOCHS_PER_ERA) * EPOCH);
        vm.expectEmit(false, false, false, false, address(pool));
        emit IMiningPool.EraOpened(5, 0);
        pool.sync();
        assertEq(pool.openEra(), 5);
        assertEq(pool.eraBudget(), (POOLED - pool.accrued()) / 2);
        assertApproxEqAbs(pool.accrued(), earned, 10);
    }

    // --- shares of the nodes

    function test_rewardsAreInProportionToWeightedUnits() public {
        record(TRAINING, a, 3 * MANY);
        record(TRAINING, b, MANY);
        uint256 emission = engineEmission(MODEL_POT);
        assertEq(pool.claimable(a), 0, "not before the epoch is over");
        assertEq(pool.weightedUnits(MODEL_POT), 4 * MANY * weights.weightOf(TRAINING, a));
        nextEpoch();
        assertApproxEqRel(pool.claimable(a), emission * 3 / 4, 1e6);
        uint256 due = pool.claimable(a);
        assertEq(pool.claim(a), due);
        assertEq(token.balanceOf(ownerOf("a")), due);
        assertApproxEqRel(pool.claimable(b), emission / 4, 1e6, "a claim takes nothing from the others");
        assertEq(pool.paid(), due);
    }

    function test_boostCountsInTheShares() public {
        stakeFor(b, FULL_STAKE);
        vm.prank(ownerOf("b"));
        vault.lock(b, uint64(block.timestamp) + FULL_LOCK);
        record(TRAINING, a, MANY);
        record(TRAINING, b, MANY);
        nextEpoch();
        assertApproxEqRel(pool.claimable(b) * vault.boostOf(a), pool.claimable(a) * 10_000, 1e6);
    }

    function test_enginesDoNotShare() public {
        record(TRAINING, a, MANY);
        record(INFERENCE, b, MANY);
        record(AUDIT, b, 2 * MANY);
        uint256 pot = engineEmission(MODEL_POT);
        uint256 others = engineEmission(COMPUTE_POC) + engineEmission(STAKE_TO_VALIDATE);
        nextEpoch();
        assertApproxEqRel(pool.claimable(a), pot, 1e6);
        assertApproxEqRel(pool.claimable(b), others, 1e6);
    }

    /// @dev Invariant: mined per raw unit, incentive included, is at most the cap, whatever the weight.
    function test_aUnitEarnsAtMostTheCap() public {
        stakeFor(a, FULL_STAKE);
        vm.prank(ownerOf("a"));
        vault.lock(a, uint64(block.timestamp) + FULL_LOCK);
        record(AUDIT, a, 5);
        nextEpoch();
        pool.sync();
        assertLe(pool.accrued(), 5 * uint256(REWARD_CAP));
        assertEq(pool.rateOf(0, STAKE_TO_VALIDATE), uint256(REWARD_CAP) * 1e18 * (10_000 - INCENTIVE_BPS) / 10_000);
        assertEq(pool.claimable(a), 5 * uint256(REWARD_CAP) * 9 / 10 * 7 / 10, "tier 0, fully boosted");
    }

    function test_recordOnlyBySettlementAndOnlyKnownKinds() public {
        expectNotSettlement(stranger);
        pool.record(TRAINING, new Payout[](0), 0);
        vm.expectRevert(abi.encodeWithSelector(UnknownKind.selector, KINDS));
        record(uint8(KINDS), a, 1);
    }

    // --- claims

    function test_claimsOnce() public {
        record(TRAINING, a, MANY);
        nextEpoch();
        pool.claim(a);
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.NothingToClaim.selector, a));
        pool.claim(a);
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.UnknownNode.selector, stranger));
        pool.claim(stranger);
    }

    function test_accountsShowTheOpenEpochAndTheRewardOfEarlierOnes() public {
        record(TRAINING, a, 3);
        record(TRAINING, a, 4);
        record(AUDIT, a, 5);
        IMiningPool.Account memory account = pool.accountOf(a);
        assertEq(account.weighted[MODEL_POT], 7 * weights.weightOf(TRAINING, a));
        assertEq(account.weighted[STAKE_TO_VALIDATE], 5 * weights.weightOf(AUDIT, a));
        assertEq(account.weighted[COMPUTE_POC], 0);
        nextEpoch();
        uint256 due = pool.claimable(a);
        record(INFERENCE, a, 2);
        account = pool.accountOf(a);
        assertEq(account.epoch, 1);
        assertEq(account.reward, due);
        assertEq(account.weighted[MODEL_POT], 0);
        assertEq(account.weighted[COMPUTE_POC], 2 * weights.weightOf(INFERENCE, a));
        assertEq(pool.claimable(a), due);
    }

    function test_claimsOfManyEpochsCostAsMuchAsOfOne() public {
        uint256[2] memory gas;
        uint256[2] memory epochs = [uint256(2), 60];
        for (uint256 i; i < 2; ++i) {
            for (uint256 k; k < epochs[i]; ++k) {
                record(TRAINING, a, 100);
                nextEpoch();
            }
            vm.cool(address(pool));
            vm.cool(address(token));
            uint256 before = gasleft();
            pool.claim(a);
            gas[i] = before - gasleft();
        }
        assertLt(gas[1], gas[0] + 1000);
    }

    function test_delegatorsShareTheReward() public {
        address owner = ownerOf("a");
        vm.startPrank(owner);
        delegation.setAccepting(a, true);
        delegation.setCommission(a, 2000);
        vm.stopPrank();
        vm.startPrank(treasury);
        token.approve(address(delegation), type(uint256).max);
        delegation.delegate(a, 3 * PROVIDER_STAKE);
        vm.stopPrank();
        record(TRAINING, a, MANY);
        nextEpoch();
        uint256 due = pool.claimable(a);
        uint256 toDelegators = due * 3 / 4 * 8000 / 10_000;
        vm.expectEmit(address(pool));
        emit IMiningPool.Claimed(a, owner, due - toDelegators, toDelegators);
        assertEq(pool.claim(a), due);
        assertEq(token.balanceOf(owner), due - toDelegators);
        assertEq(delegation.delegatedOf(a), 3 * PROVIDER_STAKE + toDelegators);
        assertEq(token.balanceOf(address(delegation)), delegation.totalHeld());

        // What is delegated beyond the cap counts for nothing, here as well.
        record(TRAINING, a, MANY);
        nextEpoch();
        due = pool.claimable(a);
        uint256 before = delegation.delegatedOf(a);
        pool.claim(a);
        assertEq(delegation.delegatedOf(a) - before, due * 3 / 4 * 8000 / 10_000);
    }

    function test_incentive() public {
        record(TRAINING, a, MANY);
        nextEpoch();
        uint256 nodes = pool.claimable(a);
        uint256 due = pool.claimableIncentive();
        assertApproxEqRel(due * (10_000 - INCENTIVE_BPS), nodes * INCENTIVE_BPS, 1e6);
        vm.expectEmit(address(pool));
        emit IMiningPool.IncentiveClaimed(incentiveFund, due);
        vm.prank(stranger);
        assertEq(pool.claimIncentive(), due);
        assertEq(token.balanceOf(incentiveFund), due);
        assertEq(pool.claimableIncentive(), 0);
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.NothingToClaim.selector, incentiveFund));
        pool.claimIncentive();
    }

    function test_anIdleNetworkPaysNobody() public {
        vm.warp(block.timestamp + 3 * uint256(EPOCHS_PER_ERA) * EPOCH);
        pool.sync();
        assertEq(pool.accrued(), 0);
        assertEq(pool.claimableIncentive(), 0);
    }

    // --- shares of the engines

    function test_fewVerifiersMorePay() public {
        assertEq(pool.shares()[STAKE_TO_VALIDATE], MAX_VALIDATE_BPS);
        verifier("v", TARGET_VERIFIER_STAKE / 4);
        assertEq(pool.shares()[STAKE_TO_VALIDATE], MAX_VALIDATE_BPS, "fixed when the epoch began");
        nextEpoch();
        pool.sync();
        assertEq(pool.shares()[STAKE_TO_VALIDATE], MIN_VALIDATE_BPS + (MAX_VALIDATE_BPS - MIN_VALIDATE_BPS) * 3 / 4);
        verifier("w", 2 * TARGET_VERIFIER_STAKE);
        nextEpoch();
        pool.sync();
        assertEq(pool.shares()[STAKE_TO_VALIDATE], MIN_VALIDATE_BPS);
    }

    /// @dev One epoch with these fees.
    function demand(uint256 poc, uint256 pot) internal {
        record(INFERENCE, a, 1, poc);
        record(TRAINING, a, 1, pot);
        assertEq(pool.fees(COMPUTE_POC), poc);
        assertEq(pool.fees(MODEL_POT), pot);
        nextEpoch();
        pool.sync();
    }

    function test_sharesMoveTowardDemandStepByStep() public {
        demand(9, 1);
        assertEq(pool.pocBps(), POC_BPS + STEP_BPS, "by one step");
        demand(0, 0);
        assertEq(pool.pocBps(), POC_BPS + STEP_BPS, "no fees, no move");
        demand(1, 3);
        assertEq(pool.pocBps(), 2500, "to the target, if that is near");
        demand(2560, 7440);
        assertEq(pool.pocBps(), 2560);
        record(AUDIT, a, 1, 1e18);
        nextEpoch();
        pool.sync();
        assertEq(pool.pocBps(), 2560, "audits are not demand");
    }

    function test_sharesStayWithinTheirBounds() public {
        for (uint256 i; i < 50; ++i) {
            demand(1, 0);
        }
        assertEq(pool.pocBps(), MAX_POC_BPS);
        for (uint256 i; i < 60; ++i) {
            demand(0, 1);
        }
        assertEq(pool.pocBps(), MIN_POC_BPS);
    }

    // --- fuzz

    /// @dev Against the formulas, written down once more.
    /// forge-config: default.fuzz.runs = 512
    function testFuzz_anEpoch(uint64[6] memory units, uint64[6] memory fees, uint64 wait, uint96 stake) public {
        stakeFor(a, bound(stake, 1, 2 * FULL_STAKE));
        vm.warp(block.timestamp + wait % (10 * uint256(EPOCHS_PER_ERA) * EPOCH));
        pool.sync();
        uint256[ENGINES] memory weighted;
        uint256[ENGINES] memory paidFees;
        uint256 rawUnits;
        for (uint8 kind; kind < KINDS; ++kind) {
            address node = kind % 2 == 0 ? a : b;
            record(kind, node, units[kind], fees[kind]);
            uint256 weight = weights.weightOf(kind, node);
            assertLe(weight, WEIGHT_ONE);
            weighted[engineOf(kind)] += units[kind] * weight;
            paidFees[engineOf(kind)] += fees[kind];
            rawUnits += units[kind];
        }
        uint256[ENGINES] memory bps = pool.shares();
        assertEq(bps[0] + bps[1] + bps[2], 10_000);
        uint256 emission = pool.emission();
        uint256 before = pool.accrued();
        uint256 poc = pool.pocBps();
        nextEpoch();
        uint256 due = pool.claimable(a) + pool.claimable(b);
        pool.sync();

        uint256 most;
        for (uint256 e; e < ENGINES; ++e) {
            uint256 byCap = weighted[e] * REWARD_CAP / WEIGHT_ONE;
            uint256 byShare = emission * bps[e] / 10_000;
            if (weighted[e] > 0) most += byCap < byShare ? byCap : byShare;
        }
        uint256 accrued = pool.accrued() - before;
        assertLe(accrued, most);
        assertApproxEqAbs(accrued, most, most / 1e15 + 1e6);
        assertLe(accrued, emission);
        assertLe(accrued, rawUnits * REWARD_CAP);
        assertEq(pool.claimable(a) + pool.claimable(b), due, "closing does not change what is due");
        assertLe(due + pool.claimableIncentive(), pool.accrued());

        uint256 demandFees = paidFees[COMPUTE_POC] + paidFees[MODEL_POT];
        uint256 target = demandFees == 0 ? poc : paidFees[COMPUTE_POC] * 10_000 / demandFees;
        uint256 moved = pool.pocBps() > poc ? pool.pocBps() - poc : poc - pool.pocBps();
        assertLe(moved, STEP_BPS);
        assertGe(pool.pocBps(), MIN_POC_BPS);
        assertLe(pool.pocBps(), MAX_POC_BPS);
        uint256 bounded = target < MIN_POC_BPS ? MIN_POC_BPS : target > MAX_POC_BPS ? MAX_POC_BPS : target;
        uint256 distance = bounded > poc ? bounded - poc : poc - bounded;
        assertEq(moved, distance < STEP_BPS ? distance : STEP_BPS);
    }

    function testFuzz_claimingLaterPaysTheSame(uint32[8] memory units, uint8 claims) public {
        uint256 total;
        uint256 snapshot = vm.snapshotState();
        for (uint256 run; run < 2; ++run) {
            uint256 sum;
            for (uint256 i; i < units.length; ++i) {
                record(uint8(i % KINDS), a, units[i]);
                record(TRAINING, b, 1000);
                nextEpoch();
                if (run == 0 && claims & (1 << i) != 0 && pool.claimable(a) > 0) sum += pool.claim(a);
            }
            if (pool.claimable(a) > 0) sum += pool.claim(a);
            if (run == 0) total = sum;
            else assertEq(sum, total);
            if (run == 0) vm.revertToState(snapshot);
        }
    }
}

/// @dev Where the profile has a guard, it can hold up claims, and nothing else.
contract GuardedPoolTest is Mining {
    GuardDouble internal guard_;
    address internal a;

    function setUp() public override {
        guard_ = new GuardDouble();
        super.setUp();
        a = verifier("a", VERIFIER_STAKE);
        vm.prank(ownerOf("a"));
        delegation.setAccepting(a, true);
        vm.startPrank(treasury);
        token.approve(address(delegation), type(uint256).max);
        delegation.delegate(a, 100e18);
        vm.stopPrank();
    }

    function guard() internal view override returns (address) {
        return address(guard_);
    }

    function test_aPauseHoldsUpClaimsAndLosesNothing() public {
        record(TRAINING, a, 10);
        nextEpoch();
        uint256 due = pool.claimable(a);
        uint256 incentive = pool.claimableIncentive();
        guard_.set(SCOPE_REWARDS, true);
        assertEq(pool.claimable(a), 0);
        assertEq(pool.claimableIncentive(), 0);
        vm.expectRevert(IMiningPool.ClaimsPaused.selector);
        pool.claim(a);
        vm.expectRevert(IMiningPool.ClaimsPaused.selector);
        pool.claimIncentive();

        // Work is recorded, and delegators come and go: what they earned becomes stake of theirs.
        record(TRAINING, a, 0);
        vm.startPrank(treasury);
        delegation.delegate(a, 1e18);
        delegation.undelegate(a, 50e18);
        vm.stopPrank();
        uint256 toDelegators = delegation.totalHeld() - 101e18;
        assertApproxEqRel(toDelegators, due / 6, 1e6);

        guard_.set(SCOPE_REWARDS, false);
        assertEq(pool.claimable(a), due - toDelegators);
        assertEq(pool.claimableIncentive(), incentive);
        assertEq(pool.claim(a), due - toDelegators);
        assertEq(delegation.totalHeld(), 101e18 + toDelegators);
        assertEq(pool.claimIncentive(), incentive);
    }

    function test_otherScopesDoNotMatter() public {
        record(TRAINING, a, MANY);
        nextEpoch();
        guard_.set(0, true);
        guard_.set(1, true);
        assertGt(pool.claim(a), 0);
    }
}
