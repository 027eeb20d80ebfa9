// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Past work of everybody, as votes read it.
interface IContribution {
    /// @notice Units that were recorded for nodes of `owner` up to `timepoint` (Unix time, in the past), owner as of the record.
    function pastContribution(address owner, uint256 timepoint) external view returns (uint256);

    /// @notice Sum over all owners.
    function pastTotalContribution(uint256 timepoint) external view returns (uint256);
}
