//! What happens in a battle, as one flat record, and one table that says how each is told and
//! who may know of it.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::ids::{City, SeatId, Side, named_enum};
use crate::measure::{Pos, Tick};

/// One thing that happened. Flat, so that the film, the feed, the filter and the wire read it alike.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, Serialize, Deserialize)]
pub struct Event {
    /// When.
    pub tick: Tick,
    /// What.
    pub kind: EventKind,
    /// In which city, where it has one.
    pub city: Option<City>,
    /// Where, where it has a place.
    pub at: Option<Pos>,
    /// The seat that did it, where one did.
    pub seat: Option<SeatId>,
    /// The amount that [`EventRow::text`] names: citizens, a stage, a tier, a seed's number.
    pub amount: i32,
}

impl Event {
    /// An event without place, city, seat or amount.
    #[must_use]
    pub const fn new(tick: Tick, kind: EventKind) -> Event {
        Event { tick, kind, city: None, at: None, seat: None, amount: 0 }
    }

    /// The same in `city`.
    #[must_use]
    pub const fn in_city(mut self, city: City) -> Event {
        self.city = Some(city);
        self
    }

    /// The same at `at`; the city follows from the place where there is one.
    #[must_use]
    pub fn at(mut self, at: Pos) -> Event {
        self.at = Some(at);
        self.city = self.city.or_else(|| crate::ground::city_at(at));
        self
    }

    /// The same done by `seat`.
    #[must_use]
    pub const fn by(mut self, seat: Option<SeatId>) -> Event {
        self.seat = seat;
        self
    }

    /// The same with its amount.
    #[must_use]
    pub const fn amount(mut self, amount: i32) -> Event {
        self.amount = amount;
        self
    }
}

/// Who is told of an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Every seat.
    All,
    /// This faction always; the others where they see the place.
    SideAndWitnesses(Side),
    /// Whoever sees the place.
    Witnesses,
    /// This faction alone.
    Only(Side),
    /// The faction of the seat that did it, and whoever sees the place.
    TeamAndWitnesses,
}

/// How one kind of event is told.
#[derive(Clone, Copy, Debug)]
pub struct EventRow {
    /// Who is told.
    pub audience: Audience,
    /// The line in the feed; `{city}`, `{amount}` and `{who}` are filled in.
    pub text: &'static str,
    /// True for a turning point that a screen shows large.
    pub headline: bool,
}

/// Declares the events with their rows.
macro_rules! events {
    ($($(#[$meta:meta])* $name:ident: $audience:expr, $headline:literal, $text:literal;)+) => {
        named_enum! {
            /// Every kind of event: the systems of the story, and what small seats live through.
            EventKind { $($(#[$meta])* #[doc = $text] $name = stringify!($name),)+ }
        }

        static ROWS: &[EventRow] = &[$(EventRow { audience: $audience, headline: $headline, text: $text },)+];
    };
}

use Audience::{All, Only, SideAndWitnesses, TeamAndWitnesses, Witnesses};

events! {
    // Before and around the first city.
    GameraSighted: Only(Side::Sdf), true, "Sonar: something vast is moving off the coast";
    MeteorImpact: All, true, "A meteor falls into the snow";
    MeteorBearing: TeamAndWitnesses, false, "The light came down in direction {amount} degrees of {who}";
    GlassStolen: Only(Side::Legion), false, "Glass is dragged from a warehouse";
    GuardSighting: SideAndWitnesses(Side::Sdf), false, "A guard has seen something at the warehouse";
    CityOvergrown: SideAndWitnesses(Side::Legion), false, "Plants cover {amount} % of {city}";
    HiveFounded: Only(Side::Legion), true, "The hive is founded beneath {city}";
    HiveDiscovered: SideAndWitnesses(Side::Sdf), true, "The hive is found in the subway of {city}";
    PodErupted: All, true, "A pod bursts through a building in {city}";
    FlowerBloomed: All, true, "The flower blooms over {city}";
    OxygenStage: Only(Side::Legion), false, "Oxygen in {city} has reached {amount} %";
    FlowerIgnited: All, true, "The oxygen in {city} catches fire";
    FlowerToppled: All, true, "The flower of {city} falls";
    LaunchpadTheory: Only(Side::Sdf), true, "\"It is a launch pad\": the flower's purpose is understood";
    SeedLaunched: All, true, "A seed leaves {city} for space: the Legion's number {amount}";
    CityDetonated: All, true, "{city} is annihilated: {amount} thousand dead";
    EvacConvoy: Only(Side::Sdf), false, "A convoy has left {city} with {amount} citizens";
    // Gamera.
    GameraArrived: All, true, "Gamera comes out of the sea at {city}";
    GameraFlew: SideAndWitnesses(Side::Gamera), false, "Gamera flies";
    FlowerUprooted: All, true, "Gamera tears the flower of {city} out by its roots";
    GameraMobbed: SideAndWitnesses(Side::Gamera), true, "The swarm covers Gamera";
    LegionNamed: All, true, "\"My name is Legion, for we are many\"";
    GameraRetreated: SideAndWitnesses(Side::Gamera), true, "Gamera retreats to the sea";
    GameraImpaled: SideAndWitnesses(Side::Gamera), false, "Gamera is impaled";
    GameraDowned: All, true, "Gamera is left for dead";
    GameraLimps: SideAndWitnesses(Side::Gamera), true, "Gamera crawls on";
    GameraComa: All, true, "Gamera lies in a coma";
    GameraRevived: All, true, "Gamera opens its eyes";
    GameraDied: All, true, "Gamera is dead";
    BondLink: Only(Side::Gamera), false, "Asagi and Gamera are one";
    JewelShattered: All, true, "The jewel shatters";
    GameraRoar: SideAndWitnesses(Side::Gamera), false, "Gamera roars";
    LightGathers: SideAndWitnesses(Side::Gamera), false, "Light gathers from every shrine";
    UltimatePlasma: All, true, "Gamera's chest opens: the plasma beam";
    QueenDestroyed: All, true, "The queen is destroyed";
    GameraAscended: All, true, "Gamera rises into the morning sky";
    // The queen.
    QueenEmerged: SideAndWitnesses(Side::Legion), true, "The queen bursts from the ground in {city}";
    QueenFlew: SideAndWitnesses(Side::Legion), false, "The queen takes to the air";
    WingsBroken: All, true, "The queen's wings are broken";
    HivePlanted: Only(Side::Legion), true, "A new hive is planted beneath {city}";
    HornBeam: Witnesses, false, "The horn beam strikes";
    ClawsBroken: All, true, "The queen's claws are broken";
    BlastSensed: Only(Side::Legion), true, "The queen senses the blast of {city}: {amount} s";
    QueenBurrowed: SideAndWitnesses(Side::Legion), true, "The queen burrows";
    TokyoMarch: All, true, "The queen marches on Tokyo";
    MarchDrawn: Only(Side::Sdf), false, "The lure draws the queen nearer to Tokyo";
    OutskirtsIntercept: All, true, "The queen is met at the outskirts";
    BroodBurst: SideAndWitnesses(Side::Legion), false, "The egg chamber opens: a new swarm";
    EggChamberBroken: All, true, "The egg chamber is broken";
    LegBroken: Witnesses, false, "A leg of the queen is broken";
    HornTorn: All, true, "Gamera tears off the horn";
    HornBroken: All, true, "The queen's horn is shot off";
    QueenCollapsed: All, true, "The queen collapses";
    LaserWhips: Witnesses, false, "Whips of light come from the stump";
    // The SDF's own work.
    ResearchTier: Only(Side::Sdf), true, "Research has reached {amount}";
    LineEnergised: SideAndWitnesses(Side::Sdf), true, "A power line hums: the lure is live in {city}";
    SwarmLured: SideAndWitnesses(Side::Sdf), false, "The lure pulls {amount} soldiers off";
    MissileVolley: Witnesses, false, "A volley of missiles hits the queen";
    WarinessThreshold: All, true, "Mankind trembles: wariness has reached {amount}";
    WeaponsFree: All, true, "The SDF has weapons free on Gamera";
    // The match.
    PhaseBegan: All, true, "The battle moves to {city}";
    Overtime: All, true, "Overtime: nothing heals any more";
    Epilogue: All, true, "The battle is over";
    // Small seats.
    SeatDowned: TeamAndWitnesses, false, "{who} is down";
    SeatReturned: TeamAndWitnesses, false, "{who} is back in the fight";
    BurrowDug: Only(Side::Legion), false, "A burrow opens";
    BurrowClosed: SideAndWitnesses(Side::Sdf), false, "A burrow is closed";
    ChargeSet: Only(Side::Sdf), false, "A charge is set: {amount} s";
    ChargeBlown: Witnesses, false, "A charge goes off";
    MoteDelivered: Only(Side::Gamera), false, "A mote of light reaches Gamera";
    RoadBlocked: Witnesses, false, "A road is blocked";
    RoadCleared: Witnesses, false, "A road is clear again";
    LineCut: Witnesses, false, "A power line is cut";
    LineRepaired: SideAndWitnesses(Side::Sdf), false, "A power line carries current again";
    CacheRemoved: SideAndWitnesses(Side::Sdf), false, "A warehouse of glass is empty";
    PlantsCleared: Witnesses, false, "A block is cleared of plants";
    SensorSet: Only(Side::Sdf), false, "A sensor listens";
    MeteorTriangulated: Only(Side::Sdf), true, "Two bearings cross: the meteor is found";
    ConvoyLost: SideAndWitnesses(Side::Sdf), false, "A convoy is lost with {amount} citizens";
    CityAlarmed: Only(Side::Sdf), true, "Sirens over {city}: the evacuation begins";
    CitizensCalmed: Only(Side::Gamera), false, "Citizens are calmed";
    OrderGiven: TeamAndWitnesses, false, "An order is given";
}

impl EventKind {
    /// How this kind is told.
    #[must_use]
    pub fn row(self) -> &'static EventRow {
        &ROWS[self.index()]
    }

    /// True for what happens under the ground: who sees the street above is no witness of it.
    #[must_use]
    pub const fn is_beneath(self) -> bool {
        matches!(self, EventKind::HiveFounded | EventKind::HivePlanted | EventKind::HiveDiscovered)
    }
}

/// Writes the event's line for a person; `who` names the seat where there is one.
#[must_use]
pub fn tell(event: &Event, who: &str) -> String {
    let text = event.kind.row().text;
    let text = match event.city {
        Some(city) => text.replace("{city}", &title_case(city)),
        // Between two cities.
        None => text.replace("in {city}", "in open country").replace("{city}", "the city"),
    };
    text.replace("{amount}", &event.amount.to_string()).replace("{who}", who)
}

fn title_case(city: City) -> String {
    let label = city.label();
    label[..1].to_uppercase() + &label[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_told_with_its_city_and_amount() {
        let e = Event::new(Tick(1), EventKind::CityDetonated).in_city(City::Sendai).amount(340);
        assert_eq!(tell(&e, ""), "Sendai is annihilated: 340 thousand dead");
        let e = Event::new(Tick(1), EventKind::QueenEmerged);
        assert_eq!(tell(&e, ""), "The queen bursts from the ground in open country");
    }

    #[test]
    fn every_kind_has_its_row() {
        assert_eq!(ROWS.len(), EventKind::ALL.len());
    }
}
