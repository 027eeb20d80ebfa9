//! Transactions that wait to be sealed: per sender in nonce order, across senders in order of arrival.
//!
//! Fees do not order anything: the base fee is constant and blocks are sealed as soon as there is something
//! to seal.

use alloy::{
    consensus::{Transaction as _, TxEnvelope, transaction::Recovered},
    primitives::{Address, B256},
};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap, HashMap},
};

/// Transactions one sender may have waiting; also how far a nonce may run ahead of the account's.
pub(super) const MAX_PER_SENDER: u64 = 1_024;
/// Transactions waiting in all.
pub(super) const MAX_TOTAL: usize = 16_384;

/// Why a well-formed transaction was not taken. The wording follows the common Ethereum clients, because
/// client libraries look for it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum PoolError {
    #[error("already known")]
    AlreadyKnown,
    #[error("nonce too low: next nonce {next}, tx nonce {found}")]
    NonceTooLow { next: u64, found: u64 },
    #[error("nonce too far ahead: next nonce {next}, tx nonce {found}, at most {MAX_PER_SENDER} ahead")]
    NonceTooFar { next: u64, found: u64 },
    #[error("replacement transaction underpriced: nonce {nonce} waits with max fee {waiting}")]
    Underpriced { nonce: u64, waiting: u128 },
    #[error("txpool is full: {MAX_TOTAL} transactions wait")]
    Full,
}

struct Waiting {
    tx: Recovered<TxEnvelope>,
    arrival: u64,
}

#[derive(Default)]
pub(super) struct Pool {
    senders: HashMap<Address, BTreeMap<u64, Waiting>>,
    by_hash: HashMap<B256, (Address, u64)>,
    arrivals: u64,
}

impl Pool {
    /// Takes a transaction whose sender's account nonce is `next`.
    pub fn insert(&mut self, tx: Recovered<TxEnvelope>, next: u64) -> Result<B256, PoolError> {
        let (hash, sender, nonce) = (*tx.tx_hash(), tx.signer(), tx.nonce());
        if self.by_hash.contains_key(&hash) {
            return Err(PoolError::AlreadyKnown);
        }
        if nonce < next {
            return Err(PoolError::NonceTooLow { next, found: nonce });
        }
        if nonce - next >= MAX_PER_SENDER {
            return Err(PoolError::NonceTooFar { next, found: nonce });
        }
        let replaced = self.senders.get(&sender).and_then(|queue| queue.get(&nonce));
        match replaced {
            Some(old) if tx.max_fee_per_gas() <= old.tx.max_fee_per_gas() => {
                return Err(PoolError::Underpriced { nonce, waiting: old.tx.max_fee_per_gas() });
            }
            Some(old) => drop(self.by_hash.remove(old.tx.tx_hash())),
            None if self.by_hash.len() >= MAX_TOTAL => return Err(PoolError::Full),
            None => {}
        }
        self.arrivals += 1;
        self.by_hash.insert(hash, (sender, nonce));
        let waiting = Waiting { tx, arrival: self.arrivals };
        self.senders.entry(sender).or_default().insert(nonce, waiting);
        Ok(hash)
    }

    pub fn get(&self, hash: B256) -> Option<&Recovered<TxEnvelope>> {
        let (sender, nonce) = self.by_hash.get(&hash)?;
        self.senders.get(sender)?.get(nonce).map(|w| &w.tx)
    }

    /// The nonce a sender would use next, given its account nonce and what waits here.
    pub fn pending_nonce(&self, sender: Address, account: u64) -> u64 {
        let Some(queue) = self.senders.get(&sender) else { return account };
        let mut next = account;
        while queue.contains_key(&next) {
            next += 1;
        }
        next
    }

    /// Everything that can run now, in the order to run it. They stay in the pool until [`Pool::remove`],
    /// so that pending nonces stay right while a block is being sealed. A nonce that the chain has passed
    /// is forgotten.
    pub fn executable<E>(
        &mut self,
        mut account_nonce: impl FnMut(Address) -> Result<u64, E>,
    ) -> Result<Vec<Recovered<TxEnvelope>>, E> {
        let mut heads = BinaryHeap::new();
        let mut stale = Vec::new();
        for (sender, queue) in &self.senders {
            let next = account_nonce(*sender)?;
            stale.extend(queue.range(..next).map(|(nonce, _)| (*sender, *nonce)));
            if let Some(waiting) = queue.get(&next) {
                heads.push(Reverse((waiting.arrival, *sender, next)));
            }
        }
        for (sender, nonce) in stale {
            self.remove(sender, nonce);
        }
        let mut ready = Vec::new();
        while let Some(Reverse((_, sender, nonce))) = heads.pop() {
            let Some(queue) = self.senders.get(&sender) else { continue };
            ready.extend(queue.get(&nonce).map(|w| w.tx.clone()));
            if let Some(following) = queue.get(&(nonce + 1)) {
                heads.push(Reverse((following.arrival, sender, nonce + 1)));
            }
        }
        Ok(ready)
    }

    /// Forgets a transaction: it was sealed, or can never be.
    pub fn remove(&mut self, sender: Address, nonce: u64) {
        let Some(queue) = self.senders.get_mut(&sender) else { return };
        if let Some(gone) = queue.remove(&nonce) {
            self.by_hash.remove(gone.tx.tx_hash());
        }
        if queue.is_empty() {
            self.senders.remove(&sender);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy::{
        consensus::{SignableTransaction, TxEip1559},
        primitives::{Signature, U256},
    };

    fn tx(sender: u8, nonce: u64, fee: u128) -> Recovered<TxEnvelope> {
        let body = TxEip1559 { nonce, max_fee_per_gas: fee, gas_limit: 21_000, ..Default::default() };
        let signed = body.into_signed(Signature::new(U256::from(sender), U256::from(1), false));
        Recovered::new_unchecked(signed.into(), Address::repeat_byte(sender))
    }

    fn order(pool: &mut Pool, account: u64) -> Vec<(u8, u64)> {
        let ready = pool.executable(|_| Ok::<_, ()>(account)).unwrap();
        ready.iter().map(|t| (t.signer().0[0], t.nonce())).collect()
    }

    #[test]
    fn nonces_in_order_and_senders_by_arrival() {
        let mut pool = Pool::default();
        for (sender, nonce) in [(2, 1), (1, 0), (2, 0), (1, 1), (3, 5)] {
            pool.insert(tx(sender, nonce, 1), 0).unwrap();
        }
        assert_eq!(order(&mut pool, 0), [(1, 0), (2, 0), (2, 1), (1, 1)], "3 waits behind a gap");
        assert_eq!(pool.pending_nonce(Address::repeat_byte(1), 0), 2);
        assert_eq!(pool.pending_nonce(Address::repeat_byte(3), 0), 0);
        pool.remove(Address::repeat_byte(1), 0);
        assert_eq!(order(&mut pool, 1), [(2, 1), (1, 1)]);
        assert!(pool.get(*tx(2, 0, 1).tx_hash()).is_none(), "passed nonces are forgotten");
    }

    #[test]
    fn refusals_name_the_reason() {
        let mut pool = Pool::default();
        pool.insert(tx(1, 4, 10), 4).unwrap();
        assert_eq!(pool.insert(tx(1, 4, 10), 4), Err(PoolError::AlreadyKnown));
        assert_eq!(pool.insert(tx(1, 4, 9), 4), Err(PoolError::Underpriced { nonce: 4, waiting: 10 }));
        assert_eq!(pool.insert(tx(1, 3, 9), 4), Err(PoolError::NonceTooLow { next: 4, found: 3 }));
        let far = 4 + MAX_PER_SENDER;
        assert_eq!(pool.insert(tx(1, far, 9), 4), Err(PoolError::NonceTooFar { next: 4, found: far }));
        pool.insert(tx(1, 4, 11), 4).unwrap();
        assert_eq!(order(&mut pool, 4), [(1, 4)], "a better paid one replaces");
        assert_eq!(pool.by_hash.len(), 1);
    }
}
