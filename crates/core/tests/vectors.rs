//! Reads `spec/vectors/*.json` and holds the code to them. `cargo xtask vectors` writes the files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use getrandom::SysRng;
use rand_core::UnwrapErr;
use serde_json::Value;
use std::collections::BTreeMap;
use wardbook_core::body::Body;
use wardbook_core::chart::{Arrival, ChartLog, KeyHolder, Standing, open_body, open_chart_keys};
use wardbook_core::directory::{Directory, open_name, open_team_secrets};
use wardbook_core::envelope::{self, Context, Kind};
use wardbook_core::hpke_seal::{open_with, seal_to};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::{
    BundleKey, ChartKey, DirectoryKey, KeyringKey, ParentKey, RootKey, SealingKey, SigningKey, SiteKey, TeamSecret,
};
use wardbook_core::password::{Password, normalise_user, stretch};
use wardbook_core::recovery::RecoveryCode;
use wardbook_core::slots::{Unlock, lookup, open};
use wardbook_wire::kdf::Kdf;
use wardbook_wire::signed::Domain;
use wardbook_wire::slot::{Slot, SlotKind};
use wardbook_wire::statement::{SealKey, SealedBytes};
use wardbook_wire::{
    ChartId, Entry, EntryHeader, MemberId, OrgId, Statement, TeamId, Unverified, VerifyKey, WireError, strict,
};

fn load(name: &str) -> Value {
    let path = format!("{}/../../spec/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    let text =
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}; run `cargo xtask vectors`"));
    serde_json::from_str(&text).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

fn items(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn bytes(value: &Value) -> Vec<u8> {
    let digits = text(value);
    let pairs = (0..digits.len()).step_by(2).map(|at| &digits[at..at + 2]);
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn fixed<const N: usize>(value: &Value) -> [u8; N] {
    bytes(value).try_into().unwrap_or_else(|_| panic!("not {N} bytes: {value}"))
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The refusal names the rule of the vector.
fn refused<T, E: std::fmt::Display>(result: Result<T, E>, fault: &Value) {
    let Err(error) = result else { panic!("accepted: {}", fault["name"]) };
    let said = error.to_string();
    assert!(said.contains(text(&fault["rule"])), "{}: {said}", fault["name"]);
}

#[test]
fn enc_01_enc_02_one_form_is_accepted() {
    let file = load("encoding.json");
    for value in items(&file["values"]) {
        let statement: Statement = strict::decode(&bytes(&value["bytes"]), 1024).unwrap();
        assert_eq!(strict::encode(&statement), bytes(&value["bytes"]));
    }
    for fault in items(&file["faults"]) {
        refused(strict::decode::<Statement>(&bytes(&fault["bytes"]), 1024), fault);
    }
    for case in items(&file["limits"]) {
        let zeros = vec![0; number(&case["zero_bytes"]) as usize];
        let result = match text(&case["type"]) {
            "statement" => Unverified::<Statement>::decode(&zeros).map(|_| ()),
            _ => Unverified::<Slot>::decode(&zeros).map(|_| ()),
        };
        assert_eq!(result, Err(WireError::TooLarge { limit: zeros.len() - 1 }));
    }
}

fn domain(kind: &str) -> Domain {
    match kind {
        "statement" => Domain::STATEMENT,
        "entry" => Domain::ENTRY,
        "slot" => Domain::SLOT,
        "bundle" => Domain::BUNDLE,
        other => panic!("no kind {other}"),
    }
}

#[test]
fn sig_01_signatures() {
    let file = load("encoding.json");
    for case in items(&file["signatures"]) {
        let (domain, message) = (domain(text(&case["kind"])), bytes(&case["bytes"]));
        let key = SigningKey::from_seed(&fixed(&case["seed"]));
        assert_eq!(hex(key.verify_key().0), text(&case["verify_key"]));
        assert_eq!(hex(domain.message(&message)), text(&case["signed_bytes"]));
        assert_eq!(hex(domain.digest(&message)), text(&case["digest"]));
        assert_eq!(hex(key.sign_bytes(domain, &message)), text(&case["signature"]));
        key.verify_key().verify(domain, &message, &fixed(&case["signature"])).unwrap();
    }
    for fault in items(&file["signature_faults"]) {
        let key = VerifyKey(fixed(&fault["verify_key"]));
        let result = key.verify(domain(text(&fault["kind"])), &bytes(&fault["bytes"]), &fixed(&fault["signature"]));
        refused(result, fault);
    }
}

#[test]
fn derivations() {
    let file = load("keys.json");
    let given = &file["derivations"];
    let chart = ChartKey::from_slice(&bytes(&given["chart_key"])).unwrap();
    let team = TeamSecret::from_slice(&bytes(&given["team_secret"])).unwrap();
    let site = SiteKey::from_slice(&bytes(&given["site_key"])).unwrap();
    assert_eq!(hex(chart.check().0), text(&given["key_check"]));
    assert_eq!(hex(team.sealing_key().seed()), text(&given["team_sealing_seed"]));
    assert_eq!(hex(BundleKey::for_site(&site).expose()), text(&given["bundle_key"]));
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&team.sealing_key().public().0);
    assert_eq!(hex(digest), text(&given["team_seal_key_sha256"]));
}

#[test]
fn ring_01_keyrings() {
    let file = load("keys.json");
    let case = &file["keyring"];
    let open = |at: &Value| {
        let key = KeyringKey::from_slice(&bytes(&at["keyring_key"])).unwrap();
        Keyring::open(&key, OrgId(fixed(&at["org"])), MemberId(fixed(&at["member"])), &bytes(&at["sealed"]))
    };
    let ring = open(case).unwrap();
    assert_eq!(hex(ring.keys.signing.seed()), text(&case["signing_seed"]));
    assert_eq!(hex(ring.keys.sealing.seed()), text(&case["sealing_seed"]));
    assert_eq!(hex(ring.directory_key.expose()), text(&case["directory_key"]));
    assert_eq!(ring.teams.len(), items(&case["teams"]).len());
    for team in items(&case["teams"]) {
        let held = &ring.teams[&(TeamId(fixed(&team["team"])), number(&team["epoch"]))];
        assert_eq!(hex(held.expose()), text(&team["secret"]));
    }
    for fault in items(&case["faults"]) {
        assert!(open(fault).is_err(), "{}", fault["name"]);
    }
}

#[test]
fn root_01_shares() {
    let file = load("keys.json");
    let case = &file["root"];
    let recover = |shares: &[Value]| RootKey::from_shares(&shares.iter().map(text).collect::<Vec<_>>());
    let shares = items(&case["shares"]);
    for pair in [[0, 1], [1, 2], [2, 0]] {
        let root = recover(&pair.map(|at| shares[at].clone())).unwrap();
        assert_eq!(hex(root.0.seed()), text(&case["seed"]));
        assert_eq!(hex(root.0.verify_key().0), text(&case["verify_key"]));
    }
    for fault in items(&case["faults"]) {
        assert!(recover(items(&fault["shares"])).is_err(), "{}", fault["name"]);
    }
}

/// The context that a vector spells out.
struct Place {
    org: OrgId,
    kind: Kind,
    id: Vec<u8>,
    epoch: u64,
    position: u64,
}

impl Place {
    fn of(value: &Value) -> Self {
        let kind = [number(&value["kind"]) as u8];
        Self {
            org: OrgId(fixed(&value["org"])),
            kind: strict::decode(&kind, 1).unwrap(),
            id: bytes(&value["id"]),
            epoch: number(&value["epoch"]),
            position: number(&value["position"]),
        }
    }

    fn context(&self) -> Context<'_> {
        Context { org: self.org, kind: self.kind, id: &self.id, epoch: self.epoch, position: self.position }
    }
}

#[test]
fn boxes() {
    let file = load("envelope.json");
    for case in items(&file["boxes"]) {
        let place = Place::of(case);
        assert_eq!(hex(place.context().encode()), text(&case["context"]), "{}", case["name"]);
        let key = ChartKey::from_slice(&bytes(&case["parent_key"])).unwrap();
        let sealed = bytes(&case["box"]);
        let opened = envelope::open(&key, &place.context(), &sealed).unwrap();
        assert_eq!(hex(opened), text(&case["content"]), "{}", case["name"]);
        assert_eq!(
            by_the_book(key.expose(), &bytes(&case["context"]), &sealed),
            bytes(&case["content"]),
            "{}",
            case["name"]
        );
    }
    for pair in items(&file["padme"]) {
        assert_eq!(envelope::padme(number(&pair[0]) as usize), number(&pair[1]) as usize);
    }
}

/// Opens a box by the formula of `spec/envelope.md`, without the code under test.
fn by_the_book(parent: &[u8; 32], context: &[u8], sealed: &[u8]) -> Vec<u8> {
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    let (salt, rest) = sealed[2..].split_at(32);
    let (commitment, ciphertext) = rest.split_at(32);
    let mut okm = [0; 64];
    let info = [b"wardbook/1/box\0".as_slice(), context].concat();
    hkdf::Hkdf::<sha2::Sha512>::new(Some(salt), parent).expand(&info, &mut okm).unwrap();
    assert_eq!(&okm[32..], commitment);
    let key: [u8; 32] = okm[..32].try_into().unwrap();
    let padded = aes_gcm::Aes256Gcm::new((&key).into())
        .decrypt(&aes_gcm::Nonce::default(), Payload { msg: ciphertext, aad: context })
        .unwrap();
    // Kinds 1 and 4 to 8 are keys, which are not padded.
    if matches!(sealed[1], 1 | 4..=8) {
        return padded;
    }
    let end = padded.iter().rposition(|byte| *byte == 0x80).unwrap();
    padded[..end].to_vec()
}

#[test]
fn env_01_env_02_env_03_boxes_that_do_not_open() {
    for fault in items(&load("envelope.json")["faults"]) {
        let key = ChartKey::from_slice(&bytes(&fault["parent_key"])).unwrap();
        let result = envelope::open(&key, &Place::of(fault).context(), &bytes(&fault["box"]));
        assert!(result.is_err(), "{}", fault["name"]);
    }
}

#[test]
fn hpk_01_hpk_02_sealing_to_a_public_key() {
    let file = load("envelope.json");
    let case = &file["hpke"];
    let (place, sealed) = (Place::of(case), bytes(&case["sealed"]));
    let mine = SealingKey::from_seed(&fixed(&case["seed"]));
    assert_eq!(hex(&mine.public().0), text(&case["seal_key"]));
    let opened = open_with(&mine, &place.context(), &SealedBytes(sealed.clone())).unwrap();
    assert_eq!(hex(*opened), text(&case["key"]));
    for fault in items(&case["faults"]) {
        let seed = if fault["seed"].is_null() { &case["seed"] } else { &fault["seed"] };
        let mut there = Place::of(case);
        there.epoch = fault["epoch"].as_u64().unwrap_or(there.epoch);
        let mut changed = sealed.clone();
        if let Some(at) = fault["flip_byte"].as_u64() {
            changed[at as usize] ^= 1;
        }
        let result = open_with(&SealingKey::from_seed(&fixed(seed)), &there.context(), &SealedBytes(changed));
        assert!(result.is_err(), "{}", fault["name"]);
    }
    for fault in items(&case["bad_seal_keys"]) {
        let key = SealKey(vec![number(&fault["byte"]) as u8; number(&fault["length"]) as usize]);
        assert!(seal_to(&key, &place.context(), &[0; 32], &mut UnwrapErr(SysRng)).is_err(), "{}", fault["name"]);
    }
}

/// Opens the slot of a vector with what its member typed.
fn unlock(file: &Value, case: &Value) -> Result<KeyringKey, String> {
    let site = SiteKey::from_slice(&bytes(&file["site_key"])).unwrap();
    let slot = Unverified::<Slot>::decode(&bytes(&case["slot"])).map_err(|error| error.to_string())?;
    let slot = slot.verify(&VerifyKey(fixed(&file["verify_key"]))).map_err(|error| error.to_string())?;
    let typed = text(&case["typed"]);
    let opened = match slot.kind {
        SlotKind::Password => open(&slot, &site, &Unlock::Password(&Password::new(typed).unwrap())),
        SlotKind::Recovery => open(&slot, &site, &Unlock::Recovery(&RecoveryCode::from_words(typed).unwrap())),
    };
    opened.map_err(|error| error.to_string())
}

#[test]
fn slot_01_slots_open_with_what_was_typed() {
    let file = load("slots.json");
    for case in items(&file["slots"]) {
        let key = unlock(&file, case).unwrap();
        assert_eq!(hex(key.expose()), text(&file["keyring_key"]), "{}", case["name"]);
        let slot = Unverified::<Slot>::decode(&bytes(&case["slot"])).unwrap();
        assert_eq!(hex(slot.peek().salt), text(&case["salt"]));
        assert_eq!(slot.peek().kind as u64, number(&case["kind"]));
    }
}

#[test]
fn slot_01_kdf_01_kdf_02_slots_that_do_not_open() {
    let file = load("slots.json");
    for fault in items(&file["faults"]) {
        let error = unlock(&file, fault).err().unwrap_or_else(|| panic!("opened: {}", fault["name"]));
        // All but a wrong signature are alike to who unlocks.
        assert_eq!(error.contains("SIG-01"), text(&fault["rule"]) == "SIG-01", "{}", fault["name"]);
        if text(&fault["rule"]).starts_with("KDF") {
            let slot = Unverified::<Slot>::decode(&bytes(&fault["slot"])).unwrap();
            assert_eq!(slot.peek().kdf.check(), Err(WireError::KdfOutOfRange), "{}", fault["name"]);
        }
    }
}

#[test]
fn pwd_01_what_is_typed_is_normalised_and_not_endless() {
    let file = load("slots.json");
    let site = SiteKey::from_slice(&bytes(&file["site_key"])).unwrap();
    for user in items(&file["users"]) {
        let typed = text(&user["typed"]);
        assert_eq!(normalise_user(typed), text(&user["normalised"]));
        assert_eq!(hex(lookup(&site, SlotKind::Password, typed).0), text(&user["lookup_password"]));
        assert_eq!(hex(lookup(&site, SlotKind::Recovery, typed).0), text(&user["lookup_recovery"]));
    }
    for case in items(&file["passwords"]) {
        let password = Password::new(text(&case["typed"])).unwrap();
        assert_eq!(hex(password.as_str()), text(&case["normalised"]));
        let kdf = Kdf::Pbkdf2 { rounds: number(&case["pbkdf2_rounds"]) as u32 };
        assert_eq!(hex(*stretch(kdf, &fixed(&case["salt"]), &password).unwrap()), text(&case["stretched"]));
    }
    for words in items(&file["not_recovery_codes"]) {
        assert!(RecoveryCode::from_words(text(words)).is_err(), "{words}");
    }
    let length = number(&file["password_bytes_refused"]["length"]) as usize;
    assert!(Password::new(&"x".repeat(length)).is_err() && Password::new(&"x".repeat(length - 1)).is_ok());
}

/// The directory after that many statements.
fn directory_after(file: &Value, statements: usize) -> Directory {
    let chain = items(&file["chain"]);
    let mut directory = Directory::start(&bytes(&chain[0]["statement"])).unwrap();
    for step in &chain[1..statements] {
        let id =
            directory.apply(&bytes(&step["statement"])).unwrap_or_else(|error| panic!("{}: {error}", step["name"]));
        assert_eq!(hex(id.0), text(&step["id"]));
    }
    directory
}

fn whole_directory(file: &Value) -> Directory {
    directory_after(file, items(&file["chain"]).len())
}

fn person(file: &Value, name: &str) -> (MemberId, SealingKey) {
    let found = items(&file["people"]).iter().find(|person| text(&person["name"]) == name).unwrap();
    (MemberId(fixed(&found["member"])), SealingKey::from_seed(&fixed(&found["sealing_seed"])))
}

#[test]
fn the_chain_gives_the_directory() {
    let file = load("directory.json");
    let (directory, result) = (whole_directory(&file), &file["result"]);
    assert_eq!(hex(directory.org().0), text(&result["org"]));
    assert_eq!(hex(directory.head().0), text(&result["head"]));
    assert_eq!(hex(strict::encode(directory.policy())), text(&result["policy"]));
    let names = DirectoryKey::from_slice(&bytes(&file["directory_key"])).unwrap();
    assert_eq!(directory.members().count(), items(&result["members"]).len());
    for expected in items(&result["members"]) {
        let member = directory.member(&MemberId(fixed(&expected["member"]))).unwrap();
        let role = directory.role_at(member.id, directory.now()).map(|role| role as u64);
        assert_eq!(role, expected["role"].as_u64());
        let opened = open_name(&names, directory.org(), &member.id.0, &member.name).unwrap();
        assert_eq!((opened.0.as_str(), opened.1.as_str()), (text(&expected["user"]), text(&expected["name"])));
    }
    for expected in items(&result["teams"]) {
        let team = directory.team(&TeamId(fixed(&expected["team"]))).unwrap();
        assert_eq!(team.epoch(), number(&expected["epoch"]));
        let members: Vec<String> = team.members().map(|member| hex(member.0)).collect();
        assert_eq!(members, items(&expected["members"]).iter().map(text).collect::<Vec<_>>());
    }
    for name in ["ana", "ben"] {
        let ((member, sealing), mut held) = (person(&file, name), BTreeMap::new());
        open_team_secrets(&directory, member, &sealing, &mut held);
        let epochs: Vec<u64> = held.keys().map(|(_, epoch)| *epoch).collect();
        assert_eq!(epochs, items(&result["team_epochs_opened"][name]).iter().map(number).collect::<Vec<_>>());
        for ((_, epoch), secret) in &held {
            assert_eq!(hex(secret.expose()), text(&file["team_secrets"][*epoch as usize - 1]));
        }
    }
}

/// DIR-01 to DIR-08, and ENC-02 and SIG-01 where they come first.
#[test]
fn dir_01_to_dir_08_statements_that_do_not_count() {
    let file = load("directory.json");
    for fault in items(&file["genesis_faults"]) {
        refused(Directory::start(&bytes(&fault["statement"])), fault);
    }
    for fault in items(&file["faults"]) {
        let mut directory = directory_after(&file, number(&fault["after"]) as usize);
        let head = directory.head();
        refused(directory.apply(&bytes(&fault["statement"])), fault);
        assert_eq!(directory.head(), head);
    }
}

#[test]
fn team_01_a_secret_of_another_key_is_not_taken() {
    let file = load("directory.json");
    for fault in items(&file["team_faults"]) {
        let mut directory = directory_after(&file, number(&fault["after"]) as usize);
        directory.apply(&bytes(&fault["statement"])).unwrap();
        let ((member, sealing), mut held) = (person(&file, "ana"), BTreeMap::new());
        assert!(!open_team_secrets(&directory, member, &sealing, &mut held) && held.is_empty(), "{}", fault["name"]);
    }
}

/// What the tests of entries share.
struct Charts {
    file: Value,
    people: Value,
    directory: Directory,
}

impl Charts {
    fn load() -> Self {
        let people = load("directory.json");
        Self { file: load("entries.json"), directory: whole_directory(&people), people }
    }

    fn entry(&self, name: &str) -> Entry {
        let found = items(&self.file["entries"]).iter().find(|entry| text(&entry["name"]) == name);
        Entry::decode(&bytes(&found.unwrap()["entry"])).unwrap()
    }

    /// A log of those entries, each with the position at which it arrived; the genesis is first.
    fn log(&self, entries: Vec<(Entry, u64)>) -> ChartLog {
        let mut log = ChartLog::new(ChartId::from(entries[0].0.id()));
        for (entry, arrived) in entries {
            log.insert(&self.directory, entry, Arrival::at(arrived)).unwrap();
        }
        log
    }

    fn scenario(&self, scenario: &Value) -> ChartLog {
        let steps = items(&scenario["entries"]).iter();
        self.log(steps.map(|step| (self.entry(text(&step["entry"])), number(&step["arrived"]))).collect())
    }

    fn keys_of(&self, log: &ChartLog, name: &str) -> Vec<ChartKey> {
        let ((member, sealing), mut teams) = (person(&self.people, name), BTreeMap::new());
        open_team_secrets(&self.directory, member, &sealing, &mut teams);
        let mut held = BTreeMap::new();
        let holder = KeyHolder { member, sealing: &sealing, earlier: &[], teams: &teams };
        open_chart_keys(log, self.directory.org(), holder, &mut held);
        held.into_values().collect()
    }
}

#[test]
fn entries_keep_their_bytes_and_ids() {
    let charts = Charts::load();
    for case in items(&charts.file["entries"]) {
        let entry = Entry::decode(&bytes(&case["entry"])).unwrap();
        assert_eq!(hex(entry.encode()), text(&case["entry"]));
        assert_eq!(
            (hex(entry.id().0).as_str(), hex(entry.chart().0).as_str()),
            (text(&case["id"]), text(&case["chart"]))
        );
    }
}

#[test]
fn ent_11_ent_12_what_counts() {
    let charts = Charts::load();
    for scenario in items(&charts.file["scenarios"]) {
        let log = charts.scenario(scenario);
        for step in items(&scenario["entries"]) {
            let name = &step["entry"];
            let (_, standing) = log.entry(&charts.entry(text(name)).id()).unwrap();
            let expected = items(&scenario["quarantined"]).contains(name);
            assert_eq!(standing == Standing::Quarantined, expected, "{}: {name}", scenario["name"]);
        }
        if scenario["compare_access"].as_bool() == Some(true) {
            let state = log.access();
            let access: Vec<_> =
                state.grants().iter().map(|(to, access)| (hex(strict::encode(to)), *access as u64)).collect();
            let expected = items(&charts.file["access"]).iter();
            let expected: Vec<_> =
                expected.map(|grant| (text(&grant["to"]).to_owned(), number(&grant["access"]))).collect();
            assert_eq!(access, expected, "{}", scenario["name"]);
        }
    }
}

#[test]
fn ent_09_readers_open_the_keys_that_are_named() {
    let charts = Charts::load();
    let known = number(&charts.file["known"]);
    let log = charts.scenario(&charts.file["scenarios"][0]);
    for name in ["ana", "ben"] {
        let held: Vec<String> = charts.keys_of(&log, name).iter().map(|key| hex(key.expose())).collect();
        for key in items(&charts.file["chart_keys"]) {
            let expected = items(&key["opened_by"]).iter().any(|by| text(by) == name);
            assert_eq!(held.iter().any(|held| held == text(&key["key"])), expected, "{name}");
        }
    }
    let outside = charts.log(vec![(charts.entry("genesis_for_a_team_from_outside"), known)]);
    assert_eq!(charts.keys_of(&outside, "ana").len(), 1);
    let other = Entry::decode(&bytes(&charts.file["key_fault"]["entry"])).unwrap();
    assert!(
        charts.keys_of(&charts.log(vec![(other, known)]), "ana").is_empty(),
        "{}",
        charts.file["key_fault"]["name"]
    );
}

#[test]
fn ent_01_entries_that_contradict_themselves() {
    for fault in items(&Charts::load().file["decode_faults"]) {
        refused(Entry::decode(&bytes(&fault["entry"])), fault);
    }
}

/// ENT-02 to ENT-08, and SIG-01.
#[test]
fn ent_02_to_ent_08_entries_that_are_not_taken() {
    let charts = Charts::load();
    let known = number(&charts.file["known"]);
    for fault in items(&charts.file["insert_faults"]) {
        let before = items(&fault["before"]).iter();
        let mut log = charts.log(before.map(|name| (charts.entry(text(name)), known)).collect());
        let count = log.entries().count();
        let entry = Entry::decode(&bytes(&fault["entry"])).unwrap();
        refused(log.insert(&charts.directory, entry, Arrival::at(known)), fault);
        assert_eq!(log.entries().count(), count);
    }
}

#[test]
fn ent_10_bodies_open_for_their_header() {
    let charts = Charts::load();
    let known = number(&charts.file["known"]);
    let key = ChartKey::from_slice(&bytes(&charts.file["chart_keys"][0]["key"])).unwrap();
    let log = charts.log(vec![(charts.entry("genesis"), known), (charts.entry("change_by_ben"), known)]);
    for (entry, _) in log.entries() {
        let body = open_body(entry.header(), entry.body(), &key).unwrap();
        assert_eq!(hex(strict::encode(&body)), text(&charts.file["bodies"][0]["content"]));
    }
    for fault in items(&charts.file["open_faults"]) {
        let header: EntryHeader = strict::decode(&bytes(&fault["header"]), 4096).unwrap();
        let key = ChartKey::from_slice(&bytes(&fault["chart_key"])).unwrap();
        assert!(open_body(&header, &bytes(&fault["body"]), &key).is_err(), "{}", fault["name"]);
    }
}

#[test]
fn body_01_body_02_packed_content() {
    let file = load("entries.json");
    for case in items(&file["bodies"]) {
        let body = Body::decode(&bytes(&case["packed"])).unwrap();
        assert_eq!(hex(strict::encode(&body)), text(&case["content"]), "{}", case["name"]);
    }
    for fault in items(&file["body_faults"]) {
        assert!(Body::decode(&bytes(&fault["packed"])).is_err(), "{}", fault["name"]);
    }
}
