// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IFeeSplitter} from "../../src/interfaces/IFeeSplitter.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../../src/interfaces/IMarket.sol";
import {Payout} from "../../src/interfaces/Types.sol";
import {Money, RefusingToken} from "../support/Money.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev Jobs and leases by everybody at once, of a token that now and then refuses somebody. Each action does something valid
/// or nothing, so that any revert is a finding. What everybody signed for is counted apart from the contracts.
abstract contract MoneyHandler is Money {
    uint256 internal constant PEOPLE = 3;
    uint256 internal constant MAX_JOBS = 4;
    uint256 internal constant MAX_LEASES = 6;

    /// @dev A round that was committed and not settled.
    struct Round {
        bytes32 job;
        uint128 baseFee;
        uint64 units;
    }

    bytes32[] public jobs;
    bytes32[] public leases;
    Round[] internal _rounds;
    address[] public owners;
    address[] public nodes;
    uint256[] internal _nodeKeys;
    uint256 internal _nonce;
    mapping(bytes32 lease => IMarket.Offer) internal _offers;

    // What must be true, counted apart from the contracts.
    mapping(bytes32 job => uint256) public reservedFor;
    /// @dev The fee when a job or a lease was opened, which holds for all of it.
    mapping(bytes32 jobOrLease => uint256) public feeBpsOf;
    mapping(bytes32 lease => uint256) public deposited;
    /// @dev Cumulative: the highest amount that was agreed to by a voucher, by silence, or by an objection, and what was forfeited.
    mapping(bytes32 lease => uint256) public agreed;
    mapping(bytes32 lease => uint256) public forfeited;
    mapping(bytes32 lease => uint256) public toProvider;
    uint256 public bondsLost;
    uint256 public bondsPosted;
    /// @dev How often a payment was not what its terms say.
    uint256 public wronglyPaid;

    /// @dev What everybody whom a payment of a job reaches has and is owed: three owners, the referrer, fees and premiums.
    struct Wealth {
        uint256[PEOPLE] owners;
        uint256 referrer;
        uint256 fees;
        uint256 premiums;
    }

    function setUp() public override {}

    constructor() {
        vm.warp(1_800_000_000);
        (requester, requesterKey) = makeAddrAndKey("requester");
        deploy(IERC20(address(new RefusingToken(treasury, SUPPLY))));
        for (uint256 i; i < PEOPLE; ++i) {
            (address node_, uint256 key) = makeAddrAndKey(string.concat("node ", vm.toString(i)));
            nodes.push(node_);
            _nodeKeys.push(key);
            owners.push(makeAddr(string.concat("owner ", vm.toString(i))));
            registry.set(node_, owners[i], 1);
            fund(node_, 1000 ether);
            allow(node_);
        }
        fund(requester, 1_000_000 ether);
        allow(requester);
    }

    function splitterParams() internal pure override returns (IFeeSplitter.Params memory) {
        return IFeeSplitter.Params(0, 4000, 6000);
    }

    // --- jobs

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
        vm.prank(requester);
        escrow.close(job);
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

    // --- leases

    function openLease(uint256 who, uint256 quantity, uint256 seed) external {
        if (leases.length == MAX_LEASES) return;
        who %= PEOPLE;
        IMarket.Meter meter = seed % 2 == 0 ? IMarket.Meter.Seconds : IMarket.Meter.Units;
        IMarket.Offer memory offer = offerOf(meter);
        IMarket.Order memory order = orderOf(meter);
        (offer.provider, offer.node) = (nodes[who], nodes[who]);
        (offer.nonce, order.nonce) = (_nonce, _nonce);
        ++_nonce;
        offer.expiry = type(uint64).max;
        order.maxQuantity = uint64(bound(quantity, 10, 100_000));
        order.deposit = uint128(bound(seed, offer.minDeposit, order.maxQuantity * uint256(PRICE)));
        nodeKey = _nodeKeys[who];
        _pass(requester);
        bytes32 lease = openLease(offer, order);
        leases.push(lease);
        feeBpsOf[lease] = market.feeBps();
        _offers[lease] = offer;
        deposited[lease] = market.leaseOf(lease).deposit;
    }

    function topUpLease(uint256 which, uint256 amount) external {
        (bool found, bytes32 lease) = _running(which);
        if (!found) return;
        IMarket.Lease memory l = market.leaseOf(lease);
        if (l.deposit == l.most) return;
        amount = bound(amount, 1, l.most - l.deposit);
        vm.prank(requester);
        market.topUp(lease, amount);
        deposited[lease] += amount;
    }

    function extend(uint256 which, uint64 quantity) external {
        (bool found, bytes32 lease) = _running(which);
        if (!found) return;
        IMarket.Offer memory offer = _offers[lease];
        uint256 left = offer.maxQuantity - market.filled(market.offerDigest(offer));
        uint256 term = uint256(market.leaseOf(lease).start) + offer.maxTerm - market.leaseOf(lease).end;
        if (term < left) left = term;
        if (left == 0) return;
        quantity = uint64(bound(quantity, 1, left));
        vm.prank(requester);
        market.extend(lease, offer, quantity, quantity);
        deposited[lease] += quantity * uint256(PRICE);
    }

    function redeem(uint256 which, uint256 amount) external {
        (bool found, bytes32 lease) = _open(which);
        if (!found) return;
        IMarket.Lease memory l = market.leaseOf(lease);
        if (l.settled == l.deposit) return;
        uint128 upTo = uint128(bound(amount, l.settled + 1, l.deposit));
        IMarket.Claim memory c = market.claimOf(lease);
        bytes memory signature = voucher(lease, upTo);
        _measure(lease);
        market.redeem(lease, upTo, signature);
        if (c.claimant != address(0) && c.amount <= upTo) bondsPosted -= c.bond;
        _agree(lease, upTo);
    }

    function claim(uint256 which, uint256 amount) external {
        (bool found, bytes32 lease) = _open(which);
        if (!found || market.claimOf(lease).claimant != address(0)) return;
        IMarket.Lease memory l = market.leaseOf(lease);
        uint256 most = market.accrued(lease);
        if (most <= l.settled || block.timestamp > uint256(l.end) + CHALLENGE) return;
        vm.prank(l.node);
        market.claim(lease, uint128(bound(amount, l.settled + 1, most)), "evidence");
        bondsPosted += market.claimOf(lease).bond;
    }

    function withdrawClaim(uint256 which) external {
        (bool found, bytes32 lease) = _open(which);
        if (!found) return;
        IMarket.Claim memory c = market.claimOf(lease);
        if (c.claimant == address(0) || block.timestamp >= c.deadline - CHALLENGE / 2) return;
        vm.prank(c.claimant);
        market.withdrawClaim(lease);
        bondsPosted -= c.bond;
    }

    function object(uint256 which, uint256 amount, uint256 seldom) external {
        (bool found, bytes32 lease) = _open(which);
        if (!found || seldom % 2 != 0) return;
        IMarket.Claim memory c = market.claimOf(lease);
        if (c.claimant == address(0) || block.timestamp > c.deadline) return;
        uint128 upTo = uint128(bound(amount, market.leaseOf(lease).settled, c.amount - 1));
        uint256 before = token.balanceOf(address(splitter));
        _measure(lease);
        uint256 settled = market.leaseOf(lease).settled;
        vm.prank(requester);
        market.object(lease, upTo);
        uint256 fee = _feeOf(lease, upTo - settled);
        uint256 lost = token.balanceOf(address(splitter)) - before - (c.amount - upTo) - fee;
        bondsLost += lost;
        bondsPosted -= c.bond;
        _agree(lease, upTo);
        forfeited[lease] += c.amount - upTo;
    }

    function finalize(uint256 which) external {
        (bool found, bytes32 lease) = _open(which);
        if (found) _finalize(lease);
    }

    function end(uint256 which, bool byProvider) external {
        (bool found, bytes32 lease) = _running(which);
        if (!found) return;
        vm.prank(byProvider ? market.leaseOf(lease).node : requester);
        market.end(lease);
    }

    function close(uint256 which, uint256 seldom) external {
        (bool found, bytes32 lease) = _open(which);
        if (!found || market.claimOf(lease).claimant != address(0)) return;
        IMarket.Lease memory l = market.leaseOf(lease);
        bool over = block.timestamp > uint256(l.end) + CHALLENGE;
        if (!over && seldom % 8 != 0) return;
        vm.prank(over ? stranger : l.node);
        market.close(lease);
    }

    // --- the world

    function refuse(uint256 who, bool on) external {
        address[5] memory all = [owners[0], owners[1], nodes[2], referrer, requester];
        RefusingToken(address(token)).refuse(all[who % 5], on);
    }

    function payOwed(uint256 who) external {
        address to = people()[who % people().length];
        if (RefusingToken(address(token)).refused(to)) return;
        if (escrow.owedTo(to) > 0) escrow.payOwed(to);
        if (market.owedTo(to) > 0) market.payOwed(to);
    }

    /// @dev The fee of what is opened from now on.
    function tune(uint256 bps) external {
        vm.startPrank(tuner);
        escrow.setFeeBps(uint16(bound(bps, FEE_MIN, FEE_MAX)));
        market.setFeeBps(uint16(bound(bps >> 128, FEE_MIN, FEE_MAX)));
        vm.stopPrank();
    }

    function pass(uint256 seconds_) external {
        skip(bound(seconds_, 1, 12 hours));
    }

    /// @dev Everybody leaves, by calls that anyone or each one alone can make.
    function windUp() external {
        address[] memory all = people();
        for (uint256 i; i < all.length; ++i) {
            _pass(all[i]);
        }
        while (_rounds.length > 0) {
            _settle(0, 0);
        }
        for (uint256 i; i < jobs.length; ++i) {
            if (escrow.jobOf(jobs[i]).closed) {
                escrow.refund(jobs[i]);
            } else {
                vm.prank(requester);
                escrow.close(jobs[i]);
            }
        }
        skip(60 days);
        for (uint256 i; i < leases.length; ++i) {
            _finalize(leases[i]);
            if (!market.leaseOf(leases[i]).closed) market.close(leases[i]);
        }
        for (uint256 i; i < all.length; ++i) {
            if (escrow.owedTo(all[i]) > 0) escrow.payOwed(all[i]);
            if (market.owedTo(all[i]) > 0) market.payOwed(all[i]);
        }
    }

    // --- inside

    function _pass(address who) internal {
        RefusingToken(address(token)).refuse(who, false);
    }

    function _settle(uint256 index, uint256 seed) private {
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

    function _feeOf(bytes32 jobOrLease, uint256 amount) private view returns (uint256) {
        return (amount * feeBpsOf[jobOrLease] + 9999) / 10_000;
    }

    function _wealthOfAll() private view returns (Wealth memory w) {
        for (uint256 i; i < PEOPLE; ++i) {
            w.owners[i] = token.balanceOf(owners[i]) + escrow.owedTo(owners[i]);
        }
        w.referrer = token.balanceOf(referrer) + escrow.owedTo(referrer);
        (w.fees, w.premiums) = (token.balanceOf(address(splitter)), token.balanceOf(address(insurance)));
    }

    function _finalize(bytes32 lease) private {
        IMarket.Claim memory c = market.claimOf(lease);
        if (c.claimant == address(0) || block.timestamp <= c.deadline) return;
        _measure(lease);
        market.finalize(lease);
        bondsPosted -= c.bond;
        _agree(lease, c.amount);
    }

    /// @dev What the provider's owner has and is owed, before a payment.
    uint256 private _before;

    function _measure(bytes32 lease) private {
        _before = _wealth(lease);
    }

    function _agree(bytes32 lease, uint256 upTo) private {
        // A voucher agrees to what was forfeited as well, but that is paid to nobody again.
        agreed[lease] = upTo;
        toProvider[lease] += _wealth(lease) - _before;
    }

    function _wealth(bytes32 lease) private view returns (uint256) {
        address owner_ = registry.ownerOf(market.leaseOf(lease).node);
        return token.balanceOf(owner_) + market.owedTo(owner_);
    }

    function _open(uint256 which) internal view returns (bool, bytes32 lease) {
        if (leases.length == 0) return (false, 0);
        lease = leases[which % leases.length];
        return (!market.leaseOf(lease).closed, lease);
    }

    function _running(uint256 which) private view returns (bool found, bytes32 lease) {
        (found, lease) = _open(which);
        if (found) found = block.timestamp < market.leaseOf(lease).end;
    }

    // --- for the invariants

    function parts()
        external
        view
        returns (IERC20, IJobEscrow, IMarket, address splitter_, address insurance_, address ecosystem_)
    {
        return (token, escrow, market, address(splitter), address(insurance), ecosystem);
    }

    function people() public view returns (address[] memory all) {
        all = new address[](2 * PEOPLE + 3);
        for (uint256 i; i < PEOPLE; ++i) {
            all[2 * i] = owners[i];
            all[2 * i + 1] = nodes[i];
        }
        (all[2 * PEOPLE], all[2 * PEOPLE + 1], all[2 * PEOPLE + 2]) = (requester, referrer, treasury);
    }

    function counts() external view returns (uint256 jobs_, uint256 leases_) {
        return (jobs.length, leases.length);
    }
}
