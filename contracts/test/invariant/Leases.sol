// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../src/interfaces/IMarket.sol";
import {Jobs} from "./Jobs.sol";

/// @dev Leases by everybody, from the offer to the last token.
abstract contract Leases is Jobs {
    uint256 internal constant MAX_LEASES = 6;

    bytes32[] public leases;
    uint256 internal _nonce;
    mapping(bytes32 lease => IMarket.Offer) internal _offers;
    mapping(address signer => uint256) internal _keyOf;

    // What must be true, counted apart from the contracts.
    mapping(bytes32 lease => uint256) public deposited;
    /// @dev Cumulative: the highest amount that was agreed to by a voucher, by silence, or by an objection, and what was forfeited.
    mapping(bytes32 lease => uint256) public agreed;
    mapping(bytes32 lease => uint256) public forfeited;
    mapping(bytes32 lease => uint256) public toProvider;
    uint256 public bondsLost;
    uint256 public bondsPosted;

    function openLease(uint256 who, uint256 quantity, uint256 seed) external {
        if (leases.length == MAX_LEASES) return;
        (IMarket.Offer memory offer, IMarket.Order memory order) = _terms(who % PEOPLE, quantity, seed);
        _pass(requester);
        _opened(openLease(offer, order), offer);
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
        // Others extend through their account.
        if (!found || market.leaseOf(lease).requester != requester) return;
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
        bytes memory signature = _vouched(lease, upTo);
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
        address signer = _signerOf(lease);
        vm.prank(signer);
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
        address by = byProvider ? market.leaseOf(lease).node : _signerOf(lease);
        vm.prank(by);
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

    // --- inside

    /// @dev An offer of a node and an order that it goes with.
    function _terms(uint256 who, uint256 quantity, uint256 seed)
        internal
        returns (IMarket.Offer memory offer, IMarket.Order memory order)
    {
        IMarket.Meter meter = seed % 2 == 0 ? IMarket.Meter.Seconds : IMarket.Meter.Units;
        (offer, order) = (offerOf(meter), orderOf(meter));
        (offer.provider, offer.node) = (nodes[who], nodes[who]);
        (offer.nonce, order.nonce) = (_nonce, _nonce);
        ++_nonce;
        offer.expiry = type(uint64).max;
        order.maxQuantity = uint64(bound(quantity, 10, 100_000));
        order.deposit = uint128(bound(seed, offer.minDeposit, order.maxQuantity * uint256(PRICE)));
        nodeKey = _nodeKeys[who];
    }

    function _opened(bytes32 lease, IMarket.Offer memory offer) internal {
        leases.push(lease);
        feeBpsOf[lease] = market.feeBps();
        _offers[lease] = offer;
        deposited[lease] = market.leaseOf(lease).deposit;
    }

    /// @dev Who acts for the requester of a lease.
    function _signerOf(bytes32 lease) internal view returns (address) {
        return market.leaseOf(lease).signer;
    }

    function _vouched(bytes32 lease, uint128 amount) internal view returns (bytes memory) {
        return signedBy(_keyOf[_signerOf(lease)], market.voucherDigest(lease, amount));
    }

    function _finalize(bytes32 lease) internal {
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

    function _running(uint256 which) internal view returns (bool found, bytes32 lease) {
        (found, lease) = _open(which);
        if (found) found = block.timestamp < market.leaseOf(lease).end;
    }
}
