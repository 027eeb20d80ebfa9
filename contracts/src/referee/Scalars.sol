// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArithmetic} from "../interfaces/IArithmetic.sol";
import {IReferee} from "../interfaces/IReferee.sol";
import {Cursor, Reading} from "./Cursor.sol";
import {Operator} from "./Operator.sol";
import "./ScalarFunction.sol" as Code;

/// @dev A scalar function as it stands in an operator: its code and what follows it.
/// @param p Type for conversions, exponent bits for reduce_precision.
/// @param q Fraction bits for reduce_precision.
struct Function {
    uint256 code;
    uint256 p;
    uint256 q;
}

/// @title Scalar functions and straight lines of them
/// @dev The codes are those of `corex_hlo::lower`.
library Scalars {
    using Reading for Cursor;

    uint256 private constant LITERAL = 0;
    uint256 private constant APPLY = 1;

    function read(Cursor memory from) internal pure returns (Function memory f) {
        f.code = from.u8();
        if (f.code == Code.CONVERT || f.code == Code.BITCAST) {
            f.p = from.u8();
        } else if (f.code == Code.REDUCE_PRECISION) {
            f.p = from.u8();
            f.q = from.u8();
        }
    }

    /// @notice Number of arguments.
    function arity(Function memory f) internal pure returns (uint256) {
        if (f.code < Code.ADD || (f.code >= Code.CONVERT && f.code <= Code.REDUCE_PRECISION)) return 1;
        return f.code == Code.SELECT || f.code == Code.CLAMP ? 3 : 2;
    }

    /// @notice The function of elements of `dtype`, the type of the last argument.
    function applied(IArithmetic arithmetic, Function memory f, uint256 dtype, uint256[] memory args)
        internal
        view
        returns (uint256)
    {
        if (args.length != arity(f)) revert IReferee.OutOfRange(args.length, arity(f));
        uint64 y = args.length > 1 ? uint64(args[1]) : 0;
        uint64 z = args.length > 2 ? uint64(args[2]) : 0;
        return arithmetic.evaluate(uint8(f.code), uint8(dtype), uint8(f.p), uint8(f.q), uint64(args[0]), y, z);
    }

    /// @notice Runs a body: registers are the arguments, then one per step.
    /// @return results The registers that it returns.
    function run(IArithmetic arithmetic, Cursor memory from, uint256[] memory args)
        internal
        view
        returns (uint256[] memory results)
    {
        uint256 steps = Operator.count(from, 10);
        uint256[] memory registers = new uint256[](args.length + steps);
        for (uint256 i; i < args.length; ++i) {
            registers[i] = args[i];
        }
        for (uint256 i; i < steps; ++i) {
            registers[args.length + i] = _step(arithmetic, from, registers, args.length + i);
        }
        results = new uint256[](Operator.count(from, 4));
        for (uint256 i; i < results.length; ++i) {
            results[i] = _register(from, registers, registers.length);
        }
    }

    function _step(IArithmetic arithmetic, Cursor memory from, uint256[] memory registers, uint256 written)
        private
        view
        returns (uint256)
    {
        uint256 tag = from.u8();
        if (tag == LITERAL) {
            from.skip(1);
            return from.u64();
        }
        if (tag != APPLY) from.malformed();
        Function memory f = read(from);
        uint256 dtype = from.u8();
        uint256[] memory args = new uint256[](Operator.count(from, 4));
        for (uint256 i; i < args.length; ++i) {
            args[i] = _register(from, registers, written);
        }
        return applied(arithmetic, f, dtype, args);
    }

    function _register(Cursor memory from, uint256[] memory registers, uint256 written) private pure returns (uint256) {
        uint256 register = from.u32();
        if (register >= written) from.malformed();
        return registers[register];
    }
}
