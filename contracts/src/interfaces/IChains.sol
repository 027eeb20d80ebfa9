// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Executes stretches of the accumulation chains of docs/spec/arithmetic.md, sections 5 and 6, on f32.
/// @dev Elements are little-endian and without gaps, as in a tensor's blob. An accumulator is the bits of an f32; what one
/// call returns, the next one continues from.
interface IChains {
    /// @notice The operands of a contraction have different numbers of elements.
    error Unequal(uint256 bytesOfA, uint256 bytesOfB);
    /// @notice Not a whole number of elements.
    error NotElements(uint256 length);
    /// @notice Not the bits of an f32.
    error NotAnAccumulator(uint256 acc);

    /// @notice `acc = fma(flush(a_k), flush(b_k), acc)`, k ascending. The specification adds +0 at the end of a whole chain;
    /// this does not.
    function multiplyAdd(uint256 acc, bytes calldata a, bytes calldata b) external pure returns (uint256);

    /// @notice `acc = acc + x_k`, k ascending: a sum without lanes, or one lane of it.
    function sum(uint256 acc, bytes calldata x) external pure returns (uint256);

    /// @notice What the 32 lanes of a sum come to: lane l and lane l + h added for h = 16, 8, 4, 2, 1.
    /// @param lanes 32 elements.
    function combine(bytes calldata lanes) external pure returns (uint256);
}
