//! From a text in any script to the lower-case Latin letters and digits that stand for it (`any_ascii`), by the tables that
//! `build.rs` describes. Characters beyond the Basic Multilingual Plane stand for nothing.

use std::sync::LazyLock;

const WORDS: &str = include_str!(concat!(env!("OUT_DIR"), "/fold.words"));
const SYLLABLES: &str = include_str!(concat!(env!("OUT_DIR"), "/fold.syllables"));
const LOW: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fold.low"));
const HIGH: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/fold.high"));
const FIRST_IDEOGRAPH: usize = 0x4e00;

/// Hangul syllables, in the order of their initial, then their vowel, then their final.
const FIRST_HANGUL: usize = 0xac00;
const INITIALS: [&str; 19] =
    ["g", "kk", "n", "d", "tt", "l", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h"];
const VOWELS: [&str; 21] = [
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "eu",
    "ui", "i",
];
const FINALS: [&str; 28] = [
    "", "g", "kk", "gs", "n", "nj", "nh", "d", "l", "lg", "lm", "lb", "ls", "lt", "lp", "lh", "m", "b", "bs", "s",
    "ss", "ng", "j", "ch", "k", "t", "p", "h",
];

/// Words by the upper and the lower byte of a character.
static BLOCKS: LazyLock<Vec<Vec<&str>>> =
    LazyLock::new(|| WORDS.split('\n').map(|line| line.split(' ').collect()).collect());
static BY_FREQUENCY: LazyLock<Vec<&str>> = LazyLock::new(|| SYLLABLES.split(' ').collect());

/// Lower-case ASCII letters and digits.
pub(crate) fn fold(text: &str) -> String {
    text.chars().flat_map(parts_of).collect()
}

/// What stands for a character; three words where it is a Hangul syllable, one otherwise.
fn parts_of(character: char) -> [&'static str; 3] {
    let code = character as usize;
    let syllable = code.checked_sub(FIRST_HANGUL).and_then(hangul);
    let single = || code.checked_sub(FIRST_IDEOGRAPH).and_then(ideograph).or_else(|| word(code)).unwrap_or_default();
    syllable.unwrap_or_else(|| [single(), "", ""])
}

fn hangul(at: usize) -> Option<[&'static str; 3]> {
    let (rest, last) = (at / FINALS.len(), at % FINALS.len());
    let (first, vowel) = (rest / VOWELS.len(), rest % VOWELS.len());
    Some([INITIALS.get(first).copied()?, VOWELS.get(vowel).copied()?, FINALS.get(last).copied()?])
}

fn ideograph(at: usize) -> Option<&'static str> {
    let place = u16::from_le_bytes([*LOW.get(at)?, *HIGH.get(at)?]);
    BY_FREQUENCY.get(usize::from(place)).copied()
}

fn word(code: usize) -> Option<&'static str> {
    BLOCKS.get(code >> 8)?.get(code & 0xff).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_say_what_any_ascii_says() {
        let rare = '\u{3400}'..='\u{4dbf}';
        for character in (0..=0xffff).filter_map(char::from_u32).filter(|character| !rare.contains(character)) {
            let said = any_ascii::any_ascii_char(character).to_ascii_lowercase();
            let expected = said.replace(|c: char| !c.is_ascii_alphanumeric(), "");
            assert_eq!(parts_of(character).concat(), expected, "{character}");
        }
    }

    #[test]
    fn letters_stand_for_the_same_however_they_are_written() {
        for (text, expected) in [
            ("", ""),
            ("Straße STRASSE STRAẞE", "strassestrassestrasse"),
            ("Yıldız IŞIK İpek i\u{307}pek", "yildizisikipekipek"),
            ("Zo\u{e9} Zoe\u{301}", "zoezoe"),
            ("김 \u{1100}\u{1175}\u{11b7}", "gimgim"),
        ] {
            assert_eq!(fold(text), expected, "{text}");
        }
        assert_eq!(fold(&"ß\u{301}".repeat(100_000)), "ss".repeat(100_000));
    }

    #[test]
    fn what_has_no_letters_of_its_own_stands_for_nothing() {
        assert_eq!(fold("Ðóra Łaß-Иванов 2 深圳 김민준 \u{1F451}"), "doralassivanov2shenzhengimminjun");
        assert_eq!(fold("王\u{3400}\u{4dae}明"), fold("王明"), "rare ideographs");
    }
}
