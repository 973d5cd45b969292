//! Scientist: samples of carcasses, burrows, the flower and the meteor become research; where
//! nothing lies near, an instrument takes a bearing of the meteor's glow.

use gamera_protocol::balance::Rule;
use gamera_protocol::ids::Kind;
use gamera_protocol::measure::metres;
use gamera_protocol::view::Marks;

use super::super::Battle;
use super::super::arena::Class;
use super::super::fixed::Micro;
use super::super::structure::StructureId;
use super::{Hand, meteor, research};

/// How long the bar of a sample runs; research itself has no end.
const BAR_TICKS: u32 = 150;

/// Takes a sample of what is nearest, or a bearing.
pub(super) fn sample(battle: &mut Battle, hand: &Hand) {
    let Some(id) = specimen(battle, hand) else {
        meteor::take_bearing(battle, hand);
        return;
    };
    if !battle.has(Rule::Research) {
        return;
    }
    let learnt = Micro::per_tick_milli(battle.balance.sdf.sample_milli_s).percent(research::rate_pct(battle));
    let specimen = &mut battle.structures[id];
    let learnt = if specimen.kind == Kind::Carcass { specimen.store.take(learnt) } else { learnt };
    research::add(battle, learnt);
    let seat = &mut battle.seats[hand.seat.index()];
    seat.channel(hand.verb, Some(id.key(Class::Structure)), BAR_TICKS, 1_000);
    let u = &mut battle.units[hand.unit];
    u.marks = u.marks.with(Marks::CARRYING, true);
}

fn specimen(battle: &Battle, hand: &Hand) -> Option<StructureId> {
    let n = &battle.balance;
    let reach = |kind: Kind| metres(n.sdf.sample_range_m + n.units.of(kind).radius_m);
    let known = |s: &crate::sim::structure::Structure| match s.kind {
        Kind::Carcass => s.store > Micro::ZERO,
        Kind::Burrow | Kind::Flower | Kind::Meteor => true,
        Kind::Pod => s.city.is_some_and(|c| battle.legion.hives[c.index()].as_ref().is_some_and(|h| h.discovered)),
        _ => false,
    };
    let near = battle.structures.iter().filter(|(_, s)| known(s) && s.pos.within(hand.pos, reach(s.kind)));
    near.min_by_key(|(_, s)| s.pos.distance2(hand.pos)).map(|(id, _)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::structure::Structure;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground;
    use gamera_protocol::ids::{City, Role};
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::measure::{Pos, Tick, ticks};
    use gamera_protocol::motion::Gait;

    /// Research in thousandths after ten seconds of sampling.
    fn learnt(kind: Kind, away_m: i32, set: impl FnOnce(&mut Stage)) -> i64 {
        let centre = ground::city_centre(City::Sapporo);
        let mut stage = Stage::campaign();
        let store = Micro::milli(stage.battle.balance.sdf.carcass_research_milli);
        let thing = Structure::new(kind, centre, &stage.battle.balance);
        stage.battle.structures.insert(Structure { store, until: Tick(u32::MAX), ..thing });
        stage.put(Role::Scientist, Pos::new(centre.x + metres(away_m), centre.y), Gait::Walk);
        stage.hold(Role::Scientist, SeatInput::default().doing(Verb::Sample));
        set(&mut stage);
        stage.run(ticks(10));
        stage.battle.sdf.research.0 / 1_000
    }

    #[test]
    fn a_sample_brings_so_much_a_second_and_half_as_much_again_after_a_conference() {
        let full = i64::from(gamera_protocol::balance::SdfNumbers::default().sample_milli_s) * 10;
        let lab_lost = |s: &mut Stage| {
            let mut labs = s.battle.structures.iter_mut().filter(|(_, l)| l.kind == Kind::Lab);
            labs.next().unwrap().1.health_milli = 0;
        };
        let nothing: fn(&mut Stage) = |_| {};
        type Case = (&'static str, Kind, i32, fn(&mut Stage), i64);
        let cases: [Case; 8] = [
            ("carcass", Kind::Carcass, 30, nothing, full),
            ("burrow", Kind::Burrow, 30, nothing, full),
            ("meteor", Kind::Meteor, 30, nothing, full),
            ("too far", Kind::Carcass, 60, nothing, 0),
            ("nothing to sample", Kind::Cache, 10, nothing, 0),
            ("after a conference", Kind::Burrow, 30, |s| s.battle.sdf.confer_until = Tick(10_000), full * 3 / 2),
            ("all effort on evacuation", Kind::Burrow, 30, |s| s.battle.sdf.evacuation_pct = 100, full * 3 / 4),
            ("the laboratory is lost", Kind::Burrow, 30, lab_lost, full / 2),
        ];
        for (name, kind, away_m, set, wanted) in cases {
            let got = learnt(kind, away_m, set);
            assert!((got - wanted).abs() <= 20, "{name}: {got} instead of {wanted}");
        }
    }

    #[test]
    fn a_carcass_is_used_up() {
        let centre = ground::city_centre(City::Sapporo);
        let mut stage = Stage::campaign();
        research::lay_out(&mut stage.battle, centre);
        stage.put(Role::Scientist, centre, Gait::Walk);
        stage.hold(Role::Scientist, SeatInput::default().doing(Verb::Sample));
        let n = stage.battle.balance.sdf;
        stage.run(ticks(2 + (n.carcass_research_milli / n.sample_milli_s) as u32));
        assert_eq!(stage.battle.sdf.research, Micro::milli(n.carcass_research_milli));
    }
}
