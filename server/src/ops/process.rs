//! What the process costs: processor time and memory, from `/proc` where there is one.

use metrics::gauge;

/// Ticks a second in which Linux tells processor time.
const USER_HZ: f64 = 100.0;

/// What the process has cost so far.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Cost {
    /// Processor time, seconds.
    pub cpu_s: f64,
    /// Memory held, bytes.
    pub rss_bytes: u64,
}

/// Reads the cost now; `None` where there is no `/proc`.
#[must_use]
pub fn cost() -> Option<Cost> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    Some(Cost { cpu_s: cpu_s(&stat)?, rss_bytes: rss_bytes(&status)? })
}

/// Puts the cost now into the figures.
pub fn publish() {
    if let Some(cost) = cost() {
        gauge!("gamera_process_cpu_seconds").set(cost.cpu_s);
        gauge!("gamera_process_rss_bytes").set(cost.rss_bytes as f64);
    }
}

/// User and system time: fields 14 and 15, counted behind the name, which may hold blanks.
fn cpu_s(stat: &str) -> Option<f64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some((user + system) as f64 / USER_HZ)
}

fn rss_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kb| kb * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_and_memory_are_read_from_their_lines() {
        let stat = "17 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20";
        assert_eq!(cpu_s(stat), Some(3.0));
        assert_eq!(rss_bytes("VmPeak: 9 kB\nVmRSS:\t  123 kB\n"), Some(125_952));
        assert_eq!((cpu_s("nonsense"), rss_bytes("nonsense")), (None, None));
    }
}
