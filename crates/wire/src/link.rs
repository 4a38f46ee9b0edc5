//! Links that one person gives another, on paper, as a QR code or in a message.
//!
//! ```text
//! https://host:port/#wbserver1…      bech32m("wbserver", CBOR [fingerprint(32), registration code])
//! https://host:port/#wbinvite1…      bech32m("wbinvite", made and read by `core`)
//! ```
//!
//! What comes after `#` stays in the browser: it is never sent to a server. Its checksum finds every typing error of up
//! to three characters. A link that was broken over several lines is put together again.

use crate::strict;
use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use core::fmt;
use minicbor::{Decode, Encode};

/// Bytes of what a link carries, at most: with them the text stays below the 1023 characters of bech32m.
pub const PAYLOAD_BYTES_MAX: usize = 512;
/// Characters of the address in a link, at most.
const BASE_CHARS_MAX: usize = 300;

/// Why a text is not the link that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    #[error("this is not a link of Wardbook: it begins with https:// and has a code that begins with wb after its #")]
    NotALink,
    #[error("the code in the link was altered or mistyped: copy the whole link again")]
    Altered,
    #[error("this is {found}, and {needed} is needed here")]
    OtherKind { needed: LinkKind, found: LinkKind },
    #[error("a link holds at most {PAYLOAD_BYTES_MAX} bytes and an address of {BASE_CHARS_MAX} characters")]
    TooLong,
}

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// Names a server and lets an organisation be put on it.
    Server,
    /// Lets a person or device join an organisation.
    Invite,
}

impl LinkKind {
    const ALL: [Self; 2] = [Self::Server, Self::Invite];

    fn prefix(self) -> &'static str {
        match self {
            Self::Server => "wbserver",
            Self::Invite => "wbinvite",
        }
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "the link of a server",
            Self::Invite => "an invite to an organisation",
        })
    }
}

/// A link taken apart. What an invite carries is secret, so it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkParts {
    /// `https://host:port`, without a path.
    pub base: String,
    pub kind: LinkKind,
    /// At most [`PAYLOAD_BYTES_MAX`].
    pub payload: Vec<u8>,
}

impl fmt::Debug for LinkParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkParts").field("base", &self.base).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl LinkParts {
    /// # Errors
    /// [`LinkError::NotALink`] for a base of another form, [`LinkError::TooLong`].
    pub fn to_text(&self) -> Result<String, LinkError> {
        if self.payload.len() > PAYLOAD_BYTES_MAX || self.base.len() > BASE_CHARS_MAX {
            return Err(LinkError::TooLong);
        }
        if !is_base(&self.base) {
            return Err(LinkError::NotALink);
        }
        Ok(format!("{}/#{}", self.base, code(self.kind, &self.payload)?))
    }

    /// Reads a link of one kind.
    ///
    /// # Errors
    /// Each [`LinkError`] but [`LinkError::TooLong`], which is [`LinkError::Altered`] here.
    pub fn from_text(text: &str, needed: LinkKind) -> Result<Self, LinkError> {
        let joined: String = text.split_whitespace().collect();
        let (address, typed) = joined.split_once('#').ok_or(LinkError::NotALink)?;
        let base = address.strip_suffix('/').unwrap_or(address);
        let typed = typed.to_ascii_lowercase();
        let begins = |kind: &LinkKind| typed.strip_prefix(kind.prefix()).is_some_and(|rest| rest.starts_with('1'));
        let found = LinkKind::ALL.into_iter().find(begins).ok_or(LinkError::NotALink)?;
        if base.len() > BASE_CHARS_MAX || !is_base(base) {
            return Err(LinkError::NotALink);
        }
        let checked = CheckedHrpstring::new::<Bech32m>(&typed).map_err(|_| LinkError::Altered)?;
        let payload: Vec<u8> = checked.byte_iter().collect();
        // The same bytes have one text: no bits are hidden in the padding.
        if payload.len() > PAYLOAD_BYTES_MAX || code(found, &payload)? != typed {
            return Err(LinkError::Altered);
        }
        if found != needed {
            return Err(LinkError::OtherKind { needed, found });
        }
        Ok(Self { base: base.to_owned(), kind: found, payload })
    }
}

fn code(kind: LinkKind, payload: &[u8]) -> Result<String, LinkError> {
    let prefix = Hrp::parse(kind.prefix()).map_err(|_| LinkError::TooLong)?;
    bech32::encode::<Bech32m>(prefix, payload).map_err(|_| LinkError::TooLong)
}

/// A scheme, a name or address, and at most a port.
fn is_base(base: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    base.strip_prefix("https://").is_some_and(|host| !host.is_empty() && host.chars().all(plain))
}

/// What a server prints when it starts: enough to trust it, and to put an organisation on it.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerLink {
    /// `https://host:port`.
    pub base: String,
    /// SHA-256 of the certificate that connections to the server must lead to, in DER.
    pub fingerprint: [u8; 32],
    /// Empty where the server takes anybody, or nobody.
    pub code: String,
}

/// The code lets its holder use the server's disk, so it is not printed.
impl fmt::Debug for ServerLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerLink").field("base", &self.base).finish_non_exhaustive()
    }
}

#[derive(Encode, Decode)]
struct ServerPayload {
    #[cbor(n(0), with = "minicbor::bytes")]
    fingerprint: [u8; 32],
    #[n(1)]
    code: String,
}

impl ServerLink {
    /// # Errors
    /// [`LinkError::NotALink`] for a base of another form, [`LinkError::TooLong`].
    pub fn to_text(&self) -> Result<String, LinkError> {
        let payload = strict::encode(&ServerPayload { fingerprint: self.fingerprint, code: self.code.clone() });
        LinkParts { base: self.base.clone(), kind: LinkKind::Server, payload }.to_text()
    }

    /// # Errors
    /// Each [`LinkError`] but [`LinkError::TooLong`].
    pub fn from_text(text: &str) -> Result<Self, LinkError> {
        let parts = LinkParts::from_text(text, LinkKind::Server)?;
        let payload: ServerPayload =
            strict::decode(&parts.payload, PAYLOAD_BYTES_MAX).map_err(|_| LinkError::Altered)?;
        Ok(Self { base: parts.base, fingerprint: payload.fingerprint, code: payload.code })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> ServerLink {
        ServerLink { base: "https://ward.local:8443".into(), fingerprint: [7; 32], code: "0123456789abcdef".into() }
    }

    #[test]
    fn a_link_comes_back() {
        let text = link().to_text().unwrap();
        assert!(text.starts_with("https://ward.local:8443/#wbserver1"), "{text}");
        assert_eq!(ServerLink::from_text(&text).unwrap(), link());
        let (first, second) = text.split_at(60);
        let broken = format!("  {first}\n  {second}\n");
        assert_eq!(ServerLink::from_text(&broken).unwrap(), link());
        let (address, code) = text.split_once('#').unwrap();
        let shouted = format!("{address}#{}", code.to_uppercase());
        assert_eq!(ServerLink::from_text(&shouted).unwrap(), link());
        assert!(!format!("{:?}", link()).contains("0123456789"));
    }

    #[test]
    fn each_altered_character_is_found() {
        let text = link().to_text().unwrap();
        let start = text.find("wbserver1").unwrap() + "wbserver1".len();
        for at in start..text.len() {
            let other = if &text[at..=at] == "q" { "p" } else { "q" };
            let mut altered = text.clone();
            altered.replace_range(at..=at, other);
            assert_eq!(ServerLink::from_text(&altered), Err(LinkError::Altered), "{altered}");
        }
        assert_eq!(ServerLink::from_text(&text[..text.len() - 1]), Err(LinkError::Altered));
    }

    #[test]
    fn other_texts_are_told_apart() {
        let invite = LinkParts { base: "https://[::1]:8443".into(), kind: LinkKind::Invite, payload: vec![1, 2, 3] };
        let text = invite.to_text().unwrap();
        assert_eq!(LinkParts::from_text(&text, LinkKind::Invite).unwrap(), invite);
        let wrong = LinkError::OtherKind { needed: LinkKind::Server, found: LinkKind::Invite };
        assert_eq!(ServerLink::from_text(&text), Err(wrong));
        let server = link().to_text().unwrap();
        for not in [
            "",
            "https://ward.local:8443",
            "https://ward.local:8443/#top",
            &server.replace("https", "http"),
            &server.replace("ward.local", "user@ward.local"),
            &server.replace("/#", "/path/#"),
        ] {
            assert_eq!(ServerLink::from_text(not), Err(LinkError::NotALink), "{not}");
        }
    }

    #[test]
    fn only_what_fits_is_made() {
        let mut parts = LinkParts { base: "https://a".into(), kind: LinkKind::Invite, payload: vec![0; 512] };
        assert_eq!(LinkParts::from_text(&parts.to_text().unwrap(), LinkKind::Invite).unwrap(), parts);
        parts.payload.push(0);
        assert_eq!(parts.to_text(), Err(LinkError::TooLong));
        parts.payload.clear();
        parts.base = "http://a".into();
        assert_eq!(parts.to_text(), Err(LinkError::NotALink));
    }
}
