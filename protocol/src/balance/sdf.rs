//! The numbers of the SDF, the citizens and the search for a weakness.

super::numbers! {
    /// SDF, citizens, research (BATTLE section 3).
    SdfNumbers, "sdf" {
        sonar_patrol_m: 600, "sonar range with a patrol out";
        sonar_m: 200, "sonar range else";
        patrol_s: 30, "length of a patrol";
        evacuate_base_milli_tok_s: 500, "citizens a second that leave by themselves once alarmed, in thousandths of a tok";
        evacuate_effort_milli_tok_s: 6000, "citizens a second with all effort on it, in thousandths of a tok";
        evacuate_oxygen_pct: 80, "evacuation's rate from oxygen 50 on";
        convoy_citizens: 1500, "citizens a convoy carries";
        escort_range_m: 120, "an escort works within this of a convoy";
        guns_ignite_from_oxygen: 40, "from this oxygen on a heavy hit may set the flower off";
        charge_set_ticks: 120, "to set a charge";
        charge_fuse_s: 50, "from set to blast";
        charge_oxygen: 12, "oxygen a charge takes";
        charges_per_flower: 3, "charges that a flower can take";
        charge_damage: 150, "a charge's damage to what is near";
        charge_range_m: 80, "a charge must lie this near the flower";
        confer_s: 8, "commander and scientist confer";
        confer_range_m: 30, "this near each other";
        confer_research_pct: 150, "research's rate after it";
        confer_bonus_s: 30, "for this long";
        sample_milli_s: 190, "research a second while sampling, in thousandths";
        sample_range_m: 40, "how near a carcass, a burrow or a flower";
        named_research: 10, "research when Legion gets its name";
        tier_sensor: 30, "research for the hive sensor";
        tier_lure: 60, "research for electromagnetism";
        tier_weak_points: 100, "research for the weak points";
        lure_charge: 60, "charge that a lure takes";
        lure_charge_milli_s: 450, "charge a second, in thousandths";
        lure_s: 18, "length of a lure";
        lure_pct: 35, "share of the mob that it pulls";
        lure_tier_pct: 70, "share of the mob with electromagnetism known";
        lure_kill_pct: 45, "share of those pulled that die";
        lure_price_milli_tok: 40, "citizens that the district pays for each M pulled, in thousandths of a tok";
        lure_range_m: 900, "soldiers within this of the live line are pulled";
        drift_range_m: 200, "idle soldiers drift to what is live within this";
        march_draw_s: 8, "a pulse in the march brings the queen this much nearer";
        intercept_range_m: 300, "Gamera within this of the marching queen forces her up";
        volley_rounds: 24, "missiles in a battery";
        volley_size: 4, "missiles a volley";
        volley_claws: 300, "a volley's damage to the claws";
        volley_horn: 220, "a volley's damage to the horn";
        volley_horn_weak_pct: 220, "a volley's damage to the horn with weak points known";
        volley_body: 240, "a volley's damage to the body once the claws are gone";
        volley_flower: 120, "a volley's damage to a flower";
        strafe_wings_low: 40, "a pass's damage to the wings, at least";
        strafe_wings_high: 60, "a pass's damage to the wings, at most";
        strafe_soldiers: 60, "a pass's damage to a squad or a burrow mouth";
        wariness_free_at: 70, "wariness at which weapons free on Gamera may be ordered";
        weapons_free_score: 50, "score it costs the SDF";
        stagger_pct: 30, "Gamera is slower by this while under fire";
        sensor_range_m: 150, "a sensor shows what is underground within this";
        remove_cache_s: 30, "to empty a cache";
        clear_s: 4, "to clear a block of plants";
        clear_roadblock_s: 4, "to clear a roadblock";
        energise_ticks: 60, "to throw the switch";
        lab_raid_loss_milli_s: 500, "research lost a second while the lab is raided, in thousandths";
    }
}
