// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "./IJobEscrow.sol";
import {IMarket} from "./IMarket.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice A requester's account: its owner (a cold key) puts tokens in, its hot keys open jobs and leases with them, each within
/// limits.
/// @dev The account is the requester of all of them, so what is left returns here. Safety: a hot key can do nothing but spend up to
/// its limit on jobs and leases and end them; tokens leave otherwise only to the owner. What a stolen key can lose is what is
/// left of its limit. Refunds do not refill limits. Liveness: the owner can do all that a key can, without limits, and
/// needs nobody to take out what is here.
interface ISpendingAccount is IERC1271 {
    /// @param perPeriod Most that the key may spend within a period.
    /// @param total Most that it may spend in all, from when the limit is set.
    /// @param periodSeconds Length of a period. Periods are counted from the Unix epoch.
    /// @param expiry Last second at which the key may act. Zero for an address that is no key.
    struct Limit {
        uint128 perPeriod;
        uint128 total;
        uint64 periodSeconds;
        uint64 expiry;
    }

    /// @param spent Spent since the limit was set.
    /// @param spentInPeriod Spent in `period`.
    struct Key {
        Limit limit;
        uint128 spent;
        uint128 spentInPeriod;
        uint64 period;
    }

    event LimitSet(address indexed key, Limit limit);
    event Spent(address indexed key, uint256 amount);
    event Withdrawn(IERC20 indexed asset, uint256 amount);
    event OrderPlaced(bytes32 indexed order, address indexed key);

    error InvalidLimit(string what);
    error NotOwner(address caller);
    error NotKey(address caller);
    error ExceedsPeriod(address key, uint256 amount, uint256 left);
    error ExceedsTotal(address key, uint256 amount, uint256 left);
    error NotOurJob(bytes32 job);
    error NotOurLease(bytes32 lease);
    error NotOurOrder(address requester);
    error NoVoucherKey();
    error AlreadyPlaced(bytes32 order);

    /// @notice Makes `key` a hot key with `limit`, or gives it a new one; what it spent is then forgotten. By the owner.
    function setLimit(address key, Limit calldata limit) external;

    /// @notice Takes every right from `key`. By the owner.
    function revoke(address key) external;

    /// @notice Sends `amount` of any token to the owner. By the owner.
    function withdraw(IERC20 asset, uint256 amount) external;

    /// @notice Opens a job of this account; spends `budget`. By a key or the owner, like all that follows.
    function openJob(IJobEscrow.Terms calldata terms, uint256 budget) external returns (bytes32 job);

    /// @notice Adds `amount` to a job of this account; spends it.
    function topUpJob(bytes32 job, uint256 amount) external;

    function setCoordinator(bytes32 job, address coordinator) external;

    function closeJob(bytes32 job) external;

    /// @notice Signs an order of this account (as ERC-1271: with the empty signature); spends its whole deposit at once, so that no
    /// more can be signed than may be spent. It must name a key that signs vouchers.
    function placeOrder(IMarket.Order calldata order) external returns (bytes32 hash);

    /// @notice Cancels an order of this account. The limit is not refilled.
    function cancelOrder(IMarket.Order calldata order) external;

    /// @notice Adds `amount` to the deposit of a lease of this account; spends it.
    function topUpLease(bytes32 lease, uint256 amount) external;

    /// @notice Extends a lease of this account; spends the price of `quantity`.
    function extendLease(bytes32 lease, IMarket.Offer calldata offer, uint64 quantity, uint64 term) external;

    /// @notice Gives notice for a lease of this account.
    function endLease(bytes32 lease) external;

    function owner() external view returns (address);

    function keyOf(address key) external view returns (Key memory);

    /// @notice What `key` may spend now.
    function spendable(address key) external view returns (uint256);
}
