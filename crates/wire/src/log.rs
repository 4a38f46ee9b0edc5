//! The organisation's log: what the server accepted, in one order, as an RFC 6962 Merkle tree (`spec/log.md`).
//!
//! ```text
//! leaf hash = SHA-256(0x00 ‖ leaf)          node hash = SHA-256(0x01 ‖ left ‖ right)
//! range     = the roots of the complete subtrees that cover leaves 0 to size, largest first
//! root      = node hashes of those, folded from the right; of no leaves: SHA-256("")
//! ```
//!
//! A device keeps one [`Range`]. Whatever the server adds is appended to it, as leaves or, for stretches that the device
//! does not want, as roots of subtrees; the result must be the root of a signed checkpoint. That one check is the
//! inclusion proof of every leaf received and the consistency proof with everything seen before.

use crate::{ChartId, MemberId, OrgId, strict};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

/// A hash of the tree: 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct TreeHash(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

impl core::fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A log of `size` leaves with that root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub struct LogPoint {
    #[n(0)]
    pub size: u64,
    #[n(1)]
    pub root: TreeHash,
}

/// A point of the log of one generation: what an author had seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Seen {
    #[n(0)]
    pub generation: u64,
    #[n(1)]
    pub point: LogPoint,
}

/// What a leaf records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum LeafKind {
    /// A statement of the directory; its id is the statement's.
    #[n(0)]
    Statement,
    /// An entry of a chart; its id is the entry's.
    #[n(1)]
    Entry,
    /// A slot; its id is the SHA-256 of its travelling form.
    #[n(2)]
    Slot,
    /// A sealed keyring; its id is the SHA-256 of the travelling form of its [`KeyringObject`].
    #[n(3)]
    Keyring,
}

/// A part of the log that a device takes whole or not at all: a chart, or the organisation's own statements, slots and
/// keyrings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct StreamId(#[cbor(with = "minicbor::bytes")] pub [u8; 32]);

impl From<ChartId> for StreamId {
    fn from(chart: ChartId) -> Self {
        Self(chart.0)
    }
}

impl From<OrgId> for StreamId {
    fn from(org: OrgId) -> Self {
        Self(org.0)
    }
}

/// One leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Leaf {
    #[n(0)]
    pub kind: LeafKind,
    #[cbor(n(1), with = "minicbor::bytes")]
    pub id: [u8; 32],
    #[n(2)]
    pub stream: StreamId,
    /// Counts the leaves of the stream from 1, so that none of them can be left out unnoticed (LOG-05).
    #[n(3)]
    pub seq: u64,
    /// When the server took it, by its own clock, in milliseconds since 1970.
    #[n(4)]
    pub received_ms: i64,
    /// It came after the lease under which it was written had ended: quarantined until an officer admits it (ENT-15).
    #[n(5)]
    pub late: bool,
}

impl Leaf {
    /// Encoded, at most.
    pub const BYTES_MAX: usize = 128;

    pub fn hash(&self) -> TreeHash {
        let mut hash = Sha256::new_with_prefix([0]);
        hash.update(strict::encode(self));
        TreeHash(hash.finalize().into())
    }
}

/// A member's sealed keyring as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct KeyringObject {
    #[n(0)]
    pub org: OrgId,
    #[n(1)]
    pub member: MemberId,
    /// Counts the changes of this keyring from 1; a lower one than held is refused.
    #[n(2)]
    pub version: u64,
    #[cbor(n(3), with = "minicbor::bytes")]
    pub sealed: Vec<u8>,
}

impl crate::signed::Signable for KeyringObject {
    const DOMAIN: crate::signed::Domain = crate::signed::Domain::KEYRING;
    const BYTES_MAX: usize = 8 * 1024 * 1024;
}

/// A node of the tree: the root of the complete subtree of `2^level` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Subtree {
    #[n(0)]
    pub level: u8,
    #[n(1)]
    pub root: TreeHash,
}

/// The hash above two nodes of the same level.
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    let mut hash = Sha256::new_with_prefix([1]);
    hash.update(left.0);
    hash.update(right.0);
    TreeHash(hash.finalize().into())
}

/// Leaves 0 to `size`, as the roots of the complete subtrees that cover them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct Range {
    #[n(0)]
    size: u64,
    /// One for each bit that is set in `size`, the highest first.
    #[n(1)]
    peaks: Vec<TreeHash>,
}

/// A subtree that does not begin where the range ends (LOG-03).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misaligned;

impl Range {
    /// As stored or received; None where the number of peaks does not fit the size.
    pub fn from_parts(size: u64, peaks: Vec<TreeHash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn peaks(&self) -> &[TreeHash] {
        &self.peaks
    }

    pub fn point(&self) -> LogPoint {
        LogPoint { size: self.size, root: self.root() }
    }

    /// RFC 6962 section 2.1.
    pub fn root(&self) -> TreeHash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return TreeHash(Sha256::digest([]).into()) };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }

    pub fn push_leaf(&mut self, leaf: &Leaf) {
        // A leaf is aligned everywhere.
        let _ = self.push(Subtree { level: 0, root: leaf.hash() }, &mut |_, _| {});
    }

    /// Appends a complete subtree; `made` is told each node above that it completes, with the node's level and index.
    ///
    /// # Errors
    /// The range does not end where such a subtree can begin, or would grow past 2^63 leaves.
    pub fn push(&mut self, subtree: Subtree, made: &mut dyn FnMut((u8, u64), TreeHash)) -> Result<(), Misaligned> {
        let Subtree { mut level, mut root } = subtree;
        let leaves =
            1u64.checked_shl(level.into()).filter(|leaves| self.size.is_multiple_of(*leaves)).ok_or(Misaligned)?;
        let size = self.size.checked_add(leaves).filter(|size| *size < 1 << 63).ok_or(Misaligned)?;
        // As in binary addition: two subtrees of one level become one of the next.
        while self.size >> level & 1 == 1 {
            let Some(left) = self.peaks.pop() else { return Err(Misaligned) };
            root = node_hash(&left, &root);
            level += 1;
            made((level, (size - 1) >> level), root);
        }
        self.peaks.push(root);
        self.size = size;
        Ok(())
    }
}

/// The complete subtrees, as (level, index), that cover leaves `from` to `to`, in order: at most two for each level.
pub fn cover(mut from: u64, to: u64) -> Vec<(u8, u64)> {
    let mut nodes = Vec::new();
    while from < to {
        let aligned = if from == 0 { 63 } else { from.trailing_zeros() };
        let fits = (to - from).ilog2();
        let level = aligned.min(fits);
        nodes.push((level as u8, from >> level));
        from += 1 << level;
    }
    nodes
}

/// One step of the log as the server hands it out.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Item {
    /// A leaf that the device wants to know of.
    #[n(0)]
    Leaf {
        #[n(0)]
        leaf: Leaf,
        /// What the leaf records, in its travelling form; None where the device handed it in itself, or where it was
        /// replaced since (a slot, a keyring) or erased.
        #[n(1)]
        object: Option<ObjectBytes>,
    },
    /// Leaves of charts that the device does not hold.
    #[n(1)]
    Skip(#[n(0)] Subtree),
}

#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct ObjectBytes(#[cbor(with = "minicbor::bytes")] pub Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn leaf(n: u64) -> Leaf {
        let id = Sha256::digest(n.to_be_bytes()).into();
        Leaf { kind: LeafKind::Entry, id, stream: StreamId([1; 32]), seq: n + 1, received_ms: 5, late: false }
    }

    /// RFC 6962 section 2.1, written as the recursion that it is.
    fn tree(leaves: &[Leaf]) -> TreeHash {
        match leaves {
            [] => TreeHash(Sha256::digest([]).into()),
            [one] => one.hash(),
            more => {
                let (left, right) = more.split_at(1 << (more.len() - 1).ilog2());
                node_hash(&tree(left), &tree(right))
            }
        }
    }

    #[test]
    fn roots_are_those_of_rfc_6962() {
        let leaves: Vec<_> = (0..40).map(leaf).collect();
        let mut range = Range::default();
        for n in 0..=leaves.len() {
            assert_eq!(range.root(), tree(&leaves[..n]), "{n} leaves");
            assert_eq!(Range::from_parts(range.size(), range.peaks().to_vec()), Some(range.clone()));
            leaves.get(n).into_iter().for_each(|leaf| range.push_leaf(leaf));
        }
        assert_eq!(Range::from_parts(3, vec![]), None);
    }

    proptest! {
        /// LOG-03: any mixture of leaves and skipped stretches gives the root, and a changed one does not.
        #[test]
        fn log_03_skipped_stretches_give_the_same_root(from in 0u64..40, len in 0u64..40, tail in 0u64..20) {
            let (to, all) = (from + len, from + len + tail);
            let leaves: Vec<_> = (0..all).map(leaf).collect();
            let subtree = |(level, index): (u8, u64)| {
                let start = (index << level) as usize;
                Subtree { level, root: tree(&leaves[start..start + (1 << level)]) }
            };
            let mut range = Range::default();
            leaves[..from as usize].iter().for_each(|leaf| range.push_leaf(leaf));
            let nodes = cover(from, to);
            prop_assert!(nodes.len() <= 12);
            for node in nodes {
                range.push(subtree(node), &mut |_, _| {}).unwrap();
            }
            leaves[to as usize..].iter().for_each(|leaf| range.push_leaf(leaf));
            prop_assert_eq!(range.point(), LogPoint { size: all, root: tree(&leaves) });
        }
    }

    #[test]
    fn log_03_a_subtree_that_does_not_fit_is_refused() {
        let mut range = Range::default();
        range.push_leaf(&leaf(0));
        for level in [1, 2, 62, 63, 64, 200] {
            let subtree = Subtree { level, root: TreeHash([0; 32]) };
            assert_eq!(range.push(subtree, &mut |_, _| {}), Err(Misaligned), "level {level}");
        }
        let huge = Subtree { level: 63, root: TreeHash([0; 32]) };
        assert_eq!(Range::default().push(huge, &mut |_, _| {}), Err(Misaligned));
    }

    #[test]
    fn completed_nodes_are_told_with_their_place() {
        let (mut range, mut made) = (Range::default(), Vec::new());
        for n in 0..4 {
            let subtree = Subtree { level: 0, root: leaf(n).hash() };
            range.push(subtree, &mut |place, _| made.push(place)).unwrap();
        }
        assert_eq!(made, [(1, 0), (1, 1), (2, 0)]);
    }
}
