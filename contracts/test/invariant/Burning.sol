// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FeeBurner} from "../../src/distribution/FeeBurner.sol";
import {IFeeBurner} from "../../src/interfaces/IFeeBurner.sol";
import {IFeeSplitter} from "../../src/interfaces/IFeeSplitter.sol";
import {BPS} from "../../src/interfaces/Types.sol";
import {Asset, HostileAsset} from "../support/Assets.sol";
import {Gaming} from "./Gaming.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @dev Fees that are divided, and auctions of what the burner is sent: ether, an ordinary asset, and one that now and then refuses
/// to move. Each payment is exactly burned, each lot goes to its buyer as a whole.
abstract contract Burning is Gaming {
    uint128 internal constant BURNER_FLOOR = 10e18;
    uint32 internal constant START_FACTOR_BPS = 20_000;
    uint32 internal constant HALVING = 1 hours;
    address internal constant ETHER = address(0);

    /// @dev An auction as it must stand, worked out apart from the contract.
    struct Sale {
        uint256 given;
        uint256 lot;
        uint256 startPrice;
        uint256 startedAt;
        /// @dev Whether more joined, so that the price is not simply that of the start.
        bool isResized;
        uint256 lastLot;
        uint256 lastPrice;
    }

    FeeBurner internal burner;
    HostileAsset internal hostile;
    address internal buyer = makeAddr("buyer");
    address internal bidder = makeAddr("bidder's other account");
    address[3] internal _assets;
    mapping(address asset => Sale) internal _sales;
    address private _burnerAt;

    // --- actions

    function flush() external {
        uint256 fees = token.balanceOf(address(splitter));
        uint256 supply = token.totalSupply();
        uint256 insured = token.balanceOf(address(insurance));
        uint256 given = token.balanceOf(address(burner));
        splitter.flush();
        IFeeSplitter.Params memory p = splitterParams();
        uint256 toInsurance = fees * p.insuranceBps / BPS;
        uint256 toBurner = fees * p.ecosystemBps / BPS;
        assertEq(token.balanceOf(address(insurance)) - insured, toInsurance, "fees that are insured");
        assertEq(token.balanceOf(address(burner)) - given, toBurner, "fees of the ecosystem");
        assertEq(supply - token.totalSupply(), fees - toInsurance - toBurner, "fees that are burned");
    }

    /// @dev Something is sent to the burner by somebody who does not ask.
    function give(uint256 which, uint256 amount) external {
        if (which % 4 == 3) fund(address(burner), bound(amount, 1, 100e18));
        else _give(_assets[which % 4], bound(amount, 1, 1e24));
    }

    function startAuction(uint256 which) external {
        _start(_assets[which % 3]);
    }

    function buyLot(uint256 which) external {
        _buy(_assets[which % 3]);
    }

    function burnGifts() external {
        uint256 gifts = token.balanceOf(address(burner));
        uint256 supply = token.totalSupply();
        if (gifts == 0) return;
        burner.burn();
        assertEq(supply - token.totalSupply(), gifts, "what was sent of the token is burned");
        assertEq(token.balanceOf(address(burner)), 0);
    }

    function refuseAsset(bool on) external {
        hostile.refuse(on);
    }

    // --- inside

    /// @dev Of a network that is deployed next.
    function _expectBurner() internal {
        _burnerAt = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 19);
    }

    function _deployBurner() internal {
        IFeeBurner.Params memory params = IFeeBurner.Params(BURNER_FLOOR, START_FACTOR_BPS, HALVING);
        burner = FeeBurner(payable(vm.deployCode(artifact("FeeBurner"), abi.encode(token, params))));
        assertEq(address(burner), _burnerAt);
        hostile = new HostileAsset();
        _assets = [ETHER, address(new Asset()), address(hostile)];
        fund(buyer, 10_000_000e18);
    }

    function ecosystem() internal view override returns (address) {
        return _burnerAt;
    }

    function splitterParams() internal pure override returns (IFeeSplitter.Params memory) {
        return IFeeSplitter.Params({burnBps: 7000, insuranceBps: 2000, ecosystemBps: 1000});
    }

    function _held(address asset, address account) internal view returns (uint256) {
        return asset == ETHER ? account.balance : Asset(asset).balanceOf(account);
    }

    function _give(address asset, uint256 amount) private {
        _sales[asset].given += amount;
        if (asset != ETHER) {
            // Nobody can be kept from sending it, and from sending it nowhere.
            if (asset == address(hostile) && hostile.refuses()) _sales[asset].given -= amount;
            else Asset(asset).mint(address(burner), amount);
            return;
        }
        vm.deal(address(this), amount);
        (bool ok,) = address(burner).call{value: amount}("");
        assertTrue(ok, "ether was refused");
    }

    function _start(address asset) private {
        Sale storage s = _sales[asset];
        uint256 held = _held(asset, address(burner));
        if (held == 0 || held == s.lot) return;
        uint256 most = token.totalSupply();
        if (s.lot > 0) {
            // What joins does so at the running price.
            uint256 due = Math.mulDiv(burner.priceOf(asset), held, s.lot);
            // What the old price was rounded by, in the new lot.
            uint256 rounding = held / s.lot + 2;
            burner.start(asset);
            (s.lot, s.isResized) = (held, true);
            assertLe(burner.priceOf(asset), Math.min(due + rounding, most), "more made the lot dearer");
            assertGe(burner.priceOf(asset) + rounding, Math.min(due, most), "more made the lot cheaper");
            return;
        }
        uint256 price = most;
        if (s.lastLot > 0) {
            price = Math.min(most, Math.mulDiv(held, s.lastPrice * START_FACTOR_BPS, s.lastLot * BPS));
        }
        if (price < BURNER_FLOOR) {
            (bool ok,) = address(burner).call(abi.encodeCall(burner.start, (asset)));
            assertFalse(ok, "a lot that is not worth the floor was started");
            return;
        }
        burner.start(asset);
        assertEq(burner.priceOf(asset), price, "where a price starts");
        (s.lot, s.startPrice, s.startedAt, s.isResized) = (held, price, block.timestamp, false);
    }

    function _buy(address asset) private {
        Sale storage s = _sales[asset];
        if (s.lot == 0) return;
        uint256 price = burner.priceOf(asset);
        uint256 purse = token.balanceOf(buyer);
        if (purse < price) return;
        uint256[3] memory before = [token.totalSupply(), token.balanceOf(address(burner)), _held(asset, bidder)];
        vm.startPrank(buyer);
        token.approve(address(burner), price);
        if (asset == address(hostile) && hostile.refuses()) {
            (bool ok,) = address(burner).call(abi.encodeCall(burner.buy, (asset, s.lot, price, bidder)));
            assertFalse(ok, "sold what does not move");
            vm.stopPrank();
            return;
        }
        assertEq(burner.buy(asset, s.lot, price, bidder), price);
        vm.stopPrank();
        assertEq(purse - token.balanceOf(buyer), price, "the buyer pays the price");
        assertEq(before[0] - token.totalSupply(), price, "all of which is burned");
        assertEq(token.balanceOf(address(burner)), before[1], "and nothing else");
        assertEq(_held(asset, bidder) - before[2], s.lot, "for the whole lot");
        (s.lastLot, s.lastPrice, s.lot) = (s.lot, price, 0);
    }

    /// @dev All that was ever sent can be bought or burned.
    function _sellOff() internal {
        hostile.refuse(false);
        for (uint256 i; i < 3; ++i) {
            Sale storage s = _sales[_assets[i]];
            if (_held(_assets[i], address(burner)) == 0) continue;
            // Less than what is worth the floor waits for more.
            if (s.lot == 0 && s.lastLot > 0) _give(_assets[i], s.lastLot);
            _start(_assets[i]);
        }
        _goTo(block.timestamp + 60 * HALVING);
        fund(buyer, 3 * BURNER_FLOOR);
        for (uint256 i; i < 3; ++i) {
            _buy(_assets[i]);
        }
        splitter.flush();
        if (token.balanceOf(address(burner)) > 0) burner.burn();
    }

    // --- for the invariants

    function auctions() external view returns (FeeBurner, address[3] memory) {
        return (burner, _assets);
    }

    function saleOf(address asset) external view returns (Sale memory) {
        return _sales[asset];
    }

    /// @dev What was bought of an asset.
    function bought(address asset) external view returns (uint256) {
        return _held(asset, bidder);
    }
}
