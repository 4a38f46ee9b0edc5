//! The way to the server: one request, one answer. The program uses HTTPS, a browser `XMLHttpRequest` in its worker, a simulation a function.

pub use wardbook_wire::exchange::ANSWER_BYTES_MAX;
pub use wardbook_wire::request::{CHALLENGE_HEADER, Challenge};

/// A request of the protocol (`spec/exchange.md`).
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// Upper case.
    pub method: &'a str,
    /// From the first `/` on, with the query.
    pub path: &'a str,
    /// Value of the `Authorization` header.
    pub authorization: Option<String>,
    pub body: &'a [u8],
    /// Bytes asked for: the first and the last of a `Range` header.
    pub range: Option<(u64, Option<u64>)>,
    /// `Upload-Offset` header: where the body goes in an attachment that is handed in.
    pub offset: Option<u64>,
}

/// What the server said.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// For the next request.
    pub challenge: Option<Challenge>,
    /// `Retry-After` header, in seconds.
    pub retry_after_secs: Option<u64>,
    /// `Upload-Offset` header.
    pub offset: Option<u64>,
    /// `Content-Length` header of an answer to HEAD: the length of the whole attachment.
    pub length: Option<u64>,
}

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoAnswer(pub String);

pub trait Transport {
    /// # Errors
    /// The server was not reached, or the connection broke off.
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer>;

    /// Waits that long, because the server asked for it.
    fn pause(&mut self, secs: u64);

    /// Waits until the log of the organisation is longer than `size`, or a sign of life. `authorization` is for `GET` of
    /// `path`. Gives the new size, or `size`.
    ///
    /// # Errors
    /// As [`Transport::call`].
    fn wait(&mut self, path: &str, authorization: String, size: u64) -> Result<u64, NoAnswer>;
}
