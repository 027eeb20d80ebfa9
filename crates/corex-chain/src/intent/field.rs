//! The parameters of calls, events and messages: decoded, and put into words.

use alloy::{
    dyn_abi::DynSolValue,
    json_abi::{EventParam, Param},
    primitives::hex,
};
use serde::Serialize;

use super::{names::Names, unit};

/// One named value of a call, an event or a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// As the contract names it; within a structure `terms.deadline`, within a list `payouts[0].node`.
    pub name: String,
    /// Its Solidity type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value as it is encoded: numbers in base units, times in Unix seconds.
    pub value: String,
    /// The value for people: `1.5 cX`, `2027-01-15 08:00:00 UTC`, `0x… (treasury)`.
    pub shown: String,
}

/// Where values stand: a function, event or error of a contract.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub contract: &'a str,
    pub item: &'a str,
    pub names: &'a Names,
}

/// A parameter's name, type, and those of its parts.
pub(super) struct Shape<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub parts: &'a [Param],
}

impl<'a> From<&'a Param> for Shape<'a> {
    fn from(param: &'a Param) -> Self {
        Self { name: &param.name, kind: &param.ty, parts: &param.components }
    }
}

impl<'a> From<&'a EventParam> for Shape<'a> {
    fn from(param: &'a EventParam) -> Self {
        Self { name: &param.name, kind: &param.ty, parts: &param.components }
    }
}

impl Place<'_> {
    /// Values beside the parameters that they are of.
    pub(super) fn fields<'p>(
        &self,
        shapes: impl IntoIterator<Item = Shape<'p>>,
        values: &[DynSolValue],
    ) -> Vec<Field> {
        let mut out = Vec::new();
        for (index, (shape, value)) in shapes.into_iter().zip(values).enumerate() {
            let path = match shape.name {
                "" => format!("#{index}"),
                name => name.to_owned(),
            };
            self.flatten(&path, &shape, value, &mut out);
        }
        out
    }

    fn flatten(&self, path: &str, shape: &Shape<'_>, value: &DynSolValue, out: &mut Vec<Field>) {
        match value {
            DynSolValue::Tuple(values) => {
                for (part, value) in shape.parts.iter().zip(values) {
                    self.flatten(&format!("{path}.{}", part.name), &part.into(), value, out);
                }
            }
            DynSolValue::Array(values) | DynSolValue::FixedArray(values) if !values.is_empty() => {
                // `tuple[3]` holds tuples.
                let kind = shape.kind.rsplit_once('[').map_or(shape.kind, |(element, _)| element);
                let element = Shape { name: shape.name, kind, parts: shape.parts };
                for (index, value) in values.iter().enumerate() {
                    self.flatten(&format!("{path}[{index}]"), &element, value, out);
                }
            }
            value => {
                let plain = plain(value);
                let shown = self.show(shape.name, value).unwrap_or_else(|| plain.clone());
                out.push(Field { name: path.to_owned(), kind: shape.kind.to_owned(), value: plain, shown });
            }
        }
    }

    /// What an order means that names no address; elsewhere that is nobody.
    fn unnamed(&self, name: &str) -> Option<&'static str> {
        match (self.contract, name) {
            ("Market" | "UpgradeableMarket" | "SpendingAccount", "node") => Some("any node"),
            ("Market" | "UpgradeableMarket" | "SpendingAccount", "signer") => Some("the requester"),
            _ => None,
        }
    }

    fn show(&self, name: &str, value: &DynSolValue) -> Option<String> {
        match value {
            DynSolValue::Address(address) => Some(match self.unnamed(name) {
                Some(meant) if address.is_zero() => format!("{address} ({meant})"),
                _ => self.names.sol_address(*address),
            }),
            DynSolValue::Uint(number, _) => {
                unit::of(self.contract, self.item, name).show(*number, self.names)
            }
            DynSolValue::Bool(true) => Some("yes".into()),
            DynSolValue::Bool(false) => Some("no".into()),
            DynSolValue::Bytes(bytes) if bytes.len() > 64 => {
                let head = hex::encode(bytes.get(..32)?);
                Some(format!("0x{head}… ({} bytes)", bytes.len()))
            }
            _ => None,
        }
    }
}

/// A value as text, without knowing what it means.
pub(crate) fn plain(value: &DynSolValue) -> String {
    match value {
        DynSolValue::Address(a) => a.to_string(),
        DynSolValue::Bool(b) => b.to_string(),
        DynSolValue::Int(i, _) => i.to_string(),
        DynSolValue::Uint(u, _) => u.to_string(),
        // Quoted and escaped: a stranger's text must not write lines of its own on a terminal.
        DynSolValue::String(s) => format!("{s:?}"),
        DynSolValue::FixedBytes(word, size) => {
            format!("0x{}", hex::encode(word.get(..*size).unwrap_or_default()))
        }
        DynSolValue::Bytes(b) => format!("0x{}", hex::encode(b)),
        DynSolValue::Array(values) | DynSolValue::FixedArray(values) if values.is_empty() => "[]".into(),
        other => format!("{other:?}"),
    }
}
