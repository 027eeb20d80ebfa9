// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Seats, Stage} from "./IStages.sol";

/// @notice Brings a network's governance into being in one transaction.
/// @dev The constructor deploys the AccessManager with itself as ADMIN, gives functions to roles and roles to their holders, hands
/// ADMIN to `Stages` (or to the timelock, or to nobody), and renounces it. No account with a key is ADMIN at any moment.
/// What it deploys has the address that `CREATE` gives to its own first nonce, so that all others can name it before.
interface IGovernanceGenesis {
    /// @notice Functions of one contract that one role may call.
    struct Permission {
        address target;
        uint64 role;
        bytes4[] selectors;
    }

    /// @param stages Zero: governance starts and stays in `stage`.
    /// @param stage The stage that a network without `stages` is in.
    /// @param governor Zero: no votes.
    /// @param timelockIsAdmin Whether the timelock is ADMIN from the start. Only without `stages`, and in `Stage.Dao`.
    /// @param executiveDelay As in `IStages.Params`, for a network without `stages`.
    struct Params {
        Seats seats;
        address stages;
        Stage stage;
        address governor;
        bool timelockIsAdmin;
        uint32 executiveDelay;
    }

    event Founded(address manager, address stages, address governor);

    error InvalidParams(string what);
    /// @dev `part` does not name the manager or another part that it must name.
    error Miswired(string part);
    /// @dev `target` does not have the manager as its authority.
    error NotManaged(address target);
    error UnknownRole(uint64 role);
    error GivenTwice(address target, bytes4 selector);

    /// @notice The AccessManager of the network.
    function manager() external view returns (address);
}
