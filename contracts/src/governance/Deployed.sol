// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// What a network deploys of OpenZeppelin's contracts as it is: named here so that it is compiled with ours and its extract stands
// in api/. The AccessManager is created by `GovernanceGenesis`.
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
