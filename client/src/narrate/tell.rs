//! What is worth a line: news as they come, the own unit's changes, and now and then how things are.

use std::io::{self, Write};
use std::time::Duration;

use gamera_protocol::event;
use gamera_protocol::ground;
use gamera_protocol::input::Verb;
use gamera_protocol::measure::{Pos, TICK_HZ, Tick};
use gamera_protocol::view::{Life, OwnView, SeatPart};

use crate::advice;
use crate::link::Update;
use crate::model::{Model, plain};
use crate::screen::{clock, title, verdict_lines};

/// How things are is told so often.
const SUMMARY_EVERY: Duration = Duration::from_secs(10);

/// Remembers what was told.
#[derive(Debug, Default)]
pub(super) struct Teller {
    life: Option<Life>,
    health_quarter: Option<i32>,
    channel: Option<Verb>,
    summed_up: Option<Duration>,
}

impl Teller {
    /// Tells the news.
    pub(super) fn news(&mut self, model: &Model, news: &[Update], out: &mut impl Write) -> io::Result<()> {
        for update in news {
            match update {
                Update::Placed(place) => {
                    *self = Teller::default();
                    let seat = match (place.seat, model.seat_role()) {
                        (Some(seat), Some(role)) => format!("seat {}, {role}, for {}", seat.0, role.side()),
                        (Some(seat), None) => format!("seat {}", seat.0),
                        (None, _) => "a spectator".into(),
                    };
                    writeln!(out, "You are {}, {seat}.", plain(&place.name))?;
                }
                Update::Event(e) => {
                    let who = e.seat.map(|s| model.seat_name(s)).unwrap_or_default();
                    writeln!(out, "{} {}.", clock(e.tick), event::tell(e, &who))?;
                }
                Update::Chat(line) => {
                    let to = if line.to.is_some() { " to your side" } else { "" };
                    writeln!(out, "{} says{to}: {}", plain(&line.from), plain(&line.text))?;
                }
                Update::Draining(seconds) => writeln!(out, "Note: the server stops in {seconds} s.")?,
                Update::Notice(text) => writeln!(out, "Note: {}", plain(text))?,
                Update::Verdict(summary) => {
                    writeln!(out, "The battle is over.")?;
                    for line in verdict_lines(&summary.verdict) {
                        writeln!(out, "{line}")?;
                    }
                    for part in &summary.parts {
                        writeln!(out, "{}", deeds(model, part))?;
                    }
                }
                Update::Interrupted(reason) => writeln!(out, "The link is down ({}); resuming.", plain(reason))?,
                Update::Resumed => writeln!(out, "The link is up again; your seat was kept.")?,
                Update::Seats(_) | Update::Picture(_) | Update::Quality(_) | Update::Closed(_) => {}
            }
        }
        Ok(())
    }

    /// Tells what has changed about the own unit, and now and then how things are.
    pub(super) fn state(&mut self, model: &Model, now: Duration, out: &mut impl Write) -> io::Result<()> {
        if let Some(own) = &model.own {
            self.own(model.tick(), own, out)?;
        }
        let due = self.summed_up.is_none_or(|at| now.saturating_sub(at) >= SUMMARY_EVERY);
        if due && model.team.is_some() {
            self.summed_up = Some(now);
            writeln!(out, "{}", summary(model))?;
        }
        Ok(())
    }

    fn own(&mut self, tick: Tick, own: &OwnView, out: &mut impl Write) -> io::Result<()> {
        let kind = |life: &Life| std::mem::discriminant(life);
        if self.life.as_ref().map(kind) != Some(kind(&own.life)) {
            let seconds = |until: Tick| until.since(tick).div_ceil(TICK_HZ);
            match own.life {
                Life::Alive if self.life.is_some() => writeln!(out, "You are back, as {}.", own.role)?,
                Life::Alive => {}
                Life::Down { until } => writeln!(out, "You are down, and back in {} s.", seconds(until))?,
                Life::Waiting { until } => writeln!(out, "You are on the way, and there in {} s.", seconds(until))?,
            }
            self.life = Some(own.life);
        }
        let quarter = own.health.max(0) * 4 / own.health_max.max(1);
        if self.health_quarter.is_some_and(|before| quarter < before) && own.life == Life::Alive {
            writeln!(out, "You are hurt: health {} of {}.", own.health, own.health_max)?;
        }
        self.health_quarter = Some(quarter);
        let channel = own.channel.map(|(verb, ..)| verb);
        if channel != self.channel {
            match (channel, self.channel) {
                (Some(verb), _) => writeln!(out, "You begin to {verb}.")?,
                (None, Some(verb)) => writeln!(out, "You no longer {verb}.")?,
                (None, None) => {}
            }
            self.channel = channel;
        }
        Ok(())
    }
}

/// How things are, in one line.
pub(super) fn summary(model: &Model) -> String {
    let Some(team) = &model.team else { return "Nothing is known yet.".into() };
    let mut parts = vec![format!("{} {}, {}", clock(model.tick()), title(team.city.label()), team.phase)];
    if let Some(own) = &model.own {
        parts.push(format!(
            "you: {}, health {} of {}, {}",
            own.role,
            own.health.max(0),
            own.health_max,
            place(own.mover.pos)
        ));
    }
    if let Some(g) = team.gamera {
        parts.push(format!("Gamera {}, {} %", g.state, g.health_permille / 10));
    }
    if let Some(q) = team.queen {
        parts.push(format!("queen {}, {} %", q.state, q.health_permille / 10));
    }
    if let Some(oxygen) = team.cities[team.city.index()].flower.and_then(|f| f.oxygen) {
        parts.push(format!("oxygen {oxygen}"));
    }
    format!("{}. Now: {}.", parts.join("; "), advice::now(model))
}

/// What one seat did, in one line.
fn deeds(model: &Model, part: &SeatPart) -> String {
    let own = model.place.as_ref().and_then(|place| place.seat) == Some(part.seat);
    let who = if own { format!("You, {}", model.part_name(part.seat)) } else { model.part_name(part.seat) };
    let SeatPart { damage, kills, downs, deeds, .. } = part;
    format!("{who}: damage {damage}, kills {kills}, downed {downs}, deeds {deeds}.")
}

/// The name of a place.
fn place(pos: Pos) -> String {
    let Some(city) = ground::city_at(pos) else {
        return if ground::is_sea(pos) { "at sea".into() } else { "in the open country".into() };
    };
    let district = ground::district_at(city, pos).map_or("", |i| ground::city(city).districts[i].name);
    format!("in {district}, {}", title(city.label()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staged;
    use gamera_protocol::ids::Role;

    fn told(f: impl FnOnce(&mut Teller, &mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        f(&mut Teller::default(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_summary_says_where_the_player_is_and_what_to_do() {
        let line = summary(&staged::battle(Some(Role::Tank)));
        for part in ["2:13 Sapporo, siege", "you: tank, health 390 of 520, in Chuo, Sapporo", "oxygen 37", "Now: "] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }

    #[test]
    fn changes_of_the_own_unit_are_told_once() {
        let mut own = staged::own(Role::Tank);
        let lines = told(|teller, out| {
            for _ in 0..3 {
                teller.own(Tick(10), &own, out).unwrap();
            }
            own.health = 100;
            own.channel = Some((Verb::Escort, 0, 90));
            for _ in 0..3 {
                teller.own(Tick(11), &own, out).unwrap();
            }
            own.life = Life::Down { until: Tick(311) };
            own.channel = None;
            teller.own(Tick(12), &own, out).unwrap();
        });
        let wanted = [
            "You are hurt: health 100 of 520.",
            "You begin to escort.",
            "You are down, and back in 10 s.",
            "You no longer escort.",
        ];
        assert_eq!(lines.lines().collect::<Vec<_>>(), wanted);
    }
}
