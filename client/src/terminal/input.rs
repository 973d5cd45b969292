//! What a person does at a terminal, and what the terminal answers.

/// One thing that came from the terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A key.
    Key(KeyInput),
    /// The mouse.
    Mouse(MouseInput),
    /// The window lost the keyboard: what was held is held no more.
    FocusLost,
    /// The window has the keyboard again.
    FocusGained,
    /// The size may have changed.
    Resize,
    /// The terminal has worked off everything written before the question.
    CursorReport,
    /// The keyboard flags in force: this terminal can tell key releases.
    KeyboardFlags(u8),
    /// The terminal's attributes: every terminal answers this one.
    Attributes,
}

/// A key, pressed or released.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyInput {
    /// Which key: for a letter the one without shift.
    pub key: Key,
    /// What it types, if anything.
    pub text: Option<char>,
    /// With the control key.
    pub ctrl: bool,
    /// With the alt key.
    pub alt: bool,
    /// What happened to it.
    pub phase: Phase,
}

impl KeyInput {
    /// A plain press of `key`.
    #[must_use]
    pub const fn press(key: Key) -> KeyInput {
        let text = if let Key::Char(c) = key { Some(c) } else { None };
        KeyInput { key, text, ctrl: false, alt: false, phase: Phase::Press }
    }

    /// The same key, let go.
    #[must_use]
    pub const fn released(self) -> KeyInput {
        KeyInput { phase: Phase::Release, ..self }
    }
}

/// What happened to a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// It went down.
    Press,
    /// It is still down.
    Repeat,
    /// It was let go: only some terminals tell.
    Release,
}

/// Keys that mean something here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// One that types.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
}

/// The mouse at a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MouseInput {
    /// What happened.
    pub kind: MouseKind,
    /// Column, from 0.
    pub column: u16,
    /// Row, from 0.
    pub row: u16,
}

/// What happened to the mouse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MouseKind {
    /// The left button went down, or moved while down.
    Left,
    /// The left button was let go.
    LeftUp,
    /// The right button went down, or moved while down.
    Right,
    /// The wheel turned away.
    WheelUp,
    /// The wheel turned near.
    WheelDown,
}
