// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {EcosystemFund} from "../../src/governance/EcosystemFund.sol";
import {GovernanceGenesis} from "../../src/governance/GovernanceGenesis.sol";
import {Guard} from "../../src/governance/Guard.sol";
import {NetworkGovernor} from "../../src/governance/NetworkGovernor.sol";
import {Stages} from "../../src/governance/Stages.sol";
import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {IEmergencyGuard} from "../../src/interfaces/IEmergencyGuard.sol";
import {IGovernanceGenesis} from "../../src/interfaces/IGovernanceGenesis.sol";
import {INetworkGovernor} from "../../src/interfaces/INetworkGovernor.sol";
import {
    IStages,
    ROLE_INCENTIVES,
    ROLE_LIFT,
    ROLE_PARAMETERS,
    ROLE_PAUSE,
    ROLE_RESET,
    ROLE_TREASURY,
    ROLE_UPGRADE,
    Seats,
    Stage
} from "../../src/interfaces/IStages.sol";
import {IStakeVotes, IVotingPower} from "../../src/interfaces/IVotingPower.sol";
import {ContributionBook, StakeBook} from "./Books.sol";
import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Stands for what the network lets governance tune, and for what it can upgrade.
contract Tunable is AccessManaged {
    uint256 public value;

    constructor(address manager) AccessManaged(manager) {}

    function tune(uint256 value_) external restricted {
        value = value_;
    }

    function upgradeToAndCall(address, bytes calldata) external restricted {}
}

/// @dev A whole governance, deployed as the README says, with nothing mocked but the vault and the credentials.
abstract contract Governance is Test {
    uint256 internal constant SUPPLY = 1_000_000e18;
    uint256 internal constant POOLED = 600_000e18;
    uint128 internal constant VOTES_PER_UNIT = 1e18;
    uint16 internal constant CONTRIBUTION_BPS = 3333;
    uint48 internal constant VOTING_DELAY = 1 days;
    uint32 internal constant VOTING_PERIOD = 1 weeks;
    uint256 internal constant THRESHOLD = 1000e18;
    uint256 internal constant QUORUM = 10;
    uint16 internal constant PARTICIPATION_MIN = 8000;
    uint8 internal constant WINDOW = 4;
    uint256 internal constant TIMELOCK_DELAY = 2 days;
    uint64 internal constant MAX_PAUSE = 3 days;
    uint64 internal constant COOLDOWN = 4 days;
    uint64 internal constant FUND_PERIOD = 30 days;
    uint16 internal constant FUND_CAP = 500;
    uint32 internal constant EXECUTIVE_DELAY = 1 days;
    uint256 internal constant GENESIS_TIME = 1_800_000_000;

    ComputeToken internal token;
    StakeBook internal vault;
    ContributionBook internal credentials;
    VotingPower internal power;
    TimelockController internal timelock;
    NetworkGovernor internal governor;
    Stages internal stages;
    Guard internal guard;
    EcosystemFund internal fund;
    EcosystemFund internal incentives;
    Tunable internal tunable;
    AccessManager internal manager;
    GovernanceGenesis internal genesis;

    address internal pool = makeAddr("pool");
    address internal treasury = makeAddr("treasury");
    address internal executive = makeAddr("executive");
    address internal operations = makeAddr("operations");
    address internal security = makeAddr("security");
    address internal stranger = makeAddr("stranger");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal carol = makeAddr("carol");

    /// @dev What differs between profiles.
    struct Profile {
        bool executive;
        bool operations;
        bool security;
        bool votes;
        bool staged;
        Stage stage;
        bool admin;
        uint8 scopes;
        bool parameters;
        bool upgradeable;
    }

    /// @dev From the artifacts that api/ is made of, because `new` would deploy what the tests' own settings compile to.
    function artifact(string memory name) internal pure returns (string memory) {
        return string.concat("out/", name, ".sol/", name, ".json");
    }

    function deployPower() internal virtual {
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](2);
        grants[0] = IComputeToken.Grant(pool, POOLED);
        grants[1] = IComputeToken.Grant(treasury, SUPPLY - POOLED);
        token = new ComputeToken("cXToken", "cX", SUPPLY, grants);
        vault = new StakeBook(token);
        credentials = new ContributionBook();
        IStakeVotes[] memory sources = new IStakeVotes[](1);
        sources[0] = vault;
        address[] memory excluded = new address[](1);
        excluded[0] = pool;
        power = VotingPower(
            vm.deployCode(
                artifact("VotingPower"),
                abi.encode(token, sources, credentials, excluded, IVotingPower.Params(VOTES_PER_UNIT, CONTRIBUTION_BPS))
            )
        );
    }

    function governorParams() internal pure returns (INetworkGovernor.Params memory) {
        return INetworkGovernor.Params({
            votingDelay: VOTING_DELAY,
            votingPeriod: VOTING_PERIOD,
            proposalThreshold: THRESHOLD,
            quorumPercent: QUORUM,
            participationMinBps: PARTICIPATION_MIN,
            participationWindow: WINDOW,
            resetUntil: uint48(GENESIS_TIME + 365 days)
        });
    }

    function stagesParams(bool daoIsAdmin) internal pure returns (IStages.Params memory) {
        return IStages.Params({
            voteAfter: uint48(GENESIS_TIME + 90 days),
            voteMinStake: 10_000e18,
            daoAfter: uint48(GENESIS_TIME + 180 days),
            daoMinProposals: 2,
            executiveDelay: EXECUTIVE_DELAY,
            daoIsAdmin: daoIsAdmin
        });
    }

    function found(Profile memory p) internal {
        vm.warp(GENESIS_TIME);
        deployPower();
        uint256 nonce = vm.getNonce(address(this));
        address governorAt = vm.computeCreateAddress(address(this), nonce + 1);
        address stagesAt = p.staged ? vm.computeCreateAddress(address(this), nonce + 2) : address(0);
        address managerAt = vm.computeCreateAddress(vm.computeCreateAddress(address(this), nonce + 7), 1);

        deployTimelock(governorAt);
        governor = NetworkGovernor(
            payable(vm.deployCode(
                    artifact("NetworkGovernor"),
                    abi.encode("network", power, timelock, stagesAt, managerAt, governorParams())
                ))
        );
        Seats memory s = seatsOf(p);
        if (p.staged) {
            stages = Stages(
                vm.deployCode(artifact("Stages"), abi.encode(managerAt, power, governor, s, stagesParams(p.admin)))
            );
        } else {
            stages = Stages(address(0));
            vm.setNonce(address(this), uint64(nonce + 3));
        }
        guard = Guard(
            vm.deployCode(
                artifact("Guard"),
                abi.encode(managerAt, IEmergencyGuard.Params(MAX_PAUSE, COOLDOWN, p.scopes == 0 ? 7 : p.scopes))
            )
        );
        fund = EcosystemFund(
            vm.deployCode(artifact("EcosystemFund"), abi.encode(token, managerAt, FUND_PERIOD, FUND_CAP))
        );
        incentives = EcosystemFund(
            vm.deployCode(artifact("EcosystemFund"), abi.encode(token, managerAt, FUND_PERIOD, FUND_CAP))
        );
        tunable = new Tunable(managerAt);
        genesis = GovernanceGenesis(
            vm.deployCode(
                artifact("GovernanceGenesis"),
                abi.encode(
                    IGovernanceGenesis.Params({
                        seats: s,
                        stages: stagesAt,
                        stage: p.stage,
                        governor: p.votes ? address(governor) : address(0),
                        timelockIsAdmin: !p.staged && p.admin,
                        executiveDelay: EXECUTIVE_DELAY
                    }),
                    permissions(p)
                )
            )
        );
        manager = AccessManager(genesis.manager());
        assertEq(address(manager), managerAt);
    }

    function deployTimelock(address governorAt) internal {
        address[] memory proposers = new address[](1);
        proposers[0] = governorAt;
        address[] memory executors = new address[](1);
        timelock = new TimelockController(TIMELOCK_DELAY, proposers, executors, address(0));
    }

    function seatsOf(Profile memory p) internal view returns (Seats memory) {
        return Seats({
            executive: p.executive ? executive : address(0),
            operations: p.operations ? operations : address(0),
            security: p.security ? security : address(0),
            timelock: p.votes ? address(timelock) : address(0)
        });
    }

    function permissions(Profile memory p) internal view virtual returns (IGovernanceGenesis.Permission[] memory all) {
        all = new IGovernanceGenesis.Permission[](7);
        uint256 count;
        if (p.parameters) all[count++] = permission(address(tunable), ROLE_PARAMETERS, Tunable.tune.selector);
        if (p.scopes != 0) {
            all[count++] = permission(address(guard), ROLE_PAUSE, Guard.pause.selector);
            all[count++] = permission(address(guard), ROLE_LIFT, Guard.lift.selector);
        }
        if (p.security && p.votes) {
            all[count++] = permission(address(governor), ROLE_RESET, NetworkGovernor.resetVote.selector);
        }
        if (p.votes) all[count++] = permission(address(fund), ROLE_TREASURY, EcosystemFund.spend.selector);
        if (p.operations) {
            all[count++] = permission(address(incentives), ROLE_INCENTIVES, EcosystemFund.spend.selector);
        }
        if (p.upgradeable) {
            all[count++] = permission(address(tunable), ROLE_UPGRADE, Tunable.upgradeToAndCall.selector);
        }
        assembly ("memory-safe") {
            mstore(all, count)
        }
    }

    function permission(address target, uint64 role, bytes4 selector)
        internal
        pure
        returns (IGovernanceGenesis.Permission memory)
    {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        return IGovernanceGenesis.Permission(target, role, selectors);
    }

    // --- the five profiles

    function cai() internal pure returns (Profile memory p) {
        (p.votes, p.staged) = (true, true);
    }

    function cx() internal pure returns (Profile memory p) {
        (p.executive, p.security, p.votes, p.staged, p.admin) = (true, true, true, true, true);
        (p.scopes, p.parameters) = (7, true);
    }

    function cxt() internal pure returns (Profile memory p) {
        p = cx();
        // The pool asks no guard: there is no reward freeze to give to anybody.
        (p.operations, p.scopes) = (true, 3);
    }

    function aic() internal pure returns (Profile memory p) {
        (p.votes, p.admin, p.parameters, p.upgradeable, p.stage) = (true, true, true, true, Stage.Dao);
    }

    function coai() internal pure returns (Profile memory p) {
        (p.executive, p.parameters) = (true, true);
    }

    // --- people

    function fundAccount(address to, uint256 amount) internal {
        vm.prank(treasury);
        token.transfer(to, amount);
    }

    /// @dev With `amount` tokens that vote for themselves.
    function holder(address account, uint256 amount) internal {
        fundAccount(account, amount);
        vm.prank(account);
        token.delegate(account);
    }

    function stakeAs(address account, uint256 amount) internal {
        vm.startPrank(account);
        token.approve(address(vault), amount);
        vault.stake(amount);
        vm.stopPrank();
    }

    // --- votes

    struct Act {
        address[] targets;
        uint256[] values;
        bytes[] calldatas;
        string description;
        uint256 id;
    }

    function act(address target, bytes memory data, string memory description) internal view returns (Act memory a) {
        a.targets = new address[](1);
        a.values = new uint256[](1);
        a.calldatas = new bytes[](1);
        (a.targets[0], a.calldatas[0], a.description) = (target, data, description);
        a.id = governor.hashProposal(a.targets, a.values, a.calldatas, keccak256(bytes(description)));
    }

    /// @dev Proposed, and open for votes.
    function proposed(address by, Act memory a) internal returns (uint256) {
        vm.warp(block.timestamp + 1);
        vm.prank(by);
        governor.propose(a.targets, a.values, a.calldatas, a.description);
        vm.warp(block.timestamp + VOTING_DELAY + 1);
        return a.id;
    }

    function vote(address by, uint256 id, uint8 support) internal {
        vm.prank(by);
        governor.castVote(id, support);
    }

    function queueAndExecute(Act memory a) internal {
        bytes32 description = keccak256(bytes(a.description));
        vm.warp(governor.proposalDeadline(a.id) + 1);
        governor.queue(a.targets, a.values, a.calldatas, description);
        vm.warp(block.timestamp + TIMELOCK_DELAY);
        governor.execute(a.targets, a.values, a.calldatas, description);
    }

    /// @dev A whole vote, by `by`, which must have enough votes alone.
    function passed(address by, Act memory a) internal {
        vote(by, proposed(by, a), 1);
        queueAndExecute(a);
    }
}
