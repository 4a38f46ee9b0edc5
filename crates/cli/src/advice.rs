//! What to do next about errors of opening a vault and of joining, in commands of this program.

use wardbook_client::{Error, InviteMisuse, StoreError};

/// The text of an error, with what to do next where its kind tells that.
pub fn told(error: &Error) -> String {
    match error {
        Error::Store(StoreError::NoVault(_)) => {
            format!("{error}: create one with `wardbook init`, or name another folder with --vault")
        }
        Error::Store(StoreError::Damaged) => format!("{error}: run `wardbook verify`"),
        Error::Invite(misuse) => format!("{error}{}", on_invite(*misuse)),
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

/// For an invite that is used where it is not for.
fn on_invite(misuse: InviteMisuse) -> &'static str {
    match misuse {
        InviteMisuse::ForPersonAlone => "",
        InviteMisuse::ForNewMember => " with --member USER",
        InviteMisuse::VaultHere | InviteMisuse::ForNewDevice | InviteMisuse::OtherOrganisation => {
            "; to join as a new device, name another folder, `wardbook --vault NEWDIR enrol LINK`"
        }
        InviteMisuse::NoServer => {
            "; to join as a new device, name another folder, `wardbook --vault NEWDIR enrol LINK`; what was written here is \
             carried over with `wardbook bundle export` and `bundle import`"
        }
    }
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
        let on = |misuse: InviteMisuse| told(&misuse.into());
        assert_eq!(
            on(InviteMisuse::ForNewMember),
            "this invite is for a new member: say who that is with --member USER"
        );
        assert_eq!(on(InviteMisuse::ForPersonAlone), InviteMisuse::ForPersonAlone.to_string());
        for elsewhere in [InviteMisuse::VaultHere, InviteMisuse::ForNewDevice, InviteMisuse::OtherOrganisation] {
            assert!(on(elsewhere).contains("NEWDIR") && !on(elsewhere).contains("bundle export"));
        }
        assert!(on(InviteMisuse::NoServer).contains("NEWDIR") && on(InviteMisuse::NoServer).contains("bundle export"));
        assert_eq!(told(&Error::Invalid("it was used".into())), "it was used");
    }
}
