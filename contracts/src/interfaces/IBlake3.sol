// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Shows what stands in a blob, of which only the id is known: the BLAKE3 hash of its bytes.
/// @dev BLAKE3 hashes chunks of 1024 bytes and then pairs of hashes, up to the root. A proof is one chunk and, from the lowest
/// up, the hashes that the way to the root passes by. The position of a chunk is part of its hash.
///
/// The length is a claim: chunks of a shorter or longer blob may be accepted under it where the trees agree. A proof of the
/// *last* chunk (`index` = number of chunks - 1) proves the length, too.
interface IBlake3 {
    /// @notice Lengths are below 2^63.
    error TooLong(uint256 length);
    /// @notice A blob of that length has no such chunk.
    error NoSuchChunk(uint256 index, uint256 chunks);
    /// @notice The chunk has another number of bytes at that place: 1024, or fewer for the last one.
    error WrongChunkLength(uint256 given, uint256 expected);
    /// @notice There are as many siblings as nodes above the chunk.
    error WrongProofLength(uint256 given, uint256 expected);

    /// @notice The id of the blob of `length` bytes whose chunk number `index`, counted from 0, is `chunk`.
    /// @param siblings The hashes beside the way up, the chunk's neighbour first; none if there is only one chunk.
    function root(bytes calldata chunk, uint256 index, uint256 length, bytes32[] calldata siblings)
        external
        pure
        returns (bytes32);
}
