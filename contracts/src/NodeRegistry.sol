// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {BPS, PROVIDER, Payout, TIERS, VERIFIER} from "./interfaces/Types.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Identity and record of the nodes
/// @dev See `INodeRegistry`.
contract NodeRegistry is INodeRegistry, Settled, EIP712 {
    bytes32 private constant REGISTER_TYPEHASH = keccak256(
        "Register(address node,address owner,bytes32 endpoint,bytes32 hardware,uint64 capability,uint8 roles,uint256 deadline)"
    );

    using SafeCast for uint256;

    /// @notice Days that the moving average of units looks back over: each day moves it by one part in so many.
    uint256 public constant AVERAGE_DAYS = 8;
    /// @notice Least quality of a node with faults.
    uint256 public constant MIN_QUALITY_BPS = 1000;

    /// @dev Days after which an average, below 2^96, has fallen to nothing: (7/8)^512 < 2^-98.
    uint256 private constant FORGOTTEN_DAYS = 512;

    /// @inheritdoc INodeRegistry
    IStakeVault public immutable vault;
    /// @inheritdoc INodeRegistry
    uint64 public immutable faultUnits;

    mapping(address node => Node) private _nodes;
    mapping(address node => address) private _pendingOwners;
    TierRule[TIERS - 1] private _tierRules;

    constructor(IStakeVault vault_, address settlement_, Params memory params)
        Settled(settlement_)
        EIP712("corex registry", "1")
    {
        TierRule memory previous;
        for (uint256 i; i < TIERS - 1; ++i) {
            TierRule memory rule = params.tiers[i];
            require(
                rule.unitsPerDay >= previous.unitsPerDay && rule.history >= previous.history
                    && rule.stake >= previous.stake,
                InvalidParams("a tier needs less than the one below")
            );
            _tierRules[i] = rule;
            previous = rule;
        }
        vault = vault_;
        faultUnits = params.faultUnits;
    }

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
    function transferOwnership(address node, address to) external {
        address owner = _nodes[node].owner;
        require(msg.sender == owner, NotOwner(msg.sender, node));
        _pendingOwners[node] = to;
        emit OwnershipTransferStarted(node, owner, to);
    }

    /// @inheritdoc INodeRegistry
    function acceptOwnership(address node) external {
        require(msg.sender == _pendingOwners[node], NotPendingOwner(msg.sender, node));
        address owner = _nodes[node].owner;
        delete _pendingOwners[node];
        _nodes[node].owner = msg.sender;
        emit OwnershipTransferred(node, owner, msg.sender);
        vault.ownerChanged(node, owner, msg.sender);
    }

    /// @inheritdoc INodeRegistry
    function recordWork(Payout[] calldata work) external onlySettlement {
        uint64 today = _today();
        for (uint256 i; i < work.length; ++i) {
            Node storage n = _nodes[work[i].node];
            uint256 units = work[i].units;
            n.verifiedUnits += uint128(units);
            n.history = (n.history + units).toUint96();
            if (n.day == today) {
                n.dayUnits = (n.dayUnits + units).toUint96();
            } else {
                n.averageUnits = _average(n, today).toUint96();
                n.dayUnits = uint96(units);
                n.day = today;
            }
        }
    }

    /// @inheritdoc INodeRegistry
    function recordFault(address node) external onlySettlement {
        ++_nodes[node].faults;
        _nodes[node].history = 0;
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

    /// @inheritdoc INodeRegistry
    function pendingOwnerOf(address node) external view returns (address) {
        return _pendingOwners[node];
    }

    /// @inheritdoc INodeRegistry
    function measuredUnitsPerDay(address node) public view returns (uint256) {
        return _average(_nodes[node], _today());
    }

    /// @inheritdoc INodeRegistry
    function tierOf(address node) external view returns (uint8) {
        uint256 unitsPerDay = measuredUnitsPerDay(node);
        uint256 history = _nodes[node].history;
        uint256 stake = vault.stakeOf(node);
        for (uint8 tier = uint8(TIERS) - 1; tier > 0; --tier) {
            TierRule storage rule = _tierRules[tier - 1];
            if (unitsPerDay >= rule.unitsPerDay && history >= rule.history && stake >= rule.stake) return tier;
        }
        return 0;
    }

    /// @inheritdoc INodeRegistry
    function qualityOf(address node) external view returns (uint256) {
        Node storage n = _nodes[node];
        if (n.faults == 0) return BPS;
        uint256 verified = n.verifiedUnits;
        uint256 outweighed = uint256(n.faults) * faultUnits;
        // Without units to outweigh, faults only begin the history anew.
        if (outweighed == 0) return BPS;
        return Math.max(MIN_QUALITY_BPS, BPS * verified / (verified + outweighed));
    }

    /// @inheritdoc INodeRegistry
    function tierRule(uint8 tier) external view returns (TierRule memory rule) {
        if (tier > 0) rule = _tierRules[tier - 1];
    }

    /// @dev Moving average over the whole days before `today`: the last day with work, then days without.
    function _average(Node storage n, uint64 today) private view returns (uint256 average) {
        average = n.averageUnits;
        uint256 past = today - n.day;
        if (past == 0) return average;
        average = (average * (AVERAGE_DAYS - 1) + n.dayUnits) / AVERAGE_DAYS;
        if (past > FORGOTTEN_DAYS) return 0;
        for (uint256 i = 1; i < past && average > 0; ++i) {
            average = average * (AVERAGE_DAYS - 1) / AVERAGE_DAYS;
        }
    }

    function _today() private view returns (uint64) {
        return (block.timestamp / 1 days).toUint64();
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
