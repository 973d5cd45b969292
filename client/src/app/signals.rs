//! Signals that a terminal and its host send.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The ones that mean the end.
#[derive(Debug)]
pub struct Stop {
    terminate: Signal,
    hang_up: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> io::Result<Stop> {
        Ok(Stop {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for one of them.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.quit.recv() => {}
        }
    }
}

/// The ones that concern the screen.
#[derive(Debug)]
pub(super) struct ScreenSignals {
    size: Signal,
    suspend: Signal,
}

/// What a signal asks of the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ScreenSignal {
    /// The size has changed.
    Resize,
    /// Sleep until woken.
    Suspend,
}

impl ScreenSignals {
    pub(super) fn new() -> io::Result<ScreenSignals> {
        // SIGTSTP has no name of its own in tokio.
        let suspend = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        Ok(ScreenSignals { size: signal(SignalKind::window_change())?, suspend: signal(suspend)? })
    }

    pub(super) async fn next(&mut self) -> ScreenSignal {
        tokio::select! {
            _ = self.size.recv() => ScreenSignal::Resize,
            _ = self.suspend.recv() => ScreenSignal::Suspend,
        }
    }
}

/// Stops this process until somebody continues it.
pub(super) fn sleep_until_woken() -> io::Result<()> {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP)?;
    Ok(())
}
