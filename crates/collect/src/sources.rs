//! The registry of sources: those of the configuration and those added over the API.

use crate::dialect::WriteKey;
use crate::source::Source;
use model::SourceId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use store::{Batch, Store, StoreError, Table, limits};

const SOURCES: Table<String, (), SourceRow> = store::table!("sources", 1);

/// A source as stored. The definition is JSON, because it is also what the API speaks and what
/// people read; there are few of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SourceRow {
    id: SourceId,
    /// Nothing while the configuration file defines it.
    definition: Option<String>,
}

/// Why the registry refused.
#[derive(Debug)]
pub enum SourcesError {
    /// The store failed.
    Store(StoreError),
    /// Another source has this write key already.
    KeyTaken(String),
    /// The configuration file defines it: change it there.
    OfConfiguration(String),
    /// A stored definition cannot be read.
    Unreadable(String),
}

impl fmt::Display for SourcesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::KeyTaken(slug) => {
                write!(f, "source {slug} has this write key already: choose another")
            }
            Self::OfConfiguration(slug) => {
                write!(f, "the configuration file defines source {slug}: change it there")
            }
            Self::Unreadable(slug) => {
                write!(f, "the definition of source {slug} cannot be read: put it again")
            }
        }
    }
}

impl std::error::Error for SourcesError {}

impl From<StoreError> for SourcesError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The registered sources.
#[derive(Debug)]
pub struct Sources {
    store: Store,
    configured: Vec<String>,
    list: RwLock<Arc<[Arc<Source>]>>,
}

impl Sources {
    /// Opens the registry; sources of the configuration are entered, and win over stored ones of
    /// the same name.
    ///
    /// # Errors
    ///
    /// When the store fails, or two sources share a write key.
    pub fn open(store: Store, configured: Vec<Source>) -> Result<Self, SourcesError> {
        let slugs = configured.iter().map(|source| source.slug.clone()).collect();
        let sources = Self { store, configured: slugs, list: RwLock::new(Arc::from([])) };
        let mut list: Vec<Arc<Source>> = Vec::new();
        for source in configured {
            let id = sources.enter(&source.slug, None)?;
            list.push(Arc::new(numbered(source, id)));
        }
        for (slug, id, definition) in sources.stored()? {
            if sources.configured.contains(&slug) {
                continue;
            }
            let Some(definition) = definition else { continue };
            let source: Source = serde_json::from_str(&definition)
                .map_err(|_| SourcesError::Unreadable(slug.clone()))?;
            list.push(Arc::new(numbered(source, id)));
        }
        for (index, source) in list.iter().enumerate() {
            keys_are_free(source, list.iter().take(index))?;
        }
        *sources.list.write().unwrap_or_else(PoisonError::into_inner) = list.into();
        Ok(sources)
    }

    fn stored(&self) -> Result<Vec<(String, SourceId, Option<String>)>, StoreError> {
        let rows = self.store.read()?.scan(&SOURCES, None, limits::PAGE_MAX)?;
        Ok(rows
            .into_iter()
            .map(|(slug, (), row)| (slug, row.value.id, row.value.definition))
            .collect())
    }

    /// Enters a source's name and definition; a name keeps its number for ever.
    fn enter(&self, slug: &str, definition: Option<&str>) -> Result<SourceId, StoreError> {
        loop {
            let view = self.store.read()?;
            let known = view.get(&SOURCES, &slug.to_owned(), &())?;
            let id = if let Some(row) = &known {
                row.value.id
            } else {
                let rows = view.scan(&SOURCES, None, limits::PAGE_MAX)?;
                let last = rows.iter().map(|(_, (), row)| row.value.id.0).max();
                SourceId(last.map_or(1, |last| last + 1))
            };
            let mut batch = Batch::default();
            let seen = known.map(|row| row.version);
            batch.check(&SOURCES, &slug.to_owned(), &(), seen);
            let row = SourceRow { id, definition: definition.map(str::to_owned) };
            batch.put(&SOURCES, &slug.to_owned(), &(), &row);
            match self.store.commit(batch) {
                Err(StoreError::Conflict) => {}
                done => return done.map(|()| id),
            }
        }
    }

    /// All sources.
    pub fn list(&self) -> Arc<[Arc<Source>]> {
        Arc::clone(&self.list.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The source of a name.
    pub fn get(&self, slug: &str) -> Option<Arc<Source>> {
        self.list().iter().find(|source| source.slug == slug).cloned()
    }

    /// The source of a number.
    pub fn by_id(&self, id: SourceId) -> Option<Arc<Source>> {
        self.list().iter().find(|source| source.id == id).cloned()
    }

    /// The source of a write key.
    pub fn by_key(&self, key: &WriteKey) -> Option<Arc<Source>> {
        let shown = key.sha256();
        self.list().iter().find(|source| source.has_key(&shown)).cloned()
    }

    /// Adds or replaces a source.
    ///
    /// # Errors
    ///
    /// When the configuration defines it, another source has one of its keys, or the store fails.
    pub fn put(&self, source: Source) -> Result<Arc<Source>, SourcesError> {
        if self.configured.contains(&source.slug) {
            return Err(SourcesError::OfConfiguration(source.slug));
        }
        let list = self.list();
        keys_are_free(&source, list.iter().filter(|known| known.slug != source.slug))?;
        let definition = serde_json::to_string(&source)
            .map_err(|_| SourcesError::Unreadable(source.slug.clone()))?;
        let id = self.enter(&source.slug, Some(&definition))?;
        let source = Arc::new(numbered(source, id));
        self.replace(&source.slug, Some(Arc::clone(&source)));
        Ok(source)
    }

    /// Removes a source; its records stay, and its name keeps its number. Gives whether it was
    /// there.
    ///
    /// # Errors
    ///
    /// When the configuration defines it, or the store fails.
    pub fn remove(&self, slug: &str) -> Result<bool, SourcesError> {
        if self.configured.iter().any(|known| known == slug) {
            return Err(SourcesError::OfConfiguration(slug.to_owned()));
        }
        if self.get(slug).is_none() {
            return Ok(false);
        }
        self.enter(slug, None)?;
        self.replace(slug, None);
        Ok(true)
    }

    fn replace(&self, slug: &str, with: Option<Arc<Source>>) {
        let mut list = self.list.write().unwrap_or_else(PoisonError::into_inner);
        let others = list.iter().filter(|known| known.slug != slug).cloned();
        *list = others.chain(with).collect();
    }
}

fn numbered(mut source: Source, id: SourceId) -> Source {
    source.id = id;
    source
}

fn keys_are_free<'a>(
    source: &Source,
    mut others: impl Iterator<Item = &'a Arc<Source>>,
) -> Result<(), SourcesError> {
    let taken = others.find(|other| source.key_hashes().any(|key| other.has_key(key)));
    match taken {
        Some(other) => Err(SourcesError::KeyTaken(other.slug.clone())),
        None => Ok(()),
    }
}
