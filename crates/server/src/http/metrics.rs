//! Figures in the text format of Prometheus: those of this layer, then those of the service.
//!
//! Labels are route patterns, methods and statuses: never an organisation, a device or a name.

use crate::Stats;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds in seconds.
const BUCKETS: [f64; 7] = [0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0];

/// What is counted here.
#[derive(Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(&'static str, &'static str, u16), u64>>,
    routes: Mutex<BTreeMap<&'static str, Route>>,
    refused: AtomicU64,
    handshakes_failed: AtomicU64,
}

#[derive(Default)]
struct Route {
    within: [u64; BUCKETS.len()],
    count: u64,
    seconds: f64,
    received: u64,
    sent: u64,
}

/// What holds now, rather than was counted.
#[derive(Clone, Copy, Debug)]
pub struct Gauges {
    pub connections: u64,
    pub streams: u64,
}

/// One request, answered.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    pub route: &'static str,
    pub method: &'static str,
    pub status: u16,
    pub took: Duration,
    pub received: u64,
    pub sent: u64,
}

impl Metrics {
    pub fn served(&self, served: &Served) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((served.route, served.method, served.status)).or_insert(0) += 1;
        drop(requests);
        let seconds = served.took.as_secs_f64();
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let route = routes.entry(served.route).or_default();
        for (count, bound) in route.within.iter_mut().zip(BUCKETS) {
            *count += u64::from(seconds <= bound);
        }
        route.count += 1;
        route.seconds += seconds;
        route.received += served.received;
        route.sent += served.sent;
    }

    /// There were too many connections.
    pub fn connection_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub fn handshake_failed(&self) {
        self.handshakes_failed.fetch_add(1, Ordering::Relaxed);
    }

    /// Everything as text.
    pub fn render(&self, gauges: Gauges, stats: &Stats) -> String {
        let mut page = Page::default();
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, method, status), count) in &*requests {
            let status = status.to_string();
            let labels = [("route", *route), ("method", *method), ("status", status.as_str())];
            page.counter("wardbook_http_requests_total", "Requests answered.", &labels, *count);
        }
        drop(requests);
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, route) in &*routes {
            let label = [("route", *name)];
            page.histogram("wardbook_http_request_seconds", "Time until an answer began.", name, route);
            page.counter("wardbook_http_received_bytes_total", "Bytes of requests.", &label, route.received);
            page.counter("wardbook_http_sent_bytes_total", "Bytes of answers of known length.", &label, route.sent);
        }
        drop(routes);
        page.gauge("wardbook_http_connections", "Connections open.", gauges.connections);
        page.gauge("wardbook_http_event_streams", "Event streams open.", gauges.streams);
        let (refused, failed) = (self.refused.load(Ordering::Relaxed), self.handshakes_failed.load(Ordering::Relaxed));
        page.counter("wardbook_http_connections_refused_total", "Connections refused, being too many.", &[], refused);
        page.counter("wardbook_http_handshakes_failed_total", "TLS handshakes that failed.", &[], failed);
        page.of_service(stats);
        page.text()
    }
}

/// Samples under their metric, each metric once.
#[derive(Default)]
struct Page(BTreeMap<&'static str, (&'static str, &'static str, String)>);

impl Page {
    fn sample(
        &mut self,
        name: &'static str,
        help: &'static str,
        kind: &'static str,
        suffix: &str,
        labels: &[(&'static str, &str)],
        value: f64,
    ) {
        let (_, _, lines) = self.0.entry(name).or_insert((help, kind, String::new()));
        let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
        let braces = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{name}{suffix}{braces} {value}");
    }

    /// Its requests and bytes are counted here already.
    fn of_service(&mut self, stats: &Stats) {
        self.gauge("wardbook_organisations", "Organisations on this server.", stats.orgs);
        self.gauge("wardbook_organisations_open", "Organisations whose files are open.", stats.open_orgs);
        let (taken, late) = (stats.entries_accepted, stats.quarantined);
        self.counter("wardbook_entries_accepted_total", "Entries taken into a log.", &[], taken);
        self.counter("wardbook_entries_late_total", "Of those, entries after the end of their lease.", &[], late);
        for (reason, count) in &stats.refused {
            self.counter("wardbook_objects_refused_total", "Objects not taken.", &[("reason", *reason)], *count);
        }
        self.counter("wardbook_leases_issued_total", "Leases signed.", &[], stats.leases_issued);
        let (ignored, failures) = (stats.extensions_ignored, stats.storage_failures);
        self.counter("wardbook_extensions_ignored_total", "Extensions that were not valid.", &[], ignored);
        self.counter("wardbook_storage_failures_total", "Requests that failed for storage.", &[], failures);
    }

    fn counter(&mut self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], value: u64) {
        self.sample(name, help, "counter", "", labels, value as f64);
    }

    fn gauge(&mut self, name: &'static str, help: &'static str, value: u64) {
        self.sample(name, help, "gauge", "", &[], value as f64);
    }

    fn histogram(&mut self, name: &'static str, help: &'static str, label: &str, route: &Route) {
        for (count, bound) in route.within.iter().zip(BUCKETS) {
            let bound = bound.to_string();
            let labels = [("route", label), ("le", bound.as_str())];
            self.sample(name, help, "histogram", "_bucket", &labels, *count as f64);
        }
        let whole = route.count as f64;
        self.sample(name, help, "histogram", "_bucket", &[("route", label), ("le", "+Inf")], whole);
        self.sample(name, help, "histogram", "_sum", &[("route", label)], route.seconds);
        self.sample(name, help, "histogram", "_count", &[("route", label)], whole);
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for (name, (help, kind, lines)) in &self.0 {
            let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{lines}");
        }
        out
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_has_one_heading_and_all_its_samples() {
        let metrics = Metrics::default();
        for (status, millis) in [(200, 1), (200, 300), (413, 1)] {
            let took = Duration::from_millis(millis);
            metrics.served(&Served { route: "/v1/server", method: "GET", status, took, received: 2, sent: 10 });
        }
        metrics.connection_refused();
        let all = metrics.render(Gauges { connections: 1, streams: 2 }, &Stats::default());
        assert!(
            all.contains("wardbook_http_requests_total{route=\"/v1/server\",method=\"GET\",status=\"200\"} 2\n"),
            "{all}"
        );
        assert!(
            all.contains("\nwardbook_http_event_streams 2\n") && all.contains("\nwardbook_organisations 0\n"),
            "{all}"
        );
        let mut page = Page::default();
        page.gauge("g", "G.", 3);
        assert_eq!(page.text(), "# HELP g G.\n# TYPE g gauge\ng 3\n");
        let routes = metrics.routes.lock().unwrap();
        let route = routes.get("/v1/server").unwrap();
        let mut page = Page::default();
        page.histogram("h", "H.", "/v1/server", route);
        let text = page.text();
        assert_eq!(text.matches("# TYPE h histogram").count(), 1);
        assert!(text.contains("h_bucket{route=\"/v1/server\",le=\"0.005\"} 2\n"), "{text}");
        assert!(text.contains("h_bucket{route=\"/v1/server\",le=\"0.5\"} 3\n"), "{text}");
        assert!(text.contains("h_bucket{route=\"/v1/server\",le=\"+Inf\"} 3\n"), "{text}");
        assert!(text.contains("h_count{route=\"/v1/server\"} 3\n"), "{text}");
        assert_eq!((route.received, route.sent), (6, 30));
        assert_eq!(escaped("a\"b\\c\n"), "a\\\"b\\\\c\\n");
    }
}
