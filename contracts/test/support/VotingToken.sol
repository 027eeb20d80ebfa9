// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {ERC6372Utils} from "@openzeppelin/contracts/utils/ERC6372Utils.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @dev The token with the two things that votes need of it: a clock of seconds, and delegates of the past.
contract VotingToken is ComputeToken {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    mapping(address account => Checkpoints.Trace208) private _delegateHistory;

    constructor(string memory name_, string memory symbol_, uint256 supply, Grant[] memory grants)
        ComputeToken(name_, symbol_, supply, grants)
    {}

    function getPastDelegate(address account, uint256 timepoint) external view returns (address) {
        return address(uint160(_delegateHistory[account].upperLookupRecent(_validateTimepoint(timepoint))));
    }

    function clock() public view override returns (uint48) {
        return Time.timestamp();
    }

    function CLOCK_MODE() public view override returns (string memory) {
        return ERC6372Utils.timestampClockMode(clock());
    }

    function _delegate(address account, address delegatee) internal override {
        super._delegate(account, delegatee);
        _delegateHistory[account].push(clock(), uint160(delegatee));
    }
}
