// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISettled} from "./interfaces/ISettled.sol";

/// @dev See `ISettled`. The Settlement itself checks, when it is deployed, that this points to it.
abstract contract Settled is ISettled {
    /// @inheritdoc ISettled
    address public immutable settlement;

    constructor(address settlement_) {
        settlement = settlement_;
    }

    modifier onlySettlement() {
        require(msg.sender == settlement, NotSettlement(msg.sender));
        _;
    }
}
