//! Signed requests, and what the server's refusals mean for people.

use super::transport::{Answer, Call, Transport};
use crate::create::random;
use crate::{Error, Session};
use minicbor::{Decode, Encode};
use wardbook_core::keys::SigningKey;
use wardbook_record::json::Json;
use wardbook_record::summary::clean_text;
use wardbook_wire::exchange::{ANSWER_BYTES_MAX, problem};
use wardbook_wire::request::{Caller, Challenge, Request, SignedRequest};
use wardbook_wire::signed::Domain;
use wardbook_wire::{OrgId, strict};

/// How often a request is repeated that the server put off.
const TRIES: u32 = 6;
/// Longest wait that is sat out, in seconds.
const WAIT_SECS_MAX: u64 = 30;
/// What a server says of a refusal, at most.
const DETAIL_CHARS_MAX: usize = 300;
const PROBLEM: &str = "urn:wardbook:problem:";

/// Who signs requests.
pub(crate) struct Signer<'a> {
    pub org: OrgId,
    pub caller: Caller,
    /// In the order that the caller asks for.
    pub keys: Vec<&'a SigningKey>,
}

/// A request before it is signed.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub body: &'a [u8],
    pub range: Option<(u64, Option<u64>)>,
    pub offset: Option<u64>,
}

impl<'a> Ask<'a> {
    pub fn post(path: &'a str, body: &'a [u8]) -> Self {
        Self { method: "POST", path, body, range: None, offset: None }
    }
}

impl Signer<'_> {
    /// The `Authorization` header for one request.
    pub fn header(&self, challenge: Challenge, method: &str, path: &str, body: &[u8]) -> String {
        let request = Request {
            org: self.org,
            caller: self.caller,
            challenge,
            nonce: random(),
            method: method.to_owned(),
            path: path.to_owned(),
            body: Request::digest(body),
        };
        let bytes = strict::encode(&request);
        let signatures: Vec<_> = self.keys.iter().map(|key| key.sign_bytes(Domain::REQUEST, &bytes)).collect();
        SignedRequest::new(request, signatures).to_header()
    }

    /// Sends a request, with a new challenge where the old one has passed; waits where it is asked to.
    pub fn ask(
        &self,
        link: &mut dyn Transport,
        challenge: &mut Option<Challenge>,
        ask: Ask<'_>,
    ) -> Result<Answer, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let authorization =
                Some(self.header(challenge.unwrap_or(Challenge([0; 24])), ask.method, ask.path, ask.body));
            let Ask { method, path, body, range, offset } = ask;
            let answer = link.call(&Call { method, path, authorization, body, range, offset });
            let answer = answer.map_err(|error| Error::Offline(error.to_string()))?;
            *challenge = answer.challenge.or(*challenge);
            match answer.status {
                200..=299 => return Ok(answer),
                401 if answer.challenge.is_some() && tries < 3 => {}
                429 | 503 if tries < TRIES => {
                    link.pause(answer.retry_after_secs.unwrap_or(1).clamp(1, WAIT_SECS_MAX));
                }
                _ => return Err(refusal(&answer)),
            }
        }
    }
}

/// A problem (RFC 9457) as an error.
pub(crate) fn refusal(answer: &Answer) -> Error {
    let json = Json::parse(&answer.body).ok();
    let field = |name| json.as_ref().and_then(|json| json.text(name)).unwrap_or_default().to_owned();
    let code = field("type").strip_prefix(PROBLEM).unwrap_or_default().to_owned();
    let detail = match code.as_str() {
        problem::SIGNATURE => "the server does not know this member or device: it may be another server, or one that was put back to an earlier state".to_owned(),
        "" => format!("the server answered with status {}", answer.status),
        // It reaches a terminal.
        _ => clean_text(&field("detail"), DETAIL_CHARS_MAX),
    };
    Error::Server { code, detail }
}

impl Session {
    /// A signed request of this member on this device.
    ///
    /// # Errors
    /// [`Error::Offline`], [`Error::Server`].
    pub(crate) fn ask(&mut self, link: &mut dyn Transport, ask: Ask<'_>) -> Result<Answer, Error> {
        let mut challenge = self.vault.sync.as_ref().and_then(|sync| sync.state.challenge);
        let answer = self.signer().ask(link, &mut challenge, ask);
        if let Some(sync) = &mut self.vault.sync {
            sync.state.challenge = challenge;
        }
        answer
    }

    /// What [`Transport::wait`] needs: the path of the organisation's events, a signed request for it, and the size of
    /// the log here.
    pub fn ask_for_news(&self) -> (String, String, u64) {
        let path = wardbook_wire::exchange::path(self.vault.identity.org, "events");
        let state = self.vault.sync.as_ref().map(|sync| &sync.state);
        let challenge = state.and_then(|state| state.challenge).unwrap_or(Challenge([0; 24]));
        let header = self.signer().header(challenge, "GET", &path, &[]);
        (path, header, state.map_or(0, |state| state.range.size()))
    }

    pub(crate) fn signer(&self) -> Signer<'_> {
        let identity = &self.vault.identity;
        let caller = Caller::Member { device: identity.device, member: self.me() };
        Signer { org: identity.org, caller, keys: vec![&identity.keys.signing, &self.ring.keys.signing] }
    }

    /// As [`Session::ask`], for what is not of the sync itself.
    ///
    /// # Errors
    /// As [`Session::ask`].
    pub(crate) fn authorised_call(
        &mut self,
        link: &mut dyn Transport,
        method: &str,
        path: &str,
        body: &[u8],
        range: Option<(u64, Option<u64>)>,
        offset: Option<u64>,
    ) -> Result<Answer, Error> {
        self.ask(link, Ask { method, path, body, range, offset })
    }

    /// Asks with a message for a message.
    pub(crate) fn exchange<Q: Encode<()>, A: Encode<()> + for<'b> Decode<'b, ()>>(
        &mut self,
        link: &mut dyn Transport,
        route: &str,
        question: &Q,
    ) -> Result<A, Error> {
        let path = wardbook_wire::exchange::path(self.vault.identity.org, route);
        let answer = self.ask(link, Ask::post(&path, &strict::encode(question)))?;
        read(&answer)
    }
}

/// Reads an answer in the one accepted encoding.
pub(crate) fn read<A: Encode<()> + for<'b> Decode<'b, ()>>(answer: &Answer) -> Result<A, Error> {
    strict::decode(&answer.body, ANSWER_BYTES_MAX).map_err(|error| Error::cheat(&error.to_string()))
}
