//! Records in and out: `import`, `export`, `bundle`.

use super::people::done;
use crate::args::{BundleCommand, ExportArgs, FormatArg, ImportArgs, Shared};
use crate::{ask, out};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;
use wardbook_client::attachments::ExportedAttachments;
use wardbook_client::export::Format;
use wardbook_client::{Error, Refused, Vault};

/// Refusals that are printed; `--json` has more.
const SHOWN_MAX: usize = 50;

/// Shows that work goes on; draws nothing where there is no terminal.
pub fn spinner(message: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(message.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

pub fn import(shared: &Shared, args: &ImportArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let to = session.share_with(args.team.as_deref())?;
    if args.team.is_none() && session.my_teams().len() > 1 {
        eprintln!(
            "You are in several teams: new charts are yours alone. Use --team, or share them with `wardbook grant`."
        );
    }
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files  {msg}") {
        bar.set_style(style);
    }
    let report = session.import(&args.paths, &to, &mut |progress| {
        bar.set_length(progress.files as u64);
        bar.set_position(progress.files_done as u64);
        let resources = out::counted(progress.resources, "resource", "resources");
        bar.set_message(format!("{resources}  {}", progress.file));
    })?;
    bar.finish_and_clear();
    let number = |value: u64| out::number(i64::try_from(value).unwrap_or(i64::MAX));
    if shared.json {
        let line = |item: &Refused| {
            out::object([
                ("file", out::text(&item.file)),
                ("entry", out::count(item.entry)),
                ("resource", out::optional(item.resource.as_ref().map(ToString::to_string).as_deref())),
                ("reason", out::text(&item.reason)),
            ])
        };
        out::print(&out::object([
            ("files", number(report.files)),
            ("imported", number(report.new)),
            ("changed", number(report.changed)),
            ("unchanged", number(report.unchanged)),
            ("newCharts", number(report.charts_new)),
            ("refused", number(report.refused)),
            ("refusals", out::list(report.refusals.iter().map(line))),
            ("warnings", out::list(report.warnings.iter().map(line))),
        ]));
    } else {
        let rows = [
            ("Imported", report.new, out::counted(report.charts_new, "new chart", "new charts")),
            ("Changed", report.changed, "newer versions of resources that were here".to_owned()),
            ("Unchanged", report.unchanged, "here already".to_owned()),
            ("Refused", report.refused, if report.refused == 0 { String::new() } else { "see below".to_owned() }),
        ];
        let files = out::counted(report.files, "file", "files");
        out::table(
            ["", "Resources", files.as_str()],
            rows.map(|(what, count, note)| [what.to_owned(), count.to_string(), note]),
        );
        show(&report.refusals, "Refused", report.refused);
        show(&report.warnings, "Imported, but looks wrong", report.warnings.len() as u64);
    }
    Ok(if report.refused > 0 { 7 } else { 0 })
}

fn show(items: &[Refused], title: &str, all: u64) {
    if items.is_empty() {
        return;
    }
    println!("{title}:");
    let rows = items.iter().take(SHOWN_MAX).map(|item| {
        let entry = if item.entry == 0 { "whole file".to_owned() } else { item.entry.to_string() };
        let resource = item.resource.as_ref().map(ToString::to_string).unwrap_or_default();
        [item.file.clone(), entry, resource, item.reason.clone()]
    });
    out::table(["File", "Entry", "Resource", "Reason"], rows);
    let more = all.saturating_sub(items.len().min(SHOWN_MAX) as u64);
    if more > 0 {
        println!("… and {more} more; --json names up to {}.", wardbook_client::NAMED_MAX);
    }
}

pub fn export(shared: &Shared, args: &ExportArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let charts = match &args.patient {
        Some(patient) => vec![session.find_chart(patient)?],
        None => session.all_charts()?.into_iter().map(|found| found.chart).collect(),
    };
    let format = if args.format == FormatArg::Bundle { Format::Bundle } else { Format::Ndjson };
    let bar = spinner("Exporting");
    let exported = session
        .export(&charts, format, &args.out, &mut |chart| bar.set_message(format!("Exporting chart {}", chart + 1)))?;
    let attachments = if args.attachments {
        session.export_attachments(&charts, &args.out)?
    } else {
        ExportedAttachments { left_out: session.count_attachments(&charts)? as u64, files: Vec::new() }
    };
    bar.finish_and_clear();
    if attachments.left_out > 0 {
        let how = if args.attachments { "`wardbook fetch` gets what the server has" } else { "see --attachments" };
        let left_out = out::counted(attachments.left_out, "attachment is", "attachments are");
        eprintln!("{left_out} NOT in the files: {how}.");
    }
    if exported.conflicts > 0 {
        eprintln!(
            "{} in conflict: the files have one value of each. See `wardbook conflicts`.",
            out::counted(exported.conflicts, "element is", "elements are")
        );
    }
    if exported.left_out > 0 {
        eprintln!(
            "{} NOT in the files, damaged or waiting for admission: see `wardbook verify`.",
            out::counted(exported.left_out, "entry is", "entries are")
        );
    }
    if shared.json {
        out::print(&out::object([
            ("leftOut", out::number(i64::try_from(exported.left_out).unwrap_or(i64::MAX))),
            ("files", out::list(exported.files.iter().map(|path| out::text(&path.display().to_string())))),
            ("attachments", out::list(attachments.files.iter().map(|path| out::text(&path.display().to_string())))),
            ("attachmentsLeftOut", out::number(i64::try_from(attachments.left_out).unwrap_or(i64::MAX))),
            ("resources", out::number(i64::try_from(exported.resources).unwrap_or(i64::MAX))),
            ("conflicts", out::number(i64::try_from(exported.conflicts).unwrap_or(i64::MAX))),
        ]));
        return Ok(0);
    }
    done(
        shared,
        &format!(
            "{} has {} of {}. These files are not sealed: keep them as you would keep paper.",
            args.out.display(),
            out::counted(exported.resources, "resource", "resources"),
            out::counted(charts.len(), "chart", "charts")
        ),
    )
}

pub fn bundle(shared: &Shared, command: BundleCommand) -> Result<u8, Error> {
    match command {
        BundleCommand::Export { file, new_device: None } => {
            ask::unlock(shared)?.export_bundle(&file)?;
            done(shared, &format!("{} can be imported on any device of the organisation.", file.display()))
        }
        BundleCommand::Export { file, new_device: Some(name) } => {
            let code = ask::unlock(shared)?.export_for_new_device(&file, &name)?;
            if shared.json {
                out::print(&out::object([
                    ("file", out::text(&file.display().to_string())),
                    ("transferCode", out::text(&code)),
                ]));
                return Ok(0);
            }
            println!("{} makes an empty folder the vault of {name}:\n", file.display());
            println!("    wardbook --vault DIR bundle import {}\n", file.display());
            println!(
                "Transfer code, to be typed there. It is shown once; keep it apart from the file:\n\n    {}\n",
                *code
            );
            Ok(0)
        }
        BundleCommand::Import { file, code_file } => {
            if !Vault::is_at(&shared.vault) {
                let code = ask::secret(code_file.as_deref(), "Transfer code: ")?;
                Vault::from_bundle(&shared.vault, &file, &code)?;
                return done(
                    shared,
                    &format!(
                        "{} is a vault of the organisation now. Every member unlocks it with their own password.",
                        shared.vault.display()
                    ),
                );
            }
            let merged = ask::unlock(shared)?.import_bundle(&file)?;
            if shared.json {
                out::print(&out::object([
                    ("statements", out::count(merged.statements)),
                    ("entries", out::count(merged.entries)),
                    ("pending", out::count(merged.pending)),
                    ("refused", out::list(merged.refused.iter().map(|reason| out::text(reason)))),
                    ("diverged", out::optional(merged.diverged.as_deref())),
                ]));
            } else {
                println!(
                    "{} and {} came in.",
                    out::counted(merged.entries, "entry", "entries"),
                    out::counted(merged.statements, "directory statement", "directory statements")
                );
                if merged.pending > 0 {
                    println!(
                        "{} for others, or for changes of members and teams, that are not here yet: kept, and tried \
                         again with every `wardbook sync` and every further bundle. Nothing has to be imported again.",
                        out::counted(merged.pending, "entry waits", "entries wait")
                    );
                }
                for reason in merged.refused.iter().take(SHOWN_MAX) {
                    println!("Refused: {reason}");
                }
                if let Some(reason) = &merged.diverged {
                    println!("Note: {reason}.");
                }
            }
            Ok(if merged.diverged.is_some() {
                8
            } else if merged.refused.is_empty() {
                0
            } else {
                7
            })
        }
    }
}
