// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Committee} from "../../src/governance/Committee.sol";
import {ICommittee} from "../../src/interfaces/ICommittee.sol";
import {Test} from "forge-std/Test.sol";

/// @dev Records what is called on it.
contract Target {
    uint256 public value;
    address public by;

    error Refused(uint256 value);

    function set(uint256 value_) external payable returns (uint256) {
        require(value_ != 13, Refused(value_));
        (value, by) = (value_, msg.sender);
        return value_ + 1;
    }

    receive() external payable {}
}

contract CommitteeTest is Test {
    uint64 internal constant LIFE = 7 days;

    Committee internal committee;
    Target internal target;
    address internal controller = makeAddr("controller");
    address internal stranger = makeAddr("stranger");
    address[] internal seats;

    function setUp() public {
        vm.warp(1_800_000_000);
        for (uint256 i; i < 5; ++i) {
            seats.push(makeAddr(string.concat("member ", vm.toString(i))));
        }
        committee = deployed(controller, 3);
        target = new Target();
    }

    function deployed(address by, uint256 threshold) internal returns (Committee) {
        return
            Committee(
                payable(vm.deployCode("out/Committee.sol/Committee.json", abi.encode(by, seats, threshold, LIFE)))
            );
    }

    function setting(uint256 value) internal pure returns (bytes memory) {
        return abi.encodeCall(Target.set, (value));
    }

    function propose(bytes memory data) internal returns (uint256) {
        vm.prank(seats[0]);
        return committee.propose(address(target), 0, data);
    }

    function confirm(uint256 id, uint256 member) internal {
        vm.prank(seats[member]);
        committee.confirm(id);
    }

    function execute(uint256 id) internal returns (bytes memory) {
        vm.prank(seats[0]);
        return committee.execute(id);
    }

    function agreed(bytes memory data) internal returns (uint256 id) {
        id = propose(data);
        confirm(id, 1);
        confirm(id, 2);
    }

    function expect(bytes4 reason, uint256 id) internal {
        vm.expectRevert(abi.encodeWithSelector(reason, id));
    }

    function test_genesis() public view {
        assertEq(committee.members(), seats);
        assertEq(committee.threshold(), 3);
        assertEq(committee.composition(), 1);
        assertEq(committee.controller(), controller);
        assertEq(committee.proposalSeconds(), LIFE);
        assertTrue(committee.isMember(seats[4]));
        assertFalse(committee.isMember(stranger));
    }

    function test_actsWhenEnoughAgree() public {
        uint256 id = agreed(setting(7));
        assertEq(committee.proposalOf(id).confirmations, 3);
        assertTrue(committee.hasConfirmed(id, seats[2]));
        vm.expectEmit(address(committee));
        emit ICommittee.Executed(id, seats[0], abi.encode(8));
        assertEq(execute(id), abi.encode(8));
        assertEq(target.value(), 7);
        assertEq(target.by(), address(committee));
        assertTrue(committee.proposalOf(id).executed);
    }

    function test_proposingConfirms() public {
        vm.expectEmit(address(committee));
        emit ICommittee.Proposed(0, seats[0], address(target), 0, setting(1), uint64(block.timestamp) + LIFE);
        vm.expectEmit(address(committee));
        emit ICommittee.Confirmed(0, seats[0]);
        uint256 id = propose(setting(1));
        assertEq(committee.proposalOf(id).confirmations, 1);
        assertEq(committee.proposalCount(), 1);
    }

    function test_fewerCannot() public {
        uint256 id = propose(setting(1));
        confirm(id, 1);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.NotEnoughConfirmations.selector, id, 2, 3));
        execute(id);
    }

    function test_aConfirmationCountsOnce() public {
        uint256 id = propose(setting(1));
        vm.expectRevert(abi.encodeWithSelector(ICommittee.AlreadyConfirmed.selector, id, seats[0]));
        confirm(id, 0);
    }

    function test_aConfirmationCanBeTakenBack() public {
        uint256 id = agreed(setting(1));
        vm.expectEmit(address(committee));
        emit ICommittee.Revoked(id, seats[1]);
        vm.prank(seats[1]);
        committee.revoke(id);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.NotEnoughConfirmations.selector, id, 2, 3));
        execute(id);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.NotConfirmed.selector, id, seats[1]));
        vm.prank(seats[1]);
        committee.revoke(id);
        confirm(id, 1);
        execute(id);
    }

    function test_onlyMembers() public {
        uint256 id = agreed(setting(1));
        bytes memory reason = abi.encodeWithSelector(ICommittee.NotMember.selector, stranger);
        vm.startPrank(stranger);
        vm.expectRevert(reason);
        committee.propose(address(target), 0, "");
        vm.expectRevert(reason);
        committee.confirm(id);
        vm.expectRevert(reason);
        committee.revoke(id);
        vm.expectRevert(reason);
        committee.execute(id);
    }

    function test_proposalsExpire() public {
        uint256 id = agreed(setting(1));
        vm.warp(block.timestamp + LIFE);
        uint256 snapshot = vm.snapshotState();
        execute(id);
        vm.revertToState(snapshot);
        vm.warp(block.timestamp + 1);
        bytes memory reason =
            abi.encodeWithSelector(ICommittee.ProposalExpired.selector, id, committee.proposalOf(id).expiresAt);
        vm.expectRevert(reason);
        execute(id);
        vm.expectRevert(reason);
        confirm(id, 3);
    }

    function test_executesOnce() public {
        uint256 id = agreed(setting(1));
        execute(id);
        expect(ICommittee.AlreadyExecuted.selector, id);
        execute(id);
        expect(ICommittee.AlreadyExecuted.selector, id);
        confirm(id, 3);
    }

    function test_unknownProposals() public {
        expect(ICommittee.UnknownProposal.selector, 9);
        confirm(9, 0);
    }

    function test_errorsOfTheCallComeThrough() public {
        uint256 id = agreed(setting(13));
        vm.expectRevert(abi.encodeWithSelector(Target.Refused.selector, 13));
        execute(id);
        assertFalse(committee.proposalOf(id).executed);
    }

    function test_callsCarryValue() public {
        vm.deal(address(committee), 3 ether);
        vm.prank(seats[0]);
        uint256 id = committee.propose(address(target), 2 ether, setting(4));
        confirm(id, 1);
        confirm(id, 2);
        execute(id);
        assertEq(address(target).balance, 2 ether);
        vm.prank(seats[0]);
        id = committee.propose(stranger, 1 ether, "");
        confirm(id, 1);
        confirm(id, 2);
        execute(id);
        assertEq(stranger.balance, 1 ether);
    }

    function test_dataForAnAccountWithoutCodeIsAMistake() public {
        vm.prank(seats[0]);
        uint256 id = committee.propose(stranger, 0, setting(4));
        confirm(id, 1);
        confirm(id, 2);
        vm.expectRevert();
        execute(id);
    }

    function test_theControllerSeatsAnew() public {
        address[] memory fresh = new address[](2);
        (fresh[0], fresh[1]) = (stranger, seats[0]);
        uint256 id = agreed(setting(1));
        vm.expectEmit(address(committee));
        emit ICommittee.Seated(2, fresh, 2);
        vm.prank(controller);
        committee.seat(fresh, 2);
        assertEq(committee.members(), fresh);
        // What the former members agreed on is nothing to the new ones.
        vm.expectRevert(abi.encodeWithSelector(ICommittee.ProposalOfFormerComposition.selector, id, 1));
        execute(id);
        vm.expectRevert(abi.encodeWithSelector(ICommittee.NotMember.selector, seats[1]));
        confirm(id, 1);
    }

    function test_onlyTheControllerSeats() public {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.NotController.selector, seats[0]));
        vm.prank(seats[0]);
        committee.seat(seats, 1);
    }

    function test_withoutAControllerItSeatsItself() public {
        committee = deployed(address(0), 3);
        assertEq(committee.controller(), address(committee));
        address[] memory fresh = new address[](1);
        fresh[0] = stranger;
        vm.prank(seats[0]);
        uint256 id = committee.propose(address(committee), 0, abi.encodeCall(Committee.seat, (fresh, 1)));
        confirm(id, 1);
        confirm(id, 2);
        execute(id);
        assertEq(committee.members(), fresh);
        assertEq(committee.threshold(), 1);
    }

    function test_refusesImpossibleCompositions() public {
        expectInvalid("threshold must be positive");
        seat(seats, 0);
        expectInvalid("threshold exceeds members");
        seat(seats, 6);
        expectInvalid("more than 32 members");
        seat(new address[](33), 1);
        address[] memory bad = seats;
        bad[4] = bad[3];
        expectInvalid("member named twice");
        seat(bad, 1);
        bad[4] = address(0);
        expectInvalid("no such member");
        seat(bad, 1);
        bad[4] = address(committee);
        expectInvalid("no such member");
        seat(bad, 1);
        expectInvalid("proposalSeconds must be positive");
        new Committee(controller, seats, 1, 0);
    }

    function seat(address[] memory fresh, uint256 threshold) internal {
        vm.prank(controller);
        committee.seat(fresh, threshold);
    }

    function expectInvalid(string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(ICommittee.InvalidParams.selector, what));
    }

    /// @dev Whatever members do, a call needs as many different members as the threshold.
    function testFuzz_noCallWithoutTheThreshold(uint8[24] memory moves) public {
        uint256 id = propose(setting(7));
        uint256 yes = 1;
        bool[5] memory said;
        said[0] = true;
        for (uint256 i; i < moves.length; ++i) {
            uint256 member = moves[i] % 5;
            vm.prank(seats[member]);
            if (moves[i] < 128) {
                try committee.confirm(id) {
                    assertFalse(said[member]);
                    (said[member], yes) = (true, yes + 1);
                } catch {
                    assertTrue(said[member]);
                }
            } else {
                try committee.revoke(id) {
                    assertTrue(said[member]);
                    (said[member], yes) = (false, yes - 1);
                } catch {
                    assertFalse(said[member]);
                }
            }
        }
        vm.prank(seats[3]);
        try committee.execute(id) {
            assertGe(yes, 3);
        } catch {
            assertLt(yes, 3);
        }
    }
}
