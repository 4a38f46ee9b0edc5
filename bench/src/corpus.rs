//! The data that is measured with: the shared Synthea bundles, more of them under other names, and made-up patients.

use crate::Fallible;
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use wardbook_record::json::Json;
use wardbook_record::reader::{Layout, read};
use wardbook_record::resource::Resource;

const FOLDERS: [&str; 2] = ["synthea-r4", "synthea-modern"];
/// Copies are added until the corpus has both.
const BYTES_MIN: u64 = 35_000_000;
const FILES_MIN: usize = 30;
/// Added to the family names of copies.
const SECOND_NAMES: [&str; 4] = ["Núñez", "Öztürk", "Łukaszewska", "Brontë"];

/// Given and family names, none of which has a space.
const GIVEN: &str = "\
    Zoë José Søren Åsa Chloé Jürgen Małgorzata Łukasz Iñigo Noémie Björn Ráchel Çağla Ömer Đorđe Šárka Žofie Ana \
    Maria Kim Peter Thảo Nguyệt Gülşen Håkon Eírik Renée François Inès Mónica Tomás Agnès Émile Lúcia João \
    Conceição Tereza Jiří Ágnes Zoltán";
const FAMILY: &str = "\
    Müller Núñez Sørensen Ångström Lefèvre Škvorecký Dvořák Kowalczyk Wałęsa Öztürk Yılmaz Gökçe Nguyễn Trần \
    Phạm García Hernández Ibáñez Peña Muñoz Gonçalves Araújo Magalhães Simões Brontë O'Brien Smith Jones \
    Andersson Björk Þórsson Kovács Szabó Nagy-Tóth Đurić Jovanović Čapek Živković Schäfer Größler Weiß Béranger \
    Hélène-Roux Côté Gagné Lavoie D'Angelo Niccolò Forlì Ruß";

/// A file of the shared data.
pub struct Source {
    text: String,
    patient: Option<Person>,
}

struct Person {
    id: String,
    family: String,
}

/// Bundles on disk, ready for importing.
pub struct Corpus {
    pub folder: PathBuf,
    pub files: Vec<PathBuf>,
    pub bytes: u64,
    pub resources: u64,
}

/// An Observation of the shared data, as compact JSON.
pub struct Observation {
    pub id: String,
    pub text: String,
    /// The id of the patient it belongs to.
    pub patient: String,
}

/// The Synthea files: those that patients share first, then patients from the largest file to the smallest.
pub fn sources(data: &Path) -> Fallible<Vec<Source>> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        let folder = data.join(folder);
        let listed = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        for entry in listed {
            paths.push(entry?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut sources = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        let mut patient = None;
        read_resources(text.as_bytes(), &path, &mut |resource| {
            if resource.key().kind == "Patient" && patient.is_none() {
                let family = resource.json().items("name").first().and_then(|name| name.text("family"));
                let family = family.unwrap_or_default().to_owned();
                patient = Some(Person { id: resource.key().id.clone(), family });
            }
            Ok(())
        })?;
        sources.push(Source { text, patient });
    }
    sources.sort_by_key(|source| (source.patient.is_some(), Reverse(source.text.len())));
    Ok(sources)
}

/// Writes the sources, and then copies of their patients under other names until there is enough.
pub fn write(sources: &[Source], folder: &Path) -> Fallible<Corpus> {
    eprintln!("corpus: writing bundles");
    std::fs::create_dir_all(folder)?;
    let mut corpus = Corpus { folder: folder.to_owned(), files: Vec::new(), bytes: 0, resources: 0 };
    for source in sources {
        corpus.add(&source.text)?;
    }
    let patients = || sources.iter().filter_map(|source| Some((source, source.patient.as_ref()?)));
    if patients().next().is_none() {
        return Err("the data folder has no patients".into());
    }
    for (copy, (source, person)) in (1..).flat_map(|copy| patients().map(move |patient| (copy, patient))) {
        if corpus.bytes >= BYTES_MIN && corpus.files.len() >= FILES_MIN {
            break;
        }
        corpus.add(&renamed(&source.text, person, copy))?;
    }
    Ok(corpus)
}

impl Corpus {
    fn add(&mut self, text: &str) -> Fallible<()> {
        let path = self.folder.join(format!("bundle-{:03}.json", self.files.len() + 1));
        std::fs::write(&path, text)?;
        read_resources(text.as_bytes(), &path, &mut |_| {
            self.resources += 1;
            Ok(())
        })?;
        self.bytes += text.len() as u64;
        self.files.push(path);
        Ok(())
    }
}

/// The same records of another person: another id everywhere, another family name.
fn renamed(text: &str, person: &Person, copy: usize) -> String {
    let id = format!("{copy:08x}{}", person.id.get(8..).unwrap_or_default());
    let second = SECOND_NAMES.get(copy % SECOND_NAMES.len()).copied().unwrap_or_default();
    let family = format!("{}-{second}", person.family);
    // Only where the name ends a text: a short one could also occur within an attachment.
    let text = text.replace(&person.id, &id);
    let text = text.replace(&format!("\"{}\"", person.family), &format!("\"{family}\""));
    text.replace(&format!(" {}\"", person.family), &format!(" {family}\""))
}

/// Hands over each resource of a Bundle; a refused one ends the benchmark, because not everybody would refuse it.
pub fn read_resources(
    source: impl BufRead,
    path: &Path,
    sink: &mut dyn FnMut(Resource) -> Fallible<()>,
) -> Fallible<()> {
    read::<Box<dyn std::error::Error>>(source, Layout::Json, &mut |place, outcome| {
        sink(outcome.map_err(|refusal| format!("{}, entry {}: {refusal}", path.display(), place.entry))?)
    })
}

/// As [`read_resources`], from a file that is read in pieces as an import reads it.
pub fn read_file(path: &Path, sink: &mut dyn FnMut(Resource) -> Fallible<()>) -> Fallible<()> {
    read_resources(BufReader::with_capacity(256 * 1024, File::open(path)?), path, sink)
}

pub fn observations(sources: &[Source]) -> Fallible<Vec<Observation>> {
    let mut found = Vec::new();
    for source in sources {
        let Some(person) = &source.patient else { continue };
        read_resources(source.text.as_bytes(), Path::new("a source"), &mut |resource| {
            if resource.key().kind == "Observation" {
                let (id, text) = (resource.key().id.clone(), resource.json().to_text());
                found.push(Observation { id, text, patient: person.id.clone() });
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// A Bundle of one patient with `resources - 1` Observations; the id of the patient.
pub fn write_chart(sources: &[Source], resources: usize, path: &Path) -> Fallible<String> {
    let patient = "5d2c7f10-0000-4000-8000-000000001000";
    let mut text = format!(
        r#"{{"resourceType":"Bundle","type":"collection","entry":[{{"fullUrl":"urn:uuid:{patient}","resource":{{"resourceType":"Patient","id":"{patient}","name":[{{"family":"Ångström","given":["Zoë"]}}],"gender":"female","birthDate":"1950-02-03"}}}}"#
    );
    let observations = observations(sources)?;
    if observations.len() < resources - 1 {
        return Err(format!("the data has only {} Observations", observations.len()).into());
    }
    for observation in observations.iter().take(resources - 1) {
        let resource = observation.text.replace(&observation.patient, patient);
        write!(text, r#",{{"fullUrl":"urn:uuid:{}","resource":{resource}}}"#, observation.id)?;
    }
    text.push_str("]}");
    std::fs::write(path, text)?;
    Ok(patient.to_owned())
}

/// Writes the sources that belong to no patient: hospitals and practitioners.
pub fn write_shared(sources: &[Source], folder: &Path) -> Fallible<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    for source in sources.iter().filter(|source| source.patient.is_none()) {
        let path = folder.join(format!("shared-{}.json", files.len() + 1));
        std::fs::write(&path, &source.text)?;
        files.push(path);
    }
    Ok(files)
}

/// Given and family name of a made-up patient.
pub fn name_of(number: usize) -> (&'static str, &'static str) {
    (pick(GIVEN, number), pick(FAMILY, number / GIVEN.split(' ').count()))
}

/// A name out of a list, which starts over at its end.
fn pick(names: &'static str, number: usize) -> &'static str {
    names.split(' ').nth(number % names.split(' ').count()).unwrap_or_default()
}

/// One Patient per line.
pub fn write_patients(count: usize, path: &Path) -> Fallible<()> {
    let mut text = String::new();
    for number in 0..count {
        let (given, family) = name_of(number);
        let middle = pick(GIVEN, number / 7);
        let (year, month, day) = (1930 + number % 90, 1 + number % 12, 1 + number % 28);
        let gender = if number % 2 == 0 { "female" } else { "male" };
        let national = format!("{:03}-{:02}-{:04}", number % 899 + 100, number % 97, number);
        writeln!(
            text,
            r#"{{"resourceType":"Patient","id":"00000000-0000-4000-8000-{number:012}","identifier":[{{"system":"http://hospital.example/mrn","value":"MRN{number:07}"}},{{"system":"http://hl7.org/fhir/sid/us-ssn","value":"{national}"}}],"name":[{{"use":"official","family":{},"given":[{},{}]}}],"gender":"{gender}","birthDate":"{year}-{month:02}-{day:02}"}}"#,
            Json::from(family).to_text(),
            Json::from(given).to_text(),
            Json::from(middle).to_text(),
        )?;
    }
    Ok(std::fs::write(path, text)?)
}
