//! The configuration of a server: one schema, filled from a file, then the environment, then the command line.
//!
//! ```text
//! defaults ◄── wardbook-server.toml ◄── WARDBOOK_SERVER_HTTP__CONNECTIONS=500 ◄── --listen 0.0.0.0:443
//! ```
//!
//! Every key has a default and a line in [`DOCS`]; a key that is not known is an error that names it.

use crate::Limits;
use crate::http::ServeError;
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider, providers::Serialized};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use tokio::sync::watch;

/// Name of the file that is read from the data folder where no other is given.
pub const FILE: &str = "wardbook-server.toml";
/// Environment variables begin with this; `__` stands between a table and its key.
pub const ENVIRONMENT: &str = "WARDBOOK_SERVER_";
/// The variable that names the file; it is no key of its own.
const ENVIRONMENT_FILE: &str = "CONFIG";
/// The least that an HTTP/1 connection needs for a header.
const HEADER_BYTES_MIN: u32 = 8192;
/// Printed in place of a secret.
const SET: &str = "(set)";

/// What each key is for, in the order in which they are printed.
pub const DOCS: &[(&str, &str)] = &[
    ("data", "Folder of everything that the server keeps. Made at the first start, open to its owner alone."),
    ("listen", "Addresses and ports to listen at. Port 0 takes a free one."),
    (
        "names",
        "Further names and addresses by which devices reach the server; the certificate is made out to them.\n\
               localhost, 127.0.0.1, ::1 and the name of this machine are always among them.",
    ),
    (
        "public_url",
        "What links begin with, as in \"https://records.example.org\". Empty: the first of `names`, else the address\n\
                    listened at or the name of this machine, with the port.",
    ),
    ("plain_http", "Speak HTTP without TLS, for a proxy on the same machine. Only at loopback addresses."),
    (
        "tls_cert",
        "PEM file with a certificate chain to use instead of one made here; devices pin its LAST certificate. It is read\n\
                  again every hour. With plain_http: the chain that the proxy uses, for the link.",
    ),
    ("tls_key", "PEM file with the key of tls_cert."),
    (
        "registration",
        "Who may put an organisation on this server: \"code\" (whoever has the registration code), \"open\" (anybody),\n\
                      \"closed\" (nobody).",
    ),
    (
        "registration_code",
        "The registration code, never printed: \"(set)\" is not one. Empty: one is made at the first start and kept in\n\
                           the data folder.",
    ),
    ("metrics_public", "Answer /metrics to other machines too."),
    ("log", "What is written to standard error."),
    ("log.format", "\"text\" or \"json\" (one object per line)."),
    ("log.level", "\"error\", \"warn\", \"info\" or \"debug\"."),
    ("http", "Limits of connections and requests. What organisations may store is limited below."),
    ("http.connections", "Connections at once, with those that wait for events."),
    ("http.workers", "Requests that are worked on at once; others wait up to 10 seconds, then are told to come back."),
    (
        "http.bodies_bytes_max",
        "Bytes of all requests that are held in memory at once; at least limits.request_bytes_max.",
    ),
    ("http.header_bytes_max", "Bytes of the header of a request, from 8192."),
    ("http.header_secs", "Seconds for a TLS handshake, and for the header of a request to arrive."),
    ("http.body_idle_secs", "Seconds without a byte after which a request that is still arriving is given up."),
    ("http.idle_secs", "Seconds without a byte in either direction after which a connection is closed. More than 25."),
    ("http.streams_per_device", "Event streams that one device may hold open."),
    ("http.stop_secs", "Seconds that running requests get when the server is told to stop."),
    ("limits", "What requests, devices and organisations may use."),
    ("limits.request_bytes_max", "Bytes of one request: it is held in memory while it is worked on."),
    ("limits.objects_max", "Objects in one request: they share a transaction."),
    ("limits.device_requests_per_minute", "Requests of one device in a minute."),
    ("limits.org_requests_per_minute", "Requests of one organisation in a minute."),
    ("limits.unsigned_requests_per_second", "Requests without a valid signature in a second, from everybody together."),
    (
        "limits.org_bytes_max",
        "Bytes of one organisation's log and entries. What must not fail, such as a retirement, is taken past it.",
    ),
    ("limits.device_bytes_per_day_max", "Bytes of entries and attachments that one device hands in on one day (UTC)."),
    ("limits.orgs_max", "Organisations on this server."),
    ("limits.open_orgs", "Organisations whose files are held open."),
    ("limits.replay_memory", "Requests that are remembered against repetition, of some 100 bytes each."),
    ("limits.blob_bytes_max", "Bytes of one attachment."),
    ("limits.org_blob_bytes_max", "Bytes of all attachments of one organisation."),
];

/// Who may put an organisation on the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admission {
    #[default]
    Code,
    Open,
    Closed,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// The least important line that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
}

/// The `[log]` table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub level: LogLevel,
}

/// A value that is never printed: it shows as `(set)` or nothing.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    pub fn new(value: String) -> Self {
        Self(value)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    fn shown(&self) -> &'static str {
        if self.0.is_empty() { "" } else { SET }
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shown())
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.shown())
    }
}

/// The `[http]` table. The defaults suit a hospital on a small machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    pub connections: u32,
    pub workers: u32,
    pub bodies_bytes_max: u64,
    pub header_bytes_max: u32,
    pub header_secs: u64,
    pub body_idle_secs: u64,
    pub idle_secs: u64,
    pub streams_per_device: u32,
    pub stop_secs: u64,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            connections: 2000,
            workers: 16,
            bodies_bytes_max: 512 * 1024 * 1024,
            header_bytes_max: 32 * 1024,
            header_secs: 15,
            body_idle_secs: 60,
            idle_secs: 120,
            streams_per_device: 4,
            stop_secs: 10,
        }
    }
}

/// Everything that can be set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub data: PathBuf,
    #[serde(deserialize_with = "one_or_more")]
    pub listen: Vec<SocketAddr>,
    #[serde(deserialize_with = "one_or_more")]
    pub names: Vec<String>,
    pub public_url: String,
    pub plain_http: bool,
    pub tls_cert: PathBuf,
    pub tls_key: PathBuf,
    pub registration: Admission,
    pub registration_code: Hidden,
    pub metrics_public: bool,
    pub log: Log,
    pub http: Http,
    pub limits: Limits,
    /// Ends the server when it turns true, as a signal does.
    #[serde(skip)]
    pub shutdown: Option<watch::Receiver<bool>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("wardbook-server"),
            listen: vec![SocketAddr::from(([0, 0, 0, 0], 8443))],
            names: Vec::new(),
            public_url: String::new(),
            plain_http: false,
            tls_cert: PathBuf::new(),
            tls_key: PathBuf::new(),
            registration: Admission::default(),
            registration_code: Hidden::default(),
            metrics_public: false,
            log: Log::default(),
            http: Http::default(),
            limits: Limits::default(),
            shutdown: None,
        }
    }
}

/// Where a configuration comes from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Instead of [`FILE`] in the data folder.
    pub file: Option<PathBuf>,
    /// Names and values; those that do not begin with [`ENVIRONMENT`] are passed over.
    pub environment: Vec<(String, String)>,
    /// Keys that were given on the command line.
    pub flags: toml::Table,
}

impl Sources {
    /// Sets a key as if by the command line: `http.workers` is a key of the table `http`.
    pub fn set(&mut self, key: &str, value: impl Into<toml::Value>) {
        let keys: Vec<String> = key.split('.').map(str::to_owned).collect();
        let _ = insert(&mut self.flags, &keys, value.into());
    }

    /// The environment of this process.
    pub fn environment() -> Vec<(String, String)> {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        std::env::vars_os().filter_map(text).collect()
    }
}

impl Config {
    /// Puts the sources together and checks the result.
    ///
    /// # Errors
    /// [`ServeError::Config`] names the key and where it was given; [`ServeError::File`] the file.
    pub fn load(sources: &Sources) -> Result<Self, ServeError> {
        let environment = environment(&sources.environment)?;
        let mut figment = Figment::new();
        if let Some((path, text)) = file(sources, &environment)? {
            let table = text
                .parse::<toml::Table>()
                .map_err(|error| ServeError::Config(format!("{} is not TOML: {error}", path.display())))?;
            figment = figment.merge(Layer { name: "configuration file", place: path.display().to_string(), table });
        }
        figment = figment
            .merge(Layer { name: "environment", place: format!("{ENVIRONMENT}…"), table: environment })
            .merge(Layer { name: "command line", place: "arguments".into(), table: sources.flags.clone() });
        let config: Self = figment.extract().map_err(|error| ServeError::Config(error.to_string()))?;
        config.check()?;
        Ok(config)
    }

    /// What no type can say.
    ///
    /// # Errors
    /// [`ServeError::Config`].
    pub fn check(&self) -> Result<(), ServeError> {
        let fail = |text: &str| Err(ServeError::Config(text.to_owned()));
        let http = &self.http;
        if self.listen.is_empty() {
            return fail("listen: give at least one address, as in \"0.0.0.0:8443\"");
        }
        if self.plain_http && self.listen.iter().any(|address| !address.ip().is_loopback()) {
            return fail(
                "plain_http: HTTP without TLS is spoken at loopback addresses only: set listen = [\"127.0.0.1:8080\"] and \
                 let a proxy on this machine do TLS, or leave plain_http out",
            );
        }
        if !self.plain_http && self.tls_cert.as_os_str().is_empty() != self.tls_key.as_os_str().is_empty() {
            return fail("tls_cert and tls_key go together: give both or none");
        }
        if !self.public_url.is_empty() && !self.public_url.starts_with("https://") {
            return fail("public_url: it begins with https://");
        }
        // Everybody could guess it.
        if self.registration_code.expose() == SET {
            return fail(
                "registration_code: --print-config prints \"(set)\" in place of the code: write the code there, or take the \
                 line out",
            );
        }
        if http.header_bytes_max < HEADER_BYTES_MIN {
            return fail("http.header_bytes_max: at least 8192");
        }
        if http.bodies_bytes_max < self.limits.request_bytes_max {
            return fail("http.bodies_bytes_max: at least limits.request_bytes_max, or the largest request never fits");
        }
        if http.idle_secs <= 25 {
            return fail("http.idle_secs: more than 25, the time between signs of life in an event stream");
        }
        let counts = [http.connections, http.workers, http.streams_per_device];
        if counts.contains(&0) || [http.header_secs, http.body_idle_secs].contains(&0) {
            return fail("http: connections, workers, streams and seconds are at least 1");
        }
        Ok(())
    }

    /// The configuration as a file, each key with a comment, without secrets.
    ///
    /// # Errors
    /// [`ServeError::Config`] for a path that is no text.
    pub fn to_toml(&self) -> Result<String, ServeError> {
        let table = self.table()?;
        let mut out =
            String::from("# The configuration in effect. Keys that are left out of a file have their default.\n");
        print(&mut out, "", &table);
        Ok(out)
    }

    fn table(&self) -> Result<toml::Table, ServeError> {
        toml::Table::try_from(self).map_err(|error| ServeError::Config(error.to_string()))
    }
}

/// One source, with what errors call it.
struct Layer {
    name: &'static str,
    place: String,
    table: toml::Table,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::from(self.name, self.place.clone()).interpolater(|_, keys| keys.join("."))
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Serialized::defaults(&self.table).data()
    }
}

/// The file to read with its text: the one given, or the one in the data folder if there is one.
fn file(sources: &Sources, environment: &toml::Table) -> Result<Option<(PathBuf, String)>, ServeError> {
    if let Some(path) = &sources.file {
        let text = std::fs::read_to_string(path).map_err(|error| ServeError::file(path, &error))?;
        return Ok(Some((path.clone(), text)));
    }
    let given = [&sources.flags, environment].into_iter().find_map(|table| table.get("data")?.as_str());
    let folder = given.map_or_else(|| Config::default().data, PathBuf::from);
    let path = folder.join(FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ServeError::file(&path, &error)),
    }
}

/// The variables that are meant for this program. A value has the type of the key's default; a key that is not known
/// stays text, and is refused by name when the layers are put together.
fn environment(variables: &[(String, String)]) -> Result<toml::Table, ServeError> {
    let defaults = toml::Value::Table(Config::default().table()?);
    let mut table = toml::Table::new();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(ENVIRONMENT).filter(|rest| *rest != ENVIRONMENT_FILE) else { continue };
        let keys: Vec<String> = rest.split("__").map(str::to_ascii_lowercase).collect();
        let default = keys.iter().try_fold(&defaults, |value, key| value.get(key.as_str()));
        let plain = matches!(default, Some(toml::Value::String(_) | toml::Value::Array(_)) | None);
        let value = match text.parse::<toml::Value>() {
            Ok(value) if !plain || value.is_array() => value,
            _ => toml::Value::String(text.clone()),
        };
        insert(&mut table, &keys, value)
            .ok_or_else(|| ServeError::Config(format!("{name}: this is both a key and a table")))?;
    }
    Ok(table)
}

fn insert(table: &mut toml::Table, keys: &[String], value: toml::Value) -> Option<()> {
    match keys {
        [] => None,
        [last] => {
            table.insert(last.clone(), value);
            Some(())
        }
        [first, rest @ ..] => {
            let inner = table.entry(first.clone()).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            insert(inner.as_table_mut()?, rest, value)
        }
    }
}

/// A list, or one text with commas.
fn one_or_more<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr,
    T::Err: Display,
{
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a text or a list of texts")]
    enum Given {
        One(String),
        Several(Vec<String>),
    }
    let texts = match Given::deserialize(deserializer)? {
        Given::One(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        Given::Several(texts) => texts,
    };
    let parse = |text: &String| text.parse::<T>().map_err(|error| D::Error::custom(format!("{text:?}: {error}")));
    texts.iter().filter(|text| !text.is_empty()).map(parse).collect()
}

/// Plain keys first, then tables, in the order of [`DOCS`].
fn print(out: &mut String, prefix: &str, table: &toml::Table) {
    let mut keys: Vec<(usize, String, &String, &toml::Value)> = Vec::new();
    for (key, value) in table {
        let full = format!("{prefix}{key}");
        let place = DOCS.iter().position(|(documented, _)| *documented == full).unwrap_or(DOCS.len());
        keys.push((place, full, key, value));
    }
    keys.sort_by(|a, b| (a.3.is_table(), a.0, &a.1).cmp(&(b.3.is_table(), b.0, &b.1)));
    for (_, full, key, value) in keys {
        out.push('\n');
        let lines = docs(&full);
        for line in lines.lines() {
            out.push_str(&format!("# {}\n", line.trim()));
        }
        match value {
            toml::Value::Table(inner) => {
                out.push_str(&format!("[{full}]\n"));
                print(out, &format!("{full}."), inner);
            }
            other => out.push_str(&format!("{key} = {other}\n")),
        }
    }
}

fn docs(full: &str) -> &'static str {
    DOCS.iter().find(|(documented, _)| *documented == full).map_or("", |(_, text)| text)
}

/// Whether a path was given at all.
pub(crate) fn given(path: &Path) -> Option<&Path> {
    (!path.as_os_str().is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(given: &[(&str, &str)]) -> Vec<(String, String)> {
        given.iter().map(|(name, value)| (format!("{ENVIRONMENT}{name}"), (*value).to_owned())).collect()
    }

    fn refused(sources: &Sources) -> String {
        match Config::load(sources) {
            Err(ServeError::Config(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn later_sources_win() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "names = [\"a.example\"]\n[http]\nconnections = 7\nworkers = 3\n")
            .unwrap();
        let data = folder.path().display().to_string();
        let mut sources = Sources {
            environment: variables(&[
                ("DATA", data.as_str()),
                ("HTTP__WORKERS", "5"),
                ("REGISTRATION_CODE", "0123"),
                ("LISTEN", "127.0.0.1:1, [::1]:2"),
                ("CONFIG", "elsewhere"),
            ]),
            ..Sources::default()
        };
        let config = Config::load(&sources).unwrap();
        assert_eq!((config.http.connections, config.http.workers), (7, 5));
        assert_eq!(config.names, ["a.example"]);
        assert_eq!(config.listen.len(), 2);
        assert_eq!(config.registration_code.expose(), "0123");
        sources.set("names", vec!["b.example"]);
        sources.set("http.workers", 6);
        let config = Config::load(&sources).unwrap();
        assert_eq!((config.http.connections, config.http.workers), (7, 6));
        assert_eq!(config.names, ["b.example"]);
    }

    #[test]
    fn errors_name_the_key_and_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("server.toml");
        let load = |text: &str| {
            std::fs::write(&file, text).unwrap();
            refused(&Sources { file: Some(file.clone()), ..Sources::default() })
        };
        let text = load("listne = \"0.0.0.0:1\"");
        assert!(text.contains("listne") && text.contains("server.toml"), "{text}");
        let text = load("[http]\nconnections = \"many\"");
        assert!(text.contains("http.connections") && text.contains("server.toml"), "{text}");
        let text = load("listen = \"nowhere\"");
        assert!(text.contains("nowhere"), "{text}");
        let text = refused(&Sources { environment: variables(&[("HTPP__WORKERS", "5")]), ..Sources::default() });
        assert!(text.contains("htpp") && text.contains("environment"), "{text}");
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        let flags = |text: &str| Sources { flags: text.parse().unwrap(), ..Sources::default() };
        assert!(refused(&flags("plain_http = true")).contains("loopback"));
        assert!(Config::load(&flags("plain_http = true\nlisten = \"127.0.0.1:0\"")).unwrap().plain_http);
        assert!(refused(&flags("tls_cert = \"a.pem\"")).contains("tls_key"));
    }

    #[test]
    fn what_is_printed_can_be_read_again_and_has_no_secret() {
        let config = Config { registration_code: Hidden::new("sesame-0".into()), ..Config::default() };
        let text = config.to_toml().unwrap();
        assert!(!text.contains("sesame-0") && text.contains("registration_code = \"(set)\""), "{text}");
        assert!(!format!("{config:?}").contains("sesame-0"));
        let mut sources = Sources { flags: text.parse().unwrap(), ..Sources::default() };
        let told = refused(&sources);
        assert!(told.contains("registration_code") && told.contains("write the code there"), "{told}");
        sources.set("registration_code", "sesame-0");
        assert_eq!(Config::load(&sources).unwrap().to_toml().unwrap(), text);
    }

    #[test]
    fn every_key_is_explained() {
        let check = |prefix: &str, table: &toml::Table| {
            for key in table.keys() {
                assert!(!docs(&format!("{prefix}{key}")).is_empty(), "{prefix}{key} has no line in DOCS");
            }
        };
        let table = Config::default().table().unwrap();
        check("", &table);
        for (key, value) in &table {
            if let Some(inner) = value.as_table() {
                check(&format!("{key}."), inner);
            }
        }
    }
}
