// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {F32, fma} from "../Float32.sol";

/// @title Horner's rule
/// @dev `P[c](x)` of docs/spec/arithmetic.md, section 3: one fma per step, from the last coefficient to the first.
library Polynomial {
    /// @notice `c_0 + c_1 x + c_2 x^2 + …`
    /// @param c Up to eight coefficients, none of them +0, as 32-bit words: written in hexadecimal they read from first to last.
    /// (Five need leading zeros: Solidity takes 40 digits for an address.)
    function evaluate(F32 x, uint256 c) internal pure returns (F32) {
        return extend(F32.wrap(c & 0xffffffff), x, c >> 32);
    }

    /// @notice `c_0 + c_1 x + … + c_n x^n + p x^(n+1)`: more coefficients below those of which `p` is the value.
    function extend(F32 p, F32 x, uint256 c) internal pure returns (F32) {
        while (c != 0) {
            p = fma(p, x, F32.wrap(c & 0xffffffff));
            c >>= 32;
        }
        return p;
    }
}
