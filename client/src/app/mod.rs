//! The loop of the screen: keys, news, inputs and frames, each when it is due.

pub mod signals;

use std::io;
use std::time::{Duration, Instant};

use crate::keys::{self, Action};
use crate::link::{Closing, Link};
use crate::player::Player;
use crate::screen::palette::Palette;
use crate::screen::{self, Scene};
use crate::terminal::guard::Guard;
use crate::terminal::input::Input;
use crate::terminal::output::Output;
use crate::terminal::pace::Pace;
use crate::terminal::parse::Parser;
use crate::terminal::streams::{size, stdin_bytes, stdout_frames};
use signals::{ScreenSignal, ScreenSignals, Stop};

/// News are looked for, and inputs made, at least this often.
pub const STEP: Duration = Duration::from_millis(8);
/// An escape that nothing follows for this long was the key.
const ESCAPE: Duration = Duration::from_millis(40);

/// How the screen was left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// As asked: by a key or a signal.
    Asked,
    /// After the link had closed, with the reason.
    Closed(Closing),
}

/// Plays on the terminal until the player leaves.
///
/// # Errors
/// When the terminal cannot be read, written or switched.
pub async fn run<L: Link>(link: L, palette: Palette) -> io::Result<Ended> {
    let mut stop = Stop::new()?;
    let mut signals = ScreenSignals::new()?;
    let mut bytes = stdin_bytes();
    let guard = Guard::take()?;
    let mut app = App::new(link, palette);
    let mut step = tokio::time::interval(STEP);
    step.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        let mut leave = false;
        tokio::select! {
            _ = step.tick() => {}
            () = stop.asked() => leave = app.player.act(Action::Quit),
            signal = signals.next() => match signal {
                ScreenSignal::Resize => app.size = size(),
                ScreenSignal::Suspend => app.sleep(&guard)?,
            },
            chunk = bytes.recv() => match chunk {
                Some(chunk) => app.typed(&chunk),
                None => leave = app.player.act(Action::Quit),
            },
        }
        leave |= app.step(&guard)?;
        if leave {
            let closed = app.player.closed().cloned();
            drop(guard);
            app.player.part().await;
            return Ok(closed.map_or(Ended::Asked, Ended::Closed));
        }
    }
}

struct App<L> {
    player: Player<L>,
    palette: Palette,
    started: Instant,
    size: (u16, u16),
    parser: Parser,
    /// When the last bytes came.
    typed_at: Duration,
    inputs: Vec<Input>,
    output: Output,
    pace: Pace,
    writer: std::sync::mpsc::SyncSender<Vec<u8>>,
}

impl<L: Link> App<L> {
    fn new(link: L, palette: Palette) -> App<L> {
        App {
            player: Player::new(link),
            palette,
            started: Instant::now(),
            size: size(),
            parser: Parser::default(),
            typed_at: Duration::ZERO,
            inputs: Vec::new(),
            output: Output::default(),
            pace: Pace::default(),
            writer: stdout_frames(),
        }
    }

    /// Takes what came from the terminal.
    fn typed(&mut self, chunk: &[u8]) {
        self.typed_at = self.started.elapsed();
        self.parser.feed(chunk, &mut self.inputs);
    }

    /// Does what was typed; true where it was the goodbye.
    fn obey(&mut self, guard: &Guard) -> io::Result<bool> {
        let now = self.started.elapsed();
        let mut actions = Vec::new();
        for input in std::mem::take(&mut self.inputs) {
            if input == Input::CursorReport {
                self.pace.answered(now);
            }
            let view = screen::viewport(&self.player.model, &self.player.ui, self.size);
            keys::handle(&mut self.player.ui, &self.player.model, &view, input, now, &mut actions);
        }
        let mut leave = false;
        for action in actions {
            match action {
                Action::Redraw => self.output.forget(),
                Action::Suspend => self.sleep(guard)?,
                other => leave |= self.player.act(other),
            }
        }
        Ok(leave)
    }

    /// One turn: keys, news, inputs, a frame if one is due. True where the keys said goodbye.
    fn step(&mut self, guard: &Guard) -> io::Result<bool> {
        let now = self.started.elapsed();
        if self.parser.is_waiting() && now.saturating_sub(self.typed_at) > ESCAPE {
            self.parser.idle(&mut self.inputs);
        }
        let leave = self.obey(guard)?;
        self.player.step(now);
        if self.pace.may_draw(now) {
            self.draw(now);
        }
        Ok(leave)
    }

    fn draw(&mut self, now: Duration) {
        let scene = Scene {
            model: &self.player.model,
            ui: &self.player.ui,
            palette: self.palette,
            terminal_ms: self.pace.frame_ms(),
        };
        let frame = self.output.frame(screen::draw(&scene, self.size), self.pace.asks());
        if self.writer.try_send(frame).is_err() {
            // The line is jammed, and this frame is lost: the next one is drawn whole.
            self.output.forget();
        }
        self.pace.drawn(now);
    }

    /// Gives the terminal back, sleeps, and takes it again once woken.
    fn sleep(&mut self, guard: &Guard) -> io::Result<()> {
        guard.pause();
        signals::sleep_until_woken()?;
        guard.resume()?;
        self.size = size();
        self.pace = Pace::default();
        self.output.forget();
        Ok(())
    }
}
