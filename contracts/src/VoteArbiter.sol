// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {IArbiter, IDisputeSource} from "./interfaces/IArbiter.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {IVoteArbiter} from "./interfaces/IVoteArbiter.sol";
import {Ruling} from "./interfaces/Types.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Disputes by vote
/// @dev See `IVoteArbiter`.
contract VoteArbiter is IVoteArbiter, Settled {
    using SafeCast for uint256;

    /// @notice Largest committee: bounds the cost of the draw and of a vote.
    uint256 public constant MAX_COMMITTEE = 31;

    IStakeVault public immutable vault;
    uint16 public immutable committeeSize;
    uint64 public immutable voteSeconds;

    mapping(uint256 dispute => Poll) private _polls;
    mapping(uint256 dispute => Seat[]) private _seats;
    mapping(uint256 dispute => mapping(address node => bytes32)) private _votes;
    mapping(uint256 dispute => mapping(bytes32 outputsHash => uint256)) private _tally;

    constructor(IStakeVault vault_, address settlement_, Params memory params) Settled(settlement_) {
        require(
            params.committeeSize > 0 && params.committeeSize <= MAX_COMMITTEE,
            InvalidParams("committeeSize must be 1 to 31")
        );
        require(params.voteSeconds > 0, InvalidParams("voteSeconds must be positive"));
        vault = vault_;
        committeeSize = params.committeeSize;
        voteSeconds = params.voteSeconds;
    }

    /// @inheritdoc IArbiter
    function open(uint256 dispute, Case calldata details) external onlySettlement {
        (address[] memory nodes, uint256[] memory stakes) = vault.verifiers();
        uint256 candidates = _withoutParties(nodes, stakes, details.leaf.node, details.challenger);
        require(candidates > 0, NoCommittee());

        bytes32 seed = keccak256(abi.encode(details.beacon, details.leaf.task));
        uint256 drawn = _draw(dispute, seed, nodes, stakes, candidates);
        uint64 deadline = block.timestamp.toUint64() + voteSeconds;
        _polls[dispute] =
            Poll({accused: details.leaf.outputsHash, drawnStake: drawn.toUint128(), deadline: deadline, open: true});
        emit CommitteeDrawn(dispute, _seats[dispute], deadline);
    }

    /// @inheritdoc IVoteArbiter
    function vote(uint256 dispute, bytes32 outputsHash) external {
        Poll storage poll = _openPoll(dispute);
        require(block.timestamp <= poll.deadline, VotingOver(dispute, poll.deadline));
        require(outputsHash != 0, InvalidVote(outputsHash));
        require(_votes[dispute][msg.sender] == 0, AlreadyVoted(msg.sender, dispute));
        uint256 stake = _stakeInCommittee(dispute, msg.sender);

        _votes[dispute][msg.sender] = outputsHash;
        uint256 tally = _tally[dispute][outputsHash] + stake;
        _tally[dispute][outputsHash] = tally;
        emit Voted(dispute, msg.sender, outputsHash, stake);

        if (3 * tally >= 2 * uint256(poll.drawnStake)) {
            _rule(dispute, poll, outputsHash == poll.accused ? Ruling.Innocent : Ruling.Guilty);
        }
    }

    /// @inheritdoc IVoteArbiter
    function expire(uint256 dispute) external {
        Poll storage poll = _openPoll(dispute);
        require(block.timestamp > poll.deadline, VotingNotOver(dispute, poll.deadline));
        _rule(dispute, poll, Ruling.Dismissed);
    }

    /// @inheritdoc IArbiter
    function maxSeconds() external view returns (uint64) {
        return voteSeconds;
    }

    /// @inheritdoc IVoteArbiter
    function pollOf(uint256 dispute) external view returns (Poll memory) {
        return _polls[dispute];
    }

    /// @inheritdoc IVoteArbiter
    function committeeOf(uint256 dispute) external view returns (Seat[] memory) {
        return _seats[dispute];
    }

    /// @inheritdoc IVoteArbiter
    function voteOf(uint256 dispute, address node) external view returns (bytes32) {
        return _votes[dispute][node];
    }

    function _rule(uint256 dispute, Poll storage poll, Ruling ruling) private {
        poll.open = false;
        IDisputeSource(settlement).rule(dispute, ruling);
    }

    /// @dev Moves the candidates to the front of both arrays and says how many there are.
    function _withoutParties(address[] memory nodes, uint256[] memory stakes, address accused, address challenger)
        private
        pure
        returns (uint256 count)
    {
        for (uint256 i; i < nodes.length; ++i) {
            if (nodes[i] == accused || nodes[i] == challenger) continue;
            (nodes[count], stakes[count]) = (nodes[i], stakes[i]);
            ++count;
        }
    }

    /// @dev Draws without replacement, each time with probability in proportion to stake among those left.
    function _draw(uint256 dispute, bytes32 seed, address[] memory nodes, uint256[] memory stakes, uint256 candidates)
        private
        returns (uint256 drawnStake)
    {
        uint256 left;
        for (uint256 i; i < candidates; ++i) {
            left += stakes[i];
        }
        uint256 seats = candidates < committeeSize ? candidates : committeeSize;
        for (uint256 seat; seat < seats; ++seat) {
            // Stakes sum to less than 2^128: the bias of the remainder is below 2^-128.
            uint256 ticket = uint256(keccak256(abi.encode(seed, seat))) % left;
            uint256 i;
            while (ticket >= stakes[i]) {
                ticket -= stakes[i];
                ++i;
            }
            _seats[dispute].push(Seat({node: nodes[i], stake: stakes[i].toUint96()}));
            drawnStake += stakes[i];
            left -= stakes[i];
            --candidates;
            (nodes[i], stakes[i]) = (nodes[candidates], stakes[candidates]);
        }
    }

    function _openPoll(uint256 dispute) private view returns (Poll storage poll) {
        poll = _polls[dispute];
        require(poll.open, NotOpen(dispute));
    }

    function _stakeInCommittee(uint256 dispute, address node) private view returns (uint256) {
        Seat[] storage seats = _seats[dispute];
        for (uint256 i; i < seats.length; ++i) {
            if (seats[i].node == node) return seats[i].stake;
        }
        revert NotInCommittee(node, dispute);
    }
}
