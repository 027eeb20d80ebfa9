// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BaseFee} from "../src/BaseFee.sol";
import {Test} from "forge-std/Test.sol";

/// @dev The same with signed numbers, window by window, straight from the text of EIP-1559 and of `BaseFee`.
library NaiveBaseFee {
    function after_(int256 fee, int256 units, int256 target, int256 floor, int256 ceiling)
        internal
        pure
        returns (int256)
    {
        if (units > 2 * target) units = 2 * target;
        int256 numerator = fee * (units - target);
        int256 delta = numerator / (8 * target);
        if (units > target && delta < 1) delta = 1;
        // Solidity rounds toward zero, a fall is rounded away from it.
        if (units < target && numerator % (8 * target) != 0) delta -= 1;
        fee += delta;
        if (fee < floor) return floor;
        return fee > ceiling ? ceiling : fee;
    }
}

contract BaseFeeTest is Test {
    function params(uint64 target, uint128 floor, uint128 ceiling) internal pure returns (BaseFee.Params memory) {
        return BaseFee.Params(3600, target, floor, ceiling);
    }

    /// forge-config: default.fuzz.runs = 2048
    function testFuzz_nextIsTheNaiveOne(uint64 target, uint128 floor, uint128 ceiling, uint256 fee, uint256 units)
        public
        pure
    {
        target = uint64(bound(target, 1, type(uint64).max));
        floor = uint128(bound(floor, 1, type(uint128).max));
        ceiling = uint128(bound(ceiling, floor, type(uint128).max));
        fee = bound(fee, floor, ceiling);
        units = bound(units, 0, 4 * uint256(target));
        int256 naive = NaiveBaseFee.after_(
            int256(fee), int256(units), int256(uint256(target)), int256(uint256(floor)), int256(uint256(ceiling))
        );
        assertEq(int256(BaseFee.next(params(target, floor, ceiling), fee, units)), naive);
    }

    function testFuzz_advanceIsOneWindowAfterTheOther(
        uint64 target,
        uint128 floor,
        uint32 ratio,
        uint128 fee,
        uint64 units,
        uint16 gap
    ) public pure {
        target = uint64(bound(target, 1, 1e12));
        floor = uint128(bound(floor, 1, 1e24));
        uint128 ceiling = uint128(floor * bound(ratio, 1, BaseFee.MAX_RATIO));
        fee = uint128(bound(fee, floor, ceiling));
        gap = uint16(bound(gap, 0, 300));
        BaseFee.Params memory p = params(target, floor, ceiling);
        BaseFee.State memory s = BaseFee.State(fee, 77, 0);
        s = BaseFee.count(p, s, units);

        uint256 expected = fee;
        uint256 used = s.units;
        for (uint256 i; i < gap; ++i) {
            expected = BaseFee.next(p, expected, used);
            used = 0;
        }
        BaseFee.State memory later = BaseFee.advance(p, s, 77 + gap);
        assertEq(later.fee, expected);
        assertEq(later.window, 77 + gap);
        assertEq(later.units, used);
    }

    function test_movesByAnEighthAtMost() public pure {
        BaseFee.Params memory p = params(1000, 1e6, 1e12);
        assertEq(BaseFee.next(p, 8e8, 1000), 8e8);
        assertEq(BaseFee.next(p, 8e8, 1500), 8.5e8);
        assertEq(BaseFee.next(p, 8e8, 2000), 9e8);
        assertEq(BaseFee.next(p, 8e8, type(uint64).max), 9e8);
        assertEq(BaseFee.next(p, 8e8, 500), 7.5e8);
        assertEq(BaseFee.next(p, 8e8, 0), 7e8);
    }

    function test_neverSticks() public pure {
        BaseFee.Params memory p = params(1000, 1, 1000);
        assertEq(BaseFee.next(p, 1, 1001), 2);
        assertEq(BaseFee.next(p, 2, 999), 1);
        assertEq(BaseFee.next(p, 1, 0), 1);
        assertEq(BaseFee.next(p, 1000, 2000), 1000);
    }

    /// @dev The loop over empty windows ends at the floor, however long nobody came.
    function test_anyIdleTimeCostsABoundedLoop() public {
        BaseFee.Params memory p = params(1000, 1e12, 1e18);
        BaseFee.State memory s = BaseFee.State(1e18, 0, 0);
        uint256 before = gasleft();
        s = BaseFee.advance(p, s, type(uint64).max);
        assertLt(before - gasleft(), 1_000_000, "in unoptimised code");
        assertEq(s.fee, 1e12);
        assertEq(BaseFee.advance(p, BaseFee.State(1e18, 0, 0), 112).fee, 1e12, "in about 110 windows");
        assertGt(BaseFee.advance(p, BaseFee.State(1e18, 0, 0), 100).fee, 1e12);
    }

    function testFuzz_countSaturates(uint64 target, uint64 a, uint256 b) public pure {
        BaseFee.Params memory p = params(target, 1, 1);
        BaseFee.State memory s = BaseFee.count(p, BaseFee.count(p, BaseFee.State(1, 0, 0), a), b);
        uint256 most = 2 * uint256(target) < type(uint64).max ? 2 * uint256(target) : type(uint64).max;
        bool over = a >= most || b >= most || uint256(a) + b >= most;
        assertEq(s.units, over ? most : uint256(a) + b);
    }

    function test_isValid() public pure {
        assertTrue(BaseFee.isValid(BaseFee.Params(1, 1, 0, 0)), "no base fee at all");
        assertTrue(BaseFee.isValid(BaseFee.Params(1, 1, 5, 5e6)));
        assertFalse(BaseFee.isValid(BaseFee.Params(0, 1, 5, 5)));
        assertFalse(BaseFee.isValid(BaseFee.Params(1, 0, 5, 5)));
        assertFalse(BaseFee.isValid(BaseFee.Params(1, 1, 5, 4)));
        assertFalse(BaseFee.isValid(BaseFee.Params(1, 1, 5, 5e6 + 1)));
        assertFalse(BaseFee.isValid(BaseFee.Params(1, 1, 0, 1)), "would never rise");
    }
}
