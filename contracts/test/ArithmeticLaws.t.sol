// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArithmetic} from "../src/interfaces/IArithmetic.sol";
import {IBlake3} from "../src/interfaces/IBlake3.sol";
import {IChains} from "../src/interfaces/IChains.sol";
import "../src/referee/ElementType.sol" as Type;
import "../src/referee/ScalarFunction.sol" as Code;
import {Arithmetics} from "./support/Arithmetics.sol";

/// @dev What must hold whatever the operands, without asking another implementation; and what is refused.
contract ArithmeticLawsTest is Arithmetics {
    uint256 internal constant NAN = 0x7FC00000;
    uint256 internal constant MAGNITUDE = 0x7FFFFFFF;

    // --- f32

    function testFuzz_sumsAndProductsCommute(uint32 a, uint32 b) public view {
        assertEq(f32(Code.ADD, a, b), f32(Code.ADD, b, a));
        assertEq(f32(Code.MULTIPLY, a, b), f32(Code.MULTIPLY, b, a));
        assertEq(f32(Code.MAXIMUM, a, b), f32(Code.MAXIMUM, b, a));
        // a - b = a + (-b)
        assertEq(f32(Code.SUBTRACT, a, b), f32(Code.ADD, a, b ^ 0x80000000));
    }

    function testFuzz_neutralElements(uint32 a) public view {
        vm.assume(a & MAGNITUDE <= 0x7F800000);
        assertEq(f32(Code.MULTIPLY, a, 0x3F800000), a);
        assertEq(f32(Code.DIVIDE, a, 0x3F800000), a);
        // -0 is neutral; +0 turns -0 into +0.
        assertEq(f32(Code.ADD, a, 0x80000000), a);
        assertEq(f32(Code.ADD, a, 0), a == 0x80000000 ? 0 : a);
    }

    function testFuzz_multiplyAddIsProductOrSum(uint32 a, uint32 b) public view {
        (a, b) = (kept(a), kept(b));
        uint256 product = f32(Code.MULTIPLY, a, b);
        // Onto -0 the product keeps its sign.
        assertEq(step(a, b, 0x80000000), product);
        assertEq(step(a, 0x3F800000, b), f32(Code.ADD, a, b));
    }

    /// @dev A quotient of a product is at most one unit of rounding away from its operand, a square root of a square is exact.
    function testFuzz_quotientsAndRoots(uint32 a, uint32 b) public view {
        // Nothing over- or underflows from 2^-31 to 2^32.
        (a, b) = (moderate(a), moderate(b));
        uint256 quotient = f32(Code.DIVIDE, f32(Code.MULTIPLY, a, b), b);
        assertApproxEqAbs(quotient, a, 1);
        assertEq(f32(Code.SQRT, f32(Code.MULTIPLY, a, a), 0), a);
        uint256 rest = f32(Code.REMAINDER, a, b);
        assertLt(rest, b);
    }

    function testFuzz_roundingsAreBounds(uint32 x) public view {
        vm.assume(x & MAGNITUDE <= 0x7F800000);
        uint256 floor = f32(Code.FLOOR, x, 0);
        uint256 ceil = f32(Code.CEIL, x, 0);
        assertTrue(holds(Code.LE, floor, x) && holds(Code.LE, x, ceil));
        uint256 nearest = f32(Code.ROUND_NEAREST_EVEN, x, 0);
        assertTrue(nearest == floor || nearest == ceil);
        assertEq(f32(Code.FLOOR, ceil, 0), ceil);
        // -floor(x) = ceil(-x)
        assertEq(f32(Code.CEIL, x ^ 0x80000000, 0), floor ^ 0x80000000);
    }

    function testFuzz_comparisonsAgree(uint32 a, uint32 b) public view {
        bool nan = a & MAGNITUDE > 0x7F800000 || b & MAGNITUDE > 0x7F800000;
        assertEq(holds(Code.EQ, a, b), !holds(Code.NE, a, b));
        assertEq(holds(Code.LT, a, b), holds(Code.GT, b, a));
        assertEq(holds(Code.LE, a, b), !nan && !holds(Code.GT, a, b));
        assertEq(total(Code.LT, a, b), !total(Code.GE, a, b));
        assertEq(total(Code.EQ, a, b), a == b);
        if (holds(Code.LT, a, b)) assertTrue(total(Code.LT, a, b));
    }

    /// @dev Every NaN that arithmetic returns is the canonical one.
    function testFuzz_nanIsCanonical(uint32 payload, uint32 b, uint256 which) public view {
        uint256 nan = payload | 0x7F800001;
        Function memory f = plain(functions[which % functions.length].code, Type.F32_TYPE);
        uint256 result = evaluate(f, nan, b, 0);
        // pow(NaN, 0) is 1.
        if (f.code == Code.POWER && b & MAGNITUDE == 0) assertEq(result, 0x3F800000);
        else assertEq(result, NAN);
        if (f.code >= Code.ADD && !(f.code == Code.POWER && b == 0x3F800000)) {
            assertEq(evaluate(f, b, nan, 0), f.code == Code.POWER && b == 0x3F800000 ? b : NAN);
        }
    }

    // --- formats

    function testFuzz_wideningIsUndone(uint16 half, int16 small, uint64 integer) public view {
        for (uint256 to = Type.F16_TYPE; to <= Type.BF16_TYPE; ++to) {
            uint256 wide = convert(to, Type.F32_TYPE, half);
            bool nan = wide == NAN;
            uint256 canonical = to == Type.F16_TYPE ? 0x7E00 : 0x7FC0;
            assertEq(convert(Type.F32_TYPE, to, wide), nan ? canonical : half);
        }
        assertEq(convert(Type.F32_TYPE, Type.I16, convert(Type.I16, Type.F32_TYPE, uint16(small))), uint16(small));
        assertEq(convert(Type.U64, Type.I8, integer), uint8(integer));
        assertEq(convert(Type.I64, Type.U32, convert(Type.U32, Type.I64, uint32(integer))), uint32(integer));
    }

    // --- integers

    function testFuzz_integersAreSoliditys(int32 a, int32 b) public view {
        unchecked {
            assertEq(int32Of(Code.ADD, a, b), a + b);
            assertEq(int32Of(Code.SUBTRACT, a, b), a - b);
            assertEq(int32Of(Code.MULTIPLY, a, b), a * b);
            assertEq(int32Of(Code.DIVIDE, a, b), b == 0 ? int32(-1) : a / b);
            assertEq(int32Of(Code.REMAINDER, a, b), b == 0 ? a : a % b);
            assertEq(int32Of(Code.SHIFT_RIGHT_ARITHMETIC, a, b), a >> uint32(b));
            assertEq(int32Of(Code.POWER, a, 3), a * a * a);
        }
    }

    // --- chains

    /// @dev A stretch is its steps, whatever the operands: near the flush, far apart, cancelling, no numbers.
    function testFuzz_stretchIsItsSteps(uint256 seed, uint32 acc, uint8 length, uint8 mode) public view {
        length %= 40;
        (uint256[] memory a, uint256[] memory b) = (new uint256[](length), new uint256[](length));
        if (mode >> 6 != 0) acc = uint32(shape(acc, mode >> 3)) & (mode >> 6 == 1 ? 0x80000000 : 0xFFFFFFFF);
        uint256 expected = acc;
        for (uint256 i; i < length; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            a[i] = shape(random, mode);
            b[i] = shape(random >> 64, mode >> 3);
            // The step before undone.
            if (random >> 254 == 0 && i > 0) (a[i], b[i]) = (a[i - 1] ^ 0x80000000, b[i - 1]);
            expected = step(a[i], b[i], expected);
        }
        assertEq(chains.multiplyAdd(acc, pack(a, 0, length), pack(b, 0, length)), expected);
        uint256 sum = acc;
        for (uint256 i; i < length; ++i) {
            sum = f32(Code.ADD, sum, a[i]);
        }
        assertEq(chains.sum(acc, pack(a, 0, length)), length == 0 ? acc : sum);
    }

    /// @dev A bit pattern of a kind.
    function shape(uint256 random, uint256 mode) internal pure returns (uint256) {
        uint256 fraction = random & 0x807FFFFF;
        uint256 exponent = (random >> 23) & 0xFF;
        mode &= 7;
        if (mode == 0) return fraction | ((120 + exponent % 8) << 23);
        if (mode == 1) return fraction | ((64 + exponent % 8) << 23);
        if (mode == 2) return fraction | ((164 + exponent % 8) << 23);
        if (mode == 3) return (fraction & 0x80700000) | ((124 + exponent % 4) << 23);
        if (mode == 4) return exponent % 3 == 0 ? random & 0x80000000 : fraction | ((120 + exponent % 16) << 23);
        if (mode == 5) return fraction | ((60 + exponent % 110) << 23);
        // Powers of two: sums that come to zero.
        if (mode == 6) return (random & 0x80000000) | ((126 + exponent % 3) << 23);
        return random & 0xFFFFFFFF;
    }

    // --- refusals

    function test_refusesWhatIsNoElement() public {
        vm.expectRevert(abi.encodeWithSelector(IArithmetic.NotAnElement.selector, Type.I8, 256));
        evaluate(plain(Code.ADD, Type.I8), 1, 256, 0);
        vm.expectRevert(abi.encodeWithSelector(IArithmetic.NotAnElement.selector, Type.I1, 2));
        evaluate(plain(Code.SELECT, Type.F32_TYPE), 2, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IArithmetic.NotAnElement.selector, Type.F32_TYPE, 1 << 32));
        evaluate(plain(Code.MULTIPLY_ADD, Type.BF16_TYPE), 0, 0, 1 << 32);
    }

    function test_refusesUnknownCodesAndTypes() public {
        uint8[8] memory unknown = [35, 63, 79, 95, 102, 110, 117, 255];
        for (uint256 i; i < unknown.length; ++i) {
            refused(Function(unknown[i], uint8(Type.F32_TYPE), 0, 0));
            refused(Function(unknown[i], uint8(Type.I32), 0, 0));
        }
        refused(plain(Code.ADD, 12));
        refused(Function(uint8(Code.CONVERT), uint8(Type.F32_TYPE), 12, 0));
        refused(Function(uint8(Code.REDUCE_PRECISION), uint8(Type.F32_TYPE), 0, 10));
    }

    function refused(Function memory f) internal {
        vm.expectRevert(abi.encodeWithSelector(IArithmetic.NoSuchFunction.selector, f.code, f.dtype, f.p, f.q));
        evaluate(f, 0, 0, 0);
    }

    function test_chainsRefuseWhatDoesNotFit() public {
        vm.expectRevert(abi.encodeWithSelector(IChains.Unequal.selector, 8, 4));
        chains.multiplyAdd(0, new bytes(8), new bytes(4));
        vm.expectRevert(abi.encodeWithSelector(IChains.NotElements.selector, 6));
        chains.sum(0, new bytes(6));
        vm.expectRevert(abi.encodeWithSelector(IChains.NotElements.selector, 124));
        chains.combine(new bytes(124));
        vm.expectRevert(abi.encodeWithSelector(IChains.NotAnAccumulator.selector, 1 << 32));
        chains.sum(1 << 32, "");
    }

    function test_proofsRefuseWhatDoesNotFit() public {
        vm.expectRevert(abi.encodeWithSelector(IBlake3.TooLong.selector, 1 << 63));
        blake3.root("", 0, 1 << 63, new bytes32[](0));
        vm.expectRevert(abi.encodeWithSelector(IBlake3.NoSuchChunk.selector, 3, 3));
        blake3.root("", 3, 3000, new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(IBlake3.WrongChunkLength.selector, 1024, 952));
        blake3.root(new bytes(1024), 2, 3000, new bytes32[](1));
        // The last of three chunks has one sibling, the others two.
        vm.expectRevert(abi.encodeWithSelector(IBlake3.WrongProofLength.selector, 2, 1));
        blake3.root(new bytes(952), 2, 3000, new bytes32[](2));
    }

    function testFuzz_everyBitOfAProofCounts(uint256 seed, uint8 depth, uint16 bit) public view {
        uint256 chunks = 1 << (depth % 6);
        uint256 index = seed % chunks;
        bytes32[] memory siblings = new bytes32[](depth % 6);
        bytes memory chunk = new bytes(1024);
        for (uint256 i; i < chunk.length; ++i) {
            chunk[i] = bytes1(uint8(seed >> (i % 32)));
        }
        for (uint256 i; i < siblings.length; ++i) {
            siblings[i] = keccak256(abi.encode(seed, i));
        }
        bytes32 root = blake3.root(chunk, index, 1024 * chunks, siblings);
        if (siblings.length != 0) {
            assertNotEq(blake3.root(chunk, index ^ 1, 1024 * chunks, siblings), root);
            siblings[bit % siblings.length] ^= bytes32(uint256(1) << (bit % 256));
            assertNotEq(blake3.root(chunk, index, 1024 * chunks, siblings), root);
            siblings[bit % siblings.length] ^= bytes32(uint256(1) << (bit % 256));
        }
        chunk[bit % 1024] ^= bytes1(uint8(1 << (bit % 8)));
        assertNotEq(blake3.root(chunk, index, 1024 * chunks, siblings), root);
    }

    // --- shorter to say

    function f32(uint256 code, uint256 a, uint256 b) internal view returns (uint256) {
        return evaluate(plain(code, Type.F32_TYPE), a, b, 0);
    }

    function step(uint256 a, uint256 b, uint256 acc) internal view returns (uint256) {
        return evaluate(plain(Code.MULTIPLY_ADD, Type.F32_TYPE), a, b, acc);
    }

    function holds(uint256 direction, uint256 a, uint256 b) internal view returns (bool) {
        return f32(Code.COMPARE + direction, a, b) == 1;
    }

    function total(uint256 direction, uint256 a, uint256 b) internal view returns (bool) {
        return f32(Code.COMPARE_TOTAL_ORDER + direction, a, b) == 1;
    }

    function convert(uint256 from, uint256 to, uint256 x) internal view returns (uint256) {
        return evaluate(Function(uint8(Code.CONVERT), uint8(from), uint8(to), 0), x, 0, 0);
    }

    function int32Of(uint256 code, int32 a, int32 b) internal view returns (int32) {
        return int32(uint32(evaluate(plain(code, Type.I32), uint32(a), uint32(b), 0)));
    }

    /// @dev A magnitude that a contraction keeps.
    function kept(uint32 x) internal pure returns (uint32) {
        return x & MAGNITUDE < 0x21800000 ? x | 0x22000000 : x;
    }

    /// @dev A positive number from 2^-31 to 2^32.
    function moderate(uint32 x) internal pure returns (uint32) {
        return (x & 0x007FFFFF) | ((96 + ((x >> 23) & 63)) << 23);
    }
}
