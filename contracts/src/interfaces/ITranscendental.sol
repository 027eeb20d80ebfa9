// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The functions of docs/spec/arithmetic.md, section 3, on f32: a contract of its own for its size.
interface ITranscendental {
    /// @notice Not one of these functions.
    error NotTranscendental(uint256 code);

    /// @notice An operand has bits above the 32 of an f32.
    error NotAnF32(uint256 operand);

    /// @notice The value of a function.
    /// @param code Code of the function (src/referee/ScalarFunction.sol).
    /// @param a First operand, the bits of an f32.
    /// @param b Second operand of power (the exponent) and atan2 (the abscissa).
    /// @return Bits of the result, an f32.
    function evaluate(uint256 code, uint256 a, uint256 b) external pure returns (uint256);
}
