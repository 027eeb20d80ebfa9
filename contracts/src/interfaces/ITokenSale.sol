// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Sells tokens in stages for ether or one ERC-20.
/// @dev The sale is over when its last stage is, or when all is sold. It succeeds if it raised `softCap`: then buyers get their
/// tokens and the treasury what was raised. Otherwise buyers get back what they paid. What was not sold goes to `unsoldTo`.
/// Safety: what buyers are owed, tokens or refunds, is always here. Liveness: nothing needs anybody's consent. Nobody has any
/// privilege, and nothing can be changed.
interface ITokenSale {
    /// @param start,end Unix times: from and including `start`, until and excluding `end`. Stages follow each other.
    /// @param price Payment for one whole token (1e18), in the smallest unit of what is paid with. Rounded up.
    /// @param cap Most tokens that this stage sells. What it does not sell does not go to the next.
    /// @param capPerBuyer Most tokens that one buyer gets in this stage.
    /// @param allowList Root of the tree of buyers (leaves: keccak256(bytes.concat(keccak256(abi.encode(buyer))))); zero: everybody.
    struct Stage {
        uint64 start;
        uint64 end;
        uint128 price;
        uint128 cap;
        uint128 capPerBuyer;
        bytes32 allowList;
    }

    /// @param payment What is paid with; zero for ether. Not a token that takes a fee of transfers.
    /// @param softCap Least that must be raised, in the smallest unit of what is paid with.
    struct Params {
        address payment;
        address treasury;
        address unsoldTo;
        uint256 softCap;
    }

    enum Outcome {
        Open,
        Succeeded,
        Failed
    }

    event Bought(address indexed buyer, uint256 indexed stage, uint256 amount, uint256 paid);
    event Claimed(address indexed buyer, uint256 amount);
    event Refunded(address indexed buyer, address indexed to, uint256 amount);
    event Collected(uint256 amount);
    event UnsoldSwept(uint256 amount);

    error InvalidParams(string what);
    error NoStageNow();
    error ZeroAmount();
    error NotAllowed(address buyer);
    error StageCapExceeded(uint256 stage, uint256 left, uint256 requested);
    error BuyerCapExceeded(uint256 stage, uint256 left, uint256 requested);
    error NotFunded(uint256 balance, uint256 needed);
    error WrongPayment(uint256 paid, uint256 cost);
    error WrongOutcome(Outcome outcome);
    error NothingDue(address account);
    error NothingLeft();

    /// @notice Buys `amount` tokens in the running stage. With ether, `msg.value` is the exact cost; otherwise the caller's
    /// allowance pays.
    /// @param proof That the caller is on the stage's allow-list; empty if it has none.
    function buy(uint256 amount, bytes32[] calldata proof) external payable;

    /// @notice After success: gives `buyer` what it bought. By anyone.
    function claim(address buyer) external returns (uint256 amount);

    /// @notice After failure: gives the caller back what it paid.
    function refund(address to) external returns (uint256 amount);

    /// @notice After success: gives the treasury what was raised. By anyone.
    function collect() external returns (uint256 amount);

    /// @notice After the end: gives `unsoldTo` what no buyer is owed. By anyone.
    function sweepUnsold() external returns (uint256 amount);

    function outcome() external view returns (Outcome);

    /// @notice Cost of `amount` tokens in `stage`.
    function costOf(uint256 stage, uint256 amount) external view returns (uint256);

    function stages() external view returns (Stage[] memory);

    /// @notice Tokens that `buyer` has bought and not claimed.
    function boughtBy(address buyer) external view returns (uint256);

    /// @notice What `buyer` has paid and not got back.
    function paidBy(address buyer) external view returns (uint256);

    function boughtInStage(uint256 stage, address buyer) external view returns (uint256);

    function soldInStage(uint256 stage) external view returns (uint256);

    /// @notice Tokens sold and not yet claimed.
    function owed() external view returns (uint256);

    function raised() external view returns (uint256);
}
