// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IReferee} from "../interfaces/IReferee.sol";
import {Cursor, Reading} from "./Cursor.sol";
import {ElementType} from "./ElementType.sol";

/// @dev A tensor as far as its elements' places depend on it.
/// @param dtype Element type (src/referee/ElementType.sol).
struct Tensor {
    uint256 dtype;
    uint256 elements;
}

/// @dev An operand: where it comes from and what it is.
struct Argument {
    IReferee.Origin origin;
    uint256 position;
    uint256 result;
    bytes32 constantId;
    Tensor tensor;
}

/// @title The part of an operator's bytes that all kinds share
/// @dev Written by `corex_hlo::lower::encode_op`; docs/spec/lowering.md has the layout. Behind this part the cursor stands at
/// what the kind adds.
library Operator {
    using Reading for Cursor;

    /// @dev Format of a function's header.
    uint256 internal constant FORMAT = 1;

    function open(bytes memory op)
        internal
        pure
        returns (Cursor memory from, Argument[] memory operands, Tensor[] memory results, IReferee.Kind kind)
    {
        from = Cursor(op, 0);
        operands = arguments(from);
        results = tensors(from);
        uint256 code = from.u8();
        if (code > uint256(type(IReferee.Kind).max)) from.malformed();
        kind = IReferee.Kind(code);
    }

    /// @notice A function's header: the types of its parameters and what it returns.
    function header(bytes memory data) internal pure returns (Tensor[] memory parameters, Argument[] memory results) {
        Cursor memory from = Cursor(data, 0);
        if (from.u8() != FORMAT) from.malformed();
        parameters = tensors(from);
        results = arguments(from);
        from.end();
    }

    function arguments(Cursor memory from) internal pure returns (Argument[] memory list) {
        list = new Argument[](count(from, 10));
        for (uint256 i; i < list.length; ++i) {
            _argument(from, list[i]);
        }
    }

    function tensors(Cursor memory from) internal pure returns (Tensor[] memory list) {
        list = new Tensor[](count(from, 5));
        for (uint256 i; i < list.length; ++i) {
            list[i] = _tensor(from);
        }
    }

    /// @notice Length of a list whose items have `least` bytes each, so that no length asks for more memory than the bytes
    /// that were paid for.
    function count(Cursor memory from, uint256 least) internal pure returns (uint256 items) {
        items = from.u32();
        if (items * least > from.data.length - from.place) from.malformed();
    }

    /// @notice A list of sizes.
    function sizes(Cursor memory from) internal pure returns (uint256[] memory list) {
        list = new uint256[](count(from, 8));
        for (uint256 i; i < list.length; ++i) {
            list[i] = from.u64();
        }
    }

    /// @notice Bytes of an element in a blob.
    function elementSize(uint256 dtype) internal pure returns (uint256) {
        uint256 bits = ElementType.width(dtype);
        return bits < 8 ? 1 : bits / 8;
    }

    function size(Tensor memory tensor) internal pure returns (uint256) {
        return tensor.elements * elementSize(tensor.dtype);
    }

    function _argument(Cursor memory from, Argument memory argument) private pure {
        uint256 origin = from.u8();
        if (origin > uint256(type(IReferee.Origin).max)) from.malformed();
        argument.origin = IReferee.Origin(origin);
        argument.position = from.u32();
        if (argument.origin == IReferee.Origin.Operator) argument.result = from.u32();
        if (argument.origin == IReferee.Origin.Constant) argument.constantId = from.word();
        argument.tensor = _tensor(from);
    }

    function _tensor(Cursor memory from) private pure returns (Tensor memory) {
        uint256 dtype = from.u8();
        if (!ElementType.exists(dtype)) from.malformed();
        uint256 rank = count(from, 8);
        uint256 elements = 1;
        for (uint256 i; i < rank; ++i) {
            elements *= from.u64();
            if (elements > type(uint48).max) from.malformed();
        }
        return Tensor(dtype, elements);
    }
}
