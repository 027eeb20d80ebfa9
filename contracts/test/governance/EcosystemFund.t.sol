// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {EcosystemFund} from "../../src/governance/EcosystemFund.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {IEcosystemFund} from "../../src/interfaces/IEcosystemFund.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {Test} from "forge-std/Test.sol";

contract EcosystemFundTest is Test {
    uint256 internal constant HELD = 1000e18;
    uint64 internal constant PERIOD = 30 days;
    uint16 internal constant CAP = 1000;

    ComputeToken internal token;
    EcosystemFund internal fund;
    address internal timelock = makeAddr("timelock");
    address internal grantee = makeAddr("grantee");
    address internal treasury = makeAddr("treasury");

    function setUp() public {
        vm.warp(1_800_000_000);
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](1);
        grants[0] = IComputeToken.Grant(treasury, 2 * HELD);
        token = new ComputeToken("t", "t", 2 * HELD, grants);
        AccessManager manager = new AccessManager(address(this));
        fund = EcosystemFund(
            vm.deployCode("out/EcosystemFund.sol/EcosystemFund.json", abi.encode(token, manager, PERIOD, CAP))
        );
        bytes4[] memory one = new bytes4[](1);
        one[0] = EcosystemFund.spend.selector;
        manager.setTargetFunctionRole(address(fund), one, 1);
        manager.grantRole(1, timelock, 0);
        give(HELD);
    }

    function give(uint256 amount) internal {
        vm.prank(treasury);
        token.transfer(address(fund), amount);
    }

    function spend(uint256 amount) internal {
        vm.prank(timelock);
        fund.spend(grantee, amount, "a grant");
    }

    function expectCap(uint256 left, uint256 requested) internal {
        vm.expectRevert(abi.encodeWithSelector(IEcosystemFund.CapExceeded.selector, fund.period(), left, requested));
    }

    function test_spends() public {
        assertEq(fund.spendable(), HELD / 10);
        vm.expectEmit(address(fund));
        emit IEcosystemFund.Spent(0, grantee, 30e18, "a grant");
        spend(30e18);
        assertEq(token.balanceOf(grantee), 30e18);
        assertEq(fund.spendable(), HELD / 10 - 30e18);
    }

    function test_theCapIsOfThePeriodsFirstBalance() public {
        spend(60e18);
        give(HELD);
        expectCap(40e18, 40e18 + 1);
        spend(40e18 + 1);
        spend(40e18);
        assertEq(fund.spendable(), 0);
        vm.warp(block.timestamp + PERIOD);
        assertEq(fund.period(), 1);
        assertEq(fund.spendable(), (2 * HELD - 100e18) / 10);
    }

    function test_periodsDoNotAddUp() public {
        vm.warp(block.timestamp + 5 * PERIOD);
        expectCap(HELD / 10, HELD / 10 + 1);
        spend(HELD / 10 + 1);
        spend(HELD / 10);
    }

    function test_onlyTheRoleSpends() public {
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, address(this)));
        fund.spend(grantee, 1, "");
    }

    function test_nothingIsNotSpent() public {
        vm.expectRevert(IEcosystemFund.ZeroAmount.selector);
        spend(0);
    }

    function test_refusesBadParams() public {
        vm.expectRevert(abi.encodeWithSelector(IEcosystemFund.InvalidParams.selector, "periodSeconds must be positive"));
        new EcosystemFund(token, address(1), 0, 1);
        bytes memory cap = abi.encodeWithSelector(IEcosystemFund.InvalidParams.selector, "capBps must be 1 to 10000");
        vm.expectRevert(cap);
        new EcosystemFund(token, address(1), 1, 0);
        vm.expectRevert(cap);
        new EcosystemFund(token, address(1), 1, 10_001);
    }

    /// @dev However it is spent, no period takes more than its share.
    function testFuzz_noPeriodSpendsMoreThanItsCap(uint128[12] memory amounts, uint32[12] memory waits) public {
        uint256 spent;
        uint64 present;
        uint256 cap = fund.spendable();
        for (uint256 i; i < 12; ++i) {
            vm.warp(block.timestamp + bound(waits[i], 0, PERIOD));
            if (fund.period() != present) (present, spent, cap) = (fund.period(), 0, fund.spendable());
            uint256 amount = bound(amounts[i], 1, 150e18);
            vm.prank(timelock);
            try fund.spend(grantee, amount, "") {
                spent += amount;
            } catch {
                assertGt(spent + amount, cap);
            }
            assertLe(spent, cap);
        }
    }
}
