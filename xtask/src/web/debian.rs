//! Debian's Rust compiler for browsers' sake, unpacked into the cache folder and not installed.
//!
//! Its packages come with the source of the standard library, which cargo compiles for the target (`toolchain.rs`).

use super::toolchain::SOURCE;
use super::{output_of, run_program, say};
use crate::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// All of one version: the compiler is linked to these very libraries.
const PACKAGES: &[&str] =
    &["rustc-web", "libstd-rust-web-1.96", "libstd-rust-web-dev", "rust-web-src", "libllvm22", "lld-22"];
/// Below the cache folder.
const FOLDER: &str = "debian";
/// Below `usr`; where all three are there, everything is.
const COMPILER: &str = "bin/rustc";
const LINKER: &str = "bin/wasm-ld-22";

/// The unpacked compiler.
pub struct Debian {
    usr: PathBuf,
    libraries: PathBuf,
}

impl Debian {
    /// What an earlier build has unpacked.
    pub fn unpacked(cache: &Path) -> Option<Self> {
        let usr = cache.join(FOLDER).join("usr");
        let folders = fs::read_dir(usr.join("lib")).ok()?;
        // Named after the machine, as in `x86_64-linux-gnu`.
        let libraries =
            folders.flatten().map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("-linux-gnu"))?;
        let whole = [COMPILER, LINKER, SOURCE].iter().all(|file| usr.join(file).is_file());
        whole.then_some(Self { usr, libraries })
    }

    /// Loads and unpacks the packages.
    ///
    /// # Errors
    /// What is missing, as the end of a sentence.
    pub fn fetch(cache: &Path) -> Result<Self> {
        output_of(Command::new("apt-get").arg("--version")).ok_or("there is no apt-get here")?;
        say("compiler", "loading Debian's packages (some hundred megabytes, once) …");
        let (folder, draft) = (cache.join(FOLDER), cache.join("debian.new"));
        for left_over in [&folder, &draft] {
            if left_over.exists() {
                fs::remove_dir_all(left_over)?;
            }
        }
        fs::create_dir_all(&draft)?;
        if !download(&draft) {
            // The list of packages may be missing or old. Only root can renew it.
            run_program(Command::new("apt-get").args(["update", "-qq"]))
                .ok()
                .filter(|()| download(&draft))
                .ok_or_else(|| format!("apt-get found no {}", PACKAGES.join(", ")))?;
        }
        for entry in fs::read_dir(&draft)?.collect::<std::io::Result<Vec<_>>>()? {
            run_program(Command::new("dpkg").arg("-x").arg(entry.path()).arg(&draft))?;
            fs::remove_file(entry.path())?;
        }
        fs::rename(&draft, &folder)?;
        Self::unpacked(cache).ok_or_else(|| format!("{} lacks a part of it", folder.display()).into())
    }

    /// Has cargo use it.
    pub fn set_up(&self, cargo: &mut Command) {
        cargo
            .env("RUSTC", self.usr.join(COMPILER))
            .env("LD_LIBRARY_PATH", &self.libraries)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", self.usr.join(LINKER));
    }
}

/// Whether all packages are in the folder now.
fn download(folder: &Path) -> bool {
    let mut apt = Command::new("apt-get");
    apt.args(["download", "-q"]).args(PACKAGES).current_dir(folder).stderr(Stdio::null());
    apt.status().is_ok_and(|status| status.success())
}
