// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, INFINITY, NAN, ONE, ZERO, clz, round, split} from "../Float32.sol";

/// @title power: 2^(y log2 |x|) in fixed point with 62 fraction bits, rounded once
/// @dev docs/spec/arithmetic.md, section 3. Special cases are those of C's `pow` (ISO C99, F.9.4.4).
library Power {
    int256 private constant ONE_Q62 = 2 ** 62;
    /// @dev round(ln 2 * 2^62).
    int256 private constant LN2 = 0x2C5C85FDF473DE6B;
    /// @dev round(2 / ln 2 * 2^61).
    int256 private constant TWO_OVER_LN2_Q61 = 0x5C551D94AE0BF85E;
    /// @dev The significand of sqrt(2), rounded down to 24 bits.
    uint256 private constant SQRT_2 = 0xB504F3;

    function power(F32 x, F32 y) internal pure returns (F32) {
        if (y.isZero() || x == ONE) return ONE;
        if (x.isNaN() || y.isNaN()) return NAN;
        bool whole = true;
        bool odd = false;
        if (!y.isInfinite()) (whole, odd) = _parity(y);
        F32 magnitude;
        if (y.isInfinite()) {
            magnitude = x == -ONE ? ONE : (x.abs() > ONE) != y.isNegative() ? INFINITY : ZERO;
        } else if (x.isZero() || x.isInfinite()) {
            magnitude = x.isZero() != y.isNegative() ? ZERO : INFINITY;
        } else if (x.isNegative() && !whole) {
            return NAN;
        } else {
            magnitude = _exp2OfProduct(y, _log2(x.abs()));
        }
        return x.isNegative() && odd ? -magnitude : magnitude;
    }

    /// @dev Whether a finite number other than 0 is an integer, and an odd one.
    function _parity(F32 y) private pure returns (bool whole, bool odd) {
        (uint256 m, uint256 e) = split(y);
        unchecked {
            if (e > 149) return (true, false);
            // Fraction bits; 24 and more leave nothing of the significand.
            uint256 places = 149 - e;
            whole = m & ((1 << places) - 1) == 0;
            odd = whole && (m >> places) & 1 == 1;
        }
    }

    /// @dev log2(x) for finite x > 0: steps 1 to 3.
    function _log2(F32 x) private pure returns (int256) {
        (uint256 m, uint256 e) = split(x);
        unchecked {
            // x = m 2^(exponent - 23), m with 24 bits.
            uint256 shift = clz(m) - 232;
            m <<= shift;
            int256 exponent = int256(e) - int256(shift) - 126;
            // 1 in the units of m, which is then from sqrt(1/2) to sqrt(2).
            uint256 one = 2 ** 23;
            if (m > SQRT_2) {
                one = 2 ** 24;
                ++exponent;
            }
            bool below = m < one;
            int256 s = int256(((below ? one - m : m - one) << 62) / (m + one));
            int256 z = (s * s) >> 62;
            int256 series = 0;
            for (int256 k = 21; k > 0; k -= 2) {
                series = ONE_Q62 / k + ((series * z) >> 62);
            }
            int256 g = (((s * series) >> 62) * TWO_OVER_LN2_Q61) >> 61;
            return (exponent << 62) + (below ? -g : g);
        }
    }

    /// @dev 2^(y l) for finite y and `l` in units of 2^-62: steps 4 to 7.
    function _exp2OfProduct(F32 y, int256 l) private pure returns (F32) {
        (uint256 m, uint256 e) = split(y);
        unchecked {
            bool negative = y.isNegative() != (l < 0);
            // At most 2^(24 + 70 + 104): no bit is lost.
            uint256 product = m * uint256(l < 0 ? -l : l);
            product = e < 149 ? product >> (149 - e) : product << (e - 149);
            // 2^9 stands for everything above: the result is 0 or infinity all the same.
            if (product > 2 ** 71) product = 2 ** 71;
            int256 v = negative ? -int256(product) : int256(product);
            int256 n = (v + ONE_Q62 / 2) >> 62;
            int256 z = ((v - (n << 62)) * LN2) >> 62;
            int256 series = ONE_Q62;
            for (int256 k = 15; k > 0; --k) {
                series = ONE_Q62 + ((z * series) >> 62) / k;
            }
            // Below 2^-200 nothing is left to round.
            if (n < -200) return ZERO;
            return round(uint256(series), uint256(298 + n - 62));
        }
    }
}
