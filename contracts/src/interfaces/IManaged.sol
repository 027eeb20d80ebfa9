// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A contract with parameters that an authority, fixed at deployment, lets some callers tune within bounds.
interface IManaged {
    error NotAuthorized(address caller);

    /// @notice OpenZeppelin AccessManager that says who may call the functions marked "Only by the authority's leave". Zero
    /// means that nobody can, ever.
    function authority() external view returns (address);
}
