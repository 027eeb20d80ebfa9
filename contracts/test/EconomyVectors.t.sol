// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BaseFee} from "../src/BaseFee.sol";
import {FeeSplitter} from "../src/FeeSplitter.sol";
import {InsurancePool} from "../src/InsurancePool.sol";
import {JobEscrow} from "../src/JobEscrow.sol";
import {MiningPool} from "../src/MiningPool.sol";
import {NodeRegistry} from "../src/NodeRegistry.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {Weights} from "../src/Weights.sol";
import {VotingPower} from "../src/governance/VotingPower.sol";
import {IContribution} from "../src/interfaces/IContribution.sol";
import {IDelegation} from "../src/interfaces/IDelegation.sol";
import {IFeeSplitter} from "../src/interfaces/IFeeSplitter.sol";
import {IInsurancePool} from "../src/interfaces/IInsurancePool.sol";
import {IJobEscrow} from "../src/interfaces/IJobEscrow.sol";
import {IMiningPool} from "../src/interfaces/IMiningPool.sol";
import {INodeRegistry} from "../src/interfaces/INodeRegistry.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {IDelegations, IStakeVotes, IVotingPower} from "../src/interfaces/IVotingPower.sol";
import {IWeights} from "../src/interfaces/IWeights.sol";
import {AUDIT, INFERENCE, Payout, STAKE_TO_VALIDATE, TRAINING} from "../src/interfaces/Types.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Test} from "forge-std/Test.sol";
import {VmSafe} from "forge-std/Vm.sol";

/// @dev The golden vectors of the economic simulation. Each formula is asked of the contract that applies it, deployed with the
/// parameters of the case; only what that contract would ask of others is made up. So the simulation and the contracts compute
/// the same, to the last unit.
contract EconomyVectorsTest is Test {
    string internal constant FOLDER = "../vectors/economy";
    uint64 internal constant EPOCH = 1 hours;

    address internal token = makeAddr("token");
    address internal registry = makeAddr("registry");
    address internal delegation = makeAddr("delegation");
    address internal weights = makeAddr("weights");
    address internal other = makeAddr("other");
    address internal node = makeAddr("node");

    /// @dev Columns of the file being read.
    mapping(string name => uint256[]) internal columns;
    uint256 internal row;

    function setUp() public {
        vm.warp(1_800_000_000);
        answer(token, IERC20.transferFrom.selector, abi.encode(true));
        answer(token, IERC20.transfer.selector, abi.encode(true));
        answer(token, bytes4(keccak256("burn(uint256)")), "");
        answer(registry, INodeRegistry.ownerOf.selector, abi.encode(address(this)));
        answer(registry, INodeRegistry.hasRole.selector, abi.encode(false));
        answer(delegation, IDelegation.delegatedOf.selector, abi.encode(0));
        answer(delegation, IDelegation.unbondingOf.selector, abi.encode(0));
        answer(delegation, IDelegation.commissionOf.selector, abi.encode(0));
    }

    /// @dev One test, so that it can see that every file in the folder was read and every file it knows is there.
    function test_everyFile() public {
        VmSafe.DirEntry[] memory entries = vm.readDir(FOLDER);
        assertEq(entries.length, 15, "files in vectors/economy");
        for (uint256 i; i < entries.length; ++i) {
            string memory json = vm.readFile(entries[i].path);
            uint256 count = vm.parseJsonUint(json, ".count");
            assertGt(count, 0, entries[i].path);
            readColumns(json, count);
            string memory formula = vm.parseJsonString(json, ".formula");
            assertTrue(vm.contains(entries[i].path, string.concat("/", formula, ".json")), "named after its formula");
            function() internal check = checkOf(formula);
            for (row = 0; row < count; ++row) {
                check();
            }
        }
    }

    function checkOf(string memory formula) internal pure returns (function() internal) {
        if (same(formula, "base_fee_after")) return checkBaseFee;
        if (same(formula, "base_fee_idle")) return checkIdleBaseFee;
        if (same(formula, "fees")) return checkFees;
        if (same(formula, "fee_split")) return checkFeeSplit;
        if (same(formula, "slash_split")) return checkSlash;
        if (same(formula, "compensation")) return checkCompensation;
        if (same(formula, "boost_bps")) return checkBoost;
        if (same(formula, "quality_bps")) return checkQuality;
        if (same(formula, "weigh")) return checkWeight;
        if (same(formula, "epoch_emission")) return checkEmission;
        if (same(formula, "epoch_rate")) return checkRate;
        if (same(formula, "validate_share_bps")) return checkValidateShare;
        if (same(formula, "demand_share_bps")) return checkDemandShare;
        if (same(formula, "delegation_split")) return checkDelegationSplit;
        if (same(formula, "contribution_votes")) return checkVotes;
        revert(string.concat("nothing here reads ", formula));
    }

    // --- what a requester pays

    function checkBaseFee() internal view {
        BaseFee.Params memory p =
            BaseFee.Params(1, uint64(cell("target")), uint128(cell("floor")), uint128(cell("ceiling")));
        assertEq(BaseFee.next(p, cell("fee"), cell("used")), cell("next"), "base fee");
    }

    function checkIdleBaseFee() internal view {
        BaseFee.Params memory p = BaseFee.Params(1, 1, uint128(cell("floor")), type(uint128).max);
        BaseFee.State memory s = BaseFee.advance(p, BaseFee.State(uint128(cell("fee")), 0, 0), uint64(cell("windows")));
        assertEq(s.fee, cell("next"), "idle base fee");
    }

    function checkFees() internal {
        uint16 feeBps = uint16(cell("feeBps"));
        answer(
            other,
            bytes4(keccak256("escrow()")),
            abi.encode(vm.computeCreateAddress(address(this), vm.getNonce(address(this))))
        );
        JobEscrow escrow = JobEscrow(
            vm.deployCode(
                "out/JobEscrow.sol/JobEscrow.json",
                abi.encode(
                    token,
                    registry,
                    address(this),
                    other,
                    other,
                    address(0),
                    address(0),
                    IJobEscrow.Params(feeBps, feeBps, feeBps, 0, 1, 1, 1, 0, 0, true)
                )
            )
        );
        IJobEscrow.Terms memory terms;
        (terms.coordinator, terms.deadline, terms.kind) = (other, type(uint64).max, TRAINING);
        (terms.spec, terms.pricePerUnit) = ("spec", uint128(cell("price")));
        bytes32 job = escrow.open(terms, 1);
        (uint256 net, uint256 burned, uint256 toSplitter,,) = escrow.quote(job, uint128(cell("baseFee")), cell("units"));
        assertEq(burned, cell("base"), "base fee");
        assertEq(toSplitter, cell("percentage"), "percentage fee");
        assertEq(net + burned + toSplitter, cell("units") * cell("price"), "nothing else is taken");
    }

    function checkFeeSplit() internal {
        IFeeSplitter.Params memory p;
        (p.burnBps, p.insuranceBps) = (uint16(cell("burnBps")), uint16(cell("insuranceBps")));
        p.ecosystemBps = 10_000 - p.burnBps - p.insuranceBps;
        FeeSplitter splitter =
            FeeSplitter(vm.deployCode("out/FeeSplitter.sol/FeeSplitter.json", abi.encode(token, other, other, p)));
        answer(token, IERC20.balanceOf.selector, abi.encode(cell("fees")));
        if (cell("fees") > 0) {
            vm.expectEmit(address(splitter));
            emit IFeeSplitter.Flushed(cell("burned"), cell("insured"), cell("ecosystem"));
        }
        splitter.flush();
    }

    // --- what a fault costs

    function checkSlash() internal {
        IStakeVault.Params memory p = vaultParams();
        (p.burnBps, p.finderBps) = (uint16(cell("burnBps")), uint16(cell("finderBps")));
        StakeVault vault = vaultWith(p);
        vault.stake(node, cell("amount"));
        (uint256 toJob, uint256 burned) = vault.slash(node, 10_000, other, other);
        assertEq(burned, cell("burned"), "burned");
        assertEq(toJob, cell("toJob"), "the job's part");
        assertEq(cell("amount") - burned - toJob, cell("toFinder"), "the finder's part");
        assertEq(vault.totalHeld(), 0);
    }

    function checkCompensation() internal {
        IInsurancePool.Params memory p = IInsurancePool.Params(uint16(cell("coverBps")), uint16(cell("poolBps")));
        InsurancePool insurance = InsurancePool(
            vm.deployCode("out/InsurancePool.sol/InsurancePool.json", abi.encode(token, other, other, p))
        );
        answer(token, IERC20.balanceOf.selector, abi.encode(cell("pool")));
        // The Settlement asks for the smaller of the two.
        assertEq(insurance.compensation(Math.min(cell("value"), cell("burned"))), cell("paid"), "compensation");
    }

    // --- what a node mines

    function checkBoost() internal {
        IStakeVault.Params memory p = vaultParams();
        (p.fullStake, p.fullLockSeconds) = (uint128(cell("fullStake")), uint64(cell("fullLock")));
        StakeVault vault = vaultWith(p);
        if (cell("own") > 0) vault.stake(node, cell("own"));
        // The vault takes no longer lock, and the formula counts none.
        uint256 left = Math.min(cell("lockLeft"), cell("fullLock"));
        if (left > 0) vault.lock(node, uint64(block.timestamp + left));
        assertEq(vault.boostOf(node), cell("boostBps"), "boost");
    }

    function checkQuality() internal {
        INodeRegistry.Params memory p;
        p.faultUnits = uint64(cell("faultUnits"));
        NodeRegistry nodes =
            NodeRegistry(vm.deployCode("out/NodeRegistry.sol/NodeRegistry.json", abi.encode(other, address(this), p)));
        nodes.recordWork(only(uint64(cell("verified"))));
        for (uint256 i; i < cell("faults"); ++i) {
            nodes.recordFault(node);
        }
        assertEq(nodes.qualityOf(node), cell("qualityBps"), "quality");
    }

    function checkWeight() internal {
        IWeights.Params memory p;
        uint16 tier = uint16(cell("tierBps"));
        p.minKindBps = 1;
        p.tierBps = [tier, tier, tier, tier];
        p.kindBps = [uint16(cell("kindBps")), 1, 1, 1, 1, 1];
        answer(registry, INodeRegistry.vault.selector, abi.encode(other));
        answer(registry, INodeRegistry.tierOf.selector, abi.encode(2));
        answer(registry, INodeRegistry.qualityOf.selector, abi.encode(cell("qualityBps")));
        answer(other, IStakeVault.boostOf.selector, abi.encode(cell("boostBps")));
        Weights real =
            Weights(vm.deployCode("out/Weights.sol/Weights.json", abi.encode(registry, other, address(0), p)));
        assertEq(real.weigh(TRAINING, only(uint64(cell("units"))))[0], cell("weighted"), "weighted units");
    }

    function checkEmission() internal {
        IMiningPool.Params memory p = poolParams();
        p.epochsPerEra = uint64(cell("epochsPerEra"));
        MiningPool pool = poolWith(p, address(vaultWith(vaultParams())), cell("unowed"));
        assertEq(pool.emission(), cell("emission"), "emission");
    }

    function checkRate() internal {
        IMiningPool.Params memory p = poolParams();
        p.rewardCapPerUnit = uint128(cell("capPerUnit"));
        (p.minValidateBps, p.maxValidateBps) = (0, uint16(cell("shareBps")));
        MiningPool pool = poolWith(p, address(vaultWith(vaultParams())), 2 * cell("emission") + 1);
        assertEq(pool.emission(), cell("emission"));
        record(pool, AUDIT, cell("weighted"), 0);
        vm.warp(block.timestamp + EPOCH);
        pool.sync();
        assertEq(pool.rateOf(0, STAKE_TO_VALIDATE), cell("rate"), "rate");
    }

    function checkValidateShare() internal {
        IMiningPool.Params memory p = poolParams();
        (p.minValidateBps, p.maxValidateBps) = (uint16(cell("min")), uint16(cell("max")));
        p.targetVerifierStake = uint128(cell("target"));
        address vault = address(vaultWith(vaultParams()));
        MiningPool pool = poolWith(p, vault, 1);
        answer(vault, IStakeVault.totalVerifierStake.selector, abi.encode(cell("stake")));
        vm.warp(block.timestamp + EPOCH);
        pool.sync();
        assertEq(pool.validateBps(), cell("shareBps"), "share of Stake-to-Validate");
    }

    function checkDemandShare() internal {
        IMiningPool.Params memory p = poolParams();
        p.pocBps = uint16(cell("share"));
        (p.minPocBps, p.maxPocBps, p.stepBps) = (uint16(cell("least")), uint16(cell("most")), uint16(cell("step")));
        MiningPool pool = poolWith(p, address(vaultWith(vaultParams())), 1);
        record(pool, INFERENCE, 1, cell("feesCompute"));
        record(pool, TRAINING, 1, cell("feesBoth") - cell("feesCompute"));
        vm.warp(block.timestamp + EPOCH);
        pool.sync();
        assertEq(pool.pocBps(), cell("next"), "share of Compute-PoC");
    }

    /// @dev Of weighted units, which earn the same each.
    function checkDelegationSplit() internal {
        IStakeVault.Params memory p = vaultParams();
        p.delegationCapBps = uint32(cell("capBps"));
        StakeVault vault = vaultWith(p);
        vault.stake(node, cell("own"));
        vm.prank(delegation);
        vault.setDelegated(node, cell("delegated"));
        answer(delegation, IDelegation.commissionOf.selector, abi.encode(cell("commissionBps")));
        MiningPool pool = poolWith(poolParams(), address(vault), 1);
        record(pool, TRAINING, cell("reward"), 0);
        IMiningPool.Account memory account = pool.accountOf(node);
        assertEq(account.lentWeighted[1], cell("delegators"), "the delegators' part");
        assertEq(account.weighted[1] - account.lentWeighted[1], cell("owner"), "the owner's part");
    }

    // --- what a vote weighs

    function checkVotes() internal {
        IVotingPower.Params memory p;
        (p.votesPerUnit, p.contributionBps) = (uint128(cell("votesPerUnit")), uint16(cell("contributionBps")));
        answer(token, IERC6372.clock.selector, abi.encode(block.timestamp));
        answer(token, IVotes.getPastVotes.selector, abi.encode(0));
        answer(token, IDelegations.getPastDelegate.selector, abi.encode(address(0)));
        answer(other, IStakeVotes.pastStake.selector, abi.encode(0));
        answer(other, IStakeVotes.pastTotalStake.selector, abi.encode(cell("stake")));
        answer(other, IContribution.pastContribution.selector, abi.encode(cell("units")));
        answer(other, IContribution.pastTotalContribution.selector, abi.encode(cell("totalUnits")));
        IStakeVotes[] memory sources = new IStakeVotes[](1);
        sources[0] = IStakeVotes(other);
        VotingPower power = VotingPower(
            vm.deployCode(
                "out/VotingPower.sol/VotingPower.json", abi.encode(token, sources, other, new address[](0), p)
            )
        );
        assertEq(power.getPastVotes(node, block.timestamp - 1), cell("votes"), "votes of contribution");
    }

    // --- contracts with the parameters of a case

    function vaultParams() internal pure returns (IStakeVault.Params memory) {
        return IStakeVault.Params(1, type(uint128).max, 1, 1, 1, 1, 1, 1);
    }

    /// @dev This is its Settlement, and the owner of its nodes.
    function vaultWith(IStakeVault.Params memory p) internal returns (StakeVault) {
        answer(
            registry,
            INodeRegistry.vault.selector,
            abi.encode(vm.computeCreateAddress(address(this), vm.getNonce(address(this))))
        );
        return StakeVault(
            vm.deployCode(
                "out/StakeVault.sol/StakeVault.json",
                abi.encode(token, registry, delegation, address(0), address(this), p)
            )
        );
    }

    function poolParams() internal pure returns (IMiningPool.Params memory) {
        return IMiningPool.Params(EPOCH, 1, 1, 5000, 0, 10_000, 1, 0, 0, 1, 0, address(0));
    }

    function poolWith(IMiningPool.Params memory p, address vault, uint256 pooled) internal returns (MiningPool) {
        answer(token, IERC20.balanceOf.selector, abi.encode(pooled));
        answer(weights, IWeights.vault.selector, abi.encode(vault));
        answer(
            delegation,
            IDelegation.pool.selector,
            abi.encode(vm.computeCreateAddress(address(this), vm.getNonce(address(this))))
        );
        return MiningPool(
            vm.deployCode(
                "out/MiningPool.sol/MiningPool.json",
                abi.encode(token, registry, vault, delegation, weights, address(0), address(this), p)
            )
        );
    }

    function record(MiningPool pool, uint8 kind, uint256 weighted, uint256 fees) internal {
        uint256[] memory list = new uint256[](1);
        list[0] = weighted;
        answer(weights, IWeights.weigh.selector, abi.encode(list));
        pool.record(kind, only(1), fees);
    }

    function only(uint64 units) internal view returns (Payout[] memory work) {
        work = new Payout[](1);
        work[0] = Payout(node, units, 1);
    }

    /// @dev What `target` says to any call of this function.
    function answer(address target, bytes4 selector, bytes memory data) internal {
        vm.mockCall(target, abi.encodeWithSelector(selector), data);
    }

    // --- reading

    function readColumns(string memory json, uint256 count) internal {
        string[] memory keys = vm.parseJsonKeys(json, "$");
        for (uint256 i; i < keys.length; ++i) {
            if (same(keys[i], "count") || same(keys[i], "formula")) continue;
            string[] memory values = vm.parseJsonStringArray(json, string.concat(".", keys[i]));
            assertEq(values.length, count, "as many values as counted");
            delete columns[keys[i]];
            for (uint256 k; k < count; ++k) {
                columns[keys[i]].push(vm.parseUint(values[k]));
            }
        }
    }

    function cell(string memory column) internal view returns (uint256) {
        return columns[column][row];
    }

    function same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
