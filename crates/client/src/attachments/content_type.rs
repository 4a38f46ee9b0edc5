//! What kind of file it is, told from its first bytes: a name can say anything.

/// As long as a MIME type with its parameters gets (RFC 6838 section 4.2: 127 characters each for type and subtype).
const CONTENT_TYPE_BYTES_MAX: usize = 255;
const UNKNOWN: &str = "application/octet-stream";

/// The MIME type of a file that begins so.
pub fn content_type_of(start: &[u8]) -> String {
    let known = infer::get(start).map(|kind| kind.mime_type());
    known.unwrap_or(if is_text(start) { "text/plain" } else { UNKNOWN }).to_owned()
}

/// UTF-8, cut off anywhere, without control characters that no text has.
fn is_text(start: &[u8]) -> bool {
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            start.get(..error.valid_up_to()).and_then(|whole| std::str::from_utf8(whole).ok()).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.is_empty()
        && !text.chars().any(|letter| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\x0c'))
}

/// `type/subtype`, with parameters or without.
pub fn is_content_type(text: &str) -> bool {
    let (name, rest) = text.split_once(';').map_or((text, ""), |(name, rest)| (name.trim_end(), rest));
    let word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() <= CONTENT_TYPE_BYTES_MAX
        && name.split_once('/').is_some_and(|(kind, subtype)| word(kind) && word(subtype))
        && rest.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told_from_the_content() {
        let cases: [(&[u8], &str); 7] = [
            (b"\xff\xd8\xff\xe0 and so on", "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n", "image/png"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"Discharged on Monday.\n", "text/plain"),
            ("entlassen nach Stür".as_bytes().split_last().unwrap().1, "text/plain"),
            (b"\x00\x01\x02", UNKNOWN),
            (b"", UNKNOWN),
        ];
        for (start, expected) in cases {
            assert_eq!(content_type_of(start), expected, "{start:?}");
        }
        let cut = "fünf".as_bytes();
        assert_eq!(content_type_of(&cut[..2]), "text/plain", "cut inside a letter");
        assert_eq!(content_type_of(b"\xc3 broken"), UNKNOWN);
    }

    #[test]
    fn content_types_have_a_form() {
        for good in ["image/jpeg", "application/dicom", "text/plain; charset=utf-8", "image/svg+xml"] {
            assert!(is_content_type(good), "{good}");
        }
        let long = format!("text/{}", "x".repeat(300));
        for bad in ["", "image", "image/", "/jpeg", "image/jp eg", "text/plain; \n", "a/b/c", long.as_str()] {
            assert!(!is_content_type(bad), "{bad}");
        }
    }
}
