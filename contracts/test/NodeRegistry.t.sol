// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NodeRegistry} from "../src/NodeRegistry.sol";
import {INodeRegistry} from "../src/interfaces/INodeRegistry.sol";
import {PROVIDER, VERIFIER} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";

contract NodeRegistryTest is Network {
    address internal node;
    address internal owner;

    function setUp() public override {
        super.setUp();
        node = registered("node", PROVIDER);
        owner = ownerOf("node");
    }

    function test_register() public {
        (address fresh,) = makeAddrAndKey("fresh");
        INodeRegistry.Profile memory p = profile(PROVIDER | VERIFIER);
        vm.expectEmit(address(registry));
        emit INodeRegistry.NodeRegistered(fresh, stranger, p);
        vm.prank(fresh);
        registry.register(stranger, p);

        INodeRegistry.Node memory n = registry.nodeOf(fresh);
        assertEq(n.owner, stranger);
        assertTrue(n.active);
        assertEq(n.roles, PROVIDER | VERIFIER);
        assertEq(n.capability, p.capability);
        assertEq(n.endpoint, p.endpoint);
        assertEq(n.hardware, p.hardware);
        assertEq(n.verifiedUnits, 0);
        assertEq(n.faults, 0);
    }

    function test_registersOnce() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.AlreadyRegistered.selector, node));
        vm.prank(node);
        registry.register(stranger, profile(PROVIDER));
    }

    function test_registerRefusesBadInput() public {
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.InvalidOwner.selector, address(0)));
        registry.register(address(0), profile(PROVIDER));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.InvalidRoles.selector, 0));
        registry.register(stranger, profile(0));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.InvalidRoles.selector, 4));
        registry.register(stranger, profile(4));
        INodeRegistry.Profile memory p = profile(PROVIDER);
        p.endpoint = 0;
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.InvalidEndpoint.selector, bytes32(0)));
        registry.register(stranger, p);
    }

    function consent(uint256 key, address of_, address by, INodeRegistry.Profile memory p, uint256 deadline)
        internal
        view
        returns (bytes memory)
    {
        (, string memory name, string memory version,,,,) = registry.eip712Domain();
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256(bytes(version)),
                block.chainid,
                registry
            )
        );
        bytes32 typeHash = keccak256(
            "Register(address node,address owner,bytes32 endpoint,bytes32 hardware,uint64 capability,uint8 roles,uint256 deadline)"
        );
        bytes32 structHash =
            keccak256(abi.encode(typeHash, of_, by, p.endpoint, p.hardware, p.capability, p.roles, deadline));
        return signedBy(key, keccak256(abi.encodePacked("\x19\x01", domain, structHash)));
    }

    function test_registerForWithTheOperatorsConsent() public {
        (address fresh, uint256 key) = makeAddrAndKey("fresh");
        INodeRegistry.Profile memory p = profile(VERIFIER);
        bytes memory signature = consent(key, fresh, stranger, p, block.timestamp);
        vm.prank(stranger);
        registry.registerFor(fresh, p, block.timestamp, signature);
        assertEq(registry.ownerOf(fresh), stranger);
    }

    function test_registerForRefusesAnothersConsent() public {
        (address fresh, uint256 key) = makeAddrAndKey("fresh");
        INodeRegistry.Profile memory p = profile(VERIFIER);
        uint256 deadline = block.timestamp;

        // Signed for another owner: the recovered key is some other one.
        bytes memory signature = consent(key, fresh, requester, p, deadline);
        vm.expectPartialRevert(INodeRegistry.WrongSigner.selector);
        vm.prank(stranger);
        registry.registerFor(fresh, p, deadline, signature);

        signature = consent(keyOf[node], fresh, stranger, p, deadline);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.WrongSigner.selector, node, fresh));
        vm.prank(stranger);
        registry.registerFor(fresh, p, deadline, signature);

        signature = consent(key, fresh, stranger, p, deadline);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.SignatureExpired.selector, deadline));
        vm.prank(stranger);
        registry.registerFor(fresh, p, deadline, signature);
    }

    function test_updateByOwnerOrOperator() public {
        INodeRegistry.Profile memory p = profile(VERIFIER);
        p.capability = 7;
        vm.prank(owner);
        registry.update(node, p);
        assertEq(registry.nodeOf(node).capability, 7);
        vm.prank(node);
        registry.update(node, profile(PROVIDER));
        assertEq(registry.nodeOf(node).roles, PROVIDER);

        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotOwnerOrOperator.selector, stranger, node));
        vm.prank(stranger);
        registry.update(node, p);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.UnknownNode.selector, stranger));
        vm.prank(stranger);
        registry.update(stranger, p);
    }

    function test_deactivatedNodesHaveNoRole() public {
        assertTrue(registry.hasRole(node, PROVIDER));
        assertFalse(registry.hasRole(node, VERIFIER));
        assertFalse(registry.hasRole(node, PROVIDER | VERIFIER));
        vm.prank(node);
        registry.deactivate(node);
        assertFalse(registry.hasRole(node, PROVIDER));
        vm.prank(owner);
        registry.activate(node);
        assertTrue(registry.hasRole(node, PROVIDER));

        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotOwnerOrOperator.selector, stranger, node));
        registry.deactivate(node);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotOwnerOrOperator.selector, stranger, node));
        registry.activate(node);
    }

    function test_strangersHaveNoRole() public view {
        assertFalse(registry.hasRole(stranger, PROVIDER));
    }

    // --- owners

    function test_ownershipMovesInTwoSteps() public {
        vm.expectEmit(address(registry));
        emit INodeRegistry.OwnershipTransferStarted(node, owner, stranger);
        vm.prank(owner);
        registry.transferOwnership(node, stranger);
        assertEq(registry.ownerOf(node), owner, "not yet");
        assertEq(registry.pendingOwnerOf(node), stranger);

        vm.expectEmit(address(registry));
        emit INodeRegistry.OwnershipTransferred(node, owner, stranger);
        vm.prank(stranger);
        registry.acceptOwnership(node);
        assertEq(registry.ownerOf(node), stranger);
        assertEq(registry.pendingOwnerOf(node), address(0));
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotOwner.selector, owner, node));
        vm.prank(owner);
        registry.transferOwnership(node, owner);
    }

    function test_ownershipIsOfferedByTheOwnerAndTakenByWhomItWasOfferedTo() public {
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotOwner.selector, node, node));
        vm.prank(node);
        registry.transferOwnership(node, stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotPendingOwner.selector, stranger, node));
        vm.prank(stranger);
        registry.acceptOwnership(node);

        vm.startPrank(owner);
        registry.transferOwnership(node, stranger);
        registry.transferOwnership(node, address(0));
        vm.stopPrank();
        vm.expectRevert(abi.encodeWithSelector(INodeRegistry.NotPendingOwner.selector, stranger, node));
        vm.prank(stranger);
        registry.acceptOwnership(node);
    }

    // --- records

    function work(uint64 units) internal {
        vm.prank(address(settlement));
        registry.recordWork(only(node, units));
    }

    function fault() internal {
        vm.prank(address(settlement));
        registry.recordFault(node);
    }

    function test_countersAreWrittenBySettlementOnly() public {
        expectNotSettlement(node);
        registry.recordWork(only(node, 12));
        expectNotSettlement(node);
        registry.recordFault(node);

        work(12);
        work(12);
        fault();
        work(5);
        INodeRegistry.Node memory n = registry.nodeOf(node);
        assertEq(n.verifiedUnits, 29);
        assertEq(n.faults, 1);
        assertEq(n.history, 5, "since the fault");
        assertEq(n.dayUnits, 29);
    }

    function test_capabilityIsAnAverageOverDays() public {
        work(800);
        assertEq(registry.measuredUnitsPerDay(node), 0, "today does not count before it is over");
        vm.warp(block.timestamp + 1 days);
        assertEq(registry.measuredUnitsPerDay(node), 100);
        work(800);
        vm.warp(block.timestamp + 1 days);
        assertEq(registry.measuredUnitsPerDay(node), 187, "(7 * 100 + 800) / 8");
        vm.warp(block.timestamp + 2000 days);
        assertEq(registry.measuredUnitsPerDay(node), 0, "forgotten");
    }

    /// @dev Against an average that is moved on day by day.
    function testFuzz_capability(uint40[12] memory units, uint8[12] memory daysLater) public {
        uint256 average;
        for (uint256 i; i < units.length; ++i) {
            work(units[i]);
            uint256 gap = uint256(daysLater[i]) * (i == 7 ? 7 : 1);
            if (gap == 0) {
                units[(i + 1) % 12] = uint40(bound(units[(i + 1) % 12], 0, 1e9));
                work(units[(i + 1) % 12]);
                vm.warp(block.timestamp + 1 days);
                average = (average * 7 + uint256(units[i]) + units[(i + 1) % 12]) / 8;
            } else {
                for (uint256 d; d < gap; ++d) {
                    average = (average * 7 + (d == 0 ? units[i] : 0)) / 8;
                }
                vm.warp(block.timestamp + gap * 1 days);
            }
            assertEq(registry.measuredUnitsPerDay(node), average);
        }
    }

    /// @dev `perDay` units on each of twenty days.
    function workFor20Days(uint64 perDay) internal {
        for (uint256 i; i < 20; ++i) {
            work(perDay);
            vm.warp(block.timestamp + 1 days);
        }
    }

    function test_promotionAndDemotionAreAutomatic() public {
        assertEq(registry.tierOf(node), 0);
        workFor20Days(10_000);
        assertEq(registry.tierOf(node), 1, "capability and history for 3, stake for 1");
        stakeFor(node, PROVIDER_STAKE);
        assertEq(registry.tierOf(node), 2);
        stakeFor(node, VERIFIER_STAKE - PROVIDER_STAKE);
        assertEq(registry.tierOf(node), 3);

        vm.prank(owner);
        vault.requestUnbond(node, 1);
        assertEq(registry.tierOf(node), 2, "less stake");
        stakeFor(node, 1);
        vm.warp(block.timestamp + 10 days);
        assertEq(registry.tierOf(node), 2, "less work");
        vm.warp(block.timestamp + 30 days);
        assertEq(registry.tierOf(node), 0, "no work");
        workFor20Days(10_000);
        assertEq(registry.tierOf(node), 3);
        fault();
        assertEq(registry.tierOf(node), 0, "a fault");
        work(1);
        assertEq(registry.tierOf(node), 0, "which one unit does not make good");
        workFor20Days(10_000);
        assertEq(registry.tierOf(node), 3, "made good");
    }

    function test_quality() public {
        assertEq(registry.qualityOf(node), 10_000, "nothing is held against a new node");
        fault();
        assertEq(registry.qualityOf(node), 1000, "a fault and nothing else");
        work(uint64(FAULT_UNITS));
        assertEq(registry.qualityOf(node), 5000);
        work(uint64(2 * FAULT_UNITS));
        assertEq(registry.qualityOf(node), 7500);
    }

    function testFuzz_qualityIsBoundedAndFaultsNeverHelp(uint64 units, uint8 faults) public {
        work(units);
        uint256 last = 10_000;
        for (uint256 i; i < faults % 16; ++i) {
            fault();
            uint256 quality = registry.qualityOf(node);
            assertLe(quality, last);
            assertGe(quality, 1000);
            last = quality;
        }
    }

    function test_params() public {
        assertEq(registry.tierRule(0).history, 0);
        assertEq(registry.tierRule(2).history, registryParams().tiers[1].history);
        for (uint256 i; i < 3; ++i) {
            INodeRegistry.Params memory p = registryParams();
            if (i == 0) p.tiers[1].unitsPerDay = p.tiers[0].unitsPerDay - 1;
            if (i == 1) p.tiers[1].history = p.tiers[0].history - 1;
            if (i == 2) p.tiers[2].stake = p.tiers[1].stake - 1;
            vm.expectRevert(
                abi.encodeWithSelector(INodeRegistry.InvalidParams.selector, "a tier needs less than the one below")
            );
            new NodeRegistry(vault, address(settlement), p);
        }
    }
}
