// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What can be paused, and nothing else: opening jobs, new leases, claims of mined rewards ("reward freeze").
uint8 constant SCOPE_JOBS = 0;
uint8 constant SCOPE_MARKET = 1;
uint8 constant SCOPE_REWARDS = 2;
uint8 constant SCOPES = 3;

/// @notice Says whether a part of the network is paused.
/// @dev Contracts ask before the few actions that have a scope. Withdrawals, refunds, settlement and disputes have none.
interface IGuard {
    function paused(uint8 scope) external view returns (bool);
}
