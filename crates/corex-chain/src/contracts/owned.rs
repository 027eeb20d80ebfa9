//! What an account owns, found by the contracts' logs.

use super::{Contracts, bindings::NodeRegistry};
use crate::{
    client::ChainError,
    convert::{from_sol, to_sol},
};
use alloy::{rpc::types::Filter, sol, sol_types::SolEvent};
use corex_work::Address;
use std::collections::BTreeSet;

sol! {
    event OwnershipTransferred(address indexed node, address indexed from, address indexed to);
}

impl Contracts {
    /// Nodes that `owner` owns now, ascending. Asks the log for the owner's alone, however many others there are.
    pub async fn nodes_of(&self, owner: Address) -> Result<Vec<Address>, ChainError> {
        let (registry, who) = (to_sol(self.book.contracts.registry), to_sol(owner).into_word());
        let base = Filter::new().address(registry).from_block(self.book.first_block);
        let registered =
            base.clone().event_signature(NodeRegistry::NodeRegistered::SIGNATURE_HASH).topic2(who);
        let transferred = base.event_signature(OwnershipTransferred::SIGNATURE_HASH).topic3(who);
        let mut candidates = BTreeSet::new();
        for filter in [registered, transferred] {
            // The node is the first topic behind the event's own.
            let logs = self.chain.logs(&filter).await?;
            let nodes = logs.iter().filter_map(|log| log.topics().get(1));
            candidates.extend(nodes.map(|topic| from_sol(alloy::primitives::Address::from_word(*topic))));
        }
        let mut owned = Vec::new();
        for node in candidates {
            if self.node(node).await?.is_some_and(|info| info.owner == owner) {
                owned.push(node);
            }
        }
        Ok(owned)
    }
}
