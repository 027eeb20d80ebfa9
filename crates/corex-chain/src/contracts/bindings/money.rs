//! Contracts that people call about their money: delegations, spending accounts, what is owed.

use alloy::sol;

sol! {
    #[derive(Debug)]
    struct DelegationParams { uint16 maxCommissionBps; uint16 maxCommissionStepBps; }

    #[derive(Debug)]
    struct Unbonding { uint256 amount; uint64 releaseAt; }

    #[derive(Debug)]
    struct Conditions { bool accepting; uint16 commissionBps; uint16 nextCommissionBps; uint64 changesAt; }

    #[sol(abi)]
    #[derive(Debug)]
    interface Delegation {
        constructor(address token, address registry, address vault, address pool, DelegationParams params);
        event Delegated(address indexed node, address indexed delegator, uint256 amount, uint256 shares);
        function setAccepting(address node, bool accepting) external;
        function setCommission(address node, uint16 bps) external;
        function delegate(address node, uint256 amount) external returns (uint256 shares);
        function undelegate(address node, uint256 shares) external returns (uint256 amount);
        function withdraw(address node, address delegator) external returns (uint256 amount);
        function sharesOf(address node, address delegator) external view returns (uint256);
        function delegationOf(address node, address delegator) external view returns (uint256);
        function requestsOf(address node, address delegator) external view returns (Unbonding[] memory requests);
        function conditionsOf(address node) external view returns (Conditions memory);
        function commissionOf(address node) external view returns (uint256);
        function totalHeld() external view returns (uint256);
    }

    /// What contracts that pay strangers have in common.
    #[sol(abi)]
    #[derive(Debug)]
    interface Payments {
        function payOwed(address to) external returns (uint256 amount);
        function owedTo(address to) external view returns (uint256);
    }

    #[derive(Debug)]
    struct Terms {
        bytes32 spec;
        address coordinator;
        uint128 pricePerUnit;
        uint64 deadline;
        uint8 kind;
        bytes32 programs;
        address referrer;
        bool insured;
    }

    #[derive(Debug)]
    struct Limit { uint128 perPeriod; uint128 total; uint64 periodSeconds; uint64 expiry; }

    #[derive(Debug)]
    struct SpendingKey { Limit limit; uint128 spent; uint128 spentInPeriod; uint64 period; }

    #[sol(abi)]
    #[derive(Debug)]
    interface SpendingAccount {
        constructor(address owner, address token, address escrow, address market);
        event LimitSet(address indexed key, Limit limit);
        function setLimit(address key, Limit limit) external;
        function revoke(address key) external;
        function withdraw(address asset, uint256 amount) external;
        function openJob(Terms terms, uint256 budget) external returns (bytes32 job);
        function topUpJob(bytes32 job, uint256 amount) external;
        function setCoordinator(bytes32 job, address coordinator) external;
        function closeJob(bytes32 job) external;
        function owner() external view returns (address);
        function token() external view returns (address);
        function escrow() external view returns (address);
        function market() external view returns (address);
        function keyOf(address key) external view returns (SpendingKey memory);
        function spendable(address key) external view returns (uint256);
    }
}
