//! What whoever runs the server, or listens on the way, learns of the records: nothing (attack A13).

use super::Network;
use crate::support::{PASSWORDS, files, samples};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::{BTreeSet, HashMap};
use wardbook_client::record::json::Json;

/// Shorter strings occur in any random bytes.
const LENGTH_MIN: usize = 7;
/// Where the server's own words stand: what its files and its log are made of.
const OWN_WORDS: [&str; 5] = [
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/schema.rs")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/http/routes.rs")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/http/observe.rs")),
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../server/src/http/mod.rs")),
    "sqlite_autoindex sqlite_schema",
];
const NOTE: &str = "Fracture of the distal radius, dorsally angulated; plaster for six weeks.";

/// Texts to look for, in the forms in which they could be lying about, by their first four bytes.
struct Needles(HashMap<[u8; 4], Vec<Vec<u8>>>);

impl Needles {
    fn new(texts: &BTreeSet<String>) -> Self {
        let mut needles = HashMap::<[u8; 4], Vec<Vec<u8>>>::new();
        for form in texts.iter().flat_map(|text| forms(text)) {
            needles.entry(form[..4].try_into().unwrap()).or_default().push(form);
        }
        Self(needles)
    }

    fn absent_from(&self, place: &str, bytes: &[u8]) {
        for at in 0..bytes.len().saturating_sub(3) {
            for form in self.0.get(&bytes[at..at + 4]).into_iter().flatten() {
                assert!(!bytes[at..].starts_with(form), "{place}, byte {at}: {}", String::from_utf8_lossy(form));
            }
        }
    }
}

fn forms(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let utf16 = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut forms = vec![
        bytes.to_vec(),
        text.to_lowercase().into_bytes(),
        text.to_uppercase().into_bytes(),
        hex.into_bytes(),
        utf16,
    ];
    // Base64 at each place in a group of three; the ends depend on what is around.
    for shift in 0..3 {
        let encoded = STANDARD.encode([&b"\0\0"[..shift], bytes].concat()).into_bytes();
        forms.extend(encoded.get(4..encoded.len() - 4).filter(|inner| inner.len() >= LENGTH_MIN).map(<[u8]>::to_vec));
    }
    forms
}

/// Every text of a record, whole and in words, and numbers with enough digits.
fn texts_of(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::String(text) => {
            found.insert(text.chars().take(60).collect());
            found.extend(text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        }
        Json::Number(number) => {
            found.insert(number.as_str().to_owned());
        }
        Json::Array(items) => items.iter().for_each(|item| texts_of(item, found)),
        Json::Object(object) => object.iter().for_each(|(name, value)| {
            found.insert(name.to_owned());
            texts_of(value, found);
        }),
        Json::Null | Json::Bool(_) => {}
    }
}

fn secrets() -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    for (_, bytes) in files(&samples()) {
        for json in bytes.split(|byte| *byte == b'\n').map(Json::parse).chain([Json::parse(&bytes)]).flatten() {
            texts_of(&json, &mut texts);
        }
    }
    texts.extend(NOTE.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
    let own = ["Harbour Clinic", "Ana Lindqvist", "Lindqvist", "Ben Okafor", "Eva Brandt", "Everyone", "Night watch"];
    texts.extend(own.map(str::to_owned));
    texts.extend(["reception desk", "reception", "wrist, two planes", "radiograph.txt", NOTE].map(str::to_owned));
    texts.extend(PASSWORDS.map(|(_, password)| password.to_owned()));
    let words = OWN_WORDS.concat().to_lowercase();
    texts.retain(|text| text.len() >= LENGTH_MIN && !words.contains(&text.to_lowercase()));
    texts
}

#[test]
fn a13_the_server_its_log_and_the_way_to_it_tell_nothing_of_records_or_names() {
    let mut network = Network::behind_proxy();
    network.proxy().keep();
    let one = network.one.clone();
    network.ok(&one, "ana", &["team", "create", "Night watch", "ana"]);
    network.import_samples();
    let two = network.two();
    network.eva_joins_on(&two);
    network.edit(&two, "ben", "Patient/joao-ferreira", "telecom[0].value=+351 555 0199");
    let file = network.scene.write("radiograph.txt", NOTE.repeat(2000));
    network.ok(&two, "ben", &["attach", "Ferreira", &file, "--title", "wrist, two planes"]);
    network.ok(&two, "ben", &["grant", "Ferreira", "--to", "eva"]);
    network.sync(&two, "ben");
    network.sync(&one, "ana");
    network.ok(&one, "ana", &["patients", "Ionescu"]);
    let [to_server, to_device] = network.proxy().kept();
    assert!(to_server.len() > 10_000 && to_device.len() > 10_000);
    network.server.stop();

    let texts = secrets();
    for text in ["Ferreira", "Lindqvist", "Harbour Clinic", "Night watch", "HC-000318", "Fracture", NOTE] {
        assert!(texts.contains(text), "{text} is not looked for");
    }
    assert!(texts.len() > 150, "{}", texts.len());
    let needles = Needles::new(&texts);
    needles.absent_from("the way to the server", &to_server);
    needles.absent_from("the way to the devices", &to_device);
    needles.absent_from("the log", &std::fs::read(&network.server.log).unwrap());
    let found = files(&network.server.data);
    assert!(found.iter().any(|(path, _)| path.ends_with("org.db")), "{:?}", found.len());
    for (path, bytes) in &found {
        let place = path.strip_prefix(&network.server.data).unwrap().to_string_lossy().into_owned();
        needles.absent_from("a file name", place.as_bytes());
        needles.absent_from(&place, bytes);
    }
    // The search finds what it looks for.
    let planted = [b"..".to_vec(), STANDARD.encode("..name: João Ferreira, born").into_bytes()].concat();
    assert!(std::panic::catch_unwind(|| needles.absent_from("planted", &planted)).is_err());
}
