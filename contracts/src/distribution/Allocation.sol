// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAllocation} from "../interfaces/IAllocation.sol";
import {BPS} from "../interfaces/Types.sol";
import {Vesting} from "./Vesting.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title First distribution of a supply
/// @dev See `IAllocation`.
contract Allocation is IAllocation {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    IERC20 public immutable token;

    address[] private _holders;

    /// @param buckets Published shares, 10000 in all. The grants of each must sum to exactly its share of the supply.
    constructor(IERC20 token_, Bucket[] memory buckets, Grant[] memory grants) {
        token = token_;
        uint256 supply = token_.balanceOf(address(this));
        _checkBuckets(supply, buckets, grants);
        uint256 sum;
        for (uint256 i; i < grants.length; ++i) {
            Grant memory grant = grants[i];
            require(grant.durationSeconds > 0 || grant.cliffSeconds == 0, CliffWithoutDuration(i));
            address holder = grant.durationSeconds == 0
                ? grant.to
                : address(new Vesting(grant.to, block.timestamp.toUint64(), grant.durationSeconds, grant.cliffSeconds));
            _holders.push(holder);
            sum += grant.amount;
            emit Allocated(grant.bucket, grant.to, holder, grant.amount);
            token_.safeTransfer(holder, grant.amount);
        }
        require(sum == supply, GrantsDoNotSumToSupply(sum, supply));
    }

    /// @inheritdoc IAllocation
    function holderOf(uint256 index) external view returns (address) {
        return _holders[index];
    }

    /// @inheritdoc IAllocation
    function grantCount() external view returns (uint256) {
        return _holders.length;
    }

    function _checkBuckets(uint256 supply, Bucket[] memory buckets, Grant[] memory grants) private pure {
        uint256 sumBps;
        uint256 counted;
        for (uint256 b; b < buckets.length; ++b) {
            Bucket memory bucket = buckets[b];
            sumBps += bucket.bps;
            uint256 granted;
            for (uint256 i; i < grants.length; ++i) {
                if (grants[i].bucket != bucket.name) continue;
                granted += grants[i].amount;
                ++counted;
            }
            uint256 share = supply * bucket.bps / BPS;
            require(granted == share, BucketMismatch(bucket.name, granted, share));
        }
        require(sumBps == BPS, BucketsDoNotSum(sumBps));
        // Each grant was counted once, unless its bucket is missing or a bucket is named twice.
        require(counted == grants.length, GrantsOutsideBuckets(counted, grants.length));
    }
}
