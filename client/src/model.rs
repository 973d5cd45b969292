//! All that the client knows of the battle and its link, as the updates told it. Screen, keys and
//! narration read it; only [`Model::apply`] and [`Model::present`] change it.

use std::collections::VecDeque;
use std::time::Duration;

use gamera_protocol::balance::Balance;
use gamera_protocol::event::{self, Event};
use gamera_protocol::ids::{Role, SeatId, Side, Viewer};
use gamera_protocol::input::SeatInput;
use gamera_protocol::measure::{Pos, TICK_HZ, Tick};
use gamera_protocol::motion::Mover;
use gamera_protocol::snapshot::Density;
use gamera_protocol::view::{OwnView, SeatPart, TeamView, Thing, Things, Verdict};

use crate::clock::Clock;
use crate::interpolate::Interpolator;
use crate::link::{ChatLine, Closing, Picture, Place, Quality, SeatInfo, Update};
use crate::predict::Predictor;

/// Lines of the feed that are kept.
const FEED_LINES: usize = 200;
/// Events of the timeline that are kept: the headlines of a match are far fewer.
const TIMELINE: usize = 256;
/// The longest line of somebody else's text that is shown, characters.
const TEXT_CHARS: usize = 300;

/// How the link stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum LinkState {
    /// No picture yet.
    #[default]
    Joining,
    /// Pictures come.
    Up,
    /// Being taken up again, with the reason of the break.
    Resuming(String),
    /// Down for good.
    Closed(Closing),
}

/// One line of the feed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeedLine {
    /// When, in battle time.
    pub tick: Tick,
    /// When it came, by the client's clock.
    pub at: Duration,
    /// What it says.
    pub text: String,
    /// What kind of line it is.
    pub kind: FeedKind,
}

/// What a line of the feed is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FeedKind {
    /// A turning point.
    Headline,
    /// Something that happened.
    Event,
    /// Somebody speaks to all.
    Chat,
    /// Somebody speaks to the own side.
    Team,
    /// The client or the server tells something.
    Notice,
}

/// What the client knows.
#[derive(Debug)]
pub struct Model {
    /// As whom the player looks; `None` before the place was given.
    pub place: Option<Place>,
    /// Every seat, in seat order.
    pub seats: Vec<SeatInfo>,
    /// The own unit as the server last told.
    pub own: Option<OwnView>,
    /// The match as the server last told.
    pub team: Option<TeamView>,
    /// What was in the newest picture.
    pub things: Things,
    /// The swarm from afar.
    pub density: Density,
    /// What is drawn, the own unit apart: refreshed by [`Self::present`].
    pub drawn: Vec<Thing>,
    /// Events, chat and notices, oldest first.
    pub feed: VecDeque<FeedLine>,
    /// The headlines of the match, oldest first.
    pub timeline: Vec<Event>,
    /// Set once the match has ended.
    pub verdict: Option<Verdict>,
    /// What seats did in the match that has ended, as the server sorted them.
    pub parts: Vec<SeatPart>,
    /// How the link stands.
    pub link: LinkState,
    /// When the server will stop, by the client's clock, once it has said so.
    pub stops_at: Option<Duration>,
    /// How well it carries.
    pub quality: Quality,
    /// Milliseconds since the newest picture: refreshed by [`Self::present`].
    pub age_ms: u32,
    /// The client's clock at the last [`Self::present`].
    pub now: Duration,
    /// The numbers of the battle.
    pub balance: Balance,
    /// Which tick it is.
    pub clock: Clock,
    predictor: Predictor,
    tracks: Interpolator,
}

impl Default for Model {
    fn default() -> Self {
        let balance = Balance::default();
        Model {
            place: None,
            seats: Vec::new(),
            own: None,
            team: None,
            things: Things::default(),
            density: Density::default(),
            drawn: Vec::new(),
            feed: VecDeque::with_capacity(FEED_LINES),
            timeline: Vec::new(),
            verdict: None,
            parts: Vec::new(),
            link: LinkState::Joining,
            stops_at: None,
            quality: Quality::default(),
            age_ms: 0,
            now: Duration::ZERO,
            predictor: Predictor::new(balance.units.clone()),
            tracks: Interpolator::default(),
            clock: Clock::default(),
            balance,
        }
    }
}

impl Model {
    /// Takes one piece of news in.
    pub fn apply(&mut self, update: Update, now: Duration) {
        match update {
            Update::Placed(place) => self.placed(place),
            Update::Seats(seats) => self.seats = seats,
            Update::Picture(picture) => self.picture(*picture, now),
            Update::Event(event) => self.event(&event, now),
            Update::Chat(line) => self.chat(&line, now),
            Update::Verdict(summary) => {
                self.verdict = Some(summary.verdict);
                self.timeline = summary.timeline;
                self.parts = summary.parts;
            }
            Update::Quality(quality) => {
                self.quality = quality;
                self.clock.measured(quality.rtt_ms, quality.inputs_early_ticks);
            }
            Update::Notice(text) => self.notice(&text, now),
            Update::Interrupted(reason) => {
                self.notice(&format!("the link is down ({reason}); taking it up again"), now);
                self.link = LinkState::Resuming(plain(&reason));
            }
            Update::Resumed => {
                self.notice("the link is up again, with your seat", now);
                self.link = LinkState::Up;
                self.stops_at = None;
            }
            Update::Draining(seconds) => {
                self.stops_at = Some(now + Duration::from_secs(seconds.into()));
                self.notice(&format!("the server stops in {seconds} s"), now);
            }
            Update::Closed(Closing { reason, polite }) => {
                self.link = LinkState::Closed(Closing { reason: plain(&reason), polite });
            }
        }
    }

    /// Adds a line that the client itself has to tell.
    pub fn notice(&mut self, text: &str, now: Duration) {
        self.line(plain(text), FeedKind::Notice, now);
    }

    /// Moves the own unit through `tick` at once, before the server knows.
    pub fn predict(&mut self, tick: Tick, input: SeatInput) {
        self.predictor.advance(tick, input);
    }

    /// Draws the own unit on its way into the next tick, as the player wants it at `now`.
    pub fn lean(&mut self, wanted: SeatInput, now: Duration) {
        let part = self.clock.part(now);
        self.predictor.lean(part, wanted);
    }

    /// Makes what is drawn at `now`.
    pub fn present(&mut self, now: Duration) {
        self.now = now;
        self.age_ms = self.clock.age_ms(now);
        let tick = self.clock.drawn_tick(now);
        let me = self.place.as_ref().and_then(|p| p.seat);
        let mine = |t: &Thing| me.is_some() && t.seat == me;
        let drawn = self.things.all().iter().filter(|t| !mine(t)).map(|t| self.tracks.drawn(t, tick));
        let mut list = std::mem::take(&mut self.drawn);
        list.clear();
        list.extend(drawn);
        self.drawn = list;
    }

    /// The own unit as predicted, at the place where it is drawn.
    #[must_use]
    pub fn own_drawn(&self) -> Option<Mover> {
        self.predictor.drawn()
    }

    /// True where the server's last word moved the own unit so far that the player was told.
    #[must_use]
    pub fn is_correction_told(&self) -> bool {
        self.predictor.told_correction_m().is_some()
    }

    /// How far the server's last word moved the own unit from where it had been predicted, 1/64 m.
    #[must_use]
    pub fn last_correction(&self) -> i32 {
        self.predictor.last_correction()
    }

    /// Where the own unit is drawn; for a spectator the middle of the embattled city.
    #[must_use]
    pub fn here(&self) -> Pos {
        self.own_drawn().map(|m| m.pos).unwrap_or_else(|| self.battlefield())
    }

    /// Where there is something to see for one who has no unit: the flower, else the city.
    #[must_use]
    pub fn battlefield(&self) -> Pos {
        use gamera_protocol::ids::{City, Kind};
        let city = self.team.as_ref().map_or(City::Sapporo, |t| t.city);
        let centre = gamera_protocol::ground::city_centre(city);
        self.things.nearest(Kind::Flower, centre).map_or(centre, |f| f.pos)
    }

    /// Whose eyes the player looks with.
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        self.place.as_ref().map_or(Viewer::Spectator, |p| p.viewer)
    }

    /// The player's side, unless it is a spectator.
    #[must_use]
    pub fn side(&self) -> Option<Side> {
        self.viewer().side()
    }

    /// The role that the player's seat plays now.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.own.map(|own| own.role)
    }

    /// The role of the player's seat, whatever it plays meanwhile.
    #[must_use]
    pub fn seat_role(&self) -> Option<Role> {
        let seat = self.place.as_ref().and_then(|p| p.seat)?;
        self.seats.get(seat.index()).map(|s| s.role).or(self.role())
    }

    /// The newest tick that was told of.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.clock.newest()
    }

    /// Who sits in `seat`, for a person to read.
    #[must_use]
    pub fn seat_name(&self, seat: SeatId) -> String {
        match self.seats.get(seat.index()) {
            Some(SeatInfo { person: Some(name), .. }) => plain(name),
            Some(info) => format!("{} #{}", info.role, seat.0),
            None => format!("seat {}", seat.0),
        }
    }

    /// The side that `seat` belongs to.
    #[must_use]
    pub fn side_of(&self, seat: SeatId) -> Option<Side> {
        self.seats.get(seat.index()).map(|s| s.role.side())
    }

    /// Who sits in `seat`, and as what: for the verdict.
    #[must_use]
    pub fn part_name(&self, seat: SeatId) -> String {
        let name = self.seat_name(seat);
        match self.seats.get(seat.index()) {
            Some(SeatInfo { person: Some(_), role, .. }) => format!("{name}, {role}"),
            _ => name,
        }
    }

    fn placed(&mut self, place: Place) {
        if self.place.as_ref().map(|p| (p.viewer, p.seat)) != Some((place.viewer, place.seat)) {
            self.predictor.clear();
            self.tracks.clear();
            self.own = None;
        }
        self.place = Some(place);
    }

    fn picture(&mut self, picture: Picture, now: Duration) {
        self.link = LinkState::Up;
        if picture.tick.0 + 2 * TICK_HZ < self.clock.newest().0 {
            // The battle runs anew: what was known belongs to another one.
            self.predictor.clear();
            self.tracks.clear();
            self.timeline.clear();
            self.parts.clear();
            self.verdict = None;
        }
        self.clock.arrived(picture.tick, now);
        if let Some(own) = picture.own {
            self.predictor.reconcile(&own);
            if let Some(metres) = self.predictor.told_correction_m() {
                self.notice(&format!("the network was behind: your unit is {metres} m from where you saw it"), now);
            }
        }
        self.tracks.observe(picture.tick, &picture.things, &picture.told);
        self.density = picture.density;
        self.own = picture.own;
        self.team = Some(picture.team);
        self.things.rebuild(picture.things);
    }

    fn event(&mut self, event: &Event, now: Duration) {
        let who = event.seat.map(|s| self.seat_name(s)).unwrap_or_default();
        let headline = event.kind.row().headline;
        if headline && self.timeline.len() < TIMELINE {
            self.timeline.push(*event);
        }
        let kind = if headline { FeedKind::Headline } else { FeedKind::Event };
        self.push(FeedLine { tick: event.tick, at: now, text: event::tell(event, &who), kind });
    }

    fn chat(&mut self, line: &ChatLine, now: Duration) {
        let kind = if line.to.is_some() { FeedKind::Team } else { FeedKind::Chat };
        let to = if line.to.is_some() { " (team)" } else { "" };
        self.line(format!("{}{to}: {}", plain(&line.from), plain(&line.text)), kind, now);
    }

    fn line(&mut self, text: String, kind: FeedKind, now: Duration) {
        self.push(FeedLine { tick: self.tick(), at: now, text, kind });
    }

    fn push(&mut self, line: FeedLine) {
        if self.feed.len() == FEED_LINES {
            self.feed.pop_front();
        }
        self.feed.push_back(line);
    }
}

/// Somebody else's text, safe to print: no control, bidirectional or zero-width characters, and no
/// more of it than a line can hold.
#[must_use]
pub fn plain(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}');
    text.chars().filter(|c| !c.is_control() && !hidden(*c)).take(TEXT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use gamera_protocol::event::EventKind;
    use gamera_protocol::ids::City;

    #[test]
    fn hostile_text_loses_what_would_move_the_cursor_or_hide() {
        for (text, shown) in [
            ("hello", "hello"),
            ("\u{1b}[2Jboo", "[2Jboo"),
            ("a\nb\tc\u{7}", "abc"),
            ("safe\u{202e}lie\u{200b}", "safelie"),
        ] {
            assert_eq!(plain(text), shown);
        }
        assert_eq!(plain(&"x".repeat(9_000)).chars().count(), TEXT_CHARS);
    }

    #[test]
    fn headlines_make_the_timeline_and_the_feed_is_bounded() {
        let mut model = Model::default();
        let fall = Event::new(Tick(3), EventKind::FlowerToppled).in_city(City::Sendai);
        model.apply(Update::Event(fall), Duration::ZERO);
        for t in 0..500 {
            model.apply(Update::Event(Event::new(Tick(t), EventKind::HornBeam)), Duration::ZERO);
        }
        assert_eq!(model.timeline, [fall]);
        assert_eq!(model.feed.len(), FEED_LINES);
    }

    #[test]
    fn the_link_shows_how_it_stands() {
        let mut model = Model::default();
        let closing = Closing { reason: "the server has stopped".into(), polite: true };
        for (update, state) in [
            (Update::Interrupted("no answer".into()), LinkState::Resuming("no answer".into())),
            (Update::Resumed, LinkState::Up),
            (Update::Closed(closing.clone()), LinkState::Closed(closing)),
        ] {
            model.apply(update, Duration::ZERO);
            assert_eq!(model.link, state);
        }
    }
}
