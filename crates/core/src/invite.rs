//! Invites: a secret in a link that lets one person or device join (`spec/invites.md`).
//!
//! ```text
//! signing key = Ed25519 seed HKDF-SHA-512(ikm = secret, info = "wardbook/1/invite-sign")
//! box key     = HKDF-SHA-512(ikm = secret, info = "wardbook/1/invite-box")
//! box         = box(box key, [org, Invite, public key, 0, 0], content)
//! ```
//!
//! The server sees the public key and the box, and forgets the box once the invite has been used. The link alone tells the
//! newcomer the organisation's id, so nothing that the server says has to be believed.

use crate::OpenError;
use crate::envelope::{self, Context, Kind};
use crate::keys::{DirectoryKey, InviteSecret, ParentKey, SiteKey, TeamSecret};
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use wardbook_wire::link::{LinkError, LinkKind, LinkParts, PAYLOAD_BYTES_MAX};
use wardbook_wire::{OrgId, TeamId, VerifyKey, strict};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const CONTENT_BYTES_MAX: usize = 256 * 1024;

/// What a newcomer needs to become somebody.
#[derive(Debug)]
pub struct Welcome {
    pub site: SiteKey,
    pub directory_key: DirectoryKey,
    /// Secrets of the teams of the invite, by team and epoch.
    pub teams: BTreeMap<(TeamId, u64), TeamSecret>,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct Content {
    #[cbor(n(0), with = "minicbor::bytes")]
    site: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    directory: [u8; 32],
    #[n(2)]
    teams: Vec<TeamItem>,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct TeamItem {
    #[cbor(n(0), with = "minicbor::bytes")]
    team: [u8; 16],
    #[n(1)]
    epoch: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    secret: [u8; 32],
}

/// What the link of an invite says.
pub struct InviteLink {
    /// `https://host:port` of the server.
    pub base: String,
    pub org: OrgId,
    /// SHA-256 of the certificate that the server's is checked with (DER).
    pub fingerprint: [u8; 32],
    pub secret: InviteSecret,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct LinkContent {
    #[n(0)]
    #[zeroize(skip)]
    org: OrgId,
    #[cbor(n(1), with = "minicbor::bytes")]
    fingerprint: [u8; 32],
    #[cbor(n(2), with = "minicbor::bytes")]
    secret: [u8; 32],
}

impl InviteLink {
    /// # Errors
    /// The address is not one that a link can have.
    pub fn to_text(&self) -> Result<Zeroizing<String>, LinkError> {
        let content = LinkContent { org: self.org, fingerprint: self.fingerprint, secret: *self.secret.expose() };
        let mut parts =
            LinkParts { base: self.base.clone(), kind: LinkKind::Invite, payload: strict::encode(&content) };
        let text = parts.to_text().map(Zeroizing::new);
        parts.payload.zeroize();
        text
    }

    /// # Errors
    /// INV-02: not a link, another kind of link, mistyped or altered.
    pub fn from_text(text: &str) -> Result<Self, LinkError> {
        let mut parts = LinkParts::from_text(text, LinkKind::Invite)?; // INV-02
        let content = strict::decode::<LinkContent>(&parts.payload, PAYLOAD_BYTES_MAX);
        parts.payload.zeroize();
        let content = content.map_err(|_| LinkError::Altered)?; // INV-02
        let secret = InviteSecret::from_slice(&content.secret).ok_or(LinkError::Altered)?;
        Ok(Self { base: parts.base, org: content.org, fingerprint: content.fingerprint, secret })
    }
}

/// Seals what the holder of an invite needs.
pub fn seal_welcome(secret: &InviteSecret, org: OrgId, welcome: &Welcome, rng: &mut impl CryptoRng) -> Vec<u8> {
    let item = |((team, epoch), secret): (&(TeamId, u64), &TeamSecret)| TeamItem {
        team: team.0,
        epoch: *epoch,
        secret: *secret.expose(),
    };
    let content = Content {
        site: *welcome.site.expose(),
        directory: *welcome.directory_key.expose(),
        teams: welcome.teams.iter().map(item).collect(),
    };
    let bytes = Zeroizing::new(strict::encode(&content));
    envelope::seal(&secret.box_key(), &context(org, &secret.signing_key().verify_key()), &bytes, rng)
}

/// # Errors
/// INV-01: another secret, organisation or invite, or changed bytes.
pub fn open_welcome(secret: &InviteSecret, org: OrgId, sealed: &[u8]) -> Result<Welcome, OpenError> {
    let key = secret.signing_key().verify_key();
    let bytes = envelope::open(&secret.box_key(), &context(org, &key), sealed)?; // INV-01
    let content: Content = strict::decode(&bytes, CONTENT_BYTES_MAX).map_err(|_| OpenError)?; // INV-01
    let teams = content.teams.iter();
    Ok(Welcome {
        site: SiteKey::from_slice(&content.site).ok_or(OpenError)?,
        directory_key: DirectoryKey::from_slice(&content.directory).ok_or(OpenError)?,
        teams: teams
            .map(|item| Some(((TeamId(item.team), item.epoch), TeamSecret::from_slice(&item.secret)?)))
            .collect::<Option<_>>()
            .ok_or(OpenError)?,
    })
}

fn context(org: OrgId, key: &VerifyKey) -> Context<'_> {
    Context { org, kind: Kind::Invite, id: &key.0, epoch: 0, position: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::rng;

    #[test]
    fn inv_02_a_link_round_trips_and_an_altered_one_is_refused() {
        let secret = InviteSecret::generate(&mut rng());
        let link =
            InviteLink { base: "https://ward.example:8443".into(), org: OrgId([7; 32]), fingerprint: [8; 32], secret };
        let text = link.to_text().unwrap();
        let read = InviteLink::from_text(&text).unwrap();
        assert_eq!((read.base.as_str(), read.org, read.fingerprint), (link.base.as_str(), link.org, link.fingerprint));
        assert_eq!(read.secret.expose(), link.secret.expose());
        let code = text.find('#').unwrap() + 1;
        for at in code..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'q' { b'p' } else { b'q' };
            assert!(InviteLink::from_text(core::str::from_utf8(&bytes).unwrap()).is_err(), "character {at}");
        }
    }

    #[test]
    fn inv_01_only_the_secret_of_this_invite_opens() {
        let (secret, other) = (InviteSecret::generate(&mut rng()), InviteSecret::generate(&mut rng()));
        let welcome = Welcome {
            site: SiteKey::generate(&mut rng()),
            directory_key: DirectoryKey::generate(&mut rng()),
            teams: [((TeamId([1; 16]), 3), TeamSecret::generate(&mut rng()))].into(),
        };
        let org = OrgId([1; 32]);
        let sealed = seal_welcome(&secret, org, &welcome, &mut rng());
        let opened = open_welcome(&secret, org, &sealed).unwrap();
        assert_eq!(opened.site.expose(), welcome.site.expose());
        assert_eq!(opened.directory_key.expose(), welcome.directory_key.expose());
        let team = (TeamId([1; 16]), 3);
        assert_eq!(opened.teams[&team].expose(), welcome.teams[&team].expose());
        assert!(open_welcome(&other, org, &sealed).is_err());
        assert!(open_welcome(&secret, OrgId([2; 32]), &sealed).is_err());
        assert_ne!(secret.signing_key().seed().as_slice(), secret.box_key().expose().as_slice());
    }
}
