//! What is on disk stays, and what failed is as if it had not been.

use crate::testing::{CODE, Clinic, asking, call, code, founded, lease_of, object, open, wish};
use crate::{Limits, Registration, ServerError, Service, backup};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use wardbook_wire::exchange::{CreateRequest, Outcome, SyncRequest, path};
use wardbook_wire::log::Range;
use wardbook_wire::{BlobId, EntryHeader, OrgId, TeamId, strict};

const TEAM: TeamId = TeamId([5; 16]);

fn database(clinic: &Clinic) -> PathBuf {
    clinic.folder.path().join("orgs").join(clinic.org().to_string()).join("org.db")
}

#[test]
fn a_restart_keeps_everything() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let who = clinic.newcomer(2);
    let chart = clinic.genesis(&admin, 1, TEAM);
    clinic.push(&admin, vec![object(&chart), admin.slot(clinic.org(), 1, 2), admin.keyring(clinic.org(), 2)]);
    let leased = clinic.sync(&who, &SyncRequest { lease: wish(0, 1), ..asking(vec![]) });
    let (before, key) = (clinic.point(), clinic.service.verify_key());
    let mut clinic = clinic.restart(Limits::default());
    assert_eq!((clinic.point(), clinic.service.verify_key()), (before, key));
    assert_eq!(clinic.service.log_size(clinic.org()), Ok(before.size));
    // Directory, versions, leases and parents are those of before.
    let outcomes = clinic.push(&admin, vec![admin.slot(clinic.org(), 1, 1), object(&chart)]);
    assert!(matches!(outcomes[..], [Outcome::Refused(_), Outcome::Logged { .. }]));
    let change = clinic.change_header(&who, chart.chart(), chart.id());
    let lease = Some(lease_of(&leased, &clinic.service).0);
    let change = who.sign_entry(EntryHeader { lease, ..change }, vec![]);
    let next = clinic.sync(&who, &SyncRequest { lease: wish(1, 2), ..asking(vec![object(&change)]) });
    assert!(matches!(next.outcomes[..], [Outcome::Logged { .. }]));
    assert_eq!((lease_of(&next, &clinic.service).1.number, clinic.service.stats().quarantined), (2, 0));
    clinic.follow(&Range::default(), &next, 1);
}

#[test]
fn one_process_has_the_folder() {
    let clinic = Clinic::new();
    let folder = clinic.folder.path();
    let second =
        Service::open(folder, Limits::default(), Registration::Open, Box::new(|bytes: &mut [u8]| bytes.fill(1)));
    assert_eq!(second.err(), Some(ServerError::Busy(folder.to_owned())));
    assert_eq!(clinic.service.ready(), Ok(()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

/// While something else holds the file, nothing is taken; what is in memory is still what is on disk.
#[test]
fn a_commit_that_fails_changes_nothing() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (one, two) = (clinic.genesis(&admin, 1, TEAM), clinic.genesis(&admin, 2, TEAM));
    clinic.push(&admin, vec![object(&one)]);
    let before = clinic.point();
    let other = rusqlite::Connection::open(database(&clinic)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = clinic.try_sync(&admin, &asking(vec![object(&two)]));
    assert_eq!((answer.status, code(&answer).as_str()), (500, "internal"));
    assert_eq!(clinic.point(), before);
    other.execute_batch("ROLLBACK").unwrap();
    drop(other);
    assert!(matches!(clinic.push(&admin, vec![object(&two)])[..], [Outcome::Logged { index }] if index == before.size));
    assert_eq!(clinic.service.stats().storage_failures, 1);
}

#[test]
fn damage_is_told_and_other_organisations_go_on() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let (second, _) = founded(2, &clinic.service);
    let body = strict::encode(&CreateRequest { code: CODE.to_owned(), objects: second.objects() });
    let made = clinic.service.handle(&call("POST", &path(second.org, "create"), &body, clinic.now));
    assert_eq!(made.status, 200);
    let stats = clinic.service.stats();
    assert_eq!((stats.orgs, stats.open_orgs), (2, 2));
    let file = database(&clinic);
    // Closed first: what is open is in memory.
    clinic = clinic.restart(Limits { open_orgs: 1, ..Limits::default() });
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.execute("DELETE FROM object WHERE idx = 2", []).unwrap();
    drop(connection);
    assert_eq!(code(&clinic.try_sync(&admin, &asking(vec![]))), "internal");
    clinic.chain = second;
    assert_eq!(clinic.try_sync(&admin, &asking(vec![])).status, 200);
    // One at a time is open.
    assert_eq!(clinic.service.stats().open_orgs, 1);
}

#[test]
fn whoever_listens_is_told_after_each_commit() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let told = Arc::new(Mutex::new(Vec::<(OrgId, u64)>::new()));
    let notes = Arc::clone(&told);
    clinic.service.on_change(Box::new(move |org, size| notes.lock().unwrap().push((org, size))));
    clinic.push(&admin, vec![]);
    let charts = [1, 2].map(|n| object(&clinic.genesis(&admin, n, TEAM)));
    clinic.push(&admin, charts.to_vec());
    clinic.push(&admin, charts.to_vec());
    clinic.newcomer(2);
    let org = clinic.org();
    assert_eq!(*told.lock().unwrap(), [(org, 6), (org, 7), (org, 8)]);
}

#[test]
fn a_backup_is_a_server_with_the_same_root() {
    let mut clinic = Clinic::new();
    let admin = clinic.admin.clone();
    let bytes = b"sealed".to_vec();
    let blob = BlobId(Sha256::digest(&bytes).into());
    let keys = [&admin.device_key, &admin.member_key];
    let route = format!("{}?complete", path(clinic.org(), &format!("blobs/{blob}")));
    let upload = crate::Call { offset: Some(0), ..call("PATCH", &route, &bytes, 0) };
    assert_eq!(clinic.send(admin.caller(), &keys, upload).status, 201);
    let chart = clinic.genesis(&admin, 1, TEAM);
    let header = EntryHeader { blobs: vec![blob], ..clinic.change_header(&admin, chart.chart(), chart.id()) };
    let change = admin.sign_entry(header, vec![1]);
    clinic.push(&admin, vec![object(&chart), object(&change)]);
    let before = clinic.point();
    let parent = tempfile::tempdir().unwrap();
    let to = parent.path().join("backup");
    let report = backup(clinic.folder.path(), &to).unwrap();
    assert_eq!((report.orgs, report.blobs), (1, 1));
    assert!(report.bytes > 4096);
    assert_eq!(backup(clinic.folder.path(), &to), Err(ServerError::NotEmpty(to.clone())));
    let nowhere = parent.path().join("nowhere");
    assert_eq!(backup(&nowhere, &parent.path().join("x")), Err(ServerError::NoServer(nowhere)));
    // What comes later is not in it.
    clinic.newcomer(2);
    let key = clinic.service.verify_key();
    clinic.service = open(&to, Limits::default(), Registration::Closed, 9);
    assert_eq!((clinic.service.verify_key(), clinic.point()), (key, before));
    let route = path(clinic.org(), &format!("blobs/{blob}"));
    let answer = clinic.send(admin.caller(), &keys, call("GET", &route, b"", 0));
    assert_eq!((answer.status, answer.body), (200, bytes));
}
