//! What the columns of a file mean: recognised, corrected by the words and the settings, shown.

use super::problem::Problem;
use super::words::How;
use crate::command::say;
use anyhow::Result;
use linkage::record::{Field, Schema};
use std::path::Path;
use std::sync::Arc;

/// What people may call a column, for the message that lists it.
const FIELDS: &str = "id, name, given_name, middle_name, family_name, suffix, sex, birth_date, \
    street, house_number, unit, suburb, city, state, postcode, country, email, phone, \
    government_id, other, source, time, ignored";

/// What the words and the settings say of columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    id: Option<String>,
    fields: Vec<(String, Field)>,
    /// Columns that linking must never read.
    pub(super) truth: Vec<String>,
}

impl Said {
    /// Puts the words over the settings.
    ///
    /// # Errors
    ///
    /// [`Problem`] when a word is not `NAME=FIELD`, the field is not known, or truth would be read.
    pub(super) fn of(how: &How, settings: &super::settings::File, truth: &[&str]) -> Result<Self> {
        let mut said =
            Self { id: how.id.clone().or_else(|| settings.id.clone()), ..Self::default() };
        said.truth = truth.iter().map(|column| (*column).to_owned()).collect();
        for (name, field) in &settings.columns {
            said.add(name, field, "[columns] of the settings")?;
        }
        for word in &how.columns {
            let Some((name, field)) = word.rsplit_once('=') else {
                let what = "a column is told as NAME=FIELD";
                return Err(Problem::new("column_word", what, "--column", FIELDS).into());
            };
            said.add(name, field, "--column")?;
        }
        Ok(said)
    }

    fn add(&mut self, name: &str, word: &str, place: &str) -> Result<()> {
        let field = Field::of_word(word.trim()).ok_or_else(|| {
            let what = format!("`{word}` is no field");
            Problem::new(
                "no_such_field",
                what,
                format!("{place}, {name}"),
                format!("use one of {FIELDS}"),
            )
        })?;
        if field != Field::Ignored && self.truth.iter().any(|truth| truth == name) {
            let what = format!("`{name}` is the truth, and linking would read it");
            return Err(Problem::new("truth_as_evidence", what, place, "leave it out there").into());
        }
        if field == Field::Id {
            self.id = Some(name.to_owned());
        } else {
            self.fields.push((name.to_owned(), field));
        }
        Ok(())
    }

    /// What each column of a file means, and which one names the records.
    ///
    /// # Errors
    ///
    /// [`Problem`] when a column that was named is not there, or nothing says anything of a person.
    pub(super) fn recognise(
        &self,
        path: &Path,
        columns: &[Arc<str>],
        sample: &[Vec<String>],
    ) -> Result<(Schema, Option<usize>)> {
        let names: Vec<&str> = columns.iter().map(|name| &**name).collect();
        let mut fields = Schema::recognise(&names, sample).fields;
        let find = |name: &str, word: &str| -> Result<usize> {
            let found = names.iter().position(|known| *known == name);
            found.ok_or_else(|| no_such_column(path, name, word, &names).into())
        };
        let mut id = fields.iter().position(|field| *field == Field::Id);
        if let Some(name) = &self.id {
            id = Some(find(name, "--id")?);
        }
        for (name, field) in &self.fields {
            let place = find(name, "--column")?;
            if let Some(known) = fields.get_mut(place) {
                *known = *field;
            }
            id = id.filter(|id| *id != place);
        }
        for name in &self.truth {
            let place = find(name, "--truth")?;
            if let Some(known) = fields.get_mut(place) {
                *known = Field::Ignored;
            }
            id = id.filter(|id| *id != place);
        }
        for (place, field) in fields.iter_mut().enumerate() {
            match (id == Some(place), *field) {
                (true, _) => *field = Field::Id,
                (false, Field::Id) => *field = Field::Ignored,
                (false, _) => {}
            }
        }
        if !fields.iter().any(|field| is_evidence(*field)) {
            let what = "no column says anything of a person";
            let remedy =
                format!("say what columns mean with --column NAME=FIELD; fields are {FIELDS}");
            return Err(Problem::file("nothing_recognised", what, path, remedy).into());
        }
        Ok((Schema::new(fields), id))
    }
}

fn no_such_column(path: &Path, name: &str, word: &str, names: &[&str]) -> Problem {
    const SHOWN_MAX: usize = 30;
    let more = if names.len() > SHOWN_MAX { ", …" } else { "" };
    let shown: Vec<&str> = names.iter().copied().take(SHOWN_MAX).collect();
    Problem::file(
        "no_such_column",
        format!("there is no column `{name}`, which {word} names"),
        path,
        format!("use one of its columns: {}{more}", shown.join(", ")),
    )
}

/// Whether a column of the field is compared.
pub(super) const fn is_evidence(field: Field) -> bool {
    !matches!(field, Field::Id | Field::Source | Field::Time | Field::Ignored)
}

/// Makes the other columns of all files mean the same: they are told apart by their order only.
pub(super) fn align_others(schemas: &mut [(&[Arc<str>], &mut Schema)]) {
    let others = |names: &[Arc<str>], schema: &Schema| -> Vec<Arc<str>> {
        let both = names.iter().zip(&schema.fields);
        both.filter(|(_, field)| matches!(field, Field::Other(_)))
            .map(|(name, _)| Arc::clone(name))
            .collect()
    };
    let all: Vec<_> = schemas.iter().map(|(names, schema)| others(names, schema)).collect();
    let Some(first) = all.first() else { return };
    let shared: Vec<_> =
        first.iter().filter(|name| all.iter().all(|names| names.contains(name))).cloned().collect();
    let in_order =
        |names: &Vec<Arc<str>>| names.iter().filter(|name| shared.contains(name)).eq(shared.iter());
    let usable = all.iter().all(in_order);
    for (names, schema) in schemas {
        let mut fields = schema.fields.clone();
        for (name, field) in names.iter().zip(&mut fields) {
            if matches!(field, Field::Other(_)) && !(usable && shared.contains(name)) {
                *field = Field::Ignored;
            }
        }
        **schema = Schema::new(fields);
    }
}

/// What a column is taken for, in words; nothing when it is not read.
pub(super) fn word_of(field: Field) -> Option<String> {
    if let Field::Other(number) = field {
        return Some(format!("other {}", number + 1));
    }
    (field != Field::Ignored).then(|| field.word().replace('_', " "))
}

/// Shows what was recognised.
pub(super) fn show(path: &Path, columns: &[Arc<str>], schema: &Schema) {
    say::error(&format!("{}", path.display()));
    let wide = columns.iter().map(|name| name.chars().count()).max().unwrap_or(0).clamp(6, 32);
    for (name, field) in columns.iter().zip(&schema.fields) {
        let word = word_of(*field).unwrap_or_else(|| "–".to_owned());
        say::error(&format!("  {name:<wide$}  {word}"));
    }
}
