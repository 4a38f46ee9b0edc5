//! Building the JSON form of a summary, and the bounded lists that it consists of.

use crate::json::{Json, Number, Object};

/// The first items of a list, and how many more the chart holds: what is shown always adds up to what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<T> {
    pub items: Vec<T>,
    pub more: usize,
}

impl<T> Section<T> {
    pub(super) fn first(mut items: Vec<T>, most: usize) -> Self {
        let more = items.len().saturating_sub(most);
        items.truncate(most);
        Self { items, more }
    }

    /// The newest by `when`, undated ones last; those of one time keep their order.
    pub(super) fn newest<W: Ord>(mut items: Vec<T>, most: usize, when: impl Fn(&T) -> Option<&W>) -> Self {
        items.sort_by(|a, b| when(b).cmp(&when(a)));
        Self::first(items, most)
    }

    /// How many the chart holds.
    pub fn total(&self) -> usize {
        self.items.len() + self.more
    }

    pub(super) fn to_json(&self, item: impl Fn(&T) -> Json) -> Json {
        Tree::new().list("items", self.items.iter().map(item)).count("more", self.more).done()
    }
}

/// An object under construction; members without a value are left out.
#[derive(Default)]
pub(super) struct Tree(Object);

impl Tree {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn json(mut self, name: &str, value: Json) -> Self {
        self.0.insert(name, value);
        self
    }

    pub fn text<'a>(self, name: &str, value: impl Into<Option<&'a str>>) -> Self {
        match value.into() {
            Some(text) => self.json(name, Json::from(text)),
            None => self,
        }
    }

    pub fn count(self, name: &str, value: usize) -> Self {
        self.json(name, Json::Number(Number::from(i64::try_from(value).unwrap_or(i64::MAX))))
    }

    /// Only where it is true.
    pub fn flag(self, name: &str, value: bool) -> Self {
        if value { self.json(name, Json::Bool(true)) } else { self }
    }

    pub fn list(self, name: &str, items: impl Iterator<Item = Json>) -> Self {
        self.json(name, Json::Array(items.collect()))
    }

    pub fn texts(self, name: &str, items: &[String]) -> Self {
        self.list(name, items.iter().map(|text| Json::from(text.as_str())))
    }

    pub fn done(self) -> Json {
        Json::Object(self.0)
    }
}
