//! Who may put a new organisation on this server.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Set by whoever runs the server.
#[derive(Clone)]
pub enum Registration {
    /// Anybody who reaches it.
    Open,
    /// Nobody.
    Closed,
    /// Whoever knows the code that the server printed.
    Code(String),
}

impl std::fmt::Debug for Registration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::Closed => "Closed",
            Self::Code(_) => "Code(secret)",
        })
    }
}

impl Registration {
    /// Takes the same time for every code: digests are compared, so that not even its length shows.
    pub(crate) fn admits(&self, given: &str) -> bool {
        match self {
            Self::Open => true,
            Self::Closed => false,
            Self::Code(code) => {
                let (held, given) = (Sha256::digest(code.as_bytes()), Sha256::digest(given.as_bytes()));
                held.as_slice().ct_eq(given.as_slice()).into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_admits_itself_and_is_not_printed() {
        let code = Registration::Code("oak-17".into());
        assert!(code.admits("oak-17") && !code.admits("oak-1") && !code.admits(""));
        assert!(Registration::Open.admits("") && !Registration::Closed.admits(""));
        assert_eq!(format!("{code:?}"), "Code(secret)");
    }
}
