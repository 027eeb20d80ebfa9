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

    uint256 private constant COPY = 0;
    uint256 private constant FIRST_BINARY = 64;
    uint256 private constant COMPARE = 96;
    uint256 private constant SELECT = 112;
    uint256 private constant CLAMP = 113;
    uint256 private constant CONVERT = 114;
    uint256 private constant BITCAST = 115;
    uint256 private constant REDUCE_PRECISION = 116;

    uint256 private constant LITERAL = 0;
    uint256 private constant APPLY = 1;

    function read(Cursor memory from) internal pure returns (Function memory f) {
        f.code = from.u8();
        if (f.code == CONVERT || f.code == BITCAST) {
            f.p = from.u8();
        } else if (f.code == REDUCE_PRECISION) {
            f.p = from.u8();
            f.q = from.u8();
        }
    }

    /// @notice Number of arguments.
    function arity(Function memory f) internal pure returns (uint256) {
        if (f.code < FIRST_BINARY || (f.code >= CONVERT && f.code <= REDUCE_PRECISION)) return 1;
        return f.code == SELECT || f.code == CLAMP ? 3 : 2;
    }

    /// @notice The function of elements of `dtype`, the type of the last argument.
    function apply_(IArithmetic arithmetic, Function memory f, uint256 dtype, uint256[] memory args)
        internal
        view
        returns (uint256)
    {
        if (args.length != arity(f)) revert IReferee.OutOfRange(args.length, arity(f));
        if (f.code == COPY || f.code == BITCAST) return args[0];
        uint256 b = args.length > 1 ? args[1] : 0;
        uint256 c = args.length > 2 ? args[2] : 0;
        return arithmetic.evaluate(_word(f, dtype), args[0], b, c);
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
        return apply_(arithmetic, f, dtype, args);
    }

    function _register(Cursor memory from, uint256[] memory registers, uint256 written) private pure returns (uint256) {
        uint256 register = from.u32();
        if (register >= written) from.malformed();
        return registers[register];
    }

    /// @dev What the arithmetic calls the function.
    function _word(Function memory f, uint256 dtype) private pure returns (uint32) {
        uint256 code = f.code;
        if (code < FIRST_BINARY) code -= 1;
        else if (code == SELECT) code = Code.SELECT;
        else if (code == CLAMP) code = Code.CLAMP;
        else if (code == CONVERT) code = Code.CONVERT;
        else if (code == REDUCE_PRECISION) code = Code.REDUCE_PRECISION;
        return word(code, dtype, f.p, f.q);
    }

    function word(uint256 code, uint256 dtype, uint256 p, uint256 q) internal pure returns (uint32) {
        return uint32(code | dtype << 8 | p << 16 | q << 24);
    }
}
