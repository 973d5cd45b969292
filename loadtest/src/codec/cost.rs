//! Processor time of the own thread: what work costs, whoever else uses the machine.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// A sum of processor time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost(Duration);

impl Cost {
    /// Does `work` and adds what it took.
    pub(super) fn of<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = now();
        let result = work();
        self.0 += now().saturating_sub(start);
        result
    }

    pub(super) fn ms(self) -> f64 {
        self.0.as_secs_f64() * 1e3
    }
}

fn now() -> Duration {
    let t = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(t.tv_sec as u64, t.tv_nsec as u32)
}
