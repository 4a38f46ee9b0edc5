//! From what went wrong below to what a screen is told. The words are those of `client`; the kind is for the screen.

use crate::types::{Failure, FailureKind};
use tsify::Tsify;
use wardbook_client::{Error, StoreError};
use wasm_bindgen::JsValue;

/// What every method of the engine gives.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), wait_secs: None, code: None }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Invalid, message)
    }

    /// For whatever needs somebody to be unlocked.
    pub fn locked() -> Self {
        Self::new(FailureKind::Locked, "unlock first")
    }

    /// The same for what does not exist and for what this member may not see.
    pub fn not_found(what: &str) -> Self {
        Self::new(FailureKind::NotFound, format!("{what} is not in this chart"))
    }

    /// What an error is to a screen.
    pub fn kind_of(error: &Error) -> FailureKind {
        match error {
            Error::NotUnlocked => FailureKind::WrongPassword,
            Error::TooSoon(_) => FailureKind::TooSoon,
            Error::Blocked => FailureKind::Blocked,
            Error::WeakPassword(_) => FailureKind::WeakPassword,
            Error::NoRight(_) | Error::Server { .. } => FailureKind::Refused,
            Error::NoChart(_) | Error::NoResource(_) => FailureKind::NotFound,
            Error::Ambiguous(..) | Error::Invalid(_) | Error::Invite(_) => FailureKind::Invalid,
            Error::Conflict(_) => FailureKind::Conflict,
            Error::NoSiteKey(_) => FailureKind::NoSiteKey,
            Error::Damaged(_) | Error::Directory(_) | Error::Store(StoreError::Damaged) => FailureKind::Damaged,
            Error::Store(StoreError::Full) => FailureKind::StorageFull,
            Error::Store(StoreError::Busy) => FailureKind::Busy,
            Error::Offline(_) | Error::DirectoryOffline(_) => FailureKind::Offline,
            Error::Cheat(_) => FailureKind::ServerCaught,
            Error::LeaseEnded(_) => FailureKind::LeaseExpired,
            Error::Retired(_) => FailureKind::Retired,
            Error::Store(_) | Error::File { .. } => FailureKind::Other,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let mut failure = Self::new(Self::kind_of(error), error.to_string());
        match error {
            Error::TooSoon(secs) => failure.wait_secs = Some(u32::try_from(*secs).unwrap_or(u32::MAX)),
            Error::Server { code, .. } => failure.code = Some(code.clone()),
            _ => {}
        }
        failure
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

/// A value from JavaScript that is not of the type that it should be.
impl From<tsify::Error> for Failure {
    fn from(error: tsify::Error) -> Self {
        Self::invalid(error.to_string())
    }
}

/// What is thrown: a plain object, which passes between worker and page as it is.
impl From<Failure> for JsValue {
    fn from(failure: Failure) -> Self {
        match failure.into_js() {
            Ok(object) => object.into(),
            // Text and numbers always convert; the words alone are better than nothing.
            Err(_) => Self::from_str(&failure.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_screen_treats_in_its_own_way_is_told_apart() {
        for (error, kind) in [
            (Error::NotUnlocked, FailureKind::WrongPassword),
            (Error::Blocked, FailureKind::Blocked),
            (Error::LeaseEnded(String::new()), FailureKind::LeaseExpired),
            (Error::Offline(String::new()), FailureKind::Offline),
            (Error::Store(StoreError::Full), FailureKind::StorageFull),
            (Error::Store(StoreError::Busy), FailureKind::Busy),
            (Error::Store(StoreError::Damaged), FailureKind::Damaged),
            (Error::NoChart("x".into()), FailureKind::NotFound),
        ] {
            assert_eq!(Failure::from(error).kind, kind);
        }
        assert_eq!(Failure::from(Error::TooSoon(30)).wait_secs, Some(30));
        let refused = Failure::from(Error::Server { code: "quota".into(), detail: "no room".into() });
        assert_eq!((refused.kind, refused.code.as_deref()), (FailureKind::Refused, Some("quota")));
    }
}
