// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBlobTree} from "../../src/interfaces/IBlobTree.sol";
import {PROVIDER} from "../../src/interfaces/Types.sol";
import {Leaf, Ruling} from "../../src/interfaces/Types.sol";
import {Blob, Run} from "./Oracle.sol";
import {Players} from "./Players.sol";
import {Programs} from "./Program.sol";

/// @dev What a game costs each side, kept in snapshots/: gas of the calls with 21,000 and 16 per byte of data for each
/// transaction, which is more than a transaction really adds.
contract DisputeGasTest is Players {
    uint256 private constant MOST_GAS = 10_000_000;
    uint256 private constant MOST_TRANSACTION_GAS = 5_000_000;
    uint256 private constant MOST_TRANSACTION_DATA = 90_000;
    uint256 private constant MOST_MOVES = 12;

    uint8 private constant F32 = 11;

    address internal cheater;
    address internal finder;

    function setUp() public override {
        super.setUp();
        cheater = provider("cheater");
        finder = registered("finder", PROVIDER);
        stakeFor(finder, 100_000e18);
    }

    // --- programs made for it

    function vectorType(uint64 n) internal pure returns (bytes memory) {
        return abi.encodePacked(F32, uint32(1), n);
    }

    function scalarType() internal pure returns (bytes memory) {
        return abi.encodePacked(F32, uint32(0));
    }

    function parameter(uint32 i, bytes memory type_) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(0), i, type_);
    }

    function resultOf(uint32 op, bytes memory type_) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(1), op, uint32(0), type_);
    }

    /// @dev Element `index` of an operand.
    function along(uint32 operand, uint64 n, uint32 index) internal pure returns (bytes memory) {
        bytes memory axis = abi.encodePacked(n, uint64(1), uint64(1), int64(0), uint32(1), index, int64(1), uint8(0));
        return abi.encodePacked(F32, uint32(1), uint8(0), operand, uint32(1), axis);
    }

    /// @dev The one element of a scalar.
    function only(uint32 operand) internal pure returns (bytes memory) {
        return abi.encodePacked(F32, uint32(1), uint8(0), operand, uint32(0));
    }

    function literal(uint64 bits) internal pure returns (bytes memory) {
        return abi.encodePacked(F32, uint32(1), uint8(1), bits);
    }

    function program(bytes memory parameters, bytes memory results, bytes memory ops, uint32 count)
        internal
        pure
        returns (bytes memory)
    {
        return abi.encodePacked(uint8(1), uint32(1), parameters, results, count, ops, uint32(0));
    }

    /// @dev The product of two vectors, to which 1 is added `ops` - 1 times.
    function product(uint64 n, uint32 ops) internal pure returns (bytes memory) {
        bytes memory type_ = vectorType(n);
        bytes memory operands = abi.encodePacked(uint32(2), parameter(0, type_), parameter(1, type_));
        bytes memory fold =
            abi.encodePacked(operands, uint32(1), scalarType(), uint8(1), uint32(0), uint32(1), n, uint32(2));
        fold = abi.encodePacked(fold, along(0, n, 0), along(1, n, 0), uint32(0), uint8(0));
        for (uint32 i = 1; i < ops; ++i) {
            bytes memory add = abi.encodePacked(
                uint32(1), resultOf(i - 1, scalarType()), uint32(1), scalarType(), uint8(0), uint32(0), uint8(64)
            );
            fold = abi.encodePacked(fold, add, uint32(2), only(0), literal(0x3f800000));
        }
        bytes memory parameters = abi.encodePacked(uint32(2), type_, type_);
        return program(parameters, abi.encodePacked(uint32(1), resultOf(ops - 1, scalarType())), fold, ops);
    }

    /// @dev A vector is doubled.
    function doubled(uint64 n) internal pure returns (bytes memory) {
        bytes memory type_ = vectorType(n);
        bytes memory map = abi.encodePacked(
            uint32(1), parameter(0, type_), uint32(1), type_, uint8(0), uint32(1), n, uint8(64), uint32(2)
        );
        map = abi.encodePacked(map, along(0, n, 0), along(0, n, 0));
        return program(abi.encodePacked(uint32(1), type_), abi.encodePacked(uint32(1), resultOf(0, type_)), map, 1);
    }

    function vector(uint256 n) internal pure returns (Blob memory) {
        bytes memory data = new bytes(4 * n);
        for (uint256 i; i < n; ++i) {
            // Between 1 and 2.
            (data[4 * i], data[4 * i + 2], data[4 * i + 3]) = (bytes1(uint8(i)), 0x80, 0x3f);
        }
        return blob(data);
    }

    function played(bytes memory text, Blob[] memory inputs, uint256 seed) internal {
        Task memory t;
        t.program = Programs.decode(text);
        t.truth = run(t.program, 0, inputs);
        (cheatIn, cheatSeed, evaluated) = (0, seed, 0);
        Run memory story = run(t.program, 0, inputs);
        bytes32 job = openExactJob(t.program);
        Leaf[] memory leaf = one(statement(story, cheater));
        uint64 round = committedAndDrawn(job, leaf);
        uint256 dispute = challenge(finder, job, round, leaf, 0);
        assertTrue(play(dispute, t, story));
        (, Ruling ruling) = resolved(dispute);
        assertEq(uint8(ruling), uint8(Ruling.Guilty));
    }

    function figures(string memory name) internal {
        for (uint256 side; side < 2; ++side) {
            Cost memory cost = costs[side == 0 ? cheater : finder];
            string memory who = string.concat(name, side == 0 ? ", accused: " : ", challenger: ");
            vm.snapshotValue("dispute game", string.concat(who, "moves"), cost.moves);
            vm.snapshotValue("dispute game", string.concat(who, "gas"), cost.gas);
            vm.snapshotValue("dispute game", string.concat(who, "largest gas"), cost.largestGas);
            vm.snapshotValue("dispute game", string.concat(who, "largest data"), cost.largestData);
            assertLe(cost.moves, MOST_MOVES);
            assertLe(cost.gas, MOST_GAS);
            assertLe(cost.largestGas, MOST_TRANSACTION_GAS);
            assertLe(cost.largestData, MOST_TRANSACTION_DATA);
        }
    }

    /// @dev 300 operators: two answers of nodes. 258 transitions: two answers of accumulators.
    function test_oneStepOfAProduct() public {
        Blob[] memory inputs = new Blob[](2);
        (inputs[0], inputs[1]) = (vector(256), vector(256));
        played(product(256, 300), inputs, 1);
        figures("product");
    }

    /// @dev A blob of more than one chunk.
    function test_oneElementOfAVector() public {
        Blob[] memory inputs = new Blob[](1);
        inputs[0] = vector(700);
        played(doubled(700), inputs, 2500 << 8);
        figures("vector");
    }

    /// @dev The nodes of a blob of 512 MiB, which has 2^19 chunks: three answers.
    function test_nodesOfALargeBlob() public {
        IBlobTree tree = IBlobTree(vm.deployCode(artifact("BlobTree")));
        bytes32[] memory nodes = new bytes32[](128);
        for (uint256 i; i < 128; ++i) {
            nodes[i] = keccak256(abi.encode(i));
        }
        tree.root(1 << 29, 19, 0, 7, nodes, new bytes32[](0));
        vm.snapshotGasLastCall("dispute game", "128 nodes of a blob, at the top");
        tree.root(1 << 29, 12, 77, 7, nodes, new bytes32[](7));
        vm.snapshotGasLastCall("dispute game", "128 nodes of a blob, in the middle");
        bytes32[] memory few = new bytes32[](32);
        tree.root(1 << 29, 5, 7777, 5, few, new bytes32[](14));
        vm.snapshotGasLastCall("dispute game", "32 nodes of a blob, at the bottom");
    }
}
