//! Control messages as bytes: `length:u32 (little-endian)`, then that many bytes of postcard.

use bytes::{Buf, Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::NetError;

/// First bytes of a control stream, in both directions; the last one is the version of everything after it.
pub(crate) const PREAMBLE: [u8; 9] = *b"corexctl\x01";
const PREFIX: usize = 4;

/// Encodes one message into one frame.
pub(crate) fn encode<T: Serialize>(message: &T, limit: usize) -> Result<Bytes, NetError> {
    let frame = postcard::to_extend(message, vec![0; PREFIX]);
    let mut frame = frame.map_err(|error| NetError::Encode(error.to_string()))?;
    let len = frame.len() - PREFIX;
    match u32::try_from(len) {
        Ok(prefix) if len <= limit => frame[..PREFIX].copy_from_slice(&prefix.to_le_bytes()),
        _ => return Err(NetError::MessageTooLarge { len, limit }),
    }
    Ok(frame.into())
}

/// Takes the next whole frame's content off the front of what was received; `None` if it is not all there yet.
///
/// # Errors
/// What to tell a peer whose frame is longer than `limit`.
pub(crate) fn take(received: &mut BytesMut, limit: usize) -> Result<Option<BytesMut>, String> {
    let Some(prefix) = received.first_chunk::<PREFIX>() else { return Ok(None) };
    let len = u32::from_le_bytes(*prefix) as usize;
    if len > limit {
        return Err(format!("a frame of {len} bytes, the limit is {limit}"));
    }
    if received.len() - PREFIX < len {
        return Ok(None);
    }
    received.advance(PREFIX);
    Ok(Some(received.split_to(len)))
}

/// Decodes the content of a frame, all of it.
///
/// # Errors
/// What to tell a peer whose frame is not a message.
pub(crate) fn decode<T: DeserializeOwned>(content: &[u8]) -> Result<T, String> {
    match postcard::take_from_bytes(content) {
        Ok((message, [])) => Ok(message),
        Ok((_, rest)) => Err(format!("a frame with {} bytes after its message", rest.len())),
        Err(error) => Err(format!("a frame that is not a message: {error}")),
    }
}

/// Says what is wrong with the first bytes of a control stream.
pub(crate) fn check_preamble(found: &[u8; PREAMBLE.len()]) -> Result<(), String> {
    let ([magic @ .., version], [found_magic @ .., found_version]) = (&PREAMBLE, found);
    if found_magic != magic {
        return Err("this is not a corex control stream".to_string());
    }
    if found_version != version {
        return Err(format!("control version {found_version} is not spoken here, version {version} is"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn limits_hold_in_both_directions() {
        assert!(matches!(encode(&[0u8; 10], 9), Err(NetError::MessageTooLarge { len: 10, limit: 9 })));
        assert!(encode(&[0u8; 10], 10).is_ok());
        let mut received = BytesMut::from(&11u32.to_le_bytes()[..]);
        assert!(take(&mut received, 10).unwrap_err().contains("11 bytes"));
    }

    #[test]
    fn versions_and_strangers_are_told_apart() {
        assert!(check_preamble(&PREAMBLE).is_ok());
        let mut other = PREAMBLE;
        other[8] = 2;
        assert!(check_preamble(&other).unwrap_err().contains("version 2"));
        assert!(check_preamble(b"GET / HTT").unwrap_err().contains("not a corex"));
    }

    #[test]
    fn a_frame_is_one_message_and_nothing_else() {
        let frame = encode(&7u8, 100).unwrap();
        assert_eq!(decode::<u8>(&frame[PREFIX..]), Ok(7));
        assert!(decode::<u8>(&[7, 7]).unwrap_err().contains("1 bytes after"));
        assert!(decode::<String>(&[200]).unwrap_err().contains("not a message"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// However the bytes arrive in pieces, the same messages come out.
        #[test]
        fn pieces_make_messages(messages in prop::collection::vec(".{0,40}", 0..8), piece in 1usize..20) {
            let wire: Vec<u8> = messages.iter().flat_map(|m| encode(m, 1000).unwrap()).collect();
            let (mut received, mut found) = (BytesMut::new(), Vec::new());
            for piece in wire.chunks(piece) {
                received.extend_from_slice(piece);
                while let Some(content) = take(&mut received, 1000).unwrap() {
                    found.push(decode::<String>(&content).unwrap());
                }
            }
            prop_assert!(received.is_empty());
            prop_assert_eq!(found, messages);
        }

        /// Bytes from anyone make an error or a message, never a panic.
        #[test]
        fn garbage_is_an_error(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
            let mut received = BytesMut::from(&bytes[..]);
            while let Ok(Some(content)) = take(&mut received, 50) {
                let _ = decode::<Vec<(String, Option<u64>)>>(&content);
            }
        }
    }
}
