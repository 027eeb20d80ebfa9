// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SharePool} from "./SharePool.sol";
import {UnbondingQueue} from "./UnbondingQueue.sol";
import {IDelegation} from "./interfaces/IDelegation.sol";
import {IMiningPool} from "./interfaces/IMiningPool.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {BPS} from "./interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Stake lent to nodes
/// @dev See `IDelegation`. The token must have no hooks and take no fee of a transfer; state is still written before any.
contract Delegation is IDelegation {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using SharePool for SharePool.Pool;
    using UnbondingQueue for UnbondingQueue.Queue;

    /// @notice Most requests that one call pays.
    uint256 public constant MAX_WITHDRAWALS = 32;

    IERC20 public immutable token;
    INodeRegistry public immutable registry;
    /// @inheritdoc IDelegation
    IStakeVault public immutable vault;
    /// @inheritdoc IDelegation
    IMiningPool public immutable pool;
    uint16 public immutable maxCommissionBps;
    uint16 public immutable maxCommissionStepBps;

    /// @inheritdoc IDelegation
    uint256 public totalHeld;

    /// @param generation Of the pool that the shares are of.
    struct Position {
        uint160 shares;
        uint48 generation;
    }

    mapping(address node => Conditions) private _conditions;
    mapping(address node => SharePool.Pool) private _active;
    mapping(address node => SharePool.Pool) private _unbonding;
    mapping(address node => mapping(address delegator => Position)) private _positions;
    mapping(address node => mapping(address delegator => UnbondingQueue.Queue)) private _queues;

    constructor(IERC20 token_, INodeRegistry registry_, IStakeVault vault_, IMiningPool pool_, Params memory params) {
        require(params.maxCommissionBps <= BPS, InvalidParams("maxCommissionBps exceeds 10000"));
        require(params.maxCommissionStepBps > 0, InvalidParams("maxCommissionStepBps must be positive"));
        require(address(vault_.delegation()) == address(this), Miswired(address(vault_)));
        token = token_;
        registry = registry_;
        vault = vault_;
        pool = pool_;
        maxCommissionBps = params.maxCommissionBps;
        maxCommissionStepBps = params.maxCommissionStepBps;
    }

    modifier onlyOwner(address node) {
        require(msg.sender == registry.ownerOf(node), NotOwner(msg.sender, node));
        _;
    }

    modifier onlyVault() {
        require(msg.sender == address(vault), NotVault(msg.sender));
        _;
    }

    /// @inheritdoc IDelegation
    function setAccepting(address node, bool accepting) external onlyOwner(node) {
        _conditions[node].accepting = accepting;
        emit AcceptingChanged(node, accepting);
    }

    /// @inheritdoc IDelegation
    function setCommission(address node, uint16 bps) external onlyOwner(node) {
        Conditions storage c = _conditions[node];
        uint256 current = commissionOf(node);
        uint64 from = block.timestamp.toUint64();
        uint256 most = maxCommissionBps;
        bool rises = bps > current && _active[node].shares > 0;
        if (rises) {
            from += vault.unbondingSeconds();
            most = Math.min(most, current + maxCommissionStepBps);
        }
        require(bps <= most, CommissionTooHigh(bps, most));
        c.commissionBps = rises ? uint16(current) : bps;
        c.nextCommissionBps = bps;
        c.changesAt = from;
        emit CommissionChanged(node, bps, from);
    }

    /// @inheritdoc IDelegation
    function delegate(address node, uint256 amount) external returns (uint256 shares) {
        require(amount > 0, ZeroAmount());
        require(_conditions[node].accepting, NotAccepting(node));
        SharePool.Pool storage active = _active[node];
        // Of an epoch in which everybody lost everything, nothing is left for who comes next.
        _checkpoint(node, active.shares > 0 ? 1 : 0, 1);
        uint256 most = vault.ownStakeOf(node) * vault.delegationCapBps() / BPS;
        uint256 room = most > active.tokens ? most - active.tokens : 0;
        require(amount <= room, DelegationFull(node, room, amount));

        shares = active.deposit(amount);
        require(shares > 0, AmountTooSmall(amount));
        Position storage position = _positions[node][msg.sender];
        position.shares = (sharesOf(node, msg.sender) + shares).toUint160();
        position.generation = active.generation;
        totalHeld += amount;
        emit Delegated(node, msg.sender, amount, shares);
        vault.setDelegated(node, delegatedOf(node));
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IDelegation
    function undelegate(address node, uint256 shares) external returns (uint256 amount) {
        require(shares > 0, ZeroAmount());
        uint256 available = sharesOf(node, msg.sender);
        require(shares <= available, InsufficientShares(node, msg.sender, available, shares));
        uint256 all = _active[node].shares;
        _checkpoint(node, all - shares, all);

        _positions[node][msg.sender].shares = (available - shares).toUint160();
        amount = _active[node].redeem(shares);
        require(amount > 0, AmountTooSmall(amount));
        uint64 releaseAt = block.timestamp.toUint64() + vault.unbondingSeconds();
        _queues[node][msg.sender].push(_unbonding[node], amount, releaseAt);
        emit Undelegated(node, msg.sender, shares, amount, releaseAt);
        vault.setDelegated(node, delegatedOf(node));
    }

    /// @inheritdoc IDelegation
    function withdraw(address node, address delegator) external returns (uint256 amount) {
        UnbondingQueue.Queue storage queue = _queues[node][delegator];
        require(queue.size() > 0, NothingToWithdraw(node, delegator));
        uint256 count;
        (amount, count) = queue.pop(_unbonding[node], MAX_WITHDRAWALS);
        if (count == 0) {
            (, uint64 releaseAt) = queue.peek(_unbonding[node], 0);
            revert StillUnbonding(node, delegator, releaseAt);
        }
        totalHeld -= amount;
        emit Withdrawn(node, delegator, amount);
        token.safeTransfer(delegator, amount);
    }

    /// @inheritdoc IDelegation
    function reward(address node, uint256 amount) external {
        require(msg.sender == address(pool), NotPool(msg.sender));
        _active[node].gain(amount);
        totalHeld += amount;
        emit Rewarded(node, amount);
        vault.setDelegated(node, delegatedOf(node));
    }

    /// @inheritdoc IDelegation
    function slash(address node, uint256 amount) external onlyVault returns (uint256 taken) {
        SharePool.Pool storage active = _active[node];
        SharePool.Pool storage unbonding = _unbonding[node];
        uint256 fromActive = Math.mulDiv(amount, active.tokens, uint256(active.tokens) + unbonding.tokens);
        uint256 fromUnbonding = amount - fromActive;
        if (fromActive > 0) fromActive = active.lose(fromActive);
        if (fromUnbonding > 0) fromUnbonding = unbonding.lose(fromUnbonding);
        taken = fromActive + fromUnbonding;
        totalHeld -= taken;
        emit DelegatorsSlashed(node, fromActive, fromUnbonding);
        token.safeTransfer(address(vault), taken);
    }

    /// @inheritdoc IDelegation
    function delegatedOf(address node) public view returns (uint256) {
        return _active[node].tokens;
    }

    /// @inheritdoc IDelegation
    function unbondingOf(address node) external view returns (uint256) {
        return _unbonding[node].tokens;
    }

    /// @inheritdoc IDelegation
    function sharesOf(address node, address delegator) public view returns (uint256) {
        Position storage position = _positions[node][delegator];
        return position.generation == _active[node].generation ? position.shares : 0;
    }

    /// @inheritdoc IDelegation
    function totalSharesOf(address node) external view returns (uint256) {
        return _active[node].shares;
    }

    /// @inheritdoc IDelegation
    function delegationOf(address node, address delegator) external view returns (uint256) {
        return _active[node].worth(sharesOf(node, delegator));
    }

    /// @inheritdoc IDelegation
    function requestsOf(address node, address delegator) external view returns (Unbonding[] memory requests) {
        UnbondingQueue.Queue storage queue = _queues[node][delegator];
        requests = new Unbonding[](queue.size());
        for (uint256 i; i < requests.length; ++i) {
            (requests[i].amount, requests[i].releaseAt) = queue.peek(_unbonding[node], i);
        }
    }

    /// @inheritdoc IDelegation
    function conditionsOf(address node) external view returns (Conditions memory) {
        return _conditions[node];
    }

    /// @inheritdoc IDelegation
    function commissionOf(address node) public view returns (uint256) {
        Conditions storage c = _conditions[node];
        return block.timestamp < c.changesAt ? c.commissionBps : c.nextCommissionBps;
    }

    /// @dev Rewards of epochs that are over belong to those who are in now. What is being mined for delegators in the open epoch
    /// is shared with whoever joins before it ends, who in turn earns nothing while he unbonds; who leaves keeps nothing of it.
    function _checkpoint(address node, uint256 kept, uint256 all) private {
        if (address(pool) != address(0)) pool.checkpoint(node, kept, all);
    }
}
