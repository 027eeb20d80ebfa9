// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INetworkGovernor} from "../interfaces/INetworkGovernor.sol";
import {IStages, Stage} from "../interfaces/IStages.sol";
import {IVotingPower} from "../interfaces/IVotingPower.sol";
import {BPS} from "../interfaces/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorSettings} from "@openzeppelin/contracts/governance/extensions/GovernorSettings.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {
    GovernorVotesQuorumFraction
} from "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

/// @title The network's votes
/// @dev See `INetworkGovernor`.
contract NetworkGovernor is
    INetworkGovernor,
    GovernorSettings,
    GovernorCountingSimple,
    GovernorVotesQuorumFraction,
    GovernorTimelockControl,
    AccessManaged
{
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @notice Bounds the cost of a vote.
    uint256 public constant MAX_WINDOW = 16;

    address public immutable stages;
    uint48 public immutable resetUntil;
    uint16 public immutable participationMinBps;
    uint8 public immutable participationWindow;

    /// @dev Proposals that reached their quorum, in that order, and how many there were when.
    uint256[] private _decisive;
    Checkpoints.Trace208 private _decisiveCount;
    mapping(uint256 proposalId => bool) private _isDecisive;
    /// @dev End of the second voting period; zero without a reset.
    mapping(uint256 proposalId => uint48) private _resetDeadline;

    constructor(
        string memory name_,
        IVotingPower power,
        TimelockController timelock_,
        IStages stages_,
        address manager,
        Params memory params
    )
        Governor(name_)
        GovernorSettings(params.votingDelay, params.votingPeriod, params.proposalThreshold)
        GovernorVotes(power)
        GovernorVotesQuorumFraction(params.quorumPercent)
        GovernorTimelockControl(timelock_)
        AccessManaged(manager)
    {
        require(params.quorumPercent > 0, InvalidParams("quorumPercent must be positive"));
        require(params.participationMinBps <= BPS, InvalidParams("participationMinBps exceeds 10000"));
        require(
            params.participationWindow > 0 && params.participationWindow <= MAX_WINDOW,
            InvalidParams("participationWindow must be 1 to 16")
        );
        stages = address(stages_);
        resetUntil = params.resetUntil;
        participationMinBps = params.participationMinBps;
        participationWindow = params.participationWindow;
    }

    /// @inheritdoc INetworkGovernor
    function resetVote(uint256 proposalId) external restricted {
        require(clock() <= resetUntil, ResetPowerExpired(resetUntil));
        require(!isReset(proposalId), AlreadyReset(proposalId));
        _validateStateBitmap(proposalId, _encodeStateBitmap(ProposalState.Active));
        uint48 deadline = clock() + votingPeriod().toUint48();
        _resetDeadline[proposalId] = deadline;
        emit VoteReset(proposalId, msg.sender, deadline);
    }

    /// @inheritdoc INetworkGovernor
    function participationBps(address account, uint256 timepoint) public view returns (uint256) {
        uint256 count = _decisiveCount.upperLookupRecent(timepoint.toUint48());
        uint256 window = Math.min(count, participationWindow);
        if (window == 0) return BPS;
        uint256 voted;
        for (uint256 i = count - window; i < count; ++i) {
            uint256 proposalId = _decisive[i];
            // A vote that a reset voided was a vote all the same.
            if (GovernorCountingSimple.hasVoted(proposalId, account) || hasVoted(proposalId, account)) ++voted;
        }
        return participationMinBps + (BPS - participationMinBps) * voted / window;
    }

    /// @inheritdoc INetworkGovernor
    function decisiveProposals() external view returns (uint256) {
        return _decisive.length;
    }

    /// @inheritdoc INetworkGovernor
    function isReset(uint256 proposalId) public view returns (bool) {
        return _resetDeadline[proposalId] != 0;
    }

    /// @inheritdoc IGovernor
    function hasVoted(uint256 proposalId, address account)
        public
        view
        override(IGovernor, GovernorCountingSimple)
        returns (bool)
    {
        return super.hasVoted(_ballot(proposalId), account);
    }

    /// @inheritdoc GovernorCountingSimple
    function proposalVotes(uint256 proposalId) public view override returns (uint256, uint256, uint256) {
        return super.proposalVotes(_ballot(proposalId));
    }

    /// @inheritdoc IGovernor
    function proposalDeadline(uint256 proposalId) public view override(IGovernor, Governor) returns (uint256) {
        return isReset(proposalId) ? _resetDeadline[proposalId] : super.proposalDeadline(proposalId);
    }

    function proposalThreshold() public view override(IGovernor, Governor, GovernorSettings) returns (uint256) {
        return super.proposalThreshold();
    }

    function votingDelay() public view override(IGovernor, Governor, GovernorSettings) returns (uint256) {
        return super.votingDelay();
    }

    function votingPeriod() public view override(IGovernor, Governor, GovernorSettings) returns (uint256) {
        return super.votingPeriod();
    }

    function quorum(uint256 timepoint)
        public
        view
        override(IGovernor, Governor, GovernorVotesQuorumFraction)
        returns (uint256)
    {
        return super.quorum(timepoint);
    }

    function clock() public view override(Governor, GovernorVotes, IERC6372) returns (uint48) {
        return super.clock();
    }

    function CLOCK_MODE() public view override(Governor, GovernorVotes, IERC6372) returns (string memory) {
        return super.CLOCK_MODE();
    }

    function state(uint256 proposalId)
        public
        view
        override(IGovernor, Governor, GovernorTimelockControl)
        returns (ProposalState)
    {
        return super.state(proposalId);
    }

    function proposalNeedsQueuing(uint256 proposalId)
        public
        view
        override(IGovernor, Governor, GovernorTimelockControl)
        returns (bool)
    {
        return super.proposalNeedsQueuing(proposalId);
    }

    /// @dev A quorum is a share of what is in circulation now, so that is recorded with every proposal.
    function _propose(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        string memory description,
        address proposer
    ) internal override returns (uint256) {
        require(stages == address(0) || IStages(stages).stage() >= Stage.Vote, VoteNotOpenYet());
        IVotingPower(address(token())).recordSupply();
        return super._propose(targets, values, calldatas, description, proposer);
    }

    /// @param params Empty, or the accounts whose stake and contribution `account` represents.
    function _getVotes(address account, uint256 timepoint, bytes memory params)
        internal
        view
        override(Governor, GovernorVotes)
        returns (uint256)
    {
        uint256 votes = params.length == 0
            ? token().getPastVotes(account, timepoint)
            : IVotingPower(address(token())).getPastVotesFor(account, timepoint, abi.decode(params, (address[])));
        return votes * participationBps(account, timepoint) / BPS;
    }

    function _countVote(uint256 proposalId, address account, uint8 support, uint256 weight, bytes memory params)
        internal
        override(Governor, GovernorCountingSimple)
        returns (uint256)
    {
        return super._countVote(_ballot(proposalId), account, support, weight, params);
    }

    function _quorumReached(uint256 proposalId)
        internal
        view
        override(Governor, GovernorCountingSimple)
        returns (bool)
    {
        (, uint256 forVotes, uint256 abstainVotes) = proposalVotes(proposalId);
        return quorum(proposalSnapshot(proposalId)) <= forVotes + abstainVotes;
    }

    function _voteSucceeded(uint256 proposalId)
        internal
        view
        override(Governor, GovernorCountingSimple)
        returns (bool)
    {
        return super._voteSucceeded(_ballot(proposalId));
    }

    function _tallyUpdated(uint256 proposalId) internal override {
        super._tallyUpdated(proposalId);
        if (_isDecisive[proposalId] || !_quorumReached(proposalId)) return;
        _isDecisive[proposalId] = true;
        _decisive.push(proposalId);
        _decisiveCount.push(clock(), _decisive.length.toUint208());
        emit ProposalDecisive(proposalId, _decisive.length);
    }

    function _queueOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _executeOperations(
        uint256 proposalId,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposalId, targets, values, calldatas, descriptionHash);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calldatas,
        bytes32 descriptionHash
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calldatas, descriptionHash);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }

    /// @dev Where the votes on a proposal are counted: a reset opens a second, empty ballot. Its number is a hash with a preimage
    /// that no proposal has, so it is no proposal's.
    function _ballot(uint256 proposalId) private view returns (uint256) {
        return isReset(proposalId) ? uint256(keccak256(abi.encode("second ballot", proposalId))) : proposalId;
    }
}
