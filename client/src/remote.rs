//! The [`Link`] over a network session: what the session tells becomes updates, acts become what it
//! sends. Knows nothing of screens.

use std::time::Duration;

use gamera_protocol::ids::{SeatId, Side};
use gamera_protocol::input::Driver;
use gamera_protocol::message::{Audience, MatchInfo, Refusal, RosterEntry, Welcome};
use gamera_protocol::roster::Roster;

use crate::link::{Act, ChatLine, Closing, Link, Picture, Place, Quality, SeatInfo, Update};
use crate::session::{Session, SessionError, SessionEvent, SessionFigures, Trusted};

/// How the link is measured so often.
const QUALITY_EVERY: Duration = Duration::from_millis(500);

/// A session as a link.
pub struct Remote {
    session: Session,
    seats: Vec<SeatInfo>,
    opened: bool,
    /// When the link was last measured, and what it had carried by then.
    measured: Option<(Duration, SessionFigures)>,
}

impl Remote {
    /// Takes a session that stands.
    #[must_use]
    pub fn new(session: Session) -> Remote {
        Remote { session, seats: Vec::new(), opened: false, measured: None }
    }

    /// How the link has been.
    #[must_use]
    pub fn figures(&self) -> SessionFigures {
        self.session.figures()
    }

    fn placed(&mut self, welcome: &Welcome, out: &mut Vec<Update>) {
        self.seats = empty_seats(&welcome.info);
        out.push(Update::Seats(self.seats.clone()));
        let Welcome { place, name, .. } = welcome;
        out.push(Update::Placed(Place { viewer: place.viewer, seat: place.seat, name: name.clone() }));
    }

    /// Tells of a server that was never met before.
    fn introduce(&self, out: &mut Vec<Update>) {
        if self.session.trusted() == Trusted::First {
            out.push(Update::Notice("this server is new to you; from now on its key is remembered:".into()));
            out.push(Update::Notice(self.session.server().to_string()));
        }
    }

    fn hear(&mut self, event: SessionEvent, out: &mut Vec<Update>) -> bool {
        match event {
            SessionEvent::Snapshot(applied) => return applied.newest,
            SessionEvent::Placed(welcome) => self.placed(&welcome, out),
            SessionEvent::Resumed(welcome) => {
                self.placed(&welcome, out);
                out.push(Update::Resumed);
            }
            SessionEvent::Denied(why) => out.push(Update::Notice(why.to_string())),
            SessionEvent::Roster(entries) => {
                seat_people(&mut self.seats, entries);
                out.push(Update::Seats(self.seats.clone()));
            }
            SessionEvent::Event(event) => out.push(Update::Event(event)),
            SessionEvent::Said { from, side, to, text } => out.push(Update::Chat(said(from, side, to, text))),
            SessionEvent::Driven(Driver::Bot) => {
                out.push(Update::Notice("you were idle, and a bot plays your seat; any key takes it back".into()));
            }
            SessionEvent::Driven(Driver::Person) => out.push(Update::Notice("the seat is yours again".into())),
            SessionEvent::Verdict(summary) => out.push(Update::Verdict(summary)),
            SessionEvent::Draining { seconds } => {
                out.push(Update::Draining(seconds));
            }
            SessionEvent::Lost { reason } => out.push(Update::Interrupted(reason)),
            SessionEvent::Closed(why) => out.push(Update::Closed(closing(&why))),
        }
        false
    }

    fn picture(&mut self) -> Option<Picture> {
        let replica = self.session.replica_mut();
        replica.refresh();
        let things = replica.things().all().to_vec();
        let told = |id| replica.motion(id).map_or(replica.tick(), |m| m.to.0);
        Some(Picture {
            tick: replica.tick(),
            own: replica.own().copied(),
            team: replica.team()?.clone(),
            told: things.iter().map(|t| told(t.id)).collect(),
            density: replica.density().clone(),
            things,
        })
    }

    fn measure(&mut self, now: Duration, out: &mut Vec<Update>) {
        let figures = self.session.figures();
        let (at, before) = self.measured.unwrap_or((now, figures));
        let past = now.saturating_sub(at);
        if self.measured.is_some() && past < QUALITY_EVERY {
            return;
        }
        let is_first = self.measured.replace((now, figures)).is_none();
        let a_second = |sum: u64| (sum as f64 / past.as_secs_f64().max(0.001)) as u32;
        out.push(Update::Quality(Quality {
            rtt_ms: figures.rtt.as_millis() as u32,
            loss_permille: self.session.replica().loss_permille(),
            down_bytes_s: a_second(figures.bytes_down.saturating_sub(before.bytes_down)),
            snapshots_s: (!is_first).then(|| a_second(figures.snapshots.saturating_sub(before.snapshots))),
            inputs_early_ticks: self.session.replica().echo().map(|echo| i32::from(echo.early_ticks)),
        }));
    }
}

impl Link for Remote {
    fn poll(&mut self, now: Duration, out: &mut Vec<Update>) {
        if !std::mem::replace(&mut self.opened, true) {
            let welcome = self.session.welcome().clone();
            self.placed(&welcome, out);
            self.introduce(out);
        }
        let mut newer = false;
        while let Some(event) = self.session.poll() {
            newer |= self.hear(event, out);
        }
        if newer && let Some(picture) = self.picture() {
            out.push(Update::Picture(Box::new(picture)));
        }
        self.measure(now, out);
    }

    fn send(&mut self, act: Act) {
        match act {
            Act::Input { tick, input } => self.session.send_input(tick, input),
            Act::Order(order) => self.session.send_order(order),
            Act::Say { team, text } => self.session.say(if team { Audience::Team } else { Audience::All }, &text),
            Act::Choose(wish) => self.session.choose(wish),
            Act::Look(pos) => {
                self.session.look_at(pos);
                self.session.send_acks();
            }
            Act::Leave => self.session.leave(),
        }
    }
}

fn closing(why: &SessionError) -> Closing {
    let polite = matches!(why, SessionError::Refused(Refusal::Stopped | Refusal::Left));
    Closing { reason: why.to_string(), polite }
}

fn empty_seats(info: &MatchInfo) -> Vec<SeatInfo> {
    Roster::new(info.seats).seats().map(|(seat, role)| SeatInfo { seat, role, person: None }).collect()
}

fn seat_people(seats: &mut [SeatInfo], entries: Vec<RosterEntry>) {
    for RosterEntry { seat: SeatId(index), name, .. } in entries {
        if let Some(info) = seats.get_mut(usize::from(index)) {
            info.person = name;
        }
    }
}

fn said(from: String, side: Option<Side>, to: Audience, text: String) -> ChatLine {
    let to = if to == Audience::Team { side } else { None };
    ChatLine { from, to, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::measure::Tick;
    use gamera_protocol::message::Stage;

    #[test]
    fn the_roster_fills_the_seats_it_names_and_ignores_others() {
        let info = MatchInfo { number: 1, stage: Stage::Campaign, seats: 16, tick: Tick(0) };
        let mut seats = empty_seats(&info);
        let entry = |seat, name: Option<&str>| RosterEntry {
            seat: SeatId(seat),
            driver: Driver::Person,
            name: name.map(str::to_owned),
        };
        seat_people(&mut seats, vec![entry(3, Some("Asagi")), entry(999, Some("nobody"))]);
        assert_eq!((seats.len(), seats[3].person.as_deref()), (16, Some("Asagi")));
        seat_people(&mut seats, vec![entry(3, None)]);
        assert_eq!(seats[3].person, None);
    }
}
