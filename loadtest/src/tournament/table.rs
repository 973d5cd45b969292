//! A tournament's figures as a table for people.

use super::bands::BandVerdict;
use super::figures::Figures;
use super::ledger::Ledger;

/// The table, line by line.
pub(super) fn lines(f: &Figures) -> Vec<String> {
    let mut out =
        vec![format!("{} {} matches of {} seats, seed {}", f.matches, f.mode, f.seats, f.seed), String::new()];
    let rates = [
        ("Legion wins the war", f.legion_win),
        ("Gamera wins the war", f.gamera_win),
        ("SDF wins", f.sdf_win),
        ("  where Gamera wins", f.sdf_win_given_gamera),
        ("  where the Legion wins", f.sdf_win_given_legion),
        ("seed launched in Sapporo", f.launches.sapporo),
        ("  in Sendai", f.launches.sendai),
        ("  in Tokyo", f.launches.tokyo),
        ("ended before Tokyo", f.ended_before_tokyo),
        ("Gamera knocked out", f.gamera_ko),
        ("trailing at 7:00 and winning", f.comeback),
    ];
    out.extend(rates.iter().map(|(name, rate)| format!("{name:<30} {rate}")));
    let lengths = [f.length_p5_s, f.length_p50_s, f.length_p95_s].map(clock);
    out.push(format!("{:<30} p5 {}, p50 {}, p95 {}", "length", lengths[0], lengths[1], lengths[2]));
    out.extend(
        f.endings
            .iter()
            .filter(|e| e.share.rate > 0.0)
            .map(|e| format!("  {:<28} {} at {} (median)", e.cause, e.share, clock(e.length_p50_s))),
    );
    out.push(format!("{:<30} {:.2}", "lead changes, mean", f.lead_changes_mean));
    out.push(format!("{:<30} {:+.0} (Gamera's less the Legion's)", "score margin, mean", f.score_margin_mean));
    out.push(format!("{:<30} {:.2}", "matches a second a core", f.matches_s_core));
    out.push(format!("{:<30} {}", "hash", f.hash));
    if !f.bands.is_empty() {
        out.push(String::new());
        out.extend(f.bands.iter().map(band_line));
    }
    out.extend(f.ledger.iter().flat_map(Ledger::lines));
    out
}

/// Seconds as minutes and seconds.
pub(super) fn clock(s: f64) -> String {
    format!("{}:{:02}", s as u32 / 60, s as u32 % 60)
}

fn band_line(band: &BandVerdict) -> String {
    let mark = if band.ok { "ok   " } else { "SHORT" };
    let interval = band.interval.map_or(String::new(), |[low, high]| format!("  [{low:.1}, {high:.1}]"));
    format!("{mark} {:<34} {:>7.1} in {:.1} to {:.1}{interval}", band.name, band.value, band.low, band.high)
}
