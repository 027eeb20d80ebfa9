// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IContribution} from "./IContribution.sol";
import {IERC5805} from "@openzeppelin/contracts/interfaces/IERC5805.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Stake in the past, by the account that it belongs to. Timepoints are Unix seconds.
interface IStakeVotes {
    /// @notice Tokens that were locked here for `owner` at the end of `timepoint`, which must be in the past. They must have left
    /// every balance that counts as votes of the token.
    function pastStake(address owner, uint256 timepoint) external view returns (uint256);

    function pastTotalStake(uint256 timepoint) external view returns (uint256);
}

/// @notice A token with votes that also remembers who represented whom.
interface IDelegations is IERC20, IERC5805 {
    /// @notice The delegate of `account` at the end of `timepoint`, zero if it had named none.
    function getPastDelegate(address account, uint256 timepoint) external view returns (address);
}

/// @notice Votes of an account: those of the token, staked tokens and contribution.
/// @dev `votes = token votes + sum over everybody whom the account represents of (stake + contribution weight)`.
///
/// The token's delegation decides who represents whom, for all three. Whoever named no delegate represents itself with stake and
/// contribution (the token's own votes then do not count, as everywhere in ERC-20 votes).
///
/// Stake is no longer in the holder's balance, so it counts once. Contribution weighs
/// `units * min(votesPerUnit, contributionBps / (10000 - contributionBps) * total stake / total units)`: all contribution
/// together is at most `contributionBps` of stake and contribution together, and so never more than that of all votes. It can only
/// be earned by verified work, so it can neither be bought on a market nor outvote those with tokens at stake.
///
/// Safety: every token and every unit counts for exactly one account at every timepoint.
interface IVotingPower is IERC5805 {
    /// @param votesPerUnit Most votes (in the token's smallest unit) that a unit of verified work weighs, times 1e18.
    /// @param contributionBps Most that contribution can be of stake and contribution together. Below 10000.
    struct Params {
        uint128 votesPerUnit;
        uint16 contributionBps;
    }

    event SupplyRecorded(uint256 votingSupply);

    error InvalidParams(string what);
    error ClockMismatch(address source);
    error FutureLookup(uint256 timepoint, uint48 clock);
    /// @dev `owner` had another delegate than `delegate` at `timepoint`.
    error NotRepresented(address owner, address delegate, uint256 timepoint);
    error NotAscending(address previous, address next);
    error DelegateInToken(address token);

    /// @notice Votes of `account` with those of `represented`: accounts, in ascending order and without `account` itself, whose
    /// delegate it was. Reverts if it was not. Their tokens count anyway; this adds their stake and contribution.
    function getPastVotesFor(address account, uint256 timepoint, address[] calldata represented)
        external
        view
        returns (uint256);

    /// @notice Remembers the supply that can vote now: the token's supply without what the `excluded` contracts hold. By anyone;
    /// the Governor does it with every proposal, so that a quorum is a share of what is in circulation.
    function recordSupply() external;

    /// @notice All that contribution weighed together at `timepoint`.
    function pastContributionVotes(uint256 timepoint) external view returns (uint256);

    /// @notice Contracts that hold tokens which cannot vote, and that never get them back: the mining pool, funds, sales.
    function excluded() external view returns (address[] memory);

    /// @notice Where stake is counted.
    function stakeSources() external view returns (IStakeVotes[] memory);
}
