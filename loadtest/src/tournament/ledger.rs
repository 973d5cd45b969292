//! What happened in the matches of a tournament, in means: what each role did, how often each event came, and
//! how the war stood each minute. Two ledgers side by side tell where two sizes of match, or two rules, part.

use std::iter;

use gamera_protocol::event::EventKind;
use gamera_protocol::ids::{Role, Viewer};
use gamera_protocol::measure::{TICK_HZ, Tick, ticks};
use gamera_protocol::view::{GameraState, QueenState, TeamView};
use gamera_server::sim::Battle;
use serde::Serialize;

use super::play::Record;
use super::table::clock;
use crate::stats::{Rate, mean, percentile};

/// The war is looked at this often.
const MINUTE_TICKS: u32 = ticks(60);
/// A minute that fewer matches lived to see says nothing of all.
const LIVED_PERMILLE: usize = 250;

/// What is kept of one match for the ledger.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// By kind, how often it came, and when first.
    events: Vec<(u32, Tick)>,
    roles: Vec<Work>,
    minutes: Vec<Vec<f64>>,
}

/// What the seats of one role did together.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    damage: f64,
    killed_mass: f64,
    downs: f64,
    deeds: f64,
}

/// What is read off the war each minute.
type Gauge = (&'static str, fn(&TeamView) -> f64);

const GAUGES: [Gauge; 11] = [
    ("swarm M", |v| v.legion.map_or(0.0, |l| f64::from(l.mass))),
    ("silicon", |v| v.legion.map_or(0.0, |l| f64::from(l.silicon))),
    ("oxygen", |v| flower(v).and_then(|f| f.oxygen).map_or(0.0, f64::from)),
    ("mana", |v| v.gamera_side.map_or(0.0, |g| f64::from(g.mana_dm) / 10.0)),
    ("research", |v| v.sdf.map_or(0.0, |s| f64::from(s.research_dm) / 10.0)),
    ("queen %", |v| v.queen.map_or(0.0, |q| f64::from(q.health_permille) / 10.0)),
    ("queen up", |v| v.queen.map_or(0.0, |q| share(matches!(q.state, QueenState::Active | QueenState::Stunned)))),
    ("Gamera %", |v| v.gamera.map_or(0.0, |g| f64::from(g.health_permille) / 10.0)),
    ("there", |v| v.gamera.map_or(0.0, |g| share(is_there(g.state)))),
    ("mobbed M", |v| v.gamera.map_or(0.0, |g| f64::from(g.mobbed))),
    ("out tok", |v| v.cities.iter().map(|c| f64::from(c.evacuated_dtok) / 10.0).sum()),
];

fn flower(v: &TeamView) -> Option<gamera_protocol::view::FlowerView> {
    v.cities[v.city.index()].flower
}

fn is_there(state: GameraState) -> bool {
    !matches!(state, GameraState::Away | GameraState::Coma | GameraState::Dead)
}

fn share(is: bool) -> f64 {
    if is { 100.0 } else { 0.0 }
}

impl Entry {
    /// Notes what happened in the last step of `battle`.
    pub(super) fn note(&mut self, battle: &Battle) {
        self.events.resize(EventKind::ALL.len(), (0, Tick(0)));
        for event in battle.events() {
            let (times, first) = &mut self.events[event.kind.index()];
            *first = if *times == 0 { event.tick } else { *first };
            *times += 1;
        }
        if battle.tick().is_every(MINUTE_TICKS, 0) {
            let view = battle.team_view(Viewer::Spectator);
            self.minutes.push(GAUGES.iter().map(|(_, read)| read(&view)).collect());
        }
    }

    /// Adds up what the seats did, once the match is over.
    pub(super) fn close(&mut self, battle: &Battle) {
        self.roles = vec![Work::default(); Role::ALL.len()];
        let mass_each = f64::from(battle.balance().legion.mass_cap) / f64::from(battle.roster().soldier_cap());
        for part in battle.parts() {
            let Some(role) = battle.roster().role(part.seat) else { continue };
            let work = &mut self.roles[role.index()];
            work.damage += f64::from(part.damage);
            work.killed_mass += f64::from(part.kills) * mass_each;
            work.downs += f64::from(part.downs);
            work.deeds += f64::from(part.deeds);
        }
    }
}

/// The ledger of a tournament.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Ledger {
    roles: Vec<RoleRow>,
    events: Vec<EventRow>,
    /// What the columns of `minutes` are.
    gauges: Vec<&'static str>,
    minutes: Vec<MinuteRow>,
}

/// What a role's seats did together in a match, in the mean.
#[derive(Clone, Debug, Serialize)]
struct RoleRow {
    role: &'static str,
    damage: f64,
    killed_mass: f64,
    downs: f64,
    deeds: f64,
}

#[derive(Clone, Debug, Serialize)]
struct EventRow {
    event: &'static str,
    /// How often in a match, in the mean.
    times: f64,
    /// In how many of the matches at all.
    share: Rate,
    /// When first, in the middle of those.
    first_p50_s: f64,
}

/// The means over the matches that were still going on.
#[derive(Clone, Debug, Serialize)]
struct MinuteRow {
    minute: usize,
    matches: usize,
    means: Vec<f64>,
}

impl Ledger {
    /// The ledger of the matches that kept theirs; `None` where none did.
    pub(super) fn of(records: &[Record]) -> Option<Ledger> {
        let entries: Vec<&Entry> = records.iter().filter_map(|r| r.ledger.as_ref()).collect();
        if entries.is_empty() {
            return None;
        }
        let roles = Role::ALL.iter().map(|role| role_row(&entries, *role)).collect();
        let events = EventKind::ALL.iter().map(|kind| event_row(&entries, *kind)).filter(|e| e.times > 0.0).collect();
        let longest = entries.iter().map(|e| e.minutes.len()).max().unwrap_or(0);
        let minutes = (0..longest)
            .map(|minute| minute_row(&entries, minute))
            .filter(|row| row.matches * 1_000 >= entries.len() * LIVED_PERMILLE)
            .collect();
        Some(Ledger { roles, events, gauges: GAUGES.iter().map(|(name, _)| *name).collect(), minutes })
    }

    /// The ledger for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let parts = [self.role_lines(), self.event_lines(), self.minute_lines()];
        parts.into_iter().flat_map(|part| [vec![String::new()], part].concat()).collect()
    }

    fn role_lines(&self) -> Vec<String> {
        let head = format!("{:<22}{:>9}{:>10}{:>8}{:>8}", "a match", "damage", "killed M", "downs", "deeds");
        let line = |r: &RoleRow| {
            format!("{:<22}{:>9.0}{:>10.1}{:>8.2}{:>8.1}", r.role, r.damage, r.killed_mass, r.downs, r.deeds)
        };
        iter::once(head).chain(self.roles.iter().map(line)).collect()
    }

    fn event_lines(&self) -> Vec<String> {
        let head = format!("{:<22}{:>9}   {:<24}first, median", "event", "a match", "of the matches");
        let line = |e: &EventRow| {
            let share = e.share.to_string();
            format!("{:<22}{:>9.2}   {share:<24}{}", e.event, e.times, clock(e.first_p50_s))
        };
        iter::once(head).chain(self.events.iter().map(line)).collect()
    }

    fn minute_lines(&self) -> Vec<String> {
        let line = |minute, matches, cells: Vec<String>| {
            let cells: String = cells.iter().map(|c| format!("{c:>10}")).collect();
            format!("{minute:>6} {matches:>7}{cells}")
        };
        let head =
            line("minute".to_owned(), "matches".to_owned(), self.gauges.iter().map(|g| (*g).to_owned()).collect());
        let row = |m: &MinuteRow| {
            line(m.minute.to_string(), m.matches.to_string(), m.means.iter().map(|v| format!("{v:.1}")).collect())
        };
        iter::once(head).chain(self.minutes.iter().map(row)).collect()
    }
}

fn role_row(entries: &[&Entry], role: Role) -> RoleRow {
    let of = |read: fn(&Work) -> f64| mean(entries.iter().map(|e| read(&e.roles[role.index()])));
    RoleRow {
        role: role.label(),
        damage: of(|w| w.damage),
        killed_mass: of(|w| w.killed_mass),
        downs: of(|w| w.downs),
        deeds: of(|w| w.deeds),
    }
}

fn event_row(entries: &[&Entry], kind: EventKind) -> EventRow {
    let of = |e: &&Entry| e.events[kind.index()];
    let came = entries.iter().map(of).filter(|(times, _)| *times > 0);
    let mut first_s: Vec<f64> = came.map(|(_, first)| f64::from(first.0) / f64::from(TICK_HZ)).collect();
    first_s.sort_by(f64::total_cmp);
    EventRow {
        event: kind.label(),
        times: mean(entries.iter().map(|e| f64::from(of(e).0))),
        share: Rate::count(entries, |e| Some(of(e).0 > 0)),
        first_p50_s: percentile(&first_s, 50),
    }
}

fn minute_row(entries: &[&Entry], minute: usize) -> MinuteRow {
    let going: Vec<&Vec<f64>> = entries.iter().filter_map(|e| e.minutes.get(minute)).collect();
    let means = (0..GAUGES.len()).map(|i| mean(going.iter().map(|m| m[i]))).collect();
    MinuteRow { minute: minute + 1, matches: going.len(), means }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tournament::play::{Plan, play};
    use gamera_protocol::balance::Balance;
    use gamera_protocol::ids::City;
    use gamera_server::bots::Level;
    use gamera_server::sim::{MatchConfig, Mode, Scene};

    fn played(keeps_ledger: bool) -> Vec<Record> {
        let mut balance = Balance::default();
        (balance.campaign.quick_overtime_s, balance.campaign.quick_end_s) = (60, 130);
        let mode = Mode::Quick { city: City::Sapporo };
        let config = MatchConfig { mode, scene: Scene::Opening, seats: 16, seed: 5, balance };
        let plan =
            Plan { config, level: Level::Normal, policies: Vec::new(), idle: None, keeps_events: true, keeps_ledger };
        (0..3).map(|index| play(&plan, index)).collect()
    }

    #[test]
    fn the_ledger_counts_what_the_events_tell_and_changes_no_match() {
        let (records, plain) = (played(true), played(false));
        let hashes = |records: &[Record]| records.iter().map(|r| r.hash).collect::<Vec<_>>();
        assert_eq!(hashes(&records), hashes(&plain));
        assert!(Ledger::of(&plain).is_none());
        let ledger = Ledger::of(&records).unwrap();
        for row in &ledger.events {
            let of = |r: &Record| r.events.iter().filter(|e| e.kind.label() == row.event).count();
            let times = records.iter().map(of).sum::<usize>() as f64 / 3.0;
            let with = records.iter().filter(|r| of(r) > 0).count() as f64 / 3.0;
            assert!((row.times - times).abs() < 1e-9 && (row.share.rate - with).abs() < 1e-9, "{row:?}");
            let first = |r: &Record| r.events.iter().find(|e| e.kind.label() == row.event).map(|e| e.tick.0);
            assert!(records.iter().filter_map(first).any(|t| f64::from(t) / f64::from(TICK_HZ) == row.first_p50_s));
        }
        let downs: f64 = ledger.roles.iter().map(|r| r.downs).sum();
        let told = ledger.events.iter().find(|e| e.event == "SeatDowned").map_or(0.0, |e| e.times);
        assert!(downs > 0.0 && (downs - told).abs() < 1e-9, "{downs} of {told}");
        assert_eq!(ledger.minutes.iter().map(|m| m.minute).collect::<Vec<_>>(), [1, 2]);
        assert!(ledger.minutes[0].means[0] > 0.0, "there is a swarm");
    }
}
