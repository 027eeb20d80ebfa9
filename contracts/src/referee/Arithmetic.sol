// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArithmetic} from "../interfaces/IArithmetic.sol";
import {ITranscendental} from "../interfaces/ITranscendental.sol";
import {Conversion} from "./Conversion.sol";
import {BF16_TYPE, ElementType, F16_TYPE, F32_TYPE, I1} from "./ElementType.sol";
import {Exact} from "./Exact.sol";
import {F32, NAN, ONE, fma, sqrt} from "./Float32.sol";
import {Integers} from "./Integers.sol";
import "./ScalarFunction.sol" as Code;

contract Arithmetic is IArithmetic {
    ITranscendental public immutable transcendental;

    constructor(ITranscendental transcendental_) {
        transcendental = transcendental_;
    }

    /// @inheritdoc IArithmetic
    function evaluate(uint8 code, uint8 dtype, uint8 p, uint8 q, uint64 x, uint64 y, uint64 z)
        external
        view
        returns (uint64)
    {
        (bool found, uint256 result) = _evaluate(code, dtype, p, q, x, y, z);
        if (!found) revert NoSuchFunction(code, dtype, p, q);
        return uint64(result);
    }

    /// @dev `found` is false if the function has no meaning, in all functions below.
    function _evaluate(uint256 code, uint256 dtype, uint256 p, uint256 q, uint256 x, uint256 y, uint256 z)
        private
        view
        returns (bool found, uint256 result)
    {
        if (!ElementType.exists(dtype)) return (false, 0);
        if (code == Code.SELECT) {
            _check(I1, x);
            _check(dtype, y);
            _check(dtype, z);
            return (true, x == 1 ? y : z);
        }
        _check(dtype, x);
        if (code < Code.ADD) return _unary(code, dtype, x);
        if (code >= Code.CONVERT && code <= Code.REDUCE_PRECISION) return _reformat(code, dtype, p, q, x);
        _check(dtype, y);
        if (code < Code.COMPARE) return _binary(code, dtype, x, y);
        if (code < Code.SELECT) return _compare(code, dtype, x, y);
        if (code == Code.CLAMP) {
            _check(dtype, z);
            (, result) = _binary(Code.MAXIMUM, dtype, y, x);
            return _binary(Code.MINIMUM, dtype, result, z);
        }
        if (code == Code.MULTIPLY_ADD) return _multiplyAdd(dtype, x, y, z);
    }

    // --- one operand

    function _unary(uint256 code, uint256 dtype, uint256 x) private view returns (bool, uint256) {
        if (code == Code.COPY) return (true, x);
        if (ElementType.isFloat(dtype)) {
            F32 float = _float(dtype, x);
            if (code == Code.IS_FINITE) return (true, Exact.isFinite(float) ? 1 : 0);
            (bool found, F32 result) = _unaryFloat(code, float);
            return (found, _bits(dtype, result));
        }
        bool number = dtype != I1;
        bool signed = ElementType.isSigned(dtype);
        int256 value = Integers.decode(dtype, x);
        unchecked {
            if (code == Code.NOT) return (true, Integers.encode(dtype, ~value));
            if (code == Code.NEGATE) return (number, Integers.encode(dtype, -value));
            if (code == Code.ABS) return (signed, Integers.encode(dtype, value < 0 ? -value : value));
            if (code == Code.SIGN) return (signed, Integers.encode(dtype, Integers.sign(value)));
            if (code == Code.POPCNT) return (number, Integers.popcnt(x));
            if (code == Code.COUNT_LEADING_ZEROS) {
                return (number, Integers.countLeadingZeros(x, ElementType.width(dtype)));
            }
        }
        return (false, 0);
    }

    function _unaryFloat(uint256 code, F32 x) private view returns (bool found, F32 result) {
        if (code == Code.NEGATE) return (true, Exact.negate(x));
        if (code == Code.ABS) return (true, Exact.absolute(x));
        if (code == Code.SIGN) return (true, Exact.sign(x));
        if (code == Code.SQRT) return (true, sqrt(x));
        if (code == Code.RSQRT) return (true, ONE / sqrt(x));
        if (code == Code.FLOOR) return (true, Exact.floor(x));
        if (code == Code.CEIL) return (true, Exact.ceil(x));
        if (code == Code.ROUND_NEAREST_EVEN) return (true, Exact.roundNearestEven(x));
        if (code == Code.ROUND_NEAREST_AFZ) return (true, Exact.roundNearestAfz(x));
        bool integral = code == Code.NOT || code == Code.POPCNT || code == Code.COUNT_LEADING_ZEROS;
        if (!integral && code <= Code.ATANH) return (true, F32.wrap(transcendental.evaluate(code, x.bits(), 0)));
    }

    // --- two and three operands

    function _binary(uint256 code, uint256 dtype, uint256 a, uint256 b) private view returns (bool found, uint256) {
        if (ElementType.isFloat(dtype)) {
            F32 float;
            (found, float) = _binaryFloat(code, _float(dtype, a), _float(dtype, b));
            return (found, _bits(dtype, float));
        }
        if (code == Code.AND) return (true, a & b);
        if (code == Code.OR) return (true, a | b);
        if (code == Code.XOR) return (true, a ^ b);
        if (dtype == I1) {
            if (code == Code.ADD || code == Code.MAXIMUM) return (true, a | b);
            if (code == Code.MULTIPLY || code == Code.MINIMUM) return (true, a & b);
            return (false, 0);
        }
        int256 value;
        (found, value) = _binaryInteger(code, dtype, a, b);
        return (found, Integers.encode(dtype, value));
    }

    function _binaryFloat(uint256 code, F32 a, F32 b) private view returns (bool found, F32 result) {
        if (code == Code.ADD) return (true, a + b);
        if (code == Code.SUBTRACT) return (true, a - b);
        if (code == Code.MULTIPLY) return (true, a * b);
        if (code == Code.DIVIDE) return (true, a / b);
        if (code == Code.REMAINDER) return (true, Exact.remainder(a, b));
        if (code == Code.MAXIMUM) return (true, Exact.maximum(a, b));
        if (code == Code.MINIMUM) return (true, Exact.minimum(a, b));
        if (code == Code.POWER || code == Code.ATAN2) {
            return (true, F32.wrap(transcendental.evaluate(code, a.bits(), b.bits())));
        }
    }

    function _binaryInteger(uint256 code, uint256 dtype, uint256 a, uint256 b)
        private
        pure
        returns (bool found, int256 result)
    {
        int256 x = Integers.decode(dtype, a);
        int256 y = Integers.decode(dtype, b);
        unchecked {
            if (code == Code.ADD) return (true, x + y);
            if (code == Code.SUBTRACT) return (true, x - y);
            if (code == Code.MULTIPLY) return (true, x * y);
        }
        if (code == Code.DIVIDE) return (true, Integers.divide(x, y));
        if (code == Code.REMAINDER) return (true, Integers.remainder(x, y));
        if (code == Code.MAXIMUM) return (true, x > y ? x : y);
        if (code == Code.MINIMUM) return (true, x < y ? x : y);
        if (code == Code.POWER) return (true, Integers.power(x, y));
        // Counts are read as unsigned, and nothing is left from the width on.
        if (code == Code.SHIFT_LEFT) return (true, int256(a << b));
        if (code == Code.SHIFT_RIGHT_LOGICAL) return (true, int256(a >> b));
        if (code == Code.SHIFT_RIGHT_ARITHMETIC) {
            return (true, Integers.shiftRightArithmetic(a, ElementType.width(dtype), b));
        }
    }

    function _compare(uint256 code, uint256 dtype, uint256 a, uint256 b) private pure returns (bool, uint256) {
        bool total = code >= Code.COMPARE_TOTAL_ORDER;
        bool float = ElementType.isFloat(dtype);
        uint256 direction = code - (total ? Code.COMPARE_TOTAL_ORDER : Code.COMPARE);
        if (direction > Code.GE || (total && !float)) return (false, 0);
        int256 order;
        if (total) {
            order = Exact.totalOrder(a, b, ElementType.width(dtype));
        } else if (float) {
            (F32 x, F32 y) = (_float(dtype, a), _float(dtype, b));
            if (x.isNaN() || y.isNaN()) return (true, direction == Code.NE ? 1 : 0);
            order = Exact.order(x, y);
        } else {
            unchecked {
                order = Integers.decode(dtype, a) - Integers.decode(dtype, b);
            }
        }
        return (true, _holds(direction, order) ? 1 : 0);
    }

    /// @dev Whether a comparison holds between operands of which the first is below, equal to or above the second as `order`
    /// is to 0.
    function _holds(uint256 direction, int256 order) private pure returns (bool) {
        if (direction == Code.EQ) return order == 0;
        if (direction == Code.NE) return order != 0;
        if (direction == Code.LT) return order < 0;
        if (direction == Code.LE) return order <= 0;
        return direction == Code.GT ? order > 0 : order >= 0;
    }

    function _multiplyAdd(uint256 dtype, uint256 a, uint256 b, uint256 acc) private view returns (bool, uint256) {
        if (ElementType.isFloat(dtype)) {
            _check(F32_TYPE, acc);
            F32 x = Exact.flush(_float(dtype, a));
            F32 y = Exact.flush(_float(dtype, b));
            return (true, fma(x, y, F32.wrap(acc)).bits());
        }
        _check(dtype, acc);
        (, uint256 product) = _binary(Code.MULTIPLY, dtype, a, b);
        return _binary(Code.ADD, dtype, product, acc);
    }

    // --- formats

    function _reformat(uint256 code, uint256 dtype, uint256 p, uint256 q, uint256 x)
        private
        pure
        returns (bool, uint256)
    {
        if (code == Code.REDUCE_PRECISION) {
            return (ElementType.isFloat(dtype) && p != 0, _reducePrecision(dtype, x, p, q));
        }
        if (!ElementType.exists(p)) return (false, 0);
        if (code == Code.CONVERT) return (true, _convert(dtype, p, x));
        return (ElementType.width(dtype) == ElementType.width(p), x);
    }

    function _convert(uint256 from, uint256 to, uint256 x) private pure returns (uint256) {
        if (ElementType.isFloat(from)) {
            F32 value = _float(from, x);
            if (ElementType.isFloat(to)) return _bits(to, value);
            if (to == I1) return value.isZero() ? 0 : 1;
            uint256 width = ElementType.width(to);
            return ElementType.isSigned(to) ? Conversion.toSigned(value, width) : Conversion.toUnsigned(value, width);
        }
        if (ElementType.isFloat(to)) return _bits(to, Conversion.fromInteger(Integers.decode(from, x)));
        if (to == I1) return x == 0 ? 0 : 1;
        return Integers.encode(to, Integers.decode(from, x));
    }

    function _reducePrecision(uint256 dtype, uint256 x, uint256 p, uint256 q) private pure returns (uint256) {
        if (dtype == F16_TYPE) return Conversion.reducePrecision(x, 5, 10, p, q);
        return Conversion.reducePrecision(x, 8, dtype == BF16_TYPE ? 7 : 23, p, q);
    }

    /// @dev The float that the bits stand for.
    function _float(uint256 dtype, uint256 x) private pure returns (F32) {
        if (dtype == F32_TYPE) return F32.wrap(x);
        return dtype == F16_TYPE ? Conversion.fromF16(x) : Conversion.fromBf16(x);
    }

    /// @dev Rounded to the storage format; every NaN becomes the canonical one.
    function _bits(uint256 dtype, F32 x) private pure returns (uint256) {
        if (dtype == F32_TYPE) return x.isNaN() ? NAN.bits() : x.bits();
        return dtype == F16_TYPE ? Conversion.toF16(x) : Conversion.toBf16(x);
    }

    function _check(uint256 dtype, uint256 operand) private pure {
        if (operand >> ElementType.width(dtype) != 0) revert NotAnElement(dtype, operand);
    }
}
