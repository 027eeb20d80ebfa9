// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {Leaf, Ruling} from "./Types.sol";

/// @notice Decides disputes. The seam between the Settlement, which knows what a ruling costs whom, and a procedure that
/// finds the truth: the dispute game for exact work, a vote of verifiers for all other.
/// @dev An arbiter must rule every case it takes within `maxSeconds`, given that anyone calls what its procedure needs
/// (the Settlement waits for the ruling before it pays the round), by one call of `IDisputeSource.rule`.
interface IArbiter is ISettled {
    /// @param challenger Node that says the result is wrong.
    /// @param beacon Randomness of the round, unknown when the leaf was committed.
    /// @param programs Root over the job's lowered programs; zero if it has none.
    struct Case {
        bytes32 job;
        uint64 round;
        address challenger;
        bytes32 beacon;
        bytes32 programs;
        Leaf leaf;
    }

    /// @notice Takes a case. Only the Settlement, which never uses an id twice.
    function open(uint256 dispute, Case calldata details) external;

    /// @notice Longest time from `open` to the moment from which a ruling can be had.
    function maxSeconds() external view returns (uint64);
}

/// @notice Where an arbiter delivers its rulings.
interface IDisputeSource {
    /// @notice Ends a dispute. Only its arbiter, once per dispute. A leaf is convicted once: rulings of further disputes about it
    /// count as `Dismissed`.
    function rule(uint256 dispute, Ruling ruling) external;

    /// @notice Adds `amount` of the challenger's stake to the bond of an open dispute. Only its arbiter.
    function raiseBond(uint256 dispute, uint128 amount) external;

    /// @notice Whether the leaf of the dispute lost another one.
    function isConvicted(uint256 dispute) external view returns (bool);
}
