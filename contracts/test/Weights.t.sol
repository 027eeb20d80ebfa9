// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Weights} from "../src/Weights.sol";
import {IWeights, WEIGHT_ONE} from "../src/interfaces/IWeights.sol";
import {
    AUDIT,
    CHALLENGE,
    COMPUTE_POC,
    FINE_TUNING,
    INFERENCE,
    KINDS,
    MODEL_POT,
    PREPROCESSING,
    Payout,
    STAKE_TO_VALIDATE,
    TIERS,
    TRAINING,
    UnknownKind,
    engineOf
} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

contract WeightsTest is Network {
    AccessManager internal manager;
    address internal admin = makeAddr("admin");
    address internal node;

    function setUp() public override {
        manager = new AccessManager(admin);
        super.setUp();
        node = provider("node");
    }

    function authority() internal view override returns (address) {
        return address(manager);
    }

    function test_enginesOfTheKinds() public {
        assertEq(engineOf(TRAINING), MODEL_POT);
        assertEq(engineOf(FINE_TUNING), MODEL_POT);
        assertEq(engineOf(INFERENCE), COMPUTE_POC);
        assertEq(engineOf(PREPROCESSING), COMPUTE_POC);
        assertEq(engineOf(CHALLENGE), COMPUTE_POC);
        assertEq(engineOf(AUDIT), STAKE_TO_VALIDATE);
        vm.expectRevert(abi.encodeWithSelector(UnknownKind.selector, KINDS));
        this.engine(uint8(KINDS));
    }

    function engine(uint8 kind) external pure returns (uint8) {
        return engineOf(kind);
    }

    function test_weightIsTheProductOfTheFactors() public {
        uint256 weight = uint256(8000) * 7000 * 10_000 * vault.boostOf(node);
        assertEq(weights.weightOf(INFERENCE, node), weight);
        vm.prank(address(settlement));
        registry.recordFault(node);
        assertEq(weights.weightOf(INFERENCE, node), weight / 10);

        Payout[] memory work = new Payout[](2);
        work[0] = Payout(node, 3, 1);
        work[1] = Payout(stranger, 5, 1);
        uint256[] memory weighted = weights.weigh(INFERENCE, work);
        assertEq(weighted[0], 3 * weight / 10);
        assertEq(weighted[1], 5 * weights.weightOf(INFERENCE, stranger));
        vm.expectRevert(abi.encodeWithSelector(UnknownKind.selector, KINDS));
        weights.weigh(uint8(KINDS), work);
    }

    function testFuzz_noWeightExceedsOne(uint8 kind, uint96 stake, uint64 units, uint8 faults) public {
        kind = uint8(bound(kind, 0, KINDS - 1));
        stakeFor(node, bound(stake, 1, 10_000_000e18));
        vm.startPrank(address(settlement));
        registry.recordWork(only(node, units));
        for (uint256 i; i < faults % 8; ++i) {
            registry.recordFault(node);
        }
        vm.stopPrank();
        vm.warp(block.timestamp + 1 days);
        assertLe(weights.weightOf(kind, node), WEIGHT_ONE);
        assertGt(weights.weightOf(kind, node), 0);
    }

    function test_onlyTheAuthorityTunesAndOnlyWithinBounds() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, stranger));
        vm.prank(stranger);
        weights.tuneKind(INFERENCE, 9999);

        vm.startPrank(admin);
        vm.expectEmit(address(weights));
        emit IWeights.KindTuned(INFERENCE, MIN_KIND_BPS);
        weights.tuneKind(INFERENCE, MIN_KIND_BPS);
        assertEq(weights.kindBps(INFERENCE), MIN_KIND_BPS);
        weights.tuneKind(INFERENCE, 10_000);
        for (uint16 i; i < 2; ++i) {
            uint16 bps = i == 0 ? MIN_KIND_BPS - 1 : 10_001;
            vm.expectRevert(
                abi.encodeWithSelector(IWeights.KindOutOfBounds.selector, bps, MIN_KIND_BPS, uint256(10_000))
            );
            weights.tuneKind(INFERENCE, bps);
        }
        vm.expectRevert(abi.encodeWithSelector(UnknownKind.selector, KINDS));
        weights.tuneKind(uint8(KINDS), 10_000);
    }

    function refused(IWeights.Params memory p, bytes memory wanted) internal {
        vm.expectRevert(wanted);
        new Weights(registry, vault, address(0), p);
    }

    function test_params() public {
        assertEq(weights.tierBps(3), 10_000);
        assertEq(weights.minKindBps(), MIN_KIND_BPS);
        IWeights.Params memory p = weightsParams();
        p.minKindBps = 0;
        refused(p, abi.encodeWithSelector(IWeights.InvalidParams.selector, "minKindBps must be positive"));
        for (uint256 i; i < 3; ++i) {
            p = weightsParams();
            if (i == 0) p.tierBps[0] = 0;
            if (i == 1) p.tierBps[2] = p.tierBps[1] - 1;
            if (i == 2) p.tierBps[TIERS - 1] = 10_001;
            refused(p, abi.encodeWithSelector(IWeights.InvalidParams.selector, "tierBps must be 1 to 10000, ascending"));
        }
        p = weightsParams();
        p.kindBps[AUDIT] = MIN_KIND_BPS - 1;
        refused(
            p,
            abi.encodeWithSelector(IWeights.KindOutOfBounds.selector, MIN_KIND_BPS - 1, MIN_KIND_BPS, uint256(10_000))
        );
        vm.mockCall(address(registry), abi.encodeWithSignature("vault()"), abi.encode(stranger));
        refused(weightsParams(), abi.encodeWithSelector(IWeights.Miswired.selector, address(registry)));
    }
}
