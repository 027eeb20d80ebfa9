//! Proposals by their number, or the beginning of it.

use crate::Failure;
use corex_chain::{Intents, Proposal};

/// The only proposal whose number begins so.
pub async fn proposal(intents: &Intents, beginning: &str) -> Result<Proposal, Failure> {
    let wanted = beginning.trim().to_ascii_lowercase();
    let wanted = wanted.strip_prefix("0x").unwrap_or(&wanted);
    let hint = "`corex vote list` shows all proposals";
    if wanted.is_empty() || !wanted.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(format!("{beginning:?} is no number of a proposal\nhint: {hint}").into());
    }
    let all = intents.contracts().proposals().await?;
    let mut found = all
        .into_iter()
        .filter(|proposal| proposal.id.to_string().trim_start_matches("0x").starts_with(wanted));
    match (found.next(), found.next()) {
        (Some(proposal), None) => Ok(proposal),
        (None, _) => Err(format!("there is no proposal {beginning}\nhint: {hint}").into()),
        (Some(_), Some(_)) => {
            Err(format!("several proposals begin with {beginning}\nhint: write more of the number").into())
        }
    }
}
