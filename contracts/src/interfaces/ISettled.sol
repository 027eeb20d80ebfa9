// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A contract that one Settlement, fixed at deployment, may give orders to.
interface ISettled {
    error NotSettlement(address caller);

    /// @notice The only address that may call the functions marked "Only the Settlement".
    function settlement() external view returns (address);
}
