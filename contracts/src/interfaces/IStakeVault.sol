// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDelegation} from "./IDelegation.sol";
import {ISettled} from "./ISettled.sol";

/// @notice What nodes have to lose: stake, bonds, unbonding, slashing; the boost that stake gives to mined rewards; and the
/// bounded set of staked verifiers.
/// @dev Safety: no token leaves except to a node's owner after unbonding, or by a slash that the Settlement orders.
/// Liveness: `requestUnbond` and `withdraw` need nobody's consent, so stake that is not slashed always comes back, at the
/// latest `fullLockSeconds + unbondingSeconds` from now. One stake backs all roles of a node.
///
/// Delegated stake is held by `IDelegation`. Here it only counts: toward the weight of a draw and toward tiers, up to
/// `delegationCapBps` of the node's own stake, and never toward the least stake that a role needs.
interface IStakeVault is ISettled {
    /// @param providerMinStake Own stake from which a node may work.
    /// @param verifierMinStake Own stake from which a node may audit, challenge and vote. At least 1.
    /// @param unbondingSeconds From the request to the withdrawal. Must outlast the time in which a fault can be ruled on.
    /// @param burnBps Part of every slash that is burned, at least 1, so that losing to oneself costs.
    /// @param finderBps Part that goes to the owner of the node that was right. The rest goes to the job.
    /// @param delegationCapBps Most delegated stake that counts, in proportion to own stake.
    /// @param fullStake Own stake that, fully locked, gives the whole boost. At least 1.
    /// @param fullLockSeconds Longest lock, the one that counts in full. At least 1.
    struct Params {
        uint128 providerMinStake;
        uint128 verifierMinStake;
        uint64 unbondingSeconds;
        uint16 burnBps;
        uint16 finderBps;
        uint32 delegationCapBps;
        uint128 fullStake;
        uint64 fullLockSeconds;
    }

    /// @param active Counts for eligibility and weight, can be unbonded once the lock is over.
    /// @param bonded Counts too, but is held while disputes that the node opened are undecided.
    /// @param unbonding On its way out: counts for nothing, can still be slashed. The sum of all requests.
    /// @param delegated Held for the node by `IDelegation`, all of it.
    /// @param lockedUntil Unix time before which no active stake can be unbonded.
    struct Account {
        uint128 active;
        uint128 bonded;
        uint128 unbonding;
        uint128 delegated;
        uint64 lockedUntil;
    }

    /// @param amount Tokens it would pay if there were no further slash.
    /// @param releaseAt Unix time from which it can be withdrawn.
    struct Unbonding {
        uint256 amount;
        uint64 releaseAt;
    }

    event Staked(address indexed node, address indexed from, uint256 amount);
    event Locked(address indexed node, uint64 until);
    event UnbondRequested(address indexed node, uint256 amount, uint64 releaseAt);
    event Withdrawn(address indexed node, address indexed owner, uint256 amount);
    event Bonded(address indexed node, uint256 amount);
    event BondReleased(address indexed node, uint256 amount);
    /// @notice Own stake was slashed. What delegators lost is logged by `IDelegation`.
    /// @param winner Node whose owner got `toFinder`.
    /// @param burned Tokens destroyed, or sent to the sink if there is one.
    event Slashed(address indexed node, address indexed winner, uint256 burned, uint256 toFinder, uint256 toJob);
    event VerifierJoined(address indexed node);
    event VerifierLeft(address indexed node);

    error InvalidParams(string what);
    error Miswired(address part);
    error UnknownNode(address node);
    error UnknownRole(uint8 role);
    error ZeroAmount();
    error InsufficientStake(address node, uint256 available, uint256 needed);
    error NotOwner(address caller, address node);
    error NotRegistry(address caller);
    error NotDelegation(address caller);
    error LockOutOfBounds(uint64 until, uint64 least, uint64 most);
    error StillLocked(address node, uint64 until);
    error StillUnbonding(address node, uint64 releaseAt);
    error NothingToWithdraw(address node);

    /// @notice Adds `amount` of the caller's tokens to the stake of `node`. It is a gift: it comes back to the node's owner.
    function stake(address node, uint256 amount) external;

    /// @notice `stake` with an ERC-2612 permit by the caller in place of an approval.
    function stakeWithPermit(address node, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Promises not to unbond before `until`, at most `fullLockSeconds` from now; a lock can only be made longer.
    /// By the node's owner.
    function lock(address node, uint64 until) external;

    /// @notice Starts to take `amount` of active stake out, once the lock is over. By the node's owner. Requests are
    /// independent of each other.
    function requestUnbond(address node, uint256 amount) external;

    /// @notice Pays the requests that have finished unbonding to the node's owner, oldest first and at most
    /// `MAX_WITHDRAWALS` in one call. By anyone.
    function withdraw(address node) external returns (uint256 amount);

    /// @notice Puts `node` into the verifier set, or takes it out, as its stake and roles now say. By anyone; staking,
    /// unbonding, slashing and delegation do it by themselves, a change of roles in the registry does not.
    /// @dev A full set admits a newcomer only in place of a member with less stake.
    function syncVerifier(address node) external;

    /// @notice Votes of a node's stake go with it to its next owner. Only the registry.
    function ownerChanged(address node, address from, address to) external;

    /// @notice States what is delegated to `node`. Only the Delegation.
    function setDelegated(address node, uint256 amount) external;

    /// @notice Holds `amount` of active stake as a bond. Only the Settlement.
    function bond(address node, uint256 amount) external;

    /// @notice Frees a bond. Only the Settlement.
    function releaseBond(address node, uint256 amount) external;

    /// @notice Takes `bps` of everything that is at stake for `node`. Only the Settlement. The operator pays first: active,
    /// then unbonding, then bonded stake. Only what is left is taken from the delegators, and all of that is burned: no
    /// node can turn its delegators' stake into a finder's reward.
    /// @param winner Node whose owner gets the finder's part.
    /// @param jobAccount Address that gets the job's part.
    /// @return toJob Tokens sent to `jobAccount`.
    /// @return burned Tokens of the node's own stake that were burned.
    function slash(address node, uint256 bps, address winner, address jobAccount)
        external
        returns (uint256 toJob, uint256 burned);

    /// @notice Takes a bond, up to what is still bonded, and splits it as `slash` does. Only the Settlement.
    function forfeitBond(address node, uint256 amount, address winner, address jobAccount)
        external
        returns (uint256 toJob);

    function accountOf(address node) external view returns (Account memory);

    /// @notice Requests of the node that are not paid yet, oldest first.
    function requestsOf(address node) external view returns (Unbonding[] memory);

    /// @notice The node's own stake that counts: active and bonded.
    function ownStakeOf(address node) external view returns (uint256);

    /// @notice Delegated stake that counts.
    function countedDelegationOf(address node) external view returns (uint256);

    /// @notice Stake that counts: own and delegated.
    function stakeOf(address node) external view returns (uint256);

    /// @notice Factor of mined rewards, 5000 to 10000:
    /// 5000 + 5000 * sqrt(min(1, own / fullStake * (1 + min(1, remaining lock / fullLockSeconds)) / 2)).
    /// @dev Concave in stake, so splitting stake over nodes loses; a factor of work, so stake without work earns nothing.
    function boostOf(address node) external view returns (uint256);

    /// @notice Own stake that a node needs for `role` (1 provider, 2 verifier).
    function minStake(uint8 role) external view returns (uint256);

    /// @notice Whether `node` is in service with `role` and has the stake of its own for it.
    function isEligible(address node, uint8 role) external view returns (bool);

    /// @notice The eligible members of the verifier set with their stakes, at most `MAX_VERIFIERS`, in no special order.
    function verifiers() external view returns (address[] memory nodes, uint256[] memory stakes);

    /// @notice Sum of the stakes of the members of the verifier set, each as of its last sync. O(1). More than `verifiers`
    /// sums to only for a member that left its role and that nobody has synced.
    function totalVerifierStake() external view returns (uint256);

    /// @notice All tokens held for nodes: active, bonded and unbonding.
    function totalHeld() external view returns (uint256);

    function unbondingSeconds() external view returns (uint64);

    function delegationCapBps() external view returns (uint32);

    function delegation() external view returns (IDelegation);

    /// @notice Where the burned part of a slash goes; zero: it is destroyed.
    function sink() external view returns (address);
}
