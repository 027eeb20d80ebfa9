//! Offers, orders, leases, vouchers, claims.

use super::{Intents, Part};
use crate::{
    client::ChainError,
    contracts::{
        MarketDomain, Meter, Offer, Order, Voucher,
        bindings::market::{
            LeasingAccount, Market, Offer as SolOffer, Order as SolOrder, Voucher as SolVoucher,
        },
    },
    convert::word,
    intent::{Intent, Message},
    time::Span,
    tokens::Tokens,
};
use alloy::{
    primitives::U256,
    sol_types::{SolCall, SolStruct},
};
use corex_work::{Address, Hash32};

/// What is signed off chain.
impl Intents {
    /// An ask.
    pub fn offer(&self, offer: &Offer) -> Result<Message, ChainError> {
        let words = format!(
            "offer node {} for lease: up to {} {} at {} each",
            self.names.address(offer.node),
            offer.max_quantity,
            offer.meter,
            self.amount(offer.price)
        );
        self.market_message(&SolOffer::from(offer), words)
    }

    /// A bid. Whoever has it and a fitting offer can open the lease, and so take the deposit.
    pub fn order(&self, order: &Order) -> Result<Message, ChainError> {
        let node = match order.node == Address::default() {
            true => "any node".to_owned(),
            false => format!("node {}", self.names.address(order.node)),
        };
        let words = format!(
            "order {} {} of {node} at {} each at most: the deposit of {} is taken when somebody takes the order",
            order.max_quantity,
            order.meter,
            self.amount(order.max_price),
            self.amount(order.deposit)
        );
        self.market_message(&SolOrder::from(order), words)
    }

    /// A requester's word for what a lease has earned.
    pub fn voucher(&self, voucher: &Voucher) -> Result<Message, ChainError> {
        let words = format!(
            "agree that lease {} has earned {} since it opened: the provider can have that paid",
            voucher.lease,
            self.amount(voucher.amount)
        );
        self.market_message(&SolVoucher::from(voucher), words)
    }

    fn market_message<M: SolStruct>(&self, message: &M, words: String) -> Result<Message, ChainError> {
        let domain = self.contracts().book().market_domain();
        let names = (MarketDomain::NAME, MarketDomain::VERSION);
        Message::new(&self.names, names, domain.chain_id, ("Market", domain.market), message, words)
    }
}

/// What provider and requester call.
impl Intents {
    /// Opens the lease that `offer` and `order` make, over `quantity`, with this `deposit` of the requester. The signature of whoever
    /// calls may be empty.
    pub fn open_lease(
        &self,
        (offer, offer_signature): (&Offer, &[u8]),
        (order, order_signature): (&Order, &[u8]),
        quantity: u64,
        deposit: Tokens,
    ) -> Result<Intent, ChainError> {
        let requester = match order.requester == self.chain().address() {
            true => "this account".to_owned(),
            false => self.names.address(order.requester),
        };
        let length = match offer.meter {
            Meter::Seconds => String::new(),
            Meter::Units => format!(", within {}", Span(order.term)),
        };
        let words = format!(
            "lease node {} for {quantity} {}{length} at {} each: {} of {requester} into the market's keeping",
            self.names.address(offer.node),
            offer.meter,
            self.amount(offer.price),
            self.amount(deposit)
        );
        let call = Market::openLeaseCall {
            offer: offer.into(),
            offerSignature: offer_signature.to_vec().into(),
            order: order.into(),
            orderSignature: order_signature.to_vec().into(),
        };
        self.call(Part::Market, &call, words)
    }

    /// Voids what is left of an offer.
    pub fn cancel_offer(&self, offer: &Offer) -> Result<Intent, ChainError> {
        let words =
            format!("void what is left of an offer of node {}; leases go on", self.names.address(offer.node));
        self.call(Part::Market, &Market::cancelOfferCall { offer: offer.into() }, words)
    }

    /// Voids what is left of an order, of a spending account if one is named.
    pub fn cancel_order(&self, account: Option<Address>, order: &Order) -> Result<Intent, ChainError> {
        let words = "void what is left of an order; leases go on";
        match account {
            None => self.call(Part::Market, &Market::cancelOrderCall { order: order.into() }, words),
            Some(account) => {
                Ok(self.of_account(account, &LeasingAccount::cancelOrderCall { order: order.into() }, words))
            }
        }
    }

    /// Voids all offers and orders of the account with lower nonces.
    pub fn cancel_below(&self, nonce: u64) -> Result<Intent, ChainError> {
        let words =
            format!("void every offer and order of this account with a nonce below {nonce}; leases go on");
        self.call(Part::Market, &Market::cancelBelowCall { minNonce: U256::from(nonce) }, words)
    }

    /// Signs an order of a spending account, whose limit for this key it takes.
    pub fn place_order(&self, account: Address, order: &Order) -> Intent {
        let words = format!(
            "order {} {} from spending account {account}, with {} of it for deposits",
            order.max_quantity,
            order.meter,
            self.amount(order.deposit)
        );
        self.of_account(account, &LeasingAccount::placeOrderCall { order: order.into() }, words)
    }

    /// Adds to a lease's deposit, from a spending account if one is named.
    pub fn top_up_lease(
        &self,
        account: Option<Address>,
        lease: Hash32,
        amount: Tokens,
    ) -> Result<Intent, ChainError> {
        let words = format!("add {} to the deposit of lease {lease}", self.amount(amount));
        let (lease, amount) = (word(lease.0), U256::from(amount.0));
        match account {
            None => self.call(Part::Market, &Market::topUpCall { lease, amount }, words),
            Some(account) => {
                Ok(self.of_account(account, &LeasingAccount::topUpLeaseCall { lease, amount }, words))
            }
        }
    }

    /// Takes more of the offer for a lease, and more time; costs `cost`, which is paid in full.
    pub fn extend_lease(
        &self,
        account: Option<Address>,
        lease: Hash32,
        offer: &Offer,
        (quantity, term): (u64, u64),
        cost: Tokens,
    ) -> Result<Intent, ChainError> {
        let more = match (offer.meter, quantity, term) {
            (Meter::Seconds, _, term) | (_, 0, term) => Span(term).to_string(),
            (meter, quantity, 0) => format!("{quantity} {meter}"),
            (meter, quantity, term) => format!("{quantity} {meter} and {}", Span(term)),
        };
        let words = format!("extend lease {lease} by {more}: {} into its deposit", self.amount(cost));
        let (lease, offer) = (word(lease.0), offer.into());
        match account {
            None => self.call(Part::Market, &Market::extendCall { lease, offer, quantity, term }, words),
            Some(account) => {
                let call = LeasingAccount::extendLeaseCall { lease, offer, quantity, term };
                Ok(self.of_account(account, &call, words))
            }
        }
    }

    /// Pays the provider up to what a voucher says; the requester's side needs no signature.
    pub fn redeem(&self, voucher: &Voucher, signature: &[u8], now: Tokens) -> Result<Intent, ChainError> {
        let words = format!(
            "pay the provider of lease {} {}, fees included: it has earned {} in all",
            voucher.lease,
            self.amount(now),
            self.amount(voucher.amount)
        );
        let (lease, amount) = (word(voucher.lease.0), voucher.amount.0);
        self.call(
            Part::Market,
            &Market::redeemCall { lease, amount, signature: signature.to_vec().into() },
            words,
        )
    }

    /// Says what a lease has earned, without a voucher; posts a bond.
    pub fn claim_lease(
        &self,
        lease: Hash32,
        amount: Tokens,
        evidence: Hash32,
        bond: Tokens,
    ) -> Result<Intent, ChainError> {
        let words = format!(
            "claim that lease {lease} has earned {} in all, with a bond of {}, which is lost in part or whole if the requester objects",
            self.amount(amount),
            self.amount(bond)
        );
        let call =
            Market::claimCall { lease: word(lease.0), amount: amount.0, evidenceHash: word(evidence.0) };
        self.call(Part::Market, &call, words)
    }

    /// Takes the open claim back.
    pub fn withdraw_claim(&self, lease: Hash32) -> Result<Intent, ChainError> {
        let words = format!("take the claim on lease {lease} back, with its bond");
        self.call(Part::Market, &Market::withdrawClaimCall { lease: word(lease.0) }, words)
    }

    /// Pays a claim that nobody objected to in time.
    pub fn finalize_claim(&self, lease: Hash32, amount: Tokens) -> Result<Intent, ChainError> {
        let words = format!(
            "have the claim on lease {lease} paid, {} in all, fees included: nobody objected in time",
            self.amount(amount)
        );
        self.call(Part::Market, &Market::finalizeCall { lease: word(lease.0) }, words)
    }

    /// Objects to all of the open claim beyond `agreed`; `forfeited` goes to nobody of the two.
    pub fn object_to_claim(
        &self,
        lease: Hash32,
        agreed: Tokens,
        forfeited: Tokens,
    ) -> Result<Intent, ChainError> {
        let words = format!(
            "object to the claim on lease {lease}: {} in all are agreed to and paid, {} are forfeited to the network, the \
             lease ends now; this is final",
            self.amount(agreed),
            self.amount(forfeited)
        );
        self.call(Part::Market, &Market::objectCall { lease: word(lease.0), agreed: agreed.0 }, words)
    }

    /// Gives notice, for a lease of a spending account if one is named.
    pub fn end_lease(&self, account: Option<Address>, lease: Hash32) -> Result<Intent, ChainError> {
        let words =
            format!("give notice: lease {lease} ends when the time of notice is over, or at its term");
        let lease = word(lease.0);
        match account {
            None => self.call(Part::Market, &Market::endCall { lease }, words),
            Some(account) => Ok(self.of_account(account, &LeasingAccount::endLeaseCall { lease }, words)),
        }
    }

    /// Closes a lease; what is left returns to the requester.
    pub fn close_lease(&self, lease: Hash32, left: Tokens) -> Result<Intent, ChainError> {
        let words = format!("close lease {lease}: {} return to the requester", self.amount(left));
        self.call(Part::Market, &Market::closeCall { lease: word(lease.0) }, words)
    }

    fn of_account<C: SolCall>(&self, account: Address, call: &C, words: impl Into<String>) -> Intent {
        Intent::call(&self.names, "SpendingAccount", account, call, words)
    }
}
