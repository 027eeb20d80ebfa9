// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../src/referee/ElementType.sol" as Type;
import {F32, fma} from "../src/referee/Float32.sol";
import "../src/referee/ScalarFunction.sol" as Code;
import {Arithmetics} from "./support/Arithmetics.sol";
import {VmSafe} from "forge-std/Vm.sol";

/// @dev The golden cases of the arithmetic law that `corex-num` writes: functions of f32, chains, conversions.
contract NumVectorsTest is Arithmetics {
    string internal constant FOLDER = "../vectors/num";

    /// @dev The file being read.
    string internal json;

    /// @dev One test, so that it can see that every file in the folder was read and every file it knows is there.
    function test_everyFile() public {
        VmSafe.DirEntry[] memory entries = vm.readDir(FOLDER);
        assertEq(entries.length, functions.length + 8, "files in vectors/num");
        for (uint256 i; i < entries.length; ++i) {
            json = vm.readFile(entries[i].path);
            readFile(stem(entries[i].path));
        }
    }

    function readFile(string memory name) internal view {
        for (uint256 i; i < functions.length; ++i) {
            if (same(name, functions[i].name)) return readFunction(name, functions[i].code);
        }
        if (same(name, "fma")) return readFma();
        if (same(name, "dot")) return readDot();
        if (same(name, "sum_lanes")) return readSums(32);
        if (same(name, "sum_chain")) return readSums(1);
        if (same(name, "f32_to_halves")) {
            readConversion("f16", Type.F32_TYPE, Type.F16_TYPE, "x");
            return readConversion("bf16", Type.F32_TYPE, Type.BF16_TYPE, "x");
        }
        if (same(name, "halves_to_f32")) {
            readConversion("from_f16", Type.F16_TYPE, Type.F32_TYPE, "bits");
            return readConversion("from_bf16", Type.BF16_TYPE, Type.F32_TYPE, "bits");
        }
        if (same(name, "f32_to_integers")) {
            string[9] memory columns = ["i1", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"];
            for (uint256 to; to < columns.length; ++to) {
                readConversion(columns[to], Type.F32_TYPE, to, "x");
            }
            return;
        }
        if (same(name, "integers_to_f32")) {
            readConversion("from_i64", Type.I64, Type.F32_TYPE, "bits");
            readConversion("from_u64", Type.U64, Type.F32_TYPE, "bits");
            readConversion("from_i32", Type.I32, Type.F32_TYPE, "bits");
            return readConversion("from_u32", Type.U32, Type.F32_TYPE, "bits");
        }
        revert(string.concat("nothing here reads ", name));
    }

    function readFunction(string memory name, uint256 code) internal view {
        Function memory f = plain(code, Type.F32_TYPE);
        bool unary = code < Code.ADD;
        uint256[] memory a = column(unary ? "x" : "a");
        uint256[] memory b = unary ? a : column("b");
        uint256[] memory expected = column("result");
        assertGt(expected.length, 100, name);
        for (uint256 i; i < expected.length; ++i) {
            assertCase(name, f, [a[i], b[i], 0, evaluate(f, a[i], b[i], 0), expected[i]]);
        }
    }

    /// @dev No function is a bare fma; the library behind `MULTIPLY_ADD` has it.
    function readFma() internal view {
        uint256[] memory a = column("a");
        uint256[] memory b = column("b");
        uint256[] memory c = column("c");
        uint256[] memory expected = column("result");
        assertEq(expected.length, 600);
        for (uint256 i; i < expected.length; ++i) {
            uint256 got = fma(F32.wrap(a[i]), F32.wrap(b[i]), F32.wrap(c[i])).bits();
            assertCase("fma", plain(0, Type.F32_TYPE), [a[i], b[i], c[i], got, expected[i]]);
        }
    }

    /// @dev As one stretch, and in two pieces.
    function readDot() internal view {
        uint256[] memory a = column("a");
        uint256[] memory b = column("b");
        uint256[] memory length = column("length");
        uint256[] memory expected = column("result");
        uint256 first;
        for (uint256 i; i < expected.length; ++i) {
            uint256 end = first + length[i];
            uint256 acc = chains.multiplyAdd(0, pack(a, first, end), pack(b, first, end));
            uint256 middle = first + length[i] * i / expected.length;
            uint256 half = chains.multiplyAdd(0, pack(a, first, middle), pack(b, first, middle));
            assertEq(chains.multiplyAdd(half, pack(a, middle, end), pack(b, middle, end)), acc, "two pieces");
            acc = evaluate(plain(Code.ADD, Type.F32_TYPE), acc, 0, 0);
            assertCase("dot", plain(0, Type.F32_TYPE), [i, length[i], 0, acc, expected[i]]);
            first = end;
        }
        assertEq(first, a.length);
    }

    function readSums(uint256 lanes) internal view {
        uint256[] memory x = column("x");
        uint256[] memory length = column("length");
        uint256[] memory expected = column("result");
        uint256 first;
        for (uint256 i; i < expected.length; ++i) {
            uint256[] memory partials = new uint256[](lanes);
            for (uint256 l; l < lanes; ++l) {
                for (uint256 r = first + l; r < first + length[i]; r += lanes) {
                    partials[l] = chains.sum(partials[l], pack(x, r, r + 1));
                }
            }
            uint256 total = lanes == 1 ? partials[0] : chains.combine(pack(partials, 0, lanes));
            assertCase("sum", plain(0, Type.F32_TYPE), [i, length[i], lanes, total, expected[i]]);
            if (lanes == 1) assertEq(chains.sum(0, pack(x, first, first + length[i])), total, "one call");
            first += length[i];
        }
        assertEq(first, x.length);
    }

    function readConversion(string memory result, uint256 from, uint256 to, string memory operand) internal view {
        Function memory f = Function(uint8(Code.CONVERT), uint8(from), uint8(to), uint8(0));
        uint256[] memory x = column(operand);
        uint256[] memory expected = column(result);
        uint256 mask = type(uint256).max >> (from == Type.I32 || from == Type.U32 ? 224 : 0);
        assertGt(expected.length, 60, result);
        for (uint256 i; i < expected.length; ++i) {
            assertCase(result, f, [x[i] & mask, 0, 0, evaluate(f, x[i] & mask, 0, 0), expected[i]]);
        }
    }

    function column(string memory name) internal view returns (uint256[] memory) {
        return vm.parseJsonUintArray(json, string.concat(".", name));
    }
}
