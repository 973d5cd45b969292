//! Rally offers: a leader calls its side to a place for a while. Nobody has to come; whoever does is
//! credited with a deed.

use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{Role, SeatId, Side};
use gamera_protocol::input::Order;
use gamera_protocol::measure::{Pos, Tick, metres, ticks};

use super::Battle;
use super::unit::Unit;

/// Who has come is looked at this often.
const PERIOD_TICKS: u32 = 15;

/// One side's newest offer.
#[derive(Clone, Debug)]
pub(in crate::sim) struct Rally {
    at: Pos,
    until: Tick,
    /// Who made it, and who has come.
    credited: Vec<SeatId>,
}

/// Where `side` is called to now.
pub(in crate::sim) fn place(battle: &Battle, side: Side) -> Option<Pos> {
    battle.rallies[side.index()].as_ref().filter(|r| battle.tick < r.until).map(|r| r.at)
}

/// Takes this tick's offers, and credits those who have come.
pub(in crate::sim) fn gather(battle: &mut Battle) {
    for i in 0..battle.orders.len() {
        if let (seat, Order::Rally { at }) = battle.orders[i]
            && leads(battle.seats[seat.index()].role)
        {
            offer(battle, seat, at.pos());
        }
    }
    if battle.tick.is_every(PERIOD_TICKS, 0) {
        Side::ALL.iter().for_each(|side| credit(battle, *side));
    }
}

/// One leader a side may call it together, whatever it plays meanwhile.
fn leads(role: Role) -> bool {
    matches!(role, Role::Gamera | Role::Queen | Role::Commander)
}

fn offer(battle: &mut Battle, seat: SeatId, at: Pos) {
    let side = battle.seats[seat.index()].role.side();
    let until = battle.tick.after(ticks(battle.balance.campaign.rally_s as u32));
    battle.rallies[side.index()] = Some(Rally { at, until, credited: vec![seat] });
    battle.tell(Event::new(battle.tick, EventKind::OrderGiven).by(Some(seat)));
}

fn credit(battle: &mut Battle, side: Side) {
    let range = metres(battle.balance.campaign.rally_range_m);
    let Battle { rallies, seats, units, tick, .. } = battle;
    let Some(rally) = rallies[side.index()].as_mut().filter(|r| *tick < r.until) else { return };
    for (index, seat) in seats.iter_mut().enumerate().filter(|(_, s)| s.role.side() == side) {
        let id = SeatId(index as u16);
        let unit = seat.unit.and_then(|unit| units.get(unit));
        if unit.map(Unit::pos).is_some_and(|pos| pos.within(rally.at, range)) && !rally.credited.contains(&id) {
            rally.credited.push(id);
            seat.tally.deeds += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::{City, Viewer};
    use gamera_protocol::input::Aim;
    use gamera_protocol::motion::Gait;

    #[test]
    fn each_sides_leader_calls_its_own_side_and_who_comes_is_credited() {
        let at = Pos::from_m(7_000, 1_500);
        for (leader, other, called) in [
            (Role::Gamera, Role::Asagi, Some(Side::Gamera)),
            (Role::Queen, Role::BroodLeader, Some(Side::Legion)),
            (Role::Commander, Role::Tank, Some(Side::Sdf)),
            (Role::BroodLeader, Role::Queen, None),
            (Role::Jet, Role::Tank, None),
        ] {
            for (away_m, comes) in [(60, true), (200, false)] {
                let mut stage = Stage::quick(City::Tokyo);
                stage.order(leader, Order::Rally { at: Aim::at(at) });
                stage.run(1);
                for side in Side::ALL {
                    let told = stage.battle.team_view(Viewer::from(*side)).rally.is_some();
                    assert_eq!(told, Some(*side) == called, "{leader} calls {side}");
                }
                assert_eq!(stage.heard(EventKind::OrderGiven), usize::from(called.is_some()), "{leader}");
                stage.put(other, Pos::new(at.x + metres(away_m), at.y), Gait::Walk);
                stage.run(PERIOD_TICKS * 3);
                let deeds = stage.battle.seats[stage.seat(other).index()].tally.deeds;
                assert_eq!(deeds, u32::from(called.is_some() && comes), "{other} at {away_m} m");
            }
        }
    }

    #[test]
    fn an_offer_lapses() {
        let mut stage = Stage::quick(City::Tokyo);
        stage.order(Role::Commander, Order::Rally { at: Aim::at(Pos::from_m(7_000, 1_500)) });
        stage.run(1);
        stage.run(ticks(stage.battle.balance.campaign.rally_s as u32));
        assert_eq!(stage.battle.team_view(Viewer::Sdf).rally, None);
    }
}
