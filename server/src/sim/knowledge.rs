//! What a seat and a faction are told of the match in numbers. The fog over things is
//! [`super::sight`]'s.

use gamera_protocol::balance::RuleSet;
use gamera_protocol::event::{Audience, Event};
use gamera_protocol::ids::{Kind, Layer, Role, SeatId, Side, Viewer};
use gamera_protocol::input::{NEVER_TICKS, verbs_of};
use gamera_protocol::measure::{TICK_HZ, Tick};
use gamera_protocol::motion::{Gait, Mover};
use gamera_protocol::view::{
    CityView, FlowerView, GameraSideView, GameraState, GameraView, LegionView, OwnView, QueenState, QueenView, SdfView,
    TeamView, VERBS_MAX,
};

use super::city::CityState;
use super::fixed::Micro;
use super::hit::Part;
use super::legion::Hive;
use super::seat::Seat;
use super::{Battle, campaign};

impl Battle {
    /// The own unit of `seat`, exactly.
    ///
    /// # Panics
    /// When the match has no such seat.
    #[must_use]
    pub fn own_view(&self, seat: SeatId) -> OwnView {
        let s = &self.seats[seat.index()];
        let unit = s.unit.and_then(|id| self.units.get(id));
        let rest = Mover::at(gamera_protocol::ground::city_centre(self.campaign.city), Gait::Fixed);
        let row_health = self.balance.units.of(s.playing.kind()).health;
        let points = |milli: i32, max_milli: i32| {
            let max = i64::from(max_milli.max(1));
            ((i64::from(milli.max(0)) * i64::from(row_health) + max - 1) / max) as i32
        };
        let stunned = unit.is_some_and(|u| self.tick < u.stunned_until);
        OwnView {
            tick: self.tick,
            role: s.playing,
            life: s.life,
            mover: unit.map_or(rest, |u| u.mover),
            speed_permille: unit.map_or(0, |u| if stunned { 0 } else { u.drive.speed_permille }),
            health: unit.map_or(0, |u| points(u.health_milli, u.health_max_milli)),
            health_max: row_health,
            carried: s.carried,
            squad: self.squad_size(seat),
            cooldowns: cooldowns(s, self.tick, self.balance.rules),
            channel: s.channel.map(|c| (c.verb, (c.done_milli / 1_000) as u16, (c.total_milli / 1_000) as u16)),
        }
    }

    fn squad_size(&self, seat: SeatId) -> u16 {
        self.legion.squads.iter().find(|s| s.leader == seat).map_or(0, |s| s.count)
    }

    /// What `viewer` knows of the match as a whole.
    #[must_use]
    pub fn team_view(&self, viewer: Viewer) -> TeamView {
        let knows = |side: Side| viewer.side().is_none_or(|s| s == side);
        TeamView {
            tick: self.tick,
            phase: self.campaign.phase,
            city: self.campaign.city,
            last_city: super::campaign::last_city(self.mode),
            cities: std::array::from_fn(|i| city_view(self, viewer, &self.cities[i])),
            gamera: gamera_view(self, viewer),
            queen: queen_view(self, viewer),
            seeds: self.legion.seeds as u8,
            wariness: self.gamera.wariness.floor().clamp(0, 100) as u8,
            scores: known_scores(self, viewer),
            legion: knows(Side::Legion).then(|| legion_view(self)),
            gamera_side: knows(Side::Gamera).then(|| gamera_side_view(self)),
            sdf: knows(Side::Sdf).then(|| sdf_view(self)),
            rally: viewer.side().and_then(|side| super::rally::place(self, side)),
        }
    }

    /// True where `viewer` may be told of `event`, which happened in the last step.
    #[must_use]
    pub fn may_hear(&self, viewer: Viewer, event: &Event) -> bool {
        let Some(side) = viewer.side() else { return true };
        let layer = if event.kind.is_beneath() { Layer::Underground } else { Layer::Surface };
        let witness = || event.at.is_some_and(|at| self.sight.sees(side, layer, at));
        match event.kind.row().audience {
            Audience::All => true,
            Audience::Only(only) => side == only,
            Audience::SideAndWitnesses(own) => side == own || witness(),
            Audience::Witnesses => witness(),
            Audience::TeamAndWitnesses => {
                event.seat.is_some_and(|seat| self.seats[seat.index()].role.side() == side) || witness()
            }
        }
    }
}

fn cooldowns(seat: &Seat, now: Tick, rules: RuleSet) -> [u16; VERBS_MAX] {
    let mut left = seat.ready_at.map(|at| at.since(now).min(u32::from(NEVER_TICKS)) as u16);
    // Nearly always everything is in force, and this is asked for every seat and tick.
    if !rules.is_whole() {
        for (left, row) in left.iter_mut().zip(verbs_of(seat.playing)) {
            if row.rule().is_some_and(|rule| !rules.has(rule)) {
                *left = NEVER_TICKS;
            }
        }
    }
    left
}

fn permille(part_milli: i32, whole_milli: i32) -> u16 {
    (i64::from(part_milli.max(0)) * 1_000 / i64::from(whole_milli.max(1))) as u16
}

fn seconds_until(until: Tick, now: Tick) -> u16 {
    until.since(now).div_ceil(TICK_HZ) as u16
}

fn gamera_view(battle: &Battle, viewer: Viewer) -> Option<GameraView> {
    let g = &battle.gamera;
    let unit = &battle.units[g.unit];
    let own = viewer.side().is_none_or(|s| s == Side::Gamera);
    let public = matches!(g.state, GameraState::Down | GameraState::Coma | GameraState::Dead | GameraState::Ascended);
    let seen = own || public || viewer.side().is_some_and(|s| battle.sight.sees_giant(s, Kind::Gamera));
    seen.then(|| GameraView {
        state: g.state,
        health_permille: permille(unit.health_milli, unit.health_max_milli),
        mobbed: battle.latched_mass().floor().max(0) as u16,
        timer_s: if own { seconds_until(g.until, battle.tick) } else { 0 },
    })
}

fn queen_view(battle: &Battle, viewer: Viewer) -> Option<QueenView> {
    let q = &battle.legion.queen;
    let unit = &battle.units[q.unit];
    let own = viewer.side().is_none_or(|s| s == Side::Legion);
    let seen =
        own || q.state == QueenState::Dead || viewer.side().is_some_and(|s| battle.sight.sees_giant(s, Kind::Queen));
    let n = &battle.balance.legion;
    let part = |part: Part, whole: i32| permille(q.parts.health(part), whole * 1_000);
    seen.then(|| QueenView {
        state: q.state,
        health_permille: permille(unit.health_milli, unit.health_max_milli),
        horn_permille: part(Part::Horn, n.horn_health),
        wings_permille: part(Part::Wings, n.wings_health),
        claws_permille: part(Part::Claws, n.claws_health),
        egg_chamber_permille: part(Part::EggChamber, n.egg_chamber_health),
        legs_permille: std::array::from_fn(|i| part(Part::Leg(i), n.leg_health)),
    })
}

/// The scores as the viewer may know them: oxygen counts only for who knows of it, and that a hive
/// was planted shows in no figure before its pod is up.
fn known_scores(battle: &Battle, viewer: Viewer) -> [u16; 3] {
    let own = viewer.side().is_none_or(|side| side == Side::Legion);
    if own || battle.verdict().is_some() {
        return battle.scores();
    }
    let knows_oxygen = viewer.side() == Some(Side::Sdf) && battle.sdf.theory;
    let oxygen = if knows_oxygen { battle.campaign.best_oxygen() } else { 0 };
    let fought_over = |c: &CityState| c.contested || c.city == battle.campaign.city;
    campaign::scores_with(battle, |h| h.dead || h.stage >= 2, oxygen, survival_of(battle, fought_over))
}

fn city_view(battle: &Battle, viewer: Viewer, city: &CityState) -> CityView {
    let dtok = |amount: Micro| amount.tenths();
    CityView {
        staying_dtok: dtok(city.staying() + city.on_road()),
        evacuated_dtok: dtok(city.evacuated()),
        dead_dtok: dtok(city.dead()),
        overgrown_pct: city.overgrown_pct() as u8,
        flower: battle.legion.hives[city.city.index()].as_ref().and_then(|h| flower_view(battle, viewer, h)),
        // That a hive was planted is the Legion's to know; the present city is fought over anyway.
        contested: city.contested || city.city == battle.campaign.city,
        annihilated: city.annihilated,
        districts_dtok: city.districts.map(|d| dtok(d.staying)),
    }
}

fn flower_view(battle: &Battle, viewer: Viewer, hive: &Hive) -> Option<FlowerView> {
    let flower = battle.structures.get(hive.flower?)?;
    let own = viewer.side().is_none_or(|s| s == Side::Legion);
    let sdf = viewer.side() == Some(Side::Sdf);
    let theory = sdf && battle.sdf.theory;
    // A pod underground is known to nobody else but who found the hive; a flower towers over all.
    let found = sdf && hive.discovered;
    if !own && !found && hive.stage < 2 {
        return None;
    }
    Some(FlowerView {
        stage: hive.stage,
        health_permille: permille(flower.health_milli, battle.balance.units.of(flower.kind).health * 1_000),
        oxygen: (own || theory).then(|| hive.oxygen.floor().clamp(0, 100) as u8),
        launch_s: if own || theory { hive.launch_at.map(|at| seconds_until(at, battle.tick) as u8) } else { None },
    })
}

fn legion_view(battle: &Battle) -> LegionView {
    let seat = battle.roster.first(Role::Queen).map(|s| &battle.seats[s.index()]);
    let slot = gamera_protocol::input::verbs_of(Role::Queen)
        .position(|row| row.verb == gamera_protocol::input::Verb::BroodBurst)
        .unwrap_or(0);
    LegionView {
        mass: battle.swarm.mass().floor() as u16,
        silicon: battle.legion.silicon.floor().max(0) as u16,
        feed_pct: battle.legion.feed_pct as u8,
        broodburst_s: seat.map_or(0, |s| seconds_until(s.ready_at[slot], battle.tick)).min(255) as u8,
        hold: battle.legion.hold,
    }
}

fn gamera_side_view(battle: &Battle) -> GameraSideView {
    GameraSideView {
        mana_dm: battle.gamera.mana.tenths(),
        bonded: battle.gamera.bonded,
        jewel: battle.gamera.jewel,
        arrival: battle.arrival_tick(),
        knocked_out: battle.gamera.knocked_out,
        plasma_spent: battle.gamera.plasma_spent,
        may_roar: super::gamera::may_roar(battle),
        retreated: super::gamera::is_healing(battle),
    }
}

fn sdf_view(battle: &Battle) -> SdfView {
    let sdf = &battle.sdf;
    let full = Micro::whole(battle.balance.sdf.lure_charge.max(1));
    SdfView {
        research_dm: sdf.research.tenths(),
        lure_pct: sdf.lure_charge.scaled(100, full.0).0.clamp(0, 100) as u8,
        lure_s: seconds_until(sdf.lure_until, battle.tick).min(255) as u8,
        evacuation_pct: sdf.evacuation_pct as u8,
        evacuation_district: sdf.district as u8,
        weapons_free: sdf.weapons_free,
        confer_s: seconds_until(sdf.confer_until, battle.tick).min(255) as u8,
        evacuation_city: sdf.evacuation_city,
        evacuation_dtok_min: sdf.boarding_dtok_min(),
        convoys: sdf.convoys().min(255) as u8,
        tier: sdf.tier as u8,
        theory: sdf.theory,
        patrol_s: seconds_until(sdf.patrol_until, battle.tick).min(255) as u8,
        contact: sdf.contact,
        bearings: sdf.bearings(),
        meteor: sdf.meteor(),
        lure_at: super::sdf::lure_place(battle),
    }
}

/// Citizens of the contested cities that live, thousandths; 1,000 while none is contested.
pub(in crate::sim) fn survival_permille(battle: &Battle) -> i32 {
    survival_of(battle, |c| c.contested)
}

fn survival_of(battle: &Battle, counts: impl Fn(&CityState) -> bool) -> i32 {
    let counted = || battle.cities.iter().filter(|c: &&CityState| counts(c));
    let all: Micro = counted().map(CityState::population).sum();
    let dead: Micro = counted().map(CityState::dead).sum();
    if all == Micro::ZERO {
        return 1_000;
    }
    1_000 - dead.scaled(1_000, all.0).0 as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::legion::hive;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::City;
    use gamera_protocol::input::VERBS;

    #[test]
    fn a_planted_hive_shows_in_no_score_before_its_pod_is_up() {
        let mut stage = Stage::campaign();
        hive::found(&mut stage.battle, City::Sapporo, ground::city_centre(City::Sapporo), Micro::ZERO, false);
        hive::uproot(&mut stage.battle, City::Sapporo, None);
        stage.battle.campaign.city = City::Sendai;
        let told = |stage: &Stage, viewer| stage.battle.team_view(viewer).scores;
        let before = [Viewer::Gamera, Viewer::Sdf, Viewer::Legion].map(|v| told(&stage, v));
        hive::found(&mut stage.battle, City::Sendai, ground::city_centre(City::Sendai), Micro::ZERO, true);
        let after = [Viewer::Gamera, Viewer::Sdf, Viewer::Legion].map(|v| told(&stage, v));
        assert_eq!((before[0], before[1]), (after[0], after[1]), "it is the Legion's secret");
        assert_ne!(before[2], after[2]);
        let pod = Micro::whole(stage.battle.balance.legion.feed_pod);
        hive::feed(&mut stage.battle, City::Sendai, pod);
        assert_ne!(told(&stage, Viewer::Gamera), before[0], "now everyone sees it");
    }

    #[test]
    fn a_verb_cannot_be_had_without_its_system() {
        for row in VERBS {
            let Some(rule) = row.rule() else { continue };
            let slot = verbs_of(row.role).position(|other| other.verb == row.verb).unwrap();
            let left = |stage: &Stage| {
                let seat = stage.battle.roster().all().find(|(_, role)| *role == row.role).unwrap().0;
                let mut seat = stage.battle.seats[seat.index()].clone();
                seat.playing = row.role;
                cooldowns(&seat, Tick(0), stage.battle.balance.rules)[slot]
            };
            assert_eq!(left(&Stage::campaign()), 0, "{row:?}");
            assert_eq!(left(&Stage::campaign_without(rule)), NEVER_TICKS, "{row:?}");
        }
    }
}
