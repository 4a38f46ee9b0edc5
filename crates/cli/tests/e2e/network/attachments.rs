//! Photos and documents between devices: whole, in part, from where a transfer broke off, and never altered.

use super::proxy::{Rule, Way};
use super::{Network, ended, flag, noise, parse};
use crate::support::{files, number};
use std::path::{Path, PathBuf};

/// A photograph as far as its first bytes say.
fn photo(length: usize, seed: u64) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], noise(length, seed).as_slice()].concat()
}

/// Sealed attachments of a vault.
fn blobs(vault: &Path) -> Vec<String> {
    let Ok(folder) = std::fs::read_dir(vault.join("blobs")) else { return Vec::new() };
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.len() == 64).collect()
}

/// Where the server keeps an attachment.
fn on_server(network: &Network, blob: &str) -> PathBuf {
    let found = files(&network.server.data).into_iter().map(|(path, _)| path);
    found.into_iter().find(|path| path.ends_with(blob)).unwrap()
}

fn fetch(network: &Network, vault: &Path, resource: &str, out: &str, more: &[&str]) -> Vec<u8> {
    let out = network.scene.path(out);
    network.ok(vault, "ben", &[&["fetch", resource, "--out", out.as_str()][..], more].concat());
    std::fs::read(out).unwrap()
}

#[test]
fn a_photo_is_fetched_elsewhere_whole_or_in_part_and_an_altered_one_is_named() {
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    let content = photo(3_000_000, 3);
    let file = network.scene.write("wrist.png", &content);
    let attach = |patient: &str, file: &str| network.json(&one, "ana", &["attach", patient, file, "--title", "wrist"]);

    // Kept once for each chart: whether another chart has the same file cannot be seen.
    let first = attach("Ferreira", &file);
    assert_eq!((first.text("contentType"), flag(&first, "again")), (Some("image/png"), false));
    assert_eq!(number(&first, "bytes"), content.len() as i64);
    let again = attach("Ferreira", &file);
    assert_eq!((again.text("blob"), flag(&again, "again")), (first.text("blob"), true));
    assert_eq!(blobs(&one).len(), 1);
    let elsewhere = attach("Ionescu", &file);
    assert!(elsewhere.text("blob") != first.text("blob") && !flag(&elsewhere, "again"));
    assert_eq!(blobs(&one).len(), 2);
    let letter = network.scene.write("letter", [b"%PDF-1.7\n".to_vec(), noise(5000, 9)].concat());
    assert_eq!(attach("Ferreira", &letter).text("contentType"), Some("application/pdf"));
    network.sync(&one, "ana");
    network.sync(&two, "ben");
    assert!(blobs(&two).is_empty(), "attachments come when they are asked for");

    let (resource, blob) = (first.text("resource").unwrap(), first.text("blob").unwrap());
    let part = fetch(&network, &two, resource, "part", &["--range", "100000-299999"]);
    assert!(part == content[100_000..300_000]);
    assert!(blobs(&two).is_empty());
    assert!(fetch(&network, &two, resource, "whole", &[]) == content);
    assert_eq!(blobs(&two), [blob]);
    let out = network.scene.path("whole");
    network.fails(&two, "ben", 7, &["fetch", resource, "--out", &out]);
    // From here on without the server.
    network.server.stop();
    assert!(fetch(&network, &two, blob, "offline", &["--range", "2999990-"]) == content[2_999_990..]);
    let missing = network.scene.path("missing");
    let other = elsewhere.text("blob").unwrap();
    network.fails(&two, "ben", 10, &["fetch", other, "--out", &missing]);
    network.server.start_again(0);

    // One byte on the server's disk.
    let place = on_server(&network, other);
    let sealed = std::fs::read(&place).unwrap();
    let mut altered = sealed.clone();
    altered[1_500_000] ^= 1;
    std::fs::write(&place, &altered).unwrap();
    let said = network.fails(&two, "ben", 12, &["fetch", other, "--out", &missing]);
    assert!(said.contains("BLB-03"), "{said}");
    let in_part = network.run(&two, "ben", &["fetch", other, "--out", &missing, "--range", "1400000-1600000"]);
    assert!(matches!(in_part.status.code(), Some(5 | 12)), "{}", String::from_utf8_lossy(&in_part.stderr));
    assert!(!Path::new(&missing).exists() && !blobs(&two).iter().any(|held| held == other));
    std::fs::write(&place, &sealed).unwrap();
    assert!(fetch(&network, &two, other, "missing", &[]) == content);
    // One byte on this device's: it comes again.
    let here = two.join("blobs").join(blob);
    let mut altered = std::fs::read(&here).unwrap();
    altered[2_000_000] ^= 1;
    std::fs::write(&here, &altered).unwrap();
    assert!(fetch(&network, &two, resource, "mended", &[]) == content);
}

#[test]
fn an_attachment_that_broke_off_goes_on_where_it_stopped_both_ways() {
    let network = Network::behind_proxy();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    let content = photo(9_000_000, 11);
    let file = network.scene.write("scan.png", &content);
    let attached = network.json(&one, "ana", &["attach", "Ferreira", &file]);
    let resource = attached.text("resource").unwrap();

    network.proxy().set(Rule::CutRequest(6_000_000));
    network.fails(&one, "ana", 10, &["sync"]);
    network.proxy().set(Rule::Pass);
    network.proxy().moved(Way::ToServer);
    network.sync(&one, "ana");
    let sent = network.proxy().moved(Way::ToServer);
    assert!((4_000_000..6_000_000).contains(&sent), "{sent} bytes were sent the second time");

    network.sync(&two, "ben");
    network.proxy().set(Rule::CutAnswer(6_000_000));
    let out = network.scene.path("scan");
    network.fails(&two, "ben", 10, &["fetch", resource, "--out", &out]);
    assert!(!Path::new(&out).exists() && blobs(&two).is_empty());
    network.proxy().set(Rule::Pass);
    network.proxy().moved(Way::ToDevice);
    assert!(fetch(&network, &two, resource, "scan", &[]) == content);
    let came = network.proxy().moved(Way::ToDevice);
    assert!((4_000_000..6_000_000).contains(&came), "{came} bytes came the second time");
}

#[test]
fn an_attachment_that_cannot_be_handed_in_is_named_and_waits_until_it_can() {
    let mut network = Network::new();
    network.import_samples();
    let (one, two) = (network.one.clone(), network.two());
    let limited = network.scene.write("limited.toml", "[limits]\nblob_bytes_max = 100000\n");
    network.server.stop();
    network.server.flags = vec!["--config".to_owned(), limited];
    network.server.start_again(0);

    let content = photo(300_000, 5);
    let (scan, letter) = (network.scene.write("scan.png", &content), network.scene.write("letter", "small"));
    let large = network.json(&one, "ana", &["attach", "Ferreira", &scan]);
    let small = network.json(&one, "ana", &["attach", "Ionescu", &letter]);
    let (resource, blob) = (large.text("resource").unwrap(), large.text("blob").unwrap());
    let said = network.fails(&one, "ana", 11, &["sync"]);
    assert!(said.contains(blob) && said.contains("limits.blob_bytes_max"), "{said}");
    // Everything else goes on.
    network.sync(&two, "ben");
    assert!(fetch(&network, &two, small.text("resource").unwrap(), "small", &[]) == b"small");
    let out = network.scene.path("scan");
    network.fails(&two, "ben", 4, &["fetch", resource, "--out", &out]);

    // The sealed copy is lost: the file, attached again, is what the entry names.
    std::fs::remove_file(one.join("blobs").join(blob)).unwrap();
    let said = network.fails(&one, "ana", 11, &["sync"]);
    assert!(said.contains(blob) && said.contains("attach the same file"), "{said}");
    let again = network.json(&one, "ana", &["attach", "Ferreira", &scan]);
    assert_eq!((again.text("blob"), flag(&again, "again")), (Some(blob), true));
    let report = parse(&ended(&network.run(&one, "ana", &["sync", "--json"]), 11, &["sync"]).0);
    assert_eq!(report.items("heldAttachments")[0].text("blob"), Some(blob), "{}", report.to_text());

    network.server.stop();
    network.server.flags.clear();
    network.server.start_again(0);
    let report = network.sync(&one, "ana");
    let left = report.items("heldAttachments").len() + report.items("refused").len();
    assert_eq!(left, 0, "{}", report.to_text());
    network.sync(&two, "ben");
    assert!(fetch(&network, &two, resource, "scan", &[]) == content);
    network.proven(&one, "ana");
}

#[test]
fn an_evicted_chart_takes_its_attachments_along_once_they_were_sent() {
    let network = Network::new();
    network.import_samples();
    let one = network.one.clone();
    let attach = |patient: &str, name: &str| {
        let file = network.scene.write(name, name);
        network.json(&one, "ana", &["attach", patient, &file]).text("blob").unwrap().to_owned()
    };
    let (goes, stays) = (attach("Ferreira", "goes"), attach("Ionescu", "stays"));
    let (ferreira, ionescu) = (network.chart_id("Ferreira"), network.chart_id("Ionescu"));
    let caseload = ["device", "caseload", "--patient", ionescu.as_str()];
    network.ok(&one, "ana", &caseload);
    let said = network.fails(&one, "ana", 8, &["evict", &ferreira]);
    assert!(said.contains("an attachment") && blobs(&one).contains(&goes), "{said}");
    // Whoever writes in a chart works with it: it stays until it is let go again.
    network.sync(&one, "ana");
    assert!(blobs(&one).contains(&goes));
    network.ok(&one, "ana", &caseload);
    network.ok(&one, "ana", &["evict", &ferreira]);
    assert_eq!(blobs(&one), [stays.as_str()]);

    // As if an eviction had been ended after its rows were gone: the next sync removes what is left of it.
    let folder = one.join("blobs");
    std::fs::write(folder.join("0".repeat(64)), "sealed").unwrap();
    std::fs::write(folder.join("sweep-needed"), "").unwrap();
    network.sync(&one, "ana");
    assert_eq!(blobs(&one), [stays.as_str()]);
    assert!(!folder.join("sweep-needed").exists());
    // It comes back with its chart.
    network.ok(&one, "ana", &["device", "caseload", "--all"]);
    network.sync(&one, "ana");
    let out = network.scene.path("back");
    network.ok(&one, "ana", &["fetch", &goes, "--out", &out]);
    assert!(std::fs::read(out).unwrap() == b"goes");
}
