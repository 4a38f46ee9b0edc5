//! Summaries of real charts, of hand-made edge cases, and of arbitrary JSON.

use super::*;
use crate::json::Object;
use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use std::path::{Path, PathBuf};

type Held = Vec<(ResourceKey, Json)>;

fn data(path: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(path);
    if !path.exists() {
        eprintln!("skipped: no shared data");
        return None;
    }
    Some(path)
}

fn keyed(json: Json) -> (ResourceKey, Json) {
    let text = |name: &str| json.text(name).unwrap_or_default().to_owned();
    (ResourceKey { kind: text("resourceType"), id: text("id") }, json)
}

/// The resources of the bundle whose file name starts like this.
fn bundle(folder: &str, file: &str) -> Option<Held> {
    let path = std::fs::read_dir(data(folder)?)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.file_name().unwrap().to_string_lossy().starts_with(file))
        .unwrap();
    let bundle = Json::parse(&std::fs::read(path).unwrap()).unwrap();
    Some(bundle.items("entry").iter().map(|entry| keyed(entry.get("resource").unwrap().clone())).collect())
}

fn example(name: &str) -> Option<(ResourceKey, Json)> {
    let path = data("hl7-r4-examples")?.join(format!("{name}.json"));
    Some(keyed(Json::parse(&std::fs::read(path).unwrap()).unwrap()))
}

/// The chart of one patient in the bulk export.
fn bulk(patient: &str) -> Option<Held> {
    let mut held = Vec::new();
    for kind in ["Patient", "AllergyIntolerance", "Condition", "DocumentReference", "Encounter", "MedicationRequest"] {
        let lines = std::fs::read_to_string(data("bulk-ndjson")?.join(format!("{kind}.000.ndjson"))).unwrap();
        let reference = format!("Patient/{patient}");
        let of_patient = |json: &Json| {
            let about = |name| json.at([name, "reference"]).and_then(Json::as_str);
            let about_patient = about("subject").or_else(|| about("patient")) == Some(reference.as_str());
            about_patient || json.text("id") == Some(patient)
        };
        let lines = lines.lines().filter(|line| line.contains(patient));
        held.extend(lines.map(|line| Json::parse(line.as_bytes()).unwrap()).filter(of_patient).map(keyed));
    }
    Some(held)
}

fn made(texts: &[&str]) -> Held {
    texts.iter().map(|text| keyed(Json::parse(text.as_bytes()).unwrap())).collect()
}

fn summary(held: &[(ResourceKey, Json)], today: Date) -> Summary {
    summarise(held.iter().map(|(key, json)| (key, json)), &|_| None, today)
}

fn texts<T>(section: &Section<T>, text: impl Fn(&T) -> &str) -> Vec<&str> {
    section.items.iter().map(text).collect()
}

#[test]
fn the_banner_of_a_real_chart() {
    let Some(held) = bundle("synthea-r4", "Clara") else { return };
    let banner = summary(&held, date(2020, 7, 1)).banner;
    assert_eq!(banner.name, "Clara Montañez");
    assert_eq!(banner.born, "1967-07-31");
    assert_eq!(banner.age, "52 years");
    assert_eq!(banner.sex, "Female");
    assert_eq!(banner.died, None);
    let numbers: Vec<_> = banner.identifiers.iter().map(|held| (held.label.as_deref(), held.value.as_str())).collect();
    assert_eq!(
        numbers,
        [
            (Some("MRN"), "276b501c-98d9-4837-8601-4700a93fa397"),
            (Some("SSN"), "999-90-7330"),
            (Some("Driver's licence"), "S99949814"),
            (Some("Passport"), "X62511842X"),
            (None, "276b501c-98d9-4837-8601-4700a93fa397"),
        ]
    );
}

#[test]
fn the_dead_have_the_age_of_their_death() {
    let Some(held) = bundle("synthea-r4", "Barney") else { return };
    let banner = summary(&held, date(2020, 7, 1)).banner;
    assert_eq!(banner.died.as_deref(), Some("1989-02-15T08:54:18+00:00"));
    assert_eq!(banner.age, "24 years");
    let unknown = made(&[r#"{"resourceType":"Patient","id":"1","birthDate":"1950","deceasedBoolean":true}"#]);
    let banner = summary(&unknown, date(2020, 7, 1)).banner;
    assert_eq!((banner.died.as_deref(), banner.age.as_str()), (Some(NOT_KNOWN), NOT_KNOWN));
}

#[test]
fn what_is_unknown_says_so() {
    let empty = summary(&[], date(2020, 7, 1));
    assert_eq!(empty.banner.name, "Name not known");
    assert_eq!((empty.banner.born.as_str(), empty.banner.age.as_str()), (NOT_KNOWN, NOT_KNOWN));
    assert_eq!(empty.banner.sex, NOT_KNOWN);
    assert_eq!(empty.allergies, Allergies::NoneRecorded);
    assert_eq!(empty.to_json().at(["allergies", "state"]).and_then(Json::as_str), Some("none recorded"));
}

#[test]
fn active_problems_are_apart_from_past_ones() {
    let Some(held) = bundle("synthea-r4", "Clara") else { return };
    let problems = summary(&held, date(2020, 7, 1)).problems;
    assert_eq!(
        texts(&problems.active, |problem| &problem.what),
        ["Miscarriage in first trimester", "Body mass index 30+ - obesity (finding)"]
    );
    assert_eq!(problems.active.items[0].onset.as_ref().unwrap().day(), "2017-12-25");
    assert_eq!(problems.active.items[0].status, None);
    assert_eq!(problems.past.total(), 8);
    assert_eq!(problems.past.items[0].what, "Acute viral pharyngitis (disorder)");
    assert_eq!(problems.past.items[0].status.as_deref(), Some("resolved"));
    assert_eq!(problems.past.items[0].ended.as_ref().unwrap().day(), "2020-05-13");
}

#[test]
fn a_problem_without_status_is_shown_and_marked() {
    let held = made(&[
        r#"{"resourceType":"Condition","id":"1","code":{"text":"Asthma"},"onsetString":"as a child"}"#,
        r#"{"resourceType":"Condition","id":"2","code":{"text":"Flu"},"abatementDateTime":"2019"}"#,
        r#"{"resourceType":"Condition","id":"3","code":{"text":"Gout"},
            "clinicalStatus":{"coding":[{"code":"relapse"}]}}"#,
        r#"{"resourceType":"Condition","id":"4","code":{"text":"TB"},
            "verificationStatus":{"coding":[{"code":"refuted"}]}}"#,
        r#"{"resourceType":"Condition","id":"5","code":{"text":"Wrong"},
            "verificationStatus":{"coding":[{"code":"entered-in-error"}]}}"#,
        r#"{"resourceType":"Condition","id":"6","verificationStatus":{"coding":[{"code":"provisional"}]},
            "clinicalStatus":{"coding":[{"code":"active"}]},"onsetDateTime":"2018-02"}"#,
    ]);
    let summary = summary(&held, date(2020, 7, 1));
    let shown: Vec<_> = summary
        .problems
        .active
        .items
        .iter()
        .map(|problem| (problem.what.as_str(), problem.status.as_deref(), problem.certainty.as_deref()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Problem not named", None, Some("provisional")),
            ("Asthma", Some("status not stated"), None),
            ("Gout", Some("relapse"), None),
        ]
    );
    assert_eq!(summary.problems.active.items[1].onset.as_ref().unwrap().text(), "as a child");
    assert_eq!(texts(&summary.problems.past, |problem| &problem.what), ["Flu"]);
    assert_eq!(summary.problems.refuted, 1);
    assert_eq!(summary.entered_in_error, 1);
    assert_eq!(summary.counts["Condition"], 5);
    assert!(!summary.to_json().to_text().contains("Wrong"));
}

#[test]
fn the_newest_observation_of_each_code_with_its_own_time() {
    let Some(held) = bundle("synthea-r4", "Clara") else { return };
    let observations = summary(&held, date(2020, 7, 1)).observations;
    assert_eq!(observations.total(), 22);
    assert_eq!(observations.items.iter().map(|line| 1 + line.earlier).sum::<usize>(), 78);
    let of = |what: &str| {
        let line = observations.items.iter().find(|line| line.what == what).unwrap();
        (line.when.as_ref().unwrap().day(), line.value.as_str(), line.unit.as_deref(), line.earlier)
    };
    assert_eq!(of("Blood Pressure"), ("2020-06-15", "110.1/75.97", Some("mmHg"), 6));
    assert_eq!(of("Body Height"), ("2020-06-15", "161.3", Some("cm"), 6));
    assert_eq!(of("Total Cholesterol").1, "180.7");
    assert_eq!(of("Tobacco smoking status NHIS").1, "Never smoker");
    let temperature = of("Oral temperature");
    assert_eq!((temperature.0, temperature.1, temperature.2), ("2020-04-30", "37.79", Some("°C")));
    assert_eq!(of("Hemoglobin [Mass/volume] in Blood").0, "2018-06-04");
}

#[test]
fn abnormal_values_are_flagged() {
    let Some(glucose) = example("Observation-f001") else { return };
    let pressure = example("Observation-blood-pressure-dar").unwrap();
    let failed = example("Observation-unsat").unwrap();
    let scale = example("Observation-gcs-qa").unwrap();

    let line = &summary(&[glucose], date(2020, 7, 1)).observations.items[0];
    assert_eq!((line.value.as_str(), line.unit.as_deref()), ("6.3", Some("mmol/l")));
    assert_eq!((line.range.as_deref(), line.flag), (Some("3.1–6.2 mmol/l"), Some(Flag::High)));
    assert_eq!(line.when.as_ref().unwrap().text(), "2013-04-02T09:30:10+01:00");

    let line = &summary(&[pressure], date(2020, 7, 1)).observations.items[0];
    assert_eq!(line.value, "Systolic blood pressure: 107 mmHg; Diastolic blood pressure: not recorded");
    assert_eq!(line.flag, Some(Flag::Low));

    let line = &summary(&[failed], date(2020, 7, 1)).observations.items[0];
    assert_eq!(line.value, "Not recorded: Specimen unsatisfactory for evaluation");
    assert_eq!(line.flag, None);

    let line = &summary(&[scale], date(2020, 7, 1)).observations.items[0];
    assert_eq!(line.flag, None, "ranges of a scale are no limits");
    assert_eq!(line.range.as_deref(), Some("Severe TBI: ≤ 8 score; Moderate TBI: 9–12 score; Mild TBI: ≥ 13 score"));
}

#[test]
fn a_range_flags_only_what_it_covers() {
    let flag = |range: &str, value: &str| {
        let text = format!(
            r#"{{"resourceType":"Observation","id":"1","code":{{"text":"x"}},"referenceRange":[{range}],{value}}}"#
        );
        summary(&made(&[&text]), date(2020, 7, 1)).observations.items[0].flag
    };
    let range = r#"{"low":{"value":3,"unit":"g"},"high":{"value":5,"unit":"g"}}"#;
    assert_eq!(flag(range, r#""valueQuantity":{"value":2.9,"unit":"g"}"#), Some(Flag::Low));
    assert_eq!(flag(range, r#""valueQuantity":{"value":5.1,"unit":"g"}"#), Some(Flag::High));
    assert_eq!(flag(range, r#""valueQuantity":{"value":3.0,"unit":"g"}"#), None);
    assert_eq!(flag(range, r#""valueQuantity":{"value":9,"unit":"mg"}"#), None, "another unit");
    assert_eq!(flag(range, r#""valueQuantity":{"value":9,"unit":"g","comparator":"<"}"#), None);
    let normal = r#""valueQuantity":{"value":9,"unit":"g"},"interpretation":[{"coding":[{"code":"N"}]}]"#;
    assert_eq!(flag(range, normal), None, "the record says normal");
    let critical = r#""valueQuantity":{"value":9,"unit":"g"},"interpretation":[{"coding":[{"code":"HH"}]}]"#;
    assert_eq!(flag(range, critical), Some(Flag::CriticalHigh));
    let women = r#"{"high":{"value":5,"unit":"g"},"appliesTo":[{"text":"women"}]}"#;
    assert_eq!(flag(women, r#""valueQuantity":{"value":9,"unit":"g"}"#), None);
    let parts = r#""component":[
        {"code":{"coding":[{"code":"8480-6"}]},"valueQuantity":{"value":190,"unit":"mmHg"},
         "interpretation":[{"coding":[{"code":"H"}]}]},
        {"code":{"coding":[{"code":"8462-4"}]},"valueQuantity":{"value":40,"unit":"mmHg"},
         "interpretation":[{"coding":[{"code":"L"}]}]}]"#;
    assert_eq!(flag("", parts), Some(Flag::Abnormal), "high and low");
}

#[test]
fn current_medications_with_dosage() {
    let Some(held) = bulk("a5cb8ce9-cec6-6b23-0990-cbaf753578a4") else { return };
    let medications = summary(&held, date(2023, 3, 1)).medications;
    let shown: Vec<_> = medications
        .current
        .items
        .iter()
        .map(|held| (held.what.as_str(), held.dosage.as_deref(), held.started.as_ref().unwrap().day()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Simvastatin 10 MG Oral Tablet", Some("dose 1.0, 1 x per day"), "2023-02-05"),
            ("Alendronic acid 10 MG Oral Tablet", None, "2023-02-04"),
            ("ferrous sulfate 325 MG Oral Tablet", None, "1957-06-16"),
        ]
    );
    assert_eq!(medications.past.total(), 59);
    assert!(medications.past.items.iter().all(|held| held.status.is_some()));
}

#[test]
fn past_medications_say_how_they_ended() {
    let held = made(&[
        r#"{"resourceType":"MedicationStatement","id":"1","status":"not-taken","effectiveDateTime":"2019",
            "medicationCodeableConcept":{"text":"Aspirin"},"dosage":[{"text":"1 tablet"}]}"#,
        r#"{"resourceType":"MedicationRequest","id":"2","status":"completed","authoredOn":"2020",
            "medicationCodeableConcept":{"text":"Amoxicillin"}}"#,
    ]);
    let Medications { current, past } = summary(&held, date(2020, 7, 1)).medications;
    assert_eq!((current.total(), texts(&past, |held| &held.what)), (0, vec!["Amoxicillin", "Aspirin"]));
    let last = &past.items[1];
    assert_eq!((last.status.as_deref(), last.dosage.as_deref()), (Some("not taken"), Some("1 tablet")));
}

#[test]
fn medications_by_reference_are_named() {
    let Some(held) = bundle("ips", "Bundle-IPS") else { return };
    let medications = summary(&held, date(2020, 7, 1)).medications;
    let shown: Vec<_> = medications
        .current
        .items
        .iter()
        .map(|held| (held.what.as_str(), held.dosage.as_deref(), held.started.as_ref().unwrap().text()))
        .collect();
    assert_eq!(
        shown,
        [
            ("Black Cohosh Extract herbal supplement", Some("Oral use"), "2016-01"),
            ("Product containing anastrozole (medicinal product)", Some("1 tablet, Oral use"), "2015-03"),
        ]
    );
    let contained = [example("MedicationStatement-example002").unwrap()];
    let current = summary(&contained, date(2020, 7, 1)).medications.current;
    assert_eq!(texts(&current, |held| &held.what), ["Tylenol PM"]);
}

#[test]
fn references_are_looked_up_elsewhere_but_never_mistaken() {
    let held = made(&[
        r#"{"resourceType":"MedicationRequest","id":"1","status":"active","authoredOn":"2020-03",
            "medicationReference":{"reference":"Medication/m","display":"Old name"}}"#,
        r#"{"resourceType":"MedicationRequest","id":"2","status":"on-hold","authoredOn":"2020-02","doNotPerform":true,
            "medicationReference":{"reference":"https://other.example/Patient/p","display":"Aspirin"}}"#,
        r#"{"resourceType":"MedicationRequest","id":"3","status":"active","authoredOn":"2020-01","intent":"proposal",
            "medicationReference":{"reference":"Medication/none"},
            "dosageInstruction":[{"timing":{"repeat":{"frequency":1,"period":6,"periodMax":12,"periodUnit":"h"}},
            "asNeededCodeableConcept":{"text":"pain"}}]}"#,
        r#"{"resourceType":"Patient","id":"p","name":[{"text":"Not a medication"}]}"#,
    ]);
    let shared = Json::parse(br#"{"resourceType":"Medication","id":"m","code":{"text":"Metformin"}}"#).unwrap();
    let lookup = |reference: &str| (reference == "Medication/m").then_some(&shared);
    let summary = summarise(held.iter().map(|(key, json)| (key, json)), &lookup, date(2020, 7, 1));
    let shown: Vec<_> = summary
        .medications
        .current
        .items
        .iter()
        .map(|held| (held.what.as_str(), held.status.as_deref(), held.do_not_give))
        .collect();
    assert_eq!(
        shown,
        [
            ("Metformin", None, false),
            ("Aspirin", Some("on hold"), true),
            ("Medication not named", Some("proposal"), false),
        ]
    );
    assert_eq!(summary.medications.current.items[2].dosage.as_deref(), Some("1 x per 6–12 hours, as needed for pain"));
}

#[test]
fn none_recorded_differs_from_none_known() {
    let one = |code: &str| {
        let text = format!(r#"{{"resourceType":"AllergyIntolerance","id":"1","code":{code}}}"#);
        summary(&made(&[&text]), date(2020, 7, 1)).allergies
    };
    let no_known = |text: &str| Allergies::NoKnown(vec![text.to_owned()]);
    assert_eq!(one(r#"{"coding":[{"code":"716186003","display":"No known allergy"}]}"#), no_known("No known allergy"));
    assert_eq!(one(r#"{"text":"No known allergies."}"#), no_known("No known allergies."));
    assert_eq!(one(r#"{"coding":[{"code":"no-allergy-info"}]}"#), Allergies::NoneRecorded);
    let Allergies::Listed { allergies, .. } = one(r#"{"text":"No known allergies except nuts"}"#) else { panic!() };
    assert_eq!(allergies.items[0].what, "No known allergies except nuts");
    if let Some(nkda) = example("AllergyIntolerance-nkda") {
        assert_eq!(summary(&[nkda], date(2020, 7, 1)).allergies, no_known("NKDA"));
    }
}

#[test]
fn allergies_are_listed_with_reactions_and_risk() {
    let Some(held) = bulk("a5cb8ce9-cec6-6b23-0990-cbaf753578a4") else { return };
    let Allergies::Listed { allergies, no_known } = summary(&held, date(2023, 3, 1)).allergies else { panic!() };
    assert_eq!(
        texts(&allergies, |held| &held.what),
        ["Mold (organism)", "Sulfamethoxazole / Trimethoprim", "Tree nut (substance)"]
    );
    assert_eq!(allergies.items[1].reactions, ["Wheal (finding)", "Eruption of skin (disorder)"]);
    assert!(allergies.items[2].reactions.contains(&"Anaphylaxis (disorder)".to_owned()));
    assert!(no_known.is_empty());

    let held = bundle("ips", "Bundle-IPS").unwrap();
    let Allergies::Listed { allergies, no_known } = summary(&held, date(2023, 3, 1)).allergies else { panic!() };
    assert_eq!(no_known, ["No known food allergy (situation)"]);
    assert_eq!(allergies.total(), 1);
    assert!(allergies.items[0].high_risk);
    assert_eq!(allergies.items[0].onset.as_ref().unwrap().text(), "2010");
}

#[test]
fn remission_is_past_and_says_so() {
    let Some(held) = bundle("ips", "Bundle-IPS") else { return };
    let problems = summary(&held, date(2020, 7, 1)).problems;
    assert_eq!(texts(&problems.active, |problem| &problem.what), ["Menopausal flushing (finding)"]);
    let past = &problems.past.items[0];
    assert_eq!((past.what.as_str(), past.status.as_deref()), ("Malignant tumor of breast", Some("remission")));
    assert_eq!(past.severity.as_deref(), Some("Severe"));
}

#[test]
fn encounters_are_newest_first_with_class_and_reason() {
    let Some(held) = bundle("synthea-r4", "Clara") else { return };
    let encounters = summary(&held, date(2020, 7, 1)).encounters;
    assert_eq!(encounters.total(), 24);
    let (first, second) = (&encounters.items[0], &encounters.items[1]);
    assert_eq!(first.what, "Encounter for check up (procedure)");
    assert_eq!(first.class.as_deref(), Some("Ambulatory"));
    assert_eq!(first.start.as_ref().unwrap().text(), "2020-06-15T07:22:23+00:00");
    assert_eq!(first.end.as_ref().unwrap().text(), "2020-06-15T07:37:23+00:00");
    assert_eq!((first.reason.as_deref(), first.status.as_deref()), (None, None));
    assert_eq!(second.reason.as_deref(), Some("Acute viral pharyngitis (disorder)"));
}

#[test]
fn notes_show_their_first_lines() {
    let Some(held) = bulk("a5cb8ce9-cec6-6b23-0990-cbaf753578a4") else { return };
    let summary = summary(&held, date(2023, 3, 1));
    assert_eq!(summary.banner.age, "95 years");
    assert_eq!(summary.notes.total(), 83);
    assert_eq!(summary.notes.items.len(), 30);
    let note = &summary.notes.items[0];
    assert_eq!(note.what, "History and physical note");
    assert_eq!(note.when.as_ref().unwrap().text(), "2023-02-05T22:58:16.824-05:00");
    assert_eq!(note.author.as_deref(), Some("Dr. Olevia458 Hermiston71"));
    assert_eq!(
        note.lines,
        ["2023-02-05", "# Chief Complaint", "No complaints.", "# History of Present Illness", "Elisa944 Donetta1"]
    );
    assert_eq!(note.status, None);
    assert_eq!(summary.notes.items[1].status.as_deref(), Some("superseded"));
}

#[test]
fn notes_come_from_reports_compositions_and_impressions() {
    let Some(report) = example("DiagnosticReport-ultrasound") else { return };
    let held = [
        report,
        example("Composition-example-mixed").unwrap(),
        example("ClinicalImpression-example").unwrap(),
        keyed(Json::parse(br#"{"resourceType":"DiagnosticReport","id":"x","code":{"text":"no words"}}"#).unwrap()),
        keyed(
            Json::parse(
                br#"{"resourceType":"DocumentReference","id":"y","date":"2001","status":"current",
                "content":[{"attachment":{"contentType":"application/pdf","data":"JVBERg=="}}]}"#,
            )
            .unwrap(),
        ),
    ];
    let notes = summary(&held, date(2020, 7, 1)).notes;
    assert_eq!(
        texts(&notes, |note| &note.what),
        ["Discharge Summary (Neonatal Service)", "Clinical impression", "Abdominal Ultrasound", "Document"]
    );
    assert_eq!(notes.items[0].author.as_deref(), Some("Harold Hippocrates, MD"));
    assert!(notes.items[0].lines.is_empty(), "narrative is not shown");
    assert_eq!(notes.items[1].lines, ["provisional diagnoses of laceration of head and traumatic brain injury (TBI)"]);
    assert_eq!(notes.items[2].lines, ["Unremarkable study"]);
    assert_eq!(notes.items[3].form.as_deref(), Some("application/pdf"));
}

#[test]
fn counts_match_what_is_held() {
    let Some(held) = bundle("synthea-r4", "Clara") else { return };
    let summary = summary(&held, date(2020, 7, 1));
    assert_eq!(summary.counts.values().sum::<usize>(), 209);
    assert_eq!(summary.counts["Claim"], 32);
    assert_eq!(summary.medications.past.total(), 8);
    assert_eq!(summary.medications.current.total(), 0);
    assert_eq!(summary.to_json().at(["banner", "name"]).and_then(Json::as_str), Some("Clara Montañez"));
}

#[test]
fn the_most_telling_time_of_a_resource_is_taken() {
    let of = |text: &str| when_of(&Json::parse(text.as_bytes()).unwrap()).map(|when| when.text().to_owned());
    assert_eq!(of(r#"{"issued":"2021-01-02","effectiveDateTime":"2020-12-31"}"#).unwrap(), "2020-12-31");
    assert_eq!(of(r#"{"recordedDate":"2021","period":{"start":"2019-05"}}"#).unwrap(), "2019-05");
    assert_eq!(of(r#"{"resourceType":"Patient","birthDate":"1967-07-31"}"#).unwrap(), "1967-07-31");
    assert_eq!(of(r#"{"date":7,"meta":{"lastUpdated":"2020"}}"#), None);
}

#[test]
fn one_line_tells_what_a_resource_is() {
    let of = |text: &str| {
        let (key, json) = keyed(Json::parse(text.as_bytes()).unwrap());
        line(&key, &json)
    };
    assert_eq!(
        of(r#"{"resourceType":"Condition","id":"1","code":{"text":"Sprain of ankle"},
            "onsetDateTime":"2013-06-13T07:22:23+00:00","clinicalStatus":{"coding":[{"code":"resolved"}]}}"#),
        "Condition: Sprain of ankle, 2013-06-13 (resolved)"
    );
    assert_eq!(
        of(r#"{"resourceType":"Observation","id":"1","status":"final","code":{"text":"Weight"},
            "valueQuantity":{"value":70.50,"unit":"kg"},"effectiveDateTime":"2020-02"}"#),
        "Observation: Weight: 70.50 kg, 2020-02 (final)"
    );
    assert_eq!(
        of(r#"{"resourceType":"Patient","id":"1","birthDate":"1967","name":[{"prefix":["Ms."],"family":"Roe"}]}"#),
        "Patient: Ms. Roe, 1967"
    );
    assert_eq!(
        of(r#"{"resourceType":"Immunization","id":"1","status":"entered-in-error","vaccineCode":{"text":"BCG"}}"#),
        "Immunization: BCG (entered in error)"
    );
    assert_eq!(
        of(
            r#"{"resourceType":"Observation","id":"1","code":{"text":"Weight"},"valueQuantity":{"value":95,"unit":"kg"},
            "referenceRange":[{"high":{"value":90,"unit":"kg"}}]}"#
        ),
        "Observation: Weight: 95 kg (high)"
    );
    assert_eq!(of(r#"{"resourceType":"Basic","id":"b7","code":7}"#), "Basic/b7");
    assert_eq!(of(r#"{"resourceType":"Basic","id":"1","code":{"text":"\u001b[2J\u202ex"}}"#), "Basic: [2Jx");
}

#[test]
fn a_document_is_called_as_it_is_described_as_its_file_or_by_its_kind() {
    let of = |members: &str| {
        let text = format!(r#"{{"resourceType":"DocumentReference","id":"d1","status":"current",{members}}}"#);
        let (key, json) = keyed(Json::parse(text.as_bytes()).unwrap());
        line(&key, &json)
    };
    let kind = r#""type":{"text":"Radiology report"}"#;
    let file = r#""content":[{"attachment":{"title":" "}},{"attachment":{"title":"Wrist in two planes"}}]"#;
    let described = of(&format!(r#""description":"After the fall","date":"2026-02-03",{kind},{file}"#));
    assert_eq!(described, "DocumentReference: After the fall, 2026-02-03 (current)");
    assert_eq!(of(&format!("{kind},{file}")), "DocumentReference: Wrist in two planes (current)");
    assert_eq!(of(&format!(r#"{kind},"content":[{{}}]"#)), "DocumentReference: Radiology report (current)");
    assert_eq!(of(r#""description":7"#), "DocumentReference: Document (current)");
}

#[test]
fn long_lists_are_cut_and_counted() {
    let texts: Vec<String> = (0..400)
        .map(|n| {
            format!(
                r#"{{"resourceType":"Observation","id":"{n}","effectiveDateTime":"{}","code":{{"text":"code {n}"}}}}"#,
                1600 + n
            )
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let observations = summary(&made(&texts), date(2020, 7, 1)).observations;
    assert_eq!((observations.items.len(), observations.more), (300, 100));
    assert_eq!(observations.items[0].what, "code 399");
    assert_eq!(observations.items[0].value, "Not recorded");
}

const KINDS: &[&str] = &[
    "Patient",
    "Condition",
    "MedicationRequest",
    "MedicationStatement",
    "Medication",
    "AllergyIntolerance",
    "Observation",
    "Encounter",
    "DocumentReference",
    "DiagnosticReport",
    "Composition",
    "ClinicalImpression",
];

const NAMES: &[&str] = &[
    "abatementDateTime",
    "attachment",
    "birthDate",
    "class",
    "clinicalStatus",
    "code",
    "coding",
    "component",
    "contained",
    "content",
    "contentType",
    "data",
    "date",
    "deceasedDateTime",
    "display",
    "doseAndRate",
    "doseQuantity",
    "dosageInstruction",
    "effectiveDateTime",
    "effectivePeriod",
    "family",
    "frequency",
    "given",
    "high",
    "id",
    "identifier",
    "interpretation",
    "low",
    "manifestation",
    "medicationReference",
    "name",
    "onsetAge",
    "onsetDateTime",
    "period",
    "periodUnit",
    "presentedForm",
    "reaction",
    "reasonReference",
    "reference",
    "referenceRange",
    "repeat",
    "start",
    "status",
    "text",
    "timing",
    "type",
    "unit",
    "value",
    "valueQuantity",
    "verificationStatus",
];

const TEXTS: &[&str] = &[
    "1967-07-31",
    "2020",
    "2020-06-15T07:22:23+00:00",
    "9999-12-31",
    "0000-01-01",
    "active",
    "resolved",
    "entered-in-error",
    "refuted",
    "716186003",
    "8480-6",
    "8462-4",
    "H",
    "d",
    "#0",
    "urn:uuid:0",
    "Medication/0",
    "text/plain",
    "SGk=",
    "\u{1b}[2J\u{202e}",
];

fn any_members(value: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    vec((select(NAMES), value), 0..10).prop_map(|members| {
        let mut object = Object::default();
        for (name, value) in members {
            object.insert(name, value);
        }
        Json::Object(object)
    })
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|number| Json::Number(number.into())),
        select(vec!["1e400", "-0.000000000001", "161.33455985948413", "1"])
            .prop_map(|text| Json::parse(text.as_bytes()).unwrap()),
        any::<String>().prop_map(Json::String),
        select(TEXTS).prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![vec(inner.clone(), 0..5).prop_map(Json::Array), any_members(inner)]
    })
}

fn all_texts(json: &Json, check: &mut impl FnMut(&str)) {
    match json {
        Json::String(text) => check(text),
        Json::Array(items) => items.iter().for_each(|item| all_texts(item, check)),
        Json::Object(object) => object.iter().for_each(|(_, value)| all_texts(value, check)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn any_json_is_summarised(
        resources in vec(((select(KINDS), 0..6_u8), any_members(any_json())), 0..12),
        anything in any_json(),
    ) {
        let held: BTreeMap<ResourceKey, Json> = resources
            .into_iter()
            .map(|((kind, id), json)| (ResourceKey { kind: kind.to_owned(), id: id.to_string() }, json))
            .collect();
        let lookup = |_: &str| Some(&anything);
        let forwards = summarise(held.iter(), &lookup, date(2020, 7, 1));
        let backwards = summarise(held.iter().rev(), &lookup, date(2020, 7, 1));
        prop_assert_eq!(&forwards, &backwards);

        let count = |kind: &str| forwards.counts.get(kind).copied().unwrap_or_default();
        prop_assert_eq!(forwards.counts.values().sum::<usize>() + forwards.entered_in_error, held.len());
        let problems = &forwards.problems;
        prop_assert_eq!(problems.active.total() + problems.past.total() + problems.refuted, count("Condition"));
        let medications = &forwards.medications;
        prop_assert_eq!(
            medications.current.total() + medications.past.total(),
            count("MedicationRequest") + count("MedicationStatement")
        );
        let shown: usize = forwards.observations.items.iter().map(|line| 1 + line.earlier).sum();
        prop_assert_eq!(shown, count("Observation"));
        prop_assert_eq!(forwards.encounters.total(), count("Encounter"));

        let mut clean = true;
        let is_clean = |text: &str| !text.chars().any(|char| char.is_control() || char == '\u{202e}');
        all_texts(&forwards.to_json(), &mut |text| clean &= is_clean(text));
        for (key, json) in &held {
            clean &= is_clean(&line(key, json));
        }
        prop_assert!(clean);
    }
}
