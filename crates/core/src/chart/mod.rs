//! A chart's log: which entries count, who has access, and under which key to write next (`spec/entries.md`).
//!
//! ```text
//! VerifiedEntry ──insert──► ChartLog ──judge──► standing of each entry, access now, current epoch
//! ```
//!
//! Everything is a function of the set of entries and the directory; order of arrival changes nothing, with the one
//! exception of entries by somebody who has left (ENT-12), for which this device remembers what it knew on arrival.

mod access;
mod keys;

pub use access::AccessState;
pub use keys::{KeyHolder, new_epoch_key, open_chart_keys, seal_grants};

use crate::OpenError;
use crate::body::Body;
use crate::directory::{Directory, Position};
use crate::envelope::{self, Context, Kind};
use crate::keys::ChartKey;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use wardbook_wire::entry::{KeyCheck, VerifiedEntry};
use wardbook_wire::{Access, ChartId, Entry, EntryHeader, EntryId, EntryKind, Grantee, MemberId, Role, WireError, strict};

/// Why an entry is not taken into a log. It may be taken later when `is_pending`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("an entry belongs to another organisation or chart (ENT-02)")]
    OtherChart,
    #[error("an entry names a parent that is not held (ENT-03)")]
    MissingParent,
    #[error("an entry names a directory statement that is not held (ENT-04)")]
    UnknownStatement,
    #[error("an entry knows less of the directory than its parents (ENT-05)")]
    DirectoryWentBack,
    #[error("the author or device of an entry was not enrolled (ENT-06)")]
    NotEnrolled,
    #[error("the author of an entry had no right to make it (ENT-07)")]
    NoRight,
    #[error("an entry is sealed under an epoch that is not current for it (ENT-08)")]
    WrongEpoch,
}

impl EntryError {
    /// True where more of the directory or of the chart may settle it.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::MissingParent | Self::UnknownStatement)
    }
}

/// Whether a valid entry takes part in the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Counts,
    /// Made without knowing of a revocation, and nobody with the right has admitted it: kept, not merged (ENT-11).
    Quarantined,
}

struct Node {
    entry: VerifiedEntry,
    position: Position,
    /// The length of the directory on this device when the entry arrived.
    arrived: Position,
    /// Access after this entry, as its causal past has it.
    after: Rc<AccessState>,
    standing: Standing,
}

/// The entries of one chart that passed every rule, and what follows from them.
pub struct ChartLog {
    chart: ChartId,
    nodes: HashMap<EntryId, Node>,
    /// Ids with parents before children.
    order: Vec<EntryId>,
    heads: BTreeSet<EntryId>,
}

impl ChartLog {
    /// An empty log for the chart of that id; its genesis comes first.
    pub fn new(chart: ChartId) -> Self {
        Self { chart, nodes: HashMap::new(), order: Vec::new(), heads: BTreeSet::new() }
    }

    pub fn chart(&self) -> ChartId {
        self.chart
    }

    pub fn contains(&self, id: &EntryId) -> bool {
        self.nodes.contains_key(id)
    }

    /// Entries that no other names as parent, ascending.
    pub fn heads(&self) -> &BTreeSet<EntryId> {
        &self.heads
    }

    /// All entries with their standing, parents before children.
    pub fn entries(&self) -> impl Iterator<Item = (&VerifiedEntry, Standing)> {
        self.order.iter().filter_map(|id| self.nodes.get(id)).map(|node| (&node.entry, node.standing))
    }

    pub fn entry(&self, id: &EntryId) -> Option<(&VerifiedEntry, Standing)> {
        self.nodes.get(id).map(|node| (&node.entry, node.standing))
    }

    /// Takes an entry; `arrived` is the directory's position on this device when the entry came (ENT-12).
    ///
    /// # Errors
    /// SIG-01 and ENT-02 to ENT-08. Nothing has changed then.
    pub fn insert(&mut self, directory: &Directory, entry: Entry, arrived: Position) -> Result<(), EntryError> {
        if self.contains(&entry.id()) {
            return Ok(()); // the same entry again is a no-op
        }
        if entry.chart() != self.chart || entry.peek().org != directory.org() {
            return Err(EntryError::OtherChart); // ENT-02
        }
        let position = directory.position(&entry.peek().directory).ok_or(EntryError::UnknownStatement)?; // ENT-04
        let author = directory.member(&entry.peek().author).ok_or(EntryError::NotEnrolled)?; // ENT-06
        let entry = entry.verify(&author.verify_key)?;
        let header = entry.header();
        let mut past = Vec::with_capacity(header.parents.len());
        for parent in &header.parents {
            let parent = self.nodes.get(parent).ok_or(EntryError::MissingParent)?; // ENT-03
            if parent.position > position {
                return Err(EntryError::DirectoryWentBack); // ENT-05
            }
            past.push(parent.after.clone());
        }
        let role = author.role_at(position).ok_or(EntryError::NotEnrolled)?; // ENT-06
        directory.device_at(header.device, position).ok_or(EntryError::NotEnrolled)?; // ENT-06
        let before = AccessState::join(&past);
        self.check_right(directory, header, role, position, &before)?;
        check_epoch(header, &before)?;
        let after = before.after(entry.id(), header);
        header.parents.iter().for_each(|parent| {
            self.heads.remove(parent);
        });
        let id = entry.id();
        self.heads.insert(id);
        self.order.push(id);
        self.nodes.insert(id, Node { entry, position, arrived, after, standing: Standing::Counts });
        Ok(())
    }

    /// ENT-07: what this author may do, as the causal past of the entry and the directory they knew have it.
    fn check_right(
        &self,
        directory: &Directory,
        header: &EntryHeader,
        role: Role,
        position: Position,
        before: &AccessState,
    ) -> Result<(), EntryError> {
        let access = before.access_of(directory, header.author, position);
        let writes = role >= Role::Clinician && access >= Some(Access::Write);
        let allowed = match header.kind {
            EntryKind::Genesis => role >= Role::Clinician,
            EntryKind::Change => writes,
            EntryKind::Grant => writes && access == Some(Access::Manage),
            // Who only writes may turn the key over for those who have access, and change nobody's access.
            EntryKind::Rekey => writes && (access == Some(Access::Manage) || before.has_same_grants(header)),
            EntryKind::Admit => role == Role::Officer || (writes && access == Some(Access::Manage)),
        };
        if allowed { Ok(()) } else { Err(EntryError::NoRight) } // ENT-07
    }

    /// Decides the standing of every entry (ENT-11, ENT-12). Call after the last insert.
    pub fn judge(&mut self, directory: &Directory) {
        let rekeys: Vec<_> = self.ids_of(EntryKind::Rekey).map(|id| (id, self.ancestors(&[id]))).collect();
        let admitted: HashSet<EntryId> =
            self.ids_of(EntryKind::Admit).filter_map(|id| self.nodes.get(&id)).flat_map(|node| node.entry.header().parents.clone()).collect();
        let mut standings = Vec::new();
        for id in &self.order {
            let Some(node) = self.nodes.get(id) else { continue };
            let revoked = rekeys.iter().any(|(rekey, past)| self.is_revoked_by(directory, node, rekey, past));
            let quarantined = (revoked || self.left_before(directory, node)) && !admitted.contains(id);
            standings.push((*id, if quarantined { Standing::Quarantined } else { Standing::Counts }));
        }
        for (id, standing) in standings {
            if let Some(node) = self.nodes.get_mut(&id) {
                node.standing = standing;
            }
        }
    }

    /// ENT-11: concurrent with a rekey after which the author lacks what the entry needs.
    fn is_revoked_by(&self, directory: &Directory, node: &Node, rekey: &EntryId, past: &HashSet<EntryId>) -> bool {
        let concurrent = !past.contains(&node.entry.id()) && !node.after.follows(rekey);
        let after = self.nodes.get(rekey).filter(|_| concurrent);
        after.is_some_and(|after| {
            let position = node.position.max(after.position);
            after.after.access_of(directory, node.entry.header().author, position) < needed(node.entry.header().kind)
        })
    }

    /// ENT-12: it arrived after this device knew that its author had lost what it needs, and nobody who knew has built
    /// on it.
    fn left_before(&self, directory: &Directory, node: &Node) -> bool {
        let header = node.entry.header();
        let lacks = |at: Position| {
            let writes = directory.role_at(header.author, at) >= Some(Role::Clinician);
            !writes || node.after.access_of(directory, header.author, at) < needed(header.kind)
        };
        let losses = directory.losses_after(header.author, node.position);
        let Some(lost) = losses.into_iter().find(|at| lacks(*at)) else { return false };
        let knowing: Vec<_> = self.nodes.values().filter(|other| other.position >= lost).map(|other| other.entry.id()).collect();
        node.arrived >= lost && !self.ancestors(&knowing).contains(&node.entry.id())
    }

    fn ids_of(&self, kind: EntryKind) -> impl Iterator<Item = EntryId> {
        self.order.iter().filter(move |id| self.nodes.get(id).is_some_and(|node| node.entry.header().kind == kind)).copied()
    }

    /// Those entries and everything in their causal past.
    fn ancestors(&self, of: &[EntryId]) -> HashSet<EntryId> {
        let mut found: HashSet<_> = of.iter().copied().collect();
        let mut open = of.to_vec();
        while let Some(id) = open.pop() {
            let parents = self.nodes.get(&id).map(|node| node.entry.header().parents.as_slice()).unwrap_or_default();
            open.extend(parents.iter().copied().filter(|parent| found.insert(*parent)));
        }
        found
    }

    /// Access as all heads together have it: for what is done next.
    pub fn access(&self) -> Rc<AccessState> {
        let heads: Vec<_> = self.heads.iter().filter_map(|id| self.nodes.get(id)).map(|node| node.after.clone()).collect();
        AccessState::join(&heads)
    }

    /// Whether the next writer has to turn the key over first: somebody who could open the current key has lost access,
    /// or two keys were made apart.
    pub fn needs_rekey(&self, directory: &Directory) -> bool {
        let access = self.access();
        let now = directory.now();
        access.current_keys().count() > 1
            || self.key_holders(directory, &access).iter().any(|member| access.access_of(directory, *member, now).is_none())
    }

    /// Members who can open the current epoch's key, by its grants and the teams' history.
    fn key_holders(&self, directory: &Directory, access: &AccessState) -> BTreeSet<MemberId> {
        let current: BTreeSet<_> = access.current_keys().collect();
        let headers = self.nodes.values().map(|node| node.entry.header()).filter(|header| current.contains(&header.key));
        let grants = headers.flat_map(|header| &header.grants);
        grants
            .flat_map(|grant| match (grant.to, keys::team_epoch(&grant.key)) {
                (Grantee::Member(member), _) => vec![member],
                (Grantee::Team(team), epoch) => {
                    directory.team(&team).map(|team| team.holders_since(epoch).collect()).unwrap_or_default()
                }
            })
            .collect()
    }
}

/// ENT-08: a rekey is one past the highest epoch before it, and anything else uses the one key that is current.
fn check_epoch(header: &EntryHeader, before: &AccessState) -> Result<(), EntryError> {
    let fits = match header.kind {
        EntryKind::Genesis => true,
        EntryKind::Rekey => {
            let replaced: Vec<KeyCheck> = header.previous.iter().map(|previous| previous.key).collect();
            header.epoch == before.epoch() + 1 && before.current_keys().eq(replaced) && !before.has_key(&header.key)
        }
        _ => header.epoch == before.epoch() && before.current_keys().any(|key| key == header.key),
    };
    if fits { Ok(()) } else { Err(EntryError::WrongEpoch) } // ENT-08
}

/// The access that an entry of that kind needs.
fn needed(kind: EntryKind) -> Option<Access> {
    match kind {
        EntryKind::Genesis | EntryKind::Admit => None,
        EntryKind::Change | EntryKind::Rekey => Some(Access::Write),
        EntryKind::Grant => Some(Access::Manage),
    }
}

/// Seals a body for exactly this header: `id = SHA-256(header)`.
pub fn seal_body(header: &EntryHeader, key: &ChartKey, body: &Body, rng: &mut impl CryptoRng) -> Vec<u8> {
    let id = header_digest(header);
    envelope::seal(key, &body_context(header, &id), &body.encode(), rng)
}

/// Opens an entry's body.
///
/// # Errors
/// ENT-09: the key is not the one that the header names. ENT-10: the box or its content is not valid.
pub fn open_body(header: &EntryHeader, body: &[u8], key: &ChartKey) -> Result<Body, OpenError> {
    if key.check() != header.key {
        return Err(OpenError); // ENT-09
    }
    let id = header_digest(header);
    Body::decode(&envelope::open(key, &body_context(header, &id), body)?) // ENT-10
}

fn header_digest(header: &EntryHeader) -> [u8; 32] {
    Sha256::digest(strict::encode(header)).into()
}

fn body_context<'a>(header: &EntryHeader, id: &'a [u8; 32]) -> Context<'a> {
    Context { org: header.org, kind: Kind::EntryBody, id, epoch: header.epoch, position: 0 }
}

/// Everyone's access to a chart, by grantee, for showing.
pub type Grants = BTreeMap<Grantee, Access>;

#[cfg(test)]
mod tests;
