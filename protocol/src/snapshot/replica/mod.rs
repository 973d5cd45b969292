//! The receiving half of replication: rebuilds a seat's view from snapshot datagrams, holds back
//! what it cannot rebuild, and says so. It neither sends nor reads a clock.

mod news;
mod slot;

use news::{Again, Twice, Word, follow, newest_words};
pub use slot::PAST_VERSIONS;
use slot::{Holding, Memory, Slot};

use crate::bits::BitReader;
use crate::ids::NetId;
use crate::measure::{Pos, Tick};
use crate::snapshot::group::{CELLS, GROUPS, GroupId, SLOTS, Tier};
use crate::snapshot::section::{Base, Entry, Title, check, read_body};
use crate::snapshot::sections::Sections;
use crate::snapshot::{
    Acks, DATAGRAM_MAX, Density, Header, InputEcho, NACKS_MAX, Nack, OwnState, REORDER_DATAGRAMS, SnapshotError,
    Version, Window, widen_sequence,
};
use crate::view::{OwnView, TeamView, Thing, Things};

/// Datagrams that came before what they start from, kept for it.
const EARLY_MAX: usize = 6;
const FIRST_SEQUENCE: u32 = 1 << 16;
/// A datagram this much older than the newest is not looked at.
const OLD_DATAGRAMS_MAX: u32 = 64;

/// What a datagram brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Applied {
    /// The server's tick.
    pub tick: Tick,
    /// False where a younger datagram has been taken in before this one.
    pub newest: bool,
    /// False for a datagram that had been taken in already.
    pub fresh: bool,
    /// Sections that changed the view.
    pub sections: u32,
    /// Sections that wait for an earlier one, or are asked for again.
    pub held_back: u32,
}

/// How the link has been.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LinkFigures {
    /// Datagrams taken in.
    pub datagrams: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Sections applied.
    pub sections: u64,
    /// Sections that could not be applied when they came.
    pub held_back: u64,
    /// Datagrams after which a group was not what the server has: a fault, not a loss.
    pub wrong: u64,
}

/// The last two known places of a thing: what a screen interpolates between.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Motion {
    /// Which thing.
    pub id: NetId,
    /// The one before; equal to `to` for a thing just come into sight.
    pub from: (Tick, Pos),
    /// The newest.
    pub to: (Tick, Pos),
}

/// What one client knows.
#[derive(Clone, Debug)]
pub struct Replica {
    slots: Vec<Slot>,
    /// Those of them that hold things.
    holding: Holding,
    window: Window,
    newest: Option<u32>,
    earlier: u64,
    tick: Tick,
    echo: Option<InputEcho>,
    own: Option<OwnView>,
    /// The rest of the own unit's view, with the tick in which it was told.
    own_state: Option<(Tick, OwnState)>,
    team: Option<TeamView>,
    density: (Tick, Density),
    figures: LinkFigures,
    /// Datagrams that wait for a base, oldest first.
    early: Vec<Sections>,
    /// Places that may lack what the server has told of; looking at all for each input costs more.
    behind: Vec<u16>,
    /// Memory of datagrams read to their end.
    spare: Sections,
    rebuilt: Vec<Entry>,
    memory: Memory,
    things: Things,
    motions: Vec<Motion>,
    looking: Looking,
    /// Counts what changed, as of when things were listed last, as of when motions were followed last.
    changes: u64,
    listed: u64,
    followed: u64,
}

/// Memory for one look at all that is held.
#[derive(Clone, Debug, Default)]
struct Looking {
    words: Vec<Word>,
    order: Vec<u64>,
    motions: Vec<Motion>,
    again: Vec<Again>,
}

impl Default for Replica {
    fn default() -> Replica {
        Replica {
            slots: vec![Slot::default(); SLOTS],
            holding: Holding::default(),
            window: Window::default(),
            newest: None,
            earlier: 0,
            tick: Tick(0),
            echo: None,
            own: None,
            own_state: None,
            team: None,
            density: (Tick(0), Density::default()),
            figures: LinkFigures::default(),
            early: Vec::new(),
            behind: Vec::new(),
            spare: Sections::default(),
            rebuilt: Vec::new(),
            memory: Memory::default(),
            things: Things::default(),
            motions: Vec::new(),
            looking: Looking::default(),
            changes: 0,
            listed: 0,
            followed: 0,
        }
    }
}

impl Replica {
    /// Knows nothing yet.
    #[must_use]
    pub fn new() -> Replica {
        Replica::default()
    }

    /// Takes a datagram in.
    ///
    /// # Errors
    /// When it is none that the server writes; sections before the fault have been applied, and the
    /// datagram is not acknowledged.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<Applied, SnapshotError> {
        if bytes.len() > DATAGRAM_MAX {
            return Err(SnapshotError::Oversize(bytes.len()));
        }
        let mut r = BitReader::new(bytes);
        let header = Header::read(&mut r)?;
        // A first number well above zero, so that what was overtaken on the way has one too.
        let first = FIRST_SEQUENCE + u32::from(header.sequence);
        let sequence = self.newest.map_or(first, |newest| widen_sequence(newest, header.sequence));
        let is_newest = self.newest.is_none_or(|n| sequence > n);
        let mut applied = Applied { tick: header.tick, newest: is_newest, fresh: false, sections: 0, held_back: 0 };
        if self.has_taken(sequence) {
            return Ok(applied);
        }
        applied.fresh = true;
        if is_newest {
            self.move_window(header.window, if self.newest.is_some() { sequence } else { 0 });
        }
        let read = self.take_sections(&header, sequence, &r, bytes, &mut applied);
        self.behind.retain(|at| self.slots[usize::from(*at)].is_behind());
        read?;
        self.record(sequence, bytes.len(), &applied);
        self.take_views(header, is_newest);
        Ok(applied)
    }

    /// True where the datagram is a copy, or so old that nothing is known of it any more.
    fn has_taken(&self, sequence: u32) -> bool {
        let Some(newest) = self.newest else { return false };
        if sequence > newest {
            return false;
        }
        match newest - sequence {
            0 => true,
            back if back > OLD_DATAGRAMS_MAX => true,
            back => self.earlier >> (back - 1) & 1 == 1,
        }
    }

    fn record(&mut self, sequence: u32, bytes: usize, applied: &Applied) {
        match self.newest {
            None => self.newest = Some(sequence),
            Some(newest) if sequence > newest => {
                let ahead = sequence - newest;
                self.earlier = self.earlier.checked_shl(ahead).unwrap_or(0);
                self.earlier |= 1_u64.checked_shl(ahead - 1).unwrap_or(0);
                self.newest = Some(sequence);
            }
            Some(newest) => self.earlier |= 1 << (newest - sequence - 1),
        }
        self.figures.datagrams += 1;
        self.figures.bytes += bytes as u64;
        self.figures.sections += u64::from(applied.sections);
        self.figures.held_back += u64::from(applied.held_back);
    }

    fn take_views(&mut self, header: Header, is_newest: bool) {
        if is_newest {
            // What is told roughly goes on.
            self.changes += u64::from(header.tick > self.tick);
            self.tick = self.tick.max(header.tick);
            self.echo = header.echo.or(self.echo);
        }
        self.take_own(&header);
        if let Some(team) = header.team
            && self.team.as_ref().is_none_or(|t| team.tick >= t.tick)
        {
            self.team = Some(team);
        }
        if let Some(density) = header.density
            && header.tick >= self.density.0
        {
            self.density = (header.tick, density);
        }
    }

    /// Puts together the own unit from the newest words on how it moves and on the rest.
    fn take_own(&mut self, header: &Header) {
        let Some(mover) = header.mover else { return };
        if let Some(state) = header.own
            && self.own_state.is_none_or(|(told, _)| header.tick >= told)
        {
            self.own_state = Some((header.tick, state));
        }
        let newest = self.own.filter(|own| own.tick > header.tick).map_or((header.tick, mover), |o| (o.tick, o.mover));
        self.own = self.own_state.map(|(_, state)| state.with(newest.0, newest.1));
    }

    /// Drops what the window does not hold any more, and makes room for what it holds now.
    fn move_window(&mut self, window: Window, sequence: u32) {
        if self.newest.is_some() && window == self.window {
            return;
        }
        self.window = window;
        for (at, slot) in self.slots.iter_mut().enumerate() {
            if slot.group.is_some_and(|group| !window.holds(group)) {
                self.changes += u64::from(!slot.things.is_empty());
                slot.clear(&mut self.memory);
                self.holding.set(at, false);
            }
        }
        for row in window.rows() {
            for column in window.columns(row) {
                let group = GroupId::cell(column, row);
                enter(&mut self.slots[group.slot()], group, sequence);
            }
        }
        for group in (CELLS..GROUPS).map(|i| GroupId(i as u16)) {
            enter(&mut self.slots[group.slot()], group, sequence);
        }
    }

    /// Reads the sections as far as their bases are held, and with them what has waited for them.
    fn take_sections(
        &mut self,
        header: &Header,
        sequence: u32,
        r: &BitReader<'_>,
        bytes: &[u8],
        applied: &mut Applied,
    ) -> Result<(), SnapshotError> {
        let mut sections = std::mem::take(&mut self.spare);
        sections.open(header, sequence, r, bytes)?;
        for title in &sections.titles {
            let slot = &mut self.slots[title.group.slot()];
            if slot.group == Some(title.group) && title.version > slot.version {
                slot.told = slot.told.max(title.version);
                note(&mut self.behind, title.group);
            }
        }
        self.go_on(&mut sections, applied)?;
        applied.held_back += (sections.titles.len() - sections.next) as u32;
        let had_early = !self.early.is_empty();
        self.put_away(sections);
        if had_early && applied.sections > 0 {
            self.go_on_with_early(applied)?;
        }
        Ok(())
    }

    /// Keeps a datagram that waits for a base; of one that is done the memory.
    fn put_away(&mut self, sections: Sections) {
        let is_waiting = sections.titles.get(sections.next).is_some_and(|title| self.may_follow(*title));
        if !is_waiting {
            self.spare = sections;
            return;
        }
        if self.early.len() == EARLY_MAX {
            self.spare = self.early.remove(0);
        }
        let at = self.early.partition_point(|waiting| waiting.sequence < sections.sequence);
        self.early.insert(at, sections);
    }

    /// True where a section is one that a base still to come would make readable.
    fn may_follow(&self, title: Title) -> bool {
        let slot = &self.slots[title.group.slot()];
        slot.group == Some(title.group) && slot.version < title.base.version()
    }

    fn go_on_with_early(&mut self, applied: &mut Applied) -> Result<(), SnapshotError> {
        for mut sections in std::mem::take(&mut self.early) {
            let before = sections.next;
            self.go_on(&mut sections, applied)?;
            applied.held_back -= applied.held_back.min((sections.next - before) as u32);
            self.put_away(sections);
        }
        Ok(())
    }

    /// Reads on up to the first section whose base is not held.
    fn go_on(&mut self, sections: &mut Sections, applied: &mut Applied) -> Result<(), SnapshotError> {
        while let Some(title) = sections.titles.get(sections.next).copied() {
            let slot = &mut self.slots[title.group.slot()];
            // Overtaken by the datagram that let the group in, or by newer word: it is read for what
            // follows, where that is possible.
            let is_for_now =
                slot.group == Some(title.group) && sections.sequence >= slot.since && title.version > slot.version;
            let base = match title.base {
                Base::None => Some(&[][..]),
                Base::Held { version, .. } if slot.group == Some(title.group) => slot.content(version),
                Base::Held { .. } => None,
            };
            let Some(base) = base else { return Ok(()) };
            read_body(title, base, &mut sections.reader, &sections.bytes, &mut self.rebuilt)?;
            sections.reader.check(&sections.bytes)?;
            sections.next += 1;
            if !is_for_now {
                sections.is_whole = false;
                continue;
            }
            slot.renew(title.version, &self.rebuilt, &mut self.memory);
            self.holding.set(title.group.slot(), !slot.things.is_empty());
            slot.changed_by = sections.sequence;
            slot.rough = title.rough;
            applied.sections += 1;
            self.changes += 1;
            // Of the same things that the place holds now, but these are at hand.
            sections.sum = sections.sum.wrapping_add(check(title.group, &self.rebuilt));
        }
        if sections.is_whole && sections.sum != sections.wanted_sum {
            self.figures.wrong += 1;
            self.forget_changed_by(sections.sequence);
        }
        Ok(())
    }

    /// A sum was wrong: what this datagram touched is asked for anew.
    fn forget_changed_by(&mut self, sequence: u32) {
        for slot in self.slots.iter_mut().filter(|s| s.changed_by == sequence && s.version.is_some()) {
            slot.version = Version::NONE;
            slot.past.clear();
            slot.group.into_iter().for_each(|group| note(&mut self.behind, group));
        }
    }

    /// Brings [`Self::things`] up to date with all that has been applied, and no more: for who draws
    /// nothing, at half the cost of [`Self::refresh`].
    pub fn refresh_things(&mut self) {
        if self.listed == self.changes {
            return;
        }
        self.listed = self.changes;
        let mut things = std::mem::take(&mut self.things);
        let again = std::mem::take(&mut self.looking.again);
        let twice = Twice::told_in(self, again);
        things.rebuild_with(|list| {
            for (at, slot, group) in self.groups() {
                let told = slot.shown(group, self.tick).filter(|thing| twice.is_newest(thing.id, at));
                if group.tier() == Tier::Cells {
                    list.extend(told);
                } else {
                    list.extend(told.filter(|thing| !self.is_outdated(group, slot.version, thing)));
                }
            }
        });
        self.things = things;
        self.looking.again = twice.into_memory();
    }

    /// The places that hold things, with their numbers.
    fn groups(&self) -> impl Iterator<Item = (u16, &Slot, GroupId)> {
        let place = |at: usize| Some((at as u16, &self.slots[at], self.slots[at].group?));
        self.holding.places().filter_map(place)
    }

    /// Brings [`Self::things`] and [`Self::motions`] up to date with all that has been applied.
    pub fn refresh(&mut self) {
        if self.followed == self.changes {
            return;
        }
        (self.listed, self.followed) = (self.changes, self.changes);
        let Looking { words: mut told, mut order, mut motions, again } = std::mem::take(&mut self.looking);
        told.clear();
        for (_, slot, group) in self.groups() {
            let shown_at = slot.shown_at(self.tick);
            let things = slot.shown(group, self.tick).map(|thing| Word { told: slot.version, shown_at, thing });
            told.extend(things.filter(|word| !self.is_outdated(group, word.told, &word.thing)));
        }
        // A thing on its way from one group to another may stand in both: the newer word counts.
        newest_words(&told, &mut order);
        let newest = || order.iter().map(|word| &told[usize::from(*word as u16)]);
        motions.clear();
        motions.extend(follow(&self.motions, newest()));
        std::mem::swap(&mut self.motions, &mut motions);
        self.things.rebuild(newest().map(|word| word.thing));
        self.looking = Looking { words: told, order, motions, again };
    }

    /// True where a region tells of a thing in a cell that has since been told of itself.
    fn is_outdated(&self, group: GroupId, version: Version, thing: &Thing) -> bool {
        let cell = GroupId::cell_at(thing.pos);
        if group.tier() == Tier::Cells {
            return false;
        }
        let slot = &self.slots[cell.slot()];
        slot.group == Some(cell) && slot.version > version
    }

    /// Everything in sight, as of the last [`Self::refresh`].
    #[must_use]
    pub fn things(&self) -> &Things {
        &self.things
    }

    /// The last two known places of each thing, sorted by id, as of the last [`Self::refresh`].
    #[must_use]
    pub fn motions(&self) -> &[Motion] {
        &self.motions
    }

    /// The last two known places of one thing.
    #[must_use]
    pub fn motion(&self, id: NetId) -> Option<&Motion> {
        self.motions.binary_search_by_key(&id, |m| m.id).ok().map(|i| &self.motions[i])
    }

    /// The own unit, as last told; `None` before the first word and for spectators.
    #[must_use]
    pub fn own(&self) -> Option<&OwnView> {
        self.own.as_ref()
    }

    /// What the faction knows, as last told.
    #[must_use]
    pub fn team(&self) -> Option<&TeamView> {
        self.team.as_ref()
    }

    /// The swarm from afar.
    #[must_use]
    pub fn density(&self) -> &Density {
        &self.density.1
    }

    /// The server's newest tick. A snapshot's age is the present tick less this.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick
    }

    /// What the server did with the own inputs.
    #[must_use]
    pub fn echo(&self) -> Option<InputEcho> {
        self.echo
    }

    /// What the server keeps up to date here.
    #[must_use]
    pub fn window(&self) -> Window {
        self.window
    }

    /// How the link has been so far.
    #[must_use]
    pub fn figures(&self) -> LinkFigures {
        self.figures
    }

    /// Datagrams lost of the last 60 that should be here, thousandths.
    #[must_use]
    pub fn loss_permille(&self) -> u32 {
        let Some(newest) = self.newest else { return 0 };
        let skip = REORDER_DATAGRAMS;
        let expected = (newest - FIRST_SEQUENCE).saturating_sub(skip + 1).min(u64::BITS - skip);
        let window = self.earlier >> skip & 1_u64.checked_shl(expected).map_or(u64::MAX, |bit| bit - 1);
        (expected - window.count_ones()) * 1_000 / expected.max(1)
    }

    /// True where the server has told of something that is not here: the next input datagram asks for it.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        !self.behind.is_empty()
    }

    /// What to tell the server in the next input datagram.
    #[must_use]
    pub fn acks(&self) -> Acks {
        let stuck = self.behind.iter().map(|at| &self.slots[usize::from(*at)]).filter(|slot| slot.is_behind());
        let nacks = stuck.filter_map(|slot| Some(Nack { group: slot.group?, held: slot.version }));
        let mut nacks: Vec<Nack> = nacks.take(NACKS_MAX).collect();
        nacks.sort_unstable_by_key(|nack| (nack.held, nack.group));
        Acks { newest: self.newest.map(|n| n as u16), earlier: self.earlier, nacks }
    }
}

/// Notes that a group's place may be behind, once.
fn note(behind: &mut Vec<u16>, group: GroupId) {
    let at = group.slot() as u16;
    if !behind.contains(&at) {
        behind.push(at);
    }
}

/// Lets a group into its place; a group that is there already stays as it is.
fn enter(slot: &mut Slot, group: GroupId, sequence: u32) {
    if slot.group != Some(group) {
        *slot = Slot { group: Some(group), since: sequence, ..Slot::default() };
    }
}
