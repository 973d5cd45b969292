//! What the server tells an administrator of a seat's view, read from its socket as it comes.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use gamera_protocol::admin::{Ask, Gathering, NoView, SeatPicture, Told};
use gamera_protocol::codec::{self, FRAME_HEADER};
use gamera_protocol::ids::SeatId;

use super::ShadowError;

/// Pictures that wait; the server leaves out what does not get through.
const WAITING_MAX: usize = 64;
/// The first picture is waited for this long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A picture and when it came; or why none comes any more.
type News = Result<(Instant, SeatPicture), ShadowError>;

/// The server's pictures.
pub(super) struct Truths {
    news: Receiver<News>,
    first: Option<(Instant, SeatPicture)>,
}

impl Truths {
    /// Asks for them, and waits for the first: a server that tells nothing says so by then.
    pub(super) fn open(socket: &Path, seat: SeatId) -> Result<Truths, ShadowError> {
        let failed = |source| ShadowError::Socket { path: socket.to_owned(), source };
        let mut stream = UnixStream::connect(socket).map_err(failed)?;
        let ask = codec::frame(&Ask::View { room: 0, seat }).map_err(|error| failed(std::io::Error::other(error)))?;
        stream.write_all(&ask).map_err(failed)?;
        let (say, news) = sync_channel(WAITING_MAX);
        let path = socket.to_owned();
        // Detached: it ends with the connection, or when nobody listens any more.
        std::thread::Builder::new().name("truths".into()).spawn(move || {
            let error = match read(stream, &say) {
                Ok(why) => ShadowError::NoView(why),
                Err(source) => ShadowError::Socket { path, source },
            };
            // Whoever has stopped listening does not mind.
            let _ = say.send(Err(error));
        })?;
        match news.recv_timeout(PATIENCE) {
            Ok(first) => Ok(Truths { news, first: Some(first?) }),
            Err(_) => Err(failed(std::io::ErrorKind::TimedOut.into())),
        }
    }

    /// The next that has come.
    pub(super) fn next(&mut self) -> Result<Option<(Instant, SeatPicture)>, ShadowError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        match self.news.try_recv() {
            Ok(news) => news.map(Some),
            // What ended it has been told.
            Err(TryRecvError::Empty | TryRecvError::Disconnected) => Ok(None),
        }
    }
}

/// Reads to the end of the connection, or up to a refusal.
fn read(mut stream: UnixStream, say: &SyncSender<News>) -> std::io::Result<NoView> {
    let mut gathering = Gathering::default();
    let mut body = Vec::new();
    loop {
        let mut header = [0; FRAME_HEADER];
        stream.read_exact(&mut header)?;
        body.resize(codec::frame_length(header).map_err(std::io::Error::other)?, 0);
        stream.read_exact(&mut body)?;
        let told: Told = codec::decode(&body).map_err(std::io::Error::other)?;
        match gathering.take(told) {
            Ok(None) => {}
            Ok(Some(picture)) => {
                if say.send(Ok((Instant::now(), picture))).is_err() {
                    return Err(std::io::ErrorKind::BrokenPipe.into());
                }
            }
            Err(why) => return Ok(why),
        }
    }
}
