//! The numbers of Gamera and her side.

use std::ops::Range;

super::numbers! {
    /// Gamera, Asagi, light-bearers, mana.
    GameraNumbers, "gamera" {
        arrive_s: 150, "Gamera may come out of the sea from here on";
        beach_m: 60, "in a quick match she begins this far from the sea";
        melee_damage_s: 212, "melee damage a second";
        melee_range_m: 70, "melee reach";
        fireball_damage: 660, "a fireball's damage to the queen or a flower";
        fireball_range_m: 600, "a fireball's reach";
        fireball_cooldown_s: 6, "between two fireballs";
        fireball_radius_m: 30, "soldiers within this of the impact die";
        claws_jam_pct: 35, "a fireball's damage to the queen while her claws stand";
        fireball_deaths_milli_tok: 120, "citizens that a fireball kills at full density, in thousandths of a tok";
        part_damage_pct: 40, "share of a blow to the queen that the part facing Gamera takes as well";
        takeoff_ticks: 60, "from the wish to fly to the air";
        leg_swat_damage: 600, "taken by Gamera for taking off beside the queen";
        leg_swat_range_m: 90, "the queen swats a take-off within this";
        uproot_s: 11, "to tear a flower out";
        uproot_range_m: 90, "how near the flower";
        uproot_engaged_permille: 160, "uprooting speed while the queen engages";
        uproot_engaged_range_m: 150, "the queen engages within this";
        uproot_mob_permille_mass: 3, "uprooting slows by this share for each M latched on to her, in thousandths";
        uproot_mob_max_permille: 600, "and by this share at most";
        uproot_mana: 5, "mana for a flower uprooted";
        uproot_safe_oxygen: 85, "a flower uprooted or toppled at this oxygen or more blows up";
        shake_cooldown_s: 8, "between two shakes";
        shake_pct: 35, "share of the mob that a shake throws off";
        shake_kill_pct: 50, "share of those thrown off that die";
        retreat_after_s: 5, "under water this long counts as a retreat";
        heal_s: 70, "health a second while retreated in the sea";
        retreat_min_s: 45, "a retreat keeps Gamera away at least this long";
        down_s: 12, "left for dead this long before crawling";
        down_health_pct: 25, "health while down and crawling; when it is gone, she falls into a coma";
        limp_max_s: 120, "strength for a crawl";
        topple_s: 6, "to push a flower over, crawling";
        topple_range_m: 90, "how near the flower, crawling";
        limp_flower_range_m: 2400, "a first knock-out with a live flower this near is not a coma";
        coma_s: 177, "length of a coma";
        coma_wake_pct: 45, "health after a coma slept through";
        coma_gnaw_mass: 20, "M of soldiers at her body that slow her waking";
        coma_gnaw_range_m: 60, "how near they must be";
        coma_gnaw_every_ticks: 2, "then one tick in so many does not count";
        revive_pct: 80, "health after the jewel";
        revive_mana: 25, "mana from the jewel";
        offer_s: 15, "to offer the jewel";
        offer_range_m: 60, "how near Gamera";
        trek_s: 60, "about how long Asagi walks to a fallen Gamera";
        bond_range_m: 300, "Asagi's bond reaches this far";
        bond_sense_m: 300, "while bonded, what is underground within this of Gamera shows as blips";
        bond_told_s: 20, "a bond is not told again within this";
        bond_mana_pct: 150, "mana's rate while bonded";
        asagi_down_s: 20, "Asagi is down this long";
        mana_milli_s: 35, "mana a second, in thousandths, at all times";
        roar_s: 6, "length of a roar";
        roar_pause_s: 12, "between a roar's end and the next";
        roar_mana_milli_s: 1900, "mana a second, in thousandths, in a roar at full trust";
        roar_health_pct: 45, "below this health Gamera may roar";
        roar_mana_min: 70, "from this mana on Gamera may roar";
        mote_mana_milli: 3000, "mana a mote brings, in thousandths";
        mote_every_s: 20, "a shrine gathers a mote this often";
        shrine_range_m: 20, "a mote is taken within this";
        deliver_range_m: 60, "a mote is given within this";
        calm_s: 8, "to calm citizens";
        calm_trust_milli: 400, "wariness taken off by calming citizens, in thousandths";
        dazzle_ds: 8, "a dazzled brood leader is blind this long, tenths of a second";
        grab_range_m: 80, "to grab the horn";
        grab_pause_s: 4, "between two grabs";
        grab_miss_ticks: 24, "a grab at nothing leaves Gamera off her balance this long";
        grab_window_open_ticks: 45, "a whole horn can be grabbed from this tick of a charge on";
        grab_window_max_ticks: 36, "the window's length with the horn nearly gone";
        grab_window_min_ticks: 15, "the window's length with a whole horn";
        grab_damage: 1500, "to the queen for a torn horn";
        grab_mana: 10, "mana for a torn horn";
        stun_s: 7, "the queen lies stunned";
        stun_damage_pct: 150, "damage to a stunned queen";
        plasma_mana: 100, "mana the plasma beam takes";
        plasma_aim_ticks: 45, "from the wish to the beam";
        plasma_range_m: 1000, "its reach";
        plasma_width_m: 40, "its width";
        plasma_damage: 7400, "its damage to the queen";
        plasma_claws_pct: 46, "its damage while claws stand";
        plasma_horn_pct: 80, "its damage while the horn stands";
        plasma_deaths_milli_tok: 300, "citizens that it kills each 100 m at full density, in thousandths of a tok";
        plasma_wariness: 25, "wariness it costs";
        wariness_kill_milli: 500, "wariness a tok that Gamera kills, in thousandths";
        wariness_slack: 10, "wariness must fall this far below its threshold to cross it again";
        duel_range_m: 200, "giants that strike within this of each other duel";
        duel_deaths_milli_tok_s: 5200, "citizens a second that die in a duel at full density, in thousandths of a tok";
        stagger_ds: 15, "a hit by the SDF slows Gamera this long, tenths of a second";
        ascend_s: 6, "from the victory to the morning sky";
        dive_mob_kill_milli_s: 60, "share of a mob that drowns a second while Gamera is in the sea, in thousandths";
    }
}

impl GameraNumbers {
    /// The ticks of a charge in which the horn can be grabbed, with `left` of the `whole` horn's health: up to the
    /// charge's end, and the longer the weaker it is.
    #[must_use]
    pub fn grab_window(&self, left: i32, whole: i32) -> Range<u32> {
        let (left, whole) = (i64::from(left), i64::from(whole.max(1)));
        let most = i64::from(self.grab_window_max_ticks - self.grab_window_min_ticks);
        let gained = most * (whole - left.clamp(0, whole)) / whole;
        let opens = self.grab_window_open_ticks - gained as i32;
        opens.max(0) as u32..(self.grab_window_open_ticks + self.grab_window_min_ticks).max(0) as u32
    }
}
