//! The command line of the server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{BotsSetting, ModeSetting, SceneSetting, TransportSetting};

/// Hosts Gamera vs Legion: a match with bots, and a line that others join with.
#[derive(Clone, Debug, Default, clap::Parser)]
#[command(
    name = "gamera-server",
    version,
    after_help = "Each setting can also come from the environment (GAMERA_SEATS=128) or the file given with --config \
                  (seats = 128). A flag wins over the environment, the environment over the file.\n\nExit codes: 0 as \
                  asked, 1 a check fell short, 2 bad usage or configuration, 3 could not bind."
)]
pub struct Cli {
    /// UDP address to listen on [default: port 27996 of every address]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Host name or address that the join line tells others [default: found out]
    #[arg(long, value_name = "HOST")]
    pub public_host: Option<String>,
    /// Length of a match [default: campaign]
    #[arg(long)]
    pub mode: Option<ModeSetting>,
    /// City of a quick match: sapporo, sendai or tokyo [default: sapporo]
    #[arg(long)]
    pub city: Option<String>,
    /// Seats of a match, 3 to 2048 [default: 16]
    #[arg(long, value_name = "N")]
    pub seats: Option<u16>,
    /// Seed of the first match [default: drawn]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Bots in empty seats [default: normal]
    #[arg(long)]
    pub bots: Option<BotsSetting>,
    /// Where a match starts [default: opening]
    #[arg(long)]
    pub scene: Option<SceneSetting>,
    /// Matches side by side, 1 to 64 [default: 1]
    #[arg(long, value_name = "N")]
    pub matches: Option<u16>,
    /// Directory of the server's key [default: ~/.local/share/gamera]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// TCP address for Prometheus metrics and /health [default: none]
    #[arg(long, value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
    /// Unix socket for the administrator, which this account alone can open [default: none]
    #[arg(long, value_name = "PATH")]
    pub admin: Option<PathBuf>,
    /// Seconds that players are warned before the server stops [default: 5]
    #[arg(long, value_name = "SECONDS")]
    pub drain_s: Option<u16>,
    /// Connections from one address, loopback exempt [default: 32]
    #[arg(long, value_name = "N")]
    pub per_address: Option<u32>,
    /// Connections in all [default: 4096]
    #[arg(long, value_name = "N")]
    pub connections: Option<u32>,
    /// Who drives QUIC: all links polled by one thread, or quinn's own tasks [default: polled]
    #[arg(long)]
    pub transport: Option<TransportSetting>,
    /// TOML file with settings
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// One line of JSON on stdout once ready
    #[arg(long)]
    pub json: bool,
    /// Print the settings in force as TOML, and stop
    #[arg(long)]
    pub print_config: bool,
    /// Check settings, key and address, and stop
    #[arg(long)]
    pub check: bool,
    /// Print every number of the balance with its meaning, and stop
    #[arg(long)]
    pub print_balance: bool,
}

impl Cli {
    /// The settings that were given as flags, by name.
    pub(super) fn given(&self) -> BTreeMap<&'static str, String> {
        let mut given = BTreeMap::new();
        let mut put = |name, value: Option<String>| value.map(|v| given.insert(name, v));
        put("listen", self.listen.map(|v| v.to_string()));
        put("public_host", self.public_host.clone());
        put("mode", self.mode.map(value_name));
        put("city", self.city.clone());
        put("seats", self.seats.map(|v| v.to_string()));
        put("seed", self.seed.map(|v| v.to_string()));
        put("bots", self.bots.map(value_name));
        put("scene", self.scene.map(value_name));
        put("matches", self.matches.map(|v| v.to_string()));
        put("data_dir", self.data_dir.as_ref().map(|v| v.to_string_lossy().into_owned()));
        put("metrics", self.metrics.map(|v| v.to_string()));
        put("admin", self.admin.as_ref().map(|v| v.to_string_lossy().into_owned()));
        put("drain_s", self.drain_s.map(|v| v.to_string()));
        put("per_address", self.per_address.map(|v| v.to_string()));
        put("connections", self.connections.map(|v| v.to_string()));
        put("transport", self.transport.map(value_name));
        given
    }
}

fn value_name<T: clap::ValueEnum>(value: T) -> String {
    value.to_possible_value().map(|v| v.get_name().to_owned()).unwrap_or_default()
}
