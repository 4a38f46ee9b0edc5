//! What a member has typed and not written yet, kept on this device alone: it is part of no record, and no sync, bundle
//! or export carries it.
//!
//! ```text
//! box(keyring key, [org, Draft, draft place, 0, 0], [name, time, bytes])      kind 17 of `spec/envelope.md`
//! ```
//!
//! Each box opens for the member who typed it, and goes with them: whoever has left, or whose device was retired, leaves
//! none.

use crate::{Error, Session, now_ms, rng};
use minicbor::{Decode, Encode};
use wardbook_core::body::BODY_RAW_MAX;
use wardbook_core::envelope::{self, Context, Kind as BoxKind};
use wardbook_store::{Batch, Kind};
use wardbook_wire::{OrgId, strict};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bytes of one draft, at most: more than the body of an entry holds could not be written anyway.
const DRAFT_BYTES_MAX: usize = BODY_RAW_MAX;
/// Bytes of a name, at most: a chart, a resource and a few words.
const NAME_BYTES_MAX: usize = 1024;
/// What is sealed, at most: both, the time, and the heads of CBOR.
const KEPT_BYTES_MAX: usize = DRAFT_BYTES_MAX + NAME_BYTES_MAX + 64;

/// A draft in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftInfo {
    pub key: String,
    /// By this device's clock, in milliseconds since 1970.
    pub saved_ms: i64,
}

#[derive(Encode, Decode, Zeroize, ZeroizeOnDrop)]
struct Kept {
    #[n(0)]
    key: String,
    #[n(1)]
    saved_ms: i64,
    #[cbor(n(2), with = "minicbor::bytes")]
    bytes: Vec<u8>,
}

impl Session {
    /// Keeps a draft of this member under a name, in place of the one that was there.
    ///
    /// # Errors
    /// [`Error::Invalid`] where name or draft are too long; the disk's, and then the one that was there still is.
    pub fn save_draft(&mut self, key: &str, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > DRAFT_BYTES_MAX || key.len() > NAME_BYTES_MAX {
            return Err(Error::Invalid("this draft is too long to be kept: shorten it".into()));
        }
        let kept = Kept { key: key.to_owned(), saved_ms: now_ms(), bytes: bytes.to_vec() };
        let content = Zeroizing::new(strict::encode(&kept));
        let place = self.ring_key.draft_place(key);
        let sealed = envelope::seal(&self.ring_key, &context(self.vault.identity.org, &place), &content, &mut rng());
        let mut batch = Batch::new();
        batch.put(Kind::Draft, self.me().as_bytes(), &place, sealed);
        Ok(self.vault.store.commit(&batch)?)
    }

    /// The draft of that name, if this member has one here.
    ///
    /// # Errors
    /// Damage.
    pub fn draft(&self, key: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let place = self.ring_key.draft_place(key);
        let Some(sealed) = self.vault.store.get(Kind::Draft, self.me().as_bytes(), &place)? else { return Ok(None) };
        let mut kept = self.open_draft(&place, &sealed).ok_or_else(|| Error::damaged("this draft"))?;
        Ok(Some(Zeroizing::new(std::mem::take(&mut kept.bytes))))
    }

    /// All drafts of this member on this device. One that is damaged is passed over: [`Session::draft`] says so.
    ///
    /// # Errors
    /// The disk's.
    pub fn drafts(&self) -> Result<Vec<DraftInfo>, Error> {
        let rows = self.vault.store.list(Kind::Draft, self.me().as_bytes())?;
        let kept = rows.iter().filter_map(|row| self.open_draft(&row.key, &row.value));
        Ok(kept.map(|kept| DraftInfo { key: kept.key.clone(), saved_ms: kept.saved_ms }).collect())
    }

    /// Forgets a draft of this member; it is no error where there is none.
    ///
    /// # Errors
    /// The disk's.
    pub fn drop_draft(&mut self, key: &str) -> Result<(), Error> {
        let mut batch = Batch::new();
        batch.delete(Kind::Draft, self.me().as_bytes(), &self.ring_key.draft_place(key));
        Ok(self.vault.store.commit(&batch)?)
    }

    fn open_draft(&self, place: &[u8], sealed: &[u8]) -> Option<Kept> {
        let bytes = envelope::open(&self.ring_key, &context(self.vault.identity.org, place), sealed).ok()?;
        strict::decode(&bytes, KEPT_BYTES_MAX).ok()
    }
}

fn context(org: OrgId, place: &[u8]) -> Context<'_> {
    Context { org, kind: BoxKind::Draft, id: place, epoch: 0, position: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ana, unlock};
    use crate::{MemberId, Role, Secret};

    const NAME: &str = "chart 7: Observation";
    const TYPED: &[u8] = b"allergic to penicillin";

    fn add_ben(ana: &mut Session) -> Secret {
        let password = Secret::new("seven lanterns under gravel".to_owned());
        Secret::new(ana.add_member("ben", "Ben", Role::Clinician, &password).unwrap().as_str().to_owned())
    }

    fn names(session: &Session) -> Vec<String> {
        session.drafts().unwrap().into_iter().map(|draft| draft.key).collect()
    }

    fn rows(session: &Session, member: MemberId) -> usize {
        session.vault.store.list(Kind::Draft, member.as_bytes()).unwrap().len()
    }

    #[test]
    fn a_draft_outlives_a_lock_until_it_is_replaced_or_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let (mut session, code) = ana(&folder.path().join("vault"));
        assert!(session.draft(NAME).unwrap().is_none() && names(&session).is_empty());
        let (before, unsent) = (now_ms(), session.vault.unsent().unwrap());
        session.save_draft(NAME, TYPED).unwrap();
        session.save_draft("another", b"").unwrap();
        let mut session = unlock(session.lock(), "ana", &code);
        assert_eq!(session.draft(NAME).unwrap().unwrap().as_slice(), TYPED);
        assert_eq!(session.draft("another").unwrap().unwrap().as_slice(), b"");
        assert_eq!(names(&session), [NAME, "another"]);
        assert!(session.drafts().unwrap().iter().all(|draft| draft.saved_ms >= before));

        session.save_draft(NAME, b"none known").unwrap();
        assert_eq!(session.draft(NAME).unwrap().unwrap().as_slice(), b"none known");
        session.drop_draft(NAME).unwrap();
        session.drop_draft(NAME).unwrap();
        assert!(session.draft(NAME).unwrap().is_none());
        assert_eq!(names(&session), ["another"]);
        assert_eq!(session.vault.unsent().unwrap(), unsent, "a draft never waits to be handed in");
    }

    #[test]
    fn a_draft_opens_for_its_member_alone_and_goes_with_them() {
        let folder = tempfile::tempdir().unwrap();
        let (mut session, anas) = ana(&folder.path().join("vault"));
        let bens = add_ben(&mut session);
        session.save_draft(NAME, TYPED).unwrap();

        let mut session = unlock(session.lock(), "ben", &bens);
        let ben = session.me();
        assert!(session.draft(NAME).unwrap().is_none() && names(&session).is_empty());
        session.save_draft(NAME, b"of Ben").unwrap();

        let mut session = unlock(session.lock(), "ana", &anas);
        assert_eq!(session.draft(NAME).unwrap().unwrap().as_slice(), TYPED);
        // Ben's box in the place of hers, with and without its own name.
        let row = session.vault.store.list(Kind::Draft, ben.as_bytes()).unwrap().remove(0);
        let place = session.ring_key.draft_place(NAME);
        assert_ne!(row.key, place);
        for key in [row.key.as_slice(), &place] {
            assert!(session.open_draft(key, &row.value).is_none());
        }

        session.retire_member("ben").unwrap();
        assert_eq!((rows(&session, ben), rows(&session, session.me())), (0, 1));
    }

    #[test]
    fn storage_holds_neither_the_name_nor_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("vault");
        let (mut session, _) = ana(&vault);
        session.save_draft(NAME, TYPED).unwrap();
        let files = std::fs::read_dir(&vault).unwrap().map(|file| file.unwrap().path());
        let mut looked_at = 0;
        for path in files.filter(|path| path.is_file()) {
            let content = std::fs::read(&path).unwrap_or_default();
            for secret in [NAME.as_bytes(), TYPED] {
                assert!(content.windows(secret.len()).all(|window| window != secret), "{}", path.display());
            }
            looked_at += content.len();
        }
        assert!(looked_at > 4096);
    }

    #[test]
    fn a_draft_has_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let (mut session, _) = ana(&folder.path().join("vault"));
        let long = "x".repeat(NAME_BYTES_MAX + 1);
        assert!(matches!(session.save_draft(&long, TYPED), Err(Error::Invalid(_))));
        assert!(matches!(session.save_draft(NAME, &vec![0; DRAFT_BYTES_MAX + 1]), Err(Error::Invalid(_))));
        let (name, most) = (&long[1..], vec![0; DRAFT_BYTES_MAX]);
        session.save_draft(name, &most).unwrap();
        assert_eq!(session.draft(name).unwrap().unwrap().len(), most.len());
    }
}
