// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMiningPool} from "./IMiningPool.sol";
import {IStakeVault} from "./IStakeVault.sol";

/// @notice Stake that others lend to nodes: shares of a pool per node, commission, an unbonding queue, slashing.
/// @dev Safety: tokens leave only to the delegator after unbonding, or to the vault by a slash that it orders. A slash reaches
/// what is unbonding in the same proportion as what is active, so nobody escapes one by leaving. Rewards belong to those who are
/// in when they arrive, which is before anybody joins or leaves, also while claims are paused.
/// Liveness: `undelegate` and `withdraw` need nobody's consent. Nothing here can be paused.
///
/// Shares are as in ERC-4626 with one virtual share and one virtual token, always rounded against the caller. If a slash
/// leaves less than a billionth of a token per share, the rest is taken too and the shares are void; the next delegator starts anew.
interface IDelegation {
    /// @param maxCommissionBps Highest commission that an owner may set.
    /// @param maxCommissionStepBps Most that one change may add. At least 1.
    struct Params {
        uint16 maxCommissionBps;
        uint16 maxCommissionStepBps;
    }

    /// @param amount Tokens it would pay if there were no further slash.
    /// @param releaseAt Unix time from which it can be withdrawn.
    struct Unbonding {
        uint256 amount;
        uint64 releaseAt;
    }

    /// @param accepting Whether new delegations are taken.
    /// @param commissionBps In force before `changesAt`.
    /// @param nextCommissionBps In force from `changesAt` on.
    struct Conditions {
        bool accepting;
        uint16 commissionBps;
        uint16 nextCommissionBps;
        uint64 changesAt;
    }

    event AcceptingChanged(address indexed node, bool accepting);
    /// @param from Unix time from which it holds.
    event CommissionChanged(address indexed node, uint16 bps, uint64 from);
    event Delegated(address indexed node, address indexed delegator, uint256 amount, uint256 shares);
    event Undelegated(
        address indexed node, address indexed delegator, uint256 shares, uint256 amount, uint64 releaseAt
    );
    event Withdrawn(address indexed node, address indexed delegator, uint256 amount);
    /// @notice Mined tokens were added to what the delegators of `node` own.
    event Rewarded(address indexed node, uint256 amount);
    event DelegatorsSlashed(address indexed node, uint256 active, uint256 unbonding);

    error InvalidParams(string what);
    error Miswired(address part);
    error ZeroAmount();
    error NotOwner(address caller, address node);
    error NotVault(address caller);
    error NotPool(address caller);
    error NotAccepting(address node);
    error DelegationFull(address node, uint256 room, uint256 amount);
    error AmountTooSmall(uint256 amount);
    error CommissionTooHigh(uint16 bps, uint256 most);
    error InsufficientShares(address node, address delegator, uint256 available, uint256 needed);
    error StillUnbonding(address node, address delegator, uint64 releaseAt);
    error NothingToWithdraw(address node, address delegator);

    /// @notice Starts or stops to take new delegations for `node`. By its owner.
    function setAccepting(address node, bool accepting) external;

    /// @notice Changes the commission. By the node's owner. A rise is at most `maxCommissionStepBps` above what is in force,
    /// and comes into force one unbonding period later, so that delegators can leave first; a fall does at once. A change
    /// that is not yet in force is dropped. While nobody has delegated, any commission may be set at once.
    function setCommission(address node, uint16 bps) external;

    /// @notice Delegates `amount` of the caller's tokens to `node`, up to what can count there.
    function delegate(address node, uint256 amount) external returns (uint256 shares);

    /// @notice Starts to take `shares` of the caller out. They stop to earn now, and can be slashed until they are withdrawn.
    function undelegate(address node, uint256 shares) external returns (uint256 amount);

    /// @notice Pays the requests of `delegator` that have finished unbonding, oldest first and at most `MAX_WITHDRAWALS` in one
    /// call. By anyone.
    function withdraw(address node, address delegator) external returns (uint256 amount);

    /// @notice Books `amount` tokens that were just sent here for the delegators of `node`. Only the MiningPool.
    function reward(address node, uint256 amount) external;

    /// @notice Takes `amount` (or a little more, see above) from the delegators of `node` and sends it to the vault, which burns
    /// it. Only the vault.
    function slash(address node, uint256 amount) external returns (uint256 taken);

    /// @notice Tokens delegated to `node`.
    function delegatedOf(address node) external view returns (uint256);

    /// @notice Tokens that delegators of `node` are taking out.
    function unbondingOf(address node) external view returns (uint256);

    function sharesOf(address node, address delegator) external view returns (uint256);

    /// @notice Shares of all delegators of `node`.
    function totalSharesOf(address node) external view returns (uint256);

    /// @notice Tokens that the shares of `delegator` are worth.
    function delegationOf(address node, address delegator) external view returns (uint256);

    /// @notice Requests of `delegator` that are not paid yet, oldest first.
    function requestsOf(address node, address delegator) external view returns (Unbonding[] memory);

    function conditionsOf(address node) external view returns (Conditions memory);

    /// @notice Part of the delegators' reward that goes to the node's owner, now.
    function commissionOf(address node) external view returns (uint256);

    /// @notice All tokens held: delegated and unbonding.
    function totalHeld() external view returns (uint256);

    function vault() external view returns (IStakeVault);

    /// @notice Where rewards come from; zero if the network mines nothing.
    function pool() external view returns (IMiningPool);
}
