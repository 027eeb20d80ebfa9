// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Managed} from "./Managed.sol";
import {IProtocolFee} from "./interfaces/IProtocolFee.sol";
import {BPS} from "./interfaces/Types.sol";

/// @dev See `IProtocolFee`. The constructor writes no storage, so that a proxy starts with the same fee.
abstract contract ProtocolFee is IProtocolFee, Managed {
    uint16 public immutable feeMinBps;
    uint16 public immutable feeMaxBps;
    uint16 private immutable _initialBps;

    /// @dev The fee plus one; zero while it was never set.
    uint16 private _tuned;

    constructor(uint16 feeBps_, uint16 feeMinBps_, uint16 feeMaxBps_, address authority_) Managed(authority_) {
        require(
            feeMinBps_ <= feeBps_ && feeBps_ <= feeMaxBps_ && feeMaxBps_ <= BPS,
            InvalidFeeBounds(feeBps_, feeMinBps_, feeMaxBps_)
        );
        _initialBps = feeBps_;
        feeMinBps = feeMinBps_;
        feeMaxBps = feeMaxBps_;
    }

    /// @inheritdoc IProtocolFee
    function setFeeBps(uint16 newFeeBps) external restricted {
        require(feeMinBps <= newFeeBps && newFeeBps <= feeMaxBps, FeeOutOfBounds(newFeeBps, feeMinBps, feeMaxBps));
        _tuned = newFeeBps + 1;
        emit FeeBpsChanged(newFeeBps);
    }

    /// @inheritdoc IProtocolFee
    function feeBps() public view returns (uint16) {
        return _tuned == 0 ? _initialBps : _tuned - 1;
    }
}
