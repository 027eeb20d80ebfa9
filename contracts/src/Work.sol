// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaf, Payout} from "./interfaces/Types.sol";

/// @title How work is hashed
/// @dev The Solidity half of the `corex-work` crate; both are held to `vectors/work`.
library Work {
    bytes32 internal constant TASK_TYPEHASH = keccak256("Task(bytes32 program,string func,bytes32[] inputs)");
    bytes32 internal constant RECEIPT_TYPEHASH =
        keccak256("Receipt(bytes32 job,bytes32 task,bytes32[] outputs,address node,uint64 units)");

    /// @notice Id of a task: what a contract that asks for work can compute by itself.
    function taskId(bytes32 program, string memory func, bytes32[] memory inputs) internal pure returns (bytes32) {
        return
            keccak256(abi.encode(TASK_TYPEHASH, program, keccak256(bytes(func)), keccak256(abi.encodePacked(inputs))));
    }

    /// @notice Hash of a task's results, given the ids of the output blobs.
    function outputsHash(bytes32[] memory outputs) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(outputs));
    }

    /// @notice EIP-712 struct hash of the receipt behind `leaf`. An array of words is hashed in EIP-712 exactly as in
    /// `outputsHash`, so the outputs themselves are not needed.
    function receiptHash(bytes32 job, Leaf memory leaf) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, job, leaf.task, leaf.outputsHash, leaf.node, leaf.units));
    }

    /// @notice Leaf of a round's Merkle tree. Hashed twice, so that no inner node can pass for a leaf.
    function leafHash(Leaf memory leaf) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(leaf))));
    }

    /// @notice Commitment to a round's payouts.
    function payoutsHash(Payout[] memory payouts) internal pure returns (bytes32) {
        return keccak256(abi.encode(payouts));
    }

    /// @notice Leaf of the Merkle tree over a job's programs: function `func` of `program` lowers to the program with root
    /// `lowered` (docs/spec/lowering.md). A tree like a round's.
    function programLeaf(bytes32 program, string memory func, bytes32 lowered) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(program, keccak256(bytes(func)), lowered))));
    }

    /// @notice Randomness of a round, from the hash of a block that no one knew when the root was made.
    function beacon(bytes32 drawBlockHash, bytes32 root, bytes32 job, uint64 round) internal pure returns (bytes32) {
        return keccak256(abi.encode(drawBlockHash, root, job, round));
    }
}
