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

    function cool() internal {
        address[7] memory parts = [
            address(token),
            address(registry),
            address(vault),
            address(escrow),
            address(pool),
            address(arbiter),
            address(settlement)
        ];
        for (uint256 i; i < parts.length; ++i) {
            vm.cool(parts[i]);
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
        settlement.settleRound(job, round, payouts);
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
        uint64[] memory epochs = new uint64[](1);
        cool();
        pool.claim(leaves[0].node, epochs);
        vm.snapshotGasLastCall("mining", "claim of one epoch");
    }
}
