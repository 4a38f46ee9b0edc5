//! What to do next about an error, in commands of this program: the libraries know none of them.

use wardbook_client::{Error, StoreError};

/// The text of an error, with what to do next where its kind tells that.
pub fn told(error: &Error) -> String {
    match error {
        Error::Store(StoreError::NoVault(_)) => {
            format!("{error}: create one with `wardbook init`, or name another folder with --vault")
        }
        Error::Store(StoreError::Damaged) => format!("{error}: run `wardbook verify`"),
        _ => error.to_string(),
    }
}

/// For a vault that cannot be opened, where `verify` could say no more.
pub fn on_opening(error: Error) -> Error {
    match error {
        Error::Damaged(what) => Error::Damaged(format!(
            "{what}, with `wardbook bundle export FILE --new-device NAME` there and `wardbook --vault NEWDIR bundle \
             import FILE` here"
        )),
        other => other,
    }
}

/// For an invite that cannot be used in an empty folder.
pub fn on_enrolling(error: Error, names_member: bool) -> Error {
    match error {
        Error::Invalid(what) if !names_member => Error::Invalid(format!("{what} (a new member gives --member USER)")),
        other => other,
    }
}

/// For an invite that cannot be used with the vault in this folder.
pub fn on_joining(error: Error, has_server: bool) -> Error {
    let Error::Invalid(what) = error else { return error };
    let elsewhere = "to join as a new device, name another folder, `wardbook --vault NEWDIR enrol LINK`";
    let carried = "what was written here is carried over with `wardbook bundle export` and `bundle import`";
    Error::Invalid(if has_server { format!("{what}: {elsewhere}") } else { format!("{what}: {elsewhere}; {carried}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_helps_with_names_it() {
        assert!(told(&Error::Store(StoreError::NoVault("ward".into()))).contains("`wardbook init`"));
        assert!(told(&Error::Store(StoreError::Damaged)).ends_with("run `wardbook verify`"));
        assert!(on_opening(Error::Damaged("x".into())).to_string().contains("--new-device NAME"));
        assert_eq!(on_opening(Error::NotUnlocked).to_string(), Error::NotUnlocked.to_string());
        assert!(on_enrolling(Error::Invalid("x".into()), false).to_string().contains("--member USER"));
        assert_eq!(on_enrolling(Error::Invalid("x".into()), true).to_string(), "x");
        for has_server in [true, false] {
            let said = on_joining(Error::Invalid("x".into()), has_server).to_string();
            assert_eq!((said.contains("NEWDIR"), said.contains("bundle export")), (true, !has_server), "{said}");
        }
    }
}
