//! What is stored, and batches of changes to it.

/// The kinds of objects. The number is part of the format on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i64)]
pub enum Kind {
    /// Statements of the directory: key = position (8 bytes, big-endian).
    Statement = 1,
    /// Slots: key = lookup.
    Slot = 2,
    /// Sealed keyrings: key = member id.
    Keyring = 3,
    /// This device's id and sealed secrets; its sealed state (failed attempts, clock, slot versions).
    Device = 4,
    /// Entries: owner = chart id, key = entry id.
    Entry = 5,
    /// Entries that wait for others: owner = chart id, key = entry id.
    Pending = 6,
    /// Sealed cover sheets: owner = empty, key = chart id.
    Cover = 7,
    /// Chart keys that a member has opened, sealed under their keyring key: owner = member id, key = chart id.
    ChartKeys = 8,
    /// How many leaves of a chart's stream in the server's log are here (8 bytes, big-endian): key = chart id.
    Stream = 9,
    /// What waits to be handed in: owner = chart id, key = entry id; for slots and keyrings owner = empty, key = kind (1
    /// byte) and their key. The value is empty, or one byte that says why the server refused it.
    Outbox = 10,
    /// What a member has typed and not written yet, sealed under their keyring key: owner = member id, key = a keyed
    /// hash of the name that it has.
    Draft = 11,
    /// Sealed attachments where there are no files, in a browser: owner = blob id, key = number of the piece (4 bytes,
    /// big-endian). With an empty owner, what is here: key = blob id, or a word.
    Blob = 12,
}

/// A stored object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub owner: Vec<u8>,
    pub key: Vec<u8>,
    pub value: Vec<u8>,
}

/// Changes that happen together or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch(Vec<Change>);

#[derive(Clone, Debug)]
pub(crate) enum Change {
    Put { kind: Kind, owner: Vec<u8>, key: Vec<u8>, value: Vec<u8> },
    Delete { kind: Kind, owner: Vec<u8>, key: Vec<u8> },
}

impl Batch {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces.
    pub fn put(&mut self, kind: Kind, owner: &[u8], key: &[u8], value: Vec<u8>) {
        self.0.push(Change::Put { kind, owner: owner.to_vec(), key: key.to_vec(), value });
    }

    pub fn delete(&mut self, kind: Kind, owner: &[u8], key: &[u8]) {
        self.0.push(Change::Delete { kind, owner: owner.to_vec(), key: key.to_vec() });
    }

    /// Adds all changes of another batch after this one's.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of one kind that the batch writes.
    pub fn puts(&self, wanted: Kind) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(move |change| match change {
            Change::Put { kind, value, .. } if *kind == wanted => Some(value.as_slice()),
            _ => None,
        })
    }

    /// Leaves everything of one kind as it is.
    pub fn drop_kind(&mut self, dropped: Kind) {
        self.0.retain(|change| match change {
            Change::Put { kind, .. } | Change::Delete { kind, .. } => *kind != dropped,
        });
    }

    pub(crate) fn changes(&self) -> &[Change] {
        &self.0
    }
}
