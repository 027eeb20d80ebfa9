// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {JobEscrow} from "../../src/JobEscrow.sol";
import {MiningPool} from "../../src/MiningPool.sol";
import {NodeRegistry} from "../../src/NodeRegistry.sol";
import {Settlement} from "../../src/Settlement.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {VoteArbiter} from "../../src/VoteArbiter.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMiningPool} from "../../src/interfaces/IMiningPool.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {Leaf, MODEL_POT, PROVIDER, VERIFIER} from "../../src/interfaces/Types.sol";
import {Rounds} from "./Rounds.sol";
import {Test} from "forge-std/Test.sol";

/// @dev The whole network, deployed as the README says, with a few people in it. Nothing is mocked.
abstract contract Network is Test {
    uint256 internal constant SUPPLY = 200_000_000e18;
    uint256 internal constant POOLED = 150_000_000e18;
    uint128 internal constant PROVIDER_STAKE = 100e18;
    uint128 internal constant VERIFIER_STAKE = 500e18;
    uint64 internal constant UNBONDING = 1 days;
    uint16 internal constant BURN_BPS = 4000;
    uint16 internal constant FINDER_BPS = 3500;
    uint128 internal constant MIN_PRICE = 1e12;
    uint16 internal constant FEE_BPS = 500;
    uint64 internal constant EPOCH = 1 hours;
    uint64 internal constant EPOCHS_PER_ERA = 100;
    uint128 internal constant REWARD_CAP = 1e18;
    uint16 internal constant POC_BPS = 2500;
    uint16 internal constant POT_BPS = 7500;
    uint16 internal constant COMMITTEE = 5;
    uint64 internal constant VOTE_SECONDS = 10 minutes;
    uint64 internal constant CLOCK = 1 hours;
    uint64 internal constant EXTENSION = 1 minutes;
    uint128 internal constant MOVE_BOND = 1e18;
    uint64 internal constant CHALLENGE_SECONDS = 15 minutes;
    uint128 internal constant BOND = 50e18;
    uint16 internal constant SLASH_BPS = 5000;

    uint128 internal constant PRICE = 1e15;
    uint256 internal constant BUDGET = 1000e18;

    ComputeToken internal token;
    NodeRegistry internal registry;
    StakeVault internal vault;
    JobEscrow internal escrow;
    MiningPool internal pool;
    VoteArbiter internal arbiter;
    IDisputeGame internal game;
    Settlement internal settlement;

    /// @dev Holds the rest of the supply at genesis.
    address internal treasury = makeAddr("treasury");
    address internal requester = makeAddr("requester");
    address internal coordinator = makeAddr("coordinator");
    address internal stranger = makeAddr("stranger");
    mapping(address node => uint256) internal keyOf;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        vm.roll(1000);
        deploy();
        fund(requester, 1_000_000e18);
    }

    /// @dev From the artifacts that api/ is made of, because `new` would deploy what the tests' own settings compile to.
    function artifact(string memory name) internal pure returns (string memory) {
        return string.concat("out/", name, ".sol/", name, ".json");
    }

    function deploy() internal {
        uint256 nonce = vm.getNonce(address(this));
        address poolAt = vm.computeCreateAddress(address(this), nonce + 4);
        address settlementAt = vm.computeCreateAddress(address(this), nonce + 13);
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](2);
        grants[0] = IComputeToken.Grant(poolAt, POOLED);
        grants[1] = IComputeToken.Grant(treasury, SUPPLY - POOLED);
        token = ComputeToken(vm.deployCode(artifact("ComputeToken"), abi.encode("cXToken", "cX", SUPPLY, grants)));
        registry = NodeRegistry(vm.deployCode(artifact("NodeRegistry"), abi.encode(settlementAt)));
        vault =
            StakeVault(vm.deployCode(artifact("StakeVault"), abi.encode(token, registry, settlementAt, vaultParams())));
        escrow =
            JobEscrow(vm.deployCode(artifact("JobEscrow"), abi.encode(token, registry, settlementAt, escrowParams())));
        pool =
            MiningPool(vm.deployCode(artifact("MiningPool"), abi.encode(token, registry, settlementAt, poolParams())));
        arbiter = VoteArbiter(vm.deployCode(artifact("VoteArbiter"), abi.encode(vault, settlementAt, arbiterParams())));
        game = IDisputeGame(deployGame(settlementAt));
        settlement = Settlement(
            vm.deployCode(
                artifact("Settlement"), abi.encode(registry, vault, escrow, pool, arbiter, game, settlementParams())
            )
        );
        assertEq(address(pool), poolAt);
        assertEq(address(settlement), settlementAt);
    }

    /// @dev The game and the contracts without state that execute its last move.
    function deployGame(address settlementAt) internal returns (address) {
        address transcendental = vm.deployCode(artifact("Transcendental"));
        address arithmetic = vm.deployCode(artifact("Arithmetic"), abi.encode(transcendental));
        address blake3 = vm.deployCode(artifact("Blake3"));
        address blobTree = vm.deployCode(artifact("BlobTree"));
        address referee = vm.deployCode(artifact("Referee"), abi.encode(arithmetic));
        address evidence = vm.deployCode(artifact("Evidence"), abi.encode(referee, blake3));
        return vm.deployCode(
            artifact("DisputeGame"), abi.encode(settlementAt, referee, blake3, blobTree, evidence, gameParams())
        );
    }

    function gameParams() internal pure returns (IDisputeGame.Params memory) {
        return IDisputeGame.Params(CLOCK, EXTENSION, MOVE_BOND);
    }

    function vaultParams() internal pure returns (IStakeVault.Params memory) {
        return IStakeVault.Params(PROVIDER_STAKE, VERIFIER_STAKE, UNBONDING, BURN_BPS, FINDER_BPS);
    }

    function escrowParams() internal pure returns (IJobEscrow.Params memory) {
        return IJobEscrow.Params(MIN_PRICE, FEE_BPS);
    }

    function poolParams() internal pure returns (IMiningPool.Params memory) {
        return IMiningPool.Params(EPOCH, EPOCHS_PER_ERA, REWARD_CAP, [POC_BPS, POT_BPS]);
    }

    function arbiterParams() internal pure returns (IVoteArbiter.Params memory) {
        return IVoteArbiter.Params(COMMITTEE, VOTE_SECONDS);
    }

    function settlementParams() internal pure returns (ISettlement.Params memory) {
        return ISettlement.Params(CHALLENGE_SECONDS, BOND, SLASH_BPS);
    }

    function fund(address to, uint256 amount) internal {
        vm.prank(treasury);
        require(token.transfer(to, amount));
    }

    // --- nodes

    function ownerOf(string memory name) internal returns (address) {
        return makeAddr(string.concat(name, "'s owner"));
    }

    function profile(uint8 roles) internal pure returns (INodeRegistry.Profile memory) {
        return INodeRegistry.Profile(keccak256("endpoint"), keccak256("hardware"), 100, roles);
    }

    function registered(string memory name, uint8 roles) internal returns (address node) {
        uint256 key;
        (node, key) = makeAddrAndKey(name);
        keyOf[node] = key;
        address owner = ownerOf(name);
        vm.prank(node);
        registry.register(owner, profile(roles));
    }

    function stakeFor(address node, uint256 amount) internal {
        vm.startPrank(treasury);
        token.approve(address(vault), amount);
        vault.stake(node, amount);
        vm.stopPrank();
    }

    function provider(string memory name) internal returns (address node) {
        node = registered(name, PROVIDER);
        stakeFor(node, PROVIDER_STAKE);
    }

    function verifier(string memory name, uint256 stake) internal returns (address node) {
        node = registered(name, VERIFIER);
        stakeFor(node, stake);
    }

    // --- jobs and rounds

    function terms() internal view returns (IJobEscrow.Terms memory) {
        return IJobEscrow.Terms(keccak256("spec"), coordinator, PRICE, uint64(block.timestamp + 30 days), MODEL_POT, 0);
    }

    /// @dev Terms of a job whose disputes the game decides.
    function exactTerms(bytes32 programs) internal view returns (IJobEscrow.Terms memory t) {
        t = terms();
        t.programs = programs;
    }

    function openJob() internal returns (bytes32 job) {
        return openJob(terms(), BUDGET);
    }

    function openJob(IJobEscrow.Terms memory t, uint256 budget) internal returns (bytes32 job) {
        vm.startPrank(requester);
        token.approve(address(escrow), budget);
        job = escrow.open(t, budget);
        vm.stopPrank();
    }

    /// @dev A leaf of the task number `task`, with the outputs that are right for it.
    function leafOf(uint256 task, address node, uint64 units) internal pure returns (Leaf memory) {
        return Leaf(keccak256(abi.encode("task", task)), keccak256(abi.encode("outputs", task)), node, units);
    }

    function one(Leaf memory a) internal pure returns (Leaf[] memory leaves) {
        leaves = new Leaf[](1);
        leaves[0] = a;
    }

    function two(Leaf memory a, Leaf memory b) internal pure returns (Leaf[] memory leaves) {
        leaves = new Leaf[](2);
        (leaves[0], leaves[1]) = (a, b);
    }

    function commit(bytes32 job, Leaf[] memory leaves) internal returns (uint64 round) {
        round = settlement.roundCount(job);
        vm.prank(coordinator);
        settlement.commitRound(job, round, Rounds.root(leaves), uint32(leaves.length), Rounds.payouts(leaves));
    }

    function draw(bytes32 job, uint64 round) internal {
        vm.roll(block.number + 1);
        settlement.drawBeacon(job, round);
    }

    function committedAndDrawn(bytes32 job, Leaf[] memory leaves) internal returns (uint64 round) {
        round = commit(job, leaves);
        draw(job, round);
    }

    function passWindow() internal {
        vm.warp(block.timestamp + CHALLENGE_SECONDS + 1);
    }

    function settle(bytes32 job, uint64 round, Leaf[] memory leaves) internal {
        settlement.settleRound(job, round, Rounds.payouts(leaves));
    }

    function signed(bytes32 job, Leaf memory leaf) internal view returns (bytes memory) {
        return signedBy(keyOf[leaf.node], settlement.receiptDigest(job, leaf));
    }

    function signedBy(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function challenge(address challenger, bytes32 job, uint64 round, Leaf[] memory leaves, uint256 index)
        internal
        returns (uint256 dispute)
    {
        bytes memory signature = signed(job, leaves[index]);
        bytes32[] memory proof = Rounds.proof(leaves, index);
        vm.prank(challenger);
        return settlement.challenge(job, round, leaves[index], proof, signature);
    }

    function vote(address node, uint256 dispute, bytes32 outputsHash) internal {
        vm.prank(node);
        arbiter.vote(dispute, outputsHash);
    }

    function entry(uint64 round, Leaf[] memory leaves, uint256 index) internal pure returns (ISettlement.Entry memory) {
        return ISettlement.Entry(round, leaves[index], Rounds.proof(leaves, index));
    }

    // --- expected amounts

    /// @dev What reaches the owner of a node for `units`.
    function net(uint256 units) internal pure returns (uint256) {
        return units * PRICE - units * PRICE * FEE_BPS / 10_000;
    }

    function expectNotSettlement(address caller) internal {
        vm.expectRevert(abi.encodeWithSignature("NotSettlement(address)", caller));
        vm.prank(caller);
    }
}
