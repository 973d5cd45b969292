//! Frames on a QUIC stream: messages, read within the limits.

use gamera_protocol::codec::{self, DecodeError, FRAME_HEADER};
use quinn::{ReadExactError, RecvStream};

/// Why no frame could be read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The stream has ended or its connection is closed.
    #[error("the control stream has ended")]
    Ended,
    /// The bytes are no frame.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
}

/// Reads the bytes of the next message. Not cancel-safe: let it finish, or drop the stream.
///
/// # Errors
/// When the stream ends or what comes is no frame.
pub async fn read_frame(stream: &mut RecvStream) -> Result<Vec<u8>, FrameError> {
    let mut header = [0; FRAME_HEADER];
    stream.read_exact(&mut header).await.map_err(ended)?;
    let mut body = vec![0; codec::frame_length(header)?];
    stream.read_exact(&mut body).await.map_err(ended)?;
    Ok(body)
}

/// Cuts what comes of a stream into messages.
#[derive(Debug, Default)]
pub struct Frames {
    bytes: Vec<u8>,
}

impl Frames {
    /// Takes in what has come.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The bytes of the next message, once all of them are there.
    ///
    /// # Errors
    /// When what comes is no frame.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, DecodeError> {
        let Some((header, body)) = self.bytes.split_first_chunk::<FRAME_HEADER>() else { return Ok(None) };
        let length = codec::frame_length(*header)?;
        let Some(frame) = body.get(..length).map(<[u8]>::to_vec) else { return Ok(None) };
        self.bytes.drain(..FRAME_HEADER + length);
        if self.bytes.is_empty() {
            // Most of the time nothing is under way: memory is kept for nobody.
            self.bytes = Vec::new();
        }
        Ok(Some(frame))
    }
}

fn ended(_: ReadExactError) -> FrameError {
    FrameError::Ended
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_out_whole_however_they_are_cut() {
        let sent: Vec<Vec<u8>> = vec![vec![7], vec![1; 300], vec![2; 5]];
        let stream: Vec<u8> =
            sent.iter().flat_map(|m| (m.len() as u16).to_be_bytes().into_iter().chain(m.iter().copied())).collect();
        for piece in [1, 2, 3, 64, 1_000] {
            let mut frames = Frames::default();
            let mut got = Vec::new();
            for bytes in stream.chunks(piece) {
                frames.push(bytes);
                while let Some(frame) = frames.next_frame().unwrap() {
                    got.push(frame);
                }
            }
            assert_eq!(got, sent, "{piece} bytes at a time");
        }
    }

    #[test]
    fn a_length_that_no_message_has_is_refused() {
        for header in [[0, 0], [0xff, 0xff]] {
            let mut frames = Frames::default();
            frames.push(&header);
            assert!(frames.next_frame().is_err());
        }
    }
}
