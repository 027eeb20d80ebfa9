// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {Credentials} from "../../src/Credentials.sol";
import {JobEscrow} from "../../src/JobEscrow.sol";
import {Market} from "../../src/Market.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {Committee} from "../../src/governance/Committee.sol";
import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IGovernanceGenesis} from "../../src/interfaces/IGovernanceGenesis.sol";
import {ROLE_PARAMETERS} from "../../src/interfaces/IStages.sol";
import {IVotingPower} from "../../src/interfaces/IVotingPower.sol";
import {ContributionBook, StakeBook} from "./Books.sol";
import {Governance} from "./Governance.sol";

/// @dev The governance of profile `cxt`, with committees of three of which two decide, or of `cai`, over the real contracts of a network,
/// which may name its manager and guard before there is either.
contract Government is Governance {
    uint256 private constant MEMBERS = 3;

    JobEscrow private _escrow;
    Market private _market;
    address[] private _members;

    constructor() {
        (executive, operations, security) = (_committee("executive"), _committee("operations"), _committee("security"));
    }

    /// @dev It changes its own members.
    function _committee(string memory name) private returns (address) {
        address[] memory members = new address[](MEMBERS);
        for (uint256 i; i < MEMBERS; ++i) {
            members[i] = makeAddr(string.concat(name, " member ", vm.toString(i)));
            _members.push(members[i]);
        }
        return vm.deployCode(artifact("Committee"), abi.encode(address(0), members, 2, 7 days));
    }

    /// @dev What the parts of the network name: see `GovernanceGenesis`.
    function managerAt() external view returns (address) {
        return vm.computeCreateAddress(vm.computeCreateAddress(address(this), 12), 1);
    }

    function guardAt() external view returns (address) {
        return vm.computeCreateAddress(address(this), 8);
    }

    function foundOver(
        ComputeToken token_,
        StakeVault vault_,
        Credentials credentials_,
        JobEscrow escrow_,
        Market market_,
        address pool_,
        bool hasCommittees
    ) external {
        // Of their kind as far as governance asks them.
        (token, vault, credentials) = (token_, StakeBook(address(vault_)), ContributionBook(address(credentials_)));
        (_escrow, _market, pool) = (escrow_, market_, pool_);
        Profile memory p = hasCommittees ? cxt() : cai();
        // Parameters are those of escrow and market here, which `permissions` adds.
        p.parameters = false;
        found(p);
    }

    /// @dev Everybody who has, had or could have a right.
    function roles() external view returns (address[] memory all) {
        all = new address[](12 + _members.length);
        (all[0], all[1], all[2]) = (executive, operations, security);
        (all[3], all[4], all[5]) = (address(timelock), address(governor), address(stages));
        (all[6], all[7], all[8]) = (address(manager), address(genesis), address(guard));
        (all[9], all[10], all[11]) = (address(fund), address(incentives), address(power));
        for (uint256 i; i < _members.length; ++i) {
            all[12 + i] = _members[i];
        }
    }

    /// @dev Committee `which` of executive, operations and security.
    function committee(uint256 which) external view returns (Committee) {
        return Committee(payable([executive, operations, security][which]));
    }

    function memberOf(uint256 which, uint256 member) external view returns (address) {
        return _members[which * MEMBERS + member];
    }

    function executiveDelay() external pure returns (uint32) {
        return EXECUTIVE_DELAY;
    }

    /// @dev What governs, with the names of the contracts.
    function parts() external view returns (address[] memory all, string[] memory names) {
        (all, names) = (new address[](8), new string[](8));
        (all[0], names[0]) = (executive, "Committee");
        (all[1], names[1]) = (address(timelock), "Timelock");
        (all[2], names[2]) = (address(governor), "NetworkGovernor");
        (all[3], names[3]) = (address(stages), "Stages");
        (all[4], names[4]) = (address(manager), "AccessManager");
        (all[5], names[5]) = (address(guard), "Guard");
        (all[6], names[6]) = (address(fund), "EcosystemFund");
        (all[7], names[7]) = (address(genesis), "GovernanceGenesis");
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
        // In `cai` nobody tunes anything.
        if (!p.executive) return rest;
        all = new IGovernanceGenesis.Permission[](rest.length + 2);
        all[0] = permission(address(_escrow), ROLE_PARAMETERS, _escrow.setFeeBps.selector);
        all[1] = permission(address(_market), ROLE_PARAMETERS, _market.setFeeBps.selector);
        for (uint256 i; i < rest.length; ++i) {
            all[i + 2] = rest[i];
        }
    }
}
