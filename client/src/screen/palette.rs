//! Inks and what they look like in terminals with all, 256, 16 or no colours. Every ink has a
//! character too, so that nothing on the screen is told by colour alone.

use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// None wanted, or none there.
    None,
    /// The sixteen of old.
    Ansi16,
    /// The xterm table.
    Ansi256,
    /// All.
    True,
}

/// Declares the inks: red, green, blue; one of the sixteen; the character without colour.
macro_rules! inks {
    ($($(#[$meta:meta])* $name:ident: ($r:literal, $g:literal, $b:literal), $ansi:literal, $texture:literal;)+) => {
        /// What something is drawn with.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Ink { $($(#[$meta])* $name,)+ }

        static ROWS: &[InkRow] = &[$(InkRow { rgb: [$r, $g, $b], ansi: $ansi, texture: $texture },)+];
    };
}

struct InkRow {
    rgb: [u8; 3],
    ansi: u8,
    texture: char,
}

inks! {
    /// Open sea.
    Sea: (24, 58, 104), 4, '~';
    /// A wave.
    Wave: (34, 76, 128), 4, '~';
    /// Where sea meets land.
    Shore: (150, 140, 104), 3, '-';
    /// Open land.
    Field: (38, 52, 34), 0, ' ';
    /// Open land, a shade apart.
    Meadow: (46, 62, 38), 0, ' ';
    /// Hills north of the cities.
    Hill: (62, 60, 50), 8, '^';
    /// Snow.
    Snow: (190, 200, 210), 7, '\'';
    /// A street.
    Street: (34, 34, 40), 0, ' ';
    /// The edge of a district.
    Avenue: (70, 68, 60), 8, ' ';
    /// A roof.
    Roof: (64, 66, 76), 8, '.';
    /// A roof, a shade apart.
    RoofLight: (78, 80, 90), 8, '.';
    /// A roof, a shade apart.
    RoofDark: (54, 56, 64), 8, '.';
    /// A block under plants.
    Plant: (44, 96, 44), 2, '"';
    /// The same, a shade apart.
    PlantLight: (62, 122, 52), 2, '"';
    /// What is left of a city.
    Ruin: (48, 36, 30), 0, ',';
    /// The same, still glowing.
    Ember: (110, 52, 26), 1, ',';
    /// A subway tunnel.
    Rail: (120, 110, 140), 5, '=';
    /// The trunk power line.
    Power: (150, 150, 90), 3, '-';
    /// A soldier.
    Soldier: (236, 92, 88), 9, ':';
    /// Many soldiers.
    Swarm: (255, 160, 130), 9, '#';
    /// Gamera's shell.
    Shell: (96, 132, 70), 2, 'g';
    /// Gamera's head and limbs.
    Hide: (150, 180, 110), 10, 'g';
    /// The queen's body.
    Chitin: (150, 54, 110), 5, 'q';
    /// The queen's wings.
    Wing: (200, 130, 190), 13, 'w';
    /// Her horn.
    Horn: (250, 230, 150), 11, 'q';
    /// The flower's petals.
    Petal: (230, 90, 170), 13, 'f';
    /// The flower's heart.
    Heart: (250, 220, 90), 11, 'f';
    /// A shadow of something in the sky.
    Shadow: (16, 18, 16), 0, ' ';
    /// Fire, beams, a blast.
    Fire: (255, 190, 70), 11, '*';
    /// The own unit.
    Own: (255, 240, 90), 11, '@';
    /// The ring around the own unit.
    Ring: (255, 240, 90), 11, '+';
    /// Where the own unit stands.
    OwnGround: (70, 60, 0), 0, ' ';
    /// Gamera's side.
    SideGamera: (140, 220, 120), 10, ' ';
    /// The Legion.
    SideLegion: (255, 120, 140), 9, ' ';
    /// The SDF.
    SideSdf: (120, 190, 255), 12, ' ';
    /// What is nobody's.
    Neutral: (220, 210, 170), 7, ' ';
    /// What is not seen now.
    Ghost: (150, 150, 160), 7, '?';
    /// Text.
    Text: (220, 222, 226), 7, ' ';
    /// Text of less weight.
    Faint: (140, 144, 152), 8, ' ';
    /// Text that matters.
    Strong: (255, 255, 255), 15, ' ';
    /// Well.
    Good: (130, 220, 120), 10, ' ';
    /// Not so well.
    Warn: (250, 200, 80), 11, ' ';
    /// Badly.
    Bad: (255, 110, 100), 9, ' ';
    /// Behind text.
    Panel: (18, 20, 26), 0, ' ';
    /// Behind a headline.
    Banner: (80, 30, 20), 1, ' ';
}

/// How strongly an ink is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Shade {
    /// As it is.
    #[default]
    Full,
    /// Stepped back.
    Dim,
    /// Stepped forward: the sky.
    Bright,
}

/// What the terminal can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Palette {
    /// Its colours.
    pub depth: Depth,
    /// True for characters of ASCII alone.
    pub ascii: bool,
}

impl Palette {
    /// What the environment tells: `NO_COLOR`, `COLORTERM`, `TERM`.
    #[must_use]
    pub fn from_env(var: impl Fn(&str) -> Option<String>, ascii: bool) -> Palette {
        let is = |name: &str, wanted: &[&str]| var(name).is_some_and(|v| wanted.iter().any(|w| v.contains(w)));
        let depth = if var("NO_COLOR").is_some_and(|v| !v.is_empty()) || is("TERM", &["dumb", "mono"]) {
            Depth::None
        } else if is("COLORTERM", &["truecolor", "24bit"])
            || is("TERM", &["direct", "kitty", "foot", "ghostty", "wezterm"])
        {
            Depth::True
        } else if is("TERM", &["256color"]) {
            Depth::Ansi256
        } else {
            Depth::Ansi16
        };
        Palette { depth, ascii }
    }

    /// The colour of an ink.
    #[must_use]
    pub fn colour(&self, ink: Ink, shade: Shade) -> Color {
        let row = &ROWS[ink as usize];
        match self.depth {
            Depth::None => Color::Reset,
            Depth::Ansi16 => ansi16(row.ansi, shade),
            Depth::Ansi256 => Color::Indexed(nearest_256(shaded(row.rgb, shade))),
            Depth::True => {
                let [r, g, b] = shaded(row.rgb, shade);
                Color::Rgb(r, g, b)
            }
        }
    }

    /// Text in an ink on the panel.
    #[must_use]
    pub fn text(&self, ink: Ink) -> Style {
        let style = Style::new().fg(self.colour(ink, Shade::Full)).bg(self.colour(Ink::Panel, Shade::Full));
        match (self.depth, ink) {
            (Depth::None, Ink::Faint) => style.add_modifier(Modifier::DIM),
            (Depth::None, Ink::Strong | Ink::Bad | Ink::Warn | Ink::Own) => style.add_modifier(Modifier::BOLD),
            _ => style,
        }
    }

    /// The character of an ink where there is no colour.
    #[must_use]
    pub fn texture(ink: Ink) -> char {
        ROWS[ink as usize].texture
    }

    /// A full and an empty cell of a bar.
    #[must_use]
    pub const fn bar_cells(&self) -> (char, char) {
        if self.ascii { ('#', '-') } else { ('█', '░') }
    }
}

fn shaded(rgb: [u8; 3], shade: Shade) -> [u8; 3] {
    match shade {
        Shade::Full => rgb,
        Shade::Dim => rgb.map(|c| (u16::from(c) * 45 / 100) as u8),
        Shade::Bright => rgb.map(|c| 255 - ((255 - u16::from(c)) * 65 / 100) as u8),
    }
}

fn ansi16(index: u8, shade: Shade) -> Color {
    match (shade, index) {
        (Shade::Full, i) => Color::Indexed(i),
        (Shade::Dim, 0 | 8) => Color::Indexed(0),
        (Shade::Dim, 9..=15) => Color::Indexed(index - 8),
        (Shade::Dim, _) => Color::Indexed(8),
        (Shade::Bright, 1..=7) => Color::Indexed(index + 8),
        (Shade::Bright, i) => Color::Indexed(i),
    }
}

/// The nearest of the xterm table's cube and greys.
fn nearest_256(rgb: [u8; 3]) -> u8 {
    const STEPS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |c: u8| (0..6).min_by_key(|i| (STEPS[*i] - i32::from(c)).abs()).unwrap_or(0);
    let cube = rgb.map(nearest);
    let mean = rgb.iter().map(|c| i32::from(*c)).sum::<i32>() / 3;
    let grey = ((mean - 3) / 10).clamp(0, 23);
    let error = |candidate: [i32; 3]| -> i32 { (0..3).map(|i| (candidate[i] - i32::from(rgb[i])).pow(2)).sum() };
    let of_cube = error(cube.map(|i| STEPS[i]));
    let of_grey = error([8 + grey * 10; 3]);
    if of_grey < of_cube { (232 + grey) as u8 } else { (16 + 36 * cube[0] + 6 * cube[1] + cube[2]) as u8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_the_colours() {
        for (vars, depth) in [
            (&[("TERM", "xterm-256color")][..], Depth::Ansi256),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")], Depth::True),
            (&[("TERM", "xterm-kitty")], Depth::True),
            (&[("TERM", "linux")], Depth::Ansi16),
            (&[("TERM", "dumb")], Depth::None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "1")], Depth::None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Depth::Ansi256),
        ] {
            let var = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            assert_eq!(Palette::from_env(var, false).depth, depth, "{vars:?}");
        }
    }

    #[test]
    fn the_xterm_table_holds_what_is_nearest() {
        for (rgb, index) in [([0, 0, 0], 16), ([255, 255, 255], 231), ([255, 0, 0], 196), ([128, 128, 128], 244)] {
            assert_eq!(nearest_256(rgb), index, "{rgb:?}");
        }
    }

    #[test]
    fn without_colours_no_ink_has_one() {
        let none = Palette { depth: Depth::None, ascii: true };
        assert_eq!(none.colour(Ink::Fire, Shade::Bright), Color::Reset);
        assert!(none.text(Ink::Bad).add_modifier.contains(Modifier::BOLD));
    }
}
