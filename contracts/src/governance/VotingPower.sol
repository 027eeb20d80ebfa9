// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContribution} from "../interfaces/IContribution.sol";
import {IDelegations, IStakeVotes, IVotingPower} from "../interfaces/IVotingPower.sol";
import {BPS} from "../interfaces/Types.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {ERC6372Utils} from "@openzeppelin/contracts/utils/ERC6372Utils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

/// @title Votes of tokens, stake and contribution
/// @dev See `IVotingPower`. It keeps no books of its own but the voting supply: what it adds up is checkpointed by those who hold
/// it, so nothing here can go stale.
contract VotingPower is IVotingPower {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @notice Bounds the cost of a lookup.
    uint256 public constant MAX_STAKE_SOURCES = 4;
    /// @notice Bounds the cost of a proposal.
    uint256 public constant MAX_EXCLUDED = 16;

    IDelegations public immutable token;
    /// @notice Zero if contribution has no votes.
    IContribution public immutable contribution;
    uint128 public immutable votesPerUnit;
    uint16 public immutable contributionBps;

    IStakeVotes[] private _stakeSources;
    address[] private _excluded;
    Checkpoints.Trace208 private _supply;

    constructor(
        IDelegations token_,
        IStakeVotes[] memory stakeSources_,
        IContribution contribution_,
        address[] memory excluded_,
        Params memory params
    ) {
        require(params.contributionBps < BPS, InvalidParams("contributionBps must be below 10000"));
        require(stakeSources_.length <= MAX_STAKE_SOURCES, InvalidParams("too many stake sources"));
        require(excluded_.length <= MAX_EXCLUDED, InvalidParams("too many excluded"));
        require(token_.clock() == Time.timestamp(), ClockMismatch(address(token_)));
        // A list in ascending order has nothing twice.
        for (uint256 i = 1; i < stakeSources_.length; ++i) {
            _requireAscending(address(stakeSources_[i - 1]), address(stakeSources_[i]));
        }
        for (uint256 i = 1; i < excluded_.length; ++i) {
            _requireAscending(excluded_[i - 1], excluded_[i]);
        }
        // Stake votes, so it is part of the supply that can.
        for (uint256 i; i < excluded_.length; ++i) {
            for (uint256 k; k < stakeSources_.length; ++k) {
                require(excluded_[i] != address(stakeSources_[k]), InvalidParams("a stake source is excluded"));
            }
        }
        token = token_;
        contribution = contribution_;
        votesPerUnit = params.votesPerUnit;
        contributionBps = params.contributionBps;
        _stakeSources = stakeSources_;
        _excluded = excluded_;
    }

    /// @inheritdoc IVotingPower
    function recordSupply() external {
        uint256 supply = token.totalSupply();
        for (uint256 i; i < _excluded.length; ++i) {
            supply -= token.balanceOf(_excluded[i]);
        }
        _supply.push(clock(), supply.toUint208());
        emit SupplyRecorded(supply);
    }

    /// @inheritdoc IVotes
    /// @dev As of the last second, the latest that is settled.
    function getVotes(address account) external view returns (uint256) {
        return getPastVotes(account, clock() - 1);
    }

    /// @inheritdoc IVotes
    function getPastVotes(address account, uint256 timepoint) public view returns (uint256 votes) {
        _requirePast(timepoint);
        votes = token.getPastVotes(account, timepoint);
        address representative = token.getPastDelegate(account, timepoint);
        if (representative == account || representative == address(0)) votes += _ownVotes(account, timepoint);
    }

    /// @inheritdoc IVotingPower
    function getPastVotesFor(address account, uint256 timepoint, address[] calldata represented)
        external
        view
        returns (uint256 votes)
    {
        votes = getPastVotes(account, timepoint);
        for (uint256 i; i < represented.length; ++i) {
            address owner = represented[i];
            if (i > 0) _requireAscending(represented[i - 1], owner);
            require(
                owner != account && token.getPastDelegate(owner, timepoint) == account,
                NotRepresented(owner, account, timepoint)
            );
            votes += _ownVotes(owner, timepoint);
        }
    }

    /// @inheritdoc IVotes
    /// @dev Stake is part of the token's supply. The supply is that of the last `recordSupply`, and before the first one the
    /// token's own, which is no less.
    function getPastTotalSupply(uint256 timepoint) external view returns (uint256) {
        _requirePast(timepoint);
        uint256 supply = _supply.upperLookupRecent(timepoint.toUint48());
        if (supply == 0) supply = token.getPastTotalSupply(timepoint);
        return supply + pastContributionVotes(timepoint);
    }

    /// @inheritdoc IVotingPower
    function pastContributionVotes(uint256 timepoint) public view returns (uint256) {
        if (address(contribution) == address(0)) return 0;
        return _weigh(contribution.pastTotalContribution(timepoint), timepoint);
    }

    /// @inheritdoc IVotes
    function delegates(address account) external view returns (address) {
        return token.delegates(account);
    }

    /// @inheritdoc IVotes
    /// @dev The token's delegation holds for everything; this contract could not set it for the caller.
    function delegate(address) external view {
        revert DelegateInToken(address(token));
    }

    /// @inheritdoc IVotes
    /// @dev A delegation signed for the token's domain is for the token to take.
    function delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32) external view {
        revert DelegateInToken(address(token));
    }

    /// @inheritdoc IVotingPower
    function excluded() external view returns (address[] memory) {
        return _excluded;
    }

    /// @inheritdoc IVotingPower
    function stakeSources() external view returns (IStakeVotes[] memory) {
        return _stakeSources;
    }

    /// @inheritdoc IERC6372
    function clock() public view returns (uint48) {
        return Time.timestamp();
    }

    /// @inheritdoc IERC6372
    function CLOCK_MODE() external view returns (string memory) {
        return ERC6372Utils.timestampClockMode(clock());
    }

    /// @dev Stake and contribution of `owner`, wherever they are represented.
    function _ownVotes(address owner, uint256 timepoint) private view returns (uint256 votes) {
        for (uint256 i; i < _stakeSources.length; ++i) {
            votes += _stakeSources[i].pastStake(owner, timepoint);
        }
        if (address(contribution) != address(0)) {
            votes += _weigh(contribution.pastContribution(owner, timepoint), timepoint);
        }
    }

    /// @dev Rounded down, so the parts never sum to more than the whole.
    function _weigh(uint256 units, uint256 timepoint) private view returns (uint256) {
        if (units == 0) return 0;
        uint256 stake;
        for (uint256 i; i < _stakeSources.length; ++i) {
            stake += _stakeSources[i].pastTotalStake(timepoint);
        }
        uint256 limit = stake * contributionBps / (BPS - contributionBps);
        uint256 total = contribution.pastTotalContribution(timepoint);
        return Math.min(Math.mulDiv(units, votesPerUnit, 1e18), Math.mulDiv(limit, units, total));
    }

    function _requirePast(uint256 timepoint) private view {
        require(timepoint < clock(), FutureLookup(timepoint, clock()));
    }

    function _requireAscending(address previous, address next) private pure {
        require(previous < next, NotAscending(previous, next));
    }
}
