// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SCOPE_MARKET} from "../src/interfaces/IGuard.sol";
import {IManaged} from "../src/interfaces/IManaged.sol";
import {IMarket} from "../src/interfaces/IMarket.sol";
import {IProtocolFee} from "../src/interfaces/IProtocolFee.sol";
import {AUDIT, TRAINING} from "../src/interfaces/Types.sol";
import {MarketScene} from "./support/MarketScene.sol";
import {Wallet} from "./support/Money.sol";

contract MarketTest is MarketScene {
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
