//! Notes: what people wrote, with the first lines of it. Generated narrative (XHTML) is never shown.

use super::chart::Chart;
use super::coded::{ITEMS_MAX, concept, words};
use super::output::{Section, Tree};
use super::text::{clean_text, shown};
use super::when::When;
use crate::json::Json;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;

const NOTES_MAX: usize = 30;
/// Lines of a note that are shown, and characters of each.
const LINES_MAX: usize = 5;
const LINE_CHARS_MAX: usize = 200;
/// Base64 of a note that is decoded: enough for the lines above in any script. A multiple of 4.
const BASE64_CHARS_MAX: usize = 12 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteLine {
    pub what: String,
    pub when: Option<When>,
    pub author: Option<String>,
    /// The first lines that are not blank; none where the content is not plain text or is elsewhere.
    pub lines: Vec<String>,
    /// What the content is where its lines cannot be shown: "application/pdf".
    pub form: Option<String>,
    /// Where it is not the current or final version: "superseded", "preliminary".
    pub status: Option<String>,
}

/// Newest first: documents, reports that say something in words, compositions and clinical impressions.
pub(super) fn newest(chart: &Chart<'_, '_>) -> Section<NoteLine> {
    let notes: Vec<(Option<When>, &Json, &str)> = chart
        .all()
        .filter(|(key, json)| is_note(&key.kind, json))
        .map(|(key, json)| (written(json), json, key.kind.as_str()))
        .collect();
    // Only those that will be shown are decoded.
    let newest = Section::newest(notes, NOTES_MAX, |(when, ..)| when.as_ref());
    let items = newest.items.into_iter().map(|(when, json, kind)| NoteLine::of(chart, json, kind, when)).collect();
    Section { items, more: newest.more }
}

fn is_note(kind: &str, json: &Json) -> bool {
    match kind {
        "DocumentReference" | "Composition" | "ClinicalImpression" => true,
        "DiagnosticReport" => json.text("conclusion").is_some() || !json.items("presentedForm").is_empty(),
        _ => false,
    }
}

fn written(json: &Json) -> Option<When> {
    When::of(json, &["date", "effectiveDateTime", "effectivePeriod", "issued", "indexed"])
}

impl NoteLine {
    fn of<'a>(chart: &Chart<'a, '_>, json: &'a Json, kind: &str, when: Option<When>) -> Self {
        let words_of_own = ["conclusion", "summary", "description"].into_iter().find_map(|name| json.text(name));
        let attachments = || {
            let content = json.items("content").iter().filter_map(|content| content.get("attachment"));
            content.chain(json.items("presentedForm")).take(ITEMS_MAX)
        };
        let mut lines = attachments().map(attachment_lines).find(|lines| !lines.is_empty()).unwrap_or_default();
        if lines.is_empty() {
            lines = words_of_own.map(first_lines).unwrap_or_default();
        }
        let form = attachments().find_map(|attachment| attachment.text("contentType").and_then(shown));
        let what = json.text("title").and_then(shown).or_else(|| concept(json.get("type")));
        Self {
            what: what.or_else(|| concept(json.get("code"))).unwrap_or_else(|| words_for(kind).to_owned()),
            when,
            author: author(chart, json),
            form: form.filter(|_| lines.is_empty()),
            lines,
            status: json
                .text("status")
                .filter(|status| !matches!(*status, "current" | "final" | "completed"))
                .and_then(words),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        Tree::new()
            .text("what", self.what.as_str())
            .text("when", self.when.as_ref().map(When::text))
            .text("author", self.author.as_deref())
            .texts("lines", &self.lines)
            .text("form", self.form.as_deref())
            .text("status", self.status.as_deref())
            .done()
    }
}

fn words_for(kind: &str) -> &'static str {
    match kind {
        "ClinicalImpression" => "Clinical impression",
        "DiagnosticReport" => "Report",
        _ => "Document",
    }
}

fn author<'a>(chart: &Chart<'a, '_>, json: &'a Json) -> Option<String> {
    let assessor = || chart.named(json, json.get("assessor"));
    let performer = || chart.first_named(json, "performer");
    chart.first_named(json, "author").or_else(assessor).or_else(performer)
}

/// The first lines of a plain-text attachment that is in the record itself.
fn attachment_lines(attachment: &Json) -> Vec<String> {
    let kind = attachment.text("contentType").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let data = attachment.text("data").filter(|_| ["text/plain", "text/markdown"].contains(&kind));
    let data: Vec<u8> =
        data.unwrap_or_default().bytes().filter(|byte| !byte.is_ascii_whitespace()).take(BASE64_CHARS_MAX).collect();
    STANDARD_PAD_INDIFFERENT.decode(data).map(|text| first_lines(&String::from_utf8_lossy(&text))).unwrap_or_default()
}

fn first_lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| clean_text(line, LINE_CHARS_MAX));
    lines.filter(|line| !line.is_empty()).take(LINES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(kind: &str, data: &str) -> Vec<String> {
        let text = format!(r#"{{"contentType":"{kind}","data":"{data}"}}"#);
        attachment_lines(&Json::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn plain_text_is_decoded_and_bounded() {
        assert_eq!(lines("text/plain; charset=utf-8", "CkhpIAoKdGhlcmUK"), ["Hi", "there"]);
        assert_eq!(lines("text/plain", "SGk"), ["Hi"], "without padding");
        assert_eq!(lines("text/plain", " SG k= "), ["Hi"], "wrapped");
        let long = STANDARD_PAD_INDIFFERENT.encode("\u{1b}word\n".repeat(10_000));
        assert_eq!(lines("text/plain", &long), ["word"; LINES_MAX]);
    }

    #[test]
    fn markup_and_nonsense_give_no_lines() {
        assert!(lines("text/html", "PGI+SGk8L2I+").is_empty());
        assert!(lines("application/pdf", "SGk=").is_empty());
        assert!(lines("text/plain", "*!").is_empty());
        assert!(attachment_lines(&Json::Null).is_empty());
    }
}
