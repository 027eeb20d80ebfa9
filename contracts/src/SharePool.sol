// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Tokens owned in proportion to shares, of which a part can be lost at once
/// @dev Conversion as in OpenZeppelin's ERC4626 with one virtual share and one virtual token, rounded against the caller. A
/// loss costs the same however many owners there are. While nothing was lost or gained, a share is a token, exactly.
///
/// A loss that leaves less than a billionth of a token per share takes the rest, too, and begins a new generation: shares of
/// earlier ones are worth nothing. So the number of shares stays below 2^160 whatever happens, and nobody can be kept from
/// joining or leaving by an overflow.
library SharePool {
    using SafeCast for uint256;

    uint256 internal constant MAX_SHARES_PER_TOKEN = 1e9;

    struct Pool {
        uint128 tokens;
        uint48 generation;
        uint160 shares;
    }

    /// @notice Adds tokens in return for shares. They may be too few for one share.
    function deposit(Pool storage pool, uint256 tokens) internal returns (uint256 shares) {
        shares = Math.mulDiv(tokens, uint256(pool.shares) + 1, uint256(pool.tokens) + 1);
        pool.tokens = (pool.tokens + tokens).toUint128();
        pool.shares = (pool.shares + shares).toUint160();
    }

    /// @notice Takes shares, which must be of the pool's generation, out.
    function redeem(Pool storage pool, uint256 shares) internal returns (uint256 tokens) {
        tokens = worth(pool, shares);
        pool.tokens -= tokens.toUint128();
        pool.shares -= shares.toUint160();
    }

    /// @notice Adds tokens to what every share is worth.
    function gain(Pool storage pool, uint256 tokens) internal {
        pool.tokens = (pool.tokens + tokens).toUint128();
    }

    /// @notice Takes tokens, at most all, from what every share is worth.
    /// @return taken `tokens`, or all of them if too little would be left.
    function lose(Pool storage pool, uint256 tokens) internal returns (uint256 taken) {
        uint256 left = pool.tokens - tokens;
        if (left * MAX_SHARES_PER_TOKEN >= pool.shares && left > 0) {
            pool.tokens = left.toUint128();
            return tokens;
        }
        taken = pool.tokens;
        pool.tokens = 0;
        pool.shares = 0;
        ++pool.generation;
    }

    /// @notice Tokens for shares of the pool's generation. Never more than the pool has.
    function worth(Pool storage pool, uint256 shares) internal view returns (uint256) {
        return Math.mulDiv(shares, uint256(pool.tokens) + 1, uint256(pool.shares) + 1);
    }
}
