// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Trace} from "../../src/dispute/Trace.sol";
import {IReferee} from "../../src/interfaces/IReferee.sol";
import {Blob, Oracle, Run} from "./Oracle.sol";
import {Program, Programs} from "./Program.sol";
import {Trees} from "./Trees.sol";
import {Test} from "forge-std/Test.sol";
import {VmSafe} from "forge-std/Vm.sol";

/// @dev The lowered programs that Rust writes: the contracts execute every element as `corex_engine::referee` does, and hash
/// programs and traces alike.
contract LoweredTest is Oracle, Test {
    string internal constant FOLDER = "../vectors/lowered";
    string internal json;

    function setUp() public {
        address transcendental = deploy("Transcendental", "");
        address arithmetic = deploy("Arithmetic", abi.encode(transcendental));
        referee = IReferee(deploy("Referee", abi.encode(arithmetic)));
    }

    function deploy(string memory name, bytes memory arguments) internal returns (address) {
        return vm.deployCode(string.concat("out/", name, ".sol/", name, ".json"), arguments);
    }

    function test_everyFile() public {
        VmSafe.DirEntry[] memory entries = vm.readDir(FOLDER);
        uint256 read;
        for (uint256 i; i < entries.length; ++i) {
            string[] memory parts = vm.split(entries[i].path, ".");
            if (keccak256(bytes(parts[parts.length - 1])) != keccak256("json")) continue;
            json = vm.readFile(entries[i].path);
            checkOperators();
            checkRoots();
            ++read;
        }
        assertGe(read, 7, "files in vectors/lowered");
        assertEq(2 * read, entries.length, "each program has its cases");
    }

    function checkOperators() internal view {
        for (uint256 i; vm.keyExistsJson(json, entry("operators", i, "")); ++i) {
            bytes memory op = vm.parseJsonBytes(json, entry("operators", i, ".bytes"));
            Blob[] memory operands = blobs(entry("operators", i, ".operands"), false);
            Blob[] memory results = blobs(entry("operators", i, ".results"), false);
            string memory text = vm.parseJsonString(json, entry("operators", i, ".text"));
            if (referee.outline(op).kind == IReferee.Kind.Reinterpret) {
                assertEq(operands[0].data, results[0].data, text);
                continue;
            }
            checkElements(op, operands, results, text);
            if (vm.keyExistsJson(json, entry("operators", i, ".chain.element"))) {
                checkChain(op, operands, entry("operators", i, ".chain"), text);
            }
        }
    }

    function checkElements(bytes memory op, Blob[] memory operands, Blob[] memory results, string memory text)
        internal
        view
    {
        IReferee.Piece[] memory pieces = piecesFor(operands, 0);
        (uint64 size, uint64 elementSize) = referee.resultOf(op, 0);
        assertEq(size, results[0].data.length, text);
        for (uint256 index; index < size / elementSize; ++index) {
            uint64[] memory got = element(op, index, pieces);
            for (uint256 r; r < results.length; ++r) {
                (, elementSize) = referee.resultOf(op, r);
                assertEq(got[r], load(results[r].data, index, elementSize), text);
            }
        }
    }

    function checkChain(bytes memory op, Blob[] memory operands, string memory path, string memory text) internal view {
        uint256 index = vm.parseJsonUint(json, string.concat(path, ".element"));
        uint64[][] memory states = statesOf(op, index, piecesFor(operands, 0));
        for (uint256 i; i < states.length; ++i) {
            string memory state = string.concat(path, ".states[", vm.toString(i), "]");
            uint256[] memory expected = vm.parseJsonUintArray(json, state);
            assertEq(states[i].length, expected.length, text);
            assertEq(referee.accumulators(op), expected.length, text);
            for (uint256 k; k < expected.length; ++k) {
                assertEq(states[i][k], expected[k], text);
            }
        }
        string memory beyond = string.concat(path, ".states[", vm.toString(states.length), "]");
        assertFalse(vm.keyExistsJson(json, beyond), text);
    }

    function checkRoots() internal {
        Program memory p = Programs.decode(vm.parseJsonBytes(json, ".program"));
        assertEq(Trees.root(funcLeaves(p)), vm.parseJsonBytes32(json, ".programRoot"), "program root");
        Run memory r = run(p, p.funcs.length - 1, blobs(".inputs", true));
        Blob[] memory results = blobs(".results", true);
        for (uint256 i; i < results.length; ++i) {
            assertEq(r.results[i].data, results[i].data);
        }
        bytes32[] memory expected = vm.parseJsonBytes32Array(json, ".leaves");
        bytes32[] memory got = leaves(r);
        for (uint256 i; i < got.length; ++i) {
            assertEq(got[i], expected[i], "leaf");
        }
        assertEq(frameRoot(r), vm.parseJsonBytes32(json, ".traceRoot"), "trace root");
        assertNotEq(frameRoot(r), Trace.list(got));
    }

    function blobs(string memory path, bool named) internal view returns (Blob[] memory list) {
        uint256 count;
        while (vm.keyExistsJson(json, item(path, count))) ++count;
        list = new Blob[](count);
        for (uint256 i; i < count; ++i) {
            list[i] = blob(vm.parseJsonBytes(json, string.concat(item(path, i), ".blob")));
            if (named) {
                assertEq(list[i].id, vm.parseJsonBytes32(json, string.concat(item(path, i), ".id")), "blob id");
            }
        }
    }

    function load(bytes memory data, uint256 index, uint256 size) internal pure returns (uint64 word) {
        for (uint256 k = size; k > 0;) {
            --k;
            word = word << 8 | uint8(data[index * size + k]);
        }
    }

    function item(string memory path, uint256 i) internal pure returns (string memory) {
        return string.concat(path, "[", vm.toString(i), "]");
    }

    function entry(string memory list, uint256 i, string memory field) internal pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "]", field);
    }
}
