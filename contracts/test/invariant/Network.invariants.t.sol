// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {Delegation} from "../../src/Delegation.sol";
import {JobEscrow} from "../../src/JobEscrow.sol";
import {MiningPool} from "../../src/MiningPool.sol";
import {Settlement} from "../../src/Settlement.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {VoteArbiter} from "../../src/VoteArbiter.sol";
import {FeeBurner} from "../../src/distribution/FeeBurner.sol";
import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {Ruling} from "../../src/interfaces/Types.sol";
import {Burning} from "./Burning.sol";
import {GameOversteps} from "./GameOversteps.sol";
import {Gaming} from "./Gaming.sol";
import {Handler} from "./Handler.sol";
import {Oversteps} from "./Oversteps.sol";
import {Staking} from "./Staking.sol";
import {Working} from "./Working.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Test} from "forge-std/Test.sol";

/// @dev What holds after any sequence of calls by anybody.
contract NetworkInvariants is Test {
    GameOversteps internal handler;
    ComputeToken internal token;
    StakeVault internal vault;
    JobEscrow internal escrow;
    MiningPool internal pool;
    VoteArbiter internal arbiter;
    Settlement internal settlement;
    Delegation internal delegation;
    IDisputeGame internal game;

    uint256 internal nodes;
    bytes32[] internal tasks;

    function setUp() public {
        handler = new GameOversteps();
        (ISettlement.Parts memory parts, address t, address d) = handler.network();
        (token, delegation) = (ComputeToken(t), Delegation(d));
        (vault, escrow) = (StakeVault(address(parts.vault)), JobEscrow(address(parts.escrow)));
        (pool, arbiter) = (MiningPool(address(parts.pool)), VoteArbiter(address(parts.arbiter)));
        settlement = Settlement(vault.settlement());
        game = IDisputeGame(address(parts.game));
        (nodes,) = handler.counts();
        tasks = handler.tasks();

        targetSelector(FuzzSelector(address(handler), actions()));
        targetContract(address(handler));
    }

    /// @dev What moves rounds and games on is called twice as often as the rest.
    function actions() internal pure returns (bytes4[] memory all) {
        all = new bytes4[](62);
        all[0] = Staking.stake.selector;
        all[1] = Staking.requestUnbond.selector;
        all[2] = Staking.lock.selector;
        all[3] = Staking.transferOwnership.selector;
        all[4] = Staking.changeRole.selector;
        all[5] = Staking.delegate.selector;
        all[6] = Staking.undelegate.selector;
        all[7] = Staking.setCommission.selector;
        all[8] = Staking.pause.selector;
        all[9] = Staking.represent.selector;
        all[10] = Working.open.selector;
        all[11] = Working.topUp.selector;
        all[12] = Working.close.selector;
        all[13] = Working.expire.selector;
        (all[14], all[15]) = (Working.commitRound.selector, Working.commitRound.selector);
        (all[16], all[17]) = (Working.drawBeacon.selector, Working.drawBeacon.selector);
        (all[18], all[19]) = (Working.accuse.selector, Working.accuse.selector);
        (all[20], all[21]) = (Working.castVotes.selector, Working.castVotes.selector);
        (all[22], all[23]) = (Working.settleRound.selector, Working.settleRound.selector);
        (all[24], all[25]) = (Gaming.quarrel.selector, Gaming.quarrel.selector);
        (all[26], all[27]) = (Gaming.playOn.selector, Gaming.playOn.selector);
        (all[28], all[29]) = (Gaming.callTime.selector, Gaming.callTime.selector);
        (all[30], all[31]) = (Handler.pass.selector, Handler.pass.selector);
        (all[32], all[33]) = (Handler.tidy.selector, Handler.tidy.selector);
        all[34] = Handler.leap.selector;
        all[35] = Oversteps.takeStakeEarly.selector;
        all[36] = Oversteps.lendTooMuch.selector;
        all[37] = Oversteps.settleAtTheWrongTime.selector;
        all[38] = Oversteps.accuseWrongly.selector;
        all[39] = Oversteps.voteOutOfTurn.selector;
        all[40] = Oversteps.actForOthers.selector;
        all[41] = GameOversteps.playWrongly.selector;
        all[42] = GameOversteps.playOnBehindTheEnd.selector;
        (all[43], all[44]) = (Burning.give.selector, Burning.flush.selector);
        (all[45], all[46]) = (Burning.startAuction.selector, Burning.buyLot.selector);
        (all[47], all[48]) = (Burning.burnGifts.selector, Burning.refuseAsset.selector);
        all[49] = GameOversteps.buyWrongly.selector;
        (all[50], all[51]) = (Gaming.quarrel.selector, Gaming.playOn.selector);
        (all[52], all[53]) = (Gaming.playOn.selector, GameOversteps.playWrongly.selector);
        (all[54], all[55]) = (Working.accuse.selector, Working.castVotes.selector);
        (all[56], all[57]) = (Working.commitRound.selector, Working.settleRound.selector);
        (all[58], all[59]) = (Handler.pass.selector, Handler.leap.selector);
        (all[60], all[61]) = (Gaming.callTime.selector, Burning.buyLot.selector);
    }

    /// @dev One function, because forge replays the whole sequence for each. Most of what it says is checked by each call, too.
    /// forge-config: default.invariant.depth = 256
    /// forge-config: default.invariant.check-interval = 8
    function invariant_network() public {
        tokensAreConserved();
        booksMatchBalances();
        stakeAddsUp();
        thePoolCoversWhatItOwes();
        reservationsAreExact();
        onlyDrawnStakeDecides();
        gamesAreAsPlayed();
        bondsAddUp();
        auctionsAreFair();
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
        for (uint256 d = 1; d <= settlement.disputeCount(); ++d) {
            assertFalse(settlement.disputeOf(d).open, "a dispute does not end");
        }
        (FeeBurner burner, address[3] memory assets) = handler.auctions();
        for (uint256 i; i < 3; ++i) {
            uint256 left =
                assets[i] == address(0) ? address(burner).balance : IERC20(assets[i]).balanceOf(address(burner));
            assertEq(left, 0, "left with the burner");
        }
        assertEq(token.balanceOf(address(burner)), 0, "neither burned nor sold");
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
        (, uint256 jobs) = handler.counts();
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
            if (escrow.programsOf(dispute.job) != 0) continue;
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

    /// @dev Turn, clocks, moves and bond of every game are what its moves make them.
    function gamesAreAsPlayed() internal view {
        for (uint256 d = 1; d <= settlement.disputeCount(); ++d) {
            ISettlement.Dispute memory dispute = settlement.disputeOf(d);
            if (escrow.programsOf(dispute.job) == 0) continue;
            IDisputeGame.Game memory g = game.gameOf(d);
            Gaming.Match memory m = handler.matchOf(d);
            assertEq(uint8(g.turn), uint8(m.turn), "turn");
            assertEq(dispute.open, m.turn != IDisputeGame.Turn.Over, "a dispute lasts as long as its game");
            assertEq(dispute.bond, handler.bondOf(d), "bond of a game");
            assertEq(g.moves, m.moves, "moves");
            if (!dispute.open) continue;
            assertEq(g.since, m.since, "when the turn began");
            assertEq(g.accusedSeconds, m.accusedLeft, "the accused's clock");
            assertEq(g.challengerSeconds, m.challengerLeft, "the challenger's clock");
        }
    }

    function bondsAddUp() internal view {
        for (uint256 i; i < nodes; ++i) {
            address node = handler.nodes(i);
            uint256 bonded = vault.accountOf(node).bonded;
            if (handler.eaten(node)) assertLe(bonded, handler.bondsOf(node), "more is bonded than is at risk");
            else assertEq(bonded, handler.bondsOf(node), "bonded is what open disputes put at risk");
        }
    }

    /// @dev Nothing leaves the burner but to buyers, and prices fall as time passes, never below the floor.
    function auctionsAreFair() internal view {
        (FeeBurner burner, address[3] memory assets) = handler.auctions();
        for (uint256 i; i < 3; ++i) {
            Burning.Sale memory s = handler.saleOf(assets[i]);
            uint256 held =
                assets[i] == address(0) ? address(burner).balance : IERC20(assets[i]).balanceOf(address(burner));
            assertEq(held + handler.bought(assets[i]), s.given, "sold or still there");
            assertEq(burner.auctionOf(assets[i]).lot, s.lot, "lot");
            assertLe(s.lot, held, "what is for sale is there");
            if (s.lot == 0) continue;
            uint256 price = burner.priceOf(assets[i]);
            assertGe(price, 10e18, "below the floor");
            if (s.isResized) continue;
            uint256 halvings = (block.timestamp - s.startedAt) / 1 hours;
            uint256 most = halvings > 255 ? 0 : s.startPrice >> halvings;
            assertLe(price, most > 10e18 ? most : 10e18, "a price that does not fall");
            assertGe(price, most / 2, "a price that falls too fast");
        }
    }

    /// @dev Every payment and every ruling moved what it must.
    function nothingMovedThatShouldNot() internal view {
        assertEq(handler.wronglyPaid(), 0, "a payment was not what its terms say");
        assertEq(handler.wronglyShared(), 0, "delegators have another part than they had at the work");
        assertEq(handler.wronglySlashed(), 0, "a ruling took something else");
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
        (, uint256 jobs) = handler.counts();
        for (uint256 i; i < jobs; ++i) {
            for (uint256 t; t < tasks.length; ++t) {
                assertLe(handler.timesPaid(handler.jobs(i), tasks[t]), 1, "a task was paid twice");
            }
        }
    }
}
