// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./ISettled.sol";

/// @notice Compensates insured jobs for work that was proven wrong.
/// @dev Fed by premiums, by its part of all fees, and where the profile says so by slashed stake: whatever tokens lie here are its
/// reserve, and the only way out is to the JobEscrow, for a conviction.
///
/// Safety: the Settlement asks for at most what was burned of the convicted stake, and only `coverBps` of that is paid. So who
/// convicts himself in an insured job of his own loses `1 - coverBps` of what is burned, and the premium: draining the pool of
/// D costs at least `D * (10000 / coverBps - 1)`. (Where slashed stake is sent here and not burned, the pool pays out less than it
/// got by the same conviction, even at 10000.) One compensation takes at most `capBps` of the reserve, so that one job cannot
/// take what many have paid in. Liveness: a call always succeeds, with zero if the reserve is empty.
interface IInsurancePool is ISettled {
    /// @param coverBps Part of a loss that is compensated.
    /// @param capBps Most that one compensation takes of the reserve.
    struct Params {
        uint16 coverBps;
        uint16 capBps;
    }

    event Compensated(bytes32 indexed job, uint256 loss, uint256 paid);

    error InvalidParams(string what);

    /// @notice Sends the JobEscrow a part of `loss`, for `job`. The caller books it there. Only the Settlement.
    /// @return paid Tokens sent.
    function compensate(bytes32 job, uint256 loss) external returns (uint256 paid);

    /// @notice What `compensate` would pay for `loss` now.
    function compensation(uint256 loss) external view returns (uint256);

    /// @notice Where compensations go.
    function escrow() external view returns (address);
}
