// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {IDelegation} from "./interfaces/IDelegation.sol";
import {IGuard, SCOPE_REWARDS} from "./interfaces/IGuard.sol";
import {IMiningPool} from "./interfaces/IMiningPool.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {IWeights, WEIGHT_ONE} from "./interfaces/IWeights.sol";
import {BPS, COMPUTE_POC, ENGINES, MODEL_POT, Payout, STAKE_TO_VALIDATE, engineOf} from "./interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The mined supply
/// @dev See `IMiningPool`. Every division rounds down, first for all and then for each, so what nodes are owed never exceeds
/// what was accrued, and that never exceeds an epoch's emission.
contract MiningPool is IMiningPool, Settled {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @dev Fixed point of rates, per whole weighted unit.
    uint256 private constant RATE_ONE = 1e18;

    IERC20 public immutable token;
    INodeRegistry public immutable registry;
    IStakeVault public immutable vault;
    IDelegation public immutable delegation;
    IWeights public immutable weights;
    /// @notice Who may hold up claims; zero for nobody.
    IGuard public immutable guard;
    /// @inheritdoc IMiningPool
    uint256 public immutable pooled;
    /// @notice Unix time at which epoch 0 began.
    uint64 public immutable start;
    uint64 public immutable epochSeconds;
    uint64 public immutable epochsPerEra;
    uint128 public immutable rewardCapPerUnit;
    uint16 public immutable minPocBps;
    uint16 public immutable maxPocBps;
    uint16 public immutable stepBps;
    uint16 public immutable minValidateBps;
    uint16 public immutable maxValidateBps;
    uint128 public immutable targetVerifierStake;
    uint16 public immutable incentiveBps;
    address public immutable incentiveFund;

    /// @inheritdoc IMiningPool
    uint64 public openEpoch;
    /// @notice Compute-PoC's part, in the open epoch, of what Stake-to-Validate leaves.
    uint16 public pocBps;
    /// @notice Share of Stake-to-Validate in the open epoch.
    uint16 public validateBps;
    /// @notice The era of `openEpoch`.
    uint64 public openEra;
    /// @notice Most that `openEra` may emit.
    uint256 public eraBudget;
    /// @inheritdoc IMiningPool
    uint256 public accrued;
    /// @inheritdoc IMiningPool
    uint256 public paid;

    uint256 private _incentive;
    uint256[ENGINES] private _weighted;
    uint256[ENGINES] private _fees;
    mapping(uint64 epoch => mapping(uint8 engine => uint256)) private _rates;

    /// @param all Weighted units.
    /// @param lent How many of them are the delegators'.
    struct Weighted {
        uint128 all;
        uint128 lent;
    }

    /// @dev See `Account`.
    /// @param engines Bit mask of the engines whose `weighted` is of `epoch`; of the others it is out of date.
    struct Miner {
        uint128 reward;
        uint64 epoch;
        uint8 engines;
        uint128 lentReward;
        Weighted[ENGINES] weighted;
    }

    mapping(address node => Miner) private _miners;

    constructor(
        IERC20 token_,
        INodeRegistry registry_,
        IStakeVault vault_,
        IDelegation delegation_,
        IWeights weights_,
        IGuard guard_,
        address settlement_,
        Params memory params
    ) Settled(settlement_) {
        _checkParams(params);
        require(address(delegation_.pool()) == address(this), Miswired(address(delegation_)));
        require(address(vault_.delegation()) == address(delegation_), Miswired(address(vault_)));
        require(address(weights_.vault()) == address(vault_), Miswired(address(weights_)));
        token = token_;
        registry = registry_;
        vault = vault_;
        delegation = delegation_;
        weights = weights_;
        guard = guard_;
        start = block.timestamp.toUint64();
        epochSeconds = params.epochSeconds;
        epochsPerEra = params.epochsPerEra;
        rewardCapPerUnit = params.rewardCapPerUnit;
        minPocBps = params.minPocBps;
        maxPocBps = params.maxPocBps;
        stepBps = params.stepBps;
        minValidateBps = params.minValidateBps;
        maxValidateBps = params.maxValidateBps;
        targetVerifierStake = params.targetVerifierStake;
        incentiveBps = params.incentiveBps;
        incentiveFund = params.incentiveFund;

        uint256 balance = token_.balanceOf(address(this));
        require(balance > 0, EmptyPool());
        // What is owed to a node is kept in 128 bits.
        pooled = balance.toUint128();
        pocBps = params.pocBps;
        // Nobody is a verifier before the network is deployed.
        validateBps = params.maxValidateBps;
        eraBudget = balance / 2;
        emit EraOpened(0, balance / 2);
        emit EpochOpened(0, balance / 2 / params.epochsPerEra, shares());
    }

    /// @inheritdoc IMiningPool
    function record(uint8 kind, Payout[] calldata work, uint256 fees_) external onlySettlement {
        uint8 engine = engineOf(kind);
        _sync();
        uint256[] memory weighted = weights.weigh(kind, work);
        uint64 epoch = openEpoch;
        uint256 total;
        for (uint256 i; i < work.length; ++i) {
            _add(_fold(work[i].node), engine, weighted[i], _delegatorsPart(work[i].node, weighted[i]));
            total += weighted[i];
            emit Recorded(epoch, engine, work[i].node, work[i].units, weighted[i]);
        }
        _weighted[engine] += total;
        _fees[engine] += fees_;
    }

    /// @inheritdoc IMiningPool
    function claim(address node) external returns (uint256 amount) {
        require(!_paused(), ClaimsPaused());
        address owner = registry.ownerOf(node);
        require(owner != address(0), UnknownNode(node));
        _sync();
        Miner storage m = _fold(node);
        amount = m.reward;
        require(amount > 0, NothingToClaim(node));
        uint256 toDelegators = _takeLent(node, m);
        uint256 toOwner = m.reward;
        m.reward = 0;
        paid += amount;
        emit Claimed(node, owner, toOwner, toDelegators);
        token.safeTransfer(owner, toOwner);
        _sendLent(node, toDelegators);
    }

    /// @inheritdoc IMiningPool
    function checkpoint(address node, uint256 kept, uint256 all) external {
        require(msg.sender == address(delegation), NotDelegation(msg.sender));
        _sync();
        Miner storage m = _fold(node);
        uint256 toDelegators = _takeLent(node, m);
        for (uint8 engine; engine < ENGINES; ++engine) {
            if (m.engines & (1 << engine) == 0) continue;
            Weighted storage w = m.weighted[engine];
            if (w.lent > 0) w.lent = Math.mulDiv(w.lent, kept, all).toUint128();
        }
        paid += toDelegators;
        _sendLent(node, toDelegators);
    }

    /// @inheritdoc IMiningPool
    function claimIncentive() external returns (uint256 amount) {
        require(!_paused(), ClaimsPaused());
        _sync();
        amount = _incentive;
        require(amount > 0, NothingToClaim(incentiveFund));
        _incentive = 0;
        paid += amount;
        emit IncentiveClaimed(incentiveFund, amount);
        token.safeTransfer(incentiveFund, amount);
    }

    /// @inheritdoc IMiningPool
    function sync() external {
        _sync();
    }

    /// @inheritdoc IMiningPool
    function claimable(address node) external view returns (uint256 amount) {
        if (_paused()) return 0;
        Miner storage m = _miners[node];
        amount = m.reward;
        if (m.epoch == currentEpoch()) return amount;
        uint256[ENGINES] memory rates;
        if (m.epoch < openEpoch) rates = _ratesOf(m);
        else (rates,,) = _closing();
        (uint256 earned,) = _earned(m, rates);
        return amount + earned;
    }

    /// @inheritdoc IMiningPool
    function claimableIncentive() external view returns (uint256 amount) {
        if (_paused()) return 0;
        amount = _incentive;
        if (openEpoch == currentEpoch()) return amount;
        (,, uint256 toIncentive) = _closing();
        return amount + toIncentive;
    }

    /// @inheritdoc IMiningPool
    function accountOf(address node) external view returns (Account memory account) {
        Miner storage m = _miners[node];
        (account.reward, account.lentReward, account.epoch) = (m.reward, m.lentReward, m.epoch);
        for (uint8 engine; engine < ENGINES; ++engine) {
            if (m.engines & (1 << engine) == 0) continue;
            (account.weighted[engine], account.lentWeighted[engine]) = (m.weighted[engine].all, m.weighted[engine].lent);
        }
    }

    /// @inheritdoc IMiningPool
    function currentEpoch() public view returns (uint64) {
        return (block.timestamp.toUint64() - start) / epochSeconds;
    }

    /// @inheritdoc IMiningPool
    function emission() public view returns (uint256) {
        return eraBudget / epochsPerEra;
    }

    /// @inheritdoc IMiningPool
    function shares() public view returns (uint256[ENGINES] memory bps) {
        bps[STAKE_TO_VALIDATE] = validateBps;
        bps[COMPUTE_POC] = (BPS - validateBps) * pocBps / BPS;
        bps[MODEL_POT] = BPS - validateBps - bps[COMPUTE_POC];
    }

    /// @inheritdoc IMiningPool
    function weightedUnits(uint8 engine) external view returns (uint256) {
        return _weighted[engine];
    }

    /// @inheritdoc IMiningPool
    function fees(uint8 engine) external view returns (uint256) {
        return _fees[engine];
    }

    /// @inheritdoc IMiningPool
    function rateOf(uint64 epoch, uint8 engine) external view returns (uint256) {
        return _rates[epoch][engine];
    }

    /// @dev If the open epoch is over, closes it and opens the running one. Those in between had no work.
    function _sync() private {
        uint64 running = currentEpoch();
        if (running == openEpoch) return;

        (uint256[ENGINES] memory rates, uint256 toNodes, uint256 toIncentive) = _closing();
        for (uint8 engine; engine < ENGINES; ++engine) {
            if (rates[engine] > 0) _rates[openEpoch][engine] = rates[engine];
        }
        accrued += toNodes + toIncentive;
        _incentive += toIncentive;
        emit EpochClosed(openEpoch, rates, toNodes, toIncentive);

        pocBps = _nextPocBps();
        validateBps = _nextValidateBps();
        delete _weighted;
        delete _fees;
        openEpoch = running;
        uint64 era = running / epochsPerEra;
        if (era != openEra) {
            openEra = era;
            eraBudget = (pooled - accrued) / 2;
            emit EraOpened(era, eraBudget);
        }
        emit EpochOpened(running, emission(), shares());
    }

    /// @dev What the open epoch comes to if nothing more is recorded in it.
    function _closing() private view returns (uint256[ENGINES] memory rates, uint256 toNodes, uint256 toIncentive) {
        uint256[ENGINES] memory bps = shares();
        for (uint8 engine; engine < ENGINES; ++engine) {
            uint256 weighted = _weighted[engine];
            if (weighted == 0) continue;
            uint256 part = emission() * bps[engine] / BPS;
            uint256 rate = Math.mulDiv(part, RATE_ONE * WEIGHT_ONE, weighted);
            rate = Math.min(rate, uint256(rewardCapPerUnit) * RATE_ONE);
            rates[engine] = rate * (BPS - incentiveBps) / BPS;
            toNodes += _reward(weighted, rates[engine]);
            toIncentive += _reward(weighted, rate) * incentiveBps / BPS;
        }
    }

    /// @dev One step from `pocBps` toward Compute-PoC's part of the open epoch's fees.
    function _nextPocBps() private view returns (uint16) {
        uint256 sum = _fees[COMPUTE_POC] + _fees[MODEL_POT];
        if (sum == 0) return pocBps;
        uint256 target = Math.mulDiv(_fees[COMPUTE_POC], BPS, sum);
        uint256 now_ = pocBps;
        uint256 next = target > now_
            ? Math.min(Math.min(target, now_ + stepBps), maxPocBps)
            : Math.max(Math.max(target, now_ > stepBps ? now_ - stepBps : 0), minPocBps);
        return next.toUint16();
    }

    function _nextValidateBps() private view returns (uint16) {
        uint256 stake = vault.totalVerifierStake();
        if (stake >= targetVerifierStake) return minValidateBps;
        uint256 range = maxValidateBps - minValidateBps;
        return (minValidateBps + range * (targetVerifierStake - stake) / targetVerifierStake).toUint16();
    }

    /// @dev Brings a node's account to the open epoch: what it earned in an earlier one becomes its reward. After `_sync`.
    function _fold(address node) private returns (Miner storage m) {
        m = _miners[node];
        uint64 epoch = openEpoch;
        if (m.epoch == epoch) return m;
        if (m.engines != 0) {
            (uint256 earned, uint256 lent) = _earned(m, _ratesOf(m));
            m.reward = (m.reward + earned).toUint128();
            if (lent > 0) m.lentReward = (m.lentReward + lent).toUint128();
        }
        m.engines = 0;
        m.epoch = epoch;
    }

    /// @dev Adds weighted units to a node's account. What does not fit, which nobody can pay the fees of, is not counted.
    function _add(Miner storage m, uint8 engine, uint256 weighted, uint256 lent) private {
        Weighted storage w = m.weighted[engine];
        if (m.engines & (1 << engine) != 0) {
            weighted += w.all;
            lent += w.lent;
        }
        m.engines |= uint8(1 << engine);
        (w.all, w.lent) = (_upTo128(weighted), _upTo128(lent));
    }

    /// @dev What the units in a node's account earn at these rates: all, and the delegators' part of it.
    function _earned(Miner storage m, uint256[ENGINES] memory rates) private view returns (uint256 all, uint256 lent) {
        for (uint8 engine; engine < ENGINES; ++engine) {
            if (m.engines & (1 << engine) == 0) continue;
            Weighted memory w = m.weighted[engine];
            all += _reward(w.all, rates[engine]);
            if (w.lent > 0) lent += _reward(w.lent, rates[engine]);
        }
    }

    /// @dev Rates of the closed epoch that a node worked in, of the engines that it worked for.
    function _ratesOf(Miner storage m) private view returns (uint256[ENGINES] memory rates) {
        for (uint8 engine; engine < ENGINES; ++engine) {
            if (m.engines & (1 << engine) != 0) rates[engine] = _rates[m.epoch][engine];
        }
    }

    /// @dev Takes the delegators' part out of a node's reward. If none is left, it is the owner's.
    function _takeLent(address node, Miner storage m) private returns (uint256 lent) {
        lent = m.lentReward;
        if (lent == 0) return 0;
        m.lentReward = 0;
        if (delegation.totalSharesOf(node) == 0) return 0;
        m.reward -= lent.toUint128();
    }

    function _sendLent(address node, uint256 amount) private {
        if (amount == 0) return;
        token.safeTransfer(address(delegation), amount);
        delegation.reward(node, amount);
    }

    /// @dev How many of a node's weighted units are its delegators', as stakes and commission are now.
    function _delegatorsPart(address node, uint256 weighted) private view returns (uint256) {
        uint256 counted = vault.countedDelegationOf(node);
        if (counted == 0) return 0;
        uint256 part = Math.mulDiv(weighted, counted, vault.ownStakeOf(node) + counted);
        return part * (BPS - delegation.commissionOf(node)) / BPS;
    }

    function _paused() private view returns (bool) {
        return address(guard) != address(0) && guard.paused(SCOPE_REWARDS);
    }

    function _upTo128(uint256 value) private pure returns (uint128) {
        return uint128(Math.min(value, type(uint128).max));
    }

    function _reward(uint256 weighted, uint256 rate) private pure returns (uint256) {
        return Math.mulDiv(weighted, rate, RATE_ONE * WEIGHT_ONE);
    }

    function _checkParams(Params memory params) private pure {
        require(params.epochSeconds > 0, InvalidParams("epochSeconds must be positive"));
        require(params.epochsPerEra > 0, InvalidParams("epochsPerEra must be positive"));
        require(params.maxPocBps <= BPS, InvalidParams("maxPocBps exceeds 10000"));
        require(
            params.minPocBps <= params.pocBps && params.pocBps <= params.maxPocBps,
            InvalidParams("pocBps must be minPocBps to maxPocBps")
        );
        require(params.maxValidateBps <= BPS, InvalidParams("maxValidateBps exceeds 10000"));
        require(params.minValidateBps <= params.maxValidateBps, InvalidParams("minValidateBps exceeds maxValidateBps"));
        require(params.targetVerifierStake > 0, InvalidParams("targetVerifierStake must be positive"));
        require(params.incentiveBps < BPS, InvalidParams("incentiveBps must be below 10000"));
        require(
            (params.incentiveBps == 0) == (params.incentiveFund == address(0)),
            InvalidParams("incentiveFund must be zero exactly if incentiveBps is")
        );
    }
}
