// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INetworkGovernor} from "../interfaces/INetworkGovernor.sol";
import {IStages, ROLES, Seats, Stage} from "../interfaces/IStages.sol";
import {IStakeVotes, IVotingPower} from "../interfaces/IVotingPower.sol";
import {Roles} from "./Roles.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title Stages of governance
/// @dev See `IStages`.
contract Stages is IStages {
    uint64 private constant ADMIN = 0;

    address public immutable manager;
    IVotingPower public immutable power;
    address public immutable governor;

    Stage public stage;
    Seats private _seats;
    Params private _params;

    constructor(
        address manager_,
        IVotingPower power_,
        INetworkGovernor governor_,
        Seats memory seats_,
        Params memory params_
    ) {
        require(seats_.timelock != address(0), InvalidParams("stages lead to votes, which need a timelock"));
        require(params_.daoAfter >= params_.voteAfter, InvalidParams("daoAfter is before voteAfter"));
        require(params_.daoMinProposals > 0, InvalidParams("daoMinProposals must be positive"));
        manager = manager_;
        power = power_;
        governor = address(governor_);
        _seats = seats_;
        _params = params_;
    }

    /// @inheritdoc IStages
    function advance() external {
        Stage present = stage;
        require(present != Stage.Dao, LastStage());
        Stage next = present == Stage.Committees ? Stage.Vote : Stage.Dao;
        if (next == Stage.Vote) _requireVotes();
        else _requireDao();
        stage = next;
        _moveRoles(present, next);
        if (next == Stage.Dao) _leave();
        emit Advanced(next);
    }

    /// @inheritdoc IStages
    function holderOf(uint64 role, Stage stage_) external view returns (address) {
        return Roles.holderOf(role, stage_, _seats);
    }

    /// @inheritdoc IStages
    function seats() external view returns (Seats memory) {
        return _seats;
    }

    /// @inheritdoc IStages
    function params() external view returns (Params memory) {
        return _params;
    }

    function _requireVotes() private view {
        require(block.timestamp >= _params.voteAfter, TooEarly(Stage.Vote, _params.voteAfter));
        IStakeVotes[] memory sources = power.stakeSources();
        uint256 staked;
        for (uint256 i; i < sources.length; ++i) {
            staked += sources[i].pastTotalStake(block.timestamp - 1);
        }
        require(staked >= _params.voteMinStake, TooLittleStake(staked, _params.voteMinStake));
    }

    function _requireDao() private view {
        require(block.timestamp >= _params.daoAfter, TooEarly(Stage.Dao, _params.daoAfter));
        uint256 decisive = INetworkGovernor(governor).decisiveProposals();
        require(decisive >= _params.daoMinProposals, TooFewDecisiveProposals(decisive, _params.daoMinProposals));
    }

    function _moveRoles(Stage present, Stage next) private {
        Seats memory seats_ = _seats;
        for (uint64 role = 1; role <= ROLES; ++role) {
            address from = Roles.holderOf(role, present, seats_);
            address to = Roles.holderOf(role, next, seats_);
            if (from == to) continue;
            if (from != address(0)) IAccessManager(manager).revokeRole(role, from);
            if (to != address(0)) {
                IAccessManager(manager).grantRole(role, to, Roles.delayOf(role, next, _params.executiveDelay));
            }
        }
    }

    /// @dev The last use of ADMIN: from here on it is the vote's, or nobody's.
    function _leave() private {
        if (_params.daoIsAdmin) IAccessManager(manager).grantRole(ADMIN, _seats.timelock, 0);
        IAccessManager(manager).renounceRole(ADMIN, address(this));
    }
}
