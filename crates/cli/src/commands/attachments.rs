//! Photos, PDFs and other files of a chart: `attach`, `fetch`.

use crate::args::Shared;
use crate::{ask, net, out};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use wardbook_client::attachments::{Wanted, blob_named};
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::ResourceKey;
use wardbook_client::record::summary::clean_text;
use wardbook_client::{BlobId, ChartId, Error, Session};

#[derive(Args)]
pub struct AttachArgs {
    /// Name, birth date, identifier, or the id shown by `wardbook patients`
    pub patient: String,
    /// A file of at most 2 GiB; a sealed copy goes into the vault, the file itself stays as it is
    pub file: PathBuf,
    /// What it is called in the chart; the file's name if not given
    #[arg(long)]
    pub title: Option<String>,
    /// What kind of file it is, as in image/jpeg; told from its first bytes if not given
    #[arg(long = "type", value_name = "MIME")]
    pub content_type: Option<String>,
}

#[derive(Args)]
pub struct FetchArgs {
    /// A resource with an attachment, as in DocumentReference/123, or an attachment's 64 hexadecimal digits
    #[arg(value_name = "RESOURCE|BLOB")]
    pub attachment: String,
    /// The patient whose chart it is in; without it every chart is looked through
    #[arg(long)]
    pub patient: Option<String>,
    /// New file to write to; it is NOT sealed
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Only these bytes, counted from 0, as in 0-1023, or from one on to the end, as in 1024-
    #[arg(long, value_name = "FIRST-LAST", value_parser = range)]
    pub range: Option<(u64, Option<u64>)>,
}

fn range(text: &str) -> Result<(u64, Option<u64>), String> {
    let parts = text.split_once('-').and_then(|(first, last)| {
        let last = if last.is_empty() { None } else { Some(last.parse::<u64>().ok()?) };
        Some((first.parse::<u64>().ok()?, last))
    });
    parts.filter(|(first, last)| last.is_none_or(|last| *first <= last)).ok_or_else(|| "write it as 0-1023".to_owned())
}

pub fn attach(shared: &Shared, args: &AttachArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let chart = session.find_chart(&args.patient)?;
    let bar = bytes_bar("Sealing");
    let (title, content_type) = (args.title.as_deref(), args.content_type.as_deref());
    let attached = session.attach(chart, &args.file, content_type, title, &mut |done, all| show(&bar, done, all))?;
    bar.finish_and_clear();
    if shared.json {
        out::print(&out::object([
            ("resource", out::text(&attached.resource.to_string())),
            ("blob", out::text(&attached.blob.to_string())),
            ("bytes", bytes(attached.bytes)),
            ("contentType", out::text(&attached.content_type)),
            ("again", Json::Bool(attached.again)),
        ]));
        return Ok(0);
    }
    let bytes = out::counted(attached.bytes, "byte", "bytes");
    println!("{} holds it: {}, {bytes}.", attached.resource, attached.content_type);
    if attached.again {
        println!("The chart had this very file already; it is kept once.");
    }
    Ok(0)
}

pub fn fetch(shared: &Shared, args: &FetchArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let (chart, blob) = find(&mut session, args)?;
    let wanted = Wanted { chart, blob, range: args.range, out: &args.out };
    let bar = bytes_bar("Fetching");
    let mut progress = |done, all| show(&bar, done, all);
    let mut link = if session.vault().has_server() { Some(net::link(session.vault())?) } else { None };
    let fetched = match &mut link {
        Some(link) => session.fetch(Some(link), &wanted, &mut progress),
        None => session.fetch(None, &wanted, &mut progress),
    };
    bar.finish_and_clear();
    let fetched = fetched?;
    if shared.json {
        out::print(&out::object([
            ("file", out::text(&args.out.display().to_string())),
            ("blob", out::text(&blob.to_string())),
            ("bytes", bytes(fetched.bytes)),
            ("length", bytes(fetched.length)),
            ("contentType", out::text(&fetched.content_type)),
        ]));
        return Ok(0);
    }
    let kind = clean_text(&fetched.content_type, 255);
    println!(
        "{} has {}, {kind}. It is not sealed: keep it as you would keep paper.",
        args.out.display(),
        out::counted(fetched.bytes, "byte", "bytes")
    );
    Ok(0)
}

/// The one attachment that is meant, with its chart.
fn find(session: &mut Session, args: &FetchArgs) -> Result<(ChartId, BlobId), Error> {
    let patient = args.patient.as_ref().map(|patient| session.find_chart(patient)).transpose()?;
    if let Some(blob) = blob_named(&args.attachment) {
        return Ok((patient.map_or_else(|| session.find_attachment(&blob), Ok)?, blob));
    }
    let key: ResourceKey = args.attachment.parse().map_err(|error| Error::Invalid(format!("{error}")))?;
    let chart = patient.map_or_else(|| session.find_resource(&key), Ok)?;
    let held = session.attachments_of(chart, &key)?;
    match held.as_slice() {
        [] => Err(Error::NoResource(format!("an attachment of {key}"))),
        [one] => Ok((chart, one.blob)),
        several => {
            let names: Vec<_> = several.iter().map(|held| held.blob.to_string()).collect();
            Err(Error::Invalid(format!("{key} has several attachments; name one: {}", names.join(", "))))
        }
    }
}

fn bytes(value: u64) -> Json {
    out::number(i64::try_from(value).unwrap_or(i64::MAX))
}

fn bytes_bar(message: &str) -> ProgressBar {
    let bar = ProgressBar::new(0).with_message(message.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}  {eta}") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, done: u64, all: u64) {
    bar.set_length(all);
    bar.set_position(done);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_as_in_http() {
        assert_eq!(range("0-1023"), Ok((0, Some(1023))));
        assert_eq!(range("1024-"), Ok((1024, None)));
        assert_eq!(range("7-7"), Ok((7, Some(7))));
        for bad in ["", "-", "-5", "5", "8-7", "a-b", "1-2-3"] {
            assert!(range(bad).is_err(), "{bad}");
        }
    }
}
