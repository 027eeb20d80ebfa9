// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../../src/interfaces/IMarket.sol";
import {ISpendingAccount} from "../../src/interfaces/ISpendingAccount.sol";
import {RefusingToken} from "../support/Money.sol";
import {Leases} from "./Leases.sol";

/// @dev An account of a requester whose two hot keys open jobs and leases, within their limits and beyond. A call succeeds exactly
/// when the limit, worked out apart from the contract, allows it.
abstract contract Accounts is Leases {
    uint256 internal constant MOST_OF_ACCOUNT = 4;

    /// @dev What a key may do, and what it spent in each period since its limit was set.
    struct Allowance {
        ISpendingAccount.Limit limit;
        uint256 generation;
        uint256 spent;
    }

    ISpendingAccount internal account;
    address internal cold = makeAddr("cold");
    address[2] public hot;
    bytes32[] internal _accountJobs;
    bytes32[] internal _accountLeases;
    /// @dev Orders that nobody took yet.
    IMarket.Order[] internal _orders;
    IMarket.Offer[] internal _ordered;
    mapping(address key => Allowance) internal _allowances;
    mapping(address key => mapping(uint256 generation => mapping(uint256 period => uint256))) private _spentIn;

    /// @dev What the market may take: the deposits of the orders that nobody took, and of those that were cancelled.
    uint256 public promised;

    // --- the owner

    function setLimit(uint256 who, uint256 perPeriod, uint256 total, uint256 time) external {
        perPeriod = bound(perPeriod, 1e15, 50e18);
        total = bound(total, perPeriod / 2, 4 * perPeriod);
        uint64 period = [uint64(1 hours), 6 hours, 1 days][time % 3];
        uint64 expiry = uint64(block.timestamp + bound(time, 0, 6 days));
        _setLimit(hot[who % 2], ISpendingAccount.Limit(uint128(perPeriod), uint128(total), period, expiry));
    }

    function revoke(uint256 who, uint256 seldom) external {
        if (seldom % 4 != 0) return;
        address key = hot[who % 2];
        vm.prank(cold);
        account.revoke(key);
        delete _allowances[key].limit;
    }

    function putIn(uint256 amount) external {
        if (!RefusingToken(address(token)).refused(address(account))) fund(address(account), bound(amount, 1, 100e18));
    }

    function takeOut(uint256 amount) external {
        uint256 held = token.balanceOf(address(account));
        amount = bound(amount, 0, held / 2);
        uint256 before = token.balanceOf(cold);
        vm.prank(cold);
        account.withdraw(token, amount);
        assertEq(token.balanceOf(cold) - before, amount, "what the owner takes out reaches it");
    }

    // --- the keys

    function openByKey(uint256 who, uint256 amount, uint256 seed) external {
        if (_accountJobs.length == MOST_OF_ACCOUNT) return;
        IJobEscrow.Terms memory t = terms();
        t.deadline = type(uint64).max;
        t.insured = seed % 2 == 0;
        address key = hot[who % 2];
        amount = _amount(key, amount, seed >> 8);
        bytes32 job = escrow.nextJobId(address(account));
        if (!_spend(key, amount, abi.encodeCall(account.openJob, (t, amount)))) return;
        jobs.push(job);
        _accountJobs.push(job);
        feeBpsOf[job] = escrow.feeBps();
        assertEq(escrow.jobOf(job).requester, address(account));
        assertEq(escrow.jobOf(job).balance, amount);
    }

    function topUpByKey(uint256 who, uint256 which, uint256 amount, uint256 seed) external {
        if (_accountJobs.length == 0) return;
        bytes32 job = _accountJobs[which % _accountJobs.length];
        if (escrow.jobOf(job).closed) return;
        address key = hot[who % 2];
        amount = _amount(key, amount, seed);
        _spend(key, amount, abi.encodeCall(account.topUpJob, (job, amount)));
    }

    /// @dev A key closes jobs of the account, without any limit.
    function closeByKey(uint256 who, uint256 which, uint256 seldom) external {
        if (_accountJobs.length == 0 || seldom % 8 != 0) return;
        bytes32 job = _accountJobs[which % _accountJobs.length];
        address key = hot[who % 2];
        if (escrow.jobOf(job).closed || !_isKey(key)) return;
        vm.prank(key);
        account.closeJob(job);
    }

    function orderByKey(uint256 who, uint256 quantity, uint256 seed) external {
        if (_orders.length + _accountLeases.length == MOST_OF_ACCOUNT) return;
        (IMarket.Offer memory offer, IMarket.Order memory o) = _terms(seed % PEOPLE, quantity, seed);
        address key = hot[who % 2];
        (o.requester, o.signer, o.expiry) = (address(account), key, type(uint64).max);
        o.deposit = uint128(bound(_amount(key, seed, seed >> 8), offer.minDeposit, o.maxQuantity * uint256(PRICE)));
        if (!_spend(key, o.deposit, abi.encodeCall(account.placeOrder, (o)))) return;
        _orders.push(o);
        _ordered.push(offer);
        promised += o.deposit;
    }

    /// @dev Anybody brings a placed order to the offer that it goes with.
    function takeOrder(uint256 which) external {
        if (_orders.length == 0) return;
        which %= _orders.length;
        IMarket.Order memory o = _orders[which];
        IMarket.Offer memory offer = _ordered[which];
        if (token.balanceOf(address(account)) < o.deposit) return;
        bytes memory signature;
        for (uint256 i; i < PEOPLE; ++i) {
            if (nodes[i] == offer.node) signature = signedBy(_nodeKeys[i], market.offerDigest(offer));
        }
        vm.prank(stranger);
        bytes32 lease = market.openLease(offer, signature, o, "");
        _opened(lease, offer);
        _accountLeases.push(lease);
        assertEq(deposited[lease], o.deposit);
        promised -= o.deposit;
        _forget(which);
    }

    /// @dev What was spent on an order that nobody took stays spent.
    function cancelByKey(uint256 who, uint256 which, uint256 seldom) external {
        if (_orders.length == 0 || seldom % 4 != 0) return;
        address key = hot[who % 2];
        if (!_isKey(key)) return;
        which %= _orders.length;
        IMarket.Order memory o = _orders[which];
        vm.prank(key);
        account.cancelOrder(o);
        _forget(which);
    }

    function extendByKey(uint256 who, uint256 which, uint256 quantity, uint256 seed) external {
        (bool found, bytes32 lease) = _runningOfAccount(which);
        if (!found) return;
        IMarket.Offer memory offer = _offers[lease];
        uint256 left = offer.maxQuantity - market.filled(market.offerDigest(offer));
        uint256 term = uint256(market.leaseOf(lease).start) + offer.maxTerm - market.leaseOf(lease).end;
        if (term < left) left = term;
        if (left == 0) return;
        address key = hot[who % 2];
        uint64 more = uint64(bound(_amount(key, quantity, seed) / PRICE, 1, left));
        uint256 cost = more * uint256(PRICE);
        if (!_spend(key, cost, abi.encodeCall(account.extendLease, (lease, offer, more, more)))) return;
        deposited[lease] += cost;
    }

    function endByKey(uint256 who, uint256 which) external {
        (bool found, bytes32 lease) = _runningOfAccount(which);
        address key = hot[who % 2];
        if (!found || !_isKey(key)) return;
        vm.prank(key);
        account.endLease(lease);
    }

    // --- limits

    /// @dev What a key may spend now, from what it spent.
    function allowedTo(address key) public view returns (uint256) {
        if (!_isKey(key)) return 0;
        Allowance storage a = _allowances[key];
        uint256 inPeriod = a.limit.perPeriod - _spentIn[key][a.generation][block.timestamp / a.limit.periodSeconds];
        uint256 inAll = a.limit.total - a.spent;
        return inPeriod < inAll ? inPeriod : inAll;
    }

    function _isKey(address key) internal view returns (bool) {
        return block.timestamp <= _allowances[key].limit.expiry;
    }

    function _setLimit(address key, ISpendingAccount.Limit memory limit) private {
        vm.prank(cold);
        account.setLimit(key, limit);
        Allowance storage a = _allowances[key];
        (a.limit, a.spent) = (limit, 0);
        ++a.generation;
    }

    /// @dev Any amount, all that is left, or a little more than that.
    function _amount(address key, uint256 amount, uint256 seed) private view returns (uint256) {
        uint256 left = allowedTo(key);
        if (seed % 4 == 0) return left == 0 ? 1 : left;
        if (seed % 4 == 1) return left + 1 + seed % 1e6;
        return bound(amount, 1, left + 1e15);
    }

    function _spend(address key, uint256 amount, bytes memory call) private returns (bool ok) {
        uint256 held = token.balanceOf(address(account));
        // Tokens that orders were promised are not kept back from jobs, but then nobody can take those orders.
        bool isOrder = bytes4(call) == account.placeOrder.selector;
        bool may = amount <= allowedTo(key) && (isOrder || amount <= held);
        vm.prank(key);
        (ok,) = address(account).call(call);
        assertEq(ok, may, may ? "a key was kept from spending" : "a key spent beyond its limit");
        if (!ok) return ok;
        assertEq(held - token.balanceOf(address(account)), isOrder ? 0 : amount, "spent something else");
        Allowance storage a = _allowances[key];
        a.spent += amount;
        _spentIn[key][a.generation][block.timestamp / a.limit.periodSeconds] += amount;
    }

    // --- inside

    function _deployAccount() internal {
        account = newAccount(cold);
        for (uint256 i; i < 2; ++i) {
            uint256 key;
            (hot[i], key) = makeAddrAndKey(string.concat("hot ", vm.toString(i)));
            _keyOf[hot[i]] = key;
            _setLimit(hot[i], ISpendingAccount.Limit(20e18, 60e18, 6 hours, uint64(block.timestamp + 7 days)));
        }
        fund(address(account), 200e18);
    }

    function _closeJob(bytes32 job) internal override {
        if (escrow.jobOf(job).requester == requester) {
            super._closeJob(job);
            return;
        }
        vm.prank(cold);
        account.closeJob(job);
    }

    function _forget(uint256 which) private {
        _orders[which] = _orders[_orders.length - 1];
        _ordered[which] = _ordered[_ordered.length - 1];
        _orders.pop();
        _ordered.pop();
    }

    function _runningOfAccount(uint256 which) private view returns (bool, bytes32 lease) {
        if (_accountLeases.length == 0) return (false, 0);
        lease = _accountLeases[which % _accountLeases.length];
        IMarket.Lease memory l = market.leaseOf(lease);
        return (!l.closed && block.timestamp < l.end, lease);
    }

    /// @dev The owner takes out all that is left.
    function _emptyAccount() internal {
        uint256 held = token.balanceOf(address(account));
        vm.prank(cold);
        account.withdraw(token, held);
    }

    // --- for the invariants

    function accountOf() external view returns (ISpendingAccount, address[2] memory) {
        return (account, hot);
    }
}
