//! What a generator of players tells of them: a beat each second, and at the end what every player saw.
//! All of it can be added up, whichever thread or process it comes from.

use serde::{Deserialize, Serialize};

use super::cast::Manner;
use super::hist::Hist;

/// The sums of one player since it joined, or of a stretch of its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Ticks of the battle that it got a picture of.
    pub(super) snapshots: u64,
    pub(super) bytes_down: u64,
    pub(super) bytes_up: u64,
    /// Mean of the shares lost, permille times samples.
    pub(super) loss_permille: u64,
    pub(super) loss_samples: u64,
}

impl Seen {
    /// What came after `earlier`.
    pub(super) fn since(self, earlier: Seen) -> Seen {
        Seen {
            snapshots: self.snapshots - earlier.snapshots,
            bytes_down: self.bytes_down - earlier.bytes_down,
            bytes_up: self.bytes_up - earlier.bytes_up,
            loss_permille: self.loss_permille - earlier.loss_permille,
            loss_samples: self.loss_samples - earlier.loss_samples,
        }
    }

    pub(super) fn add(&mut self, other: Seen) {
        self.snapshots += other.snapshots;
        self.bytes_down += other.bytes_down;
        self.bytes_up += other.bytes_up;
        self.loss_permille += other.loss_permille;
        self.loss_samples += other.loss_samples;
    }
}

/// One player from its join to its leaving. A figure counts its own measured time and no other.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Stay {
    /// No other stay of the run has it.
    pub(super) id: u64,
    pub(super) manner: Manner,
    /// Since the generator began, seconds.
    pub(super) joined_s: f64,
    pub(super) left_s: f64,
    /// How much of the measured stretch it was there, seconds.
    pub(super) measured_s: f64,
    /// What it saw meanwhile.
    pub(super) seen: Seen,
    /// The most bytes that it got in one second of it.
    pub(super) peak_down_s: u64,
}

/// How often something happened since the generator began.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Players that have joined at least once.
    pub(super) joined: u64,
    /// Joins, those who came again among them.
    pub(super) joins: u64,
    /// Of those, players that a busy server had turned away before.
    pub(super) waited: u64,
    /// Players that were still on their way in at the end.
    pub(super) joining: u64,
    /// Players that could not join, or did not stay though they wanted to.
    pub(super) failed: u64,
    /// Players that left with a goodbye.
    pub(super) goodbyes: u64,
    /// Players that were gone without a word.
    pub(super) vanished: u64,
    /// Players that came back with the key they had.
    pub(super) returned: u64,
    /// Those of them that were given their seat back.
    pub(super) reseated: u64,
    /// Idle players whose seat a bot of the server has taken.
    pub(super) idle_relieved: u64,
    /// Things that hostile players have sent.
    pub(super) hostile_sent: u64,
    /// Hostile players that the server has sent away.
    pub(super) hostile_sent_away: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: &Counts) {
        self.joined += other.joined;
        self.joins += other.joins;
        self.waited += other.waited;
        self.joining += other.joining;
        self.failed += other.failed;
        self.goodbyes += other.goodbyes;
        self.vanished += other.vanished;
        self.returned += other.returned;
        self.reseated += other.reseated;
        self.idle_relieved += other.idle_relieved;
        self.hostile_sent += other.hostile_sent;
        self.hostile_sent_away += other.hostile_sent_away;
    }
}

/// One second of a generator.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Beat {
    /// Which generator.
    pub(super) generator: usize,
    /// How many there should be.
    pub(super) wanted: usize,
    /// How many are there.
    pub(super) present: usize,
    /// True where everyone who should be there is, or has been given up, and nobody else is.
    pub(super) is_settled: bool,
    /// Since the beginning.
    pub(super) counts: Counts,
    /// Honest players.
    pub(super) honest: usize,
    /// What they saw in this second.
    pub(super) seen: Seen,
    /// Ages of their newest snapshots in this second.
    pub(super) age: Hist,
    /// How late the turns of this second were, by the schedule.
    pub(super) late: Hist,
    /// How long the joins of this second took.
    pub(super) joins: Hist,
}

/// What a generator saw, told at its end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) counts: Counts,
    /// The first reason of those that failed.
    pub(super) refusal: Option<String>,
    pub(super) stays: Vec<Stay>,
    /// Ages of the newest snapshots of honest players, sampled once a tick and player.
    pub(super) age: Hist,
    /// Ticks that the server left out, as far as arrivals tell: what ages do not count.
    pub(super) ticks_slipped: u32,
    /// How late a slice of players had its turn, by the schedule.
    pub(super) late: Hist,
    /// From the moment that a join was due to the welcome, of the whole run.
    pub(super) joins: Hist,
}

impl Part {
    pub(super) fn add(&mut self, other: Part) {
        self.counts.add(&other.counts);
        self.refusal = self.refusal.take().or(other.refusal);
        self.stays.extend(other.stays);
        self.age.add(&other.age);
        // All of them see the same server.
        self.ticks_slipped = self.ticks_slipped.max(other.ticks_slipped);
        self.late.add(&other.late);
        self.joins.add(&other.joins);
    }
}

/// What a generator says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line {
    /// A second has passed.
    Beat(Beat),
    /// It has ended.
    Part(Part),
    /// It has failed.
    Failed(String),
}
