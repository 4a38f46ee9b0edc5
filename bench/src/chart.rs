//! How long a chart of 1,000 resources takes to open.

use crate::corpus::{self, Source};
use crate::{Fallible, table, vaults};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

const RESOURCES: usize = 1000;
const RUNS: usize = 50;
const OPEN_MAX: Duration = Duration::from_millis(50);

pub fn measure(sources: &[Source], scratch: &Path) -> Fallible<()> {
    eprintln!("chart: importing a chart of {RESOURCES} resources");
    let bundle = scratch.join("chart.json");
    let patient = corpus::write_chart(sources, RESOURCES, &bundle)?;
    // With what patients share, so that the summary has an organisation's chart to look names up in.
    let shared = scratch.join("shared");
    let shared_files = corpus::write_shared(sources, &shared)?;
    let mut session = vaults::unlock(vaults::create(&scratch.join("chart-vault"))?, vaults::ADMIN)?;
    let to = vaults::ward(&mut session, &[vaults::ADMIN])?;
    let report = session.import(&[shared_files, vec![bundle]].concat(), &to, &mut |_| {})?;
    let id = session.find_chart(&patient)?;
    let held = session.chart(id)?.len();
    if held != RESOURCES {
        return Err(format!("the chart holds {held} resources ({} were refused)", report.refused).into());
    }

    let today = jiff::civil::date(2026, 1, 1);
    let (mut opening, mut first, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let mut vault = session.lock();
    for run in 1..=RUNS {
        eprint!("\rchart: run {run} of {RUNS}");
        let mut session = vaults::unlock(vault, vaults::ADMIN)?;
        let start = Instant::now();
        black_box(session.chart(id)?.id());
        opening.push(start.elapsed());
        // The list of charts is another measurement.
        session.find_chart(&patient)?;
        for times in [&mut first, &mut again] {
            let start = Instant::now();
            black_box(session.summary(id, today)?);
            times.push(start.elapsed());
        }
        vault = session.lock();
    }
    eprintln!();

    let median = table::quantile(&opening, 0.5);
    let line = |name: &str, times: &[Duration], target: String| {
        let [p50, worst] = [0.5, 1.0].map(|at| table::time(table::quantile(times, at)));
        vec![name.to_owned(), p50, worst, target]
    };
    table::print(
        &format!("3. Open a chart of {RESOURCES} resources, warm ({RUNS} sessions)"),
        &["what", "p50", "worst", "target (p50)"],
        &[
            line("open the chart", &opening, table::target("under 50 ms", median < OPEN_MAX)),
            line("summary, opening the organisation's chart", &first, String::new()),
            line("summary again", &again, String::new()),
        ],
    );
    Ok(())
}
