// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Code, Frame, Inner, Opened} from "../interfaces/DisputeTypes.sol";

/// @title Commitments to programs and traces
/// @dev docs/spec/lowering.md; `corex_engine::trace` is the Rust half. All hashes are keccak-256.
///
/// Trees are over lists whose positions matter. A node hashes its left and right child, a child missing at the end of a level
/// counts as zero, and the root hashes the number of leaves with the topmost node. So the depth of every leaf is known and no
/// node can pass for a leaf.
library Trace {
    /// @notice There is no such node in a tree of so many leaves.
    error NoSuchNode(uint256 level, uint256 number, uint256 leaves);
    /// @notice Not as many nodes or siblings as the tree has at that place.
    error WrongShape(uint256 given, uint256 expected);
    /// @notice What was shown does not hash to what was committed.
    error Mismatch(bytes32 computed, bytes32 committed);

    /// @notice Levels of nodes that one answer shows: 2^7 = 128 nodes.
    uint256 internal constant SPAN = 7;

    function root(uint256 leaves, bytes32 top) internal pure returns (bytes32) {
        return pair(bytes32(leaves), top);
    }

    /// @notice Levels above the leaves.
    function height(uint256 leaves) internal pure returns (uint256 levels) {
        while (leaves > 1 << levels) ++levels;
    }

    /// @notice Nodes of a level; there is always one.
    function width(uint256 leaves, uint256 level) internal pure returns (uint256) {
        return leaves == 0 ? 1 : ((leaves - 1) >> level) + 1;
    }

    /// @notice The root of the tree of `leaves` leaves in which `node` is number `number` of its level.
    function climb(uint256 leaves, uint256 level, uint256 number, bytes32 node, bytes32[] calldata siblings)
        internal
        pure
        returns (bytes32)
    {
        uint256 levels = height(leaves);
        if (level > levels || number >= width(leaves, level) || leaves == 0) {
            revert NoSuchNode(level, number, leaves);
        }
        if (siblings.length != levels - level) revert WrongShape(siblings.length, levels - level);
        for (uint256 i; i < siblings.length; ++i) {
            node = number >> i & 1 == 0 ? pair(node, siblings[i]) : pair(siblings[i], node);
        }
        return root(leaves, node);
    }

    /// @notice The node above `nodes`, all that stand `span` levels below it.
    function join(bytes32[] memory nodes, uint256 span) internal pure returns (bytes32) {
        uint256 count = nodes.length;
        for (; span > 0; --span) {
            for (uint256 i; 2 * i < count; ++i) {
                nodes[i] = pair(nodes[2 * i], 2 * i + 1 < count ? nodes[2 * i + 1] : bytes32(0));
            }
            count = (count + 1) / 2;
        }
        return nodes[0];
    }

    /// @notice Levels that an answer about a node of `level` goes down.
    function spanOf(uint256 level) internal pure returns (uint256) {
        return level < SPAN ? level : SPAN;
    }

    /// @notice Number of nodes that stand `span` levels below node `number` of `level`.
    function below(uint256 leaves, uint256 level, uint256 number, uint256 span) internal pure returns (uint256) {
        uint256 first = number << span;
        uint256 all = width(leaves, level - span);
        if (first >= all) revert NoSuchNode(level, number, leaves);
        return all - first < 1 << span ? all - first : 1 << span;
    }

    /// @notice Hash of a list.
    function list(bytes32[] memory words) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(words));
    }

    /// @notice Leaf of an operator: its results and, for loops and branches, the root of their frames.
    function leaf(Opened calldata opened, bool isControl) internal pure returns (bytes32) {
        if (!isControl) return list(opened.results);
        return keccak256(abi.encodePacked(opened.results, root(opened.frames, opened.top)));
    }

    /// @notice Root of a frame.
    function frame(Inner calldata inner) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(list(inner.parameters), list(inner.results), inner.operators));
    }

    /// @notice Root of the program in which `code` is the function at `position`.
    function program(Code calldata code, uint256 position) internal pure returns (bytes32) {
        bytes32 ops = root(code.count, code.top);
        return climb(code.functions, 0, position, pair(keccak256(code.header), ops), code.siblings);
    }

    /// @notice A frame of the function `code`.
    function frameOf(Code calldata code, bytes32 parameters, bytes32 results, bytes32 operators)
        internal
        pure
        returns (Frame memory)
    {
        return Frame({
            code: root(code.count, code.top),
            header: keccak256(code.header),
            parameters: parameters,
            results: results,
            operators: operators,
            count: code.count
        });
    }

    /// @notice Reverts where two hashes differ.
    function same(bytes32 computed, bytes32 committed) internal pure {
        if (computed != committed) revert Mismatch(computed, committed);
    }

    function pair(bytes32 left, bytes32 right) internal pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(0x20, right)
            node := keccak256(0, 0x40)
        }
    }
}
