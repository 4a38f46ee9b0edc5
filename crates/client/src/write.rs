//! Writing entries: new charts, changes to resources, and turning a chart's key over where it must be.

use crate::chart::{Chart, Place, entry_row};
use crate::sync::Sync;
use crate::{ChartRole, Error, Session, now_ms, rng};
use std::collections::BTreeMap;
use wardbook_core::blob::BlobRef;
use wardbook_core::body::{Body, CHANGES_MAX, Change, Content, VersionRef};
use wardbook_core::chart::{Arrival, ChartLog, Grants, new_epoch_key, remaining, seal_body, seal_grants};
use wardbook_core::keys::ChartKey;
use wardbook_record::json::Json;
use wardbook_record::resource::{Resource, ResourceKey};
use wardbook_store::{Batch, Kind};
use wardbook_wire::entry::KeyCheck;
use wardbook_wire::{Access, ChartId, Entry, EntryHeader, EntryKind, Grantee, Role};

/// JSON text in one entry, about: opening a chart holds one body at a time beside the resources.
const ENTRY_TEXT_BYTES: usize = 2 * 1024 * 1024;

/// A version of a resource that is about to be written.
pub(crate) struct Draft {
    pub key: ResourceKey,
    pub full_url: Option<String>,
    pub bases: Vec<VersionRef>,
    /// None deletes.
    pub content: Option<Json>,
}

/// What a new chart holds at first and who has access.
pub(crate) struct NewChart<'a> {
    pub role: ChartRole,
    /// FHIR id of the patient; empty for the others.
    pub patient: &'a str,
    pub grants: Grants,
}

impl Draft {
    fn change(&self) -> Change {
        Change {
            kind: self.key.kind.clone(),
            id: self.key.id.clone(),
            full_url: self.full_url.clone(),
            bases: self.bases.clone(),
            content: self.content.as_ref().map(|json| Content(json.to_text().into_bytes())),
        }
    }
}

impl Session {
    /// Opens a new chart in memory and adds its genesis to a batch.
    pub(crate) fn create_chart(&mut self, new: &NewChart<'_>, batch: &mut Batch) -> Result<Chart, Error> {
        if self.role() < Some(Role::Clinician) {
            return Err(Error::NoRight("your role lets you read, not open new charts".into()));
        }
        let key = ChartKey::generate(&mut rng());
        let grants = self.sealed_grants(&key, 1, new.grants.iter().map(|(to, access)| (*to, *access)))?;
        let header = EntryHeader { grants, ..self.header(EntryKind::Genesis, key.check()) };
        let key_of = ResourceKey { kind: new.role.marker().to_owned(), id: new.patient.to_owned() };
        let marker = Draft { key: key_of, full_url: None, bases: Vec::new(), content: None };
        let (time_ms, entry) = self.sign(header, &key, &[marker])?;
        let log = ChartLog::new(ChartId::from(entry.id()));
        let mut chart = Chart::assemble(log, BTreeMap::from([(key.check(), key)]), Vec::new());
        chart.set_role(new.role, new.patient);
        self.add_entry(&mut chart, (time_ms, entry), Vec::new(), batch)?;
        Ok(chart)
    }

    /// Adds changes to a chart in memory and to a batch, in as many entries as their size asks for.
    pub(crate) fn append(&self, chart: &mut Chart, drafts: Vec<Draft>, batch: &mut Batch) -> Result<(), Error> {
        self.prepare(chart, batch)?;
        let (mut part, mut size) = (Vec::new(), 0);
        for draft in drafts {
            let length = draft.content.as_ref().map_or(0, Json::size);
            if !part.is_empty() && (size + length > ENTRY_TEXT_BYTES || part.len() >= CHANGES_MAX) {
                self.append_entry(chart, std::mem::take(&mut part), batch)?;
                size = 0;
            }
            size += length;
            part.push(draft);
        }
        if part.is_empty() { Ok(()) } else { self.append_entry(chart, part, batch) }
    }

    /// Adds changes in one entry, with the attachments that they bring.
    pub(crate) fn append_with_blobs(
        &self,
        chart: &mut Chart,
        drafts: Vec<Draft>,
        blobs: Vec<BlobRef>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        self.prepare(chart, batch)?;
        let key = self.current_key(chart)?;
        let mut header = self.next_header(chart, EntryKind::Change, &key);
        header.blobs = blobs.iter().map(|blob| blob.id).collect();
        header.blobs.sort_unstable();
        let signed = self.sign_with_blobs(header, &key, &drafts, &blobs)?;
        self.add_entry(chart, signed, drafts, batch)?;
        chart.add_blobs(blobs);
        Ok(())
    }

    /// Checks the right to write, and turns the key over where that has to come first.
    fn prepare(&self, chart: &mut Chart, batch: &mut Batch) -> Result<(), Error> {
        self.require(chart, Access::Write)?;
        if chart.log.needs_rekey(&self.vault.directory) {
            let grants = chart.log.access().grants().clone();
            self.rekey(chart, &grants, batch)?;
        }
        Ok(())
    }

    fn append_entry(&self, chart: &mut Chart, drafts: Vec<Draft>, batch: &mut Batch) -> Result<(), Error> {
        let key = self.current_key(chart)?;
        let header = self.next_header(chart, EntryKind::Change, &key);
        let signed = self.sign(header, &key, &drafts)?;
        self.add_entry(chart, signed, drafts, batch)
    }

    /// Gives more grantees access under the current key.
    pub(crate) fn append_grant(&self, chart: &mut Chart, grants: &Grants, batch: &mut Batch) -> Result<(), Error> {
        let key = self.current_key(chart)?;
        let epoch = chart.log.access().epoch();
        let grants = self.sealed_grants(&key, epoch, grants.iter().map(|(to, access)| (*to, *access)))?;
        let header = EntryHeader { grants, ..self.next_header(chart, EntryKind::Grant, &key) };
        let entry = self.sign(header, &key, &[])?;
        self.add_entry(chart, entry, Vec::new(), batch)
    }

    /// A new key for exactly those grantees, without people who have left.
    pub(crate) fn rekey(&self, chart: &mut Chart, grants: &Grants, batch: &mut Batch) -> Result<(), Error> {
        let directory = &self.vault.directory;
        let access = chart.log.access();
        let epoch = access.epoch() + 1;
        let mut replaced: BTreeMap<_, _> = access.current_keys().map(|check| (check, chart.keys.get(&check))).collect();
        if replaced.values().any(Option::is_none) {
            // Somebody handed out something else than the key: older keys have to be carried on past it.
            replaced.extend(chart.keys.iter().map(|(check, key)| (*check, Some(key))));
        }
        let (key, previous) = new_epoch_key(directory.org(), epoch, &replaced, &mut rng());
        let grants = self.sealed_grants(&key, epoch, remaining(grants, directory, directory.now()))?;
        let header = EntryHeader { grants, previous, epoch, ..self.next_header(chart, EntryKind::Rekey, &key) };
        let entry = self.sign(header, &key, &[])?;
        chart.keys.insert(key.check(), key);
        self.add_entry(chart, entry, Vec::new(), batch)
    }

    pub(crate) fn require(&self, chart: &Chart, needed: Access) -> Result<(), Error> {
        let directory = &self.vault.directory;
        let access = chart.log.access().access_of(directory, self.me(), directory.now());
        if access < Some(needed) || self.role() < Some(Role::Clinician) {
            let what = if needed == Access::Manage { "share" } else { "change" };
            return Err(Error::NoRight(format!("you may read this chart, not {what} it: ask somebody who manages it")));
        }
        Ok(())
    }

    fn sealed_grants(
        &self,
        key: &ChartKey,
        epoch: u64,
        grants: impl IntoIterator<Item = (Grantee, Access)>,
    ) -> Result<Vec<wardbook_wire::Grant>, Error> {
        let sealed = seal_grants(&self.vault.directory, self.holder(), key, epoch, grants, &mut rng());
        sealed.map_err(|_| Error::damaged("a public key in the directory"))
    }

    pub(crate) fn current_key(&self, chart: &Chart) -> Result<ChartKey, Error> {
        let check: Option<KeyCheck> = chart.log.access().current_keys().next();
        check.and_then(|check| chart.keys.get(&check)).cloned().ok_or_else(|| Error::damaged("the key of this chart"))
    }

    fn header(&self, kind: EntryKind, key: KeyCheck) -> EntryHeader {
        let sync = self.vault.sync.as_ref();
        EntryHeader {
            org: self.vault.identity.org,
            chart: None,
            kind,
            parents: Vec::new(),
            author: self.me(),
            device: self.vault.identity.device,
            directory: self.vault.directory.head(),
            epoch: 1,
            key,
            grants: Vec::new(),
            previous: Vec::new(),
            seen: sync.map(Sync::seen),
            lease: sync.and_then(|sync| sync.lease).map(|held| held.id),
            blobs: Vec::new(),
        }
    }

    pub(crate) fn next_header(&self, chart: &Chart, kind: EntryKind, key: &ChartKey) -> EntryHeader {
        self.header_after(&chart.log, kind, key.check())
    }

    /// The header of what comes next in a log, under the key of that name.
    pub(crate) fn header_after(&self, log: &ChartLog, kind: EntryKind, key: KeyCheck) -> EntryHeader {
        let (chart, parents, epoch) = (Some(log.chart()), log.parents(), log.access().epoch());
        EntryHeader { chart, parents, epoch, ..self.header(kind, key) }
    }

    pub(crate) fn sign(&self, header: EntryHeader, key: &ChartKey, drafts: &[Draft]) -> Result<(i64, Entry), Error> {
        self.sign_with_blobs(header, key, drafts, &[])
    }

    fn sign_with_blobs(
        &self,
        header: EntryHeader,
        key: &ChartKey,
        drafts: &[Draft],
        blobs: &[BlobRef],
    ) -> Result<(i64, Entry), Error> {
        let time_ms = now_ms();
        let changes = drafts.iter().map(Draft::change).collect();
        let packed = Body { time_ms, changes, blobs: blobs.to_vec() }.encode(&mut self.packer.borrow_mut());
        let body = seal_body(&header, key, &packed, &mut rng());
        let entry = self.ring.keys.signing.sign_entry(header, body);
        Ok((time_ms, entry.map_err(|error| Error::Invalid(error.to_string()))?))
    }

    /// Checks one's own entry by the same rules as anybody's, and adds it with the versions that it makes.
    pub(crate) fn add_entry(
        &self,
        chart: &mut Chart,
        (time_ms, entry): (i64, Entry),
        drafts: Vec<Draft>,
        batch: &mut Batch,
    ) -> Result<(), Error> {
        let (id, chart_id, arrived) = (entry.id(), entry.chart(), self.vault.directory.now());
        batch.put(Kind::Entry, chart_id.as_bytes(), id.as_bytes(), entry_row(Place::here(arrived), &entry.encode()));
        if self.vault.has_server() {
            batch.put(Kind::Outbox, chart_id.as_bytes(), id.as_bytes(), Vec::new());
        }
        chart
            .log
            .insert(&self.vault.directory, entry, Arrival::at(arrived))
            .map_err(|error| Error::NoRight(error.to_string()))?;
        for (index, draft) in drafts.into_iter().enumerate() {
            let version = VersionRef { entry: id, index: u32::try_from(index).unwrap_or(u32::MAX) };
            chart.add_version(version, (self.me(), self.vault.identity.device), time_ms, draft);
        }
        Ok(())
    }

    /// Commits what was done to a chart, with its new cover.
    pub(crate) fn finish(&mut self, chart: Chart, mut batch: Batch) -> Result<(), Error> {
        let id = chart.id();
        self.put_cover(&chart, &mut batch);
        self.vault.store.commit(&batch)?;
        self.list_again(&chart);
        self.open.insert(id, chart);
        Ok(())
    }

    /// Takes a chart out of the session's cache, to change it; [`Session::finish`] puts it back.
    pub(crate) fn take_chart(&mut self, id: ChartId) -> Result<Chart, Error> {
        self.chart(id)?;
        self.open.remove(&id).ok_or_else(|| Error::NoChart(String::new()))
    }

    /// Writes a new version of a resource. Where versions differ it replaces them all, which resolves the conflict.
    ///
    /// # Errors
    /// [`Error::NoRight`]; the disk's, and then nothing has changed.
    pub fn put(&mut self, id: ChartId, resource: Resource) -> Result<(), Error> {
        self.put_as(id, resource.key().clone(), resource)
    }

    /// As [`Session::put`], for a resource that is held under another key than its content gives, as one without an id
    /// is.
    ///
    /// # Errors
    /// As [`Session::put`].
    pub fn put_as(&mut self, id: ChartId, key: ResourceKey, resource: Resource) -> Result<(), Error> {
        let (_, json, full_url) = resource.into_parts();
        self.chart(id)?;
        let bases = self.heads(id, &key);
        self.write_version(id, Draft { key, full_url, bases, content: Some(json) })
    }

    /// As [`Session::put_as`], in place of those versions alone: a change that came since they were shown is not
    /// written over. Both are merged, and what differs is in conflict.
    ///
    /// # Errors
    /// [`Error::Invalid`] where one of them is no version of that resource, or none is given; else as [`Session::put`].
    pub fn put_from(
        &mut self,
        id: ChartId,
        key: ResourceKey,
        resource: Resource,
        bases: &[VersionRef],
    ) -> Result<(), Error> {
        let chart = self.chart(id)?;
        if bases.is_empty() || !bases.iter().all(|base| chart.has_version(&key, base)) {
            return Err(Error::Invalid(format!("{key} has no such versions to go on from: open it again")));
        }
        let mut bases = bases.to_vec();
        bases.sort_unstable();
        bases.dedup();
        let (_, json, full_url) = resource.into_parts();
        self.write_version(id, Draft { key, full_url, bases, content: Some(json) })
    }

    /// Opens a chart for a patient, with their Patient resource in it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for any other resource; [`Error::Conflict`] where this member may open a chart of that
    /// patient already; else as [`Session::put`].
    pub fn new_patient(&mut self, patient: Resource, to: &Grants) -> Result<ChartId, Error> {
        let (key, json, full_url) = patient.into_parts();
        if key.kind != "Patient" {
            return Err(Error::Invalid(format!("a chart is opened for a Patient, not for {key}")));
        }
        if self.chart_of_patient(&key.id)?.is_some() {
            return Err(Error::Conflict(format!("{key} has a chart already: open that one, or choose another id")));
        }
        let mut batch = Batch::new();
        let new = NewChart { role: ChartRole::Patient, patient: &key.id, grants: to.clone() };
        let mut chart = self.create_chart(&new, &mut batch)?;
        let id = chart.id();
        let draft = Draft { key, full_url, bases: Vec::new(), content: Some(json) };
        self.append(&mut chart, vec![draft], &mut batch)?;
        self.finish(chart, batch)?;
        Ok(id)
    }

    /// Deletes a resource. Its history stays.
    ///
    /// # Errors
    /// [`Error::NoResource`]; else as [`Session::put`].
    pub fn delete(&mut self, id: ChartId, key: &ResourceKey) -> Result<(), Error> {
        let view = self.chart(id)?.view(key).filter(|view| view.content.is_some());
        let bases = view.map(|view| view.heads).ok_or_else(|| Error::NoResource(key.to_string()))?;
        self.write_version(id, Draft { key: key.clone(), full_url: None, bases, content: None })
    }

    fn write_version(&mut self, id: ChartId, mut draft: Draft) -> Result<(), Error> {
        let mut chart = self.take_chart(id)?;
        draft.full_url = draft.full_url.take().or_else(|| chart.full_url(&draft.key).map(str::to_owned));
        let mut batch = Batch::new();
        self.append(&mut chart, vec![draft], &mut batch)?;
        self.finish(chart, batch)
    }
}

#[cfg(test)]
mod tests;
