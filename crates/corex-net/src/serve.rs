//! Answering peers' requests for blobs.

use std::sync::Arc;

use bytes::Bytes;
use corex_work::BlobId;
use iroh::endpoint::{ReadToEndError, RecvStream, SendStream};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tracing::{debug, warn};

use crate::blob::{self, BlobSource, FAILED, HELD, MAX_REQUEST, NOT_HELD};
use crate::counters::Meters;
use crate::link::Link;
use crate::{Limits, NetError};

/// A slow reader must make progress on pieces of this size.
const PIECE: usize = 1 << 20;

/// What serving needs; one for all connections of an endpoint.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) source: Arc<dyn BlobSource>,
    pub(crate) limits: Limits,
    pub(crate) meters: Arc<Meters>,
    /// One place per blob in memory.
    pub(crate) places: Arc<Semaphore>,
}

impl Server {
    /// Serves requests until the peer or the endpoint closes the connection. How many a peer has open at a time
    /// is limited by the transport.
    pub(crate) async fn run(self, link: Link) {
        let link = Arc::new(link);
        while let Ok((send, recv)) = link.quic.accept_bi().await {
            let (server, link) = (self.clone(), Arc::clone(&link));
            tokio::spawn(async move {
                if let Err(error) = server.answer(&link, send, recv).await {
                    debug!(%error, "request for blobs not finished");
                }
            });
        }
    }

    async fn answer(&self, link: &Link, mut send: SendStream, mut recv: RecvStream) -> Result<(), NetError> {
        let request = recv.read_to_end(MAX_REQUEST);
        let request = link.within(self.limits.handshake_timeout, "send a request", request).await?;
        let request = request.map_err(|error| match error {
            ReadToEndError::TooLong => link.protocol(format!("a request longer than {MAX_REQUEST} bytes")),
            ReadToEndError::Read(error) => link.read_failed(error),
        })?;
        let ids = blob::decode_request(&request).map_err(|reason| link.protocol(reason))?;
        for id in ids {
            self.send_blob(link, &mut send, id).await?;
        }
        // Fails only if the peer is gone, and then nothing is owed to it.
        let _ = send.finish();
        Ok(())
    }

    async fn send_blob(&self, link: &Link, send: &mut SendStream, id: BlobId) -> Result<(), NetError> {
        // The place is kept until the blob is sent, so that slow readers cannot fill the memory.
        let Ok(_place) = self.places.acquire().await else { return Err(NetError::NotAccepting) };
        let source = Arc::clone(&self.source);
        let (answer, bytes) = match spawn_blocking(move || source.blob(&id)).await {
            Ok(Ok(Some(bytes))) => (HELD, bytes),
            Ok(Ok(None)) => (NOT_HELD, Bytes::new()),
            Ok(Err(error)) => {
                warn!(%id, %error, "a blob held here cannot be served");
                (FAILED, Bytes::new())
            }
            Err(error) => {
                warn!(%id, %error, "reading a blob did not finish");
                (FAILED, Bytes::new())
            }
        };
        let mut header = vec![answer];
        if answer == HELD {
            header.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
        }
        self.send_piece(link, send, header.into()).await?;
        let mut rest = bytes.clone();
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(PIECE));
            let len = piece.len();
            self.send_piece(link, send, piece).await?;
            self.meters.blob_bytes_sent.add(len);
        }
        self.meters.blobs_sent.add(usize::from(answer == HELD));
        Ok(())
    }

    async fn send_piece(&self, link: &Link, send: &mut SendStream, piece: Bytes) -> Result<(), NetError> {
        let sent =
            link.within(self.limits.send_timeout, "take a piece of a blob", send.write_chunk(piece)).await?;
        sent.map_err(|error| link.write_failed(error))
    }
}
