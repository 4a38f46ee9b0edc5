//! Notes and reports: lines about them, and each as a whole. Narrative leaves as the record has it.

use super::attachments::{inline_text, listed};
use super::chart::{in_order, written};
use super::records::{Records, read};
use crate::failure::Outcome;
use crate::types::{Failure, Note, NoteForm, NoteLine, NotePart};
use std::cmp::Reverse;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary::{When, clean_text};
use wardbook_client::{ChartId, Session};

const KINDS: [&str; 4] = ["DocumentReference", "Composition", "ClinicalImpression", "DiagnosticReport"];
/// Sections inside one another that are read.
const SECTION_DEPTH_MAX: usize = 8;
/// Stretches of one note, at most.
const PARTS_MAX: usize = 200;
const TITLE_CHARS_MAX: usize = 200;

/// Newest first.
///
/// # Errors
/// No such chart, or no access to it; damage.
pub fn lines(session: &mut Session, id: ChartId) -> Outcome<Vec<NoteLine>> {
    read(session, id, of_chart)
}

pub fn of_chart(records: &Records<'_>) -> Vec<NoteLine> {
    let of_kinds = records.all().filter(|(key, _)| KINDS.contains(&key.kind.as_str()));
    let lines = of_kinds.filter_map(|(key, json)| {
        let (when, line) = line_of(records, key, json)?;
        Some((Reverse(when), line))
    });
    in_order(lines.collect())
}

/// Everything that one note says in words.
///
/// # Errors
/// It is no note; as [`lines`].
pub fn note(session: &mut Session, id: ChartId, key: &ResourceKey) -> Outcome<Note> {
    let note = read(session, id, |records| {
        let (held, json) = records.all().find(|(held, _)| *held == key)?;
        line_of(records, held, json)?;
        Some(Note { parts: parts(json) })
    })?;
    note.ok_or_else(|| Failure::not_found(&format!("a note {key}")))
}

fn line_of(records: &Records<'_>, key: &ResourceKey, json: &Json) -> Option<(Option<When>, NoteLine)> {
    let item = records.alone(key, json).notes.items.into_iter().next()?;
    let line = NoteLine {
        held: records.held(key),
        what: item.what,
        when: written(item.when.as_ref()),
        author: item.author,
        lines: item.lines,
        form: item.form,
        status: item.status,
    };
    Some((item.when, line))
}

fn parts(json: &Json) -> Vec<NotePart> {
    let mut parts = Vec::new();
    for name in ["conclusion", "summary", "description"] {
        if let Some(text) = json.text(name) {
            parts.push(NotePart { title: None, form: NoteForm::Plain, text: text.to_owned() });
        }
    }
    for attachment in listed(json) {
        if let Some((form, text)) = inline_text(attachment) {
            parts.push(NotePart { title: attachment.text("title").map(title), form, text });
        }
    }
    sections(json, 0, &mut parts);
    // A narrative of the whole repeats what its parts say.
    if parts.is_empty() {
        parts.extend(narrative(json, None));
    }
    parts.truncate(PARTS_MAX);
    parts
}

fn sections(json: &Json, depth: usize, parts: &mut Vec<NotePart>) {
    if depth >= SECTION_DEPTH_MAX || parts.len() >= PARTS_MAX {
        return;
    }
    for section in json.items("section").iter().take(PARTS_MAX) {
        parts.extend(narrative(section, section.text("title").map(title)));
        sections(section, depth + 1, parts);
    }
}

fn narrative(json: &Json, title: Option<String>) -> Option<NotePart> {
    let text = json.at(["text", "div"])?.as_str()?.to_owned();
    Some(NotePart { title, form: NoteForm::Xhtml, text })
}

fn title(text: &str) -> String {
    clean_text(text, TITLE_CHARS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts_of(text: &str) -> Vec<(Option<String>, NoteForm, String)> {
        let json = Json::parse(text.as_bytes()).unwrap();
        parts(&json).into_iter().map(|part| (part.title, part.form, part.text)).collect()
    }

    #[test]
    fn a_note_is_its_words_its_texts_and_its_sections() {
        let report = r#"{"conclusion":"Clear.","text":{"div":"<div>all</div>"},
            "presentedForm":[{"contentType":"text/plain","data":"SGk=","title":"Body"},
            {"contentType":"image/png","data":"SGk="}]}"#;
        assert_eq!(
            parts_of(report),
            [(None, NoteForm::Plain, "Clear.".to_owned()), (Some("Body".to_owned()), NoteForm::Plain, "Hi".to_owned())]
        );
        let composition = r#"{"section":[{"title":"Plan","text":{"div":"<div>p</div>"},
            "section":[{"text":{"div":"<div>q</div>"}}]}],"text":{"div":"<div>all</div>"}}"#;
        assert_eq!(
            parts_of(composition),
            [
                (Some("Plan".to_owned()), NoteForm::Xhtml, "<div>p</div>".to_owned()),
                (None, NoteForm::Xhtml, "<div>q</div>".to_owned())
            ]
        );
        assert_eq!(
            parts_of(r#"{"text":{"div":"<div>all</div>"}}"#),
            [(None, NoteForm::Xhtml, "<div>all</div>".to_owned())]
        );
        assert!(parts_of(r#"{"section":{},"conclusion":7}"#).is_empty());
    }
}
