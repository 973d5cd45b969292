//! Frames on a QUIC stream: read one message, within the limits.

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

fn ended(_: ReadExactError) -> FrameError {
    FrameError::Ended
}
