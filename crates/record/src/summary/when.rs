//! FHIR dates and times: shown as they were written, compared by what they mean, never completed.

use super::text::clean_text;
use crate::json::Json;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, Unit};

/// Characters of one date, at most; it may be words ("in childhood").
const WHEN_CHARS_MAX: usize = 60;

/// A moment, day, month or year, or words where a record gives no more.
///
/// The order is by the first instant it may mean (UTC, since a day has no offset), then by text, which puts the more
/// precise one later. It is an order to sort by and no claim about time. Words and unreadable dates are the oldest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct When {
    first: Option<Timestamp>,
    text: String,
}

impl When {
    /// Reads a FHIR `date`, `dateTime` or `instant`; anything else stays words. None where no text is left.
    pub fn parse(text: &str) -> Option<Self> {
        let shown = clean_text(text, WHEN_CHARS_MAX);
        (!shown.is_empty()).then(|| Self { first: first_instant(&shown), text: shown })
    }

    /// The first of these elements that is there: a date, a Period (its start, else its end), an Age or words.
    pub(super) fn of(json: &Json, names: &[&str]) -> Option<Self> {
        names.iter().find_map(|name| {
            let value = json.get(name)?;
            let period = || value.text("start").or_else(|| value.text("end")).and_then(Self::parse);
            let age = || Self::parse(&format!("age {}", super::coded::quantity(value)?));
            value.as_str().and_then(Self::parse).or_else(period).or_else(age)
        })
    }

    /// The text as the record has it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Only the day, month or year of it.
    pub fn day(&self) -> &str {
        match self.first {
            Some(_) => self.text.split('T').next().unwrap_or_default(),
            None => &self.text,
        }
    }
}

/// A FHIR `instant` in UTC, of milliseconds since 1970: "2020-06-15T07:22:23Z". What is beyond the years 0 to 9999 is 1970.
pub fn instant(ms: i64) -> String {
    Timestamp::from_second(ms.div_euclid(1000)).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

fn first_instant(text: &str) -> Option<Timestamp> {
    let of_day = |day: &str| Offset::UTC.to_timestamp(days(day)?.0.at(0, 0, 0, 0)).ok();
    match text.split_once('T') {
        None => of_day(text),
        // A time without an offset is not FHIR; its day still says something.
        Some((day, _)) => days(day).and_then(|_| text.parse().ok()).or_else(|| of_day(day)),
    }
}

/// The first and the last day that a FHIR date may mean.
fn days(text: &str) -> Option<(Date, Date)> {
    let digits = |text: &str| text.parse::<i16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    let mut parts = text.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4).and_then(digits)?;
    let mut two = || parts.next().map(|part| Some(part).filter(|part| part.len() == 2).and_then(digits));
    let (month, day) = (two(), two());
    let small = |value: Option<i16>| i8::try_from(value?).ok();
    match (month, day) {
        (None, _) => {
            let first = Date::new(year, 1, 1).ok()?;
            Some((first, first.last_of_year()))
        }
        (Some(month), None) => {
            let first = Date::new(year, small(month)?, 1).ok()?;
            Some((first, first.last_of_month()))
        }
        (Some(month), Some(day)) => {
            let date = Date::new(year, small(month)?, small(day)?).ok()?;
            Some((date, date))
        }
    }
}

/// The age of someone born on `born` at the FHIR date `on`: "52 years", "14 months" under two years, "9 days" under a
/// month; "52 or 53 years" where a date is known in part. None where a date cannot be read or birth came later.
pub(super) fn age(born: &str, on: &str) -> Option<String> {
    let date_part = |text: &str| days(text.split('T').next()?);
    let (born, on) = (date_part(born)?, date_part(on)?);
    let (least, most) = (span(born.1, on.0), span(born.0, on.1)?);
    let words = |(count, unit): (i64, &str)| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    Some(match least {
        Some(least) if least == most => words(most),
        Some((least, "year")) if most.1 == "year" && most.0 == least + 1 => format!("{least} or {} years", most.0),
        Some(least) => format!("{} to {}", words(least), words(most)),
        None => format!("up to {}", words(most)),
    })
}

fn span(born: Date, on: Date) -> Option<(i64, &'static str)> {
    let span = born.until((Unit::Year, on)).ok()?;
    let (years, months, days) = (i64::from(span.get_years()), i64::from(span.get_months()), i64::from(span.get_days()));
    match (years, months) {
        _ if born > on => None,
        (2.., _) => Some((years, "year")),
        (0, 0) => Some((days, "day")),
        _ => Some((years * 12 + months, "month")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(text: &str) -> When {
        When::parse(text).unwrap()
    }

    #[test]
    fn times_are_compared_with_their_offsets() {
        assert!(when("2020-06-15T23:30:00-05:00") > when("2020-06-16T01:00:00+02:00"));
        assert!(when("2020-06-15T07:22:23.5Z") > when("2020-06-15T07:22:23Z"));
        assert!(when("2020-06-15") > when("2020-05-31T10:00:00Z"));
        assert!(when("2020-06") > when("2020-05-31") && when("2020") > when("2019-12"));
        assert!(when("2020-06") > when("2020"), "the more precise is later");
        assert!(when("1900") > when("in childhood"));
        assert!(when("2020-06-15T07:22") > when("2020-06-14"), "without an offset the day counts");
    }

    #[test]
    fn instants_have_whole_seconds() {
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(instant(1_592_205_743_999), "2020-06-15T07:22:23Z");
        assert_eq!(instant(-1), "1969-12-31T23:59:59Z");
        assert_eq!(instant(i64::MAX), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn dates_are_shown_as_written() {
        assert_eq!(when("2020-06-15T07:22:23+00:00").text(), "2020-06-15T07:22:23+00:00");
        assert_eq!(when("2020-06-15T07:22:23+00:00").day(), "2020-06-15");
        assert_eq!(when("2020-06").day(), "2020-06");
        assert_eq!(when("Thursday\u{1b}[2J").day(), "Thursday[2J");
        assert_eq!(When::parse(" "), None);
        for text in ["2020-13", "2020-02-30", "+20-01-01", "2020-1-1", "20200101", "12020", "2020-06-15-01"] {
            assert_eq!(when(text).first, None, "{text}");
        }
    }

    #[test]
    fn elements_may_be_dates_periods_ages_or_words() {
        let json = Json::parse(
            br#"{"a":{"start":"2020","end":"2021"},"b":{"end":"2021"},"c":{"value":45,"unit":"a"},"d":"x","e":7}"#,
        )
        .unwrap();
        let text = |names: &[&str]| When::of(&json, names).map(|when| when.text().to_owned());
        assert_eq!(text(&["z", "a"]).unwrap(), "2020");
        assert_eq!(text(&["b"]).unwrap(), "2021");
        assert_eq!(text(&["e", "c"]).unwrap(), "age 45 a");
        assert_eq!(text(&["d"]).unwrap(), "x");
        assert_eq!(text(&["e"]), None);
    }

    #[test]
    fn ages_are_never_more_exact_than_the_dates() {
        assert_eq!(age("1967-07-31", "2020-07-30").unwrap(), "52 years");
        assert_eq!(age("1967-07-31", "2020-07-31").unwrap(), "53 years");
        assert_eq!(age("1967", "2020-07-31").unwrap(), "52 or 53 years");
        assert_eq!(age("1967-08", "2020-07-31").unwrap(), "52 years");
        assert_eq!(age("1964-03-18", "1989-02-15T08:54:18+00:00").unwrap(), "24 years");
        assert_eq!(age("2019-05-31", "2020-07-30").unwrap(), "13 months");
        assert_eq!(age("2020-07-21", "2020-07-30").unwrap(), "9 days");
        assert_eq!(age("2020-06-30", "2020-07-30").unwrap(), "1 month");
        assert_eq!(age("2020", "2020-07-30").unwrap(), "up to 6 months");
        assert_eq!(age("2018", "2020-07-30").unwrap(), "18 months to 2 years");
        for (born, on) in [("2021-01-01", "2020-07-30"), ("1967-13-01", "2020"), ("", "2020"), ("1967", "soon")] {
            assert_eq!(age(born, on), None, "{born} {on}");
        }
    }
}
