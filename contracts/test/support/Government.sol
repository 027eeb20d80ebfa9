// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {Credentials} from "../../src/Credentials.sol";
import {JobEscrow} from "../../src/JobEscrow.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IGovernanceGenesis} from "../../src/interfaces/IGovernanceGenesis.sol";
import {ROLE_PARAMETERS} from "../../src/interfaces/IStages.sol";
import {IVotingPower} from "../../src/interfaces/IVotingPower.sol";
import {ContributionBook, StakeBook} from "./Books.sol";
import {Governance} from "./Governance.sol";

/// @dev The governance of profile `cxt` over the real contracts of a network, which name its manager and guard before there is
/// either.
contract Government is Governance {
    JobEscrow private _escrow;

    /// @dev What the parts of the network name: see `GovernanceGenesis`.
    function managerAt() external view returns (address) {
        return vm.computeCreateAddress(vm.computeCreateAddress(address(this), 9), 1);
    }

    function guardAt() external view returns (address) {
        return vm.computeCreateAddress(address(this), 5);
    }

    function foundOver(
        ComputeToken token_,
        StakeVault vault_,
        Credentials credentials_,
        JobEscrow escrow_,
        address pool_
    ) external {
        // Of their kind as far as governance asks them.
        (token, vault, credentials) = (token_, StakeBook(address(vault_)), ContributionBook(address(credentials_)));
        (_escrow, pool) = (escrow_, pool_);
        Profile memory p = cxt();
        // Parameters are those of the escrow here, which `permissions` adds.
        p.parameters = false;
        found(p);
    }

    /// @dev Everybody who has, had or could have a right.
    function roles() external view returns (address[] memory all) {
        all = new address[](12);
        (all[0], all[1], all[2]) = (executive, operations, security);
        (all[3], all[4], all[5]) = (address(timelock), address(governor), address(stages));
        (all[6], all[7], all[8]) = (address(manager), address(genesis), address(guard));
        (all[9], all[10], all[11]) = (address(fund), address(incentives), address(power));
    }

    function deployPower() internal override {
        address[] memory sources = new address[](1);
        sources[0] = address(vault);
        address[] memory excluded = new address[](1);
        excluded[0] = pool;
        IVotingPower.Params memory params = IVotingPower.Params(VOTES_PER_UNIT, CONTRIBUTION_BPS);
        bytes memory arguments = abi.encode(token, sources, credentials, excluded, params);
        power = VotingPower(vm.deployCode(artifact("VotingPower"), arguments));
    }

    function permissions(Profile memory p) internal view override returns (IGovernanceGenesis.Permission[] memory all) {
        IGovernanceGenesis.Permission[] memory rest = super.permissions(p);
        all = new IGovernanceGenesis.Permission[](rest.length + 1);
        all[0] = permission(address(_escrow), ROLE_PARAMETERS, _escrow.setFeeBps.selector);
        for (uint256 i; i < rest.length; ++i) {
            all[i + 1] = rest[i];
        }
    }
}
