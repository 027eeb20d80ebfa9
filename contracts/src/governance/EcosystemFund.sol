// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IEcosystemFund} from "../interfaces/IEcosystemFund.sol";
import {BPS} from "../interfaces/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Ecosystem fund
/// @dev See `IEcosystemFund`.
contract EcosystemFund is IEcosystemFund, AccessManaged {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    IERC20 public immutable token;
    uint64 public immutable start;
    uint64 public immutable periodSeconds;
    uint16 public immutable capBps;

    /// @dev Period of the last spending plus one, and what it left; zero before the first.
    uint64 private _touched;
    uint256 private _left;

    constructor(IERC20 token_, address manager, uint64 periodSeconds_, uint16 capBps_) AccessManaged(manager) {
        require(periodSeconds_ > 0, InvalidParams("periodSeconds must be positive"));
        require(capBps_ > 0 && capBps_ <= BPS, InvalidParams("capBps must be 1 to 10000"));
        token = token_;
        start = block.timestamp.toUint64();
        periodSeconds = periodSeconds_;
        capBps = capBps_;
    }

    /// @inheritdoc IEcosystemFund
    function spend(address to, uint256 amount, string calldata purpose) external restricted {
        require(amount > 0, ZeroAmount());
        uint256 left = spendable();
        uint64 present = period();
        require(amount <= left, CapExceeded(present, left, amount));
        (_touched, _left) = (present + 1, left - amount);
        emit Spent(present, to, amount, purpose);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IEcosystemFund
    function period() public view returns (uint64) {
        return (block.timestamp.toUint64() - start) / periodSeconds;
    }

    /// @inheritdoc IEcosystemFund
    function spendable() public view returns (uint256) {
        return _touched == period() + 1 ? _left : token.balanceOf(address(this)) * capBps / BPS;
    }
}
