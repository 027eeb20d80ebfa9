// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {IStakeVault} from "./interfaces/IStakeVault.sol";
import {IWeights} from "./interfaces/IWeights.sol";
import {BPS, KINDS, Payout, TIERS, UnknownKind} from "./interfaces/Types.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

/// @title Weights of verified work
/// @dev See `IWeights`. Without an authority nothing here can ever change: `AccessManaged` lets nobody call what is
/// `restricted`, and only the authority itself could name another.
contract Weights is IWeights, AccessManaged {
    /// @inheritdoc IWeights
    INodeRegistry public immutable registry;
    /// @inheritdoc IWeights
    IStakeVault public immutable vault;
    /// @inheritdoc IWeights
    uint16 public immutable minKindBps;

    uint16[KINDS] private _kindBps;
    uint16[TIERS] private _tierBps;

    constructor(INodeRegistry registry_, IStakeVault vault_, address authority_, Params memory params)
        AccessManaged(authority_)
    {
        require(params.minKindBps > 0, InvalidParams("minKindBps must be positive"));
        for (uint8 tier; tier < TIERS; ++tier) {
            uint16 least = tier == 0 ? 1 : params.tierBps[tier - 1];
            require(
                params.tierBps[tier] >= least && params.tierBps[tier] <= BPS,
                InvalidParams("tierBps must be 1 to 10000, ascending")
            );
        }
        require(address(registry_.vault()) == address(vault_), Miswired(address(registry_)));
        registry = registry_;
        vault = vault_;
        minKindBps = params.minKindBps;
        _tierBps = params.tierBps;
        for (uint8 kind; kind < KINDS; ++kind) {
            _setKind(kind, params.kindBps[kind], params.minKindBps);
        }
    }

    /// @inheritdoc IWeights
    function tuneKind(uint8 kind, uint16 bps) external restricted {
        _setKind(kind, bps, minKindBps);
    }

    /// @inheritdoc IWeights
    function weigh(uint8 kind, Payout[] calldata work) external view returns (uint256[] memory weighted) {
        weighted = new uint256[](work.length);
        for (uint256 i; i < work.length; ++i) {
            weighted[i] = work[i].units * weightOf(kind, work[i].node);
        }
    }

    /// @inheritdoc IWeights
    function weightOf(uint8 kind, address node) public view returns (uint256) {
        return uint256(kindBps(kind)) * _tierBps[registry.tierOf(node)] * registry.qualityOf(node) * vault.boostOf(node);
    }

    /// @inheritdoc IWeights
    function kindBps(uint8 kind) public view returns (uint16) {
        require(kind < KINDS, UnknownKind(kind));
        return _kindBps[kind];
    }

    /// @inheritdoc IWeights
    function tierBps(uint8 tier) external view returns (uint16) {
        return _tierBps[tier];
    }

    function _setKind(uint8 kind, uint16 bps, uint16 least) private {
        require(kind < KINDS, UnknownKind(kind));
        require(bps >= least && bps <= BPS, KindOutOfBounds(bps, least, BPS));
        _kindBps[kind] = bps;
        emit KindTuned(kind, bps);
    }
}
