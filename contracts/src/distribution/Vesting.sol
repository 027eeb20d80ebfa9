// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVesting} from "../interfaces/IVesting.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {VestingWallet} from "@openzeppelin/contracts/finance/VestingWallet.sol";
import {VestingWalletCliff} from "@openzeppelin/contracts/finance/VestingWalletCliff.sol";

/// @title Vesting of one account's tokens
/// @dev See `IVesting`. What it holds is not delegated, so tokens vote from their release on.
contract Vesting is IVesting, VestingWalletCliff, Ownable2Step {
    constructor(address beneficiary, uint64 start_, uint64 durationSeconds, uint64 cliffSeconds)
        VestingWallet(beneficiary, start_, durationSeconds)
        VestingWalletCliff(cliffSeconds)
    {}

    /// @dev Releases would go to the zero address, which the token refuses: everything would be stuck.
    function renounceOwnership() public pure override {
        revert CannotRenounce();
    }

    function transferOwnership(address newOwner) public override(Ownable, Ownable2Step) {
        super.transferOwnership(newOwner);
    }

    function release(address token) public override(IVesting, VestingWallet) {
        super.release(token);
    }

    function releasable(address token) public view override(IVesting, VestingWallet) returns (uint256) {
        return super.releasable(token);
    }

    function cliff() public view override(IVesting, VestingWalletCliff) returns (uint256) {
        return super.cliff();
    }

    function start() public view override(IVesting, VestingWallet) returns (uint256) {
        return super.start();
    }

    function end() public view override(IVesting, VestingWallet) returns (uint256) {
        return super.end();
    }

    function _transferOwnership(address newOwner) internal override(Ownable, Ownable2Step) {
        super._transferOwnership(newOwner);
    }
}
