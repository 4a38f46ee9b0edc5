//! The Rust side as WebAssembly, with the JavaScript and the types by which the app calls it: the client in
//! `web/src/vault/pkg`, and what judges new passwords in `web/src/vault/strength`, which is loaded when it is needed.

use super::stamp::Stamp;
use super::toolchain::{TARGET, Toolchain};
use super::{cargo, output_of, run_program, say};
use crate::Result;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use toml::Table;

/// A crate that browsers load: `wardbook-NAME` becomes `wardbook_NAME.js` and `wardbook_NAME_bg.wasm`.
struct Module {
    name: &'static str,
    step: &'static str,
    /// What it is made of.
    crates: &'static [&'static str],
    /// As `web/src/vault` imports it.
    folder: &'static str,
}

const MODULES: &[Module] = &[
    Module {
        name: "wasm",
        step: "engine",
        crates: &["wire", "core", "record", "store", "client", "wasm"],
        folder: "web/src/vault/pkg",
    },
    Module { name: "strength", step: "strength", crates: &["strength"], folder: "web/src/vault/strength" },
];

/// Makes the modules that are not up to date.
///
/// # Errors
/// What stopped it.
pub fn make(root: &Path, cache: &Path) -> Result<()> {
    let mut old = Vec::new();
    for module in MODULES {
        let stamp = Stamp::of(root, module.step, &module.inputs(root))?;
        if stamp.is_current() && module.is_there(root) {
            say(module.step, "unchanged");
        } else {
            old.push((module, stamp));
        }
    }
    if old.is_empty() {
        return Ok(());
    }
    let toolchain = Toolchain::find(cache)?;
    for (module, stamp) in old {
        module.make(root, cache, &toolchain)?;
        stamp.keep()?;
    }
    Ok(())
}

impl Module {
    fn inputs(&self, root: &Path) -> Vec<String> {
        let parts = |name: &&str| ["Cargo.toml", "build.rs", "src"].map(|part| format!("crates/{name}/{part}"));
        let sources = self.crates.iter().flat_map(parts).filter(|path| root.join(path).exists());
        sources.chain(["Cargo.toml", "Cargo.lock", "xtask/src/web"].map(str::to_owned)).collect()
    }

    /// What its files are called.
    fn file_name(&self) -> String {
        format!("wardbook_{}", self.name)
    }

    fn is_there(&self, root: &Path) -> bool {
        root.join(self.folder).join(format!("{}_bg.wasm", self.file_name())).is_file()
    }

    fn make(&self, root: &Path, cache: &Path, toolchain: &Toolchain) -> Result<()> {
        let (name, with) = (self.name, toolchain.name());
        say(self.step, &format!("compiling crates/{name} with {with} (the first time takes some minutes) …"));
        let compiled = self.compile(root, cache, toolchain)?;
        let wasm_bindgen = wasm_bindgen(root, cache)?;
        say(self.step, &format!("writing {} …", self.folder));
        let folder = root.join(self.folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        run_program(
            Command::new(wasm_bindgen)
                .args(["--target", "web", "--remove-name-section", "--remove-producers-section"])
                .args(["--out-name", &self.file_name()])
                .arg("--out-dir")
                .arg(&folder)
                .arg(compiled),
        )
    }

    fn compile(&self, root: &Path, cache: &Path, toolchain: &Toolchain) -> Result<PathBuf> {
        // Not `target/`: with a compiler of its own it would compile what the host needs once more each time. Of the
        // two crate types only the one that browsers load, for with the other one there is no link-time optimisation.
        let target = cache.join("target");
        // Other work trees have put theirs there under the same names, and cargo only looks at times of files.
        let mut clean = cargo();
        clean.args(["clean", "--quiet", "--target", TARGET, "--profile", "web"]).arg("--target-dir").arg(&target);
        clean.args(self.crates.iter().flat_map(|name| ["--package".to_owned(), format!("wardbook-{name}")]));
        run_program(clean.current_dir(root))?;
        let mut command = toolchain.cargo_rustc(cache)?;
        command.args(["--package", &format!("wardbook-{}", self.name)]);
        command.args(["--lib", "--crate-type", "cdylib", "--profile", "web"]);
        run_program(command.arg("--target-dir").arg(&target).current_dir(root))?;
        Ok(target.join(TARGET).join("web").join(format!("{}.wasm", self.file_name())))
    }
}

/// The command of the very version of the library, for both have to speak of the same things. Made where it is missing.
fn wasm_bindgen(root: &Path, cache: &Path) -> Result<PathBuf> {
    let version = wasm_bindgen_version(&fs::read_to_string(root.join("Cargo.lock"))?)?;
    let tools = cache.join("tools");
    let program = tools.join("bin/wasm-bindgen");
    let held = output_of(Command::new(&program).arg("--version"));
    if held.is_some_and(|held| held.split(' ').nth(1) == Some(version.as_str())) {
        return Ok(program);
    }
    say("engine", &format!("installing wasm-bindgen {version} into the cache (some minutes, once) …"));
    let install = |options: &[&str]| {
        let mut install = cargo();
        install.args(["install", "--force", "wasm-bindgen-cli", "--version", &format!("={version}")]);
        run_program(install.args(options).arg("--root").arg(&tools))
    };
    // A mirror of the registry may lack a version that the command's own lock file names.
    install(&["--locked"]).or_else(|_| {
        say("engine", "a version of its lock file cannot be had here: trying others …");
        install(&[])
    })?;
    Ok(program)
}

fn wasm_bindgen_version(lock: &str) -> Result<String> {
    let lock: Table = lock.parse()?;
    let packages = lock.get("package").and_then(|packages| packages.as_array());
    let text = |package: &toml::Value, key: &str| package.get(key)?.as_str().map(str::to_owned);
    let mut packages = packages.into_iter().flatten();
    let library = packages.find(|package| text(package, "name").as_deref() == Some("wasm-bindgen"));
    let version = library.and_then(|package| text(package, "version"));
    version.ok_or_else(|| "Cargo.lock names no wasm-bindgen".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_library_itself() {
        let package = |name, version| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let lock = package("wasm-bindgen-macro", "1.0.0") + &package("wasm-bindgen", "0.2.3");
        assert_eq!(wasm_bindgen_version(&lock).unwrap(), "0.2.3");
        assert!(wasm_bindgen_version("version = 4").is_err());
    }
}
