//! Log lines: one for each request and for what the server does by itself, as text or as JSON, and nothing from other
//! crates, whose lines could hold what devices send.

use super::ServeError;
use crate::config::{Log, LogFormat, LogLevel};
use std::fmt::{self, Write as _};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::{LookupSpan, Registry};

/// Writes log lines of this process to standard error from now on.
///
/// # Errors
/// [`ServeError::Config`] where that was done before.
pub fn install(log: Log) -> Result<(), ServeError> {
    tracing::subscriber::set_global_default(subscriber(log, std::io::stderr))
        .map_err(|_| ServeError::Config("log lines are already written elsewhere".to_owned()))
}

/// Writes log lines to any writer.
pub fn subscriber<W>(log: Log, writer: W) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt::layer().event_format(Lines { format: log.format }).with_writer(writer);
    Registry::default().with(lines.with_filter(Targets::new().with_target(super::LOG, level)))
}

struct Lines {
    format: LogFormat,
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields { format: self.format, message: String::new(), rest: String::new() };
        event.record(&mut fields);
        let level = event.metadata().level();
        match self.format {
            LogFormat::Text => {
                SystemTime.format_time(&mut writer)?;
                writeln!(writer, " {level:5} {}{}", fields.message, fields.rest)
            }
            LogFormat::Json => {
                writer.write_str("{\"time\":\"")?;
                SystemTime.format_time(&mut writer)?;
                write!(writer, "\",\"level\":\"{level}\",\"message\":{}", quoted(&fields.message))?;
                writeln!(writer, "{}}}", fields.rest)
            }
        }
    }
}

/// The fields of one line, written as they come.
struct Fields {
    format: LogFormat,
    message: String,
    rest: String,
}

impl Fields {
    fn put(&mut self, field: &Field, value: &str) {
        // Writing to a String cannot fail.
        let _ = match self.format {
            LogFormat::Text => write!(self.rest, " {}={value}", field.name()),
            LogFormat::Json => write!(self.rest, ",{}:{value}", quoted(field.name())),
        };
    }
}

impl Visit for Fields {
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, &value.to_string());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, &value.to_string());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, &value.to_string());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            let raw = self.format == LogFormat::Json || !value.contains(char::is_control);
            self.message = if raw { value.to_owned() } else { quoted(value) };
            return;
        }
        let plain = value.chars().all(|c| c.is_ascii_graphic() && c != '"' && c != '\\');
        if self.format == LogFormat::Text && plain && !value.is_empty() {
            self.put(field, value);
        } else {
            self.put(field, &quoted(value));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

/// A JSON string. Nothing that is logged can begin a line of its own.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn lines(format: LogFormat) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = subscriber(Log { format, level: LogLevel::Info }, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "wardbook", route = "/v1/a \"b\"", status = 200_u16, ms = 3_u64, "request\nforged");
            tracing::debug!(target: "wardbook", "not asked for");
            tracing::error!(target: "rustls", "of another crate");
        });
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn lines_are_text_or_json_and_only_ours() {
        let text = lines(LogFormat::Text);
        assert_eq!(text.lines().count(), 1);
        assert!(text.ends_with(" route=\"/v1/a \\\"b\\\"\" status=200 ms=3\n"), "{text}");
        let json = lines(LogFormat::Json);
        assert_eq!(json.lines().count(), 1);
        assert!(json.contains("\"message\":\"request\\u000aforged\",\"route\":\"/v1/a \\\"b\\\"\""), "{json}");
        assert!(json.ends_with(",\"status\":200,\"ms\":3}\n"), "{json}");
        assert!(!text.contains("another") && !json.contains("another"));
    }
}
