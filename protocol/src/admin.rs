//! What an administrator asks a server on its own socket, and what it is told, each message framed and limited by
//! [`crate::codec`]. No player ever sends or reads any of it.

use bincode::{Decode, Encode};

use crate::codec::{self, TooLong};
use crate::ids::SeatId;
use crate::measure::Tick;
use crate::view::{OwnView, TeamView, Thing};

/// Things in one message.
pub const THINGS_PAGE: usize = 150;
/// Things of one picture at most: there are no more ids.
const THINGS_MAX: usize = 1 << 16;

/// What is asked, once a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Ask {
    /// The battle as a seat's side may see it around the seat's unit, tick by tick until the connection ends.
    View {
        /// Which match of the server, from 0.
        room: u16,
        /// Which seat.
        seat: SeatId,
    },
}

/// What is told.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Told {
    /// A picture begins; its things follow.
    Picture {
        /// The tick that it is of.
        tick: Tick,
        /// The seat's own unit.
        own: OwnView,
        /// What its side knows of the match.
        team: Box<TeamView>,
    },
    /// Things of the picture, [`THINGS_PAGE`] at most.
    Things(Vec<Thing>),
    /// The picture is whole.
    End,
    /// There will be none.
    Refused(NoView),
}

/// Why a view is not told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
pub enum NoView {
    /// The server has no such match.
    #[error("the server has no such match; they are counted from 0")]
    NoSuchRoom,
    /// The match has no such seat.
    #[error("the match has no such seat")]
    NoSuchSeat,
    /// Enough look already.
    #[error("as many look at this match already as may at a time; end another look first")]
    Enough,
}

/// The battle as a seat's side may see it in one tick, of the server's own state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeatPicture {
    /// The tick.
    pub tick: Tick,
    /// The seat's own unit.
    pub own: OwnView,
    /// What its side knows of the match.
    pub team: TeamView,
    /// Everything around the unit, each thing by the id that the side's clients know it by.
    pub things: Vec<Thing>,
}

impl SeatPicture {
    /// The frames that tell it.
    ///
    /// # Errors
    /// When a message does not fit its frame, which none of these is long enough for.
    pub fn frames(&self) -> Result<Vec<u8>, TooLong> {
        let SeatPicture { tick, own, .. } = *self;
        let mut bytes = codec::frame(&Told::Picture { tick, own, team: Box::new(self.team.clone()) })?;
        for page in self.things.chunks(THINGS_PAGE) {
            bytes.extend(codec::frame(&Told::Things(page.to_vec()))?);
        }
        bytes.extend(codec::frame(&Told::End)?);
        Ok(bytes)
    }
}

/// Puts pictures together again.
#[derive(Debug, Default)]
pub struct Gathering(Option<SeatPicture>);

impl Gathering {
    /// Takes what was told; returns the picture that it has made whole, if it has.
    ///
    /// # Errors
    /// When there will be no picture.
    pub fn take(&mut self, told: Told) -> Result<Option<SeatPicture>, NoView> {
        match told {
            Told::Picture { tick, own, team } => {
                self.0 = Some(SeatPicture { tick, own, team: *team, things: Vec::new() });
            }
            Told::Things(page) => {
                if let Some(picture) = self.0.as_mut().filter(|p| p.things.len() + page.len() <= THINGS_MAX) {
                    picture.things.extend(page);
                }
            }
            Told::End => return Ok(self.0.take()),
            Told::Refused(why) => return Err(why),
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{City, Kind, Layer, NetId, Role};
    use crate::measure::Pos;
    use crate::motion::{Gait, Mover};
    use crate::view::{CityView, Life, Marks, Phase, SdfView, VERBS_MAX};

    fn picture(things: u16) -> SeatPicture {
        let thing = |id| Thing {
            id: NetId(id),
            kind: Kind::Carcass,
            layer: Layer::Sky,
            pos: Pos::from_m(4_000, 2_000),
            heading: 255,
            health: 255,
            marks: Marks(255),
            seat: Some(SeatId(u16::MAX)),
        };
        let own = OwnView {
            tick: Tick(u32::MAX),
            role: Role::Engineer,
            life: Life::Down { until: Tick(u32::MAX) },
            mover: Mover::at(Pos::from_m(4_000, 2_000), Gait::Walk),
            speed_permille: u16::MAX,
            health: i32::MAX,
            health_max: i32::MAX,
            carried: u16::MAX,
            squad: u16::MAX,
            cooldowns: [u16::MAX; VERBS_MAX],
            channel: None,
        };
        let team = TeamView {
            tick: Tick(u32::MAX),
            phase: Phase::Ended,
            city: City::Tokyo,
            last_city: City::Tokyo,
            cities: [CityView::default(); 3],
            gamera: None,
            queen: None,
            seeds: 0,
            wariness: 0,
            scores: [u16::MAX; 3],
            legion: None,
            gamera_side: None,
            sdf: Some(SdfView::default()),
            rally: None,
        };
        SeatPicture { tick: Tick(u32::MAX), own, team, things: (0..things).map(|id| thing(u16::MAX - id)).collect() }
    }

    /// The messages of a text of frames.
    fn read(mut bytes: &[u8]) -> Vec<Told> {
        let mut told = Vec::new();
        while let [high, low, rest @ ..] = bytes {
            let length = codec::frame_length([*high, *low]).unwrap();
            told.push(codec::decode(&rest[..length]).unwrap());
            bytes = &rest[length..];
        }
        told
    }

    #[test]
    fn a_picture_is_put_together_as_it_was_taken_apart() {
        for things in [0, 1, THINGS_PAGE as u16, 1_000] {
            let before = picture(things);
            let mut gathering = Gathering::default();
            let whole: Vec<SeatPicture> =
                read(&before.frames().unwrap()).into_iter().filter_map(|told| gathering.take(told).unwrap()).collect();
            assert_eq!(whole, [before]);
        }
    }

    #[test]
    fn pages_without_a_picture_and_a_refusal_make_none() {
        let mut gathering = Gathering::default();
        assert_eq!(gathering.take(Told::Things(picture(3).things)), Ok(None));
        assert_eq!(gathering.take(Told::End), Ok(None));
        assert_eq!(gathering.take(Told::Refused(NoView::NoSuchSeat)), Err(NoView::NoSuchSeat));
    }
}
