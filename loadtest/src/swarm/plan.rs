//! What a swarm does, as it is handed to each thread and process of players.

use std::fmt::Display;
use std::str::FromStr;

use gamera_link::conditioner::Impairment;
use gamera_protocol::join::JoinLine;
use gamera_server::bots::Level;
use gamera_server::config::TransportSetting;
use serde::{Deserialize, Serialize};

use super::cast::{Cast, LineShare};
use super::schedule::Schedule;

/// The plan of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    #[serde(with = "as_text")]
    pub(super) line: JoinLine,
    /// What the players' lines do, each on its own.
    pub(super) impairment: Impairment,
    /// The lines that shares of them have instead.
    pub(super) lines: Vec<LineShare>,
    pub(super) schedule: Schedule,
    /// Players that come at once, on top of the schedule's, once the measured stretch has begun.
    pub(super) storm: usize,
    pub(super) cast: Cast,
    /// Of the players present so many percent leave in a minute of the measured stretch.
    pub(super) churn_pct_min: f64,
    #[serde(with = "as_label")]
    pub(super) level: Level,
    pub(super) transport: TransportSetting,
    /// Threads in each process.
    pub(super) threads: usize,
    pub(super) processes: usize,
}

impl Plan {
    /// Threads of players in all.
    pub(super) fn generators(&self) -> usize {
        self.threads * self.processes
    }

    /// The most players that there are at a time.
    pub(super) fn most(&self) -> usize {
        self.schedule.most() + self.storm
    }
}

mod as_text {
    use super::{Deserialize, Display, FromStr};

    pub(super) fn serialize<S: serde::Serializer>(value: &impl Display, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: serde::Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

mod as_label {
    use super::Level;

    pub(super) fn serialize<S: serde::Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(level.label())
    }

    pub(super) use super::as_text::deserialize;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_the_same_in_another_process() {
        let plan = Plan {
            line: "gamera://127.0.0.1:2799".parse().unwrap(),
            impairment: Impairment::NONE,
            lines: vec!["4g:30".parse().unwrap()],
            schedule: Schedule::ramp(200, 5.0),
            storm: 20,
            cast: Cast { idle_pct: 10.0, hostile_pct: 5.0 },
            churn_pct_min: 2.5,
            level: Level::Hard,
            transport: TransportSetting::Polled,
            threads: 2,
            processes: 3,
        };
        let text = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{plan:?}"));
        assert_eq!((read.generators(), read.most()), (6, 220));
    }
}
