// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, NAN, fma} from "../Float32.sol";

/// @title The cube root
/// @dev docs/spec/arithmetic.md, section 3: cbrt.
library Root {
    /// @dev 2^-60, 2^90, 2^-30.
    F32 private constant SMALL = F32.wrap(0x21800000);
    F32 private constant UP = F32.wrap(0x6C800000);
    F32 private constant DOWN = F32.wrap(0x30800000);
    F32 private constant THREE = F32.wrap(0x40400000);

    function cbrt(F32 x) internal pure returns (F32) {
        if (x.isNaN()) return NAN;
        if (x.isZero() || x.isInfinite()) return x;
        F32 a = x.abs();
        bool small = a < SMALL;
        if (small) a = a * UP;
        F32 y = F32.wrap(a.bits() / 3 + 0x2A510000);
        y = _halley(a, y);
        y = _halley(a, y);
        F32 s = y * y;
        F32 d = fma(-fma(y, y, -s), y, fma(-s, y, a));
        y = y + d / (THREE * s);
        if (small) y = y * DOWN;
        return y.withSignOf(x);
    }

    /// @dev One step of Halley's iteration towards the cube root of `a`.
    function _halley(F32 a, F32 y) private pure returns (F32) {
        F32 q = a / (y * y);
        return (y * ((q + y) + q)) / ((y + y) + q);
    }
}
