//! Photos, PDFs and other files of a chart (`spec/attachments.md`). A file on a disk is read in pieces and never held whole.
//!
//! ```text
//! file ──read twice: hash and type, then sealing──► <vault>/blobs/<hex> ──send_blobs──► server
//!                                                         │  ▲                            │
//!              the file that the person names ◄──fetch────┘  └─────────by ranges──────────┘
//! ```
//!
//! In a browser the store has them, in pieces, and a file is in memory; everything else is the same.
//!
//! An entry brings the attachment's key ([`BlobRef`]) with a `DocumentReference` that points to it. What is in the clear
//! reaches the disk only where the person asks for it.

mod content;
mod content_type;
mod export;
mod fetch;
#[cfg(not(target_arch = "wasm32"))]
mod folder;
mod out;
#[cfg(any(target_arch = "wasm32", test))]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "natively it is tested and not used"))]
mod pieces;
mod send;
mod sweep;

pub use export::ExportedAttachments;
pub use fetch::{Fetched, Wanted};
pub use send::Unsent;

use crate::create::random;
use crate::write::Draft;
use crate::{ChartRole, Error, Session, now_ms, rng};
use content::{Content, Picked};
use content_type::{content_type_of, is_content_type};
#[cfg(not(target_arch = "wasm32"))]
use folder::BlobFolder as Blobs;
#[cfg(target_arch = "wasm32")]
use pieces::BlobPieces as Blobs;
use sha2::{Digest, Sha256};
use std::path::Path;
use wardbook_core::blob::{BlobRef, BlobSealer, Layout, TooLarge};
use wardbook_record::json::{Json, Number, Object};
use wardbook_record::resource::ResourceKey;
use wardbook_record::summary::instant;
use wardbook_store::{Batch, Kind};
use wardbook_wire::{Access, BlobId, ChartId};
use zeroize::Zeroizing;

/// How a resource names an attachment; the name follows in hexadecimal digits.
const URL: &str = "urn:wardbook:blob:";
/// FHIR R4 `unsignedInt`: an attachment of exactly 2 GiB goes without its size.
const SIZE_MAX: u64 = i32::MAX as u64;
/// First bytes of a file by which its type is told.
const START_BYTES: usize = 8 * 1024;
/// What is read at once of a file.
const BUFFER_BYTES: usize = 256 * 1024;

/// What [`Session::attach`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// The `DocumentReference`.
    pub resource: ResourceKey,
    pub blob: BlobId,
    pub bytes: u64,
    pub content_type: String,
    /// True where the chart had this very file already: it is kept once. Sealed bytes of it that were lost are here again.
    pub again: bool,
}

/// An attachment of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentInfo {
    pub blob: BlobId,
    pub bytes: u64,
    pub content_type: String,
    /// False: only the server has it.
    pub on_device: bool,
}

impl From<TooLarge> for Error {
    fn from(error: TooLarge) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// What a first reading of a file tells.
struct Survey {
    sha256: [u8; 32],
    length: u64,
    start: Zeroizing<Vec<u8>>,
}

impl Session {
    /// Seals a copy of a file into the vault and adds a `DocumentReference` to a chart. Without a type it is told from the
    /// file's first bytes, never from its name; without a title it has the file's name.
    ///
    /// `progress` gets the bytes done and the bytes in all: the file is read twice.
    ///
    /// # Errors
    /// [`Error::NoRight`]; [`Error::Invalid`] above 2 GiB; the disk's. The chart is as it was then.
    pub fn attach(
        &mut self,
        id: ChartId,
        path: &Path,
        content_type: Option<&str>,
        title: Option<&str>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Attached, Error> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        self.attach_content(id, || Picked::open(path), content_type, title.or(name.as_deref()), progress)
    }

    /// As [`Session::attach`], from memory and under no other title than the one given.
    ///
    /// # Errors
    /// As [`Session::attach`].
    pub fn attach_bytes(
        &mut self,
        id: ChartId,
        content: &[u8],
        content_type: Option<&str>,
        title: Option<&str>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Attached, Error> {
        self.attach_content(id, || Ok(content), content_type, title, progress)
    }

    fn attach_content<C: Content>(
        &mut self,
        id: ChartId,
        open: impl FnOnce() -> Result<C, Error>,
        content_type: Option<&str>,
        title: Option<&str>,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Attached, Error> {
        let chart = self.chart(id)?;
        let subject = match chart.role() {
            ChartRole::Patient => chart.cover().patient_ids.first().cloned(),
            _ => None,
        };
        if let Some(chart) = self.open.get(&id) {
            self.require(chart, Access::Write)?;
        }
        if content_type.is_some_and(|given| !is_content_type(given)) {
            return Err(Error::Invalid("a content type looks like image/jpeg".into()));
        }
        let mut content = open()?;
        let survey = survey(&mut content, progress)?;
        let content_type = content_type.map_or_else(|| content_type_of(&survey.start), str::to_owned);
        let (org, blobs) = (self.vault.identity.org, Blobs::of(&self.vault.store)?);
        let held = self.same_file(id, &survey, &blobs)?;
        let again = held.is_some();
        let (blob, new) = match held {
            Some(blob) if blobs.has(&blob) => (blob.id, None),
            lost => {
                let sealer = match &lost {
                    Some(blob) => BlobSealer::again(blob, org, id),
                    None => BlobSealer::new(org, id, &mut rng()),
                };
                let new = seal_file(sealer, &mut content, &survey, &content_type, &blobs, progress)?;
                (new.id, Some(new))
            }
        };
        let attached = Attached { resource: new_key(), blob, bytes: survey.length, content_type, again };
        let json = document(&attached, subject.as_deref(), title);
        if let Err(error) = self.write_document(id, attached.resource.clone(), json, new) {
            // Whether the entry reached the disk is not known here. If it did not, the sealed copy is of no use to anybody.
            let _ = self.ask_for_sweep();
            return Err(error);
        }
        Ok(attached)
    }

    /// The same file in the same chart (BLB-08). First one that waits to be handed in and is lost, then one that is here.
    fn same_file(&self, id: ChartId, survey: &Survey, held: &Blobs<'_>) -> Result<Option<BlobRef>, Error> {
        let store = &self.vault.store;
        let waiting = sweep::waiting(store, &store.list(Kind::Outbox, id.as_bytes())?)?;
        let same = |blob: &&BlobRef| blob.sha256 == survey.sha256 && blob.length == survey.length; // BLB-08
        let rank = |blob: &&BlobRef| match (held.has(blob), waiting.contains(&blob.id)) {
            (false, true) => 0,
            (true, _) => 1,
            (false, false) => 2,
        };
        let blobs = self.open.get(&id).into_iter().flat_map(|chart| chart.blobs());
        Ok(blobs.filter(same).min_by_key(rank).cloned())
    }

    fn write_document(&mut self, id: ChartId, key: ResourceKey, json: Json, new: Option<BlobRef>) -> Result<(), Error> {
        let (mut chart, mut batch) = (self.take_chart(id)?, Batch::new());
        let draft = Draft { key, full_url: None, bases: Vec::new(), content: Some(json) };
        self.append_with_blobs(&mut chart, vec![draft], new.into_iter().collect(), &mut batch)?;
        self.finish(chart, batch)
    }

    /// The attachments that a resource points to and whose keys the chart has, in its order.
    ///
    /// # Errors
    /// [`Error::NoResource`] where there is no such resource.
    pub fn attachments_of(&mut self, id: ChartId, key: &ResourceKey) -> Result<Vec<AttachmentInfo>, Error> {
        let chart = self.chart(id)?;
        let content =
            chart.view(key).and_then(|view| view.content).ok_or_else(|| Error::NoResource(key.to_string()))?;
        let mut named = Vec::new();
        blobs_named_in(&content, &mut named);
        let blobs: Vec<_> = named.iter().filter_map(|blob| chart.blob(blob)).cloned().collect();
        let held = Blobs::of(&self.vault.store)?;
        Ok(blobs.iter().map(|blob| info(blob, &held)).collect())
    }

    /// The chart that has an attachment.
    ///
    /// # Errors
    /// [`Error::NoChart`].
    pub fn find_attachment(&mut self, blob: &BlobId) -> Result<ChartId, Error> {
        for found in self.all_charts()? {
            if self.chart(found.chart)?.blob(blob).is_some() {
                return Ok(found.chart);
            }
        }
        Err(Error::NoChart(blob.to_string()))
    }
}

impl Blobs<'_> {
    /// True if it is here, with the length that it has to have.
    fn has(&self, blob: &BlobRef) -> bool {
        Layout::of(blob.length).is_ok_and(|layout| self.length(&blob.id) == Some(layout.sealed_bytes()))
    }
}

/// An attachment's name as a person gives it: 64 hexadecimal digits, alone or as in a resource's URL.
pub fn blob_named(text: &str) -> Option<BlobId> {
    BlobId::from_text(&text.strip_prefix(URL).unwrap_or(text).to_ascii_lowercase())
}

/// The attachment that a URL in a resource names.
pub fn blob_at(url: &str) -> Option<BlobId> {
    url.strip_prefix(URL).and_then(blob_named)
}

/// Each attachment that a resource names anywhere, once.
fn blobs_named_in(json: &Json, named: &mut Vec<BlobId>) {
    match json {
        Json::Array(items) => items.iter().for_each(|item| blobs_named_in(item, named)),
        Json::Object(object) => object.iter().for_each(|(_, value)| blobs_named_in(value, named)),
        Json::String(text) => {
            if let Some(blob) = blob_at(text)
                && !named.contains(&blob)
            {
                named.push(blob);
            }
        }
        _ => {}
    }
}

fn info(blob: &BlobRef, held: &Blobs<'_>) -> AttachmentInfo {
    let content_type = blob.content_type.clone();
    AttachmentInfo { blob: blob.id, bytes: blob.length, content_type, on_device: held.has(blob) }
}

fn survey(content: &mut impl Content, progress: &mut dyn FnMut(u64, u64)) -> Result<Survey, Error> {
    let found = content.length()?;
    Layout::of(found)?; // BLB-04
    let (mut sha256, mut length, mut start) = (Sha256::new(), 0, Zeroizing::new(Vec::<u8>::with_capacity(START_BYTES)));
    content.read(&mut |piece| {
        let missing = START_BYTES.saturating_sub(start.len());
        start.extend(piece.iter().take(missing));
        sha256.update(piece);
        length += piece.len() as u64;
        progress(length, 2 * found);
        Ok(())
    })?;
    Ok(Survey { sha256: sha256.finalize().into(), length, start })
}

/// The second reading: what was surveyed, and nothing else, is sealed into the vault.
fn seal_file(
    mut sealer: BlobSealer,
    content: &mut impl Content,
    survey: &Survey,
    content_type: &str,
    blobs: &Blobs<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<BlobRef, Error> {
    let mut out = blobs.create()?;
    let mut sink = |sealed: &[u8]| out.write(sealed);
    let mut done = survey.length;
    content.read(&mut |piece| {
        sealer.push(piece, &mut sink)?;
        done += piece.len() as u64;
        progress(done, 2 * survey.length);
        Ok(())
    })?;
    let blob = sealer.finish(content_type.to_owned(), &mut sink)?;
    if blob.sha256 != survey.sha256 {
        return Err(Error::Conflict(format!("{} was changed while it was read: try again", content.name()))); // BLB-08
    }
    blobs.keep(out, &blob.id)?;
    Ok(blob)
}

/// A `DocumentReference` under a random id (UUID version 4).
fn new_key() -> ResourceKey {
    let bits = u128::from_be_bytes(random());
    let (high, low) = ((bits >> 64) as u64, bits as u64);
    let (high, low) = ((high & !0xf000) | 0x4000, (low >> 2) | (1 << 63));
    let hex = format!("{high:016x}{low:016x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| hex.get(part).unwrap_or_default());
    ResourceKey { kind: "DocumentReference".into(), id: parts.join("-") }
}

/// FHIR R4 section 8.3: what points to the attachment in the chart.
fn document(attached: &Attached, patient: Option<&str>, title: Option<&str>) -> Json {
    let text = |text: &str| Some(Json::from(text));
    let size = i64::try_from(attached.bytes).ok().filter(|_| attached.bytes <= SIZE_MAX);
    let attachment = object([
        ("contentType", text(&attached.content_type)),
        ("url", text(&format!("{URL}{}", attached.blob))),
        ("size", size.map(|size| Json::Number(Number::from(size)))),
        ("title", title.map(Json::from)),
    ]);
    let subject = patient.map(|id| object([("reference", text(&format!("Patient/{id}")))]));
    object([
        ("resourceType", text(&attached.resource.kind)),
        ("id", text(&attached.resource.id)),
        ("status", text("current")),
        ("subject", subject),
        ("date", text(&instant(now_ms()))),
        ("content", Some(Json::Array(vec![object([("attachment", Some(attachment))])]))),
    ])
}

fn object<const N: usize>(members: [(&str, Option<Json>); N]) -> Json {
    let mut object = Object::default();
    for (name, value) in members {
        if let Some(value) = value {
            object.insert(name, value);
        }
    }
    Json::Object(object)
}

#[cfg(test)]
mod tests;
