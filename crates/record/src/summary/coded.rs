//! FHIR data types as a person reads them: CodeableConcept, Quantity, Range and codes.

use super::text::shown;
use crate::json::{Json, Number};

/// Items of a list within one element that are read: a reason, a reaction, a dosage.
pub(super) const ITEMS_MAX: usize = 8;
/// Numbers with more digits than this come from a computation, not from a measurement.
const DIGITS_MAX: usize = 8;
const SIGNIFICANT_DIGITS: f64 = 4.0;
/// Decimals that rounding may leave; smaller numbers are shown as they came.
const DECIMALS_MAX: f64 = 12.0;
/// Whole numbers below this are exact in an `f64`.
const EXACT_MAX: f64 = 1e15;

/// A CodeableConcept: its text, else the first display, else the first code. A plain string stands for itself.
pub(super) fn concept(json: Option<&Json>) -> Option<String> {
    let json = json?;
    let codings = || json.items("coding").iter();
    let display = || codings().find_map(|coding| coding.text("display").and_then(shown));
    let code = || codings().find_map(|coding| coding.text("code").and_then(shown));
    json.as_str().or_else(|| json.text("text")).and_then(shown).or_else(display).or_else(code)
}

/// The first concepts of a list, and of a single one where a list belongs.
pub(super) fn concepts(json: &Json, name: &str) -> Vec<String> {
    let single = json.get(name).filter(|value| value.as_object().is_some());
    json.items(name).iter().take(ITEMS_MAX).chain(single).filter_map(|item| concept(Some(item))).collect()
}

/// The codes of a CodeableConcept; a plain string is one code.
pub(super) fn codes(json: Option<&Json>) -> impl Iterator<Item = &str> {
    let plain = json.and_then(Json::as_str);
    let codings = json.map(|json| json.items("coding")).unwrap_or_default();
    plain.into_iter().chain(codings.iter().filter_map(|coding| coding.text("code")))
}

/// Whether a record says of itself that it was made in error. Such records are never shown.
pub fn is_entered_in_error(json: &Json) -> bool {
    const ERROR: &str = "entered-in-error";
    json.text("status") == Some(ERROR)
        || json.text("docStatus") == Some(ERROR)
        || codes(json.get("verificationStatus")).any(|code| code == ERROR)
}

/// A number as it was written. Computed ones (`161.33455985948413`) are shown with four significant digits, never
/// fewer than the whole part; the record keeps what came.
pub(super) fn number(number: &Number) -> Option<String> {
    let text = number.as_str();
    let digits = text.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    if digits <= DIGITS_MAX || !text.contains('.') || text.contains(['e', 'E']) {
        return shown(text);
    }
    let value = number.to_f64().filter(|value| value.abs() < EXACT_MAX);
    let Some(value) = value else { return shown(text) };
    let decimals = (SIGNIFICANT_DIGITS - 1.0 - value.abs().log10().floor()).max(0.0);
    if decimals > DECIMALS_MAX {
        return shown(text);
    }
    let decimals = decimals as usize;
    Some(format!("{value:.decimals$}"))
}

/// The number of a Quantity, with its comparator.
pub(super) fn quantity_value(json: &Json) -> Option<String> {
    let value = json.get("value")?.as_number().and_then(number)?;
    Some(format!("{}{value}", json.text("comparator").and_then(shown).unwrap_or_default()))
}

/// The unit of a Quantity as clinicians write it.
pub(super) fn unit(json: &Json) -> Option<String> {
    let unit = json.text("unit").or_else(|| json.text("code")).and_then(shown)?;
    Some(match unit.as_str() {
        "mm[Hg]" => "mmHg".to_owned(),
        "Cel" => "°C".to_owned(),
        // UCUM annotations such as `{score}`.
        other => other.trim_matches(['{', '}']).to_owned(),
    })
    .filter(|unit| !unit.is_empty() && unit != "1")
}

/// "12.5 mg", "<5 mmol/l".
pub(super) fn quantity(json: &Json) -> Option<String> {
    let value = quantity_value(json)?;
    Some(match unit(json) {
        Some(unit) => format!("{value} {unit}"),
        None => value,
    })
}

/// "3.1–6.2 mmol/l", "≥ 60 ml/min", "≤ 5 %".
pub(super) fn range(json: &Json) -> Option<String> {
    let (low, high) = (json.get("low"), json.get("high"));
    match (low.and_then(quantity_value), high.and_then(quantity)) {
        (Some(low), Some(high)) => Some(format!("{low}–{high}")),
        (Some(_), None) => low.and_then(quantity).map(|low| format!("≥ {low}")),
        (None, high) => high.map(|high| format!("≤ {high}")),
    }
}

/// Words for the codes that FHIR writes with hyphens: "on-hold" as "on hold".
pub(super) fn words(code: &str) -> Option<String> {
    shown(&shown(code)?.replace('-', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn concepts_prefer_their_text() {
        let concept = |text: &str| concept(Some(&json(text)));
        assert_eq!(concept(r#"{"text":"Asthma","coding":[{"display":"x"}]}"#).unwrap(), "Asthma");
        assert_eq!(concept(r#"{"coding":[{"code":"1"},{"display":"Asthma"}]}"#).unwrap(), "Asthma");
        assert_eq!(concept(r#"{"text":" ","coding":[7,{"code":"195967001"}]}"#).unwrap(), "195967001");
        assert_eq!(concept(r#"{"coding":{}}"#), None);
        assert_eq!(super::concept(None), None);
        assert_eq!(concepts(&json(r#"{"type":[{"text":"a"},null,{"text":"b"}]}"#), "type"), ["a", "b"]);
        assert_eq!(concepts(&json(r#"{"type":{"text":"a"}}"#), "type"), ["a"]);
    }

    #[test]
    fn measured_numbers_keep_their_text_and_computed_ones_are_rounded() {
        let number = |text: &str| number(json(text).as_number().unwrap()).unwrap();
        for text in ["235.40", "7.0", "-0", "1e400", "12345678901", "0.00012345"] {
            assert_eq!(number(text), text);
        }
        assert_eq!(number("161.33455985948413"), "161.3");
        assert_eq!(number("75.96897265055283"), "75.97");
        assert_eq!(number("4.226421930319336"), "4.226");
        assert_eq!(number("0.00012345678901"), "0.0001235");
        assert_eq!(number("123456.789012345"), "123457");
        assert_eq!(number("-0.99996000001"), "-1.0000");
        assert_eq!(number("0.0000000000"), "0.0000000000");
        assert_eq!(number("12345678901234567890.5"), "12345678901234567890.5");
    }

    #[test]
    fn quantities_and_ranges_name_their_unit() {
        assert_eq!(quantity(&json(r#"{"value":5,"comparator":"<","unit":"mmol/l"}"#)).unwrap(), "<5 mmol/l");
        assert_eq!(quantity(&json(r#"{"value":120,"code":"mm[Hg]"}"#)).unwrap(), "120 mmHg");
        assert_eq!(quantity(&json(r#"{"value":3,"unit":"{score}"}"#)).unwrap(), "3 score");
        assert_eq!(quantity(&json(r#"{"value":"5"}"#)), None);
        let both = r#"{"low":{"value":3.1,"unit":"mmol/l"},"high":{"value":6.20,"unit":"mmol/l"}}"#;
        assert_eq!(range(&json(both)).unwrap(), "3.1–6.20 mmol/l");
        assert_eq!(range(&json(r#"{"low":{"value":60,"unit":"ml"}}"#)).unwrap(), "≥ 60 ml");
        assert_eq!(range(&json(r#"{"high":{"value":5}}"#)).unwrap(), "≤ 5");
        assert_eq!(range(&json("{}")), None);
    }
}
