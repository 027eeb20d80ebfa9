// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {IJobEscrow} from "./interfaces/IJobEscrow.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {AUDIT, BPS, Payout} from "./interfaces/Types.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Money of the jobs
/// @dev See `IJobEscrow`. The token is the network's own, without hooks; state is still written before any transfer.
contract JobEscrow is IJobEscrow, Settled {
    using SafeERC20 for IComputeToken;
    using SafeCast for uint256;

    IComputeToken public immutable token;
    INodeRegistry public immutable registry;
    uint128 public immutable minPricePerUnit;
    uint16 public immutable feeBps;

    /// @inheritdoc IJobEscrow
    uint256 public totalHeld;

    mapping(bytes32 job => Job) private _jobs;
    mapping(address requester => uint256) private _jobCount;

    constructor(IComputeToken token_, INodeRegistry registry_, address settlement_, Params memory params)
        Settled(settlement_)
    {
        require(params.minPricePerUnit > 0, InvalidParams("minPricePerUnit must be positive"));
        require(params.feeBps <= BPS, InvalidParams("feeBps exceeds 10000"));
        token = token_;
        registry = registry_;
        minPricePerUnit = params.minPricePerUnit;
        feeBps = params.feeBps;
    }

    /// @inheritdoc IJobEscrow
    function open(Terms calldata terms, uint256 budget) external returns (bytes32 job) {
        require(budget > 0, ZeroAmount());
        require(terms.coordinator != address(0), InvalidCoordinator(terms.coordinator));
        require(terms.pricePerUnit >= minPricePerUnit, PriceTooLow(terms.pricePerUnit, minPricePerUnit));
        require(terms.kind < AUDIT, NoJobKind(terms.kind));
        job = nextJobId(msg.sender);
        require(terms.deadline > block.timestamp, DeadlinePassed(job, terms.deadline));
        ++_jobCount[msg.sender];
        _jobs[job] = Job({
            requester: msg.sender,
            closed: false,
            insured: terms.insured,
            kind: terms.kind,
            deadline: terms.deadline,
            coordinator: terms.coordinator,
            pricePerUnit: terms.pricePerUnit,
            balance: budget.toUint128(),
            reserved: 0,
            spec: terms.spec,
            programs: terms.programs
        });
        totalHeld += budget;
        emit JobOpened(job, msg.sender, terms, budget);
        token.safeTransferFrom(msg.sender, address(this), budget);
    }

    /// @inheritdoc IJobEscrow
    function topUp(bytes32 job, uint256 amount) external {
        require(amount > 0, ZeroAmount());
        Job storage j = _openJob(job);
        j.balance += amount.toUint128();
        totalHeld += amount;
        emit ToppedUp(job, msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IJobEscrow
    function setCoordinator(bytes32 job, address coordinator) external {
        Job storage j = _openJob(job);
        require(msg.sender == j.requester, NotRequester(msg.sender, job));
        require(coordinator != address(0), InvalidCoordinator(coordinator));
        j.coordinator = coordinator;
        emit CoordinatorChanged(job, coordinator);
    }

    /// @inheritdoc IJobEscrow
    function close(bytes32 job) external {
        Job storage j = _openJob(job);
        require(msg.sender == j.requester || block.timestamp > j.deadline, NotRequester(msg.sender, job));
        j.closed = true;
        emit JobClosed(job);
        _refund(job, j);
    }

    /// @inheritdoc IJobEscrow
    function refund(bytes32 job) external returns (uint256 amount) {
        Job storage j = _knownJob(job);
        require(j.closed, JobNotClosed(job));
        return _refund(job, j);
    }

    /// @inheritdoc IJobEscrow
    function reserve(bytes32 job, address coordinator, uint256 units) external onlySettlement returns (uint128) {
        Job storage j = _openJob(job);
        require(coordinator == j.coordinator, NotCoordinator(coordinator, job));
        require(block.timestamp <= j.deadline, DeadlinePassed(job, j.deadline));
        uint256 amount = units * j.pricePerUnit;
        uint256 free = j.balance - j.reserved;
        require(amount <= free, InsufficientBudget(job, free, amount));
        j.reserved += amount.toUint128();
        emit Reserved(job, amount);
        return 0;
    }

    /// @inheritdoc IJobEscrow
    function pay(bytes32 job, uint128, Payout[] calldata work, uint256 reservedUnits)
        external
        onlySettlement
        returns (uint8 kind, uint256 fees)
    {
        Job storage j = _knownJob(job);
        uint256 price = j.pricePerUnit;
        uint256 units = _units(work);
        j.reserved -= (reservedUnits * price).toUint128();
        emit Released(job, (reservedUnits - units) * price);
        return (j.kind, _pay(job, j, work, units * price));
    }

    /// @inheritdoc IJobEscrow
    function payAudits(bytes32 job, uint128, Payout[] calldata audits) external onlySettlement returns (uint256 fees) {
        Job storage j = _knownJob(job);
        uint256 amount = _units(audits) * j.pricePerUnit;
        uint256 free = j.balance - j.reserved;
        require(amount <= free, InsufficientBudget(job, free, amount));
        return _pay(job, j, audits, amount);
    }

    /// @inheritdoc IJobEscrow
    function credit(bytes32 job, uint256 amount) external onlySettlement {
        Job storage j = _knownJob(job);
        j.balance += amount.toUint128();
        totalHeld += amount;
        emit Credited(job, amount);
    }

    /// @inheritdoc IJobEscrow
    function jobOf(bytes32 job) external view returns (Job memory) {
        return _jobs[job];
    }

    /// @inheritdoc IJobEscrow
    function programsOf(bytes32 job) external view returns (bytes32) {
        return _jobs[job].programs;
    }

    /// @inheritdoc IJobEscrow
    function coordinatorOf(bytes32 job) external view returns (address) {
        return _jobs[job].coordinator;
    }

    /// @inheritdoc IJobEscrow
    function priceOf(bytes32 job) external view returns (uint128) {
        return _jobs[job].pricePerUnit;
    }

    /// @inheritdoc IJobEscrow
    function insured(bytes32 job) external view returns (bool) {
        return _jobs[job].insured;
    }

    /// @inheritdoc IJobEscrow
    function freeBalance(bytes32 job) external view returns (uint256) {
        return _jobs[job].balance - _jobs[job].reserved;
    }

    /// @inheritdoc IJobEscrow
    function nextJobId(address requester) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), requester, _jobCount[requester]));
    }

    function _units(Payout[] calldata work) private pure returns (uint256 units) {
        for (uint256 i; i < work.length; ++i) {
            units += work[i].units;
        }
    }

    function _pay(bytes32 job, Job storage j, Payout[] calldata work, uint256 amount) private returns (uint256 fees) {
        uint256 price = j.pricePerUnit;
        j.balance -= amount.toUint128();
        totalHeld -= amount;
        for (uint256 i; i < work.length; ++i) {
            fees += _payNode(job, work[i], price);
        }
        token.burn(fees);
    }

    /// @return fee Tokens to burn, rounded up, so that small payments do not avoid it.
    function _payNode(bytes32 job, Payout calldata work, uint256 price) private returns (uint256 fee) {
        uint256 gross = work.units * price;
        fee = Math.mulDiv(gross, feeBps, BPS, Math.Rounding.Ceil);
        address owner = registry.ownerOf(work.node);
        emit Paid(job, work.node, owner, work.units, gross - fee, fee);
        token.safeTransfer(owner, gross - fee);
    }

    function _refund(bytes32 job, Job storage j) private returns (uint256 amount) {
        amount = j.balance - j.reserved;
        if (amount == 0) return 0;
        j.balance -= amount.toUint128();
        totalHeld -= amount;
        emit Refunded(job, j.requester, amount);
        token.safeTransfer(j.requester, amount);
    }

    function _knownJob(bytes32 job) private view returns (Job storage j) {
        j = _jobs[job];
        require(j.requester != address(0), UnknownJob(job));
    }

    function _openJob(bytes32 job) private view returns (Job storage j) {
        j = _knownJob(job);
        require(!j.closed, JobIsClosed(job));
    }
}
