//! The state of the interface that is not of the battle: what the player looks at, what is open on
//! top of it, what the keys hold. Changed by the keys alone.

use gamera_protocol::ids::{Layer, NetId, Role, SeatId, Side};
use gamera_protocol::input::SeatInput;
use gamera_protocol::measure::{Pos, Tick, UNITS_PER_M, metres};

use crate::keys::doing::Doing;
use crate::keys::steer::{Scheme, Steer};
use crate::model::Model;

/// Metres a half-block shows, nearest first.
pub const ZOOMS_M: [i32; 6] = [2, 4, 8, 16, 32, 64];
/// The zoom at the start.
const ZOOM_START: usize = 2;
/// Giants begin one step farther off: they cover ground fast.
const ZOOM_GIANT: usize = 3;

/// What the camera does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Camera {
    /// It stays with the own unit; a spectator's with the battlefield.
    #[default]
    Follow,
    /// It looks at a place.
    Free(Pos),
    /// It stays with a thing.
    Track(NetId),
}

/// Which layers are shown at full strength.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Focus {
    /// All three.
    #[default]
    All,
    /// One; the others faint.
    One(Layer),
}

impl Focus {
    /// The next in the round.
    #[must_use]
    pub fn next(self) -> Focus {
        match self {
            Focus::All => Focus::One(Layer::Underground),
            Focus::One(Layer::Underground) => Focus::One(Layer::Surface),
            Focus::One(Layer::Surface) => Focus::One(Layer::Sky),
            Focus::One(Layer::Sky) => Focus::All,
        }
    }

    /// The name on the screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Focus::All => "all layers",
            Focus::One(layer) => layer.label(),
        }
    }

    /// True where `layer` is shown at full strength.
    #[must_use]
    pub fn shows(self, layer: Layer) -> bool {
        self == Focus::All || self == Focus::One(layer)
    }
}

/// What is open on top of the battle.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys in force, from this line on.
    Help(usize),
    /// Who plays, and the scores.
    Scores,
    /// Another seat.
    Seats(SeatMenu),
    /// How it ended, from this line on.
    Verdict(usize),
    /// Really leave?
    Quit,
}

/// The chooser of seats: a side, then a role, then a seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SeatMenu {
    /// Chosen side.
    pub side: Option<Side>,
    /// Chosen role.
    pub role: Option<Role>,
    /// The line the cursor is on.
    pub cursor: usize,
}

/// One line of the chooser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SeatChoice {
    /// A side to look into.
    Side(Side),
    /// A role to look into.
    Role(Role),
    /// A seat to take.
    Seat(SeatId),
    /// To watch, without a seat.
    Watch,
}

impl SeatMenu {
    /// The lines of the present page.
    #[must_use]
    pub fn choices(&self, model: &Model) -> Vec<SeatChoice> {
        let seats = || model.seats.iter();
        match (self.side, self.role) {
            (_, Some(role)) => seats().filter(|s| s.role == role).map(|s| SeatChoice::Seat(s.seat)).collect(),
            (Some(side), None) => {
                let has = |role: &Role| role.side() == side && seats().any(|s| s.role == *role);
                Role::ALL.iter().filter(|r| has(r)).map(|r| SeatChoice::Role(*r)).collect()
            }
            (None, None) => Side::ALL.iter().map(|s| SeatChoice::Side(*s)).chain([SeatChoice::Watch]).collect(),
        }
    }
}

/// A line of chat being written.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ChatInput {
    /// What is written so far.
    pub text: String,
    /// For the own side alone.
    pub team: bool,
}

/// Which cells of the screen show which ground.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Viewport {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows; each holds two half-blocks.
    pub height: u16,
    /// The ground in the middle.
    pub centre: Pos,
    /// Metres a half-block shows.
    pub scale_m: i32,
}

impl Viewport {
    /// The half-block (column, row from the top) that shows `pos`; it may lie outside.
    #[must_use]
    pub fn dot(&self, pos: Pos) -> (i32, i32) {
        let unit = metres(self.scale_m.max(1));
        let x = (pos.x - self.west()).div_euclid(unit);
        let y = (self.north() - 1 - pos.y).div_euclid(unit);
        (x, y)
    }

    /// The middle of the ground that a half-block shows.
    #[must_use]
    pub fn ground(&self, dot: (i32, i32)) -> Pos {
        let unit = metres(self.scale_m.max(1));
        Pos::new(self.west() + dot.0 * unit + unit / 2, self.north() - dot.1 * unit - unit / 2)
    }

    /// The ground under a cell of the screen, if the cell is one of the battlefield.
    #[must_use]
    pub fn at_cell(&self, column: u16, row: u16) -> Option<Pos> {
        let inside = (self.x..self.x + self.width).contains(&column) && (self.y..self.y + self.height).contains(&row);
        let dot = (i32::from(column) - i32::from(self.x), (i32::from(row) - i32::from(self.y)) * 2 + 1);
        inside.then(|| self.ground(dot))
    }

    // Aligned to half-blocks, so that the ground does not shimmer as the camera glides.
    fn west(&self) -> i32 {
        let unit = metres(self.scale_m.max(1));
        (self.centre.x.div_euclid(unit) - i32::from(self.width) / 2) * unit
    }

    fn north(&self) -> i32 {
        let unit = metres(self.scale_m.max(1));
        (self.centre.y.div_euclid(unit) + i32::from(self.height)) * unit
    }
}

/// The state of the interface.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Ui {
    /// How movement keys work.
    pub scheme: Scheme,
    /// Where to.
    pub steer: Steer,
    /// What.
    pub doing: Doing,
    /// At which thing.
    pub target: Option<NetId>,
    /// At which place: a click.
    pub point: Option<Pos>,
    /// Index into [`ZOOMS_M`]; `None` leaves it to the role.
    pub zoom: Option<usize>,
    /// What the camera does.
    pub camera: Camera,
    /// Which layers stand out.
    pub focus: Focus,
    /// What is open on top.
    pub overlay: Overlay,
    /// The line of chat being written.
    pub chat: Option<ChatInput>,
    /// True while a held key shows the scores.
    pub peek_scores: bool,
}

impl Ui {
    /// Index into [`ZOOMS_M`] in force.
    #[must_use]
    pub fn zoom(&self, model: &Model) -> usize {
        let giant = matches!(model.role(), None | Some(Role::Gamera | Role::Queen | Role::Jet));
        self.zoom.unwrap_or(if giant { ZOOM_GIANT } else { ZOOM_START })
    }

    /// Where the camera looks.
    #[must_use]
    pub fn centre(&self, model: &Model) -> Pos {
        match self.camera {
            Camera::Free(pos) => pos,
            Camera::Track(id) => model.drawn.iter().find(|t| t.id == id).map_or_else(|| model.here(), |t| t.pos),
            Camera::Follow => model.here(),
        }
    }

    /// Where the player aims: the target, else the place of a click.
    #[must_use]
    pub fn aim(&self, model: &Model) -> Option<Pos> {
        let target = self.target.and_then(|id| model.drawn.iter().find(|t| t.id == id));
        target.map(|t| t.pos).or(self.point)
    }

    /// Where the player wants to go now.
    #[must_use]
    pub fn wanted(&self, model: &Model) -> SeatInput {
        let heading = self.steer.heading(model.here());
        SeatInput { heading, seen: Tick(model.clock.newest().0), ..SeatInput::default() }
    }

    /// What the player wants in this tick.
    pub fn input(&mut self, model: &Model) -> SeatInput {
        let mut input = SeatInput { verb: self.doing.in_next_tick(), ..self.wanted(model) };
        if let Some(aim) = self.aim(model) {
            input = input.at(aim);
        }
        input
    }

    /// Forgets what belonged to another seat.
    pub fn reseated(&mut self) {
        self.steer.halt();
        self.doing.stop();
        (self.target, self.point, self.zoom, self.camera) = (None, None, None, Camera::Follow);
    }
}

/// Rounds metres out of grid units, for lines that people read.
#[must_use]
pub const fn whole_metres(units: i32) -> i32 {
    (units + UNITS_PER_M / 2) / UNITS_PER_M
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_shows_the_ground_that_is_drawn_in_it() {
        let view = Viewport { x: 3, y: 1, width: 80, height: 18, centre: Pos::from_m(1_000, 1_200), scale_m: 8 };
        for (column, row) in [(3, 1), (40, 10), (82, 18)] {
            let pos = view.at_cell(column, row).unwrap();
            let (x, y) = view.dot(pos);
            assert_eq!((x + 3, y / 2 + 1), (i32::from(column), i32::from(row)));
        }
        assert_eq!(view.at_cell(2, 5), None);
        assert_eq!(view.at_cell(40, 19), None);
    }

    #[test]
    fn the_layers_go_round() {
        let mut focus = Focus::All;
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push(focus.label());
            focus = focus.next();
        }
        assert_eq!((seen.len(), focus), (4, Focus::All));
        assert!(Focus::All.shows(Layer::Sky) && !Focus::One(Layer::Sky).shows(Layer::Surface));
    }
}
