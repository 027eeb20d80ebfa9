// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBlake3} from "../../src/interfaces/IBlake3.sol";
import {IBlobTree} from "../../src/interfaces/IBlobTree.sol";
import {Trees} from "./Trees.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Nodes of BLAKE3's tree against a plain implementation, which `Blake3` (held to vectors/work) confirms.
contract BlobTreeTest is Test {
    IBlobTree internal tree;
    IBlake3 internal blake3;

    function setUp() public {
        tree = IBlobTree(vm.deployCode("out/BlobTree.sol/BlobTree.json"));
        blake3 = IBlake3(vm.deployCode("out/Blake3.sol/Blake3.json"));
    }

    function blobOf(uint256 length) internal pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i; i < length; ++i) {
            data[i] = bytes1(uint8(i * i >> 8 ^ i));
        }
    }

    /// @dev Every node of the tree shows itself, down to every level below it.
    function test_everyNode() public view {
        uint256[3] memory lengths = [uint256(1025), 2049, 6500];
        for (uint256 i; i < lengths.length; ++i) {
            bytes memory data = blobOf(lengths[i]);
            bytes32[][] memory rows = new bytes32[][](8);
            uint256 top;
            rows[0] = Trees.chunkValues(data);
            for (; rows[top].length > 1; ++top) {
                rows[top + 1] = Trees.blobUp(rows[top], rows[top].length == 2);
            }
            for (uint256 level = 1; level <= top; ++level) {
                for (uint256 number; number < rows[level].length; ++number) {
                    checkNode(data, rows, level, number, rows[top][0]);
                }
            }
        }
    }

    function checkNode(bytes memory data, bytes32[][] memory rows, uint256 level, uint256 number, bytes32 id)
        internal
        view
    {
        bytes32[] memory siblings = Trees.blobSiblings(data, level, number);
        for (uint256 span = 1; span <= level; ++span) {
            bytes32[] memory row = rows[level - span];
            uint256 first = number << span;
            uint256 count = row.length - first < 1 << span ? row.length - first : 1 << span;
            bytes32[] memory nodes = new bytes32[](count);
            for (uint256 i; i < count; ++i) {
                nodes[i] = row[first + i];
            }
            assertEq(tree.root(data.length, level, number, span, nodes, siblings), id);
            nodes[count - 1] ^= bytes32(uint256(1));
            assertNotEq(tree.root(data.length, level, number, span, nodes, siblings), id);
        }
    }

    function test_chunksAgree() public view {
        bytes memory data = blobOf(5000);
        bytes32 id = Trees.id(data);
        for (uint256 i; i < 5; ++i) {
            assertEq(blake3.root(Trees.chunk(data, i), i, 5000, Trees.blobSiblings(data, 0, i)), id);
        }
        assertEq(blake3.root("", 0, 0, new bytes32[](0)), Trees.id(""));
    }

    /// @dev The blobs of an i1, which Evidence knows by their ids.
    function test_truthValues() public view {
        bytes32[] memory none = new bytes32[](0);
        bytes32 yes = 0x48fc721fbbc172e0925fa27af1671de225ba927134802998b10a1568a188652b;
        bytes32 no = 0x2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213;
        assertEq(blake3.root(hex"01", 0, 1, none), yes);
        assertEq(blake3.root(hex"00", 0, 1, none), no);
    }

    function test_nodesThatAreNotThere() public {
        bytes32[] memory none = new bytes32[](0);
        uint256[4][6] memory bad = [
            [uint256(1024), 1, 0, 1],
            [uint256(2048), 2, 0, 1],
            [uint256(2048), 1, 1, 1],
            [uint256(2048), 0, 0, 0],
            [uint256(4096), 1, 0, 2],
            [uint256(4096), 1, 0, 0]
        ];
        for (uint256 i; i < bad.length; ++i) {
            uint256[4] memory b = bad[i];
            vm.expectPartialRevert(IBlobTree.NoSuchNode.selector);
            tree.root(b[0], b[1], b[2], b[3], none, none);
        }
        vm.expectRevert(abi.encodeWithSelector(IBlobTree.WrongCount.selector, 0, 2));
        tree.root(4096, 1, 0, 1, none, none);
        vm.expectRevert(abi.encodeWithSelector(IBlobTree.WrongCount.selector, 0, 1));
        tree.root(4096, 1, 0, 1, new bytes32[](2), none);
        vm.expectRevert(abi.encodeWithSelector(IBlobTree.WrongCount.selector, 2, 1));
        tree.root(4096, 1, 0, 1, new bytes32[](2), new bytes32[](2));
        vm.expectRevert(abi.encodeWithSelector(IBlobTree.TooLong.selector, 1 << 63));
        tree.root(1 << 63, 1, 0, 1, none, none);
    }
}
