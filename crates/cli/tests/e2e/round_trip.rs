//! Export gives back what import took, resource by resource, in meaning: numbers keep their text.

use crate::support::{Scene, files, number, shared};
use std::collections::BTreeMap;
use std::path::Path;
use wardbook_client::record::json::Json;

/// The resources of a FHIR file as the format has them, not as the importer does.
fn resources(path: &Path) -> Vec<Json> {
    let bytes = std::fs::read(path).unwrap();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    if path.extension().is_some_and(|ending| ending == "ndjson") {
        return bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.trim_ascii().is_empty())
            .map(|line| Json::parse(line).unwrap())
            .collect();
    }
    let json = Json::parse(bytes).unwrap();
    let in_bundle = json.text("resourceType") == Some("Bundle") && json.get("entry").is_some();
    if in_bundle {
        json.items("entry").iter().filter_map(|entry| entry.get("resource")).cloned().collect()
    } else {
        vec![json]
    }
}

fn exported(folder: &Path) -> Vec<Json> {
    let mut found = Vec::new();
    for (path, _) in files(folder) {
        found.extend(resources(&path));
    }
    found
}

/// Compares as sets: what came out, and what went in less what was refused.
fn same(file: &str, expected: &[Json], got: &[Json], refused: usize) {
    let mut held = BTreeMap::<String, usize>::new();
    got.iter().for_each(|json| *held.entry(sorted(json).to_text()).or_default() += 1);
    let missing: std::collections::BTreeSet<_> =
        expected.iter().map(|json| sorted(json).to_text()).filter(|text| !held.contains_key(text)).collect();
    let first = missing.first().cloned().unwrap_or_default();
    assert!(missing.len() <= refused, "{file}: {} did not come back, first {first}", missing.len());
    let wanted: std::collections::BTreeSet<_> = expected.iter().map(|json| sorted(json).to_text()).collect();
    let strange: Vec<_> = held.keys().filter(|text| !wanted.contains(*text)).collect();
    assert!(strange.is_empty(), "{file}: came out and never went in: {}", strange[0]);
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::Array(items) => Json::Array(items.iter().map(sorted).collect()),
        Json::Object(object) => {
            let members: BTreeMap<_, _> = object.iter().collect();
            let mut sorted_object = wardbook_client::record::json::Object::default();
            members.into_iter().for_each(|(name, value)| sorted_object.insert(name, sorted(value)));
            Json::Object(sorted_object)
        }
        other => other.clone(),
    }
}

/// Imports a whole folder into one vault and compares everything, in both formats.
fn folder_round_trip(folder: &str, refusals: i64) {
    let Some(data) = shared(folder) else { return };
    let scene = Scene::new();
    let report = scene.json("ana", &["import", data.to_str().unwrap()]);
    let expected: Vec<Json> = files(&data).iter().flat_map(|(path, _)| resources(path)).collect();
    for format in ["bundle", "ndjson"] {
        let out = scene.folder.path().join(format);
        scene.ok("ana", &["export", "--all", "--format", format, "--out", out.to_str().unwrap()]);
        // A resource that a later file brought in another version is held in that one, the earlier in its history.
        same(folder, &expected, &exported(&out), (number(&report, "refused") + number(&report, "changed")) as usize);
    }
    assert!(number(&report, "refused") <= refusals, "{}", report.to_text());
    // The same again changes nothing.
    let again = scene.json("ana", &["import", data.to_str().unwrap()]);
    assert_eq!((number(&again, "imported"), number(&again, "changed")), (0, 0), "{}", again.to_text());
    assert_eq!(number(&again, "refused"), number(&report, "refused"));
}

#[test]
fn transaction_bundles_come_back() {
    folder_round_trip("synthea-r4", 0);
}

#[test]
fn collection_bundles_come_back() {
    folder_round_trip("synthea-modern", 0);
}

#[test]
fn a_bulk_export_comes_back() {
    folder_round_trip("bulk-ndjson", 5);
}

#[test]
fn document_bundles_come_back() {
    folder_round_trip("ips", 0);
}

/// The official examples reuse ids, so each file gets its own chart of its own kind; one vault for all is enough, because
/// a file that collides with an earlier one is compared by what it changed.
#[test]
fn the_official_examples_come_back() {
    let Some(data) = shared("hl7-r4-examples") else { return };
    let scene = Scene::new();
    let report = scene.json("ana", &["import", data.to_str().unwrap()]);
    assert_eq!(number(&report, "files"), 365);
    let out = scene.folder.path().join("out");
    scene.ok("ana", &["export", "--all", "--out", out.to_str().unwrap()]);
    let expected: Vec<Json> = files(&data).iter().flat_map(|(path, _)| resources(path)).collect();
    let (changed, refused) = (number(&report, "changed") as usize, number(&report, "refused") as usize);
    // What a later file changed is held in history instead.
    same("hl7-r4-examples", &expected, &exported(&out), changed + refused);
    assert!(changed + refused < 60, "{changed} changed, {refused} refused");
    let decimals = expected.iter().map(Json::to_text).filter(|text| text.contains(".0") || text.contains("0}")).count();
    assert!(decimals > 100);
}

#[test]
fn numbers_and_unknown_elements_keep_their_text() {
    let scene = Scene::new();
    let odd = r#"{"resourceType":"Observation","id":"odd","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/p"},"valueQuantity":{"value":235.40,"unit":"mg"},"component":[{"code":{"text":"y"},"valueQuantity":{"value":1.50E+3}},{"code":{"text":"z"},"valueQuantity":{"value":-0.000}}],"madeUp":{"deep":[null,{"_x":[null,{"extension":[]}]}]},"_status":{"extension":[{"url":"u","valueDecimal":0.10}]}}"#;
    scene.ok("ana", &["import", &scene.write("odd.json", odd)]);
    assert_eq!(scene.ok("ana", &["get", "Observation/odd"]).trim(), odd);
    let out = scene.folder.path().join("out");
    scene.ok("ana", &["export", "p", "--out", out.to_str().unwrap()]);
    assert!(std::fs::read_to_string(out.join("p.json")).unwrap().contains(odd));
}
