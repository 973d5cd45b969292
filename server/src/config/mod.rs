//! The settings of a server: the same names as flags, environment (`GAMERA_SEATS`) and TOML file,
//! in this order of precedence, over defaults that just work.

mod cli;
mod layers;

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use gamera_protocol::balance::Balance;
use gamera_protocol::ids::City;
use gamera_protocol::join::DEFAULT_PORT;
use gamera_protocol::roster::{SEATS_MAX, SEATS_MIN};
use serde::{Deserialize, Serialize};

pub use cli::Cli;
pub use layers::{ConfigError, load};

use crate::sim::{MatchConfig, Mode, Scene};

/// How long a match is, as a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ModeSetting {
    /// Three cities, 12 to 14 minutes.
    Campaign,
    /// One city, 4 to 6 minutes.
    Quick,
}

/// How good the bots are, or none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum BotsSetting {
    /// Slow and clumsy.
    Easy,
    /// As most people play.
    Normal,
    /// Quick and exact.
    Hard,
    /// Empty seats do nothing.
    Off,
}

/// Where a match starts, as a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum SceneSetting {
    /// At its beginning.
    Opening,
    /// In the thick of it, and it stays there.
    Clash,
}

/// Who drives QUIC, as a setting.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TransportSetting {
    /// One thread that looks after all links every two milliseconds: half the cost.
    Polled,
    /// Quinn's own tasks on the tokio runtime.
    Quinn,
}

impl TransportSetting {
    /// The name on a command line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            TransportSetting::Polled => "polled",
            TransportSetting::Quinn => "quinn",
        }
    }
}

/// Everything that a host can choose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The UDP address to listen on.
    pub listen: SocketAddr,
    /// The host name or address in the join line; found out when not given.
    pub public_host: Option<String>,
    /// Campaign or quick.
    pub mode: ModeSetting,
    /// The city of a quick match.
    pub city: City,
    /// Seats of each match.
    pub seats: u16,
    /// The seed of the first match; drawn when not given. Each next match has the next seed.
    pub seed: Option<u64>,
    /// The bots in empty seats.
    pub bots: BotsSetting,
    /// Where matches start.
    pub scene: SceneSetting,
    /// Matches that run side by side.
    pub matches: u16,
    /// Where the server keeps its key.
    pub data_dir: PathBuf,
    /// The TCP address of the metrics, if any.
    pub metrics: Option<SocketAddr>,
    /// The Unix socket of the administrator, if any.
    pub admin: Option<PathBuf>,
    /// Seconds that players are warned before the server stops.
    pub drain_s: u16,
    /// Connections from one address, loopback exempt.
    pub per_address: u32,
    /// Connections in all.
    pub connections: u32,
    /// Who drives QUIC.
    pub transport: TransportSetting,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            listen: SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), DEFAULT_PORT),
            public_host: None,
            mode: ModeSetting::Campaign,
            city: City::Sapporo,
            seats: 16,
            seed: None,
            bots: BotsSetting::Normal,
            scene: SceneSetting::Opening,
            matches: 1,
            data_dir: default_data_dir(),
            metrics: None,
            admin: None,
            drain_s: 5,
            per_address: 32,
            connections: 4_096,
            transport: TransportSetting::Polled,
        }
    }
}

/// `$XDG_DATA_HOME/gamera`, `~/.local/share/gamera`, or `./gamera-data` where there is no home.
fn default_data_dir() -> PathBuf {
    let of = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    of("XDG_DATA_HOME")
        .or_else(|| of("HOME").map(|home| home.join(".local/share")))
        .map_or_else(|| PathBuf::from("gamera-data"), |base| base.join("gamera"))
}

/// A setting whose value cannot be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SettingError {
    /// Too few or too many seats.
    #[error("--seats {0}: a match has {SEATS_MIN} to {SEATS_MAX} seats")]
    Seats(u16),
    /// No match, or more than a process hosts.
    #[error("--matches {0}: a server hosts 1 to 64 matches")]
    Matches(u16),
    /// No connections.
    #[error("--connections and --per-address must be at least 1")]
    Connections,
    /// The host cannot stand in a join line.
    #[error("--public-host {0:?}: give a host name or an address without a port")]
    PublicHost(String),
}

impl Settings {
    /// Checks what the types leave open.
    ///
    /// # Errors
    /// When a value lies out of its range.
    pub fn check(&self) -> Result<(), SettingError> {
        if !(SEATS_MIN..=SEATS_MAX).contains(&self.seats) {
            return Err(SettingError::Seats(self.seats));
        }
        if !(1..=64).contains(&self.matches) {
            return Err(SettingError::Matches(self.matches));
        }
        if self.connections == 0 || self.per_address == 0 {
            return Err(SettingError::Connections);
        }
        match &self.public_host {
            Some(host) if host.is_empty() || host.contains(|c: char| c.is_whitespace() || "/#[]".contains(c)) => {
                Err(SettingError::PublicHost(host.clone()))
            }
            _ => Ok(()),
        }
    }

    /// The settings as a file that [`load`] reads back: JSON's numbers, texts and truth values are
    /// TOML's too, and no setting is anything else.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let serde_json::Value::Object(fields) = serde_json::json!(self) else {
            unreachable!("settings are a table");
        };
        let line = |(name, value): (&String, &serde_json::Value)| match value {
            serde_json::Value::Null => format!("# {name} = (not set)\n"),
            value => format!("{name} = {value}\n"),
        };
        fields.iter().map(line).collect()
    }

    /// The match that these settings ask for, with `seed`.
    #[must_use]
    pub fn match_config(&self, seed: u64) -> MatchConfig {
        MatchConfig {
            mode: match self.mode {
                ModeSetting::Campaign => Mode::Campaign,
                ModeSetting::Quick => Mode::Quick { city: self.city },
            },
            scene: match self.scene {
                SceneSetting::Opening => Scene::Opening,
                SceneSetting::Clash => Scene::Clash,
            },
            seats: self.seats,
            seed,
            balance: Balance::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        type Change = fn(&mut Settings);
        let cases: [(&str, Change); 6] = [
            ("--seats 2", |s| s.seats = 2),
            ("--seats 5000", |s| s.seats = 5_000),
            ("--matches 0", |s| s.matches = 0),
            ("--per-address", |s| s.per_address = 0),
            ("--connections", |s| s.connections = 0),
            ("--public-host", |s| s.public_host = Some("a b".into())),
        ];
        for (part, change) in cases {
            let mut settings = Settings::default();
            change(&mut settings);
            assert!(settings.check().unwrap_err().to_string().contains(part), "{part}");
        }
        assert_eq!(Settings::default().check(), Ok(()));
    }
}
