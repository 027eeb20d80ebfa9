// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReferee} from "../interfaces/IReferee.sol";
import {Cursor, Reading} from "./Cursor.sol";

/// @dev Where an element of a merge's result lies.
/// @param within Elements before it in its pair of runs: the steps of its chain.
/// @param base Position of the pair's first element on the sorted dimension.
/// @param left Length of the left run.
/// @param right Length of the right run.
/// @param first, inner Element of position `p` on the sorted dimension: `first + p inner`.
struct Merge {
    uint256 within;
    uint256 base;
    uint256 left;
    uint256 right;
    uint256 first;
    uint256 inner;
}

/// @title One pass of a merge sort
/// @dev docs/spec/arithmetic.md, section 8. The accumulator counts the elements that the left run has given.
library Merging {
    using Reading for Cursor;

    /// @notice The place of element `index`. Leaves the cursor before the comparator.
    function read(Cursor memory from, uint256 index) internal pure returns (Merge memory merge) {
        // The number of sorted rows says nothing about one of them.
        from.u64();
        (uint256 length, uint256 inner, uint256 width) = (from.u64(), from.u64(), from.u64());
        if (length == 0 || inner == 0 || width == 0) from.malformed();
        uint256 position = index / inner % length;
        uint256 pair = 2 * width;
        merge.base = position / pair * pair;
        uint256 both = length - merge.base;
        if (both > pair) both = pair;
        merge.left = width < both ? width : both;
        merge.right = both - merge.left;
        merge.within = position - merge.base;
        merge.first = index / (inner * length) * inner * length + index % inner;
        merge.inner = inner;
    }

    /// @notice The next elements of both runs when `position` are behind, `taken` of them from the left run.
    function candidates(Merge memory merge, uint256 position, uint256 taken)
        internal
        pure
        returns (uint256 left, uint256 right, bool leftOver, bool rightOver)
    {
        if (taken > position || taken > merge.left || position - taken > merge.right) {
            revert IReferee.WrongState(taken);
        }
        uint256 fromRight = position - taken;
        left = merge.first + (merge.base + taken) * merge.inner;
        right = merge.first + (merge.base + merge.left + fromRight) * merge.inner;
        leftOver = taken == merge.left;
        rightOver = fromRight == merge.right;
    }
}
