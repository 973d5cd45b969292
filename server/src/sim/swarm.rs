//! The swarm's soldiers: storage, mass, and the walk of one soldier. What they are told to do is
//! the Legion's folder's business.

use gamera_protocol::measure::{Pos, Velocity};

use super::arena::Class;
use super::fixed::Micro;
use super::grid::Grid;
use super::sighting::Key;

/// What a soldier is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::sim) enum Task {
    /// Goes with its squad.
    #[default]
    Follow,
    /// Latched on to Gamera.
    Latched,
    /// Pulled by a lure.
    Lured,
    /// Has come to the line that pulled it.
    Drawn,
    /// Pulled by a lure, and will not come back.
    Doomed,
}

impl Task {
    /// True for who follows a lure.
    pub(in crate::sim) const fn is_lured(self) -> bool {
        matches!(self, Task::Lured | Task::Drawn | Task::Doomed)
    }
}

/// One soldier. Small and plain: there are ten thousand.
#[derive(Clone, Copy, Debug)]
pub(in crate::sim) struct Soldier {
    pub(in crate::sim) pos: Pos,
    pub(in crate::sim) velocity: Velocity,
    /// Health left in thousandths of a point.
    pub(in crate::sim) health_milli: i32,
    /// The squad it belongs to: an index into `Legion::squads`.
    pub(in crate::sim) squad: u16,
    pub(in crate::sim) task: Task,
    pub(in crate::sim) underground: bool,
    pub(in crate::sim) attacking: bool,
    /// Names it for as long as it lives.
    pub(in crate::sim) serial: u32,
}

impl Soldier {
    pub(in crate::sim) fn key(&self) -> Key {
        Key((Class::Soldier as u32) << 30 | self.serial & 0x3fff_ffff)
    }
}

/// All soldiers, densely stored in the order of their serials.
#[derive(Default)]
pub(in crate::sim) struct Swarm {
    pub(in crate::sim) soldiers: Vec<Soldier>,
    /// Index of the soldiers by place, as of this tick's start.
    pub(in crate::sim) grid: Grid,
    /// C: so many soldiers make 400 M.
    pub(in crate::sim) cap: u32,
    /// M of one soldier.
    pub(in crate::sim) mass_each: Micro,
    /// Whole health of one soldier, thousandths of a point.
    pub(in crate::sim) health_each_milli: i32,
    next_serial: u32,
}

impl Swarm {
    /// An empty swarm of a match whose cap is `cap` soldiers for `mass_cap` M.
    pub(in crate::sim) fn new(cap: u32, mass_cap: i32, health_mass: i32) -> Swarm {
        let mass_each = Micro::whole(mass_cap).scaled(1, i64::from(cap));
        let health_each_milli = (i64::from(health_mass) * mass_each.0 / 1_000) as i32;
        Swarm { cap, mass_each, health_each_milli, ..Swarm::default() }
    }

    /// The swarm's mass.
    pub(in crate::sim) fn mass(&self) -> Micro {
        Micro(self.mass_each.0 * self.soldiers.len() as i64)
    }

    /// How many soldiers make up `mass`, rounded down.
    pub(in crate::sim) fn soldiers_in(&self, mass: Micro) -> usize {
        (mass.0.max(0) / self.mass_each.0) as usize
    }

    /// One more soldier at `pos`, unless the swarm is at its cap.
    pub(in crate::sim) fn spawn(&mut self, pos: Pos, squad: u16, underground: bool) -> bool {
        if self.soldiers.len() >= self.cap as usize {
            return false;
        }
        self.soldiers.push(Soldier {
            pos,
            velocity: Velocity::ZERO,
            health_milli: self.health_each_milli,
            squad,
            task: Task::Follow,
            underground,
            attacking: false,
            serial: self.next_serial,
        });
        self.next_serial += 1;
        true
    }

    /// Takes out every soldier without health; calls `dead` for each, in storage order.
    pub(in crate::sim) fn bury(&mut self, mut dead: impl FnMut(&Soldier)) {
        self.soldiers.retain(|s| {
            let lives = s.health_milli > 0;
            if !lives {
                dead(s);
            }
            lives
        });
    }

    /// Indexes the soldiers by place.
    pub(in crate::sim) fn index(&mut self) {
        let Swarm { soldiers, grid, .. } = self;
        grid.rebuild(soldiers.iter().map(|s| s.pos));
    }

    /// Indices of the soldiers within `radius` grid units of `pos`; good until the next death.
    pub(in crate::sim) fn near(&self, pos: Pos, radius: i32) -> impl Iterator<Item = usize> + '_ {
        self.grid
            .around(pos, radius)
            .map(|i| i as usize)
            .filter(move |i| self.soldiers.get(*i).is_some_and(|s| s.pos.within(pos, radius)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_swarm_weighs_400_m_at_every_scale() {
        for cap in [150, 400, 2_000, 10_000] {
            let mut swarm = Swarm::new(cap, 400, 26);
            while swarm.spawn(Pos::from_m(1_000, 1_000), 0, false) {}
            assert_eq!(swarm.soldiers.len(), cap as usize);
            assert!((399..=400).contains(&swarm.mass().floor()), "{cap}: {:?}", swarm.mass());
            let health: i64 = swarm.soldiers.iter().map(|s| i64::from(s.health_milli)).sum();
            assert!((10_390_000..=10_400_000).contains(&health), "{cap}: {health}");
        }
    }

    #[test]
    fn the_dead_are_buried_and_the_rest_stay() {
        let mut swarm = Swarm::new(150, 400, 26);
        for x in 0..10 {
            swarm.spawn(Pos::from_m(1_000 + x, 1_000), 0, false);
        }
        for i in [0, 3, 9] {
            swarm.soldiers[i].health_milli = 0;
        }
        let mut dead = Vec::new();
        swarm.bury(|s| dead.push(s.serial));
        dead.sort_unstable();
        assert_eq!(dead, [0, 3, 9]);
        let mut left: Vec<u32> = swarm.soldiers.iter().map(|s| s.serial).collect();
        left.sort_unstable();
        assert_eq!(left, [1, 2, 4, 5, 6, 7, 8]);
    }
}
