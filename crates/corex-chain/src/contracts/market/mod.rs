//! Leases of nodes: what is signed, what is open, what can be called. Contract `Market`.

mod lease;
mod signed;
mod standing;
mod terms;

pub use lease::{ClaimInfo, LeaseAt, LeaseInfo};
pub use signed::{SignedTerms, Terms, TermsError, lease_id};
pub use standing::{OfferStanding, Trouble};
pub use terms::{ANY_TIER, MarketDomain, MarketMessage, Meter, Offer, Order, Voucher};

use super::Deployment;

impl Deployment {
    /// Where offers, orders and vouchers of this network are signed for.
    pub fn market_domain(&self) -> MarketDomain {
        MarketDomain { chain_id: self.chain_id, market: self.contracts.market }
    }
}
