//! Who asks: each request is signed for one challenge of the server (`spec/exchange.md`).
//!
//! ```text
//! Authorization: Wardbook <base64url without padding of CBOR [request, signatures]>
//! signatures of a device and member: the device's, then the member's; of an invite: its key's
//! ```
//!
//! The server stores nothing that could be guessed at: it knows public keys, and challenges are its own MAC.

use crate::signed::{Domain, Signable};
use crate::{DeviceId, MemberId, OrgId, VerifyKey, WireError, strict};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// Name of the scheme in the `Authorization` header.
pub const SCHEME: &str = "Wardbook ";
/// Where an answer carries the challenge for the next request, in base64url.
pub const CHALLENGE_HEADER: &str = "wardbook-challenge";

/// Made by the server; opaque to devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct Challenge(#[cbor(with = "minicbor::bytes")] pub [u8; 24]);

impl Challenge {
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub fn from_text(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }
}

/// Whose signatures a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Caller {
    #[n(0)]
    Member {
        #[n(0)]
        device: DeviceId,
        #[n(1)]
        member: MemberId,
    },
    /// Somebody with an invite, who is nobody yet.
    #[n(1)]
    Invite(#[n(0)] VerifyKey),
}

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Request {
    #[n(0)]
    pub org: OrgId,
    #[n(1)]
    pub caller: Caller,
    #[n(2)]
    pub challenge: Challenge,
    /// Random, used once with its challenge (REQ-03).
    #[cbor(n(3), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// Upper case.
    #[n(4)]
    pub method: String,
    /// With the query, from the first `/` on.
    #[n(5)]
    pub path: String,
    /// SHA-256 of the body.
    #[cbor(n(6), with = "minicbor::bytes")]
    pub body: [u8; 32],
}

impl Signable for Request {
    const DOMAIN: Domain = Domain::REQUEST;
    const BYTES_MAX: usize = 2048;
}

impl Request {
    /// The digest of a body.
    pub fn digest(body: &[u8]) -> [u8; 32] {
        Sha256::digest(body).into()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
struct Signature(#[cbor(with = "minicbor::bytes")] [u8; 64]);

/// A request with its signatures, unchecked.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SignedRequest {
    #[n(0)]
    request: Request,
    #[n(1)]
    signatures: Vec<Signature>,
}

impl SignedRequest {
    pub fn new(request: Request, signatures: impl IntoIterator<Item = [u8; 64]>) -> Self {
        Self { request, signatures: signatures.into_iter().map(Signature).collect() }
    }

    /// The value of the `Authorization` header.
    pub fn to_header(&self) -> String {
        format!("{SCHEME}{}", URL_SAFE_NO_PAD.encode(strict::encode(self)))
    }

    /// # Errors
    /// ENC-01, ENC-02.
    pub fn from_header(value: &str) -> Result<Self, WireError> {
        let text = value.strip_prefix(SCHEME).ok_or(WireError::Malformed)?;
        if text.len() > 2 * (Request::BYTES_MAX + 256) {
            return Err(WireError::TooLarge { limit: Request::BYTES_MAX }); // ENC-01
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| WireError::Malformed)?;
        strict::decode(&bytes, Request::BYTES_MAX + 256)
    }

    /// What it says, of unknown origin: for finding the keys.
    pub fn peek(&self) -> &Request {
        &self.request
    }

    /// Checks one signature by each of these keys, in this order.
    ///
    /// # Errors
    /// REQ-01: another number of signatures, or one that does not match.
    pub fn verify(&self, keys: &[VerifyKey]) -> Result<&Request, WireError> {
        let bytes = strict::encode(&self.request);
        if keys.is_empty() || keys.len() != self.signatures.len() {
            return Err(WireError::BadSignature); // REQ-01
        }
        for (key, signature) in keys.iter().zip(&self.signatures) {
            key.verify(Domain::REQUEST, &bytes, &signature.0)?; // REQ-01
        }
        Ok(&self.request)
    }
}
