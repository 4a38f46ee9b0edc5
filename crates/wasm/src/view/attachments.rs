//! Files of a chart: where each is, and its bytes.

use super::chart::{in_order, written};
use super::records::read;
use crate::failure::Outcome;
use crate::js::large;
use crate::types::{Attachment, AttachmentPlace, ElsewherePlace, Failure, InlinePlace, NoteForm, SealedPlace};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use std::cmp::Reverse;
use wardbook_client::attachments::blob_at;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary::{clean_text, when_of};
use wardbook_client::{ChartId, Session};
use zeroize::Zeroizing;

/// Files of one resource, at most.
const FILES_MAX: usize = 64;
const TEXT_CHARS_MAX: usize = 200;

/// Newest first.
///
/// # Errors
/// No such chart, or no access to it; damage.
pub fn attachments(session: &mut Session, id: ChartId) -> Outcome<Vec<Attachment>> {
    let mut found = read(session, id, |records| {
        let mut found = Vec::new();
        for (key, json) in records.all().filter(|(key, _)| has_files(&key.kind)) {
            let when = when_of(json);
            for (index, file) in (0..).zip(listed(json)) {
                let attachment = Attachment {
                    held: records.held(key),
                    title: title(file, json, key),
                    content_type: file.text("contentType").map(text).unwrap_or_default(),
                    bytes: file.get("size").and_then(|size| size.as_number()?.to_f64()),
                    when: written(when.as_ref()),
                    place: place(file, index),
                };
                found.push((Reverse(when.clone()), (key.clone(), attachment)));
            }
        }
        in_order(found)
    })?;
    for (key, attachment) in &mut found {
        let AttachmentPlace::Sealed(sealed) = &mut attachment.place else { continue };
        // What the chart has no key for stays where it is said to be, and cannot be opened here.
        let known = session.attachments_of(id, key)?.into_iter().find(|known| known.blob.to_string() == sealed.blob);
        if let Some(known) = known {
            sealed.on_device = known.on_device;
            attachment.bytes = Some(large(known.bytes));
            attachment.content_type = known.content_type;
        }
    }
    Ok(found.into_iter().map(|(_, attachment)| attachment).collect())
}

/// The bytes of a file that is in a resource itself.
///
/// # Errors
/// There is none at that place, or it is no base64.
pub fn inline(session: &mut Session, id: ChartId, key: &ResourceKey, index: u32) -> Outcome<Zeroizing<Vec<u8>>> {
    let missing = || Failure::not_found(&format!("a file in {key}"));
    let content = session.chart(id)?.view(key).and_then(|view| view.content).ok_or_else(missing)?;
    let file = listed(&content).into_iter().nth(index as usize).ok_or_else(missing)?;
    decoded(file).ok_or_else(|| Failure::invalid("the content of this file is not base64"))
}

fn has_files(kind: &str) -> bool {
    matches!(kind, "DocumentReference" | "DiagnosticReport" | "Media" | "Communication" | "Consent" | "Patient")
}

/// The Attachments of a resource, in its order.
pub fn listed(json: &Json) -> Vec<&Json> {
    let documents = json.items("content").iter().filter_map(|content| content.get("attachment"));
    let payloads = json.items("payload").iter().filter_map(|payload| payload.get("contentAttachment"));
    let lists = json.items("presentedForm").iter().chain(json.items("photo"));
    // Media has one, as an object; Consent too, by another name.
    let single = json.get("content").filter(|content| content.as_object().is_some());
    let source = json.get("sourceAttachment");
    documents.chain(payloads).chain(lists).chain(single).chain(source).take(FILES_MAX).collect()
}

/// The words of a file that is text and in the resource itself.
pub fn inline_text(file: &Json) -> Option<(NoteForm, String)> {
    let kind = file.text("contentType")?.split(';').next().unwrap_or_default().trim();
    let form = match kind {
        "text/plain" => NoteForm::Plain,
        "text/markdown" => NoteForm::Markdown,
        "text/html" | "application/xhtml+xml" => NoteForm::Xhtml,
        _ => return None,
    };
    let bytes = decoded(file)?;
    Some((form, String::from_utf8_lossy(&bytes).into_owned()))
}

fn decoded(file: &Json) -> Option<Zeroizing<Vec<u8>>> {
    // FHIR allows white space between the groups of base64; the decoder does not.
    let data = file.text("data")?.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let data = Zeroizing::new(data.collect::<Vec<u8>>());
    STANDARD_PAD_INDIFFERENT.decode(data.as_slice()).ok().map(Zeroizing::new)
}

fn place(file: &Json, index: u32) -> AttachmentPlace {
    let url = file.text("url").unwrap_or_default();
    match blob_at(url) {
        Some(blob) => AttachmentPlace::Sealed(SealedPlace { blob: blob.to_string(), on_device: false }),
        None if file.text("data").is_some() => AttachmentPlace::Inline(InlinePlace { index }),
        None => AttachmentPlace::Elsewhere(ElsewherePlace { url: text(url) }),
    }
}

/// What the file is called, else the resource, else its type and id.
fn title(file: &Json, json: &Json, key: &ResourceKey) -> String {
    let own = file.text("title").or_else(|| json.text("description")).or_else(|| json.at(["type", "text"])?.as_str());
    own.map(text).filter(|text| !text.is_empty()).unwrap_or_else(|| key.to_string())
}

fn text(text: &str) -> String {
    clean_text(text, TEXT_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn every_kind_of_file_has_its_place() {
        let document = json(&format!(
            r#"{{"content":[{{"attachment":{{"url":"urn:wardbook:blob:{}"}}}},
                {{"attachment":{{"contentType":"text/plain","data":"S Gk"}}}},
                {{"attachment":{{"url":"https://elsewhere/x"}}}},{{}}]}}"#,
            "ab".repeat(32)
        ));
        let files = listed(&document);
        assert_eq!(files.len(), 3);
        assert!(matches!(place(files[0], 0), AttachmentPlace::Sealed(held) if held.blob == "ab".repeat(32)));
        assert!(matches!(place(files[1], 1), AttachmentPlace::Inline(held) if held.index == 1));
        assert!(matches!(place(files[2], 2), AttachmentPlace::Elsewhere(held) if held.url == "https://elsewhere/x"));
        assert_eq!(inline_text(files[1]), Some((NoteForm::Plain, "Hi".to_owned())));
        assert_eq!(listed(&json(r#"{"content":{"url":"x"}}"#)).len(), 1);
        assert!(decoded(&json(r#"{"data":"*"}"#)).is_none());
    }
}
