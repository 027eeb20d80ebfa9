// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {FeeBurner} from "../../src/distribution/FeeBurner.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {IFeeBurner} from "../../src/interfaces/IFeeBurner.sol";
import {Asset, HostileAsset} from "../support/Assets.sol";
import {Test} from "forge-std/Test.sol";

contract FeeBurnerTest is Test {
    uint256 internal constant SUPPLY = 1_000_000e18;
    uint128 internal constant FLOOR = 10e18;
    uint32 internal constant FACTOR = 20_000;
    uint32 internal constant HALVING = 1 hours;
    address internal constant ETHER = address(0);

    ComputeToken internal token;
    FeeBurner internal burner;
    Asset internal asset;
    address internal buyer = makeAddr("buyer");
    address internal to = makeAddr("to");

    function setUp() public {
        vm.warp(1_800_000_000);
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](1);
        grants[0] = IComputeToken.Grant(buyer, SUPPLY);
        token = new ComputeToken("t", "t", SUPPLY, grants);
        burner = FeeBurner(payable(vm.deployCode("out/FeeBurner.sol/FeeBurner.json", abi.encode(token, params()))));
        asset = new Asset();
        vm.prank(buyer);
        token.approve(address(burner), type(uint256).max);
    }

    function params() internal pure returns (IFeeBurner.Params memory) {
        return IFeeBurner.Params(FLOOR, FACTOR, HALVING);
    }

    function started(uint256 amount) internal {
        asset.mint(address(burner), amount);
        burner.start(address(asset));
    }

    function buy(address what) internal returns (uint256) {
        vm.prank(buyer);
        return burner.buy(what, 0, type(uint256).max, to);
    }

    /// @dev Sold at about `price`.
    function soldAt(uint256 amount, uint256 price) internal returns (uint256) {
        started(amount);
        while (burner.priceOf(address(asset)) > price) {
            vm.warp(block.timestamp + HALVING / 10);
        }
        return buy(address(asset));
    }

    function test_theFirstPriceIsTheSupply() public {
        asset.mint(address(burner), 5e6);
        vm.expectEmit(address(burner));
        emit IFeeBurner.Started(address(asset), 5e6, SUPPLY);
        burner.start(address(asset));
        assertEq(burner.priceOf(address(asset)), SUPPLY);
    }

    function test_thePriceHalvesDownToTheFloor() public {
        started(5e6);
        vm.warp(block.timestamp + HALVING);
        assertEq(burner.priceOf(address(asset)), SUPPLY / 2);
        vm.warp(block.timestamp + HALVING / 2);
        assertEq(burner.priceOf(address(asset)), SUPPLY * 3 / 8);
        vm.warp(block.timestamp + 40 * HALVING);
        assertEq(burner.priceOf(address(asset)), FLOOR);
        vm.warp(block.timestamp + 400 * uint256(HALVING));
        assertEq(burner.priceOf(address(asset)), FLOOR);
    }

    function test_whatIsPaidIsBurned() public {
        started(5e6);
        vm.warp(block.timestamp + 10 * HALVING);
        uint256 price = burner.priceOf(address(asset));
        vm.expectEmit(address(burner));
        emit IFeeBurner.Sold(address(asset), buyer, to, 5e6, price);
        assertEq(buy(address(asset)), price);
        assertEq(token.totalSupply(), SUPPLY - price);
        assertEq(token.balanceOf(address(burner)), 0);
        assertEq(asset.balanceOf(to), 5e6);
        IFeeBurner.Auction memory a = burner.auctionOf(address(asset));
        assertEq(a.lot, 0);
        assertEq(a.lastLot, 5e6);
        assertEq(a.lastPrice, price);
    }

    function test_sellsEther() public {
        vm.deal(address(burner), 3 ether);
        burner.start(ETHER);
        vm.warp(block.timestamp + 12 * HALVING);
        buy(ETHER);
        assertEq(to.balance, 3 ether);
        assertEq(address(burner).balance, 0);
    }

    function test_theNextPriceStartsAboveTheLastPerUnit() public {
        uint256 paid = soldAt(5e6, 100e18);
        started(10e6);
        assertEq(burner.priceOf(address(asset)), 2 * 2 * paid);
    }

    function test_dustCannotBeStarted() public {
        uint256 paid = soldAt(5e6, 100e18);
        asset.mint(address(burner), 1);
        uint256 price = paid * 2 / 5e6;
        vm.expectRevert(abi.encodeWithSelector(IFeeBurner.LotTooSmall.selector, asset, price, FLOOR));
        burner.start(address(asset));
    }

    function test_whatArrivesMeanwhileJoinsAtThePricePerUnit() public {
        soldAt(5e6, 100e18);
        started(5e6);
        vm.warp(block.timestamp + HALVING / 3);
        uint256 price = burner.priceOf(address(asset));
        uint256 snapshot = vm.snapshotState();
        vm.warp(block.timestamp + 2 * HALVING);
        uint256 later = burner.priceOf(address(asset));
        vm.revertToState(snapshot);

        started(15e6);
        assertApproxEqAbs(burner.priceOf(address(asset)), 4 * price, 4);
        // And falls as it would have.
        vm.warp(block.timestamp + 2 * HALVING);
        assertApproxEqAbs(burner.priceOf(address(asset)), 4 * later, 8);
    }

    function test_atTheFloorALargerLotStartsFromTheFloorPerUnit() public {
        started(5e6);
        vm.warp(block.timestamp + 60 * uint256(HALVING));
        started(15e6);
        assertEq(burner.priceOf(address(asset)), 4 * FLOOR);
        vm.warp(block.timestamp + HALVING);
        assertEq(burner.priceOf(address(asset)), 2 * FLOOR);
    }

    /// @dev Dust that was started first does not let the rest go for nothing.
    function test_aLotNeverCostsMoreThanTheSupply() public {
        started(1);
        vm.warp(block.timestamp + 60 * uint256(HALVING));
        assertEq(burner.priceOf(address(asset)), FLOOR);
        started(1e24);
        assertEq(burner.priceOf(address(asset)), SUPPLY);
    }

    function test_nothingToStart() public {
        bytes memory reason = abi.encodeWithSelector(IFeeBurner.NothingToSell.selector, asset);
        vm.expectRevert(reason);
        burner.start(address(asset));
        started(5e6);
        vm.expectRevert(reason);
        burner.start(address(asset));
    }

    function test_theTokenIsNotForSaleButBurned() public {
        vm.expectRevert(abi.encodeWithSelector(IFeeBurner.NothingToSell.selector, token));
        burner.burn();
        vm.prank(buyer);
        token.transfer(address(burner), 7e18);
        vm.expectRevert(abi.encodeWithSelector(IFeeBurner.NotForSale.selector, token));
        burner.start(address(token));
        vm.expectEmit(address(burner));
        emit IFeeBurner.Burned(7e18);
        burner.burn();
        assertEq(token.totalSupply(), SUPPLY - 7e18);
    }

    function test_buysOnlyWhatRunsAndAsExpected() public {
        bytes memory none = abi.encodeWithSelector(IFeeBurner.NoAuction.selector, asset);
        vm.expectRevert(none);
        burner.priceOf(address(asset));
        vm.expectRevert(none);
        buy(address(asset));
        started(5e6);
        vm.startPrank(buyer);
        vm.expectRevert(abi.encodeWithSelector(IFeeBurner.LotChanged.selector, 5e6, 6e6));
        burner.buy(address(asset), 6e6, SUPPLY, to);
        vm.expectRevert(abi.encodeWithSelector(IFeeBurner.PriceAboveLimit.selector, SUPPLY, SUPPLY - 1));
        burner.buy(address(asset), 5e6, SUPPLY - 1, to);
    }

    function test_refusesBadParams() public {
        IFeeBurner.Params memory p = params();
        p.floor = 0;
        expectInvalid("floor must be positive");
        new FeeBurner(token, p);
        p = params();
        p.startFactorBps = 10_000;
        expectInvalid("startFactorBps must exceed 10000");
        new FeeBurner(token, p);
        p = params();
        p.halvingSeconds = 0;
        expectInvalid("halvingSeconds must be positive");
        new FeeBurner(token, p);
    }

    function expectInvalid(string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(IFeeBurner.InvalidParams.selector, what));
    }

    function test_aHostileAssetSpoilsItsOwnAuctionsOnly() public {
        HostileAsset hostile = new HostileAsset();
        hostile.mint(address(burner), type(uint256).max);
        burner.start(address(hostile));
        assertEq(burner.auctionOf(address(hostile)).lot, type(uint128).max);
        hostile.refuse(true);
        vm.expectRevert(HostileAsset.Refused.selector);
        buy(address(hostile));
        soldAt(5e6, 100e18);
        assertEq(asset.balanceOf(to), 5e6);
    }

    function test_nothingCallsBackIn() public {
        HostileAsset hostile = new HostileAsset();
        hostile.mint(address(burner), 5e6);
        asset.mint(address(burner), 5e6);
        burner.start(address(hostile));
        vm.warp(block.timestamp + 10 * HALVING);
        bytes[3] memory calls = [
            abi.encodeCall(burner.start, (address(asset))),
            abi.encodeCall(burner.buy, (address(hostile), 0, SUPPLY, to)),
            abi.encodeCall(burner.burn, ())
        ];
        for (uint256 i; i < calls.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            hostile.callBack(address(burner), calls[i]);
            buy(address(hostile));
            assertFalse(hostile.succeeded());
            assertEq(hostile.balanceOf(to), 5e6);
            vm.revertToState(snapshot);
        }
    }

    function test_gas() public {
        asset.mint(address(burner), 5e6);
        cool();
        burner.start(address(asset));
        vm.snapshotGasLastCall("distribution", "FeeBurner.start");
        cool();
        vm.prank(buyer);
        burner.buy(address(asset), 0, SUPPLY, to);
        vm.snapshotGasLastCall("distribution", "FeeBurner.buy");
    }

    /// @dev As at the start of a transaction.
    function cool() internal {
        vm.cool(address(burner));
        vm.cool(address(asset));
        vm.cool(address(token));
    }

    /// @dev Whatever arrives and whenever it is started, the price per unit never rises in an auction, and never leaves
    /// what there is between floor and supply.
    function testFuzz_thePricePerUnitOnlyFalls(uint128[8] memory amounts, uint32[8] memory waits) public {
        started(bound(amounts[0], 1, 1e30));
        uint256 lot = burner.auctionOf(address(asset)).lot;
        uint256 price = burner.priceOf(address(asset));
        for (uint256 i = 1; i < 8; ++i) {
            vm.warp(block.timestamp + bound(waits[i], 0, 30 * HALVING));
            started(bound(amounts[i], 1, 1e30));
            uint256 newLot = burner.auctionOf(address(asset)).lot;
            uint256 newPrice = burner.priceOf(address(asset));
            assertGe(newPrice, FLOOR);
            assertLe(newPrice, SUPPLY);
            // The floor is for whole lots, and lots only grow.
            assertLe((newPrice - 1) * lot, price * newLot);
            (lot, price) = (newLot, newPrice);
        }
        uint256 supply = token.totalSupply();
        buy(address(asset));
        assertEq(token.totalSupply(), supply - price);
        assertEq(asset.balanceOf(to), lot);
    }
}
