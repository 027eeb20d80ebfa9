// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Releases tokens linearly over time, and none before a cliff, to the account that owns it.
/// @dev OpenZeppelin's `VestingWalletCliff`. Irrevocable: nobody but the owner ever gets anything out, and the schedule cannot
/// change. Releasing needs nobody's consent. Ownership moves in two steps and cannot be renounced, so that what is here cannot
/// be locked for ever by mistake.
interface IVesting {
    error CannotRenounce();

    /// @notice Sends what has vested of `token` to the owner. By anyone.
    function release(address token) external;

    /// @notice What `release` would send now.
    function releasable(address token) external view returns (uint256);

    /// @notice Unix time before which nothing is released.
    function cliff() external view returns (uint256);

    function start() external view returns (uint256);

    /// @notice Unix time from which everything can be released.
    function end() external view returns (uint256);
}
