// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IComputeToken} from "../interfaces/IComputeToken.sol";
import {IFeeBurner} from "../interfaces/IFeeBurner.sol";
import {BPS} from "../interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Buys the network's token back and burns it
/// @dev See `IFeeBurner`.
contract FeeBurner is IFeeBurner, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using SafeERC20 for IComputeToken;
    using SafeCast for uint256;

    IComputeToken public immutable token;
    uint128 public immutable floor;
    uint32 public immutable startFactorBps;
    uint32 public immutable halvingSeconds;

    mapping(address asset => Auction) private _auctions;

    constructor(IComputeToken token_, Params memory params) {
        require(params.floor > 0, InvalidParams("floor must be positive"));
        require(params.startFactorBps > BPS, InvalidParams("startFactorBps must exceed 10000"));
        require(params.halvingSeconds > 0, InvalidParams("halvingSeconds must be positive"));
        token = token_;
        floor = params.floor;
        startFactorBps = params.startFactorBps;
        halvingSeconds = params.halvingSeconds;
    }

    receive() external payable {}

    /// @inheritdoc IFeeBurner
    function start(address asset) external nonReentrant {
        require(asset != address(token), NotForSale(asset));
        Auction storage a = _auctions[asset];
        // More than 2^128 is no honest token's; the rest is for later lots.
        uint256 lot = Math.min(
            asset == address(0) ? address(this).balance : IERC20(asset).balanceOf(address(this)), type(uint128).max
        );
        require(lot > 0 && lot != a.lot, NothingToSell(asset));
        // Nobody can pay more than there is.
        uint256 most = Math.min(token.totalSupply(), type(uint128).max);
        if (a.lot == 0) _open(asset, a, lot, most);
        else _resize(a, lot, most);
        a.lot = lot.toUint128();
        emit Started(asset, lot, priceOf(asset));
    }

    /// @inheritdoc IFeeBurner
    function buy(address asset, uint256 minLot, uint256 maxPrice, address to)
        external
        nonReentrant
        returns (uint256 price)
    {
        Auction storage a = _auctions[asset];
        uint128 lot = a.lot;
        require(lot > 0, NoAuction(asset));
        require(lot >= minLot, LotChanged(lot, minLot));
        price = priceOf(asset);
        require(price <= maxPrice, PriceAboveLimit(price, maxPrice));
        (a.lot, a.lastLot, a.lastPrice) = (0, lot, price.toUint128());
        emit Sold(asset, msg.sender, to, lot, price);

        token.safeTransferFrom(msg.sender, address(this), price);
        token.burn(price);
        emit Burned(price);
        if (asset == address(0)) Address.sendValue(payable(to), lot);
        else IERC20(asset).safeTransfer(to, lot);
    }

    /// @inheritdoc IFeeBurner
    function burn() external nonReentrant {
        uint256 amount = token.balanceOf(address(this));
        require(amount > 0, NothingToSell(address(token)));
        token.burn(amount);
        emit Burned(amount);
    }

    /// @inheritdoc IFeeBurner
    function priceOf(address asset) public view returns (uint256) {
        Auction storage a = _auctions[asset];
        require(a.lot > 0, NoAuction(asset));
        return Math.max(_curve(a), floor);
    }

    /// @inheritdoc IFeeBurner
    function auctionOf(address asset) external view returns (Auction memory) {
        return _auctions[asset];
    }

    function _open(address asset, Auction storage a, uint256 lot, uint256 most) private {
        uint256 price = most;
        if (a.lastLot > 0) {
            price = Math.min(most, Math.mulDiv(lot, uint256(a.lastPrice) * startFactorBps, uint256(a.lastLot) * BPS));
        }
        require(price >= floor, LotTooSmall(asset, price, floor));
        (a.startPrice, a.startedAt) = (price, block.timestamp.toUint64());
    }

    /// @dev The price per unit goes on as it was: on the same curve, unless the floor or the supply stopped it. Then it starts
    /// from the price that could be bought at, for a unit has never been offered for less.
    function _resize(Auction storage a, uint256 lot, uint256 most) private {
        uint256 curve = _curve(a);
        uint256 price = Math.mulDiv(Math.max(curve, floor), lot, a.lot);
        if (curve >= floor && price <= most) {
            uint256 halvings = (block.timestamp - a.startedAt) / halvingSeconds;
            a.startPrice = Math.mulDiv(a.startPrice >> halvings, lot, a.lot);
            a.startedAt += (halvings * halvingSeconds).toUint64();
        } else {
            (a.startPrice, a.startedAt) = (Math.min(price, most), block.timestamp.toUint64());
        }
    }

    /// @dev Halves every `halvingSeconds`, and falls in a straight line in between.
    function _curve(Auction storage a) private view returns (uint256) {
        uint256 elapsed = block.timestamp - a.startedAt;
        uint256 halvings = elapsed / halvingSeconds;
        if (halvings > 255) return 0;
        uint256 price = a.startPrice >> halvings;
        return price - Math.mulDiv(price, elapsed % halvingSeconds, 2 * uint256(halvingSeconds));
    }
}
