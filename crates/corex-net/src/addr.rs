//! Who a peer is and where it can be reached.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use iroh::{EndpointAddr, PublicKey, SecretKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::NetError;

/// More addresses than this of one peer are not tried.
const MAX_ADDRESSES: usize = 8;

/// A peer's identity in the transport: its ed25519 public key, proven in every handshake.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey(pub [u8; 32]);

impl PeerKey {
    /// The public key that belongs to a secret key of 32 random bytes.
    pub fn of_secret(secret: &[u8; 32]) -> PeerKey {
        PeerKey(*SecretKey::from_bytes(secret).public().as_bytes())
    }

    /// The first eight hex digits, for log lines.
    pub fn short(&self) -> String {
        hex::encode(&self.0[..4])
    }
}

impl fmt::Display for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for PeerKey {
    type Err = NetError;

    fn from_str(text: &str) -> Result<PeerKey, NetError> {
        let mut bytes = [0; 32];
        let reason = "the key is not 64 hex digits";
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| NetError::BadAddress { text: text.to_string(), reason })?;
        Ok(PeerKey(bytes))
    }
}

/// Text for people (JSON), 32 bytes for machines (postcard).
impl Serialize for PeerKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            self.0.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for PeerKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PeerKey, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        } else {
            <[u8; 32]>::deserialize(deserializer).map(PeerKey)
        }
    }
}

impl fmt::Debug for PeerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerKey({}…)", self.short())
    }
}

/// A peer and the socket addresses to try. As text: `<64 hex digits>@127.0.0.1:4001,192.168.0.7:4001`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerAddr {
    /// Who must answer there.
    pub key: PeerKey,
    /// Where; several when a machine has several networks.
    pub sockets: Vec<SocketAddr>,
}

impl PeerAddr {
    /// What the transport dials, if this is an address at all.
    pub(crate) fn to_endpoint(&self) -> Result<EndpointAddr, NetError> {
        let bad = |reason| NetError::BadAddress { text: self.to_string(), reason };
        let key =
            PublicKey::from_bytes(&self.key.0).map_err(|_| bad("the key is not an ed25519 public key"))?;
        if self.sockets.is_empty() {
            return Err(bad("it has no socket address"));
        }
        Ok(self
            .sockets
            .iter()
            .take(MAX_ADDRESSES)
            .fold(EndpointAddr::new(key), |addr, s| addr.with_ip_addr(*s)))
    }
}

impl fmt::Display for PeerAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.key)?;
        self.sockets.iter().enumerate().try_for_each(|(n, socket)| {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{socket}")
        })
    }
}

impl FromStr for PeerAddr {
    type Err = NetError;

    fn from_str(text: &str) -> Result<PeerAddr, NetError> {
        let bad = |reason| NetError::BadAddress { text: text.to_string(), reason };
        let (key, sockets) = text.split_once('@').ok_or_else(|| bad("there is no '@'"))?;
        let key = key.parse::<PeerKey>().map_err(|_| bad("the key is not 64 hex digits"))?;
        let sockets: Result<Vec<SocketAddr>, _> = sockets.split(',').map(str::parse).collect();
        let sockets = sockets.map_err(|_| bad("the part after '@' is not ip:port"))?;
        if sockets.len() > MAX_ADDRESSES {
            return Err(bad("it has more than 8 socket addresses"));
        }
        let addr = PeerAddr { key, sockets };
        addr.to_endpoint()?;
        Ok(addr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let key = PeerKey::of_secret(&[7; 32]);
        let sockets = vec!["127.0.0.1:4001".parse().unwrap(), "[::1]:9".parse().unwrap()];
        let addr = PeerAddr { key, sockets };
        assert_eq!(addr.to_string().parse::<PeerAddr>().unwrap(), addr);
        let postcard = postcard::to_stdvec(&addr).unwrap();
        assert_eq!(postcard::from_bytes::<PeerAddr>(&postcard).unwrap(), addr);
        assert!(addr.to_string().ends_with("@127.0.0.1:4001,[::1]:9"));
    }

    #[test]
    fn what_is_wrong_with_an_address_is_named() {
        fn check(text: &str, reason: &str) {
            let error = text.parse::<PeerAddr>().unwrap_err().to_string();
            assert!(error.contains(reason) && error.contains(text), "{error}");
        }
        let key = PeerKey::of_secret(&[7; 32]);
        check("127.0.0.1:4001", "no '@'");
        check("abc@127.0.0.1:4001", "64 hex digits");
        check(&format!("{key}@"), "ip:port");
        check(&format!("{key}@localhost"), "ip:port");
        check(&format!("{key}@{}", ["127.0.0.1:1"; 9].join(",")), "more than 8");
        check(&format!("{}@127.0.0.1:4001", PeerKey([2; 32])), "not an ed25519 public key");
    }
}
