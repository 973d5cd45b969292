//! A long-lived Ed25519 key in a file of its owner alone, and the self-signed certificate that
//! presents it. The fingerprint of the public key is the identity; the certificate around it is
//! made anew at each start.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::SERVER_NAME;
use ring::{digest, hmac};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// A key pair and its certificate.
pub struct Key {
    pkcs8: Vec<u8>,
    certificate: CertificateDer<'static>,
    fingerprint: Fingerprint,
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file or its directory cannot be read or made.
    #[error("{path}: {source}; give a directory that you can write to", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others may read the file.
    #[error("{path} can be read by others; it is a secret: run `chmod 600 {path}`", path = path.display())]
    Open {
        /// Which.
        path: PathBuf,
    },
    /// The file is not an Ed25519 key.
    #[error("{path} is not an Ed25519 key; move it away and a new one is made", path = path.display())]
    NotAKey {
        /// Which.
        path: PathBuf,
    },
    /// No key could be made.
    #[error("no key could be made: {0}")]
    Make(#[from] rcgen::Error),
}

impl Key {
    /// A new key that is kept nowhere.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn fresh() -> Result<Key, KeyError> {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519)?;
        Ok(Key::of_pair(&pair)?)
    }

    /// The key that follows from `seed` alone. Whoever knows the seed has the key: for worlds that are made
    /// up, and for nobody else.
    ///
    /// # Errors
    /// When no certificate can be made of it.
    pub fn seeded(seed: [u8; 32]) -> Result<Key, KeyError> {
        let pkcs8: Vec<u8> = ED25519_PKCS8.into_iter().chain(seed).collect();
        Ok(Key::from_pkcs8(&pkcs8)?)
    }

    /// The key in the file at `path`; made there, with its directory, at first use.
    ///
    /// # Errors
    /// When the file cannot be read, is open to others, or is no key.
    pub fn load_or_make(path: &Path) -> Result<Key, KeyError> {
        match fs::read(path) {
            Ok(bytes) => {
                check_private(path)?;
                Key::from_pkcs8(&bytes).map_err(|_| KeyError::NotAKey { path: path.to_owned() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = Key::fresh()?;
                store_private(path, &key.pkcs8).map_err(|source| KeyError::File { path: path.to_owned(), source })?;
                Ok(key)
            }
            Err(source) => Err(KeyError::File { path: path.to_owned(), source }),
        }
    }

    fn from_pkcs8(bytes: &[u8]) -> Result<Key, rcgen::Error> {
        let der = PrivatePkcs8KeyDer::from(bytes.to_vec());
        Key::of_pair(&rcgen::KeyPair::from_pkcs8_der_and_sign_algo(&der, &rcgen::PKCS_ED25519)?)
    }

    fn of_pair(pair: &rcgen::KeyPair) -> Result<Key, rcgen::Error> {
        let certificate = rcgen::CertificateParams::new([SERVER_NAME.to_owned()])?.self_signed(pair)?;
        let certificate = CertificateDer::from(certificate.der().to_vec());
        let fingerprint = fingerprint_of(&certificate).ok_or(rcgen::Error::CouldNotParseCertificate)?;
        Ok(Key { pkcs8: pair.serialize_der(), certificate, fingerprint })
    }

    /// Who presents this key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// A secret that follows from this key and `label` alone: the same after a restart.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.pkcs8);
        let mut secret = [0; 32];
        secret.copy_from_slice(hmac::sign(&key, label.as_bytes()).as_ref());
        secret
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    pub(crate) fn private(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.pkcs8.clone()))
    }
}

/// What precedes the 32 bytes of an Ed25519 key in its SubjectPublicKeyInfo.
const ED25519_SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What precedes the 32 bytes of an Ed25519 seed in PKCS#8 (RFC 8410).
const ED25519_PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The fingerprint of the Ed25519 key in a certificate; `None` where it holds another kind of key.
#[must_use]
pub fn fingerprint_of(certificate: &CertificateDer<'_>) -> Option<Fingerprint> {
    let parsed = rustls::server::ParsedCertificate::try_from(certificate).ok()?;
    let spki = parsed.subject_public_key_info();
    let is_ed25519 = spki.len() == ED25519_SPKI.len() + 32 && spki.starts_with(&ED25519_SPKI);
    is_ed25519.then(|| {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, &spki).as_ref());
        Fingerprint(bytes)
    })
}

/// Writes a file that only its owner may read, whole or not at all.
fn store_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        make_private_directory(directory)?;
    }
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    let written = private_file(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| fs::rename(&unfinished, path)).inspect_err(|_| drop(fs::remove_file(&unfinished)))
}

#[cfg(unix)]
fn private_file(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private_file(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).create_new(true).open(path)
}

/// Makes a directory, with those above it, that only its owner may enter.
///
/// # Errors
/// When it cannot be made.
#[cfg(unix)]
pub fn make_private_directory(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a directory, with those above it, that only its owner may enter.
///
/// # Errors
/// When it cannot be made.
#[cfg(not(unix))]
pub fn make_private_directory(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

#[cfg(unix)]
fn check_private(path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::PermissionsExt;
    let meta = fs::metadata(path).map_err(|source| KeyError::File { path: path.to_owned(), source })?;
    if meta.permissions().mode() & 0o077 == 0 { Ok(()) } else { Err(KeyError::Open { path: path.to_owned() }) }
}

#[cfg(not(unix))]
fn check_private(_: &Path) -> Result<(), KeyError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_stays_with_its_derived_secrets() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/identity.key");
        let first = Key::load_or_make(&path).unwrap();
        let second = Key::load_or_make(&path).unwrap();
        assert_eq!(first.fingerprint(), second.fingerprint());
        assert_eq!(first.derive("reset"), second.derive("reset"));
        assert_ne!(first.derive("reset"), first.derive("token"));
        assert_ne!(first.fingerprint(), Key::fresh().unwrap().fingerprint());
    }

    #[test]
    fn a_seed_is_always_the_same_key() {
        let of = |byte| Key::seeded([byte; 32]).unwrap().fingerprint();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_and_its_directory_belong_to_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data/identity.key");
        Key::load_or_make(&path).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Key::load_or_make(&path), Err(KeyError::Open { .. })));
    }

    #[test]
    fn what_is_not_a_key_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("identity.key");
        store_private(&path, b"not a key").unwrap();
        assert!(matches!(Key::load_or_make(&path), Err(KeyError::NotAKey { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"not a key");
    }

    #[test]
    fn a_certificate_of_another_kind_of_key_has_no_fingerprint() {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        let certificate = rcgen::CertificateParams::new(["x".to_owned()]).unwrap().self_signed(&pair).unwrap();
        assert_eq!(fingerprint_of(certificate.der()), None);
        assert_eq!(fingerprint_of(&CertificateDer::from(vec![1, 2, 3])), None);
    }
}
