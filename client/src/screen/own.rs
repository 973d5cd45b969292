//! The own unit: health, load, course and aim; its verbs with keys and cooldowns; what to do now.

use gamera_protocol::input::verbs_of;
use gamera_protocol::measure::TICK_HZ;
use gamera_protocol::motion::Gait;
use gamera_protocol::view::{Life, OwnView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::lines::Painter;
use super::palette::Ink;
use crate::advice;
use crate::keys::steer::Scheme;
use crate::targets;
use crate::ui::Camera;

/// Three lines.
pub(super) fn draw(scene: &Scene, buf: &mut Buffer, area: Rect) {
    let mut line = |row: u16, f: &dyn Fn(&mut Painter)| {
        let mut p = Painter::new(scene.palette, buf, area.x, area.y + row, area.width);
        f(&mut p);
        p.rest();
    };
    match &scene.model.own {
        Some(own) => {
            line(0, &|p| unit(scene, own, p));
            line(1, &|p| verbs(scene, own, p));
        }
        None => {
            line(0, &|p| camera(scene, p));
            line(1, &|p| {
                p.say(Ink::Faint, " wasd moves the camera, t follows a giant, c the battle, + - zoom, v layers");
            });
        }
    }
    line(2, &|p| {
        p.say(Ink::Own, " > ").say(Ink::Strong, &advice::now(scene.model));
    });
}

fn unit(scene: &Scene, own: &OwnView, p: &mut Painter) {
    let permille = (own.health.max(0) * 1_000 / own.health_max.max(1)) as u16;
    p.say(Ink::Own, " [@] ").say(Ink::Strong, own.role.label()).say(Ink::Text, " ");
    let seconds = |until: gamera_protocol::measure::Tick| until.since(scene.model.tick()).div_ceil(TICK_HZ);
    match own.life {
        Life::Alive => {
            p.bar(permille, 8).say(Ink::Text, &format!(" {}/{}", own.health.max(0), own.health_max));
        }
        Life::Down { until } => {
            p.say(Ink::Bad, &format!("DOWN, back in {} s", seconds(until)));
        }
        Life::Waiting { until } => {
            p.say(Ink::Warn, &format!("on the way, there in {} s", seconds(until)));
        }
    }
    if own.carried > 0 {
        p.say(Ink::Faint, " carries ").say(Ink::Text, &own.carried.to_string());
    }
    if own.squad > 0 {
        p.say(Ink::Faint, " squad ").say(Ink::Text, &own.squad.to_string());
    }
    if let Some(mover) = scene.model.own_drawn() {
        let gait = if mover.gait == Gait::Walk { String::new() } else { format!("  {}", mover.gait) };
        p.say(Ink::Faint, &gait).say(Ink::Text, &course(scene));
    }
    target(scene, p);
}

fn course(scene: &Scene) -> String {
    let here = scene.model.here();
    let Some(heading) = scene.ui.steer.heading(here) else { return "  halted".into() };
    let wind = targets::compass(gamera_protocol::measure::Angle::from_byte(heading));
    match (scene.ui.steer.goal(), scene.ui.scheme) {
        (Some(goal), _) => format!("  to x, {}", targets::bearing(here, goal)),
        (None, Scheme::Course) => format!("  course {wind}"),
        (None, Scheme::Hold) => format!("  {wind}"),
    }
}

fn target(scene: &Scene, p: &mut Painter) {
    let here = scene.model.here();
    p.say(Ink::Faint, "  aim ");
    let at = scene.ui.target.and_then(|id| scene.model.drawn.iter().find(|t| t.id == id));
    match (at, scene.ui.point) {
        (Some(t), _) => {
            let words = format!("{} {}%, {}", t.kind, u16::from(t.health) * 100 / 255, targets::bearing(here, t.pos));
            p.say(Ink::Warn, &words);
        }
        (None, Some(point)) => {
            p.say(Ink::Warn, &targets::bearing(here, point));
        }
        (None, None) => {
            p.say(Ink::Text, "nearest");
        }
    }
}

fn verbs(scene: &Scene, own: &OwnView, p: &mut Painter) {
    p.say(Ink::Text, " ");
    for (i, row) in verbs_of(own.role).enumerate() {
        let wait = own.cooldowns.get(i).copied().unwrap_or_default();
        let active = scene.ui.doing.held() == Some(row.verb);
        let channel = own.channel.filter(|(verb, ..)| *verb == row.verb);
        let key = if i == 0 { "f".to_owned() } else { (i + 1).to_string() };
        p.say(Ink::Own, &key).say(Ink::Faint, ":");
        match (channel, wait) {
            (Some((_, done, all)), _) => {
                p.say(Ink::Strong, row.verb.label()).bar((u32::from(done) * 1_000 / u32::from(all.max(1))) as u16, 5);
            }
            (None, 0) => {
                p.say(if active { Ink::Strong } else { Ink::Text }, row.verb.label());
            }
            (None, ticks) => {
                let s = f32::from(ticks) / TICK_HZ as f32;
                p.say(Ink::Faint, &format!("{}({s:.1})", row.verb));
            }
        }
        if active && channel.is_none() {
            p.say(Ink::Strong, " ON");
        }
        p.say(Ink::Text, " ");
    }
}

fn camera(scene: &Scene, p: &mut Painter) {
    let what = match scene.ui.camera {
        Camera::Follow => "the battle".to_owned(),
        Camera::Free(pos) => format!("{} m east, {} m north", pos.to_m().0, pos.to_m().1),
        Camera::Track(id) => {
            let thing = scene.model.drawn.iter().find(|t| t.id == id);
            thing.map_or_else(|| "what is gone".to_owned(), |t| t.kind.to_string())
        }
    };
    p.say(Ink::Own, " watching ").say(Ink::Strong, &what).say(Ink::Faint, "   g takes a seat");
}
