//! The same requests against a log that grows: none of them may cost more because the log is longer.

use super::device::{Device, Direct, GENERATION, asking, check, taken};
use super::kb;
use super::organisation::Organisation;
use crate::{Fallible, table};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use wardbook_server::Service;
use wardbook_wire::exchange::{HistoryAnswer, HistoryRequest, SyncAnswer, SyncRequest, Want};
use wardbook_wire::log::{Item, LogPoint};
use wardbook_wire::{ChartId, strict};

/// Entries in the log when it is measured.
const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
/// Entries that are made together, of charts of their own; as many as the device with a caseload is behind.
const BLOCK: usize = 10_000;
/// Charts of 5 entries in a block, then charts of 50. Every second entry belongs to one of the first kind.
const SHORT: usize = 1_000;
const LONG: usize = 100;
const LONG_ENTRIES: usize = BLOCK / 2 / LONG;
/// Short charts of the last block that the device with a caseload wants.
const CASELOAD: usize = 20;
const CASELOAD_ENTRIES: usize = CASELOAD * BLOCK / 2 / SHORT;
/// Entries that another device gets.
const TAIL: usize = 100;
const BATCH: usize = 4096;
const BODY_BYTES: usize = 200;
const RUNS: usize = 30;
/// The longest log to the shortest.
const RATIO_MAX: f64 = 1.5;

/// The growing log.
struct Log {
    org: Organisation,
    plan: Vec<usize>,
    /// Where the last block begins.
    behind: LogPoint,
    /// Where the last entries begin.
    tail: LogPoint,
    /// Short charts of the last block.
    short: Vec<ChartId>,
    /// Long charts of all blocks.
    long: Vec<ChartId>,
    entries: usize,
    bytes: u64,
}

/// A request as often as it is measured.
struct Asked {
    times: Vec<Duration>,
    /// Of the last answer.
    bytes: usize,
}

impl Asked {
    fn median(&self) -> Duration {
        table::quantile(&self.times, 0.5)
    }
}

pub fn measure(scratch: &Path) -> Fallible<()> {
    let folder = scratch.join("log");
    let service = super::open(&folder)?;
    let mut log = Log::new(&service)?;
    let (mut columns, mut taking) = (Vec::new(), Vec::new());
    for size in SIZES {
        let (before, mut time) = (log.entries, Duration::ZERO);
        while log.entries < size {
            eprint!("\rserver: a log of {} entries", log.entries);
            time += log.grow(&service)?;
        }
        eprintln!("\rserver: asking a log of {} entries", log.entries);
        taking.push(time.as_secs_f64() / (log.entries - before) as f64);
        columns.push(log.ask(&service)?);
    }
    let mean = log.bytes as f64 / log.entries as f64;
    drop(service);
    fs::remove_dir_all(&folder)?;

    let names = [
        "a sync with nothing new".to_owned(),
        format!("a sync that gets the last {TAIL} entries"),
        format!("a sync {BLOCK} entries behind, {CASELOAD} charts wanted"),
        format!("history of a chart of {LONG_ENTRIES} entries"),
    ];
    let mut rows = Vec::new();
    for (at, name) in names.into_iter().enumerate() {
        let asked: Vec<&Asked> = columns.iter().filter_map(|column| column.get(at)).collect();
        let cell = |asked: &&Asked| format!("{}, {}", table::time(asked.median()), kb(asked.bytes as f64));
        let medians: Vec<f64> = asked.iter().map(|asked| asked.median().as_secs_f64()).collect();
        let (ratio, target) = compare(&medians, true);
        rows.push([vec![name], asked.iter().map(cell).collect(), vec![ratio, target]].concat());
    }
    let per_second = |seconds: &f64| format!("{:.0} per second", 1.0 / seconds);
    let (ratio, _) = compare(&taking, false);
    let name = format!("entries handed in, {BATCH} at a time");
    rows.push([vec![name], taking.iter().map(per_second).collect(), vec![ratio, String::new()]].concat());
    let sizes = SIZES.map(|size| size.to_string());
    let [small, middle, large] = sizes.each_ref().map(String::as_str);
    table::print(
        &format!("Pull and the length of the log: entries of {}, median of {RUNS}, bytes of the answer", kb(mean)),
        &["request, by entries in the log", small, middle, large, "longest to shortest", "target"],
        &rows,
    );
    Ok(())
}

/// The last time to the first, and what came of the target.
fn compare(seconds: &[f64], has_target: bool) -> (String, String) {
    let (Some(first), Some(last)) = (seconds.first(), seconds.last()) else { return Default::default() };
    let target = table::target(&format!("at most {RATIO_MAX:.2}"), last / first <= RATIO_MAX);
    (table::ratio(*last, *first), if has_target { target } else { String::new() })
}

impl Log {
    fn new(service: &Service) -> Fallible<Self> {
        let org = Organisation::found(&mut Direct(service), "")?;
        let chart = |place: usize| {
            let turn = place / 2;
            if place % 2 == 0 { turn % SHORT } else { SHORT + turn % LONG }
        };
        let (plan, start) = ((0..BLOCK).map(chart).collect(), org.range.point());
        let (short, long) = (Vec::new(), Vec::new());
        Ok(Self { org, plan, behind: start, tail: start, short, long, entries: 0, bytes: 0 })
    }

    /// Adds a block; gives the time that the server took for it.
    fn grow(&mut self, service: &Service) -> Fallible<Duration> {
        let (entries, mut charts) = self.org.scribe.write(&self.plan, SHORT + LONG, BODY_BYTES)?;
        self.long.extend(charts.split_off(SHORT));
        self.short = charts;
        self.behind = self.org.range.point();
        let (head, tail) = entries.split_at(BLOCK - TAIL);
        let (mut time, mut last) = (Duration::ZERO, None);
        for part in head.chunks(BATCH).chain([tail]) {
            self.tail = self.org.range.point();
            let body = self.org.hand_in(part);
            let request = self.org.writer.prepare("sync", body);
            let start = Instant::now();
            let answer = request.handle(service);
            time += start.elapsed();
            last = Some(taken(answer.status, &answer.body)?);
        }
        self.org.check_end(&last.ok_or("nothing was handed in")?)?;
        self.entries += entries.len();
        self.bytes += entries.iter().map(|entry| entry.object.bytes().len() as u64).sum::<u64>();
        Ok(time)
    }

    /// The four requests, in the order of the table.
    fn ask(&mut self, service: &Service) -> Fallible<[Asked; 4]> {
        let end = self.org.range.point();
        let repeated = |request: &SyncRequest| vec![strict::encode(request); RUNS];
        let nothing = repeated(&asking(end, Vec::new()));
        let last = repeated(&asking(self.tail, Vec::new()));
        let mut charts: Vec<ChartId> = self.short.iter().step_by(SHORT / CASELOAD).take(CASELOAD).copied().collect();
        charts.sort_unstable();
        let want = Want::Some { charts, teams: Vec::new() };
        let caseload = repeated(&SyncRequest { want, ..asking(self.behind, Vec::new()) });
        // Charts from all over the log, each asked for once.
        let chosen = self.long.iter().step_by(self.long.len() / RUNS).take(RUNS);
        let of_chart = |chart: &ChartId| {
            let charts = vec![*chart];
            let (generation, teams) = (GENERATION, Vec::new());
            strict::encode(&HistoryRequest { generation, from: 0, to: end.size, charts, teams, all: false })
        };
        let history: Vec<Vec<u8>> = chosen.map(of_chart).collect();
        let reader = &mut self.org.reader;
        Ok([
            ask(reader, service, "sync", &nothing, 0)?,
            ask(reader, service, "sync", &last, TAIL)?,
            ask(reader, service, "sync", &caseload, CASELOAD_ENTRIES)?,
            ask(reader, service, "history", &history, LONG_ENTRIES)?,
        ])
    }
}

/// Asks once with each body, for so many leaves with their objects.
fn ask(reader: &mut Device, service: &Service, route: &str, bodies: &[Vec<u8>], leaves: usize) -> Fallible<Asked> {
    let mut asked = Asked { times: Vec::with_capacity(bodies.len()), bytes: 0 };
    for body in bodies {
        let request = reader.prepare(route, body.clone());
        let start = Instant::now();
        let answer = request.handle(service);
        asked.times.push(start.elapsed());
        check(answer.status, &answer.body)?;
        let items = match route {
            "history" => strict::decode::<HistoryAnswer>(&answer.body, usize::MAX)?.items,
            _ => strict::decode::<SyncAnswer>(&answer.body, usize::MAX)?.items,
        };
        let got = items.iter().filter(|item| matches!(item, Item::Leaf { object: Some(_), .. })).count();
        if got != leaves {
            return Err(format!("{route}: {got} entries came instead of {leaves}").into());
        }
        asked.bytes = answer.body.len();
    }
    Ok(asked)
}
