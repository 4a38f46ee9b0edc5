//! Files: those of a chart, FHIR files in and out, and a page to print.

use super::Engine;
use crate::failure::Outcome;
use crate::ids;
use crate::js::{give, give_all, large, tell};
use crate::transport::Browser;
use crate::types::{Attachment, AttachmentAdded, BytesProgress, ExportedText, Failure, ImportReport, PrintPage};
use crate::view;
use js_sys::{Function, Uint8Array};
use tsify::Ts;
use wardbook_client::sync::transport::Transport;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

#[wasm_bindgen]
impl Engine {
    pub fn attachments(&mut self, chart: &str) -> Outcome<Vec<Ts<Attachment>>> {
        let id = ids::chart(chart)?;
        give_all(&self.with(|session| view::attachments::attachments(session, id))?)
    }

    /// The content of a sealed file, or its bytes from `first` to `last` as in HTTP. What is not on this device comes
    /// from the server.
    #[wasm_bindgen(js_name = "attachmentBytes")]
    pub fn attachment_bytes(
        &mut self,
        chart: &str,
        blob: &str,
        first: Option<f64>,
        last: Option<f64>,
        #[wasm_bindgen(unchecked_param_type = "(progress: BytesProgress) => void")] on_progress: &Function,
    ) -> Outcome<Uint8Array> {
        let (id, blob) = (ids::chart(chart)?, ids::blob(blob)?);
        let range = match (first, last) {
            (None, None) => None,
            (first, last) => Some((first.map_or(Ok(0), whole)?, last.map(whole).transpose()?)),
        };
        let bytes = self.with(|session| {
            let mut browser = Browser;
            let link = session.vault().has_server().then_some(&mut browser as &mut dyn Transport);
            Ok(session.read_attachment(link, id, blob, range, &mut teller(on_progress))?)
        })?;
        Ok(Uint8Array::from(bytes.as_slice()))
    }

    /// The content of a file that is in a resource itself.
    #[wasm_bindgen(js_name = "inlineBytes")]
    pub fn inline_bytes(&mut self, chart: &str, key: &str, index: u32) -> Outcome<Uint8Array> {
        let (id, key) = (ids::chart(chart)?, ids::key(key)?);
        let bytes = self.with(|session| view::attachments::inline(session, id, &key, index))?;
        Ok(Uint8Array::from(bytes.as_slice()))
    }

    /// Seals a file into the vault and adds a DocumentReference to the chart. Its type is told from its first bytes
    /// where none is given.
    pub fn attach(
        &mut self,
        chart: &str,
        content: Vec<u8>,
        title: &str,
        content_type: Option<String>,
        #[wasm_bindgen(unchecked_param_type = "(progress: BytesProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<AttachmentAdded>> {
        let (id, content) = (ids::chart(chart)?, Zeroizing::new(content));
        let content_type = content_type.as_deref();
        let added = self.with(|session| {
            Ok(session.attach_bytes(id, &content, content_type, Some(title), &mut teller(on_progress))?)
        })?;
        give(&AttachmentAdded { again: added.again })
    }

    /// Takes FHIR files in, each whole or not at all. New charts are shared as new patients are.
    #[wasm_bindgen(js_name = "importFiles")]
    pub fn import_files(
        &mut self,
        names: Vec<String>,
        contents: Vec<Uint8Array>,
        team: Option<String>,
        #[wasm_bindgen(unchecked_param_type = "(progress: ImportProgress) => void")] on_progress: &Function,
    ) -> Outcome<Ts<ImportReport>> {
        if names.len() != contents.len() {
            return Err(Failure::invalid("each file has a name and a content"));
        }
        let contents = contents.iter().map(|content| Zeroizing::new(content.to_vec()));
        let files: Vec<_> = names.into_iter().zip(contents).collect();
        let report = self.with(|session| {
            let to = session.share_with(team.as_deref())?;
            let mut progress = |at: &wardbook_client::Progress<'_>| tell(on_progress, &view::import::progress(at));
            Ok(session.import_bytes(&files, &to, &mut progress)?)
        })?;
        give(&view::import::report(&report))
    }

    /// The chart as a FHIR collection Bundle.
    #[wasm_bindgen(js_name = "exportChart")]
    pub fn export_chart(&mut self, chart: &str) -> Outcome<Ts<ExportedText>> {
        let id = ids::chart(chart)?;
        give(&self.with(|session| view::export::chart(session, id))?)
    }

    /// A handover as a FHIR document Bundle.
    #[wasm_bindgen(js_name = "exportSummary")]
    pub fn export_summary(&mut self, chart: &str) -> Outcome<Ts<ExportedText>> {
        let id = ids::chart(chart)?;
        give(&self.with(|session| view::ips::document(session, id))?)
    }

    /// What a printed handover says.
    #[wasm_bindgen(js_name = "printPage")]
    pub fn print_page(&mut self, chart: &str) -> Outcome<Ts<PrintPage>> {
        let id = ids::chart(chart)?;
        give(&self.with(|session| view::print::page(session, id))?)
    }
}

/// A whole number of bytes.
fn whole(number: f64) -> Outcome<u64> {
    if number >= 0.0 && number.fract() == 0.0 && number < 9e15 {
        return Ok(number as u64);
    }
    Err(Failure::invalid("a range of bytes has whole numbers"))
}

fn teller(callback: &Function) -> impl FnMut(u64, u64) + '_ {
    move |done, all| tell(callback, &BytesProgress { done: large(done), all: large(all) })
}
