// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import "../src/referee/ElementType.sol" as Type;
import "../src/referee/ScalarFunction.sol" as Code;
import {Arithmetics} from "./support/Arithmetics.sol";

/// @dev What the referee's arithmetic costs, kept in snapshots/: gas used by the contract called, the call itself not
/// included. Scalar functions: typical is the mean, worst the maximum over the golden cases of vectors/num and, for functions
/// of two operands, all pairs of edge values.
contract ArithmeticGasTest is Arithmetics {
    string internal json;
    uint256 internal calls;
    uint256 internal total;
    uint256 internal worst;

    /// @dev 1, numbers whose bits make every step of an algorithm do its most, ends of ranges, and what is no number.
    uint32[22] internal EDGES = [
        0x3F800000,
        0x00000000,
        0x80000000,
        0x00000001,
        0x80000001,
        0x007FFFFF,
        0x00800000,
        0x217FFFFF,
        0x21800000,
        0x3EFFFFFF,
        0x3F7FFFFF,
        0xBF800001,
        0x40490FDB,
        0x41130000,
        0xC2AE0000,
        0x4B7FFFFF,
        0x537FFFFF,
        0x73800000,
        0x7F7FFFFF,
        0xFF7FFFFF,
        0x7F800000,
        0x7FC00000
    ];

    function setUp() public override {
        super.setUp();
        // Code, so that the first call is as cheap as the others.
        evaluate(plain(Code.EXPONENTIAL, Type.F32_TYPE), 0, 0, 0);
    }

    function test_scalarFunctions() public {
        for (uint256 i; i < functions.length; ++i) {
            (calls, total, worst) = (0, 0, 0);
            Function memory f = plain(functions[i].code, Type.F32_TYPE);
            json = vm.readFile(string.concat("../vectors/num/", functions[i].name, ".json"));
            bool binary = vm.keyExistsJson(json, ".b");
            uint256[] memory a = vm.parseJsonUintArray(json, binary ? ".a" : ".x");
            uint256[] memory b = binary ? vm.parseJsonUintArray(json, ".b") : a;
            for (uint256 c; c < a.length; ++c) {
                measure(f, a[c], b[c], 0);
            }
            uint256 typical = total / calls;
            for (uint256 l; l < EDGES.length; ++l) {
                for (uint256 r; r < (binary ? EDGES.length : 1); ++r) {
                    measure(f, EDGES[l], EDGES[r], 0);
                }
            }
            vm.snapshotValue("arithmetic", string.concat(functions[i].name, ", typical"), typical);
            vm.snapshotValue("arithmetic", string.concat(functions[i].name, ", worst"), worst);
        }
    }

    function test_multiplyAdd() public {
        (calls, total, worst) = (0, 0, 0);
        for (uint256 a; a < EDGES.length; ++a) {
            for (uint256 b; b < EDGES.length; ++b) {
                for (uint256 c; c < EDGES.length; ++c) {
                    measure(plain(Code.MULTIPLY_ADD, Type.F32_TYPE), EDGES[a], EDGES[b], EDGES[c]);
                }
            }
        }
        vm.snapshotValue("arithmetic", "multiply-add, worst", worst);
    }

    function measure(Function memory f, uint256 x, uint256 y, uint256 z) internal {
        evaluate(f, x, y, z);
        uint256 gas = vm.lastCallGas().gasTotalUsed;
        ++calls;
        total += gas;
        if (gas > worst) worst = gas;
    }

    // --- chains

    function test_contraction() public {
        // Numbers between 1/64 and 2, of both signs.
        measureChain("1024 steps, usual operands", 0, 0x3C800000, 0x3FFFFFFF, 0x3C800000, 0x3FFFFFFF);
        measureChain("1024 steps, half of them zeros", 0, 0, 0x3FFFFFFF, 0, 0x3FFFFFFF);
        measureChain("1024 steps, zeros only", 0, 0, 0, 0, 0);
        measureChain("1024 steps, around the flush", 0, 0x217FFFF0, 0x2180000F, 0x217FFFF0, 0x2180000F);
        measureChain("1024 steps, of any size", 0, 0, 0x7F7FFFFF, 0, 0x7F7FFFFF);
        measureChain("1024 steps, large", 0, 0x53000000, 0x53FFFFFF, 0x53000000, 0x53FFFFFF);
        measureChain("1024 steps, onto a huge accumulator", 0x7F000000, 0x3C800000, 0x3FFFFFFF, 0x3C800000, 0x3FFFFFFF);
        measureChain("1024 steps, far apart", 0, 0x22000000, 0x22FFFFFF, 0x53800000, 0x53FFFFFF);
        measureChain("1024 steps, onto a NaN", 0x7FC00000, 0x3C800000, 0x3FFFFFFF, 0x3C800000, 0x3FFFFFFF);
    }

    /// @dev Every eighth product is the end of a sum that comes to zero: each word is tried and then done step by step.
    function test_contractionThatCancels() public {
        uint256[] memory a = new uint256[](1024);
        uint256[] memory b = new uint256[](1024);
        for (uint256 i; i < 1024; ++i) {
            a[i] = (i % 2 == 0 ? 0x3F812345 : 0xBF812345);
            b[i] = 0x3F800000;
        }
        chains.multiplyAdd(0, pack(a, 0, 1024), pack(b, 0, 1024));
        vm.snapshotValue("chains", "1024 steps, every word cancels", vm.lastCallGas().gasTotalUsed);
    }

    function measureChain(string memory name, uint256 acc, uint256 aMin, uint256 aMax, uint256 bMin, uint256 bMax)
        internal
    {
        uint256[] memory a = magnitudes(1, aMin, aMax);
        uint256[] memory b = magnitudes(2, bMin, bMax);
        chains.multiplyAdd(acc, pack(a, 0, a.length), pack(b, 0, b.length));
        vm.snapshotValue("chains", name, vm.lastCallGas().gasTotalUsed);
    }

    function test_sum() public {
        uint256[] memory x = magnitudes(3, 0x3C800000, 0x3FFFFFFF);
        chains.sum(0, pack(x, 0, x.length));
        vm.snapshotValue("chains", "sum of 1024 usual elements", vm.lastCallGas().gasTotalUsed);
        x = magnitudes(4, 0x73000000, 0x73FFFFFF);
        chains.sum(0, pack(x, 0, x.length));
        vm.snapshotValue("chains", "sum of 1024 large elements", vm.lastCallGas().gasTotalUsed);
        chains.combine(pack(x, 0, 32));
        vm.snapshotValue("chains", "32 lanes combined", vm.lastCallGas().gasTotalUsed);
    }

    /// @dev 1024 random bit patterns with magnitudes in a range and random signs; for a range from 0 half of them zeros.
    function magnitudes(uint256 seed, uint256 low, uint256 high) internal pure returns (uint256[] memory x) {
        x = new uint256[](1024);
        for (uint256 i; i < x.length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            bool zero = low == 0 && high == 0x3FFFFFFF && random >> 255 == 1;
            if (!zero) x[i] = (low + (random & type(uint128).max) % (high - low + 1)) | ((random >> 254 & 1) << 31);
        }
    }

    // --- chunk proofs

    function test_chunkProofs() public {
        measureProof("blob of one chunk", 0, 1024);
        measureProof("blob of 64 KiB", 17, 1 << 16);
        measureProof("blob of 1 GiB", 0xA5A5A, 1 << 30);
        measureProof("longest blob", 0, (1 << 63) - 1);
    }

    function measureProof(string memory name, uint256 index, uint256 length) internal {
        uint256 depth;
        while ((1024 << depth) < length) ++depth;
        bytes32[] memory siblings = new bytes32[](depth);
        for (uint256 i; i < depth; ++i) {
            siblings[i] = keccak256(abi.encode(i));
        }
        blake3.root(new bytes(1024), index, length, siblings);
        vm.snapshotValue("chunk proofs", name, vm.lastCallGas().gasTotalUsed);
    }
}
