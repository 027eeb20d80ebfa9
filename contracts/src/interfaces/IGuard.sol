// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev What can be paused: opening jobs, new leases, claiming rewards. Withdrawals, refunds, settlement and disputes never.
uint8 constant JOBS = 0;
uint8 constant MARKET = 1;
uint8 constant REWARDS = 2;

/// @notice Says whether something is paused.
interface IGuard {
    function paused(uint8 scope) external view returns (bool);
}
