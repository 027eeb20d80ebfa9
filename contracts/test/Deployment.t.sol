// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MiningPool} from "../src/MiningPool.sol";
import {Settlement} from "../src/Settlement.sol";
import {StakeVault} from "../src/StakeVault.sol";
import {VoteArbiter} from "../src/VoteArbiter.sol";
import {DisputeGame} from "../src/dispute/DisputeGame.sol";
import {IBlake3} from "../src/interfaces/IBlake3.sol";
import {IBlobTree} from "../src/interfaces/IBlobTree.sol";
import {IDisputeGame} from "../src/interfaces/IDisputeGame.sol";
import {IEvidence} from "../src/interfaces/IEvidence.sol";
import {IGuard} from "../src/interfaces/IGuard.sol";
import {IMiningPool} from "../src/interfaces/IMiningPool.sol";
import {IReferee} from "../src/interfaces/IReferee.sol";
import {ISettlement} from "../src/interfaces/ISettlement.sol";
import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {IVoteArbiter} from "../src/interfaces/IVoteArbiter.sol";
import {Network} from "./support/Network.sol";

contract DeploymentTest is Network {
    function invalid(string memory what) internal {
        vm.expectRevert(abi.encodeWithSignature("InvalidParams(string)", what));
    }

    function test_everyPartNamesTheSettlement() public view {
        assertEq(registry.settlement(), address(settlement));
        assertEq(vault.settlement(), address(settlement));
        assertEq(escrow.settlement(), address(settlement));
        assertEq(credentials.settlement(), address(settlement));
        assertEq(insurance.settlement(), address(settlement));
        assertEq(pool.settlement(), address(settlement));
        assertEq(arbiter.settlement(), address(settlement));
        assertEq(game.settlement(), address(settlement));
    }

    function test_settlementRefusesPartsThatNameAnother() public {
        // The parts name the first Settlement, not this second one.
        vm.expectRevert(abi.encodeWithSelector(ISettlement.Miswired.selector, address(registry)));
        new Settlement(parts(), settlementParams());
    }

    function test_settlementParams() public {
        ISettlement.Params memory p = settlementParams();
        p.challengeSeconds = 0;
        invalid("challengeSeconds must be positive");
        new Settlement(parts(), p);

        p = settlementParams();
        p.challengeBond = 0;
        invalid("challengeBond must be positive");
        new Settlement(parts(), p);

        for (uint16 bps = 0; bps <= 10_001; bps += 10_001) {
            p = settlementParams();
            p.slashBps = bps;
            invalid("slashBps must be 1 to 10000");
            new Settlement(parts(), p);
        }
    }

    /// @dev All parts name the contract that is deployed next.
    function nameTheNext() internal {
        address here = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        ISettlement.Parts memory all = parts();
        address[8] memory each = [
            address(all.registry),
            address(all.vault),
            address(all.escrow),
            address(all.pool),
            address(all.credentials),
            address(all.insurance),
            address(all.arbiter),
            address(all.game)
        ];
        for (uint256 i; i < each.length; ++i) {
            vm.mockCall(each[i], abi.encodeWithSignature("settlement()"), abi.encode(here));
        }
    }

    function test_aNetworkWithoutMiningHasNoPool() public {
        nameTheNext();
        ISettlement.Parts memory all = parts();
        all.pool = IMiningPool(address(0));
        assertEq(address(new Settlement(all, settlementParams()).pool()), address(0));
    }

    function test_stakeMustOutlastDisputes() public {
        nameTheNext();
        ISettlement.Params memory p = settlementParams();
        // A game can last longer than a vote.
        p.challengeSeconds = UNBONDING - game.maxSeconds();
        invalid("stake must unbond slower than a challenge is ruled on");
        new Settlement(parts(), p);
    }

    function newVault(IStakeVault.Params memory p) internal returns (StakeVault) {
        return new StakeVault(token, registry, delegation, address(0), address(settlement), p);
    }

    function test_vaultParams() public {
        IStakeVault.Params memory p = vaultParams();
        p.verifierMinStake = 0;
        invalid("verifierMinStake must be positive");
        newVault(p);

        p = vaultParams();
        p.burnBps = 0;
        invalid("burnBps must be positive");
        newVault(p);

        p = vaultParams();
        p.finderBps = 10_001 - p.burnBps;
        invalid("burnBps + finderBps exceed 10000");
        newVault(p);

        p = vaultParams();
        p.fullStake = 0;
        invalid("fullStake must be positive");
        newVault(p);

        p = vaultParams();
        p.fullLockSeconds = 0;
        invalid("fullLockSeconds must be positive");
        newVault(p);

        vm.expectRevert(abi.encodeWithSelector(IStakeVault.Miswired.selector, address(registry)));
        newVault(vaultParams());
    }

    function newPool(IMiningPool.Params memory p) internal returns (MiningPool) {
        return new MiningPool(token, registry, vault, delegation, weights, IGuard(address(0)), address(settlement), p);
    }

    function refusesPool(IMiningPool.Params memory p, string memory what) internal {
        invalid(what);
        newPool(p);
    }

    function test_poolParams() public {
        IMiningPool.Params memory p = poolParams();
        p.epochSeconds = 0;
        refusesPool(p, "epochSeconds must be positive");
        p = poolParams();
        p.epochsPerEra = 0;
        refusesPool(p, "epochsPerEra must be positive");
        p = poolParams();
        p.maxPocBps = 10_001;
        refusesPool(p, "maxPocBps exceeds 10000");
        p = poolParams();
        p.pocBps = p.minPocBps - 1;
        refusesPool(p, "pocBps must be minPocBps to maxPocBps");
        p.pocBps = p.maxPocBps + 1;
        refusesPool(p, "pocBps must be minPocBps to maxPocBps");
        p = poolParams();
        p.maxValidateBps = 10_001;
        refusesPool(p, "maxValidateBps exceeds 10000");
        p = poolParams();
        p.minValidateBps = p.maxValidateBps + 1;
        refusesPool(p, "minValidateBps exceeds maxValidateBps");
        p = poolParams();
        p.targetVerifierStake = 0;
        refusesPool(p, "targetVerifierStake must be positive");
        p = poolParams();
        p.incentiveBps = 10_000;
        refusesPool(p, "incentiveBps must be below 10000");
        p.incentiveBps = 0;
        refusesPool(p, "incentiveFund must be zero exactly if incentiveBps is");
        p = poolParams();
        p.incentiveFund = address(0);
        refusesPool(p, "incentiveFund must be zero exactly if incentiveBps is");
    }

    function test_poolWiring() public {
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.Miswired.selector, address(delegation)));
        newPool(poolParams());
        address here = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.mockCall(address(delegation), abi.encodeWithSignature("pool()"), abi.encode(here));
        vm.mockCall(address(vault), abi.encodeWithSignature("delegation()"), abi.encode(stranger));
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.Miswired.selector, address(vault)));
        newPool(poolParams());
        vm.mockCall(address(vault), abi.encodeWithSignature("delegation()"), abi.encode(delegation));
        vm.mockCall(address(weights), abi.encodeWithSignature("vault()"), abi.encode(stranger));
        here = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.mockCall(address(delegation), abi.encodeWithSignature("pool()"), abi.encode(here));
        vm.expectRevert(abi.encodeWithSelector(IMiningPool.Miswired.selector, address(weights)));
        newPool(poolParams());
        vm.mockCall(address(weights), abi.encodeWithSignature("vault()"), abi.encode(vault));
        here = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        vm.mockCall(address(delegation), abi.encodeWithSignature("pool()"), abi.encode(here));
        vm.expectRevert(IMiningPool.EmptyPool.selector);
        newPool(poolParams());
    }

    function test_arbiterParams() public {
        for (uint16 size = 0; size <= 32; size += 32) {
            IVoteArbiter.Params memory p = arbiterParams();
            p.committeeSize = size;
            invalid("committeeSize must be 1 to 31");
            new VoteArbiter(vault, address(settlement), p);
        }
        IVoteArbiter.Params memory q = arbiterParams();
        q.voteSeconds = 0;
        invalid("voteSeconds must be positive");
        new VoteArbiter(vault, address(settlement), q);
    }

    function test_gameParams() public {
        IDisputeGame.Params memory p = gameParams();
        p.clockSeconds = 0;
        refusesGame(p, "clockSeconds must be positive");
        p = gameParams();
        p.extensionSeconds = 0;
        refusesGame(p, "extensionSeconds must be positive");
        p.extensionSeconds = p.clockSeconds + 1;
        refusesGame(p, "extensionSeconds exceed clockSeconds");
    }

    function refusesGame(IDisputeGame.Params memory p, string memory what) internal {
        invalid(what);
        new DisputeGame(
            address(settlement),
            IReferee(address(0)),
            IBlake3(address(0)),
            IBlobTree(address(0)),
            IEvidence(address(0)),
            p
        );
    }

    function test_onlyTheSettlementGivesOrders() public {
        expectNotSettlement(stranger);
        registry.recordFault(stranger);
        expectNotSettlement(stranger);
        vault.bond(stranger, 1);
        expectNotSettlement(stranger);
        vault.releaseBond(stranger, 1);
        expectNotSettlement(stranger);
        vault.slash(stranger, 1, stranger, stranger);
        expectNotSettlement(stranger);
        vault.forfeitBond(stranger, 1, stranger, stranger);
        expectNotSettlement(stranger);
        escrow.reserve(0, stranger, 1);
        expectNotSettlement(stranger);
        escrow.credit(0, 1);
    }
}
