use super::*;
use crate::sync::transport::{Answer, Call, NoAnswer, Transport};
use crate::testing::{ana, to_me, unlock};
use crate::{Secret, Vault};
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::PathBuf;
use wardbook_wire::exchange::problem;

struct Scene {
    folder: tempfile::TempDir,
    session: Session,
    code: Secret,
    chart: ChartId,
}

impl Scene {
    /// A vault with one patient.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut session, code) = ana(&folder.path().join("vault"));
        let patient = folder.path().join("patient.json");
        fs::write(&patient, r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Ionescu"}]}"#).unwrap();
        let to = to_me(&session);
        session.import(&[patient], &to, &mut |_| {}).unwrap();
        let chart = session.find_chart("p1").unwrap();
        Self { folder, session, code, chart }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        fs::write(self.path(name), content).unwrap();
        self.path(name)
    }

    fn attach(&mut self, name: &str, content: &[u8]) -> Attached {
        let file = self.write(name, content);
        self.session.attach(self.chart, &file, None, None, &mut |_, _| {}).unwrap()
    }

    fn fetch(&mut self, link: Option<&mut dyn Transport>, blob: BlobId, out: &str) -> Result<Vec<u8>, Error> {
        self.fetch_range(link, blob, None, out)
    }

    fn fetch_range(
        &mut self,
        link: Option<&mut dyn Transport>,
        blob: BlobId,
        range: Option<(u64, Option<u64>)>,
        out: &str,
    ) -> Result<Vec<u8>, Error> {
        let out = self.path(out);
        let fetched =
            self.session.fetch(link, &Wanted { chart: self.chart, blob, range, out: &out }, &mut |_, _| {})?;
        let content = fs::read(&out).unwrap();
        assert_eq!(fetched.bytes, content.len() as u64);
        Ok(content)
    }

    fn read(
        &mut self,
        link: Option<&mut dyn Transport>,
        blob: BlobId,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.session.read_attachment(link, self.chart, blob, range, &mut |_, _| {})
    }

    fn sealed(&self, blob: BlobId) -> PathBuf {
        self.path("vault").join("blobs").join(blob.to_string())
    }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 13 + n / 97) as u8).collect()
}

/// A server that keeps attachments in memory.
#[derive(Default)]
struct Relay {
    parts: HashMap<String, Vec<u8>>,
    whole: HashMap<String, Vec<u8>>,
    /// Calls that are answered before the connection breaks.
    answers_left: Option<usize>,
    /// The attachment that is not taken, with status and code.
    refuses: Option<(BlobId, u16, &'static str)>,
    calls: Vec<String>,
}

impl Relay {
    fn name(path: &str) -> String {
        path.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned()
    }
}

fn refusal(status: u16, code: &str) -> Answer {
    Answer { status, body: format!(r#"{{"type":"urn:wardbook:problem:{code}"}}"#).into_bytes(), ..Answer::default() }
}

impl Transport for Relay {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        if let Some(left) = &mut self.answers_left {
            *left = left.checked_sub(1).ok_or(NoAnswer("broken off".into()))?;
        }
        self.calls.push(call.method.to_owned());
        let name = Self::name(call.path);
        let refused = self.refuses.filter(|(blob, ..)| call.method == "PATCH" && blob.to_string() == name);
        if let Some((_, status, code)) = refused {
            return Ok(refusal(status, code));
        }
        let held = |status, bytes: usize| Answer { status, offset: Some(bytes as u64), ..Answer::default() };
        Ok(match (call.method, self.whole.get(&name)) {
            ("HEAD" | "PATCH", Some(whole)) => held(201, whole.len()),
            ("HEAD", None) => self.parts.get(&name).map_or(refusal(404, ""), |part| held(200, part.len())),
            ("PATCH", None) => {
                let part = self.parts.entry(name.clone()).or_default();
                match call.offset.unwrap().cmp(&(part.len() as u64)) {
                    std::cmp::Ordering::Greater => refusal(409, problem::MALFORMED),
                    std::cmp::Ordering::Less => held(204, part.len()),
                    std::cmp::Ordering::Equal => {
                        part.extend_from_slice(call.body);
                        let length = part.len();
                        if !call.path.ends_with("?complete") {
                            return Ok(held(204, length));
                        }
                        let part = self.parts.remove(&name).unwrap();
                        if BlobId(Sha256::digest(&part).into()).to_string() != name {
                            return Ok(refusal(422, problem::MALFORMED));
                        }
                        self.whole.insert(name, part);
                        held(201, length)
                    }
                }
            }
            ("GET", Some(whole)) => {
                let (first, last) = call.range.unwrap();
                let end = (last.unwrap() as usize + 1).min(first as usize + 1_000_000);
                Answer { status: 206, body: whole[first as usize..end].to_vec(), ..Answer::default() }
            }
            _ => refusal(404, problem::NOT_FOUND),
        })
    }

    fn pause(&mut self, _: u64) {}

    fn wait(&mut self, _: &str, _: String, _: u64) -> Result<u64, NoAnswer> {
        Err(NoAnswer("no events here".into()))
    }
}

#[test]
fn a_file_is_sealed_into_the_vault_and_opens_again() {
    let mut scene = Scene::new();
    let photo = [b"\xff\xd8\xff\xe0 Bettnachbarin Petrescu ".as_slice(), &content(200_000)].concat();
    let attached = scene.attach("wound.dat", &photo);
    assert_eq!((attached.content_type.as_str(), attached.bytes), ("image/jpeg", photo.len() as u64));

    let chart = scene.session.chart(scene.chart).unwrap();
    let json = chart.view(&attached.resource).unwrap().content.unwrap();
    let shown = json.items("content")[0].get("attachment").unwrap();
    assert_eq!(shown.text("url"), Some(format!("urn:wardbook:blob:{}", attached.blob).as_str()));
    assert_eq!((shown.text("title"), shown.text("contentType")), (Some("wound.dat"), Some("image/jpeg")));
    assert_eq!(json.at(["subject", "reference"]).and_then(Json::as_str), Some("Patient/p1"));
    assert_eq!(json.text("id").map(str::len), Some(36));

    assert_eq!(scene.fetch(None, attached.blob, "out.jpg").unwrap(), photo);
    assert!(matches!(scene.fetch(None, attached.blob, "out.jpg"), Err(Error::Invalid(_))), "nothing is overwritten");
    let part = scene.fetch_range(None, attached.blob, Some((65_000, Some(66_000))), "part").unwrap();
    assert_eq!(part, &photo[65_000..=66_000]);
    assert!(scene.fetch_range(None, attached.blob, Some((300_000, None)), "no").is_err() && !scene.path("no").exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(scene.path("out.jpg")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // A name in the picture is in no file of the vault.
    for found in walkdir::WalkDir::new(scene.path("vault")) {
        let found = found.unwrap();
        if found.file_type().is_file() {
            let bytes = fs::read(found.path()).unwrap();
            assert!(!bytes.windows(8).any(|window| window == b"Petrescu"), "{}", found.path().display());
        }
    }

    // Read from disk again: the entry has the key.
    let (blob, resource, chart) = (attached.blob, attached.resource, scene.chart);
    drop(scene.session);
    let mut session = unlock(Vault::open(&scene.folder.path().join("vault")).unwrap(), "ana", &scene.code);
    assert_eq!(session.find_attachment(&blob).unwrap(), chart);
    let listed = session.attachments_of(chart, &resource).unwrap();
    assert!(listed.len() == 1 && listed[0].on_device && listed[0].blob == blob);
    let out = scene.folder.path().join("again.jpg");
    session.fetch(None, &Wanted { chart, blob, range: None, out: &out }, &mut |_, _| {}).unwrap();
    assert_eq!(fs::read(out).unwrap(), photo);
    let exported = session.export_attachments(&[chart], &scene.folder.path().join("export")).unwrap();
    assert_eq!((exported.files.len(), exported.left_out), (1, 0));
    assert_eq!(fs::read(&exported.files[0]).unwrap(), photo);
}

#[test]
fn bytes_are_attached_and_read_as_files_are() {
    let mut scene = Scene::new();
    let (chart, mut seen) = (scene.chart, Vec::new());
    let photo = [b"\xff\xd8\xff\xe0 ".as_slice(), &content(600_000)].concat();
    let mut note = |done: u64, all: u64| seen.push((done, all));
    let attached = scene.session.attach_bytes(chart, &photo, None, Some("wound.jpg"), &mut note).unwrap();
    let (blob, length) = (attached.blob, photo.len() as u64);
    assert_eq!((attached.content_type.as_str(), attached.bytes, attached.again), ("image/jpeg", length, false));
    assert_eq!(seen.last(), Some(&(2 * length, 2 * length)));
    let json = scene.session.chart(chart).unwrap().view(&attached.resource).unwrap().content.unwrap();
    assert_eq!(json.items("content")[0].get("attachment").unwrap().text("title"), Some("wound.jpg"));
    let again = scene.attach("wound.dat", &photo);
    assert_eq!((again.again, again.blob), (true, blob));
    assert!(scene.session.attach_bytes(chart, b"x", Some("no type"), None, &mut |_, _| {}).is_err());

    assert!(*scene.read(None, blob, None).unwrap() == photo);
    assert!(*scene.read(None, blob, Some((65_000, Some(66_000)))).unwrap() == photo[65_000..=66_000]);
    assert!(matches!(scene.read(None, blob, Some((700_000, None))), Err(Error::Invalid(_))));

    let mut relay = Relay::default();
    scene.session.send_blobs(&mut relay, &[blob], &mut |_, _| {}).unwrap();
    let mut bytes = fs::read(scene.sealed(blob)).unwrap();
    bytes[500_000] ^= 1;
    fs::write(scene.sealed(blob), bytes).unwrap();
    assert!(
        *scene.read(Some(&mut relay), blob, None).unwrap() == photo,
        "what was read before the damage is not in it"
    );
    fs::remove_file(scene.sealed(blob)).unwrap();
    assert!(matches!(scene.read(None, blob, None), Err(Error::File { .. })));
    assert!(*scene.read(Some(&mut relay), blob, Some((1000, Some(1999)))).unwrap() == photo[1000..2000]);
    assert!(!scene.sealed(blob).exists(), "a part comes without the rest");
    assert!(*scene.read(Some(&mut relay), blob, None).unwrap() == photo && scene.sealed(blob).exists());
}

#[test]
fn the_same_file_is_kept_once_in_a_chart() {
    let mut scene = Scene::new();
    let (first, second) = (scene.attach("a.txt", b"Befund"), scene.attach("b.txt", b"Befund"));
    assert_eq!((first.again, second.again, second.blob), (false, true, first.blob));
    assert_ne!(first.resource, second.resource);
    assert_eq!(fs::read_dir(scene.path("vault").join("blobs")).unwrap().count(), 1);
    assert_eq!(scene.session.count_attachments(&[scene.chart]).unwrap(), 1);
    assert_eq!(scene.attach("empty", b"").bytes, 0);
}

#[test]
fn blb_08_a_lost_copy_is_made_anew_from_the_same_file_and_from_no_other() {
    let mut scene = Scene::new();
    let first = scene.attach("a.txt", b"Befund");
    let sealed = fs::read(scene.sealed(first.blob)).unwrap();
    fs::remove_file(scene.sealed(first.blob)).unwrap();
    let other = scene.attach("b.txt", b"Befand");
    assert!(!other.again && other.blob != first.blob && !scene.sealed(first.blob).exists());
    let again = scene.attach("c.txt", b"Befund");
    assert_eq!((again.again, again.blob), (true, first.blob));
    assert_eq!(fs::read(scene.sealed(first.blob)).unwrap(), sealed);
    // The entry names it, so that the server is asked for it.
    let mut relay = Relay::default();
    assert!(scene.session.send_blobs(&mut relay, &[again.blob], &mut |_, _| {}).unwrap().is_empty());
    assert_eq!(relay.whole[&again.blob.to_string()], sealed);
}

#[test]
fn an_attachment_that_does_not_go_is_named_and_the_others_go() {
    let mut scene = Scene::new();
    let (large, lost) = (scene.attach("large", &content(1000)).blob, scene.attach("lost", &content(2000)).blob);
    let (whole, empty) = (scene.attach("whole", &content(3000)).blob, scene.attach("empty", &content(4000)).blob);
    fs::remove_file(scene.sealed(lost)).unwrap();
    for (status, code, limit) in
        [(413, problem::TOO_LARGE, true), (507, problem::QUOTA, true), (500, problem::INTERNAL, false)]
    {
        fs::write(scene.sealed(empty), b"").unwrap();
        let mut relay = Relay { refuses: Some((large, status, code)), ..Relay::default() };
        let unsent = scene.session.send_blobs(&mut relay, &[large, lost, empty, whole], &mut |_, _| {}).unwrap();
        assert_eq!(unsent.iter().map(|held| held.blob).collect::<Vec<_>>(), [large, lost, empty]);
        let reasons: Vec<_> = unsent.iter().map(|held| held.reason.as_str()).collect();
        assert_eq!(reasons[0].contains("raise that limit"), limit, "{reasons:?}");
        assert!(reasons[1].contains("not here any more"), "{reasons:?}");
        assert!(reasons[2].contains("set aside"), "{reasons:?}");
        assert_eq!(relay.whole.keys().collect::<Vec<_>>(), [&whole.to_string()]);
    }
    // Attached again, they are what the entries name.
    assert_eq!(scene.attach("lost", &content(2000)).blob, lost);
    assert_eq!(scene.attach("empty", &content(4000)).blob, empty);
    let all = [large, lost, empty, whole];
    assert!(scene.session.send_blobs(&mut Relay::default(), &all, &mut |_, _| {}).unwrap().is_empty());
}

#[test]
fn blb_07_a_sweep_removes_what_no_entry_names_and_nothing_else() {
    let mut scene = Scene::new();
    let (waits, begun) = (scene.attach("waits", b"one"), scene.attach("begun", b"two"));
    let part = scene.sealed(begun.blob).with_extension("part");
    fs::rename(scene.sealed(begun.blob), &part).unwrap();
    let orphan = scene.sealed(BlobId([7; 32]));
    let orphans = [orphan.clone(), orphan.with_extension("part"), orphan.with_extension("damaged")];
    let foreign = orphan.with_file_name("notes.txt");
    for path in orphans.iter().chain([&foreign]) {
        fs::write(path, b"sealed").unwrap();
    }
    let kept = [scene.sealed(waits.blob), part, foreign];
    let there = |paths: &[PathBuf]| paths.iter().filter(|path| path.exists()).count();
    scene.session.sweep_blobs().unwrap();
    assert_eq!(there(&orphans), 3, "nobody has asked for it");
    scene.session.ask_for_sweep().unwrap();
    scene.session.sweep_blobs().unwrap();
    assert_eq!((there(&orphans), there(&kept)), (0, 3));
    assert!(!orphan.with_file_name("sweep-needed").exists());

    // What cannot be read may name anything.
    let chart = scene.chart;
    let mut batch = Batch::new();
    batch.put(Kind::Pending, chart.as_bytes(), &[9; 32], b"no entry".to_vec());
    scene.session.vault.store.commit(&batch).unwrap();
    fs::write(&orphan, b"sealed").unwrap();
    scene.session.ask_for_sweep().unwrap();
    assert!(scene.session.sweep_blobs().is_err() && orphan.exists());

    // The rows of the chart are gone, and the process was ended before the files were.
    let mut batch = Batch::new();
    batch.delete(Kind::Pending, chart.as_bytes(), &[9; 32]);
    for row in scene.session.vault.store.list(Kind::Entry, chart.as_bytes()).unwrap() {
        batch.delete(Kind::Entry, chart.as_bytes(), &row.key);
    }
    scene.session.vault.store.commit(&batch).unwrap();
    scene.session.sweep_blobs().unwrap();
    assert_eq!((there(&orphans), there(&kept)), (0, 1));
}

#[test]
fn blb_04_what_is_no_file_or_too_large_is_refused() {
    let mut scene = Scene::new();
    let large = scene.path("large");
    let file = File::create(&large).unwrap();
    file.set_len(wardbook_core::blob::CONTENT_BYTES_MAX + 1).unwrap();
    let folder = scene.folder.path().to_owned();
    for path in [large, folder] {
        let refused = scene.session.attach(scene.chart, &path, None, None, &mut |_, _| {});
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
    let file = scene.write("x", b"x");
    assert!(scene.session.attach(scene.chart, &file, Some("no type"), None, &mut |_, _| {}).is_err());
}

#[test]
fn an_upload_and_a_download_that_break_off_go_on() {
    let mut scene = Scene::new();
    let scan = content(9_000_000);
    let attached = scene.attach("scan", &scan);
    let mut relay = Relay { answers_left: Some(2), ..Relay::default() };
    let sent = scene.session.send_blobs(&mut relay, &[attached.blob], &mut |_, _| {});
    assert!(matches!(sent, Err(Error::Offline(_))));
    assert_eq!(relay.parts.values().map(Vec::len).collect::<Vec<_>>(), [4 * 1024 * 1024]);
    relay.answers_left = None;
    let mut seen = (0, 0);
    scene
        .session
        .send_blobs(&mut relay, &[attached.blob, BlobId([9; 32])], &mut |done, all| seen = (done, all))
        .unwrap();
    assert_eq!(relay.calls, ["HEAD", "PATCH", "HEAD", "PATCH", "PATCH"]);
    let sealed = fs::read(scene.sealed(attached.blob)).unwrap();
    assert_eq!(relay.whole[&attached.blob.to_string()], sealed);
    assert_eq!(seen, (sealed.len() as u64, sealed.len() as u64));

    fs::remove_file(scene.sealed(attached.blob)).unwrap();
    assert!(matches!(scene.fetch(None, attached.blob, "out"), Err(Error::File { .. })));
    // A part comes without the rest, and nothing of it stays.
    relay.calls.clear();
    let part = scene.fetch_range(Some(&mut relay), attached.blob, Some((1_000_000, Some(1_000_099))), "part").unwrap();
    assert_eq!((part.as_slice(), relay.calls.len()), (&scan[1_000_000..1_000_100], 2));
    assert!(!scene.sealed(attached.blob).exists());

    relay.answers_left = Some(6);
    assert!(matches!(scene.fetch(Some(&mut relay), attached.blob, "out"), Err(Error::Offline(_))));
    assert!(!scene.path("out").exists());
    relay.answers_left = None;
    assert_eq!(scene.fetch(Some(&mut relay), attached.blob, "out").unwrap(), scan);
    assert_eq!(fs::read(scene.sealed(attached.blob)).unwrap(), sealed);
}

#[test]
fn blb_03_what_the_server_gives_is_what_its_name_says_or_nothing() {
    let mut scene = Scene::new();
    let attached = scene.attach("scan", &content(100_000));
    let mut relay = Relay::default();
    scene.session.send_blobs(&mut relay, &[attached.blob], &mut |_, _| {}).unwrap();
    let good = relay.whole.clone();
    fs::remove_file(scene.sealed(attached.blob)).unwrap();
    relay.whole.get_mut(&attached.blob.to_string()).unwrap()[70_000] ^= 1;
    assert!(matches!(scene.fetch(Some(&mut relay), attached.blob, "out"), Err(Error::Cheat(_))));
    assert!(!scene.path("out").exists() && !scene.sealed(attached.blob).exists());
    let range = Some((99_000, None));
    assert!(matches!(scene.fetch_range(Some(&mut relay), attached.blob, range, "out"), Err(Error::Damaged(_))));
    assert!(!scene.path("out").exists());
    relay.whole = good;
    assert_eq!(scene.fetch(Some(&mut relay), attached.blob, "out").unwrap(), content(100_000));
}

#[test]
fn blb_03_a_copy_that_was_changed_on_this_disk_comes_again() {
    let mut scene = Scene::new();
    let attached = scene.attach("scan", &content(100_000));
    let mut relay = Relay::default();
    scene.session.send_blobs(&mut relay, &[attached.blob], &mut |_, _| {}).unwrap();
    let damage = |scene: &Scene| {
        let mut bytes = fs::read(scene.sealed(attached.blob)).unwrap();
        bytes[70_000] ^= 1;
        fs::write(scene.sealed(attached.blob), bytes).unwrap();
    };
    damage(&scene);
    assert_eq!(scene.fetch(Some(&mut relay), attached.blob, "out").unwrap(), content(100_000));
    // Nor is it handed in.
    damage(&scene);
    let unsent = scene.session.send_blobs(&mut Relay::default(), &[attached.blob], &mut |_, _| {}).unwrap();
    assert!(matches!(&unsent[..], [held] if held.reason.contains("set aside")), "{unsent:?}");
    assert!(scene.attach("scan", &content(100_000)).again);
    let unsent = scene.session.send_blobs(&mut Relay::default(), &[attached.blob], &mut |_, _| {}).unwrap();
    assert!(unsent.is_empty(), "{unsent:?}");
}

/// Somebody else's bytes under the same name: the server throws them away, and the upload begins again.
#[test]
fn blb_06_an_upload_that_was_spoiled_begins_again() {
    let mut scene = Scene::new();
    let attached = scene.attach("scan", &content(100_000));
    for spoiled in [10, 500_000] {
        let mut relay = Relay::default();
        relay.parts.insert(attached.blob.to_string(), vec![0; spoiled]);
        scene.session.send_blobs(&mut relay, &[attached.blob], &mut |_, _| {}).unwrap();
        assert_eq!(relay.whole[&attached.blob.to_string()], fs::read(scene.sealed(attached.blob)).unwrap());
    }
}

#[test]
fn attachments_are_named_by_their_digits() {
    let blob = BlobId(core::array::from_fn(|n| n as u8 * 7));
    assert_eq!(blob_named(&blob.to_string()), Some(blob));
    assert_eq!(blob_named(&format!("{URL}{blob}")), Some(blob));
    for text in ["", "urn:wardbook:blob:", "Patient/p1", &"+".repeat(64), &"g".repeat(64), &"0".repeat(63)] {
        assert_eq!(blob_named(text), None, "{text}");
    }
    assert_eq!(new_key().id.get(14..15), Some("4"));
    assert!(matches!(new_key().id.get(19..20), Some("8" | "9" | "a" | "b")));
}
