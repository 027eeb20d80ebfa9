// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITranscendental} from "../interfaces/ITranscendental.sol";
import {F32} from "./Float32.sol";
import "./ScalarFunction.sol" as Code;
import {Arc} from "./functions/Arc.sol";
import {ErrorFunction} from "./functions/ErrorFunction.sol";
import {Exponential} from "./functions/Exponential.sol";
import {Hyperbolic} from "./functions/Hyperbolic.sol";
import {Logarithm} from "./functions/Logarithm.sol";
import {Power} from "./functions/Power.sol";
import {Root} from "./functions/Root.sol";
import {Sigmoid} from "./functions/Sigmoid.sol";
import {Trigonometry} from "./functions/Trigonometry.sol";

contract Transcendental is ITranscendental {
    /// @inheritdoc ITranscendental
    function evaluate(uint256 code, uint256 a, uint256 b) external pure returns (uint256) {
        if (a >> 32 != 0) revert NotAnF32(a);
        if (b >> 32 != 0) revert NotAnF32(b);
        return _evaluate(code, F32.wrap(a), F32.wrap(b)).bits();
    }

    function _evaluate(uint256 code, F32 x, F32 b) private pure returns (F32) {
        if (code <= Code.ERF) {
            if (code == Code.EXPONENTIAL) return Exponential.exp(x);
            if (code == Code.LOG) return Logarithm.log(x);
            if (code == Code.TANH) return Sigmoid.tanh(x);
            if (code == Code.LOGISTIC) return Sigmoid.logistic(x);
            if (code == Code.SINE) return Trigonometry.sin(x);
            if (code == Code.COSINE) return Trigonometry.cos(x);
            if (code == Code.ERF) return Sigmoid.erf(x);
        } else if (code <= Code.TAN) {
            if (code == Code.EXPONENTIAL_MINUS_ONE) return Exponential.expm1(x);
            if (code == Code.LOG_PLUS_ONE) return Logarithm.log1p(x);
            if (code == Code.CBRT) return Root.cbrt(x);
            if (code == Code.TAN) return Trigonometry.tan(x);
        } else if (code <= Code.ATANH) {
            if (code == Code.ERFC) return ErrorFunction.erfc(x);
            if (code == Code.ERF_INV) return ErrorFunction.erfInv(x);
            if (code == Code.ASIN) return Arc.asin(x);
            if (code == Code.ACOS) return Arc.acos(x);
            if (code == Code.ATAN) return Arc.atan(x);
            if (code == Code.SINH) return Hyperbolic.sinh(x);
            if (code == Code.COSH) return Hyperbolic.cosh(x);
            if (code == Code.ASINH) return Hyperbolic.asinh(x);
            if (code == Code.ACOSH) return Hyperbolic.acosh(x);
            if (code == Code.ATANH) return Hyperbolic.atanh(x);
        } else {
            if (code == Code.POWER) return Power.power(x, b);
            if (code == Code.ATAN2) return Arc.atan2(x, b);
        }
        revert NotTranscendental(code);
    }
}
