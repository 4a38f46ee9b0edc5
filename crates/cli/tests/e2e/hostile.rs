//! Hostile and malformed input: a clear reason for that entry, the rest taken, memory bounded (attacks A30, A33).

use crate::support::{Scene, number, shared};
use std::io::Write;
use wardbook_client::record::json::Json;

fn patient(id: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"text":"Person {id}"}}]}}"#)
}

fn bundle(entries: &[&str]) -> String {
    let entries: Vec<_> = entries.iter().map(|resource| format!(r#"{{"resource":{resource}}}"#)).collect();
    format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{}]}}"#, entries.join(","))
}

/// Imports a text and gives the report.
fn import(scene: &Scene, name: &str, text: impl AsRef<[u8]>) -> Json {
    scene.json("ana", &["import", &scene.write(name, text)])
}

#[test]
fn a_refused_entry_never_takes_the_rest_down() {
    let scene = Scene::new();
    let deep = format!(r#"{{"resourceType":"Basic","id":"deep","x":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
    for (name, bad, reason) in [
        ("deep", deep.as_str(), "nested deeper"),
        ("twice", r#"{"resourceType":"Basic","id":"a","id":"b"}"#, "twice"),
        ("type", r#"{"resourceType":"../x","id":"a"}"#, "resourceType"),
        ("no-type", r#"{"id":"a"}"#, "resourceType"),
        ("id", r#"{"resourceType":"Basic","id":"../../etc/passwd"}"#, "id"),
        ("text", r#""just text""#, "object"),
    ] {
        let (before, after) = (format!("{name}-1"), format!("{name}-2"));
        let report = import(&scene, &format!("{name}.json"), bundle(&[&patient(&before), bad, &patient(&after)]));
        assert_eq!((number(&report, "imported"), number(&report, "refused")), (2, 1), "{name}: {}", report.to_text());
        let refusal = &report.items("refusals")[0];
        assert_eq!(number(refusal, "entry"), 2);
        assert!(refusal.text("reason").unwrap().contains(reason), "{name}: {}", refusal.to_text());
    }
}

#[test]
fn a_file_that_does_not_end_leaves_nothing_behind() {
    let scene = Scene::new();
    let whole = bundle(&[&patient("one"), &patient("two")]);
    for (name, text) in [
        ("cut", whole.as_bytes()[..whole.len() - 20].to_vec()),
        ("nan", whole.replace("\"Person one\"", "NaN").into_bytes()),
        (
            "utf8",
            whole
                .replace("Person one", "Person X")
                .into_bytes()
                .iter()
                .map(|byte| if *byte == b'X' { 0xff } else { *byte })
                .collect(),
        ),
        ("empty", Vec::new()),
        ("html", b"<html></html>".to_vec()),
        ("binary", (0..=255).collect()),
    ] {
        let report = import(&scene, &format!("{name}.json"), text);
        assert_eq!((number(&report, "imported"), number(&report, "refused")), (0, 1), "{name}: {}", report.to_text());
        assert_eq!(number(&report.items("refusals")[0], "entry"), 0);
    }
    assert_eq!(scene.json("ana", &["patients"]).as_array().unwrap().len(), 1, "only the organisation's chart");
}

#[test]
fn lines_are_refused_one_by_one() {
    let scene = Scene::new();
    let lines = [
        patient("one"),
        "{".into(),
        "\u{0}".into(),
        r#"{"resourceType":"Bundle","type":"batch"}"#.into(),
        String::new(),
        patient("two"),
    ]
    .join("\n");
    let report = import(&scene, "lines.ndjson", lines);
    assert_eq!((number(&report, "imported"), number(&report, "refused")), (2, 3), "{}", report.to_text());
}

#[test]
fn a_hundred_megabytes_in_one_string_are_refused_in_bounded_memory() {
    let scene = Scene::new();
    let path = scene.path("huge.json");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    write!(file, r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"resource":{}}},{{"resource":{{"resourceType":"Basic","id":"x","y":""#, patient("one")).unwrap();
    for _ in 0..100 {
        file.write_all(&[b'a'; 1024 * 1024]).unwrap();
    }
    write!(file, r#""}}}},{{"resource":{}}}]}}"#, patient("two")).unwrap();
    file.into_inner().unwrap();
    let mut command = scene.command("ana", &["import", &path, "--json"]);
    // Address space for the parser's buffer and as much again, not for copies of it.
    let limited = std::process::Command::new("prlimit")
        .args(["--as=1200000000", "--"])
        .arg(command.get_program())
        .args(command.get_args())
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .output();
    let output = limited.unwrap_or_else(|_| command.output().unwrap());
    let report = Json::parse(output.stdout.trim_ascii())
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!((number(&report, "imported"), number(&report, "refused")), (2, 1), "{}", report.to_text());
    assert!(report.items("refusals")[0].text("reason").unwrap().contains("larger than"));
}

#[test]
fn two_people_with_one_id_are_not_mixed() {
    let scene = Scene::new();
    let person = |name: &str, birth: &str| {
        format!(r#"{{"resourceType":"Patient","id":"1","name":[{{"family":"{name}"}}],"birthDate":"{birth}"}}"#)
    };
    let of_one =
        r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/1"},"code":{"text":"theirs"}}"#;
    import(&scene, "a.json", bundle(&[&person("Silva", "1980-01-01")]));
    let report = import(&scene, "b.json", bundle(&[&person("Ek", "1950-05-05"), of_one]));
    assert_eq!((number(&report, "imported"), number(&report, "refused")), (0, 2), "{}", report.to_text());
    assert!(report.items("refusals")[0].text("reason").unwrap().contains("another person"));
    // A changed name with the same birth date is the same person.
    let report = import(&scene, "c.json", bundle(&[&person("Silva-Costa", "1980-01-01")]));
    assert_eq!(number(&report, "changed"), 1, "{}", report.to_text());
}

#[test]
fn the_validators_malformed_files_are_taken_or_refused_and_never_break_the_vault() {
    let Some(data) = shared("malformed") else { return };
    let scene = Scene::new();
    let index = Json::parse(&std::fs::read(data.join("index.json")).unwrap()).unwrap();
    let inputs = data.join("inputs");
    let report = scene.json("ana", &["import", inputs.to_str().unwrap()]);
    assert!(number(&report, "files") >= 100);
    // Whatever is no JSON at all is refused as a file.
    for item in index.as_array().unwrap() {
        let file = item.text("file").unwrap();
        let no_json = item.get("python_json_parses").and_then(Json::as_bool) == Some(false);
        if no_json && inputs.join(file).exists() && file.ends_with(".json") {
            let refused = report.items("refusals").iter().any(|refusal| refusal.text("file").unwrap().ends_with(file));
            assert!(refused, "{file}");
        }
    }
    let verified = scene.json("ana", &["verify"]);
    assert_eq!(verified.items("findings").len(), 0, "{}", verified.to_text());
    // Markup in narratives is text, and nothing drives the terminal.
    for found in scene.json("ana", &["patients"]).as_array().unwrap() {
        let output = scene.run("ana", &["chart", found.text("id").unwrap()]);
        assert!(output.status.success() && !output.stdout.contains(&0x1b));
    }
}

#[test]
fn input_by_hand_is_checked_too() {
    let scene = Scene::samples();
    let put = |name: &str, text: &str| scene.run("ana", &["put", &scene.write(name, text), "--patient", "Ferreira"]);
    assert_eq!(put("a.json", r#"{"resourceType":"Basic","id":"ok"}"#).status.code(), Some(0));
    for bad in ["{", "[]", r#"{"resourceType":"Basic","id":"a b"}"#, r#"{"a":1,"a":2}"#] {
        assert_eq!(put("b.json", bad).status.code(), Some(7), "{bad}");
    }
    assert!(scene.fails("ana", 7, &["edit", "Basic/ok", "--set", "x[3]=1"]).contains("x[3]"));
    assert!(scene.fails("ana", 7, &["edit", "Basic/ok", "--set", "id=\"other\""]).contains("stay as they are"));
    assert!(
        scene.fails("ana", 7, &["get", "no-slash"]).contains("Type/id")
            || !scene.fails("ana", 7, &["get", "no-slash"]).is_empty()
    );
}

#[test]
fn records_of_a_refused_person_do_not_slip_in_by_another_file() {
    let scene = Scene::new();
    import(
        &scene,
        "first.json",
        bundle(&[r#"{"resourceType":"Patient","id":"1","name":[{"family":"Silva"}],"birthDate":"1980-01-01"}"#]),
    );
    let folder = scene.folder.path().join("bulk");
    std::fs::create_dir(&folder).unwrap();
    let condition =
        r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/1"},"code":{"text":"theirs"}}"#;
    std::fs::write(folder.join("Condition.ndjson"), condition).unwrap();
    let other = r#"{"resourceType":"Patient","id":"1","name":[{"family":"Ek"}],"birthDate":"1950-05-05"}"#;
    std::fs::write(folder.join("Patient.ndjson"), other).unwrap();
    let report = scene.json("ana", &["import", folder.to_str().unwrap()]);
    assert_eq!((number(&report, "imported"), number(&report, "refused")), (0, 2), "{}", report.to_text());
}

#[test]
fn a_resource_that_a_file_has_twice_is_taken_once_however_often_it_is_imported() {
    let scene = Scene::new();
    let basic = |text: &str| format!(r#"{{"resourceType":"Basic","id":"b","code":{{"text":"{text}"}}}}"#);
    let twice = bundle(&[&patient("one"), &basic("x"), &basic("y"), &basic("x")]);
    for imported in [2, 0] {
        let report = import(&scene, "twice.json", &twice);
        let counts = (number(&report, "imported"), number(&report, "changed"), number(&report, "refused"));
        assert_eq!(counts, (imported, 0, 1), "{}", report.to_text());
    }
}
