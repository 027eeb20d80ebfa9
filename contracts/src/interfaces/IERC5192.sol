// SPDX-License-Identifier: CC0-1.0
pragma solidity 0.8.37;

/// @notice Minimal soulbound NFTs: https://eips.ethereum.org/EIPS/eip-5192 (interface id 0xb45a3c0e).
interface IERC5192 {
    event Locked(uint256 tokenId);
    event Unlocked(uint256 tokenId);

    /// @notice Whether the token cannot be transferred. Reverts for a token that does not exist.
    function locked(uint256 tokenId) external view returns (bool);
}
