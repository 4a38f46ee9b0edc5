//! What must hold, after a write and when everything has come to rest.

use crate::Failure;
use crate::access::holders;
use crate::model::{HeldEntry, Written};
use crate::world::World;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use wardbook_client::world::Reached;
use wardbook_client::{ChartId, Error, Session};
use wardbook_core::chart::Standing;
use wardbook_store::{Kind, memory};
use wardbook_wire::directory::Directory;
use wardbook_wire::{EntryId, EntryKind, Grantee, MemberId};

/// Bytes before an entry on disk: its index in the log, whether it came late, the directory then.
const PLACE_BYTES: usize = 17;
/// People whose access is compared with the model.
const PEOPLE_CHECKED: usize = 5;
/// Beyond so many devices only one person's view is compared on each.
const FEW_DEVICES: usize = 20;

/// Entries of each chart with their places, in the order of the log.
type Log = BTreeMap<Vec<u8>, Vec<(Vec<u8>, Vec<u8>)>>;
/// What a person sees of each chart.
type Views = BTreeMap<ChartId, [u8; 32]>;

impl World {
    /// I2, right after a write: nobody who has lost the chart can open it, by the headers alone.
    pub fn check_rekeyed(&mut self, device: usize, person: usize, chart: usize) -> Result<(), Failure> {
        let Some(held) = self.model.charts.get(chart).filter(|chart| !chart.disputed) else { return Ok(()) };
        let Some(last) = self.model.ledger.last().map(|written| written.entry) else { return Ok(()) };
        let (id, entries) = (held.id, self.entries_of(device, held.id));
        let Some(key) = entries.iter().find(|entry| entry.id == last).map(|entry| entry.header.key) else {
            return Ok(());
        };
        let wrong = self.attempt(device, person, "look", |session| {
            let (_, reached) = session.reach(id)?;
            if entries.iter().any(|entry| entry.late) || !all_count(&reached, entries.len()) {
                return Ok(Vec::new());
            }
            let able = holders(&entries, session.vault().directory()).remove(&key).unwrap_or_default();
            let mut wrong = Vec::new();
            for member in able {
                if session.access_left(id, member)?.is_none() {
                    wrong.push(member);
                }
            }
            Ok(wrong)
        })?;
        match wrong.unwrap_or_default().first() {
            Some(member) => Err(Failure::new(
                "I2",
                format!(
                    "device {device} wrote entry {last} under a key that member {member} holds, who has lost the chart"
                ),
            )),
            None => Ok(()),
        }
    }

    pub fn check_at_rest(&mut self) -> Result<(), Failure> {
        self.check_ledger()?;
        self.check_logs()?;
        self.check_views()?;
        self.check_charts()?;
        self.check_access()?;
        self.check_vaults()
    }

    /// I1: what was acknowledged is in the server's log, where the witness has it from.
    fn check_ledger(&mut self) -> Result<(), Failure> {
        let log = self.log_of(self.witness);
        let logged: BTreeSet<&[u8]> = log.values().flatten().map(|(_, id)| id.as_slice()).collect();
        let caught = |written: &Written| self.devices.get(written.device).is_some_and(|device| device.caught);
        let missing = self.model.ledger.iter().find(|written| {
            written.required && !caught(written) && !logged.contains(written.entry.as_bytes().as_slice())
        });
        match missing {
            Some(written) => Err(Failure::new(
                "I1",
                format!("entry {} of device {} ({}) is not in the log", written.entry, written.device, written.key),
            )),
            None => Ok(()),
        }
    }

    /// I1, I3: every device has the same entries in the same places, and nothing left to hand in.
    fn check_logs(&mut self) -> Result<(), Failure> {
        let expected = self.log_of(self.witness);
        for number in self.honest() {
            let log = self.log_of(number);
            let picky = self.devices.get(number).is_some_and(|device| device.picky);
            for (chart, entries) in &log {
                if expected.get(chart) != Some(entries) {
                    for (name, entries) in [("here", Some(entries)), ("witness", expected.get(chart))] {
                        for (place, id) in entries.into_iter().flatten() {
                            eprintln!("{name} {} {}", hex17(place), hex(id));
                        }
                    }
                    return Err(Failure::new("I3", format!("device {number} has another log of chart {}", hex(chart))));
                }
            }
            if let Some((chart, _)) = expected.iter().find(|(chart, _)| !picky && !log.contains_key(*chart)) {
                return Err(Failure::new("I3", format!("device {number} does not hold chart {}", hex(chart))));
            }
            let folder = self.devices.get(number).map(|device| device.folder.clone()).unwrap_or_default();
            let waiting = memory::all_rows(&folder, Kind::Outbox);
            if let Some(row) = waiting.iter().find(|row| !row.owner.is_empty() || row.value.is_empty()) {
                let detail =
                    format!("device {number} still has something to hand in: {} {:?}", hex(&row.key), row.value);
                return Err(Failure::new("I1", detail));
            }
        }
        Ok(())
    }

    /// I3: the same person sees the same on every device.
    fn check_views(&mut self) -> Result<(), Failure> {
        let other = 4 + usize::try_from(self.chance.below(self.people.len() as u64 - 4)).unwrap_or(0);
        let witness = self.witness;
        for person in [0, other] {
            if person != 0 && self.devices.len() > FEW_DEVICES {
                continue;
            }
            let Some(expected) = self.attempt(witness, person, "view", views)? else { continue };
            for number in self.honest() {
                let Some(seen) = self.attempt(number, person, "view", views)? else {
                    return Err(Failure::new("I3", format!("device {number} does not open for person {person}")));
                };
                let picky = self.devices.get(number).is_some_and(|device| device.picky);
                let differs = seen.iter().any(|(chart, view)| expected.get(chart) != Some(view));
                let lacks = expected.keys().any(|chart| !seen.contains_key(chart));
                if differs || (lacks && !picky) {
                    return Err(Failure::new("I3", format!("device {number} shows person {person} something else")));
                }
            }
        }
        Ok(())
    }

    /// I1: where nothing can have been quarantined, everything counts, and each write is in the history of its resource.
    fn check_charts(&mut self) -> Result<(), Failure> {
        for at in 0..self.model.charts.len() {
            let Some(chart) = self.model.charts.get(at) else { continue };
            let (id, witness) = (chart.id, self.witness);
            let entries = self.entries_of(witness, id);
            let late = entries.iter().any(|entry| entry.late);
            let explained = chart.disputed || chart.narrowed || self.model.losses || self.restored || late;
            let reached = self.attempt(witness, 0, "look", |session| session.reach(id))?;
            let reached = reached.map(|(_, reached)| reached).unwrap_or_default();
            self.report.quarantined +=
                reached.iter().filter(|held| held.standing == Standing::Quarantined).count() as u64;
            if !all_count(&reached, entries.len()) {
                if explained || self.options.attack.is_some() {
                    continue;
                }
                return Err(Failure::new(
                    "I1",
                    format!("an entry of chart {id} does not count, and nobody has lost anything"),
                ));
            }
            self.check_histories(at, id)?;
        }
        Ok(())
    }

    fn check_histories(&mut self, at: usize, id: ChartId) -> Result<(), Failure> {
        let witness = self.witness;
        let written: Vec<_> =
            self.model.ledger.iter().filter(|written| written.chart == at && written.required).cloned().collect();
        for person in 0..self.people.len() {
            let missing = self.attempt(witness, person, "history", |session| {
                let chart = session.chart(id)?;
                let conflicts = chart.conflicts().len();
                let missing = written.iter().find(|written| !is_in_history(chart, written)).cloned();
                Ok((missing, conflicts))
            })?;
            let Some((missing, conflicts)) = missing else { continue };
            self.report.conflicts += conflicts as u64;
            let caught = |written: &Written| self.devices.get(written.device).is_some_and(|device| device.caught);
            return match missing.filter(|written| !caught(written)) {
                Some(written) => {
                    let detail = format!("what entry {} wrote is not in the history of {}", written.entry, written.key);
                    Err(Failure::new("I1", detail))
                }
                None => Ok(()),
            };
        }
        Ok(())
    }

    /// I2: everybody opens what they were given and nothing else.
    fn check_access(&mut self) -> Result<(), Failure> {
        let witness = self.witness;
        for _ in 0..PEOPLE_CHECKED {
            let person = usize::try_from(self.chance.below(self.people.len() as u64)).unwrap_or(0);
            let Some(me) = self.people.get(person).map(|person| person.member) else { continue };
            for at in 0..self.model.charts.len() {
                let Some(chart) = self.model.charts.get(at) else { continue };
                let (id, grants) = (chart.id, chart.grants.keys().copied().collect::<Vec<_>>());
                let entries = self.entries_of(witness, id);
                let complete = chart.turns.iter().all(|turn| entries.iter().any(|entry| entry.id == *turn));
                let decided = complete && !chart.disputed;
                let looked = self.attempt(witness, person, "look", |session| {
                    let directory = session.vault().directory();
                    let expected = may_read(&grants, directory, me);
                    let able = holders(&entries, directory);
                    let (may, reached) = session.reach(id)?;
                    Ok((expected, able, may, reached))
                })?;
                let Some((expected, able, may, reached)) = looked else { continue };
                self.report.access_checks += 1;
                let key_of = |id: &EntryId| entries.iter().find(|entry| entry.id == *id).map(|entry| entry.header.key);
                let given = |held: &Reached| {
                    key_of(&held.entry).and_then(|key| able.get(&key)).is_some_and(|able| able.contains(&me))
                };
                if let Some(held) = reached.iter().find(|held| held.opened && !given(held)) {
                    let detail =
                        format!("person {person} opens entry {} without having been given its key", held.entry);
                    return Err(Failure::new("I2", detail));
                }
                if !decided || !all_count(&reached, entries.len()) {
                    continue;
                }
                if may != expected {
                    let detail = format!("person {person} may read chart {id}: {may}; as it was given: {expected}");
                    return Err(Failure::new("I2", detail));
                }
                let closed = reached.iter().find(|held| !held.opened && is_record(&entries, &held.entry));
                if let Some(held) = closed.filter(|_| may) {
                    let detail = format!("person {person} may read chart {id} and cannot open entry {}", held.entry);
                    return Err(Failure::new("I2", detail));
                }
            }
        }
        Ok(())
    }

    /// I6.
    fn check_vaults(&mut self) -> Result<(), Failure> {
        for number in self.honest() {
            let verified = self.attempt(number, 0, "verify", |session| {
                // As a person would have: the list of charts is made when it is first looked at.
                session.all_charts()?;
                session.verify(&mut |_| {})
            })?;
            let Some(verified) = verified else {
                return Err(Failure::new("I6", format!("device {number} cannot be verified")));
            };
            // What rests on a quarantined entry is in the log and waits with it: that is no damage.
            let mut findings = verified.findings.iter().filter(|finding| !finding.reason.contains("ENT-14"));
            if let Some(finding) = findings.next() {
                let detail = format!("device {number}: {}: {}", finding.what, finding.reason);
                return Err(Failure::new("I6", detail));
            }
        }
        Ok(())
    }

    /// Devices that are in use and have not caught the server for good.
    fn honest(&self) -> Vec<usize> {
        let honest = self.devices.iter().filter(|device| !device.gone && !device.caught);
        honest.map(|device| device.number).collect()
    }

    fn entries_of(&self, device: usize, chart: ChartId) -> Vec<HeldEntry> {
        let rows = self.devices.get(device).map(|device| device.rows(chart)).unwrap_or_default();
        rows.iter().filter_map(HeldEntry::read).collect()
    }

    fn log_of(&self, device: usize) -> Log {
        let folder = self.devices.get(device).map(|device| device.folder.clone()).unwrap_or_default();
        let mut log = Log::new();
        for row in memory::all_rows(&folder, Kind::Entry) {
            let place = row.value.get(..PLACE_BYTES).unwrap_or_default().to_vec();
            log.entry(row.owner).or_default().push((place, row.key));
        }
        log.values_mut().for_each(|entries| entries.sort());
        log
    }
}

/// Every entry of a chart was taken and counts.
fn all_count(reached: &[Reached], entries: usize) -> bool {
    reached.len() == entries && reached.iter().all(|held| held.standing == Standing::Counts)
}

fn may_read(grants: &[Grantee], directory: &Directory, me: MemberId) -> bool {
    let now = directory.now();
    let mine = |grantee: &Grantee| match grantee {
        Grantee::Member(member) => *member == me,
        Grantee::Team(team) => directory.in_team_at(*team, me, now),
    };
    directory.role_at(me, now).is_some() && grants.iter().any(mine)
}

/// An officer who cannot read a chart settles what waits in it with an empty body.
fn is_record(entries: &[HeldEntry], id: &EntryId) -> bool {
    let settles = |kind| matches!(kind, EntryKind::Admit | EntryKind::Reject);
    entries.iter().any(|entry| entry.id == *id && !settles(entry.header.kind))
}

fn is_in_history(chart: &wardbook_client::Chart, written: &Written) -> bool {
    chart.history(&written.key).iter().any(|item| {
        let text = item.content.as_ref().map(|content| content.to_text()).unwrap_or_default();
        item.version.entry == written.entry && text.contains(&written.marker)
    })
}

/// What the person of a session sees, by chart.
fn views(session: &mut Session) -> Result<Views, Error> {
    let mut views = Views::new();
    let mut waiting: Vec<_> = session.quarantine()?.into_iter().map(|held| (held.chart, held.entry)).collect();
    waiting.sort_unstable();
    for found in session.all_charts()? {
        let chart = session.chart(found.chart)?;
        let mut hash = Sha256::new();
        for (key, json) in chart.resources() {
            hash.update(format!("{key} {}\n", json.to_text()));
        }
        for unresolved in chart.conflicts() {
            hash.update(format!("{} {:?}\n", unresolved.key, unresolved.conflicts));
        }
        for (_, entry) in waiting.iter().filter(|(chart, _)| *chart == found.chart) {
            hash.update(entry.as_bytes());
        }
        views.insert(found.chart, hash.finalize().into());
    }
    Ok(views)
}

fn hex17(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
