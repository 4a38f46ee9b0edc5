use super::*;

fn batch(items: &[(&[u8], &[u8])]) -> Batch {
    let mut batch = Batch::new();
    items.iter().for_each(|(key, value)| batch.put(Kind::Entry, b"chart", key, value.to_vec()));
    batch
}

fn filled(folder: &Path, rows: u8) {
    let store = Store::create(folder).unwrap();
    for n in 0..rows {
        store.commit(&batch(&[(&[n], &[n; 700])])).unwrap();
    }
}

fn all_there(folder: &Path, rows: u8) {
    let store = Store::open(folder).unwrap();
    for n in 0..rows {
        assert_eq!(store.get(Kind::Entry, b"chart", &[n]).unwrap(), Some(vec![n; 700]), "row {n}");
    }
    assert_eq!(store.list(Kind::Entry, b"chart").unwrap().len(), usize::from(rows));
}

#[test]
fn what_was_committed_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 5);
    let store = Store::open(folder.path()).unwrap();
    let mut batch = batch(&[(&[1], b"new"), (&[9], b"nine")]);
    batch.delete(Kind::Entry, b"chart", &[2]);
    store.commit(&batch).unwrap();
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.get(Kind::Entry, b"chart", &[1]).unwrap().unwrap(), b"new");
    assert_eq!(store.get(Kind::Entry, b"chart", &[2]).unwrap(), None);
    assert_eq!(store.get(Kind::Slot, b"chart", &[1]).unwrap(), None);
    let keys: Vec<_> = store.list(Kind::Entry, b"chart").unwrap().into_iter().map(|row| row.key).collect();
    assert_eq!(keys, [vec![0], vec![1], vec![3], vec![4], vec![9]]);
    assert_eq!(store.check().unwrap(), Check { main_faults: 0, mirror_faults: Some(0) });
    assert_eq!(store.repaired(), None);
}

#[test]
fn a_second_process_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let _held = Store::create(folder.path()).unwrap();
    let lock = std::fs::File::options().write(true).open(folder.path().join("lock")).unwrap();
    assert!(lock.try_lock().is_err());
    assert_eq!(Store::create(folder.path()).err(), Some(StoreError::Exists(folder.path().to_owned())));
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(Store::open(empty.path()).err(), Some(StoreError::NoVault(empty.path().to_owned())));
}

/// Every byte of every file in turn would take minutes: a stride that shares no factor with the page size reaches
/// headers, indexes, cells and free space alike.
#[test]
fn one_flipped_bit_anywhere_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 20);
    for name in [MAIN, MIRROR] {
        let path = folder.path().join(name);
        let length = std::fs::metadata(&path).unwrap().len() as usize;
        for at in (0..120).chain((120..length).step_by(397)) {
            let mut bytes = std::fs::read(&path).unwrap();
            let Some(byte) = bytes.get_mut(at) else { continue };
            *byte ^= 1 << (at % 8);
            std::fs::write(&path, &bytes).unwrap();
            all_there(folder.path(), 20);
            let store = Store::open(folder.path()).unwrap();
            store.check().unwrap();
            drop(store);
            all_there(folder.path(), 20);
            clear_damaged(folder.path());
        }
    }
}

#[test]
fn a_truncated_or_missing_file_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 20);
    for name in [MAIN, MIRROR] {
        let path = folder.path().join(name);
        let bytes = std::fs::read(&path).unwrap();
        for length in [0, 10, 100, 4096, bytes.len() / 2, bytes.len() - 1] {
            std::fs::write(&path, &bytes[..length]).unwrap();
            all_there(folder.path(), 20);
            clear_damaged(folder.path());
        }
        std::fs::remove_file(&path).unwrap();
        all_there(folder.path(), 20);
    }
}

#[test]
fn what_is_damaged_in_both_copies_is_counted_and_the_rest_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 20);
    for name in [MAIN, MIRROR] {
        let path = folder.path().join(name);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.windows(700).position(|window| window == [7; 700]).unwrap();
        bytes[at + 50] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    let store = Store::open(folder.path()).unwrap();
    assert_eq!(store.get(Kind::Entry, b"chart", &[7]), Err(StoreError::Damaged));
    assert_eq!(store.get(Kind::Entry, b"chart", &[8]).unwrap(), Some(vec![8; 700]));
    assert_eq!(store.check().unwrap(), Check { main_faults: 1, mirror_faults: Some(1) });
    drop(store);
    let store = Store::open(folder.path()).unwrap();
    let repair = store.repaired().unwrap();
    assert_eq!((repair.kept, repair.lost), (19, 1));
    assert!(repair.set_aside.iter().all(|name| folder.path().join(name).exists()));
    assert_eq!(store.list(Kind::Entry, b"chart").unwrap().len(), 19);
}

#[test]
fn a_copy_that_fell_behind_catches_up() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 5);
    let store = Store::open(folder.path()).unwrap();
    // As if the process had ended between the two commits.
    store.main.write(&batch(&[(&[5], &[5; 700])]), store.main.generation().unwrap() + 1).unwrap();
    drop(store);
    all_there(folder.path(), 6);
    std::fs::remove_file(folder.path().join(MAIN)).unwrap();
    all_there(folder.path(), 6);
}

#[test]
fn a_vault_of_a_newer_format_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path(), 1);
    for name in [MAIN, MIRROR] {
        rusqlite::Connection::open(folder.path().join(name)).unwrap().pragma_update(None, "user_version", 2).unwrap();
    }
    assert_eq!(Store::open(folder.path()).err(), Some(StoreError::Newer(2)));
}

/// The process was ended after both files were made, while the second was made, and while the first was.
#[test]
fn files_that_were_never_written_to_are_no_vault_and_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for broken_off in [None, Some(MIRROR), Some(MAIN)] {
        drop(Store::create(path).unwrap());
        if broken_off == Some(MAIN) {
            std::fs::remove_file(path.join(MIRROR)).unwrap();
        }
        if let Some(name) = broken_off {
            std::fs::write(path.join(name), b"").unwrap();
        }
        assert!(!Store::exists(path), "{broken_off:?}");
        assert_eq!(Store::open(path).err(), Some(StoreError::NoVault(path.to_owned())), "{broken_off:?}");
    }
    // As a killed process leaves them, with the logs of both files beside them.
    let (held, killed) = (Store::create(path).unwrap(), tempfile::tempdir().unwrap());
    for entry in std::fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), killed.path().join(entry.file_name())).unwrap();
    }
    assert!(Store::exists(path), "it may be about to be written to");
    drop(held);
    for path in [path, killed.path()] {
        assert!(!Store::exists(path));
        filled(path, 1);
        all_there(path, 1);
        assert_eq!(Store::create(path).err(), Some(StoreError::Exists(path.to_owned())));
    }
    // A main file that is gone beside a mirror is damage.
    std::fs::remove_file(path.join(MAIN)).unwrap();
    assert!(Store::exists(path));
    all_there(path, 1);
}

fn clear_damaged(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains(".damaged-") {
            std::fs::remove_file(path).unwrap();
        }
    }
}
