// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Arithmetics} from "./support/Arithmetics.sol";

/// @dev Random cases that the Rust reference computed for this run: `cargo xtask test` writes them and says where they are
/// (`COREX_REFEREE_CASES`). The format is that of crates/corex-engine/examples/referee_cases.rs.
contract ArithmeticCasesTest is Arithmetics {
    /// @dev More gas than any scalar function needs, with the call and the memory that it adds to a test holding the file.
    uint256 internal constant MOST_GAS = 60_000;

    function test_everyCase() public {
        string memory path = vm.envOr("COREX_REFEREE_CASES", string(""));
        vm.skip(bytes(path).length == 0, "no cases: run `cargo xtask test`");
        bytes memory file = vm.readFileBinary(path);
        uint256 cases;
        uint256 position;
        while (position < file.length) {
            uint256 head = load(file, position) >> 192;
            Function memory f = Function(uint8(head >> 56), uint8(head >> 48), uint8(head >> 40), uint8(head >> 32));
            uint256 end = position + 8 + 32 * (head & type(uint32).max);
            for (position += 8; position < end; position += 32) {
                check(f, load(file, position));
                ++cases;
            }
        }
        assertEq(position, file.length, "a whole number of cases");
        assertGt(cases, 50_000);
    }

    function check(Function memory f, uint256 packed) internal view {
        (uint64 x, uint64 y, uint64 z) = (uint64(packed >> 192), uint64(packed >> 128), uint64(packed >> 64));
        uint256 gas = gasleft();
        uint256 result = arithmetic.evaluate(f.code, f.dtype, f.p, f.q, x, y, z);
        gas -= gasleft();
        // No memory is taken for a case that is right: the file already makes every further word expensive.
        if (result != uint64(packed)) revert(describe("result", f, [uint256(x), y, z, result, uint64(packed)]));
        if (gas > MOST_GAS) revert(describe("gas", f, [uint256(x), y, z, gas, MOST_GAS]));
    }

    function load(bytes memory file, uint256 position) internal pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(file, 32), position))
        }
    }
}
