//! Passwords and codes: from a file or the terminal, never from an argument.

use crate::args::Shared;
use crate::{advice, out};
use std::io::{IsTerminal, Read};
use std::path::Path;
use wardbook_client::{Credential, Error, Secret, Session, SyncOnly, Vault};

/// A password file longer than this is no password file.
const SECRET_FILE_BYTES_MAX: u64 = 64 * 1024;

/// Opens the vault and says what opening had to repair.
pub fn open(shared: &Shared) -> Result<Vault, Error> {
    let vault = Vault::open(&shared.vault).map_err(advice::on_opening)?;
    if let Some(repair) = vault.repaired() {
        eprintln!(
            "The vault's storage was damaged and has been rebuilt: {} kept, {} lost.",
            out::counted(repair.kept, "object", "objects"),
            repair.lost
        );
        for name in &repair.set_aside {
            eprintln!("The damaged file was set aside as {}.", vault.folder().join(name).display());
        }
        if repair.lost > 0 {
            eprintln!(
                "Run `wardbook verify` to see what is missing, and import a bundle of another device to restore it."
            );
        }
    }
    Ok(vault)
}

/// Unlocks the vault for the member of the arguments.
pub fn unlock(shared: &Shared) -> Result<Session, Error> {
    let vault = open(shared)?;
    let user = user(shared)?;
    let password = secret(shared.password_file.as_deref(), &format!("Password of {user}: "))?;
    vault.unlock(&user, &Credential::Password(&password)).map_err(|(_, error)| error)
}

/// Unlocks what a sync needs, also where the lease has ended.
pub fn unlock_to_sync(shared: &Shared) -> Result<SyncOnly, Error> {
    let vault = open(shared)?;
    let user = user(shared)?;
    let password = secret(shared.password_file.as_deref(), &format!("Password of {user}: "))?;
    vault.unlock_to_sync(&user, &Credential::Password(&password)).map_err(|(_, error)| error)
}

/// The user name of the arguments, or asked for.
pub fn user(shared: &Shared) -> Result<String, Error> {
    match &shared.member {
        Some(user) => Ok(user.clone()),
        None => Err(Error::Invalid("say who you are: --member USER, or set WARDBOOK_MEMBER".into())),
    }
}

/// The first line of a file, or typed without being shown.
pub fn secret(file: Option<&Path>, prompt: &str) -> Result<Secret, Error> {
    match file {
        Some(path) => {
            let mut text = String::new();
            let file = std::fs::File::open(path).map_err(|error| unreadable(path, &error))?;
            file.take(SECRET_FILE_BYTES_MAX).read_to_string(&mut text).map_err(|error| unreadable(path, &error))?;
            Ok(Secret::first_line(text))
        }
        None if std::io::stdin().is_terminal() => {
            let typed = rpassword::prompt_password(prompt);
            typed.map(Secret::new).map_err(|error| Error::Invalid(format!("the terminal gave no password: {error}")))
        }
        None => Err(Error::Invalid(
            "there is no terminal to ask for a password: use --password-file (or the option named in --help)".into(),
        )),
    }
}

/// A new password: from a file, or typed twice.
pub fn new_secret(file: Option<&Path>, whose: &str) -> Result<Secret, Error> {
    if file.is_some() {
        return secret(file, "");
    }
    let first = secret(None, &format!("New password {whose} (15 characters or more; several words are good): "))?;
    let second = secret(None, "The same again: ")?;
    if first.expose() == second.expose() { Ok(first) } else { Err(Error::Invalid("the two passwords differ".into())) }
}

/// Lines of a file, each a secret.
pub fn secrets(path: &Path) -> Result<Vec<Secret>, Error> {
    let text = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))?);
    Ok(text.lines().filter(|line| !line.trim().is_empty()).map(|line| Secret::new(line.to_owned())).collect())
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::File { path: path.display().to_string(), reason: error.to_string() }
}
