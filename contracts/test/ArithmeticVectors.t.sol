// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArithmetic} from "../src/interfaces/IArithmetic.sol";
import "../src/referee/ScalarFunction.sol" as Code;
import {Arithmetics} from "./support/Arithmetics.sol";
import {VmSafe} from "forge-std/Vm.sol";

/// @dev The golden cases of elementwise operators that `corex-engine` writes: every operator on every element type.
contract ArithmeticVectorsTest is Arithmetics {
    string internal constant FOLDER = "../vectors/ops";
    /// @dev In the order of their codes, from 1 and from 64.
    string[34] internal UNARY = [
        "negate",
        "abs",
        "sign",
        "not",
        "sqrt",
        "rsqrt",
        "exponential",
        "log",
        "tanh",
        "logistic",
        "sine",
        "cosine",
        "erf",
        "floor",
        "ceil",
        "is_finite",
        "exponential_minus_one",
        "log_plus_one",
        "cbrt",
        "tan",
        "round_nearest_even",
        "round_nearest_afz",
        "popcnt",
        "count_leading_zeros",
        "erfc",
        "erf_inv",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "asinh",
        "acosh",
        "atanh"
    ];
    string[15] internal BINARY = [
        "add",
        "subtract",
        "multiply",
        "divide",
        "remainder",
        "maximum",
        "minimum",
        "power",
        "and",
        "or",
        "xor",
        "shift_left",
        "shift_right_logical",
        "shift_right_arithmetic",
        "atan2"
    ];
    /// @dev In the order of their numbers.
    string[12] internal TYPES = ["i1", "i8", "i16", "i32", "i64", "ui8", "ui16", "ui32", "ui64", "f16", "bf16", "f32"];
    string[6] internal DIRECTIONS = ["EQ", "NE", "LT", "LE", "GT", "GE"];

    /// @dev The file being read.
    string internal json;
    uint256 internal cases;

    /// @dev One test, so that it can see that every file in the folder was read and every file it knows is there.
    function test_everyFile() public {
        VmSafe.DirEntry[] memory entries = vm.readDir(FOLDER);
        assertEq(entries.length, 56, "files in vectors/ops");
        for (uint256 i; i < entries.length; ++i) {
            json = vm.readFile(entries[i].path);
            cases = 0;
            for (uint256 dtype; dtype < TYPES.length; ++dtype) {
                if (vm.keyExistsJson(json, string.concat(".", TYPES[dtype]))) {
                    readType(stem(entries[i].path), dtype);
                } else {
                    refuses(stem(entries[i].path), dtype);
                }
            }
            assertGe(cases, 24, entries[i].path);
        }
    }

    function readType(string memory name, uint256 dtype) internal {
        uint256 code = plainCode(name);
        if (code < Code.ADD) return check(name, plain(code, dtype), dtype, ["x", "", ""], "result");
        if (code < Code.COMPARE) return check(name, plain(code, dtype), dtype, ["a", "b", ""], "result");
        if (same(name, "clamp")) {
            return check(name, plain(Code.CLAMP, dtype), dtype, ["min", "x", "max"], "result");
        }
        if (same(name, "select")) {
            return check(name, plain(Code.SELECT, dtype), dtype, ["pred", "on_true", "on_false"], "result");
        }
        if (same(name, "compare") || same(name, "compare_total_order")) {
            code = same(name, "compare") ? Code.COMPARE : Code.COMPARE_TOTAL_ORDER;
            for (uint256 d; d < DIRECTIONS.length; ++d) {
                check(name, plain(code + d, dtype), dtype, ["a", "b", ""], DIRECTIONS[d]);
            }
        } else if (same(name, "convert")) {
            for (uint256 to; to < TYPES.length; ++to) {
                check(
                    name,
                    Function(uint8(Code.CONVERT), uint8(dtype), uint8(to), uint8(0)),
                    dtype,
                    ["x", "", ""],
                    TYPES[to]
                );
            }
        } else if (same(name, "reduce_precision")) {
            uint8[2][7] memory formats = [[8, 23], [5, 10], [8, 7], [4, 3], [5, 2], [8, 0], [1, 1]];
            for (uint256 i; i < formats.length; ++i) {
                (uint256 e, uint256 m) = (formats[i][0], formats[i][1]);
                string memory format = string.concat("e", vm.toString(e), "m", vm.toString(m));
                check(
                    name,
                    Function(uint8(Code.REDUCE_PRECISION), uint8(dtype), uint8(e), uint8(m)),
                    dtype,
                    ["x", "", ""],
                    format
                );
            }
        } else if (same(name, "bitcast_convert")) {
            for (uint256 to; to < TYPES.length; ++to) {
                // Types of other sizes have other shapes; nothing of them is in the file.
                Function memory f = Function(uint8(Code.BITCAST), uint8(dtype), uint8(to), 0);
                if (vm.keyExistsJson(json, column(dtype, TYPES[to]))) {
                    check(name, f, dtype, ["x", "", ""], TYPES[to]);
                } else {
                    assertRefused(f);
                }
            }
        } else {
            revert(string.concat("nothing here reads ", name));
        }
    }

    /// @dev An operator has no meaning on the types that its file does not have.
    function refuses(string memory name, uint256 dtype) internal {
        uint256 code = plainCode(name);
        if (same(name, "compare_total_order")) code = Code.COMPARE_TOTAL_ORDER;
        if (same(name, "reduce_precision")) code = Code.REDUCE_PRECISION;
        if (code == type(uint256).max || dtype == 0 && code < Code.COMPARE) return;
        assertRefused(Function(uint8(code), uint8(dtype), 1, 1));
    }

    function assertRefused(Function memory f) internal {
        vm.expectRevert(abi.encodeWithSelector(IArithmetic.NoSuchFunction.selector, f.code, f.dtype, f.p, f.q));
        evaluate(f, 0, 0, 0);
    }

    function check(
        string memory name,
        Function memory f,
        uint256 dtype,
        string[3] memory operands,
        string memory result
    ) internal {
        uint256[][3] memory x;
        for (uint256 i; i < 3; ++i) {
            if (bytes(operands[i]).length != 0) x[i] = vm.parseJsonUintArray(json, column(dtype, operands[i]));
        }
        uint256[] memory expected = vm.parseJsonUintArray(json, column(dtype, result));
        assertEq(expected.length, x[0].length, name);
        for (uint256 i; i < expected.length; ++i) {
            uint256 b = x[1].length == 0 ? 0 : x[1][i];
            uint256 c = x[2].length == 0 ? 0 : x[2][i];
            uint256 got = evaluate(f, x[0][i], b, c);
            assertCase(name, f, [x[0][i], b, c, got, expected[i]]);
        }
        cases += expected.length;
    }

    // --- names

    /// @dev The code of an operator without parameters; the largest number for others.
    function plainCode(string memory name) internal view returns (uint256) {
        for (uint256 i; i < UNARY.length; ++i) {
            if (same(name, UNARY[i])) return Code.NEGATE + i;
        }
        for (uint256 i; i < BINARY.length; ++i) {
            if (same(name, BINARY[i])) return Code.ADD + i;
        }
        return type(uint256).max;
    }

    function column(uint256 dtype, string memory name) internal view returns (string memory) {
        return string.concat(".", TYPES[dtype], ".", name);
    }
}
