//! Reading a chart.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::{give, give_all};
use crate::types::{ChartPage, HistoryItem, Note, NoteLine, Series, Timeline, TimelineQuery};
use crate::view;
use tsify::Ts;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
impl Engine {
    /// Its page; it is among those opened lately then.
    pub fn chart(&mut self, chart: &str) -> Outcome<Ts<ChartPage>> {
        let id = ids::chart(chart)?;
        let page = self.with(|session| view::chart::page(session, id))?;
        // A full disk is no reason not to read.
        let _ = self.note_opened(id);
        give(&page)
    }

    /// All observations, by kind.
    pub fn series(&mut self, chart: &str) -> Outcome<Vec<Ts<Series>>> {
        let id = ids::chart(chart)?;
        give_all(&self.with(|session| view::observations::series(session, id))?)
    }

    pub fn timeline(&mut self, chart: &str, query: Ts<TimelineQuery>) -> Outcome<Ts<Timeline>> {
        let (id, query) = (ids::chart(chart)?, query.to_rust()?);
        give(&self.with(|session| view::timeline::timeline(session, id, &query))?)
    }

    pub fn notes(&mut self, chart: &str) -> Outcome<Vec<Ts<NoteLine>>> {
        let id = ids::chart(chart)?;
        give_all(&self.with(|session| view::notes::lines(session, id))?)
    }

    /// One note as a whole. Its XHTML is the record's: whoever shows it takes out what could act.
    pub fn note(&mut self, chart: &str, key: &str) -> Outcome<Ts<Note>> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        give(&self.with(|session| view::notes::note(session, id, &key))?)
    }

    /// Every version of a resource, oldest first.
    pub fn history(&mut self, chart: &str, key: &str) -> Outcome<Vec<Ts<HistoryItem>>> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        give_all(&self.with(|session| view::history::history(session, id, &key))?)
    }
}
