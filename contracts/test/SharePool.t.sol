// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SharePool} from "../src/SharePool.sol";
import {Test} from "forge-std/Test.sol";

contract SharePoolTest is Test {
    using SharePool for SharePool.Pool;

    SharePool.Pool internal pool;

    /// @dev More tokens than any network has.
    uint256 internal constant MOST = 1e33;

    function test_aShareIsATokenWhileNothingIsLost() public {
        assertEq(pool.deposit(70), 70);
        assertEq(pool.deposit(30), 30);
        assertEq(pool.redeem(30), 30);
        assertEq(pool.redeem(70), 70);
        assertEq(pool.tokens, 0);
        assertEq(pool.shares, 0);
    }

    function test_aLossIsSharedAndLaterDepositsAreNotTouched() public {
        pool.deposit(1000e18);
        assertEq(pool.lose(250e18), 250e18);
        uint256 later = pool.deposit(300e18);
        assertApproxEqAbs(pool.worth(1000e18), 750e18, 1);
        assertApproxEqAbs(pool.worth(later), 300e18, 1);
    }

    function test_aLossOfNearlyAllBeginsAnew() public {
        pool.deposit(1e18);
        assertEq(pool.lose(1e18 - 1e9), 1e18 - 1e9, "a billionth is left");
        assertEq(pool.generation, 0);
        assertEq(pool.lose(1), 1e9, "less than that goes, too");
        assertEq(pool.generation, 1);
        assertEq(pool.shares, 0);
        assertEq(pool.deposit(5), 5);
    }

    function test_losesAtMostAll() public {
        pool.deposit(10);
        vm.expectRevert();
        this.lose(11);
    }

    function lose(uint256 tokens) external returns (uint256) {
        return pool.lose(tokens);
    }

    /// @dev However often nearly everything is lost, anyone can join, what he joins with is his, and all can leave.
    function testFuzz_nothingEverOverflows(uint256[32] memory seeds) public {
        uint256 mine;
        uint256 others;
        uint48 generation;
        for (uint256 i; i < seeds.length; ++i) {
            uint256 amount = bound(seeds[i], 1, MOST);
            if (seeds[i] % 3 == 0) {
                uint256 shares = pool.deposit(amount);
                assertLe(pool.worth(shares), amount, "rounded against the depositor");
                // By one token for the worth, one for a share, which after gains can be worth more than a token.
                uint256 share = pool.tokens / pool.shares + 1;
                assertLe(amount - pool.worth(shares), share + 1);
                if (seeds[i] % 2 == 0) mine += shares;
                else others += shares;
            } else if (pool.tokens > 0) {
                uint256 loss = seeds[i] % 2 == 0 ? pool.tokens - bound(seeds[i], 0, pool.tokens / 1e6) : amount;
                pool.lose(loss < pool.tokens ? loss : pool.tokens);
            }
            if (pool.generation != generation) (mine, others, generation) = (0, 0, pool.generation);
            assertEq(uint256(pool.shares), mine + others);
            assertLe(pool.worth(mine) + pool.worth(others), pool.tokens);
            assertLe(pool.shares, (uint256(pool.tokens) + 1) * (SharePool.MAX_SHARES_PER_TOKEN + 1));
        }
        pool.redeem(mine);
        pool.redeem(others);
        assertEq(pool.shares, 0);
        assertEq(pool.tokens, 0, "without gains, the last takes what is left");
    }

    /// @dev With gains, the virtual share keeps at most what one share is worth.
    function testFuzz_gains(uint96 a, uint96 b, uint96 gain) public {
        a = uint96(bound(a, 1, type(uint96).max));
        uint256 first = pool.deposit(a);
        pool.gain(gain);
        uint256 second = pool.deposit(b);
        uint256 share = (uint256(pool.tokens) + 1) / (uint256(pool.shares) + 1) + 1;
        assertLe(pool.worth(first), uint256(a) + gain);
        assertLe(pool.worth(second), b);
        pool.redeem(first);
        pool.redeem(second);
        assertLe(pool.tokens, share + 2);
    }
}
