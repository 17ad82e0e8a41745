//! Where the demo's house stands, and what becomes of it.

use super::brand::BRAND;
use super::tell::Voice;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The name of the configuration beside the data, with which the house can be opened again.
const CONFIG_FILE: &str = "bonafide.toml";

/// A directory for the house.
#[derive(Debug)]
pub(super) struct Place {
    /// The data directory.
    pub(super) data: PathBuf,
    /// Gone when this is dropped; nothing when the directory is kept.
    temporary: Option<TempDir>,
}

impl Place {
    /// The directory that was asked for, or a fresh temporary one.
    ///
    /// # Errors
    ///
    /// When it cannot be made, or is not empty.
    pub(super) fn choose(dir: Option<&Path>, keep: bool) -> Result<Self> {
        let (root, temporary) = if let Some(dir) = dir {
            (dir.to_owned(), None)
        } else {
            let fresh = tempfile::Builder::new().prefix("bonafide-demo-").tempdir();
            let fresh = fresh.context("no temporary directory")?;
            if keep { (fresh.keep(), None) } else { (fresh.path().to_owned(), Some(fresh)) }
        };
        fs::create_dir_all(&root).with_context(|| format!("{} cannot be made", root.display()))?;
        if fs::read_dir(&root)?.next().is_some() {
            bail!("{} is not empty: choose another directory", root.display());
        }
        fs::write(root.join(CONFIG_FILE), BRAND)?;
        Ok(Self { data: root.join("data"), temporary })
    }

    /// The configuration file beside the data.
    pub(super) fn config(&self) -> PathBuf {
        self.data.with_file_name(CONFIG_FILE)
    }

    /// Says what is left, or leaves nothing.
    pub(super) fn leave(self, voice: Voice) {
        if self.temporary.is_none() {
            voice.line(&format!(
                "kept; open it again with: bonafide serve --config {} --data {}",
                self.config().display(),
                self.data.display()
            ));
        }
    }
}
