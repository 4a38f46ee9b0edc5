//! What stands behind each line of a screen: the resource, who wrote it last, and how far it has come.

use crate::failure::Outcome;
use crate::ids;
use crate::js::{count, time};
use crate::types::{Delivery, Failure, Held};
use std::collections::HashMap;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::{ChartId, EntryId, MemberId, Session, VersionRef};

/// A resource with the versions that are shown, and how many elements of it are in conflict.
struct Current {
    key: ResourceKey,
    heads: Vec<VersionRef>,
    conflicts: usize,
}

/// For every resource of a chart that is not deleted.
///
/// # Errors
/// As [`Session::chart`].
pub fn of_chart(session: &mut Session, id: ChartId) -> Outcome<HashMap<ResourceKey, Held>> {
    let chart = session.chart(id)?;
    let keys: Vec<_> = chart.resources().map(|(key, _)| key.clone()).collect();
    let current = keys.into_iter().filter_map(|key| {
        let view = chart.view(&key)?;
        let (heads, conflicts) = (view.heads, view.conflicts.len());
        Some(Current { key, heads, conflicts })
    });
    let current: Vec<_> = current.collect();
    let mut behind = Behind::new(session, id)?;
    Ok(current.into_iter().map(|current| (current.key.clone(), behind.held(current))).collect())
}

/// For one resource, deleted or not.
///
/// # Errors
/// No such resource; as [`Session::chart`].
pub fn of_one(session: &mut Session, id: ChartId, key: &ResourceKey) -> Outcome<Held> {
    let view = session.chart(id)?.view(key).ok_or_else(|| Failure::not_found(&key.to_string()))?;
    let (heads, conflicts) = (view.heads, view.conflicts.len());
    Ok(Behind::new(session, id)?.held(Current { key: key.clone(), heads, conflicts }))
}

/// The versions that a resource shows now, as they travel.
pub fn versions(session: &Session, id: ChartId, key: &ResourceKey) -> Vec<String> {
    session.heads(id, key).iter().map(ids::version).collect()
}

/// Names and places that are looked up for one chart.
pub struct Behind<'a> {
    session: &'a Session,
    chart: ChartId,
    delivery: HashMap<EntryId, wardbook_client::Delivery>,
    names: HashMap<MemberId, String>,
}

impl<'a> Behind<'a> {
    /// # Errors
    /// The disk's.
    pub fn new(session: &'a Session, chart: ChartId) -> Outcome<Self> {
        Ok(Self { session, chart, delivery: session.delivery(chart)?, names: HashMap::new() })
    }

    /// A member's display name. Opening one costs a box, and few people write most of a chart.
    pub fn name(&mut self, member: &MemberId) -> String {
        let session = self.session;
        self.names.entry(*member).or_insert_with(|| session.member_name(member).1).clone()
    }

    pub fn delivery(&self, version: &VersionRef) -> Delivery {
        self.delivery.get(&version.entry).map_or(Delivery::Here, |held| (*held).into())
    }

    fn held(&mut self, current: Current) -> Held {
        let Current { key, heads, conflicts } = current;
        let made = heads.iter().filter_map(|head| self.session.made_by(self.chart, head));
        let latest = made.max_by_key(|(_, time_ms)| *time_ms);
        Held {
            key: key.to_string(),
            // The one of them that has come least far.
            delivery: heads.iter().map(|head| self.delivery(head)).min().unwrap_or(Delivery::Here),
            author: latest.map(|(author, _)| self.name(&author)).unwrap_or_default(),
            written_ms: latest.map_or(0.0, |(_, time_ms)| time(time_ms)),
            conflicts: count(conflicts),
        }
    }
}
