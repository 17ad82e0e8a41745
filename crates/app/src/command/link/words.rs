//! The words of `bonafide link`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub(in crate::command) enum Command {
    /// Find who is one person within one or several files
    Dedupe(Dedupe),
    /// Find who is in both of two files
    Pair(Pair),
    /// Learn a model from files and write it, to be pinned with --model
    Train(Train),
    /// Link files whose truth is known, and say how good it was
    Evaluate(Evaluate),
    /// Say why two records are one person or not, or what holds a person together
    Explain(Explain),
}

/// How files are read and linked.
#[derive(Clone, Debug, Default, Args)]
pub(in crate::command) struct How {
    /// The column that names each record; recognised when left out, row numbers when there is none
    #[arg(long, value_name = "COLUMN")]
    pub(super) id: Option<String>,
    /// What a column means, against what is recognised: NAME=FIELD, where `ignored` is a field too
    #[arg(long = "column", value_name = "NAME=FIELD")]
    pub(super) columns: Vec<String>,
    /// Settings (TOML)
    #[arg(long, value_name = "FILE")]
    pub(super) settings: Option<PathBuf>,
    /// A model written by `link train`, instead of learning one from these files; `shipped` for the
    /// one that comes with the program, which small files are better off with
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// What is known of pairs, for ever: the answers downloaded from a report (`id_l,id_r,answer`)
    #[arg(long = "assert", value_name = "FILE")]
    pub(super) asserted: Option<PathBuf>,
    /// No progress bars, no tables: only results and problems
    #[arg(long)]
    pub(super) quiet: bool,
}

/// Words of `dedupe`.
#[derive(Debug, Args)]
pub(in crate::command) struct Dedupe {
    /// CSV, NDJSON or Parquet files
    #[arg(required = true, value_name = "FILE")]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
    /// Where to write `id,person_id,household_id,confidence` (.csv, .ndjson or .parquet)
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// What an earlier run wrote with --out: people keep the ids they have there
    #[arg(long, value_name = "FILE", requires = "out")]
    pub(super) previous: Option<PathBuf>,
    /// Where to write the pairs that may be one person: `id_l,id_r,probability`
    #[arg(long, value_name = "FILE")]
    pub(super) pairs: Option<PathBuf>,
    /// Where to write the records that fit several people about as well: `id,person_id,probability`,
    /// a line for each person
    #[arg(long, value_name = "FILE")]
    pub(super) ambiguous: Option<PathBuf>,
    /// Where to write a report (HTML) for people to look at; it shows values of records
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
}

/// Words of `pair`.
#[derive(Debug, Args)]
pub(in crate::command) struct Pair {
    /// One file
    pub(super) left: PathBuf,
    /// The other
    pub(super) right: PathBuf,
    #[command(flatten)]
    pub(super) how: How,
    /// Where to write the links: `id_l,id_r,probability`, records of one person on both sides
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Each record is linked to one other at most: the most probable one
    #[arg(long)]
    pub(super) one_to_one: bool,
    /// Where to write all pairs that may be one person: `id_l,id_r,probability`
    #[arg(long, value_name = "FILE")]
    pub(super) pairs: Option<PathBuf>,
    /// Where to write a report (HTML) for people to look at; it shows values of records
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
}

/// Words of `train`.
#[derive(Debug, Args)]
pub(in crate::command) struct Train {
    /// CSV, NDJSON or Parquet files
    #[arg(required = true, value_name = "FILE")]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
    /// Answers about pairs that help to learn, as the review list gives them
    #[arg(long, value_name = "FILE")]
    pub(super) labels: Option<PathBuf>,
    /// Where to write the model
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
}

/// Words of `evaluate`.
#[derive(Debug, Args)]
pub(in crate::command) struct Evaluate {
    /// CSV, NDJSON or Parquet files
    #[arg(required = true, value_name = "FILE")]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
    /// The column that names each record's person; linking never reads it
    #[arg(long, value_name = "COLUMN")]
    pub(super) truth: String,
    /// The column that names each record's household; linking never reads it
    #[arg(long, value_name = "COLUMN")]
    pub(super) truth_household: Option<String>,
    /// Where to write a report (HTML) for people to look at; it shows values of records
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
}

/// Words of `explain`.
#[derive(Debug, Args)]
pub(in crate::command) struct Explain {
    /// The id of one record, and of the other
    #[arg(value_name = "ID", num_args = 0..=2)]
    pub(super) ids: Vec<String>,
    /// CSV, NDJSON or Parquet files that the records are in
    #[arg(long = "in", required = true, num_args = 1.., value_name = "FILE")]
    pub(super) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
    /// A record's id: what holds its person together
    #[arg(long, value_name = "ID", conflicts_with = "ids")]
    pub(super) person: Option<String>,
    /// Print the values too, which are personal data
    #[arg(long)]
    pub(super) values: bool,
}
