//! Every number of the battle, one line each with its unit and meaning.
//!
//! A number is a field of [`Balance`], so a match can be played with other numbers (tournaments
//! that measure the balance do), and a row of [`Balance::rows`], so it can be listed, set by name and put
//! into the fingerprint that client and server compare.
//!
//! Units stand last in names. `_m` metres, `_ms` metres a second, `_ticks` ticks (30 a second),
//! `_s` seconds, `_pct` percent, `_permille` thousandths, `_milli` thousandths of the unit before
//! it. M is swarm mass (400 in all), tok a thousand citizens, Si silicon.

mod boost;
mod campaign;
mod gamera;
mod legion;
mod rules;
mod sdf;
mod units;

pub use campaign::CampaignNumbers;
pub use gamera::GameraNumbers;
pub use legion::LegionNumbers;
pub use rules::{Rule, RuleSet};
pub use sdf::SdfNumbers;
pub use units::{UnitRow, UnitTable};

/// Declares one table of numbers: the struct, its first values and its rows.
macro_rules! numbers {
    ($(#[$meta:meta])* $table:ident, $prefix:literal {
        $($name:ident: $value:literal, $doc:literal;)+
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub struct $table { $(#[doc = $doc] pub $name: i32,)+ }

        impl Default for $table {
            fn default() -> Self { $table { $($name: $value,)+ } }
        }

        impl $table {
            pub(super) fn rows(&self, out: &mut Vec<super::Row>) {
                $(out.push(super::Row {
                    name: concat!($prefix, ".", stringify!($name)),
                    value: self.$name,
                    description: $doc,
                });)+
            }

            pub(super) fn field_mut(&mut self, name: &str) -> Option<&mut i32> {
                match name {
                    $(stringify!($name) => Some(&mut self.$name),)+
                    _ => None,
                }
            }
        }
    };
}
use numbers;

/// One number, for lists and for the fingerprint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// `table.name`.
    pub name: &'static str,
    /// The value in force.
    pub value: i32,
    /// What it means.
    pub description: &'static str,
}

/// All numbers of one match, and which rules are in force.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Balance {
    /// Phases, victory, score.
    pub campaign: CampaignNumbers,
    /// Gamera and her side.
    pub gamera: GameraNumbers,
    /// Queen, swarm, hive, flower.
    pub legion: LegionNumbers,
    /// The SDF, citizens, research.
    pub sdf: SdfNumbers,
    /// What each kind of unit and structure can do.
    pub units: UnitTable,
    /// The systems of the story that are in force: all, but in an ablation or a mutation check.
    pub rules: RuleSet,
}

/// Why a number could not be set.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no number named {name:?}; `gamera-server --print-balance` lists them")]
pub struct UnknownNumber {
    /// The name asked for.
    pub name: String,
}

impl Balance {
    /// Every number as a row, in a fixed order.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        let mut out = Vec::new();
        self.campaign.rows(&mut out);
        self.gamera.rows(&mut out);
        self.legion.rows(&mut out);
        self.sdf.rows(&mut out);
        out
    }

    /// Sets one number by its `table.name`.
    ///
    /// # Errors
    /// When there is no such number.
    pub fn set(&mut self, name: &str, value: i32) -> Result<(), UnknownNumber> {
        let unknown = || UnknownNumber { name: name.to_owned() };
        let (table, field) = name.split_once('.').ok_or_else(unknown)?;
        let slot = match table {
            "campaign" => self.campaign.field_mut(field),
            "gamera" => self.gamera.field_mut(field),
            "legion" => self.legion.field_mut(field),
            "sdf" => self.sdf.field_mut(field),
            _ => None,
        };
        *slot.ok_or_else(unknown)? = value;
        Ok(())
    }

    /// A number that two builds share only when their balance is the same (FNV-1a, 64 bit).
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hash = Fnv::default();
        for row in self.rows() {
            hash.eat(row.name.as_bytes());
            hash.eat(&row.value.to_le_bytes());
        }
        self.units.fingerprint(&mut hash);
        hash.eat(&self.rules.bits().to_le_bytes());
        hash.0
    }
}

/// FNV-1a over bytes, 64 bit.
pub(crate) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(crate) fn eat(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_one_number_changes_the_fingerprint() {
        let base = Balance::default().fingerprint();
        for row in Balance::default().rows() {
            let mut other = Balance::default();
            other.set(row.name, row.value + 1).unwrap();
            assert_ne!(other.fingerprint(), base, "{}", row.name);
        }
        let mut without = Balance::default();
        without.rules.remove(Rule::Roar);
        assert_ne!(without.fingerprint(), base);
    }

    #[test]
    fn an_unknown_number_is_named_in_the_refusal() {
        let error = Balance::default().set("gamera.tail_length_m", 1).unwrap_err();
        assert!(error.to_string().contains("gamera.tail_length_m"));
    }
}
