// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IChains} from "../interfaces/IChains.sol";
import {Dot} from "./Dot.sol";
import {Elements} from "./Elements.sol";
import {F32} from "./Float32.sol";

contract Chains is IChains {
    uint256 private constant LANES = 32;
    /// @dev Bytes of an element.
    uint256 private constant SIZE = 4;

    /// @inheritdoc IChains
    function multiplyAdd(uint256 acc, bytes calldata a, bytes calldata b) external pure returns (uint256) {
        if (a.length != b.length) revert Unequal(a.length, b.length);
        _checkElements(a.length);
        return Dot.chain(_accumulator(acc), Elements.start(a), Elements.start(b), a.length).bits();
    }

    /// @inheritdoc IChains
    function sum(uint256 acc, bytes calldata x) external pure returns (uint256) {
        _checkElements(x.length);
        F32 total = _accumulator(acc);
        unchecked {
            uint256 position = Elements.start(x);
            uint256 end = position + x.length;
            for (; position != end; position += SIZE) {
                total = total + Elements.load(position);
            }
        }
        return total.bits();
    }

    /// @inheritdoc IChains
    function combine(bytes calldata lanes) external pure returns (uint256) {
        if (lanes.length != LANES * SIZE) revert NotElements(lanes.length);
        F32[LANES] memory lane;
        unchecked {
            uint256 position = Elements.start(lanes);
            for (uint256 l; l < LANES; ++l) {
                lane[l] = Elements.load(position + SIZE * l);
            }
            for (uint256 half = LANES / 2; half != 0; half >>= 1) {
                for (uint256 l; l < half; ++l) {
                    lane[l] = lane[l] + lane[l + half];
                }
            }
        }
        return lane[0].bits();
    }

    function _accumulator(uint256 acc) private pure returns (F32) {
        if (acc >> 32 != 0) revert NotAnAccumulator(acc);
        return F32.wrap(acc);
    }

    function _checkElements(uint256 length) private pure {
        if (length % SIZE != 0) revert NotElements(length);
    }
}
