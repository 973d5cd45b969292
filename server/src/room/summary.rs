//! What a client is told of a match that has ended.

use std::cmp::Reverse;

use gamera_protocol::ids::SeatId;
use gamera_protocol::message::PARTS_PAGE;
use gamera_protocol::view::SeatPart;

/// A page of what seats did: `own` first, then those that people hold, then the rest by damage and
/// by work done.
pub(super) fn parts(
    all: impl Iterator<Item = SeatPart>,
    is_held: impl Fn(SeatId) -> bool,
    own: Option<SeatId>,
) -> Vec<SeatPart> {
    let mut parts: Vec<SeatPart> = all.collect();
    parts.sort_by_key(|part| {
        let is_own = Some(part.seat) == own;
        (!is_own, !is_held(part.seat), Reverse((part.damage, part.deeds)), part.seat)
    });
    parts.truncate(PARTS_PAGE);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_part_and_those_of_people_come_before_the_strongest_bots() {
        let all = |i: u16| SeatPart { seat: SeatId(i), damage: u32::from(i), kills: 0, downs: 0, deeds: 0 };
        let held = |seat: SeatId| [70, 90].contains(&seat.0);
        let page = parts((0..128).map(all), held, Some(SeatId(70)));
        let first: Vec<u16> = page.iter().take(4).map(|p| p.seat.0).collect();
        assert_eq!((first.as_slice(), page.len()), (&[70, 90, 127, 126][..], PARTS_PAGE));
    }
}
