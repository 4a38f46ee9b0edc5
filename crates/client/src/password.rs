//! Which passwords are taken: NIST SP 800-63B-4 section 3.1.1.2. Length and a blocklist, no rules of composition.
//!
//! The blocklist is `strength`'s, or that of a judge that this crate was given: a browser loads it when it is needed.

use crate::Error;
use std::cell::RefCell;
use wardbook_core::password::Password;
use wardbook_wire::Policy;
use zeroize::Zeroizing;

/// What a password needs of the four points that there are: then it withstands guessing at a slow hash, as ours is.
const POINTS_MIN: u8 = 3;

/// Text that a person typed or a file holds: a password or a code. Wiped on drop, never printed.
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Everything up to the end of the first line.
    pub fn first_line(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub(crate) fn as_password(&self) -> Result<Password, Error> {
        Password::new(&self.0).map_err(|_| Error::WeakPassword("it is longer than 4,096 bytes".into()))
    }
}

/// Checks a new password against the organisation's policy; `context` are words that it must not be made of.
///
/// # Errors
/// [`Error::WeakPassword`] with what to do instead (PWD-02).
pub(crate) fn check_new(password: &Password, policy: &Policy, context: &[&str]) -> Result<(), Error> {
    let characters = password.as_str().chars().count();
    let least = policy.password_chars_min as usize;
    if characters < least {
        return Err(Error::WeakPassword(format!(
            "it has {characters} characters and needs {least}; several words in a row are easy to remember"
        ))); // PWD-02
    }
    let Some(Judgement { points, warning }) = judge(password.as_str(), context) else {
        // What nobody has judged may be the first that is tried.
        return Err(Error::WeakPassword(
            "it could not be compared with those that are easily guessed: start again, and choose it once more".into(),
        )); // PWD-02
    };
    if points < POINTS_MIN {
        let why = warning.unwrap_or_else(|| "it is made of common words, names or patterns".into());
        return Err(Error::WeakPassword(format!(
            "{} (add words that have nothing to do with one another)",
            why.trim_end_matches('.')
        ))); // PWD-02
    }
    Ok(())
}

/// What is to be said of a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// 0 for what is guessed at once, up to 4.
    pub points: u8,
    /// Why it is weak, as a sentence, where that is known.
    pub warning: Option<String>,
}

/// From a password, and words that it must not be made of; none where it cannot be judged.
type Judge = dyn Fn(&str, &[&str]) -> Option<Judgement>;

thread_local! {
    static GIVEN: RefCell<Option<Box<Judge>>> = const { RefCell::new(None) };
}

/// Has new passwords of this thread judged so from now on. Without the feature `strength` none is taken before that.
pub fn set_judge(judge: impl Fn(&str, &[&str]) -> Option<Judgement> + 'static) {
    GIVEN.set(Some(Box::new(judge)));
}

fn judge(password: &str, context: &[&str]) -> Option<Judgement> {
    GIVEN.with_borrow(|given| match given {
        Some(given) => given(password, context),
        None => built_in(password, context),
    })
}

#[cfg(feature = "strength")]
fn built_in(password: &str, context: &[&str]) -> Option<Judgement> {
    let wardbook_strength::Judgement { points, warning } = wardbook_strength::judge(password, context);
    Some(Judgement { points, warning })
}

#[cfg(not(feature = "strength"))]
fn built_in(_password: &str, _context: &[&str]) -> Option<Judgement> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardbook_wire::kdf::Kdf;

    const POLICY: Policy = Policy { kdf: Kdf::ARGON2_FLOOR, password_chars_min: 15, lease_hours: 72 };

    fn check(text: &str) -> bool {
        check_new(&Password::new(text).unwrap(), &POLICY, &["nurse.kim", "Kim Adams", "Saint Mary"]).is_ok()
    }

    #[test]
    fn pwd_02_length_and_blocklist_decide_and_nothing_else() {
        for good in [
            "quiet ambulance velvet orbit",
            "Tr0ub4dor-and-3-goats",
            "längere wörter über brücken",
            "   spaces count too, mostly   ",
        ] {
            assert!(check(good), "{good}");
        }
        for bad in [
            "short one",
            "14 characters.",
            "passwordpassword",
            "aaaaaaaaaaaaaaaaaaaa",
            "123456789012345678",
            "qwertyuiopasdfgh",
            "nurse.kimnurse.kim",
        ] {
            assert!(!check(bad), "{bad}");
        }
        let long: String = (0..100).map(|n| char::from(b'a' + (n * 7 % 26) as u8)).collect();
        assert!(check(&format!("{long} with many words of very different kinds")));
    }

    #[test]
    fn pwd_02_a_password_is_refused_where_the_judge_does_not_judge() {
        // A judge is a thread's, and other tests may run on this one.
        let judged = std::thread::spawn(|| {
            let good = "quiet ambulance velvet orbit";
            [None, Some(2), Some(3)].map(|points| {
                set_judge(move |_, _| points.map(|points| Judgement { points, warning: None }));
                check(good)
            })
        });
        assert_eq!(judged.join().unwrap(), [false, false, true]);
    }
}
