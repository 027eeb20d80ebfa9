// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SCOPE_MARKET} from "../src/interfaces/IGuard.sol";
import {IManaged} from "../src/interfaces/IManaged.sol";
import {IMarket} from "../src/interfaces/IMarket.sol";
import {IProtocolFee} from "../src/interfaces/IProtocolFee.sol";
import {AUDIT, TRAINING} from "../src/interfaces/Types.sol";
import {Money, RefusingToken, Wallet} from "./support/Money.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

contract MarketTest is Money {
    IMarket.Meter internal constant SECONDS = IMarket.Meter.Seconds;
    IMarket.Meter internal constant UNITS = IMarket.Meter.Units;

    function setUp() public override {
        super.setUp();
        fund(node, 1000e18);
        fund(owner, 1000e18);
        allow(node);
        allow(owner);
    }

    function claim(bytes32 lease, uint128 amount) internal {
        vm.prank(node);
        market.claim(lease, amount, "evidence");
    }

    function redeem(bytes32 lease, uint128 amount) internal {
        bytes memory signature = voucher(lease, amount);
        vm.prank(stranger);
        market.redeem(lease, amount, signature);
    }

    function bondFor(uint256 amount) internal pure returns (uint256) {
        return (amount * BOND_BPS + 9999) / 10_000;
    }

    function assertSolvent() internal view {
        assertEq(token.balanceOf(address(market)), market.totalHeld());
    }

    // --- matching

    function test_openLease() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        uint256 before = token.balanceOf(requester);
        bytes32 lease = openLease(offer, order);
        assertEq(lease, keccak256(abi.encode(market.offerDigest(offer), market.orderDigest(order))));

        IMarket.Lease memory l = market.leaseOf(lease);
        assertEq(l.requester, requester);
        assertEq(l.signer, requester);
        assertEq(l.node, node);
        assertEq(l.start, block.timestamp);
        assertEq(l.since, block.timestamp);
        assertEq(l.end, block.timestamp + 10_000);
        assertEq(l.price, PRICE, "the ask's, though the bid would have paid more");
        assertEq(l.perSecond, PRICE);
        assertEq(l.most, 10_000 * uint256(PRICE));
        assertEq(l.deposit, 10 ether);
        assertEq(l.feeBps, FEE_BPS);
        assertEq(l.offer, market.offerDigest(offer));
        assertFalse(l.closed);
        assertEq(before - token.balanceOf(requester), 10 ether);
        assertEq(market.filled(market.offerDigest(offer)), 10_000);
        assertEq(market.filled(market.orderDigest(order)), 10_000);
        assertSolvent();
    }

    function test_openLeaseOfUnits() public {
        bytes32 lease = openLease(UNITS);
        IMarket.Lease memory l = market.leaseOf(lease);
        assertEq(l.end, block.timestamp + 2 days);
        assertEq(l.perSecond, 10 * uint256(PRICE));
        assertEq(l.most, 10_000 * uint256(PRICE));
    }

    /// @dev Written out, as a wallet computes it.
    function test_digestsAreThoseOfEip712() public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("corex market"),
                keccak256("1"),
                block.chainid,
                market
            )
        );
        IMarket.Offer memory o = offerOf(UNITS);
        bytes32 typeHash = keccak256(
            "Offer(address provider,address node,uint8 kind,uint8 meter,uint128 price,uint64 minQuantity,uint64 maxQuantity,uint64 maxRate,uint64 maxTerm,uint128 minDeposit,uint64 expiry,uint256 nonce)"
        );
        bytes memory first = abi.encode(typeHash, o.provider, o.node, o.kind, uint256(1), o.price, o.minQuantity);
        bytes memory second = abi.encode(o.maxQuantity, o.maxRate, o.maxTerm, o.minDeposit, o.expiry, o.nonce);
        bytes32 structHash = keccak256(bytes.concat(first, second));
        assertEq(market.offerDigest(o), keccak256(abi.encodePacked("\x19\x01", domain, structHash)));

        IMarket.Order memory b = orderOf(SECONDS);
        typeHash = keccak256(
            "Order(address requester,address signer,address node,uint8 tiers,uint8 kind,uint8 meter,uint128 maxPrice,uint64 minQuantity,uint64 maxQuantity,uint64 rate,uint64 term,uint128 deposit,uint64 expiry,uint256 nonce)"
        );
        first = abi.encode(typeHash, b.requester, b.signer, b.node, b.tiers, b.kind, uint256(0), b.maxPrice);
        second = abi.encode(b.minQuantity, b.maxQuantity, b.rate, b.term, b.deposit, b.expiry, b.nonce);
        structHash = keccak256(bytes.concat(first, second));
        assertEq(market.orderDigest(b), keccak256(abi.encodePacked("\x19\x01", domain, structHash)));

        structHash = keccak256(abi.encode(keccak256("Voucher(bytes32 lease,uint128 amount)"), bytes32("l"), 5));
        assertEq(market.voucherDigest("l", 5), keccak256(abi.encodePacked("\x19\x01", domain, structHash)));
    }

    function test_fillsInParts() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        offer.maxQuantity = 4000;
        IMarket.Order memory order = orderOf(SECONDS);
        bytes32 first = openLease(offer, order);
        assertEq(market.leaseOf(first).most, 4000 * uint256(PRICE));
        assertEq(market.leaseOf(first).deposit, 4 ether, "the same part of the deposit");

        vm.expectRevert(abi.encodeWithSelector(IMarket.NothingLeft.selector, market.offerDigest(offer)));
        this.openLeaseOutside(offer, order);
        offer.nonce = 1;
        offer.maxQuantity = 10_000;
        bytes32 second = openLease(offer, order);
        assertEq(market.leaseOf(second).most, 6000 * uint256(PRICE));
        offer.nonce = 2;
        vm.expectRevert(abi.encodeWithSelector(IMarket.NothingLeft.selector, market.orderDigest(order)));
        this.openLeaseOutside(offer, order);

        order.nonce = 1;
        offer.nonce = 1;
        bytes32 third = openLease(offer, order);
        assertEq(market.leaseOf(third).most, 4000 * uint256(PRICE), "what was left of the second offer");
    }

    function openLeaseOutside(IMarket.Offer memory offer, IMarket.Order memory order) external returns (bytes32) {
        bytes memory offerSignature = signedBy(nodeKey, market.offerDigest(offer));
        bytes memory orderSignature = signedBy(requesterKey, market.orderDigest(order));
        return market.openLease(offer, offerSignature, order, orderSignature);
    }

    /// @dev However an order is filled, all its leases together take at most the deposit that it names.
    function testFuzz_anOrderNeverCostsMoreThanItNames(uint128 deposit, uint64[5] memory parts) public {
        IMarket.Order memory order = orderOf(SECONDS);
        order.deposit = uint128(bound(deposit, 1e18, 20 ether));
        order.minQuantity = 0;
        uint256 before = token.balanceOf(requester);
        for (uint256 i; i < parts.length; ++i) {
            IMarket.Offer memory offer = offerOf(SECONDS);
            offer.nonce = i;
            offer.minDeposit = 0;
            offer.maxQuantity = uint64(bound(parts[i], 10, 3000));
            if (market.filled(market.orderDigest(order)) + 10 > order.maxQuantity) break;
            bytes32 lease = openLease(offer, order);
            assertLe(market.leaseOf(lease).deposit, market.leaseOf(lease).most);
        }
        assertLe(before - token.balanceOf(requester), order.deposit);
        assertSolvent();
    }

    function refused(IMarket.Offer memory offer, IMarket.Order memory order, bytes memory reason) internal {
        vm.expectRevert(reason);
        this.openLeaseOutside(offer, order);
    }

    function differs(string memory term) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMarket.TermsDiffer.selector, term);
    }

    function invalid(string memory term) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IMarket.InvalidTerms.selector, term);
    }

    function test_termsMustFit() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        offer.kind = TRAINING;
        refused(offer, order, differs("kind"));
        (offer.kind, order.kind) = (AUDIT, AUDIT);
        refused(offer, order, abi.encodeWithSelector(IMarket.InvalidKind.selector, AUDIT));

        refused(offerOf(UNITS), orderOf(SECONDS), differs("meter"));

        (offer, order) = (offerOf(SECONDS), orderOf(SECONDS));
        offer.price = 0;
        refused(offer, order, invalid("price"));
        offer.price = order.maxPrice + 1;
        refused(offer, order, differs("price"));

        (offer, order) = (offerOf(SECONDS), orderOf(SECONDS));
        order.rate = 0;
        refused(offer, order, invalid("rate"));
        order.rate = 2;
        refused(offer, order, differs("rate"));
        offer.maxRate = 2;
        refused(offer, order, invalid("rate"));
        order.rate = 1;
        order.term = 1;
        refused(offer, order, invalid("term"));

        (offer, order) = (offerOf(UNITS), orderOf(UNITS));
        order.term = 0;
        refused(offer, order, invalid("term"));
        order.term = offer.maxTerm + 1;
        refused(offer, order, differs("term"));

        (offer, order) = (offerOf(SECONDS), orderOf(SECONDS));
        offer.maxTerm = 9999;
        refused(offer, order, differs("term"));
        order.node = stranger;
        refused(offer, order, differs("node"));

        (offer, order) = (offerOf(SECONDS), orderOf(SECONDS));
        offer.minQuantity = 10_001;
        refused(offer, order, abi.encodeWithSelector(IMarket.QuantityTooSmall.selector, 10_000, 10_001));
        offer.minQuantity = 0;
        offer.maxQuantity = 9;
        refused(offer, order, abi.encodeWithSelector(IMarket.QuantityTooSmall.selector, 9, 10));

        (offer, order) = (offerOf(SECONDS), orderOf(SECONDS));
        offer.minDeposit = 11 ether;
        refused(offer, order, abi.encodeWithSelector(IMarket.DepositTooSmall.selector, 10 ether, 11 ether));
        (offer.minDeposit, order.deposit) = (0, 0);
        refused(offer, order, abi.encodeWithSelector(IMarket.DepositTooSmall.selector, 0, 1));
    }

    function test_theNodeMustFit() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        registry.set(node, owner, 0);
        refused(offer, order, abi.encodeWithSelector(IMarket.TierNotAllowed.selector, node, 0));
        registry.set(node, owner, 3);
        order.node = node;
        openLease(offer, order);

        registry.retire(node);
        order.nonce = 1;
        refused(offer, order, abi.encodeWithSelector(IMarket.NodeNotInService.selector, node));
        offer.provider = stranger;
        refused(offer, order, abi.encodeWithSelector(IMarket.NotProvider.selector, stranger, node));
        order.node = address(0);
        offer.provider = offer.node = stranger;
        refused(offer, order, abi.encodeWithSelector(IMarket.NotProvider.selector, stranger, stranger));
    }

    function test_expiryAndNonces() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        offer.expiry = uint64(block.timestamp - 1);
        refused(offer, order, abi.encodeWithSelector(IMarket.Expired.selector, offer.expiry));
        offer.expiry = uint64(block.timestamp);
        order.expiry = uint64(block.timestamp - 1);
        refused(offer, order, abi.encodeWithSelector(IMarket.Expired.selector, order.expiry));
        order.expiry = uint64(block.timestamp);

        (offer.nonce, order.nonce) = (4, 4);
        vm.prank(node);
        vm.expectEmit();
        emit IMarket.NonceRaised(node, 5);
        market.cancelBelow(5);
        assertEq(market.minNonce(node), 5);
        refused(offer, order, abi.encodeWithSelector(IMarket.NonceTooLow.selector, node, 4, 5));
        offer.nonce = 5;
        vm.prank(requester);
        market.cancelBelow(5);
        refused(offer, order, abi.encodeWithSelector(IMarket.NonceTooLow.selector, requester, 4, 5));
        order.nonce = 5;
        openLease(offer, order);

        vm.expectRevert(abi.encodeWithSelector(IMarket.NonceNotHigher.selector, 5, 5));
        vm.prank(node);
        market.cancelBelow(5);
    }

    function test_signatures() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        bytes memory right = signedBy(nodeKey, market.offerDigest(offer));
        bytes memory wrong = signedBy(requesterKey, market.offerDigest(offer));
        bytes memory orderSignature = signedBy(requesterKey, market.orderDigest(order));
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, node));
        market.openLease(offer, wrong, order, orderSignature);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, node));
        market.openLease(offer, "", order, orderSignature);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, requester));
        market.openLease(offer, right, order, "");

        vm.prank(requester);
        market.openLease(offer, right, order, "");
        order.nonce = 1;
        orderSignature = signedBy(requesterKey, market.orderDigest(order));
        vm.prank(node);
        market.openLease(offer, "", order, orderSignature);
    }

    function test_theOwnerOffersToo() public {
        (address cold, uint256 coldKey) = makeAddrAndKey("cold");
        registry.set(node, cold, 1);
        IMarket.Offer memory offer = offerOf(SECONDS);
        offer.provider = cold;
        nodeKey = coldKey;
        openLease(offer, orderOf(SECONDS));
    }

    function test_walletsSignByErc1271() public {
        (address key, uint256 secret) = makeAddrAndKey("wallet key");
        Wallet provider = new Wallet(key);
        Wallet buyer = new Wallet(key);
        registry.set(node, address(provider), 1);
        fund(address(buyer), 10 ether);
        buyer.approve(token, address(market));
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        (offer.provider, order.requester) = (address(provider), address(buyer));
        bytes memory byProvider = signedBy(secret, market.offerDigest(offer));
        bytes memory byBuyer = signedBy(secret, market.orderDigest(order));
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, address(buyer)));
        market.openLease(offer, byProvider, order, byProvider);
        bytes32 lease = market.openLease(offer, byProvider, order, byBuyer);

        bytes memory signature = signedBy(secret, market.voucherDigest(lease, 1 ether));
        market.redeem(lease, 1 ether, signature);
        assertEq(token.balanceOf(address(provider)), 1 ether - feeOf(1 ether));
    }

    function test_cancel() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotProvider.selector, stranger, node));
        vm.prank(stranger);
        market.cancelOffer(offer);
        bytes32 hash = market.offerDigest(offer);
        vm.prank(owner);
        vm.expectEmit();
        emit IMarket.OfferCancelled(hash, owner);
        market.cancelOffer(offer);
        refused(offer, order, abi.encodeWithSelector(IMarket.NothingLeft.selector, market.offerDigest(offer)));
        offer.nonce = 1;
        vm.prank(node);
        market.cancelOffer(offer);
        refused(offer, order, abi.encodeWithSelector(IMarket.NothingLeft.selector, market.offerDigest(offer)));

        offer.nonce = 2;
        hash = market.orderDigest(order);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotRequester.selector, stranger, hash));
        vm.prank(stranger);
        market.cancelOrder(order);
        vm.prank(requester);
        vm.expectEmit();
        emit IMarket.OrderCancelled(hash, requester);
        market.cancelOrder(order);
        refused(offer, order, abi.encodeWithSelector(IMarket.NothingLeft.selector, market.orderDigest(order)));
        order.signer = coordinator;
        vm.prank(coordinator);
        market.cancelOrder(order);
        refused(offer, order, abi.encodeWithSelector(IMarket.NothingLeft.selector, market.orderDigest(order)));
    }

    function test_onlyNewLeasesCanBePaused() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        order.deposit = 9 ether;
        bytes32 lease = openLease(offer, order);
        guard.set(SCOPE_MARKET, true);
        order.nonce = 1;
        refused(offer, order, abi.encodeWithSelector(IMarket.Paused.selector));

        vm.prank(requester);
        market.extend(lease, offer, 100, 100);
        vm.prank(requester);
        market.topUp(lease, 1);
        skip(1000);
        claim(lease, 1 ether);
        redeem(lease, 0.5 ether);
        vm.prank(requester);
        market.object(lease, 0.5 ether);
        vm.prank(node);
        market.close(lease);
    }

    // --- a lease that runs

    function test_accrues() public {
        bytes32 lease = openLease(SECONDS);
        skip(60);
        assertEq(market.accrued(lease), 60 * uint256(PRICE));
        skip(1 days);
        assertEq(market.accrued(lease), 10 ether, "never beyond the end");
        bytes32 units = openLease(UNITS);
        skip(60);
        assertEq(market.accrued(units), 600 * uint256(PRICE), "at the order's rate");
        skip(1 days);
        assertEq(market.accrued(units), 10 ether, "never beyond the quantity");
        vm.expectRevert(abi.encodeWithSelector(IMarket.UnknownLease.selector, bytes32("none")));
        market.accrued("none");
    }

    function test_topUp() public {
        IMarket.Order memory order = orderOf(SECONDS);
        order.deposit = 1 ether;
        bytes32 lease = openLease(offerOf(SECONDS), order);
        skip(500);
        fund(stranger, 10 ether);
        allow(stranger);
        vm.prank(stranger);
        vm.expectEmit();
        emit IMarket.LeaseToppedUp(lease, stranger, 1 ether);
        market.topUp(lease, 1 ether);
        assertEq(market.leaseOf(lease).deposit, 2 ether);
        skip(2500);
        assertEq(market.accrued(lease), 2 ether);

        vm.startPrank(requester);
        vm.expectRevert(IMarket.ZeroAmount.selector);
        market.topUp(lease, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.DepositExceedsPrice.selector, 10 ether + 1, 10 ether));
        market.topUp(lease, 8 ether + 1);
        market.topUp(lease, 8 ether);
        assertEq(market.accrued(lease), 2 ether, "the time without a deposit is not made up for");
        skip(100);
        assertEq(market.accrued(lease), 2.1 ether);
        skip(10_000);
        uint64 end = market.leaseOf(lease).end;
        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseOver.selector, lease, end));
        market.topUp(lease, 1);
        assertSolvent();
    }

    function test_extend() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        bytes32 lease = openLease(offer, orderOf(SECONDS));
        uint256 before = token.balanceOf(requester);
        vm.startPrank(requester);
        vm.expectEmit();
        emit IMarket.LeaseExtended(lease, 500, uint64(block.timestamp + 10_500));
        market.extend(lease, offer, 500, 500);
        assertEq(market.leaseOf(lease).most, 10_500 * uint256(PRICE));
        assertEq(market.leaseOf(lease).deposit, 10.5 ether, "paid in full");
        assertEq(before - token.balanceOf(requester), 0.5 ether);
        assertEq(market.filled(market.offerDigest(offer)), 10_500);
        assertSolvent();
        skip(10_499);
        assertEq(market.accrued(lease), 10.499 ether);

        vm.expectRevert(abi.encodeWithSelector(IMarket.InvalidTerms.selector, "term"));
        market.extend(lease, offer, 500, 501);
        vm.expectRevert(IMarket.ZeroAmount.selector);
        market.extend(lease, offer, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.QuantityExceedsOffer.selector, 89_501, 89_500));
        market.extend(lease, offer, 89_501, 89_501);
        skip(1);
        vm.expectPartialRevert(IMarket.LeaseOver.selector);
        market.extend(lease, offer, 1, 1);
    }

    function test_extendingMakesUpForNoTimeEither() public {
        IMarket.Offer memory offer = offerOf(SECONDS);
        IMarket.Order memory order = orderOf(SECONDS);
        order.deposit = 1 ether;
        bytes32 lease = openLease(offer, order);
        skip(5000);
        assertEq(market.accrued(lease), 1 ether);
        vm.prank(requester);
        market.extend(lease, offer, 500, 500);
        assertEq(market.accrued(lease), 1 ether);
        skip(100);
        assertEq(market.accrued(lease), 1.1 ether);
    }

    function test_extendKeepsToTheOffer() public {
        IMarket.Offer memory offer = offerOf(UNITS);
        bytes32 lease = openLease(offer, orderOf(UNITS));
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotRequester.selector, node, lease));
        vm.prank(node);
        market.extend(lease, offer, 1, 1);

        vm.startPrank(requester);
        market.extend(lease, offer, 100, 0);
        market.extend(lease, offer, 0, 28 days);
        assertEq(market.leaseOf(lease).end, block.timestamp + 30 days);
        vm.expectRevert(differs("term"));
        market.extend(lease, offer, 0, 1);
        IMarket.Offer memory cheaper = offerOf(UNITS);
        cheaper.price = 1;
        vm.expectRevert(
            abi.encodeWithSelector(IMarket.WrongOffer.selector, market.offerDigest(cheaper), market.offerDigest(offer))
        );
        market.extend(lease, cheaper, 1, 0);
        vm.stopPrank();

        vm.prank(node);
        market.cancelOffer(offer);
        vm.startPrank(requester);
        vm.expectRevert(abi.encodeWithSelector(IMarket.QuantityExceedsOffer.selector, 0, 0));
        market.extend(lease, offer, 0, 1);
        skip(8 days);
        vm.expectRevert(abi.encodeWithSelector(IMarket.Expired.selector, offer.expiry));
        market.extend(lease, offer, 0, 1);
    }

    // --- vouchers

    function test_redeem() public {
        bytes32 lease = openLease(UNITS);
        uint256 before = token.balanceOf(owner);
        redeem(lease, 3 ether);
        assertEq(token.balanceOf(owner) - before, 3 ether - feeOf(3 ether));
        assertEq(token.balanceOf(address(splitter)), feeOf(3 ether));

        bytes memory signature = voucher(lease, 3 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.AlreadySettled.selector, 3 ether, 3 ether));
        market.redeem(lease, 3 ether, signature);
        vm.expectEmit();
        emit IMarket.ProviderPaid(lease, owner, 1 ether - feeOf(1 ether), feeOf(1 ether), 4 ether);
        redeem(lease, 4 ether);
        signature = voucher(lease, 10 ether + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ExceedsDeposit.selector, 10 ether + 1, 10 ether));
        market.redeem(lease, 10 ether + 1, signature);
        assertSolvent();
    }

    /// @dev Vouchers are paid to the highest one, whatever is redeemed in which order and how often.
    function testFuzz_vouchersArePaidOnce(uint128[8] memory amounts) public {
        bytes32 lease = openLease(UNITS);
        uint256 highest;
        uint256 before = token.balanceOf(owner);
        for (uint256 i; i < amounts.length; ++i) {
            uint128 amount = uint128(bound(amounts[i], 1, 10 ether));
            bytes memory signature = voucher(lease, amount);
            try market.redeem(lease, amount, signature) {
                assertGt(amount, highest);
                highest = amount;
            } catch {
                assertLe(amount, highest);
            }
        }
        uint256 paid = token.balanceOf(owner) - before + token.balanceOf(address(splitter));
        assertEq(paid, highest);
        assertEq(market.leaseOf(lease).settled, highest);
        assertSolvent();
    }

    function test_vouchersOfTheSignerOnly() public {
        (address hot, uint256 hotKey) = makeAddrAndKey("hot");
        IMarket.Order memory order = orderOf(UNITS);
        order.signer = hot;
        bytes32 lease = openLease(offerOf(UNITS), order);
        bytes memory cold = voucher(lease, 1 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, hot));
        market.redeem(lease, 1 ether, cold);
        market.redeem(lease, 1 ether, signedBy(hotKey, market.voucherDigest(lease, 1 ether)));
        vm.prank(hot);
        market.redeem(lease, 2 ether, "");
        vm.prank(requester);
        market.redeem(lease, 3 ether, "");

        order.nonce = 1;
        bytes32 other = openLease(offerOf(UNITS), order);
        bytes memory signature = signedBy(hotKey, market.voucherDigest(lease, 4 ether));
        vm.expectRevert(abi.encodeWithSelector(IMarket.WrongSignature.selector, hot));
        market.redeem(other, 4 ether, signature);
    }

    function test_aNodeThatChangesHandsPaysItsNewOwner() public {
        bytes32 lease = openLease(UNITS);
        registry.set(node, stranger, 1);
        redeem(lease, 1 ether);
        assertEq(token.balanceOf(stranger), 1 ether - feeOf(1 ether));
    }

    // --- claims

    function test_claimWithoutTheRequester() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotProvider.selector, stranger, node));
        vm.prank(stranger);
        market.claim(lease, 1 ether, 0);
        vm.startPrank(node);
        vm.expectRevert(abi.encodeWithSelector(IMarket.AlreadySettled.selector, 0, 0));
        market.claim(lease, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ExceedsAccrued.selector, 1 ether + 1, 1 ether));
        market.claim(lease, 1 ether + 1, 0);

        uint256 bond = bondFor(1 ether);
        uint64 deadline = uint64(block.timestamp + CHALLENGE);
        uint256 before = token.balanceOf(node);
        vm.expectEmit();
        emit IMarket.Claimed(lease, node, 1 ether, bond, deadline, "evidence");
        market.claim(lease, 1 ether, "evidence");
        assertEq(before - token.balanceOf(node), bond);
        assertSolvent();
        vm.expectRevert(abi.encodeWithSelector(IMarket.ClaimOpen.selector, lease, deadline));
        market.claim(lease, 1 ether, "evidence");
        vm.stopPrank();

        vm.warp(deadline);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ChallengeWindowOpen.selector, deadline));
        market.finalize(lease);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ChallengeWindowOver.selector, deadline));
        vm.prank(requester);
        market.object(lease, 0);
        uint256 ownerBefore = token.balanceOf(owner);
        vm.prank(stranger);
        market.finalize(lease);
        assertEq(token.balanceOf(owner) - ownerBefore, 1 ether - feeOf(1 ether));
        assertEq(token.balanceOf(node), before, "the bond is back");
        vm.expectRevert(abi.encodeWithSelector(IMarket.NoClaim.selector, lease));
        market.finalize(lease);
        assertSolvent();
    }

    function test_theOwnerClaimsToo() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        uint256 before = token.balanceOf(owner);
        vm.prank(owner);
        market.claim(lease, 1 ether, 0);
        assertEq(market.claimOf(lease).claimant, owner);
        skip(CHALLENGE + 1);
        market.finalize(lease);
        assertEq(token.balanceOf(owner), before + 1 ether - feeOf(1 ether));
    }

    function test_claimsEndWithTheWindowAfterTheEnd() public {
        bytes32 lease = openLease(SECONDS);
        uint64 end = market.leaseOf(lease).end;
        vm.warp(end + CHALLENGE);
        claim(lease, 10 ether);
        skip(CHALLENGE + 1);
        market.finalize(lease);
        lease = openLease(UNITS);
        vm.warp(market.leaseOf(lease).end + CHALLENGE + 1);
        vm.expectPartialRevert(IMarket.LeaseOver.selector);
        vm.prank(node);
        market.claim(lease, 1 ether, 0);
    }

    function test_withdrawClaimInTheFirstHalf() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        uint256 before = token.balanceOf(node);
        claim(lease, 1 ether);
        skip(CHALLENGE / 2 - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotProvider.selector, requester, node));
        vm.prank(requester);
        market.withdrawClaim(lease);
        vm.prank(owner);
        vm.expectEmit();
        emit IMarket.ClaimWithdrawn(lease, 1 ether);
        market.withdrawClaim(lease);
        assertEq(token.balanceOf(node), before, "to whom posted it");
        assertSolvent();

        vm.expectRevert(abi.encodeWithSelector(IMarket.NoClaim.selector, lease));
        vm.prank(node);
        market.withdrawClaim(lease);
        skip(CHALLENGE / 2);
        claim(lease, 1 ether);
        skip(CHALLENGE / 2);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ClaimStands.selector, block.timestamp));
        vm.prank(node);
        market.withdrawClaim(lease);
    }

    function test_aVoucherSettlesAClaim() public {
        bytes32 lease = openLease(SECONDS);
        skip(2000);
        uint256 before = token.balanceOf(node);
        claim(lease, 2 ether);
        redeem(lease, 1 ether);
        assertEq(market.claimOf(lease).amount, 2 ether, "not by a smaller one");
        redeem(lease, 2 ether);
        assertEq(market.claimOf(lease).claimant, address(0));
        assertEq(token.balanceOf(node), before);
        assertEq(market.leaseOf(lease).settled, 2 ether, "paid once");
        assertSolvent();
    }

    function test_object() public {
        bytes32 lease = openLease(SECONDS);
        skip(5000);
        redeem(lease, 1 ether);
        uint256 nodeBefore = token.balanceOf(node);
        uint256 ownerBefore = token.balanceOf(owner);
        uint256 feesBefore = token.balanceOf(address(splitter));
        claim(lease, 5 ether);

        vm.expectRevert(abi.encodeWithSelector(IMarket.NotRequester.selector, stranger, lease));
        vm.prank(stranger);
        market.object(lease, 2 ether);
        vm.startPrank(requester);
        vm.expectRevert(abi.encodeWithSelector(IMarket.InvalidAgreement.selector, 1 ether - 1, 1 ether, 5 ether));
        market.object(lease, 1 ether - 1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.InvalidAgreement.selector, 5 ether, 1 ether, 5 ether));
        market.object(lease, 5 ether);
        skip(CHALLENGE);
        uint256 lost = bondFor(3 ether);
        vm.expectEmit();
        emit IMarket.Objected(lease, requester, 2 ether, 3 ether, lost);
        market.object(lease, 2 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NoClaim.selector, lease));
        market.object(lease, 2 ether);
        vm.stopPrank();

        assertEq(token.balanceOf(owner) - ownerBefore, 1 ether - feeOf(1 ether), "what is agreed is paid");
        assertEq(nodeBefore - token.balanceOf(node), lost, "the rest of the bond is back");
        assertEq(token.balanceOf(address(splitter)) - feesBefore, 3 ether + lost + feeOf(1 ether));
        assertEq(market.leaseOf(lease).settled, 5 ether, "the disputed part is spent");
        assertSolvent();
    }

    function test_anObjectionEndsTheLease() public {
        bytes32 lease = openLease(SECONDS);
        skip(1000);
        claim(lease, 1 ether);
        skip(10);
        vm.prank(requester);
        market.object(lease, 0);
        assertEq(market.leaseOf(lease).end, block.timestamp);
        skip(100);
        assertEq(market.accrued(lease), 1.01 ether);
        // What accrued since the claim can still be claimed, and objected to.
        claim(lease, 1.01 ether);
        vm.prank(requester);
        market.object(lease, 1 ether);
    }

    /// @dev The argument of `IMarket`, in numbers. The requester's money does not depend on what it does about a claim; the
    /// provider's is the best where the claim stands and the worst where it is objected to.
    function testFuzz_nobodyGainsByLying(uint128 claimed, uint128 agreed) public {
        claimed = uint128(bound(claimed, 1, 5 ether));
        agreed = uint128(bound(agreed, 0, claimed - 1));
        bytes32 lease = openLease(SECONDS);
        skip(5000);
        uint256 provider = token.balanceOf(owner) + token.balanceOf(node);
        uint256 payer = token.balanceOf(requester);
        claim(lease, claimed);
        uint256 snapshot = vm.snapshotState();

        skip(CHALLENGE + 1);
        market.finalize(lease);
        vm.prank(node);
        market.close(lease);
        uint256 payerAccepting = token.balanceOf(requester) - payer;
        uint256 providerAccepted = token.balanceOf(owner) + token.balanceOf(node) - provider;

        vm.revertToState(snapshot);
        vm.prank(requester);
        market.object(lease, agreed);
        vm.prank(node);
        market.close(lease);
        assertEq(token.balanceOf(requester) - payer, payerAccepting, "an objection is neither a gain nor a cost");
        assertLt(token.balanceOf(owner) + token.balanceOf(node), provider + providerAccepted);
        // Less than to have claimed what was agreed: at most what an agreed claim pays, less the bond.
        assertEq(
            provider + agreed - feeOf(agreed) - bondFor(claimed - agreed),
            token.balanceOf(owner) + token.balanceOf(node)
        );
    }

    // --- the end

    function test_endWithNotice() public {
        bytes32 lease = openLease(SECONDS);
        vm.expectRevert(abi.encodeWithSelector(IMarket.NotParty.selector, stranger, lease));
        vm.prank(stranger);
        market.end(lease);
        vm.prank(node);
        vm.expectEmit();
        emit IMarket.LeaseEnding(lease, node, uint64(block.timestamp + NOTICE));
        market.end(lease);
        skip(60);
        vm.prank(requester);
        market.end(lease);
        assertEq(market.leaseOf(lease).end, block.timestamp - 60 + NOTICE, "a second notice gains no time");
        skip(NOTICE);
        assertEq(market.accrued(lease), NOTICE * uint256(PRICE));
        vm.expectPartialRevert(IMarket.LeaseOver.selector);
        vm.prank(owner);
        market.end(lease);
    }

    function test_closeByAnyoneAfterTheWindow() public {
        bytes32 lease = openLease(SECONDS);
        uint256 before = token.balanceOf(requester);
        redeem(lease, 1 ether);
        uint64 until = market.leaseOf(lease).end + CHALLENGE;
        vm.warp(until);
        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseNotOver.selector, lease, until));
        vm.prank(requester);
        market.close(lease);
        claim(lease, 2 ether);
        skip(1);
        vm.expectRevert(abi.encodeWithSelector(IMarket.ClaimOpen.selector, lease, until + CHALLENGE));
        market.close(lease);
        skip(CHALLENGE);
        market.finalize(lease);
        vm.prank(stranger);
        vm.expectEmit();
        emit IMarket.LeaseClosed(lease, 8 ether);
        market.close(lease);
        assertEq(token.balanceOf(requester), before + 8 ether);
        assertEq(market.totalHeld(), 0);
        assertSolvent();

        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseIsClosed.selector, lease));
        market.close(lease);
        bytes memory signature = voucher(lease, 9 ether);
        vm.expectRevert(abi.encodeWithSelector(IMarket.LeaseIsClosed.selector, lease));
        market.redeem(lease, 9 ether, signature);
    }

    function test_theProviderClosesAtOnce() public {
        bytes32 lease = openLease(SECONDS);
        uint256 before = token.balanceOf(requester);
        skip(100);
        vm.prank(node);
        market.close(lease);
        assertEq(token.balanceOf(requester), before + 10 ether);
        assertEq(market.leaseOf(lease).end, block.timestamp);
    }

    /// @dev A side that the token refuses holds up the other one in nothing.
    function test_aRefusedSideCannotHoldUpTheOther() public {
        RefusingToken refusing = new RefusingToken(treasury, SUPPLY);
        token = IERC20(address(refusing));
        market = newMarket(marketParams(), address(guard), address(manager));
        fund(requester, 100 ether);
        fund(node, 100 ether);
        allow(requester);
        allow(node);
        bytes32 lease = openLease(SECONDS);
        skip(5000);
        claim(lease, 5 ether);
        refusing.refuse(node, true);
        refusing.refuse(owner, true);
        refusing.refuse(requester, true);
        vm.prank(requester);
        market.object(lease, 2 ether);
        assertEq(market.owedTo(owner), 2 ether - feeOf(2 ether));
        assertEq(market.owedTo(node), bondFor(5 ether) - bondFor(3 ether));
        vm.prank(node);
        market.close(lease);
        assertEq(market.owedTo(requester), 5 ether);
        assertSolvent();
        refusing.refuse(requester, false);
        market.payOwed(requester);
        assertSolvent();
    }

    // --- fee

    function test_feeIsThatOfTheOpening() public {
        bytes32 lease = openLease(UNITS);
        vm.prank(tuner);
        market.setFeeBps(FEE_MAX);
        redeem(lease, 1 ether);
        assertEq(token.balanceOf(address(splitter)), feeOf(1 ether));
        vm.expectRevert(abi.encodeWithSelector(IManaged.NotAuthorized.selector, stranger));
        vm.prank(stranger);
        market.setFeeBps(FEE_MIN);
    }

    function test_refusesBadParams() public {
        IMarket.Params memory p = marketParams();
        p.bondBps = 0;
        refusesToDeploy(
            marketCode(p, address(0), address(0)),
            abi.encodeWithSelector(IMarket.InvalidParams.selector, "bondBps must be 1 to 10000")
        );
        p.bondBps = 10_001;
        refusesToDeploy(
            marketCode(p, address(0), address(0)),
            abi.encodeWithSelector(IMarket.InvalidParams.selector, "bondBps must be 1 to 10000")
        );
        p = marketParams();
        p.challengeSeconds = 1;
        refusesToDeploy(
            marketCode(p, address(0), address(0)),
            abi.encodeWithSelector(IMarket.InvalidParams.selector, "challengeSeconds must be at least 2")
        );
        p = marketParams();
        p.feeMaxBps = 10_001;
        refusesToDeploy(
            marketCode(p, address(0), address(0)),
            abi.encodeWithSelector(IProtocolFee.InvalidFeeBounds.selector, FEE_BPS, FEE_MIN, 10_001)
        );
    }
}
