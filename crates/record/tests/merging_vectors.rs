//! Holds the merge to `spec/vectors/merging.json`: one case per rule of `spec/merging.md` that is about values
//! (MRG-05 to MRG-17). In a case, null stands for a deleted resource or a removed element.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use wardbook_record::json::Json;
use wardbook_record::merge::merge;

const VECTORS: &[u8] = include_bytes!("../../../spec/vectors/merging.json");

fn present(value: &Json) -> Option<&Json> {
    (*value != Json::Null).then_some(value)
}

#[test]
fn every_case_merges_as_written() {
    let cases = Json::parse(VECTORS).unwrap();
    let cases = cases.as_array().unwrap();
    for case in cases {
        let name = case.text("name").unwrap();
        let heads: Vec<Option<&Json>> = case.items("heads").iter().map(present).collect();
        assert!(heads.len() > 1, "{name}");

        let merged = merge(case.get("base").and_then(present), &heads);
        assert_eq!(merged.value.as_ref(), case.get("merged").and_then(present), "{name}");

        let listed: Vec<(String, Vec<Option<&Json>>)> = merged
            .conflicts
            .iter()
            .map(|(path, values)| (path.to_string(), values.iter().map(Option::as_ref).collect()))
            .collect();
        let expected: Vec<(String, Vec<Option<&Json>>)> = case
            .items("conflicts")
            .iter()
            .map(|conflict| {
                (
                    conflict.text("path").unwrap().to_owned(),
                    conflict.items("alternatives").iter().map(present).collect(),
                )
            })
            .collect();
        assert_eq!(listed, expected, "{name}");
    }
}

#[test]
fn every_rule_about_values_has_a_case() {
    let cases = Json::parse(VECTORS).unwrap();
    let rules: BTreeSet<&str> = cases.as_array().unwrap().iter().filter_map(|case| case.text("rule")).collect();
    let expected: Vec<String> = (5..=17).map(|number| format!("MRG-{number:02}")).collect();
    assert!(rules.iter().eq(expected.iter()), "{rules:?}");
}
