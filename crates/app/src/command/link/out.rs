//! Tables out: CSV, NDJSON and Parquet by the end of the file's name. A file appears when it is whole.

use super::problem::Problem;
use anyhow::Result;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Rows of a Parquet row group.
const GROUP_ROWS: usize = 1 << 17;

/// A table that is being written: some columns of text, then one number.
pub(super) struct Sheet {
    path: PathBuf,
    texts: &'static [&'static str],
    number: &'static str,
    writer: Writer,
}

enum Writer {
    Csv(BufWriter<NamedTempFile>),
    Ndjson(BufWriter<NamedTempFile>),
    Parquet { file: NamedTempFile, writer: Box<SerializedFileWriter<File>>, rows: Columns },
}

/// What a row group is made of.
#[derive(Default)]
struct Columns {
    texts: Vec<Vec<ByteArray>>,
    numbers: Vec<f64>,
}

impl Sheet {
    /// Begins a table.
    ///
    /// # Errors
    ///
    /// [`Problem`] when the end of the name says no kind, or the file cannot be written.
    pub(super) fn new(
        path: &Path,
        texts: &'static [&'static str],
        number: &'static str,
    ) -> Result<Self> {
        let file = begin(path)?;
        let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default();
        let writer = match end.to_ascii_lowercase().as_str() {
            "csv" => {
                let mut file = BufWriter::new(file);
                writeln!(file, "{},{number}", texts.join(",")).map_err(|e| unwritable(path, &e))?;
                Writer::Csv(file)
            }
            "ndjson" | "jsonl" => Writer::Ndjson(BufWriter::new(file)),
            "parquet" | "pq" => {
                let copy = file.as_file().try_clone().map_err(|e| unwritable(path, &e))?;
                let writer = Box::new(parquet_writer(copy, texts, number)?);
                Writer::Parquet { file, writer, rows: Columns::of(texts) }
            }
            _ => {
                let what = "the kind of the file is not known";
                let remedy = "name it .csv, .ndjson or .parquet";
                return Err(Problem::file("unknown_kind", what, path, remedy).into());
            }
        };
        Ok(Self { path: path.to_owned(), texts, number, writer })
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// [`Problem`] when the disk does not take it.
    pub(super) fn row(&mut self, texts: &[&str], number: f64) -> Result<()> {
        let done = match &mut self.writer {
            Writer::Csv(file) => csv_row(file, texts, number),
            Writer::Ndjson(file) => ndjson_row(file, self.texts, texts, self.number, number),
            Writer::Parquet { writer, rows, .. } => {
                rows.push(texts, number);
                if rows.numbers.len() >= GROUP_ROWS { rows.write(writer) } else { Ok(()) }
            }
        };
        Ok(done.map_err(|error| unwritable(&self.path, &error))?)
    }

    /// Puts the whole file in its place.
    ///
    /// # Errors
    ///
    /// [`Problem`] when the disk does not take it.
    pub(super) fn finish(self) -> Result<()> {
        let path = self.path;
        let file = match self.writer {
            Writer::Csv(file) | Writer::Ndjson(file) => {
                file.into_inner().map_err(|error| unwritable(&path, error.error()))?
            }
            Writer::Parquet { file, mut writer, mut rows } => {
                rows.write(&mut writer).map_err(|error| unwritable(&path, &error))?;
                writer.close().map_err(|error| unwritable(&path, &std::io::Error::other(error)))?;
                file
            }
        };
        place(file, &path)
    }
}

/// Writes a whole file of text at once.
///
/// # Errors
///
/// [`Problem`] when the disk does not take it.
pub(super) fn whole(path: &Path, text: &str) -> Result<()> {
    let mut file = begin(path)?;
    file.write_all(text.as_bytes()).map_err(|error| unwritable(path, &error))?;
    place(file, path)
}

/// A file beside the one that is meant, which only its owner can read: what comes of personal data
/// is personal data.
fn begin(path: &Path) -> Result<NamedTempFile> {
    let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(NamedTempFile::new_in(dir).map_err(|error| unwritable(path, &error))?)
}

fn place(file: NamedTempFile, path: &Path) -> Result<()> {
    file.persist(path).map_err(|error| unwritable(path, &error.error))?;
    Ok(())
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    let what = format!("it cannot be written: {}", error.kind());
    Problem::file("unwritable", what, path, "check that the directory exists and has room")
}

fn csv_row(file: &mut impl Write, texts: &[&str], number: f64) -> std::io::Result<()> {
    for text in texts {
        let quoted =
            text.contains(['"', ',', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ');
        if quoted {
            write!(file, "\"{}\",", text.replace('"', "\"\""))?;
        } else {
            write!(file, "{text},")?;
        }
    }
    writeln!(file, "{number:.6}")
}

fn ndjson_row(
    file: &mut impl Write,
    names: &[&str],
    texts: &[&str],
    name: &str,
    number: f64,
) -> std::io::Result<()> {
    write!(file, "{{")?;
    for (name, text) in names.iter().zip(texts) {
        write!(file, "\"{name}\":{},", serde_json::Value::from(*text))?;
    }
    writeln!(file, "\"{name}\":{number:.6}}}")
}

fn parquet_writer(file: File, texts: &[&str], number: &str) -> Result<SerializedFileWriter<File>> {
    let texts: Vec<String> =
        texts.iter().map(|name| format!("required binary {name} (UTF8); ")).collect();
    let texts = texts.concat();
    let schema =
        parse_message_type(&format!("message linked {{ {texts} required double {number}; }}"))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    Ok(SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties))?)
}

impl Columns {
    fn of(texts: &[&str]) -> Self {
        Self { texts: vec![Vec::new(); texts.len()], numbers: Vec::new() }
    }

    fn push(&mut self, texts: &[&str], number: f64) {
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.push(ByteArray::from(*text));
        }
        self.numbers.push(number);
    }

    fn write(&mut self, writer: &mut SerializedFileWriter<File>) -> std::io::Result<()> {
        if self.numbers.is_empty() {
            return Ok(());
        }
        self.write_group(writer).map_err(std::io::Error::other)?;
        self.texts.iter_mut().for_each(Vec::clear);
        self.numbers.clear();
        Ok(())
    }

    fn write_group(&self, writer: &mut SerializedFileWriter<File>) -> parquet::errors::Result<()> {
        let mut group = writer.next_row_group()?;
        let mut texts = self.texts.iter();
        while let Some(mut column) = group.next_column()? {
            match texts.next() {
                Some(values) => column.typed::<ByteArrayType>().write_batch(values, None, None)?,
                None => column.typed::<DoubleType>().write_batch(&self.numbers, None, None)?,
            };
            column.close()?;
        }
        group.close()?;
        Ok(())
    }
}
