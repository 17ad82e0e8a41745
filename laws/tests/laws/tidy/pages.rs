//! Rules about what is not code: weight, words, and pages that name each other.

use std::path::Path;

/// Bytes; what is larger is downloaded or generated.
const FILE_BYTES_MAX: u64 = 2_000_000;

/// Lines; a front page, with everything else one link away.
const README_LINES_MAX: usize = 120;

/// Paths that exist on the machines where this is written and nowhere else. In two halves each,
/// for this file is searched too.
const STRANGE: &[&str] = &[concat!("/wo", "rk/"), concat!(".lib", "rary")];

pub(super) fn heavy(path: &str, bytes: u64) -> Option<String> {
    (bytes > FILE_BYTES_MAX).then(|| format!("{path}: {bytes} bytes, of at most {FILE_BYTES_MAX}"))
}

pub(super) fn strange_paths(path: &str, text: &str) -> Vec<String> {
    let names = |line: &str, strange: &str| {
        line.match_indices(strange).any(|(at, _)| {
            let before = line.get(..at).and_then(|before| before.chars().next_back());
            !before.is_some_and(char::is_alphanumeric)
        })
    };
    let lines = text.lines().enumerate();
    let found = lines.filter(|(_, line)| STRANGE.iter().any(|strange| names(line, strange)));
    found.map(|(nth, _)| format!("{path}:{}: names a path of one machine", nth + 1)).collect()
}

pub(super) fn long_readme(text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > README_LINES_MAX).then(|| format!("README.md: {lines} lines, of {README_LINES_MAX}"))
}

fn is_page(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "md")
}

/// The decision records among `names` that the index does not link to.
pub(super) fn unlisted(index: &str, names: &[String]) -> Vec<String> {
    let records = names.iter().filter(|name| *name != "README.md" && is_page(name));
    let missing = records.filter(|name| !index.contains(&format!("({name})")));
    missing.map(|name| format!("docs/decisions/README.md: does not list {name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heavy_file_is_found() {
        assert_eq!(heavy("a", 2_000_000), None);
        assert!(heavy("a", 2_000_001).is_some());
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        let [slash, dot] = STRANGE else { panic!("two of them") };
        let check = |text: &str, want: usize| {
            assert_eq!(strange_paths("page.md", text).len(), want, "{text}");
        };
        check("see the page\nand the next", 0);
        check(&format!("see\n{slash}main"), 1);
        check(&format!("`{slash}main`, in {dot}"), 1);
        check(&format!("{dot}\n{dot}"), 2);
        // A kind of telephone, and an attribute.
        check(&format!("home{slash}mobile"), 0);
        check(&format!("shelf{dot}"), 0);
    }

    #[test]
    fn a_long_readme_is_found() {
        assert_eq!(long_readme(&"line\n".repeat(120)), None);
        assert!(long_readme(&"line\n".repeat(121)).is_some());
    }

    #[test]
    fn a_record_that_is_not_listed_is_found() {
        let check = |index: &str, want: usize| {
            let names = ["README.md", "0001-one.md", "0002-two.md", "plot.svg"].map(String::from);
            assert_eq!(unlisted(index, &names).len(), want, "{index}");
        };
        check("[one](0001-one.md) [two](0002-two.md)", 0);
        check("[one](0001-one.md) 0002-two.md", 1);
        check("", 2);
    }
}
