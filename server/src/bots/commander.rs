//! The commander: shares the effort out by what it saves, sends the sonar, confers, escorts.

use gamera_protocol::ground;
use gamera_protocol::ids::Kind;
use gamera_protocol::input::{Order, SeatInput, Verb};
use gamera_protocol::view::{GameraState, Phase, SeatView};

use super::level::Policy;
use super::look;
use super::mind::Mind;

/// Soldiers this near are shot at first, metres.
const CLOSE_M: i32 = 90;
/// Escorts start this near the way out, metres.
const ESCORT_M: i32 = 100;
/// A share is changed by this much at least, percent.
const SHARE_STEP: i32 = 10;
/// Another district is looked to once the present one has less than this share of the fullest, percent.
const EMPTY_BELOW_PCT: i32 = 50;

type Rule = fn(&mut Mind, &SeatView<'_>) -> Option<SeatInput>;

const RULES: [Rule; 4] = [defend, patrol, confer, escort];

pub(super) fn think(mind: &mut Mind, view: &SeatView<'_>, orders: &mut Vec<Order>) -> SeatInput {
    command(mind, view, orders);
    let rules: &[Rule] = if mind.plays(Policy::AllEvacuation) { &[escort] } else { &RULES };
    look::first(view, rules.iter().map(|rule| rule(mind, view)))
}

fn command(mind: &mut Mind, view: &SeatView<'_>, orders: &mut Vec<Order>) {
    let Some(sdf) = view.team.sdf else { return };
    let percent = if mind.plays(Policy::AllEvacuation) { 100 } else { evacuation_share(mind, view) };
    let district = district_to_empty(view, usize::from(sdf.evacuation_district)) as u8;
    let free = should_fire_on_gamera(mind, view);
    let share_turns = (percent - i32::from(sdf.evacuation_pct)).abs() >= SHARE_STEP;
    let district_turns = district != sdf.evacuation_district;
    let free_turns = free != sdf.weapons_free;
    // Guns are called to where the queen shows herself.
    let call = look::exposed(view, Kind::Queen).and_then(|q| look::rally(view, q.pos));
    if !(share_turns || district_turns || free_turns || call.is_some()) || !mind.may_order(view.tick()) {
        return;
    }
    orders.extend(call);
    if share_turns {
        orders.push(Order::EvacuationShare { percent: percent as u8 });
    }
    if district_turns {
        orders.push(Order::EvacuateDistrict { city: view.team.city, district });
    }
    if free_turns {
        orders.push(Order::WeaponsFree { on: free });
    }
}

/// The fullest district; one that is being emptied is emptied well below it first.
fn district_to_empty(view: &SeatView<'_>, present: usize) -> usize {
    let people = &view.team.cities[view.team.city.index()].districts_dtok;
    let fullest = look::fullest_district(view);
    let stays = people.get(present).is_some_and(|n| i32::from(*n) * 100 > i32::from(people[fullest]) * EMPTY_BELOW_PCT);
    if stays { present } else { fullest }
}

/// The share that saves most: everything on the people while many are left and the blast comes
/// nearer, everything on the war once they are out.
fn evacuation_share(mind: &Mind, view: &SeatView<'_>) -> i32 {
    let staying = look::staying_pct(view, view.team.city);
    let stage = view.team.cities[view.team.city.index()].flower.map_or(0, |f| f.stage);
    let oxygen = mind.oxygen_in(view, mind.level.lookahead_s());
    match (staying, stage, oxygen) {
        (..=8, ..) => 10,
        (..=25, _, ..50) => 35,
        (_, 0..=1, _) => 55,
        (_, _, ..40) => 65,
        _ => 85,
    }
}

/// Mankind fires on Gamera only where she is feared and many people are in her way.
fn should_fire_on_gamera(mind: &Mind, view: &SeatView<'_>) -> bool {
    let feared = i32::from(view.team.wariness) >= mind.balance.sdf.wariness_free_at;
    feared && look::staying_pct(view, view.team.city) >= 40 && look::exposed(view, Kind::Queen).is_none()
}

fn defend(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    if look::is_busy_with(view, Verb::Confer) {
        return None;
    }
    let foe = look::nearest_foe(view, CLOSE_M.min(mind.balance.units.of(Kind::Commander).range_m))?;
    Some(look::walk_away(view, foe.pos).doing(Verb::Strike).at(foe.pos))
}

fn patrol(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let unseen = view.team.gamera.is_none_or(|g| matches!(g.state, GameraState::Away | GameraState::Dived));
    (unseen && look::is_ready(view, Verb::Patrol))
        .then(|| look::walk(view, look::city(view).lab, 60).doing(Verb::Patrol))
}

/// Goes to the scientist and confers, while the last conference does not help any more.
fn confer(mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let due = view.team.sdf.is_some_and(|s| s.confer_s == 0) && look::is_ready(view, Verb::Confer);
    let under_way = look::is_busy_with(view, Verb::Confer);
    let flower = view.team.cities[view.team.city.index()].flower.is_some();
    let scientist = view.things.nearest(Kind::Scientist, view.pos())?;
    ((due && flower) || under_way)
        .then(|| look::walk_and(view, scientist.pos, mind.balance.sdf.confer_range_m * 3 / 4, Verb::Confer))
}

fn escort(_mind: &mut Mind, view: &SeatView<'_>) -> Option<SeatInput> {
    let city = look::city(view);
    if view.team.phase == Phase::March {
        return Some(look::walk(view, city.lab, 60));
    }
    Some(lead_out(view, city.exit))
}

/// Leads a convoy out: beside one that is on its way, else from the fullest district.
pub(super) fn lead_out(view: &SeatView<'_>, exit: gamera_protocol::measure::Pos) -> SeatInput {
    if let Some(convoy) = view.things.nearest(Kind::Convoy, view.pos()) {
        return look::walk_and(view, convoy.pos, ESCORT_M, Verb::Escort);
    }
    let start = ground::city(view.team.city).districts[look::fullest_district(view)].centre();
    if look::is_within(view, start, ESCORT_M) || look::is_busy_with(view, Verb::Escort) {
        return look::walk(view, exit, 40).doing(Verb::Escort);
    }
    look::walk(view, start, ESCORT_M / 2).doing(Verb::Escort)
}
