use super::*;
use crate::testing::{ana, to_me};
use std::fs;

#[test]
fn bytes_are_imported_as_files_are() {
    let folder = tempfile::tempdir().unwrap();
    let (mut session, _) = ana(&folder.path().join("vault"));
    let to = to_me(&session);
    let weight = r#"{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"Weight"},
        "subject":{"reference":"Patient/p1"}}"#;
    let contents = [
        ("Observation.ndjson", weight.replace('\n', "")),
        ("broken.json", r#"{"resourceType":"Patient","#.to_owned()),
        ("Patient.ndjson", r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Ionescu"}]}"#.to_owned()),
    ];
    let files = contents.clone().map(|(name, text)| (format!("export/{name}"), Zeroizing::new(text.into_bytes())));
    let mut names = Vec::new();
    let mut note = |at: &Progress<'_>| names.push(at.file.to_owned());
    let report = session.import_bytes(&files, &to, &mut note).unwrap();
    assert_eq!((report.files, report.new, report.charts_new, report.refused), (3, 2, 1, 1), "{report:?}");
    assert_eq!(report.refusals[0].file, "export/broken.json");
    names.dedup();
    assert_eq!(names, ["export/Patient.ndjson", "export/Observation.ndjson", "export/broken.json"]);
    assert!(session.find_chart("Ionescu").is_ok());

    // The same from a folder is the same again.
    let export = folder.path().join("export");
    fs::create_dir(&export).unwrap();
    for (name, text) in contents {
        fs::write(export.join(name), text).unwrap();
    }
    let report = session.import(&[export], &to, &mut |_| {}).unwrap();
    assert_eq!((report.files, report.new, report.unchanged, report.refused), (3, 0, 2, 1), "{report:?}");
}
