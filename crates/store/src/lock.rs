//! One process at a time, and a folder for its owner's eyes.

use crate::StoreError;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long [`crate::Store::open`] waits for another process.
pub const LOCK_WAIT: Duration = Duration::from_secs(30);

/// Held until dropped or the process ends, however it ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "dropping the file releases the lock")] File);

impl Lock {
    pub fn take(folder: &Path) -> Result<Self, StoreError> {
        Self::take_within(folder, wait())
    }

    /// As [`Lock::take`], with another wait.
    pub fn take_within(folder: &Path, longest: Duration) -> Result<Self, StoreError> {
        let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if start.elapsed() < longest => {
                    std::thread::sleep(Duration::from_millis(50))
                }
                Err(TryLockError::WouldBlock) => return Err(StoreError::Busy),
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }
}

/// `WARDBOOK_LOCK_WAIT_MS` shortens or lengthens the wait, for scripts.
fn wait() -> Duration {
    let given = std::env::var("WARDBOOK_LOCK_WAIT_MS").ok().and_then(|text| text.parse().ok());
    given.map_or(LOCK_WAIT, Duration::from_millis)
}

/// Mode 0700 where the system has modes.
pub(crate) fn restrict(folder: &Path) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
