//! Notes and reports.

use super::Held;
use serde::Serialize;
use tsify::Tsify;

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NoteLine {
    pub held: Held,
    pub what: String,
    pub when: Option<String>,
    pub author: Option<String>,
    /// The first lines that are not blank.
    pub lines: Vec<String>,
    /// What the content is where its lines cannot be shown: "application/pdf".
    pub form: Option<String>,
    /// Unless current or final.
    pub status: Option<String>,
}

/// A note as a whole.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Note {
    pub parts: Vec<NotePart>,
}

/// A stretch of a note. XHTML comes as the record has it: whoever shows it takes out what could act.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NotePart {
    pub title: Option<String>,
    pub form: NoteForm,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub enum NoteForm {
    Plain,
    Markdown,
    /// The `div` of a FHIR narrative, not cleaned.
    Xhtml,
}
