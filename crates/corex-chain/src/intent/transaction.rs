//! Transactions: shown, tried, sent, and what contracts announced when they were sealed.

use super::{
    Names,
    field::{Field, Place},
    inner,
};
use crate::{
    client::{Chain, ChainError, Mined},
    contracts::extract,
    convert::{from_sol, to_sol},
};
use alloy::{
    dyn_abi::{DynSolValue, EventExt, JsonAbiExt},
    json_abi::Function,
    primitives::Bytes,
    rpc::types::{Log, TransactionReceipt},
    sol_types::{SolCall, SolConstructor},
};
use corex_work::{Address, Hash32, Signature, keccak256};
use serde::Serialize;

/// A transaction that nobody has signed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Intent {
    /// What it does, in a sentence.
    pub words: String,
    /// The contract's name in `api/`; none for a payment to an account.
    pub contract: Option<&'static str>,
    /// Who is called or paid; none if it creates a contract.
    pub to: Option<Address>,
    /// `to` with its name.
    pub to_shown: String,
    /// The function called; `constructor` if it creates a contract, empty for a payment.
    pub function: String,
    /// Its arguments, decoded from the transaction's own bytes.
    pub arguments: Vec<Field>,
    /// Wei that it carries.
    #[serde(serialize_with = "as_text")]
    pub value: u128,
    #[serde(serialize_with = "as_hex")]
    data: Bytes,
}

impl Intent {
    /// Hash of all that the transaction says: to whom, with how much, and the call.
    pub fn content(&self) -> Hash32 {
        let to = self.to.map_or_else(Vec::new, |to| to.0.to_vec());
        let parts = [&[to.len() as u8][..], &to, &self.value.to_be_bytes(), &self.data];
        Hash32(keccak256(&parts.concat()))
    }
}

/// What a transaction would cost, if it were sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// Gas, as the chain estimates it.
    pub gas: u64,
    /// Wei that it may cost at most, for the gas limit and the price that it would be sent with.
    #[serde(serialize_with = "as_text")]
    pub most_fee: u128,
}

/// A transaction that was sealed, and did what it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Hash, block and gas.
    #[serde(flatten)]
    pub mined: Mined,
    /// Wei that it cost.
    #[serde(serialize_with = "as_text")]
    pub fee: u128,
    /// The contract that it created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Address>,
    /// What contracts of the network announced, in order.
    pub events: Vec<Announced>,
}

/// What became of a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The chain has none with this hash.
    Unknown,
    /// It is not sealed yet.
    Waiting,
    /// It was sealed, and a contract refused.
    Failed,
    /// It was sealed, and did what it should.
    Sealed(Sent),
}

/// An event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Announced {
    /// The contract's name in `api/`.
    pub contract: &'static str,
    /// The event's name.
    pub event: String,
    /// What it says.
    pub fields: Vec<Field>,
}

impl Intent {
    /// A call of the contract at `to`, which is called `contract` in `api/`.
    pub(crate) fn call<C: SolCall>(
        names: &Names,
        contract: &'static str,
        to: Address,
        call: &C,
        words: impl Into<String>,
    ) -> Self {
        let (function, arguments) = decode(contract, &call.abi_encode(), names)
            .unwrap_or_else(|| (C::SIGNATURE.to_owned(), Vec::new()));
        Self {
            words: words.into(),
            contract: Some(contract),
            to: Some(to),
            to_shown: names.address(to),
            function,
            arguments,
            value: 0,
            data: call.abi_encode().into(),
        }
    }

    /// The creation of a contract.
    pub(crate) fn create<C: SolConstructor>(
        names: &Names,
        contract: &'static str,
        code: &Bytes,
        constructor: &C,
        words: impl Into<String>,
    ) -> Self {
        let encoded = constructor.abi_encode();
        let place = Place { contract, item: "constructor", names };
        let arguments = extract::find(contract).and_then(|extract| {
            let constructor = extract.abi.constructor()?;
            let values = constructor.abi_decode_input(&encoded).ok()?;
            Some(place.fields(constructor.inputs.iter().map(Into::into), &values))
        });
        Self {
            words: words.into(),
            contract: Some(contract),
            to: None,
            to_shown: "a new contract".into(),
            function: "constructor".into(),
            arguments: arguments.unwrap_or_default(),
            value: 0,
            data: [&code[..], &encoded].concat().into(),
        }
    }

    /// A payment of `wei` to an account.
    pub fn pay(names: &Names, to: Address, wei: u128, words: impl Into<String>) -> Self {
        Self {
            words: words.into(),
            contract: None,
            to: Some(to),
            to_shown: names.address(to),
            function: String::new(),
            arguments: Vec::new(),
            value: wei,
            data: Bytes::new(),
        }
    }

    /// The same with wei.
    #[must_use]
    pub fn with_value(mut self, wei: u128) -> Self {
        self.value = wei;
        self
    }

    /// The same with a signature as its last three arguments (v, r, s), as functions that take a permit have them.
    ///
    /// # Errors
    /// [`ChainError::Conflict`] for a call of any other function.
    pub fn with_permit(mut self, names: &Names, signature: &Signature) -> Result<Self, ChainError> {
        let last = |count: usize| self.arguments.iter().rev().take(count).map(|a| a.name.as_str());
        let fits = last(3).eq(["s", "r", "v"]) && self.data.len() >= 4 + 96;
        let (Some(contract), true) = (self.contract, fits) else {
            return Err(ChainError::Conflict(format!("{} takes no permit", self.function)));
        };
        let mut data = self.data.to_vec();
        data.truncate(data.len() - 96);
        let (rs, v) = signature.0.split_at(64);
        data.extend([0; 31]);
        data.extend(v);
        data.extend(rs);
        if let Some((_, arguments)) = decode(contract, &data, names) {
            self.arguments = arguments;
        }
        self.data = data.into();
        Ok(self)
    }

    /// A call of the network's contracts that is encoded already, such as one that a proposal holds, decoded; `words` are said of it.
    /// Nothing is known of what is sent to a stranger: then the bytes are shown.
    pub fn decoded(names: &Names, to: Address, value: u128, data: Vec<u8>, words: impl Into<String>) -> Self {
        let contract = names.contract(to);
        let decoded = contract.and_then(|contract| decode(contract, &data, names));
        let (function, arguments) = decoded.unwrap_or_else(|| {
            let bytes = DynSolValue::Bytes(data.clone());
            let value = super::field::plain(&bytes);
            let field = Field { name: "data".into(), kind: "bytes".into(), shown: value.clone(), value };
            ("unknown".into(), vec![field])
        });
        let to_shown = names.address(to);
        Self {
            words: words.into(),
            contract,
            to: Some(to),
            to_shown,
            function,
            arguments,
            value,
            data: data.into(),
        }
    }

    /// The call, encoded.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// Tries it on the newest state, as the account of `chain`, and sends nothing.
    ///
    /// # Errors
    /// [`ChainError::Reverted`] if a contract would refuse; [`ChainError::Conflict`] if the account cannot pay for gas.
    pub async fn simulate(&self, chain: &Chain) -> Result<Forecast, ChainError> {
        let (gas, most_fee) =
            chain.estimate(self.name(), self.to.map(to_sol), &self.data, self.value).await?;
        let account = chain.address();
        let has = chain.gas_balance(account).await?;
        let needs = most_fee.saturating_add(self.value);
        if has < needs {
            let [has, needs] = [has, needs].map(crate::tokens::Tokens);
            return Err(ChainError::Conflict(format!(
                "account {account} has {has} ETH on chain {}, and {needs} may be needed for this transaction\n\
                 hint: send it some from another account; on a network of this machine, `corex wallet send --gas`",
                chain.chain_id()
            )));
        }
        Ok(Forecast { gas, most_fee })
    }

    /// Signs and sends it as the account of `chain`, and waits until it is sealed. `signed` is told the hash before the transaction leaves
    /// this process, each time it is signed anew.
    ///
    /// # Errors
    /// As [`Self::simulate`], and whatever may happen on the way.
    pub async fn send(
        &self,
        chain: &Chain,
        names: &Names,
        signed: &(dyn Fn(Hash32) + Sync),
    ) -> Result<Sent, ChainError> {
        let to = self.to.map(to_sol);
        let receipt = chain.send_encoded(self.name(), to, self.data.clone(), self.value, signed).await?;
        Ok(Sent::new(&receipt, names))
    }

    /// What errors call it.
    fn name(&self) -> &str {
        if self.function.is_empty() { "payment" } else { &self.function }
    }
}

impl Sent {
    /// A field of an event that a contract announced, as it is encoded: `JobOpened`, `job`.
    pub fn announced(&self, event: &str, field: &str) -> Option<&str> {
        let event = self.events.iter().find(|announced| announced.event == event)?;
        event.fields.iter().find(|known| known.name == field).map(|known| known.value.as_str())
    }

    /// What a receipt says.
    fn new(receipt: &TransactionReceipt, names: &Names) -> Self {
        Self {
            mined: Mined::from(receipt),
            fee: u128::from(receipt.gas_used).saturating_mul(receipt.effective_gas_price),
            created: receipt.contract_address.map(from_sol),
            events: receipt.inner.logs().iter().filter_map(|log| announced(log, names)).collect(),
        }
    }
}

impl Fate {
    /// Asks the chain what became of a transaction.
    ///
    /// # Errors
    /// The chain does not answer.
    pub async fn of(chain: &Chain, names: &Names, tx: Hash32) -> Result<Self, ChainError> {
        Ok(match chain.transaction(tx).await? {
            Some((_, receipt)) if receipt.status() => Self::Sealed(Sent::new(&receipt, names)),
            Some(_) => Self::Failed,
            None if chain.is_known("transaction", tx.0.into()).await? => Self::Waiting,
            None => Self::Unknown,
        })
    }
}

/// Function and arguments of a call of `contract`; `None` if it has no such function, or the arguments are not its.
pub(super) fn decode(contract: &str, data: &[u8], names: &Names) -> Option<(String, Vec<Field>)> {
    let (selector, body) = data.split_first_chunk::<4>()?;
    let abi = extract::abi(contract)?;
    let function: &Function = abi.functions().find(|function| function.selector() == *selector)?;
    let values = function.abi_decode_input(body).ok()?;
    let place = Place { contract, item: &function.name, names };
    let mut fields = place.fields(function.inputs.iter().map(Into::into), &values);
    inner::show_calls(&mut fields, names);
    Some((function.name.clone(), fields))
}

/// An event of a contract of the network; `None` for any other.
fn announced(log: &Log, names: &Names) -> Option<Announced> {
    let contract = names.contract(from_sol(log.address()))?;
    let topic = log.topic0()?;
    let event = extract::abi(contract)?.events().find(|event| event.selector() == *topic)?;
    let decoded = event.decode_log(&log.inner.data).ok()?;
    let place = Place { contract, item: &event.name, names };
    let (indexed, body): (Vec<_>, Vec<_>) = event.inputs.iter().partition(|input| input.indexed);
    let mut fields = place.fields(indexed.into_iter().map(Into::into), &decoded.indexed);
    fields.extend(place.fields(body.into_iter().map(Into::into), &decoded.body));
    Some(Announced { contract, event: event.name.clone(), fields })
}

/// Numbers beyond 53 bits do not survive JSON readers.
pub(super) fn as_text<S: serde::Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

fn as_hex<S: serde::Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(bytes)
}
