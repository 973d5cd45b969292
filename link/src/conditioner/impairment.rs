//! What a bad line does to datagrams: as numbers, as named profiles, as words on a command line.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What happens to datagrams on their way, each way alike. [`Impairment::NONE`] does nothing.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Impairment {
    /// What the way there and back takes longer; each way takes half.
    pub latency: Duration,
    /// Each way takes up to this much longer still, drawn evenly for each datagram. Order is kept.
    pub jitter: Duration,
    /// Datagrams that are lost each way, percent.
    pub loss_pct: f64,
    /// Datagrams that are lost in a row, on average: 1 is loss spread evenly, more is loss in bursts.
    pub burst: f64,
    /// Datagrams that those behind them overtake, percent.
    pub reorder_pct: f64,
    /// Datagrams that come twice, percent.
    pub duplicate_pct: f64,
    /// What the line carries each way, bits a second with UDP's and IP's headers; `None` is no limit.
    pub rate_bits_s: Option<u32>,
    /// A stretch of time in which nothing passes.
    pub cut: Option<Cut>,
}

/// A stretch of time in which nothing passes, counted from when the line was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cut {
    /// It begins then.
    pub at: Duration,
    /// It lasts this long.
    pub lasts: Duration,
}

/// What is wrong with a number.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
pub enum ImpairmentError {
    /// A share that is none.
    #[error("{name} {value}: give a share from 0 to 100")]
    Share {
        /// Of what.
        name: &'static str,
        /// What was given.
        value: f64,
    },
    /// A time that is too long to be one.
    #[error("{name}: give at most {} s", LONGEST.as_secs())]
    TooLong {
        /// Which.
        name: &'static str,
    },
    /// A burst of less than one datagram.
    #[error("a burst of {0}: give the mean number of datagrams lost in a row, 1 or more")]
    Burst(f64),
    /// A line that carries less than a datagram a second.
    #[error("a rate of {0} bits a second: give at least {RATE_MIN}")]
    Rate(u32),
}

/// No way takes longer.
const LONGEST: Duration = Duration::from_secs(60);
/// A line that is slower does not carry a handshake in time.
const RATE_MIN: u32 = 16_000;

impl Impairment {
    /// A line that does nothing to what passes.
    pub const NONE: Impairment = Impairment {
        latency: Duration::ZERO,
        jitter: Duration::ZERO,
        loss_pct: 0.0,
        burst: 1.0,
        reorder_pct: 0.0,
        duplicate_pct: 0.0,
        rate_bits_s: None,
        cut: None,
    };

    /// True where nothing happens to what passes.
    #[must_use]
    pub fn is_none(&self) -> bool {
        Impairment { burst: 1.0, ..*self } == Impairment::NONE
    }

    /// The same, where every number is one that a line can have.
    ///
    /// # Errors
    /// Names the first number that is none.
    pub fn checked(self) -> Result<Impairment, ImpairmentError> {
        let shares =
            [("a loss of", self.loss_pct), ("a reorder of", self.reorder_pct), ("a duplicate of", self.duplicate_pct)];
        if let Some((name, value)) = shares.into_iter().find(|(_, value)| !(0.0..=100.0).contains(value)) {
            return Err(ImpairmentError::Share { name, value });
        }
        let times = [("the latency", self.latency), ("the jitter", self.jitter)];
        if let Some((name, _)) = times.into_iter().find(|(_, time)| *time > LONGEST) {
            return Err(ImpairmentError::TooLong { name });
        }
        if !(1.0..=1_000.0).contains(&self.burst) {
            return Err(ImpairmentError::Burst(self.burst));
        }
        match self.rate_bits_s {
            Some(rate) if rate < RATE_MIN => Err(ImpairmentError::Rate(rate)),
            _ => Ok(self),
        }
    }
}

impl Default for Impairment {
    fn default() -> Impairment {
        Impairment::NONE
    }
}

/// A line that has a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    /// What it is called on a command line.
    pub name: &'static str,
    /// What it stands for, for a person.
    pub about: &'static str,
    numbers: Numbers,
}

/// Latency and jitter in milliseconds, shares in thousandths, the burst in datagrams, the rate in kbit/s.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Numbers {
    latency_ms: u32,
    jitter_ms: u32,
    loss_permille: u16,
    burst: u8,
    reorder_permille: u16,
    duplicate_permille: u16,
    rate_kbit_s: Option<u32>,
}

const fn numbers(
    (latency_ms, jitter_ms): (u32, u32),
    (loss_permille, burst): (u16, u8),
    (reorder_permille, duplicate_permille): (u16, u16),
    rate_kbit_s: Option<u32>,
) -> Numbers {
    Numbers { latency_ms, jitter_ms, loss_permille, burst, reorder_permille, duplicate_permille, rate_kbit_s }
}

/// The lines that have names. The numbers are orders of magnitude of what such lines do on an ordinary
/// day, but for `awful`, which is the worst that is still to be played on.
pub const PROFILES: [Profile; 5] = [
    Profile { name: "clean", about: "nothing happens to what passes", numbers: numbers((0, 0), (0, 1), (0, 0), None) },
    Profile {
        name: "wifi",
        about: "a radio at home, two walls away",
        numbers: numbers((30, 15), (10, 3), (5, 0), Some(20_000)),
    },
    Profile { name: "4g", about: "a telephone on the move", numbers: numbers((80, 30), (15, 4), (5, 1), Some(8_000)) },
    Profile {
        name: "satellite",
        about: "by way of a geostationary satellite",
        numbers: numbers((600, 20), (10, 2), (0, 0), Some(5_000)),
    },
    Profile {
        name: "awful",
        about: "the worst that is still to be played on",
        numbers: numbers((200, 40), (200, 2), (50, 20), Some(1_000)),
    },
];

/// A name that no line has.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no such line; one of {}", PROFILES.map(|p| p.name).join(", "))]
pub struct NoSuchProfile;

impl Profile {
    /// What it does.
    #[must_use]
    pub fn impairment(&self) -> Impairment {
        let Numbers { latency_ms, jitter_ms, loss_permille, burst, reorder_permille, duplicate_permille, rate_kbit_s } =
            self.numbers;
        Impairment {
            latency: Duration::from_millis(latency_ms.into()),
            jitter: Duration::from_millis(jitter_ms.into()),
            loss_pct: f64::from(loss_permille) / 10.0,
            burst: f64::from(burst),
            reorder_pct: f64::from(reorder_permille) / 10.0,
            duplicate_pct: f64::from(duplicate_permille) / 10.0,
            rate_bits_s: rate_kbit_s.map(|kbit| kbit * 1_000),
            cut: None,
        }
    }
}

impl FromStr for Profile {
    type Err = NoSuchProfile;

    fn from_str(text: &str) -> Result<Profile, NoSuchProfile> {
        PROFILES.into_iter().find(|profile| profile.name == text).ok_or(NoSuchProfile)
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

/// A text that is no cut.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("give it as AT:FOR in seconds, as in 10:3")]
pub struct NotACut;

impl FromStr for Cut {
    type Err = NotACut;

    /// `10:3`: ten seconds after the beginning, for three.
    fn from_str(text: &str) -> Result<Cut, NotACut> {
        let seconds = |text: &str| {
            let value: f64 = text.parse().map_err(|_| NotACut)?;
            let fits = (0.0..=1e6).contains(&value);
            if fits { Ok(Duration::from_secs_f64(value)) } else { Err(NotACut) }
        };
        let (at, lasts) = text.split_once(':').ok_or(NotACut)?;
        Ok(Cut { at: seconds(at)?, lasts: seconds(lasts)? })
    }
}

impl Cut {
    /// True where nothing passes at `time`.
    #[must_use]
    pub fn covers(&self, time: Duration) -> bool {
        (self.at..self.at + self.lasts).contains(&time)
    }
}

/// Reads a rate in bits a second: `256000`, `256k` or `1M`.
///
/// # Errors
/// Says how to give it.
pub fn rate(text: &str) -> Result<u32, String> {
    let usage = || format!("give bits a second from {RATE_MIN} on, as in 256000, 256k or 1M");
    let (digits, times) = match text.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1_000),
        None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, 1_000_000)),
    };
    let number: u32 = digits.parse().map_err(|_| usage())?;
    number.checked_mul(times).filter(|rate| *rate >= RATE_MIN).ok_or_else(usage)
}
