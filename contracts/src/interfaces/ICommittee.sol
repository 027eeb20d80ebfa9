// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice An account that acts when `threshold` of its members agree on a call, by transactions.
/// @dev Safety: no call without `threshold` confirmations by members of the present composition. Every change of members or
/// threshold ends all open proposals, so that nobody's confirmation outlives the composition that it was given in.
/// Liveness: proposals expire by themselves and nobody can block another's; a committee that lost its keys can be seated anew
/// by its controller, if it has one.
interface ICommittee {
    /// @param composition Number of the composition that it was made in.
    /// @param expiresAt Unix time after which it can be neither confirmed nor executed.
    struct Proposal {
        address target;
        uint64 expiresAt;
        uint32 confirmations;
        bool executed;
        uint64 composition;
        uint256 value;
        bytes data;
    }

    event Proposed(uint256 indexed id, address indexed by, address target, uint256 value, bytes data, uint64 expiresAt);
    event Confirmed(uint256 indexed id, address indexed by);
    event Revoked(uint256 indexed id, address indexed by);
    event Executed(uint256 indexed id, address indexed by, bytes result);
    event Seated(uint64 indexed composition, address[] members, uint256 threshold);

    error InvalidParams(string what);
    error NotMember(address caller);
    error NotController(address caller);
    error UnknownProposal(uint256 id);
    error AlreadyExecuted(uint256 id);
    error ProposalExpired(uint256 id, uint64 expiresAt);
    /// @dev Members or threshold changed since.
    error ProposalOfFormerComposition(uint256 id, uint64 composition);
    error AlreadyConfirmed(uint256 id, address member);
    error NotConfirmed(uint256 id, address member);
    error NotEnoughConfirmations(uint256 id, uint256 confirmations, uint256 threshold);

    /// @notice Proposes a call and confirms it. By a member.
    function propose(address target, uint256 value, bytes calldata data) external returns (uint256 id);

    /// @notice By a member, once.
    function confirm(uint256 id) external;

    /// @notice Takes the caller's confirmation back.
    function revoke(uint256 id) external;

    /// @notice Makes the call, if enough members confirmed it. By a member. If the call reverts, so does this, with its error.
    function execute(uint256 id) external returns (bytes memory result);

    /// @notice Replaces members and threshold. Only the controller.
    function seat(address[] calldata members, uint256 threshold) external;

    /// @notice Who may change the composition: a contract of governance, or the committee itself.
    function controller() external view returns (address);

    function members() external view returns (address[] memory);

    function isMember(address account) external view returns (bool);

    function threshold() external view returns (uint256);

    /// @notice Number of the present composition, from 1.
    function composition() external view returns (uint64);

    function proposalSeconds() external view returns (uint64);

    function proposalCount() external view returns (uint256);

    function proposalOf(uint256 id) external view returns (Proposal memory);

    function hasConfirmed(uint256 id, address member) external view returns (bool);
}
