//! Checks that no compiler makes: which crate may know which, that every rule of `spec/` is enforced and tested, by
//! crates or the web app, that no file becomes a hall, and that the pure crates stay pure. Who imports what within the
//! web app is checked by `web/build/checkImports.mjs`.

use crate::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use toml::Table;

/// What each crate may depend on among ours. A crate that is not listed may depend on all: `xtask`, `bench`, `sim`.
const EDGES: &[(&str, &[&str])] = &[
    ("wire", &[]),
    ("core", &["wire"]),
    ("record", &[]),
    ("store", &["wire"]),
    ("strength", &[]),
    ("client", &["core", "record", "store", "strength", "wire"]),
    ("server", &["wire"]),
    ("cli", &["client", "server"]),
    ("wasm", &["client"]),
    ("ffi", &["client"]),
    ("gateway", &["client"]),
];
/// Crates that take values in and give values out.
const PURE: &[&str] = &["wire", "core", "record"];
const IMPURE: &[&str] = &["std::fs", "std::net", "std::time::SystemTime", "std::env", "getrandom"];
/// What the web app and its tests are written in: folders, and how the names of files end.
const WEB: &[(&str, &str)] = &[("web/src", "ts"), ("web/src", "tsx"), ("web/tests", "mjs")];
const LINES_MAX: usize = 600;
/// Tests are looked up, not read through.
const TEST_LINES_MAX: usize = 800;
/// Names that look like rules and are not.
const NO_RULES: &[&str] = &["BIP-39", "UTF-16"];
/// Folders that programs write.
const BUILT: &[&str] = &["target", "node_modules", "web/src/vault/pkg", "web/src/vault/strength"];
const NAMELESS: &[&str] = &["utils.rs", "helpers.rs", "common.rs", "misc.rs"];

/// A source file, split into what ships and what tests it.
struct Source {
    /// Path from the root, with `/`.
    path: String,
    code: String,
    tests: String,
}

/// # Errors
/// Every failure on a line of its own.
pub fn run(root: &Path) -> Result<()> {
    let sources = sources(root)?;
    let mut failures = edges(root)?;
    failures.extend(rules(root, &sources)?);
    failures.extend(sizes(&sources));
    failures.extend(purity(&sources));
    if failures.is_empty() {
        return Ok(());
    }
    failures.sort();
    failures.dedup();
    Err(failures.join("\n").into())
}

/// The folders that hold crates, by the name of the folder.
fn crates(root: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let entry = entry?;
        found.insert(entry.file_name().to_string_lossy().into_owned(), entry.path());
    }
    for name in ["xtask", "bench", "sim"] {
        found.insert(name.to_owned(), root.join(name));
    }
    found.retain(|_, path| path.join("Cargo.toml").is_file());
    Ok(found)
}

/// The edges between our crates are among the allowed ones. Dependencies of tests are not edges.
fn edges(root: &Path) -> Result<Vec<String>> {
    let crates = crates(root)?;
    // Packages are named apart from their folders: `wardbook-core` is in `core`, `wardbook` in `cli`.
    let mut folders = BTreeMap::new();
    let mut manifests = Vec::new();
    for (folder, path) in &crates {
        let manifest: Table = fs::read_to_string(path.join("Cargo.toml"))?.parse()?;
        let package = manifest.get("package").and_then(|package| package.get("name")).and_then(|name| name.as_str());
        folders.insert(package.unwrap_or(folder).to_owned(), folder.clone());
        manifests.push((folder, manifest));
    }
    let mut failures = Vec::new();
    for (folder, manifest) in manifests {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| name == folder) else { continue };
        for package in dependencies(&manifest) {
            let Some(to) = folders.get(&package) else { continue };
            if !allowed.contains(&to.as_str()) {
                failures.push(format!("crates/{folder}/Cargo.toml: {folder} may not depend on {to}"));
            }
        }
    }
    Ok(failures)
}

/// Names of the packages that a manifest depends on, also for one target only, and when building.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let targets = manifest.get("target").and_then(|targets| targets.as_table());
    let tables = targets.into_iter().flat_map(|targets| targets.values().filter_map(|target| target.as_table()));
    let mut found = BTreeSet::new();
    for table in tables.chain([manifest]) {
        for section in ["dependencies", "build-dependencies"] {
            let Some(listed) = table.get(section).and_then(|listed| listed.as_table()) else { continue };
            for (name, value) in listed {
                let renamed = value.get("package").and_then(|package| package.as_str());
                found.insert(renamed.unwrap_or(name).to_owned());
            }
        }
    }
    found
}

/// Every rule of the specification is cited in code and in a test, and code cites no other.
fn rules(root: &Path, sources: &[Source]) -> Result<Vec<String>> {
    let mut failures = Vec::new();
    let mut defined = BTreeMap::<String, String>::new();
    for path in files(&root.join("spec"), "md")? {
        let page = relative(root, &path);
        for line in fs::read_to_string(&path)?.lines() {
            let Some((rule, _)) = line.strip_prefix("**").and_then(|rest| rest.split_once("**")) else { continue };
            if cited(rule) != [rule] {
                continue;
            }
            if let Some(first) = defined.insert(rule.to_owned(), page.clone()) {
                failures.push(format!("{page}: {rule} is defined in {first} already"));
            }
        }
    }
    let (mut in_code, mut in_tests) = (BTreeSet::new(), BTreeSet::new());
    for source in sources.iter().filter(|source| ["crates/", "web/"].iter().any(|part| source.path.starts_with(part))) {
        let named = source.tests.to_uppercase().replace('_', "-");
        in_tests.extend(cited(&source.tests).into_iter().chain(cited_inside(&named)).map(str::to_owned));
        for rule in cited(&source.code).into_iter().chain(cited(&source.tests)) {
            if !defined.contains_key(rule) && !NO_RULES.contains(&rule) {
                failures.push(format!("{}: {rule} is not defined in spec/", source.path));
            }
        }
        in_code.extend(cited(&source.code).into_iter().map(str::to_owned));
    }
    for (rule, page) in &defined {
        if !in_code.contains(rule) {
            failures.push(format!("{page}: {rule} is cited in no code under crates/*/src or web/src"));
        }
        if !in_tests.contains(rule) {
            failures.push(format!("{page}: {rule} is named or cited in no test"));
        }
    }
    Ok(failures)
}

/// Rule numbers in a text, whole words only.
fn cited(text: &str) -> Vec<&str> {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    text.split(|letter| !word(letter)).filter(|word| is_rule(word)).collect()
}

/// Rule numbers in the names of tests, which follow one another: `SLOT-01-KDF-01-BELOW-THE-FLOOR`.
fn cited_inside(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('-') {
        let before = text.get(..at).unwrap_or_default();
        let start = before.rfind(|letter: char| !letter.is_ascii_uppercase()).map_or(0, |last| last + 1);
        let ends = |next: Option<char>| next.is_none_or(|letter| !letter.is_ascii_alphanumeric());
        let candidate =
            text.get(start..at + 3).filter(|_| ends(text.get(at + 3..).and_then(|rest| rest.chars().next())));
        found.extend(candidate.filter(|rule| is_rule(rule)));
    }
    found
}

/// Three to five capitals, a hyphen, two digits.
fn is_rule(word: &str) -> bool {
    word.split_once('-').is_some_and(|(prefix, number)| {
        (3..=5).contains(&prefix.len())
            && prefix.bytes().all(|letter| letter.is_ascii_uppercase())
            && number.len() == 2
            && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

fn sizes(sources: &[Source]) -> Vec<String> {
    let mut failures = Vec::new();
    for Source { path, code, tests } in sources {
        for (part, most) in [(code, LINES_MAX), (tests, TEST_LINES_MAX)] {
            let lines = part.lines().count();
            if lines > most {
                failures.push(format!("{path}: {lines} lines, {most} are the most; split it along a concept"));
            }
        }
        let name = path.rsplit('/').next().unwrap_or_default();
        if NAMELESS.contains(&name) {
            failures.push(format!("{path}: name a file after what it is about"));
        }
    }
    failures
}

fn purity(sources: &[Source]) -> Vec<String> {
    let pure = |path: &str| PURE.iter().any(|name| path.starts_with(&format!("crates/{name}/src/")));
    let mut failures = Vec::new();
    for source in sources.iter().filter(|source| pure(&source.path)) {
        for forbidden in IMPURE.iter().filter(|forbidden| source.code.contains(**forbidden)) {
            failures.push(format!("{}: {forbidden} does not belong into a crate without I/O", source.path));
        }
    }
    failures
}

/// Rust files of all crates and those of the web app, without what is built.
fn sources(root: &Path) -> Result<Vec<Source>> {
    let mut written = Vec::new();
    for folder in crates(root)?.values() {
        written.extend(files(folder, "rs")?);
    }
    for (folder, extension) in WEB {
        written.extend(files(&root.join(folder), extension)?);
    }
    written.iter().map(|file| source(root, file)).collect()
}

fn source(root: &Path, file: &Path) -> Result<Source> {
    let text = fs::read_to_string(file)?;
    let path = relative(root, file);
    let (code, tests) = if is_test(&path) { (String::new(), text) } else { split_tests(&text) };
    Ok(Source { path, code, tests })
}

/// Files that hold nothing but tests: they are named so, or are under a folder that is.
fn is_test(path: &str) -> bool {
    let names = ["tests", "tests.rs", "testing.rs", "testing"];
    path.split('/').any(|part| names.contains(&part))
}

/// Code before the first `#[cfg(test)] mod … {`, and the tests from there on: tests come last in a file.
fn split_tests(text: &str) -> (String, String) {
    let at = text.match_indices("#[cfg(test)]").map(|(at, _)| at).find(|at| {
        let rest = text.get(at + "#[cfg(test)]".len()..).unwrap_or_default();
        let item =
            rest.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#[")).unwrap_or_default();
        item.starts_with("mod ") && item.ends_with('{')
    });
    let (code, tests) = text.split_at(at.unwrap_or(text.len()));
    (code.to_owned(), tests.to_owned())
}

/// Files below a folder whose names end so, in order.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let built = BUILT.iter().any(|folder| path.ends_with(folder));
            if path.is_dir() && !built {
                open.push(path);
            } else if path.extension().is_some_and(|held| held == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_as_words_and_in_names_of_tests() {
        assert_eq!(cited("see ENT-07, (DIR-01). AES-256 SHA-25 XENT-071 ENT-7 A-12"), ["ENT-07", "DIR-01", "SHA-25"]);
        assert_eq!(cited_inside("FN SLOT-01-KDF-02-TOO-CHEAP()"), ["SLOT-01", "KDF-02"]);
        assert_eq!(cited_inside("FN ENT-123-X()"), Vec::<&str>::new());
    }

    #[test]
    fn tests_are_told_from_code() {
        let (code, tests) = split_tests("fn a() {}\n#[cfg(test)]\nmod testing;\n#[cfg(test)]\nmod tests {\n}\n");
        assert!(code.ends_with("mod testing;\n") && tests.starts_with("#[cfg(test)]\nmod tests {"));
        assert!(is_test("crates/core/src/chart/tests.rs") && is_test("crates/core/tests/vectors.rs"));
        assert!(!is_test("crates/core/src/chart/mod.rs"));
        assert!(is_test("web/tests/entry.test.mjs") && !is_test("web/src/sw/sw.ts"));
    }
}
