// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {Payout} from "./Types.sol";

/// @notice Who the nodes are: identity, endpoint, what they offer, and what they have proven.
/// @dev A node is named by the address of its operator key, the hot key that signs receipts. Its owner is the (cold) key
/// that is paid and that may take out stake. A registration is permanent; `deactivate` takes a node out of service.
interface INodeRegistry is ISettled {
    /// @notice What a node says of itself. Nothing in it is trusted.
    /// @param endpoint ed25519 public key of the node's peer-to-peer endpoint, not zero.
    /// @param hardware Hash of the node's hardware description.
    /// @param capability Claimed speed in work units per second.
    /// @param roles Bit mask: 1 provider, 2 verifier.
    struct Profile {
        bytes32 endpoint;
        bytes32 hardware;
        uint64 capability;
        uint8 roles;
    }

    /// @param owner Zero for an address that never registered.
    /// @param verifiedUnits Units of work settled for this node, over all jobs.
    /// @param faults Results of this node that lost a dispute.
    struct Node {
        address owner;
        bool active;
        uint8 roles;
        uint64 capability;
        uint128 verifiedUnits;
        uint32 faults;
        bytes32 endpoint;
        bytes32 hardware;
    }

    event NodeRegistered(address indexed node, address indexed owner, Profile profile);
    event NodeUpdated(address indexed node, Profile profile);
    event NodeActiveChanged(address indexed node, bool active);

    error AlreadyRegistered(address node);
    error UnknownNode(address node);
    error InvalidRoles(uint8 roles);
    error InvalidEndpoint(bytes32 endpoint);
    error InvalidOwner(address owner);
    error NotOwnerOrOperator(address caller, address node);
    error SignatureExpired(uint256 deadline);
    error WrongSigner(address recovered, address node);

    /// @notice Registers the caller as a node that `owner` owns.
    function register(address owner, Profile calldata profile) external;

    /// @notice Registers `node`, owned by the caller, with the operator key's consent.
    /// @param signature EIP-712 signature by the operator key of
    /// `Register(address node,address owner,bytes32 endpoint,bytes32 hardware,uint64 capability,uint8 roles,uint256 deadline)`
    /// under the domain {"corex registry", "1", chain id, this contract}. A node registers once, so no nonce is needed.
    function registerFor(address node, Profile calldata profile, uint256 deadline, bytes calldata signature) external;

    /// @notice Replaces what the node says of itself. By its owner or its operator key.
    function update(address node, Profile calldata profile) external;

    /// @notice Takes the node out of service; its stake stays where it is. By its owner or its operator key.
    function deactivate(address node) external;

    /// @notice Puts a deactivated node back into service. By its owner or its operator key.
    function activate(address node) external;

    /// @notice Adds settled work to each node's `verifiedUnits`. Only the Settlement.
    function recordWork(Payout[] calldata work) external;

    /// @notice Counts a lost dispute. Only the Settlement.
    function recordFault(address node) external;

    /// @notice All that is known of `node`; all zero if it never registered.
    function nodeOf(address node) external view returns (Node memory);

    /// @notice Owner of `node`; zero if it never registered.
    function ownerOf(address node) external view returns (address);

    /// @notice Whether `node` is in service and offers every role in the mask `roles`.
    function hasRole(address node, uint8 roles) external view returns (bool);

    /// @notice Highest tier, 0 to 3, of which the node has everything that it needs.
    function tierOf(address node) external view returns (uint8);
}
