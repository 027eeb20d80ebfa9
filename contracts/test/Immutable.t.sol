// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IMiningPool} from "../src/interfaces/IMiningPool.sol";
import {INFERENCE, Payout, TRAINING} from "../src/interfaces/Types.sol";
import {Unalterable} from "./support/Unalterable.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

/// @dev Nobody can stop, redirect or tune what is mined. Every function of the pool and of the weights is tried from every role;
/// `ImmutableEverywhere.t.sol` tries those of all other contracts.
abstract contract ImmutableTests is Unalterable {
    /// @dev The zero address is nobody: no transaction and no contract calls from it.
    function test_thereIsNoAuthorityAndNoGuard() public view {
        assertEq(weights.authority(), address(0));
        assertEq(address(pool.guard()), address(0));
        address expected = hasCommittees() ? government.managerAt() : address(0);
        assertEq(escrow.authority(), expected, "though the network may be governed");
        assertEq(market.authority(), expected);
        expected = hasCommittees() ? government.guardAt() : address(0);
        assertEq(address(escrow.guard()), expected);
        assertEq(address(market.guard()), expected);
        assertGt(government.guardAt().code.length, 0);
    }

    /// @dev The lists are those of the compiler, so that no function is forgotten.
    function test_theListsAreComplete() public view {
        assertComplete("MiningPool", mutating(), reading());
        string[] memory changing = new string[](2);
        (changing[0], changing[1]) = ("tuneKind(uint8,uint16)", "setAuthority(address)");
        string[] memory views = new string[](9);
        views[0] = "authority()";
        views[1] = "isConsumingScheduledOp()";
        views[2] = "kindBps(uint8)";
        views[3] = "minKindBps()";
        views[4] = "registry()";
        views[5] = "tierBps(uint8)";
        views[6] = "vault()";
        views[7] = "weigh(uint8,(address,uint64,uint32)[])";
        views[8] = "weightOf(uint8,address)";
        assertComplete("Weights", changing, views);
    }

    function assertComplete(string memory name, string[] memory changing, string[] memory views) internal view {
        string memory json = vm.readFile(artifact(name));
        string[] memory known = vm.parseJsonKeys(json, ".methodIdentifiers");
        assertEq(known.length, changing.length + views.length, name);
        for (uint256 i; i < known.length; ++i) {
            assertTrue(contains(changing, known[i]) || contains(views, known[i]), known[i]);
        }
    }

    function contains(string[] memory list, string memory wanted) internal pure returns (bool) {
        for (uint256 i; i < list.length; ++i) {
            if (keccak256(bytes(list[i])) == keccak256(bytes(wanted))) return true;
        }
        return false;
    }

    function mutating() internal pure returns (string[] memory list) {
        list = new string[](5);
        list[0] = "record(uint8,(address,uint64,uint32)[],uint256)";
        list[1] = "claim(address)";
        list[2] = "claimIncentive()";
        list[3] = "sync()";
        list[4] = "checkpoint(address,uint256,uint256)";
    }

    function reading() internal pure returns (string[] memory list) {
        list = new string[](36);
        list[0] = "accountOf(address)";
        list[1] = "accrued()";
        list[2] = "claimable(address)";
        list[3] = "claimableIncentive()";
        list[4] = "currentEpoch()";
        list[5] = "delegation()";
        list[6] = "emission()";
        list[7] = "epochSeconds()";
        list[8] = "epochsPerEra()";
        list[9] = "eraBudget()";
        list[10] = "fees(uint8)";
        list[11] = "guard()";
        list[12] = "incentiveBps()";
        list[13] = "incentiveFund()";
        list[14] = "maxPocBps()";
        list[15] = "maxValidateBps()";
        list[16] = "minPocBps()";
        list[17] = "minValidateBps()";
        list[18] = "openEpoch()";
        list[19] = "openEra()";
        list[20] = "paid()";
        list[21] = "pocBps()";
        list[22] = "pooled()";
        list[23] = "rateOf(uint64,uint8)";
        list[24] = "registry()";
        list[25] = "rewardCapPerUnit()";
        list[26] = "settlement()";
        list[27] = "shares()";
        list[28] = "start()";
        list[29] = "stepBps()";
        list[30] = "targetVerifierStake()";
        list[31] = "token()";
        list[32] = "validateBps()";
        list[33] = "vault()";
        list[34] = "weightedUnits(uint8)";
        list[35] = "weights()";
    }

    /// @dev What belongs to a node's owner and delegators, in the pool and out of it.
    function ownedBy(address node) internal view returns (uint256) {
        return pool.claimable(node) + token.balanceOf(registry.ownerOf(node)) + delegation.delegatedOf(node);
    }

    /// @dev One call; whether it succeeds does not matter, what it moves does.
    function tryCall(address role, address target, bytes memory data) internal {
        Schedule memory before = schedule();
        uint256 supply = token.totalSupply();
        address[3] memory nodes = [a, b, c];
        uint256[3] memory owned = [ownedBy(a), ownedBy(b), ownedBy(c)];
        uint256 incentive = pool.claimableIncentive() + token.balanceOf(incentiveFund);
        uint256 held = token.balanceOf(address(pool)) + pool.paid();

        vm.prank(role);
        (bool ok,) = target.call(data);
        ok;

        assertEq(keccak256(abi.encode(schedule())), keccak256(abi.encode(before)), "the schedule moved");
        for (uint256 i; i < 3; ++i) {
            assertEq(ownedBy(nodes[i]), owned[i], "someone's tokens moved other than to their owner");
        }
        assertEq(pool.claimableIncentive() + token.balanceOf(incentiveFund), incentive, "the incentive share moved");
        assertEq(token.balanceOf(address(pool)) + pool.paid(), held, "tokens left the pool other than by a claim");
        assertEq(token.totalSupply(), supply);
    }

    function fromEverybody(address target, bytes memory data) internal {
        for (uint256 i; i < roles.length; ++i) {
            tryCall(roles[i], target, data);
        }
    }

    function testFuzz_everyFunctionFromEveryRole(bytes memory junk, uint8 kind, uint64 units, uint256 fees) public {
        begin();
        Payout[] memory work = only(a, units);
        fromEverybody(address(pool), abi.encodeCall(IMiningPool.record, (kind, work, fees)));
        fromEverybody(address(weights), abi.encodeCall(weights.tuneKind, (kind, uint16(units))));
        fromEverybody(address(weights), abi.encodeCall(weights.tuneKind, (INFERENCE, 5000)));
        fromEverybody(address(weights), abi.encodeCall(weights.setAuthority, (address(this))));
        fromEverybody(address(pool), abi.encodeCall(IMiningPool.claim, (a)));
        fromEverybody(address(pool), abi.encodeCall(IMiningPool.claim, (c)));
        fromEverybody(address(pool), abi.encodeCall(IMiningPool.claimIncentive, ()));
        fromEverybody(address(pool), abi.encodeCall(IMiningPool.checkpoint, (a, 0, 1)));
        string[2] memory names = ["MiningPool", "Weights"];
        address[2] memory targets = [address(pool), address(weights)];
        for (uint256 t; t < 2; ++t) {
            string[] memory known = vm.parseJsonKeys(vm.readFile(artifact(names[t])), ".methodIdentifiers");
            for (uint256 i; i < known.length; ++i) {
                bytes memory data = abi.encodePacked(bytes4(keccak256(bytes(known[i]))), junk);
                fromEverybody(targets[t], data);
            }
        }
        fromEverybody(address(pool), junk);
    }

    /// @dev Neither function that moves something for others refuses anyone, or can be kept from a claimant.
    function test_everybodyMayClaimForEverybody() public {
        begin();
        uint256 snapshot = vm.snapshotState();
        for (uint256 i; i < roles.length; ++i) {
            uint256 due = pool.claimable(a);
            assertGt(due, 0);
            vm.prank(roles[i]);
            assertEq(pool.claim(a), due);
            assertGt(token.balanceOf(ownerOf("a")), due, "to its owner, who was paid for the work before");
            vm.revertToState(snapshot);
        }
    }

    function test_nobodyTunesWithoutAnAuthority() public {
        for (uint256 i; i < roles.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, roles[i]));
            vm.prank(roles[i]);
            weights.tuneKind(TRAINING, 9000);
        }
    }

    function test_noTokensAreAccepted() public {
        vm.deal(stranger, 1 ether);
        vm.prank(stranger);
        (bool ok,) = address(pool).call{value: 1}("");
        assertFalse(ok, "there is neither fallback nor receive");
    }
}

/// forge-config: default.fuzz.runs = 3
contract ImmutableCxtTest is ImmutableTests {
    function hasCommittees() internal pure override returns (bool) {
        return true;
    }
}

/// forge-config: default.fuzz.runs = 3
contract ImmutableCaiTest is ImmutableTests {
    function hasCommittees() internal pure override returns (bool) {
        return false;
    }
}
