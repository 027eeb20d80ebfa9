// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UpgradeableMarket} from "../src/UpgradeableMarket.sol";
import {IFeeSplitter} from "../src/interfaces/IFeeSplitter.sol";
import {IGuard} from "../src/interfaces/IGuard.sol";
import {IManaged} from "../src/interfaces/IManaged.sol";
import {IMarket} from "../src/interfaces/IMarket.sol";
import {INodeRegistry} from "../src/interfaces/INodeRegistry.sol";
import {IProtocolFee} from "../src/interfaces/IProtocolFee.sol";
import {Money} from "./support/Money.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @dev A later version: new state behind the old.
contract NextMarket is UpgradeableMarket {
    uint256 public added;

    constructor(
        IERC20 token_,
        INodeRegistry registry_,
        IFeeSplitter splitter_,
        IGuard guard_,
        address authority_,
        Params memory params
    ) UpgradeableMarket(token_, registry_, splitter_, guard_, authority_, params) {}

    function add() external {
        ++added;
    }
}

/// @dev The same market as everywhere, behind a proxy, upgraded by the authority's leave alone.
contract UpgradeableMarketTest is Money {
    address internal timelock = makeAddr("timelock");

    function setUp() public override {
        super.setUp();
        market = IMarket(proxied(address(manager)));
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = UUPSUpgradeable.upgradeToAndCall.selector;
        manager.setTargetFunctionRole(address(market), selectors, 2);
        manager.grantRole(2, timelock, 0);
        grant(address(market), IProtocolFee.setFeeBps.selector);
        allow(requester);
        fund(node, 10 ether);
        allow(node);
    }

    function implementation(string memory name, address authority) internal returns (address) {
        return create(code(name, abi.encode(token, registry, splitter, guard, authority, marketParams())));
    }

    function proxied(address authority) internal returns (address) {
        return create(code("MarketProxy", abi.encode(implementation("UpgradeableMarket", authority))));
    }

    function next() internal returns (address) {
        return address(
            new NextMarket(
                token,
                INodeRegistry(address(registry)),
                splitter,
                IGuard(address(guard)),
                address(manager),
                marketParams()
            )
        );
    }

    function upgrade(address to) internal {
        UUPSUpgradeable(address(market)).upgradeToAndCall(to, "");
    }

    function test_worksBehindTheProxyFromTheStart() public {
        assertEq(market.feeBps(), FEE_BPS, "nothing had to be initialized");
        bytes32 lease = openLease(IMarket.Meter.Seconds);
        market.redeem(lease, 1 ether, voucher(lease, 1 ether));
        assertEq(token.balanceOf(owner), 1 ether - feeOf(1 ether));
        assertEq(token.balanceOf(address(market)), market.totalHeld());
    }

    function test_anUpgradeKeepsEveryLease() public {
        bytes32 lease = openLease(IMarket.Meter.Seconds);
        skip(1000);
        market.redeem(lease, 0.5 ether, voucher(lease, 0.5 ether));
        vm.prank(node);
        market.claim(lease, 1 ether, 0);
        vm.prank(tuner);
        market.setFeeBps(FEE_MIN);
        vm.prank(requester);
        market.cancelBelow(7);
        bytes32 leaseBefore = keccak256(abi.encode(market.leaseOf(lease), market.claimOf(lease)));
        uint256 held = market.totalHeld();
        bytes32 domain = market.voucherDigest(lease, 1);

        address later = next();
        vm.prank(timelock);
        upgrade(later);
        NextMarket(address(market)).add();
        assertEq(NextMarket(address(market)).added(), 1);
        assertEq(keccak256(abi.encode(market.leaseOf(lease), market.claimOf(lease))), leaseBefore);
        assertEq(market.totalHeld(), held);
        assertEq(market.feeBps(), FEE_MIN);
        assertEq(market.minNonce(requester), 7);
        assertEq(market.voucherDigest(lease, 1), domain, "signatures stay valid");
        skip(CHALLENGE + 1);
        market.finalize(lease);
        vm.prank(node);
        market.close(lease);
        assertEq(token.balanceOf(address(market)), 0);
    }

    function testFuzz_nobodyElseUpgrades(address caller) public {
        vm.assume(caller != timelock);
        address later = next();
        vm.expectRevert(abi.encodeWithSelector(IManaged.NotAuthorized.selector, caller));
        vm.prank(caller);
        upgrade(later);
    }

    function test_whoMayTuneMayNotUpgrade() public {
        address later = next();
        address[3] memory callers = [tuner, node, requester];
        for (uint256 i; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IManaged.NotAuthorized.selector, callers[i]));
            vm.prank(callers[i]);
            upgrade(later);
        }
    }

    function test_withoutAnAuthorityNobodyUpgrades() public {
        market = IMarket(proxied(address(0)));
        address later = next();
        vm.expectRevert(abi.encodeWithSelector(IManaged.NotAuthorized.selector, timelock));
        vm.prank(timelock);
        upgrade(later);
    }

    function test_theImplementationItselfCannotBeUpgraded() public {
        address plain = implementation("UpgradeableMarket", address(manager));
        address later = next();
        vm.expectRevert(UUPSUpgradeable.UUPSUnauthorizedCallContext.selector);
        vm.prank(timelock);
        UUPSUpgradeable(plain).upgradeToAndCall(later, "");
    }

    /// @dev Only to what can be upgraded again.
    function test_notToSomethingElse() public {
        vm.expectRevert();
        vm.prank(timelock);
        upgrade(address(splitter));
    }
}
