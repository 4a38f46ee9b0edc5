//! What FHIR R4 says about which members of an object belong together (MRG-11 to MRG-16).
//!
//! Objects carry no type name, so types are recognised by the names of their members. What is not recognised is merged
//! member by member.

/// Members that are merged together or not at all, with the name under which their conflict is listed.
pub(super) struct Unit<'a> {
    pub(super) label: String,
    pub(super) names: Vec<&'a str>,
}

impl Unit<'_> {
    /// Whether both the member and its primitive extension (`given` and `_given`) are there.
    pub(super) fn has_twin(&self, name: &str) -> bool {
        self.names.iter().any(|other| other.strip_prefix('_') == Some(name) || name.strip_prefix('_') == Some(*other))
    }
}

/// Groups the members of one object into units, in the order of their first members.
///
/// MRG-12: `birthDate` and `_birthDate` are one. MRG-13: so are the members of one choice of types, of which FHIR
/// allows a single one, and of a result with what is said about it.
pub(super) fn units<'a>(names: &[&'a str]) -> Vec<Unit<'a>> {
    let mut units: Vec<Unit<'a>> = Vec::new();
    for name in names.iter().copied() {
        let label = unit_of(plain(name));
        match units.iter_mut().find(|unit| unit.label == label) {
            Some(unit) => unit.names.push(name),
            None => units.push(Unit { label, names: vec![name] }),
        }
    }
    for unit in &mut units {
        // A choice that was only ever of one type goes by the name of its member.
        let mut plains = unit.names.iter().map(|name| plain(name));
        if let Some(first) = plains.next().filter(|first| plains.all(|other| other == *first)) {
            unit.label = first.to_owned();
        }
    }
    units
}

/// MRG-14: whether an object with these members is of a type whose parts mean nothing apart.
pub(super) fn is_atom(names: &[&str]) -> bool {
    let names = || names.iter().map(|name| plain(name)).filter(|name| !EVERYWHERE.contains(name));
    ATOMS
        .iter()
        .any(|atom| names().all(|name| atom.parts.contains(&name)) && names().any(|name| atom.marks.contains(&name)))
}

/// MRG-11: lists whose items only mean something as a whole and in their order.
pub(super) fn is_sequence(name: &str) -> bool {
    ["given", "prefix", "suffix", "line"].contains(&plain(name))
}

/// MRG-15: what an object is about. If one head changed the drug and another the dose, nobody prescribed the two
/// together.
pub(super) const IDENTITY: [&str; 14] = [
    "resourceType",
    "id",
    "url",
    "linkId",
    "fullUrl",
    "subject",
    "patient",
    "code",
    "codeCodeableConcept",
    "codeReference",
    "medicationCodeableConcept",
    "medicationReference",
    "vaccineCode",
    "substance",
];

/// MRG-16: members of `meta` that a server writes about the version that it stored. Nobody stored the merged one.
pub(super) const STAMPS: [&str; 2] = ["versionId", "lastUpdated"];

/// Members of every FHIR element, which say nothing about its type.
const EVERYWHERE: [&str; 3] = ["id", "extension", "modifierExtension"];

/// A type by its members: an object is of this type if it has none but `parts` and at least one of `marks`.
struct Atom {
    parts: &'static [&'static str],
    marks: &'static [&'static str],
}

const ATOMS: &[Atom] = &[
    // Quantity, and with it Age, Count, Distance, Duration and Money: the value and unit of two doses never mix.
    Atom {
        parts: &["value", "comparator", "unit", "system", "code", "currency"],
        marks: &["value", "comparator", "unit", "currency"],
    },
    // Range, and a reference range with what it applies to.
    Atom { parts: &["low", "high", "type", "appliesTo", "age", "text"], marks: &["low", "high"] },
    // Ratio.
    Atom { parts: &["numerator", "denominator"], marks: &["numerator", "denominator"] },
    // Period: an end set apart from a new start could lie before it.
    Atom { parts: &["start", "end"], marks: &["start", "end"] },
    // Coding.
    Atom { parts: &["system", "version", "code", "display", "userSelected"], marks: &["system", "code", "display"] },
    // CodeableConcept: all codings and the text say the same thing.
    Atom { parts: &["coding", "text"], marks: &["coding"] },
    // Identifier.
    Atom { parts: &["use", "type", "system", "value", "period", "assigner"], marks: &["system", "value", "assigner"] },
    // ContactPoint: a new number must not be called old.
    Atom { parts: &["system", "value", "use", "rank", "period"], marks: &["system", "value", "rank"] },
    // Address: no street without its town.
    Atom {
        parts: &["use", "type", "text", "line", "city", "district", "state", "postalCode", "country", "period"],
        marks: &["line", "city", "district", "state", "postalCode", "country"],
    },
    // Reference.
    Atom { parts: &["reference", "type", "identifier", "display"], marks: &["reference", "identifier", "display"] },
    // Annotation: words stay with who said them and when.
    Atom {
        parts: &["authorReference", "authorString", "time", "text"],
        marks: &["authorReference", "authorString", "time"],
    },
    // Narrative.
    Atom { parts: &["status", "div"], marks: &["div"] },
    // Attachment. Not marked by `url` alone, which extensions have too.
    Atom {
        parts: &["contentType", "language", "data", "url", "size", "hash", "title", "creation"],
        marks: &["contentType", "data", "size", "hash", "title", "creation"],
    },
    // SampledData.
    Atom {
        parts: &["origin", "period", "factor", "lowerLimit", "upperLimit", "dimensions", "data"],
        marks: &["origin", "factor", "dimensions", "lowerLimit", "upperLimit"],
    },
    // Signature.
    Atom {
        parts: &["type", "when", "who", "onBehalfOf", "targetFormat", "sigFormat", "data"],
        marks: &["when", "who", "onBehalfOf", "targetFormat", "sigFormat"],
    },
    // A position on the map.
    Atom { parts: &["longitude", "latitude", "altitude"], marks: &["longitude", "latitude"] },
    // Timing, and the repetition in it: "twice" and "every two days" never mix.
    Atom { parts: &["event", "repeat", "code"], marks: &["event", "repeat"] },
    Atom {
        parts: &[
            "boundsDuration",
            "boundsRange",
            "boundsPeriod",
            "count",
            "countMax",
            "duration",
            "durationMax",
            "durationUnit",
            "frequency",
            "frequencyMax",
            "period",
            "periodMax",
            "periodUnit",
            "dayOfWeek",
            "timeOfDay",
            "when",
            "offset",
        ],
        marks: &["count", "duration", "frequency", "period", "periodUnit", "dayOfWeek", "timeOfDay", "when"],
    },
    // Dosage, in a request and as administered: dose, rate, times and their wording are one instruction.
    Atom {
        parts: &[
            "sequence",
            "text",
            "additionalInstruction",
            "patientInstruction",
            "timing",
            "asNeededBoolean",
            "asNeededCodeableConcept",
            "site",
            "route",
            "method",
            "doseAndRate",
            "maxDosePerPeriod",
            "maxDosePerAdministration",
            "maxDosePerLifetime",
            "dose",
            "rateRatio",
            "rateQuantity",
        ],
        marks: &[
            "timing",
            "doseAndRate",
            "dose",
            "rateRatio",
            "rateQuantity",
            "route",
            "method",
            "additionalInstruction",
            "patientInstruction",
            "asNeededBoolean",
            "asNeededCodeableConcept",
        ],
    },
    // The dose and rate of a Dosage.
    Atom {
        parts: &["type", "doseRange", "doseQuantity", "rateRatio", "rateRange", "rateQuantity"],
        marks: &["doseRange", "doseQuantity", "rateRatio", "rateRange", "rateQuantity"],
    },
];

/// The choices of types in FHIR R4 ("value[x]"): names before the type, and the types that follow them.
const CHOICES: &[(&[&str], &[&str])] = &[
    (&["value", "defaultValue", "fixed", "pattern", "minValue", "maxValue", "answer"], ANY_TYPE),
    (
        &[
            "effective",
            "onset",
            "abatement",
            "performed",
            "occurrence",
            "occurred",
            "timing",
            "scheduled",
            "serviced",
            "collected",
            "created",
            "identified",
            "time",
            "date",
            "participantEffective",
            "studyEffective",
        ],
        &["DateTime", "Date", "Instant", "Period", "Timing", "Age", "Range", "Duration", "String", "Reference"],
    ),
    (
        &["deceased", "born", "age"],
        &["Boolean", "DateTime", "Date", "Age", "Range", "Period", "String", "CodeableConcept"],
    ),
    (
        &[
            "medication",
            "product",
            "subject",
            "item",
            "code",
            "substance",
            "definingSubstance",
            "diagnosis",
            "procedure",
            "entity",
            "topic",
            "chargeItem",
            "indication",
            "additive",
            "statusReason",
        ],
        &["CodeableConcept", "Reference"],
    ),
    (&["location"], &["CodeableConcept", "Address", "Reference"]),
    (&["content", "legallyBinding"], &["String", "Attachment", "Reference"]),
    (&["source", "target"], &["Uri", "Canonical", "Identifier", "Attachment", "Reference"]),
    (&["author", "manufacturer"], &["String", "Reference"]),
    (&["multipleBirth"], &["Boolean", "Integer"]),
    (&["reported"], &["Boolean", "Reference"]),
    (&["asNeeded"], &["Boolean", "CodeableConcept"]),
    (&["dose", "rate", "quantity", "amount"], &["Quantity", "Range", "Ratio", "String"]),
    (&["doseNumber", "seriesDoses"], &["PositiveInt", "String"]),
    (&["minimumVolume"], &["Quantity", "String"]),
    (&["characteristic"], &["CodeableConcept", "Quantity"]),
    (&["fastingStatus"], &["CodeableConcept", "Duration"]),
    (&["start"], &["Date", "CodeableConcept"]),
    (&["due"], &["Date", "Duration"]),
    (&["detail"], &["Quantity", "Range", "CodeableConcept", "String", "Boolean", "Integer", "Ratio"]),
    (&["bounds", "offset", "when"], &["Duration", "Range", "Period"]),
    (&["probability"], &["Decimal", "Range"]),
    (&["allowed", "used"], &["UnsignedInt", "String", "Money", "Boolean", "CodeableConcept"]),
    (&["event"], &["Coding", "Uri"]),
    (&["module"], &["Uri", "Canonical", "CodeableConcept"]),
    (
        &["definition"],
        &["Reference", "Canonical", "CodeableConcept", "Expression", "DataRequirement", "TriggerDefinition", "Uri"],
    ),
    (&["name"], &["Url", "Reference"]),
    (&["example"], &["Boolean", "Canonical"]),
];

/// The types that FHIR R4 allows where it allows any.
const ANY_TYPE: &[&str] = &[
    "Base64Binary",
    "Boolean",
    "Canonical",
    "Code",
    "Date",
    "DateTime",
    "Decimal",
    "Id",
    "Instant",
    "Integer",
    "Markdown",
    "Oid",
    "PositiveInt",
    "String",
    "Time",
    "UnsignedInt",
    "Uri",
    "Url",
    "Uuid",
    "Address",
    "Age",
    "Annotation",
    "Attachment",
    "CodeableConcept",
    "Coding",
    "ContactDetail",
    "ContactPoint",
    "Contributor",
    "Count",
    "DataRequirement",
    "Distance",
    "Dosage",
    "Duration",
    "Expression",
    "HumanName",
    "Identifier",
    "Meta",
    "Money",
    "ParameterDefinition",
    "Period",
    "Quantity",
    "Range",
    "Ratio",
    "Reference",
    "RelatedArtifact",
    "SampledData",
    "Signature",
    "Timing",
    "TriggerDefinition",
    "UsageContext",
];

/// What belongs to a result's `value[x]`: "high" must not stand beside a corrected value, and FHIR forbids a value
/// together with the reason for its absence.
const OF_THE_VALUE: [&str; 2] = ["interpretation", "dataAbsentReason"];

fn unit_of(plain: &str) -> String {
    if OF_THE_VALUE.contains(&plain) {
        return "value[x]".to_owned();
    }
    let stems = CHOICES.iter().flat_map(|(stems, types)| stems.iter().map(move |stem| (*stem, *types)));
    let mut choices = stems.filter(|(stem, types)| plain.strip_prefix(*stem).is_some_and(|kind| types.contains(&kind)));
    choices.next().map_or_else(|| plain.to_owned(), |(stem, _)| format!("{stem}[x]"))
}

/// The member that a primitive extension belongs to.
fn plain(name: &str) -> &str {
    name.strip_prefix('_').unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grouped(names: &[&str]) -> Vec<String> {
        units(names).iter().map(|unit| format!("{}: {}", unit.label, unit.names.join(" "))).collect()
    }

    /// MRG-12, MRG-13
    #[test]
    fn members_that_belong_together_form_one_unit() {
        assert_eq!(grouped(&["given", "family", "_given"]), ["given: given _given", "family: family"]);
        assert_eq!(
            grouped(&["valueString", "code", "valueQuantity"]),
            ["value[x]: valueString valueQuantity", "code: code"]
        );
        assert_eq!(grouped(&["valueString", "_valueString"]), ["valueString: valueString _valueString"]);
        assert_eq!(grouped(&["valueInteger", "interpretation"]), ["value[x]: valueInteger interpretation"]);
        assert_eq!(
            grouped(&["doseNumberString", "doseQuantity"]),
            ["doseNumberString: doseNumberString", "doseQuantity: doseQuantity"]
        );
        // Named alike, but no choices.
        for names in
            [["reasonCode", "reasonReference"], ["usedCode", "usedReference"], ["contentType", "contentString"]]
        {
            assert_eq!(units(&names).len(), 2, "{names:?}");
        }
        assert_eq!(units(&["birthDate", "birthTime", "value", "valueSet", "valueDate"]).len(), 5);
    }

    /// MRG-14
    #[test]
    fn types_are_recognised_by_their_members() {
        let atoms: [&[&str]; 12] = [
            &["value", "unit", "system", "code"],
            &["id", "value", "_value", "currency"],
            &["low", "high"],
            &["system", "code", "display"],
            &["coding", "text"],
            &["use", "system", "value", "period"],
            &["status", "div"],
            &["reference", "display"],
            &["end"],
            &["text", "timing", "doseAndRate"],
            &["repeat", "code"],
            &["line", "city", "extension"],
        ];
        for names in atoms {
            assert!(is_atom(names), "{names:?}");
        }
        let others: [&[&str]; 8] = [
            &[],
            &["extension"],
            &["url", "extension"],
            &["url", "valueString"],
            &["use", "family", "given"],
            &["resourceType", "value", "unit"],
            &["code", "valueQuantity"],
            &["status", "code", "subject"],
        ];
        for names in others {
            assert!(!is_atom(names), "{names:?}");
        }
    }
}
