//! One QUIC connection to one peer, with the transport's errors translated into ours.

use std::error::Error;
use std::fmt::Write;
use std::time::Duration;

use iroh::endpoint::{Connection, ConnectionError, ReadError, VarInt, WriteError};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::{NetError, PeerKey};

/// Why a connection is closed, as a number for machines; the words go along with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Nothing more to say.
    Done = 0,
    /// The peer broke a rule.
    Protocol = 1,
    /// The peer was too slow.
    TooSlow = 2,
    /// What the peer wants is not offered here.
    NotOffered = 3,
}

/// A connection, the peer it was proven to lead to, and the place it takes among the incoming ones.
///
/// Closes when dropped.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) quic: Connection,
    pub(crate) peer: PeerKey,
    _place: Option<OwnedSemaphorePermit>,
    /// The socket that was opened for this connection alone; after `quic`, which it outlives.
    _detour: Option<Detour>,
}

/// A socket that was opened to dial one peer. Dropping it closes it in the background, if a runtime is left.
#[derive(Debug)]
pub(crate) struct Detour(pub(crate) iroh::Endpoint);

impl Drop for Detour {
    fn drop(&mut self) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let socket = self.0.clone();
            runtime.spawn(async move { socket.close().await });
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close(Code::Done, "");
    }
}

impl Link {
    pub(crate) fn new(quic: Connection, place: Option<OwnedSemaphorePermit>) -> Link {
        let peer = PeerKey(*quic.remote_id().as_bytes());
        Link { quic, peer, _place: place, _detour: None }
    }

    pub(crate) fn by_detour(quic: Connection, detour: Detour) -> Link {
        let mut link = Link::new(quic, None);
        link._detour = Some(detour);
        link
    }

    /// Ends the connection at once; what is still on its way may be lost. Only the first call has an effect.
    pub(crate) fn close(&self, code: Code, reason: &str) {
        self.quic.close(VarInt::from_u32(code as u32), reason.as_bytes());
    }

    /// The peer broke a rule: tells it so, and gives the error that does.
    pub(crate) fn protocol(&self, reason: impl Into<String>) -> NetError {
        let reason = reason.into();
        self.close(Code::Protocol, &reason);
        NetError::Protocol { peer: self.peer, reason }
    }

    /// Waits for `doing` at most `limit`. A peer that takes longer is told so and dropped.
    pub(crate) async fn within<T>(
        &self,
        limit: Duration,
        doing: &'static str,
        future: impl Future<Output = T>,
    ) -> Result<T, NetError> {
        match timeout(limit, future).await {
            Ok(done) => Ok(done),
            Err(_) => {
                self.close(Code::TooSlow, &format!("you took longer than {limit:?} to {doing}"));
                Err(NetError::TimedOut { peer: self.peer, doing, limit })
            }
        }
    }

    pub(crate) fn lost(&self, error: ConnectionError) -> NetError {
        let peer = self.peer;
        match error {
            ConnectionError::ApplicationClosed(close)
                if close.error_code == VarInt::from_u32(Code::Done as u32) =>
            {
                let reason = printable(&close.reason);
                NetError::Closed {
                    peer,
                    reason: if reason.is_empty() { "it is done".into() } else { reason },
                }
            }
            ConnectionError::ApplicationClosed(close) => {
                NetError::Closed { peer, reason: printable(&close.reason) }
            }
            other => NetError::Lost { peer, reason: chain(&other) },
        }
    }

    pub(crate) fn read_failed(&self, error: ReadError) -> NetError {
        match error {
            ReadError::ConnectionLost(error) => self.lost(error),
            ReadError::Reset(_) => {
                NetError::Closed { peer: self.peer, reason: "it gave up this transfer".to_string() }
            }
            other => NetError::Lost { peer: self.peer, reason: chain(&other) },
        }
    }

    pub(crate) fn write_failed(&self, error: WriteError) -> NetError {
        match error {
            WriteError::ConnectionLost(error) => self.lost(error),
            WriteError::Stopped(_) => {
                NetError::Closed { peer: self.peer, reason: "it wants no more of this".to_string() }
            }
            other => NetError::Lost { peer: self.peer, reason: chain(&other) },
        }
    }
}

/// An error with everything behind it, on one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

/// A peer's words, fit to be shown: bounded, and without characters that could drive a terminal.
fn printable(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    words.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peers_words_cannot_drive_the_terminal() {
        assert_eq!(printable(b"too\x1b[2J slow\n\xff"), "too [2J slow \u{fffd}");
        assert_eq!(printable(&[b'x'; 1000]).len(), 200);
    }
}
