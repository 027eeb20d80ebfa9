// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Congestion fee per unit of work
/// @notice EIP-1559's base fee, over windows of time instead of blocks: after a window with `u` units and a target of `t`,
/// `fee * (1 + (min(u, 2t) - t) / (8t))`, within a floor and a ceiling. A window without work lowers the fee by one eighth.
/// @dev The fee never sticks: it rises by at least 1 and falls by at least 1, until it reaches a bound. Since the ceiling is at most
/// `MAX_RATIO` floors, about 110 empty windows lead from any fee to the floor, which bounds the loop.
library BaseFee {
    using SafeCast for uint256;

    uint256 internal constant MAX_RATIO = 1e6;
    /// @dev The fee moves by at most one part in this many per window.
    uint256 internal constant MAX_CHANGE_DENOMINATOR = 8;

    /// @param windowSeconds Length of a window, not zero.
    /// @param targetUnits Units per window at which the fee stays, not zero.
    struct Params {
        uint64 windowSeconds;
        uint64 targetUnits;
        uint128 floor;
        uint128 ceiling;
    }

    /// @notice The fee of `window`, and the units counted in it so far.
    struct State {
        uint128 fee;
        uint64 window;
        uint64 units;
    }

    /// @notice Whether `p` keeps what this library promises.
    function isValid(Params memory p) internal pure returns (bool) {
        return
            p.windowSeconds > 0 && p.targetUnits > 0 && p.floor <= p.ceiling
                && p.ceiling <= uint256(p.floor) * MAX_RATIO;
    }

    /// @notice The window that `timestamp` is in.
    function windowAt(Params memory p, uint256 timestamp) internal pure returns (uint64) {
        return (timestamp / p.windowSeconds).toUint64();
    }

    /// @notice The fee after a window with fee `fee` and `units`.
    function next(Params memory p, uint256 fee, uint256 units) internal pure returns (uint256) {
        uint256 target = p.targetUnits;
        if (units == target) return fee;
        if (units > target) {
            uint256 more = Math.min(units - target, target);
            uint256 rise = Math.mulDiv(fee, more, target * MAX_CHANGE_DENOMINATOR);
            return Math.min(fee + Math.max(rise, 1), p.ceiling);
        }
        uint256 fall = Math.mulDiv(fee, target - units, target * MAX_CHANGE_DENOMINATOR, Math.Rounding.Ceil);
        return Math.max(fee - fall, p.floor);
    }

    /// @notice `s` as of `window`, which must not be earlier than the state's own.
    function advance(Params memory p, State memory s, uint64 window) internal pure returns (State memory) {
        if (window == s.window) return s;
        uint256 fee = next(p, s.fee, s.units);
        for (uint256 empty = window - s.window - 1; empty > 0 && fee > p.floor; --empty) {
            fee = next(p, fee, 0);
        }
        return State({fee: fee.toUint128(), window: window, units: 0});
    }

    /// @notice `s` with `units` more counted. What is beyond twice the target changes nothing.
    function count(Params memory p, State memory s, uint256 units) internal pure returns (State memory) {
        uint256 most = Math.min(2 * uint256(p.targetUnits), type(uint64).max);
        s.units = Math.min(s.units + Math.min(units, most), most).toUint64();
        return s;
    }
}
