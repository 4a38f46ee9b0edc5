//! How easily a password is guessed: by lists of leaked and common passwords, of names and of words, and by keyboard
//! walks, repeats, dates and sequences. The maintained `zxcvbn` library has them, and only this crate knows it.
//!
//! ```text
//! the program:  client ──has it built in──► judge
//! a browser:    client ──asks what it was given──► worker ──► `browser`: this crate as a module of its own, which is
//!                                                             loaded when somebody has chosen a password
//! ```
//!
//! The lists are large, and a password is chosen once in a long while: a browser does not wait for them to unlock.

#[cfg(target_arch = "wasm32")]
mod browser;

use zxcvbn::zxcvbn;

/// What is to be said of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// 0 for what is guessed at once, 3 for what withstands guessing at a slow hash, 4 for what withstands it for long.
    pub points: u8,
    /// Why it is weak, as a sentence; none where it is not, or where no single reason is known.
    pub warning: Option<String>,
}

/// Judges a password as somebody would guess it who knows the words of the context: names of its owner, and the like.
///
/// The answer follows from these and from the year, for recent years are guessed first.
pub fn judge(password: &str, context: &[&str]) -> Judgement {
    let entropy = zxcvbn(password, context);
    let warning = entropy.feedback().and_then(|feedback| feedback.warning());
    Judgement { points: entropy.score().into(), warning: warning.map(|warning| warning.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_first_has_no_points_and_says_why() {
        let common = judge("password", &[]);
        assert_eq!((common.points, common.warning.as_deref()), (0, Some("This is a top-10 common password.")));
        assert_eq!(judge("", &[]).points, 0);
        for weak in ["passwordpassword", "aaaaaaaaaaaaaaaaaaaa", "123456789012345678", "qwertyuiopasdfgh"] {
            assert!(judge(weak, &[]).points < 3, "{weak}");
        }
    }

    #[test]
    fn words_that_have_nothing_to_do_with_one_another_have_points() {
        let good = judge("quiet ambulance velvet orbit", &["nurse.kim"]);
        assert!(good.points >= 3 && good.warning.is_none(), "{good:?}");
    }

    #[test]
    fn words_of_the_context_are_guessed_early() {
        let (known, unknown) = (judge("zorvenq", &["zorvenq"]), judge("zorvenq", &[]));
        assert!(known.points < unknown.points, "{known:?} {unknown:?}");
    }
}
