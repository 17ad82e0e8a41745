//! The model file: read, pinned by its hash, and what is said when it is not what was meant.

use super::problem::Problem;
use anyhow::Result;
use linkage::model::{FileError, Model, hash};
use std::fs;
use std::path::Path;

/// The word for the model that comes with the program.
const SHIPPED: &str = "shipped";

/// Reads a model, which must be the one that was pinned, if one was.
///
/// # Errors
///
/// [`Problem`] when the file cannot be read, is no model of this engine, or another one.
pub(super) fn read(path: &Path, pinned: Option<&str>) -> Result<Model> {
    if path == Path::new(SHIPPED) && pinned.is_none() {
        return Ok(Model::shipped());
    }
    let text = fs::read_to_string(path).map_err(|error| {
        let what = error.to_string().to_lowercase();
        Problem::file("file_missing", what, path, "check its name")
    })?;
    let model = match pinned {
        Some(wanted) => Model::from_pinned_json(&text, wanted),
        None => Model::from_json(&text),
    };
    Ok(model.map_err(|error| match error {
        FileError::NotPinned(_) => {
            let what = format!("its hash is {}, not the one that the settings pin", hash(&text));
            let remedy = "use the model that was pinned, or pin this one";
            Problem::file("model_not_pinned", what, path, remedy)
        }
        FileError::Malformed(_) | FileError::Version(_) | FileError::Figures(_) => {
            let remedy = "write a new one with `bonafide link train`";
            Problem::file("model_wrong", error.to_string(), path, remedy)
        }
    })?)
}
