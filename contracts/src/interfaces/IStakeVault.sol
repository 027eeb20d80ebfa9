// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";

/// @notice What nodes have to lose: stake, bonds, unbonding, slashing; and the bounded set of staked verifiers.
/// @dev Safety: no token leaves except to a node's owner after unbonding, or by a slash that the Settlement orders.
/// Liveness: `requestUnbond` and `withdraw` need nobody's consent, so stake that is not slashed always comes back.
/// One stake backs all roles of a node.
interface IStakeVault is ISettled {
    /// @param providerMinStake Stake from which a node may work.
    /// @param verifierMinStake Stake from which a node may audit, challenge and vote. At least 1.
    /// @param unbondingSeconds From the request to the withdrawal. Must outlast the time in which a fault can be ruled on.
    /// @param burnBps Part of every slash that is burned, at least 1, so that losing to oneself costs.
    /// @param finderBps Part that goes to the owner of the node that was right. The rest goes to the job.
    struct Params {
        uint128 providerMinStake;
        uint128 verifierMinStake;
        uint64 unbondingSeconds;
        uint16 burnBps;
        uint16 finderBps;
    }

    /// @param active Counts for eligibility and weight, can be unbonded.
    /// @param bonded Counts too, but is held while disputes that the node opened are undecided.
    /// @param unbonding On its way out: counts for nothing, can still be slashed.
    /// @param releaseAt Unix time from which `unbonding` can be withdrawn.
    struct Account {
        uint128 active;
        uint128 bonded;
        uint128 unbonding;
        uint64 releaseAt;
    }

    event Staked(address indexed node, address indexed from, uint256 amount);
    event UnbondRequested(address indexed node, uint256 amount, uint64 releaseAt);
    event Withdrawn(address indexed node, address indexed owner, uint256 amount);
    event Bonded(address indexed node, uint256 amount);
    event BondReleased(address indexed node, uint256 amount);
    /// @param winner Node whose owner got `toFinder`.
    event Slashed(address indexed node, address indexed winner, uint256 burned, uint256 toFinder, uint256 toJob);
    event VerifierJoined(address indexed node);
    event VerifierLeft(address indexed node);

    error InvalidParams(string what);
    error UnknownNode(address node);
    error UnknownRole(uint8 role);
    error ZeroAmount();
    error InsufficientStake(address node, uint256 available, uint256 needed);
    error NotOwner(address caller, address node);
    error StillUnbonding(address node, uint64 releaseAt);
    error NothingToWithdraw(address node);

    /// @notice Adds `amount` of the caller's tokens to the stake of `node`. It is a gift: it comes back to the node's owner.
    function stake(address node, uint256 amount) external;

    /// @notice `stake` with an ERC-2612 permit by the caller in place of an approval.
    function stakeWithPermit(address node, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Starts to take `amount` of active stake out. By the node's owner. A further request restarts the clock for
    /// all that is unbonding.
    function requestUnbond(address node, uint256 amount) external;

    /// @notice Pays what has finished unbonding to the node's owner. By anyone.
    function withdraw(address node) external returns (uint256 amount);

    /// @notice Puts `node` into the verifier set, or takes it out, as its stake and roles now say. By anyone; staking,
    /// unbonding and slashing do it by themselves, a change of roles in the registry does not.
    /// @dev A full set admits a newcomer only in place of a member with less stake.
    function syncVerifier(address node) external;

    /// @notice Holds `amount` of active stake as a bond. Only the Settlement.
    function bond(address node, uint256 amount) external;

    /// @notice Frees a bond. Only the Settlement.
    function releaseBond(address node, uint256 amount) external;

    /// @notice Takes `bps` of everything `node` has here: active first, then unbonding, then bonded. Only the Settlement.
    /// @param winner Node whose owner gets the finder's part.
    /// @param jobAccount Address that gets the job's part.
    /// @return toJob Tokens sent to `jobAccount`.
    function slash(address node, uint256 bps, address winner, address jobAccount) external returns (uint256 toJob);

    /// @notice Takes a bond, up to what is still bonded, and splits it as `slash` does. Only the Settlement.
    function forfeitBond(address node, uint256 amount, address winner, address jobAccount)
        external
        returns (uint256 toJob);

    function accountOf(address node) external view returns (Account memory);

    /// @notice Stake that counts: active and bonded.
    function stakeOf(address node) external view returns (uint256);

    /// @notice Stake that a node needs for `role` (1 provider, 2 verifier).
    function minStake(uint8 role) external view returns (uint256);

    /// @notice Whether `node` is in service with `role` and has the stake for it.
    function isEligible(address node, uint8 role) external view returns (bool);

    /// @notice The eligible members of the verifier set with their stakes, at most `MAX_VERIFIERS`, in no special order.
    function verifiers() external view returns (address[] memory nodes, uint256[] memory stakes);

    /// @notice Sum of the stakes that `verifiers` gives.
    function totalVerifierStake() external view returns (uint256);

    /// @notice All tokens held for nodes: active, bonded and unbonding.
    function totalHeld() external view returns (uint256);

    function unbondingSeconds() external view returns (uint64);
}
