// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../src/interfaces/IMarket.sol";
import {ISpendingAccount} from "../../src/interfaces/ISpendingAccount.sol";
import {Payout} from "../../src/interfaces/Types.sol";
import {MoneyHandler} from "./MoneyHandler.sol";

/// @dev The same people, who also try what they may not do with jobs and leases. All of it must be refused, whatever happened before.
contract MoneyOversteps is MoneyHandler {
    /// @dev Tries a call that must revert.
    function mustRefuse(string memory what, address caller, address target, bytes memory data) private {
        vm.prank(caller);
        (bool ok,) = target.call(data);
        assertFalse(ok, string.concat("not refused: ", what));
    }

    /// @dev Leases are what both signed, once each.
    function openAgain(uint256 which) external {
        if (leases.length == 0) return;
        bytes32 lease = leases[which % leases.length];
        IMarket.Offer memory offer = _offers[lease];
        IMarket.Order memory order = orderOf(offer.meter);
        order.expiry = type(uint64).max;
        order.nonce = 1e18 + _nonce++;
        order.maxPrice = PRICE - 1;
        _pass(requester);
        _tryOpen("opened above the highest price", offer, order, requesterKey);
        order.maxPrice = PRICE;
        _tryOpen("opened with another's signature", offer, order, _nodeKeys[0]);
        order.tiers = 1;
        _tryOpen("opened on another tier", offer, order, requesterKey);
        (order.tiers, order.expiry) = (14, uint64(block.timestamp - 1));
        _tryOpen("opened after the expiry", offer, order, requesterKey);
    }

    function _tryOpen(string memory what, IMarket.Offer memory offer, IMarket.Order memory order, uint256 key) private {
        uint256 offeringKey;
        for (uint256 i; i < PEOPLE; ++i) {
            if (nodes[i] == offer.provider) offeringKey = _nodeKeys[i];
        }
        bytes memory call = abi.encodeCall(
            market.openLease,
            (offer, signedBy(offeringKey, market.offerDigest(offer)), order, signedBy(key, market.orderDigest(order)))
        );
        mustRefuse(what, stranger, address(market), call);
    }

    function takeTooMuchOfALease(uint256 which, uint256 amount) external {
        (bool found, bytes32 lease) = _open(which);
        if (!found) return;
        IMarket.Lease memory l = market.leaseOf(lease);
        uint128 beyond = l.deposit + uint128(bound(amount, 1, 1e24));
        uint256 key = _keyOf[_signerOf(lease)];
        _tryRedeem("redeemed beyond the deposit", lease, beyond, key);
        if (l.settled > 0) _tryRedeem("redeemed twice", lease, uint128(bound(amount, 1, l.settled)), key);
        _tryRedeem("redeemed a forged voucher", lease, l.deposit, _nodeKeys[0]);
        uint128 more = uint128(market.accrued(lease) + bound(amount, 1, 1e24));
        bytes memory claim_ = abi.encodeCall(market.claim, (lease, more, "evidence"));
        mustRefuse("claimed beyond what accrued", l.node, address(market), claim_);
        uint256 room = l.most - l.deposit;
        bytes memory top = abi.encodeCall(market.topUp, (lease, room + bound(amount, 1, 1e20)));
        mustRefuse("deposited what cannot be earned", requester, address(market), top);
        if (block.timestamp <= uint256(l.end) + CHALLENGE) {
            mustRefuse("closed early", stranger, address(market), abi.encodeCall(market.close, (lease)));
            mustRefuse("closed early", requester, address(market), abi.encodeCall(market.close, (lease)));
        } else {
            bytes memory late = abi.encodeCall(market.claim, (lease, uint128(l.settled + 1), "evidence"));
            mustRefuse("claimed late", l.node, address(market), late);
        }
        mustRefuse("ended by a stranger", stranger, address(market), abi.encodeCall(market.end, (lease)));
    }

    function _tryRedeem(string memory what, bytes32 lease, uint128 amount, uint256 key) private {
        bytes memory signature = signedBy(key, market.voucherDigest(lease, amount));
        mustRefuse(what, stranger, address(market), abi.encodeCall(market.redeem, (lease, amount, signature)));
    }

    function decideClaimsWrongly(uint256 amount) external {
        for (uint256 i; i < leases.length; ++i) {
            if (!market.leaseOf(leases[i]).closed) _decideWrongly(leases[i], amount);
        }
    }

    function _decideWrongly(bytes32 lease, uint256 amount) private {
        IMarket.Claim memory c = market.claimOf(lease);
        address m = address(market);
        address node_ = market.leaseOf(lease).node;
        bytes memory finalize_ = abi.encodeCall(market.finalize, (lease));
        if (c.claimant == address(0)) {
            mustRefuse("finalized no claim", node_, m, finalize_);
            return;
        }
        bytes memory object_ = abi.encodeCall(market.object, (lease, uint128(market.leaseOf(lease).settled)));
        bytes memory withdraw = abi.encodeCall(market.withdrawClaim, (lease));
        if (block.timestamp <= c.deadline) mustRefuse("finalized early", node_, m, finalize_);
        else mustRefuse("objected late", _signerOf(lease), m, object_);
        if (block.timestamp >= c.deadline - CHALLENGE / 2) mustRefuse("withdrew a claim late", node_, m, withdraw);
        mustRefuse("withdrew another's claim", stranger, m, withdraw);
        mustRefuse("objected for another", stranger, m, object_);
        uint128 agreed = c.amount + uint128(bound(amount, 0, 1e24));
        mustRefuse("agreed to more", _signerOf(lease), m, abi.encodeCall(market.object, (lease, agreed)));
        bytes memory second = abi.encodeCall(market.claim, (lease, c.amount, "evidence"));
        mustRefuse("claimed twice", node_, m, second);
        mustRefuse("closed under a claim", node_, m, abi.encodeCall(market.close, (lease)));
    }

    function takeTooMuchOfAJob(uint256 which, uint256 amount) external {
        if (jobs.length == 0) return;
        bytes32 job = jobs[which % jobs.length];
        address e = address(escrow);
        amount = bound(amount, 1, 1e12);
        Payout[] memory one = new Payout[](1);
        one[0] = Payout(nodes[0], 1, 1);
        mustRefuse("paid by a stranger", stranger, e, abi.encodeCall(escrow.pay, (job, 0, one, 1)));
        mustRefuse("credited by a stranger", stranger, e, abi.encodeCall(escrow.credit, (job, 1)));
        mustRefuse("closed by a stranger", stranger, e, abi.encodeCall(escrow.close, (job)));
        uint256 free = escrow.freeBalance(job) / escrow.priceOf(job);
        bytes memory reserve_ = abi.encodeCall(escrow.reserve, (job, coordinator, free + amount));
        mustRefuse("reserved what is not there", settlement, e, reserve_);
        one[0].units = uint64(free + amount);
        bytes memory audits = abi.encodeCall(escrow.payAudits, (job, 0, one));
        mustRefuse("audited with what is reserved", settlement, e, audits);
        reserve_ = abi.encodeCall(escrow.reserve, (job, stranger, 0));
        mustRefuse("reserved for a stranger", settlement, e, reserve_);
        if (!escrow.jobOf(job).closed) {
            mustRefuse("refunded an open job", requester, e, abi.encodeCall(escrow.refund, (job)));
        }
    }

    /// @dev What is for the owner of an account, for a key with a limit, or for nobody.
    function spendWrongly(uint256 who, uint256 amount) external {
        address key = hot[who % 2];
        address a = address(account);
        ISpendingAccount.Limit memory limit =
            ISpendingAccount.Limit(type(uint128).max, type(uint128).max, 1, type(uint64).max);
        address[2] memory callers = [key, stranger];
        for (uint256 i; i < 2; ++i) {
            mustRefuse("took out of an account", callers[i], a, abi.encodeCall(account.withdraw, (token, 0)));
            mustRefuse("raised a limit", callers[i], a, abi.encodeCall(account.setLimit, (key, limit)));
            mustRefuse("revoked a key", callers[i], a, abi.encodeCall(account.revoke, (key)));
        }
        address none = _isKey(key) ? stranger : key;
        amount = bound(amount, 1, 1e15);
        mustRefuse("spent without a limit", none, a, abi.encodeCall(account.openJob, (terms(), amount)));
        for (uint256 i; i < jobs.length; ++i) {
            bool ours = escrow.jobOf(jobs[i]).requester == a;
            address by = ours ? none : key;
            mustRefuse("topped up", by, a, abi.encodeCall(account.topUpJob, (jobs[i], amount)));
            mustRefuse("closed a job", by, a, abi.encodeCall(account.closeJob, (jobs[i])));
            mustRefuse("redirected a job", by, a, abi.encodeCall(account.setCoordinator, (jobs[i], by)));
        }
        for (uint256 i; i < leases.length; ++i) {
            address by = market.leaseOf(leases[i]).requester == a ? none : key;
            mustRefuse("topped up", by, a, abi.encodeCall(account.topUpLease, (leases[i], 1)));
            mustRefuse("ended a lease", by, a, abi.encodeCall(account.endLease, (leases[i])));
        }
        _orderWrongly(key, none, amount);
    }

    function _orderWrongly(address key, address none, uint256 amount) private {
        address a = address(account);
        IMarket.Order memory o = orderOf(IMarket.Meter.Seconds);
        (o.requester, o.signer, o.deposit, o.nonce) = (a, key, uint128(amount), type(uint256).max);
        mustRefuse("ordered without a limit", none, a, abi.encodeCall(account.placeOrder, (o)));
        bytes4 answer = account.isValidSignature(market.orderDigest(o), "");
        assertNotEq(answer, account.isValidSignature.selector, "signed what was not placed");
        o.requester = requester;
        mustRefuse("ordered for another", key, a, abi.encodeCall(account.placeOrder, (o)));
        (o.requester, o.signer) = (a, address(0));
        mustRefuse("ordered without a voucher key", key, a, abi.encodeCall(account.placeOrder, (o)));
        if (_orders.length == 0) return;
        bytes memory again = abi.encodeCall(account.placeOrder, (_orders[amount % _orders.length]));
        mustRefuse("ordered twice", cold, a, again);
        mustRefuse("cancelled an order", none, a, abi.encodeCall(account.cancelOrder, (_orders[0])));
    }
}
