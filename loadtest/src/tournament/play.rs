//! One match of a tournament, from its seed to its record.

use std::time::{Duration, Instant};

use gamera_protocol::event::{Event, EventKind, tell};
use gamera_protocol::ids::{Role, Side};
use gamera_protocol::measure::{TICK_HZ, Tick, ticks};
use gamera_protocol::rng::Pcg32;
use gamera_protocol::view::Verdict;
use gamera_server::bots::{Level, Policy};
use gamera_server::headless::Headless;
use gamera_server::sim::MatchConfig;

use super::ledger::Entry;

/// No match lasts longer than this: one that does has no end.
const TICKS_MAX: u32 = ticks(20 * 60);
/// The moment at which the side that trails is noted.
const TRAILING_AT: Tick = Tick(ticks(7 * 60));

/// What the matches of a tournament have in common.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) config: MatchConfig,
    pub(super) level: Level,
    pub(super) policies: Vec<Policy>,
    /// The first seat of this role does nothing.
    pub(super) idle: Option<Role>,
    /// Records hold every event, not only what figures need.
    pub(super) keeps_events: bool,
    /// Records hold what goes into the ledger.
    pub(super) keeps_ledger: bool,
}

/// What is kept of a match.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) index: u64,
    pub(super) verdict: Option<Verdict>,
    /// Seeds launched, by city.
    pub(super) launches: [bool; 3],
    pub(super) gamera_ko: bool,
    /// The war never came to the last city.
    pub(super) ended_early: bool,
    /// How often the higher score passed from one side of the war to the other.
    pub(super) lead_changes: u32,
    /// Which side of the war had the lower score at seven minutes.
    pub(super) trailing: Option<Side>,
    /// The state hash at the end.
    pub(super) hash: u64,
    pub(super) spent: Duration,
    pub(super) events: Vec<Event>,
    pub(super) ledger: Option<Entry>,
}

/// Plays the match with this number to its end.
pub(super) fn play(plan: &Plan, index: u64) -> Record {
    let start = Instant::now();
    let mut seeds = Pcg32::new(plan.config.seed, index);
    let mut draw = || u64::from(seeds.next_u32()) << 32 | u64::from(seeds.next_u32());
    let config = MatchConfig { seed: draw(), ..plan.config.clone() };
    let mut game = Headless::new(&config, plan.level, draw());
    for policy in &plan.policies {
        game.crew_mut().set_policy(*policy);
    }
    if let Some(seat) = plan.idle.and_then(|role| game.battle().roster().first(role)) {
        game.crew_mut().set_driving(seat, false);
    }
    let mut watch = Watch { ledger: plan.keeps_ledger.then(Entry::default), ..Watch::default() };
    while !game.battle().is_over() && game.battle().tick().0 < TICKS_MAX {
        watch.events(game.step(), plan.keeps_events);
        watch.score(game.battle().tick(), game.battle().scores());
        if let Some(entry) = &mut watch.ledger {
            entry.note(game.battle());
        }
    }
    let battle = game.battle();
    if let Some(entry) = &mut watch.ledger {
        entry.close(battle);
    }
    watch.finish(index, battle.verdict().copied(), battle.hash(), start.elapsed())
}

/// Gathers a record while the match is played.
#[derive(Default)]
struct Watch {
    launches: [bool; 3],
    gamera_ko: bool,
    reached_last: bool,
    leader: Option<Side>,
    lead_changes: u32,
    trailing: Option<Side>,
    events: Vec<Event>,
    ledger: Option<Entry>,
}

impl Watch {
    fn events(&mut self, events: &[Event], keeps: bool) {
        for event in events {
            match (event.kind, event.city) {
                (EventKind::SeedLaunched, Some(city)) => self.launches[city.index()] = true,
                (EventKind::GameraDowned | EventKind::GameraComa | EventKind::GameraDied, _) => self.gamera_ko = true,
                (EventKind::TokyoMarch, _) => self.reached_last = true,
                (EventKind::PhaseBegan, Some(gamera_protocol::ids::City::Tokyo)) => self.reached_last = true,
                _ => {}
            }
        }
        if keeps {
            self.events.extend(events);
        }
    }

    fn score(&mut self, now: Tick, scores: [u16; 3]) {
        if !now.is_every(TICK_HZ, 0) {
            return;
        }
        let [gamera, legion, _] = scores;
        let leader = match gamera.cmp(&legion) {
            std::cmp::Ordering::Greater => Some(Side::Gamera),
            std::cmp::Ordering::Less => Some(Side::Legion),
            std::cmp::Ordering::Equal => self.leader,
        };
        self.lead_changes += u32::from(self.leader.is_some() && leader != self.leader);
        self.leader = leader;
        if now == TRAILING_AT {
            self.trailing = leader.map(|l| if l == Side::Gamera { Side::Legion } else { Side::Gamera });
        }
    }

    fn finish(self, index: u64, verdict: Option<Verdict>, hash: u64, spent: Duration) -> Record {
        let Watch { launches, gamera_ko, reached_last, lead_changes, trailing, events, ledger, .. } = self;
        Record {
            index,
            verdict,
            launches,
            gamera_ko,
            ended_early: !reached_last,
            lead_changes,
            trailing,
            hash,
            spent,
            events,
            ledger,
        }
    }
}

/// An event as a line for people.
pub(crate) fn told(e: &Event) -> String {
    let who = e.seat.map_or(String::new(), |s| format!("seat {}", s.0));
    let seconds = e.tick.0 / TICK_HZ;
    format!("{:>3}:{:02} {:<18} {}", seconds / 60, seconds % 60, e.kind.label(), tell(e, &who))
}
