//! Reads a request's body into memory, within the limits: of one request, of all requests at once, and of patience.

use super::Shell;
use super::answer::Problem;
use axum::body::{Body, HttpBody};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

/// A body, and its share of the memory for bodies until it is dropped.
#[derive(Debug, Default)]
pub struct Held {
    pub bytes: Vec<u8>,
    share: Option<OwnedSemaphorePermit>,
}

/// Reads a body to its end.
///
/// # Errors
/// [`Problem::TooLarge`] before the first byte where its length was declared; [`Problem::TooSlow`], [`Problem::Broken`],
/// [`Problem::Busy`] where other requests hold the memory.
pub async fn receive(shell: &Shell, mut body: Body) -> Result<Held, Problem> {
    let limit = shell.config.limits.request_bytes_max;
    if body.size_hint().lower() > limit {
        return Err(Problem::TooLarge);
    }
    let patience = Duration::from_secs(shell.config.http.body_idle_secs);
    let mut held = Held::default();
    loop {
        let frame = match timeout(patience, body.frame()).await {
            Err(_) => return Err(Problem::TooSlow),
            Ok(None) => return Ok(held),
            Ok(Some(Err(_))) => return Err(Problem::Broken),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        let total = held.bytes.len().saturating_add(data.len());
        if u64::try_from(total).unwrap_or(u64::MAX) > limit {
            return Err(Problem::TooLarge);
        }
        held.reserve(shell, total)?;
        held.bytes.extend_from_slice(&data);
    }
}

impl Held {
    /// Takes the share of so many bytes, in KiB.
    fn reserve(&mut self, shell: &Shell, total: usize) -> Result<(), Problem> {
        let taken = self.share.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let more = u32::try_from(total.div_ceil(1024).saturating_sub(taken)).map_err(|_| Problem::TooLarge)?;
        if more == 0 {
            return Ok(());
        }
        let permit = Arc::clone(&shell.bodies).try_acquire_many_owned(more).map_err(|_| Problem::Busy)?;
        match &mut self.share {
            Some(share) => share.merge(permit),
            none => *none = Some(permit),
        }
        Ok(())
    }
}
