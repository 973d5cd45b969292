//! One viewer's picture of the battle: what it sees, by group and version. All clients of a faction
//! share it, so its cost grows with what is seen and not with who looks.

use gamera_protocol::bits::BitWriter;
use gamera_protocol::ids::{Kind, NetId, Viewer};
use gamera_protocol::measure::Tick;
use gamera_protocol::snapshot::group::{self, GroupId, Tier, far_tier};
use gamera_protocol::snapshot::section::{Entry, Pace};
use gamera_protocol::snapshot::{Density, Version, density, pack_team};
use gamera_protocol::view::{Marks, TeamView, Thing, Things, side_of};

use crate::replicate::cut::Cut;
use crate::replicate::group_set::GroupSet;
use crate::replicate::history::History;
use crate::replicate::net_ids::NetIds;
use crate::replicate::rough::Rough;
use crate::replicate::sections::{Sections, Wish, Written};
use crate::sim::Sighting;

/// Publications whose changes are remembered for clients that were not served in each.
const CHANGES: usize = 32;
/// How often the list that bots think with is made anew, ticks: 5 Hz.
pub(super) const THINGS_TICKS: u32 = 6;
/// How often the density is counted, ticks.
pub(super) const DENSITY_TICKS: u32 = 30;

/// Bits that were written once for all clients of a viewer.
#[derive(Debug, Default)]
pub(super) struct Shared {
    writer: BitWriter,
    bytes: Vec<u8>,
    bits: usize,
    /// Counts the changes; zero before the first.
    pub(super) edition: u32,
}

impl Shared {
    fn write(&mut self, write: impl FnOnce(&mut BitWriter)) {
        write(&mut self.writer);
        self.bytes.clear();
        self.bits = self.writer.drain_into(&mut self.bytes);
        self.edition += 1;
    }

    pub(super) fn bits(&self) -> (&[u8], usize) {
        (&self.bytes, self.bits)
    }
}

/// What one viewer sees.
#[derive(Debug)]
pub(super) struct Picture {
    viewer: Viewer,
    ids: NetIds,
    sightings: Vec<Sighting>,
    /// Memory to sort them.
    aside: Vec<Sighting>,
    order: Vec<u64>,
    pub(super) history: History,
    /// The same of cells, told roughly.
    pub(super) rough: Rough,
    /// Groups that hold something.
    pub(super) occupied: GroupSet,
    /// Groups that ever held something.
    pub(super) known: GroupSet,
    changed: Vec<GroupSet>,
    pub(super) tick: Tick,
    sections: Sections,
    pub(super) team: Option<TeamView>,
    pub(super) team_bits: Shared,
    density: Density,
    pub(super) density_bits: Shared,
    things: Things,
    counts: Vec<u32>,
}

impl Picture {
    pub(super) fn new(viewer: Viewer) -> Picture {
        Picture {
            viewer,
            ids: NetIds::default(),
            sightings: Vec::new(),
            aside: Vec::new(),
            order: Vec::new(),
            history: History::default(),
            rough: Rough::default(),
            occupied: GroupSet::default(),
            known: GroupSet::default(),
            changed: vec![GroupSet::default(); CHANGES],
            tick: Tick(0),
            sections: Sections::default(),
            team: None,
            team_bits: Shared::default(),
            density: Density::default(),
            density_bits: Shared::default(),
            things: Things::default(),
            counts: Vec::new(),
        }
    }

    /// What is seen, indexed, as of the last refresh.
    pub(super) fn things(&self) -> &Things {
        &self.things
    }

    /// What was seen in [`Self::tick`], each thing by its id.
    pub(super) fn seen(&self) -> impl Iterator<Item = Thing> + '_ {
        self.sightings.iter().zip(self.ids.given()).map(|(sighting, id)| thing(sighting, id))
    }

    /// The step to all of a group as it is now, for who holds all of it as of `label`, where it is known already.
    pub(super) fn step(&self, group: GroupId, label: Version) -> Option<Written> {
        self.sections.step(group, label, (Cut::Whole, Cut::Whole), Version::at(self.tick))
    }

    /// The section that fulfils `wish`; `None` where there is nothing to tell.
    pub(super) fn section(&mut self, wish: &Wish) -> Option<Written> {
        self.sections.get(wish, &self.history, &self.rough)
    }

    /// Looks roughly at the cells for which it is time.
    pub(super) fn look_roughly(&mut self) {
        let publication = self.publications();
        let Picture { rough, history, occupied, known, changed, tick, .. } = self;
        let changed = &mut changed[publication as usize % CHANGES];
        rough.look(*tick, history, occupied, |cell| {
            changed.insert(cell);
            known.insert(cell);
        });
    }

    pub(super) fn sections(&self) -> &Sections {
        &self.sections
    }

    pub(super) fn publications(&self) -> u32 {
        self.history.publications()
    }

    /// The groups that changed in a publication, unless it is too long ago.
    pub(super) fn changed_in(&self, publication: u32) -> Option<&GroupSet> {
        let is_known = publication <= self.publications() && publication + (CHANGES as u32) > self.publications();
        is_known.then(|| &self.changed[publication as usize % CHANGES])
    }

    /// Takes what the viewer sees in `tick` and renews the list that bots think with; with `groups`
    /// also the groups that clients are served from.
    pub(super) fn publish(&mut self, tick: Tick, groups: bool, see: impl FnOnce(&mut Vec<Sighting>)) {
        self.tick = tick;
        self.sightings.clear();
        see(&mut self.sightings);
        if !self.sightings.is_sorted_by_key(|s| s.key) {
            self.sort_sightings();
        }
        self.sightings.dedup_by_key(|s| s.key);
        let refresh = tick.is_every(THINGS_TICKS, self.viewer.index() as u32);
        let Picture { ids, sightings, history, viewer, things, .. } = self;
        let mut name = |mut list: Option<&mut Vec<Thing>>| {
            ids.name(tick, groups, sightings, |sighting, id, pace| {
                if groups {
                    place(sighting, id, pace, *viewer, history);
                }
                list.iter_mut().for_each(|list| list.push(thing(sighting, id)));
            });
        };
        if refresh {
            things.rebuild_with(|list| name(Some(list)));
        } else {
            name(None);
        }
        if groups {
            self.publish_groups(tick);
        }
    }

    /// Sorts by key: numbers are sorted several times faster than what they stand for.
    fn sort_sightings(&mut self) {
        let Picture { sightings, aside, order, .. } = self;
        order.clear();
        order.extend((0..).zip(&*sightings).map(|(at, s): (u32, _)| u64::from(s.key.0) << 32 | u64::from(at)));
        order.sort_unstable();
        aside.clear();
        aside.extend(order.iter().map(|word| sightings[*word as u32 as usize]));
        std::mem::swap(sightings, aside);
    }

    /// Takes what the viewer's faction knows.
    pub(super) fn publish_team(&mut self, team: TeamView) {
        let is_news = self.team.as_ref().is_none_or(|old| TeamView { tick: team.tick, ..old.clone() } != team);
        if is_news || self.team_bits.edition == 0 {
            self.team_bits.write(|w| pack_team(&team, w));
        }
        self.team = Some(team);
    }

    fn publish_groups(&mut self, tick: Tick) {
        self.sections.clear();
        self.rough.rest(tick);
        let Picture { history, occupied, known, changed, .. } = self;
        let before = occupied.clone();
        let changed = &mut changed[(history.publications() + 1) as usize % CHANGES];
        changed.clear();
        history.publish(Version::at(tick), &before, |group, is_empty| {
            changed.insert(group);
            known.insert(group);
            occupied.set(group, !is_empty);
        });
        if self.density_bits.edition == 0 || tick.is_every(DENSITY_TICKS, self.viewer.index() as u32) {
            self.count_density();
        }
    }

    fn count_density(&mut self) {
        self.counts.clear();
        self.counts.resize(density::COLUMNS * density::ROWS, 0);
        for s in self.sightings.iter().filter(|s| s.kind == Kind::Soldier && !s.marks.has(Marks::GHOST)) {
            self.counts[Density::square_at(s.pos)] += 1;
        }
        self.density.set(&self.counts);
        let density = &self.density;
        self.density_bits.write(|w| density.write(w));
    }
}

fn thing(s: &Sighting, id: NetId) -> Thing {
    Thing {
        id,
        kind: s.kind,
        layer: s.layer,
        pos: s.pos,
        heading: s.heading,
        health: s.health,
        marks: s.marks,
        seat: s.seat,
    }
}

/// Puts a sighting into its cell and, where it is told from afar, into its region.
fn place(s: &Sighting, id: NetId, pace: Pace, viewer: Viewer, out: &mut History) {
    let pos = group::clamp(s.pos);
    let own = viewer.side().is_none_or(|side| side_of(s.kind) == Some(side));
    for tier in [Some(Tier::Cells), far_tier(s.kind, own)].into_iter().flatten() {
        let group = GroupId::at(tier, pos);
        let origin = group.origin();
        let entry = Entry {
            id,
            x: (pos.x - origin.x) as u16,
            y: (pos.y - origin.y) as u16,
            pace,
            heading: s.heading,
            health: s.health,
            marks: s.marks,
            kind: s.kind,
            layer: s.layer,
            seat: s.seat,
        };
        out.take(group, entry);
    }
}
