// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMiningPool} from "../src/interfaces/IMiningPool.sol";
import {COMPUTE_POC, MODEL_POT, Payout} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";

contract MiningPoolTest is Network {
    address internal a;
    address internal b;

    /// @dev Units enough that the cap per unit does not bind.
    uint64 internal constant MANY = 1e9;

    function setUp() public override {
        super.setUp();
        a = provider("a");
        b = provider("b");
    }

    function record(uint8 engine, address node, uint64 units) internal {
        Payout[] memory work = new Payout[](1);
        work[0] = Payout(node, units);
        vm.prank(address(settlement));
        pool.record(engine, work);
    }

    function only(uint64 epoch) internal pure returns (uint64[] memory epochs) {
        epochs = new uint64[](1);
        epochs[0] = epoch;
    }

    function nextEpoch() internal {
        vm.warp(block.timestamp + EPOCH);
    }

    function test_erasHalve() public view {
        uint256 first = POOLED / (2 * EPOCHS_PER_ERA);
        assertEq(pool.emission(0), first);
        assertEq(pool.emission(EPOCHS_PER_ERA - 1), first);
        assertEq(pool.emission(EPOCHS_PER_ERA), first / 2);
        assertEq(pool.emission(3 * EPOCHS_PER_ERA), first / 8);
        assertEq(pool.emission(type(uint64).max), 0);
    }

    function test_allErasTogetherNeverExceedThePool() public view {
        uint256 sum;
        for (uint64 era; era < 256; ++era) {
            sum += pool.emission(era * EPOCHS_PER_ERA) * EPOCHS_PER_ERA;
        }
        assertLe(sum, POOLED);
        assertGt(sum, POOLED * 999_999 / 1_000_000);
    }

    function test_epochsRunFromDeployment() public {
        assertEq(pool.currentEpoch(), 0);
        vm.warp(pool.start() + EPOCH - 1);
        assertEq(pool.currentEpoch(), 0);
        vm.warp(pool.start() + EPOCH);
        assertEq(pool.currentEpoch(), 1);
    }

    function test_sharesAreInProportion() public {
        record(MODEL_POT, a, 3 * MANY);
        record(MODEL_POT, b, MANY);
        nextEpoch();
        uint256 potEmission = pool.emission(0) * POT_BPS / 10_000;
        assertEq(pool.claimable(a, only(0)), potEmission * 3 / 4);
        assertEq(pool.claim(a, only(0)), potEmission * 3 / 4);
        assertEq(token.balanceOf(ownerOf("a")), potEmission * 3 / 4);
        // A claim takes nothing from the others.
        assertEq(pool.claim(b, only(0)), potEmission / 4);
    }

    function test_enginesDoNotShare() public {
        record(MODEL_POT, a, MANY);
        record(COMPUTE_POC, b, MANY);
        nextEpoch();
        assertEq(pool.claim(a, only(0)), pool.emission(0) * POT_BPS / 10_000);
        assertEq(pool.claim(b, only(0)), pool.emission(0) * POC_BPS / 10_000);
        assertEq(pool.engineBps(COMPUTE_POC) + pool.engineBps(MODEL_POT), 10_000);
    }

    function test_aUnitEarnsAtMostTheCap() public {
        record(MODEL_POT, a, 5);
        nextEpoch();
        assertEq(pool.claim(a, only(0)), 5 * uint256(REWARD_CAP));
    }

    function test_claimsOnce() public {
        record(MODEL_POT, a, MANY);
        nextEpoch();
        uint64[] memory twice = new uint64[](2);
        uint256 amount = pool.claim(a, twice);
        assertEq(amount, pool.emission(0) * POT_BPS / 10_000);
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.NothingToClaim.selector, a));
        pool.claim(a, only(0));
    }

    function test_claimsManyEpochsAndSkipsEmptyOnes() public {
        record(MODEL_POT, a, MANY);
        nextEpoch();
        nextEpoch();
        record(MODEL_POT, a, MANY);
        nextEpoch();
        uint64[] memory epochs = new uint64[](3);
        (epochs[0], epochs[1], epochs[2]) = (0, 1, 2);
        assertEq(pool.claim(a, epochs), 2 * (pool.emission(0) * POT_BPS / 10_000));
    }

    function test_noClaimBeforeTheEpochIsOver() public {
        record(MODEL_POT, a, MANY);
        assertEq(pool.claimable(a, only(0)), 0);
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.EpochNotOver.selector, 0));
        pool.claim(a, only(0));
    }

    function test_unknownNodesHaveNoClaim() public {
        nextEpoch();
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.UnknownNode.selector, stranger));
        pool.claim(stranger, only(0));
    }

    function test_recordOnlyBySettlement() public {
        expectNotSettlement(stranger);
        pool.record(MODEL_POT, new Payout[](0));
    }

    function testFuzz_claimsOfAnEpochNeverExceedItsEmission(uint64[5] memory units, uint64 epoch) public {
        epoch = uint64(bound(epoch, 0, 50 * EPOCHS_PER_ERA));
        vm.warp(pool.start() + uint256(epoch) * EPOCH);
        address[5] memory nodes;
        for (uint256 i; i < 5; ++i) {
            nodes[i] = registered(string.concat("n", vm.toString(i)), 1);
            record(MODEL_POT, nodes[i], units[i]);
        }
        nextEpoch();
        uint256 paid;
        for (uint256 i; i < 5; ++i) {
            uint256 due = pool.claimable(nodes[i], only(epoch));
            assertLe(due, units[i] * uint256(REWARD_CAP));
            if (due > 0) paid += pool.claim(nodes[i], only(epoch));
        }
        assertLe(paid, pool.emission(epoch) * POT_BPS / 10_000);
        assertEq(token.balanceOf(address(pool)), POOLED - paid);
    }
}
