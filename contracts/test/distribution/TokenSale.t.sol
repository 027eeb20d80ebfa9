// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ComputeToken} from "../../src/ComputeToken.sol";
import {TokenSale} from "../../src/distribution/TokenSale.sol";
import {IComputeToken} from "../../src/interfaces/IComputeToken.sol";
import {ITokenSale} from "../../src/interfaces/ITokenSale.sol";
import {Asset, FeeAsset, HostileAsset} from "../support/Assets.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {Test} from "forge-std/Test.sol";

contract TokenSaleTest is Test {
    uint256 internal constant SOLD = 1000e18;
    /// @dev Smallest units of what is paid with, for a whole token.
    uint128 internal constant PRICE = 2e6;
    uint256 internal constant SOFT_CAP = 800e6;
    uint64 internal constant START = 1_800_000_000;

    ComputeToken internal token;
    TokenSale internal sale;
    Asset internal money;
    address internal treasury = makeAddr("treasury");
    address internal rest = makeAddr("rest");
    address internal alice = makeAddr("alice");
    address internal bob = makeAddr("bob");
    address internal stranger = makeAddr("stranger");

    function setUp() public {
        vm.warp(START - 1 days);
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](1);
        grants[0] = IComputeToken.Grant(address(this), 100 * SOLD);
        token = new ComputeToken("t", "t", 100 * SOLD, grants);
        money = new Asset();
        deploy(address(money));
    }

    function leafOf(address buyer) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(buyer))));
    }

    /// @dev First for Alice and Bob, then for everybody at twice the price.
    function stages() internal view returns (ITokenSale.Stage[] memory s) {
        bytes32 list = Hashes.commutativeKeccak256(leafOf(alice), leafOf(bob));
        s = new ITokenSale.Stage[](2);
        s[0] = ITokenSale.Stage(START, START + 10 days, PRICE, 300e18, 200e18, list);
        s[1] = ITokenSale.Stage(START + 12 days, START + 20 days, 2 * PRICE, 700e18, 600e18, 0);
    }

    function params(address payment) internal view returns (ITokenSale.Params memory) {
        return ITokenSale.Params(payment, treasury, rest, SOFT_CAP);
    }

    function deploy(address payment) internal {
        sale =
            TokenSale(vm.deployCode("out/TokenSale.sol/TokenSale.json", abi.encode(token, params(payment), stages())));
        token.transfer(address(sale), SOLD);
        vm.warp(START);
    }

    function proofFor(address buyer) internal view returns (bytes32[] memory proof) {
        proof = new bytes32[](1);
        proof[0] = leafOf(buyer == alice ? bob : alice);
    }

    function buy(address buyer, uint256 amount) internal {
        money.mint(buyer, 1e12);
        bytes32[] memory proof = proofFor(buyer);
        vm.startPrank(buyer);
        money.approve(address(sale), type(uint256).max);
        sale.buy(amount, proof);
        vm.stopPrank();
    }

    /// @dev Alice and Bob buy enough for the soft cap.
    function reached() internal {
        buy(alice, 200e18);
        vm.warp(START + 12 days);
        buy(bob, 500e18);
        vm.warp(START + 20 days);
    }

    function missed() internal {
        buy(alice, 200e18);
        vm.warp(START + 12 days);
        buy(bob, 1e18);
        vm.warp(START + 20 days);
    }

    function expectOutcome(ITokenSale.Outcome outcome) internal {
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.WrongOutcome.selector, outcome));
    }

    function test_sellsAtThePriceOfTheStage() public {
        money.mint(alice, 300e6);
        vm.startPrank(alice);
        money.approve(address(sale), 300e6);
        vm.expectEmit(address(sale));
        emit ITokenSale.Bought(alice, 0, 150e18, 300e6);
        sale.buy(150e18, proofFor(alice));
        vm.stopPrank();
        assertEq(sale.boughtBy(alice), 150e18);
        assertEq(sale.paidBy(alice), 300e6);
        vm.warp(START + 12 days);
        buy(alice, 100e18);
        assertEq(sale.boughtBy(alice), 250e18);
        assertEq(sale.boughtInStage(1, alice), 100e18);
        assertEq(sale.paidBy(alice), 700e6);
        assertEq(sale.raised(), 700e6);
        assertEq(sale.owed(), 250e18);
        assertEq(sale.sold(), 250e18);
        assertEq(sale.soldInStage(0), 150e18);
        assertEq(money.balanceOf(address(sale)), 700e6);
        assertEq(uint8(sale.outcome()), uint8(ITokenSale.Outcome.Open));
        assertEq(sale.stages().length, 2);
        assertEq(sale.totalCap(), SOLD);
    }

    function test_pricesAreRoundedUp() public view {
        assertEq(sale.costOf(0, 1), 1);
        assertEq(sale.costOf(0, 1e18 + 1), PRICE + 1);
    }

    function test_onlyDuringAStage() public {
        uint64[4] memory times = [START - 1, START + 10 days, START + 12 days - 1, START + 20 days];
        for (uint256 i; i < times.length; ++i) {
            vm.warp(times[i]);
            vm.expectRevert(ITokenSale.NoStageNow.selector);
            vm.prank(alice);
            sale.buy(1, proofFor(alice));
        }
    }

    function test_onlyWhoIsOnTheList() public {
        bytes32[] memory proof = proofFor(alice);
        vm.startPrank(stranger);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.NotAllowed.selector, stranger));
        sale.buy(1e18, proof);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.NotAllowed.selector, stranger));
        sale.buy(1e18, new bytes32[](0));
        vm.stopPrank();
        vm.warp(START + 12 days);
        buy(stranger, 1e18);
        assertEq(sale.boughtBy(stranger), 1e18);
    }

    function test_caps() public {
        buy(alice, 150e18);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.BuyerCapExceeded.selector, 0, 50e18, 51e18));
        sale.buy(51e18, proofFor(alice));
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.StageCapExceeded.selector, 0, 150e18, 151e18));
        sale.buy(151e18, proofFor(bob));
        vm.expectRevert(ITokenSale.ZeroAmount.selector);
        sale.buy(0, proofFor(bob));
    }

    function test_sellsOnlyWhatIsHere() public {
        vm.prank(address(sale));
        token.transfer(rest, SOLD - 10e18);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.NotFunded.selector, 10e18, 11e18));
        vm.prank(alice);
        sale.buy(11e18, proofFor(alice));
    }

    function test_success() public {
        reached();
        assertEq(uint8(sale.outcome()), uint8(ITokenSale.Outcome.Succeeded));
        expectOutcome(ITokenSale.Outcome.Succeeded);
        vm.prank(alice);
        sale.refund(alice);

        vm.expectEmit(address(sale));
        emit ITokenSale.UnsoldSwept(300e18);
        sale.sweepUnsold();
        vm.expectEmit(address(sale));
        emit ITokenSale.Claimed(alice, 200e18);
        vm.prank(stranger);
        sale.claim(alice);
        assertEq(sale.collect(), 200 * PRICE + 500 * 2 * PRICE);
        sale.claim(bob);
        assertEq(token.balanceOf(alice), 200e18);
        assertEq(token.balanceOf(bob), 500e18);
        assertEq(token.balanceOf(rest), 300e18);
        assertEq(token.balanceOf(address(sale)), 0);
        assertEq(money.balanceOf(treasury), sale.raised());
        assertEq(money.balanceOf(address(sale)), 0);

        vm.expectRevert(abi.encodeWithSelector(ITokenSale.NothingDue.selector, alice));
        sale.claim(alice);
        vm.expectRevert(ITokenSale.NothingLeft.selector);
        sale.collect();
        vm.expectRevert(ITokenSale.NothingLeft.selector);
        sale.sweepUnsold();
    }

    function test_failure() public {
        missed();
        assertEq(uint8(sale.outcome()), uint8(ITokenSale.Outcome.Failed));
        expectOutcome(ITokenSale.Outcome.Failed);
        sale.claim(alice);
        expectOutcome(ITokenSale.Outcome.Failed);
        sale.collect();

        uint256 before = money.balanceOf(alice);
        vm.expectEmit(address(sale));
        emit ITokenSale.Refunded(alice, alice, 200 * PRICE);
        vm.prank(alice);
        sale.refund(alice);
        assertEq(money.balanceOf(alice), before + 200 * PRICE);
        vm.prank(bob);
        sale.refund(stranger);
        assertEq(money.balanceOf(stranger), 2 * PRICE);
        assertEq(money.balanceOf(address(sale)), 0);
        assertEq(sale.sweepUnsold(), SOLD);
        assertEq(token.balanceOf(rest), SOLD);

        vm.expectRevert(abi.encodeWithSelector(ITokenSale.NothingDue.selector, alice));
        vm.prank(alice);
        sale.refund(alice);
    }

    function test_nothingLeavesWhileItIsOpen() public {
        buy(alice, 200e18);
        expectOutcome(ITokenSale.Outcome.Open);
        sale.claim(alice);
        expectOutcome(ITokenSale.Outcome.Open);
        vm.prank(alice);
        sale.refund(alice);
        expectOutcome(ITokenSale.Outcome.Open);
        sale.collect();
        expectOutcome(ITokenSale.Outcome.Open);
        sale.sweepUnsold();
    }

    function test_endsEarlyWhenAllIsSold() public {
        buy(alice, 200e18);
        buy(bob, 100e18);
        vm.warp(START + 12 days);
        buy(alice, 600e18);
        assertEq(uint8(sale.outcome()), uint8(ITokenSale.Outcome.Open));
        buy(bob, 100e18);
        assertEq(uint8(sale.outcome()), uint8(ITokenSale.Outcome.Succeeded));
        sale.claim(alice);
    }

    function test_ether() public {
        deploy(address(0));
        vm.deal(alice, 1 ether);
        bytes32[] memory proof = proofFor(alice);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.WrongPayment.selector, 200 * PRICE + 1, 200 * PRICE));
        sale.buy{value: 200 * PRICE + 1}(200e18, proof);
        sale.buy{value: 200 * PRICE}(200e18, proof);
        vm.stopPrank();
        assertEq(address(sale).balance, 200 * PRICE);
        uint256 snapshot = vm.snapshotState();
        vm.warp(START + 20 days);
        vm.prank(alice);
        sale.refund(alice);
        assertEq(alice.balance, 1 ether);
        vm.revertToState(snapshot);

        vm.warp(START + 12 days);
        vm.deal(bob, 1 ether);
        vm.prank(bob);
        sale.buy{value: 500 * 2 * PRICE}(500e18, new bytes32[](0));
        vm.warp(START + 20 days);
        sale.collect();
        assertEq(treasury.balance, 200 * PRICE + 500 * 2 * PRICE);
    }

    function test_etherIsNotTakenForATokenSale() public {
        vm.deal(alice, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.WrongPayment.selector, 1, 0));
        vm.prank(alice);
        sale.buy{value: 1}(1e18, proofFor(alice));
    }

    function test_refusesPaymentThatKeepsAFee() public {
        money = new FeeAsset();
        deploy(address(money));
        money.mint(alice, 1e12);
        vm.startPrank(alice);
        money.approve(address(sale), type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.WrongPayment.selector, 198e4, 2e6));
        sale.buy(1e18, proofFor(alice));
    }

    function test_nothingCallsBackIn() public {
        HostileAsset hostile = new HostileAsset();
        money = hostile;
        deploy(address(money));
        hostile.mint(address(sale), 1);
        hostile.callBack(address(sale), abi.encodeCall(sale.buy, (1, new bytes32[](0))));
        buy(alice, 200e18);
        assertFalse(hostile.succeeded());
        assertEq(sale.sold(), 200e18);
    }

    function construct(ITokenSale.Params memory p, ITokenSale.Stage[] memory s, string memory what) internal {
        vm.expectRevert(abi.encodeWithSelector(ITokenSale.InvalidParams.selector, what));
        new TokenSale(token, p, s);
    }

    function test_refusesBadParams() public {
        vm.warp(START - 1);
        ITokenSale.Params memory p = params(address(money));
        p.treasury = address(0);
        construct(p, stages(), "no treasury");
        p = params(address(money));
        p.unsoldTo = address(0);
        construct(p, stages(), "no unsoldTo");
        construct(params(address(token)), stages(), "tokens sold for themselves");
        p = params(address(money));
        construct(p, new ITokenSale.Stage[](0), "stages must be 1 to 16");
        construct(p, new ITokenSale.Stage[](17), "stages must be 1 to 16");
        ITokenSale.Stage[] memory s = stages();
        s[1].start = s[0].end - 1;
        construct(p, s, "stages must follow each other");
        s = stages();
        s[0].end = s[0].start;
        construct(p, s, "stages must follow each other");
        s = stages();
        s[0].start = START - 2;
        construct(p, s, "stages must follow each other");
        s = stages();
        s[0].price = 0;
        construct(p, s, "price must be positive");
        s = stages();
        s[0].capPerBuyer = s[0].cap + 1;
        construct(p, s, "capPerBuyer must be 1 to cap");
        p.softCap = 300 * PRICE + 700 * 2 * PRICE + 1;
        construct(p, stages(), "softCap out of reach");
    }

    function test_gas() public {
        buy(alice, 10e18);
        bytes32[] memory proof = proofFor(alice);
        vm.cool(address(sale));
        vm.cool(address(token));
        vm.cool(address(money));
        vm.prank(alice);
        sale.buy(10e18, proof);
        vm.snapshotGasLastCall("distribution", "TokenSale.buy, a second time");
        vm.warp(START + 12 days);
        buy(alice, 590e18);
        vm.warp(START + 20 days);
        vm.cool(address(sale));
        vm.cool(address(token));
        sale.claim(alice);
        vm.snapshotGasLastCall("distribution", "TokenSale.claim");
    }
}

/// @dev Buyers who do what they can, before and after the end.
contract Buyers is Test {
    uint64 internal constant START = 1_800_000_000;
    uint256 public constant PEOPLE = 4;

    ComputeToken public token;
    Asset public money;
    TokenSale public sale;
    address public treasury = makeAddr("treasury");
    address public rest = makeAddr("rest");
    uint256 public minted;

    constructor() {
        vm.warp(START);
        IComputeToken.Grant[] memory grants = new IComputeToken.Grant[](1);
        grants[0] = IComputeToken.Grant(address(this), 1000e18);
        token = new ComputeToken("t", "t", 1000e18, grants);
        money = new Asset();
        ITokenSale.Stage[] memory s = new ITokenSale.Stage[](2);
        s[0] = ITokenSale.Stage(START, START + 10 days, 3e6 + 1, 300e18, 200e18, 0);
        s[1] = ITokenSale.Stage(START + 10 days, START + 20 days, 7e6 + 3, 700e18, 600e18, 0);
        ITokenSale.Params memory p = ITokenSale.Params(address(money), treasury, rest, 2000e6);
        sale = TokenSale(vm.deployCode("out/TokenSale.sol/TokenSale.json", abi.encode(token, p, s)));
        token.transfer(address(sale), 1000e18);
        for (uint256 i; i < PEOPLE; ++i) {
            money.mint(person(i), 1e12);
            vm.prank(person(i));
            money.approve(address(sale), type(uint256).max);
        }
    }

    function person(uint256 i) public pure returns (address) {
        return address(uint160(0x1000 + i % PEOPLE));
    }

    // What everybody bought and paid, counted apart from the sale.
    mapping(uint256 stage => uint256) public bought;
    mapping(uint256 stage => mapping(address buyer => uint256)) public boughtBy;
    mapping(address buyer => uint256) public tokensOf;
    mapping(address buyer => uint256) public paidBy;
    /// @dev What should have been refused and was not, or the other way round.
    string[] internal _wrong;

    function wrong() external view returns (string[] memory) {
        return _wrong;
    }

    function mustBe(bool expected, bool found, string memory what) internal {
        if (expected != found) _wrong.push(what);
    }

    /// @dev The stage that runs, by its times; 2 if none does.
    function running() public view returns (uint256) {
        if (block.timestamp < START + 10 days) return 0;
        return block.timestamp < START + 20 days ? 1 : 2;
    }

    /// @dev A purchase succeeds exactly if its stage and its buyer have so much left, and costs its price, rounded up.
    function buy(uint256 who, uint256 amount) external {
        address buyer = person(who);
        // Often all that a cap leaves, and one more.
        uint256 s = running();
        ITokenSale.Stage memory stage = s < 2 ? sale.stages()[s] : sale.stages()[1];
        uint256 left = stage.cap - bought[s];
        uint256 own = stage.capPerBuyer - boughtBy[s][buyer];
        uint256 most = left < own ? left : own;
        if (amount % 4 == 0) amount = most;
        else if (amount % 4 == 1) amount = most + 1;
        else amount = bound(amount, 1, 250e18);
        uint256 cost = (amount * stage.price + 1e18 - 1) / 1e18;
        bool may = s < 2 && amount > 0 && amount <= most && money.balanceOf(buyer) >= cost;
        uint256 before = money.balanceOf(buyer);
        vm.prank(buyer);
        (bool ok,) = address(sale).call(abi.encodeCall(sale.buy, (amount, new bytes32[](0))));
        mustBe(may, ok, "a purchase");
        mustBe(true, before - money.balanceOf(buyer) == (may ? cost : 0), "a price");
        if (!may) return;
        bought[s] += amount;
        boughtBy[s][buyer] += amount;
        tokensOf[buyer] += amount;
        paidBy[buyer] += cost;
        paid[buyer] += cost;
    }

    /// @dev Whether the sale is over, and whether it succeeded.
    function ended() public view returns (bool over, bool success) {
        over = running() == 2 || bought[0] + bought[1] == 1000e18;
        uint256 raised;
        for (uint256 i; i < PEOPLE; ++i) {
            raised += paid[person(i)];
        }
        success = over && raised >= 2000e6;
    }

    /// @dev All that a buyer ever paid: `paidBy` without what was paid back.
    mapping(address buyer => uint256) internal paid;

    function claim(uint256 who) external {
        (, bool success) = ended();
        address buyer = person(who);
        uint256 before = token.balanceOf(buyer);
        (bool ok,) = address(sale).call(abi.encodeCall(sale.claim, (buyer)));
        bool may = success && tokensOf[buyer] > 0;
        mustBe(may, ok, "a claim");
        mustBe(true, token.balanceOf(buyer) - before == (may ? tokensOf[buyer] : 0), "what is claimed");
        if (may) tokensOf[buyer] = 0;
    }

    function refund(uint256 who) external {
        (bool over, bool success) = ended();
        address buyer = person(who);
        uint256 before = money.balanceOf(buyer);
        vm.prank(buyer);
        (bool ok,) = address(sale).call(abi.encodeCall(sale.refund, (buyer)));
        bool may = over && !success && paidBy[buyer] > 0;
        mustBe(may, ok, "a refund");
        mustBe(true, money.balanceOf(buyer) - before == (may ? paidBy[buyer] : 0), "what is refunded");
        if (may) paidBy[buyer] = 0;
    }

    function collect() external {
        (, bool success) = ended();
        uint256 here = money.balanceOf(address(sale));
        (bool ok,) = address(sale).call(abi.encodeCall(sale.collect, ()));
        mustBe(success && here > 0, ok, "a collection");
    }

    function sweepUnsold() external {
        (bool over, bool success) = ended();
        uint256 owed;
        for (uint256 i; i < PEOPLE && success; ++i) {
            owed += tokensOf[person(i)];
        }
        uint256 unsold = token.balanceOf(address(sale)) - owed;
        uint256 before = token.balanceOf(rest);
        (bool ok,) = address(sale).call(abi.encodeCall(sale.sweepUnsold, ()));
        mustBe(over && unsold > 0, ok, "a sweep");
        mustBe(true, token.balanceOf(rest) - before == (over ? unsold : 0), "what is swept");
    }

    function pass(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 0, 1 days));
    }

    function end() external {
        vm.warp(START + 20 days);
    }
}

contract TokenSaleInvariants is Test {
    Buyers internal buyers;
    TokenSale internal sale;

    function setUp() public {
        buyers = new Buyers();
        sale = buyers.sale();
        bytes4[] memory actions = new bytes4[](6);
        actions[0] = Buyers.buy.selector;
        actions[1] = Buyers.claim.selector;
        actions[2] = Buyers.refund.selector;
        actions[3] = Buyers.collect.selector;
        actions[4] = Buyers.sweepUnsold.selector;
        actions[5] = Buyers.pass.selector;
        targetContract(address(buyers));
        targetSelector(FuzzSelector(address(buyers), actions));
    }

    /// @dev Every action did what it must and nothing else, and what buyers are owed is here: tokens unless the sale failed, and what
    /// they paid unless it succeeded.
    function invariant_solvent() public view {
        string[] memory wrong = buyers.wrong();
        if (wrong.length > 0) revert(string.concat("not as it must be: ", wrong[0]));
        uint256 tokens;
        uint256 paid;
        for (uint256 i; i < buyers.PEOPLE(); ++i) {
            address person = buyers.person(i);
            assertEq(sale.boughtBy(person), buyers.tokensOf(person));
            assertEq(sale.paidBy(person), buyers.paidBy(person));
            tokens += buyers.tokensOf(person);
            paid += buyers.paidBy(person);
        }
        (bool over, bool success) = buyers.ended();
        ITokenSale.Outcome expected = success ? ITokenSale.Outcome.Succeeded : ITokenSale.Outcome.Failed;
        assertEq(uint8(sale.outcome()), uint8(over ? expected : ITokenSale.Outcome.Open), "outcome");
        if (!over || success) {
            assertEq(tokens, sale.owed());
            assertGe(buyers.token().balanceOf(address(sale)), tokens, "tokens owed are not here");
        }
        if (!success) assertEq(buyers.money().balanceOf(address(sale)), paid, "refunds are not here");
        for (uint256 s; s < 2; ++s) {
            assertEq(sale.soldInStage(s), buyers.bought(s));
            assertLe(buyers.bought(s), sale.stages()[s].cap);
        }
    }

    /// @dev In the end everybody has what is theirs, and nothing is left.
    function afterInvariant() public {
        buyers.end();
        bool success = sale.outcome() == ITokenSale.Outcome.Succeeded;
        uint256 raised = sale.raised();
        for (uint256 i; i < buyers.PEOPLE(); ++i) {
            address person = buyers.person(i);
            if (success) {
                uint256 due = buyers.token().balanceOf(person) + sale.boughtBy(person);
                buyers.claim(i);
                assertEq(buyers.token().balanceOf(person), due);
            } else {
                buyers.refund(i);
                assertEq(buyers.money().balanceOf(person), 1e12, "not refunded in full");
            }
        }
        buyers.collect();
        buyers.sweepUnsold();
        assertEq(buyers.token().balanceOf(address(sale)), 0, "tokens stuck");
        assertEq(buyers.money().balanceOf(address(sale)), 0, "payments stuck");
        if (success) assertEq(buyers.money().balanceOf(buyers.treasury()), raised);
    }
}
