//! How good a bot is, and the single-minded ones that a balance has to hold against.

use std::str::FromStr;

use gamera_protocol::ids::Side;
use gamera_protocol::measure::ticks_tenths;

/// How good a bot is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Level {
    /// Slow, absent-minded, takes things as they are.
    Easy,
    /// Half as slow, rarely absent-minded, thinks a little ahead.
    #[default]
    Normal,
    /// Quick, never absent-minded, thinks ahead.
    Hard,
}

/// One level's numbers.
struct LevelRow {
    label: &'static str,
    reaction_ds: u32,
    lapse_permille: u32,
    lookahead_s: i32,
    dares_permille: u32,
    baits_permille: u32,
    leaves_early_pct: i32,
}

#[rustfmt::skip]
const LEVELS: [LevelRow; 3] = [
    LevelRow { label: "easy",   reaction_ds: 8, lapse_permille: 300, lookahead_s: 0,  dares_permille: 240, baits_permille: 0,   leaves_early_pct: 15 },
    LevelRow { label: "normal", reaction_ds: 4, lapse_permille: 120, lookahead_s: 4,  dares_permille: 90,  baits_permille: 150, leaves_early_pct: 0 },
    LevelRow { label: "hard",   reaction_ds: 2, lapse_permille: 0,   lookahead_s: 10, dares_permille: 30,  baits_permille: 100, leaves_early_pct: 2 },
];

impl Level {
    /// Every level, the easiest first.
    pub const ALL: [Level; 3] = [Level::Easy, Level::Normal, Level::Hard];

    const fn row(self) -> &'static LevelRow {
        &LEVELS[self as usize]
    }

    /// The name on a command line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        self.row().label
    }

    /// Ticks between two thoughts.
    #[must_use]
    pub const fn reaction_ticks(self) -> u32 {
        ticks_tenths(self.row().reaction_ds)
    }

    /// The chance that a thought is lost, thousandths.
    pub(super) const fn lapse_permille(self) -> u32 {
        self.row().lapse_permille
    }

    /// The chance that a queen charges her horn to the end although Gamera could grab it.
    pub(super) const fn dares_permille(self) -> u32 {
        self.row().dares_permille
    }

    /// The chance that a queen who does not dare baits the grab, each time she could.
    pub(super) const fn baits_permille(self) -> u32 {
        self.row().baits_permille
    }

    /// A queen leaves a city to Gamera with this much more health than a normal one would, percent. Gamera loses more by
    /// being slow than the queen does; this makes up for it, so that a match is open at every level.
    pub(super) const fn leaves_early_pct(self) -> i32 {
        self.row().leaves_early_pct
    }

    /// How far it extrapolates the timers that it sees, seconds.
    pub(super) const fn lookahead_s(self) -> i32 {
        self.row().lookahead_s
    }
}

/// One idea, played to its end.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Policy {
    /// SDF: everything into the evacuation, nothing else.
    AllEvacuation,
    /// Gamera: nothing but the queen's horn.
    HornRush,
    /// Legion: nothing for the flower, everything for soldiers.
    NeverFeed,
    /// Gamera: into the sea at every scratch.
    YoYoRetreat,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Policy; 4] = [Policy::AllEvacuation, Policy::HornRush, Policy::NeverFeed, Policy::YoYoRetreat];

    /// The name on a command line.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Policy::AllEvacuation => "all-evacuation",
            Policy::HornRush => "horn-rush",
            Policy::NeverFeed => "never-feed",
            Policy::YoYoRetreat => "yo-yo-retreat",
        }
    }

    /// The side that can play it.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Policy::AllEvacuation => Side::Sdf,
            Policy::HornRush | Policy::YoYoRetreat => Side::Gamera,
            Policy::NeverFeed => Side::Legion,
        }
    }
}

/// A level or a policy that there is none of.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no {what} named {name:?}; there are {known}")]
pub struct UnknownName {
    what: &'static str,
    name: String,
    known: String,
}

impl FromStr for Level {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Level, UnknownName> {
        find(name, "level", &Level::ALL, |l| l.label())
    }
}

impl FromStr for Policy {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Policy, UnknownName> {
        find(name, "policy", &Policy::ALL, |p| p.label())
    }
}

fn find<T: Copy>(name: &str, what: &'static str, all: &[T], label: fn(&T) -> &'static str) -> Result<T, UnknownName> {
    let unknown =
        || UnknownName { what, name: name.to_owned(), known: all.iter().map(label).collect::<Vec<_>>().join(", ") };
    all.iter().find(|v| label(v) == name).copied().ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_refused_with_the_list() {
        for level in Level::ALL {
            assert_eq!(level.label().parse(), Ok(level));
        }
        for policy in Policy::ALL {
            assert_eq!(policy.label().parse(), Ok(policy));
        }
        let error = "genius".parse::<Level>().unwrap_err().to_string();
        assert!(error.contains("genius") && error.contains("easy, normal, hard"), "{error}");
    }

    #[test]
    fn a_better_level_is_quicker_steadier_and_looks_further() {
        for pair in Level::ALL.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            assert!(a.reaction_ticks() > b.reaction_ticks());
            assert!(a.lapse_permille() > b.lapse_permille());
            assert!(a.lookahead_s() < b.lookahead_s());
        }
    }
}
