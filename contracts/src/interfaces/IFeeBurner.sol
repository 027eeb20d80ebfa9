// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Sells what it is sent, ether or any ERC-20, for the network's token by Dutch auction, and burns what it is paid.
/// @dev Each asset has its own auctions, which know nothing of each other: a hostile token spoils its own only.
/// A lot is all that this holds of the asset when the auction starts. Its price starts at `startFactorBps` of what the last
/// lot fetched per unit (at the token's whole supply, if there was none), and halves every `halvingSeconds`, down to `floor`.
/// What arrives meanwhile joins by another `start`, at the running price per unit. Lots that are not even expected to fetch the
/// floor cannot be started, so that dust neither blocks nor moves anything.
/// Nobody has any privilege here.
interface IFeeBurner {
    /// @param floor Least price of a lot. Positive.
    /// @param startFactorBps Where a price starts, in basis points of the last one. Above 10000.
    /// @param halvingSeconds Time in which a price halves.
    struct Params {
        uint128 floor;
        uint32 startFactorBps;
        uint32 halvingSeconds;
    }

    /// @param lot Amount for sale; zero if no auction runs.
    /// @param startPrice Price of the lot at `startedAt`.
    /// @param lastLot Amount and price of the last sale.
    struct Auction {
        uint128 lot;
        uint64 startedAt;
        uint256 startPrice;
        uint128 lastLot;
        uint128 lastPrice;
    }

    event Started(address indexed asset, uint256 lot, uint256 startPrice);
    event Sold(address indexed asset, address indexed buyer, address to, uint256 lot, uint256 price);
    event Burned(uint256 amount);

    error InvalidParams(string what);
    error NotForSale(address asset);
    error NothingToSell(address asset);
    error LotTooSmall(address asset, uint256 startPrice, uint256 floor);
    error NoAuction(address asset);
    error PriceAboveLimit(uint256 price, uint256 maxPrice);
    error LotChanged(uint256 lot, uint256 minLot);

    /// @notice Starts an auction of all there is of `asset` (zero for ether), or enlarges the running one. By anyone.
    function start(address asset) external;

    /// @notice Buys the lot at its present price, from the caller's allowance.
    /// @param minLot Least amount the caller expects.
    /// @param maxPrice Most that the caller pays.
    function buy(address asset, uint256 minLot, uint256 maxPrice, address to) external returns (uint256 price);

    /// @notice Burns what was sent here of the network's token itself. By anyone.
    function burn() external;

    /// @notice Present price of the lot of `asset`.
    function priceOf(address asset) external view returns (uint256);

    function auctionOf(address asset) external view returns (Auction memory);
}
