//! Giving records back as FHIR: a collection bundle per chart, or NDJSON by resource type.

use crate::{ChartRole, Error, Session};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use wardbook_record::json::Json;
use wardbook_record::resource::{full_url_or_default, is_id};
use wardbook_wire::ChartId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Bundle,
    Ndjson,
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct Exported {
    pub files: Vec<PathBuf>,
    pub resources: u64,
    /// Elements that were edited apart and are not decided; the file has one of the values.
    pub conflicts: u64,
    /// Entries that are damaged or wait for admission: what they hold is not in the files.
    pub left_out: u64,
}

impl Session {
    /// Writes charts into a folder, which is created. Files of the same name are replaced.
    ///
    /// # Errors
    /// [`Error::NoChart`]; the disk's.
    pub fn export(
        &mut self,
        charts: &[ChartId],
        format: Format,
        out: &Path,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Exported, Error> {
        std::fs::create_dir_all(out).map_err(|error| Error::file(out, &error))?;
        let mut done = Exported::default();
        let mut by_kind = BTreeMap::<String, Output>::new();
        for (number, id) in charts.iter().enumerate() {
            progress(number);
            let chart = self.chart(*id)?;
            done.conflicts += chart.conflicts().iter().map(|held| held.conflicts.len() as u64).sum::<u64>();
            done.resources += chart.len() as u64;
            done.left_out += (chart.damaged() + chart.waiting()) as u64;
            match format {
                Format::Bundle => {
                    let name = match chart.role() {
                        ChartRole::Patient => {
                            chart.cover().patient_ids.first().cloned().unwrap_or_else(|| id.to_string())
                        }
                        role => role.word().to_owned(),
                    };
                    // An id out of a record is a file name only if it is a FHIR id, and once.
                    let mut path = out.join(format!("{name}.json"));
                    if !is_id(&name) || done.files.contains(&path) {
                        path = out.join(format!("{id}.json"));
                    }
                    let mut file = Output::create(&path)?;
                    file.write(br#"{"resourceType":"Bundle","type":"collection","entry":["#)?;
                    for (position, (key, json)) in chart.resources().enumerate() {
                        let url = Json::String(full_url_or_default(key, chart.full_url(key)));
                        let comma = if position == 0 { "\n" } else { ",\n" };
                        file.write(
                            format!("{comma}{{\"fullUrl\":{},\"resource\":{}}}", url.to_text(), json.to_text())
                                .as_bytes(),
                        )?;
                    }
                    file.write(b"\n]}\n")?;
                    done.files.push(file.finish()?);
                }
                Format::Ndjson => {
                    for (key, json) in chart.resources() {
                        if !by_kind.contains_key(&key.kind) {
                            by_kind
                                .insert(key.kind.clone(), Output::create(&out.join(format!("{}.ndjson", key.kind)))?);
                        }
                        if let Some(file) = by_kind.get_mut(&key.kind) {
                            file.write(format!("{}\n", json.to_text()).as_bytes())?;
                        }
                    }
                }
            }
        }
        for file in by_kind.into_values() {
            done.files.push(file.finish()?);
        }
        Ok(done)
    }
}

/// A file that appears under its name only when it is complete.
pub(crate) struct Output {
    file: BufWriter<tempfile::NamedTempFile>,
    path: PathBuf,
}

impl Output {
    pub fn create(path: &Path) -> Result<Self, Error> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).map_err(|error| Error::file(path, &error))?;
        Ok(Self { file: BufWriter::new(file), path: path.to_owned() })
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file.write_all(bytes).map_err(|error| Error::file(&self.path, &error))
    }

    pub fn finish(self) -> Result<PathBuf, Error> {
        let path = self.path;
        let file = self.file.into_inner().map_err(|error| Error::file(&path, error.error()))?;
        File::sync_all(file.as_file()).map_err(|error| Error::file(&path, &error))?;
        file.persist(&path).map_err(|error| Error::file(&path, &error.error))?;
        Ok(path)
    }
}
