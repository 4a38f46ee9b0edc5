use super::*;
use jiff::civil::date;
use proptest::prelude::*;

fn parse(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

/// Summarises the entries of a bundle file.
fn of_bundle(bundle: &Json) -> Summary {
    let resources: Vec<_> = bundle
        .items("entry")
        .iter()
        .filter_map(|entry| entry.get("resource"))
        .map(|json| (ResourceKey { kind: json.text("resourceType").unwrap().into(), id: json.text("id").unwrap().into() }, json))
        .collect();
    summarise(resources.iter().map(|(key, json)| (key, *json)), &|_| None, date(2026, 11, 20))
}

fn sample(name: &str) -> Summary {
    let path = format!("{}/../../samples/{name}.json", env!("CARGO_MANIFEST_DIR"));
    of_bundle(&Json::parse(&std::fs::read(path).unwrap()).unwrap())
}

#[test]
fn a_chart_reads_as_a_clinician_expects() {
    let joao = sample("joao-ferreira");
    assert_eq!((joao.banner.name.as_str(), joao.banner.age.as_deref()), ("João Ferreira", Some("69 years")));
    assert_eq!(joao.banner.identifiers, [("MRN".to_owned(), "HC-004711".to_owned())]);
    let problems: Vec<_> = joao.problems.iter().map(|problem| (problem.name.as_str(), problem.onset.as_deref())).collect();
    assert_eq!(problems, [("Chronic obstructive lung disease", Some("2014"))]);
    assert_eq!(joao.problems_past, 1);
    let Allergies::Listed(allergies) = &joao.allergies else { panic!("{:?}", joao.allergies) };
    assert_eq!((allergies[0].name.as_str(), allergies[0].is_high), ("Allergy to penicillin", true));
    assert_eq!(allergies[0].reactions, ["Anaphylaxis"]);
    assert_eq!(joao.medications[0].dosage.as_deref(), Some("18 micrograms inhaled once daily"));
    let observations: Vec<_> = joao
        .observations
        .iter()
        .map(|held| (held.name.as_str(), held.value.as_ref().unwrap().to_string(), held.flag, held.held))
        .collect();
    assert_eq!(observations[0], ("Blood pressure", "148/86 mmHg".into(), None, 1));
    assert_eq!(observations[1], ("Oxygen saturation", "91.0 %".into(), Some(observations::Flag::Low), 2));
    assert_eq!(observations[2], ("Body weight", "82.40 kg".into(), None, 1));
    assert_eq!(joao.observations[1].range.as_deref(), Some("94–100 %"));
    assert_eq!(joao.encounters[0].reason.as_deref(), Some("Dyspnea"));
    assert!(joao.notes[0].beginning.as_deref().unwrap().starts_with("Short of breath since the evening."));
    assert_eq!(joao.notes[0].author.as_deref(), Some("Dr Ana Lindqvist"));
    assert_eq!(joao.observations_held, joao.counts["Observation"]);
}

#[test]
fn none_known_differs_from_none_recorded_and_the_dead_do_not_age() {
    assert!(matches!(sample("mirela-ionescu").allergies, Allergies::NoneKnown(_)));
    let oskar = sample("oskar-brandt");
    assert!(matches!(oskar.allergies, Allergies::NoneRecorded));
    assert_eq!((oskar.banner.died.as_deref(), oskar.banner.age.as_deref()), (Some("2026-09-14 05:30"), Some("88 years")));
}

#[test]
fn what_was_entered_in_error_is_nowhere() {
    let bundle = parse(
        r#"{"entry":[{"resource":{"resourceType":"Observation","id":"a","status":"entered-in-error","code":{"text":"Pulse"},"valueInteger":1}},
        {"resource":{"resourceType":"Condition","id":"b","verificationStatus":{"coding":[{"code":"entered-in-error"}]},"code":{"text":"X"}}},
        {"resource":{"resourceType":"AllergyIntolerance","id":"c","verificationStatus":{"coding":[{"code":"refuted"}]},"code":{"text":"Y"}}}]}"#,
    );
    let summary = of_bundle(&bundle);
    assert!(summary.observations.is_empty() && summary.problems.is_empty());
    assert!(matches!(summary.allergies, Allergies::NoneRecorded));
}

#[test]
fn the_newest_is_found_across_offsets_and_partial_dates() {
    let observation = |id: u32, time: &str, value: u32| {
        format!(r#"{{"resource":{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"s","code":"c"}}]}},"effectiveDateTime":"{time}","valueInteger":{value}}}}}"#)
    };
    let entries = [
        observation(1, "2026-01-01T23:30:00-05:00", 1),
        observation(2, "2026-01-02T03:00:00Z", 2),
        observation(3, "2026", 3),
        observation(4, "nonsense", 4),
    ];
    let summary = of_bundle(&parse(&format!(r#"{{"entry":[{}]}}"#, entries.join(","))));
    assert_eq!(summary.observations.len(), 1);
    assert_eq!((summary.observations[0].value.as_ref().unwrap().to_string(), summary.observations[0].held), ("1".to_owned(), 4));
}

#[test]
fn no_text_of_a_record_drives_the_terminal() {
    let bundle = parse(r#"{"entry":[{"resource":{"resourceType":"Condition","id":"a","code":{"text":"a\u001b]0;x\u0007\u202eb\nc"}}}]}"#);
    assert_eq!(of_bundle(&bundle).problems[0].name, "a]0;xb c");
}

#[test]
fn real_charts_have_what_they_hold() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/synthea-r4");
    let Ok(bytes) = std::fs::read(format!("{folder}/Clara_Montañez_276b501c-98d9-4837-8601-4700a93fa397.json")) else {
        eprintln!("skipped: no shared data");
        return;
    };
    let clara = of_bundle(&Json::parse(&bytes).unwrap());
    assert!(clara.banner.name.contains("Clara") && clara.banner.name.contains("Montañez"));
    assert_eq!(clara.encounters.len(), clara.counts["Encounter"]);
    assert_eq!(clara.observations.iter().map(|held| held.held).sum::<usize>(), clara.counts["Observation"]);
    assert!(clara.observations.iter().all(|held| held.value.is_some() && held.time.is_some()));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(|number| Json::Number(number.into())),
        "[ -~]{0,12}|2026-[0-9T:-]{0,12}|\\PC{0,6}".prop_map(Json::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let names = prop::sample::select(vec![
            "code", "coding", "text", "display", "name", "family", "given", "period", "start", "end", "value", "valueQuantity", "component",
            "interpretation", "referenceRange", "low", "high", "unit", "clinicalStatus", "reaction", "content", "attachment", "data",
            "effectiveDateTime", "birthDate", "medicationReference", "reference", "contained", "dosageInstruction", "identifier", "status",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((names, inner), 0..6).prop_map(|members| {
                let mut object = Object::default();
                members.into_iter().for_each(|(name, value)| object.insert(name, value));
                Json::Object(object)
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_shape_is_summarised_without_a_panic(json in any_json(), kind in prop::sample::select(vec![
        "Patient", "Observation", "Condition", "AllergyIntolerance", "MedicationRequest", "Encounter", "DocumentReference", "DiagnosticReport",
    ])) {
        let key = ResourceKey { kind: kind.to_owned(), id: "x".to_owned() };
        let summary = summarise(std::iter::once((&key, &json)), &|_| None, date(2026, 11, 20));
        summary.to_json();
        line(&key, &json);
    }
}
