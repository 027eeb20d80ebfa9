//! How tokens come to people, and back.

use alloy::sol;

sol! {
    #[derive(Debug)]
    struct BurnerParams { uint128 floor; uint32 startFactorBps; uint32 halvingSeconds; }

    #[derive(Debug)]
    struct Auction { uint128 lot; uint64 startedAt; uint256 startPrice; uint128 lastLot; uint128 lastPrice; }

    #[sol(abi)]
    #[derive(Debug)]
    interface FeeBurner {
        constructor(address token, BurnerParams params);
        function start(address asset) external;
        function buy(address asset, uint256 minLot, uint256 maxPrice, address to) external returns (uint256 price);
        function burn() external;
        function priceOf(address asset) external view returns (uint256);
        function auctionOf(address asset) external view returns (Auction memory);
        function floor() external view returns (uint128);
        function halvingSeconds() external view returns (uint32);
    }

    #[derive(Debug)]
    struct SaleParams { address payment; address treasury; address unsoldTo; uint256 softCap; }

    #[derive(Debug)]
    struct SaleStage {
        uint64 start;
        uint64 end;
        uint128 price;
        uint128 cap;
        uint128 capPerBuyer;
        bytes32 allowList;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface TokenSale {
        constructor(address token, SaleParams params, SaleStage[] stages);
        function buy(uint256 amount, bytes32[] proof) external payable;
        function claim(address buyer) external returns (uint256 amount);
        function refund(address to) external returns (uint256 amount);
        function collect() external returns (uint256 amount);
        function sweepUnsold() external returns (uint256 amount);
        function outcome() external view returns (uint8);
        function stages() external view returns (SaleStage[] memory);
        function costOf(uint256 stage, uint256 amount) external view returns (uint256);
        function boughtBy(address buyer) external view returns (uint256);
        function paidBy(address buyer) external view returns (uint256);
        function boughtInStage(uint256 stage, address buyer) external view returns (uint256);
        function soldInStage(uint256 stage) external view returns (uint256);
        function owed() external view returns (uint256);
        function raised() external view returns (uint256);
        function payment() external view returns (address);
        function treasury() external view returns (address);
        function unsoldTo() external view returns (address);
        function softCap() external view returns (uint256);
    }

    #[derive(Debug)]
    struct Bucket { bytes32 name; uint16 bps; }

    #[derive(Debug)]
    struct AllocationGrant { bytes32 bucket; address to; uint256 amount; uint64 cliffSeconds; uint64 durationSeconds; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Allocation {
        constructor(address token, Bucket[] buckets, AllocationGrant[] grants);
        event Allocated(bytes32 indexed bucket, address indexed to, address holder, uint256 amount);
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Vesting {
        constructor(address beneficiary, uint64 start, uint64 durationSeconds, uint64 cliffSeconds);
        function release(address token) external;
        function releasable(address token) external view returns (uint256);
        function released(address token) external view returns (uint256);
        function owner() external view returns (address);
        function pendingOwner() external view returns (address);
        function transferOwnership(address newOwner) external;
        function acceptOwnership() external;
        function start() external view returns (uint256);
        function cliff() external view returns (uint256);
        function end() external view returns (uint256);
    }
}
