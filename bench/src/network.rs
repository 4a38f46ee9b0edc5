//! Ten thousand entries of real records from one device to another over TLS on loopback, beside Etebase with the same
//! records.
//!
//! Etebase runs outside: `--etebase PYTHON SCRIPT URL` starts `PYTHON SCRIPT RECORDS BATCH --url URL --json`, which has to
//! print one JSON object with `push_s` and `pull_s`, seconds (docs/benchmarks.md says how to set that up).

use crate::corpus::{self, Source};
use crate::table::{self, row};
use crate::{Fallible, pull, vaults};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use wardbook_client::sync::http::Https;
use wardbook_client::sync::transport::{Answer, Call, NoAnswer, Transport};
use wardbook_client::sync::{InviteFor, NewMemberInfo, enrol};
use wardbook_client::{InviteLink, ServerLink, Session};
use wardbook_record::json::Json;
use wardbook_record::resource::Resource;
use wardbook_server::config::Config;
use wardbook_server::http::{Started, run};

const RECORDS: usize = 10_000;
/// As many items in a request as suits it best.
const ETEBASE_BATCH: &str = "1000";
const ROUNDS: usize = 3;
/// User name of the member who pulls.
const PULLS: &str = "ben";

/// Etebase on the same records: program, script, address.
pub struct Etebase {
    pub python: OsString,
    pub script: OsString,
    pub url: OsString,
}

/// Bytes of bodies both ways, as they go into TLS.
struct Counted {
    inner: Https,
    bytes: Arc<AtomicU64>,
    calls: Arc<AtomicU64>,
}

impl Transport for Counted {
    fn call(&mut self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let answer = self.inner.call(call)?;
        let header = call.authorization.as_ref().map_or(0, String::len) + call.path.len();
        self.bytes.fetch_add((header + call.body.len() + answer.body.len()) as u64, Ordering::Relaxed);
        self.calls.fetch_add(1, Ordering::Relaxed);
        Ok(answer)
    }

    fn pause(&mut self, secs: u64) {
        self.inner.pause(secs);
    }

    fn wait(&mut self, path: &str, authorization: String, size: u64) -> Result<u64, NoAnswer> {
        self.inner.wait(path, authorization, size)
    }
}

struct Wire {
    base: String,
    certificate: String,
    bytes: Arc<AtomicU64>,
    calls: Arc<AtomicU64>,
}

impl Wire {
    fn link(&self) -> Fallible<Counted> {
        let inner = Https::new(&self.base, &self.certificate)?;
        Ok(Counted { inner, bytes: self.bytes.clone(), calls: self.calls.clone() })
    }
}

/// One run of Wardbook.
struct Run {
    push: Duration,
    pull: Duration,
    push_bytes: u64,
    pull_bytes: u64,
    idle: Duration,
    idle_trips: usize,
    /// CPU time of the thread that pulls.
    pull_cpu: Duration,
    entries: usize,
    sealed: u64,
}

pub fn measure(sources: &[Source], scratch: &Path, etebase: Option<&Etebase>) -> Fallible<()> {
    let records = records(sources)?;
    let file = scratch.join("records.ndjson");
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file)?);
    for (_, text) in &records {
        writeln!(out, "{text}")?;
    }
    out.into_inner()?.sync_all()?;
    let plain: usize = records.iter().map(|(_, text)| text.len()).sum();
    let (mut runs, mut others) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        eprintln!("network: round {} of {ROUNDS}, Wardbook", round + 1);
        runs.push(wardbook(&records, &scratch.join(format!("network-{round}")))?);
        if let Some(etebase) = etebase {
            eprintln!("network: round {} of {ROUNDS}, Etebase", round + 1);
            others.push(ask_etebase(etebase, &file)?);
        }
    }
    let best = |of: &dyn Fn(&Run) -> Duration| runs.iter().map(of).min().unwrap_or_default();
    let (push, pull) = (best(&|run| run.push), best(&|run| run.pull));
    let Some(last) = runs.last() else { return Err("nothing was measured".into()) };
    let mut rows = Vec::new();
    let ratio = |other: Option<Duration>, ours: Duration| {
        other.map_or(("not measured".to_owned(), String::new()), |other| {
            let times = other.as_secs_f64() / ours.as_secs_f64();
            (table::time(other), format!("{times:.1} times; {}", table::target("5", times >= 5.0)))
        })
    };
    let theirs = |of: &dyn Fn(&(Duration, Duration)) -> Duration| others.iter().map(of).min();
    for (what, ours, other) in [
        ("push", push, theirs(&|both| both.0)),
        ("pull, checked, opened, merged, stored", pull, theirs(&|both| both.1)),
    ] {
        let (other, times) = ratio(other, ours);
        rows.push(row([what, &table::time(ours), &other, &times]));
    }
    let title = format!(
        "Network: {} entries with {RECORDS} records ({}) over TLS on loopback, best of {ROUNDS} in turns",
        last.entries,
        table::mb(plain as u64)
    );
    table::print(&title, &["", "Wardbook", "Etebase", "ratio"], &rows);
    let share = |bytes: u64| {
        let times = bytes as f64 / last.sealed as f64;
        format!("{times:.2}; {}", table::target("1.3", times <= 1.3))
    };
    let rows = [
        row(["sealed entries", &table::mb(last.sealed), ""]),
        row(["sent in the push", &table::mb(last.push_bytes), &share(last.push_bytes)]),
        row(["received in the pull", &table::mb(last.pull_bytes), &share(last.pull_bytes)]),
    ];
    table::print("Bytes on the wire", &["", "bytes", "times the sealed bytes"], &rows);
    let idle = [row(["nothing new", &table::time(best(&|run| run.idle)), &last.idle_trips.to_string()])];
    table::print("A sync with nothing new", &["", "time", "round trips"], &idle);
    let pulled = scratch.join(format!("network-{}", ROUNDS - 1)).join("second");
    pull::measure(&pulled, PULLS, scratch, last.pull_cpu)
}

/// Observations of the data, as often as it takes, each for a patient of its copy.
fn records(sources: &[Source]) -> Fallible<Vec<(String, String)>> {
    let observations = corpus::observations(sources)?;
    let mut records = Vec::with_capacity(RECORDS);
    for copy in 0.. {
        for observation in &observations {
            if records.len() == RECORDS {
                return Ok(records);
            }
            let patient = format!("{copy:08x}{}", observation.patient.get(8..).unwrap_or_default());
            let id = format!("{copy:08x}{}", observation.id.get(8..).unwrap_or_default());
            let text = observation.text.replace(&observation.patient, &patient).replace(&observation.id, &id);
            records.push((patient, text));
        }
        if observations.is_empty() {
            break;
        }
    }
    Err("the data has no Observations".into())
}

fn wardbook(records: &[(String, String)], folder: &Path) -> Fallible<Run> {
    std::fs::create_dir_all(folder)?;
    let (stop, stopped) = watch::channel(false);
    let (tell, told) = mpsc::channel::<Started>();
    let listen = vec!["127.0.0.1:0".parse()?];
    let config = Config { data: folder.join("server"), listen, shutdown: Some(stopped), ..Config::default() };
    let mut config = config;
    // What is measured is the work, not the limits.
    config.limits.device_requests_per_minute = u32::MAX;
    config.limits.org_requests_per_minute = u32::MAX;
    let thread = std::thread::spawn(move || {
        run(config, |started| {
            let _ = tell.send(started.clone());
        })
        .map_err(|error| error.to_string())
    });
    let started = told.recv_timeout(Duration::from_secs(30))?;
    let done = exchange(records, folder, &started);
    let _ = stop.send(true);
    thread.join().map_err(|_| "the server ended badly")??;
    done
}

fn exchange(records: &[(String, String)], folder: &Path, started: &Started) -> Fallible<Run> {
    let text = started.link.as_ref().ok_or("the server gave no link")?;
    let server = ServerLink::from_text(text)?;
    let certificate = Https::pinned_certificate(&server.base, &server.fingerprint)?;
    let (bytes, calls) = (Arc::<AtomicU64>::default(), Arc::default());
    let wire = Wire { base: server.base.clone(), certificate: certificate.clone(), bytes: bytes.clone(), calls };
    let mut first = vaults::unlock(vaults::create(&folder.join("first"))?, vaults::ADMIN)?;
    let mut link = wire.link()?;
    first.set_server(&mut link, &server, &certificate)?;
    first.connect(Box::new(wire.link()?));
    let to = vaults::ward(&mut first, &[vaults::ADMIN])?;
    let teams = to.keys().filter_map(|to| match to {
        wardbook_client::Grantee::Team(team) => Some(*team),
        wardbook_client::Grantee::Member(_) => None,
    });
    let member = Some((wardbook_client::Role::Clinician, teams.collect()));
    let invited = first.invite(&mut link, &InviteFor { member, device: true, hours: 1 })?;
    let password = vaults::password();
    let info = NewMemberInfo { user: PULLS, display: "Ben", password: &password };
    let invite = InviteLink::from_text(&invited.link)?;
    let second = enrol(&folder.join("second"), &invite, &mut wire.link()?, &certificate, "second", Some(&info))?;
    let waiting = second.vault.unlock_to_sync(PULLS, &wardbook_client::Credential::Password(&password));
    let mut waiting = waiting.map_err(|(_, error)| error)?;
    waiting.sync(&mut wire.link()?, &mut |_| {})?;
    let mut second = waiting.into_session().map_err(|(_, error)| error)?;

    let sealed = write(&mut first, records, folder, &to)?;
    let timed = |session: &mut Session| -> Fallible<(Duration, u64, usize, usize, usize)> {
        let mut link = wire.link()?;
        bytes.store(0, Ordering::Relaxed);
        let start = Instant::now();
        let report = session.sync(&mut link, &mut |_| {})?;
        Ok((start.elapsed(), bytes.load(Ordering::Relaxed), report.sent, report.received, report.round_trips))
    };
    let (push, push_bytes, entries, ..) = timed(&mut first)?;
    let before = pull::thread_time();
    let (pull, pull_bytes, _, received, _) = timed(&mut second)?;
    let pull_cpu = pull::thread_time().saturating_sub(before);
    if received != entries {
        return Err(format!("{entries} entries were sent and {received} received").into());
    }
    let (idle, _, _, _, idle_trips) = timed(&mut second)?;
    if second.all_charts()?.len() != first.all_charts()?.len() {
        return Err("the two devices do not list the same charts".into());
    }
    Ok(Run { push, pull, push_bytes, pull_bytes, idle, idle_trips, pull_cpu, entries, sealed })
}

/// One entry for each record. Gives the bytes of all entries as they are stored.
fn write(
    session: &mut Session,
    records: &[(String, String)],
    folder: &Path,
    to: &std::collections::BTreeMap<wardbook_client::Grantee, wardbook_client::Access>,
) -> Fallible<u64> {
    let mut patients: Vec<_> = records.iter().map(|(patient, _)| patient.clone()).collect();
    patients.sort();
    patients.dedup();
    let path: PathBuf = folder.join("patients.ndjson");
    let mut file = std::fs::File::create(&path)?;
    for (number, id) in patients.iter().enumerate() {
        let (given, family) = corpus::name_of(number);
        writeln!(
            file,
            r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{family}","given":["{given}"]}}],"birthDate":"1950-02-03"}}"#
        )?;
    }
    file.sync_all()?;
    session.import(&[path], to, &mut |_| {})?;
    let mut charts = std::collections::HashMap::new();
    for patient in &patients {
        charts.insert(patient.clone(), session.find_chart(patient)?);
    }
    for (number, (patient, text)) in records.iter().enumerate() {
        let chart = charts.get(patient).copied().ok_or("a record without a chart")?;
        let resource = Resource::from_json(Json::parse(text.as_bytes())?, None)?;
        session.put(chart, resource)?;
        if number % 2000 == 1999 {
            eprintln!("network: {} records written", number + 1);
        }
    }
    Ok(session.vault().unsent_bytes()?)
}

fn ask_etebase(etebase: &Etebase, records: &Path) -> Fallible<(Duration, Duration)> {
    let output = Command::new(&etebase.python)
        .arg(&etebase.script)
        .arg(records)
        .arg(ETEBASE_BATCH)
        .arg("--url")
        .arg(&etebase.url)
        .arg("--json")
        .output()?;
    if !output.status.success() {
        return Err(format!("Etebase: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let json = Json::parse(output.stdout.trim_ascii())?;
    let seconds = |name: &str| -> Fallible<Duration> {
        let number = json.get(name).and_then(Json::as_number).ok_or_else(|| format!("Etebase: no {name}"))?;
        Ok(Duration::from_secs_f64(number.as_str().parse()?))
    };
    Ok((seconds("push_s")?, seconds("pull_s")?))
}
