// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Holds tokens that governance spends, at most a fixed share per period.
/// @dev Safety: only whoever the authority allows can spend (the timelock, in the profiles), and never more in a period than
/// `capBps` of what the fund held when the period's first spending came. Periods follow each other from deployment.
interface IEcosystemFund {
    event Spent(uint64 indexed period, address indexed to, uint256 amount, string purpose);

    error InvalidParams(string what);
    error ZeroAmount();
    error CapExceeded(uint64 period, uint256 left, uint256 requested);

    /// @notice Sends `amount` to `to`. Restricted.
    /// @param purpose What it is for, in words; only logged.
    function spend(address to, uint256 amount, string calldata purpose) external;

    function period() external view returns (uint64);

    /// @notice What can still be spent in this period.
    function spendable() external view returns (uint256);

    function periodSeconds() external view returns (uint64);

    function capBps() external view returns (uint16);
}
