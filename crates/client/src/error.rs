//! What can go wrong, in words that say what to do next.

use wardbook_core::directory::DirectoryError;
use wardbook_store::StoreError;

/// Every failure of this crate. [`Error::exit_code`] is stable; scripts may rely on it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The same for an unknown user, a wrong password, a wrong code and a damaged slot.
    #[error("the user name or password is not right")]
    NotUnlocked,
    #[error("too many failed attempts on this device: wait {0} seconds, then try again")]
    TooSoon(u64),
    #[error("too many failed attempts on this device: unlock once with a recovery code (`wardbook recover`)")]
    Blocked,
    #[error("this password cannot be used: {0}")]
    WeakPassword(String),
    #[error("{0}")]
    NoRight(String),
    /// The same whether the chart exists or not.
    #[error("no chart that you may open matches {0:?}: there may be none, or you have not been given access to it")]
    NoChart(String),
    #[error(
        "{0:?} matches {1} charts: give a birth date or an identifier as well, or the id shown by `wardbook patients`"
    )]
    Ambiguous(String, usize),
    #[error("{0} is not in this chart")]
    NoResource(String),
    #[error("{0}")]
    Invalid(String),
    #[error(transparent)]
    Invite(#[from] InviteMisuse),
    #[error("{0}")]
    Conflict(String),
    #[error(
        "the site key of this vault is not on this device ({0}): if it was retired, its keys were wiped; else restore the key, or enrol the device anew"
    )]
    NoSiteKey(String),
    #[error("{0}")]
    Damaged(String),
    #[error("cannot read or write {path}: {reason}")]
    File { path: String, reason: String },
    /// No answer: the ordinary state away from the clinic.
    #[error(
        "the server was not reached ({0}): what you do is kept on this device, and exchanged at the next `wardbook sync`"
    )]
    Offline(String),
    /// With a server the directory is changed where that is reached: what is known of a change that got no answer.
    #[error("{0}")]
    DirectoryOffline(String),
    /// The server refused, with the code of [`wardbook_wire::exchange::problem`].
    #[error("the server refused: {detail}")]
    Server { code: String, detail: String },
    /// What the server said contradicts what it signed, or what this device knows. Nothing of it was taken.
    #[error("{0}")]
    Cheat(String),
    #[error("{0}")]
    LeaseEnded(String),
    /// This device, or this member, was retired.
    #[error("{0}")]
    Retired(String),
    #[error("the directory does not hold together: {0}; run `wardbook verify`")]
    Directory(#[from] DirectoryError),
}

/// An invite that is good, and is not for where it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InviteMisuse {
    #[error("there is a vault in this folder already")]
    VaultHere,
    #[error("this invite is for a person on a device that is enrolled already: use it there")]
    ForPersonAlone,
    #[error("this invite is for a new device, and there is a vault in this folder already")]
    ForNewDevice,
    #[error("this invite is for a new member: say who that is")]
    ForNewMember,
    #[error("this device has no server, and an invite is used where it has one")]
    NoServer,
    #[error("this device belongs to another organisation than the invite")]
    OtherOrganisation,
}

impl Error {
    /// 3 not unlocked, 4 not found or no access, 5 damaged, 6 busy, 7 refused input, 8 conflict, 9 disk, 10 server not
    /// reached, 11 refused by the server, 12 the server was caught, 13 the lease has ended; else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::NotUnlocked | Self::TooSoon(_) | Self::Blocked | Self::NoSiteKey(_) | Self::Retired(_) => 3,
            Self::Offline(_) | Self::DirectoryOffline(_) => 10,
            Self::Server { .. } => 11,
            Self::Cheat(_) => 12,
            Self::LeaseEnded(_) => 13,
            Self::NoRight(_) | Self::NoChart(_) | Self::NoResource(_) | Self::Ambiguous(..) => 4,
            Self::Store(StoreError::NoVault(_)) => 4,
            Self::Damaged(_) | Self::Directory(_) | Self::Store(StoreError::Damaged) => 5,
            Self::Store(StoreError::Busy) => 6,
            Self::WeakPassword(_)
            | Self::Invalid(_)
            | Self::Invite(_)
            | Self::Store(StoreError::Exists(_) | StoreError::Newer(_)) => 7,
            Self::Conflict(_) => 8,
            Self::Store(StoreError::Full | StoreError::Io(_)) | Self::File { .. } => 9,
        }
    }

    pub(crate) fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Store(StoreError::Full),
            _ => Self::File { path: path.display().to_string(), reason: error.to_string() },
        }
    }

    /// For a change of the directory that never left this device, by the reason why the server was not reached.
    pub fn directory_offline(reason: &str) -> Self {
        Self::DirectoryOffline(format!(
            "the server was not reached ({reason}), and nothing has changed: members, teams, devices, invites and policy are \
             changed on top of what the server has. Run the command again where `wardbook sync` works; records and the \
             access to charts are changed offline as ever"
        ))
    }

    /// For a change of the directory that was handed in and got no answer.
    pub(crate) fn directory_unanswered(reason: &str) -> Self {
        Self::DirectoryOffline(format!(
            "the change was handed in, and no answer came ({reason}): the server may have taken it. Run `wardbook sync` and \
             see whether it is there (`wardbook member list`, `team list`, `device list`, `policy`) before you run the \
             command again"
        ))
    }

    /// For a server that says what cannot be.
    pub(crate) fn cheat(what: &str) -> Self {
        Self::Cheat(format!(
            "the server was caught: {what}. Nothing of its answer was taken. Tell whoever runs it; if it was restored from a backup, an admin \
             runs `wardbook server accept-restored`; until then go on working offline"
        ))
    }

    /// For sealed data that does not open although its place and key are right.
    pub(crate) fn damaged(what: &str) -> Self {
        Self::Damaged(format!("{what} is damaged or was tampered with: run `wardbook verify`"))
    }
}
