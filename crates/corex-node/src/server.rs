//! One endpoint, many callers: the first message decides who serves the connection.

use corex_net::{Connection, Endpoint};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};

use crate::host::Host;
use crate::wire::{Hello, ToServer};

/// A caller that says nothing for so long is dropped.
const FIRST_WORD: Duration = Duration::from_secs(10);

/// A node that wants to work for the job of this process.
pub struct Caller {
    /// Its connection, greeting read.
    pub connection: Connection,
    /// What it said.
    pub hello: Hello,
}

/// Accepts connections until the endpoint is closed; hands nodes to `callers`, if this process coordinates a job.
pub fn start(
    endpoint: Arc<Endpoint>,
    host: Option<Arc<Host>>,
    callers: Option<mpsc::Sender<Caller>>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        // Dropping the set ends every conversation.
        let mut conversations = JoinSet::new();
        loop {
            while conversations.try_join_next().is_some() {}
            // The only error: the endpoint is closed.
            let Ok(connection) = endpoint.accept().await else { return };
            conversations.spawn(receive(connection, host.clone(), callers.clone()));
        }
    })
}

async fn receive(mut connection: Connection, host: Option<Arc<Host>>, callers: Option<mpsc::Sender<Caller>>) {
    let peer = connection.peer();
    let first = match tokio::time::timeout(FIRST_WORD, connection.recv::<ToServer>()).await {
        Ok(Ok(first)) => first,
        Ok(Err(error)) => return tracing::info!(%peer, %error, "a caller made no sense"),
        Err(_) => return connection.close("you said nothing").await,
    };
    match (first, host, callers) {
        (ToServer::Join { version }, Some(host), _) => {
            if let Err(error) = host.serve(connection, version).await {
                tracing::debug!(%peer, %error, "a caller of the host is gone");
            }
        }
        (ToServer::Hello(hello), _, Some(callers)) => {
            // A full queue makes callers wait; a closed one means that the job is over.
            let _ = callers.send(Caller { connection, hello: *hello }).await;
        }
        (ToServer::Join { .. }, None, _) => connection.close("this is not a host").await,
        (ToServer::Hello(_), _, None) => connection.close("there is no job here").await,
        (other, _, _) => {
            tracing::info!(%peer, ?other, "a caller began in the middle");
            connection.close("the first message must be Join or Hello").await;
        }
    }
}
