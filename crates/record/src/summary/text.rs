//! Text from a record as it may be shown: one line, of bounded length, that cannot drive a terminal.

/// Characters of one text in a summary, at most.
pub(super) const TEXT_CHARS_MAX: usize = 300;
/// Characters read for each character that may be shown, so that a text of nothing but blanks costs little.
const SCAN_PER_CHAR: usize = 4;

/// `text` as one line of at most `chars_max` characters, then `…` where it went on.
///
/// Control characters (C0, C1, DEL) and invisible formatting, above all the overrides of text direction, are taken
/// out: a hostile record could otherwise move a terminal's cursor or show digits in another order. Joiners stay, since
/// Persian and Indic scripts need them. Runs of white space become one space.
pub fn clean_text(text: &str, chars_max: usize) -> String {
    let mut out = String::new();
    let mut shown = 0;
    let mut gap = false;
    let mut chars = text.chars();
    for char in chars.by_ref().take(chars_max.saturating_mul(SCAN_PER_CHAR)) {
        if char.is_whitespace() {
            gap = shown > 0;
            continue;
        }
        if char.is_control() || is_invisible(char) {
            continue;
        }
        if shown + usize::from(gap) >= chars_max {
            out.push('…');
            return out;
        }
        if gap {
            out.push(' ');
            shown += 1;
            gap = false;
        }
        out.push(char);
        shown += 1;
    }
    if shown > 0 && chars.next().is_some() {
        out.push('…');
    }
    out
}

/// `text` cleaned, where anything is left of it.
pub(super) fn shown(text: &str) -> Option<String> {
    Some(clean_text(text, TEXT_CHARS_MAX)).filter(|text| !text.is_empty())
}

fn is_invisible(char: char) -> bool {
    matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_is_taken_out() {
        assert_eq!(clean_text("a\u{1b}[31mred\u{7}\u{9b}2J", 99), "a[31mred2J");
        assert_eq!(clean_text("10\u{202e}05\u{2066}mg\u{200f}\u{feff}", 99), "1005mg");
        assert_eq!(clean_text(" \r\n two\u{2028}\tlines\u{85}", 99), "two lines");
        assert_eq!(clean_text("می\u{200c}خواهم 李 é", 99), "می\u{200c}خواهم 李 é");
    }

    #[test]
    fn texts_are_bounded() {
        assert_eq!(clean_text("abcdef", 6), "abcdef");
        assert_eq!(clean_text("abcdefg", 6), "abcdef…");
        assert_eq!(clean_text("abcde fg", 6), "abcde…");
        assert_eq!(clean_text("abc", 0), "");
        assert_eq!(clean_text(&format!("1 mg{}daily", " ".repeat(100)), 12), "1 mg…", "more blanks than are read");
        assert_eq!(clean_text(&" ".repeat(100), 12), "");
        assert_eq!(shown(" \u{0}\u{202e} "), None);
    }
}
