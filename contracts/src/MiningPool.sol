// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settled} from "./Settled.sol";
import {IComputeToken} from "./interfaces/IComputeToken.sol";
import {IMiningPool} from "./interfaces/IMiningPool.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {BPS, COMPUTE_POC, ENGINES, MODEL_POT, Payout} from "./interfaces/Types.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title The mined supply
/// @dev See `IMiningPool`. All eras together emit at most `pooled`: the first gives at most half, each further one half of
/// the one before. Every division rounds down, so claims never exceed an epoch's emission.
contract MiningPool is IMiningPool, Settled {
    using SafeERC20 for IComputeToken;
    using SafeCast for uint256;

    IComputeToken public immutable token;
    INodeRegistry public immutable registry;
    /// @notice Tokens that the pool was deployed with, all that it will ever plan to give.
    uint256 public immutable pooled;
    /// @notice Unix time at which epoch 0 began.
    uint64 public immutable start;
    uint64 public immutable epochSeconds;
    uint64 public immutable epochsPerEra;
    uint128 public immutable rewardCapPerUnit;
    uint16 private immutable _pocBps;
    uint16 private immutable _potBps;

    mapping(uint64 epoch => mapping(uint8 engine => uint256)) private _totalUnits;
    mapping(uint64 epoch => mapping(uint8 engine => mapping(address node => uint256))) private _units;

    constructor(IComputeToken token_, INodeRegistry registry_, address settlement_, Params memory params)
        Settled(settlement_)
    {
        require(params.epochSeconds > 0, InvalidParams("epochSeconds must be positive"));
        require(params.epochsPerEra > 0, InvalidParams("epochsPerEra must be positive"));
        (uint256 poc, uint256 pot) = (params.engineBps[COMPUTE_POC], params.engineBps[MODEL_POT]);
        require(poc + pot <= BPS, InvalidParams("engineBps exceed 10000"));
        pooled = token_.balanceOf(address(this));
        require(pooled > 0, EmptyPool());
        token = token_;
        registry = registry_;
        start = block.timestamp.toUint64();
        epochSeconds = params.epochSeconds;
        epochsPerEra = params.epochsPerEra;
        rewardCapPerUnit = params.rewardCapPerUnit;
        _pocBps = params.engineBps[COMPUTE_POC];
        _potBps = params.engineBps[MODEL_POT];
    }

    /// @inheritdoc IMiningPool
    function record(uint8 engine, Payout[] calldata work) external onlySettlement {
        uint64 epoch = currentEpoch();
        uint256 total;
        for (uint256 i; i < work.length; ++i) {
            (address node, uint64 units) = (work[i].node, work[i].units);
            _units[epoch][engine][node] += units;
            total += units;
            emit Recorded(epoch, engine, node, units);
        }
        _totalUnits[epoch][engine] += total;
    }

    /// @inheritdoc IMiningPool
    function claim(address node, uint64[] calldata epochs) external returns (uint256 amount) {
        address owner = registry.ownerOf(node);
        require(owner != address(0), UnknownNode(node));
        uint64 running = currentEpoch();
        for (uint256 i; i < epochs.length; ++i) {
            uint64 epoch = epochs[i];
            require(epoch < running, EpochNotOver(epoch));
            for (uint8 engine; engine < ENGINES; ++engine) {
                amount += _reward(epoch, engine, node);
                // Claimed once: an epoch that is over gets no further record. The total stays, for the others' shares.
                delete _units[epoch][engine][node];
            }
        }
        require(amount > 0, NothingToClaim(node));
        emit Claimed(node, owner, epochs, amount);
        token.safeTransfer(owner, amount);
    }

    /// @inheritdoc IMiningPool
    /// @dev Epochs that are not over count for nothing. An epoch that is given twice counts twice here, once in `claim`.
    function claimable(address node, uint64[] calldata epochs) external view returns (uint256 amount) {
        uint64 running = currentEpoch();
        for (uint256 i; i < epochs.length; ++i) {
            if (epochs[i] >= running) continue;
            for (uint8 engine; engine < ENGINES; ++engine) {
                amount += _reward(epochs[i], engine, node);
            }
        }
    }

    /// @inheritdoc IMiningPool
    function currentEpoch() public view returns (uint64) {
        return (block.timestamp.toUint64() - start) / epochSeconds;
    }

    /// @inheritdoc IMiningPool
    function emission(uint64 epoch) public view returns (uint256) {
        return (pooled / (2 * uint256(epochsPerEra))) >> (epoch / epochsPerEra);
    }

    /// @inheritdoc IMiningPool
    function unitsOf(uint64 epoch, uint8 engine, address node) external view returns (uint256) {
        return _units[epoch][engine][node];
    }

    /// @inheritdoc IMiningPool
    function totalUnits(uint64 epoch, uint8 engine) external view returns (uint256) {
        return _totalUnits[epoch][engine];
    }

    /// @notice Share of `engine` in every epoch's emission, in basis points.
    function engineBps(uint8 engine) public view returns (uint256) {
        return engine == COMPUTE_POC ? _pocBps : _potBps;
    }

    function _reward(uint64 epoch, uint8 engine, address node) private view returns (uint256) {
        uint256 units = _units[epoch][engine][node];
        if (units == 0) return 0;
        uint256 share = Math.mulDiv(emission(epoch) * engineBps(engine) / BPS, units, _totalUnits[epoch][engine]);
        return Math.min(share, units * rewardCapPerUnit);
    }
}
