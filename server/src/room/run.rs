//! A room on a thread of its own, at 30 Hz.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tracing::{info, warn};

use super::pace::{Begun, slice_due};
use super::{Governor, Pace, Room, SLICES};
use crate::config::Settings;
use crate::net::{Arrival, Mailbox};
use crate::ops::meters::RoomMeters;

/// Arrivals that one tick takes at most: what is more waits for the next.
const ARRIVALS_A_TICK: usize = 20_000;
/// The thread that must not be late asks to go before those that may: about nine times their share.
const NICENESS: i32 = -10;

/// A room that runs.
pub struct RoomHandle {
    mailbox: Mailbox,
    free_seats: Arc<AtomicU32>,
    is_pressed: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl RoomHandle {
    /// Where arrivals go.
    #[must_use]
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Seats that no person holds, as of the last tick.
    #[must_use]
    pub fn free_seats(&self) -> u32 {
        self.free_seats.load(Ordering::Relaxed)
    }

    /// True where ticks take so long that nobody new should be let in for the moment.
    #[must_use]
    pub fn is_pressed(&self) -> bool {
        self.is_pressed.load(Ordering::Relaxed)
    }

    /// Ends the room and waits for its thread.
    pub fn stop(self) {
        // A room that has ended takes no more mail.
        let _ = self.mailbox.send(Arrival::Stop);
        if self.thread.join().is_err() {
            warn!("a room had panicked");
        }
    }
}

/// Starts a room.
///
/// # Errors
/// When the system gives no thread.
pub fn spawn(settings: &Settings, number: u16, seed: u64) -> std::io::Result<RoomHandle> {
    let (mailbox, arrivals) = channel();
    let free_seats = Arc::new(AtomicU32::new(u32::from(settings.seats)));
    let is_pressed = Arc::new(AtomicBool::new(false));
    let meters = RoomMeters::new(number);
    let runner = Runner {
        room: Room::new(settings, seed, meters.clone()),
        arrivals,
        free_seats: Arc::clone(&free_seats),
        is_pressed: Arc::clone(&is_pressed),
        governor: Governor::default(),
        meters,
    };
    let thread = std::thread::Builder::new().name(format!("room-{number}")).spawn(move || runner.run())?;
    Ok(RoomHandle { mailbox, free_seats, is_pressed, thread })
}

struct Runner {
    room: Room,
    arrivals: Receiver<Arrival>,
    free_seats: Arc<AtomicU32>,
    is_pressed: Arc<AtomicBool>,
    governor: Governor,
    meters: RoomMeters,
}

impl Runner {
    fn run(mut self) {
        go_first();
        let mut pace = Pace::new(Instant::now());
        loop {
            sleep_until(pace.due());
            let begun = pace.begin(Instant::now());
            self.meters.lateness_ms.record(millis(begun.late));
            self.meters.ticks_missed.increment(u64::from(begun.missed));
            self.room.leave_out(begun.missed);
            let Some(ticked) = self.tick() else { return };
            let Some(served) = self.serve(begun) else { return };
            self.meters.tick_ms.record(millis(ticked));
            self.meters.replicate_ms.record(millis(served));
            self.governor.look(ticked, served, begun.late);
            self.relieve();
        }
    }

    /// Puts the governor's step in force.
    fn relieve(&mut self) {
        let relief = self.governor.relief(self.room.clients());
        self.room.relieve(relief);
        self.is_pressed.store(self.governor.is_pressed(), Ordering::Relaxed);
        self.meters.overload_step.set(self.governor.step() as f64);
        self.meters.snapshots_s.set(relief.snapshots_s());
        self.meters.reach_m.set(f64::from(relief.reach_m));
    }

    /// Takes what has come; false when all is over.
    fn receive(&mut self) -> bool {
        for arrival in self.arrivals.try_iter().take(ARRIVALS_A_TICK) {
            let is_end = matches!(arrival, Arrival::Stop);
            self.room.receive(arrival);
            if is_end {
                return false;
            }
        }
        true
    }

    /// Drains what came, steps and publishes; returns the time it took, `None` when all is over.
    fn tick(&mut self) -> Option<Duration> {
        let start = Instant::now();
        if !self.receive() {
            return None;
        }
        self.room.tick();
        let free = self.room.lobby().seats().free_count();
        self.free_seats.store(free as u32, Ordering::Relaxed);
        Some(start.elapsed())
    }

    /// Tells the clients, slice by slice, and takes meanwhile what comes, so that it does not lie in
    /// the way of the next tick; returns the time that the work took, `None` when all is over.
    fn serve(&mut self, begun: Begun) -> Option<Duration> {
        let mut busy = Duration::ZERO;
        for slice in 0..SLICES {
            sleep_until(slice_due(begun.due, slice));
            let start = Instant::now();
            self.room.serve(slice);
            if !self.receive() {
                return None;
            }
            busy += start.elapsed();
        }
        Some(busy)
    }
}

/// Asks the system to let the calling thread go first. Where it does not, ticks are as punctual as any thread's.
#[cfg(target_os = "linux")]
fn go_first() {
    // Of a process that is not named Linux takes the calling thread.
    let granted = rustix::process::setpriority_process(None, NICENESS).is_ok();
    info!(granted, "asked for the tick to go first");
}

#[cfg(not(target_os = "linux"))]
fn go_first() {}

fn sleep_until(when: Instant) {
    let left = when.saturating_duration_since(Instant::now());
    if !left.is_zero() {
        std::thread::sleep(left);
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
