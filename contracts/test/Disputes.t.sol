// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../src/Work.sol";
import {IJobEscrow} from "../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {Leaf, PROVIDER, Ruling, TRAINING, VERIFIER} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";
import {Rounds} from "./support/Rounds.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @dev Objections to a round: challenges with their three rulings, and duplicates.
contract DisputesTest is Network {
    address internal honest;
    address internal cheater;
    address internal v1;
    address internal v2;
    bytes32 internal job;
    Leaf[] internal leaves;
    uint64 internal round;

    bytes32 internal constant RIGHT = keccak256(abi.encode("outputs", 2));

    function setUp() public override {
        super.setUp();
        honest = provider("honest");
        cheater = provider("cheater");
        v1 = verifier("v1", VERIFIER_STAKE);
        v2 = verifier("v2", VERIFIER_STAKE);
        job = openJob();
        leaves.push(leafOf(1, honest, 10));
        leaves.push(leafOf(2, cheater, 30));
        leaves.push(leafOf(3, cheater, 5));
        leaves[1].outputsHash = "wrong";
        round = committedAndDrawn(job, leaves);
    }

    function state(uint64 r, Leaf memory leaf) internal view returns (ISettlement.LeafState) {
        return settlement.leafStateOf(job, r, Work.leafHash(leaf));
    }

    function assertState(uint64 r, Leaf memory leaf, ISettlement.LeafState expected) internal view {
        assertEq(uint8(state(r, leaf)), uint8(expected));
    }

    // --- challenges

    function test_challengeHoldsABondAndTheRound() public {
        vm.expectEmit(address(settlement));
        emit ISettlement.Challenged(1, job, round, leaves[1], v1);
        uint256 dispute = challenge(v1, job, round, leaves, 1);
        assertEq(dispute, 1);
        assertEq(vault.accountOf(v1).bonded, BOND);
        assertState(round, leaves[1], ISettlement.LeafState.Disputed);
        ISettlement.Dispute memory d = settlement.disputeOf(dispute);
        assertEq(d.accused, cheater);
        assertEq(d.challenger, v1);
        assertEq(d.task, leaves[1].task);
        assertTrue(d.open);

        passWindow();
        vm.expectRevert(abi.encodeWithSelector(ISettlement.DisputesOpen.selector, job, round, 1));
        settle(job, round, leaves);
    }

    function test_guilty() public {
        uint256 dispute = challenge(v1, job, round, leaves, 1);
        uint256 free = escrow.freeBalance(job);
        vote(v2, dispute, RIGHT);

        assertState(round, leaves[1], ISettlement.LeafState.Voided);
        assertEq(settlement.voidedUnits(job, round, cheater), 30);
        assertEq(vault.accountOf(v1).bonded, 0, "bond returned");
        assertEq(vault.stakeOf(v1), VERIFIER_STAKE);
        uint256 slashed = PROVIDER_STAKE * uint256(SLASH_BPS) / 10_000;
        uint256 burned = slashed * BURN_BPS / 10_000;
        uint256 toFinder = slashed * FINDER_BPS / 10_000;
        assertEq(vault.stakeOf(cheater), PROVIDER_STAKE - slashed);
        assertEq(SUPPLY - token.totalSupply(), burned);
        assertEq(token.balanceOf(ownerOf("v1")), toFinder);
        assertEq(escrow.freeBalance(job), free + slashed - burned - toFinder);
        assertEq(registry.nodeOf(cheater).faults, 1);

        passWindow();
        settle(job, round, leaves);
        assertEq(token.balanceOf(ownerOf("cheater")), net(5), "its other leaf is still paid");
        assertEq(token.balanceOf(ownerOf("honest")), net(10));
        assertEq(registry.nodeOf(cheater).verifiedUnits, 5);
        assertEq(escrow.jobOf(job).reserved, 0);
    }

    /// @dev Of an insured job, with `fund_` in the insurance pool.
    function convictForInsured(uint256 fund_, uint64 units) internal returns (uint256 compensation) {
        IJobEscrow.Terms memory t = terms();
        t.insured = true;
        job = openJob(t, BUDGET);
        fund(address(insurance), fund_);
        Leaf[] memory wrong = one(leafOf(2, cheater, units));
        round = committedAndDrawn(job, wrong);
        uint256 dispute = challenge(v1, job, round, wrong, 0);
        uint256 free = escrow.freeBalance(job);
        uint256 slashed = PROVIDER_STAKE * uint256(SLASH_BPS) / 10_000;
        uint256 burned = slashed * BURN_BPS / 10_000;
        vote(v2, dispute, "right");
        compensation = escrow.freeBalance(job) - free - (slashed - burned - slashed * FINDER_BPS / 10_000);
        assertEq(token.balanceOf(address(escrow)), escrow.totalHeld());
    }

    function test_anInsuredJobIsCompensated() public {
        assertEq(convictForInsured(1000e18, 30), 30 * PRICE * 8 / 10);
    }

    /// @dev Invariant: no conviction brings more than it burns.
    function test_noCompensationExceedsWhatWasBurned() public {
        uint64 units = uint64(BUDGET / PRICE);
        assertGt(units * PRICE, PROVIDER_STAKE);
        assertEq(
            convictForInsured(1000e18, units), PROVIDER_STAKE * uint256(SLASH_BPS) / 10_000 * BURN_BPS / 10_000 * 8 / 10
        );
    }

    function test_noCompensationExceedsTheInsurancePool() public {
        assertEq(convictForInsured(6, 30), 3);
    }

    function test_aSlashReachesDelegatorsAfterTheOperator() public {
        vm.prank(ownerOf("cheater"));
        delegation.setAccepting(cheater, true);
        vm.startPrank(treasury);
        token.approve(address(delegation), type(uint256).max);
        delegation.delegate(cheater, 2 * PROVIDER_STAKE);
        vm.stopPrank();
        vote(v2, challenge(v1, job, round, leaves, 1), RIGHT);
        assertEq(vault.stakeOf(cheater), 0);
        assertEq(delegation.delegatedOf(cheater), 2 * PROVIDER_STAKE - PROVIDER_STAKE / 2);
    }

    function test_voidedTasksAreNotCertified() public {
        vote(v2, challenge(v1, job, round, leaves, 1), RIGHT);
        passWindow();
        settle(job, round, leaves);
        (uint256 units, uint256 tasks) = certified(job, TRAINING, cheater);
        assertEq(units, 5);
        assertEq(tasks, 1);
    }

    function test_aNodeLeftWithNothingIsSkipped() public {
        uint256 dispute = challenge(v1, job, round, leaves, 1);
        vote(v2, dispute, RIGHT);
        dispute = challenge(v1, job, round, leaves, 2);
        vote(v2, dispute, RIGHT);
        passWindow();
        settle(job, round, leaves);
        assertEq(token.balanceOf(ownerOf("cheater")), 0);
        assertEq(registry.nodeOf(cheater).verifiedUnits, 0);
    }

    function test_innocent() public {
        uint256 dispute = challenge(v1, job, round, leaves, 0);
        uint256 free = escrow.freeBalance(job);
        vote(v2, dispute, leaves[0].outputsHash);

        assertState(round, leaves[0], ISettlement.LeafState.Cleared);
        uint256 burned = BOND * uint256(BURN_BPS) / 10_000;
        uint256 toAccused = BOND * uint256(FINDER_BPS) / 10_000;
        assertEq(vault.stakeOf(v1), VERIFIER_STAKE - BOND);
        assertEq(token.balanceOf(ownerOf("honest")), toAccused);
        assertEq(escrow.freeBalance(job), free + BOND - burned - toAccused);
        assertEq(registry.nodeOf(honest).faults, 0);

        stakeFor(v1, BOND);
        bytes memory signature = signed(job, leaves[0]);
        bytes32[] memory proof = Rounds.proof(leaves, 0);
        vm.expectRevert(
            abi.encodeWithSelector(
                ISettlement.LeafNotOpen.selector, Work.leafHash(leaves[0]), ISettlement.LeafState.Cleared
            )
        );
        vm.prank(v1);
        settlement.challenge(job, round, leaves[0], proof, signature);
    }

    function test_dismissed() public {
        uint256 supply = token.totalSupply();
        uint256 dispute = challenge(v1, job, round, leaves, 1);
        vm.warp(block.timestamp + VOTE_SECONDS + 1);
        vm.expectEmit(address(settlement));
        emit ISettlement.DisputeResolved(dispute, job, round, leaves[1].task, cheater, v1, Ruling.Dismissed);
        arbiter.expire(dispute);

        assertState(round, leaves[1], ISettlement.LeafState.Clean);
        assertEq(vault.accountOf(v1).bonded, 0);
        assertEq(vault.stakeOf(v1), VERIFIER_STAKE);
        assertEq(vault.stakeOf(cheater), PROVIDER_STAKE);
        assertEq(token.totalSupply(), supply);

        // There is still time for another try, with the same leaf.
        dispute = challenge(v2, job, round, leaves, 1);
        vote(v1, dispute, RIGHT);
        assertState(round, leaves[1], ISettlement.LeafState.Voided);
    }

    function test_slashReachesUnbondingStake() public {
        vm.prank(ownerOf("cheater"));
        vault.requestUnbond(cheater, PROVIDER_STAKE);
        vote(v2, challenge(v1, job, round, leaves, 1), RIGHT);
        assertEq(vault.accountOf(cheater).unbonding, PROVIDER_STAKE / 2);
    }

    function expectChallengeRevert(address by, uint256 index, bytes memory wanted) internal {
        bytes memory signature = signed(job, leaves[index]);
        bytes32[] memory proof = Rounds.proof(leaves, index);
        vm.expectRevert(wanted);
        vm.prank(by);
        settlement.challenge(job, round, leaves[index], proof, signature);
    }

    function test_whoMayChallenge() public {
        expectChallengeRevert(stranger, 1, abi.encodeWithSelector(ISettlement.NotEligible.selector, stranger));
        expectChallengeRevert(honest, 1, abi.encodeWithSelector(ISettlement.NotEligible.selector, honest));
        vm.prank(cheater);
        registry.update(cheater, profile(PROVIDER | VERIFIER));
        stakeFor(cheater, VERIFIER_STAKE);
        expectChallengeRevert(cheater, 1, abi.encodeWithSelector(ISettlement.OwnLeaf.selector, cheater));
        // All its stake is bonded or on its way out: it cannot pay for being wrong.
        vm.prank(address(settlement));
        vault.bond(v1, VERIFIER_STAKE);
        expectChallengeRevert(v1, 1, abi.encodeWithSelector(IStakeVault.InsufficientStake.selector, v1, 0, BOND));
    }

    function test_whenToChallenge() public {
        uint64 deadline = settlement.roundOf(job, round).challengeDeadline;
        vm.warp(deadline + 1);
        expectChallengeRevert(v1, 1, abi.encodeWithSelector(ISettlement.ChallengeWindowOver.selector, deadline));
        vm.warp(deadline);
        challenge(v1, job, round, leaves, 1);
        expectChallengeRevert(
            v2,
            1,
            abi.encodeWithSelector(
                ISettlement.LeafNotOpen.selector, Work.leafHash(leaves[1]), ISettlement.LeafState.Disputed
            )
        );
        round = commit(job, leaves);
        expectChallengeRevert(v1, 1, abi.encodeWithSelector(ISettlement.BeaconNotDrawn.selector, job, round));
    }

    function test_theLeafMustStandInTheRound() public {
        bytes memory signature = signed(job, leaves[1]);
        bytes32[] memory proof = Rounds.proof(leaves, 0);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotInRound.selector, Work.leafHash(leaves[1]), round));
        vm.prank(v1);
        settlement.challenge(job, round, leaves[1], proof, signature);
    }

    /// @dev Invariant: a coordinator cannot frame a node with a leaf that the node did not sign.
    function test_aForgedLeafConvictsNobody() public {
        bytes32[] memory proof = Rounds.proof(leaves, 1);
        bytes memory forged = signedBy(keyOf[honest], settlement.receiptDigest(job, leaves[1]));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.WrongReceiptSigner.selector, honest, cheater));
        vm.prank(v1);
        settlement.challenge(job, round, leaves[1], proof, forged);

        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 3));
        vm.prank(v1);
        settlement.challenge(job, round, leaves[1], proof, "abc");

        // A receipt for another job does not do either.
        bytes memory elsewhere = signedBy(keyOf[cheater], settlement.receiptDigest("other", leaves[1]));
        vm.expectPartialRevert(ISettlement.WrongReceiptSigner.selector);
        vm.prank(v1);
        settlement.challenge(job, round, leaves[1], proof, elsewhere);
    }

    function test_unregisteredNodesCannotBeAccused() public {
        (address ghost, uint256 key) = makeAddrAndKey("ghost");
        keyOf[ghost] = key;
        delete leaves;
        leaves.push(leafOf(1, honest, 1));
        leaves.push(leafOf(2, ghost, 1));
        Leaf[] memory paid = one(leaves[0]);
        round = settlement.roundCount(job);
        bytes32 root = Rounds.root(leaves);
        vm.prank(coordinator);
        settlement.commitRound(job, round, root, 2, Rounds.payouts(paid));
        draw(job, round);
        expectChallengeRevert(v1, 1, abi.encodeWithSelector(ISettlement.UnknownNode.selector, ghost));
    }

    function test_onlyTheArbiterRulesAndOnlyOnce() public {
        uint256 dispute = challenge(v1, job, round, leaves, 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.NotArbiter.selector, v2));
        vm.prank(v2);
        settlement.rule(dispute, Ruling.Guilty);
        vote(v2, dispute, RIGHT);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.DisputeNotOpen.selector, dispute));
        vm.prank(address(arbiter));
        settlement.rule(dispute, Ruling.Innocent);
    }

    // --- duplicates

    function expectNoDuplicate(bytes memory wanted, ISettlement.Entry memory first, ISettlement.Entry memory second)
        internal
    {
        vm.expectRevert(wanted);
        settlement.proveDuplicate(job, first, second);
    }

    function test_theLaterDuplicateIsVoided() public {
        Leaf[] memory again = one(leafOf(1, cheater, 12));
        uint64 later = committedAndDrawn(job, again);
        vm.expectEmit(address(settlement));
        emit ISettlement.DuplicateVoided(job, later, again[0].task, cheater, 12, round);
        vm.prank(stranger);
        settlement.proveDuplicate(job, entry(round, leaves, 0), entry(later, again, 0));
        assertState(later, again[0], ISettlement.LeafState.Voided);

        expectNoDuplicate(
            abi.encodeWithSelector(
                ISettlement.LeafNotOpen.selector, Work.leafHash(again[0]), ISettlement.LeafState.Voided
            ),
            entry(round, leaves, 0),
            entry(later, again, 0)
        );
        passWindow();
        settle(job, later, again);
        assertEq(token.balanceOf(ownerOf("cheater")), 0);
        assertEq(registry.nodeOf(cheater).faults, 0, "a duplicate is the coordinator's fault, not the node's");
    }

    function test_theEarlierLeafIsNotADuplicateOfTheLater() public {
        Leaf[] memory again = one(leafOf(1, cheater, 12));
        uint64 later = committedAndDrawn(job, again);
        expectNoDuplicate(
            abi.encodeWithSelector(
                ISettlement.NotADuplicate.selector, Work.leafHash(again[0]), Work.leafHash(leaves[0])
            ),
            entry(later, again, 0),
            entry(round, leaves, 0)
        );
    }

    function test_onceTheLaterIsPaidTheEarlierIsTheDuplicate() public {
        Leaf[] memory again = one(leafOf(1, cheater, 12));
        uint64 later = committedAndDrawn(job, again);
        passWindow();
        settle(job, later, again);
        expectNoDuplicate(
            abi.encodeWithSelector(ISettlement.AlreadySettled.selector, job, later),
            entry(round, leaves, 0),
            entry(later, again, 0)
        );
        settlement.proveDuplicate(job, entry(later, again, 0), entry(round, leaves, 0));
        settle(job, round, leaves);
        assertEq(token.balanceOf(ownerOf("honest")), 0);
    }

    function test_twoInOneRoundGoByLeafHash() public {
        Leaf[] memory both = two(leafOf(7, honest, 1), leafOf(7, cheater, 1));
        uint64 r = committedAndDrawn(job, both);
        (uint256 first, uint256 second) = Work.leafHash(both[0]) < Work.leafHash(both[1]) ? (0, 1) : (1, 0);
        expectNoDuplicate(
            abi.encodeWithSelector(
                ISettlement.NotADuplicate.selector, Work.leafHash(both[second]), Work.leafHash(both[first])
            ),
            entry(r, both, second),
            entry(r, both, first)
        );
        settlement.proveDuplicate(job, entry(r, both, first), entry(r, both, second));
        assertState(r, both[second], ISettlement.LeafState.Voided);
    }

    function test_aLeafIsNoDuplicateOfItself() public {
        bytes32 hash = Work.leafHash(leaves[0]);
        expectNoDuplicate(
            abi.encodeWithSelector(ISettlement.NotADuplicate.selector, hash, hash),
            entry(round, leaves, 0),
            entry(round, leaves, 0)
        );
    }

    function test_differentTasksAreNoDuplicates() public {
        Leaf[] memory other = one(leafOf(9, cheater, 12));
        uint64 later = committedAndDrawn(job, other);
        expectNoDuplicate(
            abi.encodeWithSelector(
                ISettlement.NotADuplicate.selector, Work.leafHash(leaves[0]), Work.leafHash(other[0])
            ),
            entry(round, leaves, 0),
            entry(later, other, 0)
        );
    }

    function test_redoneAfterAConvictionIsNoDuplicate() public {
        uint256 dispute = challenge(v1, job, round, leaves, 1);
        Leaf[] memory redone = one(leafOf(2, honest, 30));
        uint64 later = committedAndDrawn(job, redone);
        bytes32 hash = Work.leafHash(leaves[1]);
        expectNoDuplicate(
            abi.encodeWithSelector(ISettlement.LeafNotOpen.selector, hash, ISettlement.LeafState.Disputed),
            entry(round, leaves, 1),
            entry(later, redone, 0)
        );
        vote(v2, dispute, RIGHT);
        expectNoDuplicate(
            abi.encodeWithSelector(ISettlement.LeafNotOpen.selector, hash, ISettlement.LeafState.Voided),
            entry(round, leaves, 1),
            entry(later, redone, 0)
        );
    }

    /// @dev A dispute cannot shield a duplicate, and its units are taken off once.
    function test_aDisputedDuplicateIsVoidedOnce() public {
        Leaf[] memory again = two(leafOf(1, cheater, 12), leafOf(8, cheater, 20));
        uint64 later = committedAndDrawn(job, again);
        uint256 dispute = challenge(v1, job, later, again, 0);
        settlement.proveDuplicate(job, entry(round, leaves, 0), entry(later, again, 0));
        vote(v2, dispute, "other");
        assertEq(settlement.voidedUnits(job, later, cheater), 12);
        assertEq(registry.nodeOf(cheater).faults, 1);
        passWindow();
        settle(job, later, again);
        assertEq(token.balanceOf(ownerOf("cheater")), net(20));
    }

    function test_anAcquittedDuplicateStaysVoided() public {
        Leaf[] memory again = one(leafOf(1, cheater, 12));
        uint64 later = committedAndDrawn(job, again);
        uint256 dispute = challenge(v1, job, later, again, 0);
        settlement.proveDuplicate(job, entry(round, leaves, 0), entry(later, again, 0));
        vote(v2, dispute, again[0].outputsHash);
        assertState(later, again[0], ISettlement.LeafState.Voided);
    }
}
