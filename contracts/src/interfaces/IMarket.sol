// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPayments} from "./IPayments.sol";
import {IProtocolFee} from "./IProtocolFee.sol";

/// @notice Leases of nodes, from signed offers and orders to the last token.
///
/// @dev **Matching.** A provider signs an `Offer` (ask), a requester an `Order` (bid), both off chain. Anyone brings two that go
/// together to `openLease`, which takes the deposit and opens a lease over the largest quantity that both have left, at the price of
/// the offer. Who calls for itself need not sign. Nobody but the two parties chooses anything: quantity, price and deposit follow from
/// what they signed.
///
/// **Two meters.** A lease is metered in seconds or in units of work. It *accrues* at its rate from when it opened until it ends,
/// never beyond its quantity nor its deposit. A lease in seconds is one with rate 1. What has accrued is the most that the provider can
/// claim; what it has earned, both sides know and the contract does not.
///
/// **Payment by vouchers.** The requester (or the key that its order names) signs how much the provider has earned so far, as
/// it sees the work arrive. Amounts are cumulative, so the latest voucher replaces all earlier ones and none is paid twice.
///
/// **Payment without the requester.** The provider claims what it says it earned, at most what has accrued, and posts a bond of
/// `bondBps` of it. If the requester does not object in `challengeSeconds`, anyone finalizes: the provider gets the
/// amount and its bond. If the requester objects, it states the amount that it agrees to, which is paid at once; the rest is
/// *forfeited* to the FeeSplitter, with the same part of the bond, and the lease ends. There is no later round: an objection is
/// final.
///
/// **Why nobody gains by lying.** No third party is asked, so the contract cannot tell a true claim from a false one, nor a true
/// objection from a false one. Three rules follow from that.
/// 1. What an objection costs the requester does not depend on anything: it pays the disputed amount either way, to the
///    provider or to the FeeSplitter. If objecting were cheaper than paying, it would pay to object to true claims; if it cost a
///    bond, nobody would ever object to a false one. So the requester gains nothing by a false objection, and loses its
///    provider, since the lease ends: a loss to who is served, none to who is not.
/// 2. A false claim gains the provider nothing where the requester objects, which is free, and costs the bond. A true claim that is
///    objected to costs the bond as well: so a provider claims seldom more than it can afford to lose to a hostile requester,
///    works on only while vouchers come, and never has more at risk than what accrued since the last one.
/// 3. What is disputed can never return to the requester, not even by agreement, and an objection cannot be taken back. Otherwise to
///    object would be an opening bid, and to threaten to let both lose would be worth something. The time to agree is the window before: the
///    requester signs a voucher for what is right, the provider takes its claim back (in the first half only, so that who lied cannot
///    wait for the objection; an objection in the second half meets a claim that stands).
/// What remains is spite: to do the other a damage of x costs a provider `bondBps` of x and a requester x.
///
/// **End.** Either side ends a lease with `noticeSeconds` of notice; at the end of its term it ends by itself. The provider has
/// `challengeSeconds` after the end to redeem and to claim; then anyone closes the lease and what is left of the deposit returns to the
/// requester. The provider may close at once.
///
/// Safety: nobody loses more than it signed for: the requester its deposit, the provider the bonds of its claims. Liveness: no step
/// needs the other side. Only `openLease` can be paused. No receiver of tokens can hold up the other side (`IPayments`).
interface IMarket is IProtocolFee, IPayments {
    /// @param feeBps Part of all that providers are paid which goes to the FeeSplitter, at the start; it may be tuned within
    /// the next two.
    /// @param bondBps Bond of a claim, in parts of the claimed amount. 1 to 10000.
    /// @param noticeSeconds Between the notice and the end of a lease.
    /// @param challengeSeconds Time to object to a claim, and to claim after the end.
    struct Params {
        uint16 feeBps;
        uint16 feeMinBps;
        uint16 feeMaxBps;
        uint16 bondBps;
        uint64 noticeSeconds;
        uint64 challengeSeconds;
    }

    /// @notice What quantity, price and rate of a lease count.
    enum Meter {
        Seconds,
        Units
    }

    /// @notice An ask: EIP-712 `Offer(address provider,address node,uint8 kind,uint8 meter,uint128 price,uint64 minQuantity,uint64
    /// maxQuantity,uint64 maxRate,uint64 maxTerm,uint128 minDeposit,uint64 expiry,uint256 nonce)`.
    /// @param provider Who signs: the node's operator key or its owner. The owner is paid.
    /// @param kind Kind of work that the node is leased for.
    /// @param price Tokens per second or per unit, fees included.
    /// @param minQuantity Smallest lease.
    /// @param maxQuantity All that is offered, over all leases.
    /// @param maxRate Most units per second that the node does. 1 for `Seconds`.
    /// @param maxTerm Longest lease, in seconds.
    /// @param minDeposit Smallest deposit of a lease.
    /// @param expiry Last second at which the offer can be taken or a lease of it extended.
    /// @param nonce An offer below the signer's `minNonce` is void.
    struct Offer {
        address provider;
        address node;
        uint8 kind;
        Meter meter;
        uint128 price;
        uint64 minQuantity;
        uint64 maxQuantity;
        uint64 maxRate;
        uint64 maxTerm;
        uint128 minDeposit;
        uint64 expiry;
        uint256 nonce;
    }

    /// @notice A bid: EIP-712 `Order(address requester,address signer,address node,uint8 tiers,uint8 kind,uint8 meter,uint128
    /// maxPrice,uint64 minQuantity,uint64 maxQuantity,uint64 rate,uint64 term,uint128 deposit,uint64 expiry,uint256 nonce)`.
    /// @param requester Who signs and pays, and to whom what is left returns.
    /// @param signer Key that signs vouchers, objects and ends leases; zero for the requester alone.
    /// @param node The node that is wanted; zero for any.
    /// @param tiers Bit mask of the tiers that a node may have.
    /// @param maxPrice Highest price.
    /// @param maxQuantity All that is wanted, over all leases.
    /// @param rate Most units per second that may accrue. 1 for `Seconds`.
    /// @param term Seconds that a lease runs. For `Seconds` zero: it runs for its quantity.
    /// @param deposit Tokens for the whole quantity; a lease of a part of it gets the same part, rounded down, and never
    /// more than its quantity can cost.
    struct Order {
        address requester;
        address signer;
        address node;
        uint8 tiers;
        uint8 kind;
        Meter meter;
        uint128 maxPrice;
        uint64 minQuantity;
        uint64 maxQuantity;
        uint64 rate;
        uint64 term;
        uint128 deposit;
        uint64 expiry;
        uint256 nonce;
    }

    /// @param signer Key that acts for the requester, or the requester.
    /// @param since Time up to which `accrued` counts.
    /// @param end When it ends or ended.
    /// @param perSecond Tokens that accrue per second.
    /// @param most What the quantity costs: the most that can ever accrue.
    /// @param deposit All that was deposited.
    /// @param settled How much of the deposit is spent: paid out or forfeited.
    /// @param accrued What had accrued at `since`.
    /// @param offer Hash of the offer.
    struct Lease {
        address requester;
        uint64 since;
        uint16 feeBps;
        Meter meter;
        bool closed;
        address signer;
        uint64 start;
        address node;
        uint64 end;
        uint128 price;
        uint128 perSecond;
        uint128 most;
        uint128 deposit;
        uint128 settled;
        uint128 accrued;
        bytes32 offer;
    }

    /// @param claimant Who posted the bond and gets it back; zero if no claim is open.
    /// @param deadline Last second at which the requester can object.
    /// @param amount Cumulative, as in a voucher.
    struct Claim {
        address claimant;
        uint64 deadline;
        uint128 amount;
        uint128 bond;
    }

    event LeaseOpened(
        bytes32 indexed lease,
        address indexed node,
        address indexed requester,
        bytes32 offer,
        bytes32 order,
        uint64 quantity,
        Lease terms
    );
    event LeaseToppedUp(bytes32 indexed lease, address indexed from, uint256 amount);
    event LeaseExtended(bytes32 indexed lease, uint64 quantity, uint64 end);
    event LeaseEnding(bytes32 indexed lease, address indexed by, uint64 end);
    event LeaseClosed(bytes32 indexed lease, uint256 refund);
    /// @param amount Tokens of the node's owner.
    /// @param settled Cumulative amount that is settled now.
    event ProviderPaid(bytes32 indexed lease, address indexed owner, uint256 amount, uint256 fee, uint256 settled);
    event Claimed(
        bytes32 indexed lease,
        address indexed claimant,
        uint256 amount,
        uint256 bond,
        uint64 deadline,
        bytes32 evidenceHash
    );
    event ClaimWithdrawn(bytes32 indexed lease, uint256 amount);
    event Objected(bytes32 indexed lease, address indexed by, uint256 agreed, uint256 forfeited, uint256 bond);
    event OfferCancelled(bytes32 indexed offer, address indexed by);
    event OrderCancelled(bytes32 indexed order, address indexed by);
    event NonceRaised(address indexed signer, uint256 minNonce);

    error InvalidParams(string what);
    error Paused();
    error InvalidKind(uint8 kind);
    /// @param term Which term of the two does not fit the other.
    error TermsDiffer(string term);
    error InvalidTerms(string term);
    error Expired(uint64 expiry);
    error NonceTooLow(address signer, uint256 nonce, uint256 minNonce);
    error NothingLeft(bytes32 hash);
    error QuantityTooSmall(uint64 quantity, uint64 smallest);
    error DepositTooSmall(uint256 deposit, uint256 smallest);
    error WrongSignature(address signer);
    error NotProvider(address caller, address node);
    error NodeNotInService(address node);
    error TierNotAllowed(address node, uint8 tier);
    error UnknownLease(bytes32 lease);
    error LeaseIsClosed(bytes32 lease);
    error LeaseOver(bytes32 lease, uint64 end);
    error LeaseNotOver(bytes32 lease, uint64 until);
    error NotParty(address caller, bytes32 lease);
    error NotRequester(address caller, bytes32 lease);
    error ZeroAmount();
    error DepositExceedsPrice(uint256 deposit, uint256 most);
    error WrongOffer(bytes32 given, bytes32 expected);
    error QuantityExceedsOffer(uint256 quantity, uint256 left);
    error AlreadySettled(uint256 amount, uint256 settled);
    error ExceedsDeposit(uint256 amount, uint256 deposit);
    error ExceedsAccrued(uint256 amount, uint256 accrued);
    error NoClaim(bytes32 lease);
    error ClaimOpen(bytes32 lease, uint64 deadline);
    error ClaimStands(uint64 since);
    error ChallengeWindowOver(uint64 deadline);
    error ChallengeWindowOpen(uint64 deadline);
    error InvalidAgreement(uint256 agreed, uint256 least, uint256 below);
    error NonceNotHigher(uint256 given, uint256 current);

    /// @notice Opens the lease that `offer` and `order` make. By anyone, with both signatures (65 bytes r, s, v, or what an
    /// ERC-1271 wallet accepts); the caller's own may be empty. Takes the deposit from the requester. Not while the guard pauses the
    /// market.
    /// @return lease keccak256(abi.encode(offer hash, order hash)). The two can only meet once, since one of them is then used up.
    function openLease(
        Offer calldata offer,
        bytes calldata offerSignature,
        Order calldata order,
        bytes calldata orderSignature
    ) external returns (bytes32 lease);

    /// @notice Voids what is left of an offer. By its signer or the node's owner. Leases go on.
    function cancelOffer(Offer calldata offer) external;

    /// @notice Voids what is left of an order. By its requester or its signer. Leases go on.
    function cancelOrder(Order calldata order) external;

    /// @notice Voids all offers and orders of the caller with nonces below `minNonce`.
    function cancelBelow(uint256 minNonce) external;

    /// @notice Adds the caller's tokens to a lease's deposit, up to what its quantity costs. By anyone, before the end. While a
    /// deposit is used up nothing accrues, and that time is not made up for.
    function topUp(bytes32 lease, uint256 amount) external;

    /// @notice Takes more of the offer for a lease that runs: `quantity` more, paid into the deposit in full by the caller (so that
    /// nobody keeps an offer busy for free), and `term` seconds longer (the same, for `Seconds`). By the requester or its
    /// signer, while the offer stands.
    function extend(bytes32 lease, Offer calldata offer, uint64 quantity, uint64 term) external;

    /// @notice Pays the provider up to the cumulative `amount` that the requester agreed to. By anyone, until the lease is closed.
    /// An open claim of no more than that is thereby settled.
    /// @param signature EIP-712 `Voucher(bytes32 lease,uint128 amount)` by the lease's signer; may be empty if it calls.
    function redeem(bytes32 lease, uint128 amount, bytes calldata signature) external;

    /// @notice Says that the lease has earned the cumulative `amount` so far, at most what has accrued. Takes the bond from the
    /// caller. By the node's owner or operator key, until `challengeSeconds` after the end; one claim at a time.
    /// @param evidenceHash Hash of what shows it, for the requester and for the record.
    function claim(bytes32 lease, uint128 amount, bytes32 evidenceHash) external;

    /// @notice Takes the open claim back, with its bond. By the node's owner or operator key, in the first half of the time to
    /// object: later, who lied would take its claim back as soon as it sees an objection coming.
    function withdrawClaim(bytes32 lease) external;

    /// @notice Pays a claim that nobody objected to in time. By anyone.
    function finalize(bytes32 lease) external;

    /// @notice Objects to all of the open claim beyond `agreed` (cumulative). Final: `agreed` is paid, the rest is forfeited with its
    /// part of the bond, the lease ends now. By the requester or its signer, until the claim's deadline.
    function object(bytes32 lease, uint128 agreed) external;

    /// @notice Gives notice: the lease ends `noticeSeconds` from now, or at its term if that is earlier. By either side.
    function end(bytes32 lease) external;

    /// @notice Closes a lease without an open claim: what is left of the deposit returns to the requester. By the provider's
    /// side at any time, by anyone `challengeSeconds` after the end.
    function close(bytes32 lease) external;

    function leaseOf(bytes32 lease) external view returns (Lease memory);

    function claimOf(bytes32 lease) external view returns (Claim memory);

    /// @notice Most that can be claimed now, cumulative.
    function accrued(bytes32 lease) external view returns (uint256);

    /// @notice Quantity of an offer or order that leases have taken; the highest number for one that was cancelled.
    function filled(bytes32 hash) external view returns (uint256);

    function minNonce(address signer) external view returns (uint256);

    /// @notice EIP-712 digest that the provider signs; also the offer's hash here.
    function offerDigest(Offer calldata offer) external view returns (bytes32);

    /// @notice EIP-712 digest that the requester signs; also the order's hash here.
    function orderDigest(Order calldata order) external view returns (bytes32);

    /// @notice EIP-712 digest of a voucher.
    function voucherDigest(bytes32 lease, uint128 amount) external view returns (bytes32);

    /// @notice Sum of the unspent deposits and bonds of all leases and of what is owed (`owedTo`).
    function totalHeld() external view returns (uint256);
}
