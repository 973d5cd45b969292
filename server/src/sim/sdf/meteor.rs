//! Where the meteor fell: the commander saw it in one direction; a second bearing, taken far
//! enough away while it still glows, crosses the first.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Kind, Role};
use gamera_protocol::measure::{Pos, Tick, metres, ticks};
use gamera_protocol::view::Bearing;

use super::super::Battle;
use super::super::fixed::Micro;
use super::{Hand, research};

/// How often the sky is looked at.
const PERIOD_TICKS: u32 = 5;

/// What the SDF knows of the meteor.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MeteorWatch {
    pub(super) bearings: [Option<Bearing>; 2],
    pub(super) found: Option<Pos>,
    /// Its glow can be seen until then.
    glows_until: Tick,
}

/// The first bearing is taken when the meteor falls, from where the commander is.
pub(super) fn see_it_fall(battle: &mut Battle) {
    if !battle.tick.is_every(PERIOD_TICKS, 1) || battle.sdf.meteor.bearings[0].is_some() || !battle.has(Rule::Meteor) {
        return;
    }
    let Some(meteor) = fallen(battle) else { return };
    let Some(seat) = battle.roster.first(Role::Commander) else { return };
    let from = battle.seat_pos(seat);
    battle.sdf.meteor.bearings[0] = Some(bearing(from, meteor));
    battle.sdf.meteor.glows_until = battle.tick.after(ticks(battle.balance.sdf.bearing_until_s as u32));
}

fn fallen(battle: &Battle) -> Option<Pos> {
    battle.structures.iter().find(|(_, s)| s.kind == Kind::Meteor).map(|(_, s)| s.pos)
}

fn bearing(from: Pos, to: Pos) -> Bearing {
    Bearing { from, heading: from.angle_to(to).to_byte() }
}

/// Works on the second bearing; two that cross show the place, which is a sample in itself.
pub(super) fn take_bearing(battle: &mut Battle, hand: &Hand) {
    let n = battle.balance.sdf;
    let watch = battle.sdf.meteor;
    let Some(first) = watch.bearings[0] else { return };
    let apart = !hand.pos.within(first.from, metres(n.bearing_apart_m));
    if watch.found.is_some() || battle.tick >= watch.glows_until || !apart {
        return;
    }
    let Some(meteor) = fallen(battle) else { return };
    let seat = &mut battle.seats[hand.seat.index()];
    if !seat.channel(hand.verb, None, n.bearing_ticks as u32, 1_000) {
        return;
    }
    battle.sdf.meteor.bearings[1] = Some(bearing(hand.pos, meteor));
    battle.sdf.meteor.found = Some(meteor);
    battle.tell(Event::new(battle.tick, EventKind::MeteorTriangulated).at(meteor).by(Some(hand.seat)));
    research::add(battle, Micro::whole(n.meteor_research));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::structure::Structure;
    use crate::sim::testing::Stage;
    use gamera_protocol::ground::{self, GROUND};
    use gamera_protocol::ids::City;
    use gamera_protocol::input::{SeatInput, Verb};
    use gamera_protocol::motion::Gait;

    #[test]
    fn two_bearings_far_enough_apart_and_soon_enough_find_the_meteor() {
        let centre = ground::city_centre(City::Sapporo);
        for (apart_m, later_s, found) in [(600, 0, true), (300, 0, false), (600, 130, false)] {
            let mut stage = Stage::campaign();
            let meteor = Structure::new(Kind::Meteor, GROUND.snow_sites[1], &stage.battle.balance);
            stage.battle.structures.insert(meteor);
            stage.put(Role::Commander, centre, Gait::Walk);
            stage.run(10);
            let watch = stage.battle.sdf.meteor;
            assert!(watch.bearings[0].is_some() && watch.found.is_none(), "one bearing shows no place");
            stage.battle.tick = stage.battle.tick.after(ticks(later_s));
            stage.put(Role::Scientist, Pos::new(centre.x - metres(apart_m), centre.y), Gait::Walk);
            stage.hold(Role::Scientist, SeatInput::default().doing(Verb::Sample));
            stage.run(ticks(4));
            assert_eq!(stage.battle.sdf.meteor.found.is_some(), found, "{apart_m} m apart, {later_s} s later");
            assert_eq!(stage.heard(EventKind::MeteorTriangulated), usize::from(found));
            assert_eq!(stage.battle.sdf.research.floor(), if found { 6 } else { 0 });
        }
    }
}
