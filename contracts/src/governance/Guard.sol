// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEmergencyGuard} from "../interfaces/IEmergencyGuard.sol";
import {IGuard, SCOPES} from "../interfaces/IGuard.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Emergency pause
/// @dev See `IEmergencyGuard`.
contract Guard is IEmergencyGuard, AccessManaged {
    using SafeCast for uint256;

    uint64 public immutable maxPauseSeconds;
    uint64 public immutable cooldownSeconds;
    uint8 public immutable scopes;

    mapping(uint8 scope => uint64) public pausedUntil;
    mapping(uint8 scope => uint64) public nextPauseFrom;

    constructor(address manager, Params memory params) AccessManaged(manager) {
        require(params.maxPauseSeconds > 0, InvalidParams("maxPauseSeconds must be positive"));
        require(
            params.cooldownSeconds >= params.maxPauseSeconds,
            InvalidParams("cooldownSeconds must be at least maxPauseSeconds")
        );
        require(params.scopes > 0 && params.scopes < 1 << SCOPES, InvalidParams("scopes must be bits of known scopes"));
        maxPauseSeconds = params.maxPauseSeconds;
        cooldownSeconds = params.cooldownSeconds;
        scopes = params.scopes;
    }

    /// @inheritdoc IEmergencyGuard
    function pause(uint8 scope, uint64 duration) external restricted {
        require(scope < SCOPES && scopes & (1 << scope) != 0, ScopeNotPausable(scope));
        require(duration <= maxPauseSeconds, PauseTooLong(duration, maxPauseSeconds));
        require(block.timestamp >= nextPauseFrom[scope], CoolingDown(scope, nextPauseFrom[scope]));
        uint64 until = block.timestamp.toUint64() + duration;
        pausedUntil[scope] = until;
        nextPauseFrom[scope] = until + cooldownSeconds;
        emit Paused(scope, msg.sender, until);
    }

    /// @inheritdoc IEmergencyGuard
    function lift(uint8 scope) external restricted {
        require(paused(scope), NotPaused(scope));
        pausedUntil[scope] = block.timestamp.toUint64();
        emit Lifted(scope, msg.sender);
    }

    /// @inheritdoc IGuard
    function paused(uint8 scope) public view returns (bool) {
        return block.timestamp < pausedUntil[scope];
    }
}
