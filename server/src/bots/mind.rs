//! What a bot keeps from one thought to the next: who it is, its generator, and what it remembers
//! of events that the view no longer shows.

use std::sync::Arc;

use gamera_protocol::balance::{Balance, Rule};
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Kind, Role, SeatId};
use gamera_protocol::input::SeatInput;
use gamera_protocol::measure::{Pos, TICK_HZ, Tick, metres, ticks};
use gamera_protocol::rng::Pcg32;
use gamera_protocol::roster::{MILLION, Roster};
use gamera_protocol::view::{Marks, SeatView, Thing};

use super::level::{Level, Policy};
use super::look::{self, Flower};

/// Hundredths of oxygen that an outsider takes a flower to gain a second from the pod on.
const OXYGEN_GUESS_CENTI_S: u32 = 75;
/// An order is not repeated sooner than this, even if the view does not show that it was taken.
const ORDER_AGAIN_TICKS: u32 = 4 * TICK_HZ;

/// A rival is fled from for so long.
const CHASE_TICKS: u32 = 40 * TICK_HZ;

/// Ways that a bot chooses among.
const LANES: u32 = 3;

/// Who shares a part goes along with the first of it while that one is within this, metres.
const FOLLOW_M: i32 = 1_000;
/// And goes where that one is this near to a site, metres.
const AT_WORK_M: i32 = 40;

/// The flower is shot at only below this oxygen: above, a hit may set it off.
const SHOOT_FLOWER_BELOW: u8 = 35;

/// A site that is another's by rank counts as this much farther, metres.
const NOT_MINE_M: i32 = 250;

/// A bot's memory and character.
#[derive(Clone, Debug)]
pub(super) struct Mind {
    pub(super) balance: Arc<Balance>,
    pub(super) level: Level,
    pub(super) policy: Option<Policy>,
    /// The role that the seat is assigned; it may play another meanwhile.
    pub(super) assigned: Role,
    /// The part of its role's work that it shares in, and how many parts that has: bots share out work by
    /// it. In a large match those of one part go about it together, so that together they are what one
    /// bot is in a match of 16, wherever they are.
    pub(super) rank: usize,
    pub(super) peers: usize,
    /// The first seat with the same part, the place among those who share it, and how many those are.
    part_from: SeatId,
    pub(super) place: usize,
    mates: usize,
    /// So many soldiers make up a full swarm.
    soldier_cap: u32,
    /// What one of a kind counts for, millionths of one in a match of 16, in the order of [`Kind::ALL`].
    weights_ppm: [i64; Kind::ALL.len()],
    pub(super) rng: Pcg32,
    /// What will be held from a tick on, if no thought changes it: a slow hand that counts a time out.
    pub(super) plan: Option<(Tick, SeatInput)>,
    pub(super) memory: Memory,
}

/// What a bot remembers.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// When each city's pod burst.
    pods: [Option<Tick>; 3],
    /// Each city's flower is gone for good.
    gone: [bool; 3],
    /// Since when the queen has shown that she is about to strike.
    queen_tell: Option<Tick>,
    /// Since when Gamera has been pinned or off her balance, or was the last time.
    pub(super) gamera_helpless: Option<Tick>,
    was_helpless: bool,
    /// The charge of the horn is meant, and no feint.
    pub(super) means_it: bool,
    /// Which of the ways round the tank line the queen takes, once it is drawn.
    lane: Option<usize>,
    /// Where the egg chamber opened last, and when.
    burst: Option<(Tick, Pos)>,
    /// A lure is live until then, at this place.
    lure: Option<(Tick, Option<Pos>)>,
    /// When a rival last kept the seat from the air.
    chased: Option<Tick>,
    /// When the last order was given.
    ordered: Option<Tick>,
    /// What it is on its way to, and since when.
    errand: Option<(Pos, Tick)>,
    /// Since when the lure has been charged.
    pub(super) lure_full: Option<Tick>,
    /// On the way to new rounds, belts or charges, or loading them.
    pub(super) loading: bool,
    /// Errands that led to nothing.
    dead_ends: Vec<Pos>,
}

impl Mind {
    pub(super) fn new(roster: &Roster, balance: &Arc<Balance>, seat: SeatId, level: Level, seed: u64) -> Mind {
        let assigned = roster.role(seat).expect("a bot is made for a seat of the match");
        let (rank, peers) = roster.part(seat);
        let mates = roster.mates(seat);
        Mind {
            balance: Arc::clone(balance),
            level,
            policy: None,
            assigned,
            rank,
            peers,
            part_from: mates[0],
            place: mates.iter().position(|mate| *mate == seat).unwrap_or(0),
            mates: mates.len(),
            soldier_cap: roster.soldier_cap(),
            weights_ppm: std::array::from_fn(|i| roster.weight_ppm(Kind::ALL[i])),
            rng: Pcg32::new(seed, u64::from(seat.0)),
            plan: None,
            memory: Memory::default(),
        }
    }

    /// Takes in what has happened since the last thought.
    pub(super) fn note(&mut self, view: &SeatView<'_>) {
        for event in view.events {
            self.memory.note(event, ticks(self.balance.sdf.lure_s as u32));
        }
        let city = view.team.city;
        let burst = view.team.cities[city.index()].flower.is_some_and(|f| f.stage >= 2);
        if burst && self.memory.pods[city.index()].is_none() {
            self.memory.pods[city.index()] = Some(view.tick());
        }
        let tells = look::giant(view, Kind::Queen).is_some_and(|q| q.marks.has(Marks::TELL));
        self.memory.queen_tell = match self.memory.queen_tell {
            Some(since) if tells => Some(since),
            _ => tells.then(|| view.tick()),
        };
        let helpless = look::exposed(view, Kind::Gamera).is_some_and(|g| g.marks.has(Marks::HELPLESS));
        if helpless && !self.memory.was_helpless {
            self.memory.gamera_helpless = Some(view.tick());
        }
        self.memory.was_helpless = helpless;
    }

    /// How many soldiers make up `mass` M, one at least.
    pub(super) fn soldiers_in(&self, mass: i32) -> usize {
        let cap = i64::from(self.soldier_cap);
        (i64::from(mass) * cap / i64::from(self.balance.legion.mass_cap.max(1))).max(1) as usize
    }

    /// How many units of a match of 16 these are worth, to the nearest: of a large match's small ones many
    /// count for one.
    pub(super) fn worth<'a>(&self, things: impl Iterator<Item = &'a Thing>) -> i64 {
        (self.weight_ppm(things) + MILLION / 2) / MILLION
    }

    fn weight_ppm<'a>(&self, things: impl Iterator<Item = &'a Thing>) -> i64 {
        things.map(|t| self.weights_ppm[t.kind.index()]).sum()
    }

    /// True where this bot is one of those that turn on these: of many who share a part as large a share as
    /// these weigh, so that one small enemy does not keep all of them busy.
    pub(super) fn turns_on<'a>(&self, foes: impl Iterator<Item = &'a Thing>) -> bool {
        (self.place as i64) * MILLION < self.weight_ppm(foes) * self.mates as i64
    }

    /// True where a shot at the flower may bring it down and not set it off.
    pub(super) fn dares_shoot(&self, flower: &Flower) -> bool {
        let safe = !self.balance.rules.has(Rule::Ignition);
        safe || flower.known.oxygen.is_some_and(|oxygen| oxygen < SHOOT_FLOWER_BELOW)
    }

    /// True where the seat goes for a full load: with less than `enough` of it left, or in a lull, and until it is full.
    pub(super) fn loads(&mut self, view: &SeatView<'_>, enough: u16, lull: bool) -> bool {
        let full = i32::from(view.own.carried) >= self.balance.units.of(self.assigned.kind()).carries;
        self.memory.loading = !full && (view.own.carried < enough || lull || self.memory.loading);
        self.memory.loading
    }

    /// True where this thought is lost.
    pub(super) fn lapses(&mut self) -> bool {
        self.rng.chance_permille(self.level.lapse_permille())
    }

    /// True where the bot plays `policy`.
    pub(super) fn plays(&self, policy: Policy) -> bool {
        self.policy == Some(policy)
    }

    /// Oxygen of the present city's flower, `ahead_s` seconds (as far as the level looks) from now:
    /// as known, or as an outsider guesses it from the time since the pod burst.
    pub(super) fn oxygen_in(&self, view: &SeatView<'_>, ahead_s: i32) -> i32 {
        let ahead_s = ahead_s.min(self.level.lookahead_s());
        let city = view.team.city.index();
        let Some(flower) = view.team.cities[city].flower else { return 0 };
        let gain = ahead_s * OXYGEN_GUESS_CENTI_S as i32 / 100;
        let guess = || {
            let since = self.memory.pods[city].map_or(0, |pod| view.tick().since(pod));
            (since * OXYGEN_GUESS_CENTI_S / 100 / TICK_HZ) as i32
        };
        (flower.oxygen.map_or_else(guess, i32::from) + gain).min(100)
    }

    /// Which of several ways round an enemy this bot takes: drawn once.
    pub(super) fn lane(&mut self) -> usize {
        let rng = &mut self.rng;
        *self.memory.lane.get_or_insert_with(|| rng.below(LANES) as usize)
    }

    /// Where the egg chamber has opened within the last `within_s` seconds, as far as heard of.
    pub(super) fn fresh_burst(&self, now: Tick, within_s: u32) -> Option<Pos> {
        self.memory.burst.filter(|(at, _)| now.since(*at) <= ticks(within_s)).map(|(_, place)| place)
    }

    /// Notes that a rival keeps the seat from the air.
    pub(super) fn note_chase(&mut self, now: Tick) {
        self.memory.chased = Some(now);
    }

    /// True for a while after a rival kept the seat from the air: underground it cannot see whether one
    /// still waits above.
    pub(super) fn is_chased(&self, now: Tick) -> bool {
        self.memory.chased.is_some_and(|at| now.since(at) < CHASE_TICKS)
    }

    /// True once a pod has burst in the city and until its flower is gone.
    pub(super) fn has_flower(&self, city: City) -> bool {
        self.memory.pods[city.index()].is_some() && !self.memory.gone[city.index()]
    }

    /// True once the city's flower is gone for good.
    pub(super) fn is_flower_gone(&self, city: City) -> bool {
        self.memory.gone[city.index()]
    }

    /// For how long the queen has shown that she is about to strike, ticks.
    pub(super) fn queen_tell_ticks(&self, now: Tick) -> Option<u32> {
        self.memory.queen_tell.map(|since| now.since(since))
    }

    /// Where a lure is live, as far as heard of.
    pub(super) fn live_lure(&self, now: Tick) -> Option<Option<Pos>> {
        self.memory.lure.filter(|(until, _)| now < *until).map(|(_, at)| at)
    }

    /// True where the bot may give an order again; notes that it does.
    pub(super) fn may_order(&mut self, now: Tick) -> bool {
        let may = self.memory.ordered.is_none_or(|at| now.since(at) >= ORDER_AGAIN_TICKS);
        if may {
            self.memory.ordered = Some(now);
        }
        may
    }

    /// Where the first of those is who have this bot's part before it, unless that is too far off.
    pub(super) fn lead(&self, view: &SeatView<'_>) -> Option<Pos> {
        let before = |t: &&Thing| t.seat.is_some_and(|s| (self.part_from..view.seat).contains(&s));
        let first = view.things.of_kind(self.assigned.kind()).filter(before).min_by_key(|t| t.seat)?;
        look::is_within(view, first.pos, FOLLOW_M).then_some(first.pos)
    }

    /// Picks among `sites` a near one, rather this bot's by its rank than another's, and stays with
    /// it; a site that takes longer than `patience_s` is given up. Those who meet there come from the
    /// two places `from`: the longer way counts. Who shares the part of another goes where that one
    /// is at work.
    pub(super) fn errand(
        &mut self,
        view: &SeatView<'_>,
        from: [Pos; 2],
        sites: &[Pos],
        patience_s: u32,
    ) -> Option<Pos> {
        let now = view.tick();
        let at_work = |lead: Pos| sites.iter().copied().find(|s| lead.within(*s, metres(AT_WORK_M)));
        if let Some(site) = self.lead(view).and_then(at_work) {
            self.memory.errand = Some((site, now));
            return Some(site);
        }
        if let Some((site, since)) = self.memory.errand {
            if sites.contains(&site) && now.since(since) < ticks(patience_s) {
                return Some(site);
            }
            if sites.contains(&site) {
                self.memory.dead_ends.push(site);
            }
            self.memory.errand = None;
        }
        if sites.iter().all(|s| self.memory.dead_ends.contains(s)) {
            self.memory.dead_ends.clear();
        }
        let shares = self.peers.min(sites.len()).max(1);
        let detour = |i: usize| if i % shares == self.rank % shares { 0 } else { metres(NOT_MINE_M) };
        let open = sites.iter().enumerate().filter(|(_, s)| !self.memory.dead_ends.contains(s));
        let site =
            open.min_by_key(|(i, s)| from[0].distance(**s).max(from[1].distance(**s)) + detour(*i)).map(|(_, s)| *s)?;
        self.memory.errand = Some((site, now));
        Some(site)
    }
}

impl Memory {
    fn note(&mut self, event: &Event, lure_ticks: u32) {
        match (event.kind, event.city) {
            (EventKind::PodErupted, Some(city)) => self.pods[city.index()] = Some(event.tick),
            (
                EventKind::FlowerUprooted
                | EventKind::FlowerToppled
                | EventKind::FlowerIgnited
                | EventKind::SeedLaunched
                | EventKind::CityDetonated,
                Some(city),
            ) => self.gone[city.index()] = true,
            (EventKind::BroodBurst, _) => self.burst = event.at.map(|at| (event.tick, at)),
            (EventKind::LineEnergised, _) => self.lure = Some((event.tick.after(lure_ticks), event.at)),
            _ => {}
        }
    }
}
