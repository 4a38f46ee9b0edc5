//! Several devices and a server: real processes that speak TLS on loopback.

mod attachments;
mod blindness;
mod caseload;
mod full_disk;
mod interrupted;
mod joining;
mod leases;
mod middle;
mod proxy;
mod restoring;
mod retiring;
mod serving;
mod together;

use crate::support::{Scene, number, samples};
use proxy::Proxy;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use wardbook_client::record::json::Json;

/// Seconds that a program of a debug build adds to its clock.
const CLOCK: &str = "WARDBOOK_TEST_CLOCK_OFFSET_SECS";
/// How often the port of a server that was ended is asked for again.
const PORT_TRIES: u32 = 40;

/// A server in a process of its own, on a free port that it keeps when it is started again.
pub struct Server {
    child: Option<Child>,
    pub data: PathBuf,
    /// What it wrote on standard error.
    pub log: PathBuf,
    flags: Vec<String>,
    pub address: SocketAddr,
    /// To put an organisation on it.
    pub link: String,
    /// Fingerprint of the certificate that devices pin.
    pub certificate: String,
}

impl Server {
    pub fn start(data: &Path, flags: &[&str]) -> Self {
        Self::start_at(data, SocketAddr::from(([127, 0, 0, 1], 0)), flags)
    }

    pub fn start_at(data: &Path, address: SocketAddr, flags: &[&str]) -> Self {
        let mut server = Self {
            child: None,
            data: data.to_owned(),
            log: data.with_extension("log"),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            address,
            link: String::new(),
            certificate: String::new(),
        };
        server.start_again(0);
        server
    }

    /// Starts it on the same folder and port, with a clock that is so many hours ahead.
    pub fn start_again(&mut self, hours: i64) {
        assert!(self.child.is_none(), "it runs already");
        for _ in 0..PORT_TRIES {
            if self.try_start(hours) {
                return;
            }
            // Somebody else has the port for a moment.
            std::thread::sleep(Duration::from_millis(250));
        }
        panic!("the server does not start: {}", std::fs::read_to_string(&self.log).unwrap_or_default());
    }

    fn try_start(&mut self, hours: i64) -> bool {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut command = serve(&self.data, self.address);
        command.args(&self.flags).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        set_clock(&mut command, hours);
        let mut child = command.spawn().unwrap();
        // It says one line once it listens, and nothing after it.
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(started) = Json::parse(line.trim().as_bytes()) else {
            let _ = child.kill();
            child.wait().unwrap();
            return false;
        };
        self.address = started.items("listening")[0].as_str().unwrap().parse().unwrap();
        self.link = started.text("link").unwrap_or_default().to_owned();
        self.certificate = started.text("certificate").unwrap_or_default().to_owned();
        self.child = Some(child);
        true
    }

    /// Ends it as an operator does; gives its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let mut child = self.child.take().unwrap();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        for _ in 0..300 {
            if let Some(status) = child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.child = Some(child);
        panic!("the server was told to stop and goes on");
    }

    /// Ends it with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The command that serves a folder.
pub fn serve(data: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardbook"));
    command.env("TZ", "UTC").args(["serve", "--json", "--data"]).arg(data).arg("--listen").arg(address.to_string());
    command
}

/// The offset is honoured by debug builds alone.
pub fn clocks_can_be_set() -> bool {
    if !cfg!(debug_assertions) {
        eprintln!("skipped: a release build does not let tests set its clock");
    }
    cfg!(debug_assertions)
}

fn set_clock(command: &mut Command, hours: i64) {
    if hours != 0 {
        command.env(CLOCK, (hours * 3600).to_string());
    }
}

/// An organisation on a server, with Ana (admin) on device one. The server ends first.
pub struct Network {
    pub server: Server,
    proxy: Option<Proxy>,
    pub scene: Scene,
    /// Ana's device.
    pub one: PathBuf,
    /// How many hours the clocks of devices are ahead.
    pub hours: i64,
}

impl Network {
    /// Ana alone, in the team Night.
    pub fn new() -> Self {
        let scene = Scene::empty();
        let data = scene.folder.path().join("server");
        Self::build(scene, &data, None)
    }

    /// The same, with a proxy of the test between the devices and the server.
    pub fn behind_proxy() -> Self {
        let scene = Scene::empty();
        let data = scene.folder.path().join("server");
        Self::build(scene, &data, Some(Proxy::start()))
    }

    /// The same, where the server keeps its files in that folder.
    pub fn on(data: &Path) -> Self {
        Self::build(Scene::empty(), data, None)
    }

    fn build(scene: Scene, data: &Path, proxy: Option<Proxy>) -> Self {
        let url = proxy.as_ref().map(Proxy::url);
        let flags: Vec<&str> = url.iter().flat_map(|url| ["--public-url", url.as_str()]).collect();
        let server = Server::start(data, &flags);
        if let Some(proxy) = &proxy {
            proxy.lead_to(server.address);
        }
        let one = scene.vault.clone();
        let network = Self { server, proxy, scene, one, hours: 0 };
        let mut init = vec!["init", "--organisation", "Harbour Clinic", "--name", "Ana Lindqvist"];
        init.extend(["--device", "reception desk", "--server", network.server.link.as_str()]);
        network.ok(&network.one, "ana", &init);
        network.ok(&network.one, "ana", &["team", "create", "Night", "ana"]);
        network
    }

    pub fn proxy(&self) -> &Proxy {
        self.proxy.as_ref().unwrap()
    }

    /// The samples in charts of the team Night, handed in by device one.
    pub fn import_samples(&self) {
        self.ok(&self.one, "ana", &["import", samples().to_str().unwrap(), "--team", "Night"]);
        self.sync(&self.one, "ana");
    }

    /// A second device, with Ben in the team Night.
    pub fn two(&self) -> PathBuf {
        let link = self.invite(&["--team", "Night"]);
        self.enrol("two", Some("ben"), &link)
    }

    /// Eva joins the team Night on a device that is enrolled already.
    pub fn eva_joins_on(&self, vault: &Path) {
        let link = self.invite(&["--member-only", "--team", "Night"]);
        ended(&self.try_enrol(vault, Some("eva"), &link), 0, &["enrol"]);
    }

    /// The link of an invite that Ana makes.
    pub fn invite(&self, args: &[&str]) -> String {
        self.json(&self.one, "ana", &[&["invite"][..], args].concat()).text("link").unwrap().to_owned()
    }

    /// A new device of that name joins with a link; without a user it is a link for a device alone.
    pub fn enrol(&self, name: &str, user: Option<&str>, link: &str) -> PathBuf {
        let vault = self.scene.folder.path().join(name);
        ended(&self.try_enrol(&vault, user, link), 0, &["enrol"]);
        vault
    }

    pub fn try_enrol(&self, vault: &Path, user: Option<&str>, link: &str) -> Output {
        let device = vault.file_name().unwrap().to_str().unwrap();
        let mut command = self.command(vault, user.unwrap_or("ana"), &["enrol", link, "--device", device]);
        match user {
            Some(user) => {
                let name = match user {
                    "ben" => "Ben Okafor",
                    "eva" => "Eva Brandt",
                    user => user,
                };
                command.args(["--name", name, "--new-password-file"]).arg(self.scene.path(user));
            }
            None => {
                command.env_remove("WARDBOOK_MEMBER");
            }
        }
        command.output().unwrap()
    }

    pub fn command(&self, vault: &Path, user: &str, args: &[&str]) -> Command {
        let mut command = self.scene.command_in(vault, user, args);
        set_clock(&mut command, self.hours);
        command
    }

    pub fn run(&self, vault: &Path, user: &str, args: &[&str]) -> Output {
        self.command(vault, user, args).output().unwrap()
    }

    /// Runs a command that must succeed; gives what it printed.
    pub fn ok(&self, vault: &Path, user: &str, args: &[&str]) -> String {
        ended(&self.run(vault, user, args), 0, args).0
    }

    /// Runs a command that must end with that code; gives what it said on standard error.
    pub fn fails(&self, vault: &Path, user: &str, code: i32, args: &[&str]) -> String {
        ended(&self.run(vault, user, args), code, args).1
    }

    /// What a command that succeeds prints with `--json`.
    pub fn json(&self, vault: &Path, user: &str, args: &[&str]) -> Json {
        parse(&self.ok(vault, user, &[args, &["--json"]].concat()))
    }

    pub fn sync(&self, vault: &Path, user: &str) -> Json {
        self.json(vault, user, &["sync"])
    }

    pub fn edit(&self, vault: &Path, user: &str, resource: &str, set: &str) {
        self.ok(vault, user, &["edit", resource, "--set", set]);
    }

    /// João Ferreira as a member sees him on a device.
    pub fn ferreira(&self, vault: &Path, user: &str) -> String {
        self.ok(vault, user, &["get", "Patient/joao-ferreira"])
    }

    /// Checks everything on a device and finds nothing wrong; gives charts, charts opened, entries and resources.
    pub fn whole(&self, vault: &Path, user: &str) -> [i64; 4] {
        let verified = self.json(vault, user, &["verify"]);
        assert_eq!(verified.items("findings").len(), 0, "{}", verified.to_text());
        ["charts", "chartsOpened", "entries", "resources"].map(|name| number(&verified, name))
    }

    /// Checks a device against the server's log and finds nothing wrong.
    pub fn proven(&self, vault: &Path, user: &str) -> Json {
        let verified = self.json(vault, user, &["verify", "--server"]);
        assert_eq!(verified.items("findings").len(), 0, "{}", verified.to_text());
        verified
    }

    /// The id of the chart of a patient.
    pub fn chart_id(&self, name: &str) -> String {
        let found = self.json(&self.one, "ana", &["patients", name]);
        found.as_array().unwrap()[0].text("id").unwrap().to_owned()
    }
}

pub fn flag(json: &Json, name: &str) -> bool {
    json.get(name).and_then(Json::as_bool).unwrap()
}

/// What a command printed on standard output and on standard error; it must have ended with that code.
pub fn ended(output: &Output, code: i32, args: &[&str]) -> (String, String) {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    (out.into_owned(), err.into_owned())
}

pub fn parse(text: &str) -> Json {
    Json::parse(text.trim().as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Copies a folder with everything below it.
pub fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).unwrap();
        if path.is_dir() {
            copy_all(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Bytes that do not compress, the same each time.
pub fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    let mut next = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// So many patients as NDJSON, each with an observation whose note is so long.
pub fn ward(patients: usize, note: usize) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut lines = Vec::new();
    for n in 0..patients {
        lines.push(format!(
            r#"{{"resourceType":"Patient","id":"gen-{n:04}","name":[{{"family":"Generated{n:04}"}}],"birthDate":"1950-01-01"}}"#
        ));
    }
    for n in 0..patients {
        let text = noise(note, 1 + n as u64).into_iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)]));
        let text: String = text.collect();
        lines.push(format!(
            r#"{{"resourceType":"Observation","id":"obs-{n:04}","status":"final","code":{{"text":"Round"}},"subject":{{"reference":"Patient/gen-{n:04}"}},"note":[{{"text":"{text}"}}]}}"#
        ));
    }
    lines.join("\n")
}
