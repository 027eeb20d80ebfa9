// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Executes one scalar function of docs/spec/arithmetic.md, to the last bit as every other implementation does.
/// @dev No state, no calls but to its own part for the transcendental functions. Whatever the operands, the gas is bounded:
/// contracts/README.md has the largest amounts seen, contracts/snapshots/arithmetic.json keeps them.
interface IArithmetic {
    /// @notice The function has no meaning on that element type, or there is none of that code.
    error NoSuchFunction(uint32 word);
    /// @notice An operand has bits that its element type has not.
    error NotAnElement(uint32 word, uint256 operand);

    /// @notice The value of a scalar function.
    /// @param word Four bytes, the lowest first: code of the function (src/referee/ScalarFunction.sol), element type of the
    /// operands (src/referee/ElementType.sol), and two parameters p and q, 0 where the function has none.
    /// @param a First operand, as bits. Operands that the function does not have are ignored.
    /// @param b Second operand.
    /// @param c Third operand.
    /// @return Bits of the result: of the operands' element type, except where the code says otherwise.
    function evaluate(uint32 word, uint256 a, uint256 b, uint256 c) external view returns (uint256);
}
