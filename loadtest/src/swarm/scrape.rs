//! The server's own figures, read from its metrics page. Durations come as counts in buckets, so the
//! difference of two looks tells of just the time between them.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(2);

/// A server's figures at one moment, all rooms together.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Scrape {
    pub(super) at: Instant,
    pub(super) ticks: f64,
    pub(super) ticks_missed: f64,
    pub(super) tick_ms: Durations,
    pub(super) replicate_ms: Durations,
    pub(super) lateness_ms: Durations,
    pub(super) soldiers: f64,
    pub(super) cpu_s: f64,
    pub(super) rss_bytes: f64,
    /// The furthest step of overload among the rooms.
    pub(super) overload_step: f64,
    /// What clients sent and should not have.
    pub(super) bad_input: f64,
}

/// How many durations fell below each bound, since the server began or in a stretch of its time.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Durations {
    /// Upper bounds in milliseconds, rising, each with the count of all that are no longer.
    below: Vec<(f64, f64)>,
}

impl Durations {
    fn read(page: &str, name: &str) -> Durations {
        let mut below: Vec<(f64, f64)> = Vec::new();
        for (labels, count) in samples(page, &format!("{name}_bucket")) {
            let Some(bound) = label(labels, "le").and_then(|le| le.parse().ok()) else { continue };
            match below.iter_mut().find(|(b, _)| *b == bound) {
                Some((_, sum)) => *sum += count,
                None => below.push((bound, count)),
            }
        }
        below.sort_by(|a, b| a.0.total_cmp(&b.0));
        Durations { below }
    }

    /// Those that came after `earlier`.
    pub(super) fn since(&self, earlier: &Durations) -> Durations {
        let had = |bound: f64| earlier.below.iter().find(|(b, _)| *b == bound).map_or(0.0, |(_, count)| *count);
        Durations { below: self.below.iter().map(|(bound, count)| (*bound, count - had(*bound))).collect() }
    }

    /// The duration that a share of 0..=1 does not exceed, milliseconds: in its bucket by the straight line,
    /// and the bound of the last where it lies beyond. `None` of none.
    pub(super) fn quantile_ms(&self, share: f64) -> Option<f64> {
        let all = self.below.last().map(|(_, count)| *count).filter(|count| *count > 0.0)?;
        let rank = share * all;
        let at = self.below.iter().position(|(_, count)| *count >= rank && *count > 0.0)?;
        let (bound, count) = self.below[at];
        let (lower, before) = at.checked_sub(1).map_or((0.0, 0.0), |previous| self.below[previous]);
        if bound.is_infinite() {
            return Some(lower);
        }
        Some(lower + (bound - lower) * (rank - before).max(0.0) / (count - before).max(1.0))
    }
}

/// Reads the metrics page at `address`; `None` where there is none.
pub(super) fn scrape(address: &str) -> Option<Scrape> {
    page(address).map(|page| read(&page, Instant::now()))
}

/// The text of the metrics page at `address`.
fn page(address: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(format!("GET /metrics HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).ok()?;
    let mut page = String::new();
    stream.read_to_string(&mut page).ok()?;
    Some(page)
}

fn read(page: &str, at: Instant) -> Scrape {
    let sum = |name: &str| samples(page, name).map(|(_, value)| value).sum();
    let most = |name: &str| samples(page, name).map(|(_, value)| value).fold(0.0, f64::max);
    Scrape {
        at,
        ticks: sum("gamera_ticks_total"),
        ticks_missed: sum("gamera_ticks_missed_total"),
        tick_ms: Durations::read(page, "gamera_tick_ms"),
        replicate_ms: Durations::read(page, "gamera_replicate_ms"),
        lateness_ms: Durations::read(page, "gamera_lateness_ms"),
        soldiers: sum("gamera_soldiers"),
        cpu_s: sum("gamera_process_cpu_seconds"),
        rss_bytes: sum("gamera_process_rss_bytes"),
        overload_step: most("gamera_overload_step"),
        bad_input: sum("gamera_bad_input_total"),
    }
}

/// The samples of `name`: labels and value, those that are no number left out.
fn samples<'a>(page: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, f64)> + 'a {
    page.lines().filter_map(move |line| {
        let (key, value) = line.rsplit_once(' ')?;
        let (found, labels) = key.split_once('{').unwrap_or((key, ""));
        let value = value.parse().ok().filter(|v: &f64| v.is_finite())?;
        (found == name).then_some((labels, value))
    })
}

/// The value of one label.
fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    let found = labels.split(',').find_map(|label| label.strip_prefix(name)?.strip_prefix("=\""))?;
    found.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# TYPE gamera_tick_ms histogram\n\
        gamera_tick_ms_bucket{room=\"1\",le=\"1\"} 10\n\
        gamera_tick_ms_bucket{room=\"1\",le=\"2\"} 20\n\
        gamera_tick_ms_bucket{room=\"1\",le=\"+Inf\"} 20\n\
        gamera_tick_ms_bucket{room=\"2\",le=\"1\"} 70\n\
        gamera_tick_ms_bucket{room=\"2\",le=\"2\"} 79\n\
        gamera_tick_ms_bucket{room=\"2\",le=\"+Inf\"} 80\n\
        gamera_tick_ms_sum{room=\"1\"} 99\n\
        gamera_ticks_total{room=\"1\"} 10\n\
        gamera_ticks_total{room=\"2\"} 20\n\
        gamera_overload_step{room=\"1\"} 2\n\
        gamera_overload_step{room=\"2\"} 1\n\
        gamera_soldiers{room=\"1\"} NaN\n\
        gamera_process_rss_bytes 4096\n";

    #[test]
    fn rooms_are_summed_and_the_furthest_overload_counts() {
        let s = read(PAGE, Instant::now());
        assert_eq!((s.ticks, s.rss_bytes, s.overload_step, s.soldiers), (30.0, 4_096.0, 2.0, 0.0));
        assert_eq!(s.tick_ms.below, vec![(1.0, 80.0), (2.0, 99.0), (f64::INFINITY, 100.0)]);
        assert_eq!(s.lateness_ms.quantile_ms(0.5), None, "nothing was said of it");
    }

    #[test]
    fn quantiles_are_of_the_stretch_between_two_looks() {
        let whole = read(PAGE, Instant::now()).tick_ms;
        for (share, ms) in [(0.4, 0.5), (0.8, 1.0), (0.99, 2.0), (1.0, 2.0)] {
            assert_eq!(whole.quantile_ms(share), Some(ms), "{share}");
        }
        let early = Durations { below: vec![(1.0, 80.0), (2.0, 89.0), (f64::INFINITY, 90.0)] };
        let later = whole.since(&early);
        assert_eq!((later.quantile_ms(0.0), later.quantile_ms(0.5)), (Some(1.0), Some(1.5)), "all ten took 1 to 2 ms");
        assert_eq!(whole.since(&whole).quantile_ms(0.5), None);
    }
}
