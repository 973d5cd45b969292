//! The one place that calls bincode: control messages to bytes and back, and their frames.
//!
//! Invariant: whatever the bytes, decoding neither panics nor takes more memory than
//! [`MESSAGE_MAX`] allows, and each message has exactly one byte form. A successor of the format
//! is held to the golden vectors in the tests.

use bincode::config::{Configuration, Limit, LittleEndian, Varint};
use bincode::{Decode, Encode};

/// The most bytes that one message takes.
pub const MESSAGE_MAX: usize = 4_096;

/// Bytes of a frame before its message: the length, big-endian.
pub const FRAME_HEADER: usize = 2;

const FORMAT: Configuration<LittleEndian, Varint, Limit<MESSAGE_MAX>> =
    bincode::config::standard().with_limit::<MESSAGE_MAX>();

/// Why a message could not be written.
#[derive(Debug, thiserror::Error)]
#[error("a message does not fit into {MESSAGE_MAX} bytes")]
pub struct TooLong;

/// Why bytes are not a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// More bytes than a message has.
    #[error("a message is longer than {MESSAGE_MAX} bytes")]
    Oversize,
    /// The bytes end early, a number is out of its range, a text is not UTF-8.
    #[error("the bytes are not a message")]
    Malformed,
    /// A message, and then something more.
    #[error("a message is followed by bytes that do not belong to it")]
    Trailing,
    /// The same message in another byte form than the one that is written.
    #[error("a number is written in more bytes than it needs")]
    NotCanonical,
}

/// Writes a message.
///
/// # Errors
/// When it does not fit into [`MESSAGE_MAX`].
pub fn encode<T: Encode>(message: &T) -> Result<Vec<u8>, TooLong> {
    let bytes = bincode::encode_to_vec(message, FORMAT).map_err(|_| TooLong)?;
    if bytes.len() > MESSAGE_MAX { Err(TooLong) } else { Ok(bytes) }
}

/// Reads a message that takes all of `bytes`.
///
/// # Errors
/// When `bytes` are not exactly what [`encode`] writes for some message.
pub fn decode<T: Encode + Decode<()>>(bytes: &[u8]) -> Result<T, DecodeError> {
    if bytes.len() > MESSAGE_MAX {
        return Err(DecodeError::Oversize);
    }
    let (message, consumed) = bincode::decode_from_slice::<T, _>(bytes, FORMAT).map_err(|_| DecodeError::Malformed)?;
    if consumed != bytes.len() {
        return Err(DecodeError::Trailing);
    }
    match encode(&message) {
        Ok(canonical) if canonical == bytes => Ok(message),
        _ => Err(DecodeError::NotCanonical),
    }
}

/// Reads what stands at the start of a message of which the rest may be of another version.
///
/// # Errors
/// When `bytes` do not begin with a `T`.
pub fn decode_start<T: Decode<()>>(bytes: &[u8]) -> Result<T, DecodeError> {
    let start = &bytes[..bytes.len().min(MESSAGE_MAX)];
    bincode::decode_from_slice::<T, _>(start, FORMAT).map(|(value, _)| value).map_err(|_| DecodeError::Malformed)
}

/// Writes a message with its length before it, as the control stream carries it.
///
/// # Errors
/// When it does not fit into [`MESSAGE_MAX`].
pub fn frame<T: Encode>(message: &T) -> Result<Vec<u8>, TooLong> {
    let body = encode(message)?;
    let length = u16::try_from(body.len()).map_err(|_| TooLong)?;
    let mut bytes = Vec::with_capacity(FRAME_HEADER + body.len());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// The length of the message that follows a frame's header.
///
/// # Errors
/// When no message has that length.
pub fn frame_length(header: [u8; FRAME_HEADER]) -> Result<usize, DecodeError> {
    match usize::from(u16::from_be_bytes(header)) {
        0 => Err(DecodeError::Malformed),
        length if length > MESSAGE_MAX => Err(DecodeError::Oversize),
        length => Ok(length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_bytes_are_refused_each_for_its_reason() {
        let cases: [(&str, &[u8], DecodeError); 6] = [
            ("nothing", &[], DecodeError::Malformed),
            ("a length that no memory holds", &[253, 255, 255, 255, 255, 255, 255, 255, 127], DecodeError::Malformed),
            ("a text that ends early", &[5, b'h', b'i'], DecodeError::Malformed),
            ("a text that is not UTF-8", &[1, 0xff], DecodeError::Malformed),
            ("a byte too many", &[1, b'h', 0], DecodeError::Trailing),
            ("a length of three bytes where one does", &[251, 1, 0, b'h'], DecodeError::NotCanonical),
        ];
        for (name, bytes, error) in cases {
            assert_eq!(decode::<String>(bytes), Err(error), "{name}");
        }
        assert_eq!(decode::<Vec<u8>>(&[0; MESSAGE_MAX + 1]), Err(DecodeError::Oversize));
    }

    #[test]
    fn a_message_beyond_the_limit_is_neither_written_nor_read() {
        assert!(encode(&"x".repeat(MESSAGE_MAX)).is_err());
        assert!(encode(&"x".repeat(MESSAGE_MAX - 3)).is_ok());
        for (header, length) in
            [([0, 1], Ok(1)), ([0, 0], Err(DecodeError::Malformed)), ([16, 1], Err(DecodeError::Oversize))]
        {
            assert_eq!(frame_length(header), length);
        }
    }
}
