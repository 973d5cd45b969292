//! What enters a battle: a seat's input each tick, its orders, and seat changes. One type,
//! [`TickInputs`], holds everything that a step takes, so that a recorded list of them is the match.
//!
//! Invariant: the input for tick T enters the step from tick T - 1 to tick T. So a view of tick T is
//! what all inputs up to T have led to, and a prediction plays those after T again. The server's
//! queue, the datagrams and the client's prediction all number inputs so.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::balance::Rule;
use crate::ground;
use crate::ids::{City, Role, SeatId, named_enum};
use crate::measure::{Angle, Pos, Tick, metres};

named_enum! {
    /// What a seat can do besides moving. A seat does one at a time, for as long as it is held.
    Verb {
        /// The own weapon: blows, shells, a strafing pass.
        Strike = "strike",
        /// Gamera: a fireball.
        Fireball = "fireball",
        /// Gamera, queen: take off, or land.
        Fly = "fly",
        /// Gamera: dive in the sea, or surface and come ashore.
        Dive = "dive",
        /// Gamera: hold the flower and tear it out; push it over while crawling.
        Uproot = "uproot",
        /// Gamera: shake the mob off.
        Shake = "shake",
        /// Gamera: grab the horn while it charges.
        Grab = "grab",
        /// Gamera: roar, and light gathers.
        Roar = "roar",
        /// Gamera: the plasma beam.
        Plasma = "plasma",
        /// Asagi: sense what Gamera senses.
        Sense = "sense",
        /// Asagi: offer the jewel.
        Offer = "offer",
        /// Light-bearer: take a mote, or give it to Gamera.
        Carry = "carry",
        /// Light-bearer: calm citizens.
        Calm = "calm",
        /// Queen: legs.
        Impale = "impale",
        /// Queen: charge and loose the horn beam.
        Beam = "beam",
        /// Queen: burrow, or burst from the ground.
        Burrow = "burrow",
        /// Queen: plant a hive in the city.
        Plant = "plant",
        /// Queen: open the egg chamber.
        BroodBurst = "brood-burst",
        /// Queen: laser whips.
        Whips = "whips",
        /// Queen: execute a Gamera that is down.
        Execute = "execute",
        /// Brood leader: lead the squad on to Gamera.
        Mob = "mob",
        /// Brood leader: take glass from a warehouse.
        Harvest = "harvest",
        /// Brood leader: dig a burrow.
        Dig = "dig",
        /// Brood leader: cut a pylon, a substation, wreck a laboratory.
        Sabotage = "sabotage",
        /// Brood leader: block a road.
        Block = "block",
        /// Brood leader: hold the squad against a lure.
        Resist = "resist",
        /// Commander: send a patrol with sonar.
        Patrol = "patrol",
        /// Commander, engineer, tank: lead a convoy out.
        Escort = "escort",
        /// Commander and scientist: put two and two together.
        Confer = "confer",
        /// Scientist: take a sample.
        Sample = "sample",
        /// Tank: clear plants; tank and engineer: clear a roadblock.
        Clear = "clear",
        /// Missile battery: a volley.
        Volley = "volley",
        /// Engineer: set a charge.
        Charge = "charge",
        /// Engineer: put up a sensor.
        Sensor = "sensor",
        /// Engineer: throw the switch of the lure.
        Energise = "energise",
        /// Engineer: empty a cache; repair a cut line.
        Remove = "remove",
    }
}

/// One verb as a role has it: what a screen shows and a bot may choose from.
#[derive(Clone, Copy, Debug)]
pub struct VerbRow {
    /// Who has it.
    pub role: Role,
    /// The verb.
    pub verb: Verb,
    /// True where it works only while held.
    pub hold: bool,
    /// One line of help.
    pub help: &'static str,
}

/// A verb with this cooldown is not to be had in the match: its system is switched off.
pub const NEVER_TICKS: u16 = u16::MAX;

impl VerbRow {
    /// The system that the verb belongs to and is lost with, where it is one's alone.
    #[must_use]
    pub const fn rule(&self) -> Option<Rule> {
        Some(match (self.role, self.verb) {
            (Role::Gamera, Verb::Fly) => Rule::Flight,
            (Role::Queen, Verb::Fly) => Rule::QueenFlight,
            (_, Verb::Fireball) => Rule::Fireball,
            (_, Verb::Dive) => Rule::Retreat,
            (_, Verb::Uproot) => Rule::Uproot,
            (_, Verb::Grab) => Rule::Grab,
            (_, Verb::Roar) => Rule::Roar,
            (_, Verb::Plasma) => Rule::Plasma,
            (_, Verb::Sense) => Rule::Bond,
            (_, Verb::Offer) => Rule::Jewel,
            (_, Verb::Carry) => Rule::Motes,
            (_, Verb::Calm) => Rule::Wariness,
            (_, Verb::Impale) => Rule::Impale,
            (_, Verb::Beam) => Rule::HornBeam,
            (_, Verb::Burrow) => Rule::Burrow,
            (_, Verb::Plant) => Rule::Plant,
            (_, Verb::BroodBurst) => Rule::BroodBurst,
            (_, Verb::Whips) => Rule::Whips,
            (_, Verb::Mob) => Rule::Mob,
            (_, Verb::Harvest) => Rule::Harvest,
            (_, Verb::Patrol) => Rule::Vigil,
            (_, Verb::Escort) => Rule::Evacuation,
            (_, Verb::Confer) => Rule::Confer,
            (_, Verb::Volley) => Rule::Missiles,
            (_, Verb::Charge) => Rule::Charges,
            (_, Verb::Energise) => Rule::Lure,
            _ => return None,
        })
    }
}

const fn tap(role: Role, verb: Verb, help: &'static str) -> VerbRow {
    VerbRow { role, verb, hold: false, help }
}

const fn hold(role: Role, verb: Verb, help: &'static str) -> VerbRow {
    VerbRow { role, verb, hold: true, help }
}

/// Every verb of every role, in the order of their keys: the first is the main one.
#[rustfmt::skip]
pub static VERBS: &[VerbRow] = &[
    hold(Role::Gamera, Verb::Strike,   "claws and tail, 70 m"),
    tap (Role::Gamera, Verb::Fireball, "a fireball, 600 m"),
    tap (Role::Gamera, Verb::Fly,      "take off or land"),
    tap (Role::Gamera, Verb::Dive,     "in the sea: dive to heal, or surface"),
    hold(Role::Gamera, Verb::Uproot,   "beside the flower: tear it out (topple it while crawling)"),
    tap (Role::Gamera, Verb::Shake,    "shake the swarm off"),
    tap (Role::Gamera, Verb::Grab,     "grab the horn while it charges"),
    hold(Role::Gamera, Verb::Roar,     "roar: light gathers"),
    hold(Role::Gamera, Verb::Plasma,   "the plasma beam, at mana 100"),
    hold(Role::Asagi, Verb::Sense, "within 300 m of Gamera: shared sight, more mana"),
    hold(Role::Asagi, Verb::Offer, "beside a fallen Gamera: offer the jewel"),
    hold(Role::Asagi, Verb::Calm,  "calm citizens: trust grows"),
    hold(Role::LightBearer, Verb::Strike, "dazzle soldiers"),
    tap (Role::LightBearer, Verb::Carry,  "take a mote at a shrine, give it to Gamera"),
    hold(Role::LightBearer, Verb::Calm,   "calm citizens: trust grows"),
    hold(Role::Queen, Verb::Strike,     "claws, 70 m"),
    tap (Role::Queen, Verb::Impale,     "impale with the legs, 60 m"),
    hold(Role::Queen, Verb::Beam,       "charge the horn, 2 s; release early to feint"),
    tap (Role::Queen, Verb::Fly,        "take off or land"),
    tap (Role::Queen, Verb::Burrow,     "burrow, or burst from the ground"),
    hold(Role::Queen, Verb::Plant,      "underground in a new city: plant a hive"),
    tap (Role::Queen, Verb::BroodBurst, "open the egg chamber: 60 M"),
    hold(Role::Queen, Verb::Whips,      "laser whips, once the horn is gone"),
    hold(Role::Queen, Verb::Execute,    "execute a Gamera that is down"),
    hold(Role::BroodLeader, Verb::Strike,   "mandibles; the squad attacks what you aim at"),
    hold(Role::BroodLeader, Verb::Mob,      "the squad covers Gamera"),
    hold(Role::BroodLeader, Verb::Harvest,  "the squad drags glass from a warehouse"),
    hold(Role::BroodLeader, Verb::Dig,      "dig a burrow: a way under the city"),
    hold(Role::BroodLeader, Verb::Sabotage, "cut a pylon or substation, wreck a laboratory"),
    hold(Role::BroodLeader, Verb::Block,    "block a road against convoys and tanks"),
    hold(Role::BroodLeader, Verb::Resist,   "hold the squad against a lure"),
    tap (Role::Commander, Verb::Strike, "the vehicle's gun"),
    tap (Role::Commander, Verb::Patrol, "a patrol with sonar, 600 m"),
    hold(Role::Commander, Verb::Escort, "lead a convoy out"),
    hold(Role::Commander, Verb::Confer, "beside the scientist: confer"),
    tap (Role::Scientist, Verb::Strike, "a pistol"),
    hold(Role::Scientist, Verb::Sample, "sample a carcass, a burrow or a flower"),
    hold(Role::Scientist, Verb::Confer, "beside the commander: confer"),
    tap (Role::Jet, Verb::Strike, "a strafing pass at what you aim at"),
    tap (Role::Tank, Verb::Strike, "the gun, 320 m"),
    hold(Role::Tank, Verb::Escort, "lead a convoy out"),
    hold(Role::Tank, Verb::Clear,  "clear plants or a roadblock"),
    tap (Role::Missiles, Verb::Volley, "four missiles, 900 m"),
    hold(Role::Engineer, Verb::Charge,   "set a charge at the flower or a burrow"),
    tap (Role::Engineer, Verb::Strike,   "a rifle"),
    hold(Role::Engineer, Verb::Energise, "at a substation or pylon: the lure"),
    tap (Role::Engineer, Verb::Sensor,   "put up a sensor"),
    hold(Role::Engineer, Verb::Remove,   "empty a cache, repair a line"),
    hold(Role::Engineer, Verb::Clear,    "clear a roadblock"),
    hold(Role::Engineer, Verb::Escort,   "lead a convoy out"),
];

/// The verbs of `role`, in the order of their keys.
pub fn verbs_of(role: Role) -> impl Iterator<Item = &'static VerbRow> {
    VERBS.iter().filter(move |row| row.role == role)
}

/// Ticks that the server holds a seat's newest input for when it hears of no newer one. A client that has nothing new
/// to say may be quiet for a part of it.
pub const HOLD_TICKS: u32 = 8;

/// What a seat wants in one tick, in the very form that crosses the wire, so that a prediction
/// made from it is the server's result.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, Serialize, Deserialize)]
pub struct SeatInput {
    /// Where to go, as one of 256 directions; `None` stands still.
    pub heading: Option<u8>,
    /// What to do; `None` does nothing.
    pub verb: Option<Verb>,
    /// At what: a point of the ground. `None` lets the simulation take the nearest fitting target.
    pub aim: Option<Aim>,
    /// The newest tick whose snapshot the player looked at: attacks are judged then, within a bound.
    pub seen: Tick,
}

impl SeatInput {
    /// The direction to go, if any.
    #[must_use]
    pub fn direction(&self) -> Option<Angle> {
        self.heading.map(Angle::from_byte)
    }

    /// The same, going towards `goal` from `from`; stands still within `near` grid units.
    #[must_use]
    pub fn towards(mut self, from: Pos, goal: Pos, near: i32) -> SeatInput {
        self.heading = (!from.within(goal, near)).then(|| from.angle_to(goal).to_byte());
        self
    }

    /// The same, doing `verb`.
    #[must_use]
    pub const fn doing(mut self, verb: Verb) -> SeatInput {
        self.verb = Some(verb);
        self
    }

    /// The same, aimed at `pos`.
    #[must_use]
    pub fn at(mut self, pos: Pos) -> SeatInput {
        self.aim = Some(Aim::at(pos));
        self
    }
}

/// A point aimed at, to the metre.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct Aim {
    /// Metres east.
    pub x_m: u16,
    /// Metres north.
    pub y_m: u16,
}

impl Aim {
    /// The point nearest to `pos` that can be told.
    #[must_use]
    pub fn at(pos: Pos) -> Aim {
        let (x, y) = ground::clamp(pos).to_m();
        Aim { x_m: x as u16, y_m: y as u16 }
    }

    /// The middle of the square metre.
    #[must_use]
    pub fn pos(self) -> Pos {
        let p = Pos::from_m(i32::from(self.x_m), i32::from(self.y_m));
        ground::clamp(Pos::new(p.x + metres(1) / 2, p.y + metres(1) / 2))
    }
}

/// A decision that is not made every tick. Orders to others are offers, never control.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub enum Order {
    /// Brood leader, queen: where the meteor shall fall, an index into `GROUND.snow_sites`.
    VoteImpact {
        /// 0, 1 or 2.
        site: u8,
    },
    /// Queen: share of the silicon that feeds the flower; the rest hatches soldiers.
    FeedShare {
        /// 0..=100.
        percent: u8,
    },
    /// Commander: the district that the evacuation looks to first.
    EvacuateDistrict {
        /// Which city.
        city: City,
        /// 0..=8.
        district: u8,
    },
    /// Commander: share of the effort on evacuation; the rest fights and researches.
    EvacuationShare {
        /// 0..=100.
        percent: u8,
    },
    /// Commander: fire on Gamera, or cease.
    WeaponsFree {
        /// True: fire.
        on: bool,
    },
    /// Gamera: at which city to come out of the sea, an x in metres.
    Landfall {
        /// 0..=8,191.
        x_m: u16,
    },
    /// Queen, commander, Gamera: an offer to the own side to go somewhere.
    Rally {
        /// Where.
        at: Aim,
    },
    /// Queen: hold the swarm against lures.
    HoldSwarm {
        /// True: hold.
        on: bool,
    },
}

impl Order {
    /// True where every number lies in its range.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        match *self {
            Order::VoteImpact { site } => site < 3,
            Order::FeedShare { percent } | Order::EvacuationShare { percent } => percent <= 100,
            Order::EvacuateDistrict { district, .. } => usize::from(district) < ground::DISTRICTS,
            Order::Landfall { x_m } => i32::from(x_m) < ground::WIDTH_M,
            Order::Rally { at } => at.is_valid(),
            Order::WeaponsFree { .. } | Order::HoldSwarm { .. } => true,
        }
    }
}

impl Aim {
    /// True where the point lies on the ground.
    #[must_use]
    pub fn is_valid(self) -> bool {
        i32::from(self.x_m) < ground::WIDTH_M && i32::from(self.y_m) < ground::HEIGHT_M
    }
}

/// Who drives a seat.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, Serialize, Deserialize)]
pub enum Driver {
    /// A bot, or nobody with bots off.
    #[default]
    Bot,
    /// A person.
    Person,
}

/// What changes a battle from outside the seats.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub enum Control {
    /// A seat changes hands.
    Drive {
        /// Which seat.
        seat: SeatId,
        /// To whom.
        driver: Driver,
    },
    /// An administrator ends the match; the verdict is taken as things stand.
    End,
}

/// Everything that enters one step, in seat order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct TickInputs {
    /// What each seat wants; a seat that is missing wants nothing.
    pub seats: Vec<(SeatId, SeatInput)>,
    /// Orders, in the order of their arrival within a seat.
    pub orders: Vec<(SeatId, Order)>,
    /// Seat changes and admin acts.
    pub controls: Vec<Control>,
}

impl TickInputs {
    /// Empties the lists and keeps their memory.
    pub fn clear(&mut self) {
        self.seats.clear();
        self.orders.clear();
        self.controls.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_verbs_and_no_role_has_one_twice() {
        for role in Role::ALL {
            let verbs: Vec<Verb> = verbs_of(*role).map(|row| row.verb).collect();
            assert!(!verbs.is_empty(), "{role}");
            assert!(verbs.iter().all(|v| verbs.iter().filter(|w| w == &v).count() == 1), "{role}");
        }
    }

    #[test]
    fn every_verb_belongs_to_a_role() {
        for verb in Verb::ALL {
            assert!(VERBS.iter().any(|row| row.verb == *verb), "{verb}");
        }
    }

    #[test]
    fn an_aim_survives_the_wire_form() {
        let aim = Aim::at(Pos::from_m(4_000, 700));
        assert_eq!(Aim::at(aim.pos()), aim);
        assert!(aim.is_valid());
    }
}
