//! Proving that what this device holds is what the server's log says: every leaf of its charts, from the first on.

use super::alarms::AcknowledgedAlarm;
use super::short;
use super::take::fold;
use super::transport::Transport;
use crate::chart::split_entry_row;
use crate::{Error, Finding, Session};
use std::collections::BTreeMap;
use wardbook_store::Kind;
use wardbook_wire::ChartId;
use wardbook_wire::checkpoint::Checkpoint;
use wardbook_wire::exchange::{HistoryAnswer, HistoryRequest, SyncAnswer, SyncRequest};
use wardbook_wire::log::{Item, LeafKind, Range};

/// What is left to do where rows do not agree with a log that the server has signed.
const CHANGED: &str = "the files of this device were changed. Run `wardbook sync`, so that nothing is lost that waits here, \
     enrol it anew in an empty folder (`wardbook invite --device-only`), and keep this folder for whoever looks into it";

/// What a check against the server found.
#[derive(Clone, Debug, Default)]
pub struct ServerVerification {
    /// Leaves of the log, as this device knows it.
    pub size: u64,
    /// Leaves of the log, as the server has it now; the device's is proven to be its beginning.
    pub server_size: u64,
    /// The server's signed note.
    pub checkpoint: String,
    /// Entries whose place in the log was proven.
    pub proven: u64,
    /// Entries that have not been handed in yet.
    pub unsent: usize,
    pub findings: Vec<Finding>,
    /// Alarms that are no finding any more.
    pub acknowledged: Vec<AcknowledgedAlarm>,
}

impl Session {
    /// Checks everything that this device holds against the server's log. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Offline`]; [`Error::Cheat`] where the server contradicts what it signed.
    pub fn verify_server(
        &mut self,
        link: &mut dyn Transport,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<ServerVerification, Error> {
        let state = self.vault.sync_mut()?.state.clone();
        let mut done = ServerVerification { size: state.range.size(), ..ServerVerification::default() };
        let alarms = state.open_alarms().map(|alarm| finding("the log", &alarm.what));
        done.findings.extend(alarms);
        done.acknowledged = self.acknowledged_alarms()?;
        done.unsent = self.vault.unsent()?;
        self.prove_consistency(link, &mut done)?;
        // What this device holds, by its place in the log.
        let mut held = BTreeMap::new();
        for chart in self.vault.store.owners(Kind::Entry)? {
            for row in self.vault.store.list(Kind::Entry, &chart)? {
                let Ok((place, _)) = split_entry_row(&row.value) else { continue };
                if let (Some(index), Some(chart)) = (place.index, ChartId::from_slice(&chart)) {
                    held.insert(index, (chart, row.key, place.arrival));
                }
            }
        }
        let mut charts: Vec<_> = held.values().map(|(chart, ..)| *chart).collect();
        charts.sort_unstable();
        charts.dedup();
        let mut range = Range::default();
        while range.size() < state.range.size() {
            let request = HistoryRequest {
                generation: state.generation,
                from: range.size(),
                to: state.range.size(),
                charts: charts.clone(),
                teams: Vec::new(),
                all: false,
            };
            let answer: HistoryAnswer = self.exchange(link, "history", &request)?;
            let before = range.size();
            for item in &answer.items {
                let index = range.size();
                match item {
                    Item::Skip(subtree) => fold(&mut range, std::slice::from_ref(subtree))?,
                    Item::Leaf { leaf, .. } => {
                        range.push_leaf(leaf);
                        if leaf.kind != LeafKind::Entry {
                            continue;
                        }
                        let short = short(&leaf.id);
                        match held.remove(&index) {
                            Some((chart, id, arrival)) if id == leaf.id && leaf.stream == chart.into() => {
                                done.proven += 1;
                                if arrival.late != leaf.late || arrival.position != state.position_at(index) {
                                    let reason =
                                        format!("it is kept under another time of arrival than the log has: {CHANGED}");
                                    done.findings.push(finding(&format!("entry {short}"), &reason));
                                }
                            }
                            Some(_) => done.findings.push(finding(
                                &format!("place {index} of the log"),
                                &format!("this device holds another entry for it: {CHANGED}"),
                            )),
                            None => done.findings.push(finding(
                                &format!("entry {short}"),
                                "it is in the log of a chart that this device holds, and missing here: leave the chart \
                                 out with `wardbook device caseload`, sync, take it in again, and sync",
                            )),
                        }
                    }
                }
            }
            if range.size() == before {
                return Err(Error::cheat("its log does not go on where it ended (LOG-03)"));
            }
            progress(range.size(), state.range.size());
        }
        if range != state.range {
            return Err(Error::cheat("its past is another one than this device has seen (LOG-03)"));
        }
        for (index, (_, id, _)) in held {
            let reason = format!("this device believes that it is in the log, and it is not: {CHANGED}");
            done.findings.push(finding(&format!("entry {} at place {index}", short(&id)), &reason));
        }
        Ok(done)
    }

    /// The log as this device knows it is the beginning of the server's, which the server has signed.
    fn prove_consistency(&mut self, link: &mut dyn Transport, done: &mut ServerVerification) -> Result<(), Error> {
        let state = &self.vault.sync_mut()?.state;
        let request = SyncRequest {
            generation: state.generation,
            point: state.range.point(),
            want: wardbook_wire::exchange::Want::Some { charts: Vec::new(), teams: Vec::new() },
            objects: Vec::new(),
            extensions: Vec::new(),
            lease: None,
            mine_too: false,
        };
        let mut range = state.range.clone();
        let generation = state.generation;
        let server = self.vault.directory.server().copied().ok_or_else(super::take::no_server)?;
        let asked: Result<SyncAnswer, Error> = self.exchange(link, "sync", &request);
        let answer = match asked {
            Err(Error::Server { code, detail }) => return Err(super::server_says(code, detail)),
            asked => asked?,
        };
        for item in &answer.items {
            match item {
                Item::Skip(subtree) => fold(&mut range, std::slice::from_ref(subtree))?,
                Item::Leaf { leaf, .. } => range.push_leaf(leaf),
            }
        }
        fold(&mut range, &answer.rest)?;
        let checkpoint = Checkpoint::open(&answer.checkpoint, self.vault.identity.org, generation, &server.key);
        let checkpoint = checkpoint.map_err(|error| Error::cheat(&error.to_string()))?; // LOG-01
        if checkpoint.point != range.point() {
            return Err(Error::cheat("its log is not the continuation of the one that this device has seen (LOG-03)"));
        }
        done.server_size = checkpoint.point.size;
        done.checkpoint = answer.checkpoint;
        Ok(())
    }
}

fn finding(what: &str, reason: &str) -> Finding {
    Finding { what: what.to_owned(), reason: reason.to_owned() }
}
