//! Photos, PDFs and other files of a chart.

use super::Held;
use serde::Serialize;
use tsify::Tsify;

/// A file that a resource points to or holds.
#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    pub held: Held,
    pub title: String,
    pub content_type: String,
    /// Absent where the record does not say.
    pub bytes: Option<f64>,
    pub when: Option<String>,
    pub place: AttachmentPlace,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum AttachmentPlace {
    /// Sealed beside the records: read it with `attachmentBytes`.
    Sealed(SealedPlace),
    /// In the resource itself: read it with `inlineBytes`.
    Inline(InlinePlace),
    /// Somewhere else, where this program does not go.
    Elsewhere(ElsewherePlace),
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SealedPlace {
    pub blob: String,
    /// False: only the server has it.
    pub on_device: bool,
}

#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct InlinePlace {
    pub index: u32,
}

#[derive(Clone, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ElsewherePlace {
    pub url: String,
}

/// A file that was added to a chart.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
pub struct AttachmentAdded {
    /// The chart had this very file already; it is kept once.
    pub again: bool,
}

/// Bytes done and bytes in all.
#[derive(Clone, Copy, Debug, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct BytesProgress {
    pub done: f64,
    pub all: f64,
}
