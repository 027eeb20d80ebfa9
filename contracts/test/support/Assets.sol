// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @dev An ordinary asset that the network gets, or is paid with.
contract Asset is ERC20("asset", "A") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @dev Takes a hundredth of every transfer.
contract FeeAsset is Asset {
    function _update(address from, address to, uint256 amount) internal override {
        if (from != address(0) && to != address(0)) {
            super._update(from, address(0), amount / 100);
            amount -= amount / 100;
        }
        super._update(from, to, amount);
    }
}

/// @dev Lies about balances, refuses transfers, and calls back.
contract HostileAsset is Asset {
    address public target;
    bytes public data;
    bool public refuses;

    /// @dev What the last call back came to.
    bool public succeeded;

    error Refused();

    function callBack(address target_, bytes calldata data_) external {
        (target, data) = (target_, data_);
    }

    function refuse(bool refuses_) external {
        refuses = refuses_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!refuses, Refused());
        super._update(from, to, amount);
        if (target != address(0)) (succeeded,) = target.call(data);
    }
}
