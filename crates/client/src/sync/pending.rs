//! What a bundle brought too early: entries wait for others, or for statements, and are tried again once a sync has
//! brought more.

use super::take::Left;
use super::transport::Transport;
use super::{SyncProgress, SyncReport};
use crate::{Error, Session};

impl Session {
    /// Exchanges everything. What can be taken then of what waited is handed in at once: its author may never come.
    pub(super) fn exchange_with_pending(
        &mut self,
        link: &mut dyn Transport,
        report: &mut SyncReport,
        left: &mut Left,
        progress: &mut dyn FnMut(&SyncProgress),
    ) -> Result<(), Error> {
        self.exchange_all(link, report, left, progress)?;
        let merged = self.vault.take_pending(&mut left.touched)?;
        report.passed_over += merged.refused.len();
        if merged.entries == 0 {
            return Ok(());
        }
        self.exchange_all(link, report, left, progress)
    }
}
