//! The systems of the story that can be switched off, one by one: an ablation measures what a
//! system is worth, a mutation check shows that the film needs it.

use crate::ids::named_enum;

named_enum! {
    /// One system of the story, as the README's table of systems has it.
    Rule {
        /// Sonar and patrol.
        Vigil = "vigil",
        /// The meteor.
        Meteor = "meteor",
        /// Harvesting glass.
        Harvest = "harvest",
        /// Guards at the warehouses.
        Guards = "guards",
        /// Plants over the city.
        Overgrowth = "overgrowth",
        /// Hatching soldiers.
        Hatch = "hatch",
        /// Finding the hive.
        Discovery = "discovery",
        /// Feeding the flower.
        Feed = "feed",
        /// Oxygen.
        Oxygen = "oxygen",
        /// Demolition charges.
        Charges = "charges",
        /// Guns setting the flower off.
        Ignition = "ignition",
        /// Commander and scientist confer.
        Confer = "confer",
        /// Seeds.
        Launch = "launch",
        /// The blast.
        Blast = "blast",
        /// Evacuation.
        Evacuation = "evacuation",
        /// Gamera's arrival.
        Arrival = "arrival",
        /// Gamera's flight.
        Flight = "flight",
        /// Uprooting.
        Uproot = "uproot",
        /// The mob.
        Mob = "mob",
        /// The naming.
        Naming = "naming",
        /// Retreat and healing in the sea.
        Retreat = "retreat",
        /// The queen's emergence.
        Emerge = "emerge",
        /// The queen's flight.
        QueenFlight = "queen-flight",
        /// Jets against wings.
        Strafe = "strafe",
        /// Second and third flower.
        Plant = "plant",
        /// The legs.
        Impale = "impale",
        /// The horn beam.
        HornBeam = "horn-beam",
        /// Gamera's fireball.
        Fireball = "fireball",
        /// Claws against fireballs.
        Claws = "claws",
        /// The queen's burrowing.
        Burrow = "burrow",
        /// Left for dead, and the crawl.
        Limp = "limp",
        /// The coma.
        Coma = "coma",
        /// Asagi's bond.
        Bond = "bond",
        /// The jewel.
        Jewel = "jewel",
        /// Research.
        Research = "research",
        /// The electromagnetic lure.
        Lure = "lure",
        /// The march on Tokyo.
        March = "march",
        /// Heading her off.
        Intercept = "intercept",
        /// Broodburst.
        BroodBurst = "brood-burst",
        /// Missiles.
        Missiles = "missiles",
        /// Grabbing the horn.
        Grab = "grab",
        /// Whips from the stump.
        Whips = "whips",
        /// Roar.
        Roar = "roar",
        /// Motes.
        Motes = "motes",
        /// Plasma.
        Plasma = "plasma",
        /// Ascension.
        Ascension = "ascension",
        /// Wariness and trust.
        Wariness = "wariness",
    }
}

/// Which rules are in force; all of them by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleSet {
    /// One bit a rule that is switched off.
    off: u64,
}

impl Default for RuleSet {
    fn default() -> Self {
        const { assert!(Rule::ALL.len() <= 64, "a rule set has 64 bits") };
        RuleSet { off: 0 }
    }
}

impl RuleSet {
    /// True while `rule` is in force.
    #[must_use]
    pub const fn has(self, rule: Rule) -> bool {
        self.off & (1 << rule.index()) == 0
    }

    /// True while every rule is in force.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.off == 0
    }

    /// Switches `rule` off.
    pub const fn remove(&mut self, rule: Rule) {
        self.off |= 1 << rule.index();
    }

    /// One bit for each rule that is off.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.off
    }
}
