//! What a clinician expects to read of a chart: typed views, to be printed by a command line or drawn by a screen.
//!
//! ```text
//! resources ──▶ Chart (in key order, without those entered in error) ──▶ Banner, Problems, Medications, … ──▶ Summary
//! ```
//!
//! Records come from anywhere, so every element may be absent or of a wrong JSON type; it is then left out. Every text
//! passes [`clean_text`]. Lists are bounded and say how many more there are. Generated narrative is never shown.

mod allergies;
mod banner;
mod chart;
mod coded;
mod encounters;
mod line;
mod medications;
mod notes;
mod observations;
mod output;
mod problems;
mod targets;
mod text;
mod when;

#[cfg(test)]
mod tests;

pub use allergies::{Allergies, Allergy};
pub use banner::{Banner, NOT_KNOWN};
pub use coded::is_entered_in_error;
pub use encounters::EncounterLine;
pub use line::{LineParts, line, when_of};
pub use medications::{Medication, Medications};
pub use notes::NoteLine;
pub use observations::{Flag, ObservationLine};
pub use output::Section;
pub use problems::{Problem, Problems};
pub use targets::{Targets, unversioned};
pub use text::clean_text;
pub use when::{When, instant};

use crate::cover::Cover;
use crate::json::Json;
use crate::resource::ResourceKey;
use chart::Chart;
use jiff::civil::Date;
use output::Tree;
use std::collections::BTreeMap;

/// Resource types that are counted by name; FHIR R4 defines 148.
const KINDS_MAX: usize = 300;

/// A chart at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub banner: Banner,
    pub allergies: Allergies,
    /// Allergies that are not listed: resolved, inactive, refuted, or records that nobody asked.
    pub allergies_not_listed: usize,
    pub problems: Problems,
    pub medications: Medications,
    pub observations: Section<ObservationLine>,
    pub encounters: Section<EncounterLine>,
    pub notes: Section<NoteLine>,
    /// Resources by type, without those entered in error.
    pub counts: BTreeMap<String, usize>,
    /// Resources that were entered in error; nothing else here speaks of them.
    pub entered_in_error: usize,
}

/// Summarises the resources of one chart as of `today`.
///
/// References are followed within the chart first, by `Type/id` and by `urn:uuid:id`; then `lookup` is asked with the
/// [`unversioned`] reference, for resources such as a Medication that are kept elsewhere. The order of `resources` changes
/// nothing.
pub fn summarise<'a>(
    resources: impl Iterator<Item = (&'a ResourceKey, &'a Json)>,
    lookup: &dyn Fn(&str) -> Option<&'a Json>,
    today: Date,
) -> Summary {
    let chart = Chart::new(resources, lookup);
    let mut counts = BTreeMap::new();
    for (key, _) in chart.all() {
        let kind = clean_text(&key.kind, 64);
        let known = counts.len() < KINDS_MAX || counts.contains_key(&kind);
        *counts.entry(if known { kind } else { "Other".to_owned() }).or_insert(0) += 1;
    }
    let patients: Vec<&Json> = chart.of_kind("Patient").map(|(_, json)| json).collect();
    let resources = u32::try_from(chart.all().count()).unwrap_or(u32::MAX);
    let cover = Cover::of(patients.iter().copied(), resources);
    let (allergies, allergies_not_listed) = Allergies::of(&chart);
    Summary {
        banner: Banner::of(&cover, &patients, today),
        allergies,
        allergies_not_listed,
        problems: Problems::of(&chart),
        medications: Medications::of(&chart),
        observations: observations::newest(&chart),
        encounters: encounters::newest(&chart),
        notes: notes::newest(&chart),
        counts,
        entered_in_error: chart.entered_in_error,
    }
}

impl Summary {
    /// The summary for other programs: one member per section, camel case, members without a value left out.
    pub fn to_json(&self) -> Json {
        let counts = self.counts.iter().fold(Tree::new(), |tree, (kind, count)| tree.count(kind, *count));
        Tree::new()
            .json("banner", self.banner.to_json())
            .json("allergies", self.allergies.to_json())
            .count("allergiesNotListed", self.allergies_not_listed)
            .json("problems", self.problems.to_json())
            .json("medications", self.medications.to_json())
            .json("observations", self.observations.to_json(ObservationLine::to_json))
            .json("encounters", self.encounters.to_json(EncounterLine::to_json))
            .json("notes", self.notes.to_json(NoteLine::to_json))
            .json("counts", counts.done())
            .count("enteredInError", self.entered_in_error)
            .done()
    }
}
