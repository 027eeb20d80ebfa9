//! One JSON-RPC endpoint over HTTP, with retries of what may be retried.

use super::error::{ChainError, explain, worth_retrying};
use alloy::{
    rpc::{
        client::RpcClient,
        json_rpc::{RpcRecv, RpcSend},
    },
    transports::{TransportError, http::Http},
};
use reqwest::Url;
use std::time::Duration;

/// Waits between attempts. Together a second and a half: long enough for a restart of a local chain or a
/// hiccup of a remote one, short enough that a dead endpoint is reported while somebody still looks.
const BACKOFF_MS: [u64; 4] = [100, 200, 400, 800];
/// For one HTTP request.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Endpoint {
    client: RpcClient,
    url: String,
    local: bool,
}

impl Endpoint {
    /// Checks the URL; connects when first used.
    pub fn new(url: &str) -> Result<Self, ChainError> {
        let wrong = |reason: String| ChainError::Url { url: url.into(), reason };
        let parsed = Url::parse(url).map_err(|e| wrong(e.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(wrong(format!("scheme '{}' is not http or https", parsed.scheme())));
        }
        // An already installed provider serves as well.
        rustls::crypto::ring::default_provider().install_default().ok();
        let local = is_loopback(&parsed);
        let mut builder = reqwest::Client::builder().timeout(REQUEST_TIMEOUT);
        if local {
            // A proxy meant for the internet would swallow requests to this machine.
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|e| wrong(e.to_string()))?;
        let client = RpcClient::new(Http::with_client(http, parsed), local);
        Ok(Self { client, url: url.into(), local })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether the chain is on this machine, where polling is cheap and blocks come at once.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Asks, and asks again while the failure is the transport's. Only for requests that may arrive twice.
    pub async fn ask<P: RpcSend, R: RpcRecv>(
        &self,
        call: &str,
        method: &'static str,
        params: P,
    ) -> Result<R, ChainError> {
        self.try_ask(method, params).await.map_err(|e| explain(call, &self.url, e))
    }

    /// As [`Endpoint::ask`], for those who must tell refusals apart.
    pub async fn try_ask<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
    ) -> Result<R, TransportError> {
        for wait in BACKOFF_MS {
            match self.client.request::<P, R>(method, params.clone()).await {
                Err(e) if worth_retrying(&e) => {
                    tracing::debug!(method, error = %e, "chain request failed, trying again");
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                }
                answer => return answer,
            }
        }
        self.client.request(method, params).await
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => {
            let bare = host.trim_start_matches('[').trim_end_matches(']');
            bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_checked_and_loopback_is_recognised() {
        for (url, local) in [
            ("http://127.0.0.1:8545", true),
            ("http://localhost:1", true),
            ("http://[::1]:8545/", true),
            ("https://arb1.example.org/rpc", false),
        ] {
            assert_eq!(Endpoint::new(url).unwrap().is_local(), local, "{url}");
        }
        for url in ["", "127.0.0.1:8545", "ftp://127.0.0.1", "http://"] {
            let error = Endpoint::new(url).unwrap_err();
            assert!(error.to_string().starts_with(&format!("chain URL '{url}'")), "{error}");
        }
    }
}
