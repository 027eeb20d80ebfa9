// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {Payout} from "./Types.sol";

/// @notice Gives the pooled supply to those who did verified work.
/// @dev Time is cut into epochs from the moment of deployment, epochs into eras. Each epoch of era k may emit
/// `pooled / (2 * epochsPerEra) >> k`, split between the engines by fixed shares, and each engine's part is shared in
/// proportion to the units recorded in that epoch. What is not earned stays in the pool. There is no owner: nobody can
/// mint, stop, redirect or change the schedule.
interface IMiningPool is ISettled {
    /// @param epochSeconds Length of an epoch.
    /// @param epochsPerEra Epochs between two halvings.
    /// @param rewardCapPerUnit Most that one unit can earn. Below `minPricePerUnit * feeBps / 10000` of the escrow, paying
    /// oneself for made-up work loses money whatever the others do.
    /// @param engineBps Share of Compute-PoC and of Model-PoT in every epoch's emission; together at most 10000.
    struct Params {
        uint64 epochSeconds;
        uint64 epochsPerEra;
        uint128 rewardCapPerUnit;
        uint16[2] engineBps;
    }

    event Recorded(uint64 indexed epoch, uint8 indexed engine, address indexed node, uint64 units);
    event Claimed(address indexed node, address indexed owner, uint64[] epochs, uint256 amount);

    error InvalidParams(string what);
    error EmptyPool();
    error EpochNotOver(uint64 epoch);
    error NothingToClaim(address node);
    error UnknownNode(address node);

    /// @notice Records work in the running epoch. Only the Settlement.
    function record(uint8 engine, Payout[] calldata work) external;

    /// @notice Pays what `node` earned in `epochs`, all of them over, to its owner. By anyone. The cost of each epoch is
    /// constant; epochs without a claim are skipped.
    function claim(address node, uint64[] calldata epochs) external returns (uint256 amount);

    /// @notice What `claim` would pay now.
    function claimable(address node, uint64[] calldata epochs) external view returns (uint256 amount);

    function currentEpoch() external view returns (uint64);

    /// @notice Most that `epoch` can give to all engines together.
    function emission(uint64 epoch) external view returns (uint256);

    function unitsOf(uint64 epoch, uint8 engine, address node) external view returns (uint256);

    function totalUnits(uint64 epoch, uint8 engine) external view returns (uint256);
}
