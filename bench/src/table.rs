//! Markdown tables, and numbers as people read them.

use std::time::Duration;

pub fn print(title: &str, head: &[&str], rows: &[Vec<String>]) {
    println!("\n## {title}\n");
    println!("| {} |", head.join(" | "));
    println!("|{}", " --- |".repeat(head.len()));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
}

pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

pub fn time(time: Duration) -> String {
    match time.as_secs_f64() * 1e3 {
        ms if ms >= 1e4 => format!("{:.1} s", ms / 1e3),
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms if ms >= 1.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.3} ms"),
    }
}

/// Millions of bytes.
pub fn mb(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

pub fn ratio(this: f64, other: f64) -> String {
    format!("{:.2}", this / other)
}

/// The project's target beside what came of it.
pub fn target(text: &str, met: bool) -> String {
    format!("{text}: {}", if met { "met" } else { "**missed**" })
}

/// The time that a share `at` of all times does not exceed: 0.5 gives the median, 1.0 the worst.
pub fn quantile(times: &[Duration], at: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let index = (sorted.len() as f64 * at).ceil() as usize;
    sorted.get(index.saturating_sub(1)).copied().unwrap_or_default()
}
