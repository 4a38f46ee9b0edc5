//! One chart, opened: its entries checked, its bodies open, each resource with its versions.

use crate::catalogue::ChartRole;
use crate::write::Draft;
use crate::{Error, Session, Vault};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use wardbook_core::blob::BlobRef;
use wardbook_core::body::{Body, VersionRef};
use wardbook_core::chart::{Arrival, ChartLog, EntryError, Standing, open_body, open_chart_keys};
use wardbook_core::directory::Position;
use wardbook_core::keys::ChartKey;
use wardbook_record::cover::Cover;
use wardbook_record::json::Json;
use wardbook_record::resource::{ResourceKey, is_id, is_kind};
use wardbook_record::summary::{Summary, summarise};
use wardbook_record::versions::{Conflict, Version, Versions, View};
use wardbook_store::{Kind, Store};
use wardbook_wire::entry::{KeyCheck, VerifiedEntry};
use wardbook_wire::{BlobId, ChartId, DeviceId, Entry, EntryId, EntryKind, MemberId};

pub struct Chart {
    pub(crate) log: ChartLog,
    pub(crate) keys: BTreeMap<KeyCheck, ChartKey>,
    resources: BTreeMap<ResourceKey, Versions<VersionRef>>,
    made: HashMap<VersionRef, Made>,
    /// Entries that were in the server's log when the chart was opened.
    pub(crate) logged: HashSet<EntryId>,
    /// Attachments, each as the first entry has it that brings it.
    blobs: BTreeMap<BlobId, BlobRef>,
    role: ChartRole,
    /// The FHIR id of the patient, who may not have a Patient resource here yet.
    patient: Option<String>,
    problems: Vec<Problem>,
    waiting: usize,
    passed_over: usize,
}

/// By whom, where and when a version was made, by the clock of that device.
struct Made {
    author: MemberId,
    device: DeviceId,
    time_ms: i64,
    full_url: Option<String>,
}

/// An entry that is stored and cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub entry: Option<EntryId>,
    pub reason: String,
    /// The entry itself is damaged or missing something. Otherwise it is whole and breaks a rule, so that no device takes it.
    pub broken: bool,
}

/// A version of a resource, for showing.
#[derive(Clone, Debug)]
pub struct HistoryItem {
    pub version: VersionRef,
    pub author: MemberId,
    pub device: DeviceId,
    pub time_ms: i64,
    /// None: this version deletes the resource.
    pub content: Option<Json>,
    /// True for the versions that are shown now.
    pub current: bool,
}

/// A resource whose versions differ in some element.
pub struct Unresolved {
    pub key: ResourceKey,
    pub conflicts: Vec<Conflict<VersionRef>>,
}

/// What is stored before each entry: `index(8) ‖ late(1) ‖ position(8)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its number in the server's log; None while it has not been handed in.
    pub index: Option<u64>,
    pub arrival: Arrival,
}

impl Place {
    /// Made or received here, and not in the server's log yet.
    pub fn here(position: Position) -> Self {
        Self { index: None, arrival: Arrival::at(position) }
    }
}

pub(crate) fn entry_row(place: Place, entry: &[u8]) -> Vec<u8> {
    let index = place.index.unwrap_or(u64::MAX).to_be_bytes();
    let late = [u8::from(place.arrival.late)];
    [index.as_slice(), &late, &place.arrival.position.to_be_bytes(), entry].concat()
}

/// The place of an entry and its travelling form.
pub(crate) fn split_entry_row(value: &[u8]) -> Result<(Place, &[u8]), EntryError> {
    let malformed = wardbook_wire::WireError::Malformed;
    let (index, rest) = value.split_first_chunk::<8>().ok_or(malformed)?;
    let (late, rest) = rest.split_first().ok_or(malformed)?;
    let (position, bytes) = rest.split_first_chunk::<8>().ok_or(malformed)?;
    let arrival = Arrival { position: u64::from_be_bytes(*position), late: *late != 0 };
    Ok((Place { index: Some(u64::from_be_bytes(*index)).filter(|index| *index != u64::MAX), arrival }, bytes))
}

pub(crate) fn read_entry_row(value: &[u8]) -> Result<(Place, Entry), EntryError> {
    let (place, bytes) = split_entry_row(value)?;
    Ok((place, Entry::decode(bytes)?))
}

/// What is in the server's log in its order, then the rest in order of arrival here.
pub(crate) fn in_log_order(rows: &mut [wardbook_store::Row]) {
    rows.sort_by_key(|row| row.value.first_chunk::<8>().copied());
}

/// Reads and checks all entries of a chart; what fails is named, and the rest goes on.
pub(crate) fn load_log(vault: &Vault, id: ChartId) -> Result<(ChartLog, Vec<Problem>), Error> {
    load_log_noting(vault, id, &mut HashSet::new())
}

/// As [`load_log`]; notes which entries are in the server's log.
fn load_log_noting(
    vault: &Vault,
    id: ChartId,
    in_log: &mut HashSet<EntryId>,
) -> Result<(ChartLog, Vec<Problem>), Error> {
    let (mut log, mut problems) = (ChartLog::new(id), Vec::new());
    let mut rows = entry_rows(&vault.store, id, &mut problems)?;
    in_log_order(&mut rows);
    for row in rows {
        let read = read_entry_row(&row.value);
        if read.as_ref().is_ok_and(|(_, entry)| entry.id().as_bytes().as_slice() != row.key) {
            let reason = "it is stored under another name than its own".to_owned();
            problems.push(Problem { entry: EntryId::from_slice(&row.key), reason, broken: true });
        }
        let logged = read.as_ref().is_ok_and(|(place, _)| place.index.is_some());
        in_log.extend(read.as_ref().ok().filter(|_| logged).map(|(_, entry)| entry.id()));
        let inserted = read.and_then(|(place, entry)| log.insert(&vault.directory, entry, place.arrival));
        if let Err(error) = inserted {
            // What is in the server's log and breaks a rule was handed in by somebody who may not: nobody takes it.
            let broken = !logged || matches!(error, EntryError::Wire(_));
            problems.push(Problem { entry: EntryId::from_slice(&row.key), reason: error.to_string(), broken });
        }
    }
    Ok((log, problems))
}

fn entry_rows(store: &Store, id: ChartId, problems: &mut Vec<Problem>) -> Result<Vec<wardbook_store::Row>, Error> {
    match store.list(Kind::Entry, id.as_bytes()) {
        Err(wardbook_store::StoreError::Damaged) => {
            let reason = "rows of this chart are damaged in both copies".into();
            problems.push(Problem { entry: None, reason, broken: true });
            Ok(store.list_whole(Kind::Entry, id.as_bytes())?)
        }
        rows => Ok(rows?),
    }
}

impl Chart {
    pub(crate) fn load(session: &Session, id: ChartId) -> Result<Self, Error> {
        let mut logged = HashSet::new();
        let (log, problems) = load_log_noting(&session.vault, id, &mut logged)?;
        let directory = &session.vault.directory;
        if log.access().access_of(directory, session.me(), directory.now()).is_none() {
            return Err(Error::NoChart(String::new()));
        }
        let mut keys = BTreeMap::new();
        open_chart_keys(&log, directory.org(), session.holder(), &mut keys);
        Ok(Self { logged, ..Self::assemble(log, keys, problems) })
    }

    pub(crate) fn assemble(log: ChartLog, keys: BTreeMap<KeyCheck, ChartKey>, problems: Vec<Problem>) -> Self {
        let (problems, passed_over): (Vec<_>, Vec<_>) = problems.into_iter().partition(|problem| problem.broken);
        let mut chart = Self {
            log: ChartLog::new(log.chart()),
            keys,
            resources: BTreeMap::new(),
            made: HashMap::new(),
            logged: HashSet::new(),
            blobs: BTreeMap::new(),
            role: ChartRole::Patient,
            patient: None,
            problems,
            waiting: 0,
            passed_over: passed_over.len(),
        };
        for (entry, standing) in log.entries() {
            match standing {
                Standing::Counts => chart.take(entry),
                Standing::Quarantined => chart.waiting += 1,
                Standing::Rejected => {}
            }
        }
        chart.log = log;
        chart
    }

    /// Opens an entry's body and adds its versions.
    pub(crate) fn take(&mut self, entry: &VerifiedEntry) {
        // An officer without the key of the chart has nothing to seal with.
        if matches!(entry.header().kind, EntryKind::Admit | EntryKind::Reject) && entry.body().is_empty() {
            return;
        }
        let body = self.keys.get(&entry.header().key).ok_or(wardbook_core::OpenError);
        match body.and_then(|key| open_body(entry.header(), entry.body(), key)) {
            Ok(body) => self.add(entry, body),
            Err(error) => {
                self.problems.push(Problem { entry: Some(entry.id()), reason: error.to_string(), broken: true })
            }
        }
    }

    fn add(&mut self, from: &VerifiedEntry, body: Body) {
        let (entry, by) = (from.id(), (from.header().author, from.header().device));
        self.add_blobs(body.blobs);
        for (index, change) in body.changes.into_iter().enumerate() {
            let marker = ChartRole::from_marker(&change.kind).filter(|_| from.header().kind == EntryKind::Genesis);
            if let Some(role) = marker {
                self.set_role(role, &change.id);
                continue;
            }
            // Whoever wrote it, it becomes a file name and a line on a terminal.
            if !is_kind(&change.kind) || !is_id(&change.id) {
                self.problems.push(Problem {
                    entry: Some(entry),
                    reason: "a resource has no FHIR type and id".to_owned(),
                    broken: true,
                });
                continue;
            }
            let version = VersionRef { entry, index: u32::try_from(index).unwrap_or(u32::MAX) };
            match change.content.map(|content| Json::parse(&content.0)).transpose() {
                Ok(content) => {
                    let key = ResourceKey { kind: change.kind, id: change.id };
                    let draft = Draft { key, full_url: change.full_url, bases: change.bases, content };
                    self.add_version(version, by, body.time_ms, draft);
                }
                Err(error) => {
                    self.problems.push(Problem { entry: Some(entry), reason: error.to_string(), broken: true })
                }
            }
        }
    }

    pub(crate) fn add_version(
        &mut self,
        id: VersionRef,
        (author, device): (MemberId, DeviceId),
        time_ms: i64,
        draft: Draft,
    ) {
        let Draft { key, full_url, bases, content } = draft;
        self.made.insert(id, Made { author, device, time_ms, full_url });
        self.resources.entry(key).or_default().insert(Version { id, bases, content });
    }

    /// The first reference to an attachment stays: a later one with another key cannot take it away.
    pub(crate) fn add_blobs(&mut self, blobs: Vec<BlobRef>) {
        for blob in blobs {
            self.blobs.entry(blob.id).or_insert(blob);
        }
    }

    pub(crate) fn blob(&self, id: &BlobId) -> Option<&BlobRef> {
        self.blobs.get(id)
    }

    pub(crate) fn blobs(&self) -> impl Iterator<Item = &BlobRef> {
        self.blobs.values()
    }

    pub(crate) fn set_role(&mut self, role: ChartRole, patient: &str) {
        self.role = role;
        self.patient = (role == ChartRole::Patient).then(|| patient.to_owned());
    }

    pub fn id(&self) -> ChartId {
        self.log.chart()
    }

    pub fn role(&self) -> ChartRole {
        self.role
    }

    /// Entries that wait for somebody to admit them.
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Entries in the server's log that break a rule: everybody passes over them.
    pub fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// The body of any entry of the chart, if it opens.
    pub(crate) fn peek_body(&self, entry: &VerifiedEntry) -> Option<Body> {
        open_body(entry.header(), entry.body(), self.keys.get(&entry.header().key)?).ok()
    }

    pub(crate) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Entries that are stored and cannot be used.
    pub fn damaged(&self) -> usize {
        self.problems.len()
    }

    /// A resource as it stands, merged where it was edited apart. None where it never was.
    pub fn view(&self, key: &ResourceKey) -> Option<View<'_, VersionRef>> {
        self.resources.get(key).map(Versions::view)
    }

    /// All resources that are not deleted, in order of type and id.
    pub fn resources(&self) -> impl Iterator<Item = (&ResourceKey, Cow<'_, Json>)> {
        self.resources.iter().filter_map(|(key, versions)| Some((key, versions.view().content?)))
    }

    pub fn len(&self) -> usize {
        self.resources().count()
    }

    pub fn is_empty(&self) -> bool {
        self.resources().next().is_none()
    }

    /// The `fullUrl` that a resource came with.
    pub fn full_url(&self, key: &ResourceKey) -> Option<&str> {
        let head = *self.resources.get(key)?.heads().first()?;
        self.made.get(&head)?.full_url.as_deref()
    }

    /// True if that is a version of the resource, past ones included.
    pub(crate) fn has_version(&self, key: &ResourceKey, version: &VersionRef) -> bool {
        self.resources.get(key).is_some_and(|versions| versions.get(version).is_some())
    }

    /// True if any version of the resource, past ones included, has this content.
    pub(crate) fn has_had(&self, key: &ResourceKey, content: &Json) -> bool {
        self.resources
            .get(key)
            .is_some_and(|versions| versions.iter().any(|version| version.content.as_ref() == Some(content)))
    }

    /// All versions of a resource, oldest first.
    pub fn history(&self, key: &ResourceKey) -> Vec<HistoryItem> {
        let Some(versions) = self.resources.get(key) else { return Vec::new() };
        let heads = versions.heads();
        let order: HashMap<EntryId, usize> =
            self.log.entries().enumerate().map(|(n, (entry, _))| (entry.id(), n)).collect();
        let mut items: Vec<_> = versions
            .iter()
            .filter_map(|version| {
                let made = self.made.get(&version.id)?;
                let (author, time_ms, content) = (made.author, made.time_ms, version.content.clone());
                Some(HistoryItem {
                    version: version.id,
                    author,
                    device: made.device,
                    time_ms,
                    content,
                    current: heads.contains(&version.id),
                })
            })
            .collect();
        items.sort_by_key(|item| (order.get(&item.version.entry).copied(), item.version.index));
        items
    }

    /// Resources edited apart in the same element.
    pub fn conflicts(&self) -> Vec<Unresolved> {
        self.resources
            .iter()
            .filter_map(|(key, versions)| {
                let conflicts = versions.view().conflicts;
                (!conflicts.is_empty()).then(|| Unresolved { key: key.clone(), conflicts })
            })
            .collect()
    }

    /// What a resource becomes when the values of one of its versions are taken wherever versions differ. None: deleted.
    pub fn taking(&self, key: &ResourceKey, version: VersionRef) -> Option<Json> {
        self.resources.get(key)?.taking(version)
    }

    /// The patient's name, or what the chart is for.
    pub fn title(&self) -> String {
        match self.role {
            ChartRole::Patient => self.cover().title(),
            role => role.word().to_owned(),
        }
    }

    /// Who made a version, and when.
    pub(crate) fn made_by(&self, version: &VersionRef) -> Option<(MemberId, i64)> {
        self.made.get(version).map(|made| (made.author, made.time_ms))
    }

    /// What a clinician reads first.
    pub fn summary<'a>(&self, lookup: &dyn Fn(&str) -> Option<&'a Json>, today: jiff::civil::Date) -> Summary {
        let views: Vec<_> = self.resources().collect();
        summarise(views.iter().map(|(key, json)| (*key, json.as_ref())), &|reference| lookup(reference), today)
    }

    pub(crate) fn cover(&self) -> Cover {
        let patients: Vec<_> =
            self.resources().filter(|(key, _)| key.kind == "Patient").map(|(_, json)| json).collect();
        let count = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let mut cover = Cover::of(patients.iter().map(Cow::as_ref), count);
        if let Some(patient) = self.patient.as_ref().filter(|id| !cover.patient_ids.contains(id)) {
            cover.patient_ids.insert(0, patient.clone());
        }
        cover
    }
}
