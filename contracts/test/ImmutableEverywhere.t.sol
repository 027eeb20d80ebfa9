// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Committee} from "../src/governance/Committee.sol";
import {IMiningPool} from "../src/interfaces/IMiningPool.sol";
import {INFERENCE, Payout} from "../src/interfaces/Types.sol";
import {Unalterable} from "./support/Unalterable.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @dev Every function of every contract, from every role: whatever it does to jobs, leases, stake or votes, what is mined stays what it
/// was, and everybody can claim it.
abstract contract ImmutableEverywhereTests is Unalterable {
    uint256 private constant GAS = 3_000_000;

    struct Target {
        address where;
        string name;
    }

    /// @dev All contracts of the network that have state.
    function targets() internal view returns (Target[] memory all) {
        (address[] memory governing, string[] memory names) = government.parts();
        all = new Target[](15 + governing.length);
        all[0] = Target(address(token), "ComputeToken");
        all[1] = Target(address(registry), "NodeRegistry");
        all[2] = Target(address(vault), "StakeVault");
        all[3] = Target(address(delegation), "Delegation");
        all[4] = Target(address(escrow), "JobEscrow");
        all[5] = Target(address(credentials), "Credentials");
        all[6] = Target(address(insurance), "InsurancePool");
        all[7] = Target(address(splitter), "FeeSplitter");
        all[8] = Target(address(arbiter), "VoteArbiter");
        all[9] = Target(address(game), "DisputeGame");
        all[10] = Target(address(settlement), "Settlement");
        all[11] = Target(address(market), "Market");
        all[12] = Target(address(burner), "FeeBurner");
        all[13] = Target(address(pool), "MiningPool");
        all[14] = Target(address(weights), "Weights");
        for (uint256 i; i < governing.length; ++i) {
            all[15 + i] = Target(governing[i], names[i]);
        }
    }

    /// @dev Selectors of the functions that may change something, as the compiler lists them.
    function changing(string memory name) internal view returns (bytes4[] memory selectors) {
        // What tests compile for themselves as well has two artifacts.
        string memory path = string.concat("out/", name, ".sol/", name, ".default.json");
        string memory json = vm.readFile(vm.exists(path) ? path : artifact(name));
        string[] memory known = vm.parseJsonKeys(json, ".methodIdentifiers");
        string memory filter = "@.type=='function' && @.stateMutability!='view' && @.stateMutability!='pure'";
        bytes memory found = vm.parseJson(json, string.concat("$.abi[?(", filter, ")].name"));
        if (found.length == 0) return selectors;
        // One string is not a list of strings: its letters are where the list has an offset.
        bool isOne;
        assembly ("memory-safe") {
            isOne := gt(mload(add(found, 0x60)), 0xffffffff)
        }
        string[] memory names = new string[](1);
        if (isOne) names[0] = abi.decode(found, (string));
        else names = abi.decode(found, (string[]));
        selectors = new bytes4[](known.length);
        uint256 count;
        for (uint256 i; i < known.length; ++i) {
            for (uint256 k; k < names.length; ++k) {
                if (vm.indexOf(known[i], string.concat(names[k], "(")) != 0) continue;
                selectors[count++] = bytes4(keccak256(bytes(known[i])));
                break;
            }
        }
        assembly ("memory-safe") {
            mstore(selectors, count)
        }
    }

    /// @dev Words that arguments of any type could be: people and contracts, amounts, numbers, offsets.
    function soup(uint256 seed) internal view returns (bytes memory data) {
        for (uint256 i; i < 12; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 word = uint160(roles[(seed >> 8) % roles.length]);
            if (seed % 8 == 0) word = 0;
            if (seed % 8 == 1) word = 1;
            if (seed % 8 == 2) word = (seed >> 8) % 1e20;
            if (seed % 8 == 3) word = 32 * (1 + (seed >> 8) % 8);
            if (seed % 16 == 4) word = type(uint256).max;
            if (seed % 16 == 12) word = (seed >> 8) % 8;
            data = abi.encodePacked(data, word);
        }
    }

    /// @dev What anybody was or is owed for what is mined.
    function mined() internal view returns (uint256 sum) {
        sum = pool.paid() + pool.claimable(a) + pool.claimable(b) + pool.claimable(c) + pool.claimableIncentive();
    }

    /// @dev After the calls: the schedule stands, nothing is lost, and everybody is paid.
    function checkUnmoved(bytes32 before, uint256 owed, string memory what) internal {
        assertEq(keccak256(abi.encode(schedule())), before, string.concat("the schedule moved by ", what));
        assertEq(mined(), owed, string.concat("mined tokens moved by ", what));
        assertGe(token.balanceOf(address(pool)) + pool.paid(), pool.pooled(), what);
        address[3] memory nodes = [a, b, c];
        for (uint256 i; i < 3; ++i) {
            uint256 due = pool.claimable(nodes[i]);
            uint256 paid = pool.paid();
            if (due == 0) continue;
            pool.claim(nodes[i]);
            assertEq(pool.paid() - paid, due, string.concat("a claim was stopped by ", what));
        }
        if (pool.claimableIncentive() > 0) pool.claimIncentive();
    }

    function testFuzz_everyFunctionOfEveryContractFromEveryRole(uint256 seed) public {
        begin();
        Target[] memory all = targets();
        uint256 functions;
        for (uint256 t; t < all.length; ++t) {
            functions += this.everyFunction(all[t], seed);
        }
        assertGt(functions, 100, "all of them");
    }

    /// @dev A call of its own, whose memory is freed.
    function everyFunction(Target calldata target, uint256 seed) external returns (uint256) {
        bytes32 before = keccak256(abi.encode(schedule()));
        uint256 owed = mined();
        bytes4[] memory selectors = changing(target.name);
        for (uint256 i; i < selectors.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            for (uint256 r; r < roles.length; ++r) {
                // The pool's tokens are the pool's; of its code, only a claim moves them.
                if (roles[r] == address(pool) && target.where == address(token)) continue;
                bytes memory data = abi.encodePacked(selectors[i], soup(seed ^ uint256(bytes32(selectors[i])) ^ r));
                vm.prank(roles[r]);
                // A precompile that is taken for a token uses up what it gets.
                (bool ok,) = target.where.call{gas: GAS}(data);
                ok;
            }
            checkUnmoved(before, owed, string.concat(target.name, " ", vm.toString(abi.encodePacked(selectors[i]))));
            vm.revertToState(snapshot);
        }
        return selectors.length;
    }

    /// @dev What somebody who has a right over something would try, in the words of the manager.
    function test_theManagerHasNoHoldOverWhatIsMined() public {
        begin();
        bytes32 before = keccak256(abi.encode(schedule()));
        uint256 owed = mined();
        (address[] memory governing,) = government.parts();
        address manager = governing[4];
        bytes memory tune = abi.encodeCall(weights.tuneKind, (INFERENCE, 5000));
        bytes4[] memory selector = new bytes4[](1);
        selector[0] = weights.tuneKind.selector;
        address w = address(weights);
        bytes[7] memory calls;
        calls[0] = abi.encodeCall(AccessManager.execute, (w, tune));
        calls[1] = abi.encodeCall(AccessManager.schedule, (w, tune, 0));
        calls[2] = abi.encodeCall(AccessManager.setTargetFunctionRole, (w, selector, type(uint64).max));
        calls[3] = abi.encodeCall(AccessManager.setTargetClosed, (address(pool), true));
        calls[4] = abi.encodeCall(AccessManager.updateAuthority, (w, stranger));
        calls[5] = abi.encodeCall(AccessManager.execute, (address(pool), abi.encodeCall(IMiningPool.sync, ())));
        calls[6] = abi.encodeCall(AccessManager.execute, (w, abi.encodeCall(weights.setAuthority, (stranger))));
        for (uint256 i; i < calls.length; ++i) {
            for (uint256 r; r < roles.length; ++r) {
                vm.prank(roles[r]);
                (bool ok,) = manager.call(calls[i]);
                assertFalse(ok && (i == 0 || i == 4 || i == 6), "the manager reached what is mined");
            }
        }
        checkUnmoved(before, owed, "the manager");
    }

    // --- committees that decide

    /// @dev Two of three members agree on a call.
    function decided(uint256 which, address target, bytes memory data) internal returns (bool ok) {
        Committee committee = government.committee(which);
        (address first, address second) = (government.memberOf(which, 0), government.memberOf(which, 1));
        vm.prank(first);
        uint256 id = committee.propose(target, 0, data);
        vm.prank(second);
        committee.confirm(id);
        vm.prank(second);
        (ok,) = address(committee).call(abi.encodeCall(committee.execute, (id)));
    }

    function testFuzz_noCommitteeReachesWhatIsMined(uint256 seed) public {
        begin();
        bytes32 before = keccak256(abi.encode(schedule()));
        uint256 owed = mined();
        string[2] memory names = ["MiningPool", "Weights"];
        address[2] memory both = [address(pool), address(weights)];
        for (uint256 which; which < 3; ++which) {
            for (uint256 t; t < 2; ++t) {
                bytes4[] memory selectors = changing(names[t]);
                for (uint256 i; i < selectors.length; ++i) {
                    decided(which, both[t], abi.encodePacked(selectors[i], soup(seed ^ i)));
                }
            }
            assertFalse(decided(which, address(weights), abi.encodeCall(weights.tuneKind, (INFERENCE, 5000))));
            assertFalse(decided(which, address(weights), abi.encodeCall(weights.setAuthority, (stranger))));
            bytes memory record = abi.encodeCall(IMiningPool.record, (INFERENCE, only(a, 100), 0));
            assertFalse(decided(which, address(pool), record));
        }
        checkUnmoved(before, owed, "a committee");
    }
}

/// forge-config: default.fuzz.runs = 2
contract ImmutableEverywhereCxtTest is ImmutableEverywhereTests {
    function hasCommittees() internal pure override returns (bool) {
        return true;
    }

    /// @dev Committees do govern: the executive tunes the market's fee, after its delay. So the calls above are real ones.
    function test_theExecutiveTunesTheMarket() public {
        (address[] memory governing,) = government.parts();
        bytes memory tune = abi.encodeCall(market.setFeeBps, (100));
        assertFalse(decided(0, address(market), tune), "not at once");
        assertFalse(decided(1, governing[4], abi.encodeCall(AccessManager.schedule, (address(market), tune, 0))));
        assertTrue(decided(0, governing[4], abi.encodeCall(AccessManager.schedule, (address(market), tune, 0))));
        vm.warp(block.timestamp + government.executiveDelay());
        assertTrue(decided(0, governing[4], abi.encodeCall(AccessManager.execute, (address(market), tune))));
        assertEq(market.feeBps(), 100);
    }
}

/// forge-config: default.fuzz.runs = 2
contract ImmutableEverywhereCaiTest is ImmutableEverywhereTests {
    function hasCommittees() internal pure override returns (bool) {
        return false;
    }

    /// @dev Nobody tunes or pauses anything here, mined or not.
    function test_thereIsNothingToTune() public {
        for (uint256 i; i < roles.length; ++i) {
            vm.startPrank(roles[i]);
            (bool tuned,) = address(market).call(abi.encodeCall(market.setFeeBps, (100)));
            (bool alsoTuned,) = address(escrow).call(abi.encodeCall(escrow.setFeeBps, (FEE_BPS)));
            vm.stopPrank();
            assertFalse(tuned || alsoTuned);
        }
        assertEq(address(market.guard()), address(0));
        assertEq(address(escrow.guard()), address(0));
    }
}
