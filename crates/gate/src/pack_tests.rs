//! What the shipped packs say, and what is refused.

use super::*;

/// What a pack says of a grant: basis, and what children of 12, 15 and 17 need.
fn check(name: &str, grant: &str, basis: Basis, needs: [Needs; 3]) {
    let packs = Pack::shipped().unwrap();
    let pack = packs.iter().find(|pack| pack.name == name).unwrap();
    let terms = pack.terms(&grant.parse().unwrap());
    assert_eq!(terms.basis, basis, "{name} {grant}");
    assert_eq!([12, 15, 17].map(|age| terms.needs(age)), needs, "{name} {grant}");
    assert_eq!(terms.needs(18), Needs::Nothing, "{name} {grant}");
}

#[test]
fn the_shipped_packs_say_what_their_laws_say() {
    use Basis::{Consent, LegitimateInterest, OptOut};
    use Needs::{Guardian, Never, Nothing, OwnYes};
    check("strict", "identity_linking", Consent, [Guardian; 3]);
    check("gdpr", "marketing/email", Consent, [Guardian, Guardian, Nothing]);
    check("gdpr", "marketing/post", LegitimateInterest, [Guardian, Guardian, Nothing]);
    check("gdpr", "cross_context_advertising", Consent, [Never; 3]);
    check("gdpr-13", "marketing", Consent, [Guardian, Nothing, Nothing]);
    check("uk-gdpr", "marketing/phone", OptOut, [Guardian, Nothing, Nothing]);
    check("us", "third_party_sharing", OptOut, [Guardian, Nothing, Nothing]);
    check("us", "marketing/sms", Consent, [Guardian, Nothing, Nothing]);
    check("us-ca", "third_party_sharing", OptOut, [Guardian, OwnYes, Nothing]);
    check("us-ca", "marketing", OptOut, [Guardian, Nothing, Nothing]);
    check("us-states", "cross_context_advertising", OptOut, [Guardian, OwnYes, OwnYes]);
    check("ca", "marketing/email", Consent, [Guardian, OwnYes, OwnYes]);
    check("ca-qc", "personalisation", Consent, [Guardian, OwnYes, OwnYes]);
}

#[test]
fn a_confirmed_yes_is_asked_for_in_germany_and_austria() {
    let packs = Pack::shipped().unwrap();
    let asks = |pack: &&Pack| pack.terms(&"marketing/email".parse().unwrap()).double_opt_in;
    let names: Vec<_> = packs.iter().filter(asks).map(|pack| pack.name.as_str()).collect();
    assert_eq!(names, ["strict", "de-at"]);
}

#[test]
fn every_state_that_honours_signals_has_its_clock() {
    let packs = Pack::shipped().unwrap();
    for state in ["ca", "co", "ct", "de", "md", "mt", "ne", "nh", "nj", "or", "tx"] {
        let place: Jurisdiction = format!("us-{state}").parse().unwrap();
        let pack = packs.iter().find(|pack| pack.places.contains(&place)).unwrap();
        assert_eq!(pack.clocks.answer, Term::Days(45), "{state}");
        assert_eq!(pack.clocks.extension, Some(Term::Days(45)), "{state}");
    }
}

#[test]
fn no_place_has_two_packs() {
    let packs = Pack::shipped().unwrap();
    let mut places: Vec<_> = packs.iter().flat_map(|pack| &pack.places).collect();
    let all = places.len();
    places.sort_unstable();
    places.dedup();
    assert_eq!(places.len(), all);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let check = |text: &str, expected: &str| {
        let packs = Pack::shipped().unwrap();
        let error = Pack::parse(text, &packs).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    let head = "name = \"x\"\ntitle = \"X\"\nlaw = []\nplaces = [\"xx\"]\n";
    check("name = 3", "it is not a rule pack: TOML parse error at line 1");
    check(&head.replace("xx", "x"), "it is not a rule pack: TOML parse error at line 4");
    check(&format!("{head}[rules]\nshoes = {{ basis = \"consent\" }}"), "rules.shoes: unknown");
    check(
        &format!("{head}[rules]\n\"marketing@a\" = {{ basis = \"consent\" }}"),
        "rules.marketing@a",
    );
    check(&head.replace("law", "extends = \"y\"\nlaw"), "extends: there is no pack y");
    check(head, "rules.service_provision is missing");
    check(&format!("{head}[clocks]\nanswer = \"soon\"\nopt_out = \"1 day\""), "it is not a rule");
}
