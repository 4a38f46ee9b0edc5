//! A handover as a FHIR document, built as the International Patient Summary (HL7 FHIR IPS 2.0) is: a Composition with
//! sections for problems, medications and allergies, which are always there, and others where the chart has them.
//!
//! Resources go in as they are held. Whether each follows the profiles of IPS depends on who wrote it.

use super::export::{entry, exported, file_name, full_url, object};
use super::records::{Records, read};
use crate::clock;
use crate::failure::Outcome;
use crate::types::ExportedText;
use std::collections::BTreeSet;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary::{instant, is_entered_in_error, line};
use wardbook_client::{ChartId, Session};

const LOINC: &str = "http://loinc.org";

/// One section: its LOINC code and title, what goes in, and whether IPS requires it.
struct Section {
    code: &'static str,
    title: &'static str,
    kinds: &'static [&'static str],
    /// FHIR category of Observations that belong here.
    category: Option<&'static str>,
    required: bool,
}

const SECTIONS: [Section; 8] = [
    Section { code: "11450-4", title: "Problems", kinds: &["Condition"], category: None, required: true },
    Section {
        code: "10160-0",
        title: "Medications",
        kinds: &["MedicationRequest", "MedicationStatement"],
        category: None,
        required: true,
    },
    Section { code: "48765-2", title: "Allergies", kinds: &["AllergyIntolerance"], category: None, required: true },
    Section { code: "11369-6", title: "Immunizations", kinds: &["Immunization"], category: None, required: false },
    Section { code: "47519-4", title: "Procedures", kinds: &["Procedure"], category: None, required: false },
    Section {
        code: "8716-3",
        title: "Vital signs",
        kinds: &["Observation"],
        category: Some("vital-signs"),
        required: false,
    },
    Section {
        code: "30954-2",
        title: "Results",
        kinds: &["Observation", "DiagnosticReport"],
        category: Some("laboratory"),
        required: false,
    },
    Section { code: "18776-5", title: "Plan of care", kinds: &["CarePlan"], category: None, required: false },
];

/// # Errors
/// No such chart, or no access to it; damage.
pub fn document(session: &mut Session, id: ChartId) -> Outcome<ExportedText> {
    let name = file_name(session, id, "-summary")?;
    let author = session.member_name(&session.me()).1;
    let now_ms = clock::now_ms();
    read(session, id, |records| {
        let mut held = BTreeSet::new();
        let patient = records.of_kind("Patient").next();
        held.extend(patient.map(|(key, _)| key));
        let sections: Vec<_> = SECTIONS.iter().filter_map(|section| section.of(records, &mut held)).collect();
        let subject = patient.map(|(key, _)| reference(records, key));
        let composition = composition(subject, &author, now_ms, sections);
        let [url, first_url] = [0, 1].map(|part| name_of(id, now_ms, part));
        let first = object([("fullUrl", Some(first_url.as_str().into())), ("resource", Some(composition))]);
        let identifier = object([("system", Some("urn:ietf:rfc:3986".into())), ("value", Some(url.as_str().into()))]);
        let others = records.all().filter(|(key, _)| held.contains(key));
        let entries: Vec<_> =
            std::iter::once(first).chain(others.map(|(key, json)| entry(records, key, json))).collect();
        let bundle = object([
            ("resourceType", Some("Bundle".into())),
            ("identifier", Some(identifier)),
            ("type", Some("document".into())),
            ("timestamp", Some(instant(now_ms).as_str().into())),
            ("entry", Some(Json::Array(entries))),
        ]);
        exported(records, name, &bundle, held.len())
    })
}

impl Section {
    /// None where it may be left out and nothing is in it.
    fn of<'a>(&self, records: &Records<'a>, held: &mut BTreeSet<&'a ResourceKey>) -> Option<Json> {
        // What a record says of itself that it was made in error has no place in a handover.
        let rows = records.all().filter(|(key, json)| self.holds(key, json) && !is_entered_in_error(json));
        let rows: Vec<_> = rows.collect();
        if rows.is_empty() && !self.required {
            return None;
        }
        held.extend(rows.iter().map(|(key, _)| *key));
        let lines: Vec<_> = rows.iter().map(|(key, json)| line(key, json)).collect();
        let entries: Vec<_> = rows.iter().map(|(key, _)| reference(records, key)).collect();
        let empty = coded("http://terminology.hl7.org/CodeSystem/list-empty-reason", "unavailable", "Nothing recorded");
        Some(object([
            ("title", Some(self.title.into())),
            ("code", Some(coded(LOINC, self.code, self.title))),
            ("text", Some(narrative(&lines))),
            ("entry", Some(Json::Array(entries)).filter(|_| !rows.is_empty())),
            ("emptyReason", Some(empty).filter(|_| rows.is_empty())),
        ]))
    }

    fn holds(&self, key: &ResourceKey, json: &Json) -> bool {
        let codes = || json.items("category").iter().flat_map(|category| category.items("coding"));
        let fits = |wanted: &str| codes().any(|coding| coding.text("code") == Some(wanted));
        let right_category = key.kind != "Observation" || self.category.is_none_or(fits);
        self.kinds.contains(&key.kind.as_str()) && right_category
    }
}

fn composition(subject: Option<Json>, author: &str, now_ms: i64, sections: Vec<Json>) -> Json {
    object([
        ("resourceType", Some("Composition".into())),
        ("status", Some("final".into())),
        ("type", Some(coded(LOINC, "60591-5", "Patient summary Document"))),
        ("subject", subject),
        ("date", Some(instant(now_ms).as_str().into())),
        ("author", Some(Json::Array(vec![object([("display", Some(author.into()))])]))),
        ("title", Some("Patient summary".into())),
        ("section", Some(Json::Array(sections))),
    ])
}

fn reference(records: &Records<'_>, key: &ResourceKey) -> Json {
    object([("reference", Some(full_url(records, key).as_str().into()))])
}

fn coded(system: &str, code: &str, display: &str) -> Json {
    let coding =
        object([("system", Some(system.into())), ("code", Some(code.into())), ("display", Some(display.into()))]);
    object([("coding", Some(Json::Array(vec![coding])))])
}

/// XHTML that says in lines what the entries say.
fn narrative(lines: &[String]) -> Json {
    let items: String = lines.iter().map(|line| format!("<li>{}</li>", escaped(line))).collect();
    let body = if lines.is_empty() { "<p>Nothing recorded.</p>".to_owned() } else { format!("<ul>{items}</ul>") };
    let div = format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{body}</div>");
    object([("status", Some("generated".into())), ("div", Some(div.as_str().into()))])
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A name for a part of this document: a UUID of version 8 (RFC 9562) from the chart, the time and the number of the
/// part; nothing in it is about the patient.
fn name_of(id: ChartId, now_ms: i64, part: u8) -> String {
    let mut bytes = [0u8; 16];
    let time = now_ms.to_be_bytes();
    let parts = time.iter().skip(2).chain(id.as_bytes().iter().take(9)).chain([&part]);
    bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = *part);
    let bits = u128::from_be_bytes(bytes);
    let (high, low) = ((bits >> 64) as u64, bits as u64);
    let (high, low) = ((high & !0xf000) | 0x8000, (low & !(3 << 62)) | (1 << 63));
    let hex = format!("{high:016x}{low:016x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_names_of_their_own() {
        let name = |ms, part| name_of(ChartId([7; 32]), ms, part);
        let one = name(1_700_000_000_000, 0);
        assert_ne!(one, name(1_700_000_000_001, 0));
        assert_ne!(one, name(1_700_000_000_000, 1));
        let uuid = one.strip_prefix("urn:uuid:").unwrap();
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "8"));
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn lines_cannot_become_markup() {
        let text = narrative(&["a <b> & \"c\"".to_owned()]).to_text();
        assert!(text.contains("<li>a &lt;b&gt; &amp; &quot;c&quot;</li>"), "{text}");
    }
}
