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
mod tests;
