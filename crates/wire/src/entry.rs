//! Entries of a chart: one signed, sealed change each; together a DAG through `parents` (`spec/entries.md`).
//!
//! ```text
//! travelling form: [ header (bytes), body (sealed box), signature(64) ]
//! signed bytes:    "wardbook/1/entry" ‖ 0x00 ‖ header ‖ SHA-256(body)
//! entry id:        SHA-256(signed bytes)
//! ```

use crate::log::Seen;
use crate::signed::Domain;
use crate::statement::SealedBytes;
use crate::{
    BlobId, ChartId, DeviceId, EntryId, LeaseId, MemberId, OrgId, StatementId, TeamId, VerifyKey, WireError, strict,
};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// Parents that one entry may name: more heads than any honest chart has, few enough to walk (ENT-01).
pub const PARENTS_MAX: usize = 64;
/// Grantees of one chart (ENT-01).
pub const GRANTS_MAX: usize = 256;
/// Attachments of one entry (ENT-01).
pub const BLOBS_MAX: usize = 256;
/// Encoded header, at most.
pub const HEADER_BYTES_MAX: usize = 512 * 1024;
/// Sealed body, at most: one full resource of 16 MiB with padding.
pub const BODY_BYTES_MAX: usize = 20 * 1024 * 1024;

/// What an entry does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum EntryKind {
    /// Opens a chart: no parents, epoch 1, the first grants.
    #[n(0)]
    Genesis,
    /// Changes resources; also used to resolve conflicts, by naming all heads as bases.
    #[n(1)]
    Change,
    /// Gives access to more members or teams at the current epoch.
    #[n(2)]
    Grant,
    /// A new epoch with the complete list of who has access from here on.
    #[n(3)]
    Rekey,
    /// Lets quarantined entries count, which are named as parents.
    #[n(4)]
    Admit,
    /// Sets quarantined entries aside, which are named as parents. They are kept, and can still be admitted.
    #[n(5)]
    Reject,
}

/// How far access to a chart goes; each includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum Access {
    #[n(0)]
    Read,
    #[n(1)]
    Write,
    #[n(2)]
    Manage,
}

/// Who is given access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Grantee {
    #[n(0)]
    Member(#[n(0)] MemberId),
    #[n(1)]
    Team(#[n(0)] TeamId),
}

/// One grant with the chart key of the entry's epoch.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Grant {
    #[n(0)]
    pub to: Grantee,
    #[n(1)]
    pub access: Access,
    #[n(2)]
    pub key: KeyTo,
}

/// How the chart key is handed over.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum KeyTo {
    /// HPKE to the member's sealing key.
    #[n(0)]
    Member(#[n(0)] SealedBytes),
    /// HPKE to the team's sealing key of that epoch: any author can make it.
    #[n(1)]
    Team {
        #[n(0)]
        epoch: u64,
        #[n(1)]
        sealed: SealedBytes,
    },
    /// A box under the team's secret of that epoch: made by a member of the team; 40 times as fast to open.
    #[n(2)]
    TeamSecret {
        #[n(0)]
        epoch: u64,
        #[n(1)]
        sealed: SealedBytes,
    },
}

/// The signed, readable part of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct EntryHeader {
    #[n(0)]
    pub org: OrgId,
    /// None in the genesis only, whose id it is.
    #[n(1)]
    pub chart: Option<ChartId>,
    #[n(2)]
    pub kind: EntryKind,
    /// Ascending, without repetition.
    #[n(3)]
    pub parents: Vec<EntryId>,
    #[n(4)]
    pub author: MemberId,
    #[n(5)]
    pub device: DeviceId,
    /// The directory as the author knew it: the latest statement.
    #[n(6)]
    pub directory: StatementId,
    /// 1 in the genesis; a rekey has one more than the highest among its parents.
    #[n(7)]
    pub epoch: u64,
    /// The chart key that seals the body. All readers can tell that they were given the same key (ENT-09), and two
    /// rekeys made apart are two keys although both have the same epoch.
    #[n(8)]
    pub key: KeyCheck,
    /// Genesis and rekey: everyone with access. Grant: those added. Else empty. Ascending by grantee.
    #[n(9)]
    pub grants: Vec<Grant>,
    /// Rekey: the keys it replaces (two after rekeys made apart), each sealed under the new one. Else empty.
    #[n(10)]
    pub previous: Vec<PreviousKey>,
    /// The log as the author's device had seen it: two devices that were shown different logs find out as soon as one
    /// reads the other (LOG-07). None without a server.
    #[n(11)]
    pub seen: Option<Seen>,
    /// The lease under which the device worked (ENT-15). None without a server.
    #[n(12)]
    pub lease: Option<LeaseId>,
    /// Attachments that the entry brings, ascending.
    #[n(13)]
    pub blobs: Vec<BlobId>,
}

/// Names a chart key without giving it away: 32 bytes of
/// `HKDF-SHA-512(ikm = chart key, info = "wardbook/1/chart-key-check")`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct KeyCheck(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

/// An older chart key, sealed under the newer one.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PreviousKey {
    #[n(0)]
    pub key: KeyCheck,
    #[n(1)]
    pub sealed: SealedBytes,
}

impl EntryHeader {
    /// The bytes that an author signs, for a body.
    pub fn to_sign(header: &[u8], body: &[u8]) -> Vec<u8> {
        [header, Sha256::digest(body).as_slice()].concat()
    }

    /// ENT-01: what can be told from the header alone.
    fn check(&self) -> Result<(), WireError> {
        let ascending = |sorted: bool| if sorted { Ok(()) } else { Err(WireError::BadEntry) };
        ascending(self.parents.len() <= PARENTS_MAX && self.parents.is_sorted_by(|a, b| a < b))?;
        ascending(self.previous.len() <= PARENTS_MAX && self.previous.is_sorted_by(|a, b| a.key < b.key))?;
        ascending(self.blobs.len() <= BLOBS_MAX && self.blobs.is_sorted_by(|a, b| a < b))?;
        ascending(self.grants.len() <= GRANTS_MAX && self.grants.is_sorted_by(|a, b| a.to < b.to))?;
        let consistent = match self.kind {
            EntryKind::Genesis => self.parents.is_empty() && self.epoch == 1 && !self.grants.is_empty(),
            EntryKind::Rekey => self.epoch > 1 && !self.grants.is_empty(),
            EntryKind::Grant => !self.grants.is_empty(),
            EntryKind::Change | EntryKind::Admit | EntryKind::Reject => self.grants.is_empty(),
        } && (self.kind == EntryKind::Change || self.blobs.is_empty())
            && (self.kind == EntryKind::Rekey) != self.previous.is_empty()
            && (self.kind == EntryKind::Genesis) == self.parents.is_empty();
        let named = (self.kind == EntryKind::Genesis) == self.chart.is_none();
        let keys_fit = self.grants.iter().all(|grant| {
            matches!(
                (&grant.to, &grant.key),
                (Grantee::Member(_), KeyTo::Member(_))
                    | (Grantee::Team(_), KeyTo::Team { .. } | KeyTo::TeamSecret { .. })
            )
        });
        if consistent && named && keys_fit { Ok(()) } else { Err(WireError::BadEntry) } // ENT-01
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
struct Frame {
    #[cbor(n(0), with = "minicbor::bytes")]
    header: Vec<u8>,
    #[cbor(n(1), with = "minicbor::bytes")]
    body: Vec<u8>,
    #[cbor(n(2), with = "minicbor::bytes")]
    signature: [u8; 64],
}

/// An entry as received: decoded and consistent in itself, its signature unchecked.
#[derive(Clone, Debug)]
pub struct Entry {
    id: EntryId,
    header: EntryHeader,
    frame: Frame,
}

impl Entry {
    /// Puts a signed entry together.
    ///
    /// # Errors
    /// ENT-01 where the header contradicts itself; ENC-01 where nobody could read the entry back.
    pub fn assemble(header: EntryHeader, body: Vec<u8>, signature: [u8; 64]) -> Result<Self, WireError> {
        header.check()?;
        let frame = Frame { header: strict::encode(&header), body, signature };
        for (length, limit) in [(frame.header.len(), HEADER_BYTES_MAX), (frame.body.len(), BODY_BYTES_MAX)] {
            if length > limit {
                return Err(WireError::TooLarge { limit }); // ENC-01
            }
        }
        Ok(Self { id: Self::id_of(&frame), header, frame })
    }

    /// Reads the travelling form.
    ///
    /// # Errors
    /// ENC-01, ENC-02, ENT-01.
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let frame: Frame = strict::decode(bytes, HEADER_BYTES_MAX + BODY_BYTES_MAX + 128)?;
        let header: EntryHeader = strict::decode(&frame.header, HEADER_BYTES_MAX)?;
        header.check()?;
        Ok(Self { id: Self::id_of(&frame), header, frame })
    }

    fn id_of(frame: &Frame) -> EntryId {
        EntryId(Domain::ENTRY.digest(&EntryHeader::to_sign(&frame.header, &frame.body)))
    }

    pub fn encode(&self) -> Vec<u8> {
        strict::encode(&self.frame)
    }

    pub fn id(&self) -> EntryId {
        self.id
    }

    /// The header, of unknown origin: for finding the author's key and the parents.
    pub fn peek(&self) -> &EntryHeader {
        &self.header
    }

    /// The chart that it belongs to.
    pub fn chart(&self) -> ChartId {
        self.header.chart.unwrap_or(ChartId(self.id.0))
    }

    /// # Errors
    /// SIG-01.
    pub fn verify(self, author: &VerifyKey) -> Result<VerifiedEntry, WireError> {
        let bytes = EntryHeader::to_sign(&self.frame.header, &self.frame.body);
        author.verify(Domain::ENTRY, &bytes, &self.frame.signature)?;
        Ok(VerifiedEntry(self))
    }
}

/// An entry that its author signed. Whether the author had the right is a separate question (`core::chart`).
#[derive(Clone, Debug)]
pub struct VerifiedEntry(Entry);

impl VerifiedEntry {
    pub fn id(&self) -> EntryId {
        self.0.id
    }

    pub fn chart(&self) -> ChartId {
        self.0.chart()
    }

    pub fn header(&self) -> &EntryHeader {
        &self.0.header
    }

    /// The travelling form.
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// The sealed body.
    pub fn body(&self) -> &[u8] {
        &self.0.frame.body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn change() -> EntryHeader {
        EntryHeader {
            org: OrgId([1; 32]),
            chart: Some(ChartId([2; 32])),
            kind: EntryKind::Change,
            parents: vec![EntryId([2; 32]), EntryId([3; 32])],
            author: MemberId([4; 16]),
            device: DeviceId([5; 16]),
            directory: StatementId([6; 32]),
            epoch: 1,
            key: KeyCheck([7; 32]),
            grants: vec![],
            previous: vec![],
            seen: None,
            lease: None,
            blobs: vec![],
        }
    }

    fn refused(header: EntryHeader) -> bool {
        Entry::assemble(header, vec![], [0; 64]).is_err_and(|error| error == WireError::BadEntry)
    }

    #[test]
    fn ent_01_contradictory_headers_are_refused() {
        assert!(!refused(change()));
        assert!(refused(EntryHeader { parents: vec![EntryId([3; 32]), EntryId([2; 32])], ..change() }));
        assert!(refused(EntryHeader { parents: vec![EntryId([3; 32]); 2], ..change() }));
        assert!(refused(EntryHeader { parents: vec![], ..change() }));
        assert!(refused(EntryHeader { chart: None, ..change() }));
        assert!(refused(EntryHeader { kind: EntryKind::Genesis, ..change() }));
        assert!(refused(EntryHeader { kind: EntryKind::Rekey, epoch: 2, ..change() }));
        assert!(refused(EntryHeader { kind: EntryKind::Grant, ..change() }));
        assert!(refused(EntryHeader { blobs: vec![BlobId([1; 32]); 2], ..change() }));
        assert!(refused(EntryHeader { kind: EntryKind::Admit, blobs: vec![BlobId([1; 32])], ..change() }));
        let many = (0..=PARENTS_MAX as u8).map(|n| EntryId([n; 32])).collect();
        assert!(refused(EntryHeader { parents: many, ..change() }));
    }

    #[test]
    fn decoding_gives_the_same_bytes_and_id() {
        let entry = Entry::assemble(change(), vec![7; 99], [8; 64]).unwrap();
        let again = Entry::decode(&entry.encode()).unwrap();
        assert_eq!((again.id(), again.encode()), (entry.id(), entry.encode()));
    }

    proptest! {
        #[test]
        fn enc_02_flipped_bytes_never_give_the_same_entry(at in 0usize..400, bit in 0u8..8) {
            let entry = Entry::assemble(change(), vec![7; 99], [8; 64]).unwrap();
            let mut bytes = entry.encode();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            if let Ok(other) = Entry::decode(&bytes) {
                prop_assert!(other.id() != entry.id() || other.frame.signature != entry.frame.signature);
            }
        }
    }
}
