//! Everything in a chart by the time that it is about, newest first.

use super::chart::{in_order, written};
use super::plain::line_parts;
use super::records::read;
use crate::failure::Outcome;
use crate::js::count;
use crate::types::{Timeline, TimelineItem, TimelineQuery};
use std::cmp::Reverse;
use wardbook_client::record::summary::{is_entered_in_error, when_of};
use wardbook_client::{ChartId, Session};

/// The person and the form that others are filled in on are no events.
const NO_EVENTS: [&str; 2] = ["Patient", "Questionnaire"];

/// # Errors
/// No such chart, or no access to it; damage.
pub fn timeline(session: &mut Session, id: ChartId, query: &TimelineQuery) -> Outcome<Timeline> {
    read(session, id, |records| {
        let wanted = |kind: &str| match query.kinds.as_slice() {
            [] => !NO_EVENTS.contains(&kind),
            kinds => kinds.iter().any(|wanted| wanted == kind),
        };
        let mut rows = Vec::new();
        for (key, json) in records.all().filter(|(key, _)| wanted(&key.kind)) {
            rows.push((Reverse(when_of(json)), (key, json)));
        }
        let rows = in_order(rows);
        let (skip, most) = (query.skip as usize, query.most as usize);
        let more = count(rows.len().saturating_sub(skip.saturating_add(most)));
        // Only those that are shown are read.
        let shown = rows.into_iter().skip(skip).take(most);
        let items = shown.map(|(key, json)| TimelineItem {
            held: records.held(key),
            when: written(when_of(json).as_ref()),
            line: line_parts(key, Some(json)),
            entered_in_error: is_entered_in_error(json),
        });
        Timeline { items: items.collect(), more }
    })
}
