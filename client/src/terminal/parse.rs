//! Bytes from a terminal to [`Input`]: plain keys, the kitty keyboard protocol, the mouse in SGR
//! form, focus, and answers to questions. Whatever the bytes, it never fails and holds little.

use super::input::{Input, Key, KeyInput, MouseInput, MouseKind, Phase};

/// A sequence longer than this is no sequence of ours.
const SEQUENCE_MAX: usize = 64;
const ESC: u8 = 0x1b;

/// Takes bytes as they come and gives inputs as they are complete.
#[derive(Clone, Debug, Default)]
pub struct Parser {
    held: Vec<u8>,
}

enum Taken {
    /// So many bytes, which meant this.
    Bytes(usize, Option<Input>),
    /// More has to come first.
    More,
}

impl Parser {
    /// Takes `bytes` in and appends what they complete.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Input>) {
        self.held.extend_from_slice(bytes);
        let mut at = 0;
        while at < self.held.len() {
            match take(&self.held[at..]) {
                Taken::Bytes(n, input) => {
                    at += n;
                    out.extend(input);
                }
                Taken::More if self.held.len() - at > SEQUENCE_MAX => at += 1,
                Taken::More => break,
            }
        }
        self.held.drain(..at);
    }

    /// Nothing more has come for a while: a lone escape was the key.
    pub fn idle(&mut self, out: &mut Vec<Input>) {
        if self.held == [ESC] {
            out.push(Input::Key(KeyInput::press(Key::Esc)));
        }
        self.held.clear();
    }

    /// True while a sequence has begun and not ended.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.held.is_empty()
    }
}

fn take(bytes: &[u8]) -> Taken {
    match bytes {
        [ESC] => Taken::More,
        [ESC, b'[', rest @ ..] => take_csi(rest),
        [ESC, b'O'] => Taken::More,
        [ESC, b'O', last, ..] => Taken::Bytes(3, arrow(*last).map(|k| Input::Key(KeyInput::press(k)))),
        [ESC, ESC, ..] => Taken::Bytes(1, Some(Input::Key(KeyInput::press(Key::Esc)))),
        [ESC, rest @ ..] => match take_char(rest) {
            Taken::Bytes(n, Some(Input::Key(key))) => {
                Taken::Bytes(n + 1, Some(Input::Key(KeyInput { alt: true, ..key })))
            }
            Taken::Bytes(n, _) => Taken::Bytes(n + 1, None),
            Taken::More => Taken::More,
        },
        _ => take_char(bytes),
    }
}

fn take_char(bytes: &[u8]) -> Taken {
    let press = |key| Taken::Bytes(1, Some(Input::Key(KeyInput::press(key))));
    match bytes[0] {
        b'\r' | b'\n' => press(Key::Enter),
        b'\t' => press(Key::Tab),
        0x7f | 0x08 => press(Key::Backspace),
        c @ 1..=26 => {
            let key = KeyInput { ctrl: true, text: None, ..KeyInput::press(Key::Char((c - 1 + b'a') as char)) };
            Taken::Bytes(1, Some(Input::Key(key)))
        }
        0 | 27..=31 => Taken::Bytes(1, None),
        first => take_utf8(first, bytes),
    }
}

fn take_utf8(first: u8, bytes: &[u8]) -> Taken {
    let len = match first {
        0..0x80 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => return Taken::Bytes(1, None),
    };
    if bytes.len() < len {
        return Taken::More;
    }
    match std::str::from_utf8(&bytes[..len]).ok().and_then(|s| s.chars().next()) {
        Some(c) => Taken::Bytes(len, Some(Input::Key(typed(c)))),
        None => Taken::Bytes(1, None),
    }
}

/// A character from a terminal that tells no more than that.
fn typed(c: char) -> KeyInput {
    KeyInput { text: Some(c), ..KeyInput::press(Key::Char(c.to_ascii_lowercase())) }
}

/// After `ESC [`: parameters, then one final byte.
fn take_csi(rest: &[u8]) -> Taken {
    let Some(end) = rest.iter().position(|b| !(0x20..=0x3f).contains(b)) else { return Taken::More };
    let Ok(params) = std::str::from_utf8(&rest[..end]) else { return Taken::Bytes(end + 3, None) };
    Taken::Bytes(end + 3, csi(params, rest[end]))
}

fn csi(params: &str, last: u8) -> Option<Input> {
    match (params.as_bytes().first(), last) {
        (Some(b'<'), b'M' | b'm') => mouse(&params[1..], last == b'M'),
        (Some(b'?'), b'u') => Some(Input::KeyboardFlags(params[1..].parse().ok()?)),
        (Some(b'?'), b'c') => Some(Input::Attributes),
        (_, b'R') => Some(Input::CursorReport),
        (None, b'I') => Some(Input::FocusGained),
        (None, b'O') => Some(Input::FocusLost),
        (None, b'Z') => Some(Input::Key(KeyInput::press(Key::Tab))),
        (_, b'u') => kitty(params),
        (_, b'~') => {
            let key = match params.split([';', ':']).next()? {
                "1" | "7" => Key::Home,
                "4" | "8" => Key::End,
                "5" => Key::PageUp,
                "6" => Key::PageDown,
                _ => return None,
            };
            Some(Input::Key(modified(key, params)))
        }
        _ => Some(Input::Key(modified(arrow(last)?, params))),
    }
}

fn arrow(last: u8) -> Option<Key> {
    Some(match last {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}

/// `params` are `code[:shifted[:base]];modifiers[:phase];text`.
fn modified(key: Key, params: &str) -> KeyInput {
    let mut parts = params.split(';').nth(1).unwrap_or_default().split(':');
    let mut number = || parts.next().and_then(|p| p.parse::<u16>().ok()).unwrap_or(1);
    let bits = number().saturating_sub(1);
    let phase = match number() {
        2 => Phase::Repeat,
        3 => Phase::Release,
        _ => Phase::Press,
    };
    KeyInput { key, text: None, alt: bits & 2 != 0, ctrl: bits & 4 != 0, phase }
}

fn kitty(params: &str) -> Option<Input> {
    let mut fields = params.split(';');
    let mut codes = fields.next()?.split(':');
    let code: u32 = codes.next()?.parse().ok()?;
    let shifted: Option<char> = codes.next().and_then(|c| c.parse().ok()).and_then(char::from_u32);
    let text: Option<char> =
        fields.nth(1).and_then(|t| t.split(':').next()).and_then(|t| t.parse().ok()).and_then(char::from_u32);
    let key = match code {
        13 | 57_414 => Key::Enter,
        27 => Key::Esc,
        9 => Key::Tab,
        127 => Key::Backspace,
        57_399..=57_408 => Key::Char(char::from_digit(code - 57_399, 10)?),
        57_417 => Key::Left,
        57_418 => Key::Right,
        57_419 => Key::Up,
        57_420 => Key::Down,
        57_344..=63_743 => return None,
        _ => Key::Char(char::from_u32(code).filter(|c| !c.is_control())?),
    };
    let mut input = modified(key, params);
    if let Key::Char(c) = key
        && !input.ctrl
        && input.phase != Phase::Release
    {
        let shift = shift_held(params);
        input.text = text.or(shifted.filter(|_| shift)).or(Some(c)).filter(|c| !c.is_control());
    }
    Some(Input::Key(input))
}

fn shift_held(params: &str) -> bool {
    let modifiers = params.split(';').nth(1).and_then(|m| m.split(':').next()).and_then(|m| m.parse::<u16>().ok());
    modifiers.unwrap_or(1).saturating_sub(1) & 1 != 0
}

fn mouse(params: &str, down: bool) -> Option<Input> {
    let mut numbers = params.split(';').map(|p| p.parse::<u16>().ok());
    let (button, column, row) = (numbers.next()??, numbers.next()??, numbers.next()??);
    // Bit 5 says that it moved; bits 2 to 4 are modifiers.
    let kind = match (button & !0b11_1100, down) {
        (0, true) => MouseKind::Left,
        (0, false) => MouseKind::LeftUp,
        (2, true) => MouseKind::Right,
        (64, _) => MouseKind::WheelUp,
        (65, _) => MouseKind::WheelDown,
        _ => return None,
    };
    Some(Input::Mouse(MouseInput { kind, column: column.saturating_sub(1), row: row.saturating_sub(1) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8]) -> Vec<Input> {
        let mut out = Vec::new();
        let mut parser = Parser::default();
        parser.feed(bytes, &mut out);
        out
    }

    fn key(key: Key) -> Input {
        Input::Key(KeyInput::press(key))
    }

    #[test]
    fn bytes_are_the_inputs_that_terminals_mean() {
        let mouse = |kind, column, row| Input::Mouse(MouseInput { kind, column, row });
        let with = |key, ctrl, alt, phase, text| Input::Key(KeyInput { key, text, ctrl, alt, phase });
        let rows: &[(&[u8], Vec<Input>)] = &[
            (b"w", vec![key(Key::Char('w'))]),
            (b"W", vec![with(Key::Char('w'), false, false, Phase::Press, Some('W'))]),
            ("é日".as_bytes(), vec![key(Key::Char('é')), key(Key::Char('日'))]),
            (b"\r\x7f\t", vec![key(Key::Enter), key(Key::Backspace), key(Key::Tab)]),
            (b"\x03", vec![with(Key::Char('c'), true, false, Phase::Press, None)]),
            (b"\x1b[A\x1bOB", vec![key(Key::Up), key(Key::Down)]),
            (b"\x1bx", vec![with(Key::Char('x'), false, true, Phase::Press, Some('x'))]),
            (b"\x1b[5~\x1b[6~", vec![key(Key::PageUp), key(Key::PageDown)]),
            (b"\x1b[119;1:1u", vec![key(Key::Char('w'))]),
            (b"\x1b[119;1:3u", vec![with(Key::Char('w'), false, false, Phase::Release, None)]),
            (b"\x1b[47:63;2;63u", vec![with(Key::Char('/'), false, false, Phase::Press, Some('?'))]),
            (b"\x1b[99;5u", vec![with(Key::Char('c'), true, false, Phase::Press, None)]),
            (b"\x1b[1;1:2A", vec![with(Key::Up, false, false, Phase::Repeat, None)]),
            (b"\x1b[1;1:3D", vec![with(Key::Left, false, false, Phase::Release, None)]),
            (b"\x1b[57441;2u", vec![]),
            (b"\x1b[<0;11;6M", vec![mouse(MouseKind::Left, 10, 5)]),
            (b"\x1b[<2;1;1M\x1b[<64;3;4M", vec![mouse(MouseKind::Right, 0, 0), mouse(MouseKind::WheelUp, 2, 3)]),
            (b"\x1b[?1u\x1b[?62;4c", vec![Input::KeyboardFlags(1), Input::Attributes]),
            (b"\x1b[12;40R", vec![Input::CursorReport]),
            (b"\x1b[I\x1b[O", vec![Input::FocusGained, Input::FocusLost]),
        ];
        for (bytes, inputs) in rows {
            assert_eq!(&parse(bytes), inputs, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_sequence_may_come_in_pieces() {
        let whole = b"\x1b[<0;11;6M\x1b[119;1:3u\xe6\x97\xa5";
        for cut in 0..whole.len() {
            let mut parser = Parser::default();
            let mut out = Vec::new();
            parser.feed(&whole[..cut], &mut out);
            parser.feed(&whole[cut..], &mut out);
            assert_eq!(out, parse(whole), "cut at {cut}");
        }
    }

    #[test]
    fn a_lone_escape_is_the_key_once_nothing_follows() {
        let mut parser = Parser::default();
        let mut out = Vec::new();
        parser.feed(b"\x1b", &mut out);
        assert!(out.is_empty() && parser.is_waiting());
        parser.idle(&mut out);
        assert_eq!(out, [key(Key::Esc)]);
    }

    #[test]
    fn garbage_never_panics_and_is_not_kept() {
        let mut parser = Parser::default();
        let mut out = Vec::new();
        let mut rng = gamera_protocol::rng::Pcg32::new(1, 1);
        for _ in 0..20_000 {
            let alphabet = b"\x1b[O<?;:0123456789uMmR~c\xff\xe6\x97A";
            let byte = alphabet[rng.between(0, alphabet.len() as i32 - 1) as usize];
            parser.feed(&[byte], &mut out);
            assert!(parser.held.len() <= SEQUENCE_MAX + 1);
        }
        parser.feed(&[b'['; 10_000], &mut out);
        assert!(parser.held.len() <= SEQUENCE_MAX + 1);
    }
}
