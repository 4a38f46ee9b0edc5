//! A FHIR resource as it came: its JSON untouched, and the type and logical id by which it is found again.
//!
//! Only light checks are made, never those of a profile: a record that another system could write is kept, because
//! refusing it would lose it. What merely looks wrong is told by [`Resource::warnings`].

use crate::json::Json;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Letters and digits in the name of a resource type, at most; the longest in FHIR R4 has 33.
const KIND_BYTES_MAX: usize = 64;
/// Characters of a logical id, at most (FHIR R4 section 2.24.0.1, `id`).
const ID_BYTES_MAX: usize = 64;
/// Bytes of SHA-256 in the id of a resource that came without one: 160 bits, far beyond accidental collision.
const DIGEST_BYTES: usize = 20;
/// Warnings about one resource, at most: a person reads them.
const WARNINGS_MAX: usize = 20;
/// Characters of an element path shown in a warning, at most: member names are the sender's, and may be long.
const PATH_CHARS_MAX: usize = 200;

/// Type and logical id, which name a resource within one organisation: `Observation/8f2…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceKey {
    pub kind: String,
    pub id: String,
}

impl fmt::Display for ResourceKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.kind, self.id)
    }
}

impl FromStr for ResourceKey {
    type Err = ResourceError;

    fn from_str(text: &str) -> Result<Self, ResourceError> {
        match text.split_once('/') {
            Some((kind, id)) if is_kind(kind) && is_id(id) => Ok(Self { kind: kind.to_owned(), id: id.to_owned() }),
            _ => Err(ResourceError::BadKey),
        }
    }
}

/// Why a JSON value is not taken as a resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    #[error("not a FHIR resource: no JSON object")]
    NotObject,
    #[error("not a FHIR resource: it has no resourceType")]
    NoType,
    #[error("its resourceType is not the name of a FHIR type")]
    BadType,
    #[error("the id of this {kind} is not 1 to 64 letters, digits, hyphens and dots")]
    BadId { kind: String },
    #[error("not a resource's type and id, as in Patient/123")]
    BadKey,
}

/// One resource. Its JSON is never altered, so that what is exported equals what was imported.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    key: ResourceKey,
    json: Json,
    full_url: Option<String>,
}

impl Resource {
    /// Takes a resource with the `fullUrl` of its bundle entry, if any.
    ///
    /// A resource without `id` gets the key's id from the `fullUrl` (`urn:uuid:X` or `…/Type/X`), else from a hash of
    /// its content, so that importing the same file again names the same resource. The JSON gets no id by that.
    ///
    /// # Errors
    /// When `json` is no object, `resourceType` is absent or not `[A-Z][A-Za-z0-9]{0,63}`, or an `id` is present that
    /// is not `[A-Za-z0-9\-.]{1,64}`.
    pub fn from_json(json: Json, full_url: Option<&str>) -> Result<Self, ResourceError> {
        let object = json.as_object().ok_or(ResourceError::NotObject)?;
        let kind = match object.get("resourceType") {
            None => return Err(ResourceError::NoType),
            Some(Json::String(kind)) if is_kind(kind) => kind.clone(),
            Some(_) => return Err(ResourceError::BadType),
        };
        let id = match object.get("id") {
            Some(Json::String(id)) if is_id(id) => id.clone(),
            Some(_) => return Err(ResourceError::BadId { kind }),
            None => full_url
                .and_then(|url| id_in_url(url, &kind))
                .map_or_else(|| format!("sha256-{}", content_digest(&json)), str::to_owned),
        };
        let key = ResourceKey { kind, id };
        let full_url = full_url.filter(|url| !url.is_empty() && *url != full_url_or_default(&key, None));
        Ok(Self { full_url: full_url.map(str::to_owned), key, json })
    }

    pub fn key(&self) -> &ResourceKey {
        &self.key
    }

    pub fn json(&self) -> &Json {
        &self.json
    }

    /// The `fullUrl` that the resource came with, unless it is the one of [`full_url_or_default`].
    pub fn full_url(&self) -> Option<&str> {
        self.full_url.as_deref()
    }

    /// Key, JSON and [`Self::full_url`].
    pub fn into_parts(self) -> (ResourceKey, Json, Option<String>) {
        (self.key, self.json, self.full_url)
    }

    /// What looks wrong but does not stop an import, each with the path of the element; at most 20.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let mut path = self.key.kind.clone();
        attachment_warnings(&self.json, &mut path, &mut warnings);
        warnings
    }
}

/// The `fullUrl` to export a resource under: the one it came with, else `urn:uuid:{id}`.
pub fn full_url_or_default(key: &ResourceKey, full_url: Option<&str>) -> String {
    full_url.map_or_else(|| format!("urn:uuid:{}", key.id), str::to_owned)
}

/// Whether `text` can be the name of a resource type.
pub fn is_kind(text: &str) -> bool {
    text.len() <= KIND_BYTES_MAX
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether `text` can be a logical id.
pub fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

/// The id in `urn:uuid:X`, `urn:oid:X` or `http…/Type/X`, where the type is `kind`.
fn id_in_url<'a>(url: &'a str, kind: &str) -> Option<&'a str> {
    let id = match url.strip_prefix("urn:uuid:").or_else(|| url.strip_prefix("urn:oid:")) {
        Some(id) => id,
        None => {
            let (before, id) = url.rsplit_once('/')?;
            (before.rsplit('/').next() == Some(kind)).then_some(id)?
        }
    };
    Some(id).filter(|id| is_id(id))
}

/// Hex digits of a hash that is the same for equal JSON: members count in the order of their names.
fn content_digest(json: &Json) -> String {
    let mut hasher = Sha256::new();
    hash_canonical(json, &mut hasher);
    hasher.finalize().iter().take(DIGEST_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

fn hash_canonical(json: &Json, hasher: &mut Sha256) {
    match json {
        Json::Array(items) => {
            hasher.update("[");
            for item in items {
                hash_canonical(item, hasher);
                hasher.update(",");
            }
            hasher.update("]");
        }
        Json::Object(object) => {
            let mut members: Vec<(&str, &Json)> = object.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            hasher.update("{");
            for (name, value) in members {
                hasher.update(Json::from(name).to_text());
                hasher.update(":");
                hash_canonical(value, hasher);
                hasher.update(",");
            }
            hasher.update("}");
        }
        scalar => hasher.update(scalar.to_text()),
    }
}

/// Compares `size` with the decoded length of `data` wherever both occur (FHIR R4 Attachment).
fn attachment_warnings(json: &Json, path: &mut String, warnings: &mut Vec<String>) {
    if warnings.len() >= WARNINGS_MAX {
        return;
    }
    let length = path.len();
    match json {
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate().filter(|(_, item)| is_nested(item)) {
                path.push_str(&format!("[{at}]"));
                attachment_warnings(item, path, warnings);
                path.truncate(length);
            }
        }
        Json::Object(object) => {
            if let Some(fault) = attachment_fault(object.get("size"), object.get("data")) {
                let shown: String = path.chars().take(PATH_CHARS_MAX).collect();
                warnings.push(format!("{shown}: {fault}"));
            }
            for (name, value) in object.iter().filter(|(_, value)| is_nested(value)) {
                path.push('.');
                path.push_str(name);
                attachment_warnings(value, path, warnings);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn is_nested(json: &Json) -> bool {
    matches!(json, Json::Array(_) | Json::Object(_))
}

fn attachment_fault(size: Option<&Json>, data: Option<&Json>) -> Option<String> {
    let data = data?.as_str()?;
    // A number in R4; a string since R5, whose `integer64` would not fit a JavaScript number.
    let size: u64 = match size? {
        Json::Number(number) => number.as_str().parse().ok()?,
        Json::String(text) => text.parse().ok()?,
        _ => return None,
    };
    // FHIR allows white space between the groups of base64; the decoder does not.
    let packed: Vec<u8> = data.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    match BASE64_STANDARD.decode(packed) {
        Err(_) => Some("its data is not base64".to_owned()),
        Ok(content) if u64::try_from(content.len()) == Ok(size) => None,
        Ok(content) => Some(format!("its size says {size} bytes, its data has {}", content.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn resource(text: &str, full_url: Option<&str>) -> Result<Resource, ResourceError> {
        Resource::from_json(Json::parse(text.as_bytes()).unwrap(), full_url)
    }

    fn key_of(text: &str, full_url: Option<&str>) -> String {
        resource(text, full_url).unwrap().key().to_string()
    }

    #[test]
    fn keys_are_written_as_they_are_read() {
        let key: ResourceKey = "Observation/f001-a.b".parse().unwrap();
        assert_eq!(key, ResourceKey { kind: "Observation".into(), id: "f001-a.b".into() });
        assert_eq!(key.to_string(), "Observation/f001-a.b");
        for text in
            ["", "Observation", "Observation/", "/x", "observation/x", "Observation/x/y", "Observation/é", "Ä/x"]
        {
            assert_eq!(text.parse::<ResourceKey>(), Err(ResourceError::BadKey), "{text}");
        }
        assert!(format!("Observation/{}", "x".repeat(65)).parse::<ResourceKey>().is_err());
    }

    #[test]
    fn the_json_stays_as_it_came() {
        let text = r#"{"resourceType":"Observation","status":"final","valueQuantity":{"value":235.40}}"#;
        let held = resource(text, Some("urn:uuid:88967c25-7ac2-4e29-a6ba-94a0d0e513b5")).unwrap();
        assert_eq!(held.key().id, "88967c25-7ac2-4e29-a6ba-94a0d0e513b5");
        let (_, json, full_url) = held.into_parts();
        assert_eq!(json.to_text(), text);
        assert_eq!(full_url, None);
    }

    #[test]
    fn what_is_no_resource_is_refused() {
        let cases = [
            ("[]", ResourceError::NotObject),
            ("null", ResourceError::NotObject),
            (r#"{"id":"x"}"#, ResourceError::NoType),
            (r#"{"resourceType":null}"#, ResourceError::BadType),
            (r#"{"resourceType":"patient"}"#, ResourceError::BadType),
            (r#"{"resourceType":"Pat/ient"}"#, ResourceError::BadType),
            (r#"{"resourceType":"Patient","id":""}"#, ResourceError::BadId { kind: "Patient".into() }),
            (r#"{"resourceType":"Patient","id":"a_b"}"#, ResourceError::BadId { kind: "Patient".into() }),
            (r#"{"resourceType":"Patient","id":7}"#, ResourceError::BadId { kind: "Patient".into() }),
        ];
        for (text, error) in cases {
            assert_eq!(resource(text, None), Err(error), "{text}");
        }
        let long = |length| format!(r#"{{"resourceType":"P{}"}}"#, "a".repeat(length));
        assert!(resource(&long(63), None).is_ok());
        assert_eq!(resource(&long(64), None), Err(ResourceError::BadType));
    }

    #[test]
    fn the_id_comes_from_the_resource_then_the_url_then_the_content() {
        let patient = r#"{"resourceType":"Patient","gender":"female"}"#;
        assert_eq!(key_of(r#"{"resourceType":"Patient","id":"a"}"#, Some("urn:uuid:b")), "Patient/a");
        assert_eq!(key_of(patient, Some("urn:uuid:b")), "Patient/b");
        assert_eq!(key_of(patient, Some("urn:oid:1.2.3")), "Patient/1.2.3");
        assert_eq!(key_of(patient, Some("http://acme.com/fhir/Patient/pat12")), "Patient/pat12");
        let hashed = key_of(patient, None);
        assert!(hashed.starts_with("Patient/sha256-") && hashed.len() == "Patient/sha256-".len() + 40, "{hashed}");
        for url in
            ["", "urn:uuid:", "urn:uuid:é", "http://acme.com/fhir/Group/pat12", "http://acme.com/x y", "Patient/"]
        {
            assert_eq!(key_of(patient, Some(url)), hashed, "{url}");
        }
        assert_eq!(key_of(r#"{"gender":"female","resourceType":"Patient"}"#, None), hashed);
        assert_ne!(key_of(r#"{"resourceType":"Patient","gender":"male"}"#, None), hashed);
    }

    #[test]
    fn a_full_url_is_kept_only_where_the_id_does_not_tell_it() {
        let text = r#"{"resourceType":"Patient","id":"pat2"}"#;
        let url = "http://acme.com/ehr/fhir/Patient/pat12";
        assert_eq!(resource(text, Some("urn:uuid:pat2")).unwrap().full_url(), None);
        assert_eq!(resource(text, Some("")).unwrap().full_url(), None);
        let held = resource(text, Some(url)).unwrap();
        assert_eq!(held.full_url(), Some(url));
        assert_eq!(full_url_or_default(held.key(), held.full_url()), url);
        assert_eq!(full_url_or_default(held.key(), None), "urn:uuid:pat2");
    }

    #[test]
    fn attachments_whose_size_is_wrong_are_told_by_path() {
        let attachment = |size: &str, data: &str| {
            let content = format!(r#"[{{"attachment":{{"size":{size},"data":"{data}"}}}}]"#);
            let text = format!(r#"{{"resourceType":"DocumentReference","content":{content}}}"#);
            resource(&text, None).unwrap().warnings()
        };
        assert_eq!(attachment("5", "aGVsbG8="), Vec::<String>::new());
        assert_eq!(attachment("5", "aGVs\\n bG8="), Vec::<String>::new());
        assert_eq!(attachment("\"5\"", "aGVsbG8="), Vec::<String>::new());
        let path = "DocumentReference.content[0].attachment";
        assert_eq!(attachment("6", "aGVsbG8="), [format!("{path}: its size says 6 bytes, its data has 5")]);
        assert_eq!(attachment("6", "aGVsbG8"), [format!("{path}: its data is not base64")]);
        let many = vec![r#"{"size":1,"data":""}"#; 100].join(",");
        let text = format!(r#"{{"resourceType":"Media","content":[{many}]}}"#);
        assert_eq!(resource(&text, None).unwrap().warnings().len(), WARNINGS_MAX);
    }

    proptest! {
        #[test]
        fn any_key_that_is_read_is_written_the_same(text in "[A-Za-z0-9/.-]{0,80}") {
            if let Ok(key) = text.parse::<ResourceKey>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }

        #[test]
        fn member_order_does_not_change_the_key(names in proptest::collection::btree_set("[a-z]{1,6}", 1..20)) {
            let members: Vec<String> = names.iter().map(|name| format!(r#""{name}":[1,{{"x":"{name}"}}]"#)).collect();
            let forwards = format!(r#"{{"resourceType":"Basic",{}}}"#, members.join(","));
            let backwards = members.iter().rev().cloned().collect::<Vec<_>>().join(",");
            let backwards = format!(r#"{{{backwards},"resourceType":"Basic"}}"#);
            prop_assume!(!names.contains("id"));
            prop_assert_eq!(key_of(&forwards, None), key_of(&backwards, None));
        }
    }
}
