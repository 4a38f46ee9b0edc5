//! What a member has typed and not written yet, and which charts they opened lately: sealed under their own keys, on
//! this device only. A lock, a reload or a power cut takes none of it, and nobody else sees it.

use super::Engine;
use crate::failure::Outcome;
use crate::js::{give_all, time};
use crate::types::DraftLine;
use crate::view::patients::{recent_from, recent_with};
use tsify::Ts;
use wardbook_client::ChartId;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

/// What the page keeps, apart from what this file keeps for itself.
const TYPED: &str = "typed/";
const RECENT: &str = "recent charts";
/// Charts that are remembered as opened lately.
const RECENT_MAX: usize = 30;

#[wasm_bindgen]
impl Engine {
    /// Keeps a draft under a key of the page's choice, in place of the one that was there. Also where the lease has just
    /// ended.
    #[wasm_bindgen(js_name = "saveDraft")]
    pub fn save_draft(&mut self, key: &str, text: String) -> Outcome<()> {
        let text = Zeroizing::new(text);
        let kept = self.state.save_draft(&format!("{TYPED}{key}"), text.as_bytes());
        self.settle(kept)
    }

    pub fn draft(&mut self, key: &str) -> Outcome<Option<String>> {
        self.with(|session| {
            let held = session.draft(&format!("{TYPED}{key}"))?;
            Ok(held.map(|text| String::from_utf8_lossy(&text).into_owned()))
        })
    }

    /// Those of whoever has unlocked, the latest first.
    pub fn drafts(&mut self) -> Outcome<Vec<Ts<DraftLine>>> {
        let mut held = self.with(|session| Ok(session.drafts()?))?;
        held.sort_by_key(|draft| std::cmp::Reverse(draft.saved_ms));
        let typed = held.iter().filter_map(|draft| {
            let key = draft.key.strip_prefix(TYPED)?.to_owned();
            Some(DraftLine { key, saved_ms: time(draft.saved_ms) })
        });
        give_all(&typed.collect::<Vec<_>>())
    }

    #[wasm_bindgen(js_name = "dropDraft")]
    pub fn drop_draft(&mut self, key: &str) -> Outcome<()> {
        self.with(|session| Ok(session.drop_draft(&format!("{TYPED}{key}"))?))
    }
}

impl Engine {
    /// Charts that this member opened lately, the latest first; ids that do not parse are passed over.
    pub(super) fn recent(&mut self) -> Outcome<Vec<ChartId>> {
        let held = self.with(|session| Ok(session.draft(RECENT)?))?;
        Ok(held.map(|text| recent_from(&String::from_utf8_lossy(&text))).unwrap_or_default())
    }

    pub(super) fn note_opened(&mut self, id: ChartId) -> Outcome<()> {
        let recent = self.recent()?;
        if recent.first() == Some(&id) {
            return Ok(());
        }
        let text = recent_with(&recent, id, RECENT_MAX);
        self.with(|session| Ok(session.save_draft(RECENT, text.as_bytes())?))
    }
}
