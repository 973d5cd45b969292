//! Which server is which: keys are pinned at first use, as SSH does, or by the join line.
//!
//! The file `known_hosts` holds one line a server: `HOST:PORT FINGERPRINT`. A join line that names a
//! fingerprint wins over the file; without one, a server that answers with another key than before
//! is refused.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use gamera_link::key::make_private_directory;
use gamera_link::tls::Trust;
use gamera_protocol::join::{Fingerprint, HostPort, JoinLine};

/// What the file is called.
const FILE: &str = "known_hosts";

/// Why a server is not talked to, or why it cannot be known.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TrustError {
    /// Another key than before.
    #[error(
        "{host} answered with another key than before ({found} instead of {known}): it was set up anew, or somebody \
         stands between; ask the host, and if the key is right take the line of {host} out of {file}, or join with the \
         whole line that the server prints",
        file = file.display()
    )]
    Changed {
        /// Which server.
        host: String,
        /// The key that it had.
        known: Fingerprint,
        /// The key that it has.
        found: Fingerprint,
        /// Where the old one is written down.
        file: PathBuf,
    },
    /// Another key than the join line names.
    #[error("{host} is not the server of that line ({found} instead of {wanted}); ask the host for a new line")]
    NotTheOne {
        /// Which server.
        host: String,
        /// The key that the line names.
        wanted: Fingerprint,
        /// The key that it has.
        found: Fingerprint,
    },
    /// The file cannot be read or written.
    #[error("{file}: {reason}; mend the file or give another directory", file = file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        reason: String,
    },
}

/// How a server came to be trusted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trusted {
    /// It was known.
    Known,
    /// It has never been met before: a person should be shown its key.
    First,
    /// The join line names its key.
    ByLine,
}

/// The servers that are known; by default none, and no file to write them down in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct KnownHosts {
    file: PathBuf,
    hosts: BTreeMap<String, Fingerprint>,
}

impl KnownHosts {
    /// Reads the file in `directory`; none is an empty one.
    ///
    /// # Errors
    /// When it cannot be read, or a line is none.
    pub fn open(directory: &Path) -> Result<KnownHosts, TrustError> {
        let file = directory.join(FILE);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(TrustError::File { file, reason: error.to_string() }),
        };
        let mut hosts = BTreeMap::new();
        for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let entry =
                line.split_once(' ').and_then(|(host, mark)| Some((host.to_owned(), mark.trim().parse().ok()?)));
            let Some((host, fingerprint)) = entry else {
                return Err(TrustError::File {
                    file,
                    reason: format!("line {} is not `HOST:PORT FINGERPRINT`", i + 1),
                });
            };
            hosts.insert(host, fingerprint);
        }
        Ok(KnownHosts { file, hosts })
    }

    /// Says whether the server that answers to `line` with the key `found` is the one that is meant.
    ///
    /// # Errors
    /// When it is not.
    pub fn judge(&self, line: &JoinLine, found: Fingerprint) -> Result<Trusted, TrustError> {
        let host = name_of(line);
        match (line.fingerprint, self.hosts.get(&host)) {
            (Some(wanted), _) if wanted != found => Err(TrustError::NotTheOne { host, wanted, found }),
            (Some(_), _) => Ok(Trusted::ByLine),
            (None, None) => Ok(Trusted::First),
            (None, Some(known)) if *known == found => Ok(Trusted::Known),
            (None, Some(known)) => Err(TrustError::Changed { host, known: *known, found, file: self.file.clone() }),
        }
    }

    /// Writes down that the server of `line` has the key `found`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn remember(&mut self, line: &JoinLine, found: Fingerprint) -> Result<(), TrustError> {
        if self.hosts.insert(name_of(line), found) == Some(found) {
            return Ok(());
        }
        let text: String = self.hosts.iter().map(|(host, mark)| format!("{host} {mark}\n")).collect();
        let failed = |error: io::Error| TrustError::File { file: self.file.clone(), reason: error.to_string() };
        if let Some(directory) = self.file.parent() {
            make_private_directory(directory).map_err(failed)?;
        }
        let unfinished = self.file.with_extension(format!("{}.new", std::process::id()));
        write_private(&unfinished, &text).and_then(|()| fs::rename(&unfinished, &self.file)).map_err(failed)
    }
}

/// Writes a file that nobody else may read: which servers one visits is nobody's business.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

fn name_of(line: &JoinLine) -> String {
    HostPort(&line.host, line.port).to_string()
}

/// Judges the server of one join line during its handshake, and remembers how it went.
#[derive(Debug)]
pub(super) struct Judge {
    line: JoinLine,
    known: KnownHosts,
    outcome: Mutex<Option<(Fingerprint, Result<Trusted, TrustError>)>>,
}

impl Judge {
    pub(super) fn new(line: JoinLine, known: KnownHosts) -> Judge {
        Judge { line, known, outcome: Mutex::new(None) }
    }

    /// The key that the server has shown, and what to think of it; `None` before it has.
    pub(super) fn outcome(&self) -> Option<(Fingerprint, Result<Trusted, TrustError>)> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Trust for Judge {
    fn accepts(&self, server: Fingerprint) -> bool {
        let judged = self.known.judge(&self.line, server);
        let accepted = judged.is_ok();
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some((server, judged));
        accepted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Fingerprint = Fingerprint([1; 32]);
    const B: Fingerprint = Fingerprint([2; 32]);

    fn line(host: &str, fingerprint: Option<Fingerprint>) -> JoinLine {
        JoinLine { host: host.into(), port: 7, fingerprint }
    }

    #[test]
    fn a_server_is_pinned_at_first_use_and_a_changed_key_is_refused_with_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let mut known = KnownHosts::open(dir.path()).unwrap();
        assert_eq!(known.judge(&line("h", None), A), Ok(Trusted::First));
        known.remember(&line("h", None), A).unwrap();
        let known = KnownHosts::open(dir.path()).unwrap();
        assert_eq!(known.judge(&line("h", None), A), Ok(Trusted::Known));
        assert_eq!(known.judge(&line("::1", None), A), Ok(Trusted::First));
        let refusal = known.judge(&line("h", None), B).unwrap_err().to_string();
        let file = dir.path().join(FILE);
        for part in ["h:7", file.to_str().unwrap(), &A.to_string(), &B.to_string()] {
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
    }

    #[test]
    fn the_join_line_wins_over_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let mut known = KnownHosts::open(dir.path()).unwrap();
        known.remember(&line("h", None), A).unwrap();
        assert_eq!(known.judge(&line("h", Some(B)), B), Ok(Trusted::ByLine));
        assert!(matches!(known.judge(&line("h", Some(B)), A), Err(TrustError::NotTheOne { .. })));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "h:7 nonsense\n").unwrap();
        let error = KnownHosts::open(dir.path()).unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains(FILE), "{error}");
    }
}
