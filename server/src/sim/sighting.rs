//! One thing as a faction sees it, before it gets that faction's id.

use gamera_protocol::ids::{Kind, Layer, SeatId};
use gamera_protocol::measure::Pos;
use gamera_protocol::view::Marks;

/// Names a thing of the battle for as long as it exists; never used twice within a match's memory.
/// It must not leave the server: an id that all factions share would tell them too much.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key(pub u32);

/// What a faction sees of one thing: as [`gamera_protocol::view::Thing`], but for the id.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// Which thing.
    pub key: Key,
    /// What it is.
    pub kind: Kind,
    /// In which layer.
    pub layer: Layer,
    /// Where; rough where [`Marks::BLIP`] is set.
    pub pos: Pos,
    /// Which way it faces, one of 256 directions.
    pub heading: u8,
    /// Health left, 255 is whole.
    pub health: u8,
    /// Its marks.
    pub marks: Marks,
    /// The seat that steers it, if one does.
    pub seat: Option<SeatId>,
}
