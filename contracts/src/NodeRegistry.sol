// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {PROVIDER, Payout, VERIFIER} from "./interfaces/Types.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title Identity and record of the nodes
/// @dev See `INodeRegistry`.
contract NodeRegistry is INodeRegistry, Settled, EIP712 {
    bytes32 private constant REGISTER_TYPEHASH = keccak256(
        "Register(address node,address owner,bytes32 endpoint,bytes32 hardware,uint64 capability,uint8 roles,uint256 deadline)"
    );

    mapping(address node => Node) private _nodes;

    constructor(address settlement_) Settled(settlement_) EIP712("corex registry", "1") {}

    modifier onlyOwnerOrOperator(address node) {
        address owner = _nodes[node].owner;
        require(owner != address(0), UnknownNode(node));
        require(msg.sender == owner || msg.sender == node, NotOwnerOrOperator(msg.sender, node));
        _;
    }

    /// @inheritdoc INodeRegistry
    function register(address owner, Profile calldata profile) external {
        _register(msg.sender, owner, profile);
    }

    /// @inheritdoc INodeRegistry
    function registerFor(address node, Profile calldata profile, uint256 deadline, bytes calldata signature) external {
        require(block.timestamp <= deadline, SignatureExpired(deadline));
        bytes32 structHash = keccak256(
            abi.encode(
                REGISTER_TYPEHASH,
                node,
                msg.sender,
                profile.endpoint,
                profile.hardware,
                profile.capability,
                profile.roles,
                deadline
            )
        );
        address signer = ECDSA.recover(_hashTypedDataV4(structHash), signature);
        require(signer == node, WrongSigner(signer, node));
        _register(node, msg.sender, profile);
    }

    /// @inheritdoc INodeRegistry
    function update(address node, Profile calldata profile) external onlyOwnerOrOperator(node) {
        _setProfile(node, profile);
        emit NodeUpdated(node, profile);
    }

    /// @inheritdoc INodeRegistry
    function deactivate(address node) external onlyOwnerOrOperator(node) {
        _nodes[node].active = false;
        emit NodeActiveChanged(node, false);
    }

    /// @inheritdoc INodeRegistry
    function activate(address node) external onlyOwnerOrOperator(node) {
        _nodes[node].active = true;
        emit NodeActiveChanged(node, true);
    }

    /// @inheritdoc INodeRegistry
    function recordWork(Payout[] calldata work) external onlySettlement {
        for (uint256 i; i < work.length; ++i) {
            _nodes[work[i].node].verifiedUnits += work[i].units;
        }
    }

    /// @inheritdoc INodeRegistry
    function recordFault(address node) external onlySettlement {
        ++_nodes[node].faults;
    }

    /// @inheritdoc INodeRegistry
    function nodeOf(address node) external view returns (Node memory) {
        return _nodes[node];
    }

    /// @inheritdoc INodeRegistry
    function ownerOf(address node) external view returns (address) {
        return _nodes[node].owner;
    }

    /// @inheritdoc INodeRegistry
    function hasRole(address node, uint8 roles) external view returns (bool) {
        Node storage n = _nodes[node];
        return n.active && n.roles & roles == roles;
    }

    function _register(address node, address owner, Profile calldata profile) private {
        require(owner != address(0), InvalidOwner(owner));
        require(_nodes[node].owner == address(0), AlreadyRegistered(node));
        _nodes[node].owner = owner;
        _nodes[node].active = true;
        _setProfile(node, profile);
        emit NodeRegistered(node, owner, profile);
    }

    function _setProfile(address node, Profile calldata profile) private {
        require(profile.roles != 0 && profile.roles <= (PROVIDER | VERIFIER), InvalidRoles(profile.roles));
        require(profile.endpoint != 0, InvalidEndpoint(profile.endpoint));
        Node storage n = _nodes[node];
        n.roles = profile.roles;
        n.capability = profile.capability;
        n.endpoint = profile.endpoint;
        n.hardware = profile.hardware;
    }
}
