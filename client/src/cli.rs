//! The command line: what can be asked for, and how it is said.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use gamera_protocol::ids::{City, Role, Side};
use gamera_protocol::message::Wish;

use crate::impair::Impair;

/// Play Gamera vs Legion in a terminal.
#[derive(Debug, Parser)]
#[command(name = "gamera-client", version, about, after_help = AFTER)]
pub struct Cli {
    /// What to do; without it: play.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to show it.
    #[command(flatten)]
    pub show: Show,
}

/// Seats of a battle that is hosted here, where nothing is said.
const SEATS: u16 = 16;

const AFTER: &str = "\
In the battle ? shows the keys. Exit codes: 0 left as asked or the server
stopped as its host asked, 2 bad usage, 3 could not connect or lost the link.

Examples:
  gamera-client play --side sdf            a quick battle against bots, as one of the SDF
  gamera-client join LINE                  the battle behind a join line that a host gave you
  gamera-client join 192.0.2.7 --seat jet  the same by address; the host's key is remembered
  gamera-client watch LINE                 watch, with a free camera
  gamera-client join LINE --impair 4g      the same over a bad line, made on purpose
  gamera-client play --narrate --for 60    a minute of it as plain lines";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Host a battle with bots in this process, and play it.
    Play(Play),
    /// Join the battle of a host.
    Join(Join),
    /// Watch the battle of a host.
    Watch(Watch),
}

/// How to show the battle.
#[derive(Clone, Debug, Args)]
pub struct Show {
    /// Plain lines instead of a screen; so it is too where standard output is no terminal.
    #[arg(long, global = true)]
    pub narrate: bool,
    /// Leave after this many seconds.
    #[arg(long = "for", value_name = "SECONDS", global = true, requires = "narrate")]
    pub seconds: Option<u64>,
    /// Characters of ASCII alone, for poor fonts.
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Where the own key and the keys of known hosts are kept.
    #[arg(long, value_name = "DIR", env = "GAMERA_CONFIG_DIR", global = true)]
    pub data_dir: Option<PathBuf>,
}

/// Which seat to ask for.
#[derive(Clone, Debug, Default, Args)]
pub struct Seat {
    /// Any seat of this side.
    #[arg(long, value_name = "SIDE", value_parser = side)]
    pub side: Option<Side>,
    /// A seat with this role: gamera, asagi, light-bearer, queen, brood-leader, commander,
    /// scientist, jet, tank, missiles, engineer.
    #[arg(long, value_name = "ROLE", value_parser = role)]
    pub seat: Option<Role>,
    /// What others call you.
    #[arg(long, value_name = "NAME", env = "GAMERA_NAME")]
    pub name: Option<String>,
}

/// `play`
#[derive(Clone, Debug, Args)]
pub struct Play {
    /// Which seat.
    #[command(flatten)]
    pub seat: Seat,
    /// The city that is fought over: sapporo, sendai or tokyo (where nothing is said).
    #[arg(long, value_name = "CITY", value_parser = city)]
    pub city: Option<City>,
    /// All three cities, 12 to 14 minutes, instead of one.
    #[arg(long, conflicts_with = "city")]
    pub campaign: bool,
    /// Seats in all; bots play the others.
    #[arg(long, value_name = "N", default_value_t = SEATS, value_parser = clap::value_parser!(u16).range(3..=2_048))]
    pub seats: u16,
    /// How well the bots play.
    #[arg(long, value_enum, default_value_t = Bots::Normal)]
    pub bots: Bots,
    /// Seeds the battle.
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,
}

/// How well bots play.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Bots {
    /// Slow and blurred.
    Easy,
    /// As they are measured.
    #[default]
    Normal,
    /// Quick and exact.
    Hard,
}

/// `join`
#[derive(Clone, Debug, Args)]
pub struct Join {
    /// The join line that the host printed, or HOST:PORT.
    #[arg(value_name = "LINE|HOST:PORT")]
    pub line: String,
    /// Which seat.
    #[command(flatten)]
    pub seat: Seat,
    /// The line to it.
    #[command(flatten)]
    pub impair: Impair,
}

/// `watch`
#[derive(Clone, Debug, Args)]
pub struct Watch {
    /// The join line that the host printed, or HOST:PORT.
    #[arg(value_name = "LINE|HOST:PORT")]
    pub line: String,
    /// What others call you.
    #[arg(long, value_name = "NAME", env = "GAMERA_NAME")]
    pub name: Option<String>,
    /// The line to it.
    #[command(flatten)]
    pub impair: Impair,
}

impl Default for Play {
    fn default() -> Play {
        Play { seat: Seat::default(), city: None, campaign: false, seats: SEATS, bots: Bots::Normal, seed: None }
    }
}

/// `--side` and `--seat` that no seat fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the seat of a {role} is on the side of {}, not of {side}; leave --side out", role.side())]
pub struct WrongSide {
    role: Role,
    side: Side,
}

impl Seat {
    /// The wish that the flags say.
    ///
    /// # Errors
    /// When the role is not of the side.
    pub fn wish(&self) -> Result<Wish, WrongSide> {
        match (self.seat, self.side) {
            (Some(role), Some(side)) if role.side() != side => Err(WrongSide { role, side }),
            (Some(role), _) => Ok(Wish::Role(role)),
            (None, Some(side)) => Ok(Wish::Side(side)),
            (None, None) => Ok(Wish::Any),
        }
    }
}

fn side(text: &str) -> Result<Side, String> {
    Side::from_label(text).ok_or_else(|| format!("no such side; one of {}", labels(Side::ALL)))
}

fn role(text: &str) -> Result<Role, String> {
    Role::from_label(text).ok_or_else(|| format!("no such role; one of {}", labels(Role::ALL)))
}

fn city(text: &str) -> Result<City, String> {
    City::from_label(text).ok_or_else(|| format!("no such city; one of {}", labels(City::ALL)))
}

fn labels(all: &[impl ToString]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("gamera-client").chain(line.split_whitespace()))
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn seats_are_wished_for_by_role_or_side() {
        for (line, wish) in [
            ("play", Ok(Wish::Any)),
            ("play --side legion", Ok(Wish::Side(Side::Legion))),
            ("play --seat light-bearer", Ok(Wish::Role(Role::LightBearer))),
            ("play --side legion --seat queen", Ok(Wish::Role(Role::Queen))),
            ("play --side sdf --seat queen", Err(WrongSide { role: Role::Queen, side: Side::Sdf })),
        ] {
            let Some(Command::Play(play)) = parse(line).unwrap().command else { panic!("{line}") };
            assert_eq!(play.seat.wish(), wish, "{line}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_what_would_be_right() {
        for (line, part) in [
            ("play --side godzilla", "gamera, legion, sdf"),
            ("play --seat pilot", "light-bearer"),
            ("play --city osaka", "sapporo, sendai, tokyo"),
            ("play --seats 2", "3..=2048"),
            ("join", "LINE|HOST:PORT"),
            ("play --for 10", "--narrate"),
            ("join LINE --impair dialup", "satellite"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.to_string().contains(part) && error.exit_code() == 2, "{line}: {error}");
        }
    }
}
