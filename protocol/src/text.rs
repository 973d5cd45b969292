//! What a person may be called and may say: text that shows as what it is, and cannot bend a
//! terminal, a log or another's line.

use bincode::{Decode, Encode};

/// The longest name, characters.
pub const NAME_MAX: usize = 24;

/// The longest line of chat, characters.
pub const CHAT_MAX: usize = 200;

/// Marks that may be stacked on one letter.
const MARKS_MAX: usize = 2;

/// Why a text is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, thiserror::Error)]
pub enum TextError {
    /// Nothing is left once the blanks around it are gone.
    #[error("it is empty; write at least one letter")]
    Empty,
    /// Too many characters.
    #[error("it is longer than {most} characters; shorten it")]
    Long {
        /// How many it may have.
        most: u16,
    },
    /// A character that cannot be seen, or that changes how others are shown.
    #[error("the character U+{code:04X} cannot be shown safely; leave it out")]
    Unsafe {
        /// Which one.
        code: u32,
    },
    /// Too many marks on one letter.
    #[error("too many marks are stacked on one letter; use at most {MARKS_MAX}")]
    Stacked,
}

/// The name as it will be shown, without blanks around it.
///
/// # Errors
/// When it is empty, too long, or has characters that are unsafe to show.
pub fn name(raw: &str) -> Result<&str, TextError> {
    checked(raw, NAME_MAX)
}

/// The line of chat as it will be shown, without blanks around it.
///
/// # Errors
/// When it is empty, too long, or has characters that are unsafe to show.
pub fn chat(raw: &str) -> Result<&str, TextError> {
    checked(raw, CHAT_MAX)
}

fn checked(raw: &str, most: usize) -> Result<&str, TextError> {
    let text = raw.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    let mut stacked = 0;
    for (i, c) in text.chars().enumerate() {
        if i >= most {
            return Err(TextError::Long { most: most as u16 });
        }
        if is_unsafe(c) {
            return Err(TextError::Unsafe { code: u32::from(c) });
        }
        stacked = if in_ranges(c, COMBINING) { stacked + 1 } else { 0 };
        if stacked > MARKS_MAX {
            return Err(TextError::Stacked);
        }
    }
    Ok(text)
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || (c.is_whitespace() && c != ' ' && c != '\u{3000}') || in_ranges(c, UNSAFE)
}

fn in_ranges(c: char, ranges: &[(u32, u32)]) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&u32::from(c)))
}

/// Invisible, direction-changing, private and reserved characters.
#[rustfmt::skip]
const UNSAFE: &[(u32, u32)] = &[
    (0x00ad, 0x00ad),     // soft hyphen
    (0x034f, 0x034f),     // combining grapheme joiner
    (0x061c, 0x061c),     // Arabic letter mark: direction
    (0x115f, 0x1160),     // Hangul fillers
    (0x17b4, 0x17b5),     // invisible Khmer vowels
    (0x180b, 0x180f),     // Mongolian selectors and vowel separator
    (0x200b, 0x200f),     // zero width, and direction marks
    (0x2028, 0x202e),     // line and paragraph separators, direction overrides
    (0x2060, 0x206f),     // invisible operators, direction isolates
    (0x2800, 0x2800),     // blank braille pattern
    (0x3164, 0x3164),     // Hangul filler
    (0xe000, 0xf8ff),     // private use
    (0xfe00, 0xfe0f),     // variation selectors
    (0xfeff, 0xfeff),     // zero width no-break space
    (0xffa0, 0xffa0),     // half-width Hangul filler
    (0xfff0, 0xffff),     // specials
    (0x1d173, 0x1d17a),   // musical format characters
    (0xe0000, 0x10_ffff), // tags, selectors, private use
];

/// Marks that are drawn on the letter before them.
const COMBINING: &[(u32, u32)] =
    &[(0x0300, 0x036f), (0x0483, 0x0489), (0x1ab0, 0x1aff), (0x1dc0, 0x1dff), (0x20d0, 0x20ff), (0xfe20, 0xfe2f)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_of_many_scripts_pass_and_lose_their_blanks() {
        for (raw, shown) in [
            ("Honami", "Honami"),
            ("  Asagi Kusanagi ", "Asagi Kusanagi"),
            ("渡良瀬", "渡良瀬"),
            ("Gàméra-2!", "Gàméra-2!"),
            ("e\u{301}", "e\u{301}"),
            ("🐢", "🐢"),
        ] {
            assert_eq!(name(raw), Ok(shown));
        }
    }

    #[test]
    fn hostile_names_are_refused_each_for_its_reason() {
        let long = "x".repeat(NAME_MAX + 1);
        for (raw, error) in [
            ("", TextError::Empty),
            (" \t ", TextError::Empty),
            (long.as_str(), TextError::Long { most: 24 }),
            ("a\u{1b}[2J", TextError::Unsafe { code: 0x1b }),
            ("a\nb", TextError::Unsafe { code: 0x0a }),
            ("a\u{85}b", TextError::Unsafe { code: 0x85 }),
            ("a\u{202e}b", TextError::Unsafe { code: 0x202e }),
            ("a\u{2066}b", TextError::Unsafe { code: 0x2066 }),
            ("a\u{200b}b", TextError::Unsafe { code: 0x200b }),
            ("a\u{200d}b", TextError::Unsafe { code: 0x200d }),
            ("\u{feff}a", TextError::Unsafe { code: 0xfeff }),
            ("\u{3164}", TextError::Unsafe { code: 0x3164 }),
            ("a\u{2028}b", TextError::Unsafe { code: 0x2028 }),
            ("a\u{e0041}", TextError::Unsafe { code: 0xe0041 }),
            ("a\u{301}\u{301}\u{301}", TextError::Stacked),
        ] {
            assert_eq!(name(raw), Err(error), "{raw:?}");
        }
    }

    #[test]
    fn a_line_of_chat_may_be_longer_than_a_name() {
        assert!(chat(&"x".repeat(CHAT_MAX)).is_ok());
        assert_eq!(chat(&"x".repeat(CHAT_MAX + 1)), Err(TextError::Long { most: 200 }));
    }
}
