//! What an import did.

use crate::js::{count, large};
use crate::types::{ImportLine, ImportProgress, ImportReport};
use wardbook_client as client;

pub fn progress(progress: &client::Progress<'_>) -> ImportProgress {
    ImportProgress {
        files_done: count(progress.files_done),
        files: count(progress.files),
        file: progress.file.to_owned(),
        resources: large(progress.resources),
    }
}

pub fn report(report: &client::ImportReport) -> ImportReport {
    let lines = |items: &[client::Refused]| -> Vec<ImportLine> { items.iter().map(line).collect() };
    ImportReport {
        new: large(report.new),
        changed: large(report.changed),
        unchanged: large(report.unchanged),
        new_charts: large(report.charts_new),
        refused: large(report.refused),
        refusals: lines(&report.refusals),
        warnings: lines(&report.warnings),
    }
}

fn line(item: &client::Refused) -> ImportLine {
    ImportLine {
        file: item.file.clone(),
        entry: count(item.entry),
        resource: item.resource.as_ref().map(ToString::to_string),
        reason: item.reason.clone(),
    }
}
