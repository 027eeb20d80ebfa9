// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStakeVault} from "../src/interfaces/IStakeVault.sol";
import {PROVIDER, VERIFIER} from "../src/interfaces/Types.sol";
import {Network} from "./support/Network.sol";

contract StakeVaultTest is Network {
    address internal node;
    address internal owner;
    address internal finder;

    function setUp() public override {
        super.setUp();
        node = registered("node", PROVIDER | VERIFIER);
        owner = ownerOf("node");
        finder = registered("finder", VERIFIER);
    }

    function unbond(uint256 amount) internal {
        vm.prank(owner);
        vault.requestUnbond(node, amount);
    }

    function members() internal view returns (address[] memory nodes) {
        (nodes,) = vault.verifiers();
    }

    function contains(address[] memory nodes, address wanted) internal pure returns (bool) {
        for (uint256 i; i < nodes.length; ++i) {
            if (nodes[i] == wanted) return true;
        }
        return false;
    }

    function test_stake() public {
        vm.startPrank(treasury);
        token.approve(address(vault), 10);
        vm.expectEmit(address(vault));
        emit IStakeVault.Staked(node, treasury, 10);
        vault.stake(node, 10);
        assertEq(vault.stakeOf(node), 10);
        assertEq(vault.totalHeld(), 10);
        assertEq(token.balanceOf(address(vault)), 10);
    }

    function test_stakeRefusesBadInput() public {
        vm.startPrank(treasury);
        vm.expectRevert(IStakeVault.ZeroAmount.selector);
        vault.stake(node, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.UnknownNode.selector, stranger));
        vault.stake(stranger, 1);
    }

    function permitted(uint256 key, address from, uint256 amount)
        internal
        view
        returns (uint8 v, bytes32 r, bytes32 s)
    {
        bytes32 permit = keccak256(
            abi.encode(
                keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"),
                from,
                vault,
                amount,
                token.nonces(from),
                block.timestamp
            )
        );
        return vm.sign(key, keccak256(abi.encodePacked("\x19\x01", token.DOMAIN_SEPARATOR(), permit)));
    }

    function test_stakeWithPermit() public {
        (address holder, uint256 key) = makeAddrAndKey("holder");
        fund(holder, 100);
        (uint8 v, bytes32 r, bytes32 s) = permitted(key, holder, 60);
        vm.prank(holder);
        vault.stakeWithPermit(node, 60, block.timestamp, v, r, s);
        assertEq(vault.stakeOf(node), 60);

        // Someone else spends the permit first: the allowance stands, so staking still works.
        (v, r, s) = permitted(key, holder, 40);
        token.permit(holder, address(vault), 40, block.timestamp, v, r, s);
        vm.prank(holder);
        vault.stakeWithPermit(node, 40, block.timestamp, v, r, s);
        assertEq(vault.stakeOf(node), 100);
    }

    function test_unbondAndWithdraw() public {
        stakeFor(node, 100);
        unbond(30);
        assertEq(vault.stakeOf(node), 70);
        assertEq(vault.totalHeld(), 100);

        uint64 releaseAt = vault.accountOf(node).releaseAt;
        assertEq(releaseAt, block.timestamp + UNBONDING);
        vm.warp(releaseAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.StillUnbonding.selector, node, releaseAt));
        vault.withdraw(node);

        vm.warp(releaseAt);
        vm.prank(stranger);
        assertEq(vault.withdraw(node), 30);
        assertEq(token.balanceOf(owner), 30);
        assertEq(vault.totalHeld(), 70);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NothingToWithdraw.selector, node));
        vault.withdraw(node);
    }

    function test_aFurtherRequestRestartsTheClock() public {
        stakeFor(node, 100);
        unbond(30);
        vm.warp(block.timestamp + UNBONDING - 1);
        unbond(1);
        assertEq(vault.accountOf(node).unbonding, 31);
        assertEq(vault.accountOf(node).releaseAt, block.timestamp + UNBONDING);
    }

    function test_unbondRefusesBadInput() public {
        stakeFor(node, 100);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.NotOwner.selector, node, node));
        vm.prank(node);
        vault.requestUnbond(node, 1);
        vm.startPrank(owner);
        vm.expectRevert(IStakeVault.ZeroAmount.selector);
        vault.requestUnbond(node, 0);
        vm.expectRevert(abi.encodeWithSelector(IStakeVault.InsufficientStake.selector, node, 100, 101));
        vault.requestUnbond(node, 101);
    }

    function test_eligibilityPerRole() public {
        assertFalse(vault.isEligible(node, PROVIDER));
        stakeFor(node, PROVIDER_STAKE);
        assertTrue(vault.isEligible(node, PROVIDER));
        assertFalse(vault.isEligible(node, VERIFIER));
        stakeFor(node, VERIFIER_STAKE - PROVIDER_STAKE);
        assertTrue(vault.isEligible(node, VERIFIER));
        vm.prank(node);
        registry.deactivate(node);
        assertFalse(vault.isEligible(node, VERIFIER));

        vm.expectRevert(abi.encodeWithSelector(IStakeVault.UnknownRole.selector, 3));
        vault.minStake(3);
    }

    function test_verifierSetFollowsStakeAndRole() public {
        assertEq(members().length, 0);
        stakeFor(node, VERIFIER_STAKE);
        assertEq(members().length, 1);
        assertEq(vault.totalVerifierStake(), VERIFIER_STAKE);

        // A change of role shows at once in the view, and in the set after a sync.
        vm.prank(node);
        registry.update(node, profile(PROVIDER));
        assertEq(members().length, 0);
        vm.expectEmit(address(vault));
        emit IStakeVault.VerifierLeft(node);
        vault.syncVerifier(node);

        vm.prank(node);
        registry.update(node, profile(VERIFIER));
        vault.syncVerifier(node);
        assertEq(members()[0], node);

        unbond(1);
        assertEq(members().length, 0);
    }

    function test_aFullSetAdmitsOnlyMoreStake() public {
        uint256 most = vault.MAX_VERIFIERS();
        address weakest = verifier("weakest", VERIFIER_STAKE + 1);
        for (uint256 i = 1; i < most; ++i) {
            verifier(vm.toString(i), VERIFIER_STAKE + 2);
        }
        assertEq(members().length, most);

        stakeFor(node, VERIFIER_STAKE + 1);
        assertEq(members().length, most);
        assertEq(members()[0], weakest, "no more stake than the weakest: not admitted");

        stakeFor(node, 1);
        assertEq(members().length, most);
        assertFalse(contains(members(), weakest));
        assertTrue(contains(members(), node));

        // The displaced one still has its stake and role, and can come back.
        assertTrue(vault.isEligible(weakest, VERIFIER));
        stakeFor(weakest, 2);
        assertTrue(contains(members(), weakest));
    }

    function test_bonds() public {
        stakeFor(node, VERIFIER_STAKE);
        vm.startPrank(address(settlement));
        vault.bond(node, BOND);
        assertEq(vault.accountOf(node).bonded, BOND);
        assertEq(vault.stakeOf(node), VERIFIER_STAKE, "a bond still counts");
        assertTrue(vault.isEligible(node, VERIFIER));
        vm.expectRevert(
            abi.encodeWithSelector(IStakeVault.InsufficientStake.selector, node, VERIFIER_STAKE - BOND, VERIFIER_STAKE)
        );
        vault.bond(node, VERIFIER_STAKE);
        vault.releaseBond(node, BOND);
        assertEq(vault.accountOf(node).bonded, 0);
        assertEq(vault.accountOf(node).active, VERIFIER_STAKE);
    }

    /// forge-config: default.fuzz.runs = 512
    function testFuzz_slashTakesActiveThenUnbondingThenBonded(
        uint96 active,
        uint96 unbonding,
        uint96 bonded,
        uint16 bps,
        uint96 taken
    ) public {
        active = uint96(bound(active, 0, 1_000_000e18));
        unbonding = uint96(bound(unbonding, 0, 1_000_000e18));
        bonded = uint96(bound(bonded, 0, 1_000_000e18));
        bps = uint16(bound(bps, 0, 10_000));
        uint256 all = uint256(active) + unbonding + bonded;
        if (all == 0) return;
        stakeFor(node, all);
        if (unbonding > 0) unbond(unbonding);
        vm.startPrank(address(settlement));
        vault.bond(node, bonded);
        uint256 toJob = vault.slash(node, bps, finder, stranger);

        uint256 amount = all * bps / 10_000;
        IStakeVault.Account memory a = vault.accountOf(node);
        assertEq(uint256(a.active) + a.unbonding + a.bonded, all - amount, "all of the slash, and no more");
        assertTrue(a.active == 0 || a.unbonding == unbonding, "active before unbonding");
        assertTrue(a.unbonding == 0 || a.bonded == bonded, "unbonding before bonded");

        uint256 burned = SUPPLY - token.totalSupply();
        uint256 toFinder = token.balanceOf(ownerOf("finder"));
        assertEq(burned + toFinder + toJob, amount);
        assertEq(token.balanceOf(stranger), toJob);
        assertGe(burned * 10_000, amount * BURN_BPS, "burn is rounded up");
        assertLe(toFinder * 10_000, amount * FINDER_BPS, "the finder's part is rounded down");
        assertEq(vault.totalHeld(), all - amount);
        assertEq(token.balanceOf(address(vault)), vault.totalHeld());

        // Whatever a slash left of a bond, freeing or forfeiting it takes no more than there is.
        taken = uint96(bound(taken, 0, type(uint96).max));
        if (bps % 2 == 0) vault.releaseBond(node, taken);
        else vault.forfeitBond(node, taken, finder, stranger);
        assertEq(token.balanceOf(address(vault)), vault.totalHeld());
    }

    function test_slashBelowTheMinimumLeavesTheSet() public {
        stakeFor(node, VERIFIER_STAKE);
        assertEq(members().length, 1);
        vm.prank(address(settlement));
        vault.slash(node, 1, finder, stranger);
        assertEq(members().length, 0);
    }
}
