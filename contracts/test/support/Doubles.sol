// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGuard} from "../../src/interfaces/IGuard.sol";

contract GuardDouble is IGuard {
    mapping(uint8 scope => bool) public paused;

    function set(uint8 scope, bool on) external {
        paused[scope] = on;
    }
}
