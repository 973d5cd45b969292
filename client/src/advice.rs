//! What is worth doing now, in one line: for somebody who has never played this seat. It reads what
//! the seat knows and nothing else.

use gamera_protocol::ids::{Kind, Role};
use gamera_protocol::input::{Verb, verbs_of};
use gamera_protocol::measure::{Pos, TICK_HZ, metres};
use gamera_protocol::view::{GameraState, Life, Marks, OwnView, Phase, TeamView, Thing, VERBS_MAX};

use crate::model::Model;
use crate::screen::title;
use crate::targets::bearing;

/// The line for the present moment.
#[must_use]
pub fn now(model: &Model) -> String {
    let Some(team) = &model.team else { return "the battle comes into sight".into() };
    if model.verdict.is_some() || matches!(team.phase, Phase::Epilogue | Phase::Ended) {
        return "the battle is over; the next one begins by itself, q leaves".into();
    }
    let Some(own) = &model.own else { return watching(team) };
    match own.life {
        Life::Down { .. } => return "you are down and will be back; look around, or take another seat with g".into(),
        Life::Waiting { .. } => return "you are on the way to the next fight; ? shows your keys meanwhile".into(),
        Life::Alive => {}
    }
    if let Some((verb, done, all)) = own.channel {
        let left = f32::from(all.saturating_sub(done)) / TICK_HZ as f32;
        return format!("keep at it: {verb} takes {left:.1} s more");
    }
    Advisor { model, team, own, here: own.mover.pos }.line()
}

fn watching(team: &TeamView) -> String {
    format!("watching {}; t follows the giants, g takes a seat at any time", title(team.city.label()))
}

struct Advisor<'a> {
    model: &'a Model,
    team: &'a TeamView,
    own: &'a OwnView,
    here: Pos,
}

impl Advisor<'_> {
    fn line(&self) -> String {
        match self.own.role {
            Role::Gamera => self.gamera(),
            Role::Asagi => self.asagi(),
            Role::LightBearer => self.light_bearer(),
            Role::Queen => self.queen(),
            Role::BroodLeader => self.brood_leader(),
            Role::Commander => self.commander(),
            Role::Scientist => self.scientist(),
            Role::Jet => self.jet(),
            Role::Tank => self.tank(),
            Role::Missiles => self.missiles(),
            Role::Engineer => self.engineer(),
        }
    }

    fn nearest(&self, kind: Kind) -> Option<&Thing> {
        let seen = self.model.things.of_kind(kind).filter(|t| !t.marks.has(Marks::GHOST));
        seen.min_by_key(|t| t.pos.distance2(self.here))
    }

    fn nearest_live(&self, kind: Kind) -> Option<&Thing> {
        let live = self.model.things.of_kind(kind).filter(|t| t.marks.has(Marks::LIVE));
        live.min_by_key(|t| t.pos.distance2(self.here))
    }

    /// The nearest soldier or brood leader within `reach_m`.
    fn swarm(&self, reach_m: i32) -> Option<&Thing> {
        let near = self.model.things.near(self.here, reach_m);
        near.filter(|t| matches!(t.kind, Kind::Soldier | Kind::BroodLeader) && !t.marks.has(Marks::GHOST))
            .min_by_key(|t| t.pos.distance2(self.here))
    }

    fn to(&self, thing: &Thing) -> String {
        bearing(self.here, thing.pos)
    }

    fn is_near(&self, thing: &Thing, metres_off: i32) -> bool {
        thing.pos.within(self.here, metres(metres_off))
    }

    /// The key that does `verb`.
    fn key(&self, verb: Verb) -> &'static str {
        key_of(self.own.role, verb)
    }

    /// Where the battle is, from here.
    fn battle(&self) -> String {
        bearing(self.here, self.model.battlefield())
    }

    fn oxygen(&self) -> Option<u8> {
        self.team.cities[self.team.city.index()].flower.and_then(|f| f.oxygen)
    }

    fn mana(&self) -> u16 {
        self.team.gamera_side.map_or(0, |g| g.mana_dm / 10)
    }

    fn gamera(&self) -> String {
        let known = self.team.gamera;
        let health = known.map_or(1_000, |g| g.health_permille);
        let queen = self.nearest(Kind::Queen);
        if known.is_some_and(|g| g.state == GameraState::Dived) {
            return if health > 850 {
                format!("healed: press {} to surface, then head inland", self.key(Verb::Dive))
            } else {
                format!("healing in the sea; {} surfaces", self.key(Verb::Dive))
            };
        }
        if known.is_some_and(|g| g.mobbed >= 60) {
            return format!("the swarm is on you: {} shakes it off; the sea drowns it", self.key(Verb::Shake));
        }
        if let Some(q) = queen.filter(|q| q.marks.has(Marks::TELL) && self.is_near(q, 90)) {
            return format!("she charges the horn, {}: {} grabs it", self.to(q), self.key(Verb::Grab));
        }
        if self.mana() >= 100 && queen.is_some() {
            return format!("mana is full: aim at the queen (t) and hold {}, the plasma beam", self.key(Verb::Plasma));
        }
        if health < 350 {
            return format!(
                "badly hurt: go south to the sea and dive with {} to heal; {} roars",
                self.key(Verb::Dive),
                self.key(Verb::Roar)
            );
        }
        match (self.nearest(Kind::Flower), queen) {
            (Some(f), _) if self.is_near(f, 90) => match self.oxygen() {
                Some(o) if o >= 85 => "oxygen is at 85 or more: tearing it out blows the city up".into(),
                _ => format!("beside the flower: hold {} to tear it out", self.key(Verb::Uproot)),
            },
            (_, Some(q)) if self.is_near(q, 90) => format!(
                "the queen is {}: {} claws her, {} burns her",
                self.to(q),
                self.key(Verb::Strike),
                self.key(Verb::Fireball)
            ),
            (Some(f), _) => format!(
                "the flower is {}: get there ({} flies) and tear it out with {}",
                self.to(f),
                self.key(Verb::Fly),
                self.key(Verb::Uproot)
            ),
            (None, Some(q)) => format!(
                "the queen is {}: fight her with {} and {}",
                self.to(q),
                self.key(Verb::Strike),
                self.key(Verb::Fireball)
            ),
            (None, None) => format!(
                "the city is {}; {} flies, 90 m a second: look for the flower",
                self.battle(),
                self.key(Verb::Fly)
            ),
        }
    }

    fn asagi(&self) -> String {
        let Some(gamera) = self.nearest(Kind::Gamera) else {
            return format!(
                "Gamera is not in sight: calm citizens with {} and keep away from soldiers",
                self.key(Verb::Calm)
            );
        };
        let fallen = self.team.gamera.is_some_and(|g| matches!(g.state, GameraState::Coma | GameraState::Down));
        match (fallen, self.is_near(gamera, 60), self.is_near(gamera, 300)) {
            (true, true, _) => format!("beside fallen Gamera: hold {} to offer the jewel", self.key(Verb::Offer)),
            (true, false, _) => format!("Gamera has fallen, {}: bring the jewel within 60 m", self.to(gamera)),
            (false, _, true) => format!("near Gamera: hold {} to sense, mana grows faster", self.key(Verb::Sense)),
            (false, _, false) => {
                format!("Gamera is {}: come within 300 m and sense with {}", self.to(gamera), self.key(Verb::Sense))
            }
        }
    }

    fn light_bearer(&self) -> String {
        if self.own.carried > 0 {
            return match self.nearest(Kind::Gamera) {
                Some(g) if self.is_near(g, 60) => format!("give your light to Gamera: press {}", self.key(Verb::Carry)),
                Some(g) => format!("carry the light to Gamera, {}, and press {}", self.to(g), self.key(Verb::Carry)),
                None => format!(
                    "you carry light; wait for Gamera near the coast, or calm citizens with {}",
                    self.key(Verb::Calm)
                ),
            };
        }
        match (self.swarm(90), self.nearest_live(Kind::Shrine).or_else(|| self.nearest(Kind::Shrine))) {
            (Some(s), _) => format!("soldiers {}: {} dazzles them, or run", self.to(s), self.key(Verb::Strike)),
            (None, Some(s)) if self.is_near(s, 20) => {
                format!("at the shrine: press {} to take a mote of light", self.key(Verb::Carry))
            }
            (None, Some(s)) => format!("a shrine is {}: take a mote there with {}", self.to(s), self.key(Verb::Carry)),
            (None, None) => format!("hold {} to calm citizens: trust grows", self.key(Verb::Calm)),
        }
    }

    fn queen(&self) -> String {
        let city = &self.team.cities[self.team.city.index()];
        if city.flower.and_then(|f| f.launch_s).is_some() {
            return format!(
                "the seed is about to launch: guard the flower, burrow with {} before the blast",
                self.key(Verb::Burrow)
            );
        }
        if let Some(g) = self.nearest(Kind::Gamera).filter(|g| self.is_near(g, 600)) {
            return match (self.is_near(g, 60), g.marks.has(Marks::HELPLESS)) {
                (true, true) => format!("Gamera is down: hold {} to end her", self.key(Verb::Execute)),
                (true, false) => format!(
                    "Gamera is in reach: {} impales, {} claws; {} flies away",
                    self.key(Verb::Impale),
                    self.key(Verb::Strike),
                    self.key(Verb::Fly)
                ),
                (false, _) => format!(
                    "Gamera is {}: {} charges the horn beam, {} calls a swarm",
                    self.to(g),
                    self.key(Verb::Beam),
                    self.key(Verb::BroodBurst)
                ),
            };
        }
        match (self.own.mover.layer(), city.flower) {
            (gamera_protocol::ids::Layer::Underground, None) => {
                format!("no hive here: hold {} in the city to plant one", self.key(Verb::Plant))
            }
            (_, Some(_)) => format!(
                "feed the flower ([ and ] share the glass) and stay near it; {} hatches a swarm",
                self.key(Verb::BroodBurst)
            ),
            _ => format!(
                "go to {}, {}, and plant a hive: {} burrows, {} plants",
                title(self.team.city.label()),
                self.battle(),
                self.key(Verb::Burrow),
                self.key(Verb::Plant)
            ),
        }
    }

    fn brood_leader(&self) -> String {
        if let Some(g) = self.nearest(Kind::Gamera).filter(|g| self.is_near(g, 500)) {
            return format!("Gamera is {}: hold {} and the squad covers her", self.to(g), self.key(Verb::Mob));
        }
        let prey = [Kind::Engineer, Kind::Tank, Kind::Scientist, Kind::LightBearer, Kind::Convoy, Kind::Guard];
        if let Some(t) = prey.iter().filter_map(|k| self.nearest(*k)).find(|t| self.is_near(t, 200)) {
            return format!("{} {}: t aims, {} sends the squad at it", t.kind, self.to(t), self.key(Verb::Strike));
        }
        match self.nearest(Kind::Cache).filter(|_| self.own.squad > 0) {
            Some(c) if self.is_near(c, 40) => {
                format!("at the glass: hold {} and the squad harvests it", self.key(Verb::Harvest))
            }
            Some(c) => {
                format!("glass {}: go there and hold {}, it feeds the flower", self.to(c), self.key(Verb::Harvest))
            }
            None => format!(
                "hold {} to dig a burrow, {} to block a road; the squad gathers around you",
                self.key(Verb::Dig),
                self.key(Verb::Block)
            ),
        }
    }

    fn commander(&self) -> String {
        let oxygen = self.oxygen().unwrap_or(0);
        let sdf = self.team.sdf.unwrap_or_default();
        match self.nearest(Kind::Scientist) {
            Some(s) if sdf.confer_s == 0 && self.is_near(s, 40) => {
                format!("the scientist is beside you: hold {} to confer", self.key(Verb::Confer))
            }
            _ if oxygen > 50 && sdf.evacuation_pct < 90 => "oxygen rises: more evacuation with ]".into(),
            Some(s) if sdf.confer_s == 0 => {
                format!("meet the scientist, {}, and confer with {}", self.to(s), self.key(Verb::Confer))
            }
            _ if self.team.gamera.is_none() => {
                format!("Gamera is not seen: {} sends a sonar patrol to the coast", self.key(Verb::Patrol))
            }
            _ => {
                format!("lead convoys out with {}; [ ] share the effort, e picks the district", self.key(Verb::Escort))
            }
        }
    }

    fn scientist(&self) -> String {
        if let Some(s) = self.swarm(100) {
            return format!("soldiers {}: keep away, your pistol ({}) is little", self.to(s), self.key(Verb::Strike));
        }
        let samples = [Kind::Carcass, Kind::Burrow, Kind::Flower];
        match samples.iter().filter_map(|k| self.nearest(*k)).min_by_key(|t| t.pos.distance2(self.here)) {
            Some(t) if self.is_near(t, 30) => format!("something to sample here: hold {}", self.key(Verb::Sample)),
            Some(t) => {
                format!("{} {}: sample it with {}, research wins this", t.kind, self.to(t), self.key(Verb::Sample))
            }
            None => match self.nearest(Kind::Tank) {
                Some(tank) => format!("follow the tanks, {}: dead soldiers are samples", self.to(tank)),
                None => format!("the battle is {}: dead soldiers are samples", self.battle()),
            },
        }
    }

    fn jet(&self) -> String {
        let flying = self.nearest(Kind::Queen).filter(|q| q.layer == gamera_protocol::ids::Layer::Sky);
        let f = self.key(Verb::Strike);
        match (flying, self.nearest(Kind::Burrow), self.swarm(1_200)) {
            (Some(q), ..) => format!("the queen flies, {}: strafe her wings with {f}", self.to(q)),
            (None, Some(b), _) => format!("a burrow {}: t aims, {f} strafes it", self.to(b)),
            (None, None, Some(s)) => format!("soldiers {}: fly over them and strafe with {f}", self.to(s)),
            (None, None, None) => format!("no enemy seen: fly to the battle, {}; t aims, {f} strafes", self.battle()),
        }
    }

    fn tank(&self) -> String {
        let (f, escort) = (self.key(Verb::Strike), self.key(Verb::Escort));
        match (self.swarm(320), self.swarm(1_200)) {
            (Some(s), _) => format!("{} {}: in range, {f} fires", s.kind, self.to(s)),
            (None, Some(s)) => format!("{} {}: close to 320 m and fire with {f}", s.kind, self.to(s)),
            (None, None) => match self.nearest(Kind::Flower).or_else(|| self.nearest(Kind::Pod)) {
                Some(f) => format!("no enemy near: soldiers gather at the flower, {}; {escort} escorts", self.to(f)),
                None => format!("no enemy near: go to the battle, {}; {escort} leads a convoy out", self.battle()),
            },
        }
    }

    fn missiles(&self) -> String {
        let f = self.key(Verb::Volley);
        match (self.nearest(Kind::Queen), self.swarm(900)) {
            _ if self.own.carried == 0 => "no rounds left: they come back by themselves in a while".into(),
            (Some(q), _) if self.is_near(q, 900) => {
                format!("the queen is {}: {f} fires, claws first, then horn", self.to(q))
            }
            (Some(q), _) => format!("the queen is {}: come within 900 m", self.to(q)),
            (None, Some(s)) => format!("{} {}: {f} fires a volley", s.kind, self.to(s)),
            (None, None) => format!("take a place 500 m from the battle, {}, and wait for the queen", self.battle()),
        }
    }

    fn engineer(&self) -> String {
        if let Some(f) = self.nearest(Kind::Flower).filter(|_| self.own.carried > 0) {
            return match self.is_near(f, 40) {
                true => format!("at the flower: hold {} to set a charge", self.key(Verb::Charge)),
                false => format!(
                    "the flower is {}: set a charge there with {}, away from soldiers",
                    self.to(f),
                    self.key(Verb::Charge)
                ),
            };
        }
        if self.team.gamera.is_some_and(|g| g.mobbed >= 60)
            && let Some(z) = self.nearest(Kind::Substation)
        {
            return format!("Gamera is mobbed: the lure! substation {}, hold {}", self.to(z), self.key(Verb::Energise));
        }
        match (self.nearest(Kind::Burrow), self.nearest(Kind::Cache)) {
            (Some(b), _) if self.is_near(b, 400) => {
                format!("a burrow {}: hold {} beside it to blow it up", self.to(b), self.key(Verb::Charge))
            }
            (_, Some(c)) => {
                format!("glass {}: hold {} there to carry it out of their reach", self.to(c), self.key(Verb::Remove))
            }
            _ => format!(
                "{} puts up a sensor that hears what digs; {} leads a convoy out",
                self.key(Verb::Sensor),
                self.key(Verb::Escort)
            ),
        }
    }
}

/// The key that does `verb` in `role`: the order of the verbs is the order of the keys.
fn key_of(role: Role, verb: Verb) -> &'static str {
    const KEYS: [&str; VERBS_MAX] = ["f", "2", "3", "4", "5", "6", "7", "8", "9"];
    let index = verbs_of(role).position(|row| row.verb == verb);
    assert!(index.is_some(), "{role} has no {verb}");
    index.map_or("", |i| KEYS[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staged;

    #[test]
    fn every_role_is_told_something_that_fits_a_narrow_screen() {
        for role in Role::ALL {
            let line = now(&staged::battle(Some(*role)));
            assert!(!line.is_empty() && line.chars().count() <= 76, "{role}: {line}");
        }
    }

    #[test]
    fn a_verbs_key_is_its_place_among_the_roles_verbs() {
        for role in Role::ALL {
            for (i, row) in (1..).zip(verbs_of(*role)) {
                let wanted = if i == 1 { "f".to_owned() } else { i.to_string() };
                assert_eq!(key_of(*role, row.verb), wanted, "{role} {}", row.verb);
            }
        }
    }

    #[test]
    fn one_who_sees_no_enemy_is_told_where_to_go() {
        for role in Role::ALL.iter().filter(|role| role.side() == gamera_protocol::ids::Side::Sdf) {
            let mut model = staged::battle(Some(*role));
            model.things.rebuild([]);
            let line = now(&model);
            assert!(line.chars().count() <= 76, "{role}: {line}");
            let goes = ["Tank", "Jet", "Missiles", "Scientist"].contains(&format!("{role:?}").as_str());
            assert!(!goes || line.contains(" m ") || line.contains("right here"), "{role}: {line}");
        }
    }

    #[test]
    fn the_line_follows_the_situation() {
        let mut model = staged::battle(Some(Role::Tank));
        assert!(now(&model).contains("f fires"), "{}", now(&model));
        model.own.as_mut().unwrap().life = Life::Down { until: gamera_protocol::measure::Tick(9_999) };
        assert!(now(&model).contains("down"));
        assert!(now(&staged::battle(None)).contains("watching"));
    }
}
