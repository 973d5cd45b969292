//! The join line: one token that says where a match is hosted and by whom.

use std::fmt;
use std::str::FromStr;

/// The UDP port of a server that is not told another.
pub const DEFAULT_PORT: u16 = 27_996;

/// What a join line begins with.
const SCHEME: &str = "gamera://";

/// SHA-256 of a public key (its SubjectPublicKeyInfo): names a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Where to join: `gamera://HOST:PORT/#FINGERPRINT`, or less of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct JoinLine {
    /// A name or an address; IPv6 without its brackets.
    pub host: String,
    /// The UDP port.
    pub port: u16,
    /// Who must answer there; `None` trusts who answers first.
    pub fingerprint: Option<Fingerprint>,
}

/// Why a text is not a join line.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JoinLineError {
    /// No host in it.
    #[error("{0:?} names no host; give the line that the server printed, or HOST:PORT")]
    NoHost(String),
    /// The port is not one.
    #[error("{0:?} is not a port; give a number from 1 to 65535")]
    Port(String),
    /// The part behind `#` is not a fingerprint.
    #[error("{0:?} is not a fingerprint of 64 hexadecimal digits; copy the whole line that the server printed")]
    Fingerprint(String),
}

impl FromStr for JoinLine {
    type Err = JoinLineError;

    fn from_str(text: &str) -> Result<JoinLine, JoinLineError> {
        let rest = text.trim();
        let rest = rest.strip_prefix(SCHEME).unwrap_or(rest);
        let (place, mark) = rest.split_once('#').map_or((rest, None), |(place, mark)| (place, Some(mark)));
        let (host, port) = split_port(place.trim_end_matches('/'))?;
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') {
            return Err(JoinLineError::NoHost(text.to_owned()));
        }
        let fingerprint = mark.map(Fingerprint::from_str).transpose()?;
        Ok(JoinLine { host: host.to_owned(), port, fingerprint })
    }
}

/// Splits `host:port`, `[v6]:port`, `host` or a bare IPv6 address.
fn split_port(place: &str) -> Result<(&str, u16), JoinLineError> {
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None if place.matches(':').count() == 1 => {
            place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)))
        }
        None => (place, None),
    };
    let port = port.map(|p| p.parse::<u16>().ok().filter(|n| *n > 0).ok_or_else(|| JoinLineError::Port(p.to_owned())));
    Ok((host, port.transpose()?.unwrap_or(DEFAULT_PORT)))
}

impl fmt::Display for JoinLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        write!(f, "{}", HostPort(&self.host, self.port))?;
        match self.fingerprint {
            Some(fingerprint) => write!(f, "/#{fingerprint}"),
            None => Ok(()),
        }
    }
}

/// A host and port as an address is written; IPv6 in brackets.
pub struct HostPort<'a>(pub &'a str, pub u16);

impl fmt::Display for HostPort<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.contains(':') { write!(f, "[{}]:{}", self.0, self.1) } else { write!(f, "{}:{}", self.0, self.1) }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = JoinLineError;

    fn from_str(text: &str) -> Result<Fingerprint, JoinLineError> {
        let wrong = || JoinLineError::Fingerprint(text.to_owned());
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| wrong())?;
        }
        Ok(Fingerprint(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_join_line_is_read_in_every_form_that_a_person_writes() {
        for (text, host, port) in [
            ("gamera://example.org:4000", "example.org", 4_000),
            ("example.org:4000", "example.org", 4_000),
            ("example.org", "example.org", DEFAULT_PORT),
            ("127.0.0.1", "127.0.0.1", DEFAULT_PORT),
            ("[::1]:9", "::1", 9),
            ("::1", "::1", DEFAULT_PORT),
            (" gamera://host/ ", "host", DEFAULT_PORT),
        ] {
            let line: JoinLine = text.parse().unwrap();
            assert_eq!((line.host.as_str(), line.port, line.fingerprint), (host, port, None), "{text}");
        }
    }

    #[test]
    fn what_is_printed_is_read_back() {
        for host in ["example.org", "::1", "10.0.0.1"] {
            let line = JoinLine { host: host.into(), port: 5, fingerprint: Some(Fingerprint([0xa5; 32])) };
            assert_eq!(line.to_string().parse(), Ok(line));
        }
    }

    #[test]
    fn a_wrong_line_is_refused_with_the_part_that_is_wrong() {
        for (text, part) in [("", "\"\""), ("host:x", "\"x\""), ("host:0", "\"0\""), ("h#12", "\"12\""), ("a b", "a b")]
        {
            let error = text.parse::<JoinLine>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        let accent = "é".repeat(32);
        assert!(format!("host#{accent}").parse::<JoinLine>().is_err());
    }
}
