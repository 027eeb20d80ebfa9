// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Settlement} from "../src/Settlement.sol";
import {Work} from "../src/Work.sol";
import {IBlake3} from "../src/interfaces/IBlake3.sol";
import {Leaf, Payout} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {VmSafe} from "forge-std/Vm.sol";

/// @dev The golden vectors that Rust writes: what a node signs and a coordinator commits is what the contracts check.
contract VectorsTest is Network {
    string internal constant FOLDER = "../vectors/work";
    /// @dev The file being read.
    string internal json;
    IBlake3 internal blake3;

    function setUp() public override {
        super.setUp();
        blake3 = IBlake3(vm.deployCode(artifact("Blake3")));
    }

    /// @dev One test, so that it can see that every file in the folder was read and every file it knows is there.
    function test_everyFile() public {
        VmSafe.DirEntry[] memory entries = vm.readDir(FOLDER);
        assertEq(entries.length, 8, "files in vectors/work");
        for (uint256 i; i < entries.length; ++i) {
            string memory path = entries[i].path;
            json = vm.readFile(path);
            uint256 count = vm.parseJsonUint(json, ".count");
            assertGt(count, 0, path);
            assertFalse(vm.keyExistsJson(json, item(count, "")), "more cases than counted");
            readFile(name(path), count);
        }
    }

    function readFile(string memory file, uint256 count) internal {
        function(uint256) internal check;
        if (same(file, "task.json")) check = checkTask;
        else if (same(file, "receipt.json")) check = checkReceipt;
        else if (same(file, "verdict.json")) check = checkVerdict;
        else if (same(file, "mandate.json")) check = checkMandate;
        else if (same(file, "round.json")) check = checkRound;
        else if (same(file, "beacon.json")) check = checkBeacon;
        else if (same(file, "chunk.json")) check = checkChunk;
        else if (same(file, "programs.json")) check = checkPrograms;
        else revert(string.concat("nothing here reads ", file));
        for (uint256 i; i < count; ++i) {
            check(i);
        }
    }

    function checkTask(uint256 i) internal {
        assertEq(Work.TASK_TYPEHASH, vm.parseJsonBytes32(json, ".typeHash"));
        string memory func = vm.parseJsonString(json, item(i, ".func"));
        assertEq(Work.taskId(word(i, ".program"), func, words(i, ".inputs")), word(i, ".id"), "task id");
    }

    function checkReceipt(uint256 i) internal {
        Leaf memory leaf =
            Leaf(word(i, ".task"), word(i, ".outputsHash"), account(i, ".node"), uint64(number(i, ".units")));
        bytes32 job = word(i, ".job");
        assertEq(Work.outputsHash(words(i, ".outputs")), leaf.outputsHash, "outputs hash");
        assertEq(Work.receiptHash(job, leaf), word(i, ".structHash"), "receipt hash");

        // The real Settlement, put at the address and chain that the receipt was signed for.
        Settlement there = Settlement(account(i, ".settlement"));
        vm.etch(address(there), address(settlement).code);
        vm.chainId(number(i, ".chainId"));
        bytes32 digest = there.receiptDigest(job, leaf);
        assertEq(digest, word(i, ".digest"), "receipt digest");
        assertSigner(i, digest, leaf.node);
    }

    function checkVerdict(uint256 i) internal {
        bytes32 typeHash = keccak256("Verdict(bytes32 job,uint64 round,bytes32 task,bytes32 outputsHash)");
        bytes32 verdict = keccak256(
            abi.encode(typeHash, word(i, ".job"), number(i, ".round"), word(i, ".task"), word(i, ".outputsHash"))
        );
        checkStatement(i, verdict, account(i, ".verifier"));
    }

    function checkMandate(uint256 i) internal {
        bytes32 typeHash = keccak256("Mandate(bytes32 job,bytes32 endpoint)");
        bytes32 mandate = keccak256(abi.encode(typeHash, word(i, ".job"), word(i, ".endpoint")));
        checkStatement(i, mandate, account(i, ".coordinator"));
    }

    /// @dev A statement that no contract reads, but that a wallet could sign.
    function checkStatement(uint256 i, bytes32 structHash, address signer) internal {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("corex"),
                keccak256("1"),
                number(i, ".chainId"),
                account(i, ".settlement")
            )
        );
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, structHash);
        assertEq(digest, word(i, ".digest"), "digest");
        assertSigner(i, digest, signer);
    }

    function checkRound(uint256 i) internal {
        bytes32[] memory tasks = words(i, ".tasks");
        bytes32[] memory outputs = words(i, ".outputsHashes");
        address[] memory nodes = vm.parseJsonAddressArray(json, item(i, ".nodes"));
        uint256[] memory units = vm.parseJsonUintArray(json, item(i, ".units"));
        bytes32[] memory hashes = words(i, ".leafHashes");
        assertEq(tasks.length, number(i, ".leafCount"));
        for (uint256 leaf; leaf < tasks.length; ++leaf) {
            bytes32 hash = Work.leafHash(Leaf(tasks[leaf], outputs[leaf], nodes[leaf], uint64(units[leaf])));
            assertEq(hash, hashes[leaf], "leaf hash");
            bytes32[] memory proof = words(i, string.concat(".proofs[", vm.toString(leaf), "]"));
            assertTrue(MerkleProof.verify(proof, word(i, ".root"), hash), "proof");
            assertTrue(leaf == 0 || tasks[leaf - 1] < tasks[leaf], "ascending by task");
        }
        checkPayouts(i);
    }

    function checkPayouts(uint256 i) internal {
        assertEq(Work.payoutsHash(new Payout[](0)), vm.parseJsonBytes32(json, ".emptyPayoutsHash"));
        address[] memory nodes = vm.parseJsonAddressArray(json, item(i, ".payoutNodes"));
        uint256[] memory units = vm.parseJsonUintArray(json, item(i, ".payoutUnits"));
        uint256[] memory tasks = vm.parseJsonUintArray(json, item(i, ".payoutTasks"));
        Payout[] memory payouts = new Payout[](number(i, ".payoutCount"));
        for (uint256 p; p < payouts.length; ++p) {
            payouts[p] = Payout(nodes[p], uint64(units[p]), uint32(tasks[p]));
        }
        assertEq(Work.payoutsHash(payouts), word(i, ".payoutsHash"), "payouts hash");
    }

    function checkBeacon(uint256 i) internal {
        bytes32 beacon =
            Work.beacon(word(i, ".commitBlockHash"), word(i, ".root"), word(i, ".job"), uint64(number(i, ".round")));
        assertEq(beacon, word(i, ".beacon"), "beacon");
    }

    function checkChunk(uint256 i) internal view {
        uint256 length = number(i, ".length");
        uint256 index = number(i, ".index");
        uint256 first = 1024 * index;
        bytes memory chunk = new bytes(length - first < 1024 ? length - first : 1024);
        for (uint256 b; b < chunk.length; ++b) {
            chunk[b] = bytes1(uint8((first + b) % 251));
        }
        assertEq(blake3.root(chunk, index, length, words(i, ".siblings")), word(i, ".root"), "blob id");
    }

    function checkPrograms(uint256 i) internal view {
        bytes32[] memory programs = words(i, ".programs");
        string[] memory funcs = vm.parseJsonStringArray(json, item(i, ".funcs"));
        bytes32[] memory lowered = words(i, ".lowered");
        bytes32[] memory hashes = words(i, ".leafHashes");
        assertEq(programs.length, number(i, ".programCount"));
        for (uint256 leaf; leaf < programs.length; ++leaf) {
            bytes32 hash = Work.programLeaf(programs[leaf], funcs[leaf], lowered[leaf]);
            assertEq(hash, hashes[leaf], "leaf hash");
            bytes32[] memory proof = words(i, string.concat(".proofs[", vm.toString(leaf), "]"));
            assertTrue(MerkleProof.verify(proof, word(i, ".root"), hash), "proof");
        }
    }

    function assertSigner(uint256 i, bytes32 digest, address expected) internal view {
        assertEq(ECDSA.recover(digest, vm.parseJsonBytes(json, item(i, ".signature"))), expected, "signer");
        assertEq(vm.addr(number(i, ".privateKey")), expected, "private key");
    }

    // --- reading

    function item(uint256 i, string memory field) internal pure returns (string memory) {
        return string.concat(".cases[", vm.toString(i), "]", field);
    }

    function word(uint256 i, string memory field) internal view returns (bytes32) {
        return vm.parseJsonBytes32(json, item(i, field));
    }

    function words(uint256 i, string memory field) internal view returns (bytes32[] memory) {
        return vm.parseJsonBytes32Array(json, item(i, field));
    }

    function number(uint256 i, string memory field) internal view returns (uint256) {
        return vm.parseJsonUint(json, item(i, field));
    }

    function account(uint256 i, string memory field) internal view returns (address) {
        return vm.parseJsonAddress(json, item(i, field));
    }

    function same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    /// @dev Last part of a path.
    function name(string memory path) internal pure returns (string memory) {
        string[] memory parts = vm.split(path, "/");
        return parts[parts.length - 1];
    }
}
