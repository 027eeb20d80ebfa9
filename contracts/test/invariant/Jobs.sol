// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFeeSplitter} from "../../src/interfaces/IFeeSplitter.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {Payout} from "../../src/interfaces/Types.sol";
import {Money, RefusingToken} from "../support/Money.sol";

/// @dev Jobs by a requester, and payments out of them to everybody. What everybody signed for is counted apart from the contracts.
abstract contract Jobs is Money {
    uint256 internal constant PEOPLE = 3;
    uint256 internal constant MAX_JOBS = 4;

    /// @dev A round that was committed and not settled.
    struct Round {
        bytes32 job;
        uint128 baseFee;
        uint64 units;
    }

    bytes32[] public jobs;
    Round[] internal _rounds;
    address[] public owners;
    address[] public nodes;
    uint256[] internal _nodeKeys;

    // What must be true, counted apart from the contracts.
    mapping(bytes32 job => uint256) public reservedFor;
    /// @dev The fee when a job or a lease was opened, which holds for all of it.
    mapping(bytes32 jobOrLease => uint256) public feeBpsOf;
    /// @dev How often a payment was not what its terms say.
    uint256 public wronglyPaid;

    /// @dev What everybody whom a payment of a job reaches has and is owed: three owners, the referrer, fees and premiums.
    struct Wealth {
        uint256[PEOPLE] owners;
        uint256 referrer;
        uint256 fees;
        uint256 premiums;
    }

    function splitterParams() internal pure override returns (IFeeSplitter.Params memory) {
        return IFeeSplitter.Params(0, 4000, 6000);
    }

    function open(uint256 budget, uint256 seed) external {
        if (jobs.length == MAX_JOBS) return;
        IJobEscrow.Terms memory t = terms();
        t.deadline = type(uint64).max;
        t.insured = seed % 2 == 0;
        if (seed % 3 == 0) t.referrer = referrer;
        t.pricePerUnit = uint128(bound(seed, escrow.lowestPrice(true), 100 * uint256(FLOOR)));
        _pass(requester);
        bytes32 job = openJob(t, bound(budget, 1e15, BUDGET));
        jobs.push(job);
        feeBpsOf[job] = escrow.feeBps();
    }

    function topUpJob(uint256 which, uint256 amount) external {
        if (jobs.length == 0) return;
        bytes32 job = jobs[which % jobs.length];
        if (escrow.jobOf(job).closed) return;
        vm.prank(requester);
        escrow.topUp(job, bound(amount, 1, 1e18));
    }

    function closeJob(uint256 which, uint256 seldom) external {
        if (jobs.length == 0 || seldom % 8 != 0) return;
        bytes32 job = jobs[which % jobs.length];
        if (escrow.jobOf(job).closed) return;
        _closeJob(job);
    }

    function refundJob(uint256 which) external {
        if (jobs.length == 0) return;
        bytes32 job = jobs[which % jobs.length];
        if (escrow.jobOf(job).closed) escrow.refund(job);
    }

    function commit(uint256 which, uint64 units) external {
        if (jobs.length == 0) return;
        bytes32 job = jobs[which % jobs.length];
        IJobEscrow.Job memory j = escrow.jobOf(job);
        uint256 most = escrow.freeBalance(job) / j.pricePerUnit;
        uint256 left = j.pricePerUnit - (j.insured ? (j.pricePerUnit * uint256(PREMIUM_BPS) + 9999) / 10_000 : 0);
        if (j.closed || most == 0 || left < escrow.baseFee()) return;
        units = uint64(bound(units, 1, most < 5000 ? most : 5000));
        uint128 baseFee = reserve(job, units);
        _rounds.push(Round(job, baseFee, units));
        reservedFor[job] += units * uint256(j.pricePerUnit);
    }

    function settle(uint256 which, uint256 seed) external {
        if (_rounds.length == 0) return;
        _settle(which % _rounds.length, seed);
    }

    function credit(uint256 which, uint256 amount) external {
        if (jobs.length == 0) return;
        bytes32 job = jobs[which % jobs.length];
        if (!escrow.insured(job)) return;
        amount = bound(amount, 0, 1e20);
        uint256 has = token.balanceOf(address(insurance));
        vm.startPrank(settlement);
        uint256 paid = insurance.compensate(job, amount);
        escrow.credit(job, paid);
        vm.stopPrank();
        uint256 covered = amount * COVER_BPS / 10_000;
        uint256 most = has * CAP_BPS / 10_000;
        if (paid != (covered < most ? covered : most)) ++wronglyPaid;
    }

    function flush() external {
        uint256 had = token.balanceOf(address(splitter));
        uint256[2] memory before = [token.balanceOf(address(insurance)), token.balanceOf(ecosystem)];
        splitter.flush();
        IFeeSplitter.Params memory p = splitterParams();
        uint256 toEcosystem = had * p.ecosystemBps / 10_000;
        if (token.balanceOf(ecosystem) - before[1] != toEcosystem) ++wronglyPaid;
        if (token.balanceOf(address(insurance)) - before[0] != had - toEcosystem) ++wronglyPaid;
    }

    // --- inside

    function _pass(address who) internal {
        RefusingToken(address(token)).refuse(who, false);
    }

    /// @dev By whoever is its requester.
    function _closeJob(bytes32 job) internal virtual {
        vm.prank(requester);
        escrow.close(job);
    }

    function _settle(uint256 index, uint256 seed) internal {
        Round memory r = _rounds[index];
        _rounds[index] = _rounds[_rounds.length - 1];
        _rounds.pop();
        uint64 first = uint64(seed % (r.units + 1));
        uint64 second = uint64((seed >> 64) % (r.units - first + 1));
        Payout[] memory work = new Payout[](2);
        work[0] = Payout(nodes[seed % PEOPLE], first, 1);
        work[1] = Payout(nodes[(seed % PEOPLE + 1) % PEOPLE], second, 1);
        reservedFor[r.job] -= r.units * uint256(escrow.priceOf(r.job));
        Wealth memory due = _wealthOfAll();
        _expect(due, r, work[0]);
        _expect(due, r, work[1]);
        vm.startPrank(settlement);
        escrow.pay(r.job, r.baseFee, work, r.units);
        uint256 free = escrow.freeBalance(r.job) / escrow.priceOf(r.job);
        Payout[] memory audits = new Payout[](1);
        audits[0] = Payout(nodes[(seed % PEOPLE + 2) % PEOPLE], uint64((seed >> 128) % 10), 1);
        if (audits[0].units <= free) {
            escrow.payAudits(r.job, r.baseFee, audits);
            _expect(due, r, audits[0]);
        }
        vm.stopPrank();
        if (keccak256(abi.encode(_wealthOfAll())) != keccak256(abi.encode(due))) ++wronglyPaid;
    }

    /// @dev Adds what this work must bring to each, worked out from the terms.
    function _expect(Wealth memory due, Round memory r, Payout memory work) private view {
        IJobEscrow.Job memory j = escrow.jobOf(r.job);
        uint256 gross = work.units * uint256(j.pricePerUnit);
        uint256 premium = j.insured ? (gross * PREMIUM_BPS + 9999) / 10_000 : 0;
        uint256 rest = gross - work.units * uint256(r.baseFee) - premium;
        uint256 referral = j.referrer == address(0) ? 0 : rest * REFERRAL_BPS / 10_000;
        for (uint256 i; i < PEOPLE; ++i) {
            if (nodes[i] == work.node) due.owners[i] += rest - _feeOf(r.job, rest) - referral;
        }
        due.referrer += referral;
        due.fees += work.units * uint256(r.baseFee) + _feeOf(r.job, rest);
        due.premiums += premium;
    }

    function _feeOf(bytes32 jobOrLease, uint256 amount) internal view returns (uint256) {
        return (amount * feeBpsOf[jobOrLease] + 9999) / 10_000;
    }

    function _wealthOfAll() private view returns (Wealth memory w) {
        for (uint256 i; i < PEOPLE; ++i) {
            w.owners[i] = token.balanceOf(owners[i]) + escrow.owedTo(owners[i]);
        }
        w.referrer = token.balanceOf(referrer) + escrow.owedTo(referrer);
        (w.fees, w.premiums) = (token.balanceOf(address(splitter)), token.balanceOf(address(insurance)));
    }
}
