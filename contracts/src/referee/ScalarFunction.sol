// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The codes of scalar functions: those of one operand from 0, of two from 64, as `UnaryOp::ALL` and `BinaryOp::ALL` in
/// `corex_hlo::ir` list them; then comparisons and all others. A code is never given another meaning.

// One operand.
uint256 constant NEGATE = 0;
uint256 constant ABS = 1;
uint256 constant SIGN = 2;
uint256 constant NOT = 3;
uint256 constant SQRT = 4;
uint256 constant RSQRT = 5;
uint256 constant EXPONENTIAL = 6;
uint256 constant LOG = 7;
uint256 constant TANH = 8;
uint256 constant LOGISTIC = 9;
uint256 constant SINE = 10;
uint256 constant COSINE = 11;
uint256 constant ERF = 12;
uint256 constant FLOOR = 13;
uint256 constant CEIL = 14;
/// @dev Gives an i1.
uint256 constant IS_FINITE = 15;
uint256 constant EXPONENTIAL_MINUS_ONE = 16;
uint256 constant LOG_PLUS_ONE = 17;
uint256 constant CBRT = 18;
uint256 constant TAN = 19;
uint256 constant ROUND_NEAREST_EVEN = 20;
uint256 constant ROUND_NEAREST_AFZ = 21;
uint256 constant POPCNT = 22;
uint256 constant COUNT_LEADING_ZEROS = 23;
uint256 constant ERFC = 24;
uint256 constant ERF_INV = 25;
uint256 constant ASIN = 26;
uint256 constant ACOS = 27;
uint256 constant ATAN = 28;
uint256 constant SINH = 29;
uint256 constant COSH = 30;
uint256 constant ASINH = 31;
uint256 constant ACOSH = 32;
uint256 constant ATANH = 33;

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

// One operand and parameters.
/// @dev Parameter p: the element type of the result.
uint256 constant CONVERT = 112;
/// @dev Parameter p: exponent bits, at least 1. Parameter q: fraction bits. Floats only; 255 is as good as any number above.
uint256 constant REDUCE_PRECISION = 113;

// Three operands.
/// @dev Operands: pred, an i1; on_true; on_false.
uint256 constant SELECT = 128;
/// @dev Operands: min, x, max.
uint256 constant CLAMP = 129;
/// @dev One step of a contraction, operands a, b, acc. Floats: `fma(flush(a), flush(b), acc)` where acc and the result are f32
/// whatever a and b are. Integers: `a b + acc`.
uint256 constant MULTIPLY_ADD = 130;

uint256 constant EQ = 0;
uint256 constant NE = 1;
uint256 constant LT = 2;
uint256 constant LE = 3;
uint256 constant GT = 4;
uint256 constant GE = 5;
