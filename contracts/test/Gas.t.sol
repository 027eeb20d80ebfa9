// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Leaf, Payout} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";
import {Rounds} from "./support/Rounds.sol";

/// @dev What the life of a round costs, kept in snapshots/. Every measured call starts with cold storage, as a transaction
/// does; the fixed cost of a transaction and its data is not included.
contract GasTest is Network {
    bytes32 internal job;
    Leaf[] internal leaves;

    function setUp() public override {
        super.setUp();
        address[3] memory nodes = [provider("a"), provider("b"), provider("c")];
        job = openJob();
        for (uint256 i; i < 40; ++i) {
            leaves.push(leafOf(i, nodes[i % 3], 10));
        }
    }

    function measureRound(uint64 round, string memory which) internal {
        Payout[] memory payouts = Rounds.payouts(leaves);
        bytes32 root = Rounds.root(leaves);
        cool();
        vm.prank(coordinator);
        settlement.commitRound(job, round, root, 40, payouts);
        vm.snapshotGasLastCall("round of 3 nodes", string.concat("commit, ", which));
        vm.roll(block.number + 1);
        cool();
        settlement.drawBeacon(job, round);
        vm.snapshotGasLastCall("round of 3 nodes", string.concat("beacon, ", which));
        passWindow();
        cool();
        vm.prank(coordinator);
        settlement.settleRound(job, round, payouts, new Payout[](0));
        vm.snapshotGasLastCall("round of 3 nodes", string.concat("settle, ", which));
    }

    function test_round() public {
        measureRound(0, "first");
        measureRound(1, "later");
    }

    function test_dispute() public {
        address v1 = verifier("v1", VERIFIER_STAKE);
        address v2 = verifier("v2", VERIFIER_STAKE);
        uint64 round = committedAndDrawn(job, leaves);
        bytes memory signature = signed(job, leaves[7]);
        bytes32[] memory proof = Rounds.proof(leaves, 7);
        cool();
        vm.prank(v1);
        settlement.challenge(job, round, leaves[7], proof, signature);
        vm.snapshotGasLastCall("dispute", "challenge");
        cool();
        vm.prank(v2);
        arbiter.vote(1, "right");
        vm.snapshotGasLastCall("dispute", "vote that convicts");
    }

    function test_claim() public {
        measureRound(0, "first");
        vm.warp(block.timestamp + EPOCH);
        cool();
        pool.claim(leaves[0].node);
        vm.snapshotGasLastCall("mining", "claim");
        cool();
        pool.sync();
        vm.warp(block.timestamp + EPOCH);
        cool();
        pool.sync();
        vm.snapshotGasLastCall("mining", "close an epoch");
    }

    function test_roundsOfOneAndOf16() public {
        measureRoundOf(1);
        measureRoundOf(16);
    }

    /// @dev With one audit for each eight nodes. The second round is what goes on for ever.
    function measureRoundOf(uint256 nodes) internal {
        string memory group = string.concat("round of ", vm.toString(nodes), nodes == 1 ? " node" : " nodes");
        Leaf[] memory many = new Leaf[](nodes);
        for (uint256 i; i < nodes; ++i) {
            many[i] = leafOf(i, provider(string.concat(group, vm.toString(i))), 10);
        }
        Leaf[] memory again = new Leaf[]((nodes + 7) / 8);
        for (uint256 i; i < again.length; ++i) {
            again[i] = leafOf(i, verifier(string.concat(group, "v", vm.toString(i)), VERIFIER_STAKE), 10);
        }
        Payout[] memory audits = Rounds.payouts(again);
        for (uint256 r; r < 2; ++r) {
            uint64 round = committedAndDrawn(job, many);
            passWindow();
            cool();
            settle(job, round, many, audits);
            vm.snapshotGasLastCall(group, string.concat("settle with audits, ", r == 0 ? "first" : "later"));
        }
    }

    function test_delegation() public {
        address node = leaves[0].node;
        vm.prank(ownerOf("a"));
        delegation.setAccepting(node, true);
        vm.startPrank(treasury);
        token.approve(address(delegation), type(uint256).max);
        cool();
        delegation.delegate(node, 100e18);
        vm.snapshotGasLastCall("delegation", "delegate, first");
        cool();
        delegation.delegate(node, 100e18);
        vm.snapshotGasLastCall("delegation", "delegate, later");
        cool();
        delegation.undelegate(node, 50e18);
        vm.snapshotGasLastCall("delegation", "undelegate");
        vm.stopPrank();
        vm.startPrank(address(settlement));
        cool();
        vault.slash(node, 5000, leaves[1].node, stranger);
        vm.snapshotGasLastCall("delegation", "slash that reaches delegators");
        vm.stopPrank();
        vm.warp(block.timestamp + UNBONDING);
        cool();
        delegation.withdraw(node, treasury);
        vm.snapshotGasLastCall("delegation", "withdraw");
    }
}
