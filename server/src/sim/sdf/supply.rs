//! Rounds, passes and charges: loaded at the city's exit, one at a time.

use gamera_protocol::ground;
use gamera_protocol::ids::{Role, SeatId};
use gamera_protocol::measure::{Pos, metres, ticks};

use super::super::Battle;
use super::support_permille;

/// Loads one more, where a seat with less than a full load stands at the exit.
pub(super) fn refill(battle: &mut Battle, seat: SeatId, role: Role, pos: Pos) {
    let n = &battle.balance.sdf;
    let range_m = match role {
        Role::Missiles | Role::Engineer => n.resupply_range_m,
        Role::Jet => n.airfield_range_m,
        _ => return,
    };
    let full = battle.balance.units.of(role.kind()).carries.max(1);
    let exit = ground::city(battle.campaign.city).exit;
    if i32::from(battle.seats[seat.index()].carried) >= full || !pos.within(exit, metres(range_m)) {
        return;
    }
    let each = i64::from(ticks(n.resupply_s as u32)) * 1_000 / (i64::from(full) * support_permille(battle));
    let phase = u32::from(seat.0);
    if battle.tick.is_every(each.max(1) as u32, phase) {
        battle.seats[seat.index()].carried += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::testing::Stage;
    use gamera_protocol::ids::City;
    use gamera_protocol::motion::Gait;

    #[test]
    fn a_full_load_takes_twenty_seconds_at_the_exit_and_none_elsewhere() {
        let exit = ground::city(City::Sapporo).exit;
        let far = Pos::new(exit.x, exit.y - metres(400));
        for (role, gait, full) in
            [(Role::Missiles, Gait::Walk, 24), (Role::Engineer, Gait::Walk, 3), (Role::Jet, Gait::Fly, 4)]
        {
            for (at, wanted) in [(exit, full), (far, 0)] {
                let mut stage = Stage::campaign();
                let seat = stage.seat(role);
                stage.put(role, at, gait);
                stage.battle.seats[seat.index()].carried = 0;
                stage.run(ticks(21));
                assert_eq!(stage.battle.seats[seat.index()].carried, wanted, "{role}");
            }
        }
    }
}
