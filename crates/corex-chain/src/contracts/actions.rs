//! What governance may do: calls of the network's contracts, written as text by a person.

use super::{Deployment, Part, extract};
use crate::{convert::to_sol, tokens::Tokens};
use alloy::{
    dyn_abi::{DynSolType, DynSolValue, JsonAbiExt, Specifier},
    json_abi::{Function, JsonAbi, Param},
    primitives::U256,
};
use corex_work::Address;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the AccessManager is called: it is no part, since `GovernanceGenesis` creates it.
const MANAGER: &str = "manager";

/// A call that a proposal makes if it is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The contract.
    pub to: Address,
    /// Wei that go with it.
    pub value: u128,
    /// Function and arguments, ABI-encoded.
    pub data: Vec<u8>,
}

/// An action as a person writes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenAction {
    /// Name of the contract in the address book, or its address.
    pub contract: String,
    /// Name of the function; with the types of its arguments where there are several of that name.
    pub function: String,
    /// A list in the function's order, or an object with its names. A number may be text: `"1.5 tokens"` are 1.5 * 10^18; an address
    /// may be a name of the address book.
    #[serde(default)]
    pub arguments: Value,
    /// Wei that go with it.
    #[serde(default)]
    pub value: u64,
}

/// Why no action can be made of what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// No such contract.
    #[error("this network has no contract '{given}'\nhint: it has {}", .known.join(", "))]
    Contract {
        /// As written.
        given: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// No such function, or several.
    #[error("{contract} has no function {given}\nhint: {hint}")]
    Function {
        /// Its name in the address book.
        contract: String,
        /// As written, with the number of arguments.
        given: String,
        /// What there is.
        hint: String,
    },
    /// An argument that does not fit.
    #[error("{function}, argument {name}: {given} is no {kind}: {why}")]
    Argument {
        /// The function.
        function: String,
        /// The argument.
        name: String,
        /// As written.
        given: String,
        /// What is wanted, as Solidity calls it.
        kind: String,
        /// What is wrong.
        why: String,
    },
}

impl Deployment {
    /// What an address is called here: a part of the network, or whom the deployment names.
    pub fn name_of(&self, address: Address) -> Option<String> {
        if address == Address::default() {
            return None;
        }
        if let Some(part) = self.parts().find(|part| self.contracts.at(*part) == address) {
            return Some(part.key().to_owned());
        }
        if self.profile.is_governed() && address == self.manager() {
            return Some(MANAGER.to_owned());
        }
        self.accounts.named.iter().find(|(_, named)| **named == address).map(|(name, _)| name.clone())
    }

    /// The address of a name, the other way round.
    pub fn address_of(&self, name: &str) -> Option<Address> {
        let part = || self.parts().find(|part| part.key() == name).map(|part| self.contracts.at(part));
        let manager = || (name == MANAGER && self.profile.is_governed()).then(|| self.manager());
        part().or_else(manager).or_else(|| self.accounts.named.get(name).copied())
    }

    /// What can be called at an address of this network.
    fn abi_at(&self, address: Address) -> Option<&'static JsonAbi> {
        if self.profile.is_governed() && address == self.manager() {
            return extract::abi("AccessManager");
        }
        let part = self.parts().find(|part| self.contracts.at(*part) == address)?;
        extract::abi(part.interface(&self.profile))
    }

    /// Names that a call can be addressed to.
    fn callable(&self) -> Vec<&'static str> {
        let manager = self.profile.is_governed().then_some(MANAGER);
        self.parts().map(Part::key).chain(manager).collect()
    }

    /// The bytes of a written action.
    ///
    /// # Errors
    /// What does not fit, and what would.
    pub fn action(&self, written: &WrittenAction) -> Result<Action, ActionError> {
        let WrittenAction { contract, function, arguments, value } = written;
        let unknown = || ActionError::Contract { given: contract.clone(), known: self.callable() };
        let to = match contract.starts_with("0x") {
            true => contract.parse::<Address>().ok(),
            false => self.address_of(contract),
        };
        let (to, abi) = to.and_then(|to| Some((to, self.abi_at(to)?))).ok_or_else(unknown)?;
        let name = function.split('(').next().unwrap_or_default();
        let known: Vec<&Function> = abi.functions().filter(|f| f.name == name).collect();
        let fits = |f: &&&Function| match function.contains('(') {
            true => f.signature() == function.replace(' ', ""),
            false => takes(f, arguments),
        };
        let Some(found) = known.iter().find(fits) else {
            let hint = match known.is_empty() {
                false => known.iter().map(|f| signature(f)).collect::<Vec<_>>().join("; "),
                true => format!("it has {}", writers(abi.functions())),
            };
            let given = format!("{name} with these arguments");
            let given = if known.is_empty() { name.into() } else { given };
            return Err(ActionError::Function { contract: contract.clone(), given, hint });
        };
        if !takes(found, arguments) {
            let given = format!("{} with these arguments", found.signature());
            return Err(ActionError::Function { contract: contract.clone(), given, hint: signature(found) });
        }
        let given = |index: usize, param: &Param| match arguments {
            Value::Array(list) => list.get(index),
            Value::Object(named) => named.get(&param.name),
            _ => None,
        };
        let mut values = Vec::new();
        for (index, param) in found.inputs.iter().enumerate() {
            let given = given(index, param).unwrap_or(&Value::Null);
            let value = self.value(param, given).map_err(|why| ActionError::Argument {
                function: found.name.clone(),
                name: param.name.clone(),
                given: given.to_string(),
                kind: param.selector_type().into_owned(),
                why,
            })?;
            values.push(value);
        }
        let data = found.abi_encode_input(&values).map_err(|e| ActionError::Function {
            contract: contract.clone(),
            given: name.into(),
            hint: e.to_string(),
        })?;
        Ok(Action { to, value: (*value).into(), data })
    }

    fn value(&self, param: &Param, given: &Value) -> Result<DynSolValue, String> {
        let kind = param.resolve().map_err(|e| e.to_string())?;
        self.value_of(&kind, &param.components, given)
    }

    fn value_of(&self, kind: &DynSolType, fields: &[Param], given: &Value) -> Result<DynSolValue, String> {
        // A command line has text only; JSON in it is a list or an object.
        let parsed = match (kind, given) {
            (
                DynSolType::Array(_) | DynSolType::FixedArray(..) | DynSolType::Tuple(_),
                Value::String(text),
            ) => Some(serde_json::from_str::<Value>(text).map_err(|e| e.to_string())?),
            _ => None,
        };
        let given = parsed.as_ref().unwrap_or(given);
        match (kind, given) {
            (DynSolType::Array(inner), Value::Array(list)) => {
                let values = list.iter().map(|value| self.value_of(inner, fields, value));
                Ok(DynSolValue::Array(values.collect::<Result<_, _>>()?))
            }
            (DynSolType::FixedArray(inner, length), Value::Array(list)) => {
                if list.len() != *length {
                    return Err(format!("it has {} elements", list.len()));
                }
                let values = list.iter().map(|value| self.value_of(inner, fields, value));
                Ok(DynSolValue::FixedArray(values.collect::<Result<_, _>>()?))
            }
            (DynSolType::Tuple(kinds), Value::Object(named)) => {
                if named.len() != kinds.len() || fields.len() != kinds.len() {
                    return Err(format!("it has {} members", named.len()));
                }
                let member = |field: &Param| match named.get(&field.name) {
                    Some(value) => self.value(field, value).map_err(|why| format!("{}: {why}", field.name)),
                    None => Err(format!("member {} is missing", field.name)),
                };
                Ok(DynSolValue::Tuple(fields.iter().map(member).collect::<Result<_, _>>()?))
            }
            (DynSolType::Bool, Value::Bool(value)) => Ok(DynSolValue::Bool(*value)),
            (_, Value::String(text)) => self.leaf(kind, text.trim()),
            (_, Value::Number(number)) if number.is_u64() || number.is_i64() => {
                self.leaf(kind, &number.to_string())
            }
            (_, Value::Null) => Err("it is missing".into()),
            _ => Err("another kind of value".into()),
        }
    }

    fn leaf(&self, kind: &DynSolType, text: &str) -> Result<DynSolValue, String> {
        match kind {
            DynSolType::String => return Ok(DynSolValue::String(text.into())),
            DynSolType::Address => {
                let known = || self.callable().join(", ");
                let address = match text.starts_with("0x") {
                    true => text.parse::<Address>().map_err(|e| e.to_string())?,
                    false => self.address_of(text).ok_or_else(|| format!("names are {}", known()))?,
                };
                return Ok(DynSolValue::Address(to_sol(address)));
            }
            DynSolType::Uint(bits) => {
                let amount = ["tokens", self.profile.token.symbol.as_str()]
                    .into_iter()
                    .find_map(|unit| text.strip_suffix(unit))
                    .map(|amount| amount.trim().parse::<Tokens>().map_err(|e| e.to_string()))
                    .transpose()?;
                let value = match amount {
                    Some(amount) => U256::from(amount.0),
                    None if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() => {
                        U256::from_str_radix(text, 10).map_err(|e| e.to_string())?
                    }
                    None => return Err("write digits, or an amount such as 1.5 tokens".into()),
                };
                if value.bit_len() > *bits {
                    return Err(format!("it does not fit {bits} bits"));
                }
                return Ok(DynSolValue::Uint(value, *bits));
            }
            _ => {}
        }
        kind.coerce_str(text).map_err(|e| e.to_string())
    }
}

/// Whether the arguments are as many as a function takes, and of its names.
fn takes(function: &Function, arguments: &Value) -> bool {
    match arguments {
        Value::Array(list) => list.len() == function.inputs.len(),
        Value::Object(named) => {
            named.len() == function.inputs.len()
                && function.inputs.iter().all(|p| named.contains_key(&p.name))
        }
        Value::Null => function.inputs.is_empty(),
        _ => false,
    }
}

/// `setFeeBps(uint16 bps)`.
fn signature(function: &Function) -> String {
    let params: Vec<String> =
        function.inputs.iter().map(|p| format!("{} {}", p.selector_type(), p.name)).collect();
    format!("{}({})", function.name, params.join(", "))
}

/// Names of the functions that change anything.
fn writers<'a>(functions: impl Iterator<Item = &'a Function>) -> String {
    use alloy::json_abi::StateMutability::{NonPayable, Payable};
    let mut names: Vec<&str> = functions
        .filter(|f| matches!(f.state_mutability, NonPayable | Payable))
        .map(|f| f.name.as_str())
        .collect();
    names.dedup();
    match names.is_empty() {
        true => "none that changes anything".into(),
        false => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contracts::{Accounts, Addresses},
        intent::{Names, call_in_words},
        profile::{Profile, Scope},
    };
    use serde_json::json;

    /// A book whose parts are at addresses of their own.
    fn book() -> Deployment {
        let profile = Profile::builtin("aic", Scope::Local).unwrap();
        let account = Address([0xee; 20]);
        let mut contracts = Addresses::default();
        for (part, n) in Part::ALL.iter().filter(|part| part.belongs_to(&profile)).zip(1u8..) {
            contracts.set(*part, Address([n; 20]));
        }
        let accounts = Accounts::all(account, &profile);
        let (deployer, first_nonce, first_block, planned_at) = (account, 0, 0, 0);
        Deployment {
            chain_id: 1,
            deployer,
            first_nonce,
            first_block,
            planned_at,
            accounts,
            contracts,
            profile,
        }
    }

    fn written(contract: &str, function: &str, arguments: Value) -> WrittenAction {
        WrittenAction { contract: contract.into(), function: function.into(), arguments, value: 0 }
    }

    #[test]
    fn what_is_written_is_what_the_bytes_say() {
        let book = book();
        let names = Names::new(&book, Address([1; 20]));
        let to = Address([0xab; 20]);
        for (contract, function, arguments, words) in [
            ("market", "setFeeBps", json!([250]), "market.setFeeBps(newFeeBps = 2.5 %)".to_owned()),
            (
                "market",
                "setFeeBps(uint16)",
                json!({ "newFeeBps": "250" }),
                "market.setFeeBps(newFeeBps = 2.5 %)".into(),
            ),
            (
                "ecosystem",
                "spend",
                json!({ "to": to.to_string(), "amount": "1.5 tokens", "purpose": "an audit" }),
                format!("ecosystem.spend(to = {to}, amount = 1.5 AIC, purpose = \"an audit\")"),
            ),
            ("guard", "lift", json!(["1"]), "guard.lift(scope = market (1))".into()),
        ] {
            let action = book.action(&written(contract, function, arguments)).unwrap();
            assert_eq!(call_in_words(&names, action.to, &action.data), words);
        }
        // A committee's proposal to announce a change is shown with the change in it.
        let change = book.action(&written("market", "setFeeBps", json!([250]))).unwrap();
        let inner = format!("0x{}", alloy::primitives::hex::encode(&change.data));
        let announce = book.action(&written("manager", "schedule", json!(["market", inner, 0]))).unwrap();
        let words = call_in_words(&names, announce.to, &announce.data);
        assert!(words.starts_with("manager.schedule(target = "), "{words}");
        assert!(words.contains("data = market.setFeeBps(newFeeBps = 2.5 %), when = 0"), "{words}");
    }

    #[test]
    fn hostile_actions_are_refused_in_words() {
        let book = book();
        for (contract, function, arguments, says) in [
            ("bank", "f", json!([]), "no contract 'bank'"),
            ("0x12", "f", json!([]), "no contract '0x12'"),
            (&Address([0xcc; 20]).to_string(), "f", json!([]), "no contract"),
            ("market", "mint", json!([1]), "no function mint"),
            ("market", "", json!([1]), "no function"),
            ("market", "setFeeBps(", json!([1]), "setFeeBps(uint16 newFeeBps)"),
            ("market", "setFeeBps", json!([]), "setFeeBps(uint16 newFeeBps)"),
            ("market", "setFeeBps", json!([1, 2]), "setFeeBps(uint16 newFeeBps)"),
            ("market", "setFeeBps", json!({ "fee": 1 }), "setFeeBps(uint16 newFeeBps)"),
            ("market", "setFeeBps", json!("x"), "setFeeBps(uint16 newFeeBps)"),
            ("market", "setFeeBps", json!([65536]), "does not fit 16 bits"),
            ("market", "setFeeBps", json!([-1]), "write digits"),
            ("market", "setFeeBps", json!([1.5]), "another kind of value"),
            ("market", "setFeeBps", json!([null]), "it is missing"),
            ("market", "setFeeBps", json!(["1e3"]), "write digits"),
            ("market", "setFeeBps", json!(["1 tokens"]), "does not fit 16 bits"),
            ("ecosystem", "spend", json!(["nobody", "1", "x"]), "names are token"),
            ("ecosystem", "spend", json!(["0x12", "1", "x"]), "is no address"),
            ("ecosystem", "spend", json!(["market", "1.5.5 tokens", "x"]), "not an amount"),
            ("ecosystem", "spend", json!(["market", "9".repeat(80), "x"]), "is no uint256"),
            ("security", "seat", json!(["[1", "1"]), "is no address[]"),
            ("security", "seat", json!([{ "a": 1 }, "1"]), "another kind of value"),
        ] {
            let error =
                book.action(&written(contract, function, arguments.clone())).expect_err(says).to_string();
            assert!(error.contains(says), "{contract}.{function}({arguments}): {error}");
        }
    }
}
