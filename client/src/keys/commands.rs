//! The keys besides movement and verbs: one table that the handler acts on and that help lists.

use gamera_protocol::ids::Role;

use crate::terminal::input::Key;

/// What a key commands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Command {
    /// Stand still, do nothing.
    Halt,
    /// Look closer.
    ZoomIn,
    /// Look from farther off.
    ZoomOut,
    /// The next layer stands out.
    Layers,
    /// Aim at the next target.
    Target,
    /// The camera comes back to the own unit.
    Follow,
    /// Show who plays.
    Scores,
    /// Choose a seat.
    Seats,
    /// Show the keys.
    Help,
    /// Write a line.
    Chat,
    /// Leave.
    Quit,
    /// Less of what the seat shares out.
    ShareDown,
    /// More of it.
    ShareUp,
    /// Call the own side to the aim.
    Rally,
    /// The seat's switch: weapons free, or the swarm holding.
    Switch,
    /// Come ashore at the aim.
    Landfall,
    /// Evacuate the district under the aim first.
    District,
    /// Vote for the next site of the meteor.
    Impact,
}

/// Who has a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// Everybody.
    Anyone,
    /// Whoever has a seat.
    Seated,
    /// These roles.
    Roles(&'static [Role]),
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The key.
    pub key: Key,
    /// The key's name.
    pub name: &'static str,
    /// What it commands.
    pub command: Command,
    /// Who has it.
    pub who: Who,
    /// One line of help.
    pub help: &'static str,
}

const fn row(key: Key, name: &'static str, command: Command, who: Who, help: &'static str) -> Row {
    Row { key, name, command, who, help }
}

const QUEEN: Who = Who::Roles(&[Role::Queen]);
const COMMANDER: Who = Who::Roles(&[Role::Commander]);

/// Every command, in the order of the help.
#[rustfmt::skip]
pub static COMMANDS: &[Row] = &[
    row(Key::Char(' '), "space", Command::Halt, Who::Seated, "stand still, stop doing"),
    row(Key::Char('t'), "t", Command::Target, Who::Anyone, "aim at the next target (a spectator follows it)"),
    row(Key::Char('['), "[", Command::ShareDown, QUEEN, "feed the flower less, hatch more"),
    row(Key::Char(']'), "]", Command::ShareUp, QUEEN, "feed the flower more, hatch less"),
    row(Key::Char('['), "[", Command::ShareDown, COMMANDER, "evacuate less, fight and research more"),
    row(Key::Char(']'), "]", Command::ShareUp, COMMANDER, "evacuate more"),
    row(Key::Char('e'), "e", Command::District, COMMANDER, "evacuate the district under the aim first"),
    row(Key::Char('o'), "o", Command::Switch, COMMANDER, "weapons free on Gamera, or cease"),
    row(Key::Char('o'), "o", Command::Switch, QUEEN, "hold the swarm against lures, or let go"),
    row(Key::Char('r'), "r", Command::Rally, Who::Roles(&[Role::Gamera, Role::Queen, Role::Commander]),
        "call the own side to the aim, else to yourself"),
    row(Key::Char('x'), "x", Command::Landfall, Who::Roles(&[Role::Gamera]), "come ashore at the aim, else here"),
    row(Key::Char('m'), "m", Command::Impact, Who::Roles(&[Role::Queen, Role::BroodLeader]),
        "vote for the next site of the meteor"),
    row(Key::Char('+'), "+", Command::ZoomIn, Who::Anyone, "look closer (wheel)"),
    row(Key::Char('='), "=", Command::ZoomIn, Who::Anyone, "the same"),
    row(Key::Char('-'), "-", Command::ZoomOut, Who::Anyone, "look from farther off (wheel)"),
    row(Key::Char('v'), "v", Command::Layers, Who::Anyone, "underground, surface, sky or all stand out"),
    row(Key::Char('c'), "c", Command::Follow, Who::Anyone, "camera back to you (to the battlefield)"),
    row(Key::Char('p'), "p", Command::Scores, Who::Anyone, "who plays, and the scores"),
    row(Key::Char('g'), "g", Command::Seats, Who::Anyone, "take another seat"),
    row(Key::Enter, "enter", Command::Chat, Who::Anyone, "say something (tab: to all or to the own side)"),
    row(Key::Char('?'), "?", Command::Help, Who::Anyone, "these keys"),
    row(Key::Char('q'), "q", Command::Quit, Who::Anyone, "leave (ctrl-c: at once; ctrl-l draws anew)"),
];

impl Who {
    /// True where the player of `role` has it; `None` is a spectator.
    #[must_use]
    pub fn has(self, role: Option<Role>) -> bool {
        match self {
            Who::Anyone => true,
            Who::Seated => role.is_some(),
            Who::Roles(roles) => role.is_some_and(|r| roles.contains(&r)),
        }
    }
}

/// What `key` commands for the player of `role`.
#[must_use]
pub fn find(key: Key, role: Option<Role>) -> Option<Command> {
    COMMANDS.iter().find(|row| row.key == key && row.who.has(role)).map(|row| row.command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::steer::Steer;

    #[test]
    fn no_key_means_two_things_to_one_role() {
        for role in Role::ALL.iter().copied().map(Some).chain([None]) {
            let mine: Vec<&Row> = COMMANDS.iter().filter(|r| r.who.has(role)).collect();
            for row in &mine {
                assert_eq!(mine.iter().filter(|r| r.key == row.key).count(), 1, "{role:?} {}", row.name);
                assert!(Steer::way(row.key).is_none(), "{} moves", row.name);
                assert!(!matches!(row.key, Key::Char('f' | '1'..='9')), "{} is a verb", row.name);
            }
        }
    }
}
