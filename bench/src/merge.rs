//! What a resource costs as JSON in an entry, and as a document of a CRDT library (`docs/decisions/001`).

use crate::corpus::{self, Source};
use crate::{Fallible, table};
use automerge::transaction::Transactable;
use automerge::{AutoCommit, AutomergeError, ObjId, ObjType, ROOT};
use std::hint::black_box;
use std::time::{Duration, Instant};
use wardbook_core::body::{Body, Change, Content, Packer};
use wardbook_record::json::{Json, Object};

const RESOURCES: usize = 1000;
/// The length that the chosen Observations are nearest to.
const BYTES_WANTED: usize = 1200;
/// Resources that one entry holds in this comparison.
const TOGETHER: usize = 100;

pub fn measure(sources: &[Source]) -> Fallible<()> {
    eprintln!("merge: {RESOURCES} Observations as JSON and as automerge documents");
    let mut texts: Vec<_> = corpus::observations(sources)?.into_iter().map(|held| held.text.into_bytes()).collect();
    texts.sort_by_key(|text| text.len().abs_diff(BYTES_WANTED));
    texts.truncate(RESOURCES);
    let (trees, json_load) =
        timed(|| Ok(texts.iter().map(|text| Json::parse(text)).collect::<Result<Vec<_>, _>>()?))?;
    let (_, json_make) = timed(|| Ok(black_box(trees.iter().map(Json::to_text).collect::<Vec<_>>())))?;

    let (entries, entry_make) = timed(|| Ok(together(&texts)))?;
    let (_, entry_load) = timed(|| {
        for content in apart(&entries)? {
            black_box(Json::parse(&content)?);
        }
        Ok(())
    })?;

    let (mut documents, automerge_make) = timed(|| Ok(trees.iter().map(document).collect::<Result<Vec<_>, _>>()?))?;
    let (saved, save_time) = timed(|| Ok(documents.iter_mut().map(AutoCommit::save).collect::<Vec<_>>()))?;
    let automerge_load = load_all(&saved)?;

    // Fair to the library: what its documents have in common is compressed together, too.
    let (raw, raw_time) = timed(|| Ok(documents.iter_mut().map(AutoCommit::save_nocompress).collect::<Vec<_>>()))?;
    let (packed, pack_time) = timed(|| Ok(together(&raw)))?;
    let (unpacked, unpack_time) = timed(|| apart(&packed))?;
    let packed_load = unpack_time + load_all(&unpacked)?;

    let json_bytes = bytes(&texts);
    let line = |name: &str, bytes: usize, make: Duration, load: Duration| {
        let each = format!("{:.0}", bytes as f64 / trees.len() as f64);
        let to_json = table::ratio(bytes as f64, json_bytes as f64);
        vec![name.to_owned(), each, to_json, table::time(make), table::time(load)]
    };
    table::print(
        &format!("5. {} Observations: JSON beside a CRDT document each", trees.len()),
        &["form", "bytes per resource", "to compact JSON", "make all", "load all"],
        &[
            line("compact JSON", json_bytes, json_make, json_load),
            line("JSON, 100 in an entry, DEFLATE (Wardbook)", bytes(&entries), entry_make, entry_load),
            line("automerge document each", bytes(&saved), automerge_make + save_time, automerge_load),
            line(
                "automerge documents, 100 together, DEFLATE",
                bytes(&packed),
                automerge_make + raw_time + pack_time,
                packed_load,
            ),
        ],
    );
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> Fallible<T>) -> Fallible<(T, Duration)> {
    let start = Instant::now();
    let done = work()?;
    Ok((done, start.elapsed()))
}

fn bytes(texts: &[Vec<u8>]) -> usize {
    texts.iter().map(Vec::len).sum()
}

/// Bodies of entries, as they are before sealing.
fn together(contents: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let entry = |part: &[Vec<u8>]| {
        let changes = part.iter().enumerate().map(|(number, content)| Change {
            kind: "Observation".to_owned(),
            id: format!("00000000-0000-4000-8000-{number:012}"),
            full_url: None,
            bases: Vec::new(),
            content: Some(Content(content.clone())),
        });
        Body { time_ms: 0, changes: changes.collect(), blobs: Vec::new() }.encode(&mut Packer::default()).to_vec()
    };
    contents.chunks(TOGETHER).map(entry).collect()
}

fn apart(entries: &[Vec<u8>]) -> Fallible<Vec<Vec<u8>>> {
    let mut contents = Vec::new();
    for entry in entries {
        let changes = Body::decode(entry)?.changes;
        contents.extend(changes.into_iter().filter_map(|change| change.content).map(|content| content.0));
    }
    Ok(contents)
}

fn load_all(saved: &[Vec<u8>]) -> Fallible<Duration> {
    let ((), time) = timed(|| {
        for bytes in saved {
            black_box(AutoCommit::load(bytes)?);
        }
        Ok(())
    })?;
    Ok(time)
}

/// Each leaf becomes a scalar. Numbers stay texts, since FHIR decimals mean their text.
fn document(json: &Json) -> Result<AutoCommit, AutomergeError> {
    let mut document = AutoCommit::new();
    if let Json::Object(object) = json {
        fill_map(&mut document, &ROOT, object)?;
    }
    document.commit();
    Ok(document)
}

fn fill_map(document: &mut AutoCommit, map: &ObjId, object: &Object) -> Result<(), AutomergeError> {
    for (name, value) in object.iter() {
        match value {
            Json::Null => document.put(map, name, ())?,
            Json::Bool(value) => document.put(map, name, *value)?,
            Json::Number(number) => document.put(map, name, number.as_str())?,
            Json::String(text) => document.put(map, name, text.as_str())?,
            Json::Array(items) => {
                let inner = document.put_object(map, name, ObjType::List)?;
                fill_list(document, &inner, items)?;
            }
            Json::Object(object) => {
                let inner = document.put_object(map, name, ObjType::Map)?;
                fill_map(document, &inner, object)?;
            }
        }
    }
    Ok(())
}

fn fill_list(document: &mut AutoCommit, list: &ObjId, items: &[Json]) -> Result<(), AutomergeError> {
    for (at, value) in items.iter().enumerate() {
        match value {
            Json::Null => document.insert(list, at, ())?,
            Json::Bool(value) => document.insert(list, at, *value)?,
            Json::Number(number) => document.insert(list, at, number.as_str())?,
            Json::String(text) => document.insert(list, at, text.as_str())?,
            Json::Array(items) => {
                let inner = document.insert_object(list, at, ObjType::List)?;
                fill_list(document, &inner, items)?;
            }
            Json::Object(object) => {
                let inner = document.insert_object(list, at, ObjType::Map)?;
                fill_map(document, &inner, object)?;
            }
        }
    }
    Ok(())
}
