// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMarket} from "../../src/interfaces/IMarket.sol";
import {RefusingToken} from "../support/Money.sol";
import {Accounts} from "./Accounts.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev Jobs and leases by everybody at once, of a token that now and then refuses somebody. Each action does something valid
/// or nothing, so that any revert is a finding.
abstract contract MoneyHandler is Accounts {
    function setUp() public override {}

    constructor() {
        vm.warp(1_800_000_000);
        (requester, requesterKey) = makeAddrAndKey("requester");
        deploy(IERC20(address(new RefusingToken(treasury, SUPPLY))));
        for (uint256 i; i < PEOPLE; ++i) {
            (address node_, uint256 key) = makeAddrAndKey(string.concat("node ", vm.toString(i)));
            nodes.push(node_);
            _nodeKeys.push(key);
            owners.push(makeAddr(string.concat("owner ", vm.toString(i))));
            registry.set(node_, owners[i], 1);
            fund(node_, 1000 ether);
            allow(node_);
        }
        fund(requester, 1_000_000 ether);
        allow(requester);
        _keyOf[requester] = requesterKey;
        _deployAccount();
    }

    function refuse(uint256 who, bool on) external {
        address[6] memory all = [owners[0], owners[1], nodes[2], referrer, requester, address(account)];
        RefusingToken(address(token)).refuse(all[who % 6], on);
    }

    function payOwed(uint256 who) external {
        address to = people()[who % people().length];
        if (RefusingToken(address(token)).refused(to)) return;
        if (escrow.owedTo(to) > 0) escrow.payOwed(to);
        if (market.owedTo(to) > 0) market.payOwed(to);
    }

    /// @dev The fee of what is opened from now on.
    function tune(uint256 bps) external {
        vm.startPrank(tuner);
        escrow.setFeeBps(uint16(bound(bps, FEE_MIN, FEE_MAX)));
        market.setFeeBps(uint16(bound(bps >> 128, FEE_MIN, FEE_MAX)));
        vm.stopPrank();
    }

    function pass(uint256 seconds_) external {
        skip(bound(seconds_, 1, 12 hours));
    }

    /// @dev Everybody leaves, by calls that anyone or each one alone can make.
    function windUp() external {
        address[] memory all = people();
        for (uint256 i; i < all.length; ++i) {
            _pass(all[i]);
        }
        while (_rounds.length > 0) {
            _settle(0, 0);
        }
        for (uint256 i; i < jobs.length; ++i) {
            if (escrow.jobOf(jobs[i]).closed) {
                escrow.refund(jobs[i]);
            } else {
                _closeJob(jobs[i]);
            }
        }
        skip(60 days);
        for (uint256 i; i < leases.length; ++i) {
            _finalize(leases[i]);
            if (!market.leaseOf(leases[i]).closed) market.close(leases[i]);
        }
        for (uint256 i; i < all.length; ++i) {
            if (escrow.owedTo(all[i]) > 0) escrow.payOwed(all[i]);
            if (market.owedTo(all[i]) > 0) market.payOwed(all[i]);
        }
        _emptyAccount();
    }

    // --- for the invariants

    function parts()
        external
        view
        returns (IERC20, IJobEscrow, IMarket, address splitter_, address insurance_, address ecosystem_)
    {
        return (token, escrow, market, address(splitter), address(insurance), ecosystem);
    }

    function people() public view returns (address[] memory all) {
        all = new address[](2 * PEOPLE + 7);
        for (uint256 i; i < PEOPLE; ++i) {
            all[2 * i] = owners[i];
            all[2 * i + 1] = nodes[i];
        }
        uint256 k = 2 * PEOPLE;
        (all[k], all[k + 1], all[k + 2]) = (requester, referrer, treasury);
        (all[k + 3], all[k + 4], all[k + 5], all[k + 6]) = (address(account), cold, hot[0], hot[1]);
    }

    function counts() external view returns (uint256 jobs_, uint256 leases_) {
        return (jobs.length, leases.length);
    }
}
