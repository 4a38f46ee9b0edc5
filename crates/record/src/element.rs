//! Setting single elements by path: `name[0].family`, `telecom[1].value`.

use crate::json::{Json, Object};

/// Why an element was not set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    #[error(
        "an element is written as name[0].family: names with a dot between them, a number in brackets for list items"
    )]
    BadPath,
    #[error("that element is not where the path says: a list has fewer items, or a part of it is no list or object")]
    NoPlace,
}

/// Sets the element at `path`, or removes it with None. Missing objects on the way are made, and one past the last item
/// of a list appends. Lists and objects that become empty are removed, as FHIR has none.
///
/// # Errors
/// [`ElementError`]; the resource is unchanged then.
pub fn set(resource: &mut Json, path: &str, value: Option<Json>) -> Result<(), ElementError> {
    let steps = parse(path)?;
    let mut changed = resource.clone();
    place(&mut changed, &steps, value)?;
    *resource = changed;
    Ok(())
}

enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

fn parse(path: &str) -> Result<Vec<Step<'_>>, ElementError> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, items) = part.split_once('[').map_or((part, None), |(name, items)| (name, Some(items)));
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(ElementError::BadPath);
        }
        steps.push(Step::Member(name));
        for item in items.into_iter().flat_map(|items| items.split('[')) {
            let number = item.strip_suffix(']').and_then(|number| number.parse().ok());
            steps.push(Step::Item(number.ok_or(ElementError::BadPath)?));
        }
    }
    if steps.len() > crate::json::DEPTH_MAX { Err(ElementError::BadPath) } else { Ok(steps) }
}

fn place(at: &mut Json, steps: &[Step<'_>], value: Option<Json>) -> Result<(), ElementError> {
    let Some((step, rest)) = steps.split_first() else {
        *at = value.ok_or(ElementError::NoPlace)?;
        return Ok(());
    };
    let fresh = || match rest.first() {
        Some(Step::Item(_)) => Json::Array(Vec::new()),
        _ => Json::Object(Object::default()),
    };
    match (step, at) {
        (Step::Member(name), Json::Object(object)) => {
            if rest.is_empty() && value.is_none() {
                object.remove(name).ok_or(ElementError::NoPlace)?;
                return Ok(());
            }
            if object.get(name).is_none() {
                object.insert(name, fresh());
            }
            let member = object.get_mut(name).ok_or(ElementError::NoPlace)?;
            place(member, rest, value)?;
            if is_empty(member) {
                object.remove(name);
            }
            Ok(())
        }
        (Step::Item(index), Json::Array(items)) => {
            if rest.is_empty() && value.is_none() {
                if *index >= items.len() {
                    return Err(ElementError::NoPlace);
                }
                items.remove(*index);
                return Ok(());
            }
            if *index == items.len() {
                items.push(fresh());
            }
            let item = items.get_mut(*index).ok_or(ElementError::NoPlace)?;
            place(item, rest, value)?;
            if is_empty(item) {
                items.remove(*index);
            }
            Ok(())
        }
        _ => Err(ElementError::NoPlace),
    }
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Array(items) => items.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(path: &str, value: Option<&str>) -> Result<String, ElementError> {
        let mut json = Json::parse(br#"{"name":[{"family":"A","given":["B","C"]}],"active":true}"#).unwrap();
        set(&mut json, path, value.map(Json::from)).map(|()| json.to_text())
    }

    #[test]
    fn elements_are_replaced_added_and_removed() {
        for (path, value, expected) in [
            ("name[0].family", Some("Z"), r#"{"name":[{"family":"Z","given":["B","C"]}],"active":true}"#),
            ("name[0].given[2]", Some("D"), r#"{"name":[{"family":"A","given":["B","C","D"]}],"active":true}"#),
            ("name[1].text", Some("T"), r#"{"name":[{"family":"A","given":["B","C"]},{"text":"T"}],"active":true}"#),
            (
                "contact[0].name.text",
                Some("K"),
                r#"{"name":[{"family":"A","given":["B","C"]}],"active":true,"contact":[{"name":{"text":"K"}}]}"#,
            ),
            ("name[0].given[0]", None, r#"{"name":[{"family":"A","given":["C"]}],"active":true}"#),
            ("name[0]", None, r#"{"active":true}"#),
            ("active", None, r#"{"name":[{"family":"A","given":["B","C"]}]}"#),
        ] {
            assert_eq!(after(path, value).unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn impossible_paths_change_nothing() {
        for path in ["", "name..x", "name[", "name[x]", "na me", "name[0]x"] {
            assert_eq!(after(path, Some("v")), Err(ElementError::BadPath), "{path}");
        }
        for path in ["name[7].family", "active.x", "name.family", "active[0]"] {
            assert_eq!(after(path, Some("v")), Err(ElementError::NoPlace), "{path}");
        }
        assert_eq!(after("absent", None), Err(ElementError::NoPlace));
        assert_eq!(after("name[0].given[2]", None), Err(ElementError::NoPlace));
    }
}
