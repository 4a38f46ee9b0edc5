//! Problems: what a person has now, apart from what is over.

use super::chart::Chart;
use super::coded::{codes, concept, words};
use super::output::{Section, Tree};
use super::when::When;
use crate::json::Json;

const PROBLEMS_MAX: usize = 200;
/// What a person had is looked up when needed; the newest are enough at a glance.
const PAST_MAX: usize = 50;

/// The Conditions of a chart. Active, past and refuted ones add up to all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// Active, recurring or relapsing, and those whose record does not say; newest onset first.
    pub active: Section<Problem>,
    /// Resolved, inactive or in remission.
    pub past: Section<Problem>,
    /// Ruled out; never listed.
    pub refuted: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub what: String,
    /// Absent for a plainly active problem: else "recurrence", "remission", "status not stated" and the like.
    pub status: Option<String>,
    pub onset: Option<When>,
    pub ended: Option<When>,
    pub severity: Option<String>,
    /// How certain it is, unless confirmed: "provisional", "differential".
    pub certainty: Option<String>,
}

impl Problems {
    pub(super) fn of(chart: &Chart<'_, '_>) -> Self {
        let (mut active, mut past, mut refuted) = (Vec::new(), Vec::new(), 0);
        for (_, json) in chart.of_kind("Condition") {
            if codes(json.get("verificationStatus")).any(|code| code == "refuted") {
                refuted += 1;
                continue;
            }
            let problem = Problem::of(json);
            match codes(json.get("clinicalStatus")).next() {
                Some("inactive" | "remission" | "resolved") => past.push(problem),
                // What has ended is past even where nobody changed its status.
                None if problem.ended.is_some() => past.push(problem),
                _ => active.push(problem),
            }
        }
        Self {
            active: Section::newest(active, PROBLEMS_MAX, |problem: &Problem| problem.onset.as_ref()),
            past: Section::newest(past, PAST_MAX, |problem: &Problem| problem.onset.as_ref()),
            refuted,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        Tree::new()
            .json("active", self.active.to_json(Problem::to_json))
            .json("past", self.past.to_json(Problem::to_json))
            .count("refuted", self.refuted)
            .done()
    }
}

impl Problem {
    fn of(json: &Json) -> Self {
        let ended = When::of(json, &["abatementDateTime", "abatementPeriod", "abatementAge", "abatementString"]);
        let status = match codes(json.get("clinicalStatus")).next() {
            Some("active") => None,
            Some(code) => words(code),
            None => concept(json.get("clinicalStatus")).or_else(|| Some("status not stated".to_owned())),
        };
        Self {
            what: concept(json.get("code")).unwrap_or_else(|| "Problem not named".to_owned()),
            status,
            onset: When::of(json, &["onsetDateTime", "onsetPeriod", "onsetAge", "onsetString"]),
            ended,
            severity: concept(json.get("severity")),
            certainty: codes(json.get("verificationStatus")).next().filter(|code| *code != "confirmed").and_then(words),
        }
    }

    fn to_json(&self) -> Json {
        Tree::new()
            .text("what", self.what.as_str())
            .text("status", self.status.as_deref())
            .text("onset", self.onset.as_ref().map(When::text))
            .text("ended", self.ended.as_ref().map(When::text))
            .text("severity", self.severity.as_deref())
            .text("certainty", self.certainty.as_deref())
            .done()
    }
}
