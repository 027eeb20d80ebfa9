// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Takes every fee of the network and divides it: burned, insured, spent on the ecosystem.
/// @dev Whatever tokens lie here are fees; whoever pays a fee just transfers it. Safety: the shares never change and no fee can
/// go anywhere else. Liveness: anyone flushes.
interface IFeeSplitter {
    /// @param burnBps Part that is burned. Not zero only for a token that has `burn(uint256)`.
    /// @param insuranceBps Part of the InsurancePool.
    /// @param ecosystemBps Part of the ecosystem's fund. The three sum to 10000.
    struct Params {
        uint16 burnBps;
        uint16 insuranceBps;
        uint16 ecosystemBps;
    }

    event Flushed(uint256 burned, uint256 insured, uint256 toEcosystem);

    error InvalidParams(string what);

    /// @notice Divides what lies here. Rounding goes to the burned part, or to the first part that is not zero. By anyone.
    /// @return amount All that was divided; zero if there was nothing.
    function flush() external returns (uint256 amount);

    function burnBps() external view returns (uint16);

    function insuranceBps() external view returns (uint16);

    function ecosystemBps() external view returns (uint16);
}
