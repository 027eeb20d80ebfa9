// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {Delegation} from "../../src/Delegation.sol";
import {JobEscrow} from "../../src/JobEscrow.sol";
import {MiningPool} from "../../src/MiningPool.sol";
import {Settlement} from "../../src/Settlement.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {VoteArbiter} from "../../src/VoteArbiter.sol";
import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {Ruling} from "../../src/interfaces/Types.sol";
import {Handler} from "./Handler.sol";
import {Oversteps} from "./Oversteps.sol";
import {Test} from "forge-std/Test.sol";

/// @dev What holds after any sequence of calls by anybody.
contract NetworkInvariants is Test {
    Oversteps internal handler;
    ComputeToken internal token;
    StakeVault internal vault;
    JobEscrow internal escrow;
    MiningPool internal pool;
    VoteArbiter internal arbiter;
    Settlement internal settlement;
    Delegation internal delegation;

    uint256 internal nodes;
    uint256 internal tasks;

    function setUp() public {
        handler = new Oversteps();
        (ISettlement.Parts memory parts, address t, address d) = handler.network();
        (token, delegation) = (ComputeToken(t), Delegation(d));
        (vault, escrow) = (StakeVault(address(parts.vault)), JobEscrow(address(parts.escrow)));
        (pool, arbiter) = (MiningPool(address(parts.pool)), VoteArbiter(address(parts.arbiter)));
        settlement = Settlement(vault.settlement());
        (nodes,, tasks) = handler.counts();

        // What moves rounds on is called twice as often as the rest.
        bytes4[] memory actions = new bytes4[](35);
        actions[0] = Handler.stake.selector;
        actions[1] = Handler.requestUnbond.selector;
        actions[2] = Handler.lock.selector;
        actions[3] = Handler.transferOwnership.selector;
        actions[4] = Handler.changeRole.selector;
        actions[5] = Handler.delegate.selector;
        actions[6] = Handler.undelegate.selector;
        actions[7] = Handler.setCommission.selector;
        actions[8] = Handler.open.selector;
        actions[9] = Handler.topUp.selector;
        actions[10] = Handler.close.selector;
        actions[11] = Handler.commitRound.selector;
        actions[12] = Handler.drawBeacon.selector;
        actions[13] = Handler.accuse.selector;
        actions[14] = Handler.castVotes.selector;
        actions[15] = Handler.expire.selector;
        actions[16] = Handler.settleRound.selector;
        actions[17] = Handler.pass.selector;
        actions[18] = Handler.leap.selector;
        actions[19] = Handler.tidy.selector;
        actions[20] = Handler.commitRound.selector;
        actions[21] = Handler.drawBeacon.selector;
        actions[22] = Handler.accuse.selector;
        actions[23] = Handler.castVotes.selector;
        actions[24] = Handler.settleRound.selector;
        actions[25] = Handler.pass.selector;
        actions[26] = Handler.tidy.selector;
        actions[27] = Handler.pause.selector;
        actions[28] = Oversteps.takeStakeEarly.selector;
        actions[29] = Oversteps.lendTooMuch.selector;
        actions[30] = Oversteps.settleAtTheWrongTime.selector;
        actions[31] = Oversteps.accuseWrongly.selector;
        actions[32] = Oversteps.voteOutOfTurn.selector;
        actions[33] = Oversteps.actForOthers.selector;
        actions[34] = Handler.represent.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
    }

    /// @dev One function, because forge replays the whole sequence for each.
    function invariant_network() public {
        tokensAreConserved();
        booksMatchBalances();
        stakeAddsUp();
        thePoolCoversWhatItOwes();
        reservationsAreExact();
        onlyDrawnStakeDecides();
        nobodyIsPaidTwice();
        nothingMovedThatShouldNot();
        aUnitMinesAtMostTheCap();
        stakeVotesOnce();
    }

    /// @dev After every sequence, everybody can leave with everything that is theirs.
    function afterInvariant() public {
        handler.windUp();
        tokensAreConserved();
        nobodyIsPaidTwice();
        stakeVotesOnce();
        assertEq(token.balanceOf(address(escrow)), 0, "left in escrow");
        assertEq(token.balanceOf(address(vault)), 0, "left at stake");
        assertLt(token.balanceOf(address(delegation)), 1e6, "more than the virtual shares' part left of delegations");
        // What nodes and delegators are rounded down by, a few units each time.
        assertLt(pool.accrued() - pool.paid(), 1e6, "more than rounding is owed to nobody");
    }

    function tokensAreConserved() internal view {
        address[] memory people = handler.people();
        uint256 sum = token.balanceOf(address(vault)) + token.balanceOf(address(escrow))
            + token.balanceOf(address(pool)) + token.balanceOf(address(delegation));
        for (uint256 i; i < people.length; ++i) {
            sum += token.balanceOf(people[i]);
        }
        uint256 burned = token.initialSupply() - token.totalSupply();
        assertEq(sum + burned, token.initialSupply(), "tokens appeared or vanished");
    }

    function booksMatchBalances() internal view {
        uint256 staked;
        for (uint256 i; i < nodes; ++i) {
            IStakeVault.Account memory a = vault.accountOf(handler.nodes(i));
            staked += uint256(a.active) + a.bonded + a.unbonding;
        }
        assertEq(staked, vault.totalHeld());
        assertEq(vault.totalHeld(), token.balanceOf(address(vault)));
        assertEq(escrow.totalHeld(), token.balanceOf(address(escrow)));
        assertEq(delegation.totalHeld(), token.balanceOf(address(delegation)));
        assertEq(pool.pooled() - pool.paid(), token.balanceOf(address(pool)));
    }

    /// @dev For every node: what was put in is there, on its way out, withdrawn, or slashed. For its delegators, too.
    function stakeAddsUp() internal view {
        uint256 lent;
        uint256 verifierStake;
        for (uint256 i; i < nodes; ++i) {
            address node = handler.nodes(i);
            IStakeVault.Account memory a = vault.accountOf(node);
            (uint256 put, uint256 rewarded, uint256 taken, uint256 slashed) = handler.ownFlow(node);
            assertEq(put, uint256(a.active) + a.bonded + a.unbonding + taken + slashed, "own stake");
            IStakeVault.Unbonding[] memory requests = vault.requestsOf(node);
            uint256 requested;
            for (uint256 k; k < requests.length; ++k) {
                requested += requests[k].amount;
            }
            assertLe(requested, a.unbonding, "requests can all be paid");
            assertLe(a.unbonding - requested, requests.length, "and nothing else is in there");

            (put, rewarded, taken, slashed) = handler.delegatedFlow(node);
            uint256 active = delegation.delegatedOf(node);
            uint256 unbonding = delegation.unbondingOf(node);
            assertEq(put + rewarded, active + unbonding + taken + slashed, "delegated stake");
            assertEq(a.delegated, active, "the vault knows what is delegated");
            uint256 owned;
            requested = 0;
            for (uint256 k; k < 3; ++k) {
                owned += delegation.delegationOf(node, handler.delegators(k));
                requested += requestedBy(node, handler.delegators(k));
            }
            assertLe(owned, active, "delegators can all leave");
            assertLe(requested, unbonding, "and be paid");
            lent += active + unbonding;
        }
        assertEq(lent, delegation.totalHeld());
        (, uint256[] memory stakes) = vault.verifiers();
        for (uint256 i; i < stakes.length; ++i) {
            verifierStake += stakes[i];
        }
        assertLe(verifierStake, vault.totalVerifierStake());
        assertLe(stakes.length, vault.MAX_VERIFIERS());
    }

    function requestedBy(address node, address delegator) internal view returns (uint256 sum) {
        IDelegation.Unbonding[] memory requests = delegation.requestsOf(node, delegator);
        for (uint256 i; i < requests.length; ++i) {
            sum += requests[i].amount;
        }
    }

    function thePoolCoversWhatItOwes() internal view {
        assertEq(handler.gainedByJoining(), 0, "who joined had a part in what was earned before");
        assertEq(handler.keptByLeaving(), 0, "who left kept a part in what is being earned");
        assertEq(handler.poolShrank(), 0, "the pool grew, or what is owed shrank");
        uint256 owed = pool.claimableIncentive();
        for (uint256 i; i < nodes; ++i) {
            owed += pool.claimable(handler.nodes(i));
        }
        assertLe(owed, token.balanceOf(address(pool)));
        uint256[3] memory shares = pool.shares();
        assertEq(shares[0] + shares[1] + shares[2], 10_000);
        assertLe(pool.accrued(), pool.pooled() - pool.eraBudget(), "an era gave more than its budget");
    }

    function reservationsAreExact() internal view {
        (, uint256 jobs,) = handler.counts();
        uint256 held;
        for (uint256 i; i < jobs; ++i) {
            bytes32 job = handler.jobs(i);
            IJobEscrow.Job memory j = escrow.jobOf(job);
            uint256 units;
            for (uint64 r; r < settlement.roundCount(job); ++r) {
                ISettlement.Round memory round = settlement.roundOf(job, r);
                if (!round.settled) units += round.units;
            }
            assertEq(j.reserved, units * j.pricePerUnit, "reserved is what unsettled rounds need");
            assertLe(j.reserved, j.balance, "every committed round can be paid");
            held += j.balance;
        }
        assertEq(held, escrow.totalHeld());
    }

    function onlyDrawnStakeDecides() internal view {
        for (uint256 d = 1; d <= settlement.disputeCount(); ++d) {
            ISettlement.Dispute memory dispute = settlement.disputeOf(d);
            IVoteArbiter.Poll memory poll = arbiter.pollOf(d);
            IVoteArbiter.Seat[] memory seats = arbiter.committeeOf(d);
            assertEq(dispute.open, poll.open);
            uint256 drawn;
            uint256 best;
            bytes32 bestHash;
            for (uint256 i; i < seats.length; ++i) {
                assertGe(seats[i].stake, vault.verifierMinStake(), "unstaked verifier in a committee");
                assertNotEq(seats[i].node, dispute.accused);
                assertNotEq(seats[i].node, dispute.challenger);
                drawn += seats[i].stake;
                bytes32 hash = arbiter.voteOf(d, seats[i].node);
                uint256 tally;
                for (uint256 k; k < seats.length; ++k) {
                    if (arbiter.voteOf(d, seats[k].node) == hash) tally += seats[k].stake;
                }
                if (hash != 0 && tally > best) (best, bestHash) = (tally, hash);
            }
            assertEq(poll.drawnStake, drawn);
            bool decided = 3 * best >= 2 * drawn;
            assertEq(decided, !poll.open && dispute.ruling != Ruling.Dismissed, "ruled by two thirds, and only so");
            if (decided) assertEq(dispute.ruling == Ruling.Innocent, bestHash == poll.accused);
        }
    }

    /// @dev Every payment and every ruling moved what it must, and all that nobody may do was refused.
    function nothingMovedThatShouldNot() internal view {
        assertEq(handler.wronglyPaid(), 0, "a payment was not what its terms say");
        assertEq(handler.wronglyShared(), 0, "delegators have another part than they had at the work");
        assertEq(handler.wronglySlashed(), 0, "a ruling took something else");
        string[] memory allowed = handler.allowed();
        if (allowed.length > 0) revert(string.concat("not refused: ", allowed[0]));
    }

    function aUnitMinesAtMostTheCap() internal view {
        uint256 units;
        for (uint256 i; i < nodes; ++i) {
            units += handler.verifiedUnits(i);
        }
        assertLe(pool.accrued(), units * pool.rewardCapPerUnit());
    }

    /// @dev All that is staked, for exactly one owner each.
    function stakeVotesOnce() internal {
        vm.warp(block.timestamp + 1);
        uint256 now_ = block.timestamp - 1;
        assertEq(vault.pastTotalStake(now_), vault.totalHeld(), "votes of stake that is not there");
        uint256 sum;
        for (uint256 i; i < nodes; ++i) {
            uint256 staked = handler.stakedBy(handler.owners(i));
            assertEq(vault.pastStake(handler.owners(i), now_), staked, "votes of somebody else's stake");
            sum += staked;
        }
        assertEq(sum, vault.totalHeld());
        votesCountOnce(now_);
    }

    /// @dev Whoever represents whom: tokens of those who named somebody, stake and work vote once. What is lent, mined, or held for jobs
    /// does not.
    function votesCountOnce(uint256 now_) internal view {
        VotingPower power = handler.power();
        address[] memory people = handler.people();
        uint256 votes;
        uint256 due = vault.totalHeld();
        for (uint256 i; i < people.length; ++i) {
            votes += power.getPastVotesFor(people[i], now_, handler.representedBy(people[i]));
            if (token.delegates(people[i]) != address(0)) due += token.balanceOf(people[i]);
        }
        due += power.pastContributionVotes(now_);
        assertLe(votes, due, "something votes twice");
        // Each part of what work votes with is rounded down.
        assertGe(votes + people.length, due, "something does not vote");
    }

    function nobodyIsPaidTwice() internal view {
        assertEq(handler.voidedAndPaid(), 0, "paid other than the leaves that stand");
        (, uint256 jobs,) = handler.counts();
        for (uint256 i; i < jobs; ++i) {
            for (uint256 t; t < tasks; ++t) {
                bytes32 task = keccak256(abi.encode("task", t));
                assertLe(handler.timesPaid(handler.jobs(i), task), 1, "a task was paid twice");
            }
        }
    }
}
