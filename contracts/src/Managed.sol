// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IManaged} from "./interfaces/IManaged.sol";
import {AuthorityUtils} from "@openzeppelin/contracts/access/manager/AuthorityUtils.sol";

/// @dev See `IManaged`. OpenZeppelin's AccessManaged with an authority that cannot be replaced, and in the code, not in storage, so that a
/// proxy can have it. Callers with a delay go through `AccessManager.execute`, as those of AccessManaged may.
abstract contract Managed is IManaged {
    /// @inheritdoc IManaged
    address public immutable authority;

    constructor(address authority_) {
        authority = authority_;
    }

    modifier restricted() {
        require(_mayCall(msg.sender, msg.sig), NotAuthorized(msg.sender));
        _;
    }

    function _mayCall(address caller, bytes4 selector) private view returns (bool immediate) {
        if (authority == address(0)) return false;
        (immediate,) = AuthorityUtils.canCallWithDelay(authority, caller, address(this), selector);
    }
}
