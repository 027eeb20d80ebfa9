// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakeVotes} from "./interfaces/IVotingPower.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @dev Remembers what was held for each owner, so that staked tokens can vote. See `IStakeVotes`. What is unbonding counts until it
/// is paid out: until then it is in no balance.
abstract contract StakeVotes is IStakeVotes {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    mapping(address owner => Checkpoints.Trace208) private _history;
    Checkpoints.Trace208 private _totalHistory;

    error FutureLookup(uint256 timepoint, uint48 clock);

    /// @inheritdoc IStakeVotes
    function pastStake(address owner, uint256 timepoint) external view returns (uint256) {
        return _history[owner].upperLookupRecent(_past(timepoint));
    }

    /// @inheritdoc IStakeVotes
    function pastTotalStake(uint256 timepoint) external view returns (uint256) {
        return _totalHistory.upperLookupRecent(_past(timepoint));
    }

    function _addVotes(address owner, uint256 amount) internal {
        uint48 now_ = Time.timestamp();
        _history[owner].push(now_, _history[owner].latest() + amount.toUint208());
        _totalHistory.push(now_, _totalHistory.latest() + amount.toUint208());
    }

    function _removeVotes(address owner, uint256 amount) internal {
        uint48 now_ = Time.timestamp();
        _history[owner].push(now_, _history[owner].latest() - amount.toUint208());
        _totalHistory.push(now_, _totalHistory.latest() - amount.toUint208());
    }

    function _moveVotes(address from, address to, uint256 amount) internal {
        uint48 now_ = Time.timestamp();
        _history[from].push(now_, _history[from].latest() - amount.toUint208());
        _history[to].push(now_, _history[to].latest() + amount.toUint208());
    }

    function _past(uint256 timepoint) private view returns (uint48) {
        uint48 now_ = Time.timestamp();
        require(timepoint < now_, FutureLookup(timepoint, now_));
        return uint48(timepoint);
    }
}
