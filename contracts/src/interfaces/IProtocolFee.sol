// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IManaged} from "./IManaged.sol";

/// @notice A percentage fee within bounds that never change.
interface IProtocolFee is IManaged {
    event FeeBpsChanged(uint16 feeBps);

    error InvalidFeeBounds(uint16 feeBps, uint16 least, uint16 most);
    error FeeOutOfBounds(uint16 feeBps, uint16 least, uint16 most);

    /// @notice Sets the fee of what is opened from now on. What is open keeps the fee that it was opened with. Only by the
    /// authority's leave.
    function setFeeBps(uint16 newFeeBps) external;

    /// @notice Fee of what is opened now, in basis points.
    function feeBps() external view returns (uint16);

    function feeMinBps() external view returns (uint16);

    function feeMaxBps() external view returns (uint16);
}
