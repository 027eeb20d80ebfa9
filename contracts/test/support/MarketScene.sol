// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMarket} from "../../src/interfaces/IMarket.sol";
import {Money} from "./Money.sol";

/// @dev A market with an offer and an order that fit, and what tests of both halves of it need.
abstract contract MarketScene is Money {
    IMarket.Meter internal constant SECONDS = IMarket.Meter.Seconds;
    IMarket.Meter internal constant UNITS = IMarket.Meter.Units;

    function setUp() public override {
        super.setUp();
        fund(node, 1000e18);
        fund(owner, 1000e18);
        allow(node);
        allow(owner);
    }

    function claim(bytes32 lease, uint128 amount) internal {
        vm.prank(node);
        market.claim(lease, amount, "evidence");
    }

    function redeem(bytes32 lease, uint128 amount) internal {
        bytes memory signature = voucher(lease, amount);
        vm.prank(stranger);
        market.redeem(lease, amount, signature);
    }

    function bondFor(uint256 amount) internal pure returns (uint256) {
        return (amount * BOND_BPS + 9999) / 10_000;
    }

    function assertSolvent() internal view {
        assertEq(token.balanceOf(address(market)), market.totalHeld());
    }

    function differs(string memory term) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMarket.TermsDiffer.selector, term);
    }

    function invalid(string memory term) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMarket.InvalidTerms.selector, term);
    }
}
