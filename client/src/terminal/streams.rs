//! The terminal's two streams beside the battle: a read cannot be called off, and a jammed line must not hold
//! anything up.

use std::io::{self, Read, Write};

use tokio::sync::mpsc;

use super::guard;

/// What a terminal says it is when it says nothing.
const SIZE_FALLBACK: (u16, u16) = (80, 24);

/// Columns and rows.
#[must_use]
pub fn size() -> (u16, u16) {
    crossterm::terminal::size().ok().filter(|s| s.0 > 0 && s.1 > 0).unwrap_or(SIZE_FALLBACK)
}

/// What comes from the terminal.
#[must_use]
pub fn stdin_bytes() -> mpsc::Receiver<Vec<u8>> {
    let (send, receive) = mpsc::channel(64);
    // A detached thread: a read cannot be called off, and the process does not wait for it.
    std::thread::spawn(move || {
        let mut buf = [0; 1_024];
        let mut stdin = io::stdin().lock();
        while let Ok(n) = stdin.read(&mut buf) {
            if n == 0 || send.blocking_send(buf[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    receive
}

/// Takes frames for the terminal, one ahead at most.
#[must_use]
pub fn stdout_frames() -> std::sync::mpsc::SyncSender<Vec<u8>> {
    let (send, receive) = std::sync::mpsc::sync_channel::<Vec<u8>>(1);
    std::thread::spawn(move || {
        for frame in receive {
            let mut out = io::stdout().lock();
            // Asked while holding the lock: nothing is drawn after the terminal was given back.
            if !guard::is_taken() {
                continue;
            }
            if out.write_all(&frame).and_then(|()| out.flush()).is_err() {
                break;
            }
        }
    });
    send
}
