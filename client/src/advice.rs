//! What is worth doing now, in one line: for somebody who has never played this seat. It reads what
//! the seat knows and nothing else.

use gamera_protocol::ids::{Kind, Role};
use gamera_protocol::measure::{Pos, TICK_HZ, metres};
use gamera_protocol::view::{GameraState, Life, Marks, OwnView, Phase, TeamView, Thing};

use crate::model::Model;
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
    format!("watching {}; t follows the giants, g takes a seat at any time", team.city)
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
                "healed: press 4 to surface, then head inland".into()
            } else {
                "healing in the sea; 4 surfaces".into()
            };
        }
        if known.is_some_and(|g| g.mobbed >= 60) {
            return "the swarm is on you: 6 shakes it off; the sea drowns it".into();
        }
        if let Some(q) = queen.filter(|q| q.marks.has(Marks::TELL) && self.is_near(q, 90)) {
            return format!("she charges the horn, {}: 7 grabs it", self.to(q));
        }
        if self.mana() >= 100 && queen.is_some() {
            return "mana is full: aim at the queen (t) and hold 9, the plasma beam".into();
        }
        if health < 350 {
            return "badly hurt: go south to the sea and dive with 4 to heal; 8 roars".into();
        }
        match (self.nearest(Kind::Flower), queen) {
            (Some(f), _) if self.is_near(f, 90) => match self.oxygen() {
                Some(o) if o >= 85 => "oxygen is at 85 or more: tearing it out blows the city up".into(),
                _ => "beside the flower: hold 5 to tear it out".into(),
            },
            (_, Some(q)) if self.is_near(q, 90) => format!("the queen is {}: f claws her, 2 burns her", self.to(q)),
            (Some(f), _) => format!("the flower is {}: get there (3 flies) and tear it out with 5", self.to(f)),
            (None, Some(q)) => format!("the queen is {}: fight her with f and 2", self.to(q)),
            (None, None) => "look for the flower inland to the north; 3 flies, 90 m a second".into(),
        }
    }

    fn asagi(&self) -> String {
        let Some(gamera) = self.nearest(Kind::Gamera) else {
            return "Gamera is not in sight: calm citizens with 3 and keep away from soldiers".into();
        };
        let fallen = self.team.gamera.is_some_and(|g| matches!(g.state, GameraState::Coma | GameraState::Down));
        match (fallen, self.is_near(gamera, 60), self.is_near(gamera, 300)) {
            (true, true, _) => "beside fallen Gamera: hold 2 to offer the jewel".into(),
            (true, false, _) => format!("Gamera has fallen, {}: bring the jewel within 60 m", self.to(gamera)),
            (false, _, true) => "near Gamera: hold f to sense, mana grows faster".into(),
            (false, _, false) => format!("Gamera is {}: come within 300 m and sense with f", self.to(gamera)),
        }
    }

    fn light_bearer(&self) -> String {
        if self.own.carried > 0 {
            return match self.nearest(Kind::Gamera) {
                Some(g) if self.is_near(g, 60) => "give your light to Gamera: press 2".into(),
                Some(g) => format!("carry the light to Gamera, {}, and press 2", self.to(g)),
                None => "you carry light; Gamera is not in sight, wait near the coast or calm citizens with 3".into(),
            };
        }
        match (self.swarm(90), self.nearest_live(Kind::Shrine).or_else(|| self.nearest(Kind::Shrine))) {
            (Some(s), _) => format!("soldiers {}: f dazzles them, or run", self.to(s)),
            (None, Some(s)) if self.is_near(s, 20) => "at the shrine: press 2 to take a mote of light".into(),
            (None, Some(s)) => format!("a shrine is {}: take a mote there with 2", self.to(s)),
            (None, None) => "hold 3 to calm citizens: trust grows".into(),
        }
    }

    fn queen(&self) -> String {
        let city = &self.team.cities[self.team.city.index()];
        if city.flower.and_then(|f| f.launch_s).is_some() {
            return "the seed is about to launch: guard the flower, burrow with 5 before the blast".into();
        }
        if let Some(g) = self.nearest(Kind::Gamera).filter(|g| self.is_near(g, 600)) {
            return match (self.is_near(g, 60), g.marks.has(Marks::HELPLESS)) {
                (true, true) => "Gamera is down: hold 9 to end her".into(),
                (true, false) => "Gamera is in reach: 2 impales, f claws; 4 flies away".into(),
                (false, _) => format!("Gamera is {}: 3 charges the horn beam, 7 calls a swarm", self.to(g)),
            };
        }
        match (self.own.mover.layer(), city.flower) {
            (gamera_protocol::ids::Layer::Underground, None) => "no hive here: hold 6 in the city to plant one".into(),
            (_, Some(_)) => "feed the flower ([ and ] share the glass) and stay near it; 7 hatches a swarm".into(),
            _ => format!("go to {} and plant a hive there: 5 burrows, 6 plants", self.team.city),
        }
    }

    fn brood_leader(&self) -> String {
        if let Some(g) = self.nearest(Kind::Gamera).filter(|g| self.is_near(g, 500)) {
            return format!("Gamera is {}: hold 2 and the squad covers her", self.to(g));
        }
        let prey = [Kind::Engineer, Kind::Tank, Kind::Scientist, Kind::LightBearer, Kind::Convoy, Kind::Guard];
        if let Some(t) = prey.iter().filter_map(|k| self.nearest(*k)).find(|t| self.is_near(t, 200)) {
            return format!("{} {}: t aims, f sends the squad at it", t.kind, self.to(t));
        }
        match self.nearest(Kind::Cache).filter(|_| self.own.squad > 0) {
            Some(c) if self.is_near(c, 40) => "at the glass: hold 3 and the squad harvests it".into(),
            Some(c) => format!("glass {}: go there and hold 3, it feeds the flower", self.to(c)),
            None => "hold 4 to dig a burrow, 6 to block a road; the squad gathers around you".into(),
        }
    }

    fn commander(&self) -> String {
        let oxygen = self.oxygen().unwrap_or(0);
        let sdf = self.team.sdf.unwrap_or_default();
        match self.nearest(Kind::Scientist) {
            Some(s) if sdf.confer_s == 0 && self.is_near(s, 40) => {
                "the scientist is beside you: hold 4 to confer".into()
            }
            _ if oxygen > 50 && sdf.evacuation_pct < 90 => "oxygen rises: more evacuation with ]".into(),
            Some(s) if sdf.confer_s == 0 => format!("meet the scientist, {}, and confer with 4", self.to(s)),
            _ if self.team.gamera.is_none() => "Gamera is not seen: 2 sends a sonar patrol to the coast".into(),
            _ => "lead convoys out with 3; [ ] share the effort, e picks the district".into(),
        }
    }

    fn scientist(&self) -> String {
        if let Some(s) = self.swarm(100) {
            return format!("soldiers {}: keep away, your pistol (f) is little", self.to(s));
        }
        let samples = [Kind::Carcass, Kind::Burrow, Kind::Flower];
        match samples.iter().filter_map(|k| self.nearest(*k)).min_by_key(|t| t.pos.distance2(self.here)) {
            Some(t) if self.is_near(t, 30) => "something to sample here: hold 2".into(),
            Some(t) => format!("{} {}: sample it with 2, research wins this", t.kind, self.to(t)),
            None => "follow the tanks: dead soldiers are samples".into(),
        }
    }

    fn jet(&self) -> String {
        let flying = self.nearest(Kind::Queen).filter(|q| q.layer == gamera_protocol::ids::Layer::Sky);
        match (flying, self.nearest(Kind::Burrow), self.swarm(1_200)) {
            (Some(q), ..) => format!("the queen flies, {}: strafe her wings with f", self.to(q)),
            (None, Some(b), _) => format!("a burrow {}: t aims, f strafes it", self.to(b)),
            (None, None, Some(s)) => format!("soldiers {}: fly over them and strafe with f", self.to(s)),
            (None, None, None) => "patrol over the city; t aims at what comes up".into(),
        }
    }

    fn tank(&self) -> String {
        match (self.swarm(320), self.swarm(1_200)) {
            (Some(s), _) => format!("{} {}: in range, f fires", s.kind, self.to(s)),
            (None, Some(s)) => format!("{} {}: close to 320 m and fire with f", s.kind, self.to(s)),
            (None, None) => match self.nearest(Kind::Flower).or_else(|| self.nearest(Kind::Pod)) {
                Some(f) => format!("no enemy near: soldiers gather at the flower, {}; 2 escorts", self.to(f)),
                None => "no enemy near: go to the middle of the city; 2 leads a convoy out".into(),
            },
        }
    }

    fn missiles(&self) -> String {
        match (self.nearest(Kind::Queen), self.swarm(900)) {
            _ if self.own.carried == 0 => "no rounds left: they come back by themselves in a while".into(),
            (Some(q), _) if self.is_near(q, 900) => {
                format!("the queen is {}: f fires, claws first, then horn", self.to(q))
            }
            (Some(q), _) => format!("the queen is {}: come within 900 m", self.to(q)),
            (None, Some(s)) => format!("{} {}: f fires a volley", s.kind, self.to(s)),
            (None, None) => "take a place 500 m from the flower and wait for the queen".into(),
        }
    }

    fn engineer(&self) -> String {
        if let Some(f) = self.nearest(Kind::Flower).filter(|_| self.own.carried > 0) {
            return match self.is_near(f, 40) {
                true => "at the flower: hold f to set a charge".into(),
                false => format!("the flower is {}: set a charge there with f, away from soldiers", self.to(f)),
            };
        }
        if self.team.gamera.is_some_and(|g| g.mobbed >= 60)
            && let Some(z) = self.nearest(Kind::Substation)
        {
            return format!("Gamera is mobbed: the lure! substation {}, hold 3", self.to(z));
        }
        match (self.nearest(Kind::Burrow), self.nearest(Kind::Cache)) {
            (Some(b), _) if self.is_near(b, 400) => format!("a burrow {}: hold f beside it to blow it up", self.to(b)),
            (_, Some(c)) => format!("glass {}: hold 5 there to carry it out of their reach", self.to(c)),
            _ => "4 puts up a sensor that hears what digs; 7 leads a convoy out".into(),
        }
    }
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
    fn the_line_follows_the_situation() {
        let mut model = staged::battle(Some(Role::Tank));
        assert!(now(&model).contains("f fires"), "{}", now(&model));
        model.own.as_mut().unwrap().life = Life::Down { until: gamera_protocol::measure::Tick(9_999) };
        assert!(now(&model).contains("down"));
        assert!(now(&staged::battle(None)).contains("watching"));
    }
}
