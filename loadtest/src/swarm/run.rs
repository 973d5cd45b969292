//! The swarm's threads: each has a runtime of its own, lets its players join at a steady pace, and
//! gives each its turn once a tick. All measure the same stretch of time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use gamera_client::session::{Dialer, Options, Session};
use gamera_link::conditioner::Impairment;
use gamera_link::key::Key;
use gamera_protocol::balance::Balance;
use gamera_protocol::join::JoinLine;
use gamera_protocol::measure::TICK_HZ;
use gamera_protocol::message::Wish;
use gamera_server::bots::Level;
use gamera_server::config::TransportSetting;
use hdrhistogram::Histogram;
use tokio::task::{JoinSet, LocalSet};

use super::SwarmError;
use super::host::Server;
use super::player::{Player, Seen};
use super::scrape::{self, Scrape};
use super::series::{Recorder, Second, Told};

/// The players of a thread have their turns in so many slices of a tick.
pub(super) const SLICES: u32 = 8;
/// Between the last join and the first measured moment.
const WARM_UP: Duration = Duration::from_secs(2);
/// Joins that are under way at a time, a thread: more would wait for each other until the server's
/// patience ends.
const JOINS_AT_ONCE: usize = 16;
/// The quickest way is looked for anew this often.
const SECOND: Duration = Duration::from_secs(1);

/// What the swarm does.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) line: JoinLine,
    /// What the players' lines do, each on its own.
    pub(super) impairment: Impairment,
    pub(super) bots: usize,
    pub(super) duration: Duration,
    pub(super) level: Level,
    pub(super) join_rate: u32,
    pub(super) threads: usize,
    pub(super) transport: TransportSetting,
}

/// How it went.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) joined: usize,
    /// Players that could not join or did not stay.
    pub(super) failed: usize,
    /// The first reason of those.
    pub(super) refusal: Option<String>,
    pub(super) seconds: f64,
    /// What each player saw in the measured time.
    pub(super) seen: Vec<Seen>,
    /// The most bytes that a player got in one second.
    pub(super) peak_down_s: u64,
    /// Ages of the newest snapshot, sampled once a tick and player, tenths of a millisecond.
    pub(super) age: Histogram<u64>,
    /// How late a slice of players had its turn, tenths of a millisecond.
    pub(super) late: Histogram<u64>,
    pub(super) before: Option<Scrape>,
    pub(super) after: Option<Scrape>,
    /// The run second by second, joining included.
    pub(super) series: Vec<Second>,
}

/// What one thread saw.
struct Part {
    joined: usize,
    failed: usize,
    refusal: Option<String>,
    seen: Vec<Seen>,
    peak_down_s: u64,
    age: Histogram<u64>,
    late: Histogram<u64>,
}

/// What the threads share.
struct Shared {
    plan: Plan,
    /// The next player to join.
    next: AtomicUsize,
    /// The next thread to open its socket: its lines have luck of their own.
    threads: AtomicU64,
    /// Everyone has joined that will; then: the measured time is over.
    gates: [Barrier; 2],
    /// What all saw since it was last looked at.
    tally: Mutex<Tally>,
    is_measured: AtomicBool,
    is_over: AtomicBool,
}

/// What players saw in a stretch of time.
struct Tally {
    joins: u64,
    seen: Seen,
    age: Histogram<u64>,
    late: Histogram<u64>,
}

impl Tally {
    fn new() -> Tally {
        Tally { joins: 0, seen: Seen::default(), age: histogram(), late: histogram() }
    }

    /// Hands over what was counted, and begins anew.
    fn told(&mut self, players: usize, wanted: usize) -> Told {
        let told = Told {
            players,
            wanted,
            joins: self.joins,
            snapshots: self.seen.snapshots,
            bytes_down: self.seen.bytes_down,
            bytes_up: self.seen.bytes_up,
            age_p50_ms: self.age.value_at_quantile(0.5) as f64 / 10.0,
            age_p99_ms: self.age.value_at_quantile(0.99) as f64 / 10.0,
            late_p99_ms: self.late.value_at_quantile(0.99) as f64 / 10.0,
        };
        *self = Tally::new();
        told
    }
}

/// Keeps the run's seconds until it is over.
fn record(shared: &Shared, mut recorder: Recorder) -> Vec<Second> {
    let start = Instant::now();
    let mut players = 0;
    for second in 1.. {
        std::thread::sleep((start + SECOND * second).saturating_duration_since(Instant::now()));
        if shared.is_over.load(Ordering::Relaxed) {
            break;
        }
        let told = {
            let mut tally = shared.tally.lock().unwrap_or_else(PoisonError::into_inner);
            players += tally.joins as usize;
            tally.told(players, shared.plan.bots)
        };
        recorder.second(&told, shared.is_measured.load(Ordering::Relaxed));
    }
    recorder.into_seconds()
}

/// Sends the swarm and waits for its end.
pub(super) fn run(plan: &Plan, server: &Server) -> Result<Outcome, SwarmError> {
    let gate = || Barrier::new(plan.threads + 1);
    let shared = Shared {
        plan: plan.clone(),
        next: AtomicUsize::new(0),
        threads: AtomicU64::new(1),
        gates: [gate(), gate()],
        tally: Mutex::new(Tally::new()),
        is_measured: AtomicBool::new(false),
        is_over: AtomicBool::new(false),
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.threads).map(|_| scope.spawn(|| thread(&shared))).collect();
        let recorder = Recorder::new(server.metrics());
        let series = scope.spawn(|| record(&shared, recorder));
        shared.gates[0].wait();
        std::thread::sleep(WARM_UP);
        shared.is_measured.store(true, Ordering::Relaxed);
        let before = server.metrics().and_then(scrape::scrape);
        std::thread::sleep(plan.duration);
        let after = server.metrics().and_then(scrape::scrape);
        shared.is_over.store(true, Ordering::Relaxed);
        shared.gates[1].wait();
        let parts: Result<Vec<Part>, SwarmError> = threads.into_iter().map(joined).collect();
        let series = series.join().unwrap_or_default();
        Ok(Outcome { series, ..gather(parts?, plan.duration, before, after) })
    })
}

fn joined(thread: std::thread::ScopedJoinHandle<'_, std::io::Result<Part>>) -> Result<Part, SwarmError> {
    let ended = || std::io::Error::other("a thread of the swarm has panicked");
    Ok(thread.join().map_err(|_| ended())??)
}

fn gather(parts: Vec<Part>, duration: Duration, before: Option<Scrape>, after: Option<Scrape>) -> Outcome {
    let mut outcome = Outcome {
        joined: 0,
        failed: 0,
        refusal: None,
        seconds: duration.as_secs_f64(),
        seen: Vec::new(),
        peak_down_s: 0,
        age: histogram(),
        late: histogram(),
        before,
        after,
        series: Vec::new(),
    };
    for part in parts {
        outcome.joined += part.joined;
        outcome.failed += part.failed;
        outcome.refusal = outcome.refusal.or(part.refusal);
        outcome.seen.extend(part.seen);
        outcome.peak_down_s = outcome.peak_down_s.max(part.peak_down_s);
        // Both were made with the same bounds, so adding cannot fail.
        let _ = outcome.age.add(&part.age);
        let _ = outcome.late.add(&part.late);
    }
    outcome
}

/// Up to 100 s in tenths of a millisecond, to three digits.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(1_000_000, 3).expect("these bounds are good")
}

fn thread(shared: &Shared) -> std::io::Result<Part> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = LocalSet::new();
    local.block_on(&runtime, async {
        let (impairment, seed) = (shared.plan.impairment, shared.threads.fetch_add(1, Ordering::Relaxed));
        let dialer = match shared.plan.transport {
            TransportSetting::Polled => Dialer::polled_impaired(impairment, seed)?,
            TransportSetting::Quinn => Dialer::impaired(impairment, seed)?,
        };
        let mut crowd = Crowd::new(dialer.clone());
        crowd.join(shared).await;
        crowd.meet(&shared.gates[0], shared).await;
        crowd.play(WARM_UP, shared).await;
        crowd.begin();
        crowd.play(shared.plan.duration, shared).await;
        let part = crowd.finish();
        crowd.meet(&shared.gates[1], shared).await;
        crowd.players.iter_mut().for_each(Player::leave);
        crowd.play(Duration::from_millis(200), shared).await;
        dialer.finish().await;
        Ok(part)
    })
}

/// The players of one thread.
struct Crowd {
    dialer: Dialer,
    players: Vec<Player>,
    refusal: Option<String>,
    failed: usize,
    start: Instant,
    /// Slices since the start.
    slice: u64,
    measures: bool,
    base: Base,
    began: Vec<Seen>,
    last_second: Vec<Seen>,
    peak_down_s: u64,
    age: Histogram<u64>,
    late: Histogram<u64>,
    /// What has not been told yet, and the sums that have.
    tally: Tally,
    told: Seen,
    told_at: Instant,
}

impl Crowd {
    fn new(dialer: Dialer) -> Crowd {
        Crowd {
            dialer,
            players: Vec::new(),
            refusal: None,
            failed: 0,
            start: Instant::now(),
            slice: 0,
            measures: false,
            base: Base::default(),
            began: Vec::new(),
            last_second: Vec::new(),
            peak_down_s: 0,
            age: histogram(),
            late: histogram(),
            tally: Tally::new(),
            told: Seen::default(),
            told_at: Instant::now(),
        }
    }

    /// Lets players join until all have, playing with those who are there.
    async fn join(&mut self, shared: &Shared) {
        let plan = &shared.plan;
        let balance = Arc::new(Balance::default());
        let pace = Duration::from_secs_f64(plan.threads as f64 / f64::from(plan.join_rate));
        let mut due = Instant::now();
        let mut joining: JoinSet<Result<(usize, Session), String>> = JoinSet::new();
        loop {
            let mut left = true;
            while joining.len() < JOINS_AT_ONCE && Instant::now() >= due {
                let number = shared.next.fetch_add(1, Ordering::Relaxed);
                left = number < plan.bots;
                if !left {
                    break;
                }
                due += pace;
                joining.spawn_local(connect(self.dialer.clone(), plan.line.clone(), number));
            }
            while let Some(done) = joining.try_join_next() {
                match done.map_err(|e| e.to_string()).and_then(|r| r) {
                    Ok((n, session)) => {
                        self.tally.joins += 1;
                        self.players.push(Player::new(session, &balance, plan.level, n as u32));
                    }
                    Err(reason) => self.refuse(reason),
                }
            }
            if !left && joining.is_empty() {
                return;
            }
            self.play(Duration::from_millis(5), shared).await;
        }
    }

    fn refuse(&mut self, reason: String) {
        self.failed += 1;
        self.refusal.get_or_insert(reason);
    }

    /// Plays on until the other threads are at the gate too.
    async fn meet(&mut self, gate: &Barrier, shared: &Shared) {
        // Waiting takes no longer than the slowest thread's last join: play stands still for it.
        self.play(Duration::from_millis(1), shared).await;
        gate.wait();
    }

    /// Plays for `duration`: each slice of players in its turn.
    async fn play(&mut self, duration: Duration, shared: &Shared) {
        let slice_time = Duration::from_secs(1) / (TICK_HZ * SLICES);
        let end = self.start.elapsed() + duration;
        loop {
            let due = slice_time * self.slice as u32;
            let now = self.start.elapsed();
            if now >= end {
                return;
            }
            if now < due {
                // Halfway through a slice the links are looked after too: less waits at once.
                tokio::time::sleep((due - now).min(slice_time / 2)).await;
                self.dialer.receive();
                self.dialer.send();
                continue;
            }
            // The millisecond of the runtime's timer is not the generator's fault.
            let late = tenths((now - due).as_secs_f64() * 1_000.0 - 1.0);
            self.tally.late.saturating_record(late);
            if self.measures {
                self.late.saturating_record(late);
            } else if now > due + Duration::from_millis(100) {
                self.slice = (now.as_secs_f64() / slice_time.as_secs_f64()) as u64;
            }
            self.dialer.receive();
            self.turn(now);
            self.dialer.send();
            self.slice += 1;
            self.tell(shared);
            // Lets the links work between two slices.
            tokio::task::yield_now().await;
        }
    }

    fn turn(&mut self, now: Duration) {
        let mine = (self.slice % u64::from(SLICES)) as usize;
        for player in self.players.iter_mut().skip(mine).step_by(SLICES as usize) {
            player.turn(now);
            if let Some(sample) = player.base_ms(now) {
                self.base.offer(sample, player.one_way_ms(), now);
            }
            if let Some(age) = player.age(now, self.base.ms()) {
                self.tally.age.saturating_record(tenths(age));
                if self.measures {
                    self.age.saturating_record(tenths(age));
                }
            }
        }
        let left: Vec<String> = self.players.iter_mut().filter_map(|p| p.over.take()).collect();
        left.into_iter().for_each(|reason| self.refuse(reason));
        if self.measures && self.slice.is_multiple_of(u64::from(TICK_HZ * SLICES)) {
            self.note_second();
        }
    }

    /// Adds the last second to what all have seen.
    fn tell(&mut self, shared: &Shared) {
        if self.told_at.elapsed() < SECOND {
            return;
        }
        self.told_at = Instant::now();
        let now = self.players.iter().map(Player::seen).fold(Seen::default(), |sum, seen| Seen {
            snapshots: sum.snapshots + seen.snapshots,
            bytes_down: sum.bytes_down + seen.bytes_down,
            bytes_up: sum.bytes_up + seen.bytes_up,
            ..sum
        });
        let mine = std::mem::replace(&mut self.tally, Tally::new());
        let mut all = shared.tally.lock().unwrap_or_else(PoisonError::into_inner);
        all.joins += mine.joins;
        all.seen.snapshots += now.snapshots.saturating_sub(self.told.snapshots);
        all.seen.bytes_down += now.bytes_down.saturating_sub(self.told.bytes_down);
        all.seen.bytes_up += now.bytes_up.saturating_sub(self.told.bytes_up);
        // All were made with the same bounds, so adding cannot fail.
        let _ = all.age.add(&mine.age);
        let _ = all.late.add(&mine.late);
        self.told = now;
    }

    fn note_second(&mut self) {
        let now: Vec<Seen> = self.players.iter().map(Player::seen).collect();
        let peak = now.iter().zip(&self.last_second).map(|(n, l)| n.bytes_down - l.bytes_down).max();
        self.peak_down_s = self.peak_down_s.max(peak.unwrap_or(0));
        self.last_second = now;
    }

    fn begin(&mut self) {
        self.measures = true;
        self.began = self.players.iter().map(Player::seen).collect();
        self.last_second = self.began.clone();
    }

    fn finish(&mut self) -> Part {
        self.measures = false;
        let difference = |(now, then): (Seen, &Seen)| Seen {
            snapshots: now.snapshots - then.snapshots,
            bytes_down: now.bytes_down - then.bytes_down,
            bytes_up: now.bytes_up - then.bytes_up,
            loss_permille: now.loss_permille - then.loss_permille,
            loss_samples: now.loss_samples - then.loss_samples,
        };
        Part {
            joined: self.players.len(),
            failed: self.failed,
            refusal: self.refusal.clone(),
            seen: self.players.iter().map(Player::seen).zip(&self.began).map(difference).collect(),
            peak_down_s: self.peak_down_s,
            age: self.age.clone(),
            late: self.late.clone(),
        }
    }
}

async fn connect(dialer: Dialer, line: JoinLine, number: usize) -> Result<(usize, Session), String> {
    let key = Key::fresh().map_err(|e| e.to_string())?;
    let options = Options::new(line, &format!("bot {number}"), Wish::Any);
    let session = Session::connect(&dialer, options, Arc::new(key)).await.map_err(|e| e.to_string())?;
    Ok((number, session))
}

fn tenths(ms: f64) -> u64 {
    (ms.max(0.0) * 10.0) as u64
}

/// The moment at which tick 0 of the battle would have been sent: the quickest arrival of the last
/// seconds, less its way.
#[derive(Debug, Default)]
struct Base {
    /// The least of each of the last seconds.
    seconds: VecDeque<(Duration, f64)>,
}

/// Seconds that an arrival counts for.
const BASE_SECONDS: usize = 10;

impl Base {
    fn offer(&mut self, arrival_ms: f64, way_ms: f64, now: Duration) {
        let sample = arrival_ms - way_ms;
        match self.seconds.back_mut() {
            // A jump is another match: what was before does not count any more.
            Some((_, least)) if (*least - sample).abs() > 5_000.0 => {
                self.seconds.clear();
                self.seconds.push_back((now, sample));
            }
            Some((since, least)) if now - *since < SECOND => *least = least.min(sample),
            _ => self.seconds.push_back((now, sample)),
        }
        if self.seconds.len() > BASE_SECONDS {
            self.seconds.pop_front();
        }
    }

    fn ms(&self) -> f64 {
        self.seconds.iter().map(|(_, least)| *least).fold(f64::INFINITY, f64::min)
    }
}
