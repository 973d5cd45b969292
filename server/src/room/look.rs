//! Administrators who look at the battle as a seat's side may see it: the server's own state, beside which a client's
//! can be held. Who does not keep up misses pictures; the battle waits for nobody.

use std::sync::mpsc::TrySendError;

use gamera_protocol::admin::{NoView, SeatPicture};
use gamera_protocol::ids::{SeatId, Viewer};
use gamera_protocol::measure::metres;
use gamera_protocol::snapshot::group::far_tier;

use super::Room;
use crate::net::Look;
use crate::replicate::{REACH_M, Replicator};
use crate::sim::Battle;

/// Looks at a match at a time: each costs a copy of what is around its seat's unit, a tick.
const LOOKS_MAX: usize = 4;
/// Things are told so much farther than to any client, metres: what has just left a client's reach is no ghost.
const BEYOND_M: i32 = 64;

/// Who looks.
#[derive(Default)]
pub(super) struct Looks(Vec<(SeatId, Look)>);

impl Room {
    pub(super) fn look(&mut self, seat: SeatId, to: Look) {
        let refusal = match self.battle.roster().role(seat) {
            None => Some(NoView::NoSuchSeat),
            Some(_) if self.looks.0.len() >= LOOKS_MAX => Some(NoView::Enough),
            Some(_) => None,
        };
        match refusal {
            // Who has gone away meanwhile does not mind.
            Some(why) => drop(to.try_send(Err(why))),
            None => self.looks.0.push((seat, to)),
        }
    }
}

impl Looks {
    /// Tells them of the tick that was published last.
    pub(super) fn tell(&mut self, battle: &Battle, replicator: &Replicator) {
        self.0.retain(|(seat, to)| match picture(battle, replicator, *seat) {
            Some(picture) => !matches!(to.try_send(Ok(picture)), Err(TrySendError::Disconnected(_))),
            None => true,
        });
    }
}

/// What the side of `seat` sees around the seat's unit, and from afar; `None` in ticks in which nobody of it is told.
fn picture(battle: &Battle, replicator: &Replicator, seat: SeatId) -> Option<SeatPicture> {
    let viewer = Viewer::from(battle.roster().role(seat)?.side());
    let own = battle.own_view(seat);
    let reach = metres(i32::from(REACH_M) + BEYOND_M);
    let seen = replicator.seen(battle.tick(), viewer)?;
    let things = seen.filter(|t| far_tier(t.kind, true).is_some() || t.pos.within(own.mover.pos, reach)).collect();
    Some(SeatPicture { tick: battle.tick(), own, team: replicator.team(viewer).clone(), things })
}
