//! The flags that make a line bad on purpose, the same for all programs: a line with a name, and its
//! numbers one by one.

use std::time::Duration;

use clap::Args;
use gamera_link::conditioner::{Cut, Impairment, ImpairmentError, Profile, rate};

/// A bad line.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "A bad line, made on purpose")]
pub struct Impair {
    /// The line: clean, wifi, 4g, satellite or awful; the flags below change its numbers
    #[arg(long = "impair", visible_alias = "profile", value_name = "PROFILE")]
    pub profile: Option<Profile>,
    /// Milliseconds that the way there and back takes longer
    #[arg(long, value_name = "MS")]
    pub latency: Option<f64>,
    /// Milliseconds that each way takes longer still, at most, drawn for each datagram
    #[arg(long, value_name = "MS")]
    pub jitter: Option<f64>,
    /// Share of the datagrams that are lost each way, percent
    #[arg(long, value_name = "PCT")]
    pub loss: Option<f64>,
    /// Datagrams that are lost in a row, on average; 1 spreads the loss evenly
    #[arg(long, value_name = "DATAGRAMS")]
    pub burst: Option<f64>,
    /// Share of the datagrams that those behind them overtake, percent
    #[arg(long, value_name = "PCT")]
    pub reorder: Option<f64>,
    /// Share of the datagrams that come twice, percent
    #[arg(long, value_name = "PCT")]
    pub duplicate: Option<f64>,
    /// What the line carries each way, bits a second, as in 256k
    #[arg(long, value_name = "BITS", value_parser = rate)]
    pub rate: Option<u32>,
    /// A stretch in which nothing passes: from AT seconds on, for FOR
    #[arg(long, value_name = "AT:FOR")]
    pub cut: Option<Cut>,
}

impl Impair {
    /// What all of it comes to.
    ///
    /// # Errors
    /// Where a number is one that no line has.
    pub fn impairment(&self) -> Result<Impairment, ImpairmentError> {
        let base = self.profile.map_or(Impairment::NONE, |profile| profile.impairment());
        let or = |given: Option<f64>, base: f64| given.unwrap_or(base);
        Impairment {
            latency: time("the latency", self.latency, base.latency)?,
            jitter: time("the jitter", self.jitter, base.jitter)?,
            loss_pct: or(self.loss, base.loss_pct),
            burst: or(self.burst, base.burst),
            reorder_pct: or(self.reorder, base.reorder_pct),
            duplicate_pct: or(self.duplicate, base.duplicate_pct),
            rate_bits_s: self.rate.or(base.rate_bits_s),
            cut: self.cut.or(base.cut),
        }
        .checked()
    }

    /// The name of it: the profile's, with a mark where its numbers were changed.
    #[must_use]
    pub fn name(&self) -> String {
        let numbers = [self.latency, self.jitter, self.loss, self.burst, self.reorder, self.duplicate];
        let is_own = numbers.iter().any(Option::is_some) || self.rate.is_some() || self.cut.is_some();
        match (self.profile, is_own) {
            (None, false) => "clean".to_owned(),
            (None, true) => "own".to_owned(),
            (Some(profile), false) => profile.name.to_owned(),
            (Some(profile), true) => format!("{profile}+"),
        }
    }
}

fn time(name: &'static str, ms: Option<f64>, base: Duration) -> Result<Duration, ImpairmentError> {
    ms.map_or(Ok(base), |ms| Duration::try_from_secs_f64(ms / 1_000.0).map_err(|_| ImpairmentError::TooLong { name }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Program {
        #[command(flatten)]
        impair: Impair,
    }

    fn parse(line: &str) -> Result<Impair, clap::Error> {
        Program::try_parse_from(std::iter::once("program").chain(line.split_whitespace())).map(|p| p.impair)
    }

    #[test]
    fn a_line_is_a_profile_and_what_is_said_besides() {
        let of = |name: &str| name.parse::<Profile>().unwrap().impairment();
        for (line, name, wanted) in [
            ("", "clean", Impairment::NONE),
            ("--impair 4g", "4g", of("4g")),
            ("--profile awful --loss 1", "awful+", Impairment { loss_pct: 1.0, ..of("awful") }),
            ("--latency 100", "own", Impairment { latency: Duration::from_millis(100), ..Impairment::NONE }),
            ("--rate 256k", "own", Impairment { rate_bits_s: Some(256_000), ..Impairment::NONE }),
        ] {
            let impair = parse(line).unwrap();
            assert_eq!((impair.impairment(), impair.name().as_str()), (Ok(wanted), name), "{line}");
        }
    }

    #[test]
    fn what_no_line_does_is_refused_with_what_would_be_right() {
        for (line, part) in [("--impair dialup", "satellite"), ("--cut 3", "10:3"), ("--rate 9", "256k")] {
            assert!(parse(line).unwrap_err().to_string().contains(part), "{line}");
        }
        for (line, part) in [("--loss 101", "0 to 100"), ("--latency NaN", "the latency"), ("--jitter 1e9", "60 s")] {
            let error = parse(line).unwrap().impairment().unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
        assert!(parse("--latency=-5").unwrap().impairment().is_err());
    }
}
