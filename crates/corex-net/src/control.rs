//! Control connections: one ordered stream of messages in each direction.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use iroh::endpoint::{ReadExactError, RecvStream, SendStream};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::counters::Meters;
use crate::frame::{self, PREAMBLE};
use crate::link::{Code, Link};
use crate::{Limits, NetError, PeerKey};

/// How long [`Connection::close`] waits for the peer to have everything.
const LINGER: Duration = Duration::from_secs(2);

/// A conversation with one peer. Any serde type can be sent; the two sides agree on the types, and a message that
/// does not decode is a breach of protocol which ends the connection.
///
/// Dropping it closes it, and may lose messages just sent: see [`close`](Self::close).
#[derive(Debug)]
pub struct Connection {
    sender: Sender,
    receiver: Receiver,
}

/// The sending half of a [`Connection`].
#[derive(Debug)]
pub struct Sender {
    link: Arc<Link>,
    stream: SendStream,
    /// Rest of a frame whose sending was interrupted.
    pending: Bytes,
    limits: Limits,
    meters: Arc<Meters>,
}

/// The receiving half of a [`Connection`].
#[derive(Debug)]
pub struct Receiver {
    link: Arc<Link>,
    stream: RecvStream,
    /// Received, but not a whole frame yet.
    received: BytesMut,
    limits: Limits,
    meters: Arc<Meters>,
}

impl Connection {
    /// Opens the control stream on a connection we dialled, and hears that the peer speaks the same version.
    pub(crate) async fn dialled(
        link: Link,
        limits: Limits,
        meters: Arc<Meters>,
    ) -> Result<Connection, NetError> {
        let wait = limits.handshake_timeout;
        let streams = link.within(wait, "open a stream", link.quic.open_bi()).await?;
        let (mut send, mut recv) = streams.map_err(|error| link.lost(error))?;
        send.write_all(&PREAMBLE).await.map_err(|error| link.write_failed(error))?;
        link.within(wait, "greet", hear_preamble(&link, &mut recv)).await??;
        Ok(Connection::new(link, send, recv, limits, meters))
    }

    /// Hears the greeting on a connection a peer dialled, and answers it.
    pub(crate) async fn accepted(
        link: Link,
        limits: Limits,
        meters: Arc<Meters>,
    ) -> Result<Connection, NetError> {
        let wait = limits.handshake_timeout;
        let streams = link.within(wait, "open a stream", link.quic.accept_bi()).await?;
        let (mut send, mut recv) = streams.map_err(|error| link.lost(error))?;
        link.within(wait, "greet", hear_preamble(&link, &mut recv)).await??;
        send.write_all(&PREAMBLE).await.map_err(|error| link.write_failed(error))?;
        Ok(Connection::new(link, send, recv, limits, meters))
    }

    fn new(
        link: Link,
        send: SendStream,
        recv: RecvStream,
        limits: Limits,
        meters: Arc<Meters>,
    ) -> Connection {
        let link = Arc::new(link);
        let (send_link, send_meters) = (Arc::clone(&link), Arc::clone(&meters));
        let sender =
            Sender { link: send_link, stream: send, pending: Bytes::new(), limits, meters: send_meters };
        let receiver = Receiver { link, stream: recv, received: BytesMut::new(), limits, meters };
        Connection { sender, receiver }
    }

    /// The peer, as proven by the handshake.
    pub fn peer(&self) -> PeerKey {
        self.sender.peer()
    }

    /// See [`Sender::send`].
    ///
    /// # Errors
    /// As there.
    pub async fn send<T: Serialize>(&mut self, message: &T) -> Result<(), NetError> {
        self.sender.send(message).await
    }

    /// See [`Receiver::recv`].
    ///
    /// # Errors
    /// As there.
    pub async fn recv<T: DeserializeOwned>(&mut self) -> Result<T, NetError> {
        self.receiver.recv().await
    }

    /// The two halves, for two tasks. The connection closes when both are dropped.
    pub fn split(self) -> (Sender, Receiver) {
        (self.sender, self.receiver)
    }

    /// Closes after the peer has got what was sent (or did not for two seconds), and tells it why.
    pub async fn close(self, reason: &str) {
        self.sender.close(reason).await;
    }
}

impl Sender {
    /// The peer, as proven by the handshake.
    pub fn peer(&self) -> PeerKey {
        self.link.peer
    }

    /// Sends one message; returns when the transport has taken it, which waits for a slow peer to make room.
    ///
    /// *Cancellation*: if the future is dropped, the message is sent before the next one, or not at all if it had
    /// not begun to be.
    ///
    /// # Errors
    /// [`NetError::MessageTooLarge`] and [`NetError::Encode`], which leave the connection as it was;
    /// [`NetError::TimedOut`] after [`Limits::send_timeout`], [`NetError::Closed`], [`NetError::Lost`], after
    /// which nothing more can be sent.
    pub async fn send<T: Serialize>(&mut self, message: &T) -> Result<(), NetError> {
        let frame = frame::encode(message, self.limits.max_frame_bytes)?;
        self.flush().await?;
        self.meters.control_bytes_sent.add(frame.len());
        self.pending = frame;
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), NetError> {
        while self.pending.has_remaining() {
            let write = self.stream.write(&self.pending);
            let written = self.link.within(self.limits.send_timeout, "take a message", write).await?;
            self.pending.advance(written.map_err(|error| self.link.write_failed(error))?);
        }
        Ok(())
    }

    /// See [`Connection::close`].
    pub async fn close(mut self, reason: &str) {
        let delivered = async {
            // Each step can only fail because the connection is gone, and then there is nobody to tell.
            if self.flush().await.is_ok() && self.stream.finish().is_ok() {
                let _ = self.stream.stopped().await;
            }
        };
        let _ = timeout(LINGER, delivered).await;
        self.link.close(Code::Done, reason);
    }
}

impl Receiver {
    /// The peer, as proven by the handshake.
    pub fn peer(&self) -> PeerKey {
        self.link.peer
    }

    /// Waits for the next message. A peer that is merely silent is waited for; one that is gone is found out by
    /// the transport after [`Limits::idle_timeout`].
    ///
    /// *Cancellation*: if the future is dropped, nothing is lost; it can stand in a `select!`.
    ///
    /// # Errors
    /// [`NetError::Closed`] when the peer ended the connection, [`NetError::Lost`] when it vanished,
    /// [`NetError::Protocol`] when it sent something else than a message (and was told so).
    pub async fn recv<T: DeserializeOwned>(&mut self) -> Result<T, NetError> {
        loop {
            let taken = frame::take(&mut self.received, self.limits.max_frame_bytes);
            if let Some(content) = taken.map_err(|reason| self.link.protocol(reason))? {
                return frame::decode(&content).map_err(|reason| self.link.protocol(reason));
            }
            let chunk =
                self.stream.read_chunk(64 << 10).await.map_err(|error| self.link.read_failed(error))?;
            match chunk {
                Some(chunk) => {
                    self.meters.control_bytes_received.add(chunk.len());
                    self.received.extend_from_slice(&chunk);
                }
                None if self.received.is_empty() => return Err(self.ended().await),
                None => return Err(self.link.protocol("the stream ended inside a frame")),
            }
        }
    }

    /// The stream ended; a moment later the connection does, and says why.
    async fn ended(&self) -> NetError {
        match timeout(LINGER, self.link.quic.closed()).await {
            Ok(error) => self.link.lost(error),
            Err(_) => NetError::Closed { peer: self.link.peer, reason: "it sends no more".to_string() },
        }
    }
}

async fn hear_preamble(link: &Link, recv: &mut RecvStream) -> Result<(), NetError> {
    let mut found = [0; PREAMBLE.len()];
    match recv.read_exact(&mut found).await {
        Ok(()) => frame::check_preamble(&found).map_err(|reason| link.protocol(reason)),
        Err(ReadExactError::FinishedEarly(_)) => Err(link.protocol("the stream ended inside the greeting")),
        Err(ReadExactError::ReadError(error)) => Err(link.read_failed(error)),
    }
}
