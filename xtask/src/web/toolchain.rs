//! How Rust is compiled for browsers: by the ordinary compiler, or, where the source of its standard library cannot be
//! had, by Debian's. Either way cargo compiles the standard library too, small rather than fast, for what comes
//! compiled makes the module a tenth larger. That takes unstable options, and `RUSTC_BOOTSTRAP` makes a stable cargo take them.

use super::debian::Debian;
use super::{cargo, output_of};
use crate::Result;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const TARGET: &str = "wasm32-unknown-unknown";
const RUST_FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
/// Below the compiler's folder, where the source of its standard library is there.
pub const SOURCE: &str = "lib/rustlib/src/rust/library/Cargo.toml";
const STANDARD_LIBRARY: [&str; 4] = ["-Z", "build-std=std,panic_abort", "-Z", "build-std-features=optimize_for_size"];
/// A panic ends the module, and the page is told so; a browser shows no message of it, and without messages the module is
/// a good part smaller.
const WITHOUT_MESSAGES: &str = "-Zunstable-options -Cpanic=immediate-abort";
/// Leaves out what `sqlite-wasm-rs` asks of SQLite and no vault uses: a third of it.
const SQLITE_FLAGS: &str = "\
    -USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_SESSION -USQLITE_ENABLE_PREUPDATE_HOOK \
    -USQLITE_ENABLE_MATH_FUNCTIONS -USQLITE_ENABLE_BYTECODE_VTAB -USQLITE_ENABLE_DBPAGE_VTAB -USQLITE_ENABLE_DBSTAT_VTAB \
    -USQLITE_ENABLE_STMTVTAB -USQLITE_ENABLE_OFFSET_SQL_FUNC -USQLITE_ENABLE_UNKNOWN_SQL_FUNCTION \
    -USQLITE_ENABLE_COLUMN_METADATA -USQLITE_ENABLE_UNLOCK_NOTIFY -USQLITE_ENABLE_API_ARMOR \
    -DSQLITE_OMIT_JSON -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_TRACE -DSQLITE_OMIT_WAL \
    -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_INTROSPECTION_PRAGMAS -DSQLITE_OMIT_UTF16";
/// Versions that the names of LLVM's programs may end with, as in `clang-19`.
const LLVM: std::ops::RangeInclusive<u32> = 14..=30;

/// A way that works on this machine.
pub enum Toolchain {
    Ordinary,
    Debian(Debian),
}

impl Toolchain {
    /// # Errors
    /// No way works; says what to do.
    pub fn find(cache: &Path) -> Result<Self> {
        if has_source() {
            return Ok(Self::Ordinary);
        }
        // Before asking rustup, so that a machine that cannot load anything does not wait for that each time.
        if let Some(debian) = Debian::unpacked(cache) {
            return Ok(Self::Debian(debian));
        }
        if add_source() && has_source() {
            return Ok(Self::Ordinary);
        }
        Debian::fetch(cache).map(Self::Debian).map_err(|error| {
            format!(
                "this Rust cannot compile for browsers yet. Where there is a network, run `rustup component add rust-src`, \
                 and then this again. (Debian's compiler would do as well, but {error}.)"
            )
            .into()
        })
    }

    /// What it is, for people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ordinary => "the ordinary compiler",
            Self::Debian(_) => "Debian's compiler",
        }
    }

    /// `cargo rustc` for browsers, with what compiles SQLite's C.
    ///
    /// # Errors
    /// There is no such compiler.
    pub fn cargo_rustc(&self, cache: &Path) -> Result<Command> {
        let (clang, ar) = c_compiler()?;
        let mut command = cargo();
        command.args(["rustc", "--target", TARGET]).args(STANDARD_LIBRARY).env("RUSTC_BOOTSTRAP", "1");
        command.env("CC_wasm32_unknown_unknown", clang).env("AR_wasm32_unknown_unknown", ar);
        command.env("SQLITE_WASM_RS_FLAGS", SQLITE_FLAGS);
        if let Self::Debian(debian) = self {
            debian.set_up(&mut command);
        }
        let mut flags = without_paths(cache);
        flags.push(WITHOUT_MESSAGES.to_owned());
        command.env(RUST_FLAGS, flags.join(" "));
        Ok(command)
    }
}

/// Has messages of panics name sources by where they are in their project, not on this machine. Those of this workspace are
/// named so anyway.
fn without_paths(cache: &Path) -> Vec<String> {
    let home = |name: &str, below: &str| {
        env::var_os(name).map(PathBuf::from).or_else(|| env::var_os("HOME").map(|home| PathBuf::from(home).join(below)))
    };
    let places = [
        (Some(cache.to_owned()), "cache"),
        (home("CARGO_HOME", ".cargo"), "cargo"),
        (home("RUSTUP_HOME", ".rustup"), "rustup"),
    ];
    let flags =
        places.into_iter().filter_map(|(place, name)| Some(format!("--remap-path-prefix={}={name}", place?.display())));
    // A path with a space in it cannot be said in this variable, and stays as it is.
    flags.filter(|flag| !flag.contains(' ')).collect()
}

fn has_source() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = output_of(Command::new(rustc).args(["--print", "sysroot"]));
    sysroot.is_some_and(|sysroot| Path::new(&sysroot).join(SOURCE).is_file())
}

/// Asks rustup for the source. It may be missing or without a network, and then there is the other way.
fn add_source() -> bool {
    let mut rustup = Command::new("rustup");
    rustup.args(["component", "add", "rust-src"]).stdout(Stdio::null()).stderr(Stdio::null());
    rustup.status().is_ok_and(|status| status.success())
}

/// The names of a `clang` that compiles for browsers and of an `llvm-ar`.
fn c_compiler() -> Result<(String, String)> {
    let for_browsers = |name: &String| {
        output_of(Command::new(name).arg("--print-targets")).is_some_and(|targets| targets.contains("wasm32"))
    };
    let clang = named("clang").find(for_browsers);
    let ar = named("llvm-ar").find(|name| output_of(Command::new(name).arg("--version")).is_some());
    clang.zip(ar).ok_or_else(|| {
        "SQLite is compiled for browsers by clang (one with the target wasm32) and llvm-ar, and one of them is missing: \
         scripts/setup installs both on Debian and Ubuntu"
            .into()
    })
}

/// The names that a program of LLVM may have, newest version first after the plain one.
fn named(program: &str) -> impl Iterator<Item = String> {
    let versions = LLVM.rev().map(move |version| format!("{program}-{version}"));
    std::iter::once(program.to_owned()).chain(versions)
}
