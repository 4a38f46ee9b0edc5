//! Where the time of an import goes: its phases one by one, without storage.

use crate::corpus::{self, Corpus};
use crate::{Fallible, table};
use getrandom::SysRng;
use rand_core::UnwrapErr;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use wardbook_core::body::{Body, Change, Content, Packer};
use wardbook_core::envelope::{self, Context, Kind};
use wardbook_core::keys::ChartKey;
use wardbook_record::resource::Resource;
use wardbook_wire::OrgId;

const RUNS: usize = 3;
/// JSON text in one entry, about: as `client::write` divides it.
const ENTRY_TEXT_BYTES: usize = 2 * 1024 * 1024;

#[derive(Clone, Copy, Default)]
struct Phases {
    read: Duration,
    text: Duration,
    deflate: Duration,
    seal: Duration,
}

impl Phases {
    fn total(&self) -> Duration {
        self.read + self.text + self.deflate + self.seal
    }
}

/// `import` is the time of the whole import, from the first measurement.
pub fn measure(corpus: &Corpus, import: Duration) -> Fallible<()> {
    let mut best = None::<Phases>;
    for run in 1..=RUNS {
        eprintln!("phases: run {run} of {RUNS}");
        let mut phases = Phases::default();
        for file in &corpus.files {
            add_file(file, &mut phases)?;
        }
        if best.is_none_or(|best| phases.total() < best.total()) {
            best = Some(phases);
        }
    }
    let best = best.unwrap_or_default();
    let mut so_far = Duration::ZERO;
    let mut line = |name: &str, time: Duration| {
        so_far += time;
        let share = format!("{:.0} %", 100.0 * time.as_secs_f64() / import.as_secs_f64());
        let speed = format!("{:.0} MB/s", corpus.bytes as f64 / 1e6 / time.as_secs_f64());
        vec![name.to_owned(), table::time(time), share, speed, table::time(so_far)]
    };
    let rest = import.saturating_sub(best.total());
    let rows = [
        line("read: files to resources", best.read),
        line("write JSON text", best.text),
        line("encode and DEFLATE", best.deflate),
        line("seal (HKDF, AES-256-GCM)", best.seal),
        line("the rest: placing, comparing, covers, keys, signatures, two databases", rest),
    ];
    table::print("6. Phases of the import", &["phase", "time", "share of the import", "speed", "so far"], &rows);
    Ok(())
}

/// As if everything in a file belonged to one chart, which is so for nearly all of each of these files.
fn add_file(file: &Path, phases: &mut Phases) -> Fallible<()> {
    let start = Instant::now();
    let mut resources = Vec::new();
    corpus::read_file(file, &mut |resource| {
        resources.push(resource);
        Ok(())
    })?;
    phases.read += start.elapsed();

    let start = Instant::now();
    let bodies = bodies(resources);
    phases.text += start.elapsed();

    let start = Instant::now();
    let mut packer = Packer::default();
    let packed: Vec<_> = bodies.iter().map(|body| body.encode(&mut packer)).collect();
    phases.deflate += start.elapsed();

    let start = Instant::now();
    let mut rng = UnwrapErr(SysRng);
    let key = ChartKey::generate(&mut rng);
    let context = Context { org: OrgId([0; 32]), kind: Kind::EntryBody, id: b"bench", epoch: 1, position: 0 };
    for body in &packed {
        black_box(envelope::seal(&key, &context, body, &mut rng));
    }
    phases.seal += start.elapsed();
    Ok(())
}

fn bodies(resources: Vec<Resource>) -> Vec<Body> {
    let (mut bodies, mut body, mut size) = (Vec::new(), Body::default(), 0);
    for resource in resources {
        let length = resource.json().size();
        if size + length > ENTRY_TEXT_BYTES && !body.changes.is_empty() {
            bodies.push(std::mem::take(&mut body));
            size = 0;
        }
        size += length;
        let (key, json, full_url) = resource.into_parts();
        let content = Some(Content(json.to_text().into_bytes()));
        body.changes.push(Change { kind: key.kind, id: key.id, full_url, bases: Vec::new(), content });
    }
    bodies.push(body);
    bodies
}
