//! The bands that a balanced campaign lies in, and whether these figures do.

use serde::Serialize;

use super::figures::Figures;
use crate::stats::Rate;

/// Whether one figure lies in its band.
#[derive(Clone, Debug, Serialize)]
pub(super) struct BandVerdict {
    /// Which figure.
    pub(super) name: &'static str,
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// The 95 % interval of the figure where it is a share, in the band's unit.
    pub(super) interval: Option<[f64; 2]>,
    pub(super) ok: bool,
}

/// A figure: a share with its interval, or a plain number.
enum Figure {
    Share(Rate),
    Number(f64),
}

use Figure::{Number, Share};

/// One band: percent for shares, else the figure's own unit.
struct Band {
    name: &'static str,
    low: f64,
    high: f64,
    figure: fn(&Figures) -> Figure,
}

#[rustfmt::skip]
const BANDS: &[Band] = &[
    Band { name: "Legion wins, %",                 low: 45.0,  high: 55.0,  figure: |f| Share(f.legion_win) },
    Band { name: "SDF wins, %",                    low: 45.0,  high: 55.0,  figure: |f| Share(f.sdf_win) },
    Band { name: "SDF wins where Gamera does, %",  low: 60.0,  high: 90.0,  figure: |f| Share(f.sdf_win_given_gamera) },
    Band { name: "SDF wins where Legion does, %",  low: 10.0,  high: 40.0,  figure: |f| Share(f.sdf_win_given_legion) },
    Band { name: "length p5, s",                   low: 480.0, high: 930.0, figure: |f| Number(f.length_p5_s) },
    Band { name: "length p50, s",                  low: 720.0, high: 840.0, figure: |f| Number(f.length_p50_s) },
    Band { name: "length p95, s",                  low: 0.0,   high: 930.0, figure: |f| Number(f.length_p95_s) },
    Band { name: "launches in Sapporo, %",         low: 5.0,   high: 15.0,  figure: |f| Share(f.launches.sapporo) },
    Band { name: "launches in Sendai, %",          low: 35.0,  high: 50.0,  figure: |f| Share(f.launches.sendai) },
    Band { name: "launches in Tokyo, %",           low: 35.0,  high: 55.0,  figure: |f| Share(f.launches.tokyo) },
    Band { name: "ended before Tokyo, %",          low: 0.0,   high: 8.0,   figure: |f| Share(f.ended_before_tokyo) },
    Band { name: "Gamera knocked out, %",          low: 60.0,  high: 80.0,  figure: |f| Share(f.gamera_ko) },
    Band { name: "trailing at 7:00 and winning, %", low: 25.0, high: 40.0,  figure: |f| Share(f.comeback) },
    Band { name: "lead changes, mean",             low: 1.5,   high: 99.0,  figure: |f| Number(f.lead_changes_mean) },
    Band { name: "Legion, shortest quarter, %",    low: 35.0,  high: 65.0,  figure: |f| quarter(f, 0) },
    Band { name: "Legion, second quarter, %",      low: 35.0,  high: 65.0,  figure: |f| quarter(f, 1) },
    Band { name: "Legion, third quarter, %",       low: 35.0,  high: 65.0,  figure: |f| quarter(f, 2) },
    Band { name: "Legion, longest quarter, %",     low: 35.0,  high: 65.0,  figure: |f| quarter(f, 3) },
];

fn quarter(figures: &Figures, index: usize) -> Figure {
    Share(figures.legion_win_by_length.get(index).copied().unwrap_or(Rate::of(0, 0)))
}

/// Each band with its verdict.
pub(super) fn judge(figures: &Figures) -> Vec<BandVerdict> {
    BANDS
        .iter()
        .map(|band| {
            let (value, interval) = match (band.figure)(figures) {
                Share(r) => (r.rate * 100.0, Some([r.low * 100.0, r.high * 100.0])),
                Number(v) => (v, None),
            };
            let ok = (band.low..=band.high).contains(&value);
            BandVerdict { name: band.name, value, low: band.low, high: band.high, interval, ok }
        })
        .collect()
}
