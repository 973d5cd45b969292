//! Bounds that a caller passes, `tick_p99<10ms`: how they are written, and whether a figure keeps them.

use crate::report::Judged;

/// Figures that have names by which bounds are given.
pub(crate) trait Figured: Sized + 'static {
    /// The names, each with how to read its figure.
    fn keys() -> &'static [Key<Self>];

    /// The figure of this name, where it is known.
    fn figure(&self, name: &str) -> Option<f64> {
        Self::keys().iter().find(|key| key.name == name).and_then(|key| (key.read)(self))
    }
}

/// One figure by its name: which way is worse, and how to read it.
pub(crate) struct Key<F> {
    pub(crate) name: &'static str,
    pub(crate) more_is_worse: bool,
    pub(crate) read: fn(&F) -> Option<f64>,
}

/// A figure that is to be small.
pub(crate) const fn most<F>(name: &'static str, read: fn(&F) -> Option<f64>) -> Key<F> {
    Key { name, more_is_worse: true, read }
}

/// A figure that is to be large.
pub(crate) const fn least<F>(name: &'static str, read: fn(&F) -> Option<f64>) -> Key<F> {
    Key { name, more_is_worse: false, read }
}

/// A bound that one figure must keep.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Threshold {
    key: &'static str,
    bound: Bound,
    value: f64,
}

/// On which side of its value a bound's figure must stay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Bound {
    Below,
    AtMost,
    AtLeast,
    Above,
}

/// How bounds are written; what begins with another stands before it. `=` is the figure's own better
/// side, the value included.
const SIGNS: [(&str, Option<Bound>); 5] = [
    ("<=", Some(Bound::AtMost)),
    (">=", Some(Bound::AtLeast)),
    ("<", Some(Bound::Below)),
    (">", Some(Bound::Above)),
    ("=", None),
];

impl Bound {
    const fn sign(self) -> &'static str {
        match self {
            Bound::Below => "<",
            Bound::AtMost => "<=",
            Bound::AtLeast => ">=",
            Bound::Above => ">",
        }
    }

    fn holds(self, figure: f64, value: f64) -> bool {
        match self {
            Bound::Below => figure < value,
            Bound::AtMost => figure <= value,
            Bound::AtLeast => figure >= value,
            Bound::Above => figure > value,
        }
    }
}

impl Threshold {
    /// `tick_p99<10ms`: the name of one of `F`'s figures (its unit may follow the value instead), a sign, a value.
    pub(crate) fn parse<F: Figured>(text: &str) -> Result<Threshold, String> {
        let usage = "give it as FIGURE<VALUE (or <=, >, >=), as in tick_p99_ms<10 or tick_p99<10ms";
        let at = text.find(['<', '>', '=']).ok_or(usage)?;
        let (name, rest) = text.split_at(at);
        let (sign, bound) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)).ok_or(usage)?;
        let value = &rest[sign.len()..];
        let digits = value.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(value.len());
        let (number, unit) = value.split_at(digits);
        let with_unit = format!("{name}_{unit}");
        let named = |key: &&Key<F>| key.name == name || (!unit.is_empty() && key.name == with_unit);
        let names = || F::keys().iter().map(|k| k.name).collect::<Vec<_>>().join(", ");
        let key = F::keys().iter().find(named).ok_or_else(|| format!("the figures are {}", names()))?;
        let is_its_unit = unit.is_empty() || key.name.ends_with(&format!("_{unit}"));
        let is_share = unit == "%" && SHARES.contains(&key.name);
        if !(is_its_unit || is_share) {
            return Err(format!("{} is not given in {unit:?}", key.name));
        }
        let value = number.parse().map_err(|_| format!("{number:?} is not a number"))?;
        let better = if key.more_is_worse { Bound::AtMost } else { Bound::AtLeast };
        Ok(Threshold { key: key.name, bound: bound.unwrap_or(better), value })
    }

    pub(crate) fn judged(&self, figures: &impl Figured) -> Judged {
        let seen = figures.figure(self.key);
        Judged {
            figure: self.key.to_owned(),
            bound: format!("{} {}", self.bound.sign(), self.value),
            wanted: self.value,
            seen,
            held: seen.is_some_and(|seen| self.bound.holds(seen, self.value)),
        }
    }

    /// What fell short of it, if anything did: a figure that is not known does.
    pub(crate) fn shortfall(&self, figures: &impl Figured) -> Option<String> {
        let Some(value) = figures.figure(self.key) else { return Some(format!("{} is not known", self.key)) };
        let (bound, wanted) = (self.bound, self.value);
        (!bound.holds(value, wanted)).then(|| format!("{} {value:.3} is not {} {wanted}", self.key, bound.sign()))
    }
}

/// Figures in percent whose names do not say so.
const SHARES: [&str; 3] = ["snapshot_loss", "answered_next_frame", "shown_near"];

#[cfg(test)]
mod tests {
    use super::*;

    /// What a run might tell; the last is not known.
    struct Run {
        tick_ms: f64,
        loss: f64,
    }

    static KEYS: [Key<Run>; 4] = [
        most("tick_p99_ms", |s| Some(s.tick_ms)),
        most("snapshot_loss", |s| Some(s.loss)),
        least("hz", |_| Some(30.0)),
        least("snapshots_client_s_min", |_| None),
    ];

    impl Figured for Run {
        fn keys() -> &'static [Key<Run>] {
            &KEYS
        }
    }

    #[test]
    fn thresholds_are_read_by_the_figures_names() {
        for (text, part) in [
            ("tick_p99_ms", "FIGURE<VALUE"),
            ("luck<1", "the figures are tick_p99_ms"),
            ("hz=many", "not given in \"many\""),
            ("hz=", "\"\" is not a number"),
            ("tick_p99_ms<10kB", "not given in \"kB\""),
        ] {
            assert!(Threshold::parse::<Run>(text).unwrap_err().contains(part), "{text}");
        }
        for (text, key, bound, value) in [
            ("hz=30", "hz", Bound::AtLeast, 30.0),
            ("tick_p99_ms=10", "tick_p99_ms", Bound::AtMost, 10.0),
            ("tick_p99<10ms", "tick_p99_ms", Bound::Below, 10.0),
            ("snapshots_client_s_min>=15", "snapshots_client_s_min", Bound::AtLeast, 15.0),
            ("snapshot_loss<1%", "snapshot_loss", Bound::Below, 1.0),
        ] {
            assert_eq!(Threshold::parse::<Run>(text), Ok(Threshold { key, bound, value }), "{text}");
        }
    }

    #[test]
    fn a_figure_that_is_worse_or_not_known_falls_short() {
        let run = Run { tick_ms: 9.0, loss: 2.0 };
        for (text, falls_short) in
            [("tick_p99<10ms", false), ("snapshot_loss<1%", true), ("hz>30", true), ("snapshots_client_s_min>1", true)]
        {
            let threshold = Threshold::parse::<Run>(text).unwrap();
            assert_eq!(threshold.shortfall(&run).is_some(), falls_short, "{text}");
            assert_eq!(threshold.judged(&run).held, !falls_short, "{text}");
        }
    }
}
