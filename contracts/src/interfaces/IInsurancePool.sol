// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";

/// @notice Compensates insured jobs for failed work.
interface IInsurancePool is ISettled {
    /// @notice Sends up to `amount` to the escrow, which books it for `job`. Only the Settlement.
    /// @return paid Tokens sent.
    function compensate(bytes32 job, uint256 amount) external returns (uint256 paid);
}
