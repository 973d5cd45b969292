//! What stands ahead of a datagram's sections.

use crate::bits::{BitReader, BitWriter};
use crate::measure::{Pos, Tick, metres};
use crate::motion::Mover;
use crate::snapshot::group::{CELL_M, CELLS, CELLS_X, CELLS_Y, GROUPS, GroupId, RADIUS_MAX, REGIONS, TABLE, Tier};
use crate::snapshot::{Density, OwnState, SnapshotError, pack};
use crate::view::{OwnView, TeamView};

/// Order of the code of the tick: short for the first quarter of an hour, and not long after.
const TICK_ORDER: u32 = 14;

/// The cells that a client is to hold: those within `radius` cells of the middle one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Window {
    column: u8,
    row: u8,
    radius: u8,
}

impl Window {
    /// Around the cell that holds `pos`; `radius` cells, at most [`RADIUS_MAX`].
    #[must_use]
    pub fn around(pos: Pos, radius: u8) -> Window {
        let (column, row) = GroupId::cell_at(pos).cell_place();
        Window { column: column as u8, row: row as u8, radius: radius.min(RADIUS_MAX) }
    }

    /// A radius that holds everything within `reach_m` of wherever in the middle cell.
    #[must_use]
    pub const fn radius_for(reach_m: i32) -> u8 {
        let cells = (reach_m + CELL_M - 1) / CELL_M;
        if cells > RADIUS_MAX as i32 { RADIUS_MAX } else { cells as u8 }
    }

    /// True where the window holds the group; regions are always held.
    #[inline]
    #[must_use]
    pub fn holds(self, group: GroupId) -> bool {
        if group.tier() != Tier::Cells {
            return true;
        }
        let (column, row) = group.cell_place();
        let dx = column as i32 - i32::from(self.column);
        self.half_width(row).is_some_and(|half| dx.abs() <= half)
    }

    /// How many columns to each side of the middle the window reaches in `row`, if at all.
    #[inline]
    #[must_use]
    pub fn half_width(self, row: usize) -> Option<i32> {
        HALF_WIDTHS[usize::from(self.radius)].get(row.abs_diff(self.row.into())).copied().flatten()
    }

    /// The rows that the window reaches.
    pub fn rows(self) -> impl Iterator<Item = usize> {
        let (row, r) = (usize::from(self.row), usize::from(self.radius));
        row.saturating_sub(r)..=(row + r).min(CELLS_Y - 1)
    }

    /// The columns that the window reaches in `row`.
    pub fn columns(self, row: usize) -> impl Iterator<Item = usize> {
        let middle = i32::from(self.column);
        let (low, high) = self.half_width(row).map_or((1, 0), |half| (middle - half, middle + half));
        (low.max(0)..=high.min(CELLS_X as i32 - 1)).map(|column| column as usize)
    }

    /// Everything that it holds: cells row by row, then all regions.
    pub fn groups(self) -> impl Iterator<Item = GroupId> {
        self.cells().chain((CELLS..GROUPS).map(|i| GroupId(i as u16)))
    }

    /// The cells that it holds, row by row.
    pub fn cells(self) -> impl Iterator<Item = GroupId> {
        self.rows().flat_map(move |row| self.columns(row).map(move |column| GroupId::cell(column, row)))
    }

    /// The middle cell's column and row.
    #[must_use]
    pub const fn middle(self) -> (usize, usize) {
        (self.column as usize, self.row as usize)
    }

    /// The group of the window that has this place in the table.
    #[must_use]
    pub const fn group_in(self, slot: usize) -> GroupId {
        if slot >= TABLE * TABLE {
            return GroupId((CELLS + slot - TABLE * TABLE) as u16);
        }
        // The one column and row within half a table of the middle that fall on this place.
        GroupId::cell(near_on(self.column, slot % TABLE), near_on(self.row, slot / TABLE))
    }

    /// Radius in cells.
    #[must_use]
    pub const fn radius(self) -> u8 {
        self.radius
    }

    /// The group's number in the order in which sections stand: cells row by row, then regions.
    #[inline]
    #[must_use]
    pub const fn order_of(self, group: GroupId) -> u32 {
        let side = self.side();
        if group.index() >= CELLS {
            return side * side + (group.index() - CELLS) as u32;
        }
        let (column, row) = group.cell_place();
        let x = column as i32 - self.column as i32 + self.radius as i32;
        let y = row as i32 - self.row as i32 + self.radius as i32;
        (y * side as i32 + x) as u32
    }

    /// The group with this number, if there is one.
    #[must_use]
    pub fn group_at(self, order: u32) -> Option<GroupId> {
        let side = self.side();
        if order >= side * side {
            let region = (order - side * side) as usize;
            return (region < 2 * REGIONS).then_some(GroupId((CELLS + region) as u16));
        }
        let column = (order % side) as i32 + i32::from(self.column) - i32::from(self.radius);
        let row = (order / side) as i32 + i32::from(self.row) - i32::from(self.radius);
        let inside = (0..CELLS_X as i32).contains(&column) && (0..CELLS_Y as i32).contains(&row);
        inside.then(|| GroupId::cell(column as usize, row as usize)).filter(|group| self.holds(*group))
    }

    const fn side(self) -> u32 {
        2 * self.radius as u32 + 1
    }

    /// The south-western corner of the middle cell.
    const fn corner(self) -> Pos {
        Pos::from_m(self.column as i32 * CELL_M, self.row as i32 * CELL_M)
    }

    fn write(self, w: &mut BitWriter) {
        w.put(u32::from(self.column), 7);
        w.put(u32::from(self.row), 6);
        w.put(u32::from(self.radius), 4);
    }

    fn read(r: &mut BitReader<'_>) -> Result<Window, SnapshotError> {
        const { assert!(CELLS_X == 128 && CELLS_Y <= 64, "a column has 7 bits, a row 6") };
        let window = Window { column: r.get(7)? as u8, row: r.get(6)? as u8, radius: r.get(4)? as u8 };
        if usize::from(window.row) < CELLS_Y { Ok(window) } else { Err(SnapshotError::OutOfRange("window")) }
    }

    /// The middle of the middle cell.
    #[must_use]
    pub const fn centre(self) -> Pos {
        let half = metres(CELL_M) / 2;
        let corner = self.corner();
        Pos::new(corner.x + half, corner.y + half)
    }
}

/// By the radius, and by how many rows apart: how many columns a window reaches to each side.
static HALF_WIDTHS: [[Option<i32>; RADII]; RADII] = half_widths();
const RADII: usize = RADIUS_MAX as usize + 1;

const fn half_widths() -> [[Option<i32>; RADII]; RADII] {
    let mut widths = [[None; RADII]; RADII];
    let mut at = 0;
    while at < RADII * RADII {
        let (radius, rows) = ((at / RADII) as i32, (at % RADII) as i32);
        // The gap between the middle cell and another is one cell less than they are apart.
        let gap = rows - 1;
        let rest = radius * radius - if gap > 0 { gap * gap } else { 0 };
        if gap < 0 || gap < radius {
            let whole = if rest > 0 { 1 + (rest - 1).isqrt() } else { 0 };
            widths[radius as usize][rows as usize] = Some(whole);
        }
        at += 1;
    }
    widths
}

/// The column or row within half a table of `middle` that falls on `place`; zero where it would lie
/// before the first.
const fn near_on(middle: u8, place: usize) -> usize {
    let low = middle as i32 - TABLE as i32 / 2;
    let at = low + (place as i32 - low).rem_euclid(TABLE as i32);
    if at < 0 { 0 } else { at as usize }
}

/// What the server did with the client's inputs: the client's clock is steered by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InputEcho {
    /// The newest input that entered a step.
    pub newest: Tick,
    /// How many ticks before its use it came; negative where it came late.
    pub early_ticks: i8,
}

impl InputEcho {
    fn write(self, tick: Tick, w: &mut BitWriter) {
        w.put_signed(tick.0.wrapping_sub(self.newest.0) as i32, 2);
        w.put_signed(i32::from(self.early_ticks), 1);
    }

    fn read(tick: Tick, r: &mut BitReader<'_>) -> Result<InputEcho, SnapshotError> {
        let newest = Tick(tick.0.wrapping_sub(r.get_signed(2)? as u32));
        let early_ticks = i8::try_from(r.get_signed(1)?).map_err(|_| SnapshotError::OutOfRange("echo"))?;
        Ok(InputEcho { newest, early_ticks })
    }
}

/// The head of a datagram, as a client reads it.
#[derive(Clone, PartialEq, Debug)]
pub struct Header {
    /// Counts this client's datagrams; the lower 16 bits.
    pub sequence: u16,
    /// The server's tick.
    pub tick: Tick,
    /// What the client is to hold.
    pub window: Window,
    /// What became of the client's inputs, once there were any.
    pub echo: Option<InputEcho>,
    /// How the own unit moves, as of this tick.
    pub mover: Option<Mover>,
    /// The rest of the own unit's view, where it is told now.
    pub own: Option<OwnState>,
    /// The faction's view, where it is told now.
    pub team: Option<TeamView>,
    /// The density, where it is told now.
    pub density: Option<Density>,
    /// Sum over the groups that follow, as they are when rebuilt.
    pub check: u16,
}

impl Header {
    /// Writes the fixed first part; the optional parts and [`Header::write_tail`] follow in order.
    pub fn write_start(sequence: u16, tick: Tick, window: Window, echo: Option<InputEcho>, w: &mut BitWriter) {
        w.put(u32::from(sequence), 16);
        w.put_golomb(tick.0, TICK_ORDER);
        window.write(w);
        w.put_bit(echo.is_some());
        if let Some(echo) = echo {
            echo.write(tick, w);
        }
    }

    /// Writes the own unit's part, in the datagram of its tick: how it moves, and the rest of its view
    /// where that is told now.
    pub fn write_own(own: Option<&OwnView>, state: Option<&OwnState>, window: Window, w: &mut BitWriter) {
        w.put_bit(own.is_some());
        if let Some(own) = own {
            pack::write_mover(&own.mover, window.corner(), w);
            w.put_bit(state.is_some());
            if let Some(state) = state {
                state.write(own.tick, w);
            }
        }
    }

    /// Writes a part that was written once for all: its bits, or none.
    pub fn write_shared(bits: Option<(&[u8], usize)>, w: &mut BitWriter) {
        w.put_bit(bits.is_some());
        if let Some((bytes, len)) = bits {
            w.append(bytes, len);
        }
    }

    /// Writes the end of the head.
    pub fn write_tail(check: u16, w: &mut BitWriter) {
        w.put(u32::from(check), 16);
    }

    /// Reads a head.
    ///
    /// # Errors
    /// When the bits end or hold what no server writes.
    pub fn read(r: &mut BitReader<'_>) -> Result<Header, SnapshotError> {
        let sequence = r.get(16)? as u16;
        let tick = Tick(r.get_golomb(TICK_ORDER)?);
        let window = Window::read(r)?;
        let echo = if r.get_bit()? { Some(InputEcho::read(tick, r)?) } else { None };
        let mover = if r.get_bit()? { Some(pack::read_mover(window.corner(), r)?) } else { None };
        let own = if mover.is_some() && r.get_bit()? { Some(OwnState::read(tick, r)?) } else { None };
        let team = if r.get_bit()? { Some(pack::unpack_team(r)?) } else { None };
        let density = if r.get_bit()? { Some(Density::read(r)?) } else { None };
        let check = r.get(16)? as u16;
        Ok(Header { sequence, tick, window, echo, mover, own, team, density, check })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::group::RADIUS_MAX;

    #[test]
    fn a_window_holds_all_within_its_reach() {
        for radius in 1..=RADIUS_MAX {
            let reach = metres(CELL_M) * i32::from(radius);
            let window = Window::around(Pos::from_m(4_000, 1_500), radius);
            let corner =
                Pos::new(window.centre().x - metres(CELL_M) / 2 + 1, window.centre().y - metres(CELL_M) / 2 + 1);
            for turn in 0..=255 {
                let there = corner.offset(crate::measure::Angle::from_byte(turn), reach - 2);
                if crate::ground::clamp(there) == there {
                    assert!(window.holds(GroupId::cell_at(there)), "radius {radius}, direction {turn}");
                }
            }
        }
    }

    #[test]
    fn the_order_of_a_window_numbers_each_of_its_groups_once() {
        for (pos, radius) in [(Pos::from_m(10, 10), 7), (Pos::from_m(8_000, 3_000), 15), (Pos::from_m(900, 900), 0)] {
            let window = Window::around(pos, radius);
            let cells = window.rows().flat_map(|row| window.columns(row).map(move |c| GroupId::cell(c, row)));
            for group in cells.chain([GroupId(CELLS as u16), GroupId((CELLS + 2 * REGIONS - 1) as u16)]) {
                assert!(window.holds(group));
                assert_eq!(window.group_at(window.order_of(group)), Some(group));
            }
        }
    }
}
