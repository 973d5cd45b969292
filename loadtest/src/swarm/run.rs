//! A run from its first join to its last goodbye: players come as the schedule says, and when all are
//! there, a stretch is measured. Each second is noted, of the players and of the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::SwarmError;
use super::host::Server;
use super::live::Live;
use super::part::{Beat, Counts, Part};
use super::plan::Plan;
use super::scrape::{self, Scrape};
use super::series::{Recorder, Second, Told};
use super::shadow::{Shadow, ShadowFigures};
use super::team::{Cue, Team};

/// Between the last join and the first measured moment, and between that and a storm.
const WARM_UP: Duration = Duration::from_secs(2);
/// Joins that do not end, end the waiting for them.
const JOIN_PATIENCE: Duration = Duration::from_secs(120);
const SECOND: Duration = Duration::from_secs(1);

/// How a run went.
#[derive(Debug)]
pub(super) struct Outcome {
    /// What the one who was looked at saw, where somebody was.
    pub(super) shadow: Option<ShadowFigures>,
    /// What the players saw.
    pub(super) part: Part,
    /// The run second by second, joining included.
    pub(super) series: Vec<Second>,
    /// Length of the measured stretch.
    pub(super) measured_s: f64,
    /// The server before anybody came.
    pub(super) empty: Option<Scrape>,
    /// The server at the beginning of the measured stretch and at its end.
    pub(super) before: Option<Scrape>,
    pub(super) after: Option<Scrape>,
    /// When the schedule's last point was reached.
    pub(super) schedule_end_s: f64,
    /// It was asked to stop before its time.
    pub(super) is_interrupted: bool,
}

/// Sends the swarm and waits for its end, or for `stop`.
pub(super) fn run(
    plan: &Plan,
    duration: Duration,
    server: &Server,
    live: Live,
    stop: &AtomicBool,
    shadow: Option<Shadow>,
) -> Result<Outcome, SwarmError> {
    let scrape = || server.metrics().and_then(scrape::scrape);
    let empty = scrape();
    let team = Team::start(plan)?;
    let recorder = Recorder::new(server.metrics()).shown(live);
    let mut run =
        Run { team, recorder, stop, shadow, start: Instant::now(), so_far: Counts::default(), is_measured: false };
    run.until(plan.schedule.end() + JOIN_PATIENCE, |beat| beat.is_settled)?;
    run.pass(WARM_UP)?;
    let (before, began) = (scrape(), Instant::now());
    run.measure(Cue::Measure);
    if plan.storm > 0 {
        run.pass(WARM_UP)?;
        run.measure(Cue::Storm);
    }
    run.pass(duration.saturating_sub(began.elapsed()))?;
    let (after, measured_s) = (scrape(), began.elapsed().as_secs_f64());
    let Run { team, recorder, shadow, .. } = run;
    // Before the swarm: what it sees of a battle that all leave is not measured.
    let shadow = shadow.map(Shadow::finish).transpose()?;
    Ok(Outcome {
        shadow,
        part: team.finish()?,
        series: recorder.into_seconds(),
        measured_s,
        empty,
        before,
        after,
        schedule_end_s: plan.schedule.end().as_secs_f64(),
        is_interrupted: stop.load(Ordering::Relaxed),
    })
}

struct Run<'a> {
    team: Team,
    recorder: Recorder,
    stop: &'a AtomicBool,
    shadow: Option<Shadow>,
    start: Instant,
    /// What had happened by the last second.
    so_far: Counts,
    is_measured: bool,
}

impl Run<'_> {
    fn measure(&mut self, cue: Cue) {
        self.team.cue(cue);
        self.shadow.iter().for_each(|shadow| shadow.cue(cue));
        self.is_measured = true;
    }

    fn pass(&mut self, time: Duration) -> Result<(), SwarmError> {
        self.until(self.start.elapsed() + time, |_| false)
    }

    /// Notes one second after the other until `end`, counted from the beginning, or until `done`.
    fn until(&mut self, end: Duration, done: impl Fn(&Beat) -> bool) -> Result<(), SwarmError> {
        while self.start.elapsed() < end && !self.stop.load(Ordering::Relaxed) {
            let now = self.start.elapsed();
            // Whole seconds since the beginning, so that they stay evenly apart.
            let next = SECOND * (now.as_secs() as u32 + 1);
            self.team.listen(self.start + next.min(end))?;
            if next > end {
                return Ok(());
            }
            let beat = self.team.take();
            self.recorder.second(&told(&beat, &mut self.so_far), self.is_measured);
            if done(&beat) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// What a second had to tell of the honest players; `so_far` is what had happened before it.
fn told(beat: &Beat, so_far: &mut Counts) -> Told {
    let before = std::mem::replace(so_far, beat.counts);
    Told {
        players: beat.honest,
        present: beat.present,
        wanted: beat.wanted,
        joins: beat.counts.joins - before.joins,
        waited: beat.counts.waited - before.waited,
        snapshots: beat.seen.snapshots,
        bytes_down: beat.seen.bytes_down,
        bytes_up: beat.seen.bytes_up,
        age_p50_ms: beat.age.quantile_ms(0.5),
        age_p99_ms: beat.age.quantile_ms(0.99),
        late_p99_ms: beat.late.quantile_ms(0.99),
    }
}

/// A flag that is set when the system asks the program to stop: the run then ends with what it has.
pub(super) fn stop_at_signals() -> std::io::Result<Arc<AtomicBool>> {
    use tokio::signal::unix::{SignalKind, signal};
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        set.store(true, Ordering::Relaxed);
    })?;
    Ok(flag)
}
