// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What the players of a dispute show each other. Hashes are those of docs/spec/lowering.md, section "Traces".

/// @notice One evaluation of a function, as the accused claims it.
/// @param code Root of the tree over the function's encoded operators.
/// @param header Hash of the function's header.
/// @param parameters Hash of the list of the parameters' blob ids.
/// @param results Hash of the list of the results' blob ids.
/// @param operators Root of the tree over the operators' leaves.
/// @param count Number of the function's operators, the leaves of both trees.
struct Frame {
    bytes32 code;
    bytes32 header;
    bytes32 parameters;
    bytes32 results;
    bytes32 operators;
    uint64 count;
}

/// @notice A function of the committed program.
/// @param functions Number of the program's functions.
/// @param siblings Beside the function's leaf and above it in the program's tree.
/// @param header The function's header.
/// @param count Number of its operators.
/// @param top The node above all of them.
struct Code {
    uint64 functions;
    bytes32[] siblings;
    bytes header;
    uint64 count;
    bytes32 top;
}

/// @notice An operator with what the accused says that it gave.
/// @param op The encoded operator.
/// @param results Ids of the result blobs.
/// @param frames Number of frames of a loop or branch, else 0.
/// @param top The node above all frames.
struct Opened {
    bytes op;
    bytes32[] results;
    uint64 frames;
    bytes32 top;
}

/// @notice A frame of a loop or branch.
/// @param siblings Beside its root and above in the tree of the operator's frames.
struct Inner {
    bytes32[] parameters;
    bytes32[] results;
    bytes32 operators;
    bytes32[] siblings;
}

/// @notice Shows which blob a tensor is in the claim.
/// @param words For a parameter the list of the frame's parameters; for an operator's result what its leaf hashes: the
/// result ids and the root of its frames if it has any; for a constant nothing.
/// @param siblings Beside the operator's leaf and above.
struct Source {
    bytes32[] words;
    bytes32[] siblings;
}

/// @notice An operand of an operator, and the chunks of it that are shown.
struct Shown {
    uint32 operand;
    Source source;
    Chunk[] chunks;
}

/// @notice 1 KiB of a blob, less at its end.
/// @param siblings Beside the chunk and above in the blob's BLAKE3 tree.
struct Chunk {
    uint64 index;
    bytes data;
    bytes32[] siblings;
}

/// @notice A transition of a chain: 0 begins it, 1 to `steps` are its steps, and `steps` + 1 makes the element.
struct Transition {
    uint64 element;
    uint64 steps;
    uint64 number;
}

/// @notice What can be wrong beside a transition: a blob that must be another one, by the claims that it depends on.
/// - `Result`: result `position` of the frame is not what its function returns there. `header`, `results` are the function's
///   header and the frame's results; `source` shows what is returned. Also a frame of a function without operators whose
///   `operators` is not the root of an empty tree; then nothing else is looked at.
/// - `Reinterpretation`: the operator's result is not its operand, shown by `source`.
/// - `Parameter`: parameter `position` of frame `number`, which is `inner`, is not: an operand, shown by `source`, in the first
///   frame of a loop and in a branch; the same parameter of the frame before, `previous`, for a body and for what a loop does
///   not carry; the result of the body before for the rest.
/// - `Condition`: condition `number` of a loop, `inner`, is true although it is the last one, or not true although it is not.
/// - `Outcome`: result `position` of a loop or branch is not that of its last body or its branch, `inner`, or, for a loop that
///   ran no body, the operand, shown by `source`.
enum Fault {
    Result,
    Reinterpretation,
    Parameter,
    Condition,
    Outcome
}

/// @notice One fault and what shows it. What a fault does not need is left empty.
struct Accusation {
    Fault fault;
    Opened opened;
    uint64 number;
    Inner inner;
    Inner previous;
    uint256 position;
    Source source;
    bytes header;
    bytes32[] results;
}
