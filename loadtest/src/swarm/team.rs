//! The generators of players: threads of this process, or of processes started for it. Whoever runs the
//! swarm gives them cues and hears what they say, and need not know which they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::SwarmError;
use super::children::Children;
use super::crowd::{self, Station};
use super::part::{Beat, Line, Part};
use super::plan::Plan;

/// After the end is called: goodbyes, and what was seen, put together.
const END_PATIENCE: Duration = Duration::from_secs(20);

/// What the generators are to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Cue {
    /// Join and play.
    Join,
    /// From now on it is measured.
    Measure,
    /// The storm comes, and is measured.
    Storm,
    /// Leave.
    End,
}

const CUES: [Cue; 4] = [Cue::Join, Cue::Measure, Cue::Storm, Cue::End];

impl Cue {
    pub(super) const fn is_measured(self) -> bool {
        matches!(self, Cue::Measure | Cue::Storm)
    }
}

/// The cue in force, for all threads of a process.
#[derive(Debug, Default)]
pub(super) struct CueCell(AtomicU8);

impl CueCell {
    pub(super) fn set(&self, cue: Cue) {
        self.0.store(cue as u8, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> Cue {
        CUES[usize::from(self.0.load(Ordering::Relaxed))]
    }
}

/// Starts the threads of the `process`th process of a plan; they end some time after [`Cue::End`].
pub(super) fn start_threads(plan: &Arc<Plan>, process: usize, lines: &Sender<Line>) -> std::io::Result<Arc<CueCell>> {
    let cue = Arc::new(CueCell::default());
    let start = Instant::now();
    for thread in 0..plan.threads {
        let generator = process * plan.threads + thread;
        let (plan, cue, lines) = (Arc::clone(plan), Arc::clone(&cue), lines.clone());
        let station = Station { plan, generator, start, cue, lines };
        std::thread::Builder::new().name(format!("players-{generator}")).spawn(move || crowd::thread(&station))?;
    }
    Ok(cue)
}

/// All generators of a run.
pub(super) struct Team {
    plan: Arc<Plan>,
    hands: Hands,
    lines: Receiver<Line>,
    /// What each said last.
    last: Vec<Option<Beat>>,
    /// What happened since the last look.
    fresh: Beat,
    part: Part,
    ended: usize,
}

enum Hands {
    Threads(Arc<CueCell>),
    Children(Children),
}

impl Team {
    pub(super) fn start(plan: &Plan) -> std::io::Result<Team> {
        let plan = Arc::new(plan.clone());
        let (say, lines) = channel();
        let hands = if plan.processes > 1 {
            Hands::Children(Children::start(&plan, &say)?)
        } else {
            Hands::Threads(start_threads(&plan, 0, &say)?)
        };
        let last = vec![None; plan.generators()];
        Ok(Team { plan, hands, lines, last, fresh: Beat::default(), part: Part::default(), ended: 0 })
    }

    pub(super) fn cue(&mut self, cue: Cue) {
        match &mut self.hands {
            Hands::Threads(cell) => cell.set(cue),
            Hands::Children(children) => children.cue(cue),
        }
    }

    /// Listens until `end`.
    pub(super) fn listen(&mut self, end: Instant) -> Result<(), SwarmError> {
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(Line::Beat(beat)) => self.note(beat),
                Ok(Line::Part(part)) => {
                    self.part.add(part);
                    self.ended += 1;
                }
                Ok(Line::Failed(reason)) => return Err(SwarmError::Generator(reason)),
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) if self.has_ended() => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(SwarmError::Generator("it has died".to_owned())),
            }
        }
    }

    fn note(&mut self, beat: Beat) {
        self.fresh.seen.add(beat.seen);
        self.fresh.age.add(&beat.age);
        self.fresh.late.add(&beat.late);
        self.fresh.joins.add(&beat.joins);
        let generator = beat.generator;
        if let Some(place) = self.last.get_mut(generator) {
            *place = Some(beat);
        }
    }

    /// What was said since the last look, put together: what happened is added up, what there is counts as
    /// last told.
    pub(super) fn take(&mut self) -> Beat {
        let mut sum = std::mem::take(&mut self.fresh);
        for beat in self.last.iter().flatten() {
            sum.wanted += beat.wanted;
            sum.present += beat.present;
            sum.honest += beat.honest;
            sum.counts.add(&beat.counts);
        }
        sum.is_settled = self.last.iter().all(|beat| beat.as_ref().is_some_and(|b| b.is_settled));
        sum
    }

    fn has_ended(&self) -> bool {
        self.ended == self.plan.generators()
    }

    /// Has all of them end, and returns what they saw.
    pub(super) fn finish(mut self) -> Result<Part, SwarmError> {
        self.cue(Cue::End);
        let patience = Instant::now() + END_PATIENCE;
        while !self.has_ended() {
            if Instant::now() > patience {
                return Err(SwarmError::Generator("it does not end".to_owned()));
            }
            self.listen(Instant::now() + Duration::from_millis(50))?;
        }
        Ok(self.part)
    }
}
