//! Makes the table of files that `src/http/app.rs` answers with: those of `web/dist`, which `cargo xtask web` makes, or
//! one page that says that they are not in this program. `x.br`, which is `x` packed, is in the row of `x`.
//!
//! A build without them has to be chosen here anyway, and the table is a dozen lines more, so no crate embeds them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let web = here.join("../../web");
    let dist = web.join("dist");
    let built = dist.join("index.html").is_file();
    // A path that is not there would make every build do this again, so what is around it is watched then.
    let watched = if dist.is_dir() { &dist } else { &web };
    println!("cargo::rerun-if-changed={}", watched.display());

    let folder = if built { dist } else { here.join("src/http/no_app") };
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set: build this with cargo"))?;
    fs::write(Path::new(&out).join("app_files.rs"), table(built, &folder)?)
}

/// What a name has at its end beside the file that was packed by Brotli.
const PACKED: &str = ".br";

/// The table as Rust: whether it is the app, and each path with the bytes of its file, as they are and packed.
fn table(built: bool, folder: &Path) -> io::Result<String> {
    let mut text = format!("pub const IS_BUILT: bool = {built};\npub const FILES: &[super::Embedded] = &[\n");
    let files = files(folder)?;
    for (path, file) in files.iter().filter(|(path, _)| !path.ends_with(PACKED)) {
        let packed = files.get(&format!("{path}{PACKED}")).map(|packed| included(packed)).transpose()?;
        let packed = packed.map_or_else(|| "None".to_owned(), |packed| format!("Some({packed})"));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "    ({path:?}, {}, {packed}),", included(file)?);
    }
    text.push_str("];\n");
    Ok(text)
}

fn included(file: &Path) -> io::Result<String> {
    let file = file.to_str().ok_or_else(|| io::Error::other("a path in UTF-8 is needed"))?;
    Ok(format!("include_bytes!({file:?})"))
}

/// Files below a folder, under the paths by which browsers ask for them, in one order on every machine.
fn files(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), folder.to_path_buf())];
    while let Some((prefix, folder)) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push((path, entry.path()));
            } else {
                found.insert(path, entry.path());
            }
        }
    }
    Ok(found)
}
