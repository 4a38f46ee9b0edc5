//! The vault folder underneath: damage in both copies, what a password change rewrites, an old slot put back.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use wardbook_client::{Access, Created, Credential, Error, Grantee, NewOrganisation, Secret, Session, Vault};
use wardbook_store::{Kind, Store, StoreError};

const PASSWORD: &str = "quiet ambulance velvet orbit";

fn unlock(folder: &Path) -> Session {
    let password = Secret::new(PASSWORD.to_owned());
    Vault::open(folder).unwrap().unlock("ana", &Credential::Password(&password)).map_err(|(_, error)| error).unwrap()
}

fn create(folder: &Path) {
    try_create(folder).unwrap();
}

fn try_create(folder: &Path) -> Result<Created, Error> {
    let password = Secret::new(PASSWORD.to_owned());
    let new = NewOrganisation {
        name: "Harbour",
        user: "ana",
        display: "Ana",
        password: &password,
        device_name: "tablet",
        shares_needed: 2,
        shares_made: 3,
        fips_only: false,
    };
    Vault::create(folder, &new)
}

#[test]
fn an_entry_that_is_damaged_in_both_copies_is_named_and_the_rest_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    create(&vault);
    let mut session = unlock(&vault);
    let to = [(Grantee::Member(session.me()), Access::Manage)].into();
    let samples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples")).to_owned();
    session.import(&[samples], &to, &mut |_| {}).unwrap();
    let damaged = session.find_chart("Ionescu").unwrap();
    drop(session);

    // The last entry of one chart: its resources are in it.
    let rows = Store::open(&vault).unwrap().list(Kind::Entry, damaged.as_bytes()).unwrap();
    let value = &rows.last().unwrap().value;
    let middle = &value[value.len() / 2..value.len() / 2 + 24];
    for name in ["vault.db", "mirror.db"] {
        let path = vault.join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(middle.len()).position(|window| window == middle).unwrap();
        bytes[at] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }

    let mut session = unlock(&vault);
    let found = session.verify(&mut |_| {}).unwrap();
    let short: String = damaged.to_string().chars().take(12).collect();
    assert!(found.findings.iter().any(|finding| finding.what.contains(&short)), "{:?}", found.findings);
    assert!(found.findings.iter().any(|finding| finding.what == "vault.db"), "{:?}", found.findings);
    drop(session);

    // The next opening sets the damaged files aside and goes on with the rest.
    let vault_opened = Vault::open(&vault).unwrap();
    let repair = vault_opened.repaired().unwrap();
    assert_eq!((repair.lost, repair.set_aside.len()), (1, 2));
    drop(vault_opened);
    let mut session = unlock(&vault);
    let names: Vec<_> = session.search("", 10).unwrap().into_iter().map(|found| found.cover.title()).collect();
    assert!(names.contains(&"João Ferreira".to_owned()), "{names:?}");
    let ferreira = session.find_chart("Ferreira").unwrap();
    assert_eq!(session.chart(ferreira).unwrap().len(), 11);
    let found = session.verify(&mut |_| {}).unwrap();
    assert!(found.findings.iter().any(|finding| finding.what.contains(&short)), "{:?}", found.findings);
}

/// `passwd` writes one slot: every other object in the vault stays as it is, byte for byte.
#[test]
fn a_changed_password_changes_one_slot_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    create(&vault);
    let mut session = unlock(&vault);
    let ben = Secret::new("seven lanterns under gravel".to_owned());
    session.add_member("ben", "Ben", wardbook_client::Role::Clinician, &ben).unwrap();
    let to = [(Grantee::Member(session.me()), Access::Manage)].into();
    let samples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples")).to_owned();
    session.import(&[samples], &to, &mut |_| {}).unwrap();
    session.search("", 10).unwrap();
    drop(session);

    let kinds = [Kind::Statement, Kind::Slot, Kind::Keyring, Kind::Entry, Kind::Pending, Kind::Cover, Kind::ChartKeys];
    let everything = |vault: &Path| {
        let store = Store::open(vault).unwrap();
        kinds.map(|kind| store.list_all(kind).unwrap())
    };
    let before = everything(&vault);
    let mut session = unlock(&vault);
    session.change_password(&Secret::new("forgotten walnut harbour engine".to_owned())).unwrap();
    drop(session);
    let after = everything(&vault);
    for (kind, (before, after)) in kinds.iter().zip(before.iter().zip(&after)) {
        let changed = before.iter().zip(after).filter(|(one, other)| one != other).count();
        assert_eq!((before.len(), changed), (after.len(), usize::from(*kind == Kind::Slot)), "{kind:?}");
    }
    assert_eq!(after[1].len(), 4, "two members with a password and a recovery slot each");
}

/// A4 and SLOT-03: an old slot put back in the database does not open, although its password was right once.
#[test]
fn a4_slot_03_an_old_slot_put_back_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    create(&vault);
    let old = Store::open(&vault).unwrap().list_all(Kind::Slot).unwrap();
    let mut session = unlock(&vault);
    session.change_password(&Secret::new("forgotten walnut harbour engine".to_owned())).unwrap();
    drop(session);
    let mut batch = wardbook_store::Batch::new();
    old.into_iter().for_each(|row| batch.put(Kind::Slot, &row.owner, &row.key, row.value));
    Store::open(&vault).unwrap().commit(&batch).unwrap();
    let password = Secret::new(PASSWORD.to_owned());
    let refused = Vault::open(&vault).unwrap().unlock("ana", &Credential::Password(&password));
    assert!(matches!(refused, Err((_, Error::NotUnlocked))));
}

#[test]
fn what_was_lost_in_both_copies_comes_back_with_a_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let (vault, stick) = (folder.path().join("vault"), folder.path().join("stick"));
    create(&vault);
    let mut session = unlock(&vault);
    let to = [(Grantee::Member(session.me()), Access::Manage)].into();
    let samples = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples")).to_owned();
    session.import(&[samples], &to, &mut |_| {}).unwrap();
    let chart = session.find_chart("Ionescu").unwrap();
    session.export_bundle(&stick).unwrap();
    drop(session);

    // The genesis, on which everything of the chart rests, and the cover.
    let store = Store::open(&vault).unwrap();
    let genesis = store.list(Kind::Entry, chart.as_bytes()).unwrap().remove(0).key;
    let mut batch = wardbook_store::Batch::new();
    batch.delete(Kind::Entry, chart.as_bytes(), &genesis);
    batch.delete(Kind::Cover, &[], chart.as_bytes());
    store.commit(&batch).unwrap();
    drop(store);
    let mut session = unlock(&vault);
    assert!(session.chart(chart).is_err());
    assert!(!session.verify(&mut |_| {}).unwrap().findings.is_empty());

    session.import_bundle(&stick).unwrap();
    assert_eq!(session.chart(chart).unwrap().len(), 5);
    assert_eq!(session.find_chart("Ionescu").unwrap(), chart);
    let verified = session.verify(&mut |_| {}).unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

#[test]
fn an_entry_under_another_name_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    create(&vault);
    let store = Store::open(&vault).unwrap();
    let row = store.list_all(Kind::Entry).unwrap().remove(0);
    let mut batch = wardbook_store::Batch::new();
    batch.delete(Kind::Entry, &row.owner, &row.key);
    batch.put(Kind::Entry, &row.owner, &[7; 32], row.value);
    store.commit(&batch).unwrap();
    drop(store);
    let found = unlock(&vault).verify(&mut |_| {}).unwrap().findings;
    assert!(found.iter().any(|finding| finding.reason.contains("another name")), "{found:?}");
}

/// A process that was ended between making the files and writing to them leaves a folder that can be used again; one with a
/// vault in it is left alone.
#[test]
fn a_vault_whose_making_was_broken_off_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let vault = folder.path().join("vault");
    drop(Store::create(&vault).unwrap());
    for name in ["site.key", "site.keystore"] {
        std::fs::write(vault.join(name), "of that attempt").unwrap();
    }
    assert!(!Vault::is_at(&vault));
    assert!(matches!(Vault::open(&vault), Err(Error::Store(StoreError::NoVault(_)))));
    create(&vault);
    assert!(Vault::is_at(&vault));
    assert!(matches!(try_create(&vault), Err(Error::Store(StoreError::Exists(_)))));
    assert!(unlock(&vault).verify(&mut |_| {}).unwrap().findings.is_empty());
}
