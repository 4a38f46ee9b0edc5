//! How much room the same records take on disk.

use crate::corpus::Corpus;
use crate::import::Sizes;
use crate::{Fallible, table};
use wardbook_record::json::Json;

const ZSTD_LEVEL: i32 = 3;
const ZSTD_FACTOR: f64 = 1.5;
const RESOURCE_BYTES: u64 = 200;

pub fn measure(corpus: &Corpus, sizes: &Sizes) -> Fallible<()> {
    eprintln!("size: compressing the bundles");
    let (mut compact, mut packed) = (0, 0);
    for file in &corpus.files {
        let text = Json::parse(&std::fs::read(file)?)?.to_text();
        compact += text.len() as u64;
        packed += zstd::bulk::compress(text.as_bytes(), ZSTD_LEVEL)?.len() as u64;
    }
    let allowed = (packed as f64 * ZSTD_FACTOR) as u64 + RESOURCE_BYTES * corpus.resources;
    let line = |name: &str, bytes: u64, target: String| {
        let (to_json, to_allowed) =
            (table::ratio(bytes as f64, compact as f64), table::ratio(bytes as f64, allowed as f64));
        vec![
            name.to_owned(),
            table::mb(bytes),
            (bytes / corpus.resources.max(1)).to_string(),
            to_json,
            to_allowed,
            target,
        ]
    };
    let within = |bytes: u64| table::target("within the allowance", bytes <= allowed);
    table::print(
        "2. Size",
        &["what", "size", "bytes per resource", "to compact JSON", "to the allowance", "target"],
        &[
            line("the files as they came", corpus.bytes, String::new()),
            line("compact JSON", compact, String::new()),
            line("compact JSON, zstd -3 per bundle", packed, String::new()),
            line("allowance: 1.5 x zstd + 200 bytes per resource", allowed, String::new()),
            line("plain SQLite", sizes.plain, String::new()),
            line("SQLCipher", sizes.sqlcipher, String::new()),
            line("Wardbook, one copy", sizes.vault_copy, String::new()),
            line("Wardbook, the folder with both copies", sizes.vault, within(sizes.vault)),
        ],
    );
    Ok(())
}
