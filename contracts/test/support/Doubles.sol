// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "../../src/Settled.sol";
import {ICredentials} from "../../src/interfaces/ICredentials.sol";
import {IGuard} from "../../src/interfaces/IGuard.sol";
import {IInsurancePool} from "../../src/interfaces/IInsurancePool.sol";
import {Payout} from "../../src/interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev Sums of what was recorded, in about as many words of storage as a certificate takes.
contract CredentialsDouble is ICredentials, Settled {
    struct Sum {
        uint128 units;
        uint64 tasks;
        uint64 first;
        uint64 last;
        bytes32[4] filler;
    }

    mapping(bytes32 job => mapping(uint8 kind => mapping(address node => Sum))) public sums;

    constructor(address settlement_) Settled(settlement_) {}

    function record(bytes32 job, uint8 kind, Payout[] calldata work) external onlySettlement {
        for (uint256 i; i < work.length; ++i) {
            Sum storage sum = sums[job][kind][work[i].node];
            if (sum.first == 0) {
                sum.first = uint64(block.timestamp);
                for (uint256 k; k < 4; ++k) {
                    sum.filler[k] = job;
                }
            }
            sum.units += work[i].units;
            sum.tasks += work[i].tasks;
            sum.last = uint64(block.timestamp);
        }
    }
}

/// @dev Pays what it has.
contract InsuranceDouble is IInsurancePool, Settled {
    IERC20 internal immutable TOKEN;
    address internal immutable ESCROW;

    constructor(IERC20 token, address escrow, address settlement_) Settled(settlement_) {
        (TOKEN, ESCROW) = (token, escrow);
    }

    function compensate(bytes32, uint256 amount) external onlySettlement returns (uint256 paid) {
        paid = Math.min(amount, TOKEN.balanceOf(address(this)));
        require(TOKEN.transfer(ESCROW, paid));
    }
}

contract GuardDouble is IGuard {
    mapping(uint8 scope => bool) public paused;

    function set(uint8 scope, bool on) external {
        paused[scope] = on;
    }
}
