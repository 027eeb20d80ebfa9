// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {SharePool} from "./SharePool.sol";
import {StakeVotes} from "./StakeVotes.sol";
import {UnbondingQueue} from "./UnbondingQueue.sol";
import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {IDelegation} from "./interfaces/IDelegation.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {BPS, PROVIDER, VERIFIER} from "./interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Stake of the nodes
/// @dev See `IStakeVault`. The token must have no hooks and take no fee of a transfer; state is still written before any.
contract StakeVault is IStakeVault, Settled, StakeVotes {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;
    using SharePool for SharePool.Pool;
    using UnbondingQueue for UnbondingQueue.Queue;

    /// @notice Most members of the verifier set: bounds the cost of every draw.
    uint256 public constant MAX_VERIFIERS = 64;
    /// @notice Most requests that one call pays.
    uint256 public constant MAX_WITHDRAWALS = 32;

    IERC20 public immutable token;
    INodeRegistry public immutable registry;
    /// @inheritdoc IStakeVault
    IDelegation public immutable delegation;
    /// @inheritdoc IStakeVault
    address public immutable sink;
    uint128 public immutable providerMinStake;
    uint128 public immutable verifierMinStake;
    /// @inheritdoc IStakeVault
    uint64 public immutable unbondingSeconds;
    uint16 public immutable burnBps;
    uint16 public immutable finderBps;
    /// @inheritdoc IStakeVault
    uint32 public immutable delegationCapBps;
    uint128 public immutable fullStake;
    uint64 public immutable fullLockSeconds;

    /// @inheritdoc IStakeVault
    uint256 public totalHeld;
    /// @inheritdoc IStakeVault
    uint256 public totalVerifierStake;

    /// @dev See `Account`.
    struct Stake {
        uint128 active;
        uint128 bonded;
        uint128 delegated;
        uint64 lockedUntil;
        SharePool.Pool unbonding;
        UnbondingQueue.Queue queue;
    }

    mapping(address node => Stake) private _stakes;
    address[] private _verifiers;
    /// @dev Place in `_verifiers` plus one; zero outside the set.
    mapping(address node => uint256) private _verifierPlace;
    /// @dev Stake of a member of the set as of its last sync.
    mapping(address node => uint256) private _verifierStake;

    constructor(
        IERC20 token_,
        INodeRegistry registry_,
        IDelegation delegation_,
        address sink_,
        address settlement_,
        Params memory params
    ) Settled(settlement_) {
        require(params.verifierMinStake > 0, InvalidParams("verifierMinStake must be positive"));
        require(params.burnBps > 0, InvalidParams("burnBps must be positive"));
        require(uint256(params.burnBps) + params.finderBps <= BPS, InvalidParams("burnBps + finderBps exceed 10000"));
        require(params.fullStake > 0, InvalidParams("fullStake must be positive"));
        require(params.fullLockSeconds > 0, InvalidParams("fullLockSeconds must be positive"));
        require(address(registry_.vault()) == address(this), Miswired(address(registry_)));
        token = token_;
        registry = registry_;
        delegation = delegation_;
        sink = sink_;
        providerMinStake = params.providerMinStake;
        verifierMinStake = params.verifierMinStake;
        unbondingSeconds = params.unbondingSeconds;
        burnBps = params.burnBps;
        finderBps = params.finderBps;
        delegationCapBps = params.delegationCapBps;
        fullStake = params.fullStake;
        fullLockSeconds = params.fullLockSeconds;
    }

    /// @inheritdoc IStakeVault
    function stake(address node, uint256 amount) external {
        _stake(node, amount);
    }

    /// @inheritdoc IStakeVault
    function stakeWithPermit(address node, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        // Someone who saw the permit may have used it first; then the allowance is there all the same.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _stake(node, amount);
    }

    /// @inheritdoc IStakeVault
    function lock(address node, uint64 until) external {
        require(msg.sender == registry.ownerOf(node), NotOwner(msg.sender, node));
        uint64 now_ = block.timestamp.toUint64();
        uint64 least = _stakes[node].lockedUntil;
        least = (least > now_ ? least : now_) + 1;
        uint64 most = now_ + fullLockSeconds;
        require(until >= least && until <= most, LockOutOfBounds(until, least, most));
        _stakes[node].lockedUntil = until;
        emit Locked(node, until);
    }

    /// @inheritdoc IStakeVault
    function requestUnbond(address node, uint256 amount) external {
        require(amount > 0, ZeroAmount());
        require(msg.sender == registry.ownerOf(node), NotOwner(msg.sender, node));
        Stake storage s = _stakes[node];
        require(block.timestamp >= s.lockedUntil, StillLocked(node, s.lockedUntil));
        _takeActive(s, node, amount);
        uint64 releaseAt = block.timestamp.toUint64() + unbondingSeconds;
        s.queue.push(s.unbonding, amount, releaseAt);
        emit UnbondRequested(node, amount, releaseAt);
        _syncVerifier(node);
    }

    /// @inheritdoc IStakeVault
    function withdraw(address node) external returns (uint256 amount) {
        Stake storage s = _stakes[node];
        require(s.queue.size() > 0, NothingToWithdraw(node));
        uint256 count;
        (amount, count) = s.queue.pop(s.unbonding, MAX_WITHDRAWALS);
        if (count == 0) {
            (, uint64 releaseAt) = s.queue.peek(s.unbonding, 0);
            revert StillUnbonding(node, releaseAt);
        }
        totalHeld -= amount;
        address owner = registry.ownerOf(node);
        _removeVotes(owner, amount);
        emit Withdrawn(node, owner, amount);
        token.safeTransfer(owner, amount);
    }

    /// @inheritdoc IStakeVault
    function syncVerifier(address node) external {
        _syncVerifier(node);
    }

    /// @inheritdoc IStakeVault
    function ownerChanged(address node, address from, address to) external {
        require(msg.sender == address(registry), NotRegistry(msg.sender));
        Stake storage s = _stakes[node];
        _moveVotes(from, to, uint256(s.active) + s.bonded + s.unbonding.tokens);
    }

    /// @inheritdoc IStakeVault
    function setDelegated(address node, uint256 amount) external {
        require(msg.sender == address(delegation), NotDelegation(msg.sender));
        _stakes[node].delegated = amount.toUint128();
        _syncVerifier(node);
    }

    /// @inheritdoc IStakeVault
    function bond(address node, uint256 amount) external onlySettlement {
        Stake storage s = _stakes[node];
        _takeActive(s, node, amount);
        s.bonded += amount.toUint128();
        emit Bonded(node, amount);
    }

    /// @inheritdoc IStakeVault
    function releaseBond(address node, uint256 amount) external onlySettlement {
        Stake storage s = _stakes[node];
        // A slash may have eaten into the bond.
        uint128 released = Math.min(amount, s.bonded).toUint128();
        s.bonded -= released;
        s.active += released;
        emit BondReleased(node, released);
    }

    /// @inheritdoc IStakeVault
    function slash(address node, uint256 bps, address winner, address jobAccount)
        external
        onlySettlement
        returns (uint256 toJob, uint256 burned)
    {
        Stake storage s = _stakes[node];
        uint256 own = uint256(s.active) + s.unbonding.tokens + s.bonded;
        uint256 lent = delegation.delegatedOf(node) + delegation.unbondingOf(node);
        uint256 amount = (own + lent) * bps / BPS;
        uint256 fromOwn = Math.min(amount, own);
        uint256 fromDelegators = amount - fromOwn;

        fromOwn = _takeOwn(s, fromOwn);
        if (fromDelegators > 0) {
            fromDelegators = delegation.slash(node, fromDelegators);
            s.delegated = delegation.delegatedOf(node).toUint128();
        }
        return _split(node, fromOwn, fromDelegators, winner, jobAccount);
    }

    /// @inheritdoc IStakeVault
    function forfeitBond(address node, uint256 amount, address winner, address jobAccount)
        external
        onlySettlement
        returns (uint256 toJob)
    {
        Stake storage s = _stakes[node];
        uint256 forfeited = Math.min(amount, s.bonded);
        s.bonded -= forfeited.toUint128();
        (toJob,) = _split(node, forfeited, 0, winner, jobAccount);
    }

    /// @inheritdoc IStakeVault
    function accountOf(address node) external view returns (Account memory) {
        Stake storage s = _stakes[node];
        return Account({
            active: s.active,
            bonded: s.bonded,
            unbonding: s.unbonding.tokens,
            delegated: s.delegated,
            lockedUntil: s.lockedUntil
        });
    }

    /// @inheritdoc IStakeVault
    function requestsOf(address node) external view returns (Unbonding[] memory requests) {
        Stake storage s = _stakes[node];
        requests = new Unbonding[](s.queue.size());
        for (uint256 i; i < requests.length; ++i) {
            (requests[i].amount, requests[i].releaseAt) = s.queue.peek(s.unbonding, i);
        }
    }

    /// @inheritdoc IStakeVault
    function ownStakeOf(address node) public view returns (uint256) {
        Stake storage s = _stakes[node];
        return uint256(s.active) + s.bonded;
    }

    /// @inheritdoc IStakeVault
    function countedDelegationOf(address node) public view returns (uint256) {
        return Math.min(_stakes[node].delegated, ownStakeOf(node) * delegationCapBps / BPS);
    }

    /// @inheritdoc IStakeVault
    function stakeOf(address node) public view returns (uint256) {
        return ownStakeOf(node) + countedDelegationOf(node);
    }

    /// @inheritdoc IStakeVault
    function boostOf(address node) external view returns (uint256) {
        uint256 until = _stakes[node].lockedUntil;
        uint256 locked = until > block.timestamp ? until - block.timestamp : 0;
        // Own stake, half of it for want of a lock, as a part of `fullStake`: in 1e8ths, so that its root is in basis points.
        uint256 full = 2 * uint256(fullLockSeconds) * fullStake;
        uint256 part = Math.mulDiv(ownStakeOf(node) * (fullLockSeconds + locked), BPS * BPS, full);
        return (BPS + Math.sqrt(Math.min(part, BPS * BPS))) / 2;
    }

    /// @inheritdoc IStakeVault
    function minStake(uint8 role) public view returns (uint256) {
        if (role == PROVIDER) return providerMinStake;
        if (role == VERIFIER) return verifierMinStake;
        revert UnknownRole(role);
    }

    /// @inheritdoc IStakeVault
    function isEligible(address node, uint8 role) public view returns (bool) {
        return ownStakeOf(node) >= minStake(role) && registry.hasRole(node, role);
    }

    /// @inheritdoc IStakeVault
    function verifiers() external view returns (address[] memory nodes, uint256[] memory stakes) {
        uint256 members = _verifiers.length;
        nodes = new address[](members);
        stakes = new uint256[](members);
        uint256 count;
        for (uint256 i; i < members; ++i) {
            address node = _verifiers[i];
            // A member may have left the role in the registry without a `syncVerifier`.
            if (!isEligible(node, VERIFIER)) continue;
            nodes[count] = node;
            stakes[count] = stakeOf(node);
            ++count;
        }
        assembly ("memory-safe") {
            mstore(nodes, count)
            mstore(stakes, count)
        }
    }

    function _stake(address node, uint256 amount) private {
        require(amount > 0, ZeroAmount());
        address owner = registry.ownerOf(node);
        require(owner != address(0), UnknownNode(node));
        _stakes[node].active += amount.toUint128();
        totalHeld += amount;
        _addVotes(owner, amount);
        emit Staked(node, msg.sender, amount);
        _syncVerifier(node);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _takeActive(Stake storage s, address node, uint256 amount) private {
        require(s.active >= amount, InsufficientStake(node, s.active, amount));
        s.active -= amount.toUint128();
    }

    /// @dev Takes `amount`, at most all, of a node's own stake: active first, then unbonding, then bonded.
    /// @return taken A little more if too little would be left of what is unbonding (`SharePool`).
    function _takeOwn(Stake storage s, uint256 amount) private returns (uint256 taken) {
        uint256 part = Math.min(amount, s.active);
        s.active -= part.toUint128();
        taken = part;
        part = Math.min(amount - taken, s.unbonding.tokens);
        if (part > 0) taken += s.unbonding.lose(part);
        if (taken >= amount) return taken;
        s.bonded -= (amount - taken).toUint128();
        return amount;
    }

    /// @dev Sends `amount`, already taken out of the node's account, to where slashed stake goes, and `lost`, taken from its
    /// delegators, where burned stake goes. The burned part is rounded up and the finder's down, so that no split of a slash
    /// into small ones avoids the burn.
    function _split(address node, uint256 amount, uint256 lost, address winner, address jobAccount)
        private
        returns (uint256 toJob, uint256 burned)
    {
        burned = Math.mulDiv(amount, burnBps, BPS, Math.Rounding.Ceil);
        uint256 toFinder = Math.min(amount * finderBps / BPS, amount - burned);
        toJob = amount - burned - toFinder;
        totalHeld -= amount;
        _removeVotes(registry.ownerOf(node), amount);
        emit Slashed(node, winner, burned, toFinder, toJob);
        _syncVerifier(node);
        if (sink == address(0)) IComputeToken(address(token)).burn(burned + lost);
        else token.safeTransfer(sink, burned + lost);
        token.safeTransfer(registry.ownerOf(winner), toFinder);
        token.safeTransfer(jobAccount, toJob);
    }

    function _syncVerifier(address node) private {
        bool eligible = isEligible(node, VERIFIER);
        if (_verifierPlace[node] == 0) {
            if (eligible) _join(node);
        } else if (eligible) {
            _setVerifierStake(node, stakeOf(node));
        } else {
            _leave(node);
        }
    }

    function _join(address node) private {
        uint256 weight = stakeOf(node);
        if (_verifiers.length == MAX_VERIFIERS) {
            address weakest = _weakestVerifier();
            if (_weight(weakest) >= weight) return;
            _leave(weakest);
        }
        _verifiers.push(node);
        _verifierPlace[node] = _verifiers.length;
        _setVerifierStake(node, weight);
        emit VerifierJoined(node);
    }

    function _leave(address node) private {
        uint256 place = _verifierPlace[node];
        address last = _verifiers[_verifiers.length - 1];
        _verifiers[place - 1] = last;
        _verifierPlace[last] = place;
        _verifiers.pop();
        delete _verifierPlace[node];
        _setVerifierStake(node, 0);
        emit VerifierLeft(node);
    }

    function _setVerifierStake(address node, uint256 weight) private {
        totalVerifierStake = totalVerifierStake - _verifierStake[node] + weight;
        _verifierStake[node] = weight;
    }

    function _weakestVerifier() private view returns (address weakest) {
        uint256 least = type(uint256).max;
        for (uint256 i; i < _verifiers.length; ++i) {
            uint256 weight = _weight(_verifiers[i]);
            if (weight < least) (weakest, least) = (_verifiers[i], weight);
        }
    }

    /// @dev Stake of a member of the set; nothing if it has left the role.
    function _weight(address node) private view returns (uint256) {
        return isEligible(node, VERIFIER) ? stakeOf(node) : 0;
    }
}
