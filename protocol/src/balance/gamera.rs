//! The numbers of Gamera and her side.

super::numbers! {
    /// Gamera, Asagi, light-bearers, mana (BATTLE section 3).
    GameraNumbers, "gamera" {
        arrive_s: 150, "Gamera may come out of the sea from here on";
        melee_damage_s: 160, "melee damage a second";
        melee_range_m: 70, "melee reach";
        fireball_damage: 660, "a fireball's damage to the queen or a flower";
        fireball_range_m: 600, "a fireball's reach";
        fireball_cooldown_s: 6, "between two fireballs";
        fireball_radius_m: 30, "soldiers within this of the impact die";
        claws_jam_pct: 35, "a fireball's damage to the queen while her claws stand";
        takeoff_ticks: 60, "from the wish to fly to the air";
        leg_swat_damage: 600, "taken by Gamera for taking off beside the queen";
        leg_swat_range_m: 90, "the queen swats a take-off within this";
        uproot_s: 11, "to tear a flower out";
        uproot_range_m: 90, "how near the flower";
        uproot_engaged_permille: 160, "uprooting speed while the queen engages";
        uproot_engaged_range_m: 150, "the queen engages within this";
        uproot_mana: 15, "mana for a flower uprooted";
        uproot_safe_oxygen: 85, "a flower uprooted or toppled at this oxygen or more blows up";
        shake_cooldown_s: 8, "between two shakes";
        shake_pct: 35, "share of the mob that a shake throws off";
        shake_kill_pct: 50, "share of those thrown off that die";
        retreat_after_s: 5, "under water this long counts as a retreat";
        heal_s: 45, "health a second while retreated in the sea";
        retreat_min_s: 45, "a retreat keeps Gamera away at least this long";
        down_s: 20, "left for dead this long before crawling";
        topple_s: 6, "to push a flower over, crawling";
        topple_range_m: 90, "how near the flower, crawling";
        limp_flower_range_m: 2400, "a first knock-out with a live flower this near is not a coma";
        coma_s: 170, "length of a coma";
        coma_wake_pct: 45, "health after a coma slept through";
        revive_pct: 70, "health after the jewel";
        revive_mana: 25, "mana from the jewel";
        offer_s: 15, "to offer the jewel";
        offer_range_m: 60, "how near Gamera";
        trek_s: 60, "about how long Asagi walks to a fallen Gamera";
        bond_range_m: 300, "Asagi's bond reaches this far";
        bond_mana_pct: 125, "mana's rate while bonded";
        asagi_down_s: 20, "Asagi is down this long";
        mana_milli_s: 35, "mana a second, in thousandths, at all times";
        roar_s: 6, "length of a roar";
        roar_mana_milli_s: 4500, "mana a second, in thousandths, in a roar at full trust";
        roar_health_pct: 45, "below this health Gamera may roar";
        roar_mana_min: 70, "from this mana on Gamera may roar";
        mote_mana_milli: 1500, "mana a mote brings, in thousandths";
        mote_every_s: 20, "a shrine gathers a mote this often";
        shrine_range_m: 20, "a mote is taken within this";
        deliver_range_m: 60, "a mote is given within this";
        calm_s: 8, "to calm citizens";
        calm_trust_milli: 400, "wariness taken off by calming citizens, in thousandths";
        grab_range_m: 80, "to grab the horn";
        grab_window_open_ticks: 45, "the horn can be grabbed from this tick of a charge on";
        grab_window_max_ticks: 36, "the window's length with the horn nearly gone";
        grab_window_min_ticks: 15, "the window's length with a whole horn";
        grab_damage: 2200, "to the queen for a torn horn";
        grab_mana: 10, "mana for a torn horn";
        stun_s: 7, "the queen lies stunned";
        stun_damage_pct: 150, "damage to a stunned queen";
        plasma_mana: 100, "mana the plasma beam takes";
        plasma_aim_ticks: 45, "from the wish to the beam";
        plasma_range_m: 1000, "its reach";
        plasma_width_m: 40, "its width";
        plasma_damage: 8000, "its damage to the queen";
        plasma_claws_pct: 75, "its damage while claws stand";
        plasma_horn_pct: 80, "its damage while the horn stands";
        plasma_wariness: 25, "wariness it costs";
        wariness_kill_milli: 500, "wariness a tok that Gamera kills, in thousandths";
        duel_deaths_milli_tok_s: 5200, "citizens a second that die in a duel at full density, in thousandths of a tok";
        dive_mob_kill_milli_s: 60, "share of a mob that drowns a second while Gamera is in the sea, in thousandths";
    }
}
