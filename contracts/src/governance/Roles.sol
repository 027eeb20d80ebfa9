// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    ROLE_INCENTIVES,
    ROLE_LIFT,
    ROLE_PARAMETERS,
    ROLE_PAUSE,
    ROLE_RESET,
    ROLE_TREASURY,
    ROLE_UPGRADE,
    Seats,
    Stage
} from "../interfaces/IStages.sol";

/// @dev Who may do what when: the one table that both `GovernanceGenesis` and `Stages` go by.
library Roles {
    /// @return Zero if nobody holds `role` in `stage`.
    function holderOf(uint64 role, Stage stage, Seats memory seats) internal pure returns (address) {
        if (role == ROLE_PARAMETERS || role == ROLE_LIFT) {
            return stage == Stage.Committees ? seats.executive : seats.timelock;
        }
        if (role == ROLE_PAUSE || role == ROLE_RESET) return seats.security;
        if (role == ROLE_TREASURY || role == ROLE_UPGRADE) return stage == Stage.Dao ? seats.timelock : address(0);
        if (role == ROLE_INCENTIVES) return stage == Stage.Dao ? seats.timelock : seats.operations;
        return address(0);
    }

    /// @return Seconds between scheduling and executing: only the executive committee's changes of parameters wait here, those
    /// of the vote have waited in the timelock.
    function delayOf(uint64 role, Stage stage, uint32 executiveDelay) internal pure returns (uint32) {
        return role == ROLE_PARAMETERS && stage == Stage.Committees ? executiveDelay : 0;
    }
}
