// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {Payout} from "./Types.sol";

/// @notice Who the nodes are: identity, endpoint, what they offer, and what they have proven.
/// @dev A node is named by the address of its operator key, the hot key that signs receipts. Its owner is the (cold) key
/// that is paid and that may take out stake. A registration is permanent; `deactivate` takes a node out of service.
///
/// Safety: counters and measurements are written by the Settlement alone. Tier and quality are formulas over them and over
/// stake, so a node is promoted and demoted by nobody's decision, and at once.
interface INodeRegistry is ISettled {
    /// @notice What a node needs for a tier, all of it.
    /// @param unitsPerDay Measured capability (`measuredUnitsPerDay`).
    /// @param history Verified units since the last fault.
    /// @param stake Stake that counts (`IStakeVault.stakeOf`).
    struct TierRule {
        uint96 unitsPerDay;
        uint96 history;
        uint128 stake;
    }

    /// @param tiers What tiers 1, 2 and 3 need; no threshold may fall from one to the next. Tier 0 needs nothing.
    /// @param faultUnits Verified units that outweigh one fault: a node with v units and f faults has quality
    /// v / (v + f * faultUnits).
    struct Params {
        TierRule[3] tiers;
        uint64 faultUnits;
    }

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
    /// @param verifiedUnits Units of work settled for this node, over all jobs, audits included.
    /// @param faults Results of this node that lost a dispute.
    /// @param history Units settled since the last fault.
    /// @param averageUnits Moving average of units per day, over the days before `day`.
    /// @param dayUnits Units settled on `day`.
    /// @param day Day (unix time / 86400) of the last settled work.
    struct Node {
        address owner;
        bool active;
        uint8 roles;
        uint64 capability;
        uint128 verifiedUnits;
        uint32 faults;
        uint96 history;
        uint96 averageUnits;
        uint96 dayUnits;
        uint64 day;
        bytes32 endpoint;
        bytes32 hardware;
    }

    event NodeRegistered(address indexed node, address indexed owner, Profile profile);
    event NodeUpdated(address indexed node, Profile profile);
    event NodeActiveChanged(address indexed node, bool active);
    /// @param to Who may accept; zero if the offer was withdrawn.
    event OwnershipTransferStarted(address indexed node, address indexed from, address indexed to);
    event OwnershipTransferred(address indexed node, address indexed from, address indexed to);

    error InvalidParams(string what);
    error AlreadyRegistered(address node);
    error UnknownNode(address node);
    error InvalidRoles(uint8 roles);
    error InvalidEndpoint(bytes32 endpoint);
    error InvalidOwner(address owner);
    error NotOwner(address caller, address node);
    error NotPendingOwner(address caller, address node);
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

    /// @notice Offers the node, with all that it has at stake and has not claimed, to `to`; zero withdraws the offer. By
    /// its owner.
    function transferOwnership(address node, address to) external;

    /// @notice Takes the node over. By whom it was offered to.
    function acceptOwnership(address node) external;

    /// @notice Adds settled work to each node's counters. Only the Settlement.
    function recordWork(Payout[] calldata work) external;

    /// @notice Counts a lost dispute; the node's history begins anew. Only the Settlement.
    function recordFault(address node) external;

    /// @notice All that is known of `node`; all zero if it never registered.
    function nodeOf(address node) external view returns (Node memory);

    /// @notice Owner of `node`; zero if it never registered.
    function ownerOf(address node) external view returns (address);

    /// @notice Who may take the node over; zero for nobody.
    function pendingOwnerOf(address node) external view returns (address);

    /// @notice Whether `node` is in service and offers every role in the mask `roles`.
    function hasRole(address node, uint8 roles) external view returns (bool);

    /// @notice Measured capability: moving average of the verified units of each whole day up to yesterday. A day weighs
    /// one eighth, so after a week without work it has fallen to less than half.
    function measuredUnitsPerDay(address node) external view returns (uint256);

    /// @notice Highest tier, 0 to 3, of which the node has everything that it needs.
    function tierOf(address node) external view returns (uint8);

    /// @notice 10000 * v / (v + faultUnits * faults), v being its verified units; at least 1000. 10000 without a fault.
    function qualityOf(address node) external view returns (uint256);

    /// @notice What `tier` needs. Tier 0 needs nothing.
    function tierRule(uint8 tier) external view returns (TierRule memory);

    function faultUnits() external view returns (uint64);

    function vault() external view returns (IStakeVault);
}
