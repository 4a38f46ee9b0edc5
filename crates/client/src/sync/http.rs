//! The way to the server by HTTPS. Connections are checked with one certificate, which a link pinned by its fingerprint: no
//! other authority is believed.

use super::certificate::{CERTIFICATE_BYTES_MAX, PATH, pinned};
use super::transport::{ANSWER_BYTES_MAX, Answer, CHALLENGE_HEADER, Call, Challenge, NoAnswer, Transport};
use crate::Error;
use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;
use std::time::Duration;
use ureq::Agent;
use ureq::http::Method;
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsConfigBuilder};

/// A server on the same network answers in much less; one that is not there should not hold a person up.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// For the whole of one request: the largest object over a slow link.
const CALL_WAIT: Duration = Duration::from_secs(120);
/// A stream of events is opened anew after so much.
const EVENTS_BYTES_MAX: u64 = 64 * 1024;

/// TLS by rustls with ring, as on the server.
fn tls_config() -> TlsConfigBuilder {
    TlsConfig::builder().unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
}

/// Requests to one server over kept connections.
pub struct Https {
    base: String,
    agent: Agent,
    /// Without a limit of time, for waiting.
    patient: Agent,
}

impl Https {
    /// # Errors
    /// The certificate cannot be read.
    pub fn new(base: &str, certificate: &str) -> Result<Self, Error> {
        let unreadable = |_| Error::damaged("the certificate of the server");
        let certificate = Certificate::from_pem(certificate.as_bytes()).map_err(unreadable)?;
        let roots = RootCerts::new_with_certs(&[certificate]);
        let tls = || tls_config().root_certs(roots.clone()).build();
        let agent = |whole| {
            let config = Agent::config_builder()
                .tls_config(tls())
                .timeout_connect(Some(CONNECT_WAIT))
                .timeout_global(whole)
                .http_status_as_error(false)
                .build();
            Agent::new_with_config(config)
        };
        Ok(Self { base: base.to_owned(), agent: agent(Some(CALL_WAIT)), patient: agent(None) })
    }

    /// Fetches the certificate that a link pins. Whoever answers, only the one with that fingerprint is taken.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Cheat`] where somebody else answers (NET-01).
    pub fn pinned_certificate(base: &str, fingerprint: &[u8; 32]) -> Result<String, Error> {
        let offline = |error: ureq::Error| Error::Offline(error.to_string());
        // Nothing that comes over this connection is believed but for its hash.
        let tls = tls_config().disable_verification(true).build();
        let config =
            Agent::config_builder().tls_config(tls).timeout_connect(Some(CONNECT_WAIT)).timeout_global(Some(CALL_WAIT));
        let agent = Agent::new_with_config(config.build());
        let mut answer = agent.get(format!("{base}{PATH}")).call().map_err(offline)?;
        let body = answer.body_mut().with_config().limit(CERTIFICATE_BYTES_MAX as u64);
        pinned(body.read_to_string().map_err(offline)?, fingerprint)
    }

    fn send(&self, agent: &Agent, call: &Call<'_>) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let method = Method::from_bytes(call.method.as_bytes()).unwrap_or(Method::GET);
        let mut request = ureq::http::Request::builder().method(&method).uri(format!("{}{}", self.base, call.path));
        if let Some(authorization) = &call.authorization {
            request = request.header("authorization", authorization);
        }
        if let Some((first, last)) = call.range {
            let last = last.map(|last| last.to_string()).unwrap_or_default();
            request = request.header("range", format!("bytes={first}-{last}"));
        }
        if let Some(offset) = call.offset {
            request = request.header("upload-offset", offset.to_string());
        }
        if method == Method::GET || method == Method::HEAD {
            return agent.run(request.body(())?);
        }
        agent.run(request.header("content-type", "application/cbor").body(call.body)?)
    }
}

impl Transport for Https {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let no_answer = |error: ureq::Error| NoAnswer(error.to_string());
        let mut response = self.send(&self.agent, call).map_err(no_answer)?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let number = |name: &str| header(name).and_then(|text| text.parse().ok());
        let mut answer = Answer {
            status: response.status().as_u16(),
            challenge: header(CHALLENGE_HEADER).and_then(|text| Challenge::from_text(&text)),
            retry_after_secs: number("retry-after"),
            offset: number("upload-offset"),
            length: number("content-length"),
            body: Vec::new(),
        };
        if call.method != "HEAD" {
            let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX as u64).read_to_vec();
            answer.body = body.map_err(no_answer)?;
        }
        Ok(answer)
    }

    fn pause(&mut self, secs: u64) {
        std::thread::sleep(Duration::from_secs(secs));
    }

    fn wait(&mut self, path: &str, authorization: String, size: u64) -> Result<u64, NoAnswer> {
        let call =
            Call { method: "GET", path, authorization: Some(authorization), body: &[], range: None, offset: None };
        let response = self.send(&self.patient, &call).map_err(|error| NoAnswer(error.to_string()))?;
        if !response.status().is_success() {
            return Err(NoAnswer(format!("the server answered with status {}", response.status().as_u16())));
        }
        // Server-sent events (HTML Living Standard, section 9.2): lines of `data: SIZE`.
        for line in BufReader::new(response.into_body().into_reader().take(EVENTS_BYTES_MAX)).lines() {
            let line = line.map_err(|error| NoAnswer(error.to_string()))?;
            if line.starts_with(':') {
                return Ok(size);
            }
            let told = line.strip_prefix("data:").and_then(|text| text.trim().parse::<u64>().ok());
            if let Some(told) = told.filter(|told| *told > size) {
                return Ok(told);
            }
        }
        Err(NoAnswer("the connection was closed".into()))
    }
}
