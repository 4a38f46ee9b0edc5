//! One test per rule, on resources as they occur. More cases: `spec/vectors/merging.json` and
//! `tests/merging_properties.rs`.

use super::*;

fn json(text: &str) -> Json {
    Json::parse(text.as_bytes()).unwrap()
}

/// Merges texts, of which an empty one is a deletion; gives the merged text and each conflict as `path: a | b`.
fn merged(base: &str, heads: &[&str]) -> (String, Vec<String>) {
    let read = |text: &str| (!text.is_empty()).then(|| json(text));
    let heads: Vec<Option<Json>> = heads.iter().map(|text| read(text)).collect();
    let heads: Vec<Option<&Json>> = heads.iter().map(Option::as_ref).collect();
    let Merged { value, conflicts } = merge(read(base).as_ref(), &heads);
    let text = |value: &Option<Json>| value.as_ref().map_or("-".to_owned(), Json::to_text);
    let line = |(path, values): &(Path, Vec<Option<Json>>)| {
        format!("{path}: {}", values.iter().map(text).collect::<Vec<_>>().join(" | "))
    };
    (text(&value), conflicts.iter().map(line).collect())
}

fn check(base: &str, heads: &[&str], value: &str, conflicts: &[&str]) {
    let (shown, listed) = merged(base, heads);
    assert_eq!(shown, value, "{base} {heads:?}");
    assert_eq!(listed, conflicts, "{base} {heads:?}");
}

const PATIENT: &str = r#"{"resourceType":"Patient","gender":"male","active":true}"#;

/// MRG-05
#[test]
fn heads_that_agree_or_a_single_change_make_no_conflict() {
    let (female, inactive) = (PATIENT.replace("male", "female"), PATIENT.replace("true", "false"));
    check(PATIENT, &[&female, &female], &female, &[]);
    check(PATIENT, &[PATIENT, &inactive, PATIENT], &inactive, &[]);
    check(PATIENT, &[PATIENT, ""], "-", &[]);
    check("", &[PATIENT, ""], PATIENT, &[]);
    check(PATIENT, &[], PATIENT, &[]);
    // The order of members is no change, the text of a number is.
    check(r#"{"a":1,"b":2.0}"#, &[r#"{"b":2.0,"a":1}"#, r#"{"a":1,"b":2.00}"#], r#"{"a":1,"b":2.00}"#, &[]);
}

/// MRG-06
#[test]
fn different_members_combine() {
    check(
        PATIENT,
        &[
            r#"{"resourceType":"Patient","gender":"female","active":true}"#,
            r#"{"resourceType":"Patient","gender":"male","birthDate":"1970-03-30"}"#,
        ],
        r#"{"resourceType":"Patient","gender":"female","birthDate":"1970-03-30"}"#,
        &[],
    );
}

/// MRG-07, MRG-20
#[test]
fn changes_that_differ_are_listed_and_the_last_common_value_is_shown() {
    check(
        r#"{"resourceType":"Patient","birthDate":"1970-01-01"}"#,
        &[
            r#"{"resourceType":"Patient","birthDate":"1970-10-01"}"#,
            r#"{"resourceType":"Patient","birthDate":"1970-01-10"}"#,
            r#"{"resourceType":"Patient","birthDate":"1970-01-01","active":true}"#,
        ],
        r#"{"resourceType":"Patient","birthDate":"1970-01-01","active":true}"#,
        &[r#"birthDate: "1970-10-01" | "1970-01-10" | "1970-01-01""#],
    );
    check("", &[r#"{"a":"y"}"#, r#"{"a":["x"]}"#], r#"{"a":"y"}"#, &[r#"a: "y" | ["x"]"#]);
}

/// MRG-08
#[test]
fn a_change_stays_in_sight_where_another_head_removed() {
    let female = PATIENT.replace("male", "female");
    check(PATIENT, &["", &female], &female, &[&format!(": - | {female}")]);
    check(PATIENT, &[r#"{"resourceType":"Patient","active":true}"#, &female], &female, &[r#"gender: - | "female""#]);
    // What the editors did differently is shown as for any conflict; the deletion's conflict lists it all.
    let (unknown, inactive) = (PATIENT.replace("male", "unknown"), female.replace("true", "false"));
    check(
        PATIENT,
        &[&unknown, "", &inactive],
        &PATIENT.replace("true", "false"),
        &[&format!(": {unknown} | - | {inactive}")],
    );
}

/// MRG-09
#[test]
fn items_are_merged_with_the_items_they_were_edited_from() {
    let names = |list: &str| format!(r#"{{"resourceType":"Patient","name":[{list}]}}"#);
    let (old, maiden) = (r#"{"use":"usual","family":"Berg"}"#, r#"{"use":"maiden","family":"Ek"}"#);
    check(
        &names(&format!("{old},{maiden}")),
        &[
            &names(&format!(r#"{{"use":"official","family":"Berg"}},{maiden}"#)),
            &names(&format!(r#"{{"text":"Maja"}},{old},{{"use":"maiden","family":"Ekberg"}}"#)),
            &names(&format!(r#"{{"use":"usual","family":"Berg","suffix":["MD"]}},{maiden}"#)),
        ],
        &names(
            r#"{"text":"Maja"},{"use":"official","family":"Berg","suffix":["MD"]},{"use":"maiden","family":"Ekberg"}"#,
        ),
        &[],
    );
    check(
        &names(&format!("{old},{maiden}")),
        &[&names(maiden), &names(&format!(r#"{{"use":"usual","family":"Borg"}},{maiden}"#))],
        &names(&format!(r#"{{"use":"usual","family":"Borg"}},{maiden}"#)),
        &[r#"name[0]: - | {"use":"usual","family":"Borg"}"#],
    );
}

/// MRG-10
#[test]
fn telecom_added_on_both_sides_is_kept() {
    let telecom = |list: &[&str]| {
        let items: Vec<_> = list.iter().map(|value| format!(r#"{{"system":"phone","value":"{value}"}}"#)).collect();
        format!(r#"{{"resourceType":"Patient","telecom":[{}]}}"#, items.join(","))
    };
    check(&telecom(&["1"]), &[&telecom(&["1", "3"]), &telecom(&["1", "2"])], &telecom(&["1", "2", "3"]), &[]);
    check(
        &telecom(&["1"]),
        &[&telecom(&["0", "1", "2"]), &telecom(&["1", "2", "3"])],
        &telecom(&["0", "1", "2", "3"]),
        &[],
    );
    check(r#"{"resourceType":"Patient"}"#, &[&telecom(&["1"]), &telecom(&["1", "2"])], &telecom(&["1", "2"]), &[]);
    // An item that one head has twice stays twice; one that both moved is in one place.
    check(&telecom(&["1"]), &[&telecom(&["1", "2", "2"]), &telecom(&["1", "2"])], &telecom(&["1", "2", "2"]), &[]);
    check(
        &telecom(&["1", "2", "3"]),
        &[&telecom(&["2", "3", "1"]), &telecom(&["2", "3", "1", "4"])],
        &telecom(&["2", "3", "1", "4"]),
        &[],
    );
}

/// MRG-11, MRG-12
#[test]
fn given_names_are_one_sequence_with_their_extensions() {
    let name = |members: &str| format!(r#"{{"resourceType":"Patient","name":[{{"family":"Berg",{members}}}]}}"#);
    check(
        &name(r#""given":["Maja"]"#),
        &[&name(r#""given":["Maja","Ann"]"#), &name(r#""given":["Maja","Anna"]"#)],
        &name(r#""given":["Maja"]"#),
        &[r#"name[0].given: ["Maja","Ann"] | ["Maja","Anna"]"#],
    );
    // One head put a name first, the other marked the second as a call name: merged apart, the mark would move.
    check(
        &name(r#""given":["Maja","Ann"]"#),
        &[&name(r#""given":["Eva","Maja","Ann"]"#), &name(r#""given":["Maja","Ann"],"_given":[null,{"id":"call"}]"#)],
        &name(r#""given":["Maja","Ann"]"#),
        &[r#"name[0].given: {"given":["Eva","Maja","Ann"]} | {"given":["Maja","Ann"],"_given":[null,{"id":"call"}]}"#],
    );
    let with = |given: &str| name(&format!(r#""given":["{given}"],"_given":[{{"id":"call"}}]"#));
    check(&with("Maja"), &[&with("Maja"), &with("Maia")], &with("Maia"), &[]);
}

/// MRG-13
#[test]
fn a_choice_never_has_two_types_nor_a_result_a_stale_interpretation() {
    let observation = |members: &str| format!(r#"{{"resourceType":"Observation","status":"final",{members}}}"#);
    check(
        &observation(r#""valueInteger":72"#),
        &[&observation(r#""valueInteger":75"#), &observation(r#""valueString":"not palpable""#)],
        &observation(r#""valueInteger":72"#),
        &[r#"value[x]: {"valueInteger":75} | {"valueString":"not palpable"}"#],
    );
    check(
        &observation(r#""valueInteger":72"#),
        &[
            &observation(r#""valueInteger":172"#),
            &observation(r#""valueInteger":72,"interpretation":[{"text":"normal"}]"#),
        ],
        &observation(r#""valueInteger":72"#),
        &[r#"value[x]: {"valueInteger":172} | {"valueInteger":72,"interpretation":[{"text":"normal"}]}"#],
    );
    check(
        &observation(r#""effectivePeriod":{"start":"2024"},"valueInteger":72"#),
        &[
            &observation(r#""effectiveDateTime":"2024","valueInteger":72"#),
            &observation(r#""effectivePeriod":{"start":"2024"},"valueInteger":75"#),
        ],
        &observation(r#""effectiveDateTime":"2024","valueInteger":75"#),
        &[],
    );
    // Both kept the type: its own members are merged.
    check(
        &observation(r#""valueCodeableConcept":{"text":"a"}"#),
        &[
            &observation(r#""valueCodeableConcept":{"text":"b"}"#),
            &observation(r#""valueCodeableConcept":{"text":"c"}"#),
        ],
        &observation(r#""valueCodeableConcept":{"text":"a"}"#),
        &[r#"valueCodeableConcept.text: "b" | "c""#],
    );
}

/// MRG-14: a value of one head with the unit of another would be a thousand times the dose.
#[test]
fn value_and_unit_of_a_quantity_never_mix() {
    let quantity = |value: &str, unit: &str| format!(r#"{{"value":{value},"unit":"{unit}","code":"{unit}"}}"#);
    let observation = |value: &str, unit: &str| {
        format!(r#"{{"resourceType":"Observation","status":"final","valueQuantity":{}}}"#, quantity(value, unit))
    };
    check(
        &observation("5", "mg"),
        &[&observation("500", "mg"), &observation("5", "g")],
        &observation("5", "mg"),
        &[&format!("valueQuantity: {} | {}", quantity("500", "mg"), quantity("5", "g"))],
    );
    // Nor where the unit is new.
    check(
        r#"{"resourceType":"Observation","valueQuantity":{"value":5}}"#,
        &[
            r#"{"resourceType":"Observation","valueQuantity":{"value":500}}"#,
            r#"{"resourceType":"Observation","valueQuantity":{"value":5,"unit":"g"}}"#,
        ],
        r#"{"resourceType":"Observation","valueQuantity":{"value":5}}"#,
        &[r#"valueQuantity: {"value":500} | {"value":5,"unit":"g"}"#],
    );
}

/// MRG-14
#[test]
fn dose_and_frequency_of_a_prescription_never_mix() {
    let dosage = |dose: u32, times: u32| {
        format!(
            r#"{{"timing":{{"repeat":{{"frequency":{times},"period":1,"periodUnit":"d"}}}},"doseAndRate":[{{"doseQuantity":{{"value":{dose},"unit":"mg"}}}}]}}"#
        )
    };
    let request = |dosage: &str, note: &str| {
        format!(r#"{{"resourceType":"MedicationRequest","status":"active","dosageInstruction":[{dosage}]{note}}}"#)
    };
    check(
        &request(&dosage(20, 1), ""),
        &[&request(&dosage(40, 1), ""), &request(&dosage(20, 2), r#","note":[{"text":"with food"}]"#)],
        &request(&dosage(20, 1), r#","note":[{"text":"with food"}]"#),
        &[&format!("dosageInstruction[0]: {} | {}", dosage(40, 1), dosage(20, 2))],
    );
}

/// MRG-15
#[test]
fn nobody_prescribed_the_new_drug_in_the_new_dose() {
    let request = |drug: &str, status: &str| {
        format!(
            r#"{{"resourceType":"MedicationRequest","medicationCodeableConcept":{{"text":"{drug}"}},"status":"{status}"}}"#
        )
    };
    let (other_drug, stopped) = (request("Torasemide", "active"), request("Furosemide", "stopped"));
    check(
        &request("Furosemide", "active"),
        &[&other_drug, &stopped],
        &request("Furosemide", "active"),
        &[&format!(": {other_drug} | {stopped}")],
    );
    // Both changed the drug in the same way: then they speak of the same thing.
    check(
        &request("Furosemide", "active"),
        &[&other_drug, &request("Torasemide", "stopped")],
        &request("Torasemide", "stopped"),
        &[],
    );
    // A server's `meta` is not an edit.
    let active = request("Furosemide", "active");
    check(
        &active,
        &[&other_drug, &format!(r#"{{"meta":{{"source":"x"}},{}"#, active.trim_start_matches('{'))],
        r#"{"resourceType":"MedicationRequest","medicationCodeableConcept":{"text":"Torasemide"},"status":"active","meta":{"source":"x"}}"#,
        &[],
    );
}

/// MRG-16
#[test]
fn stamps_that_differ_are_left_out() {
    let stamped = |meta: &str, rest: &str| format!(r#"{{"resourceType":"Patient","meta":{{{meta}}}{rest}}}"#);
    check(
        &stamped(r#""versionId":"1","lastUpdated":"2024-01-01","tag":[{"code":"t"}]"#, ""),
        &[
            &stamped(r#""versionId":"2","lastUpdated":"2024-01-02","tag":[{"code":"t"}]"#, r#","active":true"#),
            &stamped(r#""versionId":"3","lastUpdated":"2024-01-03","tag":[{"code":"t"}]"#, r#","gender":"male""#),
        ],
        &stamped(r#""tag":[{"code":"t"}]"#, r#","active":true,"gender":"male""#),
        &[],
    );
    // With nothing but stamps in it, `meta` goes too (MRG-17).
    check(
        r#"{"resourceType":"Patient"}"#,
        &[&stamped(r#""versionId":"2""#, ""), &stamped(r#""versionId":"3""#, "")],
        r#"{"resourceType":"Patient"}"#,
        &[],
    );
}

/// MRG-17
#[test]
fn merging_leaves_nothing_empty() {
    let patient = |list: &str| format!(r#"{{"resourceType":"Patient"{list}}}"#);
    check(
        &patient(r#","contact":[{"gender":"male","name":{"text":"a"}}]"#),
        &[&patient(r#","contact":[{"gender":"male"}]"#), &patient(r#","contact":[{"name":{"text":"a"}}]"#)],
        &patient(""),
        &[],
    );
    check(
        &patient(r#","telecom":[{"value":"1"},{"value":"2"}]"#),
        &[&patient(r#","telecom":[{"value":"1"}]"#), &patient(r#","telecom":[{"value":"2"}]"#)],
        &patient(""),
        &[],
    );
    check(r#"{"a":1,"b":2}"#, &[r#"{"a":1}"#, r#"{"b":2}"#], "-", &[]);
}

/// MRG-19
#[test]
fn what_is_too_large_to_look_into_is_one_element() {
    let object = |members: usize, changed: usize| {
        let members: Vec<_> = (0..members).map(|n| format!(r#""k{n}":{}"#, u8::from(n == changed))).collect();
        format!("{{{}}}", members.join(","))
    };
    let conflicts = |members: usize| {
        let none = object(members, members);
        merged(&none, &[&object(members, 0), &object(members, 1)]).1.len()
    };
    assert_eq!((conflicts(MEMBERS_MAX), conflicts(MEMBERS_MAX + 1)), (0, 1));

    let array = |from: usize, to: usize| {
        format!(r#"{{"a":[{}]}}"#, (from..to).map(|n| n.to_string()).collect::<Vec<_>>().join(","))
    };
    let (_, listed) = merged(&array(0, 600), &[&array(1000, 1600), &array(2000, 2001)]);
    assert!(matches!(listed.as_slice(), [only] if only.starts_with("a: [1000,")));
}

/// MRG-19: the limits keep the work in proportion to the size of the versions.
#[test]
fn hostile_versions_are_merged_in_bounded_time() {
    let array = |offset: usize| {
        format!(r#"{{"a":[{}]}}"#, (0..200_000).map(|n| (n * 3 + offset).to_string()).collect::<Vec<_>>().join(","))
    };
    assert_eq!(merged(&array(0), &[&array(1), &array(2)]).1.len(), 1);

    let nested = |leaf: u8| format!("{}{leaf}{}", r#"[{"a":"#.repeat(49), "}]".repeat(49));
    let (_, listed) = merged(&nested(0), &[&nested(1), &nested(2)]);
    assert_eq!(listed, [format!("{}: 1 | 2", "[0].a".repeat(49))]);

    let members =
        |value: u8| format!("{{{}}}", (0..100_000).map(|n| format!(r#""k{n}":{value}"#)).collect::<Vec<_>>().join(","));
    assert_eq!(merged(&members(0), &[&members(1), &members(2)]).1.len(), 1);
}

#[test]
fn paths_read_like_fhir_paths() {
    let path = Path(vec![Step::Member("name".into()), Step::Item(0), Step::Member("family".into())]);
    assert_eq!((path.to_string().as_str(), path.is_root(), path.steps().len()), ("name[0].family", false, 3));
    assert_eq!((Path::default().to_string().as_str(), Path::default().is_root()), ("", true));
}
