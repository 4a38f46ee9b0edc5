//! Allergies, always in sight. That nobody recorded any is not the same as that there are none.

use super::chart::Chart;
use super::coded::{ITEMS_MAX, codes, concept, concepts, words};
use super::output::{Section, Tree};
use super::when::When;
use crate::json::Json;

/// More than any person has; allergies must not be hidden by a list that is cut.
const ALLERGIES_MAX: usize = 500;
/// Statements such as "No known food allergy", at most.
const NO_KNOWN_MAX: usize = 20;

/// Codes that say there are none: SNOMED CT, and the International Patient Summary's absent-or-unknown codes.
const NO_KNOWN_CODES: [&str; 10] = [
    "716186003",  // No known allergy
    "409137002",  // No known drug allergy
    "429625007",  // No known food allergy
    "428607008",  // No known environmental allergy
    "428197003",  // No known insect allergy
    "1003774007", // No known Hevea brasiliensis latex allergy
    "no-known-allergies",
    "no-known-medication-allergies",
    "no-known-environmental-allergies",
    "no-known-food-allergies",
];
/// Uncoded texts that say there are none. Anything else is listed as written: "no known allergies except …" must be.
const NO_KNOWN_TEXTS: [&str; 8] = [
    "no known allergies",
    "no known allergy",
    "no known drug allergies",
    "no known drug allergy",
    "no known food allergies",
    "no known food allergy",
    "nka",
    "nkda",
];
/// Says that nobody asked, which is the same as no record.
const NO_INFORMATION_CODE: &str = "no-allergy-info";

/// What is known of a person's allergies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allergies {
    /// Nobody recorded anything: the person may have any.
    NoneRecorded,
    /// Somebody recorded that none are known; the statements.
    NoKnown(Vec<String>),
    /// The allergies, dangerous ones first, and statements about other kinds ("No known food allergy").
    Listed { allergies: Section<Allergy>, no_known: Vec<String> },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allergy {
    pub what: String,
    /// The risk of harm was recorded as high.
    pub high_risk: bool,
    /// What happened, with the severity where given: "Hives (severe)".
    pub reactions: Vec<String>,
    pub onset: Option<When>,
    /// How certain it is, unless confirmed.
    pub certainty: Option<String>,
}

impl Allergies {
    /// The allergies, and how many records are not among them: resolved, inactive, refuted, or empty of information.
    pub(super) fn of(chart: &Chart<'_, '_>) -> (Self, usize) {
        let (mut listed, mut no_known, mut past) = (Vec::new(), Vec::new(), 0);
        for (_, json) in chart.of_kind("AllergyIntolerance") {
            let code = json.get("code");
            let over = codes(json.get("clinicalStatus")).any(|code| matches!(code, "inactive" | "resolved"));
            let refuted = codes(json.get("verificationStatus")).any(|code| code == "refuted");
            if over || refuted || codes(code).any(|code| code == NO_INFORMATION_CODE) {
                past += 1;
            } else if let Some(statement) = no_known_statement(code) {
                if no_known.len() < NO_KNOWN_MAX && !no_known.contains(&statement) {
                    no_known.push(statement);
                }
            } else {
                listed.push(Allergy::of(json));
            }
        }
        listed.sort_by(|a, b| (!a.high_risk, &a.what).cmp(&(!b.high_risk, &b.what)));
        let allergies = match (listed.is_empty(), no_known.is_empty()) {
            (true, true) => Self::NoneRecorded,
            (true, false) => Self::NoKnown(no_known),
            (false, _) => Self::Listed { allergies: Section::first(listed, ALLERGIES_MAX), no_known },
        };
        (allergies, past)
    }

    pub(super) fn to_json(&self) -> Json {
        let tree = match self {
            Self::NoneRecorded => Tree::new().text("state", "none recorded"),
            Self::NoKnown(statements) => Tree::new().text("state", "no known allergies").texts("noKnown", statements),
            Self::Listed { allergies, no_known } => Tree::new()
                .text("state", "listed")
                .json("allergies", allergies.to_json(Allergy::to_json))
                .texts("noKnown", no_known),
        };
        tree.done()
    }
}

fn no_known_statement(code: Option<&Json>) -> Option<String> {
    let text = concept(code)?;
    let plain = text.trim_end_matches('.').to_lowercase();
    let says_so = codes(code).any(|code| NO_KNOWN_CODES.contains(&code)) || NO_KNOWN_TEXTS.contains(&plain.as_str());
    says_so.then_some(text)
}

impl Allergy {
    fn of(json: &Json) -> Self {
        let mut reactions = Vec::new();
        for reaction in json.items("reaction").iter().take(ITEMS_MAX) {
            let severity = reaction.text("severity").and_then(words);
            reactions.extend(concepts(reaction, "manifestation").into_iter().map(|what| match &severity {
                Some(severity) => format!("{what} ({severity})"),
                None => what,
            }));
        }
        let substance = || json.items("reaction").iter().find_map(|reaction| concept(reaction.get("substance")));
        Self {
            what: concept(json.get("code")).or_else(substance).unwrap_or_else(|| "Substance not named".to_owned()),
            high_risk: json.text("criticality") == Some("high"),
            reactions,
            onset: When::of(json, &["onsetDateTime", "onsetPeriod", "onsetAge", "onsetString"]),
            certainty: codes(json.get("verificationStatus")).next().filter(|code| *code != "confirmed").and_then(words),
        }
    }

    fn to_json(&self) -> Json {
        Tree::new()
            .text("what", self.what.as_str())
            .flag("highRisk", self.high_risk)
            .texts("reactions", &self.reactions)
            .text("onset", self.onset.as_ref().map(When::text))
            .text("certainty", self.certainty.as_deref())
            .done()
    }
}
