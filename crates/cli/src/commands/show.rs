//! A chart's summary in a terminal.

use crate::out::{counted, table};
use wardbook_client::record::summary::{Allergies, Banner, Flag, ObservationLine, Section, Summary, When};

pub fn summary(summary: &Summary) {
    banner(&summary.banner);
    allergies(&summary.allergies);

    let problems = &summary.problems;
    heading("Problems", &problems.active);
    rows(["Problem", "Status", "Since", "Certainty"], &problems.active, |problem| {
        let status = problem.status.clone().unwrap_or_else(|| "active".to_owned());
        [problem.what.clone(), status, day(problem.onset.as_ref()), known(problem.certainty.as_ref())]
    });
    past(problems.past.total(), "past problem", "past problems");

    let medications = &summary.medications;
    heading("Medications", &medications.current);
    rows(["Medication", "Dosage", "Since", ""], &medications.current, |medication| {
        let dosage = medication.dosage.clone().unwrap_or_else(|| "dosage not recorded".to_owned());
        let warning =
            if medication.do_not_give { "‼ do not give".to_owned() } else { known(medication.status.as_ref()) };
        [medication.what.clone(), dosage, day(medication.started.as_ref()), warning]
    });
    past(medications.past.total(), "past medication", "past medications");

    heading("Observations, the newest of each kind", &summary.observations);
    rows(["Observation", "Value", "", "Reference", "When", ""], &summary.observations, observation);

    heading("Encounters", &summary.encounters);
    rows(["When", "What", "Class", "Reason"], &summary.encounters, |encounter| {
        [
            day(encounter.start.as_ref()),
            encounter.what.clone(),
            known(encounter.class.as_ref()),
            known(encounter.reason.as_ref()),
        ]
    });

    heading("Notes", &summary.notes);
    rows(["When", "What", "Who", "Beginning"], &summary.notes, |note| {
        let beginning = if note.lines.is_empty() { known(note.form.as_ref()) } else { note.lines.join(" ") };
        [time(note.when.as_ref()), note.what.clone(), known(note.author.as_ref()), beginning]
    });

    let held: usize = summary.counts.values().sum();
    let counts: Vec<_> = summary.counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    println!("\n{} in this chart: {}", counted(held, "resource", "resources"), counts.join(", "));
}

fn banner(banner: &Banner) {
    let rule = "═".repeat(78);
    println!("{rule}\n{}", banner.name);
    if !banner.other_names.is_empty() {
        println!("Also {}", banner.other_names.join(", "));
    }
    println!("Born {} ({})   Sex {}", banner.born, banner.age, banner.sex);
    if let Some(died) = &banner.died {
        println!("† Died {}", minutes(died));
    }
    let identifiers: Vec<_> = banner
        .identifiers
        .iter()
        .map(|held| match held.label.as_ref().or(held.system.as_ref()) {
            Some(label) => format!("{label} {}", held.value),
            None => held.value.clone(),
        })
        .collect();
    println!("{}", if identifiers.is_empty() { "No identifier recorded".to_owned() } else { identifiers.join("   ") });
}

fn allergies(allergies: &Allergies) {
    match allergies {
        Allergies::NoneRecorded => println!("Allergies: none recorded (nobody has written any down)"),
        Allergies::NoKnown(statements) => println!("Allergies: {}", statements.join("; ")),
        Allergies::Listed { allergies, no_known } => {
            for allergy in &allergies.items {
                let mark = if allergy.high_risk { "‼ " } else { "" };
                let reactions = if allergy.reactions.is_empty() {
                    String::new()
                } else {
                    format!(": {}", allergy.reactions.join(", "))
                };
                println!("ALLERGY  {mark}{}{reactions}", allergy.what);
            }
            if allergies.more > 0 {
                println!("ALLERGY  and {} more", allergies.more);
            }
            for statement in no_known {
                println!("         {statement}");
            }
        }
    }
    println!("{}", "═".repeat(78));
}

fn observation(line: &ObservationLine) -> [String; 6] {
    let value = match &line.unit {
        Some(unit) => format!("{} {unit}", line.value),
        None => line.value.clone(),
    };
    let earlier = if line.earlier > 0 { format!("{} earlier", line.earlier) } else { String::new() };
    [
        line.what.clone(),
        value,
        line.flag.map(flag).unwrap_or_default(),
        known(line.range.as_ref()),
        time(line.when.as_ref()),
        earlier,
    ]
}

/// A shape as well as a word, for who does not see colours.
fn flag(flag: Flag) -> String {
    let shape = match flag {
        Flag::Low => "▼",
        Flag::High => "▲",
        Flag::CriticalLow => "▼▼",
        Flag::CriticalHigh => "▲▲",
        Flag::Abnormal => "◆",
    };
    format!("{shape} {}", flag.as_str())
}

fn known(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

fn day(when: Option<&When>) -> String {
    when.map_or_else(|| "Not known".to_owned(), |when| when.day().to_owned())
}

/// Date and time in minutes, as it was written down.
fn time(when: Option<&When>) -> String {
    when.map_or_else(|| "Not known".to_owned(), |when| minutes(when.text()))
}

fn minutes(text: &str) -> String {
    match text.split_once('T') {
        Some((date, time)) => format!("{date} {}", time.chars().take(5).collect::<String>()),
        None => text.to_owned(),
    }
}

/// A heading that says how many there are where not all are shown.
fn heading<T>(title: &str, section: &Section<T>) {
    match (section.items.len(), section.more) {
        (0, _) => println!("\n{title}: none recorded"),
        (shown, 0) => println!("\n{title} ({shown})"),
        (shown, _) => println!("\n{title} ({shown} of {})", section.total()),
    }
}

fn rows<T, const N: usize>(headings: [&str; N], section: &Section<T>, row: impl Fn(&T) -> [String; N]) {
    if !section.items.is_empty() {
        table(headings, section.items.iter().map(row));
    }
}

fn past(count: usize, one: &str, many: &str) {
    if count > 0 {
        println!("and {}", counted(count, one, many));
    }
}
