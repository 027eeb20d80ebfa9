// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Payments} from "./Payments.sol";
import {ProtocolFee} from "./ProtocolFee.sol";
import {IFeeSplitter} from "./interfaces/IFeeSplitter.sol";
import {IGuard, SCOPE_MARKET} from "./interfaces/IGuard.sol";
import {IMarket} from "./interfaces/IMarket.sol";
import {INodeRegistry} from "./interfaces/INodeRegistry.sol";
import {AUDIT, BPS, PROVIDER} from "./interfaces/Types.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Market of leases
/// @dev See `IMarket`. State is written before any transfer; signatures of contracts are asked for by static calls. No storage is
/// written by a constructor, see `UpgradeableMarket`.
contract Market is IMarket, ProtocolFee, Payments, EIP712 {
    using SafeCast for uint256;

    bytes32 private constant OFFER_TYPEHASH = keccak256(
        "Offer(address provider,address node,uint8 kind,uint8 meter,uint128 price,uint64 minQuantity,uint64 maxQuantity,uint64 maxRate,uint64 maxTerm,uint128 minDeposit,uint64 expiry,uint256 nonce)"
    );
    bytes32 private constant ORDER_TYPEHASH = keccak256(
        "Order(address requester,address signer,address node,uint8 tiers,uint8 kind,uint8 meter,uint128 maxPrice,uint64 minQuantity,uint64 maxQuantity,uint64 rate,uint64 term,uint128 deposit,uint64 expiry,uint256 nonce)"
    );
    bytes32 private constant VOUCHER_TYPEHASH = keccak256("Voucher(bytes32 lease,uint128 amount)");

    /// @dev `filled` of what was cancelled.
    uint256 private constant CANCELLED = type(uint256).max;

    INodeRegistry public immutable registry;
    IFeeSplitter public immutable splitter;
    IGuard public immutable guard;
    uint16 public immutable bondBps;
    uint64 public immutable noticeSeconds;
    uint64 public immutable challengeSeconds;

    /// @inheritdoc IMarket
    mapping(bytes32 hash => uint256) public filled;
    /// @inheritdoc IMarket
    mapping(address signer => uint256) public minNonce;

    mapping(bytes32 lease => Lease) private _leases;
    mapping(bytes32 lease => Claim) private _claims;

    constructor(
        IERC20 token_,
        INodeRegistry registry_,
        IFeeSplitter splitter_,
        IGuard guard_,
        address authority_,
        Params memory params
    )
        ProtocolFee(params.feeBps, params.feeMinBps, params.feeMaxBps, authority_)
        Payments(token_)
        EIP712("corex market", "1")
    {
        require(params.bondBps > 0 && params.bondBps <= BPS, InvalidParams("bondBps must be 1 to 10000"));
        require(params.challengeSeconds > 1, InvalidParams("challengeSeconds must be at least 2"));
        registry = registry_;
        splitter = splitter_;
        guard = guard_;
        bondBps = params.bondBps;
        noticeSeconds = params.noticeSeconds;
        challengeSeconds = params.challengeSeconds;
    }

    modifier onlyProvider(bytes32 lease) {
        address node = _openLease(lease).node;
        require(_isProvider(node, msg.sender), NotProvider(msg.sender, node));
        _;
    }

    // --- matching

    /// @inheritdoc IMarket
    function openLease(
        Offer calldata offer,
        bytes calldata offerSignature,
        Order calldata order,
        bytes calldata orderSignature
    ) external returns (bytes32 lease) {
        require(address(guard) == address(0) || !guard.paused(SCOPE_MARKET), Paused());
        _checkTerms(offer, order);
        _checkNode(offer, order);
        bytes32 offerHash = offerDigest(offer);
        bytes32 orderHash = orderDigest(order);
        _checkStands(offer.provider, offer.nonce, offer.expiry);
        _checkStands(order.requester, order.nonce, order.expiry);
        _checkSignature(offer.provider, offerHash, offerSignature);
        _checkSignature(order.requester, orderHash, orderSignature);

        uint64 quantity = _fill(offer, offerHash, order, orderHash);
        lease = keccak256(abi.encode(offerHash, orderHash));
        Lease storage l = _leases[lease];
        _write(l, offer, order, quantity);
        l.offer = offerHash;
        emit LeaseOpened(lease, offer.node, order.requester, offerHash, orderHash, quantity, l);
        _take(order.requester, l.deposit);
    }

    /// @inheritdoc IMarket
    function cancelOffer(Offer calldata offer) external {
        require(
            msg.sender == offer.provider || msg.sender == registry.ownerOf(offer.node),
            NotProvider(msg.sender, offer.node)
        );
        bytes32 hash = offerDigest(offer);
        filled[hash] = CANCELLED;
        emit OfferCancelled(hash, msg.sender);
    }

    /// @inheritdoc IMarket
    function cancelOrder(Order calldata order) external {
        bytes32 hash = orderDigest(order);
        require(msg.sender == order.requester || msg.sender == order.signer, NotRequester(msg.sender, hash));
        filled[hash] = CANCELLED;
        emit OrderCancelled(hash, msg.sender);
    }

    /// @inheritdoc IMarket
    function cancelBelow(uint256 newMinNonce) external {
        uint256 current = minNonce[msg.sender];
        require(newMinNonce > current, NonceNotHigher(newMinNonce, current));
        minNonce[msg.sender] = newMinNonce;
        emit NonceRaised(msg.sender, newMinNonce);
    }

    // --- a lease that runs

    /// @inheritdoc IMarket
    function topUp(bytes32 lease, uint256 amount) external {
        require(amount > 0, ZeroAmount());
        Lease storage l = _runningLease(lease);
        require(l.deposit + amount <= l.most, DepositExceedsPrice(l.deposit + amount, l.most));
        _deposit(l, amount);
        emit LeaseToppedUp(lease, msg.sender, amount);
        _take(msg.sender, amount);
    }

    /// @inheritdoc IMarket
    function extend(bytes32 lease, Offer calldata offer, uint64 quantity, uint64 term) external {
        Lease storage l = _runningLease(lease);
        require(_isRequester(l, msg.sender), NotRequester(msg.sender, lease));
        require(quantity > 0 || term > 0, ZeroAmount());
        require(offer.meter == Meter.Units || quantity == term, InvalidTerms("term"));
        bytes32 hash = offerDigest(offer);
        require(hash == l.offer, WrongOffer(hash, l.offer));
        _checkStands(offer.provider, offer.nonce, offer.expiry);
        uint256 taken = filled[hash];
        uint256 left = taken >= offer.maxQuantity ? 0 : offer.maxQuantity - taken;
        require(taken != CANCELLED && quantity <= left, QuantityExceedsOffer(quantity, left));
        uint256 newEnd = uint256(l.end) + term;
        require(newEnd - l.start <= offer.maxTerm, TermsDiffer("term"));

        filled[hash] = taken + quantity;
        l.end = newEnd.toUint64();
        uint256 cost = uint256(quantity) * l.price;
        l.most = (l.most + cost).toUint128();
        _deposit(l, cost);
        emit LeaseExtended(lease, quantity, l.end);
        if (cost > 0) _take(msg.sender, cost);
    }

    /// @inheritdoc IMarket
    function redeem(bytes32 lease, uint128 amount, bytes calldata signature) external {
        Lease storage l = _openLease(lease);
        require(amount > l.settled, AlreadySettled(amount, l.settled));
        require(amount <= l.deposit, ExceedsDeposit(amount, l.deposit));
        if (!_isRequester(l, msg.sender)) {
            require(
                SignatureChecker.isValidSignatureNowCalldata(l.signer, voucherDigest(lease, amount), signature),
                WrongSignature(l.signer)
            );
        }
        Claim memory c = _claims[lease];
        bool covered = c.claimant != address(0) && c.amount <= amount;
        if (covered) delete _claims[lease];
        _payProvider(lease, l, amount);
        if (covered) _send(c.claimant, c.bond);
    }

    // --- without the requester

    /// @inheritdoc IMarket
    function claim(bytes32 lease, uint128 amount, bytes32 evidenceHash) external onlyProvider(lease) {
        Lease storage l = _leases[lease];
        Claim storage c = _claims[lease];
        require(c.claimant == address(0), ClaimOpen(lease, c.deadline));
        require(block.timestamp <= uint256(l.end) + challengeSeconds, LeaseOver(lease, l.end));
        require(amount > l.settled, AlreadySettled(amount, l.settled));
        uint256 most = _accrued(l);
        require(amount <= most, ExceedsAccrued(amount, most));

        uint256 bond = _bondFor(amount - l.settled);
        c.claimant = msg.sender;
        c.deadline = (block.timestamp + challengeSeconds).toUint64();
        c.amount = amount;
        c.bond = bond.toUint128();
        emit Claimed(lease, msg.sender, amount, bond, c.deadline, evidenceHash);
        _take(msg.sender, bond);
    }

    /// @inheritdoc IMarket
    function withdrawClaim(bytes32 lease) external onlyProvider(lease) {
        Claim memory c = _claimOf(lease);
        uint64 stands = c.deadline - challengeSeconds / 2;
        require(block.timestamp < stands, ClaimStands(stands));
        delete _claims[lease];
        emit ClaimWithdrawn(lease, c.amount);
        _send(c.claimant, c.bond);
    }

    /// @inheritdoc IMarket
    function finalize(bytes32 lease) external {
        Claim memory c = _claimOf(lease);
        require(block.timestamp > c.deadline, ChallengeWindowOpen(c.deadline));
        delete _claims[lease];
        _payProvider(lease, _leases[lease], c.amount);
        _send(c.claimant, c.bond);
    }

    /// @inheritdoc IMarket
    function object(bytes32 lease, uint128 agreed) external {
        Lease storage l = _openLease(lease);
        require(_isRequester(l, msg.sender), NotRequester(msg.sender, lease));
        Claim memory c = _claimOf(lease);
        require(block.timestamp <= c.deadline, ChallengeWindowOver(c.deadline));
        require(l.settled <= agreed && agreed < c.amount, InvalidAgreement(agreed, l.settled, c.amount));

        uint256 forfeited = c.amount - agreed;
        // At most all of it: the bond was for no less.
        uint256 bond = Math.min(_bondFor(forfeited), c.bond);
        delete _claims[lease];
        _endBy(lease, l, block.timestamp);
        emit Objected(lease, msg.sender, agreed, forfeited, bond);
        if (agreed > l.settled) _payProvider(lease, l, agreed);
        l.settled = c.amount;
        _send(c.claimant, c.bond - bond);
        _sendToPart(address(splitter), forfeited + bond);
    }

    // --- the end

    /// @inheritdoc IMarket
    function end(bytes32 lease) external {
        Lease storage l = _runningLease(lease);
        require(_isRequester(l, msg.sender) || _isProvider(l.node, msg.sender), NotParty(msg.sender, lease));
        _endBy(lease, l, block.timestamp + noticeSeconds);
    }

    /// @inheritdoc IMarket
    function close(bytes32 lease) external {
        Lease storage l = _openLease(lease);
        Claim storage c = _claims[lease];
        require(c.claimant == address(0), ClaimOpen(lease, c.deadline));
        uint64 until = l.end + challengeSeconds;
        require(block.timestamp > until || _isProvider(l.node, msg.sender), LeaseNotOver(lease, until));
        l.closed = true;
        _endBy(lease, l, block.timestamp);
        uint256 refund = l.deposit - l.settled;
        emit LeaseClosed(lease, refund);
        _send(l.requester, refund);
    }

    // --- views

    /// @inheritdoc IMarket
    function leaseOf(bytes32 lease) external view returns (Lease memory) {
        return _leases[lease];
    }

    /// @inheritdoc IMarket
    function claimOf(bytes32 lease) external view returns (Claim memory) {
        return _claims[lease];
    }

    /// @inheritdoc IMarket
    function accrued(bytes32 lease) external view returns (uint256) {
        return _accrued(_knownLease(lease));
    }

    /// @inheritdoc IMarket
    function totalHeld() external view returns (uint256) {
        return _held;
    }

    /// @inheritdoc IMarket
    function offerDigest(Offer calldata offer) public view returns (bytes32) {
        // All members are of static types, so their encoding is that of EIP-712.
        return _hashTypedDataV4(keccak256(abi.encode(OFFER_TYPEHASH, offer)));
    }

    /// @inheritdoc IMarket
    function orderDigest(Order calldata order) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(ORDER_TYPEHASH, order)));
    }

    /// @inheritdoc IMarket
    function voucherDigest(bytes32 lease, uint128 amount) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(VOUCHER_TYPEHASH, lease, amount)));
    }

    // --- inside

    /// @dev That both want the same, and that it makes sense.
    function _checkTerms(Offer calldata offer, Order calldata order) private pure {
        require(offer.kind < AUDIT, InvalidKind(offer.kind));
        require(offer.kind == order.kind, TermsDiffer("kind"));
        require(offer.meter == order.meter, TermsDiffer("meter"));
        require(offer.price > 0, InvalidTerms("price"));
        require(offer.price <= order.maxPrice, TermsDiffer("price"));
        require(order.rate > 0, InvalidTerms("rate"));
        require(order.rate <= offer.maxRate, TermsDiffer("rate"));
        if (offer.meter == Meter.Seconds) {
            require(order.rate == 1, InvalidTerms("rate"));
            require(order.term == 0, InvalidTerms("term"));
        } else {
            require(order.term > 0, InvalidTerms("term"));
        }
        require(order.node == address(0) || order.node == offer.node, TermsDiffer("node"));
    }

    function _checkNode(Offer calldata offer, Order calldata order) private view {
        address node = offer.node;
        require(_isProvider(node, offer.provider), NotProvider(offer.provider, node));
        require(registry.hasRole(node, PROVIDER), NodeNotInService(node));
        uint8 tier = registry.tierOf(node);
        require((order.tiers >> tier) & 1 == 1, TierNotAllowed(node, tier));
    }

    function _checkStands(address signer, uint256 nonce, uint64 expiry) private view {
        require(block.timestamp <= expiry, Expired(expiry));
        require(nonce >= minNonce[signer], NonceTooLow(signer, nonce, minNonce[signer]));
    }

    function _checkSignature(address signer, bytes32 digest, bytes calldata signature) private view {
        if (msg.sender == signer) return;
        require(SignatureChecker.isValidSignatureNowCalldata(signer, digest, signature), WrongSignature(signer));
    }

    /// @dev Takes the largest quantity that both have left.
    function _fill(Offer calldata offer, bytes32 offerHash, Order calldata order, bytes32 orderHash)
        private
        returns (uint64 quantity)
    {
        uint256 offerFilled = filled[offerHash];
        uint256 orderFilled = filled[orderHash];
        require(offerFilled < offer.maxQuantity, NothingLeft(offerHash));
        require(orderFilled < order.maxQuantity, NothingLeft(orderHash));
        // Both differences are of 64 bits.
        quantity = Math.min(offer.maxQuantity - offerFilled, order.maxQuantity - orderFilled).toUint64();
        require(quantity >= offer.minQuantity, QuantityTooSmall(quantity, offer.minQuantity));
        require(quantity >= order.minQuantity, QuantityTooSmall(quantity, order.minQuantity));
        filled[offerHash] = offerFilled + quantity;
        filled[orderHash] = orderFilled + quantity;
    }

    function _write(Lease storage l, Offer calldata offer, Order calldata order, uint64 quantity) private {
        uint64 term = offer.meter == Meter.Seconds ? quantity : order.term;
        require(term <= offer.maxTerm, TermsDiffer("term"));
        uint256 most = uint256(quantity) * offer.price;
        // Rounded down, so that all leases of an order together never take more than it names.
        uint256 deposit = Math.min(Math.mulDiv(order.deposit, quantity, order.maxQuantity), most);
        uint256 smallest = Math.max(offer.minDeposit, 1);
        require(deposit >= smallest, DepositTooSmall(deposit, smallest));

        uint64 start = block.timestamp.toUint64();
        l.requester = order.requester;
        l.since = start;
        l.feeBps = feeBps();
        l.meter = offer.meter;
        l.signer = order.signer == address(0) ? order.requester : order.signer;
        l.start = start;
        l.node = offer.node;
        l.end = start + term;
        l.price = offer.price;
        l.perSecond = (uint256(order.rate) * offer.price).toUint128();
        l.most = most.toUint128();
        l.deposit = deposit.toUint128();
    }

    /// @dev What has accrued, never beyond the deposit, and so never beyond what the quantity costs.
    function _accrued(Lease storage l) private view returns (uint256) {
        uint256 until = Math.min(block.timestamp, l.end);
        uint256 elapsed = until > l.since ? until - l.since : 0;
        return Math.min(l.accrued + elapsed * l.perSecond, l.deposit);
    }

    /// @dev What has accrued stops at the old deposit, so that time without money is not made up for.
    function _deposit(Lease storage l, uint256 amount) private {
        l.accrued = _accrued(l).toUint128();
        l.since = block.timestamp.toUint64();
        l.deposit = (l.deposit + amount).toUint128();
    }

    function _bondFor(uint256 amount) private view returns (uint256) {
        return Math.mulDiv(amount, bondBps, BPS, Math.Rounding.Ceil);
    }

    /// @dev Pays what is not settled yet of the cumulative amount `upTo`, to whoever owns the node now.
    function _payProvider(bytes32 lease, Lease storage l, uint256 upTo) private {
        uint256 gross = upTo - l.settled;
        uint256 fee = Math.mulDiv(gross, l.feeBps, BPS, Math.Rounding.Ceil);
        l.settled = upTo.toUint128();
        address owner = registry.ownerOf(l.node);
        emit ProviderPaid(lease, owner, gross - fee, fee, upTo);
        _send(owner, gross - fee);
        _sendToPart(address(splitter), fee);
    }

    /// @dev Ends a lease at `time`, unless it ends before.
    function _endBy(bytes32 lease, Lease storage l, uint256 time) private {
        if (time >= l.end) return;
        l.end = time.toUint64();
        emit LeaseEnding(lease, msg.sender, l.end);
    }

    function _isRequester(Lease storage l, address account) private view returns (bool) {
        return account == l.requester || account == l.signer;
    }

    function _isProvider(address node, address account) private view returns (bool) {
        address owner = registry.ownerOf(node);
        return owner != address(0) && (account == node || account == owner);
    }

    function _knownLease(bytes32 lease) private view returns (Lease storage l) {
        l = _leases[lease];
        require(l.requester != address(0), UnknownLease(lease));
    }

    function _openLease(bytes32 lease) private view returns (Lease storage l) {
        l = _knownLease(lease);
        require(!l.closed, LeaseIsClosed(lease));
    }

    function _runningLease(bytes32 lease) private view returns (Lease storage l) {
        l = _openLease(lease);
        require(block.timestamp < l.end, LeaseOver(lease, l.end));
    }

    function _claimOf(bytes32 lease) private view returns (Claim memory c) {
        c = _claims[lease];
        require(c.claimant != address(0), NoClaim(lease));
    }
}
