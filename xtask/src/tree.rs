//! What stands in the source tree.

use std::path::{Path, PathBuf};
use std::{fs, iter};

/// Every file below a directory whose name ends in `ending`, in a stable order; nothing when
/// there is no such directory.
pub(crate) fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let below = |path: PathBuf| -> Vec<PathBuf> {
        if path.is_dir() { files(&path, ending) } else { iter::once(path).collect() }
    };
    let ends = |path: &PathBuf| path.as_os_str().to_string_lossy().ends_with(ending);
    paths.into_iter().flat_map(below).filter(ends).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_below() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(files(here, ".rs").contains(&here.join("src/parts.rs")));
        assert_eq!(files(&here.join("no_such"), ".rs"), Vec::<PathBuf>::new());
    }
}
