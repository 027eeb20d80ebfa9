// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {ENGINES, Payout} from "./Types.sol";

/// @notice Gives the pooled supply to those who did verified work.
/// @dev Time is cut into epochs from the moment of deployment, epochs into eras.
///
/// Emission: the first call in an era sets its budget, half of what nobody has earned yet. Each epoch of the era may emit
/// budget / epochsPerEra. If all is earned, this is a halving per era; what is not earned stays, for later eras. What is earned is
/// owed for ever.
///
/// Shares of the engines in an epoch are fixed when it begins (by the first call in it). Stake-to-Validate gets
/// v = min + (max - min) * max(0, 1 - S / S*), S being the stake of all verifiers: few verifiers, more pay. The rest is divided
/// between Compute-PoC and Model-PoT. With every epoch that had paid work, that division moves toward the division of the fees
/// of that epoch, by at most `stepBps` and within [minPocBps, maxPocBps]: fees are demand in money that does not come back.
///
/// Rewards: a weighted unit of engine e earns min(emission * share_e / weighted units of e, rewardCapPerUnit). Of all that is earned,
/// `incentiveBps` go to the incentive fund if the network has one, the rest to the nodes.
///
/// Delegators: work of w weighted units, recorded while a node has own stake o, counted delegation d and commission c, is the
/// delegators' by w * d / (o + d) * (1 - c) and the owner's by the rest. Whatever happens to stakes or commission later moves
/// nothing of it between them. Among themselves delegators share as they stand when an epoch's reward reaches them, which is before
/// anybody joins or leaves after its end; who leaves in the midst of an epoch leaves its part of that epoch to the owner.
///
/// Safety: `rewardCapPerUnit` bounds what a raw unit can mine in all, incentive included, whatever its weight. Balance never falls
/// below what is owed. There is no owner: nobody can mint, stop, redirect or change the schedule; where a guard was
/// given it can hold up claims for a while, and nothing else. Delegators' rewards then still become stake of theirs, which
/// takes an unbonding period to leave.
/// Liveness: claims need nobody, cost a constant amount of gas, and never expire.
interface IMiningPool is ISettled {
    /// @param epochSeconds Length of an epoch.
    /// @param epochsPerEra Epochs between two halvings.
    /// @param rewardCapPerUnit Most that one unit can earn. Below what is burned per unit at least, paying oneself for
    /// made-up work loses money whatever the others do.
    /// @param pocBps Compute-PoC's part of what Stake-to-Validate leaves, in the first epoch. Model-PoT has the rest.
    /// @param minPocBps Least that `pocBps` can become.
    /// @param maxPocBps Most that `pocBps` can become.
    /// @param stepBps Most that it moves from one epoch to the next.
    /// @param minValidateBps Share of Stake-to-Validate when S reaches S*.
    /// @param maxValidateBps Share of Stake-to-Validate without any verifier.
    /// @param targetVerifierStake S*, at least 1.
    /// @param incentiveBps Part of all that is earned that goes to `incentiveFund`; below 10000.
    /// @param incentiveFund Zero exactly if `incentiveBps` is.
    struct Params {
        uint64 epochSeconds;
        uint64 epochsPerEra;
        uint128 rewardCapPerUnit;
        uint16 pocBps;
        uint16 minPocBps;
        uint16 maxPocBps;
        uint16 stepBps;
        uint16 minValidateBps;
        uint16 maxValidateBps;
        uint128 targetVerifierStake;
        uint16 incentiveBps;
        address incentiveFund;
    }

    /// @param weighted Weighted units of the open epoch per engine, in 1e16ths of a unit; zero once the node is touched
    /// in a later epoch.
    /// @param lentWeighted How many of them are the delegators'.
    /// @param reward Earned in epochs that are over, as of the last touch, and not claimed.
    /// @param lentReward How much of it is the delegators'.
    /// @param epoch The epoch that `weighted` belongs to.
    struct Account {
        uint256[ENGINES] weighted;
        uint256[ENGINES] lentWeighted;
        uint128 reward;
        uint128 lentReward;
        uint64 epoch;
    }

    /// @param weighted In 1e16ths of a unit.
    event Recorded(uint64 indexed epoch, uint8 indexed engine, address indexed node, uint64 units, uint256 weighted);
    /// @notice The first call in an epoch.
    /// @param emission Most that it can emit.
    /// @param shareBps Shares of the engines.
    event EpochOpened(uint64 indexed epoch, uint256 emission, uint256[ENGINES] shareBps);
    /// @notice The first call after an epoch in which there was one.
    /// @param rates Base units per weighted unit, times 1e18, per engine, after the incentive share.
    /// @param toNodes Most that the nodes earned in it.
    event EpochClosed(uint64 indexed epoch, uint256[ENGINES] rates, uint256 toNodes, uint256 toIncentive);
    event EraOpened(uint64 indexed era, uint256 budget);
    /// @param amount To the owner.
    /// @param toDelegators To the delegators of the node, on top.
    event Claimed(address indexed node, address indexed owner, uint256 amount, uint256 toDelegators);
    event IncentiveClaimed(address indexed fund, uint256 amount);

    error InvalidParams(string what);
    error Miswired(address part);
    error EmptyPool();
    error NothingToClaim(address node);
    error UnknownNode(address node);
    error ClaimsPaused();
    error NotDelegation(address caller);

    /// @notice Records work in the running epoch. Only the Settlement.
    /// @param kind Kind of the work; decides the engine and is a factor of the weight.
    /// @param fees Fees burned or kept by the network for this work.
    function record(uint8 kind, Payout[] calldata work, uint256 fees) external;

    /// @notice Pays what `node` earned in all epochs that are over: the delegators' part, if there are any, into their stake, the
    /// rest to the owner. By anyone.
    function claim(address node) external returns (uint256 amount);

    /// @notice Adds what the delegators of `node` earned in all epochs that are over to their stake, and leaves them `kept` / `all`
    /// of what they have in the open one. Only the Delegation, before anybody joins or leaves.
    function checkpoint(address node, uint256 kept, uint256 all) external;

    /// @notice Pays the incentive fund what it earned. By anyone.
    function claimIncentive() external returns (uint256 amount);

    /// @notice Closes the epoch that is over, if there is one, and opens the running one. By anyone; every call here
    /// does it.
    function sync() external;

    /// @notice What `claim` would pay now, owner and delegators together; zero while claims are paused.
    function claimable(address node) external view returns (uint256);

    /// @notice What `claimIncentive` would pay now; zero while claims are paused.
    function claimableIncentive() external view returns (uint256);

    function accountOf(address node) external view returns (Account memory);

    function currentEpoch() external view returns (uint64);

    /// @notice The epoch of the last call.
    function openEpoch() external view returns (uint64);

    /// @notice Most that the open epoch can emit.
    function emission() external view returns (uint256);

    /// @notice Shares of the engines in the open epoch; they sum to 10000.
    function shares() external view returns (uint256[ENGINES] memory);

    /// @notice Weighted units of the open epoch, in 1e16ths.
    function weightedUnits(uint8 engine) external view returns (uint256);

    /// @notice Fees of the open epoch.
    function fees(uint8 engine) external view returns (uint256);

    /// @notice What a weighted unit earned in a closed epoch, in base units times 1e18.
    function rateOf(uint64 epoch, uint8 engine) external view returns (uint256);

    /// @notice Tokens that the pool was deployed with, all that it will ever give.
    function pooled() external view returns (uint256);

    /// @notice Earned in all closed epochs, by nodes and incentive fund.
    function accrued() external view returns (uint256);

    /// @notice Paid out so far, at most `accrued`.
    function paid() external view returns (uint256);
}
