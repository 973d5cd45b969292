//! The server's own figures, read from its metrics page.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(2);

/// A server's figures at one moment.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Scrape {
    pub(super) at: Instant,
    pub(super) ticks: f64,
    pub(super) ticks_missed: f64,
    pub(super) tick_p50_ms: f64,
    pub(super) tick_p99_ms: f64,
    pub(super) replicate_p99_ms: f64,
    pub(super) lateness_p99_ms: f64,
    pub(super) soldiers: f64,
    pub(super) cpu_s: f64,
    pub(super) rss_bytes: f64,
}

/// Reads the metrics page at `address`; `None` where there is none.
pub(super) fn scrape(address: &str) -> Option<Scrape> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.write_all(format!("GET /metrics HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes()).ok()?;
    let mut page = String::new();
    stream.read_to_string(&mut page).ok()?;
    Some(read(&page, Instant::now()))
}

fn read(page: &str, at: Instant) -> Scrape {
    let sum = |name: &str| values(page, name, None).sum();
    let worst = |name: &str, quantile: &str| values(page, name, Some(quantile)).fold(0.0, f64::max);
    Scrape {
        at,
        ticks: sum("gamera_ticks_total"),
        ticks_missed: sum("gamera_ticks_missed_total"),
        tick_p50_ms: worst("gamera_tick_ms", "0.5"),
        tick_p99_ms: worst("gamera_tick_ms", "0.99"),
        replicate_p99_ms: worst("gamera_replicate_ms", "0.99"),
        lateness_p99_ms: worst("gamera_lateness_ms", "0.99"),
        soldiers: sum("gamera_soldiers"),
        cpu_s: sum("gamera_process_cpu_seconds"),
        rss_bytes: sum("gamera_process_rss_bytes"),
    }
}

/// The values of `name` in all rooms, those of one quantile where it is given.
fn values<'a>(page: &'a str, name: &'a str, quantile: Option<&'a str>) -> impl Iterator<Item = f64> + 'a {
    let wanted = quantile.map(|q| format!("quantile=\"{q}\""));
    page.lines().filter_map(move |line| {
        let (key, value) = line.rsplit_once(' ')?;
        let (found, labels) = key.split_once('{').unwrap_or((key, ""));
        let fits = found == name && wanted.as_ref().is_none_or(|w| labels.contains(w.as_str()));
        fits.then(|| value.parse().ok()).flatten().filter(|v: &f64| v.is_finite())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_summed_and_the_worst_quantile_counts() {
        let page = "# TYPE gamera_tick_ms summary\n\
                    gamera_tick_ms{room=\"1\",quantile=\"0.5\"} 0.2\n\
                    gamera_tick_ms{room=\"1\",quantile=\"0.99\"} 1.5\n\
                    gamera_tick_ms{room=\"2\",quantile=\"0.99\"} 2.5\n\
                    gamera_tick_ms_sum{room=\"1\"} 99\n\
                    gamera_ticks_total{room=\"1\"} 10\n\
                    gamera_ticks_total{room=\"2\"} 20\n\
                    gamera_process_rss_bytes 4096\n\
                    gamera_lateness_ms{room=\"1\",quantile=\"0.99\"} NaN\n";
        let s = read(page, Instant::now());
        assert_eq!((s.ticks, s.tick_p50_ms, s.tick_p99_ms, s.rss_bytes), (30.0, 0.2, 2.5, 4_096.0));
        assert_eq!((s.lateness_p99_ms, s.soldiers), (0.0, 0.0));
    }
}
