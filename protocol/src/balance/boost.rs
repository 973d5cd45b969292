//! A side that is better by a share at all it does: damage, speed and rates. Tournaments measure with it
//! what skill is worth. It knows which numbers are a side's doing and not what they are.

use super::Balance;
use crate::ids::{Kind, Side};

impl Balance {
    /// Makes a side's damage, speed and rates greater by `pct` percent.
    pub fn boost(&mut self, side: Side, pct: i32) {
        assert!((-99..=1_000).contains(&pct), "a boost of {pct} percent is no side's skill");
        let greater = |value: i32| {
            let whole = i64::from(value) * i64::from(100 + pct);
            i32::try_from((whole + 50) / 100).expect("a number of the balance, not much greater, still fits")
        };
        for row in self.rows().iter().filter(|row| doing_of(side).contains(&row.name)) {
            let known = self.set(row.name, greater(row.value));
            assert!(known.is_ok(), "{} is a row", row.name);
        }
        for kind in Kind::ALL {
            let row = self.units.of_mut(*kind);
            if row.side == Some(side) {
                for value in [&mut row.damage, &mut row.speed_dms, &mut row.fly_dms, &mut row.burrow_dms] {
                    *value = greater(*value);
                }
            }
        }
    }
}

/// The numbers that are a side's damage and rates, beside those in the rows of its units.
const fn doing_of(side: Side) -> &'static [&'static str] {
    match side {
        Side::Gamera => &[
            "gamera.melee_damage_s",
            "gamera.fireball_damage",
            "gamera.heal_s",
            "gamera.mana_milli_s",
            "gamera.roar_mana_milli_s",
            "gamera.mote_mana_milli",
            "gamera.grab_damage",
            "gamera.plasma_damage",
            "gamera.calm_trust_milli",
            "gamera.dive_mob_kill_milli_s",
        ],
        Side::Legion => &[
            "legion.free_mass_milli_s",
            "legion.hatch_rate_milli_s",
            "legion.soldier_damage_mass_milli_s",
            "legion.harvest_milli_s",
            "legion.feed_free_milli_s",
            "legion.feed_rate_milli_s",
            "legion.oxygen_sapporo_milli_s",
            "legion.oxygen_sendai_milli_s",
            "legion.oxygen_tokyo_milli_s",
            "legion.emerge_damage",
            "legion.melee_damage_s",
            "legion.impale_damage",
            "legion.beam_damage",
            "legion.whips_damage_s",
            "legion.mob_mass_milli_s",
            "legion.mob_damage_mass_milli_s",
            "legion.lair_heal_s",
            "legion.raid_deaths_micro_tok_s",
            "legion.cut_damage",
        ],
        Side::Sdf => &[
            "sdf.evacuate_base_milli_tok_s",
            "sdf.evacuate_effort_milli_tok_s",
            "sdf.charge_oxygen",
            "sdf.charge_damage",
            "sdf.charge_burrow_damage",
            "sdf.sample_milli_s",
            "sdf.lure_charge_milli_s",
            "sdf.lure_kill_pct",
            "sdf.volley_claws",
            "sdf.volley_horn",
            "sdf.volley_body",
            "sdf.volley_flower",
            "sdf.strafe_wings_low",
            "sdf.strafe_wings_high",
            "sdf.strafe_soldiers",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boost_is_one_sides_and_touches_all_that_it_names() {
        for side in [Side::Gamera, Side::Legion, Side::Sdf] {
            let (base, mut boosted) = (Balance::default(), Balance::default());
            boosted.boost(side, 15);
            let changed: Vec<&str> = base
                .rows()
                .iter()
                .zip(boosted.rows())
                .filter(|(a, b)| a.value != b.value)
                .map(|(a, _)| a.name)
                .collect();
            let mut named = doing_of(side).to_vec();
            named.sort_unstable();
            let mut told = changed.clone();
            told.sort_unstable();
            assert_eq!(told, named, "{side:?}");
            for kind in Kind::ALL {
                let (before, after) = (base.units.of(*kind), boosted.units.of(*kind));
                assert_eq!(before.health, after.health);
                assert_eq!(after.damage > before.damage, before.side == Some(side) && before.damage > 3, "{kind:?}");
            }
        }
    }

    #[test]
    fn a_boost_is_rounded_to_the_nearest() {
        let mut balance = Balance::default();
        balance.gamera.melee_damage_s = 130;
        balance.boost(Side::Gamera, 15);
        assert_eq!(balance.gamera.melee_damage_s, 150);
    }
}
