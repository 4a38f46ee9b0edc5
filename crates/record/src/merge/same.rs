//! Equality of JSON values, in time that hostile input cannot make quadratic.
//!
//! `Json`'s own equality looks members up one by one where their order differs. Versions come from other devices, so
//! merging compares members sorted by name instead.

use crate::json::{Json, Object};

/// Whether two sides hold the same value; the order of members is no difference, the text of a number is.
pub(super) fn same(a: Option<&Json>, b: Option<&Json>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => equal(a, b),
        (None, None) => true,
        _ => false,
    }
}

/// Bytes that are equal for the same values and for no others: a key for maps.
pub(crate) fn canonical(value: &Json) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && sorted(a).into_iter().zip(sorted(b)).all(|((n, x), (m, y))| n == m && equal(x, y))
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| equal(x, y)),
        _ => a == b,
    }
}

fn sorted(object: &Object) -> Vec<(&str, &Json)> {
    let mut members: Vec<(&str, &Json)> = object.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    members
}

fn write(value: &Json, out: &mut Vec<u8>) {
    match value {
        Json::Array(items) => {
            out.push(b'[');
            for item in items {
                write(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        Json::Object(object) => {
            out.push(b'{');
            for (name, value) in sorted(object) {
                Json::from(name).write(out);
                out.push(b':');
                write(value, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        scalar => scalar.write(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn order_of_members_is_no_difference_and_the_text_of_numbers_is() {
        let pairs = [
            (r#"{"a":1,"b":{"c":[],"d":2}}"#, r#"{"b":{"d":2,"c":[]},"a":1}"#, true),
            (r#"{"a":1.0}"#, r#"{"a":1.00}"#, false),
            (r#"{"a":1}"#, r#"{"b":1}"#, false),
            ("[1,2]", "[2,1]", false),
            (r#"["a,","b"]"#, r#"["a",",b"]"#, false),
            (r#""1""#, "1", false),
        ];
        for (a, b, expected) in pairs {
            assert_eq!(same(Some(&json(a)), Some(&json(b))), expected, "{a} {b}");
            assert_eq!(canonical(&json(a)) == canonical(&json(b)), expected, "{a} {b}");
        }
        assert!(!same(None, Some(&Json::Null)));
    }

    #[test]
    fn large_objects_in_another_order_are_compared_quickly() {
        let members = |numbers: &mut dyn Iterator<Item = u32>| {
            json(&format!("{{{}}}", numbers.map(|n| format!(r#""k{n}":{n}"#)).collect::<Vec<_>>().join(",")))
        };
        assert!(same(Some(&members(&mut (0..200_000u32))), Some(&members(&mut (0..200_000u32).rev()))));
    }
}
