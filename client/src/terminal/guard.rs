//! Takes the terminal and gives it back as it was, on every way out: the end, an error, a panic, a
//! signal, ctrl-z.

use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

/// Alternate screen, no cursor, no wrapping, mouse in SGR form, focus; the kitty keyboard with
/// releases (1 + 2 + 4 + 8 + 16), then the questions which flags are in force and what it is.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[>31u\x1b[?u\x1b[c\x1b[2J";
/// The same in reverse.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[<u\x1b[?1004l\x1b[?1006l\x1b[?1002l\x1b[?7h\x1b[0m\x1b[?25h\x1b[?1049l";

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Holds the terminal; gives it back when dropped.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal, and sees to it that a panic gives it back before it speaks.
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn take() -> io::Result<Guard> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                give_back();
                before(info);
            }));
        });
        take_again()?;
        Ok(Guard(()))
    }

    /// Gives the terminal back for a while.
    pub fn pause(&self) {
        give_back();
    }

    /// Takes it again after [`Self::pause`].
    ///
    /// # Errors
    /// When the terminal refuses.
    pub fn resume(&self) -> io::Result<()> {
        take_again()
    }
}

/// True while the terminal is ours to draw on.
#[must_use]
pub fn is_taken() -> bool {
    TAKEN.load(Ordering::SeqCst)
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn take_again() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout().lock();
    out.write_all(ENTER)?;
    out.flush()
}

/// Once, however many ask; on the way out there is nobody left to tell of an error.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout().lock();
        let _ = out.write_all(LEAVE).and_then(|()| out.flush());
        let _ = disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_that_is_switched_on_is_switched_off() {
        let (enter, leave) = (String::from_utf8_lossy(ENTER), String::from_utf8_lossy(LEAVE));
        for mode in ["1049", "1002", "1006", "1004"] {
            assert!(enter.contains(&format!("[?{mode}h")) && leave.contains(&format!("[?{mode}l")), "{mode}");
        }
        for mode in ["25", "7"] {
            assert!(enter.contains(&format!("[?{mode}l")) && leave.contains(&format!("[?{mode}h")), "{mode}");
        }
        assert!(enter.contains("[>31u") && leave.contains("[<u"));
    }
}
