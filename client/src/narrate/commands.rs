//! Plain lines that play: `go north`, `strike`, `say hello`, `seat queen`, `quit`.

use std::time::Duration;

use gamera_protocol::ids::{Kind, Role, SeatId, Side};
use gamera_protocol::input::{Aim, Order, verbs_of};
use gamera_protocol::measure::{Angle, Pos, metres};
use gamera_protocol::message::Wish;

use super::tell::summary;
use crate::keys::Action;
use crate::keys::steer::Scheme;
use crate::link::Act;
use crate::model::Model;
use crate::targets::{self, bearing};
use crate::ui::Ui;

/// Far enough to be a direction, metres.
const FAR_M: i32 = 9_000;

/// What a line led to.
#[derive(Clone, PartialEq, Debug)]
pub enum Said {
    /// Things to do, if any.
    Actions(Vec<Action>),
    /// Something to tell the player.
    Answer(String),
}

const HELP: &str = "go north|flower|gamera|queen|home|X Y (metres), stop; any verb of your role (verbs lists them), \
    aim KIND; look, targets; say TEXT, team TEXT; seat ROLE|NUMBER|watch, side SIDE; feed PERCENT, evacuate PERCENT, \
    rally, hold on|off, weapons on|off, landfall, meteor 0|1|2; quit";

/// Does what `line` says.
pub fn obey(line: &str, ui: &mut Ui, model: &Model) -> Said {
    let line = line.trim();
    let (word, rest) = line.split_once(' ').map_or((line, ""), |(w, r)| (w, r.trim()));
    let nothing = Said::Actions(Vec::new());
    match word {
        "" => nothing,
        "quit" | "q" | "exit" => Said::Actions(vec![Action::Quit]),
        "help" | "?" => Said::Answer(HELP.into()),
        "look" => Said::Answer(summary(model)),
        "targets" => Said::Answer(targets_line(model)),
        "verbs" => Said::Answer(verbs_line(model)),
        "say" if !rest.is_empty() => act(Act::Say { team: false, text: rest.into() }),
        "team" if !rest.is_empty() => act(Act::Say { team: true, text: rest.into() }),
        "seat" | "side" => seat(rest),
        "go" => go(rest, ui, model),
        "stop" => {
            ui.steer.halt();
            ui.doing.stop();
            nothing
        }
        "aim" => aim(rest, ui, model),
        _ => order(word, rest, model).map_or_else(|| verb(word, rest, ui, model), |o| act(Act::Order(o))),
    }
}

fn act(act: Act) -> Said {
    Said::Actions(vec![Action::Act(act)])
}

fn go(to: &str, ui: &mut Ui, model: &Model) -> Said {
    match place(to, model) {
        Some(pos) => {
            ui.steer.go_to(gamera_protocol::ground::clamp(pos));
            Said::Answer(format!("Going: {}.", bearing(model.here(), pos)))
        }
        None => Said::Answer(format!("No way to {to:?} is known; try `go north`, `go flower` or `go 1000 1500`.")),
    }
}

fn place(name: &str, model: &Model) -> Option<Pos> {
    let here = model.here();
    let wind = match name {
        "east" | "e" => Some(0),
        "north-east" | "ne" => Some(1),
        "north" | "n" => Some(2),
        "north-west" | "nw" => Some(3),
        "west" | "w" => Some(4),
        "south-west" | "sw" => Some(5),
        "south" | "s" => Some(6),
        "south-east" | "se" => Some(7),
        _ => None,
    };
    if let Some(eighth) = wind {
        return Some(here.offset(Angle(eighth * 8_192), metres(FAR_M)));
    }
    if name == "home" {
        return Some(model.battlefield());
    }
    if let Some((x, y)) = name.split_once(' ') {
        return Some(Pos::from_m(x.trim().parse::<u16>().ok()?.into(), y.trim().parse::<u16>().ok()?.into()));
    }
    nearest(name, model).map(|(_, pos)| pos)
}

/// The nearest thing whose kind begins with `name`.
fn nearest(name: &str, model: &Model) -> Option<(gamera_protocol::ids::NetId, Pos)> {
    let name = name.to_lowercase();
    let fits = |kind: Kind| !name.is_empty() && kind.label().to_lowercase().starts_with(&name);
    let seen = model.drawn.iter().filter(|t| fits(t.kind));
    seen.min_by_key(|t| t.pos.distance2(model.here())).map(|t| (t.id, t.pos))
}

fn aim(at: &str, ui: &mut Ui, model: &Model) -> Said {
    match nearest(at, model) {
        Some((id, pos)) => {
            ui.target = Some(id);
            Said::Answer(format!("Aiming at {at}, {}.", bearing(model.here(), pos)))
        }
        None => {
            ui.target = None;
            Said::Answer(format!("There is no {at:?} in sight; the nearest fitting target will do."))
        }
    }
}

fn verb(word: &str, rest: &str, ui: &mut Ui, model: &Model) -> Said {
    let row = model.role().and_then(|role| verbs_of(role).find(|row| row.verb.label() == word));
    let Some(row) = row else {
        return Said::Answer(format!("{word:?} is nothing you can do now; `help` and `verbs` tell what is."));
    };
    if let Some((id, _)) = nearest(rest, model) {
        ui.target = Some(id);
    }
    // A line has no release: what is held goes on until `stop` or another verb.
    ui.doing.stop();
    let scheme = if row.hold { Scheme::Hold } else { Scheme::Course };
    ui.doing.press(scheme, row.verb, row.hold, Duration::ZERO);
    Said::Actions(Vec::new())
}

fn seat(wish: &str) -> Said {
    let parsed = match wish {
        "watch" => Some(Wish::Watch),
        "any" => Some(Wish::Any),
        _ => Role::from_label(wish)
            .map(Wish::Role)
            .or_else(|| Side::from_label(wish).map(Wish::Side))
            .or_else(|| wish.parse().ok().map(|n| Wish::Seat(SeatId(n)))),
    };
    parsed.map_or_else(
        || Said::Answer(format!("There is no seat {wish:?}; `seat tank`, `seat 3` or `seat watch`.")),
        |w| act(Act::Choose(w)),
    )
}

fn order(word: &str, rest: &str, model: &Model) -> Option<Order> {
    let on = || match rest {
        "on" | "free" => Some(true),
        "off" | "cease" => Some(false),
        _ => None,
    };
    let percent = || rest.parse::<u8>().ok().filter(|p| *p <= 100);
    match word {
        "feed" => Some(Order::FeedShare { percent: percent()? }),
        "evacuate" => Some(Order::EvacuationShare { percent: percent()? }),
        "rally" => Some(Order::Rally { at: Aim::at(model.here()) }),
        "hold" => Some(Order::HoldSwarm { on: on()? }),
        "weapons" => Some(Order::WeaponsFree { on: on()? }),
        "landfall" => Some(Order::Landfall { x_m: Aim::at(model.here()).x_m }),
        "meteor" => Some(Order::VoteImpact { site: rest.parse().ok().filter(|s| *s < 3)? }),
        _ => None,
    }
}

fn targets_line(model: &Model) -> String {
    let Some(role) = model.role() else { return "A spectator has no targets.".into() };
    let here = model.here();
    let list = targets::list(role, here, &model.things);
    let told: Vec<String> = list.iter().map(|t| format!("{} {}", t.kind, bearing(here, t.pos))).collect();
    if told.is_empty() { "No target in sight.".into() } else { told.join("; ") }
}

fn verbs_line(model: &Model) -> String {
    let Some(role) = model.role() else { return "A spectator has no verbs.".into() };
    let told: Vec<String> = verbs_of(role).map(|row| format!("{}: {}", row.verb, row.help)).collect();
    told.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staged;
    use gamera_protocol::ids::NetId;
    use gamera_protocol::input::Verb;

    fn said(role: Role, line: &str) -> (Ui, Said) {
        let mut ui = Ui::default();
        let said = obey(line, &mut ui, &staged::battle(Some(role)));
        (ui, said)
    }

    #[test]
    fn lines_ask_for_what_they_say() {
        for (line, wanted) in [
            ("say hello there", Act::Say { team: false, text: "hello there".into() }),
            ("team fall back", Act::Say { team: true, text: "fall back".into() }),
            ("seat queen", Act::Choose(Wish::Role(Role::Queen))),
            ("seat 7", Act::Choose(Wish::Seat(SeatId(7)))),
            ("seat watch", Act::Choose(Wish::Watch)),
            ("side sdf", Act::Choose(Wish::Side(Side::Sdf))),
            ("feed 60", Act::Order(Order::FeedShare { percent: 60 })),
            ("weapons on", Act::Order(Order::WeaponsFree { on: true })),
        ] {
            assert_eq!(said(Role::Tank, line).1, Said::Actions(vec![Action::Act(wanted)]), "{line}");
        }
        assert_eq!(said(Role::Tank, "quit").1, Said::Actions(vec![Action::Quit]));
    }

    #[test]
    fn going_and_doing_set_the_course_and_the_verb() {
        let here = staged::stage();
        assert_eq!(said(Role::Tank, "go north").0.steer.heading(here), Some(64));
        assert_eq!(
            said(Role::Tank, "go flower").0.steer.heading(here),
            Some(here.angle_to(Pos::new(here.x + 60, here.y + 40)).to_byte())
        );
        let mut ui = said(Role::Tank, "strike brood").0;
        assert_eq!((ui.target, ui.doing.in_next_tick()), (Some(NetId(7)), Some(Verb::Strike)));
        let mut ui = said(Role::Tank, "escort").0;
        assert!((0..99).all(|_| ui.doing.in_next_tick() == Some(Verb::Escort)));
    }

    #[test]
    fn what_cannot_be_done_is_answered_with_what_can() {
        for (line, part) in [
            ("fly", "`help` and `verbs`"),
            ("go atlantis", "go north"),
            ("seat god", "seat tank"),
            ("feed 300", "nothing you can do"),
        ] {
            let Said::Answer(answer) = said(Role::Tank, line).1 else { panic!("{line}") };
            assert!(answer.contains(part), "{line}: {answer}");
        }
    }
}
