//! The administrator's socket: a Unix socket that only the account of the server can open. What is asked is led to a
//! room by its mailbox, as everything else is; it knows nothing of battles.

use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::JoinHandle;
use std::time::Duration;

use gamera_protocol::admin::{Ask, NoView, Told};
use gamera_protocol::codec::{self, FRAME_HEADER};
use tracing::{debug, warn};

use crate::net::{Arrival, Mailbox};

/// Connections at a time.
const CONNECTIONS_MAX: usize = 8;
/// A question has to be there by then, and what is told to be taken.
const PATIENCE: Duration = Duration::from_secs(5);
/// Pictures that wait for one who looks; more are left out.
const WAITING_MAX: usize = 4;
/// For the account of the server alone.
const MODE: u32 = 0o600;

/// Finds the mailbox of the match with a number.
pub type FindRoom = Arc<dyn Fn(u16) -> Option<Mailbox> + Send + Sync>;

/// The socket; it ends when dropped.
pub struct AdminSocket {
    path: PathBuf,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl AdminSocket {
    /// Opens it at `path`, where a socket of a server that has died is taken away first.
    ///
    /// # Errors
    /// When the path cannot be bound, or another server listens there.
    pub fn open(path: &Path, rooms: FindRoom) -> std::io::Result<AdminSocket> {
        let listener = match UnixListener::bind(path) {
            Err(error) if error.kind() == ErrorKind::AddrInUse && is_dead(path) => {
                std::fs::remove_file(path)?;
                UnixListener::bind(path)?
            }
            bound => bound?,
        };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(MODE))?;
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let thread =
            std::thread::Builder::new().name("admin".into()).spawn(move || listen(&listener, &rooms, &ends))?;
        Ok(AdminSocket { path: path.to_owned(), is_over, thread: Some(thread) })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AdminSocket {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // Wakes the thread; where that fails, somebody has taken the socket away, and the thread ends with the process.
        if UnixStream::connect(&self.path).is_ok()
            && let Some(thread) = self.thread.take()
        {
            // A panic of it has been told on stderr already.
            let _ = thread.join();
        }
        // A file that is left over is taken away by the next server.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// True where a socket's file has no server behind it any more.
fn is_dead(path: &Path) -> bool {
    UnixStream::connect(path).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

fn listen(listener: &UnixListener, rooms: &FindRoom, is_over: &AtomicBool) {
    let open = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        let Ok(stream) = stream else { continue };
        if open.load(Ordering::Relaxed) >= CONNECTIONS_MAX {
            warn!("too many administrators at a time");
            continue;
        }
        let (rooms, open) = (Arc::clone(rooms), Arc::clone(&open));
        open.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(open);
        let serve = move || {
            let _counted = counted;
            if let Err(error) = answer(stream, &rooms) {
                debug!(%error, "an administrator is gone");
            }
        };
        // Detached: it ends with its connection or with its room.
        if let Err(error) = std::thread::Builder::new().name("admin-look".into()).spawn(serve) {
            warn!(%error, "no thread for an administrator");
        }
    }
}

/// One of the connections, counted for as long as it is there.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn answer(mut stream: UnixStream, rooms: &FindRoom) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let Ask::View { room, seat } = read_ask(&mut stream)?;
    let (to, pictures) = sync_channel(WAITING_MAX);
    let is_asked = rooms(room).is_some_and(|mailbox| mailbox.send(Arrival::Look { seat, to }).is_ok());
    if !is_asked {
        return refuse(&mut stream, NoView::NoSuchRoom);
    }
    for picture in pictures {
        match picture {
            Ok(picture) => stream.write_all(&picture.frames().map_err(std::io::Error::other)?)?,
            Err(why) => return refuse(&mut stream, why),
        }
    }
    Ok(())
}

fn read_ask(stream: &mut UnixStream) -> std::io::Result<Ask> {
    let mut header = [0; FRAME_HEADER];
    stream.read_exact(&mut header)?;
    let mut body = vec![0; codec::frame_length(header).map_err(std::io::Error::other)?];
    stream.read_exact(&mut body)?;
    codec::decode(&body).map_err(std::io::Error::other)
}

fn refuse(stream: &mut UnixStream, why: NoView) -> std::io::Result<()> {
    stream.write_all(&codec::frame(&Told::Refused(why)).map_err(std::io::Error::other)?)
}
