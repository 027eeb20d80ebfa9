// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernanceGenesis} from "../interfaces/IGovernanceGenesis.sol";
import {INetworkGovernor} from "../interfaces/INetworkGovernor.sol";
import {IStages, ROLES, Stage} from "../interfaces/IStages.sol";
import {Roles} from "./Roles.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";

/// @title The founding of a network's governance
/// @dev See `IGovernanceGenesis`. After its constructor it can do nothing.
contract GovernanceGenesis is IGovernanceGenesis {
    address public immutable manager;

    constructor(Params memory params, Permission[] memory permissions) {
        AccessManager m = new AccessManager(address(this));
        manager = address(m);
        _check(params, address(m));
        _permit(m, permissions);
        _appoint(m, params);
        m.renounceRole(m.ADMIN_ROLE(), address(this));
        emit Founded(address(m), params.stages, params.governor);
    }

    /// @dev Every part that was deployed before must name the others, or a wrong prediction would leave a network without
    /// governance, or with somebody else's.
    function _check(Params memory params, address m) private view {
        if (params.stages != address(0)) _checkStages(params, m);
        if (params.governor != address(0)) {
            _checkGovernor(params, m);
        } else {
            require(params.seats.timelock == address(0), InvalidParams("a timelock without a governor"));
        }
        if (params.timelockIsAdmin) {
            require(params.seats.timelock != address(0), InvalidParams("no timelock that could be admin"));
            require(
                params.stages == address(0) && params.stage == Stage.Dao,
                InvalidParams("the timelock is admin only in the last stage")
            );
        }
    }

    function _checkStages(Params memory params, address m) private view {
        IStages stages = IStages(params.stages);
        require(params.stage == Stage.Committees, InvalidParams("stages begin with committees"));
        require(stages.manager() == m, Miswired("manager of stages"));
        require(stages.governor() == params.governor, Miswired("governor of stages"));
        require(
            keccak256(abi.encode(stages.seats())) == keccak256(abi.encode(params.seats)), Miswired("seats of stages")
        );
        require(stages.params().executiveDelay == params.executiveDelay, Miswired("executiveDelay of stages"));
    }

    function _checkGovernor(Params memory params, address m) private view {
        address governor = params.governor;
        require(IAccessManaged(governor).authority() == m, Miswired("authority of governor"));
        require(INetworkGovernor(governor).stages() == params.stages, Miswired("stages of governor"));
        address payable timelock = payable(GovernorTimelockControl(payable(governor)).timelock());
        require(timelock == params.seats.timelock, Miswired("timelock of governor"));
        TimelockController t = TimelockController(timelock);
        require(t.hasRole(t.PROPOSER_ROLE(), governor), Miswired("proposer of timelock"));
        require(t.hasRole(t.EXECUTOR_ROLE(), address(0)), Miswired("executor of timelock"));
    }

    function _permit(AccessManager m, Permission[] memory permissions) private {
        for (uint256 i; i < permissions.length; ++i) {
            Permission memory permission = permissions[i];
            require(permission.role > 0 && permission.role <= ROLES, UnknownRole(permission.role));
            require(IAccessManaged(permission.target).authority() == address(m), NotManaged(permission.target));
            for (uint256 k; k < permission.selectors.length; ++k) {
                bytes4 selector = permission.selectors[k];
                require(
                    m.getTargetFunctionRole(permission.target, selector) == m.ADMIN_ROLE(),
                    GivenTwice(permission.target, selector)
                );
                bytes4[] memory one = new bytes4[](1);
                one[0] = selector;
                m.setTargetFunctionRole(permission.target, one, permission.role);
            }
        }
    }

    function _appoint(AccessManager m, Params memory params) private {
        string[7] memory labels = ["PARAMETERS", "PAUSE", "LIFT", "RESET", "TREASURY", "INCENTIVES", "UPGRADE"];
        for (uint64 role = 1; role <= ROLES; ++role) {
            m.labelRole(role, labels[role - 1]);
            address holder = Roles.holderOf(role, params.stage, params.seats);
            if (holder == address(0)) continue;
            m.grantRole(role, holder, Roles.delayOf(role, params.stage, params.executiveDelay));
        }
        if (params.stages != address(0)) m.grantRole(m.ADMIN_ROLE(), params.stages, 0);
        if (params.timelockIsAdmin) m.grantRole(m.ADMIN_ROLE(), params.seats.timelock, 0);
    }
}
