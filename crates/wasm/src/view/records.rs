//! The resources of one chart as they stand, with the names of what they refer to.
//!
//! A summary tells lines and not which resource each is of. Here each resource is summarised by itself, by the same
//! functions of `record`, so that a line and what stands behind it stay together.

use super::held;
use crate::clock;
use crate::failure::Outcome;
use crate::types::{Delivery, Held};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use wardbook_client::record::home::references;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::{ResourceKey, full_url_or_default};
use wardbook_client::record::summary::{Summary, summarise};
use wardbook_client::{Chart, ChartId, ChartRole, Session};

/// One chart, for reading.
pub struct Records<'a> {
    pub chart: &'a Chart,
    pub today: Date,
    rows: &'a [(&'a ResourceKey, &'a Json)],
    by_key: HashMap<(&'a str, &'a str), &'a Json>,
    by_id: HashMap<&'a str, &'a Json>,
    shared: &'a HashMap<String, Json>,
    held: &'a HashMap<ResourceKey, Held>,
}

/// Reads a chart.
///
/// # Errors
/// As [`Session::chart`].
pub fn read<T>(session: &mut Session, id: ChartId, look: impl FnOnce(&Records<'_>) -> T) -> Outcome<T> {
    let shared = shared_with(session, id)?;
    let held = held::of_chart(session, id)?;
    let chart = session.chart(id)?;
    let resources: Vec<_> = chart.resources().collect();
    let rows: Vec<(&ResourceKey, &Json)> = resources.iter().map(|(key, json)| (*key, json.as_ref())).collect();
    let records = Records {
        chart,
        today: clock::today(),
        by_key: rows.iter().map(|(key, json)| ((key.kind.as_str(), key.id.as_str()), *json)).collect(),
        by_id: rows.iter().map(|(key, json)| (key.id.as_str(), *json)).collect(),
        rows: &rows,
        shared: &shared,
        held: &held,
    };
    Ok(look(&records))
}

impl<'a> Records<'a> {
    pub fn all(&self) -> impl Iterator<Item = (&'a ResourceKey, &'a Json)> {
        self.rows.iter().copied()
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&'a ResourceKey, &'a Json)> {
        self.all().filter(move |(key, _)| key.kind == kind)
    }

    pub fn held(&self, key: &ResourceKey) -> Held {
        let unknown = || Held {
            key: key.to_string(),
            delivery: Delivery::Here,
            author: String::new(),
            written_ms: 0.0,
            conflicts: 0,
        };
        self.held.get(key).cloned().unwrap_or_else(unknown)
    }

    /// Resources of which something has not reached the server.
    pub fn unsent(&self) -> usize {
        self.held.values().filter(|held| held.delivery <= Delivery::Here).count()
    }

    /// The whole chart.
    pub fn summary(&self) -> Summary {
        summarise(self.all(), &|reference| self.find(reference), self.today)
    }

    /// One resource, or a part of one that is built like it.
    pub fn alone<'b>(&self, key: &'b ResourceKey, json: &'b Json) -> Summary
    where
        'a: 'b,
    {
        summarise(std::iter::once((key, json)), &|reference| -> Option<&'b Json> { self.find(reference) }, self.today)
    }

    /// What a reference points at, in this chart or in the organisation's own.
    fn find(&self, reference: &str) -> Option<&'a Json> {
        let unversioned = reference.split("/_history/").next().unwrap_or(reference);
        let held = match reference.strip_prefix("urn:uuid:") {
            Some(id) => self.by_id.get(id),
            None => unversioned.split_once('/').and_then(|key| self.by_key.get(&key)),
        };
        held.copied().or_else(|| self.shared.get(reference)).or_else(|| self.shared.get(unversioned))
    }
}

/// Those resources of the organisation's own chart that a chart refers to, under both names that a reference may use.
fn shared_with(session: &mut Session, id: ChartId) -> Outcome<HashMap<String, Json>> {
    let resources = session.chart(id)?.resources();
    let wanted: HashSet<String> =
        resources.flat_map(|(_, json)| references(&json).into_iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    let mut shared = HashMap::new();
    // A member may be without it, where it has not come yet: then the display of a reference has to do.
    let Ok(organisation) = session.find_chart(ChartRole::Organisation.word()) else { return Ok(shared) };
    let chart = session.chart(organisation)?;
    for (key, json) in chart.resources() {
        for name in [key.to_string(), full_url_or_default(key, chart.full_url(key))] {
            if wanted.contains(&name) {
                shared.insert(name, json.clone().into_owned());
            }
        }
    }
    Ok(shared)
}
