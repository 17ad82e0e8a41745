//! What is a configuration, and what is not.

use super::*;

fn check(text: &str, complaint: &str) {
    let error = format!("{:#}", Config::parse(text).unwrap_err());
    assert!(error.contains(complaint), "{error}");
}

#[test]
fn nothing_said_is_a_configuration() {
    assert_eq!(Config::parse("").unwrap().server.listen, "127.0.0.1:8080");
}

#[test]
fn what_is_not_known_is_refused_with_its_place() {
    check("[server]\nport = 1", "line 2");
    check("[policy.spying]\nbasis = \"consent\"", "unknown purpose");
    check("[policy.marketing]\ncategories = [\"shoes\"]", "unknown category");
    check("[policy.marketing]\ncategories = [\"unclassified\"]", "classify it first");
    check("[[grant]]\npurpose = \"marketing\"", "either a channel or a recipient");
    check("[[service]]\nname = \"a\"\nkey = \"short\"", "at least 16");
    check("[[service]]\nname = \"a\"", "either key or key_sha256");
    check(
        "[[service]]\nname = \"a\"\nkey = \"0123456789abcdef\"\nmay = [\"peek\"]",
        "unknown use peek",
    );
}
