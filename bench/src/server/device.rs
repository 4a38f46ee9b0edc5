//! Devices that speak the protocol by hand: requests are made and signed here, apart from what is measured.

use crate::Fallible;
use wardbook_client::sync::transport::{Answer, Call, NoAnswer, Transport};
use wardbook_core::keys::SigningKey;
use wardbook_server::Service;
use wardbook_wire::exchange::{Object, Outcome, SyncAnswer, SyncRequest, Want, path};
use wardbook_wire::log::LogPoint;
use wardbook_wire::request::{CHALLENGE_HEADER, Caller, Challenge, Request, SignedRequest};
use wardbook_wire::signed::Domain;
use wardbook_wire::{DeviceId, MemberId, OrgId, strict};

/// The clock of a server that is called without the network: it stands still.
pub const NOW_MS: i64 = 1_800_000_000_000;
/// Of the log.
pub const GENERATION: u64 = 1;

/// A service as the way to itself.
pub struct Direct<'a>(pub &'a Service);

impl Transport for Direct<'_> {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let answer = self.0.handle(&wardbook_server::Call {
            method: call.method,
            path: call.path,
            authorization: call.authorization.as_deref(),
            body: call.body,
            range: call.range,
            offset: call.offset,
            now_ms: NOW_MS,
        });
        let header = answer.headers.iter().find(|(name, _)| *name == CHALLENGE_HEADER);
        let challenge = header.and_then(|(_, text)| Challenge::from_text(text));
        Ok(Answer { status: answer.status, body: answer.body, challenge, ..Answer::default() })
    }

    fn pause(&mut self, _: u64) {}

    fn wait(&mut self, _: &str, _: String, _: u64) -> Result<u64, NoAnswer> {
        Err(NoAnswer("events need the network".to_owned()))
    }
}

/// A signed request that has not been sent.
pub struct Prepared {
    path: String,
    authorization: String,
    body: Vec<u8>,
}

impl Prepared {
    pub fn handle(&self, service: &Service) -> wardbook_server::Answer {
        service.handle(&wardbook_server::Call {
            method: "POST",
            path: &self.path,
            authorization: Some(&self.authorization),
            body: &self.body,
            range: None,
            offset: None,
            now_ms: NOW_MS,
        })
    }
}

/// A device with a member at it.
pub struct Device {
    org: OrgId,
    caller: Caller,
    device_key: SigningKey,
    member_key: SigningKey,
    /// Holds for a day, for any number of requests.
    challenge: Challenge,
    nonces: u64,
}

impl Device {
    pub fn new(org: OrgId, device: (DeviceId, SigningKey), member: (MemberId, SigningKey)) -> Self {
        let caller = Caller::Member { device: device.0, member: member.0 };
        let challenge = Challenge([0; 24]); // not a valid one: the first request fetches that
        Self { org, caller, device_key: device.1, member_key: member.1, challenge, nonces: 0 }
    }

    /// The `Authorization` header of a request, with a nonce of its own.
    pub fn authorise(&mut self, method: &str, path: &str, body: &[u8]) -> String {
        self.nonces += 1;
        let request = Request {
            org: self.org,
            caller: self.caller,
            challenge: self.challenge,
            nonce: u128::from(self.nonces).to_be_bytes(),
            method: method.to_owned(),
            path: path.to_owned(),
            body: Request::digest(body),
        };
        let bytes = strict::encode(&request);
        let signatures = [&self.device_key, &self.member_key].map(|key| key.sign_bytes(Domain::REQUEST, &bytes));
        SignedRequest::new(request, signatures).to_header()
    }

    pub fn prepare(&mut self, route: &str, body: Vec<u8>) -> Prepared {
        let path = path(self.org, route);
        let authorization = self.authorise("POST", &path, &body);
        Prepared { path, authorization, body }
    }

    /// Asks a route. The first time, this fetches a challenge.
    pub fn post(&mut self, link: &mut dyn Transport, route: &str, body: &[u8]) -> Fallible<Vec<u8>> {
        let path = path(self.org, route);
        let mut answer = Answer::default();
        for _ in 0..2 {
            let authorization = Some(self.authorise("POST", &path, body));
            answer =
                link.call(&Call { method: "POST", path: &path, authorization, body, range: None, offset: None })?;
            if let Some(challenge) = answer.challenge {
                self.challenge = challenge;
            }
            if answer.status != 401 {
                break;
            }
        }
        check(answer.status, &answer.body)?;
        Ok(answer.body)
    }
}

/// A sync of a device that has the log up to a point and wants all that follows.
pub fn asking(point: LogPoint, objects: Vec<Object>) -> SyncRequest {
    SyncRequest {
        generation: GENERATION,
        point,
        want: Want::All,
        objects,
        extensions: Vec::new(),
        lease: None,
        mine_too: false,
    }
}

/// The answer to a sync whose objects were all taken.
pub fn taken(status: u16, body: &[u8]) -> Fallible<SyncAnswer> {
    check(status, body)?;
    let answer: SyncAnswer = strict::decode(body, usize::MAX)?;
    match answer.outcomes.iter().find(|outcome| !matches!(outcome, Outcome::Logged { .. })) {
        Some(outcome) => Err(format!("an entry was not taken: {outcome:?}").into()),
        None => Ok(answer),
    }
}

pub fn check(status: u16, body: &[u8]) -> Fallible<()> {
    if status == 200 {
        return Ok(());
    }
    Err(format!("the server answered with status {status}: {}", String::from_utf8_lossy(body)).into())
}
