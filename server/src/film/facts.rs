//! What the film must not show, and what it shows beside its beats: for each rule that no beat needs,
//! something that is not to be seen without it.

use gamera_protocol::balance::Rule;
use gamera_protocol::event::{Event, EventKind};
use gamera_protocol::ids::{City, Role, Side};
use gamera_protocol::input::{Verb, verbs_of};

use super::flaw::Flaw;
use super::set::Set;

/// A condition on the finished film.
struct Condition {
    says: &'static str,
    holds: fn(&Set) -> bool,
}

/// Something that the film shows thanks to a rule.
struct Fact {
    rule: Rule,
    says: &'static str,
    seen: fn(&Set, &Witness) -> bool,
}

const fn condition(says: &'static str, holds: fn(&Set) -> bool) -> Condition {
    Condition { says, holds }
}

const fn fact(rule: Rule, says: &'static str, seen: fn(&Set, &Witness) -> bool) -> Fact {
    Fact { rule, says, seen }
}

use EventKind as E;

/// What is broken where the condition does not hold.
#[rustfmt::skip]
const CONDITIONS: &[Condition] = &[
    condition("a seed left for space", |s| !s.heard(E::SeedLaunched)),
    condition("a hive was planted in Tokyo", |s| s.count(E::HivePlanted, City::Tokyo) == 0),
    condition("there was a bond after the jewel was gone", |s| !comes_after(s, E::BondLink, E::JewelShattered)),
    condition("Gamera has not won the war", |s| s.battle().verdict().is_some_and(|v| v.war == Side::Gamera)),
    condition("the SDF has not won", |s| s.battle().verdict().is_some_and(|v| v.sdf)),
];

#[rustfmt::skip]
const FACTS: &[Fact] = &[
    fact(Rule::Vigil, "sonar hears Gamera before she is ashore",
        |s, _| comes_after(s, E::GameraArrived, E::GameraSighted)),
    fact(Rule::Charges, "charges take oxygen from the flower of Sendai",
        |s, _| s.count(E::ChargeBlown, City::Sendai) > 0),
    fact(Rule::Evacuation, "a convoy leaves Sendai", |s, _| s.count(E::EvacConvoy, City::Sendai) > 0),
    fact(Rule::Flight, "Gamera flies", |s, _| s.heard(E::GameraFlew)),
    fact(Rule::Fireball, "a fireball hurts the queen", |_, w| w.fireballs.iter().any(|f| f.damage > 0)),
    fact(Rule::Claws, "claws take the force out of a fireball", |s, w| w.is_jammed(s)),
    fact(Rule::Bond, "Asagi and Gamera are one, before the jewel",
        |s, _| comes_after(s, E::JewelShattered, E::BondLink)),
    fact(Rule::Motes, "a mote reaches Gamera", |s, _| s.heard(E::MoteDelivered)),
    fact(Rule::Wariness, "the plasma beam makes mankind wary", |_, w| w.wary),
];

/// What is wrong with what the film shows.
pub(super) fn broken(set: &Set, witness: &Witness) -> impl Iterator<Item = Flaw> {
    let broken = CONDITIONS.iter().filter(|c| !(c.holds)(set)).map(|c| Flaw::Broken(c.says));
    let unseen = FACTS.iter().filter(|f| !(f.seen)(set, witness)).map(|f| Flaw::Unseen { rule: f.rule, says: f.says });
    unseen.chain(broken)
}

/// True where some `later` comes after some `earlier`.
fn comes_after(set: &Set, later: EventKind, earlier: EventKind) -> bool {
    let log: &[Event] = set.log();
    let first = log.iter().position(|e| e.kind == earlier);
    first.is_some_and(|first| log[first..].iter().any(|e| e.kind == later))
}

/// A fireball at the queen.
struct Fireball {
    /// Her claws stood.
    claws: bool,
    /// Health that she lost in the tick in which it was thrown, points.
    damage: i32,
}

/// Watches what no event tells.
pub(super) struct Witness {
    fireballs: Vec<Fireball>,
    ready: bool,
    queen_health: i32,
    claws: bool,
    /// Mankind has been wary of Gamera: her ascension ends it.
    wary: bool,
}

impl Witness {
    pub(super) fn new(set: &Set) -> Witness {
        let fireballs = Vec::new();
        Witness { fireballs, ready: false, queen_health: set.queen_health(), claws: true, wary: false }
    }

    /// Looks at the battle after a step.
    pub(super) fn watch(&mut self, set: &Set) {
        let own = set.own(set.seat(Role::Gamera));
        let slot = verbs_of(Role::Gamera).position(|row| row.verb == Verb::Fireball);
        let ready = own.role == Role::Gamera && slot.is_some_and(|slot| own.cooldowns[slot] == 0);
        let health = set.queen_health();
        if self.ready && !ready && own.role == Role::Gamera {
            self.fireballs.push(Fireball { claws: self.claws, damage: self.queen_health - health });
        }
        self.wary |= set.team().wariness > 0;
        self.ready = ready;
        self.queen_health = health;
        self.claws = set.team().queen.is_some_and(|q| q.claws_permille > 0);
    }

    /// Against claws each fireball did clearly less than its number; what else hurts her in the same tick
    /// only adds.
    fn is_jammed(&self, set: &Set) -> bool {
        let whole = set.battle().balance().gamera.fireball_damage;
        let against_claws = self.fireballs.iter().filter(|f| f.claws && f.damage > 0).map(|f| f.damage);
        against_claws.max().is_some_and(|damage| damage * 10 < whole * 8)
    }
}
