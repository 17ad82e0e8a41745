//! `bonafide import`: a file, through the same intake as everything else.

use super::{Bars, Place, quiet, say};
use crate::house::House;
use anyhow::{Context, Result, bail};
use clap::Args;
use collect::import::{FileKind, Mapping, Row, RowError, Rows};
use collect::message::{EventError, Message, Rejected};
use collect::pipeline;
use collect::{Source, SourceKind, Turned, Verdict};
use model::Sensitive;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// Rows that go through the pipeline together.
const ROWS_TOGETHER: usize = 500;

/// Batches that may be under way at once: one is perfected while another is committed.
const UNDER_WAY_MAX: usize = 4;

/// How often a full queue is looked at again.
const ROOM_EVERY: Duration = Duration::from_millis(5);

/// Words of the command.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A CSV, NDJSON or Parquet file
    file: PathBuf,
    /// The source the rows are of; added when there is none of that name
    #[arg(long)]
    source: Option<String>,
    /// The mapping of columns; without one a proposal is made and must be looked at first
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Use the proposed mapping as it is
    #[arg(long)]
    guess: bool,
    /// Begin at the beginning although an interrupted import could be resumed
    #[arg(long)]
    restart: bool,
    /// No progress bar
    #[arg(long)]
    quiet: bool,
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows read.
    pub rows: u64,
    /// Rows stored.
    pub accepted: u64,
    /// Rows seen before, unchanged.
    pub duplicate: u64,
    /// Rows whose contract does not let us keep them.
    pub declined: u64,
    /// Rows of customers who were erased.
    pub suppressed: u64,
    /// Rows in quarantine.
    pub quarantined: u64,
}

pub(super) fn run(place: &Place, options: &Options) -> Result<()> {
    let kind = FileKind::of_path(&options.file)
        .context("name the file .csv, .ndjson or .parquet so that its kind is known")?;
    let mapping = mapping(options, kind)?;
    let house = place.open()?;
    let bars = quiet(options.quiet);
    let done = import(&house, &options.file, kind, &mapping, options.restart, bars)?;
    say::line(&format!(
        "{} rows: {} stored, {} seen before, {} declined, {} of customers who were erased, {} in quarantine",
        done.rows, done.accepted, done.duplicate, done.declined, done.suppressed, done.quarantined
    ));
    house.close()
}

/// The mapping asked for, checked against the file's columns.
fn mapping(options: &Options, kind: FileKind) -> Result<Mapping> {
    let file = open(&options.file)?;
    let rows = Rows::open(file, kind, 0)?;
    let mut mapping = if let Some(path) = &options.mapping {
        let text = fs::read_to_string(path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is no mapping", path.display()))?
    } else {
        let guess = Mapping::guess(rows.columns());
        if !options.guess {
            say::line("# a proposal; look at it, save it, and pass it with --mapping:");
            say::line(&toml::to_string(&guess.mapping)?);
            for doubt in &guess.doubts {
                say::line(&format!("# to be looked at: {doubt:?}"));
            }
            bail!("no mapping was given: pass --mapping FILE, or --guess to use the proposal");
        }
        guess.mapping
    };
    if let Some(source) = &options.source {
        mapping.source.clone_from(source);
    }
    if mapping.source.is_empty() {
        bail!("which source are the rows of? pass --source NAME or name it in the mapping");
    }
    mapping.check(rows.columns())?;
    Ok(mapping)
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| format!("{} cannot be opened", path.display()))
}

/// Imports a file into an open house. Interrupted, it goes on where it stopped; repeated, it
/// changes nothing.
///
/// # Errors
///
/// When the file cannot be read, or the house fails; rows stored until then stay stored.
pub fn import(
    house: &House,
    path: &Path,
    kind: FileKind,
    mapping: &Mapping,
    restart: bool,
    bars: Bars,
) -> Result<Imported> {
    let source = source(house, &mapping.source)?;
    let place = Bookmark::of(house, path, mapping);
    let after = if restart { 0 } else { place.read() };
    let mut rows = Rows::open(open(path)?, kind, after)?;
    let bar = bars.of(&source.name, rows.progress().total, "");
    let mut done = Imported::default();
    let mut under_way = std::collections::VecDeque::new();
    loop {
        let page: Vec<_> = rows.by_ref().take(ROWS_TOGETHER).collect();
        if page.is_empty() {
            break;
        }
        done.rows += page.len() as u64;
        let last = page.iter().map(number).max().unwrap_or(after);
        let items = page.into_iter().map(|row| message(mapping, row)).collect();
        under_way.push_back((last, submit(house, &source, items)?));
        if under_way.len() >= UNDER_WAY_MAX {
            settle(&mut under_way, &mut done, &place)?;
        }
        bar.set_position(rows.progress().done);
    }
    while !under_way.is_empty() {
        settle(&mut under_way, &mut done, &place)?;
    }
    place.forget();
    bar.finish_and_clear();
    Ok(done)
}

type UnderWay = std::collections::VecDeque<(u64, mpsc::Receiver<collect::Reply>)>;

/// Waits for the oldest batch under way, and notes how far the import has come.
fn settle(under_way: &mut UnderWay, done: &mut Imported, place: &Bookmark) -> Result<()> {
    let Some((last, reply)) = under_way.pop_front() else { return Ok(()) };
    let verdicts = reply.recv().context("the pipeline ended")?;
    for verdict in verdicts.map_err(anyhow::Error::msg)? {
        match verdict {
            Verdict::Accepted => done.accepted += 1,
            Verdict::Duplicate => done.duplicate += 1,
            Verdict::Declined => done.declined += 1,
            Verdict::Suppressed => done.suppressed += 1,
            Verdict::Quarantined { .. } => done.quarantined += 1,
        }
    }
    place.write(last)
}

fn number(row: &Result<Row, RowError>) -> u64 {
    match row {
        Ok(row) => row.number,
        Err(error) => error.number,
    }
}

fn message(mapping: &Mapping, row: Result<Row, RowError>) -> Result<Message, Rejected> {
    let raw = row.as_ref().ok().map(|row| {
        #[expect(clippy::disallowed_methods, reason = "wrapped again, to be sealed in quarantine")]
        let fields = row.fields.reveal();
        let members: std::collections::BTreeMap<_, _> =
            fields.iter().map(|(name, value)| (&**name, value.as_deref())).collect();
        Sensitive::new(serde_json::to_vec(&members).unwrap_or_default())
    });
    row.and_then(|row| mapping.message(&row)).map_err(|error| Rejected {
        error: EventError {
            code: error.code,
            index: usize::try_from(error.number).unwrap_or(usize::MAX),
            pointer: format!("/row/{}", error.number),
            message: error.message.to_owned(),
            remedy: error.remedy,
        },
        raw: raw.unwrap_or_default(),
    })
}

fn submit(
    house: &House,
    source: &Source,
    items: Vec<Result<Message, Rejected>>,
) -> Result<mpsc::Receiver<collect::Reply>> {
    let (reply, replied) = mpsc::sync_channel(1);
    let answer = Box::new(move |verdicts| {
        // Whoever waited may have given up; the rows are stored all the same.
        reply.send(verdicts).unwrap_or_default();
    });
    // A refusal for want of room would cost the items, so room is waited for.
    while house.intake.waiting() > pipeline::limits::QUEUE_EVENTS_MAX / 2 {
        std::thread::sleep(ROOM_EVERY);
    }
    match house.intake.take(source, "import", items, answer) {
        Ok(()) => Ok(replied),
        Err(Turned::Disabled) => bail!("source {} is switched off", source.slug),
        Err(Turned::Overloaded { .. }) => {
            bail!("the queue is full: import again later, it goes on where it stopped")
        }
        Err(Turned::Refused(_) | Turned::MissingKey | Turned::UnknownKey) => {
            bail!("source {} was refused", source.slug)
        }
    }
}

fn source(house: &House, slug: &str) -> Result<std::sync::Arc<Source>> {
    if let Some(source) = house.intake.sources().get(slug) {
        return Ok(source);
    }
    let source = Source::new(slug, SourceKind::File)?;
    Ok(house.intake.sources().put(source)?)
}

/// Where an interrupted import goes on: a small file in the data directory, named by what is
/// imported.
struct Bookmark(PathBuf);

impl Bookmark {
    fn of(house: &House, path: &Path, mapping: &Mapping) -> Self {
        let named = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let length = fs::metadata(path).map_or(0, |file| file.len());
        let what = format!("{}\0{length}\0{mapping:?}", named.display());
        let name = house.vault.field(&what);
        Self(house.places.data.join(format!("import-{name}.at")))
    }

    fn read(&self) -> u64 {
        fs::read_to_string(&self.0).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    fn write(&self, last: u64) -> Result<()> {
        if let Some(dir) = self.0.parent() {
            fs::create_dir_all(dir)?;
        }
        fs::write(&self.0, last.to_string())
            .with_context(|| format!("{} cannot be written", self.0.display()))
    }

    fn forget(&self) {
        // Left behind, it would only make a repeated import begin at the end.
        fs::remove_file(&self.0).unwrap_or_default();
    }
}
