//! Calls within calls: what a proposal, a committee or a schedule would have done.

use super::{Names, field::Field, transaction::decode};
use alloy::primitives::hex;
use corex_work::Address;

/// Parameters that hold a call, and those beside them that say whom.
const PAIRS: [(&str, &str); 2] = [("data", "target"), ("calldatas", "targets")];

/// Shows bytes that are a call of a contract of the network as that call.
pub(super) fn show_calls(fields: &mut [Field], names: &Names) {
    for index in 0..fields.len() {
        let shown = fields.get(index).and_then(|field| shown(field, fields, names));
        if let (Some(shown), Some(field)) = (shown, fields.get_mut(index)) {
            field.shown = shown;
        }
    }
}

fn shown(field: &Field, all: &[Field], names: &Names) -> Option<String> {
    if field.kind != "bytes" {
        return None;
    }
    // `calldatas[3]` is for `targets[3]`.
    let (name, place) = field.name.split_at(field.name.find('[').unwrap_or(field.name.len()));
    let (_, beside) = PAIRS.iter().find(|(data, _)| *data == name)?;
    let target = all.iter().find(|other| other.name.strip_prefix(beside) == Some(place))?;
    let to: Address = target.value.parse().ok()?;
    let data = hex::decode(&field.value).ok()?;
    names.contract(to)?;
    Some(call_in_words(names, to, &data))
}

/// `market.setFeeBps(newFeeBps = 1.5 %)`; of what is unknown, the bytes.
pub(crate) fn call_in_words(names: &Names, to: Address, data: &[u8]) -> String {
    let receiver = names.short(to);
    let decoded = names.contract(to).and_then(|contract| decode(contract, data, names));
    let Some((function, arguments)) = decoded else {
        return match data.is_empty() {
            true => format!("a payment to {receiver}"),
            false => format!("an unknown call of {receiver} with the bytes 0x{}", hex::encode(data)),
        };
    };
    let arguments: Vec<String> = arguments.iter().map(|a| format!("{} = {}", a.name, a.shown)).collect();
    format!("{receiver}.{function}({})", arguments.join(", "))
}
