//! The figures of a tournament, as they are reported.

use gamera_protocol::ids::Side;
use gamera_protocol::measure::TICK_HZ;
use gamera_protocol::view::{EndCause, Verdict};
use serde::Serialize;

use super::ModeArg;
use super::bands::{self, BandVerdict};
use super::ledger::Ledger;
use super::play::Record;
use crate::stats::{Rate, mean, percentile};

/// Seeds launched, by city.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Launches {
    pub(super) sapporo: Rate,
    pub(super) sendai: Rate,
    pub(super) tokyo: Rate,
}

/// How the matches that ended in one way did.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Ending {
    pub(super) cause: &'static str,
    pub(super) share: Rate,
    /// The middle of their lengths; zero where there were none.
    pub(super) length_p50_s: f64,
}

/// What is reported of a tournament.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Figures {
    pub(super) matches: usize,
    pub(super) seed: u64,
    pub(super) seats: u16,
    pub(super) mode: &'static str,
    pub(super) legion_win: Rate,
    pub(super) gamera_win: Rate,
    pub(super) sdf_win: Rate,
    pub(super) sdf_win_given_gamera: Rate,
    pub(super) sdf_win_given_legion: Rate,
    /// Legion's wins among the matches of each quarter by length, the shortest first.
    pub(super) legion_win_by_length: Vec<Rate>,
    pub(super) endings: Vec<Ending>,
    pub(super) length_p5_s: f64,
    pub(super) length_p50_s: f64,
    pub(super) length_p95_s: f64,
    pub(super) launches: Launches,
    pub(super) ended_before_tokyo: Rate,
    pub(super) gamera_ko: Rate,
    /// The side that trails at seven minutes wins.
    pub(super) comeback: Rate,
    pub(super) lead_changes_mean: f64,
    /// Gamera's score less the Legion's.
    pub(super) score_margin_mean: f64,
    pub(super) sdf_score_mean: f64,
    pub(super) undecided: usize,
    pub(super) matches_s_core: f64,
    /// Two tournaments with the same hash were the same, tick by tick.
    pub(super) hash: String,
    pub(super) bands: Vec<BandVerdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ledger: Option<Ledger>,
}

impl Figures {
    /// The figures of matches in their order.
    pub(super) fn of(seed: u64, seats: u16, mode: ModeArg, records: &[Record]) -> Figures {
        let decided: Vec<(&Record, &Verdict)> =
            records.iter().filter_map(|r| r.verdict.as_ref().map(|v| (r, v))).collect();
        let war = |side| Rate::count(&decided, |(_, v)| Some(v.war == side));
        let sdf_given = |side| Rate::count(&decided, |(_, v)| (v.war == side).then_some(v.sdf));
        let launch = |city: usize| Rate::count(records, |r| Some(r.launches[city]));
        let mut lengths: Vec<f64> = decided.iter().map(|(_, v)| length_s(v)).collect();
        lengths.sort_by(f64::total_cmp);
        let spent: f64 = records.iter().map(|r| r.spent.as_secs_f64()).sum();
        let mut figures = Figures {
            matches: records.len(),
            seed,
            seats,
            mode: if mode == ModeArg::Campaign { "campaign" } else { "quick" },
            legion_win: war(Side::Legion),
            gamera_win: war(Side::Gamera),
            sdf_win: Rate::count(&decided, |(_, v)| Some(v.sdf)),
            sdf_win_given_gamera: sdf_given(Side::Gamera),
            sdf_win_given_legion: sdf_given(Side::Legion),
            legion_win_by_length: by_length(&decided),
            endings: ENDINGS.map(|ending| ending_of(&decided, ending)).into(),
            length_p5_s: percentile(&lengths, 5),
            length_p50_s: percentile(&lengths, 50),
            length_p95_s: percentile(&lengths, 95),
            launches: Launches { sapporo: launch(0), sendai: launch(1), tokyo: launch(2) },
            ended_before_tokyo: Rate::count(records, |r| Some(r.ended_early)),
            gamera_ko: Rate::count(records, |r| Some(r.gamera_ko)),
            comeback: Rate::count(&decided, |(r, v)| r.trailing.map(|side| v.war == side)),
            lead_changes_mean: mean(records.iter().map(|r| f64::from(r.lead_changes))),
            score_margin_mean: mean(decided.iter().map(|(_, v)| f64::from(v.scores[0]) - f64::from(v.scores[1]))),
            sdf_score_mean: mean(decided.iter().map(|(_, v)| f64::from(v.scores[2]))),
            undecided: records.len() - decided.len(),
            matches_s_core: records.len() as f64 / spent.max(f64::EPSILON),
            hash: format!("{:016x}", hash(records)),
            bands: Vec::new(),
            ledger: Ledger::of(records),
        };
        if mode == ModeArg::Campaign {
            figures.bands = bands::judge(&figures);
        }
        figures
    }
}

/// The ways a match of bots ends, each with its name.
const ENDINGS: [(EndCause, &str); 5] = [
    (EndCause::SeedsLaunched, "seeds launched"),
    (EndCause::CityHeld, "city held"),
    (EndCause::TimeWithFlower, "time, with a flower"),
    (EndCause::QueenDestroyed, "queen destroyed"),
    (EndCause::TimeWithoutFlower, "time, without a flower"),
];

fn ending_of(decided: &[(&Record, &Verdict)], (cause, name): (EndCause, &'static str)) -> Ending {
    let mut lengths: Vec<f64> = decided.iter().filter(|(_, v)| v.cause == cause).map(|(_, v)| length_s(v)).collect();
    lengths.sort_by(f64::total_cmp);
    let share = Rate::count(decided, |(_, v)| Some(v.cause == cause));
    Ending { cause: name, share, length_p50_s: percentile(&lengths, 50) }
}

fn length_s(verdict: &Verdict) -> f64 {
    f64::from(verdict.at.0) / f64::from(TICK_HZ)
}

fn by_length(decided: &[(&Record, &Verdict)]) -> Vec<Rate> {
    let mut sorted = decided.to_vec();
    sorted.sort_by_key(|(r, v)| (v.at, r.index));
    let quarter = sorted.len().div_ceil(4).max(1);
    sorted.chunks(quarter).map(|part| Rate::count(part, |(_, v)| Some(v.war == Side::Legion))).collect()
}

/// The matches' state hashes, chained in their order (FNV-1a, 64 bit).
fn hash(records: &[Record]) -> u64 {
    let bytes = records.iter().flat_map(|r| r.hash.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}
