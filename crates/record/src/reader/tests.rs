use super::*;
use proptest::prelude::*;
use std::io::BufReader;
use std::path::{Path, PathBuf};

type Outcome = (usize, Result<Resource, Refusal>);

fn outcomes(source: impl BufRead, layout: Layout) -> Result<Vec<Outcome>, ReadError> {
    let mut found = Vec::new();
    read(source, layout, &mut |place: Place, resource| -> Result<(), ReadError> {
        found.push((place.entry, resource));
        Ok(())
    })?;
    Ok(found)
}

/// What came of each place: a key, or why not.
/// What became of each entry: its number with the key of its resource, or why it was refused.
type Told = Result<Vec<(usize, Result<String, Refusal>)>, ReadError>;

fn told(text: &str, layout: Layout) -> Told {
    let found = outcomes(text.as_bytes(), layout)?;
    Ok(found.into_iter().map(|(at, outcome)| (at, outcome.map(|resource| resource.key().to_string()))).collect())
}

fn json(text: &str) -> Told {
    told(text, Layout::Json)
}

fn patient(id: &str) -> String {
    format!(r#"{{"resource":{{"resourceType":"Patient","id":"{id}"}}}}"#)
}

fn bundle(entries: &[String]) -> String {
    format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{}]}}"#, entries.join(","))
}

fn ok(key: &str) -> Result<String, Refusal> {
    Ok(key.to_owned())
}

/// Reads three entries of which the middle one is `entry`, and gives what came of that.
fn between_two(entry: String) -> Refusal {
    let mut found = json(&bundle(&[patient("a"), entry, patient("c")])).unwrap();
    assert_eq!(found.len(), 3);
    assert_eq!(found.pop(), Some((3, ok("Patient/c"))));
    let middle = found.pop().unwrap();
    assert_eq!(found.pop(), Some((1, ok("Patient/a"))));
    assert_eq!(middle.0, 2);
    middle.1.unwrap_err()
}

#[test]
fn names_tell_the_layout() {
    assert_eq!(layout_of("Clara_Montañez.JSON"), Some(Layout::Json));
    assert_eq!(layout_of("Patient.000.ndjson"), Some(Layout::Ndjson));
    assert_eq!(layout_of("a.jsonl"), Some(Layout::Ndjson));
    assert_eq!(layout_of("a.xml"), None);
    assert_eq!(layout_of("json"), None);
}

#[test]
fn the_order_of_members_does_not_matter() {
    let expected = Ok(vec![(1, ok("Patient/a")), (2, ok("Patient/b"))]);
    let entries = format!(r#""entry":[{},{}]"#, patient("a"), patient("b"));
    let head = r#""resourceType":"Bundle""#;
    let extra = r#""link":[{"url":"x"}],"total":2,"meta":{"entry":[1]}"#;
    for members in [
        format!("{head},{entries}"),
        format!("{entries},{head}"),
        format!("{extra},{head},{entries}"),
        format!("{head},{entries},{extra}"),
        format!(r#"{entries},"type":"searchset",{extra},{head}"#),
        format!(r#"{head},"type":"no such type",{entries}"#),
    ] {
        assert_eq!(json(&format!("{{{members}}}")), expected, "{members}");
    }
    assert_eq!(json(&format!(r#"{{{head},"type":"collection"}}"#)), Ok(vec![]));
    assert_eq!(json(&format!("\u{feff} {{{head},{entries}}}\r\n ")), expected);
}

#[test]
fn what_has_entries_but_is_no_bundle_is_one_resource() {
    let entry = r#""entry":[{"item":{"reference":"Patient/x"}}]"#;
    let expected = Ok(vec![(1, ok("List/l"))]);
    assert_eq!(json(&format!(r#"{{"resourceType":"List","id":"l",{entry}}}"#)), expected);
    assert_eq!(json(&format!(r#"{{{entry},"id":"l","resourceType":"List"}}"#)), expected);
    // Only of a Bundle is that type a reason to refuse.
    let typed = r#"{"type":"history","resourceType":"Basic","id":"b"}"#;
    assert_eq!(json(typed), Ok(vec![(1, ok("Basic/b"))]));
}

#[test]
fn a_bundle_in_an_entry_is_kept_whole() {
    let inner = bundle(&[patient("a")]);
    let found = outcomes(bundle(&[format!(r#"{{"resource":{inner}}}"#)]).as_bytes(), Layout::Json).unwrap();
    let (place, held) = found.into_iter().next().unwrap();
    let held = held.unwrap();
    assert_eq!((place, held.key().kind.as_str()), (1, "Bundle"));
    assert_eq!(held.json().to_text(), inner);
}

#[test]
fn entries_are_refused_one_by_one() {
    assert_eq!(between_two("{}".into()), Refusal::NoResource);
    assert_eq!(between_two("null".into()), Refusal::NoResource);
    assert_eq!(between_two("[1,{}]".into()), Refusal::NoResource);
    assert_eq!(between_two(r#"{"resource":null}"#.into()), Refusal::Resource(ResourceError::NotObject));
    assert_eq!(between_two(r#"{"resource":{"id":"x"}}"#.into()), Refusal::Resource(ResourceError::NoType));
    let delete = r#"{"request":{"method":"DELETE","url":"Patient/b"}}"#;
    assert_eq!(between_two(delete.into()), Refusal::Delete);
    let deep = format!(r#"{{"resource":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(between_two(deep), Refusal::Json(JsonError::TooDeep));
    let twice = r#"{"resource":{"resourceType":"Patient","active":true,"active":false}}"#;
    assert_eq!(between_two(twice.into()), Refusal::Json(JsonError::DuplicateName));
    let twice = format!(r#"{{"fullUrl":"urn:uuid:a","fullUrl":"urn:uuid:b",{}"#, patient("b").trim_start_matches('{'));
    assert_eq!(between_two(twice), Refusal::Json(JsonError::DuplicateName));
    let values = format!(r#"{{"resource":[{}0]}}"#, "0,".repeat(crate::json::RESOURCE_VALUES_MAX));
    assert_eq!(between_two(values), Refusal::Json(JsonError::TooMany));
}

#[test]
fn a_long_text_refuses_its_entry_only() {
    let text = "x".repeat(20 * 1024 * 1024);
    assert_eq!(between_two(format!(r#"{{"resource":{{"data":"{text}"}}}}"#)), Refusal::Json(JsonError::TooLarge));
    assert_eq!(between_two(format!(r#"{{"{text}":1}}"#)), Refusal::Json(JsonError::TooLarge));
    // Beside the entries it is skipped: nothing of it is kept.
    let long = format!(r#"{{"resourceType":"Bundle","x":"{text}","entry":[{}]}}"#, patient("a"));
    assert_eq!(json(&long), Ok(vec![(1, ok("Patient/a"))]));
    let single = format!(r#"{{"resourceType":"Binary","data":"{text}"}}"#);
    assert_eq!(json(&single), Ok(vec![(1, Err(Refusal::Json(JsonError::TooLarge)))]));
}

#[test]
fn a_text_without_end_refuses_the_file_in_bounded_memory() {
    let start = br#"{"resourceType":"Bundle","entry":[{"x":""#.as_slice();
    let source = BufReader::new(start.chain(io::repeat(b'x')));
    assert_eq!(outcomes(source, Layout::Json).unwrap_err(), ReadError::LongText);
}

#[test]
fn files_that_are_no_fhir_are_refused() {
    for text in ["[]", "null", "\"Bundle\"", "[{\"resourceType\":\"Patient\"}]"] {
        assert_eq!(json(text), Err(ReadError::NotFhir), "{text}");
    }
    assert_eq!(json("{}"), Ok(vec![(1, Err(Refusal::Resource(ResourceError::NoType)))]));
    for members in [
        r#""resourceType":"Bundle","type":"history","entry":[]"#,
        r#""type":"history","entry":[],"resourceType":"Bundle""#,
    ] {
        assert_eq!(json(&format!("{{{members}}}")), Err(ReadError::HistoryBundle), "{members}");
    }
    let late = format!(r#"{{"resourceType":"Bundle","entry":[{}],"type":"history"}}"#, patient("a"));
    assert_eq!(json(&late), Err(ReadError::HistoryBundle));
    for text in [r#"{"resourceType":"Bundle","entry":{}}"#, r#"{"entry":null,"resourceType":"Bundle"}"#] {
        assert_eq!(json(text), Err(ReadError::EntryNotList), "{text}");
    }
    for members in [r#""entry":[],"entry":[]"#, r#""id":"a","id":"b""#, r#""resourceType":"List""#] {
        let text = format!(r#"{{"resourceType":"Bundle",{members}}}"#);
        assert_eq!(json(&text), Err(ReadError::Bundle(JsonError::DuplicateName)), "{members}");
    }
}

#[test]
fn the_end_of_the_file_counts() {
    let whole = bundle(&[patient("a"), patient("b")]);
    for garbage in ["{}", "x", ",", "]", "\u{0}"] {
        assert!(matches!(json(&format!("{whole}{garbage}")), Err(ReadError::Syntax(_))), "{garbage:?}");
    }
    for length in 0..whole.len() {
        assert!(matches!(json(&whole[..length]), Err(ReadError::Syntax(_))), "{length}");
    }
    let mut bytes = whole.into_bytes();
    bytes[20] = 0xff;
    assert!(matches!(outcomes(bytes.as_slice(), Layout::Json), Err(ReadError::Syntax(_))));
}

#[test]
fn the_sink_can_stop_the_reading() {
    let text = bundle(&[patient("a"), patient("b")]);
    let mut count = 0;
    let stopped = read(text.as_bytes(), Layout::Json, &mut |_: Place, _| -> Result<(), ReadError> {
        count += 1;
        Err(ReadError::Io(io::ErrorKind::StorageFull))
    });
    assert_eq!((stopped, count), (Err(ReadError::Io(io::ErrorKind::StorageFull)), 1));
}

#[test]
fn lines_are_refused_one_by_one() {
    let long = "x".repeat(RESOURCE_BYTES_MAX + 100);
    let a = r#"{"resourceType":"Patient","id":"a"}"#;
    let lines = ["", a, " \t\r", "{", &long, "{}", &bundle(&[]), "[]", "{\"a\":1}{}", a].join("\n");
    let found = told(&lines, Layout::Ndjson).unwrap();
    let places: Vec<usize> = found.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, [2, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(found[0].1, ok("Patient/a"));
    assert!(matches!(found[1].1, Err(Refusal::Json(JsonError::Syntax { .. }))));
    assert_eq!(found[2].1, Err(Refusal::Json(JsonError::TooLarge)));
    assert_eq!(found[3].1, Err(Refusal::Resource(ResourceError::NoType)));
    assert_eq!(found[4].1, Err(Refusal::BundleInLine));
    assert_eq!(found[5].1, Err(Refusal::Resource(ResourceError::NotObject)));
    assert!(matches!(found[6].1, Err(Refusal::Json(JsonError::Syntax { .. }))));
    assert_eq!(found[7].1, ok("Patient/a"));

    let invalid = [b"\"\xff\"\r\n".as_slice(), a.as_bytes(), b"\r\n"].concat();
    let found = outcomes(invalid.as_slice(), Layout::Ndjson).unwrap();
    assert!(matches!(found[0].1, Err(Refusal::Json(JsonError::Syntax { .. }))));
    assert_eq!(found[1].1.as_ref().unwrap().key().to_string(), "Patient/a");
    assert_eq!(told("", Layout::Ndjson), Ok(vec![]));
}

#[test]
fn lines_up_to_the_limit_are_taken() {
    let frame = r#"{"resourceType":"Binary","id":"b","data":""}"#;
    let line = |length: usize| frame.replace("\"\"", &format!("\"{}\"", "x".repeat(length - frame.len())));
    let text = format!("{}\r\n{}\r\n", line(RESOURCE_BYTES_MAX - 64), line(RESOURCE_BYTES_MAX + 1));
    let expected = vec![(1, ok("Binary/b")), (2, Err(Refusal::Json(JsonError::TooLarge)))];
    assert_eq!(told(&text, Layout::Ndjson), Ok(expected));
}

fn shared(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(folder);
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("skipped: no shared data at {}", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn outcomes_of(path: &Path) -> Result<Vec<Outcome>, ReadError> {
    let layout = layout_of(path.to_str().unwrap()).unwrap();
    outcomes(BufReader::new(std::fs::File::open(path).unwrap()), layout)
}

#[test]
fn real_data_is_read_whole() {
    // Counted by another JSON reader; the refused entries of the HL7 examples hold no resource or delete one.
    for (folder, taken, no_resource, deletes) in [
        ("synthea-r4", 2600, 0, 0),
        ("synthea-modern", 1801, 0, 0),
        ("ips", 39, 0, 0),
        ("hl7-r4-examples", 1611, 14, 2),
    ] {
        let files = shared(folder);
        if files.is_empty() {
            return;
        }
        let mut counts = (0, 0, 0);
        for path in files {
            for (place, outcome) in outcomes_of(&path).unwrap() {
                match outcome {
                    Ok(_) => counts.0 += 1,
                    Err(Refusal::NoResource) => counts.1 += 1,
                    Err(Refusal::Delete) => counts.2 += 1,
                    Err(other) => panic!("{} {place}: {other}", path.display()),
                }
            }
        }
        assert_eq!(counts, (taken, no_resource, deletes), "{folder}");
    }
}

#[test]
fn known_files_give_known_counts() {
    let count = |folder: &str, start: &str| {
        let path =
            shared(folder).into_iter().find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(start));
        path.map(|path| outcomes_of(&path).unwrap().len())
    };
    if shared("ips").is_empty() {
        return;
    }
    assert_eq!(count("synthea-r4", "Clara_Monta"), Some(209));
    assert_eq!(count("ips", "Bundle-IPS-examples"), Some(20));
    assert_eq!(count("hl7-r4-examples", "Bundle-terminologies"), Some(1105), "entry comes before resourceType");
    assert_eq!(count("malformed/inputs", "shc-bundle"), Some(3), "has a byte order mark");
}

#[test]
fn bulk_exports_are_read_line_by_line() {
    let mut taken = 0;
    for path in shared("bulk-ndjson") {
        let found = outcomes_of(&path).unwrap();
        if path.ends_with("log.ndjson") {
            let reasons: Vec<Refusal> = found.into_iter().map(|(_, outcome)| outcome.unwrap_err()).collect();
            assert_eq!(reasons, vec![Refusal::Resource(ResourceError::NoType); 4]);
        } else {
            taken += found.into_iter().filter(|(_, outcome)| outcome.is_ok()).count();
        }
    }
    assert!(taken == 7160 || shared("bulk-ndjson").is_empty(), "{taken}");
}

#[test]
fn malformed_files_are_told_apart() {
    let Some(index) = shared("malformed").into_iter().find(|path| path.ends_with("index.json")) else { return };
    let inputs = index.parent().unwrap().join("inputs");
    let index = Json::parse(&std::fs::read(&index).unwrap()).unwrap();
    let mut not_json = 0;
    for case in index.as_array().unwrap() {
        let name = case.text("file").unwrap();
        let found = outcomes_of(&inputs.join(name));
        if case.get("python_json_parses").and_then(Json::as_bool) == Some(false) {
            not_json += 1;
            assert!(matches!(found, Err(ReadError::Syntax(_))), "{name}");
        } else if matches!(name, "patient-id-bad-1.json" | "patient-id-bad-3.json") {
            let error = ResourceError::BadId { kind: "Patient".into() };
            assert_eq!(found, Ok(vec![(1, Err(Refusal::Resource(error)))]), "{name}");
        } else if name == "patient-duplicate.json" {
            assert_eq!(found, Ok(vec![(1, Err(Refusal::Json(JsonError::DuplicateName)))]), "{name}");
        }
    }
    assert_eq!(not_json, 9);
}

proptest! {
    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = outcomes(bytes.as_slice(), Layout::Json);
        let _ = outcomes(bytes.as_slice(), Layout::Ndjson);
    }

    #[test]
    fn a_cut_or_altered_bundle_never_panics(at in 0_usize..150, byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = bundle(&[patient("a"), patient("b")]).into_bytes();
        let at = at % bytes.len();
        bytes[at] = byte;
        bytes.truncate(if cut { at + 1 } else { bytes.len() });
        let _ = outcomes(bytes.as_slice(), Layout::Json);
    }

    #[test]
    fn small_reads_give_the_same(capacity in 1_usize..40) {
        let text = bundle(&[patient("a"), "{}".into(), patient("c")]);
        let small = outcomes(BufReader::with_capacity(capacity, text.as_bytes()), Layout::Json);
        prop_assert_eq!(small, outcomes(text.as_bytes(), Layout::Json));
    }
}
