//! Where the CPU time of a pull goes, for each entry: its phases one by one, over the entries that a device took.
//!
//! A pull does some things twice, because what comes from the server is checked before it is stored, and what is stored is
//! checked before it is shown: those are measured twice here too.

use crate::{Fallible, table, vaults};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use rustix::time::{ClockId, clock_gettime};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::ops::Deref;
use std::path::Path;
use std::time::Duration;
use wardbook_client::Vault;
use wardbook_core::body::{Body, VersionRef};
use wardbook_core::chart::{Arrival, ChartLog, KeyHolder, open_chart_keys};
use wardbook_core::directory::Directory;
use wardbook_core::envelope::{self, Context, Kind as BoxKind};
use wardbook_core::keyring::Keyring;
use wardbook_core::keys::{ChartKey, SiteKey};
use wardbook_core::password::Password;
use wardbook_core::slots::{self, Unlock};
use wardbook_record::cover::Cover;
use wardbook_record::json::Json;
use wardbook_record::resource::{ResourceKey, is_id, is_kind};
use wardbook_record::versions::{Version, Versions};
use wardbook_store::{Batch, Kind, Row, Store};
use wardbook_wire::entry::VerifiedEntry;
use wardbook_wire::exchange::{ANSWER_BYTES, ANSWER_BYTES_MAX, CallerStanding, SyncAnswer};
use wardbook_wire::log::{Item, KeyringObject, Leaf, LeafKind, ObjectBytes, Range};
use wardbook_wire::request::{Challenge, Request};
use wardbook_wire::slot::{Slot, SlotKind};
use wardbook_wire::{ChartId, Entry, EntryId, Unverified, strict};

const RUNS: usize = 3;
/// The place of an entry in the log, which the client stores before it: `index(8) ‖ late(1) ‖ position(8)`.
const PLACE_BYTES: usize = 17;
/// Where the client keeps the site key, for want of a key store, and how much of the file is the key.
const SITE_KEY: &str = "site.key";
const SITE_KEY_BYTES: usize = 32;
/// One chart key with its name, and who has access, about: what the client keeps for each chart under the keyring key.
const KEPT_BYTES: usize = 110;
/// Charts whose lists are written at once, as `client::sync` does it.
const CHARTS_AT_ONCE: usize = 200;
/// Takes as many bytes as any time of these years.
const NOW_MS: i64 = 1_790_000_000_000;
const STRANGE: &str = "a row of an entry is not as this measurement knows it";

/// CPU time of this thread so far, in user and kernel mode.
pub fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[derive(Clone, Copy, Default)]
struct Phases {
    decode: Duration,
    verify: Duration,
    rights: Duration,
    open: Duration,
    parse: Duration,
    merge: Duration,
    list: Duration,
    store: Duration,
}

impl Phases {
    fn total(&self) -> Duration {
        self.decode + self.verify + self.rights + self.open + self.parse + self.merge + self.list + self.store
    }
}

/// `vault` is the folder of a device of `user` that has only pulled, and `pull` the CPU time that this took its thread.
pub fn measure(vault: &Path, user: &str, scratch: &Path, pull: Duration) -> Fallible<()> {
    let taken = Taken::read(vault, user)?;
    let mut best = None::<Phases>;
    for run in 1..=RUNS {
        eprintln!("network: phases of the pull, run {run} of {RUNS}");
        let phases = taken.phases(&scratch.join(format!("pull-{run}")))?;
        if best.is_none_or(|best| phases.total() < best.total()) {
            best = Some(phases);
        }
    }
    let best = best.unwrap_or_default();
    let count = taken.parts.iter().map(|part| part.rows.len()).sum::<usize>();
    let line = |name: &str, time: Duration| {
        let each = format!("{:.1}", time.as_secs_f64() * 1e6 / count as f64);
        let share = format!("{:.0} %", 100.0 * time.as_secs_f64() / pull.as_secs_f64());
        table::row([name, &each, &share])
    };
    let rows = [
        line("decode (twice), leaf hash", best.decode),
        line("verify the signature (twice)", best.verify),
        line("check the right, in the causal past", best.rights),
        line("open the box (HKDF, AES-256-GCM), with the chart's key", best.open),
        line("inflate, parse JSON", best.parse),
        line("merge: versions to view", best.merge),
        line("cover for list and search", best.list),
        line("store: both copies, and read back", best.store),
        line("the rest: TLS, HTTP, checkpoints, state of the sync", pull.saturating_sub(best.total())),
        line("the whole pull", pull),
    ];
    let title = format!("CPU time of the pull for each of its {count} entries, on the device that pulls");
    table::print(&title, &["phase", "µs per entry", "share of the pull's CPU time"], &rows);
    Ok(())
}

/// What a device took, in the order of the log.
struct Taken {
    directory: Directory,
    ring: Keyring,
    parts: Vec<Part>,
    /// Stands for the keys that covers and kept keys are sealed under.
    key: ChartKey,
}

/// As much as one answer brings.
struct Part {
    rows: Vec<Row>,
    /// As the server gave it, but for the times at which it took the entries, and for what is not of an entry.
    answer: Vec<u8>,
}

/// A version of a resource, out of its entry.
struct Parsed {
    chart: ChartId,
    key: ResourceKey,
    version: Version<VersionRef>,
}

type Resources = BTreeMap<ResourceKey, Versions<VersionRef>>;

/// What is written for the list of charts.
struct Listed {
    chart: ChartId,
    cover: Vec<u8>,
    kept: Vec<u8>,
}

impl Taken {
    fn read(folder: &Path, user: &str) -> Fallible<Self> {
        let directory = Vault::open(folder)?.directory().clone();
        let store = Store::open(folder)?;
        let ring = open_keyring(folder, &store, &directory, user)?;
        let mut rows = store.list_all(Kind::Entry)?;
        rows.sort_by_key(|row| row.value.first_chunk::<8>().copied());

        let (mut divided, mut rows_of_part, mut bytes) = (Vec::new(), Vec::new(), 0);
        for row in rows {
            bytes += row.value.len() as u64;
            if bytes > ANSWER_BYTES && !rows_of_part.is_empty() {
                divided.push(std::mem::take(&mut rows_of_part));
                bytes = row.value.len() as u64;
            }
            rows_of_part.push(row);
        }
        divided.push(rows_of_part);
        let (mut parts, mut counts) = (Vec::new(), BTreeMap::new());
        for rows in divided {
            let answer = answer(&rows, &mut counts)?;
            parts.push(Part { rows, answer });
        }
        Ok(Self { directory, ring, parts, key: ChartKey::generate(&mut UnwrapErr(SysRng)) })
    }

    /// What each phase makes is freed within its time, as it is in a pull.
    fn phases(&self, folder: &Path) -> Fallible<Phases> {
        let mut phases = Phases::default();
        let (entries, time) = timed(|| self.decode())?;
        phases.decode = time;

        let ((), first) = timed(|| {
            for entry in &entries {
                black_box(self.verify(entry.clone())?);
            }
            Ok(())
        })?;
        let copies = entries.clone();
        let (verified, again) =
            timed(|| copies.into_iter().map(|entry| self.verify(entry)).collect::<Fallible<Vec<_>>>())?;
        drop(verified);
        phases.verify = first + again;

        // The log checks the signature itself: what it takes beyond that is the rest of its rules.
        let (logs, time) = timed(|| self.judge(entries))?;
        phases.rights = time.saturating_sub(again);

        let (opened, time) = timed(|| self.open(&logs))?;
        phases.open = time;
        let (parsed, time) = timed(|| parse(&opened))?;
        phases.parse = time;
        phases.open += freed(opened);
        phases.decode += freed(logs);

        let (charts, time) = timed(|| Ok(merge(parsed)))?;
        phases.merge = time;
        let (listed, time) = timed(|| self.list(&charts))?;
        phases.list = time;
        // Nearly all of it are trees of JSON.
        phases.parse += freed(charts);

        let store = Store::create(folder)?;
        let ((), time) = timed(|| self.store(&store, &listed))?;
        phases.store = time;
        drop(store);
        std::fs::remove_dir_all(folder)?;
        Ok(phases)
    }

    /// Each entry is decoded when it is taken, and again when its chart is listed.
    fn decode(&self) -> Fallible<Vec<Entry>> {
        let (mut range, mut entries) = (Range::default(), Vec::new());
        for part in &self.parts {
            let answer: SyncAnswer = strict::decode(&part.answer, ANSWER_BYTES_MAX)?;
            for item in &answer.items {
                let Item::Leaf { leaf, object: Some(object) } = item else { continue };
                range.push_leaf(leaf);
                black_box(Entry::decode(&object.0)?);
                entries.push(Entry::decode(&object.0)?);
            }
        }
        black_box(range.root());
        Ok(entries)
    }

    fn verify(&self, entry: Entry) -> Fallible<VerifiedEntry> {
        let header = entry.peek();
        let position = self.directory.position(&header.directory).ok_or("an entry knows more of the directory")?;
        let author = self.directory.member(&header.author).ok_or("an entry is of a stranger")?;
        Ok(entry.verify(author.verify_key_at(position))?)
    }

    fn judge(&self, entries: Vec<Entry>) -> Fallible<BTreeMap<ChartId, ChartLog>> {
        let arrived = Arrival::at(self.directory.now());
        let mut logs = BTreeMap::new();
        for entry in entries {
            let chart = entry.chart();
            let log = logs.entry(chart).or_insert_with(|| ChartLog::new(chart));
            log.insert(&self.directory, entry, arrived)?;
        }
        Ok(logs)
    }

    /// As `core::chart::open_body` does it, which also unpacks what it opens.
    fn open<'a>(
        &self,
        logs: &'a BTreeMap<ChartId, ChartLog>,
    ) -> Fallible<Vec<(&'a VerifiedEntry, impl Deref<Target = Vec<u8>> + use<'a>)>> {
        let (org, ring) = (self.directory.org(), &self.ring);
        let holder = KeyHolder {
            member: ring.member,
            sealing: &ring.keys.sealing,
            earlier: &ring.earlier,
            teams: &ring.teams,
        };
        let mut opened = Vec::new();
        for log in logs.values() {
            let mut keys = BTreeMap::new();
            open_chart_keys(log, org, holder, &mut keys);
            for (entry, _) in log.entries() {
                let header = entry.header();
                let key = keys.get(&header.key).filter(|key| key.check() == header.key);
                let key = key.ok_or("the key of a chart does not open")?;
                let id = Request::digest(&strict::encode(header));
                let context = Context { org, kind: BoxKind::EntryBody, id: &id, epoch: header.epoch, position: 0 };
                opened.push((entry, envelope::open(key, &context, entry.body())?));
            }
        }
        Ok(opened)
    }

    /// Covers as the client makes them, with the member's keys of each chart in a box beside.
    fn list(&self, charts: &BTreeMap<ChartId, Resources>) -> Fallible<Vec<Listed>> {
        let (org, mut rng) = (self.directory.org(), UnwrapErr(SysRng));
        let mut listed = Vec::new();
        for (chart, resources) in charts {
            let patients: Vec<_> =
                shown(resources).filter(|(key, _)| key.kind == "Patient").map(|(_, json)| json).collect();
            let cover = Cover::of(patients.iter().map(Cow::as_ref), u32::try_from(shown(resources).count())?);
            let identifiers: Vec<_> =
                cover.identifiers.into_iter().map(|held| (held.system, held.value, held.label)).collect();
            let sheet = strict::encode(&(
                cover.patient_ids,
                cover.names,
                cover.birth_date,
                cover.gender,
                identifiers,
                cover.deceased,
                cover.resources,
                u32::try_from(conflicts(resources))?,
            ));
            let context = |kind| Context { org, kind, id: chart.as_bytes(), epoch: 0, position: 0 };
            let cover = envelope::seal(&self.key, &context(BoxKind::Cover), &sheet, &mut rng);
            let kept = envelope::seal(&self.key, &context(BoxKind::ChartKeyCache), &[0; KEPT_BYTES], &mut rng);
            listed.push(Listed { chart: *chart, cover, kept });
        }
        Ok(listed)
    }

    /// What a pull reads and writes of entries and lists.
    fn store(&self, store: &Store, listed: &[Listed]) -> Fallible<()> {
        for part in &self.parts {
            let (mut batch, mut counts) = (Batch::new(), BTreeMap::<&[u8], u64>::new());
            for Row { owner, key, value } in &part.rows {
                let count = match counts.get(owner.as_slice()) {
                    Some(count) => *count,
                    None => {
                        let held = store.get(Kind::Stream, &[], owner)?;
                        held.and_then(|row| row.first_chunk().copied()).map_or(0, u64::from_be_bytes)
                    }
                };
                counts.insert(owner.as_slice(), count + 1);
                black_box(store.get(Kind::Entry, owner, key)?);
                batch.put(Kind::Entry, owner, key, value.clone());
                batch.delete(Kind::Pending, owner, key);
                batch.delete(Kind::Outbox, owner, key);
            }
            for (chart, count) in counts {
                batch.delete(Kind::Cover, &[], chart);
                batch.put(Kind::Stream, &[], chart, count.to_be_bytes().to_vec());
            }
            store.commit(&batch)?;
        }
        let mut batch = Batch::new();
        for (number, Listed { chart, cover, kept }) in (1..).zip(listed) {
            black_box(store.list(Kind::Entry, chart.as_bytes())?);
            batch.put(Kind::Cover, &[], chart.as_bytes(), cover.clone());
            batch.put(Kind::ChartKeys, self.ring.member.as_bytes(), chart.as_bytes(), kept.clone());
            if number % CHARTS_AT_ONCE == 0 {
                store.commit(&std::mem::take(&mut batch))?;
            }
        }
        Ok(store.commit(&batch)?)
    }
}

/// Opens a member's keyring with the password, as an unlock does.
fn open_keyring(folder: &Path, store: &Store, directory: &Directory, user: &str) -> Fallible<Keyring> {
    let file = std::fs::read(folder.join(SITE_KEY))?;
    let site = file.get(..SITE_KEY_BYTES).and_then(SiteKey::from_slice).ok_or("the site key is not in its file")?;
    let lookup = slots::lookup(&site, SlotKind::Password, user);
    let bytes = store.get(Kind::Slot, &[], &lookup.0)?.ok_or("the device has no slot of this user")?;
    let slot = Unverified::<Slot>::decode(&bytes)?;
    let member = directory.member(&slot.peek().member).ok_or("the slot is of a stranger")?;
    let slot = slot.verify(&member.verify_key)?;
    let password = Password::new(vaults::password().expose())?;
    let key = slots::open(&slot, &site, &Unlock::Password(&password))?;
    let bytes = store.get(Kind::Keyring, &[], member.id.as_bytes())?.ok_or("the device has no keyring of this user")?;
    let ring = Unverified::<KeyringObject>::decode(&bytes)?.verify(&member.verify_key)?;
    Ok(Keyring::open(&key, directory.org(), member.id, &ring.sealed)?)
}

/// `counts` has the leaves of each chart so far.
fn answer(rows: &[Row], counts: &mut BTreeMap<ChartId, u64>) -> Fallible<Vec<u8>> {
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let chart = ChartId::from_slice(&row.owner).ok_or(STRANGE)?;
        let id = EntryId::from_slice(&row.key).ok_or(STRANGE)?;
        let bytes = row.value.get(PLACE_BYTES..).ok_or(STRANGE)?;
        let seq = counts.entry(chart).or_default();
        *seq += 1;
        let (kind, stream) = (LeafKind::Entry, chart.into());
        let leaf = Leaf { kind, id: id.0, stream, seq: *seq, received_ms: NOW_MS, late: false };
        items.push(Item::Leaf { leaf, object: Some(ObjectBytes(bytes.to_vec())) });
    }
    Ok(strict::encode(&SyncAnswer {
        standing: CallerStanding::Enrolled,
        outcomes: Vec::new(),
        items,
        rest: Vec::new(),
        checkpoint: String::new(),
        lease: None,
        challenge: Challenge([0; 24]),
        now_ms: NOW_MS,
    }))
}

fn parse(opened: &[(&VerifiedEntry, impl Deref<Target = Vec<u8>>)]) -> Fallible<Vec<Parsed>> {
    let mut parsed = Vec::new();
    for (entry, packed) in opened {
        for (index, change) in (0..).zip(Body::decode(packed.as_slice())?.changes) {
            // The first change of a chart says what the chart is for.
            if !is_kind(&change.kind) || !is_id(&change.id) {
                continue;
            }
            let content = change.content.map(|content| Json::parse(&content.0)).transpose()?;
            let id = VersionRef { entry: entry.id(), index };
            let key = ResourceKey { kind: change.kind, id: change.id };
            parsed.push(Parsed { chart: entry.chart(), key, version: Version { id, bases: change.bases, content } });
        }
    }
    Ok(parsed)
}

fn merge(parsed: Vec<Parsed>) -> BTreeMap<ChartId, Resources> {
    let mut charts = BTreeMap::<ChartId, Resources>::new();
    for Parsed { chart, key, version } in parsed {
        charts.entry(chart).or_default().entry(key).or_default().insert(version);
    }
    // The report of a sync counts conflicts.
    black_box(charts.values().map(conflicts).sum::<usize>());
    charts
}

fn shown(resources: &Resources) -> impl Iterator<Item = (&ResourceKey, Cow<'_, Json>)> {
    resources.iter().filter_map(|(key, versions)| Some((key, versions.view().content?)))
}

fn conflicts(resources: &Resources) -> usize {
    resources.values().map(|versions| versions.view().conflicts.len()).sum()
}

fn timed<T>(work: impl FnOnce() -> Fallible<T>) -> Fallible<(T, Duration)> {
    let start = thread_time();
    let done = work()?;
    Ok((done, thread_time().saturating_sub(start)))
}

fn freed<T>(value: T) -> Duration {
    let start = thread_time();
    drop(value);
    thread_time().saturating_sub(start)
}
