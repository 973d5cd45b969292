//! The line on top, and giants and city in two lines for small screens.

use gamera_protocol::ids::Side;
use gamera_protocol::view::{CityView, FlowerView, GameraView, QueenView, TeamView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::lines::{Painter, clock, people, percent, title};
use super::palette::Ink;
use crate::model::LinkState;

/// A link whose news is older than this is slow, milliseconds.
const OLD_MS: u32 = 400;
/// A terminal that takes longer than this for a frame is slow, milliseconds.
const SLOW_TERMINAL_MS: u32 = 150;

/// City, phase, clock, seeds, scores, link.
pub(super) fn top(scene: &Scene, buf: &mut Buffer, area: Rect) {
    let mut p = Painter::new(scene.palette, buf, area.x, area.y, area.width);
    let Some(team) = &scene.model.team else {
        p.say(Ink::Strong, " Gamera vs Legion").rest();
        return;
    };
    p.say(Ink::Strong, &format!(" {}", title(team.city.label()).to_uppercase()));
    p.say(Ink::Text, &format!(" {} {}", team.phase, clock(scene.model.tick())));
    p.say(Ink::Faint, "  seeds ").say(if team.seeds > 0 { Ink::Bad } else { Ink::Text }, &team.seeds.to_string());
    p.say(Ink::Faint, "  wary ").say(Ink::Text, &team.wariness.to_string());
    p.say(Ink::Text, " ");
    for (side, short) in Side::ALL.iter().zip(["G", "L", "SDF"]) {
        let mark = if scene.model.side() == Some(*side) { "*" } else { "" };
        p.say(super::units::side_ink(Some(*side)), &format!(" {mark}{short} {}", team.scores[side.index()]));
    }
    let (ink, text) = link_words(scene);
    p.say(Ink::Faint, "  ").say(ink, &text).rest();
}

/// How the link stands, and which one is slow.
pub(super) fn link_words(scene: &Scene) -> (Ink, String) {
    let quality = &scene.model.quality;
    match &scene.model.link {
        LinkState::Joining => (Ink::Warn, "joining".into()),
        LinkState::Resuming(_) => (Ink::Bad, "link down, resuming".into()),
        LinkState::Closed(_) => (Ink::Bad, "link closed".into()),
        LinkState::Up if scene.model.age_ms > OLD_MS => (Ink::Bad, format!("network late {} ms", scene.model.age_ms)),
        LinkState::Up if quality.loss_permille > 50 => {
            (Ink::Warn, format!("network loses {} %", quality.loss_permille / 10))
        }
        LinkState::Up if scene.terminal_ms.is_some_and(|ms| ms > SLOW_TERMINAL_MS) => {
            (Ink::Warn, format!("terminal slow {} ms", scene.terminal_ms.unwrap_or_default()))
        }
        LinkState::Up if quality.rationed().is_some() => {
            (Ink::Warn, format!("server busy {}/s", quality.rationed().unwrap_or_default()))
        }
        LinkState::Up if quality.rtt_ms > 250 => (Ink::Warn, format!("network far {} ms", quality.rtt_ms)),
        LinkState::Up => (Ink::Good, format!("link {} ms", quality.rtt_ms)),
    }
}

/// Two lines: the giants, the city.
pub(super) fn compact(scene: &Scene, buf: &mut Buffer, area: Rect) {
    let mut p = Painter::new(scene.palette, buf, area.x, area.y, area.width);
    let team = scene.model.team.as_ref();
    gamera(&mut p, team.and_then(|t| t.gamera));
    queen(&mut p, team.and_then(|t| t.queen));
    p.rest();
    let mut p = Painter::new(scene.palette, buf, area.x, area.y + 1, area.width);
    if let Some(team) = team {
        let view = &team.cities[team.city.index()];
        citizens(&mut p, view);
        flower(&mut p, view.flower);
        own_side(&mut p, team);
    }
    p.rest();
}

fn gamera(p: &mut Painter, known: Option<GameraView>) {
    p.say(Ink::SideGamera, " Gamera ");
    let Some(g) = known else {
        p.say(Ink::Faint, "not seen        ");
        return;
    };
    p.bar(g.health_permille, 5).say(Ink::Text, &format!(" {}%", percent(g.health_permille)));
    if g.mobbed > 0 {
        p.say(Ink::Bad, &format!(" mob {}", g.mobbed));
    }
    if !matches!(g.state, gamera_protocol::view::GameraState::Active) {
        p.say(Ink::Warn, &format!(" {}", g.state));
    }
    if g.timer_s > 0 {
        p.say(Ink::Warn, &format!(" {} s", g.timer_s));
    }
    p.say(Ink::Text, " ");
}

fn queen(p: &mut Painter, known: Option<QueenView>) {
    p.say(Ink::SideLegion, " Queen ");
    let Some(q) = known else {
        p.say(Ink::Faint, "not seen");
        return;
    };
    p.bar(q.health_permille, 5).say(Ink::Text, &format!(" {}%", percent(q.health_permille)));
    for (name, part) in parts(&q) {
        p.say(Ink::Faint, &format!(" {name}")).say(super::lines::health_ink(part), &part_text(part));
    }
    let legs = q.legs_permille.iter().filter(|l| **l > 0).count();
    p.say(Ink::Faint, " legs").say(Ink::Text, &format!("{legs}/4"));
}

/// Horn, wings, claws and egg chamber by name.
pub(super) fn parts(q: &QueenView) -> [(&'static str, u16); 4] {
    [("horn", q.horn_permille), ("wing", q.wings_permille), ("claw", q.claws_permille), ("egg", q.egg_chamber_permille)]
}

/// What is left of a part, or that nothing is.
pub(super) fn part_text(permille: u16) -> String {
    if permille == 0 { "-off".into() } else { percent(permille).to_string() }
}

fn citizens(p: &mut Painter, city: &CityView) {
    p.say(Ink::Text, &format!(" {}", people(city.staying_dtok))).say(Ink::Faint, " in ");
    p.say(Ink::Good, &people(city.evacuated_dtok)).say(Ink::Faint, " safe ");
    p.say(Ink::Bad, &people(city.dead_dtok)).say(Ink::Faint, " dead");
}

fn flower(p: &mut Painter, known: Option<FlowerView>) {
    p.say(Ink::Faint, "  ");
    let Some(f) = known else {
        p.say(Ink::Faint, "no flower seen");
        return;
    };
    p.say(Ink::Petal, stage(f.stage)).say(Ink::Text, &format!(" {}%", percent(f.health_permille)));
    if let Some(oxygen) = f.oxygen {
        p.say(Ink::Faint, " O2 ").say(super::lines::health_ink(1_000 - u16::from(oxygen) * 10), &oxygen.to_string());
    }
    if let Some(s) = f.launch_s {
        p.say(Ink::Bad, &format!(" LAUNCH IN {s} s"));
    }
}

/// What a flower is by now.
pub(super) const fn stage(stage: u8) -> &'static str {
    match stage {
        0 => "seedling",
        1 => "roots",
        2 => "pod",
        _ => "flower",
    }
}

fn own_side(p: &mut Painter, team: &TeamView) {
    for text in side_words(team) {
        p.say(Ink::Faint, "  ").say(Ink::Text, &text);
    }
}

/// The numbers that the own side alone knows, in words.
pub(super) fn side_words(team: &TeamView) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(g) = &team.gamera_side {
        let bond = if g.bonded { " bonded" } else { "" };
        out.push(format!("mana {}{bond}", g.mana_dm / 10));
    }
    if let Some(l) = &team.legion {
        let hold = if l.hold { " hold" } else { "" };
        out.push(format!("swarm {} M Si {} feed {}%{hold}", l.mass, l.silicon, l.feed_pct));
    }
    if let Some(s) = &team.sdf {
        let lure = if s.lure_s > 0 { format!("LIVE {} s", s.lure_s) } else { format!("{}%", s.lure_pct) };
        out.push(format!("research {} lure {lure} evac {}%", s.research_dm / 10, s.evacuation_pct));
        if s.weapons_free {
            out.push("WEAPONS FREE".into());
        }
    }
    out
}
