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
    function evaluate(uint32 word, uint256 a, uint256 b, uint256 c) external view returns (uint256) {
        uint256 code = word & 0xff;
        uint256 dtype = (word >> 8) & 0xff;
        if (!ElementType.exists(dtype)) revert NoSuchFunction(word);
        if (code < Code.ADD) {
            _check(word, dtype, a);
            return _unary(word, code, dtype, a);
        }
        if (code < Code.COMPARE) {
            _check(word, dtype, a);
            _check(word, dtype, b);
            return _binary(word, code, dtype, a, b);
        }
        if (code < Code.CONVERT) {
            _check(word, dtype, a);
            _check(word, dtype, b);
            return _compare(word, code, dtype, a, b);
        }
        if (code < Code.SELECT) {
            _check(word, dtype, a);
            uint256 p = (word >> 16) & 0xff;
            if (code == Code.CONVERT && ElementType.exists(p)) return _convert(dtype, p, a);
            if (code == Code.REDUCE_PRECISION && ElementType.isFloat(dtype) && p != 0) {
                return _reducePrecision(dtype, a, p, word >> 24);
            }
            revert NoSuchFunction(word);
        }
        return _ternary(word, code, dtype, a, b, c);
    }

    // --- by number of operands

    function _unary(uint32 word, uint256 code, uint256 dtype, uint256 x) private view returns (uint256) {
        if (ElementType.isFloat(dtype)) {
            if (code == Code.IS_FINITE) return Exact.isFinite(_float(dtype, x)) ? 1 : 0;
            return _bits(dtype, _unaryFloat(word, code, _float(dtype, x)));
        }
        bool signed = ElementType.isSigned(dtype);
        int256 value = Integers.decode(dtype, x);
        unchecked {
            if (code == Code.NOT) return Integers.encode(dtype, ~value);
            if (dtype != I1) {
                if (code == Code.NEGATE) return Integers.encode(dtype, -value);
                if (code == Code.ABS && signed) return Integers.encode(dtype, value < 0 ? -value : value);
                if (code == Code.SIGN && signed) {
                    return Integers.encode(dtype, value < 0 ? -1 : value == 0 ? int256(0) : int256(1));
                }
                if (code == Code.POPCNT) return Integers.popcnt(x);
                if (code == Code.COUNT_LEADING_ZEROS) {
                    return Integers.countLeadingZeros(x, ElementType.width(dtype));
                }
            }
        }
        revert NoSuchFunction(word);
    }

    function _unaryFloat(uint32 word, uint256 code, F32 x) private view returns (F32) {
        if (code == Code.NEGATE) return Exact.negate(x);
        if (code == Code.ABS) return Exact.absolute(x);
        if (code == Code.SIGN) return Exact.sign(x);
        if (code == Code.SQRT) return sqrt(x);
        if (code == Code.RSQRT) return ONE / sqrt(x);
        if (code == Code.FLOOR) return Exact.floor(x);
        if (code == Code.CEIL) return Exact.ceil(x);
        if (code == Code.ROUND_NEAREST_EVEN) return Exact.roundNearestEven(x);
        if (code == Code.ROUND_NEAREST_AFZ) return Exact.roundNearestAfz(x);
        bool integral = code == Code.NOT || code == Code.POPCNT || code == Code.COUNT_LEADING_ZEROS;
        if (integral || code > Code.ATANH) revert NoSuchFunction(word);
        return F32.wrap(transcendental.evaluate(code, x.bits(), 0));
    }

    function _binary(uint32 word, uint256 code, uint256 dtype, uint256 a, uint256 b) private view returns (uint256) {
        if (ElementType.isFloat(dtype)) {
            return _bits(dtype, _binaryFloat(word, code, _float(dtype, a), _float(dtype, b)));
        }
        if (code == Code.AND) return a & b;
        if (code == Code.OR) return a | b;
        if (code == Code.XOR) return a ^ b;
        if (dtype == I1) {
            if (code == Code.ADD || code == Code.MAXIMUM) return a | b;
            if (code == Code.MULTIPLY || code == Code.MINIMUM) return a & b;
            revert NoSuchFunction(word);
        }
        return Integers.encode(dtype, _binaryInteger(word, code, dtype, a, b));
    }

    function _binaryFloat(uint32 word, uint256 code, F32 a, F32 b) private view returns (F32) {
        if (code == Code.ADD) return a + b;
        if (code == Code.SUBTRACT) return a - b;
        if (code == Code.MULTIPLY) return a * b;
        if (code == Code.DIVIDE) return a / b;
        if (code == Code.REMAINDER) return Exact.remainder(a, b);
        if (code == Code.MAXIMUM) return Exact.maximum(a, b);
        if (code == Code.MINIMUM) return Exact.minimum(a, b);
        if (code == Code.POWER || code == Code.ATAN2) {
            return F32.wrap(transcendental.evaluate(code, a.bits(), b.bits()));
        }
        revert NoSuchFunction(word);
    }

    function _binaryInteger(uint32 word, uint256 code, uint256 dtype, uint256 a, uint256 b)
        private
        pure
        returns (int256)
    {
        int256 x = Integers.decode(dtype, a);
        int256 y = Integers.decode(dtype, b);
        unchecked {
            if (code == Code.ADD) return x + y;
            if (code == Code.SUBTRACT) return x - y;
            if (code == Code.MULTIPLY) return x * y;
        }
        if (code == Code.DIVIDE) return Integers.divide(x, y);
        if (code == Code.REMAINDER) return Integers.remainder(x, y);
        if (code == Code.MAXIMUM) return x > y ? x : y;
        if (code == Code.MINIMUM) return x < y ? x : y;
        if (code == Code.POWER) return Integers.power(x, y);
        if (code == Code.SHIFT_LEFT) return int256(a << b);
        if (code == Code.SHIFT_RIGHT_LOGICAL) return int256(a >> b);
        if (code == Code.SHIFT_RIGHT_ARITHMETIC) {
            return Integers.shiftRightArithmetic(a, ElementType.width(dtype), b);
        }
        revert NoSuchFunction(word);
    }

    function _compare(uint32 word, uint256 code, uint256 dtype, uint256 a, uint256 b) private pure returns (uint256) {
        int256 order;
        unchecked {
            if (code >= Code.COMPARE_TOTAL_ORDER) {
                if (!ElementType.isFloat(dtype)) revert NoSuchFunction(word);
                uint256 width = ElementType.width(dtype);
                order = int256(Exact.totalOrderKey(a, width)) - int256(Exact.totalOrderKey(b, width));
                code -= Code.COMPARE_TOTAL_ORDER;
            } else {
                code -= Code.COMPARE;
                if (ElementType.isFloat(dtype)) {
                    (F32 x, F32 y) = (_float(dtype, a), _float(dtype, b));
                    if (x.isNaN() || y.isNaN()) {
                        if (code >= Code.DIRECTIONS) revert NoSuchFunction(word);
                        return code == Code.NE ? 1 : 0;
                    }
                    order = Exact.order(x, y);
                } else {
                    order = Integers.decode(dtype, a) - Integers.decode(dtype, b);
                }
            }
        }
        bool holds;
        if (code == Code.EQ) holds = order == 0;
        else if (code == Code.NE) holds = order != 0;
        else if (code == Code.LT) holds = order < 0;
        else if (code == Code.LE) holds = order <= 0;
        else if (code == Code.GT) holds = order > 0;
        else if (code == Code.GE) holds = order >= 0;
        else revert NoSuchFunction(word);
        return holds ? 1 : 0;
    }

    function _ternary(uint32 word, uint256 code, uint256 dtype, uint256 a, uint256 b, uint256 c)
        private
        view
        returns (uint256)
    {
        _check(word, dtype, b);
        if (code == Code.SELECT) {
            _check(word, I1, a);
            _check(word, dtype, c);
            return a == 1 ? b : c;
        }
        _check(word, dtype, a);
        if (code == Code.CLAMP) {
            _check(word, dtype, c);
            return _binary(word, Code.MINIMUM, dtype, _binary(word, Code.MAXIMUM, dtype, b, a), c);
        }
        if (code != Code.MULTIPLY_ADD) revert NoSuchFunction(word);
        if (ElementType.isFloat(dtype)) {
            _check(word, F32_TYPE, c);
            return fma(Exact.flush(_float(dtype, a)), Exact.flush(_float(dtype, b)), F32.wrap(c)).bits();
        }
        _check(word, dtype, c);
        return _binary(word, Code.ADD, dtype, _binary(word, Code.MULTIPLY, dtype, a, b), c);
    }

    // --- formats

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

    function _check(uint32 word, uint256 dtype, uint256 operand) private pure {
        if (operand >> ElementType.width(dtype) != 0) revert NotAnElement(word, operand);
    }
}
