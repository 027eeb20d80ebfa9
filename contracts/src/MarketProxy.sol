// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";

/// @title Where an upgradeable market lives
/// @notice An ERC1967Proxy in front of an `UpgradeableMarket`.
/// @dev OpenZeppelin's proxy wants an initializer to be called when it is deployed, lest a stranger calls it first. The market has
/// none: all that it starts with is in its code.
contract MarketProxy is ERC1967Proxy {
    constructor(address implementation) ERC1967Proxy(implementation, "") {}

    function _unsafeAllowUninitialized() internal pure override returns (bool) {
        return true;
    }
}
