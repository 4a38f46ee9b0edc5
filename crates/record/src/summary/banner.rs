//! The banner: who this is, always in sight. Follows the NHS patient banner; what is unknown says "Not known".

use super::output::Tree;
use super::when::{When, age};
use crate::cover::{Cover, Identifier};
use crate::json::Json;
use jiff::civil::Date;

/// Shown where a record says nothing.
pub const NOT_KNOWN: &str = "Not known";

/// Who a chart is about, as shown at the top of every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    pub name: String,
    /// Maiden and other names.
    pub other_names: Vec<String>,
    /// Birth date as a FHIR date.
    pub born: String,
    /// Age today, or at death.
    pub age: String,
    pub sex: String,
    /// Those that say what they are come first.
    pub identifiers: Vec<Identifier>,
    /// Date of death or "Not known"; absent for the living.
    pub died: Option<String>,
}

impl Banner {
    pub(super) fn of(cover: &Cover, patients: &[&Json], today: Date) -> Self {
        let born = cover.birth_date.as_deref().and_then(When::parse);
        let died = patients.iter().find_map(|patient| When::of(patient, &["deceasedDateTime"]));
        let age_on = |date: &str| born.as_ref().and_then(|born| age(born.text(), date));
        let age = match &died {
            Some(died) => age_on(died.text()),
            None if cover.deceased => None,
            None => age_on(&today.to_string()),
        };
        let sex = match cover.gender.as_deref() {
            Some("female") => "Female",
            Some("male") => "Male",
            Some("other") => "Other",
            _ => NOT_KNOWN,
        };
        let mut identifiers = cover.identifiers.clone();
        identifiers.sort_by_key(|identifier| identifier.label.is_none());
        let or_not_known = |text: Option<String>| text.unwrap_or_else(|| NOT_KNOWN.to_owned());
        Self {
            name: cover.title(),
            other_names: cover.names.iter().skip(1).cloned().collect(),
            born: or_not_known(born.as_ref().map(|born| born.text().to_owned())),
            age: or_not_known(age),
            sex: sex.to_owned(),
            identifiers,
            died: cover.deceased.then(|| or_not_known(died.map(|died| died.text().to_owned()))),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let identifier = |held: &Identifier| {
            Tree::new()
                .text("label", held.label.as_deref())
                .text("value", held.value.as_str())
                .text("system", held.system.as_deref())
                .done()
        };
        Tree::new()
            .text("name", self.name.as_str())
            .texts("otherNames", &self.other_names)
            .text("born", self.born.as_str())
            .text("age", self.age.as_str())
            .text("sex", self.sex.as_str())
            .text("died", self.died.as_deref())
            .list("identifiers", self.identifiers.iter().map(identifier))
            .done()
    }
}
