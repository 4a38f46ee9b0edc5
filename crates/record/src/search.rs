//! Finding charts by name, birth date or identifier, over an index in memory.
//!
//! Texts are folded to lower-case Latin letters and digits (`any_ascii`), so accents, case and script do not matter. A
//! word may have one typing error from 4 letters and two from 8 on, swapped neighbours counting once (`rapidfuzz`, optimal
//! string alignment); the beginning of a longer name is enough, since people search as they type.

mod fold;

use crate::cover::Cover;
pub(crate) use fold::fold;
use rapidfuzz::distance::osa::BatchComparator;
use std::collections::HashMap;
use std::hash::Hash;

/// Words of a query that are looked at, and characters of each.
const QUERY_WORDS_MAX: usize = 8;
const WORD_CHARS_MAX: usize = 40;
/// Name tokens of one chart that are looked at.
const TOKENS_MAX: usize = 48;

/// Charts by what is on their covers.
pub struct Index<K> {
    rows: Vec<Option<Row<K>>>,
    at: HashMap<K, usize>,
}

/// A chart that matches; a higher score is a better match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit<K> {
    pub key: K,
    pub score: u32,
}

struct Row<K> {
    key: K,
    title: String,
    names: Vec<Token>,
    birth: String,
    identifiers: Vec<String>,
}

struct Token {
    text: String,
    letters: u64,
}

impl Token {
    fn new(text: String) -> Self {
        Self { letters: letters(text.as_bytes()), text }
    }
}

impl<K: Clone + Eq + Hash> Default for Index<K> {
    fn default() -> Self {
        Self { rows: Vec::new(), at: HashMap::new() }
    }
}

impl<K: Clone + Eq + Hash> Index<K> {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn len(&self) -> usize {
        self.at.len()
    }

    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Adds a chart or replaces it.
    pub fn insert(&mut self, key: K, cover: &Cover) {
        let names = cover.names.iter().flat_map(|name| tokens(name)).take(TOKENS_MAX).map(Token::new).collect();
        let identifiers = cover.identifiers.iter().map(|held| &held.value).chain(&cover.patient_ids);
        let row = Row {
            key: key.clone(),
            title: tokens(&cover.title()).join(" "),
            names,
            birth: cover.birth_date.as_deref().unwrap_or_default().chars().filter(char::is_ascii_digit).collect(),
            identifiers: identifiers.map(|value| fold(value)).collect(),
        };
        match self.at.get(&key).and_then(|at| self.rows.get_mut(*at)) {
            Some(held) => *held = Some(row),
            None => {
                self.at.insert(key, self.rows.len());
                self.rows.push(Some(row));
            }
        }
    }

    pub fn remove(&mut self, key: &K) {
        if let Some(row) = self.at.remove(key).and_then(|at| self.rows.get_mut(at)) {
            *row = None;
        }
    }

    /// The charts in which every word of the query is found, best first, `most` at the most. An empty query finds all.
    pub fn search(&self, query: &str, most: usize) -> Vec<Hit<K>> {
        let query: String = query.chars().take(QUERY_WORDS_MAX * WORD_CHARS_MAX).collect();
        let separate = query.split(|c: char| c.is_whitespace() || c == ',').filter_map(Word::new);
        let words: Vec<Word> = separate.take(QUERY_WORDS_MAX).collect();
        if words.is_empty() && !query.trim().is_empty() {
            return Vec::new(); // nothing but punctuation
        }
        // A number typed in groups, as it is printed: `943 476 5919`.
        let digits = query.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || c == '-');
        let number = if digits && words.len() > 1 { Word::new(&fold(&query)) } else { None };
        let mut found: Vec<(u32, &Row<K>)> = self
            .rows
            .iter()
            .flatten()
            .filter_map(|row| {
                let all = words.iter().try_fold(0, |sum, word| Some(sum + word.score(row)?));
                Some((all.max(number.as_ref().and_then(|number| number.score(row)))?, row))
            })
            .collect();
        found.sort_by(|(a, row_a), (b, row_b)| b.cmp(a).then_with(|| row_a.title.cmp(&row_b.title)));
        found.truncate(most);
        found.into_iter().map(|(score, row)| Hit { key: row.key.clone(), score }).collect()
    }
}

/// How well a word fits; each kind is worth more than all lesser ones in the words of one query.
const EXACT: u32 = 1000;
const PREFIX: u32 = 100;
const TYPO: u32 = 10;

/// One word of a query, prepared.
struct Word {
    text: String,
    letters: u64,
    /// Typing errors that are forgiven.
    errors: usize,
    compare: BatchComparator<u8>,
    /// The digits of a date that the word can be read as, most significant first.
    dates: Vec<String>,
}

impl Word {
    fn new(raw: &str) -> Option<Self> {
        let raw: String = raw.chars().take(WORD_CHARS_MAX).collect();
        let text: String = fold(&raw).chars().take(WORD_CHARS_MAX).collect();
        let errors = match text.len() {
            0 => return None,
            1..=3 => 0,
            4..=7 => 1,
            _ => 2,
        };
        let compare = BatchComparator::new(text.bytes());
        Some(Self { letters: letters(text.as_bytes()), dates: dates(&raw), text, errors, compare })
    }

    fn score<K>(&self, row: &Row<K>) -> Option<u32> {
        let name = row.names.iter().filter_map(|token| self.in_name(token)).max();
        let identifier = row.identifiers.iter().filter_map(|value| self.in_identifier(value)).max();
        let date = self.dates.iter().any(|date| row.birth.starts_with(date.as_str()));
        name.max(identifier).max(date.then_some(EXACT))
    }

    fn in_name(&self, token: &Token) -> Option<u32> {
        if token.text == self.text {
            return Some(EXACT);
        }
        if token.text.starts_with(&self.text) {
            return Some(PREFIX);
        }
        // Each error changes at most one letter of the word, so few letters may be missing from the token.
        if self.errors == 0 || (self.letters & !token.letters).count_ones() as usize > self.errors {
            return None;
        }
        let lengths = [self.text.len() - 1, self.text.len(), self.text.len() + 1, token.text.len()];
        let best = lengths
            .into_iter()
            .filter(|length| *length <= token.text.len() && length.abs_diff(self.text.len()) <= self.errors)
            .filter_map(|length| token.text.get(..length))
            .map(|start| self.compare.distance(start.bytes()))
            .min()?;
        (best <= self.errors).then(|| TYPO - u32::try_from(best).unwrap_or(TYPO))
    }

    fn in_identifier(&self, value: &str) -> Option<u32> {
        let length = self.text.len();
        match value {
            exact if exact == self.text => Some(EXACT),
            value if length >= 3 && value.starts_with(&self.text) => Some(PREFIX),
            value if length >= 4 && value.ends_with(&self.text) => Some(PREFIX),
            _ => None,
        }
    }
}

/// The words of a name, folded; a name with an apostrophe or hyphen is found in parts and as a whole.
pub(crate) fn tokens(name: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    for word in name.split(|c: char| c.is_whitespace() || c == ',') {
        let parts = word.split(['-', '\'', '’']);
        tokens.extend(parts.map(fold).chain([fold(word)]).filter(|part| !part.is_empty()));
        tokens.dedup();
    }
    tokens
}

/// Which letters and digits occur, as bits.
fn letters(text: &[u8]) -> u64 {
    text.iter().fold(0, |bits, byte| match byte {
        b'a'..=b'z' => bits | 1 << (byte - b'a'),
        b'0'..=b'9' => bits | 1 << (26 + byte - b'0'),
        _ => bits,
    })
}

/// Dates that a word can mean, as digits of year, month and day: ISO as FHIR has it in any precision, `19570302`, and day
/// and month in both orders with dots or slashes.
fn dates(raw: &str) -> Vec<String> {
    let parts: Vec<&str> = raw.split(['-', '.', '/']).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !parts.iter().all(digits) {
        return Vec::new();
    }
    match parts.as_slice() {
        [year] if year.len() == 4 || year.len() == 8 => vec![(*year).to_owned()],
        [year, month] if year.len() == 4 => vec![format!("{year}{month:0>2}")],
        [year, month, day] if year.len() == 4 => vec![format!("{year}{month:0>2}{day:0>2}")],
        [one, two, year] if year.len() == 4 => {
            vec![format!("{year}{two:0>2}{one:0>2}"), format!("{year}{one:0>2}{two:0>2}")]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cover::Identifier;
    use proptest::prelude::*;

    fn cover(name: &str, birth: &str, identifier: &str) -> Cover {
        let identifiers = vec![Identifier { system: None, value: identifier.into(), label: None }];
        Cover { names: vec![name.into()], birth_date: Some(birth.into()), identifiers, ..Cover::default() }
    }

    fn index() -> Index<&'static str> {
        let mut index = Index::new();
        for (key, name, birth, identifier) in [
            ("clara", "Mrs. Clara183 Montañez233", "1980-03-12", "999-47-3812"),
            ("gomez", "Raúl Gómez", "1951-12-03", "S99-1"),
            ("gomes", "Rui Gomes", "1999", "A-77"),
            ("bradtke", "Wynona930 Bradtke547", "2001-02-03", "X12"),
            ("muller", "Jörg Müller-Lüdenscheidt", "1970-07-07", "DE 1"),
            ("ivanov", "Иван Иванов", "1960-06-06", "RU1"),
        ] {
            index.insert(key, &cover(name, birth, identifier));
        }
        index
    }

    fn found(query: &str) -> Vec<&'static str> {
        index().search(query, 10).into_iter().map(|hit| hit.key).collect()
    }

    #[test]
    fn names_are_found_without_accents_and_with_typing_errors() {
        assert_eq!(found("Montañez"), ["clara"]);
        assert_eq!(found("montanez clara"), ["clara"]);
        assert_eq!(found("MONTANZE"), ["clara"], "swapped letters");
        assert_eq!(found("monttanes"), ["clara"], "two errors");
        assert_eq!(found("wynnona bradke"), ["bradtke"]);
        assert_eq!(found("gomez"), ["gomez", "gomes"], "the exact one first");
        assert_eq!(found("rual gomez"), ["gomez"]);
        assert_eq!(found("ludenscheit"), ["muller"]);
        assert_eq!(found("mullerludenscheidt"), ["muller"]);
        assert_eq!(found("ivanov"), ["ivanov"]);
        assert_eq!(found("иванов"), ["ivanov"]);
        assert_eq!(found("cla"), ["clara"]);
        assert!(found("clx").is_empty() && found("clara gomez").is_empty() && found("montgomery").is_empty());
    }

    #[test]
    fn birth_dates_are_found_however_they_are_written() {
        for query in
            ["1980", "1980-03", "1980-03-12", "12.03.1980", "12.3.1980", "03/12/1980", "12/03/1980", "19800312"]
        {
            assert_eq!(found(query), ["clara"], "{query}");
        }
        assert_eq!(found("03.12.1951"), ["gomez"]);
        assert_eq!(found("gomez 1951"), ["gomez"]);
        assert!(found("1980-04").is_empty());
    }

    #[test]
    fn identifiers_are_found_whole_or_by_their_ends() {
        assert_eq!(found("999-47-3812"), ["clara"]);
        assert_eq!(found("999473812"), ["clara"]);
        assert_eq!(found("99947"), ["clara"]);
        assert_eq!(found("3812"), ["clara"]);
        assert_eq!(found("999 47 3812"), ["clara"]);
        assert!(found("812").is_empty() && found("9473").is_empty() && found("?!").is_empty());
    }

    #[test]
    fn charts_are_replaced_and_removed() {
        let mut index = index();
        assert_eq!(index.search("", 100).len(), 6);
        assert_eq!(index.search("", 2).len(), 2);
        index.insert("clara", &cover("Clara Silva", "1980", "1"));
        assert!(index.search("montanez", 10).is_empty());
        index.remove(&"clara");
        assert_eq!((index.len(), index.search("clara", 10).len()), (5, 0));
    }

    proptest! {
        #[test]
        fn any_query_and_any_name_are_bounded(query in ".{0,200}", name in ".{0,200}") {
            let mut index = index();
            index.insert("odd", &cover(&name, &query, &name));
            index.search(&query, 3);
            index.search(&name, 3);
        }
    }
}
