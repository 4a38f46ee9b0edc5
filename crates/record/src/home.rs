//! Which chart a resource belongs to.
//!
//! Whatever refers to a patient is of that patient's chart, sealed under that chart's key, and never of the chart that
//! all members of the organisation can open:
//!
//! ```text
//! a Patient                                       its own chart
//! refers to a patient                             that patient's chart: first by the elements of the R4 patient
//!                                                 compartment, else by the first such reference in document order
//! refers to none, of a type patients share        the organisation's chart
//! refers to none, but to other clinical records   the chart of the first of those that has one
//! refers to nobody                                unfiled: a person decides
//! ```

use crate::json::{DEPTH_MAX, Json, Object};
use crate::resource::{Resource, ResourceKey, is_id, is_kind};
use std::fmt;
use std::ops::ControlFlow;

/// Records that a resource may follow, at most: the first that is found in a chart decides.
const FOLLOWS_MAX: usize = 8;
/// References listed of one resource, at most.
const REFERENCES_MAX: usize = 10_000;

const PATIENT: &str = "Patient";

/// The logical id of a Patient, which names a chart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatientId(String);

impl PatientId {
    /// Takes 1 to 64 letters, digits, hyphens and dots.
    pub fn new(id: &str) -> Option<Self> {
        is_id(id).then(|| Self(id.to_owned()))
    }

    /// Takes `Patient/x`, `Patient/x/_history/2` and `http://host/fhir/Patient/x`; also `urn:uuid:x` and `urn:oid:x`,
    /// of which the caller knows that they name a patient.
    pub fn from_reference(reference: &str) -> Option<Self> {
        match Target::parse(reference) {
            Target::Named { kind: None | Some(PATIENT), id } => Some(Self(id.to_owned())),
            _ => None,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PatientId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A resource as another one refers to it. `urn:uuid:x` tells no type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResourceRef {
    pub kind: Option<String>,
    pub id: String,
}

impl ResourceRef {
    /// Takes `Type/x`, with or without a server before and a version behind it, `urn:uuid:x` and `urn:oid:x`.
    pub fn parse(reference: &str) -> Option<Self> {
        match Target::parse(reference) {
            Target::Named { kind, id } => Some(Self { kind: kind.map(str::to_owned), id: id.to_owned() }),
            _ => None,
        }
    }
}

/// Where a resource is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Home {
    /// The chart of this patient. From `urn:uuid:x` the id is `x`: where the file gives its Patient another id than
    /// its `fullUrl`, whoever read the file knows.
    Patient(PatientId),
    /// The chart of the one patient with this identifier, as in the conditional reference `Patient?identifier=s|v`.
    PatientQuery { system: Option<String>, value: String },
    /// The chart of the first of these (1 to 8) that is in a patient's chart. If none is, the resource is unfiled.
    Follows(Vec<ResourceRef>),
    /// The organisation's own chart.
    Organisation,
    /// No chart follows from the resource.
    Unfiled,
}

/// Finds the home of a resource.
///
/// `is_patient` answers for the `x` of a reference `urn:uuid:x` (or `urn:oid:x`) whether it is a Patient, of the same
/// file or already known; for a file it has to know all of it, since patients may come last.
pub fn home(resource: &Resource, is_patient: &dyn Fn(&str) -> bool) -> Home {
    let own = resource.key();
    if own.kind == PATIENT {
        return Home::Patient(PatientId(own.id.clone()));
    }
    let mut survey = Survey { own, is_patient, names_patient: false, follows: Vec::new() };
    for &path in compartment_paths(&own.kind) {
        let element = path.rsplit('.').next().unwrap_or(path);
        for object in elements(resource.json(), path).into_iter().filter_map(Json::as_object) {
            if let Some(home) = survey.look(element, object) {
                return home;
            }
        }
    }
    let mut visit = |element: &str, object: &Object| match survey.look(element, object) {
        Some(home) => ControlFlow::Break(home),
        None => ControlFlow::Continue(()),
    };
    for (name, value) in resource.json().as_object().into_iter().flat_map(|object| object.iter()) {
        if let ControlFlow::Break(home) = walk(value, name, 1, &mut visit) {
            return home;
        }
    }
    survey.without_patient()
}

/// The text of every reference in a value, in document order; the first 10,000.
pub fn references(json: &Json) -> Vec<&str> {
    let mut found = Vec::new();
    let _ = walk(json, "", 0, &mut |_, object| {
        found.extend(object.get("reference").and_then(Json::as_str));
        if found.len() < REFERENCES_MAX { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    found
}

/// What has been seen of a resource on the way to its home.
struct Survey<'a> {
    own: &'a ResourceKey,
    is_patient: &'a dyn Fn(&str) -> bool,
    /// It tells of a patient without saying which one, so the organisation's chart is no place for it.
    names_patient: bool,
    follows: Vec<ResourceRef>,
}

impl Survey<'_> {
    /// Looks at one object, the value of the member `element`; gives the home if it is a reference to a patient.
    fn look(&mut self, element: &str, object: &Object) -> Option<Home> {
        let text = |name: &str| object.get(name).and_then(Json::as_str);
        if text("resourceType") == Some(PATIENT) {
            self.names_patient = true;
            // A contained Patient has an id of this resource only. One in the entry of a Bundle is a patient.
            let id = text("id").filter(|_| element != "contained");
            return id.and_then(PatientId::new).map(Home::Patient);
        }
        // FHIR has no other use for an element `patient`. In definitions `type` may be Patient without a reference.
        let means_patient = element == "patient" || text("type") == Some(PATIENT);
        let query = match text("reference").map(Target::parse) {
            Some(Target::Named { kind: Some(PATIENT), id }) => return Some(Home::Patient(PatientId(id.to_owned()))),
            Some(Target::Named { kind: None, id }) if means_patient || (self.is_patient)(id) => {
                return Some(Home::Patient(PatientId(id.to_owned())));
            }
            Some(Target::Named { kind, id }) => {
                self.follow(kind, id);
                return None;
            }
            Some(Target::Query { kind: PATIENT, query }) => {
                self.names_patient = true;
                identifier_in(query)
            }
            Some(Target::Other) if means_patient => {
                self.names_patient = true;
                logical_identifier(object)
            }
            None if means_patient => logical_identifier(object),
            _ => None,
        };
        query.map(|(system, value)| Home::PatientQuery { system, value })
    }

    /// Notes a record whose chart may decide. Shared ones cannot, nor can the resource itself.
    fn follow(&mut self, kind: Option<&str>, id: &str) {
        let is_own = id == self.own.id && kind.is_none_or(|kind| kind == self.own.kind);
        if is_own || kind.is_some_and(is_shared) || self.follows.len() >= FOLLOWS_MAX {
            return;
        }
        let found = ResourceRef { kind: kind.map(str::to_owned), id: id.to_owned() };
        if !self.follows.contains(&found) {
            self.follows.push(found);
        }
    }

    fn without_patient(self) -> Home {
        if is_shared(&self.own.kind) && !self.names_patient {
            Home::Organisation
        } else if self.follows.is_empty() {
            Home::Unfiled
        } else {
            Home::Follows(self.follows)
        }
    }
}

/// What the text of a reference names.
enum Target<'a> {
    /// `Type/x`, or `urn:uuid:x` without a type.
    Named { kind: Option<&'a str>, id: &'a str },
    /// `Type?…`: whatever a search would find.
    Query { kind: &'a str, query: &'a str },
    /// Contained (`#x`), or nothing that FHIR's own forms cover.
    Other,
}

impl<'a> Target<'a> {
    fn parse(reference: &'a str) -> Self {
        if let Some(id) = reference.strip_prefix("urn:uuid:").or_else(|| reference.strip_prefix("urn:oid:")) {
            return if is_id(id) { Self::Named { kind: None, id } } else { Self::Other };
        }
        if reference.starts_with('#') {
            return Self::Other;
        }
        if let Some((path, query)) = reference.split_once('?') {
            let kind = path.rsplit('/').next().unwrap_or(path);
            return if is_kind(kind) { Self::Query { kind, query } } else { Self::Other };
        }
        let unversioned = reference.split_once("/_history/").map_or(reference, |(before, _)| before);
        let Some((before, id)) = unversioned.rsplit_once('/') else { return Self::Other };
        let kind = before.rsplit('/').next().unwrap_or(before);
        if is_kind(kind) && is_id(id) { Self::Named { kind: Some(kind), id } } else { Self::Other }
    }
}

/// System and value in `identifier=system|value`, among other search parameters.
fn identifier_in(query: &str) -> Option<(Option<String>, String)> {
    let token = percent_decoded(query.split('&').find_map(|part| part.strip_prefix("identifier="))?)?;
    let (system, value) = token.split_once('|').unwrap_or(("", token.as_str()));
    identifier(Some(system), value)
}

/// System and value of a reference that gives an identifier instead of a place (FHIR R4 section 2.3.0.2).
fn logical_identifier(object: &Object) -> Option<(Option<String>, String)> {
    let held = object.get("identifier")?;
    identifier(held.text("system"), held.text("value")?)
}

fn identifier(system: Option<&str>, value: &str) -> Option<(Option<String>, String)> {
    let system = system.filter(|system| !system.is_empty()).map(str::to_owned);
    (!value.is_empty()).then(|| (system, value.to_owned()))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let high = char::from(bytes.next()?).to_digit(16)?;
                let low = char::from(bytes.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

/// The values at a path of member names, through lists.
fn elements<'a>(json: &'a Json, path: &str) -> Vec<&'a Json> {
    path.split('.').fold(vec![json], |held, name| {
        let values = held.into_iter().filter_map(|value| value.get(name));
        values.flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(value))).collect()
    })
}

/// Shows every object of a value to `visit` in document order, with the name of the member that holds it.
fn walk<'a, B>(
    json: &'a Json,
    element: &'a str,
    depth: usize,
    visit: &mut dyn FnMut(&'a str, &'a Object) -> ControlFlow<B>,
) -> ControlFlow<B> {
    match json {
        Json::Array(items) if depth < DEPTH_MAX => {
            for item in items {
                walk(item, element, depth + 1, visit)?;
            }
        }
        Json::Object(object) => {
            visit(element, object)?;
            if depth < DEPTH_MAX {
                for (name, value) in object.iter() {
                    walk(value, name, depth + 1, visit)?;
                }
            }
        }
        _ => {}
    }
    ControlFlow::Continue(())
}

/// Whether resources of this type are of the organisation unless they refer to a patient.
fn is_shared(kind: &str) -> bool {
    SHARED.binary_search(&kind).is_ok()
}

/// FHIR R4 types that patients share: who and where care is given, what is given, calendars and equipment, and
/// definitions and terminology. Sorted.
const SHARED: &[&str] = &[
    "ActivityDefinition",
    "CapabilityStatement",
    "CatalogEntry",
    "ChargeItemDefinition",
    "CodeSystem",
    "CompartmentDefinition",
    "ConceptMap",
    "Device",
    "DeviceDefinition",
    "DeviceMetric",
    "EffectEvidenceSynthesis",
    "Endpoint",
    "EventDefinition",
    "Evidence",
    "EvidenceVariable",
    "ExampleScenario",
    "GraphDefinition",
    "HealthcareService",
    "ImplementationGuide",
    "InsurancePlan",
    "Library",
    "Location",
    "Measure",
    "Medication",
    "MedicationKnowledge",
    "MedicinalProduct",
    "MedicinalProductAuthorization",
    "MedicinalProductContraindication",
    "MedicinalProductIndication",
    "MedicinalProductIngredient",
    "MedicinalProductInteraction",
    "MedicinalProductManufactured",
    "MedicinalProductPackaged",
    "MedicinalProductPharmaceutical",
    "MedicinalProductUndesirableEffect",
    "MessageDefinition",
    "NamingSystem",
    "ObservationDefinition",
    "OperationDefinition",
    "Organization",
    "OrganizationAffiliation",
    "PlanDefinition",
    "Practitioner",
    "PractitionerRole",
    "Questionnaire",
    "ResearchDefinition",
    "ResearchElementDefinition",
    "ResearchStudy",
    "RiskEvidenceSynthesis",
    "Schedule",
    "SearchParameter",
    "Slot",
    "SpecimenDefinition",
    "StructureDefinition",
    "StructureMap",
    "Subscription",
    "Substance",
    "SubstanceNucleicAcid",
    "SubstancePolymer",
    "SubstanceProtein",
    "SubstanceReferenceInformation",
    "SubstanceSourceMaterial",
    "SubstanceSpecification",
    "TerminologyCapabilities",
    "TestReport",
    "TestScript",
    "ValueSet",
    "VerificationResult",
];

/// The elements that say whom a resource is about, most telling first.
fn compartment_paths(kind: &str) -> &'static [&'static str] {
    match COMPARTMENT.iter().find(|(held, _)| *held == kind) {
        Some((_, paths)) => paths,
        None => &["patient", "subject"],
    }
}

/// The FHIR R4 patient compartment where it is not simply `patient` or `subject`, and types outside of it that have
/// such an element (Binary, BiologicallyDerivedProduct, Linkage, MessageHeader, Task, VerificationResult). Elements
/// that come after these in the compartment, such as performers, are found in document order.
const COMPARTMENT: &[(&str, &[&str])] = &[
    ("Appointment", &["participant.actor"]),
    ("AppointmentResponse", &["actor"]),
    ("AuditEvent", &["agent.who", "entity.what"]),
    ("Binary", &["securityContext"]),
    ("BiologicallyDerivedProduct", &["collection.source"]),
    ("Communication", &["subject", "recipient", "sender"]),
    ("CommunicationRequest", &["subject", "recipient", "sender", "requester"]),
    ("Composition", &["subject", "author", "attester.party"]),
    ("Coverage", &["beneficiary", "subscriber", "policyHolder", "payor"]),
    ("EnrollmentRequest", &["candidate"]),
    ("Group", &["member.entity"]),
    ("Invoice", &["subject", "recipient"]),
    ("Linkage", &["item.resource"]),
    ("List", &["subject", "source"]),
    ("MedicationDispense", &["subject", "receiver"]),
    ("MessageHeader", &["focus"]),
    ("Person", &["link.target"]),
    ("Provenance", &["target"]),
    ("QuestionnaireResponse", &["subject", "source", "author"]),
    ("ResearchSubject", &["individual"]),
    ("Schedule", &["actor"]),
    ("SupplyRequest", &["deliverTo"]),
    ("Task", &["for"]),
    ("VerificationResult", &["target"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::{ReadError, layout_of, read};
    use proptest::prelude::*;
    use std::collections::HashSet;
    use std::io::BufReader;
    use std::path::Path;

    fn resource(text: &str) -> Resource {
        Resource::from_json(Json::parse(text.as_bytes()).unwrap(), None).unwrap()
    }

    fn home_of(text: &str) -> Home {
        home(&resource(text), &|_| false)
    }

    fn chart(id: &str) -> Home {
        Home::Patient(PatientId::new(id).unwrap())
    }

    fn follows(references: &[&str]) -> Home {
        Home::Follows(references.iter().map(|reference| ResourceRef::parse(reference).unwrap()).collect())
    }

    fn query(system: Option<&str>, value: &str) -> Home {
        Home::PatientQuery { system: system.map(str::to_owned), value: value.to_owned() }
    }

    #[test]
    fn tables_are_sorted() {
        assert!(SHARED.is_sorted());
        assert!(COMPARTMENT.is_sorted_by_key(|(kind, _)| *kind));
    }

    #[test]
    fn a_patient_is_named_in_several_ways() {
        for reference in [
            "Patient/pat-1.a",
            "Patient/pat-1.a/_history/2",
            "http://host/fhir/Patient/pat-1.a",
            "https://host/fhir/Patient/pat-1.a/_history/1",
            "urn:uuid:pat-1.a",
        ] {
            assert_eq!(PatientId::from_reference(reference).unwrap().as_str(), "pat-1.a", "{reference}");
        }
        for reference in ["", "#p1", "Patient", "Patient/", "Patient/é", "Group/x", "Patient?identifier=1", "urn:uuid:"]
        {
            assert_eq!(PatientId::from_reference(reference), None, "{reference}");
        }
        assert_eq!(PatientId::new(""), None);
    }

    #[test]
    fn a_patient_is_at_home_with_itself() {
        let text = r#"{"resourceType":"Patient","id":"a","name":[{"family":"Montañez","given":["Clara"]}],
            "link":[{"other":{"reference":"Patient/b"},"type":"replaced-by"}]}"#;
        assert_eq!(home_of(text), chart("a"));
    }

    #[test]
    fn the_elements_of_the_compartment_come_before_document_order() {
        let cases = [
            r#""resourceType":"Observation","performer":[{"reference":"Patient/x"}],"subject":{"reference":"Patient/a"}"#,
            r#""resourceType":"Coverage","subscriber":{"reference":"Patient/x"},"beneficiary":{"reference":"Patient/a"}"#,
            r#""resourceType":"Task","requester":{"reference":"Patient/x"},"for":{"reference":"Patient/a"}"#,
            r#""resourceType":"ResearchSubject","individual":{"reference":"Patient/a"}"#,
            r##""resourceType":"CarePlan","contained":[{"resourceType":"Condition","subject":{"reference":"Patient/x"}}],
                "subject":{"reference":"Patient/a","display":"Zoë Ñúñez"}"##,
            r#""resourceType":"Appointment","supportingInformation":[{"reference":"DiagnosticReport/ultrasound"}],
                "participant":[{"actor":{"reference":"Location/1"}},{"actor":{"reference":"Patient/a"}}]"#,
            r#""resourceType":"AuditEvent","agent":[{"who":{"reference":"Practitioner/1"}}],
                "entity":[{"what":{"reference":"http://host/Patient/a/_history/3"}}]"#,
            r#""resourceType":"Group","member":[{"entity":{"reference":"Patient/a"}},{"entity":{"reference":"Patient/b"}}]"#,
            r#""resourceType":"Person","link":[{"target":{"reference":"Practitioner/1"}},{"target":{"reference":"Patient/a"}}]"#,
            r#""resourceType":"Basic","extension":[{"valueReference":{"reference":"Patient/a"}}]"#,
        ];
        for members in cases {
            assert_eq!(home_of(&format!("{{{members}}}")), chart("a"), "{members}");
        }
    }

    #[test]
    fn a_uuid_is_a_patient_by_element_type_or_knowledge() {
        let text = |element: &str, extra: &str| {
            format!(r#"{{"resourceType":"Claim","{element}":{{"reference":"urn:uuid:155d3d80"{extra}}}}}"#)
        };
        assert_eq!(home_of(&text("patient", "")), chart("155d3d80"));
        assert_eq!(home_of(&text("subject", "")), follows(&["urn:uuid:155d3d80"]));
        assert_eq!(home_of(&text("subject", r#","type":"Patient""#)), chart("155d3d80"));
        assert_eq!(home(&resource(&text("subject", "")), &|id| id == "155d3d80"), chart("155d3d80"));
        assert_eq!(home(&resource(&text("enterer", "")), &|id| id == "155d3d80"), chart("155d3d80"));
    }

    #[test]
    fn conditional_and_logical_references_ask_for_a_patient() {
        let of = |reference: &str| {
            home_of(&format!(r#"{{"resourceType":"Encounter","subject":{{"reference":"{reference}"}}}}"#))
        };
        let mrn = Some("http://hospital.smarthealthit.org");
        assert_eq!(of("Patient?identifier=http://hospital.smarthealthit.org|1032702"), query(mrn, "1032702"));
        assert_eq!(
            of("https://h/Patient?a=b&identifier=http%3A%2F%2Fhospital.smarthealthit.org%7Cn%C3%BA"),
            query(mrn, "nú")
        );
        assert_eq!(of("Patient?identifier=1032702"), query(None, "1032702"));
        assert_eq!(of("Patient?identifier=|1032702"), query(None, "1032702"));
        for reference in [
            "Patient?name=x",
            "Patient?identifier=",
            "Patient?identifier=a|",
            "Patient?identifier=%f",
            "Group?identifier=1",
        ] {
            assert_eq!(of(reference), Home::Unfiled, "{reference}");
        }
        let logical = r#"{"resourceType":"Encounter","subject":{"type":"Patient","identifier":{"system":"urn:oid:1.2","value":"7"}}}"#;
        assert_eq!(home_of(logical), query(Some("urn:oid:1.2"), "7"));
    }

    #[test]
    fn a_contained_patient_is_no_chart_but_keeps_out_of_the_organisation() {
        let contained = r##""contained":[{"resourceType":"Patient","id":"p1","name":[{"family":"Chalmers"}]}]"##;
        let observation = format!(r##"{{"resourceType":"Observation",{contained},"subject":{{"reference":"#p1"}}}}"##);
        assert_eq!(home_of(&observation), Home::Unfiled);
        assert_eq!(home_of(&format!(r#"{{"resourceType":"Medication",{contained}}}"#)), Home::Unfiled);
        let claim = format!(
            r##"{{"resourceType":"Claim",{contained},"patient":{{"reference":"#p1"}},"item":[{{"encounter":[{{"reference":"Encounter/e"}}]}}]}}"##
        );
        assert_eq!(home_of(&claim), follows(&["Encounter/e"]));
        let bundle = r#"{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","id":"a"}}]}"#;
        assert_eq!(home_of(bundle), chart("a"));
    }

    #[test]
    fn shared_types_are_the_organisations_unless_they_refer_to_a_patient() {
        for kind in SHARED {
            assert_eq!(home_of(&format!(r#"{{"resourceType":"{kind}"}}"#)), Home::Organisation);
            let about = format!(r#"{{"resourceType":"{kind}","x":[[{{"y":{{"reference":"Patient/a"}}}}]]}}"#);
            assert_eq!(home_of(&about), chart("a"));
        }
        let role = r#"{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|9999957290"},
            "location":[{"reference":"Location/1"}]}"#;
        assert_eq!(home_of(role), Home::Organisation);
        let statement =
            r#"{"resourceType":"CapabilityStatement","rest":[{"resource":[{"type":"Patient","profile":"x"}]}]}"#;
        assert_eq!(home_of(statement), Home::Organisation);
        let device = r#"{"resourceType":"Device","patient":{"reference":"urn:uuid:a"}}"#;
        assert_eq!(home_of(device), chart("a"));
    }

    #[test]
    fn others_follow_the_records_they_refer_to() {
        let response = r#"{"resourceType":"AppointmentResponse","appointment":{"reference":"Appointment/examplereq"},
            "actor":{"reference":"Practitioner/example"}}"#;
        assert_eq!(home_of(response), follows(&["Appointment/examplereq"]));
        let provenance = r#"{"resourceType":"Provenance","id":"p","entity":[{"what":{"reference":"DocumentReference/example"}}],
            "target":[{"reference":"Procedure/example/_history/1"},{"reference":"Provenance/p"},{"reference":"Procedure/example"}]}"#;
        assert_eq!(home_of(provenance), follows(&["Procedure/example", "DocumentReference/example"]));
        let many: Vec<String> = (0..50).map(|n| format!(r#"{{"reference":"Encounter/{n}"}}"#)).collect();
        let Home::Follows(found) = home_of(&format!(r#"{{"resourceType":"Basic","x":[{}]}}"#, many.join(","))) else {
            panic!("follows nothing");
        };
        assert_eq!(found.len(), FOLLOWS_MAX);
        assert_eq!(home_of(r#"{"resourceType":"Observation","status":"final"}"#), Home::Unfiled);
        assert_eq!(home_of(r##"{"resourceType":"RiskAssessment","subject":{"reference":"#group1"}}"##), Home::Unfiled);
    }

    #[test]
    fn references_are_listed_in_document_order_within_a_limit() {
        let json = Json::parse(
            br##"{"b":{"reference":"Patient/1"},"a":[{"reference":"#x"},{"reference":7}],"reference":"z"}"##,
        )
        .unwrap();
        assert_eq!(references(&json), ["z", "Patient/1", "#x"]);
        let many = vec![r#"{"reference":"x"}"#; REFERENCES_MAX + 5].join(",");
        assert_eq!(references(&Json::parse(format!("[{many}]").as_bytes()).unwrap()).len(), REFERENCES_MAX);
    }

    fn file(path: &Path) -> Vec<Resource> {
        let mut held = Vec::new();
        let source = BufReader::new(std::fs::File::open(path).unwrap());
        read(source, layout_of(path.to_str().unwrap()).unwrap(), &mut |_, resource| -> Result<(), ReadError> {
            held.extend(resource.ok());
            Ok(())
        })
        .unwrap();
        held
    }

    #[test]
    fn real_records_find_their_charts() {
        let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
        // Counted by another program: the organisation's are Practitioner, Organization, Location and Medication.
        for (folder, patients, organisation) in
            [("synthea-r4", 2364, 236), ("synthea-modern", 1775, 26), ("bulk-ndjson", 6987, 173), ("ips", 27, 12)]
        {
            let Ok(paths) = std::fs::read_dir(data.join(folder)) else {
                eprintln!("skipped: no shared data at {}", data.display());
                return;
            };
            let mut counts = (0, 0);
            for path in paths {
                let resources = file(&path.unwrap().path());
                let patients = resources.iter().map(Resource::key).filter(|key| key.kind == PATIENT);
                let patients: HashSet<&str> = patients.map(|key| key.id.as_str()).collect();
                for resource in &resources {
                    match home(resource, &|id| patients.contains(id)) {
                        Home::Patient(_) => counts.0 += 1,
                        Home::Organisation => counts.1 += 1,
                        other => panic!("{}: {other:?}", resource.key()),
                    }
                }
            }
            assert_eq!(counts, (patients, organisation), "{folder}");
        }
    }

    #[test]
    fn no_example_that_names_a_patient_is_the_organisations() {
        let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/hl7-r4-examples"));
        let Ok(paths) = std::fs::read_dir(data) else {
            eprintln!("skipped: no shared data at {}", data.display());
            return;
        };
        for resource in paths.flat_map(|path| file(&path.unwrap().path())) {
            let named = references(resource.json()).iter().any(|reference| reference.contains("Patient/"));
            let found = home(&resource, &|_| false);
            let is_chart = matches!(found, Home::Patient(_) | Home::PatientQuery { .. });
            assert!(is_chart || !named, "{}: {found:?}", resource.key());
        }
    }

    proptest! {
        #[test]
        fn any_reference_is_understood_or_left_alone(reference in "(urn:uuid:|Patient[/?]|http://|#|identifier=|%|[a-z|&]|é){0,6}") {
            let _ = PatientId::from_reference(&reference);
            let text = Json::from(reference.as_str()).to_text();
            let found = home_of(&format!(r#"{{"resourceType":"Medication","x":{{"reference":{text}}}}}"#));
            prop_assert!(!reference.starts_with("Patient?") || found != Home::Organisation);
        }
    }
}
