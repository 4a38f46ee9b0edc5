//! The cover sheet of a chart: who it is about, in the few lines that a list, a search and a banner need.
//!
//! A cover is kept in memory for every chart on a device, so everything in it is bounded.

use crate::json::Json;
use crate::search::{fold, tokens};
use crate::summary::clean_text;
use rapidfuzz::distance::osa;

/// Names of one person, at most.
pub const NAMES_MAX: usize = 8;
/// Identifiers of one person, at most.
pub const IDENTIFIERS_MAX: usize = 16;
/// Patient resources in one chart, at most: more than one occurs only after charts were merged.
pub const PATIENT_IDS_MAX: usize = 16;
/// Characters of one text on a cover, at most.
pub const COVER_CHARS_MAX: usize = 120;
/// Given names, prefixes or suffixes of one name, at most.
const NAME_PARTS_MAX: usize = 8;
/// Typing errors in which two names of one person may differ, over all their words.
const NAME_EDITS_MAX: usize = 2;
/// Letters from which on a word that two names share says something.
const TELLING_LETTERS: usize = 4;

/// Who a chart is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// Logical ids of the Patient resources, those in use first.
    pub patient_ids: Vec<String>,
    /// Names as they are shown, without titles; official names first, then usual ones.
    pub names: Vec<String>,
    /// Family names, by which two people are told apart.
    pub family_names: Vec<String>,
    /// FHIR date, which may be a year or a month only.
    pub birth_date: Option<String>,
    /// FHIR administrative gender code.
    pub gender: Option<String>,
    pub identifiers: Vec<Identifier>,
    pub deceased: bool,
    /// Resources in the chart.
    pub resources: u32,
}

/// A number by which a person is known somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The namespace, a URI.
    pub system: Option<String>,
    pub value: String,
    /// What kind of number it is: "MRN", "SSN", "Passport".
    pub label: Option<String>,
}

impl Cover {
    /// The cover of a chart with these Patient resources, and `resources` resources in all.
    ///
    /// A Patient that is not active (a merged duplicate) speaks only where the others are silent.
    pub fn of<'a>(patients: impl Iterator<Item = &'a Json>, resources: u32) -> Self {
        let mut patients: Vec<&Json> = patients.collect();
        patients.sort_by_key(|patient| patient.get("active").and_then(Json::as_bool) == Some(false));
        let mut names: Vec<&Json> = patients.iter().flat_map(|patient| patient.items("name")).collect();
        names.sort_by_key(|name| name_rank(name));

        let mut cover = Self { resources, ..Self::default() };
        for patient in &patients {
            let text = |name| patient.text(name).and_then(short_text);
            add(&mut cover.patient_ids, PATIENT_IDS_MAX, text("id"));
            cover.birth_date = cover.birth_date.take().or_else(|| text("birthDate"));
            cover.gender = cover.gender.take().or_else(|| text("gender"));
            cover.deceased |= patient.get("deceasedBoolean").and_then(Json::as_bool) == Some(true)
                || patient.text("deceasedDateTime").is_some();
            for identifier in patient.items("identifier") {
                add(&mut cover.identifiers, IDENTIFIERS_MAX, Identifier::of(identifier));
            }
        }
        for name in &names {
            add(&mut cover.names, NAMES_MAX, plain_name(name));
            add(&mut cover.family_names, NAMES_MAX, name.text("family").and_then(short_text));
        }
        if cover.family_names.is_empty() {
            cover.family_names.clone_from(&cover.names);
        }
        cover
    }

    /// The name to show.
    pub fn title(&self) -> String {
        self.names.first().cloned().unwrap_or_else(|| "Name not known".to_owned())
    }
}

impl Identifier {
    fn of(json: &Json) -> Option<Self> {
        let value = json.text("value").and_then(short_text)?;
        Some(Self { system: json.text("system").and_then(short_text), value, label: label(json) })
    }
}

/// A FHIR HumanName with its titles: its `text`, else prefix, given names, family name and suffix.
pub fn display_name(human_name: &Json) -> Option<String> {
    human_name.text("text").and_then(short_text).or_else(|| join(human_name, &["prefix", "given", "family", "suffix"]))
}

/// True when `incoming` bears the logical id of a patient in `held` and yet shares no birth date, identifier or
/// family name with it. Two systems may number their patients alike; taking one for the other would mix two people.
pub fn may_be_other_person(held: &Cover, incoming: &Cover) -> bool {
    incoming.patient_ids.iter().any(|id| held.patient_ids.contains(id))
        && !shares_birth_date(held, incoming)
        && !shares_identifier(held, incoming)
        && !shares_family_name(held, incoming)
}

/// In what two covers are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Likeness {
    /// A name of each, in whatever order of its words, but for typing errors.
    pub name: bool,
    pub birth_date: bool,
    pub identifier: bool,
}

/// In what a person who is being registered is like one who has a chart, where that is enough to ask whether they are
/// one: an identifier; a name, unless the birth dates speak against it; or the birth date and a longer word of a name.
pub fn likeness(held: &Cover, incoming: &Cover) -> Option<Likeness> {
    let (birth_date, identifier) = (shares_birth_date(held, incoming), shares_identifier(held, incoming));
    let undated = held.birth_date.is_none() || incoming.birth_date.is_none();
    if !(identifier || birth_date || undated) {
        // Of people with other birth dates no name says enough, and most are so.
        return None;
    }
    let [ours, theirs] = [held, incoming].map(|cover| cover.names.iter().map(|name| words(name)).collect::<Vec<_>>());
    let name = ours.iter().any(|one| theirs.iter().any(|other| is_same_name(one, other)));
    let telling = |word: &String| word.len() >= TELLING_LETTERS && theirs.iter().any(|name| name.contains(word));
    let alike = identifier || name && (birth_date || undated) || birth_date && ours.iter().flatten().any(telling);
    alike.then_some(Likeness { name, birth_date, identifier })
}

/// The words of a name, folded. Apart from what a search looks for, each part of it is there once.
fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| c.is_whitespace() || c == ',' || c == '-');
    parts.map(fold).filter(|word| !word.is_empty()).collect()
}

/// True if one name becomes the other by few edits, whatever the order of their words.
fn is_same_name(ours: &[String], theirs: &[String]) -> bool {
    let letters = |name: &[String]| name.iter().map(String::len).sum::<usize>();
    let fewest = letters(ours).min(letters(theirs));
    let mut others: Vec<&str> = theirs.iter().map(String::as_str).collect();
    let mut rest: Vec<&str> = ours.iter().map(String::as_str).collect();
    rest.retain(|word| match others.iter().position(|other| other == word) {
        Some(at) => {
            others.swap_remove(at);
            false
        }
        None => true,
    });
    // Each word that is left costs an edit at least, so there are two on either side at most. A missing one is empty.
    if rest.len().max(others.len()) > NAME_EDITS_MAX {
        return false;
    }
    rest.resize(NAME_EDITS_MAX, "");
    others.resize(NAME_EDITS_MAX, "");
    let edits = match (rest.as_slice(), others.as_slice()) {
        ([a, b], [c, d]) => (edits(a, c) + edits(b, d)).min(edits(a, d) + edits(b, c)),
        _ => return false,
    };
    edits <= NAME_EDITS_MAX && 2 * edits < fewest
}

/// Typing errors between two words, swapped neighbours counting once. Where they are half of the shorter word, it is
/// another word: else all names of two letters would be alike.
fn edits(one: &str, other: &str) -> usize {
    let (edits, shorter) = (osa::distance(one.bytes(), other.bytes()), one.len().min(other.len()));
    if shorter > 0 && 2 * edits >= shorter { NAME_EDITS_MAX + 1 } else { edits }
}

/// A birth date known in part agrees with every date that completes it.
fn shares_birth_date(held: &Cover, incoming: &Cover) -> bool {
    match (&held.birth_date, &incoming.birth_date) {
        (Some(a), Some(b)) => a.starts_with(b.as_str()) || b.starts_with(a.as_str()),
        _ => false,
    }
}

fn shares_identifier(held: &Cover, incoming: &Cover) -> bool {
    held.identifiers.iter().any(|a| {
        incoming
            .identifiers
            .iter()
            .any(|b| a.value == b.value && (a.system == b.system || a.system.is_none() || b.system.is_none()))
    })
}

fn shares_family_name(held: &Cover, incoming: &Cover) -> bool {
    let known: Vec<String> = held.family_names.iter().flat_map(|name| tokens(name)).collect();
    incoming.family_names.iter().flat_map(|name| tokens(name)).any(|token| known.contains(&token))
}

fn name_rank(name: &Json) -> u8 {
    match name.text("use") {
        Some("official") => 0,
        Some("usual") => 1,
        Some("maiden" | "old") => 3,
        _ => 2,
    }
}

fn plain_name(name: &Json) -> Option<String> {
    name.text("text").and_then(short_text).or_else(|| join(name, &["given", "family"]))
}

/// Joins those parts of a name, each of which is a string or a list of strings.
fn join(name: &Json, parts: &[&str]) -> Option<String> {
    let texts = |part: &&str| {
        let list = name.items(part).iter().filter_map(Json::as_str);
        name.text(part).into_iter().chain(list).take(NAME_PARTS_MAX)
    };
    let words: Vec<&str> = parts.iter().flat_map(texts).collect();
    short_text(&words.join(" "))
}

fn label(identifier: &Json) -> Option<String> {
    let kind = identifier.get("type")?;
    let coding = kind.items("coding").first();
    let code = coding.and_then(|coding| coding.text("code"));
    let known = match code {
        Some("MR") => Some("MRN"),
        Some("SS") => Some("SSN"),
        Some("DL") => Some("Driver's licence"),
        Some("PPN") => Some("Passport"),
        _ => None,
    };
    let given = || kind.text("text").or_else(|| coding?.text("display")).or(code);
    known.or_else(given).and_then(short_text)
}

fn short_text(text: &str) -> Option<String> {
    Some(clean_text(text, COVER_CHARS_MAX)).filter(|text| !text.is_empty())
}

fn add<T: PartialEq>(list: &mut Vec<T>, most: usize, item: Option<T>) {
    if let Some(item) = item
        && list.len() < most
        && !list.contains(&item)
    {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover_of(patients: &[&str]) -> Cover {
        let patients: Vec<Json> = patients.iter().map(|text| Json::parse(text.as_bytes()).unwrap()).collect();
        Cover::of(patients.iter(), 7)
    }

    const CLARA: &str = r#"{"resourceType":"Patient","id":"p1","birthDate":"1967-07-31","gender":"female","name":[
        {"use":"maiden","family":"Ortiz","given":["Clara"]},
        {"use":"official","family":"Montañez","given":["Clara"],"prefix":["Ms."]}],
        "identifier":[{"system":"urn:a","value":"12"},
        {"type":{"coding":[{"code":"MR"}],"text":"Medical Record Number"},"system":"urn:b","value":"M-7"}]}"#;

    #[test]
    fn the_official_name_comes_first_and_titles_are_left_out() {
        let cover = cover_of(&[CLARA]);
        assert_eq!(cover.title(), "Clara Montañez");
        assert_eq!(cover.names, ["Clara Montañez", "Clara Ortiz"]);
        assert_eq!(cover.family_names, ["Montañez", "Ortiz"]);
        assert_eq!(cover.patient_ids, ["p1"]);
        assert_eq!(cover.birth_date.as_deref(), Some("1967-07-31"));
        assert_eq!(cover.gender.as_deref(), Some("female"));
        assert!(!cover.deceased);
        assert_eq!(cover.resources, 7);
        let numbers: Vec<_> =
            cover.identifiers.iter().map(|held| (held.value.as_str(), held.label.as_deref())).collect();
        assert_eq!(numbers, [("12", None), ("M-7", Some("MRN"))]);
    }

    #[test]
    fn a_name_is_shown_with_its_titles_where_asked() {
        let name = |text: &str| display_name(&Json::parse(text.as_bytes()).unwrap());
        let full = r#"{"prefix":["Dr."],"given":["Ada","M"],"family":"Li","suffix":["PhD"]}"#;
        assert_eq!(name(full).unwrap(), "Dr. Ada M Li PhD");
        assert_eq!(name(r#"{"text":"李 明","family":"Li"}"#).unwrap(), "李 明");
        assert_eq!(name(r#"{"given":[1,{},null],"family":[]}"#), None);
        assert_eq!(name("7"), None);
    }

    #[test]
    fn merged_duplicates_add_to_the_patient_in_use() {
        let merged = r#"{"id":"p0","active":false,"birthDate":"1900","deceasedDateTime":"2001",
            "name":[{"family":"Old"}]}"#;
        let cover = cover_of(&[merged, CLARA]);
        assert_eq!(cover.patient_ids, ["p1", "p0"]);
        assert_eq!(cover.birth_date.as_deref(), Some("1967-07-31"));
        assert!(cover.deceased);
    }

    #[test]
    fn hostile_patients_stay_small() {
        let name = format!(r#"{{"family":"{}"}}"#, "x\u{202e}\\u001b".repeat(1000));
        let names = (0..100).map(|n| format!(r#"{{"given":["{n}"]}}"#)).collect::<Vec<_>>().join(",");
        let numbers = (0..100).map(|n| format!(r#"{{"value":"{n}"}}"#)).collect::<Vec<_>>().join(",");
        let text = format!(r#"{{"id":7,"birthDate":{{}},"name":[{name},null,{names}],"identifier":[{numbers}]}}"#);
        let cover = cover_of(&[&text, "[]", "null"]);
        assert_eq!(cover.names.len(), NAMES_MAX);
        assert_eq!(cover.identifiers.len(), IDENTIFIERS_MAX);
        assert_eq!(cover.title().chars().filter(|char| *char != 'x').collect::<String>(), "…");
        assert!(cover.title().chars().count() <= COVER_CHARS_MAX + 1);
        assert_eq!(cover_of(&["{}"]).title(), "Name not known");
    }

    #[test]
    fn another_person_under_the_same_id_is_noticed() {
        let held = cover_of(&[CLARA]);
        let other = |text: &str| may_be_other_person(&held, &cover_of(&[text]));
        assert!(other(r#"{"id":"p1","birthDate":"1980-01-01","name":[{"given":["Clara"],"family":"Smith"}]}"#));
        assert!(other(r#"{"id":"p1"}"#));
        assert!(!other(r#"{"id":"p2","birthDate":"1980-01-01","name":[{"family":"Smith"}]}"#), "another id");
        assert!(!other(r#"{"id":"p1","birthDate":"1967-07","name":[{"family":"Smith"}]}"#), "same birth date");
        assert!(!other(r#"{"id":"p1","birthDate":"1980","identifier":[{"system":"urn:b","value":"M-7"}]}"#));
        assert!(other(r#"{"id":"p1","birthDate":"1980","identifier":[{"system":"urn:c","value":"M-7"}]}"#));
        assert!(!other(r#"{"id":"p1","birthDate":"1980","name":[{"family":"MONTANEZ Ruiz"}]}"#), "same family name");
        assert!(!may_be_other_person(&cover_of(&[]), &held), "nobody held yet");
    }

    #[test]
    fn likely_duplicates_are_told_by_what_they_share() {
        let named = |name: &str, born: &str| {
            let born = if born.is_empty() { String::new() } else { format!(r#","birthDate":"{born}""#) };
            cover_of(&[&format!(r#"{{"name":[{{"text":"{name}"}}]{born}}}"#)])
        };
        let told = |held: &Cover, incoming: &Cover| {
            likeness(held, incoming).map(|alike| (alike.name, alike.birth_date, alike.identifier))
        };
        let (yes, date_only) = (Some((true, true, false)), Some((false, true, false)));
        for (held, incoming, born, expected) in [
            ("Clara Montañez", "CLARA MONTANEZ", "1967-07-31", yes),
            ("Clara Montañez", "Montanez, Clara", "1967-07", yes),
            ("Clara Montañez", "Clara M. Montañez", "1967", yes),
            ("Clara Montañez", "Clarra Montanes", "1967", yes),
            ("Clara Montañez", "Clara Montanze", "", Some((true, false, false))),
            ("Clara Montañez", "Clarra Montannes", "", None),
            ("Clara Montañez", "Clara Montañez", "1980-01-01", None),
            ("Clara Montañez", "Clara Smith", "1967-07-31", date_only),
            ("Clara Montañez", "Clara Smith", "1967-08", None),
            ("Clara Montañez", "Jane Smith", "1967-07-31", None),
            ("Jörg Müller-Lüdenscheidt", "Jorg Muller Ludenscheid", "1967", yes),
            ("Jon Li", "John Li", "1967", yes),
            ("Bo Li", "Bo Wu", "1967", None),
            ("A", "B", "1967", None),
            ("…", "…", "1967", None),
        ] {
            let (held, incoming) = (named(held, "1967-07-31"), named(incoming, born));
            assert_eq!(told(&held, &incoming), expected, "{incoming:?}");
            assert_eq!(told(&incoming, &held), expected, "{incoming:?}, the other way");
        }
        let clara = cover_of(&[CLARA]);
        let maiden = cover_of(&[r#"{"name":[{"given":["Clara"],"family":"Ortis"}],"birthDate":"1967-07-31"}"#]);
        assert_eq!(told(&clara, &maiden), yes, "any of the names");
        let number =
            |system: &str| cover_of(&[&format!(r#"{{"identifier":[{{"system":"{system}","value":"M-7"}}]}}"#)]);
        assert_eq!(told(&clara, &number("urn:b")), Some((false, false, true)));
        assert_eq!(told(&clara, &number("urn:c")), None);
    }
}
