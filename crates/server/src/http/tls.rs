//! TLS 1.3 with a certificate authority of the server's own, or with a certificate that was given.
//!
//! ```text
//! tls/ca.key, tls/ca.pem   made at the first start, 10 years; devices pin ca.pem by its SHA-256
//!   └── server certificate, 397 days: its key is never written down; made at each start and 30 days before its end
//! ```
//!
//! Of a certificate that was given, devices pin the last one of the chain. It is read again every hour.

use super::{ServeError, folder};
use crate::config::{Config, given};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, date_time_ymd,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, version};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use zeroize::Zeroizing;

const DAY: u64 = 24 * 60 * 60;
const AUTHORITY_DAYS: u64 = 10 * 365;
/// Browsers take no longer ones.
const LEAF_DAYS: u64 = 397;
/// Clocks of devices differ: certificates begin a day ago.
const BACKDATED_DAYS: u64 = 1;
const RENEW_DAYS: u64 = 30;
/// In the year 9892.
const DATE_SECS_MAX: u64 = 250_000_000_000;

/// What became of a look at the certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    Not,
    Renewed,
    /// The chain that was given now ends in another certificate than the one that links pin.
    OtherPin,
}

/// The certificate in use and how to get the next.
pub struct Identity {
    source: Source,
    pinned: CertificateDer<'static>,
    current: Arc<Current>,
}

#[expect(clippy::large_enum_variant, reason = "there is one of them")]
enum Source {
    Own(Authority),
    Given { chain: PathBuf, key: PathBuf },
}

/// What connections are answered with.
#[derive(Debug)]
struct Current(RwLock<Chosen>);

#[derive(Clone, Debug)]
struct Chosen {
    key: Arc<CertifiedKey>,
    /// Seconds since 1970 between which it serves; all of time for one that was given.
    from: u64,
    until: u64,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.get().key)
    }
}

impl Current {
    fn get(&self) -> Chosen {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, chosen: Chosen) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = chosen;
    }
}

impl Identity {
    /// Reads or makes what is needed.
    ///
    /// # Errors
    /// [`ServeError::File`] for files, [`ServeError::Config`] for what they hold.
    pub fn load(config: &Config, now: u64) -> Result<Self, ServeError> {
        let (source, chosen) = match (given(&config.tls_cert), given(&config.tls_key)) {
            (Some(chain), Some(key)) => {
                let source = Source::Given { chain: chain.to_owned(), key: key.to_owned() };
                (source, read(chain, key)?)
            }
            _ => {
                let authority = Authority::load(&config.data.join("tls"), names(config), now)?;
                let chosen = authority.issue(now)?;
                (Source::Own(authority), chosen)
            }
        };
        let pinned = chosen.key.cert.last().cloned();
        let pinned = pinned.ok_or_else(|| ServeError::Config("tls_cert holds no certificate".to_owned()))?;
        Ok(Self { source, pinned, current: Arc::new(Current(RwLock::new(chosen))) })
    }

    /// The certificate that devices pin.
    pub fn pinned(&self) -> &CertificateDer<'static> {
        &self.pinned
    }

    /// Makes or reads the next certificate where it is time.
    ///
    /// # Errors
    /// As [`Identity::load`]; the one in use stays.
    pub fn refresh(&self, now: u64) -> Result<Refreshed, ServeError> {
        let held = self.current.get();
        let next = match &self.source {
            // A clock that was wrong at the start and is right now also asks for a new one.
            Source::Own(_) if now >= held.from && now + RENEW_DAYS * DAY < held.until => return Ok(Refreshed::Not),
            Source::Own(authority) => authority.issue(now)?,
            Source::Given { chain, key } => read(chain, key)?,
        };
        if next.key.cert == held.key.cert {
            return Ok(Refreshed::Not);
        }
        let same_pin = next.key.cert.last() == Some(&self.pinned);
        self.current.set(next);
        Ok(if same_pin { Refreshed::Renewed } else { Refreshed::OtherPin })
    }
}

/// What TLS connections are made with: version 1.3 alone.
///
/// # Errors
/// [`ServeError::Config`], which only a build without cipher suites gives.
pub fn server(identity: &Identity) -> Result<Arc<ServerConfig>, ServeError> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&version::TLS13])
        .map_err(|error| ServeError::Config(format!("TLS: {error}")))?;
    let resolver: Arc<dyn ResolvesServerCert> = identity.current.clone();
    let mut config = builder.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// SHA-256 of a certificate.
pub fn fingerprint(certificate: &CertificateDer<'static>) -> [u8; 32] {
    Sha256::digest(certificate.as_ref()).into()
}

/// Lines of 64 characters between the usual marks (RFC 7468).
pub fn to_pem(certificate: &CertificateDer<'static>) -> String {
    let text = STANDARD.encode(certificate.as_ref());
    let mut out = String::from("-----BEGIN CERTIFICATE-----");
    for (place, character) in text.chars().enumerate() {
        if place % 64 == 0 {
            out.push('\n');
        }
        out.push(character);
    }
    out.push_str("\n-----END CERTIFICATE-----\n");
    out
}

/// For plain HTTP: the last certificate of the chain that the proxy uses, if it was named.
///
/// # Errors
/// As [`Identity::load`].
pub fn last_of_chain(config: &Config) -> Result<Option<CertificateDer<'static>>, ServeError> {
    given(&config.tls_cert).map(|path| chain(path).map(|mut chain| chain.pop())).transpose().map(Option::flatten)
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, ServeError> {
    let bytes = std::fs::read(path).map_err(|error| ServeError::file(path, &error))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        _ => Err(ServeError::Config(format!("{} holds no certificates in PEM", path.display()))),
    }
}

/// A certificate and key that were given.
fn read(chain_path: &Path, key_path: &Path) -> Result<Chosen, ServeError> {
    let chain = chain(chain_path)?;
    let bytes = std::fs::read(key_path).map_err(|error| ServeError::file(key_path, &error))?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| ServeError::Config(format!("{} holds no private key in PEM", key_path.display())))?;
    let key = certified(chain, key).map_err(|reason| {
        ServeError::Config(format!("{} and {}: {reason}", chain_path.display(), key_path.display()))
    })?;
    Ok(Chosen { key: Arc::new(key), from: 0, until: u64::MAX })
}

fn certified(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<CertifiedKey, rustls::Error> {
    CertifiedKey::from_der(chain, key, &provider())
}

/// The server's own certificate authority.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    names: Vec<String>,
}

impl Authority {
    fn load(folder: &Path, names: Vec<String>, now: u64) -> Result<Self, ServeError> {
        folder::prepare(folder)?;
        let (key_path, certificate_path) = (folder.join("ca.key"), folder.join("ca.pem"));
        let key = match std::fs::read_to_string(&key_path) {
            Ok(text) => KeyPair::from_pem(&Zeroizing::new(text)).map_err(|error| broken(&key_path, &error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !certificate_path.exists() => {
                let key = KeyPair::generate().map_err(|error| broken(&key_path, &error))?;
                folder::write(&key_path, Zeroizing::new(key.serialize_pem()).as_bytes())?;
                key
            }
            Err(error) => return Err(ServeError::file(&key_path, &error)),
        };
        let params = authority_params(&key, now);
        let certificate = if certificate_path.exists() {
            let mut held = chain(&certificate_path)?;
            held.pop().ok_or_else(|| ServeError::Config(format!("{} is empty", certificate_path.display())))?
        } else {
            let made = params.self_signed(&key).map_err(|error| broken(&certificate_path, &error))?;
            folder::write(&certificate_path, to_pem(made.der()).as_bytes())?;
            made.der().clone()
        };
        let der = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        certified(vec![certificate.clone()], der).map_err(|error| broken(&key_path, &error))?;
        Ok(Self { certificate, issuer: Issuer::new(params, key), names })
    }

    /// A new certificate for the server, with a new key.
    fn issue(&self, now: u64) -> Result<Chosen, ServeError> {
        let fail = |reason: &dyn std::fmt::Display| ServeError::Config(format!("no certificate can be made: {reason}"));
        let key = KeyPair::generate().map_err(|error| fail(&error))?;
        let mut params = CertificateParams::new(self.names.clone()).map_err(|error| fail(&error))?;
        let (from, until) = (now.saturating_sub(BACKDATED_DAYS * DAY), now + (LEAF_DAYS - BACKDATED_DAYS) * DAY);
        valid(&mut params, from, until);
        params.distinguished_name = called("Wardbook server");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).map_err(|error| fail(&error))?;
        let chain = vec![certificate.der().clone(), self.certificate.clone()];
        let key = certified(chain, PrivateKeyDer::from(key)).map_err(|error| fail(&error))?;
        Ok(Chosen { key: Arc::new(key), from, until })
    }
}

/// The same for the same key, whatever the time: only its dates differ.
fn authority_params(key: &KeyPair, now: u64) -> CertificateParams {
    let digest: [u8; 32] = Sha256::digest(key.der_bytes()).into();
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let mut params = CertificateParams::default();
    valid(&mut params, now.saturating_sub(BACKDATED_DAYS * DAY), now + AUTHORITY_DAYS * DAY);
    params.distinguished_name = called(&format!("Wardbook authority {short}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn called(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

/// Dates in certificates end with the year 9999, so later ones are cut off before it.
fn valid(params: &mut CertificateParams, from: u64, until: u64) {
    let date = |secs: u64| date_time_ymd(1970, 1, 1) + Duration::from_secs(secs.min(DATE_SECS_MAX));
    params.not_before = date(from);
    params.not_after = date(until);
}

fn broken(path: &Path, reason: &dyn std::fmt::Display) -> ServeError {
    ServeError::Config(format!("{}: {reason}; put it back from a backup", path.display()))
}

/// Every name and address that the certificate is made out to, each once.
fn names(config: &Config) -> Vec<String> {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
    let listened = config.listen.iter().map(|address| address.ip()).filter(|ip| !ip.is_unspecified());
    let public = config.public_url.strip_prefix("https://").map(host_of);
    let more = host_name().into_iter().chain(listened.map(|ip| ip.to_string()));
    for name in more.chain(config.names.iter().cloned()).chain(public) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The host of `host:port/path`.
fn host_of(rest: &str) -> String {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.to_owned()
}

/// The name of this machine, where it can stand in a certificate.
pub fn host_name() -> Option<String> {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let file = files.iter().find_map(|path| std::fs::read_to_string(path).ok());
    let name = file.or_else(|| std::env::var("HOSTNAME").ok()).or_else(|| std::env::var("COMPUTERNAME").ok())?;
    let name = name.trim().to_ascii_lowercase();
    let label = |label: &str| {
        let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        (1..=63).contains(&label.len()) && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(label) && name.parse::<IpAddr>().is_err()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn config(folder: &Path) -> Config {
        Config { data: folder.to_owned(), names: vec!["ward.example".into(), "10.0.0.7".into()], ..Config::default() }
    }

    #[test]
    fn the_authority_stays_and_the_certificate_is_renewed_in_time() {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::load(&config(folder.path()), NOW).unwrap();
        let again = Identity::load(&config(folder.path()), NOW + 100 * DAY).unwrap();
        assert_eq!(identity.pinned(), again.pinned());
        assert_eq!(identity.current.get().key.cert.len(), 2);

        assert_eq!(identity.refresh(NOW + 300 * DAY).unwrap(), Refreshed::Not);
        let held = identity.current.get().key;
        assert_eq!(identity.refresh(NOW + 367 * DAY).unwrap(), Refreshed::Renewed);
        assert_ne!(identity.current.get().key.cert, held.cert);
        assert_eq!(identity.refresh(NOW + 368 * DAY).unwrap(), Refreshed::Not);
        // A clock that jumps back before the certificate begins.
        assert_eq!(identity.refresh(NOW).unwrap(), Refreshed::Renewed);
        let text = std::fs::read_to_string(folder.path().join("tls/ca.pem")).unwrap();
        assert_eq!(text, to_pem(identity.pinned()));
    }

    #[test]
    fn a_lost_key_is_an_error_and_a_new_authority_is_not_made_unasked() {
        let folder = tempfile::tempdir().unwrap();
        Identity::load(&config(folder.path()), NOW).unwrap();
        std::fs::remove_file(folder.path().join("tls/ca.key")).unwrap();
        assert!(matches!(Identity::load(&config(folder.path()), NOW), Err(ServeError::File { .. })));
    }

    #[test]
    fn given_certificates_are_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let make = || {
            let key = KeyPair::generate().unwrap();
            let certificate =
                CertificateParams::new(vec!["ward.example".to_owned()]).unwrap().self_signed(&key).unwrap();
            std::fs::write(folder.path().join("cert.pem"), to_pem(certificate.der())).unwrap();
            std::fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        };
        make();
        let (tls_cert, tls_key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
        let config = Config { tls_cert, tls_key, ..config(folder.path()) };
        let identity = Identity::load(&config, NOW).unwrap();
        assert_eq!(identity.refresh(NOW).unwrap(), Refreshed::Not);
        assert_eq!(last_of_chain(&config).unwrap().as_ref(), Some(identity.pinned()));
        make();
        assert_eq!(identity.refresh(NOW).unwrap(), Refreshed::OtherPin);
        std::fs::write(&config.tls_key, "nothing").unwrap();
        assert!(identity.refresh(NOW).is_err());
        assert!(!folder.path().join("tls").exists());
    }

    #[test]
    fn the_certificate_is_made_out_to_every_name_once() {
        let folder = tempfile::tempdir().unwrap();
        let public_url = "https://[fd00::1]:8443".into();
        let names = names(&Config { public_url, ..config(folder.path()) });
        for name in ["localhost", "127.0.0.1", "::1", "ward.example", "10.0.0.7", "fd00::1"] {
            assert_eq!(names.iter().filter(|held| *held == name).count(), 1, "{name} in {names:?}");
        }
    }
}
