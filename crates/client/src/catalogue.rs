//! The charts that a member may open, with their cover sheets: what is listed and searched.
//!
//! A cover sheet is sealed under the chart key. The keys that a member has opened are kept in one small box per chart
//! under their keyring key, so that unlocking opens no public-key box. A box is used as long as nobody has changed
//! the chart's access; otherwise the entries are read again.

use crate::chart::{Chart, load_log};
use crate::{Error, Session, rng};
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use wardbook_core::chart::{AccessState, ChartLog, Grants, Standing, access_in, open_chart_keys};
use wardbook_core::envelope::{self, Context, Kind as BoxKind};
use wardbook_core::keys::{ChartKey, ParentKey};
use wardbook_record::cover::{Cover, Identifier};
use wardbook_record::search::Index;
use wardbook_store::{Batch, Kind};
use wardbook_wire::entry::KeyCheck;
use wardbook_wire::statement::SealedBytes;
use wardbook_wire::{Access, ChartId, EntryKind, Grantee, OrgId, strict};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const ROW_BYTES_MAX: usize = 1024 * 1024;

/// What a chart is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(index_only)]
pub enum ChartRole {
    /// One patient's records.
    #[n(0)]
    Patient,
    /// Practitioners, locations and others that charts share.
    #[n(1)]
    Organisation,
    /// Clinical records that name no patient.
    #[n(2)]
    Unfiled,
}

impl ChartRole {
    /// The first change of a genesis says what the chart is for, by a kind that no FHIR resource has; its id is the
    /// patient's FHIR id.
    pub(crate) fn marker(self) -> &'static str {
        match self {
            Self::Patient => "wardbook:patient",
            Self::Organisation => "wardbook:organisation",
            Self::Unfiled => "wardbook:unfiled",
        }
    }

    pub(crate) fn from_marker(kind: &str) -> Option<Self> {
        [Self::Patient, Self::Organisation, Self::Unfiled].into_iter().find(|role| role.marker() == kind)
    }
}

/// A chart in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub chart: ChartId,
    pub role: ChartRole,
    pub cover: Cover,
    pub access: Access,
    /// Members and teams that the chart was given to.
    pub shared_with: Vec<Grantee>,
    /// Elements that were edited apart and wait for somebody to decide.
    pub conflicts: u32,
}

pub(crate) struct Catalogue {
    charts: BTreeMap<ChartId, Found>,
    /// Several where one patient's chart was opened on two devices apart; ascending.
    by_patient: HashMap<String, BTreeSet<ChartId>>,
    index: Index<ChartId>,
}

/// As stored: readable is only a fingerprint of the changes of access and which key seals the sheet.
#[derive(Clone, Debug, Encode, Decode)]
struct CoverRow {
    #[n(0)]
    access_version: u64,
    #[n(1)]
    key: KeyCheck,
    /// None where entries came that nobody here could open yet.
    #[n(2)]
    sealed: Option<SealedBytes>,
    /// Entries in quarantine.
    #[n(3)]
    waiting: u32,
}

#[derive(Encode, Decode)]
struct Sheet {
    #[n(0)]
    role: ChartRole,
    #[n(1)]
    patient_ids: Vec<String>,
    #[n(2)]
    names: Vec<String>,
    #[n(3)]
    birth_date: Option<String>,
    #[n(4)]
    gender: Option<String>,
    #[n(5)]
    identifiers: Vec<(Option<String>, String, Option<String>)>,
    #[n(6)]
    deceased: bool,
    #[n(7)]
    resources: u32,
    #[n(8)]
    conflicts: u32,
}

#[derive(Default, Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct Cached {
    #[n(0)]
    access_version: u64,
    #[n(1)]
    #[zeroize(skip)]
    grants: Vec<(Grantee, Access)>,
    #[n(2)]
    keys: Vec<CachedKey>,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct CachedKey {
    #[cbor(n(0), with = "minicbor::bytes")]
    check: [u8; 32],
    #[cbor(n(1), with = "minicbor::bytes")]
    key: [u8; 32],
}

impl Cached {
    fn of(log: &ChartLog, keys: &BTreeMap<KeyCheck, ChartKey>) -> Self {
        let access = log.access();
        Self {
            access_version: access_version(log),
            grants: access.grants().iter().map(|(to, access)| (*to, *access)).collect(),
            keys: keys.iter().map(|(check, key)| CachedKey { check: check.0, key: *key.expose() }).collect(),
        }
    }

    fn key(&self, check: &KeyCheck) -> Option<ChartKey> {
        let held = self.keys.iter().find(|held| held.check == check.0)?;
        ChartKey::from_slice(&held.key)
    }
}

/// The first 8 bytes of SHA-256 over the ids of the entries that count and change access to a chart, in the order of the
/// log: another number once one is added, admitted, set aside, or takes another place.
pub(crate) fn access_version(log: &ChartLog) -> u64 {
    let mut ids = Sha256::new();
    for (entry, standing) in log.entries() {
        let kind = entry.header().kind;
        if standing == Standing::Counts && matches!(kind, EntryKind::Genesis | EntryKind::Grant | EntryKind::Rekey) {
            ids.update(entry.id().as_bytes());
        }
    }
    let digest: [u8; 32] = ids.finalize().into();
    digest.first_chunk().copied().map_or(0, u64::from_be_bytes)
}

fn waiting(log: &ChartLog) -> u32 {
    u32::try_from(log.quarantined().count()).unwrap_or(u32::MAX)
}

/// The key that seals the cover: the current one, or after rekeys made apart the first of them.
fn cover_key(access: &AccessState) -> KeyCheck {
    access.current_keys().next().unwrap_or(KeyCheck([0; 32]))
}

impl Session {
    /// Adds the rows of a chart's cover and of this member's keys to a batch.
    pub(crate) fn put_cover(&self, chart: &Chart, batch: &mut Batch) {
        let (org, id) = (self.vault.identity.org, chart.id());
        let access = chart.log.access();
        let check = cover_key(&access);
        let sealed = chart.keys.get(&check).map(|key| {
            let bytes = Zeroizing::new(strict::encode(&sheet(chart)));
            SealedBytes(envelope::seal(key, &cover_context(org, &id), &bytes, &mut rng()))
        });
        let waiting = waiting(&chart.log);
        let row = CoverRow { access_version: access_version(&chart.log), key: check, sealed, waiting };
        batch.put(Kind::Cover, &[], id.as_bytes(), strict::encode(&row));
        self.put_keys(&id, &Cached::of(&chart.log, &chart.keys), batch);
    }

    /// True if the stored cover sheet says what the chart says.
    pub(crate) fn cover_is_right(&self, chart: &Chart) -> Result<bool, Error> {
        let (org, id) = (self.vault.identity.org, chart.id());
        let row = self.vault.store.get(Kind::Cover, &[], id.as_bytes())?;
        let Some(row) = row.and_then(|row| strict::decode::<CoverRow>(&row, ROW_BYTES_MAX).ok()) else {
            return Ok(false);
        };
        // Blank until somebody who may opens the chart.
        let Some(sealed) = row.sealed else { return Ok(true) };
        let opened =
            chart.keys.get(&row.key).and_then(|key| envelope::open(key, &cover_context(org, &id), &sealed.0).ok());
        let right = opened.is_some_and(|bytes| *bytes == strict::encode(&sheet(chart)));
        Ok(right && row.access_version == access_version(&chart.log))
    }

    fn put_keys(&self, id: &ChartId, cached: &Cached, batch: &mut Batch) {
        let bytes = Zeroizing::new(strict::encode(cached));
        let sealed = envelope::seal(&self.ring_key, &keys_context(self.vault.identity.org, id), &bytes, &mut rng());
        batch.put(Kind::ChartKeys, self.me().as_bytes(), id.as_bytes(), sealed);
    }

    /// Updates the list in memory, if there is one, after a chart changed.
    pub(crate) fn list_again(&mut self, chart: &Chart) {
        if self.catalogue.is_none() {
            return;
        }
        let found = self.found(chart);
        if let Some(catalogue) = &mut self.catalogue {
            catalogue.remove(&chart.id());
            found.into_iter().for_each(|found| catalogue.insert(found));
        }
    }

    /// Takes a chart from the list in memory.
    pub(crate) fn list_no_more(&mut self, id: &ChartId) {
        if let Some(catalogue) = &mut self.catalogue {
            catalogue.remove(id);
        }
    }

    fn found(&self, chart: &Chart) -> Option<Found> {
        let directory = &self.vault.directory;
        let access = chart.log.access();
        let mine = access.access_of(directory, self.me(), directory.now())?;
        Some(sheet(chart).into_found(chart.id(), mine, access.grants().keys().copied().collect()))
    }

    /// The charts that this member may open, by a query over names, birth dates and identifiers; all of them for an
    /// empty query. Charts that are no patient's come only with an empty query, last.
    ///
    /// # Errors
    /// Damage.
    pub fn search(&mut self, query: &str, most: usize) -> Result<Vec<Found>, Error> {
        Ok(self.catalogue()?.search(query, most).cloned().collect())
    }

    /// As [`Session::search`], all those that `keep` wants; it is asked about each one in the order of the list.
    ///
    /// # Errors
    /// Damage.
    pub fn search_where(&mut self, query: &str, keep: &mut dyn FnMut(&Found) -> bool) -> Result<Vec<Found>, Error> {
        Ok(self.catalogue()?.search(query, usize::MAX).filter(|found| keep(found)).cloned().collect())
    }

    /// A chart as it is listed; none that this member may not open.
    ///
    /// # Errors
    /// Damage.
    pub fn listed(&mut self, id: ChartId) -> Result<Option<Found>, Error> {
        Ok(self.catalogue()?.charts.get(&id).cloned())
    }

    /// The one chart that a person means: by FHIR id of the patient, chart id, or a query that fits one only.
    ///
    /// # Errors
    /// [`Error::NoChart`], [`Error::Ambiguous`].
    pub fn find_chart(&mut self, query: &str) -> Result<ChartId, Error> {
        let plain = query.strip_prefix("Patient/").unwrap_or(query);
        let catalogue = self.catalogue()?;
        if let Some(ids) = catalogue.by_patient.get(plain) {
            return match ids.first() {
                Some(id) if ids.len() == 1 => Ok(*id),
                _ => Err(Error::Ambiguous(query.into(), ids.len())),
            };
        }
        let by_id = |found: &&Found| plain.len() >= 8 && found.chart.to_string().starts_with(plain);
        if let Some(found) = catalogue.charts.values().find(by_id) {
            return Ok(found.chart);
        }
        if let Some(role) = [ChartRole::Organisation, ChartRole::Unfiled].into_iter().find(|role| plain == role.word())
        {
            return self.charts_of(role)?.first().copied().ok_or_else(|| Error::NoChart(query.into()));
        }
        let hits = if plain.trim().is_empty() { Vec::new() } else { catalogue.index.search(plain, 50) };
        let best: Vec<_> =
            hits.iter().filter(|hit| hits.first().is_some_and(|first| first.score == hit.score)).collect();
        match best.as_slice() {
            [] => Err(Error::NoChart(query.into())),
            [one] => Ok(one.key),
            several => Err(Error::Ambiguous(query.into(), several.len())),
        }
    }

    /// The charts of a patient by FHIR id, ascending: several where they were opened on two devices apart.
    ///
    /// # Errors
    /// Damage.
    pub fn charts_of_patient(&mut self, patient: &str) -> Result<Vec<ChartId>, Error> {
        Ok(self.catalogue()?.by_patient.get(patient).into_iter().flatten().copied().collect())
    }

    /// The first of them.
    pub(crate) fn chart_of_patient(&mut self, patient: &str) -> Result<Option<ChartId>, Error> {
        Ok(self.charts_of_patient(patient)?.first().copied())
    }

    /// The chart of the one patient who has this identifier.
    pub(crate) fn chart_by_identifier(&mut self, system: Option<&str>, value: &str) -> Result<Option<ChartId>, Error> {
        let fits = |held: &Identifier| held.value == value && (system.is_none() || held.system.as_deref() == system);
        let mut found = self.catalogue()?.charts.values().filter(|found| found.cover.identifiers.iter().any(fits));
        Ok(found.next().filter(|_| found.next().is_none()).map(|found| found.chart))
    }

    /// True if a chart of this patient is listed.
    pub(crate) fn knows_patient(&self, patient: &str) -> bool {
        self.catalogue.as_ref().is_some_and(|catalogue| catalogue.by_patient.contains_key(patient))
    }

    /// The FHIR id of a chart's patient.
    pub(crate) fn patient_of(&self, chart: ChartId) -> Option<String> {
        self.catalogue.as_ref()?.charts.get(&chart)?.cover.patient_ids.first().cloned()
    }

    /// Charts of a role, oldest id first.
    pub(crate) fn charts_of(&mut self, role: ChartRole) -> Result<Vec<ChartId>, Error> {
        Ok(self.catalogue()?.charts.values().filter(|found| found.role == role).map(|found| found.chart).collect())
    }

    /// All charts that this member may open.
    ///
    /// # Errors
    /// Damage.
    pub fn all_charts(&mut self) -> Result<Vec<Found>, Error> {
        Ok(self.catalogue()?.charts.values().cloned().collect())
    }

    fn catalogue(&mut self) -> Result<&Catalogue, Error> {
        if self.catalogue.is_none() {
            self.catalogue = Some(self.load_catalogue()?);
        }
        // Just put there.
        self.catalogue.as_ref().ok_or_else(|| Error::damaged("the list of charts"))
    }

    fn load_catalogue(&self) -> Result<Catalogue, Error> {
        let (org, directory) = (self.vault.identity.org, &self.vault.directory);
        let store = &self.vault.store;
        let keys = store.list(Kind::ChartKeys, self.me().as_bytes())?;
        let keys: HashMap<_, _> = keys.into_iter().map(|row| (row.key, row.value)).collect();
        let (mut catalogue, mut batch) = (Catalogue::default(), Batch::new());
        let mut covered = BTreeSet::new();
        for row in store.list_all(Kind::Cover)? {
            let Some(id) = ChartId::from_slice(&row.key) else { continue };
            let Ok(cover) = strict::decode::<CoverRow>(&row.value, ROW_BYTES_MAX) else { continue };
            covered.insert(id);
            let cached = keys.get(&row.key).and_then(|sealed| {
                let bytes = envelope::open(&self.ring_key, &keys_context(org, &id), sealed).ok()?;
                strict::decode::<Cached>(&bytes, ROW_BYTES_MAX).ok()
            });
            let cached = cached.filter(|cached| cached.access_version == cover.access_version);
            let access_by = |cached: &Cached| {
                let grants: Grants = cached.grants.iter().copied().collect();
                access_in(&grants, directory, self.me(), directory.now())
            };
            // Known, unchanged, and not for me: the usual case for the charts of other teams.
            if cached.as_ref().is_some_and(|cached| access_by(cached).is_none()) {
                continue;
            }
            let cached = match cached.filter(|cached| cached.key(&cover.key).is_some()) {
                Some(cached) => cached,
                None => {
                    let cached = self.read_keys(id)?;
                    self.put_keys(&id, &cached, &mut batch);
                    cached
                }
            };
            let Some(access) = access_by(&cached) else { continue };
            let sheet = cached.key(&cover.key).and_then(|key| {
                let bytes = envelope::open(&key, &cover_context(org, &id), &cover.sealed.as_ref()?.0).ok()?;
                strict::decode::<Sheet>(&bytes, ROW_BYTES_MAX).ok()
            });
            match sheet {
                Some(sheet) => {
                    let shared_with = cached.grants.iter().map(|(to, _)| *to).collect();
                    catalogue.insert(sheet.into_found(id, access, shared_with));
                }
                None => {
                    let chart = Chart::load(self, id)?;
                    self.put_cover(&chart, &mut batch);
                    self.found(&chart).into_iter().for_each(|found| catalogue.insert(found));
                }
            }
        }
        // A chart whose cover was lost is listed again, and its cover written.
        for owner in store.owners(Kind::Entry)? {
            let Some(id) = ChartId::from_slice(&owner).filter(|id| !covered.contains(id)) else { continue };
            match Chart::load(self, id) {
                Ok(chart) => {
                    self.put_cover(&chart, &mut batch);
                    self.found(&chart).into_iter().for_each(|found| catalogue.insert(found));
                }
                Err(Error::NoChart(_)) => put_blank_cover(&load_log(&self.vault, id)?.0, &mut batch),
                Err(error) => return Err(error),
            }
        }
        store.commit(&batch)?;
        Ok(catalogue)
    }

    /// A process that was ended after it had stored entries, and before it had listed their chart, has left no cover.
    pub(crate) fn write_missing_covers(&mut self) -> Result<(), Error> {
        self.catalogue().map(|_| ())
    }

    /// Charts with entries in quarantine, whoever may open them.
    pub(crate) fn charts_with_waiting(&mut self) -> Result<Vec<ChartId>, Error> {
        self.write_missing_covers()?;
        let rows = self.vault.store.list_all(Kind::Cover)?;
        let waits = |row: &wardbook_store::Row| {
            strict::decode::<CoverRow>(&row.value, ROW_BYTES_MAX).is_ok_and(|cover| cover.waiting > 0)
        };
        Ok(rows.iter().filter(|row| waits(row)).filter_map(|row| ChartId::from_slice(&row.key)).collect())
    }

    fn read_keys(&self, id: ChartId) -> Result<Cached, Error> {
        let (log, _) = load_log(&self.vault, id)?;
        let mut keys = BTreeMap::new();
        open_chart_keys(&log, self.vault.identity.org, self.holder(), &mut keys);
        Ok(Cached::of(&log, &keys))
    }
}

impl ChartRole {
    /// How a person names it in a command.
    pub fn word(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Organisation => "organisation",
            Self::Unfiled => "unfiled",
        }
    }
}

impl Default for Catalogue {
    fn default() -> Self {
        Self { charts: BTreeMap::new(), by_patient: HashMap::new(), index: Index::new() }
    }
}

impl Catalogue {
    /// In the order of the list; for an empty query everything, with what is no patient's last.
    fn search(&self, query: &str, most: usize) -> impl Iterator<Item = &Found> + use<'_> {
        let all = query.trim().is_empty();
        let hits = self.index.search(query, most).into_iter().filter_map(|hit| self.charts.get(&hit.key));
        hits.chain(self.charts.values().filter(move |found| all && found.role != ChartRole::Patient)).take(most)
    }

    fn insert(&mut self, found: Found) {
        for id in &found.cover.patient_ids {
            self.by_patient.entry(id.clone()).or_default().insert(found.chart);
        }
        if found.role == ChartRole::Patient {
            self.index.insert(found.chart, &found.cover);
        }
        self.charts.insert(found.chart, found);
    }

    fn remove(&mut self, id: &ChartId) {
        self.index.remove(id);
        if let Some(found) = self.charts.remove(id) {
            for patient in &found.cover.patient_ids {
                if let Some(ids) = self.by_patient.get_mut(patient) {
                    ids.remove(id);
                    if ids.is_empty() {
                        self.by_patient.remove(patient);
                    }
                }
            }
        }
    }
}

/// A cover for entries that came without anybody here to open them; whoever may fills it in.
pub(crate) fn put_blank_cover(log: &ChartLog, batch: &mut Batch) {
    let row = CoverRow {
        access_version: access_version(log),
        key: cover_key(&log.access()),
        sealed: None,
        waiting: waiting(log),
    };
    batch.put(Kind::Cover, &[], log.chart().as_bytes(), strict::encode(&row));
}

fn sheet(chart: &Chart) -> Sheet {
    let cover = chart.cover();
    let conflicts = chart.conflicts().iter().map(|held| held.conflicts.len()).sum::<usize>();
    Sheet {
        role: chart.role(),
        patient_ids: cover.patient_ids,
        names: cover.names,
        birth_date: cover.birth_date,
        gender: cover.gender,
        identifiers: cover.identifiers.into_iter().map(|held| (held.system, held.value, held.label)).collect(),
        deceased: cover.deceased,
        resources: cover.resources,
        conflicts: u32::try_from(conflicts).unwrap_or(u32::MAX),
    }
}

impl Sheet {
    fn into_found(self, chart: ChartId, access: Access, shared_with: Vec<Grantee>) -> Found {
        let identifiers = self.identifiers.into_iter();
        let cover = Cover {
            patient_ids: self.patient_ids,
            names: self.names,
            birth_date: self.birth_date,
            gender: self.gender,
            identifiers: identifiers.map(|(system, value, label)| Identifier { system, value, label }).collect(),
            deceased: self.deceased,
            resources: self.resources,
            ..Cover::default()
        };
        Found { chart, role: self.role, cover, access, shared_with, conflicts: self.conflicts }
    }
}

fn cover_context(org: OrgId, id: &ChartId) -> Context<'_> {
    Context { org, kind: BoxKind::Cover, id: id.as_bytes(), epoch: 0, position: 0 }
}

fn keys_context(org: OrgId, id: &ChartId) -> Context<'_> {
    Context { org, kind: BoxKind::ChartKeyCache, id: id.as_bytes(), epoch: 0, position: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EVERYONE;
    use crate::testing::{ana, resource, to_me};

    /// A vault with three patients; the first is shared with everyone.
    fn three_patients(folder: &std::path::Path) -> Session {
        let (mut session, _) = ana(folder);
        let mut to = to_me(&session);
        to.insert(Grantee::Team(EVERYONE), Access::Read);
        for name in ["Okafor", "Ionescu", "Ferreira"] {
            let text = format!(r#"{{"resourceType":"Patient","id":"{name}","name":[{{"family":"{name}"}}]}}"#);
            session.new_patient(resource(&text), &to).unwrap();
            to.remove(&Grantee::Team(EVERYONE));
        }
        session
    }

    fn titles(found: &[Found]) -> Vec<String> {
        found.iter().map(|found| found.cover.names.concat()).collect()
    }

    #[test]
    fn a_search_gives_what_is_wanted_in_the_order_of_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = three_patients(&folder.path().join("vault"));
        let mut asked = Vec::new();
        let found = session.search_where("", &mut |found| {
            asked.push(found.role);
            found.cover.patient_ids != ["Ionescu"]
        });
        assert_eq!(titles(&found.unwrap()), ["Ferreira", "Okafor", ""]);
        assert_eq!(asked.last(), Some(&ChartRole::Organisation));
        assert_eq!(asked.len(), 4);
        assert!(session.search_where("", &mut |_| false).unwrap().is_empty());
        assert_eq!(titles(&session.search_where("ionesku", &mut |_| true).unwrap()), ["Ionescu"]);
        assert_eq!(titles(&session.search("", 2).unwrap()), ["Ferreira", "Ionescu"]);
        assert_eq!(session.search("", 4).unwrap().len(), 4);
    }

    /// As a process leaves it that was ended between storing entries and listing their chart.
    #[test]
    fn a_cover_that_is_missing_is_written_anew_and_is_no_finding() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = three_patients(&folder.path().join("vault"));
        let chart = session.find_chart("Ionescu").unwrap();
        session.catalogue = None;
        let mut batch = Batch::new();
        batch.delete(Kind::Cover, &[], chart.as_bytes());
        session.vault.store.commit(&batch).unwrap();
        assert!(session.verify(&mut |_| {}).unwrap().findings.is_empty());
        assert!(session.vault.store.get(Kind::Cover, &[], chart.as_bytes()).unwrap().is_some());
        assert_eq!(titles(&session.search("Ionescu", 1).unwrap()), ["Ionescu"]);
    }

    #[test]
    fn whom_a_chart_was_given_to_is_in_the_list() {
        let folder = tempfile::tempdir().unwrap();
        let mut session = three_patients(&folder.path().join("vault"));
        let (me, everyone) = (Grantee::Member(session.me()), Grantee::Team(EVERYONE));
        let shared = |session: &mut Session, name: &str| {
            let found = session.search(name, 1).unwrap().remove(0);
            found.shared_with.into_iter().collect::<BTreeSet<_>>()
        };
        assert_eq!(shared(&mut session, "Okafor"), BTreeSet::from([me, everyone]));
        assert_eq!(shared(&mut session, "Ionescu"), BTreeSet::from([me]));
        let chart = session.find_chart("Ionescu").unwrap();
        session.grant(chart, everyone, Access::Write).unwrap();
        assert_eq!(shared(&mut session, "Ionescu"), BTreeSet::from([me, everyone]));
        // Also as it is read from the disk.
        session.catalogue = None;
        assert_eq!(shared(&mut session, "Ionescu"), BTreeSet::from([me, everyone]));
        session.revoke(chart, everyone).unwrap();
        assert_eq!(shared(&mut session, "Ionescu"), BTreeSet::from([me]));
    }
}
