// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "./IArbiter.sol";
import {Ruling} from "./Types.sol";

/// @notice Decides disputes by a vote of staked verifiers, drawn when the challenge is made.
/// @dev Every drawn verifier re-executes the task and votes for the hash of the outputs it got. The first hash that two
/// thirds of the drawn stake agree on is the truth: the accused is innocent if it is the hash in its leaf, else guilty.
///
/// Safety rests on an assumption: less than two thirds of the drawn stake collude. Verifiers that merely disagree with each
/// other convict nobody. Liveness: if no hash gets two thirds by the deadline, the case is dismissed and nobody loses.
/// Silence must not convict, or verifiers could take stake from the innocent by doing nothing; the price is that a result
/// which too few verifiers looked at stands.
///
/// The draw uses the round's beacon, which nobody knew when the result was committed, and stakes as they are at the
/// challenge. The two parties never judge their own case.
interface IVoteArbiter is IArbiter {
    /// @param committeeSize Verifiers drawn for a case; all of them if there are no more. 1 to `MAX_COMMITTEE`.
    /// @param voteSeconds Time to vote.
    struct Params {
        uint16 committeeSize;
        uint64 voteSeconds;
    }

    /// @notice One drawn verifier with its stake at the draw, the weight of its vote.
    struct Seat {
        address node;
        uint96 stake;
    }

    /// @param accused outputsHash in the disputed leaf.
    /// @param drawnStake Sum of the seats' stakes.
    /// @param deadline Unix time up to which votes count (inclusive).
    struct Poll {
        bytes32 accused;
        uint128 drawnStake;
        uint64 deadline;
        bool open;
    }

    event CommitteeDrawn(uint256 indexed dispute, Seat[] seats, uint64 deadline);
    event Voted(uint256 indexed dispute, address indexed node, bytes32 outputsHash, uint256 stake);

    error InvalidParams(string what);
    error NoCommittee();
    error NotOpen(uint256 dispute);
    error NotInCommittee(address node, uint256 dispute);
    error AlreadyVoted(address node, uint256 dispute);
    error InvalidVote(bytes32 outputsHash);
    error VotingOver(uint256 dispute, uint64 deadline);
    error VotingNotOver(uint256 dispute, uint64 deadline);

    /// @notice Votes that the disputed task has outputs with hash `outputsHash`. By the operator key of a drawn verifier,
    /// once. The vote that completes two thirds ends the dispute.
    function vote(uint256 dispute, bytes32 outputsHash) external;

    /// @notice Dismisses a case that found no majority by its deadline. By anyone.
    function expire(uint256 dispute) external;

    function pollOf(uint256 dispute) external view returns (Poll memory);

    function committeeOf(uint256 dispute) external view returns (Seat[] memory);

    /// @notice The hash that `node` voted for; zero if it has not voted.
    function voteOf(uint256 dispute, address node) external view returns (bytes32);
}
