// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The codes of scalar functions, as in the encoding of lowered programs (`corex_hlo::lower`): those of one operand from
/// 1, of two from 64, as `UnaryOp::ALL` and `BinaryOp::ALL` in `corex_hlo::ir` list them; then comparisons and all others. A
/// code is never given another meaning.

// One operand.
/// @dev The operand's bits.
uint256 constant COPY = 0;
uint256 constant NEGATE = 1;
uint256 constant ABS = 2;
uint256 constant SIGN = 3;
uint256 constant NOT = 4;
uint256 constant SQRT = 5;
uint256 constant RSQRT = 6;
uint256 constant EXPONENTIAL = 7;
uint256 constant LOG = 8;
uint256 constant TANH = 9;
uint256 constant LOGISTIC = 10;
uint256 constant SINE = 11;
uint256 constant COSINE = 12;
uint256 constant ERF = 13;
uint256 constant FLOOR = 14;
uint256 constant CEIL = 15;
/// @dev Gives an i1.
uint256 constant IS_FINITE = 16;
uint256 constant EXPONENTIAL_MINUS_ONE = 17;
uint256 constant LOG_PLUS_ONE = 18;
uint256 constant CBRT = 19;
uint256 constant TAN = 20;
uint256 constant ROUND_NEAREST_EVEN = 21;
uint256 constant ROUND_NEAREST_AFZ = 22;
uint256 constant POPCNT = 23;
uint256 constant COUNT_LEADING_ZEROS = 24;
uint256 constant ERFC = 25;
uint256 constant ERF_INV = 26;
uint256 constant ASIN = 27;
uint256 constant ACOS = 28;
uint256 constant ATAN = 29;
uint256 constant SINH = 30;
uint256 constant COSH = 31;
uint256 constant ASINH = 32;
uint256 constant ACOSH = 33;
uint256 constant ATANH = 34;

// Two operands.
uint256 constant ADD = 64;
uint256 constant SUBTRACT = 65;
uint256 constant MULTIPLY = 66;
uint256 constant DIVIDE = 67;
uint256 constant REMAINDER = 68;
uint256 constant MAXIMUM = 69;
uint256 constant MINIMUM = 70;
uint256 constant POWER = 71;
uint256 constant AND = 72;
uint256 constant OR = 73;
uint256 constant XOR = 74;
uint256 constant SHIFT_LEFT = 75;
uint256 constant SHIFT_RIGHT_LOGICAL = 76;
uint256 constant SHIFT_RIGHT_ARITHMETIC = 77;
/// @dev Operands: y, x.
uint256 constant ATAN2 = 78;

/// @dev Two operands, giving an i1: this and the direction, of EQ, NE, LT, LE, GT, GE the first one being 0.
uint256 constant COMPARE = 96;
/// @dev The same by IEEE 754's total order; floats only.
uint256 constant COMPARE_TOTAL_ORDER = 104;
uint256 constant DIRECTIONS = 6;

// Three operands.
/// @dev Operands: pred, an i1; on_true; on_false.
uint256 constant SELECT = 112;
/// @dev Operands: min, x, max.
uint256 constant CLAMP = 113;

// One operand and parameters.
/// @dev Parameter p: the element type of the result.
uint256 constant CONVERT = 114;
/// @dev Parameter p: the element type of the result, as wide as the operand's.
uint256 constant BITCAST = 115;
/// @dev Parameter p: exponent bits, at least 1. Parameter q: fraction bits. Floats only.
uint256 constant REDUCE_PRECISION = 116;

// A step of a chain, which is no function of its own in a lowered program.
/// @dev One step of a contraction, operands a, b, acc. Floats: `fma(flush(a), flush(b), acc)` where acc and the result are f32
/// whatever a and b are. Integers: `a b + acc`.
uint256 constant MULTIPLY_ADD = 128;

// Directions of comparisons.
uint256 constant EQ = 0;
uint256 constant NE = 1;
uint256 constant LT = 2;
uint256 constant LE = 3;
uint256 constant GT = 4;
uint256 constant GE = 5;
