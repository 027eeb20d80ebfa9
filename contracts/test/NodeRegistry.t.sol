// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeRegistry} from "../src/interfaces/INodeRegistry.sol";
import {PROVIDER, Payout, VERIFIER} from "../src/interfaces/Types.sol";
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

    function test_countersAreWrittenBySettlementOnly() public {
        Payout[] memory work = new Payout[](1);
        work[0] = Payout(node, 12);
        expectNotSettlement(node);
        registry.recordWork(work);

        vm.startPrank(address(settlement));
        registry.recordWork(work);
        registry.recordWork(work);
        registry.recordFault(node);
        assertEq(registry.nodeOf(node).verifiedUnits, 24);
        assertEq(registry.nodeOf(node).faults, 1);
    }
}
