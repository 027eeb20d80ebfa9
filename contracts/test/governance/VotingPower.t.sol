// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {VotingPower} from "../../src/governance/VotingPower.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {IContribution} from "../../src/interfaces/IContribution.sol";
import {IDelegations, IStakeVotes, IVotingPower} from "../../src/interfaces/IVotingPower.sol";
import {StakeBook} from "../support/Books.sol";
import {Governance} from "../support/Governance.sol";

contract VotingPowerTest is Governance {
    function setUp() public {
        vm.warp(GENESIS_TIME);
        deployPower();
    }

    function past() internal returns (uint256 timepoint) {
        timepoint = block.timestamp;
        vm.warp(timepoint + 1);
    }

    function only(address account) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }

    function test_clockIsTime() public view {
        assertEq(power.clock(), block.timestamp);
        assertEq(power.CLOCK_MODE(), "mode=timestamp");
        assertEq(power.excluded(), only(pool));
        assertEq(address(power.stakeSources()[0]), address(vault));
    }

    function test_countsTokensStakeAndContribution() public {
        holder(alice, 100e18);
        holder(bob, 1000e18);
        stakeAs(alice, 40e18);
        stakeAs(bob, 960e18);
        credentials.record(alice, 10);
        uint256 t = past();
        assertEq(token.getPastVotes(alice, t), 60e18);
        // A unit weighs one of the smallest unit of the token here.
        assertEq(power.getPastVotes(alice, t), 60e18 + 40e18 + 10);
        assertEq(power.getVotes(alice), 100e18 + 10);
        assertEq(power.getPastVotes(bob, t), 1000e18);
    }

    function test_contributionIsBoundedByStake() public {
        holder(alice, 900e18);
        stakeAs(alice, 900e18);
        credentials.record(bob, 3e30);
        credentials.record(carol, 1e30);
        uint256 t = past();
        uint256 limit = 900e18 * uint256(CONTRIBUTION_BPS) / (10_000 - CONTRIBUTION_BPS);
        assertEq(power.pastContributionVotes(t), limit);
        assertEq(power.getPastVotes(bob, t), limit * 3 / 4);
        assertEq(power.getPastVotes(carol, t), limit / 4);
        // A third of stake and contribution together.
        assertApproxEqRel(limit, (limit + 900e18) * CONTRIBUTION_BPS / 10_000, 1e14);
    }

    function test_everyStakeSourceCounts() public {
        (StakeBook low, StakeBook high) = (vault, new StakeBook(token));
        if (address(high) < address(low)) (low, high) = (high, low);
        IStakeVotes[] memory sources = new IStakeVotes[](2);
        (sources[0], sources[1]) = (low, high);
        IVotingPower.Params memory params = IVotingPower.Params(type(uint128).max, 5000);
        address[] memory nobody = new address[](0);
        bytes memory arguments = abi.encode(token, sources, credentials, nobody, params);
        power = VotingPower(vm.deployCode(artifact("VotingPower"), arguments));
        holder(alice, 100e18);
        vault = low;
        stakeAs(alice, 40e18);
        vault = high;
        stakeAs(alice, 50e18);
        credentials.record(bob, 1);
        uint256 t = past();
        assertEq(power.getPastVotes(alice, t), 100e18);
        assertEq(power.pastContributionVotes(t), 90e18, "bounded by all stake");
    }

    function test_withoutStakeContributionHasNoVotes() public {
        credentials.record(bob, 1e30);
        uint256 t = past();
        assertEq(power.getPastVotes(bob, t), 0);
        assertEq(power.pastContributionVotes(t), 0);
    }

    function test_stakeFollowsTheDelegate() public {
        holder(alice, 100e18);
        stakeAs(alice, 40e18);
        uint256 before = past();
        vm.prank(alice);
        token.delegate(bob);
        uint256 later = past();
        assertEq(power.delegates(alice), bob);
        assertEq(power.getPastVotes(alice, before), 100e18);
        // Alice's stake is Bob's to show from then on, and nobody else's.
        assertEq(power.getPastVotes(alice, later), 0);
        assertEq(power.getPastVotes(bob, later), 60e18);
        assertEq(power.getPastVotesFor(bob, later, only(alice)), 100e18);
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.NotRepresented.selector, alice, bob, before));
        power.getPastVotesFor(bob, before, only(alice));
    }

    function test_whoNamedNobodyRepresentsItself() public {
        fundAccount(alice, 100e18);
        stakeAs(alice, 40e18);
        uint256 t = past();
        assertEq(power.getPastVotes(alice, t), 40e18);
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.NotRepresented.selector, alice, bob, t));
        power.getPastVotesFor(bob, t, only(alice));
    }

    function test_nobodyIsShownTwice() public {
        holder(alice, 100e18);
        stakeAs(alice, 40e18);
        vm.prank(alice);
        token.delegate(bob);
        uint256 t = past();
        address[] memory twice = new address[](2);
        (twice[0], twice[1]) = (alice, alice);
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.NotAscending.selector, alice, alice));
        power.getPastVotesFor(bob, t, twice);
    }

    function test_nobodyShowsItself() public {
        holder(bob, 100e18);
        stakeAs(bob, 40e18);
        uint256 t = past();
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.NotRepresented.selector, bob, bob, t));
        power.getPastVotesFor(bob, t, only(bob));
    }

    function test_theSupplyIsWhatCanVote() public {
        uint256 before = past();
        // Before the first record: all there is.
        assertEq(power.getPastTotalSupply(before), SUPPLY);
        vm.expectEmit(address(power));
        emit IVotingPower.SupplyRecorded(SUPPLY - POOLED);
        power.recordSupply();
        uint256 t = past();
        assertEq(power.getPastTotalSupply(t), SUPPLY - POOLED);
        vm.prank(pool);
        token.transfer(alice, 5e18);
        power.recordSupply();
        uint256 later = past();
        assertEq(power.getPastTotalSupply(later), SUPPLY - POOLED + 5e18);
        assertEq(power.getPastTotalSupply(t), SUPPLY - POOLED);
    }

    function test_thePresentIsNotSettled() public {
        bytes memory reason =
            abi.encodeWithSelector(IVotingPower.FutureLookup.selector, block.timestamp, uint48(block.timestamp));
        vm.expectRevert(reason);
        power.getPastVotes(alice, block.timestamp);
        vm.expectRevert(reason);
        power.getPastTotalSupply(block.timestamp);
    }

    function test_delegationIsTheTokens() public {
        bytes memory reason = abi.encodeWithSelector(IVotingPower.DelegateInToken.selector, token);
        vm.expectRevert(reason);
        power.delegate(alice);
        vm.expectRevert(reason);
        power.delegateBySig(alice, 0, 0, 0, 0, 0);
    }

    function test_withoutContribution() public {
        power = new VotingPower(
            IDelegations(address(token)),
            new IStakeVotes[](0),
            IContribution(address(0)),
            new address[](0),
            IVotingPower.Params(1, 0)
        );
        holder(alice, 7);
        uint256 t = past();
        assertEq(power.getPastVotes(alice, t), 7);
        assertEq(power.pastContributionVotes(t), 0);
    }

    function construct(IDelegations token_, uint256 sources, address[] memory excluded, uint16 bps) internal {
        new VotingPower(token_, new IStakeVotes[](sources), credentials, excluded, IVotingPower.Params(1, bps));
    }

    function test_refusesBadParams() public {
        IDelegations t = IDelegations(address(token));
        expectInvalid("contributionBps must be below 10000");
        construct(t, 1, new address[](0), 10_000);
        expectInvalid("too many stake sources");
        construct(t, 5, new address[](0), 1);
        expectInvalid("too many excluded");
        construct(t, 1, new address[](17), 1);
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.NotAscending.selector, 0, 0));
        construct(t, 2, new address[](0), 1);
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.NotAscending.selector, 0, 0));
        construct(t, 1, new address[](2), 1);
    }

    function test_refusesToExcludeStake() public {
        IStakeVotes[] memory sources = new IStakeVotes[](1);
        sources[0] = vault;
        expectInvalid("a stake source is excluded");
        new VotingPower(
            IDelegations(address(token)), sources, credentials, only(address(vault)), IVotingPower.Params(1, 1)
        );
    }

    function test_refusesATokenThatCountsBlocks() public {
        ComputeToken blocks = new ComputeToken("t", "t", 0, new IComputeToken.Grant[](0));
        vm.mockCall(address(blocks), abi.encodeCall(blocks.clock, ()), abi.encode(uint48(block.number)));
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.ClockMismatch.selector, blocks));
        construct(IDelegations(address(blocks)), 1, new address[](0), 1);
    }

    function expectInvalid(string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(IVotingPower.InvalidParams.selector, what));
    }

    function testFuzz_contributionNeverExceedsItsShare(uint128 staked, uint128[3] memory units) public {
        staked = uint128(bound(staked, 0, SUPPLY - POOLED));
        fundAccount(alice, staked);
        stakeAs(alice, staked);
        address[3] memory people = [alice, bob, carol];
        for (uint256 i; i < 3; ++i) {
            credentials.record(people[i], units[i]);
        }
        uint256 t = past();
        uint256 sum;
        for (uint256 i; i < 3; ++i) {
            sum += power.getPastVotes(people[i], t);
        }
        uint256 contributed = sum - staked;
        assertLe(contributed, power.pastContributionVotes(t));
        assertLe(contributed * 10_000, uint256(CONTRIBUTION_BPS) * (staked + contributed));
    }
}
