// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BaseFee} from "./BaseFee.sol";
import {Payments} from "./Payments.sol";
import {ProtocolFee} from "./ProtocolFee.sol";
import {Settled} from "./Settled.sol";
import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {IFeeSplitter} from "./interfaces/IFeeSplitter.sol";
import {IGuard, SCOPE_JOBS} from "./interfaces/IGuard.sol";
import {IInsurancePool} from "./interfaces/IInsurancePool.sol";
import {IJobEscrow} from "./interfaces/IJobEscrow.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {AUDIT, BPS, Payout, UnknownKind} from "./interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Money of the jobs
/// @dev See `IJobEscrow`. State is written before any transfer.
contract JobEscrow is IJobEscrow, Settled, ProtocolFee, Payments {
    using SafeCast for uint256;

    INodeRegistry public immutable registry;
    IFeeSplitter public immutable splitter;
    IInsurancePool public immutable insurance;
    IGuard public immutable guard;
    uint16 public immutable referralBps;
    uint16 public immutable premiumBps;
    uint64 public immutable windowSeconds;
    uint64 public immutable targetUnits;
    uint128 public immutable baseFeeFloor;
    uint128 public immutable baseFeeCeiling;
    bool public immutable burnsBaseFee;

    mapping(bytes32 job => Job) private _jobs;
    mapping(address requester => uint256) private _jobCount;
    BaseFee.State private _baseFee;

    /// @dev What a unit of a round costs and how it divides.
    struct Rates {
        uint256 price;
        uint256 baseFee;
        uint256 feeBps;
        uint256 premiumBps;
        uint256 referralBps;
    }

    /// @dev What is taken off on the way to the nodes.
    struct Fees {
        uint256 baseFee;
        uint256 percentage;
        uint256 premium;
        uint256 toReferrer;
    }

    constructor(
        IERC20 token_,
        INodeRegistry registry_,
        address settlement_,
        IFeeSplitter splitter_,
        IInsurancePool insurance_,
        IGuard guard_,
        address authority_,
        Params memory params
    ) Settled(settlement_) ProtocolFee(params.feeBps, params.feeMinBps, params.feeMaxBps, authority_) Payments(token_) {
        require(
            uint256(params.feeMaxBps) + params.referralBps <= BPS,
            InvalidParams("feeMaxBps and referralBps exceed 10000 together")
        );
        require(params.premiumBps > 0 && params.premiumBps <= BPS / 2, InvalidParams("premiumBps must be 1 to 5000"));
        require(insurance_.escrow() == address(this), Miswired(address(insurance_)));
        registry = registry_;
        splitter = splitter_;
        insurance = insurance_;
        guard = guard_;
        referralBps = params.referralBps;
        premiumBps = params.premiumBps;
        windowSeconds = params.windowSeconds;
        targetUnits = params.targetUnits;
        baseFeeFloor = params.baseFeeFloor;
        baseFeeCeiling = params.baseFeeCeiling;
        burnsBaseFee = params.burnsBaseFee;
        // A token that cannot burn must fail now, not with the first payment.
        if (params.burnsBaseFee) IComputeToken(address(token_)).burn(0);

        BaseFee.Params memory p =
            BaseFee.Params(params.windowSeconds, params.targetUnits, params.baseFeeFloor, params.baseFeeCeiling);
        require(BaseFee.isValid(p), InvalidParams("base fee"));
        _baseFee = BaseFee.State({fee: params.baseFeeFloor, window: BaseFee.windowAt(p, block.timestamp), units: 0});
    }

    /// @inheritdoc IJobEscrow
    function open(Terms calldata terms, uint256 budget) external returns (bytes32 job) {
        require(address(guard) == address(0) || !guard.paused(SCOPE_JOBS), Paused());
        require(budget > 0, ZeroAmount());
        require(terms.coordinator != address(0), InvalidCoordinator(terms.coordinator));
        require(terms.kind < AUDIT, UnknownKind(terms.kind));
        uint256 lowest = lowestPrice(terms.insured);
        require(terms.pricePerUnit >= lowest, PriceTooLow(terms.pricePerUnit, lowest));
        job = nextJobId(msg.sender);
        require(terms.deadline > block.timestamp, DeadlinePassed(job, terms.deadline));
        ++_jobCount[msg.sender];

        Job storage j = _jobs[job];
        j.requester = msg.sender;
        j.deadline = terms.deadline;
        j.kind = terms.kind;
        j.insured = terms.insured;
        j.coordinator = terms.coordinator;
        j.feeBps = feeBps();
        j.referrer = terms.referrer;
        j.pricePerUnit = terms.pricePerUnit;
        j.balance = budget.toUint128();
        j.spec = terms.spec;
        j.programs = terms.programs;
        emit JobOpened(job, msg.sender, terms, j.feeBps, budget);
        _take(msg.sender, budget);
    }

    /// @inheritdoc IJobEscrow
    function topUp(bytes32 job, uint256 amount) external {
        require(amount > 0, ZeroAmount());
        Job storage j = _openJob(job);
        j.balance += amount.toUint128();
        emit ToppedUp(job, msg.sender, amount);
        _take(msg.sender, amount);
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
    function reserve(bytes32 job, address coordinator, uint256 units)
        external
        onlySettlement
        returns (uint128 roundBaseFee)
    {
        Job storage j = _openJob(job);
        require(coordinator == j.coordinator, NotCoordinator(coordinator, job));
        require(block.timestamp <= j.deadline, DeadlinePassed(job, j.deadline));
        uint256 price = j.pricePerUnit;
        roundBaseFee = baseFee();
        uint256 left = price - (j.insured ? _premium(price, premiumBps) : 0);
        require(roundBaseFee <= left, PriceBelowBaseFee(job, left, roundBaseFee));

        uint256 amount = units * price;
        uint256 free = j.balance - j.reserved;
        require(amount <= free, InsufficientBudget(job, free, amount));
        j.reserved += amount.toUint128();
        emit Reserved(job, amount, roundBaseFee);
    }

    /// @inheritdoc IJobEscrow
    function pay(bytes32 job, uint128 roundBaseFee, Payout[] calldata work, uint256 reservedUnits)
        external
        onlySettlement
        returns (uint8 kind, uint256 fees)
    {
        Job storage j = _knownJob(job);
        uint256 price = j.pricePerUnit;
        uint256 units = _unitsOf(work);
        j.reserved -= (reservedUnits * price).toUint128();
        emit Released(job, (reservedUnits - units) * price);
        kind = j.kind;
        fees = _pay(job, kind, roundBaseFee, work, units);
    }

    /// @inheritdoc IJobEscrow
    function payAudits(bytes32 job, uint128 roundBaseFee, Payout[] calldata audits)
        external
        onlySettlement
        returns (uint256 fees)
    {
        Job storage j = _knownJob(job);
        uint256 units = _unitsOf(audits);
        uint256 free = j.balance - j.reserved;
        require(units * j.pricePerUnit <= free, InsufficientBudget(job, free, units * j.pricePerUnit));
        return _pay(job, AUDIT, roundBaseFee, audits, units);
    }

    /// @inheritdoc IJobEscrow
    function credit(bytes32 job, uint256 amount) external onlySettlement {
        Job storage j = _knownJob(job);
        j.balance += amount.toUint128();
        _held += amount;
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
    function quote(bytes32 job, uint128 roundBaseFee, uint256 units)
        external
        view
        returns (uint256 net, uint256 burned, uint256 toSplitter, uint256 premium, uint256 toReferrer)
    {
        Fees memory fees;
        net = _divide(_ratesOf(_knownJob(job), roundBaseFee), units, fees);
        (burned, toSplitter) = _destinations(fees);
        return (net, burned, toSplitter, fees.premium, fees.toReferrer);
    }

    /// @inheritdoc IJobEscrow
    function totalHeld() external view returns (uint256) {
        return _held;
    }

    /// @inheritdoc IJobEscrow
    function baseFee() public view returns (uint128) {
        return _stateNow(_baseFeeParams()).fee;
    }

    /// @inheritdoc IJobEscrow
    function lowestPrice(bool insured_) public view returns (uint256) {
        uint256 lowest = Math.max(baseFeeFloor, 1);
        return insured_ ? Math.mulDiv(lowest, BPS, BPS - premiumBps, Math.Rounding.Ceil) : lowest;
    }

    /// @inheritdoc IJobEscrow
    function nextJobId(address requester) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), requester, _jobCount[requester]));
    }

    /// @dev Pays each node out of the job's balance, then all that was taken off on the way.
    function _pay(bytes32 job, uint8 kind, uint128 roundBaseFee, Payout[] calldata work, uint256 units)
        private
        returns (uint256)
    {
        Job storage j = _jobs[job];
        Rates memory rates = _ratesOf(j, roundBaseFee);
        j.balance -= (units * rates.price).toUint128();
        _countUnits(units);

        Fees memory fees;
        for (uint256 i; i < work.length; ++i) {
            _payNode(job, kind, work[i], rates, fees);
        }
        (uint256 burned, uint256 toSplitter) = _destinations(fees);
        emit FeesPaid(job, burned, toSplitter, fees.premium, fees.toReferrer);
        _burn(burned);
        _sendToPart(address(splitter), toSplitter);
        _sendToPart(address(insurance), fees.premium);
        _send(j.referrer, fees.toReferrer);
        return fees.baseFee + fees.percentage;
    }

    function _payNode(bytes32 job, uint8 kind, Payout calldata work, Rates memory rates, Fees memory fees) private {
        uint256 net = _divide(rates, work.units, fees);
        address owner = registry.ownerOf(work.node);
        emit Paid(job, work.node, owner, kind, work.units, net, work.units * rates.price - net);
        _send(owner, net);
    }

    /// @dev Adds to `fees` what `units` cost besides what their node gets. Fee and premium are rounded up, so that small
    /// payments do not avoid them.
    function _divide(Rates memory rates, uint256 units, Fees memory fees) private pure returns (uint256 net) {
        uint256 gross = units * rates.price;
        uint256 premium = _premium(gross, rates.premiumBps);
        // Not negative: `reserve` checked it for one unit, and the premium of many is rounded up only once.
        uint256 rest = gross - units * rates.baseFee - premium;
        uint256 fee = Math.mulDiv(rest, rates.feeBps, BPS, Math.Rounding.Ceil);
        uint256 referral = rest * rates.referralBps / BPS;
        fees.baseFee += units * rates.baseFee;
        fees.percentage += fee;
        fees.premium += premium;
        fees.toReferrer += referral;
        return rest - fee - referral;
    }

    function _destinations(Fees memory fees) private view returns (uint256 burned, uint256 toSplitter) {
        return burnsBaseFee ? (fees.baseFee, fees.percentage) : (0, fees.baseFee + fees.percentage);
    }

    function _ratesOf(Job storage j, uint128 roundBaseFee) private view returns (Rates memory) {
        return Rates({
            price: j.pricePerUnit,
            baseFee: roundBaseFee,
            feeBps: j.feeBps,
            premiumBps: j.insured ? premiumBps : 0,
            referralBps: j.referrer == address(0) ? 0 : referralBps
        });
    }

    function _countUnits(uint256 units) private {
        BaseFee.Params memory p = _baseFeeParams();
        BaseFee.State memory s = _stateNow(p);
        if (s.fee != _baseFee.fee) emit BaseFeeChanged(s.window, s.fee);
        _baseFee = BaseFee.count(p, s, units);
    }

    function _refund(bytes32 job, Job storage j) private returns (uint256 amount) {
        amount = j.balance - j.reserved;
        if (amount == 0) return 0;
        j.balance -= amount.toUint128();
        emit Refunded(job, j.requester, amount);
        _send(j.requester, amount);
    }

    function _stateNow(BaseFee.Params memory p) private view returns (BaseFee.State memory) {
        return BaseFee.advance(p, _baseFee, BaseFee.windowAt(p, block.timestamp));
    }

    function _baseFeeParams() private view returns (BaseFee.Params memory) {
        return BaseFee.Params(windowSeconds, targetUnits, baseFeeFloor, baseFeeCeiling);
    }

    function _knownJob(bytes32 job) private view returns (Job storage j) {
        j = _jobs[job];
        require(j.requester != address(0), UnknownJob(job));
    }

    function _openJob(bytes32 job) private view returns (Job storage j) {
        j = _knownJob(job);
        require(!j.closed, JobIsClosed(job));
    }

    function _premium(uint256 gross, uint256 bps) private pure returns (uint256) {
        return Math.mulDiv(gross, bps, BPS, Math.Rounding.Ceil);
    }

    function _unitsOf(Payout[] calldata work) private pure returns (uint256 units) {
        for (uint256 i; i < work.length; ++i) {
            units += work[i].units;
        }
    }
}
