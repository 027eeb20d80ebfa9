//! Leases of nodes.

use alloy::sol;

sol! {
    #[derive(Debug)]
    struct MarketParams {
        uint16 feeBps;
        uint16 feeMinBps;
        uint16 feeMaxBps;
        uint16 bondBps;
        uint64 noticeSeconds;
        uint64 challengeSeconds;
    }

    /// In Solidity `meter` is an enum, which the ABI and EIP-712 know as `uint8`.
    #[derive(Debug, PartialEq, Eq)]
    struct Offer {
        address provider;
        address node;
        uint8 kind;
        uint8 meter;
        uint128 price;
        uint64 minQuantity;
        uint64 maxQuantity;
        uint64 maxRate;
        uint64 maxTerm;
        uint128 minDeposit;
        uint64 expiry;
        uint256 nonce;
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Order {
        address requester;
        address signer;
        address node;
        uint8 tiers;
        uint8 kind;
        uint8 meter;
        uint128 maxPrice;
        uint64 minQuantity;
        uint64 maxQuantity;
        uint64 rate;
        uint64 term;
        uint128 deposit;
        uint64 expiry;
        uint256 nonce;
    }

    #[derive(Debug, PartialEq, Eq)]
    struct Voucher {
        bytes32 lease;
        uint128 amount;
    }

    #[derive(Debug)]
    struct Lease {
        address requester;
        uint64 since;
        uint16 feeBps;
        uint8 meter;
        bool closed;
        address signer;
        uint64 start;
        address node;
        uint64 end;
        uint128 price;
        uint128 perSecond;
        uint128 most;
        uint128 deposit;
        uint128 settled;
        uint128 accrued;
        bytes32 offer;
    }

    #[derive(Debug)]
    struct Claim {
        address claimant;
        uint64 deadline;
        uint128 amount;
        uint128 bond;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface Market {
        constructor(address token, address registry, address splitter, address guard, address authority, MarketParams params);
        event LeaseOpened(bytes32 indexed lease, address indexed node, address indexed requester, bytes32 offer, bytes32 order, uint64 quantity, Lease terms);
        function openLease(Offer offer, bytes offerSignature, Order order, bytes orderSignature) external returns (bytes32 lease);
        function cancelOffer(Offer offer) external;
        function cancelOrder(Order order) external;
        function cancelBelow(uint256 minNonce) external;
        function topUp(bytes32 lease, uint256 amount) external;
        function extend(bytes32 lease, Offer offer, uint64 quantity, uint64 term) external;
        function redeem(bytes32 lease, uint128 amount, bytes signature) external;
        function claim(bytes32 lease, uint128 amount, bytes32 evidenceHash) external;
        function withdrawClaim(bytes32 lease) external;
        function finalize(bytes32 lease) external;
        function object(bytes32 lease, uint128 agreed) external;
        function end(bytes32 lease) external;
        function close(bytes32 lease) external;
        function leaseOf(bytes32 lease) external view returns (Lease memory);
        function claimOf(bytes32 lease) external view returns (Claim memory);
        function accrued(bytes32 lease) external view returns (uint256);
        function filled(bytes32 hash) external view returns (uint256);
        function minNonce(address signer) external view returns (uint256);
        function offerDigest(Offer offer) external view returns (bytes32);
        function orderDigest(Order order) external view returns (bytes32);
        function voucherDigest(bytes32 lease, uint128 amount) external view returns (bytes32);
        function totalHeld() external view returns (uint256);
        function setFeeBps(uint16 bps) external;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface UpgradeableMarket {
        constructor(address token, address registry, address splitter, address guard, address authority, MarketParams params);
        function upgradeToAndCall(address implementation, bytes data) external payable;
    }

    #[sol(abi)]
    #[derive(Debug)]
    interface MarketProxy {
        constructor(address implementation);
    }

    /// A wallet that is a contract (ERC-1271).
    #[derive(Debug)]
    interface ContractWallet {
        function isValidSignature(bytes32 hash, bytes signature) external view returns (bytes4);
    }

    /// What a requester's account does on the market; the rest of it is in `ISpendingAccount`.
    #[derive(Debug)]
    interface LeasingAccount {
        function placeOrder(Order order) external returns (bytes32 hash);
        function cancelOrder(Order order) external;
        function topUpLease(bytes32 lease, uint256 amount) external;
        function extendLease(bytes32 lease, Offer offer, uint64 quantity, uint64 term) external;
        function endLease(bytes32 lease) external;
    }
}
