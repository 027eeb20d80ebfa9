// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Sends tokens so that no receiver can stop what else happens in the call.
/// @dev A transfer that the token refuses (a blocked receiver, a hook that reverts) leaves the amount owed to that receiver, who
/// alone can have it later. The token must move exactly what it is asked to: neither a fee on transfers nor rebasing.
interface IPayments {
    event Owed(address indexed to, uint256 amount);
    event OwedPaid(address indexed to, uint256 amount);

    error NothingOwed(address to);

    /// @notice Sends `to` what could not be sent when it was due. By anyone.
    function payOwed(address to) external returns (uint256 amount);

    function owedTo(address to) external view returns (uint256);
}
