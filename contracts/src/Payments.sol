// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {IPayments} from "./interfaces/IPayments.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @dev See `IPayments`. Keeps count of all that is held for anybody, so that it can be compared with the balance.
abstract contract Payments is IPayments {
    using SafeERC20 for IERC20;

    IERC20 public immutable token;

    /// @dev All that is held here for somebody, what is owed included.
    uint256 internal _held;

    /// @inheritdoc IPayments
    mapping(address to => uint256) public owedTo;

    constructor(IERC20 token_) {
        token = token_;
    }

    /// @inheritdoc IPayments
    function payOwed(address to) external returns (uint256 amount) {
        amount = owedTo[to];
        require(amount > 0, NothingOwed(to));
        owedTo[to] = 0;
        _held -= amount;
        emit OwedPaid(to, amount);
        token.safeTransfer(to, amount);
    }

    function _take(address from, uint256 amount) internal {
        _held += amount;
        token.safeTransferFrom(from, address(this), amount);
    }

    /// @dev To anyone of whom it is not known whether it takes tokens.
    function _send(address to, uint256 amount) internal {
        if (amount == 0) return;
        _held -= amount;
        if (token.trySafeTransfer(to, amount)) return;
        _held += amount;
        owedTo[to] += amount;
        emit Owed(to, amount);
    }

    /// @dev To a part of the network, which takes them.
    function _sendToPart(address part, uint256 amount) internal {
        if (amount == 0) return;
        _held -= amount;
        token.safeTransfer(part, amount);
    }

    /// @dev Only of a token that has `burn(uint256)`.
    function _burn(uint256 amount) internal {
        if (amount == 0) return;
        _held -= amount;
        IComputeToken(address(token)).burn(amount);
    }
}
