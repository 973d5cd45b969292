//! Durations as HDR histograms: added up, never averaged, and handed from process to process whole.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};
use serde::{Deserialize, Serialize};

/// The longest that is told apart, tenths of a millisecond: 100 s.
const LONGEST: u64 = 1_000_000;

/// Durations up to 100 s in tenths of a millisecond, to three digits.
#[derive(Clone, Debug)]
pub(super) struct Hist(Histogram<u64>);

impl Default for Hist {
    fn default() -> Hist {
        Hist(Histogram::new_with_max(LONGEST, 3).expect("these bounds are good"))
    }
}

impl Hist {
    /// Counts one; what is below zero counts as zero.
    pub(super) fn record_ms(&mut self, ms: f64) {
        self.0.saturating_record((ms.max(0.0) * 10.0) as u64);
    }

    /// Counts what another has counted.
    pub(super) fn add(&mut self, other: &Hist) {
        self.0.add(&other.0).expect("all have the same bounds");
    }

    /// The duration that a share of 0..=1 does not exceed, milliseconds; zero of none.
    pub(super) fn quantile_ms(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 10.0
    }
}

impl Serialize for Hist {
    /// As the hexadecimal digits of HdrHistogram's own format, V2.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        V2Serializer::new().serialize(&self.0, &mut bytes).map_err(serde::ser::Error::custom)?;
        serializer.collect_str(&Hex(&bytes))
    }
}

struct Hex<'a>(&'a [u8]);

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<'de> Deserialize<'de> for Hist {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Hist, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom("not the digits of a histogram");
        let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
        let bytes: Vec<u8> =
            digits.ok_or_else(wrong)?.chunks(2).map(|pair| pair.iter().fold(0, |n, d| n << 4 | *d as u8)).collect();
        let read: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).map_err(|_| wrong())?;
        let mut hist = Hist::default();
        hist.0.add(&read).map_err(|_| wrong())?;
        Ok(hist)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_have_counted_and_one_has_read_is_what_one_had_counted() {
        let (mut whole, mut a, mut b) = (Hist::default(), Hist::default(), Hist::default());
        for n in 0..1_000 {
            let ms = f64::from(n) * f64::from(n) / 100.0;
            whole.record_ms(ms);
            if n % 3 == 0 { a.record_ms(ms) } else { b.record_ms(ms) }
        }
        let sent = serde_json::to_string(&b).unwrap();
        a.add(&serde_json::from_str(&sent).unwrap());
        for share in [0.0, 0.5, 0.99, 1.0] {
            assert_eq!(a.quantile_ms(share), whole.quantile_ms(share));
        }
        assert!((whole.quantile_ms(0.5) - 2_500.0).abs() < 25.0);
    }

    #[test]
    fn digits_that_are_no_histogram_are_refused() {
        for text in ["\"\"", "\"0z\"", "\"1c849303\"", "7"] {
            assert!(serde_json::from_str::<Hist>(text).is_err(), "{text}");
        }
    }
}
