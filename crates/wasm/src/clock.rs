//! The clock of the browser. Its own date is asked for where a person's day counts: a browser knows its time zone, and
//! the tables of time zones are not part of this module.

use jiff::civil::Date;

/// Milliseconds since 1970.
#[cfg(target_arch = "wasm32")]
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

#[cfg(not(target_arch = "wasm32"))]
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// The day on the calendar of whoever looks at the screen: what ages are counted to.
#[cfg(target_arch = "wasm32")]
pub fn today() -> Date {
    let now = js_sys::Date::new_0();
    let (year, month, day) = (now.get_full_year(), now.get_month() + 1, now.get_date());
    let date = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
    date.and_then(|((year, month), day)| Date::new(year, month, day).ok()).unwrap_or(Date::MIN)
}

#[cfg(not(target_arch = "wasm32"))]
pub fn today() -> Date {
    jiff::Zoned::now().date()
}
