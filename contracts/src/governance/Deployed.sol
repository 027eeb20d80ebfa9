// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// What a network deploys of OpenZeppelin's contracts as they are: named here so that they are compiled with ours and their
// extracts stand in api/. The AccessManager is created by `GovernanceGenesis`.
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
