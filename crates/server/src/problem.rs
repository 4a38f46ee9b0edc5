//! What a request is told when it fails: problem details (RFC 9457), without ids and without anything from a body.

use crate::call::{Answer, ContentKind};
use crate::error::ServerError;
use wardbook_wire::exchange::problem as code;
use wardbook_wire::request::{CHALLENGE_HEADER, Challenge};

/// Why a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub status: u16,
    pub code: &'static str,
    detail: String,
    challenge: Option<Challenge>,
    wait_secs: Option<i64>,
}

/// As it is written.
#[derive(serde::Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl Problem {
    /// One of `wardbook_wire::exchange::problem`, with what to do next.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { status: status(code), code, detail: detail.into(), challenge: None, wait_secs: None }
    }

    /// Where the code alone does not tell the status.
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Hands the caller what the next request is signed for.
    pub fn with_challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }

    /// Worth trying again after so many seconds.
    pub fn after(mut self, wait_secs: i64) -> Self {
        self.wait_secs = Some(wait_secs);
        self
    }

    /// True where the server itself has failed.
    pub fn is_ours(&self) -> bool {
        matches!(self.code, code::INTERNAL | code::FULL)
    }

    pub fn answer(&self) -> Answer {
        let kind = format!("urn:wardbook:problem:{}", self.code);
        let body = Body { kind, title: title(self.code), status: self.status, detail: &self.detail };
        let challenge = self.challenge.map(|challenge| (CHALLENGE_HEADER, challenge.to_text()));
        let wait = self.wait_secs.map(|secs| ("retry-after", secs.to_string()));
        Answer {
            status: self.status,
            kind: ContentKind::Problem,
            body: serde_json::to_vec(&body).unwrap_or_default(),
            headers: challenge.into_iter().chain(wait).collect(),
        }
    }
}

impl From<ServerError> for Problem {
    /// The details stay with whoever runs the server.
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::Full => Self::new(code::FULL, "the disk of the server is full: nothing was taken"),
            _ => Self::new(code::INTERNAL, "the server cannot use its storage: nothing was taken; try again later"),
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        ServerError::from(error).into()
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        ServerError::from(error).into()
    }
}

fn status(code: &str) -> u16 {
    match code {
        code::CHALLENGE | code::SIGNATURE | code::REPLAY => 401,
        code::RETIRED | code::REGISTRATION => 403,
        code::NOT_FOUND => 404,
        code::EXISTS | code::DEVICE_RESTORED | code::LOG_BEHIND | code::LOG_FORKED | code::GENERATION => 409,
        code::INVITE => 410,
        code::TOO_LARGE => 413,
        code::TOO_MANY => 429,
        code::QUOTA | code::FULL => 507,
        code::INTERNAL => 500,
        _ => 400,
    }
}

fn title(code: &str) -> &'static str {
    match code {
        code::CHALLENGE => "The request is not signed for a challenge that is valid",
        code::SIGNATURE => "The request is not signed by who it says",
        code::REPLAY => "This very request was seen before",
        code::RETIRED => "The device or member was retired",
        code::REGISTRATION => "The server does not take this organisation",
        code::NOT_FOUND => "There is no such thing here",
        code::EXISTS => "The organisation is on this server already",
        code::DEVICE_RESTORED => "The device was put back to an earlier state",
        code::LOG_BEHIND => "The server was put back to an earlier state",
        code::LOG_FORKED => "The log of the device is not the server's",
        code::GENERATION => "The log goes on in another generation",
        code::INVITE => "The invite cannot be used",
        code::TOO_LARGE => "The request is too large",
        code::TOO_MANY => "Too many requests",
        code::QUOTA => "The share of the server is used up",
        code::FULL => "The disk of the server is full",
        code::INTERNAL => "The server has failed",
        _ => "The request is not in the accepted form",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_written_as_rfc_9457_says() {
        let answer = Problem::new(code::TOO_MANY, "wait").after(3).answer();
        assert_eq!((answer.status, answer.headers), (429, vec![("retry-after", "3".to_owned())]));
        assert_eq!(
            String::from_utf8(answer.body).unwrap(),
            r#"{"type":"urn:wardbook:problem:too-many","title":"Too many requests","status":429,"detail":"wait"}"#
        );
        let error = Problem::from(ServerError::Io { path: "/secret/path".into(), reason: "broken".into() });
        assert!(error.is_ours() && !format!("{error:?}").contains("secret"));
    }
}
