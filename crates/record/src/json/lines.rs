//! A value over several lines, for people and editors. Numbers keep their text.

use super::Json;

impl Json {
    /// The text of this value, with two spaces for each level.
    pub fn to_lines(&self) -> String {
        let mut out = String::new();
        write(self, 0, &mut out);
        out
    }
}

fn write(json: &Json, depth: usize, out: &mut String) {
    match json {
        Json::Object(object) if !object.is_empty() => {
            let members = object.iter().map(|(name, value)| (Some(name), value));
            list(members, ('{', '}'), depth, out);
        }
        Json::Array(items) if !items.is_empty() => {
            list(items.iter().map(|item| (None, item)), ('[', ']'), depth, out);
        }
        other => out.push_str(&other.to_text()),
    }
}

fn list<'a>(
    items: impl Iterator<Item = (Option<&'a str>, &'a Json)>,
    (open, close): (char, char),
    depth: usize,
    out: &mut String,
) {
    out.push(open);
    for (at, (name, value)) in items.enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        indent(depth + 1, out);
        if let Some(name) = name {
            out.push_str(&Json::from(name).to_text());
            out.push_str(": ");
        }
        write(value, depth + 1, out);
    }
    out.push('\n');
    indent(depth, out);
    out.push(close);
}

fn indent(depth: usize, out: &mut String) {
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_digits_stay_what_they_are() {
        let text = r#"{"a":235.40,"b":[1,{"c":"x\ny"}],"d":{},"e":[],"f":null}"#;
        let json = Json::parse(text.as_bytes()).unwrap();
        let lines = json.to_lines();
        assert_eq!(Json::parse(lines.as_bytes()).unwrap().to_text(), text);
        assert!(lines.starts_with("{\n  \"a\": 235.40,\n  \"b\": [\n    1,\n    {\n      \"c\": "), "{lines}");
        assert!(lines.ends_with("\n  \"d\": {},\n  \"e\": [],\n  \"f\": null\n}"), "{lines}");
    }
}
