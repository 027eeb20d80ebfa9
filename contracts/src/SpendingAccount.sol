// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "./interfaces/IJobEscrow.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {ISpendingAccount} from "./interfaces/ISpendingAccount.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Account of a requester with hot keys
/// @dev See `ISpendingAccount`.
contract SpendingAccount is ISpendingAccount {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    address public immutable owner;
    IERC20 public immutable token;
    IJobEscrow public immutable escrow;
    IMarket public immutable market;

    mapping(address key => Key) private _keys;
    mapping(bytes32 order => bool) private _placed;

    constructor(address owner_, IERC20 token_, IJobEscrow escrow_, IMarket market_) {
        require(owner_ != address(0), NotOwner(owner_));
        owner = owner_;
        token = token_;
        escrow = escrow_;
        market = market_;
    }

    modifier onlyOwner() {
        require(msg.sender == owner, NotOwner(msg.sender));
        _;
    }

    modifier onlyKey() {
        require(msg.sender == owner || block.timestamp <= _keys[msg.sender].limit.expiry, NotKey(msg.sender));
        _;
    }

    modifier onlyOurJob(bytes32 job) {
        require(escrow.jobOf(job).requester == address(this), NotOurJob(job));
        _;
    }

    modifier onlyOurLease(bytes32 lease) {
        require(market.leaseOf(lease).requester == address(this), NotOurLease(lease));
        _;
    }

    /// @inheritdoc ISpendingAccount
    function setLimit(address key, Limit calldata limit) external onlyOwner {
        require(limit.periodSeconds > 0, InvalidLimit("periodSeconds must be positive"));
        require(limit.expiry >= block.timestamp, InvalidLimit("expiry is in the past"));
        _keys[key] = Key({limit: limit, spent: 0, spentInPeriod: 0, period: 0});
        emit LimitSet(key, limit);
    }

    /// @inheritdoc ISpendingAccount
    function revoke(address key) external onlyOwner {
        delete _keys[key];
        emit LimitSet(key, Limit(0, 0, 0, 0));
    }

    /// @inheritdoc ISpendingAccount
    function withdraw(IERC20 asset, uint256 amount) external onlyOwner {
        emit Withdrawn(asset, amount);
        asset.safeTransfer(owner, amount);
    }

    /// @inheritdoc ISpendingAccount
    function openJob(IJobEscrow.Terms calldata terms, uint256 budget) external onlyKey returns (bytes32 job) {
        _spend(budget);
        token.forceApprove(address(escrow), budget);
        return escrow.open(terms, budget);
    }

    /// @inheritdoc ISpendingAccount
    function topUpJob(bytes32 job, uint256 amount) external onlyKey onlyOurJob(job) {
        _spend(amount);
        token.forceApprove(address(escrow), amount);
        escrow.topUp(job, amount);
    }

    /// @inheritdoc ISpendingAccount
    function setCoordinator(bytes32 job, address coordinator) external onlyKey {
        escrow.setCoordinator(job, coordinator);
    }

    /// @inheritdoc ISpendingAccount
    function closeJob(bytes32 job) external onlyKey {
        escrow.close(job);
    }

    /// @inheritdoc ISpendingAccount
    function placeOrder(IMarket.Order calldata order) external onlyKey returns (bytes32 hash) {
        require(order.requester == address(this), NotOurOrder(order.requester));
        // Only a key can sign vouchers: this account signs nothing but orders.
        require(order.signer != address(0), NoVoucherKey());
        hash = market.orderDigest(order);
        require(!_placed[hash], AlreadyPlaced(hash));
        _placed[hash] = true;
        _spend(order.deposit);
        emit OrderPlaced(hash, msg.sender);
        // Beyond what other orders may still take. Only an order placed here can use it.
        token.safeIncreaseAllowance(address(market), order.deposit);
    }

    /// @inheritdoc ISpendingAccount
    function cancelOrder(IMarket.Order calldata order) external onlyKey {
        market.cancelOrder(order);
    }

    /// @inheritdoc ISpendingAccount
    function topUpLease(bytes32 lease, uint256 amount) external onlyKey onlyOurLease(lease) {
        _spend(amount);
        token.safeIncreaseAllowance(address(market), amount);
        market.topUp(lease, amount);
    }

    /// @inheritdoc ISpendingAccount
    function extendLease(bytes32 lease, IMarket.Offer calldata offer, uint64 quantity, uint64 term)
        external
        onlyKey
        onlyOurLease(lease)
    {
        uint256 cost = uint256(quantity) * market.leaseOf(lease).price;
        _spend(cost);
        token.safeIncreaseAllowance(address(market), cost);
        market.extend(lease, offer, quantity, term);
    }

    /// @inheritdoc ISpendingAccount
    function endLease(bytes32 lease) external onlyKey {
        market.end(lease);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return _placed[hash] && signature.length == 0 ? IERC1271.isValidSignature.selector : bytes4(0);
    }

    /// @inheritdoc ISpendingAccount
    function keyOf(address key) external view returns (Key memory) {
        return _keys[key];
    }

    /// @inheritdoc ISpendingAccount
    function spendable(address key) external view returns (uint256) {
        Key storage k = _keys[key];
        if (block.timestamp > k.limit.expiry) return 0;
        (uint256 inPeriod, uint256 inAll) = _left(k);
        return Math.min(inPeriod, inAll);
    }

    /// @dev Takes `amount` off the caller's limit. The owner has none.
    function _spend(uint256 amount) private {
        if (msg.sender == owner) return;
        Key storage k = _keys[msg.sender];
        (uint256 inPeriod, uint256 inAll) = _left(k);
        require(amount <= inPeriod, ExceedsPeriod(msg.sender, amount, inPeriod));
        require(amount <= inAll, ExceedsTotal(msg.sender, amount, inAll));
        uint64 period = _period(k);
        if (k.period != period) (k.period, k.spentInPeriod) = (period, 0);
        k.spentInPeriod += amount.toUint128();
        k.spent += amount.toUint128();
        emit Spent(msg.sender, amount);
    }

    function _left(Key storage k) private view returns (uint256 inPeriod, uint256 inAll) {
        uint256 spentInPeriod = k.period == _period(k) ? k.spentInPeriod : 0;
        return (k.limit.perPeriod - spentInPeriod, k.limit.total - k.spent);
    }

    function _period(Key storage k) private view returns (uint64) {
        return (block.timestamp / k.limit.periodSeconds).toUint64();
    }
}
