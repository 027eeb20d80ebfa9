// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContribution} from "../../src/interfaces/IContribution.sol";
import {IStakeVotes} from "../../src/interfaces/IVotingPower.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @dev Amounts by account, and their total, at every second of the past.
abstract contract Book {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    error FutureLookup(uint256 timepoint);

    mapping(address owner => Checkpoints.Trace208) private _amounts;
    Checkpoints.Trace208 private _total;

    function amountOf(address owner) public view returns (uint256) {
        return _amounts[owner].latest();
    }

    function _set(address owner, uint256 amount) internal {
        uint256 total = _total.latest() + amount - _amounts[owner].latest();
        _amounts[owner].push(Time.timestamp(), amount.toUint208());
        _total.push(Time.timestamp(), total.toUint208());
    }

    function _past(address owner, uint256 timepoint) internal view returns (uint256) {
        require(timepoint < block.timestamp, FutureLookup(timepoint));
        return _amounts[owner].upperLookupRecent(timepoint.toUint48());
    }

    function _pastTotal(uint256 timepoint) internal view returns (uint256) {
        require(timepoint < block.timestamp, FutureLookup(timepoint));
        return _total.upperLookupRecent(timepoint.toUint48());
    }
}

/// @dev A vault without unbonding: what `VotingPower` asks of one, and real tokens in it.
contract StakeBook is IStakeVotes, Book {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;

    constructor(IERC20 token_) {
        token = token_;
    }

    function stake(uint256 amount) external {
        _set(msg.sender, amountOf(msg.sender) + amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function withdraw(uint256 amount) external {
        _set(msg.sender, amountOf(msg.sender) - amount);
        token.safeTransfer(msg.sender, amount);
    }

    function pastStake(address owner, uint256 timepoint) external view returns (uint256) {
        return _past(owner, timepoint);
    }

    function pastTotalStake(uint256 timepoint) external view returns (uint256) {
        return _pastTotal(timepoint);
    }
}

/// @dev Units of verified work, which whoever runs the test hands out.
contract ContributionBook is IContribution, Book {
    function record(address owner, uint256 units) external {
        _set(owner, amountOf(owner) + units);
    }

    function pastContribution(address owner, uint256 timepoint) external view returns (uint256) {
        return _past(owner, timepoint);
    }

    function pastTotalContribution(uint256 timepoint) external view returns (uint256) {
        return _pastTotal(timepoint);
    }
}
