// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice One accepted result: `node` states that `task` has outputs with hash `outputsHash` and is worth `units` of work.
/// @dev The leaves of a round's Merkle tree, in ascending order of `task`. `outputsHash` is keccak256 of the packed
/// 32-byte ids of the output blobs.
struct Leaf {
    bytes32 task;
    bytes32 outputsHash;
    address node;
    uint64 units;
}

/// @notice Work units to be paid to (or recorded for) one node.
struct Payout {
    address node;
    uint64 units;
}

/// @notice How a dispute ended.
/// - `Dismissed`: nobody was found wrong in time; everything stays as if there had been no challenge.
/// - `Guilty`: the accused node's result is wrong.
/// - `Innocent`: the accused node's result is right, so the challenger was wrong.
enum Ruling {
    Dismissed,
    Guilty,
    Innocent
}

/// @dev Role bits of a node.
uint8 constant PROVIDER = 1;
uint8 constant VERIFIER = 2;

/// @dev Mining engines: which proof a unit of work counts for.
uint8 constant COMPUTE_POC = 0;
uint8 constant MODEL_POT = 1;
uint256 constant ENGINES = 2;

/// @dev Denominator of every share given in basis points.
uint256 constant BPS = 10_000;
