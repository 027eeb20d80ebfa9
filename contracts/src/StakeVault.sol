// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {BPS, PROVIDER, VERIFIER} from "./interfaces/Types.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Stake of the nodes
/// @dev See `IStakeVault`. The token is the network's own, without hooks; state is still written before any transfer.
contract StakeVault is IStakeVault, Settled {
    using SafeERC20 for IComputeToken;
    using SafeCast for uint256;

    /// @notice Most members of the verifier set: bounds the cost of every draw.
    uint256 public constant MAX_VERIFIERS = 64;

    IComputeToken public immutable token;
    INodeRegistry public immutable registry;
    uint128 public immutable providerMinStake;
    uint128 public immutable verifierMinStake;
    /// @inheritdoc IStakeVault
    uint64 public immutable unbondingSeconds;
    uint16 public immutable burnBps;
    uint16 public immutable finderBps;

    /// @inheritdoc IStakeVault
    uint256 public totalHeld;

    mapping(address node => Account) private _accounts;
    address[] private _verifiers;
    /// @dev Place in `_verifiers` plus one; zero outside the set.
    mapping(address node => uint256) private _verifierPlace;

    constructor(IComputeToken token_, INodeRegistry registry_, address settlement_, Params memory params)
        Settled(settlement_)
    {
        require(params.verifierMinStake > 0, InvalidParams("verifierMinStake must be positive"));
        require(params.burnBps > 0, InvalidParams("burnBps must be positive"));
        require(uint256(params.burnBps) + params.finderBps <= BPS, InvalidParams("burnBps + finderBps exceed 10000"));
        token = token_;
        registry = registry_;
        providerMinStake = params.providerMinStake;
        verifierMinStake = params.verifierMinStake;
        unbondingSeconds = params.unbondingSeconds;
        burnBps = params.burnBps;
        finderBps = params.finderBps;
    }

    /// @inheritdoc IStakeVault
    function stake(address node, uint256 amount) external {
        _stake(node, amount);
    }

    /// @inheritdoc IStakeVault
    function stakeWithPermit(address node, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        // Someone who saw the permit may have used it first; then the allowance is there all the same.
        try token.permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        _stake(node, amount);
    }

    /// @inheritdoc IStakeVault
    function requestUnbond(address node, uint256 amount) external {
        require(amount > 0, ZeroAmount());
        require(msg.sender == registry.ownerOf(node), NotOwner(msg.sender, node));
        Account storage a = _accounts[node];
        _takeActive(a, node, amount);
        a.unbonding += amount.toUint128();
        a.releaseAt = block.timestamp.toUint64() + unbondingSeconds;
        emit UnbondRequested(node, amount, a.releaseAt);
        _syncVerifier(node);
    }

    /// @inheritdoc IStakeVault
    function withdraw(address node) external returns (uint256 amount) {
        Account storage a = _accounts[node];
        amount = a.unbonding;
        require(amount > 0, NothingToWithdraw(node));
        require(block.timestamp >= a.releaseAt, StillUnbonding(node, a.releaseAt));
        a.unbonding = 0;
        totalHeld -= amount;
        address owner = registry.ownerOf(node);
        emit Withdrawn(node, owner, amount);
        token.safeTransfer(owner, amount);
    }

    /// @inheritdoc IStakeVault
    function syncVerifier(address node) external {
        _syncVerifier(node);
    }

    /// @inheritdoc IStakeVault
    function bond(address node, uint256 amount) external onlySettlement {
        Account storage a = _accounts[node];
        _takeActive(a, node, amount);
        a.bonded += amount.toUint128();
        emit Bonded(node, amount);
    }

    /// @inheritdoc IStakeVault
    function releaseBond(address node, uint256 amount) external onlySettlement {
        Account storage a = _accounts[node];
        // A slash may have eaten into the bond.
        uint128 released = Math.min(amount, a.bonded).toUint128();
        a.bonded -= released;
        a.active += released;
        emit BondReleased(node, released);
    }

    /// @inheritdoc IStakeVault
    function slash(address node, uint256 bps, address winner, address jobAccount)
        external
        onlySettlement
        returns (uint256 toJob)
    {
        Account storage a = _accounts[node];
        uint256 amount = (uint256(a.active) + a.unbonding + a.bonded) * bps / BPS;

        uint256 left = amount;
        uint256 part = Math.min(left, a.active);
        a.active -= part.toUint128();
        left -= part;
        part = Math.min(left, a.unbonding);
        a.unbonding -= part.toUint128();
        left -= part;
        a.bonded -= left.toUint128();

        return _split(node, amount, winner, jobAccount);
    }

    /// @inheritdoc IStakeVault
    function forfeitBond(address node, uint256 amount, address winner, address jobAccount)
        external
        onlySettlement
        returns (uint256 toJob)
    {
        Account storage a = _accounts[node];
        uint256 forfeited = Math.min(amount, a.bonded);
        a.bonded -= forfeited.toUint128();
        return _split(node, forfeited, winner, jobAccount);
    }

    /// @inheritdoc IStakeVault
    function accountOf(address node) external view returns (Account memory) {
        return _accounts[node];
    }

    /// @inheritdoc IStakeVault
    function stakeOf(address node) public view returns (uint256) {
        Account storage a = _accounts[node];
        return uint256(a.active) + a.bonded;
    }

    /// @inheritdoc IStakeVault
    function minStake(uint8 role) public view returns (uint256) {
        if (role == PROVIDER) return providerMinStake;
        if (role == VERIFIER) return verifierMinStake;
        revert UnknownRole(role);
    }

    /// @inheritdoc IStakeVault
    function isEligible(address node, uint8 role) public view returns (bool) {
        return stakeOf(node) >= minStake(role) && registry.hasRole(node, role);
    }

    /// @inheritdoc IStakeVault
    function verifiers() public view returns (address[] memory nodes, uint256[] memory stakes) {
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

    /// @inheritdoc IStakeVault
    function totalVerifierStake() external view returns (uint256 total) {
        (, uint256[] memory stakes) = verifiers();
        for (uint256 i; i < stakes.length; ++i) {
            total += stakes[i];
        }
    }

    function _stake(address node, uint256 amount) private {
        require(amount > 0, ZeroAmount());
        require(registry.ownerOf(node) != address(0), UnknownNode(node));
        _accounts[node].active += amount.toUint128();
        totalHeld += amount;
        emit Staked(node, msg.sender, amount);
        _syncVerifier(node);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    function _takeActive(Account storage a, address node, uint256 amount) private {
        require(a.active >= amount, InsufficientStake(node, a.active, amount));
        a.active -= amount.toUint128();
    }

    /// @dev Sends `amount`, already taken out of the node's account, to where slashed stake goes. The burned part is rounded
    /// up and the finder's down, so that no split of a slash into small ones avoids the burn.
    function _split(address node, uint256 amount, address winner, address jobAccount) private returns (uint256 toJob) {
        uint256 burned = Math.mulDiv(amount, burnBps, BPS, Math.Rounding.Ceil);
        uint256 toFinder = Math.min(amount * finderBps / BPS, amount - burned);
        toJob = amount - burned - toFinder;
        totalHeld -= amount;
        emit Slashed(node, winner, burned, toFinder, toJob);
        _syncVerifier(node);
        token.burn(burned);
        token.safeTransfer(registry.ownerOf(winner), toFinder);
        token.safeTransfer(jobAccount, toJob);
    }

    function _syncVerifier(address node) private {
        bool member = _verifierPlace[node] != 0;
        bool eligible = isEligible(node, VERIFIER);
        if (eligible && !member) _join(node);
        if (!eligible && member) _leave(node);
    }

    function _join(address node) private {
        if (_verifiers.length == MAX_VERIFIERS) {
            address weakest = _weakestVerifier();
            if (_weight(weakest) >= stakeOf(node)) return;
            _leave(weakest);
        }
        _verifiers.push(node);
        _verifierPlace[node] = _verifiers.length;
        emit VerifierJoined(node);
    }

    function _leave(address node) private {
        uint256 place = _verifierPlace[node];
        address last = _verifiers[_verifiers.length - 1];
        _verifiers[place - 1] = last;
        _verifierPlace[last] = place;
        _verifiers.pop();
        delete _verifierPlace[node];
        emit VerifierLeft(node);
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
