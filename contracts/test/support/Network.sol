// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {Credentials} from "../../src/Credentials.sol";
import {Delegation} from "../../src/Delegation.sol";
import {FeeSplitter} from "../../src/FeeSplitter.sol";
import {InsurancePool} from "../../src/InsurancePool.sol";
import {JobEscrow} from "../../src/JobEscrow.sol";
import {MiningPool} from "../../src/MiningPool.sol";
import {NodeRegistry} from "../../src/NodeRegistry.sol";
import {Settlement} from "../../src/Settlement.sol";
import {StakeVault} from "../../src/StakeVault.sol";
import {VoteArbiter} from "../../src/VoteArbiter.sol";
import {Weights} from "../../src/Weights.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {ICredentials} from "../../src/interfaces/ICredentials.sol";
import {IDelegation} from "../../src/interfaces/IDelegation.sol";
import {IDisputeGame} from "../../src/interfaces/IDisputeGame.sol";
import {IFeeSplitter} from "../../src/interfaces/IFeeSplitter.sol";
import {IInsurancePool} from "../../src/interfaces/IInsurancePool.sol";
import {IJobEscrow} from "../../src/interfaces/IJobEscrow.sol";
import {IMiningPool} from "../../src/interfaces/IMiningPool.sol";
import {INodeRegistry} from "../../src/interfaces/INodeRegistry.sol";
import {ISettlement} from "../../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../../src/interfaces/IVoteArbiter.sol";
import {IWeights} from "../../src/interfaces/IWeights.sol";
import {Leaf, PROVIDER, Payout, TRAINING, VERIFIER} from "../../src/interfaces/Types.sol";
import {Rounds} from "./Rounds.sol";
import {Test} from "forge-std/Test.sol";

/// @dev The whole network, deployed as the README says, with a few people in it.
abstract contract Network is Test {
    uint256 internal constant SUPPLY = 200_000_000e18;
    uint256 internal constant POOLED = 150_000_000e18;
    uint128 internal constant PROVIDER_STAKE = 100e18;
    uint128 internal constant VERIFIER_STAKE = 500e18;
    uint64 internal constant UNBONDING = 1 days;
    uint16 internal constant BURN_BPS = 4000;
    uint16 internal constant FINDER_BPS = 3500;
    uint32 internal constant DELEGATION_CAP_BPS = 30_000;
    uint128 internal constant FULL_STAKE = 1000e18;
    uint64 internal constant FULL_LOCK = 30 days;
    uint16 internal constant MAX_COMMISSION_BPS = 5000;
    uint16 internal constant COMMISSION_STEP_BPS = 500;
    uint64 internal constant FAULT_UNITS = 100;
    uint16 internal constant MIN_KIND_BPS = 2000;
    uint128 internal constant BASE_FEE = 1e12;
    uint16 internal constant FEE_BPS = 500;
    uint64 internal constant EPOCH = 1 hours;
    uint64 internal constant EPOCHS_PER_ERA = 100;
    uint128 internal constant REWARD_CAP = 1e18;
    uint16 internal constant POC_BPS = 2500;
    uint16 internal constant MIN_POC_BPS = 1500;
    uint16 internal constant MAX_POC_BPS = 6000;
    uint16 internal constant STEP_BPS = 100;
    uint16 internal constant MIN_VALIDATE_BPS = 500;
    uint16 internal constant MAX_VALIDATE_BPS = 2000;
    uint128 internal constant TARGET_VERIFIER_STAKE = 100_000e18;
    uint16 internal constant INCENTIVE_BPS = 1000;
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
    Delegation internal delegation;
    Weights internal weights;
    Credentials internal credentials;
    InsurancePool internal insurance;
    FeeSplitter internal splitter;
    JobEscrow internal escrow;
    MiningPool internal pool;
    VoteArbiter internal arbiter;
    IDisputeGame internal game;
    Settlement internal settlement;

    /// @dev Holds the rest of the supply at genesis.
    address internal treasury = makeAddr("treasury");
    address internal incentiveFund = makeAddr("incentive fund");
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

    /// @dev Addresses that contracts are told before there is anything there.
    struct Predicted {
        address vault;
        address delegation;
        address escrow;
        address pool;
        address settlement;
    }

    function deploy() internal {
        uint256 nonce = vm.getNonce(address(this));
        Predicted memory to = Predicted({
            vault: vm.computeCreateAddress(address(this), nonce + 2),
            delegation: vm.computeCreateAddress(address(this), nonce + 3),
            escrow: vm.computeCreateAddress(address(this), nonce + 6),
            pool: vm.computeCreateAddress(address(this), nonce + 9),
            settlement: vm.computeCreateAddress(address(this), nonce + 18)
        });
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](2);
        grants[0] = IComputeToken.Grant(to.pool, POOLED);
        grants[1] = IComputeToken.Grant(treasury, SUPPLY - POOLED);
        token = ComputeToken(vm.deployCode(artifact("ComputeToken"), abi.encode("cXToken", "cX", SUPPLY, grants)));
        registry = NodeRegistry(
            vm.deployCode(artifact("NodeRegistry"), abi.encode(to.vault, to.settlement, registryParams()))
        );
        vault = StakeVault(
            vm.deployCode(
                artifact("StakeVault"), abi.encode(token, registry, to.delegation, sink(), to.settlement, vaultParams())
            )
        );
        delegation = Delegation(
            vm.deployCode(artifact("Delegation"), abi.encode(token, registry, vault, to.pool, delegationParams()))
        );
        deployMoney(to);
        weights = Weights(vm.deployCode(artifact("Weights"), abi.encode(registry, vault, authority(), weightsParams())));
        pool = MiningPool(
            vm.deployCode(
                artifact("MiningPool"),
                abi.encode(token, registry, vault, delegation, weights, guard(), to.settlement, poolParams())
            )
        );
        arbiter = VoteArbiter(vm.deployCode(artifact("VoteArbiter"), abi.encode(vault, to.settlement, arbiterParams())));
        game = IDisputeGame(deployGame(to.settlement));
        settlement = Settlement(vm.deployCode(artifact("Settlement"), abi.encode(parts(), settlementParams())));
        assertEq(address(pool), to.pool);
        assertEq(address(settlement), to.settlement);
    }

    /// @dev What holds and divides the money of jobs.
    function deployMoney(Predicted memory to) internal {
        insurance = InsurancePool(
            vm.deployCode(artifact("InsurancePool"), abi.encode(token, to.escrow, to.settlement, insuranceParams()))
        );
        splitter = FeeSplitter(
            vm.deployCode(artifact("FeeSplitter"), abi.encode(token, insurance, ecosystem(), splitterParams()))
        );
        escrow = JobEscrow(
            vm.deployCode(
                artifact("JobEscrow"),
                abi.encode(token, registry, to.settlement, splitter, insurance, guard(), authority(), escrowParams())
            )
        );
        credentials = Credentials(
            vm.deployCode(artifact("Credentials"), abi.encode(registry, to.settlement, "corex credential", "CRED"))
        );
    }

    function parts() internal view returns (ISettlement.Parts memory) {
        return ISettlement.Parts(registry, vault, escrow, pool, credentials, insurance, arbiter, game);
    }

    /// @dev Who may tune and who may pause; nobody, unless a test wants someone.
    function authority() internal virtual returns (address) {
        return address(0);
    }

    function guard() internal virtual returns (address) {
        return address(0);
    }

    function sink() internal virtual returns (address) {
        return address(0);
    }

    /// @dev Who gets the ecosystem's part of the fees, if `splitterParams` give it one.
    function ecosystem() internal virtual returns (address) {
        return address(0);
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

    function registryParams() internal pure returns (INodeRegistry.Params memory p) {
        p.tiers[0] = INodeRegistry.TierRule(50, 400, 0);
        p.tiers[1] = INodeRegistry.TierRule(500, 4000, PROVIDER_STAKE);
        p.tiers[2] = INodeRegistry.TierRule(5000, 40_000, VERIFIER_STAKE);
        p.faultUnits = FAULT_UNITS;
    }

    function vaultParams() internal pure returns (IStakeVault.Params memory) {
        return IStakeVault.Params({
            providerMinStake: PROVIDER_STAKE,
            verifierMinStake: VERIFIER_STAKE,
            unbondingSeconds: UNBONDING,
            burnBps: BURN_BPS,
            finderBps: FINDER_BPS,
            delegationCapBps: DELEGATION_CAP_BPS,
            fullStake: FULL_STAKE,
            fullLockSeconds: FULL_LOCK
        });
    }

    function delegationParams() internal pure returns (IDelegation.Params memory) {
        return IDelegation.Params(MAX_COMMISSION_BPS, COMMISSION_STEP_BPS);
    }

    function escrowParams() internal pure returns (IJobEscrow.Params memory) {
        return IJobEscrow.Params({
            feeBps: FEE_BPS,
            feeMinBps: FEE_BPS,
            feeMaxBps: FEE_BPS,
            referralBps: 200,
            premiumBps: 100,
            windowSeconds: 1 hours,
            targetUnits: 1_000_000,
            baseFeeFloor: BASE_FEE,
            baseFeeCeiling: 100 * BASE_FEE,
            burnsBaseFee: true
        });
    }

    function insuranceParams() internal pure returns (IInsurancePool.Params memory) {
        return IInsurancePool.Params({coverBps: 8000, capBps: 5000});
    }

    function splitterParams() internal pure virtual returns (IFeeSplitter.Params memory) {
        return IFeeSplitter.Params({burnBps: 8000, insuranceBps: 2000, ecosystemBps: 0});
    }

    function weightsParams() internal pure returns (IWeights.Params memory p) {
        p.kindBps = [uint16(10_000), 9000, 8000, 5000, 6000, 10_000];
        p.minKindBps = MIN_KIND_BPS;
        p.tierBps = [uint16(7000), 8000, 9000, 10_000];
    }

    function poolParams() internal view virtual returns (IMiningPool.Params memory) {
        return IMiningPool.Params({
            epochSeconds: EPOCH,
            epochsPerEra: EPOCHS_PER_ERA,
            rewardCapPerUnit: REWARD_CAP,
            pocBps: POC_BPS,
            minPocBps: MIN_POC_BPS,
            maxPocBps: MAX_POC_BPS,
            stepBps: STEP_BPS,
            minValidateBps: MIN_VALIDATE_BPS,
            maxValidateBps: MAX_VALIDATE_BPS,
            targetVerifierStake: TARGET_VERIFIER_STAKE,
            incentiveBps: INCENTIVE_BPS,
            incentiveFund: incentiveFund
        });
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
        return IJobEscrow.Terms({
            spec: keccak256("spec"),
            coordinator: coordinator,
            pricePerUnit: PRICE,
            deadline: uint64(block.timestamp + 30 days),
            kind: TRAINING,
            programs: 0,
            referrer: address(0),
            insured: false
        });
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

    /// @dev By the coordinator, whose turn it is first.
    function settle(bytes32 job, uint64 round, Leaf[] memory leaves) internal {
        settle(job, round, leaves, new Payout[](0));
    }

    function settle(bytes32 job, uint64 round, Leaf[] memory leaves, Payout[] memory audits) internal {
        Payout[] memory payouts = Rounds.payouts(leaves);
        vm.prank(coordinator);
        settlement.settleRound(job, round, payouts, audits);
    }

    /// @dev Work of one node, as a list.
    function only(address node, uint64 units) internal pure returns (Payout[] memory work) {
        work = new Payout[](1);
        work[0] = Payout(node, units, 1);
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

    /// @dev What the certificate of a node for a job says.
    function certified(bytes32 job, uint8 kind, address node) internal view returns (uint256 units, uint256 tasks) {
        ICredentials.Certificate memory c =
            credentials.certificateOf(credentials.idOf(job, node, registry.ownerOf(node), kind));
        return (c.units, c.tasks);
    }

    /// @dev Makes all storage cold, as it is when a transaction begins.
    function cool() internal {
        address[12] memory contracts = [
            address(token),
            address(registry),
            address(vault),
            address(delegation),
            address(escrow),
            address(credentials),
            address(insurance),
            address(splitter),
            address(weights),
            address(pool),
            address(arbiter),
            address(settlement)
        ];
        for (uint256 i; i < contracts.length; ++i) {
            vm.cool(contracts[i]);
        }
    }

    // --- expected amounts

    /// @dev What reaches the owner of a node for `units`, at the lowest base fee, in a job without insurance and referrer.
    function net(uint256 units) internal pure returns (uint256) {
        uint256 rest = units * (PRICE - BASE_FEE);
        return rest - (rest * FEE_BPS + 9999) / 10_000;
    }

    function expectNotSettlement(address caller) internal {
        vm.expectRevert(abi.encodeWithSignature("NotSettlement(address)", caller));
        vm.prank(caller);
    }
}
