// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Executes one transition of one element of one lowered operator (docs/spec/lowering.md): the twin of
/// `corex_engine::referee`.
/// @dev Every element of an operator's results is the end of a chain of transitions: `begin` gives the accumulators before
/// the first step, `step` takes one step, `finish` makes the element. Operators without a chain have no steps and no
/// accumulators. No state, no calls but to the arithmetic; what is read comes with the call.
///
/// An operator is the bytes that `corex_hlo::lower::encode_op` writes. The program that they belong to is committed when a
/// job opens and every node of the job has checked it; malformed bytes revert with `Malformed`, no matter where they end.
interface IReferee {
    /// @notice A piece of a tensor: what the referee reads elements from.
    /// @param operand Position among the operator's operands.
    /// @param index The piece begins at byte 1024 `index` of the tensor's blob.
    /// @param data 1024 bytes, fewer at the blob's end. Elements are little-endian.
    struct Piece {
        uint32 operand;
        uint64 index;
        bytes data;
    }

    /// @notice What an operator computes, as encoded.
    enum Kind {
        Map,
        Fold,
        Merge,
        Reinterpret,
        While,
        Case
    }

    /// @notice Where a tensor comes from: a parameter of the function, a result of an earlier operator, a constant.
    enum Origin {
        Parameter,
        Operator,
        Constant
    }

    /// @param position Position of the parameter or operator.
    /// @param result Which result of the operator.
    /// @param constantId Id of the constant's blob.
    /// @param size Bytes of the tensor.
    struct Operand {
        Origin origin;
        uint32 position;
        uint32 result;
        bytes32 constantId;
        uint64 size;
    }

    /// @param operands Number of operands.
    /// @param results Number of results.
    /// @param callees Functions that a loop (condition, body) or a branch (one each) runs, by position in the program.
    struct Outline {
        Kind kind;
        uint256 operands;
        uint256 results;
        uint256[] callees;
    }

    /// @notice The bytes are no operator; `place` is where that shows.
    error Malformed(uint256 place);
    /// @notice An element that is read was not among the pieces.
    error Missing(uint256 operand, uint256 element);
    /// @notice The operator has no such element, operand, result or step.
    error OutOfRange(uint256 position, uint256 count);
    /// @notice Not as many accumulators as the chain has.
    error WrongState(uint256 accumulators);
    /// @notice Loops, branches and reinterpretations have no transitions of their own.
    error NoTransitions(Kind kind);

    /// @notice Kind, numbers of operands and results, functions run.
    function outline(bytes calldata op) external pure returns (Outline memory);

    /// @notice Where operand `position` comes from.
    function operandOf(bytes calldata op, uint256 position) external pure returns (Operand memory);

    /// @notice Bytes of result `position`, and of one of its elements.
    function resultOf(bytes calldata op, uint256 position) external pure returns (uint64 size, uint64 elementSize);

    /// @notice Numbers of a function's parameters and results, out of its header (`corex_hlo::lower::encode_header`).
    function arity(bytes calldata header) external pure returns (uint256 parameters, uint256 results);

    /// @notice Where what a function returns at `position` comes from.
    function returned(bytes calldata header, uint256 position) external pure returns (Operand memory);

    /// @notice Steps in the chain of element `index`.
    function chainLength(bytes calldata op, uint256 index) external pure returns (uint256);

    /// @notice Number of accumulators.
    function accumulators(bytes calldata op) external pure returns (uint256);

    /// @notice The accumulators of element `index` before the first step.
    function begin(bytes calldata op, uint256 index, Piece[] calldata pieces) external view returns (uint64[] memory);

    /// @notice The accumulators behind step `position`, given those before it.
    function step(bytes calldata op, uint256 index, uint256 position, uint64[] calldata state, Piece[] calldata pieces)
        external
        view
        returns (uint64[] memory);

    /// @notice Element `index` of every result, from the accumulators behind the last step.
    function finish(bytes calldata op, uint256 index, uint64[] calldata state, Piece[] calldata pieces)
        external
        view
        returns (uint64[] memory);
}
