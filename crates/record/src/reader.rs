//! Reads a file of FHIR resources as a stream: one pass, one resource in memory at a time.
//!
//! ```text
//! Json    one resource, or a Bundle whose entries each give one      place: number of the entry
//! Ndjson  one resource per line, as bulk export writes them          place: number of the line
//! ```
//!
//! A resource that cannot be taken is refused by itself and the reader goes on with the next one. Only what makes the
//! file as a whole unreadable ends it with a [`ReadError`]. Since the end of a file decides whether it is well
//! formed, an error can follow after resources were handed out: the caller discards those.
//!
//! JSON does not order members: `entry` may come before the `resourceType` that says whether the file is a Bundle or,
//! say, a List, which has a member of that name too. Such a file is read as one tree, within the limits of one
//! resource; once `resourceType` has said Bundle, entries are streamed and a file may have any length.

use crate::json::{Builder, Json, JsonError, RESOURCE_BYTES_MAX};
use crate::resource::{Resource, ResourceError};
use json_event_parser::{JsonEvent, JsonParseError, ReaderJsonParser};
use std::io::{self, BufRead, Read};

/// What the parser may buffer, at most. A text must fit there as a whole to be skipped, so one of up to half of this
/// refuses its entry and a longer one refuses the file.
///
/// The buffer grows by doubling from 4 KiB and the parser compares its length with this for equality; it therefore
/// has to be 4 KiB times a power of two. It gives up, also with room to spare, once the buffer has grown to this.
const BUFFER_BYTES_MAX: usize = 256 * 1024 * 1024;
const _: () = assert!((BUFFER_BYTES_MAX / 4096).is_power_of_two());

/// A line of NDJSON with its line end, at most.
const LINE_BYTES_MAX: usize = RESOURCE_BYTES_MAX + "\r\n".len();

/// How a file holds its resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    Json,
    Ndjson,
}

/// The layout that a file name promises: `.json`, `.ndjson` or `.jsonl`, in any case.
pub fn layout_of(file_name: &str) -> Option<Layout> {
    let (_, extension) = file_name.rsplit_once('.')?;
    match extension.to_ascii_lowercase().as_str() {
        "json" => Some(Layout::Json),
        "ndjson" | "jsonl" => Some(Layout::Ndjson),
        _ => None,
    }
}

/// Where in a file a resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counts from 1: the entry of a Bundle, the line of an NDJSON file. A single resource is at 1.
    pub entry: usize,
}

/// Why one resource of a file is not taken, while the others are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Resource(#[from] ResourceError),
    #[error("this entry of the Bundle holds no resource")]
    NoResource,
    #[error("this entry of the Bundle asks to delete; only additions are imported")]
    Delete,
    #[error("this line holds a Bundle; an NDJSON file has one resource per line")]
    BundleInLine,
}

/// Why a file is not read any further. Nothing of it should be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the file could not be read: {0}")]
    Io(io::ErrorKind),
    #[error("the file is {0}")]
    Syntax(JsonError),
    #[error("the file holds a text longer than {} MiB", BUFFER_BYTES_MAX / 2 / 1024 / 1024)]
    LongText,
    #[error("the file is not FHIR: it holds no JSON object")]
    NotFhir,
    #[error("the file is a Bundle of type history, which tells how records changed, not what they are")]
    HistoryBundle,
    #[error("the file is a Bundle whose entry is not a list")]
    EntryNotList,
    #[error("the file is a Bundle that is refused around its entries: {0}")]
    Bundle(JsonError),
}

impl From<JsonParseError> for ReadError {
    fn from(error: JsonParseError) -> Self {
        match error {
            JsonParseError::Syntax(error) => Self::Syntax(JsonError::from(&error)),
            // How the parser says that its buffer is full.
            JsonParseError::Io(error) if error.kind() == io::ErrorKind::OutOfMemory => Self::LongText,
            JsonParseError::Io(error) => Self::Io(error.kind()),
        }
    }
}

/// Takes each resource, or why it is refused, in the order of the file. Its error stops the reading.
pub type Sink<'a, E> = dyn FnMut(Place, Result<Resource, Refusal>) -> Result<(), E> + 'a;

/// Reads `source` to its end and hands every resource to `sink`.
///
/// Bundles of all types but `history` are taken, an unknown or missing type too. A Bundle inside an entry is one
/// resource. A byte order mark at the start is skipped; blank lines of NDJSON are skipped.
///
/// # Errors
/// A [`ReadError`] when the file as a whole is refused, or the error of `sink`.
pub fn read<E: From<ReadError>>(source: impl BufRead, layout: Layout, sink: &mut Sink<'_, E>) -> Result<(), E> {
    match layout {
        Layout::Json => read_json(source, sink),
        Layout::Ndjson => read_lines(source, sink),
    }
}

fn read_json<E: From<ReadError>>(source: impl Read, sink: &mut Sink<'_, E>) -> Result<(), E> {
    let mut events = Events::new(source);
    if events.event()? != JsonEvent::StartObject {
        return Err(ReadError::NotFhir.into());
    }
    // The whole object as a tree; once it is known to be a Bundle, only its member names, to find any that recur.
    let mut top = Builder::default();
    top.feed(JsonEvent::StartObject);
    let (mut is_bundle, mut is_streamed, mut is_history, mut has_entries) = (false, false, false, false);
    let tree = loop {
        let name = match events.event()? {
            JsonEvent::ObjectKey(name) => name.into_owned(),
            end => break top.feed(end),
        };
        top.feed(JsonEvent::ObjectKey(name.as_str().into()));
        if is_streamed && name == "entry" {
            top.feed(JsonEvent::Null);
            read_entries(&mut events, sink)?;
            continue;
        }
        let text = if is_streamed {
            top.feed(JsonEvent::Null);
            events.pass(&mut Builder::default())?
        } else {
            events.pass(&mut top)?
        };
        match name.as_str() {
            "resourceType" => {
                is_bundle |= text.as_deref() == Some("Bundle");
                is_streamed = is_bundle && !has_entries;
            }
            "type" => is_history = text.as_deref() == Some("history"),
            "entry" => has_entries = true,
            _ => {}
        }
        if is_bundle && is_history {
            return Err(ReadError::HistoryBundle.into());
        }
    };
    // Anything but the end is a syntax error here.
    events.event()?;
    match tree {
        None => Err(ReadError::NotFhir.into()),
        Some(Err(fault)) if is_bundle => Err(ReadError::Bundle(fault).into()),
        Some(_) if is_streamed => Ok(()),
        Some(Ok(Json::Object(mut bundle))) if is_bundle => {
            let Some(Json::Array(entries)) = bundle.remove("entry") else {
                return Err(ReadError::EntryNotList.into());
            };
            let places = (1..).map(|entry| Place { entry });
            places.zip(entries).try_for_each(|(place, entry)| sink(place, resource_of_entry(Ok(entry))))
        }
        Some(single) => sink(Place { entry: 1 }, resource_alone(single)),
    }
}

/// Streams the entries of a Bundle, from before the list to after it.
fn read_entries<E: From<ReadError>>(events: &mut Events<impl Read>, sink: &mut Sink<'_, E>) -> Result<(), E> {
    if events.event()? != JsonEvent::StartArray {
        return Err(ReadError::EntryNotList.into());
    }
    for entry in 1.. {
        let mut builder = Builder::default();
        let done = match events.event()? {
            JsonEvent::EndArray => break,
            first => builder.feed(first),
        };
        let value = match done {
            Some(value) => value,
            None => events.finish(&mut builder)?,
        };
        sink(Place { entry }, resource_of_entry(value))?;
    }
    Ok(())
}

fn resource_of_entry(entry: Result<Json, JsonError>) -> Result<Resource, Refusal> {
    let Json::Object(mut entry) = entry? else { return Err(Refusal::NoResource) };
    if entry.get("request").and_then(|request| request.text("method")) == Some("DELETE") {
        return Err(Refusal::Delete);
    }
    let resource = entry.remove("resource").ok_or(Refusal::NoResource)?;
    Ok(Resource::from_json(resource, entry.get("fullUrl").and_then(Json::as_str))?)
}

fn resource_alone(json: Result<Json, JsonError>) -> Result<Resource, Refusal> {
    Ok(Resource::from_json(json?, None)?)
}

/// The parser of one file.
struct Events<R: Read>(ReaderJsonParser<Filled<R>>);

impl<R: Read> Events<R> {
    fn new(source: R) -> Self {
        Self(ReaderJsonParser::new(Filled(source)).with_max_buffer_size(BUFFER_BYTES_MAX))
    }

    fn event(&mut self) -> Result<JsonEvent<'_>, ReadError> {
        self.0.parse_next().map_err(ReadError::from)
    }

    /// Feeds the events of an opened value to its builder, up to the last.
    fn finish(&mut self, builder: &mut Builder) -> Result<Result<Json, JsonError>, ReadError> {
        // Ends at the latest with the file, whose end within a value is a syntax error.
        loop {
            if let Some(done) = builder.feed(self.event()?) {
                return Ok(done);
            }
        }
    }

    /// Feeds exactly one value to a builder, which may be in the middle of an object; gives the value if it is a text.
    fn pass(&mut self, builder: &mut Builder) -> Result<Option<String>, ReadError> {
        let mut depth = 0_usize;
        loop {
            let event = self.event()?;
            let text = match &event {
                JsonEvent::String(text) if depth == 0 => Some(text.to_string()),
                _ => None,
            };
            match &event {
                JsonEvent::StartArray | JsonEvent::StartObject => depth += 1,
                JsonEvent::EndArray | JsonEvent::EndObject => depth = depth.saturating_sub(1),
                _ => {}
            }
            builder.feed(event);
            if depth == 0 {
                return Ok(text);
            }
        }
    }
}

/// Fills the parser's buffer at each read. The parser starts a text over whenever it has read more of it: in the
/// small pieces that a pipe gives, a long text would take time in the square of its length.
struct Filled<R>(R);

impl<R: Read> Read for Filled<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.0.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

fn read_lines<E: From<ReadError>>(mut source: impl BufRead, sink: &mut Sink<'_, E>) -> Result<(), E> {
    let mut line = Vec::new();
    for entry in 1.. {
        line.clear();
        let is_whole = read_line(&mut source, &mut line).map_err(|error| ReadError::Io(error.kind()))?;
        if line.is_empty() {
            break;
        }
        let text = line.trim_ascii();
        if !is_whole {
            sink(Place { entry }, Err(JsonError::TooLarge.into()))?;
        } else if !text.is_empty() {
            sink(Place { entry }, resource_of_line(text))?;
        }
    }
    Ok(())
}

/// Reads the next line, none at the end of the file. False if it was too long: the rest of it is skipped.
fn read_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    source.by_ref().take(LINE_BYTES_MAX as u64).read_until(b'\n', line)?;
    let is_whole = line.len() < LINE_BYTES_MAX || line.ends_with(b"\n");
    if !is_whole {
        source.skip_until(b'\n')?;
    }
    Ok(is_whole)
}

fn resource_of_line(text: &[u8]) -> Result<Resource, Refusal> {
    let json = Json::parse(text)?;
    if json.text("resourceType") == Some("Bundle") {
        return Err(Refusal::BundleInLine);
    }
    resource_alone(Ok(json))
}

#[cfg(test)]
mod tests;
