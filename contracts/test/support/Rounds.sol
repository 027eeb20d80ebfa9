// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {Leaf, Payout} from "../../src/interfaces/Types.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @dev What a coordinator computes off chain: root, proofs and payouts of a round. Written for clarity, not for gas.
library Rounds {
    function root(Leaf[] memory leaves) internal pure returns (bytes32) {
        bytes32[] memory level = _hashes(leaves);
        while (level.length > 1) level = _parents(level);
        return level[0];
    }

    function proof(Leaf[] memory leaves, uint256 index) internal pure returns (bytes32[] memory siblings) {
        bytes32[] memory level = _hashes(leaves);
        bytes32[] memory found = new bytes32[](32);
        uint256 count;
        while (level.length > 1) {
            uint256 sibling = index ^ 1;
            if (sibling < level.length) found[count++] = level[sibling];
            level = _parents(level);
            index /= 2;
        }
        siblings = new bytes32[](count);
        for (uint256 i; i < count; ++i) {
            siblings[i] = found[i];
        }
    }

    /// @dev Units and tasks per node, ascending by node.
    function payouts(Leaf[] memory leaves) internal pure returns (Payout[] memory result) {
        Payout[] memory sums = new Payout[](leaves.length);
        uint256 count;
        for (uint256 i; i < leaves.length; ++i) {
            uint256 place;
            while (place < count && sums[place].node < leaves[i].node) ++place;
            if (place == count || sums[place].node != leaves[i].node) {
                for (uint256 j = count++; j > place; --j) {
                    sums[j] = sums[j - 1];
                }
                sums[place] = Payout(leaves[i].node, 0, 0);
            }
            sums[place].units += leaves[i].units;
            ++sums[place].tasks;
        }
        result = new Payout[](count);
        for (uint256 i; i < count; ++i) {
            result[i] = sums[i];
        }
    }

    function units(Leaf[] memory leaves) internal pure returns (uint64 sum) {
        for (uint256 i; i < leaves.length; ++i) {
            sum += leaves[i].units;
        }
    }

    function _hashes(Leaf[] memory leaves) private pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](leaves.length);
        for (uint256 i; i < leaves.length; ++i) {
            hashes[i] = Work.leafHash(leaves[i]);
        }
    }

    /// @dev A node without a sibling moves up as it is.
    function _parents(bytes32[] memory level) private pure returns (bytes32[] memory parents) {
        parents = new bytes32[]((level.length + 1) / 2);
        for (uint256 i; i < parents.length; ++i) {
            parents[i] =
                2 * i + 1 < level.length ? Hashes.commutativeKeccak256(level[2 * i], level[2 * i + 1]) : level[2 * i];
        }
    }
}
