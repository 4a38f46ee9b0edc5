//! JSON as FHIR needs it: numbers keep their text, members keep their order, and nothing ambiguous is accepted.
//!
//! FHIR decimals are significant to the last digit (FHIR R4 section 2.24.0.1: `235.40` is not `235.4`), so a number is
//! held as the text it arrived in. Duplicate member names, comments, invalid UTF-8 and anything else outside
//! RFC 8259 are refused, because two readers could understand them differently.
//!
//! Grammar and escapes are the `json-event-parser` crate's; this module builds a tree from its events within limits.

mod lines;

use json_event_parser::{JsonEvent, LowLevelJsonSerializer, SliceJsonParser};
use std::borrow::Cow;
use std::collections::HashSet;

/// Objects and arrays inside one another, at most. FHIR's own definitions nest about 20 deep; recursion over a
/// tree stays far from the end of the stack.
pub const DEPTH_MAX: usize = 100;
/// Text of one resource, at most, in bytes: larger content belongs in an attachment.
pub const RESOURCE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Values in one resource, at most; bounds the memory that tiny values (`[0,0,0…]`) take up.
pub const RESOURCE_VALUES_MAX: usize = 1_000_000;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    Array(Vec<Json>),
    Object(Object),
}

/// A number by its text, which [`Json::parse`] has checked against RFC 8259 section 6.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// The digits as they were written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An approximation for plotting and comparing; never written back.
    pub fn to_f64(&self) -> Option<f64> {
        self.0.parse().ok().filter(|value: &f64| value.is_finite())
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string().into())
    }
}

/// An object: names are unique, order is kept, and equality ignores order.
#[derive(Clone, Debug, Default)]
pub struct Object(Vec<(String, Json)>);

impl Object {
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Replaces the member of that name in place, or adds one at the end.
    pub fn insert(&mut self, name: &str, value: Json) {
        match self.get_mut(name) {
            Some(held) => *held = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self
                .iter()
                .zip(other.iter())
                .all(|((a, x), (b, y))| if a == b { x == y } else { other.get(a) == Some(x) })
    }
}

/// Why a text is not accepted. The texts never quote the input: it may be health information.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    #[error("not valid JSON at line {line}, column {column}: {message}")]
    Syntax { line: u64, column: u64, message: String },
    #[error("nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
    #[error("larger than {} MiB", RESOURCE_BYTES_MAX / 1024 / 1024)]
    TooLarge,
    #[error("more than {RESOURCE_VALUES_MAX} values")]
    TooMany,
    #[error("a member name occurs twice in one object")]
    DuplicateName,
}

impl From<&json_event_parser::JsonSyntaxError> for JsonError {
    fn from(error: &json_event_parser::JsonSyntaxError) -> Self {
        let start = error.location().start;
        // The parser's messages quote single characters at most, except for bad escapes and numbers: keep the head.
        let message = error.message().split(['\'', '"', '`']).next().unwrap_or_default().trim().to_owned();
        Self::Syntax { line: start.line + 1, column: start.column + 1, message }
    }
}

impl Json {
    /// Reads one JSON text.
    ///
    /// # Errors
    /// Whatever RFC 8259 does not allow, a duplicate member name, and anything past the limits above.
    pub fn parse(text: &[u8]) -> Result<Self, JsonError> {
        if text.len() > RESOURCE_BYTES_MAX {
            return Err(JsonError::TooLarge);
        }
        let mut parser = SliceJsonParser::new(text);
        let mut builder = Builder::default();
        let mut tree = None;
        loop {
            let event = parser.parse_next().map_err(|error| JsonError::from(&error))?;
            if event == JsonEvent::Eof {
                return tree.unwrap_or(Err(JsonError::Syntax { line: 1, column: 1, message: "empty text".into() }));
            }
            if let Some(done) = builder.feed(event) {
                tree = Some(done);
            }
        }
    }

    /// The text of this value, without spaces.
    pub fn to_text(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        // The serializer writes only what it was given as `str`, and ASCII.
        String::from_utf8(out).unwrap_or_default()
    }

    /// Appends the text of this value to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.emit(&mut LowLevelJsonSerializer::new(), out);
    }

    fn emit(&self, serializer: &mut LowLevelJsonSerializer, out: &mut Vec<u8>) {
        // Writing to a Vec cannot fail, and the tree is well formed by construction.
        let event = |serializer: &mut LowLevelJsonSerializer, out: &mut Vec<u8>, event: JsonEvent<'_>| {
            let _ = serializer.serialize_event(event, out);
        };
        match self {
            Self::Null => event(serializer, out, JsonEvent::Null),
            Self::Bool(value) => event(serializer, out, JsonEvent::Boolean(*value)),
            Self::Number(number) => event(serializer, out, JsonEvent::Number(Cow::Borrowed(number.as_str()))),
            Self::String(text) => event(serializer, out, JsonEvent::String(Cow::Borrowed(text))),
            Self::Array(items) => {
                event(serializer, out, JsonEvent::StartArray);
                items.iter().for_each(|item| item.emit(serializer, out));
                event(serializer, out, JsonEvent::EndArray);
            }
            Self::Object(object) => {
                event(serializer, out, JsonEvent::StartObject);
                for (name, value) in object.iter() {
                    event(serializer, out, JsonEvent::ObjectKey(Cow::Borrowed(name)));
                    value.emit(serializer, out);
                }
                event(serializer, out, JsonEvent::EndObject);
            }
        }
    }

    /// About the length of the text, without writing it.
    pub fn size(&self) -> usize {
        match self {
            Self::Null | Self::Bool(_) => 5,
            Self::Number(number) => number.0.len() + 1,
            Self::String(text) => text.len() + 3,
            Self::Array(items) => 2 + items.iter().map(Self::size).sum::<usize>(),
            Self::Object(object) => 2 + object.iter().map(|(name, value)| name.len() + 4 + value.size()).sum::<usize>(),
        }
    }

    /// The member `name` of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.as_object()?.get(name)
    }

    /// Follows member names inwards: `at(["code", "text"])`.
    pub fn at<const N: usize>(&self, path: [&str; N]) -> Option<&Json> {
        path.into_iter().try_fold(self, |value, name| value.get(name))
    }

    /// The text of the member `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The items of the member `name`; none where it is absent or no array.
    pub fn items(&self, name: &str) -> &[Json] {
        self.get(name).and_then(Self::as_array).unwrap_or_default()
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

/// Builds one value at a time from parser events.
///
/// A value that breaks a limit is not kept: its remaining events are swallowed, so that a reader of a long file
/// can go on with the next value.
#[derive(Default)]
pub struct Builder {
    open: Vec<Open>,
    depth: usize,
    bytes: usize,
    values: usize,
    fault: Option<JsonError>,
}

enum Open {
    Array(Vec<Json>),
    Object { members: Vec<(String, Json)>, name: Option<String>, seen: HashSet<String> },
}

/// Objects with more members than this find duplicate names by a set instead of by scanning.
const SCAN_MEMBERS_MAX: usize = 24;

impl Builder {
    /// Takes the next event; gives the value, or why it is refused, when that event completes it.
    pub fn feed(&mut self, event: JsonEvent<'_>) -> Option<Result<Json, JsonError>> {
        self.values += 1;
        self.bytes += written_length(&event);
        if self.bytes > RESOURCE_BYTES_MAX {
            self.refuse(JsonError::TooLarge);
        } else if self.values > RESOURCE_VALUES_MAX {
            self.refuse(JsonError::TooMany);
        }
        match event {
            JsonEvent::StartArray => self.descend(Open::Array(Vec::new())),
            JsonEvent::StartObject => {
                self.descend(Open::Object { members: Vec::new(), name: None, seen: HashSet::new() })
            }
            JsonEvent::EndArray | JsonEvent::EndObject => {
                self.depth = self.depth.saturating_sub(1);
                let value = match self.open.pop() {
                    Some(Open::Array(items)) => Json::Array(items),
                    Some(Open::Object { members, .. }) => Json::Object(Object(members)),
                    None => Json::Null,
                };
                self.place(value)
            }
            JsonEvent::ObjectKey(key) => {
                self.name(key);
                None
            }
            JsonEvent::String(text) => self.scalar(|| Json::String(text.into_owned())),
            JsonEvent::Number(text) => self.scalar(|| Json::Number(Number(text.into()))),
            JsonEvent::Boolean(value) => self.scalar(|| Json::Bool(value)),
            JsonEvent::Null => self.scalar(|| Json::Null),
            JsonEvent::Eof => None,
        }
    }

    /// True between the first and the last event of a value.
    pub fn is_open(&self) -> bool {
        self.depth > 0
    }

    fn scalar(&mut self, value: impl FnOnce() -> Json) -> Option<Result<Json, JsonError>> {
        let value = if self.fault.is_none() { value() } else { Json::Null };
        self.place(value)
    }

    fn refuse(&mut self, fault: JsonError) {
        self.fault.get_or_insert(fault);
        self.open.clear();
    }

    fn descend(&mut self, open: Open) -> Option<Result<Json, JsonError>> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            self.refuse(JsonError::TooDeep);
        }
        if self.fault.is_none() {
            self.open.push(open);
        }
        None
    }

    fn name(&mut self, key: Cow<'_, str>) {
        let Some(Open::Object { members, name, seen }) = self.open.last_mut() else { return };
        let twice = if members.len() < SCAN_MEMBERS_MAX {
            members.iter().any(|(held, _)| *held == key)
        } else {
            if seen.is_empty() {
                seen.extend(members.iter().map(|(held, _)| held.clone()));
            }
            !seen.insert(key.clone().into_owned())
        };
        *name = Some(key.into_owned());
        if twice {
            self.refuse(JsonError::DuplicateName);
        }
    }

    fn place(&mut self, value: Json) -> Option<Result<Json, JsonError>> {
        match self.open.last_mut() {
            Some(Open::Array(items)) => items.push(value),
            Some(Open::Object { members, name, .. }) => members.push((name.take().unwrap_or_default(), value)),
            None if self.depth > 0 => {}
            None => {
                (self.bytes, self.values) = (0, 0);
                return Some(self.fault.take().map_or(Ok(value), Err));
            }
        }
        None
    }
}

/// Bytes that an event takes up when it is written, at most: what was accepted can be written and read again.
fn written_length(event: &JsonEvent<'_>) -> usize {
    match event {
        JsonEvent::String(text) | JsonEvent::ObjectKey(text) => {
            let escapes: usize = text
                .bytes()
                .map(|byte| match byte {
                    b'"' | b'\\' => 1,
                    0..0x20 => 5,
                    _ => 0,
                })
                .sum();
            text.len() + escapes + 3
        }
        JsonEvent::Number(text) => text.len() + 1,
        _ => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Json, JsonError> {
        Json::parse(text.as_bytes())
    }

    #[test]
    fn numbers_keep_their_text() {
        for text in ["235.40", "1.0E+2", "-0", "0.00", "1e400", "123456789012345678901234567890.10"] {
            assert_eq!(parse(text).unwrap().to_text(), text);
        }
    }

    #[test]
    fn order_is_kept_and_equality_ignores_it() {
        let text = r#"{"b":1,"a":[true,null,"é\n\"\\"]}"#;
        assert_eq!(parse(text).unwrap().to_text(), text);
        assert_eq!(parse(r#"{"a":1,"b":2}"#), parse(r#"{"b":2,"a":1}"#));
        assert_ne!(parse(r#"{"a":1,"b":2}"#), parse(r#"{"b":1,"a":2}"#));
        assert_ne!(parse(r#"{"a":1.0}"#), parse(r#"{"a":1.00}"#));
    }

    #[test]
    fn ambiguous_or_malformed_texts_are_refused() {
        assert_eq!(parse(r#"{"a":1,"a":2}"#), Err(JsonError::DuplicateName));
        let many = (0..100).map(|n| format!(r#""k{n}":0,"#)).collect::<String>();
        assert_eq!(parse(&format!(r#"{{{many}"k40":1}}"#)), Err(JsonError::DuplicateName));
        for text in ["", "{", "[1,]", "{\"a\":NaN}", "01", "1.", "// x\n1", "\"\u{1}\"", "{} {}", "'a'", "[1 2]", "tru"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(Json::parse(b"\"\xff\"").is_err());
        assert!(Json::parse(br#""\ud800""#).is_err());
    }

    #[test]
    fn limits_hold() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse(&nested(DEPTH_MAX)).is_ok());
        assert_eq!(parse(&nested(DEPTH_MAX + 1)), Err(JsonError::TooDeep));
        assert_eq!(Json::parse(&vec![b' '; RESOURCE_BYTES_MAX + 1]), Err(JsonError::TooLarge));
        assert_eq!(parse(&format!("[{}0]", "0,".repeat(RESOURCE_VALUES_MAX))), Err(JsonError::TooMany));
        // Short as it arrives, too long as it would be written.
        let mut builder = Builder::default();
        let newlines = "\n".repeat(RESOURCE_BYTES_MAX / 4);
        assert_eq!(builder.feed(JsonEvent::String(newlines.into())), Some(Err(JsonError::TooLarge)));
    }
}
