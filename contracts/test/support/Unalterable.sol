// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Market} from "../../src/Market.sol";
import {FeeBurner} from "../../src/distribution/FeeBurner.sol";
import {IFeeBurner} from "../../src/interfaces/IFeeBurner.sol";
import {IMarket} from "../../src/interfaces/IMarket.sol";
import {ENGINES, KINDS, Payout, TIERS} from "../../src/interfaces/Types.sol";
import {Government} from "./Government.sol";
import {Network} from "./Network.sol";

/// @dev A network as profile `cxt` deploys it, with the market, the burner and committees of several members, or as `cai` does, which has
/// votes and nothing else; and everybody in it. What is mined belongs to nobody's powers.
abstract contract Unalterable is Network {
    uint16 internal constant MARKET_FEE_BPS = 300;
    uint16 internal constant MARKET_FEE_MAX = 500;

    Government internal government;
    Market internal market;
    FeeBurner internal burner;
    address internal a;
    address internal b;
    address internal c;
    address[] internal roles;

    /// @dev All that anyone could want to change.
    struct Schedule {
        uint256 pooled;
        uint64 start;
        uint64 openEpoch;
        uint64 openEra;
        uint256 eraBudget;
        uint256 emission;
        uint256[ENGINES] shares;
        uint256 accrued;
        uint256[KINDS] kinds;
        uint256[TIERS] tiers;
        address authority;
        address incentiveFund;
    }

    function setUp() public override {
        vm.warp(1_800_000_000);
        government = new Government();
        super.setUp();
        deployMarket();
        government.foundOver(token, vault, credentials, escrow, market, address(pool), hasCommittees());
        a = provider("a");
        b = provider("b");
        c = verifier("c", VERIFIER_STAKE);
        vm.prank(ownerOf("c"));
        delegation.setAccepting(c, true);
        vm.startPrank(treasury);
        token.approve(address(delegation), 1e18);
        delegation.delegate(c, 1e18);
        vm.stopPrank();
        bytes32 job = openJob();
        settleOne(job, 0);
        vm.warp(block.timestamp + EPOCH);
        settleOne(job, 1);
        listRoles();
    }

    /// @dev Profile `cxt`; `cai` has none.
    function hasCommittees() internal view virtual returns (bool);

    function deployMarket() private {
        IMarket.Params memory p = IMarket.Params(MARKET_FEE_BPS, 0, MARKET_FEE_MAX, 1000, 1 hours, 1 days);
        (address guardAt, address managerAt) = (address(0), address(0));
        if (hasCommittees()) (guardAt, managerAt) = (government.guardAt(), government.managerAt());
        market = Market(vm.deployCode(artifact("Market"), abi.encode(token, registry, splitter, guardAt, managerAt, p)));
        IFeeBurner.Params memory q = IFeeBurner.Params(100e18, 20_000, 1 hours);
        burner = FeeBurner(payable(vm.deployCode(artifact("FeeBurner"), abi.encode(token, q))));
    }

    function listRoles() private {
        roles = [
            address(this), // deployed everything
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
            address(game),
            address(settlement),
            address(market),
            address(burner),
            treasury, // holds tokens and delegates
            requester,
            coordinator,
            incentiveFund,
            a,
            ownerOf("a"),
            c,
            ownerOf("c"),
            stranger
        ];
        address[] memory governing = government.roles();
        for (uint256 i; i < governing.length; ++i) {
            roles.push(governing[i]);
        }
    }

    /// @dev Escrow and market, where there are committees, are governed; pool and weights, deployed behind the escrow, are not.
    function authority() internal view override returns (address) {
        return hasCommittees() && address(escrow) == address(0) ? government.managerAt() : address(0);
    }

    function guard() internal view override returns (address) {
        return hasCommittees() && address(escrow) == address(0) ? government.guardAt() : address(0);
    }

    function settleOne(bytes32 job, uint256 seed) internal {
        Payout[] memory payouts = new Payout[](2);
        (address low, address high) = a < b ? (a, b) : (b, a);
        (payouts[0], payouts[1]) = (Payout(low, 10, 1), Payout(high, 20, 1));
        vm.prank(coordinator);
        settlement.commitRound(job, uint64(seed), "root", 2, payouts);
        draw(job, uint64(seed));
        passWindow();
        vm.prank(coordinator);
        settlement.settleRound(job, uint64(seed), payouts, only(c, 5));
    }

    function schedule() internal view returns (Schedule memory s) {
        s.pooled = pool.pooled();
        s.start = pool.start();
        s.openEpoch = pool.openEpoch();
        s.openEra = pool.openEra();
        s.eraBudget = pool.eraBudget();
        s.emission = pool.emission();
        s.shares = pool.shares();
        s.accrued = pool.accrued();
        for (uint8 kind; kind < KINDS; ++kind) {
            s.kinds[kind] = weights.kindBps(kind);
        }
        for (uint8 tier; tier < TIERS; ++tier) {
            s.tiers[tier] = weights.tierBps(tier);
        }
        s.authority = weights.authority();
        s.incentiveFund = pool.incentiveFund();
    }

    /// @dev The next epoch begins, so that what follows could only move it by force.
    function begin() internal {
        vm.warp(block.timestamp + EPOCH);
        pool.sync();
    }
}
