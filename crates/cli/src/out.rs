//! Printing: tables for people, JSON for machines.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use std::fmt::Display;
use wardbook_client::record::json::{Json, Number, Object};
use wardbook_client::record::summary::clean_text;

/// Columns where the output is no terminal.
const WIDTH: u16 = 140;
/// Characters of one cell of a table.
const CELL_CHARS_MAX: usize = 4000;

pub fn text(value: &str) -> Json {
    Json::String(value.to_owned())
}

pub fn optional(value: Option<&str>) -> Json {
    value.map_or(Json::Null, text)
}

pub fn number(value: i64) -> Json {
    Json::Number(Number::from(value))
}

pub fn count(value: usize) -> Json {
    number(i64::try_from(value).unwrap_or(i64::MAX))
}

pub fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    let mut object = Object::default();
    for (name, value) in members {
        object.insert(name, value);
    }
    Json::Object(object)
}

pub fn list(items: impl IntoIterator<Item = Json>) -> Json {
    Json::Array(items.into_iter().collect())
}

/// Prints a value on one line.
pub fn print(value: &Json) {
    println!("{}", value.to_text());
}

/// Prints rows under headings. Nothing that a record holds can drive the terminal.
pub fn table<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_content_arrangement(ContentArrangement::Dynamic).set_header(headings);
    table.set_width(console::Term::stdout().size_checked().map_or(WIDTH, |(_, columns)| columns));
    for row in rows {
        table.add_row(row.map(|cell| clean_text(&cell, CELL_CHARS_MAX)));
    }
    println!("{table}");
}

/// A point in time as this device's calendar has it.
pub fn time(ms: i64) -> String {
    let stamp = jiff::Timestamp::from_millisecond(ms).map(|stamp| stamp.to_zoned(jiff::tz::TimeZone::system()));
    stamp.map(|zoned| zoned.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_else(|_| "time not known".to_owned())
}

/// `1 chart`, `2 charts`.
pub fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    format!("{count} {}", if count == N::from(1) { one } else { many })
}
