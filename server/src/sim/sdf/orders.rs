//! What the commander decides: where the effort goes, and whether to fire on Gamera.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::input::Order;

use super::super::Battle;

/// Takes this tick's orders of the SDF's commander.
pub(in crate::sim) fn take(battle: &mut Battle) {
    for i in 0..battle.orders.len() {
        let (seat, order) = battle.orders[i];
        if battle.seats[seat.index()].playing == Role::Commander {
            decide(battle, seat, order);
        }
    }
}

fn decide(battle: &mut Battle, seat: SeatId, order: Order) {
    match order {
        Order::EvacuationShare { percent } => battle.sdf.evacuation_pct = i32::from(percent),
        Order::EvacuateDistrict { city, district } => {
            battle.sdf.evacuation_city = city;
            battle.sdf.district = usize::from(district);
        }
        Order::WeaponsFree { on } => weapons_free(battle, seat, on),
        Order::VoteImpact { .. }
        | Order::FeedShare { .. }
        | Order::Landfall { .. }
        | Order::HoldSwarm { .. }
        | Order::Rally { .. } => return,
    }
    battle.tell(Event::new(battle.tick, EventKind::OrderGiven).by(Some(seat)));
}

/// Mankind fires on Gamera only once it trembles; to cease fire is always allowed.
fn weapons_free(battle: &mut Battle, seat: SeatId, on: bool) {
    let wary = battle.gamera.wariness.floor() >= battle.balance.sdf.wariness_free_at;
    if battle.sdf.weapons_free == on || (on && !(wary && battle.has(Rule::Wariness))) {
        return;
    }
    battle.sdf.weapons_free = on;
    battle.sdf.fired_on_gamera |= on;
    battle.tell(Event::new(battle.tick, EventKind::WeaponsFree).by(Some(seat)).amount(i32::from(on)));
}
