//! The resources of one chart as they stand, with the names of what they refer to.
//!
//! A summary tells lines and not which resource each is of. Here each resource is summarised by itself, by the same
//! functions of `record`, so that a line and what stands behind it stay together.

use super::held;
use crate::clock;
use crate::failure::Outcome;
use crate::types::{Delivery, Held};
use jiff::civil::Date;
use std::collections::HashMap;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary::{Summary, Targets, summarise};
use wardbook_client::{Chart, ChartId, Session};

/// One chart, for reading.
pub struct Records<'a> {
    pub chart: &'a Chart,
    pub today: Date,
    rows: &'a [(&'a ResourceKey, &'a Json)],
    targets: Targets<'a>,
    referred: &'a HashMap<String, Json>,
    held: &'a HashMap<ResourceKey, Held>,
}

/// Reads a chart.
///
/// # Errors
/// As [`Session::chart`].
pub fn read<T>(session: &mut Session, id: ChartId, look: impl FnOnce(&Records<'_>) -> T) -> Outcome<T> {
    let referred = session.referred(id)?;
    let held = held::of_chart(session, id)?;
    let chart = session.chart(id)?;
    let resources: Vec<_> = chart.resources().collect();
    let rows: Vec<(&ResourceKey, &Json)> = resources.iter().map(|(key, json)| (*key, json.as_ref())).collect();
    let records = Records {
        chart,
        today: clock::today(),
        targets: Targets::of(&rows),
        rows: &rows,
        referred: &referred,
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

    /// What an unversioned reference points at, in this chart or in the organisation's own.
    fn find(&self, reference: &str) -> Option<&'a Json> {
        self.targets.find(reference).or_else(|| self.referred.get(reference))
    }
}
