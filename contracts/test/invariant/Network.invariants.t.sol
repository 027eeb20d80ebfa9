// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {JobEscrow} from "../../src/JobEscrow.sol";
import {MiningPool} from "../../src/MiningPool.sol";
import {Settlement} from "../../src/Settlement.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {VoteArbiter} from "../../src/VoteArbiter.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {Ruling} from "../../src/interfaces/Types.sol";
import {Handler} from "./Handler.sol";
import {Test} from "forge-std/Test.sol";

/// @dev What holds after any sequence of calls by anybody.
contract NetworkInvariants is Test {
    Handler internal handler;
    ComputeToken internal token;
    StakeVault internal vault;
    JobEscrow internal escrow;
    MiningPool internal pool;
    VoteArbiter internal arbiter;
    Settlement internal settlement;

    uint256 internal nodes;
    uint256 internal tasks;

    function setUp() public {
        handler = new Handler();
        (address t, address v, address e, address p, address a, address s) = handler.parts();
        (token, vault, escrow) = (ComputeToken(t), StakeVault(v), JobEscrow(e));
        (pool, arbiter, settlement) = (MiningPool(p), VoteArbiter(a), Settlement(s));
        (nodes,, tasks) = handler.counts();

        bytes4[] memory actions = new bytes4[](16);
        actions[0] = Handler.stake.selector;
        actions[1] = Handler.requestUnbond.selector;
        actions[2] = Handler.withdraw.selector;
        actions[3] = Handler.changeRole.selector;
        actions[4] = Handler.open.selector;
        actions[5] = Handler.topUp.selector;
        actions[6] = Handler.close.selector;
        actions[7] = Handler.refund.selector;
        actions[8] = Handler.commitRound.selector;
        actions[9] = Handler.drawBeacon.selector;
        actions[10] = Handler.accuse.selector;
        actions[11] = Handler.castVote.selector;
        actions[12] = Handler.expire.selector;
        actions[13] = Handler.settleRound.selector;
        actions[14] = Handler.claim.selector;
        actions[15] = Handler.pass.selector;
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), actions));
    }

    /// @dev One function, because forge replays the whole sequence for each.
    function invariant_network() public view {
        tokensAreConserved();
        booksMatchBalances();
        reservationsAreExact();
        onlyDrawnStakeDecides();
        nobodyIsPaidTwice();
    }

    /// @dev After every sequence, everybody can leave with everything that is theirs.
    function afterInvariant() public {
        handler.windUp();
        tokensAreConserved();
        nobodyIsPaidTwice();
        assertEq(token.balanceOf(address(escrow)), 0, "left in escrow");
        assertEq(token.balanceOf(address(vault)), 0, "left at stake");
    }

    function tokensAreConserved() internal view {
        address[] memory people = handler.people();
        uint256 sum =
            token.balanceOf(address(vault)) + token.balanceOf(address(escrow)) + token.balanceOf(address(pool));
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
        assertEq(pool.pooled() - handler.mined(), token.balanceOf(address(pool)));
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
