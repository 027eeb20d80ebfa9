//! The host of a network: tells newcomers where chain, contracts and jobs are, and funds them where that is allowed.
//!
//! A host has no power over the network. Whoever knows the chain's endpoint, the address book and a coordinator's
//! address needs no host.

use corex_chain::{Contracts, Tokens};
use corex_net::{Connection, PeerAddr};
use corex_work::Address;
use std::collections::HashSet;
use tokio::sync::{Mutex, watch};

use crate::error::NodeError;
use crate::wire::{ToNode, ToServer, VERSION, Welcome};

/// Wei that a local network's faucet gives: enough for tens of thousands of transactions.
const FAUCET_GAS: u128 = 1_000_000_000_000_000_000;
/// The faucet gives this many times what a verifier must stake.
const FAUCET_STAKES: u64 = 2;
/// Accounts that one faucet serves; after that somebody is playing with it.
const MOST_FUNDED: usize = 1024;

/// Gives tokens and gas of a local network's treasury to whoever asks, once.
pub struct Faucet {
    treasury: Contracts,
    funded: Mutex<HashSet<Address>>,
}

impl Faucet {
    /// `treasury` acts as the account that holds the local share of the supply.
    pub fn new(treasury: Contracts) -> Faucet {
        Faucet { treasury, funded: Mutex::default() }
    }

    /// Makes sure that the account has gas, and gives it tokens the first time.
    async fn fund(&self, account: Address) -> Result<(), NodeError> {
        // Held across the transfers: two requests for one account must not both be served.
        let mut funded = self.funded.lock().await;
        if self.treasury.chain().gas_balance(account).await? < FAUCET_GAS / 2 {
            self.treasury.chain().send_gas(account, FAUCET_GAS).await?;
        }
        if funded.contains(&account) {
            return Ok(());
        }
        if funded.len() >= MOST_FUNDED {
            return Err(NodeError::Refused(format!(
                "this network has funded {MOST_FUNDED} accounts already"
            )));
        }
        let amount = Tokens(self.treasury.book().profile.stake.verifier_min.0 * u128::from(FAUCET_STAKES));
        self.treasury.transfer(account, amount).await?;
        funded.insert(account);
        Ok(())
    }
}

/// See the module.
pub struct Host {
    rpc: String,
    contracts: Contracts,
    faucet: Option<Faucet>,
    coordinators: watch::Sender<Vec<PeerAddr>>,
}

impl Host {
    /// A host for the network of `contracts`, reached at `rpc`.
    pub fn new(rpc: String, contracts: Contracts, faucet: Option<Faucet>) -> Host {
        Host { rpc, contracts, faucet, coordinators: watch::Sender::new(Vec::new()) }
    }

    /// Adds a coordinator to what nodes are told.
    pub fn add(&self, coordinator: PeerAddr) {
        self.coordinators.send_modify(|list| {
            if !list.contains(&coordinator) {
                list.push(coordinator);
            }
        });
    }

    /// Takes it off the list.
    pub fn remove(&self, coordinator: &PeerAddr) {
        self.coordinators.send_modify(|list| list.retain(|c| c != coordinator));
    }

    /// Serves one connection whose first message was [`ToServer::Join`], until it ends.
    pub async fn serve(&self, connection: Connection, version: u32) -> Result<(), NodeError> {
        if version != VERSION {
            let why = format!("this host speaks version {VERSION}, you speak version {version}");
            connection.close(&why).await;
            return Ok(());
        }
        let mut announced = None;
        let result = self.converse(connection, &mut announced).await;
        if let Some(coordinator) = announced {
            self.remove(&coordinator);
        }
        result
    }

    async fn converse(
        &self,
        mut connection: Connection,
        announced: &mut Option<PeerAddr>,
    ) -> Result<(), NodeError> {
        let mut changes = self.coordinators.subscribe();
        let welcome = Welcome {
            version: VERSION,
            rpc: self.rpc.clone(),
            deployment: self.contracts.book().clone(),
            faucet: self.faucet.is_some(),
            coordinators: changes.borrow_and_update().clone(),
        };
        connection.send(&ToNode::Welcome(Box::new(welcome))).await?;
        // Split: a receive must not be cancelled by a change of the list, nor a send by a message.
        let (mut sender, mut receiver) = connection.split();
        loop {
            tokio::select! {
                message = receiver.recv::<ToServer>() => match message? {
                    ToServer::Fund { account } => {
                        let answer = match &self.faucet {
                            None => ToNode::Bye("this network has no faucet".into()),
                            Some(faucet) => match faucet.fund(account).await {
                                Ok(()) => ToNode::Funded,
                                Err(error) => ToNode::Bye(error.to_string()),
                            },
                        };
                        sender.send(&answer).await?;
                    }
                    ToServer::Announce { coordinator } => {
                        self.add(coordinator.clone());
                        if let Some(old) = announced.replace(coordinator) {
                            self.remove(&old);
                        }
                    }
                    other => {
                        sender.close("a host does not take such messages").await;
                        let why = format!("sent {other:?} to a host");
                        return Err(NodeError::Peer { peer: receiver.peer().to_string(), why });
                    }
                },
                changed = changes.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                    let list = changes.borrow_and_update().clone();
                    sender.send(&ToNode::Coordinators(list)).await?;
                }
            }
        }
    }
}
