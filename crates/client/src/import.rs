//! Taking FHIR files in: one chart per patient, a file at a time, all of a file or nothing of it.

#[cfg(not(target_arch = "wasm32"))]
mod files;
mod place;

use crate::chart::Chart;
use crate::write::{Draft, NewChart};
use crate::{ChartRole, Error, Session};
use place::{Placed, Target};
use std::collections::{BTreeMap, HashSet};
use std::io::{BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use wardbook_core::chart::Grants;
use wardbook_record::cover::{Cover, may_be_other_person};
use wardbook_record::json::Json;
use wardbook_record::reader::{Layout, ReadError, layout_of, read};
use wardbook_record::resource::{Resource, ResourceKey};
use wardbook_store::Batch;
use wardbook_wire::{Access, Grantee};
use zeroize::Zeroizing;

/// File content that is held in memory at once; a longer file is taken in parts, still all or nothing.
const PART_BYTES: u64 = 16 * 1024 * 1024;
/// Refusals and warnings that a report names; the rest is counted.
pub const NAMED_MAX: usize = 1000;
/// How the names of files begin that are read before others: whose records follow is known then. A bulk export has a
/// file for each type.
const PATIENTS: &str = "Patient";

/// Where an import stands.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    pub files_done: usize,
    pub files: usize,
    pub file: &'a str,
    pub resources: u64,
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    pub files: u64,
    pub new: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub charts_new: u64,
    pub refused: u64,
    /// The first [`NAMED_MAX`].
    pub refusals: Vec<Refused>,
    pub warnings: Vec<Refused>,
}

/// An entry that was not taken, or looks wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub file: String,
    /// Number of the entry or line from 1; 0 for the whole file.
    pub entry: usize,
    pub resource: Option<ResourceKey>,
    pub reason: String,
}

impl ImportReport {
    fn refuse(&mut self, file: &str, entry: usize, resource: Option<ResourceKey>, reason: String) {
        self.refused += 1;
        if self.refusals.len() < NAMED_MAX {
            self.refusals.push(Refused { file: file.to_owned(), entry, resource, reason });
        }
    }
}

/// An import of one file under way: charts as they will be, and what will be committed.
struct Work {
    charts: BTreeMap<Target, Chart>,
    batch: Batch,
    report: ImportReport,
    /// What this file has brought so far, for finding out what it brings twice.
    seen: HashSet<(Target, ResourceKey)>,
    /// Patients whose id here means somebody else, from this and earlier files of the import.
    others: HashSet<Target>,
}

/// Why a file was given up.
enum Stop {
    File(ReadError),
    /// The Patient of an id came after records of that id had been filed with somebody else.
    OtherPerson(String),
    Error(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<ReadError> for Stop {
    fn from(error: ReadError) -> Self {
        Self::File(error)
    }
}

impl Session {
    /// Imports the content of files, under their names: `.json`, `.ndjson` or `.jsonl`; else it is read as JSON. Patients
    /// come first, as from a folder: who picks several files in a browser has no say in their order. New charts are shared
    /// as `to` says.
    ///
    /// # Errors
    /// A full disk. Files before it stay imported.
    pub fn import_bytes(
        &mut self,
        files: &[(String, Zeroizing<Vec<u8>>)],
        to: &Grants,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<ImportReport, Error> {
        let mut files: Vec<_> = files.iter().collect();
        // A name may have folders before it.
        files.sort_by_key(|(name, _)| !name.rsplit('/').next().unwrap_or(name).starts_with(PATIENTS));
        let files = files.into_iter().map(|(name, content)| {
            let open = move || Ok::<&[u8], Error>(content.as_slice());
            (name.clone(), open)
        });
        self.import_files(files.collect(), to, progress)
    }

    /// Imports files by name and how each is opened.
    fn import_files<R: Read>(
        &mut self,
        files: Vec<(String, impl FnOnce() -> Result<R, Error>)>,
        to: &Grants,
        progress: &mut dyn FnMut(&Progress<'_>),
    ) -> Result<ImportReport, Error> {
        let all = files.len();
        let mut others = HashSet::new();
        let mut report = ImportReport::default();
        for (files_done, (file, open)) in files.into_iter().enumerate() {
            let before = report.new + report.changed + report.unchanged;
            let mut tell =
                |resources| progress(&Progress { files_done, files: all, file: &file, resources: before + resources });
            tell(0);
            match self.import_file(open()?, &file, to, &mut others, &mut tell) {
                Ok(done) => report.add(done),
                Err(Stop::File(error)) => report.refuse(&file, 0, None, error.to_string()),
                Err(Stop::OtherPerson(reason)) => report.refuse(&file, 0, None, reason),
                Err(Stop::Error(error)) => return Err(error),
            }
            report.files += 1;
        }
        Ok(report)
    }

    fn import_file(
        &mut self,
        source: impl Read,
        name: &str,
        to: &Grants,
        others: &mut HashSet<Target>,
        tell: &mut dyn FnMut(u64),
    ) -> Result<ImportReport, Stop> {
        let layout = layout_of(name).unwrap_or(Layout::Json);
        let counted = Arc::new(AtomicU64::new(0));
        let source = BufReader::with_capacity(256 * 1024, Counted(source, counted.clone()));
        let mut work = Work {
            charts: BTreeMap::new(),
            batch: Batch::new(),
            report: ImportReport::default(),
            seen: HashSet::new(),
            others: others.clone(),
        };
        let (mut part, mut taken, mut resources) = (Vec::new(), 0, 0);
        let mut patients = place::Patients::default();
        read::<Stop>(source, layout, &mut |place, outcome| {
            match outcome {
                Ok(resource) => {
                    resources += 1;
                    patients.note(&resource);
                    part.push((place.entry, resource));
                }
                Err(refusal) => work.report.refuse(name, place.entry, None, refusal.to_string()),
            }
            let read = counted.load(Ordering::Relaxed);
            if read - taken >= PART_BYTES {
                taken = read;
                self.take_part(name, std::mem::take(&mut part), &patients, to, &mut work)?;
                tell(resources);
            }
            Ok(())
        })?;
        self.take_part(name, part, &patients, to, &mut work)?;
        tell(resources);
        others.extend(work.others.iter().cloned());
        self.commit_file(work).map_err(Stop::Error)
    }

    /// Sorts resources into charts and adds what is new to each.
    fn take_part(
        &mut self,
        file: &str,
        part: Vec<(usize, Resource)>,
        patients: &place::Patients,
        to: &Grants,
        work: &mut Work,
    ) -> Result<(), Stop> {
        let mut groups = BTreeMap::<Target, Vec<(usize, Resource)>>::new();
        for Placed { entry, resource, target } in place::place(self, part, patients)? {
            match target {
                Ok(target) => groups.entry(target).or_default().push((entry, resource)),
                Err(reason) => work.report.refuse(file, entry, Some(resource.key().clone()), reason),
            }
        }
        for (target, resources) in groups {
            self.take_group(file, target, resources, to, work)?;
        }
        Ok(())
    }

    fn take_group(
        &mut self,
        file: &str,
        target: Target,
        resources: Vec<(usize, Resource)>,
        to: &Grants,
        work: &mut Work,
    ) -> Result<(), Stop> {
        let mut chart = match work.charts.remove(&target) {
            Some(chart) => chart,
            None => self.chart_for(&target, to, work)?,
        };
        if work.others.contains(&target) || is_other_person(&chart, &resources) {
            if work.seen.iter().any(|(seen, _)| *seen == target) {
                return Err(Stop::OtherPerson(OTHER_PERSON.to_owned()));
            }
            work.refuse_all(file, resources, OTHER_PERSON);
            work.others.insert(target.clone());
            work.charts.insert(target, chart);
            return Ok(());
        }
        if let Err(error) = self.require(&chart, Access::Write) {
            work.refuse_all(file, resources, &error.to_string());
            work.charts.insert(target, chart);
            return Ok(());
        }
        let mut drafts = Vec::new();
        for (entry, resource) in resources {
            for reason in resource.warnings() {
                if work.report.warnings.len() < NAMED_MAX {
                    let resource = Some(resource.key().clone());
                    work.report.warnings.push(Refused { file: file.to_owned(), entry, resource, reason });
                }
            }
            let (key, json, full_url) = resource.into_parts();
            let again = !work.seen.insert((target.clone(), key.clone()));
            match compare(&chart, &key, &json) {
                Compared::Same => work.report.unchanged += 1,
                _ if again => {
                    let twin = drafts.iter().find(|draft: &&Draft| draft.key == key);
                    if twin.is_some_and(|twin| twin.content.as_ref() == Some(&json)) {
                        work.report.unchanged += 1;
                    } else {
                        let reason = "occurs twice in this file with different content".to_owned();
                        work.report.refuse(file, entry, Some(key), reason);
                    }
                }
                Compared::InConflict => {
                    let reason =
                        "differs from a resource that is in conflict: resolve that first (`wardbook conflicts`)"
                            .to_owned();
                    work.report.refuse(file, entry, Some(key), reason);
                }
                Compared::Differs(bases) => {
                    *(if bases.is_empty() { &mut work.report.new } else { &mut work.report.changed }) += 1;
                    drafts.push(Draft { key, full_url, bases, content: Some(json) });
                }
            }
        }
        if !drafts.is_empty() {
            self.append(&mut chart, drafts, &mut work.batch)?;
        }
        work.charts.insert(target, chart);
        Ok(())
    }

    fn chart_for(&mut self, target: &Target, to: &Grants, work: &mut Work) -> Result<Chart, Error> {
        let role = target.role();
        let held = match target {
            Target::Patient(id) => self.chart_of_patient(id)?,
            Target::Organisation | Target::Unfiled => self.charts_of(role)?.first().copied(),
        };
        if let Some(id) = held {
            return self.take_chart(id);
        }
        let patient = if let Target::Patient(id) = target { id.as_str() } else { "" };
        let everyone = Grants::from([(Grantee::Team(crate::create::EVERYONE), Access::Manage)]);
        let grants = if role == ChartRole::Organisation { everyone } else { to.clone() };
        work.report.charts_new += 1;
        self.create_chart(&NewChart { role, patient, grants }, &mut work.batch)
    }

    /// Everything of a file at once.
    fn commit_file(&mut self, mut work: Work) -> Result<ImportReport, Error> {
        if work.batch.is_empty() {
            return Ok(work.report);
        }
        for chart in work.charts.values() {
            self.put_cover(chart, &mut work.batch);
        }
        self.vault.store.commit(&work.batch)?;
        // The next files bring other patients, and the same practitioners and locations.
        self.open.clear();
        for (target, chart) in work.charts {
            self.list_again(&chart);
            if target == Target::Organisation {
                self.open.insert(chart.id(), chart);
            }
        }
        Ok(work.report)
    }
}

impl ImportReport {
    fn add(&mut self, other: Self) {
        self.new += other.new;
        self.changed += other.changed;
        self.unchanged += other.unchanged;
        self.charts_new += other.charts_new;
        self.refused += other.refused;
        self.refusals.extend(other.refusals);
        self.refusals.truncate(NAMED_MAX);
        self.warnings.extend(other.warnings);
        self.warnings.truncate(NAMED_MAX);
    }
}

enum Compared {
    Same,
    InConflict,
    /// The versions that the new one replaces.
    Differs(Vec<wardbook_core::body::VersionRef>),
}

fn compare(chart: &Chart, key: &ResourceKey, json: &Json) -> Compared {
    match chart.view(key) {
        None => Compared::Differs(Vec::new()),
        // An older version again is the same file again, and no wish to undo what was edited since.
        Some(_) if chart.has_had(key, json) => Compared::Same,
        Some(view) if view.heads.len() > 1 => Compared::InConflict,
        Some(view) => Compared::Differs(view.heads),
    }
}

const OTHER_PERSON: &str =
    "the chart with this patient's id has another name, birth date and identifiers: it may be another person";

/// The same id with nothing else in common is more likely another system's patient than the same person.
fn is_other_person(chart: &Chart, resources: &[(usize, Resource)]) -> bool {
    let held = chart.cover();
    let known = !held.names.is_empty() || held.birth_date.is_some() || !held.identifiers.is_empty();
    let mut incoming =
        resources.iter().map(|(_, resource)| resource).filter(|resource| resource.key().kind == "Patient");
    known && incoming.any(|resource| may_be_other_person(&held, &Cover::of(std::iter::once(resource.json()), 1)))
}

impl Work {
    fn refuse_all(&mut self, file: &str, resources: Vec<(usize, Resource)>, reason: &str) {
        for (entry, resource) in resources {
            self.report.refuse(file, entry, Some(resource.key().clone()), reason.to_owned());
        }
    }
}

/// Counts what was read.
struct Counted<R>(R, Arc<AtomicU64>);

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.0.read(buffer)?;
        self.1.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
