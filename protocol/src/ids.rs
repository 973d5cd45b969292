//! Names for things: sides, roles, cities, layers, kinds, and the ids that cross the wire.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Declares a plain enum with the list of its values and their names.
macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $label:expr,)+ }) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug,
            bincode::Encode, bincode::Decode, serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum $name { $($(#[$vmeta])* $variant,)+ }

        impl $name {
            /// Every value, in declaration order: `ALL[value.index()] == value`.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The place of this value in [`Self::ALL`].
            #[must_use]
            pub const fn index(self) -> usize { self as usize }

            /// The value at `index`, if there is one.
            #[must_use]
            pub const fn from_index(index: usize) -> Option<$name> {
                if index < Self::ALL.len() { Some(Self::ALL[index]) } else { None }
            }

            /// The name shown to a person and taken on a command line.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $($name::$variant => $label,)+ }
            }

            /// The value with this name.
            #[must_use]
            pub fn from_label(label: &str) -> Option<$name> {
                Self::ALL.iter().copied().find(|v| v.label() == label)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.pad(self.label()) }
        }
    };
}
pub(crate) use named_enum;

named_enum! {
    /// The three factions.
    Side {
        /// Gamera, Asagi and the light-bearers.
        Gamera = "gamera",
        /// The queen, her brood leaders and the swarm.
        Legion = "legion",
        /// The Self Defense Force.
        Sdf = "sdf",
    }
}

named_enum! {
    /// What a seat does in the battle (one file each in the simulation).
    Role {
        /// The giant of Gamera's side.
        Gamera = "gamera",
        /// The girl with the jewel.
        Asagi = "asagi",
        /// Carries motes of light to Gamera and calms citizens.
        LightBearer = "light-bearer",
        /// The giant of the Legion.
        Queen = "queen",
        /// Leads a squad of soldiers.
        BroodLeader = "brood-leader",
        /// Watarase: evacuation, sonar, the order to fire on Gamera.
        Commander = "commander",
        /// Honami: samples and research.
        Scientist = "scientist",
        /// Strafes wings.
        Jet = "jet",
        /// Duels soldiers and escorts convoys.
        Tank = "tank",
        /// Missile battery: claws, then horn.
        Missiles = "missiles",
        /// Charges, sensors, the electromagnetic lure.
        Engineer = "engineer",
    }
}

impl Role {
    /// The faction this role belongs to.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Role::Gamera | Role::Asagi | Role::LightBearer => Side::Gamera,
            Role::Queen | Role::BroodLeader => Side::Legion,
            Role::Commander | Role::Scientist | Role::Jet | Role::Tank | Role::Missiles | Role::Engineer => Side::Sdf,
        }
    }

    /// The kind of unit this role steers.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Role::Gamera => Kind::Gamera,
            Role::Asagi => Kind::Asagi,
            Role::LightBearer => Kind::LightBearer,
            Role::Queen => Kind::Queen,
            Role::BroodLeader => Kind::BroodLeader,
            Role::Commander => Kind::Commander,
            Role::Scientist => Kind::Scientist,
            Role::Jet => Kind::Jet,
            Role::Tank => Kind::Tank,
            Role::Missiles => Kind::Missiles,
            Role::Engineer => Kind::Engineer,
        }
    }
}

named_enum! {
    /// The cities, in the order of the campaign.
    City {
        /// The first phase.
        Sapporo = "sapporo",
        /// The second phase.
        Sendai = "sendai",
        /// The last phase.
        Tokyo = "tokyo",
    }
}

named_enum! {
    /// The three layers of the ground.
    Layer {
        /// Subway, hive and burrows.
        Underground = "underground",
        /// Streets and sea.
        Surface = "surface",
        /// Where Gamera, the queen and jets fly.
        Sky = "sky",
    }
}

named_enum! {
    /// Everything that stands or moves on the ground: one row each in the balance tables.
    Kind {
        /// 80 m tall; walks, flies, swims.
        Gamera = "Gamera",
        /// 140 m tall; walks, flies, burrows.
        Queen = "queen",
        /// One of the swarm.
        Soldier = "soldier",
        /// A larger soldier with a squad.
        BroodLeader = "brood leader",
        /// On foot, with the jewel.
        Asagi = "Asagi",
        /// On foot, carries motes.
        LightBearer = "light-bearer",
        /// In a command vehicle.
        Commander = "commander",
        /// In a laboratory van.
        Scientist = "scientist",
        /// Flies; strafes wings and burrow mouths.
        Jet = "jet",
        /// Armour.
        Tank = "tank",
        /// A missile battery on wheels.
        Missiles = "missile battery",
        /// On a truck.
        Engineer = "engineer",
        /// Watches a warehouse.
        Guard = "guard",
        /// Buses with citizens.
        Convoy = "convoy",
        /// The flower, from its pod to bloom.
        Flower = "flower",
        /// The pod in the hive, before it bursts.
        Pod = "pod",
        /// The mouth of a burrow.
        Burrow = "burrow",
        /// A warehouse of glass.
        Cache = "glass cache",
        /// Where motes of light gather.
        Shrine = "shrine",
        /// Carries the trunk power line.
        Pylon = "pylon",
        /// Feeds a district.
        Substation = "substation",
        /// Where samples become research.
        Lab = "laboratory",
        /// Shows what is underground as blips.
        Sensor = "sensor",
        /// A demolition charge.
        Charge = "charge",
        /// Hears Gamera from the coast.
        Sonar = "sonar",
        /// Soldiers' barricade across a road.
        Roadblock = "roadblock",
        /// A mote of light at a shrine or carried.
        Mote = "mote of light",
        /// A fallen meteor.
        Meteor = "meteor",
        /// Dead soldier that a scientist samples.
        Carcass = "carcass",
    }
}

named_enum! {
    /// Whose knowledge a view shows: a faction's, or a spectator's who sees everything.
    Viewer {
        /// Gamera's side.
        Gamera = "gamera",
        /// The Legion.
        Legion = "legion",
        /// The SDF.
        Sdf = "sdf",
        /// A spectator: no fog.
        Spectator = "spectator",
    }
}

impl Viewer {
    /// The faction, unless it is a spectator.
    #[must_use]
    pub const fn side(self) -> Option<Side> {
        match self {
            Viewer::Gamera => Some(Side::Gamera),
            Viewer::Legion => Some(Side::Legion),
            Viewer::Sdf => Some(Side::Sdf),
            Viewer::Spectator => None,
        }
    }
}

impl From<Side> for Viewer {
    fn from(side: Side) -> Viewer {
        match side {
            Side::Gamera => Viewer::Gamera,
            Side::Legion => Viewer::Legion,
            Side::Sdf => Viewer::Sdf,
        }
    }
}

/// A seat of the match, counted from 0 in fill order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct SeatId(pub u16);

impl SeatId {
    /// For indexing per-seat tables.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The id by which one faction knows a thing it sees. Another faction knows the same thing by
/// another id, and a thing lost from sight and seen again comes back under a new one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct NetId(pub u16);
