//! Makes the tables by which search folds text (`src/search/fold.rs`), from those of `any_ascii`: what lower-case Latin
//! letters and digits stand for each character of the Basic Multilingual Plane. The crate's own tables are several times as
//! large, for they keep case, signs and rare ideographs apart, and the web app would load them before anybody can unlock.
//!
//! ```text
//! fold.words           a line for each 256 characters: a word for each of them, with spaces between
//! fold.syllables       what the ideographs U+4E00 to U+9FFF stand for, the most frequent first, with spaces between
//! fold.low, fold.high  for each of these ideographs which syllable that is, in two bytes; apart, for they compress better so
//! ```
//!
//! Hangul is in no table, for what its syllables stand for is made of their parts. Nor are the rare ideographs of extension A
//! (U+3400 to U+4DBF), which would be a fifth of all: they stand for nothing, and a name is found by its other characters.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::{env, fs, io};

const IDEOGRAPHS: RangeInclusive<u32> = 0x4e00..=0x9fff;
const HANGUL: RangeInclusive<u32> = 0xac00..=0xd7a3;
const EXTENSION_A: RangeInclusive<u32> = 0x3400..=0x4dbf;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set: build this with cargo"))?;
    let lines: Vec<String> = (0..=0xff).map(line).collect();
    let ideographs: Vec<String> = IDEOGRAPHS.map(folded).collect();
    let syllables = by_frequency(&ideographs);
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for word in &ideographs {
        let at = syllables.iter().position(|syllable| syllable == word).unwrap_or_default();
        let [first, second] = u16::try_from(at).map_err(io::Error::other)?.to_le_bytes();
        low.push(first);
        high.push(second);
    }
    let (words, syllables) = (lines.join("\n").into_bytes(), syllables.join(" ").into_bytes());
    let tables = [("fold.words", words), ("fold.syllables", syllables), ("fold.low", low), ("fold.high", high)];
    for (name, bytes) in tables {
        fs::write(Path::new(&out).join(name), bytes)?;
    }
    Ok(())
}

/// The words of the 256 characters that have this upper byte.
fn line(upper: u32) -> String {
    let first = upper << 8;
    let apart = |code: &u32| [IDEOGRAPHS, HANGUL, EXTENSION_A].iter().any(|range| range.contains(code));
    let words = (first..=first + 0xff).map(|code| if apart(&code) { String::new() } else { folded(code) });
    words.collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

fn folded(code: u32) -> String {
    let text = char::from_u32(code).map(any_ascii::any_ascii_char).unwrap_or_default().to_ascii_lowercase();
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// Each word once, the most frequent first.
fn by_frequency(words: &[String]) -> Vec<String> {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word.as_str()).or_insert(0_usize) += 1;
    }
    let mut found: Vec<(&str, usize)> = counts.into_iter().collect();
    found.sort_by_key(|(_, count)| Reverse(*count));
    found.into_iter().map(|(word, _)| word.to_owned()).collect()
}
