//! A chart's log: which entries count, who has access, and under which key to write next (`spec/entries.md`).
//!
//! ```text
//! VerifiedEntry ──insert──► ChartLog ──► standing of each entry, access now, current epoch
//! ```
//!
//! Who had which right is a function of an entry's causal past alone. Where an entry is concurrent with a revocation, the
//! order of arrival on this device decides (ENT-11, ENT-12): it stands in for the order of a server's log. What is
//! quarantined has no effect on anything, and what counted once counts for good.

mod access;
mod keys;

pub use access::{AccessState, access_in, remaining};
pub use keys::{KeyHolder, new_epoch_key, open_chart_keys, seal_grants};

use crate::OpenError;
use crate::body::Body;
use crate::directory::{Device, Directory, Position};
use crate::envelope::{self, Context, Kind};
use crate::keys::ChartKey;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use wardbook_wire::entry::{KeyCheck, PARENTS_MAX, VerifiedEntry};
use wardbook_wire::{
    Access, ChartId, Entry, EntryHeader, EntryId, EntryKind, Grantee, MemberId, Role, WireError, strict,
};

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
    #[error("an entry rests on one that is in quarantine (ENT-14)")]
    OnQuarantined,
}

impl EntryError {
    /// True where more of the directory or of the chart may settle it.
    pub fn is_pending(self) -> bool {
        matches!(self, Self::MissingParent | Self::UnknownStatement | Self::OnQuarantined)
    }
}

/// When an entry came: its place in the server's log, or for one that is not in it yet, on this device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The directory at that time: the position of the latest statement that came before.
    pub position: Position,
    /// The server took it after the lease under which it was written had ended.
    pub late: bool,
}

impl Arrival {
    /// In time.
    pub fn at(position: Position) -> Self {
        Self { position, late: false }
    }
}

/// Whether a valid entry takes part in the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Counts,
    /// Received after a revocation that it does not know of or after its lease, and not admitted: kept, without any effect
    /// (ENT-11, ENT-12, ENT-15).
    Quarantined,
    /// Quarantined, and set aside by an officer or somebody who manages the chart (ENT-13).
    Rejected,
}

struct Node {
    entry: VerifiedEntry,
    position: Position,
    /// Access after this entry, as those of its causal past have it that count.
    after: Rc<AccessState>,
    standing: Standing,
    arrived: Arrival,
    /// It, or an entry of its past, is in quarantine.
    doubtful: bool,
    /// The admit or reject that decided about it last, where it was in quarantine (ENT-13).
    decided: Option<EntryId>,
}

/// The entries of one chart that passed every rule, and what follows from them.
pub struct ChartLog {
    chart: ChartId,
    nodes: HashMap<EntryId, Node>,
    /// Ids in order of arrival, which has parents before children.
    order: Vec<EntryId>,
    /// Entries that count and that no other that counts names as parent.
    heads: BTreeSet<EntryId>,
    /// Rekeys that count.
    rekeys: Vec<EntryId>,
}

impl ChartLog {
    /// An empty log for the chart of that id; its genesis comes first.
    pub fn new(chart: ChartId) -> Self {
        Self { chart, nodes: HashMap::new(), order: Vec::new(), heads: BTreeSet::new(), rekeys: Vec::new() }
    }

    pub fn chart(&self) -> ChartId {
        self.chart
    }

    pub fn contains(&self, id: &EntryId) -> bool {
        self.nodes.contains_key(id)
    }

    /// What the next entry names as parents, ascending: the heads that count, those of the latest epochs first where there
    /// are more than one entry may name.
    pub fn parents(&self) -> Vec<EntryId> {
        let mut heads: Vec<_> = self.heads.iter().copied().collect();
        if heads.len() > PARENTS_MAX {
            heads.sort_by_key(|id| std::cmp::Reverse(self.nodes.get(id).map(|node| node.after.epoch())));
            heads.truncate(PARENTS_MAX);
            heads.sort_unstable();
        }
        heads
    }

    /// Entries that wait for admission.
    pub fn quarantined(&self) -> impl Iterator<Item = &VerifiedEntry> {
        self.entries().filter(|(_, standing)| *standing == Standing::Quarantined).map(|(entry, _)| entry)
    }

    /// All entries with their standing, parents before children.
    pub fn entries(&self) -> impl Iterator<Item = (&VerifiedEntry, Standing)> {
        self.order.iter().filter_map(|id| self.nodes.get(id)).map(|node| (&node.entry, node.standing))
    }

    /// True where the server took the entry after the end of its lease.
    pub fn came_late(&self, id: &EntryId) -> bool {
        self.nodes.get(id).is_some_and(|node| node.arrived.late)
    }

    /// The admit or reject that decided last about an entry that was in quarantine.
    pub fn decided_by(&self, id: &EntryId) -> Option<&VerifiedEntry> {
        let decided = self.nodes.get(id)?.decided?;
        self.nodes.get(&decided).map(|node| &node.entry)
    }

    pub fn entry(&self, id: &EntryId) -> Option<(&VerifiedEntry, Standing)> {
        self.nodes.get(id).map(|node| (&node.entry, node.standing))
    }

    /// Takes an entry. `arrived` says when it came, for ENT-12 and ENT-15.
    ///
    /// # Errors
    /// SIG-01 and ENT-02 to ENT-08. Nothing has changed then.
    pub fn insert(&mut self, directory: &Directory, entry: Entry, arrived: Arrival) -> Result<(), EntryError> {
        if self.contains(&entry.id()) {
            return Ok(()); // the same entry again is a no-op
        }
        if entry.chart() != self.chart || entry.peek().org != directory.org() {
            return Err(EntryError::OtherChart); // ENT-02
        }
        let position = directory.position(&entry.peek().directory).ok_or(EntryError::UnknownStatement)?; // ENT-04
        let author = directory.member(&entry.peek().author).ok_or(EntryError::NotEnrolled)?; // ENT-06
        let entry = entry.verify(author.verify_key_at(position))?;
        let header = entry.header();
        let (mut past, mut doubtful) = (Vec::with_capacity(header.parents.len()), false);
        for parent in &header.parents {
            let parent = self.nodes.get(parent).ok_or(EntryError::MissingParent)?; // ENT-03
            if parent.position > position {
                return Err(EntryError::DirectoryWentBack); // ENT-05
            }
            past.push(parent.after.clone());
            doubtful |= parent.doubtful;
        }
        let role = author.role_at(position).ok_or(EntryError::NotEnrolled)?; // ENT-06
        directory.device_at(header.device, position).ok_or(EntryError::NotEnrolled)?; // ENT-06
        let before = AccessState::join(&past);
        // What fails only because an entry of its past has no effect here is kept for later (ENT-14).
        let checked =
            self.check_right(directory, header, role, position, &before).and_then(|()| check_epoch(header, &before));
        checked.map_err(|error| if doubtful { EntryError::OnQuarantined } else { error })?;
        // A genesis takes nothing from anybody, and without it the chart could not be judged at all.
        let late = (arrived.late && header.kind != EntryKind::Genesis) // ENT-15
            || self.is_revoked(directory, header, position, &before)
            || has_left(directory, header, position, &before, arrived.position);
        let (after, standing) =
            if late { (before, Standing::Quarantined) } else { (before.after(entry.id(), header), Standing::Counts) };
        let doubtful = doubtful || late;
        self.place(Node { entry, position, after, standing, arrived, doubtful, decided: None });
        Ok(())
    }

    fn place(&mut self, node: Node) {
        let (id, header) = (node.entry.id(), node.entry.header());
        if node.standing == Standing::Counts {
            for parent in &header.parents {
                self.heads.remove(parent);
            }
            self.heads.insert(id);
            match header.kind {
                EntryKind::Rekey => self.rekeys.push(id),
                EntryKind::Admit => self.settle(id, &header.parents, Standing::Counts),
                EntryKind::Reject => self.settle(id, &header.parents, Standing::Rejected),
                _ => {}
            }
        }
        self.order.push(id);
        self.nodes.insert(id, node);
    }

    /// ENT-13: an admission that counts lets the quarantined changes count that it names, and a rejection sets aside what it
    /// names. Grants and rekeys stay without effect: who has the right makes new ones.
    fn settle(&mut self, by: EntryId, named: &[EntryId], standing: Standing) {
        for id in named {
            if let Some(node) = self.nodes.get_mut(id)
                && node.standing != Standing::Counts
                && (standing == Standing::Rejected || node.entry.header().kind == EntryKind::Change)
            {
                node.standing = standing;
                node.decided = Some(by);
            }
        }
    }

    /// ENT-11: a rekey that counts and that the entry does not know of took away what the entry needs.
    fn is_revoked(
        &self,
        directory: &Directory,
        header: &EntryHeader,
        position: Position,
        before: &AccessState,
    ) -> bool {
        self.rekeys
            .iter()
            .filter(|rekey| !before.follows(rekey))
            .filter_map(|rekey| self.nodes.get(rekey))
            .any(|rekey| !may(directory, header, &rekey.after, position.max(rekey.position)))
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
            EntryKind::Rekey => {
                writes && (access == Some(Access::Manage) || before.has_same_grants(header, directory, position))
            }
            EntryKind::Admit | EntryKind::Reject => may(directory, header, before, position),
        };
        if allowed { Ok(()) } else { Err(EntryError::NoRight) } // ENT-07
    }

    /// Access as all heads together have it: for what is done next.
    pub fn access(&self) -> Rc<AccessState> {
        let heads: Vec<_> =
            self.parents().iter().filter_map(|id| self.nodes.get(id)).map(|node| node.after.clone()).collect();
        AccessState::join(&heads)
    }

    /// Whether the next writer has to turn the key over first: somebody who could open the current key has lost access,
    /// or two keys were made apart.
    pub fn needs_rekey(&self, directory: &Directory) -> bool {
        let access = self.access();
        let now = directory.now();
        access.current_keys().count() > 1
            || self
                .key_holders(directory, &access)
                .iter()
                .any(|member| access.access_of(directory, *member, now).is_none())
    }

    /// Members who can open the current epoch's key, by its grants and the teams' history.
    fn key_holders(&self, directory: &Directory, access: &AccessState) -> BTreeSet<MemberId> {
        let current: BTreeSet<_> = access.current_keys().collect();
        let counting = self.nodes.values().filter(|node| node.standing == Standing::Counts);
        let headers = counting.map(|node| node.entry.header()).filter(|header| current.contains(&header.key));
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

/// ENT-08: a rekey is one past the highest epoch before it and names the keys it replaces, and anything else uses the one
/// key that is current. Where two are, after rekeys made apart, a rekey has to come first.
fn check_epoch(header: &EntryHeader, before: &AccessState) -> Result<(), EntryError> {
    let replaces = |key: &KeyCheck| header.previous.iter().any(|previous| previous.key == *key);
    let fits = match header.kind {
        EntryKind::Genesis => true,
        EntryKind::Rekey => {
            let known = header.previous.iter().all(|previous| before.has_key(&previous.key));
            let all = before.current_keys().all(|key| replaces(&key));
            header.epoch == before.epoch() + 1 && known && all && !before.has_key(&header.key)
        }
        _ => header.epoch == before.epoch() && before.current_keys().eq([header.key]),
    };
    if fits { Ok(()) } else { Err(EntryError::WrongEpoch) } // ENT-08
}

/// ENT-12: this device knew already that the author had lost what the entry needs. A genesis is exempt: it takes nothing
/// from anybody, and without it the chart could not be judged at all.
fn has_left(
    directory: &Directory,
    header: &EntryHeader,
    position: Position,
    before: &AccessState,
    arrived: Position,
) -> bool {
    let known = directory.losses_after(header.author, position).into_iter().take_while(|at| *at <= arrived);
    // The key that it is signed with may have been replaced because somebody else has it.
    let rekeyed = directory.member(&header.author).is_some_and(|author| author.rekeyed_between(position, arrived));
    let device_lost = directory.device(&header.device).and_then(Device::lost_at).is_some_and(|at| at <= arrived);
    header.kind != EntryKind::Genesis
        && (device_lost || rekeyed || known.into_iter().any(|at| !may(directory, header, before, at)))
}

/// Whether the author could make an entry of that kind with that access, as of a position of the directory.
fn may(directory: &Directory, header: &EntryHeader, access: &AccessState, position: Position) -> bool {
    let role = directory.role_at(header.author, position);
    let access = access.access_of(directory, header.author, position);
    match header.kind {
        EntryKind::Genesis => role >= Some(Role::Clinician),
        EntryKind::Change | EntryKind::Rekey => role >= Some(Role::Clinician) && access >= Some(Access::Write),
        EntryKind::Grant => role >= Some(Role::Clinician) && access == Some(Access::Manage),
        EntryKind::Admit | EntryKind::Reject => {
            role == Some(Role::Officer) || (role >= Some(Role::Clinician) && access == Some(Access::Manage))
        }
    }
}

/// Seals a body for exactly this header: `id = SHA-256(header)`.
///
/// `packed` is what [`Body::encode`] gave.
pub fn seal_body(header: &EntryHeader, key: &ChartKey, packed: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let id = header_digest(header);
    envelope::seal(key, &body_context(header, &id), packed, rng)
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
