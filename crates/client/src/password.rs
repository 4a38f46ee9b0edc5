//! Which passwords are taken: NIST SP 800-63B-4 section 3.1.1.2. Length and a blocklist, no rules of composition.

use crate::Error;
use wardbook_core::password::Password;
use wardbook_wire::Policy;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

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
    // Dictionaries of leaked and common passwords, names and words, keyboard walks, repeats and sequences: the
    // maintained `zxcvbn` library. Four points are what it gives to passwords that withstand offline guessing.
    let entropy = zxcvbn(password.as_str(), context);
    if entropy.score() < Score::Three {
        let why = entropy.feedback().and_then(|feedback| feedback.warning()).map(|warning| warning.to_string());
        let why = why.unwrap_or_else(|| "it is made of common words, names or patterns".into());
        return Err(Error::WeakPassword(format!(
            "{} (add words that have nothing to do with one another)",
            why.trim_end_matches('.')
        ))); // PWD-02
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wardbook_wire::kdf::Kdf;

    #[test]
    fn pwd_02_length_and_blocklist_decide_and_nothing_else() {
        let policy = Policy { kdf: Kdf::ARGON2_FLOOR, password_chars_min: 15, lease_hours: 72 };
        let check = |text: &str| {
            check_new(&Password::new(text).unwrap(), &policy, &["nurse.kim", "Kim Adams", "Saint Mary"]).is_ok()
        };
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
}
