//! One simulated player: a session, and what is done with it. An honest one has a clock and a bot that
//! reads what the session decoded.

use std::sync::Arc;
use std::time::Duration;

use gamera_client::clock::Clock;
use gamera_client::session::{Session, SessionEvent};
use gamera_protocol::balance::Balance;
use gamera_protocol::event::Event;
use gamera_protocol::input::{Driver, Order};
use gamera_protocol::measure::Tick;
use gamera_protocol::message::Welcome;
use gamera_protocol::roster::Roster;
use gamera_protocol::view::SeatView;
use gamera_server::bots::{Bot, Level};

use super::cast::Manner;
use super::part::{Counts, Seen, Stay};
use super::rubbish::Rubbish;

/// Who a player is, of all that come in a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who {
    /// Nobody else has it, not even the same player come again.
    pub(super) id: u64,
    pub(super) manner: Manner,
    /// Thoughts of players who have their turns together fall into ticks of different phases.
    pub(super) phase: u32,
}

/// A player.
pub(super) struct Player {
    who: Who,
    session: Session,
    newest: Tick,
    snapshots: u64,
    loss: (u64, u64),
    relieved: bool,
    doing: Doing,
    record: Record,
    /// Why the session ended, once it has.
    pub(super) over: Option<String>,
}

enum Doing {
    Playing(Box<Mind>),
    Nothing,
    Mischief(Rubbish),
}

/// What an honest player plays with.
struct Mind {
    clock: Clock,
    bot: Option<Bot>,
    level: Level,
    balance: Arc<Balance>,
    events: Vec<Event>,
    orders: Vec<Order>,
}

/// When it came, and from where on it is measured.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    joined: Duration,
    /// Since when it is measured, and what it had seen then.
    measured: Option<(Duration, Seen)>,
    /// What it had seen at the last whole second.
    second: Option<Seen>,
    peak_down_s: u64,
}

impl Player {
    /// One who has been welcomed at `now`.
    pub(super) fn new(session: Session, who: Who, level: Level, balance: &Arc<Balance>, now: Duration) -> Player {
        let doing = match who.manner {
            Manner::Honest => Doing::Playing(Box::new(Mind::new(level, balance))),
            Manner::Idle => Doing::Nothing,
            Manner::Hostile => Doing::Mischief(Rubbish::new(who.id)),
        };
        let mut player = Player {
            who,
            session,
            newest: Tick::default(),
            snapshots: 0,
            loss: (0, 0),
            relieved: false,
            doing,
            record: Record { joined: now, ..Record::default() },
            over: None,
        };
        let welcome = player.session.welcome().clone();
        player.sit_down(&welcome);
        player
    }

    pub(super) fn manner(&self) -> Manner {
        self.who.manner
    }

    fn sit_down(&mut self, welcome: &Welcome) {
        if let Doing::Playing(mind) = &mut self.doing {
            mind.sit_down(welcome, self.who.id);
        }
        self.newest = Tick::default();
    }

    /// Takes in what has come, and sends what is due at `now`.
    pub(super) fn turn(&mut self, now: Duration, counts: &mut Counts) {
        self.listen(now);
        match &mut self.doing {
            Doing::Playing(mind) => mind.play(&mut self.session, self.who.phase, now),
            Doing::Nothing => {
                counts.idle_relieved += u64::from(std::mem::take(&mut self.relieved));
            }
            Doing::Mischief(rubbish) => counts.hostile_sent += rubbish.send(&mut self.session),
        }
    }

    /// Takes in what has come, and no more.
    pub(super) fn listen(&mut self, now: Duration) {
        while let Some(event) = self.session.poll() {
            self.take(event, now);
        }
    }

    fn take(&mut self, event: SessionEvent, now: Duration) {
        match event {
            SessionEvent::Snapshot(applied) if applied.newest && applied.tick > self.newest => {
                self.newest = applied.tick;
                self.snapshots += 1;
                if let Doing::Playing(mind) = &mut self.doing {
                    mind.clock.arrived(applied.tick, now);
                }
            }
            SessionEvent::Event(event) => {
                if let Doing::Playing(mind) = &mut self.doing {
                    mind.events.push(event);
                }
            }
            SessionEvent::Driven(driver) => self.relieved = driver == Driver::Bot,
            SessionEvent::Placed(welcome) | SessionEvent::Resumed(welcome) => self.sit_down(&welcome),
            SessionEvent::Closed(error) => self.over = Some(error.to_string()),
            _ => {}
        }
    }

    /// Takes in what share of the datagrams is lost now.
    pub(super) fn note_loss(&mut self) {
        let permille = u64::from(self.session.replica().loss_permille());
        self.loss = (self.loss.0 + permille, self.loss.1 + 1);
    }

    /// The tick of its newest picture, once it has one.
    pub(super) fn newest(&self) -> Option<Tick> {
        (self.newest > Tick::default()).then_some(self.newest)
    }

    /// Half of the round trip, milliseconds.
    pub(super) fn one_way_ms(&self) -> f64 {
        self.session.figures().rtt.as_secs_f64() * 500.0
    }

    /// The sums so far.
    fn seen(&self) -> Seen {
        let figures = self.session.figures();
        Seen {
            snapshots: self.snapshots,
            bytes_down: figures.bytes_down,
            bytes_up: figures.bytes_up,
            loss_permille: self.loss.0,
            loss_samples: self.loss.1,
        }
    }

    /// From now on it is measured.
    pub(super) fn begin(&mut self, now: Duration) {
        let seen = self.seen();
        self.record.measured = Some((now, seen));
        self.record.second = Some(seen);
        self.record.peak_down_s = 0;
    }

    /// A second has passed for all: what it saw since the last one, if it was there for all of it.
    pub(super) fn second(&mut self) -> Option<Seen> {
        let seen = self.seen();
        let last = self.record.second.replace(seen)?;
        let fresh = seen.since(last);
        if self.record.measured.is_some() {
            self.record.peak_down_s = self.record.peak_down_s.max(fresh.bytes_down);
        }
        Some(fresh)
    }

    /// Its record up to now.
    pub(super) fn stay(&self, now: Duration) -> Stay {
        let measured = self.record.measured.map(|(since, then)| (now.saturating_sub(since), self.seen().since(then)));
        let (time, seen) = measured.unwrap_or_default();
        Stay {
            id: self.who.id,
            manner: self.who.manner,
            joined_s: self.record.joined.as_secs_f64(),
            left_s: now.as_secs_f64(),
            measured_s: time.as_secs_f64(),
            seen,
            peak_down_s: self.record.peak_down_s,
        }
    }

    /// Says goodbye; it is over when the server has answered.
    pub(super) fn leave(&mut self) {
        self.session.leave();
    }

    /// Is gone without a word.
    pub(super) fn vanish(self) {
        self.session.vanish();
    }
}

impl Mind {
    fn new(level: Level, balance: &Arc<Balance>) -> Mind {
        Mind {
            clock: Clock::default(),
            bot: None,
            level,
            balance: Arc::clone(balance),
            events: Vec::new(),
            orders: Vec::new(),
        }
    }

    fn sit_down(&mut self, welcome: &Welcome, seed: u64) {
        let roster = Roster::new(welcome.info.seats);
        self.bot = welcome.place.seat.map(|seat| Bot::new(&roster, &self.balance, seat, self.level, seed));
        self.clock = Clock::default();
    }

    fn play(&mut self, session: &mut Session, phase: u32, now: Duration) {
        let due = self.clock.due(now);
        if due.is_empty() {
            return;
        }
        let echo = session.replica().echo().map(|e| i32::from(e.early_ticks));
        self.clock.measured(session.figures().rtt.as_millis() as u32, echo);
        for tick in due {
            self.think(session, phase, Tick(tick));
            let input = self.bot.as_ref().map(|bot| bot.held(Tick(tick))).unwrap_or_default();
            session.send_input(Tick(tick), input);
        }
    }

    fn think(&mut self, session: &mut Session, phase: u32, tick: Tick) {
        let Some(bot) = self.bot.as_mut().filter(|b| tick.is_every(b.period_ticks(), phase)) else { return };
        session.replica_mut().refresh_things();
        let replica = session.replica();
        let (Some(own), Some(team)) = (replica.own(), replica.team()) else { return };
        let Some(seat) = session.welcome().place.seat else { return };
        let view = SeatView { seat, own, team, things: replica.things(), events: &self.events };
        bot.think(&view, &mut self.orders);
        self.events.clear();
        self.orders.drain(..).for_each(|order| session.send_order(order));
    }
}
