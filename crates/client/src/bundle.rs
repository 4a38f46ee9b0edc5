//! A sealed file that carries a vault to another device of the organisation, on a USB stick say.
//!
//! ```text
//! file  = "wardbook-bundle/1\n" ‖ mode(1) ‖ part*        mode 0: sealed under the site key, 1: under a transfer code
//! part  = length(u32, big-endian) ‖ box(bundle key, [0, Bundle, "part", last (0 or 1), number], CBOR [item*])
//! ```
//!
//! What comes out of it is trusted no more than what a server would send: statements, slots and entries are checked as
//! they are taken in, and what cannot be checked yet waits.

mod merge;

use crate::chart::{load_log, split_entry_row};
use crate::create::{new_device, random};
use crate::device::{DeviceState, Identity, IdentityContent};
use crate::export::Output;
use crate::vault::statement_key;
use crate::{Error, Secret, Session, SiteKeyPlace, Vault, now_ms, rng, site};
use minicbor::{Decode, Encode};
use std::io::Read;
use std::path::Path;
use wardbook_core::chart::Standing;
use wardbook_core::directory::Directory;
use wardbook_core::envelope::{self, Context, Kind as BoxKind};
use wardbook_core::keys::{BundleKey, DeviceKeys, ParentKey, SiteKey};
use wardbook_core::recovery::RecoveryCode;
use wardbook_store::{Batch, Kind, Store};
use wardbook_wire::{Act, DeviceId, OrgId, strict};
use zeroize::Zeroizing;

pub use merge::Merged;
pub(crate) use merge::{take_keyring, take_slot};

const MAGIC: &[u8] = b"wardbook-bundle/1\n";
/// Bytes of items in one part, about.
const PART_BYTES: usize = 1024 * 1024;
/// A part holds at least one item, and the largest item is an entry.
const PART_BYTES_MAX: usize = 64 * 1024 * 1024;

/// One object of the vault, as it is stored.
#[derive(Encode, Decode)]
pub(crate) enum Item {
    /// Opens the vault on a new device: only in a file that is sealed under a transfer code.
    #[n(0)]
    Device(#[n(0)] Box<NewDeviceItem>),
    #[n(1)]
    Statement(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    #[n(2)]
    Slot(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    #[n(3)]
    Keyring(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// In the order in which they arrived here.
    #[n(4)]
    Entry(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    /// An entry that waits here, and shall wait there.
    #[n(5)]
    Waiting(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
}

#[derive(Encode, Decode)]
pub(crate) struct NewDeviceItem {
    #[cbor(n(0), with = "minicbor::bytes")]
    site: [u8; 32],
    #[n(1)]
    identity: IdentityContent,
}

impl Session {
    /// Writes everything that other devices need, sealed so that only devices of this organisation open it.
    ///
    /// # Errors
    /// The disk's.
    pub fn export_bundle(&self, path: &Path) -> Result<(), Error> {
        self.write_bundle(path, 0, &BundleKey::for_site(&self.vault.site), None)
    }

    /// Enrols a new device and writes a bundle that makes an empty folder its vault; gives the transfer code to type
    /// there.
    ///
    /// # Errors
    /// Not an admin; the disk's.
    pub fn export_for_new_device(&mut self, path: &Path, name: &str) -> Result<Zeroizing<String>, Error> {
        if self.vault.has_server() {
            return Err(Error::Invalid(
                "the organisation has a server: a new device joins with a link from `wardbook invite --device-only`"
                    .into(),
            ));
        }
        let identity = Identity {
            org: self.vault.identity.org,
            device: DeviceId(random()),
            keys: DeviceKeys::generate(&mut rng()),
        };
        let code = RecoveryCode::generate(&mut rng());
        let (before, mut batch) = (self.vault.directory.clone(), Batch::new());
        self.state(Act::DeviceEnrol(new_device(&identity, &self.ring.directory_key, name)), &mut batch)?;
        if let Err(error) = self.vault.store.commit(&batch) {
            self.vault.directory = before;
            return Err(error.into());
        }
        let item = NewDeviceItem { site: *self.vault.site.expose(), identity: identity.content() };
        self.write_bundle(path, 1, &BundleKey::for_transfer(&code), Some(Item::Device(Box::new(item))))?;
        Ok(code.to_words())
    }

    fn write_bundle(&self, path: &Path, mode: u8, key: &BundleKey, first: Option<Item>) -> Result<(), Error> {
        let store = &self.vault.store;
        let mut file = Output::create(path)?;
        file.write(MAGIC)?;
        file.write(&[mode])?;
        let mut writer = Writer { file, key, number: 0, items: Vec::new(), bytes: 0 };
        let mut statements = store.list_all(Kind::Statement)?;
        statements.sort_by(|a, b| a.key.cmp(&b.key));
        first.into_iter().try_for_each(|item| writer.add(item, 256))?;
        for row in statements {
            writer.add_sized(row.value, Item::Statement)?;
        }
        for row in store.list_all(Kind::Slot)? {
            writer.add_sized(row.value, Item::Slot)?;
        }
        for row in store.list_all(Kind::Keyring)? {
            writer.add_sized(row.value, Item::Keyring)?;
        }
        // Chart by chart, so that only one chart's entries are in memory.
        for id in self.chart_ids()? {
            let (log, _) = load_log(&self.vault, id)?;
            for (entry, standing) in log.entries() {
                let item = if standing == Standing::Counts { Item::Entry } else { Item::Waiting };
                writer.add_sized(entry.encode(), item)?;
            }
        }
        for row in store.list_all(Kind::Pending)? {
            let Ok((_, entry)) = split_entry_row(&row.value) else { continue };
            writer.add_sized(entry.to_vec(), Item::Waiting)?;
        }
        writer.finish()
    }

    /// Takes a bundle of this organisation in and merges it with what is here.
    ///
    /// # Errors
    /// Another organisation's, damaged or cut short: nothing has changed then.
    pub fn import_bundle(&mut self, path: &Path) -> Result<Merged, Error> {
        let (mode, parts) = open_file(path)?;
        if mode != 0 {
            return Err(Error::Invalid(
                "this bundle is for a new device: import it into an empty folder, with its transfer code".into(),
            ));
        }
        let items = read_parts(parts, &BundleKey::for_site(&self.vault.site))?;
        self.merge(items)
    }
}

impl Vault {
    /// Makes an empty folder this organisation's vault on a new device.
    ///
    /// # Errors
    /// A vault is there already; a wrong transfer code; a damaged bundle.
    pub fn from_bundle(folder: &Path, path: &Path, code: &Secret) -> Result<Self, Error> {
        let (mode, parts) = open_file(path)?;
        if mode != 1 {
            return Err(Error::Invalid(
                "this bundle is for devices of the organisation: make one with `wardbook bundle export --new-device NAME`".into(),
            ));
        }
        let code = RecoveryCode::from_words(code.expose()).map_err(|error| Error::Invalid(error.to_string()))?;
        let items = read_parts(parts, &BundleKey::for_transfer(&code))?;
        let (mut batch, mut device, mut directory) = (Batch::new(), None, None::<Directory>);
        let mut entries = Vec::new();
        for item in items {
            match item {
                Item::Device(item) => device = Some(item),
                Item::Statement(bytes) => {
                    match &mut directory {
                        None => directory = Some(Directory::start(&bytes)?),
                        Some(directory) => directory.apply(&bytes).map(|_| ())?,
                    }
                    let position = directory.as_ref().map_or(0, Directory::now);
                    batch.put(Kind::Statement, &[], &statement_key(position), bytes);
                }
                item => entries.push(item),
            }
        }
        let (Some(device), Some(directory)) = (device, directory) else { return Err(not_whole()) };
        let site = SiteKey::from_slice(&device.site).ok_or_else(not_whole)?;
        let identity = Identity::from_content(&device.identity);
        if identity.org != directory.org() || directory.device_at(identity.device, directory.now()).is_none() {
            return Err(not_whole());
        }
        identity.write(&site, &mut batch);
        let state = DeviceState { latest_ms: now_ms(), ..DeviceState::default() };
        state.write(&site, &mut batch);
        let store = Store::create(folder)?;
        let site_place: SiteKeyPlace = site::keep(folder, &site)?;
        let mut vault = Self { store, site, site_place, identity, directory, state, sync: None, made: Vec::new() };
        merge::take_all(&mut vault, entries, 0, &mut batch, &mut Merged::default())?;
        vault.commit_with_state(batch)?;
        Ok(vault)
    }
}

struct Writer<'a> {
    file: Output,
    key: &'a BundleKey,
    number: u64,
    items: Vec<Item>,
    bytes: usize,
}

impl Writer<'_> {
    fn add_sized(&mut self, bytes: Vec<u8>, item: impl FnOnce(Vec<u8>) -> Item) -> Result<(), Error> {
        let length = bytes.len();
        self.add(item(bytes), length)
    }

    fn add(&mut self, item: Item, length: usize) -> Result<(), Error> {
        if self.bytes + length > PART_BYTES && !self.items.is_empty() {
            self.flush(0)?;
        }
        self.bytes += length;
        self.items.push(item);
        Ok(())
    }

    fn flush(&mut self, last: u64) -> Result<(), Error> {
        let bytes = Zeroizing::new(strict::encode(&std::mem::take(&mut self.items)));
        let sealed = envelope::seal(self.key, &part_context(self.number, last), &bytes, &mut rng());
        self.file.write(&u32::try_from(sealed.len()).unwrap_or(u32::MAX).to_be_bytes())?;
        self.file.write(&sealed)?;
        (self.number, self.bytes) = (self.number + 1, 0);
        Ok(())
    }

    fn finish(mut self) -> Result<(), Error> {
        self.flush(1)?;
        self.file.finish().map(|_| ())
    }
}

fn open_file(path: &Path) -> Result<(u8, impl Read), Error> {
    let file = std::fs::File::open(path).map_err(|error| Error::file(path, &error))?;
    let mut file = std::io::BufReader::new(file);
    let mut head = [0; MAGIC.len() + 1];
    file.read_exact(&mut head).map_err(|_| not_whole())?;
    match head.split_last() {
        Some((mode, magic)) if magic == MAGIC => Ok((*mode, file)),
        _ => Err(Error::Invalid("this is not a wardbook bundle".into())),
    }
}

/// Opens every part up to the last; anything missing, changed or out of order ends it (BND-01).
fn read_parts(mut file: impl Read, key: &BundleKey) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    for number in 0.. {
        let mut length = [0; 4];
        file.read_exact(&mut length).map_err(|_| not_whole())?;
        let length = u32::from_be_bytes(length) as usize;
        if length > PART_BYTES_MAX {
            return Err(not_whole());
        }
        let mut sealed = Vec::new();
        file.by_ref().take(length as u64).read_to_end(&mut sealed).map_err(|_| not_whole())?;
        let opened = envelope::open(key, &part_context(number, 0), &sealed).map(|bytes| (bytes, false));
        let opened =
            opened.or_else(|_| envelope::open(key, &part_context(number, 1), &sealed).map(|bytes| (bytes, true)));
        let (bytes, last) = opened.map_err(|_| not_whole())?; // BND-01
        items.extend(strict::decode::<Vec<Item>>(&bytes, PART_BYTES_MAX).map_err(|_| not_whole())?);
        if last {
            break;
        }
    }
    Ok(items)
}

fn part_context(number: u64, last: u64) -> Context<'static> {
    Context { org: OrgId([0; 32]), kind: BoxKind::Bundle, id: b"part", epoch: last, position: number }
}

fn not_whole() -> Error {
    Error::Damaged("the bundle does not open: it is damaged, cut short, of another organisation, or the code is wrong; nothing was changed".into())
}
