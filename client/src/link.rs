//! What carries a player to a battle, as the screen sees it: updates come in, acts go out.
//!
//! It names no socket and no server: a session over the network and a staged scene of a test are
//! the same to everything above.

use std::time::Duration;

use gamera_protocol::event::Event;
use gamera_protocol::ids::{Role, SeatId, Side, Viewer};
use gamera_protocol::input::{Order, SeatInput};
use gamera_protocol::measure::{Pos, Tick};
use gamera_protocol::message::Summary;
use gamera_protocol::snapshot::Density;
use gamera_protocol::view::{OwnView, TeamView, Thing};

/// Carries updates and acts; polled, never blocking.
pub trait Link {
    /// Appends what has arrived since the last call, oldest first.
    fn poll(&mut self, now: Duration, out: &mut Vec<Update>);
    /// Sends what the player wants, as soon as may be.
    fn send(&mut self, act: Act);
}

/// News from the battle.
#[derive(Clone, Debug)]
pub enum Update {
    /// The place that was given: as whom the player looks at the battle.
    Placed(Place),
    /// Every seat of the match, in seat order.
    Seats(Vec<SeatInfo>),
    /// The battle as it was at one tick.
    Picture(Box<Picture>),
    /// Something happened.
    Event(Event),
    /// Somebody said something.
    Chat(ChatLine),
    /// The match has ended.
    Verdict(Summary),
    /// How well the link carries.
    Quality(Quality),
    /// The server tells the player something.
    Notice(String),
    /// The link is down and is being taken up again.
    Interrupted(String),
    /// The link is up again, with the same seat.
    Resumed,
    /// The server will stop in this many seconds.
    Draining(u16),
    /// The link is down for good.
    Closed(Closing),
}

/// Why a link is down for good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Closing {
    /// In words.
    pub reason: String,
    /// The server said goodbye: nothing went wrong.
    pub polite: bool,
}

/// As whom the player looks at the battle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// Whose eyes.
    pub viewer: Viewer,
    /// The seat, unless it is a spectator.
    pub seat: Option<SeatId>,
    /// The name that others see.
    pub name: String,
}

/// One seat of the match.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeatInfo {
    /// Which.
    pub seat: SeatId,
    /// Its role.
    pub role: Role,
    /// The person in it; `None` where a bot plays.
    pub person: Option<String>,
}

/// The battle as it was at one tick.
#[derive(Clone, Debug)]
pub struct Picture {
    /// When.
    pub tick: Tick,
    /// The own unit, unless it is a spectator.
    pub own: Option<OwnView>,
    /// The match.
    pub team: TeamView,
    /// What can be seen.
    pub things: Vec<Thing>,
    /// When each of `things` was last told of, in the same order: those far off are told of less often.
    pub told: Vec<Tick>,
    /// The swarm from afar.
    pub density: Density,
}

/// A line of chat.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChatLine {
    /// Who said it.
    pub from: String,
    /// To this side alone; `None` to all.
    pub to: Option<Side>,
    /// What.
    pub text: String,
}

/// How well the link carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quality {
    /// Round trip, milliseconds.
    pub rtt_ms: u32,
    /// Datagrams lost, thousandths.
    pub loss_permille: u32,
    /// Bytes a second that arrive.
    pub down_bytes_s: u32,
    /// How often a second the server tells of the battle; `None` before it has been measured.
    pub snapshots_s: Option<u32>,
    /// Ticks by which inputs arrive early; negative when late, `None` where the server has not told.
    pub inputs_early_ticks: Option<i32>,
}

/// A server that tells less often than this, times a second, gives way to its load.
const RATIONED_S: u32 = 25;
/// More loss than this, thousandths, may be what keeps snapshots away.
const LOSSY_PERMILLE: u32 = 20;

impl Quality {
    /// How often the server tells of the battle, where it does so less often than it would with time to
    /// spare and the network is not why.
    #[must_use]
    pub fn rationed(&self) -> Option<u32> {
        self.snapshots_s.filter(|rate| *rate < RATIONED_S && self.loss_permille <= LOSSY_PERMILLE)
    }
}

/// What the player wants.
#[derive(Clone, PartialEq, Debug)]
pub enum Act {
    /// The input for one tick.
    Input {
        /// The tick that it is for.
        tick: Tick,
        /// What.
        input: SeatInput,
    },
    /// A decision.
    Order(Order),
    /// Something said.
    Say {
        /// To the own side alone.
        team: bool,
        /// What.
        text: String,
    },
    /// Another seat.
    Choose(gamera_protocol::message::Wish),
    /// Where the camera of a spectator looks.
    Look(Pos),
    /// The goodbye.
    Leave,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_tells_less_often_is_busy_unless_the_network_loses_what_it_tells() {
        for (snapshots_s, loss_permille, rationed) in [
            (Some(30), 0, None),
            (Some(15), 0, Some(15)),
            (Some(20), 5, Some(20)),
            (Some(15), 300, None),
            (None, 0, None),
        ] {
            let quality = Quality { snapshots_s, loss_permille, ..Quality::default() };
            assert_eq!(quality.rationed(), rationed, "{quality:?}");
        }
    }
}
