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
/// @param tasks Number of leaves that the units are for.
struct Payout {
    address node;
    uint64 units;
    uint32 tasks;
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

/// @dev Kinds of work. A job has one of the first five; audits are done for every job.
uint8 constant TRAINING = 0;
uint8 constant FINE_TUNING = 1;
uint8 constant INFERENCE = 2;
uint8 constant PREPROCESSING = 3;
uint8 constant CHALLENGE = 4;
uint8 constant AUDIT = 5;
uint256 constant KINDS = 6;

/// @dev Mining engines: which proof a unit of work counts for.
uint8 constant COMPUTE_POC = 0;
uint8 constant MODEL_POT = 1;
uint8 constant STAKE_TO_VALIDATE = 2;
uint256 constant ENGINES = 3;

/// @dev Number of tiers of nodes, from 0 up.
uint256 constant TIERS = 4;

/// @dev Denominator of every share given in basis points.
uint256 constant BPS = 10_000;

error UnknownKind(uint8 kind);

/// @notice Engine that mines for work of this kind.
function engineOf(uint8 kind) pure returns (uint8) {
    require(kind < KINDS, UnknownKind(kind));
    if (kind <= FINE_TUNING) return MODEL_POT;
    return kind == AUDIT ? STAKE_TO_VALIDATE : COMPUTE_POC;
}
