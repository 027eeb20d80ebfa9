// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Work} from "../../src/Work.sol";
import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {SCOPE_REWARDS} from "../../src/interfaces/IGuard.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {Leaf, Payout, Ruling, TRAINING, VERIFIER} from "../../src/interfaces/Types.sol";
import {Rounds} from "../support/Rounds.sol";
import {Handler} from "./Handler.sol";

/// @dev The same people, who also try what they may not do. All of it must be refused, whatever happened before.
abstract contract Oversteps is Handler {
    /// @dev Tries a call that must revert.
    function mustRefuse(string memory what, address caller, address target, bytes memory data) internal {
        vm.prank(caller);
        (bool ok,) = target.call(data);
        assertFalse(ok, string.concat("not refused: ", what));
    }

    function takeStakeEarly(uint256 who, uint256 amount) external {
        address node = _node(who);
        address owner_ = owner(node);
        IStakeVault.Account memory a = vault.accountOf(node);
        IStakeVault.Unbonding[] memory requests = vault.requestsOf(node);
        if (requests.length > 0 && block.timestamp < requests[0].releaseAt) {
            mustRefuse("withdrew while unbonding", owner_, address(vault), abi.encodeCall(vault.withdraw, (node)));
        }
        uint256 locked = a.lockedUntil;
        if (block.timestamp < locked) {
            if (a.active > 0) {
                bytes memory unbond = abi.encodeCall(vault.requestUnbond, (node, bound(amount, 1, a.active)));
                mustRefuse("unbonded while locked", owner_, address(vault), unbond);
            }
            bytes memory shorten = abi.encodeCall(vault.lock, (node, uint64(bound(amount, 0, locked))));
            mustRefuse("shortened a lock", owner_, address(vault), shorten);
        }
        bytes memory more = abi.encodeCall(vault.requestUnbond, (node, uint256(a.active) + bound(amount, 1, 1e30)));
        mustRefuse("unbonded more than there is", owner_, address(vault), more);
        bytes memory long = abi.encodeCall(vault.lock, (node, uint64(block.timestamp + FULL_LOCK + 1)));
        mustRefuse("locked for too long", owner_, address(vault), long);
        address delegator = delegators[amount % DELEGATORS];
        IDelegation.Unbonding[] memory lent = delegation.requestsOf(node, delegator);
        if (lent.length > 0 && block.timestamp < lent[0].releaseAt) {
            bytes memory take = abi.encodeCall(delegation.withdraw, (node, delegator));
            mustRefuse("withdrew a delegation while unbonding", delegator, address(delegation), take);
        }
    }

    function lendTooMuch(uint256 who, uint256 to, uint16 bps) external {
        address node = _node(to);
        address delegator = delegators[who % DELEGATORS];
        uint256 most = vault.ownStakeOf(node) * DELEGATION_CAP_BPS / 10_000;
        uint256 held = delegation.delegatedOf(node);
        uint256 amount = (most > held ? most - held : 0) + 1;
        if (token.balanceOf(delegator) >= amount) {
            vm.prank(delegator);
            token.approve(address(delegation), amount);
            bytes memory lend = abi.encodeCall(delegation.delegate, (node, amount));
            mustRefuse("delegated beyond the cap", delegator, address(delegation), lend);
        }
        bytes memory exit = abi.encodeCall(delegation.undelegate, (node, delegation.sharesOf(node, delegator) + 1));
        mustRefuse("undelegated the shares of others", delegator, address(delegation), exit);
        if (delegation.totalSharesOf(node) == 0) return;
        // Just beyond the step, or far beyond.
        uint256 least = delegation.commissionOf(node) + COMMISSION_STEP_BPS + 1;
        uint256 jump = bps % 2 == 0 ? least : bound(bps, least, type(uint16).max);
        bytes memory raise = abi.encodeCall(delegation.setCommission, (node, uint16(jump)));
        mustRefuse("raised a commission at once", owner(node), address(delegation), raise);
    }

    /// @dev A round is settled once, by the right one, when its time has come.
    function settleAtTheWrongTime(uint256 seed) external {
        bytes32 job = _job(seed);
        uint64 count = settlement.roundCount(job);
        for (uint64 round; round < count; ++round) {
            _settleWrongly(job, round);
        }
        bytes memory call = abi.encodeCall(settlement.commitRound, (job, count, bytes32("root"), 1, only(nodes[0], 1)));
        mustRefuse("committed for a stranger", stranger, address(settlement), call);
        if (!escrow.jobOf(job).closed) {
            mustRefuse("refunded an open job", requester, address(escrow), abi.encodeCall(escrow.refund, (job)));
            mustRefuse("closed for a stranger", stranger, address(escrow), abi.encodeCall(escrow.close, (job)));
        }
    }

    function _settleWrongly(bytes32 job, uint64 round) private {
        Payout[] memory payouts = Rounds.payouts(_leaves[job][round]);
        Payout[] memory none = new Payout[](0);
        bytes memory call = abi.encodeCall(settlement.settleRound, (job, round, payouts, none));
        if (_stageOf(job, round) != Stage.Payable) {
            mustRefuse("settled at the wrong time", coordinator, address(settlement), call);
        } else if (block.timestamp <= settlement.roundOf(job, round).challengeDeadline + CHALLENGE_SECONDS) {
            mustRefuse("settled in the coordinator's time", stranger, address(settlement), call);
        }
        // What could be paid, but was not committed to.
        payouts[0].tasks += 1;
        call = abi.encodeCall(settlement.settleRound, (job, round, payouts, none));
        mustRefuse("settled other payouts", coordinator, address(settlement), call);
        call = abi.encodeCall(settlement.settleAudits, (job, round, only(nodes[NODES - 1], 1)));
        mustRefuse("paid audits after the last page", coordinator, address(settlement), call);
    }

    /// @dev One leaf is no duplicate of itself, and leaves of two tasks are none.
    function accuseWrongly(uint256 seed) external {
        bytes32 job = _job(seed);
        uint64 count = settlement.roundCount(job);
        if (count == 0) return;
        uint64 round = uint64((seed >> 64) % count);
        Leaf[] memory leaves = _leaves[job][round];
        uint256 i = (seed >> 128) % leaves.length;
        uint256 other = (i + 1) % leaves.length;
        if (leaves[other].task != leaves[i].task || other == i) {
            bytes memory call =
                abi.encodeCall(settlement.proveDuplicate, (job, entry(round, leaves, i), entry(round, leaves, other)));
            mustRefuse("voided what is no duplicate", stranger, address(settlement), call);
        }
        _challengeWrongly(job, round, leaves, i);
        leaves[i].units += 1;
        bytes memory forged = abi.encodeCall(
            settlement.challenge, (job, round, leaves[i], Rounds.proof(leaves, i), signed(job, leaves[i]))
        );
        mustRefuse("challenged what is in no round", nodes[NODES - 1], address(settlement), forged);
    }

    function _challengeWrongly(bytes32 job, uint64 round, Leaf[] memory leaves, uint256 i) private {
        bytes memory call = abi.encodeCall(
            settlement.challenge, (job, round, leaves[i], Rounds.proof(leaves, i), signed(job, leaves[i]))
        );
        mustRefuse("challenged itself", leaves[i].node, address(settlement), call);
        mustRefuse("challenged without a stake", stranger, address(settlement), call);
        for (uint256 k; k < NODES; ++k) {
            bool late = _stageOf(job, round) != Stage.Drawn;
            // Anyone with stake may challenge exact work.
            bool may = escrow.programsOf(job) != 0 || vault.isEligible(nodes[k], VERIFIER);
            if (late || !may || vault.accountOf(nodes[k]).active < BOND) {
                mustRefuse("challenged out of turn", nodes[k], address(settlement), call);
            }
        }
    }

    function voteOutOfTurn(uint256 which, uint256 who) external {
        uint256 count = settlement.disputeCount();
        if (count == 0) return;
        uint256 dispute = 1 + which % count;
        address node = _node(who);
        bool seated;
        IVoteArbiter.Seat[] memory seats = arbiter.committeeOf(dispute);
        for (uint256 i; i < seats.length; ++i) {
            if (seats[i].node == node) seated = true;
        }
        IVoteArbiter.Poll memory poll = arbiter.pollOf(dispute);
        bool may = seated && poll.open && block.timestamp <= poll.deadline && arbiter.voteOf(dispute, node) == 0;
        bytes memory vote_ = abi.encodeCall(arbiter.vote, (dispute, keccak256("truth")));
        if (!may) mustRefuse("voted out of turn", node, address(arbiter), vote_);
        if (!poll.open || block.timestamp <= poll.deadline) {
            mustRefuse("ended a vote early", stranger, address(arbiter), abi.encodeCall(arbiter.expire, (dispute)));
        }
        mustRefuse("ruled", node, address(settlement), abi.encodeCall(settlement.rule, (dispute, Ruling.Guilty)));
    }

    /// @dev What is for parts of the network, for owners, or for nobody while claims are paused.
    function actForOthers(uint256 who, uint256 amount) external {
        address node = _node(who);
        amount = bound(amount, 1, 1e18);
        bytes32 job = jobs[0];
        address v = address(vault);
        mustRefuse("slashed", stranger, v, abi.encodeCall(vault.slash, (node, 1, node, stranger)));
        mustRefuse("bonded", stranger, v, abi.encodeCall(vault.bond, (node, amount)));
        mustRefuse("released a bond", stranger, v, abi.encodeCall(vault.releaseBond, (node, amount)));
        mustRefuse("forfeited a bond", stranger, v, abi.encodeCall(vault.forfeitBond, (node, 0, node, stranger)));
        mustRefuse("set what is delegated", stranger, v, abi.encodeCall(vault.setDelegated, (node, amount)));
        mustRefuse("moved votes", stranger, v, abi.encodeCall(vault.ownerChanged, (node, stranger, stranger)));
        mustRefuse("unbonded for an owner", stranger, v, abi.encodeCall(vault.requestUnbond, (node, 1)));
        mustRefuse("locked for an owner", stranger, v, abi.encodeCall(vault.lock, (node, type(uint64).max)));
        mustRefuse("rewarded", stranger, address(delegation), abi.encodeCall(delegation.reward, (node, amount)));
        mustRefuse("slashed lenders", stranger, address(delegation), abi.encodeCall(delegation.slash, (node, 1)));
        mustRefuse("checkpointed", stranger, address(pool), abi.encodeCall(pool.checkpoint, (node, 0, 1)));
        mustRefuse("mined", stranger, address(pool), abi.encodeCall(pool.record, (TRAINING, only(node, 1), 0)));
        mustRefuse("recorded", stranger, address(registry), abi.encodeCall(registry.recordWork, (only(node, 1))));
        mustRefuse("blamed", stranger, address(registry), abi.encodeCall(registry.recordFault, (node)));
        mustRefuse("sold", stranger, address(registry), abi.encodeCall(registry.transferOwnership, (node, stranger)));
        mustRefuse("bought", stranger, address(registry), abi.encodeCall(registry.acceptOwnership, (node)));
        mustRefuse("credited", stranger, address(escrow), abi.encodeCall(escrow.credit, (job, amount)));
        mustRefuse("paid", stranger, address(escrow), abi.encodeCall(escrow.pay, (job, 0, only(node, 1), 1)));
        mustRefuse("paid audits", stranger, address(escrow), abi.encodeCall(escrow.payAudits, (job, 0, only(node, 1))));
        mustRefuse("reserved", stranger, address(escrow), abi.encodeCall(escrow.reserve, (job, coordinator, 1)));
        mustRefuse("insured", stranger, address(insurance), abi.encodeCall(insurance.compensate, (job, amount)));
        if (guardDouble.paused(SCOPE_REWARDS)) {
            for (uint256 i; i < NODES; ++i) {
                mustRefuse("claimed in a pause", owners[i], address(pool), abi.encodeCall(pool.claim, (nodes[i])));
            }
            mustRefuse("claimed in a pause", stranger, address(pool), abi.encodeCall(pool.claimIncentive, ()));
        }
    }
}
