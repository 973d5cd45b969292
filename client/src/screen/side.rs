//! The panel beside the field on large screens: giants part by part, cities, what the own side
//! knows, the little map, the link.

use gamera_protocol::ids::City;
use gamera_protocol::view::{CityView, TeamView};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::Scene;
use super::lines::{Painter, health_ink, people, percent, title};
use super::minimap;
use super::palette::{Ink, Palette};
use super::status::{link_words, part_text, parts, side_words, stage};

/// A column of lines, one under the other.
struct Column<'a> {
    palette: Palette,
    buf: &'a mut Buffer,
    area: Rect,
    y: u16,
}

impl Column<'_> {
    fn line(&mut self, f: impl FnOnce(&mut Painter)) {
        if self.y < self.area.bottom() {
            let mut p = Painter::new(self.palette, self.buf, self.area.x + 1, self.y, self.area.width - 1);
            f(&mut p);
            p.rest();
            self.y += 1;
        }
    }

    fn gap(&mut self) {
        self.line(|_| {});
    }
}

/// Draws the panel.
pub(super) fn draw(scene: &Scene, buf: &mut Buffer, area: Rect) {
    let mut c = Column { palette: scene.palette, buf, area, y: area.y };
    if let Some(team) = &scene.model.team {
        gamera(&mut c, team);
        queen(&mut c, team);
        for city in City::ALL {
            let view = &team.cities[city.index()];
            if view.contested || *city == team.city {
                of_city(&mut c, *city, view);
            }
        }
        for words in side_words(team) {
            c.line(|p| {
                p.say(Ink::Text, &words);
            });
        }
        c.gap();
    }
    link(scene, &mut c);
    let y = c.y;
    if y + 8 <= area.bottom() {
        let rows = (area.bottom() - y - 1).min(area.width / 2);
        minimap::draw(scene, buf, Rect::new(area.x + 1, y + 1, area.width - 1, rows));
    }
}

fn gamera(c: &mut Column, team: &TeamView) {
    let Some(g) = team.gamera else {
        c.line(|p| {
            p.say(Ink::SideGamera, "GAMERA ").say(Ink::Faint, "not seen");
        });
        return c.gap();
    };
    c.line(|p| {
        p.say(Ink::SideGamera, "GAMERA ").say(Ink::Text, g.state.label());
        if g.timer_s > 0 {
            p.say(Ink::Warn, &format!(" {} s", g.timer_s));
        }
    });
    c.line(|p| {
        p.bar(g.health_permille, 20).say(Ink::Text, &format!(" {} %", percent(g.health_permille)));
        if g.mobbed > 0 {
            p.say(Ink::Bad, &format!("  mob {} M", g.mobbed));
        }
    });
    c.gap();
}

fn queen(c: &mut Column, team: &TeamView) {
    let Some(q) = team.queen else {
        c.line(|p| {
            p.say(Ink::SideLegion, "QUEEN ").say(Ink::Faint, "not seen");
        });
        return c.gap();
    };
    c.line(|p| {
        p.say(Ink::SideLegion, "QUEEN ").say(Ink::Text, q.state.label());
    });
    c.line(|p| {
        p.bar(q.health_permille, 20).say(Ink::Text, &format!(" {} %", percent(q.health_permille)));
    });
    for (name, part) in parts(&q) {
        c.line(|p| {
            p.say(Ink::Faint, &format!("  {name:<5}"))
                .bar(part, 13)
                .say(health_ink(part), &format!(" {}", part_text(part)));
        });
    }
    c.line(|p| {
        p.say(Ink::Faint, "  legs ");
        for leg in q.legs_permille {
            p.bar(leg, 4).say(Ink::Text, " ");
        }
    });
    c.gap();
}

fn of_city(c: &mut Column, city: City, view: &CityView) {
    c.line(|p| {
        p.say(Ink::Strong, &title(city.label()).to_uppercase());
        if view.annihilated {
            p.say(Ink::Bad, " annihilated");
        } else if view.overgrown_pct > 0 {
            p.say(Ink::Plant, &format!(" {} % overgrown", view.overgrown_pct));
        }
    });
    c.line(|p| {
        p.say(Ink::Faint, "  in ").say(Ink::Text, &people(view.staying_dtok)).say(Ink::Faint, "  safe ");
        p.say(Ink::Good, &people(view.evacuated_dtok))
            .say(Ink::Faint, "  dead ")
            .say(Ink::Bad, &people(view.dead_dtok));
    });
    let Some(f) = view.flower else { return };
    c.line(|p| {
        p.say(Ink::Petal, &format!("  {:<9}", stage(f.stage))).bar(f.health_permille, 10);
        p.say(Ink::Text, &format!(" {} %", percent(f.health_permille)));
    });
    if let Some(oxygen) = f.oxygen {
        c.line(|p| {
            let ink = health_ink(1_000 - u16::from(oxygen.min(100)) * 10);
            let (on, off) = if oxygen >= 85 { ("!", ".") } else { ("=", ".") };
            let full = usize::from(oxygen.min(100)) / 10;
            p.say(Ink::Faint, "  oxygen   ").say(ink, &on.repeat(full)).say(Ink::Faint, &off.repeat(10 - full));
            p.say(ink, &format!(" {oxygen}"));
            if let Some(s) = f.launch_s {
                p.say(Ink::Bad, &format!(" LAUNCH {s} s"));
            }
        });
    }
}

fn link(scene: &Scene, c: &mut Column) {
    let (ink, words) = link_words(scene);
    c.line(|p| {
        p.say(ink, &words);
    });
    let q = scene.model.quality;
    let terminal = scene.terminal_ms.map_or("not told".to_owned(), |ms| format!("{ms} ms"));
    let age = scene.model.age_ms;
    c.line(|p| {
        p.say(Ink::Faint, &format!("loss {} %  age {age} ms  {} kB/s", q.loss_permille / 10, q.down_bytes_s / 1_000));
    });
    c.line(|p| {
        p.say(Ink::Faint, &format!("terminal {terminal}  layers: {}", scene.ui.focus.label()));
    });
}
