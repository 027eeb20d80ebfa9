// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Shows hashes inside a blob's BLAKE3 tree, so that two parties who know a blob's id can find the chunk in which they
/// differ. Chunks themselves are shown to `IBlake3`.
/// @dev Level 0 are the chunks' chaining values. Node i of a level is the parent of nodes 2i and 2i + 1 below, or, where there
/// is no second one, the first itself: that is BLAKE3's tree.
interface IBlobTree {
    /// @notice Lengths are below 2^63.
    error TooLong(uint256 length);
    error NoSuchNode(uint256 level, uint256 number, uint256 chunks);
    /// @notice Not as many nodes or siblings as there are at that place.
    error WrongCount(uint256 given, uint256 expected);

    /// @notice The id of the blob of `length` bytes in which `nodes` are all nodes that stand `span` levels below node `number`
    /// of `level`.
    /// @param siblings The nodes beside the way from there to the root, upwards, where there are any.
    function root(
        uint256 length,
        uint256 level,
        uint256 number,
        uint256 span,
        bytes32[] calldata nodes,
        bytes32[] calldata siblings
    ) external pure returns (bytes32);
}
