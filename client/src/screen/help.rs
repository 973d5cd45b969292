//! The lines of help: the keys in force for the role that is played.

use gamera_protocol::ids::Role;
use gamera_protocol::input::verbs_of;

use crate::keys::commands::{COMMANDS, Who};
use crate::keys::steer::Scheme;
use crate::model::Model;
use crate::ui::Ui;

/// Every line of the help for this player.
pub(super) fn lines(model: &Model, ui: &Ui) -> Vec<String> {
    let mut out = Vec::new();
    match model.role() {
        Some(role) => of_role(role, ui.scheme, &mut out),
        None => out.push("Watching: wasd, hjkl or arrows move the camera; left click looks there.".into()),
    }
    out.push(String::new());
    let seat_role = model.seat_role();
    for row in COMMANDS.iter().filter(|r| r.who.has(seat_role) && r.name != "=") {
        let own = if matches!(row.who, Who::Roles(_)) { "*" } else { " " };
        out.push(format!("{own}{:>7}  {}", row.name, row.help));
    }
    out.push(String::new());
    out.extend(LEGEND.iter().map(|l| (*l).to_owned()));
    out
}

const LEGEND: &[&str] = &[
    "On the map: [@] you, ^@^ in the sky. dots soldiers, ~ something below, X? last seen there.",
    "G Gamera  Q queen  B brood leader  F flower  P pod  o burrow  X roadblock",
    "T tank  J jet  M missiles  E engineer  C commander  S scientist  c convoy  g guard",
    "A Asagi  L light-bearer  i shrine  $ glass  Z substation  t pylon  H laboratory  s sensor",
    "Foes are reversed, lower case is underground, ^ above a letter is the sky, ! strikes soon.",
];

fn of_role(role: Role, scheme: Scheme, out: &mut Vec<String>) {
    out.push(format!("You are: {role}"));
    out.push(match scheme {
        Scheme::Hold => "Move: hold wasd, hjkl or arrows; two make a diagonal (or yubn).".into(),
        Scheme::Course => "Move: tap wasd, hjkl or arrows sets the course, two quick taps a diagonal (or yubn).".into(),
    });
    out.push("Mouse: right click goes there, left click does the first verb there.".into());
    for (i, row) in verbs_of(role).enumerate() {
        let key = if i == 0 { "f, 1".to_owned() } else { (i + 1).to_string() };
        let how = match (row.hold, scheme) {
            (true, Scheme::Hold) => " (hold)",
            (true, Scheme::Course) => " (tap: on and off)",
            (false, _) => "",
        };
        out.push(format!("*{key:>7}  {}: {}{how}", row.verb, row.help));
    }
}
