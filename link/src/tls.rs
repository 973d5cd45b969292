//! TLS 1.3 with keys instead of authorities: each end presents an Ed25519 key and proves that it
//! holds it. A client must present one; whether a server's is trusted, a [`Trust`] decides.
//! Early data is off: what it carries could be played again.

use std::fmt::Debug;
use std::sync::Arc;

use gamera_protocol::join::Fingerprint;
use gamera_protocol::message::ALPN;
use quinn::crypto::rustls::{NoInitialCipherSuite, QuicClientConfig, QuicServerConfig};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring as provider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, SignatureScheme, version,
};

use crate::key::{self, Key};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The key or the settings do not fit.
    #[error("TLS could not be set up: {0}")]
    Rustls(#[from] Error),
    /// The cryptography lacks what QUIC begins with.
    #[error("TLS could not be set up: {0}")]
    Quic(#[from] NoInitialCipherSuite),
}

/// Decides whether a server's key is the one that was meant.
pub trait Trust: Debug + Send + Sync {
    /// True where the server with this fingerprint may be talked to. Why not, the trust remembers.
    fn accepts(&self, server: Fingerprint) -> bool;
}

/// The server's end: presents `key`, demands a key of each client.
///
/// # Errors
/// When the key does not fit.
pub fn server(key: &Key) -> Result<QuicServerConfig, TlsError> {
    let provider = Arc::new(provider::default_provider());
    let verifier = Arc::new(AnyKey(provider.signature_verification_algorithms));
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![key.certificate()], key.private())?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.max_early_data_size = 0;
    config.send_tls13_tickets = 0;
    Ok(QuicServerConfig::try_from(config)?)
}

/// The client's end: presents `key`, asks `trust` about the server's. `alpn` names the protocol.
///
/// # Errors
/// When the key does not fit.
pub fn client(key: &Key, trust: Arc<dyn Trust>, alpn: &[u8]) -> Result<QuicClientConfig, TlsError> {
    let provider: Arc<CryptoProvider> = Arc::new(provider::default_provider());
    let verifier = Arc::new(Trusted { trust, algorithms: provider.signature_verification_algorithms });
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_client_auth_cert(vec![key.certificate()], key.private())?;
    config.alpn_protocols = vec![alpn.to_vec()];
    config.enable_early_data = false;
    config.resumption = rustls::client::Resumption::disabled();
    Ok(QuicClientConfig::try_from(config)?)
}

fn ed25519_of(certificate: &CertificateDer<'_>) -> Result<Fingerprint, Error> {
    key::fingerprint_of(certificate).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))
}

fn no_tls12() -> Result<HandshakeSignatureValid, Error> {
    Err(Error::PeerIncompatible(PeerIncompatible::Tls12NotOfferedOrEnabled))
}

/// Lets every Ed25519 key in, once its holder has signed the handshake: the key is the player.
#[derive(Debug)]
struct AnyKey(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for AnyKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        ed25519_of(end_entity).map(|_| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}

/// Asks a [`Trust`] about the server's key.
#[derive(Debug)]
struct Trusted {
    trust: Arc<dyn Trust>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Trusted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let fingerprint = ed25519_of(end_entity)?;
        if self.trust.accepts(fingerprint) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        no_tls12()
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }
}
