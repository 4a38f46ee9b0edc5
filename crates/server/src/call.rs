//! One request and its answer, apart from how they travel.

/// A request as it came. Has no printed form: bodies and signatures do not belong into logs.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// Upper case.
    pub method: &'a str,
    /// With the query, from the first `/` on.
    pub path: &'a str,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    pub body: &'a [u8],
    /// Of a `Range` header: the first byte and the last one.
    pub range: Option<(u64, Option<u64>)>,
    /// The `Upload-Offset` header.
    pub offset: Option<u64>,
    /// The server's clock, in milliseconds since 1970.
    pub now_ms: i64,
}

/// What the body of an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentKind {
    Cbor,
    /// Problem details (RFC 9457).
    Problem,
    Bytes,
    Text,
}

impl ContentKind {
    /// The `Content-Type` header.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Cbor => "application/cbor",
            Self::Problem => "application/problem+json",
            Self::Bytes => "application/octet-stream",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

/// What is sent back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub kind: ContentKind,
    pub body: Vec<u8>,
    /// Lower-case names.
    pub headers: Vec<(&'static str, String)>,
}

impl Answer {
    pub(crate) fn cbor(body: Vec<u8>) -> Self {
        Self { status: 200, kind: ContentKind::Cbor, body, headers: Vec::new() }
    }
}
