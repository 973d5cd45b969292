//! What a player brings: where to, as what, under which name, with which key.

use std::path::{Path, PathBuf};

use gamera_link::key::{Key, KeyError};
use gamera_protocol::balance::Balance;
use gamera_protocol::join::JoinLine;
use gamera_protocol::message::{Hello, VERSION, Wish};

/// The file of the player's key in the configuration directory.
const KEY_FILE: &str = "player.key";

/// How to join.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    /// Where to.
    pub line: JoinLine,
    /// Version, balance, name and wish, as the server is told.
    pub hello: Hello,
    /// Where `known_hosts` lies; `None` knows nobody and writes nothing down.
    pub known_hosts: Option<PathBuf>,
}

impl Options {
    /// Joins `line` under `name` with this build's version and numbers.
    #[must_use]
    pub fn new(line: JoinLine, name: &str, wish: Wish) -> Options {
        let balance = Balance::default().fingerprint();
        Options { line, hello: Hello { version: VERSION, balance, name: name.to_owned(), wish }, known_hosts: None }
    }

    /// The same with servers pinned in `directory`.
    #[must_use]
    pub fn pinning_in(mut self, directory: &Path) -> Options {
        self.known_hosts = Some(directory.to_owned());
        self
    }
}

/// `$GAMERA_CONFIG_DIR`, `$XDG_CONFIG_HOME/gamera`, `~/.config/gamera`, or `./gamera-config` where
/// there is no home.
#[must_use]
pub fn config_dir() -> PathBuf {
    let of = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    of("GAMERA_CONFIG_DIR")
        .or_else(|| of("XDG_CONFIG_HOME").map(|base| base.join("gamera")))
        .or_else(|| of("HOME").map(|home| home.join(".config/gamera")))
        .unwrap_or_else(|| PathBuf::from("gamera-config"))
}

/// The player's key in `directory`, made there at first use.
///
/// # Errors
/// When it cannot be read or made, or is open to others.
pub fn player_key(directory: &Path) -> Result<Key, KeyError> {
    Key::load_or_make(&directory.join(KEY_FILE))
}
