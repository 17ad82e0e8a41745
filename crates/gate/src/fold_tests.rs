//! What is said and the law of a place, to what is allowed.

use super::*;
use crate::policy::Policy;
use model::{Grant, Jurisdiction, Purpose};

const MARKETING: Bit = Bit(0);
const LINKING: Bit = Bit(1);
const SERVICE: Bit = Bit(2);
const EMAIL: Bit = Bit(3);

fn page(bit: Bit, allowed: bool, at: i64, signed_in: bool) -> Signal {
    let standing = if signed_in { Standing::SignedIn } else { Standing::Anonymous };
    Signal { bit, allowed, at: Timestamp(at), standing, voice: Voice::Page }
}

fn here(allowed: bool, at: i64, signed_in: bool) -> Signal {
    Signal { voice: Voice::House, ..page(MARKETING, allowed, at, signed_in) }
}

fn record(place: &str, signals: &[Signal]) -> Grounds {
    let mut grounds = Grounds::new(place.parse().unwrap());
    for signal in signals {
        grounds.register.take(*signal);
    }
    grounds
}

fn allowed(records: &[Grounds]) -> Allowed {
    let policy = Policy::default();
    let places: Vec<Jurisdiction> = records.iter().map(Grounds::place).collect();
    let clauses = [
        (MARKETING, "marketing"),
        (LINKING, "identity_linking"),
        (SERVICE, "service_provision"),
        (EMAIL, "marketing/email"),
    ]
    .map(|(bit, grant)| {
        let grant: Grant = grant.parse().unwrap();
        let whole = Some(if grant.purpose == Purpose::Marketing { MARKETING } else { bit });
        let stands = grant.purpose == Purpose::SubjectAccess;
        let pauses = grant.purpose == Purpose::Marketing;
        Clause { bit, whole, terms: policy.terms(&places, &grant), stands, pauses }
    });
    fold(&records.iter(), clauses.iter())
}

/// Folds records of the Union given as lists of signals; gives what marketing, linking, service
/// allow.
fn check(records: &[&[Signal]], expected: [bool; 3]) {
    let records: Vec<_> = records.iter().map(|signals| record("eu", signals)).collect();
    let allowed = allowed(&records);
    let holds = [MARKETING, LINKING, SERVICE].map(|bit| allowed.always(bit));
    assert_eq!(holds, expected);
}

#[test]
fn silence_is_not_consent() {
    check(&[&[]], [false, true, true]);
}

#[test]
fn the_latest_word_on_a_record_wins() {
    let (yes, no) = (page(MARKETING, true, 1, false), page(MARKETING, false, 2, false));
    check(&[&[yes, no]], [false, true, true]);
    check(&[&[no, yes]], [false, true, true]);
    check(&[&[no, page(MARKETING, true, 3, false)]], [true, true, true]);
}

#[test]
fn on_a_tie_no_wins() {
    let (yes, no) = (page(MARKETING, true, 1, true), page(MARKETING, false, 1, false));
    check(&[&[yes, no]], [false, true, true]);
    check(&[&[no, yes]], [false, true, true]);
    check(&[&[no], &[yes]], [false, true, true]);
}

#[test]
fn when_people_merge_no_wins_until_they_say_yes_signed_in() {
    let no = page(MARKETING, false, 5, false);
    check(&[&[no], &[page(MARKETING, true, 9, false)]], [false, true, true]);
    check(&[&[no], &[page(MARKETING, true, 9, true)]], [true, true, true]);
    check(&[&[no], &[page(MARKETING, true, 4, true)]], [false, true, true]);
}

#[test]
fn what_was_refused_here_is_not_repeated_away() {
    let repeated = |at| page(MARKETING, true, at, true);
    let (no, yes) = ([false, true, true], [true, true, true]);
    check(&[&[here(false, 5, true), repeated(9)]], no);
    check(&[&[repeated(9), here(false, 5, true)]], no);
    check(&[&[here(false, 5, true)], &[repeated(9)]], no);
    // Who says yes here takes the no back, signed in or not where it is one record.
    check(&[&[here(false, 5, true), repeated(9), here(true, 7, false)]], yes);
    check(&[&[here(false, 5, true)], &[here(true, 7, true)]], yes);
    // A page may say no after that.
    check(&[&[here(true, 5, true), page(MARKETING, false, 9, false)]], no);
    check(&[&[page(MARKETING, false, 3, false), here(true, 5, false)]], yes);
    // Also where a page has said no in between, what was refused here stands for other records.
    check(&[&[here(false, 5, true), page(MARKETING, false, 6, false)], &[repeated(9)]], no);
}

#[test]
fn an_objection_stops_legitimate_interest_but_not_necessity() {
    let noes = [page(LINKING, false, 1, false), page(SERVICE, false, 1, false)];
    check(&[&noes], [false, false, true]);
}

#[test]
fn where_the_customer_lives_decides_what_silence_means() {
    let holds = |places: &[&str]| {
        let records: Vec<_> = places.iter().map(|place| record(place, &[])).collect();
        let allowed = allowed(&records);
        [MARKETING, LINKING, SERVICE].map(|bit| allowed.always(bit))
    };
    assert_eq!(holds(&["us-ca"]), [true, true, true]);
    assert_eq!(holds(&["us-ca", "fr"]), [false, true, true]);
    assert_eq!(holds(&["us-ca", "jp"]), [false, false, true]);
    let moved = |at, place: &str| Dated { at: Timestamp(at), value: Some(place.parse().unwrap()) };
    let mut grounds = record("eu", &[]);
    assert!(grounds.take_place(moved(2, "us")) && !grounds.take_place(moved(1, "fr")));
    assert_eq!(grounds.place().to_string(), "us");
}

#[test]
fn a_yes_to_mail_is_confirmed_in_germany() {
    let yes = |standing| Signal { standing, ..here(true, 5, true) };
    let confirmed = yes(Standing::Confirmed);
    let holds = |place, signals: &[Signal]| allowed(&[record(place, signals)]).always(EMAIL);
    assert!(holds("fr", &[yes(Standing::SignedIn)]));
    assert!(!holds("de", &[yes(Standing::SignedIn)]));
    assert!(holds("de", &[confirmed]));
    // Repeating it takes nothing away; taking it back does.
    assert!(holds("de", &[confirmed, here(true, 9, true), page(MARKETING, true, 10, false)]));
    assert!(!holds("de", &[confirmed, here(false, 9, true), here(true, 10, true)]));
}

#[test]
fn a_child_grows_up() {
    let day = |days: i64| Timestamp(days * DAY_MS);
    let mut grounds = record("fr", &[here(true, 0, true)]);
    grounds.take_age(Dated { at: day(0), value: Some(14) });
    let child = allowed(std::slice::from_ref(&grounds));
    assert!(!child.at(MARKETING, day(700)) && child.at(MARKETING, day(732)));
    assert!(child.at(LINKING, day(0)) && !child.always(MARKETING));
    let guardian = Signal { voice: Voice::Guardian, ..here(true, 1, true) };
    grounds.register.take(guardian);
    assert!(allowed(std::slice::from_ref(&grounds)).always(MARKETING));
    // The child may say no; the guardian's yes does not outlast it.
    grounds.register.take(here(false, 2, true));
    let refused = allowed(std::slice::from_ref(&grounds));
    assert!(!refused.at(MARKETING, day(9)) && !refused.at(MARKETING, day(4000)));
    grounds.take_age(Dated { at: day(1), value: None });
    assert_eq!(grounds.minor(), None);
}

#[test]
fn what_is_restricted_is_kept_and_nothing_else() {
    let restricted = |at, value| Dated { at: Timestamp(at), value };
    let mut ours = record("eu", &[here(true, 1, true)]);
    let plain = record("eu", &[]);
    let holds = |records: &[Grounds]| {
        let allowed = allowed(records);
        [MARKETING, LINKING, SERVICE].map(|bit| allowed.always(bit))
    };
    assert_eq!(holds(std::slice::from_ref(&ours)), [true, true, true]);
    assert!(ours.take_restriction(restricted(5, true)));
    assert!(!ours.take_restriction(restricted(4, false)), "an older word says nothing new");
    assert!(!ours.take_restriction(restricted(5, false)), "at one instant it stands");
    // One record is enough, in whatever order they come.
    assert_eq!(holds(&[ours.clone(), plain.clone()]), [false; 3]);
    assert_eq!(holds(&[plain.clone(), ours.clone()]), [false; 3]);
    // What they say yes to since is allowed, if they said it here.
    let mut wanted = ours.clone();
    wanted.register.take(page(MARKETING, true, 9, true));
    assert_eq!(holds(std::slice::from_ref(&wanted)), [false; 3]);
    wanted.register.take(here(true, 10, true));
    assert_eq!(holds(&[wanted, plain.clone()]), [true, false, false]);
    assert!(ours.take_restriction(restricted(6, false)));
    assert_eq!(holds(&[ours, plain]), [true, true, true]);
}

#[test]
fn who_pauses_hears_nothing_until_then() {
    let day = |days: i64| Timestamp(days * DAY_MS);
    let pausing = |until| Wishes { paused_until: until, ..Wishes::default() };
    let mut grounds = record("eu", &[here(true, 0, true)]);
    grounds.take_wishes(Dated { at: day(1), value: pausing(Some(day(9))) });
    let paused = allowed(std::slice::from_ref(&grounds));
    assert!(!paused.at(MARKETING, day(2)) && !paused.at(EMAIL, day(2)));
    assert!(paused.at(MARKETING, day(9)) && paused.at(LINKING, day(2)));
    // What is said later ends it, on whatever record.
    let mut other = record("eu", &[]);
    other.take_wishes(Dated { at: day(2), value: pausing(None) });
    assert!(allowed(&[grounds.clone(), other]).always(MARKETING));
    grounds.take_wishes(Dated { at: day(0), value: pausing(None) });
    assert!(!allowed(std::slice::from_ref(&grounds)).at(MARKETING, day(2)));
}

#[test]
fn a_yes_ends_with_its_days() {
    let policy = Policy::default();
    let grant = Grant::whole(Purpose::CrossContextAdvertising);
    let grounds = record("fr", &[here(true, 0, true)]);
    let terms = policy.terms(&[grounds.place()], &grant);
    let (bit, whole) = (MARKETING, Some(MARKETING));
    let clause = Clause { bit, whole, terms, stands: false, pauses: false };
    let allowed = fold(&std::iter::once(&grounds), std::iter::once(&clause));
    let end = Timestamp(395 * DAY_MS);
    assert!(allowed.at(MARKETING, end.plus_ms(-1)) && !allowed.at(MARKETING, end));
    assert_eq!(allowed.until(MARKETING, Timestamp(0)), Some(end));
    assert_eq!(allowed.mask(Timestamp(0)), Mask::NOTHING.with(MARKETING, true));
    assert_eq!(allowed.mask(end), Mask::NOTHING);
}
