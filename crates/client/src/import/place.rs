//! Which chart each resource of a file goes to, seen over the whole file.

use crate::{ChartRole, Error, Session};
use std::collections::{HashMap, HashSet};
use wardbook_record::cover::Cover;
use wardbook_record::home::{Home, ResourceRef, home};
use wardbook_record::resource::Resource;

/// A chart, existing or to be made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// By FHIR id of the patient.
    Patient(String),
    Organisation,
    Unfiled,
}

impl Target {
    pub fn role(&self) -> ChartRole {
        match self {
            Self::Patient(_) => ChartRole::Patient,
            Self::Organisation => ChartRole::Organisation,
            Self::Unfiled => ChartRole::Unfiled,
        }
    }
}

pub struct Placed {
    pub entry: usize,
    pub resource: Resource,
    pub target: Result<Target, String>,
}

/// The patients that a file has brought so far.
#[derive(Default)]
pub struct Patients {
    ids: HashSet<String>,
    /// Last part of a `fullUrl` that differs from the id, to the id.
    aliases: HashMap<String, String>,
    /// None: several patients have it.
    by_identifier: HashMap<(Option<String>, String), Option<String>>,
}

impl Patients {
    pub fn note(&mut self, resource: &Resource) {
        if resource.key().kind != "Patient" {
            return;
        }
        let id = resource.key().id.clone();
        let alias = resource.full_url().and_then(|url| url.rsplit(['/', ':']).next());
        if let Some(alias) = alias.filter(|alias| *alias != id) {
            self.aliases.insert(alias.to_owned(), id.clone());
        }
        for identifier in Cover::of(std::iter::once(resource.json()), 1).identifiers {
            for name in [(None, identifier.value.clone()), (identifier.system, identifier.value)] {
                let held = self.by_identifier.entry(name).or_insert_with(|| Some(id.clone()));
                *held = held.take().filter(|held| *held == id);
            }
        }
        self.ids.insert(id);
    }

    fn knows(&self, id: &str) -> bool {
        self.ids.contains(id) || self.aliases.contains_key(id)
    }

    /// The id that a reference means in this file.
    fn resolve(&self, id: &str) -> String {
        let alias = self.aliases.get(id).filter(|_| !self.ids.contains(id));
        alias.cloned().unwrap_or_else(|| id.to_owned())
    }
}

/// Decides for each resource; what names no patient itself goes where the resources are that it refers to.
pub fn place(session: &mut Session, part: Vec<(usize, Resource)>, patients: &Patients) -> Result<Vec<Placed>, Error> {
    session.chart_of_patient("")?; // loads the list of charts, which the closure below reads
    let mut placed = Vec::with_capacity(part.len());
    let mut following = Vec::new();
    let mut by_key = HashMap::<ResourceRef, Target>::new();
    for (entry, resource) in part {
        let known = |id: &str| patients.knows(id) || session.knows_patient(id);
        let target = match home(&resource, &known) {
            // A Patient is filed under its own id, whatever alias its bundle gives it.
            Home::Patient(_) if resource.key().kind == "Patient" => Ok(Target::Patient(resource.key().id.clone())),
            Home::Patient(id) => Ok(Target::Patient(patients.resolve(id.as_str()))),
            Home::PatientQuery { system, value } => by_query(session, patients, system, value)?,
            Home::Organisation => Ok(Target::Organisation),
            Home::Unfiled => Ok(Target::Unfiled),
            Home::Follows(references) => {
                following.push((placed.len(), references));
                Ok(Target::Unfiled)
            }
        };
        placed.push(Placed { entry, resource, target });
    }
    for item in &placed {
        note(&mut by_key, item);
    }
    // A chain of references is followed a few links far.
    for _ in 0..4 {
        following.retain(|(at, references)| {
            let to_patient =
                |reference: &ResourceRef| by_key.get(reference).filter(|target| matches!(target, Target::Patient(_)));
            let Some(target) = references.iter().find_map(to_patient).cloned() else { return true };
            if let Some(item) = placed.get_mut(*at) {
                item.target = Ok(target);
                note(&mut by_key, item);
            }
            false
        });
    }
    Ok(placed)
}

fn note(by_key: &mut HashMap<ResourceRef, Target>, item: &Placed) {
    if let Ok(target) = &item.target {
        let key = item.resource.key();
        by_key.insert(ResourceRef { kind: Some(key.kind.clone()), id: key.id.clone() }, target.clone());
        by_key.insert(ResourceRef { kind: None, id: key.id.clone() }, target.clone());
    }
}

fn by_query(
    session: &mut Session,
    patients: &Patients,
    system: Option<String>,
    value: String,
) -> Result<Result<Target, String>, Error> {
    if let Some(id) = patients.by_identifier.get(&(system.clone(), value.clone())) {
        return Ok(id
            .clone()
            .map(Target::Patient)
            .ok_or_else(|| "names a patient by an identifier that several have".to_owned()));
    }
    let held = session.chart_by_identifier(system.as_deref(), &value)?;
    let patient = held.and_then(|chart| session.patient_of(chart));
    Ok(patient.map(Target::Patient).ok_or_else(|| "names a patient by an identifier that no open chart has".to_owned()))
}
