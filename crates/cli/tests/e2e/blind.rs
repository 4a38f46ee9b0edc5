//! The vault folder tells nothing: no string of any record, no name, in any encoding (attack A21).

use crate::support::{PASSWORDS, Scene, files, samples, shared};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use std::collections::BTreeSet;
use wardbook_client::record::json::Json;

/// Shorter strings occur in any random bytes: 64 KiB of them hold every run of two.
const LENGTH_MIN: usize = 7;

/// Strings of a record that say something about somebody, and numbers with enough digits.
fn strings(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => {
            found.insert(text.chars().take(60).collect());
            found.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        }
        Json::Number(number) => {
            found.insert(number.as_str().to_owned());
        }
        Json::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Json::Object(object) => object.iter().for_each(|(name, value)| {
            found.insert(name.to_owned());
            strings(value, found);
        }),
        Json::Null | Json::Bool(_) => {}
    }
}

/// The ways in which a string could be lying about.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let bytes = text.as_bytes();
    let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    let mut forms = vec![
        bytes.to_vec(),
        text.to_lowercase().into_bytes(),
        text.to_uppercase().into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        hex,
    ];
    // Base64 of a text at each of the three places that it can have in a group; the ends depend on what is around.
    for shift in 0..3 {
        let shifted = [&b"\0\0"[..shift], bytes].concat();
        for engine in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE] {
            let encoded = engine.encode(&shifted).into_bytes();
            let inner = encoded.get(4..encoded.len().saturating_sub(4)).unwrap_or_default();
            if inner.len() >= LENGTH_MIN {
                forms.push(inner.to_vec());
            }
        }
    }
    forms
}

/// Everything that is to be looked for, by its first four bytes.
fn needles(texts: &BTreeSet<String>) -> std::collections::HashMap<[u8; 4], Vec<Vec<u8>>> {
    let mut needles = std::collections::HashMap::<[u8; 4], Vec<Vec<u8>>>::new();
    for text in texts.iter().filter(|text| text.len() >= LENGTH_MIN) {
        for form in forms(text) {
            needles.entry(form[..4].try_into().unwrap()).or_default().push(form);
        }
    }
    needles
}

fn search(place: &str, bytes: &[u8], needles: &std::collections::HashMap<[u8; 4], Vec<Vec<u8>>>) {
    for at in 0..bytes.len().saturating_sub(4) {
        let Some(forms) = needles.get(&bytes[at..at + 4]) else { continue };
        for form in forms {
            assert!(!bytes[at..].starts_with(form), "{place}, byte {at}: {}", String::from_utf8_lossy(form));
        }
    }
}

#[test]
fn a21_no_string_of_any_record_or_member_is_in_the_vault_folder() {
    let scene = Scene::samples();
    let mut texts = BTreeSet::new();
    let mut sources = vec![samples()];
    sources.extend(shared("ips"));
    sources.extend(shared("synthea-modern"));
    for source in &sources[1..] {
        scene.run("ben", &["import", source.to_str().unwrap(), "--team", "Night"]);
    }
    for source in &sources {
        for (_, bytes) in files(source) {
            for line in bytes.split(|byte| *byte == b'\n').map(Json::parse).chain([Json::parse(&bytes)]).flatten() {
                strings(&line, &mut texts);
            }
        }
    }
    texts.extend(
        ["Harbour Clinic", "Ana Lindqvist", "Ben Okafor", "Eva Brandt", "Lindqvist", "Everyone", "first device"]
            .map(str::to_owned),
    );
    texts.extend(PASSWORDS.map(|(_, password)| password.to_owned()));
    scene.ok("ben", &["edit", "Patient/joao-ferreira", "--set", "telecom[0].value=+351 555 0199"]);
    scene.ok("ben", &["grant", "Ferreira", "--to", "eva"]);
    scene.ok("ben", &["patients"]);
    // Words of SQLite and of this program are no secrets.
    let known = [
        "integer",
        "primary",
        "generation",
        "sqlite_autoindex",
        "wardbook",
        "version",
        "content",
        "section",
        "entered",
    ];
    texts.retain(|text| !known.contains(&text.to_lowercase().as_str()));
    assert!(texts.len() > 300);
    let needles = needles(&texts);
    let found = files(&scene.vault);
    assert!(found.len() >= 5, "{found:?}");
    for (path, bytes) in &found {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        search("a file name", name.as_bytes(), &needles);
        search(&name, bytes, &needles);
        // Compressed streams would hide a string from the search above: none may open.
        for at in 0..bytes.len().saturating_sub(2) {
            let zlib = bytes[at] == 0x78 && matches!(bytes[at + 1], 0x01 | 0x5e | 0x9c | 0xda);
            let gzip = bytes[at..].starts_with(&[0x1f, 0x8b, 0x08]);
            if zlib || gzip {
                search(&format!("{name} unpacked at {at}"), &unpack(&bytes[at..], gzip), &needles);
            }
        }
    }
}

/// What a compressed stream that begins here gives; empty where none does.
fn unpack(bytes: &[u8], gzip: bool) -> Vec<u8> {
    use std::io::Read;
    let mut out = Vec::new();
    let bytes = &bytes[..bytes.len().min(100_000)];
    let _ = if gzip {
        flate2::read::GzDecoder::new(bytes).take(1_000_000).read_to_end(&mut out)
    } else {
        flate2::read::ZlibDecoder::new(bytes).take(1_000_000).read_to_end(&mut out)
    };
    out
}

#[test]
fn the_search_would_find_what_it_looks_for() {
    let texts = BTreeSet::from(["Ferreira".to_owned()]);
    let needles = needles(&texts);
    let utf16: Vec<u8> = "x Ferreira".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let base64 = STANDARD.encode("..name: João Ferreira, born").into_bytes();
    for planted in [b"..Ferreira..".to_vec(), utf16, base64, b"4665727265697261".to_vec()] {
        assert!(std::panic::catch_unwind(|| search("planted", &planted, &needles)).is_err());
    }
}
