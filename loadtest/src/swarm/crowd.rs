//! The players of one thread: places that are filled and emptied as the schedule and the churn say, and
//! a turn for each player once a tick, whoever else is still on the way.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use gamera_protocol::balance::Balance;
use gamera_protocol::measure::TICK_HZ;
use gamera_protocol::rng::Pcg32;
use tokio::task::LocalSet;

use super::births::{Age, Births};
use super::cast::Manner;
use super::dialers::Dialers;
use super::joins::{Joined, Joins};
use super::part::{Beat, Line, Part};
use super::places::{Place, State};
use super::plan::Plan;
use super::player::{Player, Who};
use super::team::{Cue, CueCell};

/// The players of a thread have their turns in so many slices of a tick.
pub(super) const SLICES: u32 = 8;
/// The millisecond of the runtime's timer is not the generator's fault.
const TIMER_MS: f64 = 1.0;
/// Before the measured stretch a generator that is later than this goes on from here.
const LATE: Duration = Duration::from_millis(100);
/// A turn that is later than this says nothing of when a snapshot came.
const PROMPT: Duration = Duration::from_millis(5);
/// A goodbye is given this long to be answered.
const GOODBYE: Duration = Duration::from_secs(1);
/// Of those who leave in the churn so many thousandths are gone without a word.
const VANISH_PERMILLE: u32 = 500;

/// What a thread of players is given.
pub(super) struct Station {
    pub(super) plan: Arc<Plan>,
    /// Which of the plan's generators it is.
    pub(super) generator: usize,
    pub(super) start: Instant,
    pub(super) cue: Arc<CueCell>,
    pub(super) lines: Sender<Line>,
}

/// Plays until the cue to end, and tells what it saw.
pub(super) fn thread(station: &Station) {
    let line = match play(station) {
        Ok(part) => Line::Part(part),
        Err(error) => Line::Failed(error.to_string()),
    };
    // Whoever has stopped listening has given the run up.
    let _ = station.lines.send(line);
}

fn play(station: &Station) -> std::io::Result<Part> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let dialers = Dialers::open(&station.plan, station.generator)?;
        let mut crowd = Crowd::new(station, dialers);
        crowd.play(station).await;
        let part = crowd.finish();
        crowd.part(GOODBYE / 5).await;
        crowd.dialers.finish().await;
        Ok(part)
    })
}

struct Crowd {
    plan: Arc<Plan>,
    dialers: Dialers,
    balance: Arc<Balance>,
    places: Vec<Place>,
    joins: Joins,
    /// Those whose goodbye is not answered yet, and until when that is waited for.
    parting: Vec<(Duration, Player)>,
    start: Instant,
    /// Slices since the start.
    slice: u64,
    cue: Cue,
    /// When the storm was called.
    storm: Option<Duration>,
    births: Births,
    rng: Pcg32,
    /// Players that the churn has still to take: what is left of a whole one.
    churn_due: f64,
    part: Part,
    beat: Beat,
}

impl Crowd {
    fn new(station: &Station, dialers: Dialers) -> Crowd {
        let plan = Arc::clone(&station.plan);
        let generators = plan.generators();
        let numbers = (station.generator..plan.most()).step_by(generators);
        Crowd {
            places: numbers.map(|n| Place::new(n, plan.cast.manner(n))).collect(),
            joins: Joins::new(&plan.line, station.start, plan.storm > 0),
            dialers,
            balance: Arc::new(Balance::default()),
            parting: Vec::new(),
            start: station.start,
            slice: 0,
            cue: Cue::Join,
            storm: None,
            births: Births::default(),
            rng: Pcg32::new(station.generator as u64, 11),
            churn_due: 0.0,
            part: Part::default(),
            beat: Beat { generator: station.generator, ..Beat::default() },
            plan,
        }
    }

    /// Plays until the end is called: each slice of players in its turn.
    async fn play(&mut self, station: &Station) {
        let slice_time = Duration::from_secs(1) / (TICK_HZ * SLICES);
        loop {
            let due = slice_time * self.slice as u32;
            let now = self.start.elapsed();
            if now < due {
                // Halfway through a slice the links are looked after too: less waits at once.
                tokio::time::sleep((due - now).min(slice_time / 2)).await;
                self.dialers.receive();
                self.dialers.send();
                continue;
            }
            self.hear(station.cue.get(), now);
            if self.cue == Cue::End {
                return;
            }
            self.note_lateness(now - due);
            if self.cue == Cue::Join && now > due + LATE {
                self.slice = (now.as_secs_f64() / slice_time.as_secs_f64()) as u64;
            }
            self.dialers.receive();
            self.turn(now, now - due <= PROMPT);
            self.dialers.send();
            self.slice += 1;
            if self.slice.is_multiple_of(u64::from(TICK_HZ * SLICES)) {
                self.second(now, station);
            }
            // Lets the links and those who join work between two slices.
            tokio::task::yield_now().await;
        }
    }

    /// Lateness counts from when a turn was due, whatever was late before it.
    fn note_lateness(&mut self, late: Duration) {
        let ms = late.as_secs_f64() * 1_000.0 - TIMER_MS;
        self.beat.late.record_ms(ms);
        if self.cue.is_measured() {
            self.part.late.record_ms(ms);
        }
    }

    /// Takes a cue.
    fn hear(&mut self, cue: Cue, now: Duration) {
        if cue == self.cue {
            return;
        }
        if cue.is_measured() && !self.cue.is_measured() {
            self.places.iter_mut().filter_map(Place::player).for_each(|player| player.begin(now));
        }
        if cue == Cue::Storm {
            self.storm = Some(now);
        }
        self.cue = cue;
    }

    fn present(&self) -> usize {
        self.places.iter().filter(|place| matches!(place.state, State::Here(_))).count()
    }

    /// True where the player with this number should be here now.
    fn is_wanted(&self, number: usize, now: Duration) -> bool {
        let calm = self.plan.schedule.most();
        if number < calm { number < self.plan.schedule.wanted(now) } else { self.storm.is_some() }
    }

    fn turn(&mut self, now: Duration, is_prompt: bool) {
        self.manage(now);
        let mine = (self.slice % u64::from(SLICES)) as usize;
        let measured = self.cue.is_measured();
        for place in self.places.iter_mut().skip(mine).step_by(SLICES as usize) {
            let Some(player) = place.player() else { continue };
            player.turn(now, &mut self.part.counts);
            if player.manner() != Manner::Honest {
                continue;
            }
            player.note_loss();
            if let Some(tick) = player.newest() {
                let way_ms = is_prompt.then(|| player.one_way_ms());
                self.births.look(tick, now.as_secs_f64() * 1_000.0, way_ms, measured);
            }
        }
        let ages = self.births.take_known();
        self.note_ages(ages);
        self.parting.iter_mut().for_each(|(_, player)| player.listen(now));
        self.parting.retain(|(until, player)| player.over.is_none() && now < *until);
    }

    fn note_ages(&mut self, ages: Vec<Age>) {
        for age in ages {
            self.beat.age.record_ms(age.ms);
            if age.is_measured {
                self.part.age.record_ms(age.ms);
            }
        }
    }

    /// Has players come and go as they should at `now`.
    fn manage(&mut self, now: Duration) {
        for at in 0..self.places.len() {
            let wanted = self.is_wanted(self.places[at].number, now);
            let place = &mut self.places[at];
            match &mut place.state {
                State::Empty if wanted && now >= place.rests_until && self.joins.has_room() => {
                    let due = self.plan.schedule.due(place.number, place.rests_until);
                    let due = due.or(self.storm).unwrap_or(now).max(place.rests_until);
                    match place.ticket(self.plan.most()) {
                        Ok(ticket) => {
                            place.state = State::Joining;
                            self.joins.begin(at, due, ticket, self.dialers.of(&self.plan.lines, place.number));
                        }
                        Err(error) => self.fail(at, error.to_string()),
                    }
                }
                State::Here(_) if !wanted => self.say_goodbye(at, now),
                State::Here(player) => {
                    if let Some(reason) = player.over.take() {
                        self.lose(at, reason, now);
                    }
                }
                State::Empty | State::Joining | State::GivenUp => {}
            }
        }
        for joined in self.joins.poll() {
            self.welcome(joined);
        }
    }

    fn welcome(&mut self, joined: Joined) {
        let Joined { at, due, ticket, outcome } = joined;
        let place = &mut self.places[at];
        let (session, moment) = match outcome {
            Ok(welcomed) => welcomed,
            Err(reason) => return self.fail(at, reason),
        };
        let ms = moment.saturating_sub(due).as_secs_f64() * 1_000.0;
        self.beat.joins.record_ms(ms);
        self.part.joins.record_ms(ms);
        place.note_join(&mut self.part.counts, &ticket, session.welcome().by, session.figures().turned_away);
        let who = Who { id: ticket.id, manner: place.manner, phase: at as u32 / SLICES };
        let mut player = Player::new(session, who, self.plan.level, &self.balance, moment);
        if self.cue.is_measured() {
            player.begin(moment);
        }
        place.key = Some(ticket.key);
        place.state = State::Here(Box::new(player));
    }

    fn fail(&mut self, at: usize, reason: String) {
        self.places[at].state = State::GivenUp;
        self.part.counts.failed += 1;
        self.part.refusal.get_or_insert(reason);
    }

    /// The server has ended a player's session, or the link could not be taken up again.
    fn lose(&mut self, at: usize, reason: String, now: Duration) {
        let Some(player) = self.places[at].empty(now + Duration::from_secs(1)) else { return };
        self.part.stays.push(player.stay(now));
        if player.manner() == Manner::Hostile {
            // It comes back with its key: its seat is kept for it, and another one may not be free.
            self.part.counts.hostile_sent_away += 1;
        } else {
            self.fail(at, reason);
        }
    }

    fn say_goodbye(&mut self, at: usize, now: Duration) {
        let rest = Duration::from_millis(u64::from(1_000 + self.rng.below(2_000)));
        let Some(mut player) = self.places[at].empty(now + rest) else { return };
        self.places[at].key = None;
        self.part.stays.push(player.stay(now));
        self.part.counts.goodbyes += 1;
        player.leave();
        self.parting.push((now + GOODBYE, player));
    }

    /// Is gone without a word, and comes back with the same key.
    fn vanish(&mut self, at: usize, now: Duration) {
        let rest = Duration::from_millis(u64::from(1_000 + self.rng.below(4_000)));
        let Some(player) = self.places[at].empty(now + rest) else { return };
        self.part.stays.push(player.stay(now));
        self.part.counts.vanished += 1;
        player.vanish();
    }

    fn churn(&mut self, now: Duration) {
        let here: Vec<usize> = (0..self.places.len()).filter(|at| self.places[*at].may_churn()).collect();
        self.churn_due += here.len() as f64 * self.plan.churn_pct_min / 6_000.0;
        while self.churn_due >= 1.0 && !here.is_empty() {
            self.churn_due -= 1.0;
            let at = here[self.rng.below(here.len() as u32) as usize];
            if self.rng.chance_permille(VANISH_PERMILLE) {
                self.vanish(at, now);
            } else {
                self.say_goodbye(at, now);
            }
        }
    }

    /// A second has passed: tells how it was.
    fn second(&mut self, now: Duration, station: &Station) {
        for player in self.places.iter_mut().filter_map(Place::player) {
            let Some(seen) = player.second() else { continue };
            if player.manner() == Manner::Honest {
                self.beat.honest += 1;
                self.beat.seen.add(seen);
            }
        }
        let wanted = |place: &&Place| self.is_wanted(place.number, now);
        self.beat.wanted = self.places.iter().filter(wanted).count();
        self.beat.present = self.present();
        self.beat.is_settled = now >= self.plan.schedule.end()
            && self.places.iter().all(|place| place.is_settled(self.is_wanted(place.number, now)));
        self.beat.counts = self.part.counts;
        let fresh = Beat { generator: self.beat.generator, ..Beat::default() };
        // Whoever has stopped listening has given the run up, and says so by the cue.
        let _ = station.lines.send(Line::Beat(std::mem::replace(&mut self.beat, fresh)));
        if self.cue.is_measured() {
            self.churn(now);
        }
    }

    /// Ends the measured stretch.
    fn finish(&mut self) -> Part {
        let now = self.start.elapsed();
        let stays: Vec<_> = self.places.iter_mut().filter_map(Place::player).map(|player| player.stay(now)).collect();
        self.part.stays.extend(stays);
        self.part.counts.joining = self.places.iter().filter(|p| matches!(p.state, State::Joining)).count() as u64;
        let ages = self.births.finish();
        self.note_ages(ages);
        self.part.ticks_slipped = self.births.slipped();
        std::mem::take(&mut self.part)
    }

    /// Everybody says goodbye.
    async fn part(&mut self, patience: Duration) {
        self.joins.give_up();
        self.places.iter_mut().filter_map(Place::player).for_each(Player::leave);
        let end = Instant::now() + patience;
        while Instant::now() < end {
            self.dialers.receive();
            let now = self.start.elapsed();
            self.places.iter_mut().filter_map(Place::player).for_each(|player| player.listen(now));
            self.dialers.send();
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
