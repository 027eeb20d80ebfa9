// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeRegistry} from "./INodeRegistry.sol";
import {IStakeVault} from "./IStakeVault.sol";
import {BPS, KINDS, Payout, TIERS} from "./Types.sol";

/// @dev The weight of a unit whose factors are all one.
uint256 constant WEIGHT_ONE = BPS ** 4;

/// @notice What a unit of verified work weighs when an epoch's emission is shared.
/// @dev weighted = units * kindBps * tierBps * qualityBps * boostBps, in `WEIGHT_ONE`ths of a unit. Safety: no factor exceeds
/// 10000 (one), so that what holds for raw units (the cap on what a unit can mine) holds for weighted units.
interface IWeights {
    /// @param kindBps Factor of each kind of work, `minKindBps` to 10000.
    /// @param minKindBps Least that a kind's factor may be tuned to.
    /// @param tierBps Factor of each tier, ascending, at most 10000.
    struct Params {
        uint16[KINDS] kindBps;
        uint16 minKindBps;
        uint16[TIERS] tierBps;
    }

    event KindTuned(uint8 indexed kind, uint16 bps);

    error InvalidParams(string what);
    error Miswired(address part);
    error KindOutOfBounds(uint16 bps, uint16 least, uint256 most);

    /// @notice Sets the factor of `kind`, within the bounds. Only who the authority allows; with the zero address for
    /// authority, nobody ever.
    function tuneKind(uint8 kind, uint16 bps) external;

    /// @notice Weighted units of each entry of `work`, as the nodes now are.
    function weigh(uint8 kind, Payout[] calldata work) external view returns (uint256[] memory weighted);

    /// @notice Weight of one unit of `kind` by `node`, at most `WEIGHT_ONE`.
    function weightOf(uint8 kind, address node) external view returns (uint256);

    /// @notice Factor of `kind`.
    function kindBps(uint8 kind) external view returns (uint16);

    /// @notice Factor of `tier`.
    function tierBps(uint8 tier) external view returns (uint16);

    function minKindBps() external view returns (uint16);

    function registry() external view returns (INodeRegistry);

    function vault() external view returns (IStakeVault);
}
