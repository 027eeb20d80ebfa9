// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IArbiter} from "../src/interfaces/IArbiter.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {IVoteArbiter} from "../src/interfaces/IVoteArbiter.sol";
import {PROVIDER, Ruling, VERIFIER} from "../src/interfaces/Types.sol";
import {Leaf} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";

/// @dev The vote by itself; what its rulings cost whom is tested with the Settlement.
contract VoteArbiterTest is Network {
    address internal cheater;
    address internal challenger;
    bytes32 internal job;

    function setUp() public override {
        super.setUp();
        cheater = provider("cheater");
        challenger = verifier("challenger", VERIFIER_STAKE);
        job = openJob();
    }

    function disputed() internal returns (uint256 dispute, Leaf memory leaf) {
        Leaf[] memory leaves = one(leafOf(1, cheater, 10));
        leaves[0].outputsHash = "wrong";
        uint64 round = committedAndDrawn(job, leaves);
        return (challenge(challenger, job, round, leaves, 0), leaves[0]);
    }

    function right() internal pure returns (bytes32) {
        return leafOf(1, address(0), 0).outputsHash;
    }

    function assertRuling(uint256 dispute, Ruling ruling) internal view {
        ISettlement.Dispute memory d = settlement.disputeOf(dispute);
        assertFalse(d.open);
        assertEq(uint8(d.ruling), uint8(ruling));
        assertFalse(arbiter.pollOf(dispute).open);
    }

    function test_smallCommitteesAreAllButTheParties() public {
        // The accused is a verifier, too, and does not judge itself.
        vm.prank(cheater);
        registry.update(cheater, profile(PROVIDER | VERIFIER));
        stakeFor(cheater, VERIFIER_STAKE);
        address a = verifier("a", VERIFIER_STAKE);
        address b = verifier("b", 3 * VERIFIER_STAKE);
        (uint256 dispute, Leaf memory leaf) = disputed();

        IVoteArbiter.Seat[] memory seats = arbiter.committeeOf(dispute);
        assertEq(seats.length, 2);
        assertTrue(seats[0].node == a || seats[1].node == a);
        assertTrue(seats[0].node == b || seats[1].node == b);
        IVoteArbiter.Poll memory poll = arbiter.pollOf(dispute);
        assertEq(poll.drawnStake, 4 * VERIFIER_STAKE);
        assertEq(poll.deadline, block.timestamp + VOTE_SECONDS);
        assertEq(poll.accused, leaf.outputsHash);
        assertEq(arbiter.maxSeconds(), VOTE_SECONDS);
    }

    function test_noVerifierButTheChallenger() public {
        Leaf[] memory leaves = one(leafOf(1, cheater, 10));
        uint64 round = committedAndDrawn(job, leaves);
        bytes memory signature = signed(job, leaves[0]);
        vm.expectRevert(IVoteArbiter.NoCommittee.selector);
        vm.prank(challenger);
        settlement.challenge(job, round, leaves[0], new bytes32[](0), signature);
    }

    function test_twoThirdsOfStakeConvict() public {
        address a = verifier("a", VERIFIER_STAKE);
        address b = verifier("b", VERIFIER_STAKE);
        verifier("c", VERIFIER_STAKE);
        (uint256 dispute,) = disputed();
        vote(a, dispute, right());
        assertTrue(arbiter.pollOf(dispute).open, "one third");
        vm.expectEmit(address(arbiter));
        emit IVoteArbiter.Voted(dispute, b, right(), VERIFIER_STAKE);
        vote(b, dispute, right());
        assertRuling(dispute, Ruling.Guilty);
        assertEq(arbiter.voteOf(dispute, a), right());
    }

    function test_twoThirdsOfStakeAcquit() public {
        verifier("a", VERIFIER_STAKE);
        address big = verifier("big", 2 * VERIFIER_STAKE);
        (uint256 dispute, Leaf memory leaf) = disputed();
        vote(big, dispute, leaf.outputsHash);
        assertRuling(dispute, Ruling.Innocent);
    }

    function test_verifiersThatDisagreeConvictNobody() public {
        address a = verifier("a", VERIFIER_STAKE);
        address b = verifier("b", VERIFIER_STAKE);
        (uint256 dispute,) = disputed();
        vote(a, dispute, "one hash");
        vote(b, dispute, "another hash");
        assertTrue(arbiter.pollOf(dispute).open);

        uint64 deadline = arbiter.pollOf(dispute).deadline;
        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IVoteArbiter.VotingNotOver.selector, dispute, deadline));
        arbiter.expire(dispute);
        vm.warp(deadline + 1);
        vm.prank(stranger);
        arbiter.expire(dispute);
        assertRuling(dispute, Ruling.Dismissed);
    }

    function test_votesThatDoNotCount() public {
        address a = verifier("a", VERIFIER_STAKE);
        verifier("b", VERIFIER_STAKE);
        (uint256 dispute,) = disputed();
        address late = verifier("late", 100 * VERIFIER_STAKE);

        address[4] memory outsiders = [stranger, cheater, challenger, late];
        for (uint256 i; i < outsiders.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IVoteArbiter.NotInCommittee.selector, outsiders[i], dispute));
            vote(outsiders[i], dispute, right());
        }
        vm.expectRevert(abi.encodeWithSelector(IVoteArbiter.InvalidVote.selector, bytes32(0)));
        vote(a, dispute, 0);
        vote(a, dispute, right());
        vm.expectRevert(abi.encodeWithSelector(IVoteArbiter.AlreadyVoted.selector, a, dispute));
        vote(a, dispute, right());
    }

    function test_noVoteAfterTheDeadlineOrTheRuling() public {
        address a = verifier("a", VERIFIER_STAKE);
        address b = verifier("b", 2 * VERIFIER_STAKE);
        (uint256 dispute,) = disputed();
        uint64 deadline = arbiter.pollOf(dispute).deadline;
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IVoteArbiter.VotingOver.selector, dispute, deadline));
        vote(b, dispute, right());

        vm.warp(deadline);
        vote(b, dispute, right());
        vm.expectRevert(abi.encodeWithSelector(IVoteArbiter.NotOpen.selector, dispute));
        vote(a, dispute, right());
        vm.expectRevert(abi.encodeWithSelector(IVoteArbiter.NotOpen.selector, dispute));
        arbiter.expire(dispute);
    }

    function test_casesComeFromTheSettlement() public {
        IArbiter.Case memory details;
        expectNotSettlement(stranger);
        arbiter.open(1, details);
    }

    /// @dev Draws of five from eight: never twice the same node, weights as staked, and over many draws the node with half
    /// of the stake sits far more often than the others.
    function test_largeCommitteesAreDrawnByStake() public {
        address big = verifier("big", 7 * VERIFIER_STAKE);
        for (uint256 i; i < 7; ++i) {
            verifier(vm.toString(i), VERIFIER_STAKE);
        }
        uint256 draws = 60;
        uint256 bigSeats;
        for (uint256 n; n < draws; ++n) {
            IArbiter.Case memory details;
            details.challenger = challenger;
            details.beacon = keccak256(abi.encode(n));
            vm.prank(address(settlement));
            arbiter.open(1000 + n, details);

            IVoteArbiter.Seat[] memory seats = arbiter.committeeOf(1000 + n);
            assertEq(seats.length, COMMITTEE);
            uint256 sum;
            for (uint256 i; i < seats.length; ++i) {
                assertEq(seats[i].stake, vault.stakeOf(seats[i].node));
                assertNotEq(seats[i].node, challenger);
                for (uint256 j; j < i; ++j) {
                    assertNotEq(seats[i].node, seats[j].node);
                }
                if (seats[i].node == big) ++bigSeats;
                sum += seats[i].stake;
            }
            assertEq(arbiter.pollOf(1000 + n).drawnStake, sum);
        }
        // Uniform draws would seat it in 5/8 = 38 of 60 cases; by stake it is 98 %.
        assertGt(bigSeats, 54);
    }
}
