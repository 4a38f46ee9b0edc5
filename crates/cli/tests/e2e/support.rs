//! Running the program as a person would: a temporary folder, members with password files, commands.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use wardbook_client::record::json::Json;

pub const PASSWORDS: [(&str, &str); 4] = [
    ("ana", "quiet ambulance velvet orbit"),
    ("ben", "seven lanterns under gravel"),
    ("eva", "copper thistle morning barge"),
    ("new", "forgotten walnut harbour engine"),
];

pub struct Scene {
    pub folder: TempDir,
    pub vault: PathBuf,
}

impl Scene {
    /// An organisation with Ana (admin) alone.
    pub fn new() -> Self {
        let scene = Self::empty();
        scene.ok("ana", &["init", "--organisation", "Harbour Clinic", "--name", "Ana Lindqvist"]);
        scene
    }

    /// A folder with password files and no vault.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (user, password) in PASSWORDS {
            std::fs::write(folder.path().join(user), format!("{password}\n")).unwrap();
        }
        let vault = folder.path().join("vault");
        Self { folder, vault }
    }

    /// Ana, Ben and Eva; Ana and Ben share the team Night.
    pub fn team() -> Self {
        let scene = Self::new();
        for (user, name) in [("ben", "Ben Okafor"), ("eva", "Eva Brandt")] {
            scene.ok("ana", &["member", "add", user, "--name", name, "--new-password-file", &scene.path(user)]);
        }
        scene.ok("ana", &["team", "create", "Night", "ana", "ben"]);
        scene
    }

    /// The team with the project's samples in shared charts.
    pub fn samples() -> Self {
        let scene = Self::team();
        scene.ok("ana", &["import", samples().to_str().unwrap(), "--team", "Night"]);
        scene
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        std::fs::write(self.folder.path().join(name), content).unwrap();
        self.path(name)
    }

    pub fn command(&self, user: &str, args: &[&str]) -> Command {
        self.command_in(&self.vault, user, args)
    }

    pub fn command_in(&self, vault: &Path, user: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardbook"));
        command
            .env("WARDBOOK_VAULT", vault)
            .env("WARDBOOK_MEMBER", user)
            .env("WARDBOOK_PASSWORD_FILE", self.folder.path().join(user))
            .env("WARDBOOK_KEYSTORE", "file")
            .env("TZ", "UTC")
            .current_dir(self.folder.path())
            .args(args);
        command
    }

    pub fn run(&self, user: &str, args: &[&str]) -> Output {
        self.command(user, args).output().unwrap()
    }

    /// Runs a command that must succeed; gives what it printed.
    pub fn ok(&self, user: &str, args: &[&str]) -> String {
        said(&self.run(user, args), 0, args)
    }

    pub fn ok_in(&self, vault: &Path, user: &str, args: &[&str]) -> String {
        said(&self.command_in(vault, user, args).output().unwrap(), 0, args)
    }

    /// Runs a command that must end with that code; gives what it said on standard error.
    pub fn fails(&self, user: &str, code: i32, args: &[&str]) -> String {
        let output = self.run(user, args);
        said(&output, code, args);
        String::from_utf8(output.stderr).unwrap()
    }

    /// What a command prints with `--json`, whatever it ends with.
    pub fn json(&self, user: &str, args: &[&str]) -> Json {
        let output = self.run(user, &[args, &["--json"]].concat());
        Json::parse(output.stdout.trim_ascii()).unwrap_or_else(|error| {
            panic!(
                "{args:?}: {error}: {} {}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }
}

fn said(output: &Output, code: i32, args: &[&str]) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
    out.into_owned()
}

pub fn samples() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples")).canonicalize().unwrap()
}

/// A folder of the shared data, if it is on this machine.
pub fn shared(folder: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(folder);
    if !path.exists() {
        eprintln!("skipped: {} is not on this machine", path.display());
    }
    path.exists().then_some(path)
}

/// Every file below a folder with its content.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

pub fn number(json: &Json, name: &str) -> i64 {
    json.get(name).and_then(Json::as_number).and_then(|number| number.as_str().parse().ok()).unwrap_or(-1)
}

/// Copies a vault folder as somebody with a USB stick would.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for (path, bytes) in files(from) {
        std::fs::write(to.join(path.file_name().unwrap()), bytes).unwrap();
    }
}
