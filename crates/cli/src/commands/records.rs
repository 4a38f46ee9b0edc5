//! Finding and reading charts, and writing resources.

use super::people::done;
use crate::args::{EditArgs, PatientArg, PatientsArgs, PutArgs, ResourceArgs, Shared};
use crate::{ask, out};
use std::io::{Read, Write};
use std::path::Path;
use wardbook_client::record::element;
use wardbook_client::record::json::Json;
use wardbook_client::record::resource::{Resource, ResourceKey};
use wardbook_client::record::summary::line;
use wardbook_client::{ChartId, ChartRole, Error, Found, Session};

/// A resource typed or piped in, at most, in bytes.
const INPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;

pub fn patients(shared: &Shared, args: &PatientsArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let found = session.search(&args.query.join(" "), args.most)?;
    if shared.json {
        out::print(&out::list(found.iter().map(found_json)));
        return Ok(0);
    }
    if found.is_empty() {
        println!("No chart that you may open matches.");
        return Ok(0);
    }
    let rows = found.into_iter().map(|found| {
        let short: String = found.chart.to_string().chars().take(12).collect();
        let notes = [
            (found.conflicts > 0).then(|| format!("{} to decide", found.conflicts)),
            found.cover.deceased.then(|| "deceased".to_owned()),
            (found.role != ChartRole::Patient).then(|| found.role.word().to_owned()),
        ];
        let mut held = found.cover.identifiers.clone();
        held.sort_by_key(|held| held.label.is_none());
        held.dedup_by(|one, other| one.value == other.value);
        let identifiers: Vec<_> = held.iter().take(2).map(|held| held.value.as_str()).collect();
        [
            title(&found),
            found.cover.birth_date.unwrap_or_else(|| "Not known".into()),
            found.cover.gender.unwrap_or_else(|| "Not known".into()),
            identifiers.join(", "),
            found.cover.resources.to_string(),
            short,
            notes.into_iter().flatten().collect::<Vec<_>>().join(", "),
        ]
    });
    out::table(["Name", "Born", "Sex", "Identifiers", "Records", "Id", ""], rows);
    Ok(0)
}

fn title(found: &Found) -> String {
    match found.role {
        ChartRole::Patient => found.cover.title(),
        ChartRole::Organisation => "Shared by the organisation".to_owned(),
        ChartRole::Unfiled => "Records that name no patient".to_owned(),
    }
}

fn found_json(found: &Found) -> Json {
    out::object([
        ("id", out::text(&found.chart.to_string())),
        ("kind", out::text(found.role.word())),
        ("name", out::text(&title(found))),
        ("patientIds", out::list(found.cover.patient_ids.iter().map(|id| out::text(id)))),
        ("birthDate", out::optional(found.cover.birth_date.as_deref())),
        ("gender", out::optional(found.cover.gender.as_deref())),
        ("identifiers", out::list(found.cover.identifiers.iter().map(|held| out::text(&held.value)))),
        ("deceased", Json::Bool(found.cover.deceased)),
        ("resources", out::number(found.cover.resources.into())),
        ("conflicts", out::number(found.conflicts.into())),
    ])
}

pub fn chart(shared: &Shared, args: &PatientArg) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let id = session.find_chart(&args.patient)?;
    let today = jiff::Zoned::now().date();
    let summary = session.summary(id, today)?;
    let chart = session.chart(id)?;
    let (conflicts, waiting, damaged) = (chart.conflicts().len(), chart.waiting(), chart.damaged());
    if shared.json {
        let mut json = summary.to_json();
        if let Json::Object(members) = &mut json {
            members.insert("chart", out::text(&id.to_string()));
            members.insert("conflicts", out::count(conflicts));
            members.insert("waiting", out::count(waiting));
            members.insert("damaged", out::count(damaged));
        }
        out::print(&json);
        return Ok(0);
    }
    super::show::summary(&summary);
    if conflicts > 0 {
        println!(
            "\n{} edited apart and waiting for a decision: `wardbook conflicts`",
            out::counted(conflicts, "resource was", "resources were")
        );
    }
    if waiting > 0 {
        println!(
            "{} kept aside for somebody to admit: `wardbook admit`",
            out::counted(waiting, "entry is", "entries are")
        );
    }
    if damaged > 0 {
        println!("{} damaged: `wardbook verify` says which", out::counted(damaged, "entry is", "entries are"));
    }
    Ok(0)
}

/// The chart that a resource command means.
pub fn locate(session: &mut Session, args: &ResourceArgs) -> Result<(ChartId, ResourceKey), Error> {
    let key: ResourceKey = args.resource.parse().map_err(|error| Error::Invalid(format!("{error}")))?;
    let chart = match &args.patient {
        Some(patient) => session.find_chart(patient)?,
        None => session.find_resource(&key)?,
    };
    Ok((chart, key))
}

pub fn get(shared: &Shared, args: &ResourceArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let (id, key) = locate(&mut session, args)?;
    let view = session.chart(id)?.view(&key).ok_or_else(|| Error::NoResource(key.to_string()))?;
    let content = view.content.ok_or_else(|| Error::NoResource(key.to_string()))?;
    println!("{}", content.to_text());
    if !view.conflicts.is_empty() {
        eprintln!(
            "{} in conflict: see `wardbook conflicts`.",
            out::counted(view.conflicts.len(), "element is", "elements are")
        );
    }
    Ok(0)
}

pub fn put(shared: &Shared, args: &PutArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let resource = read_resource(&args.file)?;
    let key = resource.key().clone();
    let id = session.find_chart(&args.patient)?;
    session.put(id, resource)?;
    done(shared, &format!("{key} is written."))
}

/// Reads one resource from a file, or from standard input for `-`.
pub fn read_resource(file: &Path) -> Result<Resource, Error> {
    let unreadable =
        |error: std::io::Error| Error::File { path: file.display().to_string(), reason: error.to_string() };
    let mut text = Vec::new();
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(unreadable)?)
    };
    input.take(INPUT_BYTES_MAX).read_to_end(&mut text).map_err(unreadable)?;
    parse_resource(&text)
}

fn parse_resource(text: &[u8]) -> Result<Resource, Error> {
    let json = Json::parse(text).map_err(|error| Error::Invalid(format!("the resource is {error}")))?;
    Resource::from_json(json, None).map_err(|error| Error::Invalid(error.to_string()))
}

pub fn edit(shared: &Shared, args: &EditArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let (id, key) = locate(&mut session, &args.resource)?;
    let view = session.chart(id)?.view(&key).ok_or_else(|| Error::NoResource(key.to_string()))?;
    if !view.conflicts.is_empty() {
        return Err(Error::Conflict(format!("{key} was edited apart: decide with `wardbook resolve` first")));
    }
    let before = view.content.ok_or_else(|| Error::NoResource(key.to_string()))?.into_owned();
    let after = if args.set.is_empty() { edit_in_editor(&before)? } else { set_all(before.clone(), &args.set)? };
    if after == before {
        return done(shared, "Nothing was changed.");
    }
    let resource = Resource::from_json(after, None).map_err(|error| Error::Invalid(error.to_string()))?;
    if before.text("id").is_some() && *resource.key() != key {
        return Err(Error::Invalid(
            "type and id of a resource stay as they are: use `wardbook put` for another one".into(),
        ));
    }
    session.put_as(id, key.clone(), resource)?;
    done(shared, &format!("{key} is changed."))
}

/// Applies `ELEMENT=VALUE` settings.
pub fn set_all(mut json: Json, settings: &[String]) -> Result<Json, Error> {
    for setting in settings {
        let (path, value) = setting
            .split_once('=')
            .ok_or_else(|| Error::Invalid("--set takes ELEMENT=VALUE, as in active=false".into()))?;
        let value = match value {
            "" => None,
            value => Some(Json::parse(value.as_bytes()).unwrap_or_else(|_| Json::from(value))),
        };
        element::set(&mut json, path, value).map_err(|error| Error::Invalid(format!("{path}: {error}")))?;
    }
    Ok(json)
}

/// Opens an editor on a file that is in memory where the system has such a place, and is removed in any case.
fn edit_in_editor(json: &Json) -> Result<Json, Error> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    if folder != memory {
        eprintln!(
            "While the editor is open, the resource is in a file in {} that only you can read.",
            folder.display()
        );
    }
    let failed = |error: std::io::Error| Error::File { path: folder.display().to_string(), reason: error.to_string() };
    let mut file = tempfile::Builder::new().prefix("wardbook-").suffix(".json").tempfile_in(&folder).map_err(failed)?;
    file.write_all(json.to_lines().as_bytes()).and_then(|()| file.flush()).map_err(failed)?;
    let editor = std::env::var("VISUAL").or_else(|_| std::env::var("EDITOR")).unwrap_or_else(|_| "vi".into());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = std::process::Command::new(program).args(words).arg(file.path()).status();
    match status {
        Ok(status) if status.success() => {}
        Ok(_) => return Err(Error::Invalid("the editor ended with an error: nothing was changed".into())),
        Err(error) => {
            return Err(Error::Invalid(format!(
                "the editor {program:?} did not start ({error}): set EDITOR, or use --set"
            )));
        }
    }
    let text = zeroize::Zeroizing::new(std::fs::read(file.path()).map_err(failed)?);
    Json::parse(&text).map_err(|error| Error::Invalid(format!("the edited text is {error}; nothing was changed")))
}

pub fn delete(shared: &Shared, args: &ResourceArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let (id, key) = locate(&mut session, args)?;
    session.delete(id, &key)?;
    done(shared, &format!("{key} is deleted. `wardbook history {key}` still shows it."))
}

/// Names of the top elements in which two versions differ.
fn changed<'a>(before: &'a Json, after: &'a Json) -> Vec<&'a str> {
    let members = |json: &'a Json| json.as_object().into_iter().flat_map(|object| object.iter()).map(|(name, _)| name);
    let mut names: Vec<_> =
        members(before).chain(members(after)).filter(|name| before.get(name) != after.get(name)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

pub fn history(shared: &Shared, args: &ResourceArgs) -> Result<u8, Error> {
    let mut session = ask::unlock(shared)?;
    let (id, key) = locate(&mut session, args)?;
    let items = session.chart(id)?.history(&key);
    if items.is_empty() {
        return Err(Error::NoResource(key.to_string()));
    }
    if shared.json {
        out::print(&out::list(items.into_iter().map(|item| {
            let (user, name) = session.member_name(&item.author);
            out::object([
                ("version", out::text(&format!("{}.{}", item.version.entry, item.version.index))),
                ("author", out::text(&user)),
                ("authorName", out::text(&name)),
                ("timeMs", out::number(item.time_ms)),
                ("current", Json::Bool(item.current)),
                ("content", item.content.unwrap_or(Json::Null)),
            ])
        })));
        return Ok(0);
    }
    let mut before: Option<&Json> = None;
    let mut rows = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let what = match (&item.content, before) {
            (None, _) => "deleted".to_owned(),
            (Some(json), None) => line(&key, json),
            (Some(json), Some(before)) => format!("changed: {}", changed(before, json).join(", ")),
        };
        let current = if item.current { "current" } else { "" };
        let who = session.member_name(&item.author).1;
        rows.push([(number + 1).to_string(), out::time(item.time_ms), who, what, current.to_owned()]);
        before = item.content.as_ref();
    }
    out::table(["", "When", "Who", "What", ""], rows);
    Ok(0)
}
