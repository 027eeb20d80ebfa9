// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "./Market.sol";
import {IFeeSplitter} from "./interfaces/IFeeSplitter.sol";
import {IGuard} from "./interfaces/IGuard.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title Market behind a proxy
/// @notice For profiles whose market may be upgraded: the implementation behind a `MarketProxy`. `upgradeToAndCall` only by the
/// authority's leave, which such a profile gives to the timelock alone.
/// @dev No constructor of Market writes storage (parameters are immutables, in the code), so the proxy needs no initializer, and none
/// can be called by a stranger. A later version keeps the state variables of Market and its bases in their order and adds its own
/// behind them.
contract UpgradeableMarket is Market, UUPSUpgradeable {
    constructor(
        IERC20 token_,
        INodeRegistry registry_,
        IFeeSplitter splitter_,
        IGuard guard_,
        address authority_,
        Params memory params
    ) Market(token_, registry_, splitter_, guard_, authority_, params) {}

    function _authorizeUpgrade(address) internal override restricted {}
}
