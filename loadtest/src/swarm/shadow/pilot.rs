//! The player who is looked at: the terminal client's own state (session, clock, prediction, interpolation) with a bot
//! of the server's for a hand.

use std::sync::Arc;
use std::time::Duration;

use gamera_client::link::{Act, Link, Update};
use gamera_client::model::{LinkState, Model};
use gamera_client::remote::Remote;
use gamera_client::session::{Session, SessionFigures};
use gamera_protocol::event::Event;
use gamera_protocol::input::{Order, SeatInput};
use gamera_protocol::measure::{Pos, TICK_HZ, Tick};
use gamera_protocol::roster::Roster;
use gamera_protocol::view::SeatView;
use gamera_server::bots::{Bot, Level};

use super::DICE;

/// Inputs made at once after a stall: older ones would be refused.
const CATCH_UP_TICKS: u32 = TICK_HZ / 3;

/// The player.
pub(super) struct Pilot {
    pub(super) model: Model,
    remote: Remote,
    level: Level,
    bot: Option<Bot>,
    /// What the newest input held.
    held: SeatInput,
    news: Vec<Update>,
    events: Vec<Event>,
    orders: Vec<Order>,
}

impl Pilot {
    pub(super) fn new(session: Session, level: Level) -> Pilot {
        Pilot {
            model: Model::default(),
            remote: Remote::new(session),
            level,
            bot: None,
            held: SeatInput::default(),
            news: Vec::new(),
            events: Vec::new(),
            orders: Vec::new(),
        }
    }

    /// One turn of the client; returns where it has predicted the own unit to be, tick by tick.
    pub(super) fn step(&mut self, now: Duration) -> Vec<(Tick, Pos)> {
        self.news.clear();
        self.remote.poll(now, &mut self.news);
        for update in std::mem::take(&mut self.news) {
            match &update {
                Update::Placed(_) => self.bot = None,
                Update::Event(event) => self.events.push(*event),
                _ => {}
            }
            self.model.apply(update, now);
        }
        self.model.present(now);
        let predicted = self.make_inputs(now);
        self.model.lean(self.held, now);
        predicted
    }

    fn make_inputs(&mut self, now: Duration) -> Vec<(Tick, Pos)> {
        let due = self.model.clock.due(now);
        let from = due.start.max(due.end.saturating_sub(CATCH_UP_TICKS));
        let mut predicted = Vec::new();
        for tick in (from..due.end).map(Tick) {
            self.think(tick);
            self.held = self.bot.as_ref().map(|bot| bot.held(tick)).unwrap_or_default();
            let input = self.held;
            self.model.predict(tick, input);
            predicted.extend(self.model.own_drawn().map(|mover| (tick, mover.pos)));
            self.remote.send(Act::Input { tick, input });
        }
        predicted
    }

    fn think(&mut self, tick: Tick) {
        let Some(seat) = self.model.place.as_ref().and_then(|place| place.seat) else { return };
        let seats = self.model.seats.len() as u16;
        let balance = &self.model.balance;
        let bot = self
            .bot
            .get_or_insert_with(|| Bot::new(&Roster::new(seats), &Arc::new(balance.clone()), seat, self.level, DICE));
        if !tick.is_every(bot.period_ticks(), 0) {
            return;
        }
        let (Some(own), Some(team)) = (&self.model.own, &self.model.team) else { return };
        let view = SeatView { seat, own, team, things: &self.model.things, events: &self.events };
        bot.think(&view, &mut self.orders);
        self.events.clear();
        for order in self.orders.drain(..) {
            self.remote.send(Act::Order(order));
        }
    }

    /// How the link has been.
    pub(super) fn figures(&self) -> SessionFigures {
        self.remote.figures()
    }

    /// Why the player is not there any more, where it is not.
    pub(super) fn lost(&self) -> Option<String> {
        match &self.model.link {
            LinkState::Closed(closing) => Some(closing.reason.clone()),
            _ => None,
        }
    }

    pub(super) fn leave(&mut self) {
        self.remote.send(Act::Leave);
    }

    /// Takes in what comes, and no more.
    pub(super) fn listen(&mut self) {
        self.news.clear();
        self.remote.poll(self.model.now, &mut self.news);
    }
}
