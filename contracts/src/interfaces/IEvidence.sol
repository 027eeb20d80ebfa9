// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Accusation, Code, Frame, Inner, Opened, Shown, Transition} from "./DisputeTypes.sol";

/// @notice Judges what a challenger shows: whether something that the accused claimed is not what it must be.
/// @dev No state. A function that answers `true` has found a contradiction between claims of one frame; what was shown badly
/// reverts. The caller vouches for the frame and for what was opened.
interface IEvidence {
    /// @notice A chunk that was shown is not of the blob.
    error WrongBlob(bytes32 computed, bytes32 id);
    /// @notice The operator is not a loop, branch or reinterpretation, as is needed.
    error WrongKind(uint256 kind);

    /// @notice The accumulators behind a transition, or all results' elements if it is the last one, eight bytes each, computed
    /// from those before it and from what is shown of the operands.
    function executed(
        Frame calldata frame,
        bytes calldata op,
        Transition calldata transition,
        bytes calldata before,
        Shown[] calldata shown
    ) external view returns (bytes memory);

    /// @notice Whether the accusation holds (`Fault`).
    function holds(Frame calldata frame, Accusation calldata accusation) external view returns (bool);

    /// @notice The frame `number` of a loop or branch.
    /// @param program Root of the program that `code` is a function of.
    /// @param index For a branch: its operand 0; else nothing.
    function entered(
        Frame calldata frame,
        bytes32 program,
        Opened calldata opened,
        uint64 number,
        Inner calldata inner,
        Code calldata code,
        Shown calldata index
    ) external view returns (Frame memory);
}
