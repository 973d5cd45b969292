//! The numbers of the match itself: phases, victory, score.

super::numbers! {
    /// Phases, victory and score.
    CampaignNumbers, "campaign" {
        phase_forced_end_s: 45, "a phase whose flower is gone ends after this even if the queen stays";
        redeploy_s: 30, "ordinary seats are at the next city after this";
        follow_swarm_pct: 50, "share of the surviving swarm that follows to the next city";
        interlude_max_s: 50, "Sendai's siege begins this long after Sapporo's end, even if the queen is not there yet";
        march_max_s: 300, "the march on Tokyo is over after this, even if the queen is not there yet";
        hold_s: 30, "the queen holding the last city this long with Gamera dead wins it";
        seeds_to_win: 2, "seeds launched that win a campaign for the Legion";
        quick_seeds_to_win: 1, "seeds launched that win a quick match for the Legion";
        sdf_survival_pct: 70, "share of the contested cities' citizens that must live for the SDF";
        overtime_s: 867, "campaign: no healing, faster oxygen, both giants lose strength";
        end_s: 930, "campaign: a standing flower gives it to the Legion, else to Gamera";
        quick_overtime_s: 300, "quick: overtime";
        quick_end_s: 360, "quick: end";
        quick_coma_s: 45, "quick: length of a coma";
        quick_oxygen_pct: 52, "quick: oxygen's rate";
        quick_mana: 62, "quick: Gamera's mana at the start";
        quick_queen_pct: 45, "quick: the queen's health at the start";
        overtime_oxygen_pct: 200, "oxygen's rate in overtime";
        overtime_loss_permille_s: 6, "share of their full health that both giants lose a second in overtime";
        tokyo_preset_research: 60, "research at the start of a quick match in Tokyo";
        idle_to_bot_s: 10, "a seat without input for this long goes to a bot";
        score_seed: 200, "Legion: score a seed";
        score_oxygen: 600, "Legion: score for oxygen 100, in proportion below";
        score_queen: 500, "Gamera: score for the queen";
        score_flowers: 300, "Gamera: score for all flowers stopped, in proportion";
        score_trust: 200, "Gamera: score for full trust, in proportion";
        score_survival: 1000, "SDF: score for every citizen alive, in proportion";
        rally_s: 60, "a rally offer stands this long";
        rally_range_m: 90, "who comes this near to it is credited with a deed";
        epilogue_s: 10, "from the verdict to the end of the match";
        rewind_max_ticks: 8, "an attack is judged at most this far back, where the shooter saw its target";
    }
}
