// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Divides the supply that was minted to it, once, in its constructor, and keeps nothing.
/// @dev Grants with a duration go to a `Vesting` wallet of their own, which is deployed here: linear from deployment, with a
/// cliff, and irrevocable.
interface IAllocation {
    /// @param bucket What it belongs to, for instance "team".
    /// @param to Who gets it, or whom the wallet belongs to.
    /// @param durationSeconds Time over which it vests; zero: at once, with no wallet.
    struct Grant {
        bytes32 bucket;
        address to;
        uint256 amount;
        uint64 cliffSeconds;
        uint64 durationSeconds;
    }

    /// @param bps Share of the supply.
    struct Bucket {
        bytes32 name;
        uint16 bps;
    }

    /// @param holder Where the tokens are: `to`, or the wallet.
    event Allocated(bytes32 indexed bucket, address indexed to, address holder, uint256 amount);

    error BucketsDoNotSum(uint256 sumBps);
    error BucketMismatch(bytes32 bucket, uint256 granted, uint256 share);
    error GrantsOutsideBuckets(uint256 counted, uint256 grants);
    error CliffWithoutDuration(uint256 index);
    error GrantsDoNotSumToSupply(uint256 sum, uint256 held);

    /// @notice Where the tokens of grant number `index` went.
    function holderOf(uint256 index) external view returns (address);

    function grantCount() external view returns (uint256);
}
