// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IInsurancePool} from "../src/interfaces/IInsurancePool.sol";
import {Money} from "./support/Money.sol";

contract InsurancePoolTest is Money {
    function compensate(uint256 loss) internal returns (uint256) {
        vm.prank(settlement);
        return insurance.compensate("job", loss);
    }

    function test_paysTheCoveredPartToTheEscrow() public {
        fund(address(insurance), 1000e18);
        vm.expectEmit();
        emit IInsurancePool.Compensated("job", 100e18, 80e18);
        assertEq(compensate(100e18), 80e18);
        assertEq(token.balanceOf(address(escrow)), 80e18);
    }

    function test_neverMoreThanTheCap() public {
        fund(address(insurance), 1000e18);
        assertEq(compensate(1e30), 250e18);
        assertEq(compensate(1e30), 187.5e18, "of what is left");
    }

    function test_anEmptyReservePaysNothing() public {
        assertEq(compensate(1), 0);
    }

    function testFuzz_boundedByLossAndReserve(uint128 reserve_, uint256 loss) public {
        reserve_ = uint128(bound(reserve_, 0, 1e26));
        loss = bound(loss, 0, 1e60);
        fund(address(insurance), reserve_);
        uint256 expected = insurance.compensation(loss);
        assertEq(compensate(loss), expected);
        assertLe(expected * 10_000, loss * COVER_BPS);
        assertLe(expected * 10_000, uint256(reserve_) * CAP_BPS);
        assertEq(token.balanceOf(address(insurance)), reserve_ - expected);
    }

    function test_onlySettlement() public {
        expectNotSettlement();
        insurance.compensate("job", 1);
    }

    function refuses(uint16 coverBps, uint16 capBps, string memory what) internal {
        refusesToDeploy(
            insuranceCode(address(escrow), IInsurancePool.Params(coverBps, capBps)),
            abi.encodeWithSelector(IInsurancePool.InvalidParams.selector, what)
        );
    }

    function test_refusesBadParams() public {
        refuses(0, 1, "coverBps must be 1 to 10000");
        refuses(10_001, 1, "coverBps must be 1 to 10000");
        refuses(1, 0, "capBps must be 1 to 10000");
        refuses(1, 10_001, "capBps must be 1 to 10000");
    }
}
