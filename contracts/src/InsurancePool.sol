// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {IInsurancePool} from "./interfaces/IInsurancePool.sol";
import {BPS} from "./interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Compensation for convicted work
/// @dev See `IInsurancePool`.
contract InsurancePool is IInsurancePool, Settled {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;
    address public immutable escrow;
    uint16 public immutable coverBps;
    uint16 public immutable capBps;

    constructor(IERC20 token_, address escrow_, address settlement_, Params memory params) Settled(settlement_) {
        require(params.coverBps > 0 && params.coverBps <= BPS, InvalidParams("coverBps must be 1 to 10000"));
        require(params.capBps > 0 && params.capBps <= BPS, InvalidParams("capBps must be 1 to 10000"));
        token = token_;
        escrow = escrow_;
        coverBps = params.coverBps;
        capBps = params.capBps;
    }

    /// @inheritdoc IInsurancePool
    function compensate(bytes32 job, uint256 loss) external onlySettlement returns (uint256 paid) {
        paid = compensation(loss);
        emit Compensated(job, loss, paid);
        if (paid > 0) token.safeTransfer(escrow, paid);
    }

    /// @inheritdoc IInsurancePool
    function compensation(uint256 loss) public view returns (uint256) {
        uint256 covered = Math.mulDiv(loss, coverBps, BPS);
        return Math.min(covered, Math.mulDiv(token.balanceOf(address(this)), capBps, BPS));
    }
}
