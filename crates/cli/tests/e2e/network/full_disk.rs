//! A full disk, on the server's side and on a device's: a clear answer, and nothing lost.

use super::{Network, ward};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system in memory.
struct Disk(PathBuf);

impl Disk {
    /// None where this user may not mount one.
    fn mount(folder: &Path) -> Option<Self> {
        let path = folder.join("disk");
        std::fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=48m", "tmpfs"]).arg(&path);
        if cfg!(target_os = "linux") && mount.output().is_ok_and(|output| output.status.success()) {
            return Some(Self(path));
        }
        eprintln!("skipped: this user may not mount a file system");
        None
    }

    /// Leaves so many bytes.
    fn fill(&self, left: u64) {
        let mut ballast = std::fs::File::create(self.0.join("ballast")).unwrap();
        while ballast.write_all(&[1; 4096]).is_ok() {}
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length - left).unwrap();
    }

    /// Makes room, as a person would.
    fn free(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_server_whose_disk_is_full_says_so_and_takes_everything_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path()) else { return };
    let network = Network::on(&disk.0.join("server"));
    let (one, two) = (network.one.clone(), network.two());
    let file = network.scene.write("ward.ndjson", ward(60, 16 * 1024));
    network.ok(&one, "ana", &["import", &file, "--team", "Night"]);
    let imported = network.whole(&one, "ana");
    disk.fill(64 * 1024);
    let said = network.fails(&one, "ana", 11, &["sync"]);
    assert!(said.contains("the disk of the server is full"), "{said}");
    // Work goes on, and others are not disturbed.
    network.edit(&one, "ana", "Patient/gen-0001", "gender=other");
    network.ok(&two, "ben", &["patients"]);
    disk.free();
    network.sync(&one, "ana");
    network.sync(&two, "ben");
    let after = network.whole(&one, "ana");
    assert_eq!(after, [imported[0], imported[1], imported[2] + 1, imported[3]]);
    assert_eq!(network.whole(&two, "ben"), after);
    network.proven(&one, "ana");
}

#[test]
fn a_device_whose_disk_is_full_says_so_and_catches_up_once_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mount(folder.path()) else { return };
    let network = Network::new();
    let one = network.one.clone();
    let two = disk.0.join("two");
    let link = network.invite(&["--team", "Night"]);
    super::ended(&network.try_enrol(&two, Some("ben"), &link), 0, &["enrol"]);
    let file = network.scene.write("ward.ndjson", ward(60, 16 * 1024));
    network.ok(&one, "ana", &["import", &file, "--team", "Night"]);
    network.sync(&one, "ana");
    disk.fill(256 * 1024);
    let said = network.fails(&two, "ben", 9, &["sync"]);
    assert!(said.contains("disk is full"), "{said}");
    disk.free();
    network.sync(&two, "ben");
    assert_eq!(network.whole(&two, "ben"), network.whole(&one, "ben"));
    network.proven(&two, "ben");
}
