//! The keyring: everything that one member holds, sealed under their keyring key (`spec/keys.md`).

use crate::OpenError;
use crate::envelope::{self, Context, Kind};
use crate::keys::{DirectoryKey, KeyringKey, MemberKeys, ParentKey, SealingKey, SigningKey, TeamSecret};
use minicbor::{Decode, Encode};
use rand_core::CryptoRng;
use std::collections::BTreeMap;
use wardbook_wire::{MemberId, OrgId, TeamId, strict};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// An opened keyring.
#[derive(Clone, Debug)]
pub struct Keyring {
    pub member: MemberId,
    pub keys: MemberKeys,
    /// Sealing keys that this member has replaced: what was sealed to them still opens. Oldest first.
    pub earlier: Vec<SealingKey>,
    pub directory_key: DirectoryKey,
    /// Secrets of the member's teams by team and epoch.
    pub teams: BTreeMap<(TeamId, u64), TeamSecret>,
}

/// The sealed content; exists only between encoding and sealing.
#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct Content {
    #[cbor(n(0), with = "minicbor::bytes")]
    signing: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    sealing: [u8; 32],
    #[cbor(n(2), with = "minicbor::bytes")]
    directory: [u8; 32],
    #[n(3)]
    teams: Vec<TeamItem>,
    #[n(4)]
    earlier: Vec<Seed>,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
#[cbor(transparent)]
struct Seed(#[cbor(with = "minicbor::bytes")] [u8; 32]);

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct TeamItem {
    #[cbor(n(0), with = "minicbor::bytes")]
    team: [u8; 16],
    #[n(1)]
    epoch: u64,
    #[cbor(n(2), with = "minicbor::bytes")]
    secret: [u8; 32],
}

const CONTENT_BYTES_MAX: usize = 4 * 1024 * 1024;

impl Keyring {
    pub fn seal(&self, key: &KeyringKey, org: OrgId, rng: &mut impl CryptoRng) -> Vec<u8> {
        let content = Content {
            signing: *self.keys.signing.seed(),
            sealing: *self.keys.sealing.seed(),
            directory: *self.directory_key.expose(),
            teams: self
                .teams
                .iter()
                .map(|((team, epoch), secret)| TeamItem { team: team.0, epoch: *epoch, secret: *secret.expose() })
                .collect(),
            earlier: self.earlier.iter().map(|key| Seed(*key.seed())).collect(),
        };
        let bytes = Zeroizing::new(strict::encode(&content));
        envelope::seal(key, &context(org, &self.member), &bytes, rng)
    }

    /// # Errors
    /// RING-01: a wrong key, another member's keyring, changed bytes.
    pub fn open(key: &KeyringKey, org: OrgId, member: MemberId, sealed: &[u8]) -> Result<Self, OpenError> {
        let bytes = envelope::open(key, &context(org, &member), sealed)?; // RING-01
        let content: Content = strict::decode(&bytes, CONTENT_BYTES_MAX).map_err(|_| OpenError)?;
        Ok(Self {
            member,
            keys: MemberKeys {
                signing: SigningKey::from_seed(&content.signing),
                sealing: SealingKey::from_seed(&content.sealing),
            },
            earlier: content.earlier.iter().map(|seed| SealingKey::from_seed(&seed.0)).collect(),
            directory_key: DirectoryKey::from_slice(&content.directory).ok_or(OpenError)?,
            teams: content
                .teams
                .iter()
                .map(|item| Some(((TeamId(item.team), item.epoch), TeamSecret::from_slice(&item.secret)?)))
                .collect::<Option<_>>()
                .ok_or(OpenError)?,
        })
    }
}

fn context(org: OrgId, member: &MemberId) -> Context<'_> {
    Context { org, kind: Kind::Keyring, id: member.as_bytes(), epoch: 0, position: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use getrandom::SysRng;
    use rand_core::UnwrapErr;

    #[test]
    fn ring_01_opens_for_its_member_and_key_only() {
        let mut rng = UnwrapErr(SysRng);
        let (key, org, member) = (KeyringKey::generate(&mut rng), OrgId([1; 32]), MemberId([2; 16]));
        let keys = MemberKeys::generate(&mut rng);
        let teams = BTreeMap::from([((TeamId([3; 16]), 2), TeamSecret::generate(&mut rng))]);
        let earlier = vec![SealingKey::generate(&mut rng)];
        let ring = Keyring { member, keys, earlier, directory_key: DirectoryKey::generate(&mut rng), teams };
        let sealed = ring.seal(&key, org, &mut rng);
        let opened = Keyring::open(&key, org, member, &sealed).unwrap();
        assert_eq!(opened.keys.signing.verify_key(), ring.keys.signing.verify_key());
        assert_eq!(opened.keys.sealing.public(), ring.keys.sealing.public());
        assert_eq!(opened.earlier[0].public(), ring.earlier[0].public());
        let secret = |ring: &Keyring| *ring.teams[&(TeamId([3; 16]), 2)].expose();
        assert_eq!(secret(&opened), secret(&ring));
        assert!(Keyring::open(&key, org, MemberId([9; 16]), &sealed).is_err());
        assert!(Keyring::open(&KeyringKey::generate(&mut rng), org, member, &sealed).is_err());
        assert_eq!(
            format!("{:?}", ring.keys),
            "MemberKeys { signing: SigningKey(secret), sealing: SealingKey(secret) }"
        );
    }
}
