// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";
import {Payout} from "./Types.sol";

/// @notice Certificates of verified work.
interface ICredentials is ISettled {
    /// @notice Records work of one kind for a job. Only the Settlement.
    function record(bytes32 job, uint8 kind, Payout[] calldata work) external;
}
