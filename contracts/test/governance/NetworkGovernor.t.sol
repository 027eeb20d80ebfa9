// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {NetworkGovernor} from "../../src/governance/NetworkGovernor.sol";
import {INetworkGovernor} from "../../src/interfaces/INetworkGovernor.sol";
import {IStages} from "../../src/interfaces/IStages.sol";
import {IVotingPower} from "../../src/interfaces/IVotingPower.sol";
import {Governance, Tunable} from "../support/Governance.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";

contract NetworkGovernorTest is Governance {
    uint8 internal constant AGAINST = 0;
    uint8 internal constant FOR = 1;
    uint8 internal constant ABSTAIN = 2;

    /// @dev Of the 400,000 that circulate: enough for a quorum of 40,000 even at 0.8.
    uint256 internal constant MANY = 100_000e18;
    uint256 internal constant FEW = 5000e18;

    function setUp() public {
        Profile memory p = aic();
        (p.security, p.scopes) = (true, 7);
        found(p);
        holder(alice, MANY);
        holder(bob, MANY);
        holder(carol, FEW);
        vm.warp(block.timestamp + 1);
    }

    function tuning(uint256 value, string memory description) internal view returns (Act memory) {
        return act(address(tunable), abi.encodeCall(Tunable.tune, (value)), description);
    }

    function stateOf(uint256 id) internal view returns (uint8) {
        return uint8(governor.state(id));
    }

    function reset(uint256 id) internal {
        vm.prank(security);
        governor.resetVote(id);
    }

    /// @dev A proposal on which `by` alone voted, and which is over.
    function decided(address by, string memory description) internal {
        Act memory a = tuning(1, description);
        vote(by, proposed(alice, a), ABSTAIN);
        vm.warp(governor.proposalDeadline(a.id) + 1);
    }

    function test_genesis() public view {
        assertEq(governor.name(), "network");
        assertEq(governor.clock(), block.timestamp);
        assertEq(governor.CLOCK_MODE(), "mode=timestamp");
        assertEq(governor.votingDelay(), VOTING_DELAY);
        assertEq(governor.votingPeriod(), VOTING_PERIOD);
        assertEq(governor.proposalThreshold(), THRESHOLD);
        assertEq(governor.timelock(), address(timelock));
        assertEq(governor.stages(), address(0));
        assertEq(governor.quorumNumerator(), QUORUM);
        assertTrue(governor.proposalNeedsQueuing(0));
        assertEq(governor.resetUntil(), GENESIS_TIME + 365 days);
    }

    function test_aVoteThatPassesIsExecutedByTheTimelock() public {
        passed(alice, tuning(7, "tune"));
        assertEq(tunable.value(), 7);
    }

    function test_theQuorumIsAShareOfWhatCirculates() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        assertEq(governor.quorum(governor.proposalSnapshot(id)), (SUPPLY - POOLED) / 10);
        vote(carol, id, FOR);
        vm.warp(governor.proposalDeadline(id) + 1);
        assertEq(stateOf(id), uint8(IGovernor.ProposalState.Defeated));
        assertEq(governor.decisiveProposals(), 0);
    }

    function test_proposersNeedTheThreshold() public {
        Act memory a = tuning(7, "tune");
        vm.expectRevert(
            abi.encodeWithSelector(IGovernor.GovernorInsufficientProposerVotes.selector, stranger, 0, THRESHOLD)
        );
        vm.prank(stranger);
        governor.propose(a.targets, a.values, a.calldatas, a.description);
    }

    function test_stakeAndWhatOneRepresentsCount() public {
        stakeAs(alice, 10e18);
        holder(stranger, 50e18);
        stakeAs(stranger, 30e18);
        vm.prank(stranger);
        token.delegate(carol);
        uint256 id = proposed(alice, tuning(7, "tune"));
        address[] memory shown = new address[](1);
        shown[0] = stranger;
        vm.prank(carol);
        governor.castVoteWithReasonAndParams(id, FOR, "", abi.encode(shown));
        vote(alice, id, AGAINST);
        (uint256 against, uint256 inFavour,) = governor.proposalVotes(id);
        assertEq(against, MANY);
        assertEq(inFavour, FEW + 50e18);
        // Whom she represents has nothing left to vote with.
        vm.prank(stranger);
        assertEq(governor.castVote(id, FOR), 0);
    }

    function test_nobodyShowsWhomItDoesNotRepresent() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        address[] memory shown = new address[](1);
        shown[0] = bob;
        vm.expectRevert(
            abi.encodeWithSelector(IVotingPower.NotRepresented.selector, bob, carol, governor.proposalSnapshot(id))
        );
        vm.prank(carol);
        governor.castVoteWithReasonAndParams(id, FOR, "", abi.encode(shown));
    }

    function test_nobodyVotesTwice() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        vote(alice, id, FOR);
        assertTrue(governor.hasVoted(id, alice));
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorAlreadyCastVote.selector, alice));
        vote(alice, id, FOR);
    }

    // --- participation

    function test_weightGrowsWithParticipation() public {
        assertEq(governor.participationBps(carol, block.timestamp), 10_000);
        decided(alice, "1");
        assertEq(governor.participationBps(alice, block.timestamp), 10_000);
        assertEq(governor.participationBps(carol, block.timestamp), PARTICIPATION_MIN);

        // Carol votes on the second of two.
        Act memory a = tuning(1, "2");
        uint256 id = proposed(alice, a);
        vote(alice, id, FOR);
        vote(carol, id, FOR);
        (, uint256 inFavour,) = governor.proposalVotes(id);
        assertEq(inFavour, MANY + FEW * PARTICIPATION_MIN / 10_000);
        assertEq(governor.participationBps(carol, block.timestamp), 9000);
        assertEq(governor.participationBps(bob, block.timestamp), PARTICIPATION_MIN);
        assertEq(governor.decisiveProposals(), 2);
    }

    function test_weightForgetsWhatIsOlderThanTheWindow() public {
        for (uint256 i; i < WINDOW; ++i) {
            decided(alice, vm.toString(i));
        }
        assertEq(governor.participationBps(bob, block.timestamp), PARTICIPATION_MIN);
        for (uint256 i = WINDOW; i < 2 * WINDOW; ++i) {
            decided(bob, vm.toString(i));
        }
        assertEq(governor.participationBps(bob, block.timestamp), 10_000);
        assertEq(governor.participationBps(alice, block.timestamp), PARTICIPATION_MIN);
    }

    function test_weightIsThatOfTheSnapshot() public {
        uint256 before = block.timestamp;
        decided(alice, "1");
        assertEq(governor.participationBps(carol, before), 10_000);
    }

    /// @dev What became decisive while a vote runs changes no weight in it.
    function test_aVoteWeighsAsAtItsSnapshot() public {
        uint256 id = proposed(alice, tuning(1, "1"));
        Act memory b = tuning(2, "2");
        vm.prank(alice);
        governor.propose(b.targets, b.values, b.calldatas, b.description);
        vm.warp(block.timestamp + VOTING_DELAY + 1);
        vote(alice, id, FOR);
        vm.warp(block.timestamp + 1);
        assertEq(governor.participationBps(carol, block.timestamp), PARTICIPATION_MIN);
        vote(carol, b.id, FOR);
        (, uint256 inFavour,) = governor.proposalVotes(b.id);
        assertEq(inFavour, FEW);
    }

    function test_proposalsWithoutAQuorumChangeNoWeight() public {
        decided(carol, "1");
        assertEq(governor.decisiveProposals(), 0);
        assertEq(governor.participationBps(bob, block.timestamp), 10_000);
    }

    function test_votesAgainstReachNoQuorum() public {
        uint256 id = proposed(alice, tuning(1, "1"));
        vote(alice, id, AGAINST);
        vote(carol, id, FOR);
        assertEq(governor.decisiveProposals(), 0);
        vote(bob, id, FOR);
        assertEq(governor.decisiveProposals(), 1);
    }

    function test_aProposalIsDecisiveOnce() public {
        uint256 id = proposed(alice, tuning(1, "1"));
        vm.expectEmit(address(governor));
        emit INetworkGovernor.ProposalDecisive(id, 1);
        vote(alice, id, FOR);
        vote(bob, id, AGAINST);
        assertEq(governor.decisiveProposals(), 1);
    }

    // --- vote reset

    function test_aResetVoidsTheVotesAndStartsThePeriodAnew() public {
        Act memory a = tuning(7, "tune");
        uint256 id = proposed(alice, a);
        uint256 snapshot = governor.proposalSnapshot(id);
        vote(alice, id, FOR);
        vm.warp(governor.proposalDeadline(id));
        uint256 deadline = block.timestamp + VOTING_PERIOD;
        vm.expectEmit(address(governor));
        emit INetworkGovernor.VoteReset(id, security, deadline);
        reset(id);

        assertTrue(governor.isReset(id));
        assertEq(governor.proposalDeadline(id), deadline);
        assertEq(governor.proposalSnapshot(id), snapshot);
        assertFalse(governor.hasVoted(id, alice));
        (uint256 against, uint256 inFavour, uint256 abstain) = governor.proposalVotes(id);
        assertEq(against + inFavour + abstain, 0);

        vm.warp(deadline);
        assertEq(stateOf(id), uint8(IGovernor.ProposalState.Active));
        vote(bob, id, FOR);
        vote(alice, id, ABSTAIN);
        queueAndExecute(a);
        assertEq(tunable.value(), 7);
        assertEq(governor.decisiveProposals(), 1);
    }

    function test_votesBeforeAResetDecideNothing() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        vote(alice, id, FOR);
        reset(id);
        vm.warp(governor.proposalDeadline(id) + 1);
        assertEq(stateOf(id), uint8(IGovernor.ProposalState.Defeated));
        // But to have voted is to have taken part.
        assertEq(governor.participationBps(alice, block.timestamp), 10_000);
        assertEq(governor.participationBps(bob, block.timestamp), PARTICIPATION_MIN);
    }

    function test_aResetLeavesOtherProposalsAlone() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        vote(alice, id, FOR);
        Act memory b = tuning(8, "other");
        vm.prank(alice);
        governor.propose(b.targets, b.values, b.calldatas, b.description);
        vm.warp(block.timestamp + VOTING_DELAY + 1);
        vote(bob, b.id, FOR);
        reset(id);
        assertTrue(governor.hasVoted(b.id, bob));
        assertFalse(governor.isReset(b.id));
    }

    function test_resetsOnce() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        reset(id);
        vm.expectRevert(abi.encodeWithSelector(INetworkGovernor.AlreadyReset.selector, id));
        reset(id);
    }

    function test_resetsOnlyWhatIsActive() public {
        Act memory a = tuning(7, "tune");
        uint256 id = proposed(alice, a);
        vote(alice, id, FOR);
        vm.warp(governor.proposalDeadline(id) + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IGovernor.GovernorUnexpectedProposalState.selector,
                id,
                IGovernor.ProposalState.Succeeded,
                bytes32(1 << uint8(IGovernor.ProposalState.Active))
            )
        );
        reset(id);
    }

    function test_thePowerToResetExpires() public {
        vm.warp(governor.resetUntil() - VOTING_DELAY);
        uint256 id = proposed(alice, tuning(7, "tune"));
        assertGt(block.timestamp, governor.resetUntil());
        vm.expectRevert(abi.encodeWithSelector(INetworkGovernor.ResetPowerExpired.selector, governor.resetUntil()));
        reset(id);
    }

    function test_onlyTheRoleResets() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, alice));
        vm.prank(alice);
        governor.resetVote(id);
    }

    // --- the rest of the Governor, through votes

    function test_settingsChangeByVoteOnly() public {
        vm.expectRevert(abi.encodeWithSelector(IGovernor.GovernorOnlyExecutor.selector, alice));
        vm.prank(alice);
        governor.setVotingDelay(5);
        passed(alice, act(address(governor), abi.encodeCall(governor.setVotingDelay, (5)), "delay"));
        assertEq(governor.votingDelay(), 5);
    }

    function test_aProposerCancelsBeforeTheVote() public {
        Act memory a = tuning(7, "tune");
        vm.startPrank(alice);
        governor.propose(a.targets, a.values, a.calldatas, a.description);
        governor.cancel(a.targets, a.values, a.calldatas, keccak256(bytes(a.description)));
        assertEq(stateOf(a.id), uint8(IGovernor.ProposalState.Canceled));
    }

    function construct(INetworkGovernor.Params memory params) internal {
        new NetworkGovernor("n", power, timelock, IStages(address(0)), address(manager), params);
    }

    function expectInvalid(string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(INetworkGovernor.InvalidParams.selector, what));
    }

    function test_refusesBadParams() public {
        INetworkGovernor.Params memory p = governorParams();
        p.quorumPercent = 0;
        expectInvalid("quorumPercent must be positive");
        construct(p);
        p = governorParams();
        p.participationMinBps = 10_001;
        expectInvalid("participationMinBps exceeds 10000");
        construct(p);
        p = governorParams();
        p.participationWindow = 0;
        expectInvalid("participationWindow must be 1 to 16");
        construct(p);
        p.participationWindow = 17;
        expectInvalid("participationWindow must be 1 to 16");
        construct(p);
    }

    function test_gas() public {
        uint256 id = proposed(alice, tuning(7, "tune"));
        cool();
        vm.prank(alice);
        governor.castVote(id, FOR);
        vm.snapshotGasLastCall("governance", "first vote on a proposal, decisive");
        for (uint256 i; i < WINDOW; ++i) {
            decided(alice, vm.toString(i));
        }
        id = proposed(alice, tuning(7, "last"));
        cool();
        vm.prank(bob);
        governor.castVote(id, FOR);
        vm.snapshotGasLastCall("governance", "a vote after a full window of decisive proposals");
    }

    /// @dev As at the start of a transaction.
    function cool() internal {
        vm.cool(address(governor));
        vm.cool(address(power));
        vm.cool(address(token));
        vm.cool(address(vault));
        vm.cool(address(credentials));
    }

    /// @dev However votes are cast, weights are at most the votes and at least their bounded part.
    function testFuzz_weightsAreBounded(uint8[6] memory who) public {
        address[3] memory people = [alice, bob, carol];
        for (uint256 i; i < who.length; ++i) {
            decided(people[who[i] % 3], vm.toString(i));
        }
        for (uint256 i; i < 3; ++i) {
            uint256 weight = governor.participationBps(people[i], block.timestamp);
            assertLe(weight, 10_000);
            assertGe(weight, PARTICIPATION_MIN);
        }
    }
}
