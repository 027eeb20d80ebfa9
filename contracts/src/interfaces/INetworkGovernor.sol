// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

/// @notice OpenZeppelin's Governor with a timelock, with weights that grow with participation, and with a vote reset.
/// @dev Participation: a proposal that reaches its quorum is *decisive*. Of the last `window` proposals that were decisive before a
/// vote's snapshot, let an account have voted on k of n. Its votes then weigh `minBps + (10000 - minBps) * k / n` basis
/// points; 10000 while there is no such proposal. Proposals without a quorum count for nobody, so nobody can change weights by
/// proposing. Weights are at most the votes, so a quorum is never easier to reach than it says.
///
/// Stake and contribution of others are counted with `params = abi.encode(address[] represented)`, see
/// `IVotingPower.getPastVotesFor`.
///
/// Vote reset: restricted; once for a proposal, while it is active, and never after `resetUntil`. What was voted is void,
/// everybody can vote again, and the voting period starts anew. Snapshot, actions and quorum stay.
interface INetworkGovernor is IGovernor {
    /// @param votingDelay Seconds from a proposal to its snapshot.
    /// @param votingPeriod Seconds from the snapshot to the end.
    /// @param proposalThreshold Votes that a proposer needs.
    /// @param quorumPercent Votes for and abstaining that make a proposal decisive, in percent of the votes there are.
    /// @param participationMinBps Weight of an account that voted on none of the last decisive proposals.
    /// @param participationWindow How many decisive proposals count. 1 to 16.
    /// @param resetUntil Unix time after which no vote can be reset.
    struct Params {
        uint48 votingDelay;
        uint32 votingPeriod;
        uint256 proposalThreshold;
        uint256 quorumPercent;
        uint16 participationMinBps;
        uint8 participationWindow;
        uint48 resetUntil;
    }

    event ProposalDecisive(uint256 indexed proposalId, uint256 number);
    event VoteReset(uint256 indexed proposalId, address indexed by, uint256 deadline);

    error InvalidParams(string what);
    error VoteNotOpenYet();
    error ResetPowerExpired(uint48 resetUntil);
    error AlreadyReset(uint256 proposalId);

    /// @notice Voids the votes on an active proposal and restarts its voting period. Restricted.
    function resetVote(uint256 proposalId) external;

    /// @notice Basis points that the votes of `account` weigh on a proposal with the snapshot `timepoint`.
    function participationBps(address account, uint256 timepoint) external view returns (uint256);

    /// @notice How many proposals have reached their quorum.
    function decisiveProposals() external view returns (uint256);

    function isReset(uint256 proposalId) external view returns (bool);

    function resetUntil() external view returns (uint48);

    /// @notice Proposals can be made from `Stage.Vote` of these; zero: from the start.
    function stages() external view returns (address);
}
