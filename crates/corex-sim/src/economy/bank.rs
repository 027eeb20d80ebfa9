//! Who has what. Tokens only move or burn, and that is checked.

/// Somebody who holds tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account(usize);

/// Contracts.
pub(crate) const POOL: Account = Account(0);
pub(crate) const VAULT: Account = Account(1);
pub(crate) const ESCROW: Account = Account(2);
pub(crate) const INSURANCE: Account = Account(3);
pub(crate) const ECOSYSTEM: Account = Account(4);
pub(crate) const INCENTIVES: Account = Account(5);
/// Everybody else's tokens.
pub(crate) const REST: Account = Account(6);

/// A ledger of one token.
#[derive(Clone, Debug)]
pub(crate) struct Bank {
    supply: u128,
    burned: u128,
    balances: Vec<u128>,
}

impl Bank {
    /// A token of which the pool holds a part, and [`REST`] the rest.
    pub(crate) fn new(supply: u128, pooled: u128) -> Bank {
        let mut balances = vec![0; REST.0 + 1];
        balances[POOL.0] = pooled;
        balances[REST.0] = supply - pooled;
        Bank { supply, burned: 0, balances }
    }

    /// A new account with tokens of [`REST`].
    pub(crate) fn open(&mut self, amount: u128) -> Account {
        self.balances.push(0);
        let account = Account(self.balances.len() - 1);
        self.transfer(REST, account, amount);
        account
    }

    #[cfg(test)]
    pub(crate) fn burned(&self) -> u128 {
        self.burned
    }

    pub(crate) fn balance(&self, account: Account) -> u128 {
        self.balances[account.0]
    }

    /// Moves tokens. Who has too little is a defect of the simulation.
    pub(crate) fn transfer(&mut self, from: Account, to: Account, amount: u128) {
        self.take(from, amount);
        self.balances[to.0] += amount;
    }

    /// Destroys tokens.
    pub(crate) fn burn(&mut self, from: Account, amount: u128) {
        self.take(from, amount);
        self.burned += amount;
    }

    fn take(&mut self, from: Account, amount: u128) {
        let balance = &mut self.balances[from.0];
        assert!(*balance >= amount, "{from:?} has {balance}, spends {amount}");
        *balance -= amount;
    }

    /// Nothing came from nowhere or got lost.
    pub(crate) fn assert_conserved(&self) {
        assert_eq!(self.balances.iter().sum::<u128>() + self.burned, self.supply, "tokens are conserved");
    }
}
