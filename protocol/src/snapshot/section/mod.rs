//! Sections: what leads one group from a base to a newer version.
//!
//! All sections of a datagram are one stream of the range coder ([`crate::entropy`]):
//!
//! | part | meaning |
//! |---|---|
//! | list | how many; for each the group, and from what to what: readable whatever the reader holds |
//! | for each thing of the base | after one tick a *step*, after more a *leap*, or that it is gone; told of roughly, whether it went on evenly ([`rough`]) |
//! | new things | how many, sorted by id, whole |
//!
//! A thing is expected to go on at its [`Pace`], and to face where it goes. What is told is by how much
//! it did otherwise. How likely that is depends on what the thing did before, so a reader who lacks the
//! base cannot read on: sections from older bases stand first.
//!
//! A section's shares depend on the group, its base and its version alone. So they are made once, and
//! written into the datagrams of all who hold the base.

mod base;
mod entry;
mod leap;
mod models;
mod pace;
mod read;
pub mod rough;
mod write;

pub use base::{Base, LIST_BITS_MAX, TITLE_BITS_MAX, Title, read_list, sort_as_they_follow, write_list};
pub use entry::{Entry, check, check_of};
pub use pace::Pace;
pub use read::read_body;
pub use write::{added, bits_alone, write_added, write_body, write_changes, write_gone};

use crate::entropy::Model;

/// Bits of a seat's number.
const SEAT_BITS: u32 = 11;
/// Bits of a kind's number.
const KIND_BITS: u32 = 5;

/// How a thing is expected to face.
struct Facing {
    way: u8,
    model: &'static Model<{ models::TURNS }>,
}

/// How a thing is expected to face that faced `was` and made the step `last`, grid units: where it goes,
/// unless it is one that looks elsewhere.
fn facing(was: u8, pace: Pace, last: (i32, i32)) -> Facing {
    /// An eighth of a turn.
    const NEAR: u8 = 32;
    if last == (0, 0) {
        return Facing { way: was, model: models::turn(0, true) };
    }
    let way = pace.way(last);
    let is_near = (way.wrapping_sub(was) as i8).unsigned_abs() < NEAR;
    Facing { way, model: models::turn(last.0.abs().max(last.1.abs()), is_near) }
}

/// The last step of a thing of this pace, where nobody has seen it, grid units.
fn last_step(pace: Pace) -> (i32, i32) {
    pace.ahead(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bits::{BitReader, BitWriter};
    use crate::entropy::{RangeReader, RangeWriter, Share, Shares};
    use crate::ids::{Kind, Layer, NetId, SeatId};
    use crate::measure::Pos;
    use crate::measure::Tick;
    use crate::rng::Pcg32;
    use crate::snapshot::group::CELLS;
    use crate::snapshot::group::{GROUP_THINGS_MAX, GroupId};
    use crate::snapshot::{Version, Window};
    use crate::view::Marks;

    fn some_entry(rng: &mut Pcg32, id: u16, limit: u32) -> Entry {
        Entry {
            id: NetId(id),
            x: rng.below(limit) as u16,
            y: rng.below(limit) as u16,
            pace: some_pace(rng),
            heading: rng.below(256) as u8,
            health: rng.below(256) as u8,
            marks: Marks(rng.below(256) as u8 & rng.below(256) as u8),
            kind: Kind::ALL[rng.below(Kind::ALL.len() as u32) as usize],
            layer: Layer::ALL[rng.below(3) as usize],
            seat: (rng.below(2) > 0).then(|| SeatId(rng.below(2_048) as u16)),
        }
    }

    fn some_pace(rng: &mut Pcg32) -> Pace {
        let mut pace = [Pace::default(), Pace::FRESH][rng.below(2) as usize];
        for _ in 0..rng.below(6) {
            pace = pace.after(rng.between(-128, 127), rng.between(-40, 40));
        }
        pace
    }

    fn some_group(rng: &mut Pcg32, limit: u32) -> Vec<Entry> {
        let share = rng.below(80);
        let ids: Vec<u16> = (0..900).filter(|_| rng.below(900) < share).collect();
        ids.into_iter().map(|id| some_entry(rng, id, limit)).collect()
    }

    /// The next version: most go on, some change, some go, some come.
    fn next(rng: &mut Pcg32, old: &[Entry], direct: bool, limit: u32) -> Vec<Entry> {
        let mut new = Vec::new();
        for was in old {
            let mut now = match rng.below(10) {
                0 => continue,
                1 => some_entry(rng, was.id.0, limit),
                2 => Entry { kind: Kind::Soldier, seat: None, ..some_entry(rng, was.id.0, limit) },
                3 => Entry { health: 1, ..*was },
                _ => {
                    let (x, y) = was.expected(1, limit as i32 - 1);
                    Entry { x: x as u16, y: y as u16, ..*was }
                }
            };
            if direct && now.is_same_thing(was) {
                now.pace = was.pace.after(i32::from(now.x) - i32::from(was.x), i32::from(now.y) - i32::from(was.y));
            }
            new.push(now);
        }
        new.extend((0..rng.below(5)).map(|n| some_entry(rng, 1_000 + n as u16 * 500, limit)));
        new
    }

    fn title(rng: &mut Pcg32, group: GroupId, now: Version, direct: bool, whole: bool) -> Title {
        let version = Version(now.0 - rng.below(2));
        let age = if direct { 1 + rng.below(3) } else { 2 + rng.below(30) };
        let base = if whole { Base::None } else { Base::Held { version: Version(version.0 - age), direct } };
        Title { group, base, version, rough: false }
    }

    fn stream(shares: &[Share]) -> Vec<u8> {
        let mut writer = RangeWriter::default();
        shares.iter().for_each(|share| writer.put_share(*share));
        let mut w = BitWriter::new();
        writer.finish_into(&mut w);
        w.finish()
    }

    #[test]
    fn a_section_leads_from_its_base_to_the_very_group() {
        let mut rng = Pcg32::new(1, 1);
        let mut rebuilt = Vec::new();
        for round in 0..3_000_u32 {
            let group = GroupId(if round % 3 == 0 { CELLS as u16 + 5 } else { rng.below(CELLS as u32) as u16 });
            let limit = 1 << group.coordinate_bits();
            let old = some_group(&mut rng, limit);
            let direct = round % 2 == 0;
            let new = next(&mut rng, &old, direct, limit);
            let title = title(&mut rng, group, Version::at(Tick(1_000)), direct, round % 5 == 0);
            let mut shares = Vec::new();
            write_body(title, &old, &new, &mut shares);
            let bytes = stream(&shares);
            let mut r = RangeReader::new(&BitReader::new(&bytes), &bytes);
            read_body(title, &old, &mut r, &bytes, &mut rebuilt).unwrap();
            assert_eq!(rebuilt, new);
            assert_eq!((check(group, &rebuilt), r.check(&bytes)), (check(group, &new), Ok(())));
        }
    }

    #[test]
    fn a_list_can_be_read_by_who_holds_nothing() {
        let mut rng = Pcg32::new(3, 1);
        let (mut read, mut aside) = (Vec::new(), Vec::new());
        for round in 0..500 {
            let window = Window::around(Pos::from_m(rng.between(0, 8_191), rng.between(0, 3_071)), rng.below(16) as u8);
            let now = Version::at(Tick(50 + rng.below(4_000)));
            let groups: Vec<GroupId> = window.groups().filter(|_| rng.below(4) == 0).collect();
            let mut titles: Vec<Title> =
                (groups.into_iter()).map(|group| title(&mut rng, group, now, round % 2 == 0, round % 7 == 0)).collect();
            let mut shares = Vec::new();
            write_list(titles.iter().copied(), window, now, &mut shares);
            let bytes = stream(&shares);
            let mut r = RangeReader::new(&BitReader::new(&bytes), &bytes);
            read_list(&mut read, &mut aside, window, now, &mut r, &bytes).unwrap();
            titles.sort_by_key(|title| title.base.version());
            assert_eq!(read, titles);
        }
    }

    #[test]
    fn hostile_sections_are_refused_or_applied_and_nothing_else() {
        let mut rng = Pcg32::new(2, 1);
        let (mut titles, mut aside, mut rebuilt) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..40_000_u32 {
            let group = GroupId(rng.below(CELLS as u32) as u16);
            let old = if round % 8 == 0 { some_group(&mut rng, 4_096) } else { Vec::new() };
            let bytes: Vec<u8> = (0..rng.below(60)).map(|_| (rng.next_u32() & rng.next_u32()) as u8).collect();
            let mut r = RangeReader::new(&BitReader::new(&bytes), &bytes);
            let title = title(&mut rng, group, Version(100), round % 2 == 0, round % 3 == 0);
            if read_body(title, &old, &mut r, &bytes, &mut rebuilt).is_ok() {
                assert!(rebuilt.len() <= GROUP_THINGS_MAX && rebuilt.is_sorted_by_key(|e| e.id));
            }
            let window = Window::around(Pos::from_m(3_000, 1_000), 7);
            if read_list(&mut titles, &mut aside, window, Version(rng.below(400)), &mut r, &bytes).is_ok() {
                assert!(titles.iter().all(|title| window.holds(title.group)));
            }
        }
    }

    #[test]
    fn a_steady_walker_costs_two_bits_and_a_swerving_one_five() {
        let pace = |dx: i32| (0..40).fold(Pace::FRESH, |pace, _| pace.after(dx, 0));
        let walker = |id: u16, x: i32, pace: Pace| Entry {
            id: NetId(id),
            x: x as u16,
            y: 900,
            pace,
            heading: 0,
            health: 255,
            marks: Marks::default(),
            kind: Kind::Soldier,
            layer: Layer::Surface,
            seat: None,
        };
        let old: Vec<Entry> = (0..50).map(|id| walker(id, 100 + i32::from(id) * 8, pace(25))).collect();
        for (swerve, bytes_max) in [(0, 16), (1, 32)] {
            let step = |e: &Entry| walker(e.id.0, i32::from(e.x) + 25 + swerve, e.pace.after(25 + swerve, 0));
            let new: Vec<Entry> = old.iter().map(step).collect();
            let base = Base::Held { version: Version(1), direct: true };
            let mut shares = Vec::new();
            write_body(Title { group: GroupId(9), base, version: Version(2), rough: false }, &old, &new, &mut shares);
            let bytes = stream(&shares).len();
            assert!(bytes <= bytes_max, "{bytes} bytes");
        }
    }
}
