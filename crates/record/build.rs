//! Makes the tables by which search folds text, from those of `any_ascii`: what lower-case Latin letters and digits stand for
//! each character of the Basic Multilingual Plane. The crate's own tables are several times as large, for they keep case,
//! signs and rare ideographs apart, and the web app would load them before anybody can unlock.
//!
//! ```text
//! fold.words                        the letters; words that are parts of others share their place
//! fold.low, fold.high, fold.length  a byte for each character: where its word begins, in two bytes, and how long it is;
//!                                   apart, for they compress better so
//! ```

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set: build this with cargo"))?;
    let folded: Vec<String> = (0..=0xffff).map(|code| char::from_u32(code).map(folded).unwrap_or_default()).collect();
    let words = joined(&folded);
    let (mut low, mut high, mut length) = (Vec::new(), Vec::new(), Vec::new());
    for word in &folded {
        let place = words.find(word.as_str()).unwrap_or_default();
        let [first, second] = u16::try_from(place).map_err(io::Error::other)?.to_le_bytes();
        low.push(first);
        high.push(second);
        length.push(u8::try_from(word.len()).map_err(io::Error::other)?);
    }
    let tables = [("fold.words", words.into_bytes()), ("fold.low", low), ("fold.high", high), ("fold.length", length)];
    for (name, bytes) in tables {
        fs::write(Path::new(&out).join(name), bytes)?;
    }
    Ok(())
}

fn folded(character: char) -> String {
    let text = any_ascii::any_ascii_char(character).to_ascii_lowercase();
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// A text in which every word occurs.
fn joined(words: &[String]) -> String {
    let mut words: Vec<&String> = words.iter().collect();
    words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    words.dedup();
    let mut joined = String::new();
    for word in words {
        if !joined.contains(word.as_str()) {
            joined.push_str(word);
        }
    }
    joined
}
