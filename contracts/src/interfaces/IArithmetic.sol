// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Executes one scalar function of docs/spec/arithmetic.md, to the last bit as every other implementation does.
/// @dev No state, no calls but to its own part for the transcendental functions. Whatever the operands, the gas is bounded:
/// contracts/snapshots/arithmetic.json holds the largest amounts seen.
interface IArithmetic {
    /// @notice There is no function of that code, or it has no meaning on that element type or with these parameters.
    error NoSuchFunction(uint8 code, uint8 dtype, uint8 p, uint8 q);
    /// @notice An operand has bits that its element type has not.
    error NotAnElement(uint256 dtype, uint256 operand);

    /// @notice The value of a scalar function.
    /// @param code Which function: src/referee/ScalarFunction.sol.
    /// @param dtype Element type of the last operand (of all, but for select and multiply-add): src/referee/ElementType.sol.
    /// @param p First parameter of conversions; ignored by other functions, as is `q`.
    /// @param q Second parameter.
    /// @param x First operand, as bits. Operands that the function does not have are ignored.
    /// @param y Second operand.
    /// @param z Third operand.
    /// @return Bits of the result: of the operands' element type, except where the code says otherwise.
    function evaluate(uint8 code, uint8 dtype, uint8 p, uint8 q, uint64 x, uint64 y, uint64 z)
        external
        view
        returns (uint64);
}
