// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuard} from "./IGuard.sol";

/// @notice Pauses one scope at a time, for a bounded time.
/// @dev Safety: only the three scopes of `IGuard`, and of these only those that were allowed at deployment, can be paused; who
/// may pause and who may lift is the authority's to say.
/// Liveness: a pause ends by itself after at most `maxPauseSeconds`, and the next one of the same scope cannot begin before
/// another `cooldownSeconds`, which is no shorter. So in every span of `maxPauseSeconds + cooldownSeconds`, each scope runs at
/// least half of the time, whoever holds the roles. Lifting does not bring the next pause nearer.
interface IEmergencyGuard is IGuard {
    /// @param maxPauseSeconds Longest pause.
    /// @param cooldownSeconds From the scheduled end of a pause to the first moment of the next one. At least `maxPauseSeconds`.
    /// @param scopes Bit `1 << scope` for every scope that can be paused at all.
    struct Params {
        uint64 maxPauseSeconds;
        uint64 cooldownSeconds;
        uint8 scopes;
    }

    event Paused(uint8 indexed scope, address indexed by, uint64 until);
    event Lifted(uint8 indexed scope, address indexed by);

    error InvalidParams(string what);
    error ScopeNotPausable(uint8 scope);
    error PauseTooLong(uint64 requested, uint64 longest);
    error CoolingDown(uint8 scope, uint64 until);
    error NotPaused(uint8 scope);

    /// @notice Pauses `scope` for `duration` seconds from now. Restricted.
    function pause(uint8 scope, uint64 duration) external;

    /// @notice Ends the pause of `scope` now. Restricted.
    function lift(uint8 scope) external;

    /// @notice Unix time at which the last pause of `scope` ends or ended; zero if there was none.
    function pausedUntil(uint8 scope) external view returns (uint64);

    /// @notice Unix time from which `scope` can be paused again.
    function nextPauseFrom(uint8 scope) external view returns (uint64);

    function maxPauseSeconds() external view returns (uint64);

    function cooldownSeconds() external view returns (uint64);

    /// @notice Bit `1 << scope` for every scope that can be paused at all.
    function scopes() external view returns (uint8);
}
