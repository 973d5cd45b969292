//! One simulated player: a session, a clock and a bot that reads what the session decoded.

use std::sync::Arc;
use std::time::Duration;

use gamera_client::clock::Clock;
use gamera_client::session::{Session, SessionEvent};
use gamera_protocol::balance::Balance;
use gamera_protocol::event::Event;
use gamera_protocol::input::Order;
use gamera_protocol::measure::{TICK_HZ, Tick};
use gamera_protocol::message::Welcome;
use gamera_protocol::roster::Roster;
use gamera_protocol::view::SeatView;
use gamera_server::bots::{Bot, Level};

use super::run::SLICES;

/// The sum that one player has seen in a stretch of time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    /// Ticks of the battle that it got a picture of.
    pub(super) snapshots: u64,
    pub(super) bytes_down: u64,
    pub(super) bytes_up: u64,
    /// Mean of the shares lost, permille times samples.
    pub(super) loss_permille: u64,
    pub(super) loss_samples: u64,
}

/// A player.
pub(super) struct Player {
    session: Session,
    clock: Clock,
    bot: Option<Bot>,
    level: Level,
    balance: Arc<Balance>,
    events: Vec<Event>,
    orders: Vec<Order>,
    number: u32,
    newest: Tick,
    snapshots: u64,
    loss: (u64, u64),
    /// Why the session ended, once it has.
    pub(super) over: Option<String>,
}

impl Player {
    pub(super) fn new(session: Session, balance: &Arc<Balance>, level: Level, number: u32) -> Player {
        let mut player = Player {
            session,
            clock: Clock::default(),
            bot: None,
            level,
            balance: Arc::clone(balance),
            events: Vec::new(),
            orders: Vec::new(),
            number,
            newest: Tick::default(),
            snapshots: 0,
            loss: (0, 0),
            over: None,
        };
        let welcome = player.session.welcome().clone();
        player.sit_down(&welcome);
        player
    }

    fn sit_down(&mut self, welcome: &Welcome) {
        let roster = Roster::new(welcome.info.seats);
        self.bot =
            welcome.place.seat.map(|seat| Bot::new(&roster, &self.balance, seat, self.level, u64::from(self.number)));
        self.clock = Clock::default();
        self.newest = Tick::default();
    }

    /// Takes in what has come, and sends the inputs that are due at `now`.
    pub(super) fn turn(&mut self, now: Duration) {
        while let Some(event) = self.session.poll() {
            self.take(event, now);
        }
        let figures = self.session.figures();
        let echo = self.session.replica().echo().map(|e| i32::from(e.early_ticks));
        let due = self.clock.due(now);
        if due.is_empty() {
            return;
        }
        self.clock.measured(figures.rtt.as_millis() as u32, echo);
        for tick in due {
            self.think(Tick(tick));
            let input = self.bot.as_ref().map(Bot::held).unwrap_or_default();
            self.session.send_input(Tick(tick), input);
        }
    }

    fn take(&mut self, event: SessionEvent, now: Duration) {
        match event {
            SessionEvent::Snapshot(applied) if applied.newest && applied.tick > self.newest => {
                self.newest = applied.tick;
                self.snapshots += 1;
                self.clock.arrived(applied.tick, now);
            }
            SessionEvent::Event(event) => self.events.push(event),
            SessionEvent::Placed(welcome) | SessionEvent::Resumed(welcome) => self.sit_down(&welcome),
            SessionEvent::Closed(error) => self.over = Some(error.to_string()),
            _ => {}
        }
    }

    fn think(&mut self, tick: Tick) {
        // Thoughts of players who have their turns together fall into different ticks.
        let phase = self.number / SLICES;
        let Some(bot) = self.bot.as_mut().filter(|b| tick.is_every(b.period_ticks(), phase)) else { return };
        self.session.replica_mut().refresh_things();
        let replica = self.session.replica();
        let (Some(own), Some(team)) = (replica.own(), replica.team()) else { return };
        let Some(seat) = self.session.welcome().place.seat else { return };
        let view = SeatView { seat, own, team, things: replica.things(), events: &self.events };
        bot.think(&view, &mut self.orders);
        self.events.clear();
        self.orders.drain(..).for_each(|order| self.session.send_order(order));
    }

    /// Age of the newest picture at `now`, where a picture of tick 0 that travels the quickest way
    /// arrives at `base`: what is seen is this old, the quickest way itself aside.
    pub(super) fn age(&mut self, now: Duration, base_ms: f64) -> Option<f64> {
        let permille = u64::from(self.session.replica().loss_permille());
        self.loss = (self.loss.0 + permille, self.loss.1 + 1);
        (self.newest > Tick::default()).then(|| now.as_secs_f64() * 1_000.0 - base_ms - tick_ms(self.newest))
    }

    /// The moment at which tick 0 would have arrived with its newest picture, milliseconds.
    pub(super) fn base_ms(&self, now: Duration) -> Option<f64> {
        (self.newest > Tick::default()).then(|| now.as_secs_f64() * 1_000.0 - tick_ms(self.newest))
    }

    /// Half of the round trip, milliseconds.
    pub(super) fn one_way_ms(&self) -> f64 {
        self.session.figures().rtt.as_secs_f64() * 500.0
    }

    /// The sums so far.
    pub(super) fn seen(&self) -> Seen {
        let figures = self.session.figures();
        Seen {
            snapshots: self.snapshots,
            bytes_down: figures.bytes_down,
            bytes_up: figures.bytes_up,
            loss_permille: self.loss.0,
            loss_samples: self.loss.1,
        }
    }

    /// Leaves the match.
    pub(super) fn leave(&mut self) {
        self.session.leave();
    }
}

fn tick_ms(tick: Tick) -> f64 {
    f64::from(tick.0) * 1_000.0 / f64::from(TICK_HZ)
}
