//! The data folder: made for its owner alone, with the registration code.

use super::ServeError;
use crate::Registration;
use crate::config::{self, Admission, Config};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Holds the registration code that was made at the first start.
const CODE_FILE: &str = "registration-code";
/// Digits and letters without those that are easily mixed up.
const CODE_ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Makes a folder, mode 0700, if it is not there.
///
/// # Errors
/// [`ServeError::File`].
pub fn prepare(folder: &Path) -> Result<(), ServeError> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| ServeError::file(folder, &error))
}

/// Who may register, and the code that goes into the link.
///
/// # Errors
/// [`ServeError::File`].
pub fn registration(config: &Config) -> Result<(Registration, String), ServeError> {
    match config.registration {
        Admission::Open => Ok((Registration::Open, String::new())),
        Admission::Closed => Ok((Registration::Closed, String::new())),
        Admission::Code => {
            let given = config.registration_code.expose();
            let code = if given.is_empty() { kept_code(&config.data)? } else { given.to_owned() };
            Ok((Registration::Code(code.clone()), code))
        }
    }
}

fn kept_code(folder: &Path) -> Result<String, ServeError> {
    let path = folder.join(CODE_FILE);
    match fs::read_to_string(&path) {
        Ok(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Ok(_) => Err(ServeError::Config(format!("{} is empty: delete it, and a new code is made", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut bytes = [0; 26]; // 26 characters of 5 bits: 130 bits
            super::fill(&mut bytes);
            let letter = |byte: u8| CODE_ALPHABET.get(usize::from(byte % 32)).copied().map_or('0', char::from);
            let code: String = bytes.into_iter().map(letter).collect();
            write(&path, format!("{code}\n").as_bytes())?;
            Ok(code)
        }
        Err(error) => Err(ServeError::file(&path, &error)),
    }
}

/// Writes a file, mode 0600, that is there whole or not at all.
///
/// # Errors
/// [`ServeError::File`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), ServeError> {
    let draft = path.with_extension("new");
    let done = write_draft(&draft, bytes).and_then(|()| fs::rename(&draft, path)).and_then(|()| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
    });
    done.map_err(|error| ServeError::file(path, &error))
}

/// Copies what devices know the server by to a backup that [`backup`](crate::backup()) has made: the certificate authority, the
/// registration code and the configuration, as far as they are there. Gives their names.
///
/// # Errors
/// [`ServeError::File`].
pub fn copy_identity(folder: &Path, to: &Path) -> Result<Vec<&'static str>, ServeError> {
    let mut copied = Vec::new();
    for name in ["tls/ca.key", "tls/ca.pem", CODE_FILE, config::FILE] {
        let (from, target) = (folder.join(name), to.join(name));
        if !from.is_file() {
            continue;
        }
        let bytes = fs::read(&from).map_err(|error| ServeError::file(&from, &error))?;
        if let Some(parent) = target.parent() {
            prepare(parent)?;
        }
        write(&target, &bytes)?;
        copied.push(name);
    }
    Ok(copied)
}

fn write_draft(draft: &Path, bytes: &[u8]) -> std::io::Result<()> {
    match fs::remove_file(draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(draft)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_made_once_and_kept_from_others() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().join("data"), ..Config::default() };
        prepare(&config.data).unwrap();
        let (_, code) = registration(&config).unwrap();
        assert_eq!(code.len(), 26);
        assert_eq!(registration(&config).unwrap().1, code);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&config.data), 0o700);
            assert_eq!(mode(&config.data.join(CODE_FILE)), 0o600);
        }
        let target = folder.path().join("backup");
        prepare(&target).unwrap();
        assert_eq!(copy_identity(&config.data, &target).unwrap(), [CODE_FILE]);
        assert_eq!(fs::read(target.join(CODE_FILE)).unwrap(), fs::read(config.data.join(CODE_FILE)).unwrap());
        let closed = Config { registration: Admission::Closed, ..config };
        assert!(matches!(registration(&closed).unwrap(), (Registration::Closed, code) if code.is_empty()));
    }
}
