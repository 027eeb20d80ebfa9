//! What is about to be signed, for people.
//!
//! An [`Intent`] is a transaction that is encoded and not signed, a [`Message`] an EIP-712 message. What they show is decoded from
//! the very bytes that would be signed, with the ABI of the contract that will read them: a command that meant something else than
//! it encoded cannot hide it. Only [`Intent::words`] says what the command meant.

mod field;
mod inner;
mod message;
mod names;
mod refusal;
mod transaction;
mod unit;

pub use field::Field;
pub(crate) use field::plain;
pub(crate) use inner::call_in_words;
pub use message::Message;
pub use names::Names;
pub use transaction::{Announced, Fate, Forecast, Intent, Sent};
pub use unit::percent;
