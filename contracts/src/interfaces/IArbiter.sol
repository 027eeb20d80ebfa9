// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {Leaf, Ruling} from "./Types.sol";

/// @notice Decides disputes. The seam between the Settlement, which knows what a ruling costs whom, and a procedure that
/// finds the truth: a vote of verifiers today, an interactive dispute game later.
/// @dev An arbiter must rule every case it takes within `maxSeconds`, given that anyone calls what its procedure needs
/// (the Settlement waits for the ruling before it pays the round), by one call of `IDisputeSource.rule`.
interface IArbiter is ISettled {
    /// @param challenger Node that says the result is wrong.
    /// @param beacon Randomness of the round, unknown when the leaf was committed.
    struct Case {
        bytes32 job;
        uint64 round;
        address challenger;
        bytes32 beacon;
        Leaf leaf;
    }

    /// @notice Takes a case. Only the Settlement, which never uses an id twice.
    function open(uint256 dispute, Case calldata details) external;

    /// @notice Longest time from `open` to the moment from which a ruling can be had.
    function maxSeconds() external view returns (uint64);
}

/// @notice Where an arbiter delivers its rulings.
interface IDisputeSource {
    /// @notice Ends a dispute. Only the arbiter, once per dispute.
    function rule(uint256 dispute, Ruling ruling) external;
}
