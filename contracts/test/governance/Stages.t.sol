// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Stages} from "../../src/governance/Stages.sol";
import {INetworkGovernor} from "../../src/interfaces/INetworkGovernor.sol";
import {IStages, ROLES, Seats, Stage} from "../../src/interfaces/IStages.sol";
import {IStakeVotes} from "../../src/interfaces/IVotingPower.sol";
import {StakeBook} from "../support/Books.sol";
import {Governance, Tunable} from "../support/Governance.sol";

contract StagesTest is Governance {
    uint256 internal constant MANY = 100_000e18;

    function setUp() public {
        found(cxt());
        holder(alice, 2 * MANY);
        stakeAs(alice, MANY);
        vm.warp(block.timestamp + 1);
    }

    function toVote() internal {
        vm.warp(stages.params().voteAfter);
        stages.advance();
    }

    function decide(uint256 count) internal {
        for (uint256 i; i < count; ++i) {
            vote(alice, proposed(alice, act(address(tunable), "", vm.toString(i))), 1);
        }
    }

    function toDao() internal {
        toVote();
        decide(2);
        vm.warp(stages.params().daoAfter);
        stages.advance();
    }

    function holds(uint64 role, address account) internal view returns (bool member) {
        (member,) = manager.hasRole(role, account);
    }

    function test_genesis() public view {
        assertEq(uint8(stages.stage()), uint8(Stage.Committees));
        assertEq(stages.manager(), address(manager));
        assertEq(stages.governor(), address(governor));
        assertEq(stages.seats().security, security);
        assertTrue(holds(0, address(stages)));
    }

    function test_votesBeginWhenTheirConditionHolds() public {
        uint48 voteAfter = stages.params().voteAfter;
        vm.warp(voteAfter - 1);
        vm.expectRevert(abi.encodeWithSelector(IStages.TooEarly.selector, Stage.Vote, voteAfter));
        stages.advance();
        vm.warp(voteAfter);
        vm.prank(stranger);
        vm.expectEmit(address(stages));
        emit IStages.Advanced(Stage.Vote);
        stages.advance();
        assertEq(uint8(stages.stage()), uint8(Stage.Vote));
    }

    function test_votesNeedStake() public {
        vm.prank(alice);
        vault.withdraw(MANY);
        vm.warp(stages.params().voteAfter);
        vm.expectRevert(abi.encodeWithSelector(IStages.TooLittleStake.selector, 0, stages.params().voteMinStake));
        stages.advance();
    }

    function test_everyStakeSourceCounts() public {
        IStakeVotes[] memory sources = new IStakeVotes[](2);
        (sources[0], sources[1]) = (vault, new StakeBook(token));
        vm.mockCall(address(power), abi.encodeCall(power.stakeSources, ()), abi.encode(sources));
        vm.warp(stages.params().voteAfter);
        stages.advance();
        assertEq(uint8(stages.stage()), uint8(Stage.Vote));
    }

    function test_nobodyProposesBefore() public {
        Act memory a = act(address(tunable), abi.encodeCall(Tunable.tune, (1)), "early");
        vm.expectRevert(INetworkGovernor.VoteNotOpenYet.selector);
        vm.prank(alice);
        governor.propose(a.targets, a.values, a.calldatas, a.description);
    }

    function test_theDaoNeedsTimeAndParticipation() public {
        toVote();
        uint48 daoAfter = stages.params().daoAfter;
        vm.expectRevert(abi.encodeWithSelector(IStages.TooEarly.selector, Stage.Dao, daoAfter));
        stages.advance();
        vm.warp(daoAfter);
        decide(1);
        vm.expectRevert(abi.encodeWithSelector(IStages.TooFewDecisiveProposals.selector, 1, 2));
        stages.advance();
    }

    function test_theLastStageIsTheLast() public {
        toDao();
        vm.expectRevert(IStages.LastStage.selector);
        stages.advance();
    }

    function test_rolesMoveAsTheTableSays() public {
        assertRoles(Stage.Committees);
        toVote();
        assertRoles(Stage.Vote);
        assertTrue(holds(0, address(stages)));
        decide(2);
        vm.warp(stages.params().daoAfter);
        stages.advance();
        assertRoles(Stage.Dao);
        assertFalse(holds(0, address(stages)));
        assertTrue(holds(0, address(timelock)));
    }

    function assertRoles(Stage stage) internal view {
        address[8] memory all = [
            executive, operations, security, address(timelock), address(stages), address(genesis), alice, address(this)
        ];
        for (uint64 role = 1; role <= ROLES; ++role) {
            address expected = stages.holderOf(role, stage);
            for (uint256 i; i < all.length; ++i) {
                assertEq(holds(role, all[i]), all[i] == expected, vm.toString(role));
            }
        }
    }

    function construct(Seats memory seats, IStages.Params memory params) internal {
        new Stages(address(manager), power, governor, seats, params);
    }

    function test_refusesBadParams() public {
        Seats memory s = stages.seats();
        s.timelock = address(0);
        IStages.Params memory p = stages.params();
        expectInvalid("stages lead to votes, which need a timelock");
        construct(s, p);
        s = stages.seats();
        p.daoAfter = p.voteAfter - 1;
        expectInvalid("daoAfter is before voteAfter");
        construct(s, p);
        p = stages.params();
        p.daoMinProposals = 0;
        expectInvalid("daoMinProposals must be positive");
        construct(s, p);
    }

    function expectInvalid(string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(IStages.InvalidParams.selector, what));
    }
}
