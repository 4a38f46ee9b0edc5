//! The one certificate that connections to a server are checked with: a link names it by its fingerprint (NET-01).

use super::join::unsigned;
use super::transport::Transport;
use crate::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use wardbook_wire::request::Request;

/// Where a server hands it out, in PEM.
pub(super) const PATH: &str = "/v1/ca";
/// A certificate in PEM, at most: usual ones have one or two thousand bytes.
pub(super) const CERTIFICATE_BYTES_MAX: usize = 64 * 1024;

/// Fetches the certificate that a link pins. Whoever answers, only the one with that fingerprint is taken.
///
/// # Errors
/// [`Error::Offline`]; [`Error::Server`]; [`Error::Cheat`] where somebody else answers (NET-01).
pub fn fetch_certificate(link: &mut dyn Transport, fingerprint: &[u8; 32]) -> Result<String, Error> {
    let body = unsigned(link, "GET", PATH, &[])?.body;
    let fits = body.len() <= CERTIFICATE_BYTES_MAX;
    // What is no text is no certificate either.
    let pem = Some(body).filter(|_| fits).and_then(|body| String::from_utf8(body).ok());
    pinned(pem.unwrap_or_default(), fingerprint)
}

/// The text, if it holds the certificate with that fingerprint.
pub(super) fn pinned(pem: String, fingerprint: &[u8; 32]) -> Result<String, Error> {
    if certificate_fingerprint(&pem) != Some(*fingerprint) {
        let told = "it has another certificate than the link says (NET-01): somebody may be in between";
        return Err(Error::cheat(told)); // NET-01
    }
    Ok(pem)
}

/// SHA-256 of the first certificate of a PEM text, in DER.
pub(super) fn certificate_fingerprint(pem: &str) -> Option<[u8; 32]> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let joined: String = body.split_whitespace().collect();
    Some(Request::digest(&STANDARD.decode(joined).ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::transport::{Answer, Call, NoAnswer};
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nAAEC\nAwQF\n-----END CERTIFICATE-----\n";

    /// Whoever answers to `GET /v1/ca`.
    struct Answers(u16, Vec<u8>);

    impl Transport for Answers {
        fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
            assert_eq!((call.method, call.path), ("GET", "/v1/ca"));
            assert!(call.authorization.is_none() && call.body.is_empty());
            Ok(Answer { status: self.0, body: self.1.clone(), ..Answer::default() })
        }

        fn pause(&mut self, _: u64) {}

        fn wait(&mut self, _: &str, _: String, _: u64) -> Result<u64, NoAnswer> {
            Err(NoAnswer("there are no events here".into()))
        }
    }

    #[test]
    fn net_01_only_the_certificate_that_the_link_pins_is_taken() {
        let pin = Request::digest(&[0, 1, 2, 3, 4, 5]);
        let fetch = |status, body: &[u8]| fetch_certificate(&mut Answers(status, body.to_vec()), &pin);
        assert_eq!(fetch(200, PEM.as_bytes()).unwrap(), PEM);
        let long = [PEM.as_bytes(), &vec![b' '; CERTIFICATE_BYTES_MAX]].concat();
        for other in [PEM.replace("AAEC", "AAED").as_bytes(), b"", b"\xff", &long] {
            assert!(matches!(fetch(200, other), Err(Error::Cheat(told)) if told.contains("NET-01")));
        }
        assert!(matches!(fetch(404, PEM.as_bytes()), Err(Error::Server { .. })));
    }
}
