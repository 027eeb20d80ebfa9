// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Committee} from "../../src/governance/Committee.sol";
import {EcosystemFund} from "../../src/governance/EcosystemFund.sol";
import {GovernanceGenesis} from "../../src/governance/GovernanceGenesis.sol";
import {IEcosystemFund} from "../../src/interfaces/IEcosystemFund.sol";
import {IGovernanceGenesis} from "../../src/interfaces/IGovernanceGenesis.sol";
import {SCOPE_JOBS, SCOPE_REWARDS} from "../../src/interfaces/IGuard.sol";
import {ROLES, ROLE_PARAMETERS, ROLE_PAUSE, ROLE_TREASURY, Stage} from "../../src/interfaces/IStages.sol";
import {Governance, Tunable} from "../support/Governance.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

/// @dev For each profile: every role of every account, which restricted function each can call, and what the stages change.
contract GovernanceGenesisTest is Governance {
    uint64 internal constant ADMIN = 0;
    uint256 internal constant MANY = 100_000e18;

    /// @dev Everybody that could hold a role, and some who must not.
    function everybody() internal view returns (address[] memory all) {
        all = new address[](14);
        (all[0], all[1], all[2]) = (executive, operations, security);
        (all[3], all[4], all[5]) = (address(timelock), address(stages), address(genesis));
        (all[6], all[7], all[8]) = (address(this), address(governor), address(manager));
        (all[9], all[10], all[11]) = (alice, stranger, treasury);
        (all[12], all[13]) = (address(guard), address(fund));
    }

    /// @param holders By role, from ADMIN: zero for nobody.
    function assertRoles(address[8] memory holders) internal view {
        address[] memory all = everybody();
        for (uint64 role; role <= ROLES; ++role) {
            for (uint256 i; i < all.length; ++i) {
                (bool member,) = manager.hasRole(role, all[i]);
                bool expected = all[i] != address(0) && all[i] == holders[role];
                assertEq(member, expected, string.concat(vm.toString(role), " ", vm.toString(all[i])));
            }
        }
    }

    /// @dev Nobody but `by` can call `data` on `target`, neither now nor by scheduling it.
    function assertOnly(address by, address target, bytes4 selector) internal view {
        address[] memory all = everybody();
        for (uint256 i; i < all.length; ++i) {
            (bool immediate, uint32 delay) = manager.canCall(all[i], target, selector);
            bool can = immediate || delay > 0;
            assertEq(can, by != address(0) && all[i] == by, string.concat("can call: ", vm.toString(all[i])));
        }
    }

    function assertNobody(address target, bytes4 selector) internal view {
        assertOnly(address(0), target, selector);
    }

    function advanceToDao() internal {
        holder(alice, 2 * MANY);
        stakeAs(alice, MANY);
        vm.warp(GENESIS_TIME + 90 days);
        stages.advance();
        for (uint256 i; i < 2; ++i) {
            vote(alice, proposed(alice, act(address(tunable), "", vm.toString(i))), 1);
        }
        vm.warp(GENESIS_TIME + 180 days);
        stages.advance();
    }

    function test_cai() public {
        found(cai());
        address t = address(timelock);
        // Nobody can do anything but wait for the DAO.
        assertRoles(
            [address(stages), address(0), address(0), address(0), address(0), address(0), address(0), address(0)]
        );
        assertNobody(address(fund), EcosystemFund.spend.selector);
        // What no role was given for is ADMIN's: `stages` has it, and no function that could use it.
        assertOnly(address(stages), address(guard), guard.pause.selector);
        advanceToDao();
        assertRoles([address(0), t, address(0), t, address(0), t, t, t]);
        assertOnly(t, address(fund), EcosystemFund.spend.selector);
        // The DAO owns the fund and nothing else: nothing else has a role that it holds, and nobody is ADMIN any more.
        assertNobody(address(guard), guard.pause.selector);
        assertNobody(address(governor), governor.resetVote.selector);
        assertNobody(address(tunable), Tunable.tune.selector);
        assertNobody(address(incentives), EcosystemFund.spend.selector);
    }

    function test_cx() public {
        found(cx());
        address t = address(timelock);
        assertRoles([address(stages), executive, security, executive, security, address(0), address(0), address(0)]);
        assertOnly(executive, address(tunable), Tunable.tune.selector);
        assertOnly(security, address(guard), guard.pause.selector);
        assertOnly(executive, address(guard), guard.lift.selector);
        assertOnly(security, address(governor), governor.resetVote.selector);
        assertNobody(address(fund), EcosystemFund.spend.selector);
        advanceToDao();
        assertRoles([t, t, security, t, security, t, t, t]);
        assertOnly(t, address(tunable), Tunable.tune.selector);
        assertOnly(security, address(guard), guard.pause.selector);
        assertOnly(t, address(guard), guard.lift.selector);
        assertOnly(t, address(fund), EcosystemFund.spend.selector);
        assertEq(guard.scopes(), 7);
    }

    function test_cxt() public {
        found(cxt());
        address t = address(timelock);
        assertRoles([address(stages), executive, security, executive, security, address(0), operations, address(0)]);
        assertOnly(operations, address(incentives), EcosystemFund.spend.selector);
        assertNobody(address(fund), EcosystemFund.spend.selector);
        advanceToDao();
        assertRoles([t, t, security, t, security, t, t, t]);
        assertOnly(t, address(incentives), EcosystemFund.spend.selector);
        // Rewards cannot be frozen in this network by anybody.
        assertEq(guard.scopes(), 3);
        vm.expectRevert();
        vm.prank(security);
        guard.pause(SCOPE_REWARDS, 1);
    }

    function test_aic() public {
        found(aic());
        address t = address(timelock);
        assertRoles([t, t, address(0), t, address(0), t, t, t]);
        assertOnly(t, address(tunable), Tunable.tune.selector);
        assertOnly(t, address(tunable), Tunable.upgradeToAndCall.selector);
        assertOnly(t, address(fund), EcosystemFund.spend.selector);
    }

    function test_coai() public {
        found(coai());
        assertRoles([address(0), executive, address(0), executive, address(0), address(0), address(0), address(0)]);
        assertOnly(executive, address(tunable), Tunable.tune.selector);
        assertNobody(address(fund), EcosystemFund.spend.selector);
        assertNobody(address(guard), guard.pause.selector);
        assertNobody(address(tunable), Tunable.upgradeToAndCall.selector);
    }

    // --- what the roles do, end to end

    function test_theExecutiveTunesAfterItsDelay() public {
        found(cx());
        bytes memory data = abi.encodeCall(Tunable.tune, (9));
        vm.startPrank(executive);
        vm.expectRevert();
        tunable.tune(9);
        manager.schedule(address(tunable), data, 0);
        vm.warp(block.timestamp + EXECUTIVE_DELAY);
        tunable.tune(9);
        assertEq(tunable.value(), 9);
    }

    /// @dev The executive of a real network: three members, who schedule and later execute through the manager.
    function test_aCommitteeTunesAndTheVoteSeatsItAnew() public {
        address[] memory members = new address[](3);
        (members[0], members[1], members[2]) = (alice, bob, carol);
        found(cx());
        executive = vm.deployCode(artifact("Committee"), abi.encode(address(timelock), members, 2, 7 days));
        vm.prank(address(stages));
        manager.grantRole(ROLE_PARAMETERS, executive, EXECUTIVE_DELAY);
        bytes memory data = abi.encodeCall(Tunable.tune, (9));
        agree(address(manager), abi.encodeCall(manager.schedule, (address(tunable), data, 0)));
        vm.warp(block.timestamp + EXECUTIVE_DELAY);
        agree(address(tunable), data);
        assertEq(tunable.value(), 9);

        members[2] = stranger;
        vm.prank(address(timelock));
        Committee(payable(executive)).seat(members, 3);
        assertTrue(Committee(payable(executive)).isMember(stranger));
    }

    function agree(address target, bytes memory data) internal {
        Committee committee = Committee(payable(executive));
        vm.prank(alice);
        uint256 id = committee.propose(target, 0, data);
        vm.startPrank(bob);
        committee.confirm(id);
        committee.execute(id);
        vm.stopPrank();
    }

    function test_theVoteSpendsFromTheFundInTheEnd() public {
        found(cx());
        advanceToDao();
        fundAccount(address(fund), 1000e18);
        passed(alice, act(address(fund), abi.encodeCall(EcosystemFund.spend, (bob, 50e18, "grant")), "grant"));
        assertEq(token.balanceOf(bob), 50e18);
        Act memory more = act(address(fund), abi.encodeCall(EcosystemFund.spend, (bob, 900e18, "all")), "too much");
        vote(alice, proposed(alice, more), 1);
        vm.warp(governor.proposalDeadline(more.id) + 1);
        bytes32 description = keccak256("too much");
        governor.queue(more.targets, more.values, more.calldatas, description);
        vm.warp(block.timestamp + TIMELOCK_DELAY);
        uint256 left = fund.spendable();
        vm.expectRevert(abi.encodeWithSelector(IEcosystemFund.CapExceeded.selector, fund.period(), left, 900e18));
        governor.execute(more.targets, more.values, more.calldatas, description);
    }

    function test_theVoteLiftsAPauseInTheEnd() public {
        found(cx());
        advanceToDao();
        vm.prank(security);
        guard.pause(SCOPE_JOBS, MAX_PAUSE);
        vm.prank(address(timelock));
        guard.lift(SCOPE_JOBS);
        assertFalse(guard.paused(SCOPE_JOBS));
    }

    function test_theTimelockHasNoAdminButItself() public {
        found(cx());
        bytes32 admin = timelock.DEFAULT_ADMIN_ROLE();
        address[] memory all = everybody();
        for (uint256 i; i < all.length; ++i) {
            assertEq(timelock.hasRole(admin, all[i]), all[i] == address(timelock));
            assertEq(timelock.hasRole(timelock.PROPOSER_ROLE(), all[i]), all[i] == address(governor));
            assertEq(timelock.hasRole(timelock.CANCELLER_ROLE(), all[i]), all[i] == address(governor));
        }
    }

    function test_nobodyCanChangeWhoMayWhat() public {
        found(cx());
        address[] memory all = everybody();
        for (uint256 i; i < all.length; ++i) {
            if (all[i] == address(stages)) continue;
            vm.startPrank(all[i]);
            vm.expectRevert();
            manager.grantRole(ROLE_TREASURY, all[i], 0);
            vm.expectRevert();
            manager.setTargetClosed(address(fund), true);
            vm.expectRevert();
            manager.updateAuthority(address(fund), address(tunable));
            vm.stopPrank();
        }
    }

    function test_theManagerSaysWhatRolesMay() public {
        found(cai());
        assertEq(manager.getRoleAdmin(ROLE_PAUSE), ADMIN);
        assertEq(manager.getTargetFunctionRole(address(fund), EcosystemFund.spend.selector), ROLE_TREASURY);
    }

    // --- what a wrong deployment runs into

    function genesisParams() internal view returns (IGovernanceGenesis.Params memory p) {
        p.seats = seatsOf(cx());
        p.stages = address(stages);
        p.governor = address(governor);
        p.executiveDelay = EXECUTIVE_DELAY;
    }

    function construct(IGovernanceGenesis.Params memory p) internal {
        new GovernanceGenesis(p, new IGovernanceGenesis.Permission[](0));
    }

    function expectMiswired(string memory part) internal {
        vm.expectRevert(abi.encodeWithSelector(IGovernanceGenesis.Miswired.selector, part));
    }

    function expectInvalid(string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(IGovernanceGenesis.InvalidParams.selector, what));
    }

    /// @dev Says to everybody that the next manager made by this test is theirs.
    function mockManagerOf() internal {
        address next = vm.computeCreateAddress(vm.computeCreateAddress(address(this), vm.getNonce(address(this))), 1);
        vm.mockCall(address(stages), abi.encodeCall(stages.manager, ()), abi.encode(next));
        vm.mockCall(address(governor), abi.encodeWithSelector(IAccessManaged.authority.selector), abi.encode(next));
        vm.mockCall(address(fund), abi.encodeWithSelector(IAccessManaged.authority.selector), abi.encode(next));
    }

    function test_partsMustNameEachOther() public {
        found(cx());
        IGovernanceGenesis.Params memory p = genesisParams();
        expectMiswired("manager of stages");
        construct(p);

        p.stages = address(0);
        expectMiswired("authority of governor");
        construct(p);

        mockManagerOf();
        expectMiswired("stages of governor");
        construct(p);

        p = genesisParams();
        mockManagerOf();
        p.executiveDelay += 1;
        expectMiswired("executiveDelay of stages");
        construct(p);

        p = genesisParams();
        mockManagerOf();
        p.seats.security = stranger;
        expectMiswired("seats of stages");
        construct(p);

        p = genesisParams();
        mockManagerOf();
        p.governor = stranger;
        expectMiswired("governor of stages");
        construct(p);

        p = genesisParams();
        mockManagerOf();
        vm.mockCall(
            address(timelock),
            abi.encodeCall(timelock.hasRole, (timelock.PROPOSER_ROLE(), address(governor))),
            abi.encode(false)
        );
        expectMiswired("proposer of timelock");
        construct(p);
    }

    function test_theTimelockMustBeTheGovernors() public {
        found(aic());
        IGovernanceGenesis.Params memory p = genesisParams();
        (p.stage, p.stages) = (Stage.Dao, address(0));
        p.seats.timelock = stranger;
        mockManagerOfGovernor();
        expectMiswired("timelock of governor");
        construct(p);

        p.seats.timelock = address(timelock);
        mockManagerOfGovernor();
        vm.mockCall(
            address(timelock),
            abi.encodeCall(timelock.hasRole, (timelock.EXECUTOR_ROLE(), address(0))),
            abi.encode(false)
        );
        expectMiswired("executor of timelock");
        construct(p);
    }

    function mockManagerOfGovernor() internal {
        address next = vm.computeCreateAddress(vm.computeCreateAddress(address(this), vm.getNonce(address(this))), 1);
        vm.mockCall(address(governor), abi.encodeWithSelector(IAccessManaged.authority.selector), abi.encode(next));
    }

    function test_refusesBadParams() public {
        found(cx());
        IGovernanceGenesis.Params memory p;
        p.seats.timelock = stranger;
        expectInvalid("a timelock without a governor");
        construct(p);

        delete p;
        p.timelockIsAdmin = true;
        expectInvalid("no timelock that could be admin");
        construct(p);

        p = genesisParams();
        mockManagerOf();
        p.timelockIsAdmin = true;
        expectInvalid("the timelock is admin only in the last stage");
        construct(p);

        p = genesisParams();
        mockManagerOf();
        p.stage = Stage.Vote;
        expectInvalid("stages begin with committees");
        construct(p);
    }

    function test_refusesBadPermissions() public {
        found(cx());
        IGovernanceGenesis.Params memory p;
        IGovernanceGenesis.Permission[] memory bad = new IGovernanceGenesis.Permission[](1);
        bad[0] = permission(address(fund), 0, EcosystemFund.spend.selector);
        vm.expectRevert(abi.encodeWithSelector(IGovernanceGenesis.UnknownRole.selector, 0));
        new GovernanceGenesis(p, bad);
        bad[0].role = 8;
        vm.expectRevert(abi.encodeWithSelector(IGovernanceGenesis.UnknownRole.selector, 8));
        new GovernanceGenesis(p, bad);
        bad[0].role = 1;
        vm.expectRevert(abi.encodeWithSelector(IGovernanceGenesis.NotManaged.selector, fund));
        new GovernanceGenesis(p, bad);

        IGovernanceGenesis.Permission[] memory twice = new IGovernanceGenesis.Permission[](2);
        twice[0] = permission(address(fund), 1, EcosystemFund.spend.selector);
        twice[1] = permission(address(fund), 2, EcosystemFund.spend.selector);
        mockManagerOf();
        vm.expectRevert(
            abi.encodeWithSelector(IGovernanceGenesis.GivenTwice.selector, fund, EcosystemFund.spend.selector)
        );
        new GovernanceGenesis(p, twice);
    }
}
