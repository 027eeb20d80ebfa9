// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ITokenSale} from "../interfaces/ITokenSale.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Staged sale of tokens
/// @dev See `ITokenSale`.
contract TokenSale is ITokenSale, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @notice Bounds the cost of finding the running stage.
    uint256 public constant MAX_STAGES = 16;

    IERC20 public immutable token;
    address public immutable payment;
    address public immutable treasury;
    address public immutable unsoldTo;
    uint256 public immutable softCap;
    /// @notice Sum of the stages' caps.
    uint256 public immutable totalCap;

    Stage[] private _stages;

    uint256 public raised;
    uint256 public owed;
    /// @notice Tokens sold in all stages.
    uint256 public sold;
    mapping(uint256 stage => uint256) public soldInStage;
    mapping(uint256 stage => mapping(address buyer => uint256)) public boughtInStage;
    mapping(address buyer => uint256) public boughtBy;
    mapping(address buyer => uint256) public paidBy;

    constructor(IERC20 token_, Params memory params, Stage[] memory stages_) {
        require(params.treasury != address(0), InvalidParams("no treasury"));
        require(params.unsoldTo != address(0) && params.unsoldTo != address(this), InvalidParams("no unsoldTo"));
        require(params.payment != address(token_), InvalidParams("tokens sold for themselves"));
        require(stages_.length > 0 && stages_.length <= MAX_STAGES, InvalidParams("stages must be 1 to 16"));
        uint256 caps;
        uint256 most;
        uint256 last = block.timestamp;
        for (uint256 i; i < stages_.length; ++i) {
            Stage memory stage = stages_[i];
            require(stage.start >= last && stage.start < stage.end, InvalidParams("stages must follow each other"));
            require(stage.price > 0, InvalidParams("price must be positive"));
            require(
                stage.capPerBuyer > 0 && stage.capPerBuyer <= stage.cap, InvalidParams("capPerBuyer must be 1 to cap")
            );
            last = stage.end;
            caps += stage.cap;
            most += Math.mulDiv(stage.cap, stage.price, 1e18);
            _stages.push(stage);
        }
        require(params.softCap <= most, InvalidParams("softCap out of reach"));
        token = token_;
        payment = params.payment;
        treasury = params.treasury;
        unsoldTo = params.unsoldTo;
        softCap = params.softCap;
        totalCap = caps;
    }

    /// @inheritdoc ITokenSale
    function buy(uint256 amount, bytes32[] calldata proof) external payable nonReentrant {
        require(amount > 0, ZeroAmount());
        uint256 number = _running();
        Stage storage stage = _stages[number];
        if (stage.allowList != 0) {
            bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(msg.sender))));
            require(MerkleProof.verifyCalldata(proof, stage.allowList, leaf), NotAllowed(msg.sender));
        }
        uint256 left = stage.cap - soldInStage[number];
        require(amount <= left, StageCapExceeded(number, left, amount));
        left = stage.capPerBuyer - boughtInStage[number][msg.sender];
        require(amount <= left, BuyerCapExceeded(number, left, amount));
        uint256 balance = token.balanceOf(address(this));
        require(owed + amount <= balance, NotFunded(balance, owed + amount));

        uint256 cost = costOf(number, amount);
        soldInStage[number] += amount;
        boughtInStage[number][msg.sender] += amount;
        boughtBy[msg.sender] += amount;
        paidBy[msg.sender] += cost;
        sold += amount;
        owed += amount;
        raised += cost;
        emit Bought(msg.sender, number, amount, cost);
        _takePayment(cost);
    }

    /// @inheritdoc ITokenSale
    function claim(address buyer) external nonReentrant returns (uint256 amount) {
        _require(Outcome.Succeeded);
        amount = boughtBy[buyer];
        require(amount > 0, NothingDue(buyer));
        boughtBy[buyer] = 0;
        owed -= amount;
        emit Claimed(buyer, amount);
        token.safeTransfer(buyer, amount);
    }

    /// @inheritdoc ITokenSale
    function refund(address to) external nonReentrant returns (uint256 amount) {
        _require(Outcome.Failed);
        amount = paidBy[msg.sender];
        require(amount > 0, NothingDue(msg.sender));
        paidBy[msg.sender] = 0;
        emit Refunded(msg.sender, to, amount);
        _pay(to, amount);
    }

    /// @inheritdoc ITokenSale
    /// @dev All that is here of what is paid with: after success nobody else is owed any.
    function collect() external nonReentrant returns (uint256 amount) {
        _require(Outcome.Succeeded);
        amount = payment == address(0) ? address(this).balance : IERC20(payment).balanceOf(address(this));
        require(amount > 0, NothingLeft());
        emit Collected(amount);
        _pay(treasury, amount);
    }

    /// @inheritdoc ITokenSale
    function sweepUnsold() external nonReentrant returns (uint256 amount) {
        Outcome present = outcome();
        require(present != Outcome.Open, WrongOutcome(present));
        amount = token.balanceOf(address(this));
        // After failure no buyer is owed tokens.
        if (present == Outcome.Succeeded) amount -= owed;
        require(amount > 0, NothingLeft());
        emit UnsoldSwept(amount);
        token.safeTransfer(unsoldTo, amount);
    }

    /// @inheritdoc ITokenSale
    /// @dev What is sold and raised does not change once the sale is over, so neither does this.
    function outcome() public view returns (Outcome) {
        if (block.timestamp < _stages[_stages.length - 1].end && sold < totalCap) return Outcome.Open;
        return raised >= softCap ? Outcome.Succeeded : Outcome.Failed;
    }

    /// @inheritdoc ITokenSale
    function costOf(uint256 stage, uint256 amount) public view returns (uint256) {
        return Math.mulDiv(amount, _stages[stage].price, 1e18, Math.Rounding.Ceil);
    }

    /// @inheritdoc ITokenSale
    function stages() external view returns (Stage[] memory) {
        return _stages;
    }

    function _running() private view returns (uint256) {
        for (uint256 i; i < _stages.length; ++i) {
            if (block.timestamp >= _stages[i].start && block.timestamp < _stages[i].end) return i;
        }
        revert NoStageNow();
    }

    function _require(Outcome expected) private view {
        Outcome present = outcome();
        require(present == expected, WrongOutcome(present));
    }

    function _takePayment(uint256 cost) private {
        if (payment == address(0)) {
            require(msg.value == cost, WrongPayment(msg.value, cost));
            return;
        }
        require(msg.value == 0, WrongPayment(msg.value, 0));
        uint256 before = IERC20(payment).balanceOf(address(this));
        IERC20(payment).safeTransferFrom(msg.sender, address(this), cost);
        uint256 got = IERC20(payment).balanceOf(address(this)) - before;
        // A token that keeps a fee would leave too little for the refunds.
        require(got == cost, WrongPayment(got, cost));
    }

    function _pay(address to, uint256 amount) private {
        if (payment == address(0)) Address.sendValue(payable(to), amount);
        else IERC20(payment).safeTransfer(to, amount);
    }
}
